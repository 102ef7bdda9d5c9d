//! T-F08: operating characteristics of the project's design.

use crate::analysis::escalation::design::CharacteristicsMethod;
use crate::analysis::escalation::trial_characteristics::{OVERLY_TOXIC, TrialCharacteristics};
use crate::analysis::escalation::trial_design::{TrialDesign, TrialRule};
use crate::analysis::escalation::{EscalationLevel, EscalationResult, ODDS_PER_LEVEL, PlannedCharacteristics, PlannedScenario};
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, Content, Exhibit, ExhibitId, FactValue, Facts, Notes, Row, Slice, Table, Unit};
use crate::quantity::Rows;

use super::figures::design_words;
use super::ledger::{Entry, Ledger, columns};

const CODE: &str = "T-F08";
const POPULATION: &str = "No data: assumed probabilities";
const TITLE: &str = "Operating characteristics of the escalation design";

const BY_DOSAGE: &str = "T-F08-dosages";
const TITLE_BY_DOSAGE: &str = "Selection and patients by dosage under the escalation design";

/// A table of scenarios and, where the design can be run, one of scenarios by dosage.
pub(super) fn gather(result: &EscalationResult, facts: &mut Facts) -> Vec<Exhibit> {
    match runnable(result) {
        Err(absent) => vec![*absent],
        Ok((design, planned)) => vec![summary(design, planned, result, facts), by_dosage(design, planned, result, facts)],
    }
}

/// The design with its scenarios, or the placeholder that says why there are none.
fn runnable(result: &EscalationResult) -> Result<(&TrialDesign, &PlannedCharacteristics), Box<Exhibit>> {
    let id = ExhibitId::new(CODE, None);
    let absent = |reason: String| Box::new(Exhibit::placeholder(id.clone(), TITLE, reason, &["escalation.design in the project file"]));
    let (design, planned) = match (&result.design, result.runnable(), &result.characteristics) {
        (Some(Err(error)), _, _) => {
            return Err(absent(format!("The design cannot be run on the levels of the escalation: {error}.")));
        }
        (_, Some(design), Some(planned)) => (design, planned),
        (_, Some(_), None) => {
            let reason = "Without a target probability of DLT there are no curves to judge the design by.";
            let needs = ["escalation.target_toxicity, or escalation.scenarios"];
            return Err(Box::new(Exhibit::placeholder(id, TITLE, reason, &needs)));
        }
        (_, None, _) => return Err(absent("The project file names no escalation design.".to_owned())),
    };
    match planned.scenarios.iter().find_map(|scenario| scenario.characteristics.as_ref().err()) {
        Some(error) if planned.scenarios.iter().all(|scenario| scenario.characteristics.is_err()) => {
            Err(absent(format!("{} cannot be run under the scenarios: {error}.", design.label())))
        }
        _ => Ok((design, planned)),
    }
}

/// What the design does as a whole, a row per scenario.
fn summary(design: &TrialDesign, planned: &PlannedCharacteristics, result: &EscalationResult, facts: &mut Facts) -> Exhibit {
    let mut ledger = Ledger::new(facts, CODE, POPULATION, None);
    let mut notes = notes(design, planned);
    let heads = [
        "Correct selection",
        "No dosage selected",
        "Stopped early, lowest dosage too toxic",
        "Patients, mean",
        "Patients with DLT, mean",
        "Patients above the correct dosage, mean",
        "Patients at overly toxic dosages, %",
    ];
    let row = |(position, scenario): (usize, &PlannedScenario)| {
        let found = match &scenario.characteristics {
            Ok(found) => found,
            Err(error) => {
                let mark = footnote(&mut notes, format!("{}: {error}.", scenario.label));
                return Row { footnote: Some(mark), ..fact_row(&scenario.label, 0, vec![Cell::NotAvailable; heads.len()]) };
            }
        };
        let common = Scenario::new(scenario, position, found, &result.levels);
        let values = [
            ("oc_correct", "Correct selection", Unit::Proportion, found.prob_correct()),
            ("oc_selected_none", "No dosage selected", Unit::Proportion, Some(found.prob_none)),
            ("oc_stopped", "Stopped early because the lowest dosage is too toxic", Unit::Proportion, Some(found.prob_stopped_for_toxicity)),
            ("oc_patients_trial", "Mean number of patients", Unit::Count, Some(found.mean_total_n)),
            ("oc_dlt_trial", "Mean number of patients with DLT", Unit::Count, Some(found.mean_total_tox)),
            ("oc_patients_above", "Mean number of patients above the correct dosage", Unit::Count, found.mean_n_above_correct()),
            ("oc_overdosed", "Patients at overly toxic dosages", Unit::Percent, found.percent_overdosed()),
        ];
        let cell = |(measure, words, unit, value): (&'static str, &str, Unit, Option<f64>)| match value {
            Some(value) => ledger.cell(common.entry(measure, None, words, unit), FactValue::Number(value)),
            None => Cell::NotAvailable,
        };
        fact_row(&scenario.label, 0, values.into_iter().map(cell).collect())
    };
    let rows = planned.scenarios.iter().enumerate().map(row).collect();
    let table = Table { stub: "Scenario".to_owned(), columns: columns(&heads), rows };
    Exhibit { id: ExhibitId::new(CODE, None), title: TITLE.to_owned(), content: Content::Table(table), notes }
}

