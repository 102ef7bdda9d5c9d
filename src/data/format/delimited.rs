//! Delimited text (CSV and its relatives) to a frame.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::*;

use super::Kind;
use super::encoding::{CellDecoder, without_mark};
use super::error::{ReadFault, first_line};
use super::guard::guarded;
use super::note::ReadNote;
use super::record::{Fields, unquoted};
use super::structure::{Structure, survey};

/// Reads delimited text. Columns that `expect` calls numbers become [`DataType::Float64`] if every cell that is not empty is a finite
/// number; all others, and those with any other text, are [`DataType::String`]. Empty cells are missing; no word is.
///
/// # Errors
/// Text that cannot be decoded, a broken structure (see [`survey`]), or a count of rows that differs from that of the structure.
pub(super) fn read(bytes: &[u8], expect: &dyn Fn(&str) -> Kind) -> Result<(DataFrame, Vec<ReadNote>), ReadFault> {
    let text = without_mark(bytes)?;
    let mut decoder = CellDecoder::default();
    let structure = survey(&text, &mut decoder)?;
    let frame = if structure.rewrite {
        let clean = rewritten(&text, &structure, &mut decoder);
        parse(&clean, b',', &structure, expect)?
    } else {
        parse(text.get(structure.body.clone()).unwrap_or_default(), structure.dialect.separator, &structure, expect)?
    };
    if frame.height() != structure.rows {
        return Err(ReadFault::RowCount { expected: structure.rows, read: frame.height() });
    }
    let mut notes = decoder.into_notes(&structure.names);
    if !structure.final_newline {
        notes.push(ReadNote::MissingFinalNewline { row: structure.rows });
    }
    Ok((frame, notes))
}

/// The records as UTF-8, every cell that is not empty in quotes, separated by commas and line feeds.
fn rewritten(text: &[u8], structure: &Structure, decoder: &mut CellDecoder) -> Vec<u8> {
    let Range { start, end } = structure.body;
    let text = text.get(..end).unwrap_or_default();
    let mut fields = Fields::new(text, start, structure.dialect);
    let mut clean = Vec::with_capacity((end - start) * 5 / 4);
    let (mut row, mut column) = (1, 0);
    // The structure has been checked, so that no field is malformed here; were one, the count of rows would tell.
    while let Ok(Some(field)) = fields.next_field() {
        let cell = unquoted(text.get(field.start..field.end).unwrap_or_default());
        let cell = decoder.decode(&cell, column, row);
        if !cell.is_empty() || structure.names.len() == 1 {
            clean.push(b'"');
            clean.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            clean.push(b'"');
        }
        clean.push(if field.last { b'\n' } else { b',' });
        (row, column) = if field.last { (row + 1, 0) } else { (row, column + 1) };
    }
    clean
}

fn parse(body: &[u8], separator: u8, structure: &Structure, expect: &dyn Fn(&str) -> Kind) -> Result<DataFrame, ReadFault> {
    let numbers: Vec<bool> = structure.names.iter().map(|name| expect(name) == Kind::Number).collect();
    if body.is_empty() {
        return Ok(DataFrame::empty_with_schema(&schema(&structure.names, &numbers)));
    }
    if let Ok(frame) = parse_as(body, separator, schema(&structure.names, &numbers))
        && frame.columns().iter().all(is_finite)
    {
        return without_empty_text(frame, structure);
    }
    let texts = vec![false; numbers.len()];
    let frame = parse_as(body, separator, schema(&structure.names, &texts)).map_err(|detail| ReadFault::Corrupt { detail })?;
    let mut frame = without_empty_text(frame, structure)?;
    for (index, _) in numbers.iter().enumerate().filter(|(_, number)| **number) {
        if let Some(column) = frame.columns().get(index).and_then(as_numbers) {
            frame.replace_column(index, column)?;
        }
    }
    Ok(frame)
}

fn schema(names: &[String], numbers: &[bool]) -> Schema {
    let dtype = |number: &bool| if *number { DataType::Float64 } else { DataType::String };
    names.iter().zip(numbers).map(|(name, number)| Field::new(name.as_str().into(), dtype(number))).collect()
}

fn parse_as(body: &[u8], separator: u8, schema: Schema) -> Result<DataFrame, String> {
    let read = || {
        CsvReadOptions::default()
            .with_has_header(false)
            .with_schema(Some(Arc::new(schema)))
            .with_infer_schema_length(Some(0))
            .with_raise_if_empty(false)
            .map_parse_options(|options| options.with_separator(separator).with_truncate_ragged_lines(false))
            .into_reader_with_file_handle(Cursor::new(body))
            .finish()
    };
    guarded(read)?.map_err(|error| first_line(&error.to_string()))
}

/// Whether a column of numbers has only finite ones; the reading library takes `Inf` and `NaN` for numbers.
fn is_finite(column: &Column) -> bool {
    column.f64().map_or(true, |numbers| numbers.downcast_iter().all(|chunk| chunk.values().iter().all(|value| value.is_finite())))
}

/// Cells that are an empty pair of quotes are missing like other empty cells.
fn without_empty_text(mut frame: DataFrame, structure: &Structure) -> Result<DataFrame, ReadFault> {
    let single = structure.rewrite && structure.names.len() == 1;
    if !(structure.empty_quotes || single) {
        return Ok(frame);
    }
    for index in 0..frame.width() {
        let Some(Ok(texts)) = frame.columns().get(index).map(|column| column.str()) else { continue };
        let filled: StringChunked = texts.iter().map(|cell| cell.filter(|text| !text.is_empty())).collect();
        let filled = filled.with_name(texts.name().clone()).into_column();
        frame.replace_column(index, filled)?;
    }
    Ok(frame)
}

/// A column of text as numbers, if all of it is numbers.
pub(super) fn as_numbers(column: &Column) -> Option<Column> {
    let texts = column.str().ok()?;
    let mut numbers = Vec::with_capacity(texts.len());
    for cell in texts.iter() {
        numbers.push(match cell.map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(number(text)?),
        });
    }
    Some(Float64Chunked::from_iter_options(column.name().clone(), numbers.into_iter()).into_column())
}

/// A finite decimal number, and nothing else.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}
