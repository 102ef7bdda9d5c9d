//! Designs with a model of the dose-toxicity curve: CRM, TITE-CRM, BLRM.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::three_patients;
use crate::config::text::DoseText;

/// The curve of a continual reassessment method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrmModel {
    /// Skeleton raised to a power.
    #[default]
    Empiric,
    /// One-parameter logistic curve.
    Logistic,
}

fn crm_prior_sd() -> f64 {
    1.157_583_690_279_022_5
}

fn crm_intercept() -> f64 {
    3.0
}

/// What holds the escalation of a continual reassessment method back beyond the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrmRestriction {
    /// Nothing: doses may be skipped.
    Free,
    /// At most one dose above the last one given.
    OneLevel,
    /// At most one dose above the last one given, and not above it right after a cohort whose rate of toxicity reached the target.
    #[default]
    OneLevelCoherent,
}

/// What a skeleton is calibrated to, where it is not written out `[LeeCheung2009]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SkeletonCalibration {
    /// Half-width of the interval around the target within which a dose counts as being at the target.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 0.5))]
    pub halfwidth: f64,
    /// The dose level, counted from 1, believed beforehand to be the maximum tolerated dose.
    #[schemars(range(min = 1))]
    pub prior_mtd: usize,
}

/// Parameters of the continual reassessment method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrmOptions {
    /// Target probability of dose-limiting toxicity.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub target: f64,
    /// Prior probabilities of toxicity by dose, ascending; otherwise `calibration`.
    #[schemars(length(min = 2), inner(range(min = 0.0, max = 1.0)))]
    pub skeleton: Option<Vec<f64>>,
    /// What the skeleton is calibrated to, instead of `skeleton`.
    pub calibration: Option<SkeletonCalibration>,
    /// The curve.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the usual form"))]
    pub model: CrmModel,
    /// Intercept of the logistic curve.
    #[serde(default = "crm_intercept")]
    #[schemars(extend("x-origin" = "the usual value"))]
    pub intercept: f64,
    /// Standard deviation of the normal prior of the parameter.
    #[serde(default = "crm_prior_sd")]
    #[schemars(extend("exclusiveMinimum" = 0, "x-origin" = "square root of 1.34, the usual value"))]
    pub prior_sd: f64,
    /// What holds escalation back beyond the model.
    #[serde(default)]
    #[schemars(extend("x-origin" = "no skipping, and coherence [Cheung2005]"))]
    pub restriction: CrmRestriction,
    /// Patients per cohort.
    #[serde(default = "three_patients")]
    #[schemars(range(min = 1), extend("x-origin" = "customary cohort size"))]
    pub cohort_size: usize,
    /// Largest number of patients.
    #[schemars(range(min = 1))]
    pub max_patients: Option<usize>,
}

/// How incomplete follow-up is weighted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpWeights {
    /// By the share of the window that has passed.
    #[default]
    Linear,
    /// By the observed times to toxicity.
    Adaptive,
}

/// Parameters of the continual reassessment method with incomplete follow-up; the window is `dlt_window`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TiteCrmOptions {
    /// Target probability of dose-limiting toxicity.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub target: f64,
    /// Prior probabilities of toxicity by dose, ascending; otherwise `calibration`.
    #[schemars(length(min = 2), inner(range(min = 0.0, max = 1.0)))]
    pub skeleton: Option<Vec<f64>>,
    /// What the skeleton is calibrated to, instead of `skeleton`.
    pub calibration: Option<SkeletonCalibration>,
    /// The curve.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the usual form"))]
    pub model: CrmModel,
    /// Intercept of the logistic curve.
    #[serde(default = "crm_intercept")]
    #[schemars(extend("x-origin" = "the usual value"))]
    pub intercept: f64,
    /// Standard deviation of the normal prior of the parameter.
    #[serde(default = "crm_prior_sd")]
    #[schemars(extend("exclusiveMinimum" = 0, "x-origin" = "square root of 1.34, the usual value"))]
    pub prior_sd: f64,
    /// What holds escalation back beyond the model.
    #[serde(default)]
    #[schemars(extend("x-origin" = "no skipping, and coherence [Cheung2005]"))]
    pub restriction: CrmRestriction,
    /// How incomplete follow-up is weighted.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the published form [Cheung2000]"))]
    pub weights: FollowUpWeights,
    /// Largest number of patients.
    #[schemars(range(min = 1))]
    pub max_patients: Option<usize>,
}

/// Bivariate normal prior of (log alpha, log beta).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlrmPrior {
    /// Mean of log alpha, the log odds of toxicity at the reference dose.
    pub mean_log_alpha: f64,
    /// Mean of log beta, the log of the slope in log dose.
    pub mean_log_beta: f64,
    /// Standard deviation of log alpha.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub sd_log_alpha: f64,
    /// Standard deviation of log beta.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub sd_log_beta: f64,
    /// Correlation of the two.
    #[serde(default)]
    #[schemars(extend("exclusiveMinimum" = -1, "exclusiveMaximum" = 1, "x-origin" = "independence where nothing is stated"))]
    pub correlation: f64,
}

fn target_lower() -> f64 {
    0.16
}

fn target_upper() -> f64 {
    0.33
}

fn overdose_limit() -> f64 {
    0.25
}

/// Parameters of the Bayesian logistic regression model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlrmOptions {
    /// Reference dose of the model.
    pub reference_dose: DoseText,
    /// Prior of the parameters.
    pub prior: BlrmPrior,
    /// Lower end of the target interval.
    #[serde(default = "target_lower")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "published interval [Neuenschwander2008]"))]
    pub target_lower: f64,
    /// Upper end of the target interval.
    #[serde(default = "target_upper")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "published interval [Neuenschwander2008]"))]
    pub target_upper: f64,
    /// A dose is eligible when the probability of overdosing is below this.
    #[serde(default = "overdose_limit")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "escalation with overdose control [Babb1998]"))]
    pub overdose_limit: f64,
    /// Patients per cohort.
    #[serde(default = "three_patients")]
    #[schemars(range(min = 1), extend("x-origin" = "customary cohort size"))]
    pub cohort_size: usize,
    /// Largest number of patients.
    #[schemars(range(min = 1))]
    pub max_patients: Option<usize>,
}
