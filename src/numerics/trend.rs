//! Trend of proportions across ordered groups: Cochran-Armitage, asymptotic and exact.

use thiserror::Error;

use super::distribution::{self, ln_choose};
use super::tolerance::TIED;

/// Largest number of distinct partial score sums that the exact test keeps per count of events.
const MOST_STATES: usize = 2_000_000;

/// Largest group; a sum over groups then fits its type.
const LARGEST_GROUP: u64 = 1_000_000_000;

/// Largest total for which the exact distribution is built.
const LARGEST_EXACT_TOTAL: u64 = 20_000;

/// Why a trend test does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum TrendError {
    /// Events, group sizes and scores are not of the same length.
    #[error("events, sizes and scores differ in length: {events}, {sizes}, {scores}")]
    Lengths {
        /// Number of event counts.
        events: usize,
        /// Number of group sizes.
        sizes: usize,
        /// Number of scores.
        scores: usize,
    },
    /// A group has more events than members.
    #[error("group {group} has more events than members")]
    MoreEventsThanMembers {
        /// Position of the group.
        group: usize,
    },
    /// A score is not a finite number.
    #[error("score {0} is not finite")]
    Score(f64),
    /// All members or none have the event, or all scores are the same: the statistic cannot vary.
    #[error("the trend statistic cannot vary: no test")]
    NoVariance,
    /// A group too large to be counted.
    #[error("a group of {size} is larger than {LARGEST_GROUP}")]
    GroupTooLarge {
        /// Its size.
        size: u64,
    },
    /// The exact distribution has too many distinct values.
    #[error("the exact distribution is too large: over {LARGEST_EXACT_TOTAL} members or {MOST_STATES} states")]
    TooManyStates,
}

/// Asymptotic Cochran-Armitage test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendTest {
    /// Standard normal statistic, positive for a rising proportion; variance with divisor `N`.
    pub z: f64,
    /// Its square.
    pub chi_square: f64,
    /// Two-sided p-value.
    pub p_two_sided: f64,
    /// p-value against a rising proportion.
    pub p_increasing: f64,
    /// The statistic with divisor `N - 1` in the variance, as some programs print it.
    pub z_with_n_minus_1: f64,
}

/// Exact conditional trend test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactTrendTest {
    /// `P(T >= t)`.
    pub p_increasing: f64,
    /// `P(T <= t)`.
    pub p_decreasing: f64,
    /// `P(|T - E T| >= |t - E T|)`.
    pub p_two_sided: f64,
}

/// Cochran-Armitage test of a linear trend in proportions.
///
/// ```text
/// x_i events of n_i with score s_i,  N = sum n_i,  p = sum x_i / N
/// T = sum s_i (x_i - n_i p),  var T = p (1 - p) (sum n_i s_i^2 - (sum n_i s_i)^2 / N),  z = T / sqrt(var T)
/// ```
///
/// # Domain
/// Finite scores, at least two of them different where there are members; `x_i <= n_i`.
///
/// # Errors
/// [`TrendError`], with [`TrendError::NoVariance`] where the statistic is 0/0.
///
/// Source: `[Armitage1955]`.
pub fn cochran_armitage(events: &[u64], sizes: &[u64], scores: &[f64]) -> Result<TrendTest, TrendError> {
    check(events, sizes, scores)?;
    let total: f64 = sizes.iter().map(|n| *n as f64).sum();
    let pooled = events.iter().map(|x| *x as f64).sum::<f64>() / total;
    // Centring the scores first keeps the digits of scores that are large and close together.
    let mean = sizes.iter().zip(scores).map(|(n, s)| *n as f64 * s).sum::<f64>() / total;
    let statistic: f64 = events.iter().zip(scores).map(|(x, s)| *x as f64 * (s - mean)).sum();
    let spread: f64 = sizes.iter().zip(scores).map(|(n, s)| *n as f64 * (s - mean) * (s - mean)).sum();
    let variance = pooled * (1.0 - pooled) * spread;
    if variance <= 0.0 || variance.is_nan() {
        return Err(TrendError::NoVariance);
    }
    let z = statistic / variance.sqrt();
    Ok(TrendTest {
        z,
        chi_square: z * z,
        p_two_sided: distribution::normal_two_sided(z),
        p_increasing: distribution::normal_upper(z),
        z_with_n_minus_1: z * ((total - 1.0) / total).sqrt(),
    })
}

