//! Bayesian optimal interval design (BOIN).

use super::decision::{Decision, Reason};
use super::error::{DesignError, check_within};
use super::interval::IntervalDesign;
use super::table::{DecisionRule, DecisionTable};
use super::tally::Tally;
use super::toxicity_limit::{LEAST_PATIENTS, ToxicityLimit};
use crate::numerics::tolerance::TIED;

/// Targets for which the design is published.
const TARGETS: (f64, f64) = (0.05, 0.6);

/// Least distance of the underdosing and overdosing probabilities from the target, as a share of it.
const LEAST_DISTANCE: f64 = 0.1;

/// Parameters of a BOIN design before they are checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoinParameters {
    /// Target probability of dose-limiting toxicity, between 0.05 and 0.6.
    pub target: f64,
    /// Highest probability that counts as underdosing; customarily 0.6 times the target.
    pub underdosing: f64,
    /// Lowest probability that counts as overdosing; customarily 1.4 times the target.
    pub overdosing: f64,
    /// A dose is eliminated when it exceeds the target with a probability above this; customarily 0.95.
    pub elimination_cutoff: f64,
    /// The stricter rule at the lowest dose: by how much it lowers the cutoff; below 0.5.
    pub extra_safe_offset: Option<f64>,
    /// Whether the selected dose's estimate must not lie above the de-escalation boundary.
    pub bound_mtd: bool,
}

impl BoinParameters {
    /// The published defaults for a target.
    #[must_use]
    pub fn with_target(target: f64) -> Self {
        Self {
            target,
            underdosing: 0.6 * target,
            overdosing: 1.4 * target,
            elimination_cutoff: 0.95,
            extra_safe_offset: None,
            bound_mtd: false,
        }
    }
}

/// The BOIN rule `[Liu2015]` `[Yuan2016]`.
///
/// ```text
/// lambda_e = log((1 - phi1) / (1 - phi)) / log(phi (1 - phi1) / (phi1 (1 - phi)))
/// lambda_d = log((1 - phi) / (1 - phi2)) / log(phi2 (1 - phi) / (phi (1 - phi2)))
/// ```
///
/// `phi` is the target, `phi1` and `phi2` the underdosing and overdosing probabilities. With `y` toxicities among `n` patients at the current
/// dose: escalate if `y/n <= lambda_e`, de-escalate if `y/n >= lambda_d`, otherwise stay; `y/n` within rounding of a boundary counts as equal
/// to it. Eliminate the dose and all above when `n >= 3` and `Pr(p > phi | Beta(1 + y, 1 + n - y))` exceeds the elimination cutoff.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boin {
    parameters: BoinParameters,
    lambda_e: f64,
    lambda_d: f64,
    limit: ToxicityLimit,
}

impl Boin {
    /// A checked rule.
    ///
    /// # Errors
    /// [`DesignError::Outside`] for a target outside [0.05, 0.6], for underdosing and overdosing probabilities closer to it than a tenth of
    /// it, for a cutoff outside [0, 1] and an offset outside [0, 0.5).
    pub fn new(parameters: BoinParameters) -> Result<Self, DesignError> {
        let BoinParameters { target, underdosing, overdosing, elimination_cutoff, extra_safe_offset, .. } = parameters;
        check_within("the target", target, TARGETS.0, TARGETS.1)?;
        let distance = LEAST_DISTANCE * target - TIED;
        check_within("the underdosing probability", underdosing, f64::MIN_POSITIVE, target - distance)?;
        check_within("the overdosing probability", overdosing, target + distance, 1.0 - f64::EPSILON)?;
        check_within("the offset of the stricter stopping rule", extra_safe_offset.unwrap_or(0.0), 0.0, 0.5 - f64::EPSILON)?;
        let limit = ToxicityLimit::new(target, elimination_cutoff, LEAST_PATIENTS)?;
        Ok(Self { parameters, lambda_e: boundary(underdosing, target), lambda_d: boundary(target, overdosing), limit })
    }

    /// Escalate when the observed rate is at most this.
    #[must_use]
    pub fn lambda_e(&self) -> f64 {
        self.lambda_e
    }

