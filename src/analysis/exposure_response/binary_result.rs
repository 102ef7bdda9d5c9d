//! A binary outcome of a project: models, the chosen curve, predictions at each dosage and the change between dosages.

use super::assembly::Sample;
use super::binary::{BinaryAnalysis, BinaryData, BinaryModel, BinarySettings, ExposureForm, PredictedProbability, analyse_binary};
use super::caution::Caution;
use super::effect::{Effect, Saturation};
use super::gain::ProbabilityDifference;
use super::logistic_model::{LogisticModel, LogisticModelError, Request, fit_logistic};
use super::pairs::pairs;
use super::refusal::Refusal;
use crate::analysis::measure::Proportion;
use crate::config::Settings;
use crate::numerics::descriptive::{self, summarise_geometric};
use crate::numerics::distribution::{DistributionError, normal_critical};

/// Points at which a curve is computed for drawing.
const CURVE: u32 = 80;

/// A binary outcome with its models.
#[derive(Debug, Clone)]
pub struct BinaryResult {
    /// Models, groups by exposure and cautions.
    pub analysis: BinaryAnalysis,
    /// One per model of the analysis.
    pub models: Vec<FittedModel>,
    /// The model with covariates, in the chosen form where that is a straight line, else linear.
    pub adjusted: Option<LogisticModel>,
    /// Its effect of exposure.
    pub adjusted_effect: Option<Effect>,
    /// Effect of exposure, linear, with dose as a factor beside it.
    pub within_dose: Option<Effect>,
    /// The chosen curve over the observed exposures.
    pub curve: Vec<PredictedProbability>,
    /// One per group of the sample.
    pub dosages: Vec<DosagePrediction>,
    /// Changes between dosages.
    pub gains: Vec<Gain>,
}

/// A model in the words of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FittedModel {
    /// Form.
    pub form: ExposureForm,
    /// Subjects.
    pub n: usize,
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// Akaike weight among the models of all subjects.
    pub weight: Option<f64>,
    /// Effect of exposure, for a straight line.
    pub effect: Option<Effect>,
    /// Half-maximal exposure and largest change, for an Emax curve.
    pub saturation: Option<Saturation>,
}

/// Observed and predicted probability at one dosage.
#[derive(Debug, Clone)]
pub struct DosagePrediction {
    /// Geometric mean of exposure; the arithmetic mean where an exposure is zero.
    pub exposure: f64,
    /// Observed.
    pub observed: Proportion,
    /// By the chosen model.
    pub predicted: Option<PredictedProbability>,
    /// By the adjusted model, averaged over the covariates of all subjects.
    pub adjusted: Option<PredictedProbability>,
    /// Averaged over the models by their weights.
    pub average: Option<f64>,
}

/// Change of the predicted probability from one dosage to a higher one, at their mean exposures.
#[derive(Debug, Clone, PartialEq)]
pub struct Gain {
    /// Position of the lower dosage among the groups.
    pub from: usize,
    /// Position of the higher.
    pub to: usize,
    /// By the chosen model.
    pub chosen: ProbabilityDifference,
    /// Averaged over the models by their weights.
    pub average: Option<f64>,
}

impl BinaryResult {
    /// The chosen model.
    #[must_use]
    pub fn chosen(&self) -> Option<&BinaryModel> {
        self.analysis.models.get(self.analysis.chosen?)
    }
}

/// Fits the models of a binary outcome.
pub(super) fn model_binary(sample: &Sample, forms: &[ExposureForm], settings: &Settings) -> Result<BinaryResult, Refusal> {
    let level = settings.intervals.level;
    let exposures: Vec<Option<f64>> = sample.exposures().into_iter().map(Some).collect();
    let outcomes: Vec<Option<bool>> = sample.subjects.iter().map(|subject| Some(subject.outcome.event())).collect();
    let doses = sample.doses_by_subject();
    let data = BinaryData { exposures: &exposures, outcomes: &outcomes, doses: &doses, covariates: &sample.covariates };
    let mut analysis = analyse_binary(&data, &BinarySettings { forms: forms.to_vec(), level, profiles: false })?;
    let median = descriptive::median(&sample.exposures()).unwrap_or(1.0);
    let adjusted = adjusted_in_chosen_form(&mut analysis, sample, level)?;
    let critical = normal_critical(level)?;
    let fitted = |(model, weight): (&BinaryModel, Option<f64>)| FittedModel {
        form: model.form(),
        n: model.subjects(),
        aic: model.aic(),
        weight,
        effect: if let BinaryModel::Logistic(model) = model { Effect::of_logistic(model, median) } else { None },
        saturation: Saturation::of(model, critical),
    };
    let models = analysis.models.iter().zip(analysis.akaike_weights()).map(fitted).collect();
    let chosen = analysis.chosen.and_then(|place| analysis.models.get(place));
    let curve = chosen.map(|model| curve(model, &sample.exposures(), level)).transpose()?.unwrap_or_default();
    let dosages = predictions(&analysis, chosen, adjusted.as_ref(), sample, settings)?;
    let gains = chosen.map(|model| gains(&analysis, model, &dosages, sample, settings)).transpose()?.unwrap_or_default();
    Ok(BinaryResult {
        adjusted_effect: adjusted.as_ref().and_then(|model| Effect::of_logistic(model, median)),
        within_dose: analysis.with_dose.as_ref().and_then(|model| Effect::of_logistic(model, median)),
        analysis,
        models,
        adjusted,
        curve,
        dosages,
        gains,
    })
}

