//! A concentration-time profile after one dose: samples, dose, route; and what is wrong with one that cannot be analysed.

use thiserror::Error;

use crate::numerics::tolerance::tied;

/// The result of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Concentration {
    /// A measured concentration. Zero counts as below an unknown limit.
    Measured(f64),
    /// Below the limit of quantification.
    BelowLimit {
        /// The limit, where known.
        limit: Option<f64>,
    },
    /// No result.
    Missing,
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Time since the dose; negative before it.
    pub time: f64,
    /// What was found.
    pub concentration: Concentration,
}

impl Sample {
    /// A measured concentration.
    #[must_use]
    pub const fn measured(time: f64, value: f64) -> Self {
        Self { time, concentration: Concentration::Measured(value) }
    }
}

/// How the drug is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Route {
    /// By mouth, under the skin or otherwise outside the vessels.
    Extravascular,
    /// Into a vein at once.
    IntravenousBolus,
    /// Into a vein over a time.
    IntravenousInfusion {
        /// Duration, in the unit of the sample times.
        duration: f64,
    },
}

impl Route {
    /// Half the duration of an infusion, by which residence times are shortened; 0 for other routes.
    pub(super) const fn half_infusion(self) -> f64 {
        match self {
            Self::IntravenousInfusion { duration } => 0.5 * duration,
            Self::Extravascular | Self::IntravenousBolus => 0.0,
        }
    }
}

/// Whether doses went before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regimen {
    /// The first or only dose.
    FirstDose,
    /// A later dose before steady state.
    BeforeSteadyState,
    /// A dose at steady state.
    SteadyState,
}

/// A profile after one dose. Whether times are nominal or actual is the caller's choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile<'a> {
    /// Samples in order of time.
    pub samples: &'a [Sample],
    /// Dose given.
    pub dose: Option<f64>,
    /// How it was given.
    pub route: Route,
    /// Whether doses went before.
    pub regimen: Regimen,
    /// Dosing interval.
    pub tau: Option<f64>,
}

/// Why a profile cannot be analysed at all.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum NcaError {
    /// A time, concentration, limit, dose, interval or duration that is not a finite number.
    #[error("{what} is not a finite number")]
    NotFinite {
        /// Which.
        what: &'static str,
    },
    /// A concentration, limit or dose below zero.
    #[error("{what} is negative: {value}")]
    Negative {
        /// Which.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// A dosing interval or duration that is not above zero.
    #[error("{what} must be above zero, and is {value}")]
    NotPositive {
        /// Which.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// Samples that are not in order of time.
    #[error("samples are not in order of time: {later} stands before {earlier}")]
    Unordered {
        /// The later time, which stands first.
        later: f64,
        /// The earlier time.
        earlier: f64,
    },
    /// Two results at the same time.
    #[error("two different results at time {time}")]
    TwoResults {
        /// The time.
        time: f64,
    },
}

/// Whether two times are the same.
pub(super) fn same_time(left: f64, right: f64) -> bool {
    tied(left, right)
}

impl Profile<'_> {
    /// Checks everything that the analysis relies on.
    ///
    /// # Errors
    /// [`NcaError`] for the first fault.
    pub(super) fn check(&self) -> Result<(), NcaError> {
        if let Some(dose) = self.dose {
            not_negative("the dose", dose)?;
        }
        if let Some(tau) = self.tau {
            positive("the dosing interval", tau)?;
        }
        if let Route::IntravenousInfusion { duration } = self.route {
            positive("the duration of the infusion", duration)?;
        }
        for sample in self.samples {
            finite("a time", sample.time)?;
            match sample.concentration {
                Concentration::Measured(value) => not_negative("a concentration", value)?,
                Concentration::BelowLimit { limit: Some(limit) } => not_negative("a limit of quantification", limit)?,
                Concentration::BelowLimit { limit: None } | Concentration::Missing => {}
            }
        }
        let mut pairs = self.samples.iter().zip(self.samples.iter().skip(1));
        match pairs.find(|(first, second)| first.time > second.time && !same_time(first.time, second.time)) {
            Some((first, second)) => Err(NcaError::Unordered { later: first.time, earlier: second.time }),
            None => Ok(()),
        }
    }
}

fn finite(what: &'static str, value: f64) -> Result<(), NcaError> {
    if value.is_finite() { Ok(()) } else { Err(NcaError::NotFinite { what }) }
}

fn not_negative(what: &'static str, value: f64) -> Result<(), NcaError> {
    finite(what, value)?;
    if value < 0.0 { Err(NcaError::Negative { what, value }) } else { Ok(()) }
}

fn positive(what: &'static str, value: f64) -> Result<(), NcaError> {
    finite(what, value)?;
    if value > 0.0 { Ok(()) } else { Err(NcaError::NotPositive { what, value }) }
}
