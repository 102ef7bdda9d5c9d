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
        if let (true, Some(stop)) = (decision != Decision::Eliminate, self.stricter_stop(state)) {
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
