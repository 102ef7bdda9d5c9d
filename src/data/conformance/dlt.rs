//! Dose-limiting toxicities: in the window, in evaluable subjects, alike in ADAE and ADSL.

use super::code::{DLT_CONTRADICTS_ADSL, DLT_NOT_EVALUABLE, DLT_OUTSIDE_WINDOW};
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::column::{ASTDT, ASTDY, DLTFL};
use crate::data::name::DatasetName;
use crate::data::spelling::is_yes;
use crate::diagnostic::Diagnostic;

/// The customary window, where the project file has no `escalation`.
const CUSTOMARY_WINDOW_DAYS: f64 = 28.0;

/// `dlt-outside-window`, `dlt-not-evaluable`, `dlt-contradicts-adsl`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let Some(adsl) = trial.view(DatasetName::Adsl) else { return Vec::new() };
    let evaluable = trial.settings.populations.dlt_evaluable.column.as_deref();
    let evaluable = evaluable.and_then(|column| Some((column.to_owned(), flags(adsl, column)?)));
    let evaluable = evaluable.map(|(column, flags)| (column, trial.facts.row.iter().map(|row| *flags.get((*row)?)?).collect::<Vec<_>>()));
    let mut found = Vec::new();
    for view in [Some(adsl), trial.view(DatasetName::Adae)].into_iter().flatten() {
        let Some(toxic) = flags(view, DLTFL) else { continue };
        if let Some((column, evaluable)) = &evaluable {
            found.extend(not_evaluable(view, &toxic, column, evaluable));
        }
        if view.name() == DatasetName::Adae {
            found.extend(outside_window(trial, view, &toxic));
            found.extend(contradicting(trial, adsl, view, &toxic));
        }
    }
    found
}

/// Whether the flag of each row is set; a blank is not.
fn flags(view: &View<'_>, column: &str) -> Option<Vec<Option<bool>>> {
    let coded = view.coded(column)?;
    Some(coded.map(is_yes).into_iter().map(|flag| Some(flag == Some(true))).collect())
}

fn not_evaluable(view: &View<'_>, toxic: &[Option<bool>], column: &str, evaluable: &[Option<bool>]) -> Option<Diagnostic> {
    let mut seen = Sightings::new(view);
    for (row, _) in toxic.iter().enumerate().filter(|(_, toxic)| **toxic == Some(true)) {
        if view.of_subject(evaluable, row) == Some(false) {
            seen.see_row(row);
        }
    }
    seen.report(
        DLT_NOT_EVALUABLE,
        DLTFL,
        |seen| format!("a dose-limiting toxicity is flagged in {}, whose {column} in ADSL is not Y", seen.extent()),
        "a subject with a dose-limiting toxicity is evaluable by definition, and would be missing from the denominator: correct one of the flags",
    )
}

fn outside_window(trial: &Trial<'_>, view: &View<'_>, toxic: &[Option<bool>]) -> Option<Diagnostic> {
    let window = trial.settings.escalation.as_ref().map_or(CUSTOMARY_WINDOW_DAYS, |escalation| escalation.dlt_window_days);
    let starts = view.dates(ASTDT);
    let days = view.dataset.numbers(ASTDY).unwrap_or_default();
    let mut seen = Sightings::new(view);
    for (row, _) in toxic.iter().enumerate().filter(|(_, toxic)| **toxic == Some(true)) {
        let start = starts.get(row).copied().flatten().zip(view.of_subject(&trial.facts.first_dose, row));
        let day = start.map(|(start, first)| f64::from(start.study_day(first))).or_else(|| days.get(row).copied().flatten());
        if let Some(day) = day.filter(|day| !(1.0..=window).contains(day)) {
            seen.see(row, &format!("day {day}"));
        }
    }
    seen.report(
        DLT_OUTSIDE_WINDOW,
        DLTFL,
        |seen| format!("dose-limiting toxicities start outside the window of {window} days in {}: {}", seen.extent(), seen.values()),
        "check the flag and the start date; the window is `escalation.dlt_window`",
    )
}

/// Subjects for whom exactly one of ADSL and ADAE flags a dose-limiting toxicity, as rows of ADSL.
fn contradicting(trial: &Trial<'_>, adsl: &View<'_>, events: &View<'_>, toxic: &[Option<bool>]) -> Option<Diagnostic> {
    let flagged = flags(adsl, DLTFL)?;
    let mut in_events = vec![false; trial.roster.subjects.len()];
    for (subject, toxic) in events.subjects.iter().zip(toxic) {
        if let Some(event) = subject.and_then(|subject| in_events.get_mut(subject as usize)) {
            *event |= *toxic == Some(true);
        }
    }
    let mut seen = Sightings::new(adsl);
    for (row, flag) in flagged.iter().enumerate() {
        let event = adsl.subjects.get(row).copied().flatten().and_then(|subject| in_events.get(subject as usize).copied());
        match (*flag, event) {
            (Some(true), Some(false)) => seen.see(row, "Y in ADSL, no event in ADAE"),
            (Some(false), Some(true)) => seen.see(row, "an event in ADAE, not Y in ADSL"),
            _ => {}
        }
    }
    seen.report(
        DLT_CONTRADICTS_ADSL,
        DLTFL,
        |seen| format!("ADSL and ADAE disagree on dose-limiting toxicity in {}: {}", seen.extent(), seen.values()),
        "the count of dose-limiting toxicities depends on which is right: correct one of the datasets",
    )
}
