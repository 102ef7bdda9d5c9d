//! Building rows of tables.

use crate::analysis::grouping::Group;

use super::{Cell, Notes, Row};

/// A row of cells.
#[must_use]
pub fn fact_row(stub: &str, indent: u8, cells: Vec<Cell>) -> Row {
    Row { stub: stub.to_owned(), indent, heading: false, cells, footnote: None }
}

/// A row that only groups the rows below it.
#[must_use]
pub fn heading_row(stub: &str) -> Row {
    Row { stub: stub.to_owned(), indent: 0, heading: true, cells: Vec::new(), footnote: None }
}

/// One cell per column from what was computed for it.
pub fn cells<T>(groups: &[Group], columns: &[T], mut cell: impl FnMut(&Group, &T) -> Cell) -> Vec<Cell> {
    groups.iter().zip(columns).map(|(group, column)| cell(group, column)).collect()
}

/// The place of a footnote among the notes; a text that is there already is not repeated.
pub fn footnote(notes: &mut Notes, text: impl Into<String>) -> usize {
    let text = text.into();
    notes.footnotes.iter().position(|held| *held == text).unwrap_or_else(|| {
        notes.footnotes.push(text);
        notes.footnotes.len() - 1
    })
}
