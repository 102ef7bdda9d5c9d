//! The simulation itself: exposures of all virtual subjects under a regimen, for one set of typical values.

use rayon::prelude::*;

use super::dosing::Regimen;
use super::individual::{Individual, Structure};
use super::subject::{PARAMETERS, SimulationRefusal, VirtualSubject, draw_subjects, lower_factor, normal, stream};
use crate::config::{ParameterName, PopulationModel, SimulatedMetric};

/// Streams from here on belong to draws of the typical values.
const DRAWS: u64 = 1 << 40;

/// Subjects, typical values and structure of a population model.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulator {
    /// Typical values in litres and hours; parameters that the model has not are 1, the lag 0.
    pub typical: [f64; PARAMETERS],
    /// Draws of the typical values; empty where their uncertainty is not stated.
    pub draws: Vec<[f64; PARAMETERS]>,
    /// Virtual subjects.
    pub subjects: Vec<VirtualSubject>,
    /// What they have in common.
    pub structure: Structure,
}

impl Simulator {
    /// Of a model whose covariates are all stated, without data: `period` and `cycle` in hours.
    ///
    /// # Errors
    /// [`SimulationRefusal`] for covariates that the model does not give and correlations that contradict each other.
    pub fn without_data(model: &PopulationModel, period: f64, cycle: f64, seed: u64) -> Result<Self, SimulationRefusal> {
        let (subjects, _) = draw_subjects(model, None, Vec::new(), seed, (true, true))?;
        Ok(Self::new(model, subjects, Structure::new(model, period, cycle), seed))
    }

    /// Of a model and its virtual subjects.
    pub(super) fn new(model: &PopulationModel, subjects: Vec<VirtualSubject>, structure: Structure, seed: u64) -> Self {
        let typical = typical(model);
        Self { draws: draws(model, &typical, seed), typical, subjects, structure }
    }

    /// An exposure of every virtual subject in mg/L or mg·h/L, in their order; empty at steady state where the doses of the regimen end.
    #[must_use]
    pub fn exposures(&self, typical: &[f64; PARAMETERS], regimen: &Regimen, metric: SimulatedMetric) -> Vec<f64> {
        self.of_each(typical, regimen, |individual| individual.exposure(metric))
    }

    /// Share of the dosing interval at steady state above a threshold in mg/L, of every virtual subject.
    #[must_use]
    pub fn time_above(&self, regimen: &Regimen, threshold: f64) -> Vec<f64> {
        self.of_each(&self.typical, regimen, |individual| individual.time_above(threshold))
    }

    fn of_each<F>(&self, typical: &[f64; PARAMETERS], regimen: &Regimen, of: F) -> Vec<f64>
    where
        F: Fn(&Individual<'_>) -> Option<f64> + Sync,
    {
        let one = |subject: &VirtualSubject| {
            let value = of(&Individual::new(typical, subject, regimen, &self.structure)?)?;
            value.is_finite().then_some(value)
        };
        let found: Option<Vec<f64>> = self.subjects.par_iter().map(one).collect();
        found.unwrap_or_default()
    }
}

fn typical(model: &PopulationModel) -> [f64; PARAMETERS] {
    ParameterName::ALL.map(|name| match model.parameters.get(name) {
        Some(stated) => stated.typical,
        None if name == ParameterName::Lag => 0.0,
        None => 1.0,
    })
}

/// Draws of the typical values on the scale of their logarithms.
///
/// ```text
/// ln P ~ N(ln P^, C),   C as stated, or diagonal with (RSE/100)^2
/// ```
fn draws(model: &PopulationModel, typical: &[f64; PARAMETERS], seed: u64) -> Vec<[f64; PARAMETERS]> {
    if !model.is_uncertain() {
        return Vec::new();
    }
    let mut covariance = vec![0.0; PARAMETERS * PARAMETERS];
    let mut set = |row: usize, column: usize, value: f64| {
        if let Some(cell) = covariance.get_mut(row * PARAMETERS + column) {
            *cell = value;
        }
    };
    // Parameters without uncertainty take part with a variance of one, which is not used.
    let mut uncertain = [false; PARAMETERS];
    for name in ParameterName::ALL {
        let rse = model.parameters.get(name).and_then(|stated| stated.rse_percent).filter(|rse| *rse > 0.0);
        set(name.place(), name.place(), rse.map_or(1.0, |rse| (rse / 100.0).powi(2)));
        uncertain[name.place()] = rse.is_some();
    }
    if let Some(stated) = &model.estimate_covariance {
        for (row, name) in stated.rows.iter().zip(&stated.of) {
            row.iter().zip(&stated.of).for_each(|(value, other)| set(name.place(), other.place(), *value));
            uncertain[name.place()] = true;
        }
    }
    let Some(factor) = lower_factor(&covariance, PARAMETERS) else { return Vec::new() };
    let draw = |number: u32| {
        let mut stream = stream(seed, DRAWS + u64::from(number));
        let normals: Vec<f64> = (0..PARAMETERS).map(|_| normal(&mut stream)).collect();
        let mut drawn = *typical;
        for (place, value) in drawn.iter_mut().enumerate().filter(|(place, _)| uncertain.get(*place).copied().unwrap_or(false)) {
            let row = factor.get(place * PARAMETERS..(place + 1) * PARAMETERS).unwrap_or_default();
            *value *= row.iter().zip(&normals).map(|(factor, normal)| factor * normal).sum::<f64>().exp();
        }
        drawn
    };
    (0..model.uncertainty_draws).map(draw).collect()
}
