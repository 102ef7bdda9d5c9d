//! Times to an event in each subject: from ADTTE, or to the first matching adverse event; with what competes.

use std::collections::BTreeMap;

use super::condition::RowConditions;
use super::endpoint::{Aspect, EndpointSource, Outcome, Outcomes, columns_read, outcomes as read, parameter};
use super::endpoint_table;
use super::refusal::Refusal;
use crate::analysis::treatment::{TreatmentTimes, treatment_ended};
use crate::config::{Endpoint, EndpointKind};
use crate::data::DatasetName;
use crate::derive::{AdverseEvent, AnalysisData, Subject, SubjectIndex, TimeToEvent, TreatmentStatus};
use crate::numerics::cumulative_incidence::Outcome as Ending;
use crate::quantity::Date;

/// Days after the last dose in which adverse events still count, the customary safety follow-up.
pub const SAFETY_FOLLOW_UP_DAYS: i32 = 30;

/// A time in one subject.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TimeRecord {
    /// Days to the end of observation; the first day is 1.
    pub(super) days: f64,
    /// What ended it.
    pub(super) ending: Ending,
    /// Rows that show it.
    pub(super) rows: Vec<u32>,
    /// Date of day 1, where known.
    pub(super) origin: Option<Date>,
    /// Days of every event, the first included, up to the end of observation in which events count; of adverse events only.
    pub(super) recurrences: Vec<f64>,
    /// End of observation of recurrent events, days.
    pub(super) observed: f64,
}

/// The times of every subject who has one.
#[derive(Debug, Clone)]
pub(super) struct Times {
    pub(super) source: EndpointSource,
    pub(super) by_subject: BTreeMap<SubjectIndex, TimeRecord>,
    /// Whether anything may compete with the event.
    pub(super) competing: bool,
}

/// The times as outcomes; a competing event ends the time without the event.
pub(super) fn outcomes(endpoint: &Endpoint, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    let found = times(endpoint, data)?;
    let outcome = |record: &TimeRecord| Outcome::Time { days: record.days, event: record.ending == Ending::Event };
    let by_subject = found.by_subject.iter().map(|(subject, record)| (*subject, (outcome(record), record.rows.clone()))).collect();
    Ok(Outcomes { source: found.source, by_subject, absent: None })
}

/// Reads the times that the project file describes.
pub(super) fn times(endpoint: &Endpoint, data: &AnalysisData) -> Result<Times, Refusal> {
    match endpoint_table::table_named(&endpoint.dataset) {
        Some(name) => endpoint_table::outcomes(endpoint, name, data).map(plain_times),
        None if endpoint.dataset == "adae" => adverse_event_times(endpoint, data),
        None => recorded_times(endpoint, data),
    }
}

/// Times with nothing that competes or recurs, as a table of exposure and response holds them.
fn plain_times(found: Outcomes) -> Times {
    let record = |(outcome, rows): &(Outcome, Vec<u32>)| match *outcome {
        Outcome::Time { days, event } => {
            let ending = if event { Ending::Event } else { Ending::Censored };
            Some(TimeRecord { days, ending, rows: rows.clone(), origin: None, recurrences: Vec::new(), observed: days })
        }
        _ => None,
    };
    let by_subject = found.by_subject.iter().filter_map(|(subject, of)| Some((*subject, record(of)?))).collect();
    Times { source: found.source, by_subject, competing: false }
}

/// Times of a parameter of ADTTE.
///
/// An ending whose description the project file names competes. The event of a competing parameter competes where it comes before the end of the
/// time; on one day the event comes first.
fn recorded_times(endpoint: &Endpoint, data: &AnalysisData) -> Result<Times, Refusal> {
    let code = parameter(endpoint)?;
    let all = data.times_to_event.as_ref().ok_or(Refusal::Absent { dataset: "ADTTE".to_owned() })?;
    let conditions = RowConditions::new(&endpoint.conditions, DatasetName::Adtte, data)?;
    let of = |code: &str| {
        let (code, conditions) = (code.to_owned(), &conditions);
        all.iter().filter(move |record| record.code.eq_ignore_ascii_case(&code) && record.days.is_finite() && conditions.hold(record.row))
    };
    let no_parameter = |code: &str| Refusal::NoParameter { dataset: "ADTTE".to_owned(), code: code.to_owned() };
    let first = of(code).next().ok_or_else(|| no_parameter(code))?;
    let mut others: BTreeMap<SubjectIndex, &TimeToEvent> = BTreeMap::new();
    for other in &endpoint.competing_parameters {
        of(other).next().ok_or_else(|| no_parameter(other))?;
        for record in of(other).filter(|record| record.event) {
            let earliest = others.entry(record.subject).or_insert(record);
            if record.days < earliest.days {
                *earliest = record;
            }
        }
    }
    let mut by_subject: BTreeMap<SubjectIndex, TimeRecord> = BTreeMap::new();
    for record in of(code) {
        by_subject.entry(record.subject).or_insert_with(|| recorded(record, others.get(&record.subject).copied(), endpoint));
    }
    let competing = !(endpoint.competing.is_empty() && endpoint.competing_parameters.is_empty());
    let but = if endpoint.competing.is_empty() { String::new() } else { format!(" and not ({})", endpoint.competing.join(" or ")) };
    let named = std::iter::once(code).chain(endpoint.competing_parameters.iter().map(String::as_str));
    let codes: Vec<String> = named.map(|code| format!("PARAMCD = {code}")).collect();
    let source = EndpointSource {
        label: endpoint.label.clone().unwrap_or_else(|| first.label.clone()),
        aspect: Aspect::Efficacy,
        dataset: DatasetName::Adtte,
        filter: conditions.filter(&codes.join(" or ")),
        event_filter: format!("CNSR = 0{but}"),
        columns: conditions.with(columns_read(data, DatasetName::Adtte)),
        unit: None,
        categories: Vec::new(),
        better: endpoint.better,
    };
    Ok(Times { source, by_subject, competing })
}

