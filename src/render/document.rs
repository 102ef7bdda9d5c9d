//! The document: one tree of headings, paragraphs, exhibits and facts, from which every output format is written.
//!
//! Everything a reader sees is decided here: numbers are formatted, exhibits and headings are numbered, cross-references have their words.
//! An exporter only chooses bytes.

use std::collections::BTreeMap;

use crate::evidence::FactId;
use crate::quantity::Date;

/// A space as wide as a digit. In table cells it puts numbers under each other; exporters without alignment leave it out.
pub const DIGIT_SPACE: char = '\u{2007}';

/// A finished document.
#[derive(Debug, Clone)]
pub struct Document {
    /// What stands on the first page and in a file's properties.
    pub metadata: Metadata,
    /// The content in reading order.
    pub blocks: Vec<Block>,
    /// Footnotes of the text in the order of their numbers.
    pub footnotes: Vec<Footnote>,
    /// Where each fact that the document shows comes from.
    pub origins: BTreeMap<FactId, Origin>,
}

/// What stands on the first page and in a file's properties.
#[derive(Debug, Clone)]
pub struct Metadata {
    /// Title of the document.
    pub title: String,
    /// BCP 47 tag of its language.
    pub language: &'static str,
    /// Date printed on it.
    pub date: Option<Date>,
    /// Name and version of the program.
    pub program: String,
    /// The sheet that it is printed on.
    pub paper: Paper,
    /// The title block, label and value, top to bottom.
    pub title_block: Vec<(String, String)>,
    /// One line for running heads: document number, version, status, cut-off.
    pub running_head: String,
}

/// Size of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 8.5 by 11 inches.
    Letter,
    /// 210 by 297 mm.
    A4,
}

/// A piece of the document with lines of its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading.
    Heading(Heading),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list.
    List(List),
    /// A quotation.
    Quote(Vec<Block>),
    /// Text set apart by its form.
    Callout(Callout),
    /// Code, as it is.
    Code(String),
    /// A rule between two subjects.
    Rule,
    /// A plain table without a number.
    Grid(Grid),
    /// Terms and what they mean.
    Definitions(Vec<Definition>),
    /// A numbered table or figure, or the reason why there is none.
    Exhibit(Box<ExhibitBlock>),
    /// Material that a reader opens when it is wanted; printed in full on paper and where nothing can be opened.
    Details {
        /// The line that stays visible.
        summary: Vec<Inline>,
        /// What it opens.
        blocks: Vec<Block>,
    },
    /// Where the facts of one exhibit come from. Not needed where each number can be asked for its origin.
    Origins(ExhibitOrigins),
    /// The bibliography, as far as the document cites it.
    References(Vec<ReferenceEntry>),
    /// Where the traceability tables will stand; replaced while the document is resolved.
    TraceabilityHere,
    /// Where the bibliography will stand; replaced while the document is composed.
    ReferencesHere,
}

/// Where the facts of one exhibit come from.
#[derive(Debug, Clone, PartialEq)]
pub struct ExhibitOrigins {
    /// Label and title of the exhibit and how many facts it shows.
    pub exhibit: String,
    /// One row for each fact; an empty first cell repeats the one above.
    pub facts: Grid,
}

/// A work that the document cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceEntry {
    /// Its key: `Wilson1927`.
    pub key: String,
    /// Name for links.
    pub anchor: String,
    /// Authors, title, where and when it appeared.
    pub text: String,
}

/// A heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// 1 for sections, 2 for the questions in them, and so on to 6.
    pub level: u8,
    /// `4` or `4.2`; none for headings that are not numbered.
    pub number: Option<String>,
    /// Unique name for links.
    pub anchor: String,
    /// Its words.
    pub inlines: Vec<Inline>,
}

/// A list.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// First number of an ordered list.
    pub start: Option<u64>,
    /// Items.
    pub items: Vec<Vec<Block>>,
}

/// A term and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The term.
    pub term: Vec<Inline>,
    /// Its meanings.
    pub meanings: Vec<Vec<Block>>,
}

/// Text set apart by its form.
#[derive(Debug, Clone, PartialEq)]
pub struct Callout {
    /// What it is.
    pub kind: CalloutKind,
    /// Its title, always printed, so that colour is never the only sign.
    pub title: String,
    /// Its text.
    pub blocks: Vec<Block>,
}

/// What a callout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CalloutKind {
    /// For information.
    Note,
    /// What the evidence does not show.
    Limit,
    /// Something is missing or minor.
    Minor,
    /// Something that a reviewer would ask about.
    Major,
    /// Something that stops a conclusion.
    Critical,
}

/// A plain table without a number: words in rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Column heads.
    pub head: Vec<Vec<Inline>>,
    /// Alignment of each column.
    pub align: Vec<Align>,
    /// Rows.
    pub rows: Vec<Vec<Vec<Inline>>>,
}

/// Alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// At the right.
    Right,
    /// In the middle.
    Centre,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Text.
    Text(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// Struck out.
    Struck(Vec<Inline>),
    /// Code.
    Code(String),
    /// A link out of the document; the target begins with `https:`, `http:` or `mailto:`.
    Link {
        /// Where it leads.
        target: String,
        /// Its words.
        inlines: Vec<Inline>,
    },
    /// A fact.
    Fact(FactText),
    /// A cross-reference.
    Reference(Reference),
    /// The mark of a footnote.
    FootnoteMark(FootnoteMark),
    /// A line break that the writer asked for.
    LineBreak,
}

/// A fact as it is shown in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct FactText {
    /// Which fact.
    pub id: FactId,
    /// The formatted words; in table cells with [`DIGIT_SPACE`] where numbers are put under each other.
    pub text: String,
}

