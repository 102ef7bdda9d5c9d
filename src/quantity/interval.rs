//! Interval estimates that know their level and their method.

use serde::{Deserialize, Serialize};

/// How an interval was computed. The label is printed under every table that shows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntervalMethod {
    /// Exact binomial limits from the beta distribution `[ClopperPearson1934]`.
    ClopperPearson,
    /// Score limits without continuity correction `[Wilson1927]`.
    Wilson,
    /// Equal-tailed beta(1/2, 1/2) posterior limits.
    Jeffreys,
    /// Adjusted Wald limits `[AgrestiCoull1998]`.
    AgrestiCoull,
    /// Exact binomial limits with mid-p tails.
    MidP,
    /// Large-sample normal limits.
    Wald,
    /// Difference of two proportions by hybrid score limits `[Newcombe1998]`.
    NewcombeHybridScore,
    /// Difference of two proportions by score limits `[MiettinenNurminen1985]`.
    MiettinenNurminen,
    /// Difference of two proportions, exact unconditional `[ChanZhang1999]`.
    ExactChanZhang,
    /// Odds ratio by the logit method.
    Woolf,
    /// Exact Poisson limits for a rate `[Garwood1936]`.
    ExactPoisson,
    /// Kaplan-Meier quantile or survival limits on the log(-log) scale `[BrookmeyerCrowley1982]`.
    LogLog,
    /// Kaplan-Meier quantile or survival limits on the log scale.
    Log,
    /// Kaplan-Meier quantile or survival limits on the plain scale.
    Plain,
    /// Equal-tailed limits of a posterior distribution.
    Credible,
    /// Limits of a coefficient of a linear model from the t distribution.
    StudentT,
    /// Ratio of geometric means: t limits of the difference of log means, a variance for each group `[Welch1947]`.
    WelchT,
    /// Percentiles of bootstrap replicates `[EfronTibshirani1993]`.
    BootstrapPercentile,
}

impl IntervalMethod {
    /// The words for a footnote.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ClopperPearson => "Clopper-Pearson exact",
            Self::Wilson => "Wilson score",
            Self::Jeffreys => "Jeffreys",
            Self::AgrestiCoull => "Agresti-Coull",
            Self::MidP => "exact mid-p",
            Self::Wald => "Wald",
            Self::NewcombeHybridScore => "Newcombe hybrid score",
            Self::MiettinenNurminen => "Miettinen-Nurminen score",
            Self::ExactChanZhang => "exact unconditional (Chan-Zhang)",
            Self::Woolf => "Woolf logit",
            Self::ExactPoisson => "exact Poisson",
            Self::LogLog => "log(-log) transformation",
            Self::Log => "log transformation",
            Self::Plain => "no transformation",
            Self::Credible => "equal-tailed credible",
            Self::StudentT => "t distribution",
            Self::WelchT => "Welch t on the logarithms",
            Self::BootstrapPercentile => "bootstrap percentiles",
        }
    }
}

/// An interval estimate. A limit that cannot be estimated is `None`, never a number that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
    /// Confidence level, in (0, 1).
    pub level: f64,
    /// How the limits were computed.
    pub method: IntervalMethod,
}
