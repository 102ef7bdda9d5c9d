//! Cases `kaplan_meier`: curves, survival at times, quantiles, restricted means and the log-rank test.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{Group, groups, list, numbers, optional, optionals};
use super::method::{Answer, MethodError, read};
use crate::numerics::kaplan_meier::{KaplanMeier, QuantileEstimate, SurvivalAt, SurvivalError, SurvivalTransform};
use crate::numerics::log_rank::{LogRankWeight, log_rank};

#[derive(Deserialize)]
struct Input {
    data: Map<String, Value>,
    #[serde(default)]
    strata: Option<String>,
    #[serde(deserialize_with = "list")]
    times: Vec<f64>,
    level: f64,
}

#[derive(Deserialize)]
struct Outcomes {
    #[serde(deserialize_with = "list")]
    time: Vec<f64>,
    #[serde(deserialize_with = "list")]
    status: Vec<u8>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { data, strata, times, level } = read(input)?;
    let Outcomes { time, status } = read(&Value::Object(data.clone()))?;
    let events: Vec<bool> = status.iter().map(|status| *status == 1).collect();
    let groups = groups(&data, strata.as_deref(), time.len())?;
    let mut curves = Map::new();
    for group in &groups {
        let curve = KaplanMeier::fit(&group.select(&time), &group.select(&events)).map_err(MethodError::failed)?;
        curves.insert(group.label.clone(), describe(&curve, &times, level).map_err(MethodError::failed)?);
    }
    let mut out = Map::from_iter([("groups".to_owned(), Value::Object(curves))]);
    if groups.len() > 1 {
        out.extend(compare_groups(&time, &events, &groups).map_err(MethodError::failed)?);
    }
    Ok(Value::Object(out).into())
}

fn describe(curve: &KaplanMeier, times: &[f64], level: f64) -> Result<Value, SurvivalError> {
    let mut at = Map::new();
    for transform in SurvivalTransform::ALL {
        at.insert(transform.label().to_owned(), survival_at(curve, times, transform, level)?);
    }
    let quartiles: Vec<QuantileEstimate> =
        [0.25, 0.5, 0.75].iter().map(|p| curve.quantile(*p, SurvivalTransform::LogLog, level)).collect::<Result<_, _>>()?;
    let tau = times.iter().copied().fold(0.0, f64::max);
    let mean = curve.restricted_mean(tau)?;
    Ok(json!({
        "steps": steps(curve),
        "n": curve.n(),
        "events": curve.events(),
        "at": at,
        "quartiles": optionals(quartiles.iter().map(|quartile| quartile.estimate)),
        "quartiles_lower_loglog": optionals(quartiles.iter().map(|quartile| quartile.lower)),
        "quartiles_upper_loglog": optionals(quartiles.iter().map(|quartile| quartile.upper)),
        "rmst": {"tau": tau, "rmst": mean.estimate, "se": mean.standard_error},
    }))
}

fn steps(curve: &KaplanMeier) -> Value {
    let steps = curve.steps();
    json!({
        "time": numbers(steps.iter().map(|step| step.time)),
        "n_risk": steps.iter().map(|step| step.n_risk).collect::<Vec<_>>(),
        "n_event": steps.iter().map(|step| step.n_event).collect::<Vec<_>>(),
        "n_censor": steps.iter().map(|step| step.n_censor).collect::<Vec<_>>(),
        "surv": numbers(steps.iter().map(|step| step.survival)),
        "greenwood_se": optionals(steps.iter().map(|step| step.standard_error)),
        "cumhaz_nelson_aalen": numbers(steps.iter().map(|step| step.cumulative_hazard)),
    })
}

fn survival_at(curve: &KaplanMeier, times: &[f64], transform: SurvivalTransform, level: f64) -> Result<Value, SurvivalError> {
    let points: Vec<SurvivalAt> = times.iter().map(|time| curve.survival_at(*time, transform, level)).collect::<Result<_, _>>()?;
    let median = curve.median(transform, level)?;
    Ok(json!({
        "times": times,
        "surv": numbers(points.iter().map(|point| point.survival)),
        "lower": optionals(points.iter().map(|point| point.lower)),
        "upper": optionals(points.iter().map(|point| point.upper)),
        "median": optional(median.estimate),
        "median_lower": optional(median.lower),
        "median_upper": optional(median.upper),
    }))
}

fn compare_groups(time: &[f64], events: &[bool], groups: &[Group]) -> Result<Map<String, Value>, SurvivalError> {
    let mut membership = vec![0; time.len()];
    for (label, group) in groups.iter().enumerate() {
        for position in &group.members {
            if let Some(entry) = membership.get_mut(*position) {
                *entry = label;
            }
        }
    }
    let plain = log_rank(time, events, &membership, groups.len(), LogRankWeight::LogRank)?;
    let early = log_rank(time, events, &membership, groups.len(), LogRankWeight::PetoPeto)?;
    Ok(Map::from_iter([
        (
            "logrank".to_owned(),
            json!({
                "observed": numbers(plain.observed),
                "expected": numbers(plain.expected),
                "chisq": optional(plain.chi_square),
                "df": plain.degrees_of_freedom,
                "p": optional(plain.p_value),
            }),
        ),
        ("peto_peto_rho1".to_owned(), json!({"chisq": optional(early.chi_square), "p": optional(early.p_value)})),
    ]))
}
