//! Desirability of a dose in BOIN12: the probability that its utility exceeds a benchmark, and the ranks of these probabilities.

use super::error::{DesignError, check_count, check_within};
use crate::numerics::distribution::{beta_cdf, beta_upper};
use crate::numerics::tolerance::tied;

/// Most patients of one row of a table of ranks.
const MAX_SAMPLE_SIZE: u32 = 200;

/// Scores of the outcomes of one patient: efficacy without toxicity counts 100 and toxicity without efficacy 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Utilities {
    /// Neither efficacy nor toxicity.
    pub neither: f64,
    /// Both.
    pub both: f64,
}

impl Utilities {
    /// Checked scores.
    ///
    /// # Errors
    /// [`DesignError::Outside`] for a score outside [0, 100].
    pub fn new(neither: f64, both: f64) -> Result<Self, DesignError> {
        check_within("the utility of neither efficacy nor toxicity", neither, 0.0, 100.0)?;
        check_within("the utility of both efficacy and toxicity", both, 0.0, 100.0)?;
        Ok(Self { neither, both })
    }

    /// Whether the mean score follows from the rates of efficacy and of toxicity alone, which takes two scores that add up to 100.
    #[must_use]
    pub fn is_additive(&self) -> bool {
        (self.neither + self.both - 100.0).abs() <= 1e-9
    }

    /// Expected score when efficacy and toxicity are independent.
    ///
    /// ```text
    /// u = 100 e (1 - t) + u_neither (1 - e) (1 - t) + u_both e t
    /// ```
    ///
    /// `e` is the probability of efficacy, `t` of toxicity, both in [0, 1]; scores per patient in [0, 100].
    #[must_use]
    pub fn expected(&self, efficacy: f64, toxicity: f64) -> f64 {
        100.0 * efficacy * (1.0 - toxicity) + self.neither * (1.0 - efficacy) * (1.0 - toxicity) + self.both * efficacy * toxicity
    }
}

/// Patients at one dose by both outcomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct JointTally {
    /// Efficacy without toxicity.
    pub efficacy_only: u32,
    /// Neither.
    pub neither: u32,
    /// Both.
    pub both: u32,
    /// Toxicity without efficacy.
    pub toxicity_only: u32,
}

impl JointTally {
    /// Patients with both outcomes known.
    #[must_use]
    pub fn n(&self) -> u32 {
        self.efficacy_only.saturating_add(self.neither).saturating_add(self.both).saturating_add(self.toxicity_only)
    }

    /// Patients with toxicity.
    #[must_use]
    pub fn toxicities(&self) -> u32 {
        self.both.saturating_add(self.toxicity_only)
    }

    /// Patients with efficacy.
    #[must_use]
    pub fn efficacies(&self) -> u32 {
        self.efficacy_only.saturating_add(self.both)
    }
}

/// What a dose must keep to be given: a limit on toxicity, one on efficacy, and how surely they must be missed to close the dose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Admissibility {
    /// Highest acceptable probability of toxicity (`phi_T`).
    pub toxicity_limit: f64,
    /// Lowest acceptable probability of efficacy (`phi_E`).
    pub efficacy_limit: f64,
    /// A dose is closed when the posterior probability of too much toxicity reaches this (`c_T`).
    pub toxicity_cutoff: f64,
    /// A dose is closed when the posterior probability of too little efficacy reaches this (`c_E`).
    pub efficacy_cutoff: f64,
}

impl Admissibility {
    /// Limits with the cut-offs of the publication, 0.95 for toxicity and 0.90 for efficacy.
    #[must_use]
    pub fn with_limits(toxicity_limit: f64, efficacy_limit: f64) -> Self {
        Self { toxicity_limit, efficacy_limit, toxicity_cutoff: 0.95, efficacy_cutoff: 0.90 }
    }

    fn check(&self) -> Result<(), DesignError> {
        check_within("the limit of toxicity", self.toxicity_limit, 0.0, 1.0)?;
        check_within("the limit of efficacy", self.efficacy_limit, 0.0, 1.0)?;
        check_within("the cut-off for toxicity", self.toxicity_cutoff, 0.0, 1.0)?;
        check_within("the cut-off for efficacy", self.efficacy_cutoff, 0.0, 1.0)
    }
}

/// Desirability of doses.
///
/// A dose with `x` standardised successes among `n` patients has
///
/// ```text
/// x   = (100 n_efficacy_only + u_neither n_neither + u_both n_both) / 100
/// D   = Pr(u > u_b | Beta(1 + x, 1 + n - x))
/// u_b = u_l + (100 - u_l) / 2
/// u_l = expected utility at (phi_T, phi_E) with independent outcomes
/// ```
///
/// An untried dose has `D = 1 - u_b / 100`. Source: `[Lin2020]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Desirability {
    utilities: Utilities,
    admissibility: Admissibility,
    benchmark: f64,
}

