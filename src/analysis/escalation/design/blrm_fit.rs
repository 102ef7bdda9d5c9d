//! Posterior of the Bayesian logistic regression model by quadrature.

use std::f64::consts::PI;

use super::blrm::Blrm;
use super::blrm_conditional::{Likelihood, expit};
use super::crm::logit;
use super::tally::{DoseLevel, Tally};
use crate::numerics::piecewise_density::{PiecewiseDensity, essential_range};
use crate::numerics::quadrature::GaussLegendre;

/// Standard deviations of the prior to each side within which `log beta` is looked for, and steps of that search.
const REACH: f64 = 9.0;
const SEARCH_STEPS: usize = 90;

/// How finely a posterior is integrated.
struct Grain {
    /// Trapezoidal steps over the part of `log beta` that matters.
    steps: usize,
    /// Points per panel over `log alpha`.
    points: usize,
    /// Logarithm of the part of the largest conditional density at which a tail is cut.
    negligible: f64,
}

/// For everything that is reported.
const FINE: Grain = Grain { steps: 240, points: 16, negligible: 46.0 };

/// For the decisions of simulated trials.
const QUICK: Grain = Grain { steps: 48, points: 10, negligible: 28.0 };

/// What the points over `log alpha` and the cut tails contribute at most to the error of a quick probability.
const QUICK_FLOOR: f64 = 1e-6;

/// Halvings of a quantile on the logit scale.
const BISECTIONS: usize = 80;

/// Limits of a quantile on the logit scale: beyond them a probability is 0 or 1 to double precision.
const LOGIT_LIMIT: f64 = 700.0;

/// What the posterior says about one dose.
#[derive(Debug, Clone, PartialEq)]
pub struct BlrmDose {
    /// Posterior probability of each interval of toxicity, from the lowest.
    pub interval_probs: Vec<f64>,
    /// Posterior probability of everything above the target interval.
    pub prob_overdose: f64,
    /// Posterior mean of the probability of toxicity.
    pub mean: f64,
    /// Its posterior standard deviation.
    pub sd: f64,
    /// Whether overdose control permits the dose.
    pub eligible: bool,
}

impl BlrmDose {
    /// Posterior probability of the target interval.
    #[must_use]
    pub fn prob_target(&self) -> f64 {
        self.interval_probs.get(1).copied().unwrap_or(0.0)
    }
}

/// Posterior moments of the parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlrmMoments {
    /// Mean of `log alpha`.
    pub log_alpha_mean: f64,
    /// Standard deviation of `log alpha`.
    pub log_alpha_sd: f64,
    /// Mean of `log beta`.
    pub log_beta_mean: f64,
    /// Standard deviation of `log beta`.
    pub log_beta_sd: f64,
    /// Correlation of the two.
    pub correlation: f64,
}

/// Posterior of a [`Blrm`], integrated without simulation.
///
/// ```text
/// f(log alpha, log beta | data) proportional to prior * product over doses of p^y (1 - p)^(n - y)
/// P(p(d) <= c) = sum over b_i of weight_i * P(log alpha <= logit c - exp(b_i) log(d / d_ref) | b_i)
/// ```
///
/// `log beta` is integrated by the trapezoidal rule over the part of its range that matters, `log alpha` given `log beta` by Gauss-Legendre
/// panels whose antiderivative gives the conditional distribution function, so that the limits of the intervals need no nodes of their
/// own. Probabilities are exact to about ten digits; nothing depends on a seed.
#[derive(Debug, Clone)]
pub struct BlrmPosterior<'a> {
    blrm: &'a Blrm,
    slices: Vec<Slice>,
    log_marginal: f64,
    doses: Vec<BlrmDose>,
}

/// The posterior at one value of `log beta`.
#[derive(Debug, Clone)]
struct Slice {
    log_beta: f64,
    /// Probability of the slice.
    weight: f64,
    /// Conditional density of `log alpha`.
    log_alpha: PiecewiseDensity,
}

