//! Facts of exposure by subgroup: how they are named and which rows they rest on.

use crate::analysis::pk::PkResult;
use crate::analysis::pk::covariate::{CovariateResult, ExposureSource};
use crate::analysis::pk::covariate_effects::MetricEffects;
use crate::analysis::pk::covariate_model::RatioEstimate;
use crate::analysis::pk::covariate_values::ExposureCovariate;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::quantity::{Interval, IntervalMethod, Rows};

use super::super::record::{columns_read, set_columns};
use super::super::{Cell, CellPattern, ExhibitId, Fact, FactId, FactValue, Facts, Slice, Unit};
use super::covariates::name;
use super::exposure::with_unit;
use super::words::{given_filter, source_of};

/// Where facts go, and what they have in common.
pub(super) struct Ledger<'a> {
    pub(super) result: &'a PkResult,
    pub(super) found: &'a CovariateResult,
    pub(super) data: &'a AnalysisData,
    pub(super) facts: &'a mut Facts,
    pub(super) exhibit: ExhibitId,
}

/// The subgroup that a fact speaks of.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    /// The covariate; `None` for all subjects.
    pub(super) covariate: Option<&'a ExposureCovariate>,
    /// Category or percentile.
    pub(super) subgroup: &'a str,
    /// Whether it is a category, which has subjects of its own.
    pub(super) level: bool,
}

impl<'a> Named<'a> {
    /// A covariate as a whole.
    pub(super) const fn whole(covariate: &'a ExposureCovariate) -> Self {
        Self { covariate: Some(covariate), subgroup: "", level: false }
    }

    /// Everybody with an exposure.
    pub(super) const ALL: Self = Self { covariate: None, subgroup: "", level: false };

    fn words(&self) -> String {
        let label = self.covariate.map_or("", |covariate| covariate.label.as_str());
        if self.subgroup.is_empty() { label.to_owned() } else { format!("{label}: {}", self.subgroup) }
    }
}

/// What a fact says.
struct Said {
    measure: &'static str,
    label: String,
    value: FactValue,
    unit: Unit,
    interval: Option<Interval>,
    method: &'static str,
    /// Id of the dosage where it speaks of one.
    dosage: Option<String>,
}

/// How every ratio was computed.
const REGRESSION: &str = "log-linear regression";

