//! Exposure-response: models, predictions at each dosage, figures: T-E18, T-E18-predicted, T-E18-fit, T-E18-checks, T-E18-exposure, F-E07,
//! F-E08; of times the groups of exposure (T-E18-groups, F-R03), the tests of proportional hazards (T-E18-hazards) and daily doses over time (T-E18-over-time); the same of grades and
//! numbers; Bayesian models where asked for; the summaries of efficacy (T-R06) and of every key outcome of safety (T-R07); and dose-response:
//! T-E18-mcpmod, T-E18-dose-response, T-E18-power, F-DOSE.

mod bayesian;
mod continuous;
mod dose_figure;
mod dose_ledger;
mod dose_response;
mod efficacy;
mod exposures;
mod figures;
mod fit;
mod groups;
mod hazards;
mod ledger;
mod models;
mod ordinal;
mod outcome_figures;
mod over_time;
mod predictions;
mod safety;
mod times;
mod words;

pub use dose_response::gather_doses;

use crate::analysis::exposure_response::{ExposureResponseResult, Modelled, Models, SafetyOutcome};
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
    let mut exhibits = tables(&made, data, settings, facts);
    if let Some(first) = exhibits.first_mut() {
        first.notes.footnotes.extend(refused);
    }
    exhibits.push(exposures::table(&made, data, settings, facts));
    exhibits.extend(bayesian::tables(&made, data, settings, facts));
    exhibits.extend(fit::fit(&made, data, settings, facts));
    exhibits.push(fit::checks(&made, data, settings, facts));
    exhibits.extend(groups::table(&made, data, settings, facts));
    exhibits.extend(hazards::table(&made, data, settings, facts));
    exhibits.extend(over_time::table(&made, data, settings, facts));
    exhibits.extend(efficacy::table(&made, data, settings, facts));
    exhibits.extend(figures::figures(&made, data, settings, facts));
    exhibits.extend(bayesian::figures(&made, data, settings, facts));
    exhibits.extend(times::figures(&made, data, settings, facts));
    exhibits.push(figures::dual(&made, data, settings, facts).unwrap_or_else(|| {
        let reason = "No outcome of efficacy and of safety could be modelled on the same exposure.";
        Exhibit::placeholder(ExhibitId::new("F-E08", None), "Efficacy and safety on one exposure axis", reason, &NEEDS)
    }));
    exhibits
}

/// Every key outcome of safety against exposure, or a placeholder.
pub fn gather_safety(outcomes: &[SafetyOutcome], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    safety::table(outcomes, data, settings, facts)
}

const NEEDS: [&str; 3] =
    ["exposure_response", "ADPP, ADER or an imported table: the exposure metric per subject", "ADRS, ADAE, ADTTE or ADER: the outcome"];

/// Models and predictions: of events and times in one pair of tables, of grades and of numbers in pairs of their own.
fn tables(made: &[(&ExposureResponseResult, &Modelled)], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let (mut events, mut ordered, mut measured) = (Vec::new(), Vec::new(), Vec::new());
    for (result, found) in made {
        match &found.models {
            Models::Binary(_) | Models::Time(_) => events.push((*result, *found)),
            Models::Ordinal(models) => ordered.push((*result, *found, models.as_ref())),
            Models::Continuous(models) => measured.push((*result, *found, models.as_ref())),
        }
    }
    let mut exhibits = Vec::new();
    if !events.is_empty() {
        exhibits.push(models::table(&events, data, settings, facts));
        exhibits.push(predictions::table(&events, data, settings, facts));
    }
    if !ordered.is_empty() {
        exhibits.push(ordinal::models(&ordered, data, settings, facts));
        exhibits.push(ordinal::predicted(&ordered, data, settings, facts));
    }
    if !measured.is_empty() {
        exhibits.push(continuous::models(&measured, data, settings, facts));
        exhibits.push(continuous::predicted(&measured, data, settings, facts));
    }
    exhibits
}

/// The analyses that were asked for and could not be made, with the reason.
fn refusals(results: &[ExposureResponseResult]) -> Vec<String> {
    let told = |result: &ExposureResponseResult| Some(format!("{}: {}", result.label, result.found.as_ref().err()?));
    results.iter().filter_map(told).collect()
}
