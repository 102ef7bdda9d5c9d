//! Exposure-response: models, predictions at each dosage, figures: T-E18, T-E18-predicted, T-E18-exposure, F-E07, F-E08.

mod exposures;
mod figures;
mod ledger;
mod models;
mod predictions;
mod words;

use crate::analysis::exposure_response::{ExposureResponseResult, Modelled};
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::{Exhibit, ExhibitId, Facts};

/// Every exhibit, or placeholders with the reason why there is none.
pub fn gather(results: &[ExposureResponseResult], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let made: Vec<(&ExposureResponseResult, &Modelled)> =
        results.iter().filter_map(|result| Some((result, result.found.as_ref().ok()?))).collect();
    let refused = refusals(results);
    if made.is_empty() {
        let reason = if results.is_empty() { "The project file pairs no outcome with an exposure.".to_owned() } else { refused.join(" ") };
        return [(models::CODE, models::TITLE), ("F-E07", "Exposure-response"), ("F-E08", "Efficacy and safety on one exposure axis")]
            .map(|(code, title)| Exhibit::placeholder(ExhibitId::new(code, None), title, reason.clone(), &NEEDS))
            .to_vec();
    }
    let mut table = models::table(&made, data, settings, facts);
    table.notes.footnotes.extend(refused);
    let mut exhibits = vec![table, predictions::table(&made, data, settings, facts), exposures::table(&made, data, settings, facts)];
    exhibits.extend(figures::figures(&made, data, settings, facts));
    exhibits.push(figures::dual(&made, data, settings, facts).unwrap_or_else(|| {
        let reason = "No outcome of efficacy and of safety could be modelled on the same exposure.";
        Exhibit::placeholder(ExhibitId::new("F-E08", None), "Efficacy and safety on one exposure axis", reason, &NEEDS)
    }));
    exhibits
}

const NEEDS: [&str; 3] =
    ["exposure_response", "ADPP, ADER or an imported table: the exposure metric per subject", "ADRS, ADAE, ADTTE or ADER: the outcome"];

/// The analyses that were asked for and could not be made, with the reason.
fn refusals(results: &[ExposureResponseResult]) -> Vec<String> {
    let told = |result: &ExposureResponseResult| Some(format!("{}: {}", result.label, result.found.as_ref().err()?));
    results.iter().filter_map(told).collect()
}
