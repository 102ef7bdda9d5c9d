//! Emax and sigmoid Emax model of a probability on the logit scale, by maximum likelihood.

use std::borrow::Cow;

use thiserror::Error;

use crate::numerics::cholesky::Cholesky;
use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::glm::{GlmError, Logistic};
use crate::numerics::regression::LinearPredictor;

/// Steps of the grid on which starting points are looked for.
const LOCATION_STEPS: usize = 40;

const STEEPNESS_STEPS: usize = 10;

/// Starting points that are followed to their maximum.
const STARTS: usize = 4;

const MAX_ITERATIONS: usize = 300;

/// Largest gradient at which the iteration has converged.
const CONVERGED: f64 = 1e-9;

/// Movement of the parameters below which rounding decides.
const STILL: f64 = 1e-12;

/// Movement of the parameters at which a refit has converged.
const REFITTED: f64 = 1e-6;

/// Form of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EmaxShape {
    /// `x/(ec50 + x)`.
    Hyperbolic,
    /// `x^hill/(ec50^hill + x^hill)`.
    Sigmoid,
}

/// Bounds within which the curve is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmaxBounds {
    /// Bounds of the exposure with half the effect, in the unit of the exposure.
    pub ec50: (f64, f64),
    /// Bounds of the Hill coefficient.
    pub hill: (f64, f64),
}

impl EmaxBounds {
    /// From a thousandth to ten times the largest exposure, and from 0.3 to 10; `None` without a positive exposure.
    #[must_use]
    pub fn of_exposures(exposures: &[f64]) -> Option<Self> {
        let largest = exposures.iter().copied().fold(0.0, f64::max);
        (largest > 0.0).then_some(Self { ec50: (0.001 * largest, 10.0 * largest), hill: (0.3, 10.0) })
    }
}

/// Why a curve cannot be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum BinaryEmaxError {
    /// Bounds that are not positive and ascending.
    #[error("the bounds of the curve are not positive and ascending")]
    Bounds,
    /// An exposure that is negative or not finite, or none that is positive.
    #[error("an Emax curve needs exposures of at least zero, some of them positive")]
    Exposure,
    /// The events cannot be fitted with any curve of the form.
    #[error(transparent)]
    Events(#[from] GlmError),
    /// No starting point led to a maximum.
    #[error("no convergence to a maximum of the likelihood")]
    NoConvergence,
}

/// A fitted curve `logit p = e0 + emax g(x)`.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryEmaxFit {
    /// Form.
    pub shape: EmaxShape,
    /// Logit of the probability without exposure.
    pub e0: f64,
    /// Largest change of the logit.
    pub emax: f64,
    /// Logarithm of the exposure with half of it.
    pub log_ec50: f64,
    /// Logarithm of the Hill coefficient; zero for the hyperbolic form.
    pub log_hill: f64,
    /// Bernoulli log-likelihood, without binomial coefficients.
    pub log_likelihood: f64,
    /// The same for a constant probability.
    pub null_log_likelihood: f64,
    /// Whether `ec50` or the Hill coefficient ended on a bound: then the data do not determine the curve, and there is no standard error.
    pub at_bound: bool,
    /// Inverse observed information of (e0, emax, log ec50[, log hill]), row by row; `None` on a bound or where it is not positive definite.
    pub covariance: Option<Vec<f64>>,
    /// Largest element of the gradient at the end.
    pub largest_gradient: f64,
}

impl BinaryEmaxFit {
    /// Parameters in the order e0, emax, log ec50 and, for the sigmoid form, log hill.
    #[must_use]
    pub fn parameters(&self) -> Vec<f64> {
        let all = [self.e0, self.emax, self.log_ec50, self.log_hill];
        all.into_iter().take(count(self.shape)).collect()
    }

    /// Akaike's criterion `-2 l + 2 p`.
    #[must_use]
    pub fn aic(&self) -> f64 {
        -2.0 * self.log_likelihood + 2.0 * count(self.shape) as f64
    }

    /// Standard error of a parameter, in their order.
    #[must_use]
    pub fn standard_error(&self, parameter: usize) -> Option<f64> {
        self.covariance.as_ref()?.get(parameter * count(self.shape) + parameter).map(|variance| variance.sqrt())
    }

    /// Derivatives of the logit at an exposure in the parameters, in their order.
    pub(super) fn gradient(&self, exposure: f64) -> Vec<f64> {
        derivatives(exposure, &self.parameters())
    }

