//! Conditions on any column of a dataset: one of the values, compared as text or as numbers.

use std::collections::BTreeMap;

use super::refusal::Refusal;
use crate::data::DatasetName;
use crate::derive::{AnalysisData, NamedColumn};

/// Conditions on the records of one dataset, all of which have to hold.
#[derive(Debug, Clone, Default)]
pub(super) struct RowConditions<'a> {
    columns: Vec<(&'a NamedColumn, &'a [String])>,
}

impl<'a> RowConditions<'a> {
    /// The conditions on the columns of a dataset.
    pub(super) fn new(conditions: &'a BTreeMap<String, Vec<String>>, name: DatasetName, data: &'a AnalysisData) -> Result<Self, Refusal> {
        let mut columns = Vec::new();
        for (column, values) in conditions {
            let table = data.named_tables.get(&name);
            let found = table.and_then(|table| table.column(column));
            let refused = || Refusal::Condition { dataset: name.label().to_owned(), column: column.clone() };
            columns.push((found.ok_or_else(refused)?, values.as_slice()));
        }
        Ok(Self { columns })
    }

    /// Whether a 1-based row meets all of them.
    pub(super) fn hold(&self, row: u32) -> bool {
        self.columns.iter().all(|(column, values)| column.text(row).is_some_and(|text| values.iter().any(|value| is(text, value))))
    }

    /// The columns, by their names in the data.
    pub(super) fn columns(&self) -> impl Iterator<Item = String> {
        self.columns.iter().map(|(column, _)| column.name.clone())
    }

    /// The columns that were read of a dataset with those of the conditions; empty where there is no condition, for the customary ones.
    pub(super) fn with(&self, read: Vec<String>) -> Vec<String> {
        if self.columns.is_empty() {
            return Vec::new();
        }
        let mut columns = read;
        for column in self.columns() {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }

    /// A filter with the conditions behind it.
    pub(super) fn filter(&self, first: &str) -> String {
        let conditions = self.columns.iter().map(|(column, values)| format!("{} = {}", column.name, values.join(" or ")));
        std::iter::once(first.to_owned()).filter(|first| !first.is_empty()).chain(conditions).collect::<Vec<_>>().join(" and ")
    }
}

/// Whether a cell says this value: the same text whatever its case, or the same number.
pub(super) fn is(cell: &str, value: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    cell.trim().eq_ignore_ascii_case(value.trim())
        || number(cell).zip(number(value)).is_some_and(|(cell, value)| (cell - value).abs() <= f64::EPSILON * value.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_compared_as_texts_and_as_numbers() {
        assert!(is(" yes", "Yes") && is("1.0", "1") && is("3", "3.00"));
        assert!(!is("10", "1") && !is("", "Y") && !is("A1", "1"));
    }

    #[test]
    fn a_condition_on_a_column_that_is_not_there_is_refused() {
        let asked = BTreeMap::from([("AVISIT".to_owned(), vec!["Week 8".to_owned()])]);
        let refused = RowConditions::new(&asked, DatasetName::Adrs, &AnalysisData::default()).unwrap_err();
        assert_eq!(refused, Refusal::Condition { dataset: "ADRS".into(), column: "AVISIT".into() });
        assert!(RowConditions::default().hold(1));
        assert_eq!(RowConditions::default().filter("PARAMCD = X"), "PARAMCD = X");
    }
}
