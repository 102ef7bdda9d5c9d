//! The study part of a subject: the first part of the project file whose every column holds one of its values.

use super::columns::{self, Column};
use super::records::PartIndex;
use super::words::{Noted, normalised};
use crate::config::{Part, Settings};
use crate::data::Dataset;
use crate::diagnostic::{Diagnostic, Severity};

/// The conditions of the parts, with the columns they ask.
#[derive(Debug)]
pub(super) struct Parts {
    parts: Vec<Option<Vec<Condition>>>,
    without: Noted,
}

/// One column and the values that meet it, in normal spelling.
#[derive(Debug)]
struct Condition {
    column: Column<String>,
    values: Vec<String>,
}

impl Parts {
    /// Finds the columns. A part that asks a column which is absent, or blank throughout, has no subjects; that is reported when the data
    /// are read.
    pub(super) fn new(adsl: &Dataset, settings: &Settings) -> Self {
        Self { parts: settings.parts.iter().map(|part| conditions(adsl, part)).collect(), without: Noted::default() }
    }

    /// Names of the columns that decide, sorted.
    pub(super) fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> = self.parts.iter().flatten().flatten().map(|condition| condition.column.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The part of the subject in a row of ADSL.
    pub(super) fn of_row(&mut self, index: usize, row: u32, usubjid: &str) -> Option<PartIndex> {
        let meets = |condition: &Condition| condition.column.get(index).is_some_and(|text| condition.values.contains(&normalised(text)));
        let part = self.parts.iter().position(|part| part.as_ref().is_some_and(|conditions| conditions.iter().all(meets)));
        if part.is_none() && !self.parts.is_empty() {
            self.without.note("no part", row, usubjid);
        }
        part.map(PartIndex)
    }

    /// What is to be said once every subject was seen.
    pub(super) fn finish(self, diagnostics: &mut Vec<Diagnostic>) {
        let count = self.without.count();
        let without = self.without.diagnostic(
            "subject-without-part",
            Severity::Minor,
            |_| format!("{count} {} to no part of the project file", if count == 1 { "subject belongs" } else { "subjects belong" }),
            "extend `when` of a part, or add a part, if they are to be analysed by part",
        );
        diagnostics.extend(without.map(|diagnostic| diagnostic.in_dataset("ADSL")));
    }
}

fn conditions(adsl: &Dataset, part: &Part) -> Option<Vec<Condition>> {
    let condition = |(name, values): (&String, &Vec<String>)| {
        let column = columns::texts(adsl, &[name])?;
        Some(Condition { column, values: values.iter().map(|value| normalised(value)).collect() })
    };
    part.when.iter().map(condition).collect()
}
