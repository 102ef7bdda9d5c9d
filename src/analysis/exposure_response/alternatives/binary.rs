//! Probability of an event averaged over virtual subjects.

use super::super::binary::{BinaryModel, ExposureForm};
use super::super::binary_result::BinaryResult;
use super::super::logistic_model::expit;
use super::{Estimate, Exposures, RegimenOutcome, spread};

/// The logit against exposure in plain numbers: what a model is reduced to so that it can be evaluated a million times.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Curve {
    Line { intercept: f64, slope: f64, log: bool },
    Parabola { intercept: f64, slope: f64, curvature: f64 },
    Saturating { e0: f64, emax: f64, log_ec50: f64, hill: f64 },
}

impl Curve {
    /// Of a model without covariates; `None` where exposure has no coefficient.
    fn of(model: &BinaryModel) -> Option<Self> {
        match model {
            BinaryModel::Logistic(line) => {
                let (intercept, slope) = (line.coefficients.estimate(0)?, line.coefficients.estimate(1)?);
                if line.form == ExposureForm::Quadratic {
                    return Some(Self::Parabola { intercept, slope, curvature: line.coefficients.estimate(2)? });
                }
                Some(Self::Line { intercept, slope, log: line.form == ExposureForm::LogLinear })
            }
            BinaryModel::Emax(model) => {
                let fit = &model.fit;
                Some(Self::Saturating { e0: fit.e0, emax: fit.emax, log_ec50: fit.log_ec50, hill: fit.log_hill.exp() })
            }
        }
    }

    fn probability(self, exposure: f64) -> f64 {
        expit(match self {
            Self::Line { intercept, slope, log } => intercept + slope * if log { exposure.ln() } else { exposure },
            Self::Parabola { intercept, slope, curvature } => intercept + exposure * (slope + exposure * curvature),
            Self::Saturating { e0, emax, log_ec50, hill } => {
                let share = if exposure > 0.0 { 1.0 / (1.0 + (hill * (log_ec50 - exposure.ln())).exp()) } else { 0.0 };
                e0 + emax * share
            }
        })
    }

    fn mean(self, exposures: &[f64]) -> f64 {
        exposures.iter().map(|exposure| self.probability(*exposure)).sum::<f64>() / exposures.len() as f64
    }

    /// Derivatives of the mean probability in the parameters of the model.
    fn gradient(self, model: &BinaryModel, exposures: &[f64]) -> Vec<f64> {
        let mut sum: Vec<f64> = Vec::new();
        for exposure in exposures {
            let slope = match (self, model) {
                (Self::Line { log, .. }, _) => vec![1.0, if log { exposure.ln() } else { *exposure }],
                (Self::Parabola { .. }, _) => vec![1.0, *exposure, exposure * exposure],
                (_, BinaryModel::Emax(model)) => model.fit.gradient(*exposure),
                (_, BinaryModel::Logistic(_)) => Vec::new(),
            };
            let p = self.probability(*exposure);
            sum.resize(slope.len(), 0.0);
            sum.iter_mut().zip(&slope).for_each(|(sum, slope)| *sum += p * (1.0 - p) * slope / exposures.len() as f64);
        }
        sum
    }
}

/// The chosen model over the exposures of every regimen.
///
/// ```text
/// P_r = mean over virtual subjects i of p(x_ir),   logit limits: logit P_r -+ z sqrt(g'Vg / (P_r (1 - P_r))^2 + var_k(logit P_rk))
/// D_r = P_r - P_0,                                 limits:       D_r -+ z sqrt(d'Vd + var_k(D_rk)),  d = g_r - g_0
/// ```
///
/// p: probability by the model; x: simulated exposure; g: derivatives of P in the parameters of the model; V: their covariance; k: draws of the typical
/// values of the population model; 0: the proposed dosage. The two uncertainties are independent: they come from different analyses.
///
/// `None` where no model has an effect of exposure.
pub(super) fn predict(models: &BinaryResult, exposures: &Exposures, critical: f64) -> Option<Vec<Option<RegimenOutcome>>> {
    let model = models.chosen()?;
    let curve = Curve::of(model)?;
    let weighted: Vec<(Curve, f64)> = models
        .analysis
        .models
        .iter()
        .zip(models.analysis.weights())
        .filter_map(|(model, weight)| Some((Curve::of(model)?, weight?)))
        .collect();
    let drawn = |regimen: usize| -> Vec<f64> {
        exposures.drawn.iter().filter_map(|draw| draw.get(regimen)).filter(|of| !of.is_empty()).map(|of| curve.mean(of)).collect()
    };
    let of = |regimen: usize| {
        let values = exposures.typical.get(regimen).filter(|values| !values.is_empty())?;
        Some(Predicted { mean: curve.mean(values), gradient: curve.gradient(model, values), drawn: drawn(regimen) })
    };
    let proposed = exposures.proposed.and_then(|place| Some((place, of(place)?)));
    let one = |(regimen, values): (usize, &Vec<f64>)| {
        let own = of(regimen)?;
        let other = proposed.as_ref().filter(|(place, _)| *place != regimen).map(|(_, other)| other);
        let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
        let average = (total > 0.0).then(|| weighted.iter().map(|(curve, weight)| weight * curve.mean(values)).sum::<f64>() / total);
        Some(RegimenOutcome::Binary {
            probability: own.probability(model, critical),
            average,
            difference: other.map(|other| own.minus(other, model, critical)),
        })
    };
    Some(exposures.typical.iter().enumerate().map(one).collect())
}

/// A mean probability with what its limits are made of.
struct Predicted {
    mean: f64,
    gradient: Vec<f64>,
    drawn: Vec<f64>,
}

