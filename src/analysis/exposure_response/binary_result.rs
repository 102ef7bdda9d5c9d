//! A binary outcome of a project: models, the chosen curve, predictions at each dosage and the change between dosages.

use super::assembly::Sample;
use super::binary::{
    BinaryAnalysis, BinaryData, BinaryError, BinaryModel, BinarySettings, ExposureForm, PredictedProbability, analyse_binary, slope_change,
};
use super::bootstrap::BootstrapSettings;
use super::candidate_bootstrap::{CandidateBootstrap, bootstrap_candidates};
use super::caution::Caution;
use super::effect::{Effect, Parabola, Saturation};
use super::fit::{FitChecks, check_fit};
use super::gain::ProbabilityDifference;
use super::influence::{Influence, largest_influence};
use super::logistic_model::{LogisticModel, LogisticModelError, Profiled, Request, fit_logistic};
use super::model_choice::{Choice, Criterion};
use super::pairs::pairs;
use super::refusal::Refusal;
use super::sensitivity::{GroupedModel, InteractionModel, fit_grouped, fit_interaction};
use crate::analysis::measure::Proportion;
use crate::config::{Settings, SlopeInterval};
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
    /// By quartile of exposure, where it is asked for.
    pub grouped: Option<GroupedModel>,
    /// Exposure in interaction with covariates, where it is asked for.
    pub interactions: Vec<InteractionModel>,
    /// What must be known of these two and of the model with dose as a factor and of nothing else, with the name of the model.
    pub aside: Vec<(&'static str, Caution)>,
    /// Agreement of the chosen model with the data.
    pub fit: Option<FitChecks>,
    /// The subject on whom the slope of the straight line depends most, the chosen one or the first.
    pub influence: Option<(ExposureForm, Influence)>,
    /// Bootstrap of all models with the choice inside, where it is asked for; predictions in the order of the dosages.
    pub bootstrap: Option<CandidateBootstrap>,
}

/// What the project file asks of one binary analysis.
#[derive(Debug, Clone)]
pub(super) struct BinaryRequest {
    pub(super) forms: Vec<ExposureForm>,
    pub(super) interval: SlopeInterval,
    pub(super) choice: Choice,
    pub(super) interactions: Vec<String>,
    pub(super) grouped: bool,
    pub(super) refits: Option<u32>,
}

impl BinaryRequest {
    /// One form, with the defaults of the project file.
    pub(super) fn of_form(form: ExposureForm) -> Self {
        Self {
            forms: vec![form],
            interval: SlopeInterval::default(),
            choice: Choice::Smallest(Criterion::Aic),
            interactions: Vec::new(),
            grouped: false,
            refits: None,
        }
    }

