//! Pharmacokinetics: exposure metrics by dosage received, noncompartmental analysis, dose proportionality, separation of dosages, steady state.
//!
//! [`analyse`] describes the metrics that the data give, [`profiles`] analyses the concentrations and [`agreement`] holds
//! the two against each other. The rest works on plain numbers: [`nca`] on one profile, [`dose_proportionality`],
//! [`separation`] and [`steady_state`] on parameters of several subjects. [`compartment`] predicts concentrations. [`PkParameter`] is the registry of names, units, codes and formulas.

pub mod agreement;
pub mod compartment;
pub mod dose_proportionality;
mod exposure;
pub mod nca;
mod parameter;
pub mod profiles;
pub mod separation;
pub mod steady_state;
mod unit;

pub use exposure::{ExposureColumn, ExposureMetric, RecordKind, SubjectExposures, subject_exposures};
pub use parameter::PkParameter;
pub use unit::{DataUnits, Unit, UnitKind};

use crate::config::Settings;
use crate::derive::AnalysisData;

/// Describes the exposure metrics of ADPP; `None` when the dataset is absent.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> Option<Vec<ExposureMetric>> {
    data.pk_parameters.as_ref().map(|parameters| exposure::summarise_exposure(parameters, data, settings))
}
