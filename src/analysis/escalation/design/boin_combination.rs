//! BOIN for combinations of two drugs.

use super::boin_rule::BoinRule;
use super::decision::Decision;
use super::error::DesignError;
use super::tally::{MAX_DOSES, Tally, check_grid};
use crate::numerics::distribution::beta_cdf;
use crate::numerics::isotonic_bivariate::isotonic_bivariate;
use crate::numerics::tolerance::tied;

/// Added to the criterion for each patient already treated at a pair, so that a tried pair wins over an untried one with the same evidence.
const PER_PATIENT: f64 = 0.0005;

/// Added to a rounded estimate for each step up the grid, so that the pair further up counts as more toxic.
const PER_STEP: f64 = 1e-5;

/// Zero-based position in the grid: a dose of the drug in rows and one of the drug in columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DosePair {
    /// Dose of the drug in rows.
    pub row: usize,
    /// Dose of the drug in columns.
    pub column: usize,
}

/// Counts at every pair of doses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairTallies {
    columns: usize,
    cells: Vec<Tally>,
}

impl PairTallies {
    /// Counts as rows of equal length.
    ///
    /// # Errors
    /// [`DesignError::Grid`] for no dose or too many of a drug, [`DesignError::Length`] for a ragged grid,
    /// [`DesignError::MoreToxicitiesThanPatients`].
    pub fn new(rows: &[Vec<Tally>]) -> Result<Self, DesignError> {
        let columns = rows.first().map_or(0, Vec::len);
        check_grid(rows.len())?;
        check_grid(columns)?;
        if let Some(row) = rows.iter().find(|row| row.len() != columns) {
            return Err(DesignError::Length { name: "a row of the grid", given: row.len().min(MAX_DOSES + 1), doses: columns });
        }
        let cells: Vec<Tally> = rows.iter().flatten().copied().collect();
        for tally in &cells {
            Tally::new(tally.n, tally.dlt)?;
        }
        Ok(Self { columns, cells })
    }

    /// A grid without patients.
    pub(super) fn empty(rows: usize, columns: usize) -> Result<Self, DesignError> {
        Self::new(&vec![vec![Tally::default(); columns]; rows])
    }

    /// Adds a cohort at a pair of the grid.
    pub(super) fn add(&mut self, pair: DosePair, cohort: Tally) {
        if let Some(tally) = self.cells.get_mut(pair.row * self.columns + pair.column) {
            *tally = tally.plus(cohort);
        }
    }

    /// Counts row by row.
    pub(super) fn cells(&self) -> &[Tally] {
        &self.cells
    }

    /// Doses of the drug in rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.cells.len() / self.columns
    }

    /// Doses of the drug in columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Counts at a pair; none outside the grid.
    #[must_use]
    pub fn at(&self, pair: DosePair) -> Tally {
        if pair.column < self.columns {
            self.cells.get(pair.row * self.columns + pair.column).copied().unwrap_or_default()
        } else {
            Tally::default()
        }
    }

    fn pairs(&self) -> impl Iterator<Item = DosePair> + use<> {
        let (rows, columns) = (self.rows(), self.columns);
        (0..rows).flat_map(move |row| (0..columns).map(move |column| DosePair { row, column }))
    }

    fn has(&self, pair: DosePair) -> bool {
        pair.row < self.rows() && pair.column < self.columns
    }

    /// A value per pair, as rows.
    fn map(&self, value: impl Fn(Tally) -> f64) -> Vec<Vec<f64>> {
        self.cells.chunks(self.columns).map(|row| row.iter().map(|tally| value(*tally)).collect()).collect()
    }
}

/// What follows on the counts of a combination trial.
#[derive(Debug, Clone, PartialEq)]
pub enum NextPair {
    /// Treat the next cohort at one of these pairs: one pair, or several with the same claim among which chance decides.
    Treat {
        /// The pairs, in the order of rows.
        pairs: Vec<DosePair>,
        /// What was decided.
        decision: Decision,
    },
    /// Stop: the lowest pair is too toxic.
    StopForToxicity,
    /// Stop: enough patients at the current pair.
    StopAtNumber {
        /// Patients there.
        n: u32,
        /// Number at which the trial stops.
        limit: u32,
    },
}

