//! Best overall response, objective response and disease control by planned dosage, for each assessor.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Parameters that the numbers come from.
    pub parameters: ResponseParameters,
    /// Subjects of the panel whose confirmed response contradicts their confirmed best overall response.
    pub contradictions: usize,
    /// One per column.
    pub columns: Vec<ResponseColumn>,
}

/// The parameters of one assessor.
#[derive(Debug, Clone)]
pub struct ResponseParameters {
    /// Best overall response.
    pub best: Option<String>,
    /// Confirmed response.
    pub confirmed: Option<ResponderParameter>,
    /// Response, confirmation not required.
    pub unconfirmed: Option<ResponderParameter>,
    /// Response at each visit.
    pub visit: Option<String>,
    /// Duration of response in ADTTE.
    pub duration: Option<&'static str>,
}

/// A parameter of ADRS that says who responded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponderParameter {
    /// Parameter code.
    pub code: String,
    /// Whether its value is yes or no; otherwise it is a best overall response.
    pub yes_no: bool,
    /// Whose records count, where the data hold those of both assessors.
    pub assessor: Option<Assessor>,
}

/// Response under one dosage.
#[derive(Debug, Clone)]
pub struct ResponseColumn {
    /// Best overall response, parallel to `CATEGORIES`; subjects without a record count as missing, and the rows of the missing are those of
    /// ADSL. `None` when the data hold no best overall response.
    pub best: Option<Vec<Proportion>>,
    /// Confirmed objective response (complete or partial).
    pub confirmed: Option<Proportion>,
    /// Objective response, confirmation not required.
    pub unconfirmed: Option<Proportion>,
    /// Disease control: complete or partial response, stable disease, or neither response nor progression.
    pub control: Option<Proportion>,
    /// Subjects with evaluable assessments on at least two days after baseline; `None` when the data hold no visit responses.
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
    let mut records: Vec<Records> =
        [Assessor::Investigator, Assessor::IndependentReview].into_iter().filter_map(|assessor| Records::of(responses, assessor)).collect();
    let alone = records.len() == 1;
    for records in &mut records {
        records.alone = alone;
        records.duration = duration_code(records.assessor, alone, data);
    }
    panels(data, settings, Population::ResponseEvaluable, settings.grouping.efficacy.into())
        .into_iter()
        .map(|panel| ResponsePanel { tables: records.iter().map(|records| records.table(&panel, data, settings)).collect(), panel })
        .collect()
}

/// Codes of the duration of response in ADTTE, of confirmed response first; the customary ones say nothing of the assessor.
const DURATIONS: [&str; 5] = ["CDOR", "CRSD", "DOR", "RSD", "DURRESP"];
/// Codes of the duration of response by independent review.
const REVIEWED_DURATIONS: [&str; 6] = ["CDORIRC", "CRSDIRC", "DORIRC", "DORBICR", "DORIRF", "RSDIRC"];