    /// Logit at an exposure with its standard error by the delta method; `None` for the error where there is no covariance.
    #[must_use]
    pub fn logit(&self, exposure: f64) -> (f64, Option<LinearPredictor>) {
        let slope = derivatives(exposure, &self.parameters());
        let value = self.e0 + self.emax * slope[1];
        let predictor = self.covariance.as_ref().map(|covariance| {
            let variance: f64 = covariance
                .chunks(slope.len())
                .zip(&slope)
                .map(|(row, left)| left * row.iter().zip(&slope).map(|(v, right)| v * right).sum::<f64>())
                .sum();
            LinearPredictor { value, standard_error: variance.max(0.0).sqrt() }
        });
        (value, predictor)
    }
}

/// Maximum-likelihood fit within bounds, from several starting points.
///
/// ```text
/// logit p(x) = e0 + emax x^h/(ec50^h + x^h)   (h = 1 for the hyperbolic form);   parameters e0, emax, log ec50, log h
/// V = inverse of minus the second derivative of the log-likelihood at the maximum (observed information)
/// ```
///
/// For given `ec50` and `h` the model is a logistic regression, so that a grid of them gives starting points near every local maximum.
/// Newton's method follows the best; the largest maximum is returned.
///
/// # Edges
/// On a bound the estimates are those of the constrained maximum, flagged, without standard errors. There is no chi-square test against
/// a constant: without an effect `ec50` is not identified.
///
/// # Errors
/// [`BinaryEmaxError`].
///
/// Source: `[MacDougall2006]`.
pub fn fit_binary_emax(
    exposures: &[f64],
    events: &[f64],
    trials: Option<&[f64]>,
    shape: EmaxShape,
    bounds: EmaxBounds,
) -> Result<BinaryEmaxFit, BinaryEmaxError> {
    let ascending = |(lower, upper): (f64, f64)| lower > 0.0 && lower < upper && upper.is_finite();
    if !ascending(bounds.ec50) || !ascending(bounds.hill) {
        return Err(BinaryEmaxError::Bounds);
    }
    if !exposures.iter().all(|x| x.is_finite() && *x >= 0.0) || !exposures.iter().any(|x| *x > 0.0) {
        return Err(BinaryEmaxError::Exposure);
    }
    let problem = Problem::new(exposures, events, trials, shape, bounds)?;
    let mut best: Option<(Vec<f64>, f64)> = None;
    for start in problem.starts()? {
        if let Some((point, value)) = problem.ascend(start, STILL)
            && best.as_ref().is_none_or(|(_, other)| value > *other)
        {
            best = Some((point, value));
        }
    }
    let (point, log_likelihood) = best.ok_or(BinaryEmaxError::NoConvergence)?;
    Ok(problem.report(&point, log_likelihood))
}

fn count(shape: EmaxShape) -> usize {
    match shape {
        EmaxShape::Hyperbolic => 3,
        EmaxShape::Sigmoid => 4,
    }
}

/// A curve refitted to other weights of the subjects, as resampling asks for.
#[derive(Debug, Clone)]
pub(super) struct EmaxRefitter<'a> {
    exposures: &'a [f64],
    events: Vec<f64>,
    shape: EmaxShape,
    bounds: EmaxBounds,
    starts: Vec<Vec<f64>>,
}

/// A refitted curve.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EmaxRefit {
    /// Parameters in the order of the fit.
    pub(super) parameters: Vec<f64>,
    /// Log-likelihood.
    pub(super) log_likelihood: f64,
    /// Whether ec50 or the Hill coefficient ended on a bound.
    pub(super) at_bound: bool,
}

impl<'a> EmaxRefitter<'a> {
    /// Refits start from `fit`, and from a curve that is nearly straight, or, where `fit` is such a one, from one that bends at the middle of the
    /// exposures.
    pub(super) fn new(exposures: &'a [f64], outcomes: &[bool], fit: &BinaryEmaxFit) -> Option<Self> {
        let bounds = EmaxBounds::of_exposures(exposures)?;
        let events: Vec<f64> = outcomes.iter().map(|outcome| f64::from(u8::from(*outcome))).collect();
        let problem = Problem::new(exposures, &events, None, fit.shape, bounds).ok()?;
        let nearly_straight = bounds.ec50.1.ln();
        let middle = exposures.iter().filter(|x| **x > 0.0).map(|x| x.ln()).sum::<f64>();
        let middle = middle / exposures.iter().filter(|x| **x > 0.0).count().max(1) as f64;
        let other = if fit.at_bound { middle } else { nearly_straight };
        let other = problem.given(other, 0.0).ok().map(|(_, point)| point);
        Some(Self { exposures, events, shape: fit.shape, bounds, starts: std::iter::once(fit.parameters()).chain(other).collect() })
    }