fn recorded(record: &TimeToEvent, other: Option<&TimeToEvent>, endpoint: &Endpoint) -> TimeRecord {
    let named = |text: &String| endpoint.competing.iter().any(|named| named.trim().eq_ignore_ascii_case(text.trim()));
    let described = record.description.as_ref().is_some_and(named);
    let before = other.filter(|other| other.days < record.days || (!record.event && other.days <= record.days));
    let ending = match (before, described, record.event) {
        (Some(_), ..) | (None, true, _) => Ending::Competing,
        (None, false, true) => Ending::Event,
        (None, false, false) => Ending::Censored,
    };
    TimeRecord {
        days: before.map_or(record.days, |other| other.days),
        ending,
        rows: std::iter::once(record.row).chain(before.map(|other| other.row)).collect(),
        origin: record.start,
        recurrences: Vec::new(),
        observed: record.days,
    }
}

/// Days since the first dose, which is day 1, to the first matching adverse event of every treated subject.
///
/// Time at risk ends 30 days after the last dose, and while treatment goes on at the cut-off; death and the end of the time at risk compete, the
/// cut-off censors. On one day the event comes before death. Events after the time at risk do not count; events without a day of start neither.
fn adverse_event_times(endpoint: &Endpoint, data: &AnalysisData) -> Result<Times, Refusal> {
    let found = read(&Endpoint { kind: EndpointKind::Binary, ..endpoint.clone() }, data)?;
    let events = data.adverse_events.as_ref().ok_or(Refusal::Absent { dataset: "ADAE".to_owned() })?;
    let by_row: BTreeMap<u32, &AdverseEvent> = events.events.iter().map(|event| (event.row, event)).collect();
    let times = TreatmentTimes::of(data);
    let mut by_subject = BTreeMap::new();
    for (index, subject) in data.subjects.iter().enumerate() {
        let index = SubjectIndex(index);
        let Some(course) = Course::of(&times, index, subject) else { continue };
        let rows = found.by_subject.get(&index).map_or(&[][..], |(_, rows)| rows.as_slice());
        let started = |row: &u32| by_row.get(row).and_then(|event| Some((event.start_day?.max(1), *row)));
        let mut days: Vec<(i32, u32)> = rows.iter().filter_map(started).collect();
        days.sort_unstable();
        by_subject.insert(index, course.record(&days, endpoint.recurrent, subject.first_dose));
    }
    let mut source = found.source;
    source.columns.extend(events.day_columns());
    "first of each subject".clone_into(&mut source.event_filter);
    if endpoint.label.is_none() {
        let mut letters = source.label.chars();
        let rest: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
        source.label = format!("Time to first {rest}");
    }
    Ok(Times { source, by_subject, competing: true })
}

/// The days of one subject that bound the time at risk.
struct Course {
    end: i32,
    ended: bool,
    death: Option<i32>,
    cutoff: Option<i32>,
}

impl Course {
    fn of(times: &TreatmentTimes, index: SubjectIndex, subject: &Subject) -> Option<Self> {
        if subject.treatment_status == Some(TreatmentStatus::NotTreated) {
            return None;
        }
        let day = |date: Option<Date>| Some(date?.study_day(subject.first_dose?));
        #[expect(clippy::cast_possible_truncation, reason = "days of a trial fit an i32; the cast saturates")]
        let treated = (times.days(index)?.ceil() as i32).max(1);
        let (ended, cutoff) = (treatment_ended(subject), day(subject.cutoff));
        let end = if ended { treated + SAFETY_FOLLOW_UP_DAYS } else { cutoff.unwrap_or(treated) };
        Some(Self { end, ended, death: day(subject.death), cutoff })
    }

