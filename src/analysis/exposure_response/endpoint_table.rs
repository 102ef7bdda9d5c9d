//! Outcomes that stand beside the exposure: in ADER, ADEE or ADES.

use std::collections::BTreeMap;

use super::condition::{RowConditions, is};
use super::endpoint::{Aspect, EndpointSource, Outcome, Outcomes, Picked, pick, picked_words, whole};
use super::refusal::Refusal;
use crate::config::{Endpoint, EndpointAspect, EndpointKind, Statistic};
use crate::data::DatasetName;
use crate::derive::{AnalysisData, NamedColumn, NamedTable, SubjectIndex};
use crate::quantity::days_in_unit;

/// The dataset of exposure and response that a name means.
pub(super) fn table_named(dataset: &str) -> Option<DatasetName> {
    DatasetName::EXPOSURE_RESPONSE.into_iter().find(|name| name.id() == dataset)
}

/// The records that an outcome asks for: those of its parameter that meet its conditions.
pub(super) struct OutcomeRecords<'a> {
    name: DatasetName,
    table: &'a NamedTable,
    conditions: RowConditions<'a>,
    parameter: Option<(&'a NamedColumn, &'a str)>,
}

impl<'a> OutcomeRecords<'a> {
    /// The records of an outcome in a dataset.
    pub(super) fn new(endpoint: &'a Endpoint, name: DatasetName, data: &'a AnalysisData) -> Result<Self, Refusal> {
        let table = data.named_tables.get(&name).ok_or_else(|| Refusal::Absent { dataset: name.label().to_owned() })?;
        let conditions = RowConditions::new(&endpoint.conditions, name, data)?;
        let parameter = match (&endpoint.parameter, table.column("PARAMCD")) {
            (Some(code), Some(column)) => Some((column, code.as_str())),
            (Some(code), None) => return Err(Refusal::NoParameter { dataset: name.label().to_owned(), code: code.clone() }),
            (None, _) => None,
        };
        Ok(Self { name, table, conditions, parameter })
    }

    /// Row and subject of each.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, SubjectIndex)> + use<'_> {
        let of_parameter = |row: u32| self.parameter.is_none_or(|(column, code)| column.text(row).is_some_and(|text| is(text, code)));
        self.table.records.iter().copied().filter(move |(row, _)| of_parameter(*row) && self.conditions.hold(*row))
    }

    fn filter(&self) -> String {
        let parameter = self.parameter.map(|(column, code)| format!("{} = {code}", column.name)).unwrap_or_default();
        let filter = self.conditions.filter(&parameter);
        if filter.is_empty() { "all rows".to_owned() } else { filter }
    }

    fn columns<'b>(&self, further: impl IntoIterator<Item = Option<&'b NamedColumn>>) -> Vec<String> {
        let first = ["USUBJID".to_owned()].into_iter().chain(self.parameter.map(|(column, _)| column.name.clone()));
        let further = further.into_iter().flatten().map(|column| column.name.clone());
        let mut columns: Vec<String> = Vec::new();
        for column in first.chain(self.conditions.columns()).chain(further) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }

    fn label(&self, endpoint: &Endpoint, words: &str) -> String {
        let of_parameter = || {
            let (row, _) = self.rows().next()?;
            self.table.column("PARAM")?.text(row).map(str::to_owned)
        };
        let named = || endpoint.parameter.clone().or_else(|| endpoint.column.clone());
        endpoint.label.clone().or_else(of_parameter).or_else(named).unwrap_or_else(|| words.to_owned())
    }

    fn column(&self, name: &str) -> Result<&'a NamedColumn, Refusal> {
        let refused = || Refusal::NoColumn { dataset: self.name.label().to_owned(), column: name.to_owned() };
        self.table.column(name).ok_or_else(refused)
    }
}

/// Reads an outcome of ADER, ADEE or ADES.
pub(super) fn outcomes(endpoint: &Endpoint, name: DatasetName, data: &AnalysisData) -> Result<Outcomes, Refusal> {
    let records = OutcomeRecords::new(endpoint, name, data)?;
    let found = match endpoint.kind {
        EndpointKind::TimeToEvent => times(endpoint, &records),
        EndpointKind::Binary => binary(endpoint, &records),
        EndpointKind::Ordinal | EndpointKind::Continuous => numbers(endpoint, &records),
    }?;
    if found.by_subject.is_empty() {
        let code = endpoint.parameter.clone().or_else(|| endpoint.column.clone()).unwrap_or_else(|| "the outcome".to_owned());
        return Err(Refusal::NoParameter { dataset: name.label().to_owned(), code });
    }
    Ok(found)
}

