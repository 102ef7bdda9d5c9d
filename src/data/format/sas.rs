//! The only door to the library that reads SAS files: whole SAS7BDAT datasets, and the headers of transport files.

use std::collections::BTreeMap;

use polars::prelude::*;
use polars_readstat_rs::sas_polars_output::schema_from_sas_metadata;
use polars_readstat_rs::{InMemorySource, Sas7bdatReader, XptMetadata, read_xpt_metadata_from_source};

use super::Dataset;
use super::encoding::lost_characters;
use super::error::{ReadFault, first_line};
use super::guard::guarded;
use super::note::ReadNote;
use super::sas_pages::check_pages;
use super::structure::check_names;
use super::temporal::{Temporal, column_to_numbers, numbers_to_column, temporal_format};

/// The header of a transport file as the library understands it. `bytes` need not hold the observations.
///
/// # Errors
/// A header that the library does not understand.
pub(super) fn transport_header(bytes: &[u8]) -> Result<XptMetadata, ReadFault> {
    let source = InMemorySource::new(bytes);
    call(|| read_xpt_metadata_from_source(&source))
}

/// Reads a SAS7BDAT file.
///
/// # Errors
/// A damaged or cut-off file, one without variables, or a count of rows other than that of its header.
pub(super) fn read_sas7bdat(bytes: &[u8]) -> Result<Dataset, ReadFault> {
    check_pages(bytes)?;
    let reader = call(|| Sas7bdatReader::open_bytes(bytes))?;
    let metadata = reader.metadata();
    let (rows, width) = (metadata.row_count, metadata.column_count);
    if width == 0 {
        return Err(ReadFault::NoVariables);
    }
    if metadata.columns.len() != width {
        let detail = format!("its header announces {width} variables, {} are described", metadata.columns.len());
        return Err(ReadFault::Corrupt { detail });
    }
    check_names(&metadata.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>())?;
    let mut frame = call(|| reader.read().sequential().preserve_order(true).finish())?;
    if rows == 0 {
        frame = DataFrame::empty_with_schema(&call(|| schema_from_sas_metadata(metadata, None, None))?);
    }
    if frame.height() != rows || frame.width() != width {
        return Err(ReadFault::RowCount { expected: rows, read: frame.height() });
    }
    let mut notes = Vec::new();
    for (index, variable) in metadata.columns.iter().enumerate() {
        notes.extend(correct_meaning(&mut frame, index, &variable.format)?);
    }
    notes.extend(lost_characters(&frame));
    let name = Some(reader.header().dataset_name.trim().to_uppercase()).filter(|name| !name.is_empty());
    Ok(Dataset { name, frame, labels: labels(&metadata.metadata_df), notes })
}

/// Runs the library; its errors and panics become one line.
fn call<T, E: std::fmt::Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, ReadFault> {
    let corrupt = |detail: &str| ReadFault::Corrupt { detail: first_line(detail) };
    guarded(work).map_err(|message| corrupt(&message))?.map_err(|error| corrupt(&error.to_string()))
}

/// The library takes a format for a date format if it begins like one. Brings column `index` to what its whole name says.
fn correct_meaning(frame: &mut DataFrame, index: usize, format: &str) -> Result<Option<ReadNote>, ReadFault> {
    let Some(column) = frame.columns().get(index).filter(|column| column.dtype() != &DataType::String) else { return Ok(None) };
    let meaning = temporal_format(format);
    let agrees = matches!(
        (meaning, column.dtype()),
        (None, DataType::Float64) | (Some(Temporal::Date), DataType::Date) | (Some(Temporal::Datetime), DataType::Datetime(_, _))
    );
    if agrees {
        return Ok(None);
    }
    let name = column.name().to_string();
    let note = (column.dtype() == &DataType::Date).then(|| ReadNote::WholeNumbersOnly { column: name.clone(), format: format.to_string() });
    let numbers = column_to_numbers(column)?;
    frame.replace_column(index, numbers_to_column(&name, numbers, meaning))?;
    Ok(note)
}

fn labels(metadata: &DataFrame) -> BTreeMap<String, String> {
    let text = |name: &str| metadata.column(name).ok().and_then(|column| column.str().ok());
    let (Some(names), Some(labels)) = (text("name"), text("label")) else { return BTreeMap::new() };
    let pairs = names.iter().zip(labels.iter()).filter_map(|(name, label)| Some((name?, label?)));
    pairs.filter(|(_, label)| !label.is_empty()).map(|(name, label)| (name.to_string(), label.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_only_begins_like_a_date_keeps_numbers() {
        let column = numbers_to_column("AGE", vec![Some(54.0), None], Some(Temporal::Date));
        let mut frame = DataFrame::new(2, vec![column]).unwrap();
        let note = correct_meaning(&mut frame, 0, "YEARS3").unwrap();
        assert_eq!(note.map(|note| note.code()), Some("whole-numbers-only"));
        assert_eq!(frame.columns()[0].f64().unwrap().get(0), Some(54.0));
    }
}
