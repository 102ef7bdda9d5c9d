//! ADEX read as stretches of constant dosing, whichever way it is laid out.
//!
//! Two layouts are understood. In the first every record is a stretch and carries its doses (`EXDOSE` taken, `EXPDOSE` or `EXPLDOS`
//! planned). In the second (ADaM basic data structure) one stretch is several records, one for each of the parameters `DOSE`, `PLDOSE`,
//! `NDOSE`, `DURD`, `ADJ`, `ADJAE`: they are joined, so that a dose counts once.

use std::collections::BTreeMap;

use super::columns::{self, Column};
use super::records::SubjectIndex;
use super::roster::{Record, Roster, study_day};
use super::words::{is_yes, normalised};
use crate::data::Dataset;
use crate::quantity::Date;

/// A stretch of constant dosing as recorded; what the data do not say is `None`.
#[derive(Debug, Clone)]
pub(super) struct DosingRecord<'a> {
    /// Where it is recorded, and who took it.
    pub(super) record: Record<'a>,
    /// Drug.
    pub(super) drug: Option<String>,
    /// First study day.
    pub(super) start_day: Option<i32>,
    /// Last study day.
    pub(super) end_day: Option<i32>,
    /// Dose at each administration.
    pub(super) dose: Option<f64>,
    /// Dose in the whole stretch, where the data give that instead.
    pub(super) total_dose: Option<f64>,
    /// Planned dose at each administration.
    pub(super) planned: Option<f64>,
    /// Planned dose in the whole stretch.
    pub(super) total_planned: Option<f64>,
    /// Number of administrations in the stretch.
    pub(super) administrations: Option<f64>,
    /// Frequency, as in the data.
    pub(super) frequency: Option<String>,
    /// Unit of the dose.
    pub(super) unit: Option<String>,
    /// Reason for a change.
    pub(super) reason: Option<String>,
    /// Whether a change was because of an adverse event.
    pub(super) for_adverse_event: bool,
}

/// The stretches of a dataset.
#[derive(Debug)]
pub(super) struct DosingRecords<'a> {
    /// In the order of the dataset.
    pub(super) records: Vec<DosingRecord<'a>>,
    /// Columns that were read.
    pub(super) columns: Vec<String>,
    /// Whether the data say why doses were changed.
    pub(super) reasons_recorded: bool,
}

#[derive(Debug)]
struct ExposureColumns {
    parameter: Option<Column<String>>,
    category: Option<Column<String>>,
    drug: Option<Column<String>>,
    value: Option<Column<f64>>,
    value_text: Option<Column<String>>,
    value_unit: Option<Column<String>>,
    dose: Option<Column<f64>>,
    planned: Option<Column<f64>>,
    unit: Option<Column<String>>,
    frequency: Option<Column<String>>,
    reason: Option<Column<String>>,
    start: Option<Column<Date>>,
    end: Option<Column<Date>>,
    start_day: Option<Column<f64>>,
    end_day: Option<Column<f64>>,
}

impl ExposureColumns {
    fn new(adex: &Dataset) -> Self {
        Self {
            parameter: columns::texts(adex, &["PARAMCD"]),
            category: columns::texts(adex, &["PARCAT1"]),
            drug: columns::texts(adex, &["EXTRT", "PARCAT2"]),
            value: columns::numbers(adex, &["AVAL"]),
            value_text: columns::texts(adex, &["AVALC"]),
            value_unit: columns::texts(adex, &["AVALU"]),
            dose: columns::numbers(adex, &["EXDOSE"]),
            planned: columns::numbers(adex, &["EXPDOSE", "EXPLDOS", "EXPLDOSE"]),
            unit: columns::texts(adex, &["EXDOSU"]),
            frequency: columns::texts(adex, &["EXDOSFRQ"]),
            reason: columns::texts(adex, &["EXADJ"]),
            start: columns::dates(adex, &["ASTDT", "ASTDTM", "EXSTDT", "EXSTDTC"]),
            end: columns::dates(adex, &["AENDT", "AENDTM", "EXENDT", "EXENDTC"]),
            start_day: columns::numbers(adex, &["ASTDY", "EXSTDY"]),
            end_day: columns::numbers(adex, &["AENDY", "EXENDY"]),
        }
    }

    /// Names of the columns that were read, in the order of reading.
    fn names(&self) -> Vec<String> {
        let texts = [&self.parameter, &self.category, &self.drug, &self.value_text, &self.unit, &self.frequency, &self.reason];
        let numbers = [&self.value, &self.dose, &self.planned, &self.start_day, &self.end_day];
        let dates = [&self.start, &self.end];
        let texts = texts.into_iter().flatten().map(|column| column.name.clone());
        let numbers = numbers.into_iter().flatten().map(|column| column.name.clone());
        texts.chain(numbers).chain(dates.into_iter().flatten().map(|column| column.name.clone())).collect()
    }

    /// What a record says by itself.
    fn read<'a>(&self, record: Record<'a>) -> DosingRecord<'a> {
        let index = record.index;
        let text = |column: &Option<Column<String>>| columns::text(column.as_ref(), index);
        let day = |day: &Option<Column<f64>>, date: &Option<Column<Date>>| {
            study_day(columns::number(day.as_ref(), index), columns::date(date.as_ref(), index), record.subject.first_dose)
        };
        let reason = text(&self.reason);
        DosingRecord {
            drug: text(&self.drug),
            start_day: day(&self.start_day, &self.start),
            end_day: day(&self.end_day, &self.end),
            dose: columns::number(self.dose.as_ref(), index),
            total_dose: None,
            planned: columns::number(self.planned.as_ref(), index),
            total_planned: None,
            administrations: None,
            frequency: text(&self.frequency),
            unit: text(&self.unit),
            for_adverse_event: reason.as_deref().is_some_and(names_adverse_event),
            reason,
            record,
        }
    }
}