/// Benefit or harm: as stated, otherwise by the dataset and the kind.
fn aspect(endpoint: &Endpoint, name: DatasetName) -> Aspect {
    match (endpoint.aspect, name) {
        (Some(EndpointAspect::Efficacy), _) | (None, DatasetName::Adee) => Aspect::Efficacy,
        (Some(EndpointAspect::Safety), _) | (None, DatasetName::Ades) => Aspect::Safety,
        (None, _) if endpoint.kind == EndpointKind::TimeToEvent => Aspect::Efficacy,
        (None, _) => Aspect::Safety,
    }
}

/// What makes a record an event.
enum EventRule<'a> {
    /// One of these words or numbers.
    Words(&'a NamedColumn, &'a [String]),
    /// A grade or number of at least this.
    Least(&'a NamedColumn, u8),
    /// The number 1.
    One(&'a NamedColumn),
}

impl EventRule<'_> {
    fn column(&self) -> &NamedColumn {
        match self {
            Self::Words(column, _) | Self::Least(column, _) | Self::One(column) => column,
        }
    }

    /// Whether a record is an event; `None` where it says nothing.
    fn holds(&self, row: u32) -> Option<bool> {
        match self {
            Self::Words(column, words) => column.text(row).map(|text| words.iter().any(|word| is(text, word))),
            // A record without a grade is one of a subject without the event.
            Self::Least(column, least) => Some(column.number(row).is_some_and(|grade| grade >= f64::from(*least))),
            Self::One(column) => column.number(row).map(|value| (value - 1.0).abs() < f64::EPSILON),
        }
    }

    fn filter(&self) -> String {
        match self {
            Self::Words(column, words) => format!("{} = {}", column.name, words.join(" or ")),
            Self::Least(column, least) => format!("{} >= {least}", column.name),
            Self::One(column) => format!("{} = 1", column.name),
        }
    }
}

fn event_rule<'a>(endpoint: &'a Endpoint, records: &OutcomeRecords<'a>) -> Result<EventRule<'a>, Refusal> {
    let named = endpoint.column.as_deref();
    if let Some(least) = endpoint.grade_at_least {
        let customary = ["ATOXGRN", "ATOXGR", "AETOXGR", "AVAL"].into_iter().find(|name| records.column(name).is_ok());
        return Ok(EventRule::Least(records.column(named.or(customary).unwrap_or("ATOXGRN"))?, least));
    }
    let words = if endpoint.event.is_empty() { &endpoint.terms } else { &endpoint.event };
    if words.is_empty() {
        return Ok(EventRule::One(records.column(named.unwrap_or("AVAL"))?));
    }
    let numbers = words.iter().all(|word| word.parse::<f64>().is_ok());
    let customary = if numbers { ["AVAL", "AVALC"] } else { ["AVALC", "AVAL"] };
    let customary = customary.into_iter().find(|name| records.column(name).is_ok()).unwrap_or("AVALC");
    Ok(EventRule::Words(records.column(named.unwrap_or(customary))?, words))
}

/// Subjects with an event in any of their records; one whose records say nothing has no outcome.
fn binary(endpoint: &Endpoint, records: &OutcomeRecords<'_>) -> Result<Outcomes, Refusal> {
    let rule = event_rule(endpoint, records)?;
    let mut by_subject: BTreeMap<SubjectIndex, (Outcome, Vec<u32>)> = BTreeMap::new();
    for (row, subject) in records.rows() {
        let Some(event) = rule.holds(row) else { continue };
        let entry = by_subject.entry(subject).or_insert((Outcome::Binary(false), Vec::new()));
        entry.0 = Outcome::Binary(entry.0.event() || event);
        entry.1.push(row);
    }
    let source = EndpointSource {
        label: records.label(endpoint, "Event"),
        aspect: aspect(endpoint, records.name),
        dataset: records.name,
        filter: records.filter(),
        event_filter: rule.filter(),
        columns: records.columns([Some(rule.column())]),
        unit: None,
        categories: Vec::new(),
        better: endpoint.better,
    };
    Ok(Outcomes { source, by_subject, absent: None })
}

