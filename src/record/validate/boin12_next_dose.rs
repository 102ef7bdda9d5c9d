//! Cases `boin12_next_dose`: the dose that follows under BOIN12.

use serde::Deserialize;
use serde_json::{Value, json};

use super::boin12_rds::DesirabilityInput;
use super::input::{list, numbers};
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::DoseLevel;
use crate::analysis::escalation::design::boin12::{Boin12, Boin12Reason};
use crate::analysis::escalation::design::boin12_desirability::JointTally;

/// Patients at each dose by both outcomes, as BOIN12 cases give them.
#[derive(Deserialize)]
pub(super) struct OutcomeInput {
    #[serde(deserialize_with = "list")]
    n_eff_notox: Vec<u32>,
    #[serde(deserialize_with = "list")]
    n_noeff_notox: Vec<u32>,
    #[serde(deserialize_with = "list")]
    n_eff_tox: Vec<u32>,
    #[serde(deserialize_with = "list")]
    n_noeff_tox: Vec<u32>,
}

impl OutcomeInput {
    /// The counts of each dose.
    pub(super) fn tallies(&self) -> Vec<JointTally> {
        let without_toxicity = self.n_eff_notox.iter().zip(&self.n_noeff_notox);
        let with_toxicity = self.n_eff_tox.iter().zip(&self.n_noeff_tox);
        without_toxicity
            .zip(with_toxicity)
            .map(|((efficacy_only, neither), (both, toxicity_only))| JointTally {
                efficacy_only: *efficacy_only,
                neither: *neither,
                both: *both,
                toxicity_only: *toxicity_only,
            })
            .collect()
    }
}

#[derive(Deserialize)]
struct Input {
    #[serde(flatten)]
    desirability: DesirabilityInput,
    #[serde(flatten)]
    outcomes: OutcomeInput,
    num_doses: usize,
    n_star: u32,
    start_dose: usize,
    current_dose: Option<usize>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { desirability, outcomes, num_doses, n_star, start_dose, current_dose } = read(input)?;
    let desirability = desirability.desirability()?;
    let design = Boin12::new(desirability, num_doses, n_star).map_err(MethodError::failed)?;
    let current = DoseLevel(current_dose.unwrap_or(start_dose).saturating_sub(1));
    let next = design.next(&outcomes.tallies(), current).map_err(MethodError::failed)?;
    // No desirability is looked at before the first cohort.
    let percent: Value = if next.reason == Boin12Reason::Start {
        next.prob_above_benchmark.iter().map(|_| Value::Null).collect()
    } else {
        numbers(next.prob_above_benchmark.iter().map(|probability| 100.0 * probability))
    };
    Ok(json!({
        "next_dose": next.dose.map(|dose| dose.0 + 1),
        "reason": wording(next.reason),
        "tie_in_desirability": matches!(next.reason, Boin12Reason::MostDesirable { tied: true, .. }),
        "utility_benchmark": desirability.benchmark(),
        "prob_utility_above_benchmark_pct": percent,
    })
    .into())
}

/// A reason in the words of the cases.
fn wording(reason: Boin12Reason) -> &'static str {
    match reason {
        Boin12Reason::Start => "start",
        Boin12Reason::DeEscalate { .. } => "de-escalate",
        Boin12Reason::Exploration { .. } => "exploration rule (n>=9, next dose untried)",
        Boin12Reason::MostDesirable { .. } => "max desirability",
        Boin12Reason::NearestAdmissible => "nearest admissible dose",
        Boin12Reason::NoAdmissibleDose => "stop: no admissible dose",
    }
}