    /// The maximum with each subject counted `weights[subject]` times; `None` where the drawn subjects are separated or no start leads to one.
    pub(super) fn refit(&self, weights: &[u32]) -> Option<EmaxRefit> {
        let drawn = || weights.iter().zip(self.exposures.iter().zip(&self.events)).filter(|(weight, _)| **weight > 0);
        let exposures: Vec<f64> = drawn().map(|(_, (x, _))| *x).collect();
        let events: Vec<f64> = drawn().map(|(weight, (_, y))| f64::from(*weight) * y).collect();
        let trials: Vec<f64> = drawn().map(|(weight, _)| f64::from(*weight)).collect();
        if is_separated(&exposures, &events, &trials) {
            return None;
        }
        let logs = |(lower, upper): (f64, f64)| (lower.ln(), upper.ln());
        let problem = Problem {
            exposures: &exposures,
            log_exposures: exposures.iter().map(|x| x.ln()).collect(),
            events: Cow::Owned(events),
            trials,
            shape: self.shape,
            bounds: [logs(self.bounds.ec50), logs(self.bounds.hill)],
            null_log_likelihood: 0.0,
        };
        let found = self.starts.iter().filter_map(|start| problem.ascend(start.clone(), REFITTED));
        let (parameters, log_likelihood) = found.max_by(|a, b| a.1.total_cmp(&b.1))?;
        let at_bound = problem.at_bound(&parameters);
        Some(EmaxRefit { parameters, log_likelihood, at_bound })
    }

    /// Logit at an exposure.
    pub(super) fn logit(exposure: f64, parameters: &[f64]) -> f64 {
        parameters[0] + parameters[1] * derivatives(exposure, parameters)[1]
    }
}

/// Whether one kind of outcome occurs at no higher exposure than the other: then no monotone curve has a maximum.
fn is_separated(exposures: &[f64], events: &[f64], trials: &[f64]) -> bool {
    let range = |with: &dyn Fn(f64, f64) -> bool| {
        let of = exposures.iter().zip(events.iter().zip(trials)).filter(|(_, (y, m))| with(**y, **m)).map(|(x, _)| *x);
        of.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
    };
    let (with, without) = (range(&|y, _| y > 0.0), range(&|y, m| y < m));
    with.1 <= without.0 || without.1 <= with.0
}

/// `x^h/(ec50^h + x^h)`; zero without exposure.
fn saturation(exposure: f64, log_ec50: f64, hill: f64) -> f64 {
    if exposure <= 0.0 { 0.0 } else { 1.0 / (1.0 + (hill * (log_ec50 - exposure.ln())).exp()) }
}

/// Derivatives of the logit in the parameters.
fn derivatives(exposure: f64, parameters: &[f64]) -> Vec<f64> {
    let (emax, log_ec50) = (parameters[1], parameters[2]);
    let hill = parameters.get(3).map_or(1.0, |log_hill| log_hill.exp());
    let g = saturation(exposure, log_ec50, hill);
    let bend = emax * hill * g * (1.0 - g);
    let distance = if exposure > 0.0 { exposure.ln() - log_ec50 } else { 0.0 };
    [1.0, g, -bend, bend * distance].into_iter().take(parameters.len()).collect()
}

/// What the likelihood is at a point.
struct State {
    value: f64,
    gradient: Vec<f64>,
    /// Expected information, row by row.
    expected: Vec<f64>,
    /// Observed information, row by row.
    observed: Vec<f64>,
}

