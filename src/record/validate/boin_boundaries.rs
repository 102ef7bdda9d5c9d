//! Cases `boin_boundaries`: boundaries and decision tables of BOIN.

use serde::Deserialize;
use serde_json::{Value, json};

use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::boin::{Boin, BoinParameters};

#[derive(Deserialize)]
struct Input {
    #[serde(flatten)]
    boin: BoinInput,
    n_max: u32,
}

/// The parameters of BOIN as cases name them.
#[derive(Deserialize)]
pub(super) struct BoinInput {
    target: f64,
    p_saf: Option<f64>,
    p_tox: Option<f64>,
    cutoff_eli: f64,
    extrasafe: bool,
    offset: f64,
    #[serde(default)]
    bound_mtd: bool,
}

impl BoinInput {
    pub(super) fn rule(&self) -> Result<Boin, MethodError> {
        let usual = BoinParameters::with_target(self.target);
        Boin::new(BoinParameters {
            underdosing: self.p_saf.unwrap_or(usual.underdosing),
            overdosing: self.p_tox.unwrap_or(usual.overdosing),
            elimination_cutoff: self.cutoff_eli,
            extra_safe_offset: self.extrasafe.then_some(self.offset),
            bound_mtd: self.bound_mtd,
            ..usual
        })
        .map_err(MethodError::failed)
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { boin, n_max } = read(input)?;
    let rule = boin.rule()?;
    let boundaries = rule.decision_table(n_max).map_err(MethodError::failed)?.boundaries();
    let mut out = json!({
        "lambda_e": rule.lambda_e(),
        "lambda_d": rule.lambda_d(),
        "n": boundaries.iter().map(|row| row.n).collect::<Vec<_>>(),
        "escalate_if_dlt_le": boundaries.iter().map(|row| row.escalate_if_at_most).collect::<Vec<_>>(),
        "deescalate_if_dlt_ge": boundaries.iter().map(|row| row.de_escalate_if_at_least).collect::<Vec<_>>(),
        "eliminate_if_dlt_ge": boundaries.iter().map(|row| row.eliminate_if_at_least).collect::<Vec<_>>(),
    });
    if let Some(limit) = rule.lowest_dose_limit().map_err(MethodError::failed)? {
        let boundary = limit.boundary(n_max).map_err(MethodError::failed)?;
        out["lowest_dose_stop_trial_if_dlt_ge"] = (1..=n_max).map(|n| json!(boundary.fewest(n))).collect();
    }
    Ok(out.into())
}
