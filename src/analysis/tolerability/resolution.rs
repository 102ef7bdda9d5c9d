//! Onset, duration and resolution of groups of events, and how many patients have them at the project's landmarks.
//!
//! Onset and duration are of the first episode of each subject, so that each subject counts once. A duration whose end is not known is censored at
//! death, otherwise at the last contact, otherwise at the cut-off; its median is that of the Kaplan-Meier estimate `[KaplanMeier1958]`.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::{Proportion, Summary, subjects_with, transform};
use crate::derive::SubjectIndex;
use crate::numerics::KaplanMeier;
use crate::numerics::kaplan_meier::QuantileEstimate;
use crate::quantity::{DAYS_PER_MONTH, Interval, Rows};

use super::Context;
use super::episode::{Episode, episodes, followed_until, last_known};
use super::event_group::EventGroup;
use super::terms::TermsPanel;
use super::window::{subset, window_days};

/// Days that a persistent event lasts longer than: one customary cycle.
pub const PERSISTENT_DAYS: i32 = 28;

/// Terms that are described, the most frequent ones.
const TERMS: usize = 5;

/// Groups of events in one panel.
#[derive(Debug, Clone)]
pub struct ResolutionPanel {
    /// The columns.
    pub panel: Panel,
    /// Length of the window of dose-limiting toxicity in days.
    pub window_days: f64,
    /// One per group.
    pub rows: Vec<ResolutionRow>,
}

/// One group of events.
#[derive(Debug, Clone)]
pub struct ResolutionRow {
    /// The events.
    pub events: EventGroup,
    /// One per column.
    pub columns: Vec<ResolutionColumn>,
}

/// One group of events under one dosage.
#[derive(Debug, Clone)]
pub struct ResolutionColumn {
    /// Subjects with an event.
    pub any: Proportion,
    /// Subjects whose first event has a known day: what follows is of them.
    pub dated: Group,
    /// Study day of the first onset.
    pub onset: Summary,
    /// First onset after the window of dose-limiting toxicity.
    pub after_window: Proportion,
    /// Duration of the first episode; `None` without one whose length is known.
    pub duration: Option<EpisodeDuration>,
    /// An episode that lasted, or was seen to last, longer than [`PERSISTENT_DAYS`].
    pub persistent: Proportion,
    /// All episodes ended, other than with death.
    pub resolved: Proportion,
    /// Subjects with the event at each landmark.
    pub prevalence: Vec<Followed>,
}

/// Duration of the first episode, days.
#[derive(Debug, Clone)]
pub struct EpisodeDuration {
    /// Episodes.
    pub n: u64,
    /// Kaplan-Meier median; `None` when it is not reached.
    pub median: Option<f64>,
    /// Interval of the median.
    pub interval: Option<Interval>,
    /// Rows of the episodes.
    pub rows: Rows,
}

/// Subjects with an event at a landmark among those whose events were still collected.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Months since the first dose.
    pub months: f64,
    /// The subjects whose events were still collected.
    pub among: Group,
    /// Those who had the event on the day.
    pub proportion: Proportion,
}

/// Describes the groups of events of each panel: those of special interest, the most frequent of the common terms, and by grade.
pub(super) fn summarise_resolution(context: &Context<'_>, panels: &[Panel], terms: &[TermsPanel]) -> Vec<ResolutionPanel> {
    let until = followed_until(context);
    let described = panels.iter().zip(terms).map(|(panel, terms)| {
        let frequent = terms.rows.iter().take(TERMS).map(|row| row.term.clone());
        let rows = EventGroup::all(context.events.source, frequent).into_iter().map(|events| {
            let found = Found::of(context, &events);
            ResolutionRow { columns: panel.groups.iter().map(|group| describe(context, group, &found, &until)).collect(), events }
        });
        ResolutionPanel { panel: panel.clone(), window_days: window_days(context), rows: rows.collect() }
    });
    described.collect()
}

/// The events of a group.
struct Found {
    rows: BTreeMap<SubjectIndex, Vec<u32>>,
    episodes: BTreeMap<SubjectIndex, Vec<Episode>>,
}