/// Exact trend test given both margins: the distribution of the score sum by convolution over groups.
///
/// ```text
/// T = sum s_i x_i given sum x_i = m;  P(x) = prod C(n_i, x_i) / C(N, m)
/// ```
///
/// # Domain
/// As [`cochran_armitage`]. The work grows with the number of distinct score sums: scores on a lattice (levels, doses in mg) are quick.
///
/// # Edges
/// All p-values are 1 where the statistic cannot vary.
///
/// # Errors
/// [`TrendError`]; [`TrendError::TooManyStates`] for large groups with irregular scores.
///
/// Source: `[Armitage1955]`, `[AgrestiMehtaPatel1990]`.
pub fn exact_trend(events: &[u64], sizes: &[u64], scores: &[f64]) -> Result<ExactTrendTest, TrendError> {
    check(events, sizes, scores)?;
    let total: u64 = sizes.iter().sum();
    let successes: u64 = events.iter().sum();
    if total > LARGEST_EXACT_TOTAL {
        return Err(TrendError::TooManyStates);
    }
    let observed: f64 = events.iter().zip(scores).map(|(x, s)| *x as f64 * s).sum();
    let expected = successes as f64 / total.max(1) as f64 * sizes.iter().zip(scores).map(|(n, s)| *n as f64 * s).sum::<f64>();
    let scale = scores.iter().map(|s| s.abs()).fold(0.0, f64::max) * successes as f64;
    let slack = 1e3 * TIED * scale;
    let (mut increasing, mut decreasing, mut two_sided, mut mass) = (0.0, 0.0, 0.0, 0.0);
    for (sum, weight) in score_sums(successes, sizes, scores, slack)? {
        mass += weight;
        if sum >= observed - slack {
            increasing += weight;
        }
        if sum <= observed + slack {
            decreasing += weight;
        }
        if (sum - expected).abs() >= (observed - expected).abs() - slack {
            two_sided += weight;
        }
    }
    Ok(ExactTrendTest { p_increasing: increasing / mass, p_decreasing: decreasing / mass, p_two_sided: two_sided / mass })
}

/// Distinct score sums with their weights, for all ways of placing the events.
fn score_sums(successes: u64, sizes: &[u64], scores: &[f64], slack: f64) -> Result<Vec<(f64, f64)>, TrendError> {
    let total: u64 = sizes.iter().sum();
    // Binomial weights with the pooled proportion are proportional to the conditional ones and cannot overflow.
    let pooled = (successes as f64 / total.max(1) as f64).clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    let log_odds = (pooled / (1.0 - pooled)).ln();
    let places = successes as usize + 1;
    let mut by_count: Vec<Vec<(f64, f64)>> = vec![Vec::new(); places];
    by_count[0].push((0.0, 1.0));
    let mut remaining = total;
    for (n, score) in sizes.iter().zip(scores) {
        remaining -= n;
        let base = *n as f64 * (-pooled).ln_1p();
        let weights: Vec<f64> = (0..=*n).map(|x| (ln_choose(*n, x) + x as f64 * log_odds + base).exp()).collect();
        let mut next: Vec<Vec<(f64, f64)>> = vec![Vec::new(); places];
        for (count, states) in by_count.iter().enumerate() {
            for (x, weight) in weights.iter().enumerate().take(places - count) {
                // Too few events so far to reach the total with the groups that remain.
                if ((count + x) as u64) + remaining < successes {
                    continue;
                }
                if let Some(place) = next.get_mut(count + x) {
                    place.extend(states.iter().map(|(sum, mass)| (sum + x as f64 * score, mass * weight)));
                }
            }
        }
        for place in &mut next {
            merge(place, slack);
            if place.len() > MOST_STATES {
                return Err(TrendError::TooManyStates);
            }
        }
        by_count = next;
    }
    Ok(by_count.pop().unwrap_or_default())
}

