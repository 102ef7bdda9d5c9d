//! T-F08: operating characteristics of the project's design.

use crate::analysis::escalation::design::CharacteristicsMethod;
use crate::analysis::escalation::trial_characteristics::{OVERLY_TOXIC, TrialCharacteristics};
use crate::analysis::escalation::trial_design::TrialDesign;
use crate::analysis::escalation::{EscalationLevel, EscalationResult, ODDS_PER_LEVEL, PlannedCharacteristics, PlannedScenario};
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, Content, Exhibit, ExhibitId, FactValue, Facts, Notes, Row, Slice, Table, Unit};
use crate::quantity::Rows;

use super::figures::design_words;
use super::ledger::{Entry, Ledger, columns};

const CODE: &str = "T-F08";
const TITLE: &str = "Operating characteristics of the escalation design";

/// The table of scenarios.
pub(super) fn gather(result: &EscalationResult, facts: &mut Facts) -> Exhibit {
    let id = ExhibitId::new(CODE, None);
    let absent = |reason: String| Exhibit::placeholder(id.clone(), TITLE, reason, &["escalation.design in the project file"]);
    let (design, planned) = match (&result.design, result.runnable(), &result.characteristics) {
        (Some(Err(error)), _, _) => return absent(format!("The design cannot be run on the levels of the escalation: {error}.")),
        (_, Some(design), Some(planned)) => (design, planned),
        (_, Some(_), None) => {
            let reason = "Without a target probability of DLT there are no curves to judge the design by.";
            return Exhibit::placeholder(id, TITLE, reason, &["escalation.target_toxicity, or escalation.scenarios"]);
        }
        (_, None, _) => return absent("The project file names no escalation design.".to_owned()),
    };
    if let [PlannedScenario { characteristics: Err(error), .. }, rest @ ..] = planned.scenarios.as_slice()
        && rest.iter().all(|scenario| scenario.characteristics.is_err())
    {
        return absent(format!("{} cannot be run under the scenarios: {error}.", design.label()));
    }
    let mut ledger = Ledger::new(facts, CODE, "No data: assumed probabilities", None);
    let mut notes = notes(design, planned);
    let mut rows = Vec::new();
    for (position, scenario) in planned.scenarios.iter().enumerate() {
        rows.extend(of_scenario(scenario, position, result, &mut ledger, &mut notes));
    }
    let heads: Vec<&str> = result.levels.iter().map(|level| level.label.as_str()).chain(["No dosage", "Trial"]).collect();
    let table = Table { stub: "Scenario".to_owned(), columns: columns(&heads), rows };
    Exhibit { id, title: TITLE.to_owned(), content: Content::Table(table), notes }
}

/// What the facts of one scenario have in common.
struct Scenario<'a> {
    key: String,
    label: &'a str,
    method: String,
    levels: &'a [EscalationLevel],
}

impl Scenario<'_> {
    fn entry(&self, measure: &'static str, level: Option<usize>, words: &str, unit: Unit) -> Entry<'_> {
        let place = level.and_then(|level| self.levels.get(level));
        let at = place.map(|place| format!(", {}", place.label)).unwrap_or_default();
        Entry {
            measure,
            what: Some(&self.key),
            dosage: place.map(|place| place.id.as_str()),
            label: format!("{words}{at}, when {}", self.label),
            method: self.method.clone(),
            unit,
            source: Slice::new("PROJECT", "escalation", ["escalation.design", "escalation.scenarios"], Rows::default()),
        }
    }
}

