//! Who was studied: subjects by dosage and study part, baseline characteristics, disposition.

mod baseline;
mod disposition;
mod enrolment;

pub use baseline::{BaselinePanel, BaselineRow, Characteristic};
pub use disposition::{Disposition, DispositionPanel};
pub use enrolment::{Enrolment, EnrolmentColumn};

use crate::config::Settings;
use crate::derive::AnalysisData;

/// What is known of the subjects.
#[derive(Debug, Clone)]
pub struct PopulationResult {
    /// Subjects by dosage, set and part.
    pub enrolment: Enrolment,
    /// Baseline characteristics, for the programme and for each part.
    pub baseline: Vec<BaselinePanel>,
    /// Disposition, for the programme and for each part.
    pub disposition: Vec<DispositionPanel>,
}

/// Describes the subjects.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> PopulationResult {
    PopulationResult {
        enrolment: enrolment::tabulate_enrolment(data, settings),
        baseline: baseline::summarise_baseline(data, settings),
        disposition: disposition::summarise_disposition(data, settings),
    }
}
