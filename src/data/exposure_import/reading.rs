//! From the files to the values of each subject, with every fault that was found on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::nonmem::{TextTable, is_table_file, read_table_file};
use super::subjects::{Meant, SubjectKeys};
use super::{ImportedExposure, ImportedTable};
use crate::config::{ImportedExposures, PopulationSoftware, RepeatedRows, Settings};
use crate::data::coerce::{self, NumberCell};
use crate::data::conformance::codes::{
    EXPOSURE_IMPORT_COLUMN, EXPOSURE_IMPORT_MISSING, EXPOSURE_IMPORT_STRANGER, EXPOSURE_IMPORT_UNREADABLE, EXPOSURE_IMPORT_VALUE,
    EXPOSURE_IMPORT_VARIES,
};
use crate::data::conformance::{Code, of_note};
use crate::data::dataset::{TrialData, printed};
use crate::data::format::{Kind, read_table};
use crate::data::nearest::nearest;
use crate::diagnostic::{Diagnostic, Severity, Warned};

/// Reads every table of the project and finds its subjects in ADSL.
pub(in crate::data) fn read_imported_exposures(data: &TrialData, settings: &Settings) -> Warned<Vec<ImportedTable>> {
    let (mut tables, mut diagnostics) = (Vec::new(), Vec::new());
    for asked in &settings.pk.imported_exposures {
        let mut reader = Reader { asked, settings, faults: Vec::new() };
        tables.extend(reader.table(data));
        diagnostics.extend(reader.faults);
    }
    Warned { value: tables, diagnostics }
}

/// A file with its cells as text.
struct Cells {
    table: TextTable,
    format: String,
    sha256: String,
}

