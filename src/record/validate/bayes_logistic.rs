//! Cases `bayes_logistic`: posterior of a logistic regression by quadrature.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::number;
use super::method::{Answer, MethodError, read};
use super::regression_input::{Formula, covariates, numeric_column};
use crate::analysis::exposure_response::model_matrix::ModelMatrix;
use crate::numerics::logistic_posterior::{CoefficientPrior, LogisticPosterior};
use crate::numerics::piecewise_density::PiecewiseDensity;

/// Probabilities of the recorded quantiles.
pub(super) const PROBABILITIES: [f64; 9] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

#[derive(Deserialize)]
struct Input {
    data: Map<String, Value>,
    formula: String,
    priors: std::collections::BTreeMap<String, Prior>,
    predict: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(tag = "dist", rename_all = "snake_case")]
enum Prior {
    Normal { mean: f64, sd: f64 },
    StudentT { mean: f64, scale: f64, df: f64 },
}

impl From<&Prior> for CoefficientPrior {
    fn from(prior: &Prior) -> Self {
        match *prior {
            Prior::Normal { mean, sd } => Self::Normal { mean, sd },
            Prior::StudentT { mean, scale, df } => Self::StudentT { mean, scale, df },
        }
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let columns = covariates(&input.data);
    let formula = Formula::read(&input.formula)?;
    let response = numeric_column(&columns, &formula.response)?;
    let eligible: Vec<bool> = response.iter().map(Option::is_some).collect();
    let matrix = ModelMatrix::build(&columns, &formula.terms, true, &eligible).map_err(MethodError::failed)?;
    let events: Vec<f64> = matrix.rows().iter().filter_map(|row| response.get(*row).copied().flatten()).collect();
    let priors = matrix
        .names()
        .iter()
        .map(|name| input.priors.get(name).map(CoefficientPrior::from).ok_or_else(|| MethodError::Failed(format!("no prior of `{name}`"))))
        .collect::<Result<Vec<_>, _>>()?;
    let posterior = LogisticPosterior::new(matrix.design(), &events, None, &priors).map_err(MethodError::failed)?;
    let unit = |column: usize| -> Vec<f64> { (0..priors.len()).map(|other| f64::from(u8::from(other == column))).collect() };
    let densities: Vec<PiecewiseDensity> = (0..priors.len()).map(|column| posterior.density(&unit(column))).collect();
    let parameters: Map<String, Value> =
        matrix.names().iter().cloned().zip(densities.iter().map(|density| summary(density, |t| t))).collect();
    let rows = matrix.rows_at(&covariates(&input.predict)).map_err(MethodError::failed)?;
    let predicted: Vec<Value> =
        rows.iter().enumerate().map(|(position, row)| at_point(&input.predict, position, &posterior.density(row))).collect();
    Ok(json!({
        "parameters": parameters,
        "pr_slope_positive": densities.get(1).map(|density| density.upper(0.0)),
        "predicted_probability": predicted,
        "log_marginal_likelihood": densities.first().map(PiecewiseDensity::log_total),
    })
    .into())
}

/// Summary of a probability with the values of the covariates in front.
fn at_point(newdata: &Map<String, Value>, position: usize, density: &PiecewiseDensity) -> Value {
    let cell = |column: &Value| column.as_array().and_then(|cells| cells.get(position)).unwrap_or(column).clone();
    let mut out: Map<String, Value> = newdata.iter().map(|(name, column)| (name.clone(), cell(column))).collect();
    if let Value::Object(fields) = summary(density, |t| 1.0 / (1.0 + (-t).exp())) {
        out.extend(fields);
    }
    Value::Object(out)
}

/// Mean, standard deviation and quantiles of an increasing function of the variable.
fn summary(density: &PiecewiseDensity, f: impl Fn(f64) -> f64) -> Value {
    let mean = density.expectation(&f);
    let variance = density.expectation(|t| (f(t) - mean) * (f(t) - mean));
    let quantiles: Map<String, Value> = PROBABILITIES.iter().map(|p| (p.to_string(), number(f(density.quantile(*p))))).collect();
    json!({"mean": mean, "sd": variance.sqrt(), "quantiles": quantiles})
}
