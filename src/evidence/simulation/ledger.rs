//! From simulated numbers to facts: the one place that says what they rest on.

use crate::analysis::exposure_response::{ExposureResponseResult, Sample};
use crate::analysis::pk::population_simulation::{DoseBasis, PopulationSimulation, Simulated, Step};
use crate::config::{PopulationModelSettings, Settings, SimulatedMetric};
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::evidence::pk::given_filter;
use crate::evidence::record::columns_read;
use crate::evidence::{Cell, CellPattern, ExhibitId, Fact, FactId, FactValue, Facts, Notes, Slice, Unit};
use crate::quantity::{Interval, IntervalMethod, Rows};

/// Name of the population model's file among the datasets; its rows are the lines of the file.
pub const MODEL: &str = "POPULATION MODEL";

/// Facts of one exhibit.
pub(super) struct Ledger<'a> {
    pub(super) facts: &'a mut Facts,
    pub(super) simulation: &'a PopulationSimulation,
    pub(super) stated: &'a PopulationModelSettings,
    pub(super) data: &'a AnalysisData,
    pub(super) settings: &'a Settings,
    exhibit: ExhibitId,
}

/// What one fact is about.
pub(super) struct Entry<'a> {
    /// Second piece of the id.
    pub(super) measure: String,
    /// Third piece.
    pub(super) what: Option<&'a str>,
    /// Regimen, last piece.
    pub(super) regimen: Option<&'a str>,
    /// What it is, in words.
    pub(super) label: String,
    /// How it was computed.
    pub(super) method: String,
    /// Unit.
    pub(super) unit: Unit,
}

/// What a fact rests on.
pub(super) enum Basis<'a> {
    /// The model alone, and the subjects from whom covariates were drawn.
    Model,
    /// Observed exposures: the filter's code and kind, and their rows.
    Observed(&'a str, &'a crate::analysis::pk::RecordKind, Rows),
    /// The subjects of an analysis of exposure-response.
    Response(&'a ExposureResponseResult, &'a Sample),
}

impl<'a> Ledger<'a> {
    pub(super) fn new(
        facts: &'a mut Facts,
        code: &str,
        (simulation, stated): (&'a PopulationSimulation, &'a PopulationModelSettings),
        data: &'a AnalysisData,
        settings: &'a Settings,
    ) -> Self {
        Self { facts, simulation, stated, data, settings, exhibit: ExhibitId::new(code, None) }
    }

    pub(super) fn exhibit(&self) -> ExhibitId {
        self.exhibit.clone()
    }

    /// A number with or without limits, as a cell; an en dash where there is none.
    pub(super) fn cell(
        &mut self,
        pattern: CellPattern,
        entry: Entry<'_>,
        value: Option<f64>,
        interval: Option<Interval>,
        basis: &Basis<'_>,
    ) -> Cell {
        match value {
            Some(value) => {
                let pattern = if interval.is_none() && pattern == CellPattern::ValueInterval { CellPattern::Value } else { pattern };
                Cell::Facts(pattern, vec![self.number(entry, value, interval, basis)])
            }
            None => Cell::NotAvailable,
        }
    }

    /// A number.
    pub(super) fn number(&mut self, entry: Entry<'_>, value: f64, interval: Option<Interval>, basis: &Basis<'_>) -> FactId {
        let value = if value.is_finite() { FactValue::Number(value) } else { FactValue::NotEstimable };
        self.insert(entry, value, interval, basis)
    }

