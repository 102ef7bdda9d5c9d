//! From measures to facts and cells: the one place that names facts and says what they rest on.

use crate::analysis::grouping::{Assignment, Group, Panel};
use crate::analysis::measure::{ExposureRate, Proportion, Summary};
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::quantity::Interval;

use super::{Cell, CellPattern, Column, ExhibitId, Fact, FactId, FactValue, Facts, Notes, Slice, Unit};

/// What the facts of one exhibit have in common.
#[derive(Debug)]
pub struct Recorder<'a> {
    /// Where facts go.
    pub facts: &'a mut Facts,
    /// First piece of the ids.
    pub analysis: &'static str,
    /// The exhibit.
    pub exhibit: ExhibitId,
    /// The analysis set in words.
    pub population: String,
    /// The set's ADSL filter columns, for slices of denominators.
    pub set_columns: Vec<String>,
    /// By which treatment the columns are grouped.
    pub assignment: Assignment,
    /// Study part id.
    pub part: Option<String>,
}

/// What one fact is about.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// Second piece of the id.
    pub measure: &'a str,
    /// Third piece of the id.
    pub what: Option<&'a str>,
    /// The column.
    pub group: &'a Group,
    /// What it is, without the dosage: `Confirmed objective response`.
    pub label: &'a str,
    /// How it was computed.
    pub method: &'a str,
    /// Dataset, filter and columns of the numerator or of the observations; the rows come from the measure.
    pub source: (&'a str, &'a str, &'a [&'a str]),
}

impl<'a> Recorder<'a> {
    /// A recorder for one panel of an exhibit.
    pub fn new(facts: &'a mut Facts, analysis: &'static str, code: &str, panel: &Panel, data: &AnalysisData) -> Self {
        let by = panel.assignment;
        Self {
            facts,
            analysis,
            exhibit: ExhibitId::new(code, panel.part_id.as_deref()),
            population: panel.population.label(data),
            assignment: by,
            set_columns: set_columns(panel, data),
            part: panel.part_id.clone(),
        }
    }

