//! Cases `cumulative_incidence`: the Aalen-Johansen estimate with both variances, and one minus Kaplan-Meier.
//!
//! Gray's test and the Fine-Gray model are not part of this program, so their leaves stay not computed.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{Group, groups, list, numbers, optionals};
use super::method::{Answer, MethodError, read};
use crate::numerics::cumulative_incidence::{CumulativeIncidence, Incidence, IncidenceStep, Outcome};
use crate::numerics::kaplan_meier::KaplanMeier;

#[derive(Deserialize)]
struct Input {
    data: Map<String, Value>,
    #[serde(default)]
    group: Option<String>,
    #[serde(deserialize_with = "list")]
    times: Vec<f64>,
}

#[derive(Deserialize)]
struct Outcomes {
    #[serde(deserialize_with = "list")]
    time: Vec<f64>,
    #[serde(deserialize_with = "list")]
    status: Vec<u8>,
}

/// A fitted group under the name that `cmprsk` gives it.
struct Fitted {
    label: String,
    fit: CumulativeIncidence,
}

impl Fitted {
    /// A quantity of one cause at each time, missing beyond the last time of the group.
    fn within_follow_up(&self, times: &[f64], quantity: impl Fn(&IncidenceStep) -> f64) -> Value {
        let last = self.fit.steps().last().map_or(0.0, |step| step.time);
        optionals(times.iter().map(|time| (*time <= last).then(|| self.fit.step_at(*time).map_or(0.0, &quantity))))
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { data, group, times } = read(input)?;
    let Outcomes { time, status } = read(&Value::Object(data.clone()))?;
    let outcomes = status.iter().map(|status| outcome(*status)).collect::<Result<Vec<Outcome>, _>>()?;
    let groups = groups(&data, group.as_deref(), time.len())?;
    let fitted = groups.iter().map(|group| fit(group, &time, &outcomes)).collect::<Result<Vec<Fitted>, _>>()?;
    let events: Vec<bool> = outcomes.iter().map(|outcome| *outcome == Outcome::Event).collect();
    let naive = KaplanMeier::fit(&time, &events).map_err(MethodError::failed)?;
    let event_free = |at: f64| naive.steps().iter().take_while(|step| step.time <= at).last().map_or(1.0, |step| step.survival);
    Ok(json!({
        "aalen_johansen": fitted.iter().map(|group| (group.label.clone(), aalen_johansen(&group.fit, &times))).collect::<Map<_, _>>(),
        "cmprsk": cmprsk(&fitted, &outcomes, &times),
        "naive_one_minus_km_all": numbers(times.iter().map(|time| 1.0 - event_free(*time))),
    })
    .into())
}

fn outcome(status: u8) -> Result<Outcome, MethodError> {
    match status {
        0 => Ok(Outcome::Censored),
        1 => Ok(Outcome::Event),
        2 => Ok(Outcome::Competing),
        other => Err(MethodError::Failed(format!("status {other} is not 0, 1 or 2"))),
    }
}

fn fit(group: &Group, time: &[f64], outcomes: &[Outcome]) -> Result<Fitted, MethodError> {
    let fit = CumulativeIncidence::fit(&group.select(time), &group.select(outcomes)).map_err(MethodError::failed)?;
    Ok(Fitted { label: group.label.clone(), fit })
}

fn aalen_johansen(fit: &CumulativeIncidence, times: &[f64]) -> Value {
    let at =
        |quantity: fn(&IncidenceStep) -> f64, before: f64| numbers(times.iter().map(|time| fit.step_at(*time).map_or(before, quantity)));
    json!({
        "times": times,
        "event": at(|step| step.event.estimate, 0.0),
        "competing": at(|step| step.competing.estimate, 0.0),
        "event_free": at(|step| step.event_free, 1.0),
        "se_event_infinitesimal_jackknife": at(|step| step.event.jackknife_variance.sqrt(), 0.0),
    })
}

/// Estimates and variances as matrices with a row per cause and group, in the order of that package.
fn cmprsk(fitted: &[Fitted], outcomes: &[Outcome], times: &[f64]) -> Value {
    type Pick = fn(&IncidenceStep) -> Incidence;
    let causes: [(&str, Outcome, Pick); 2] = [("1", Outcome::Event, |step| step.event), ("2", Outcome::Competing, |step| step.competing)];
    let (mut rows, mut estimates, mut variances) = (Vec::new(), Vec::new(), Vec::new());
    for (code, _, pick) in causes.iter().filter(|(_, outcome, _)| outcomes.contains(outcome)) {
        for group in fitted {
            let label = if fitted.len() == 1 && group.label == "all" { "1" } else { &group.label };
            rows.push(format!("{label} {code}"));
            estimates.push(group.within_follow_up(times, |step| pick(step).estimate));
            variances.push(group.within_follow_up(times, |step| pick(step).aalen_variance));
        }
    }
    let columns: Vec<String> = times.iter().map(f64::to_string).collect();
    json!({
        "est": {"rows": rows, "cols": columns, "values": estimates},
        "var_aalen": {"rows": rows, "cols": columns, "values": variances},
    })
}
