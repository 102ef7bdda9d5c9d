//! Cases `trend`: Cochran-Armitage, asymptotic and exact.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::list;
use super::method::{Answer, MethodError, read};
use crate::numerics::trend::{cochran_armitage, exact_trend};

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    events: Vec<u64>,
    #[serde(deserialize_with = "list")]
    n: Vec<u64>,
    #[serde(deserialize_with = "list")]
    scores: Vec<f64>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { events, n, scores } = read(input)?;
    let asymptotic = cochran_armitage(&events, &n, &scores).map_err(MethodError::failed)?;
    let exact = exact_trend(&events, &n, &scores).map_err(MethodError::failed)?;
    Ok(json!({
        "z": asymptotic.z,
        "chisq": asymptotic.chi_square,
        "p_two_sided": asymptotic.p_two_sided,
        "p_increasing": asymptotic.p_increasing,
        "exact_p_increasing": exact.p_increasing,
        "exact_p_decreasing": exact.p_decreasing,
        "exact_p_two_sided_abs_dev": exact.p_two_sided,
        "z_with_N_minus_1_variance": asymptotic.z_with_n_minus_1,
    })
    .into())
}