impl State {
    /// Newton's step of the free parameters, or that of scoring where the curvature has the wrong sign.
    fn step(&self, free: &[usize]) -> Option<Vec<f64>> {
        let size = self.gradient.len();
        let right: Vec<f64> = free.iter().map(|k| self.gradient[*k]).collect();
        let block = |matrix: &[f64]| -> Vec<f64> {
            free.iter().flat_map(|i| free.iter().map(move |j| (i, j))).map(|(i, j)| matrix[i * size + j]).collect()
        };
        let factor = Cholesky::factor(&block(&self.observed), free.len()).or_else(|| {
            let mut scoring = block(&self.expected);
            for k in 0..free.len() {
                // A flat direction must not end the search.
                scoring[k * free.len() + k] = scoring[k * free.len() + k] * 1.001 + 1e-9;
            }
            Cholesky::factor(&scoring, free.len())
        })?;
        Some(factor.solve(&right))
    }
}

/// The saturating share at one exposure, and the derivatives of the logit in (e0, emax, log ec50, log hill).
struct Bend {
    share: f64,
    slope: [f64; 4],
    /// Lower triangle of the second derivatives.
    curvature: [[f64; 4]; 4],
}

impl Bend {
    /// ```text
    /// z = hill (log x - log ec50);  g = 1/(1 + e^-z);  u = g(1 - g);  v = u(1 - 2g)
    /// dh = (1, g, -emax hill u, emax u z)
    /// d2h: (emax, log ec50) -hill u;  (emax, log hill) u z;  (log ec50, log ec50) emax hill^2 v;
    ///      (log hill, log ec50) -emax hill (u + v z);  (log hill, log hill) emax z (u + v z)
    /// ```
    fn at(log_exposure: f64, emax: f64, log_ec50: f64, hill: f64) -> Self {
        if log_exposure <= f64::MIN {
            return Self { share: 0.0, slope: [1.0, 0.0, 0.0, 0.0], curvature: [[0.0; 4]; 4] };
        }
        let z = hill * (log_exposure - log_ec50);
        let share = 1.0 / (1.0 + (-z).exp());
        let u = share * (1.0 - share);
        let v = u * (1.0 - 2.0 * share);
        let mut curvature = [[0.0; 4]; 4];
        curvature[2][1] = -hill * u;
        curvature[3][1] = u * z;
        curvature[2][2] = emax * hill * hill * v;
        curvature[3][2] = -emax * hill * (u + v * z);
        curvature[3][3] = emax * z * (u + v * z);
        Self { share, slope: [1.0, share, -emax * hill * u, emax * u * z], curvature }
    }
}

struct Problem<'a> {
    exposures: &'a [f64],
    log_exposures: Vec<f64>,
    events: Cow<'a, [f64]>,
    trials: Vec<f64>,
    shape: EmaxShape,
    /// Bounds of the logarithms of ec50 and hill.
    bounds: [(f64, f64); 2],
    null_log_likelihood: f64,
}

impl<'a> Problem<'a> {
    fn new(
        exposures: &'a [f64],
        events: &'a [f64],
        trials: Option<&[f64]>,
        shape: EmaxShape,
        bounds: EmaxBounds,
    ) -> Result<Self, BinaryEmaxError> {
        let constant = DesignMatrix::from_columns(&[vec![1.0; exposures.len()]]).map_err(GlmError::from)?;
        Logistic::new(constant, events, trials)?.fit()?;
        let log_exposures = exposures.iter().map(|exposure| exposure.ln()).collect();
        let events = Cow::Borrowed(events);
        let trials = trials.map_or_else(|| vec![1.0; events.len()], <[f64]>::to_vec);
        let (all, total): (f64, f64) = (events.iter().sum(), trials.iter().sum());
        let null_log_likelihood = all * (all / total).ln() + (total - all) * (1.0 - all / total).ln();
        let logs = |(lower, upper): (f64, f64)| (lower.ln(), upper.ln());
        Ok(Self { exposures, log_exposures, events, trials, shape, bounds: [logs(bounds.ec50), logs(bounds.hill)], null_log_likelihood })
    }

