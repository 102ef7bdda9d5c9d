//! Mantel-Haenszel analysis of two proportions in strata: common risk difference, common odds ratio and the test of no association.

use thiserror::Error;

use super::distribution::{self, DistributionError};
use super::two_proportions::Table;

/// Why a stratified result does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum StratifiedError {
    /// No stratum holds trials of both groups.
    #[error("no stratum holds both groups: the comparison is not estimable")]
    NoObservations,
    /// Numerator or denominator of the common odds ratio is 0, so that its logarithm does not exist.
    #[error("the common odds ratio is 0 or infinite: no interval")]
    DegenerateRatio,
    /// The counts cannot vary given the margins.
    #[error("no stratum can vary given its margins: no test")]
    NoVariance,
    /// Bad confidence level.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

/// An estimate with a standard error and normal limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaldEstimate {
    /// Point estimate.
    pub estimate: f64,
    /// Standard error.
    pub standard_error: f64,
    /// Lower confidence limit.
    pub lower: f64,
    /// Upper confidence limit.
    pub upper: f64,
}

/// Estimator of the variance of the Mantel-Haenszel risk difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskDifferenceVariance {
    /// Valid for large strata `[GreenlandRobins1985]`.
    GreenlandRobins,
    /// Valid for large strata and for many sparse ones `[Sato1989]`.
    Sato,
}

/// Mantel-Haenszel common odds ratio with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CommonOddsRatio {
    /// Point estimate.
    pub estimate: f64,
    /// Standard error of its logarithm.
    pub log_standard_error: f64,
    /// Lower confidence limit.
    pub lower: f64,
    /// Upper confidence limit.
    pub upper: f64,
}

/// Chi-square statistic on one degree of freedom with its p-value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquareTest {
    /// Statistic.
    pub statistic: f64,
    /// Upper-tail probability.
    pub p_value: f64,
}

/// Mantel-Haenszel common risk difference, group 1 minus group 2.
///
/// ```text
/// per stratum: w = n1 n2 / N,  d = x1/n1 - x2/n2,  D = sum w d / sum w
/// Greenland-Robins  var = sum (x1 (n1 - x1) n2^3 + x2 (n2 - x2) n1^3) / (n1 n2 N^2)  / (sum w)^2
/// Sato              var = (D sum P + sum Q) / (sum w)^2
///                   P = (n1^2 x2 - n2^2 x1 + n1 n2 (n2 - n1)/2) / N^2,  Q = (x1 (n2 - x2) + x2 (n1 - x1)) / (2 N)
/// limits            D -+ z sqrt(var)
/// ```
///
/// # Edges
/// Strata without events add weight; with no variance at all the interval has no width.
///
/// # Errors
/// [`StratifiedError::NoObservations`] without strata; a bad `level`.
///
/// Sources: `[GreenlandRobins1985]`, `[Sato1989]`.
pub fn risk_difference(strata: &[Table], variance: RiskDifferenceVariance, level: f64) -> Result<WaldEstimate, StratifiedError> {
    let z = distribution::normal_critical(level)?;
    let (mut weight, mut weighted, mut greenland, mut p_sum, mut q_sum) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x1, n1, x2, n2) in strata.iter().map(reals) {
        let total = n1 + n2;
        weight += n1 * n2 / total;
        weighted += (x1 * n2 - x2 * n1) / total;
        greenland += (x1 * (n1 - x1) * n2.powi(3) + x2 * (n2 - x2) * n1.powi(3)) / (n1 * n2 * total * total);
        p_sum += (n1 * n1 * x2 - n2 * n2 * x1 + 0.5 * n1 * n2 * (n2 - n1)) / (total * total);
        q_sum += (x1 * (n2 - x2) + x2 * (n1 - x1)) / (2.0 * total);
    }
    if strata.is_empty() {
        return Err(StratifiedError::NoObservations);
    }
    let estimate = weighted / weight;
    let numerator = match variance {
        RiskDifferenceVariance::GreenlandRobins => greenland,
        RiskDifferenceVariance::Sato => estimate * p_sum + q_sum,
    };
    let standard_error = numerator.max(0.0).sqrt() / weight;
    Ok(WaldEstimate { estimate, standard_error, lower: estimate - z * standard_error, upper: estimate + z * standard_error })
}

/// Mantel-Haenszel common odds ratio, group 1 over group 2, with the Robins-Breslow-Greenland interval.
///
/// ```text
/// per stratum: R = x1 (n2 - x2)/N,  S = x2 (n1 - x1)/N,  P = (x1 + n2 - x2)/N,  Q = (x2 + n1 - x1)/N
/// OR = sum R / sum S
/// var(ln OR) = sum PR / 2(sum R)^2 + sum (PS + QR) / (2 sum R sum S) + sum QS / 2(sum S)^2
/// ```
///
/// # Errors
/// [`StratifiedError::DegenerateRatio`] when either sum is 0; [`StratifiedError::NoObservations`]; a bad `level`.
///
/// Sources: `[MantelHaenszel1959]`, `[RobinsBreslowGreenland1986]`.
pub fn odds_ratio(strata: &[Table], level: f64) -> Result<CommonOddsRatio, StratifiedError> {
    let z = distribution::normal_critical(level)?;
    if strata.is_empty() {
        return Err(StratifiedError::NoObservations);
    }
    let (mut r_sum, mut s_sum, mut pr, mut ps_qr, mut qs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x1, n1, x2, n2) in strata.iter().map(reals) {
        let total = n1 + n2;
        let (r, s) = (x1 * (n2 - x2) / total, x2 * (n1 - x1) / total);
        let (p, q) = ((x1 + n2 - x2) / total, (x2 + n1 - x1) / total);
        r_sum += r;
        s_sum += s;
        pr += p * r;
        ps_qr += p * s + q * r;
        qs += q * s;
    }
    if r_sum <= 0.0 || s_sum <= 0.0 {
        return Err(StratifiedError::DegenerateRatio);
    }
    let estimate = r_sum / s_sum;
    let variance = pr / (2.0 * r_sum * r_sum) + ps_qr / (2.0 * r_sum * s_sum) + qs / (2.0 * s_sum * s_sum);
    let log_standard_error = variance.sqrt();
    let factor = (z * log_standard_error).exp();
    Ok(CommonOddsRatio { estimate, log_standard_error, lower: estimate / factor, upper: estimate * factor })
}

