//! Posterior of the intercept of the Bayesian logistic regression model at one value of its slope.

use super::blrm::Blrm;
use super::crm::softplus;
use super::tally::Tally;
use crate::numerics::piecewise_density::PiecewiseDensity;
use crate::numerics::quadrature::GaussLegendre;

/// The widest panel over `log alpha`, in conditional standard deviations and on the logit scale.
const WIDEST_IN_SD: f64 = 2.0;
const WIDEST: f64 = 2.0;

/// Newton steps for a conditional mode; halving alone needs about as many.
const MODE_STEPS: usize = 100;

/// First distance from a mode, in standard deviations, at which its density may be negligible; how it grows, and how often.
const FIRST_STRIDE: f64 = 4.0;
const STRIDE_GROWTH: f64 = 1.25;
const MOST_STRIDES: usize = 60;

/// Probability of a log odds.
pub(super) fn expit(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let odds = x.exp();
        odds / (1.0 + odds)
    }
}

/// Counts of the doses with patients, beside the prior.
pub(super) struct Likelihood<'a> {
    blrm: &'a Blrm,
    /// `log(d / d_ref)`, patients and toxicities.
    treated: Vec<(f64, f64, f64)>,
}

impl<'a> Likelihood<'a> {
    /// The counts of the doses.
    pub(super) fn new(blrm: &'a Blrm, tallies: &[Tally]) -> Self {
        let treated = blrm.log_doses().iter().zip(tallies).filter(|(_, tally)| tally.n > 0);
        Self { blrm, treated: treated.map(|(x, tally)| (*x, f64::from(tally.n), f64::from(tally.dlt))).collect() }
    }

    /// The posterior of `log alpha` at a value of `log beta`.
    pub(super) fn at(&self, log_beta: f64) -> Conditional {
        let prior = self.blrm.prior();
        let z = (log_beta - prior.log_beta_mean) / prior.log_beta_sd;
        let beta = log_beta.exp();
        Conditional {
            mean: prior.log_alpha_mean + prior.correlation * prior.log_alpha_sd * z,
            sd: prior.log_alpha_sd * (1.0 - prior.correlation * prior.correlation).sqrt(),
            log_weight: -0.5 * z * z,
            treated: self.treated.iter().map(|(x, n, dlt)| (beta * x, *n, *dlt)).collect(),
        }
    }
}

/// Unnormalised posterior of `log alpha` at one value of `log beta`: a normal density times binomial likelihoods, log-concave.
pub(super) struct Conditional {
    mean: f64,
    sd: f64,
    log_weight: f64,
    /// `beta log(d / d_ref)`, patients and toxicities.
    treated: Vec<(f64, f64, f64)>,
}

impl Conditional {
    fn log(&self, log_alpha: f64) -> f64 {
        let z = (log_alpha - self.mean) / self.sd;
        let likelihood = self.treated.iter().map(|(shift, n, dlt)| {
            let eta = log_alpha + shift;
            dlt * eta - n * softplus(eta)
        });
        self.log_weight - 0.5 * z * z + likelihood.sum::<f64>()
    }

    /// First derivative and minus the second.
    fn slope(&self, log_alpha: f64) -> (f64, f64) {
        let precision = (self.sd * self.sd).recip();
        self.treated.iter().fold((-(log_alpha - self.mean) * precision, precision), |(slope, curvature), (shift, n, dlt)| {
            let p = expit(log_alpha + shift);
            (slope + dlt - n * p, curvature + n * p * (1.0 - p))
        })
    }

    /// Mode and minus the second derivative there, by Newton's method kept inside a bracket.
    ///
    /// The slope is positive where the prior alone outweighs all patients without toxicity, and negative where it outweighs all with.
    fn mode(&self) -> (f64, f64) {
        let (none, all) = self.treated.iter().fold((0.0, 0.0), |(none, all), (_, n, dlt)| (none + n - dlt, all + dlt));
        let variance = self.sd * self.sd;
        let (mut low, mut high) = (self.mean - variance * none, self.mean + variance * all);
        let mut mode = self.mean;
        for _ in 0..MODE_STEPS {
            let (slope, curvature) = self.slope(mode);
            if slope > 0.0 {
                low = mode;
            } else {
                high = mode;
            }
            let newton = mode + slope / curvature;
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            let moved = (next - mode).abs();
            mode = next;
            if moved <= 1e-12 * (1.0 + mode.abs()) {
                break;
            }
        }
        (mode, self.slope(mode).1)
    }

    /// Logarithm of the density at its mode.
    pub(super) fn value_at_mode(&self) -> f64 {
        self.log(self.mode().0)
    }

    /// The density in panels, its tails cut where it falls below the largest value by `negligible` on the logarithmic scale.
    pub(super) fn density(&self, rule: &GaussLegendre, negligible: f64) -> PiecewiseDensity {
        let (mode, curvature) = self.mode();
        let sd = curvature.sqrt().recip();
        let floor = self.log(mode) - negligible;
        let end = |direction: f64| {
            let mut distance = FIRST_STRIDE * sd;
            for _ in 0..MOST_STRIDES {
                if self.log(mode + direction * distance) < floor {
                    break;
                }
                distance *= STRIDE_GROWTH;
            }
            mode + direction * distance
        };
        let range = (end(-1.0), end(1.0));
        let panels = ((range.1 - range.0) / (WIDEST_IN_SD * sd).min(WIDEST)).ceil() as usize;
        PiecewiseDensity::new(|log_alpha| self.log(log_alpha), range, panels, rule)
    }
}
