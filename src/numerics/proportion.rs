//! One binomial proportion: the estimate and six confidence intervals.
//!
//! Published reports use at least four of these methods, so the method is a named choice ([`ProportionMethod`]) that whoever prints
//! the interval can print too. Start with [`interval`].

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::distribution::{self, DistributionError};
use super::root::{self, RootError};

/// Method of a confidence interval for one proportion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProportionMethod {
    /// Exact, from the two binomial tails `[ClopperPearson1934]`.
    ClopperPearson,
    /// Inversion of the score test, without continuity correction `[Wilson1927]`.
    Wilson,
    /// Equal-tailed Beta(x + 1/2, n - x + 1/2), closed at 0 and 1 when no or all trials succeed `[BrownCaiDasGupta2001]`.
    Jeffreys,
    /// Wald interval after adding half the squared critical value to both outcomes `[AgrestiCoull1998]`.
    AgrestiCoull,
    /// Estimate plus and minus the critical value times the estimated standard error; may leave [0, 1].
    Wald,
    /// Exact tails that count half of the observed outcome's probability `[BerryArmitage1995]`.
    MidP,
}

impl ProportionMethod {
    /// Every method, in the order in which they are documented.
    pub const ALL: [Self; 6] = [Self::ClopperPearson, Self::Wilson, Self::Jeffreys, Self::AgrestiCoull, Self::Wald, Self::MidP];

    /// Identifier in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ClopperPearson => "clopper_pearson",
            Self::Wilson => "wilson",
            Self::Jeffreys => "jeffreys",
            Self::AgrestiCoull => "agresti_coull",
            Self::Wald => "wald",
            Self::MidP => "mid_p",
        }
    }

    /// Name in running text and footnotes.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ClopperPearson => "Clopper-Pearson",
            Self::Wilson => "Wilson",
            Self::Jeffreys => "Jeffreys",
            Self::AgrestiCoull => "Agresti-Coull",
            Self::Wald => "Wald",
            Self::MidP => "mid-p",
        }
    }
}

/// Why an interval for a proportion does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ProportionError {
    /// No trial: the proportion is not estimable.
    #[error("no observations: the proportion is not estimable")]
    NoObservations,
    /// More successes than trials.
    #[error("{successes} successes in {trials} trials")]
    MoreSuccessesThanTrials {
        /// Successes given.
        successes: u64,
        /// Trials given.
        trials: u64,
    },
    /// Bad confidence level or a failed quantile.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// The search for a limit failed.
    #[error(transparent)]
    Root(#[from] RootError),
}

fn check(successes: u64, trials: u64) -> Result<(), ProportionError> {
    if trials == 0 {
        Err(ProportionError::NoObservations)
    } else if successes > trials {
        Err(ProportionError::MoreSuccessesThanTrials { successes, trials })
    } else {
        Ok(())
    }
}

/// Observed proportion `x / n`.
///
/// # Errors
/// [`ProportionError::NoObservations`] when `n = 0`; [`ProportionError::MoreSuccessesThanTrials`] when `x > n`.
pub fn estimate(successes: u64, trials: u64) -> Result<f64, ProportionError> {
    check(successes, trials)?;
    Ok(successes as f64 / trials as f64)
}

/// Two-sided confidence interval for a binomial proportion by a named method.
///
/// ```text
/// x successes of n trials, p = x/n, level = 1 - a, z = upper a/2 point of the normal, q = 1 - p
/// Clopper-Pearson   lower: P(X >= x | p) = a/2   upper: P(X <= x | p) = a/2
/// Wilson            (p + z^2/2n -+ z sqrt(pq/n + z^2/4n^2)) / (1 + z^2/n)
/// Jeffreys          a/2 and 1 - a/2 quantiles of Beta(x + 1/2, n - x + 1/2)
/// Agresti-Coull     P -+ z sqrt(P(1 - P)/N),  N = n + z^2,  P = (x + z^2/2)/N, cut to [0, 1]
/// Wald              p -+ z sqrt(pq/n), not cut
/// mid-p             P(X > x | p) + P(X = x | p)/2 = a/2 and the same below
/// ```
///
/// # Domain
/// `0 <= x <= n`, `n >= 1`, `0 < level < 1`.
///
/// # Edges
/// With `x = 0` the lower limit of Clopper-Pearson, Wilson, Jeffreys and mid-p is exactly 0, with `x = n` the upper one exactly 1.
///
/// # Errors
/// [`ProportionError`]; `n = 0` is [`ProportionError::NoObservations`], which a caller may print as "not estimable".
///
/// Sources: `[ClopperPearson1934]`, `[Wilson1927]`, `[BrownCaiDasGupta2001]`, `[AgrestiCoull1998]`, `[BerryArmitage1995]`.
pub fn interval(method: ProportionMethod, successes: u64, trials: u64, level: f64) -> Result<(f64, f64), ProportionError> {
    check(successes, trials)?;
    let z = distribution::normal_critical(level)?;
    match method {
        ProportionMethod::ClopperPearson => clopper_pearson(successes, trials, level),
        ProportionMethod::Wilson => Ok(wilson(successes, trials, z)),
        ProportionMethod::Jeffreys => jeffreys(successes, trials, level),
        ProportionMethod::AgrestiCoull => Ok(agresti_coull(successes, trials, z)),
        ProportionMethod::Wald => Ok(wald(successes, trials, z)),
        ProportionMethod::MidP => mid_p(successes, trials, level),
    }
}

