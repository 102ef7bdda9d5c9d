//! A saturating effect of exposure on the log hazard.

use super::time_to_event::{TimeToEventData, TimeToEventError, cox_of};
use crate::numerics::cox::CoxError;
use crate::numerics::design_matrix::DesignMatrix;

/// Points of the grid on which the half-maximal exposure is looked for.
const GRID: usize = 49;

/// How far beyond the smallest and largest exposure it is looked for, as a factor.
const BEYOND: f64 = 10.0;

/// Steps of the golden section around the best point of the grid.
const REFINEMENTS: usize = 40;

/// Step of the differences that give the curvature, in the logarithm of the half-maximal exposure.
const DIFFERENCE: f64 = 1e-2;

/// A saturating curve of the log hazard with the covariance of its two parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeEmax {
    /// Largest change of the log hazard.
    pub emax: f64,
    /// Logarithm of the exposure with half of it.
    pub log_ec50: f64,
    /// Variance of the largest change.
    pub emax_variance: Option<f64>,
    /// Variance of the logarithm of the half-maximal exposure.
    pub log_ec50_variance: Option<f64>,
    /// Covariance of the two.
    pub covariance: Option<f64>,
    /// Log partial likelihood.
    pub log_likelihood: f64,
    /// Whether the half-maximal exposure ended on the edge of its range, so that the data do not determine it.
    pub at_bound: bool,
    /// Subjects.
    pub n: usize,
    /// Events.
    pub events: usize,
}

/// Profile of the partial likelihood at one half-maximal exposure.
#[derive(Debug, Clone, Copy)]
struct Point {
    log_ec50: f64,
    emax: f64,
    variance: f64,
    log_likelihood: f64,
}

/// Maximum partial-likelihood fit of
///
/// ```text
/// log hazard ratio = Emax x / (EC50 + x)
/// ```
///
/// x: exposure. The likelihood is maximised over Emax at each EC50 of a grid in its logarithm, from a tenth of the smallest exposure above zero to ten
/// times the largest, and between the neighbours of the best by golden section. With `b(g)` the Emax that belongs to `g = log EC50` and `l(g)` the
/// profile:
///
/// ```text
/// var g = -1/l''(g),  cov = b'(g) var g,  var Emax = var(Emax | g) + b'(g)^2 var g
/// ```
///
/// which is the inverse of the full observed information. `None` where no exposure is above zero.
///
/// # Errors
/// Those of the regression: no events, or a likelihood without a maximum at every EC50.
///
/// Source: `[Cox1972]`.
pub fn fit_time_emax(data: &TimeToEventData<'_>) -> Result<Option<TimeEmax>, TimeToEventError> {
    let positive = || data.exposures.iter().copied().filter(|exposure| *exposure > 0.0);
    let (low, high) = (positive().fold(f64::INFINITY, f64::min) / BEYOND, positive().fold(0.0, f64::max) * BEYOND);
    if !(low.is_finite() && high > low) {
        return Ok(None);
    }
    let at = |place: usize| low.ln() + (high.ln() - low.ln()) * place as f64 / (GRID - 1) as f64;
    let mut best: Option<(usize, Point)> = None;
    let mut failure: Option<TimeToEventError> = None;
    for place in 0..GRID {
        match profile(data, at(place)) {
            Ok(point) if best.is_none_or(|(_, held)| point.log_likelihood > held.log_likelihood) => best = Some((place, point)),
            Ok(_) => {}
            Err(error) => failure = Some(error),
        }
    }
    let Some((place, coarse)) = best else { return failure.map_or(Ok(None), Err) };
    let point = refine(data, coarse, (at(place.saturating_sub(1)), at((place + 1).min(GRID - 1))));
    let sides = profile(data, point.log_ec50 - DIFFERENCE).ok().zip(profile(data, point.log_ec50 + DIFFERENCE).ok());
    let second =
        sides.map(|(left, right)| (left.log_likelihood - 2.0 * point.log_likelihood + right.log_likelihood) / (DIFFERENCE * DIFFERENCE));
    let slope = sides.map(|(left, right)| (right.emax - left.emax) / (2.0 * DIFFERENCE));
    let log_ec50_variance = second.filter(|second| *second < 0.0).map(|second| -1.0 / second);
    let pair = slope.zip(log_ec50_variance);
    Ok(Some(TimeEmax {
        emax: point.emax,
        log_ec50: point.log_ec50,
        emax_variance: pair.map(|(slope, variance)| point.variance + slope * slope * variance),
        log_ec50_variance,
        covariance: pair.map(|(slope, variance)| slope * variance),
        log_likelihood: point.log_likelihood,
        at_bound: place == 0 || place == GRID - 1 || log_ec50_variance.is_none(),
        n: data.ends.len(),
        events: data.events.iter().filter(|event| **event).count(),
    }))
}

fn profile(data: &TimeToEventData<'_>, log_ec50: f64) -> Result<Point, TimeToEventError> {
    let ec50 = log_ec50.exp();
    let column: Vec<f64> = data.exposures.iter().map(|exposure| exposure / (ec50 + exposure)).collect();
    let design = DesignMatrix::from_columns(&[column]).map_err(CoxError::from)?;
    let fit = cox_of(data, &design)?.fit(data.ties)?;
    let emax = fit.coefficients.estimate(0).unwrap_or(0.0);
    let variance = fit.coefficients.covariance(0, 0).unwrap_or(f64::INFINITY);
    Ok(Point { log_ec50, emax, variance, log_likelihood: fit.log_likelihood })
}

