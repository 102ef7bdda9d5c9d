//! Proportional-hazards regression of right-censored times, with delayed entry, strata and columns that change over time.
//!
//! A row is at risk from just after its start until its end; what changes over time is written as several rows. Start with [`Cox`].

mod baseline;
mod concordance;
mod fit;
mod model;
mod proportionality;
mod scan;

pub use baseline::{BaselineHazard, BaselineStep};
pub use fit::CoxFit;
pub use model::{Cox, CoxError, Ties};
pub use proportionality::{Proportionality, TimeTransform};
