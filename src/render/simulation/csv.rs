//! A comparison as a long table: one number per line, in full precision.

use crate::analysis::escalation::design::CharacteristicsMethod;
use crate::analysis::escalation::design_comparison::{ComparedScenario, ConductedDesign, DesignComparison};
use crate::analysis::escalation::trial_characteristics::{CorrectSelection, TrialCharacteristics};

const HEAD: &str = "scenario,design,measure,dose,dose_label,value,standard_error,method,end_states,trials,seed\r\n";

/// One line per scenario, design, measure and dose (RFC 4180). Doses are counted from 1; probabilities lie between 0 and 1, durations are in
/// days. The standard error is empty where the value is exact, or is not a simple mean.
#[must_use]
pub fn comparison_csv(comparison: &DesignComparison) -> String {
    let mut csv = HEAD.to_owned();
    for scenario in &comparison.scenarios {
        for (design, result) in comparison.designs.iter().zip(&scenario.results) {
            let mut lines = Lines { csv: &mut csv, doses: &comparison.doses, scenario, design, result };
            lines.by_dose();
            lines.as_a_whole();
        }
    }
    csv
}

struct Lines<'a> {
    csv: &'a mut String,
    doses: &'a [String],
    scenario: &'a ComparedScenario,
    design: &'a ConductedDesign,
    result: &'a TrialCharacteristics,
}

impl Lines<'_> {
    fn by_dose(&mut self) {
        let result = self.result;
        let errors = result.standard_errors();
        self.at_each("true_toxicity", &result.toxicity, None);
        if let Some(efficacy) = &self.scenario.assumed.efficacy {
            self.at_each("true_efficacy", efficacy, None);
        }
        self.at_each("selected", &result.select_prob, errors.map(|errors| errors.select_prob.as_slice()));
        self.at_each("patients", &result.mean_n, errors.map(|errors| errors.mean_n.as_slice()));
        self.at_each("toxicities", &result.mean_tox, errors.map(|errors| errors.mean_tox.as_slice()));
        if let Some(efficacies) = &result.mean_efficacies {
            self.at_each("efficacies", efficacies, None);
        }
    }

    fn as_a_whole(&mut self) {
        let result = self.result;
        let errors = result.standard_errors();
        self.line("none_selected", None, result.prob_none, errors.map(|errors| errors.prob_no_mtd));
        self.line("stopped_for_toxicity", None, result.prob_stopped_for_toxicity, errors.map(|errors| errors.prob_stopped_early_toxic));
        self.line("total_patients", None, result.mean_total_n, errors.map(|errors| errors.mean_total_n));
        self.line("total_patients_sd", None, result.sd_total_n, None);
        self.line("total_toxicities", None, result.mean_total_tox, errors.map(|errors| errors.mean_total_tox));
        self.line("total_toxicities_sd", None, result.sd_total_tox, None);
        let correct_dose = match result.correct {
            Some(CorrectSelection::Dose(dose)) => Some((dose.0 + 1) as f64),
            // No dose is dose 0.
            Some(CorrectSelection::NoDose) => Some(0.0),
            None => None,
        };
        let duration = result.duration;
        let optional = [
            ("correct_dose", correct_dose, None),
            ("correctly_selected", result.prob_correct(), result.standard_error_correct()),
            ("selected_above_target", result.prob_selected_above_target(), None),
            ("percent_patients_above_target", result.percent_above_target(), None),
            ("percent_patients_overdosed", result.percent_overdosed(), None),
            ("patients_above_correct_dose", result.mean_n_above_correct(), None),
            ("stopped_for_futility", result.prob_stopped_for_futility, None),
            ("duration_days", duration.map(|duration| duration.mean), duration.map(|duration| duration.standard_error)),
            ("duration_days_sd", duration.map(|duration| duration.sd), None),
        ];
        for (measure, value, error) in optional {
            if let Some(value) = value {
                self.line(measure, None, value, error);
            }
        }
    }

    fn at_each(&mut self, measure: &str, values: &[f64], errors: Option<&[f64]>) {
        for (dose, value) in values.iter().enumerate() {
            self.line(measure, Some(dose), *value, errors.and_then(|errors| errors.get(dose)).copied());
        }
    }

    fn line(&mut self, measure: &str, dose: Option<usize>, value: f64, error: Option<f64>) {
        let (level, label) =
            dose.map_or((String::new(), ""), |dose| ((dose + 1).to_string(), self.doses.get(dose).map_or("", String::as_str)));
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        let (method, end_states, trials, seed) = match &self.result.method {
            CharacteristicsMethod::Exact { end_states } => ("exact", end_states.to_string(), String::new(), String::new()),
            CharacteristicsMethod::Simulated { trials, seed, .. } => ("simulated", String::new(), trials.to_string(), seed.to_string()),
        };
        let (scenario, design) = (&self.scenario.assumed.id, &self.design.written.id);
        // Ids and labels of doses hold neither commas nor quotes.
        self.csv
            .push_str(&format!("{scenario},{design},{measure},{level},{label},{value},{error},{method},{end_states},{trials},{seed}\r\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::compared;
    use super::*;

    #[test]
    fn every_line_has_every_field_and_probabilities_sum_to_one() {
        let text = "doses: [1 mg, 2 mg]\ntarget: 0.3\naccrual: {patients_per_month: 3}\ntrials: 100\ndesigns:\n\
                    - {id: a, design: {boin: {target: 0.3, max_patients: 6}}}\n- {id: b, design: {tite_boin: {target: 0.3, max_patients: 6}}}\n\
                    scenarios: [{id: s, toxicity: [0.1, 0.3]}]\n";
        let csv = comparison_csv(&compared(text));
        let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert!(rows.len() > 40 && rows.iter().all(|row| row.len() == 11), "{csv}");
        for design in ["a", "b"] {
            let of = |row: &&Vec<&str>| row[1] == design && ["selected", "none_selected"].contains(&row[2]);
            let sum: f64 = rows.iter().filter(of).map(|row| row[5].parse::<f64>().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-9);
            let exact = rows.iter().filter(of).all(|row| row[6].is_empty() && row[7] == "exact");
            assert_eq!(exact, design == "a");
        }
        assert!(rows.iter().any(|row| row[1] == "b" && row[2] == "duration_days" && row[5].parse::<f64>().unwrap() > 28.0));
    }
}
