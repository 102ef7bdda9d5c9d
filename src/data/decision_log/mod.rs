//! The log of escalation decisions that `escalation.decisions` names: what was decided after each cohort.
//!
//! A CSV file (or another tabular format) with a row per cohort, in the order of the decisions. Columns are found by name, whatever their case:
//!
//! ```text
//! dosage | dose | dose_mg | dose_mg_kg | …   the dosage's id, label or arm, or its dose, with the unit in the cell or in the name
//! decision                                   what was decided: escalate, stay, de-escalate, eliminate, stop
//! n_evaluable_cum, n_dlt_cum                 evaluable patients and patients with DLT at the dosage, this cohort included
//! n_evaluable, n_dlt                         the same of this cohort alone; one of the two pairs is needed
//! cohort, date, n_treated, override, reason, other_data      optional
//! ```

mod reading;
mod words;

pub(super) use reading::read_decision_log;

use crate::quantity::Date;

/// Name of the log among the datasets.
pub const DECISION_LOG: &str = "DECISIONS";

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoggedAction {
    /// To go to a higher dosage.
    Escalate,
    /// To treat more patients at the same dosage.
    Stay,
    /// To go to a lower dosage.
    DeEscalate,
    /// To go to a lower dosage and never to come back.
    Eliminate,
}

/// A decision as its text says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedDecision {
    /// The text.
    pub text: String,
    /// Where the next cohort should go; `None` where the text only says that the escalation ends.
    pub action: Option<LoggedAction>,
    /// Whether the escalation ends.
    pub stops: bool,
}

/// Patients with a dose-limiting toxicity among the evaluable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoggedCount {
    /// Evaluable patients.
    pub n: u32,
    /// Those with a dose-limiting toxicity.
    pub dlt: u32,
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedCohort {
    /// 1-based data row.
    pub row: u32,
    /// Name of the cohort: as written, otherwise its position.
    pub cohort: String,
    /// Position of the dosage in the settings.
    pub dosage: usize,
    /// Date of the decision.
    pub date: Option<Date>,
    /// Patients treated in the cohort.
    pub treated: Option<u32>,
    /// The cohort's own counts; may be smaller than the change of the totals where earlier patients became evaluable.
    pub own: LoggedCount,
    /// Counts at the dosage, this cohort included.
    pub total: LoggedCount,
    /// What was decided.
    pub decision: LoggedDecision,
    /// Whether the decision departed from the rule, as the log says.
    pub overridden: Option<bool>,
    /// Why.
    pub reason: Option<String>,
    /// Other data that were looked at.
    pub other_data: Option<String>,
}

/// The log.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionLog {
    /// The file's name.
    pub file: String,
    /// Its format in words.
    pub format: String,
    /// SHA-256 of the file as it is stored.
    pub sha256: String,
    /// Columns of the file.
    pub columns: u64,
    /// The cohorts, in order.
    pub cohorts: Vec<LoggedCohort>,
    /// Names of the columns that were used: dosage, evaluable, DLT, decision, date, treated, override, reason, other data.
    pub used: UsedColumns,
}

/// The columns of the log as the file names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsedColumns {
    /// Of the dosage.
    pub dosage: String,
    /// Of evaluable patients.
    pub evaluable: String,
    /// Of patients with a dose-limiting toxicity.
    pub dlt: String,
    /// Of the decision.
    pub decision: String,
    /// Of the date.
    pub date: Option<String>,
    /// Of treated patients.
    pub treated: Option<String>,
    /// Of departures from the rule.
    pub overridden: Option<String>,
    /// Of reasons.
    pub reason: Option<String>,
    /// Of other data.
    pub other_data: Option<String>,
}
