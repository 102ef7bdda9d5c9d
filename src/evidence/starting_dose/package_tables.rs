//! T-F02 toxicology, T-F03 potency, T-F04 predicted human pharmacokinetics.

use crate::analysis::starting_dose::allometry::Allometry;
use crate::analysis::starting_dose::{Origin, StartingDoseResult};
use crate::config::nonclinical::{
    NonclinicalFile, PredictedHuman, PredictedParameter, Relevance, StatedDose, ToxicityLevel, ToxicityStudy,
};
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table, Unit};

use super::ledger::{Entry, Ledger, capital, columns, without_empty_columns, words};

/// T-F02.
pub(super) fn toxicology(file: &NonclinicalFile, facts: &mut Facts) -> Exhibit {
    const TITLE: &str = "Repeat-dose toxicology";
    let mut ledger = Ledger::new(facts, "T-F02", file);
    let studies = &file.nonclinical.repeat_dose_toxicity;
    if studies.is_empty() {
        let reason = "The nonclinical file names no repeat-dose toxicity study.";
        return Exhibit::placeholder(ledger.exhibit(), TITLE, reason, &["NONCLINICAL: repeat_dose_toxicity"]);
    }
    let heads = [
        "Design",
        "Doses, mg/kg",
        "NOAEL, mg/kg (mg/m²)",
        "STD10, mg/kg (mg/m²)",
        "HNSTD, mg/kg (mg/m²)",
        "AUC24, ng·h/mL (at dose, mg/kg)",
        "Cmax at that dose, ng/mL",
        "Relevant",
        "Findings and their reversibility",
    ];
    let mut notes = Ledger::notes();
    let factors = crate::analysis::starting_dose::hed::Factors::new(&file.nonclinical.km_factors);
    let mut rows: Vec<Row> = studies
        .iter()
        .enumerate()
        .map(|(position, study)| study_row((position, study), factors.km(study.species), &mut ledger, &mut notes))
        .collect();
    if studies.iter().all(|study| study.relevant == Relevance::Yes) {
        notes.methods.push("Every species is taken to be pharmacologically relevant".to_owned());
        let column = heads.iter().position(|head| *head == "Relevant");
        for cell in rows.iter_mut().filter_map(|row| row.cells.get_mut(column?)) {
            *cell = Cell::NotAvailable;
        }
    }
    notes.methods.push("mg/m² is mg/kg times the body-surface factor of the species".to_owned());
    notes.abbreviations = [
        "AUC24: area under the concentration-time curve over 24 h",
        "Cmax: highest concentration",
        "GLP: Good Laboratory Practice",
        "HNSTD: highest non-severely toxic dose",
        "NOAEL: no observed adverse effect level",
        "STD10: dose severely toxic to 10% of the animals",
    ]
    .map(str::to_owned)
    .to_vec();
    let table = without_empty_columns(Table { stub: "Species, study".to_owned(), columns: columns(&heads), rows });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content: Content::Table(table), notes }
}

