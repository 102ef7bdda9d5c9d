//! Designs that look at the counts of the current dose: 3+3, i3+3, BOIN, Keyboard, mTPI, mTPI-2.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StopRule, elimination, five_hundredths, three_patients};

/// Parameters of the 3+3 rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreePlusThreeOptions {
    /// Whether a lower dose is filled to six patients after two toxicities at the next `[Korn1994]`.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the plain rule stops at the first dose with two toxicities"))]
    pub allow_deescalation: bool,
}

/// Parameters of designs that compare the toxicity rate with an interval around the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntervalDesignOptions {
    /// Target probability of dose-limiting toxicity.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub target: f64,
    /// How far the interval reaches below the target.
    #[serde(default = "five_hundredths")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "the design's published default"))]
    pub margin_lower: f64,
    /// How far the interval reaches above the target.
    #[serde(default = "five_hundredths")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "the design's published default"))]
    pub margin_upper: f64,
    /// A dose is eliminated when it is more toxic than the target with a probability above this.
    #[serde(default = "elimination")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "the design's published default"))]
    pub elimination_cutoff: f64,
    /// Patients per cohort.
    #[serde(default = "three_patients")]
    #[schemars(range(min = 1), extend("x-origin" = "customary cohort size"))]
    pub cohort_size: usize,
    /// Largest number of patients.
    #[schemars(range(min = 1))]
    pub max_patients: Option<usize>,
    /// Patients at a dose that end the trial, as `stop_rule` says.
    #[schemars(range(min = 1))]
    pub stop_at: Option<usize>,
    /// When `stop_at` patients end the trial.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the usual form of the rule"))]
    pub stop_rule: StopRule,
}

/// Parameters of BOIN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoinOptions {
    /// Target probability of dose-limiting toxicity.
    #[schemars(extend("minimum" = 0.05, "maximum" = 0.6))]
    pub target: f64,
    /// Highest probability that counts as underdosing.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    #[schemars(extend("x-default" = "0.6 times the target", "x-origin" = "the design's published default [Liu2015]"))]
    pub underdosing: Option<f64>,
    /// Lowest probability that counts as overdosing.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    #[schemars(extend("x-default" = "1.4 times the target", "x-origin" = "the design's published default [Liu2015]"))]
    pub overdosing: Option<f64>,
    /// A dose is eliminated when it is more toxic than the target with a probability above this.
    #[serde(default = "elimination")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "the design's published default [Liu2015]"))]
    pub elimination_cutoff: f64,
    /// Whether the stricter stopping rule holds at the lowest dose.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the design's published default [Liu2015]"))]
    pub extra_safe: bool,
    /// How much the stricter rule lowers the elimination cutoff.
    #[serde(default = "five_hundredths")]
    #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 0.5, "x-origin" = "the design's published default [Liu2015]"))]
    pub offset: f64,
    /// Patients per cohort.
    #[serde(default = "three_patients")]
    #[schemars(range(min = 1), extend("x-origin" = "customary cohort size"))]
    pub cohort_size: usize,
    /// Largest number of patients.
    #[schemars(range(min = 1))]
    pub max_patients: Option<usize>,
    /// Patients at a dose that end the trial, as `stop_rule` says.
    #[schemars(range(min = 1))]
    pub stop_at: Option<usize>,
    /// When `stop_at` patients end the trial.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the usual form of the rule"))]
    pub stop_rule: StopRule,
    /// Whether one patient per dose is treated up to the first toxicity, and cohorts from there on.
    #[serde(default)]
    #[schemars(extend("x-origin" = "full cohorts from the first dose"))]
    pub accelerated_titration: bool,
}
