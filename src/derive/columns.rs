//! Columns of a dataset that go by one of several names.
//!
//! ADaM leaves names to sponsors and versions (`AETOXGR`, `ATOXGR`). The first name whose column holds at least one value is taken: a
//! column that is blank in every row says nothing and counts as absent.

use crate::data::Dataset;
use crate::quantity::Date;

/// A column that was found, with its values by 0-based row.
#[derive(Debug, Clone)]
pub(super) struct Column<T> {
    /// Name in the data.
    pub(super) name: String,
    values: Vec<Option<T>>,
}

impl<T> Column<T> {
    /// The value in a 0-based row.
    pub(super) fn get(&self, row: usize) -> Option<&T> {
        self.values.get(row)?.as_ref()
    }
}

/// The records of a dataset, with the columns that they were read from.
#[derive(Debug)]
pub(super) struct Derived<T> {
    /// In the order of the dataset.
    pub(super) records: Vec<T>,
    /// Names in the data, in the order of reading.
    pub(super) columns: Vec<String>,
}

/// The name of a column that may be absent.
pub(super) fn name<T>(column: &Option<Column<T>>) -> Option<String> {
    column.as_ref().map(|column| column.name.clone())
}

/// The value of a column that may be absent.
pub(super) fn value<T>(column: Option<&Column<T>>, row: usize) -> Option<&T> {
    column?.get(row)
}

/// The number of a column that may be absent.
pub(super) fn number(column: Option<&Column<f64>>, row: usize) -> Option<f64> {
    value(column, row).copied().filter(|number| number.is_finite())
}

/// The date of a column that may be absent.
pub(super) fn date(column: Option<&Column<Date>>, row: usize) -> Option<Date> {
    value(column, row).copied()
}

/// The text of a column that may be absent.
pub(super) fn text(column: Option<&Column<String>>, row: usize) -> Option<String> {
    value(column, row).cloned()
}

fn first<T>(dataset: &Dataset, names: &[&str], read: impl Fn(&str) -> Option<Vec<Option<T>>>) -> Option<Column<T>> {
    names.iter().find_map(|name| {
        let values = read(name)?;
        values.iter().any(Option::is_some).then(|| Column { name: dataset.column(name).unwrap_or_else(|| (*name).to_owned()), values })
    })
}

/// The first column of text that holds a value.
pub(super) fn texts(dataset: &Dataset, names: &[&str]) -> Option<Column<String>> {
    first(dataset, names, |name| dataset.texts(name))
}

/// The first column of numbers that holds a value.
pub(super) fn numbers(dataset: &Dataset, names: &[&str]) -> Option<Column<f64>> {
    first(dataset, names, |name| dataset.numbers(name))
}

/// The first column of dates that holds a value.
pub(super) fn dates(dataset: &Dataset, names: &[&str]) -> Option<Column<Date>> {
    first(dataset, names, |name| dataset.dates(name))
}
