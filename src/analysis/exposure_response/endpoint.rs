//! The outcome of an exposure-response analysis in each subject, with the rows that it rests on.

use std::collections::BTreeMap;

use super::condition::RowConditions;
use super::endpoint_table;
use super::refusal::Refusal;
use super::time_outcomes;
use crate::config::{Better, Endpoint, EndpointKind, Pick, Statistic};
use crate::data::DatasetName;
use crate::derive::{
    AdverseEvent, AdverseEvents, AnalysisData, Measurement, Response, ResponseCategory, ResponseKind, SubjectIndex, parse_category,
};

/// An outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Happened or did not.
    Binary(bool),
    /// Days to the event or to censoring, and whether the event happened.
    Time {
        /// Days.
        days: f64,
        /// Whether the event happened.
        event: bool,
    },
    /// A grade or category, from zero up.
    Grade(usize),
    /// A number.
    Value(f64),
}

impl Outcome {
    /// Whether the event happened; of grades whether it is above the lowest possible one, of a number never.
    #[must_use]
    pub fn event(self) -> bool {
        match self {
            Self::Binary(event) | Self::Time { event, .. } => event,
            Self::Grade(grade) => grade > 0,
            Self::Value(_) => false,
        }
    }

    /// The grade or category.
    #[must_use]
    pub fn grade(self) -> Option<usize> {
        if let Self::Grade(grade) = self { Some(grade) } else { None }
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }
}

/// Whether an outcome speaks of benefit or of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Response, or time to an event of the disease.
    Efficacy,
    /// Adverse events.
    Safety,
}

/// What an outcome is and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSource {
    /// Name in words.
    pub label: String,
    /// Benefit or harm.
    pub aspect: Aspect,
    /// Dataset.
    pub dataset: DatasetName,
    /// Filter of the records, in the columns of the data.
    pub filter: String,
    /// Further part of the filter that makes a record an event.
    pub event_filter: String,
    /// Columns of the dataset that were read, where they are not those of every analysis of it.
    pub columns: Vec<String>,
    /// Unit of a number.
    pub unit: Option<String>,
    /// What the categories of an ordered outcome are called where they are more than numbers, from zero up.
    pub categories: Vec<String>,
    /// Which way the outcome improves.
    pub better: Better,
}

/// The outcome of each subject who has one.
#[derive(Debug, Clone)]
pub(super) struct Outcomes {
    pub(super) source: EndpointSource,
    /// Outcome and rows. Of an outcome that is the presence of a record, subjects without one are absent.
    pub(super) by_subject: BTreeMap<SubjectIndex, (Outcome, Vec<u32>)>,
    /// What is true of a subject who is absent; `None` where that is not known.
    pub(super) absent: Option<Outcome>,
}

/// Reads the outcome that the project file describes.
pub(super) fn outcomes(endpoint: &Endpoint, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    if let Some(name) = endpoint_table::table_named(&endpoint.dataset) {
        return endpoint_table::outcomes(endpoint, name, data);
    }
    match (endpoint.kind, endpoint.dataset.as_str()) {
        (EndpointKind::Ordinal, "adae") => adverse_events(endpoint, data),
        (EndpointKind::Ordinal, "adrs") => categories(endpoint, data),
        (EndpointKind::Continuous, "adtr") if endpoint.parameter.is_none() => tumour_size(endpoint, data),
        (EndpointKind::Ordinal | EndpointKind::Continuous, "adae" | "adrs" | "adtte" | "adsl") => {
            Err(Refusal::Kind { dataset: endpoint.dataset.to_uppercase() })
        }
        (EndpointKind::Ordinal | EndpointKind::Continuous, _) => measured(endpoint, data),
        (EndpointKind::Binary, "adrs") => responses(endpoint, data),
        (EndpointKind::Binary, "adae") => adverse_events(endpoint, data),
        (EndpointKind::TimeToEvent, "adtte" | "adae") => time_outcomes::outcomes(endpoint, data),
        (_, dataset) => Err(Refusal::Dataset { dataset: dataset.to_uppercase() }),
    }
}

