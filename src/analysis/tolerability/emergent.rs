//! Treatment-emergent events, indexed once.

use std::collections::BTreeMap;

use crate::analysis::measure::RowsBySubject;
use crate::derive::{AdverseEvent, AdverseEvents, SubjectIndex};

use super::class::EventClass;

/// The treatment-emergent events and how they were read.
pub(super) struct EmergentEvents<'a> {
    /// How they were read.
    pub(super) source: &'a AdverseEvents,
    events: Vec<&'a AdverseEvent>,
}

/// The events of one class by subject.
pub(super) struct EventsOfClass {
    /// Rows of the events.
    pub(super) rows: RowsBySubject,
    /// Row and study day of the earliest event whose day is known.
    pub(super) first: BTreeMap<SubjectIndex, FirstEvent>,
}

/// The earliest event of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FirstEvent {
    /// Study day of its start.
    pub(super) day: i32,
    /// Row in ADAE.
    pub(super) row: u32,
}

impl<'a> EmergentEvents<'a> {
    pub(super) fn of(source: &'a AdverseEvents) -> Self {
        Self { source, events: source.events.iter().filter(|event| event.emergent).collect() }
    }

    /// Every treatment-emergent event, in the order of ADAE.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a AdverseEvent> {
        self.events.iter().copied()
    }

    /// The events of a class.
    pub(super) fn of_class(&self, class: EventClass) -> EventsOfClass {
        self.matching(|event| class.holds(event))
    }

    /// The events that satisfy a condition.
    pub(super) fn matching(&self, holds: impl Fn(&AdverseEvent) -> bool) -> EventsOfClass {
        let mut rows = RowsBySubject::new();
        let mut first: BTreeMap<SubjectIndex, FirstEvent> = BTreeMap::new();
        for event in self.iter().filter(|event| holds(event)) {
            rows.entry(event.subject).or_default().push(event.row);
            if let Some(day) = event.start_day {
                let candidate = FirstEvent { day, row: event.row };
                first.entry(event.subject).and_modify(|held| *held = earlier(*held, candidate)).or_insert(candidate);
            }
        }
        EventsOfClass { rows, first }
    }
}

fn earlier(a: FirstEvent, b: FirstEvent) -> FirstEvent {
    if (b.day, b.row) < (a.day, a.row) { b } else { a }
}
