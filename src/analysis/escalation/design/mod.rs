//! Dose-escalation designs: what each would do next, which dose it selects, and how it behaves.
//!
//! Input is counts ([`Tally`], [`State`]), never clinical data. A design whose decisions depend on counts is a [`CountDesign`]; from it
//! follow [`exact::exact_characteristics`], [`simulate::simulate`] and [`paths::dose_paths`]. Rules that any design can be given are wrappers
//! in [`rules`]. Start with [`boin`] for the shape that designs share: checked parameters, a decision table, a design.

mod accrual;
pub mod backfill;
pub mod backfill_simulation;
pub mod blrm;
mod blrm_conditional;
pub mod blrm_conduct;
pub mod blrm_fit;
pub mod boin;
pub mod boin12;
pub mod boin12_desirability;
pub mod boin12_simulation;
pub mod boin_combination;
pub mod boin_combination_simulation;
pub mod boin_rule;
pub mod boin_selection;
mod calendar;
mod calendar_patient;
mod characteristics;
pub mod crm;
pub mod crm_characteristics;
pub mod crm_conduct;
pub mod crm_fit;
mod crm_grid;
pub mod crm_skeleton;
mod decision;
mod error;
pub mod exact;
pub mod i3plus3;
pub mod interval;
mod interval_mass;
pub mod joint_outcome;
pub mod keyboard;
pub mod mtpi;
pub mod mtpi2;
pub mod outcomes;
pub mod paths;
pub mod random_scenario;
pub mod rules;
pub mod simulate;
pub mod table;
mod tally;
pub mod three_plus_three;
pub mod tite_boin;
pub mod tite_boin_simulation;
pub mod tite_crm;
pub mod tite_crm_simulation;
pub mod toxicity_limit;

pub use accrual::{Accrual, Arrival, ToxicityTime};
pub use calendar::CalendarCharacteristics;
pub use characteristics::{CharacteristicsMethod, Conduct, MAX_COHORT, MAX_PATIENTS, OperatingCharacteristics, StandardErrors};
pub use decision::{Decision, Next, Reason};
pub use error::DesignError;
pub use tally::{Cohort, DoseLevel, MAX_DOSES, State, Tally};

/// Level of the intervals of observed and isotonic rates.
pub const RATE_INTERVAL_LEVEL: f64 = 0.95;

/// Level of the intervals of models.
pub const MODEL_INTERVAL_LEVEL: f64 = 0.9;

/// A design whose decisions depend on counts.
pub trait CountDesign: Sync {
    /// Number of doses of the grid.
    fn doses(&self) -> usize;

    /// What follows on the last cohort, which was treated at `state.current`; before the first patient, the current dose.
    ///
    /// The current dose is already marked in `state.eliminated_from` when its counts eliminate it ([`record_cohort`], [`state_of`]).
    fn next(&self, state: &State) -> Next;

    /// The dose selected at the end of the trial, without the estimates: the engines call this once per end state. Looks at the tallies only.
    fn mtd(&self, state: &State) -> Option<DoseLevel>;

    /// The selected dose with what it rests on; agrees with [`CountDesign::mtd`].
    fn select(&self, state: &State) -> Selection;

    /// Whether these counts eliminate a dose and all above it.
    fn eliminates(&self, _tally: Tally) -> bool {
        false
    }

    /// Whether [`CountDesign::next`] reads `state.last_cohort`; states that differ in it are then not merged.
    fn reads_last_cohort(&self) -> bool {
        false
    }
}

/// The dose selected at the end of a trial, with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The selected dose; `None` when no dose is acceptable.
    pub mtd: Option<DoseLevel>,
    /// Estimated probability of toxicity at each dose; `None` where nobody was treated and the design does not model it.
    pub estimates: Vec<Option<f64>>,
    /// Interval of each estimate.
    pub intervals: Vec<Option<(f64, f64)>>,
    /// Level of the intervals: [`RATE_INTERVAL_LEVEL`] of rates, [`MODEL_INTERVAL_LEVEL`] of models.
    pub interval_level: f64,
    /// Probability that each dose is more toxic than the target.
    pub prob_overdose: Vec<Option<f64>>,
    /// Doses that may not be selected because they are too toxic.
    pub eliminated: Vec<bool>,
}

impl Selection {
    /// A selection without estimates, for rules in counts.
    #[must_use]
    pub fn bare(mtd: Option<DoseLevel>, doses: usize) -> Self {
        Self {
            mtd,
            estimates: vec![None; doses],
            intervals: vec![None; doses],
            interval_level: RATE_INTERVAL_LEVEL,
            prob_overdose: vec![None; doses],
            eliminated: vec![false; doses],
        }
    }
}

/// Adds a cohort to a state and marks its dose as eliminated when the counts say so.
pub fn record_cohort<D: CountDesign + ?Sized>(design: &D, state: &mut State, cohort: Cohort) {
    state.add(cohort);
    if design.eliminates(state.here()) {
        state.eliminate(state.current);
    }
}

/// The state of a trial from its counts alone, whose last cohort was at `current`: the lowest dose whose counts say so is eliminated.
///
/// # Errors
/// [`DesignError::Length`] for another number of doses than the design has; as [`State::with_tallies`].
pub fn state_of<D: CountDesign + ?Sized>(design: &D, current: DoseLevel, tallies: &[Tally]) -> Result<State, DesignError> {
    if tallies.len() != design.doses() {
        return Err(DesignError::Length { name: "the list of counts", given: tallies.len(), doses: design.doses() });
    }
    let mut state = State::with_tallies(current, tallies.to_vec())?;
    state.eliminated_from = tallies.iter().position(|tally| design.eliminates(*tally)).map(DoseLevel);
    Ok(state)
}
