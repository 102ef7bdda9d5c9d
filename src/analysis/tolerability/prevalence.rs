//! How many patients have an adverse event, month by month and by its grade.
//!
//! Prevalence and not incidence: a patient counts in every month in which an event goes on, so that long events of low grade weigh what they weigh
//! to the patient.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::Proportion;
use crate::derive::{AdverseEvent, SubjectIndex};
use crate::quantity::{DAYS_PER_MONTH, Rows};

use super::Context;
use super::episode::{Episode, episodes, followed_until, last_known};
use super::event_group::EventGroup;
use super::resolution::PERSISTENT_DAYS;
use super::window::subset;

/// Last month that is shown.
pub const PREVALENCE_MONTHS: u8 = 12;

/// Subjects below which a month is not shown.
pub const MINIMUM_FOLLOWED: usize = 5;

/// Prevalence in one panel.
#[derive(Debug, Clone)]
pub struct PrevalencePanel {
    /// The columns.
    pub panel: Panel,
    /// One per dosage with a month that is shown.
    pub series: Vec<PrevalenceSeries>,
}

/// Prevalence under one dosage.
#[derive(Debug, Clone)]
pub struct PrevalenceSeries {
    /// The dosage.
    pub group: Group,
    /// The months with enough subjects, in order.
    pub months: Vec<GradedPrevalence>,
}

/// Prevalence at one time.
#[derive(Debug, Clone)]
pub struct GradedPrevalence {
    /// Months since the first dose.
    pub month: u8,
    /// Subjects whose events were still collected.
    pub among: Group,
    /// By the highest grade of the events that the subject had on the day, in the order of [`PrevalenceBand::ALL`].
    pub bands: [Proportion; 3],
    /// Subjects with an event of any grade, or of none.
    pub any: Proportion,
    /// Subjects with a symptom of grade 1 or 2 that lasted, or was seen to last, longer than [`PERSISTENT_DAYS`].
    pub persistent: Proportion,
}

/// Grades that are shown apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrevalenceBand {
    /// Grade 1.
    One,
    /// Grade 2.
    Two,
    /// Grade 3 or higher.
    ThreePlus,
}

impl PrevalenceBand {
    /// From the lowest to the highest.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::ThreePlus];

    fn of(grade: u8) -> Option<Self> {
        match grade {
            0 => None,
            1 => Some(Self::One),
            2 => Some(Self::Two),
            _ => Some(Self::ThreePlus),
        }
    }
}

/// What a subject has on a day.
struct Active {
    rows: Vec<u32>,
    band: Option<PrevalenceBand>,
}

/// What prevalence is computed from.
struct Events<'a> {
    by_subject: BTreeMap<SubjectIndex, Vec<&'a AdverseEvent>>,
    low_grade: BTreeMap<SubjectIndex, Vec<Episode>>,
    until: BTreeMap<SubjectIndex, i32>,
}

/// Prevalence by month of each panel.
pub(super) fn summarise_prevalence(context: &Context<'_>, panels: &[Panel]) -> Vec<PrevalencePanel> {
    let mut by_subject: BTreeMap<SubjectIndex, Vec<&AdverseEvent>> = BTreeMap::new();
    for event in context.events.iter() {
        by_subject.entry(event.subject).or_default().push(event);
    }
    let mut low_grade = episodes(context, &EventGroup::LowGradeSymptoms);
    for (subject, held) in &mut low_grade {
        let known = last_known(context.data, *subject);
        held.retain(|episode| episode.end.or(known).is_some_and(|last| episode.days(last) > PERSISTENT_DAYS));
    }
    let events = Events { by_subject, low_grade, until: followed_until(context) };
    let series = |group: &Group| {
        let months: Vec<GradedPrevalence> = (1..=PREVALENCE_MONTHS).filter_map(|month| at(context, group, &events, month)).collect();
        (!months.is_empty()).then(|| PrevalenceSeries { group: group.clone(), months })
    };
    let dosages = |panel: &Panel| panel.groups.iter().filter(|group| group.dosage.is_some()).filter_map(series).collect();
    panels.iter().map(|panel| PrevalencePanel { series: dosages(panel), panel: panel.clone() }).collect()
}

fn at(context: &Context<'_>, group: &Group, events: &Events<'_>, month: u8) -> Option<GradedPrevalence> {
    let days = f64::from(month) * DAYS_PER_MONTH;
    let condition = format!("and events still collected {month} months after the first dose");
    let among = subset(context, group, &condition, |subject| events.until.get(&subject).is_some_and(|until| f64::from(*until) >= days));
    if among.n() < MINIMUM_FOLLOWED {
        return None;
    }
    let active: Vec<Active> = among.subjects.iter().filter_map(|subject| active(events.by_subject.get(subject)?, days)).collect();
    let counted = |holds: &dyn Fn(&Active) -> bool| {
        let with: Vec<&Active> = active.iter().filter(|active| holds(active)).collect();
        let rows: Rows = with.iter().flat_map(|active| active.rows.iter().copied()).collect();
        Proportion::new(with.len(), among.n(), rows, &context.settings.intervals)
    };
    let bands = PrevalenceBand::ALL.map(|band| counted(&|active| active.band == Some(band)));
    let any = counted(&|_| true);
    Some(GradedPrevalence { month, bands, any, persistent: persistent(context, &among, events, days), among })
}

fn persistent(context: &Context<'_>, among: &Group, events: &Events<'_>, days: f64) -> Proportion {
    let active = |subject: &SubjectIndex| {
        let held: Vec<&Episode> = events.low_grade.get(subject)?.iter().filter(|episode| episode.is_active(days)).collect();
        (!held.is_empty()).then_some(held)
    };
    let with: Vec<Vec<&Episode>> = among.subjects.iter().filter_map(active).collect();
    let rows: Rows = with.iter().flatten().flat_map(|episode| episode.rows.iter().copied()).collect();
    Proportion::new(with.len(), among.n(), rows, &context.settings.intervals)
}

/// What of the events of a subject goes on at a time; `None` when nothing does.
fn active(events: &[&AdverseEvent], days: f64) -> Option<Active> {
    let goes_on = |event: &&&AdverseEvent| {
        let end = event.end_day.filter(|_| !event.fatal);
        event.start_day.is_some_and(|start| f64::from(start) <= days) && end.is_none_or(|end| days < f64::from(end) + 1.0)
    };
    let held: Vec<&AdverseEvent> = events.iter().filter(goes_on).copied().collect();
    let band = held.iter().filter_map(|event| event.grade).max().and_then(PrevalenceBand::of);
    (!held.is_empty()).then(|| Active { rows: held.iter().map(|event| event.row).collect(), band })
}