/// The first record of each subject with time and censoring; the time in days by AVALU, otherwise taken as days.
fn times(endpoint: &Endpoint, records: &OutcomeRecords<'_>) -> Result<Outcomes, Refusal> {
    let (time, censoring) = (records.column(endpoint.column.as_deref().unwrap_or("AVAL"))?, records.column("CNSR")?);
    let unit = records.table.column("AVALU");
    let mut by_subject: BTreeMap<SubjectIndex, (Outcome, Vec<u32>)> = BTreeMap::new();
    for (row, subject) in records.rows() {
        let (Some(value), Some(censored)) = (time.number(row), censoring.number(row)) else { continue };
        let scale = match unit.and_then(|unit| unit.text(row)) {
            Some(unit) => days_in_unit(unit).ok_or_else(|| Refusal::TimeUnit { unit: unit.to_owned() })?,
            None => 1.0,
        };
        let days = value * scale;
        if days >= 0.0 {
            by_subject.entry(subject).or_insert((Outcome::Time { days, event: censored.abs() < 0.5 }, vec![row]));
        }
    }
    let source = EndpointSource {
        label: records.label(endpoint, "Time to event"),
        aspect: aspect(endpoint, records.name),
        dataset: records.name,
        filter: records.filter(),
        event_filter: format!("{} = 0", censoring.name),
        columns: records.columns([Some(time), Some(censoring), unit]),
        unit: None,
        categories: Vec::new(),
        better: endpoint.better,
    };
    Ok(Outcomes { source, by_subject, absent: None })
}

