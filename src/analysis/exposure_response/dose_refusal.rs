//! Why a dose-response analysis that the project file asks for cannot be made, and what must be said beside one.

use thiserror::Error;

use super::dose_response::{DoseResponseError, GuesstimateError};
use super::refusal::Refusal;

/// The reason, a sentence.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DoseRefusal {
    /// The outcome cannot be read.
    #[error("{0}")]
    Outcome(#[from] Refusal),
    /// A grade or a time.
    #[error("Dose-response is modelled for outcomes that happened or did not and for numbers, not for grades or times.")]
    Kind,
    /// Nobody has a dose and the outcome.
    #[error("No subject of the analysis set has a dosage of the drug and the outcome.")]
    NoSubjects,
    /// A dosage without a dose in the common unit.
    #[error("The dosage {dosage} has no dose in the unit of the others.")]
    NoDose {
        /// Name of the dosage.
        dosage: String,
    },
    /// Two dosages with one dose.
    #[error("The dosages {first} and {second} have the same dose; name the parts in which one of them was given.")]
    SameDose {
        /// Name of one.
        first: String,
        /// Name of the other.
        second: String,
    },
    /// Too few doses for a shape.
    #[error("Subjects with the outcome had {found} different doses; a shape needs three.")]
    FewDoses {
        /// Doses found.
        found: usize,
    },
    /// A candidate that cannot be used.
    #[error("The candidate {model} cannot be used: {reason}.")]
    Candidate {
        /// Name of the shape.
        model: &'static str,
        /// The reason.
        reason: String,
    },
    /// What the test or the models refuse.
    #[error("The test cannot be made: {0}.")]
    Method(#[from] DoseResponseError),
}

impl DoseRefusal {
    /// A candidate whose shares give no curve.
    pub(super) fn guess(model: &'static str, error: &GuesstimateError) -> Self {
        Self::Candidate { model, reason: error.to_string() }
    }
}
