//! How well a design does as a whole: the same measures, names and decimals wherever operating characteristics are printed.

use crate::analysis::escalation::trial_characteristics::{OVERLY_TOXIC, TrialCharacteristics, TrialDuration};
use crate::quantity::DAYS_PER_MONTH;
use crate::render::number::fixed;

use super::words::{percent, probability, with_error};

/// In what durations were simulated and are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationUnit {
    /// Simulated in days, printed in months.
    Days,
    /// Simulated and printed in windows of dose-limiting toxicity.
    Windows,
}

/// One measure of a design under a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Performance {
    /// Its name for programs.
    pub key: &'static str,
    /// Its name for readers.
    pub label: &'static str,
    /// Its value: probabilities between 0 and 1, shares of patients in per cent; `None` where it does not apply.
    pub value: Option<f64>,
    /// Standard error of the value where it was simulated and is a mean.
    pub standard_error: Option<f64>,
    /// What a reader sees of it; `None` as the value.
    pub shown: Option<String>,
}

/// Every measure in order, whether it applies to the result or not.
#[must_use]
pub fn performance(result: &TrialCharacteristics, unit: DurationUnit) -> Vec<Performance> {
    let errors = result.standard_errors();
    let share = |key, label, value: Option<f64>, standard_error: Option<f64>| {
        let shown = value.map(|value| with_error(value, standard_error));
        Performance { key, label, value, standard_error, shown }
    };
    // A table has one simulation error per design: that of the correct selection.
    let plain = |measure: Performance| Performance { shown: measure.value.map(percent), ..measure };
    let patients =
        |key, label, value: Option<f64>| Performance { key, label, value, standard_error: None, shown: value.map(|value| fixed(value, 1)) };
    let mean = |key, label, mean: f64, sd: f64, standard_error: Option<f64>| Performance {
        key,
        label,
        value: Some(mean),
        standard_error,
        shown: Some(format!("{} ({})", fixed(mean, 1), fixed(sd, 1))),
    };
    vec![
        share("correctly_selected", "Correct, %", result.prob_correct(), result.standard_error_correct()),
        share("selected_above_target", "Selected above target, %", result.prob_selected_above_target(), None),
        patients("percent_patients_above_target", "Patients above target, %", result.percent_above_target()),
        patients("percent_patients_overdosed", "Overdosed, %", result.percent_overdosed()),
        plain(share(
            "stopped_for_toxicity",
            "Stopped for toxicity, %",
            Some(result.prob_stopped_for_toxicity),
            errors.map(|errors| errors.prob_stopped_early_toxic),
        )),
        share("stopped_for_futility", "Stopped for futility, %", result.prob_stopped_for_futility, None),
        mean("total_patients", "Patients (SD)", result.mean_total_n, result.sd_total_n, errors.map(|errors| errors.mean_total_n)),
        mean("total_toxicities", "DLTs (SD)", result.mean_total_tox, result.sd_total_tox, errors.map(|errors| errors.mean_total_tox)),
        duration(result.duration, unit),
    ]
}

fn duration(duration: Option<TrialDuration>, unit: DurationUnit) -> Performance {
    let (key, label, divisor) = match unit {
        DurationUnit::Days => ("duration_days", "Duration, months", DAYS_PER_MONTH),
        DurationUnit::Windows => ("duration_windows", "Duration, DLT windows", 1.0),
    };
    Performance {
        key,
        label,
        value: duration.map(|duration| duration.mean),
        standard_error: duration.map(|duration| duration.standard_error),
        shown: duration.map(|duration| fixed(duration.mean / divisor, 1)),
    }
}

/// What the correct selection is by the target alone.
#[must_use]
pub fn correct_dose_note(target: f64) -> String {
    format!(
        "Correct: the dose whose true P(DLT) is closest to the target of {}, the lower one of equals (marked *); no dose where the lowest \
         dose is at or above {} times the target.",
        probability(target),
        fixed(OVERLY_TOXIC, 1)
    )
}

/// What counts as above the target, and as overdosed.
#[must_use]
pub fn above_target_note(target: f64) -> String {
    format!(
        "Above target: doses whose true P(DLT) is above {}. Overdosed: doses whose true P(DLT) is at or above {} times the target. \
         Percentages of patients are ratios of means.",
        probability(target),
        fixed(OVERLY_TOXIC, 1)
    )
}

/// What the results were computed by, and what applies to some designs only.
#[must_use]
pub fn result_notes(results: &[&TrialCharacteristics], unit: DurationUnit) -> Vec<String> {
    let any = |holds: fn(&TrialCharacteristics) -> bool| results.iter().any(|result| holds(result));
    let duration = match unit {
        DurationUnit::Days => "Duration: from the first arrival to the end of follow-up, in months of 30.4375 days.",
        DurationUnit::Windows => "Duration: from the first arrival to the end of follow-up, in windows of dose-limiting toxicity.",
    };
    let simulated = match unit {
        DurationUnit::Days => {
            "Simulated: ± is one Monte-Carlo standard error; SE ≤ is the largest one of the selection percentages, in percentage points."
        }
        DurationUnit::Windows => "Simulated: ± is one Monte-Carlo standard error, in percentage points.",
    };
    let notes = [
        (
            any(|result| result.mean_efficacies.is_some()),
            "For BOIN12 the correct dose has the highest expected utility among the doses that keep its limits of toxicity and efficacy; a trial \
             that stops for futility finds no dose both safe and effective.",
        ),
        (any(|result| result.duration.is_some()), duration),
        (
            any(|result| result.standard_errors().is_none()),
            "Exact: every path of the trial with its probability, without simulation error.",
        ),
        (any(|result| result.standard_errors().is_some()), simulated),
    ];
    notes.into_iter().filter(|(applies, _)| *applies).map(|(_, note)| note.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::words::compared;
    use super::*;

    #[test]
    fn measures_that_do_not_apply_have_neither_value_nor_words() {
        let text = "dose_levels: 2\ndesigns: [{id: a, design: {boin: {target: 0.3, max_patients: 6}}}]\nscenarios: [{id: s, toxicity: [0.1, 0.5]}]\n";
        let comparison = compared(text);
        let result = &comparison.scenarios[0].results[0];
        let found = performance(result, DurationUnit::Days);
        assert!(found.iter().all(|measure| measure.value.is_some() == measure.shown.is_some() && measure.standard_error.is_none()));
        let absent: Vec<&str> = found.iter().filter(|measure| measure.value.is_none()).map(|measure| measure.key).collect();
        assert_eq!(absent, ["stopped_for_futility", "duration_days"]);
        let overdosed = found.iter().find(|measure| measure.key == "percent_patients_overdosed").unwrap();
        assert_eq!((overdosed.value, overdosed.label), (result.percent_overdosed(), "Overdosed, %"));
        assert_eq!(result_notes(&[result], DurationUnit::Days).len(), 1);
    }
}
