//! Records of parameters that the project file names as outcomes, from any dataset with parameters, values and visits.

use std::collections::BTreeMap;

use super::columns::{self, Column};
use super::records::{Measurement, Measurements, SubjectIndex};
use super::roster::{Record, Roster, study_day};
use super::words::{is_yes, normalised};
use crate::config::{Endpoint, EndpointKind, Settings};
use crate::data::{Dataset, DatasetName, TrialData};
use crate::quantity::Date;

/// Datasets whose records are read in ways of their own.
const READ_ELSEWHERE: [DatasetName; 4] = [DatasetName::Adsl, DatasetName::Adae, DatasetName::Adrs, DatasetName::Adtte];

/// Reads the parameters that ordinal and continuous outcomes of the project file name, by dataset.
///
/// - Records that DTYPE marks as computed from others are left out.
/// - Baseline is ABLFL = Y; where the flag is never set, a visit named baseline.
/// - Where ANL01FL is ever `Y` for a parameter, only flagged records and baselines count.
/// - Records on or before the day of the subject's baseline that are not the baseline itself (screening) are left out.
///
/// ```text
/// change         = CHG,  otherwise AVAL - base            base = BASE, otherwise AVAL of the subject's baseline record
/// percent change = PCHG, otherwise 100 (AVAL - base) / base, none where the base is 0
/// ```
pub(super) fn derive_measurements(trial: &TrialData, roster: &Roster<'_>, settings: &Settings) -> BTreeMap<DatasetName, Measurements> {
    let mut asked: BTreeMap<DatasetName, Vec<&Endpoint>> = BTreeMap::new();
    let outcomes = settings.exposure_response.iter().map(|asked| &asked.endpoint);
    for endpoint in outcomes.chain(settings.dose_response.iter().map(|asked| &asked.endpoint)) {
        let numbered = matches!(endpoint.kind, EndpointKind::Ordinal | EndpointKind::Continuous);
        let name = DatasetName::of_stem(&endpoint.dataset).filter(|name| !READ_ELSEWHERE.contains(name));
        if let Some(name) = name.filter(|_| numbered && endpoint.parameter.is_some()) {
            asked.entry(name).or_default().push(endpoint);
        }
    }
    let read = |(name, endpoints): (DatasetName, Vec<&Endpoint>)| Some((name, measurements(trial.get(name)?, &endpoints, roster)));
    asked.into_iter().filter_map(read).collect()
}

fn measurements(dataset: &Dataset, endpoints: &[&Endpoint], roster: &Roster<'_>) -> Measurements {
    let columns = MeasurementColumns::new(dataset, endpoints);
    let mut codes: Vec<String> = endpoints.iter().filter_map(|endpoint| endpoint.parameter.as_deref()).map(normalised).collect();
    codes.sort();
    codes.dedup();
    let candidates: Vec<Candidate<'_>> =
        roster.records(dataset).into_iter().filter_map(|record| columns.candidate(record, &codes)).collect();
    let flagged: Vec<&String> = candidates.iter().filter(|it| it.analysed).map(|it| &it.code).collect();
    let counted: Vec<&Candidate<'_>> = candidates.iter().filter(|it| it.baseline || it.analysed || !flagged.contains(&&it.code)).collect();
    let mut baselines: Baselines<'_> = BTreeMap::new();
    for it in counted.iter().filter(|it| it.baseline) {
        let value = columns::number(columns.value.as_ref(), it.record.index);
        baselines.insert((it.record.position, it.code.as_str()), (it.day, value));
    }
    let records = counted.iter().filter_map(|it| columns.read(it, &baselines)).collect();
    Measurements { records, columns: columns.names() }
}

/// Day and value of the last baseline record by subject and parameter.
type Baselines<'a> = BTreeMap<(SubjectIndex, &'a str), (Option<i32>, Option<f64>)>;

/// A record of a parameter that is asked for, with what decides whether it counts.
struct Candidate<'a> {
    record: Record<'a>,
    code: String,
    baseline: bool,
    analysed: bool,
    day: Option<i32>,
}

#[derive(Debug)]
struct MeasurementColumns {
    code: Option<Column<String>>,
    label: Option<Column<String>>,
    unit: Option<Column<String>>,
    visit: Option<Column<String>>,
    record_type: Option<Column<String>>,
    analysed: Option<Column<String>>,
    baseline_flag: Option<Column<String>>,
    value: Option<Column<f64>>,
    base: Option<Column<f64>>,
    change: Option<Column<f64>>,
    percent_change: Option<Column<f64>>,
    date: Option<Column<Date>>,
    day: Option<Column<f64>>,
    /// Columns that conditions name, by the name in the project file.
    conditions: Vec<(String, Column<String>)>,
}

