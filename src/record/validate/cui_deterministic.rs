//! Cases `cui_deterministic`: value functions, the utility index and its sensitivity to the weights.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{list, numbers, pair};
use super::method::{Answer, MethodError, read};
use crate::analysis::utility::index::{Aggregation, best, scaled_weights};
use crate::analysis::utility::value_function::ValueFunction;
use crate::analysis::utility::weight_simplex::over_all_weights;

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    doses: Vec<String>,
    /// Measured values by attribute, one per dose.
    attributes: Map<String, Value>,
    value_functions: BTreeMap<String, Curve>,
    weights: BTreeMap<String, f64>,
}

#[derive(Deserialize, Clone)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Curve {
    Linear { zero: f64, one: f64 },
    Power { zero: f64, one: f64, s: f64 },
    Logistic { k: f64, mid: f64 },
    Target { low: f64, target: f64, high: f64 },
    Piecewise { x: Vec<f64>, u: Vec<f64> },
}

impl Curve {
    fn function(self) -> ValueFunction {
        match self {
            Self::Linear { zero, one } => ValueFunction::Linear { worst: zero, best: one },
            Self::Power { zero, one, s } => ValueFunction::Power { worst: zero, best: one, exponent: s },
            Self::Logistic { k, mid } => ValueFunction::Logistic { midpoint: mid, slope: k },
            Self::Target { low, target, high } => ValueFunction::Target { low, target, high },
            Self::Piecewise { x, u } => ValueFunction::PiecewiseLinear { corners: x.into_iter().zip(u).collect() },
        }
    }
}

/// Worth by dose, attributes in the order in which the case writes them.
fn worths(input: &Input, names: &[String]) -> Result<Vec<Vec<f64>>, MethodError> {
    let mut rows = vec![Vec::with_capacity(names.len()); input.doses.len()];
    for name in names {
        let measured: Vec<f64> = read(input.attributes.get(name).unwrap_or(&Value::Null))?;
        let curve = input.value_functions.get(name).cloned();
        let curve = curve.ok_or_else(|| MethodError::Failed(format!("no value function for {name}")))?;
        let function = curve.function().checked().map_err(MethodError::failed)?;
        for (row, x) in rows.iter_mut().zip(measured) {
            row.push(function.at(x));
        }
    }
    Ok(rows)
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let names: Vec<String> = order(&input);
    let written: Vec<f64> = names.iter().map(|name| input.weights.get(name).copied().unwrap_or(0.0)).collect();
    let weights = scaled_weights(&written).map_err(MethodError::failed)?;
    let values = worths(&input, &names)?;
    let by =
        |how: Aggregation| values.iter().map(|row| how.index(row, &weights)).collect::<Result<Vec<f64>, _>>().map_err(MethodError::failed);
    let (additive, geometric) = (by(Aggregation::Additive)?, by(Aggregation::Geometric)?);
    let named = |indices: &[f64]| best(indices).and_then(|place| input.doses.get(place).cloned());
    let sensitivity = over_all_weights(&values);
    let mut told = json!({
        "mean_cui": numbers(sensitivity.means),
        "sd_cui": numbers(sensitivity.standard_deviations),
    });
    if let Some(shares) = sensitivity.share_best {
        told["fraction_best"] = numbers(shares);
    }
    if let Some(intervals) = sensitivity.intervals {
        told["interval_of_w1"] = intervals.into_iter().map(|interval| interval.map_or(Value::Null, pair)).collect();
    }
    let computed = json!({
        "utilities": { "rows": input.doses, "cols": names, "values": values },
        "weights_normalised": names.iter().cloned().zip(weights.iter().map(|weight| json!(weight))).collect::<Map<String, Value>>(),
        "best_additive": named(&additive),
        "best_geometric": named(&geometric),
        "additive": numbers(additive),
        "geometric": numbers(geometric),
        "minimum": numbers(by(Aggregation::Minimum)?),
        "weight_sensitivity_uniform_on_simplex": told,
    });
    Ok(computed.into())
}

/// Names of the attributes as the case orders them.
fn order(input: &Input) -> Vec<String> {
    input.attributes.keys().cloned().collect()
}
