//! Cases `mean_cumulative_function`: recurrent events by arm.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{groups, list, numbers, optional};
use super::method::{Answer, MethodError, read};
use crate::numerics::mean_cumulative::{MeanCumulative, MeanCumulativeStep};

/// Level of the recorded limits.
const LEVEL: f64 = 0.95;

#[derive(Deserialize)]
struct Input {
    events: Events,
    follow_up: Map<String, Value>,
}

#[derive(Deserialize)]
struct Events {
    #[serde(deserialize_with = "list")]
    id: Vec<Value>,
    #[serde(deserialize_with = "list")]
    time: Vec<f64>,
}

#[derive(Deserialize)]
struct FollowUp {
    #[serde(deserialize_with = "list")]
    id: Vec<Value>,
    #[serde(deserialize_with = "list")]
    end: Vec<f64>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { events, follow_up } = read(input)?;
    let FollowUp { id, end } = read(&Value::Object(follow_up.clone()))?;
    let mut out = Map::new();
    for group in groups(&follow_up, Some("arm"), id.len())? {
        let unit_of = |event: &Value| group.members.iter().position(|member| id.get(*member) == Some(event));
        let own: Vec<(usize, f64)> = events.id.iter().zip(&events.time).filter_map(|(id, time)| Some((unit_of(id)?, *time))).collect();
        let fit = MeanCumulative::fit(&group.select(&end), &own).map_err(MethodError::failed)?;
        out.insert(group.label.clone(), describe(&fit)?);
    }
    Ok(Value::Object(out).into())
}

fn describe(fit: &MeanCumulative) -> Result<Value, MethodError> {
    let column = |value: fn(&MeanCumulativeStep) -> f64| numbers(fit.steps().iter().map(value));
    let limits = fit.steps().iter().map(|step| step.limits(LEVEL)).collect::<Result<Vec<_>, _>>().map_err(MethodError::failed)?;
    Ok(json!({
        "time": column(|step| step.time),
        "n_risk": column(|step| step.n_risk as f64),
        "n_event": column(|step| step.n_event as f64),
        "mcf": column(|step| step.estimate),
        "se_lawless_nadeau": column(|step| step.robust_standard_error),
        "se_poisson": column(|step| step.poisson_standard_error),
        "ci_log_lower": numbers(limits.iter().map(|limits| limits.0)),
        "ci_log_upper": numbers(limits.iter().map(|limits| limits.1)),
        "rate_per_unit_time": optional(fit.rate()),
    }))
}
