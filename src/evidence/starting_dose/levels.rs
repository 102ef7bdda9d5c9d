//! T-F05 predicted exposure per planned level, T-F06 the escalation plan.

use crate::analysis::starting_dose::exposure::{PredictedExposure, Shares};
use crate::analysis::starting_dose::{INACTIVE_BELOW, Level, LevelSource, Margin, Origin, StartingDoseResult};
use crate::config::Settings;
use crate::config::nonclinical::{NonclinicalFile, StepUpDose};
use crate::evidence::table::{fact_row, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, FactValue, Facts, Notes, Row, Table, Unit};

use super::ledger::{Entry, Ledger, PROJECT, capital, columns, without_empty_columns, words};

/// T-F05.
pub(super) fn exposure(result: &StartingDoseResult, file: &NonclinicalFile, facts: &mut Facts) -> Exhibit {
    const TITLE: &str = "Predicted exposure at every planned level";
    let mut ledger = Ledger::new(facts, "T-F05", file);
    let levels = &result.levels.levels;
    if result.pk.is_none() || levels.is_empty() {
        let reason = if levels.is_empty() { "No planned level is known." } else { "No clearance is predicted for humans." };
        let needs = ["NONCLINICAL: predicted_human.CL_F_L_h", "NONCLINICAL: escalation_plan, or dosages in the project file"];
        return Exhibit::placeholder(ledger.exhibit(), TITLE, reason, &needs);
    }
    let shaped = levels.iter().any(|level| level.exposure.is_some_and(|exposure| exposure.peak.is_some()));
    let at = |what: &str| format!("{what} at average{}", if shaped { " (peak, trough)" } else { "" });
    let compared = levels.iter().any(|level| level.of_efficacious.is_some());
    let auc24 = if compared { "AUC24, ng·h/mL (of efficacious)" } else { "AUC24, ng·h/mL" };
    let concentration = if shaped { "Average (peak, trough), ng/mL" } else { "Average, ng/mL" };
    let (occupancy, effect) = (at("Occupancy"), at("Effect"));
    let mut heads = columns(&[auc24, concentration, "Dose over MABEL", &occupancy, &effect]);
    heads.extend(margin_columns(levels));
    let rows = levels.iter().map(|level| exposure_row(level, &mut ledger)).collect();
    plan_facts(result, &mut ledger);
    let table = without_empty_columns(Table { stub: "Planned level".to_owned(), columns: heads, rows });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content: Content::Table(table), notes: exposure_notes(result, file) }
}

/// A column for every study with measured exposure.
fn margin_columns(levels: &[Level]) -> Vec<Column> {
    let margins = levels.first().map_or(&[][..], |level| &level.margins);
    let unbound = margins.iter().any(|margin| margin.unbound.is_some());
    let of = if unbound { "total (unbound)" } else { "total" };
    let spanner = Some(format!("Predicted human over animal AUC24: {of}"));
    let head = |margin: &Margin| format!("{} {}, {}", capital(margin.species), margin.at, margin.study);
    margins.iter().map(|margin| Column { head: head(margin), n: None, spanner: spanner.clone() }).collect()
}

