//! The continual reassessment method with one parameter: working model, estimation and the recommended dose.
//!
//! [`Crm`] holds what the protocol fixes; [`Crm::fit`] gives the posterior, [`Crm::fit_likelihood`] the maximum-likelihood estimate. The
//! skeleton comes from [`super::crm_skeleton`], incomplete follow-up from [`super::tite_crm`], conduct and operating characteristics from
//! [`super::crm_conduct`] and [`super::crm_characteristics`].

use super::crm_fit::{CrmPosterior, LikelihoodFit};
use super::error::{DesignError, check_rising, check_within};
use super::tally::{DoseLevel, Tally, check_grid, check_level};

/// Standard deviation of the prior that software and textbooks use unless told otherwise: the square root of 1.34 `[Cheung2011]`.
pub const USUAL_PRIOR_SD: f64 = 1.157_583_690_279_02;

/// Intercept that software and textbooks use for the logistic model unless told otherwise `[Cheung2011]`.
pub const USUAL_INTERCEPT: f64 = 3.0;

/// Working model of the dose-toxicity curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CrmModel {
    /// `p_k = skeleton_k ^ exp(a)`.
    Empiric,
    /// `logit p_k = intercept + exp(a) x_k` with `x_k = logit(skeleton_k) - intercept`.
    Logistic {
        /// The fixed intercept; the scaled doses `x_k` must be below zero.
        intercept: f64,
    },
}

/// One patient's outcome with the weight of the follow-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedOutcome {
    /// Dose given.
    pub dose: DoseLevel,
    /// Whether a dose-limiting toxicity was seen.
    pub dlt: bool,
    /// Part of the observation that is complete, in [0, 1]; a toxicity counts fully whatever the weight.
    pub weight: f64,
}

/// A continual reassessment method with one parameter.
///
/// ```text
/// empiric   p_k(a) = s_k ^ exp(a)
/// logistic  logit p_k(a) = c + exp(a) x_k,   x_k = logit(s_k) - c < 0
/// prior     a ~ N(0, sd^2)
/// ```
///
/// `s_k` is the skeleton, the prior guess of the probability of toxicity at dose `k`: at `a = 0` both models return it.
///
/// Sources: `[OQuigley1990]`, `[Cheung2011]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Crm {
    skeleton: Vec<f64>,
    target: f64,
    model: CrmModel,
    prior_sd: f64,
    /// Empiric: `-ln(skeleton)`; logistic: the scaled doses.
    scaled: Vec<f64>,
}

impl Crm {
    /// A checked design.
    ///
    /// Domain: skeleton strictly inside (0, 1) and strictly ascending; target inside (0, 1); standard deviation in [0.001, 10];
    /// with the logistic model every `logit(skeleton)` below the intercept, because the toxicity of a dose would otherwise rise with the
    /// parameter that lowers all others.
    ///
    /// # Errors
    /// [`DesignError::Outside`], [`DesignError::Grid`], [`DesignError::Order`], [`DesignError::NotRising`].
    pub fn new(skeleton: &[f64], target: f64, model: CrmModel, prior_sd: f64) -> Result<Self, DesignError> {
        check_grid(skeleton.len())?;
        check_open("the target toxicity", target)?;
        check_within("the standard deviation of the prior", prior_sd, 1e-3, 10.0)?;
        for value in skeleton {
            check_open("a value of the skeleton", *value)?;
        }
        check_rising("the skeleton", skeleton)?;
        let scaled = skeleton.iter().map(|guess| scale(*guess, model)).collect::<Result<_, _>>()?;
        Ok(Self { skeleton: skeleton.to_vec(), target, model, prior_sd, scaled })
    }

    /// Prior guesses of the probability of toxicity.
    #[must_use]
    pub fn skeleton(&self) -> &[f64] {
        &self.skeleton
    }

    /// Target probability of toxicity.
    #[must_use]
    pub fn target(&self) -> f64 {
        self.target
    }

    /// Standard deviation of the prior of the parameter.
    #[must_use]
    pub fn prior_sd(&self) -> f64 {
        self.prior_sd
    }

    /// The working model.
    #[must_use]
    pub fn model(&self) -> CrmModel {
        self.model
    }

    /// Number of doses.
    #[must_use]
    pub fn doses(&self) -> usize {
        self.skeleton.len()
    }

