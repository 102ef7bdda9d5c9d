//! Cases `one_proportion`: the estimate and every interval of one proportion.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::input::pair;
use super::method::{Answer, MethodError, read};
use crate::numerics::proportion::{ProportionMethod, estimate, interval};

#[derive(Deserialize)]
struct Input {
    x: u64,
    n: u64,
    level: f64,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { x, n, level } = read(input)?;
    let mut out = Map::new();
    out.insert("estimate".to_owned(), Value::from(estimate(x, n).map_err(MethodError::failed)?));
    for method in ProportionMethod::ALL {
        let limits = interval(method, x, n, level).map_err(MethodError::failed)?;
        // The cases name the Wald interval by what it does not do.
        let name = if method == ProportionMethod::Wald { "wald_unclipped" } else { method.id() };
        out.insert(name.to_owned(), pair(limits));
    }
    Ok(Value::Object(out).into())
}
