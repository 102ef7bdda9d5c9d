//! `exposure_response[].bayesian`: Bayesian models of the outcome, their priors and how they are sampled.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exposure_response::ExposureModel;

/// A normal prior distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorSettings {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub sd: f64,
}

fn wide() -> PriorSettings {
    PriorSettings { mean: 0.0, sd: 2.5 }
}

fn unit() -> PriorSettings {
    PriorSettings { mean: 0.0, sd: 1.0 }
}

fn about_one() -> PriorSettings {
    PriorSettings { mean: 0.0, sd: 0.5 }
}

/// Prior distributions, on the scale of the log odds and normal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BayesianPriors {
    /// Log odds without exposure; for `log_linear`, at the power of ten at or below the median exposure. Numeric covariates at their mean,
    /// factors at their first level. Without this key a mean of 0 and a standard deviation of 2.5, 95% of it between probabilities of 1% and 99%;
    /// for `linear` of 10, because its value without exposure lies outside the data and is far from zero where the slope is steep.
    pub intercept: Option<PriorSettings>,
    /// Change of the log odds per step of exposure: per doubling for `log_linear`, else per power of ten at or below the median exposure.
    #[serde(default = "unit")]
    #[schemars(extend("x-origin" = "95% of it between odds ratios of 1/7 and 7 per step"))]
    pub slope: PriorSettings,
    /// Change of the log odds per standard deviation of a numeric covariate, or of a level of a factor against its first.
    #[serde(default = "unit")]
    #[schemars(extend("x-origin" = "95% of it between odds ratios of 1/7 and 7"))]
    pub covariate: PriorSettings,
    /// Largest change of the log odds of a saturating curve.
    #[serde(default = "wide")]
    #[schemars(extend("x-origin" = "changes of the log odds beyond 5 are seldom seen"))]
    pub emax: PriorSettings,
    /// Natural logarithm of the exposure with half of the largest change. Without this key the logarithm of the median exposure with a standard
    /// deviation of 1.
    pub log_ec50: Option<PriorSettings>,
    /// Natural logarithm of the Hill coefficient.
    #[serde(default = "about_one")]
    #[schemars(extend("x-origin" = "95% of it between Hill coefficients of 0.4 and 2.7"))]
    pub log_hill: PriorSettings,
}

impl Default for BayesianPriors {
    fn default() -> Self {
        Self { intercept: None, slope: unit(), covariate: unit(), emax: wide(), log_ec50: None, log_hill: about_one() }
    }
}

fn four() -> usize {
    4
}

fn thousand() -> usize {
    1000
}

/// Bayesian models of an outcome that happened or did not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BayesianSettings {
    /// Models, adjusted for the covariates of the analysis. Without this key those of the analysis.
    #[serde(default)]
    pub models: Vec<ExposureModel>,
    /// Prior distributions.
    #[serde(default)]
    pub priors: BayesianPriors,
    /// Markov chains.
    #[serde(default = "four")]
    #[schemars(range(min = 2, max = 16), extend("x-origin" = "enough to see whether chains agree (Vehtari and others 2021)"))]
    pub chains: usize,
    /// Iterations of each chain that are left out while the sampler adapts.
    #[serde(default = "thousand")]
    #[schemars(range(min = 100, max = 100_000), extend("x-origin" = "customary"))]
    pub warmup: usize,
    /// Draws of each chain.
    #[serde(default = "thousand")]
    #[schemars(range(min = 100, max = 100_000), extend("x-origin" = "customary"))]
    pub draws: usize,
    /// Seed of the random numbers. Without this key the seed of the project.
    pub seed: Option<u64>,
}
