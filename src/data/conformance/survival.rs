//! Times to event that are none.

use super::code::{CENSORING_INVALID, TIME_NEGATIVE};
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::column::{AVAL, CNSR};
use crate::data::name::DatasetName;
use crate::diagnostic::Diagnostic;

/// `time-negative`, `censoring-invalid`.
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
    [negative, invalid].into_iter().flatten().collect()
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
