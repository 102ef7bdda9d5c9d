//! MCP-Mod: a test for a dose-response signal, then models for it.

use rayon::prelude::*;

use super::candidate::{CandidateShape, Direction};
use super::contrast::OptimalContrasts;
use super::contrast_test::{ContrastTest, test_contrasts};
use super::data::DoseResponseData;
use super::error::DoseResponseError;
use super::fit::{DoseResponseFit, FitSettings, fit};
use super::model::DoseResponseModel;
use super::target_dose::TargetDose;
use crate::numerics::multivariate_t::Tails;
use crate::numerics::root::find_root;

/// Steps of the grid on which an averaged curve is followed up to its target.
const CURVE_STEPS: u32 = 1000;

/// What is tested and estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct McpModPlan {
    /// Candidate shapes.
    pub candidates: Vec<CandidateShape>,
    /// Direction of benefit.
    pub direction: Direction,
    /// Which deviations count in the test.
    pub tails: Tails,
    /// Level of the test.
    pub alpha: f64,
    /// Relevant effect over dose 0, as a positive number.
    pub relevant_effect: f64,
    /// How models are fitted.
    pub settings: FitSettings,
}

/// A model behind a significant contrast.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFit {
    /// The model.
    pub model: DoseResponseModel,
    /// Largest statistic among its shapes (of absolute value in a two-sided test).
    pub statistic: f64,
    /// The fit, or why there is none.
    pub fit: Result<DoseResponseFit, DoseResponseError>,
    /// Smallest dose with the relevant effect, where there is a fit.
    pub target_dose: Option<TargetDose>,
    /// Weight in the average, 0 without a fit.
    pub weight: f64,
}

/// Target dose over all models behind significant contrasts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AveragedDose {
    /// Weighted mean of the models' target doses; `None` when a model does not reach the relevant effect.
    pub mean_of_doses: Option<f64>,
    /// Smallest dose at which the weighted mean of the models' effects reaches the relevant effect; `None` when it does not.
    pub of_mean_curve: Option<f64>,
    /// Sum of the weights of the models that reach the relevant effect.
    pub weight_reaching: f64,
}

/// The result of MCP-Mod.
#[derive(Debug, Clone, PartialEq)]
pub struct McpModResult {
    /// Candidate shapes and their contrasts.
    pub contrasts: OptimalContrasts,
    /// The test.
    pub test: ContrastTest,
    /// The models behind significant contrasts in the order of the candidates; empty when no contrast is significant: then there is no
    /// model and no dose.
    pub models: Vec<ModelFit>,
    /// Position in `models` of the lowest AIC (gAIC for estimates).
    pub lowest_criterion: Option<usize>,
    /// Position in `models` of the largest statistic among those with a fit.
    pub largest_statistic: Option<usize>,
    /// Target dose by averaging.
    pub averaged: Option<AveragedDose>,
}

/// Tests for a dose-response signal and, where there is one, fits, selects and averages the models behind it.
///
/// ```text
/// 1. one mean per dose, adjusted for covariates; optimal contrasts of the candidate shapes; multiplicity-adjusted test
/// 2. the models of the significant shapes are fitted
/// 3. selection by the lowest AIC or the largest statistic; averaging with weights  w_m = exp(-(AIC_m - min AIC) / 2) / sum
/// ```
///
/// Without a significant contrast the result has no model and no dose.
///
/// # Errors
/// [`DoseResponseError`] where the test cannot be done. A model that cannot be fitted keeps its reason in [`ModelFit::fit`].
///
/// Source: `[Bretz2005]`, `[Pinheiro2014]`, `[Schorning2016]` for averaging.
pub fn run_mcpmod(data: &DoseResponseData, plan: &McpModPlan) -> Result<McpModResult, DoseResponseError> {
    let (estimates, df) = data.means_by_dose()?;
    let contrasts =
        OptimalContrasts::new(&plan.candidates, &estimates.doses, &estimates.covariance, plan.settings.scaling, plan.direction)?;
    let test = test_contrasts(&contrasts, &estimates, df, plan.tails, plan.alpha)?;
    let mut models = fit_significant(data, &test, plan);
    weigh(&mut models);
    let criterion = |model: &ModelFit| model.fit.as_ref().map_or(f64::INFINITY, |fit| fit.goodness.criterion());
    let statistic = |model: &ModelFit| if model.fit.is_ok() { -model.statistic } else { f64::INFINITY };
    let averaged = averaged_dose(&models, plan, data.largest_dose());
    Ok(McpModResult {
        lowest_criterion: lowest(&models, criterion),
        largest_statistic: lowest(&models, statistic),
        contrasts,
        test,
        models,
        averaged,
    })
}

