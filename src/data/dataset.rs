//! A dataset as the analyses see it: columns by their standard names, cells as values.

use std::collections::BTreeMap;
use std::path::PathBuf;

use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series, TimeUnit};

use super::coerce::{self, DateCell, NumberCell};
use super::column::{self, ColumnKind};
use super::decision_log::DecisionLog;
use super::exposure_import::ImportedTable;
use super::name::DatasetName;
use crate::quantity::Date;

/// Values of a column, for datasets that are made in memory.
#[derive(Debug, Clone)]
pub enum ColumnValues {
    /// Texts.
    Text(Vec<Option<String>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
    /// Dates.
    Date(Vec<Option<Date>>),
}

/// One file's share of the rows of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// Stem of the file, lower case, or the name that the project file gives it, for example `adqspro`.
    pub(super) stem: String,
    /// Its number of rows.
    pub(super) rows: usize,
}

/// A text column as positions in the list of its different texts.
#[derive(Debug, Clone)]
pub(super) struct Coded {
    /// Position in `levels` of every row; `None` where the cell is blank.
    pub(super) codes: Vec<Option<u32>>,
    /// The different texts, in order of appearance.
    pub(super) levels: Vec<String>,
}

impl Coded {
    /// The text of a row.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        let code = (*self.codes.get(row)?)?;
        self.levels.get(code as usize).map(String::as_str)
    }

    /// Whether every row holds the same text.
    pub(super) fn is_constant(&self) -> bool {
        self.levels.len() == 1 && self.codes.iter().all(Option::is_some)
    }

    /// The value that `of` gives for the text of every row; computed once for every different text.
    pub(super) fn map<T: Copy>(&self, of: impl Fn(&str) -> T) -> Vec<Option<T>> {
        let values: Vec<T> = self.levels.iter().map(|level| of(level)).collect();
        self.codes.iter().map(|code| code.and_then(|code| values.get(code as usize).copied())).collect()
    }
}

/// A dataset: the rows of one or more files under one standard name.
#[derive(Debug, Clone)]
pub struct Dataset {
    name: DatasetName,
    frame: DataFrame,
    labels: BTreeMap<String, String>,
    mapped: BTreeMap<&'static str, String>,
    missing_codes: Vec<String>,
    segments: Vec<Segment>,
}

impl Dataset {
    /// A dataset of a frame. `mapped` gives the actual names of the standard columns that the project file renames.
    pub(super) fn new(name: DatasetName, frame: DataFrame, segments: Vec<Segment>, missing_codes: Vec<String>) -> Self {
        Self { name, frame, labels: BTreeMap::new(), mapped: BTreeMap::new(), missing_codes, segments }
    }

    /// The same with labels of its variables, by actual column name.
    pub(super) fn with_labels(mut self, labels: BTreeMap<String, String>) -> Self {
        self.labels = labels;
        self
    }

    /// The same with actual names of standard columns.
    pub(super) fn with_mapped(mut self, mapped: BTreeMap<&'static str, String>) -> Self {
        self.mapped = mapped;
        self
    }

    /// A dataset made in memory, for tests and examples. Columns of unequal length are cut to the shortest.
    #[must_use]
    pub fn from_columns(name: DatasetName, columns: Vec<(String, ColumnValues)>) -> Self {
        let height = columns.iter().map(|(_, values)| values.len()).min().unwrap_or(0);
        let mut made: Vec<Column> = Vec::new();
        for (column, values) in columns {
            if made.iter().all(|other| other.name().as_str() != column) {
                made.push(values.into_column(&column).head(Some(height)));
            }
        }
        let frame = DataFrame::new(height, made).unwrap_or_else(|_| DataFrame::empty());
        let segments = vec![Segment { stem: name.id().to_owned(), rows: height }];
        Self::new(name, frame, segments, coerce::CUSTOMARY_MISSING.map(str::to_owned).to_vec())
    }

    /// Its standard name.
    #[must_use]
    pub fn name(&self) -> DatasetName {
        self.name
    }

    /// Number of data rows. Position `i` here is row `i + 1` wherever users see it.
    #[must_use]
    pub fn height(&self) -> usize {
        self.frame.height()
    }

