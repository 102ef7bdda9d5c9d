//! The Bayesian logistic regression model with two parameters and escalation with overdose control.
//!
//! [`Blrm`] holds what the protocol fixes; [`Blrm::fit`] integrates the posterior and [`super::blrm_fit::BlrmPosterior`] answers for each
//! dose.

use super::blrm_fit::BlrmPosterior;
use super::error::{DesignError, check_rising, check_within};
use super::tally::{Tally, check_grid};

/// Bivariate normal prior of `(log alpha, log beta)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlrmPrior {
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

/// A Bayesian logistic regression model for dose escalation.
///
/// ```text
/// logit p(d) = log alpha + beta log(d / d_ref)
/// (log alpha, log beta) ~ N2(means, standard deviations, correlation)
/// y_d ~ Binomial(n_d, p(d))
/// ```
///
/// `alpha` is the odds of toxicity at the reference dose. The probability of toxicity is cut into intervals by ascending limits: below the
/// first is under-dosing, between the first and the second the target, and everything above the second is overdosing, which further limits
/// may divide.
///
/// Source: `[Neuenschwander2008]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Blrm {
    /// `log(d / d_ref)`.
    log_doses: Vec<f64>,
    prior: BlrmPrior,
    limits: Vec<f64>,
    max_overdose_prob: f64,
}

impl Blrm {
    /// A checked design.
    ///
    /// `limits` are the limits of the intervals: at least two, inside (0, 1). A dose is eligible while its posterior probability of
    /// overdosing stays below `max_overdose_prob`, commonly 0.25 `[Babb1998]`.
    ///
    /// Domain: positive finite doses, strictly ascending; a positive reference dose; positive standard deviations not above 20; means
    /// within 50 of zero; correlation strictly between -1 and 1.
    ///
    /// # Errors
    /// [`DesignError::Grid`], [`DesignError::Outside`], [`DesignError::NotRising`], [`DesignError::History`] for fewer than two limits.
    pub fn new(doses: &[f64], reference_dose: f64, prior: BlrmPrior, limits: &[f64], max_overdose_prob: f64) -> Result<Self, DesignError> {
        check_grid(doses.len())?;
        check_positive("the reference dose", reference_dose)?;
        for dose in doses {
            check_positive("a dose", *dose)?;
        }
        check_rising("the dose grid", doses)?;
        prior.check()?;
        if limits.len() < 2 {
            let text = "the intervals of toxicity need two limits or more: give where the target begins and where overdosing begins";
            return Err(DesignError::History(text.to_owned()));
        }
        for limit in limits {
            check_within("a limit of the intervals of toxicity", *limit, 1e-6, 1.0 - 1e-6)?;
        }
        check_rising("the list of interval limits", limits)?;
        check_within("the largest accepted probability of overdosing", max_overdose_prob, 0.0, 1.0)?;
        let log_doses = doses.iter().map(|dose| (dose / reference_dose).ln()).collect();
        Ok(Self { log_doses, prior, limits: limits.to_vec(), max_overdose_prob })
    }

    /// Number of doses.
    #[must_use]
    pub fn doses(&self) -> usize {
        self.log_doses.len()
    }

    /// `log(d / d_ref)` of each dose.
    #[must_use]
    pub fn log_doses(&self) -> &[f64] {
        &self.log_doses
    }

    /// The prior.
    #[must_use]
    pub fn prior(&self) -> &BlrmPrior {
        &self.prior
    }

    /// Limits of the intervals of toxicity.
    #[must_use]
    pub fn limits(&self) -> &[f64] {
        &self.limits
    }

    /// Probability of overdosing from which a dose is not eligible.
    #[must_use]
    pub fn max_overdose_prob(&self) -> f64 {
        self.max_overdose_prob
    }

    /// Posterior given counts.
    ///
    /// # Errors
    /// [`DesignError::Length`] unless there is one tally per dose, [`DesignError::MoreToxicitiesThanPatients`].
    pub fn fit(&self, tallies: &[Tally]) -> Result<BlrmPosterior<'_>, DesignError> {
        if tallies.len() != self.doses() {
            return Err(DesignError::Length { name: "the history", given: tallies.len(), doses: self.doses() });
        }
        for tally in tallies {
            Tally::new(tally.n, tally.dlt)?;
        }
        Ok(BlrmPosterior::new(self, tallies))
    }
}

impl BlrmPrior {
    fn check(&self) -> Result<(), DesignError> {
        check_within("the prior mean of log alpha", self.log_alpha_mean, -50.0, 50.0)?;
        check_within("the prior mean of log beta", self.log_beta_mean, -50.0, 50.0)?;
        check_within("the prior standard deviation of log alpha", self.log_alpha_sd, 1e-3, 20.0)?;
        check_within("the prior standard deviation of log beta", self.log_beta_sd, 1e-3, 20.0)?;
        check_within("the prior correlation", self.correlation, -0.9999, 0.9999)
    }
}

fn check_positive(name: &'static str, value: f64) -> Result<(), DesignError> {
    check_within(name, value, f64::MIN_POSITIVE, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: BlrmPrior = BlrmPrior { log_alpha_mean: -1.1, log_alpha_sd: 2.0, log_beta_mean: 0.0, log_beta_sd: 1.0, correlation: 0.0 };

    #[test]
    fn impossible_designs_and_histories_are_refused() {
        let new = |doses: &[f64], reference, prior, limits: &[f64]| Blrm::new(doses, reference, prior, limits, 0.25).map(|_| ());
        assert!(new(&[1.0, 2.0], 2.0, PRIOR, &[0.16, 0.33]).is_ok());
        assert!(matches!(new(&[], 2.0, PRIOR, &[0.16, 0.33]), Err(DesignError::Grid { .. })));
        assert!(matches!(new(&[0.0, 2.0], 2.0, PRIOR, &[0.16, 0.33]), Err(DesignError::Outside { .. })));
        assert!(matches!(new(&[2.0, 2.0], 2.0, PRIOR, &[0.16, 0.33]), Err(DesignError::NotRising { .. })));
        assert!(matches!(new(&[1.0, 2.0], -2.0, PRIOR, &[0.16, 0.33]), Err(DesignError::Outside { .. })));
        assert!(matches!(new(&[1.0, 2.0], 2.0, PRIOR, &[0.33, 0.16]), Err(DesignError::NotRising { .. })));
        assert!(matches!(new(&[1.0, 2.0], 2.0, PRIOR, &[0.33]), Err(DesignError::History(_))));
        assert!(new(&[1.0], 2.0, BlrmPrior { correlation: 1.0, ..PRIOR }, &[0.16, 0.33]).is_err());
        assert!(new(&[1.0], 2.0, BlrmPrior { log_beta_sd: 0.0, ..PRIOR }, &[0.16, 0.33]).is_err());
        let blrm = Blrm::new(&[1.0, 2.0], 2.0, PRIOR, &[0.16, 0.33], 0.25).unwrap();
        assert!(matches!(blrm.fit(&[Tally::default()]), Err(DesignError::Length { .. })));
        assert!(blrm.fit(&[Tally { n: 1, dlt: 2 }, Tally::default()]).is_err());
    }
}