impl<'a> BlrmPosterior<'a> {
    pub(super) fn new(blrm: &'a Blrm, tallies: &[Tally]) -> Self {
        let mut posterior = Self::integrated(blrm, tallies, &FINE);
        posterior.doses = (0..blrm.doses()).map(|dose| posterior.dose(DoseLevel(dose))).collect();
        posterior
    }

    /// The slices of the posterior, without what they say about each dose.
    fn integrated(blrm: &'a Blrm, tallies: &[Tally], grain: &Grain) -> Self {
        let likelihood = Likelihood::new(blrm, tallies);
        let prior = blrm.prior();
        let reach = REACH * prior.log_beta_sd;
        let profile = |log_beta: f64| likelihood.at(log_beta).value_at_mode();
        let (lower, upper) = essential_range(profile, (prior.log_beta_mean - reach, prior.log_beta_mean + reach), SEARCH_STEPS);
        let step = (upper - lower) / grain.steps as f64;
        let rule = GaussLegendre::new(grain.points);
        let conditionals: Vec<(f64, PiecewiseDensity)> = (0..=grain.steps)
            .map(|position| lower + step * position as f64)
            .map(|log_beta| (log_beta, likelihood.at(log_beta).density(&rule, grain.negligible)))
            .collect();
        let largest = conditionals.iter().map(|(_, density)| density.log_total()).fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = conditionals.iter().map(|(_, density)| (density.log_total() - largest).exp()).sum();
        let slices = conditionals
            .into_iter()
            .map(|(log_beta, log_alpha)| Slice { log_beta, weight: (log_alpha.log_total() - largest).exp() / total, log_alpha })
            .collect();
        let log_marginal = largest + (total * step).ln() + log_normal_constant(blrm);
        Self { blrm, slices, log_marginal, doses: Vec::new() }
    }

    /// What the posterior says about each dose.
    #[must_use]
    pub fn doses(&self) -> &[BlrmDose] {
        &self.doses
    }

    /// The eligible dose with the largest posterior probability of the target interval, the lower one on ties; `None` when no dose is
    /// eligible and the trial stops. No rule about skipping doses is applied.
    #[must_use]
    pub fn next_dose(&self) -> Option<DoseLevel> {
        let eligible = self.doses.iter().enumerate().filter(|(_, dose)| dose.eligible);
        let best = eligible.rev().max_by(|left, right| left.1.prob_target().total_cmp(&right.1.prob_target()));
        best.map(|(dose, _)| DoseLevel(dose))
    }

    /// The highest eligible dose.
    #[must_use]
    pub fn highest_eligible(&self) -> Option<DoseLevel> {
        self.doses.iter().rposition(|dose| dose.eligible).map(DoseLevel)
    }

    /// Logarithm of the marginal likelihood without binomial coefficients.
    #[must_use]
    pub fn log_marginal_likelihood(&self) -> f64 {
        self.log_marginal
    }

    /// Posterior probability that toxicity at a dose does not exceed `c`; 0 outside the grid.
    #[must_use]
    pub fn prob_at_most(&self, dose: DoseLevel, c: f64) -> f64 {
        self.cumulative(dose, logit(c))
    }

