//! Cases `boin_select_mtd`: the selected dose of BOIN with estimates, intervals and overdose probabilities.

use serde::Deserialize;
use serde_json::{Value, json};

use super::boin_boundaries::BoinInput;
use super::input::{list, optionals};
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::{CountDesign, DoseLevel, Tally, state_of};

#[derive(Deserialize)]
struct Input {
    #[serde(flatten)]
    boin: BoinInput,
    #[serde(deserialize_with = "list")]
    npts: Vec<u32>,
    #[serde(deserialize_with = "list")]
    ntox: Vec<u32>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { boin, npts, ntox } = read(input)?;
    let tallies: Vec<Tally> =
        npts.iter().zip(&ntox).map(|(n, dlt)| Tally::new(*n, *dlt)).collect::<Result<_, _>>().map_err(MethodError::failed)?;
    let most = npts.iter().copied().max().unwrap_or(1).max(1);
    let design = boin.rule()?.design(tallies.len(), most).map_err(MethodError::failed)?;
    let state = state_of(&design, DoseLevel(0), &tallies).map_err(MethodError::failed)?;
    let selection = design.select(&state);
    Ok(json!({
        "mtd": selection.mtd.map(|dose| dose.0 + 1),
        "eliminated": selection.eliminated,
        "isotonic_estimate": optionals(selection.estimates),
        "ci95_lower": optionals(selection.intervals.iter().map(|interval| interval.map(|(lower, _)| lower))),
        "ci95_upper": optionals(selection.intervals.iter().map(|interval| interval.map(|(_, upper)| upper))),
        "prob_overdose": optionals(selection.prob_overdose),
    })
    .into())
}
