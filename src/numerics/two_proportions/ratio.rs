//! Odds ratio and risk ratio with limits from the standard error of the logarithm.

use super::super::distribution;
use super::{Table, TwoProportionsError};

/// A ratio with its confidence limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioEstimate {
    /// Point estimate.
    pub estimate: f64,
    /// Lower confidence limit.
    pub lower: f64,
    /// Upper confidence limit.
    pub upper: f64,
}

impl RatioEstimate {
    fn from_logarithm(estimate: f64, variance: f64, z: f64) -> Self {
        let factor = (z * variance.sqrt()).exp();
        Self { estimate, lower: estimate / factor, upper: estimate * factor }
    }
}

/// Odds ratio of group 1 over group 2 with Woolf's interval.
///
/// ```text
/// OR = x1 (n2 - x2) / (x2 (n1 - x1)),  var(ln OR) = 1/x1 + 1/(n1 - x1) + 1/x2 + 1/(n2 - x2)
/// ```
///
/// # Errors
/// [`TwoProportionsError::EmptyCell`] when any of the four cells is 0; a bad `level`.
///
/// Source: `[Woolf1955]`.
pub fn odds_ratio_woolf(table: &Table, level: f64) -> Result<RatioEstimate, TwoProportionsError> {
    let z = distribution::normal_critical(level)?;
    let (x1, n1, x2, n2) = table.counts();
    if x1 == 0 || x2 == 0 || x1 == n1 || x2 == n2 {
        return Err(TwoProportionsError::EmptyCell);
    }
    let (a, b, c, d) = (x1 as f64, (n1 - x1) as f64, x2 as f64, (n2 - x2) as f64);
    Ok(RatioEstimate::from_logarithm(a * d / (b * c), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d, z))
}

/// Risk ratio of group 1 over group 2 with the log interval of Katz.
///
/// ```text
/// RR = (x1/n1) / (x2/n2),  var(ln RR) = 1/x1 - 1/n1 + 1/x2 - 1/n2
/// ```
///
/// # Errors
/// [`TwoProportionsError::EmptyCell`] when a group has no success; a bad `level`.
///
/// Source: `[Katz1978]`.
pub fn risk_ratio_katz(table: &Table, level: f64) -> Result<RatioEstimate, TwoProportionsError> {
    let z = distribution::normal_critical(level)?;
    let (x1, n1, x2, n2) = table.reals();
    if table.successes_1 == 0 || table.successes_2 == 0 {
        return Err(TwoProportionsError::EmptyCell);
    }
    let variance = (1.0 / x1 - 1.0 / n1 + 1.0 / x2 - 1.0 / n2).max(0.0);
    Ok(RatioEstimate::from_logarithm((x1 / n1) / (x2 / n2), variance, z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_odds_ratio_is_reproduced() {
        // G07: 0.50 (0.26-0.96).
        let got = odds_ratio_woolf(&Table::new(31, 77, 43, 75).unwrap(), 0.95).unwrap();
        for (value, want) in [(got.estimate, 0.50), (got.lower, 0.26), (got.upper, 0.96)] {
            assert!((value - want).abs() < 0.005, "{value} against {want}");
        }
    }

    #[test]
    fn risk_ratio_by_hand() {
        let got = risk_ratio_katz(&Table::new(10, 20, 5, 20).unwrap(), 0.95).unwrap();
        let half = 1.959_963_984_540_054 * (0.1 - 0.05 + 0.2 - 0.05_f64).sqrt();
        assert!((got.estimate - 2.0).abs() < 1e-14);
        assert!((got.lower - 2.0 / half.exp()).abs() < 1e-12 && (got.upper - 2.0 * half.exp()).abs() < 1e-11);
    }

    #[test]
    fn empty_cells_have_no_ratio_interval() {
        assert_eq!(odds_ratio_woolf(&Table::new(5, 5, 1, 5).unwrap(), 0.95), Err(TwoProportionsError::EmptyCell));
        assert_eq!(risk_ratio_katz(&Table::new(0, 5, 1, 5).unwrap(), 0.95), Err(TwoProportionsError::EmptyCell));
        assert!(risk_ratio_katz(&Table::new(5, 5, 1, 5).unwrap(), 0.95).is_ok());
    }
}