fn study_row((position, study): (usize, &ToxicityStudy), km: f64, ledger: &mut Ledger<'_>, notes: &mut Notes) -> Row {
    let species =
        study.strain.as_ref().map_or_else(|| study.species.label().to_owned(), |strain| format!("{} ({strain})", study.species.label()));
    let what = format!("{} {}", study.species.id(), study.study);
    let filter = format!("repeat_dose_toxicity: study = {}", study.study);
    let mut cell = |measure: &str, label: &str, unit: &str, key: &str, value: Option<f64>| {
        let origin = Origin::new(format!("repeat_dose_toxicity[{position}]"), filter.clone(), &[key]);
        let label = format!("{label}, {} ({})", study.species.label(), study.study);
        let method = if measure.ends_with("_mg_per_m2") || measure.ends_with("_mg_per_kg") {
            "as stated or by the body-surface factor"
        } else {
            "as stated"
        };
        let unit = Unit::Named(unit.to_owned());
        ledger.cell(&Entry { measure, what: Some(&what), dosage: None, label, method, unit, origin: &origin }, value)
    };
    let mut levels = Vec::new();
    for level in [ToxicityLevel::Noael, ToxicityLevel::Std10, ToxicityLevel::Hnstd] {
        let stated = study.stated(level);
        let key = stated.map_or("", |(_, key)| key);
        let both = stated.map(|(dose, _)| both_units(dose, km));
        let name = level.label().to_lowercase();
        let per_kilogram = cell(&format!("{name}_mg_per_kg"), level.label(), "mg/kg", key, both.map(|both| both.0));
        let per_square_metre = cell(&format!("{name}_mg_per_m2"), level.label(), "mg/m²", key, both.map(|both| both.1));
        levels.push(with_aside(per_kilogram, per_square_metre));
    }
    let key_dose = cell("key_dose", "Dose with measured exposure", "mg/kg", "key_dose_mg_kg", study.key_dose_mg_kg);
    let auc24 = cell("animal_auc24", "AUC24", "ng·h/mL", "auc_at_key_dose_ng_h_mL", study.auc_at_key_dose_ng_h_ml);
    let cmax = cell("animal_cmax", "Cmax", "ng/mL", "cmax_at_key_dose_ng_mL", study.cmax_at_key_dose_ng_ml);
    let doses: Vec<String> = study.doses_mg_kg.iter().map(ToString::to_string).collect();
    let findings: Vec<String> =
        [study.findings.join(", ")].into_iter().chain(study.reversibility.clone()).filter(|text| !text.is_empty()).collect();
    let mut cells = vec![words(Some(&design_words(study))), words(Some(&doses.join(", ")))];
    cells.extend(levels);
    cells.extend([with_aside(auc24, key_dose), cmax, words(Some(study.relevant.label())), words(Some(&findings.join("; ")))]);
    let mut row = fact_row(&format!("{}, {}", capital(&species), study.study), 0, cells);
    row.footnote = study.relevance_reason.as_ref().map(|reason| footnote(notes, capital(reason)));
    row
}

/// Schedule, route, days of dosing, animals and whether the study was done under Good Laboratory Practice.
fn design_words(study: &ToxicityStudy) -> String {
    let schedule: Vec<&str> = [study.schedule.as_deref(), study.route.as_deref()].into_iter().flatten().collect();
    let schedule = (!schedule.is_empty()).then(|| schedule.join(", "));
    let days = study.duration_days.map(|days| format!("{days} days"));
    let practice = study.glp.map(|glp| if glp { "GLP" } else { "not GLP" }.to_owned());
    let pieces: Vec<String> = [schedule, days, study.animals.clone(), practice].into_iter().flatten().collect();
    pieces.join("; ")
}

/// A cell with the facts of a second one in brackets.
fn with_aside(first: Cell, second: Cell) -> Cell {
    match (first, second) {
        (Cell::Facts(_, mut ids), Cell::Facts(_, others)) => {
            ids.extend(others);
            Cell::Facts(CellPattern::ValueAside, ids)
        }
        (first, _) => first,
    }
}

/// A dose in mg/kg and in mg/m².
fn both_units(stated: StatedDose, km: f64) -> (f64, f64) {
    use crate::analysis::starting_dose::hed::{per_kilogram, per_square_metre};
    (per_kilogram(stated, km), per_square_metre(stated, km))
}

