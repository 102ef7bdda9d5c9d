//! `escalation_plan`, `decision_map`, `risks`: the planned levels and what each is watched for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::text::{DoseText, Duration};

fn fibonacci_percent() -> Vec<f64> {
    vec![100.0, 67.0, 50.0, 40.0, 33.0]
}

fn after_activity_percent() -> Vec<f64> {
    vec![50.0, 40.0, 33.0]
}

/// How doses follow one another when they are not listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EscalationScheme {
    /// Increments that become smaller, the last one repeated.
    ModifiedFibonacci(FibonacciScheme),
    /// Doubled until activity is expected, smaller steps from there on.
    DoublingUntilActivity(DoublingScheme),
}

/// Parameters of the modified Fibonacci scheme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FibonacciScheme {
    /// Number of levels, the starting dose included.
    #[schemars(extend("minimum" = 1, "maximum" = 50))]
    pub levels: usize,
    /// Increments in percent; the last is repeated.
    #[serde(default = "fibonacci_percent")]
    #[schemars(length(min = 1), extend("x-origin" = "the customary modified Fibonacci increments"))]
    pub increments_percent: Vec<f64>,
    /// No level above this dose.
    pub cap: Option<DoseText>,
}

/// Parameters of doubling until activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoublingScheme {
    /// Number of levels, the starting dose included.
    #[schemars(extend("minimum" = 1, "maximum" = 50))]
    pub levels: usize,
    /// First dose at which activity is expected: doses are doubled as long as the doubled dose is below it.
    pub until: DoseText,
    /// Increments in percent from there on; the last is repeated.
    #[serde(default = "after_activity_percent")]
    #[schemars(length(min = 1), extend("x-origin" = "the later increments of the modified Fibonacci scheme"))]
    pub then_percent: Vec<f64>,
    /// No level above this dose.
    pub cap: Option<DoseText>,
}

/// One dose of a step-up or priming schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUpDose {
    /// Day, counted from 1.
    #[schemars(extend("minimum" = 1))]
    pub day: u32,
    /// Dose.
    pub dose: DoseText,
    /// What belongs to it, for example `24 h in hospital`.
    pub note: Option<String>,
}

/// One planned level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedLevel {
    /// Dose.
    pub dose: DoseText,
    /// Patients in a cohort.
    #[schemars(extend("minimum" = 1))]
    pub cohort_size: Option<u32>,
    /// What must be observed to go up, in words.
    pub escalate_if: Option<String>,
    /// What is observed to stay.
    pub stay_if: Option<String>,
    /// What is observed to go down.
    pub de_escalate_if: Option<String>,
    /// Shortest observation before the decision.
    pub observation: Option<Duration>,
    /// Pharmacodynamic finding that opens the next level or the backfill.
    pub pharmacodynamic_gate: Option<String>,
    /// Whether backfill is allowed.
    pub backfill: Option<bool>,
    /// Step-up or priming doses before the full dose of this level, in order of day.
    #[serde(default)]
    pub step_up: Vec<StepUpDose>,
}

/// `escalation_plan`: the levels, listed or by a scheme. Without this section the dosages of the project file are the levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationPlan {
    /// The levels from the starting dose up, listed.
    #[serde(default)]
    pub levels: Vec<PlannedLevel>,
    /// The levels by a rule, from the chosen starting dose.
    pub scheme: Option<EscalationScheme>,
    /// What holds for every level that does not say otherwise: `cohort_size`, triggers, `observation`, `backfill`.
    #[serde(default)]
    pub every_level: LevelDefaults,
}

/// What holds for every level that does not say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelDefaults {
    /// Patients in a cohort.
    #[schemars(extend("minimum" = 1))]
    pub cohort_size: Option<u32>,
    /// What must be observed to go up, in words.
    pub escalate_if: Option<String>,
    /// What is observed to stay.
    pub stay_if: Option<String>,
    /// What is observed to go down.
    pub de_escalate_if: Option<String>,
    /// Shortest observation before the decision.
    pub observation: Option<Duration>,
    /// Pharmacodynamic finding that opens the next level or the backfill.
    pub pharmacodynamic_gate: Option<String>,
    /// Whether backfill is allowed.
    pub backfill: Option<bool>,
}

/// `decision_map`: what an observation at a level leads to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRow {
    /// Dose of the level. Without this key it holds for every level.
    pub dose: Option<DoseText>,
    /// What is observed: DLT, exposure, cytokine, biomarker, activity.
    pub observable: Option<String>,
    /// At which value it matters.
    pub threshold: Option<String>,
    /// What is done.
    #[schemars(length(min = 1))]
    pub action: String,
    /// Who decides.
    pub owner: Option<String>,
}

/// `risks`: a risk, what is known of it in the class, and what is done about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// The risk.
    #[schemars(length(min = 1))]
    pub risk: String,
    /// Precedent in the class.
    pub precedent: Option<String>,
    /// Mitigation: priming, step-up, premedication, stay in hospital, stagger.
    #[schemars(length(min = 1))]
    pub mitigation: String,
}
