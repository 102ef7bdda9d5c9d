//! Why a parameter is not given, and what a reader must know of one that is.

use std::fmt;

use thiserror::Error;

/// Why a parameter has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum NotCalculated {
    /// Every sample is below the limit of quantification or missing.
    #[error("no quantifiable concentration")]
    NothingQuantifiable,
    /// The area begins before the first sample and the rules do not allow a concentration to be assumed.
    #[error("no sample at the time of the dose")]
    NoSampleAtDose,
    /// The regression of the terminal phase has too few samples.
    #[error("{found} quantifiable samples in the terminal phase, {needed} needed")]
    TooFewPoints {
        /// Samples that could be used.
        found: usize,
        /// Samples needed.
        needed: usize,
    },
    /// Concentrations do not fall in the terminal phase.
    #[error("concentrations do not fall in the terminal phase")]
    SlopeNotNegative,
    /// The profile ends before the time asked for and has no terminal slope to extend it.
    #[error("the profile ends before the end of the interval and has no terminal slope")]
    BeyondLastSample,
    /// An interval that is empty or begins before the dose.
    #[error("the interval is empty or begins before the dose")]
    EmptyInterval,
    /// No dosing interval is given.
    #[error("no dosing interval is given")]
    NoDosingInterval,
    /// No dose is given.
    #[error("no dose is given")]
    NoDose,
    /// The dose is zero.
    #[error("the dose is zero")]
    ZeroDose,
    /// The parameter is not defined for the route.
    #[error("not defined for the route of administration")]
    NotForRoute,
    /// Clearance and volume from the area to infinity belong to a single dose.
    #[error("at steady state the area over the dosing interval is used instead")]
    AtSteadyState,
    /// Clearance and volume belong to a first dose or to steady state.
    #[error("neither a first dose nor at steady state")]
    BetweenDoses,
    /// Clearance and volume from the area over the dosing interval belong to steady state.
    #[error("defined at steady state only")]
    NotAtSteadyState,
    /// The denominator is zero.
    #[error("the denominator is zero")]
    ZeroDenominator,
    /// The parameter compares two occasions.
    #[error("needs a first dose and a profile at steady state")]
    OneOccasion,
    /// The two occasions have different doses or dosing intervals.
    #[error("the first dose and steady state differ in dose or dosing interval")]
    OccasionsDiffer,
    /// The accumulation ratio is not above 1.
    #[error("the accumulation ratio is not above 1")]
    NoAccumulation,
    /// The result exceeds the range of numbers.
    #[error("the result is not a finite number")]
    NotFinite,
}

/// A value or the reason for its absence.
pub type Outcome = Result<f64, NotCalculated>;

/// What a reader must know of a profile whose parameters are given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Caution {
    /// The terminal regression spans few half-lives.
    ShortSpan {
        /// Half-lives spanned.
        span: f64,
        /// Smallest span without a caution.
        limit: f64,
    },
    /// The terminal regression fits poorly.
    PoorFit {
        /// Adjusted coefficient of determination.
        adjusted_r_squared: f64,
        /// Smallest coefficient without a caution.
        limit: f64,
    },
    /// The terminal regression has no more samples than the least allowed.
    FewPoints {
        /// Samples in the regression.
        points: usize,
    },
    /// Much of the area to infinity is extrapolated.
    Extrapolated {
        /// Extrapolated share in percent.
        percent: f64,
        /// Largest share without a caution.
        limit: f64,
    },
    /// Much of the area from a bolus is back-extrapolated.
    BackExtrapolated {
        /// Back-extrapolated share in percent.
        percent: f64,
        /// Largest share without a caution.
        limit: f64,
    },
    /// Part of the area over the dosing interval lies beyond the last sample.
    IntervalExtrapolated {
        /// Extrapolated share in percent.
        percent: f64,
    },
    /// The last sample before the dose stands for the time of the dose.
    PredoseAtDose {
        /// Its time; negative.
        time: f64,
    },
    /// No sample at the time of the first dose: its concentration is taken as zero.
    StartAssumedZero,
    /// No sample at the time of a later dose: the lowest concentration of the interval stands for it.
    StartFromMinimum,
    /// The first two samples after a bolus do not fall: the first stands for the initial concentration.
    InitialFromFirstSample,
    /// The maximum is the last quantifiable sample: concentrations may still have risen.
    PeakIsLast,
    /// Several samples share the maximum; the first gives its time.
    PeakRepeated {
        /// Samples with the maximum.
        samples: usize,
    },
    /// No sample at the end of the dosing interval: its concentration is read from the curve.
    TroughInterpolated,
    /// No sample at or after the end of the dosing interval: its concentration is extrapolated.
    TroughExtrapolated,
    /// The concentration at the end of the dosing interval is below the limit of quantification.
    TroughBelowLimit,
    /// Samples repeated with the same time and concentration count once.
    RepeatedSamples {
        /// How many were left out.
        samples: usize,
    },
    /// Samples without a result.
    MissingSamples {
        /// How many.
        samples: usize,
    },
    /// Half the limit of quantification was asked for and the limit is not known: the samples are left out.
    LimitUnknown {
        /// How many.
        samples: usize,
    },
}

