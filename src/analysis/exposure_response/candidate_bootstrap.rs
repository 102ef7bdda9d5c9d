//! Bootstrap of a binary analysis with the choice of the model inside: subjects are drawn again, every form refitted, the rule applied anew.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::binary::{BinaryModel, ExposureForm};
use super::binary_emax::{BinaryEmaxFit, EmaxRefitter};
use super::bootstrap::{BootstrapSettings, draw};
use super::logistic_model::{LogisticModel, expit};
use super::model_choice::{Candidate, Choice, pick};
use crate::numerics::descriptive::{QuantileType, median, quantile};
use crate::numerics::glm::{Logistic, LogisticFit, Refitter};

/// What the refits predict at fixed exposures.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateBootstrap {
    /// Number and seed of the refits.
    pub settings: BootstrapSettings,
    /// How often each model was chosen, in their order.
    pub chosen: Vec<u32>,
    /// Refits without any estimate: the drawn subjects were separated, or all had one outcome.
    pub without_estimate: u32,
    /// Probability at each exposure, refit by refit.
    probabilities: Vec<Vec<f64>>,
}

/// Median and percentile limits of the refits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percentiles {
    /// Median of the refits.
    pub median: f64,
    /// Limits.
    pub limits: (f64, f64),
}

impl CandidateBootstrap {
    /// Of the probability at the exposure in this place; `None` without a refit.
    #[must_use]
    pub fn at(&self, place: usize, level: f64) -> Option<Percentiles> {
        percentiles(&self.probabilities.iter().filter_map(|refit| refit.get(place).copied()).collect::<Vec<f64>>(), level)
    }

    /// Of the difference of the probabilities at two exposures, the second minus the first.
    #[must_use]
    pub fn difference(&self, from: usize, to: usize, level: f64) -> Option<Percentiles> {
        let of = |refit: &Vec<f64>| Some(refit.get(to)? - refit.get(from)?);
        percentiles(&self.probabilities.iter().filter_map(of).collect::<Vec<f64>>(), level)
    }

    /// Refits with an estimate.
    #[must_use]
    pub fn with_estimate(&self) -> usize {
        self.probabilities.len()
    }
}

fn percentiles(values: &[f64], level: f64) -> Option<Percentiles> {
    if !(level > 0.0 && level < 1.0) {
        return None;
    }
    let tail = 0.5 * (1.0 - level);
    let at = |p: f64| quantile(values, p, QuantileType::Type7);
    Some(Percentiles { median: median(values)?, limits: (at(tail)?, at(1.0 - tail)?) })
}

