//! Score statistic for a difference of two proportions, its interval, and the Pearson chi-square test.

use super::super::{distribution, root};
use super::{Table, TwoProportionsError};

/// Maximum-likelihood estimates of `(p1, p2)` under `p1 - p2 = delta`.
///
/// Closed-form root of the cubic likelihood equation.
///
/// Source: `[MiettinenNurminen1985]`, appendix I.
pub(super) fn restricted_estimates(x1: f64, n1: f64, x2: f64, n2: f64, delta: f64) -> (f64, f64) {
    let total = n1 + n2;
    let l3 = total;
    let l2 = (n1 + 2.0 * n2) * delta - total - x1 - x2;
    let l1 = (n2 * delta - total - 2.0 * x2) * delta + x1 + x2;
    let l0 = x2 * delta * (1.0 - delta);
    let third = l2 / (3.0 * l3);
    let q = third.powi(3) - l1 * l2 / (6.0 * l3 * l3) + l0 / (2.0 * l3);
    let p = (third * third - l1 / (3.0 * l3)).max(0.0).sqrt().copysign(q);
    let cosine = if p.abs() > 0.0 { (q / p.powi(3)).clamp(-1.0, 1.0) } else { 0.0 };
    let angle = (std::f64::consts::PI + cosine.acos()) / 3.0;
    let lowest = (-delta).max(0.0);
    let highest = (1.0 - delta).min(1.0);
    let p2 = (2.0 * p * angle.cos() - third).clamp(lowest, highest);
    ((p2 + delta).clamp(0.0, 1.0), p2)
}

/// Score statistic for the hypothesis `p1 - p2 = delta`.
///
/// ```text
/// Z = (x1/n1 - x2/n2 - delta) / sqrt((r1 (1 - r1)/n1 + r2 (1 - r2)/n2) N/(N - 1))
/// r1, r2   maximum-likelihood estimates under the hypothesis,  N = n1 + n2
/// ```
///
/// # Edges
/// 0 when numerator and variance are both 0; infinite, with the sign of the numerator, when only the variance is.
///
/// Source: `[MiettinenNurminen1985]`.
pub fn score_statistic(table: &Table, delta: f64) -> f64 {
    let (x1, n1, x2, n2) = table.reals();
    let total = n1 + n2;
    let (r1, r2) = restricted_estimates(x1, n1, x2, n2, delta);
    let variance = (r1 * (1.0 - r1) / n1 + r2 * (1.0 - r2) / n2) * total / (total - 1.0);
    let numerator = x1 / n1 - x2 / n2 - delta;
    if numerator.abs() <= 4.0 * f64::EPSILON {
        0.0
    } else if variance <= f64::EPSILON * f64::EPSILON {
        f64::INFINITY.copysign(numerator)
    } else {
        numerator / variance.sqrt()
    }
}

/// All differences whose score statistic lies within `z` of zero `[MiettinenNurminen1985]`.
pub(super) fn score_interval(table: &Table, z: f64) -> Result<(f64, f64), TwoProportionsError> {
    let upper = upper_limit(table, z)?;
    // Exchanging the groups changes the sign of the difference, so the lower limit is the other table's upper limit.
    let lower = -upper_limit(&table.exchanged(), z)?;
    Ok((lower, upper))
}

fn upper_limit(table: &Table, z: f64) -> Result<f64, TwoProportionsError> {
    let difference = super::risk_difference(table);
    if difference >= 1.0 || score_statistic(table, 1.0) > -z {
        return Ok(1.0);
    }
    Ok(root::find_root(|delta| score_statistic(table, delta) + z, difference, 1.0, 0.0)?)
}

/// Pearson chi-square test of equal proportions, without continuity correction: statistic and p-value.
///
/// ```text
/// X2 = (p1 - p2)^2 / (p (1 - p) (1/n1 + 1/n2)),  p = (x1 + x2)/(n1 + n2),  one degree of freedom
/// ```
///
/// # Edges
/// `None` when all or no trials succeed: the statistic is 0/0.
pub fn pearson_chi_square(table: &Table) -> Option<(f64, f64)> {
    let (x1, n1, x2, n2) = table.reals();
    let pooled = (x1 + x2) / (n1 + n2);
    let variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2);
    if variance <= 0.0 {
        return None;
    }
    let z = (x1 / n1 - x2 / n2) / variance.sqrt();
    Some((z * z, distribution::normal_two_sided(z)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restricted_estimates_maximise_the_likelihood() {
        let likelihood = |p1: f64, p2: f64| 7.0 * p1.ln() + 13.0 * (1.0 - p1).ln() + 11.0 * p2.ln() + 14.0 * (1.0 - p2).ln();
        for delta in [-0.4, -0.1, 0.05, 0.3] {
            let (p1, p2) = restricted_estimates(7.0, 20.0, 11.0, 25.0, delta);
            assert!((p1 - p2 - delta).abs() < 1e-12);
            let best = likelihood(p1, p2);
            assert!(best >= likelihood(p1 + 1e-4, p2 + 1e-4) && best >= likelihood(p1 - 1e-4, p2 - 1e-4), "{delta}");
        }
    }

    #[test]
    fn statistic_falls_with_the_hypothesis_and_is_zero_at_the_estimate() {
        let table = Table::new(12, 40, 5, 41).unwrap();
        assert!(score_statistic(&table, 12.0 / 40.0 - 5.0 / 41.0).abs() < 1e-12);
        let values: Vec<f64> = (-9..10).map(|i| score_statistic(&table, f64::from(i) / 10.0)).collect();
        assert!(values.windows(2).all(|pair| pair[0] > pair[1]), "{values:?}");
    }

    #[test]
    fn degenerate_tables_give_zero_none_and_infinity() {
        let none = Table::new(0, 20, 0, 20).unwrap();
        assert!(score_statistic(&none, 0.0).abs() < f64::EPSILON);
        assert_eq!(pearson_chi_square(&none), None);
        let opposite = Table::new(10, 10, 0, 10).unwrap();
        assert!(score_statistic(&opposite, -1.0).is_infinite());
    }
}