/// The adjusted model in the form that was chosen, so that the two slopes can be compared; that of the analysis where the form is no straight line.
fn adjusted_in_chosen_form(analysis: &mut BinaryAnalysis, sample: &Sample, level: f64) -> Result<Option<LogisticModel>, Refusal> {
    let form = analysis.chosen.and_then(|place| analysis.models.get(place)).map(BinaryModel::form);
    if sample.covariates.is_empty() || form != Some(ExposureForm::LogLinear) {
        return Ok(analysis.adjusted.clone());
    }
    let (exposures, outcomes) = (sample.exposures(), sample.subjects.iter().map(|subject| subject.outcome.event()).collect::<Vec<bool>>());
    let request = Request {
        exposures: &exposures,
        outcomes: &outcomes,
        form: ExposureForm::LogLinear,
        covariates: &sample.covariates,
        level,
        profiles: false,
    };
    let mut cautions: Vec<Caution> = Vec::new();
    let model = fit_logistic(request, &mut cautions).map_err(|error| match error {
        LogisticModelError::Matrix(error) => Refusal::Binary(error.into()),
        LogisticModelError::Distribution(error) => Refusal::Distribution(error),
    })?;
    for caution in cautions {
        if !analysis.cautions.contains(&caution) {
            analysis.cautions.push(caution);
        }
    }
    Ok(model)
}

/// The curve from the smallest exposure to the largest, evenly on the logarithmic scale where every exposure has a logarithm.
fn curve(model: &BinaryModel, exposures: &[f64], level: f64) -> Result<Vec<PredictedProbability>, DistributionError> {
    let low = exposures.iter().copied().fold(f64::INFINITY, f64::min);
    let high = exposures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let place = |step: u32| {
        let share = f64::from(step) / f64::from(CURVE);
        match step {
            0 => low,
            CURVE => high,
            _ if low > 0.0 => low * (high / low).powf(share),
            _ => low + share * (high - low),
        }
    };
    let mut points = Vec::new();
    for step in 0..=CURVE {
        points.extend(model.predict(place(step), level)?);
    }
    Ok(points)
}

fn predictions(
    analysis: &BinaryAnalysis,
    chosen: Option<&BinaryModel>,
    adjusted: Option<&LogisticModel>,
    sample: &Sample,
    settings: &Settings,
) -> Result<Vec<DosagePrediction>, DistributionError> {
    let level = settings.intervals.level;
    let adjusted = adjusted.map(|model| BinaryModel::Logistic(Box::new(model.clone())));
    let mut dosages = Vec::new();
    for group in 0..sample.panel.groups.len() {
        let exposure = typical(&sample.exposures_of(group));
        let at = |model: Option<&BinaryModel>| model.map(|model| model.predict(exposure, level)).transpose().map(Option::flatten);
        dosages.push(DosagePrediction {
            exposure,
            observed: sample.observed(group, settings),
            predicted: at(chosen)?,
            adjusted: at(adjusted.as_ref())?,
            average: analysis.average_prediction(exposure)?,
        });
    }
    Ok(dosages)
}

/// The geometric mean, or the arithmetic mean where a value has no logarithm.
pub(super) fn typical(values: &[f64]) -> f64 {
    summarise_geometric(values).map(|summary| summary.mean).or_else(|| descriptive::mean(values)).unwrap_or(f64::NAN)
}

fn gains(
    analysis: &BinaryAnalysis,
    chosen: &BinaryModel,
    dosages: &[DosagePrediction],
    sample: &Sample,
    settings: &Settings,
) -> Result<Vec<Gain>, DistributionError> {
    let mut gains = Vec::new();
    for (from, to) in pairs(&sample.panel.groups, settings) {
        let Some((low, high)) = dosages.get(from).zip(dosages.get(to)) else { continue };
        let Some(found) = chosen.difference(low.exposure, high.exposure, settings.intervals.level)? else { continue };
        let average = analysis.average_prediction(high.exposure)?.zip(analysis.average_prediction(low.exposure)?);
        gains.push(Gain { from, to, chosen: found, average: average.map(|(high, low)| high - low) });
    }
    Ok(gains)
}
