//! Cases `bop2`: futility boundaries, their exact properties, and the boundary with the most power.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{list, numbers};
use super::method::{Answer, MethodError, read};
use crate::analysis::expansion::bop2::{Bop2Design, Bop2Goal, characteristics, optimise};

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    looks: Vec<u32>,
    p0: f64,
    p1: f64,
    prior: (f64, f64),
    #[serde(flatten)]
    asked: Asked,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Asked {
    Boundary { lambda: f64, gamma: f64 },
    Search { alpha: f64, lambda_grid: Grid, gamma_grid: Grid },
}

#[derive(Deserialize)]
struct Grid {
    from: f64,
    to: f64,
    by: f64,
}

impl Grid {
    fn values(&self) -> Vec<f64> {
        let steps = ((self.to - self.from) / self.by + 1e-9).floor().max(0.0) as usize;
        (0..=steps).map(|step| self.from + step as f64 * self.by).collect()
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { looks, p0, p1, prior, asked } = read(input)?;
    match asked {
        Asked::Boundary { lambda, gamma } => {
            let design = Bop2Design { looks, uninteresting: p0, prior, lambda, gamma };
            let boundaries = design.boundaries().map_err(MethodError::failed)?;
            let at = |rate: f64| characteristics(&design.looks, &boundaries, rate).map_err(MethodError::failed);
            let (uninteresting, promising) = (at(p0)?, at(p1)?);
            Ok(json!({
                "futility_stop_if_responses_le": boundaries_json(&boundaries),
                "type1": uninteresting.promising, "power": promising.promising,
                "early_stop_p0": uninteresting.early_stop, "early_stop_p1": promising.early_stop,
                "expected_n_p0": uninteresting.expected_n, "expected_n_p1": promising.expected_n,
                "stop_prob_by_look_p0": numbers(uninteresting.stop_by_look), "stop_prob_by_look_p1": numbers(promising.stop_by_look),
            })
            .into())
        }
        Asked::Search { alpha, lambda_grid, gamma_grid } => {
            let (lambdas, gammas) = (lambda_grid.values(), gamma_grid.values());
            let goal = Bop2Goal { looks, uninteresting: p0, promising: p1, prior, alpha, lambdas, gammas };
            let best = optimise(&goal).map_err(MethodError::failed)?;
            Ok(json!({
                "best_power": best.promising.promising, "type1": best.uninteresting.promising,
                "expected_n_p0": best.uninteresting.expected_n,
                "futility_stop_if_responses_le": boundaries_json(&best.boundaries),
                "one_lambda": best.lambda, "one_gamma": best.gamma,
            })
            .into())
        }
    }
}

/// A look that cannot stop is -1 in the cases.
fn boundaries_json(boundaries: &[Option<u32>]) -> Value {
    boundaries.iter().map(|boundary| boundary.map_or(-1, i64::from)).collect()
}
