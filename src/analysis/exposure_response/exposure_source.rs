//! Where the exposure of an analysis comes from: an imported table, a column or parameter beside the outcome, ADPP, or a column of ADSL.

use std::collections::BTreeMap;

use super::condition::RowConditions;
use super::endpoint_table::{OutcomeRecords, table_named};
use super::refusal::Refusal;
use crate::analysis::pk::{RecordKind, SubjectExposures, subject_exposures};
use crate::config::{ExposureBasis, ExposureResponse, Settings};
use crate::data::DatasetName;
use crate::derive::{AnalysisData, ImportedMetricValues, NamedColumn, PkParameter, SubjectIndex};
use crate::quantity::Date;

/// What holds the exposure.
#[derive(Debug, Clone, PartialEq)]
pub enum ExposureOrigin {
    /// Records of a parameter in ADPP.
    Parameters,
    /// Records of a parameter in a dataset of exposure and response.
    Records(DatasetName),
    /// A column of a dataset.
    Column(DatasetName),
    /// A table of a population analysis, by the position of its settings.
    Imported(usize),
}

/// Where the exposure comes from, how and when it was computed.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureSource {
    /// What holds it.
    pub origin: ExposureOrigin,
    /// Name of the dataset or table in slices.
    pub dataset: String,
    /// Filter of the records, in the names of the data; of ADPP only what the project file adds to the kind of record.
    pub filter: String,
    /// Columns that were read; of ADPP only those of added conditions.
    pub columns: Vec<String>,
    /// How and when it was computed.
    pub basis: ExposureBasis,
    /// Whether the project file says so; otherwise it is a guess.
    pub basis_stated: bool,
    /// Study day of the record by subject, where the data give one.
    pub days: BTreeMap<SubjectIndex, i32>,
}

/// Exposures of the subjects and where they come from.
#[derive(Debug, Clone)]
pub(super) struct Exposures {
    pub(super) metric: SubjectExposures,
    pub(super) source: ExposureSource,
}

