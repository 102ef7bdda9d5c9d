//! Classes of treatment-emergent events: subjects with at least one, events and first events per time on treatment.

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::{ExposureRate, Proportion, subjects_with};
use crate::derive::SubjectIndex;
use crate::quantity::{DAYS_PER_MONTH, Rows};

use super::Context;
use super::class::EventClass;
use super::emergent::EventsOfClass;

/// The overview of one panel.
#[derive(Debug, Clone)]
pub struct OverviewPanel {
    /// The columns.
    pub panel: Panel,
    /// Time on treatment of each column.
    pub exposure: Vec<PatientTime>,
    /// One per class, in print order.
    pub rows: Vec<ClassRow>,
    /// Subjects with a fatal event whom ADSL does not record as having died.
    pub fatal_not_died: usize,
}

/// Time on treatment of the subjects of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientTime {
    /// Months on treatment, summed over subjects.
    pub months: f64,
    /// Subjects whose time is known.
    pub n: u64,
    /// Their rows in ADSL.
    pub rows: Rows,
}

/// One class of events.
#[derive(Debug, Clone)]
pub struct ClassRow {
    /// The class.
    pub class: EventClass,
    /// One per column; `None` when the data do not carry what the class is recognised by.
    pub columns: Option<Vec<ClassColumn>>,
}

/// One class of events under one dosage.
#[derive(Debug, Clone)]
pub struct ClassColumn {
    /// Subjects with at least one event.
    pub subjects: Proportion,
    /// Events per time on treatment, of subjects whose time is known; `None` for classes without a rate.
    pub events: Option<ExposureRate>,
    /// Subjects with a first event per time until it, of subjects whose time is known; `None` for classes without a rate.
    pub first_events: Option<ExposureRate>,
}

/// Summarises the classes of events of each panel.
pub(super) fn summarise_overview(context: &Context<'_>, panels: &[Panel]) -> Vec<OverviewPanel> {
    let classes: Vec<(EventClass, Option<EventsOfClass>)> = EventClass::all(context.events.source)
        .into_iter()
        .map(|class| (class, class.is_recorded(context.events.source).then(|| context.events.of_class(class))))
        .collect();
    let row = |panel: &Panel, class: EventClass, events: &Option<EventsOfClass>| ClassRow {
        class,
        columns: events.as_ref().map(|events| panel.groups.iter().map(|group| describe(context, group, class, events)).collect()),
    };
    panels
        .iter()
        .map(|panel| OverviewPanel {
            exposure: panel.groups.iter().map(|group| patient_time(context, group)).collect(),
            fatal_not_died: fatal_not_died(context, panel),
            rows: classes.iter().map(|(class, events)| row(panel, *class, events)).collect(),
            panel: panel.clone(),
        })
        .collect()
}

fn fatal_not_died(context: &Context<'_>, panel: &Panel) -> usize {
    let fatal = context.events.of_class(EventClass::Fatal);
    let alive = |subject: &&SubjectIndex| context.data.subjects.get(subject.0).is_some_and(|subject| !subject.died);
    let subjects = panel.groups.iter().filter(|group| group.dosage.is_some()).flat_map(|group| &group.subjects);
    subjects.filter(|subject| fatal.rows.contains_key(subject)).filter(alive).count()
}

fn patient_time(context: &Context<'_>, group: &Group) -> PatientTime {
    let days: f64 = group.subjects.iter().filter_map(|subject| context.times.days(*subject)).sum();
    let rows = group.rows_where(context.data, |subject| context.times.days(subject).is_some());
    PatientTime { months: days / DAYS_PER_MONTH, n: rows.len() as u64, rows }
}

fn describe(context: &Context<'_>, group: &Group, class: EventClass, events: &EventsOfClass) -> ClassColumn {
    ClassColumn {
        subjects: subjects_with(group, &events.rows, context.settings),
        events: class.has_rate().then(|| event_rate(context, group, events)),
        first_events: class.has_rate().then(|| first_event_rate(context, group, events)),
    }
}

/// Events in the time on treatment.
fn event_rate(context: &Context<'_>, group: &Group, events: &EventsOfClass) -> ExposureRate {
    let mut days = 0.0;
    let mut rows: Vec<u32> = Vec::new();
    for subject in &group.subjects {
        if let Some(time) = context.times.days(*subject) {
            days += time;
            rows.extend(events.rows.get(subject).into_iter().flatten());
        }
    }
    ExposureRate::new(rows.len(), days, rows.into_iter().collect(), &context.settings.intervals)
}

/// Subjects with an event in the time until its start: a subject with an event is at risk up to and including the study day of the first one, also
/// where that day lies after the last dose; a subject without, or whose event has no known day, for the time on treatment.
fn first_event_rate(context: &Context<'_>, group: &Group, events: &EventsOfClass) -> ExposureRate {
    let mut days = 0.0;
    let mut subjects = 0;
    let mut rows: Vec<u32> = Vec::new();
    for subject in &group.subjects {
        let Some(time) = context.times.days(*subject) else { continue };
        let first = events.first.get(subject);
        days += first.map_or(time, |first| f64::from(first.day.max(1)));
        if let Some(all) = events.rows.get(subject) {
            subjects += 1;
            rows.extend(first.map(|first| first.row).or_else(|| all.first().copied()));
        }
    }
    ExposureRate::new(subjects, days, rows.into_iter().collect(), &context.settings.intervals)
}