    fn profiles(&self) -> Profiled {
        if self.interval == SlopeInterval::ProfileLikelihood { Profiled::Exposure } else { Profiled::None }
    }
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
    /// The criterion of the rule that chooses.
    pub criterion: Option<f64>,
    /// Weight by that criterion among the models of all subjects.
    pub weight: Option<f64>,
    /// Effect of exposure, for a straight line.
    pub effect: Option<Effect>,
    /// Both coefficients of a parabola.
    pub parabola: Option<Parabola>,
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
pub(super) fn model_binary(sample: &Sample, asked: &BinaryRequest, settings: &Settings) -> Result<BinaryResult, Refusal> {
    let level = settings.intervals.level;
    let (exposures, outcomes) = (sample.exposures(), sample.events_by_subject());
    let (given, known): (Vec<Option<f64>>, Vec<Option<bool>>) =
        exposures.iter().zip(&outcomes).map(|(exposure, outcome)| (Some(*exposure), Some(*outcome))).unzip();
    let doses = sample.doses_by_subject();
    let data = BinaryData { exposures: &given, outcomes: &known, doses: &doses, covariates: &sample.covariates };
    let profiles = asked.profiles();
    let mut analysis = analyse_binary(&data, &BinarySettings { forms: asked.forms.clone(), level, profiles, choice: asked.choice })?;
    let median = descriptive::median(&exposures).unwrap_or(1.0);
    let request = Request {
        exposures: &exposures,
        outcomes: &outcomes,
        form: ExposureForm::Linear,
        covariates: &[],
        level,
        profiles,
        interaction: None,
        instead_of_exposure: false,
    };
    let line = Line { request, median, interval: asked.interval };
    let mut found: Vec<Caution> = Vec::new();
    let adjusted = line.adjusted_in_chosen_form(&analysis, sample, &mut found)?;
    // The change of the slope is told of the form that is shown.
    analysis.cautions.retain(|caution| !matches!(caution, Caution::SlopeChangesOnAdjustment { .. }));
    found.extend(adjusted.as_ref().and_then(|adjusted| slope_change(&analysis.models, adjusted)));
    let (mut of_groups, mut of_interactions): (Vec<Caution>, Vec<Caution>) = (Vec::new(), Vec::new());
    let grouped = if asked.grouped { line.grouped(&analysis, &mut of_groups)? } else { None };
    let interactions = line.interactions(adjusted.as_ref(), &asked.interactions, sample, &mut of_interactions)?;
    let aside = aside([of_groups, of_interactions], &analysis);
    let influence = line.influence(&analysis)?;
    found.extend(influence.and_then(|(_, influence)| influence.caution()));
    let models = fitted_models(&analysis, &line, normal_critical(level)?);
    found.extend(models.iter().filter_map(|model| model.parabola?.caution(&exposures)));
    for caution in found {
        if !analysis.cautions.contains(&caution) {
            analysis.cautions.push(caution);
        }
    }
    let chosen = analysis.chosen.and_then(|place| analysis.models.get(place));
    let curve = chosen.map(|model| curve(model, &exposures, level)).transpose()?.unwrap_or_default();
    let fit = chosen.map(|model| check_fit(model, &exposures, &outcomes, level)).transpose().map_err(BinaryError::from)?.flatten();
    let dosages = predictions(&analysis, chosen, adjusted.as_ref(), sample, settings)?;
    let gains = chosen.map(|model| gains(&analysis, model, &dosages, sample, settings)).transpose()?.unwrap_or_default();
    let at: Vec<f64> = dosages.iter().map(|dosage| dosage.exposure).collect();
    let bootstrap = asked.refits.and_then(|refits| {
        let resampling = BootstrapSettings { refits, seed: settings.seed };
        bootstrap_candidates((&exposures, &outcomes), &analysis.models, asked.choice, &at, resampling)
    });
    let effect = |model: &LogisticModel| Effect::of_logistic(model, median, asked.interval);
    Ok(BinaryResult {
        adjusted_effect: adjusted.as_ref().and_then(effect),
        within_dose: analysis.with_dose.as_ref().and_then(effect),
        analysis,
        models,
        adjusted,
        curve,
        dosages,
        gains,
        grouped,
        interactions,
        aside,
        fit,
        influence,
        bootstrap,
    })
}

/// Cautions of the models beside the main ones that the main ones do not carry.
fn aside([groups, interactions]: [Vec<Caution>; 2], analysis: &BinaryAnalysis) -> Vec<(&'static str, Caution)> {
    let of_dose = analysis.cautions_with_dose.iter().cloned().map(|caution| ("with dose as a factor", caution));
    let named = of_dose.chain(groups.into_iter().map(|caution| ("by quartile of exposure", caution)));
    let named = named.chain(interactions.into_iter().map(|caution| ("with an interaction", caution)));
    let mut out: Vec<(&'static str, Caution)> = Vec::new();
    for entry in named {
        if !analysis.cautions.contains(&entry.1) && !out.contains(&entry) {
            out.push(entry);
        }
    }
    out
}

fn fitted_models(analysis: &BinaryAnalysis, line: &Line<'_>, critical: f64) -> Vec<FittedModel> {
    let fitted = |(model, weight): (&BinaryModel, Option<f64>)| FittedModel {
        form: model.form(),
        n: model.subjects(),
        aic: model.aic(),
        criterion: model.criterion(analysis.choice.criterion()),
        weight,
        effect: match model {
            BinaryModel::Logistic(model) if model.form != ExposureForm::Quadratic => Effect::of_logistic(model, line.median, line.interval),
            _ => None,
        },
        parabola: if let BinaryModel::Logistic(model) = model { Parabola::of(model, line.median, line.interval) } else { None },
        saturation: Saturation::of(model, critical),
    };
    analysis.models.iter().zip(analysis.weights()).map(fitted).collect()
}

/// What further logistic fits of one analysis have in common.
struct Line<'a> {
    request: Request<'a>,
    median: f64,
    interval: SlopeInterval,
}

impl Line<'_> {
    /// The adjusted model in the form that was chosen, so that the two slopes can be compared; that of the analysis where the form is no straight line.
    fn adjusted_in_chosen_form(
        &self,
        analysis: &BinaryAnalysis,
        sample: &Sample,
        cautions: &mut Vec<Caution>,
    ) -> Result<Option<LogisticModel>, Refusal> {
        let form = analysis.chosen.and_then(|place| analysis.models.get(place)).map(BinaryModel::form);
        if sample.covariates.is_empty() || form != Some(ExposureForm::LogLinear) {
            return Ok(analysis.adjusted.clone());
        }
        let request = Request { form: ExposureForm::LogLinear, covariates: &sample.covariates, ..self.request };
        fit_logistic(request, cautions).map_err(refused)
    }

    fn grouped(&self, analysis: &BinaryAnalysis, cautions: &mut Vec<Caution>) -> Result<Option<GroupedModel>, Refusal> {
        let Some(groups) = analysis.groups.as_ref().filter(|_| !analysis.models.is_empty()) else { return Ok(None) };
        fit_grouped(self.request, groups, self.interval, cautions).map_err(refused)
    }

    fn interactions(
        &self,
        adjusted: Option<&LogisticModel>,
        names: &[String],
        sample: &Sample,
        cautions: &mut Vec<Caution>,
    ) -> Result<Vec<InteractionModel>, Refusal> {
        let Some(adjusted) = adjusted else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for name in names {
            let request = Request { form: adjusted.form, covariates: &sample.covariates, ..self.request };
            found.extend(fit_interaction(request, name, (self.median, self.interval), cautions).map_err(refused)?);
        }
        Ok(found)
    }

    /// Of the chosen model where it is a straight line, else of the first straight line.
    fn influence(&self, analysis: &BinaryAnalysis) -> Result<Option<(ExposureForm, Influence)>, Refusal> {
        let straight = |model: &&BinaryModel| matches!(model.form(), ExposureForm::Linear | ExposureForm::LogLinear);
        let chosen = analysis.chosen.and_then(|place| analysis.models.get(place)).filter(straight);
        let Some(BinaryModel::Logistic(model)) = chosen.or_else(|| analysis.models.iter().find(straight)) else { return Ok(None) };
        let request = Request { form: model.form, ..self.request };
        let found = largest_influence(model, request, self.median, self.interval).map_err(refused)?;
        Ok(found.map(|influence| (model.form, influence)))
    }
}

fn refused(error: LogisticModelError) -> Refusal {
    match error {
        LogisticModelError::Matrix(error) => Refusal::Binary(error.into()),
        LogisticModelError::Distribution(error) => Refusal::Distribution(error),
    }
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