/// Fits every model of which a shape is significant, once.
fn fit_significant(data: &DoseResponseData, test: &ContrastTest, plan: &McpModPlan) -> Vec<ModelFit> {
    let mut significant: Vec<(DoseResponseModel, f64)> = Vec::new();
    for shape in test.shapes.iter().filter(|shape| shape.significant) {
        let size = if test.tails == Tails::Both { shape.statistic.abs() } else { shape.statistic };
        match significant.iter_mut().find(|(model, _)| *model == shape.model) {
            Some((_, largest)) => *largest = largest.max(size),
            None => significant.push((shape.model, size)),
        }
    }
    significant
        .into_par_iter()
        .map(|(model, statistic)| {
            let fit = fit(data, model, &plan.settings);
            let target_dose = fit.as_ref().ok().map(|fit| fit.target_dose(plan.relevant_effect, plan.direction));
            ModelFit { model, statistic, fit, target_dose, weight: 0.0 }
        })
        .collect()
}

fn weigh(models: &mut [ModelFit]) {
    let criterion = |model: &ModelFit| model.fit.as_ref().ok().map(|fit| fit.goodness.criterion());
    let least = models.iter().filter_map(criterion).fold(f64::INFINITY, f64::min);
    let share = |model: &ModelFit| criterion(model).map_or(0.0, |value| (-0.5 * (value - least)).exp());
    let total: f64 = models.iter().map(share).sum();
    for model in models.iter_mut() {
        model.weight = share(model) / total.max(f64::MIN_POSITIVE);
    }
}

fn lowest(models: &[ModelFit], value: impl Fn(&ModelFit) -> f64) -> Option<usize> {
    let values = models.iter().map(value).enumerate().filter(|(_, value)| value.is_finite());
    values.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(position, _)| position)
}

fn averaged_dose(models: &[ModelFit], plan: &McpModPlan, largest_dose: f64) -> Option<AveragedDose> {
    let fitted: Vec<(&DoseResponseFit, f64, Option<f64>)> = models
        .iter()
        .filter_map(|model| Some((model.fit.as_ref().ok()?, model.weight, model.target_dose.and_then(TargetDose::dose))))
        .collect();
    if fitted.is_empty() {
        return None;
    }
    let reaching = fitted.iter().filter_map(|(_, weight, dose)| dose.map(|dose| (weight, dose)));
    let weight_reaching = reaching.clone().map(|(weight, _)| weight).sum();
    let all_reach = fitted.iter().all(|(_, _, dose)| dose.is_some());
    let mean_of_doses = all_reach.then(|| reaching.map(|(weight, dose)| weight * dose).sum());
    let excess = |dose: f64| {
        let effect: f64 = fitted.iter().map(|(fit, weight, _)| weight * fit.curve.effect(dose)).sum();
        plan.direction.sign() * effect - plan.relevant_effect
    };
    let step = largest_dose / f64::from(CURVE_STEPS);
    let crossing = (0..CURVE_STEPS).map(|k| (f64::from(k) * step, f64::from(k + 1) * step)).find(|(_, right)| excess(*right) >= 0.0);
    let of_mean_curve = crossing.and_then(|(left, right)| find_root(excess, left, right, 1e-13 * largest_dose).ok());
    Some(AveragedDose { mean_of_doses, of_mean_curve, weight_reaching })
}
