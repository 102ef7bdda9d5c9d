//! Simulated exposure and what it predicts: the population model (T-R04), predicted outcomes (T-R08), simulated exposures (T-R08-exposure), the check
//! against observed ones (T-R08-check), distributions (F-R04) and concentrations over time (F-R04-course).

mod check;
mod exposure;
mod figures;
mod ledger;
mod outcomes;
mod parameters;

use crate::analysis::Results;
use crate::analysis::pk::population_simulation::PopulationSimulation;
use crate::config::{PopulationModelSettings, Settings, SimulatedMetric};
use crate::derive::AnalysisData;

use super::{Exhibit, ExhibitId, FactValue, Facts, Unit};
use ledger::{Basis, Entry, Ledger};

pub use ledger::MODEL;

const NEEDS: [&str; 2] = ["pk.population_model: parameters of a population model, with their source", "exposure_response"];

/// Every exhibit, or placeholders with the reason why there is none.
pub fn gather(results: &Results, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let (Some(stated), Some(simulation)) = (&settings.pk.population_model, &results.simulation) else {
        return absent("The project file names no population model, so that no exposure can be simulated.");
    };
    match simulation {
        Ok(simulation) => exhibits(results, (simulation, stated), data, settings, facts),
        Err(reason) => absent(&capital(&format!("{reason}."))),
    }
}

fn exhibits(
    results: &Results,
    both: (&PopulationSimulation, &PopulationModelSettings),
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    let predicted: Vec<SimulatedMetric> =
        results.alternatives.iter().filter_map(|alternative| Some(alternative.found.as_ref().ok()?.metric)).collect();
    let simulated = |metric: &SimulatedMetric| both.0.regimens.iter().any(|regimen| regimen.distribution(*metric).is_some());
    let lead = predicted.iter().chain(&SimulatedMetric::ALL).copied().find(simulated).unwrap_or(SimulatedMetric::AucFirstCycle);
    let mut exhibits = vec![
        parameters::table(Ledger::new(facts, parameters::CODE, both, data, settings)),
        exposure::table(Ledger::new(facts, exposure::CODE, both, data, settings), &predicted),
    ];
    exhibits.extend(check::table(Ledger::new(facts, check::CODE, both, data, settings)));
    exhibits.push(figures::distributions(&Ledger::new(facts, figures::CODE, both, data, settings), lead));
    exhibits.extend(figures::courses(&Ledger::new(facts, figures::COURSE, both, data, settings)));
    let ledger = Ledger::new(facts, outcomes::CODE, both, data, settings);
    exhibits.push(outcomes::table(ledger, &results.exposure_response, &results.alternatives));
    headline(&mut Ledger::new(facts, exposure::CODE, both, data, settings));
    exhibits
}

/// What the text says without a table: the model's source, the regimens that were not studied, how many dosages the model describes.
fn headline(ledger: &mut Ledger<'_>) {
    let simulation = ledger.simulation;
    let words = |measure: &str, label: &str| Entry {
        measure: measure.to_owned(),
        what: None,
        regimen: None,
        label: label.to_owned(),
        method: "as the project states it".to_owned(),
        unit: Unit::Text,
    };
    let source = ledger.stated.model.source.trim_end_matches('.').to_owned();
    ledger.insert(words("source", "Source of the population model"), FactValue::Text(source), None, &Basis::Model);
    let unstudied = simulation.regimens.iter().filter(|regimen| regimen.regimen.dosage.is_none());
    let unstudied: Vec<String> = unstudied.map(|regimen| regimen.regimen.label.clone()).collect();
    if !unstudied.is_empty() {
        let text = FactValue::Text(unstudied.join(", "));
        ledger.insert(words("not_studied", "Simulated regimens that were not studied"), text, None, &Basis::Model);
    }
    let mut apart: Vec<String> = simulation.checks.iter().filter(|check| !check.agrees()).map(|check| check.group.label.clone()).collect();
    apart.dedup();
    apart.sort();
    apart.dedup();
    if !apart.is_empty() {
        let text = FactValue::Text(apart.join(", "));
        ledger.insert(words("check_apart", "Dosages whose observed exposure the model does not describe"), text, None, &Basis::Model);
    }
}

fn absent(reason: &str) -> Vec<Exhibit> {
    let codes = [(outcomes::CODE, outcomes::TITLE), (figures::CODE, figures::TITLE)];
    codes.map(|(code, title)| Exhibit::placeholder(ExhibitId::new(code, None), title, reason, &NEEDS)).to_vec()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