pub(super) fn parameter(endpoint: &Endpoint) -> Result<&str, Refusal> {
    endpoint.parameter.as_deref().ok_or_else(|| Refusal::NoParameterNamed { dataset: endpoint.dataset.to_uppercase() })
}

fn responses(endpoint: &Endpoint, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    let code = parameter(endpoint)?;
    let all = data.responses.as_ref().ok_or(Refusal::Absent { dataset: "ADRS".to_owned() })?;
    let conditions = RowConditions::new(&endpoint.conditions, DatasetName::Adrs, data)?;
    let of_parameter = |record: &&Response| record.parameter.eq_ignore_ascii_case(code) && conditions.hold(record.row);
    let records: Vec<&Response> = all.iter().filter(of_parameter).collect();
    // One assessor's reading is one outcome; the investigator's comes first, as in the tables of response.
    let assessor = records.iter().map(|record| record.assessor).min();
    let mut events: Vec<ResponseCategory> = Vec::new();
    for word in &endpoint.event {
        events.push(parse_category(word).ok_or_else(|| Refusal::EventWord { word: word.clone() })?);
    }
    let mut by_subject: BTreeMap<SubjectIndex, (Outcome, Vec<u32>)> = BTreeMap::new();
    for record in records.iter().filter(|record| Some(record.assessor) == assessor && record.category != ResponseCategory::Missing) {
        let entry = by_subject.entry(record.subject).or_insert((Outcome::Binary(false), Vec::new()));
        entry.0 = Outcome::Binary(entry.0.event() || events.contains(&record.category));
        entry.1.push(record.row);
    }
    if by_subject.is_empty() {
        return Err(Refusal::NoParameter { dataset: "ADRS".to_owned(), code: code.to_owned() });
    }
    let kind = records.first().map(|record| record.kind);
    let label = endpoint.label.clone().unwrap_or_else(|| response_label(kind, &events, &endpoint.event));
    let source = EndpointSource {
        label,
        aspect: Aspect::Efficacy,
        dataset: DatasetName::Adrs,
        filter: conditions.filter(&format!("PARAMCD = {code}")),
        event_filter: format!("AVALC = {}", endpoint.event.join(" or ")),
        columns: conditions.with(columns_read(data, DatasetName::Adrs)),
        unit: None,
        categories: Vec::new(),
        better: endpoint.better,
    };
    Ok(Outcomes { source, by_subject, absent: None })
}

/// The columns that a dataset was read from, where that is known.
pub(super) fn columns_read(data: &AnalysisData, name: DatasetName) -> Vec<String> {
    data.columns_read.get(&name).cloned().unwrap_or_default()
}

/// A response in words: what a yes means, or which categories count.
fn response_label(kind: Option<ResponseKind>, events: &[ResponseCategory], words: &[String]) -> String {
    let words = words.join(" or ");
    match (kind, events) {
        (Some(ResponseKind::ConfirmedObjective), [ResponseCategory::Yes]) => "Confirmed objective response".to_owned(),
        (Some(ResponseKind::Objective), [ResponseCategory::Yes]) => "Objective response".to_owned(),
        (Some(ResponseKind::ConfirmedBest), _) => format!("Confirmed best response {words}"),
        (Some(ResponseKind::Best), _) => format!("Best response {words}"),
        _ => format!("Response {words}"),
    }
}

