//! Estimates from a continual reassessment method: the posterior of its parameter, and the maximum-likelihood estimate.

use super::crm::Crm;
use super::error::DesignError;
use super::tally::DoseLevel;
use crate::numerics::distribution::normal_critical;
use crate::numerics::piecewise_density::{PiecewiseDensity, essential_range};
use crate::numerics::quadrature::GaussLegendre;
use crate::numerics::root::find_root;

/// Standard deviations of the prior to each side within which the parameter is looked for first.
const PRIOR_REACH: f64 = 12.0;

/// Beyond this the likelihood does not vary: every probability of toxicity has reached its limit to double precision.
const LIKELIHOOD_REACH: f64 = 40.0;

/// Doublings of that reach before it is taken as it is.
const MOST_DOUBLINGS: u32 = 8;

/// Steps of the search for the part of the range that matters.
const SEARCH_STEPS: usize = 800;

/// Least number of panels of a posterior, and the widest a panel may be: the likelihood varies on the scale of one.
const LEAST_PANELS: usize = 32;
const WIDEST_PANEL: f64 = 0.75;

/// Points per panel.
const POINTS: usize = 20;

/// Step of the numerical derivative.
const SLOPE_STEP: f64 = 5e-3;

/// Range in which the maximum-likelihood estimate is looked for.
const LIKELIHOOD_RANGE: (f64, f64) = (-10.0, 10.0);

/// Standard deviation of the flat prior behind the spread of a maximum-likelihood estimate.
const FLAT_PRIOR_SD: f64 = 500.0;

/// Posterior of the parameter of a [`Crm`] and what follows for each dose.
///
/// ```text
/// f(a | data) proportional to L(a) exp(-a^2 / (2 sd^2))
/// ```
///
/// Two kinds of estimate are given, and they differ. The **plug-in** estimate `p_k(E(a))` is what the method classically recommends from
/// `[OQuigley1990]`, with the normal interval `p_k(E(a) +- z SD(a))`. The **exact** ones are features of the posterior of
/// `p_k(a)` itself: its mean, its quantiles and the probability that it exceeds a threshold. Integration is by Gauss-Legendre panels and
/// exact to about 12 digits.
#[derive(Debug, Clone)]
pub struct CrmPosterior<'a> {
    crm: &'a Crm,
    density: PiecewiseDensity,
}

impl<'a> CrmPosterior<'a> {
    pub(super) fn new(crm: &'a Crm, log_likelihood: impl Fn(f64) -> f64) -> Self {
        let log = with_prior(log_likelihood, crm.prior_sd());
        Self { crm, density: density(&log, range_of(&log, PRIOR_REACH * crm.prior_sd())) }
    }

    /// Posterior mean of the parameter.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.density.mean()
    }

    /// Posterior variance of the parameter.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.density.variance()
    }

    /// Plug-in estimates `p_k(E(a))`.
    #[must_use]
    pub fn plug_in(&self) -> Vec<f64> {
        self.crm.toxicity(self.mean())
    }

    /// Plug-in intervals `p_k(E(a) +- z SD(a))`, lower and upper limit of each dose.
    ///
    /// # Errors
    /// [`DesignError::Numerics`] for a level outside (0, 1).
    pub fn plug_in_intervals(&self, level: f64) -> Result<Vec<(f64, f64)>, DesignError> {
        plug_in_intervals(self.crm, self.mean(), self.variance(), level)
    }

    /// Posterior means `E(p_k(a))`.
    #[must_use]
    pub fn posterior_means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.crm.doses()];
        for (a, probability) in self.density.nodes() {
            for (mean, toxicity) in means.iter_mut().zip(self.crm.toxicity(a)) {
                *mean += probability * toxicity;
            }
        }
        means
    }

    /// Posterior quantiles of `p_k(a)` at each dose: the probability falls as the parameter grows, so that its `q` quantile stands at the
    /// `1 - q` quantile of the parameter.
    #[must_use]
    pub fn quantiles(&self, q: f64) -> Vec<f64> {
        self.crm.toxicity(self.density.quantile(1.0 - q))
    }

    /// Equal-tailed credible intervals of `p_k(a)`.
    #[must_use]
    pub fn quantile_intervals(&self, level: f64) -> Vec<(f64, f64)> {
        let tail = 0.5 * (1.0 - level);
        self.quantiles(tail).into_iter().zip(self.quantiles(1.0 - tail)).collect()
    }

    /// Posterior probability at each dose that `p_k(a)` exceeds a threshold.
    #[must_use]
    pub fn prob_above(&self, threshold: f64) -> Vec<f64> {
        (0..self.crm.doses()).map(|dose| self.density.cumulative(self.crm.parameter_at(DoseLevel(dose), threshold))).collect()
    }

    /// The dose recommended from the plug-in estimates.
    #[must_use]
    pub fn recommended(&self) -> DoseLevel {
        self.crm.recommend(&self.plug_in())
    }
}

