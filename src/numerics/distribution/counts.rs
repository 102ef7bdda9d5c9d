//! Distributions of counts: binomial, hypergeometric, Poisson.

use statrs::distribution::{Binomial, Discrete};
use statrs::function::{factorial, gamma};

use super::beta::{beta_cdf, beta_upper};
use super::domain::{DistributionError, check_positive};

fn check_unit(name: &'static str, value: f64) -> Result<(), DistributionError> {
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(DistributionError::Parameter { name, value }) }
}

/// Logarithm of the binomial coefficient; minus infinity when `k > n`.
pub fn ln_choose(n: u64, k: u64) -> f64 {
    if k > n { f64::NEG_INFINITY } else { factorial::ln_binomial(n, k) }
}

/// Binomial probability `P(X = x)` of `x` successes in `n` trials with probability `p` in `[0, 1]`.
///
/// # Errors
/// [`DistributionError::Parameter`] for a bad `p`.
pub fn binomial_mass(x: u64, n: u64, p: f64) -> Result<f64, DistributionError> {
    check_unit("probability of success", p)?;
    Ok(Binomial::new(p, n).map_err(|_| DistributionError::Parameter { name: "probability of success", value: p })?.pmf(x))
}

/// Binomial distribution function `P(X <= x)`.
///
/// # Errors
/// As [`binomial_mass`].
pub fn binomial_cdf(x: u64, n: u64, p: f64) -> Result<f64, DistributionError> {
    check_unit("probability of success", p)?;
    if x >= n { Ok(1.0) } else { beta_upper(p, x as f64 + 1.0, (n - x) as f64) }
}

/// Binomial upper tail including the point, `P(X >= x)`.
///
/// # Errors
/// As [`binomial_mass`].
pub fn binomial_at_least(x: u64, n: u64, p: f64) -> Result<f64, DistributionError> {
    check_unit("probability of success", p)?;
    match x {
        0 => Ok(1.0),
        _ if x > n => Ok(0.0),
        _ => beta_cdf(p, x as f64, (n - x) as f64 + 1.0),
    }
}

/// Hypergeometric probability of `x` marked in a draw of `draws` from `population` of which `marked` are marked; 0 outside the support.
pub fn hypergeometric_mass(x: u64, population: u64, marked: u64, draws: u64) -> f64 {
    if x > draws || x > marked || marked > population || draws > population || draws - x > population - marked {
        return 0.0;
    }
    (ln_choose(marked, x) + ln_choose(population - marked, draws - x) - ln_choose(population, draws)).exp()
}

/// Poisson distribution function `P(X <= x)` with mean `mean >= 0`.
///
/// # Errors
/// [`DistributionError::Parameter`] for a negative or infinite mean.
pub fn poisson_cdf(x: u64, mean: f64) -> Result<f64, DistributionError> {
    if mean.to_bits() == 0.0_f64.to_bits() {
        return Ok(1.0);
    }
    check_positive("mean", mean)?;
    Ok(gamma::gamma_ur(x as f64 + 1.0, mean))
}
