//! Cases `boin12_obd`: the optimal biological dose at the end of a BOIN12 trial.

use serde::Deserialize;
use serde_json::{Value, json};

use super::boin12_next_dose::OutcomeInput;
use super::boin12_rds::DesirabilityInput;
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::boin12::{Boin12, IsotonicWeight};

/// `N*` of the publication; the selection does not depend on it.
const NUMBER_TO_SETTLE: u32 = 6;

#[derive(Deserialize)]
struct Input {
    #[serde(flatten)]
    desirability: DesirabilityInput,
    #[serde(flatten)]
    outcomes: OutcomeInput,
    num_doses: usize,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { desirability, outcomes, num_doses } = read(input)?;
    let design = Boin12::new(desirability.desirability()?, num_doses, NUMBER_TO_SETTLE).map_err(MethodError::failed)?;
    let selected = design.select(&outcomes.tallies(), IsotonicWeight::Equal).map_err(MethodError::failed)?;
    Ok(json!({"obd": selected.obd.map(|dose| dose.0 + 1)}).into())
}
