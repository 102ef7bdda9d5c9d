//! Exhibits on dose escalation: T-E04, T-E05, T-F08, F-E15, F-F04.

mod dlt;

use crate::analysis::escalation::EscalationResult;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::{Exhibit, Facts};

/// Exhibits on dose escalation.
pub fn gather(result: &EscalationResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    dlt::gather(result.dlt.as_ref(), data, settings, facts)
}