    /// Actual column names in file order.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.frame.columns().iter().map(|column| column.name().to_string()).collect()
    }

    /// The column that the standard name `name` means here: what the project file says, then the column of this name whatever its case,
    /// then, for a date `…DT`, the date-time `…DTM`. `None` when there is none.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<String> {
        self.find(name).map(|column| column.name().to_string())
    }

    /// Whether there is a column of this standard name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The texts of a column, without blanks at their ends; blank cells are `None`, numbers are printed without a trailing `.0`, dates as
    /// `YYYY-MM-DD`. [`column::SOURCE`] gives the file stem of every row.
    #[must_use]
    pub fn texts(&self, name: &str) -> Option<Vec<Option<String>>> {
        if name == column::SOURCE {
            let stems = self.segments.iter().flat_map(|segment| std::iter::repeat_n(Some(segment.stem.clone()), segment.rows));
            return Some(stems.collect());
        }
        let column = self.find(name)?;
        let Ok(texts) = column.str() else {
            return Some(printed(column));
        };
        Some(texts.iter().map(|text| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)).collect())
    }

    /// The numbers of a column. Text that is not a finite number is `None`; [`super::read_trial`] has reported it.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Option<Vec<Option<f64>>> {
        let column = self.find(name)?;
        if let Ok(texts) = column.str() {
            let read = if self.kind_of(column.name()) == ColumnKind::Grade { coerce::grade } else { coerce::number };
            let value = |text: &str| match read(text, &self.missing_codes) {
                NumberCell::Number(number) => Some(number),
                _ => None,
            };
            return Some(texts.iter().map(|text| text.and_then(value)).collect());
        }
        let numbers = column.cast(&DataType::Float64).ok()?;
        let numbers = numbers.f64().ok()?;
        let codes = coerce::numeric_codes(&self.missing_codes);
        let is_value = |number: &f64| number.is_finite() && !coerce::is_numeric_code(*number, &codes);
        Some(numbers.iter().map(|number| number.filter(is_value)).collect())
    }

    /// The dates of a column: dates, the date part of date-times, and text that begins with a complete ISO 8601 date or is a date as SAS
    /// prints it (`01MAR2024`). Anything else is `None`; [`super::read_trial`] has reported it.
    #[must_use]
    pub fn dates(&self, name: &str) -> Option<Vec<Option<Date>>> {
        let column = self.find(name)?;
        if let Ok(texts) = column.str() {
            let mut last: (Option<&str>, Option<Date>) = (None, None);
            let dates = texts.iter().map(|text| {
                if text != last.0 {
                    let date = text.and_then(|text| match coerce::date(text, &self.missing_codes) {
                        DateCell::Date(date) => Some(date),
                        _ => None,
                    });
                    last = (text, date);
                }
                last.1
            });
            return Some(dates.collect());
        }
        Some(days_since_1970(column)?.into_iter().map(|day| day.and_then(Date::from_days_since_1970)).collect())
    }

    /// The label that the file gives a column; one that only repeats the column's name is none.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<String> {
        let actual = self.find(name)?.name().as_str();
        self.labels.get(actual).filter(|label| !label.trim().is_empty() && !label.trim().eq_ignore_ascii_case(actual)).cloned()
    }

    /// The column behind a standard name.
    pub(super) fn find(&self, name: &str) -> Option<&Column> {
        let upper = name.to_ascii_uppercase();
        if let Some(actual) = self.mapped.get(upper.as_str()) {
            return self.frame.column(actual).ok();
        }
        let same = |wanted: &str| self.frame.columns().iter().find(|column| column.name().eq_ignore_ascii_case(wanted));
        same(&upper).or_else(|| if upper.ends_with("DT") { same(&format!("{upper}M")) } else { None })
    }

    /// What the cells of an actual column are, by its standard name.
    pub(super) fn kind_of(&self, actual: &str) -> ColumnKind {
        let standard = self.mapped.iter().find(|(_, mapped)| mapped.as_str() == actual).map_or(actual, |(standard, _)| standard);
        column::kind(self.name, standard)
    }

    /// The same rows as another dataset, with the columns that the project file names for it.
    pub(super) fn under_name(&self, name: DatasetName) -> Self {
        Self { name, mapped: BTreeMap::new(), ..self.clone() }
    }

    /// The same with a column of texts at the end.
    pub(super) fn with_texts(mut self, name: &str, values: Vec<Option<String>>) -> Self {
        // A column of the same height under a new name cannot be refused.
        let _ = self.frame.with_column(ColumnValues::Text(values).into_column(name));
        self
    }

    /// The frame behind it.
    pub(super) fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Codes for missing values that the project file adds.
    pub(super) fn missing_codes(&self) -> &[String] {
        &self.missing_codes
    }

    /// Labels by actual column name.
    pub(super) fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// The files' shares of the rows.
    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// A column as codes of its different texts.
    pub(super) fn coded(&self, name: &str) -> Option<Coded> {
        if name == column::SOURCE {
            return Some(code(self.texts(name)?.iter().map(Option::as_deref)));
        }
        let column = self.find(name)?;
        if let Ok(texts) = column.str() {
            return Some(code(texts.iter()));
        }
        match column.f64() {
            Ok(numbers) => Some(code_numbers(numbers.iter())),
            Err(_) => Some(code(printed(column).iter().map(Option::as_deref))),
        }
    }
}