    fn record(&self, events: &[(i32, u32)], recurrent: bool, origin: Option<Date>) -> TimeRecord {
        let observed = self.cutoff.map_or(self.end, |cutoff| cutoff.min(self.end)).max(1);
        let last = self.death.map_or(observed, |death| death.min(observed)).max(1);
        let counted: Vec<(i32, u32)> = events.iter().copied().filter(|(day, _)| *day <= last).collect();
        let (day, ending) = match counted.first() {
            Some((day, _)) => (*day, Ending::Event),
            None if self.death.is_some_and(|death| death <= observed) => (last, Ending::Competing),
            None if self.ended && self.end <= observed => (self.end.max(1), Ending::Competing),
            None => (observed, Ending::Censored),
        };
        let kept = if recurrent { counted.len() } else { counted.len().min(1) };
        TimeRecord {
            days: f64::from(day),
            ending,
            rows: counted.iter().take(kept).map(|(_, row)| *row).collect(),
            origin,
            recurrences: counted.iter().map(|(day, _)| f64::from(*day)).collect(),
            observed: f64::from(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Better, Pick, Statistic};

    fn course(end: i32, ended: bool, death: Option<i32>, cutoff: Option<i32>) -> Course {
        Course { end, ended, death, cutoff }
    }

    #[test]
    fn what_comes_first_ends_the_time_at_risk() {
        let told = |course: &Course, events: &[(i32, u32)]| {
            let record = course.record(events, true, None);
            (record.days, record.ending, record.recurrences.len(), record.observed)
        };
        let stopped = course(130, true, None, Some(900));
        assert_eq!(told(&stopped, &[(12, 1), (80, 2), (131, 3)]), (12.0, Ending::Event, 2, 130.0));
        assert_eq!(told(&stopped, &[(131, 3)]), (130.0, Ending::Competing, 0, 130.0));
        assert_eq!(told(&course(130, true, Some(100), Some(900)), &[(100, 1)]), (100.0, Ending::Event, 1, 100.0));
        assert_eq!(told(&course(130, true, Some(100), Some(900)), &[]), (100.0, Ending::Competing, 0, 100.0));
        assert_eq!(told(&course(130, true, None, Some(110)), &[]), (110.0, Ending::Censored, 0, 110.0));
        assert_eq!(told(&course(400, false, None, Some(400)), &[]), (400.0, Ending::Censored, 0, 400.0));
    }

    fn time(code: &str, days: f64, event: bool, words: &str) -> TimeToEvent {
        let (code, label, description) = (code.to_owned(), code.to_owned(), Some(words.to_owned()));
        TimeToEvent { row: days as u32, subject: SubjectIndex(0), code, label, days, event, description, start: None }
    }

    #[test]
    fn descriptions_and_other_parameters_compete() {
        let asked = Endpoint {
            dataset: "adtte".into(),
            parameter: Some("PFS".into()),
            label: None,
            kind: EndpointKind::TimeToEvent,
            event: Vec::new(),
            grade_at_least: None,
            terms: Vec::new(),
            conditions: BTreeMap::new(),
            competing: vec!["Death".into()],
            competing_parameters: vec!["OS".into()],
            recurrent: false,
            statistic: Statistic::Value,
            visit: None,
            pick: Pick::Worst,
            better: Better::Lower,
            column: None,
            aspect: None,
        };
        let read = |records: Vec<TimeToEvent>| {
            let data = AnalysisData { times_to_event: Some(records), ..AnalysisData::default() };
            times(&asked, &data).map(|found| found.by_subject[&SubjectIndex(0)].clone())
        };
        let alive = || time("OS", 300.0, false, "ALIVE");
        let progressed = read(vec![time("PFS", 90.0, true, "PROGRESSION"), alive()]).unwrap();
        assert_eq!((progressed.days, progressed.ending), (90.0, Ending::Event));
        assert_eq!(read(vec![time("PFS", 90.0, true, "DEATH"), alive()]).unwrap().ending, Ending::Competing);
        let died = read(vec![time("PFS", 90.0, false, "LAST ASSESSMENT"), time("OS", 90.0, true, "DEATH")]).unwrap();
        assert_eq!((died.ending, died.rows), (Ending::Competing, vec![90, 90]));
        let later = read(vec![time("PFS", 90.0, false, "LAST ASSESSMENT"), time("OS", 200.0, true, "DEATH")]).unwrap();
        assert_eq!((later.days, later.ending), (90.0, Ending::Censored));
        assert!(matches!(read(vec![time("PFS", 9.0, true, "X")]), Err(Refusal::NoParameter { code, .. }) if code == "OS"));
    }
}
