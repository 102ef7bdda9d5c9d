//! Progression-free survival, overall survival and other times to event by planned dosage.

use std::collections::BTreeMap;

use crate::analysis::grouping::{Panel, Population, panels};
use crate::analysis::measure::Survival;
use crate::config::Settings;
use crate::derive::{AnalysisData, SubjectIndex, TimeToEvent};

/// One endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Parameter code in ADTTE.
    pub code: String,
    /// Short name for ids: `pfs`, `os`.
    pub id: &'static str,
    /// Name in words.
    pub label: &'static str,
    /// The programme, then each part.
    pub panels: Vec<EndpointPanel>,
}

/// One endpoint in one panel.
#[derive(Debug, Clone)]
pub struct EndpointPanel {
    /// The columns.
    pub panel: Panel,
    /// One per column; `None` for a column without a record.
    pub columns: Vec<Option<Survival>>,
}

/// Endpoints that are described, with the codes they go by, in print order.
const ENDPOINTS: [(&str, &str, &[&str]); 4] = [
    ("pfs", "Progression-free survival", &["PFS", "PFSINV", "PFSI"]),
    ("pfs_bicr", "Progression-free survival by blinded independent central review", &["PFSBICR", "PFSIRC", "PFSIRF"]),
    ("os", "Overall survival", &["OS"]),
    ("efs", "Event-free survival", &["EFS"]),
];

/// Describes each endpoint that the data hold, among the subjects who were randomised or treated.
#[must_use]
pub(super) fn summarise_endpoints(times: &[TimeToEvent], data: &AnalysisData, settings: &Settings) -> Vec<Endpoint> {
    ENDPOINTS
        .into_iter()
        .filter_map(|(id, label, codes)| {
            let code = codes.iter().find(|code| times.iter().any(|time| time.code == **code))?;
            let by_subject: BTreeMap<SubjectIndex, &TimeToEvent> =
                times.iter().filter(|time| time.code == *code).rev().map(|time| (time.subject, time)).collect();
            let panels = panels(data, settings, Population::Efficacy, settings.grouping.efficacy.into()).into_iter().map(|panel| {
                let columns = panel
                    .groups
                    .iter()
                    .map(|group| {
                        let records = group.subjects.iter().filter_map(|subject| by_subject.get(subject));
                        Survival::of(records.map(|time| (time.row, time.days, time.event)), &settings.intervals)
                    })
                    .collect();
                EndpointPanel { panel, columns }
            });
            Some(Endpoint { code: (*code).to_owned(), id, label, panels: panels.collect() })
        })
        .collect()
}
