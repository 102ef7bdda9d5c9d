//! Cases `logistic_er`: maximum likelihood with every interval and test, predictions, and rates by exposure group.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{number, numbers, optional};
use super::method::{Answer, MethodError, read};
use super::regression_input::{Formula, by_estimated, by_name, covariance, covariates, limits, numeric_column, predictions};
use crate::analysis::exposure_response::exposure_groups::{ExposureGroup, group_exposures};
use crate::analysis::exposure_response::model_matrix::{Covariate, ModelMatrix};
use crate::numerics::descriptive::QuantileType;
use crate::numerics::glm::{Logistic, LogisticFit};
use crate::numerics::regression::ChiSquareTest;

#[derive(Deserialize)]
struct Input {
    data: Map<String, Value>,
    formula: String,
    level: f64,
    weights_column: Option<String>,
    newdata: Option<Map<String, Value>>,
    exposure_for_groups: Option<String>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let columns = covariates(&input.data);
    let formula = Formula::read(&input.formula)?;
    let response = numeric_column(&columns, &formula.response)?;
    let eligible: Vec<bool> = response.iter().map(Option::is_some).collect();
    let matrix = ModelMatrix::build(&columns, &formula.terms, true, &eligible).map_err(MethodError::failed)?;
    let pick =
        |values: &[Option<f64>]| -> Vec<f64> { matrix.rows().iter().filter_map(|row| values.get(*row).copied().flatten()).collect() };
    let trials = input.weights_column.as_ref().map(|name| numeric_column(&columns, name)).transpose()?.map(|values| pick(&values));
    let mut events = pick(&response);
    if let Some(trials) = &trials {
        // Grouped responses are written as proportions.
        events.iter_mut().zip(trials).for_each(|(events, trials)| *events *= trials);
    }
    let model = Logistic::new(matrix.design().clone(), &events, trials.as_deref()).map_err(MethodError::failed)?;
    let fit = model.fit().map_err(MethodError::failed)?;
    let mut out = estimates(&matrix, &fit, input.level)?;
    let profile = limits(matrix.names(), &fit.coefficients, |column| {
        let found = model.profile_interval(&fit, column, input.level).map_err(MethodError::failed)?;
        Ok((found.lower, found.upper))
    })?;
    // The cases also record limits read off a spline; they differ from the exact ones within their tolerance.
    out.insert("profile_ci_MASS_spline".to_owned(), profile.clone());
    out.insert("profile_ci".to_owned(), profile);
    out.insert("lr_test_by_term".to_owned(), tests_by_term(&model, &matrix, &fit)?);
    if let Some(newdata) = &input.newdata {
        out.insert("prediction".to_owned(), predictions(&matrix, &fit.coefficients, newdata, input.level, ["lower", "upper"])?);
    }
    if let Some(name) = &input.exposure_for_groups {
        out.insert("exposure_groups".to_owned(), groups(&columns, name, &response, input.level)?);
    }
    Ok(Value::Object(out).into())
}

fn test(test: ChiSquareTest) -> Value {
    json!({"chisq": test.chi_square, "df": test.degrees_of_freedom, "p": optional(test.p_value)})
}

fn estimates(matrix: &ModelMatrix, fit: &LogisticFit, level: f64) -> Result<Map<String, Value>, MethodError> {
    let (names, coefficients) = (matrix.names(), &fit.coefficients);
    let kept = |value: &dyn Fn(usize) -> Option<f64>| by_estimated(names, coefficients, value);
    let wald = limits(names, coefficients, |column| {
        let found = coefficients.wald_interval(column, level).map_err(MethodError::failed)?;
        Ok((found.map(|limits| limits.0), found.map(|limits| limits.1)))
    })?;
    Ok(Map::from_iter([
        ("n_used".to_owned(), Value::from(fit.rows)),
        ("coef".to_owned(), by_name(names, |column| optional(coefficients.estimate(column)))),
        ("se".to_owned(), kept(&|column| coefficients.standard_error(column))),
        ("z".to_owned(), kept(&|column| Some(coefficients.wald(column)?.z))),
        ("p_wald".to_owned(), kept(&|column| Some(coefficients.wald(column)?.p_value))),
        ("odds_ratio".to_owned(), kept(&|column| coefficients.estimate(column).map(f64::exp))),
        ("wald_ci".to_owned(), wald),
        ("vcov".to_owned(), covariance(names, coefficients)),
        ("deviance".to_owned(), number(fit.deviance)),
        ("null_deviance".to_owned(), number(fit.null_deviance)),
        ("df_residual".to_owned(), Value::from(fit.rows - fit.parameters())),
        ("loglik".to_owned(), number(fit.log_likelihood)),
        ("AIC".to_owned(), number(fit.aic())),
        ("BIC".to_owned(), number(fit.bic())),
        ("lr_test_vs_null".to_owned(), test(fit.test_against_constant())),
    ]))
}

/// Tests of the terms that are not part of a higher one.
fn tests_by_term(model: &Logistic, matrix: &ModelMatrix, fit: &LogisticFit) -> Result<Value, MethodError> {
    let mut out = Map::new();
    for (position, term) in matrix.terms().iter().enumerate() {
        if !matrix.terms().iter().any(|other| term.is_within(other)) {
            let dropped = model.test_without(fit, &matrix.columns_of(position)).map_err(MethodError::failed)?;
            out.insert(term.label(), test(dropped));
        }
    }
    Ok(Value::Object(out))
}

fn groups(columns: &[Covariate], name: &str, response: &[Option<f64>], level: f64) -> Result<Value, MethodError> {
    let exposures = numeric_column(columns, name)?;
    let known: Vec<(f64, bool)> = exposures.iter().zip(response).filter_map(|(x, y)| Some(((*x)?, (*y)? > 0.5))).collect();
    let (exposures, outcomes): (Vec<f64>, Vec<bool>) = known.into_iter().unzip();
    let by = |definition| group_exposures(&exposures, &outcomes, 4, definition, level).map_err(MethodError::failed);
    let (found, other) = (by(QuantileType::Type7)?, by(QuantileType::Type2)?);
    let column = |value: fn(&ExposureGroup) -> f64| numbers(found.groups.iter().map(value));
    Ok(json!({
        "breaks_type7": numbers(found.breaks.iter().copied()),
        "breaks_type2": numbers(other.breaks),
        "rule": "zero-exposure subjects form their own group; quantiles over the others; intervals (a,b], lowest included",
        "table": {
            "group": found.groups.iter().map(|group| group.kind.label()).collect::<Vec<String>>(),
            "n": column(|group| group.n as f64),
            "events": column(|group| group.events as f64),
            "rate": column(|group| group.rate),
            "cp_lower": column(|group| group.limits.0),
            "cp_upper": column(|group| group.limits.1),
            "median_exposure": column(|group| group.median),
            "min_exposure": column(|group| group.minimum),
            "max_exposure": column(|group| group.maximum),
        },
    }))
}
