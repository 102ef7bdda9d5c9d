//! Words of controlled terminology, compared without regard to case, spacing and hyphens, and the values that no vocabulary knows.

use std::collections::BTreeMap;

pub(super) use crate::data::spelling::normalised;
use crate::diagnostic::{Diagnostic, Severity};

/// Whether a flag is set: `Y`, `YES`, `TRUE` or `1`. Every other value, and a blank, is no.
pub(super) fn is_yes(value: Option<&String>) -> bool {
    value.is_some_and(|text| crate::data::spelling::is_yes(text))
}

/// A name for fact ids: lower case, everything but letters and digits as one `_`.
pub(super) fn identifier(value: &str) -> String {
    let lower: String = value.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    lower.split_whitespace().collect::<Vec<_>>().join("_")
}

/// Records that are worth a word to the reader, by the value that made them so.
#[derive(Debug, Default)]
pub(super) struct Noted {
    rows: BTreeMap<String, Vec<u32>>,
    subjects: Vec<String>,
}

impl Noted {
    /// Notes a value with the row and the subject it was seen in.
    pub(super) fn note(&mut self, value: &str, row: u32, usubjid: &str) {
        self.rows.entry(value.to_owned()).or_default().push(row);
        self.subjects.push(usubjid.to_owned());
    }

    /// Values with their number of rows: `POSSIBLE (12 records), REMOTE (1 record)`.
    fn values(&self) -> String {
        let count = |rows: &Vec<u32>| format!("{} {}", rows.len(), if rows.len() == 1 { "record" } else { "records" });
        self.rows.iter().map(|(value, rows)| format!("`{value}` ({})", count(rows))).collect::<Vec<_>>().join(", ")
    }

    /// Number of records noted.
    pub(super) fn count(&self) -> usize {
        self.rows.values().map(Vec::len).sum()
    }

    /// The diagnostic about all of them, or `None` when nothing was noted. `message` is given the values with their counts.
    pub(super) fn diagnostic(
        self,
        code: &'static str,
        severity: Severity,
        message: impl Fn(&str) -> String,
        hint: &str,
    ) -> Option<Diagnostic> {
        if self.rows.is_empty() {
            return None;
        }
        let text = message(&self.values());
        Some(Diagnostic::new(code, severity, text, hint).in_rows(self.rows.into_values().flatten()).of_subjects(self.subjects))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter() {
        assert_eq!(normalised(" Life-Threatening "), "LIFE THREATENING");
        assert_eq!(normalised("dose  not_changed"), "DOSE NOT CHANGED");
        assert_eq!(identifier("PNEUMONITIS/ILD"), "pneumonitis_ild");
        assert!(is_yes(Some(&"yes".to_owned())) && !is_yes(Some(&"N".to_owned())) && !is_yes(None));
    }

    #[test]
    fn nothing_noted_is_no_diagnostic() {
        assert!(Noted::default().diagnostic("x", Severity::Minor, str::to_owned, "").is_none());
        let mut noted = Noted::default();
        noted.note("MAYBE", 3, "S-2");
        noted.note("MAYBE", 1, "S-1");
        let diagnostic = noted.diagnostic("x", Severity::Minor, |values| format!("seen: {values}"), "").unwrap();
        assert_eq!(diagnostic.message, "seen: `MAYBE` (2 records)");
        assert_eq!(diagnostic.rows, [1, 3]);
        assert_eq!(diagnostic.subjects, ["S-1", "S-2"]);
    }
}
