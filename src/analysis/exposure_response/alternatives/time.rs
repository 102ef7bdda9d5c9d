//! Time to an event averaged over virtual subjects.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::super::assembly::Sample;
use super::super::binary::ExposureForm;
use super::super::endpoint::Outcome;
use super::super::time_result::TimeResult;
use super::{Estimate, Exposures, RegimenOutcome, spread};
use crate::config::Settings;
use crate::numerics::cox::{Cox, Ties};
use crate::numerics::descriptive::{QuantileType, mean, quantile};
use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::distribution::normal_critical;

/// Refits from which the limits of medians are taken.
const REFITS: u32 = 200;

/// Exposures that stand for the distribution in a refit.
const STAND_FOR: u32 = 100;

/// Sets the streams of these refits apart from those of others with the same seed.
const PURPOSE: u64 = 0x616C_7465_726E_6174;

/// Exposure as the model has it, time and event of each subject.
struct Observed {
    exposures: Vec<f64>,
    days: Vec<f64>,
    events: Vec<bool>,
}

/// A proportional-hazards model of one column with its baseline.
struct Hazard {
    slope: f64,
    error: f64,
    /// Ascending times with the cumulative hazard of a subject whose column is zero.
    baseline: Vec<(f64, f64)>,
}

/// The straight line over the exposures of every regimen: the chosen one, or the better one where a saturating curve was chosen, whose plateau a median
/// would have to be read from.
///
/// ```text
/// S_r(t) = mean over virtual subjects i of exp(-H0(t) exp(b f(x_ir))),   median: first t with S_r(t) <= 1/2
/// HR_r   = exp(b (mean f(x_r) - mean f(x_0))),   limits: ln HR_r -+ z sqrt(m^2 se(b)^2 + var_k(b m_k)),  m the difference of the means
/// ```
///
/// H0: baseline hazard as the fit handles ties; b: log hazard ratio; f: exposure or its logarithm; x: simulated exposure; k: draws of the typical values
/// of the population model; 0: the proposed dosage. Limits of the median are percentiles over 200 refits to subjects drawn with replacement, each
/// with the exposures of another draw of the typical values where there are any.
///
/// `None` where no line has an effect of exposure.
pub(super) fn predict(
    models: &TimeResult,
    sample: &Sample,
    exposures: &Exposures,
    settings: &Settings,
) -> Option<Vec<Option<RegimenOutcome>>> {
    let log = models.straight()?.form == ExposureForm::LogLinear;
    let scaled = |values: &Vec<f64>| -> Vec<f64> { values.iter().map(|value| if log { value.ln() } else { *value }).collect() };
    let typical: Vec<Vec<f64>> = exposures.typical.iter().map(scaled).collect();
    let drawn: Vec<Vec<Vec<f64>>> = exposures.drawn.iter().map(|draw| draw.iter().map(scaled).collect()).collect();
    let observed = observed(sample, log);
    let everybody: Vec<usize> = (0..observed.days.len()).collect();
    let hazard = fit(&observed, &everybody, models.ties)?;
    let critical = normal_critical(settings.intervals.level).ok()?;
    let medians = refitted_medians((&observed, models.ties), &typical, &drawn, settings.seed);
    let one = |(regimen, values): (usize, &Vec<f64>)| {
        let own = mean(values)?;
        let ratio = exposures.proposed.filter(|place| *place != regimen).and_then(|place| {
            let apart = own - mean(typical.get(place)?)?;
            let moved: Vec<f64> =
                drawn.iter().filter_map(|draw| Some(hazard.slope * (mean(draw.get(regimen)?)? - mean(draw.get(place)?)?))).collect();
            let half = critical * ((apart * hazard.error).powi(2) + spread(&moved)).sqrt();
            let value = hazard.slope * apart;
            Some(Estimate { value: value.exp(), limits: Some(((value - half).exp(), (value + half).exp())) })
        });
        Some(RegimenOutcome::Time {
            median: median(&hazard, values),
            median_limits: medians.get(regimen).and_then(|medians| median_limits(medians, settings.intervals.level)),
            hazard_ratio: ratio,
        })
    };
    Some(typical.iter().enumerate().map(one).collect())
}

fn observed(sample: &Sample, log: bool) -> Observed {
    let mut found = Observed { exposures: Vec::new(), days: Vec::new(), events: Vec::new() };
    for subject in sample.subjects.iter().filter(|subject| !log || subject.exposure > 0.0) {
        let Outcome::Time { days, event } = subject.outcome else { continue };
        found.exposures.push(if log { subject.exposure.ln() } else { subject.exposure });
        found.days.push(days);
        found.events.push(event);
    }
    found
}

fn fit(observed: &Observed, rows: &[usize], ties: Ties) -> Option<Hazard> {
    let pick = |values: &[f64]| -> Vec<f64> { rows.iter().filter_map(|row| values.get(*row)).copied().collect() };
    let events: Vec<bool> = rows.iter().filter_map(|row| observed.events.get(*row)).copied().collect();
    let design = DesignMatrix::from_columns(&[pick(&observed.exposures)]).ok()?;
    let cox = Cox::new(&design, &pick(&observed.days), &events).ok()?;
    let fit = cox.fit(ties).ok()?;
    let baseline = cox.baseline_hazard(&fit).into_iter().next()?;
    Some(Hazard {
        slope: fit.coefficients.estimate(0)?,
        error: fit.coefficients.standard_error(0)?,
        baseline: baseline.steps.into_iter().map(|step| (step.time, step.cumulative_hazard)).collect(),
    })
}