/// A model that can be fitted again to drawn subjects.
enum Refittable<'a> {
    Logistic { form: ExposureForm, design: &'a Logistic, fit: LogisticFit, at: Vec<Vec<f64>> },
    Emax { form: ExposureForm, refitter: EmaxRefitter<'a>, at: Vec<f64> },
}

/// One form refitted to drawn subjects.
struct Refit {
    candidate: Candidate,
    probabilities: Vec<f64>,
}

/// Refits all models that were fitted by maximum likelihood to all subjects.
///
/// ```text
/// refit r: n subjects drawn from the n with replacement by stream r of the seed; every form refitted; one chosen by the rule; p_r(x) its probability
/// limits of p(x): the (1 - level)/2 and (1 + level)/2 quantiles (type 7) of p_r(x);   of a difference: those of p_r(x2) - p_r(x1)
/// ```
///
/// So the limits hold the uncertainty of the choice besides that of the parameters. Refits are independent of each other and of the number of threads.
///
/// # Edges
/// A form without a maximum on the drawn subjects takes no part in that refit; refits in which no form has one are counted and left out, which makes the
/// limits narrower than they should be where there are many. A form that the rule fixes and that a refit does not determine is replaced by the one with the
/// smallest AIC. `None` where no model takes part.
///
/// Source: `[EfronTibshirani1993]`.
#[must_use]
pub fn bootstrap_candidates(
    (exposures, outcomes): (&[f64], &[bool]),
    models: &[BinaryModel],
    choice: Choice,
    at: &[f64],
    settings: BootstrapSettings,
) -> Option<CandidateBootstrap> {
    let n = exposures.len();
    let logistics: Vec<Option<Logistic>> = models.iter().map(|model| logistic(model, outcomes)).collect();
    let prepared: Vec<Option<Refittable<'_>>> =
        models.iter().zip(&logistics).map(|(model, logistic)| prepare(model, logistic.as_ref(), (exposures, outcomes), at)).collect();
    if prepared.iter().all(Option::is_none) {
        return None;
    }
    let refitters: Vec<Option<Refitter<'_>>> = prepared
        .iter()
        .map(|candidate| match candidate {
            Some(Refittable::Logistic { design, fit, .. }) => Some(Refitter::new(design, fit)),
            _ => None,
        })
        .collect();
    let seeded = ChaCha8Rng::seed_from_u64(settings.seed);
    let one = |weights: &mut Vec<u32>, refit: u32| -> Option<(usize, Vec<f64>)> {
        let mut stream = seeded.clone();
        stream.set_stream(refit.into());
        draw(weights, &mut stream);
        let refits: Vec<Option<Refit>> = prepared
            .iter()
            .zip(&refitters)
            .map(|(candidate, refitter)| refit_one(candidate.as_ref()?, refitter.as_ref(), outcomes, weights))
            .collect();
        let candidates: Vec<Option<Candidate>> = refits.iter().map(|refit| refit.as_ref().map(|refit| refit.candidate)).collect();
        let fallback = || pick(&candidates, n, Choice::Smallest(choice.criterion()));
        let place = pick(&candidates, n, choice).or_else(fallback)?;
        Some((place, refits.into_iter().nth(place)??.probabilities))
    };
    let refits: Vec<Option<(usize, Vec<f64>)>> =
        (0..settings.refits).into_par_iter().map_init(|| vec![0_u32; n], |weights, refit| one(weights, refit)).collect();
    let mut out = CandidateBootstrap { settings, chosen: vec![0; models.len()], without_estimate: 0, probabilities: Vec::new() };
    for refit in refits {
        match refit {
            Some((place, probabilities)) => {
                if let Some(count) = out.chosen.get_mut(place) {
                    *count += 1;
                }
                out.probabilities.push(probabilities);
            }
            None => out.without_estimate += 1,
        }
    }
    Some(out)
}

/// The logistic regression of a model of all subjects that has a maximum.
fn logistic(model: &BinaryModel, outcomes: &[bool]) -> Option<Logistic> {
    match model {
        BinaryModel::Logistic(model) if model.aic.is_some() && model.n == outcomes.len() => {
            Logistic::from_outcomes(model.design().clone(), outcomes).ok()
        }
        _ => None,
    }
}

fn prepare<'a>(
    model: &BinaryModel,
    logistic: Option<&'a Logistic>,
    (exposures, outcomes): (&'a [f64], &[bool]),
    at: &[f64],
) -> Option<Refittable<'a>> {
    match model {
        BinaryModel::Logistic(model) => {
            let design = logistic?;
            let rows = |model: &LogisticModel| at.iter().map(|x| model.row_at(*x)).collect::<Option<Vec<Vec<f64>>>>();
            Some(Refittable::Logistic { form: model.form, design, fit: design.fit().ok()?, at: rows(model)? })
        }
        BinaryModel::Emax(model) => {
            emax(&model.fit, (exposures, outcomes)).map(|refitter| Refittable::Emax { form: model.form, refitter, at: at.to_vec() })
        }
    }
}

fn emax<'a>(fit: &BinaryEmaxFit, (exposures, outcomes): (&'a [f64], &[bool])) -> Option<EmaxRefitter<'a>> {
    EmaxRefitter::new(exposures, outcomes, fit)
}

fn refit_one(candidate: &Refittable<'_>, refitter: Option<&Refitter<'_>>, outcomes: &[bool], weights: &[u32]) -> Option<Refit> {
    match candidate {
        Refittable::Logistic { form, design, fit, at } => {
            let coefficients = refitter?.refit(weights)?;
            let kept = fit.coefficients.kept();
            let predictor =
                |row: &[f64]| kept.iter().zip(&coefficients).map(|(column, b)| row.get(*column).copied().unwrap_or(0.0) * b).sum::<f64>();
            let rows = design.design().iter().zip(outcomes).zip(weights).filter(|(_, weight)| **weight > 0);
            let log_likelihood = rows.map(|((row, outcome), weight)| f64::from(*weight) * log_probability(predictor(row), *outcome)).sum();
            let candidate = Candidate { form: *form, log_likelihood, parameters: coefficients.len() };
            Some(Refit { candidate, probabilities: at.iter().map(|row| expit(predictor(row))).collect() })
        }
        Refittable::Emax { form, refitter, at } => {
            let found = refitter.refit(weights).filter(|found| !found.at_bound)?;
            let candidate = Candidate { form: *form, log_likelihood: found.log_likelihood, parameters: found.parameters.len() };
            Some(Refit { candidate, probabilities: at.iter().map(|x| expit(EmaxRefitter::logit(*x, &found.parameters))).collect() })
        }
    }
}

