//! Exposures that are not parameters of ADPP, outcomes beside them, and every column that the project file names for exposure-response.
//!
//! A [`NamedTable`] holds the columns of one dataset that an analysis of exposure and response asks for, as texts and as numbers, row by row. Of ADER, ADEE
//! and ADES these are the customary columns too; of the other datasets only what the project file names, so that a condition on any column can be
//! applied to records that were derived elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::records::SubjectIndex;
use super::roster::Roster;
use crate::config::Settings;
use crate::data::{Dataset, DatasetName, ImportedTable, TrialData};

/// A column of a dataset.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NamedColumn {
    /// Name in the data.
    pub name: String,
    /// Label that the data give it.
    pub label: Option<String>,
    /// Cells as text, by 0-based row.
    pub texts: Vec<Option<String>>,
    /// Cells as numbers, by 0-based row; empty where none is a number.
    pub numbers: Vec<Option<f64>>,
}

impl NamedColumn {
    /// The text of a 1-based row.
    #[must_use]
    pub fn text(&self, row: u32) -> Option<&str> {
        self.texts.get(usize::try_from(row).ok()?.checked_sub(1)?)?.as_deref()
    }

    /// The number of a 1-based row.
    #[must_use]
    pub fn number(&self, row: u32) -> Option<f64> {
        *self.numbers.get(usize::try_from(row).ok()?.checked_sub(1)?)?
    }
}

/// The columns of one dataset that analyses of exposure and response ask for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NamedTable {
    /// 1-based row and subject of every record of a known subject, in the order of the dataset.
    pub records: Vec<(u32, SubjectIndex)>,
    /// Columns by their name in capitals.
    pub columns: BTreeMap<String, NamedColumn>,
}

impl NamedTable {
    /// The column of this name, whatever its case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&NamedColumn> {
        self.columns.get(&name.to_uppercase())
    }
}

/// A table of a population analysis, its values by subject.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedMetricValues {
    /// Id of the table.
    pub table: String,
    /// Name of the table among the datasets.
    pub dataset: String,
    /// Code of the metric.
    pub code: String,
    /// Column of the table.
    pub column: String,
    /// Column that identifies the subject.
    pub subject_column: String,
    /// 1-based row of the table and value.
    pub values: BTreeMap<SubjectIndex, (u32, f64)>,
}

/// Columns that ADER, ADEE and ADES customarily have for outcomes and their times.
const CUSTOMARY: [&str; 15] = [
    "PARAMCD", "PARAM", "AVAL", "AVALC", "AVALU", "CHG", "PCHG", "CNSR", "AETOXGR", "ATOXGR", "ATOXGRN", "ADY", "AVISIT", "STARTDT", "ADT",
];

/// Reads the columns that the project file names, by dataset.
pub(super) fn derive_named_tables(trial: &TrialData, roster: &Roster<'_>, settings: &Settings) -> BTreeMap<DatasetName, NamedTable> {
    let mut wanted: BTreeMap<DatasetName, BTreeSet<String>> = BTreeMap::new();
    let endpoints =
        settings.exposure_response.iter().map(|asked| &asked.endpoint).chain(settings.dose_response.iter().map(|asked| &asked.endpoint));
    for endpoint in endpoints {
        if let Some(name) = DatasetName::of_stem(&endpoint.dataset) {
            let columns = wanted.entry(name).or_default();
            columns.extend(endpoint.conditions.keys().map(|column| column.to_uppercase()));
            columns.extend(endpoint.column.iter().map(|column| column.to_uppercase()));
        }
    }
    for asked in &settings.exposure_response {
        let named = asked.exposure_dataset.as_deref().and_then(DatasetName::of_stem);
        let searched = [DatasetName::Ader, DatasetName::Adee, DatasetName::Ades, DatasetName::Adpp, DatasetName::Adsl];
        for name in searched.into_iter().filter(|name| named.is_none_or(|named| named == *name)) {
            let columns = wanted.entry(name).or_default();
            columns.extend(asked.exposure_where.keys().map(|column| column.to_uppercase()));
            // A parameter of ADPP is a record; elsewhere the exposure may be a column.
            match name {
                DatasetName::Adpp => columns.extend(["ADY", "ADT"].map(str::to_owned)),
                _ => columns.extend([asked.exposure.to_uppercase()]),
            }
        }
    }
    for name in DatasetName::EXPOSURE_RESPONSE {
        wanted.entry(name).or_default().extend(CUSTOMARY.map(str::to_owned));
    }
    let read = |(name, columns): (DatasetName, BTreeSet<String>)| Some((name, table(trial.get(name)?, roster, &columns)));
    wanted.into_iter().filter_map(read).collect()
}

fn table(dataset: &Dataset, roster: &Roster<'_>, wanted: &BTreeSet<String>) -> NamedTable {
    let records = roster.records(dataset).iter().map(|record| (record.row, record.position)).collect();
    let columns = wanted.iter().filter_map(|name| Some((name.clone(), column(dataset, name)?))).collect();
    NamedTable { records, columns }
}

/// A column under the name that the project file uses; one that holds nothing is none.
fn column(dataset: &Dataset, wanted: &str) -> Option<NamedColumn> {
    let texts = dataset.texts(wanted)?;
    if texts.iter().all(Option::is_none) {
        return None;
    }
    let numbers = dataset.numbers(wanted).filter(|numbers| numbers.iter().any(Option::is_some)).unwrap_or_default();
    Some(NamedColumn { name: dataset.column(wanted)?, label: dataset.label(wanted), texts, numbers })
}

/// The values of imported tables, by subject.
pub(super) fn derive_imported(tables: &[ImportedTable], roster: &Roster<'_>) -> Vec<ImportedMetricValues> {
    let of_table = |table: &ImportedTable| -> Vec<ImportedMetricValues> {
        let of_metric = |exposure: &crate::data::ImportedExposure| ImportedMetricValues {
            table: table.id.clone(),
            dataset: table.dataset.clone(),
            code: exposure.code.clone(),
            column: exposure.column.clone(),
            subject_column: table.subject_column.clone(),
            values: exposure.values.iter().filter_map(|(subject, value)| Some((roster.find(subject)?, *value))).collect(),
        };
        table.exposures.iter().map(of_metric).collect()
    };
    tables.iter().flat_map(of_table).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ColumnValues;

    #[test]
    fn a_column_is_known_by_any_case_and_by_rows_from_one() {
        let text = |values: &[&str]| ColumnValues::Text(values.iter().map(|value| Some((*value).to_owned())).collect());
        let dataset = Dataset::from_columns(
            DatasetName::Ader,
            vec![("USUBJID".into(), text(&["A", "B"])), ("AUCss".into(), text(&["12.5", " "])), ("EMPTY".into(), text(&[" ", ""]))],
        );
        let found = table(&dataset, &Roster::new(&[]), &["AUCSS".to_owned(), "EMPTY".to_owned()].into_iter().collect());
        let exposure = found.column("aucss").unwrap();
        assert_eq!((exposure.name.as_str(), exposure.number(1), exposure.number(2)), ("AUCss", Some(12.5), None));
        assert_eq!((exposure.text(1), exposure.text(0), exposure.number(9)), (Some("12.5"), None, None));
        assert!(found.column("EMPTY").is_none() && found.records.is_empty());
    }
}