impl Caution {
    /// The number observed and, where there is one, the limit it was held against.
    #[must_use]
    pub fn observed(self) -> Option<(f64, Option<f64>)> {
        match self {
            Self::ShortSpan { span: value, limit }
            | Self::PoorFit { adjusted_r_squared: value, limit }
            | Self::Extrapolated { percent: value, limit }
            | Self::BackExtrapolated { percent: value, limit } => Some((value, Some(limit))),
            Self::IntervalExtrapolated { percent } => Some((percent, None)),
            Self::PredoseAtDose { time } => Some((time, None)),
            Self::FewPoints { points: n }
            | Self::PeakRepeated { samples: n }
            | Self::RepeatedSamples { samples: n }
            | Self::MissingSamples { samples: n }
            | Self::LimitUnknown { samples: n } => Some((n as f64, None)),
            Self::StartAssumedZero
            | Self::StartFromMinimum
            | Self::InitialFromFirstSample
            | Self::PeakIsLast
            | Self::TroughInterpolated
            | Self::TroughExtrapolated
            | Self::TroughBelowLimit => None,
        }
    }
}

impl fmt::Display for Caution {
    /// Without numbers, which are rounded where they are printed.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ShortSpan { .. } => "the terminal regression spans few half-lives",
            Self::PoorFit { .. } => "the terminal regression fits poorly",
            Self::FewPoints { .. } => "the terminal regression has the fewest samples allowed",
            Self::Extrapolated { .. } => "much of the area to infinity is extrapolated",
            Self::BackExtrapolated { .. } => "much of the area is extrapolated back to the bolus",
            Self::IntervalExtrapolated { .. } => "part of the area over the dosing interval is extrapolated",
            Self::PredoseAtDose { .. } => "the last sample before the dose stands for the time of the dose",
            Self::StartAssumedZero => "no sample at the time of the first dose: taken as zero",
            Self::StartFromMinimum => "no sample at the time of the dose: the lowest of the interval stands for it",
            Self::InitialFromFirstSample => {
                "concentrations do not fall after the bolus: the first sample stands for the initial concentration"
            }
            Self::PeakIsLast => "the maximum is the last quantifiable sample",
            Self::PeakRepeated { .. } => "several samples share the maximum",
            Self::TroughInterpolated => "no sample at the end of the dosing interval: interpolated",
            Self::TroughExtrapolated => "no sample at the end of the dosing interval: extrapolated",
            Self::TroughBelowLimit => "below the limit of quantification at the end of the dosing interval",
            Self::RepeatedSamples { .. } => "samples repeated with the same time and concentration count once",
            Self::MissingSamples { .. } => "samples without a result are left out",
            Self::LimitUnknown { .. } => "samples below an unknown limit of quantification are left out",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_and_cautions_can_be_printed() {
        assert_eq!(
            NotCalculated::TooFewPoints { found: 2, needed: 3 }.to_string(),
            "2 quantifiable samples in the terminal phase, 3 needed"
        );
        let caution = Caution::ShortSpan { span: 1.2, limit: 2.0 };
        assert_eq!(caution.observed(), Some((1.2, Some(2.0))));
        assert_eq!(caution.to_string(), "the terminal regression spans few half-lives");
        assert_eq!(Caution::PeakIsLast.observed(), None);
    }
}
