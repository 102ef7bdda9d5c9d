//! Preferred terms by maximum grade.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::Proportion;
use crate::derive::SubjectIndex;

use super::Context;

/// Subjects from which a column decides whether a term is common, so that one subject of three does not make it so.
const DECIDING_SUBJECTS: usize = 5;

/// The common terms of one panel.
#[derive(Debug, Clone)]
pub struct TermsPanel {
    /// The columns.
    pub panel: Panel,
    /// The common terms, the most frequent among the drug's subjects first, then by name.
    pub rows: Vec<TermRow>,
    /// Number of different terms in the panel, common or not.
    pub terms: usize,
    /// Subjects a column needs to decide whether a term is common; 1 when no column has five.
    pub deciding_subjects: usize,
    /// Pairs of subject and shown term for which no event has a grade.
    pub without_grade: usize,
}

/// One term.
#[derive(Debug, Clone)]
pub struct TermRow {
    /// Preferred term.
    pub term: String,
    /// One per column.
    pub columns: Vec<TermColumn>,
}

/// One term under one dosage. A subject counts once, at the maximum grade; one whose events have no grade counts under `any` only.
#[derive(Debug, Clone)]
pub struct TermColumn {
    /// Subjects with the term.
    pub any: Proportion,
    /// Subjects whose maximum grade is 1 or 2; `None` when events have no grade.
    pub grade12: Option<Proportion>,
    /// Subjects whose maximum grade is 3 or higher; `None` when events have no grade.
    pub grade3plus: Option<Proportion>,
}

/// The events of one term in one subject.
#[derive(Default)]
struct Occurrence {
    rows: Vec<u32>,
    maximum_grade: Option<u8>,
}

type Occurrences = BTreeMap<SubjectIndex, Occurrence>;

/// Tabulates the common terms of each panel.
pub(super) fn tabulate_terms(context: &Context<'_>, panels: &[Panel]) -> Vec<TermsPanel> {
    let mut terms: BTreeMap<&str, Occurrences> = BTreeMap::new();
    for event in context.events.iter() {
        let occurrence = terms.entry(event.term.as_str()).or_default().entry(event.subject).or_default();
        occurrence.rows.push(event.row);
        occurrence.maximum_grade = occurrence.maximum_grade.max(event.grade);
    }
    panels.iter().map(|panel| tabulate_panel(context, panel, &terms)).collect()
}

fn tabulate_panel(context: &Context<'_>, panel: &Panel, terms: &BTreeMap<&str, Occurrences>) -> TermsPanel {
    let columns_of = columns_by_subject(panel);
    let enough = panel.groups.iter().any(|group| group.dosage.is_some() && group.n() >= DECIDING_SUBJECTS);
    let deciding_subjects = if enough { DECIDING_SUBJECTS } else { 1 };
    let mut found = 0;
    let mut common: Vec<(usize, &str, &Occurrences)> = Vec::new();
    for (term, occurrences) in terms {
        let counts = counts(panel, occurrences, &columns_of);
        found += usize::from(counts.iter().any(|count| *count > 0));
        if is_common(context, panel, &counts, deciding_subjects) {
            common.push((frequency(panel, &counts), term, occurrences));
        }
    }
    common.sort_by(|(m, a, _), (n, b, _)| n.cmp(m).then_with(|| a.cmp(b)));
    let in_panel = |subject: &SubjectIndex| columns_of.contains_key(subject);
    let ungraded =
        |occurrences: &Occurrences| occurrences.iter().filter(|(subject, held)| in_panel(subject) && held.maximum_grade.is_none()).count();
    TermsPanel {
        panel: panel.clone(),
        terms: found,
        deciding_subjects,
        without_grade: common.iter().map(|(_, _, occurrences)| ungraded(occurrences)).sum(),
        rows: common
            .into_iter()
            .map(|(_, term, occurrences)| TermRow {
                term: term.to_owned(),
                columns: panel.groups.iter().map(|group| describe(context, group, occurrences)).collect(),
            })
            .collect(),
    }
}

/// The columns that each subject stands in: its dosage and the total.
fn columns_by_subject(panel: &Panel) -> BTreeMap<SubjectIndex, Vec<usize>> {
    let mut columns: BTreeMap<SubjectIndex, Vec<usize>> = BTreeMap::new();
    for (index, group) in panel.groups.iter().enumerate() {
        for subject in &group.subjects {
            columns.entry(*subject).or_default().push(index);
        }
    }
    columns
}

fn counts(panel: &Panel, occurrences: &Occurrences, columns_of: &BTreeMap<SubjectIndex, Vec<usize>>) -> Vec<usize> {
    let mut counts = vec![0; panel.groups.len()];
    for column in occurrences.keys().filter_map(|subject| columns_of.get(subject)).flatten() {
        if let Some(count) = counts.get_mut(*column) {
            *count += 1;
        }
    }
    counts
}

/// Whether the term reaches the project's percentage in a dosage with enough subjects.
#[expect(clippy::cast_precision_loss, reason = "counts of subjects are far below 2^52")]
fn is_common(context: &Context<'_>, panel: &Panel, counts: &[usize], deciding_subjects: usize) -> bool {
    let percent = context.settings.tolerability.common_term_percent;
    let reaches = |group: &Group, count: usize| count > 0 && 100.0 * count as f64 >= percent * group.n() as f64;
    panel.groups.iter().zip(counts).any(|(group, count)| group.dosage.is_some() && group.n() >= deciding_subjects && reaches(group, *count))
}

/// Subjects of the drug with the term; of all columns where the drug has none.
fn frequency(panel: &Panel, counts: &[usize]) -> usize {
    let dosages = || panel.groups.iter().zip(counts).filter(|(group, _)| group.dosage.is_some());
    let of_drug: usize = dosages().filter(|(group, _)| !group.comparator).map(|(_, count)| *count).sum();
    let has_drug = dosages().any(|(group, _)| !group.comparator);
    if has_drug { of_drug } else { dosages().map(|(_, count)| *count).sum() }
}

fn describe(context: &Context<'_>, group: &Group, occurrences: &Occurrences) -> TermColumn {
    let held: Vec<&Occurrence> = group.subjects.iter().filter_map(|subject| occurrences.get(subject)).collect();
    let where_grade = |holds: &dyn Fn(Option<u8>) -> bool| {
        let selected: Vec<&&Occurrence> = held.iter().filter(|occurrence| holds(occurrence.maximum_grade)).collect();
        let rows = selected.iter().flat_map(|occurrence| occurrence.rows.iter().copied()).collect();
        Proportion::new(selected.len(), group.n(), rows, &context.settings.intervals)
    };
    let graded = context.events.source.grade_column.is_some();
    TermColumn {
        any: where_grade(&|_| true),
        grade12: graded.then(|| where_grade(&|grade| grade.is_some_and(|grade| grade < 3))),
        grade3plus: graded.then(|| where_grade(&|grade| grade.is_some_and(|grade| grade >= 3))),
    }
}
