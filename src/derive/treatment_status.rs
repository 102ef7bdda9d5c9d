//! Whether treatment goes on, was completed or stopped, and why it was stopped.
//!
//! End-of-treatment status (EOTSTT) decides where it has a value in the data, then end-of-study status (EOSSTT). Where there is neither,
//! the reason itself decides: `Completed` among the reasons is completion, any other reason is a discontinuation.

use super::columns::{self, Column};
use super::records::TreatmentStatus;
use super::words::{Noted, normalised};
use crate::data::Dataset;
use crate::diagnostic::{Diagnostic, Severity};

const STATUS: [&str; 2] = ["EOTSTT", "EOSSTT"];
const REASON: [&str; 5] = ["DCTREAS", "DCTREASP", "DCSREAS", "DCREASCD", "DCDECOD"];

/// The columns of status and reason.
#[derive(Debug)]
pub(super) struct Statuses {
    /// End-of-treatment status.
    pub(super) status: Option<Column<String>>,
    /// Reason for stopping.
    pub(super) reason: Option<Column<String>>,
    unknown: Noted,
}

/// The status that a word of the data means.
fn parse_status(word: &str) -> Option<TreatmentStatus> {
    match normalised(word).as_str() {
        "ONGOING" | "ON TREATMENT" | "ACTIVE" | "TREATMENT ONGOING" => Some(TreatmentStatus::Ongoing),
        "COMPLETED" | "COMPLETE" | "COMPLETER" => Some(TreatmentStatus::Completed),
        "DISCONTINUED" | "EARLY TERMINATION" | "WITHDRAWN" | "TERMINATED" => Some(TreatmentStatus::Discontinued),
        "NOT TREATED" | "NOT STARTED" | "NEVER TREATED" | "SCREEN FAILURE" => Some(TreatmentStatus::NotTreated),
        _ => None,
    }
}

fn is_completion(reason: &str) -> bool {
    parse_status(reason) == Some(TreatmentStatus::Completed)
}

impl Statuses {
    /// Finds the columns.
    pub(super) fn new(adsl: &Dataset) -> Self {
        Self { status: columns::texts(adsl, &STATUS), reason: columns::texts(adsl, &REASON), unknown: Noted::default() }
    }

    /// Status and reason of the subject in a row of ADSL. Who received nothing is [`TreatmentStatus::NotTreated`] whatever the status says.
    pub(super) fn of_row(&mut self, index: usize, row: u32, usubjid: &str, received: bool) -> (Option<TreatmentStatus>, Option<String>) {
        let given = columns::text(self.reason.as_ref(), index);
        let from_reason =
            given.as_ref().map(|text| if is_completion(text) { TreatmentStatus::Completed } else { TreatmentStatus::Discontinued });
        let reason = given.filter(|text| !is_completion(text));
        if !received {
            return (Some(TreatmentStatus::NotTreated), reason);
        }
        let Some(column) = &self.status else {
            return (from_reason, reason);
        };
        let word = column.get(index);
        let status = word.and_then(|word| parse_status(word));
        if let (Some(word), None) = (word, status) {
            self.unknown.note(word, row, usubjid);
        }
        (status, reason)
    }

    /// What is to be said once every subject was seen.
    pub(super) fn finish(self, diagnostics: &mut Vec<Diagnostic>) {
        let Some(column) = self.status else { return };
        let unknown = self.unknown.diagnostic(
            "treatment-status-unknown",
            Severity::Minor,
            |values| format!("end-of-treatment status is not understood and left out: {values}"),
            "use ONGOING, COMPLETED, DISCONTINUED or NOT TREATED",
        );
        diagnostics.extend(unknown.map(|diagnostic| diagnostic.in_dataset("ADSL").in_column(column.name)));
    }
}
