//! Cases `dose_response_general`: curves of estimates with their covariance by generalised least squares.

use serde::Deserialize;
use serde_json::Value;

use super::dose_response_input::{NamedMatrix, Request};
use super::input::number;
use super::method::{Answer, MethodError, read};
use crate::analysis::exposure_response::dose_response::{DoseEstimates, DoseResponseData, Goodness, fit};

#[derive(Deserialize)]
struct Input {
    doses: Vec<f64>,
    #[serde(rename = "muhat")]
    estimates: Vec<f64>,
    #[serde(rename = "S")]
    covariance: NamedMatrix,
    #[serde(flatten)]
    request: Request,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { doses, estimates, covariance, request } = read(input)?;
    let estimates = DoseEstimates { doses, estimates, covariance: covariance.matrix()? };
    let data = DoseResponseData::from_estimates(&estimates).map_err(MethodError::failed)?;
    let found = fit(&data, request.model.model(), &request.settings()).map_err(MethodError::failed)?;
    let mut out = request.answer(&found)?;
    if let Goodness::Generalised { residual_sum_of_squares, gaic } = found.goodness {
        out.insert("gRSS2".to_owned(), number(residual_sum_of_squares));
        out.insert("gAIC".to_owned(), number(gaic));
    }
    Ok(Value::Object(out).into())
}