impl Predicted {
    fn probability(&self, model: &BinaryModel, critical: f64) -> Estimate {
        let logit = |p: f64| (p / (1.0 - p)).ln();
        let limits = model.standard_error_along(&self.gradient).map(|error| {
            let of_model = error / (self.mean * (1.0 - self.mean));
            let of_exposure = spread(&self.drawn.iter().map(|p| logit(*p)).collect::<Vec<f64>>());
            let half = critical * (of_model * of_model + of_exposure).sqrt();
            (expit(logit(self.mean) - half), expit(logit(self.mean) + half))
        });
        Estimate { value: self.mean, limits }
    }

    fn minus(&self, other: &Self, model: &BinaryModel, critical: f64) -> Estimate {
        let value = self.mean - other.mean;
        let gradient: Vec<f64> = self.gradient.iter().zip(&other.gradient).map(|(own, other)| own - other).collect();
        let differences: Vec<f64> = self.drawn.iter().zip(&other.drawn).map(|(own, other)| own - other).collect();
        let limits = model.standard_error_along(&gradient).map(|error| {
            let half = critical * (error * error + spread(&differences)).sqrt();
            (value - half, value + half)
        });
        Estimate { value, limits }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::binary::{BinaryData, BinarySettings, analyse_binary};
    use super::super::super::logistic_model::Profiled;
    use super::super::super::model_choice::{Choice, Criterion};
    use super::*;
    use crate::numerics::distribution::normal_critical;

    fn fitted() -> BinaryResult {
        let exposures: Vec<Option<f64>> = (0..160).map(|i| Some(1.0 + f64::from(i * 37 % 160) / 2.0)).collect();
        let outcomes: Vec<Option<bool>> =
            exposures.iter().enumerate().map(|(i, x)| x.map(|x| (i * 53 % 160) as f64 / 160.0 < 0.1 + 0.7 * x / (12.0 + x))).collect();
        let data = BinaryData { exposures: &exposures, outcomes: &outcomes, doses: &[], covariates: &[] };
        let settings = BinarySettings {
            forms: ExposureForm::ALL[..4].to_vec(),
            level: 0.95,
            profiles: Profiled::None,
            choice: Choice::Smallest(Criterion::Aic),
        };
        let analysis = analyse_binary(&data, &settings).unwrap();
        let none = (Vec::new(), Vec::new(), Vec::new());
        BinaryResult {
            analysis,
            models: Vec::new(),
            adjusted: None,
            adjusted_effect: None,
            within_dose: None,
            curve: none.0,
            dosages: none.1,
            gains: none.2,
            grouped: None,
            interactions: Vec::new(),
            aside: Vec::new(),
            fit: None,
            influence: None,
            bootstrap: None,
        }
    }

    #[test]
    fn a_curve_says_what_its_model_predicts() {
        for model in &fitted().analysis.models {
            let curve = Curve::of(model).unwrap();
            for exposure in [2.0, 11.0, 70.0] {
                let predicted = model.predict(exposure, 0.95).unwrap().unwrap();
                assert!((curve.probability(exposure) - predicted.probability).abs() < 1e-12, "{:?}", model.form());
                let only = Predicted { mean: curve.mean(&[exposure]), gradient: curve.gradient(model, &[exposure]), drawn: Vec::new() };
                let limits = only.probability(model, normal_critical(0.95).unwrap()).limits.unwrap();
                let expected = predicted.limits.unwrap();
                assert!((limits.0 - expected.0).abs() < 1e-9 && (limits.1 - expected.1).abs() < 1e-9, "{:?}", model.form());
            }
        }
    }

    #[test]
    fn the_mean_of_predictions_is_not_the_prediction_at_the_mean() {
        let models = fitted();
        let low: Vec<f64> = (1..=50).map(f64::from).collect();
        let high: Vec<f64> = low.iter().map(|x| 2.0 * x).collect();
        let exposures = Exposures { typical: vec![low.clone(), high, Vec::new()], drawn: Vec::new(), proposed: Some(0) };
        let critical = normal_critical(0.95).unwrap();
        let found = predict(&models, &exposures, critical).unwrap();
        let (
            Some(RegimenOutcome::Binary { probability, difference, average }),
            Some(RegimenOutcome::Binary { probability: more, difference: gain, .. }),
        ) = (found[0], found[1])
        else {
            panic!("{found:?}")
        };
        assert_eq!((difference, found[2]), (None, None));
        assert!((gain.unwrap().value - (more.value - probability.value)).abs() < 1e-15 && gain.unwrap().value > 0.0);
        let model = models.chosen().unwrap();
        let each = |x: &f64| model.predict(*x, 0.95).unwrap().unwrap().probability;
        assert!((probability.value - low.iter().map(each).sum::<f64>() / 50.0).abs() < 1e-12);
        assert!((probability.value - each(&25.5)).abs() > 1e-3, "the curve bends");
        assert!(average.is_some_and(|average| (average - probability.value).abs() < 0.1));
        // Uncertain exposures widen the limits.
        let drawn =
            (0..20).map(|k| exposures.typical.iter().map(|of| of.iter().map(|x| x * (0.8 + 0.02 * f64::from(k))).collect()).collect());
        let uncertain = Exposures { drawn: drawn.collect(), ..exposures };
        let Some(RegimenOutcome::Binary { probability: wider, .. }) = predict(&models, &uncertain, critical).unwrap()[0] else { panic!() };
        let width = |estimate: Estimate| estimate.limits.map(|(lower, upper)| upper - lower).unwrap();
        assert!(width(wider) > 1.02 * width(probability) && (wider.value - probability.value).abs() < 1e-15);
    }
}
