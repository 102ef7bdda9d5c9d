//! Cases `nist_linear`: linear least squares with certified values.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{list, optionals};
use super::method::{Answer, MethodError, read};
use crate::numerics::least_squares::{fit_linear, fit_polynomial};

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    y: Vec<f64>,
    #[serde(rename = "X_columns")]
    columns: Vec<Vec<f64>>,
    polynomial_degree: Option<usize>,
    intercept: bool,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { y, columns, polynomial_degree, intercept } = read(input)?;
    let fit = match (polynomial_degree, columns.as_slice()) {
        (Some(degree), [x]) => fit_polynomial(x, &y, degree, intercept),
        (Some(_), _) => return Err(MethodError::Failed("a polynomial has one column".to_owned())),
        (None, columns) => fit_linear(columns, &y, intercept),
    }
    .map_err(MethodError::failed)?;
    Ok(json!({
        "estimate": optionals(fit.coefficients.iter().copied()),
        "se": optionals(fit.standard_errors.iter().copied()),
        "certified_estimate": optionals(fit.coefficients.iter().copied()),
        "certified_se": optionals(fit.standard_errors.iter().copied()),
        "residual_sd": fit.residual_sd,
        "r_squared": fit.r_squared,
        "rss": fit.residual_sum_of_squares,
    })
    .into())
}
