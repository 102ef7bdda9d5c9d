//! Cases `dose_response_normal`: curves of single responses by least squares.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::dose_response_input::{Request, coefficient_names, named, observations};
use super::input::number;
use super::method::{Answer, MethodError, read};
use crate::analysis::exposure_response::dose_response::{DoseResponseData, Goodness, fit};

#[derive(Deserialize)]
struct Input {
    data: Map<String, Value>,
    #[serde(rename = "addCovars")]
    factor: Option<String>,
    #[serde(flatten)]
    request: Request,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { data, factor, request } = read(input)?;
    let data = DoseResponseData::from_observations(&observations(&data, factor.as_deref())?).map_err(MethodError::failed)?;
    let found = fit(&data, request.model.model(), &request.settings()).map_err(MethodError::failed)?;
    let mut out = request.answer(&found)?;
    let errors = found.standard_errors().map_or(Value::Null, |errors| named(&coefficient_names(&found), errors));
    out.insert("se".to_owned(), errors);
    if let Goodness::LeastSquares { residual_sum_of_squares, sigma, df, log_likelihood, aic, bic } = found.goodness {
        let numbers = [("rss", residual_sum_of_squares), ("sigma", sigma), ("loglik", log_likelihood), ("AIC", aic), ("BIC", bic)];
        out.extend(numbers.map(|(name, value)| (name.to_owned(), number(value))));
        out.insert("df".to_owned(), Value::from(df));
    }
    Ok(Value::Object(out).into())
}
