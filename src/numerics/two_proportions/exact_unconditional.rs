//! Exact unconditional interval for a difference of two proportions, from two one-sided tests ordered by the score statistic.

use super::super::distribution::ln_choose;
use super::{Table, TwoProportionsError, score};

/// Points of the first search over the nuisance proportion; the tail is a polynomial whose waves are far wider than the spacing.
const GRID: usize = 240;

/// Golden-section steps after the grid: the bracket shrinks by a factor of 1e-6.
const GOLDEN_STEPS: usize = 29;

/// Width at which the search for a limit stops.
const LIMIT_WIDTH: f64 = 1e-9;

/// Relative slack under which two score statistics count as tied.
const TIED_STATISTICS: f64 = 1e-9;

/// All differences that neither one-sided exact test rejects at half of one minus the level `[ChanZhang1999]`.
pub(super) fn interval(table: &Table, level: f64) -> Result<(f64, f64), TwoProportionsError> {
    let tail = 0.5 * (1.0 - level);
    let lower = lower_limit(table, tail);
    let upper = -lower_limit(&table.exchanged(), tail);
    Ok((lower, upper))
}

/// Smallest difference whose one-sided p-value exceeds the tail probability, found by halving.
///
/// The p-value jumps where two tables change order, so the limit is a place, not a root: no interpolation.
fn lower_limit(table: &Table, tail: f64) -> f64 {
    let arms = Arms::new(table);
    let mut rejected = -1.0;
    let mut kept = super::risk_difference(table);
    if kept - rejected < LIMIT_WIDTH || arms.p_value(table, rejected) > tail {
        return rejected;
    }
    while kept - rejected > LIMIT_WIDTH {
        let middle = 0.5 * (rejected + kept);
        if arms.p_value(table, middle) > tail { kept = middle } else { rejected = middle }
    }
    kept
}

