//! Cases `bayes_emax`: posterior of an Emax curve, continuous or binary, by quadrature.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::bayes_logistic::PROBABILITIES;
use super::input::{list, number};
use super::method::{Answer, MethodError, read};
use crate::analysis::exposure_response::emax_posterior::{
    EmaxPosterior, EmaxPriors, NormalPrior, PosteriorQuantity, binary_emax_posterior, normal_emax_posterior,
};

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Continuous {
        data: Continuous,
        priors: Priors,
        #[serde(deserialize_with = "list")]
        doses: Vec<f64>,
    },
    Binary {
        #[serde(deserialize_with = "list")]
        dose: Vec<f64>,
        #[serde(deserialize_with = "list")]
        events: Vec<f64>,
        #[serde(deserialize_with = "list")]
        n: Vec<f64>,
        priors: Priors,
        #[serde(deserialize_with = "list")]
        predict_doses: Vec<f64>,
    },
}

#[derive(Deserialize)]
struct Continuous {
    #[serde(deserialize_with = "list")]
    dose: Vec<f64>,
    #[serde(deserialize_with = "list")]
    resp: Vec<f64>,
}

#[derive(Deserialize)]
struct Priors {
    e0: Normal,
    emax: Normal,
    log_ed50: Normal,
    sigma: Option<HalfNormal>,
}

#[derive(Deserialize)]
struct Normal {
    mean: f64,
    sd: f64,
}

#[derive(Deserialize)]
struct HalfNormal {
    scale: f64,
}

impl Priors {
    fn of_curve(&self) -> EmaxPriors {
        let normal = |prior: &Normal| NormalPrior { mean: prior.mean, sd: prior.sd };
        EmaxPriors { e0: normal(&self.e0), emax: normal(&self.emax), log_ed50: normal(&self.log_ed50) }
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    match read(input)? {
        Input::Continuous { data, priors, doses } => {
            let scale = priors.sigma.as_ref().ok_or_else(|| MethodError::Failed("no prior of sigma".to_owned()))?.scale;
            let posterior = normal_emax_posterior(&data.dose, &data.resp, priors.of_curve(), scale, &doses).map_err(MethodError::failed)?;
            let mut out = shared(&posterior);
            let curve = doses.iter().zip(&posterior.curve).map(|(dose, value)| at_dose(*dose, linear(value)));
            let change = doses.iter().zip(&posterior.change).filter_map(|(dose, value)| Some(at_dose(*dose, linear(value.as_ref()?))));
            out.insert("mean_response".to_owned(), curve.collect());
            out.insert("effect_vs_zero".to_owned(), change.collect());
            Ok(Value::Object(out).into())
        }
        Input::Binary { dose, events, n, priors, predict_doses } => {
            let posterior = binary_emax_posterior(&dose, &events, &n, priors.of_curve(), &predict_doses).map_err(MethodError::failed)?;
            let mut out = shared(&posterior);
            let probabilities = predict_doses
                .iter()
                .zip(&posterior.curve)
                .map(|(dose, value)| at_dose(*dose, transformed(value, |logit| 1.0 / (1.0 + (-logit).exp()))));
            out.insert("predicted_probability".to_owned(), probabilities.collect());
            Ok(Value::Object(out).into())
        }
    }
}

fn shared(posterior: &EmaxPosterior) -> Map<String, Value> {
    let mut parameters = Map::from_iter([
        ("e0".to_owned(), Value::Object(linear(&posterior.e0))),
        ("emax".to_owned(), Value::Object(linear(&posterior.emax))),
        ("log_ed50".to_owned(), Value::Object(linear(&posterior.log_ed50))),
        ("ed50".to_owned(), Value::Object(transformed(&posterior.log_ed50, f64::exp))),
    ]);
    if let Some(log_sigma) = &posterior.log_sigma {
        parameters.insert("sigma".to_owned(), Value::Object(transformed(log_sigma, f64::exp)));
    }
    Map::from_iter([
        ("parameters".to_owned(), Value::Object(parameters)),
        ("pr_emax_positive".to_owned(), number(posterior.emax.probability_above(0.0))),
    ])
}

fn at_dose(dose: f64, summary: Map<String, Value>) -> Value {
    let mut out = Map::from_iter([("dose".to_owned(), number(dose))]);
    out.extend(summary);
    Value::Object(out)
}

fn linear(quantity: &PosteriorQuantity) -> Map<String, Value> {
    fields(quantity.mean(), quantity.sd(), |p| quantity.quantile(p))
}

/// Summary of an increasing function of a quantity whose distribution is held as densities.
fn transformed(quantity: &PosteriorQuantity, f: impl Fn(f64) -> f64) -> Map<String, Value> {
    let mean = quantity.expectation(&f).unwrap_or(f64::NAN);
    let variance = quantity.expectation(|t| (f(t) - mean) * (f(t) - mean)).unwrap_or(f64::NAN);
    fields(mean, variance.sqrt(), |p| f(quantity.quantile(p)))
}

fn fields(mean: f64, sd: f64, quantile: impl Fn(f64) -> f64) -> Map<String, Value> {
    let quantiles: Map<String, Value> = PROBABILITIES.iter().map(|p| (p.to_string(), number(quantile(*p)))).collect();
    match json!({"mean": number(mean), "sd": number(sd), "quantiles": quantiles}) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
