//! The posterior probability of dose-limiting toxicity over dose, by Bayesian logistic regression.

use super::design::blrm::Blrm;
use super::design::blrm_fit::BlrmPosterior;
use super::design::{DoseLevel, MODEL_INTERVAL_LEVEL, Tally};
use super::levels::EscalationLevel;
use super::mtd::MtdMethod;

/// Points between the lowest and the highest level at which the curve is computed, beside the levels themselves.
const POINTS: usize = 16;

/// Halvings of the logarithm of a dose: more digits than the posterior has.
const BISECTIONS: usize = 60;

/// One point of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Dose in the unit of the levels.
    pub dose: f64,
    /// Posterior mean of the probability of toxicity.
    pub mean: f64,
    /// Posterior median.
    pub median: f64,
    /// Lower end of the band.
    pub lower: f64,
    /// Upper end of the band.
    pub upper: f64,
    /// Posterior probability that toxicity exceeds the target.
    pub prob_exceeds: f64,
}

/// The curve.
#[derive(Debug, Clone, PartialEq)]
pub struct PosteriorCurve {
    /// The model.
    pub method: MtdMethod,
    /// Target probability of dose-limiting toxicity.
    pub target: f64,
    /// Level of the band.
    pub level: f64,
    /// Points in ascending dose, the levels among them.
    pub points: Vec<CurvePoint>,
    /// The points at the levels, lowest first.
    pub at_levels: Vec<CurvePoint>,
    /// Unit of the doses.
    pub unit: String,
    /// Where the dose whose probability of toxicity is the target lies.
    pub target_dose: TargetDose,
}

/// The dose at which toxicity is the target, within the levels studied.
///
/// The curve of the model ascends in dose, so that the dose at the target lies at or above `d` exactly when toxicity at `d` is at most the target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetDose {
    /// Posterior probability that it lies below the lowest level.
    pub below: f64,
    /// Posterior probability that it lies above the highest level.
    pub above: f64,
    /// Median, where it lies within the levels.
    pub median: Option<f64>,
    /// Lower limit at [`PosteriorCurve::level`], where it lies within the levels.
    pub lower: Option<f64>,
    /// Upper limit, where it lies within the levels.
    pub upper: Option<f64>,
}

/// Computes the curve of a model given counts at its levels.
pub(super) fn trace_curve(
    model: &Blrm,
    method: &MtdMethod,
    levels: &[EscalationLevel],
    tallies: &[Tally],
    target: f64,
) -> Option<PosteriorCurve> {
    let MtdMethod::LogisticRegression { reference, .. } = method else { return None };
    let at_level: Vec<f64> = model.log_doses().iter().map(|log_dose| log_dose.exp() * reference).collect();
    let (lowest, highest) = (*at_level.first()?, *at_level.last()?);
    let unit = levels.first()?.dose?.unit().label().to_owned();
    let between = (1..=POINTS).map(|position| lowest * (highest / lowest).powf(position as f64 / (POINTS + 1) as f64));
    let apart = |dose: &f64| at_level.iter().all(|level| (dose / level - 1.0).abs() > 1e-3);
    let mut grid: Vec<(f64, Option<usize>)> = between.filter(apart).map(|dose| (dose, None)).collect();
    grid.extend(at_level.iter().enumerate().map(|(level, dose)| (*dose, Some(level))));
    grid.sort_by(|a, b| a.0.total_cmp(&b.0));
    let doses: Vec<f64> = grid.iter().map(|(dose, _)| *dose).collect();
    let counts: Vec<Tally> =
        grid.iter().map(|(_, level)| level.and_then(|level| tallies.get(level)).copied().unwrap_or_default()).collect();
    let dense = Blrm::new(&doses, *reference, *model.prior(), model.limits(), model.max_overdose_prob()).ok()?;
    let posterior = dense.fit(&counts).ok()?;
    let tail = (1.0 - MODEL_INTERVAL_LEVEL) / 2.0;
    let point = |(index, dose): (usize, &f64)| {
        let at = DoseLevel(index);
        CurvePoint {
            dose: *dose,
            mean: posterior.doses().get(index).map_or(f64::NAN, |dose| dose.mean),
            median: posterior.quantile(at, 0.5),
            lower: posterior.quantile(at, tail),
            upper: posterior.quantile(at, 1.0 - tail),
            prob_exceeds: 1.0 - posterior.prob_at_most(at, target),
        }
    };
    let points: Vec<CurvePoint> = doses.iter().enumerate().map(point).collect();
    let at_levels = grid.iter().zip(&points).filter(|((_, level), _)| level.is_some()).map(|(_, point)| *point).collect();
    let target_dose = target_dose(&points, &posterior, *reference, target)?;
    Some(PosteriorCurve { method: method.clone(), target, level: MODEL_INTERVAL_LEVEL, points, at_levels, unit, target_dose })
}