    /// The number of subjects in a column, as ADSL gives it.
    pub fn size(&mut self, group: &Group) -> FactId {
        let fact = Fact {
            label: format!("Subjects in the {}, {}", lower_first(&self.population), group.label),
            value: FactValue::Count(group.n() as u64),
            unit: Unit::Count,
            count: None,
            n: None,
            interval: None,
            method: "count of subjects".to_owned(),
            population: self.population.clone(),
            part: self.part.clone(),
            source: self.denominator(group),
            denominator: None,
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        let id = FactId::new(
            "population",
            "n",
            Some(self.population.split(" (").next().unwrap_or("set")),
            Some(&group.id),
            self.part.as_deref(),
        );
        self.facts.insert(id, fact)
    }

    /// A proportion.
    pub fn proportion(&mut self, item: &Item<'_>, proportion: &Proportion) -> FactId {
        let value = proportion.share().map_or(FactValue::NotEstimable, FactValue::Number);
        let measured =
            Measured { value, unit: Unit::Proportion, count: Some(proportion.count), n: Some(proportion.n), interval: proportion.interval };
        self.insert(item, measured, proportion.rows.clone())
    }

    /// A count that is not a share of the column's subjects.
    pub fn count(&mut self, item: &Item<'_>, count: u64, rows: crate::quantity::Rows) -> FactId {
        self.insert(item, Measured { value: FactValue::Count(count), unit: Unit::Count, count: None, n: None, interval: None }, rows)
    }

    /// A number with or without an interval; `None` is not estimable.
    pub fn number(
        &mut self,
        item: &Item<'_>,
        value: Option<f64>,
        unit: Unit,
        n: Option<u64>,
        interval: Option<Interval>,
        rows: crate::quantity::Rows,
    ) -> FactId {
        let value = value.filter(|value| value.is_finite()).map_or(FactValue::NotEstimable, FactValue::Number);
        self.insert(item, Measured { value, unit, count: None, n, interval }, rows)
    }

    /// Events and their rate per 100 patient-months: a cell of both.
    pub fn rate(&mut self, item: &Item<'_>, rate: &ExposureRate) -> Cell {
        let events_measure = format!("{}_events", item.measure);
        let events = Item { measure: &events_measure, method: "count of events", ..item.clone() };
        let events = self.count(&events, rate.events, rate.rows.clone());
        let value = rate.rate.map_or(FactValue::NotEstimable, FactValue::Number);
        let measured = Measured { value, unit: Unit::PerHundredPatientMonths, count: Some(rate.events), n: None, interval: rate.interval };
        let rate = self.insert(item, measured, rate.rows.clone());
        Cell::Facts(CellPattern::EventsRate, vec![events, rate])
    }

    /// Mean and standard deviation: a cell.
    pub fn mean_sd(&mut self, item: &Item<'_>, summary: &Summary, unit: &Unit) -> Cell {
        let ids = self.statistics(item, summary, unit, &[("mean", summary.mean), ("sd", summary.sd)]);
        Cell::Facts(CellPattern::MeanSd, ids)
    }

    /// Median and quartiles: a cell.
    pub fn median_quartiles(&mut self, item: &Item<'_>, summary: &Summary, unit: &Unit) -> Cell {
        let values = [("median", summary.median), ("q1", summary.lower_quartile), ("q3", summary.upper_quartile)];
        Cell::Facts(CellPattern::MedianQuartiles, self.statistics(item, summary, unit, &values))
    }

    /// Median, minimum and maximum: a cell.
    pub fn median_range(&mut self, item: &Item<'_>, summary: &Summary, unit: &Unit) -> Cell {
        let values = [("median", summary.median), ("min", summary.minimum), ("max", summary.maximum)];
        Cell::Facts(CellPattern::MedianRange, self.statistics(item, summary, unit, &values))
    }

    /// Minimum and maximum: a cell.
    pub fn range(&mut self, item: &Item<'_>, summary: &Summary, unit: &Unit) -> Cell {
        Cell::Facts(CellPattern::Range, self.statistics(item, summary, unit, &[("min", summary.minimum), ("max", summary.maximum)]))
    }

    fn statistics(&mut self, item: &Item<'_>, summary: &Summary, unit: &Unit, values: &[(&str, Option<f64>)]) -> Vec<FactId> {
        values
            .iter()
            .map(|(name, value)| {
                let measure = format!("{}_{name}", item.measure);
                let label = format!("{}, {}", item.label, statistic_label(name));
                let item = Item { measure: &measure, label: &label, method: statistic_label(name), ..item.clone() };
                self.number(&item, *value, unit.clone(), Some(summary.n), None, summary.rows.clone())
            })
            .collect()
    }

    fn insert(&mut self, item: &Item<'_>, measured: Measured, rows: crate::quantity::Rows) -> FactId {
        let (dataset, filter, columns) = item.source;
        let fact = Fact {
            label: format!("{}, {}", item.label, item.group.label),
            value: measured.value,
            unit: measured.unit,
            count: measured.count,
            n: measured.n,
            interval: measured.interval,
            method: item.method.to_owned(),
            population: self.population.clone(),
            part: self.part.clone(),
            source: Slice::new(dataset, filter, columns.iter().copied(), rows),
            denominator: Some(self.denominator(item.group)),
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        let id = FactId::new(self.analysis, item.measure, item.what, Some(&item.group.id), self.part.as_deref());
        self.facts.insert(id, fact)
    }

    /// The ADSL rows of a column.
    fn denominator(&self, group: &Group) -> Slice {
        Slice::new("ADSL", group.filter.clone(), self.set_columns.iter().cloned(), group.rows.clone())
    }

    /// The heads of a panel's columns.
    pub fn columns(&mut self, groups: &[Group]) -> Vec<Column> {
        groups.iter().map(|group| Column { head: group.label.clone(), n: Some(self.size(group)), spanner: None }).collect()
    }

    /// Notes with what every exhibit of the panel says.
    #[must_use]
    pub fn notes(&self, datasets: &[&str]) -> Notes {
        Notes {
            datasets: datasets.iter().map(|dataset| (*dataset).to_owned()).collect(),
            population: self.population.clone(),
            grouping: format!("Columns {}", self.assignment.label()),
            ..Notes::default()
        }
    }
}

/// The columns that a dataset was read from; the customary ones where that is not known.
#[must_use]
pub fn columns_read(data: &AnalysisData, name: DatasetName) -> Vec<String> {
    let customary: &[&str] = match name {
        DatasetName::Adrs => &["PARAMCD", "AVALC", "ADT"],
        DatasetName::Adtr => &["PARAMCD", "PCHG", "ADY", "ABLFL"],
        DatasetName::Adtte => &["PARAMCD", "AVAL", "CNSR"],
        DatasetName::Adpp => &["PARAMCD", "AVAL", "AVALU"],
        _ => &[],
    };
    data.columns_read.get(&name).cloned().unwrap_or_else(|| customary.iter().map(|column| (*column).to_owned()).collect())
}

/// The columns of ADSL that time on treatment comes from.
#[must_use]
pub fn treatment_time_columns(data: &AnalysisData) -> Vec<String> {
    std::iter::once("USUBJID".to_owned()).chain(data.subject_columns.treatment_time()).collect()
}

/// The columns of ADSL that make the columns of a panel: subject, treatment, set and study part.
#[must_use]
pub fn set_columns(panel: &Panel, data: &AnalysisData) -> Vec<String> {
    let part = if panel.part.is_some() { data.subject_columns.part.as_slice() } else { &[] };
    let mut columns = vec!["USUBJID".to_owned(), panel.assignment.column(data)];
    columns.extend(panel.population.columns(data));
    columns.extend(part.iter().cloned());
    columns
}

/// A value with what belongs to it.
struct Measured {
    value: FactValue,
    unit: Unit,
    count: Option<u64>,
    n: Option<u64>,
    interval: Option<Interval>,
}

fn statistic_label(name: &str) -> &'static str {
    match name {
        "mean" => "arithmetic mean",
        "sd" => "standard deviation",
        "median" => "median",
        "q1" => "lower quartile (type 7)",
        "q3" => "upper quartile (type 7)",
        "min" => "minimum",
        _ => "maximum",
    }
}

fn lower_first(text: &str) -> String {
    // An acronym at the beginning (DLT-evaluable) keeps its capitals.
    let acronym = text.chars().nth(1).is_some_and(char::is_uppercase);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !acronym => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// The words under an exhibit for an interval method: `95% confidence intervals: Clopper-Pearson exact`.
#[must_use]
pub fn interval_note(intervals: &crate::config::IntervalSettings, method: crate::quantity::IntervalMethod) -> String {
    format!("{}% confidence intervals: {}", (intervals.level * 1000.0).round() / 10.0, method.label())
}
