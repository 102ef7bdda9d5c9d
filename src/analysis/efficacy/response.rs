//! Best overall response, objective response and disease control by planned dosage, for each assessor.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Group, Panel, Population, panels};
use crate::analysis::measure::{Proportion, RowsBySubject, Summary, Survival, subjects_with};
use crate::config::Settings;
use crate::derive::{AnalysisData, Assessor, Response, ResponseCategory, ResponseKind, SubjectIndex};
use crate::quantity::Rows;

/// Categories of best overall response, in print order.
pub(super) const CATEGORIES: [ResponseCategory; 7] = [
    ResponseCategory::Complete,
    ResponseCategory::Partial,
    ResponseCategory::Stable,
    ResponseCategory::NonCrNonPd,
    ResponseCategory::Progressive,
    ResponseCategory::NotEvaluable,
    ResponseCategory::Missing,
];

/// Response in one panel.
#[derive(Debug, Clone)]
pub struct ResponsePanel {
    /// The columns.
    pub panel: Panel,
    /// One table per assessor that the data hold.
    pub tables: Vec<ResponseTable>,
}

/// Response by one assessor.
#[derive(Debug, Clone)]
pub struct ResponseTable {
    /// Who assessed.
    pub assessor: Assessor,
    /// Whether best overall response is the confirmed one.
    pub best_confirmed: bool,
    /// Parameter codes that the numbers come from: best overall response, confirmed response, unconfirmed response.
    pub parameters: [Option<String>; 3],
    /// One per column.
    pub columns: Vec<ResponseColumn>,
}

/// Response under one dosage.
#[derive(Debug, Clone)]
pub struct ResponseColumn {
    /// Best overall response, parallel to [`CATEGORIES`]; subjects without a record count as missing. `None` when the data hold no best overall
    /// response.
    pub best: Option<Vec<Proportion>>,
    /// Confirmed objective response (complete or partial).
    pub confirmed: Option<Proportion>,
    /// Objective response, confirmation not required.
    pub unconfirmed: Option<Proportion>,
    /// Disease control: complete or partial response, stable disease, or neither response nor progression.
    pub control: Option<Proportion>,
    /// Subjects with at least two evaluable assessments after baseline; `None` when the data hold no visit responses.
    pub assessed_twice: Option<Proportion>,
    /// Duration of confirmed response by Kaplan-Meier.
    pub duration: Option<Survival>,
    /// Follow-up in days.
    pub followup: Summary,
}

/// Category and rows by subject, for one kind of record.
type BySubject = BTreeMap<SubjectIndex, (ResponseCategory, u32)>;

/// Summarises response by planned dosage in the response-evaluable set.
#[must_use]
pub(super) fn summarise_response(responses: &[Response], data: &AnalysisData, settings: &Settings) -> Vec<ResponsePanel> {
    let records: Vec<Records> =
        [Assessor::Investigator, Assessor::IndependentReview].into_iter().filter_map(|assessor| Records::of(responses, assessor)).collect();
    panels(data, settings, Population::ResponseEvaluable, settings.grouping.efficacy.into())
        .into_iter()
        .map(|panel| ResponsePanel { tables: records.iter().map(|records| records.table(&panel, data, settings)).collect(), panel })
        .collect()
}

/// The records of one assessor by kind.
struct Records {
    assessor: Assessor,
    kinds: BTreeMap<ResponseKind, BySubject>,
    parameters: BTreeMap<ResponseKind, String>,
    visits: RowsBySubject,
}

impl Records {
    fn of(responses: &[Response], assessor: Assessor) -> Option<Self> {
        let mut records = Self { assessor, kinds: BTreeMap::new(), parameters: BTreeMap::new(), visits: RowsBySubject::new() };
        for response in responses.iter().filter(|response| response.assessor == assessor) {
            records.parameters.entry(response.kind).or_insert_with(|| response.parameter.clone());
            if response.kind == ResponseKind::Visit {
                let evaluable = !matches!(response.category, ResponseCategory::NotEvaluable | ResponseCategory::Missing);
                if evaluable && response.day.is_none_or(|day| day > 1) {
                    records.visits.entry(response.subject).or_default().push(response.row);
                }
            } else if records.parameters.get(&response.kind) == Some(&response.parameter) {
                records.kinds.entry(response.kind).or_default().entry(response.subject).or_insert((response.category, response.row));
            }
        }
        (!records.parameters.is_empty()).then_some(records)
    }

