//! Exhibits on dose escalation: T-E04, T-E05, T-F08, F-E15, F-F04.

mod characteristics;
mod decisions;
mod dlt;
mod figures;
mod ledger;
mod mtd;

use crate::analysis::escalation::EscalationResult;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::{Exhibit, Facts};

/// Exhibits on dose escalation.
pub fn gather(result: &EscalationResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let mut exhibits = vec![figures::decision_grid(result)];
    exhibits.extend(characteristics::gather(result, facts));
    exhibits.extend(dlt::gather(result.dlt.as_ref(), data, settings, facts));
    exhibits.push(decisions::gather(result, facts));
    exhibits.extend(mtd::gather(result, data, facts));
    exhibits.push(figures::toxicity_curve(result, data, settings));
    exhibits
}
