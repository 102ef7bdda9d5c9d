//! The answer to a design command as data: facts and tables in full precision, which the formats write.

use serde_json::{Value, json};

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

    /// Full precision.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Number(value, _) | Self::Plain(value) => json!(value),
            Self::Flag(flag) => json!(flag),
            Self::Numbers(values) => json!(values),
            Self::Absent => Value::Null,
        }
    }

    /// Whether it is read as a number, and set to the right.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Number(..) | Self::Plain(_) | Self::Absent)
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
