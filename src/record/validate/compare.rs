//! Leaf-by-leaf comparison of expected and computed values.

use serde_json::{Map, Value};

use super::method::{Answer, MethodError};
use super::report::{LeafReport, RelAbs, Status};
use super::tolerance_rule::{SimulationErrors, rule};
use crate::numerics::tolerance::Tolerance;

/// What a method returned, if this program has it.
type Computed<'a> = Option<&'a Result<Answer, MethodError>>;

/// Every target leaf of `expected` with what was computed there.
///
/// Fields named `peer*`, `package_*`, `escalation_*`, `jags_*` or `quadrature_self_check*` record what other software printed, and the numbers of
/// simulations, seeds and standard errors of a simulated block say how to judge it, as fields that end in `_mc_se` do elsewhere: none is a target, so none is listed. A refusal is
/// expected where a field `error` or `*_error` holds a text. Beside a value of a simulated block an answer
/// may give `<name>_sd`, the standard deviation of one trial, and `<name>_se`, the standard error of an answer that is itself simulated.
pub(super) fn compare(expected: &Value, computed: Computed<'_>, tolerances: &Value) -> Vec<LeafReport> {
    let mut walk = Walk { tolerances, computed, leaves: Vec::new() };
    let start = match computed {
        Some(Ok(answer)) => Here {
            computed: Some(&answer.computed),
            readings: answer.readings.iter().map(|reading| (Some(&reading.computed), reading.note)).collect(),
            noise: Noise::default(),
        },
        _ => Here::default(),
    };
    walk.visit(expected, &start, &Place::default());
    if let Some(Err(error)) = computed
        && walk.leaves.is_empty()
    {
        walk.leaves.push(LeafReport::message(Status::Error, error.to_string()));
    }
    walk.leaves
}

/// A place in `expected`: its printed path and the field names that lead to it.
#[derive(Default, Clone)]
struct Place<'a> {
    path: String,
    fields: Vec<&'a str>,
}

impl<'a> Place<'a> {
    fn field(&self, name: &'a str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        let mut fields = self.fields.clone();
        fields.push(name);
        Self { path, fields }
    }

    fn item(&self, position: usize) -> Self {
        Self { path: format!("{}[{position}]", self.path), fields: self.fields.clone() }
    }
}

/// Everything that belongs to the same place as an expected value.
#[derive(Default, Clone)]
struct Here<'a> {
    computed: Option<&'a Value>,
    /// The same under other conventions, with their notes.
    readings: Vec<(Option<&'a Value>, &'static str)>,
    /// How far simulation may lead, in a simulated block.
    noise: Noise<'a>,
}

impl<'a> Here<'a> {
    fn descend(&self, step: impl Fn(&'a Value) -> Option<&'a Value>, noise: Noise<'a>) -> Self {
        Self {
            computed: self.computed.and_then(&step),
            readings: self.readings.iter().map(|(value, note)| (value.and_then(&step), *note)).collect(),
            noise,
        }
    }
}

/// What is known of the simulation error of a value, in the shape of the value.
#[derive(Default, Clone, Copy)]
struct Noise<'a> {
    /// Standard errors that the case records.
    recorded: Option<&'a Value>,
    /// Standard deviations of one trial under the answer, from which the case's own number of simulations makes standard errors.
    one_trial: Option<&'a Value>,
    n_sims: Option<f64>,
    /// Standard errors of the answer.
    own: Option<&'a Value>,
}

impl<'a> Noise<'a> {
    fn beside(name: &str, fields: &'a Map<String, Value>, computed: Option<&'a Value>) -> Self {
        let answered = |suffix: &str| computed.and_then(|object| object.get(format!("{name}_{suffix}")));
        Self {
            recorded: fields.get(&format!("{name}_se")),
            one_trial: answered("sd"),
            n_sims: fields.get("n_sims").and_then(Value::as_f64),
            own: answered("se"),
        }
    }