/// T-F03.
pub(super) fn potency(file: &NonclinicalFile, facts: &mut Facts) -> Exhibit {
    const TITLE: &str = "Pharmacological potency in vitro";
    let mut ledger = Ledger::new(facts, "T-F03", file);
    let potencies = &file.nonclinical.in_vitro;
    if potencies.is_empty() {
        let reason = "The nonclinical file gives no potency.";
        return Exhibit::placeholder(ledger.exhibit(), TITLE, reason, &["NONCLINICAL: in_vitro"]);
    }
    let mass = file.nonclinical.molecular_weight_g_mol;
    let heads = ["Value", "Unit", "Value, nM", "System", "Target density", "Largest effect", "Donors", "Readout"];
    let rows = potencies.iter().enumerate().map(|(position, potency)| {
        let what = format!("{} {}", potency.assay, potency.parameter);
        let filter = format!("in_vitro: assay = {}, parameter = {}", potency.assay, potency.parameter);
        let origin = Origin::new(format!("in_vitro[{position}]"), filter, &["value", "unit"]);
        let label = format!("{}, {}", potency.parameter, potency.assay);
        let stated = Unit::Named(potency.unit.label().to_owned());
        let entry =
            Entry { measure: "potency", what: Some(&what), dosage: None, label, method: "as stated", unit: stated, origin: &origin };
        let molar = Entry { measure: "potency_nanomolar", method: "converted to nM", unit: Unit::Named("nM".to_owned()), ..entry.clone() };
        let cells = vec![
            ledger.cell(&entry, Some(potency.value)),
            words(Some(potency.unit.label())),
            ledger.cell(&molar, potency.unit.nanomolar(potency.value, mass)),
            words(potency.system.as_deref()),
            words(potency.target_density.as_deref()),
            words(potency.emax.as_deref()),
            words(potency.donors.map(|donors| donors.to_string()).as_deref()),
            words(potency.readout.as_deref()),
        ];
        fact_row(&format!("{}: {}", potency.assay, potency.parameter), 0, cells)
    });
    let table = Table { stub: "Assay".to_owned(), columns: columns(&heads), rows: rows.collect() };
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content: Content::Table(without_empty_columns(table)), notes: Ledger::notes() }
}

/// T-F04.
pub(super) fn human_pharmacokinetics(result: &StartingDoseResult, file: &NonclinicalFile, facts: &mut Facts) -> Exhibit {
    const TITLE: &str = "Predicted human pharmacokinetics";
    let mut ledger = Ledger::new(facts, "T-F04", file);
    let predicted = file.nonclinical.predicted_human.as_ref();
    let mut rows = predicted.map_or_else(Vec::new, |predicted| predicted_rows(predicted, result, &mut ledger));
    match &result.allometry {
        Some(Ok(scaled)) => rows.extend(allometry_rows(scaled, &mut ledger)),
        Some(Err(error)) => rows.push(fact_row(&format!("Allometric scaling: {error}"), 0, vec![Cell::NotAvailable; 5])),
        None => {}
    }
    if rows.is_empty() {
        let reason = "The nonclinical file predicts no pharmacokinetics for humans.";
        return Exhibit::placeholder(ledger.exhibit(), TITLE, reason, &["NONCLINICAL: predicted_human"]);
    }
    let heads = ["Value", "Unit", "Lower", "Upper", "Method"];
    let mut notes = Ledger::notes();
    if result.allometry.is_some() {
        notes.methods.push("Allometric scaling: least-squares line of log clearance on log body weight [MahmoodBalian1996]".to_owned());
    }
    let table = without_empty_columns(Table { stub: "Parameter".to_owned(), columns: columns(&heads), rows });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content: Content::Table(table), notes }
}

/// One parameter of `predicted_human`.
struct Predicted {
    measure: &'static str,
    label: &'static str,
    unit: &'static str,
    key: &'static str,
    value: Option<f64>,
}

/// The volume of distribution; `key` says what it was read or derived from.
fn volume(key: &'static str, value: Option<f64>) -> Predicted {
    Predicted { measure: "predicted_volume", label: "Volume of distribution over bioavailability (V/F)", unit: "L", key, value }
}

fn predicted_rows(predicted: &PredictedHuman, result: &StartingDoseResult, ledger: &mut Ledger<'_>) -> Vec<Row> {
    let of = |measure, label, unit, key, value| Predicted { measure, label, unit, key, value };
    let efficacious = predicted.efficacious_auc24_ng_h_ml;
    let stated = [
        of("predicted_clearance", "Clearance over bioavailability (CL/F)", "L/h", "CL_F_L_h", predicted.cl_f_l_h),
        of("predicted_half_life", "Half-life", "h", "half_life_h", predicted.half_life_h),
        volume("volume_L", predicted.volume_l),
        of("predicted_bioavailability", "Bioavailability", "1", "bioavailability", predicted.bioavailability),
        of("predicted_absorption", "Rate constant of absorption", "1/h", "absorption_per_h", predicted.absorption_per_h),
        of("predicted_dosing_interval", "Dosing interval", "h", "dosing_interval_h", predicted.dosing_interval_h),
        of("predicted_efficacious_auc24", "AUC24 expected to be effective", "ng·h/mL", "efficacious_AUC24_ng_h_mL", efficacious),
    ];
    let how = predicted.method.as_deref();
    // The method is that of the pharmacokinetics; the efficacious exposure comes from pharmacology.
    let how_of = |parameter: &Predicted| how.filter(|_| parameter.measure != "predicted_efficacious_auc24");
    let mut rows: Vec<Row> =
        stated.iter().filter_map(|parameter| predicted_row(parameter, ("as stated", how_of(parameter)), ledger)).collect();
    let derived = volume("half_life_h", result.pk.and_then(|pk| pk.volume_l).filter(|_| predicted.volume_l.is_none()));
    let words = "clearance x half-life / ln 2";
    rows.extend(predicted_row(&derived, (words, Some(words)), ledger));
    rows.extend(predicted.parameters.iter().enumerate().map(|(position, parameter)| parameter_row(position, parameter, ledger)));
    rows
}

