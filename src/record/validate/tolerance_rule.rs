//! Which tolerance applies to which leaf.
//!
//! A case names tolerances by the fields they belong to. A rule belongs to a field when its name is the field's name or a part of it
//! between underscores; the innermost field and the longest name win. `closed_form`, `numbers` and the like cover the rest, `all`
//! comes last. A field that no rule covers is judged like the field it is computed from, where the case has a rule for that one.

use serde_json::{Map, Value};

use super::report::RelAbs;
use crate::numerics::tolerance::MONTE_CARLO_SE;

/// Rules that cover every field not named by another rule, in order of preference.
const GENERAL: [&str; 6] = ["closed_form", "numbers", "exact", "tables", "par", "all"];

/// Fields whose tolerance a case gives under the name of what they belong to: a covariance under its standard errors or coefficients, the weights
/// of an average where another rule would select.
const BELONGING: [(&str, &[&str]); 2] = [("vcov", &["se", "coef"]), ("selected", &["weights"])];

/// Words of fields that follow from another field, with the rule of that one: a Wald statistic is as good as the standard error in it, a posterior probability is the mean of an indicator, and a gradient is as near zero as the coefficients are to the maximum.
const DERIVED: [(&str, &str); 3] = [("z", "se"), ("pr", "mean"), ("gradient", "coef")];

/// Tolerance where a case gives none that fits: 15 printed digits carry it.
const UNNAMED: RelAbs = RelAbs { rel: 1e-9, abs: 1e-9 };

/// Tolerance of a number that must be exact: whole numbers are, others to the 15 digits that case files carry.
const AS_PRINTED: RelAbs = RelAbs { rel: 1e-14, abs: 0.0 };

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

/// Tolerance for a number at a place in `expected`, given as the field names that lead to it.
///
/// `errors` is what is known of its simulation error, in a simulated block.
pub(super) fn rule(tolerances: &Value, fields: &[&str], expected: f64, errors: SimulationErrors) -> Rule {
    if fields.contains(&"mc") {
        return simulated(tolerances, fields, expected, errors);
    }
    let Value::Object(rules) = tolerances else {
        return Rule { tolerance: UNNAMED, note: Some("no tolerance in the case".to_owned()) };
    };
    if let Some(tolerance) = read(tolerances) {
        return Rule { tolerance, note: None };
    }
    let named = fields.iter().rev().find_map(|field| longest_match(rules, field));
    let belonging = || {
        let names = BELONGING.iter().filter(|(field, _)| fields.contains(field)).flat_map(|(_, names)| *names);
        names.filter_map(|name| rules.get(*name).and_then(read)).next()
    };
    let general = || GENERAL.iter().find_map(|name| rules.get(*name).and_then(read));
    let derived = || {
        let origin = |field: &&str| DERIVED.iter().find(|(word, _)| belongs(word, field)).map(|(_, origin)| *origin);
        fields.iter().rev().find_map(origin).and_then(|origin| longest_match(rules, origin))
    };
    match named.or_else(belonging).or_else(general).or_else(derived) {
        Some(tolerance) => widened(tolerance, errors.own),
        None => Rule { tolerance: UNNAMED, note: Some("no tolerance in the case fits".to_owned()) },
    }
}

/// The tolerance of a number that the program draws at random: the case's, and four standard errors of the program beside it.
fn widened(tolerance: RelAbs, own: Option<f64>) -> Rule {
    let Some(own) = own else { return Rule { tolerance, note: None } };
    let note = format!("and {MONTE_CARLO_SE} standard errors of this program's simulation");
    Rule { tolerance: RelAbs { abs: tolerance.abs + MONTE_CARLO_SE * own, ..tolerance }, note: Some(note) }
}

/// Four standard errors, recorded ones first. For a mean without recorded error, the wider of the percentage that the case names and four
/// standard errors under the answer: a percentage of a mean near 0 is less than any simulation can keep.
fn simulated(tolerances: &Value, fields: &[&str], expected: f64, errors: SimulationErrors) -> Rule {
    let text = tolerances.get("mc").and_then(Value::as_str).unwrap_or_default();
    let percent = fields.last().and_then(|field| percent_after(text, field));
    let of_the_case = match (errors.recorded, errors.expected) {
        (Some(recorded), Some(expected)) => Some(recorded.max(expected)),
        (recorded, expected) => recorded.or(expected),
    };
    let four = of_the_case.map(|error| MONTE_CARLO_SE * error.hypot(errors.own.unwrap_or(0.0)));
    let named = percent.filter(|_| errors.recorded.is_none()).map_or(0.0, |percent| percent * expected.abs());
    if let Some(abs) = four.filter(|four| *four >= named) {
        let note = format!("{MONTE_CARLO_SE} standard errors of the simulation");
        return Rule { tolerance: RelAbs { rel: 0.0, abs }, note: Some(note) };
    }
    let note = "simulated mean without standard error".to_owned();
    Rule { tolerance: RelAbs { rel: percent.unwrap_or(SIMULATED_WITHOUT_ERROR), abs: 0.0 }, note: Some(note) }
}

