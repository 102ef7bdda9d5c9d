//! Candidate shapes of a dose-response test, and the power of a trial that would look for them.

use super::dose_refusal::DoseRefusal;
use super::dose_response::power::contrast_power;
use super::dose_response::{
    Belief, CandidateShape, Direction, DoseResponseError, DoseResponseModel, ExpectedEffect, OptimalContrasts, Reference, Scaling,
    ShareOfEffect, guesstimate,
};
use crate::config::{CandidateModel, DoseResponse, DoseResponsePlan, ExposureModel, ResponseDirection};
use crate::numerics::matrix::Matrix;
use crate::numerics::multivariate_t::Tails;
use crate::quantity::DoseUnit;

/// Largest number of subjects per dose that is tried.
const MOST_SUBJECTS: u64 = 20_000;

/// Power of a planned trial, by candidate shape.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedPower {
    /// Planned subjects per dose.
    pub subjects_per_dose: u64,
    /// Outcome at each dose under each shape.
    pub truths: Vec<Vec<f64>>,
    /// Power under each shape with the planned number.
    pub power: Vec<f64>,
    /// Power that is aimed at.
    pub wanted: f64,
    /// Smallest number of subjects per dose at which each shape has that power; `None` where none up to the largest tried does.
    pub needed: Vec<Option<u64>>,
}

/// The library's name of a model of the project file.
pub(super) fn shape_of(model: ExposureModel) -> DoseResponseModel {
    match model {
        ExposureModel::Linear => DoseResponseModel::Linear,
        ExposureModel::LogLinear => DoseResponseModel::LogLinear,
        ExposureModel::Emax => DoseResponseModel::Emax,
        ExposureModel::SigmoidEmax => DoseResponseModel::SigmoidEmax,
        ExposureModel::Quadratic => DoseResponseModel::Quadratic,
        ExposureModel::Exponential => DoseResponseModel::Exponential,
        ExposureModel::Logistic => DoseResponseModel::Logistic,
        ExposureModel::Beta => DoseResponseModel::Beta,
    }
}

pub(super) fn direction_of(direction: ResponseDirection) -> Direction {
    match direction {
        ResponseDirection::Increasing => Direction::Increasing,
        ResponseDirection::Decreasing => Direction::Decreasing,
    }
}

/// The shapes that the project file names, or the customary ones.
pub(super) fn candidates(asked: &DoseResponse, largest: f64, unit: &str) -> Result<Vec<CandidateShape>, DoseRefusal> {
    if asked.candidates.is_empty() {
        return customary(largest);
    }
    asked.candidates.iter().map(|candidate| candidate_shape(candidate, largest, unit)).collect()
}

fn customary(largest: f64) -> Result<Vec<CandidateShape>, DoseRefusal> {
    let at = |part: f64, share: f64| ShareOfEffect { dose: part * largest, share };
    let shape = |model: DoseResponseModel, belief: Option<Belief<'_>>| match belief.map(guesstimate).transpose() {
        Ok(guesses) => Ok(CandidateShape { model, guesses: guesses.unwrap_or_default() }),
        Err(error) => Err(DoseRefusal::guess(model.label(), &error)),
    };
    let s_shaped = [at(0.25, 0.2), at(0.5, 0.8)];
    Ok(vec![
        shape(DoseResponseModel::Linear, None)?,
        shape(DoseResponseModel::LogLinear, None)?,
        shape(DoseResponseModel::Emax, Some(Belief::Emax(&[at(0.25, 0.5)], Reference::Asymptote)))?,
        shape(DoseResponseModel::SigmoidEmax, Some(Belief::SigmoidEmax(&s_shaped, Reference::Asymptote)))?,
        shape(DoseResponseModel::Exponential, Some(Belief::Exponential(&[at(0.5, 0.2)], largest)))?,
    ])
}

fn candidate_shape(candidate: &CandidateModel, largest: f64, unit: &str) -> Result<CandidateShape, DoseRefusal> {
    let model = shape_of(candidate.model);
    let refused = |reason: &str| DoseRefusal::Candidate { model: model.label(), reason: reason.to_owned() };
    let amount = |dose: crate::quantity::Dose| {
        DoseUnit::parse(unit).and_then(|unit| dose.amount_in(unit)).ok_or_else(|| refused("a dose of its shares has another unit"))
    };
    let mut shares = Vec::new();
    for share in &candidate.shares {
        shares.push(ShareOfEffect { dose: amount(share.dose.0)?, share: share.share });
    }
    let belief = match model {
        DoseResponseModel::Linear | DoseResponseModel::LogLinear => return Ok(CandidateShape { model, guesses: Vec::new() }),
        DoseResponseModel::Emax => Belief::Emax(&shares, Reference::Asymptote),
        DoseResponseModel::SigmoidEmax => Belief::SigmoidEmax(&shares, Reference::Asymptote),
        DoseResponseModel::Logistic => Belief::Logistic(&shares, Reference::Asymptote),
        DoseResponseModel::Exponential => Belief::Exponential(&shares, largest),
        DoseResponseModel::Quadratic => Belief::Quadratic(&shares),
        DoseResponseModel::Beta => {
            let dose = candidate.largest_at.ok_or_else(|| refused("it needs `largest_at`"))?;
            let share = shares.first().copied().ok_or_else(|| refused("it needs a share"))?;
            Belief::Beta { share, dose_of_maximum: amount(dose.0)?, scale: Scaling::for_largest_dose(largest).scale }
        }
    };
    guesstimate(belief).map(|guesses| CandidateShape { model, guesses }).map_err(|error| DoseRefusal::guess(model.label(), &error))
}