/// Maximum-likelihood estimate of the parameter of a [`Crm`].
///
/// The estimate maximises the likelihood over `[-10, 10]`. Its spread is the mean squared distance from zero under a flat prior minus the
/// squared estimate, as the usual software gives it:
///
/// ```text
/// v = E(a^2 | prior N(0, 500^2)) - estimate^2
/// ```
///
/// With the logistic model the likelihood does not vanish as `a` falls (all probabilities tend to `expit(c)`), so that `v` is then the
/// spread of the flat prior more than of the data; use the posterior instead.
#[derive(Debug, Clone)]
pub struct LikelihoodFit<'a> {
    crm: &'a Crm,
    estimate: f64,
    variance: f64,
}

impl<'a> LikelihoodFit<'a> {
    pub(super) fn new(crm: &'a Crm, log_likelihood: impl Fn(f64) -> f64) -> Self {
        let estimate = maximum(&log_likelihood, LIKELIHOOD_RANGE);
        let second = flat_second_moment(&log_likelihood);
        Self { crm, estimate, variance: (second - estimate * estimate).max(0.0) }
    }

    /// The design.
    #[must_use]
    pub fn crm(&self) -> &Crm {
        self.crm
    }

    /// The estimate.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// The spread described above.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// Estimated probability of toxicity at each dose.
    #[must_use]
    pub fn plug_in(&self) -> Vec<f64> {
        self.crm.toxicity(self.estimate)
    }

    /// `p_k(estimate +- z sqrt(v))`.
    ///
    /// # Errors
    /// [`DesignError::Numerics`] for a level outside (0, 1).
    pub fn plug_in_intervals(&self, level: f64) -> Result<Vec<(f64, f64)>, DesignError> {
        plug_in_intervals(self.crm, self.estimate, self.variance, level)
    }

    /// The dose recommended from the estimates.
    #[must_use]
    pub fn recommended(&self) -> DoseLevel {
        self.crm.recommend(&self.plug_in())
    }
}

/// `p_k(centre +- z sqrt(variance))` of each dose, lower limit first.
///
/// # Errors
/// [`DesignError::Numerics`] for a level outside (0, 1).
pub fn plug_in_intervals(crm: &Crm, centre: f64, variance: f64, level: f64) -> Result<Vec<(f64, f64)>, DesignError> {
    let reach = normal_critical(level).map_err(DesignError::numerics)? * variance.sqrt();
    Ok(crm.toxicity(centre + reach).into_iter().zip(crm.toxicity(centre - reach)).collect())
}

/// Logarithm of likelihood times prior; zero density where the model gives no number.
fn with_prior(log_likelihood: impl Fn(f64) -> f64, prior_sd: f64) -> impl Fn(f64) -> f64 {
    move |a| {
        let value = log_likelihood(a) - 0.5 * (a / prior_sd).powi(2);
        if value.is_nan() { f64::NEG_INFINITY } else { value }
    }
}

