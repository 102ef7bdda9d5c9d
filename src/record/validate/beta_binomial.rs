//! Cases `beta_binomial`: two proportions with beta priors.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{number, numbers, pair};
use super::method::{Answer, MethodError, read};
use crate::numerics::beta_difference::BetaDifference;
use crate::numerics::distribution::{DistributionError, beta_quantile};

#[derive(Deserialize)]
struct Input {
    #[serde(rename = "xA")]
    x_first: u32,
    #[serde(rename = "nA")]
    n_first: u32,
    #[serde(rename = "xB")]
    x_second: u32,
    #[serde(rename = "nB")]
    n_second: u32,
    prior: Prior,
    delta: f64,
    level: f64,
}

#[derive(Deserialize)]
struct Prior {
    alpha: f64,
    beta: f64,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let posterior = |x: u32, n: u32| {
        let missed = n.checked_sub(x).ok_or_else(|| MethodError::Failed("more events than subjects".to_owned()))?;
        Ok::<_, MethodError>((input.prior.alpha + f64::from(x), input.prior.beta + f64::from(missed)))
    };
    let (first, second) = (posterior(input.x_first, input.n_first)?, posterior(input.x_second, input.n_second)?);
    let tail = (1.0 - input.level) / 2.0;
    let interval = |(alpha, beta): (f64, f64)| {
        Ok::<_, DistributionError>((beta_quantile(tail, alpha, beta)?, beta_quantile(1.0 - tail, alpha, beta)?))
    };
    let difference = BetaDifference::new(first, second).map_err(MethodError::failed)?;
    let above = |threshold| difference.probability_above(threshold).map(number).map_err(MethodError::failed);
    let quantile = |p| difference.quantile(p).map_err(MethodError::failed);
    let computed = json!({
        "pr_A_gt_B_plus_delta": above(input.delta)?,
        "pr_A_gt_B": above(0.0)?,
        "pr_diff_gt_minus_delta": above(-input.delta)?,
        "diff_mean": difference.mean(),
        "diff_sd": difference.standard_deviation(),
        "diff_quantiles": numbers([quantile(tail)?, quantile(0.5)?, quantile(1.0 - tail)?]),
        "posterior_A": pair(first),
        "posterior_B": pair(second),
        "A_interval": pair(interval(first).map_err(MethodError::failed)?),
        "B_interval": pair(interval(second).map_err(MethodError::failed)?),
    });
    Ok(computed.into())
}
