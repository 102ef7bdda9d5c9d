//! Designs built on BOIN: TITE-BOIN, BOIN12, BF-BOIN.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{elimination, ninety_percent, one_half, six_patients, three_patients};

/// How a patient whose follow-up is incomplete counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TiteBoinVariant {
    /// As the toxicity to be expected in the rest of the window `[Yuan2018]`.
    #[default]
    SingleMeanImputation,
    /// As the part of the window that was observed `[LinYuan2020]`.
    EffectiveSampleSize,
}

/// Parameters of BOIN with incomplete follow-up; the window is `dlt_window`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TiteBoinOptions {
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
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "the design's published default [Yuan2018]"))]
    pub elimination_cutoff: f64,
    /// Accrual is suspended when more than this share of a dose's patients is pending.
    #[serde(default = "one_half")]
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1, "x-origin" = "the design's published default [Yuan2018]"))]
    pub max_pending: f64,
    /// How a patient whose follow-up is incomplete counts.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the design's first publication [Yuan2018]"))]
    pub variant: TiteBoinVariant,
    /// Patients per cohort.
    #[serde(default = "three_patients")]
    #[schemars(range(min = 1), extend("x-origin" = "customary cohort size"))]
    pub cohort_size: usize,
    /// Largest number of patients.
    #[schemars(range(min = 1))]
    pub max_patients: Option<usize>,
}

fn utility_neither() -> f64 {
    40.0
}

fn utility_both() -> f64 {
    60.0
}

/// Parameters of BOIN12.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Boin12Options {
    /// Highest acceptable probability of toxicity.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub toxicity_limit: f64,
    /// Lowest acceptable probability of efficacy.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub efficacy_limit: f64,
    /// Utility of neither efficacy nor toxicity; efficacy alone is worth 100, toxicity alone 0.
    #[serde(default = "utility_neither")]
    #[schemars(extend("minimum" = 0, "maximum" = 100, "x-origin" = "the design's published example [Lin2020]"))]
    pub utility_neither: f64,
    /// Utility of efficacy together with toxicity.
    #[serde(default = "utility_both")]
    #[schemars(extend("minimum" = 0, "maximum" = 100, "x-origin" = "the design's published example [Lin2020]"))]
    pub utility_both: f64,
    /// A dose is inadmissible when it is too toxic with a probability above this.
    #[serde(default = "elimination")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "the design's published default [Lin2020]"))]
    pub toxicity_cutoff: f64,
    /// A dose is inadmissible when it is too little effective with a probability above this.
    #[serde(default = "ninety_percent")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "the design's published default [Lin2020]"))]
    pub efficacy_cutoff: f64,
    /// Patients at a dose from which on escalation without toxicity needs a better utility.
    #[serde(default = "six_patients")]
    #[schemars(range(min = 1), extend("x-origin" = "the design's published default [Lin2020]"))]
    pub exploration_size: usize,
    /// Patients per cohort.
    #[serde(default = "three_patients")]
    #[schemars(range(min = 1), extend("x-origin" = "customary cohort size"))]
    pub cohort_size: usize,
    /// Largest number of patients.
    #[schemars(range(min = 1))]
    pub max_patients: Option<usize>,
}

/// Parameters of BOIN with backfill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BfBoinOptions {
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
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "the design's published default [Zhao2024]"))]
    pub elimination_cutoff: f64,
    /// A dose is closed to backfill when it has this many patients.
    #[schemars(range(min = 1))]
    pub backfill_cap: Option<usize>,
    /// Patients per cohort.
    #[serde(default = "three_patients")]
    #[schemars(range(min = 1), extend("x-origin" = "customary cohort size"))]
    pub cohort_size: usize,
    /// Largest number of patients.
    #[schemars(range(min = 1))]
    pub max_patients: Option<usize>,
    /// The trial stops when a dose that would be kept has this many patients.
    #[schemars(range(min = 1))]
    pub stop_at: Option<usize>,
}