fn adverse_events(endpoint: &Endpoint, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    let all = data.adverse_events.as_ref().ok_or(Refusal::Absent { dataset: "ADAE".to_owned() })?;
    let (mut filters, mut columns): (Vec<String>, Vec<String>) = (Vec::new(), vec!["USUBJID".to_owned()]);
    let mut conditions: Vec<Condition> = Vec::new();
    let (mut others, mut first_refusal) = (BTreeMap::new(), None);
    for (column, values) in &endpoint.conditions {
        match Condition::of(column, values, all) {
            Ok(condition) => conditions.push(condition),
            Err(refusal) => {
                others.insert(column.clone(), values.clone());
                first_refusal = first_refusal.or(Some(refusal));
            }
        }
        filters.push(format!("{column} = {}", values.join(" or ")));
        columns.push(column.clone());
    }
    // A column without a meaning of its own is compared as it stands in the data.
    let rows = RowConditions::new(&others, DatasetName::Adae, data).map_err(|refusal| first_refusal.unwrap_or(refusal))?;
    if let Some(grade) = endpoint.grade_at_least {
        let column = all.grade_column.clone().ok_or(Refusal::NoGrade)?;
        conditions.push(Condition::Grade(grade));
        filters.push(format!("{column} >= {grade}"));
        columns.push(column);
    }
    if !endpoint.terms.is_empty() {
        conditions.push(Condition::Term(endpoint.terms.clone()));
        let column = all.term_column.clone().unwrap_or_else(|| "AEDECOD".to_owned());
        filters.push(format!("{column} = {}", endpoint.terms.join(" or ")));
        columns.push(column);
    }
    let ordinal = endpoint.kind == EndpointKind::Ordinal;
    if ordinal && endpoint.grade_at_least.is_none() {
        columns.push(all.grade_column.clone().ok_or(Refusal::NoGrade)?);
    }
    let mut by_subject: BTreeMap<SubjectIndex, (Outcome, Vec<u32>)> = BTreeMap::new();
    for event in all.events.iter().filter(|event| conditions.iter().all(|condition| condition.holds(event)) && rows.hold(event.row)) {
        let outcome = match event.grade {
            Some(grade) if ordinal => Outcome::Grade(usize::from(grade)),
            None if ordinal => continue,
            _ => Outcome::Binary(true),
        };
        let entry = by_subject.entry(event.subject).or_insert((outcome, Vec::new()));
        if outcome.grade() > entry.0.grade() {
            entry.0 = outcome;
        }
        entry.1.push(event.row);
    }
    let filter = if filters.is_empty() { "all rows".to_owned() } else { filters.join(" and ") };
    let words = match endpoint.grade_at_least {
        _ if ordinal => "Worst grade of adverse events".to_owned(),
        Some(grade) => format!("Adverse event of grade {grade} or higher"),
        None => "Adverse event".to_owned(),
    };
    let source = EndpointSource {
        label: endpoint.label.clone().unwrap_or(words),
        aspect: Aspect::Safety,
        dataset: DatasetName::Adae,
        filter,
        event_filter: String::new(),
        columns,
        unit: None,
        categories: Vec::new(),
        better: endpoint.better,
    };
    Ok(Outcomes { source, by_subject, absent: Some(if ordinal { Outcome::Grade(0) } else { Outcome::Binary(false) }) })
}

/// Best overall response as ordered categories: progression, stable disease, partial response, complete response.
fn categories(endpoint: &Endpoint, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    let code = parameter(endpoint)?;
    let all = data.responses.as_ref().ok_or(Refusal::Absent { dataset: "ADRS".to_owned() })?;
    let conditions = RowConditions::new(&endpoint.conditions, DatasetName::Adrs, data)?;
    let of_parameter = |record: &&Response| record.parameter.eq_ignore_ascii_case(code) && conditions.hold(record.row);
    let records: Vec<&Response> = all.iter().filter(of_parameter).collect();
    let assessor = records.iter().map(|record| record.assessor).min();
    let mut by_subject: BTreeMap<SubjectIndex, (Outcome, Vec<u32>)> = BTreeMap::new();
    for record in records.iter().filter(|record| Some(record.assessor) == assessor) {
        let Some(rank) = rank(record.category) else { continue };
        let entry = by_subject.entry(record.subject).or_insert((Outcome::Grade(rank), Vec::new()));
        entry.0 = Outcome::Grade(entry.0.grade().map_or(rank, |held| held.max(rank)));
        entry.1.push(record.row);
    }
    if by_subject.is_empty() {
        return Err(Refusal::NoParameter { dataset: "ADRS".to_owned(), code: code.to_owned() });
    }
    let confirmed = records.first().is_some_and(|record| record.kind == ResponseKind::ConfirmedBest);
    let source = EndpointSource {
        label: endpoint
            .label
            .clone()
            .unwrap_or_else(|| if confirmed { "Confirmed best overall response" } else { "Best overall response" }.to_owned()),
        aspect: Aspect::Efficacy,
        dataset: DatasetName::Adrs,
        filter: conditions.filter(&format!("PARAMCD = {code}")),
        event_filter: String::new(),
        columns: conditions.with(columns_read(data, DatasetName::Adrs)),
        unit: None,
        categories: ["progressive disease", "stable disease", "partial response", "complete response"].map(str::to_owned).to_vec(),
        better: endpoint.better,
    };
    Ok(Outcomes { source, by_subject, absent: None })
}

