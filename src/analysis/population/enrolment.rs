//! Subjects by planned dosage: study parts, analysis sets, follow-up.

use crate::analysis::grouping::{Assignment, Group, Panel, Population, panels};
use crate::analysis::measure::{Proportion, RowsBySubject, Survival, subjects_where, subjects_with};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::{AnalysisData, PartIndex, SubjectIndex, TreatmentStatus};

/// Subjects by planned dosage.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The columns of the whole programme.
    pub panel: Option<Panel>,
    /// One per planned dosage, and the total.
    pub columns: Vec<EnrolmentColumn>,
    /// Study parts that have a subject, in the order of the project file.
    pub parts: Vec<PartIndex>,
    /// Datasets whose presence is counted: PK, biomarker, patient-reported.
    pub counted: Vec<DatasetName>,
    /// Subjects whose planned arm is none of the project's dosages.
    pub without_dosage: usize,
    /// Subjects of the safety set whose treatment received is not known or none of the project's dosages.
    pub treated_without_dosage: usize,
}

/// One planned dosage.
#[derive(Debug, Clone)]
pub struct EnrolmentColumn {
    /// The subjects.
    pub group: Group,
    /// Subjects of each part, parallel to [`Enrolment::parts`].
    pub by_part: Vec<Proportion>,
    /// Treated (safety set).
    pub treated: Proportion,
    /// Given another dosage than planned.
    pub given_other: Proportion,
    /// DLT-evaluable.
    pub dlt_evaluable: Proportion,
    /// Pharmacokinetic set.
    pub pk: Proportion,
    /// Response-evaluable.
    pub response_evaluable: Proportion,
    /// With at least one record, parallel to [`Enrolment::counted`].
    pub with_records: Vec<Proportion>,
    /// Still on treatment; `None` when the data hold no end-of-treatment status.
    pub on_treatment: Option<Proportion>,
    /// Follow-up by the reverse Kaplan-Meier method.
    pub followup: Option<Survival>,
}

/// Counts subjects by planned dosage.
#[must_use]
pub(super) fn tabulate_enrolment(data: &AnalysisData, settings: &Settings) -> Enrolment {
    let parts: Vec<PartIndex> =
        (0..settings.parts.len()).map(PartIndex).filter(|part| data.subjects.iter().any(|subject| subject.part == Some(*part))).collect();
    let counted: Vec<DatasetName> =
        [DatasetName::Adpc, DatasetName::Adbm, DatasetName::Adqs].into_iter().filter(|name| data.presence.contains_key(name)).collect();
    let presence: Vec<RowsBySubject> = counted.iter().map(|name| rows_by_subject(data, *name)).collect();
    let has_status = data.subjects.iter().any(|subject| subject.treatment_status.is_some());
    let programme =
        panels(data, settings, Population::Enrolled, Assignment::Planned).into_iter().next().filter(|panel| !panel.groups.is_empty());
    let columns = programme.as_ref().map(|panel| panel.groups.clone()).unwrap_or_default();
    let subject = |index: SubjectIndex| data.subjects.get(index.0);
    let columns = columns
        .into_iter()
        .map(|group| {
            let holds = |population: Population| {
                subjects_where(&group, data, settings, |index| subject(index).is_some_and(|subject| population.holds(subject)))
            };
            EnrolmentColumn {
                by_part: parts
                    .iter()
                    .map(|part| {
                        subjects_where(&group, data, settings, |index| subject(index).is_some_and(|subject| subject.part == Some(*part)))
                    })
                    .collect(),
                treated: holds(Population::Safety),
                given_other: subjects_where(&group, data, settings, |index| {
                    subject(index).is_some_and(|subject| subject.actual.is_some() && subject.actual != subject.planned)
                }),
                dlt_evaluable: holds(Population::DltEvaluable),
                pk: holds(Population::Pk),
                response_evaluable: holds(Population::ResponseEvaluable),
                with_records: presence.iter().map(|rows| subjects_with(&group, rows, settings)).collect(),
                on_treatment: has_status.then(|| {
                    subjects_where(&group, data, settings, |index| {
                        subject(index).is_some_and(|subject| subject.treatment_status == Some(TreatmentStatus::Ongoing))
                    })
                }),
                followup: followup(&group, data, settings),
                group,
            }
        })
        .collect();
    let without_dosage = data.subjects.iter().filter(|subject| subject.planned.is_none()).count();
    let treated_without_dosage = data.subjects.iter().filter(|subject| subject.sets.safety && subject.actual.is_none()).count();
    Enrolment { panel: programme, columns, parts, counted, without_dosage, treated_without_dosage }
}

fn rows_by_subject(data: &AnalysisData, name: DatasetName) -> RowsBySubject {
    data.presence
        .get(&name)
        .map(|rows| rows.iter().map(|(subject, rows)| (*subject, rows.as_slice().to_vec())).collect())
        .unwrap_or_default()
}

/// Reverse Kaplan-Meier: being alive at last contact is the event, death censors.
fn followup(group: &Group, data: &AnalysisData, settings: &Settings) -> Option<Survival> {
    let observations = group.subjects.iter().filter_map(|index| {
        let subject = data.subjects.get(index.0)?;
        Some((subject.row, subject.followup_days.filter(|days| *days >= 0.0)?, !subject.died))
    });
    Survival::of(observations, &settings.intervals)
}
