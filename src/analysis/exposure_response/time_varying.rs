//! Exposure that changes over time: daily dose and mean daily dose so far, from the dosing intervals, as a counting process.

use std::collections::BTreeMap;

use super::assembly::Sample;
use super::binary::{EXPOSURE, ExposureForm};
use super::caution::Caution;
use super::effect::Effect;
use super::model_matrix::Covariate;
use super::refusal::Refusal;
use super::time_outcomes::{TimeRecord, Times};
use super::time_to_event::{TimeToEventData, fit_columns};
use crate::config::ExposureOverTime;
use crate::derive::{AnalysisData, DosingInterval, SubjectIndex};
use crate::numerics::cox::Ties;
use crate::numerics::cumulative_incidence::Outcome as Ending;
use crate::numerics::descriptive;
use crate::quantity::Rows;

/// A proportional-hazards model on an exposure that changes over time.
#[derive(Debug, Clone)]
pub struct OverTime {
    /// Which exposure.
    pub kind: ExposureOverTime,
    /// Unit of the daily dose: `mg/day`.
    pub unit: String,
    /// Subjects.
    pub n: usize,
    /// Subjects of the sample without a time after the first day or without dosing intervals.
    pub without_dosing: usize,
    /// Intervals of constant exposure.
    pub intervals: usize,
    /// Events.
    pub events: usize,
    /// Effect; `None` where the model gives no numbers.
    pub effect: Option<Effect>,
    /// Rows of the dosing intervals.
    pub rows: Rows,
    /// What a reader must know.
    pub cautions: Vec<Caution>,
}

/// Dosing of one subject on the axis of the time to the event.
struct Course<'a> {
    intervals: Vec<&'a DosingInterval>,
    /// Days from day 1 of the time to the first dose.
    shift: i32,
}

impl Course<'_> {
    /// Dose on a study day; overlapping stretches add up.
    fn dose(&self, day: i32) -> f64 {
        self.intervals.iter().filter(|interval| interval.start_day <= day && day <= interval.end_day).map(|interval| daily(interval)).sum()
    }

    /// Dose taken on the study days 1 to `last`.
    fn taken(&self, last: i32) -> f64 {
        let days = |interval: &DosingInterval| f64::from((interval.end_day.min(last) - interval.start_day.max(1) + 1).max(0));
        self.intervals.iter().map(|interval| days(interval) * daily(interval)).sum()
    }

    /// Exposure that counts on a day of the time: dosing up to the day before, on the first day of dosing the first dose, before it none.
    fn exposure(&self, kind: ExposureOverTime, time: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, reason = "days of a trial fit an i32; the cast saturates")]
        let study_day = time.ceil() as i32 - self.shift;
        if study_day < 1 {
            return 0.0;
        }
        let last = (study_day - 1).max(1);
        match kind {
            ExposureOverTime::CurrentDose => self.dose(last),
            ExposureOverTime::AverageDose => self.taken(last) / f64::from(last),
        }
    }
}

/// Mean dose per day of a stretch.
fn daily(interval: &DosingInterval) -> f64 {
    interval.dose * interval.doses_per_day / interval.days_between_doses.max(1.0)
}

/// Intervals of constant exposure.
#[derive(Debug, Default)]
struct Process {
    starts: Vec<f64>,
    ends: Vec<f64>,
    events: Vec<bool>,
    exposures: Vec<f64>,
    strata: Vec<usize>,
}

impl Process {
    /// Adds one subject. Exposure matters only at the times at which somebody has the event, so that it is read off there and is constant between.
    fn add(&mut self, record: &TimeRecord, times: &[f64], stratum: usize, exposure: impl Fn(f64) -> f64) {
        let before = times.partition_point(|time| *time < record.days);
        let (mut start, first) = (0.0, self.ends.len());
        for time in times.iter().take(before).copied().chain([record.days]) {
            let value = exposure(time);
            let same = self.ends.len() > first && self.exposures.last().is_some_and(|held| held.total_cmp(&value).is_eq());
            match self.ends.last_mut().filter(|_| same) {
                Some(end) => *end = time,
                None => {
                    self.starts.push(start);
                    self.ends.push(time);
                    self.events.push(false);
                    self.exposures.push(value);
                    self.strata.push(stratum);
                }
            }
            start = time;
        }
        if let Some(last) = self.events.last_mut() {
            *last = record.ending == Ending::Event;
        }
    }
}

/// Models every exposure over time that is asked for.
///
/// ```text
/// lambda_i(t) = lambda_0(t) exp(b x_i(t)),    rows (start, stop] with x_i constant
/// current dose   x_i(t) = daily dose on the day before t
/// average dose   x_i(t) = dose taken from the first dose to the day before t, divided by these days
/// ```
///
/// After the last dose the current dose is zero and the average falls.
///
/// # Errors
/// As for the models.
///
/// Sources: `[AndersenGill1982]`, `[TherneauGrambsch2000]`.
pub(super) fn model_over_time(
    kinds: &[ExposureOverTime],
    (sample, times): (&Sample, &Times),
    (strata, ties): (&[usize], Ties),
    data: &AnalysisData,
    level: f64,
) -> Result<Vec<OverTime>, Refusal> {
    let courses = courses(sample, times, data);
    let mut event_times: Vec<f64> = sample
        .subjects
        .iter()
        .filter(|subject| courses.contains_key(&subject.subject))
        .filter_map(|subject| times.by_subject.get(&subject.subject))
        .filter(|record| record.ending == Ending::Event)
        .map(|record| record.days)
        .collect();
    event_times.sort_by(f64::total_cmp);
    event_times.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let mut made = Vec::new();
    for kind in kinds {
        let mut process = Process::default();
        for (place, subject) in sample.subjects.iter().enumerate() {
            let Some((course, record)) = courses.get(&subject.subject).zip(times.by_subject.get(&subject.subject)) else { continue };
            process.add(record, &event_times, strata.get(place).copied().unwrap_or(0), |time| course.exposure(*kind, time));
        }
        made.push(model(*kind, &process, &courses, sample, (ties, level))?);
    }
    Ok(made)
}

