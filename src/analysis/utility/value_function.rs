//! From a measured value to its worth between 0 and 1.

use thiserror::Error;

/// A value function; every one is clamped to 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueFunction {
    /// A straight line from worst to best.
    ///
    /// ```text
    /// v(x) = (x - worst) / (best - worst)
    /// ```
    Linear {
        /// Measured value worth 0.
        worst: f64,
        /// Measured value worth 1; below `worst` where less is better.
        best: f64,
    },
    /// The straight line raised to a power.
    ///
    /// ```text
    /// v(x) = ((x - worst) / (best - worst))^exponent
    /// ```
    Power {
        /// Measured value worth 0.
        worst: f64,
        /// Measured value worth 1.
        best: f64,
        /// Above zero; below 1 the first gains count most.
        exponent: f64,
    },
    /// Constant aversion to risk on the straight line.
    ///
    /// ```text
    /// v(x) = (1 - exp(-c u)) / (1 - exp(-c)),   u = (x - worst) / (best - worst);   v = u for c = 0
    /// ```
    Exponential {
        /// Measured value worth 0.
        worst: f64,
        /// Measured value worth 1.
        best: f64,
        /// c; above zero the first gains count most.
        curvature: f64,
    },
    /// Straight lines between corners; flat beyond the first and the last.
    PiecewiseLinear {
        /// Measured value and worth, in ascending order of the measured value.
        corners: Vec<(f64, f64)>,
    },
    /// An S-shaped curve.
    ///
    /// ```text
    /// v(x) = 1 / (1 + exp(-k (x - midpoint)))
    /// ```
    Logistic {
        /// Measured value worth one half.
        midpoint: f64,
        /// k per unit of the measured value; negative where less is better.
        slope: f64,
    },
    /// All or nothing.
    Step {
        /// Measured value from which on it is worth 1.
        threshold: f64,
        /// Whether more is better; the threshold itself is worth 1 either way.
        rising: bool,
    },
    /// Best at one value, worth nothing below and above.
    ///
    /// ```text
    /// v(x) = (x - low) / (target - low) up to the target,   (high - x) / (high - target) above it
    /// ```
    Target {
        /// Measured value worth 0 below the target.
        low: f64,
        /// Measured value worth 1.
        target: f64,
        /// Measured value worth 0 above the target.
        high: f64,
    },
}

/// Why there is no value function.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ValueFunctionError {
    /// A number that is not finite.
    #[error("a value function needs finite numbers")]
    NotFinite,
    /// Worst and best are the same.
    #[error("the worst and the best value are both {0}: nothing lies between them")]
    NoRange(f64),
    /// A power that is not above zero.
    #[error("the exponent must be above 0, not {0}")]
    Exponent(f64),
    /// A slope of zero.
    #[error("the slope of a logistic value function must not be 0")]
    NoSlope,
    /// Corners that are fewer than two, out of order or worth more than 1 or less than 0.
    #[error("corners need at least two measured values in ascending order, each worth 0 to 1")]
    Corners,
    /// A target that does not lie between its ends.
    #[error("the target {target} must lie between {low} and {high}")]
    Target {
        /// Lower end.
        low: f64,
        /// Target.
        target: f64,
        /// Upper end.
        high: f64,
    },
}