    /// Rows of the subjects whose record of this kind satisfies a condition; `None` when there is no record of this kind.
    fn rows(&self, kind: ResponseKind, holds: impl Fn(ResponseCategory) -> bool) -> Option<RowsBySubject> {
        let records = self.kinds.get(&kind)?;
        Some(records.iter().filter(|(_, (category, _))| holds(*category)).map(|(subject, (_, row))| (*subject, vec![*row])).collect())
    }

    /// Responders: from the yes/no record where there is one, otherwise from best overall response.
    fn responders(&self, yes_no: ResponseKind, best: ResponseKind) -> Option<RowsBySubject> {
        self.rows(yes_no, |category| matches!(category, ResponseCategory::Yes | ResponseCategory::Complete | ResponseCategory::Partial))
            .or_else(|| self.rows(best, |category| matches!(category, ResponseCategory::Complete | ResponseCategory::Partial)))
    }

    fn table(&self, panel: &Panel, data: &AnalysisData, settings: &Settings) -> ResponseTable {
        let best_confirmed = self.kinds.contains_key(&ResponseKind::ConfirmedBest);
        let best = if best_confirmed { ResponseKind::ConfirmedBest } else { ResponseKind::Best };
        let parameter = |kinds: [ResponseKind; 2]| kinds.iter().find_map(|kind| self.parameters.get(kind)).cloned();
        ResponseTable {
            assessor: self.assessor,
            best_confirmed,
            parameters: [
                self.parameters.get(&best).cloned(),
                parameter([ResponseKind::ConfirmedObjective, ResponseKind::ConfirmedBest]),
                parameter([ResponseKind::Objective, ResponseKind::Best]),
            ],
            columns: panel.groups.iter().map(|group| self.column(group, best, data, settings)).collect(),
        }
    }

    fn column(&self, group: &Group, best: ResponseKind, data: &AnalysisData, settings: &Settings) -> ResponseColumn {
        let share = |rows: Option<RowsBySubject>| rows.map(|rows| subjects_with(group, &rows, settings));
        let confirmed = self.responders(ResponseKind::ConfirmedObjective, ResponseKind::ConfirmedBest);
        let controlled = |category| {
            matches!(
                category,
                ResponseCategory::Complete | ResponseCategory::Partial | ResponseCategory::Stable | ResponseCategory::NonCrNonPd
            )
        };
        let twice: RowsBySubject =
            self.visits.iter().filter(|(_, rows)| rows.len() >= 2).map(|(subject, rows)| (*subject, rows.clone())).collect();
        let followup = group
            .subjects
            .iter()
            .filter_map(|index| data.subjects.get(index.0))
            .filter_map(|subject| Some((subject.row, subject.followup_days?)));
        ResponseColumn {
            best: self.kinds.contains_key(&best).then(|| self.best(group, best, settings)),
            duration: confirmed.as_ref().and_then(|responders| self.duration(group, responders, data, settings)),
            confirmed: share(confirmed),
            unconfirmed: share(self.responders(ResponseKind::Objective, ResponseKind::Best)),
            control: share(self.rows(best, controlled)),
            assessed_twice: self.parameters.contains_key(&ResponseKind::Visit).then(|| subjects_with(group, &twice, settings)),
            followup: Summary::of(followup),
        }
    }

    fn best(&self, group: &Group, kind: ResponseKind, settings: &Settings) -> Vec<Proportion> {
        let records = self.kinds.get(&kind);
        let record = |subject: &SubjectIndex| records.and_then(|records| records.get(subject)).copied();
        CATEGORIES
            .into_iter()
            .map(|category| {
                let found: Vec<Option<u32>> = group
                    .subjects
                    .iter()
                    .filter_map(|subject| match record(subject) {
                        Some((held, row)) => (held == category).then_some(Some(row)),
                        None => (category == ResponseCategory::Missing).then_some(None),
                    })
                    .collect();
                let rows: Rows = found.iter().flatten().copied().collect();
                Proportion::new(found.len(), group.n(), rows, &settings.intervals)
            })
            .collect()
    }

    /// Duration of response among the responders of the group, from ADTTE.
    fn duration(&self, group: &Group, responders: &RowsBySubject, data: &AnalysisData, settings: &Settings) -> Option<Survival> {
        if self.assessor == Assessor::IndependentReview {
            return None;
        }
        let times = data.times_to_event.as_ref()?;
        let wanted = |code: &str| matches!(code, "DOR" | "RSD" | "CRSD" | "DURRESP" | "CDOR");
        let in_group = |subject: &SubjectIndex| group.subjects.binary_search(subject).is_ok() && responders.contains_key(subject);
        Survival::of(
            times.iter().filter(|time| wanted(&time.code) && in_group(&time.subject)).map(|time| (time.row, time.days, time.event)),
            &settings.intervals,
        )
    }
}
