//! Exposure under regimens that were or were not studied, simulated from a population model.
//!
//! [`simulate`] goes from the settings and the data to a [`PopulationSimulation`]. `subject` draws the virtual subjects, `dosing` says what they are
//! given, `individual` computes what one of them is exposed to (in closed form; `time_course` step by step where clearance changes over time), and
//! [`Simulator`] all of them. `summary` describes the distributions, `check` holds them against what was observed, `course` traces concentrations.

mod check;
mod course;
mod dosing;
mod individual;
mod simulator;
mod subject;
mod summary;
#[cfg(test)]
mod tests;
mod time_course;
mod units;

use rayon::prelude::*;

use crate::analysis::grouping::Population;
use crate::config::{MolecularClass, PopulationModel, PopulationModelSettings, ReferenceExposure, Settings, SimulatedMetric};
use crate::derive::{AnalysisData, Subject, dosing_interval};

pub use check::{ExposureCheck, HIGHEST_RATIO, LOWEST_RATIO, factor_to};
pub use course::{SimulatedCourse, SimulatedCourses};
pub use dosing::{AmountRule, DoseBasis, Regimen, RegimenRefusal, Step, regimens};
pub use individual::{Individual, Structure};
pub use simulator::Simulator;
pub use subject::{PARAMETERS, Pool, SimulationRefusal, VirtualSubject};
pub use summary::{ExposureDistribution, PERCENTILES, Simulated};
pub use time_course::{Changing, follow};
pub use units::{area_factor, concentration_factor};

/// What was simulated.
#[derive(Debug, Clone)]
pub struct PopulationSimulation {
    /// Subjects, typical values and structure.
    pub simulator: Simulator,
    /// The subjects of the trial from whom covariates were drawn; `None` where none was.
    pub pool: Option<Pool>,
    /// Regimens with their exposures, in the order of the model.
    pub regimens: Vec<SimulatedRegimen>,
    /// Position of the proposed dosage.
    pub proposed: Option<usize>,
    /// Regimens that could not be simulated, with the reason.
    pub refused: Vec<(String, RegimenRefusal)>,
    /// Unit of concentrations, and what mg/L is multiplied by.
    pub unit: (String, f64),
    /// Molar mass of the analyte in g/mol.
    pub molar_mass: Option<f64>,
    /// Simulated exposures beside those observed.
    pub checks: Vec<ExposureCheck>,
    /// Concentrations over time.
    pub courses: SimulatedCourses,
    /// Whether steady state is told of an antibody whose clearance is taken as constant (rule DJ-E20).
    pub constant_clearance_of_antibody: bool,
}

/// A regimen with its exposures.
#[derive(Debug, Clone)]
pub struct SimulatedRegimen {
    /// What is given.
    pub regimen: Regimen,
    /// Distributions by metric, in mg/L and mg·h/L; without those at steady state where the doses end.
    pub exposures: Vec<(SimulatedMetric, ExposureDistribution)>,
    /// By reference exposure of the project that belongs to a metric of the simulation.
    pub targets: Vec<TargetAttainment>,
}

impl SimulatedRegimen {
    /// The distribution of a metric.
    #[must_use]
    pub fn distribution(&self, metric: SimulatedMetric) -> Option<&ExposureDistribution> {
        self.exposures.iter().find(|(of, _)| *of == metric).map(|(_, distribution)| distribution)
    }
}

/// How many virtual subjects reach a reference exposure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetAttainment {
    /// Position among the reference exposures of the project.
    pub reference: usize,
    /// The metric that it is of.
    pub metric: SimulatedMetric,
    /// The reference in mg/L or mg·h/L.
    pub value: f64,
    /// Share of subjects with at least the reference exposure.
    pub share: f64,
    /// Mean share of the dosing interval above it, for a concentration.
    pub time_above: Option<f64>,
}

/// Simulates the regimens of the project's population model; `None` where the project has no model.
#[must_use]
pub fn simulate(data: &AnalysisData, settings: &Settings) -> Option<Result<PopulationSimulation, SimulationRefusal>> {
    let PopulationModelSettings { model, .. } = settings.pk.population_model.as_ref()?;
    Some(simulate_model(model, data, settings))
}

fn simulate_model(model: &PopulationModel, data: &AnalysisData, settings: &Settings) -> Result<PopulationSimulation, SimulationRefusal> {
    let (unit, molar_mass) = unit(model, settings);
    let factor = concentration_factor(&unit, molar_mass).ok_or_else(|| SimulationRefusal::Unit(unit.clone()))?;
    let (named, mut refused) = regimens(model, settings);
    let by = |basis| named.iter().any(|regimen| regimen.needs(basis));
    let sizes = (by(DoseBasis::Weight), by(DoseBasis::Surface));
    let (subjects, pool) = subject::draw_subjects(model, Some(data), pool(data, settings), settings.seed, sizes)?;
    let known = (subjects.iter().all(|subject| subject.weight.is_some()), subjects.iter().all(|subject| subject.surface.is_some()));
    let named = dosing::without_unknown_size(named, known, &mut refused);
    if named.is_empty() {
        let reasons: Vec<String> = refused.iter().map(|(label, reason)| format!("{label}: {reason}")).collect();
        return Err(SimulationRefusal::NoRegimen(reasons.join("; ")));
    }
    let structure = Structure::new(model, period(settings), 24.0 * settings.tolerability.cycle_length_days);
    let simulator = Simulator::new(model, subjects, structure, settings.seed);
    let proposed = settings.decision.as_ref().and_then(|decision| named.iter().position(|regimen| regimen.id == decision.proposed));
    let courses = course::trace(&simulator, &named.iter().collect::<Vec<_>>());
    let regimens = describe(&simulator, &named, proposed, (model, molar_mass), settings);
    let antibody = matches!(settings.drug.molecular_class, MolecularClass::Adc | MolecularClass::Antagonist);
    let mut simulation = PopulationSimulation {
        simulator,
        pool,
        regimens,
        proposed,
        refused,
        unit: (unit, factor),
        molar_mass,
        checks: Vec::new(),
        courses,
        constant_clearance_of_antibody: antibody && model.time_varying_clearance.is_none(),
    };
    simulation.checks = check::check(&simulation, model, data, settings);
    Ok(simulation)
}

