//! Time on treatment and how it ended, as tolerability and exposure use them.

use std::collections::BTreeMap;

use crate::derive::{AnalysisData, Subject, SubjectIndex, TreatmentStatus};

/// Days on treatment of every subject.
///
/// The duration in ADSL where there is one; otherwise, where treatment is over, that of the dosing dataset, and while it goes on the days from the
/// first dose to the cut-off, both included. While treatment goes on and no cut-off is known, the time is not known: dosing records end where they
/// were last entered, and events may come later.
#[derive(Debug, Clone)]
pub(crate) struct TreatmentTimes {
    days: Vec<Option<f64>>,
}

impl TreatmentTimes {
    /// The times of all subjects.
    #[must_use]
    pub(crate) fn of(data: &AnalysisData) -> Self {
        let summaries = data.dosing.iter().flat_map(|dosing| &dosing.summaries);
        let dosing: BTreeMap<SubjectIndex, f64> = summaries.filter_map(|summary| Some((summary.subject, summary.duration_days?))).collect();
        let days = data.subjects.iter().enumerate().map(|(index, subject)| {
            let ongoing = subject.treatment_status == Some(TreatmentStatus::Ongoing);
            let recorded = subject.treatment_days.or_else(|| dosing.get(&SubjectIndex(index)).copied().filter(|_| !ongoing));
            recorded.or_else(|| days_to_cutoff(subject)).filter(|days| days.is_finite() && *days > 0.0)
        });
        Self { days: days.collect() }
    }

    /// The days on treatment of a subject; `None` when they are not known or nothing was taken.
    #[must_use]
    pub(crate) fn days(&self, subject: SubjectIndex) -> Option<f64> {
        self.days.get(subject.0).copied().flatten()
    }
}

fn days_to_cutoff(subject: &Subject) -> Option<f64> {
    let ongoing = subject.treatment_status == Some(TreatmentStatus::Ongoing);
    ongoing.then(|| Some(f64::from(subject.cutoff?.study_day(subject.first_dose?))))?
}

/// Whether treatment was stopped for good because of an adverse event, by the reason in ADSL.
#[must_use]
pub(crate) fn stopped_for_adverse_event(subject: &Subject) -> bool {
    let reason = subject.discontinuation_reason.as_deref().unwrap_or_default().to_uppercase();
    treatment_ended(subject) && (reason.contains("ADVERSE EVENT") || reason.contains("TOXICITY"))
}

/// Whether treatment is over, for whatever reason: by the status, or without one by a reason for stopping or a death.
#[must_use]
pub(crate) fn treatment_ended(subject: &Subject) -> bool {
    match subject.treatment_status {
        Some(TreatmentStatus::Discontinued | TreatmentStatus::Completed) => true,
        Some(TreatmentStatus::Ongoing | TreatmentStatus::NotTreated) => subject.died,
        None => subject.died || subject.discontinuation_reason.is_some(),
    }
}
