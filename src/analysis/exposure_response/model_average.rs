//! Averaging of the models of one outcome by Akaike weights: the sensitivity of a prediction to the choice of the model.

use super::binary::{BinaryAnalysis, BinaryModel};
use crate::numerics::distribution::DistributionError;

impl BinaryAnalysis {
    /// Weight of each model, in their order, by the criterion of the rule that chooses among them, by AIC where that has none; `None` for a model that
    /// was not fitted by maximum likelihood to all subjects.
    ///
    /// ```text
    /// w_m = exp(-(C_m - min C)/2) / sum over models,   C = AIC, AICc or BIC
    /// ```
    ///
    /// A curve with a parameter on its bound takes part: its likelihood is that of the best curve within the bounds.
    ///
    /// Source: `[BurnhamAnderson2002]`.
    #[must_use]
    pub fn weights(&self) -> Vec<Option<f64>> {
        let criterion = |model: &BinaryModel| model.criterion(self.choice.criterion()).filter(|_| model.subjects() == self.n);
        let smallest = self.models.iter().filter_map(criterion).fold(f64::INFINITY, f64::min);
        let relative: Vec<Option<f64>> = self.models.iter().map(|model| Some((-0.5 * (criterion(model)? - smallest)).exp())).collect();
        let total: f64 = relative.iter().flatten().sum();
        relative.into_iter().map(|weight| weight.map(|weight| weight / total)).collect()
    }

    /// Probability at an exposure averaged over the models by their weights; `None` where no model has one.
    ///
    /// # Errors
    /// As [`BinaryModel::predict`].
    pub fn average_prediction(&self, exposure: f64) -> Result<Option<f64>, DistributionError> {
        let (mut sum, mut total) = (0.0, 0.0);
        for (model, weight) in self.models.iter().zip(self.weights()) {
            if let (Some(at), Some(weight)) = (model.predict(exposure, 0.95)?, weight) {
                sum += weight * at.probability;
                total += weight;
            }
        }
        Ok((total > 0.0).then(|| sum / total))
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::{BinaryData, BinarySettings, ExposureForm, analyse_binary};
    use super::super::logistic_model::Profiled;
    use super::super::model_choice::{Choice, Criterion};

    #[test]
    fn weights_sum_to_one_and_the_average_lies_between_the_models() {
        let exposures: Vec<Option<f64>> = (0..90).map(|i| Some(1.0 + f64::from(i * 37 % 90) / 2.0)).collect();
        let outcomes: Vec<Option<bool>> =
            exposures.iter().enumerate().map(|(i, x)| x.map(|x| (i * 53 % 90) as f64 / 90.0 < 0.9 * x / (8.0 + x))).collect();
        let data = BinaryData { exposures: &exposures, outcomes: &outcomes, doses: &[], covariates: &[] };
        let found = analyse_binary(
            &data,
            &BinarySettings {
                forms: ExposureForm::ALL.to_vec(),
                level: 0.95,
                profiles: Profiled::None,
                choice: Choice::Smallest(Criterion::Aic),
            },
        )
        .unwrap();
        let weights = found.weights();
        assert!((weights.iter().flatten().sum::<f64>() - 1.0).abs() < 1e-12 && weights.len() == found.models.len());
        let each: Vec<f64> = found.models.iter().map(|model| model.predict(12.0, 0.95).unwrap().unwrap().probability).collect();
        let average = found.average_prediction(12.0).unwrap().unwrap();
        assert!(each.iter().copied().fold(1.0, f64::min) <= average && average <= each.iter().copied().fold(0.0, f64::max));
    }

    #[test]
    fn penalised_models_have_no_weight() {
        let exposures: Vec<Option<f64>> = (1..=12).map(|i| Some(f64::from(i))).collect();
        let outcomes: Vec<Option<bool>> = (1..=12).map(|i| Some(i > 6)).collect();
        let data = BinaryData { exposures: &exposures, outcomes: &outcomes, doses: &[], covariates: &[] };
        let found = analyse_binary(
            &data,
            &BinarySettings {
                forms: vec![ExposureForm::Linear],
                level: 0.9,
                profiles: Profiled::None,
                choice: Choice::Smallest(Criterion::Aic),
            },
        )
        .unwrap();
        assert_eq!((found.weights(), found.average_prediction(5.0).unwrap()), (vec![None], None));
    }
}