    /// Probability of toxicity at every dose for a value of the parameter.
    #[must_use]
    pub fn toxicity(&self, a: f64) -> Vec<f64> {
        self.scaled.iter().map(|scaled| self.log_toxicity(*scaled, a).0.exp()).collect()
    }

    /// `ln p` and `ln(1 - p)` at a dose for a value of the parameter; not a number outside the grid.
    pub(super) fn log_toxicity_at(&self, dose: DoseLevel, a: f64) -> (f64, f64) {
        self.scaled.get(dose.0).map_or((f64::NAN, f64::NAN), |scaled| self.log_toxicity(*scaled, a))
    }

    fn log_toxicity(&self, scaled: f64, a: f64) -> (f64, f64) {
        match self.model {
            CrmModel::Empiric => {
                let log = -scaled * a.exp();
                (log, (-log.exp_m1()).ln())
            }
            CrmModel::Logistic { intercept } => {
                let logit = intercept + a.exp() * scaled;
                (-softplus(-logit), -softplus(logit))
            }
        }
    }

    /// The value of the parameter at which a dose has a given probability of toxicity; infinite where none has it.
    ///
    /// ```text
    /// empiric   a = ln(ln p / ln s_k)
    /// logistic  a = ln((logit p - c) / x_k),   minus infinity for p >= expit(c)
    /// ```
    #[must_use]
    pub fn parameter_at(&self, dose: DoseLevel, probability: f64) -> f64 {
        let scaled = self.scaled.get(dose.0).copied().unwrap_or(f64::NAN);
        match self.model {
            CrmModel::Empiric => (-probability.ln() / scaled).ln(),
            CrmModel::Logistic { intercept } => {
                let ratio = (logit(probability) - intercept) / scaled;
                if ratio > 0.0 { ratio.ln() } else { f64::NEG_INFINITY }
            }
        }
    }

    /// The recommended dose for estimated probabilities of toxicity in ascending order.
    ///
    /// The highest dose when no estimate is above the target, the lowest when none is below; otherwise the dose whose estimate is closest
    /// to the target, the lower one where two are equally close. No rule about skipping doses is applied here.
    #[must_use]
    pub fn recommend(&self, toxicity: &[f64]) -> DoseLevel {
        if toxicity.iter().all(|estimate| *estimate <= self.target) {
            return DoseLevel(toxicity.len().saturating_sub(1));
        }
        let distance = |estimate: &f64| (estimate - self.target).abs();
        let closest = toxicity.iter().enumerate().min_by(|left, right| distance(left.1).total_cmp(&distance(right.1)));
        DoseLevel(closest.map_or(0, |(dose, _)| dose))
    }