fn density(log_density: impl Fn(f64) -> f64, range: (f64, f64)) -> PiecewiseDensity {
    let panels = ((range.1 - range.0) / WIDEST_PANEL).ceil() as usize;
    PiecewiseDensity::new(log_density, range, panels.max(LEAST_PANELS), &GaussLegendre::new(POINTS))
}

/// Where the posterior matters: a strong likelihood can push it out of any fixed multiple of a narrow prior, so the reach is doubled until
/// the posterior lies inside.
fn range_of(log_density: impl Fn(f64) -> f64, reach: f64) -> (f64, f64) {
    let mut reach = reach;
    for _ in 0..MOST_DOUBLINGS {
        let (lower, upper) = essential_range(&log_density, (-reach, reach), SEARCH_STEPS);
        if lower > -reach && upper < reach {
            return (lower, upper);
        }
        reach *= 2.0;
    }
    (-reach, reach)
}

/// Second moment under a normal prior of mean zero and standard deviation 500.
///
/// The part of the likelihood that varies lies in [-40, 40]; outside it the likelihood is constant and the prior is integrated in closed
/// steps, so that a likelihood which does not vanish is not missed.
fn flat_second_moment(log_likelihood: impl Fn(f64) -> f64) -> f64 {
    let reach = PRIOR_REACH * FLAT_PRIOR_SD;
    let log = with_prior(log_likelihood, FLAT_PRIOR_SD);
    let middle = essential_range(&log, (-LIKELIHOOD_REACH, LIKELIHOOD_REACH), SEARCH_STEPS);
    let parts = [(-reach, -LIKELIHOOD_REACH), middle, (LIKELIHOOD_REACH, reach)].map(|range| density(&log, range));
    let largest = parts.iter().map(PiecewiseDensity::log_total).fold(f64::NEG_INFINITY, f64::max);
    let (mut total, mut second) = (0.0, 0.0);
    for part in parts.iter().filter(|part| part.log_total().is_finite()) {
        let weight = (part.log_total() - largest).exp();
        total += weight;
        second += weight * part.expectation(|a| a * a);
    }
    second / total
}

/// Place of the largest value: the best point of a grid, then the root of the slope beside it.
///
/// The likelihood of this model can have a flat end, never a second hump of the same height, so that the best grid point is next to it.
fn maximum(f: impl Fn(f64) -> f64, (lower, upper): (f64, f64)) -> f64 {
    let step = (upper - lower) / SEARCH_STEPS as f64;
    let value = |x: f64| Some(f(x)).filter(|value| !value.is_nan()).unwrap_or(f64::NEG_INFINITY);
    let grid = (0..=SEARCH_STEPS).map(|position| lower + step * position as f64);
    let best = grid.max_by(|left, right| value(*left).total_cmp(&value(*right))).unwrap_or(lower);
    find_root(|x| slope(value, x), best - step, best + step, 0.0).unwrap_or(best)
}

/// Derivative by five points, accurate to the fourth power of the step.
fn slope(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let h = SLOPE_STEP;
    (8.0 * (f(x + h) - f(x - h)) - (f(x + 2.0 * h) - f(x - 2.0 * h))) / (12.0 * h)
}

#[cfg(test)]
mod tests {
    use super::super::crm::{CrmModel, USUAL_PRIOR_SD, WeightedOutcome};
    use super::super::tally::Tally;
    use super::*;

    const SKELETON: [f64; 5] = [0.06, 0.14, 0.25, 0.38, 0.5];

    fn models() -> [Crm; 2] {
        [CrmModel::Empiric, CrmModel::Logistic { intercept: 3.0 }].map(|model| Crm::new(&SKELETON, 0.25, model, USUAL_PRIOR_SD).unwrap())
    }