    /// A fact of any kind.
    pub(super) fn insert(&mut self, entry: Entry<'_>, value: FactValue, interval: Option<Interval>, basis: &Basis<'_>) -> FactId {
        let (source, denominator, n) = self.slices(basis);
        let fact = Fact {
            label: entry.label,
            value,
            unit: entry.unit,
            count: None,
            n,
            interval,
            method: entry.method,
            population: POPULATION.to_owned(),
            part: None,
            source,
            denominator,
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        self.facts.insert(FactId::new("simulation", &entry.measure, entry.what, entry.regimen, None), fact)
    }

    fn slices(&self, basis: &Basis<'_>) -> (Slice, Option<Slice>, Option<u64>) {
        let virtual_subjects = Some(self.simulation.simulator.subjects.len() as u64);
        match basis {
            Basis::Model => (self.model_slice(), self.pool_slice(), virtual_subjects),
            Basis::Observed(code, kind, rows) => {
                let filter = given_filter(code, kind, self.data);
                let n = rows.len() as u64;
                (Slice::new("ADPP", filter, columns_read(self.data, DatasetName::Adpp), rows.clone()), None, Some(n))
            }
            Basis::Response(result, sample) => {
                let filter = given_filter(&result.exposure, &sample.metric.kind, self.data);
                let rows = sample.exposure_rows(&sample.subjects);
                let source = Slice::new("ADPP", filter, columns_read(self.data, DatasetName::Adpp), rows);
                let endpoint = &sample.endpoint;
                let columns =
                    if endpoint.columns.is_empty() { columns_read(self.data, endpoint.dataset) } else { endpoint.columns.clone() };
                let outcome = Slice::new(endpoint.dataset.label(), endpoint.filter.clone(), columns, sample.outcome_rows(&sample.subjects));
                (source, Some(outcome), virtual_subjects)
            }
        }
    }

    /// The statement of the model.
    pub(super) fn model_slice(&self) -> Slice {
        match &self.stated.file {
            Some(_) => Slice::new(MODEL, "parameters and regimens", ["parameters", "covariate_effects", "regimens"], Rows::default()),
            None => Slice::new("PROJECT", "pk.population_model", ["pk.population_model"], Rows::default()),
        }
    }

    /// The subjects from whom covariates were drawn.
    pub(super) fn pool_slice(&self) -> Option<Slice> {
        let pool = self.simulation.pool.as_ref()?;
        Some(Slice::new("ADSL", "safety set, given the drug: covariates of the virtual subjects", pool.columns.clone(), pool.rows.clone()))
    }

    /// Percentile limits over the draws of the typical values.
    pub(super) fn interval(&self, simulated: Simulated) -> Option<Interval> {
        // A ratio that follows from the doses alone is the same in every draw.
        let apart = |(lower, upper): &(f64, f64)| (upper - lower).abs() > 1e-9 * lower.abs();
        self.limits(simulated.limits.filter(apart), IntervalMethod::Percentile)
    }

    /// Limits at the level of the project.
    pub(super) fn limits(&self, limits: Option<(f64, f64)>, method: IntervalMethod) -> Option<Interval> {
        let finite = |limit: f64| limit.is_finite().then_some(limit);
        let level = self.settings.intervals.level;
        limits.map(|(lower, upper)| Interval { lower: finite(lower), upper: finite(upper), level, method })
    }

    /// The unit of a metric and what mg/L or mg·h/L is multiplied by.
    pub(super) fn unit(&self, metric: SimulatedMetric) -> (String, f64) {
        let (unit, factor) = &self.simulation.unit;
        if !metric.is_area() {
            return (unit.clone(), *factor);
        }
        let area = unit.split_once('/').map_or_else(|| format!("{unit}*h"), |(amount, volume)| format!("{amount}*h/{volume}"));
        (area, *factor)
    }

    /// The metric in words, with the time that it is over.
    pub(super) fn metric(&self, metric: SimulatedMetric) -> String {
        let structure = &self.simulation.simulator.structure;
        match metric {
            SimulatedMetric::AucSteadyState => format!("AUC over {} at steady state", length(structure.period)),
            SimulatedMetric::CmaxSteadyState => "Highest concentration at steady state".to_owned(),
            SimulatedMetric::CtroughSteadyState => "Trough concentration at steady state".to_owned(),
            SimulatedMetric::CavgSteadyState => "Average concentration at steady state".to_owned(),
            SimulatedMetric::AucFirstCycle => format!("AUC over the first {}", length(structure.cycle)),
            SimulatedMetric::CavgFirstCycle => format!("Average concentration over the first {}", length(structure.cycle)),
        }
    }

    /// The name of a regimen as it stands before a row.
    pub(super) fn regimen(&self, place: usize) -> String {
        let Some(of) = self.simulation.regimens.get(place) else { return String::new() };
        if of.regimen.dosage.is_none() { format!("{} (not studied)", of.regimen.label) } else { of.regimen.label.clone() }
    }

    /// Label of the proposed dosage, where it was simulated.
    pub(super) fn proposed(&self) -> Option<&'a str> {
        let place = self.simulation.proposed?;
        self.simulation.regimens.get(place).map(|of| of.regimen.label.as_str())
    }

    /// What stands under every exhibit of the simulation.
    pub(super) fn notes(&self) -> Notes {
        let mut datasets = vec![if self.stated.file.is_some() { MODEL.to_owned() } else { "PROJECT".to_owned() }];
        if self.simulation.pool.is_some() {
            datasets.push("ADSL".to_owned());
        }
        let model = &self.stated.model;
        let subjects = self.simulation.simulator.subjects.len();
        let mut methods = vec![
            format!("Population model: {}", model.source),
            format!("{subjects} virtual subjects, the same under every regimen; residual error and changes of dose are not simulated"),
        ];
        if let Some(pool) = &self.simulation.pool {
            methods.push(format!(
                "Covariates drawn from {} subjects of the trial who were given the drug ({})",
                pool.n,
                pool.columns.join(", ")
            ));
        }
        let surface = |step: &Step| step.amount.basis == DoseBasis::Surface;
        if self.simulation.regimens.iter().any(|regimen| regimen.regimen.steps.iter().any(surface)) {
            methods.push("Body surface: as in the data, otherwise from height and weight by the formula of Mosteller".to_owned());
        }
        methods.push(if self.simulation.simulator.draws.is_empty() {
            "The model states no uncertainty of its typical values: exposures have no limits".to_owned()
        } else {
            format!(
                "{}% limits of exposures: percentiles over {} draws of the typical values; variability between subjects is taken as known",
                (self.settings.intervals.level * 1000.0).round() / 10.0,
                self.simulation.simulator.draws.len()
            )
        });
        let mut footnotes = Vec::new();
        if self.simulation.constant_clearance_of_antibody {
            footnotes.push(
                "DJ-E20: the drug is an antibody or its conjugate and the model takes clearance as constant. Clearance may fall in patients who respond and rise with cachexia, so that exposure at steady state is in part a result of the outcome; exposure in the first cycle is affected less."
                    .to_owned(),
            );
        }
        footnotes.extend(self.simulation.refused.iter().map(|(label, reason)| format!("{label} is not simulated: {reason}.")));
        Notes {
            datasets,
            population: POPULATION.to_owned(),
            grouping: "Rows by regimen".to_owned(),
            methods,
            footnotes,
            abbreviations: vec![
                "CI: confidence interval".to_owned(),
                "CV: coefficient of variation".to_owned(),
                "NE: not estimable".to_owned(),
            ],
        }
    }
}

/// The set in words.
const POPULATION: &str = "Virtual subjects of the population model";

/// Hours or days.
pub(super) fn length(hours: f64) -> String {
    if hours > 47.9 { format!("{} days", trimmed(hours / 24.0)) } else { format!("{} h", trimmed(hours)) }
}

/// A number with up to two decimals.
pub(super) fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
