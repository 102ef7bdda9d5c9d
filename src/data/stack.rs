//! Files of one dataset to one dataset: copies are told from parts, and parts are put under one another.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};

use super::column::{ADT, AEDECOD, AETERM, ASTDT, ATPT, AVISIT, EXTRT, PARAM, PARAMCD, USUBJID, VISIT};
use super::conformance::codes::{COLUMNS_UNITED, DATASET_STACKED, DATASET_TWICE};
use super::dataset::{Dataset, Segment, printed};
use super::name::DatasetName;
use crate::diagnostic::Diagnostic;

/// One file of a dataset.
#[derive(Debug)]
pub(super) struct Piece {
    /// The file relative to the data folder.
    pub(super) file: String,
    /// Its rows and columns.
    pub(super) dataset: Dataset,
}

/// Columns that tell records apart in every format alike: texts and dates.
const SIGNATURE: [&str; 10] = [USUBJID, PARAMCD, PARAM, AEDECOD, AETERM, EXTRT, AVISIT, VISIT, ATPT, ADT];

/// Share of the records of the smaller file that the other holds too, from which one is a copy of the other.
const COPY_SHARE: f64 = 0.5;

/// The pieces without those that repeat an earlier one, and a `dataset-twice` for each that does.
pub(super) fn without_copies(name: DatasetName, pieces: Vec<Piece>) -> (Vec<Piece>, Vec<Diagnostic>) {
    let mut kept: Vec<Piece> = Vec::new();
    let mut found = Vec::new();
    for piece in pieces {
        let copy = kept.iter().find_map(|earlier| Some((earlier, shared(&earlier.dataset, &piece.dataset)?)));
        match copy {
            Some((earlier, shared)) => found.push(twice(name, earlier, &piece, shared)),
            None => kept.push(piece),
        }
    }
    (kept, found)
}

/// How many records two files share, if that makes one a copy of the other.
fn shared(first: &Dataset, second: &Dataset) -> Option<usize> {
    let columns: Vec<&str> = SIGNATURE.into_iter().chain([ASTDT]).filter(|name| first.has(name) && second.has(name)).collect();
    let (first_records, second_records) = (records(first, &columns), records(second, &columns));
    let shared: usize = first_records.iter().map(|(record, count)| (*count).min(second_records.get(record).copied().unwrap_or(0))).sum();
    let smaller = first.height().min(second.height());
    // Subjects alone do not tell the records of two questionnaires apart: then every count has to agree.
    let subjects_only = columns.len() < 2 && first.name() != DatasetName::Adsl;
    let copy = if subjects_only { first_records == second_records } else { shared as f64 >= COPY_SHARE * smaller as f64 };
    (copy && smaller > 0).then_some(shared)
}

/// How often each record occurs.
fn records(dataset: &Dataset, columns: &[&str]) -> BTreeMap<String, usize> {
    let mut records: Vec<String> = vec![String::new(); dataset.height()];
    for name in columns {
        let cells: Vec<Option<String>> = if [ADT, ASTDT].contains(name) {
            let dates = dataset.dates(name).unwrap_or_default();
            dates.into_iter().map(|date| date.map(|date| date.to_string())).collect()
        } else {
            dataset.texts(name).unwrap_or_default()
        };
        for (record, cell) in records.iter_mut().zip(cells) {
            record.push('\u{1f}');
            record.push_str(cell.as_deref().unwrap_or_default());
        }
    }
    let mut counts = BTreeMap::new();
    for record in records {
        *counts.entry(record).or_insert(0) += 1;
    }
    counts
}

fn twice(name: DatasetName, earlier: &Piece, piece: &Piece, shared: usize) -> Diagnostic {
    let message = format!(
        "{} ({} rows) and {} ({} rows) hold the same records of {name}: {shared} of them occur in both",
        earlier.file,
        earlier.dataset.height(),
        piece.file,
        piece.dataset.height()
    );
    let folder = |file: &str| file.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let apart = if folder(&earlier.file) == folder(&piece.file) { "" } else { ", or the folder that counts as `data.path`" };
    let hint = format!("name the file that counts: `data: {{datasets: {{{}: {}}}}}`{apart}", name.id(), earlier.file);
    let subjects = piece.dataset.texts(USUBJID).unwrap_or_default();
    Diagnostic::new(DATASET_TWICE.name, DATASET_TWICE.severity, message, hint)
        .in_dataset(name.label())
        .in_file(&piece.file)
        .of_subjects(subjects.into_iter().flatten())
        .in_rows((1..=piece.dataset.height()).map(|row| u32::try_from(row).unwrap_or(u32::MAX)))
}

