//! Area under the receiver operating characteristic curve.

use super::distribution::{DistributionError, normal_critical};

/// An area with the variance of its estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocArea {
    /// Probability that a row with the event has a higher score than one without, ties counted half.
    pub area: f64,
    /// Variance; `None` with fewer than two rows of a kind.
    pub variance: Option<f64>,
}

impl RocArea {
    /// Limits `A -+ z se(A)`, cut at 0 and 1; `None` without a variance, or where it is zero because the scores separate the two kinds.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    pub fn interval(self, level: f64) -> Result<Option<(f64, f64)>, DistributionError> {
        let half = normal_critical(level)? * self.variance.unwrap_or(0.0).sqrt();
        Ok((half > 0.0).then(|| ((self.area - half).max(0.0), (self.area + half).min(1.0))))
    }
}

/// Estimates the area by the placements of the scores.
///
/// ```text
/// V_i = share of rows without the event below score i, ties half (i with the event);   W_j = share of rows with it above score j
/// A = mean V;   var(A) = s2(V)/m + s2(W)/n
/// ```
///
/// `m` rows with the event, `n` without; `s2`: sample variance. `O(N log N)`.
///
/// # Edges
/// `None` where the rows are all of one kind, a score is not a number, or the lists differ in length.
///
/// Source: `[DeLong1988]`.
#[must_use]
pub fn roc_area(scores: &[f64], events: &[bool]) -> Option<RocArea> {
    if scores.len() != events.len() || scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    let of = |kind: bool| -> Vec<f64> { scores.iter().zip(events).filter(|(_, event)| **event == kind).map(|(score, _)| *score).collect() };
    let (with, without) = (of(true), of(false));
    if with.is_empty() || without.is_empty() {
        return None;
    }
    let (m, n) = (with.len() as f64, without.len() as f64);
    let (mut below, mut above) = (Vec::with_capacity(with.len()), Vec::with_capacity(without.len()));
    let (among_with, among_without) = (sorted(&with), sorted(&without));
    below.extend(with.iter().map(|score| place(&among_without, *score) / n));
    above.extend(without.iter().map(|score| 1.0 - place(&among_with, *score) / m));
    let area = below.iter().sum::<f64>() / m;
    let variance = (with.len() > 1 && without.len() > 1).then(|| spread(&below) / m + spread(&above) / n);
    Some(RocArea { area, variance })
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// Values below the score, those equal to it counted half.
fn place(sorted: &[f64], score: f64) -> f64 {
    let (lower, upper) = (sorted.partition_point(|value| *value < score), sorted.partition_point(|value| *value <= score));
    0.5 * (lower + upper) as f64
}

fn spread(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_counts_pairs_and_ties_half() {
        // Pairs (with, without): (3,1) (3,2) (3,3 tie) (2,1) (2,2 tie) (2,3 lost): 4 of 6.
        let found = roc_area(&[3.0, 2.0, 1.0, 2.0, 3.0], &[true, true, false, false, false]).unwrap();
        assert!((found.area - 4.0 / 6.0).abs() < 1e-15);
        // V = (2.5/3, 1.5/3), s2 = 1/18; W = (1, 0.75, 0.25), mean 2/3, s2 = 7/48.
        assert!((found.variance.unwrap() - (1.0 / 18.0 / 2.0 + 7.0 / 48.0 / 3.0)).abs() < 1e-15);
        let (lower, upper) = found.interval(0.95).unwrap().unwrap();
        assert!(lower < found.area && (upper - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn separation_has_no_interval_and_one_kind_no_area() {
        let apart = roc_area(&[1.0, 2.0, 3.0, 4.0], &[false, false, true, true]).unwrap();
        assert!((apart.area - 1.0).abs() < f64::EPSILON);
        assert_eq!(apart.interval(0.95).unwrap(), None);
        assert_eq!(roc_area(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(roc_area(&[f64::NAN, 2.0], &[true, false]), None);
        assert_eq!(roc_area(&[1.0, 2.0], &[true, false]).unwrap().variance, None);
        assert!(apart.interval(1.0).is_err());
    }

    #[test]
    fn a_monotone_change_of_the_scores_changes_nothing() {
        let scores: Vec<f64> = (0..60).map(|i| f64::from(i * 17 % 59)).collect();
        let events: Vec<bool> = (0..60).map(|i| i * 17 % 59 + i * 31 % 40 > 45).collect();
        let logs: Vec<f64> = scores.iter().map(|score| (1.0 + score).ln()).collect();
        assert_eq!(roc_area(&scores, &events), roc_area(&logs, &events));
    }
}
