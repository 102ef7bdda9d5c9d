//! Chi-square distribution, and the gamma function behind it.

use statrs::distribution::{ChiSquared, Continuous, ContinuousCDF};
use statrs::function::gamma;

use super::domain::{DistributionError, check_number, check_positive, check_probability};
use super::normal::{normal_quantile, normal_two_sided};
use super::refinement::refine;

fn chi_square(df: f64) -> Result<ChiSquared, DistributionError> {
    check_positive("degrees of freedom", df)?;
    ChiSquared::new(df).map_err(|_| DistributionError::Parameter { name: "degrees of freedom", value: df })
}

/// Chi-square distribution function `P(X <= x)` with `df > 0`; 0 below 0.
///
/// # Errors
/// [`DistributionError::Parameter`] for a bad `df` or a NaN.
pub fn chi_square_cdf(x: f64, df: f64) -> Result<f64, DistributionError> {
    check_number("x", x)?;
    Ok(chi_square(df)?.cdf(x.max(0.0)))
}

/// Chi-square upper tail `P(X > x)`: the p-value of a chi-square statistic.
///
/// # Errors
/// As [`chi_square_cdf`].
pub fn chi_square_upper(x: f64, df: f64) -> Result<f64, DistributionError> {
    check_number("x", x)?;
    let distribution = chi_square(df)?;
    // With one degree of freedom the normal tail keeps full relative accuracy.
    if df.to_bits() == 1.0_f64.to_bits() {
        return Ok(normal_two_sided(x.max(0.0).sqrt()));
    }
    Ok(if x <= 0.0 { 1.0 } else { distribution.sf(x) })
}

/// Chi-square quantile for `0 < p < 1`, also where it is far below 1e-9.
///
/// # Errors
/// [`DistributionError`] for a bad probability or `df`.
pub fn chi_square_quantile(p: f64, df: f64) -> Result<f64, DistributionError> {
    check_probability(p)?;
    let distribution = chi_square(df)?;
    // Wilson-Hilferty start; the leading term of the series where that is not positive.
    let z = normal_quantile(p)?;
    let c = 2.0 / (9.0 * df);
    let cube = (1.0 - c + z * c.sqrt()).powi(3) * df;
    let series = 2.0 * ((p.ln() + gamma::ln_gamma(0.5 * df + 1.0)) / (0.5 * df)).exp();
    let start = if p < 0.5 && (cube <= 0.0 || series < 0.1) { series } else { cube.max(f64::MIN_POSITIVE) };
    positive_quantile(
        p,
        start,
        |x| distribution.cdf(x),
        |x| distribution.sf(x),
        |x| {
            if x > 0.0 { distribution.pdf(x) } else { f64::NAN }
        },
    )
}

/// Logarithm of the gamma function for `x > 0`.
///
/// # Errors
/// [`DistributionError::Parameter`] for a non-positive argument.
pub fn ln_gamma(x: f64) -> Result<f64, DistributionError> {
    check_positive("argument of ln gamma", x)?;
    Ok(gamma::ln_gamma(x))
}

/// Quantile on the positive half line: Newton on the logarithm of the smaller tail against the logarithm of `x`.
fn positive_quantile(
    p: f64,
    start: f64,
    lower: impl Fn(f64) -> f64,
    upper: impl Fn(f64) -> f64,
    density: impl Fn(f64) -> f64,
) -> Result<f64, DistributionError> {
    let start = start.max(f64::MIN_POSITIVE).ln();
    let solution = if p <= 0.5 {
        refine(
            p,
            start,
            |u| lower(u.exp()).ln() - p.ln(),
            |u| {
                let x = u.exp();
                density(x) * x / lower(x)
            },
        )
    } else {
        refine(
            p,
            start,
            |u| (1.0 - p).ln() - upper(u.exp()).ln(),
            |u| {
                let x = u.exp();
                density(x) * x / upper(x)
            },
        )
    };
    solution.map(f64::exp)
}