struct Reader<'a> {
    asked: &'a ImportedExposures,
    settings: &'a Settings,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn fault(&mut self, code: &Code, message: String, hint: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code.name, code.severity, message, hint).in_dataset(self.asked.dataset()).in_file(&self.asked.file)
    }

    fn table(&mut self, data: &TrialData) -> Option<ImportedTable> {
        let cells = self.cells()?;
        let subject = self.column(&cells.table, &self.asked.subject.column.clone())?;
        let metrics: Vec<(String, usize)> = self
            .asked
            .metrics
            .iter()
            .map(|(code, metric)| (code.clone(), metric.column.clone().unwrap_or_else(|| code.clone())))
            .filter_map(|(code, column)| Some((code, self.column(&cells.table, &column)?)))
            .collect();
        let Some(keys) = SubjectKeys::new(data, self.asked.subject.matches) else {
            // Where ADSL itself is absent, that is told elsewhere.
            let message = format!("ADSL has no {}, by which the subjects of the table are found", self.asked.subject.matches.label());
            let hint = "write another `subject.matches`, or the column of ADSL under `data.columns.adsl`";
            let fault = self.fault(&EXPOSURE_IMPORT_COLUMN, message, hint);
            self.faults.push(fault);
            return None;
        };
        let of_row = self.subjects(&cells.table, subject, &keys);
        let exposures: Vec<ImportedExposure> =
            metrics.into_iter().map(|(code, column)| self.exposure(&cells.table, code, column, &of_row)).collect();
        self.without_rows(&of_row, &keys, data);
        let different: BTreeSet<&str> = cells.table.rows.iter().filter_map(|row| row.get(subject)).map(|text| text.trim()).collect();
        Some(ImportedTable {
            id: self.asked.id.clone(),
            dataset: self.asked.dataset(),
            file: file_name(&self.asked.file),
            format: cells.format,
            sha256: cells.sha256,
            rows: cells.table.rows.len() as u64,
            columns: cells.table.names.len() as u64,
            subjects: different.len() as u64,
            subject_column: cells.table.names.get(subject).cloned().unwrap_or_default(),
            exposures,
        })
    }

    fn cells(&mut self) -> Option<Cells> {
        let path = &self.asked.file;
        if self.asked.software == PopulationSoftware::Nonmem
            && let Ok(bytes) = std::fs::read(path)
            && let Ok(text) = std::str::from_utf8(&bytes)
            && (is_table_file(text) || !text.lines().next().unwrap_or_default().contains([',', ';', '\t']))
        {
            return match read_table_file(text) {
                Ok(table) => {
                    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                    Some(Cells { table, format: "NONMEM table".to_owned(), sha256 })
                }
                Err(fault) => {
                    let told = self.fault(&EXPOSURE_IMPORT_UNREADABLE, format!("{}: {fault}", file_name(path)), fault.hint());
                    self.faults.push(told);
                    None
                }
            };
        }
        match read_table(path, &|_| Kind::Text) {
            Ok(table) => {
                let dataset = self.asked.dataset();
                self.faults.extend(table.notes.iter().map(|note| of_note(note, &dataset, &file_name(path), 0, &[])));
                let names = table.frame.columns().iter().map(|column| column.name().to_string()).collect();
                let columns: Vec<Vec<Option<String>>> = table.frame.columns().iter().map(printed).collect();
                let cell = |column: &Vec<Option<String>>, row: usize| column.get(row).cloned().flatten().unwrap_or_default();
                let rows = (0..table.frame.height()).map(|row| columns.iter().map(|column| cell(column, row)).collect()).collect();
                Some(Cells { table: TextTable { names, rows }, format: table.format.label().to_owned(), sha256: table.sha256 })
            }
            Err(error) => {
                let rows = error.row().and_then(|row| u32::try_from(row).ok());
                let told = self.fault(&EXPOSURE_IMPORT_UNREADABLE, format!("{}: {}", file_name(path), error.fault), error.hint());
                self.faults.push(told.in_rows(rows));
                None
            }
        }
    }

    fn column(&mut self, table: &TextTable, wanted: &str) -> Option<usize> {
        let found = table.names.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted.trim()));
        if found.is_none() {
            let near = nearest(wanted, table.names.iter().map(String::as_str), 2);
            let near = if near.is_empty() { String::new() } else { format!("; the nearest are {}", near.join(", ")) };
            let message = format!("{} has no column `{wanted}`; it has {}", file_name(&self.asked.file), table.names.join(", "));
            let hint = format!("write the column as the file has it{near}");
            let fault = self.fault(&EXPOSURE_IMPORT_COLUMN, message, hint);
            self.faults.push(fault.in_column(wanted));
        }
        found
    }

    /// The subject of ADSL of each row.
    fn subjects(&mut self, table: &TextTable, column: usize, keys: &SubjectKeys) -> Vec<Option<String>> {
        let (mut of_row, mut rows) = (Vec::new(), Vec::new());
        let (mut nobody, mut several): (BTreeSet<String>, BTreeSet<String>) = (BTreeSet::new(), BTreeSet::new());
        let mut known: BTreeSet<String> = BTreeSet::new();
        for (index, row) in table.rows.iter().enumerate() {
            let identifier = row.get(column).map(|text| text.trim()).unwrap_or_default();
            let found = keys.find(identifier);
            if let Meant::One(usubjid) = found {
                known.insert(usubjid.to_owned());
                of_row.push(Some(usubjid.to_owned()));
                continue;
            }
            if found == Meant::Several { &mut several } else { &mut nobody }.insert(identifier.to_owned());
            rows.push(row_number(index));
            of_row.push(None);
        }
        if !rows.is_empty() {
            let by = self.asked.subject.matches.label();
            let clash = if several.is_empty() { String::new() } else { format!("; {} fit several subjects", several.len()) };
            let told = nobody.len() + several.len();
            let message = format!(
                "{told} of {} subjects of the table are not found in ADSL by {by} ({} rows){clash}",
                told + known.len(),
                rows.len()
            );
            let hint =
                "their exposures are not used; check `subject.column` and `subject.matches`, and that identifiers are written in full";
            let mut fault = self.fault(&EXPOSURE_IMPORT_STRANGER, message, hint);
            if known.is_empty() {
                fault.severity = Severity::Critical;
            }
            let subject_column = table.names.get(column).cloned().unwrap_or_default();
            self.faults.push(fault.in_column(subject_column).in_rows(rows).of_subjects(nobody.into_iter().chain(several)));
        }
        of_row
    }

    /// One value per subject.
    fn exposure(&mut self, table: &TextTable, code: String, column: usize, of_row: &[Option<String>]) -> ImportedExposure {
        let name = table.names.get(column).cloned().unwrap_or_default();
        let mut values: BTreeMap<String, (u32, f64)> = BTreeMap::new();
        let mut bad: Vec<(u32, String)> = Vec::new();
        let mut varying: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (index, (row, subject)) in table.rows.iter().zip(of_row).enumerate() {
            let (Some(subject), Some(text)) = (subject, row.get(column)) else { continue };
            let value = match coerce::number(text, &self.settings.data.missing_codes) {
                NumberCell::Number(value) => value,
                NumberCell::Blank | NumberCell::MissingCode => continue,
                _ => {
                    bad.push((row_number(index), subject.clone()));
                    continue;
                }
            };
            let here = (row_number(index), value);
            match (values.get(subject).copied(), self.asked.repeated) {
                (None, _) | (Some(_), RepeatedRows::Last) => {
                    values.insert(subject.clone(), here);
                }
                (Some((first, held)), RepeatedRows::Constant) if !same(held, value) => {
                    varying.entry(subject.clone()).or_insert_with(|| vec![first]).push(here.0);
                }
                _ => {}
            }
        }
        self.odd_values(&name, bad);
        self.varying_values(&name, varying);
        ImportedExposure { code, column: name, values }
    }

    fn odd_values(&mut self, column: &str, bad: Vec<(u32, String)>) {
        if bad.is_empty() {
            return;
        }
        let message = format!("{} cells of {column} are no finite numbers; they count as missing", bad.len());
        let fault =
            self.fault(&EXPOSURE_IMPORT_VALUE, message, "correct the cells, or add the text that means missing to `data.missing_codes`");
        let (rows, subjects): (Vec<u32>, Vec<String>) = bad.into_iter().unzip();
        self.faults.push(fault.in_column(column).in_rows(rows).of_subjects(subjects));
    }

    fn varying_values(&mut self, column: &str, varying: BTreeMap<String, Vec<u32>>) {
        if varying.is_empty() {
            return;
        }
        let message =
            format!("{column} differs between the rows of {} subjects, and the project file does not say which counts", varying.len());
        let hint = "write `repeated: first` or `repeated: last`, or a table with one value per subject";
        let fault = self.fault(&EXPOSURE_IMPORT_VARIES, message, hint);
        let rows: Vec<u32> = varying.values().flatten().copied().collect();
        self.faults.push(fault.in_column(column).in_rows(rows).of_subjects(varying.into_keys()));
    }

    /// Subjects of ADSL whom the table does not name.
    fn without_rows(&mut self, of_row: &[Option<String>], keys: &SubjectKeys, data: &TrialData) {
        let named: BTreeSet<&str> = of_row.iter().flatten().map(String::as_str).collect();
        let absent: Vec<String> = keys.all.iter().filter(|subject| !named.contains(subject.as_str())).cloned().collect();
        if absent.is_empty() || data.datasets.is_empty() {
            return;
        }
        let message =
            format!("{} of {} subjects of ADSL have no row in the table; they have no exposure from it", absent.len(), keys.all.len());
        let hint = "customary for subjects without samples or without the drug; check that the table is complete";
        let fault = self.fault(&EXPOSURE_IMPORT_MISSING, message, hint);
        self.faults.push(fault.of_subjects(absent));
    }
}

/// Whether two printed numbers are the same value: tables print five digits.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

fn row_number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
