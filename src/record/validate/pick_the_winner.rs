//! Cases `pick_the_winner`: probabilities of selection and the sizes that selection designs need.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{numbers, optional};
use super::method::{Answer, MethodError, read};
use crate::analysis::expansion::pick_the_winner::{SelectionGoal, sample_size, selection_probabilities};

/// Largest number of patients per arm that the search looks at.
const N_MAX: u32 = 150;

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Size { arms: usize, p_low: f64, delta: f64, target: f64 },
    Selection { n_per_arm: u32, p: Vec<f64> },
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    match read(input)? {
        Input::Size { arms, p_low, delta, target } => {
            let goal = SelectionGoal { arms, low_rate: p_low, advantage: delta, target, n_max: N_MAX };
            let size = sample_size(&goal).map_err(MethodError::failed)?;
            Ok(json!({
                "n_first": size.n_first, "n_stable": size.n_stable,
                "pcs_at_n_first": size.at_n_first, "pcs_at_n_minus_1": optional(size.at_one_fewer),
            })
            .into())
        }
        Input::Selection { n_per_arm, p } => {
            let found = selection_probabilities(n_per_arm, &p).map_err(MethodError::failed)?;
            let computed = json!({
                "selection_probability": numbers(found.selected),
                "strictly_highest_probability": numbers(found.strictly_highest),
            });
            Ok(computed.into())
        }
    }
}