impl Ledger<'_> {
    /// Dataset, filter and columns of a metric.
    pub(super) fn source(&self, metric: &MetricEffects) -> (&'static str, String, Vec<String>) {
        match &metric.metric.source {
            ExposureSource::Given { code, kind } => {
                ("ADPP", given_filter(code, kind, self.data), columns_read(self.data, DatasetName::Adpp))
            }
            ExposureSource::Occasion { occasion, series } => {
                let found = self.result.occasions.get(*occasion).and_then(|of| Some(source_of(of, of.series.get(*series)?, self.data)));
                found.unwrap_or(("ADPC", "analysed profiles".to_owned(), Vec::new()))
            }
        }
    }

    /// The source of a metric for a figure.
    pub(super) fn slice(&self, metric: &MetricEffects) -> Slice {
        let (dataset, filter, columns) = self.source(metric);
        Slice::new(dataset, filter, columns, rows(metric, &all(metric)))
    }

    /// The metrics by name.
    pub(super) fn abbreviations(&self) -> Vec<String> {
        let named = self.found.metrics.iter().filter(|metric| name(metric) != metric.metric.label);
        let metrics = named.map(|metric| format!("{}: {}", name(metric), with_unit(&metric.metric.label, metric.metric.unit.as_deref())));
        ["CI: confidence interval", "CV: geometric coefficient of variation", "NE: not estimable"]
            .into_iter()
            .map(str::to_owned)
            .chain(metrics)
            .collect()
    }

    /// Subjects of a subgroup over all dosages.
    pub(super) fn count(
        &mut self,
        metric: &MetricEffects,
        named: Named<'_>,
        measure: &'static str,
        label: &str,
        members: &[usize],
    ) -> Cell {
        let said = Said::count(measure, label.to_owned(), members.len());
        Cell::Facts(CellPattern::Value, vec![self.insert(metric, named, &said, members)])
    }

    /// Subjects of a subgroup under the described dosage.
    pub(super) fn count_described(&mut self, metric: &MetricEffects, named: Named<'_>, members: &[usize]) -> Cell {
        let (id, label) = self.described();
        let said = Said { dosage: Some(id), ..Said::count("subgroup_n", format!("subjects, {label}"), members.len()) };
        Cell::Facts(CellPattern::Value, vec![self.insert(metric, named, &said, members)])
    }

    /// Geometric mean and coefficient of variation of a subgroup under the described dosage.
    pub(super) fn geometric(&mut self, metric: &MetricEffects, named: Named<'_>, members: &[usize]) -> Cell {
        let (dosage, label) = self.described();
        let summary = metric.summary(members);
        let number = |value: Option<f64>| value.map_or(FactValue::NotEstimable, FactValue::Number);
        let unit = Unit::Named(metric.metric.unit.clone().unwrap_or_else(|| "unit not given".to_owned()));
        let said = |measure, words: &'static str, value, unit| Said {
            measure,
            label: format!("{words}, {label}"),
            value,
            unit,
            interval: None,
            method: words,
            dosage: Some(dosage.clone()),
        };
        let mean = said("subgroup_geomean", "geometric mean", number(summary.map(|of| of.mean)), unit);
        let variation =
            said("subgroup_geocv", "geometric coefficient of variation", number(summary.and_then(|of| of.cv_percent)), Unit::Percent);
        let mean = self.insert(metric, named, &mean, members);
        if members.len() < 2 {
            return Cell::Facts(CellPattern::Value, vec![mean]);
        }
        let variation = self.insert(metric, named, &variation, members);
        Cell::Facts(CellPattern::GeometricMeanCv, vec![mean, variation])
    }

    /// A ratio with its interval; rests on the subjects of the model.
    pub(super) fn ratio(
        &mut self,
        metric: &MetricEffects,
        named: Named<'_>,
        (measure, label): (&'static str, &str),
        estimate: &RatioEstimate,
        members: &[usize],
    ) -> FactId {
        let said = Said {
            measure,
            label: label.to_owned(),
            value: FactValue::Number(estimate.ratio),
            unit: Unit::Dimensionless,
            interval: estimate.interval.ok().map(|limits| self.interval(limits)),
            method: REGRESSION,
            dosage: None,
        };
        // It rests on the reference as well as on the subgroup.
        self.insert(metric, Named { level: false, ..named }, &said, members)
    }

    /// Words about a subgroup against the reference; they rest on both.
    pub(super) fn text(
        &mut self,
        metric: &MetricEffects,
        named: Named<'_>,
        (measure, label): (&'static str, &str),
        words: String,
        members: &[usize],
    ) -> FactId {
        let said = Said {
            measure,
            label: label.to_owned(),
            value: FactValue::Text(words),
            unit: Unit::Text,
            interval: None,
            method: REGRESSION,
            dosage: None,
        };
        self.insert(metric, Named { level: false, ..named }, &said, members)
    }

    /// What is said of a covariate as a whole.
    pub(super) fn of_covariate(
        &mut self,
        metric: &MetricEffects,
        covariate: &ExposureCovariate,
        (measure, label): (&'static str, &str),
        (value, unit): (FactValue, Unit),
    ) -> FactId {
        let said = Said { measure, label: label.to_owned(), value, unit, interval: None, method: REGRESSION, dosage: None };
        let members = all(metric);
        self.insert(metric, Named::whole(covariate), &said, &members)
    }

    /// What is said of a model as a whole; its id names the metric.
    pub(super) fn model(
        &mut self,
        metric: &MetricEffects,
        (measure, label): (&'static str, &str),
        (value, unit): (FactValue, Unit),
    ) -> FactId {
        let said = Said { measure, label: label.to_owned(), value, unit, interval: None, method: REGRESSION, dosage: None };
        let members = all(metric);
        self.insert(metric, Named::ALL, &said, &members)
    }

    /// The slope of the logarithm of exposure on that of dose.
    pub(super) fn slope(&mut self, metric: &MetricEffects, (slope, limits): (f64, Option<(f64, f64)>)) -> FactId {
        let said = Said {
            measure: "covariate_dose_slope",
            label: "slope of log exposure on log dose".to_owned(),
            value: FactValue::Number(slope),
            unit: Unit::Dimensionless,
            interval: limits.map(|limits| self.interval(limits)),
            method: REGRESSION,
            dosage: None,
        };
        let members = all(metric);
        self.insert(metric, Named::ALL, &said, &members)
    }

    /// What the text says of the first metric: the id names the measure alone.
    pub(super) fn overall(&mut self, metric: &MetricEffects, (measure, label): (&'static str, &str), (value, unit): (FactValue, Unit)) {
        let said = Said { measure, label: label.to_owned(), value, unit, interval: None, method: REGRESSION, dosage: None };
        let fact = self.fact(metric, Named::ALL, &said, &all(metric));
        self.facts.insert(FactId::new("pk", measure, None, None, None), fact);
    }

    fn interval(&self, (lower, upper): (f64, f64)) -> Interval {
        Interval { lower: Some(lower), upper: Some(upper), level: self.found.bounds.level, method: IntervalMethod::StudentT }
    }

    /// Id and label of the described dosage.
    fn described(&self) -> (String, String) {
        self.found.panel.groups.get(self.found.described).map_or_else(Default::default, |group| (group.id.clone(), group.label.clone()))
    }

    fn insert(&mut self, metric: &MetricEffects, named: Named<'_>, said: &Said, members: &[usize]) -> FactId {
        let fact = self.fact(metric, named, said, members);
        let column = named.covariate.map_or("", |covariate| covariate.column.as_str());
        // A bare number at the end of an id would look like that of a second fact.
        let bare = !named.subgroup.is_empty() && named.subgroup.chars().all(|c| c.is_ascii_digit());
        let what = format!("{} {column} {}{}", metric.metric.measure, if bare { "level" } else { "" }, named.subgroup);
        self.facts.insert(FactId::new("pk", said.measure, Some(&what), said.dosage.as_deref(), None), fact)
    }

    fn fact(&self, metric: &MetricEffects, named: Named<'_>, said: &Said, members: &[usize]) -> Fact {
        let (dataset, filter, columns) = self.source(metric);
        let panel = &self.found.panel;
        let words = named.words();
        let of = if words.is_empty() { name(metric).to_owned() } else { format!("{}, {words}", name(metric)) };
        let mut read = set_columns(panel, self.data);
        read.extend(named.covariate.map(|covariate| covariate.column.clone()));
        Fact {
            label: format!("{of}: {}", said.label),
            value: said.value.clone(),
            unit: said.unit.clone(),
            count: None,
            n: Some(members.len() as u64).filter(|_| said.unit != Unit::Count),
            interval: said.interval,
            method: said.method.to_owned(),
            population: panel.population.label(self.data),
            part: None,
            source: Slice::new(dataset, filter, columns, rows(metric, members)),
            denominator: Some(self.subjects(named, said.dosage.as_deref(), read, members)),
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        }
    }

    /// The filter of a subgroup in the columns of ADSL.
    fn filter(&self, named: Named<'_>, dosage: Option<&str>) -> String {
        let panel = &self.found.panel;
        let described = dosage.and_then(|dosage| panel.groups.iter().find(|group| group.id == dosage));
        let measure = self.found.metrics.first().map_or("", |metric| metric.metric.measure.as_str());
        let everybody = || format!("{} and any dosage of the drug and with exposure ({measure})", panel.population.filter(self.data));
        let groups = described.map_or_else(everybody, |group| group.filter.clone());
        match named.covariate {
            Some(covariate) if named.level => {
                let relation = if named.subgroup.starts_with(['<', '\u{2265}']) { " " } else { " = " };
                format!("{groups} and {}{relation}{}", covariate.column, named.subgroup)
            }
            Some(covariate) => format!("{groups} and {} is recorded", covariate.column),
            None => groups,
        }
    }

    /// The subjects that a fact speaks of; nobody is counted among all of the dosage.
    fn subjects(&self, named: Named<'_>, dosage: Option<&str>, read: Vec<String>, members: &[usize]) -> Slice {
        let everybody: Vec<usize> = (0..self.found.sample.len()).collect();
        match (members.is_empty(), dosage.is_some()) {
            (true, true) => {
                Slice::new("ADSL", self.filter(Named::ALL, dosage), read, self.subject_rows(&self.found.under_described(&everybody)))
            }
            (true, false) => Slice::new("ADSL", self.filter(Named::ALL, None), read, self.subject_rows(&everybody)),
            (false, _) => Slice::new("ADSL", self.filter(named, dosage), read, self.subject_rows(members)),
        }
    }

    fn subject_rows(&self, members: &[usize]) -> Rows {
        let subjects = members.iter().filter_map(|position| self.found.sample.get(*position));
        subjects.filter_map(|sampled| self.data.subjects.get(sampled.subject.0)).map(|subject| subject.row).collect()
    }
}

impl Said {
    fn count(measure: &'static str, label: String, n: usize) -> Self {
        Self {
            measure,
            label,
            value: FactValue::Count(n as u64),
            unit: Unit::Count,
            interval: None,
            method: "count of subjects",
            dosage: None,
        }
    }
}

/// Positions of all subjects with an exposure.
fn all(metric: &MetricEffects) -> Vec<usize> {
    (0..metric.metric.exposures.len()).filter(|position| metric.metric.exposures.get(*position).is_some_and(Option::is_some)).collect()
}

/// Rows of the exposures of some subjects.
fn rows(metric: &MetricEffects, members: &[usize]) -> Rows {
    let exposures = members.iter().filter_map(|position| metric.metric.exposures.get(*position)?.as_ref());
    exposures.flat_map(|(rows, _)| rows.as_slice().iter().copied()).collect()
}
