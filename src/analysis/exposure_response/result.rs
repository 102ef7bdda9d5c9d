//! The exposure-response analyses of a project: data, models, predictions at each dosage, cautions.

use super::assembly::{Sample, assemble};
use super::binary::ExposureForm;
use super::binary_result::{BinaryResult, model_binary};
use super::endpoint::Aspect;
use super::refusal::Refusal;
use super::time_result::{TimeResult, model_time};
use crate::config::{EndpointKind, ExposureModel, ExposureResponse, Settings};
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
}

/// The models by kind of outcome.
#[derive(Debug, Clone)]
pub enum Models {
    /// Of an outcome that happened or did not.
    Binary(Box<BinaryResult>),
    /// Of a time to an event.
    Time(Box<TimeResult>),
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
            _ => Models::Binary(Box::new(model_binary(&sample, &forms, settings)?)),
        };
        Ok(Modelled { sample, models })
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

/// The forms that are fitted, each once, and the models that are not available for the outcome.
fn forms(asked: &ExposureResponse) -> (Vec<ExposureForm>, Vec<ExposureModel>) {
    let time = asked.endpoint.kind == EndpointKind::TimeToEvent;
    let (mut forms, mut not_available) = (Vec::new(), Vec::new());
    for model in &asked.models {
        let form = match model {
            ExposureModel::Linear => Some(ExposureForm::Linear),
            ExposureModel::LogLinear => Some(ExposureForm::LogLinear),
            ExposureModel::Emax => Some(ExposureForm::Emax),
            ExposureModel::SigmoidEmax if !time => Some(ExposureForm::SigmoidEmax),
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
