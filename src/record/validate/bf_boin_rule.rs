//! Cases `bf_boin_rule`: the doses that take backfilled patients.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::list;
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::backfill::{BackfillBoin, BackfillDose};
use crate::analysis::escalation::design::boin::BoinParameters;
use crate::analysis::escalation::design::boin_rule::BoinRule;
use crate::analysis::escalation::design::{DesignError, DoseLevel, Tally};

#[derive(Deserialize)]
struct Input {
    target: f64,
    #[serde(deserialize_with = "list")]
    n: Vec<u32>,
    #[serde(deserialize_with = "list")]
    dlt: Vec<u32>,
    #[serde(deserialize_with = "list")]
    activity_seen: Vec<bool>,
    current_escalation_dose: usize,
    n_cap: u32,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    answer(&read(input)?).map(Answer::from).map_err(MethodError::failed)
}

fn answer(input: &Input) -> Result<Value, DesignError> {
    let rule = BoinRule::new(BoinParameters::with_target(input.target), input.n.iter().copied().max().unwrap_or(1))?;
    let design = BackfillBoin::new(rule, input.n_cap)?;
    let counts = input.n.iter().zip(&input.dlt).zip(&input.activity_seen);
    let doses = counts
        .map(|((n, dlt), activity)| Ok(BackfillDose { completed: Tally::new(*n, *dlt)?, assigned: *n, activity: *activity }))
        .collect::<Result<Vec<BackfillDose>, DesignError>>()?;
    let openings = design.openings(&doses, DoseLevel(input.current_escalation_dose.saturating_sub(1)))?;
    Ok(json!({
        "lambda_d": design.rule().lambda_d(),
        "open_for_backfill": openings.open,
        "closed_for_safety": (0..doses.len()).map(|dose| openings.closed_from.is_some_and(|lowest| dose >= lowest.0)).collect::<Vec<bool>>(),
        "backfill_to": openings.assign.map(|dose| dose.0 + 1),
    }))
}
