//! From models to facts: the one place that says which rows of which dataset they rest on.

use crate::analysis::exposure_response::{Effect, ExposureOrigin, ExposureResponseResult, Sample};
use crate::analysis::grouping::Group;
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::evidence::pk::given_filter;
use crate::evidence::record::columns_read;
use crate::evidence::{Cell, CellPattern, ExhibitId, Fact, FactId, FactValue, Facts, Slice, Unit};
use crate::quantity::{Interval, IntervalMethod, Rows};

/// Facts of one analysis.
pub(super) struct Ledger<'a> {
    pub(super) facts: &'a mut Facts,
    pub(super) result: &'a ExposureResponseResult,
    pub(super) sample: &'a Sample,
    data: &'a AnalysisData,
    exhibit: ExhibitId,
    level: f64,
}

/// What one fact is about.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// Second piece of the id.
    pub(super) measure: &'a str,
    /// Last piece of the id: a dosage, or two.
    pub(super) dosage: Option<String>,
    /// What it is, in words, without the analysis.
    pub(super) label: String,
    /// How it was computed.
    pub(super) method: String,
    /// Unit.
    pub(super) unit: Unit,
}

/// A value with what belongs to it; nothing of it stands for a value that the data do not determine.
#[derive(Debug, Clone, Default)]
pub(super) struct Value {
    pub(super) value: Option<f64>,
    pub(super) words: Option<String>,
    pub(super) count: Option<u64>,
    pub(super) n: Option<u64>,
    pub(super) interval: Option<Interval>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(
        facts: &'a mut Facts,
        exhibit: &str,
        (result, sample): (&'a ExposureResponseResult, &'a Sample),
        data: &'a AnalysisData,
        settings: &Settings,
    ) -> Self {
        Self { facts, result, sample, data, exhibit: ExhibitId::new(exhibit, None), level: settings.intervals.level }
    }

    /// Level of the intervals.
    pub(super) const fn level(&self) -> f64 {
        self.level
    }

    /// Wald limits at the project's level.
    pub(super) fn wald(&self, limits: Option<(f64, f64)>) -> Option<Interval> {
        self.limits(limits, IntervalMethod::Wald)
    }

    /// Limits at the project's level; a side that is infinite is open.
    pub(super) fn limits(&self, limits: Option<(f64, f64)>, method: IntervalMethod) -> Option<Interval> {
        let finite = |limit: f64| limit.is_finite().then_some(limit);
        limits.map(|(lower, upper)| Interval { lower: finite(lower), upper: finite(upper), level: self.level, method })
    }

    /// Limits of an effect of exposure on the scale of logarithms.
    pub(super) fn of_effect(&self, effect: &Effect) -> Option<Interval> {
        self.limits(effect.limits, effect.method)
    }

    /// Limits of its ratio.
    pub(super) fn of_ratio(&self, effect: &Effect) -> Option<Interval> {
        let raised = |limit: f64| if limit.is_finite() { limit.exp() } else { limit };
        self.limits(effect.limits.map(|(lower, upper)| (raised(lower), raised(upper))), effect.method)
    }

    /// A fact on some of the subjects, by their positions in the sample.
    pub(super) fn insert_subjects(&mut self, entry: Entry<'_>, value: Value, belongs: impl Fn(usize) -> bool) -> FactId {
        let of = || self.sample.subjects.iter().enumerate().filter(|(place, _)| belongs(*place)).map(|(_, subject)| subject);
        let (mut source, mut denominator) = (self.exposure_slice(None), self.outcome_slice(None));
        (source.rows, denominator.rows) = (self.sample.exposure_rows(of()), self.sample.outcome_rows(of()));
        self.insert_from(entry, value, source, denominator)
    }

    /// Limits of the t distribution at the project's level.
    pub(super) fn student(&self, limits: Option<(f64, f64)>) -> Option<Interval> {
        self.wald(limits).map(|interval| Interval { method: IntervalMethod::StudentT, ..interval })
    }

    /// A fact on the whole sample.
    pub(super) fn insert(&mut self, entry: Entry<'_>, value: Value) -> FactId {
        let (source, denominator) = (self.exposure_slice(None), self.outcome_slice(None));
        self.insert_from(entry, value, source, denominator)
    }

    /// A fact on the subjects of one group.
    pub(super) fn insert_of(&mut self, entry: Entry<'_>, value: Value, group: usize) -> FactId {
        let (source, denominator) = (self.exposure_slice(Some(group)), self.outcome_slice(Some(group)));
        self.insert_from(entry, value, source, denominator)
    }