/// How elimination of a pair spreads when the maximum tolerated dose is selected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum EliminationReach {
    /// To every pair with at least these doses of both drugs, as during the trial.
    #[default]
    Quadrant,
    /// To the pairs further along its row and along its column only.
    RowAndColumn,
}

/// How exactly estimates are compared when the maximum tolerated dose is selected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// Rounded to two decimals, then raised by 0.00001 per step up the grid: the rule of the published software.
    #[default]
    TwoDecimals,
    /// As estimated, raised in the same way.
    FullPrecision,
}

/// Options of the selection.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PairSelectionRule {
    /// How elimination spreads.
    pub reach: EliminationReach,
    /// How estimates are compared.
    pub comparison: Comparison,
    /// Whether the estimate at the selected pair must lie below `lambda_d`.
    pub below_upper_boundary: bool,
}

/// The selected pair, with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct PairSelection {
    /// The selected pair; `None` when none is acceptable.
    pub mtd: Option<DosePair>,
    /// The contour: at most one pair per row.
    pub contour: Vec<DosePair>,
    /// Isotonic estimate of the probability of toxicity at every pair, untried ones included.
    pub estimates: Vec<Vec<f64>>,
    /// Pairs that may not be selected.
    pub eliminated: Vec<Vec<bool>>,
}

/// The BOIN design for two drugs.
///
/// The counts at the current pair `(j, k)` are judged with the boundaries of the single-drug design. The dose of one drug changes at a time:
/// escalation goes to `(j+1, k)` or `(j, k+1)`, de-escalation to `(j-1, k)` or `(j, k-1)`, whichever has the largest
///
/// ```text
/// Pr(lambda_e < p < lambda_d | Beta(y + 1/2, n - y + 1/2)) + 0.0005 n
/// ```
///
/// with `y` of `n` patients at the candidate; equals are drawn by lot, so that all are returned. A candidate for escalation must not be
/// eliminated, and no observed rate at or above `lambda_d` may lie at `(j+1, <=k)` or `(<=j, k+1)` respectively; without candidate the pair is
/// kept. Elimination of a pair, as in the single-drug design, eliminates every pair with at least these doses of both drugs. The trial stops
/// when the lowest pair is eliminated or the current pair has reached the given number of patients.
/// Source: `[LinYin2017]`.
#[derive(Debug, Clone)]
pub struct BoinCombination {
    rule: BoinRule,
    stop_at: u32,
}

impl BoinCombination {
    /// The design with a rule for single pairs that stops when a pair about to receive another cohort has `stop_at` patients.
    #[must_use]
    pub fn new(rule: BoinRule, stop_at: u32) -> Self {
        Self { rule, stop_at }
    }

    /// What follows on the last cohort, which was treated at `current`.
    ///
    /// # Errors
    /// [`DesignError::History`] when nobody was treated at `current` or it lies outside the grid.
    pub fn next(&self, tallies: &PairTallies, current: DosePair) -> Result<NextPair, DesignError> {
        let here = tallies.at(current);
        if here.n == 0 {
            let (row, column) = (current.row + 1, current.column + 1);
            return Err(DesignError::History(format!(
                "nobody was treated at the pair ({row}, {column}): the current pair is that of the last cohort"
            )));
        }
        if here.n >= self.stop_at {
            return Ok(NextPair::StopAtNumber { n: here.n, limit: self.stop_at });
        }
        let eliminated = |pair: DosePair| self.eliminated(tallies, pair, EliminationReach::Quadrant);
        let lowest = DosePair { row: 0, column: 0 };
        if eliminated(lowest) || (current == lowest && self.rule.stops_lowest(here)) {
            return Ok(NextPair::StopForToxicity);
        }
        let decision = self.rule.compare_counts(here);
        let candidates: Vec<DosePair> = match decision {
            Decision::Escalate => self.above(tallies, current),
            Decision::Stay => Vec::new(),
            Decision::DeEscalate | Decision::Eliminate | Decision::Stop => self.below(tallies, current),
        };
        if candidates.is_empty() {
            return Ok(NextPair::Treat { pairs: vec![current], decision: Decision::Stay });
        }
        Ok(NextPair::Treat { pairs: self.strongest(tallies, &candidates)?, decision })
    }