impl MeasurementColumns {
    fn new(dataset: &Dataset, endpoints: &[&Endpoint]) -> Self {
        let mut named: Vec<&String> = endpoints.iter().flat_map(|endpoint| endpoint.conditions.keys()).collect();
        named.sort();
        named.dedup();
        let condition = |name: &&String| Some(((*name).clone(), columns::texts(dataset, &[name.as_str()])?));
        Self {
            code: columns::texts(dataset, &["PARAMCD", "PPTESTCD"]),
            label: columns::texts(dataset, &["PARAM"]),
            unit: columns::texts(dataset, &["AVALU"]),
            visit: columns::texts(dataset, &["AVISIT", "VISIT"]),
            record_type: columns::texts(dataset, &["DTYPE"]),
            analysed: columns::texts(dataset, &["ANL01FL"]),
            baseline_flag: columns::texts(dataset, &["ABLFL"]),
            value: columns::numbers(dataset, &["AVAL"]),
            base: columns::numbers(dataset, &["BASE"]),
            change: columns::numbers(dataset, &["CHG"]),
            percent_change: columns::numbers(dataset, &["PCHG"]),
            date: columns::dates(dataset, &["ADT", "ADTM"]),
            day: columns::numbers(dataset, &["ADY"]),
            conditions: named.iter().filter_map(condition).collect(),
        }
    }

    fn names(&self) -> Vec<String> {
        let texts = [&self.code, &self.visit, &self.record_type, &self.analysed, &self.baseline_flag].map(columns::name);
        let numbers = [&self.value, &self.base, &self.change, &self.percent_change, &self.day].map(columns::name);
        let conditions = self.conditions.iter().map(|(_, column)| Some(column.name.clone()));
        texts.into_iter().chain(numbers).chain([columns::name(&self.date)]).chain(conditions).flatten().collect()
    }

    fn candidate<'a>(&self, record: Record<'a>, codes: &[String]) -> Option<Candidate<'a>> {
        let code = normalised(columns::value(self.code.as_ref(), record.index)?);
        if !codes.contains(&code) || columns::value(self.record_type.as_ref(), record.index).is_some() {
            return None;
        }
        let date = columns::date(self.date.as_ref(), record.index);
        Some(Candidate {
            code,
            baseline: self.is_baseline(record.index),
            analysed: is_yes(columns::value(self.analysed.as_ref(), record.index)),
            day: study_day(columns::number(self.day.as_ref(), record.index), date, record.subject.first_dose),
            record,
        })
    }

    fn is_baseline(&self, index: usize) -> bool {
        match &self.baseline_flag {
            Some(flag) => is_yes(flag.get(index)),
            None => columns::value(self.visit.as_ref(), index).is_some_and(|visit| normalised(visit) == "BASELINE"),
        }
    }

    /// The record; `None` for what precedes the baseline.
    fn read(&self, it: &Candidate<'_>, baselines: &Baselines<'_>) -> Option<Measurement> {
        let index = it.record.index;
        let (baseline_day, baseline_value) = baselines.get(&(it.record.position, it.code.as_str())).copied().unwrap_or((None, None));
        if !it.baseline && matches!((it.day, baseline_day), (Some(day), Some(baseline)) if day <= baseline) {
            return None;
        }
        let number = |column: &Option<Column<f64>>| columns::number(column.as_ref(), index);
        let value = number(&self.value);
        let base = number(&self.base).or(baseline_value);
        let change = number(&self.change).or_else(|| Some(value? - base?));
        let percent_change = number(&self.percent_change).or_else(|| {
            let base = base.filter(|base| base.abs() > 0.0)?;
            Some(100.0 * (value? - base) / base)
        });
        let text = |column: &Option<Column<String>>| columns::text(column.as_ref(), index);
        let conditions = self.conditions.iter().filter_map(|(name, column)| Some((name.clone(), column.get(index)?.clone())));
        Some(Measurement {
            row: it.record.row,
            subject: it.record.position,
            code: it.code.clone(),
            label: text(&self.label).unwrap_or_else(|| it.code.clone()),
            unit: text(&self.unit),
            visit: text(&self.visit),
            day: it.day,
            baseline: it.baseline,
            value,
            change,
            percent_change,
            conditions: conditions.collect(),
        })
    }
}
