//! Dose-escalation designs: what each would do next, which dose it selects, and how it behaves.
//!
//! Input is counts ([`Tally`], [`State`]), never clinical data. A design whose decisions depend on counts is a [`CountDesign`]; from it
//! follow [`exact::exact_characteristics`], [`simulate::simulate`] and [`paths::dose_paths`]. Rules that any design can be given are wrappers
//! in [`rules`]. Start with [`boin`] for the shape that designs share: checked parameters, a decision table, a design.

mod characteristics;
mod decision;
mod error;
mod tally;

pub use characteristics::{CharacteristicsMethod, Conduct, MAX_PATIENTS, OperatingCharacteristics, StandardErrors};
pub use decision::{Decision, Next, Reason};
pub use error::DesignError;
pub use tally::{Cohort, DoseLevel, MAX_DOSES, State, Tally};

/// A design whose decisions depend on counts.
pub trait CountDesign: Sync {
    /// Number of doses of the grid.
    fn doses(&self) -> usize;

    /// What follows on the last cohort, which was treated at `state.current`.
    ///
    /// With [`Decision::Eliminate`] the current dose and all above it are eliminated: the engines note it in the state.
    fn next(&self, state: &State) -> Next;

    /// The dose selected at the end of the trial, without the estimates: the engines call this once per end state.
    fn mtd(&self, state: &State) -> Option<DoseLevel>;

    /// The selected dose with what it rests on.
    fn select(&self, state: &State) -> Selection;

    /// Whether these counts eliminate a dose, so that a state built from counts alone knows what is eliminated.
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
            prob_overdose: vec![None; doses],
            eliminated: vec![false; doses],
        }
    }
}
