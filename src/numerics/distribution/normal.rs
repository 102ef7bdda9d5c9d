//! Standard normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

use super::domain::{DistributionError, check_probability};

/// Standard normal density `exp(-x^2/2) / sqrt(2 pi)`; NaN stays NaN.
pub fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Standard normal distribution function `P(Z <= x)`; NaN stays NaN.
pub fn normal_cdf(x: f64) -> f64 {
    if x.is_nan() { x } else { Normal::standard().cdf(x) }
}

/// Standard normal upper tail `P(Z > x)`, accurate far into the tail; NaN stays NaN.
pub fn normal_upper(x: f64) -> f64 {
    normal_cdf(-x)
}

/// Two-sided p-value `2 P(Z > |z|)` of a standard normal statistic; NaN stays NaN.
pub fn normal_two_sided(z: f64) -> f64 {
    (2.0 * normal_upper(z.abs())).min(1.0)
}

/// Standard normal quantile: `x` with `P(Z <= x) = p`, for `0 < p < 1`.
///
/// # Errors
/// [`DistributionError::Probability`] outside the open unit interval.
pub fn normal_quantile(p: f64) -> Result<f64, DistributionError> {
    check_probability(p)?;
    Ok(Normal::standard().inverse_cdf(p))
}

/// Critical value of a two-sided normal interval: `z` with `P(|Z| <= z) = level`, for `0 < level < 1`.
///
/// # Errors
/// [`DistributionError::Probability`] outside the open unit interval.
pub fn normal_critical(level: f64) -> Result<f64, DistributionError> {
    check_probability(level)?;
    Ok(-normal_quantile(0.5 * (1.0 - level))?)
}
