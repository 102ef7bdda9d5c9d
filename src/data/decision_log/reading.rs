//! From the file to the log, with every fault that was found on the way.

use std::path::Path;

use polars::prelude::DataFrame;

use super::words::read_decision;
use super::{DECISION_LOG, DecisionLog, LoggedCohort, LoggedCount, LoggedDecision, UsedColumns};
use crate::config::{Dosage, EscalationSettings, Settings};
use crate::data::coerce::{self, DateCell, NumberCell};
use crate::data::conformance::codes::{DECISION_LOG_COLUMN, DECISION_LOG_EMPTY, DECISION_LOG_VALUE};
use crate::data::conformance::{Code, of_note};
use crate::data::dataset::printed;
use crate::data::format::{Kind, read_table};
use crate::data::nearest::nearest;
use crate::diagnostic::{Diagnostic, Severity, Warned};
use crate::quantity::{Date, Dose, DoseUnit};

/// Most patients that a count of the log may say.
const MOST_PATIENTS: f64 = 1000.0;

/// Reads the log of the project; `None` where the project names none, or nothing of it can be used.
///
/// Every fault is a diagnostic of dataset `DECISIONS` with column and row; rows that cannot be understood are left out of the value, and the
/// diagnostics stop the build unless the project file accepts them.
pub(in crate::data) fn read_decision_log(settings: &Settings) -> Warned<Option<DecisionLog>> {
    let named = settings.escalation.as_ref().and_then(|escalation: &EscalationSettings| escalation.decisions.as_deref());
    let Some(path) = named else { return Warned { value: None, diagnostics: Vec::new() } };
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let table = match read_table(path, &|_| Kind::Text) {
        Ok(table) => table,
        Err(error) => {
            let message = format!("{file}: {}", error.fault);
            let fault = Diagnostic::new(error.code(), Severity::Critical, message, error.hint());
            let rows = error.row().and_then(|row| u32::try_from(row).ok());
            return Warned { value: None, diagnostics: vec![placed(fault, path).in_rows(rows)] };
        }
    };
    let faults = table.notes.iter().map(|note| of_note(note, DECISION_LOG, &file, 0, &[])).collect();
    let mut reader = Reader { settings, path, cells: Cells::new(&table.frame), faults };
    let found = reader.columns();
    let cohorts = found.as_ref().map(|found| reader.cohorts(found)).unwrap_or_default();
    let value = found.filter(|_| !cohorts.is_empty()).map(|found| DecisionLog {
        file,
        format: table.format.label().to_owned(),
        sha256: table.sha256.clone(),
        columns: table.frame.width() as u64,
        used: found.used(&reader.cells),
        cohorts,
    });
    Warned { value, diagnostics: reader.faults }
}

fn placed(diagnostic: Diagnostic, path: &Path) -> Diagnostic {
    diagnostic.in_dataset(DECISION_LOG).in_file(path)
}

/// The cells of the file as text.
struct Cells {
    names: Vec<String>,
    columns: Vec<Vec<Option<String>>>,
    height: usize,
}

impl Cells {
    fn new(frame: &DataFrame) -> Self {
        let names = frame.columns().iter().map(|column| column.name().to_string()).collect();
        Self { names, columns: frame.columns().iter().map(printed).collect(), height: frame.height() }
    }

    fn find(&self, wanted: &[&str]) -> Option<usize> {
        wanted.iter().find_map(|wanted| self.names.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted)))
    }

    /// The text of a cell without blanks around it; `None` where there is none.
    fn text(&self, column: usize, row: usize) -> Option<&str> {
        let cell = self.columns.get(column)?.get(row)?.as_deref()?.trim();
        (!cell.is_empty()).then_some(cell)
    }
}

/// Where things stand in the file.
struct Found {
    cohort: Option<usize>,
    dosage: DosageColumn,
    date: Option<usize>,
    treated: Option<usize>,
    evaluable: usize,
    dlt: usize,
    cumulative: bool,
    decision: usize,
    overridden: Option<usize>,
    reason: Option<usize>,
    other_data: Option<usize>,
}

/// How a row names its dosage.
enum DosageColumn {
    /// By id, label or arm, or by a dose with its unit.
    Words(usize),
    /// By a number in the unit of the column's name.
    Amount(usize, DoseUnit),
}

