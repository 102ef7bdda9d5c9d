//! Outcomes predicted under regimens that were or were not studied: the models of exposure-response over simulated exposures.
//!
//! [`predict_alternatives`] takes what was modelled and what was simulated. A prediction is the mean over the virtual subjects of what the model
//! says at each subject's exposure, not what it says at the mean exposure; `binary` holds it for events, `time` for times to an event.

mod binary;
mod time;

use super::result::{ExposureResponseResult, Modelled, Models};
use crate::analysis::pk::population_simulation::{PopulationSimulation, factor_to};
use crate::config::{Settings, SimulatedMetric};
use crate::numerics::distribution::{DistributionError, normal_critical};

/// Share of virtual subjects outside the observed exposures from which a prediction is an extrapolation.
pub const EXTRAPOLATION: f64 = 0.05;

/// An outcome under every simulated regimen.
#[derive(Debug, Clone)]
pub struct AlternativeOutcome {
    /// Position of the analysis among those of exposure-response.
    pub analysis: usize,
    /// The predictions, or why there are none.
    pub found: Result<PredictedOutcome, NotPredicted>,
}

/// Why an outcome is not predicted under the simulated regimens.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotPredicted {
    /// The exposure of the models is none that is simulated.
    #[error("the exposure {code} is none that is simulated; `exposures` of the population model says what a code stands for")]
    Exposure {
        /// Parameter code.
        code: String,
    },
    /// The unit of the exposure in the data is not understood.
    #[error("the unit of {code} in the data ({unit}) is not understood")]
    Unit {
        /// Parameter code.
        code: String,
        /// Unit.
        unit: String,
    },
    /// A grade or a number.
    #[error("grades and numbers are not predicted under simulated regimens")]
    Kind,
    /// Strata have baseline hazards of their own.
    #[error("its strata have baseline hazards of their own, so that there is no one curve to average")]
    Strata,
    /// No model was fitted, or it has no effect of exposure.
    #[error("no model of the outcome has an effect of exposure")]
    NoModel,
    /// The confidence level is none.
    #[error(transparent)]
    Level(#[from] DistributionError),
}

/// Predictions of one outcome.
#[derive(Debug, Clone)]
pub struct PredictedOutcome {
    /// The simulated exposure.
    pub metric: SimulatedMetric,
    /// What its values were multiplied by to be in the unit of the data.
    pub factor: f64,
    /// Smallest and largest exposure among the subjects of the models.
    pub observed: (f64, f64),
    /// One per regimen, `None` where it has no such exposure.
    pub regimens: Vec<Option<RegimenPrediction>>,
    /// Draws of the typical values of the population model that are in the limits; 0 where their uncertainty is not stated.
    pub draws: usize,
}

/// What is predicted under one regimen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegimenPrediction {
    /// Share of the virtual subjects whose exposure lies outside those of the models' subjects.
    pub outside: f64,
    /// The outcome.
    pub outcome: RegimenOutcome,
}

impl RegimenPrediction {
    /// Whether the prediction rests on exposures that too few subjects of the models had.
    #[must_use]
    pub fn is_extrapolated(&self) -> bool {
        self.outside > EXTRAPOLATION
    }
}

/// An outcome under one regimen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RegimenOutcome {
    /// Probability of an event.
    Binary {
        /// Mean probability over the virtual subjects by the chosen model.
        probability: Estimate,
        /// The same averaged over the models by their Akaike weights.
        average: Option<f64>,
        /// Probability minus that under the proposed dosage.
        difference: Option<Estimate>,
    },
    /// Time to an event.
    Time {
        /// Median in days of the survival averaged over the virtual subjects; `None` where it does not fall to one half.
        median: Option<f64>,
        /// Percentile limits of the median; a side is `None` where it is not reached.
        median_limits: Option<(Option<f64>, Option<f64>)>,
        /// Geometric mean hazard over that under the proposed dosage, the same virtual subjects.
        hazard_ratio: Option<Estimate>,
    },
}

