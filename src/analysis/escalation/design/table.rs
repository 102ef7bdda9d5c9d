//! Decision tables: what a rule says for every count at the current dose.

use super::characteristics::MAX_PATIENTS;
use super::decision::{Decision, Reason};
use super::error::{DesignError, check_count};
use super::tally::Tally;
use super::toxicity_limit::ToxicityLimit;

/// A rule that looks at the counts of the current dose alone.
pub trait DecisionRule {
    /// What the rule says, elimination left aside, and why.
    ///
    /// # Errors
    /// [`DesignError::Numerics`] when a distribution refuses its arguments.
    fn decide(&self, tally: Tally) -> Result<(Decision, Reason), DesignError>;

    /// When a dose is eliminated.
    fn limit(&self) -> ToxicityLimit;
}

/// What a rule says for every number of patients and toxicities.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionTable {
    max_n: u32,
    decisions: Vec<Decision>,
    reasons: Vec<Reason>,
}

/// The boundaries of a table for one number of patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boundaries {
    /// Patients at the dose.
    pub n: u32,
    /// Escalate with at most so many toxicities; `None`: never.
    pub escalate_if_at_most: Option<u32>,
    /// De-escalate with at least so many, elimination included; `None`: never.
    pub de_escalate_if_at_least: Option<u32>,
    /// Eliminate with at least so many; `None`: never.
    pub eliminate_if_at_least: Option<u32>,
}

impl DecisionTable {
    /// The table of a rule for 1 to `max_n` patients.
    ///
    /// Counts that eliminate the dose are [`Decision::Eliminate`] whatever the rule says of them.
    ///
    /// # Errors
    /// [`DesignError::Count`] for no patient or more than [`MAX_PATIENTS`]; those of the rule.
    pub fn new<R: DecisionRule + ?Sized>(rule: &R, max_n: u32) -> Result<Self, DesignError> {
        check_count("the largest number of patients", max_n, 1, MAX_PATIENTS)?;
        let limit = rule.limit();
        let boundary = limit.boundary(max_n)?;
        let mut table = Self { max_n, decisions: Vec::new(), reasons: Vec::new() };
        for n in 1..=max_n {
            for dlt in 0..=n {
                let tally = Tally { n, dlt };
                let (decision, reason) = if boundary.is_reached(tally) {
                    (Decision::Eliminate, Reason::TooToxic { probability: limit.probability(tally)?, threshold: limit.cutoff() })
                } else {
                    rule.decide(tally)?
                };
                table.decisions.push(decision);
                table.reasons.push(reason);
            }
        }
        Ok(table)
    }

    /// Largest number of patients of the table.
    #[must_use]
    pub fn max_n(&self) -> u32 {
        self.max_n
    }

    /// What the rule says; `None` without patients and beyond the table.
    #[must_use]
    pub fn decision(&self, tally: Tally) -> Option<Decision> {
        self.position(tally).and_then(|position| self.decisions.get(position).copied())
    }

    /// Why; `None` without patients and beyond the table.
    #[must_use]
    pub fn reason(&self, tally: Tally) -> Option<Reason> {
        self.position(tally).and_then(|position| self.reasons.get(position).copied())
    }

    /// The decisions for `n` patients and 0, 1, ..., `n` toxicities.
    #[must_use]
    pub fn row(&self, n: u32) -> Vec<Decision> {
        (0..=n).filter_map(|dlt| self.decision(Tally { n, dlt })).collect()
    }

    /// The table as boundaries, for 1 to `max_n` patients.
    #[must_use]
    pub fn boundaries(&self) -> Vec<Boundaries> {
        (1..=self.max_n)
            .map(|n| {
                let row = self.row(n);
                let first = |wanted: fn(&Decision) -> bool| row.iter().position(wanted).map(|dlt| dlt as u32);
                Boundaries {
                    n,
                    escalate_if_at_most: row.iter().rposition(|decision| *decision == Decision::Escalate).map(|dlt| dlt as u32),
                    de_escalate_if_at_least: first(|decision| matches!(decision, Decision::DeEscalate | Decision::Eliminate)),
                    eliminate_if_at_least: first(|decision| *decision == Decision::Eliminate),
                }
            })
            .collect()
    }

    /// Rows of growing length one after another: `n` patients begin after `2 + 3 + ... + n` cells.
    fn position(&self, tally: Tally) -> Option<usize> {
        let (n, dlt) = (tally.n as usize, tally.dlt as usize);
        ((1..=self.max_n as usize).contains(&n) && dlt <= n).then(|| (n - 1) * (n + 2) / 2 + dlt)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::boin::{Boin, BoinParameters};
    use super::super::i3plus3::I3Plus3;
    use super::super::keyboard::Keyboard;
    use super::super::mtpi::Mtpi;
    use super::super::mtpi2::Mtpi2;
    use super::*;

    fn rules(target: f64, lower: f64, upper: f64) -> Vec<Box<dyn DecisionRule>> {
        vec![
            Box::new(Boin::new(BoinParameters::with_target(target)).unwrap()),
            Box::new(Keyboard::new(target, lower, upper, 0.95).unwrap()),
            Box::new(Mtpi::new(target, lower, upper, 0.95).unwrap()),
            Box::new(Mtpi2::new(target, lower, upper, 0.95).unwrap()),
            Box::new(I3Plus3::new(target, target - lower, target + upper, 0.95).unwrap()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn a_further_toxicity_never_makes_a_decision_bolder(
            target in 0.1..0.5_f64, lower in 0.02..0.08_f64, upper in 0.02..0.08_f64
        ) {
            for rule in rules(target, lower, upper) {
                let table = DecisionTable::new(rule.as_ref(), 24).unwrap();
                for n in 1..=24 {
                    let row = table.row(n);
                    prop_assert_eq!(row.len(), n as usize + 1);
                    prop_assert!(row.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", row);
                }
                for boundaries in table.boundaries() {
                    let (up, down) = (boundaries.escalate_if_at_most, boundaries.de_escalate_if_at_least);
                    prop_assert!(up.zip(down).is_none_or(|(up, down)| up < down));
                }
            }
        }
    }

    #[test]
    fn mtpi_stays_where_the_others_go_down() {
        let decisions: Vec<Decision> = rules(0.3, 0.05, 0.05)
            .iter()
            .map(|rule| DecisionTable::new(rule.as_ref(), 6).unwrap().decision(Tally { n: 6, dlt: 3 }).unwrap())
            .collect();
        use Decision::{DeEscalate, Stay};
        assert_eq!(decisions, [DeEscalate, DeEscalate, Stay, DeEscalate, DeEscalate]);
    }

    #[test]
    fn a_table_has_limits() {
        let rule = Boin::new(BoinParameters::with_target(0.3)).unwrap();
        let table = rule.decision_table(6).unwrap();
        assert_eq!((table.decision(Tally { n: 0, dlt: 0 }), table.decision(Tally { n: 7, dlt: 0 })), (None, None));
        assert_eq!(table.decision(Tally { n: 2, dlt: 2 }), Some(Decision::DeEscalate));
        assert_eq!(table.decision(Tally { n: 3, dlt: 3 }), Some(Decision::Eliminate));
        assert!(rule.decision_table(0).is_err() && rule.decision_table(MAX_PATIENTS + 1).is_err());
    }
}