    /// Of a number that only the program simulates; the case has its own to a known precision.
    fn of_answer(name: &str, computed: Option<&'a Value>) -> Self {
        Self { own: computed.and_then(|object| object.get(format!("{name}_mc_se"))), ..Self::default() }
    }

    fn at(self, position: usize, length: usize) -> Self {
        let element = |values: Option<&'a Value>| values.and_then(|values| element(values, position, length));
        Self { recorded: element(self.recorded), one_trial: element(self.one_trial), own: element(self.own), ..self }
    }

    fn errors(self) -> SimulationErrors {
        let value = |errors: Option<&Value>| errors.map(unwrap_single).and_then(Value::as_f64);
        let expected = value(self.one_trial).zip(self.n_sims).map(|(deviation, n)| deviation / n.sqrt());
        SimulationErrors { recorded: value(self.recorded), expected, own: value(self.own) }
    }
}

struct Walk<'a> {
    tolerances: &'a Value,
    computed: Computed<'a>,
    leaves: Vec<LeafReport>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, expected: &'a Value, here: &Here<'a>, place: &Place<'a>) {
        match expected {
            Value::Object(fields) if !fields.is_empty() => {
                let simulated = place.fields.contains(&"mc");
                for (name, value) in fields {
                    if !is_target(name, simulated || name == "mc") {
                        continue;
                    }
                    let noise = if simulated { Noise::beside(name, fields, here.computed) } else { Noise::of_answer(name, here.computed) };
                    self.visit(value, &here.descend(|object| object.get(name), noise), &place.field(name));
                }
            }
            Value::Array(items) if !items.is_empty() => {
                let length = items.len();
                for (position, item) in items.iter().enumerate() {
                    let noise = here.noise.at(position, length);
                    self.visit(item, &here.descend(|list| element(list, position, length), noise), &place.item(position));
                }
                self.check_length(length, here.computed);
            }
            leaf => {
                let report = self.leaf(leaf, here, place);
                self.leaves.push(report);
            }
        }
    }

    /// A computed list that goes on after the expected one ends is a difference of its last listed leaf.
    fn check_length(&mut self, expected: usize, computed: Option<&Value>) {
        if let Some(Value::Array(items)) = computed
            && items.len() > expected
            && let Some(leaf) = self.leaves.last_mut()
        {
            leaf.status = leaf.status.max(Status::Differs);
            leaf.note = Some(format!("{} values computed, {expected} expected", items.len()));
        }
    }

    fn leaf(&self, expected: &Value, here: &Here<'_>, place: &Place<'_>) -> LeafReport {
        let refusal = expected.is_string() && place.fields.last().is_some_and(|name| *name == "error" || name.ends_with("_error"));
        let rule = number(expected).map(|number| rule(self.tolerances, &place.fields, number, here.noise.errors()));
        let tolerance = rule.as_ref().map(|rule| rule.tolerance);
        let mut other_convention = false;
        let (status, computed, note) = match (self.computed, here.computed.map(unwrap_single)) {
            (None, _) => (Status::NotComputed, Value::Null, None),
            (Some(Err(error)), _) if refusal => (Status::Matched, Value::String(error.to_string()), None),
            (Some(Err(error)), _) => (Status::Error, Value::Null, Some(error.to_string())),
            (Some(Ok(_)), None) if refusal => (Status::Differs, Value::Null, Some("a refusal was expected".to_owned())),
            (Some(Ok(_)), None) => (Status::NotComputed, Value::Null, None),
            (Some(Ok(_)), Some(value)) if agrees(expected, value, tolerance) => {
                (Status::Matched, value.clone(), rule.and_then(|rule| rule.note))
            }
            (Some(Ok(_)), Some(value)) => match reading(expected, &here.readings, tolerance) {
                Some((other, note)) => {
                    other_convention = true;
                    (Status::Matched, other.clone(), Some(format!("{note}; this program prints {value}")))
                }
                None => (Status::Differs, value.clone(), rule.and_then(|rule| rule.note)),
            },
        };
        LeafReport { path: place.path.clone(), expected: expected.clone(), computed, tolerance, status, note, other_convention }
    }
}

