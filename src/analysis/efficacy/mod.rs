//! Activity by planned dosage: best overall response, times to event, tumour size, the course of each subject.

mod response;
mod swimmer;
mod time_to_event;
mod tumour;

pub use response::{ResponseColumn, ResponsePanel, ResponseTable};
pub use swimmer::{Course, CourseMark, SwimmerColumn};
pub use time_to_event::{Endpoint, EndpointPanel};
pub use tumour::{TumourColumn, TumourPanel, TumourSubject};

use crate::config::Settings;
use crate::derive::AnalysisData;

/// What is known of activity. A member is `None` when its dataset is absent.
#[derive(Debug, Clone)]
pub struct EfficacyResult {
    /// Best overall response, for the programme and for each part.
    pub response: Option<Vec<ResponsePanel>>,
    /// Times to event by endpoint.
    pub endpoints: Option<Vec<Endpoint>>,
    /// Tumour size, for the programme and for each part.
    pub tumour: Option<Vec<TumourPanel>>,
    /// The course of each treated subject, by dosage received.
    pub courses: Vec<SwimmerColumn>,
}

/// Describes activity.
#[must_use]
pub fn analyse(data: &AnalysisData, settings: &Settings) -> EfficacyResult {
    EfficacyResult {
        response: data.responses.as_ref().map(|responses| response::summarise_response(responses, data, settings)),
        endpoints: data.times_to_event.as_ref().map(|times| time_to_event::summarise_endpoints(times, data, settings)),
        tumour: data.tumour.as_ref().map(|tumour| tumour::summarise_tumour(tumour, data, settings)),
        courses: swimmer::summarise_courses(data, settings),
    }
}