/// Place of a response among the ordered categories; `None` for one that has none.
fn rank(category: ResponseCategory) -> Option<usize> {
    match category {
        ResponseCategory::Progressive => Some(0),
        ResponseCategory::Stable | ResponseCategory::NonCrNonPd => Some(1),
        ResponseCategory::Partial => Some(2),
        ResponseCategory::Complete => Some(3),
        ResponseCategory::NotEvaluable | ResponseCategory::Missing | ResponseCategory::Yes | ResponseCategory::No => None,
    }
}

/// Change of the sum of diameters as the tables of tumour size read it.
fn tumour_size(endpoint: &Endpoint, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    let conditions = RowConditions::new(&endpoint.conditions, DatasetName::Adtr, data)?;
    if endpoint.visit.is_some() || endpoint.statistic == Statistic::Change {
        return Err(Refusal::NoParameterNamed { dataset: "ADTR".to_owned() });
    }
    let all = data.tumour.as_ref().ok_or(Refusal::Absent { dataset: "ADTR".to_owned() })?;
    let assessor = all.iter().map(|record| record.assessor).min();
    let of_value = endpoint.statistic == Statistic::Value;
    let candidates = all
        .iter()
        .filter(|record| Some(record.assessor) == assessor && !record.baseline && conditions.hold(record.row))
        .filter_map(|record| {
            let value = if of_value { record.value } else { record.percent_change };
            Some(Picked { subject: record.subject, row: record.row, day: record.day, value: value? })
        });
    let by_subject = pick(candidates.collect(), endpoint);
    if by_subject.is_empty() {
        return Err(Refusal::NoParameter { dataset: "ADTR".to_owned(), code: "a sum of diameters after baseline".to_owned() });
    }
    let what = if of_value { "sum of diameters" } else { "change in sum of diameters" };
    let source = EndpointSource {
        label: endpoint.label.clone().unwrap_or_else(|| format!("{} {what}", picked_words(endpoint.pick))),
        aspect: Aspect::Efficacy,
        dataset: DatasetName::Adtr,
        filter: conditions.filter(&format!("sum of diameters after baseline, {} record", picked_words(endpoint.pick).to_lowercase())),
        event_filter: String::new(),
        columns: conditions.with(columns_read(data, DatasetName::Adtr)),
        unit: Some(if of_value { "mm" } else { "%" }.to_owned()),
        categories: Vec::new(),
        better: endpoint.better,
    };
    Ok(Outcomes { source, by_subject, absent: None })
}