/// A cross-reference: the words are filled in once everything is numbered.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// What it points to.
    pub target: Target,
    /// Anchor to jump to; none where the target is not part of the document.
    pub anchor: Option<String>,
    /// The words: `Table 7`.
    pub text: String,
}

/// What a cross-reference points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An exhibit by its id.
    Exhibit(String),
    /// Every part of an exhibit, by its code.
    Parts(String),
    /// A section by its anchor.
    Section(String),
    /// A work by its key in the bibliography.
    Work(String),
}

/// The mark of a footnote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FootnoteMark {
    /// Label, unique over the sources of the document.
    pub label: String,
    /// Its number; 0 until the document is resolved.
    pub number: usize,
}

/// A footnote of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Footnote {
    /// Label that the marks carry.
    pub label: String,
    /// Its number.
    pub number: usize,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// Tables and figures are numbered apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExhibitKind {
    /// A table.
    Table,
    /// A figure.
    Figure,
}

impl ExhibitKind {
    /// The word before the number.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "Table",
            Self::Figure => "Figure",
        }
    }
}

/// A numbered table or figure, or the reason why there is none, which has no number.
#[derive(Debug, Clone, PartialEq)]
pub struct ExhibitBlock {
    /// Id in the catalogue: `T-E06@randomised`.
    pub id: String,
    /// Name of its files and its anchor.
    pub file_stem: String,
    /// What it is numbered as.
    pub kind: ExhibitKind,
    /// Its number; 0 until the document is resolved, and for what is not there.
    pub number: usize,
    /// Title without number.
    pub title: String,
    /// What it shows.
    pub body: ExhibitBody,
    /// What stands under it, line by line.
    pub notes: Vec<Note>,
}

impl ExhibitBlock {
    /// `Table 7`; of what is not there, the id.
    #[must_use]
    pub fn label(&self) -> String {
        match self.body {
            ExhibitBody::Missing(_) => self.id.clone(),
            _ => format!("{} {}", self.kind.word(), self.number),
        }
    }
}

/// What an exhibit shows.
#[derive(Debug, Clone, PartialEq)]
pub enum ExhibitBody {
    /// A table.
    Table(TableBody),
    /// A drawn figure.
    Figure(FigureBody),
    /// Nothing could be shown.
    Missing(Missing),
}

/// Why an exhibit is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What is missing, a sentence.
    pub reason: String,
    /// What it needs.
    pub needs: Vec<String>,
}

impl Missing {
    /// All of it in one line.
    #[must_use]
    pub fn words(&self) -> String {
        if self.needs.is_empty() { self.reason.clone() } else { format!("{} It needs: {}.", self.reason, self.needs.join("; ")) }
    }
}

/// A figure that has been drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureBody {
    /// A complete SVG document.
    pub svg: String,
    /// What a reader who cannot see it needs to know.
    pub alt: String,
}

/// A table ready to be set.
#[derive(Debug, Clone, PartialEq)]
pub struct TableBody {
    /// Head of the stub column.
    pub stub: String,
    /// Heads of the other columns.
    pub columns: Vec<ColumnHead>,
    /// Heads above neighbouring columns; together they cover every column. Empty where no column has one.
    pub spanners: Vec<Spanner>,
    /// Rows.
    pub rows: Vec<TableRow>,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnHead {
    /// Words.
    pub text: String,
    /// Number of subjects, printed after `N=`.
    pub n: Option<FactText>,
    /// Whether its cells are numbers, which stand under each other, or words.
    pub words: bool,
}

/// A head above neighbouring columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanner {
    /// Words; none above columns that share no head.
    pub text: Option<String>,
    /// How many columns it covers.
    pub columns: usize,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRow {
    /// What the row shows.
    pub stub: String,
    /// Letter of its footnote.
    pub mark: Option<String>,
    /// How far it is set in.
    pub indent: u8,
    /// Whether it only groups the rows below.
    pub heading: bool,
    /// One cell per column; each is a line of text and facts.
    pub cells: Vec<Vec<Inline>>,
}

/// One line under an exhibit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What kind of note.
    pub kind: NoteKind,
    /// Its words.
    pub text: String,
}

/// What a note under an exhibit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteKind {
    /// Datasets, population, grouping, cut-off: `Source`, `Population`, and so on.
    Labelled(&'static str),
    /// A footnote with its letter.
    Footnote(String),
}

/// Where a fact comes from, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What the fact is.
    pub label: String,
    /// The value in full precision, with its unit, count and interval.
    pub value: String,
    /// How it was computed.
    pub method: String,
    /// The analysis set.
    pub population: String,
    /// Dataset.
    pub dataset: String,
    /// Filter on it.
    pub filter: String,
    /// Columns read.
    pub columns: String,
    /// Number of rows that it rests on.
    pub row_count: usize,
    /// Those rows as ranges.
    pub rows: String,
    /// Whom it was counted among, where that is another slice: dataset, filter and number of rows.
    pub denominator: Option<String>,
    /// Planned, post hoc, or neither stated.
    pub planned: Option<bool>,
    /// The exhibit that shows it first.
    pub exhibit: Option<String>,
}

/// The words of a line without their form.
#[must_use]
pub fn plain_text(inlines: &[Inline]) -> String {
    let mut text = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(words) | Inline::Code(words) => text.push_str(words),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner) | Inline::Link { inlines: inner, .. } => {
                text.push_str(&plain_text(inner));
            }
            Inline::Fact(fact) => text.push_str(&fact.text),
            Inline::Reference(reference) => text.push_str(&reference.text),
            Inline::FootnoteMark(_) => {}
            Inline::LineBreak => text.push(' '),
        }
    }
    text
}

/// The words without the room that puts numbers under each other.
#[must_use]
pub fn unaligned(text: &str) -> String {
    text.replace(DIGIT_SPACE, "")
}
