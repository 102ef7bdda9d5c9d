//! Regression cases: data by column, a model formula as R writes it, and named tables.

use serde_json::{Map, Value, json};

use super::input::{number, numbers, optional};
use super::method::MethodError;
use crate::analysis::exposure_response::model_matrix::{Covariate, CovariateValues, ModelMatrix, Term, Transform, Variable};
use crate::numerics::regression::Coefficients;

/// Columns of a case, in its order.
pub(super) fn covariates(data: &Map<String, Value>) -> Vec<Covariate> {
    data.iter().map(|(name, column)| Covariate { name: name.clone(), values: values(column) }).collect()
}

fn values(column: &Value) -> CovariateValues {
    let cells = match column {
        Value::Array(cells) => cells.as_slice(),
        bare => std::slice::from_ref(bare),
    };
    if cells.iter().any(Value::is_string) {
        CovariateValues::Factor(cells.iter().map(|cell| cell.as_str().map(str::to_owned)).collect())
    } else {
        CovariateValues::Numeric(cells.iter().map(Value::as_f64).collect())
    }
}

/// A column of numbers, missing ones `None`.
pub(super) fn numeric_column(covariates: &[Covariate], name: &str) -> Result<Vec<Option<f64>>, MethodError> {
    match covariates.iter().find(|covariate| covariate.name == name).map(|covariate| &covariate.values) {
        Some(CovariateValues::Numeric(values)) => Ok(values.clone()),
        _ => Err(MethodError::Failed(format!("no numeric column `{name}`"))),
    }
}

/// A model formula: response, terms, and the column of strata.
pub(super) struct Formula {
    pub(super) response: String,
    pub(super) terms: Vec<Term>,
    pub(super) strata: Option<String>,
}

impl Formula {
    /// Reads `response ~ a + log(b) + c * d + strata(e)`.
    pub(super) fn read(text: &str) -> Result<Self, MethodError> {
        let (response, right) = text.split_once('~').ok_or_else(|| MethodError::Failed(format!("`{text}` is not a formula")))?;
        let mut out = Self { response: response.trim().to_owned(), terms: Vec::new(), strata: None };
        for part in right.split('+').map(str::trim) {
            if let Some(column) = part.strip_prefix("strata(").and_then(|rest| rest.strip_suffix(')')) {
                out.strata = Some(column.to_owned());
                continue;
            }
            let variables: Vec<Variable> = part.split('*').map(|name| variable(name.trim())).collect();
            out.terms.extend(variables.iter().map(|variable| Term { variables: vec![variable.clone()] }));
            if variables.len() > 1 {
                out.terms.push(Term { variables });
            }
        }
        // Main effects come before interactions.
        out.terms.sort_by_key(|term| term.variables.len());
        Ok(out)
    }
}

fn variable(text: &str) -> Variable {
    match text.strip_prefix("log(").and_then(|rest| rest.strip_suffix(')')) {
        Some(name) => Variable { covariate: name.to_owned(), transform: Transform::Log },
        None => Variable { covariate: text.to_owned(), transform: Transform::Identity },
    }
}

/// A value for each named column.
pub(super) fn by_name(names: &[String], value: impl Fn(usize) -> Value) -> Value {
    names.iter().enumerate().map(|(column, name)| (name.clone(), value(column))).collect::<Map<String, Value>>().into()
}

/// Names of the columns that have a coefficient, with their positions.
pub(super) fn estimated(names: &[String], coefficients: &Coefficients) -> Vec<(usize, String)> {
    coefficients.kept().iter().filter_map(|column| Some((*column, names.get(*column)?.clone()))).collect()
}

/// A value for each column that has a coefficient.
pub(super) fn by_estimated(names: &[String], coefficients: &Coefficients, value: impl Fn(usize) -> Option<f64>) -> Value {
    estimated(names, coefficients).into_iter().map(|(column, name)| (name, optional(value(column)))).collect::<Map<String, Value>>().into()
}

