//! `escalation`: the design that led from dose to dose, and what was decided.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::design::DesignOptions;
use super::text::{Duration, FilePath};

fn customary_window() -> Duration {
    Duration::from_days(28.0)
}

fn customary_trials() -> u32 {
    10_000
}

/// `escalation` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EscalationOptions {
    /// The design with its parameters, for example `{boin: {target: 0.30}}`.
    pub design: Option<DesignOptions>,
    /// Target probability of dose-limiting toxicity. Without this key the design's own target.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub target_toxicity: Option<f64>,
    /// Ids of the dosages that the escalation goes through, lowest first. Without this key every dosage of the drug.
    pub levels: Option<Vec<String>>,
    /// CSV file of the escalation decisions as they were taken.
    #[schemars(with = "Option<FilePath>")]
    pub decisions: Option<PathBuf>,
    /// Window in which dose-limiting toxicity is assessed.
    #[serde(default = "customary_window")]
    #[schemars(extend("x-origin" = "one cycle of 28 days, the customary window"))]
    pub dlt_window: Duration,
    /// True probabilities of dose-limiting toxicity under which the design's operating characteristics are shown. Without this key a set
    /// of curves around the target.
    #[serde(default)]
    pub scenarios: Vec<ToxicityScenario>,
    /// Patients per month who are expected to enter; designs with incomplete follow-up or backfill cannot be simulated without it.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub accrual_per_month: Option<f64>,
    /// Number of simulated trials, where a design's characteristics cannot be computed exactly.
    #[serde(default = "customary_trials")]
    #[schemars(range(min = 100, max = 1_000_000), extend("x-origin" = "a Monte-Carlo standard error of at most 0.5 percentage points"))]
    pub simulated_trials: u32,
}

/// True probabilities of dose-limiting toxicity, as assumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToxicityScenario {
    /// Name printed in tables.
    pub label: String,
    /// Probability of dose-limiting toxicity at each level of the escalation, lowest first.
    #[schemars(length(min = 1), inner(range(min = 0.0, max = 1.0)))]
    pub toxicity: Vec<f64>,
    /// Probability of efficacy at each level; designs that look at efficacy need it.
    #[schemars(length(min = 1), inner(range(min = 0.0, max = 1.0)))]
    pub efficacy: Option<Vec<f64>>,
}

/// `escalation` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EscalationSettings {
    /// The design with its parameters.
    pub design: Option<DesignOptions>,
    /// Target probability of dose-limiting toxicity: as written, otherwise the design's.
    pub target_toxicity: Option<f64>,
    /// CSV file of the decisions, resolved against the project's folder.
    pub decisions: Option<PathBuf>,
    /// Window in which dose-limiting toxicity is assessed, in days.
    pub dlt_window_days: f64,
    /// Ids of the dosages that the escalation goes through, lowest first; empty for every dosage of the drug.
    pub levels: Vec<String>,
    /// True probabilities of dose-limiting toxicity under which operating characteristics are shown; empty for curves around the target.
    pub scenarios: Vec<ToxicityScenario>,
    /// Patients per month who are expected to enter.
    pub accrual_per_month: Option<f64>,
    /// Number of simulated trials.
    pub simulated_trials: u32,
}

impl EscalationSettings {
    /// The settings of a project in the folder `root`.
    #[must_use]
    pub(crate) fn resolve(written: EscalationOptions, root: &Path) -> Self {
        Self {
            target_toxicity: written.target_toxicity.or_else(|| written.design.as_ref().and_then(DesignOptions::target)),
            design: written.design,
            decisions: written.decisions.map(|path| root.join(path)),
            dlt_window_days: written.dlt_window.days(),
            levels: written.levels.unwrap_or_default(),
            scenarios: written.scenarios,
            accrual_per_month: written.accrual_per_month,
            simulated_trials: written.simulated_trials,
        }
    }
}
