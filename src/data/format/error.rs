//! Why a file could not be read, where in the file, and what to do about it.

use std::path::PathBuf;

use polars::error::PolarsError;

use super::sniff::Foreign;

/// A file that could not be read as a table.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: ReadFault,
}

impl ReadError {
    /// Stable name of the fault in kebab case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.fault.code()
    }

    /// What the user can do.
    #[must_use]
    pub fn hint(&self) -> String {
        self.fault.hint()
    }

    /// 1-based data row, where the fault has one.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        self.fault.row()
    }

    /// Column name, where the fault has one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.fault.column()
    }
}

/// What is wrong with a file. Rows are 1-based data rows (row 0 is the header of a delimited file), lines are 1-based lines of the file.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// The operating system refused.
    #[error("the file cannot be read: {0}")]
    Io(#[source] std::io::Error),
    /// No bytes, or nothing but blank lines.
    #[error("the file is empty")]
    Empty,
    /// A file of another kind.
    #[error("this is {0}, not a dataset")]
    NotATable(Foreign),
    /// The name says one format, the content is none that is known.
    #[error("the name ends in .{extension}, but the content does not begin as such a file does")]
    Unrecognised {
        /// Extension of the file, lower case.
        extension: String,
    },
    /// The gzip stream is damaged or cut off.
    #[error("the gzip compression is damaged or cut off: {detail}")]
    Compression {
        /// What the decompressor said.
        detail: String,
    },
    /// Text that no supported encoding explains.
    #[error("the text cannot be decoded: {detail}")]
    Encoding {
        /// What was met.
        detail: String,
    },
    /// A NUL byte in a text file.
    #[error("line {line} holds a NUL byte, which text cannot hold")]
    NulByte {
        /// Line of the file.
        line: usize,
    },
    /// A column without a name.
    #[error("column {position} has no name")]
    EmptyName {
        /// 1-based position of the column.
        position: usize,
    },
    /// Two columns of one name (compared without case).
    #[error("columns {first} and {second} are both named {name}")]
    DuplicateName {
        /// The name.
        name: String,
        /// 1-based position of the first.
        first: usize,
        /// 1-based position of the second.
        second: usize,
    },
    /// A record with too few or too many fields.
    #[error("data row {row} (line {line}) has {found} fields, the header has {expected}")]
    RaggedRow {
        /// Data row.
        row: usize,
        /// Line of the file on which the record starts.
        line: usize,
        /// Fields in the header.
        expected: usize,
        /// Fields in the record.
        found: usize,
    },
    /// A blank line between records.
    #[error("line {line}, where data row {row} should be, is blank")]
    BlankLine {
        /// Data row that would have stood there.
        row: usize,
        /// Line of the file.
        line: usize,
    },
    /// A quoted cell that never ends.
    #[error("a quoted cell that starts in data row {row} (line {line}) is still open at the end of the file")]
    UnclosedQuote {
        /// Data row.
        row: usize,
        /// Line of the file on which the cell starts.
        line: usize,
    },
    /// Text between a closing quote and the next separator.
    #[error("data row {row} (line {line}): text follows a closing quote")]
    TextAfterQuote {
        /// Data row.
        row: usize,
        /// Line of the file.
        line: usize,
    },
    /// A line feed in a file whose lines end in carriage returns.
    #[error("data row {row} (line {line}): a line feed in a file whose lines end in a carriage return alone")]
    MixedLineEnds {
        /// Data row.
        row: usize,
        /// Line of the file.
        line: usize,
    },
    /// Fewer or more rows were read than the file holds or announces.
    #[error("the file holds {expected} rows, {read} could be read")]
    RowCount {
        /// Rows that the structure of the file announces.
        expected: usize,
        /// Rows that were read.
        read: usize,
    },
    /// The end of the file is missing.
    #[error("the file is cut off: {detail}")]
    Truncated {
        /// How it was noticed.
        detail: String,
    },
    /// The file contradicts its own format.
    #[error("the file is damaged: {detail}")]
    Corrupt {
        /// What was met.
        detail: String,
    },
    /// A transport library of several datasets.
    #[error("the transport file holds {} datasets: {}", names.len(), names.join(", "))]
    SeveralMembers {
        /// Names of the datasets.
        names: Vec<String>,
    },
    /// No columns.
    #[error("the dataset has no variables")]
    NoVariables,
    /// A column of lists, structures or another type that holds no plain values.
    #[error("column {column} is of type {dtype}, which is neither text, nor a number, nor a date")]
    UnsupportedColumn {
        /// The column.
        column: String,
        /// Its type.
        dtype: String,
    },
    /// JSON of another kind or version.
    #[error("{detail}")]
    NotDatasetJson {
        /// What it is instead.
        detail: String,
    },
}

