//! The scenario file of `dosecase simulate`: designs, assumed truths, and how they are compared.
//!
//! [`read_scenarios`] reads the file as the project file is read: every fault at once, each with its place and a hint.

mod read;
mod sense;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::design::DesignOptions;
use super::text::{DoseText, Duration};

pub use read::{ScenarioFile, read_scenarios, read_scenarios_text, scenario_schema};

fn customary_seed() -> u64 {
    20_240_801
}

fn customary_trials() -> u32 {
    10_000
}

fn lowest() -> usize {
    1
}

fn customary_window() -> Duration {
    Duration::from_days(28.0)
}

fn independence() -> f64 {
    1.0
}

/// What `dosecase simulate` compares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationPlan {
    /// Seed of the simulated trials. Each design and scenario has a stream of its own, named by their ids.
    #[serde(default = "customary_seed")]
    #[schemars(extend("x-origin" = "a fixed number, so that a run can be repeated"))]
    pub seed: u64,
    /// Number of simulated trials, where characteristics are not exact.
    #[serde(default = "customary_trials")]
    #[schemars(range(min = 100, max = 1_000_000), extend("x-origin" = "a Monte-Carlo standard error of at most 0.5 percentage points"))]
    pub trials: u32,
    /// Whether characteristics are computed exactly where the design allows it.
    #[serde(default)]
    #[schemars(extend("x-origin" = "an exact value has no simulation error"))]
    pub exact: ExactChoice,
    /// Doses of the grid, lowest first, for example `[10 mg, 30 mg, 60 mg]`.
    #[schemars(length(min = 1))]
    pub doses: Option<Vec<DoseText>>,
    /// Number of dose levels, instead of `doses`.
    #[schemars(range(min = 1, max = 64))]
    pub dose_levels: Option<usize>,
    /// Level of the first cohort, counted from 1.
    #[serde(default = "lowest")]
    #[schemars(range(min = 1), extend("x-origin" = "the lowest dose"))]
    pub start: usize,
    /// Probability of dose-limiting toxicity by which the doses are judged. Without this key the target that the designs share.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub target: Option<f64>,
    /// Window in which dose-limiting toxicity is assessed, for designs that look at calendar time.
    #[serde(default = "customary_window")]
    #[schemars(extend("x-origin" = "one cycle of 28 days, the customary window"))]
    pub dlt_window: Duration,
    /// Accrual, for designs that look at calendar time.
    pub accrual: Option<AccrualOptions>,
    /// The designs.
    #[schemars(length(min = 1))]
    pub designs: Vec<ComparedDesign>,
    /// The scenarios.
    #[serde(default)]
    pub scenarios: Vec<AssumedScenario>,
    /// Random scenarios in addition.
    pub generate: Option<GeneratedScenarios>,
}

impl SimulationPlan {
    /// Number of doses.
    #[must_use]
    pub fn doses(&self) -> usize {
        self.doses.as_ref().map_or(self.dose_levels.unwrap_or(0), Vec::len)
    }

    /// The target by which doses are judged: as written, otherwise the one that the designs share.
    #[must_use]
    pub fn judged_by(&self) -> Option<f64> {
        self.target.or_else(|| self.designs.iter().find_map(|design| sense::stated_target(&design.design)))
    }
}

/// When characteristics are computed exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExactChoice {
    /// Where the design's decisions depend on counts and every path can be followed.
    #[default]
    Auto,
    /// Never: every design is simulated.
    Never,
}

/// How patients arrive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccrualOptions {
    /// Mean number of patients who arrive in a month of 30.4375 days.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 10_000))]
    pub patients_per_month: f64,
    /// Distribution of the gaps between them.
    #[serde(default)]
    #[schemars(extend("x-origin" = "patients who arrive independently of each other"))]
    pub arrival: ArrivalChoice,
}

/// Distribution of the gaps between arriving patients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalChoice {
    /// Exponential gaps.
    #[default]
    Poisson,
    /// Gaps uniform between zero and twice their mean.
    Uniform,
}

/// A design of the comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ComparedDesign {
    /// Name in results: lower-case letters, digits and `_`, unique.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// Name printed in tables and figures. Without this key the design's own.
    pub label: Option<String>,
    /// The design with its parameters, as in `escalation.design` of a project file, for example `{boin: {target: 0.30}}`.
    pub design: DesignOptions,
}

impl ComparedDesign {
    /// The printed name.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or_else(|| self.design.label())
    }
}

/// What is assumed to be true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssumedScenario {
    /// Name in results: lower-case letters, digits and `_`, unique.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// Name printed in tables and figures. Without this key the id.
    pub label: Option<String>,
    /// Probability of dose-limiting toxicity at each dose, not falling.
    #[schemars(length(min = 1), inner(range(min = 0.0, max = 1.0)))]
    pub toxicity: Vec<f64>,
    /// Probability of efficacy at each dose, for designs that look at it.
    #[schemars(inner(range(min = 0.0, max = 1.0)))]
    pub efficacy: Option<Vec<f64>>,
    /// Odds ratio of efficacy and toxicity within a patient.
    #[serde(default = "independence")]
    #[schemars(range(min = 0.0001, max = 10_000.0), extend("x-origin" = "independence where nothing is stated"))]
    pub efficacy_odds_ratio: f64,
}

impl AssumedScenario {
    /// The printed name.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.id)
    }
}

/// Random scenarios around the target: toxicity only, the dose closest to the target uniform over the grid `[Clertant2017]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneratedScenarios {
    /// How many.
    #[schemars(range(min = 1, max = 1000))]
    pub count: u32,
}
