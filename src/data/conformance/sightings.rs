//! Rows that a check objects to, and the diagnostic that tells of them.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Code;
use super::trial::View;
use crate::diagnostic::{Diagnostic, Severity};

/// How many different values a message quotes.
const QUOTED: usize = 5;

/// The rows, subjects and values that one check saw in one dataset.
#[derive(Debug)]
pub(super) struct Sightings<'a> {
    view: &'a View<'a>,
    rows: Vec<u32>,
    subjects: BTreeSet<u32>,
    values: BTreeMap<String, usize>,
}

impl<'a> Sightings<'a> {
    /// Nothing seen yet.
    pub(super) fn new(view: &'a View<'a>) -> Self {
        Self { view, rows: Vec::new(), subjects: BTreeSet::new(), values: BTreeMap::new() }
    }

    /// Row `row`, counted from 0, holds `value`.
    pub(super) fn see(&mut self, row: usize, value: &str) {
        self.see_row(row);
        match self.values.get_mut(value) {
            Some(count) => *count += 1,
            None => {
                self.values.insert(value.to_owned(), 1);
            }
        }
    }

    /// Row `row`, counted from 0, with nothing to quote.
    pub(super) fn see_row(&mut self, row: usize) {
        self.rows.push(u32::try_from(row + 1).unwrap_or(u32::MAX));
        self.subjects.extend(self.view.subjects.get(row).copied().flatten());
    }

    /// How many rows were seen.
    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// How many subjects were seen.
    pub(super) fn subject_count(&self) -> usize {
        self.subjects.len()
    }

    /// `3 rows of 2 subjects`. Messages name no subject: they are printed in the dossier, and [`Diagnostic::subjects`] has every one.
    pub(super) fn extent(&self) -> String {
        match self.subjects.len() {
            0 => counted(self.rows.len(), "row"),
            count => format!("{} of {}", counted(self.rows.len(), "row"), counted(count, "subject")),
        }
    }

    /// The values, the most frequent first: `“NA” (12), “.” (3) and 4 more`.
    pub(super) fn values(&self) -> String {
        let mut values: Vec<(&String, usize)> = self.values.iter().map(|(value, count)| (value, *count)).collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let words: Vec<String> = values
            .iter()
            .take(QUOTED)
            .map(|(value, count)| if *count == 1 { quoted(value) } else { format!("{} ({count})", quoted(value)) })
            .collect();
        let more = values.len().saturating_sub(QUOTED);
        if more == 0 { words.join(", ") } else { format!("{} and {more} more", words.join(", ")) }
    }

    /// The diagnostic, if anything was seen.
    pub(super) fn report(self, code: Code, column: &str, message: impl FnOnce(&Self) -> String, hint: &str) -> Option<Diagnostic> {
        self.report_as(code.severity, code, column, message, hint)
    }

    /// The diagnostic with another severity than the customary one of its code.
    pub(super) fn report_as(
        self,
        severity: Severity,
        code: Code,
        column: &str,
        message: impl FnOnce(&Self) -> String,
        hint: &str,
    ) -> Option<Diagnostic> {
        if self.rows.is_empty() {
            return None;
        }
        let message = message(&self);
        let subjects = self.subjects.iter().map(|subject| self.view.roster.subject(*subject).to_owned());
        let diagnostic = Diagnostic::new(code.name, severity, message, hint)
            .in_dataset(self.view.name().label())
            .of_subjects(subjects)
            .in_rows(self.rows);
        Some(if column.is_empty() { diagnostic } else { diagnostic.in_column(column) })
    }
}

/// A value in quotes, shortened where it is long.
pub(super) fn quoted(value: &str) -> String {
    const LONGEST: usize = 60;
    let shown: String = value.chars().take(LONGEST).map(|character| if character.is_control() { ' ' } else { character }).collect();
    if value.chars().count() > LONGEST { format!("“{shown}…”") } else { format!("“{shown}”") }
}

/// The form of a verb that fits a count.
pub(super) fn verb(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

/// `1 row`, `2 rows`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
