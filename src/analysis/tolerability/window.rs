//! The first event of grade 3 or higher against the window in which dose-limiting toxicity was assessed.

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::{Proportion, Summary, subjects_with};
use crate::derive::SubjectIndex;

use super::Context;
use super::class::EventClass;
use super::emergent::{EventsOfClass, FirstEvent};

/// Window of dose-limiting toxicity where the project file has no escalation section, days.
const CUSTOMARY_WINDOW_DAYS: f64 = 28.0;

/// First events of grade 3 or higher in one panel.
#[derive(Debug, Clone)]
pub struct WindowPanel {
    /// The columns.
    pub panel: Panel,
    /// Length of the window in days; day 1 is the day of the first dose.
    pub window_days: f64,
    /// One per column.
    pub columns: Vec<WindowColumn>,
}

/// First events of grade 3 or higher under one dosage.
#[derive(Debug, Clone)]
pub struct WindowColumn {
    /// Subjects with an event of grade 3 or higher.
    pub any: Proportion,
    /// The first one started within the window.
    pub within: Proportion,
    /// The first one started after the window.
    pub after: Proportion,
    /// The day of the first one is not known.
    pub unknown: Proportion,
    /// Subjects whose first one has a known day: the subjects that `share_after` is counted among.
    pub dated: Group,
    /// The first one started after the window, among those whose first one has a known day.
    pub share_after: Proportion,
    /// Study day of the first one, among those whose first one has a known day.
    pub day: Summary,
    /// Subjects on treatment for longer than the window.
    pub treated_beyond: Proportion,
    /// Subjects on treatment for longer than the window, without an event of grade 3 or higher in it: the subjects that `later` is counted among.
    pub beyond: Group,
    /// The first one started after the window, among those.
    pub later: Proportion,
}

/// Summarises first events of grade 3 or higher of each panel.
pub(super) fn summarise_window(context: &Context<'_>, panels: &[Panel]) -> Vec<WindowPanel> {
    let events = context.events.of_class(EventClass::Grade3Plus);
    let window_days = window_days(context);
    panels
        .iter()
        .map(|panel| WindowPanel {
            panel: panel.clone(),
            window_days,
            columns: panel.groups.iter().map(|group| describe(context, group, &events, window_days)).collect(),
        })
        .collect()
}

/// Length of the window in days.
pub(super) fn window_days(context: &Context<'_>) -> f64 {
    context.settings.escalation.as_ref().map_or(CUSTOMARY_WINDOW_DAYS, |escalation| escalation.dlt_window_days)
}

fn describe(context: &Context<'_>, group: &Group, events: &EventsOfClass, window_days: f64) -> WindowColumn {
    let intervals = &context.settings.intervals;
    let first: Vec<FirstEvent> = group.subjects.iter().filter_map(|subject| events.first.get(subject)).copied().collect();
    let within = |first: &FirstEvent| f64::from(first.day) <= window_days;
    let rows_where =
        |holds: &dyn Fn(&FirstEvent) -> bool| first.iter().filter(|first| holds(first)).map(|first| first.row).collect::<Vec<u32>>();
    let counted = |rows: &[u32], n: usize| Proportion::new(rows.len(), n, rows.iter().copied().collect(), intervals);
    let (inside, outside) = (rows_where(&within), rows_where(&|first| !within(first)));
    let undated: Vec<u32> = group
        .subjects
        .iter()
        .filter(|subject| !events.first.contains_key(subject))
        .filter_map(|subject| events.rows.get(subject)?.first().copied())
        .collect();
    let is_treated_beyond = |subject: SubjectIndex| context.times.days(subject).is_some_and(|days| days > window_days);
    let inside_or_undated = |subject: SubjectIndex| events.rows.contains_key(&subject) && events.first.get(&subject).is_none_or(within);
    let treated_beyond = group.rows_where(context.data, is_treated_beyond);
    let dated = subset(context, group, "and first grade >=3 event with a known day", |subject| events.first.contains_key(&subject));
    let beyond = subset(context, group, "and treated longer than the DLT window without a grade >=3 event in it", |subject| {
        is_treated_beyond(subject) && !inside_or_undated(subject)
    });
    let later: Vec<u32> = beyond.subjects.iter().filter_map(|subject| events.first.get(subject)).map(|first| first.row).collect();
    WindowColumn {
        any: subjects_with(group, &events.rows, context.settings),
        within: counted(&inside, group.n()),
        after: counted(&outside, group.n()),
        unknown: counted(&undated, group.n()),
        share_after: counted(&outside, first.len()),
        day: Summary::of(first.iter().map(|first| (first.row, f64::from(first.day)))),
        treated_beyond: Proportion::new(treated_beyond.len(), group.n(), treated_beyond, intervals),
        later: counted(&later, beyond.n()),
        dated,
        beyond,
    }
}

/// Those subjects of a column that satisfy a condition, under the column's name.
pub(super) fn subset(context: &Context<'_>, group: &Group, condition: &str, holds: impl Fn(SubjectIndex) -> bool) -> Group {
    let subjects: Vec<SubjectIndex> = group.subjects.iter().copied().filter(|subject| holds(*subject)).collect();
    Group { rows: group.rows_where(context.data, &holds), subjects, filter: format!("{} {condition}", group.filter), ..group.clone() }
}
