//! Beta distribution.

use statrs::distribution::{Beta, Continuous, ContinuousCDF};
use statrs::function::beta;

use super::domain::{DistributionError, check_number, check_positive, check_probability};
use super::refinement::refine;

fn check_shapes(a: f64, b: f64) -> Result<(), DistributionError> {
    check_positive("first shape", a)?;
    check_positive("second shape", b)
}

/// Beta distribution function `P(X <= x)` with shapes `a, b > 0`; 0 below 0 and 1 above 1.
///
/// # Errors
/// [`DistributionError::Parameter`] for a bad shape or a NaN.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> Result<f64, DistributionError> {
    check_number("x", x)?;
    check_shapes(a, b)?;
    Ok(if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        beta::beta_reg(a, b, x)
    })
}

/// Beta upper tail `P(X > x)`.
///
/// # Errors
/// As [`beta_cdf`].
pub fn beta_upper(x: f64, a: f64, b: f64) -> Result<f64, DistributionError> {
    beta_cdf(1.0 - x, b, a)
}

/// Beta density at `x`; 0 outside the unit interval.
///
/// # Errors
/// As [`beta_cdf`].
pub fn beta_density(x: f64, a: f64, b: f64) -> Result<f64, DistributionError> {
    check_number("x", x)?;
    check_shapes(a, b)?;
    if !(0.0..=1.0).contains(&x) {
        return Ok(0.0);
    }
    let distribution = Beta::new(a, b).map_err(|_| DistributionError::Parameter { name: "first shape", value: a })?;
    Ok(distribution.pdf(x))
}

/// Beta quantile for `0 < p < 1`, with full relative accuracy near 0.
///
/// # Errors
/// [`DistributionError`] for a bad probability or shape.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> Result<f64, DistributionError> {
    check_probability(p)?;
    check_shapes(a, b)?;
    let distribution = Beta::new(a, b).map_err(|_| DistributionError::Parameter { name: "first shape", value: a })?;
    // The logit maps the unit interval onto the real line; both tails become straight lines in log probability.
    let lower_half = beta::beta_reg(a, b, a / (a + b)) >= p;
    let start = distribution.inverse_cdf(p);
    let start = if start > 0.0 && start < 1.0 { start } else { a / (a + b) };
    let logit = |x: f64| (x / (1.0 - x)).ln();
    let point = |u: f64| 1.0 / (1.0 + (-u).exp());
    let complement = |u: f64| 1.0 / (1.0 + u.exp());
    let lower = |u: f64| beta::beta_reg(a, b, point(u));
    let upper = |u: f64| beta::beta_reg(b, a, complement(u));
    let log_density = |u: f64| a * point(u).ln() + b * complement(u).ln() - beta::ln_beta(a, b);
    let solution = if lower_half {
        refine(p, logit(start), |u| lower(u).ln() - p.ln(), |u| (log_density(u) - lower(u).ln()).exp())
    } else {
        refine(p, logit(start), |u| (1.0 - p).ln() - upper(u).ln(), |u| (log_density(u) - upper(u).ln()).exp())
    };
    solution.map(point)
}

/// Logarithm of the beta function `ln B(a, b)` for `a, b > 0`.
///
/// # Errors
/// [`DistributionError::Parameter`] for a bad shape.
pub fn ln_beta(a: f64, b: f64) -> Result<f64, DistributionError> {
    check_shapes(a, b)?;
    Ok(beta::ln_beta(a, b))
}
