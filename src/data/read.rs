//! From the data folder to checked datasets.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::column::{self, ColumnKind, USUBJID};
use super::conformance::codes::{ADSL_ABSENT, DATASET_EMPTY, FILE_NOT_USED, NAME_CONTRADICTS_FILE, SUBJECT_COLUMN_ABSENT};
use super::conformance::{accept, check, of_note, other_than_named};
use super::dataset::{Dataset, DatasetFile, Segment, TrialData};
use super::decision_log::read_decision_log;
use super::discover::{Candidate, Claim, discover};
use super::error::DataError;
use super::exposure_import::read_imported_exposures;
use super::format::{Kind, RawTable, ReadError, read_table};
use super::mapping::{self, Mapped};
use super::name::DatasetName;
use super::stack::{Piece, stack, without_copies};
use super::subjects_from::{number_subjects, take_subjects};
use crate::config::{DataSettings, Project};
use crate::diagnostic::{Diagnostic, Severity, Warned};

/// Reads every dataset of the project and checks it.
///
/// # Errors
/// [`DataError`] with everything that was found, when a part of it stops the build: files that cannot be read, faults of the data that the
/// project file does not accept, and names in the project file that the data do not have.
pub fn read_trial(project: &Project) -> Result<Warned<TrialData>, DataError> {
    let settings = &project.settings;
    let decisions = settings.escalation.as_ref().and_then(|escalation| escalation.decisions.as_deref());
    let nonclinical = settings.starting_dose.as_ref().and_then(|starting| starting.nonclinical.as_deref());
    let imported = settings.pk.imported_exposures.iter().map(|table| table.file.as_path());
    let elsewhere: Vec<&Path> = [decisions, nonclinical].into_iter().flatten().chain(imported).collect();
    let Warned { value: mut data, mut diagnostics } = read_files(&settings.data, &elsewhere);
    diagnostics.extend(number_subjects(&mut data, project));
    diagnostics.extend(take_subjects(&mut data, project));
    let tables = read_imported_exposures(&data, settings);
    data.imported_exposures = tables.value;
    diagnostics.extend(tables.diagnostics);
    let log = read_decision_log(settings);
    data.decisions = log.value;
    diagnostics.extend(log.diagnostics);
    diagnostics.extend(required(&data));
    diagnostics.extend(mapping::faults(project, &data.datasets));
    diagnostics.extend(check(&data, project));
    accept(&mut diagnostics, project);
    name_files(&mut diagnostics, &data.files);
    sort(&mut diagnostics);
    Ok(Warned { diagnostics: DataError::of(diagnostics)?, value: data })
}

/// The datasets of the data folder, and what was seen on the way to them.
fn read_files(settings: &DataSettings, elsewhere: &[&Path]) -> Warned<TrialData> {
    let mut reading = Reading::default();
    // Read side by side, taken in the order of the files.
    let tables: Vec<(Candidate, Option<Result<RawTable, ReadError>>)> = discover(settings, elsewhere)
        .into_par_iter()
        .map(|candidate| {
            let table = (candidate.claim != Claim::Unknown).then(|| read(&candidate, settings));
            (candidate, table)
        })
        .collect();
    for (candidate, table) in tables {
        reading.take(candidate, table, settings);
    }
    let value = reading.assembled(settings);
    Warned { value, diagnostics: reading.diagnostics }
}

/// Reads one file; columns that the registry calls numbers are read as numbers.
fn read(candidate: &Candidate, settings: &DataSettings) -> Result<RawTable, ReadError> {
    let (name, mapped) = match candidate.claim {
        Claim::Dataset(name) => (Some(name), mapping::mapped(settings, name)),
        Claim::AskInside | Claim::Unknown => (None, Mapped::new()),
    };
    let expect = |actual: &str| {
        let standard = mapped.iter().find(|(_, mapped)| mapped.eq_ignore_ascii_case(actual)).map_or(actual, |(standard, _)| standard);
        match name.map(|name| column::kind(name, standard)) {
            Some(ColumnKind::Number | ColumnKind::Grade) => Kind::Number,
            _ => Kind::Text,
        }
    };
    read_table(&candidate.path, &expect)
}

/// Files as they come in.
#[derive(Debug, Default)]
struct Reading {
    pieces: BTreeMap<DatasetName, Vec<(Piece, DatasetFile, RawNotes)>>,
    diagnostics: Vec<Diagnostic>,
}

type RawNotes = Vec<super::format::ReadNote>;