    /// Pairs one step up that may be given.
    fn above(&self, tallies: &PairTallies, current: DosePair) -> Vec<DosePair> {
        let DosePair { row, column } = current;
        let toxic = |pair: DosePair| self.rule.is_high(tallies.at(pair));
        let along_row = (0..=column).map(|column| DosePair { row: row + 1, column }).any(toxic);
        let along_column = (0..=row).map(|row| DosePair { row, column: column + 1 }).any(toxic);
        [(DosePair { row: row + 1, column }, along_row), (DosePair { row, column: column + 1 }, along_column)]
            .into_iter()
            .filter(|(pair, toxic)| tallies.has(*pair) && !toxic && !self.eliminated(tallies, *pair, EliminationReach::Quadrant))
            .map(|(pair, _)| pair)
            .collect()
    }

    /// Pairs one step down that may be given; when both are eliminated, all lower ones that may.
    fn below(&self, tallies: &PairTallies, current: DosePair) -> Vec<DosePair> {
        let DosePair { row, column } = current;
        let may = |pair: &DosePair| !self.eliminated(tallies, *pair, EliminationReach::Quadrant);
        let one_row = row.checked_sub(1).map(|row| DosePair { row, column });
        let one_column = column.checked_sub(1).map(|column| DosePair { row, column });
        let steps: Vec<DosePair> = [one_row, one_column].into_iter().flatten().filter(may).collect();
        if !steps.is_empty() || may(&current) {
            return steps;
        }
        tallies.pairs().filter(|pair| pair.row <= row && pair.column <= column).filter(may).collect()
    }

    /// The candidates with the largest criterion.
    fn strongest(&self, tallies: &PairTallies, candidates: &[DosePair]) -> Result<Vec<DosePair>, DesignError> {
        let criteria = candidates.iter().map(|pair| self.criterion(tallies.at(*pair))).collect::<Result<Vec<f64>, DesignError>>()?;
        let largest = criteria.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(candidates.iter().zip(&criteria).filter(|(_, criterion)| tied(**criterion, largest)).map(|(pair, _)| *pair).collect())
    }

    fn criterion(&self, tally: Tally) -> Result<f64, DesignError> {
        let (a, b) = (f64::from(tally.dlt) + 0.5, f64::from(tally.n - tally.dlt) + 0.5);
        let below = |limit: f64| beta_cdf(limit, a, b).map_err(DesignError::numerics);
        Ok(below(self.rule.lambda_d())? - below(self.rule.lambda_e())? + PER_PATIENT * f64::from(tally.n))
    }

    fn eliminated(&self, tallies: &PairTallies, pair: DosePair, reach: EliminationReach) -> bool {
        tallies.pairs().any(|by| {
            let (row, column) = (by.row <= pair.row, by.column <= pair.column);
            let reached = match reach {
                EliminationReach::Quadrant => row && column,
                EliminationReach::RowAndColumn => (by.row == pair.row && column) || (by.column == pair.column && row),
            };
            reached && self.rule.eliminates(tallies.at(by))
        })
    }