    /// The best points of the grid that are not beaten by a neighbour in ec50.
    fn starts(&self) -> Result<Vec<Vec<f64>>, BinaryEmaxError> {
        let grid = |(lower, upper): (f64, f64), steps: usize| -> Vec<f64> {
            (0..=steps).map(|k| lower + (upper - lower) * k as f64 / steps as f64).collect()
        };
        let steepness = match self.shape {
            EmaxShape::Hyperbolic => vec![0.0],
            EmaxShape::Sigmoid => grid(self.bounds[1], STEEPNESS_STEPS),
        };
        let mut found: Vec<(f64, Vec<f64>)> = Vec::new();
        let mut refused = BinaryEmaxError::NoConvergence;
        for log_hill in steepness {
            let line: Vec<Option<(f64, Vec<f64>)>> = grid(self.bounds[0], LOCATION_STEPS)
                .into_iter()
                .map(|log_ec50| match self.given(log_ec50, log_hill) {
                    Ok(found) => Some(found),
                    Err(error) => {
                        refused = error.into();
                        None
                    }
                })
                .collect();
            let value =
                |position: Option<usize>| position.and_then(|k| line.get(k)).and_then(Option::as_ref).map_or(f64::NEG_INFINITY, |p| p.0);
            for (k, point) in line.iter().enumerate() {
                if let Some((likelihood, point)) = point
                    && *likelihood >= value(k.checked_sub(1))
                    && *likelihood >= value(Some(k + 1))
                {
                    found.push((*likelihood, point.clone()));
                }
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        if found.is_empty() {
            return Err(refused);
        }
        Ok(found.into_iter().take(STARTS).map(|(_, point)| point).collect())
    }

    /// The logistic regression at given ec50 and hill.
    fn given(&self, log_ec50: f64, log_hill: f64) -> Result<(f64, Vec<f64>), GlmError> {
        let hill = log_hill.exp();
        let g = self.exposures.iter().map(|x| saturation(*x, log_ec50, hill)).collect();
        let design = DesignMatrix::from_columns(&[vec![1.0; self.exposures.len()], g])?;
        let fit = Logistic::new(design, &self.events, Some(&self.trials))?.fit()?;
        let coefficient = |column: usize| fit.coefficients.estimate(column).unwrap_or(0.0);
        let all = [coefficient(0), coefficient(1), log_ec50, log_hill];
        Ok((fit.log_likelihood, all.into_iter().take(count(self.shape)).collect()))
    }

    /// Log-likelihood, gradient, expected and observed information.
    fn evaluate(&self, point: &[f64]) -> State {
        match *point {
            [e0, emax, log_ec50] => self.sums::<3>([e0, emax, log_ec50]),
            [e0, emax, log_ec50, log_hill] => self.sums::<4>([e0, emax, log_ec50, log_hill]),
            _ => State { value: f64::NAN, gradient: Vec::new(), expected: Vec::new(), observed: Vec::new() },
        }
    }

    /// ```text
    /// l = sum y h - m log(1 + e^h);   U = sum (y - m p) h';   expected I = sum m p (1 - p) h'h'^T;   observed = I - sum (y - m p) h''
    /// ```
    fn sums<const P: usize>(&self, point: [f64; P]) -> State {
        let (mut value, mut gradient, mut expected, mut bends) = (0.0, [0.0; P], [[0.0; P]; P], [[0.0; P]; P]);
        let [e0, emax, log_ec50] = [point[0], point[1], point[2]];
        let hill = point.get(3).map_or(1.0, |log_hill| log_hill.exp());
        for ((log_x, events), trials) in self.log_exposures.iter().zip(self.events.iter()).zip(&self.trials) {
            let at = Bend::at(*log_x, emax, log_ec50, hill);
            let h = e0 + emax * at.share;
            let small = (-h.abs()).exp();
            let p = if h >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
            value += events * h - trials * (h.max(0.0) + small.ln_1p());
            let (residual, weight) = (events - trials * p, trials * p * (1.0 - p));
            for i in 0..P {
                gradient[i] += residual * at.slope[i];
                for j in 0..=i {
                    expected[i][j] += weight * at.slope[i] * at.slope[j];
                    bends[i][j] += residual * at.curvature[i][j];
                }
            }
        }
        let full = |lower: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            (0..P * P).map(|place| (place / P, place % P)).map(|(i, j)| lower(i.max(j), i.min(j))).collect()
        };
        State {
            value,
            gradient: gradient.to_vec(),
            expected: full(&|i, j| expected[i][j]),
            observed: full(&|i, j| expected[i][j] - bends[i][j]),
        }
    }

    /// Newton's method on the parameters that no bound holds back, scoring where the curvature has the wrong sign.
    fn ascend(&self, start: Vec<f64>, still: f64) -> Option<(Vec<f64>, f64)> {
        let mut point = start;
        self.clamp(&mut point);
        let mut here = self.evaluate(&point);
        for _ in 0..MAX_ITERATIONS {
            let free: Vec<usize> = (0..point.len()).filter(|k| !self.held(&point, &here.gradient, *k)).collect();
            if free.iter().all(|k| here.gradient[*k].abs() < CONVERGED) {
                return Some((point, here.value));
            }
            let step = here.step(&free)?;
            let mut fraction = 1.0;
            let moved = loop {
                let mut next = point.clone();
                free.iter().zip(&step).for_each(|(k, d)| next[*k] += fraction * d);
                self.clamp(&mut next);
                let reached = self.evaluate(&next);
                if reached.value >= here.value - 1e-13 * here.value.abs().max(1.0) {
                    let distance = next.iter().zip(&point).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                    point = next;
                    here = reached;
                    break distance;
                }
                fraction *= 0.5;
                if fraction < 1e-10 {
                    break 0.0;
                }
            };
            if moved < still {
                // Rounding decides: the gradient tells whether this is the maximum.
                let rest = free.iter().map(|k| here.gradient[*k].abs()).fold(0.0, f64::max);
                return (rest < 1e-5 || still > STILL).then_some((point, here.value));
            }
        }
        None
    }

    fn bound(&self, parameter: usize) -> Option<(f64, f64)> {
        parameter.checked_sub(2).and_then(|k| self.bounds.get(k)).copied()
    }

    fn clamp(&self, point: &mut [f64]) {
        for (parameter, value) in point.iter_mut().enumerate() {
            if let Some((lower, upper)) = self.bound(parameter) {
                *value = value.clamp(lower, upper);
            }
        }
    }

    /// Whether a parameter lies on a bound (with a gradient that points out of it).
    fn held(&self, point: &[f64], gradient: &[f64], parameter: usize) -> bool {
        self.bound(parameter).is_some_and(|(lower, upper)| {
            (point[parameter] <= lower && gradient[parameter] <= 0.0) || (point[parameter] >= upper && gradient[parameter] >= 0.0)
        })
    }

    fn at_bound(&self, point: &[f64]) -> bool {
        (0..point.len()).any(|k| self.bound(k).is_some_and(|(lower, upper)| point[k] <= lower || point[k] >= upper))
    }

    fn report(&self, point: &[f64], log_likelihood: f64) -> BinaryEmaxFit {
        let here = self.evaluate(point);
        let at_bound = self.at_bound(point);
        let covariance = (!at_bound).then(|| Cholesky::factor(&here.observed, point.len())).flatten().map(|factor| factor.inverse());
        BinaryEmaxFit {
            shape: self.shape,
            e0: point[0],
            emax: point[1],
            log_ec50: point[2],
            log_hill: point.get(3).copied().unwrap_or(0.0),
            log_likelihood,
            null_log_likelihood: self.null_log_likelihood,
            at_bound,
            covariance,
            largest_gradient: here.gradient.iter().fold(0.0, |largest: f64, value| largest.max(value.abs())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        (vec![0.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0], vec![4.0, 9.0, 14.0, 20.0, 25.0, 27.0, 30.0], vec![40.0; 7])
    }

    fn fitted(shape: EmaxShape, unit: f64) -> BinaryEmaxFit {
        let (x, events, trials) = data();
        let x: Vec<f64> = x.iter().map(|x| x * unit).collect();
        fit_binary_emax(&x, &events, Some(&trials), shape, EmaxBounds::of_exposures(&x).unwrap()).unwrap()
    }

    #[test]
    fn the_gradient_is_the_derivative_of_the_likelihood() {
        let (x, events, trials) = data();
        let bounds = EmaxBounds::of_exposures(&x).unwrap();
        let problem = Problem::new(&x, &events, Some(&trials), EmaxShape::Sigmoid, bounds).unwrap();
        let at = [-1.5, 2.0, 1.7, 0.3];
        let here = problem.evaluate(&at);
        let moved = |k: usize, by: f64| {
            let mut point = at;
            point[k] += by;
            problem.evaluate(&point)
        };
        for k in 0..4 {
            let (above, below) = (moved(k, 1e-5), moved(k, -1e-5));
            assert!(((above.value - below.value) / 2e-5 - here.gradient[k]).abs() < 1e-6);
            for j in 0..4 {
                let curvature = (below.gradient[j] - above.gradient[j]) / 2e-5;
                assert!((curvature - here.observed[k * 4 + j]).abs() < 1e-5 * (1.0 + curvature.abs()), "{k} {j}");
            }
        }
    }

    #[test]
    fn a_refit_is_the_fit_with_subjects_repeated() {
        let exposures: Vec<f64> = (0..80).map(|i| f64::from(i * 37 % 80)).collect();
        let outcomes: Vec<bool> =
            exposures.iter().enumerate().map(|(i, x)| (i * 53 % 80) as f64 / 80.0 < 0.1 + 0.8 * x / (9.0 + x)).collect();
        let events: Vec<f64> = outcomes.iter().map(|y| f64::from(u8::from(*y))).collect();
        let bounds = EmaxBounds::of_exposures(&exposures).unwrap();
        let weights: Vec<u32> = (0..80).map(|i| (i * 7 + 1) % 3).collect();
        let repeat = |values: &[f64]| -> Vec<f64> { values.iter().zip(&weights).flat_map(|(v, w)| vec![*v; *w as usize]).collect() };
        for shape in [EmaxShape::Hyperbolic, EmaxShape::Sigmoid] {
            let fit = fit_binary_emax(&exposures, &events, None, shape, bounds).unwrap();
            let refit = EmaxRefitter::new(&exposures, &outcomes, &fit).unwrap().refit(&weights).unwrap();
            let whole = fit_binary_emax(&repeat(&exposures), &repeat(&events), None, shape, bounds).unwrap();
            assert!(
                (refit.log_likelihood - whole.log_likelihood).abs() < 1e-6,
                "{shape:?} {} {}",
                refit.log_likelihood,
                whole.log_likelihood
            );
            let only_events: Vec<u32> = outcomes.iter().map(|y| u32::from(*y)).collect();
            assert_eq!(EmaxRefitter::new(&exposures, &outcomes, &fit).unwrap().refit(&only_events), None);
        }
    }

    #[test]
    fn the_unit_of_exposure_moves_ec50_only() {
        for shape in [EmaxShape::Hyperbolic, EmaxShape::Sigmoid] {
            let (plain, scaled) = (fitted(shape, 1.0), fitted(shape, 1e4));
            assert!(!plain.at_bound && plain.largest_gradient < 1e-8);
            assert!((plain.emax - scaled.emax).abs() < 1e-6 && (plain.log_ec50 + 1e4_f64.ln() - scaled.log_ec50).abs() < 1e-6);
            assert!((plain.standard_error(2).unwrap() - scaled.standard_error(2).unwrap()).abs() < 1e-5);
            let (logit, with_error) = plain.logit(10.0);
            assert!((with_error.unwrap().value - logit).abs() < f64::EPSILON && with_error.unwrap().standard_error > 0.0);
        }
        assert!(fitted(EmaxShape::Sigmoid, 1.0).log_likelihood >= fitted(EmaxShape::Hyperbolic, 1.0).log_likelihood);
    }

    #[test]
    fn a_straight_rise_ends_on_the_bound_without_errors() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let events: Vec<f64> = x.iter().map(|x| 40.0 / (1.0 + (2.0 - 0.45 * x).exp())).map(f64::round).collect();
        let bounds = EmaxBounds::of_exposures(&x).unwrap();
        let fit = fit_binary_emax(&x, &events, Some(&[40.0; 10]), EmaxShape::Hyperbolic, bounds).unwrap();
        assert!(fit.at_bound && fit.covariance.is_none() && fit.standard_error(0).is_none() && fit.logit(3.0).1.is_none());
    }

    #[test]
    fn what_cannot_be_fitted_is_said() {
        let bounds = EmaxBounds { ec50: (0.1, 10.0), hill: (0.3, 10.0) };
        let fit = |x: &[f64], y: &[f64], bounds| fit_binary_emax(x, y, None, EmaxShape::Hyperbolic, bounds).unwrap_err();
        assert!(matches!(fit(&[0.0, 1.0, 2.0], &[0.0; 3], bounds), BinaryEmaxError::Events(GlmError::Separated(_))));
        assert!(matches!(fit(&[0.0, 1.0, 2.0], &[0.0, 0.0, 1.0], bounds), BinaryEmaxError::Events(GlmError::Separated(_))));
        assert_eq!(fit(&[0.0, 0.0], &[0.0, 1.0], bounds), BinaryEmaxError::Exposure);
        assert_eq!(fit(&[0.0, 1.0], &[0.0, 1.0], EmaxBounds { ec50: (2.0, 1.0), ..bounds }), BinaryEmaxError::Bounds);
        assert_eq!(EmaxBounds::of_exposures(&[0.0]), None);
    }
}