fn clopper_pearson(successes: u64, trials: u64, level: f64) -> Result<(f64, f64), ProportionError> {
    let tail = 0.5 * (1.0 - level);
    let (x, n) = (successes as f64, trials as f64);
    let lower = if successes == 0 { 0.0 } else { distribution::beta_quantile(tail, x, n - x + 1.0)? };
    // The complement of the other outcome's lower limit keeps its digits when the upper limit is close to 1.
    let upper = if successes == trials { 1.0 } else { 1.0 - distribution::beta_quantile(tail, n - x, x + 1.0)? };
    Ok((lower, upper))
}

fn wilson(successes: u64, trials: u64, z: f64) -> (f64, f64) {
    let (x, n) = (successes as f64, trials as f64);
    let p = x / n;
    let centre = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    let lower = if successes == 0 { 0.0 } else { (centre - half) / scale };
    let upper = if successes == trials { 1.0 } else { (centre + half) / scale };
    (lower, upper)
}

fn jeffreys(successes: u64, trials: u64, level: f64) -> Result<(f64, f64), ProportionError> {
    let tail = 0.5 * (1.0 - level);
    let (a, b) = (successes as f64 + 0.5, (trials - successes) as f64 + 0.5);
    let lower = if successes == 0 { 0.0 } else { distribution::beta_quantile(tail, a, b)? };
    let upper = if successes == trials { 1.0 } else { 1.0 - distribution::beta_quantile(tail, b, a)? };
    Ok((lower, upper))
}

