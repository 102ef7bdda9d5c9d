//! T-F01: candidate starting doses by method, and where the chosen dose stands against each.

use crate::analysis::starting_dose::{
    Candidate, Chosen, MethodReading, Note, Origin, Position, Role, StartingDoseMethod, StartingDoseResult,
};
use crate::config::nonclinical::{NonclinicalFile, Scaling};
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Content, Exhibit, FactValue, Facts, Notes, Row, Table, Unit};

use super::ledger::{Entry, Ledger, PROJECT, capital, columns, without_empty_columns, words};

const EXACT: &str = "exact factors";
const PRINTED: &str = "divisor as printed in the guidance";
const PREDICTED: &str = "one compartment at steady state";

const TITLE: &str = "Candidate starting doses by method";

const HEADS: [&str; 9] = [
    "Input",
    "Conversion",
    "Human equivalent, mg/kg",
    "Dose, mg (by printed divisor)",
    "Dose, mg/kg (mg/m²)",
    "Predicted AUC24, ng·h/mL",
    "Predicted peak, ng/mL",
    "Occupancy at peak (trough)",
    "Chosen dose over it",
];

/// T-F01.
pub(super) fn table(result: &StartingDoseResult, file: &NonclinicalFile, facts: &mut Facts) -> Exhibit {
    let mut ledger = Ledger::new(facts, "T-F01", file);
    if result.candidates.is_empty() && result.chosen.is_none() {
        let needs = ["NONCLINICAL: repeat_dose_toxicity, in_vitro, predicted_human", "starting_dose.chosen in the project file"];
        return Exhibit::placeholder(ledger.exhibit(), TITLE, "No starting dose is chosen and none can be derived.", &needs);
    }
    let mut notes = notes(result);
    let mut rows = chosen_rows(result.chosen.as_ref(), &mut ledger);
    for method in StartingDoseMethod::ALL {
        rows.extend(method_rows(method, result, &mut ledger, &mut notes));
    }
    summary_facts(result, &mut ledger);
    let table = without_empty_columns(Table { stub: "Method; species, assay or model".to_owned(), columns: columns(&HEADS), rows });
    Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content: Content::Table(table), notes }
}

fn chosen_rows(chosen: Option<&Chosen>, ledger: &mut Ledger<'_>) -> Vec<Row> {
    let Some(chosen) = chosen else { return Vec::new() };
    let origin = chosen_origin(chosen);
    let entry = |measure: &'static str, label: &str, unit: &str| Entry {
        measure,
        what: None,
        dosage: None,
        label: label.to_owned(),
        method: "as chosen",
        unit: Unit::Named(unit.to_owned()),
        origin: &origin,
    };
    ledger.number(&entry("chosen", "Chosen starting dose", chosen.dose.unit().label()), chosen.dose.amount());
    let human = chosen.human;
    let mut cells = vec![Cell::Empty; HEADS.len()];
    let mut put = |position: usize, cell: Cell| {
        if let Some(place) = cells.get_mut(position) {
            *place = cell;
        }
    };
    put(3, ledger.cell(&entry("chosen_mg", "Chosen starting dose for the reference adult", "mg"), human.map(|human| human.mg)));
    let per_kilogram = entry("chosen_mg_per_kg", "Chosen starting dose per kg", "mg/kg");
    let per_square_metre = entry("chosen_mg_per_m2", "Chosen starting dose per m²", "mg/m²");
    let others = [(&per_square_metre, human.map(|human| human.mg_per_m2))];
    put(4, ledger.cell_with((&per_kilogram, human.map(|human| human.mg_per_kg)), &others));
    let predicted = origin.clone().and(&Origin::new("predicted_human", "predicted_human", &["CL_F_L_h"]));
    let exposure = Entry {
        method: "dose over predicted clearance",
        origin: &predicted,
        ..entry("chosen_auc24", "Predicted AUC24 at the chosen starting dose", "ng·h/mL")
    };
    put(5, ledger.cell(&exposure, chosen.exposure.map(|exposure| exposure.auc24)));
    let shape = predicted.clone().and(&Origin::new("predicted_human", "predicted_human", &["half_life_h", "volume_L", "absorption_per_h"]));
    let label = "Predicted peak concentration at the chosen starting dose";
    let peak = Entry { method: PREDICTED, origin: &shape, ..entry("chosen_peak", label, "ng/mL") };
    put(6, chosen.exposure.and_then(|exposure| exposure.peak).map_or(Cell::Empty, |peak_value| ledger.cell(&peak, Some(peak_value))));
    vec![fact_row(&format!("Chosen starting dose, {}", chosen.dose), 0, cells)]
}

