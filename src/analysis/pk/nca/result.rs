//! The result of a noncompartmental analysis.

use super::super::parameter::PkParameter;
use super::curve::Curve;
use super::reason::{Caution, NotCalculated, Outcome};
use super::terminal_slope::TerminalSlope;

/// A value or a reason for every parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterValues(Vec<Outcome>);

impl ParameterValues {
    /// Every parameter absent for one reason.
    pub(super) fn absent(reason: NotCalculated) -> Self {
        Self(vec![Err(reason); PkParameter::ALL.len()])
    }

    pub(super) fn set(&mut self, parameter: PkParameter, outcome: Outcome) {
        let finite = outcome.and_then(super::curve::finite);
        if let Some(place) = self.0.get_mut(parameter as usize) {
            *place = finite;
        }
    }

    /// The value of a parameter.
    ///
    /// # Errors
    /// [`NotCalculated`]: why there is none.
    pub fn get(&self, parameter: PkParameter) -> Outcome {
        self.0.get(parameter as usize).copied().unwrap_or(Err(NotCalculated::NothingQuantifiable))
    }

    /// Every parameter with its value or reason, in the order of the registry.
    pub fn iter(&self) -> impl Iterator<Item = (PkParameter, Outcome)> + '_ {
        PkParameter::ALL.iter().map(|parameter| (*parameter, self.get(*parameter)))
    }
}

/// The result of a noncompartmental analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct NcaResult {
    /// Parameters.
    pub values: ParameterValues,
    /// Regression of the terminal phase.
    pub slope: Option<TerminalSlope>,
    /// What a reader must know.
    pub cautions: Vec<Caution>,
    /// Samples with a result, at or after the dose.
    pub samples: usize,
    /// Those of them below the limit of quantification.
    pub below_limit: usize,
    /// Dose and dosing interval, by which occasions are recognised as comparable.
    pub(super) dose: Option<f64>,
    pub(super) tau: Option<f64>,
    pub(super) curve: Curve,
}

impl NcaResult {
    /// The value of a parameter.
    ///
    /// # Errors
    /// [`NotCalculated`]: why there is none.
    pub fn get(&self, parameter: PkParameter) -> Outcome {
        self.values.get(parameter)
    }

    /// Area between two times since the dose.
    ///
    /// Ends between samples are interpolated by the rule of the area there, ends beyond the last point of the curve need a terminal slope. Areas
    /// over adjacent intervals add up.
    ///
    /// # Errors
    /// [`NotCalculated::NothingQuantifiable`], [`NotCalculated::EmptyInterval`], [`NotCalculated::NoSampleAtDose`] or
    /// [`NotCalculated::BeyondLastSample`].
    pub fn partial_area(&self, from: f64, to: f64) -> Outcome {
        self.curve.part(from, to, self.slope.map(|slope| slope.rate)).map(|part| part.area)
    }
}
