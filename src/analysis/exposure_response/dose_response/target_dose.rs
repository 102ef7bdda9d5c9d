//! The dose that reaches an effect.

use super::candidate::Direction;
use super::curve::DoseResponseCurve;
use crate::numerics::matrix::Matrix;
use crate::numerics::root::find_root;

/// A dose that reaches an effect, or that none of the doses studied does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TargetDose {
    /// The smallest dose that reaches the effect.
    Reached {
        /// The dose.
        dose: f64,
        /// Standard error by the delta method, where the fit has a covariance.
        standard_error: Option<f64>,
    },
    /// No dose up to the largest one studied reaches the effect; nothing is extrapolated.
    NotReached {
        /// Largest effect in the direction of benefit.
        largest_effect: f64,
        /// Dose at which it occurs.
        at_dose: f64,
    },
}

impl TargetDose {
    /// The dose, where there is one.
    #[must_use]
    pub fn dose(self) -> Option<f64> {
        match self {
            Self::Reached { dose, .. } => Some(dose),
            Self::NotReached { .. } => None,
        }
    }
}

/// Smallest dose in `[0, largest_dose]` whose effect in the direction of benefit reaches `effect`.
pub(super) fn smallest_dose(curve: &DoseResponseCurve, effect: f64, direction: Direction, largest_dose: f64) -> TargetDose {
    let benefit = |dose: f64| direction.sign() * curve.effect(dose);
    let turn = curve.turning_point(largest_dose);
    let (peak, top) = peak(curve, direction, largest_dose);
    if top < effect || !top.is_finite() {
        return TargetDose::NotReached { largest_effect: top, at_dose: peak };
    }
    // A curve that first falls passes zero again only after it turns.
    let start = turn.filter(|turn| *turn < peak).unwrap_or(0.0);
    let dose = find_root(|dose| benefit(dose) - effect, start, peak, 1e-13 * largest_dose).unwrap_or(peak);
    TargetDose::Reached { dose, standard_error: None }
}

/// Dose of the largest effect in the direction of benefit, and that effect.
pub(super) fn peak(curve: &DoseResponseCurve, direction: Direction, largest_dose: f64) -> (f64, f64) {
    let at = |dose: f64| (dose, direction.sign() * curve.effect(dose));
    let ends = [at(0.0), at(largest_dose)];
    let turn = curve.turning_point(largest_dose).map(at);
    ends.into_iter().chain(turn).fold((0.0, 0.0), |best, point| if point.1 > best.1 { point } else { best })
}

/// Standard error of a target dose: the effect is held while the coefficients move.
///
/// ```text
/// dTD/dtheta = -(d effect/d theta) / (d effect/d dose)   at TD
/// ```
pub(super) fn standard_error(curve: &DoseResponseCurve, dose: f64, covariance: &Matrix) -> Option<f64> {
    let slope = curve.slope(dose);
    let gradient: Vec<f64> = curve.effect_gradient(dose).into_iter().map(|value| -value / slope).collect();
    let used = (0..covariance.columns()).map(|position| gradient.get(position).copied().unwrap_or(0.0)).collect::<Vec<f64>>();
    let variance = covariance.bilinear(&used, &used);
    (variance.is_finite() && variance >= 0.0).then(|| variance.sqrt())
}