/// Where the chosen dose is written.
pub(super) fn chosen_origin(chosen: &Chosen) -> Origin {
    if chosen.from_project {
        Origin { entries: Vec::new(), filter: "starting_dose".to_owned(), keys: vec!["chosen".to_owned()] }
    } else {
        Origin::new("fih_starting_dose", "fih_starting_dose", &["proposed_mg"])
    }
}

fn method_rows(method: StartingDoseMethod, result: &StartingDoseResult, ledger: &mut Ledger<'_>, notes: &mut Notes) -> Vec<Row> {
    let candidates: Vec<&Candidate> = result.candidates.iter().filter(|candidate| candidate.method == method).collect();
    let reading = result.methods.iter().find(|reading| reading.method == method);
    let Some(role) = reading.map(|reading| reading.role).or_else(|| candidates.first().map(|candidate| candidate.role)) else {
        return Vec::new();
    };
    let mut heading = heading_row(&format!("{} ({})", method.label(), role.label()));
    if let Some(reading) = reading {
        heading.footnote = Some(footnote(notes, reason_words(reading)));
    }
    if candidates.is_empty() {
        let cells = HEADS.iter().map(|_| Cell::NotAvailable).collect();
        return vec![heading, fact_row(&format!("Not computed; needs {}", method.needs()), 1, cells)];
    }
    let mut rows = vec![heading];
    rows.extend(candidates.into_iter().map(|candidate| candidate_row(candidate, role, result, ledger, notes)));
    rows
}

fn reason_words(reading: &MethodReading) -> String {
    let sources: Vec<String> = reading.sources.iter().map(|key| format!("[{key}]")).collect();
    format!("{}: {} {}", capital(reading.role.label()), reading.reason, sources.join(" "))
}

fn candidate_row(candidate: &Candidate, role: Role, result: &StartingDoseResult, ledger: &mut Ledger<'_>, notes: &mut Notes) -> Row {
    let named = candidate.study.as_ref().map_or_else(|| candidate.system.clone(), |study| format!("{}, {study}", candidate.system));
    let what = format!("{} {}", candidate.system, candidate.study.as_deref().unwrap_or_default());
    let mut cells = CandidateCells { candidate, what: &what, named: &named, ledger }.cells();
    let label = format!("Chosen starting dose over estimate, {} ({named})", candidate.method.label());
    cells.push(position_cell(candidate, result, ledger, (&what, label)));
    let stub = match &candidate.input {
        Some(input) => format!("{named}: {} ({})", input.label, input.unit),
        None => named,
    };
    let mut row = fact_row(&capital(&stub), 1, cells);
    if candidate.role != role {
        row.footnote = Some(footnote(notes, format!("{}: {}", capital(candidate.role.label()), candidate.reason)));
    }
    row
}

/// The cells of one candidate.
struct CandidateCells<'a, 'b> {
    candidate: &'a Candidate,
    what: &'a str,
    named: &'a str,
    ledger: &'a mut Ledger<'b>,
}

