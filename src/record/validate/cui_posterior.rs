//! Cases `cui_posterior`: which dosage has the highest utility index, given what is known of its attributes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{list, numbers};
use super::method::{Answer, MethodError, read};
use crate::analysis::utility::index::Aggregation;
use crate::analysis::utility::posterior::{PosteriorSettings, Uncertain, draw_index};
use crate::analysis::utility::value_function::ValueFunction;

/// Draws.
const DRAWS: usize = 100_000;

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    responders: Vec<u32>,
    #[serde(deserialize_with = "list")]
    n: Vec<u32>,
    #[serde(deserialize_with = "list")]
    toxicities: Vec<u32>,
    #[serde(deserialize_with = "list")]
    n_tox: Vec<u32>,
    prior: Prior,
    weight_efficacy: f64,
}

#[derive(Deserialize)]
struct Prior {
    a: f64,
    b: f64,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let shapes = |x: &[u32], n: &[u32]| {
        let pairs = x.iter().zip(n);
        pairs
            .map(|(x, n)| {
                let missed = n.checked_sub(*x).ok_or_else(|| MethodError::Failed("more events than subjects".to_owned()))?;
                Ok((input.prior.a + f64::from(*x), input.prior.b + f64::from(missed)))
            })
            .collect::<Result<Vec<(f64, f64)>, MethodError>>()
    };
    let (benefit, harm) = (shapes(&input.responders, &input.n)?, shapes(&input.toxicities, &input.n_tox)?);
    let beta = |(alpha, beta): (f64, f64)| Uncertain::Beta { alpha, beta };
    let known: Vec<Vec<Uncertain>> = benefit.iter().zip(&harm).map(|(benefit, harm)| vec![beta(*benefit), beta(*harm)]).collect();
    let functions = [ValueFunction::Linear { worst: 0.0, best: 1.0 }, ValueFunction::Linear { worst: 1.0, best: 0.0 }];
    let weights = [input.weight_efficacy, 1.0 - input.weight_efficacy];
    let settings = PosteriorSettings { draws: DRAWS, seed: 1, level: 0.95 };
    let drawn = draw_index(&known, &functions, &weights, Aggregation::Additive, settings).map_err(MethodError::failed)?;
    let [w, v] = weights;
    let mean = |(alpha, beta): (f64, f64)| alpha / (alpha + beta);
    let variance = |(alpha, beta): (f64, f64)| alpha * beta / ((alpha + beta).powi(2) * (alpha + beta + 1.0));
    let both = || benefit.iter().copied().zip(harm.iter().copied());
    let computed = json!({
        "cui_mean_exact": numbers(both().map(|(benefit, harm)| w * mean(benefit) + v * (1.0 - mean(harm)))),
        "cui_sd_exact": numbers(both().map(|(benefit, harm)| (w * w * variance(benefit) + v * v * variance(harm)).sqrt())),
        "probability_best": numbers(drawn.iter().map(|dosage| dosage.probability_best())),
        "probability_best_mc_se": numbers(drawn.iter().map(|dosage| dosage.best_error)),
    });
    Ok(computed.into())
}
