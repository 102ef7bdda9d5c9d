//! Which tolerance applies to which leaf.
//!
//! A case names tolerances by the fields they belong to. A rule belongs to a field when its name is the field's name or a part of it
//! between underscores; the innermost field and the longest name win. `closed_form`, `numbers` and the like cover the rest, `all`
//! comes last.

use serde_json::{Map, Value};

use super::report::RelAbs;
use crate::numerics::tolerance::MONTE_CARLO_SE;

/// Rules that cover every field not named by another rule, in order of preference.
const GENERAL: [&str; 6] = ["closed_form", "numbers", "exact", "tables", "par", "all"];

/// Tolerance where a case gives none that fits: 15 printed digits carry it.
const UNNAMED: RelAbs = RelAbs { rel: 1e-9, abs: 1e-9 };

/// Relative tolerance of a simulated mean printed without standard error.
const SIMULATED_WITHOUT_ERROR: f64 = 0.05;

/// What is known of the simulation error of a number in a simulated block.
#[derive(Default, Clone, Copy)]
pub(super) struct SimulationErrors {
    /// Standard error that the case records; 0 where it saw no variation.
    pub(super) recorded: Option<f64>,
    /// Standard error of the case under the program's answer.
    pub(super) expected: Option<f64>,
    /// Standard error of the program's answer, where it is simulated.
    pub(super) own: Option<f64>,
}

/// The tolerance of a number and, where it is not simply the case's own, why.
pub(super) struct Rule {
    pub(super) tolerance: RelAbs,
    pub(super) note: Option<String>,
}

/// Tolerance for the number at a place in `expected`, given as the field names that lead to it.
///
/// `errors` is what is known of its simulation error, in a simulated block.
pub(super) fn rule(tolerances: &Value, fields: &[&str], errors: SimulationErrors) -> Rule {
    if fields.contains(&"mc") {
        return simulated(tolerances, fields, errors);
    }
    let Value::Object(rules) = tolerances else {
        return Rule { tolerance: UNNAMED, note: Some("no tolerance in the case".to_owned()) };
    };
    if let Some(tolerance) = read(tolerances) {
        return Rule { tolerance, note: None };
    }
    let named = fields.iter().rev().find_map(|field| longest_match(rules, field));
    let general = || GENERAL.iter().find_map(|name| rules.get(*name).and_then(read));
    match named.or_else(general) {
        Some(tolerance) => Rule { tolerance, note: None },
        None => Rule { tolerance: UNNAMED, note: Some("no tolerance in the case fits".to_owned()) },
    }
}

/// Four standard errors, recorded ones first; then the percentage that the case names; then standard errors under the answer.
fn simulated(tolerances: &Value, fields: &[&str], errors: SimulationErrors) -> Rule {
    let text = tolerances.get("mc").and_then(Value::as_str).unwrap_or_default();
    let percent = fields.last().and_then(|field| percent_after(text, field));
    let of_the_case = match (errors.recorded, errors.expected) {
        (Some(recorded), Some(expected)) => Some(recorded.max(expected)),
        (Some(recorded), None) => Some(recorded),
        (None, expected) => expected.filter(|_| percent.is_none()),
    };
    if let Some(error) = of_the_case {
        let combined = error.hypot(errors.own.unwrap_or(0.0));
        let note = format!("{MONTE_CARLO_SE} standard errors of the simulation");
        return Rule { tolerance: RelAbs { rel: 0.0, abs: MONTE_CARLO_SE * combined }, note: Some(note) };
    }
    let note = "simulated mean without standard error".to_owned();
    Rule { tolerance: RelAbs { rel: percent.unwrap_or(SIMULATED_WITHOUT_ERROR), abs: 0.0 }, note: Some(note) }
}

/// The fraction in a text such as `mean_n within 5%` after the name of the field.
fn percent_after(text: &str, field: &str) -> Option<f64> {
    let rest = text.split_once(field)?.1.trim_start();
    let rest = rest.strip_prefix("within").unwrap_or(rest).trim_start();
    let number = rest.split_once('%')?.0;
    number.parse::<f64>().ok().map(|percent| percent / 100.0)
}

fn longest_match(rules: &Map<String, Value>, field: &str) -> Option<RelAbs> {
    rules
        .iter()
        .filter(|(name, _)| name.as_str() != "all" && belongs(name, field))
        .max_by_key(|(name, _)| name.len())
        .and_then(|(_, value)| read(value))
}