impl ReadFault {
    /// Stable name in kebab case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "file-unreadable",
            Self::Empty => "file-empty",
            Self::NotATable(_) => "file-not-a-dataset",
            Self::Unrecognised { .. } => "file-unrecognised",
            Self::Compression { .. } => "file-compression-damaged",
            Self::Encoding { .. } => "file-encoding",
            Self::NulByte { .. } => "file-nul-byte",
            Self::EmptyName { .. } => "column-name-empty",
            Self::DuplicateName { .. } => "column-name-duplicate",
            Self::RaggedRow { .. } => "row-ragged",
            Self::BlankLine { .. } => "row-blank",
            Self::UnclosedQuote { .. } => "quote-unclosed",
            Self::TextAfterQuote { .. } => "quote-stray",
            Self::MixedLineEnds { .. } => "line-ends-mixed",
            Self::RowCount { .. } => "row-count",
            Self::Truncated { .. } => "file-truncated",
            Self::Corrupt { .. } => "file-damaged",
            Self::SeveralMembers { .. } => "file-several-datasets",
            Self::NoVariables => "file-no-variables",
            Self::UnsupportedColumn { .. } => "column-type-unsupported",
            Self::NotDatasetJson { .. } => "json-not-dataset",
        }
    }

    /// What the user can do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Io(_) => "check that the file exists and may be read".into(),
            Self::Empty => "export the dataset again; a dataset without rows still has a header".into(),
            Self::NotATable(foreign) => foreign.hint().into(),
            Self::Unrecognised { .. } => {
                "the file may be damaged or renamed: export it again as CSV, Parquet, SAS transport, SAS7BDAT or Dataset-JSON 1.1".into()
            }
            Self::Compression { .. } => "copy the file again from its source and compare checksums".into(),
            Self::Encoding { .. } | Self::NulByte { .. } => {
                "save the file as UTF-8 text; a file that is not text must keep its own format".into()
            }
            Self::EmptyName { position: 1 } => "name the column, or export without row names (in R: row.names = FALSE)".into(),
            Self::EmptyName { .. } => "name the column, or remove the separator at the end of the header".into(),
            Self::DuplicateName { .. } => "rename or remove one of the two".into(),
            Self::RaggedRow { .. } => {
                "a cell that holds the separator must be quoted; a last row that is short means that the file was cut off: copy it again"
                    .into()
            }
            Self::BlankLine { .. } => "remove the blank line, or restore the record that stood there".into(),
            Self::UnclosedQuote { .. } => "close the quote; if it is the last row, the file was cut off: copy it again".into(),
            Self::TextAfterQuote { .. } => "double each quote inside a quoted cell".into(),
            Self::MixedLineEnds { .. } => "save the file with one kind of line end".into(),
            Self::RowCount { .. } | Self::Truncated { .. } | Self::Corrupt { .. } => {
                "copy or export the file again and compare checksums with its source".into()
            }
            Self::SeveralMembers { .. } => "write one transport file per dataset".into(),
            Self::NoVariables => "export the dataset again with its variables".into(),
            Self::UnsupportedColumn { column, .. } => format!("remove {column}, or write it as text or number"),
            Self::NotDatasetJson { .. } => "export the dataset as CDISC Dataset-JSON 1.1".into(),
        }
    }

    /// 1-based data row, where the fault has one.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        match self {
            Self::RaggedRow { row, .. }
            | Self::BlankLine { row, .. }
            | Self::UnclosedQuote { row, .. }
            | Self::TextAfterQuote { row, .. }
            | Self::MixedLineEnds { row, .. } => Some(*row),
            _ => None,
        }
    }

    /// Column name, where the fault has one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::DuplicateName { name, .. } => Some(name),
            Self::UnsupportedColumn { column, .. } => Some(column),
            _ => None,
        }
    }
}

impl From<PolarsError> for ReadFault {
    fn from(error: PolarsError) -> Self {
        Self::Corrupt { detail: first_line(&error.to_string()) }
    }
}

/// The first line of a message: the frame library appends advice about its own options.
pub(super) fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_string()
}
