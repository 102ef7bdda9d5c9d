//! A dose-response curve with its coefficients.

use super::model::{DoseResponseModel, Scaling, Shape};
use crate::numerics::separable_least_squares::CurveFamily;

/// A shape with its coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct DoseResponseCurve {
    /// The shape.
    pub model: DoseResponseModel,
    /// The shape's constants.
    pub scaling: Scaling,
    /// Coefficients in the order of [`DoseResponseModel::parameters`].
    pub coefficients: Vec<f64>,
}

/// A value of a curve with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// The dose.
    pub dose: f64,
    /// The value.
    pub value: f64,
    /// Standard error by the delta method; `None` where parameters stand at a bound or are not identified.
    pub standard_error: Option<f64>,
    /// Two-sided interval of the level asked for; `None` where there is no standard error.
    pub interval: Option<(f64, f64)>,
}

impl DoseResponseCurve {
    fn shape(&self) -> Shape {
        Shape { model: self.model, scaling: self.scaling }
    }

    fn coefficient(&self, position: usize) -> f64 {
        self.coefficients.get(position).copied().unwrap_or(f64::NAN)
    }

    fn phi(&self) -> &[f64] {
        self.coefficients.get(2..).unwrap_or_default()
    }

    /// Response at a dose.
    #[must_use]
    pub fn mean(&self, dose: f64) -> f64 {
        self.coefficient(0) + self.above_intercept(dose)
    }

    /// Response at a dose over that at dose 0.
    ///
    /// ```text
    /// effect(d) = f(d) - f(0)
    /// ```
    #[must_use]
    pub fn effect(&self, dose: f64) -> f64 {
        self.above_intercept(dose) - self.above_intercept(0.0)
    }

    fn above_intercept(&self, dose: f64) -> f64 {
        match self.model {
            DoseResponseModel::Quadratic => dose * (self.coefficient(1) + self.coefficient(2) * dose),
            _ => self.coefficient(1) * self.shape().value(dose, self.phi()),
        }
    }

    /// Derivatives of the response at a dose with respect to the coefficients.
    #[must_use]
    pub fn gradient(&self, dose: f64) -> Vec<f64> {
        if self.model == DoseResponseModel::Quadratic {
            return vec![1.0, dose, dose * dose];
        }
        let shape = self.shape();
        let mut derivatives = vec![0.0; self.phi().len()];
        shape.gradient(dose, self.phi(), &mut derivatives);
        let height = self.coefficient(1);
        let nonlinear = derivatives.into_iter().map(|derivative| height * derivative);
        [1.0, shape.value(dose, self.phi())].into_iter().chain(nonlinear).collect()
    }

    /// Derivatives of the effect at a dose with respect to the coefficients.
    #[must_use]
    pub fn effect_gradient(&self, dose: f64) -> Vec<f64> {
        self.gradient(dose).into_iter().zip(self.gradient(0.0)).map(|(there, here)| there - here).collect()
    }

    /// Derivative of the response with respect to the dose.
    #[must_use]
    pub fn slope(&self, dose: f64) -> f64 {
        match self.model {
            DoseResponseModel::Quadratic => self.coefficient(1) + 2.0 * self.coefficient(2) * dose,
            _ => self.coefficient(1) * self.shape().slope(dose, self.phi()),
        }
    }

    /// The dose between 0 and `largest_dose` at which the curve turns, if it does.
    #[must_use]
    pub fn turning_point(&self, largest_dose: f64) -> Option<f64> {
        let dose = match self.model {
            DoseResponseModel::Quadratic => -0.5 * self.coefficient(1) / self.coefficient(2),
            DoseResponseModel::Beta => self.scaling.scale * self.coefficient(2) / (self.coefficient(2) + self.coefficient(3)),
            _ => return None,
        };
        (dose > 0.0 && dose < largest_dose).then_some(dose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALING: Scaling = Scaling { offset: 0.8, scale: 96.0 };

    fn curves() -> Vec<DoseResponseCurve> {
        let coefficients: [&[f64]; 8] = [
            &[1.0, 0.02],
            &[1.0, 0.4],
            &[1.0, 0.05, -0.0004],
            &[1.0, 0.3, 33.0],
            &[1.0, 2.0, 21.0, 9.0],
            &[1.0, 2.0, 17.0],
            &[1.0, 2.0, 23.0, 2.6],
            &[1.0, 2.0, 1.3, 0.7],
        ];
        let curve =
            |(model, values): (DoseResponseModel, &[f64])| DoseResponseCurve { model, scaling: SCALING, coefficients: values.to_vec() };
        DoseResponseModel::ALL.into_iter().zip(coefficients).map(curve).collect()
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for curve in curves() {
            for dose in [0.0, 3.0, 20.0, 41.0, 80.0] {
                for (position, derivative) in curve.gradient(dose).into_iter().enumerate() {
                    let at = |factor: f64| {
                        let mut moved = curve.clone();
                        moved.coefficients[position] *= factor;
                        moved.mean(dose)
                    };
                    let numeric = (at(1.0 + 1e-6) - at(1.0 - 1e-6)) / (2e-6 * curve.coefficients[position]);
                    assert!(
                        (derivative - numeric).abs() < 1e-6 * (1.0 + numeric.abs()),
                        "{curve:?} {dose} {position}: {derivative} {numeric}"
                    );
                }
                if dose > 0.0 {
                    let numeric = (curve.mean(dose + 1e-4) - curve.mean(dose - 1e-4)) / 2e-4;
                    assert!((curve.slope(dose) - numeric).abs() < 1e-7, "{curve:?} {dose}");
                }
            }
        }
    }

    #[test]
    fn effects_start_at_zero_and_curves_turn_where_the_slope_vanishes() {
        for curve in curves() {
            assert!(curve.effect(0.0).abs() < f64::EPSILON, "{curve:?}");
            assert!(curve.mean(50.0).is_finite());
            match curve.turning_point(80.0) {
                Some(dose) => assert!(curve.slope(dose).abs() < 1e-12, "{curve:?}"),
                None => assert!(curve.effect(80.0) > 0.0, "{curve:?}"),
            }
        }
    }

    #[test]
    fn extreme_parameters_give_numbers() {
        let steep =
            DoseResponseCurve { model: DoseResponseModel::SigmoidEmax, scaling: SCALING, coefficients: vec![0.0, 1.0, 10.0, 900.0] };
        assert!(steep.mean(9.0).abs() < 1e-30 && (steep.mean(11.0) - 1.0).abs() < 1e-12);
        assert!(steep.gradient(80.0).iter().all(|value| value.is_finite()));
        let beyond = DoseResponseCurve { model: DoseResponseModel::Beta, scaling: SCALING, coefficients: vec![0.0, 1.0, 1.0, 1.0] };
        assert!(beyond.mean(97.0).is_nan());
    }
}
