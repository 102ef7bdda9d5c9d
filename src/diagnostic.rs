//! What is wrong with the inputs: severity, code, place, message and what to do.
//!
//! A diagnostic speaks of the project file or of a dataset. Diagnostics are collected, never thrown one by one, and those about data are
//! printed in the dossier.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How much a diagnostic or a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Stops the build unless the project file accepts it with a reason.
    Critical,
    /// A reviewer would ask about it.
    Major,
    /// Worth mending.
    Minor,
    /// For information.
    Info,
}

impl Severity {
    /// The word in output.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Info => "information",
        }
    }
}

/// A place in a text file, with the line it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// 1-based line.
    pub line: usize,
    /// 1-based column, counted in characters.
    pub column: usize,
    /// The line with its neighbours and a caret under the fault, ready to print.
    pub snippet: String,
}

/// One thing that is wrong with the inputs, or that a reader must know about them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable name in kebab case, for example `duplicate-key`; `accept` in the project file refers to it.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Dataset, upper case, where it speaks of one.
    pub dataset: Option<String>,
    /// File it was seen in.
    pub file: Option<PathBuf>,
    /// Column of the dataset, or key path in the project file.
    pub column: Option<String>,
    /// Every 1-based data row of the dataset concerned, ascending.
    pub rows: Vec<u32>,
    /// Row of the dataset that is the first of `file`, where the dataset is made of several files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_row: Option<u32>,
    /// Every subject concerned, sorted, without repeats.
    pub subjects: Vec<String>,
    /// What was observed, with the values.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Line and column, for text files.
    pub place: Option<Place>,
    /// The reason with which the project file accepts this diagnostic.
    pub accepted: Option<String>,
}

impl Diagnostic {
    /// A diagnostic with no place yet.
    #[must_use]
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            dataset: None,
            file: None,
            column: None,
            rows: Vec::new(),
            first_row: None,
            subjects: Vec::new(),
            message: message.into(),
            hint: hint.into(),
            place: None,
            accepted: None,
        }
    }

    /// In this dataset.
    #[must_use]
    pub fn in_dataset(mut self, dataset: impl Into<String>) -> Self {
        self.dataset = Some(dataset.into());
        self
    }

    /// In this file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// In this column, or at this key path.
    #[must_use]
    pub fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// In these 1-based data rows.
    #[must_use]
    pub fn in_rows(mut self, rows: impl IntoIterator<Item = u32>) -> Self {
        self.rows = rows.into_iter().collect();
        self.rows.sort_unstable();
        self.rows.dedup();
        self
    }

    /// Of these subjects.
    #[must_use]
    pub fn of_subjects<S: Into<String>>(mut self, subjects: impl IntoIterator<Item = S>) -> Self {
        self.subjects = subjects.into_iter().map(Into::into).collect();
        self.subjects.sort();
        self.subjects.dedup();
        self
    }

    /// At this place of a text file.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Whether it stops a build: critical and not accepted.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.severity == Severity::Critical && self.accepted.is_none()
    }
}

/// A value and what the reader must know about it.
#[derive(Debug, Clone)]
pub struct Warned<T> {
    /// The value.
    pub value: T,
    /// What was seen on the way to it.
    pub diagnostics: Vec<Diagnostic>,
}