    /// Posterior of the parameter given counts.
    ///
    /// # Errors
    /// [`DesignError::Length`] unless there is one tally per dose, [`DesignError::MoreToxicitiesThanPatients`].
    pub fn fit(&self, tallies: &[Tally]) -> Result<CrmPosterior<'_>, DesignError> {
        self.check_tallies(tallies)?;
        Ok(CrmPosterior::new(self, |a| self.log_likelihood(tallies, a)))
    }

    /// Posterior of the parameter given patients with complete or incomplete follow-up.
    ///
    /// ```text
    /// L(a) = product over patients of p^y (1 - w p)^(1 - y)
    /// ```
    ///
    /// # Errors
    /// [`DesignError::DoseOutsideGrid`], [`DesignError::Outside`] for a weight outside [0, 1].
    ///
    /// Source: `[Cheung2000]`.
    pub fn fit_weighted(&self, outcomes: &[WeightedOutcome]) -> Result<CrmPosterior<'_>, DesignError> {
        self.check_outcomes(outcomes)?;
        Ok(CrmPosterior::new(self, |a| self.log_weighted_likelihood(outcomes, a)))
    }

    /// Maximum-likelihood estimate given counts.
    ///
    /// # Errors
    /// As [`Crm::fit`], and [`DesignError::History`] where no estimate exists: with no toxicity or with nothing but toxicities.
    pub fn fit_likelihood(&self, tallies: &[Tally]) -> Result<LikelihoodFit<'_>, DesignError> {
        self.check_tallies(tallies)?;
        check_estimable(tallies.iter().any(|tally| tally.n > tally.dlt), tallies.iter().any(|tally| tally.dlt > 0))?;
        Ok(LikelihoodFit::new(self, |a| self.log_likelihood(tallies, a)))
    }

    /// Maximum-likelihood estimate given patients with complete or incomplete follow-up.
    ///
    /// # Errors
    /// As [`Crm::fit_weighted`] and [`Crm::fit_likelihood`]; patients without toxicity and of weight zero say nothing.
    pub fn fit_weighted_likelihood(&self, outcomes: &[WeightedOutcome]) -> Result<LikelihoodFit<'_>, DesignError> {
        self.check_outcomes(outcomes)?;
        let informative = outcomes.iter().any(|outcome| !outcome.dlt && outcome.weight > 0.0);
        check_estimable(informative, outcomes.iter().any(|outcome| outcome.dlt))?;
        Ok(LikelihoodFit::new(self, |a| self.log_weighted_likelihood(outcomes, a)))
    }

    fn check_tallies(&self, tallies: &[Tally]) -> Result<(), DesignError> {
        if tallies.len() != self.doses() {
            return Err(DesignError::Length { name: "the history", given: tallies.len(), doses: self.doses() });
        }
        tallies.iter().try_for_each(|tally| Tally::new(tally.n, tally.dlt).map(|_| ()))
    }

    fn check_outcomes(&self, outcomes: &[WeightedOutcome]) -> Result<(), DesignError> {
        for outcome in outcomes {
            check_level(outcome.dose, self.doses())?;
            check_within("the weight of a patient", outcome.weight, 0.0, 1.0)?;
        }
        Ok(())
    }

    /// Logarithm of the likelihood of counts, without binomial coefficients; doses beyond the grid are ignored.
    #[must_use]
    pub fn log_likelihood(&self, tallies: &[Tally], a: f64) -> f64 {
        let treated = tallies.iter().take(self.doses()).enumerate().filter(|(_, tally)| tally.n > 0);
        treated
            .map(|(dose, tally)| {
                let (event, none) = self.log_toxicity_at(DoseLevel(dose), a);
                times(tally.dlt, event) + times(tally.n - tally.dlt, none)
            })
            .sum()
    }

    fn log_weighted_likelihood(&self, outcomes: &[WeightedOutcome], a: f64) -> f64 {
        outcomes
            .iter()
            .map(|outcome| {
                let (event, none) = self.log_toxicity_at(outcome.dose, a);
                match (outcome.dlt, outcome.weight) {
                    (true, _) => event,
                    (false, 1.0..) => none,
                    (false, weight) => (-weight * event.exp()).ln_1p(),
                }
            })
            .sum()
    }
}

/// `count * log` where nothing observed contributes nothing, even at minus infinity.
fn times(count: u32, log: f64) -> f64 {
    if count == 0 { 0.0 } else { f64::from(count) * log }
}

/// `ln(1 + exp(x))` without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// `ln(p / (1 - p))`.
pub(super) fn logit(p: f64) -> f64 {
    p.ln() - (-p).ln_1p()
}

/// Refuses a probability that is not strictly between 0 and 1.
fn check_open(name: &'static str, value: f64) -> Result<(), DesignError> {
    check_within(name, value, 1e-9, 1.0 - 1e-9)
}

fn scale(guess: f64, model: CrmModel) -> Result<f64, DesignError> {
    match model {
        CrmModel::Empiric => Ok(-guess.ln()),
        CrmModel::Logistic { intercept } => {
            check_within("the intercept of the logistic model", intercept, -20.0, 20.0)?;
            let lower = logit(guess);
            if lower < intercept {
                Ok(lower - intercept)
            } else {
                Err(DesignError::Order { lower_name: "the logit of the skeleton", lower, upper_name: "the intercept", upper: intercept })
            }
        }
    }
}

