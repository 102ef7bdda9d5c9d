//! Cases `crm_skeleton`: skeletons from an indifference interval.

use serde::Deserialize;
use serde_json::{Value, json};

use super::crm::{ModelName, zero_based};
use super::input::numbers;
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::crm_skeleton::{Calibration, calibrate_skeleton};

#[derive(Deserialize)]
struct Input {
    halfwidth: f64,
    target: f64,
    nu: usize,
    nlevel: usize,
    model: ModelName,
    intercept: f64,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { halfwidth, target, nu, nlevel, model, intercept } = read(input)?;
    let calibration = Calibration { halfwidth, target, prior_mtd: zero_based(nu)?, model: model.with(intercept) };
    let skeleton = calibrate_skeleton(&calibration, nlevel).map_err(MethodError::failed)?;
    Ok(json!({ "skeleton": numbers(skeleton) }).into())
}
