//! Toxicity index of each subject, and how probable it is that it is higher under one dosage than under another.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::Summary;
use crate::derive::SubjectIndex;
use crate::numerics::probability_higher::probability_higher;
use crate::quantity::{Interval, IntervalMethod, Rows};

use super::Context;
use super::first_event::MINIMUM_SUBJECTS;
use super::toxicity_index::toxicity_index;

/// Toxicity index in one panel.
#[derive(Debug, Clone)]
pub struct IndexPanel {
    /// The columns.
    pub panel: Panel,
    /// Label of the dosage that others are compared with; `None` when there is none in the panel.
    pub reference: Option<String>,
    /// One per column.
    pub columns: Vec<IndexColumn>,
}

/// Toxicity index under one dosage.
#[derive(Debug, Clone)]
pub struct IndexColumn {
    /// The index of every subject, 0 without a graded event.
    pub index: Summary,
    /// Probability of a higher index than under the reference, ties counting half; `None` for the reference itself, for totals, and where either has
    /// fewer than five subjects.
    pub higher: Option<(f64, Option<Interval>)>,
    /// Rows of the graded events.
    pub rows: Rows,
}

/// The index of a subject, with the rows of the graded events.
#[derive(Default)]
struct Graded<'a> {
    grades: BTreeMap<&'a str, u8>,
    rows: Vec<u32>,
}

/// Compares the toxicity index of the dosages of each panel with that of the reference: the project's, otherwise the lowest of the panel.
pub(super) fn compare_indices(context: &Context<'_>, panels: &[Panel]) -> Vec<IndexPanel> {
    let mut graded: BTreeMap<SubjectIndex, Graded<'_>> = BTreeMap::new();
    for event in context.events.iter() {
        let Some(grade) = event.grade else { continue };
        let held = graded.entry(event.subject).or_default();
        held.rows.push(event.row);
        let highest = held.grades.entry(event.term.as_str()).or_insert(grade);
        *highest = grade.max(*highest);
    }
    let index = |subject: &SubjectIndex| {
        let grades: Vec<u8> = graded.get(subject).map_or_else(Vec::new, |held| held.grades.values().copied().collect());
        toxicity_index(&grades)
    };
    let rows = |group: &Group| {
        group.subjects.iter().filter_map(|subject| graded.get(subject)).flat_map(|held| held.rows.iter().copied()).collect()
    };
    let of_group = |group: &Group| group.subjects.iter().map(index).collect::<Vec<f64>>();
    let described = panels.iter().map(|panel| {
        let reference = reference(context, panel);
        let against = reference.map(of_group);
        let column = |group: &Group| {
            let values = of_group(group);
            let compared = group.dosage.is_some() && reference.is_some_and(|reference| reference.id != group.id);
            let rows: Rows = rows(group);
            IndexColumn {
                higher: against.as_ref().filter(|_| compared).and_then(|against| higher(context, &values, against)),
                index: Summary { rows: rows.clone(), ..Summary::of(values.iter().map(|value| (0, *value))) },
                rows,
            }
        };
        IndexPanel {
            columns: panel.groups.iter().map(column).collect(),
            reference: reference.map(|group| group.label.clone()),
            panel: panel.clone(),
        }
    });
    described.collect()
}

fn reference<'a>(context: &Context<'_>, panel: &'a Panel) -> Option<&'a Group> {
    let chosen = context.settings.tolerability.reference_dosage.as_deref();
    let mut dosages = panel.groups.iter().filter(|group| group.dosage.is_some() && !group.comparator && group.n() >= MINIMUM_SUBJECTS);
    let named = chosen.and_then(|chosen| dosages.clone().find(|group| group.id == chosen));
    named.or_else(|| dosages.next())
}

fn higher(context: &Context<'_>, values: &[f64], against: &[f64]) -> Option<(f64, Option<Interval>)> {
    if values.len() < MINIMUM_SUBJECTS || against.len() < MINIMUM_SUBJECTS {
        return None;
    }
    let level = context.settings.intervals.level;
    let found = probability_higher(values, against, level).ok()?;
    let interval =
        found.limits.map(|(lower, upper)| Interval { lower: Some(lower), upper: Some(upper), level, method: IntervalMethod::Plain });
    Some((found.estimate, interval))
}