fn of_scenario(
    scenario: &PlannedScenario,
    position: usize,
    result: &EscalationResult,
    ledger: &mut Ledger<'_>,
    notes: &mut Notes,
) -> Vec<Row> {
    let found = match &scenario.characteristics {
        Ok(found) => found,
        Err(error) => {
            let mark = footnote(notes, format!("{}: {error}.", scenario.label));
            let blank = vec![Cell::NotAvailable; result.levels.len() + 2];
            return vec![heading_row(&scenario.label), Row { footnote: Some(mark), ..fact_row("Not available", 1, blank) }];
        }
    };
    let common = Scenario { key: format!("s{}", position + 1), label: &scenario.label, method: method(found), levels: &result.levels };
    let mut row = |stub: &str, measure: &'static str, words: &str, unit: &Unit, values: &[f64], none: Option<f64>, trial: Option<f64>| {
        let mut cells: Vec<Cell> = values
            .iter()
            .enumerate()
            .map(|(level, value)| ledger.cell(common.entry(measure, Some(level), words, unit.clone()), FactValue::Number(*value)))
            .collect();
        let whole = |suffix: &'static str, words: String, value: Option<f64>, ledger: &mut Ledger<'_>| match value {
            Some(value) => ledger.cell(common.entry(suffix, None, &words, unit.clone()), FactValue::Number(value)),
            None => Cell::Empty,
        };
        let (of_none, of_trial) = match measure {
            "oc_selected" => ("oc_selected_none", "oc_selected_trial"),
            "oc_patients" => ("oc_patients_none", "oc_patients_trial"),
            "oc_dlt" => ("oc_dlt_none", "oc_dlt_trial"),
            _ => ("oc_truth_none", "oc_truth_trial"),
        };
        cells.push(whole(of_none, format!("{words}, no dosage"), none, ledger));
        cells.push(whole(of_trial, format!("{words}, whole trial"), trial, ledger));
        fact_row(stub, 1, cells)
    };
    let patients = Unit::Count;
    let mut rows = vec![
        heading_row(&scenario.label),
        row("True probability of DLT, %", "oc_truth", "True probability of DLT", &Unit::Proportion, &scenario.toxicity, None, None),
        row("Selected, %", "oc_selected", "Probability of selection", &Unit::Proportion, &found.select_prob, Some(found.prob_none), None),
        row("Patients, mean", "oc_patients", "Mean number of patients", &patients, &found.mean_n, None, Some(found.mean_total_n)),
        row(
            "Patients with DLT, mean",
            "oc_dlt",
            "Mean number of patients with DLT",
            &patients,
            &found.mean_tox,
            None,
            Some(found.mean_total_tox),
        ),
    ];
    let summary = [
        ("Correct selection, %", "oc_correct", Unit::Proportion, found.prob_correct()),
        ("Patients above the correct dosage, mean", "oc_patients_above", patients, found.mean_n_above_correct()),
        ("Patients at overly toxic dosages, %", "oc_overdosed", Unit::Percent, found.percent_overdosed()),
        ("Stopped early because the lowest dosage is too toxic, %", "oc_stopped", Unit::Proportion, Some(found.prob_stopped_for_toxicity)),
    ];
    for (stub, measure, unit, value) in summary {
        let Some(value) = value else { continue };
        let mut cells = vec![Cell::Empty; result.levels.len() + 1];
        let words = stub.trim_end_matches(", %").trim_end_matches(", mean");
        cells.push(ledger.cell(common.entry(measure, None, words, unit), FactValue::Number(value)));
        rows.push(fact_row(stub, 1, cells));
    }
    rows
}

fn method(found: &TrialCharacteristics) -> String {
    match &found.method {
        CharacteristicsMethod::Exact { .. } => "exact: every path of the trial with its probability".to_owned(),
        CharacteristicsMethod::Simulated { trials, .. } => format!("{trials} simulated trials"),
    }
}

fn notes(design: &TrialDesign, planned: &PlannedCharacteristics) -> Notes {
    let mut notes =
        Notes { datasets: vec!["PROJECT".to_owned()], population: "No data: assumed probabilities".to_owned(), ..Notes::default() };
    let origin = if design.max_n_stated() { "" } else { " (six per level, because the project file states no number)" };
    notes.methods.push(format!("{}, up to {} patients{origin}", design_words(design), design.conduct().max_n));
    let found: Vec<&TrialCharacteristics> =
        planned.scenarios.iter().filter_map(|scenario| scenario.characteristics.as_ref().ok()).collect();
    let errors = found.iter().filter_map(|found| found.standard_errors()).flat_map(|errors| &errors.select_prob);
    match errors.copied().max_by(f64::total_cmp) {
        Some(largest) => {
            let method = found.iter().find(|found| found.standard_errors().is_some()).map(|found| method(found)).unwrap_or_default();
            notes
                .methods
                .push(format!("{method}; largest Monte-Carlo standard error of a selection {:.2} percentage points", largest * 100.0));
        }
        None => notes.methods.push("Exact: every path of the trial with its probability, no simulation".to_owned()),
    }
    if !planned.of_project {
        notes.methods.push(format!(
            "Scenarios: not the sponsor's, but curves on which the odds of DLT grow by a factor of {ODDS_PER_LEVEL} per level, with the target at the level named"
        ));
    }
    notes.methods.push(format!(
        "Correct selection: the dosage whose true probability of DLT is closest to the target, none where the lowest is overly toxic; overly toxic: a true probability of at least {OVERLY_TOXIC} times the target"
    ));
    notes.abbreviations = vec!["DLT: dose-limiting toxicity".to_owned()];
    notes
}