/// Power of the contrast test in a trial with equal groups at the doses, for each candidate shape taken as the truth.
///
/// ```text
/// truth    lowest + sign effect (m(d) - m(d_1)) / max (m - m(d_1)),   m the shape;   for probabilities as logits
/// variance sigma^2 / n,   or 1 / (n p (1 - p)) of a logit at the probability of the truth
/// ```
///
/// Source: `[Pinheiro2006]`.
pub(super) fn planned_power(
    plan: &DoseResponsePlan,
    asked: &DoseResponse,
    shapes: &[CandidateShape],
    doses: &[f64],
    binary: bool,
) -> Result<PlannedPower, DoseRefusal> {
    let trial = Trial::new(plan, asked, shapes, doses, binary)?;
    let planned = u64::from(plan.subjects_per_dose);
    let power = (0..shapes.len()).map(|shape| trial.power(shape, planned)).collect::<Result<Vec<f64>, _>>()?;
    let needed = (0..shapes.len()).map(|shape| trial.needed(shape, plan.power, planned)).collect::<Result<Vec<_>, _>>()?;
    Ok(PlannedPower { subjects_per_dose: planned, truths: trial.outcomes, power, wanted: plan.power, needed })
}

/// A trial with equal groups.
struct Trial {
    contrasts: OptimalContrasts,
    /// Outcome at each dose under each shape.
    outcomes: Vec<Vec<f64>>,
    /// The same on the scale of the models.
    truths: Vec<Vec<f64>>,
    /// Variance of one subject's outcome on that scale, at each dose under each shape.
    variances: Vec<Vec<f64>>,
    alpha: f64,
    binary: bool,
}

impl Trial {
    fn new(
        plan: &DoseResponsePlan,
        asked: &DoseResponse,
        shapes: &[CandidateShape],
        doses: &[f64],
        binary: bool,
    ) -> Result<Self, DoseRefusal> {
        let largest = doses.iter().copied().fold(0.0, f64::max);
        let (scaling, direction) = (Scaling::for_largest_dose(largest), direction_of(asked.direction));
        let contrasts = OptimalContrasts::new(shapes, doses, &Matrix::diagonal(&vec![1.0; doses.len()]), scaling, direction)?;
        let deviation = plan.standard_deviation.filter(|_| !binary).unwrap_or(1.0);
        if !binary && plan.standard_deviation.is_none() {
            let what = "standard deviation of the plan";
            return Err(DoseResponseError::Value { what, value: f64::NAN, row: 1 }.into());
        }
        let (mut outcomes, mut truths, mut variances) = (Vec::new(), Vec::new(), Vec::new());
        for shape in shapes {
            let unit = ExpectedEffect { placebo: 0.0, largest: 1.0, direction: Direction::Increasing };
            let means = shape.means(doses, scaling, unit)?;
            let first = means.first().copied().unwrap_or(0.0);
            let top = means.iter().map(|mean| mean - first).fold(0.0, f64::max);
            let ends = [plan.at_lowest, plan.at_lowest + direction.sign() * plan.largest_effect];
            if binary && ends.iter().any(|p| *p <= 0.0 || *p >= 1.0) {
                return Err(DoseResponseError::Probability { what: "probability of the plan", value: ends[1] }.into());
            }
            let [low, high] = ends.map(|end| if binary { (end / (1.0 - end)).ln() } else { end });
            let truth: Vec<f64> = means.iter().map(|mean| low + (high - low) * (mean - first) / top).collect();
            let outcome: Vec<f64> = truth.iter().map(|value| if binary { 1.0 / (1.0 + (-value).exp()) } else { *value }).collect();
            let variance = |outcome: &f64| if binary { 1.0 / (outcome * (1.0 - outcome)) } else { deviation * deviation };
            variances.push(outcome.iter().map(variance).collect());
            outcomes.push(outcome);
            truths.push(truth);
        }
        Ok(Self { contrasts, outcomes, truths, variances, alpha: asked.alpha, binary })
    }

    fn power(&self, shape: usize, subjects: u64) -> Result<f64, DoseRefusal> {
        let (Some(truth), Some(variances)) = (self.truths.get(shape), self.variances.get(shape)) else { return Ok(f64::NAN) };
        let n = subjects as f64;
        let covariance = Matrix::diagonal(&variances.iter().map(|variance| variance / n).collect::<Vec<f64>>());
        let df = if self.binary { f64::INFINITY } else { (n - 1.0) * truth.len() as f64 };
        let found = contrast_power(&self.contrasts, &covariance, df, std::slice::from_ref(truth), (self.alpha, Tails::Upper))?;
        Ok(found.power.first().map_or(f64::NAN, |power| power.value))
    }

    /// Smallest number per dose with the power wanted; searched by doubling and halving from the planned number.
    fn needed(&self, shape: usize, wanted: f64, planned: u64) -> Result<Option<u64>, DoseRefusal> {
        let (mut below, mut above) = (1, planned.max(2));
        while self.power(shape, above)? < wanted {
            (below, above) = (above, above * 2);
            if above > MOST_SUBJECTS {
                return Ok(None);
            }
        }
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            if self.power(shape, middle)? < wanted {
                below = middle;
            } else {
                above = middle;
            }
        }
        Ok(Some(above))
    }
}