/// A parameter of a dataset with values and visits.
fn measured(endpoint: &Endpoint, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    let code = parameter(endpoint)?;
    let named = endpoint.dataset.to_uppercase();
    let name = DatasetName::of_stem(&endpoint.dataset).ok_or_else(|| Refusal::Dataset { dataset: named.clone() })?;
    let all = data.measurements.get(&name).ok_or_else(|| Refusal::Absent { dataset: name.label().to_owned() })?;
    if let Some(column) = endpoint.conditions.keys().find(|column| !all.columns.iter().any(|read| read.eq_ignore_ascii_case(column))) {
        return Err(Refusal::Condition { dataset: name.label().to_owned(), column: column.clone() });
    }
    let same = |a: &str, b: &str| a.trim().eq_ignore_ascii_case(b.trim());
    let counts = |record: &&Measurement| {
        let held = |(column, values): (&String, &Vec<String>)| {
            record.conditions.get(column).is_some_and(|value| values.iter().any(|wanted| same(wanted, value)))
        };
        let visit = endpoint.visit.as_deref().is_none_or(|visit| record.visit.as_deref().is_some_and(|read| same(read, visit)));
        same(&record.code, code) && !record.baseline && visit && endpoint.conditions.iter().all(held)
    };
    let records: Vec<&Measurement> = all.records.iter().filter(counts).collect();
    let candidates = records.iter().filter_map(|record| {
        let value = match endpoint.statistic {
            Statistic::Value => record.value,
            Statistic::Change => record.change,
            Statistic::PercentChange => record.percent_change,
        };
        Some(Picked { subject: record.subject, row: record.row, day: record.day, value: value? })
    });
    let mut by_subject = pick(candidates.collect(), endpoint);
    let first = records.first().filter(|_| !by_subject.is_empty());
    let first = first.ok_or_else(|| Refusal::NoParameter { dataset: name.label().to_owned(), code: code.to_owned() })?;
    if endpoint.kind == EndpointKind::Ordinal {
        for (outcome, _) in by_subject.values_mut() {
            *outcome = outcome.value().and_then(whole).ok_or_else(|| Refusal::NotOrdered { code: code.to_owned() })?;
        }
    }
    let source = EndpointSource {
        label: endpoint.label.clone().unwrap_or_else(|| measured_label(endpoint, &first.label)),
        aspect: if matches!(name, DatasetName::Adtr | DatasetName::Adbm) { Aspect::Efficacy } else { Aspect::Safety },
        dataset: name,
        filter: measured_filter(endpoint, code),
        event_filter: String::new(),
        columns: all.columns.clone(),
        unit: if endpoint.statistic == Statistic::PercentChange { Some("%".to_owned()) } else { first.unit.clone() },
        categories: Vec::new(),
        better: endpoint.better,
    };
    Ok(Outcomes { source, by_subject, absent: None })
}

/// A whole number from zero to a hundred as a category.
pub(super) fn whole(value: f64) -> Option<Outcome> {
    (0..=100).find(|grade| (f64::from(*grade) - value).abs() < 1e-9).and_then(|grade: i32| usize::try_from(grade).ok()).map(Outcome::Grade)
}

/// A record that may give a subject's outcome.
pub(super) struct Picked {
    pub(super) subject: SubjectIndex,
    pub(super) row: u32,
    pub(super) day: Option<i32>,
    pub(super) value: f64,
}

/// One record of each subject. Of records that are equally good the first counts, of the last day the last.
pub(super) fn pick(candidates: Vec<Picked>, endpoint: &Endpoint) -> BTreeMap<SubjectIndex, (Outcome, Vec<u32>)> {
    let smaller = match endpoint.pick {
        Pick::Best => endpoint.better == Better::Lower,
        Pick::Worst => endpoint.better == Better::Higher,
        Pick::Last => false,
    };
    let mut held: BTreeMap<SubjectIndex, Picked> = BTreeMap::new();
    for candidate in candidates.into_iter().filter(|candidate| candidate.value.is_finite()) {
        let replaces = held.get(&candidate.subject).is_none_or(|before| match endpoint.pick {
            Pick::Last => candidate.day >= before.day,
            _ if smaller => candidate.value < before.value,
            _ => candidate.value > before.value,
        });
        if replaces {
            held.insert(candidate.subject, candidate);
        }
    }
    held.into_iter().map(|(subject, picked)| (subject, (Outcome::Value(picked.value), vec![picked.row]))).collect()
}

pub(super) fn picked_words(pick: Pick) -> &'static str {
    match pick {
        Pick::Best => "Best",
        Pick::Worst => "Worst",
        Pick::Last => "Last",
    }
}

fn measured_label(endpoint: &Endpoint, parameter: &str) -> String {
    let what = match endpoint.statistic {
        Statistic::Value => parameter.to_owned(),
        Statistic::Change | Statistic::PercentChange => format!("{parameter}, change from baseline"),
    };
    match &endpoint.visit {
        Some(visit) => format!("{what}, {visit}"),
        None => format!("{what}, {} after baseline", picked_words(endpoint.pick).to_lowercase()),
    }
}