impl Reading {
    /// Takes one file in: as a piece of a dataset, as a fault, or as a file that is not used.
    fn take(&mut self, candidate: Candidate, table: Option<Result<RawTable, ReadError>>, settings: &DataSettings) {
        let name = match (candidate.claim, &table) {
            (Claim::Dataset(name), _) => Some(name),
            (Claim::AskInside, Some(Ok(table))) => table.name.as_deref().and_then(DatasetName::of_stem),
            _ => None,
        };
        match (name, table) {
            (Some(name), Some(Ok(table))) => self.take_table(name, candidate, table, settings),
            (Some(name), Some(Err(error))) => self.diagnostics.push(unreadable(name, &candidate, &error)),
            (_, table) => self.diagnostics.push(not_used(&candidate, table.as_ref())),
        }
    }

    fn take_table(&mut self, name: DatasetName, candidate: Candidate, table: RawTable, settings: &DataSettings) {
        if let Some(inside) = table.name.as_deref().filter(|inside| DatasetName::of_stem(inside).is_some_and(|inside| inside != name)) {
            self.diagnostics.push(misnamed(name, &candidate, inside));
        }
        let rows = table.frame.height();
        let segments = vec![Segment { stem: candidate.stem.clone(), rows }];
        let columns = table.frame.width() as u64;
        let dataset = Dataset::new(name, table.frame, segments, settings.missing_codes.clone()).with_labels(table.labels);
        let mapped = mapping::present(&mapping::mapped(settings, name), &dataset);
        let dataset = dataset.with_mapped(mapped);
        if let Some((other, columns)) = other_than_named(&dataset) {
            self.diagnostics.push(unlike_name(name, &candidate, other, &columns));
        }
        let file = DatasetFile {
            dataset: name,
            path: candidate.path,
            file: candidate.file.clone(),
            format: table.format.label().to_owned(),
            rows: rows as u64,
            first_row: 1,
            columns,
            subjects: dataset.coded(USUBJID).map(|subjects| subjects.levels.len() as u64),
            sha256: table.sha256,
        };
        self.pieces.entry(name).or_default().push((Piece { file: candidate.file, dataset }, file, table.notes));
    }

    /// The datasets of all pieces.
    fn assembled(&mut self, settings: &DataSettings) -> TrialData {
        let mut data = TrialData::default();
        for (name, parts) in std::mem::take(&mut self.pieces) {
            let mut files: Vec<(DatasetFile, RawNotes)> = Vec::new();
            let mut pieces = Vec::new();
            for (piece, file, notes) in parts {
                pieces.push(piece);
                files.push((file, notes));
            }
            let (kept, copies) = without_copies(name, pieces);
            self.diagnostics.extend(copies);
            let used: Vec<String> = kept.iter().map(|piece| piece.file.clone()).collect();
            files.retain(|(file, _)| used.contains(&file.file));
            let (stacked, remarks) = stack(name, kept);
            self.diagnostics.extend(remarks);
            let Some(dataset) = stacked else { continue };
            let mapped = mapping::present(&mapping::mapped(settings, name), &dataset);
            let dataset = dataset.with_mapped(mapped);
            self.note_files(&dataset, files, &mut data.files);
            data.datasets.insert(name, dataset);
        }
        data.absent = DatasetName::absent(|name| data.datasets.contains_key(&name));
        data
    }

    /// Puts the files of a dataset into `list` with the rows at which they begin, and what their readers remarked into the diagnostics.
    fn note_files(&mut self, dataset: &Dataset, files: Vec<(DatasetFile, RawNotes)>, list: &mut Vec<DatasetFile>) {
        let mut first_row = 1;
        let mut subjects = Vec::new();
        for (file, notes) in files {
            if subjects.is_empty() && !notes.is_empty() {
                subjects = dataset.texts(USUBJID).unwrap_or_default();
            }
            let offset = usize::try_from(first_row - 1).unwrap_or(usize::MAX);
            for note in &notes {
                let own = subjects.get(offset..).unwrap_or_default();
                self.diagnostics.push(of_note(note, dataset.name().label(), &file.file, offset, own));
            }
            let rows = file.rows;
            list.push(DatasetFile { first_row, ..file });
            first_row += rows;
        }
    }
}

fn unreadable(name: DatasetName, candidate: &Candidate, error: &ReadError) -> Diagnostic {
    let message = format!("{}: {}", candidate.file, error.fault);
    let diagnostic = Diagnostic::new(error.code(), Severity::Critical, message, error.hint())
        .in_dataset(name.label())
        .in_file(&candidate.file)
        .in_rows(error.row().and_then(|row| u32::try_from(row).ok()));
    match error.column() {
        Some(column) => diagnostic.in_column(column),
        None => diagnostic,
    }
}