/// Logarithm of the probability of an outcome.
fn log_probability(predictor: f64, outcome: bool) -> f64 {
    let signed = if outcome { predictor } else { -predictor };
    // log(1/(1 + e^-s)) without overflow on either side.
    signed.min(0.0) - (-signed.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::super::binary::{BinaryAnalysis, BinaryData, BinarySettings, analyse_binary};
    use super::super::logistic_model::Profiled;
    use super::super::model_choice::Criterion;
    use super::*;

    const RULE: Choice = Choice::Smallest(Criterion::Aic);
    const SETTINGS: BootstrapSettings = BootstrapSettings { refits: 120, seed: 7 };

    fn data(n: u32) -> (Vec<f64>, Vec<bool>) {
        let exposures: Vec<f64> = (0..n).map(|i| 1.0 + f64::from(i * 37 % n) / 2.0).collect();
        let outcomes =
            exposures.iter().enumerate().map(|(i, x)| (i * 53 % n as usize) as f64 / f64::from(n) < 0.1 + 0.75 * x / (8.0 + x)).collect();
        (exposures, outcomes)
    }

    fn analysed((exposures, outcomes): (&[f64], &[bool]), forms: &[ExposureForm]) -> BinaryAnalysis {
        let exposures: Vec<Option<f64>> = exposures.iter().copied().map(Some).collect();
        let outcomes: Vec<Option<bool>> = outcomes.iter().copied().map(Some).collect();
        let data = BinaryData { exposures: &exposures, outcomes: &outcomes, doses: &[], covariates: &[] };
        let settings = BinarySettings { forms: forms.to_vec(), level: 0.95, profiles: Profiled::None, choice: RULE };
        analyse_binary(&data, &settings).unwrap()
    }

    #[test]
    fn limits_hold_the_prediction_and_do_not_depend_on_the_threads() {
        let (exposures, outcomes) = data(120);
        let both = (exposures.as_slice(), outcomes.as_slice());
        let found = analysed(both, &ExposureForm::ALL);
        let run = || bootstrap_candidates(both, &found.models, RULE, &[5.0, 40.0], SETTINGS).unwrap();
        let first = run();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(pool.install(run), first);
        assert_eq!(first.chosen.iter().sum::<u32>() + first.without_estimate, 120);
        assert!(first.chosen.iter().filter(|count| **count > 0).count() > 1, "the choice varies: {:?}", first.chosen);
        let chosen = &found.models[found.chosen.unwrap()];
        for (place, exposure) in [5.0, 40.0].into_iter().enumerate() {
            let p = chosen.predict(exposure, 0.95).unwrap().unwrap().probability;
            let (lower, upper) = first.at(place, 0.95).unwrap().limits;
            assert!(lower < p && p < upper);
        }
        let (lower, upper) = first.difference(0, 1, 0.9).unwrap().limits;
        assert!(lower > 0.0 && upper < 1.0 && first.at(0, 1.0).is_none() && first.at(9, 0.9).is_none());
    }

    #[test]
    fn separated_resamples_are_counted() {
        let exposures: Vec<f64> = (0..9).map(f64::from).collect();
        let outcomes = [false, false, false, true, false, true, true, true, true];
        let found = analysed((&exposures, &outcomes), &[ExposureForm::Linear, ExposureForm::Emax]);
        let run = bootstrap_candidates((&exposures, &outcomes), &found.models, RULE, &[4.0], SETTINGS).unwrap();
        assert!(run.without_estimate > 20 && run.with_estimate() + run.without_estimate as usize == 120);
    }

    #[test]
    fn penalised_models_take_no_part() {
        let exposures: Vec<f64> = (0..12).map(f64::from).collect();
        let outcomes: Vec<bool> = exposures.iter().map(|x| *x > 5.0).collect();
        let found = analysed((&exposures, &outcomes), &[ExposureForm::Linear]);
        assert_eq!(bootstrap_candidates((&exposures, &outcomes), &found.models, RULE, &[4.0], SETTINGS), None);
    }

    #[test]
    fn log_probabilities_far_out_are_finite() {
        assert!((log_probability(0.0, true) + std::f64::consts::LN_2).abs() < 1e-15);
        assert!((log_probability(-800.0, true) + 800.0).abs() < 1e-9 && log_probability(800.0, true).abs() < 1e-300);
    }
}
