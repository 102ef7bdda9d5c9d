//! Interruptions and reductions.

use crate::analysis::grouping::Group;
use crate::analysis::measure::Summary;
use crate::derive::{Dosing, DosingInterval, DosingSummary, SubjectIndex};
use crate::quantity::{Dose, DoseUnit};

use super::Context;
use super::dosing::Share;

/// Interruptions and reductions under one dosage; `None` where the data do not say.
#[derive(Debug, Clone)]
pub struct Modifications {
    /// At least one interruption, whatever the reason.
    pub interruption_any: Option<Share>,
    /// At least one interruption because of an adverse event.
    pub interruption_adverse_event: Option<Share>,
    /// Interruptions of each subject who has one.
    pub interruptions: Option<Summary>,
    /// Days of interruption in all of each subject who has one.
    pub interrupted_days: Option<Summary>,
    /// At least one reduction.
    pub reduction_any: Option<Share>,
    /// Exactly one step down.
    pub reduction_one: Option<Share>,
    /// Two steps down or more.
    pub reduction_two_plus: Option<Share>,
    /// At least one reduction because of an adverse event.
    pub reduction_adverse_event: Option<Share>,
    /// Study day of the first interruption or reduction because of an adverse event, of each subject who has one.
    pub first_modification_day: Option<Summary>,
    /// Given, after a reduction, a dose no higher than the next lower dosage of the programme; among subjects whose dosage has a lower one.
    pub reduced_to_studied: Option<Share>,
}

/// Summarises interruptions and reductions.
pub(super) fn summarise_modifications(context: &Context<'_>, group: &Group) -> Modifications {
    let at_least = |count: Option<u32>, least: u32| count.map(|count| count >= least);
    let share = |condition: &str, holds: &dyn Fn(&DosingSummary) -> Option<bool>| context.index.share(context, group, condition, holds);
    let (interruptions, reductions) = ("and interruptions known", "and reductions known");
    let interrupted = |summary: &DosingSummary| summary.interruptions.filter(|count| *count > 0);
    let has_intervals = context.data.dosing.as_ref().is_some_and(|dosing: &Dosing| !dosing.intervals.is_empty());
    Modifications {
        interruption_any: share(interruptions, &|summary| at_least(summary.interruptions, 1)),
        interruption_adverse_event: share(interruptions, &|summary| at_least(summary.interruptions_adverse_event, 1)),
        interruptions: context.index.summarise(group, |summary| interrupted(summary).map(f64::from)),
        interrupted_days: context.index.summarise(group, |summary| interrupted(summary).and(summary.interrupted_days)),
        reduction_any: share(reductions, &|summary| at_least(summary.reductions, 1)),
        reduction_one: share(reductions, &|summary| summary.reductions.map(|count| count == 1)),
        reduction_two_plus: share(reductions, &|summary| at_least(summary.reductions, 2)),
        reduction_adverse_event: share(reductions, &|summary| at_least(summary.reductions_adverse_event, 1)),
        first_modification_day: context.index.summarise(group, |summary| summary.first_modification_day.map(f64::from)),
        reduced_to_studied: has_intervals
            .then(|| share("and a lower dosage was studied", &|summary| reached_lower_dosage(context, summary.subject)))
            .flatten(),
    }
}

/// Whether a subject was given, below the planned dose, no more than the next lower studied dosage of the same schedule; `None` without such a dosage.
fn reached_lower_dosage(context: &Context<'_>, index: SubjectIndex) -> Option<bool> {
    let lower = next_lower_dosage(context, index)?;
    Some(context.index.intervals(index).any(|interval| is_reduced_to(interval, lower)))
}

fn is_reduced_to(interval: &DosingInterval, lower: Dose) -> bool {
    let reduced = interval.dose > 0.0 && interval.planned.is_some_and(|planned| interval.dose < planned);
    let unit = interval.unit.as_deref().and_then(DoseUnit::parse).unwrap_or_else(|| lower.unit());
    let given = Dose::new(interval.dose, unit).ok().and_then(|dose| dose.amount_in(lower.unit()));
    // A share of the dose absorbs the rounding of a conversion of units.
    reduced && given.is_some_and(|given| given <= lower.amount() * (1.0 + 1e-9))
}

/// The highest dosage below the subject's own that somebody received, of the same schedule and counted by the same thing.
fn next_lower_dosage(context: &Context<'_>, index: SubjectIndex) -> Option<Dose> {
    let own_index = context.by.of(context.data.subjects.get(index.0)?)?;
    let own = context.settings.dosages.get(own_index.0).filter(|dosage| !dosage.comparator)?;
    let own_dose = own.dose?;
    let lower = context.settings.dosages.iter().enumerate().filter(|(position, dosage)| {
        let same = !dosage.comparator && dosage.schedule == own.schedule;
        let below = dosage.dose.and_then(|dose| dose.amount_in(own_dose.unit())).is_some_and(|amount| amount < own_dose.amount());
        same && below && context.studied.get(*position).copied().unwrap_or(false)
    });
    lower.filter_map(|(_, dosage)| dosage.dose).max_by(|a, b| {
        let amount = |dose: &Dose| dose.amount_in(own_dose.unit()).unwrap_or(0.0);
        amount(a).total_cmp(&amount(b))
    })
}