impl DosageColumn {
    fn position(&self) -> usize {
        match self {
            Self::Words(column) | Self::Amount(column, _) => *column,
        }
    }
}

impl Found {
    fn used(&self, cells: &Cells) -> UsedColumns {
        let name = |column: usize| cells.names.get(column).cloned().unwrap_or_default();
        UsedColumns {
            dosage: name(self.dosage.position()),
            evaluable: name(self.evaluable),
            dlt: name(self.dlt),
            decision: name(self.decision),
            date: self.date.map(name),
            treated: self.treated.map(name),
            overridden: self.overridden.map(name),
            reason: self.reason.map(name),
            other_data: self.other_data.map(name),
        }
    }
}

struct Reader<'a> {
    settings: &'a Settings,
    path: &'a Path,
    cells: Cells,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn columns(&mut self) -> Option<Found> {
        let find = |wanted: &[&str]| self.cells.find(wanted);
        let amount = self.cells.names.iter().enumerate().find_map(|(column, name)| Some((column, unit_of_name(name)?)));
        let dosage = match (find(&["dosage", "dosage_id", "dose", "dose_level"]), amount) {
            (Some(column), _) => Some(DosageColumn::Words(column)),
            (None, Some((column, unit))) => Some(DosageColumn::Amount(column, unit)),
            (None, None) => None,
        };
        let pair = |n: &[&str], dlt: &[&str]| find(n).zip(find(dlt));
        let totals = pair(&["n_evaluable_cum", "evaluable_cum"], &["n_dlt_cum", "dlt_cum"]);
        let own = pair(&["n_evaluable", "evaluable", "n"], &["n_dlt", "dlt"]);
        let counts = totals.map(|counts| (counts, true)).or_else(|| own.map(|counts| (counts, false)));
        let decision = find(&["decision", "committee_decision", "decision_taken"]);
        let cohort = find(&["cohort", "cohort_number", "cohort_no"]);
        let (date, treated) = (find(&["date", "decision_date"]), find(&["n_treated", "treated"]));
        let (overridden, reason) = (find(&["override", "overridden"]), find(&["override_reason", "reason"]));
        let other_data = find(&["other_data", "other_data_used"]);
        let mut absent = Vec::new();
        if dosage.is_none() {
            absent.push("the dosage: `dosage`, `dose` or `dose_mg`");
        }
        if counts.is_none() {
            absent.push("the counts: `n_evaluable_cum` with `n_dlt_cum`, or `n_evaluable` with `n_dlt`");
        }
        if decision.is_none() {
            absent.push("the decision: `decision`");
        }
        for what in &absent {
            let message = format!("the decision log has no column of {what}; it has {}", self.cells.names.join(", "));
            self.fault(&DECISION_LOG_COLUMN, None, None, message, "name the columns so, and write one row per cohort");
        }
        if self.cells.height == 0 {
            let message = "the decision log has columns and no rows";
            self.fault(&DECISION_LOG_EMPTY, None, None, message.to_owned(), "write one row per cohort, or remove `escalation.decisions`");
        }
        let ((evaluable, dlt), cumulative) = counts?;
        let (dosage, decision) = (dosage?, decision?);
        Some(Found { cohort, dosage, date, treated, evaluable, dlt, cumulative, decision, overridden, reason, other_data })
    }

    fn cohorts(&mut self, found: &Found) -> Vec<LoggedCohort> {
        let mut totals: Vec<LoggedCount> = vec![LoggedCount::default(); self.settings.dosages.len()];
        let mut cohorts: Vec<LoggedCohort> = Vec::new();
        for row in 0..self.cells.height {
            let Some(cohort) = self.cohort(found, row, &mut totals) else { continue };
            if let Some((earlier, date)) = cohorts.iter().rev().find_map(|earlier| earlier.date).zip(cohort.date).filter(|(a, b)| a > b) {
                let message = format!("the decision of {date} stands below that of {earlier}");
                self.fault(
                    &DECISION_LOG_VALUE,
                    found.date,
                    Some(row),
                    message,
                    "order the rows by the date of the decision, or correct the date",
                );
            }
            cohorts.push(cohort);
        }
        cohorts
    }

    fn cohort(&mut self, found: &Found, row: usize, totals: &mut [LoggedCount]) -> Option<LoggedCohort> {
        let dosage = self.dosage(&found.dosage, row);
        let n = self.count(found.evaluable, row);
        let dlt = self.count(found.dlt, row);
        let treated = found.treated.and_then(|column| self.optional_count(column, row));
        let date = found.date.and_then(|column| self.date(column, row));
        let decision = self.decision(found.decision, row);
        let overridden = found.overridden.and_then(|column| self.yes_or_no(column, row));
        let (dosage, n, dlt, decision) = (dosage?, n?, dlt?, decision?);
        if dlt > n {
            let message = format!("{dlt} patients with a dose-limiting toxicity among {n} evaluable is impossible");
            self.fault(&DECISION_LOG_VALUE, Some(found.dlt), Some(row), message, "correct the counts");
            return None;
        }
        let before = totals.get(dosage).copied().unwrap_or_default();
        let (own, total) = if found.cumulative {
            if n < before.n || dlt < before.dlt {
                let message = format!("the totals at the dosage fall from {} of {} to {dlt} of {n}", before.dlt, before.n);
                let hint = "totals at a dosage do not fall: correct them, or write the counts of each cohort as `n_evaluable` and `n_dlt`";
                self.fault(&DECISION_LOG_VALUE, Some(found.evaluable), Some(row), message, hint);
                return None;
            }
            (LoggedCount { n: n - before.n, dlt: dlt - before.dlt }, LoggedCount { n, dlt })
        } else {
            (LoggedCount { n, dlt }, LoggedCount { n: before.n + n, dlt: before.dlt + dlt })
        };
        if let Some(held) = totals.get_mut(dosage) {
            *held = total;
        }
        let words = |column: Option<usize>| column.and_then(|column| self.cells.text(column, row)).map(str::to_owned);
        Some(LoggedCohort {
            row: u32::try_from(row + 1).unwrap_or(u32::MAX),
            cohort: words(found.cohort).unwrap_or_else(|| (row + 1).to_string()),
            dosage,
            date,
            treated,
            own,
            total,
            decision,
            overridden,
            reason: words(found.reason),
            other_data: words(found.other_data),
        })
    }

    fn dosage(&mut self, column: &DosageColumn, row: usize) -> Option<usize> {
        let position = column.position();
        let Some(text) = self.cells.text(position, row).map(str::to_owned) else {
            self.fault(&DECISION_LOG_VALUE, Some(position), Some(row), "the dosage is blank".to_owned(), "write the dosage of the cohort");
            return None;
        };
        let dose = match column {
            DosageColumn::Amount(_, unit) => text.parse().ok().and_then(|amount| Dose::new(amount, *unit).ok()),
            DosageColumn::Words(_) => text.parse::<Dose>().ok(),
        };
        let of_drug = |(index, dosage): (usize, &Dosage)| (!dosage.comparator).then_some((index, dosage.clone()));
        let dosages: Vec<(usize, Dosage)> = self.settings.dosages.iter().enumerate().filter_map(of_drug).collect();
        let named = |dosage: &Dosage| {
            let same = |name: &String| name.eq_ignore_ascii_case(&text);
            same(&dosage.id) || same(&dosage.label) || dosage.arms.iter().any(same)
        };
        let by_dose = |dosage: &Dosage| dose.is_some_and(|dose| dosage.dose.is_some_and(|own| same_dose(own, dose)));
        let mut matching: Vec<&(usize, Dosage)> = dosages.iter().filter(|(_, dosage)| named(dosage)).collect();
        if matching.is_empty() {
            matching = dosages.iter().filter(|(_, dosage)| by_dose(dosage)).collect();
        }
        let hint = "write the id of the dosage in the project file";
        match matching[..] {
            [(index, _)] => Some(*index),
            [] => {
                let ids: Vec<&str> = dosages.iter().map(|(_, dosage)| dosage.id.as_str()).collect();
                let near = nearest(&text, ids.iter().copied(), 1);
                let close = near.first().map(|near| format!("; the nearest is `{near}`")).unwrap_or_default();
                let message = format!("`{text}` is none of the dosages of the drug: {}{close}", ids.join(", "));
                self.fault(&DECISION_LOG_VALUE, Some(position), Some(row), message, hint);
                None
            }
            _ => {
                let ids: Vec<&str> = matching.iter().map(|(_, dosage)| dosage.id.as_str()).collect();
                let message = format!("`{text}` fits several dosages: {}", ids.join(", "));
                self.fault(&DECISION_LOG_VALUE, Some(position), Some(row), message, "name the dosage by its id in a column `dosage`");
                None
            }
        }
    }

    fn count(&mut self, column: usize, row: usize) -> Option<u32> {
        if self.cells.text(column, row).is_none() {
            self.fault(&DECISION_LOG_VALUE, Some(column), Some(row), "the count is blank".to_owned(), "write the number of patients");
            return None;
        }
        self.optional_count(column, row)
    }

    fn optional_count(&mut self, column: usize, row: usize) -> Option<u32> {
        let text = self.cells.text(column, row)?.to_owned();
        match coerce::number(&text, &self.settings.data.missing_codes) {
            NumberCell::Number(value) if value.fract().abs() < f64::EPSILON && (0.0..=MOST_PATIENTS).contains(&value) => Some(value as u32),
            _ => {
                let message = format!("`{text}` is not a number of patients");
                self.fault(&DECISION_LOG_VALUE, Some(column), Some(row), message, "write a whole number from 0 to 1000");
                None
            }
        }
    }

    fn date(&mut self, column: usize, row: usize) -> Option<Date> {
        let text = self.cells.text(column, row)?.to_owned();
        match coerce::date(&text, &self.settings.data.missing_codes) {
            DateCell::Date(date) => Some(date),
            DateCell::Blank | DateCell::MissingCode => None,
            DateCell::Partial | DateCell::Bad => {
                let message = format!("`{text}` is not a date");
                self.fault(&DECISION_LOG_VALUE, Some(column), Some(row), message, "write the date as 2024-03-01");
                None
            }
        }
    }

    fn decision(&mut self, column: usize, row: usize) -> Option<LoggedDecision> {
        let text = self.cells.text(column, row).unwrap_or_default().to_owned();
        let decision = read_decision(&text);
        if decision.is_none() {
            let message =
                if text.is_empty() { "the decision is blank".to_owned() } else { format!("`{text}` is not understood as a decision") };
            self.fault(
                &DECISION_LOG_VALUE,
                Some(column),
                Some(row),
                message,
                "write escalate, stay, de-escalate, eliminate or stop, and more if needed",
            );
        }
        decision
    }

    fn yes_or_no(&mut self, column: usize, row: usize) -> Option<bool> {
        let text = self.cells.text(column, row)?.to_owned();
        match text.to_lowercase().as_str() {
            "y" | "yes" | "true" | "1" => Some(true),
            "n" | "no" | "false" | "0" => Some(false),
            _ => {
                let message = format!("`{text}` is neither Y nor N");
                self.fault(
                    &DECISION_LOG_VALUE,
                    Some(column),
                    Some(row),
                    message,
                    "write Y where the decision departed from the rule, otherwise N",
                );
                None
            }
        }
    }

    fn fault(&mut self, code: &Code, column: Option<usize>, row: Option<usize>, message: String, hint: &str) {
        let mut fault = placed(Diagnostic::new(code.name, code.severity, message, hint), self.path);
        if let Some(name) = column.and_then(|column| self.cells.names.get(column)) {
            fault = fault.in_column(name.clone());
        }
        self.faults.push(fault.in_rows(row.and_then(|row| u32::try_from(row + 1).ok())));
    }
}

/// The unit in a column's name: `dose_mg`, `dose_mg_kg`, `dose_mg_per_m2`.
fn unit_of_name(name: &str) -> Option<DoseUnit> {
    let name = name.trim().to_lowercase();
    let unit = name.strip_prefix("dose_")?.replace("_per_", "/").replace('_', "/");
    DoseUnit::parse(&unit)
}

fn same_dose(own: Dose, written: Dose) -> bool {
    written.amount_in(own.unit()).is_some_and(|amount| (amount - own.amount()).abs() <= 1e-9 * own.amount())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_in_the_names_of_columns() {
        assert_eq!(unit_of_name("DOSE_MG").map(DoseUnit::label), DoseUnit::parse("mg").map(DoseUnit::label));
        assert_eq!(unit_of_name("dose_mg_kg").map(DoseUnit::label), DoseUnit::parse("mg/kg").map(DoseUnit::label));
        assert!(unit_of_name("dose_per_cycle").is_none() && unit_of_name("dosage").is_none());
    }
}
