//! Conduct of the designs that look at the counts of the current dose alone: BOIN, Keyboard, mTPI, mTPI-2, i3+3.

use super::boin_selection::MtdSelection;
use super::decision::{Decision, Next, Reason};
use super::error::DesignError;
use super::table::{DecisionRule, DecisionTable};
use super::tally::{DoseLevel, State, Tally, check_grid};
use super::toxicity_limit::{ToxicityBoundary, ToxicityLimit};
use super::{CountDesign, Selection};

/// A decision table on a grid of doses.
///
/// Escalation goes up one dose, unless there is none or it is eliminated; de-escalation goes down one dose, unless there is none; then the
/// next cohort stays. Elimination of the lowest dose stops the trial. With more patients at a dose than the table covers the trial stops.
#[derive(Debug, Clone)]
pub struct IntervalDesign {
    doses: usize,
    table: DecisionTable,
    lowest_dose_limit: Option<(ToxicityLimit, ToxicityBoundary)>,
    selection: MtdSelection,
}

impl IntervalDesign {
    /// A rule on a grid, with a table for up to `max_n` patients at a dose.
    ///
    /// # Errors
    /// [`DesignError::Grid`]; those of [`DecisionTable::new`].
    pub fn new<R: DecisionRule + ?Sized>(rule: &R, doses: usize, max_n: u32) -> Result<Self, DesignError> {
        check_grid(doses)?;
        let table = DecisionTable::new(rule, max_n)?;
        let selection = MtdSelection::new(rule.limit(), max_n)?;
        Ok(Self { doses, table, lowest_dose_limit: None, selection })
    }

    /// A stricter limit at the lowest dose: reaching it stops the trial without a selection.
    ///
    /// # Errors
    /// As [`ToxicityLimit::boundary`].
    pub fn with_lowest_dose_limit(mut self, limit: ToxicityLimit) -> Result<Self, DesignError> {
        let boundary = limit.boundary(self.table.max_n())?;
        self.selection = self.selection.with_lowest_dose_limit(boundary.clone());
        self.lowest_dose_limit = Some((limit, boundary));
        Ok(self)
    }

    /// No dose is selected whose estimate lies above `bound`.
    #[must_use]
    pub fn with_bound(mut self, bound: f64) -> Self {
        self.selection = self.selection.with_bound(bound);
        self
    }

    /// What the design says for every count.
    #[must_use]
    pub fn table(&self) -> &DecisionTable {
        &self.table
    }

    /// How the design selects a dose at the end.
    #[must_use]
    pub fn selection(&self) -> &MtdSelection {
        &self.selection
    }

    fn stricter_stop(&self, state: &State) -> Option<Next> {
        let (limit, boundary) = self.lowest_dose_limit.as_ref()?;
        let lowest = state.tally(DoseLevel(0));
        boundary.is_reached(lowest).then(|| {
            let probability = limit.probability(lowest).unwrap_or(f64::NAN);
            Next::stop_for_toxicity(Reason::TooToxic { probability, threshold: limit.cutoff() })
        })
    }

    fn up(&self, state: &State, reason: Reason) -> Next {
        let higher = DoseLevel(state.current.0 + 1);
        if higher.0 >= self.doses {
            Next::at(state.current, Decision::Stay, Reason::HighestDose)
        } else if state.is_eliminated(higher) {
            Next::at(state.current, Decision::Stay, Reason::NextDoseEliminated)
        } else {
            Next::at(higher, Decision::Escalate, reason)
        }
    }

    fn down(state: &State, decision: Decision, reason: Reason) -> Next {
        match (state.current.0.checked_sub(1), decision) {
            (Some(lower), _) => Next::at(DoseLevel(lower), decision, reason),
            (None, Decision::Eliminate) => Next::stop_for_toxicity(reason),
            (None, _) => Next::at(state.current, Decision::Stay, Reason::LowestDose),
        }
    }
}

impl CountDesign for IntervalDesign {
    fn doses(&self) -> usize {
        self.doses
    }

    fn next(&self, state: &State) -> Next {
        let here = state.here();
        if here.n == 0 {
            return Next::at(state.current, Decision::Stay, Reason::NoPatients);
        }
        let (Some(decision), Some(reason)) = (self.table.decision(here), self.table.reason(here)) else {
            return Next::stop(Reason::NumberAtDose { n: here.n, limit: self.table.max_n() });
        };
        // The usual limit explains the stop at the lowest dose where it is reached too.
        let explains = decision == Decision::Eliminate && state.current == DoseLevel(0);
        if let (false, Some(stop)) = (explains, self.stricter_stop(state)) {
            return stop;
        }
        match decision {
            Decision::Escalate => self.up(state, reason),
            Decision::DeEscalate | Decision::Eliminate => Self::down(state, decision, reason),
            Decision::Stay | Decision::Stop => Next::at(state.current, Decision::Stay, reason),
        }
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        self.selection.mtd(&state.tallies)
    }

    fn select(&self, state: &State) -> Selection {
        self.selection.select(&state.tallies)
    }

