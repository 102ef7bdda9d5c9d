//! Which answers count, and how long a subject is to answer: what the project says of events that change treatment.

use std::collections::BTreeMap;

use crate::analysis::treatment::{TreatmentTimes, treatment_ended};
use crate::config::{AfterDiscontinuation, AfterDoseChange, Intercurrent, Settings};
use crate::derive::{AnalysisData, Answer, DosingInterval, SubjectIndex};

/// Days after the last dose on which an answer still speaks of treatment: the questionnaires ask for the past seven days.
pub const RECALL_DAYS: f64 = 7.0;

/// Doses that differ by less than this share are the same.
const SAME_DOSE: f64 = 1e-9;

/// What is known of each subject's treatment.
#[derive(Debug)]
pub(super) struct Window {
    rule: Intercurrent,
    subjects: Vec<Course>,
}

#[derive(Debug, Clone, Copy)]
struct Course {
    /// Days on treatment.
    treatment: Option<f64>,
    /// Days of follow-up.
    followup: Option<f64>,
    /// First day below the dose at the start.
    change: Option<f64>,
    ended: bool,
}

impl Window {
    /// The courses of all subjects.
    pub(super) fn of(data: &AnalysisData, settings: &Settings) -> Self {
        let times = TreatmentTimes::of(data);
        let changes = first_changes(data);
        let dosing = data.dosing.iter().flat_map(|dosing| &dosing.summaries);
        let covered: BTreeMap<SubjectIndex, f64> = dosing.filter_map(|summary| Some((summary.subject, summary.duration_days?))).collect();
        let course = |(index, subject): (usize, &crate::derive::Subject)| Course {
            // Doses weeks apart last until the next one would be due; the days in ADSL end with the last dose.
            treatment: times.days(SubjectIndex(index)).map(|days| covered.get(&SubjectIndex(index)).map_or(days, |more| days.max(*more))),
            followup: subject.followup_days,
            change: changes.get(&SubjectIndex(index)).copied(),
            ended: treatment_ended(subject),
        };
        Self { rule: settings.patient_reported.intercurrent, subjects: data.subjects.iter().enumerate().map(course).collect() }
    }

    fn course(&self, subject: SubjectIndex) -> Option<&Course> {
        self.subjects.get(subject.0)
    }

    /// Whether an answer counts. One without a day does, and so does one of a subject whose time on treatment is not known.
    pub(super) fn holds(&self, answer: &Answer) -> bool {
        let (Some(course), Some(day)) = (self.course(answer.subject), answer.day.map(f64::from)) else { return true };
        answer.baseline
            || match self.rule.discontinuation {
                AfterDiscontinuation::AsObserved => true,
                AfterDiscontinuation::WhileOnTreatment => !after_treatment(course, day),
            } && match self.rule.dose_change {
                AfterDoseChange::AsObserved => true,
                AfterDoseChange::UntilChange => course.change.is_none_or(|change| day < change),
            }
    }

    /// Whether a subject is to answer on a study day.
    pub(super) fn expects(&self, subject: SubjectIndex, day: f64) -> bool {
        let Some(course) = self.course(subject) else { return false };
        let until = match self.rule.discontinuation {
            AfterDiscontinuation::WhileOnTreatment => course.treatment,
            AfterDiscontinuation::AsObserved => course.followup,
        };
        let changed = self.rule.dose_change == AfterDoseChange::UntilChange && course.change.is_some_and(|change| day >= change);
        until.is_some_and(|until| day <= until) && !changed
    }

    /// Whether treatment of the subject is over and its end known.
    pub(super) fn stopped(&self, subject: SubjectIndex) -> bool {
        self.course(subject).is_some_and(|course| course.ended && course.treatment.is_some())
    }

    /// Whether the dose was reduced or interrupted.
    pub(super) fn changed(&self, subject: SubjectIndex) -> bool {
        self.course(subject).is_some_and(|course| course.change.is_some())
    }

    /// Whether an answer was given after treatment was stopped.
    pub(super) fn is_after_stop(&self, answer: &Answer) -> bool {
        self.course(answer.subject).zip(answer.day).is_some_and(|(course, day)| course.ended && after_treatment(course, f64::from(day)))
    }

    /// Whether an answer was given after the dose was first reduced or interrupted.
    pub(super) fn is_after_change(&self, answer: &Answer) -> bool {
        let change = self.course(answer.subject).and_then(|course| course.change);
        change.zip(answer.day).is_some_and(|(change, day)| f64::from(day) >= change)
    }
}

fn after_treatment(course: &Course, day: f64) -> bool {
    course.treatment.is_some_and(|days| day > days + RECALL_DAYS)
}

/// The first day of each subject on less than the dose at the start, of the drug that the dosing summary describes.
fn first_changes(data: &AnalysisData) -> BTreeMap<SubjectIndex, f64> {
    let Some(dosing) = &data.dosing else { return BTreeMap::new() };
    let mut courses: BTreeMap<SubjectIndex, Vec<&DosingInterval>> = BTreeMap::new();
    for interval in &dosing.intervals {
        courses.entry(interval.subject).or_default().push(interval);
    }
    let change = |summary: &crate::derive::DosingSummary| {
        let own = || courses.get(&summary.subject).into_iter().flatten().filter(|interval| interval.drug == summary.drug);
        let first = own().find(|interval| interval.dose > 0.0)?;
        let lower = own().find(|interval| interval.start_day > first.start_day && interval.dose < first.dose * (1.0 - SAME_DOSE))?;
        Some((summary.subject, f64::from(lower.start_day)))
    };
    dosing.summaries.iter().filter_map(change).collect()
}