/// The pieces under one another, with what a user must know of it. `None` where there is no piece.
pub(super) fn stack(name: DatasetName, pieces: Vec<Piece>) -> (Option<Dataset>, Vec<Diagnostic>) {
    let files: Vec<String> = pieces.iter().map(|piece| piece.file.clone()).collect();
    let mut pieces = pieces.into_iter().map(|piece| piece.dataset);
    let Some(first) = pieces.next() else { return (None, Vec::new()) };
    let others: Vec<Dataset> = pieces.collect();
    if others.is_empty() {
        return (Some(first), Vec::new());
    }
    let all: Vec<&Dataset> = std::iter::once(&first).chain(&others).collect();
    let (columns, lacking) = united_columns(&all);
    let frames = all.iter().map(|dataset| aligned(dataset.frame(), &columns));
    let stacked = frames.reduce(|mut above, below| {
        // Aligned frames have the same names and types, so that putting one under the other cannot fail.
        let _ = above.vstack_mut_owned(below);
        above
    });
    let segments: Vec<Segment> = all.iter().flat_map(|dataset| dataset.segments().to_vec()).collect();
    let mut labels = BTreeMap::new();
    for dataset in all.iter().rev() {
        labels.extend(dataset.labels().clone());
    }
    let dataset = Dataset::new(name, stacked.unwrap_or_default(), segments, first.missing_codes().to_vec()).with_labels(labels);
    let mut found = vec![told(name, &files, &all)];
    if !lacking.is_empty() {
        let columns: Vec<&str> = lacking.iter().map(String::as_str).collect();
        let message = format!("{} do not all have the columns {}", files.join(", "), columns.join(", "));
        let hint = "rows of a file without the column are blank there; if two names mean the same, rename one at the source";
        found.push(Diagnostic::new(COLUMNS_UNITED.name, COLUMNS_UNITED.severity, message, hint).in_dataset(name.label()));
    }
    (Some(dataset), found)
}

fn told(name: DatasetName, files: &[String], all: &[&Dataset]) -> Diagnostic {
    let parts: Vec<String> = files.iter().zip(all).map(|(file, dataset)| format!("{file} ({} rows)", dataset.height())).collect();
    let message = format!("{name} is made of {} files, one under the other: {}", files.len(), parts.join(", "));
    let hint = "if one of them is not meant to be used, name those that are under `data.datasets`";
    Diagnostic::new(DATASET_STACKED.name, DATASET_STACKED.severity, message, hint).in_dataset(name.label())
}

/// Names and types of the columns of all files, in order of appearance, and the names that not every file has.
fn united_columns(all: &[&Dataset]) -> (Vec<(String, DataType)>, BTreeSet<String>) {
    let mut columns: Vec<(String, DataType)> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    for dataset in all {
        for column in dataset.frame().columns() {
            match columns.iter().position(|(name, _)| name.eq_ignore_ascii_case(column.name())) {
                Some(position) => {
                    counts[position] += 1;
                    columns[position].1 = common_type(&columns[position].1, column.dtype());
                }
                None => {
                    columns.push((column.name().to_string(), column.dtype().clone()));
                    counts.push(1);
                }
            }
        }
    }
    let lacking = columns.iter().zip(counts).filter(|(_, count)| *count < all.len()).map(|((name, _), _)| name.clone()).collect();
    (columns, lacking)
}

/// A type that holds the cells of both: numbers with numbers, otherwise text.
fn common_type(first: &DataType, second: &DataType) -> DataType {
    if first == second {
        first.clone()
    } else if first.is_primitive_numeric() && second.is_primitive_numeric() {
        DataType::Float64
    } else {
        DataType::String
    }
}

/// A frame with exactly these columns.
fn aligned(frame: &DataFrame, columns: &[(String, DataType)]) -> DataFrame {
    let height = frame.height();
    let column = |(name, dtype): &(String, DataType)| {
        let own = frame.columns().iter().find(|column| column.name().eq_ignore_ascii_case(name));
        let cast = own.and_then(|column| match dtype {
            // The library would print the number 1001 as `1001.0`, which is another subject.
            DataType::String if column.dtype() != dtype => Some(Series::new(name.as_str().into(), printed(column)).into_column()),
            _ => column.cast(dtype).ok(),
        });
        let named = cast.map(|column| column.with_name(name.as_str().into()));
        named.unwrap_or_else(|| Column::full_null(name.as_str().into(), height, dtype))
    };
    DataFrame::new(height, columns.iter().map(column).collect()).unwrap_or_else(|_| DataFrame::empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::dataset::ColumnValues;

    fn piece(file: &str, subjects: ColumnValues, extra: &str) -> Piece {
        let values = ColumnValues::Number(vec![Some(1.0), Some(2.0)]);
        let columns = vec![("USUBJID".to_owned(), subjects), (extra.to_owned(), values)];
        Piece { file: file.to_owned(), dataset: Dataset::from_columns(DatasetName::Adsl, columns) }
    }

    #[test]
    fn numbers_and_texts_of_one_column_become_text_without_a_decimal_point() {
        let numbers = piece("a", ColumnValues::Number(vec![Some(1001.0), Some(1002.0)]), "AGE");
        let texts = piece("b", ColumnValues::Text(vec![Some("1003".into()), None]), "WTBL");
        let (dataset, found) = stack(DatasetName::Adsl, vec![numbers, texts]);
        let dataset = dataset.unwrap();
        let subjects: Vec<Option<String>> = dataset.texts(USUBJID).unwrap();
        assert_eq!(subjects, [Some("1001".to_owned()), Some("1002".into()), Some("1003".into()), None]);
        assert_eq!(dataset.numbers("AGE").unwrap(), [Some(1.0), Some(2.0), None, None]);
        assert_eq!(found.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["dataset-stacked", "columns-united"]);
        assert!(found[1].message.ends_with("AGE, WTBL"));
    }

    #[test]
    fn a_file_that_shares_few_subjects_is_no_copy() {
        let text = |subjects: [&str; 2]| ColumnValues::Text(subjects.iter().map(|subject| Some((*subject).to_owned())).collect());
        let pieces =
            vec![piece("a", text(["S1", "S2"]), "AGE"), piece("b", text(["S3", "S4"]), "AGE"), piece("c", text(["S4", "S1"]), "AGE")];
        let (kept, found) = without_copies(DatasetName::Adsl, pieces);
        assert_eq!(kept.iter().map(|piece| piece.file.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((found.len(), found[0].code), (1, "dataset-twice"));
    }
}
