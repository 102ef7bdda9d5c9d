//! What prevents a dose-response number, and what must be said beside one.

use std::fmt;

use thiserror::Error;

use super::model::DoseResponseModel;
use crate::numerics::multivariate_t::MultivariateError;
use crate::numerics::nonlinear_least_squares::BoundSide;

/// Why there is no fit or no test.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DoseResponseError {
    /// Columns of different length.
    #[error("{what}: {found} values where {expected} are needed")]
    Length {
        /// Which column.
        what: &'static str,
        /// Values needed.
        expected: usize,
        /// Values found.
        found: usize,
    },
    /// A value that is not finite, or a negative dose.
    #[error("{what} {value} in row {row} cannot be used")]
    Value {
        /// Which column.
        what: &'static str,
        /// The value.
        value: f64,
        /// Row, from 1.
        row: usize,
    },
    /// Fewer dose levels than the model has parameters.
    #[error("the {} model has {needed} parameters but only {found} dose level(s) were given; choose a model with fewer", model.label())]
    TooFewDoses {
        /// The model.
        model: DoseResponseModel,
        /// Dose levels needed.
        needed: usize,
        /// Dose levels found.
        found: usize,
    },
    /// Only one dose level: nothing can be said about dose.
    #[error("a single dose level says nothing about dose-response")]
    OneDose,
    /// No degrees of freedom for the error variance.
    #[error("{found} observations for {parameters} parameters leave nothing to estimate the error variance from")]
    TooFewObservations {
        /// Observations.
        found: usize,
        /// Parameters.
        parameters: usize,
    },
    /// Every response is the same.
    #[error("every response is the same")]
    NoVariation,
    /// A dose level appears twice among the estimates.
    #[error("dose {0} appears more than once among the estimates")]
    RepeatedDose(f64),
    /// A covariate that is constant or determined by those before it.
    #[error("covariate {0} is constant or determined by the others")]
    AliasedCovariate(String),
    /// A covariance that is not symmetric positive definite.
    #[error("the covariance of the estimates is not positive definite")]
    Covariance,
    /// Bounds, guesses or scaling that do not suit the model.
    #[error("{} model: {what} must be {range}", model.label())]
    Parameter {
        /// The model.
        model: DoseResponseModel,
        /// Which parameter.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
    },
    /// A candidate shape that does not rise or fall over the doses.
    #[error("the candidate {} shape is flat over the doses", .0.label())]
    FlatShape(DoseResponseModel),
    /// No candidate shape was given.
    #[error("no candidate shape was given")]
    NoCandidate,
    /// An error rate, level or power outside (0, 1).
    #[error("{what} {value} is not between 0 and 1")]
    Probability {
        /// Which one.
        what: &'static str,
        /// Value given.
        value: f64,
    },
    /// No sample size up to the limit reaches the power.
    #[error("no total sample size up to {largest} reaches the power asked for")]
    SampleSize {
        /// Largest size tried.
        largest: u64,
    },
    /// The distribution of the largest contrast could not be computed.
    #[error(transparent)]
    Distribution(#[from] MultivariateError),
    /// The search found no finite curve.
    #[error("no finite {} curve within the bounds", .0.label())]
    NoCurve(DoseResponseModel),
}

/// What must be said beside a fit.
#[derive(Debug, Clone, PartialEq)]
pub enum Caution {
    /// A parameter stands at a bound: the data do not determine it and there is no standard error.
    AtBound {
        /// The parameter.
        parameter: &'static str,
        /// At which end.
        side: BoundSide,
        /// The bound.
        bound: f64,
    },
    /// As many dose levels as parameters: the shape itself cannot be checked.
    Saturated {
        /// Dose levels.
        doses: usize,
    },
    /// Few degrees of freedom for the error variance.
    FewDegreesOfFreedom {
        /// Degrees of freedom.
        found: usize,
        /// Number below which they are called few.
        threshold: usize,
    },
    /// The derivatives of the curve are dependent: no covariance.
    NotIdentified,
    /// Other parameter values fit nearly as well; the best fit is reported.
    RivalOptimum {
        /// How much larger the criterion (AIC, or gAIC for estimates) is there.
        difference: f64,
        /// Difference below which a fit counts as nearly as good.
        threshold: f64,
    },
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtBound { parameter, side, bound } => {
                let end = match side {
                    BoundSide::Lower => "lower",
                    BoundSide::Upper => "upper",
                };
                write!(f, "{parameter} stands at its {end} bound {bound}: the data do not determine it, and standard errors are not given")
            }
            Self::Saturated { doses } => write!(f, "{doses} dose levels for as many parameters: the shape cannot be checked"),
            Self::FewDegreesOfFreedom { found, threshold } => {
                write!(f, "{found} degrees of freedom for the error variance, fewer than {threshold}")
            }
            Self::NotIdentified => write!(f, "the data do not identify every parameter: standard errors are not given"),
            Self::RivalOptimum { difference, threshold } => {
                write!(f, "other parameter values fit nearly as well: their criterion is larger by {difference}, less than {threshold}")
            }
        }
    }
}
