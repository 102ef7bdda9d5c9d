//! The forms of a curve that Bayesian models of a probability know.

use super::binary::ExposureForm;

/// A form of the curve of the log odds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BayesianForm {
    /// A straight line.
    Linear,
    /// A straight line in the logarithm of exposure; subjects without exposure are left out.
    LogLinear,
    /// Emax.
    Emax,
    /// Sigmoid Emax.
    SigmoidEmax,
}

impl BayesianForm {
    /// Every form, simplest first.
    pub const ALL: [Self; 4] = [Self::Linear, Self::LogLinear, Self::Emax, Self::SigmoidEmax];

    /// The same form among those of maximum likelihood.
    #[must_use]
    pub const fn exposure_form(self) -> ExposureForm {
        match self {
            Self::Linear => ExposureForm::Linear,
            Self::LogLinear => ExposureForm::LogLinear,
            Self::Emax => ExposureForm::Emax,
            Self::SigmoidEmax => ExposureForm::SigmoidEmax,
        }
    }

    /// Identifier in files.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.exposure_form().id()
    }

    /// Name in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.exposure_form().label()
    }
}
