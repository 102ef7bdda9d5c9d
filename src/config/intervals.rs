//! `intervals`: how intervals are computed, and at which level.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::IntervalMethod;

/// Interval methods for one proportion.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProportionInterval {
    /// Exact binomial limits from the beta distribution.
    #[default]
    ClopperPearson,
    /// Score limits without continuity correction.
    Wilson,
    /// Equal-tailed beta(1/2, 1/2) posterior limits.
    Jeffreys,
    /// Adjusted Wald limits.
    AgrestiCoull,
    /// Exact binomial limits with mid-p tails.
    MidP,
    /// Large-sample normal limits.
    Wald,
}

impl From<ProportionInterval> for IntervalMethod {
    fn from(method: ProportionInterval) -> Self {
        match method {
            ProportionInterval::ClopperPearson => Self::ClopperPearson,
            ProportionInterval::Wilson => Self::Wilson,
            ProportionInterval::Jeffreys => Self::Jeffreys,
            ProportionInterval::AgrestiCoull => Self::AgrestiCoull,
            ProportionInterval::MidP => Self::MidP,
            ProportionInterval::Wald => Self::Wald,
        }
    }
}

/// Interval methods for a difference of two proportions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DifferenceInterval {
    /// Hybrid score limits.
    #[default]
    NewcombeHybridScore,
    /// Score limits with the N/(N-1) variance factor.
    MiettinenNurminen,
    /// Exact unconditional limits.
    ExactChanZhang,
    /// Large-sample normal limits.
    Wald,
}

impl From<DifferenceInterval> for IntervalMethod {
    fn from(method: DifferenceInterval) -> Self {
        match method {
            DifferenceInterval::NewcombeHybridScore => Self::NewcombeHybridScore,
            DifferenceInterval::MiettinenNurminen => Self::MiettinenNurminen,
            DifferenceInterval::ExactChanZhang => Self::ExactChanZhang,
            DifferenceInterval::Wald => Self::Wald,
        }
    }
}

/// Interval methods for Kaplan-Meier estimates and their quantiles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KaplanMeierInterval {
    /// Limits on the log(-log) scale.
    #[default]
    LogLog,
    /// Limits on the log scale.
    Log,
    /// Limits without transformation.
    Plain,
}

impl From<KaplanMeierInterval> for IntervalMethod {
    fn from(method: KaplanMeierInterval) -> Self {
        match method {
            KaplanMeierInterval::LogLog => Self::LogLog,
            KaplanMeierInterval::Log => Self::Log,
            KaplanMeierInterval::Plain => Self::Plain,
        }
    }
}

fn customary_level() -> f64 {
    0.95
}

/// `intervals` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntervalOptions {
    /// Confidence level, between 0 and 1.
    #[serde(default = "customary_level")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "two-sided 95% limits are customary (ICH E9)"))]
    pub level: f64,
    /// Method for one proportion.
    #[serde(default)]
    #[schemars(extend("x-origin" = "exact limits are customary for response rates in regulatory labelling"))]
    pub proportion: ProportionInterval,
    /// Method for a difference of two proportions.
    #[serde(default)]
    #[schemars(extend("x-origin" = "keeps its coverage in small arms without an exact test's conservatism [Newcombe1998]"))]
    pub difference: DifferenceInterval,
    /// Method for Kaplan-Meier estimates and medians.
    #[serde(default)]
    #[schemars(extend("x-origin" = "limits stay within 0 and 1; customary for medians of survival times [BrookmeyerCrowley1982]"))]
    pub kaplan_meier: KaplanMeierInterval,
}

impl Default for IntervalOptions {
    fn default() -> Self {
        Self {
            level: customary_level(),
            proportion: ProportionInterval::default(),
            difference: DifferenceInterval::default(),
            kaplan_meier: KaplanMeierInterval::default(),
        }
    }
}

/// `intervals` as used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IntervalSettings {
    /// Confidence level, in (0, 1).
    pub level: f64,
    /// Method for one proportion.
    pub proportion: IntervalMethod,
    /// Method for a difference of two proportions.
    pub difference: IntervalMethod,
    /// Method for Kaplan-Meier estimates and medians.
    pub kaplan_meier: IntervalMethod,
}

impl From<IntervalOptions> for IntervalSettings {
    fn from(written: IntervalOptions) -> Self {
        Self {
            level: written.level,
            proportion: written.proportion.into(),
            difference: written.difference.into(),
            kaplan_meier: written.kaplan_meier.into(),
        }
    }
}
