//! Standardised differences between two groups: balance in units of spread, free of sample size.

use super::descriptive;
use super::linear_system::quadratic_form;

/// Standardised mean difference of a continuous variable, group 1 minus group 2.
///
/// ```text
/// d = (m1 - m2) / sqrt((s1^2 + s2^2) / 2)
/// ```
///
/// `None` when a group has fewer than two values, or when neither group varies while their means differ; 0 when all values are the same.
///
/// Source: `[YangDalton2012]`.
pub fn continuous(group_1: &[f64], group_2: &[f64]) -> Option<f64> {
    let difference = descriptive::mean(group_1)? - descriptive::mean(group_2)?;
    let spread = (0.5 * (descriptive::variance(group_1)? + descriptive::variance(group_2)?)).sqrt();
    if difference.abs() <= f64::EPSILON * group_1.iter().chain(group_2).copied().map(f64::abs).fold(0.0, f64::max) {
        Some(0.0)
    } else if spread > 0.0 {
        Some(difference / spread)
    } else {
        None
    }
}

/// Standardised difference of a categorical variable with any number of categories.
///
/// ```text
/// d = sqrt((T - C)' S^-1 (T - C))
/// T, C   proportions of all categories but one in group 1 and group 2
/// S      mean of the two multinomial covariance matrices: (T_k (1 - T_k) + C_k (1 - C_k))/2, -(T_k T_l + C_k C_l)/2
/// ```
///
/// With two categories it is the absolute value of `(p1 - p2) / sqrt((p1 q1 + p2 q2)/2)`.
///
/// # Domain
/// Counts per category in the same order for both groups.
///
/// # Edges
/// Categories without any subject are left out; 0 when one category is left. `None` for an empty group, counts of unequal length, or
/// groups that share no category (no variance in the direction of the difference).
///
/// Source: `[YangDalton2012]`.
pub fn categorical(counts_1: &[u64], counts_2: &[u64]) -> Option<f64> {
    let (total_1, total_2): (u64, u64) = (counts_1.iter().sum(), counts_2.iter().sum());
    if counts_1.len() != counts_2.len() || total_1 == 0 || total_2 == 0 {
        return None;
    }
    let proportions: Vec<(f64, f64)> = counts_1
        .iter()
        .zip(counts_2)
        .filter(|(a, b)| **a + **b > 0)
        .map(|(a, b)| (*a as f64 / total_1 as f64, *b as f64 / total_2 as f64))
        .collect();
    let kept = proportions.get(1..)?;
    let differences: Vec<f64> = kept.iter().map(|(t, c)| t - c).collect();
    let covariance: Vec<Vec<f64>> = kept
        .iter()
        .enumerate()
        .map(|(k, (t_k, c_k))| {
            let cross = |(l, (t_l, c_l)): (usize, &(f64, f64))| {
                let product = -0.5 * (t_k * t_l + c_k * c_l);
                if k == l { product + 0.5 * (t_k + c_k) } else { product }
            };
            kept.iter().enumerate().map(cross).collect()
        })
        .collect();
    quadratic_form(&covariance, &differences).map(f64::sqrt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuous_by_hand() {
        let d = continuous(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).unwrap();
        assert!((d + 2.0 / 2.5_f64.sqrt()).abs() < 1e-14);
        assert_eq!(continuous(&[1.0], &[1.0, 2.0]), None);
        assert_eq!(continuous(&[1.0, 1.0], &[1.0, 1.0]), Some(0.0));
        assert_eq!(continuous(&[1.0, 1.0], &[2.0, 2.0]), None);
    }

    #[test]
    fn two_categories_reduce_to_the_difference_of_proportions() {
        let (p1, p2): (f64, f64) = (0.3, 0.45);
        let d = categorical(&[14, 6], &[22, 18]).unwrap();
        assert!((d - (p2 - p1) / ((p1 * (1.0 - p1) + p2 * (1.0 - p2)) / 2.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_order_of_categories_does_not_matter_and_empty_ones_are_left_out() {
        let d = categorical(&[5, 9, 6], &[8, 4, 13]).unwrap();
        let other = categorical(&[6, 0, 5, 9], &[13, 0, 8, 4]).unwrap();
        assert!((d - other).abs() < 1e-12 && d > 0.0);
        assert!(categorical(&[10], &[20]).unwrap().abs() < f64::EPSILON);
        assert_eq!(categorical(&[4, 0], &[0, 4]), None);
        assert_eq!(categorical(&[0, 0], &[1, 4]), None);
    }
}