fn exposure_row(level: &Level, ledger: &mut Ledger<'_>) -> Row {
    let predicted = level.origin.clone().and(&Origin::new("predicted_human", "predicted_human", &["CL_F_L_h"]));
    let with = |entry: &str, keys: &[&str]| predicted.clone().and(&Origin::new(entry, entry, keys));
    let shape = with("predicted_human", &["half_life_h", "volume_L", "absorption_per_h"]);
    let efficacious = with("predicted_human", &["efficacious_AUC24_ng_h_mL"]);
    let mabel = level.origin.clone().and(&Origin::new("mabel", "mabel", &["fraction"]));
    let named = |unit: &str| Unit::Named(unit.to_owned());
    let auc24 = entry(level, ("predicted_auc24", "Predicted AUC24"), named("ng·h/mL"), &predicted);
    let average = entry(level, ("predicted_average", "Predicted average concentration"), named("ng/mL"), &predicted);
    let peak = entry(level, ("predicted_peak", "Predicted peak concentration"), named("ng/mL"), &shape);
    let trough = entry(level, ("predicted_trough", "Predicted trough concentration"), named("ng/mL"), &shape);
    let of_efficacious = entry(level, ("of_efficacious", "Predicted over efficacious AUC24"), Unit::Proportion, &efficacious);
    let of_mabel = entry(level, ("of_mabel", "Dose over MABEL"), Unit::Dimensionless, &mabel);
    let exposure = level.exposure;
    let shape_of = |of: fn(&PredictedExposure) -> Option<f64>| exposure.as_ref().and_then(of);
    let others = [(&peak, shape_of(|exposure| exposure.peak)), (&trough, shape_of(|exposure| exposure.trough))];
    let mut cells = vec![
        ledger.cell_with((&auc24, exposure.map(|exposure| exposure.auc24)), &[(&of_efficacious, level.of_efficacious)]),
        ledger.cell_with((&average, exposure.map(|exposure| exposure.average)), &others),
        ledger.cell(&of_mabel, level.of_mabel),
        shares_cell(level, "occupancy", level.occupancy, &with("receptor_occupancy", &["assay", "parameter"]), ledger),
        shares_cell(level, "effect", level.effect, &with("activity", &["assay", "parameter"]), ledger),
    ];
    cells.extend(margin_cells(level, &predicted, ledger));
    fact_row(&level.label, 0, cells)
}

fn entry<'a>(level: &'a Level, (measure, label): (&'a str, &str), unit: Unit, origin: &'a Origin) -> Entry<'a> {
    let label = format!("{label}, {}", level.label);
    Entry { measure, what: None, dosage: Some(&level.id), label, method: "one compartment at steady state", unit, origin }
}

/// The shares at the average, the peak and the trough.
fn shares_cell(level: &Level, what: &str, shares: Option<Shares>, origin: &Origin, ledger: &mut Ledger<'_>) -> Cell {
    let names = ["average", "peak", "trough"].map(|at| (format!("{what}_{at}"), format!("Predicted {what} at the {at}")));
    let [average, peak, trough] =
        names.each_ref().map(|(measure, label)| entry(level, (measure.as_str(), label.as_str()), Unit::Proportion, origin));
    let others = [(&peak, shares.and_then(|shares| shares.peak)), (&trough, shares.and_then(|shares| shares.trough))];
    ledger.cell_with((&average, shares.map(|shares| shares.average)), &others)
}

fn margin_cells(level: &Level, predicted: &Origin, ledger: &mut Ledger<'_>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for margin in &level.margins {
        let what = format!("{} {}", margin.species, margin.study);
        let filter = format!("repeat_dose_toxicity: study = {}", margin.study);
        let origin =
            predicted.clone().and(&Origin::new(format!("repeat_dose_toxicity[{}]", margin.position), filter, &["auc_at_key_dose_ng_h_mL"]));
        let label =
            format!("Predicted human over animal AUC24 at the {}, {} ({}), {}", margin.at, margin.species, margin.study, level.label);
        let total = Entry {
            measure: "exposure_ratio",
            what: Some(&what),
            dosage: Some(&level.id),
            label: label.clone(),
            method: "ratio of total exposures",
            unit: Unit::Dimensionless,
            origin: &origin,
        };
        let bound =
            origin.clone().and(&Origin::new("plasma_protein_binding_percent_bound", "plasma_protein_binding_percent_bound", &["human"]));
        let label = format!("{label}, unbound");
        let unbound =
            Entry { measure: "exposure_ratio_unbound", label, method: "ratio of unbound exposures", origin: &bound, ..total.clone() };
        cells.push(ledger.cell_with((&total, Some(margin.total)), &[(&unbound, margin.unbound)]));
    }
    cells
}