fn target_dose(points: &[CurvePoint], posterior: &BlrmPosterior<'_>, reference: f64, target: f64) -> Option<TargetDose> {
    let (first, last) = (points.first()?, points.last()?);
    let tail = (1.0 - MODEL_INTERVAL_LEVEL) / 2.0;
    let prob_exceeds = |log_ratio: f64| posterior.prob_exceeds_at(log_ratio, target);
    let quantile = |probability: f64| {
        let within = first.prob_exceeds <= probability && probability <= last.prob_exceeds;
        within.then(|| crossing(((first.dose / reference).ln(), (last.dose / reference).ln()), probability, prob_exceeds).exp() * reference)
    };
    Some(TargetDose {
        below: first.prob_exceeds,
        above: 1.0 - last.prob_exceeds,
        median: quantile(0.5),
        lower: quantile(tail),
        upper: quantile(1.0 - tail),
    })
}

/// Where an ascending function reaches a value between two ends.
fn crossing((mut low, mut high): (f64, f64), value: f64, function: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..BISECTIONS {
        let middle = 0.5 * (low + high);
        if function(middle) < value {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::escalation::design::blrm::BlrmPrior;
    use crate::derive::DosageIndex;
    use crate::quantity::Dose;

    #[test]
    fn the_dose_at_the_target_is_that_of_the_posterior() {
        let amounts = [10.0, 30.0, 60.0, 120.0, 240.0, 360.0, 480.0];
        let level = |(index, amount): (usize, &f64)| {
            let dose: Option<Dose> = format!("{amount} mg").parse().ok();
            EscalationLevel { dosage: DosageIndex(index), id: format!("d{index}"), label: format!("Dose {index}"), dose }
        };
        let levels: Vec<EscalationLevel> = amounts.iter().enumerate().map(level).collect();
        let tallies = [(3, 0), (2, 0), (3, 0), (3, 0), (6, 1), (14, 3), (12, 5)].map(|(n, dlt)| Tally { n, dlt });
        let prior =
            BlrmPrior { log_alpha_mean: (0.3_f64 / 0.7).ln(), log_alpha_sd: 2.0, log_beta_mean: 0.0, log_beta_sd: 1.0, correlation: 0.0 };
        let model = Blrm::new(&amounts, 480.0, prior, &[0.16, 0.33], 0.25).unwrap();
        let method = MtdMethod::LogisticRegression {
            prior,
            reference: 480.0,
            of_project: false,
            target_interval: (0.16, 0.33),
            overdose_limit: 0.25,
        };
        let found = trace_curve(&model, &method, &levels, &tallies, 0.3).unwrap().target_dose;
        // By a grid of 2803 by 1601 points over the two parameters.
        let (median, lower) = (found.median.unwrap(), found.lower.unwrap());
        assert!((median - 424.13).abs() < 0.2 && (lower - 282.86).abs() < 0.2, "{median} {lower}");
        assert_eq!(found.upper, None, "the upper limit lies above the highest level");
    }
}