/// Logarithms of the binomial coefficients of both groups, computed once.
struct Arms {
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Arms {
    fn new(table: &Table) -> Self {
        let (_, n1, _, n2) = table.counts();
        let coefficients = |n: u64| (0..=n).map(|x| ln_choose(n, x)).collect();
        Self { first: coefficients(n1), second: coefficients(n2) }
    }

    /// Largest probability, over the nuisance proportion, of a table at least as extreme as the observed one when `p1 - p2 = delta`.
    fn p_value(&self, table: &Table, delta: f64) -> f64 {
        let extreme = extreme_tables(table, delta);
        let lowest = (-delta).max(0.0);
        let highest = (1.0 - delta).min(1.0);
        let probability = |p2: f64| self.probability(&extreme, (p2 + delta).clamp(0.0, 1.0), p2);
        // Angles rather than proportions: near 0 and 1 the tail varies on the scale of the standard error, which shrinks there.
        let at = |step: f64| {
            let sine = (std::f64::consts::FRAC_PI_2 * step / GRID as f64).sin();
            probability(lowest + (highest - lowest) * sine * sine)
        };
        let mut best = (0, 0.0);
        for step in 0..=GRID {
            let value = at(step as f64);
            if value > best.1 {
                best = (step, value);
            }
        }
        let (left, right) = (best.0.saturating_sub(1) as f64, (best.0 + 1).min(GRID) as f64);
        golden_maximum(at, left, right).max(best.1)
    }

    /// Probability of the extreme tables under two given proportions.
    fn probability(&self, extreme: &[Option<usize>], p1: f64, p2: f64) -> f64 {
        let mut running = 0.0;
        let second: Vec<f64> = masses(&self.second, p2)
            .into_iter()
            .map(|mass| {
                running += mass;
                running
            })
            .collect();
        let first = masses(&self.first, p1);
        first.iter().zip(extreme).filter_map(|(mass, last)| last.and_then(|x2| second.get(x2)).map(|below| mass * below)).sum()
    }
}

/// Binomial probabilities from the logarithms of the coefficients.
fn masses(coefficients: &[f64], p: f64) -> Vec<f64> {
    let n = coefficients.len() - 1;
    // 0 ln 0 = 0: at the ends all mass lies on one count.
    let term = |count: usize, log: f64| if count == 0 { 0.0 } else { count as f64 * log };
    let (log_p, log_q) = (p.ln(), (-p).ln_1p());
    coefficients.iter().enumerate().map(|(x, coefficient)| (coefficient + term(x, log_p) + term(n - x, log_q)).exp()).collect()
}

/// For each count of group 1 the largest count of group 2 whose score statistic is at least the observed one.
///
/// The statistic rises with the first count and falls with the second, so the boundary is a staircase and one walk finds it.
fn extreme_tables(table: &Table, delta: f64) -> Vec<Option<usize>> {
    let (_, n1, _, n2) = table.counts();
    let observed = score::score_statistic(table, delta);
    let threshold = observed - TIED_STATISTICS * (1.0 + observed.abs());
    let is_extreme = |x1: u64, x2: u64| {
        Table::new(x1, n1, x2, n2).is_ok_and(|other| {
            let statistic = score::score_statistic(&other, delta);
            statistic >= threshold || (observed.is_infinite() && statistic >= observed)
        })
    };
    let mut boundary: Option<u64> = None;
    (0..=n1)
        .map(|x1| {
            let mut next = boundary.map_or(0, |last| last + 1);
            while next <= n2 && is_extreme(x1, next) {
                boundary = Some(next);
                next += 1;
            }
            boundary.map(|last| last as usize)
        })
        .collect()
}

/// Largest value of a function with one maximum between two points.
fn golden_maximum(f: impl Fn(f64) -> f64, mut left: f64, mut right: f64) -> f64 {
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (right - ratio * (right - left), left + ratio * (right - left));
    let (mut at_low, mut at_high) = (f(low), f(high));
    for _ in 0..GOLDEN_STEPS {
        if at_low > at_high {
            right = high;
            (high, at_high) = (low, at_low);
            low = right - ratio * (right - left);
            at_low = f(low);
        } else {
            left = low;
            (low, at_low) = (high, at_high);
            high = left + ratio * (right - left);
            at_high = f(high);
        }
    }
    at_low.max(at_high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_staircase_is_the_set_of_extreme_tables() {
        let table = Table::new(6, 14, 3, 11).unwrap();
        for delta in [-0.5, -0.1, 0.0, 0.2, 0.6] {
            let observed = score::score_statistic(&table, delta);
            let boundary = extreme_tables(&table, delta);
            for x1 in 0..=14 {
                for x2 in 0..=11 {
                    let statistic = score::score_statistic(&Table::new(x1, 14, x2, 11).unwrap(), delta);
                    let inside = boundary[x1 as usize].is_some_and(|last| x2 as usize <= last);
                    assert_eq!(inside, statistic >= observed - 1e-7, "{delta} {x1} {x2}");
                }
            }
        }
    }

    #[test]
    fn one_subject_per_group_says_almost_nothing() {
        // With 1/1 against 0/1 the p-value at D is max p1 (1 - p2) = ((1 + D)/2)^2, which equals 0.025 at 2 sqrt(0.025) - 1.
        let (lower, upper) = interval(&Table::new(1, 1, 0, 1).unwrap(), 0.95).unwrap();
        assert!((lower - (2.0 * 0.025_f64.sqrt() - 1.0)).abs() < 1e-8, "{lower}");
        assert!((upper - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn masses_sum_to_one_also_at_the_ends() {
        let coefficients: Vec<f64> = (0..=7).map(|x| ln_choose(7, x)).collect();
        for p in [0.0, 1e-12, 0.3, 1.0] {
            assert!((masses(&coefficients, p).iter().sum::<f64>() - 1.0).abs() < 1e-12, "{p}");
        }
    }
}
