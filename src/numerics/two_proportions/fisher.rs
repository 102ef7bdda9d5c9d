//! Fisher's exact test and the conditional odds ratio: inference given both margins of the two-by-two table.

use super::super::distribution::{self, DistributionError};
use super::super::root::{self, RootError};
use super::super::tolerance::EQUALLY_LIKELY;
use super::{RatioEstimate, Table, TwoProportionsError};

/// Largest absolute log odds ratio that the search for a limit visits.
const WIDEST_LOG_ODDS: f64 = 700.0;

/// Log odds ratio that stands for an infinite one: every other count underflows.
const FARTHEST_LOG_ODDS: f64 = 1e4;

/// Width at which R's `uniroot` stops by default: the fourth root of the spacing of floating-point numbers at 1.
const UNIROOT_WIDTH: f64 = 1.220_703_125e-4;

/// How the estimate and the limits of a conditional odds ratio are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OddsRatioSearch {
    /// To full precision: what should be printed.
    Converged,
    /// As R's `fisher.test` does, which stops when the odds ratio (or its inverse, above 1) is known to 1.2e-4, so that its limits are
    /// off in the fourth or fifth digit. Only for comparison with numbers printed by that program.
    FisherTestOfR,
}

/// The three p-values of Fisher's exact test of equal proportions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FisherTest {
    /// Sum over all tables that are at most as likely as the observed one.
    pub two_sided: f64,
    /// Alternative: group 1 has the higher proportion.
    pub greater: f64,
    /// Alternative: group 1 has the lower proportion.
    pub less: f64,
}

/// Conditional distribution of the successes of group 1 given both margins, as logarithms up to a constant.
struct Conditional {
    lowest: u64,
    observed: u64,
    log_weights: Vec<f64>,
}

impl Conditional {
    fn new(table: &Table) -> Self {
        let (x1, n1, x2, n2) = table.counts();
        let successes = x1 + x2;
        let lowest = successes.saturating_sub(n2);
        let highest = successes.min(n1);
        let log_weights = (lowest..=highest).map(|x| distribution::ln_choose(n1, x) + distribution::ln_choose(n2, successes - x)).collect();
        Self { lowest, observed: x1, log_weights }
    }

    fn highest(&self) -> u64 {
        self.lowest + self.log_weights.len() as u64 - 1
    }

    /// Probabilities of each possible count when the log odds ratio is `log_odds`; all on one end when it is infinite.
    fn probabilities(&self, log_odds: f64) -> Vec<f64> {
        let log_odds = log_odds.clamp(-FARTHEST_LOG_ODDS, FARTHEST_LOG_ODDS);
        let tilted: Vec<f64> =
            self.log_weights.iter().enumerate().map(|(i, weight)| weight + log_odds * (self.lowest + i as u64) as f64).collect();
        let largest = tilted.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let masses: Vec<f64> = tilted.iter().map(|value| (value - largest).exp()).collect();
        let total: f64 = masses.iter().sum();
        masses.iter().map(|mass| mass / total).collect()
    }

    fn mean(&self, log_odds: f64) -> f64 {
        self.probabilities(log_odds).iter().enumerate().map(|(i, mass)| (self.lowest + i as u64) as f64 * mass).sum()
    }

    fn at_least(&self, log_odds: f64) -> f64 {
        self.probabilities(log_odds).iter().skip((self.observed - self.lowest) as usize).sum::<f64>().min(1.0)
    }

    fn at_most(&self, log_odds: f64) -> f64 {
        self.probabilities(log_odds).iter().take((self.observed - self.lowest) as usize + 1).sum::<f64>().min(1.0)
    }
}

/// Fisher's exact test.
///
/// ```text
/// P(x) = C(n1, x) C(n2, m - x) / C(n1 + n2, m),  m = x1 + x2
/// greater  sum of P(x) for x >= x1      less  for x <= x1
/// two-sided  sum of P(x) over all x with P(x) <= P(x1) (1 + 1e-7)
/// ```
///
/// # Edges
/// All three are 1 when no or all trials succeed.
///
/// Source: `[Fisher1935]`.
pub fn fisher_test(table: &Table) -> FisherTest {
    let conditional = Conditional::new(table);
    let probabilities = conditional.probabilities(0.0);
    let at_observed = probabilities.get((conditional.observed - conditional.lowest) as usize).copied().unwrap_or(0.0);
    let two_sided: f64 = probabilities.iter().filter(|mass| **mass <= at_observed * (1.0 + EQUALLY_LIKELY)).sum();
    FisherTest { two_sided: two_sided.min(1.0), greater: conditional.at_least(0.0), less: conditional.at_most(0.0) }
}