    /// De-escalate when the observed rate is at least this.
    #[must_use]
    pub fn lambda_d(&self) -> f64 {
        self.lambda_d
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> &BoinParameters {
        &self.parameters
    }

    /// What the rule says of a rate: observed, pooled or imputed.
    #[must_use]
    pub fn compare(&self, rate: f64) -> Decision {
        if rate <= self.lambda_e + TIED {
            Decision::Escalate
        } else if rate >= self.lambda_d - TIED {
            Decision::DeEscalate
        } else {
            Decision::Stay
        }
    }

    /// The decision table for 1 to `max_n` patients.
    ///
    /// # Errors
    /// As [`DecisionTable::new`].
    pub fn decision_table(&self, max_n: u32) -> Result<DecisionTable, DesignError> {
        DecisionTable::new(self, max_n)
    }

    /// The stricter limit at the lowest dose, if the design has one.
    ///
    /// # Errors
    /// As [`ToxicityLimit::new`].
    pub fn lowest_dose_limit(&self) -> Result<Option<ToxicityLimit>, DesignError> {
        let BoinParameters { target, elimination_cutoff, extra_safe_offset, .. } = self.parameters;
        extra_safe_offset.map(|offset| ToxicityLimit::new(target, elimination_cutoff - offset, LEAST_PATIENTS)).transpose()
    }

    /// The design on a grid, for up to `max_n` patients at a dose.
    ///
    /// # Errors
    /// As [`IntervalDesign::new`].
    pub fn design(&self, doses: usize, max_n: u32) -> Result<IntervalDesign, DesignError> {
        let mut design = IntervalDesign::new(self, doses, max_n)?;
        if let Some(limit) = self.lowest_dose_limit()? {
            design = design.with_lowest_dose_limit(limit)?;
        }
        Ok(if self.parameters.bound_mtd { design.with_bound(self.lambda_d) } else { design })
    }
}

impl DecisionRule for Boin {
    fn decide(&self, tally: Tally) -> Result<(Decision, Reason), DesignError> {
        let Some(rate) = tally.rate() else { return Ok((Decision::Stay, Reason::NoPatients)) };
        Ok((self.compare(rate), Reason::Rate { rate, lower: self.lambda_e, upper: self.lambda_d }))
    }

    fn limit(&self) -> ToxicityLimit {
        self.limit
    }
}

/// The rate at which two probabilities of toxicity are equally likely.
fn boundary(lower: f64, upper: f64) -> f64 {
    ((1.0 - lower) / (1.0 - upper)).ln() / (upper * (1.0 - lower) / (lower * (1.0 - upper))).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_boundaries_are_reproduced() {
        // [Yuan2016]: escalation and de-escalation boundaries for usual targets, printed to three decimals.
        let published = [
            (0.15, 0.118, 0.179),
            (0.2, 0.157, 0.238),
            (0.25, 0.197, 0.298),
            (0.3, 0.236, 0.358),
            (0.35, 0.276, 0.419),
            (0.4, 0.316, 0.479),
        ];
        for (target, lambda_e, lambda_d) in published {
            let boin = Boin::new(BoinParameters::with_target(target)).unwrap();
            assert!((boin.lambda_e() - lambda_e).abs() < 1e-3 && (boin.lambda_d() - lambda_d).abs() < 1e-3, "{target}");
        }
    }

    #[test]
    fn a_rate_on_a_boundary_is_not_lost_to_rounding() {
        let boin = Boin::new(BoinParameters::with_target(0.3)).unwrap();
        let nudged = |rate: f64| boin.compare(rate);
        assert_eq!(nudged(boin.lambda_e() + 1e-15), Decision::Escalate);
        assert_eq!(nudged(boin.lambda_d() - 1e-15), Decision::DeEscalate);
        assert_eq!(nudged((boin.lambda_e() + boin.lambda_d()) / 2.0), Decision::Stay);
    }

    #[test]
    fn parameters_outside_the_publication_are_refused() {
        let usual = BoinParameters::with_target(0.3);
        for parameters in [
            BoinParameters::with_target(0.04),
            BoinParameters::with_target(0.61),
            BoinParameters { underdosing: 0.28, ..usual },
            BoinParameters { overdosing: 0.32, ..usual },
            BoinParameters { elimination_cutoff: 1.5, ..usual },
            BoinParameters { extra_safe_offset: Some(0.5), ..usual },
        ] {
            assert!(matches!(Boin::new(parameters), Err(DesignError::Outside { .. })), "{parameters:?}");
        }
        // A tenth of the target is far enough, whatever rounding makes of it.
        assert!(Boin::new(BoinParameters { underdosing: 0.27, overdosing: 0.33, ..usual }).is_ok());
        assert!(Boin::new(usual).unwrap().design(0, 30).is_err() && Boin::new(usual).unwrap().design(5, 0).is_err());
    }
}
