//! Cumulative incidence of a first event by dosage, death and the end of treatment competing.

use crate::analysis::grouping::{Group, Panel};
use crate::derive::SubjectIndex;
use crate::numerics::cumulative_incidence::{Cause, CumulativeIncidence, IncidenceVariance, Outcome};
use crate::quantity::{DAYS_PER_MONTH, Interval, IntervalMethod, Rows};

use super::Context;
use super::first_event::MINIMUM_SUBJECTS;

/// How one subject was observed.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    /// Row in ADSL.
    pub(super) subject_row: u32,
    /// Days at risk; the day of the first dose is 1.
    pub(super) days: f64,
    /// How the time at risk ended.
    pub(super) outcome: Outcome,
    /// Rows that show the event.
    pub(super) rows: Rows,
    /// Whether an event is in the data but after the time at risk.
    pub(super) missed: bool,
}

/// Cumulative incidence in one panel.
#[derive(Debug, Clone)]
pub struct IncidencePanel {
    /// The columns.
    pub panel: Panel,
    /// One per dosage with enough subjects whose time is known.
    pub curves: Vec<IncidenceCurve>,
    /// Labels of the dosages with too few subjects for a curve.
    pub too_few: Vec<String>,
}

/// Cumulative incidence under one dosage.
#[derive(Debug, Clone)]
pub struct IncidenceCurve {
    /// The subjects whose time is known.
    pub group: Group,
    /// Subjects with the event.
    pub events: u64,
    /// Subjects in whom a competing event came first.
    pub competing: u64,
    /// Subjects censored.
    pub censored: u64,
    /// Subjects whose event lies after their time at risk and does not count.
    pub missed: u64,
    /// Estimates after each day with an event.
    pub steps: Vec<IncidenceStep>,
    /// Days of censoring, one per subject, ascending.
    pub censored_days: Vec<f64>,
    /// Days at risk of every subject, ascending.
    pub days: Vec<f64>,
    /// Estimates at the project's landmarks.
    pub landmarks: Vec<IncidenceLandmark>,
    /// Rows that show the events.
    pub rows: Rows,
}

/// The estimate from a day on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidenceStep {
    /// Days since the first dose, which is day 1.
    pub days: f64,
    /// Probability of the event so far.
    pub estimate: f64,
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
}

/// The estimate at a landmark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidenceLandmark {
    /// Months since the first dose.
    pub months: f64,
    /// Probability of the event so far; `None` when nobody was observed for so long and somebody was censored.
    pub estimate: Option<f64>,
    /// Pointwise interval.
    pub interval: Option<Interval>,
}

impl IncidenceCurve {
    /// Subjects still at risk just before a time.
    #[must_use]
    pub fn at_risk(&self, months: f64) -> usize {
        let days = months * DAYS_PER_MONTH;
        self.days.len() - self.days.partition_point(|observed| *observed < days)
    }

    /// The longest time at risk, months.
    #[must_use]
    pub fn longest_months(&self) -> f64 {
        self.days.last().map_or(0.0, |days| days / DAYS_PER_MONTH)
    }
}

/// Estimates the curves of a panel from one observation per subject.
pub(super) fn estimate_incidence(
    context: &Context<'_>,
    panel: &Panel,
    observe: &dyn Fn(SubjectIndex) -> Option<Observation>,
) -> IncidencePanel {
    let mut curves = Vec::new();
    let mut too_few = Vec::new();
    for group in panel.groups.iter().filter(|group| group.dosage.is_some()) {
        match curve(context, group, observe) {
            Some(curve) => curves.push(curve),
            None => too_few.push(group.label.clone()),
        }
    }
    IncidencePanel { panel: panel.clone(), curves, too_few }
}

fn curve(context: &Context<'_>, group: &Group, observe: &dyn Fn(SubjectIndex) -> Option<Observation>) -> Option<IncidenceCurve> {
    let (subjects, observations): (Vec<SubjectIndex>, Vec<Observation>) =
        group.subjects.iter().filter_map(|subject| Some((*subject, observe(*subject)?))).unzip();
    if observations.len() < MINIMUM_SUBJECTS {
        return None;
    }
    let times: Vec<f64> = observations.iter().map(|observation| observation.days).collect();
    let outcomes: Vec<Outcome> = observations.iter().map(|observation| observation.outcome).collect();
    let fit = CumulativeIncidence::fit(&times, &outcomes).ok()?;
    let count = |outcome: Outcome| outcomes.iter().filter(|held| **held == outcome).count() as u64;
    let mut days = times;
    days.sort_by(f64::total_cmp);
    let mut censored_days: Vec<f64> =
        observations.iter().filter(|observation| observation.outcome == Outcome::Censored).map(|observation| observation.days).collect();
    censored_days.sort_by(f64::total_cmp);
    Some(IncidenceCurve {
        events: count(Outcome::Event),
        competing: count(Outcome::Competing),
        censored: count(Outcome::Censored),
        missed: observations.iter().filter(|observation| observation.missed).count() as u64,
        steps: steps(context, &fit),
        landmarks: landmarks(context, &fit, censored_days.is_empty()),
        rows: observations.iter().flat_map(|observation| observation.rows.as_slice()).copied().collect(),
        group: Group { subjects, rows: observations.iter().map(|observation| observation.subject_row).collect(), ..group.clone() },
        censored_days,
        days,
    })
}

fn steps(context: &Context<'_>, fit: &CumulativeIncidence) -> Vec<IncidenceStep> {
    let level = context.settings.intervals.level;
    let with_event = fit.steps().iter().filter(|step| step.n_event > 0);
    with_event
        .map(|step| {
            let at = fit.incidence_at(step.time, Cause::Event, IncidenceVariance::Aalen, level).ok();
            let limits = at.and_then(|at| Some((at.lower?, at.upper?)));
            IncidenceStep {
                days: step.time,
                estimate: step.event.estimate,
                lower: limits.map(|(lower, _)| lower),
                upper: limits.map(|(_, upper)| upper),
            }
        })
        .collect()
}

/// Estimates at the landmarks. Past the last time at risk the curve is known only when nobody was censored.
fn landmarks(context: &Context<'_>, fit: &CumulativeIncidence, complete: bool) -> Vec<IncidenceLandmark> {
    let level = context.settings.intervals.level;
    let last = fit.steps().last().map_or(0.0, |step| step.time);
    let landmark = |months: f64| {
        let days = months * DAYS_PER_MONTH;
        let at = fit.incidence_at(days, Cause::Event, IncidenceVariance::Aalen, level).ok().filter(|_| complete || days <= last);
        let interval = |lower: f64, upper: f64| Interval { lower: Some(lower), upper: Some(upper), level, method: IntervalMethod::LogLog };
        IncidenceLandmark { months, estimate: at.map(|at| at.estimate), interval: at.and_then(|at| Some(interval(at.lower?, at.upper?))) }
    };
    context.settings.tolerability.landmarks_months.iter().map(|months| landmark(*months)).collect()
}
