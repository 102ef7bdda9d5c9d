//! Rows of dosing: proportions and summaries with their facts, or the reason why there is none.

use crate::analysis::exposure::{ExposureColumn, ExposurePanel, Share};
use crate::analysis::grouping::Group;
use crate::analysis::measure::Summary;
use crate::data::DatasetName;
use crate::derive::AnalysisData;

use super::super::record::{Item, Recorder};
use super::super::table::{cells, fact_row, footnote};
use super::super::{Cell, CellPattern, Notes, Row, Unit};

/// Where numbers of dosing come from.
pub(super) struct Origin {
    /// Dataset, upper case.
    pub(super) dataset: &'static str,
    columns: Vec<String>,
    absent: bool,
}

impl Origin {
    /// The dosing dataset of the data, or the customary one where there is none.
    pub(super) fn of(data: &AnalysisData) -> Self {
        let dosing = data.dosing.as_ref();
        Self {
            dataset: dosing.and_then(|dosing| dosing.dataset).unwrap_or(DatasetName::Adex).label(),
            columns: dosing.map(|dosing| dosing.columns.clone()).filter(|columns| !columns.is_empty()).unwrap_or_else(summary_columns),
            absent: dosing.is_none(),
        }
    }

    /// The columns that dosing was read from.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }
}

/// Where dosing is read from summaries in the data.
fn summary_columns() -> Vec<String> {
    ["USUBJID", "PARAMCD", "AVAL"].map(str::to_owned).to_vec()
}

/// How the numbers of one summary stand in a cell.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    /// Mean and standard deviation.
    MeanSd,
    /// Median and quartiles.
    MedianQuartiles,
    /// Median and range.
    MedianRange,
    /// Smallest and largest.
    Range,
}

/// What a row of dosing shows.
pub(super) struct Words<'a> {
    /// Second piece of the ids.
    pub(super) measure: &'a str,
    /// Label of the facts, without the dosage.
    pub(super) label: &'a str,
    /// Stub of the row.
    pub(super) stub: &'a str,
    /// What was counted or summarised, in words of the data.
    pub(super) filter: &'a str,
}

/// Makes the rows of one panel.
pub(super) struct DosingTable<'a, 'f> {
    /// The panel.
    pub(super) panel: &'a ExposurePanel,
    /// The source of dosing.
    pub(super) origin: &'a Origin,
    /// The columns of ADSL that time on treatment comes from.
    pub(super) treatment: Vec<String>,
    /// What stands under the table.
    pub(super) notes: &'a mut Notes,
    /// Where facts go.
    pub(super) recorder: &'a mut Recorder<'f>,
}

impl DosingTable<'_, '_> {
    /// A row of proportions: `x (p%)` where all columns count among all their subjects, otherwise `x/n (p%)`.
    pub(super) fn share(&mut self, words: &Words<'_>, of: &dyn Fn(&ExposureColumn) -> Option<&Share>) -> Row {
        let narrower = |(group, column): (&Group, &ExposureColumn)| of(column).is_some_and(|share| share.among.n() != group.n());
        let pattern = if self.columns().any(narrower) { CellPattern::CountOfPercent } else { CellPattern::CountPercent };
        let columns: Vec<&str> = self.origin.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.panel.columns, |_, column| {
            let Some(share) = of(column) else { return Cell::NotAvailable };
            let source = (self.origin.dataset, words.filter, columns.as_slice());
            let item =
                Item { measure: words.measure, what: None, group: &share.among, label: words.label, method: "count of subjects", source };
            Cell::Facts(pattern, vec![self.recorder.proportion(&item, &share.proportion)])
        });
        self.finish(words, made)
    }

    /// A row of summaries of dosing.
    pub(super) fn summary(
        &mut self,
        words: &Words<'_>,
        unit: &Unit,
        shown: Shown,
        of: &dyn Fn(&ExposureColumn) -> Option<&Summary>,
    ) -> Row {
        self.summary_of(words, &|_| None, unit, shown, of)
    }

    /// A row of summaries of dosing; `what` gives the third piece of a column's ids.
    pub(super) fn summary_of(
        &mut self,
        words: &Words<'_>,
        what: &dyn Fn(&ExposureColumn) -> Option<String>,
        unit: &Unit,
        shown: Shown,
        of: &dyn Fn(&ExposureColumn) -> Option<&Summary>,
    ) -> Row {
        let columns: Vec<&str> = self.origin.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.panel.columns, |group, column| {
            let Some(summary) = of(column).filter(|summary| summary.n > 0) else { return Cell::NotAvailable };
            let source = (self.origin.dataset, words.filter, columns.as_slice());
            let what = what(column);
            let item = Item { measure: words.measure, what: what.as_deref(), group, label: words.label, method: "", source };
            self.statistics(&item, summary, unit, shown)
        });
        self.finish(words, made)
    }

    /// A row of times on treatment, which ADSL gives.
    pub(super) fn duration(&mut self, stub: &str, shown: Shown) -> Row {
        let columns = self.treatment.clone();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.panel.columns, |group, column| {
            if column.duration.n == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADSL", "time on treatment known", columns.as_slice());
            let item = Item { measure: "duration", what: None, group, label: "Time on treatment", method: "", source };
            self.statistics(&item, &column.duration, &Unit::Months, shown)
        });
        fact_row(stub, 1, made)
    }

    fn statistics(&mut self, item: &Item<'_>, summary: &Summary, unit: &Unit, shown: Shown) -> Cell {
        match shown {
            Shown::MeanSd => self.recorder.mean_sd(item, summary, unit),
            Shown::MedianQuartiles => self.recorder.median_quartiles(item, summary, unit),
            Shown::MedianRange => self.recorder.median_range(item, summary, unit),
            Shown::Range => self.recorder.range(item, summary, unit),
        }
    }

    fn columns(&self) -> impl Iterator<Item = (&Group, &ExposureColumn)> {
        self.panel.panel.groups.iter().zip(&self.panel.columns)
    }

    /// The row; with a reason where no column has a number.
    fn finish(&mut self, words: &Words<'_>, made: Vec<Cell>) -> Row {
        let empty = made.iter().all(|cell| *cell == Cell::NotAvailable);
        let reason = if self.origin.absent {
            "Not available: there is no dosing dataset (ADEX).".to_owned()
        } else {
            format!("Not available: {} does not give it for any subject.", self.origin.dataset)
        };
        let mark = empty.then(|| footnote(self.notes, reason));
        Row { footnote: mark, ..fact_row(words.stub, 1, made) }
    }
}
