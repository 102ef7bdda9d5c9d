//! From dose-response findings to facts: the one place that says which rows they rest on.

use crate::analysis::exposure_response::{DoseFindings, DoseResponseResult};
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::evidence::record::columns_read;
use crate::evidence::{Cell, CellPattern, ExhibitId, Fact, FactId, FactValue, Facts, Slice, Unit};
use crate::quantity::{Interval, IntervalMethod, Rows};

use super::ledger::Value;

/// Facts of one dose-response analysis.
pub(super) struct DoseLedger<'a> {
    pub(super) facts: &'a mut Facts,
    pub(super) result: &'a DoseResponseResult,
    pub(super) found: &'a DoseFindings,
    data: &'a AnalysisData,
    exhibit: ExhibitId,
    level: f64,
}

/// What one fact is about.
#[derive(Debug, Clone)]
pub(super) struct DoseEntry<'a> {
    /// Second piece of the id.
    pub(super) measure: &'a str,
    /// Position of the dose that it is of.
    pub(super) dose: Option<usize>,
    /// What it is, in words, without the analysis.
    pub(super) label: &'a str,
    /// How it was computed.
    pub(super) method: &'a str,
    /// Unit.
    pub(super) unit: Unit,
}

impl<'a> DoseLedger<'a> {
    pub(super) fn new(
        facts: &'a mut Facts,
        exhibit: &str,
        (result, found): (&'a DoseResponseResult, &'a DoseFindings),
        data: &'a AnalysisData,
        settings: &Settings,
    ) -> Self {
        Self { facts, result, found, data, exhibit: ExhibitId::new(exhibit, None), level: settings.intervals.level }
    }

    /// Percentile limits of the bootstrap; an open side lies beyond the studied range.
    pub(super) fn percentiles(&self, lower: Option<f64>, upper: Option<f64>) -> Interval {
        Interval { lower, upper, level: self.level, method: IntervalMethod::BootstrapPercentile }
    }

    /// A cell with one fact.
    pub(super) fn cell(&mut self, pattern: CellPattern, entry: &DoseEntry<'_>, value: Value) -> Cell {
        Cell::Facts(pattern, vec![self.insert(entry, value)])
    }

    /// A fact on the subjects of one dose or of all.
    pub(super) fn insert(&mut self, entry: &DoseEntry<'_>, value: Value) -> FactId {
        let group = entry.dose.and_then(|dose| self.found.sample.panel.groups.get(dose));
        let number = value.value.filter(|value| value.is_finite()).map_or(FactValue::NotEstimable, FactValue::Number);
        let number = match (&entry.unit, value.count, value.words) {
            (Unit::Count, Some(count), _) => FactValue::Count(count),
            (Unit::Text, _, Some(words)) => FactValue::Text(words),
            _ => number,
        };
        let counted = entry.unit != Unit::Count;
        let at = group.map(|group| format!(", {}", group.label)).unwrap_or_default();
        let fact = Fact {
            label: format!("{}: {}{at}", self.result.label, entry.label),
            value: number,
            unit: entry.unit.clone(),
            count: value.count.filter(|_| counted),
            n: value.n,
            interval: value.interval,
            method: entry.method.to_owned(),
            population: format!("{} with the outcome", self.found.sample.panel.population.label(self.data)),
            part: None,
            source: self.outcome_slice(entry.dose),
            denominator: Some(self.subject_slice(entry.dose)),
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        let id = FactId::new("dose_response", entry.measure, Some(&self.result.asked.id), group.map(|group| group.id.as_str()), None);
        self.facts.insert(id, fact)
    }

    /// Rows of the outcome, of one dose or of all.
    pub(super) fn outcome_slice(&self, dose: Option<usize>) -> Slice {
        let sample = &self.found.sample;
        let levels = sample.levels.iter().enumerate().filter(|(place, _)| dose.is_none_or(|dose| dose == *place));
        let rows: Rows = levels.flat_map(|(_, level)| level.rows.as_slice().iter().copied()).collect();
        let endpoint = &sample.endpoint;
        let parts = [endpoint.filter.as_str(), endpoint.event_filter.as_str()];
        let filter = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", event: ");
        let columns = if endpoint.columns.is_empty() { columns_read(self.data, endpoint.dataset) } else { endpoint.columns.clone() };
        Slice::new(endpoint.dataset.label(), filter, columns, rows)
    }

    /// Rows of the subjects in ADSL, of one dose or of all.
    fn subject_slice(&self, dose: Option<usize>) -> Slice {
        let groups = self.found.sample.panel.groups.iter().enumerate().filter(|(place, _)| dose.is_none_or(|dose| dose == *place));
        let (mut filters, mut rows) = (Vec::new(), Vec::new());
        for (_, group) in groups {
            filters.push(group.filter.clone());
            rows.extend(group.rows.as_slice().iter().copied());
        }
        Slice::new(DatasetName::Adsl.label(), filters.join(" or "), ["USUBJID".to_owned()], rows.into_iter().collect())
    }
}