    fn history(counts: [(u32, u32); 5]) -> Vec<Tally> {
        counts.iter().map(|(n, dlt)| Tally::new(*n, *dlt).unwrap()).collect()
    }

    #[test]
    fn without_patients_the_posterior_is_the_prior() {
        for crm in models() {
            let fit = crm.fit(&history([(0, 0); 5])).unwrap();
            assert!(fit.mean().abs() < 1e-12 && (fit.variance() - crm.prior_sd().powi(2)).abs() < 1e-10);
            assert!(fit.quantiles(0.5).iter().zip(SKELETON).all(|(median, guess)| (median - guess).abs() < 1e-12));
            assert_eq!(fit.recommended(), DoseLevel(2));
        }
    }

    #[test]
    fn estimates_rise_with_dose_and_with_toxicity() {
        for crm in models() {
            let mut before: Option<Vec<f64>> = None;
            for dlt in 0..=6 {
                let fit = crm.fit(&history([(3, 0), (6, dlt), (3, 1), (0, 0), (0, 0)])).unwrap();
                let means = fit.posterior_means();
                assert!(means.windows(2).all(|pair| pair[0] < pair[1]));
                let intervals = fit.quantile_intervals(0.9);
                assert!(intervals.iter().zip(&means).all(|((lower, upper), mean)| lower < mean && mean < upper));
                if let Some(before) = &before {
                    assert!(before.iter().zip(&means).all(|(less, more)| less < more));
                }
                before = Some(means);
            }
        }
    }

    #[test]
    fn probability_above_a_threshold_inverts_the_quantile() {
        for crm in models() {
            let fit = crm.fit(&history([(3, 0), (3, 1), (3, 1), (0, 0), (0, 0)])).unwrap();
            for (dose, quantile) in fit.quantiles(0.8).into_iter().enumerate() {
                assert!((fit.prob_above(quantile)[dose] - 0.2).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn the_slope_vanishes_at_the_estimate_and_the_estimate_needs_both_outcomes() {
        for crm in models() {
            let tallies = history([(3, 0), (3, 1), (3, 1), (0, 0), (0, 0)]);
            let estimate = crm.fit_likelihood(&tallies).unwrap().estimate();
            let likelihood = |a: f64| -> f64 {
                let log = |dose, (n, dlt): (f64, f64)| {
                    let (event, none) = crm.log_toxicity_at(DoseLevel(dose), a);
                    dlt * event + (n - dlt) * none
                };
                log(0, (3.0, 0.0)) + log(1, (3.0, 1.0)) + log(2, (3.0, 1.0))
            };
            assert!(slope(likelihood, estimate).abs() < 1e-8);
            for counts in [(3, 0), (3, 3)] {
                let error = crm.fit_likelihood(&history([counts, (0, 0), (0, 0), (0, 0), (0, 0)])).unwrap_err();
                assert!(error.to_string().contains("does not exist"), "{error}");
            }
            let unseen = WeightedOutcome { dose: DoseLevel(0), dlt: false, weight: 0.0 };
            let toxic = WeightedOutcome { dlt: true, weight: 1.0, ..unseen };
            assert!(crm.fit_weighted_likelihood(&[unseen, toxic]).is_err());
        }
    }

    #[test]
    fn wide_priors_and_many_patients_stay_accurate() {
        // A thousand patients at one dose: the posterior mean of p is the observed rate within a thousandth.
        let crm = Crm::new(&SKELETON, 0.25, CrmModel::Empiric, 5.0).unwrap();
        let fit = crm.fit(&history([(0, 0), (0, 0), (1000, 250), (0, 0), (0, 0)])).unwrap();
        assert!((fit.posterior_means()[2] - 0.25).abs() < 1e-3 && fit.variance() < 0.01);
        let none = crm.fit(&history([(0, 0), (0, 0), (3, 0), (0, 0), (0, 0)])).unwrap();
        assert!(none.mean() > 3.0 && none.mean() < 5.0);
    }
}
