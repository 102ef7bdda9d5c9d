//! Cases `logistic_firth`: penalised estimates with profile limits that converge, and whether maximum likelihood exists.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{number, numbers, optional};
use super::method::{Answer, MethodError, read};
use super::regression_input::{Formula, by_name, covariance, covariates, limits, numeric_column, predictions};
use crate::analysis::exposure_response::model_matrix::ModelMatrix;
use crate::numerics::glm::{GlmError, Logistic};
use crate::numerics::regression::ChiSquareTest;

#[derive(Deserialize)]
struct Input {
    data: Map<String, Value>,
    formula: String,
    level: f64,
    newdata: Option<Map<String, Value>>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let columns = covariates(&input.data);
    let formula = Formula::read(&input.formula)?;
    let response = numeric_column(&columns, &formula.response)?;
    let eligible: Vec<bool> = response.iter().map(Option::is_some).collect();
    let matrix = ModelMatrix::build(&columns, &formula.terms, true, &eligible).map_err(MethodError::failed)?;
    let outcomes: Vec<bool> = matrix.rows().iter().filter_map(|row| response.get(*row).copied().flatten()).map(|y| y > 0.5).collect();
    let model = Logistic::from_outcomes(matrix.design().clone(), &outcomes).map_err(MethodError::failed)?;
    let fit = model.fit_firth().map_err(MethodError::failed)?;
    let names = matrix.names();
    let tests: Vec<Option<ChiSquareTest>> =
        (0..names.len()).map(|column| model.firth_test(&fit, column)).collect::<Result<_, _>>().map_err(MethodError::failed)?;
    let of_test = |value: fn(&ChiSquareTest) -> Option<f64>| by_name(names, |column| optional(tests[column].as_ref().and_then(value)));
    let profile = limits(names, &fit.coefficients, |column| {
        let found = model.firth_profile_interval(&fit, column, input.level).map_err(MethodError::failed)?;
        Ok((found.lower, found.upper))
    })?;
    let mut out = json!({
        "coef": by_name(names, |column| optional(fit.coefficients.estimate(column))),
        "se": by_name(names, |column| optional(fit.coefficients.standard_error(column))),
        "vcov": covariance(names, &fit.coefficients),
        "profile_pen_ci": profile,
        "penalized_lr_chisq": of_test(|test| Some(test.chi_square)),
        "p": of_test(|test| test.p_value),
        "penalized_loglik": number(fit.penalised_log_likelihood),
        "fitted": numbers(fit.fitted.iter().copied()),
        "ml_status": maximum_likelihood(&model)?,
    });
    if let (Some(newdata), Some(fields)) = (&input.newdata, out.as_object_mut()) {
        fields
            .insert("prediction".to_owned(), predictions(&matrix, &fit.coefficients, newdata, input.level, ["wald_lower", "wald_upper"])?);
    }
    Ok(out.into())
}

fn maximum_likelihood(model: &Logistic) -> Result<&'static str, MethodError> {
    match model.fit() {
        Ok(_) => Ok("ML finite"),
        Err(GlmError::Separated(_)) => Ok("separation: ML estimates infinite; must be reported, not printed as numbers"),
        Err(error) => Err(MethodError::failed(error)),
    }
}
