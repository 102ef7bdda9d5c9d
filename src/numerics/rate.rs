//! Rate of events per unit of exposure with exact Poisson limits.

use super::distribution::{self, DistributionError};

/// A rate with its confidence limits, per unit of the exposure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateEstimate {
    /// Events over exposure.
    pub estimate: f64,
    /// Lower confidence limit.
    pub lower: f64,
    /// Upper confidence limit.
    pub upper: f64,
}

/// Poisson rate with exact limits.
///
/// ```text
/// x events in exposure T, a = 1 - level
/// estimate x/T;  lower chi2(a/2; 2x) / 2T;  upper chi2(1 - a/2; 2x + 2) / 2T
/// ```
///
/// # Domain
/// `exposure > 0` in any unit of time (sum over subjects); `0 < level < 1`.
///
/// # Edges
/// Without events the lower limit is 0.
///
/// # Errors
/// [`DistributionError::Parameter`] for an exposure that is not positive (not estimable); [`DistributionError::Probability`] for a bad level.
///
/// Source: `[Garwood1936]`.
pub fn exact_rate(events: u64, exposure: f64, level: f64) -> Result<RateEstimate, DistributionError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(DistributionError::Probability(level));
    }
    if !(exposure > 0.0 && exposure.is_finite()) {
        return Err(DistributionError::Parameter { name: "exposure", value: exposure });
    }
    let tail = 0.5 * (1.0 - level);
    let count = events as f64;
    let lower = if events == 0 { 0.0 } else { 0.5 * distribution::chi_square_quantile(tail, 2.0 * count)? };
    let upper = 0.5 * distribution::chi_square_quantile(1.0 - tail, 2.0 * count + 2.0)?;
    Ok(RateEstimate { estimate: count / exposure, lower: lower / exposure, upper: upper / exposure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_limits_for_a_poisson_count() {
        // Garwood's table: 10 events, 95%: 4.795 to 18.39; none: 0 to 3.689.
        let ten = exact_rate(10, 1.0, 0.95).unwrap();
        assert!((ten.lower - 4.795_389_4).abs() < 1e-6 && (ten.upper - 18.390_356_4).abs() < 1e-5, "{ten:?}");
        let none = exact_rate(0, 2.0, 0.95).unwrap();
        assert!(none.lower.abs() < f64::EPSILON && (none.upper - 0.5 * -(0.025_f64.ln())).abs() < 1e-10);
    }

    #[test]
    fn limits_have_the_tail_probabilities_they_promise() {
        let rate = exact_rate(7, 3.0, 0.9).unwrap();
        assert!((distribution::poisson_cdf(7, 3.0 * rate.upper).unwrap() - 0.05).abs() < 1e-9);
        assert!((1.0 - distribution::poisson_cdf(6, 3.0 * rate.lower).unwrap() - 0.05).abs() < 1e-9);
    }

    #[test]
    fn no_exposure_is_not_estimable() {
        assert!(exact_rate(0, 0.0, 0.95).is_err());
        assert!(exact_rate(1, 1.0, 1.0).is_err());
    }
}
