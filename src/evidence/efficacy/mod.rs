//! Exhibits on activity: response (T-E16), times to event (T-TTE, F-PFS, F-OS), tumour size (F-E02), courses (F-E01).

mod courses;
mod response;
mod time_to_event;
mod tumour;

pub(super) use response::responder_filter;
pub(super) use time_to_event::risk_times;

use crate::analysis::efficacy::EfficacyResult;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::{Exhibit, Facts};

/// Every exhibit on activity, or a placeholder for what the data do not carry.
pub fn gather(result: &EfficacyResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let mut exhibits = response::gather(result.response.as_deref(), data, settings, facts);
    exhibits.extend(time_to_event::gather(result.endpoints.as_deref(), data, settings, facts));
    exhibits.extend(courses::gather(&result.courses, data, settings));
    exhibits.extend(tumour::gather(result.tumour.as_deref(), data, settings, facts));
    exhibits
}
