//! Dose-limiting toxicities by dosage received, in the DLT-evaluable set.

pub mod design;
mod dlt;
pub mod trial_design;

pub use dlt::{DltColumn, DltPanel, EscalationResult};

use crate::config::Settings;
use crate::derive::AnalysisData;

/// Counts dose-limiting toxicities; `None` when the data say neither who was evaluable nor who had one.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> Option<EscalationResult> {
    dlt::tabulate_dlt(data, settings)
}