/// The fraction in a text such as `mean_n within 5%` after the name of the field, which may leave out that it is a mean.
fn percent_after(text: &str, field: &str) -> Option<f64> {
    let bare = field.strip_prefix("mean_").filter(|bare| bare.len() > 1).unwrap_or(field);
    let rest = text.split_once(field).or_else(|| text.split_once(bare))?.1.trim_start();
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
        Value::String(text) if text.starts_with("exact") => Some(AS_PRINTED),
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
        let rule = rule(tolerances, fields, 1.0, SimulationErrors::default());
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
    fn fields_without_a_rule_are_judged_like_what_they_are_computed_from() {
        let tolerances = json!({"se": {"rel": 1.0}, "mean": {"rel": 2.0}, "coef": {"rel": 3.0}});
        assert_eq!(of(&tolerances, &["vcov", "values"]), (1.0, 0.0));
        assert_eq!(of(&tolerances, &["pr_slope_positive"]), (2.0, 0.0));
        assert_eq!(of(&tolerances, &["max_abs_gradient"]), (3.0, 0.0));
        assert_eq!(of(&json!({"se": {"rel": 1.0}, "all": {"rel": 9.0}}), &["vcov"]), (1.0, 0.0));
        assert_eq!(of(&json!({"se": {"rel": 1.0}, "all": {"rel": 9.0}}), &["z"]), (9.0, 0.0));
        assert_eq!(of(&json!({"se": {"rel": 1.0}}), &["deviance"]), (1e-9, 1e-9));
    }

    #[test]
    fn texts_bare_pairs_and_missing_rules() {
        assert_eq!(of(&json!({"exact": "abs 1e-9 if computed exactly"}), &["exact", "mean_n"]), (0.0, 1e-9));
        assert_eq!(of(&json!({"tables": "exact integers; null = none"}), &["boundary"]), (1e-14, 0.0));
        assert_eq!(of(&json!({"abs": 1e-12}), &["skeleton"]), (0.0, 1e-12));
        let none = rule(&Value::Null, &["x"], 1.0, SimulationErrors::default());
        assert!(none.note.is_some());
    }

    #[test]
    fn what_only_the_program_simulates_gets_its_own_error_on_top() {
        let tolerances = json!({"probability_best": {"abs": 0.001}});
        let errors = SimulationErrors { own: Some(0.0005), ..SimulationErrors::default() };
        let found = rule(&tolerances, &["probability_best"], 0.5, errors);
        assert!((found.tolerance.abs - 0.003).abs() < 1e-15 && found.note.is_some());
        assert!(rule(&tolerances, &["probability_best"], 0.5, SimulationErrors::default()).note.is_none());
    }

    #[test]
    fn simulated_means_are_judged_at_four_standard_errors() {
        let tolerances = json!({"mc": "select_prob within 4 combined SE; mean_n within 7%"});
        let recorded = SimulationErrors { recorded: Some(0.01), ..SimulationErrors::default() };
        let by_error = |errors: SimulationErrors| rule(&tolerances, &["mc", "select_prob"], 1.0, errors).tolerance.abs;
        assert!((by_error(recorded) - 0.04).abs() < 1e-15);
        assert!((by_error(SimulationErrors { expected: Some(0.02), ..recorded }) - 0.08).abs() < 1e-15);
        assert!((by_error(SimulationErrors { recorded: Some(0.03), expected: None, own: Some(0.04) }) - 0.2).abs() < 1e-15);
        // A percentage that the case names for a mean without standard error, or what the answer knows where that is wider.
        for (expected, widest) in [(None, (0.07, 0.0)), (Some(0.01), (0.07, 0.0)), (Some(0.02), (0.0, 0.08))] {
            let errors = SimulationErrors { expected, ..SimulationErrors::default() };
            let RelAbs { rel, abs } = rule(&tolerances, &["mc", "mean_n"], 1.0, errors).tolerance;
            assert!((rel - widest.0).abs() < 1e-15 && (abs - widest.1).abs() < 1e-15, "{rel} {abs}");
        }
    }

    #[test]
    fn a_text_may_name_a_mean_without_saying_so() {
        assert_eq!(percent_after("mean_n 8%; duration within 7%", "mean_duration"), Some(0.07));
        assert_eq!(percent_after("mean_n 8%; duration within 7%", "mean_n"), Some(0.08));
        assert_eq!(percent_after("mean_n 8%", "prob_no_mtd"), None);
    }
}