fn exposure_notes(result: &StartingDoseResult, file: &NonclinicalFile) -> Notes {
    let mut notes = Ledger::notes();
    if result.levels.source == LevelSource::Dosages {
        notes.datasets.push(PROJECT.to_owned());
    }
    notes.methods.push("Exposure: predicted clearance, one compartment, steady state".to_owned());
    if let Some(activity) = &file.nonclinical.activity {
        let words = format!(
            "Effect: {} of {}, Hill coefficient {}, unbound concentration where binding is known",
            activity.parameter, activity.assay, activity.hill
        );
        notes.methods.push(words);
    }
    if let Some(inputs) = &file.nonclinical.receptor_occupancy {
        let depletion = inputs
            .receptor_total_nanomolar
            .map_or_else(|| "ligand in excess".to_owned(), |receptor| format!("with depletion of the ligand by {receptor} nM of receptor"));
        let what = if inputs.unbound { "unbound" } else { "total" };
        notes.methods.push(format!("Occupancy: {} of {}, {what} concentration, {depletion}", inputs.parameter, inputs.assay));
    }
    notes.abbreviations = vec![
        "AUC24: area under the concentration-time curve over 24 h at steady state".to_owned(),
        "MABEL: minimally anticipated biological effect level".to_owned(),
    ];
    notes
}

/// Facts about the plan as a whole.
fn plan_facts(result: &StartingDoseResult, ledger: &mut Ledger<'_>) {
    let all = result.levels.levels.iter().fold(Origin::default(), |all, level| all.and(&level.origin));
    let active = all.and(&Origin::new("activity", "activity", &["assay", "parameter"]));
    if let Some(levels) = result.inactive_levels() {
        let label = format!(
            "Planned levels predicted below {}% of the largest effect at the average concentration",
            (100.0 * INACTIVE_BELOW).round()
        );
        let entry = Entry {
            measure: "inactive_levels",
            what: None,
            dosage: None,
            label,
            method: "count of levels",
            unit: Unit::Count,
            origin: &active,
        };
        ledger.insert(&entry, FactValue::Count(levels as u64));
    }
}

/// T-F06.
pub(super) fn plan(result: &StartingDoseResult, file: &NonclinicalFile, settings: &Settings, facts: &mut Facts) -> Exhibit {
    const TITLE: &str = "Escalation plan";
    let mut ledger = Ledger::new(facts, "T-F06", file);
    if result.levels.levels.is_empty() {
        let refused = result.levels.refused.as_ref().map(|error| format!("The scheme of the escalation plan gives no levels: {error}."));
        let reason = refused.unwrap_or_else(|| "No planned level is known.".to_owned());
        let needs = ["NONCLINICAL: escalation_plan, or dosages in the project file"];
        return Exhibit::placeholder(ledger.exhibit(), TITLE, reason, &needs);
    }
    let heads =
        ["Dose", "Unit", "Increment", "Cohort", "Go up", "Stay", "Go down", "Observation, days", "Pharmacodynamic gate", "Backfill"];
    let mut rows = Vec::new();
    for level in &result.levels.levels {
        rows.push(plan_row(level, settings, &mut ledger));
        rows.extend(step_up_rows(level, &mut ledger, heads.len()));
    }
    largest_increment(result, &mut ledger);
    let table = without_empty_columns(Table { stub: "Planned level".to_owned(), columns: columns(&heads), rows });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content: Content::Table(table), notes: plan_notes(result, settings) }
}

