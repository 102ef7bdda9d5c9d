//! Times to event that are none.

use std::collections::BTreeSet;

use super::code::{CENSORING_INVALID, EVENTS_ABSENT, TIME_CONTRADICTS_DATES, TIME_NEGATIVE};
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::column::{ADT, AVAL, AVALU, CNSR, STARTDT};
use crate::data::name::DatasetName;
use crate::diagnostic::Diagnostic;
use crate::quantity::days_in_unit;

/// Difference between a time and its dates that rounding or the count of days explains: so many days, or this share of the time.
const TOLERATED_DAYS: f64 = 3.0;
const TOLERATED_SHARE: f64 = 0.05;

/// Fewest censored records from which a dataset without any event is strange.
const FEWEST_CENSORED: usize = 10;

/// `time-negative`, `censoring-invalid`, `events-absent`, `time-contradicts-dates`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let Some(view) = trial.view(DatasetName::Adtte) else { return Vec::new() };
    let times = refused(view, AVAL, |time| time < 0.0);
    let codes = refused(view, CNSR, |code| code < 0.0 || code.fract().abs() > 0.0);
    let negative = times.report(
        TIME_NEGATIVE,
        AVAL,
        |seen| format!("times to event are negative in {}: {}", seen.extent(), seen.values()),
        "check the date of origin and the date of the event",
    );
    let invalid = codes.report(
        CENSORING_INVALID,
        CNSR,
        |seen| format!("{CNSR} holds {} in {}", seen.values(), seen.extent()),
        "CNSR is 0 for an event and a positive whole number for a censored time",
    );
    [negative, invalid, without_events(view), unlike_dates(view)].into_iter().flatten().collect()
}

/// Coding 1 and 2, as statistical programs have it, for 0 and 1, as ADaM has it: everybody would be censored.
fn without_events(view: &View<'_>) -> Option<Diagnostic> {
    let codes = view.dataset.numbers(CNSR)?;
    let different: BTreeSet<u64> = codes.iter().flatten().map(|code| code.to_bits()).collect();
    if different.len() < 2 || codes.iter().flatten().any(|code| *code < 1.0) {
        return None;
    }
    let mut seen = Sightings::new(view);
    for (row, code) in codes.iter().enumerate() {
        if let Some(code) = code {
            seen.see(row, &code.to_string());
        }
    }
    if seen.count() < FEWEST_CENSORED {
        return None;
    }
    seen.report(
        EVENTS_ABSENT,
        CNSR,
        |seen| format!("{CNSR} is 0 nowhere, so that no record is an event: {} in {}", seen.values(), seen.extent()),
        "ADaM codes an event as 0 and censoring as 1 or more; some programs code 1 and 2, or an event as 1: check, and code it as ADaM does",
    )
}

/// Times that differ from the time between STARTDT and ADT: the unit, or one of the dates, is another than it says.
fn unlike_dates(view: &View<'_>) -> Option<Diagnostic> {
    let (name, times) = view.dataset.column(AVAL).zip(view.dataset.numbers(AVAL))?;
    let units = view.coded(AVALU)?;
    let days_of_level: Vec<Option<f64>> = units.levels.iter().map(|unit| days_in_unit(unit)).collect();
    let (starts, ends) = (view.dates(STARTDT), view.dates(ADT));
    let mut seen = Sightings::new(view);
    for (row, (start, end)) in starts.iter().zip(ends.iter()).enumerate() {
        let (Some(start), Some(end), Some(time)) = (start, end, times.get(row).copied().flatten()) else { continue };
        let unit = units.codes.get(row).copied().flatten().and_then(|code| days_of_level.get(code as usize).copied().flatten());
        let Some(days) = unit.map(|days| time * days).filter(|days| *days >= 0.0) else { continue };
        let between = f64::from(end.days_since(*start) + 1);
        if (days - between).abs() > TOLERATED_DAYS.max(TOLERATED_SHARE * between) {
            seen.see(row, &format!("{time} {} for {between} days", units.text(row).unwrap_or_default()));
        }
    }
    seen.report(
        TIME_CONTRADICTS_DATES,
        &name,
        |seen| format!("times differ from those between {STARTDT} and {ADT} in {}: {}", seen.extent(), seen.values()),
        "check the unit in AVALU and the two dates; the analysis takes AVAL in that unit",
    )
}

/// The rows in which a column holds a number that `refuse` refuses.
fn refused<'a>(view: &'a View<'a>, name: &str, refuse: impl Fn(f64) -> bool) -> Sightings<'a> {
    let mut seen = Sightings::new(view);
    for (row, value) in view.dataset.numbers(name).unwrap_or_default().into_iter().enumerate() {
        if let Some(value) = value.filter(|value| refuse(*value)) {
            seen.see(row, &value.to_string());
        }
    }
    seen
}
