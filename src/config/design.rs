//! `escalation.design`: the escalation designs and their parameters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::DoseText;

fn five_hundredths() -> f64 {
    0.05
}

fn elimination() -> f64 {
    0.95
}

fn ninety_percent() -> f64 {
    0.90
}

fn three_patients() -> usize {
    3
}

fn six_patients() -> usize {
    6
}

fn one_half() -> f64 {
    0.5
}

/// When a number of patients at a dose ends the trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopRule {
    /// When the design would keep a dose that has this many patients.
    #[default]
    WhenStaying,
    /// When the dose that the design recommends for the next cohort has this many patients.
    AtRecommended,
    /// As soon as the current dose has this many patients, whatever the design would do next.
    AtOnce,
}

/// A dose-escalation design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DesignOptions {
    /// The 3+3 rule.
    ThreePlusThree(ThreePlusThreeOptions),
    /// The i3+3 design `[Liu2020]`.
    #[serde(rename = "i3_3")]
    I3Plus3(IntervalDesignOptions),
    /// Bayesian optimal interval design `[Liu2015]`.
    Boin(BoinOptions),
    /// Keyboard design `[Yan2017]`.
    Keyboard(IntervalDesignOptions),
    /// Modified toxicity probability interval design `[Ji2010]`.
    Mtpi(IntervalDesignOptions),
    /// Its second version, mTPI-2 `[Guo2017]`.
    Mtpi2(IntervalDesignOptions),
    /// The continual reassessment method.
    Crm(CrmOptions),
    /// Continual reassessment with incomplete follow-up `[Cheung2000]`.
    TiteCrm(TiteCrmOptions),
    /// Bayesian logistic regression model with overdose control `[Neuenschwander2008]`.
    Blrm(BlrmOptions),
    /// BOIN with incomplete follow-up `[Yuan2018]`.
    TiteBoin(TiteBoinOptions),
    /// BOIN for efficacy and toxicity together `[Lin2020]`.
    Boin12(Boin12Options),
    /// BOIN with backfill of lower doses `[Zhao2024]`.
    BfBoin(BfBoinOptions),
}

impl DesignOptions {
    /// The target probability of dose-limiting toxicity, where the design has one.
    #[must_use]
    pub fn target(&self) -> Option<f64> {
        match self {
            Self::ThreePlusThree(_) => None,
            Self::I3Plus3(design) | Self::Keyboard(design) | Self::Mtpi(design) | Self::Mtpi2(design) => Some(design.target),
            Self::Boin(design) => Some(design.target),
            Self::Crm(design) => Some(design.target),
            Self::TiteCrm(design) => Some(design.target),
            Self::Blrm(design) => Some((design.target_lower + design.target_upper) / 2.0),
            Self::TiteBoin(design) => Some(design.target),
            Self::Boin12(design) => Some(design.toxicity_limit),
            Self::BfBoin(design) => Some(design.target),
        }
    }

    /// Patients per cohort; three for 3+3, one where every patient is assigned on arrival.
    #[must_use]
    pub fn cohort_size(&self) -> usize {
        match self {
            Self::ThreePlusThree(_) => three_patients(),
            Self::I3Plus3(design) | Self::Keyboard(design) | Self::Mtpi(design) | Self::Mtpi2(design) => design.cohort_size,
            Self::Boin(design) => design.cohort_size,
            Self::Crm(design) => design.cohort_size,
            Self::TiteCrm(_) => 1,
            Self::Blrm(design) => design.cohort_size,
            Self::TiteBoin(design) => design.cohort_size,
            Self::Boin12(design) => design.cohort_size,
            Self::BfBoin(design) => design.cohort_size,
        }
    }

    /// Largest number of patients, where it is stated.
    #[must_use]
    pub fn max_patients(&self) -> Option<usize> {
        match self {
            Self::ThreePlusThree(_) => None,
            Self::I3Plus3(design) | Self::Keyboard(design) | Self::Mtpi(design) | Self::Mtpi2(design) => design.max_patients,
            Self::Boin(design) => design.max_patients,
            Self::Crm(design) => design.max_patients,
            Self::TiteCrm(design) => design.max_patients,
            Self::Blrm(design) => design.max_patients,
            Self::TiteBoin(design) => design.max_patients,
            Self::Boin12(design) => design.max_patients,
            Self::BfBoin(design) => design.max_patients,
        }
    }

    /// The number of patients at a dose that ends the trial, and when.
    #[must_use]
    pub fn stop(&self) -> Option<(usize, StopRule)> {
        match self {
            Self::I3Plus3(design) | Self::Keyboard(design) | Self::Mtpi(design) | Self::Mtpi2(design) => {
                design.stop_at.map(|limit| (limit, design.stop_rule))
            }
            Self::Boin(design) => design.stop_at.map(|limit| (limit, design.stop_rule)),
            Self::BfBoin(design) => design.stop_at.map(|limit| (limit, StopRule::WhenStaying)),
            Self::ThreePlusThree(_) | Self::Crm(_) | Self::TiteCrm(_) | Self::Blrm(_) | Self::TiteBoin(_) | Self::Boin12(_) => None,
        }
    }

    /// The name printed in the dossier.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::ThreePlusThree(_) => "3+3",
            Self::I3Plus3(_) => "i3+3",
            Self::Boin(_) => "BOIN",
            Self::Keyboard(_) => "Keyboard",
            Self::Mtpi(_) => "mTPI",
            Self::Mtpi2(_) => "mTPI-2",
            Self::Crm(_) => "CRM",
            Self::TiteCrm(_) => "TITE-CRM",
            Self::Blrm(_) => "BLRM",
            Self::TiteBoin(_) => "TITE-BOIN",
            Self::Boin12(_) => "BOIN12",
            Self::BfBoin(_) => "BF-BOIN",
        }
    }
}

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
