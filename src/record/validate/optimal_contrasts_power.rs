//! Cases `optimal_contrasts_power`: optimal contrasts for candidate shapes and the power of their test.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::dose_response_input::{Candidates, NamedMatrix, named, peer_name};
use super::input::number;
use super::mcpmod::contrasts_json;
use super::method::{Answer, MethodError, read};
use crate::analysis::exposure_response::dose_response::OptimalContrasts;
use crate::analysis::exposure_response::dose_response::power::contrast_power;
use crate::numerics::matrix::Matrix;
use crate::numerics::multivariate_t::Tails;

#[derive(Deserialize)]
struct Input {
    models: Map<String, Value>,
    doses: Vec<f64>,
    weights: Option<Vec<f64>>,
    #[serde(rename = "S")]
    covariance: Option<NamedMatrix>,
    power: Option<Trial>,
}

#[derive(Deserialize)]
struct Trial {
    n: Vec<f64>,
    sigma: f64,
    alpha: f64,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { models, doses, weights, covariance, power } = read(input)?;
    let covariance = match (&covariance, &weights) {
        (Some(covariance), _) => covariance.matrix()?,
        (None, Some(weights)) => Matrix::diagonal(&weights.iter().map(|weight| 1.0 / weight).collect::<Vec<f64>>()),
        (None, None) => return Err(MethodError::Failed("neither weights nor a covariance".to_owned())),
    };
    let Candidates { shapes, scaling, direction } = Candidates::read(&models, &doses)?;
    let contrasts = OptimalContrasts::new(&shapes, &doses, &covariance, scaling, direction).map_err(MethodError::failed)?;
    let mut out = contrasts_json(&contrasts);
    if let Some(Trial { n, sigma, alpha }) = power {
        let variances: Vec<f64> = n.iter().map(|n| sigma * sigma / n).collect();
        let df = n.iter().sum::<f64>() - n.len() as f64;
        let found = contrast_power(&contrasts, &Matrix::diagonal(&variances), df, &contrasts.means, (alpha, Tails::Upper));
        let found = found.map_err(MethodError::failed)?;
        let names: Vec<String> = shapes.iter().map(|shape| peer_name(shape.model).to_owned()).collect();
        out.insert("critical_value".to_owned(), number(found.critical_value.value));
        out.insert("power".to_owned(), named(&names, found.power.iter().map(|power| power.value)));
    }
    Ok(Value::Object(out).into())
}
