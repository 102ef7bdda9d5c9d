//! Shapes that a dose-response test looks for.

use super::curve::DoseResponseCurve;
use super::error::DoseResponseError;
use super::model::{DoseResponseModel, Scaling};
use super::target_dose::peak;

/// Whether a larger or a smaller response is the benefit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Larger is better.
    Increasing,
    /// Smaller is better.
    Decreasing,
}

impl Direction {
    /// Factor that makes a benefit positive.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Increasing => 1.0,
            Self::Decreasing => -1.0,
        }
    }
}

/// A shape with guesses of the parameters that determine it.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateShape {
    /// The shape.
    pub model: DoseResponseModel,
    /// Its nonlinear parameters; for the quadratic shape the ratio `b2 / |b1|`; nothing for the linear and log-linear one.
    pub guesses: Vec<f64>,
}

impl CandidateShape {
    /// Mean responses at the doses when the response is `placebo` at dose 0 and the largest effect between dose 0 and the largest dose is
    /// `largest_effect` in the given direction.
    ///
    /// ```text
    /// mean(d) = placebo + sign largest_effect h(d) / max over [0, D] of h,   h(d) = f(d) - f(0) of the shape with height 1
    /// ```
    ///
    /// # Errors
    /// [`DoseResponseError::Parameter`] for guesses of the wrong number or outside their domain and [`DoseResponseError::FlatShape`]
    /// for a shape without a rise.
    pub fn means(&self, doses: &[f64], scaling: Scaling, expected: ExpectedEffect) -> Result<Vec<f64>, DoseResponseError> {
        let largest_dose = doses.iter().copied().fold(0.0, f64::max);
        let curve = self.curve(scaling, largest_dose)?;
        let (_, top) = peak(&curve, Direction::Increasing, largest_dose);
        if top.is_nan() || top <= 0.0 {
            return Err(DoseResponseError::FlatShape(self.model));
        }
        let factor = expected.direction.sign() * expected.largest / top;
        Ok(doses.iter().map(|dose| expected.placebo + factor * curve.effect(*dose)).collect())
    }

    /// The shape as a curve of height 1.
    fn curve(&self, scaling: Scaling, largest_dose: f64) -> Result<DoseResponseCurve, DoseResponseError> {
        let model = self.model;
        let refuse = |what, range| Err(DoseResponseError::Parameter { model, what, range });
        let needed = if model == DoseResponseModel::Quadratic { 1 } else { model.nonlinear() };
        if self.guesses.len() != needed || self.guesses.iter().any(|guess| !guess.is_finite()) {
            return refuse("guesses", "one finite number for each parameter of the shape");
        }
        if model != DoseResponseModel::Quadratic && self.guesses.iter().any(|guess| *guess <= 0.0) {
            return refuse("guesses", "positive");
        }
        if model == DoseResponseModel::Beta && (scaling.scale.is_nan() || scaling.scale <= largest_dose) {
            return refuse("scale", "above the largest dose");
        }
        if model == DoseResponseModel::LogLinear && (scaling.offset.is_nan() || scaling.offset <= 0.0) {
            return refuse("offset", "positive");
        }
        let coefficients = [0.0, 1.0].into_iter().chain(self.guesses.iter().copied()).collect();
        Ok(DoseResponseCurve { model, scaling, coefficients })
    }
}

/// Height and direction of a candidate shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedEffect {
    /// Response at dose 0.
    pub placebo: f64,
    /// Largest effect over dose 0, as a positive number.
    pub largest: f64,
    /// Direction of benefit.
    pub direction: Direction,
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: ExpectedEffect = ExpectedEffect { placebo: 2.0, largest: 3.0, direction: Direction::Decreasing };

    #[test]
    fn means_run_from_placebo_to_the_largest_effect() {
        let scaling = Scaling::for_largest_dose(1.0);
        let emax = CandidateShape { model: DoseResponseModel::Emax, guesses: vec![0.25] };
        let means = emax.means(&[0.0, 0.25, 1.0], scaling, EXPECTED).unwrap();
        // 0.5 of the asymptote at the guess, 0.8 at the largest dose.
        for (got, want) in means.iter().zip([2.0, 2.0 - 3.0 * 0.5 / 0.8, -1.0]) {
            assert!((got - want).abs() < 1e-14, "{means:?}");
        }
        let umbrella = CandidateShape { model: DoseResponseModel::Quadratic, guesses: vec![-0.8] };
        let means = umbrella.means(&[0.0, 0.625, 1.0], scaling, EXPECTED).unwrap();
        assert!((means[1] + 1.0).abs() < 1e-14 && means[2] > -1.0, "{means:?}");
    }

    #[test]
    fn impossible_guesses_are_refused() {
        let means = |model, guesses: &[f64]| {
            let shape = CandidateShape { model, guesses: guesses.to_vec() };
            shape.means(&[0.0, 1.0], Scaling { offset: 0.0, scale: 1.0 }, EXPECTED).unwrap_err()
        };
        let is_refused = |error| matches!(error, DoseResponseError::Parameter { .. });
        assert!(is_refused(means(DoseResponseModel::Emax, &[])) && is_refused(means(DoseResponseModel::Emax, &[-1.0])));
        assert!(is_refused(means(DoseResponseModel::Beta, &[1.0, 1.0])) && is_refused(means(DoseResponseModel::LogLinear, &[])));
        assert_eq!(means(DoseResponseModel::SigmoidEmax, &[1e6, 90.0]), DoseResponseError::FlatShape(DoseResponseModel::SigmoidEmax));
    }
}