fn plan_row(level: &Level, settings: &Settings, ledger: &mut Ledger<'_>) -> Row {
    let unit = level.dose.unit().label();
    let entry = |measure: &'static str, label: &str, unit: Unit| Entry {
        measure,
        what: None,
        dosage: Some(&level.id),
        label: format!("{label}, {}", level.label),
        method: "as planned",
        unit,
        origin: &level.origin,
    };
    let observation = level.plan.observation.map(|observation| observation.days());
    let window = settings.escalation.as_ref().map(|escalation| escalation.dlt_window_days);
    let window_origin = Origin { entries: Vec::new(), filter: "escalation".to_owned(), keys: vec!["dlt_window".to_owned()] };
    let observed = Entry {
        origin: if observation.is_some() { &level.origin } else { &window_origin },
        ..entry("level_observation", "Observation before the decision", Unit::Days)
    };
    let cohort_origin = &level.origin;
    let cohort = level.plan.cohort_size.map(|size| {
        let entry = Entry { origin: cohort_origin, ..entry("level_cohort", "Patients in a cohort", Unit::Count) };
        Cell::Facts(CellPattern::Value, vec![ledger.insert(&entry, FactValue::Count(u64::from(size)))])
    });
    let cells = vec![
        ledger.cell(&entry("level_dose", "Dose", Unit::Named(unit.to_owned())), Some(level.dose.amount())),
        words(Some(unit)),
        ledger.cell(&entry("level_increment", "Increment over the level below", Unit::Proportion), level.increment),
        cohort.unwrap_or(Cell::NotAvailable),
        words(level.plan.escalate_if.as_deref()),
        words(level.plan.stay_if.as_deref()),
        words(level.plan.de_escalate_if.as_deref()),
        ledger.cell(&observed, observation.or(window)),
        words(level.plan.pharmacodynamic_gate.as_deref()),
        words(level.plan.backfill.map(|allowed| if allowed { "allowed" } else { "not allowed" })),
    ];
    fact_row(&level.label, 0, cells)
}

/// The step-up or priming doses of a level under it.
fn step_up_rows(level: &Level, ledger: &mut Ledger<'_>, width: usize) -> Vec<Row> {
    if level.step_up.is_empty() {
        return Vec::new();
    }
    let mut heading = heading_row(&format!("Step-up doses before {}", level.label));
    heading.indent = 1;
    let mut rows = vec![heading];
    for step in &level.step_up {
        rows.push(step_row(step, level, ledger, width));
    }
    rows
}

fn step_row(step: &StepUpDose, level: &Level, ledger: &mut Ledger<'_>, width: usize) -> Row {
    let unit = step.dose.0.unit().label();
    let what = format!("day {}", step.day);
    let entry = Entry {
        measure: "step_up_dose",
        what: Some(&what),
        dosage: Some(&level.id),
        label: format!("Step-up dose on day {}, {}", step.day, level.label),
        method: "as planned",
        unit: Unit::Named(unit.to_owned()),
        origin: &level.origin,
    };
    let mut cells = vec![ledger.cell(&entry, Some(step.dose.0.amount())), words(Some(unit))];
    cells.resize(width, Cell::NotAvailable);
    let note = step.note.as_ref().map_or_else(String::new, |note| format!(", {note}"));
    fact_row(&format!("Day {}{note}", step.day), 1, cells)
}

fn largest_increment(result: &StartingDoseResult, ledger: &mut Ledger<'_>) {
    let Some(largest) = result.largest_increment() else { return };
    let all = result.levels.levels.iter().fold(Origin::default(), |all, level| all.and(&level.origin));
    let label = "Largest increment between planned levels".to_owned();
    let entry =
        Entry { measure: "largest_increment", what: None, dosage: None, label, method: "maximum", unit: Unit::Proportion, origin: &all };
    ledger.number(&entry, largest);
}

fn plan_notes(result: &StartingDoseResult, settings: &Settings) -> Notes {
    let mut notes = Ledger::notes();
    let levels = match result.levels.source {
        LevelSource::Listed => "Levels: as listed in the nonclinical file",
        LevelSource::Scheme => "Levels: by the scheme of the nonclinical file from the chosen starting dose, not rounded",
        LevelSource::Dosages => {
            notes.datasets = vec![PROJECT.to_owned()];
            "Levels: the dosages of the project file"
        }
    };
    notes.methods.push(levels.to_owned());
    if let Some(escalation) = &settings.escalation {
        if let Some(design) = &escalation.design {
            notes.methods.push(format!("Decisions without a trigger of their own follow the {} design", design.label()));
        }
        notes.methods.push(format!("Observation that is not stated: the DLT window of {} days", escalation.dlt_window_days));
        notes.abbreviations.push("DLT: dose-limiting toxicity".to_owned());
    }
    notes
}