/// The first reading that agrees with an expected value, with its note.
fn reading<'a>(
    expected: &Value,
    readings: &[(Option<&'a Value>, &'static str)],
    tolerance: Option<RelAbs>,
) -> Option<(&'a Value, &'static str)> {
    let mut present = readings.iter().filter_map(|(value, note)| value.map(|value| (unwrap_single(value), *note)));
    present.find(|(value, _)| agrees(expected, value, tolerance))
}

/// Whether a field is something to be reproduced.
fn is_target(name: &str, simulated: bool) -> bool {
    let recorded = ["peer", "package_", "escalation_", "jags_", "quadrature_self_check"].iter().any(|start| name.starts_with(start));
    let bookkeeping = name.ends_with("_mc_se") || simulated && (name == "n_sims" || name == "seed" || name.ends_with("_se"));
    !recorded && !bookkeeping
}

/// Element of a list; a bare value counts as a list of one, because R writes it so.
fn element(value: &Value, position: usize, length: usize) -> Option<&Value> {
    match value {
        Value::Array(items) => items.get(position),
        Value::Object(_) => None,
        bare => (length == 1 && position == 0).then_some(bare),
    }
}

fn unwrap_single(value: &Value) -> &Value {
    match value {
        Value::Array(items) => match items.as_slice() {
            [single] => single,
            _ => value,
        },
        _ => value,
    }
}

