//! Cases `cumulative_incidence`: the Aalen-Johansen estimate with both variances, Gray's test, the Fine-Gray model, and one minus Kaplan-Meier.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{Group, groups, list, number, numbers, optional, optionals};
use super::method::{Answer, MethodError, read};
use super::regression_input::{covariates, numeric_column};
use crate::numerics::cumulative_incidence::{Cause, CumulativeIncidence, Incidence, IncidenceStep, Outcome};
use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::fine_gray::fine_gray;
use crate::numerics::gray::gray_test;
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
    let mut out = json!({
        "gray_test": gray(&time, &outcomes, &groups)?,
        "aalen_johansen": fitted.iter().map(|group| (group.label.clone(), aalen_johansen(&group.fit, &times))).collect::<Map<_, _>>(),
        "cmprsk": cmprsk(&fitted, &outcomes, &times),
        "naive_one_minus_km_all": numbers(times.iter().map(|time| 1.0 - event_free(*time))),
    });
    if let (Some(_), Some(fields)) = (data.get("x"), out.as_object_mut()) {
        fields.insert("fine_gray_x".to_owned(), regression(&data, &time, &outcomes)?);
    }
    Ok(out.into())
}

/// Gray's test of both causes, `null` for a single group.
fn gray(time: &[f64], outcomes: &[Outcome], groups: &[Group]) -> Result<Value, MethodError> {
    if groups.len() < 2 {
        return Ok(Value::Null);
    }
    let mut membership = vec![0; time.len()];
    for (label, group) in groups.iter().enumerate() {
        for row in &group.members {
            if let Some(entry) = membership.get_mut(*row) {
                *entry = label;
            }
        }
    }
    let mut values = Vec::new();
    for cause in [Cause::Event, Cause::Competing] {
        let test = gray_test(time, outcomes, &membership, groups.len(), cause).map_err(MethodError::failed)?;
        values.push(test.map_or(Value::Null, |test| json!([number(test.chi_square), optional(test.p_value), test.degrees_of_freedom])));
    }
    Ok(json!({"rows": ["1", "2"], "cols": ["stat", "pv", "df"], "values": values}))
}

/// The Fine-Gray model of the event of interest on the column `x`.
fn regression(data: &Map<String, Value>, time: &[f64], outcomes: &[Outcome]) -> Result<Value, MethodError> {
    let x: Vec<f64> = numeric_column(&covariates(data), "x")?.into_iter().flatten().collect();
    let design = DesignMatrix::from_columns(&[x]).map_err(MethodError::failed)?;
    let fit = fine_gray(&design, time, outcomes).map_err(MethodError::failed)?;
    Ok(json!({"coef": optional(fit.coefficients.estimate(0)), "se": optional(fit.coefficients.standard_error(0))}))
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