fn model(
    kind: ExposureOverTime,
    process: &Process,
    courses: &BTreeMap<SubjectIndex, Course<'_>>,
    sample: &Sample,
    (ties, level): (Ties, f64),
) -> Result<OverTime, Refusal> {
    let mut cautions = Vec::new();
    let data = TimeToEventData {
        starts: Some(&process.starts),
        ends: &process.ends,
        events: &process.events,
        exposures: &process.exposures,
        strata: &process.strata,
        ties,
        ..TimeToEventData::default()
    };
    let fitted = if process.ends.is_empty() {
        cautions.push(Caution::NoSubjects);
        None
    } else {
        fit_columns(&data, &[Covariate::numeric(EXPOSURE, &process.exposures)], level, &mut cautions)?
    };
    let given: Vec<f64> = process.exposures.iter().copied().filter(|exposure| *exposure > 0.0).collect();
    let median = descriptive::median(&given).unwrap_or(1.0);
    let intervals = || courses.values().flat_map(|course| &course.intervals);
    let unit = intervals().find_map(|interval| interval.unit.clone()).unwrap_or_else(|| "units".to_owned());
    Ok(OverTime {
        kind,
        unit: format!("{unit}/day"),
        n: courses.len(),
        without_dosing: sample.subjects.len() - courses.len(),
        intervals: process.ends.len(),
        events: process.events.iter().filter(|event| **event).count(),
        effect: fitted.and_then(|model| Effect::of_hazard(&model, ExposureForm::Linear, median)),
        rows: intervals().map(|interval| interval.row).collect(),
        cautions,
    })
}

/// Dosing intervals of the summarised drug of every subject of the sample with a time after its beginning.
fn courses<'a>(sample: &Sample, times: &Times, data: &'a AnalysisData) -> BTreeMap<SubjectIndex, Course<'a>> {
    let Some(dosing) = &data.dosing else { return BTreeMap::new() };
    let drugs: BTreeMap<SubjectIndex, &Option<String>> = dosing.summaries.iter().map(|summary| (summary.subject, &summary.drug)).collect();
    let mut by_subject: BTreeMap<SubjectIndex, Vec<&DosingInterval>> = BTreeMap::new();
    for interval in dosing.intervals.iter().filter(|interval| drugs.get(&interval.subject).is_none_or(|drug| **drug == interval.drug)) {
        by_subject.entry(interval.subject).or_default().push(interval);
    }
    let course = |subject: SubjectIndex| {
        let record = times.by_subject.get(&subject).filter(|record| record.days > 0.0)?;
        let intervals = by_subject.get(&subject)?.clone();
        let first_dose = data.subjects.get(subject.0).and_then(|subject| subject.first_dose);
        let shift = record.origin.zip(first_dose).map_or(0, |(origin, first)| first.days_since(origin));
        Some((subject, Course { intervals, shift }))
    };
    sample.subjects.iter().filter_map(|subject| course(subject.subject)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(start_day: i32, end_day: i32, dose: f64) -> DosingInterval {
        DosingInterval {
            row: 1,
            subject: SubjectIndex(0),
            drug: None,
            start_day,
            end_day,
            dose,
            planned: None,
            days_between_doses: 1.0,
            doses_per_day: 1.0,
            regular: true,
            unit: Some("mg".into()),
            reason: None,
            for_adverse_event: false,
        }
    }

    #[test]
    fn exposure_is_that_of_the_day_before() {
        use ExposureOverTime::{AverageDose, CurrentDose};
        let (full, none, half) = (stretch(1, 10, 100.0), stretch(11, 14, 0.0), stretch(15, 30, 50.0));
        let course = Course { intervals: vec![&full, &none, &half], shift: 2 };
        let current: Vec<f64> = [1.0, 3.0, 13.0, 14.0, 18.0, 40.0].map(|time| course.exposure(CurrentDose, time)).to_vec();
        // Study days -1, 1, 11, 12, 16 and 38: day 11 looks at day 10, day 12 at the interruption.
        assert_eq!(current, [0.0, 100.0, 100.0, 0.0, 50.0, 0.0]);
        let average = course.exposure(AverageDose, 22.0);
        assert!((average - (10.0 * 100.0 + 5.0 * 50.0) / 19.0).abs() < 1e-12, "{average}");
    }

    #[test]
    fn rows_are_cut_only_where_exposure_changes_between_event_times() {
        let record = TimeRecord { days: 30.0, ending: Ending::Event, rows: vec![1], origin: None, recurrences: Vec::new(), observed: 30.0 };
        let mut process = Process::default();
        process.add(&record, &[5.0, 12.0, 20.0, 30.0, 50.0], 0, |time| if time < 15.0 { 100.0 } else { 50.0 });
        assert_eq!((process.starts.clone(), process.ends.clone()), (vec![0.0, 12.0], vec![12.0, 30.0]));
        assert_eq!((process.events.clone(), process.exposures.clone()), (vec![false, true], vec![100.0, 50.0]));
        process.add(&TimeRecord { days: 4.0, ending: Ending::Competing, ..record }, &[5.0], 1, |_| 50.0);
        assert_eq!((process.ends.len(), process.events[2], process.strata[2]), (3, false, 1));
    }
}
