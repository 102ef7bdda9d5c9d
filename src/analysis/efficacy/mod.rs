//! Activity by planned dosage: best overall response, times to event, tumour size, the course of each subject.
//!
//! Who counts:
//! - response and tumour size: the response-evaluable set; without its flag the safety set, so that who was never treated does not count;
//! - times to event: who was randomised, and in parts without randomisation who was treated. A subject who was randomised and never treated
//!   counts under the planned dosage;
//! - courses: the safety set by treatment received; who has neither dosing records nor a known time on treatment has no course.
//!
//! Numbers of the whole programme pool the study parts; their titles say so, and every part has numbers of its own.

mod response;
mod swimmer;
mod time_to_event;
mod tumour;

pub use response::{ResponderParameter, ResponseColumn, ResponsePanel, ResponseParameters, ResponseTable};
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