/// Conditional maximum-likelihood odds ratio of group 1 over group 2 with exact limits.
///
/// ```text
/// estimate  W with E(X | W) = x1        lower  W with P(X >= x1 | W) = a/2        upper  W with P(X <= x1 | W) = a/2
/// X ~ non-central hypergeometric with odds ratio W given both margins; a = 1 - level
/// ```
///
/// It differs from the cross-product ratio, which is the unconditional estimate.
///
/// # Edges
/// Estimate and lower limit are 0 when the count is the smallest possible, estimate and upper limit infinite when it is the largest;
/// where it is both (no or all trials succeed) the estimate is 0 and the interval 0 to infinity.
///
/// # Errors
/// A bad `level` or a failed search.
///
/// Source: `[Cornfield1956]`.
pub fn conditional_odds_ratio(table: &Table, level: f64, search: OddsRatioSearch) -> Result<RatioEstimate, TwoProportionsError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(DistributionError::Probability(level).into());
    }
    let tail = 0.5 * (1.0 - level);
    let conditional = Conditional::new(table);
    let lowest = conditional.observed == conditional.lowest;
    let highest = conditional.observed == conditional.highest();
    let observed = conditional.observed as f64;
    let estimate = match (lowest, highest) {
        (true, _) => 0.0,
        (false, true) => f64::INFINITY,
        (false, false) => search.solve(|log_odds| conditional.mean(log_odds) - observed)?,
    };
    let lower = if lowest { 0.0 } else { search.solve(|log_odds| conditional.at_least(log_odds) - tail)? };
    let upper = if highest { f64::INFINITY } else { search.solve(|log_odds| tail - conditional.at_most(log_odds))? };
    Ok(RatioEstimate { estimate, lower, upper })
}

impl OddsRatioSearch {
    /// Odds ratio at which an increasing function of the log odds ratio is zero.
    fn solve(self, increasing: impl Fn(f64) -> f64) -> Result<f64, RootError> {
        match self {
            Self::Converged => {
                let mut reach = 1.0;
                while reach < WIDEST_LOG_ODDS && increasing(-reach) * increasing(reach) > 0.0 {
                    reach *= 2.0;
                }
                root::find_root(increasing, -reach, reach, 0.0).map(f64::exp)
            }
            Self::FisherTestOfR => {
                if increasing(0.0) > 0.0 {
                    root::find_root(|odds| increasing(odds.ln()), 0.0, 1.0, UNIROOT_WIDTH)
                } else {
                    root::find_root(|inverse| increasing(-inverse.ln()), f64::EPSILON, 1.0, UNIROOT_WIDTH).map(f64::recip)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tea_tasting_by_hand() {
        // 3 of 4 against 1 of 4: the tables 3-1 and 4-0 have probability 16/70 and 1/70.
        let test = fisher_test(&Table::new(3, 4, 1, 4).unwrap());
        assert!((test.greater - 17.0 / 70.0).abs() < 1e-14);
        assert!((test.two_sided - 34.0 / 70.0).abs() < 1e-14);
        assert!((test.less - 69.0 / 70.0).abs() < 1e-14);
        let odds = conditional_odds_ratio(&Table::new(3, 4, 1, 4).unwrap(), 0.95, OddsRatioSearch::Converged).unwrap();
        // Hand-written equations of the conditional distribution with weights 1, 16, 36, 16, 1.
        let total = |w: f64| 1.0 + 16.0 * w + 36.0 * w * w + 16.0 * w.powi(3) + w.powi(4);
        let (w, lower, upper) = (odds.estimate, odds.lower, odds.upper);
        assert!((w.powi(4) - 36.0 * w * w - 32.0 * w - 3.0).abs() < 1e-9, "{w}");
        assert!(((16.0 * lower.powi(3) + lower.powi(4)) / total(lower) - 0.025).abs() < 1e-12, "{lower}");
        assert!((upper.powi(4) / total(upper) - 0.975).abs() < 1e-12, "{upper}");
    }

    #[test]
    fn exchanging_the_groups_inverts_the_odds_ratio() {
        let table = Table::new(9, 24, 4, 31).unwrap();
        let there = conditional_odds_ratio(&table, 0.9, OddsRatioSearch::Converged).unwrap();
        let back = conditional_odds_ratio(&table.exchanged(), 0.9, OddsRatioSearch::Converged).unwrap();
        assert!((there.estimate * back.estimate - 1.0).abs() < 1e-10);
        assert!((there.lower * back.upper - 1.0).abs() < 1e-10);
        assert!(there.lower < there.estimate && there.estimate < there.upper);
    }

    #[test]
    fn empty_cells_reach_zero_and_infinity() {
        let none = conditional_odds_ratio(&Table::new(0, 20, 0, 20).unwrap(), 0.95, OddsRatioSearch::Converged).unwrap();
        assert!(none.lower < f64::EPSILON && none.estimate < f64::EPSILON && none.upper.is_infinite());
        let all = conditional_odds_ratio(&Table::new(5, 5, 0, 5).unwrap(), 0.95, OddsRatioSearch::Converged).unwrap();
        assert!(all.estimate.is_infinite() && all.upper.is_infinite() && all.lower > 1.0);
        assert!(conditional_odds_ratio(&Table::new(1, 2, 1, 2).unwrap(), 2.0, OddsRatioSearch::Converged).is_err());
    }
}