    /// The pair selected at the end of a trial, and the contour.
    ///
    /// ```text
    /// p_jk = (y_jk + 0.05) / (n_jk + 0.1)   with weight   n_jk + 0.1
    /// ```
    ///
    /// over the whole grid, made isotonic by [`isotonic_bivariate`]. Among the pairs tried and not eliminated the one closest to the target is
    /// selected; equals go to the lower column, then to the lower row. The contour holds the closest pair of each row, except in rows below one
    /// whose pair is in the last column, all of which lie below it.
    /// Source: `[LinYin2017]`, with the contour of `[ZhangYuan2016]`.
    ///
    /// # Errors
    /// [`DesignError::Numerics`].
    pub fn select(&self, tallies: &PairTallies, options: PairSelectionRule) -> Result<PairSelection, DesignError> {
        let values = tallies.map(|tally| (f64::from(tally.dlt) + 0.05) / (f64::from(tally.n) + 0.1));
        let weights = tallies.map(|tally| f64::from(tally.n) + 0.1);
        let estimates = isotonic_bivariate(&values, &weights).map_err(DesignError::numerics)?;
        let stopped = self.rule.stops_lowest(tallies.at(DosePair { row: 0, column: 0 }));
        let is_eliminated = |pair: DosePair| stopped || self.eliminated(tallies, pair, options.reach);
        let compared = |pair: DosePair| -> f64 {
            let estimate = estimates.get(pair.row).and_then(|row| row.get(pair.column)).copied().unwrap_or(f64::NAN);
            let estimate = match options.comparison {
                Comparison::TwoDecimals => (estimate * 100.0).round() / 100.0,
                Comparison::FullPrecision => estimate,
            };
            estimate + PER_STEP * (pair.row + pair.column + 2) as f64
        };
        let upper = self.rule.lambda_d();
        let may = |pair: &DosePair| {
            tallies.at(*pair).n > 0 && !is_eliminated(*pair) && (!options.below_upper_boundary || compared(*pair) < upper)
        };
        let candidates: Vec<(DosePair, f64)> =
            tallies.pairs().filter(may).map(|pair| (pair, (compared(pair) - self.rule.target()).abs())).collect();
        let eliminated: Vec<bool> = tallies.pairs().map(is_eliminated).collect();
        Ok(PairSelection {
            mtd: closest(&candidates),
            contour: contour(&candidates, tallies),
            estimates,
            eliminated: eliminated.chunks(tallies.columns()).map(<[bool]>::to_vec).collect(),
        })
    }
}

/// The pair with the smallest distance; of equals the one in the lower column, then in the lower row.
fn closest(candidates: &[(DosePair, f64)]) -> Option<DosePair> {
    let least = candidates.iter().map(|(_, distance)| *distance).fold(f64::INFINITY, f64::min);
    let equals = candidates.iter().filter(|(_, distance)| tied(*distance, least)).map(|(pair, _)| *pair);
    equals.min_by_key(|pair| (pair.column, pair.row))
}