fn agresti_coull(successes: u64, trials: u64, z: f64) -> (f64, f64) {
    let total = trials as f64 + z * z;
    let centre = (successes as f64 + 0.5 * z * z) / total;
    let half = z * (centre * (1.0 - centre) / total).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

fn wald(successes: u64, trials: u64, z: f64) -> (f64, f64) {
    let n = trials as f64;
    let p = successes as f64 / n;
    let half = z * (p * (1.0 - p) / n).sqrt();
    (p - half, p + half)
}

fn mid_p(successes: u64, trials: u64, level: f64) -> Result<(f64, f64), ProportionError> {
    let lower = if successes == 0 { 0.0 } else { mid_p_lower(successes, trials, level)? };
    let upper = if successes == trials { 1.0 } else { 1.0 - mid_p_lower(trials - successes, trials, level)? };
    Ok((lower, upper))
}

/// Probability at which the upper mid-p tail equals half of one minus the level; the upper limit follows by exchanging outcomes.
fn mid_p_lower(successes: u64, trials: u64, level: f64) -> Result<f64, ProportionError> {
    let target = 0.5 * (1.0 - level);
    let excess = |p: f64| {
        let beyond = distribution::binomial_at_least(successes + 1, trials, p);
        let from = distribution::binomial_at_least(successes, trials, p);
        match (beyond, from) {
            (Ok(beyond), Ok(from)) => 0.5 * (beyond + from) - target,
            _ => f64::NAN,
        }
    };
    Ok(root::find_root(excess, 0.0, 1.0, 0.0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Limits in percent as printed in published reports: successes, trials, level, method, lower, upper, decimals printed.
    #[test]
    fn published_intervals_are_reproduced() {
        use ProportionMethod::{ClopperPearson, Wald, Wilson};
        let a = 1.0 - 0.05 / 3.0;
        #[rustfmt::skip]
        let table = [
            ("G01", 50, 102, 0.95, ClopperPearson, 39.0, 59.1, 1), ("G01", 28, 50, 0.95, ClopperPearson, 41.3, 70.0, 1),
            ("G02", 95, 102, 0.95, ClopperPearson, 86.4, 97.2, 1), ("G02", 46, 50, 0.95, ClopperPearson, 80.8, 97.8, 1),
            ("G03", 6, 17, 0.95, ClopperPearson, 14.2, 61.7, 1), ("G03", 5, 18, 0.95, ClopperPearson, 9.7, 53.5, 1),
            ("G03", 11, 35, 0.95, ClopperPearson, 16.9, 49.3, 1), ("G03", 7, 17, 0.95, ClopperPearson, 18.4, 67.1, 1),
            ("G03", 4, 20, 0.95, ClopperPearson, 5.7, 43.7, 1), ("G03", 33, 107, 0.95, ClopperPearson, 22.3, 40.5, 1),
            ("G04", 41, 93, a, ClopperPearson, 31.7, 57.0, 1), ("G04", 27, 93, a, ClopperPearson, 18.4, 41.6, 1),
            ("G04", 21, 91, a, ClopperPearson, 13.4, 35.3, 1), ("G04", 41, 93, 0.983, ClopperPearson, 31.8, 56.9, 1),
            ("G05", 30, 97, 0.975, ClopperPearson, 20.8, 42.6, 1), ("G05", 34, 99, 0.975, ClopperPearson, 23.9, 46.0, 1),
            ("G05", 31, 97, 0.975, ClopperPearson, 21.7, 43.6, 1),
            ("G06", 43, 75, 0.95, Wald, 46.1, 68.5, 1), ("G06", 31, 77, 0.95, Wald, 29.3, 51.2, 1),
            ("G10", 40, 100, 0.975, ClopperPearson, 29.0, 52.0, 0), ("G10", 53, 75, 0.95, Wilson, 60.0, 80.0, 0),
            // The report prints 43-65 for 59/110; the exact upper limit, checked by summing the binomial tail, is 64.46.
            ("G10", 50, 112, 0.975, ClopperPearson, 34.0, 56.0, 0), ("G10", 59, 110, 0.975, ClopperPearson, 42.56, 64.46, 2),
        ];
        for (anchor, x, n, level, method, lower, upper, decimals) in table {
            let (got_lower, got_upper) = interval(method, x, n, level).unwrap();
            let half = 0.5 * 10.0_f64.powi(-decimals) + 1e-9;
            assert!((100.0 * got_lower - lower).abs() <= half, "{anchor} {x}/{n} lower {got_lower}");
            assert!((100.0 * got_upper - upper).abs() <= half, "{anchor} {x}/{n} upper {got_upper}");
        }
    }

    #[test]
    fn intervals_contain_the_estimate_and_mirror_each_other() {
        for n in [1, 2, 3, 7, 20, 53, 400] {
            for x in 0..=n {
                let p = estimate(x, n).unwrap();
                for method in ProportionMethod::ALL {
                    let (lower, upper) = interval(method, x, n, 0.9).unwrap();
                    assert!(lower <= p + 1e-12 && p <= upper + 1e-12, "{} {x}/{n}: {lower} {upper}", method.id());
                    let (mirror_lower, mirror_upper) = interval(method, n - x, n, 0.9).unwrap();
                    assert!((lower - (1.0 - mirror_upper)).abs() < 1e-10 && (upper - (1.0 - mirror_lower)).abs() < 1e-10);
                }
            }
        }
    }

    #[test]
    fn a_higher_level_widens_and_the_exact_interval_is_wider_than_mid_p() {
        let (narrow, wide) =
            (interval(ProportionMethod::Wilson, 4, 19, 0.8).unwrap(), interval(ProportionMethod::Wilson, 4, 19, 0.99).unwrap());
        assert!(wide.0 < narrow.0 && narrow.1 < wide.1);
        let exact = interval(ProportionMethod::ClopperPearson, 4, 19, 0.95).unwrap();
        let mid = interval(ProportionMethod::MidP, 4, 19, 0.95).unwrap();
        assert!(exact.0 < mid.0 && mid.1 < exact.1);
    }

    #[test]
    fn boundaries_are_exact() {
        for method in [ProportionMethod::ClopperPearson, ProportionMethod::Wilson, ProportionMethod::Jeffreys, ProportionMethod::MidP] {
            assert_eq!(interval(method, 0, 12, 0.95).unwrap().0.to_bits(), 0.0_f64.to_bits());
            assert_eq!(interval(method, 12, 12, 0.95).unwrap().1.to_bits(), 1.0_f64.to_bits());
        }
    }

    #[test]
    fn bad_input_is_an_error() {
        assert_eq!(interval(ProportionMethod::Wilson, 0, 0, 0.95), Err(ProportionError::NoObservations));
        assert_eq!(estimate(3, 2), Err(ProportionError::MoreSuccessesThanTrials { successes: 3, trials: 2 }));
        assert!(matches!(interval(ProportionMethod::Wald, 1, 2, 1.0), Err(ProportionError::Distribution(_))));
    }
}
