//! How much a fitted curve changes between two exposures.

use super::binary::BinaryModel;
use super::logistic_model::expit;
use crate::numerics::distribution::{DistributionError, normal_critical};

/// A difference of two predicted probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbabilityDifference {
    /// Probability at the second exposure minus that at the first.
    pub difference: f64,
    /// Wald limits; `None` where the curve has no covariance.
    pub limits: Option<(f64, f64)>,
}

impl BinaryModel {
    /// Change of the predicted probability from one exposure to another, for a model without covariates.
    ///
    /// ```text
    /// d = p(x2) - p(x1);   se(d)^2 = g'Vg,  g = p2(1-p2) h(x2) - p1(1-p1) h(x1);   limits d -+ z se(d)
    /// ```
    ///
    /// p: probability (expit of the logit); h: derivatives of the logit in the parameters; V: covariance of the estimates; z: normal quantile of
    /// the confidence level. Delta method. `None` for a model with covariates, and where an exposure has no logarithm.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    pub fn difference(&self, first: f64, second: f64, level: f64) -> Result<Option<ProbabilityDifference>, DistributionError> {
        let Some(((from, at_first), (to, at_second))) = self.logit_and_gradient(first).zip(self.logit_and_gradient(second)) else {
            return Ok(None);
        };
        let (from, to) = (expit(from), expit(to));
        let gradient: Vec<f64> =
            at_first.iter().zip(&at_second).map(|(first, second)| to * (1.0 - to) * second - from * (1.0 - from) * first).collect();
        let critical = normal_critical(level)?;
        let difference = to - from;
        let limits = self.standard_error_along(&gradient).map(|error| (difference - critical * error, difference + critical * error));
        Ok(Some(ProbabilityDifference { difference, limits }))
    }

    /// Logit at an exposure with its derivatives in the parameters, for a model without covariates.
    pub(super) fn logit_and_gradient(&self, exposure: f64) -> Option<(f64, Vec<f64>)> {
        match self {
            Self::Logistic(model) => {
                let row = model.row_at(exposure)?;
                Some((model.coefficients.linear_predictor(&row).value, row))
            }
            Self::Emax(model) => Some((model.fit.logit(exposure).0, model.fit.gradient(exposure))),
        }
    }

    /// Standard error of the linear combination of the parameters; `None` without a covariance.
    pub(super) fn standard_error_along(&self, gradient: &[f64]) -> Option<f64> {
        match self {
            Self::Logistic(model) => Some(model.coefficients.linear_predictor(gradient).standard_error),
            Self::Emax(model) => {
                let covariance = model.fit.covariance.as_ref()?;
                let rows = covariance.chunks(gradient.len()).zip(gradient);
                let variance: f64 = rows.map(|(row, left)| left * row.iter().zip(gradient).map(|(v, right)| v * right).sum::<f64>()).sum();
                Some(variance.max(0.0).sqrt())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::{BinaryData, BinarySettings, ExposureForm, analyse_binary};
    use super::super::logistic_model::Profiled;
    use super::super::model_choice::{Choice, Criterion};

    #[test]
    fn a_difference_is_that_of_the_predictions_and_narrows_with_the_step() {
        let exposures: Vec<Option<f64>> = (0..120).map(|i| Some(1.0 + f64::from(i * 37 % 120) / 2.0)).collect();
        let outcomes: Vec<Option<bool>> =
            exposures.iter().enumerate().map(|(i, x)| x.map(|x| (i * 53 % 120) as f64 / 120.0 < 0.1 + 0.7 * x / (10.0 + x))).collect();
        let data = BinaryData { exposures: &exposures, outcomes: &outcomes, doses: &[], covariates: &[] };
        let settings = BinarySettings {
            forms: ExposureForm::ALL[..3].to_vec(),
            level: 0.95,
            profiles: Profiled::None,
            choice: Choice::Smallest(Criterion::Aic),
        };
        let found = analyse_binary(&data, &settings).unwrap();
        assert_eq!(found.models.len(), 3);
        for model in &found.models {
            let at = |exposure| model.predict(exposure, 0.95).unwrap().unwrap().probability;
            let wide = model.difference(5.0, 40.0, 0.95).unwrap().unwrap();
            let small = model.difference(20.0, 22.0, 0.95).unwrap().unwrap();
            assert!((wide.difference - (at(40.0) - at(5.0))).abs() < 1e-12);
            let width = |limits: Option<(f64, f64)>| limits.map_or(f64::NAN, |(lower, upper)| upper - lower);
            assert!(width(small.limits) < width(wide.limits), "{:?}", model.form());
            assert!(model.difference(5.0, 40.0, 1.0).is_err());
        }
        assert_eq!(found.models[1].difference(0.0, 5.0, 0.95).unwrap(), None, "no logarithm of zero");
    }
}
