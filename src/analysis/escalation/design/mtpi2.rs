//! Second version of the modified toxicity probability interval design (mTPI-2).

use super::decision::{Decision, Reason};
use super::error::DesignError;
use super::interval::IntervalDesign;
use super::interval_mass::{Around, Partition, Tie};
use super::table::{DecisionRule, DecisionTable};
use super::tally::Tally;
use super::toxicity_limit::{LEAST_PATIENTS, ToxicityLimit};

/// The mTPI-2 rule `[Guo2017]`.
///
/// The unit interval is cut into intervals as wide as the one around the target, `(phi - e_1, phi + e_2)`; the outermost ones are narrower.
///
/// ```text
/// UPM = Pr(p in interval | Beta(1 + y, 1 + n - y)) / width
/// ```
///
/// `phi` is the target, `e_1` and `e_2` the margins, `y` toxicities among `n` patients at the current dose. The interval with the largest unit
/// probability mass decides: below the target interval escalate, the target interval stay, above it de-escalate; of equal masses the lower
/// interval counts. A dose with `Pr(p > phi)` above the cutoff is eliminated with all above it once three patients are evaluable.
#[derive(Debug, Clone, PartialEq)]
pub struct Mtpi2 {
    partition: Partition,
    limit: ToxicityLimit,
}

impl Mtpi2 {
    /// The rule around `target`, which reaches `margin_lower` below and `margin_upper` above it, with a uniform prior.
    ///
    /// # Errors
    /// [`DesignError`] for a target, margins or a cutoff outside the unit interval, and for an interval without width.
    pub fn new(target: f64, margin_lower: f64, margin_upper: f64, elimination_cutoff: f64) -> Result<Self, DesignError> {
        let partition = Partition::in_equal_widths(Around::target(target, margin_lower, margin_upper)?, (1.0, 1.0), Tie::Lower)?;
        Ok(Self { partition, limit: ToxicityLimit::new(target, elimination_cutoff, LEAST_PATIENTS)? })
    }

    /// The decision table for 1 to `max_n` patients.
    ///
    /// # Errors
    /// As [`DecisionTable::new`].
    pub fn decision_table(&self, max_n: u32) -> Result<DecisionTable, DesignError> {
        DecisionTable::new(self, max_n)
    }

    /// The design on a grid, for up to `max_n` patients at a dose.
    ///
    /// # Errors
    /// As [`IntervalDesign::new`].
    pub fn design(&self, doses: usize, max_n: u32) -> Result<IntervalDesign, DesignError> {
        IntervalDesign::new(self, doses, max_n)
    }
}

impl DecisionRule for Mtpi2 {
    fn decide(&self, tally: Tally) -> Result<(Decision, Reason), DesignError> {
        self.partition.decide(tally)
    }

    fn limit(&self) -> ToxicityLimit {
        self.limit
    }
}