/// Unit of concentrations and molar mass: those of the model's analyte, or of the only one.
fn unit(model: &PopulationModel, settings: &Settings) -> (String, Option<f64>) {
    let analytes = &settings.drug.analytes;
    let named = model.analyte.as_ref().and_then(|code| analytes.get(code));
    let analyte = named.or_else(|| analytes.values().next().filter(|_| analytes.len() == 1));
    let unit = model.concentration_unit.clone().or_else(|| analyte?.unit.clone()).unwrap_or_else(|| "ng/mL".to_owned());
    (unit, analyte.and_then(|analyte| analyte.molar_mass))
}

/// The subjects of the trial who were given the drug: covariates are drawn from them.
fn pool<'a>(data: &'a AnalysisData, settings: &Settings) -> Vec<&'a Subject> {
    let drug = |subject: &&Subject| {
        let dosage = subject.actual.and_then(|dosage| settings.dosages.get(dosage.0));
        Population::Safety.holds(subject) && dosage.is_some_and(|dosage| !dosage.comparator)
    };
    data.subjects.iter().filter(drug).collect()
}

/// Time over which areas at steady state are told: the interval of the proposed dosage, otherwise of the first dosage that has one, otherwise a
/// day. Regimens of different schedules are compared over the same time.
fn period(settings: &Settings) -> f64 {
    let proposed = settings.decision.as_ref().and_then(|decision| settings.dosage(&decision.proposed));
    let drug = settings.dosages.iter().filter(|dosage| !dosage.comparator);
    proposed.into_iter().chain(drug).find_map(|dosage| dosing_interval(dosage.schedule.as_deref()?)).unwrap_or(24.0)
}

/// Exposures of every regimen in every metric.
fn describe(
    simulator: &Simulator,
    named: &[Regimen],
    proposed: Option<usize>,
    (model, molar_mass): (&PopulationModel, Option<f64>),
    settings: &Settings,
) -> Vec<SimulatedRegimen> {
    let values = |metric: SimulatedMetric| -> Vec<summary::RegimenValues> {
        named.iter().map(|regimen| values_of(simulator, regimen, metric)).collect()
    };
    let by_metric: Vec<(SimulatedMetric, Vec<summary::RegimenValues>)> =
        SimulatedMetric::ALL.into_iter().map(|metric| (metric, values(metric))).collect();
    let references: Vec<(usize, SimulatedMetric, f64)> = settings
        .pk
        .reference_exposure
        .iter()
        .flatten()
        .enumerate()
        .filter_map(|(place, reference)| {
            let metric = model.metric_of(&reference.parameter)?;
            Some((place, metric, reference_value(reference, metric, molar_mass)?))
        })
        .collect();
    let level = settings.intervals.level;
    let simulated = |(place, regimen): (usize, &Regimen)| {
        let exposures: Vec<(SimulatedMetric, ExposureDistribution)> = by_metric
            .iter()
            .filter_map(|(metric, values)| {
                let beside = proposed.and_then(|proposed| Some((values.get(proposed)?, proposed == place)));
                Some((*metric, summary::describe(values.get(place)?, beside, level)?))
            })
            .collect();
        let targets = references.iter().filter_map(|(reference, metric, value)| {
            let of = exposures.iter().find(|(of, _)| of == metric).map(|(_, distribution)| &distribution.values)?;
            let reached = of.iter().filter(|exposure| *exposure >= value).count();
            let above = if metric.is_area() { Vec::new() } else { simulator.time_above(regimen, *value) };
            Some(TargetAttainment {
                reference: *reference,
                metric: *metric,
                value: *value,
                share: reached as f64 / of.len() as f64,
                time_above: crate::numerics::descriptive::mean(&above),
            })
        });
        let targets = targets.collect();
        SimulatedRegimen { regimen: regimen.clone(), exposures, targets }
    };
    named.iter().enumerate().map(simulated).collect()
}

fn values_of(simulator: &Simulator, regimen: &Regimen, metric: SimulatedMetric) -> summary::RegimenValues {
    let mean = |typical: &[f64; PARAMETERS]| summary::geometric_mean(&simulator.exposures(typical, regimen, metric));
    // The first cycle step by step, many times over, would take long and add little: its limits are not told where clearance changes.
    let cheap = metric.is_steady() || simulator.structure.clearance.is_none();
    let drawn = if cheap { simulator.draws.par_iter().filter_map(mean).collect() } else { Vec::new() };
    summary::RegimenValues { typical: simulator.exposures(&simulator.typical, regimen, metric), drawn_means: drawn }
}

/// A reference exposure in mg/L or mg·h/L.
fn reference_value(reference: &ReferenceExposure, metric: SimulatedMetric, molar_mass: Option<f64>) -> Option<f64> {
    Some(reference.value / factor_to(reference.unit.as_deref()?, metric, molar_mass)?)
}