/// The largest likelihood between two neighbours of the grid.
fn refine(data: &TimeToEventData<'_>, coarse: Point, (mut low, mut high): (f64, f64)) -> Point {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let mut best = coarse;
    for _ in 0..REFINEMENTS {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        let (Ok(a), Ok(b)) = (profile(data, left), profile(data, right)) else { return best };
        if a.log_likelihood >= b.log_likelihood {
            high = right;
        } else {
            low = left;
        }
        for point in [a, b] {
            if point.log_likelihood > best.log_likelihood {
                best = point;
            }
        }
    }
    best
}

impl TimeEmax {
    /// Akaike's criterion, two parameters.
    #[must_use]
    pub fn aic(&self) -> f64 {
        -2.0 * self.log_likelihood + 4.0
    }

    /// Log hazard ratio of exposure `high` to exposure `low` with its standard error by the delta method.
    #[must_use]
    pub fn contrast(&self, low: f64, high: f64) -> (f64, Option<f64>) {
        let ec50 = self.log_ec50.exp();
        let share = |x: f64| x / (ec50 + x);
        let change = |x: f64| -ec50 * x / ((ec50 + x) * (ec50 + x));
        let (along_emax, along_ec50) = (share(high) - share(low), self.emax * (change(high) - change(low)));
        let error = self.emax_variance.zip(self.log_ec50_variance).zip(self.covariance).map(|((emax, ec50), both)| {
            (along_emax * along_emax * emax + 2.0 * along_emax * along_ec50 * both + along_ec50 * along_ec50 * ec50).max(0.0).sqrt()
        });
        (self.emax * along_emax, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::cox::Ties;

    fn sample(effect: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        let exposures: Vec<f64> = (0..240).map(|i| 1.0 + f64::from(i * 37 % 240)).collect();
        // Exponential quantiles spread over the subjects, divided by the hazard.
        let ends = exposures.iter().enumerate().map(|(i, x)| -(1.0 - ((i * 101 % 240) as f64 + 0.5) / 240.0).ln() / effect(*x).exp());
        (ends.collect(), vec![true; 240], exposures.clone())
    }

    #[test]
    fn a_saturating_hazard_is_recovered_and_its_errors_are_those_of_the_full_information() {
        let (ends, events, exposures) = sample(|x| -3.0 * x / (20.0 + x));
        let data = TimeToEventData { ends: &ends, events: &events, exposures: &exposures, ..TimeToEventData::default() };
        let fit = fit_time_emax(&data).unwrap().unwrap();
        assert!(!fit.at_bound && (fit.emax + 3.0).abs() < 1.0 && (fit.log_ec50 - 20f64.ln()).abs() < 1.0, "{fit:?}");
        // The likelihood on a small square around the maximum gives the same information.
        let likelihood = |emax: f64, g: f64| {
            let predictor: Vec<f64> = exposures.iter().map(|x| emax * x / (g.exp() + x)).collect();
            let mut order: Vec<usize> = (0..240).collect();
            order.sort_by(|a, b| ends[*b].total_cmp(&ends[*a]));
            let (mut risk, mut sum) = (0.0, 0.0);
            for row in order {
                risk += predictor[row].exp();
                sum += predictor[row] - f64::ln(risk);
            }
            sum
        };
        assert!((likelihood(fit.emax, fit.log_ec50) - fit.log_likelihood).abs() < 1e-8);
        let h = 1e-3;
        let at = |i: f64, j: f64| likelihood(fit.emax + i * h, fit.log_ec50 + j * h);
        let ee = -(at(1.0, 0.0) - 2.0 * at(0.0, 0.0) + at(-1.0, 0.0)) / (h * h);
        let gg = -(at(0.0, 1.0) - 2.0 * at(0.0, 0.0) + at(0.0, -1.0)) / (h * h);
        let eg = -(at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0)) / (4.0 * h * h);
        let determinant = ee * gg - eg * eg;
        let close = |a: f64, b: f64| (a - b).abs() < 0.02 * b.abs();
        assert!(close(fit.emax_variance.unwrap(), gg / determinant) && close(fit.log_ec50_variance.unwrap(), ee / determinant));
        assert!(close(fit.covariance.unwrap(), -eg / determinant));
        let (change, error) = fit.contrast(10.0, 100.0);
        assert!(change < 0.0 && error.unwrap() > 0.0);
    }

    #[test]
    fn a_straight_line_has_no_plateau_and_no_exposure_no_curve() {
        let (ends, events, exposures) = sample(|x| 0.02 * x);
        let data = TimeToEventData { ends: &ends, events: &events, exposures: &exposures, ..TimeToEventData::default() };
        let line = fit_time_emax(&data).unwrap().unwrap();
        assert!(line.at_bound || line.log_ec50 > 100f64.ln());
        let none = TimeToEventData { exposures: &[0.0; 240], ..data };
        assert_eq!(fit_time_emax(&none).unwrap(), None);
        assert_eq!(none.ties, Ties::Efron);
    }
}
