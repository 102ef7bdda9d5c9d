//! Dosing by subject, indexed once, and what is counted or summarised over the subjects of a column.

use std::collections::BTreeMap;

use crate::analysis::grouping::Group;
use crate::analysis::measure::{Proportion, Summary};
use crate::derive::{AnalysisData, DosingInterval, DosingSummary, SubjectIndex};
use crate::quantity::{DoseUnit, Rows};

use super::Context;

/// Unit of doses whose unit the data do not give.
const NO_UNIT: &str = "unit not stated";

/// A dose counts as fully taken from this percentage on: rounding in the data must not make a missed dose.
const FULL_PERCENT: f64 = 100.0 - 1e-6;

/// A proportion of those subjects of a column for whom the matter is known.
#[derive(Debug, Clone)]
pub struct Share {
    /// The subjects it is counted among.
    pub among: Group,
    /// The proportion.
    pub proportion: Proportion,
}

/// Doses in one unit over all of treatment.
#[derive(Debug, Clone)]
pub struct DoseInUnit {
    /// Dose taken.
    pub taken: Summary,
    /// Dose that the plan meant for the same time; `None` when the data do not give it.
    pub planned: Option<Summary>,
}

/// Dosing by subject.
pub(super) struct DosingIndex<'a> {
    summaries: BTreeMap<SubjectIndex, &'a DosingSummary>,
    intervals: BTreeMap<SubjectIndex, Vec<&'a DosingInterval>>,
}

impl<'a> DosingIndex<'a> {
    pub(super) fn of(data: &'a AnalysisData) -> Self {
        let mut intervals: BTreeMap<SubjectIndex, Vec<&DosingInterval>> = BTreeMap::new();
        for interval in data.dosing.iter().flat_map(|dosing| &dosing.intervals) {
            intervals.entry(interval.subject).or_default().push(interval);
        }
        let summaries = data.dosing.iter().flat_map(|dosing| &dosing.summaries).map(|summary| (summary.subject, summary));
        Self { summaries: summaries.collect(), intervals }
    }