/// Finds the exposure of an analysis, in the order that [`ExposureResponse`] documents.
pub(super) fn exposures(asked: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> Result<Exposures, Refusal> {
    let mut found = search(asked, data, settings)?;
    let unit = &mut found.metric.kind.unit;
    if unit.is_none() {
        unit.clone_from(&asked.exposure_unit);
    }
    if let Some(basis) = asked.basis {
        found.source.basis = basis;
        found.source.basis_stated = true;
    } else if !found.source.basis_stated {
        let RecordKind { visit, category, .. } = &found.metric.kind;
        found.source.basis = ExposureBasis::guess(&asked.exposure, visit.as_deref(), category.as_deref());
    }
    Ok(found)
}

fn search(asked: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> Result<Exposures, Refusal> {
    if asked.exposure_dataset.is_none()
        && let Some(found) = imported(asked, data, settings)
    {
        return Ok(found);
    }
    if let Some(id) = &asked.exposure_import {
        return Err(Refusal::NoExposureIn { searched: format!("the imported table {id}"), code: asked.exposure.clone() });
    }
    let named = asked.exposure_dataset.as_deref();
    let places: Vec<DatasetName> = match named {
        Some(name) => vec![
            DatasetName::of_stem(name)
                .filter(|name| SEARCHED.contains(name))
                .ok_or_else(|| Refusal::ExposureDataset { dataset: name.to_uppercase() })?,
        ],
        None => table_named(&asked.endpoint.dataset).into_iter().chain(SEARCHED).collect(),
    };
    for name in &places {
        let found = match name {
            DatasetName::Adpp => parameters(asked, data, settings)?,
            _ => beside(asked, *name, data)?,
        };
        if let Some(found) = found {
            return Ok(found);
        }
    }
    let present = |name: &DatasetName| match name {
        DatasetName::Adpp => data.pk_parameters.is_some(),
        _ => data.named_tables.contains_key(name),
    };
    let mut searched: Vec<&str> = SEARCHED.iter().filter(|name| places.contains(name) && present(name)).map(|name| name.label()).collect();
    // A dataset that is there in every trial is no place to name where nothing else is.
    if named.is_none() && searched == ["ADSL"] {
        return Err(Refusal::Absent { dataset: "ADPP".to_owned() });
    }
    match (searched.pop(), searched.is_empty()) {
        (None, _) => Err(Refusal::Absent { dataset: named.unwrap_or("adpp").to_uppercase() }),
        (Some("ADPP"), true) => Err(Refusal::NoExposure { code: asked.exposure.clone() }),
        (Some(last), true) => Err(Refusal::NoExposureIn { searched: last.to_owned(), code: asked.exposure.clone() }),
        (Some("ADSL"), false) if searched == ["ADPP"] => Err(Refusal::NoExposure { code: asked.exposure.clone() }),
        (Some(last), false) => {
            Err(Refusal::NoExposureIn { searched: format!("{} or {last}", searched.join(", ")), code: asked.exposure.clone() })
        }
    }
}

/// Datasets that may hold an exposure, in the order of the search.
const SEARCHED: [DatasetName; 5] = [DatasetName::Ader, DatasetName::Adee, DatasetName::Ades, DatasetName::Adpp, DatasetName::Adsl];

/// The metric in an imported table: in the one that is named, otherwise in the first that has it.
fn imported(asked: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> Option<Exposures> {
    let wanted = |values: &&ImportedMetricValues| {
        values.code.eq_ignore_ascii_case(&asked.exposure)
            && asked.exposure_import.as_ref().is_none_or(|id| *id == values.table)
            && !values.values.is_empty()
    };
    let found = data.imported_exposures.iter().find(wanted)?;
    let place = settings.pk.imported_exposures.iter().position(|table| table.id == found.table)?;
    let table = settings.pk.imported_exposures.get(place)?;
    let written = table.metrics.get(&found.code)?;
    let stated = written.basis.or(table.basis);
    Some(Exposures {
        metric: SubjectExposures {
            label: written.label.clone().unwrap_or_else(|| found.code.clone()),
            kind: RecordKind { category: None, specimen: None, visit: None, unit: written.unit.clone() },
            values: found.values.clone(),
            other_records: 0,
            excluded_records: 0,
            repeated_records: 0,
        },
        source: ExposureSource {
            origin: ExposureOrigin::Imported(place),
            dataset: found.dataset.clone(),
            filter: "all rows".to_owned(),
            columns: vec![found.subject_column.clone(), found.column.clone()],
            basis: stated.unwrap_or(ExposureBasis::NotStated),
            basis_stated: stated.is_some(),
            days: BTreeMap::new(),
        },
    })
}

/// The parameter of ADPP.
fn parameters(asked: &ExposureResponse, data: &AnalysisData, settings: &Settings) -> Result<Option<Exposures>, Refusal> {
    let Some(all) = data.pk_parameters.as_ref() else { return Ok(None) };
    if !all.iter().any(|record| record.code == asked.exposure) {
        return Ok(None);
    }
    let conditions = RowConditions::new(&asked.exposure_where, DatasetName::Adpp, data)?;
    let kept: Vec<PkParameter>;
    let records = if asked.exposure_where.is_empty() {
        all.as_slice()
    } else {
        kept = all.iter().filter(|record| conditions.hold(record.row)).cloned().collect();
        kept.as_slice()
    };
    let found = subject_exposures(&asked.exposure, asked.analyte.as_deref(), records, settings);
    Ok(found.map(|metric| Exposures {
        source: ExposureSource {
            origin: ExposureOrigin::Parameters,
            dataset: DatasetName::Adpp.label().to_owned(),
            filter: conditions.filter(""),
            columns: conditions.columns().collect(),
            basis: ExposureBasis::NotStated,
            basis_stated: false,
            days: days(&metric.values, DatasetName::Adpp, data),
        },
        metric,
    }))
}

/// The exposure in a dataset of exposure and response or in ADSL: a column of that name, or the records of a parameter.
fn beside(asked: &ExposureResponse, name: DatasetName, data: &AnalysisData) -> Result<Option<Exposures>, Refusal> {
    let Some(table) = data.named_tables.get(&name) else { return Ok(None) };
    let code = asked.exposure.as_str();
    let column = table.column(code).filter(|column| !column.numbers.is_empty());
    let holds_code = |codes: &NamedColumn| codes.texts.iter().flatten().any(|text| text.eq_ignore_ascii_case(code));
    let parameter = table.column("PARAMCD").filter(|codes| column.is_none() && holds_code(codes)).zip(table.column("AVAL"));
    if column.is_none() && parameter.is_none() {
        return Ok(None);
    }
    let conditions = RowConditions::new(&asked.exposure_where, name, data)?;
    // Beside its own outcome the exposure is that of the outcome's records: an average up to the event differs between events.
    let own: Option<Vec<(u32, SubjectIndex)>> = if column.is_some() && table_named(&asked.endpoint.dataset) == Some(name) {
        Some(OutcomeRecords::new(&asked.endpoint, name, data)?.rows().collect())
    } else {
        None
    };
    let records = own.as_ref().unwrap_or(&table.records);
    let (value, parameters) = match (column, parameter) {
        (Some(column), _) => (column, None),
        (None, Some((parameters, value))) => (value, Some(parameters)),
        (None, None) => return Ok(None),
    };
    let kept = records.iter().copied().filter(|(row, _)| {
        conditions.hold(*row) && parameters.is_none_or(|codes| codes.text(*row).is_some_and(|text| text.eq_ignore_ascii_case(code)))
    });
    // ADSL has one row per subject; of a dataset that stands for it the first row counts.
    let values = one_each(kept, value, name == DatasetName::Adsl).map_err(|subjects| Refusal::ExposureVaries {
        dataset: name.label().to_owned(),
        code: code.to_owned(),
        subjects,
    })?;
    let Some(first) = values.values().map(|(row, _)| *row).min() else { return Ok(None) };
    let text = |name: &str| table.column(name).and_then(|column| column.text(first)).map(str::to_owned);
    let label = if parameters.is_some() { text("PARAM") } else { value.label.clone() };
    let (label, unit_in_label) = unit_of(label.as_deref().unwrap_or(code));
    let unit = if parameters.is_some() { text("AVALU").or(unit_in_label) } else { unit_in_label };
    let columns = ["USUBJID".to_owned()].into_iter().chain(parameters.map(|column| column.name.clone()));
    let filter = parameters.map(|column| format!("{} = {code}", column.name)).unwrap_or_default();
    let filter = conditions.filter(&filter);
    Ok(Some(Exposures {
        source: ExposureSource {
            origin: if parameters.is_some() { ExposureOrigin::Records(name) } else { ExposureOrigin::Column(name) },
            dataset: name.label().to_owned(),
            filter: if filter.is_empty() { format!("{} of each subject", value.name) } else { filter },
            columns: columns.chain(conditions.columns()).chain([value.name.clone()]).collect(),
            basis: ExposureBasis::NotStated,
            basis_stated: false,
            days: if parameters.is_some() { days(&values, name, data) } else { BTreeMap::new() },
        },
        metric: SubjectExposures {
            label,
            kind: RecordKind { category: None, specimen: None, visit: None, unit },
            values,
            other_records: 0,
            excluded_records: 0,
            repeated_records: 0,
        },
    }))
}

/// Row and value of each subject, where all rows of a subject agree or the first counts; otherwise the number of subjects whose rows differ.
fn one_each(
    records: impl Iterator<Item = (u32, SubjectIndex)>,
    column: &NamedColumn,
    first_counts: bool,
) -> Result<BTreeMap<SubjectIndex, (u32, f64)>, usize> {
    let mut values: BTreeMap<SubjectIndex, (u32, f64)> = BTreeMap::new();
    let mut differing: Vec<SubjectIndex> = Vec::new();
    for (row, subject) in records {
        let Some(value) = column.number(row) else { continue };
        let held = values.entry(subject).or_insert((row, value)).1;
        if !first_counts && (held - value).abs() > 1e-9 * held.abs().max(value.abs()) && !differing.contains(&subject) {
            differing.push(subject);
        }
    }
    if differing.is_empty() { Ok(values) } else { Err(differing.len()) }
}

/// A label without the unit in the brackets that end it, and the unit: `AUC at steady state (ng*h/mL)`.
fn unit_of(label: &str) -> (String, Option<String>) {
    let label = label.trim();
    let parts = label.strip_suffix(')').and_then(|inner| inner.rsplit_once('('));
    match parts {
        Some((name, unit)) if !name.trim().is_empty() && !unit.trim().is_empty() => (name.trim().to_owned(), Some(unit.trim().to_owned())),
        _ => (label.to_owned(), None),
    }
}

/// Study day of each record: its day column, otherwise its date counted from the first dose.
fn days(values: &BTreeMap<SubjectIndex, (u32, f64)>, name: DatasetName, data: &AnalysisData) -> BTreeMap<SubjectIndex, i32> {
    let Some(table) = data.named_tables.get(&name) else { return BTreeMap::new() };
    let (day, date) = (table.column("ADY"), table.column("ADT"));
    let of = |subject: SubjectIndex, row: u32| {
        #[expect(clippy::cast_possible_truncation, reason = "a study day; the cast saturates")]
        let given = day.and_then(|column| column.number(row)).map(|day| day as i32);
        given.or_else(|| {
            let date: Date = date?.text(row)?.get(..10)?.parse().ok()?;
            Some(date.study_day(data.subjects.get(subject.0)?.first_dose?))
        })
    };
    values.iter().filter_map(|(subject, (row, _))| Some((*subject, of(*subject, *row)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(numbers: &[f64]) -> NamedColumn {
        NamedColumn { numbers: numbers.iter().copied().map(Some).collect(), ..NamedColumn::default() }
    }

    #[test]
    fn rows_of_a_subject_have_to_agree_except_in_adsl() {
        let records = || [(1, SubjectIndex(0)), (2, SubjectIndex(0)), (3, SubjectIndex(1))].into_iter();
        assert_eq!(one_each(records(), &column(&[5.0, 5.0, 7.0]), false).unwrap()[&SubjectIndex(0)], (1, 5.0));
        assert_eq!(one_each(records(), &column(&[5.0, 6.0, 7.0]), false), Err(1));
        assert_eq!(one_each(records(), &column(&[5.0, 6.0, 7.0]), true).unwrap()[&SubjectIndex(0)], (1, 5.0));
    }

    #[test]
    fn a_unit_ends_a_label_in_brackets() {
        assert_eq!(unit_of("AUC at steady state (ng*h/mL)"), ("AUC at steady state".into(), Some("ng*h/mL".into())));
        assert_eq!(unit_of("AUCSS"), ("AUCSS".into(), None));
        assert_eq!(unit_of("(x)"), ("(x)".into(), None));
    }
}