/// First time at which the mean survival has fallen to one half.
fn median(hazard: &Hazard, exposures: &[f64]) -> Option<f64> {
    if exposures.is_empty() {
        return None;
    }
    let survives = |cumulative: f64| {
        let each = exposures.iter().map(|exposure| (-cumulative * (hazard.slope * exposure).exp()).exp());
        each.sum::<f64>() / exposures.len() as f64 > 0.5
    };
    let place = hazard.baseline.partition_point(|(_, cumulative)| survives(*cumulative));
    hazard.baseline.get(place).map(|(time, _)| *time)
}

/// Medians of every regimen over refits to drawn subjects; infinite where a median is not reached.
fn refitted_medians((observed, ties): (&Observed, Ties), typical: &[Vec<f64>], drawn: &[Vec<Vec<f64>>], seed: u64) -> Vec<Vec<f64>> {
    let thin = |regimens: &[Vec<f64>]| -> Vec<Vec<f64>> { regimens.iter().map(|values| representatives(values)).collect() };
    let exposures: Vec<Vec<Vec<f64>>> = if drawn.is_empty() { vec![thin(typical)] } else { drawn.iter().map(|draw| thin(draw)).collect() };
    let n = observed.days.len();
    let refit = |number: u32| -> Option<Vec<f64>> {
        let mut stream = ChaCha8Rng::seed_from_u64(seed ^ PURPOSE);
        stream.set_stream(u64::from(number));
        let rows: Vec<usize> = (0..n).map(|_| stream.random_range(0..u32::try_from(n).unwrap_or(u32::MAX)) as usize).collect();
        let hazard = fit(observed, &rows, ties)?;
        let of_draw = exposures.get(number as usize % exposures.len())?;
        Some(of_draw.iter().map(|values| median(&hazard, values).unwrap_or(f64::INFINITY)).collect())
    };
    let refits: Vec<Vec<f64>> = (0..REFITS).into_par_iter().filter_map(refit).collect();
    (0..typical.len()).map(|regimen| refits.iter().filter_map(|medians| medians.get(regimen)).copied().collect()).collect()
}

/// Evenly spaced percentiles that stand for a distribution.
fn representatives(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    (0..STAND_FOR).filter_map(|step| quantile(&sorted, (f64::from(step) + 0.5) / f64::from(STAND_FOR), QuantileType::Type7)).collect()
}

/// Percentile limits of medians among which some are not reached: order statistics, so that nothing is interpolated with infinity.
fn median_limits(medians: &[f64], level: f64) -> Option<(Option<f64>, Option<f64>)> {
    let mut sorted = medians.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (share * (sorted.len() as f64 - 1.0)).round().max(0.0) as usize;
        sorted.get(place).copied()
    };
    let tail = 0.5 * (1.0 - level);
    let finite = |limit: f64| limit.is_finite().then_some(limit);
    Some((finite(at(tail)?), finite(at(1.0 - tail)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exponential times whose hazard doubles with every unit of exposure, at the quantiles of their distribution.
    fn doubling() -> Observed {
        let mut found = Observed { exposures: Vec::new(), days: Vec::new(), events: Vec::new() };
        for exposure in [0.0, 1.0, 2.0] {
            for place in 0..60 {
                let share = (f64::from(place) + 0.5) / 60.0;
                found.exposures.push(exposure);
                found.days.push(-(1.0 - share).ln() / (0.01 * 2f64.powf(exposure)) + exposure * 1e-3);
                found.events.push(true);
            }
        }
        found
    }

    #[test]
    fn the_median_follows_the_hazard() {
        let observed = doubling();
        let rows: Vec<usize> = (0..180).collect();
        let hazard = fit(&observed, &rows, Ties::Efron).unwrap();
        assert!((hazard.slope / std::f64::consts::LN_2 - 1.0).abs() < 0.06, "{}", hazard.slope);
        let at = |exposure: f64| median(&hazard, &[exposure]).unwrap();
        assert!((at(0.0) / 69.3 - 1.0).abs() < 0.1 && (at(1.0) / 34.7 - 1.0).abs() < 0.1, "{} {}", at(0.0), at(1.0));
        let mixed = median(&hazard, &[0.0, 2.0]).unwrap();
        assert!(at(2.0) < mixed && mixed < at(0.0));
        assert_eq!(median(&hazard, &[-20.0]), None, "hardly any hazard: one half is not reached");
    }

    #[test]
    fn medians_that_are_not_reached_have_no_limit() {
        let mut medians: Vec<f64> = (1..=150).map(f64::from).collect();
        medians.extend([f64::INFINITY; 50]);
        let (lower, upper) = median_limits(&medians, 0.95).unwrap();
        assert!(upper.is_none() && (lower.unwrap() - 6.0).abs() < 1e-12);
    }

    #[test]
    fn refits_are_the_same_on_any_number_of_threads() {
        let (observed, typical) = (doubling(), vec![vec![0.0; 10], vec![1.0; 10]]);
        let run = |threads: usize| {
            let threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            threads.install(|| refitted_medians((&observed, Ties::Efron), &typical, &[], 5))
        };
        let found = run(1);
        assert_eq!(found, run(3));
        let limits: Vec<_> = found.iter().map(|medians| median_limits(medians, 0.95).unwrap()).collect();
        assert!(limits[0].0.unwrap() > limits[1].0.unwrap() && limits[0].0.unwrap() < 69.3 && limits[0].1.unwrap() > 69.3);
    }
}
