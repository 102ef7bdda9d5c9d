//! Times of concentrations against the first dose.

use super::code::{NEGATIVE_TIME_AFTER_DOSE, QUANTIFIABLE_BEFORE_FIRST_DOSE};
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::column::{ADT, ADY, AFRLT, ALLOQ, ATPT, AVAL, BLQFL, DTYPE, LLOQ, NFRLT, PARAMCD, PCLLOQ};
use crate::data::name::DatasetName;
use crate::data::spelling::is_yes;
use crate::diagnostic::Diagnostic;

/// `negative-time-after-dose`, `quantifiable-before-first-dose`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for view in trial.records() {
        for name in [AFRLT, NFRLT] {
            found.extend(negative_times(trial, view, name));
        }
        if view.name() == DatasetName::Adpc {
            found.extend(early_concentrations(trial, view));
        }
    }
    found
}

/// Whether each planned time point says that it is after a dose, in words.
fn says_after_dose(view: &View<'_>) -> Vec<Option<bool>> {
    let after = |text: &str| {
        let text = text.to_lowercase();
        text.contains("post-dose") || text.contains("post dose") || text.contains("postdose")
    };
    view.coded(ATPT).map(|coded| coded.map(after)).unwrap_or_default()
}

/// Negative times since first dose where the date, the study day, the planned time or its words say that the dose had been given.
fn negative_times(trial: &Trial<'_>, view: &View<'_>, name: &str) -> Option<Diagnostic> {
    let actual = view.dataset.column(name)?;
    let times = view.dataset.numbers(name)?;
    if !times.iter().flatten().any(|time| *time < 0.0) {
        return None;
    }
    let dates = view.dates(ADT);
    let days = view.dataset.numbers(ADY).unwrap_or_default();
    let planned = view.dataset.numbers(NFRLT).unwrap_or_default();
    let after_dose = says_after_dose(view);
    let mut seen = Sightings::new(view);
    for (row, time) in times.iter().enumerate() {
        let Some(time) = time.filter(|time| *time < 0.0) else { continue };
        let first_dose = view.of_subject(&trial.facts.first_dose, row);
        let dated_after = dates.get(row).copied().flatten().zip(first_dose).is_some_and(|(date, first)| date > first);
        let day_after = days.get(row).copied().flatten().is_some_and(|day| day > 1.0);
        let planned_after = planned.get(row).copied().flatten().is_some_and(|planned| planned > 0.0);
        if dated_after || day_after || planned_after || after_dose.get(row).copied().flatten() == Some(true) {
            seen.see(row, &time.to_string());
        }
    }
    seen.report(
        NEGATIVE_TIME_AFTER_DOSE,
        &actual,
        |seen| format!("{actual} is negative after the first dose in {}: {}", seen.extent(), seen.values()),
        "times before the first dose are negative, later ones are not: check the sign, and the date of the reference dose",
    )
}

/// Concentrations above the limit of quantification on records before the first dose.
fn early_concentrations(trial: &Trial<'_>, view: &View<'_>) -> Option<Diagnostic> {
    let name = view.dataset.column(AVAL)?;
    let values = view.dataset.numbers(AVAL)?;
    let limits = [LLOQ, ALLOQ, PCLLOQ].into_iter().find_map(|limit| view.dataset.numbers(limit)).unwrap_or_default();
    let [actual, planned] = [AFRLT, NFRLT].map(|time| view.dataset.numbers(time).unwrap_or_default());
    let dates = view.dates(ADT);
    let below = view.coded(BLQFL).map(|coded| coded.map(is_yes)).unwrap_or_default();
    let derived = view.coded(DTYPE).map(|coded| coded.codes.clone()).unwrap_or_default();
    let dosing = view.coded(PARAMCD).map(|coded| coded.map(|code| code.eq_ignore_ascii_case("DOSE"))).unwrap_or_default();
    let after_words = says_after_dose(view);
    let before_words = view.coded(ATPT).map(|coded| coded.map(says_before_dose)).unwrap_or_default();
    let mut seen = Sightings::new(view);
    for (row, value) in values.iter().enumerate() {
        let Some(value) = value.filter(|value| *value > limits.get(row).copied().flatten().unwrap_or(0.0)) else { continue };
        let yes = |list: &[Option<bool>]| list.get(row).copied().flatten() == Some(true);
        if yes(&below) || yes(&dosing) || derived.get(row).copied().flatten().is_some() {
            continue;
        }
        let time = actual.get(row).copied().flatten().or_else(|| planned.get(row).copied().flatten());
        let first_dose = view.of_subject(&trial.facts.first_dose, row);
        let date = dates.get(row).copied().flatten();
        let dated_before = date.zip(first_dose).is_some_and(|(date, first)| date < first);
        // A negative time on a record after the dose is a fault of the sign, which is told by itself.
        let dated_after = date.zip(first_dose).is_some_and(|(date, first)| date > first)
            || planned.get(row).copied().flatten().is_some_and(|planned| planned > 0.0)
            || yes(&after_words);
        let timed_before = time.is_some_and(|time| time < 0.0 || (time <= 0.0 && yes(&before_words)));
        if dated_before || (timed_before && !dated_after) {
            seen.see(row, &value.to_string());
        }
    }
    seen.report(
        QUANTIFIABLE_BEFORE_FIRST_DOSE,
        &name,
        |seen| format!("{name} is quantifiable before the first dose in {}: {}", seen.extent(), seen.values()),
        "check for swapped samples, a wrong time, or a dose before the recorded first one",
    )
}

/// Whether a planned time point is before a dose, in words.
fn says_before_dose(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("pre-dose") || text.contains("pre dose") || text.contains("predose")
}
