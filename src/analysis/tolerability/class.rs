//! Classes of adverse events that are counted.

use crate::derive::{AdverseEvent, AdverseEvents, DoseAction};

/// A class of treatment-emergent adverse events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventClass {
    /// Every event.
    Any,
    /// Grade 3 or higher.
    Grade3Plus,
    /// Grade 4 or higher.
    Grade4Plus,
    /// Serious.
    Serious,
    /// Led to death.
    Fatal,
    /// Related to treatment.
    Related,
    /// Related to treatment and of grade 3 or higher.
    RelatedGrade3Plus,
    /// Led to an interruption of the drug.
    Interruption,
    /// Led to a reduction of the dose.
    Reduction,
    /// Led to permanent discontinuation of the drug.
    Discontinuation,
    /// Of the group of special interest at this position in [`AdverseEvents::interest_groups`].
    Interest(usize),
}

impl EventClass {
    /// The classes in print order; the groups of special interest come last.
    #[must_use]
    pub fn all(source: &AdverseEvents) -> Vec<Self> {
        let mut classes = vec![
            Self::Any,
            Self::Grade3Plus,
            Self::Grade4Plus,
            Self::Serious,
            Self::Fatal,
            Self::Related,
            Self::RelatedGrade3Plus,
            Self::Interruption,
            Self::Reduction,
            Self::Discontinuation,
        ];
        classes.extend((0..source.interest_groups.len()).map(Self::Interest));
        classes
    }

    /// Whether an event belongs to the class.
    #[must_use]
    pub fn holds(self, event: &AdverseEvent) -> bool {
        let severe = event.grade.is_some_and(|grade| grade >= 3);
        match self {
            Self::Any => true,
            Self::Grade3Plus => severe,
            Self::Grade4Plus => event.grade.is_some_and(|grade| grade >= 4),
            Self::Serious => event.serious,
            Self::Fatal => event.fatal,
            Self::Related => event.related,
            Self::RelatedGrade3Plus => event.related && severe,
            Self::Interruption => event.action == Some(DoseAction::Interrupted),
            Self::Reduction => event.action == Some(DoseAction::Reduced),
            Self::Discontinuation => event.action == Some(DoseAction::Withdrawn),
            Self::Interest(group) => event.interest.contains(&group),
        }
    }

    /// Whether the data carry what the class is recognised by.
    #[must_use]
    pub fn is_recorded(self, source: &AdverseEvents) -> bool {
        match self {
            Self::Any | Self::Interest(_) => true,
            Self::Serious => source.serious_column.is_some(),
            Self::Fatal => {
                let graded = source.grade_column.is_some() && !source.grade_from_severity;
                source.outcome_column.is_some() || source.death_column.is_some() || graded
            }
            Self::Grade3Plus => source.grade_column.is_some(),
            // The customary severities end at severe: what nobody could have recorded is not absent from the patients.
            Self::Grade4Plus => {
                let severe_is_highest = || source.events.iter().all(|event| event.grade.is_none_or(|grade| grade <= 3));
                source.grade_column.is_some() && !(source.grade_from_severity && severe_is_highest())
            }
            Self::Related => source.related_column.is_some(),
            Self::RelatedGrade3Plus => source.related_column.is_some() && source.grade_column.is_some(),
            Self::Interruption | Self::Reduction | Self::Discontinuation => source.action_column.is_some(),
        }
    }

    /// Whether rates per time on treatment are given for the class.
    #[must_use]
    pub fn has_rate(self) -> bool {
        matches!(self, Self::Any | Self::Grade3Plus | Self::Serious | Self::RelatedGrade3Plus)
    }
}