fn predicted_row(parameter: &Predicted, (method, how): (&str, Option<&str>), ledger: &mut Ledger<'_>) -> Option<Row> {
    let value = parameter.value?;
    let origin = Origin::new("predicted_human", "predicted_human", &[parameter.key]);
    let unit = if parameter.unit == "1" { Unit::Dimensionless } else { Unit::Named(parameter.unit.to_owned()) };
    let label = format!("Predicted human {}", parameter.label);
    let entry = Entry { measure: parameter.measure, what: None, dosage: None, label, method, unit, origin: &origin };
    let cells = vec![ledger.cell(&entry, Some(value)), words(Some(parameter.unit)), Cell::NotAvailable, Cell::NotAvailable, words(how)];
    Some(fact_row(parameter.label, 0, cells))
}

fn parameter_row(position: usize, parameter: &PredictedParameter, ledger: &mut Ledger<'_>) -> Row {
    let filter = format!("predicted_human.parameters: parameter = {}", parameter.parameter);
    let mut cell = |measure: &str, words: &str, key: &str, value: Option<f64>| {
        let origin = Origin::new(format!("predicted_human.parameters[{position}]"), filter.clone(), &[key, "unit"]);
        let label = format!("Predicted human {}{words}", parameter.parameter);
        let unit = Unit::Named(parameter.unit.clone());
        ledger.cell(
            &Entry { measure, what: Some(&parameter.parameter), dosage: None, label, method: "as stated", unit, origin: &origin },
            value,
        )
    };
    let cells = vec![
        cell("predicted_parameter", "", "value", Some(parameter.value)),
        words(Some(&parameter.unit)),
        cell("predicted_parameter_lower", ", lower end", "lower", parameter.lower),
        cell("predicted_parameter_upper", ", upper end", "upper", parameter.upper),
        words(parameter.method.as_deref()),
    ];
    fact_row(&parameter.parameter, 0, cells)
}

fn allometry_rows(scaled: &Allometry, ledger: &mut Ledger<'_>) -> Vec<Row> {
    let origin = Origin::new("animal_pharmacokinetics", "animal_pharmacokinetics: every entry", &["species", "weight_kg", "clearance_L_h"]);
    let parameters = [
        ("allometric_clearance", "Human clearance by simple allometry", "L/h", scaled.human_clearance),
        ("allometric_exponent", "Exponent of body weight", "1", scaled.exponent),
        ("allometric_coefficient", "Clearance at 1 kg", "L/h", scaled.coefficient),
        ("allometric_clearance_fixed", "Human clearance with the exponent 0.75", "L/h", scaled.by_fixed_exponent),
    ];
    let mut rows = vec![heading_row("Allometric scaling of animal clearance")];
    for (measure, label, unit, value) in parameters {
        let method = if measure == "allometric_exponent" { scaled.rule.label() } else { "allometry" };
        let named = if unit == "1" { Unit::Dimensionless } else { Unit::Named(unit.to_owned()) };
        let entry = Entry { measure, what: None, dosage: None, label: label.to_owned(), method, unit: named, origin: &origin };
        rows.push(fact_row(
            label,
            1,
            vec![ledger.cell(&entry, Some(value)), words(Some(unit)), Cell::NotAvailable, Cell::NotAvailable, words(Some(method))],
        ));
    }
    rows
}