fn not_used(candidate: &Candidate, table: Option<&Result<RawTable, ReadError>>) -> Diagnostic {
    let why = match table {
        Some(Ok(RawTable { name: Some(inside), .. })) => format!("holds {inside}, which is none of the known datasets"),
        Some(Err(error)) => format!("is not used: {}", error.fault),
        _ => "is none of the known datasets".to_owned(),
    };
    let hint = "if it is one of them under another name, say which under `data.datasets`";
    Diagnostic::new(FILE_NOT_USED.name, FILE_NOT_USED.severity, format!("{} {why}", candidate.file), hint).in_file(&candidate.file)
}

fn misnamed(name: DatasetName, candidate: &Candidate, inside: &str) -> Diagnostic {
    let message = format!("{} is taken for {name} by its name, but says of itself that it is {inside}", candidate.file);
    let hint = "a file was probably saved under the wrong name: restore the right one, or rename it";
    Diagnostic::new(NAME_CONTRADICTS_FILE.name, NAME_CONTRADICTS_FILE.severity, message, hint)
        .in_dataset(name.label())
        .in_file(&candidate.file)
}

fn unlike_name(name: DatasetName, candidate: &Candidate, other: DatasetName, columns: &[&str]) -> Diagnostic {
    let message =
        format!("{} is taken for {name} by its name, but its columns are those of {other}: {}", candidate.file, columns.join(", "));
    let hint = "a file was probably saved under the wrong name: restore the right one, or rename it";
    Diagnostic::new(NAME_CONTRADICTS_FILE.name, NAME_CONTRADICTS_FILE.severity, message, hint)
        .in_dataset(name.label())
        .in_file(&candidate.file)
}

/// What no analysis can do without.
fn required(data: &TrialData) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if data.get(DatasetName::Adsl).is_none() {
        let message = "there is no subject-level dataset (ADSL) in the data folder";
        let hint = "put adsl.csv, adsl.parquet or adsl.xpt there, or name the file under `data.datasets.adsl`";
        found.push(Diagnostic::new(ADSL_ABSENT.name, ADSL_ABSENT.severity, message, hint).in_dataset(DatasetName::Adsl.label()));
    }
    for (name, dataset) in &data.datasets {
        if !dataset.has(USUBJID) {
            let message = format!("{name} has no column {USUBJID}");
            let hint = format!("name the column of the subject identifier under `data.columns.{}.subject`", name.id());
            let diagnostic = Diagnostic::new(SUBJECT_COLUMN_ABSENT.name, SUBJECT_COLUMN_ABSENT.severity, message, hint);
            found.push(diagnostic.in_dataset(name.label()).in_column(USUBJID));
        }
        if dataset.height() == 0 {
            let severity = if *name == DatasetName::Adsl { Severity::Critical } else { DATASET_EMPTY.severity };
            let hint = "a dataset without records is possible, but more often an export has failed";
            let diagnostic = Diagnostic::new(DATASET_EMPTY.name, severity, format!("{name} has columns and no rows"), hint);
            found.push(diagnostic.in_dataset(name.label()));
        }
    }
    found
}

/// Names the file of each diagnostic whose rows all come from one, or that speaks of all rows of a dataset in one file.
pub fn name_files(diagnostics: &mut [Diagnostic], files: &[DatasetFile]) {
    for diagnostic in diagnostics {
        name_file(diagnostic, files);
    }
}

fn name_file(diagnostic: &mut Diagnostic, files: &[DatasetFile]) {
    let of_dataset: Vec<&DatasetFile> = files.iter().filter(|file| diagnostic.dataset.as_deref() == Some(file.dataset.label())).collect();
    let concerned = |file: &&&DatasetFile| {
        let rows = file.first_row..file.first_row + file.rows;
        match &diagnostic.file {
            Some(named) => named.to_str() == Some(&file.file),
            None => diagnostic.rows.is_empty() || diagnostic.rows.iter().any(|row| rows.contains(&u64::from(*row))),
        }
    };
    let mut candidates = of_dataset.iter().filter(concerned);
    if let (Some(file), None) = (candidates.next(), candidates.next()) {
        let first_row = if of_dataset.len() > 1 && !diagnostic.rows.is_empty() { u32::try_from(file.first_row).ok() } else { None };
        diagnostic.file = Some(file.file.clone().into());
        diagnostic.first_row = first_row;
    }
}

/// The most severe first; then by dataset, code and column.
fn sort(diagnostics: &mut [Diagnostic]) {
    let order =
        |label: Option<&String>| label.map(|label| DatasetName::ALL.iter().position(|name| name.label() == label).unwrap_or(usize::MAX));
    diagnostics.sort_by(|a, b| {
        let key = |diagnostic: &Diagnostic| (diagnostic.severity, order(diagnostic.dataset.as_ref()), diagnostic.code);
        key(a).cmp(&key(b)).then_with(|| (&a.column, &a.file, &a.message).cmp(&(&b.column, &b.file, &b.message)))
    });
}
