//! The course of each treated subject: dosing, response, progression, end of treatment, death.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Population, panels};
use crate::analysis::treatment::{TreatmentTimes, stopped_for_adverse_event};
use crate::config::Settings;
use crate::derive::{AnalysisData, Assessor, DosingInterval, Response, ResponseCategory, ResponseKind, SubjectIndex, TreatmentStatus};
use crate::quantity::DAYS_PER_MONTH;

/// The subjects of one dosage, the longest on treatment first.
#[derive(Debug, Clone)]
pub struct SwimmerColumn {
    /// The column.
    pub group: Group,
    /// The courses.
    pub courses: Vec<Course>,
    /// Subjects without dosing records whose time on treatment is not known: they have no course.
    pub without_time: usize,
}

/// The course of one subject, in months since the first dose.
#[derive(Debug, Clone)]
pub struct Course {
    /// The subject.
    pub subject: SubjectIndex,
    /// Stretches of constant dosing: begin, end, dose as a share of the first dose given.
    pub segments: Vec<(f64, f64, f64)>,
    /// Events.
    pub marks: Vec<(f64, CourseMark)>,
    /// Whether treatment was going on at the cut-off.
    pub ongoing: bool,
    /// Rows of the dosing dataset.
    pub dosing_rows: Vec<u32>,
    /// Rows of ADRS.
    pub response_rows: Vec<u32>,
}

/// Events in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CourseMark {
    /// First complete or partial response at a visit.
    Response,
    /// First progressive disease at a visit.
    Progression,
    /// Death.
    Death,
    /// Treatment stopped for an adverse event.
    StoppedAdverseEvent,
    /// Treatment stopped for another reason.
    StoppedOther,
}

/// The courses of the safety set by dosage received.
#[must_use]
pub(super) fn summarise_courses(data: &AnalysisData, settings: &Settings) -> Vec<SwimmerColumn> {
    // A partner drug would draw the course twice: only the drug that the dosing summary is of is shown.
    let drugs: BTreeMap<SubjectIndex, &Option<String>> =
        data.dosing.iter().flat_map(|dosing| &dosing.summaries).map(|summary| (summary.subject, &summary.drug)).collect();
    let shown = |interval: &&DosingInterval| drugs.get(&interval.subject).is_none_or(|drug| drug.is_none() || **drug == interval.drug);
    let mut intervals: BTreeMap<SubjectIndex, Vec<&DosingInterval>> = BTreeMap::new();
    for interval in data.dosing.iter().flat_map(|dosing| &dosing.intervals).filter(shown) {
        intervals.entry(interval.subject).or_default().push(interval);
    }
    let mut visits: BTreeMap<SubjectIndex, Vec<&Response>> = BTreeMap::new();
    let visit = |response: &&Response| response.kind == ResponseKind::Visit;
    let by_investigator = data.responses.iter().flatten().filter(visit).any(|response| response.assessor == Assessor::Investigator);
    let assessor = if by_investigator { Assessor::Investigator } else { Assessor::IndependentReview };
    for response in data.responses.iter().flatten().filter(visit).filter(|response| response.assessor == assessor) {
        visits.entry(response.subject).or_default().push(response);
    }
    let times = TreatmentTimes::of(data);
    let programme = panels(data, settings, Population::Safety, settings.grouping.safety.into()).into_iter().next();
    let groups = programme.map(|panel| panel.groups).unwrap_or_default();
    groups
        .into_iter()
        .filter(|group| group.dosage.is_some())
        .map(|group| {
            let mut courses: Vec<Course> = group
                .subjects
                .iter()
                .filter_map(|subject| {
                    course(
                        *subject,
                        data,
                        &times,
                        intervals.get(subject).map_or(&[][..], Vec::as_slice),
                        visits.get(subject).map_or(&[][..], Vec::as_slice),
                    )
                })
                .collect();
            let end = |course: &Course| course.segments.last().map_or(0.0, |(_, to, _)| *to);
            courses.sort_by(|a, b| end(b).total_cmp(&end(a)).then(a.subject.cmp(&b.subject)));
            SwimmerColumn { without_time: group.n() - courses.len(), group, courses }
        })
        .collect()
}

fn months(day: i32) -> f64 {
    f64::from(day) / DAYS_PER_MONTH
}

/// The stretches of one subject. A dose counts until the next one is due, a single administration until the next record, so that a gap is time
/// without the drug and not the time between two infusions.
fn segments(intervals: &[&DosingInterval]) -> Vec<(f64, f64, f64)> {
    let mut intervals = intervals.to_vec();
    intervals.sort_by_key(|interval| (interval.start_day, interval.row));
    let first_given = intervals.iter().map(|interval| interval.dose).find(|dose| *dose > 0.0);
    // Study days have no 0: days since the first dose, the first dose's own beginning at 0.
    let since = |day: i32| f64::from(if day > 0 { day - 1 } else { day });
    let starts = intervals.iter().skip(1).map(|interval| Some(since(interval.start_day))).chain([None]);
    let segment = |(interval, next): (&&DosingInterval, Option<f64>)| {
        let begin = since(interval.start_day);
        let given = since(interval.end_day) + 1.0;
        let end = match next {
            Some(next) if !interval.regular => given.max(next),
            Some(next) => (given + interval.days_between_doses - 1.0).min(next).max(given),
            None => given,
        };
        (begin / DAYS_PER_MONTH, end / DAYS_PER_MONTH, first_given.map_or(0.0, |first| interval.dose / first))
    };
    intervals.iter().zip(starts).map(segment).collect()
}

fn course(
    index: SubjectIndex,
    data: &AnalysisData,
    times: &TreatmentTimes,
    intervals: &[&DosingInterval],
    visits: &[&Response],
) -> Option<Course> {
    let subject = data.subjects.get(index.0)?;
    let mut segments = segments(intervals);
    if segments.is_empty() {
        segments.push((0.0, times.days(index)? / DAYS_PER_MONTH, 1.0));
    }
    let mut marks = Vec::new();
    let first_at =
        |wanted: &[ResponseCategory]| visits.iter().filter(|visit| wanted.contains(&visit.category)).filter_map(|visit| visit.day).min();
    if let Some(day) = first_at(&[ResponseCategory::Complete, ResponseCategory::Partial]) {
        marks.push((months(day), CourseMark::Response));
    }
    if let Some(day) = first_at(&[ResponseCategory::Progressive]) {
        marks.push((months(day), CourseMark::Progression));
    }
    if subject.treatment_status == Some(TreatmentStatus::Discontinued) {
        let mark = if stopped_for_adverse_event(subject) { CourseMark::StoppedAdverseEvent } else { CourseMark::StoppedOther };
        // Dosing records may end before treatment did.
        let recorded = segments.last().map_or(0.0, |(_, to, _)| *to);
        let ended = times.days(index).map_or(recorded, |days| recorded.max(days / DAYS_PER_MONTH));
        marks.push((ended, mark));
    }
    if let (Some(death), Some(first)) = (subject.death, subject.first_dose) {
        marks.push((months(death.study_day(first)), CourseMark::Death));
    }
    Some(Course {
        subject: index,
        segments,
        marks,
        ongoing: subject.treatment_status == Some(TreatmentStatus::Ongoing),
        dosing_rows: intervals.iter().map(|interval| interval.row).collect(),
        response_rows: visits.iter().map(|visit| visit.row).collect(),
    })
}