    /// Posterior quantile of the probability of toxicity at a dose.
    #[must_use]
    pub fn quantile(&self, dose: DoseLevel, q: f64) -> f64 {
        let (mut low, mut high) = (-LOGIT_LIMIT, LOGIT_LIMIT);
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (low + high);
            if self.cumulative(dose, middle) < q {
                low = middle;
            } else {
                high = middle;
            }
        }
        expit(0.5 * (low + high))
    }

    /// Moments of the parameters.
    #[must_use]
    pub fn moments(&self) -> BlrmMoments {
        let over = |f: &dyn Fn(&Slice) -> f64| self.slices.iter().map(|slice| slice.weight * f(slice)).sum::<f64>();
        let log_alpha_mean = over(&|slice| slice.log_alpha.mean());
        let log_beta_mean = over(&|slice| slice.log_beta);
        let alpha_variance = over(&|slice| slice.log_alpha.variance() + (slice.log_alpha.mean() - log_alpha_mean).powi(2));
        let beta_variance = over(&|slice| (slice.log_beta - log_beta_mean).powi(2));
        let covariance = over(&|slice| (slice.log_alpha.mean() - log_alpha_mean) * (slice.log_beta - log_beta_mean));
        let (log_alpha_sd, log_beta_sd) = (alpha_variance.sqrt(), beta_variance.sqrt());
        BlrmMoments { log_alpha_mean, log_alpha_sd, log_beta_mean, log_beta_sd, correlation: covariance / (log_alpha_sd * log_beta_sd) }
    }

    /// Posterior probability that toxicity exceeds `c` at any dose, on the grid or not, given the logarithm of its ratio to the reference dose.
    #[must_use]
    pub fn prob_exceeds_at(&self, log_dose: f64, c: f64) -> f64 {
        let logit = logit(c);
        self.slices.iter().map(|slice| slice.weight * slice.log_alpha.upper(logit - slice.log_beta.exp() * log_dose)).sum()
    }

    fn cumulative(&self, dose: DoseLevel, logit: f64) -> f64 {
        self.over_slices(dose, |slice, shift| slice.log_alpha.cumulative(logit - shift))
    }

    fn above(&self, dose: DoseLevel, logit: f64) -> f64 {
        self.over_slices(dose, |slice, shift| slice.log_alpha.upper(logit - shift))
    }

    /// Expectation over `log beta` of a function of the slice and of `beta log(d / d_ref)`.
    fn over_slices(&self, dose: DoseLevel, f: impl Fn(&Slice, f64) -> f64) -> f64 {
        let Some(log_dose) = self.blrm.log_doses().get(dose.0) else { return 0.0 };
        self.slices.iter().map(|slice| slice.weight * f(slice, slice.log_beta.exp() * log_dose)).sum()
    }

    fn dose(&self, dose: DoseLevel) -> BlrmDose {
        let limits: Vec<f64> = self.blrm.limits().iter().map(|limit| logit(*limit)).collect();
        let below: Vec<f64> = limits.iter().map(|limit| self.cumulative(dose, *limit)).collect();
        let first = below.first().copied().unwrap_or(0.0);
        let last = limits.last().map_or(0.0, |limit| self.above(dose, *limit));
        let between = below.windows(2).map(|pair| pair[1] - pair[0]);
        let interval_probs = std::iter::once(first).chain(between).chain(std::iter::once(last)).collect();
        let prob_overdose = limits.get(1).map_or(0.0, |limit| self.above(dose, *limit));
        let mean = self.over_slices(dose, |slice, shift| slice.log_alpha.expectation(|log_alpha| expit(log_alpha + shift)));
        let square =
            self.over_slices(dose, |slice, shift| slice.log_alpha.expectation(|log_alpha| (expit(log_alpha + shift) - mean).powi(2)));
        BlrmDose { interval_probs, prob_overdose, mean, sd: square.sqrt(), eligible: prob_overdose < self.blrm.max_overdose_prob() }
    }
}

/// What a coarser integration of the posterior says about one dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct QuickDose {
    /// Posterior probability of the target interval.
    pub(super) target: f64,
    /// Posterior probability of everything above it.
    pub(super) overdose: f64,
    /// Bound of the error of both: what leaving out every second value of `log beta` changes. The error of the trapezoidal rule falls by more
    /// than half with every doubling of the values, so that the change is above the error that is left.
    pub(super) error: f64,
}

