//! Exposure metrics by dosage received: the distributions that compare dosages; [`compartment`] predicts concentrations.

pub mod compartment;
mod exposure;

pub use exposure::{ExposureColumn, ExposureMetric, RecordKind};

use crate::config::Settings;
use crate::derive::AnalysisData;

/// Describes the exposure metrics of ADPP; `None` when the dataset is absent.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> Option<Vec<ExposureMetric>> {
    data.pk_parameters.as_ref().map(|parameters| exposure::summarise_exposure(parameters, data, settings))
}
