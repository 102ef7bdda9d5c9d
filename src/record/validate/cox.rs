//! Cases `cox`: proportional-hazards regression with both ways of handling ties.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{groups, number, numbers, optional};
use super::method::{Answer, MethodError, read};
use super::regression_input::{Formula, by_name, covariance, covariates, limits, numeric_column};
use crate::analysis::exposure_response::model_matrix::{CovariateValues, ModelMatrix};
use crate::numerics::cox::{BaselineStep, Cox, CoxFit, Ties, TimeTransform};

/// Level of the recorded limits.
const LEVEL: f64 = 0.95;

/// Points at which the baseline hazard is recorded, spread evenly over its steps.
const BASELINE_POINTS: usize = 8;

#[derive(Deserialize)]
struct Input {
    data: Map<String, Value>,
    formula: String,
}

/// The model of a case with the names of its columns and strata.
struct Case {
    cox: Cox,
    names: Vec<String>,
    strata: Vec<String>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let case = Case::new(&input)?;
    let mut out = Map::new();
    for ties in Ties::ALL {
        let fit = case.cox.fit(ties).map_err(MethodError::failed)?;
        out.insert(ties.id().to_owned(), case.describe(&fit)?);
    }
    Ok(Value::Object(out).into())
}

impl Case {
    fn new(input: &Input) -> Result<Self, MethodError> {
        let columns = covariates(&input.data);
        let formula = Formula::read(&input.formula)?;
        let (time, status) = (numeric_column(&columns, "time")?, numeric_column(&columns, "status")?);
        let labels = match &formula.strata {
            Some(name) => groups(&input.data, Some(name), time.len())?,
            None => groups(&input.data, None, time.len())?,
        };
        let mut stratum = vec![0; time.len()];
        for (label, group) in labels.iter().enumerate() {
            group.members.iter().for_each(|row| stratum[*row] = label);
        }
        let present = |row: usize| {
            formula.strata.as_ref().is_none_or(|name| {
                columns.iter().any(|column| {
                    column.name == *name
                        && match &column.values {
                            CovariateValues::Numeric(values) => values[row].is_some(),
                            CovariateValues::Factor(values) => values[row].is_some(),
                        }
                })
            })
        };
        let eligible: Vec<bool> = (0..time.len()).map(|row| time[row].is_some() && status[row].is_some() && present(row)).collect();
        let matrix = ModelMatrix::build(&columns, &formula.terms, false, &eligible).map_err(MethodError::failed)?;
        let stop: Vec<f64> = matrix.rows().iter().filter_map(|row| time[*row]).collect();
        let event: Vec<bool> = matrix.rows().iter().filter_map(|row| status[*row]).map(|status| status > 0.5).collect();
        let strata: Vec<usize> = matrix.rows().iter().map(|row| stratum[*row]).collect();
        let cox = Cox::stratified(matrix.design(), &stop, &event, &strata).map_err(MethodError::failed)?;
        Ok(Self { cox, names: matrix.names().to_vec(), strata: labels.into_iter().map(|group| group.label).collect() })
    }

    fn describe(&self, fit: &CoxFit) -> Result<Value, MethodError> {
        let coefficients = &fit.coefficients;
        let named = |value: &dyn Fn(usize) -> Option<f64>| by_name(&self.names, |column| optional(value(column)));
        let intervals = limits(&self.names, coefficients, |column| {
            let found = coefficients.wald_interval(column, LEVEL).map_err(MethodError::failed)?;
            Ok((found.map(|limits| limits.0), found.map(|limits| limits.1)))
        })?;
        let ratio = fit.likelihood_ratio_test();
        Ok(json!({
            "coef": named(&|column| coefficients.estimate(column)),
            "se": named(&|column| coefficients.standard_error(column)),
            "hr": named(&|column| coefficients.estimate(column).map(f64::exp)),
            "p_wald": named(&|column| Some(coefficients.wald(column)?.p_value)),
            "ci": intervals,
            "vcov": covariance(&self.names, coefficients),
            "loglik_null": fit.null_log_likelihood,
            "loglik": fit.log_likelihood,
            "lr": {"chisq": ratio.chi_square, "df": ratio.degrees_of_freedom, "p": optional(ratio.p_value)},
            "wald_test": {"chisq": fit.wald_test.chi_square},
            "score_test": {"chisq": fit.score_test.chi_square, "p": optional(fit.score_test.p_value)},
            "concordance": optional(self.cox.concordance(fit)),
            "baseline_cumhaz_at_zero_covariates": self.baseline(fit),
            "zph": self.proportionality(fit),
        }))
    }

    fn baseline(&self, fit: &CoxFit) -> Value {
        let steps: Vec<(String, BaselineStep)> = self
            .cox
            .baseline_hazard(fit)
            .into_iter()
            .flat_map(|hazard| {
                let label = self.strata.get(hazard.stratum).cloned().unwrap_or_default();
                hazard.steps.into_iter().map(move |step| (label.clone(), step))
            })
            .collect();
        let last = steps.len().saturating_sub(1) as f64;
        let position = |k: usize| (1.0 + last * k as f64 / (BASELINE_POINTS - 1) as f64).round_ties_even() as usize - 1;
        let picked: Vec<&(String, BaselineStep)> = (0..BASELINE_POINTS).filter_map(|k| steps.get(position(k))).collect();
        json!({
            "time": numbers(picked.iter().map(|(_, step)| step.time)),
            "hazard": numbers(picked.iter().map(|(_, step)| step.cumulative_hazard)),
            "strata": picked.iter().map(|(label, _)| label).collect::<Vec<_>>(),
        })
    }

    /// Recorded for Efron's ties only.
    fn proportionality(&self, fit: &CoxFit) -> Value {
        let tested = if fit.ties == Ties::Efron { self.cox.test_proportionality(fit, TimeTransform::KaplanMeier) } else { None };
        let Some(found) = tested else { return Value::Null };
        let names = found.columns.iter().map(|(column, _)| self.names[*column].clone());
        let tests = found.columns.iter().map(|(_, test)| test).chain(std::iter::once(&found.global));
        json!({
            "rows": names.chain(std::iter::once("GLOBAL".to_owned())).collect::<Vec<String>>(),
            "cols": ["chisq", "df", "p"],
            "values": tests
                .map(|test| json!([number(test.chi_square), test.degrees_of_freedom, optional(test.p_value)]))
                .collect::<Vec<Value>>(),
        })
    }
}
