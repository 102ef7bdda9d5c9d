//! Time to the first event of grade 3 or higher and to the first dose modification because of an adverse event.
//!
//! Both are counted in days since the first dose, which is day 1. Death and the end of treatment compete: after them the event can no longer happen
//! on treatment, so that one minus Kaplan-Meier would overstate its probability `[Gooley1999]`.

use std::collections::BTreeMap;

use crate::analysis::grouping::Panel;
use crate::analysis::treatment::{stopped_for_adverse_event, treatment_ended};
use crate::derive::{AnalysisData, DoseAction, DosingSummary, Subject, SubjectIndex, TreatmentStatus};
use crate::numerics::cumulative_incidence::Outcome;
use crate::quantity::{Date, Rows};

use super::Context;
use super::class::EventClass;
use super::incidence::{IncidencePanel, Observation, estimate_incidence};

/// Days after the last dose in which events still count as treatment-emergent, the customary safety follow-up.
pub const POST_TREATMENT_DAYS: i32 = 30;

/// Subjects below which a dosage gets no curve.
pub const MINIMUM_SUBJECTS: usize = 5;

/// Time to the first dose modification because of an adverse event.
#[derive(Debug, Clone)]
pub struct FirstModification {
    /// The programme, then each randomised part.
    pub panels: Vec<IncidencePanel>,
    /// Whether the days come from dosing intervals; otherwise they are the starting days of adverse events with an action.
    pub from_dosing: bool,
}

/// A first event: study day and the rows that say so.
struct First {
    day: i32,
    rows: Rows,
}

/// The days of one subject that bound the time at risk; `None` where not known.
pub(super) struct Course {
    end_of_treatment: i32,
    ended: bool,
    death: Option<i32>,
    cutoff: Option<i32>,
}

impl Course {
    pub(super) fn of(context: &Context<'_>, index: SubjectIndex, subject: &Subject) -> Option<Self> {
        let day = |date: Option<Date>| Some(date?.study_day(subject.first_dose?));
        let cutoff = day(subject.cutoff);
        #[expect(clippy::cast_possible_truncation, reason = "days of a trial fit an i32; the cast saturates")]
        let treated = context.times.days(index)?.ceil() as i32;
        Some(Self { end_of_treatment: treated.max(1), ended: treatment_ended(subject), death: day(subject.death), cutoff })
    }

    /// Last day on which events of the subject were collected when this goes on `extra` days after the end of treatment: never past death or the
    /// cut-off.
    pub(super) fn followed_until(&self, extra: i32) -> i32 {
        self.outcome(None, extra).0
    }

    /// What comes first when the time at risk ends `extra` days after the end of treatment and `event` is the day of the first event.
    ///
    /// On one day the event comes before death, and death before the end of observation. While treatment goes on, the time at risk ends at the
    /// cut-off. A subject whose extra days run beyond the cut-off is censored there.
    fn outcome(&self, event: Option<i32>, extra: i32) -> (i32, Outcome) {
        let end = if self.ended { self.end_of_treatment + extra } else { self.cutoff.unwrap_or(self.end_of_treatment) };
        let observed = self.cutoff.map_or(end, |cutoff| cutoff.min(end)).max(1);
        let last = self.death.map_or(observed, |death| death.min(observed)).max(1);
        match event.map(|day| day.max(1)) {
            Some(day) if day <= last => (day, Outcome::Event),
            _ if self.death.is_some_and(|death| death <= observed) => (last, Outcome::Competing),
            _ if self.ended && end <= observed => (end.max(1), Outcome::Competing),
            _ => (observed, Outcome::Censored),
        }
    }
}

/// Time to the first treatment-emergent event of a class. The time at risk ends 30 days after the last dose.
pub(super) fn time_to_class(context: &Context<'_>, panels: &[&Panel], class: EventClass) -> Vec<IncidencePanel> {
    let events = context.events.of_class(class);
    let first: BTreeMap<SubjectIndex, First> = events
        .first
        .into_iter()
        .map(|(subject, first)| (subject, First { day: first.day, rows: [first.row].into_iter().collect() }))
        .collect();
    let observe = |index: SubjectIndex| observation(context, index, &first, POST_TREATMENT_DAYS);
    panels.iter().map(|panel| estimate_incidence(context, panel, &observe)).collect()
}

/// Time to the first interruption, reduction or permanent discontinuation because of an adverse event. The time at risk ends with the last dose.
///
/// Interruptions and reductions come from the dosing intervals where these give reasons, otherwise from the action taken with each treatment-emergent
/// event, at the event's start; discontinuations from the reason in ADSL, at the last dose.
pub(super) fn time_to_modification(context: &Context<'_>, panels: &[&Panel]) -> Option<FirstModification> {
    // Intervals without reasons cannot tell a change for an adverse event from another one.
    let has_reasons = |summary: &DosingSummary| summary.interruptions_adverse_event.or(summary.reductions_adverse_event).is_some();
    let dosing = context.data.dosing.as_ref().filter(|dosing| !dosing.intervals.is_empty() && dosing.summaries.iter().any(has_reasons));
    let first: BTreeMap<SubjectIndex, First> = match dosing {
        Some(dosing) => {
            let modified = dosing
                .summaries
                .iter()
                .filter_map(|summary| Some((summary.subject, First { day: summary.first_modification_day?, rows: summary.rows.clone() })));
            modified.collect()
        }
        None => first_actions(context)?,
    };
    let observe = |index: SubjectIndex| {
        let mut observation = observation(context, index, &first, 0)?;
        if observation.outcome == Outcome::Competing && stopped(context.data, index) {
            observation.outcome = Outcome::Event;
            observation.missed = false;
        }
        Some(observation)
    };
    Some(FirstModification {
        panels: panels.iter().map(|panel| estimate_incidence(context, panel, &observe)).collect(),
        from_dosing: dosing.is_some(),
    })
}

fn stopped(data: &AnalysisData, index: SubjectIndex) -> bool {
    data.subjects.get(index.0).is_some_and(stopped_for_adverse_event)
}

/// The first event with an action on the dose; `None` when the data carry no action.
fn first_actions(context: &Context<'_>) -> Option<BTreeMap<SubjectIndex, First>> {
    context.events.source.action_column.as_ref()?;
    let acted = |action: Option<DoseAction>| matches!(action, Some(DoseAction::Reduced | DoseAction::Interrupted | DoseAction::Withdrawn));
    let events = context.events.matching(|event| acted(event.action));
    Some(
        events
            .first
            .into_iter()
            .map(|(subject, first)| (subject, First { day: first.day, rows: [first.row].into_iter().collect() }))
            .collect(),
    )
}

fn observation(context: &Context<'_>, index: SubjectIndex, first: &BTreeMap<SubjectIndex, First>, extra: i32) -> Option<Observation> {
    let subject = context.data.subjects.get(index.0).filter(|subject| subject.treatment_status != Some(TreatmentStatus::NotTreated))?;
    let first = first.get(&index);
    let (day, outcome) = Course::of(context, index, subject)?.outcome(first.map(|first| first.day), extra);
    let rows = first.filter(|_| outcome == Outcome::Event).map(|first| first.rows.clone()).unwrap_or_default();
    Some(Observation {
        subject_row: subject.row,
        days: f64::from(day),
        outcome,
        rows,
        missed: first.is_some() && outcome != Outcome::Event,
    })
}
