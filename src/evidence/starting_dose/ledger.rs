//! From values of the nonclinical file to facts: the one place that says which lines of it a number rests on.

use crate::analysis::starting_dose::Origin;
use crate::config::nonclinical::NonclinicalFile;
use crate::evidence::{Cell, CellPattern, Column, ExhibitId, Fact, FactId, FactValue, Facts, Notes, Row, Slice, Table, Unit};
use crate::quantity::Rows;

/// Name of the nonclinical file among the datasets; its rows are the lines of the file.
pub(super) const NONCLINICAL: &str = "NONCLINICAL";
/// Name of the project file among the datasets.
pub(super) const PROJECT: &str = "PROJECT";

/// What the facts of one exhibit have in common.
pub(super) struct Ledger<'a> {
    facts: &'a mut Facts,
    exhibit: ExhibitId,
    file: &'a NonclinicalFile,
}

/// What one fact is about.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    /// Second piece of the id.
    pub(super) measure: &'a str,
    /// Third piece.
    pub(super) what: Option<&'a str>,
    /// Level or dosage, last piece.
    pub(super) dosage: Option<&'a str>,
    /// What it is, in words.
    pub(super) label: String,
    /// How it was computed.
    pub(super) method: &'a str,
    /// Unit.
    pub(super) unit: Unit,
    /// Where it comes from.
    pub(super) origin: &'a Origin,
}

impl<'a> Ledger<'a> {
    /// A ledger of an exhibit.
    pub(super) fn new(facts: &'a mut Facts, code: &str, file: &'a NonclinicalFile) -> Self {
        Self { facts, exhibit: ExhibitId::new(code, None), file }
    }

    /// The exhibit.
    pub(super) fn exhibit(&self) -> ExhibitId {
        self.exhibit.clone()
    }

    /// A number of the nonclinical file, or computed from it.
    pub(super) fn number(&mut self, entry: &Entry<'_>, value: f64) -> FactId {
        let value = if value.is_finite() { FactValue::Number(value) } else { FactValue::NotEstimable };
        self.insert(entry, value)
    }

    /// A cell with a number; an en dash where there is none.
    pub(super) fn cell(&mut self, entry: &Entry<'_>, value: Option<f64>) -> Cell {
        match value {
            Some(value) => Cell::Facts(CellPattern::Value, vec![self.number(entry, value)]),
            None => Cell::NotAvailable,
        }
    }

    /// A fact of any kind.
    pub(super) fn insert(&mut self, entry: &Entry<'_>, value: FactValue) -> FactId {
        let source = self.slice(entry.origin);
        let fact = Fact {
            label: entry.label.clone(),
            value,
            unit: entry.unit.clone(),
            count: None,
            n: None,
            interval: None,
            method: entry.method.to_owned(),
            population: "Nonclinical package".to_owned(),
            part: None,
            source,
            denominator: None,
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        self.facts.insert(FactId::new("starting_dose", entry.measure, entry.what, entry.dosage, None), fact)
    }

    /// A cell with a value and others in brackets behind it; an en dash where there is no value.
    pub(super) fn cell_with(&mut self, value: (&Entry<'_>, Option<f64>), others: &[(&Entry<'_>, Option<f64>)]) -> Cell {
        let (entry, Some(number)) = value else { return Cell::NotAvailable };
        let mut ids = vec![self.number(entry, number)];
        ids.extend(others.iter().filter_map(|(entry, other)| Some(self.number(entry, (*other)?))));
        Cell::Facts(CellPattern::ValueAside, ids)
    }

    /// The lines of the file that an origin names; the project file where it names none.
    pub(super) fn slice(&self, origin: &Origin) -> Slice {
        if origin.entries.is_empty() {
            return Slice::new(PROJECT, origin.filter.as_str(), origin.keys.iter().cloned(), Rows::default());
        }
        let line = |entry: &String| self.file.source.place(entry).and_then(|place| u32::try_from(place.line).ok());
        let rows: Rows = origin.entries.iter().filter_map(line).collect();
        Slice::new(NONCLINICAL, origin.filter.as_str(), origin.keys.iter().cloned(), rows)
    }

    /// The notes that every exhibit of the package has.
    pub(super) fn notes() -> Notes {
        Notes { datasets: vec![NONCLINICAL.to_owned()], population: "Nonclinical package".to_owned(), ..Notes::default() }
    }
}

/// Columns with these heads.
pub(super) fn columns(heads: &[&str]) -> Vec<Column> {
    heads.iter().map(|head| Column { head: (*head).to_owned(), n: None, spanner: None }).collect()
}

/// A cell of words; an en dash where nothing is written.
pub(super) fn words(text: Option<&str>) -> Cell {
    text.filter(|text| !text.trim().is_empty()).map_or(Cell::NotAvailable, |text| Cell::Text(text.to_owned()))
}

/// The table without the columns that say nothing in any row.
pub(super) fn without_empty_columns(table: Table) -> Table {
    let says = |cell: &Cell| !matches!(cell, Cell::Empty | Cell::NotAvailable);
    let kept: Vec<bool> =
        (0..table.columns.len()).map(|column| table.rows.iter().any(|row| row.cells.get(column).is_some_and(says))).collect();
    let keep = |column: usize| kept.get(column).copied().unwrap_or(false);
    let columns = table.columns.into_iter().enumerate().filter(|(column, _)| keep(*column)).map(|(_, head)| head).collect();
    let rows = table
        .rows
        .into_iter()
        .map(|row| Row {
            cells: row.cells.into_iter().enumerate().filter(|(column, _)| keep(*column)).map(|(_, cell)| cell).collect(),
            ..row
        })
        .collect();
    Table { stub: table.stub, columns, rows }
}

/// The words with a capital at the beginning; what mixes cases, such as pERK, stays.
pub(super) fn capital(text: &str) -> String {
    let mixed = text.chars().nth(1).is_some_and(char::is_uppercase);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !mixed => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}
