//! Exhibits on who was studied: T-E01, T-E02, T-E03.

mod baseline;
mod disposition;
mod enrolment;

use crate::analysis::grouping::Panel;
use crate::analysis::population::PopulationResult;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::{Exhibit, Facts};

/// Tables of subjects, baseline characteristics and disposition.
pub fn gather(result: &PopulationResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let mut exhibits = vec![enrolment::tabulate(&result.enrolment, data, settings, facts)];
    exhibits.extend(result.baseline.iter().map(|panel| baseline::tabulate(panel, data, facts)));
    exhibits.extend(result.disposition.iter().map(|panel| disposition::tabulate(panel, data, facts)));
    exhibits
}

/// The title with the study part, or with the word that the parts stand together.
pub(super) fn titled(title: &str, panel: &Panel) -> String {
    match panel.part {
        Some(_) => format!("{title}: {}", panel.label),
        None if panel.pooled => format!("{title}, {}", panel.label),
        None => title.to_owned(),
    }
}

/// `PROGRESSIVE DISEASE` as `Progressive disease`; text that is not all capitals stays as it is.
pub(super) fn sentence_case(text: &str) -> String {
    if text.chars().any(char::is_lowercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect())
}

/// Whether the status of treatment is that of the study, for want of one of treatment.
fn is_study_status(data: &AnalysisData) -> bool {
    data.subject_columns.treatment_status.as_deref().is_some_and(|column| column.to_uppercase().starts_with("EOS"))
}

/// Whether the data say who goes on: a status does; reasons for stopping, the only source where there is no status, do not.
fn says_who_goes_on(data: &AnalysisData) -> bool {
    let columns = &data.subject_columns;
    columns.treatment_status.is_some() && columns.treatment_status != columns.discontinuation_reason
}
