//! The dose-response analyses of a project: test for a signal, models behind it, doses that reach an effect.

use std::cmp::Ordering;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::dose_plan::{PlannedPower, candidates, direction_of, planned_power};
use super::dose_refusal::DoseRefusal;
use super::dose_response::{
    ContrastTest, DoseResponseCurve, DoseResponseFit, DoseResponseModel, FitSettings, McpModPlan, ModelFit, OptimalContrasts, fit,
    run_mcpmod,
};
use super::dose_sample::{DoseSample, assemble_doses};
use super::logistic_model::expit;
use crate::config::{DoseResponse, ModelSelection, ResponseDirection, Settings};
use crate::derive::AnalysisData;
use crate::numerics::multivariate_t::Tails;
use crate::numerics::root::find_root;

/// Steps of the grid on which curves are drawn and doses are looked for.
const STEPS: u32 = 400;
/// Points of a drawn curve: every so many steps.
const EVERY: usize = 4;

/// One analysis that the project file asks for.
#[derive(Debug, Clone)]
pub struct DoseResponseResult {
    /// What was asked for.
    pub asked: DoseResponse,
    /// Name printed in the dossier.
    pub label: String,
    /// What was found, or why there is nothing.
    pub found: Result<DoseFindings, DoseRefusal>,
}

/// What was found of one analysis.
#[derive(Debug, Clone)]
pub struct DoseFindings {
    /// The data.
    pub sample: DoseSample,
    /// Candidate shapes and their contrasts.
    pub contrasts: OptimalContrasts,
    /// The test of all shapes.
    pub test: ContrastTest,
    /// The models behind significant contrasts that could be fitted; empty without a signal.
    pub models: Vec<DoseModel>,
    /// Models behind significant contrasts that could not be fitted, with the reason.
    pub not_fitted: Vec<(DoseResponseModel, String)>,
    /// Position of the model with the smallest criterion.
    pub chosen: Option<usize>,
    /// The average of the models by their weights.
    pub averaged: Option<DoseCurve>,
    /// Power of a planned trial, where the project plans one.
    pub power: Option<Result<PlannedPower, DoseRefusal>>,
}

/// A model behind a signal.
#[derive(Debug, Clone)]
pub struct DoseModel {
    /// The model.
    pub model: DoseResponseModel,
    /// AIC, or gAIC for estimates.
    pub criterion: f64,
    /// Weight among the models.
    pub weight: f64,
    /// The fit.
    pub fit: DoseResponseFit,
    /// Its curve on the scale of the outcome, with doses that reach effects.
    pub curve: DoseCurve,
}

/// A curve on the scale of the outcome with doses that reach effects.
#[derive(Debug, Clone)]
pub struct DoseCurve {
    /// Points from the lowest to the highest dose studied, with percentile limits of the bootstrap.
    pub points: Vec<DosePoint>,
    /// The same at the doses studied.
    pub at_doses: Vec<DosePoint>,
    /// Smallest dose at which the difference from the lowest dose reaches the relevant effect.
    pub target: Option<FoundDose>,
    /// Smallest doses with shares of the largest effect in the studied range, in the order asked for.
    pub shares: Vec<FoundDose>,
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DosePoint {
    /// The dose.
    pub dose: f64,
    /// Probability or mean.
    pub value: f64,
    /// Percentile limits of the bootstrap.
    pub limits: Option<(f64, f64)>,
}

/// A dose that reaches an effect, with percentile limits of the bootstrap. Nothing is extrapolated: a replicate that does not reach the effect in the
/// studied range counts as beyond it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundDose {
    /// The dose; `None` where no dose studied reaches the effect.
    pub dose: Option<f64>,
    /// Lower limit; `None` beyond the studied range.
    pub lower: Option<f64>,
    /// Upper limit; `None` beyond the studied range.
    pub upper: Option<f64>,
    /// Share of the replicates that reach the effect in the studied range.
    pub reached: f64,
    /// Replicates with a fit.
    pub replicates: usize,
}

/// Analyses every outcome that the project file names for dose-response; empty where it names none.
#[must_use]
pub fn analyse_doses(data: &AnalysisData, settings: &Settings) -> Vec<DoseResponseResult> {
    let analyse = |asked: &DoseResponse| {
        let found = assemble_doses(asked, data, settings).and_then(|sample| find(asked, sample, settings));
        let label = asked.label.clone().or_else(|| Some(format!("{} by dose", found.as_ref().ok()?.sample.endpoint.label)));
        DoseResponseResult { asked: asked.clone(), label: label.unwrap_or_else(|| asked.id.clone()), found }
    };
    settings.dose_response.iter().map(analyse).collect()
}

