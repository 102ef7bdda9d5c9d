//! Words that the exhibits on questionnaires share.

use crate::analysis::patient_reported::{PatientReportedResult, RECALL_DAYS};
use crate::config::{AfterDiscontinuation, AfterDoseChange, Settings};

/// Which answers count after events that change treatment.
pub(super) fn intercurrent(settings: &Settings) -> String {
    let rule = settings.patient_reported.intercurrent;
    let stopped = match rule.discontinuation {
        AfterDiscontinuation::WhileOnTreatment => {
            format!("answers count while the subject is on treatment and up to {RECALL_DAYS} days after it ended")
        }
        AfterDiscontinuation::AsObserved => "answers count whether or not treatment had been stopped".to_owned(),
    };
    let changed = match rule.dose_change {
        AfterDoseChange::AsObserved => "answers after a dose reduction or interruption count",
        AfterDoseChange::UntilChange => "answers from the first dose reduction or interruption on do not count",
    };
    format!("Events that change treatment: {stopped}; {changed}")
}

/// What is said of instruments without a record.
pub(super) fn without_records(result: &PatientReportedResult) -> Option<String> {
    let names = result.without_records.join(", ");
    (!names.is_empty()).then(|| format!("Not in the data, although the project file names it: {names}."))
}