fn check_estimable(some_without: bool, some_with: bool) -> Result<(), DesignError> {
    if some_without && some_with {
        return Ok(());
    }
    let seen = if some_with { "every patient had" } else { "no patient had" };
    Err(DesignError::History(format!(
        "the maximum-likelihood estimate does not exist: {seen} a dose-limiting toxicity; use the posterior until both outcomes were seen"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crm() -> Crm {
        Crm::new(&[0.05, 0.1, 0.2, 0.35, 0.5, 0.7], 0.2, CrmModel::Empiric, USUAL_PRIOR_SD).unwrap()
    }

    #[test]
    fn the_skeleton_is_returned_at_zero_and_found_again() {
        for model in [CrmModel::Empiric, CrmModel::Logistic { intercept: 3.0 }] {
            let crm = Crm::new(&[0.05, 0.1, 0.2, 0.35], 0.2, model, 1.0).unwrap();
            for (dose, (got, want)) in crm.toxicity(0.0).iter().zip(crm.skeleton()).enumerate() {
                assert!((got - want).abs() < 1e-15);
                let a = crm.parameter_at(DoseLevel(dose), 0.27);
                assert!((crm.toxicity(a)[dose] - 0.27).abs() < 1e-14);
            }
        }
        let logistic = Crm::new(&[0.05, 0.1], 0.2, CrmModel::Logistic { intercept: 1.0 }, 1.0).unwrap();
        assert!(logistic.parameter_at(DoseLevel(0), 0.9).is_infinite());
    }

    #[test]
    fn the_recommendation_is_closest_and_lower_on_ties() {
        let crm = Crm::new(&[0.1, 0.2, 0.3], 0.25, CrmModel::Empiric, 1.0).unwrap();
        assert_eq!(crm.recommend(&[0.1, 0.2, 0.25]), DoseLevel(2));
        assert_eq!(crm.recommend(&[0.3, 0.4, 0.5]), DoseLevel(0));
        assert_eq!(crm.recommend(&[0.125, 0.375, 0.5]), DoseLevel(0));
        assert_eq!(crm.recommend(&[0.1, 0.22, 0.3]), DoseLevel(1));
    }

    #[test]
    fn impossible_designs_and_histories_are_refused() {
        let new = |skeleton: &[f64], target, model, sd| Crm::new(skeleton, target, model, sd).map(|_| ());
        assert!(matches!(new(&[], 0.2, CrmModel::Empiric, 1.0), Err(DesignError::Grid { .. })));
        assert!(matches!(new(&[0.1, 0.1], 0.2, CrmModel::Empiric, 1.0), Err(DesignError::NotRising { .. })));
        assert!(matches!(new(&[0.0, 0.1], 0.2, CrmModel::Empiric, 1.0), Err(DesignError::Outside { .. })));
        assert!(matches!(new(&[0.1, 0.2], 1.0, CrmModel::Empiric, 1.0), Err(DesignError::Outside { .. })));
        assert!(matches!(new(&[0.1, 0.2], 0.2, CrmModel::Empiric, 0.0), Err(DesignError::Outside { .. })));
        assert!(matches!(new(&[0.1, 0.8], 0.2, CrmModel::Logistic { intercept: 1.0 }, 1.0), Err(DesignError::Order { .. })));
        assert!(matches!(crm().fit(&[Tally::default()]), Err(DesignError::Length { .. })));
        let impossible = WeightedOutcome { dose: DoseLevel(0), dlt: false, weight: 1.5 };
        assert!(matches!(crm().fit_weighted(&[impossible]), Err(DesignError::Outside { .. })));
        assert!(matches!(
            crm().fit_weighted(&[WeightedOutcome { dose: DoseLevel(9), ..impossible }]),
            Err(DesignError::DoseOutsideGrid { .. })
        ));
    }

    #[test]
    fn counts_and_patients_of_full_weight_agree() {
        let crm = crm();
        let mut tallies = vec![Tally::default(); 6];
        tallies[1] = Tally { n: 3, dlt: 1 };
        tallies[2] = Tally { n: 2, dlt: 0 };
        let patient = |dose, dlt| WeightedOutcome { dose: DoseLevel(dose), dlt, weight: 1.0 };
        let outcomes = [patient(1, true), patient(1, false), patient(1, false), patient(2, false), patient(2, false)];
        let (counts, patients) = (crm.fit(&tallies).unwrap(), crm.fit_weighted(&outcomes).unwrap());
        assert!((counts.mean() - patients.mean()).abs() < 1e-13);
        let (counts, patients) = (crm.fit_likelihood(&tallies).unwrap(), crm.fit_weighted_likelihood(&outcomes).unwrap());
        assert!((counts.estimate() - patients.estimate()).abs() < 1e-9);
    }
}
