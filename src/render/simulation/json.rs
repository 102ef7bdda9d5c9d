//! A comparison as one JSON document: everything that was asked, everything that was found.

use serde_json::{Value, json};

use crate::analysis::escalation::design::CharacteristicsMethod;
use crate::analysis::escalation::design_comparison::{ComparedScenario, ConductedDesign, DesignComparison};
use crate::analysis::escalation::trial_characteristics::{CorrectSelection, TrialCharacteristics};
use crate::config::scenarios::ScenarioFile;

/// Name of the form of the document.
pub const SIMULATION_SCHEMA: &str = "dosecase-simulation/1";

/// The document, in full precision. Doses are counted from 1, probabilities lie between 0 and 1, durations are in days; `correct` is null where no
/// dose is the correct selection.
#[must_use]
pub fn comparison_json(file: &ScenarioFile, comparison: &DesignComparison) -> Value {
    let plan = &file.plan;
    json!({
        "schema": SIMULATION_SCHEMA,
        "program": format!("dosecase {}", env!("CARGO_PKG_VERSION")),
        "seed": plan.seed,
        "trials": plan.trials,
        "exact": plan.exact,
        "target": comparison.target,
        "doses": comparison.doses,
        "start": plan.start,
        "dlt_window_days": plan.dlt_window.days(),
        "accrual": plan.accrual,
        "defaults": file.defaults,
        "designs": comparison.designs.iter().map(design).collect::<Vec<_>>(),
        "scenarios": comparison.scenarios.iter().map(|scenario| &scenario.assumed).collect::<Vec<_>>(),
        "results": comparison.scenarios.iter().flat_map(|scenario| results(comparison, scenario)).collect::<Vec<_>>(),
    })
}

fn design(design: &ConductedDesign) -> Value {
    let conduct = &design.conduct;
    json!({
        "id": design.written.id,
        "label": design.written.label(),
        "design": design.written.design,
        "cohort_size": conduct.cohort_size,
        "max_patients": conduct.max_n,
        "max_patients_stated": design.max_n_stated,
        "accelerated_titration": conduct.titrates(),
        "start": conduct.start.0 + 1,
    })
}

fn results<'a>(comparison: &'a DesignComparison, scenario: &'a ComparedScenario) -> impl Iterator<Item = Value> + 'a {
    comparison.designs.iter().zip(&scenario.results).map(|(design, result)| {
        let mut document = json!({ "scenario": scenario.assumed.id, "design": design.written.id });
        if let (Some(document), Value::Object(found)) = (document.as_object_mut(), self::result(result)) {
            document.extend(found);
        }
        document
    })
}

fn result(result: &TrialCharacteristics) -> Value {
    let duration =
        result.duration.map(|duration| json!({ "mean": duration.mean, "sd": duration.sd, "standard_error": duration.standard_error }));
    let correct = match result.correct {
        Some(CorrectSelection::Dose(dose)) => Some(dose.0 + 1),
        Some(CorrectSelection::NoDose) | None => None,
    };
    json!({
        "method": method(&result.method),
        "selected": result.select_prob,
        "none_selected": result.prob_none,
        "stopped_for_toxicity": result.prob_stopped_for_toxicity,
        "stopped_for_futility": result.prob_stopped_for_futility,
        "patients": result.mean_n,
        "toxicities": result.mean_tox,
        "efficacies": result.mean_efficacies,
        "total_patients": { "mean": result.mean_total_n, "sd": result.sd_total_n },
        "total_toxicities": { "mean": result.mean_total_tox, "sd": result.sd_total_tox },
        "duration_days": duration,
        "correct": correct,
        "correctly_selected": result.prob_correct(),
        "selected_above_target": result.prob_selected_above_target(),
        "percent_patients_above_target": result.percent_above_target(),
        "percent_patients_overdosed": result.percent_overdosed(),
        "patients_above_correct_dose": result.mean_n_above_correct(),
    })
}

fn method(method: &CharacteristicsMethod) -> Value {
    match method {
        CharacteristicsMethod::Exact { end_states } => json!({ "kind": "exact", "end_states": end_states }),
        CharacteristicsMethod::Simulated { trials, seed, standard_errors } => json!({
            "kind": "simulated",
            "trials": trials,
            "seed": seed,
            "standard_errors": {
                "selected": standard_errors.select_prob,
                "none_selected": standard_errors.prob_no_mtd,
                "stopped_for_toxicity": standard_errors.prob_stopped_early_toxic,
                "patients": standard_errors.mean_n,
                "toxicities": standard_errors.mean_tox,
                "total_patients": standard_errors.mean_total_n,
                "total_toxicities": standard_errors.mean_total_tox,
            },
        }),
    }
}
