//! Cases `boin12_rds`: the table of rank-based desirability scores.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{list, numbers, optionals};
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::DesignError;
use crate::analysis::escalation::design::boin12_desirability::{
    Admissibility, Desirability, DesirabilityRow, Utilities, desirability_table,
};

/// Scores and limits as BOIN12 cases give them.
#[derive(Deserialize)]
pub(super) struct DesirabilityInput {
    phi_t: f64,
    phi_e: f64,
    u1: Option<f64>,
    u2: f64,
    u3: f64,
    u4: Option<f64>,
    c_t: Option<f64>,
    c_e: Option<f64>,
}

impl DesirabilityInput {
    /// The measure of the case.
    pub(super) fn desirability(&self) -> Result<Desirability, MethodError> {
        let ends = (self.u1.unwrap_or(100.0), self.u4.unwrap_or(0.0));
        if (ends.0 - 100.0).abs() > 0.0 || ends.1.abs() > 0.0 {
            return Err(MethodError::Failed("utilities are on the scale from 0 (toxicity only) to 100 (efficacy only)".to_owned()));
        }
        let published = Admissibility::with_limits(self.phi_t, self.phi_e);
        let admissibility = Admissibility {
            toxicity_cutoff: self.c_t.unwrap_or(published.toxicity_cutoff),
            efficacy_cutoff: self.c_e.unwrap_or(published.efficacy_cutoff),
            ..published
        };
        let build = || -> Result<Desirability, DesignError> { Desirability::new(Utilities::new(self.u2, self.u3)?, admissibility) };
        build().map_err(MethodError::failed)
    }
}

#[derive(Deserialize)]
struct Input {
    #[serde(flatten)]
    desirability: DesirabilityInput,
    #[serde(deserialize_with = "list")]
    sample_sizes: Vec<u32>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { desirability, sample_sizes } = read(input)?;
    let desirability = desirability.desirability()?;
    let table = desirability_table(&desirability, &sample_sizes).map_err(MethodError::failed)?;
    let column = |value: fn(&DesirabilityRow) -> u32| table.iter().map(value).collect::<Vec<u32>>();
    Ok(json!({
        "utility_benchmark": desirability.benchmark(),
        "n": column(|row| row.n),
        "tox": column(|row| row.toxicities),
        "eff": column(|row| row.efficacies),
        "admissible": table.iter().map(|row| row.admissible).collect::<Vec<bool>>(),
        "prob_utility_above_benchmark": numbers(table.iter().map(|row| row.prob_above_benchmark)),
        "rds": optionals(table.iter().map(|row| row.score)),
    })
    .into())
}
