//! Counts of dose-limiting toxicities.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Assignment, Group, Panel, Population, panels};
use crate::analysis::measure::{Proportion, RowsBySubject, subjects_where, subjects_with};
use crate::config::Settings;
use crate::derive::{AnalysisData, PartIndex, Subject, SubjectIndex};
use crate::numerics::distribution::beta_upper;
use crate::quantity::Rows;

/// Dose-limiting toxicities by dosage.
#[derive(Debug, Clone)]
pub struct DltResult {
    /// The programme, then each study part with an evaluable subject.
    pub panels: Vec<DltPanel>,
    /// Whether the count comes from the subject's flag in ADSL rather than from ADAE.
    pub from_adsl: bool,
    /// Evaluable subjects whose flag in ADSL contradicts ADAE; a blank flag says no.
    pub contradictions: Vec<SubjectIndex>,
    /// Subjects with a dose-limiting toxicity who are not in the evaluable set and so are not counted.
    pub outside: Vec<SubjectIndex>,
}

/// One panel.
#[derive(Debug, Clone)]
pub struct DltPanel {
    /// The columns: dosages with an evaluable subject.
    pub panel: Panel,
    /// Preferred terms of the events in the panel, the most frequent first; parallel to [`DltColumn::terms`].
    pub terms: Vec<String>,
    /// One per column.
    pub columns: Vec<DltColumn>,
}

/// One dosage.
#[derive(Debug, Clone)]
pub struct DltColumn {
    /// Subjects with a dose-limiting toxicity among the evaluable.
    pub dlt: Proportion,
    /// Evaluable subjects with each term.
    pub terms: Vec<Proportion>,
    /// Treated subjects of the same study parts who were assessed for evaluability and found not evaluable.
    pub not_evaluable: u64,
    /// Their rows in ADSL.
    pub not_evaluable_rows: Rows,
    /// What the count says of the true probability, with every probability thought equally likely beforehand.
    pub posterior: DltPosterior,
}

/// The posterior of the probability of dose-limiting toxicity at one dosage under a uniform prior.
///
/// ```text
/// p | y of n ~ Beta(1 + y, 1 + n - y)      mean = (y + 1) / (n + 2)
/// ```
///
/// Each dosage is taken alone; it is the distribution by which BOIN and its relatives eliminate doses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DltPosterior {
    /// Mean.
    pub mean: f64,
    /// Probability that toxicity exceeds the target, where there is one.
    pub prob_exceeds: Option<f64>,
}

impl DltPosterior {
    fn new(count: u64, n: u64, target: Option<f64>) -> Self {
        let (dlt, free) = (count as f64, n.saturating_sub(count) as f64);
        let prob_exceeds = target.and_then(|target| beta_upper(target, 1.0 + dlt, 1.0 + free).ok());
        Self { mean: (dlt + 1.0) / (dlt + free + 2.0), prob_exceeds }
    }
}

/// Counts subjects with a dose-limiting toxicity among the evaluable, from ADSL where it flags them, otherwise from ADAE.
#[must_use]
pub(super) fn tabulate_dlt(data: &AnalysisData, settings: &Settings) -> Option<DltResult> {
    data.subject_columns.dlt_evaluable.as_ref()?;
    let from_adsl = data.subject_columns.dlt.is_some();
    let mut events = RowsBySubject::new();
    let mut terms: BTreeMap<&str, RowsBySubject> = BTreeMap::new();
    let has_event_flag = data.adverse_events.as_ref().is_some_and(|events| events.dlt_column.is_some());
    if !from_adsl && !has_event_flag {
        return None;
    }
    for event in data.adverse_events.iter().flat_map(|events| &events.events).filter(|event| event.dlt) {
        events.entry(event.subject).or_default().push(event.row);
        terms.entry(&event.term).or_default().entry(event.subject).or_default().push(event.row);
    }
    let has_event = |index: SubjectIndex| events.contains_key(&index);
    let flagged = |subject: &Subject| subject.dlt == Some(true);
    let subjects_where = |holds: &dyn Fn(SubjectIndex, &Subject) -> bool| {
        let indexed = data.subjects.iter().enumerate().map(|(index, subject)| (SubjectIndex(index), subject));
        indexed.filter(|(index, subject)| holds(*index, subject)).map(|(index, _)| index).collect::<Vec<SubjectIndex>>()
    };
    let contradictions =
        subjects_where(&|index, subject| from_adsl && has_event_flag && subject.sets.dlt_evaluable && flagged(subject) != has_event(index));
    let outside = subjects_where(&|index, subject| !subject.sets.dlt_evaluable && (flagged(subject) || has_event(index)));
    let panels = panels(data, settings, Population::DltEvaluable, settings.grouping.safety.into())
        .into_iter()
        .map(|mut panel| {
            // A total over dosages of increasing toxicity answers no question.
            panel.groups.retain(|group| group.dosage.is_some());
            describe(panel, data, settings, from_adsl, &events, &terms)
        })
        .collect();
    Some(DltResult { panels, from_adsl, contradictions, outside })
}

fn describe(
    panel: Panel,
    data: &AnalysisData,
    settings: &Settings,
    from_adsl: bool,
    events: &RowsBySubject,
    terms: &BTreeMap<&str, RowsBySubject>,
) -> DltPanel {
    let mut found: Vec<(&str, usize)> = terms
        .iter()
        .map(|(term, rows)| {
            (*term, panel.groups.iter().flat_map(|group| &group.subjects).filter(|subject| rows.contains_key(subject)).count())
        })
        .filter(|(_, count)| *count > 0)
        .collect();
    found.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    let columns = panel
        .groups
        .iter()
        .map(|group| {
            let dlt = if from_adsl {
                subjects_where(group, data, settings, |index| data.subjects.get(index.0).is_some_and(|subject| subject.dlt == Some(true)))
            } else {
                subjects_with(group, events, settings)
            };
            let of_term = |term: &&str| terms.get(*term).map(|rows| subjects_with(group, rows, settings));
            let not_evaluable_rows = not_evaluable(group, panel.assignment, panel.part, data);
            let target = settings.escalation.as_ref().and_then(|escalation| escalation.target_toxicity);
            let posterior = DltPosterior::new(dlt.count, dlt.n, target);
            DltColumn {
                dlt,
                posterior,
                terms: found.iter().filter_map(|(term, _)| of_term(term)).collect(),
                not_evaluable: not_evaluable_rows.len() as u64,
                not_evaluable_rows,
            }
        })
        .collect();
    DltPanel { terms: found.into_iter().map(|(term, _)| term.to_owned()).collect(), columns, panel }
}

/// Treated subjects of the dosage whose evaluability flag is not Y, in parts where somebody is evaluable: later parts do not assess it.
fn not_evaluable(group: &Group, by: Assignment, part: Option<PartIndex>, data: &AnalysisData) -> Rows {
    let evaluable = data.subjects.iter().filter(|subject| subject.sets.dlt_evaluable);
    let mut parts: Vec<Option<PartIndex>> = evaluable.map(|subject| subject.part).collect();
    parts.sort_unstable();
    parts.dedup();
    data.subjects
        .iter()
        .filter(|subject| by.of(subject) == group.dosage && subject.sets.safety && !subject.sets.dlt_evaluable)
        .filter(|subject| part.map_or_else(|| parts.contains(&subject.part), |part| subject.part == Some(part)))
        .map(|subject| subject.row)
        .collect()
}