impl ColumnValues {
    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Number(values) => values.len(),
            Self::Date(values) => values.len(),
        }
    }

    fn into_column(self, name: &str) -> Column {
        match self {
            Self::Text(values) => Series::new(name.into(), values).into_column(),
            Self::Number(values) => Series::new(name.into(), values).into_column(),
            Self::Date(values) => {
                let days: Vec<Option<i32>> = values.into_iter().map(|date| date.map(Date::days_since_1970)).collect();
                Series::new(name.into(), days).into_date().into_column()
            }
        }
    }
}

/// Codes of texts. Rows of a subject or a parameter stand together, and times come round again, so that the texts seen last are looked at
/// before the list of all.
fn code<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Coded {
    let mut known: BTreeMap<&str, u32> = BTreeMap::new();
    let mut levels: Vec<String> = Vec::new();
    let mut recent: [(&str, Option<u32>); 64] = [("", None); 64];
    let codes = texts.map(|text| {
        let text = text?;
        let place = usize::from(text.len() as u8 ^ text.bytes().next().unwrap_or(0) ^ text.bytes().next_back().unwrap_or(0)) % recent.len();
        if let Some((last, code)) = recent.get(place)
            && *last == text
        {
            return *code;
        }
        let trimmed = text.trim();
        let code = (!trimmed.is_empty()).then(|| {
            *known.entry(trimmed).or_insert_with(|| {
                levels.push(trimmed.to_owned());
                u32::try_from(levels.len() - 1).unwrap_or(u32::MAX)
            })
        });
        if let Some(place) = recent.get_mut(place) {
            *place = (text, code);
        }
        code
    });
    Coded { codes: codes.collect(), levels }
}

/// Codes of numbers, each printed once, as [`printed`] prints it.
fn code_numbers(numbers: impl Iterator<Item = Option<f64>>) -> Coded {
    let mut known: BTreeMap<u64, u32> = BTreeMap::new();
    let mut levels: Vec<String> = Vec::new();
    let codes = numbers.map(|number| {
        let number = number.filter(|number| !number.is_nan())?;
        let code = known.entry(number.to_bits()).or_insert_with(|| {
            levels.push(number.to_string());
            u32::try_from(levels.len() - 1).unwrap_or(u32::MAX)
        });
        Some(*code)
    });
    Coded { codes: codes.collect(), levels }
}

/// Days since 1970-01-01 of a column of dates or date-times; `None` for other columns.
pub(super) fn days_since_1970(column: &Column) -> Option<Vec<Option<i32>>> {
    let per_day: i64 = match column.dtype() {
        DataType::Date => 1,
        DataType::Datetime(TimeUnit::Milliseconds, _) => 86_400_000,
        DataType::Datetime(TimeUnit::Microseconds, _) => 86_400_000_000,
        DataType::Datetime(TimeUnit::Nanoseconds, _) => 86_400_000_000_000,
        _ => return None,
    };
    let physical = column.to_physical_repr().cast(&DataType::Int64).ok()?;
    let physical = physical.i64().ok()?;
    Some(physical.iter().map(|value| value.and_then(|value| i32::try_from(value.div_euclid(per_day)).ok())).collect())
}

/// Cells of a column that is not text, printed.
pub(super) fn printed(column: &Column) -> Vec<Option<String>> {
    if column.dtype() == &DataType::Date {
        let dates = days_since_1970(column).unwrap_or_default();
        return dates.into_iter().map(|day| day.and_then(Date::from_days_since_1970).map(|date| date.to_string())).collect();
    }
    if matches!(column.dtype(), DataType::Float32 | DataType::Float64)
        && let Ok(numbers) = column.cast(&DataType::Float64)
        && let Ok(numbers) = numbers.f64()
    {
        return numbers.iter().map(|number| number.filter(|number| !number.is_nan()).map(|number| number.to_string())).collect();
    }
    let Ok(texts) = column.cast(&DataType::String) else {
        return vec![None; column.len()];
    };
    let upper = column.dtype() == &DataType::Boolean;
    let print = |text: &str| if upper { text.to_uppercase() } else { text.to_owned() };
    texts.str().map(|texts| texts.iter().map(|text| text.map(print)).collect()).unwrap_or_else(|_| vec![None; column.len()])
}

