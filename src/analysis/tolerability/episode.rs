//! Episodes: the records of one term, or of one group of special interest, in one subject that follow each other without a free day.
//!
//! Data that write a new record whenever the grade changes would otherwise show several short events where the patient had one long one.

use std::collections::BTreeMap;

use crate::derive::{AnalysisData, Subject, SubjectIndex};

use super::Context;
use super::event_group::EventGroup;
use super::first_event::{Course, POST_TREATMENT_DAYS};

/// One episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Episode {
    /// Study day of its start.
    pub(super) start: i32,
    /// Study day of its end; `None` while it goes on, and when it ended with death.
    pub(super) end: Option<i32>,
    /// Rows in ADAE, in the order of their days.
    pub(super) rows: Vec<u32>,
}

impl Episode {
    /// Whether the subject has it at a time, in days since the day before the first dose.
    pub(super) fn is_active(&self, days: f64) -> bool {
        f64::from(self.start) <= days && self.end.is_none_or(|end| days < f64::from(end) + 1.0)
    }

    /// Days that it lasted, first and last included, or was seen to last until the subject was last known.
    pub(super) fn days(&self, last_known: i32) -> i32 {
        (self.end.unwrap_or(last_known) - self.start + 1).max(1)
    }
}

/// The episodes of each subject among the events of a group, by their start. Events whose day of start is not known make none.
pub(super) fn episodes(context: &Context<'_>, events: &EventGroup) -> BTreeMap<SubjectIndex, Vec<Episode>> {
    let mut records: BTreeMap<(SubjectIndex, &str), Vec<(i32, Episode)>> = BTreeMap::new();
    for event in context.events.iter().filter(|event| events.holds(event)) {
        if let Some(start) = event.start_day {
            let end = event.end_day.filter(|_| !event.fatal).map(|end| end.max(start));
            let episode = Episode { start, end, rows: vec![event.row] };
            let term = if events.is_one_condition() { "" } else { event.term.as_str() };
            records.entry((event.subject, term)).or_default().push((start, episode));
        }
    }
    let mut found: BTreeMap<SubjectIndex, Vec<Episode>> = BTreeMap::new();
    for ((subject, _), mut records) in records {
        records.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| left.rows.cmp(&right.rows)));
        found.entry(subject).or_default().extend(joined(records.into_iter().map(|(_, record)| record)));
    }
    for held in found.values_mut() {
        held.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.rows.cmp(&b.rows)));
    }
    found
}

/// Joins records, ordered by their start, that leave no free day between them.
fn joined(records: impl Iterator<Item = Episode>) -> Vec<Episode> {
    let mut joined: Vec<Episode> = Vec::new();
    for record in records {
        match joined.last_mut().filter(|last| last.end.is_none_or(|end| record.start <= end + 1)) {
            Some(last) => {
                last.end = last.end.zip(record.end).map(|(a, b)| a.max(b));
                last.rows.extend(record.rows);
            }
            None => joined.push(record),
        }
    }
    joined
}

/// Until when the events of each subject were collected: study day; subjects whose time is not known are not among them.
pub(super) fn followed_until(context: &Context<'_>) -> BTreeMap<SubjectIndex, i32> {
    let until = |(index, subject): (usize, &Subject)| {
        let index = SubjectIndex(index);
        Some((index, Course::of(context, index, subject)?.followed_until(POST_TREATMENT_DAYS)))
    };
    context.data.subjects.iter().enumerate().filter_map(until).collect()
}

/// The last study day on which a subject is known: death, otherwise the last contact, otherwise the cut-off.
pub(super) fn last_known(data: &AnalysisData, index: SubjectIndex) -> Option<i32> {
    let subject = data.subjects.get(index.0)?;
    Some(subject.death.or(subject.last_alive).or(subject.cutoff)?.study_day(subject.first_dose?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(start: i32, end: Option<i32>, row: u32) -> Episode {
        Episode { start, end, rows: vec![row] }
    }

    #[test]
    fn records_without_a_free_day_are_one_episode() {
        let records = [record(1, Some(5), 1), record(6, Some(9), 2), record(11, Some(12), 3), record(12, None, 4), record(40, Some(50), 5)];
        let found = joined(records.into_iter());
        let want = [(1, Some(9), vec![1, 2]), (11, None, vec![3, 4, 5])];
        assert_eq!(found.iter().map(|held| (held.start, held.end, held.rows.clone())).collect::<Vec<_>>(), want);
        assert_eq!((found[0].days(100), found[1].days(100), found[1].days(3)), (9, 90, 1));
        assert!(found[0].is_active(9.9) && !found[0].is_active(10.0) && !found[0].is_active(0.5) && found[1].is_active(1e6));
    }

    #[test]
    fn a_short_record_within_a_long_one_does_not_end_it() {
        let found = joined([record(1, Some(30), 1), record(5, Some(6), 2), record(31, Some(31), 3)].into_iter());
        assert_eq!(found, [Episode { start: 1, end: Some(31), rows: vec![1, 2, 3] }]);
    }
}
