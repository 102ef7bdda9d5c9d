//! Cases `binary_emax_ml`: Emax and sigmoid Emax model of a probability by maximum likelihood.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{list, number, numbers};
use super::method::{Answer, MethodError, read};
use super::regression_input::{covariates, numeric_column, square};
use crate::analysis::exposure_response::binary_emax::{BinaryEmaxFit, EmaxBounds, EmaxShape, fit_binary_emax};

/// Level of the recorded limits.
const LEVEL: f64 = 0.95;

const NAMES: [&str; 4] = ["e0", "emax", "log_ed50", "log_h"];

#[derive(Deserialize)]
struct Input {
    data: Map<String, Value>,
    x: String,
    y: String,
    n: Option<String>,
    model: String,
    bounds: Bounds,
    #[serde(deserialize_with = "list")]
    predict_x: Vec<f64>,
}

#[derive(Deserialize)]
struct Bounds {
    ed50: (f64, f64),
    h: (f64, f64),
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let columns = covariates(&input.data);
    let column = |name: &str| -> Result<Vec<f64>, MethodError> { Ok(numeric_column(&columns, name)?.into_iter().flatten().collect()) };
    let trials = input.n.as_deref().map(column).transpose()?;
    let shape = if input.model.contains("^h") { EmaxShape::Sigmoid } else { EmaxShape::Hyperbolic };
    let bounds = EmaxBounds { ec50: input.bounds.ed50, hill: input.bounds.h };
    let fit = fit_binary_emax(&column(&input.x)?, &column(&input.y)?, trials.as_deref(), shape, bounds).map_err(MethodError::failed)?;
    Ok(Value::Object(describe(&fit, &input.predict_x)?).into())
}

fn describe(fit: &BinaryEmaxFit, at: &[f64]) -> Result<Map<String, Value>, MethodError> {
    let parameters = fit.parameters();
    let names: Vec<String> = NAMES.iter().take(parameters.len()).map(|name| (*name).to_owned()).collect();
    let named =
        |value: &dyn Fn(usize) -> f64| names.iter().enumerate().map(|(k, name)| (name.clone(), number(value(k)))).collect::<Map<_, _>>();
    let mut out = Map::from_iter([
        ("coef".to_owned(), Value::Object(named(&|k| parameters[k]))),
        ("ed50".to_owned(), number(fit.log_ec50.exp())),
        ("h".to_owned(), number(fit.log_hill.exp())),
        ("loglik_bernoulli".to_owned(), number(fit.log_likelihood)),
        ("AIC".to_owned(), number(fit.aic())),
        ("at_bound".to_owned(), Value::from(fit.at_bound)),
        ("max_abs_gradient".to_owned(), number(fit.largest_gradient)),
        (
            "lr_vs_constant".to_owned(),
            json!({
                "chisq": 2.0 * (fit.log_likelihood - fit.null_log_likelihood),
                "note": "no chi-square p: ed50 unidentified under the null",
            }),
        ),
        ("prediction".to_owned(), predictions(fit, at)?),
    ]);
    if let Some(covariance) = &fit.covariance {
        out.insert("vcov".to_owned(), square(&names, covariance));
        out.insert("se".to_owned(), Value::Object(named(&|k| fit.standard_error(k).unwrap_or(f64::NAN))));
    }
    Ok(out)
}

fn predictions(fit: &BinaryEmaxFit, at: &[f64]) -> Result<Value, MethodError> {
    let expit = |link: f64| 1.0 / (1.0 + (-link).exp());
    let links: Vec<_> = at.iter().map(|x| fit.logit(*x)).collect();
    let mut out = json!({
        "x": at,
        "link": numbers(links.iter().map(|link| link.0)),
        "prob": numbers(links.iter().map(|link| expit(link.0))),
    });
    let predictors: Option<Vec<_>> = links.iter().map(|link| link.1).collect();
    if let (Some(predictors), Some(fields)) = (predictors, out.as_object_mut()) {
        let intervals = predictors.iter().map(|p| p.interval(LEVEL)).collect::<Result<Vec<_>, _>>().map_err(MethodError::failed)?;
        fields.insert("se_link".to_owned(), numbers(predictors.iter().map(|p| p.standard_error)));
        fields.insert("lower".to_owned(), numbers(intervals.iter().map(|limits| expit(limits.0))));
        fields.insert("upper".to_owned(), numbers(intervals.iter().map(|limits| expit(limits.1))));
    }
    Ok(out)
}