impl Desirability {
    /// The measure for given scores and limits.
    ///
    /// # Errors
    /// [`DesignError::Outside`] for a limit or a cut-off outside [0, 1].
    pub fn new(utilities: Utilities, admissibility: Admissibility) -> Result<Self, DesignError> {
        admissibility.check()?;
        let lowest = utilities.expected(admissibility.efficacy_limit, admissibility.toxicity_limit);
        Ok(Self { utilities, admissibility, benchmark: lowest + (100.0 - lowest) / 2.0 })
    }

    /// The utility that a dose should exceed, on the scale to 100.
    #[must_use]
    pub fn benchmark(&self) -> f64 {
        self.benchmark
    }

    /// The limits.
    #[must_use]
    pub fn admissibility(&self) -> &Admissibility {
        &self.admissibility
    }

    /// The scores.
    #[must_use]
    pub fn utilities(&self) -> &Utilities {
        &self.utilities
    }

    /// Standardised successes of a dose.
    fn successes(&self, tally: &JointTally) -> f64 {
        let score = 100.0 * f64::from(tally.efficacy_only)
            + self.utilities.neither * f64::from(tally.neither)
            + self.utilities.both * f64::from(tally.both);
        score / 100.0
    }

    /// Probability that the utility of a dose exceeds the benchmark.
    ///
    /// # Errors
    /// [`DesignError::Numerics`].
    pub fn prob_above_benchmark(&self, tally: &JointTally) -> Result<f64, DesignError> {
        self.prob_above(self.successes(tally), tally.n())
    }

    fn prob_above(&self, successes: f64, n: u32) -> Result<f64, DesignError> {
        beta_upper(self.benchmark / 100.0, 1.0 + successes, 1.0 + f64::from(n) - successes).map_err(DesignError::numerics)
    }

    /// Posterior mean utility of a dose on the scale to 100.
    ///
    /// ```text
    /// 100 (1 + x) / (2 + n)
    /// ```
    #[must_use]
    pub fn mean_utility(&self, tally: &JointTally) -> f64 {
        100.0 * (1.0 + self.successes(tally)) / (2.0 + f64::from(tally.n()))
    }

    /// Whether the posterior probability of too much toxicity, from a uniform prior, stays below its cut-off.
    ///
    /// # Errors
    /// [`DesignError::Numerics`].
    pub fn is_safe(&self, toxicities: u32, n: u32) -> Result<bool, DesignError> {
        let (events, others) = (f64::from(toxicities), f64::from(n.saturating_sub(toxicities)));
        let excess = beta_upper(self.admissibility.toxicity_limit, 1.0 + events, 1.0 + others).map_err(DesignError::numerics)?;
        Ok(excess < self.admissibility.toxicity_cutoff)
    }

    /// Whether the posterior probability of too little efficacy, from a uniform prior, stays below its cut-off.
    ///
    /// # Errors
    /// [`DesignError::Numerics`].
    pub fn is_promising(&self, efficacies: u32, n: u32) -> Result<bool, DesignError> {
        let (events, others) = (f64::from(efficacies), f64::from(n.saturating_sub(efficacies)));
        let lack = beta_cdf(self.admissibility.efficacy_limit, 1.0 + events, 1.0 + others).map_err(DesignError::numerics)?;
        Ok(lack < self.admissibility.efficacy_cutoff)
    }
}

/// One row of a table of desirability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DesirabilityRow {
    /// Patients.
    pub n: u32,
    /// Patients with toxicity.
    pub toxicities: u32,
    /// Patients with efficacy.
    pub efficacies: u32,
    /// Whether such a dose may be given.
    pub admissible: bool,
    /// Probability that the utility exceeds the benchmark.
    pub prob_above_benchmark: f64,
    /// Rank-based desirability score: the rank of the probability among the admissible rows, 1 for the lowest, tied ranks averaged.
    pub score: Option<f64>,
}