impl CandidateCells<'_, '_> {
    /// Every cell but that of the chosen dose, in the order of [`HEADS`].
    fn cells(&mut self) -> Vec<Cell> {
        let candidate = self.candidate;
        let input = candidate.input.as_ref();
        let exposure = candidate.exposure;
        let occupancy = candidate.occupancy;
        let stated = self.entry("_input", ("Input", "as stated"), input.map_or("", |input| input.unit));
        let equivalent = self.entry("_equivalent", ("Human equivalent dose", EXACT), "mg/kg");
        let dose = self.entry("", ("Starting dose", EXACT), "mg");
        let printed = self.entry("_printed_divisor", ("Starting dose by the printed divisor", PRINTED), "mg");
        let per_kilogram = self.entry("_mg_per_kg", ("Starting dose per kg", EXACT), "mg/kg");
        let per_square_metre = self.entry("_mg_per_m2", ("Starting dose per m²", EXACT), "mg/m²");
        let auc24 = self.entry("_auc24", ("Predicted AUC24", PREDICTED), "ng·h/mL");
        let peak = self.entry("_peak", ("Predicted peak concentration", PREDICTED), "ng/mL");
        let at_peak = self.share("_occupancy_peak", "Predicted occupancy at the peak");
        let at_trough = self.share("_occupancy_trough", "Predicted occupancy at the trough");
        let human = candidate.dose;
        vec![
            self.cell(&stated, input.map(|input| input.value)),
            words(Some(&conversion_words(candidate))),
            self.cell(&equivalent, candidate.equivalent_mg_kg),
            self.cell_with((&dose, Some(human.mg)), (&printed, candidate.printed_divisor_mg)),
            self.cell_with((&per_kilogram, Some(human.mg_per_kg)), (&per_square_metre, Some(human.mg_per_m2))),
            self.cell(&auc24, exposure.map(|exposure| exposure.auc24)),
            self.cell(&peak, exposure.and_then(|exposure| exposure.peak)),
            self.cell_with((&at_peak, occupancy.and_then(|shares| shares.peak)), (&at_trough, occupancy.and_then(|shares| shares.trough))),
        ]
    }

    fn entry(&self, suffix: &str, (label, method): (&str, &'static str), unit: &str) -> CandidateEntry {
        self.named(suffix, (label, method), Unit::Named(unit.to_owned()))
    }

    fn share(&self, suffix: &str, label: &str) -> CandidateEntry {
        self.named(suffix, (label, PREDICTED), Unit::Proportion)
    }

    fn named(&self, suffix: &str, (label, method): (&str, &'static str), unit: Unit) -> CandidateEntry {
        CandidateEntry {
            measure: format!("{}{suffix}", self.candidate.method.id()),
            label: format!("{label}, {} ({})", self.candidate.method.label(), self.named),
            method,
            unit,
        }
    }

    fn cell(&mut self, entry: &CandidateEntry, value: Option<f64>) -> Cell {
        self.ledger.cell(&entry.of(self.what, &self.candidate.origin), value)
    }

    fn cell_with(&mut self, (first, value): (&CandidateEntry, Option<f64>), (second, other): (&CandidateEntry, Option<f64>)) -> Cell {
        let origin = &self.candidate.origin;
        self.ledger.cell_with((&first.of(self.what, origin), value), &[(&second.of(self.what, origin), other)])
    }
}

/// What a fact of a candidate is about.
struct CandidateEntry {
    measure: String,
    label: String,
    method: &'static str,
    unit: Unit,
}

impl CandidateEntry {
    fn of<'a>(&'a self, what: &'a str, origin: &'a Origin) -> Entry<'a> {
        Entry {
            measure: &self.measure,
            what: Some(what),
            dosage: None,
            label: self.label.clone(),
            method: self.method,
            unit: self.unit.clone(),
            origin,
        }
    }
}

/// The conversion with its last step, the division by a factor.
fn conversion_words(candidate: &Candidate) -> String {
    if candidate.safety_factor > 1.0 {
        format!("{}; divided by {}", candidate.conversion, candidate.safety_factor)
    } else {
        candidate.conversion.clone()
    }
}

/// The chosen dose over a candidate, and the word for it.
fn position_cell(candidate: &Candidate, result: &StartingDoseResult, ledger: &mut Ledger<'_>, (what, label): (&str, String)) -> Cell {
    let Some((ratio, chosen)) = result.ratio(candidate).zip(result.chosen.as_ref()) else { return Cell::NotAvailable };
    let origin = candidate.origin.clone().and(&chosen_origin(chosen));
    let measure = format!("chosen_over_{}", candidate.method.id());
    let entry =
        Entry { measure: &measure, what: Some(what), dosage: None, label, method: "ratio", unit: Unit::Dimensionless, origin: &origin };
    let number = ledger.number(&entry, ratio);
    let measure = format!("chosen_position_{}", candidate.method.id());
    let label = format!("Position of the chosen starting dose, {} ({what})", candidate.method.label());
    let position = Entry { measure: &measure, label, method: "comparison", unit: Unit::Text, ..entry };
    let word = ledger.insert(&position, FactValue::Text(Position::of(ratio).label().to_owned()));
    Cell::Facts(CellPattern::ValueAside, vec![number, word])
}