impl Found {
    fn of(context: &Context<'_>, events: &EventGroup) -> Self {
        Self { rows: context.events.matching(|event| events.holds(event)).rows, episodes: episodes(context, events) }
    }
}

fn describe(context: &Context<'_>, group: &Group, found: &Found, until: &BTreeMap<SubjectIndex, i32>) -> ResolutionColumn {
    let dated = subset(context, group, "and first onset on a known day", |subject| found.episodes.contains_key(&subject));
    let held: Vec<(SubjectIndex, &Vec<Episode>)> =
        dated.subjects.iter().filter_map(|subject| Some((*subject, found.episodes.get(subject)?))).collect();
    let first = || held.iter().filter_map(|(subject, episodes)| Some((*subject, episodes.first()?)));
    let row = |episode: &Episode| episode.rows.first().copied().unwrap_or_default();
    let counted = |holds: &dyn Fn(SubjectIndex, &[Episode]) -> bool| {
        let with: Vec<&Vec<Episode>> =
            held.iter().filter(|(subject, held)| holds(*subject, held.as_slice())).map(|(_, held)| *held).collect();
        let rows: Rows = with.iter().copied().flatten().flat_map(|episode| episode.rows.iter().copied()).collect();
        Proportion::new(with.len(), held.len(), rows, &context.settings.intervals)
    };
    let window = window_days(context);
    let lasting = |subject: SubjectIndex, episode: &Episode| {
        let last = episode.end.or_else(|| last_known(context.data, subject));
        last.is_some_and(|last| episode.days(last) > PERSISTENT_DAYS)
    };
    ResolutionColumn {
        any: subjects_with(group, &found.rows, context.settings),
        onset: Summary::of(first().map(|(_, episode)| (row(episode), f64::from(episode.start)))),
        after_window: counted(&|_, held| held.first().is_some_and(|episode| f64::from(episode.start) > window)),
        duration: duration(context, first()),
        persistent: counted(&|subject, held| held.iter().any(|episode| lasting(subject, episode))),
        resolved: counted(&|_, held| held.iter().all(|episode| episode.end.is_some())),
        prevalence: context.settings.tolerability.landmarks_months.iter().map(|months| at(context, group, found, until, *months)).collect(),
        dated,
    }
}

fn duration<'a>(context: &Context<'_>, first: impl Iterator<Item = (SubjectIndex, &'a Episode)>) -> Option<EpisodeDuration> {
    let intervals = &context.settings.intervals;
    let (mut times, mut ended, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (subject, episode) in first {
        let Some(last) = episode.end.or_else(|| last_known(context.data, subject)) else { continue };
        times.push(f64::from(episode.days(last)));
        ended.push(episode.end.is_some());
        rows.extend(episode.rows.iter().copied());
    }
    let curve = KaplanMeier::fit(&times, &ended).ok()?;
    let median = curve.median(transform(intervals.kaplan_meier), intervals.level).ok();
    let limits = |median: &QuantileEstimate| Interval {
        lower: median.lower,
        upper: median.upper,
        level: intervals.level,
        method: intervals.kaplan_meier,
    };
    Some(EpisodeDuration {
        n: times.len() as u64,
        interval: median.as_ref().map(limits),
        median: median.and_then(|median| median.estimate),
        rows: rows.into_iter().collect(),
    })
}

fn at(context: &Context<'_>, group: &Group, found: &Found, until: &BTreeMap<SubjectIndex, i32>, months: f64) -> Followed {
    let days = months * DAYS_PER_MONTH;
    let condition = format!("and events still collected {months} months after the first dose");
    let among = subset(context, group, &condition, |subject| until.get(&subject).is_some_and(|until| f64::from(*until) >= days));
    let active = |subject: &SubjectIndex| {
        let held: Vec<&Episode> = found.episodes.get(subject)?.iter().filter(|episode| episode.is_active(days)).collect();
        (!held.is_empty()).then_some(held)
    };
    let with: Vec<Vec<&Episode>> = among.subjects.iter().filter_map(active).collect();
    let rows: Rows = with.iter().flatten().flat_map(|episode| episode.rows.iter().copied()).collect();
    Followed { months, proportion: Proportion::new(with.len(), among.n(), rows, &context.settings.intervals), among }
}