/// Sorts score sums and joins those that differ by rounding only.
fn merge(states: &mut Vec<(f64, f64)>, slack: f64) {
    states.sort_by(|a, b| a.0.total_cmp(&b.0));
    states.dedup_by(|later, kept| {
        let same = later.0 - kept.0 <= slack;
        if same {
            kept.1 += later.1;
        }
        same
    });
}

fn check(events: &[u64], sizes: &[u64], scores: &[f64]) -> Result<(), TrendError> {
    if events.len() != sizes.len() || sizes.len() != scores.len() {
        return Err(TrendError::Lengths { events: events.len(), sizes: sizes.len(), scores: scores.len() });
    }
    if let Some(group) = events.iter().zip(sizes).position(|(x, n)| x > n) {
        return Err(TrendError::MoreEventsThanMembers { group });
    }
    if let Some(size) = sizes.iter().find(|size| **size > LARGEST_GROUP) {
        return Err(TrendError::GroupTooLarge { size: *size });
    }
    match scores.iter().find(|score| !score.is_finite()) {
        Some(score) => Err(TrendError::Score(*score)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::two_proportions::{Table, fisher_test, pearson_chi_square};
    use super::*;

    #[test]
    fn two_groups_are_pearson_and_fisher() {
        let table = Table::new(9, 14, 4, 15).unwrap();
        let trend = cochran_armitage(&[4, 9], &[15, 14], &[0.0, 1.0]).unwrap();
        assert!((trend.chi_square - pearson_chi_square(&table).unwrap().0).abs() < 1e-12);
        let exact = exact_trend(&[4, 9], &[15, 14], &[0.0, 1.0]).unwrap();
        let fisher = fisher_test(&table);
        assert!((exact.p_increasing - fisher.greater).abs() < 1e-12 && (exact.p_decreasing - fisher.less).abs() < 1e-12);
    }

    #[test]
    fn shifting_and_scaling_the_scores_changes_nothing() {
        let (events, sizes) = ([1, 3, 2, 6], [10, 11, 9, 12]);
        let plain = cochran_armitage(&events, &sizes, &[0.0, 1.0, 2.0, 4.0]).unwrap();
        let moved = cochran_armitage(&events, &sizes, &[1e6, 1e6 + 30.0, 1e6 + 60.0, 1e6 + 120.0]).unwrap();
        assert!((plain.z - moved.z).abs() < 1e-9);
        let exact = exact_trend(&events, &sizes, &[0.0, 0.1, 0.2, 0.4]).unwrap();
        let whole = exact_trend(&events, &sizes, &[0.0, 1.0, 2.0, 4.0]).unwrap();
        assert!((exact.p_two_sided - whole.p_two_sided).abs() < 1e-12);
        let reversed = cochran_armitage(&events, &sizes, &[4.0, 3.0, 2.0, 0.0]).unwrap();
        assert!(reversed.z < 0.0 && plain.z > 0.0);
    }

    #[test]
    fn degenerate_input() {
        assert_eq!(cochran_armitage(&[1], &[u64::MAX], &[1.0]), Err(TrendError::GroupTooLarge { size: u64::MAX }));
        assert_eq!(exact_trend(&[1, 1], &[20_000, 20_000], &[0.0, 1.0]), Err(TrendError::TooManyStates));
        assert_eq!(cochran_armitage(&[0, 0], &[3, 4], &[0.0, 1.0]), Err(TrendError::NoVariance));
        assert_eq!(cochran_armitage(&[1, 1], &[3, 4], &[2.0, 2.0]), Err(TrendError::NoVariance));
        assert_eq!(cochran_armitage(&[], &[], &[]), Err(TrendError::NoVariance));
        assert_eq!(cochran_armitage(&[4], &[3], &[1.0]), Err(TrendError::MoreEventsThanMembers { group: 0 }));
        assert!(matches!(exact_trend(&[1], &[3, 4], &[1.0]), Err(TrendError::Lengths { .. })));
        let none = exact_trend(&[0, 0], &[3, 4], &[0.0, 1.0]).unwrap();
        assert!((none.p_increasing - 1.0).abs() < 1e-15 && (none.p_two_sided - 1.0).abs() < 1e-15);
    }
}