/// Tests for a signal and follows it.
///
/// ```text
/// binary       logit of the proportion at each dose with its variance; generalised least squares [Pinheiro2014]
/// continuous   single values with one variance; least squares
/// effect(d)    g(f(d)) - g(f(d_1)),   g the inverse logit or the identity,   d_1 the lowest dose studied, 0 with a control
/// ```
fn find(asked: &DoseResponse, sample: DoseSample, settings: &Settings) -> Result<DoseFindings, DoseRefusal> {
    let largest = sample.doses().into_iter().fold(0.0, f64::max);
    let shapes = candidates(asked, largest, &sample.unit)?;
    let plan = McpModPlan {
        candidates: shapes.clone(),
        direction: direction_of(asked.direction),
        tails: Tails::Upper,
        alpha: asked.alpha,
        // Effects are told over the lowest dose studied, not over dose 0, which the curves would have to be extrapolated to.
        relevant_effect: asked.relevant_effect.unwrap_or(f64::INFINITY),
        settings: FitSettings::for_largest_dose(largest),
    };
    let data = sample.data_with(&sample.values())?;
    // Of an outcome that falls the contrasts are negative in the direction looked for, so that their statistics are positive.
    let result = run_mcpmod(&data, &plan)?;
    let not_fitted = result.models.iter().filter_map(|model| Some((model.model, model.fit.as_ref().err()?.to_string()))).collect();
    let (models, averaged) = follow(asked, &sample, &result.models, &plan.settings, settings);
    let chosen = models.iter().enumerate().min_by(|a, b| a.1.criterion.total_cmp(&b.1.criterion)).map(|(place, _)| place);
    let power = asked.plan.as_ref().map(|plan| planned_power(plan, asked, &shapes, &sample.doses(), sample.binary));
    Ok(DoseFindings { contrasts: result.contrasts, test: result.test, models, not_fitted, chosen, averaged, power, sample })
}

/// The models that were fitted with their curves, and the average of them.
fn follow(
    asked: &DoseResponse,
    sample: &DoseSample,
    fits: &[ModelFit],
    fitting: &FitSettings,
    settings: &Settings,
) -> (Vec<DoseModel>, Option<DoseCurve>) {
    let kept: Vec<(&ModelFit, &DoseResponseFit)> = fits.iter().filter_map(|model| Some((model, model.fit.as_ref().ok()?))).collect();
    if kept.is_empty() {
        return (Vec::new(), None);
    }
    let (scale, level) = (Scale::new(asked, sample), settings.intervals.level);
    let names: Vec<DoseResponseModel> = kept.iter().map(|(model, _)| model.model).collect();
    let replicates = resample(sample, &names, fitting, asked.replicates, settings.seed);
    let model = |(place, (model, fit)): (usize, &(&ModelFit, &DoseResponseFit))| {
        let single = |replicate: &Replicate| replicate.get(place).and_then(Option::as_ref).map(|(curve, _)| vec![(curve.clone(), 1.0)]);
        let curves: Vec<Mixture> = replicates.iter().filter_map(single).collect();
        let curve = scale.curve(&[(fit.curve.clone(), 1.0)], &curves, level);
        DoseModel { model: model.model, criterion: fit.goodness.criterion(), weight: model.weight, fit: (*fit).clone(), curve }
    };
    let models = kept.iter().enumerate().map(model).collect();
    let mixture: Mixture = kept.iter().map(|(model, fit)| (fit.curve.clone(), model.weight)).collect();
    let curves: Vec<Mixture> = replicates.iter().filter_map(weighted).collect();
    (models, Some(scale.curve(&mixture, &curves, level)))
}

impl DoseFindings {
    /// The curve by which the project's rule goes on: of the chosen model or the average.
    #[must_use]
    pub fn selected(&self, selection: ModelSelection) -> Option<&DoseCurve> {
        match selection {
            ModelSelection::Aic => self.models.get(self.chosen?).map(|model| &model.curve),
            ModelSelection::Average => self.averaged.as_ref(),
        }
    }
}

/// Curves with their weights.
type Mixture = Vec<(DoseResponseCurve, f64)>;

/// Curve and criterion of each model in one bootstrap replicate.
type Replicate = Vec<Option<(DoseResponseCurve, f64)>>;

/// The fits of a replicate with the weights of their criteria; `None` without a fit.
fn weighted(replicate: &Replicate) -> Option<Mixture> {
    let fits: Vec<&(DoseResponseCurve, f64)> = replicate.iter().flatten().collect();
    let least = fits.iter().map(|(_, criterion)| *criterion).fold(f64::INFINITY, f64::min);
    let share = |criterion: f64| (-0.5 * (criterion - least)).exp();
    let total: f64 = fits.iter().map(|(_, criterion)| share(*criterion)).sum();
    (!fits.is_empty()).then(|| fits.iter().map(|(curve, criterion)| (curve.clone(), share(*criterion) / total)).collect())
}