/// Target interval and overdosing at each dose, many times faster than by a [`BlrmPosterior`].
pub(super) fn quick_probabilities(blrm: &Blrm, tallies: &[Tally]) -> Vec<QuickDose> {
    let posterior = BlrmPosterior::integrated(blrm, tallies, &QUICK);
    let (lower, upper) = match blrm.limits() {
        [lower, upper, ..] => (logit(*lower), logit(*upper)),
        // `Blrm::new` refuses fewer than two limits.
        _ => return Vec::new(),
    };
    let every_second: f64 = posterior.slices.iter().step_by(2).map(|slice| slice.weight).sum();
    let dose = |log_dose: &f64| {
        let mut all = (0.0, 0.0);
        let mut half = (0.0, 0.0);
        for (place, slice) in posterior.slices.iter().enumerate() {
            let shift = slice.log_beta.exp() * log_dose;
            let overdose = slice.log_alpha.upper(upper - shift);
            let target = slice.log_alpha.upper(lower - shift) - overdose;
            all = (all.0 + slice.weight * target, all.1 + slice.weight * overdose);
            if place % 2 == 0 {
                half = (half.0 + slice.weight * target / every_second, half.1 + slice.weight * overdose / every_second);
            }
        }
        QuickDose { target: all.0, overdose: all.1, error: QUICK_FLOOR + (all.0 - half.0).abs().max((all.1 - half.1).abs()) }
    };
    blrm.log_doses().iter().map(dose).collect()
}

/// Logarithm of the factor in front of the exponential of the bivariate normal density.
fn log_normal_constant(blrm: &Blrm) -> f64 {
    let prior = blrm.prior();
    -(2.0 * PI * prior.log_alpha_sd * prior.log_beta_sd).ln() - 0.5 * (1.0 - prior.correlation * prior.correlation).ln()
}

#[cfg(test)]
mod tests {
    use super::super::blrm::BlrmPrior;
    use super::*;
    use crate::numerics::distribution::normal_cdf;

    const PRIOR: BlrmPrior = BlrmPrior { log_alpha_mean: -1.1, log_alpha_sd: 2.0, log_beta_mean: 0.0, log_beta_sd: 1.0, correlation: -0.3 };
    const DOSES: [f64; 5] = [1.0, 5.0, 10.0, 20.0, 40.0];

    fn blrm(prior: BlrmPrior) -> Blrm {
        Blrm::new(&DOSES, 10.0, prior, &[0.16, 0.33], 0.25).unwrap()
    }

    fn history(counts: [(u32, u32); 5]) -> Vec<Tally> {
        counts.iter().map(|(n, dlt)| Tally::new(*n, *dlt).unwrap()).collect()
    }

    #[test]
    fn without_patients_the_posterior_is_the_prior() {
        let blrm = blrm(PRIOR);
        let fit = blrm.fit(&history([(0, 0); 5])).unwrap();
        let moments = fit.moments();
        let pairs = [
            (moments.log_alpha_mean, -1.1),
            (moments.log_alpha_sd, 2.0),
            (moments.log_beta_mean, 0.0),
            (moments.log_beta_sd, 1.0),
            (moments.correlation, -0.3),
            (fit.log_marginal_likelihood(), 0.0),
            // At the reference dose logit p is log alpha.
            (fit.prob_at_most(DoseLevel(2), 0.33), normal_cdf((logit(0.33) + 1.1) / 2.0)),
            (fit.quantile(DoseLevel(2), 0.5), expit(-1.1)),
        ];
        for (got, want) in pairs {
            assert!((got - want).abs() < 1e-10, "{got} {want}");
        }
    }

    #[test]
    fn a_weak_prior_leaves_the_observed_rate() {
        // One dose, the reference: log alpha alone decides, whatever beta is.
        let prior = BlrmPrior { log_alpha_mean: 0.0, log_alpha_sd: 10.0, ..PRIOR };
        let blrm = Blrm::new(&[10.0], 10.0, prior, &[0.16, 0.33], 0.25).unwrap();
        let fit = blrm.fit(&[Tally::new(800, 200).unwrap()]).unwrap();
        assert!((fit.doses()[0].mean - 0.25).abs() < 1e-3);
        assert!((fit.doses()[0].sd - (0.25_f64 * 0.75 / 800.0).sqrt()).abs() < 1e-4);
    }