fn measured_filter(endpoint: &Endpoint, code: &str) -> String {
    let mut parts = vec![format!("PARAMCD = {code}")];
    parts.extend(endpoint.visit.iter().map(|visit| format!("AVISIT = {visit}")));
    parts.extend(endpoint.conditions.iter().map(|(column, values)| format!("{column} = {}", values.join(" or "))));
    parts.push(format!("after baseline, {} record", picked_words(endpoint.pick).to_lowercase()));
    parts.join(" and ")
}

/// What an adverse event must be to count.
#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Emergent(bool),
    Serious(bool),
    Related(bool),
    DoseLimiting(bool),
    Grade(u8),
    Term(Vec<String>),
    BodySystem(Vec<String>),
    Interest(Vec<usize>),
}

impl Condition {
    /// The condition that a column's values express, for the columns whose meaning is known.
    fn of(column: &str, values: &[String], events: &AdverseEvents) -> Result<Self, Refusal> {
        let refused = || Refusal::Condition { dataset: "ADAE".to_owned(), column: column.to_owned() };
        let yes = || match values {
            [value] if ["Y", "YES"].iter().any(|yes| value.eq_ignore_ascii_case(yes)) => Ok(true),
            [value] if ["N", "NO"].iter().any(|no| value.eq_ignore_ascii_case(no)) => Ok(false),
            _ => Err(refused()),
        };
        let is = |known: &Option<String>| known.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(column));
        let upper = column.to_uppercase();
        match upper.as_str() {
            "TRTEMFL" => yes().map(Self::Emergent),
            "AESER" => yes().map(Self::Serious),
            "AEDECOD" => Ok(Self::Term(values.to_vec())),
            "AEBODSYS" | "AESOC" => Ok(Self::BodySystem(values.to_vec())),
            "AESI" => interest(values, events).map(Self::Interest).ok_or_else(refused),
            _ if is(&events.dlt_column) => yes().map(Self::DoseLimiting),
            _ if is(&events.related_column) => {
                // A list that names every related value, or only such, asks for related events.
                let related = |value: &String| events.related_values.iter().any(|known| known.eq_ignore_ascii_case(value));
                if values.iter().all(related) { Ok(Self::Related(true)) } else { Err(refused()) }
            }
            _ => Err(refused()),
        }
    }

    fn holds(&self, event: &AdverseEvent) -> bool {
        let named = |values: &[String], word: &str| values.iter().any(|value| value.trim().eq_ignore_ascii_case(word.trim()));
        match self {
            Self::Emergent(wanted) => event.emergent == *wanted,
            Self::Serious(wanted) => event.serious == *wanted,
            Self::Related(wanted) => event.related == *wanted,
            Self::DoseLimiting(wanted) => event.dlt == *wanted,
            Self::Grade(least) => event.grade.is_some_and(|grade| grade >= *least),
            Self::Term(terms) => named(terms, &event.term),
            Self::BodySystem(systems) => event.body_system.as_deref().is_some_and(|system| named(systems, system)),
            Self::Interest(groups) => groups.iter().any(|group| event.interest.contains(group)),
        }
    }
}

