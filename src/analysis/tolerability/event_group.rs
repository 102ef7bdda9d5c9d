//! Groups of events whose course over time is described.

use crate::derive::{AdverseEvent, AdverseEvents};

/// A group of treatment-emergent events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventGroup {
    /// Of special interest: the group at this position in [`AdverseEvents::interest_groups`].
    Interest(usize),
    /// A preferred term.
    Term(String),
    /// Grade 3 or higher, whatever the term.
    Grade3Plus,
    /// Symptoms of grade 1 or 2: events of these grades that are not findings of an investigation.
    LowGradeSymptoms,
}

/// The system organ class of laboratory and other findings, which patients do not feel.
const INVESTIGATIONS: &str = "INVESTIGATIONS";

impl EventGroup {
    /// Whether an event belongs to the group.
    #[must_use]
    pub fn holds(&self, event: &AdverseEvent) -> bool {
        match self {
            Self::Interest(position) => event.interest.contains(position),
            Self::Term(term) => event.term == *term,
            Self::Grade3Plus => event.grade.is_some_and(|grade| grade >= 3),
            Self::LowGradeSymptoms => {
                let finding = event.body_system.as_deref().is_some_and(|class| class.trim().eq_ignore_ascii_case(INVESTIGATIONS));
                !finding && event.grade.is_some_and(|grade| (1..=2).contains(&grade))
            }
        }
    }

    /// Whether records of different terms make one episode: they do where the group stands for one condition.
    #[must_use]
    pub fn is_one_condition(&self) -> bool {
        matches!(self, Self::Interest(_))
    }

    /// The groups that are described: those of special interest, the given terms, and where events have grades the severe and the low-grade ones.
    #[must_use]
    pub fn all(source: &AdverseEvents, terms: impl IntoIterator<Item = String>) -> Vec<Self> {
        let mut groups: Vec<Self> = (0..source.interest_groups.len()).map(Self::Interest).collect();
        groups.extend(terms.into_iter().map(Self::Term));
        if source.grade_column.is_some() {
            groups.extend([Self::Grade3Plus, Self::LowGradeSymptoms]);
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::SubjectIndex;

    fn event(grade: Option<u8>, body_system: Option<&str>) -> AdverseEvent {
        AdverseEvent {
            row: 0,
            subject: SubjectIndex(0),
            term: "Term".to_owned(),
            body_system: body_system.map(str::to_owned),
            grade,
            serious: false,
            related: false,
            fatal: false,
            action: None,
            emergent: true,
            dlt: false,
            interest: vec![1],
            start: None,
            end: None,
            start_day: None,
            end_day: None,
        }
    }

    #[test]
    fn a_laboratory_finding_is_no_low_grade_symptom() {
        let low = EventGroup::LowGradeSymptoms;
        assert!(low.holds(&event(Some(2), Some("Gastrointestinal disorders"))));
        assert!(low.holds(&event(Some(1), None)));
        assert!(!low.holds(&event(Some(1), Some("Investigations "))));
        assert!(!low.holds(&event(Some(3), None)) && !low.holds(&event(None, None)));
        assert!(EventGroup::Interest(1).holds(&event(None, None)) && !EventGroup::Interest(0).holds(&event(None, None)));
    }
}