    #[test]
    fn everything_rises_with_dose_and_with_toxicity() {
        let blrm = blrm(PRIOR);
        let mut before: Option<Vec<f64>> = None;
        for dlt in 0..=4 {
            let fit = blrm.fit(&history([(3, 0), (4, dlt), (3, 1), (0, 0), (0, 0)])).unwrap();
            let overdose: Vec<f64> = fit.doses().iter().map(|dose| dose.prob_overdose).collect();
            assert!(overdose.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(fit.doses().windows(2).all(|pair| pair[0].mean < pair[1].mean));
            for dose in fit.doses() {
                assert!((dose.interval_probs.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                assert_eq!(dose.eligible, dose.prob_overdose < 0.25);
            }
            if let Some(before) = &before {
                assert!(before.iter().zip(&overdose).all(|(less, more)| less < more));
            }
            before = Some(overdose);
        }
    }

    #[test]
    fn another_toxicity_never_raises_the_highest_eligible_dose() {
        let blrm = blrm(PRIOR);
        for n in [3, 6] {
            let eligible: Vec<Option<DoseLevel>> =
                (0..=n).map(|dlt| blrm.fit(&history([(3, 0), (n, dlt), (0, 0), (0, 0), (0, 0)])).unwrap().highest_eligible()).collect();
            assert!(eligible.windows(2).all(|pair| pair[1] <= pair[0]), "{eligible:?}");
        }
        let stop = blrm.fit(&history([(6, 5), (0, 0), (0, 0), (0, 0), (0, 0)])).unwrap();
        assert_eq!((stop.next_dose(), stop.highest_eligible()), (None, None));
    }

    #[test]
    fn quick_probabilities_keep_within_their_bound() {
        let priors = [
            PRIOR,
            BlrmPrior { log_alpha_sd: 10.0, log_beta_sd: 3.0, correlation: 0.8, ..PRIOR },
            BlrmPrior { log_alpha_mean: -3.5, log_alpha_sd: 0.8, log_beta_sd: 0.3, correlation: 0.0, ..PRIOR },
        ];
        let histories = [
            [(0, 0), (0, 0), (0, 0), (0, 0), (0, 0)],
            [(3, 0), (3, 0), (3, 1), (0, 0), (0, 0)],
            [(3, 0), (3, 0), (6, 1), (12, 4), (6, 4)],
            [(3, 3), (0, 0), (0, 0), (0, 0), (0, 0)],
            [(30, 0), (30, 0), (30, 3), (30, 10), (0, 0)],
            [(1, 0), (1, 0), (1, 0), (1, 1), (60, 20)],
        ];
        let mut least_accurate: f64 = 0.0;
        for prior in priors {
            let blrm = blrm(prior);
            for counts in histories {
                let tallies = history(counts);
                let fine = blrm.fit(&tallies).unwrap();
                for (quick, fine) in quick_probabilities(&blrm, &tallies).iter().zip(fine.doses()) {
                    let error = (quick.target - fine.prob_target()).abs().max((quick.overdose - fine.prob_overdose).abs());
                    assert!(error < quick.error, "{counts:?}: {quick:?} {error}");
                    least_accurate = least_accurate.max(error);
                }
            }
        }
        // The bound is put to the test only where the quick integration does err.
        assert!(least_accurate > QUICK_FLOOR, "{least_accurate}");
    }

    #[test]
    fn the_quantile_inverts_the_distribution_function() {
        let blrm = blrm(PRIOR);
        let fit = blrm.fit(&history([(3, 0), (4, 1), (3, 1), (0, 0), (0, 0)])).unwrap();
        for dose in 0..5 {
            for q in [0.025, 0.5, 0.975] {
                let quantile = fit.quantile(DoseLevel(dose), q);
                assert!((fit.prob_at_most(DoseLevel(dose), quantile) - q).abs() < 1e-10, "{dose} {q}");
            }
        }
    }
}
