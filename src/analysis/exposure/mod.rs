//! Dosing by dosage, by the treatment that the project groups safety by: time on treatment, dose intensity, interruptions, reductions.

mod dosing;
mod intensity;
mod modification;

pub use dosing::{DoseInUnit, Share};
pub use intensity::{CyclePoint, CycleSeries, CyclesPanel, LAST_CYCLE, MINIMUM_SUBJECTS};
pub use modification::Modifications;

use crate::config::Settings;
use crate::derive::{AnalysisData, DosageIndex, DosingSummary, SubjectIndex};
use crate::quantity::DAYS_PER_MONTH;

use super::grouping::{Assignment, Group, Panel, Population, panels};
use super::measure::{Proportion, Summary, subjects_where};
use super::treatment::{TreatmentTimes, stopped_for_adverse_event};
use dosing::DosingIndex;

/// A relative dose intensity above this is more than rounding explains.
const ABOVE_PLAN_PERCENT: f64 = 101.0;

/// What is known of dosing.
#[derive(Debug, Clone)]
pub struct ExposureResult {
    /// The programme, then each study part.
    pub panels: Vec<ExposurePanel>,
    /// Dose intensity by cycle for the programme and each randomised part; empty when the data hold no dosing by cycle.
    pub cycles: Vec<CyclesPanel>,
}

/// Dosing in one panel.
#[derive(Debug, Clone)]
pub struct ExposurePanel {
    /// The columns.
    pub panel: Panel,
    /// Units in which doses were given, in the order of the columns that use them; parallel to [`ExposureColumn::doses`].
    pub units: Vec<String>,
    /// One per column.
    pub columns: Vec<ExposureColumn>,
    /// Subjects whose relative dose intensity in the data differs from the recomputed one.
    pub disagreements: usize,
    /// Subjects whose time on treatment is not known.
    pub time_unknown: usize,
    /// Subjects who were given more than planned, by more than one percentage point.
    pub above_plan: usize,
    /// Subjects whose time on treatment exceeds that of their dosing records by more than a cycle.
    pub dosing_ends_early: usize,
}

/// Dosing under one dosage.
#[derive(Debug, Clone)]
pub struct ExposureColumn {
    /// Subjects with dosing data: what the column's measures of dosing are counted among unless they say otherwise.
    pub dosed: Group,
    /// Time on treatment in months, from ADSL.
    pub duration: Summary,
    /// Cycles started.
    pub cycles: Option<Summary>,
    /// Cumulative doses by unit; `None` where nobody was given a dose in the unit.
    pub doses: Vec<Option<DoseInUnit>>,
    /// Relative dose intensity in percent.
    pub intensity: Option<Summary>,
    /// Relative dose intensity below 80%.
    pub below80: Option<Share>,
    /// Relative dose intensity below 70%.
    pub below70: Option<Share>,
    /// Every planned dose taken.
    pub all_planned: Option<Share>,
    /// Interruptions and reductions.
    pub modifications: Modifications,
    /// Planned dose on every dosing day of cycle 3, of those on treatment in it.
    pub full_dose_cycle3: Option<Share>,
    /// Planned dose on every dosing day of cycle 6, of those on treatment in it.
    pub full_dose_cycle6: Option<Share>,
    /// Treatment stopped for good because of an adverse event, by the reason in ADSL; `None` without reasons in the data.
    pub stopped_for_adverse_event: Option<Proportion>,
}

/// Describes dosing by dosage in the safety set; `None` when the data hold neither dosing nor times on treatment.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> Option<ExposureResult> {
    let times = TreatmentTimes::of(data);
    let by = Assignment::from(settings.grouping.safety);
    let mut panels = panels(data, settings, Population::Safety, by);
    panels.retain(|panel| !panel.groups.is_empty());
    let treated =
        panels.iter().flat_map(|panel| &panel.groups).flat_map(|group| &group.subjects).any(|subject| times.days(*subject).is_some());
    if data.dosing.is_none() && !treated {
        return None;
    }
    let index = DosingIndex::of(data);
    let cycles: Vec<CyclesPanel> = panels
        .iter()
        .filter(|panel| panel.part.is_none() || panel.randomised)
        .map(|panel| intensity::summarise_cycles(panel, &index))
        .collect();
    let has_cycles = cycles.iter().flat_map(|panel| &panel.series).any(|series| !series.cycles.is_empty());
    let received = |dosage: usize| data.subjects.iter().any(|subject| subject.sets.safety && by.of(subject) == Some(DosageIndex(dosage)));
    let studied = (0..settings.dosages.len()).map(received).collect();
    let context = Context { data, settings, index: &index, times: &times, by, studied };
    Some(ExposureResult {
        panels: panels.into_iter().map(|panel| describe_panel(&context, panel)).collect(),
        cycles: if has_cycles { cycles } else { Vec::new() },
    })
}

