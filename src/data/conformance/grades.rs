//! Toxicity grades that are none.

use super::code::GRADE_INVALID;
use super::sightings::Sightings;
use super::trial::Trial;
use crate::data::column::{AETOXGR, ATOXGR, ATOXGRN};
use crate::data::name::DatasetName;
use crate::diagnostic::Diagnostic;

/// `grade-invalid`: grades of adverse events outside 1 to 5 or not whole.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let Some(view) = trial.view(DatasetName::Adae) else { return Vec::new() };
    let chosen = trial.settings.tolerability.grade_column.as_deref();
    let mut columns: Vec<String> =
        [Some(AETOXGR), Some(ATOXGR), Some(ATOXGRN), chosen].into_iter().flatten().filter_map(|name| view.dataset.column(name)).collect();
    columns.sort();
    columns.dedup();
    let mut found = Vec::new();
    for name in columns {
        let mut seen = Sightings::new(view);
        for (row, grade) in view.dataset.numbers(&name).unwrap_or_default().into_iter().enumerate() {
            let valid = |grade: f64| (1.0..=5.0).contains(&grade) && grade.fract().abs() <= 0.0;
            if let Some(grade) = grade.filter(|grade| !valid(*grade)) {
                seen.see(row, &grade.to_string());
            }
        }
        found.extend(seen.report(
            GRADE_INVALID,
            &name,
            |seen| format!("{name} holds {} in {}; a grade of an adverse event is 1, 2, 3, 4 or 5", seen.values(), seen.extent()),
            "correct the grade; an event without a grade has a blank cell",
        ));
    }
    found
}