/// What the design does at each dosage, three rows per scenario.
fn by_dosage(design: &TrialDesign, planned: &PlannedCharacteristics, result: &EscalationResult, facts: &mut Facts) -> Exhibit {
    let mut ledger = Ledger::new(facts, BY_DOSAGE, POPULATION, None);
    let mut rows = Vec::new();
    for (position, scenario) in planned.scenarios.iter().enumerate() {
        let Ok(found) = &scenario.characteristics else { continue };
        let common = Scenario::new(scenario, position, found, &result.levels);
        let mut row = |stub: &str, measure: &'static str, words: &str, unit: &Unit, values: &[f64]| {
            let cell = |(level, value): (usize, &f64)| {
                ledger.cell(common.entry(measure, Some(level), words, unit.clone()), FactValue::Number(*value))
            };
            fact_row(stub, 1, values.iter().enumerate().map(cell).collect())
        };
        rows.extend([
            heading_row(&scenario.label),
            row("True probability of DLT", "oc_truth", "True probability of DLT", &Unit::Proportion, &scenario.toxicity),
            row("Selected", "oc_selected", "Probability of selection", &Unit::Proportion, &found.select_prob),
            row("Patients, mean", "oc_patients", "Mean number of patients", &Unit::Count, &found.mean_n),
        ]);
    }
    let heads: Vec<&str> = result.levels.iter().map(|level| level.label.as_str()).collect();
    let table = Table { stub: "Scenario".to_owned(), columns: columns(&heads), rows };
    let notes = notes(design, planned);
    Exhibit { id: ExhibitId::new(BY_DOSAGE, None), title: TITLE_BY_DOSAGE.to_owned(), content: Content::Table(table), notes }
}

/// What the facts of one scenario have in common.
struct Scenario<'a> {
    key: String,
    label: &'a str,
    method: String,
    levels: &'a [EscalationLevel],
}

impl<'a> Scenario<'a> {
    fn new(scenario: &'a PlannedScenario, position: usize, found: &TrialCharacteristics, levels: &'a [EscalationLevel]) -> Self {
        Self { key: format!("s{}", position + 1), label: &scenario.label, method: method(found), levels }
    }

    fn entry(&self, measure: &'static str, level: Option<usize>, words: &str, unit: Unit) -> Entry<'_> {
        let place = level.and_then(|level| self.levels.get(level));
        let at = place.map(|place| format!(", {}", place.label)).unwrap_or_default();
        Entry {
            measure,
            what: Some(&self.key),
            dosage: place.map(|place| place.id.as_str()),
            label: format!("{words}{at}; scenario: {}", self.label),
            method: self.method.clone(),
            unit,
            source: Slice::new("PROJECT", "escalation", ["escalation.design", "escalation.scenarios"], Rows::default()),
        }
    }
}

fn method(found: &TrialCharacteristics) -> String {
    match &found.method {
        CharacteristicsMethod::Exact { .. } => "exact: every path of the trial with its probability".to_owned(),
        CharacteristicsMethod::Simulated { trials, .. } => format!("{trials} simulated trials"),
    }
}

fn notes(design: &TrialDesign, planned: &PlannedCharacteristics) -> Notes {
    let mut notes = Notes { datasets: vec!["PROJECT".to_owned()], population: POPULATION.to_owned(), ..Notes::default() };
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
    let correct = if matches!(design.rule(), TrialRule::Boin12(_)) {
        "of the dosages whose true probabilities keep both limits the one with the highest expected utility, none where no dosage keeps them"
    } else {
        "the dosage whose true probability of DLT is closest to the target, none where the lowest is overly toxic"
    };
    notes
        .methods
        .push(format!("Correct selection: {correct}; overly toxic: a true probability of at least {OVERLY_TOXIC} times the target"));
    notes.abbreviations = vec!["DLT: dose-limiting toxicity".to_owned()];
    notes
}
