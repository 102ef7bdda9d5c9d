//! The answer to a design command as data: facts and tables in full precision, which the formats write.

use serde_json::{Value, json};

use crate::render::number::fixed;
use crate::render::simulation::with_error;

/// A value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Words.
    Text(String),
    /// A count.
    Count(u64),
    /// A number with the decimals that a reader sees.
    Number(f64, usize),
    /// A parameter, shown with as many decimals as it has.
    Plain(f64),
    /// A number with the words that a reader sees, and its simulation error, where it has one.
    Shown {
        /// The number.
        value: f64,
        /// What a reader sees.
        shown: String,
        /// Standard error of the number.
        standard_error: Option<f64>,
    },
    /// Yes or no.
    Flag(bool),
    /// A list of parameters.
    Numbers(Vec<f64>),
    /// Nothing: not estimable, not reached, never.
    Absent,
}

/// Decimals of probabilities and rates.
const PROBABILITY: usize = 3;

impl Cell {
    /// Words.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A probability or a rate.
    pub(super) fn probability(value: f64) -> Self {
        Self::Number(value, PROBABILITY)
    }

    /// A count.
    pub(super) fn count(value: impl Into<u64>) -> Self {
        Self::Count(value.into())
    }

    /// A count that may be absent.
    pub(super) fn maybe_count(value: Option<u32>) -> Self {
        value.map_or(Self::Absent, |value| Self::Count(value.into()))
    }

    /// A probability that may be absent.
    pub(super) fn maybe(value: Option<f64>) -> Self {
        value.map_or(Self::Absent, Self::probability)
    }

    /// A probability that a reader sees in per cent, with its simulation error.
    pub(super) fn percent(value: f64, standard_error: Option<f64>) -> Self {
        Self::Shown { value, shown: with_error(value, standard_error), standard_error }
    }

    /// A mean number of patients; a reader does not see its simulation error.
    pub(super) fn mean(value: f64, standard_error: Option<f64>) -> Self {
        Self::Shown { value, shown: fixed(value, 1), standard_error }
    }

    /// With the mark of what is correct, or as much room.
    pub(super) fn marked(self, correct: bool) -> Self {
        match self {
            Self::Shown { value, shown, standard_error } => {
                Self::Shown { value, shown: shown + if correct { "*" } else { " " }, standard_error }
            }
            other => other,
        }
    }

    /// The simulation error.
    pub(super) fn standard_error(&self) -> Option<f64> {
        match self {
            Self::Shown { standard_error, .. } => *standard_error,
            _ => None,
        }
    }

    /// Full precision.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Number(value, _) | Self::Plain(value) | Self::Shown { value, .. } => json!(value),
            Self::Flag(flag) => json!(flag),
            Self::Numbers(values) => json!(values),
            Self::Absent => Value::Null,
        }
    }

    /// Whether it is read as a number, and set to the right.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Number(..) | Self::Plain(_) | Self::Shown { .. } | Self::Absent)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// Name in CSV and JSON.
    pub(super) key: String,
    /// Heading for a reader.
    pub(super) heading: String,
}

/// Rows under columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    /// Columns in order.
    pub(super) columns: Vec<Column>,
    /// Rows, each as long as the columns.
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table with columns of given keys and headings.
    pub(super) fn new<const N: usize>(columns: [(&str, &str); N]) -> Self {
        Self { columns: columns.map(|(key, heading)| Column { key: key.to_owned(), heading: heading.to_owned() }).into(), rows: Vec::new() }
    }

    /// The same with the simulation errors of a column in a column of their own behind it, for programs.
    pub(super) fn with_standard_errors(&self) -> Self {
        let has_errors = |place: usize| self.rows.iter().any(|row| row.get(place).and_then(Cell::standard_error).is_some());
        let spread: Vec<bool> = (0..self.columns.len()).map(has_errors).collect();
        let mut columns = Vec::new();
        for (column, spread) in self.columns.iter().zip(&spread) {
            columns.push(column.clone());
            columns.extend(spread.then(|| Column { key: format!("{}_se", column.key), heading: column.heading.clone() }));
        }
        let widened = |row: &Vec<Cell>| {
            let error = |cell: &Cell| cell.standard_error().map_or(Cell::Absent, Cell::Plain);
            row.iter().zip(&spread).flat_map(|(cell, spread)| std::iter::once(cell.clone()).chain(spread.then(|| error(cell)))).collect()
        };
        Self { columns, rows: self.rows.iter().map(widened).collect() }
    }

    /// Adds a column, empty in the rows that exist.
    pub(super) fn add_column(&mut self, key: impl Into<String>, heading: impl Into<String>) {
        self.columns.push(Column { key: key.into(), heading: heading.into() });
        self.rows.iter_mut().for_each(|row| row.push(Cell::Absent));
    }
}

/// A fact with its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact {
    /// Name in JSON.
    pub(super) key: &'static str,
    /// Name for a reader.
    pub(super) label: String,
    /// The value.
    pub(super) value: Cell,
}

/// One part of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Section {
    /// Name in JSON.
    pub(super) key: &'static str,
    /// Heading.
    pub(super) title: String,
    /// Single facts, before the table.
    pub(super) facts: Vec<Fact>,
    /// The table.
    pub(super) table: Option<Table>,
    /// What a reader sees instead of the table.
    pub(super) lines: Vec<String>,
    /// What has to be known to read it.
    pub(super) notes: Vec<String>,
}

impl Section {
    /// A part with a name and a heading.
    pub(super) fn new(key: &'static str, title: impl Into<String>) -> Self {
        Self { key, title: title.into(), ..Self::default() }
    }

    /// With a fact.
    pub(super) fn fact(mut self, key: &'static str, label: impl Into<String>, value: Cell) -> Self {
        self.facts.push(Fact { key, label: label.into(), value });
        self
    }

    /// With a table.
    pub(super) fn table(mut self, table: Table) -> Self {
        self.table = Some(table);
        self
    }

    /// With a note.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// A parameter of a design, and where its value is from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameter {
    /// Its name in the project file.
    pub(super) name: String,
    /// The value.
    pub(super) value: Cell,
    /// `given`, or the origin of the default.
    pub(super) origin: String,
}

/// A whole answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Document {
    /// Name of the design.
    pub(super) design: String,
    /// Every parameter.
    pub(super) parameters: Vec<Parameter>,
    /// Parts in order; the last one with a table is what was asked for, and the one that CSV holds.
    pub(super) sections: Vec<Section>,
}

impl Document {
    /// An answer of a design.
    pub(super) fn new(design: impl Into<String>, parameters: Vec<Parameter>) -> Self {
        Self { design: design.into(), parameters, sections: Vec::new() }
    }

    /// The table that CSV holds: the last one.
    pub(super) fn main_table(&self) -> Option<&Table> {
        self.sections.iter().rev().find_map(|section| section.table.as_ref())
    }
}