/// Limits of each column that has a coefficient, as a matrix.
pub(super) fn limits(
    names: &[String],
    coefficients: &Coefficients,
    limits: impl Fn(usize) -> Result<(Option<f64>, Option<f64>), MethodError>,
) -> Result<Value, MethodError> {
    let kept = estimated(names, coefficients);
    let mut values = Vec::new();
    for (column, _) in &kept {
        let (lower, upper) = limits(*column)?;
        // Without a limit the interval is unbounded.
        values.push(json!([number(lower.unwrap_or(f64::NEG_INFINITY)), number(upper.unwrap_or(f64::INFINITY))]));
    }
    let rows: Vec<String> = kept.into_iter().map(|(_, name)| name).collect();
    Ok(json!({"rows": rows, "cols": ["lower", "upper"], "values": values}))
}

/// Predicted probabilities at new data, with limits under the names that the case gives them.
pub(super) fn predictions(
    matrix: &ModelMatrix,
    coefficients: &Coefficients,
    newdata: &Map<String, Value>,
    level: f64,
    limits: [&str; 2],
) -> Result<Value, MethodError> {
    let rows = matrix.rows_at(&covariates(newdata)).map_err(MethodError::failed)?;
    let links: Vec<_> = rows.iter().map(|row| coefficients.linear_predictor(row)).collect();
    let intervals = links.iter().map(|link| link.interval(level)).collect::<Result<Vec<_>, _>>().map_err(MethodError::failed)?;
    let expit = |link: f64| 1.0 / (1.0 + (-link).exp());
    let mut out = newdata.clone();
    out.extend([
        ("link".to_owned(), numbers(links.iter().map(|link| link.value))),
        ("se_link".to_owned(), numbers(links.iter().map(|link| link.standard_error))),
        ("prob".to_owned(), numbers(links.iter().map(|link| expit(link.value)))),
        (limits[0].to_owned(), numbers(intervals.iter().map(|limits| expit(limits.0)))),
        (limits[1].to_owned(), numbers(intervals.iter().map(|limits| expit(limits.1)))),
    ]);
    Ok(Value::Object(out))
}

/// Covariance matrix with named rows and columns.
pub(super) fn covariance(names: &[String], coefficients: &Coefficients) -> Value {
    let kept: Vec<String> = estimated(names, coefficients).into_iter().map(|(_, name)| name).collect();
    square(&kept, coefficients.covariance_matrix())
}

/// A square matrix, given row by row, with named rows and columns.
pub(super) fn square(names: &[String], matrix: &[f64]) -> Value {
    let values: Vec<&[f64]> = matrix.chunks(names.len().max(1)).collect();
    json!({"rows": names, "cols": names, "values": values})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_read_as_written() {
        let formula = Formula::read("y ~ log(auc) * sex + age").unwrap();
        let labels: Vec<String> = formula.terms.iter().map(Term::label).collect();
        assert_eq!((formula.response.as_str(), labels), ("y", ["log(auc)", "sex", "age", "log(auc):sex"].map(str::to_owned).to_vec()));
        assert_eq!(Formula::read("Surv(t,s) ~ age + strata(sex)").unwrap().strata.as_deref(), Some("sex"));
        assert!(Formula::read("nothing").is_err());
    }

    #[test]
    fn texts_make_a_factor_and_nulls_are_missing() {
        let data = json!({"a": [1, null, 2.5], "b": ["x", null, "y"], "c": 7});
        let covariates = covariates(data.as_object().unwrap());
        assert_eq!(covariates[0].values, CovariateValues::Numeric(vec![Some(1.0), None, Some(2.5)]));
        assert_eq!(covariates[1].values, CovariateValues::Factor(vec![Some("x".to_owned()), None, Some("y".to_owned())]));
        assert_eq!(numeric_column(&covariates, "c").unwrap(), [Some(7.0)]);
        assert!(numeric_column(&covariates, "b").is_err());
    }
}
