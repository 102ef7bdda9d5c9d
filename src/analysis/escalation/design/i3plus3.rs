//! The i3+3 design.

use super::decision::{Decision, Reason};
use super::error::{DesignError, check_within};
use super::interval::IntervalDesign;
use super::table::{DecisionRule, DecisionTable};
use super::tally::Tally;
use super::toxicity_limit::{LEAST_PATIENTS, ToxicityLimit};

/// Distance within which a rate counts as lying on an end of the interval.
const ON_THE_END: f64 = 1e-9;

/// The i3+3 rule `[Liu2020]`.
///
/// ```text
/// y/n < lower              escalate
/// lower <= y/n <= upper    stay
/// y/n > upper              stay if (y - 1)/n < lower, otherwise de-escalate
/// ```
///
/// `y` toxicities among `n` patients at the current dose; `lower` and `upper` are the ends of the equivalence interval around the target.
/// A rate within 1e-9 of an end lies on it. A dose with `Pr(p > target | Beta(1 + y, 1 + n - y))` above the cutoff is eliminated with all
/// above it once three patients are evaluable, which the published table leaves to its first row of three.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct I3Plus3 {
    lower: f64,
    upper: f64,
    limit: ToxicityLimit,
}

impl I3Plus3 {
    /// The rule with the interval `[lower, upper]` around `target`.
    ///
    /// # Errors
    /// [`DesignError::Outside`] unless `0 <= lower <= target <= upper <= 1`, and for a cutoff outside [0, 1].
    pub fn new(target: f64, lower: f64, upper: f64, elimination_cutoff: f64) -> Result<Self, DesignError> {
        let limit = ToxicityLimit::new(target, elimination_cutoff, LEAST_PATIENTS)?;
        check_within("the lower end of the interval", lower, 0.0, target)?;
        check_within("the upper end of the interval", upper, target, 1.0)?;
        Ok(Self { lower, upper, limit })
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

    fn lies_below(&self, dlt: f64, n: f64) -> bool {
        dlt < n * self.lower - ON_THE_END
    }
}

impl DecisionRule for I3Plus3 {
    fn decide(&self, tally: Tally) -> Result<(Decision, Reason), DesignError> {
        let Some(rate) = tally.rate() else { return Ok((Decision::Stay, Reason::NoPatients)) };
        let (dlt, n) = (f64::from(tally.dlt), f64::from(tally.n));
        let decision = if self.lies_below(dlt, n) {
            Decision::Escalate
        } else if dlt <= n * self.upper + ON_THE_END || self.lies_below(dlt - 1.0, n) {
            Decision::Stay
        } else {
            Decision::DeEscalate
        };
        Ok((decision, Reason::Rate { rate, lower: self.lower, upper: self.upper }))
    }

    fn limit(&self) -> ToxicityLimit {
        self.limit
    }
}