    /// A proportion of the subjects of one group: the outcome's rows, counted among those of ADSL.
    pub(super) fn insert_observed(&mut self, entry: Entry<'_>, value: Value, (group, rows): (&Group, Rows)) -> FactId {
        let endpoint = &self.sample.endpoint;
        let filter =
            [endpoint.filter.as_str(), endpoint.event_filter.as_str()].map(str::to_owned).into_iter().filter(|part| !part.is_empty());
        let source = Slice::new(endpoint.dataset.label(), filter.collect::<Vec<_>>().join(" and "), self.outcome_columns(), rows);
        let denominator = Slice::new("ADSL", group.filter.clone(), ["USUBJID".to_owned()], group.rows.clone());
        self.insert_from(entry, value, source, denominator)
    }

    /// USUBJID of a subject of the sample.
    pub(super) fn subject_name(&self, place: usize) -> Option<&'a str> {
        let subject = self.sample.subjects.get(place)?;
        self.data.subjects.get(subject.subject.0).map(|subject| subject.usubjid.as_str())
    }

    /// A fact on some subjects of the sample, by their positions.
    pub(super) fn insert_among(&mut self, entry: Entry<'_>, value: Value, members: &[usize]) -> FactId {
        let of = || members.iter().filter_map(|place| self.sample.subjects.get(*place));
        let source = Slice { rows: self.sample.exposure_rows(of()), ..self.exposure_slice(None) };
        let denominator = Slice { rows: self.sample.outcome_rows(of()), ..self.outcome_slice(None) };
        self.insert_from(entry, value, source, denominator)
    }

    /// A cell that shows a fact of this analysis again; not available where there is no such fact.
    pub(super) fn again(&self, pattern: CellPattern, measure: &str, dosage: Option<&str>) -> Cell {
        let id = FactId::new("exposure_response", measure, Some(&self.result.id), dosage, None);
        if self.facts.get(&id).is_some() { Cell::Facts(pattern, vec![id]) } else { Cell::NotAvailable }
    }

    pub(super) fn insert_from(&mut self, entry: Entry<'_>, value: Value, source: Slice, denominator: Slice) -> FactId {
        let number = value.value.filter(|value| value.is_finite()).map_or(FactValue::NotEstimable, FactValue::Number);
        let number = match (&entry.unit, value.count, value.words) {
            (Unit::Count, Some(count), _) => FactValue::Count(count),
            (Unit::Text, _, Some(words)) => FactValue::Text(words),
            _ => number,
        };
        let counted = entry.unit != Unit::Count;
        let fact = Fact {
            label: format!("{}: {}", self.result.label, entry.label),
            value: number,
            unit: entry.unit,
            count: value.count.filter(|_| counted),
            n: value.n,
            interval: value.interval,
            method: entry.method,
            population: format!("{} with exposure and outcome", self.sample.panel.population.label(self.data)),
            part: None,
            source,
            denominator: Some(denominator),
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        let id = FactId::new("exposure_response", entry.measure, Some(&self.result.id), entry.dosage.as_deref(), None);
        self.facts.insert(id, fact)
    }

    /// A cell with one fact on the whole sample.
    pub(super) fn cell(&mut self, pattern: CellPattern, entry: Entry<'_>, value: Value) -> Cell {
        Cell::Facts(pattern, vec![self.insert(entry, value)])
    }

    /// Rows of the exposures, of one group or of all.
    pub(super) fn exposure_slice(&self, group: Option<usize>) -> Slice {
        let of = self.sample.subjects.iter().filter(|subject| group.is_none_or(|group| subject.group == group));
        let (source, rows) = (&self.sample.source, self.sample.exposure_rows(of));
        if source.origin != ExposureOrigin::Parameters {
            return Slice::new(source.dataset.as_str(), source.filter.clone(), source.columns.clone(), rows);
        }
        let mut filter = given_filter(&self.result.exposure, &self.sample.metric.kind, self.data);
        if !source.filter.is_empty() {
            filter.push_str(&format!(" and {}", source.filter));
        }
        let mut columns = columns_read(self.data, DatasetName::Adpp);
        columns.extend(source.columns.iter().filter(|column| !columns.contains(column)).cloned().collect::<Vec<_>>());
        Slice::new(source.dataset.as_str(), filter, columns, rows)
    }

    /// Rows of the outcomes, of one group or of all.
    pub(super) fn outcome_slice(&self, group: Option<usize>) -> Slice {
        let of = self.sample.subjects.iter().filter(|subject| group.is_none_or(|group| subject.group == group));
        let endpoint = &self.sample.endpoint;
        Slice::new(endpoint.dataset.label(), endpoint.filter.clone(), self.outcome_columns(), self.sample.outcome_rows(of))
    }

    fn outcome_columns(&self) -> Vec<String> {
        let endpoint = &self.sample.endpoint;
        if endpoint.columns.is_empty() { columns_read(self.data, endpoint.dataset) } else { endpoint.columns.clone() }
    }
}
