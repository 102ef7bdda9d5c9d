//! Cases `simon_two_stage`: optimal, minimax and admissible two-stage designs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::method::{Answer, MethodError, Reading, read};
use crate::analysis::expansion::simon::{AdmissibleDesign, TwoStageDesign, TwoStageGoal, search};

#[derive(Deserialize)]
struct Input {
    p0: f64,
    p1: f64,
    alpha: f64,
    beta: f64,
    n_max: u32,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { p0, p1, alpha, beta, n_max } = read(input)?;
    let goal = TwoStageGoal { uninteresting: p0, promising: p1, alpha, beta, n_max };
    let found = search(&goal).map_err(MethodError::failed)?;
    let admissible = |digits: Option<i32>| -> Value { found.admissible.iter().map(|design| admissible_json(design, digits)).collect() };
    let computed = json!({"optimal": design_json(&found.optimal), "minimax": design_json(&found.minimax), "admissible": admissible(None)});
    let note = "weights rounded to three decimals, as clinfun prints them";
    Ok(Answer { computed, readings: vec![Reading { computed: json!({"admissible": admissible(Some(3))}), note }] })
}

fn design_json(design: &TwoStageDesign) -> Value {
    json!({
        "r1": design.rule.r1, "n1": design.rule.n1, "r": design.rule.r, "n": design.rule.n,
        "en_p0": design.expected_n_uninteresting, "pet_p0": design.early_stop_uninteresting,
        "en_p1": design.expected_n_promising, "pet_p1": design.early_stop_promising,
        "type1": design.type_one_error, "power": design.power,
    })
}

fn admissible_json(admissible: &AdmissibleDesign, digits: Option<i32>) -> Value {
    let weight = |value: f64| digits.map_or(value, |digits| (value * 10f64.powi(digits)).round() / 10f64.powi(digits));
    let design = &admissible.design;
    json!({
        "r1": design.rule.r1, "n1": design.rule.n1, "r": design.rule.r, "n": design.rule.n,
        "en_p0": design.expected_n_uninteresting, "pet_p0": design.early_stop_uninteresting,
        "qlo": weight(admissible.weight_lower), "qhi": weight(admissible.weight_upper),
    })
}