/// A number, or the text that stands for an infinite one.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text == "Inf" => Some(f64::INFINITY),
        Value::String(text) if text == "-Inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn agrees(expected: &Value, computed: &Value, tolerance: Option<RelAbs>) -> bool {
    match (number(expected), number(computed), tolerance) {
        (Some(want), Some(got), Some(RelAbs { rel, abs })) => Tolerance { relative: rel, absolute: abs }.accepts(got, want),
        (None, None, _) => expected == computed,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::method::Reading;
    use super::*;

    fn run(expected: &Value, computed: Value) -> Vec<(String, Status)> {
        let computed = Ok(Answer::from(computed));
        compare(expected, Some(&computed), &json!({"all": {"rel": 1e-6, "abs": 0.0}}))
            .into_iter()
            .map(|leaf| (leaf.path, leaf.status))
            .collect()
    }

    #[test]
    fn paths_name_the_place_in_expected() {
        let expected = json!({"groups": {"all": {"steps": {"surv": [1, 0.5]}}}, "rows": [{"decision": "E"}], "log-log": null});
        let leaves = run(&expected, expected.clone());
        let paths: Vec<&str> = leaves.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["groups.all.steps.surv[0]", "groups.all.steps.surv[1]", "rows[0].decision", "log-log"]);
        assert!(leaves.iter().all(|(_, status)| *status == Status::Matched));
    }

    #[test]
    fn each_kind_of_value_is_compared_as_what_it_is() {
        let cases = [
            (json!({"x": 1.0}), json!({"x": 1.000_000_1}), Status::Matched),
            (json!({"x": 1.0}), json!({"x": 1.1}), Status::Differs),
            (json!({"x": "Inf"}), json!({"x": "Inf"}), Status::Matched),
            (json!({"x": "Inf"}), json!({"x": "-Inf"}), Status::Differs),
            (json!({"x": 5}), json!({"x": "Inf"}), Status::Differs),
            (json!({"x": null}), json!({"x": null}), Status::Matched),
            (json!({"x": null}), json!({"x": 0}), Status::Differs),
            (json!({"x": 0}), json!({"x": null}), Status::Differs),
            (json!({"x": "E"}), json!({"x": "S"}), Status::Differs),
            (json!({"x": true}), json!({"x": true}), Status::Matched),
            (json!({"x": [2]}), json!({"x": 2}), Status::Matched),
            (json!({"x": 2}), json!({"x": [2]}), Status::Matched),
            (json!({"x": []}), json!({"x": [2, 3]}), Status::Differs),
            (json!({"x": [2]}), json!({"x": [2, 3]}), Status::Differs),
            (json!({"x": 2}), json!({}), Status::NotComputed),
        ];
        for (expected, computed, status) in cases {
            assert_eq!(
                run(&expected, computed.clone()),
                [(String::from(if expected["x"].as_array().is_some_and(|x| x.len() == 1) { "x[0]" } else { "x" }), status)],
                "{expected} {computed}"
            );
        }
    }

    #[test]
    fn what_other_software_printed_is_not_a_target() {
        let expected =
            json!({"peer": {"a": 1}, "peer_x": [1, 2], "package_error": "x", "y": 1, "mc": {"n_sims": 10, "p": 0.5, "p_se": 0.1}});
        let leaves = run(&expected, json!({"y": 1, "mc": {"p": 0.8}}));
        assert_eq!(leaves, [("y".to_owned(), Status::Matched), ("mc.p".to_owned(), Status::Matched)]);
    }

    #[test]
    fn an_answer_may_say_how_far_a_simulation_leads() {
        // One trial in five thousand is expected to select the dose: the case saw none and records no error.
        let expected = json!({"mc": {"n_sims": 5000, "p": [0], "p_se": [0], "mean_n": 4.2}});
        let sure = json!({"mc": {"p": [0.0002], "mean_n": 4.5}});
        assert!(run(&expected, sure).iter().all(|(_, status)| *status == Status::Differs));
        let told = json!({"mc": {"p": [0.0002], "p_sd": [0.014], "mean_n": 4.25, "mean_n_sd": 2.0}});
        assert!(run(&expected, told).iter().all(|(_, status)| *status == Status::Matched));
        let simulated = json!({"mc": {"p": [0.0002], "p_sd": [0.014], "mean_n": 4.5, "mean_n_sd": 2.0, "mean_n_se": 0.08}});
        assert!(run(&expected, simulated).iter().all(|(_, status)| *status == Status::Matched));
    }

    #[test]
    fn a_reading_matches_with_a_note_only_where_the_value_itself_differs() {
        let readings = vec![Reading { computed: json!({"ci": [1.0, 2.0]}), note: "rounded" }];
        let answer = Ok(Answer { computed: json!({"ci": [1.0, 2.5]}), readings });
        let leaves = compare(&json!({"ci": [1.0, 2.0]}), Some(&answer), &json!({"all": {"rel": 0.0, "abs": 0.0}}));
        assert!(leaves.iter().all(|leaf| leaf.status == Status::Matched));
        assert_eq!((leaves[0].note.as_deref(), leaves[1].note.as_deref()), (None, Some("rounded; this program prints 2.5")));
        let neither = compare(&json!({"ci": [1.0, 2.1]}), Some(&answer), &json!({"all": {"rel": 0.0, "abs": 0.0}}));
        assert_eq!((neither[1].status, &neither[1].computed), (Status::Differs, &json!(2.5)));
    }

    #[test]
    fn an_expected_refusal_is_matched_by_a_refusal_only() {
        let expected = json!({"error": "target out of range"});
        let refused = Err(MethodError::Failed("0.9 is outside".to_owned()));
        assert_eq!(compare(&expected, Some(&refused), &Value::Null)[0].status, Status::Matched);
        let accepted = Ok(Answer::from(json!({"x": 1})));
        assert_eq!(compare(&expected, Some(&accepted), &Value::Null)[0].status, Status::Differs);
        let other = compare(&json!({"x": 1}), Some(&refused), &Value::Null);
        assert_eq!((other[0].status, other[0].note.as_deref()), (Status::Error, Some("0.9 is outside")));
    }
}
