//! The order of dates: start and end, first dose, death.

use super::code::{AFTER_DEATH, BEFORE_FIRST_DOSE, START_AFTER_END};
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::column::{ADT, AENDT, ASTDT, DTHDT, EXDOSE, LSTALVDT, STARTDT, TRTEDT, TRTEMFL, TRTSDT};
use crate::data::name::DatasetName;
use crate::data::spelling::is_yes;
use crate::diagnostic::Diagnostic;
use crate::quantity::Date;

/// `start-after-end`, `before-first-dose`, `after-death`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for view in &trial.views {
        for (start, end) in [(ASTDT, AENDT), (TRTSDT, TRTEDT), (STARTDT, ADT)] {
            let own = view.name() == DatasetName::Adsl || start != TRTSDT;
            found.extend(own.then(|| start_after_end(view, start, end)).flatten());
        }
        found.extend(before_first_dose(trial, view));
        for name in dated(view.name()) {
            found.extend(after_death(trial, view, name));
        }
    }
    found
}

/// Columns that date what a living subject did or had.
fn dated(dataset: DatasetName) -> &'static [&'static str] {
    match dataset {
        DatasetName::Adsl => &[TRTEDT, LSTALVDT],
        DatasetName::Adae | DatasetName::Adex => &[ASTDT],
        _ => &[ADT],
    }
}

fn start_after_end(view: &View<'_>, start: &str, end: &str) -> Option<Diagnostic> {
    let names = (view.dataset.column(start)?, view.dataset.column(end)?);
    let mut seen = Sightings::new(view);
    for (row, dates) in view.dates(start).iter().zip(view.dates(end).iter()).enumerate() {
        if let (Some(start), Some(end)) = dates
            && start > end
        {
            seen.see(row, &format!("{start} to {end}"));
        }
    }
    seen.report(
        START_AFTER_END,
        &names.0,
        |seen| format!("{} lies after {} in {}: {}", names.0, names.1, seen.extent(), seen.values()),
        "correct one of the dates; a duration from them would be negative",
    )
}

/// Treatment-emergent events and dosing that start before the first dose of ADSL.
fn before_first_dose(trial: &Trial<'_>, view: &View<'_>) -> Option<Diagnostic> {
    let (claim, claimed): (&str, Vec<Option<bool>>) = match view.name() {
        DatasetName::Adae => ("treatment-emergent events start", view.coded(TRTEMFL)?.map(is_yes)),
        DatasetName::Adex => ("dosing starts", given(view)),
        _ => return None,
    };
    let name = view.dataset.column(ASTDT)?;
    let mut seen = Sightings::new(view);
    for (row, start) in view.dates(ASTDT).iter().copied().enumerate() {
        if let Some((start, first)) = start.zip(view.of_subject(&trial.facts.first_dose, row))
            && start < first
            && claimed.get(row).copied().flatten() == Some(true)
        {
            seen.see(row, &format!("{start}, first dose {first}"));
        }
    }
    seen.report(
        BEFORE_FIRST_DOSE,
        &name,
        |seen| format!("{claim} before the first dose in {}: {}", seen.extent(), seen.values()),
        "check the start date, the flag and TRTSDT in ADSL",
    )
}

/// Whether a dose was given in each row; where no dose is recorded, it counts as given.
fn given(view: &View<'_>) -> Vec<Option<bool>> {
    match view.dataset.numbers(EXDOSE) {
        Some(doses) => doses.into_iter().map(|dose| Some(dose.is_none_or(|dose| dose > 0.0))).collect(),
        None => vec![Some(true); view.dataset.height()],
    }
}

fn after_death(trial: &Trial<'_>, view: &View<'_>, name: &str) -> Option<Diagnostic> {
    if trial.facts.death.iter().all(Option::is_none) {
        return None;
    }
    let actual = view.dataset.column(name)?;
    let given = if view.name() == DatasetName::Adex { given(view) } else { Vec::new() };
    let mut seen = Sightings::new(view);
    let dead = |date: Date, row: usize| view.of_subject(&trial.facts.death, row).filter(|death| date > *death);
    for (row, date) in view.dates(name).iter().copied().enumerate() {
        if let Some((date, death)) = date.and_then(|date| Some((date, dead(date, row)?)))
            && given.get(row).copied().flatten() != Some(false)
        {
            seen.see(row, &format!("{date}, death {death}"));
        }
    }
    seen.report(
        AFTER_DEATH,
        &actual,
        |seen| format!("{actual} lies after the date of death ({DTHDT} in ADSL) in {}: {}", seen.extent(), seen.values()),
        "correct the date of the record or of the death",
    )
}
