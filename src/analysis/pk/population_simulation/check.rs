//! A predictive check: simulated exposures of a dosage beside those observed.

use super::PopulationSimulation;
use super::summary::geometric_mean;
use super::units::{area_factor, concentration_factor};
use crate::analysis::grouping::{Group, Population, panels};
use crate::analysis::pk::{RecordKind, subject_exposures};
use crate::config::{PopulationModel, Settings, SimulatedMetric};
use crate::derive::{AnalysisData, dosing_interval};
use crate::numerics::descriptive::{QuantileType, quantile};
use crate::quantity::Rows;

/// Ratio of simulated to observed geometric mean below which the model does not describe a dosage.
pub const LOWEST_RATIO: f64 = 0.8;
/// Ratio above which it does not.
pub const HIGHEST_RATIO: f64 = 1.25;

/// Simulated and observed exposures of one dosage.
#[derive(Debug, Clone)]
pub struct ExposureCheck {
    /// Parameter code.
    pub code: String,
    /// Parameter name, as in the data.
    pub label: String,
    /// Which records were used.
    pub kind: RecordKind,
    /// The simulated exposure.
    pub metric: SimulatedMetric,
    /// Position of the regimen.
    pub regimen: usize,
    /// The dosage's subjects with a value.
    pub group: Group,
    /// Rows of the observed values.
    pub rows: Rows,
    /// Observed values, ascending.
    pub observed: Vec<f64>,
    /// Observed geometric mean.
    pub observed_mean: f64,
    /// Observed 5th and 95th percentile.
    pub observed_range: (f64, f64),
    /// Simulated geometric mean in the unit of the data.
    pub simulated_mean: f64,
    /// Simulated 5th and 95th percentile.
    pub simulated_range: (f64, f64),
    /// Simulated over observed geometric mean.
    pub ratio: f64,
    /// Share of the observed values between the simulated 5th and 95th percentile; nine tenths are expected.
    pub covered: f64,
}

impl ExposureCheck {
    /// Whether the simulated mean lies near the observed one.
    #[must_use]
    pub fn agrees(&self) -> bool {
        (LOWEST_RATIO..=HIGHEST_RATIO).contains(&self.ratio)
    }
}

/// What a simulated exposure is multiplied by to be in the unit of a parameter of the data.
#[must_use]
pub fn factor_to(unit: &str, metric: SimulatedMetric, molar_mass: Option<f64>) -> Option<f64> {
    if metric.is_area() { area_factor(unit, molar_mass) } else { concentration_factor(unit, molar_mass) }
}

/// Holds every exposure of the data that the model knows against the simulated one, dosage by dosage.
pub(super) fn check(
    simulation: &PopulationSimulation,
    model: &PopulationModel,
    data: &AnalysisData,
    settings: &Settings,
) -> Vec<ExposureCheck> {
    let Some(parameters) = &data.pk_parameters else { return Vec::new() };
    let mut codes: Vec<(SimulatedMetric, &str)> = Vec::new();
    for record in parameters {
        if let Some(metric) = model.metric_of(&record.code)
            && !codes.iter().any(|(_, code)| *code == record.code)
        {
            codes.push((metric, &record.code));
        }
    }
    codes.sort();
    let population = if data.subject_columns.pk.is_some() { Population::Pk } else { Population::Safety };
    let Some(panel) = panels(data, settings, population, settings.grouping.pk.into()).into_iter().next() else { return Vec::new() };
    let mut checks = Vec::new();
    for (metric, code) in codes {
        let found = subject_exposures(code, model.analyte.as_deref(), parameters, settings);
        // Records that name no analyte are of the only one.
        let only = || subject_exposures(code, None, parameters, settings).filter(|_| settings.drug.analytes.len() <= 1);
        let Some(found) = found.or_else(only) else { continue };
        let factor = found.kind.unit.as_deref().and_then(|unit| factor_to(unit, metric, simulation.molar_mass));
        let Some(factor) = factor else { continue };
        for (place, regimen) in simulation.regimens.iter().enumerate() {
            let group = panel.groups.iter().find(|group| group.dosage.is_some() && group.dosage == regimen.regimen.dosage);
            let Some(group) = group else { continue };
            // A code of the dosing interval is compared over the dosage's own interval.
            let own =
                settings.dosages.get(group.dosage.map_or(usize::MAX, |dosage| dosage.0)).and_then(|dosage| dosage.schedule.as_deref());
            let by_interval = metric == SimulatedMetric::AucSteadyState && code.to_uppercase().contains("TAU");
            let scale =
                own.and_then(dosing_interval).filter(|_| by_interval).map_or(1.0, |own| own / simulation.simulator.structure.period);
            let values: Vec<(u32, f64)> = group.subjects.iter().filter_map(|subject| found.values.get(subject)).copied().collect();
            let simulated = regimen.distribution(metric).map(|of| of.values.iter().map(|value| value * factor * scale).collect());
            let (Some(simulated), false): (Option<Vec<f64>>, bool) = (simulated, values.is_empty()) else { continue };
            let rows = values.iter().map(|(row, _)| *row).collect();
            let mut observed: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
            observed.sort_by(f64::total_cmp);
            let range = |values: &[f64]| Some((quantile(values, 0.05, QuantileType::Type7)?, quantile(values, 0.95, QuantileType::Type7)?));
            let (Some(observed_mean), Some(simulated_mean)) = (geometric_mean(&observed), geometric_mean(&simulated)) else { continue };
            let (Some(observed_range), Some(simulated_range)) = (range(&observed), range(&simulated)) else { continue };
            let inside = observed.iter().filter(|value| (simulated_range.0..=simulated_range.1).contains(*value)).count();
            checks.push(ExposureCheck {
                code: code.to_owned(),
                label: found.label.clone(),
                kind: found.kind.clone(),
                metric,
                regimen: place,
                group: group.clone(),
                rows,
                covered: inside as f64 / observed.len() as f64,
                observed,
                observed_mean,
                observed_range,
                simulated_mean,
                simulated_range,
                ratio: simulated_mean / observed_mean,
            });
        }
    }
    checks
}
