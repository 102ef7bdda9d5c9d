//! Times to event in days.

use super::columns::{self, Column, Derived};
use super::records::TimeToEvent;
use super::roster::{Record, Roster};
use super::words::Noted;
use crate::data::Dataset;
use crate::diagnostic::{Diagnostic, Severity};
use crate::quantity::{Date, days_in_unit};

#[derive(Debug)]
struct TimeColumns {
    code: Option<Column<String>>,
    label: Option<Column<String>>,
    value: Option<Column<f64>>,
    unit: Option<Column<String>>,
    start: Option<Column<Date>>,
    end: Option<Column<Date>>,
    censored: Option<Column<f64>>,
    event_description: Option<Column<String>>,
    censoring_description: Option<Column<String>>,
}

/// What can be wrong with a record.
#[derive(Debug, Default)]
struct Doubts {
    censoring_missing: Noted,
    time_missing: Noted,
    time_negative: Noted,
    unit_assumed: Noted,
}

/// What a unit of AVAL says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    /// So many days each.
    Time(f64),
    /// Not a time: a count.
    Other,
}

fn parse_unit(text: &str) -> Unit {
    days_in_unit(text).map_or(Unit::Other, Unit::Time)
}

/// The unit in the brackets that end a parameter's name: `Overall Survival (Months)`.
fn unit_in_label(label: &str) -> Option<Unit> {
    let inner = label.trim_end().strip_suffix(')')?.rsplit('(').next()?;
    Some(parse_unit(inner)).filter(|unit| *unit != Unit::Other)
}

/// Reads ADTTE.
///
/// ```text
/// days = AVAL x days in the unit        unit from AVALU, otherwise from the brackets that end PARAM
/// days = ADT - STARTDT + 1              where there is no unit
/// days = AVAL                           where there is neither; reported
/// event = (CNSR = 0)
/// ```
///
/// A month has 30.4375 days, a year 365.25. Records whose unit is no time (a count of events), and records without time or without
/// censoring, are left out; all but the first are reported. Negative times are left out and reported.
pub(super) fn derive_times_to_event(adtte: &Dataset, roster: &Roster<'_>, diagnostics: &mut Vec<Diagnostic>) -> Derived<TimeToEvent> {
    let columns = TimeColumns {
        code: columns::texts(adtte, &["PARAMCD"]),
        label: columns::texts(adtte, &["PARAM"]),
        value: columns::numbers(adtte, &["AVAL"]),
        unit: columns::texts(adtte, &["AVALU"]),
        start: columns::dates(adtte, &["STARTDT", "STARTDTM"]),
        end: columns::dates(adtte, &["ADT", "ADTM"]),
        censored: columns::numbers(adtte, &["CNSR"]),
        event_description: columns::texts(adtte, &["EVNTDESC"]),
        censoring_description: columns::texts(adtte, &["CNSDTDSC"]),
    };
    let mut doubts = Doubts::default();
    let times = roster.records(adtte).iter().filter_map(|record| columns.read(record, &mut doubts)).collect();
    diagnostics.extend(doubts.finish().into_iter().map(|diagnostic| diagnostic.in_dataset("ADTTE")));
    Derived { records: times, columns: columns.names() }
}

impl TimeColumns {
    fn names(&self) -> Vec<String> {
        let numbers = [&self.value, &self.censored].map(columns::name);
        let dates = [&self.start, &self.end].map(columns::name);
        [columns::name(&self.code), columns::name(&self.unit)].into_iter().chain(numbers).chain(dates).flatten().collect()
    }

    fn read(&self, record: &Record<'_>, doubts: &mut Doubts) -> Option<TimeToEvent> {
        let text = |column: &Option<Column<String>>| columns::text(column.as_ref(), record.index);
        let code = text(&self.code)?;
        let label = text(&self.label).unwrap_or_else(|| code.clone());
        let usubjid = &record.subject.usubjid;
        let unit = text(&self.unit).map(|unit| parse_unit(&unit)).or_else(|| unit_in_label(&label));
        if unit == Some(Unit::Other) {
            return None;
        }
        let Some(censored) = columns::number(self.censored.as_ref(), record.index) else {
            doubts.censoring_missing.note(&code, record.row, usubjid);
            return None;
        };
        let Some(days) = self.days(record, unit, &code, doubts) else {
            doubts.time_missing.note(&code, record.row, usubjid);
            return None;
        };
        if days < 0.0 {
            doubts.time_negative.note(&code, record.row, usubjid);
            return None;
        }
        let event = censored.abs() < 0.5;
        let (first, second) = if event { (&self.event_description, &None) } else { (&self.event_description, &self.censoring_description) };
        Some(TimeToEvent {
            row: record.row,
            subject: record.position,
            code,
            label,
            days,
            event,
            description: text(first).or_else(|| text(second)),
            start: columns::date(self.start.as_ref(), record.index),
        })
    }

    fn days(&self, record: &Record<'_>, unit: Option<Unit>, code: &str, doubts: &mut Doubts) -> Option<f64> {
        let value = columns::number(self.value.as_ref(), record.index);
        if let (Some(Unit::Time(days)), Some(value)) = (unit, value) {
            return Some(value * days);
        }
        let start = columns::date(self.start.as_ref(), record.index);
        let end = columns::date(self.end.as_ref(), record.index);
        if let (Some(start), Some(end)) = (start, end) {
            return Some(f64::from(end.days_since(start) + 1));
        }
        if value.is_some() {
            doubts.unit_assumed.note(code, record.row, &record.subject.usubjid);
        }
        value
    }
}

impl Doubts {
    fn finish(self) -> Vec<Diagnostic> {
        let censoring = self.censoring_missing.diagnostic(
            "censoring-missing",
            Severity::Major,
            |values| format!("time to event without CNSR is left out: {values}"),
            "set CNSR to 0 for an event and to 1 or more for censoring",
        );
        let missing = self.time_missing.diagnostic(
            "time-missing",
            Severity::Major,
            |values| format!("time to event without AVAL and without dates is left out: {values}"),
            "complete AVAL, or STARTDT and ADT",
        );
        let negative = self.time_negative.diagnostic(
            "time-negative",
            Severity::Major,
            |values| format!("negative time to event is left out: {values}"),
            "correct the date at which the time starts",
        );
        let assumed = self.unit_assumed.diagnostic(
            "time-unit-assumed",
            Severity::Major,
            |values| format!("time to event has no unit and no dates; it is taken as days: {values}"),
            "give the unit in AVALU",
        );
        [censoring, missing, negative, assumed].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_from_words_and_labels() {
        assert_eq!(parse_unit("Months"), Unit::Time(30.4375));
        assert_eq!(parse_unit("COUNT"), Unit::Other);
        assert_eq!(unit_in_label("Overall Survival (Months)"), Some(Unit::Time(30.4375)));
        assert_eq!(unit_in_label("Duration (confirmed)"), None);
    }
}
