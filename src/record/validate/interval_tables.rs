//! Cases `i3plus3_tables`, `keyboard_tables`, `mtpi_tables` and `mtpi2_tables`: what designs decide for every count.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::numbers;
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::i3plus3::I3Plus3;
use crate::analysis::escalation::design::keyboard::Keyboard;
use crate::analysis::escalation::design::mtpi::Mtpi;
use crate::analysis::escalation::design::mtpi2::Mtpi2;
use crate::analysis::escalation::design::table::{DecisionRule, DecisionTable};
use crate::analysis::escalation::design::{DesignError, Tally};

#[derive(Deserialize)]
struct I3Plus3Input {
    target: f64,
    ei_lower: f64,
    ei_upper: f64,
    cutoff_eli: f64,
    n_max: u32,
}

pub(super) fn compute_i3plus3(input: &Value) -> Result<Answer, MethodError> {
    let I3Plus3Input { target, ei_lower, ei_upper, cutoff_eli, n_max } = read(input)?;
    let rule = I3Plus3::new(target, ei_lower, ei_upper, cutoff_eli).map_err(MethodError::failed)?;
    let table = rule.decision_table(n_max).map_err(MethodError::failed)?;
    Ok(json!({ "decision_by_n": letters(&table) }).into())
}

#[derive(Deserialize)]
struct KeyboardInput {
    target: f64,
    margin_left: f64,
    margin_right: f64,
    cutoff_eli: f64,
    n_max: u32,
}

pub(super) fn compute_keyboard(input: &Value) -> Result<Answer, MethodError> {
    let KeyboardInput { target, margin_left, margin_right, cutoff_eli, n_max } = read(input)?;
    // The recorded tables eliminate from the first patient on; trials ask for three.
    let rule = Keyboard::new(target, margin_left, margin_right, cutoff_eli).and_then(|rule| rule.eliminating_from(1));
    let table = rule.and_then(|rule| rule.decision_table(n_max)).map_err(MethodError::failed)?;
    let boundaries = table.boundaries();
    Ok(json!({
        "escalate_if_dlt_le": boundaries.iter().map(|row| row.escalate_if_at_most.map_or(-1, i64::from)).collect::<Vec<_>>(),
        "deescalate_if_dlt_ge": boundaries.iter().map(|row| row.de_escalate_if_at_least).collect::<Vec<_>>(),
        "eliminate_if_dlt_ge": boundaries.iter().map(|row| row.eliminate_if_at_least).collect::<Vec<_>>(),
        "decision_by_n": letters(&table),
    })
    .into())
}

#[derive(Deserialize)]
struct MassInput {
    target: f64,
    epsilon1: f64,
    epsilon2: f64,
    exclusion_certainty: f64,
    n_max: u32,
}

pub(super) fn compute_mtpi(input: &Value) -> Result<Answer, MethodError> {
    let MassInput { target, epsilon1, epsilon2, exclusion_certainty, n_max } = read(input)?;
    let rule = Mtpi::new(target, epsilon1, epsilon2, exclusion_certainty).map_err(MethodError::failed)?;
    masses(&rule, n_max).map_err(MethodError::failed)
}

pub(super) fn compute_mtpi2(input: &Value) -> Result<Answer, MethodError> {
    let MassInput { target, epsilon1, epsilon2, exclusion_certainty, n_max } = read(input)?;
    let rule = Mtpi2::new(target, epsilon1, epsilon2, exclusion_certainty).map_err(MethodError::failed)?;
    masses(&rule, n_max).map_err(MethodError::failed)
}

/// Decisions with elimination left aside, and the probabilities that eliminate.
fn masses(rule: &impl DecisionRule, n_max: u32) -> Result<Answer, DesignError> {
    let limit = rule.limit();
    let (mut decisions, mut probabilities, mut unacceptable) = (Vec::new(), Vec::new(), Vec::new());
    for n in 1..=n_max {
        let tallies: Vec<Tally> = (0..=n).map(|dlt| Tally { n, dlt }).collect();
        let row: Vec<&str> = tallies.iter().map(|tally| Ok(rule.decide(*tally)?.0.letters())).collect::<Result<_, DesignError>>()?;
        let above: Vec<f64> = tallies.iter().map(|tally| limit.probability(*tally)).collect::<Result<_, _>>()?;
        decisions.push(json!(row));
        unacceptable.push(above.iter().map(|probability| *probability > limit.cutoff()).collect::<Vec<_>>());
        probabilities.push(numbers(above));
    }
    Ok(json!({ "decision_by_n": decisions, "prob_above_target_by_n": probabilities, "unacceptable_by_n": unacceptable }).into())
}

fn letters(table: &DecisionTable) -> Vec<Vec<&'static str>> {
    (1..=table.max_n()).map(|n| table.row(n).into_iter().map(|decision| decision.letters()).collect()).collect()
}
