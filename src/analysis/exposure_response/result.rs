//! The exposure-response analyses of a project: data, models, predictions at each dosage, cautions.

use super::assembly::{Sample, assemble};
use super::bayesian::{BayesianAnalysis, BayesianRefusal, analyse_bayesian};
use super::binary::ExposureForm;
use super::binary_result::{BinaryRequest, BinaryResult, model_binary};
use super::check::{Check, Fitted, checks};
use super::continuous_result::{ContinuousResult, model_continuous};
use super::dose_plan::shape_of;
use super::dose_response::DoseResponseModel;
use super::endpoint::Aspect;
use super::model_choice::{Choice, Criterion};
use super::ordinal_result::{OrdinalResult, model_ordinal};
use super::refusal::Refusal;
use super::time_result::{TimeResult, model_time};
use crate::config::{EndpointKind, ExposureModel, ExposureResponse, ModelChoice, Settings};
use crate::derive::AnalysisData;

/// One analysis that the project file asks for.
#[derive(Debug, Clone)]
pub struct ExposureResponseResult {
    /// Name in fact ids.
    pub id: String,
    /// Name printed in the dossier.
    pub label: String,
    /// Parameter code of the exposure.
    pub exposure: String,
    /// Columns that models are adjusted for, as the project file names them.
    pub covariates: Vec<String>,
    /// Models that were asked for and are not available for this kind of outcome.
    pub not_available: Vec<ExposureModel>,
    /// What was found, or why there is nothing.
    pub found: Result<Modelled, Refusal>,
}

/// A sample with what was fitted to it.
#[derive(Debug, Clone)]
pub struct Modelled {
    /// The data.
    pub sample: Sample,
    /// The models.
    pub models: Models,
    /// Bayesian models, or why there are none; `None` where none were asked for.
    pub bayesian: Option<Result<BayesianAnalysis, BayesianRefusal>>,
    /// The usual traps, each with what was observed.
    pub checks: Vec<Check>,
}

/// The models by kind of outcome.
#[derive(Debug, Clone)]
pub enum Models {
    /// Of an outcome that happened or did not.
    Binary(Box<BinaryResult>),
    /// Of a grade or category.
    Ordinal(Box<OrdinalResult>),
    /// Of a number.
    Continuous(Box<ContinuousResult>),
    /// Of a time to an event.
    Time(Box<TimeResult>),
}

impl Models {
    pub(super) fn checks(&self, sample: &Sample) -> Vec<Check> {
        let fitted = match self {
            Self::Binary(found) => Fitted::of_binary(found),
            Self::Ordinal(found) => Fitted::of_ordinal(found, sample),
            Self::Continuous(found) => Fitted::of_continuous(found),
            Self::Time(found) => Fitted::of_time(found),
        };
        checks(sample, &fitted)
    }
}

impl ExposureResponseResult {
    /// Benefit or harm, where the outcome could be read.
    #[must_use]
    pub fn aspect(&self) -> Option<Aspect> {
        self.found.as_ref().ok().map(|found| found.sample.endpoint.aspect)
    }
}

/// Analyses every outcome and exposure that the project file pairs; empty where it pairs none.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> Vec<ExposureResponseResult> {
    settings.exposure_response.iter().map(|asked| analyse_one(asked, data, settings)).collect()
}

