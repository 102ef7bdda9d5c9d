//! The subjects by identifier: the only way from a record to a dosage.
//!
//! Records carry copies of the treatment variables; they are not read. A record belongs to the subject of ADSL whose USUBJID it names,
//! compared as text, and a record of nobody in ADSL is left out.

use std::collections::BTreeMap;

use super::records::{Subject, SubjectIndex};
use crate::data::Dataset;
use crate::quantity::Date;

/// Subjects and where to find them.
#[derive(Debug)]
pub(super) struct Roster<'a> {
    subjects: &'a [Subject],
    by_usubjid: BTreeMap<&'a str, SubjectIndex>,
}

/// A record of a known subject.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    /// 0-based row, for columns.
    pub(super) index: usize,
    /// 1-based row, as users see it.
    pub(super) row: u32,
    /// Position of the subject.
    pub(super) position: SubjectIndex,
    /// The subject.
    pub(super) subject: &'a Subject,
}

impl<'a> Roster<'a> {
    /// Indexes the subjects once.
    pub(super) fn new(subjects: &'a [Subject]) -> Self {
        let by_usubjid = subjects.iter().enumerate().map(|(index, subject)| (subject.usubjid.as_str(), SubjectIndex(index))).collect();
        Self { subjects, by_usubjid }
    }

    /// The subject at a position.
    pub(super) fn subject(&self, position: SubjectIndex) -> Option<&'a Subject> {
        self.subjects.get(position.0)
    }

    /// The position of the subject of this identifier.
    pub(super) fn find(&self, usubjid: &str) -> Option<SubjectIndex> {
        self.by_usubjid.get(usubjid).copied()
    }

    /// The records of known subjects, in the order of the dataset.
    pub(super) fn records(&self, dataset: &Dataset) -> Vec<Record<'a>> {
        let identifiers = dataset.texts("USUBJID").unwrap_or_default();
        let known = |(index, usubjid): (usize, Option<String>)| {
            let position = *self.by_usubjid.get(usubjid?.as_str())?;
            let row = u32::try_from(index + 1).ok()?;
            Some(Record { index, row, position, subject: self.subject(position)? })
        };
        identifiers.into_iter().enumerate().filter_map(known).collect()
    }
}

/// The study day of a record: the day column where it has a value, otherwise the date counted from the subject's first dose.
pub(super) fn study_day(day: Option<f64>, date: Option<Date>, first_dose: Option<Date>) -> Option<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "a study day; the cast saturates and a fraction of a day is not a study day")]
    let given = day.map(|day| day as i32);
    given.or_else(|| Some(date?.study_day(first_dose?)))
}