/// A number of each subject: of several records the best, the worst or the last, as the project says; a grade where the outcome is ordered.
fn numbers(endpoint: &Endpoint, records: &OutcomeRecords<'_>) -> Result<Outcomes, Refusal> {
    let customary = match endpoint.statistic {
        Statistic::Value => "AVAL",
        Statistic::Change => "CHG",
        Statistic::PercentChange => "PCHG",
    };
    let column = records.column(endpoint.column.as_deref().unwrap_or(customary))?;
    let visits = endpoint.visit.as_deref().map(|visit| records.column("AVISIT").map(|column| (column, visit))).transpose()?;
    let at_visit = |row: &u32| visits.is_none_or(|(column, visit)| column.text(*row).is_some_and(|text| is(text, visit)));
    let candidate = |(row, subject): (u32, SubjectIndex)| Some(Picked { subject, row, day: None, value: column.number(row)? });
    let mut by_subject = pick(records.rows().filter(|(row, _)| at_visit(row)).filter_map(candidate).collect(), endpoint);
    if endpoint.kind == EndpointKind::Ordinal {
        for (outcome, _) in by_subject.values_mut() {
            *outcome = outcome.value().and_then(whole).ok_or_else(|| Refusal::NotOrdered { code: column.name.clone() })?;
        }
    }
    let unit = records.table.column("AVALU").filter(|_| endpoint.column.is_none() && endpoint.statistic != Statistic::PercentChange);
    let told = by_subject.values().find_map(|(_, rows)| unit?.text(*rows.first()?).map(str::to_owned));
    let source = EndpointSource {
        label: records.label(endpoint, "Value"),
        aspect: aspect(endpoint, records.name),
        dataset: records.name,
        filter: format!("{}, {} record of each subject", records.filter(), picked_words(endpoint.pick).to_lowercase()),
        event_filter: String::new(),
        columns: records.columns([Some(column), unit]),
        unit: if endpoint.statistic == Statistic::PercentChange { Some("%".to_owned()) } else { told },
        categories: Vec::new(),
        better: endpoint.better,
    };
    Ok(Outcomes { source, by_subject, absent: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Better, Pick};

    fn column(name: &str, texts: &[&str]) -> (String, NamedColumn) {
        let texts: Vec<Option<String>> = texts.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect();
        let numbers = texts.iter().map(|text| text.as_deref().and_then(|text| text.parse().ok())).collect();
        (name.to_owned(), NamedColumn { name: name.to_owned(), label: None, texts, numbers })
    }

    fn data() -> AnalysisData {
        let columns = [
            column("PARAMCD", &["AE", "PFS", "AE", "PFS", "AE", "AE"]),
            column("AVAL", &["1", "3", "0", "2", "", "1"]),
            column("AVALC", &["Yes", "", "No", "", "", "Yes"]),
            column("AVALU", &["", "months", "", "months", "", ""]),
            column("CNSR", &["", "0", "", "1", "", ""]),
            column("ATOXGRN", &["2", "", "", "", "", "3"]),
            column("AREA", &["1", "1", "1", "1", "1", "2"]),
        ];
        let records = [0, 0, 1, 1, 2, 1].into_iter().zip(1..).map(|(subject, row)| (row, SubjectIndex(subject))).collect();
        let table = NamedTable { records, columns: columns.into_iter().collect() };
        AnalysisData { named_tables: BTreeMap::from([(DatasetName::Ader, table)]), ..AnalysisData::default() }
    }

    fn endpoint(parameter: &str, kind: EndpointKind) -> Endpoint {
        Endpoint {
            dataset: "ader".into(),
            parameter: Some(parameter.into()),
            label: None,
            kind,
            event: Vec::new(),
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

    fn told(endpoint: &Endpoint) -> Vec<(usize, bool, Vec<u32>)> {
        let found = outcomes(endpoint, DatasetName::Ader, &data()).unwrap();
        found.by_subject.into_iter().map(|(subject, (outcome, rows))| (subject.0, outcome.event(), rows)).collect()
    }

    #[test]
    fn an_event_is_a_one_a_word_or_a_grade_in_any_record() {
        let one = endpoint("AE", EndpointKind::Binary);
        assert_eq!(told(&one), [(0, true, vec![1]), (1, true, vec![3, 6])]);
        let word = Endpoint { event: vec!["yes".into()], ..one.clone() };
        assert_eq!(told(&word), told(&one));
        let grade = Endpoint { grade_at_least: Some(3), ..one.clone() };
        assert_eq!(told(&grade), [(0, false, vec![1]), (1, true, vec![3, 6]), (2, false, vec![5])]);
        let here = Endpoint { conditions: BTreeMap::from([("AREA".to_owned(), vec!["1".to_owned()])]), ..one };
        assert_eq!(told(&here), [(0, true, vec![1]), (1, false, vec![3])]);
    }

    #[test]
    fn times_are_in_days_and_uncensored_ones_are_events() {
        let found = outcomes(&endpoint("PFS", EndpointKind::TimeToEvent), DatasetName::Ader, &data()).unwrap();
        assert_eq!(found.by_subject[&SubjectIndex(0)].0, Outcome::Time { days: 91.3125, event: true });
        assert_eq!(found.by_subject[&SubjectIndex(1)].0, Outcome::Time { days: 60.875, event: false });
        assert_eq!((found.source.aspect, found.source.filter.as_str()), (Aspect::Efficacy, "PARAMCD = PFS"));
    }

    #[test]
    fn numbers_and_grades_are_the_record_that_the_project_picks() {
        let of = |kind, pick, column: &str| {
            let asked = Endpoint { pick, column: Some(column.into()), ..endpoint("AE", kind) };
            let found = outcomes(&asked, DatasetName::Ader, &data());
            found.map(|found| found.by_subject.into_iter().map(|(subject, (outcome, rows))| (subject.0, outcome, rows)).collect::<Vec<_>>())
        };
        let (zero, one) = (Outcome::Value(0.0), Outcome::Value(1.0));
        assert_eq!(of(EndpointKind::Continuous, Pick::Worst, "AVAL").unwrap(), [(0, one, vec![1]), (1, one, vec![6])]);
        assert_eq!(of(EndpointKind::Continuous, Pick::Best, "AVAL").unwrap(), [(0, one, vec![1]), (1, zero, vec![3])]);
        let graded = of(EndpointKind::Ordinal, Pick::Worst, "ATOXGRN").unwrap();
        assert_eq!(graded, [(0, Outcome::Grade(2), vec![1]), (1, Outcome::Grade(3), vec![6])]);
        let visit = Endpoint { visit: Some("Week 4".into()), ..endpoint("AE", EndpointKind::Continuous) };
        assert!(matches!(outcomes(&visit, DatasetName::Ader, &data()), Err(Refusal::NoColumn { .. })));
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let refused = |asked: &Endpoint| outcomes(asked, DatasetName::Ader, &data()).unwrap_err();
        let column = Endpoint { column: Some("BIN".into()), ..endpoint("AE", EndpointKind::Binary) };
        assert_eq!(refused(&column), Refusal::NoColumn { dataset: "ADER".into(), column: "BIN".into() });
        assert!(matches!(refused(&endpoint("OS", EndpointKind::TimeToEvent)), Refusal::NoParameter { .. }));
        let absent = outcomes(&endpoint("AE", EndpointKind::Binary), DatasetName::Ades, &data()).unwrap_err();
        assert_eq!(absent, Refusal::Absent { dataset: "ADES".into() });
    }
}
