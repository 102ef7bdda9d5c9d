//! Groups of special interest: when the first event comes, and how often events come again.
//!
//! First events by the Aalen-Johansen estimate, death and the end of collection after the last dose competing; repeated events by the mean
//! cumulative count of episodes `[LawlessNadeau1995]`.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::Proportion;
use crate::derive::SubjectIndex;
use crate::numerics::mean_cumulative::MeanCumulative;
use crate::quantity::{DAYS_PER_MONTH, Interval, IntervalMethod, Rows};

use super::Context;
use super::class::EventClass;
use super::episode::{Episode, episodes, followed_until};
use super::event_group::EventGroup;
use super::first_event::{MINIMUM_SUBJECTS, time_to_class};
use super::incidence::IncidencePanel;
use super::window::subset;

/// The groups of special interest in one panel.
#[derive(Debug, Clone)]
pub struct InterestPanel {
    /// The columns.
    pub panel: Panel,
    /// One per group.
    pub courses: Vec<InterestCourse>,
}

/// One group of special interest.
#[derive(Debug, Clone)]
pub struct InterestCourse {
    /// Position of the group in [`AdverseEvents::interest_groups`](crate::derive::AdverseEvents::interest_groups).
    pub position: usize,
    /// Cumulative incidence of the first event.
    pub incidence: IncidencePanel,
    /// Episodes, one per column.
    pub columns: Vec<InterestColumn>,
}

/// Episodes of one group under one dosage.
#[derive(Debug, Clone)]
pub struct InterestColumn {
    /// Subjects whose time of collection is known.
    pub followed: Group,
    /// Episodes that began while events were collected.
    pub episodes: u64,
    /// Rows of these episodes.
    pub rows: Rows,
    /// Subjects with two episodes or more.
    pub repeated: Proportion,
    /// Mean number of episodes per subject by each landmark.
    pub means: Vec<MeanCount>,
}

/// The mean number of episodes per subject by a landmark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanCount {
    /// Months since the first dose.
    pub months: f64,
    /// Mean number; `None` when nobody was observed for so long, or fewer than five subjects were observed at all.
    pub estimate: Option<f64>,
    /// Interval from the robust standard error; `None` while there is no episode.
    pub interval: Option<Interval>,
}

/// Follows each group of special interest in each panel.
pub(super) fn follow_interest(context: &Context<'_>, panels: &[Panel]) -> Vec<InterestPanel> {
    let groups = context.events.source.interest_groups.len();
    if groups == 0 {
        return Vec::new();
    }
    let until = followed_until(context);
    let every: Vec<&Panel> = panels.iter().collect();
    let mut courses: Vec<Vec<InterestCourse>> = panels.iter().map(|_| Vec::new()).collect();
    for position in 0..groups {
        let held = episodes(context, &EventGroup::Interest(position));
        let incidences = time_to_class(context, &every, EventClass::Interest(position));
        for ((panel, incidence), found) in panels.iter().zip(incidences).zip(&mut courses) {
            let columns = panel.groups.iter().map(|group| column(context, group, &held, &until)).collect();
            found.push(InterestCourse { position, incidence, columns });
        }
    }
    panels.iter().zip(courses).map(|(panel, courses)| InterestPanel { panel: panel.clone(), courses }).collect()
}

fn column(
    context: &Context<'_>,
    group: &Group,
    held: &BTreeMap<SubjectIndex, Vec<Episode>>,
    until: &BTreeMap<SubjectIndex, i32>,
) -> InterestColumn {
    let followed = subset(context, group, "and time of collection known", |subject| until.contains_key(&subject));
    let counted: Vec<(i32, Vec<&Episode>)> = followed
        .subjects
        .iter()
        .filter_map(|subject| {
            let until = *until.get(subject)?;
            Some((until, held.get(subject).into_iter().flatten().filter(|episode| episode.start <= until).collect()))
        })
        .collect();
    let rows = |least: usize| -> Rows {
        let with = counted.iter().filter(|(_, episodes)| episodes.len() >= least);
        with.flat_map(|(_, episodes)| episodes).flat_map(|episode| episode.rows.iter().copied()).collect()
    };
    let repeated = counted.iter().filter(|(_, episodes)| episodes.len() >= 2).count();
    InterestColumn {
        episodes: counted.iter().map(|(_, episodes)| episodes.len() as u64).sum(),
        rows: rows(1),
        repeated: Proportion::new(repeated, followed.n(), rows(2), &context.settings.intervals),
        means: means(context, &counted),
        followed,
    }
}

fn means(context: &Context<'_>, counted: &[(i32, Vec<&Episode>)]) -> Vec<MeanCount> {
    let level = context.settings.intervals.level;
    let ends: Vec<f64> = counted.iter().map(|(until, _)| f64::from(*until)).collect();
    let events: Vec<(usize, f64)> = counted
        .iter()
        .enumerate()
        .flat_map(|(unit, (_, episodes))| episodes.iter().map(move |episode| (unit, f64::from(episode.start.max(1)))))
        .collect();
    let fit = MeanCumulative::fit(&ends, &events).ok().filter(|_| ends.len() >= MINIMUM_SUBJECTS);
    let last = ends.iter().copied().fold(0.0, f64::max);
    let at = |months: f64| {
        let days = months * DAYS_PER_MONTH;
        let fit = fit.as_ref().filter(|_| days <= last);
        let step = fit.and_then(|fit| fit.steps().iter().take_while(|step| step.time <= days).last());
        let interval = step.and_then(|step| step.limits(level).ok()).map(|(lower, upper)| Interval {
            lower: Some(lower),
            upper: Some(upper),
            level,
            method: IntervalMethod::Log,
        });
        MeanCount { months, estimate: fit.map(|_| step.map_or(0.0, |step| step.estimate)), interval }
    };
    context.settings.tolerability.landmarks_months.iter().map(|months| at(*months)).collect()
}
