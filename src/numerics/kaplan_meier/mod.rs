//! Kaplan-Meier estimation for right-censored times: steps, survival at chosen times, quantiles and restricted mean.
//!
//! Events precede censorings at the same time, and times that differ by rounding only are the same time. Start with
//! [`KaplanMeier::fit`]; a median follow-up (reverse Kaplan-Meier) is the same fit with events and censorings exchanged.

mod curve;
mod limits;
mod quantile;
mod restricted_mean;

pub use curve::{KaplanMeier, Step, SurvivalAt, SurvivalError};
pub use limits::SurvivalTransform;
pub use quantile::QuantileEstimate;
pub use restricted_mean::RestrictedMean;

pub(super) use curve::{check_times, same_time};