/// Whether a rule's name is the field's name or consecutive words of it; a plural counts as its singular.
fn belongs(rule: &str, field: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        name.to_lowercase().split(['_', '.', '-', ' ']).map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect()
    };
    let (rule, field) = (words(rule), words(field));
    field.windows(rule.len()).any(|part| part == rule)
}

/// A rule as written: `{rel, abs}`, or a text that begins with `exact` or with `abs` and a number.
fn read(value: &Value) -> Option<RelAbs> {
    match value {
        Value::Object(parts) => {
            let part = |name: &str| parts.get(name).and_then(Value::as_f64);
            let (rel, abs) = (part("rel"), part("abs"));
            (rel.is_some() || abs.is_some()).then(|| RelAbs { rel: rel.unwrap_or(0.0), abs: abs.unwrap_or(0.0) })
        }
        Value::String(text) if text.starts_with("exact") => Some(RelAbs { rel: 0.0, abs: 0.0 }),
        Value::String(text) => {
            let number = text.strip_prefix("abs ")?.split_whitespace().next()?;
            number.parse().ok().map(|abs| RelAbs { rel: 0.0, abs })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(tolerances: &Value, fields: &[&str]) -> (f64, f64) {
        let rule = rule(tolerances, fields, SimulationErrors::default());
        (rule.tolerance.rel, rule.tolerance.abs)
    }

    #[test]
    fn named_rules_win_over_general_ones() {
        let tolerances =
            json!({"closed_form": {"rel": 1.0}, "fisher": {"rel": 2.0}, "exact_chan_zhang": {"abs": 3.0}, "all": {"rel": 9.0}});
        assert_eq!(of(&tolerances, &["fisher_p_two_sided"]), (2.0, 0.0));
        assert_eq!(of(&tolerances, &["exact_chan_zhang"]), (0.0, 3.0));
        assert_eq!(of(&tolerances, &["wald"]), (1.0, 0.0));
    }

    #[test]
    fn words_are_matched_whole_innermost_first_and_longest_first() {
        let tolerances =
            json!({"p": {"rel": 1.0}, "prob": {"rel": 2.0}, "profile_ci": {"rel": 3.0}, "ci": {"rel": 4.0}, "coef": {"rel": 5.0}});
        assert_eq!(of(&tolerances, &["prob_recommend"]), (2.0, 0.0));
        assert_eq!(of(&tolerances, &["coef", "ci"]), (4.0, 0.0));
        assert_eq!(of(&tolerances, &["profile_ci"]), (3.0, 0.0));
        assert_eq!(of(&tolerances, &["coef", "slope"]), (5.0, 0.0));
        assert_eq!(of(&tolerances, &["probs"]), (2.0, 0.0));
    }

    #[test]
    fn texts_bare_pairs_and_missing_rules() {
        assert_eq!(of(&json!({"exact": "abs 1e-9 if computed exactly"}), &["exact", "mean_n"]), (0.0, 1e-9));
        assert_eq!(of(&json!({"tables": "exact integers; null = none"}), &["boundary"]), (0.0, 0.0));
        assert_eq!(of(&json!({"abs": 1e-12}), &["skeleton"]), (0.0, 1e-12));
        let none = rule(&Value::Null, &["x"], SimulationErrors::default());
        assert!(none.note.is_some());
    }

    #[test]
    fn simulated_means_are_judged_at_four_standard_errors() {
        let tolerances = json!({"mc": "select_prob within 4 combined SE; mean_n within 7%"});
        let recorded = SimulationErrors { recorded: Some(0.01), ..SimulationErrors::default() };
        let by_error = |errors: SimulationErrors| rule(&tolerances, &["mc", "select_prob"], errors).tolerance.abs;
        assert!((by_error(recorded) - 0.04).abs() < 1e-15);
        assert!((by_error(SimulationErrors { expected: Some(0.02), ..recorded }) - 0.08).abs() < 1e-15);
        assert!((by_error(SimulationErrors { recorded: Some(0.03), expected: None, own: Some(0.04) }) - 0.2).abs() < 1e-15);
        // A percentage that the case names for a mean without standard error stands before what the answer knows.
        for expected in [None, Some(0.01)] {
            let errors = SimulationErrors { expected, ..SimulationErrors::default() };
            assert!((rule(&tolerances, &["mc", "mean_n"], errors).tolerance.rel - 0.07).abs() < 1e-15);
        }
    }
}
