//! Change in tumour size by planned dosage: best change and course in each subject.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel, Population, panels};
use crate::analysis::measure::{Proportion, Summary};
use crate::config::Settings;
use crate::derive::{AnalysisData, Assessor, Response, ResponseCategory, ResponseKind, SubjectIndex, TumourMeasurement};
use crate::quantity::{DAYS_PER_MONTH, Rows};

/// Tumour size in one panel.
#[derive(Debug, Clone)]
pub struct TumourPanel {
    /// The columns.
    pub panel: Panel,
    /// One per column.
    pub columns: Vec<TumourColumn>,
}

/// Tumour size under one dosage.
#[derive(Debug, Clone)]
pub struct TumourColumn {
    /// Subjects with a baseline and at least one later measurement, the largest increase first.
    pub subjects: Vec<TumourSubject>,
    /// Best change from baseline in percent.
    pub best_change: Summary,
    /// Subjects with any decrease, among those measured.
    pub decreased: Proportion,
    /// Subjects with a decrease of at least 30%, among those measured.
    pub decreased_30: Proportion,
}

/// Tumour size in one subject.
#[derive(Debug, Clone)]
pub struct TumourSubject {
    /// The subject.
    pub subject: SubjectIndex,
    /// Smallest change from baseline after baseline, in percent.
    pub best_change: f64,
    /// Row of that measurement.
    pub row: u32,
    /// Months since first dose and change in percent, baseline (0, 0) first.
    pub course: Vec<(f64, f64)>,
    /// Rows of the course.
    pub rows: Vec<u32>,
    /// Best overall response, where known.
    pub response: Option<ResponseCategory>,
}

/// Describes tumour size among the response-evaluable subjects; investigator measurements where the data hold both.
#[must_use]
pub(super) fn summarise_tumour(tumour: &[TumourMeasurement], data: &AnalysisData, settings: &Settings) -> Vec<TumourPanel> {
    let assessor = if tumour.iter().any(|record| record.assessor == Assessor::Investigator) {
        Assessor::Investigator
    } else {
        Assessor::IndependentReview
    };
    let mut records: BTreeMap<SubjectIndex, Vec<&TumourMeasurement>> = BTreeMap::new();
    for record in tumour.iter().filter(|record| record.assessor == assessor) {
        records.entry(record.subject).or_default().push(record);
    }
    let best = best_responses(data.responses.as_deref().unwrap_or_default(), assessor);
    let courses: BTreeMap<SubjectIndex, TumourSubject> = records
        .into_iter()
        .filter_map(|(subject, records)| Some((subject, course(subject, &records, best.get(&subject).copied())?)))
        .collect();
    panels(data, settings, Population::ResponseEvaluable, settings.grouping.efficacy.into())
        .into_iter()
        .map(|panel| TumourPanel { columns: panel.groups.iter().map(|group| column(group, &courses, settings)).collect(), panel })
        .collect()
}

/// Best overall response by one assessor, the confirmed one where there is one; the first record of a subject counts.
fn best_responses(responses: &[Response], assessor: Assessor) -> BTreeMap<SubjectIndex, ResponseCategory> {
    let of = |kind: ResponseKind| {
        responses
            .iter()
            .filter(|response| response.kind == kind && response.assessor == assessor)
            .rev()
            .map(|response| (response.subject, response.category))
            .collect::<BTreeMap<_, _>>()
    };
    let confirmed = of(ResponseKind::ConfirmedBest);
    if confirmed.is_empty() { of(ResponseKind::Best) } else { confirmed }
}

fn course(subject: SubjectIndex, records: &[&TumourMeasurement], response: Option<ResponseCategory>) -> Option<TumourSubject> {
    let mut later: Vec<(i32, f64, u32)> = records
        .iter()
        .filter(|record| !record.baseline)
        .filter_map(|record| Some((record.day?, record.percent_change?, record.row)))
        .collect();
    later.sort_by(|a, b| a.0.cmp(&b.0).then(a.2.cmp(&b.2)));
    let best = later.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let mut course = vec![(0.0, 0.0)];
    course.extend(later.iter().map(|(day, change, _)| (f64::from(*day) / DAYS_PER_MONTH, *change)));
    let baseline = records.iter().filter(|record| record.baseline).map(|record| record.row);
    let rows = baseline.chain(later.iter().map(|(_, _, row)| *row)).collect();
    Some(TumourSubject { subject, best_change: best.1, row: best.2, course, rows, response })
}

fn column(group: &Group, courses: &BTreeMap<SubjectIndex, TumourSubject>, settings: &Settings) -> TumourColumn {
    let mut subjects: Vec<TumourSubject> = group.subjects.iter().filter_map(|subject| courses.get(subject)).cloned().collect();
    subjects.sort_by(|a, b| b.best_change.total_cmp(&a.best_change).then(a.subject.cmp(&b.subject)));
    let below = |limit: f64, inclusive: bool| {
        let found = subjects.iter().filter(|subject| subject.best_change < limit || (inclusive && subject.best_change <= limit));
        let rows: Rows = found.map(|subject| subject.row).collect();
        Proportion::new(rows.len(), subjects.len(), rows, &settings.intervals)
    };
    TumourColumn {
        best_change: Summary::of(subjects.iter().map(|subject| (subject.row, subject.best_change))),
        decreased: below(0.0, false),
        decreased_30: below(-30.0, true),
        subjects,
    }
}
