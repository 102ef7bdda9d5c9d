//! Why a regression of events gives no numbers.

use thiserror::Error;

use super::super::design_matrix::DesignError;
use super::super::distribution::DistributionError;
use super::separation::Separation;

/// Why a regression of events gives no numbers.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum GlmError {
    /// The columns are not a design matrix.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// Outcomes and rows differ in number.
    #[error("{rows} rows but {outcomes} outcomes")]
    Lengths {
        /// Rows of the design.
        rows: usize,
        /// Outcomes.
        outcomes: usize,
    },
    /// A count of events that is negative, above its number of trials or not finite, or a number of trials that is not positive.
    #[error("{events} events of {trials} is not a count")]
    Count {
        /// Events.
        events: f64,
        /// Trials.
        trials: f64,
    },
    /// The columns separate events from non-events, so that the likelihood has no maximum.
    #[error("the maximum-likelihood estimate does not exist: {0}")]
    Separated(Separation),
    /// Fewer than two categories of an ordinal outcome were observed.
    #[error("only one category was observed")]
    OneCategory,
    /// A category above the largest one.
    #[error("category {category} is not below {categories}")]
    Category {
        /// The category.
        category: usize,
        /// Number of categories.
        categories: usize,
    },
    /// The iteration ended without a maximum although the columns do not separate the outcomes.
    #[error("no convergence after {iterations} iterations")]
    NoConvergence {
        /// Iterations done.
        iterations: usize,
    },
    /// A confidence level outside (0, 1).
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}