/// Positions of the groups of special interest that these words name; `None` where one names none.
fn interest(values: &[String], events: &AdverseEvents) -> Option<Vec<usize>> {
    let same = |a: &str, b: &str| a.trim().eq_ignore_ascii_case(b.trim());
    values.iter().map(|value| events.interest_groups.iter().position(|group| same(&group.id, value) || same(&group.label, value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::Assessor;

    fn endpoint(dataset: &str, kind: EndpointKind) -> Endpoint {
        Endpoint {
            dataset: dataset.into(),
            parameter: Some("CRSP".into()),
            label: None,
            kind,
            event: vec!["Y".into()],
            grade_at_least: None,
            terms: Vec::new(),
            conditions: BTreeMap::new(),
            statistic: Statistic::Value,
            visit: None,
            pick: Pick::Worst,
            better: Better::Lower,
            competing: Vec::new(),
            competing_parameters: Vec::new(),
            recurrent: false,
            column: None,
            aspect: None,
        }
    }

    fn response(row: u32, subject: usize, category: ResponseCategory, assessor: Assessor) -> Response {
        let (parameter, kind) = ("CRSP".to_owned(), ResponseKind::ConfirmedObjective);
        Response { row, subject: SubjectIndex(subject), kind, assessor, parameter, category, date: None, day: None }
    }

    fn event(row: u32, subject: usize, grade: u8, emergent: bool) -> AdverseEvent {
        AdverseEvent {
            row,
            subject: SubjectIndex(subject),
            term: "Nausea".into(),
            body_system: None,
            grade: Some(grade),
            serious: false,
            related: false,
            fatal: false,
            action: None,
            emergent,
            dlt: false,
            interest: Vec::new(),
            start: None,
            end: None,
            start_day: None,
            end_day: None,
        }
    }

    #[test]
    fn responses_count_by_category_and_by_one_assessor() {
        use ResponseCategory::{Missing, No, Yes};
        let responses = vec![
            response(1, 0, Yes, Assessor::Investigator),
            response(2, 1, No, Assessor::Investigator),
            response(3, 1, Yes, Assessor::IndependentReview),
            response(4, 2, Missing, Assessor::Investigator),
        ];
        let data = AnalysisData { responses: Some(responses), ..AnalysisData::default() };
        let found = outcomes(&endpoint("adrs", EndpointKind::Binary), &data).unwrap();
        let told: Vec<bool> = found.by_subject.values().map(|(outcome, _)| outcome.event()).collect();
        assert_eq!((told, found.absent), (vec![true, false], None));
        assert_eq!(found.source.label, "Confirmed objective response");
        let odd = Endpoint { event: vec!["perhaps".into()], ..endpoint("adrs", EndpointKind::Binary) };
        assert_eq!(outcomes(&odd, &data).unwrap_err(), Refusal::EventWord { word: "perhaps".into() });
    }

    #[test]
    fn subjects_without_an_adverse_event_had_none() {
        let events = AdverseEvents {
            events: vec![event(5, 0, 3, true), event(6, 0, 4, true), event(7, 1, 3, false), event(8, 2, 2, true)],
            grade_column: Some("AETOXGR".into()),
            ..AdverseEvents::default()
        };
        let data = AnalysisData { adverse_events: Some(events), ..AnalysisData::default() };
        let conditions = BTreeMap::from([("TRTEMFL".to_owned(), vec!["Y".to_owned()])]);
        let asked = Endpoint { grade_at_least: Some(3), conditions, ..endpoint("adae", EndpointKind::Binary) };
        let found = outcomes(&asked, &data).unwrap();
        assert_eq!(found.by_subject.get(&SubjectIndex(0)).unwrap().1, [5, 6]);
        assert_eq!((found.by_subject.len(), found.absent), (1, Some(Outcome::Binary(false))));
        assert_eq!(found.source.filter, "TRTEMFL = Y and AETOXGR >= 3");
        let unknown = Endpoint { conditions: BTreeMap::from([("AEFOO".to_owned(), vec!["1".to_owned()])]), ..asked };
        assert!(matches!(outcomes(&unknown, &data), Err(Refusal::Condition { .. })));
    }

    #[test]
    fn what_cannot_be_analysed_is_refused_with_a_reason() {
        let data = AnalysisData::default();
        let kind = Refusal::Kind { dataset: "ADRS".into() };
        assert_eq!(outcomes(&endpoint("adrs", EndpointKind::Continuous), &data).unwrap_err(), kind);
        assert!(matches!(outcomes(&endpoint("adtte", EndpointKind::TimeToEvent), &data), Err(Refusal::Absent { .. })));
        assert!(matches!(outcomes(&endpoint("adlb", EndpointKind::Binary), &data), Err(Refusal::Dataset { .. })));
    }
}
