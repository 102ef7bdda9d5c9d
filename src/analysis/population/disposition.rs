//! Disposition: who is on treatment, who stopped and why.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Panel, Population, panels};
use crate::analysis::measure::{Proportion, subjects_where};
use crate::config::Settings;
use crate::derive::{AnalysisData, Subject, TreatmentStatus};

/// Disposition of one panel.
#[derive(Debug, Clone)]
pub struct DispositionPanel {
    /// The columns.
    pub panel: Panel,
    /// Reasons for stopping treatment, as in the data, the most frequent first; parallel to [`Disposition::reasons`].
    pub reasons: Vec<String>,
    /// One per column.
    pub columns: Vec<Disposition>,
}

/// Disposition under one dosage.
#[derive(Debug, Clone)]
pub struct Disposition {
    /// Treatment goes on.
    pub ongoing: Proportion,
    /// Treatment completed.
    pub completed: Proportion,
    /// Treatment stopped.
    pub discontinued: Proportion,
    /// Stopped for each reason.
    pub reasons: Vec<Proportion>,
    /// Stopped and no reason given.
    pub no_reason: Proportion,
    /// Never treated.
    pub not_treated: Proportion,
    /// No end-of-treatment status in the data.
    pub unknown: Proportion,
    /// Died, on or after treatment.
    pub died: Proportion,
}

/// Summarises disposition by planned dosage.
#[must_use]
pub(super) fn summarise_disposition(data: &AnalysisData, settings: &Settings) -> Vec<DispositionPanel> {
    panels(data, settings, Population::Enrolled, settings.grouping.efficacy.into())
        .into_iter()
        .map(|panel| describe(panel, data, settings))
        .collect()
}

fn stopped_for(subject: &Subject) -> Option<&str> {
    let stopped = subject.treatment_status == Some(TreatmentStatus::Discontinued);
    subject.discontinuation_reason.as_deref().filter(|reason| stopped && !reason.is_empty())
}

fn describe(panel: Panel, data: &AnalysisData, settings: &Settings) -> DispositionPanel {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for subject in panel.groups.iter().filter(|group| group.dosage.is_some()).flat_map(|group| &group.subjects) {
        if let Some(reason) = data.subjects.get(subject.0).and_then(stopped_for) {
            *counts.entry(reason).or_default() += 1;
        }
    }
    let mut reasons: Vec<(String, usize)> = counts.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect();
    reasons.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    let reasons: Vec<String> = reasons.into_iter().map(|(reason, _)| reason).collect();
    let columns = panel
        .groups
        .iter()
        .map(|group| {
            let count = |holds: &dyn Fn(&Subject) -> bool| {
                subjects_where(group, data, settings, |index| data.subjects.get(index.0).is_some_and(holds))
            };
            let status = |status: TreatmentStatus| count(&move |subject| subject.treatment_status == Some(status));
            Disposition {
                ongoing: status(TreatmentStatus::Ongoing),
                completed: status(TreatmentStatus::Completed),
                discontinued: status(TreatmentStatus::Discontinued),
                reasons: reasons.iter().map(|reason| count(&|subject| stopped_for(subject) == Some(reason))).collect(),
                no_reason: count(&|subject| {
                    subject.treatment_status == Some(TreatmentStatus::Discontinued) && stopped_for(subject).is_none()
                }),
                not_treated: status(TreatmentStatus::NotTreated),
                unknown: count(&|subject| subject.treatment_status.is_none()),
                died: count(&|subject| subject.died),
            }
        })
        .collect();
    DispositionPanel { panel, reasons, columns }
}
