//! Exhibits: tables with raw values and figures as data, ready for any renderer.

use std::fmt;

use serde::Serialize;

use super::fact::FactId;
use super::figure::FigureSpec;

/// Id of an exhibit as the content catalogue names it, with the study part where it shows one: `T-E06`, `T-E06@randomised`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ExhibitId(String);

impl ExhibitId {
    /// The id of `code`, for one part or for all.
    #[must_use]
    pub fn new(code: &str, part: Option<&str>) -> Self {
        Self(part.map_or_else(|| code.to_owned(), |part| format!("{code}@{part}")))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The catalogue's code without the part: `T-E06`.
    #[must_use]
    pub fn code(&self) -> &str {
        self.0.split('@').next().unwrap_or(&self.0)
    }

    /// The study part, where it shows one.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, part)| part)
    }

    /// A name for files and anchors: lower case letters, digits, hyphens.
    #[must_use]
    pub fn file_stem(&self) -> String {
        self.0.to_lowercase().replace(['@', '_'], "-")
    }
}

impl From<&str> for ExhibitId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for ExhibitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A table, a figure, or the reason why there is none.
#[derive(Debug, Clone)]
pub struct Exhibit {
    /// Its id.
    pub id: ExhibitId,
    /// Title without number: `Treatment-emergent adverse events by dosage`.
    pub title: String,
    /// Table, figure or placeholder.
    pub content: Content,
    /// What stands under it, in print order.
    pub notes: Notes,
}

/// What stands under an exhibit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Notes {
    /// Source datasets, upper case.
    pub datasets: Vec<String>,
    /// The analysis set in words.
    pub population: String,
    /// How dosages were assigned: planned or received treatment.
    pub grouping: String,
    /// Methods, named: `Confidence intervals: Clopper-Pearson exact, 95%`.
    pub methods: Vec<String>,
    /// Footnotes by letter, in order; cells refer to them by position.
    pub footnotes: Vec<String>,
    /// Abbreviations as `AE: adverse event`.
    pub abbreviations: Vec<String>,
}

/// What an exhibit holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// A table.
    Table(Table),
    /// A figure.
    Figure(FigureSpec),
    /// Nothing could be shown.
    Placeholder(Placeholder),
}

/// Why an exhibit is not there, and what it would need.
#[derive(Debug, Clone, Serialize)]
pub struct Placeholder {
    /// What is missing, a sentence.
    pub reason: String,
    /// Datasets and variables it would need.
    pub needs: Vec<String>,
}

/// A table: rows of cells that refer to facts.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Heading of the first column (the stub).
    pub stub: String,
    /// The other columns, left to right.
    pub columns: Vec<Column>,
    /// Rows, top to bottom.
    pub rows: Vec<Row>,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Heading.
    pub head: String,
    /// Number of subjects of the column's population, printed as `N=…` in the head.
    pub n: Option<FactId>,
    /// Heading above several neighbouring columns that share it.
    pub spanner: Option<String>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What the row shows, with its unit.
    pub stub: String,
    /// 0 for a row of its own, 1 and more for rows under it.
    pub indent: u8,
    /// Whether it only groups the rows below: it has no cells.
    pub heading: bool,
    /// One cell per column.
    pub cells: Vec<Cell>,
    /// Footnote of the stub, as position in [`Notes::footnotes`].
    pub footnote: Option<usize>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing belongs here.
    Empty,
    /// The value does not apply or was not collected; printed as an en dash.
    NotAvailable,
    /// Words from the data or of ours; escaped when rendered.
    Text(String),
    /// Facts in a pattern.
    Facts(CellPattern, Vec<FactId>),
}

/// How facts stand together in a cell. Each says how many facts it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CellPattern {
    /// `12` or `12.3`; takes 1.
    Value,
    /// `12 (34.3%)` from a proportion's count and value; takes 1.
    CountPercent,
    /// `12/35 (34.3%)`; takes 1.
    CountOfPercent,
    /// `34.3% (19.1, 52.2)` from the fact's own interval; takes 1.
    PercentInterval,
    /// `12/35 (34.3%; 19.1, 52.2)`; takes 1.
    CountPercentInterval,
    /// `8.3 (5.4, NE)`: value with its interval; takes 1.
    ValueInterval,
    /// `63.2 (9.8)`: mean and standard deviation; takes 2.
    MeanSd,
    /// `63 (55, 71)`: median and quartiles; takes 3.
    MedianQuartiles,
    /// `63 (41, 84)`: median, minimum and maximum; takes 3.
    MedianRange,
    /// `41, 84`: minimum and maximum; takes 2.
    Range,
    /// `1260 (34.2%)`: geometric mean and geometric CV; takes 2.
    GeometricMeanCv,
    /// `12; 34.5`: number of events and a rate; takes 2.
    EventsRate,
    /// `8.11 (8.33)` or `38.0 (21.4, 60.2)`: a value with one or two others in brackets, as the head of the column says; takes 1 to 3.
    ValueAside,
    /// `0.032` or `<0.001`: a p value; takes 1.
    PValue,
}

impl Exhibit {
    /// An exhibit that could not be made.
    #[must_use]
    pub fn placeholder(id: ExhibitId, title: &str, reason: impl Into<String>, needs: &[&str]) -> Self {
        Self {
            id,
            title: title.to_owned(),
            content: Content::Placeholder(Placeholder {
                reason: reason.into(),
                needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            }),
            notes: Notes::default(),
        }
    }
}