/// A file that was read, and the rows of the dataset that came from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetFile {
    /// The dataset.
    pub dataset: DatasetName,
    /// The file.
    pub path: PathBuf,
    /// The file relative to the data folder, with forward slashes.
    pub file: String,
    /// Its format in words.
    pub format: String,
    /// Its data rows.
    pub rows: u64,
    /// 1-based row of the dataset at which this file begins.
    pub first_row: u64,
    /// Its columns.
    pub columns: u64,
    /// Its different subjects; `None` where it has no subject identifier.
    pub subjects: Option<u64>,
    /// SHA-256 of the file as it is stored.
    pub sha256: String,
}

/// Every dataset of the project, read and checked.
#[derive(Debug, Clone, Default)]
pub struct TrialData {
    /// The datasets that are present.
    pub datasets: BTreeMap<DatasetName, Dataset>,
    /// The files behind them, in the order of the datasets and, within one, of its rows.
    pub files: Vec<DatasetFile>,
    /// The datasets that are not there.
    pub absent: Vec<DatasetName>,
    /// The log of escalation decisions, where the project names one.
    pub decisions: Option<DecisionLog>,
    /// Exposures of a population analysis, in the order of the project file.
    pub imported_exposures: Vec<ImportedTable>,
}

impl TrialData {
    /// A dataset, where it is present.
    #[must_use]
    pub fn get(&self, name: DatasetName) -> Option<&Dataset> {
        self.datasets.get(&name)
    }

    /// Trial data made in memory, for tests and examples; there are no files behind them.
    #[must_use]
    pub fn from_datasets(datasets: impl IntoIterator<Item = Dataset>) -> Self {
        let datasets: BTreeMap<DatasetName, Dataset> = datasets.into_iter().map(|dataset| (dataset.name(), dataset)).collect();
        let absent = DatasetName::absent(|name| datasets.contains_key(&name));
        Self { datasets, files: Vec::new(), absent, decisions: None, imported_exposures: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset() -> Dataset {
        let text = |values: &[&str]| ColumnValues::Text(values.iter().map(|value| Some((*value).to_owned())).collect());
        Dataset::from_columns(
            DatasetName::Adpc,
            vec![
                ("usubjid".into(), text(&["S1", "S1", "S2 "])),
                ("AVAL".into(), text(&["1.5", "<5.00", " "])),
                ("ADTM".into(), text(&["2024-03-01T08:00", "2024-03", ""])),
                ("ATPTN".into(), ColumnValues::Number(vec![Some(0.0), Some(0.5), None])),
                ("ADT2".into(), ColumnValues::Date(vec![Some("2024-03-01".parse().unwrap()), None, None])),
            ],
        )
    }

    #[test]
    fn columns_are_found_whatever_their_case_and_dates_in_date_times() {
        let dataset = dataset();
        assert_eq!(dataset.column("USUBJID").unwrap(), "usubjid");
        assert_eq!(dataset.column("ADT").unwrap(), "ADTM");
        assert_eq!(dataset.column("TRTSDT"), None);
        let renamed = dataset.with_mapped([("TRTSDT", "ADT2".to_owned())].into_iter().collect());
        assert_eq!(renamed.column("trtsdt").unwrap(), "ADT2");
    }

    #[test]
    fn cells_become_values() {
        let dataset = dataset();
        assert_eq!(dataset.texts("USUBJID").unwrap()[2].as_deref(), Some("S2"));
        assert_eq!(dataset.texts("ATPTN").unwrap(), [Some("0".to_owned()), Some("0.5".to_owned()), None]);
        assert_eq!(dataset.texts("ADT2").unwrap()[0].as_deref(), Some("2024-03-01"));
        assert_eq!(dataset.numbers("AVAL").unwrap(), [Some(1.5), None, None]);
        assert_eq!(dataset.dates("ADT").unwrap(), ["2024-03-01".parse().ok(), None, None]);
        assert_eq!(dataset.texts(column::SOURCE).unwrap()[0].as_deref(), Some("adpc"));
        assert!(dataset.texts("AVALC").is_none());
    }

    #[test]
    fn codes_name_the_different_texts() {
        let coded = dataset().coded("USUBJID").unwrap();
        assert_eq!(coded.levels, ["S1", "S2"]);
        assert_eq!(coded.codes, [Some(0), Some(0), Some(1)]);
        assert_eq!(coded.text(2), Some("S2"));
    }
}
