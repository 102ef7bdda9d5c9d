//! Flags and sex outside their lists of values.

use super::code::FLAG_VALUE;
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::column::{self, ColumnKind};
use crate::diagnostic::Diagnostic;

/// Values of SEX in CDISC terminology, and the words that some sponsors write out.
const SEXES: [&str; 8] = ["M", "F", "U", "INTERSEX", "UNDIFFERENTIATED", "MALE", "FEMALE", "UNKNOWN"];

/// `flag-value`: flags other than `Y`, `N` and blank, and a sex that is none.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for view in &trial.views {
        for name in view.dataset.columns() {
            if view.dataset.kind_of(&name) == ColumnKind::Flag {
                let hint = "a flag holds Y, N or nothing; YES, TRUE and 1 are read as Y, any other text as no";
                found.extend(outside(view, &name, hint, |value| matches!(value, "Y" | "N")));
            }
        }
        if let Some(name) = view.dataset.column(column::SEX) {
            let hint = "FALSE is often an F that a program took for a truth value; restore M and F from the source";
            found.extend(outside(view, &name, hint, |value| SEXES.iter().any(|sex| sex.eq_ignore_ascii_case(value))));
        }
    }
    found
}

/// The cells of a column that `allowed` refuses.
fn outside(view: &View<'_>, name: &str, hint: &str, allowed: impl Fn(&str) -> bool) -> Option<Diagnostic> {
    let coded = view.coded(name)?;
    if coded.levels.iter().all(|level| allowed(level)) {
        return None;
    }
    let refused = coded.map(|level| !allowed(level));
    let mut seen = Sightings::new(view);
    for (row, _) in refused.iter().enumerate().filter(|(_, refused)| **refused == Some(true)) {
        seen.see(row, coded.text(row).unwrap_or_default());
    }
    seen.report(FLAG_VALUE, name, |seen| format!("{name} holds {} in {}", seen.values(), seen.extent()), hint)
}