/// Refits the models to subjects drawn with replacement within each dose; replicate `i` draws from stream `i` of the seed.
fn resample(sample: &DoseSample, models: &[DoseResponseModel], settings: &FitSettings, replicates: u32, seed: u64) -> Vec<Replicate> {
    let seeded = ChaCha8Rng::seed_from_u64(seed);
    let mut observed = sample.values();
    observed.iter_mut().for_each(|values| values.sort_by(f64::total_cmp));
    let replicate = |number: u32| {
        let mut stream = seeded.clone();
        stream.set_stream(number.into());
        let mut draw = |values: &Vec<f64>| -> Vec<f64> {
            let mut one = || {
                let place = (u128::from(stream.next_u64()) * values.len() as u128) >> u64::BITS;
                values.get(place as usize).copied().unwrap_or(f64::NAN)
            };
            (0..values.len()).map(|_| one()).collect()
        };
        let drawn: Vec<Vec<f64>> = observed.iter().map(&mut draw).collect();
        let Ok(data) = sample.data_with(&drawn) else { return vec![None; models.len()] };
        let refit = |model: &DoseResponseModel| fit(&data, *model, settings).ok().map(|fit| (fit.curve, fit.goodness.criterion()));
        models.iter().map(refit).collect()
    };
    (0..replicates).into_par_iter().map(replicate).collect()
}

/// The scale of an outcome and the range of the doses.
struct Scale {
    binary: bool,
    sign: f64,
    doses: Vec<f64>,
    lowest: f64,
    highest: f64,
    relevant: Option<f64>,
    shares: Vec<f64>,
}

impl Scale {
    fn new(asked: &DoseResponse, sample: &DoseSample) -> Self {
        let doses = sample.doses();
        Self {
            binary: sample.binary,
            sign: if asked.direction == ResponseDirection::Increasing { 1.0 } else { -1.0 },
            lowest: doses.iter().copied().fold(f64::INFINITY, f64::min),
            highest: doses.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            relevant: asked.relevant_effect,
            shares: asked.ed.clone(),
            doses,
        }
    }

    fn value(&self, mixture: &[(DoseResponseCurve, f64)], dose: f64) -> f64 {
        let on_scale = |curve: &DoseResponseCurve| if self.binary { expit(curve.mean(dose)) } else { curve.mean(dose) };
        mixture.iter().map(|(curve, weight)| weight * on_scale(curve)).sum()
    }

    fn grid(&self) -> Vec<f64> {
        let step = |step: u32| {
            if step == STEPS { self.highest } else { self.lowest + (self.highest - self.lowest) * f64::from(step) / f64::from(STEPS) }
        };
        (0..=STEPS).map(step).collect()
    }

    fn curve(&self, mixture: &[(DoseResponseCurve, f64)], replicates: &[Mixture], level: f64) -> DoseCurve {
        let grid = self.grid();
        let traced: Vec<Vec<f64>> =
            replicates.par_iter().map(|mixture| grid.iter().map(|dose| self.value(mixture, *dose)).collect()).collect();
        let drawn = grid.iter().enumerate().step_by(EVERY);
        let points = drawn.map(|(place, dose)| {
            let mut values: Vec<f64> =
                traced.iter().filter_map(|values| values.get(place)).copied().filter(|value| value.is_finite()).collect();
            DosePoint { dose: *dose, value: self.value(mixture, *dose), limits: percentiles(&mut values, level) }
        });
        let at_dose = |dose: &f64| {
            let mut values: Vec<f64> =
                replicates.iter().map(|mixture| self.value(mixture, *dose)).filter(|value| value.is_finite()).collect();
            DosePoint { dose: *dose, value: self.value(mixture, *dose), limits: percentiles(&mut values, level) }
        };
        let own: Vec<f64> = grid.iter().map(|dose| self.value(mixture, *dose)).collect();
        let found = |effect: &dyn Fn(f64) -> Option<f64>| {
            let dose_of = |mixture: &[(DoseResponseCurve, f64)], values: &[f64]| {
                let top = self.largest(values);
                self.smallest(mixture, &grid, values, effect(top)?)
            };
            let doses = replicates.iter().zip(&traced).map(|(mixture, values)| dose_of(mixture, values));
            FoundDose::new(dose_of(mixture, &own), doses.collect(), level)
        };
        DoseCurve {
            points: points.collect(),
            at_doses: self.doses.iter().map(at_dose).collect(),
            target: self.relevant.map(|relevant| found(&|_| Some(relevant))),
            shares: self.shares.iter().map(|share| found(&|top| (top > 0.0).then_some(share * top))).collect(),
        }
    }