/// Whether a reason for a change of dose is an adverse event.
fn names_adverse_event(reason: &str) -> bool {
    let reason = normalised(reason);
    reason == "AE" || reason.contains("ADVERSE EVENT") || reason.contains("TOXICITY")
}

/// A parameter of one stretch in the basic data structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum StretchParameter {
    Dose,
    PlannedDose,
    Administrations,
    Days,
    Adjusted,
    AdjustedForAdverseEvent,
}

fn parse_parameter(code: &str) -> Option<StretchParameter> {
    match normalised(code).as_str() {
        "DOSE" => Some(StretchParameter::Dose),
        "PLDOSE" => Some(StretchParameter::PlannedDose),
        "NDOSE" => Some(StretchParameter::Administrations),
        "DURD" => Some(StretchParameter::Days),
        "ADJ" => Some(StretchParameter::Adjusted),
        "ADJAE" => Some(StretchParameter::AdjustedForAdverseEvent),
        _ => None,
    }
}

/// Reads ADEX; empty where it holds only summaries.
pub(super) fn read_dosing_records<'a>(adex: &Dataset, roster: &Roster<'a>) -> DosingRecords<'a> {
    let columns = ExposureColumns::new(adex);
    let records = roster.records(adex);
    let joined = if columns.parameter.is_some() {
        join_parameters(&columns, records)
    } else if columns.dose.is_some() {
        records.into_iter().map(|record| columns.read(record)).collect()
    } else {
        Vec::new()
    };
    let reasons_recorded = columns.reason.is_some() || joined.iter().any(|record| record.for_adverse_event);
    DosingRecords { records: joined, columns: columns.names(), reasons_recorded }
}

/// What records of one stretch have in common: subject, drug, start, end, and which of several equal ones it is.
type Stretch = (SubjectIndex, Option<String>, Option<i32>, Option<i32>, usize);

/// Joins the parameters of the basic data structure.
///
/// Records of one subject and drug with the same first and last day are one stretch; when a parameter stands there several times, its n-th
/// record goes with the n-th of the others. EXSEQ is not used: some datasets number every record with it. The record of `DOSE` stands for
/// the stretch.
fn join_parameters<'a>(columns: &ExposureColumns, records: Vec<Record<'a>>) -> Vec<DosingRecord<'a>> {
    let mut counts: BTreeMap<(StretchParameter, Stretch), usize> = BTreeMap::new();
    let mut stretches: BTreeMap<Stretch, DosingRecord<'a>> = BTreeMap::new();
    let mut others: Vec<(Stretch, StretchParameter, usize)> = Vec::new();
    for record in records {
        let Some(parameter) = individual_parameter(columns, record.index) else { continue };
        let read = columns.read(record);
        let mut key: Stretch = (record.position, read.drug.clone(), read.start_day, read.end_day, 0);
        let count = counts.entry((parameter, key.clone())).or_insert(0);
        key.4 = *count;
        *count += 1;
        if parameter == StretchParameter::Dose {
            let total_dose = columns::number(columns.value.as_ref(), record.index);
            let unit = read.unit.clone().or_else(|| columns::text(columns.value_unit.as_ref(), record.index));
            stretches.insert(key, DosingRecord { total_dose, unit, ..read });
        } else {
            others.push((key, parameter, record.index));
        }
    }
    for (key, parameter, index) in others {
        if let Some(stretch) = stretches.get_mut(&key) {
            add_parameter(stretch, parameter, columns, index);
        }
    }
    let mut joined: Vec<DosingRecord<'a>> = stretches.into_values().collect();
    joined.sort_by_key(|record| record.record.row);
    joined
}

fn individual_parameter(columns: &ExposureColumns, index: usize) -> Option<StretchParameter> {
    let individual = columns::value(columns.category.as_ref(), index).is_none_or(|category| normalised(category) == "INDIVIDUAL");
    parse_parameter(columns::value(columns.parameter.as_ref(), index)?).filter(|_| individual)
}

fn add_parameter(stretch: &mut DosingRecord<'_>, parameter: StretchParameter, columns: &ExposureColumns, index: usize) {
    let value = columns::number(columns.value.as_ref(), index);
    let text = columns::value(columns.value_text.as_ref(), index);
    match parameter {
        StretchParameter::Dose => {}
        StretchParameter::PlannedDose => stretch.total_planned = value,
        StretchParameter::Administrations => stretch.administrations = value,
        StretchParameter::Days => {
            #[expect(clippy::cast_possible_truncation, reason = "a number of days; the cast saturates")]
            let last = stretch.start_day.zip(value).map(|(start, days)| start.saturating_add(days as i32 - 1));
            stretch.end_day = stretch.end_day.or(last);
        }
        StretchParameter::Adjusted => {
            let reason = text.filter(|text| !matches!(normalised(text).as_str(), "Y" | "N"));
            stretch.reason = stretch.reason.take().or_else(|| reason.cloned());
            stretch.for_adverse_event |= reason.is_some_and(|reason| names_adverse_event(reason));
        }
        StretchParameter::AdjustedForAdverseEvent => stretch.for_adverse_event |= is_yes(text),
    }
}
