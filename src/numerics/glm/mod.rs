//! Regression of counts of events on explanatory columns: logistic by maximum likelihood, with Firth's penalty, ordinal, and refitted on
//! resampled rows.
//!
//! Everything is fitted in an orthogonal basis of the columns, so that units and near collinearity cost no digits, and columns that others
//! determine are found and left out. Start with [`Logistic`].

mod error;
mod firth;
mod likelihood;
mod logistic;
mod ordinal;
mod refit;
mod separation;

pub use error::GlmError;
pub use firth::FirthFit;
pub use logistic::{Logistic, LogisticFit};
pub use ordinal::{ProportionalOdds, ProportionalOddsFit};
pub use refit::Refitter;
pub use separation::Separation;