impl ValueFunction {
    /// The function itself, where it is one.
    ///
    /// # Errors
    /// [`ValueFunctionError`].
    pub fn checked(self) -> Result<Self, ValueFunctionError> {
        let finite =
            |numbers: &[f64]| if numbers.iter().all(|number| number.is_finite()) { Ok(()) } else { Err(ValueFunctionError::NotFinite) };
        let range = |worst: f64, best: f64| {
            finite(&[worst, best])?;
            if (worst - best).abs() > 0.0 { Ok(()) } else { Err(ValueFunctionError::NoRange(worst)) }
        };
        match &self {
            Self::Linear { worst, best } => range(*worst, *best)?,
            Self::Exponential { worst, best, curvature } => {
                range(*worst, *best)?;
                finite(&[*curvature])?;
            }
            Self::Power { worst, best, exponent } => {
                range(*worst, *best)?;
                if !(*exponent > 0.0 && exponent.is_finite()) {
                    return Err(ValueFunctionError::Exponent(*exponent));
                }
            }
            Self::PiecewiseLinear { corners } => {
                let ordered = corners.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0));
                let within = corners.iter().all(|(at, value)| at.is_finite() && (0.0..=1.0).contains(value));
                if corners.len() < 2 || !ordered || !within {
                    return Err(ValueFunctionError::Corners);
                }
            }
            Self::Logistic { midpoint, slope } => {
                finite(&[*midpoint, *slope])?;
                if slope.abs() <= 0.0 {
                    return Err(ValueFunctionError::NoSlope);
                }
            }
            Self::Step { threshold, .. } => finite(&[*threshold])?,
            Self::Target { low, target, high } => {
                finite(&[*low, *target, *high])?;
                if !(low < target && target < high) {
                    return Err(ValueFunctionError::Target { low: *low, target: *target, high: *high });
                }
            }
        }
        Ok(self)
    }

    /// Worth of a measured value, 0 to 1; not a number for one that is not.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        let along = |worst: f64, best: f64| ((x - worst) / (best - worst)).clamp(0.0, 1.0);
        match self {
            Self::Linear { worst, best } => along(*worst, *best),
            Self::Power { worst, best, exponent } => along(*worst, *best).powf(*exponent),
            Self::Exponential { worst, best, curvature } => {
                let share = along(*worst, *best);
                if curvature.abs() < 1e-9 { share } else { (-curvature * share).exp_m1() / (-curvature).exp_m1() }
            }
            Self::PiecewiseLinear { corners } => between(corners, x),
            Self::Logistic { midpoint, slope } => 1.0 / (1.0 + (-slope * (x - midpoint)).exp()),
            Self::Step { .. } if x.is_nan() => f64::NAN,
            Self::Step { threshold, rising } => f64::from(u8::from(if *rising { x >= *threshold } else { x <= *threshold })),
            Self::Target { low, target, high } => {
                if x <= *target {
                    along(*low, *target)
                } else {
                    along(*high, *target)
                }
            }
        }
    }
}

fn between(corners: &[(f64, f64)], x: f64) -> f64 {
    let Some((first, last)) = corners.first().zip(corners.last()) else { return f64::NAN };
    if x.is_nan() {
        return f64::NAN;
    }
    if x <= first.0 {
        return first.1;
    }
    let piece = corners.windows(2).find_map(|pair| match pair {
        [a, b] if x <= b.0 => Some(a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0)),
        _ => None,
    });
    piece.unwrap_or(last.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_clamped_and_runs_from_worst_to_best() {
        let functions = [
            ValueFunction::Linear { worst: 0.6, best: 0.1 },
            ValueFunction::Power { worst: 0.6, best: 0.1, exponent: 2.0 },
            ValueFunction::Exponential { worst: 0.6, best: 0.1, curvature: 3.0 },
            ValueFunction::PiecewiseLinear { corners: vec![(0.1, 1.0), (0.3, 0.2), (0.6, 0.0)] },
            ValueFunction::Logistic { midpoint: 0.3, slope: -40.0 },
            ValueFunction::Step { threshold: 0.3, rising: false },
        ];
        for function in functions {
            let function = function.checked().unwrap();
            let values: Vec<f64> = (0..=20).map(|place| function.at(f64::from(place) / 20.0)).collect();
            assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{function:?}");
            assert!(values.windows(2).all(|pair| pair[0] >= pair[1]), "less is better: {function:?}");
            assert!(values[0] > 0.99 && values[20] < 0.01 && function.at(f64::NAN).is_nan(), "{function:?}");
        }
        let target = ValueFunction::Target { low: 1.0, target: 8.0, high: 24.0 };
        assert!((target.at(8.0) - 1.0).abs() < 1e-15 && (target.at(2.0) - 1.0 / 7.0).abs() < 1e-15 && target.at(30.0).abs() < 1e-15);
    }

    #[test]
    fn senseless_functions_are_refused() {
        for wrong in [
            ValueFunction::Linear { worst: 0.5, best: 0.5 },
            ValueFunction::Power { worst: 0.0, best: 1.0, exponent: 0.0 },
            ValueFunction::Logistic { midpoint: 0.0, slope: 0.0 },
            ValueFunction::PiecewiseLinear { corners: vec![(0.0, 0.0)] },
            ValueFunction::PiecewiseLinear { corners: vec![(0.0, 0.0), (0.0, 1.0)] },
            ValueFunction::PiecewiseLinear { corners: vec![(0.0, 0.0), (1.0, 1.1)] },
            ValueFunction::Target { low: 1.0, target: 1.0, high: 2.0 },
            ValueFunction::Step { threshold: f64::NAN, rising: true },
        ] {
            assert!(wrong.clone().checked().is_err(), "{wrong:?}");
        }
    }
}
