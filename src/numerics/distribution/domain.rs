//! Domains of arguments and parameters, checked before the library sees them.

use thiserror::Error;

/// A value outside the domain of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum DistributionError {
    /// A probability that is not strictly between 0 and 1.
    #[error("probability {0} is not strictly between 0 and 1")]
    Probability(f64),
    /// A parameter or argument outside its domain.
    #[error("{name} = {value} is outside its domain")]
    Parameter {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// Iteration for a quantile ended without a finite number.
    #[error("no quantile found at probability {0}")]
    NoConvergence(f64),
}

pub(super) fn check_probability(p: f64) -> Result<(), DistributionError> {
    if p > 0.0 && p < 1.0 { Ok(()) } else { Err(DistributionError::Probability(p)) }
}

pub(super) fn check_positive(name: &'static str, value: f64) -> Result<(), DistributionError> {
    if value > 0.0 && value.is_finite() { Ok(()) } else { Err(DistributionError::Parameter { name, value }) }
}

pub(super) fn check_number(name: &'static str, value: f64) -> Result<(), DistributionError> {
    if value.is_nan() { Err(DistributionError::Parameter { name, value }) } else { Ok(()) }
}
