//! Confidence intervals for the difference of two proportions.

use serde::{Deserialize, Serialize};

use super::super::distribution;
use super::super::proportion::{self, ProportionError, ProportionMethod};
use super::{Table, TwoProportionsError, exact_unconditional, score};

/// Method of a confidence interval for `p1 - p2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceMethod {
    /// Wilson limits of each group combined (method 10), without continuity correction `[Newcombe1998]`.
    NewcombeHybridScore,
    /// Inversion of the score test with variance factor `N/(N - 1)` `[MiettinenNurminen1985]`.
    MiettinenNurminen,
    /// Difference plus and minus the critical value times the unpooled standard error; not cut.
    Wald,
    /// Two one-sided exact unconditional tests ordered by the score statistic `[ChanZhang1999]`.
    ExactChanZhang,
}

impl DifferenceMethod {
    /// Every method, in the order in which they are documented.
    pub const ALL: [Self; 4] = [Self::NewcombeHybridScore, Self::MiettinenNurminen, Self::Wald, Self::ExactChanZhang];

    /// Identifier in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NewcombeHybridScore => "newcombe_hybrid_score",
            Self::MiettinenNurminen => "miettinen_nurminen",
            Self::Wald => "wald",
            Self::ExactChanZhang => "exact_chan_zhang",
        }
    }

    /// Name in running text and footnotes.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NewcombeHybridScore => "Newcombe hybrid score",
            Self::MiettinenNurminen => "Miettinen-Nurminen",
            Self::Wald => "Wald",
            Self::ExactChanZhang => "exact unconditional (Chan-Zhang)",
        }
    }
}

/// Observed difference `x1/n1 - x2/n2`.
pub fn risk_difference(table: &Table) -> f64 {
    let (x1, n1, x2, n2) = table.reals();
    x1 / n1 - x2 / n2
}

/// Two-sided confidence interval for the difference of two proportions by a named method.
///
/// ```text
/// p1, p2 observed proportions, d = p1 - p2, (l_i, u_i) Wilson limits of group i, z critical value, a = 1 - level
/// Newcombe            d - sqrt((p1 - l1)^2 + (u2 - p2)^2)   to   d + sqrt((u1 - p1)^2 + (p2 - l2)^2)
/// Miettinen-Nurminen  all D with |score statistic at D| <= z
/// Wald                d -+ z sqrt(p1 q1/n1 + p2 q2/n2)
/// Chan-Zhang          all D that neither one-sided exact unconditional test rejects at a/2
/// ```
///
/// # Domain
/// `0 < level < 1`. The exact method costs about `n1 (n1 + n2)` operations per tested value and suits groups up to a few hundred.
///
/// # Edges
/// Score and exact limits lie in [-1, 1] and reach the end when the observed difference does; the Wald interval has no width there.
///
/// # Errors
/// [`TwoProportionsError`] for a bad level or a failed search.
///
/// Sources: `[Newcombe1998]`, `[MiettinenNurminen1985]`, `[ChanZhang1999]`.
pub fn difference_interval(method: DifferenceMethod, table: &Table, level: f64) -> Result<(f64, f64), TwoProportionsError> {
    let z = distribution::normal_critical(level)?;
    match method {
        DifferenceMethod::NewcombeHybridScore => newcombe(table, level),
        DifferenceMethod::MiettinenNurminen => score::score_interval(table, z),
        DifferenceMethod::Wald => Ok(wald(table, z)),
        DifferenceMethod::ExactChanZhang => exact_unconditional::interval(table, level),
    }
}

fn wald(table: &Table, z: f64) -> (f64, f64) {
    let (x1, n1, x2, n2) = table.reals();
    let (p1, p2) = (x1 / n1, x2 / n2);
    let half = z * (p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2).sqrt();
    (p1 - p2 - half, p1 - p2 + half)
}

fn newcombe(table: &Table, level: f64) -> Result<(f64, f64), TwoProportionsError> {
    let (x1, n1, x2, n2) = table.counts();
    let (lower_1, upper_1) = proportion::interval(ProportionMethod::Wilson, x1, n1, level)?;
    let (lower_2, upper_2) = proportion::interval(ProportionMethod::Wilson, x2, n2, level)?;
    let (p1, p2) = (x1 as f64 / n1 as f64, x2 as f64 / n2 as f64);
    let down = (p1 - lower_1).hypot(upper_2 - p2);
    let up = (upper_1 - p1).hypot(p2 - lower_2);
    Ok((p1 - p2 - down, p1 - p2 + up))
}

impl From<ProportionError> for TwoProportionsError {
    fn from(error: ProportionError) -> Self {
        match error {
            ProportionError::NoObservations => Self::NoObservations,
            ProportionError::MoreSuccessesThanTrials { successes, trials } => Self::MoreSuccessesThanTrials { successes, trials },
            ProportionError::Distribution(error) => Self::Distribution(error),
            ProportionError::Root(error) => Self::Root(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_differences_are_reproduced() {
        let cases = [
            ("G08", Table::new(44, 77, 46, 75).unwrap(), 0.95, -4.2, -19.8, 11.4),
            ("G09", Table::new(34, 104, 26, 105).unwrap(), 0.90, 7.9, -2.3, 18.2),
        ];
        for (anchor, table, level, difference, lower, upper) in cases {
            let (got_lower, got_upper) = difference_interval(DifferenceMethod::Wald, &table, level).unwrap();
            for (got, want) in [(risk_difference(&table), difference), (got_lower, lower), (got_upper, upper)] {
                assert!((100.0 * got - want).abs() < 0.05 + 1e-9, "{anchor}: {got} against {want}");
            }
        }
    }

    #[test]
    fn intervals_contain_the_difference_and_change_sign_with_the_groups() {
        let tables = [(0, 5, 0, 7), (5, 5, 0, 7), (3, 5, 4, 7), (7, 30, 13, 28), (1, 1, 1, 1), (0, 1, 1, 1)];
        for (x1, n1, x2, n2) in tables {
            let table = Table::new(x1, n1, x2, n2).unwrap();
            let difference = risk_difference(&table);
            for method in DifferenceMethod::ALL {
                let (lower, upper) = difference_interval(method, &table, 0.9).unwrap();
                let (mirror_lower, mirror_upper) = difference_interval(method, &table.exchanged(), 0.9).unwrap();
                assert!(lower <= difference + 1e-9 && difference <= upper + 1e-9, "{} {table:?} {lower} {upper}", method.id());
                assert!((lower + mirror_upper).abs() < 1e-6 && (upper + mirror_lower).abs() < 1e-6, "{} {table:?}", method.id());
            }
        }
    }

    #[test]
    fn empty_groups_and_bad_levels_are_errors() {
        assert_eq!(Table::new(0, 0, 1, 2), Err(TwoProportionsError::NoObservations));
        assert!(matches!(Table::new(3, 2, 1, 2), Err(TwoProportionsError::MoreSuccessesThanTrials { .. })));
        assert!(matches!(Table::new(0, u64::MAX, 1, 2), Err(TwoProportionsError::TooManyTrials { .. })));
        let table = Table::new(1, 3, 1, 3).unwrap();
        assert!(matches!(difference_interval(DifferenceMethod::Wald, &table, 0.0), Err(TwoProportionsError::Distribution(_))));
    }
}