    /// Largest difference from the lowest dose in the direction looked for.
    fn largest(&self, values: &[f64]) -> f64 {
        let first = values.first().copied().unwrap_or(f64::NAN);
        values.iter().map(|value| self.sign * (value - first)).fold(0.0, f64::max)
    }

    /// Smallest dose whose difference from the lowest dose reaches the effect.
    fn smallest(&self, mixture: &[(DoseResponseCurve, f64)], grid: &[f64], values: &[f64], effect: f64) -> Option<f64> {
        let first = values.first().copied()?;
        let excess = |value: f64| self.sign * (value - first) - effect;
        let place = values.iter().position(|value| excess(*value) >= 0.0)?;
        let (left, right) = (grid.get(place.checked_sub(1)?)?, grid.get(place)?);
        Some(find_root(|dose| excess(self.value(mixture, dose)), *left, *right, 1e-12 * self.highest).unwrap_or(*right))
    }
}

/// Lower and upper percentile.
fn percentiles(values: &mut [f64], level: f64) -> Option<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let at = |p: f64| values.get((p * (values.len().saturating_sub(1)) as f64).round() as usize).copied();
    at(0.5 - 0.5 * level).zip(at(0.5 + 0.5 * level))
}

impl FoundDose {
    fn new(dose: Option<f64>, replicates: Vec<Option<f64>>, level: f64) -> Self {
        let n = replicates.len();
        let reached = replicates.iter().flatten().count();
        let mut values: Vec<f64> = replicates.into_iter().map(|dose| dose.unwrap_or(f64::INFINITY)).collect();
        let inside = |limit: f64| (limit.partial_cmp(&f64::INFINITY) == Some(Ordering::Less)).then_some(limit);
        let limits = percentiles(&mut values, level);
        Self {
            dose,
            lower: limits.and_then(|(lower, _)| inside(lower)),
            upper: limits.and_then(|(_, upper)| inside(upper)),
            reached: if n == 0 { 0.0 } else { reached as f64 / n as f64 },
            replicates: n,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dose_response::Scaling;
    use super::*;

    fn line(constant: f64, slope: f64) -> DoseResponseCurve {
        DoseResponseCurve {
            model: DoseResponseModel::Linear,
            scaling: Scaling::for_largest_dose(100.0),
            coefficients: vec![constant, slope],
        }
    }

    fn scale(sign: f64) -> Scale {
        Scale { binary: false, sign, doses: vec![10.0, 100.0], lowest: 10.0, highest: 100.0, relevant: Some(3.0), shares: vec![0.5] }
    }

    #[test]
    fn effects_are_counted_from_the_lowest_dose_and_never_extrapolated() {
        let rising = scale(1.0).curve(&[(line(2.0, 0.1), 1.0)], &[], 0.9);
        assert!((rising.target.unwrap().dose.unwrap() - 40.0).abs() < 1e-9);
        assert!((rising.shares[0].dose.unwrap() - 55.0).abs() < 1e-9);
        let flat = scale(1.0).curve(&[(line(2.0, 0.01), 1.0)], &[], 0.9);
        assert_eq!(flat.target.unwrap().dose, None);
        let falling = scale(-1.0).curve(&[(line(2.0, -0.1), 1.0)], &[], 0.9);
        assert!((falling.target.unwrap().dose.unwrap() - 40.0).abs() < 1e-9);
        assert_eq!(scale(1.0).curve(&[(line(2.0, -0.1), 1.0)], &[], 0.9).shares[0].dose, None);
    }

    #[test]
    fn replicates_that_do_not_reach_the_effect_lie_beyond_the_range() {
        let replicates: Vec<Mixture> = (1..=100).map(|place| vec![(line(0.0, 0.002 * f64::from(place)), 1.0)]).collect();
        let found = scale(1.0).curve(&[(line(0.0, 0.1), 1.0)], &replicates, 0.9).target.unwrap();
        // 3 is reached by 100 from a slope of 3/90 on: from place 17 of 100.
        assert!((found.reached - 0.84).abs() < 1e-12 && found.upper.is_none(), "{found:?}");
        assert!(found.lower.unwrap() > 10.0 && found.replicates == 100);
    }

    #[test]
    fn probabilities_are_averaged_on_their_own_scale() {
        let binary = Scale { binary: true, ..scale(1.0) };
        let value = binary.value(&[(line(0.0, 0.0), 0.5), (line(100.0, 0.0), 0.5)], 20.0);
        assert!((value - 0.75).abs() < 1e-12);
    }
}