fn contour(candidates: &[(DosePair, f64)], tallies: &PairTallies) -> Vec<DosePair> {
    let mut pairs: Vec<DosePair> = Vec::new();
    for row in (0..tallies.rows()).rev() {
        let of_row: Vec<(DosePair, f64)> = candidates.iter().filter(|(pair, _)| pair.row == row).copied().collect();
        if let Some(pair) = closest(&of_row) {
            pairs.push(pair);
            if pair.column + 1 == tallies.columns() {
                break;
            }
        }
    }
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::boin::BoinParameters;
    use super::*;

    fn design() -> BoinCombination {
        BoinCombination::new(BoinRule::new(BoinParameters::with_target(0.3), 30).unwrap(), 100)
    }

    fn grid(rows: &[&[(u32, u32)]]) -> PairTallies {
        let rows: Vec<Vec<Tally>> = rows.iter().map(|row| row.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect()).collect();
        PairTallies::new(&rows).unwrap()
    }

    const fn pair(row: usize, column: usize) -> DosePair {
        DosePair { row, column }
    }

    #[test]
    fn one_drug_changes_at_a_time_and_chance_decides_between_equals() {
        let next = design().next(&grid(&[&[(3, 0), (0, 0)], &[(0, 0), (0, 0)]]), pair(0, 0)).unwrap();
        assert_eq!(next, NextPair::Treat { pairs: vec![pair(1, 0), pair(0, 1)], decision: Decision::Escalate });
    }

    #[test]
    fn a_high_rate_below_a_candidate_keeps_it_closed() {
        // 2 of 4 at (2, 1) is too much for (2, 2), and 2 of 4 at (1, 2) as well, though neither is eliminated.
        let tallies = grid(&[&[(3, 0), (4, 2), (0, 0)], &[(4, 2), (6, 0), (0, 0)], &[(0, 0), (0, 0), (0, 0)]]);
        let next = design().next(&tallies, pair(0, 0)).unwrap();
        assert_eq!(next, NextPair::Treat { pairs: vec![pair(0, 0)], decision: Decision::Stay });
    }

    #[test]
    fn eliminated_pairs_are_not_given_again_on_the_way_down() {
        // (1, 2) and (2, 1) are eliminated, and with them (2, 2).
        let tallies = grid(&[&[(3, 0), (3, 3)], &[(3, 3), (3, 3)]]);
        let next = design().next(&tallies, pair(1, 1)).unwrap();
        assert_eq!(next, NextPair::Treat { pairs: vec![pair(0, 0)], decision: Decision::DeEscalate });
    }

    #[test]
    fn elimination_of_the_lowest_pair_ends_the_trial_wherever_it_stands() {
        let tallies = grid(&[&[(3, 3), (3, 0)], &[(0, 0), (0, 0)]]);
        assert_eq!(design().next(&tallies, pair(0, 1)).unwrap(), NextPair::StopForToxicity);
        assert_eq!(design().select(&tallies, PairSelectionRule::default()).unwrap().mtd, None);
    }

    #[test]
    fn the_reach_of_elimination_matters_above_both_doses_only() {
        // (1, 2) is eliminated; (2, 3) was tried before and looks tolerable.
        let tallies = grid(&[&[(6, 0), (3, 3), (0, 0)], &[(6, 0), (0, 0), (9, 3)]]);
        let mtd =
            |reach: EliminationReach| design().select(&tallies, PairSelectionRule { reach, ..PairSelectionRule::default() }).unwrap().mtd;
        assert_eq!(mtd(EliminationReach::Quadrant), Some(pair(1, 0)));
        assert_eq!(mtd(EliminationReach::RowAndColumn), Some(pair(1, 2)));
    }

    #[test]
    fn estimates_equal_to_two_decimals_are_equal() {
        let tallies = grid(&[&[(3, 0), (6, 1), (9, 3)], &[(3, 0), (6, 2), (3, 2)]]);
        let mtd = |comparison: Comparison| {
            design().select(&tallies, PairSelectionRule { comparison, ..PairSelectionRule::default() }).unwrap().mtd
        };
        assert_eq!((mtd(Comparison::TwoDecimals), mtd(Comparison::FullPrecision)), (Some(pair(1, 1)), Some(pair(0, 2))));
        let bounded = PairSelectionRule { below_upper_boundary: true, ..PairSelectionRule::default() };
        let toxic = grid(&[&[(6, 3), (0, 0)], &[(0, 0), (0, 0)]]);
        assert_eq!(design().select(&toxic, bounded).unwrap().mtd, None);
    }

    #[test]
    fn one_more_toxicity_never_raises_the_next_pair() {
        for n in 1..=9 {
            let mut before = usize::MAX;
            for dlt in 0..=n {
                let tallies = grid(&[&[(3, 0), (3, 0), (0, 0)], &[(3, 0), (n, dlt), (0, 0)], &[(0, 0), (0, 0), (0, 0)]]);
                let NextPair::Treat { pairs, .. } = design().next(&tallies, pair(1, 1)).unwrap() else { panic!("the trial stops") };
                let steps = pairs.iter().map(|pair| pair.row + pair.column).max().unwrap();
                assert!(steps <= before && (1..=3).contains(&steps), "{dlt}/{n}");
                before = steps;
            }
        }
    }

    #[test]
    fn bad_grids_and_questions_are_refused() {
        assert!(PairTallies::new(&[]).is_err());
        assert!(PairTallies::new(&[vec![Tally::default(); 2], vec![Tally::default()]]).is_err());
        assert!(PairTallies::new(&[vec![Tally { n: 1, dlt: 2 }]]).is_err());
        let tallies = grid(&[&[(3, 0), (0, 0)], &[(0, 0), (0, 0)]]);
        assert!(design().next(&tallies, pair(0, 1)).is_err());
        assert!(design().next(&tallies, pair(0, 9)).is_err());
    }
}
