//! Cases `blrm`: the posterior of the Bayesian logistic regression model and the dose that overdose control permits.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{list, number, numbers};
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::blrm::{Blrm, BlrmPrior};
use crate::analysis::escalation::design::blrm_fit::{BlrmDose, BlrmPosterior};
use crate::analysis::escalation::design::{DoseLevel, Tally};

/// Probabilities of the quantiles.
const PROBS: [f64; 3] = [0.025, 0.5, 0.975];

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    doses: Vec<f64>,
    ref_dose: f64,
    prior: Prior,
    #[serde(deserialize_with = "list")]
    n: Vec<u32>,
    #[serde(deserialize_with = "list")]
    dlt: Vec<u32>,
    #[serde(deserialize_with = "list")]
    interval_cuts: Vec<f64>,
    ewoc_threshold: f64,
}

#[derive(Deserialize)]
struct Prior {
    log_alpha_mean: f64,
    log_beta_mean: f64,
    log_alpha_sd: f64,
    log_beta_sd: f64,
    corr: f64,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let prior = BlrmPrior {
        log_alpha_mean: input.prior.log_alpha_mean,
        log_alpha_sd: input.prior.log_alpha_sd,
        log_beta_mean: input.prior.log_beta_mean,
        log_beta_sd: input.prior.log_beta_sd,
        correlation: input.prior.corr,
    };
    let blrm = Blrm::new(&input.doses, input.ref_dose, prior, &input.interval_cuts, input.ewoc_threshold).map_err(MethodError::failed)?;
    let counts = input.n.iter().zip(&input.dlt).map(|(n, dlt)| Tally::new(*n, *dlt));
    let tallies: Vec<Tally> = counts.collect::<Result<_, _>>().map_err(MethodError::failed)?;
    Ok(answer(&blrm, &blrm.fit(&tallies).map_err(MethodError::failed)?).into())
}

fn answer(blrm: &Blrm, fit: &BlrmPosterior<'_>) -> Value {
    let moments = fit.moments();
    let index = |dose: Option<DoseLevel>| dose.map_or(Value::Null, |dose| (dose.0 + 1).into());
    let of_each = |value: fn(&BlrmDose) -> f64| numbers(fit.doses().iter().map(value));
    let quantiles: Vec<Value> = (0..blrm.doses()).map(|dose| numbers(PROBS.map(|q| fit.quantile(DoseLevel(dose), q)))).collect();
    json!({
        "interval_probs": interval_probs(blrm, fit.doses()),
        "prob_overdose": of_each(|dose| dose.prob_overdose),
        "ewoc_eligible": fit.doses().iter().map(|dose| dose.eligible).collect::<Vec<bool>>(),
        "next_dose_index_max_target_among_eligible": index(fit.next_dose()),
        "highest_eligible_dose_index": index(fit.highest_eligible()),
        "p_mean": of_each(|dose| dose.mean),
        "p_sd": of_each(|dose| dose.sd),
        "posterior": {
            "log_alpha_mean": number(moments.log_alpha_mean),
            "log_beta_mean": number(moments.log_beta_mean),
            "log_alpha_sd": number(moments.log_alpha_sd),
            "log_beta_sd": number(moments.log_beta_sd),
            "corr": number(moments.correlation),
        },
        "log_marginal_likelihood_kernel": number(fit.log_marginal_likelihood()),
        "p_quantiles": { "probs": numbers(PROBS), "by_dose": quantiles },
    })
}

/// The intervals by the names of the cases, which divide overdosing in two when there are four.
fn interval_probs(blrm: &Blrm, doses: &[BlrmDose]) -> Map<String, Value> {
    let names: &[&str] = match blrm.limits().len() {
        2 => &["under", "target", "over"],
        _ => &["under", "target", "excessive", "unacceptable"],
    };
    let of = |place: usize| numbers(doses.iter().filter_map(|dose| dose.interval_probs.get(place).copied()));
    names.iter().enumerate().map(|(place, name)| ((*name).to_owned(), of(place))).collect()
}
