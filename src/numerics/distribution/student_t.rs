//! Student's t distribution.

use statrs::distribution::{Continuous, StudentsT};
use statrs::function::beta;

use super::domain::{DistributionError, check_number, check_probability};
use super::normal::{normal_cdf, normal_quantile};
use super::refinement::refine;

/// Degrees of freedom beyond which Student's t differs from the normal by less than rounding.
const NORMAL_BEYOND: f64 = 1e12;

/// Student's t distribution function `P(T <= x)` with `df > 0` degrees of freedom (infinity gives the normal).
///
/// # Errors
/// [`DistributionError::Parameter`] for a non-positive `df` or a NaN.
pub fn t_cdf(x: f64, df: f64) -> Result<f64, DistributionError> {
    check_number("x", x)?;
    if df.is_nan() || df <= 0.0 {
        return Err(DistributionError::Parameter { name: "degrees of freedom", value: df });
    }
    if df > NORMAL_BEYOND || x.is_infinite() {
        return Ok(normal_cdf(x));
    }
    // P(T <= -|x|) = I_{df/(df + x^2)}(df/2, 1/2) / 2, written with the small argument so that the tail keeps its digits.
    let square = x * x;
    let tail = if square < df {
        0.5 - 0.5 * beta::beta_reg(0.5, 0.5 * df, square / (df + square))
    } else {
        0.5 * beta::beta_reg(0.5 * df, 0.5, df / (df + square))
    };
    Ok(if x > 0.0 { 1.0 - tail } else { tail })
}

/// Student's t upper tail `P(T > x)`.
///
/// # Errors
/// As [`t_cdf`].
pub fn t_upper(x: f64, df: f64) -> Result<f64, DistributionError> {
    t_cdf(-x, df)
}

/// Student's t quantile for `0 < p < 1`.
///
/// Starts from the Cornish-Fisher expansion (or the closed forms for one and two degrees of freedom) and is finished by Newton steps
/// on the distribution function.
///
/// # Errors
/// [`DistributionError`] for a bad probability or `df`.
pub fn t_quantile(p: f64, df: f64) -> Result<f64, DistributionError> {
    check_probability(p)?;
    t_cdf(0.0, df)?;
    if df > NORMAL_BEYOND {
        return normal_quantile(p);
    }
    if p > 0.5 {
        return Ok(-t_quantile(1.0 - p, df)?);
    }
    if p.to_bits() == 0.5_f64.to_bits() {
        return Ok(0.0);
    }
    let density = StudentsT::new(0.0, 1.0, df).map_err(|_| DistributionError::Parameter { name: "degrees of freedom", value: df })?;
    // -log |x| maps the lower half line onto the real line, on which the power tails of t are straight.
    let start = -t_start(p, df)?.abs().max(f64::MIN_POSITIVE).ln();
    let target = p.ln();
    let residual = |u: f64| t_cdf(-(-u).exp(), df).map_or(f64::NAN, |tail| tail.ln() - target);
    let slope = |u: f64| {
        let x = (-u).exp();
        t_cdf(-x, df).map_or(f64::NAN, |tail| density.pdf(x) * x / tail)
    };
    refine(p, start, residual, slope).map(|u| -(-u).exp())
}

/// First guess of a lower-half t quantile.
fn t_start(p: f64, df: f64) -> Result<f64, DistributionError> {
    if df <= 1.5 {
        return Ok(-1.0 / (std::f64::consts::PI * p).tan());
    }
    if df <= 3.0 {
        let a = 4.0 * p * (1.0 - p);
        return Ok((2.0 * p - 1.0) * (2.0 / a).sqrt());
    }
    let z = normal_quantile(p)?;
    let first = (z.powi(3) + z) / (4.0 * df);
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * df * df);
    Ok(z + first + second)
}
