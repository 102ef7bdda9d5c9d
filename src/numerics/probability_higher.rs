//! Probability that an observation of one sample is higher than one of another.

use thiserror::Error;

use super::distribution::{self, DistributionError};

/// The estimate with its confidence limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbabilityHigher {
    /// `P(X > Y) + P(X = Y) / 2`.
    pub estimate: f64,
    /// Standard error; `None` below two observations in either sample.
    pub standard_error: Option<f64>,
    /// Lower and upper limit, cut at 0 and 1; `None` without a positive standard error.
    pub limits: Option<(f64, f64)>,
}

/// Why it cannot be estimated.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ProbabilityHigherError {
    /// A sample is empty.
    #[error("a sample has no observation")]
    NoObservations,
    /// An observation is not a finite number.
    #[error("{0} is not a finite observation")]
    NotFinite(f64),
    /// The level of the limits is not between 0 and 1.
    #[error(transparent)]
    Level(#[from] DistributionError),
}

/// The probability that an observation of `x` is higher than one of `y`, ties counting half: the Mann-Whitney statistic as a share of all pairs.
///
/// ```text
/// theta = 1/(m n) sum_i sum_j psi(x_i, y_j)        psi = 1 for x > y, 1/2 for x = y, 0 for x < y
/// V_i = 1/n sum_j psi(x_i, y_j),  W_j = 1/m sum_i psi(x_i, y_j)
/// se^2 = var(V)/m + var(W)/n                       var with divisors m - 1 and n - 1
/// limits theta -+ z se, cut at 0 and 1
/// ```
///
/// # Domain
/// Finite observations; `0 < level < 1`. `O(m n)`.
///
/// # Edges
/// Where the samples do not overlap the standard error is 0 and there are no limits.
///
/// # Errors
/// [`ProbabilityHigherError`].
///
/// Source: `[DeLong1988]`.
pub fn probability_higher(x: &[f64], y: &[f64], level: f64) -> Result<ProbabilityHigher, ProbabilityHigherError> {
    if x.is_empty() || y.is_empty() {
        return Err(ProbabilityHigherError::NoObservations);
    }
    if let Some(value) = x.iter().chain(y).find(|value| !value.is_finite()) {
        return Err(ProbabilityHigherError::NotFinite(*value));
    }
    let critical = distribution::normal_critical(level)?;
    let (m, n) = (x.len() as f64, y.len() as f64);
    let of_x: Vec<f64> = x.iter().map(|x| y.iter().map(|y| psi(*x, *y)).sum::<f64>() / n).collect();
    let of_y: Vec<f64> = y.iter().map(|y| x.iter().map(|x| psi(*x, *y)).sum::<f64>() / m).collect();
    let estimate = of_x.iter().sum::<f64>() / m;
    let variance = super::descriptive::variance(&of_x).zip(super::descriptive::variance(&of_y)).map(|(a, b)| a / m + b / n);
    let standard_error = variance.map(f64::sqrt);
    let limits = standard_error
        .filter(|error| *error > 0.0)
        .map(|error| ((estimate - critical * error).max(0.0), (estimate + critical * error).min(1.0)));
    Ok(ProbabilityHigher { estimate, standard_error, limits })
}

fn psi(x: f64, y: f64) -> f64 {
    match x.total_cmp(&y) {
        _ if (x - y).abs() <= 1e-12 * x.abs().max(y.abs()) => 0.5,
        std::cmp::Ordering::Greater => 1.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_with_a_tie() {
        // Pairs: 3 > 1, 3 > 2, 2 > 1, 2 = 2: 3.5 of 4.
        let got = probability_higher(&[3.0, 2.0], &[1.0, 2.0], 0.95).unwrap();
        assert!((got.estimate - 0.875).abs() < 1e-15);
        // V = (1, 3/4), W = (1, 3/4): variance 1/32 each, se^2 = 1/32.
        assert!((got.standard_error.unwrap() - (1.0_f64 / 32.0).sqrt()).abs() < 1e-15);
        let (lower, upper) = got.limits.unwrap();
        assert!((lower - (0.875 - 1.959_963_984_540_054 / 32.0_f64.sqrt())).abs() < 1e-12 && (upper - 1.0).abs() < 1e-15);
    }

    #[test]
    fn exchanging_the_samples_gives_the_complement() {
        let (x, y) = ([1.0, 4.0, 2.5, 7.0, 2.5], [2.5, 3.0, 0.0]);
        let (a, b) = (probability_higher(&x, &y, 0.9).unwrap(), probability_higher(&y, &x, 0.9).unwrap());
        assert!((a.estimate + b.estimate - 1.0).abs() < 1e-15);
        assert!((a.standard_error.unwrap() - b.standard_error.unwrap()).abs() < 1e-15);
    }

    #[test]
    fn samples_apart_have_no_limits_and_empty_ones_no_estimate() {
        let apart = probability_higher(&[5.0, 6.0], &[1.0, 2.0], 0.95).unwrap();
        assert!((apart.estimate - 1.0).abs() < 1e-15 && apart.limits.is_none());
        assert_eq!(probability_higher(&[], &[1.0], 0.95), Err(ProbabilityHigherError::NoObservations));
        assert!(probability_higher(&[f64::NAN], &[1.0], 0.95).is_err() && probability_higher(&[1.0], &[1.0], 1.0).is_err());
        assert!(probability_higher(&[1.0], &[0.0], 0.95).unwrap().standard_error.is_none());
    }
}
