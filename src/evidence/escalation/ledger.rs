//! From counts, decisions and selections to facts: the one place that says which rows of which file they rest on.

use crate::data::{DECISION_LOG, DecisionLog};
use crate::evidence::{Cell, CellPattern, Column, ExhibitId, Fact, FactId, FactValue, Facts, Slice, Unit};
use crate::quantity::{Interval, Rows};

/// What the facts of one exhibit have in common.
pub(super) struct Ledger<'a> {
    facts: &'a mut Facts,
    exhibit: ExhibitId,
    population: String,
    part: Option<String>,
}

/// What one fact is about.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// Second piece of the id.
    pub(super) measure: &'a str,
    /// Third piece.
    pub(super) what: Option<&'a str>,
    /// Dosage, last piece.
    pub(super) dosage: Option<&'a str>,
    /// What it is, in words.
    pub(super) label: String,
    /// How it was computed.
    pub(super) method: String,
    /// Unit.
    pub(super) unit: Unit,
    /// Where it comes from.
    pub(super) source: Slice,
}

impl<'a> Ledger<'a> {
    /// A ledger of an exhibit, for one study part or for all.
    pub(super) fn new(facts: &'a mut Facts, code: &str, population: &str, part: Option<&str>) -> Self {
        Self { facts, exhibit: ExhibitId::new(code, None), population: population.to_owned(), part: part.map(str::to_owned) }
    }

    /// A fact.
    pub(super) fn insert(&mut self, entry: Entry<'_>, value: FactValue) -> FactId {
        self.insert_counted(entry, value, None, None)
    }

    /// A number with the subjects behind it and its interval.
    pub(super) fn insert_counted(&mut self, entry: Entry<'_>, value: FactValue, n: Option<u64>, interval: Option<Interval>) -> FactId {
        let value = if matches!(value, FactValue::Number(number) if !number.is_finite()) { FactValue::NotEstimable } else { value };
        let id = FactId::new("escalation", entry.measure, entry.what, entry.dosage, None);
        let fact = Fact {
            label: entry.label,
            value,
            unit: entry.unit,
            count: None,
            n,
            interval,
            method: entry.method,
            population: self.population.clone(),
            part: self.part.clone(),
            source: entry.source,
            denominator: None,
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        self.facts.insert(id, fact)
    }

    /// A cell with one fact.
    pub(super) fn cell(&mut self, entry: Entry<'_>, value: FactValue) -> Cell {
        Cell::Facts(CellPattern::Value, vec![self.insert(entry, value)])
    }

    /// A cell of words; nothing where there are none.
    pub(super) fn words(&mut self, entry: Entry<'_>, text: Option<String>) -> Cell {
        text.map_or(Cell::NotAvailable, |text| self.cell(entry, FactValue::Text(text)))
    }
}

/// Rows of the decision log.
pub(super) fn logged(log: &DecisionLog, columns: &[&str], rows: impl IntoIterator<Item = u32>) -> Slice {
    let rows: Rows = rows.into_iter().collect();
    let filter = match rows.len() {
        all if all == log.cohorts.len() => "all rows",
        1 => "row of the cohort",
        _ => "rows up to the cohort",
    };
    let columns: Vec<String> = columns.iter().filter(|column| !column.is_empty()).map(|column| (*column).to_owned()).collect();
    Slice::new(DECISION_LOG, filter, columns, rows)
}

/// Columns with these heads.
pub(super) fn columns(heads: &[&str]) -> Vec<Column> {
    heads.iter().map(|head| Column { head: (*head).to_owned(), n: None, spanner: None }).collect()
}
