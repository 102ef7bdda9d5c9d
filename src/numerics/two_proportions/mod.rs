//! Two independent binomial proportions: differences, ratios and tests.
//!
//! Group 1 is compared with group 2 throughout: a difference is `p1 - p2`, a ratio is group 1 over group 2. Start with [`Table`],
//! then [`difference_interval`] with a named [`DifferenceMethod`].

mod difference;
mod exact_unconditional;
mod fisher;
mod ratio;
mod score;

pub use difference::{DifferenceMethod, difference_interval, risk_difference};
pub use fisher::{FisherTest, OddsRatioSearch, conditional_odds_ratio, fisher_test};
pub use ratio::{RatioEstimate, odds_ratio_woolf, risk_ratio_katz};
pub use score::{pearson_chi_square, score_statistic};

use thiserror::Error;

use super::distribution::DistributionError;
use super::root::RootError;

/// Largest group: the conditional distribution of the counts is kept in memory.
const MOST_TRIALS: u64 = 10_000_000;

/// Successes and trials of two independent groups, checked when made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    successes_1: u64,
    trials_1: u64,
    successes_2: u64,
    trials_2: u64,
}

impl Table {
    /// Table from `x1` of `n1` in group 1 and `x2` of `n2` in group 2.
    ///
    /// # Errors
    /// [`TwoProportionsError::NoObservations`] when a group is empty, [`TwoProportionsError::MoreSuccessesThanTrials`] when it has more
    /// successes than trials, [`TwoProportionsError::TooManyTrials`] beyond ten million.
    pub fn new(successes_1: u64, trials_1: u64, successes_2: u64, trials_2: u64) -> Result<Self, TwoProportionsError> {
        for (successes, trials) in [(successes_1, trials_1), (successes_2, trials_2)] {
            if trials == 0 {
                return Err(TwoProportionsError::NoObservations);
            }
            if successes > trials {
                return Err(TwoProportionsError::MoreSuccessesThanTrials { successes, trials });
            }
            if trials > MOST_TRIALS {
                return Err(TwoProportionsError::TooManyTrials { trials });
            }
        }
        Ok(Self { successes_1, trials_1, successes_2, trials_2 })
    }

    /// Successes and trials of group 1 and of group 2.
    pub fn counts(&self) -> (u64, u64, u64, u64) {
        (self.successes_1, self.trials_1, self.successes_2, self.trials_2)
    }

    /// The same counts as real numbers: `x1, n1, x2, n2`.
    fn reals(&self) -> (f64, f64, f64, f64) {
        (self.successes_1 as f64, self.trials_1 as f64, self.successes_2 as f64, self.trials_2 as f64)
    }

    /// The table with its groups exchanged.
    fn exchanged(&self) -> Self {
        Self { successes_1: self.successes_2, trials_1: self.trials_2, successes_2: self.successes_1, trials_2: self.trials_1 }
    }
}

/// Why a comparison of two proportions does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum TwoProportionsError {
    /// A group without trials: not estimable.
    #[error("a group has no observations: the comparison is not estimable")]
    NoObservations,
    /// More successes than trials.
    #[error("{successes} successes in {trials} trials")]
    MoreSuccessesThanTrials {
        /// Successes given.
        successes: u64,
        /// Trials given.
        trials: u64,
    },
    /// A group larger than the exact methods can hold.
    #[error("{trials} trials in one group are more than {MOST_TRIALS}")]
    TooManyTrials {
        /// Trials given.
        trials: u64,
    },
    /// A ratio with an empty cell: its logarithm has no finite standard error.
    #[error("an empty cell: the ratio has no interval by this method")]
    EmptyCell,
    /// Bad confidence level or a failed quantile.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// The search for a limit failed.
    #[error(transparent)]
    Root(#[from] RootError),
}
