//! Modified toxicity probability interval design (mTPI).

use super::decision::{Decision, Reason};
use super::error::DesignError;
use super::interval::IntervalDesign;
use super::interval_mass::{Around, Partition, Tie};
use super::table::{DecisionRule, DecisionTable};
use super::tally::Tally;
use super::toxicity_limit::{LEAST_PATIENTS, ToxicityLimit};

/// The mTPI rule `[Ji2010]`.
///
/// ```text
/// UPM = Pr(p in interval | Beta(1 + y, 1 + n - y)) / width,   intervals (0, phi - e_1), (phi - e_1, phi + e_2), (phi + e_2, 1)
/// ```
///
/// `phi` is the target, `e_1` and `e_2` the margins, `y` toxicities among `n` patients at the current dose. The interval with the largest unit
/// probability mass decides: escalate, stay or de-escalate; of equal masses the higher interval counts, which is the more cautious. The upper
/// interval is wide, which makes the rule stay with 3 toxicities among 6 patients at a target of 0.3. A dose with `Pr(p > phi)` above the
/// cutoff is eliminated with all above it once three patients are evaluable.
#[derive(Debug, Clone, PartialEq)]
pub struct Mtpi {
    partition: Partition,
    limit: ToxicityLimit,
}

impl Mtpi {
    /// The rule around `target`, which reaches `margin_lower` below and `margin_upper` above it, with a uniform prior.
    ///
    /// # Errors
    /// [`DesignError`] for a target, margins or a cutoff outside the unit interval, and for an interval without width.
    pub fn new(target: f64, margin_lower: f64, margin_upper: f64, elimination_cutoff: f64) -> Result<Self, DesignError> {
        let partition = Partition::in_three(Around::target(target, margin_lower, margin_upper)?, (1.0, 1.0), Tie::Higher)?;
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

impl DecisionRule for Mtpi {
    fn decide(&self, tally: Tally) -> Result<(Decision, Reason), DesignError> {
        self.partition.decide(tally)
    }

    fn limit(&self) -> ToxicityLimit {
        self.limit
    }
}