/// What every measure of dosing is made from.
struct Context<'a> {
    data: &'a AnalysisData,
    settings: &'a Settings,
    index: &'a DosingIndex<'a>,
    times: &'a TreatmentTimes,
    by: Assignment,
    /// Whether somebody of the safety set received each of the project's dosages.
    studied: Vec<bool>,
}

fn describe_panel(context: &Context<'_>, panel: Panel) -> ExposurePanel {
    let units = context.index.units(panel.groups.iter().flat_map(|group| &group.subjects));
    let columns = panel.groups.iter().map(|group| describe(context, group, &units)).collect();
    let in_panel = |subject: &SubjectIndex| panel.groups.iter().any(|group| group.subjects.binary_search(subject).is_ok());
    let subjects = || panel.groups.iter().filter(|group| group.dosage.is_some()).flat_map(|group| group.subjects.iter().copied());
    let intensity = |subject| context.index.summary(subject).and_then(|summary| summary.relative_intensity);
    let cycle = context.settings.tolerability.cycle_length_days;
    let missing_days =
        |subject| Some(context.times.days(subject)? - context.index.summary(subject).and_then(|summary| summary.duration_days)?);
    let time_unknown = subjects().filter(|subject| context.times.days(*subject).is_none()).count();
    let above_plan = subjects().filter(|subject| intensity(*subject).is_some_and(|intensity| intensity > ABOVE_PLAN_PERCENT)).count();
    let dosing_ends_early = subjects().filter(|subject| missing_days(*subject).is_some_and(|days: f64| days > cycle)).count();
    let differing = context.data.dosing.iter().flat_map(|dosing| &dosing.disagreements);
    let disagreements = differing.filter(|disagreement| in_panel(&disagreement.subject)).count();
    ExposurePanel { disagreements, time_unknown, above_plan, dosing_ends_early, units, columns, panel }
}

fn describe(context: &Context<'_>, group: &Group, units: &[String]) -> ExposureColumn {
    let (index, cycle_days) = (context.index, context.settings.tolerability.cycle_length_days);
    let share = |condition: &str, holds: &dyn Fn(&DosingSummary) -> Option<bool>| index.share(context, group, condition, holds);
    let full_dose_in = |cycle: usize| {
        share(&format!("and on treatment in cycle {cycle}"), &|summary| summary.full_dose_by_cycle.get(cycle - 1).copied().flatten())
    };
    let with_intensity = "and relative dose intensity known";
    ExposureColumn {
        dosed: index.dosed(context, group),
        duration: duration(context, group),
        cycles: index.summarise(group, |summary| dosing::cycles_started(summary, cycle_days)),
        doses: units.iter().map(|unit| index.doses_in(group, unit)).collect(),
        intensity: index.summarise(group, |summary| summary.relative_intensity),
        below80: share(with_intensity, &|summary| summary.relative_intensity.map(|intensity| intensity < 80.0)),
        below70: share(with_intensity, &|summary| summary.relative_intensity.map(|intensity| intensity < 70.0)),
        all_planned: share("and doses taken known", &dosing::took_all_planned),
        modifications: modification::summarise_modifications(context, group),
        full_dose_cycle3: full_dose_in(3),
        full_dose_cycle6: full_dose_in(6),
        stopped_for_adverse_event: context.data.subject_columns.discontinuation_reason.is_some().then(|| {
            subjects_where(group, context.data, context.settings, |subject| {
                context.data.subjects.get(subject.0).is_some_and(stopped_for_adverse_event)
            })
        }),
    }
}

/// Months on treatment.
fn duration(context: &Context<'_>, group: &Group) -> Summary {
    Summary::of(group.subjects.iter().filter_map(|index| {
        let subject = context.data.subjects.get(index.0)?;
        Some((subject.row, context.times.days(*index)? / DAYS_PER_MONTH))
    }))
}