/// Cochran-Mantel-Haenszel test of no association in any stratum.
///
/// ```text
/// per stratum: E = n1 m/N,  V = n1 n2 m (N - m) / (N^2 (N - 1)),  m = x1 + x2
/// X2 = (|sum (x1 - E)| - c)^2 / sum V,   c = 1/2 with continuity correction (at most |sum (x1 - E)|), else 0
/// ```
///
/// # Errors
/// [`StratifiedError::NoVariance`] when no stratum has both events and non-events; [`StratifiedError::NoObservations`].
///
/// Source: `[MantelHaenszel1959]`.
pub fn cochran_mantel_haenszel(strata: &[Table], continuity_correction: bool) -> Result<ChiSquareTest, StratifiedError> {
    if strata.is_empty() {
        return Err(StratifiedError::NoObservations);
    }
    let (mut difference, mut variance) = (0.0_f64, 0.0);
    for (x1, n1, x2, n2) in strata.iter().map(reals) {
        let (total, successes) = (n1 + n2, x1 + x2);
        difference += x1 - n1 * successes / total;
        variance += n1 * n2 * successes * (total - successes) / (total * total * (total - 1.0));
    }
    if variance <= 0.0 {
        return Err(StratifiedError::NoVariance);
    }
    let correction = if continuity_correction { difference.abs().min(0.5) } else { 0.0 };
    let statistic = (difference.abs() - correction).powi(2) / variance;
    Ok(ChiSquareTest { statistic, p_value: distribution::chi_square_upper(statistic, 1.0)? })
}

fn reals(table: &Table) -> (f64, f64, f64, f64) {
    let (x1, n1, x2, n2) = table.counts();
    (x1 as f64, n1 as f64, x2 as f64, n2 as f64)
}

#[cfg(test)]
mod tests {
    use super::super::two_proportions::{odds_ratio_woolf, pearson_chi_square};
    use super::*;

    fn tables(counts: &[(u64, u64, u64, u64)]) -> Vec<Table> {
        counts.iter().map(|&(x1, n1, x2, n2)| Table::new(x1, n1, x2, n2).unwrap()).collect()
    }

    #[test]
    fn one_stratum_is_the_unstratified_analysis() {
        let strata = tables(&[(9, 30, 4, 28)]);
        let difference = risk_difference(&strata, RiskDifferenceVariance::GreenlandRobins, 0.95).unwrap();
        let (p1, p2) = (9.0 / 30.0, 4.0 / 28.0);
        assert!((difference.estimate - (p1 - p2)).abs() < 1e-14);
        assert!((difference.standard_error.powi(2) - (p1 * (1.0 - p1) / 30.0 + p2 * (1.0 - p2) / 28.0)).abs() < 1e-14);
        let ratio = odds_ratio(&strata, 0.95).unwrap();
        assert!((ratio.estimate - odds_ratio_woolf(&strata[0], 0.95).unwrap().estimate).abs() < 1e-12);
        // Cochran-Mantel-Haenszel uses N - 1 where Pearson uses N.
        let cmh = cochran_mantel_haenszel(&strata, false).unwrap().statistic;
        assert!((cmh * 58.0 / 57.0 - pearson_chi_square(&strata[0]).unwrap().0).abs() < 1e-12);
    }

    #[test]
    fn a_stratum_without_events_changes_the_difference_but_not_the_ratio() {
        let with = tables(&[(4, 15, 1, 14), (0, 8, 0, 9)]);
        let without = tables(&[(4, 15, 1, 14)]);
        assert!((odds_ratio(&with, 0.9).unwrap().estimate - odds_ratio(&without, 0.9).unwrap().estimate).abs() < 1e-14);
        let shrunk = risk_difference(&with, RiskDifferenceVariance::Sato, 0.9).unwrap();
        assert!(shrunk.estimate < risk_difference(&without, RiskDifferenceVariance::Sato, 0.9).unwrap().estimate);
    }

    #[test]
    fn degenerate_strata_are_typed_errors() {
        assert_eq!(cochran_mantel_haenszel(&[], true), Err(StratifiedError::NoObservations));
        assert_eq!(cochran_mantel_haenszel(&tables(&[(0, 5, 0, 5)]), true), Err(StratifiedError::NoVariance));
        assert_eq!(odds_ratio(&tables(&[(2, 5, 0, 5)]), 0.95), Err(StratifiedError::DegenerateRatio));
        let flat = risk_difference(&tables(&[(0, 5, 0, 5)]), RiskDifferenceVariance::Sato, 0.95).unwrap();
        assert!(flat.standard_error.abs() < f64::EPSILON && flat.estimate.abs() < f64::EPSILON);
    }
}
