//! Words and numbers of a comparison that several of its forms print.

use crate::analysis::escalation::design::CharacteristicsMethod;
use crate::analysis::escalation::design_comparison::{ComparedScenario, ConductedDesign, DesignComparison};
use crate::analysis::escalation::trial_characteristics::{CorrectSelection, TrialCharacteristics};
use crate::config::DesignOptions;
use crate::render::number::fixed;
use crate::render::text::line;

use super::performance::{DurationUnit, above_target_note, correct_dose_note, result_notes};

/// The printed name of a design, on one line whatever somebody wrote.
pub(super) fn design_name(design: &ConductedDesign) -> String {
    line(design.written.label())
}

/// The printed name of a scenario.
pub(super) fn scenario_name(scenario: &ComparedScenario) -> String {
    line(scenario.assumed.label())
}

/// A probability as a percentage.
pub(super) fn percent(probability: f64) -> String {
    fixed(100.0 * probability, 1)
}

/// A percentage with its simulation error, both from probabilities.
#[must_use]
pub fn with_error(probability: f64, error: Option<f64>) -> String {
    match error {
        Some(error) => format!("{} ±{}", percent(probability), fixed(100.0 * error, 1)),
        None => percent(probability),
    }
}

/// What was to be selected, by the names of the doses; a dash where that is not known.
#[must_use]
pub fn correct(correct: Option<CorrectSelection>, doses: &[String]) -> String {
    match correct {
        Some(CorrectSelection::Dose(dose)) => doses.get(dose.0).cloned().unwrap_or_else(|| format!("dose {}", dose.0 + 1)),
        Some(CorrectSelection::NoDose) => "no dose".to_owned(),
        None => "–".to_owned(),
    }
}

/// How a result was obtained, with the largest error of its selection percentages.
pub(super) fn method(result: &TrialCharacteristics) -> String {
    match &result.method {
        CharacteristicsMethod::Exact { .. } => "exact".to_owned(),
        CharacteristicsMethod::Simulated { trials, standard_errors, .. } => {
            let largest = standard_errors.select_prob.iter().copied().fold(standard_errors.prob_no_mtd, f64::max);
            format!("{} trials, SE ≤ {}", grouped(*trials), fixed(100.0 * largest, 2))
        }
    }
}

/// A whole number with commas between thousands.
pub(super) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// One line about a design: its name and how it is conducted.
pub(super) fn conduct(design: &ConductedDesign) -> String {
    let label = design_name(design);
    let kind = design.written.design.label();
    let name = if label == kind { label } else { format!("{label} ({kind})") };
    let conduct = &design.conduct;
    let cohorts = if conduct.cohort_size == 1 { "single patients".to_owned() } else { format!("cohorts of {}", conduct.cohort_size) };
    let titration = if conduct.titrates() { ", accelerated titration" } else { "" };
    let options = &design.written.design;
    let customary = design.max_n_stated || matches!(options, DesignOptions::ThreePlusThree(_));
    let customary = if customary { "" } else { " (six per dose, at least 30: not stated)" };
    let backfill = if matches!(options, DesignOptions::BfBoin(_)) { " in escalation, backfilled patients on top" } else { "" };
    let start = if conduct.start.0 == 0 { String::new() } else { format!(", from dose {}", conduct.start.0 + 1) };
    format!("{name}: {cohorts}, at most {} patients{backfill}{customary}{titration}{start}", conduct.max_n)
}

/// What the columns mean.
pub(super) fn notes(comparison: &DesignComparison) -> Vec<String> {
    let results: Vec<&TrialCharacteristics> = comparison.scenarios.iter().flat_map(|scenario| &scenario.results).collect();
    let of_target = [correct_dose_note(comparison.target), above_target_note(comparison.target)];
    of_target.into_iter().chain(result_notes(&results, DurationUnit::Days)).collect()
}

/// The target, with as many decimals as it has and two at least.
pub(super) fn target(comparison: &DesignComparison) -> String {
    probability(comparison.target)
}

/// A true probability: two decimals, three where it has more.
pub(super) fn probability(value: f64) -> String {
    let (two, three) = (fixed(value, 2), fixed(value, 3));
    if three == format!("{two}0") { two } else { three }
}

/// The comparison of a scenario file, for the tests of its forms.
#[cfg(test)]
pub(super) fn compared(text: &str) -> DesignComparison {
    use crate::analysis::escalation::design_comparison::PreparedComparison;
    use crate::config::scenarios::read_scenarios_text;
    let file = read_scenarios_text(std::path::Path::new("scenarios.yaml"), text.to_owned()).unwrap();
    PreparedComparison::new(&file.plan).unwrap().run(&|| {}).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_readers() {
        assert_eq!((grouped(100), grouped(10_000), grouped(1_000_000)), ("100".into(), "10,000".into(), "1,000,000".into()));
        assert_eq!((probability(0.3), probability(0.145), probability(0.1)), ("0.30".into(), "0.145".into(), "0.10".into()));
        assert_eq!((with_error(0.5, Some(0.0123)), with_error(0.5, None)), ("50.0 ±1.2".into(), "50.0".into()));
    }

    #[test]
    fn designs_say_how_they_are_conducted() {
        let text = "dose_levels: 2\nstart: 2\ntarget: 0.3\naccrual: {patients_per_month: 3}\ntrials: 100\ndesigns:\n\
                    - {id: a, label: Ours, design: {boin: {target: 0.3}}}\n\
                    - {id: b, design: {bf_boin: {target: 0.3, max_patients: 6}}}\n- {id: c, design: {three_plus_three: {}}}\n\
                    scenarios: [{id: s, toxicity: [0.1, 0.3], efficacy: [0.1, 0.3]}]\n";
        let said: Vec<String> = compared(text).designs.iter().map(conduct).collect();
        assert_eq!(
            said,
            [
                "Ours (BOIN): cohorts of 3, at most 30 patients (six per dose, at least 30: not stated), from dose 2",
                "BF-BOIN: cohorts of 3, at most 6 patients in escalation, backfilled patients on top, from dose 2",
                "3+3: cohorts of 3, at most 12 patients, from dose 2",
            ]
        );
        let titrating = "dose_levels: 2\ndesigns: [{id: a, design: {boin: {target: 0.3, max_patients: 6, accelerated_titration: true}}}]\n\
                         scenarios: [{id: s, toxicity: [0.1, 0.3]}]\n";
        assert_eq!(conduct(&compared(titrating).designs[0]), "BOIN: cohorts of 3, at most 6 patients, accelerated titration");
    }
}