    /// The intervals of a subject that its summary is about: those of the drug that is summarised.
    pub(super) fn intervals(&self, subject: SubjectIndex) -> impl Iterator<Item = &'a DosingInterval> {
        let drug = self.summaries.get(&subject).and_then(|summary| summary.drug.as_ref());
        let intervals = self.intervals.get(&subject).into_iter().flatten().copied();
        intervals.filter(move |interval| drug.is_none() || interval.drug.as_ref() == drug)
    }

    /// The dosing summary of a subject.
    pub(super) fn summary(&self, subject: SubjectIndex) -> Option<&'a DosingSummary> {
        self.summaries.get(&subject).copied()
    }

    /// The subjects of a column that have a dosing summary.
    pub(super) fn summaries<'s>(&'s self, group: &'s Group) -> impl Iterator<Item = &'a DosingSummary> + 's {
        group.subjects.iter().filter_map(|subject| self.summaries.get(subject).copied())
    }

    /// The part of a column with dosing data.
    pub(super) fn dosed(&self, context: &Context<'_>, group: &Group) -> Group {
        subset(context, group, "and dosing data", |subject| self.summaries.contains_key(&subject))
    }

    /// The share of subjects for whom a condition holds among those for whom it is known; `None` when it is known of nobody.
    pub(super) fn share(
        &self,
        context: &Context<'_>,
        group: &Group,
        condition: &str,
        holds: &dyn Fn(&DosingSummary) -> Option<bool>,
    ) -> Option<Share> {
        let known = |subject: SubjectIndex| self.summaries.get(&subject).and_then(|summary| holds(summary));
        let among = subset(context, group, condition, |subject| known(subject).is_some());
        let counted: Vec<&DosingSummary> = self.summaries(&among).filter(|summary| holds(summary) == Some(true)).collect();
        let proportion = Proportion::new(counted.len(), among.n(), rows_of(&counted), &context.settings.intervals);
        (among.n() > 0).then_some(Share { among, proportion })
    }

    /// The summary of a quantity over the subjects for whom it is known; `None` when it is known of nobody.
    pub(super) fn summarise(&self, group: &Group, value: impl Fn(&DosingSummary) -> Option<f64>) -> Option<Summary> {
        let (known, values): (Vec<&DosingSummary>, Vec<f64>) =
            self.summaries(group).filter_map(|summary| Some((summary, value(summary).filter(|value| value.is_finite())?))).unzip();
        let summary = Summary::of(values.into_iter().map(|value| (0, value)));
        (!known.is_empty()).then(|| Summary { rows: rows_of(&known), ..summary })
    }

    /// The units of the doses of these subjects, in the order in which they are met.
    pub(super) fn units<'s>(&self, subjects: impl Iterator<Item = &'s SubjectIndex>) -> Vec<String> {
        let mut units = Vec::new();
        for subject in subjects {
            let dosed = self.summaries.get(subject).is_some_and(|summary| summary.cumulative_dose.is_some());
            let unit = self.unit(*subject);
            if dosed && !units.contains(&unit) {
                units.push(unit);
            }
        }
        units
    }

    /// The doses of those subjects of a column who were given doses in a unit.
    pub(super) fn doses_in(&self, group: &Group, unit: &str) -> Option<DoseInUnit> {
        let in_unit = |summary: &DosingSummary| self.unit(summary.subject) == unit;
        Some(DoseInUnit {
            taken: self.summarise(group, |summary| summary.cumulative_dose.filter(|_| in_unit(summary)))?,
            planned: self.summarise(group, |summary| summary.planned_dose.filter(|_| in_unit(summary))),
        })
    }

    /// The unit of a subject's doses, in its customary spelling.
    fn unit(&self, subject: SubjectIndex) -> String {
        let written = self.intervals(subject).find_map(|interval| interval.unit.as_deref()).unwrap_or_default().trim();
        if written.is_empty() {
            return NO_UNIT.to_owned();
        }
        DoseUnit::parse(written).map_or_else(|| written.to_owned(), |unit| unit.label().to_owned())
    }
}

/// The rows that these summaries rest on.
pub(super) fn rows_of(summaries: &[&DosingSummary]) -> Rows {
    summaries.iter().flat_map(|summary| summary.rows.as_slice()).copied().collect()
}

/// Cycles started: those that the treatment lasted for, or without dosing by cycle the time on treatment in cycle lengths, begun ones counted.
pub(super) fn cycles_started(summary: &DosingSummary, cycle_days: f64) -> Option<f64> {
    if summary.intensity_by_cycle.is_empty() {
        return Some((summary.duration_days? / cycle_days).ceil());
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers of cycles are far below 2^52")]
    Some(summary.intensity_by_cycle.len() as f64)
}

/// Whether the planned dose was taken on every dosing day of every cycle, or without dosing by cycle whether the dose intensity is 100%.
pub(super) fn took_all_planned(summary: &DosingSummary) -> Option<bool> {
    let mut cycles = summary.full_dose_by_cycle.iter().copied().flatten().peekable();
    if cycles.peek().is_some() {
        return Some(cycles.all(|full| full));
    }
    summary.relative_intensity.map(|intensity| intensity >= FULL_PERCENT)
}

/// Those subjects of a column that satisfy a condition, under the column's name.
fn subset(context: &Context<'_>, group: &Group, condition: &str, holds: impl Fn(SubjectIndex) -> bool) -> Group {
    let subjects: Vec<SubjectIndex> = group.subjects.iter().copied().filter(|subject| holds(*subject)).collect();
    if subjects.len() == group.n() {
        return group.clone();
    }
    Group { rows: group.rows_where(context.data, &holds), subjects, filter: format!("{} {condition}", group.filter), ..group.clone() }
}