fn analyse_one(asked: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> ExposureResponseResult {
    let (forms, not_available) = forms(asked);
    let found = assemble(asked, data, settings).and_then(|sample| {
        let models = match asked.endpoint.kind {
            EndpointKind::TimeToEvent => Models::Time(Box::new(model_time(&sample, &forms, asked, data, settings)?)),
            EndpointKind::Ordinal => Models::Ordinal(Box::new(model_ordinal(&sample, &forms, settings)?)),
            EndpointKind::Continuous => Models::Continuous(Box::new(model_continuous(&sample, &shapes(asked), settings)?)),
            EndpointKind::Binary => Models::Binary(Box::new(model_binary(&sample, &binary_request(asked, forms), settings)?)),
        };
        let bayesian = analyse_bayesian(asked, &sample, settings);
        let checks = models.checks(&sample);
        Ok(Modelled { sample, models, checks, bayesian })
    });
    let label = asked.label.clone().or_else(|| {
        let sample = &found.as_ref().ok()?.sample;
        Some(format!("{} by {}", sample.endpoint.label, sample.metric.label))
    });
    ExposureResponseResult {
        id: asked.id.clone(),
        label: label.unwrap_or_else(|| asked.id.clone()),
        exposure: asked.exposure.clone(),
        covariates: asked.covariates.clone(),
        not_available,
        found,
    }
}

/// What is asked of a binary outcome; a form that the rule fixes is fitted whether or not it is listed.
fn binary_request(asked: &ExposureResponse, mut forms: Vec<ExposureForm>) -> BinaryRequest {
    let choice = match asked.choose {
        ModelChoice::Aic => Choice::Smallest(Criterion::Aic),
        ModelChoice::Aicc => Choice::Smallest(Criterion::Aicc),
        ModelChoice::Bic => Choice::Smallest(Criterion::Bic),
        ModelChoice::LikelihoodRatio => Choice::LikelihoodRatio,
        // The project file has been checked: a fixed model is one of a binary outcome.
        ModelChoice::Fixed(model) => form(model).map_or(Choice::Smallest(Criterion::Aic), Choice::Fixed),
    };
    if let Choice::Fixed(form) = choice
        && !forms.contains(&form)
    {
        forms.push(form);
    }
    BinaryRequest {
        forms,
        interval: asked.interval,
        choice,
        interactions: asked.interactions.clone(),
        grouped: asked.grouped,
        refits: asked.bootstrap,
    }
}

const fn form(model: ExposureModel) -> Option<ExposureForm> {
    match model {
        ExposureModel::Linear => Some(ExposureForm::Linear),
        ExposureModel::LogLinear => Some(ExposureForm::LogLinear),
        ExposureModel::Quadratic => Some(ExposureForm::Quadratic),
        ExposureModel::Emax => Some(ExposureForm::Emax),
        ExposureModel::SigmoidEmax => Some(ExposureForm::SigmoidEmax),
        ExposureModel::Exponential | ExposureModel::Logistic | ExposureModel::Beta => None,
    }
}

/// The shapes of a continuous outcome, each once.
fn shapes(asked: &ExposureResponse) -> Vec<DoseResponseModel> {
    let mut shapes = Vec::new();
    for shape in asked.models.iter().map(|model| shape_of(*model)) {
        if !shapes.contains(&shape) {
            shapes.push(shape);
        }
    }
    shapes
}

/// The forms that are fitted, each once, and the models that are not available for the outcome.
fn forms(asked: &ExposureResponse) -> (Vec<ExposureForm>, Vec<ExposureModel>) {
    if asked.endpoint.kind == EndpointKind::Continuous {
        return (Vec::new(), Vec::new());
    }
    let ordinal = asked.endpoint.kind == EndpointKind::Ordinal;
    let straight_only = ordinal || asked.endpoint.kind == EndpointKind::TimeToEvent;
    let (mut forms, mut not_available) = (Vec::new(), Vec::new());
    for model in &asked.models {
        let form = match model {
            ExposureModel::Linear => Some(ExposureForm::Linear),
            ExposureModel::LogLinear => Some(ExposureForm::LogLinear),
            ExposureModel::Emax if !ordinal => Some(ExposureForm::Emax),
            ExposureModel::SigmoidEmax if !straight_only => Some(ExposureForm::SigmoidEmax),
            ExposureModel::Quadratic if !straight_only => Some(ExposureForm::Quadratic),
            _ => None,
        };
        match form {
            Some(form) if !forms.contains(&form) => forms.push(form),
            Some(_) => {}
            None => not_available.push(*model),
        }
    }
    (forms, not_available)
}
