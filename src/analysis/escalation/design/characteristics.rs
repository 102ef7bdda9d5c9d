//! Operating characteristics: how a design behaves when the truth is known.

use super::error::{DesignError, check_count};
use super::tally::DoseLevel;

/// How a trial is conducted around its design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conduct {
    /// Dose of the first cohort.
    pub start: DoseLevel,
    /// Patients per cohort.
    pub cohort_size: u32,
    /// Most patients of the trial; the last cohort is cut to it and nothing is decided after it but the selection.
    pub max_n: u32,
    /// Accelerated titration: one patient per dose from the lowest dose (not `start`) up to the first toxicity or the top, there
    /// filled to a cohort. Without effect on cohorts of one.
    pub titration: bool,
}

/// Most patients of a trial that the program handles.
pub const MAX_PATIENTS: u32 = 1000;

/// Most patients of a cohort that the program handles.
pub const MAX_COHORT: u32 = 100;

impl Conduct {
    /// A number of full cohorts from the lowest dose.
    #[must_use]
    pub fn cohorts(cohorts: u32, cohort_size: u32) -> Self {
        Self { start: DoseLevel(0), cohort_size, max_n: cohorts.saturating_mul(cohort_size), titration: false }
    }

    /// Refuses empty cohorts, empty trials, cohorts above [`MAX_COHORT`] and trials above [`MAX_PATIENTS`].
    ///
    /// # Errors
    /// [`DesignError::Grid`], [`DesignError::Count`], [`DesignError::DoseOutsideGrid`].
    pub fn check(&self, doses: usize) -> Result<(), DesignError> {
        super::tally::check_grid(doses)?;
        check_count("the cohort size", self.cohort_size, 1, MAX_COHORT)?;
        check_count("the largest number of patients", self.max_n, 1, MAX_PATIENTS)?;
        super::tally::check_level(self.start, doses)
    }

    /// Whether the trial begins with single patients; cohorts of one have nothing to accelerate.
    #[must_use]
    pub fn titrates(&self) -> bool {
        self.titration && self.cohort_size > 1
    }

    /// Size of the next cohort when `n` have been treated; 0 when the trial is full.
    #[must_use]
    pub fn next_cohort(&self, n: u32) -> u32 {
        self.cohort_size.min(self.max_n.saturating_sub(n))
    }
}

/// How operating characteristics were obtained.
#[derive(Debug, Clone, PartialEq)]
pub enum CharacteristicsMethod {
    /// Every path of the trial with its probability; no simulation error.
    Exact {
        /// Distinct ends of the trial.
        end_states: usize,
    },
    /// Simulated trials.
    Simulated {
        /// How many.
        trials: u32,
        /// Seed of their streams.
        seed: u64,
        /// Standard errors of the simulated values.
        standard_errors: Box<StandardErrors>,
    },
}

/// Standard errors of simulated characteristics, in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardErrors {
    /// Of the selection probabilities.
    pub select_prob: Vec<f64>,
    /// Of the probability of selecting no dose.
    pub prob_no_mtd: f64,
    /// Of the probability of stopping early for toxicity.
    pub prob_stopped_early_toxic: f64,
    /// Of the mean numbers of patients.
    pub mean_n: Vec<f64>,
    /// Of the mean numbers of toxicities.
    pub mean_tox: Vec<f64>,
    /// Of the mean total number of patients.
    pub mean_total_n: f64,
    /// Of the mean total number of toxicities.
    pub mean_total_tox: f64,
}

/// How a design behaves under one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatingCharacteristics {
    /// Probability of selecting each dose.
    pub select_prob: Vec<f64>,
    /// Probability of selecting none.
    pub prob_no_mtd: f64,
    /// Probability that the trial stops before its end because the lowest dose is too toxic.
    pub prob_stopped_early_toxic: f64,
    /// Mean number of patients at each dose.
    pub mean_n: Vec<f64>,
    /// Standard deviation of the number of patients at each dose.
    pub sd_n: Vec<f64>,
    /// Mean number of toxicities at each dose.
    pub mean_tox: Vec<f64>,
    /// Standard deviation of the number of toxicities at each dose.
    pub sd_tox: Vec<f64>,
    /// Mean number of patients of the trial.
    pub mean_total_n: f64,
    /// Standard deviation of the number of patients of the trial.
    pub sd_total_n: f64,
    /// Mean number of toxicities of the trial.
    pub mean_total_tox: f64,
    /// Standard deviation of the number of toxicities of the trial.
    pub sd_total_tox: f64,
    /// Exact or simulated.
    pub method: CharacteristicsMethod,
}

impl OperatingCharacteristics {
    /// Share of the patients treated at each dose, in per cent: ratio of means, 0 when nobody is treated.
    #[must_use]
    pub fn percent_patients(&self) -> Vec<f64> {
        let share = |n: &f64| if self.mean_total_n > 0.0 { 100.0 * n / self.mean_total_n } else { 0.0 };
        self.mean_n.iter().map(share).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_cohorts_and_trials_are_refused() {
        assert!(Conduct::cohorts(10, 3).check(5).is_ok());
        assert!(Conduct::cohorts(10, 0).check(5).is_err());
        assert!(Conduct::cohorts(0, 3).check(5).is_err());
        assert!(Conduct::cohorts(2, MAX_COHORT + 1).check(5).is_err() && Conduct::cohorts(400, 3).check(5).is_err());
        assert!(Conduct { start: DoseLevel(5), ..Conduct::cohorts(10, 3) }.check(5).is_err());
        assert_eq!(Conduct { max_n: 16, ..Conduct::cohorts(6, 3) }.next_cohort(15), 1);
    }
}
