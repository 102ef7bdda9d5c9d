//! Keyboard design.

use super::decision::{Decision, Reason};
use super::error::DesignError;
use super::interval::IntervalDesign;
use super::interval_mass::{Around, Partition, Tie};
use super::table::{DecisionRule, DecisionTable};
use super::tally::Tally;
use super::toxicity_limit::{LEAST_PATIENTS, ToxicityLimit};

/// The Keyboard rule `[Yan2017]`.
///
/// ```text
/// key_k = (phi - m_l + k w, phi + m_u + k w),   w = m_l + m_u,   k = ..., -1, 0, 1, ...
/// strongest key: largest Pr(p in key_k | Beta(1 + y, 1 + n - y)) / width
/// ```
///
/// `phi` is the target, `m_l` and `m_u` the margins of the target key, `y` toxicities among `n` patients at the current dose. Escalate when
/// the strongest key lies below the target key, stay when it is the target key, de-escalate when it lies above. The outermost keys are cut
/// at 0 and 1 and their mass is divided by the width that is left; publications that drop them differ at extreme counts. Of equally strong
/// keys the higher one counts. Elimination as in BOIN, with three patients or more.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyboard {
    partition: Partition,
    limit: ToxicityLimit,
}

impl Keyboard {
    /// The rule around `target`, which reaches `margin_lower` below and `margin_upper` above it, with a uniform prior.
    ///
    /// # Errors
    /// [`DesignError`] for a target, margins or a cutoff outside the unit interval, and for an interval without width.
    pub fn new(target: f64, margin_lower: f64, margin_upper: f64, elimination_cutoff: f64) -> Result<Self, DesignError> {
        let partition = Partition::in_equal_widths(Around::target(target, margin_lower, margin_upper)?, (1.0, 1.0), Tie::Higher)?;
        Ok(Self { partition, limit: ToxicityLimit::new(target, elimination_cutoff, LEAST_PATIENTS)? })
    }

    /// The rule with another number of patients from which a dose can be eliminated.
    ///
    /// # Errors
    /// As [`ToxicityLimit::new`].
    pub fn eliminating_from(self, least_n: u32) -> Result<Self, DesignError> {
        Ok(Self { limit: ToxicityLimit::new(self.limit.target(), self.limit.cutoff(), least_n)?, ..self })
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

impl DecisionRule for Keyboard {
    fn decide(&self, tally: Tally) -> Result<(Decision, Reason), DesignError> {
        self.partition.decide(tally)
    }

    fn limit(&self) -> ToxicityLimit {
        self.limit
    }
}