/// The rank-based desirability score of every outcome with the listed numbers of patients.
///
/// The score is the rank of the probability of exceeding the benchmark among the admissible rows of this very table, so that scores of
/// tables with other sample sizes must not be compared: compare the probabilities.
///
/// # Errors
/// [`DesignError::Outside`] unless the two free utilities add up to 100, without which the margins do not give the utility;
/// [`DesignError::Count`] for a sample size above 200; [`DesignError::Numerics`].
///
/// Source: `[Lin2020]`.
pub fn desirability_table(desirability: &Desirability, sample_sizes: &[u32]) -> Result<Vec<DesirabilityRow>, DesignError> {
    let utilities = &desirability.utilities;
    if !utilities.is_additive() {
        let (name, value) = ("the sum of the utilities of neither and of both", utilities.neither + utilities.both);
        return Err(DesignError::Outside { name, value, lower: 100.0, upper: 100.0 });
    }
    let mut rows = Vec::new();
    for &n in sample_sizes {
        check_count("the sample size of a row", n, 0, MAX_SAMPLE_SIZE)?;
        for toxicities in 0..=n {
            for efficacies in 0..=n {
                rows.push(row(desirability, n, toxicities, efficacies)?);
            }
        }
    }
    rank(&mut rows);
    Ok(rows)
}

fn row(desirability: &Desirability, n: u32, toxicities: u32, efficacies: u32) -> Result<DesirabilityRow, DesignError> {
    let Utilities { neither, both } = desirability.utilities;
    let successes = (both * f64::from(efficacies) + neither * f64::from(n - toxicities)) / 100.0;
    Ok(DesirabilityRow {
        n,
        toxicities,
        efficacies,
        admissible: desirability.is_safe(toxicities, n)? && desirability.is_promising(efficacies, n)?,
        prob_above_benchmark: desirability.prob_above(successes, n)?,
        score: None,
    })
}

fn rank(rows: &mut [DesirabilityRow]) {
    let mut ascending: Vec<&mut DesirabilityRow> = rows.iter_mut().filter(|row| row.admissible).collect();
    ascending.sort_by(|a, b| a.prob_above_benchmark.total_cmp(&b.prob_above_benchmark));
    let mut below = 0;
    for tie in ascending.chunk_by_mut(|a, b| tied(a.prob_above_benchmark, b.prob_above_benchmark)) {
        let count = tie.len();
        let average = below as f64 + (count as f64 + 1.0) / 2.0;
        tie.iter_mut().for_each(|row| row.score = Some(average));
        below += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> Desirability {
        Desirability::new(Utilities::new(40.0, 60.0).unwrap(), Admissibility::with_limits(0.35, 0.25)).unwrap()
    }

    /// `[Lin2020]`, table of scores for sample sizes 0, 3, 6 and 9.
    #[test]
    fn published_scores() {
        let table = desirability_table(&published(), &[0, 3, 6, 9]).unwrap();
        assert_eq!(table[0].score, Some(60.0));
        let without_toxicity: Vec<Option<f64>> =
            table.iter().filter(|row| row.n == 3 && row.toxicities == 0).map(|row| row.score).collect();
        assert_eq!(without_toxicity, [Some(35.0), Some(55.0), Some(76.0), Some(91.0)]);
        assert!((published().benchmark() - 70.5).abs() < 1e-12);
    }

    #[test]
    fn the_score_follows_from_margins_only_when_the_free_utilities_add_up() {
        let table = desirability_table(&published(), &[6]).unwrap();
        let both = JointTally { efficacy_only: 1, neither: 2, both: 2, toxicity_only: 1 };
        let split = JointTally { efficacy_only: 2, neither: 1, both: 1, toxicity_only: 2 };
        for tally in [both, split] {
            let row = table.iter().find(|row| row.toxicities == 3 && row.efficacies == 3).unwrap();
            assert_eq!((tally.toxicities(), tally.efficacies(), tally.n()), (3, 3, 6));
            assert!((published().prob_above_benchmark(&tally).unwrap() - row.prob_above_benchmark).abs() < 1e-14);
        }
        let other = Desirability::new(Utilities::new(30.0, 60.0).unwrap(), Admissibility::with_limits(0.35, 0.25)).unwrap();
        assert!(desirability_table(&other, &[3]).is_err());
    }

    #[test]
    fn more_toxicity_never_helps_and_more_efficacy_never_harms() {
        let table = desirability_table(&published(), &[9]).unwrap();
        let at = |toxicities: u32, efficacies: u32| {
            table.iter().find(|row| row.toxicities == toxicities && row.efficacies == efficacies).unwrap().prob_above_benchmark
        };
        for toxicities in 0..9 {
            for efficacies in 0..9 {
                assert!(at(toxicities + 1, efficacies) < at(toxicities, efficacies));
                assert!(at(toxicities, efficacies + 1) > at(toxicities, efficacies));
            }
        }
    }

    #[test]
    fn bad_utilities_limits_and_sizes_are_refused() {
        assert!(Utilities::new(-1.0, 60.0).is_err() && Utilities::new(40.0, 101.0).is_err());
        assert!(Desirability::new(Utilities::new(40.0, 60.0).unwrap(), Admissibility::with_limits(1.2, 0.25)).is_err());
        assert!(desirability_table(&published(), &[201]).is_err());
    }
}