/// A number with limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Limits; `None` where the model has no covariance.
    pub limits: Option<(f64, f64)>,
}

/// Simulated exposures in the unit of the data.
struct Exposures {
    /// One list per regimen; empty where it has no such exposure.
    typical: Vec<Vec<f64>>,
    /// The same for each draw of the typical values.
    drawn: Vec<Vec<Vec<f64>>>,
    /// Position of the proposed dosage.
    proposed: Option<usize>,
}

/// Predicts every outcome that was modelled under every regimen that was simulated.
#[must_use]
pub fn predict_alternatives(
    results: &[ExposureResponseResult],
    simulation: &PopulationSimulation,
    settings: &Settings,
) -> Vec<AlternativeOutcome> {
    let one = |(analysis, result): (usize, &ExposureResponseResult)| {
        let modelled = result.found.as_ref().ok()?;
        Some(AlternativeOutcome { analysis, found: predict(result, modelled, simulation, settings) })
    };
    results.iter().enumerate().filter_map(one).collect()
}

fn predict(
    result: &ExposureResponseResult,
    modelled: &Modelled,
    simulation: &PopulationSimulation,
    settings: &Settings,
) -> Result<PredictedOutcome, NotPredicted> {
    let code = &result.exposure;
    let model = settings.pk.population_model.as_ref().map(|stated| &stated.model);
    let metric = model.and_then(|model| model.metric_of(code)).ok_or_else(|| NotPredicted::Exposure { code: code.clone() })?;
    let unit = modelled.sample.metric.kind.unit.clone().unwrap_or_default();
    let factor = factor_to(&unit, metric, simulation.molar_mass).ok_or_else(|| NotPredicted::Unit { code: code.clone(), unit })?;
    let observed = modelled.sample.exposures();
    let ends = (observed.iter().copied().fold(f64::INFINITY, f64::min), observed.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let exposures = exposures(simulation, metric, factor);
    let critical = normal_critical(settings.intervals.level)?;
    let outcomes = match &modelled.models {
        Models::Binary(models) => binary::predict(models, &exposures, critical),
        Models::Time(models) if !models.strata.is_empty() => return Err(NotPredicted::Strata),
        Models::Time(models) => time::predict(models, &modelled.sample, &exposures, settings),
        Models::Ordinal(_) | Models::Continuous(_) => return Err(NotPredicted::Kind),
    };
    let outcomes = outcomes.ok_or(NotPredicted::NoModel)?;
    let regimens = exposures.typical.iter().zip(outcomes).map(|(values, outcome)| {
        let beyond = values.iter().filter(|value| **value < ends.0 || **value > ends.1).count();
        Some(RegimenPrediction { outside: beyond as f64 / values.len().max(1) as f64, outcome: outcome? })
    });
    Ok(PredictedOutcome { metric, factor, observed: ends, regimens: regimens.collect(), draws: exposures.drawn.len() })
}

fn exposures(simulation: &PopulationSimulation, metric: SimulatedMetric, factor: f64) -> Exposures {
    let simulator = &simulation.simulator;
    let all = |typical| -> Vec<Vec<f64>> {
        let of = |values: Vec<f64>| values.into_iter().map(|value| value * factor).collect();
        simulation.regimens.iter().map(|regimen| of(simulator.exposures(typical, &regimen.regimen, metric))).collect()
    };
    let cheap = metric.is_steady() || simulator.structure.clearance.is_none();
    let drawn = if cheap { simulator.draws.iter().map(all).collect() } else { Vec::new() };
    Exposures { typical: all(&simulator.typical), drawn, proposed: simulation.proposed }
}

/// Variance of numbers; zero for fewer than two.
fn spread(values: &[f64]) -> f64 {
    crate::numerics::descriptive::variance(values).unwrap_or(0.0)
}
