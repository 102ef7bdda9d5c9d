//! Cases `tite_boin_ess`: the next dose with pending patients, by effective sample size.

use serde::Deserialize;
use serde_json::{Value, json};

use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::boin::BoinParameters;
use crate::analysis::escalation::design::boin_rule::BoinRule;
use crate::analysis::escalation::design::tite_boin::{PendingTally, TiteBoin, TiteVariant};
use crate::analysis::escalation::design::{DesignError, DoseLevel, Tally};

/// What the stricter rule at the lowest dose takes off the cutoff in the cases.
const OFFSET: f64 = 0.05;

#[derive(Deserialize)]
struct Input {
    target: f64,
    n: Vec<u32>,
    npend: Vec<u32>,
    y: Vec<u32>,
    ft: Vec<f64>,
    d: usize,
    maxt: f64,
    #[serde(default)]
    extrasafe: bool,
    #[serde(rename = "n.earlystop")]
    n_earlystop: Option<u32>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    answer(&read(input)?).map(Answer::from).map_err(MethodError::failed)
}

fn answer(input: &Input) -> Result<Value, DesignError> {
    let parameters = BoinParameters { extra_safe_offset: input.extrasafe.then_some(OFFSET), ..BoinParameters::with_target(input.target) };
    let rule = BoinRule::new(parameters, input.n.iter().copied().max().unwrap_or(1))?;
    let mut design = TiteBoin::new(rule, TiteVariant::EffectiveSampleSize);
    if let Some(n) = input.n_earlystop {
        design = design.stopping_at(n)?;
    }
    let counts = input.n.iter().zip(&input.y).zip(input.npend.iter().zip(&input.ft));
    let tallies = counts
        .map(|((n, dlt), (pending, time))| PendingTally::new(Tally::new(*n, *dlt)?, *pending, time / input.maxt))
        .collect::<Result<Vec<PendingTally>, DesignError>>()?;
    let next = design.next(&tallies, DoseLevel(input.d.saturating_sub(1)), None)?;
    Ok(json!({
        "next_dose": next.dose.map(|dose| dose.0 + 1),
        "early_stop": next.dose.is_none(),
        "suspend": next.suspend,
        "stop_at_n": next.enough,
        "eliminated": (0..tallies.len()).map(|dose| next.eliminated_from.is_some_and(|lowest| dose >= lowest.0)).collect::<Vec<bool>>(),
    }))
}