/// The first code of a duration of response by this assessor that ADTTE holds. The customary codes are the investigator's, and those of independent
/// review where the investigator's responses are not in the data.
fn duration_code(assessor: Assessor, alone: bool, data: &AnalysisData) -> Option<&'static str> {
    let customary: &[&'static str] = if assessor == Assessor::Investigator || alone { &DURATIONS } else { &[] };
    let reviewed: &[&'static str] = if assessor == Assessor::IndependentReview { &REVIEWED_DURATIONS } else { &[] };
    let times = data.times_to_event.as_deref()?;
    reviewed.iter().chain(customary).copied().find(|code| times.iter().any(|time| time.code == *code))
}

/// The records of one assessor by kind.
struct Records {
    assessor: Assessor,
    kinds: BTreeMap<ResponseKind, BySubject>,
    parameters: BTreeMap<ResponseKind, String>,
    /// Evaluable assessments after baseline: day and row.
    visits: BTreeMap<SubjectIndex, Vec<(Option<i32>, u32)>>,
    duration: Option<&'static str>,
    /// Whether the data hold no records of the other assessor.
    alone: bool,
}

impl Records {
    fn of(responses: &[Response], assessor: Assessor) -> Option<Self> {
        let mut records =
            Self { assessor, kinds: BTreeMap::new(), parameters: BTreeMap::new(), visits: BTreeMap::new(), duration: None, alone: true };
        for response in responses.iter().filter(|response| response.assessor == assessor) {
            records.parameters.entry(response.kind).or_insert_with(|| response.parameter.clone());
            if response.kind == ResponseKind::Visit {
                let evaluable = !matches!(response.category, ResponseCategory::NotEvaluable | ResponseCategory::Missing);
                if evaluable && response.day.is_none_or(|day| day > 1) {
                    records.visits.entry(response.subject).or_default().push((response.day, response.row));
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
        let parameter = |kind: ResponseKind| self.parameters.get(&kind).cloned();
        let responders = |yes_no: ResponseKind, best: ResponseKind| {
            let assessor = (!self.alone).then_some(self.assessor);
            let of = |kind, yes_no| parameter(kind).map(|code| ResponderParameter { code, yes_no, assessor });
            of(yes_no, true).or_else(|| of(best, false))
        };
        ResponseTable {
            assessor: self.assessor,
            best_confirmed,
            parameters: ResponseParameters {
                best: parameter(best),
                confirmed: responders(ResponseKind::ConfirmedObjective, ResponseKind::ConfirmedBest),
                unconfirmed: responders(ResponseKind::Objective, ResponseKind::Best),
                visit: parameter(ResponseKind::Visit),
                duration: self.duration,
            },
            contradictions: self.contradictions(panel),
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
        let assessed = |visits: &Vec<(Option<i32>, u32)>| {
            let days: BTreeSet<i32> = visits.iter().filter_map(|(day, _)| *day).collect();
            days.len() + visits.iter().filter(|(day, _)| day.is_none()).count()
        };
        let twice = self.visits.iter().filter(|(_, visits)| assessed(visits) >= 2);
        let twice: RowsBySubject = twice.map(|(subject, visits)| (*subject, visits.iter().map(|(_, row)| *row).collect())).collect();
        let followup = group
            .subjects
            .iter()
            .filter_map(|index| data.subjects.get(index.0))
            .filter_map(|subject| Some((subject.row, subject.followup_days?)));
        ResponseColumn {
            best: self.kinds.contains_key(&best).then(|| self.best(group, best, data, settings)),
            duration: confirmed.as_ref().and_then(|responders| self.duration(group, responders, data, settings)),
            confirmed: share(confirmed),
            unconfirmed: share(self.responders(ResponseKind::Objective, ResponseKind::Best)),
            control: share(self.rows(best, controlled)),
            assessed_twice: self.parameters.contains_key(&ResponseKind::Visit).then(|| subjects_with(group, &twice, settings)),
            followup: Summary::of(followup),
        }
    }

    /// Subjects of a panel whose confirmed response, yes or no, is not what their confirmed best overall response says.
    fn contradictions(&self, panel: &Panel) -> usize {
        let kinds = (self.kinds.get(&ResponseKind::ConfirmedObjective), self.kinds.get(&ResponseKind::ConfirmedBest));
        let (Some(said), Some(best)) = kinds else { return 0 };
        let responded = |(category, _): &(ResponseCategory, u32)| {
            matches!(category, ResponseCategory::Yes | ResponseCategory::Complete | ResponseCategory::Partial)
        };
        let contradicts = |subject: &&SubjectIndex| {
            let (said, best) = (said.get(subject), best.get(subject));
            said.is_some_and(responded) != best.is_some_and(responded)
        };
        panel.groups.iter().filter(|group| group.dosage.is_some()).flat_map(|group| &group.subjects).filter(contradicts).count()
    }

    fn best(&self, group: &Group, kind: ResponseKind, data: &AnalysisData, settings: &Settings) -> Vec<Proportion> {
        let records = self.kinds.get(&kind);
        let record = |subject: &SubjectIndex| records.and_then(|records| records.get(subject)).copied();
        CATEGORIES
            .into_iter()
            .map(|category| {
                let rows: Rows = if category == ResponseCategory::Missing {
                    let missing = |(held, _)| held == ResponseCategory::Missing;
                    group.rows_where(data, |subject| record(&subject).is_none_or(missing))
                } else {
                    group.subjects.iter().filter_map(record).filter(|(held, _)| *held == category).map(|(_, row)| row).collect()
                };
                Proportion::new(rows.len(), group.n(), rows, &settings.intervals)
            })
            .collect()
    }

    /// Duration of response among the confirmed responders of the group, from ADTTE; the first record of a subject counts.
    fn duration(&self, group: &Group, responders: &RowsBySubject, data: &AnalysisData, settings: &Settings) -> Option<Survival> {
        let code = self.duration?;
        let in_group = |subject: &SubjectIndex| group.subjects.binary_search(subject).is_ok() && responders.contains_key(subject);
        let mut seen = BTreeSet::new();
        let times = data.times_to_event.iter().flatten().filter(|time| time.code == code && in_group(&time.subject));
        let first = times.filter(|time| seen.insert(time.subject));
        Survival::of(first.map(|time| (time.row, time.days, time.event)).collect::<Vec<_>>(), &settings.intervals)
    }
}