    fn eliminates(&self, tally: Tally) -> bool {
        self.table.decision(tally) == Some(Decision::Eliminate)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::boin::{Boin, BoinParameters};
    use super::super::keyboard::Keyboard;
    use super::super::outcomes::{read_outcomes, replay};
    use super::super::state_of;
    use super::*;

    fn boin(doses: usize) -> IntervalDesign {
        Boin::new(BoinParameters::with_target(0.3)).unwrap().design(doses, 60).unwrap()
    }

    fn after(design: &IntervalDesign, history: &str) -> Next {
        let cohorts = read_outcomes(history, design.doses()).unwrap();
        design.next(&replay(design, DoseLevel(0), &cohorts).unwrap())
    }

    #[test]
    fn the_ends_of_the_grid_hold() {
        let design = boin(2);
        assert_eq!(after(&design, ""), Next::at(DoseLevel(0), Decision::Stay, Reason::NoPatients));
        assert_eq!(after(&design, "2NNN"), Next::at(DoseLevel(1), Decision::Stay, Reason::HighestDose));
        assert_eq!(after(&design, "1NTT"), Next::at(DoseLevel(0), Decision::Stay, Reason::LowestDose));
        assert!(after(&design, "1TTT").stops_for_toxicity());
    }

    #[test]
    fn counts_of_another_grid_are_refused() {
        let refused = state_of(&boin(3), DoseLevel(0), &[Tally::default(); 2]);
        assert!(matches!(refused, Err(DesignError::Length { given: 2, doses: 3, .. })));
    }

    #[test]
    fn an_eliminated_dose_is_never_given_again() {
        let design = boin(3);
        let down = after(&design, "1NNN 2TTT");
        assert_eq!((down.dose, down.decision), (Some(DoseLevel(0)), Decision::Eliminate));
        assert!(matches!(down.reason, Reason::TooToxic { probability, threshold } if probability > threshold));
        assert_eq!(after(&design, "1NNN 2TTT 1NNN"), Next::at(DoseLevel(0), Decision::Stay, Reason::NextDoseEliminated));
    }

    #[test]
    fn a_dose_beyond_the_table_stops_the_trial() {
        let design = Boin::new(BoinParameters::with_target(0.3)).unwrap().design(3, 3).unwrap();
        assert_eq!(after(&design, "1NNNT"), Next::stop(Reason::NumberAtDose { n: 4, limit: 3 }));
    }

    #[test]
    fn the_stricter_rule_stops_at_the_lowest_dose_and_selects_nothing() {
        let parameters = BoinParameters { extra_safe_offset: Some(0.05), ..BoinParameters::with_target(0.3) };
        let strict = Boin::new(parameters).unwrap().design(3, 30).unwrap();
        let next = |design: &IntervalDesign, n: u32, dlt: u32| {
            let counts = [Tally { n, dlt }, Tally::default(), Tally::default()];
            design.next(&state_of(design, DoseLevel(0), &counts).unwrap())
        };
        assert_eq!(next(&strict, 6, 3).dose, Some(DoseLevel(0)));
        assert_eq!((next(&strict, 3, 2).stops_for_toxicity(), next(&boin(3), 3, 2).dose), (true, Some(DoseLevel(0))));
        let counts = [Tally { n: 3, dlt: 2 }, Tally::default(), Tally::default()];
        assert_eq!(strict.mtd(&state_of(&strict, DoseLevel(0), &counts).unwrap()), None);
    }

    fn histories() -> impl Strategy<Value = (usize, Vec<(u32, u32)>)> {
        (0..4_usize, prop::collection::vec((0..12_u32).prop_flat_map(|n| (Just(n), 0..=n)), 4))
    }

    proptest! {
        #[test]
        fn a_further_toxicity_never_raises_the_next_dose_and_none_is_skipped((current, counts) in histories()) {
            let tallies: Vec<Tally> = counts.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect();
            let keyboard = Keyboard::new(0.25, 0.05, 0.05, 0.95).unwrap().design(4, 60).unwrap();
            for design in [boin(4), keyboard] {
                let state = state_of(&design, DoseLevel(current), &tallies).unwrap();
                let next = design.next(&state);
                prop_assert!(next.dose.is_none_or(|dose| dose.0 <= current + 1 && current <= dose.0 + 1));
                if next.decision == Decision::Escalate {
                    prop_assert!(!next.dose.is_some_and(|dose| state.is_eliminated(dose)));
                }
                for dose in 0..4 {
                    let mut worse = tallies.clone();
                    worse[dose].dlt += u32::from(worse[dose].dlt < worse[dose].n);
                    let after = design.next(&state_of(&design, DoseLevel(current), &worse).unwrap());
                    prop_assert!(after.dose <= next.dose, "{:?} {:?} {:?}", tallies, next, after);
                }
            }
        }

        #[test]
        fn a_selection_agrees_with_itself((current, counts) in histories()) {
            let tallies: Vec<Tally> = counts.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect();
            let design = boin(4);
            let state = state_of(&design, DoseLevel(current), &tallies).unwrap();
            let selection = design.select(&state);
            prop_assert_eq!(selection.mtd, design.mtd(&state));
            if let Some(dose) = selection.mtd {
                prop_assert!(tallies[dose.0].n > 0 && !selection.eliminated[dose.0]);
            }
            let fitted: Vec<f64> = selection.estimates.iter().flatten().copied().collect();
            prop_assert!(fitted.windows(2).all(|pair| pair[0] <= pair[1]));
            for (tally, (estimate, interval)) in tallies.iter().zip(selection.estimates.iter().zip(&selection.intervals)) {
                prop_assert_eq!(tally.n > 0, estimate.is_some() && interval.is_some());
            }
        }
    }
}