/// Facts that the text quotes and no cell shows.
fn summary_facts(result: &StartingDoseResult, ledger: &mut Ledger<'_>) {
    let Some(smallest) = result.smallest() else { return };
    let entry = |measure: &'static str, label: &str, method: &'static str, unit: Unit| Entry {
        measure,
        what: None,
        dosage: None,
        label: label.to_owned(),
        method,
        unit,
        origin: &smallest.origin,
    };
    let milligrams = Unit::Named("mg".to_owned());
    ledger
        .number(&entry("smallest_estimate", "Smallest applicable estimate of the starting dose", "minimum", milligrams), smallest.dose.mg);
    let named = smallest.study.as_ref().map_or_else(|| smallest.system.clone(), |study| format!("{}, {study}", smallest.system));
    let method = format!("{} ({named})", smallest.method.label());
    let basis = entry("smallest_estimate_basis", "Method of the smallest applicable estimate", "minimum", Unit::Text);
    ledger.insert(&basis, FactValue::Text(method));
    if let Some((ratio, chosen)) = result.ratio(smallest).zip(result.chosen.as_ref()) {
        let origin = smallest.origin.clone().and(&chosen_origin(chosen));
        let label = "Chosen starting dose over the smallest applicable estimate";
        let over = Entry { origin: &origin, ..entry("chosen_over_smallest", label, "ratio", Unit::Dimensionless) };
        ledger.number(&over, ratio);
        let position =
            Entry { origin: &origin, ..entry("chosen_position", "Position of the chosen starting dose", "comparison", Unit::Text) };
        ledger.insert(&position, FactValue::Text(Position::of(ratio).label().to_owned()));
    }
}

fn notes(result: &StartingDoseResult) -> Notes {
    let mut notes = Ledger::notes();
    if result.chosen.as_ref().is_some_and(|chosen| chosen.from_project) {
        notes.datasets.push(PROJECT.to_owned());
    }
    let human = result.human;
    let scaling = match result.scaling {
        Scaling::BodySurface => "the same dose per m² of body surface",
        Scaling::BodyWeight => "the same dose per kg of body weight",
    };
    notes.methods.push(format!("Animal to human: {scaling}; reference adult of {} kg", human.weight_kg));
    if let Some(reason) = result.chosen.as_ref().and_then(|chosen| chosen.reason.as_ref()) {
        notes.methods.push(format!("Reason for the chosen dose: {}", reason.trim()));
    }
    notes.methods.extend(result.notes.iter().filter_map(note_words));
    notes.abbreviations = [
        "AUC24: area under the concentration-time curve over 24 h at steady state",
        "HNSTD: highest non-severely toxic dose",
        "Km: body-surface factor, kg/m²",
        "MABEL: minimally anticipated biological effect level",
        "MRSD: maximum recommended starting dose",
        "NOAEL: no observed adverse effect level",
        "STD10: dose severely toxic to 10% of the animals",
    ]
    .map(str::to_owned)
    .to_vec();
    notes
}

/// A note in words; a method that cannot be computed has a row of its own.
fn note_words(note: &Note) -> Option<String> {
    Some(match note {
        Note::FactorDeviates { name, stated, table } => {
            format!("The body-surface factor of the {name} is {stated} in the nonclinical file and {table} in the guidance [FDA-MRSD]")
        }
        Note::ChosenDiffers { project, package_mg } => {
            format!("The project file chooses {project}; the nonclinical file proposes {package_mg} mg")
        }
        Note::LowestLevelDiffers { chosen, lowest } => {
            format!("The lowest planned level is {lowest}; the chosen starting dose is {chosen}")
        }
        Note::SpeciesNotRelevant { study, species } => {
            format!("Study {study} was done in the {species}, which is not pharmacologically relevant")
        }
        Note::OnceDailyAssumed => "No dosing interval is known: exposure is predicted for one dose a day".to_owned(),
        Note::MethodMissing { .. } => return None,
    })
}
