//! One subject: treatment, sets, dates, outcome of treatment and baseline, with the columns of ADSL they came from.

use super::records::{DosageIndex, PartIndex};
use crate::quantity::Date;

/// Which ADSL columns hold what; `None` where there is no such column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectColumns {
    /// Planned treatment.
    pub planned_arm: Option<String>,
    /// Treatment received.
    pub actual_arm: Option<String>,
    /// Safety set.
    pub safety: Option<String>,
    /// Intention-to-treat or full analysis set.
    pub intention_to_treat: Option<String>,
    /// DLT-evaluable set.
    pub dlt_evaluable: Option<String>,
    /// Response-evaluable set.
    pub response_evaluable: Option<String>,
    /// Pharmacokinetic set.
    pub pk: Option<String>,
    /// Dose-limiting toxicity flag.
    pub dlt: Option<String>,
    /// End-of-treatment status.
    pub treatment_status: Option<String>,
    /// Reason for stopping treatment.
    pub discontinuation_reason: Option<String>,
    /// Columns that decide the study part.
    pub part: Vec<String>,
    /// First dose.
    pub first_dose: Option<String>,
    /// Last dose.
    pub last_dose: Option<String>,
    /// Duration of treatment.
    pub treatment_days: Option<String>,
    /// Randomisation flag; where there is none, the date of randomisation.
    pub randomised: Option<String>,
    /// Date of randomisation.
    pub randomisation_date: Option<String>,
    /// Date of death.
    pub death: Option<String>,
    /// Death flag.
    pub death_flag: Option<String>,
    /// Date on which the subject was last known to be alive.
    pub last_alive: Option<String>,
    /// Data cut-off.
    pub cutoff: Option<String>,
    /// End of study.
    pub end_of_study: Option<String>,
}

impl SubjectColumns {
    /// The columns that time on treatment comes from.
    #[must_use]
    pub fn treatment_time(&self) -> Vec<String> {
        found([&self.treatment_days, &self.first_dose, &self.last_dose, &self.treatment_status, &self.cutoff])
    }

    /// The columns that follow-up comes from.
    #[must_use]
    pub fn followup(&self) -> Vec<String> {
        let date = &self.randomisation_date;
        found([&self.first_dose, date, &self.death, &self.death_flag, &self.last_alive, &self.cutoff, &self.end_of_study])
    }

    /// The columns that say who died.
    #[must_use]
    pub fn deaths(&self) -> Vec<String> {
        found([&self.death_flag, &self.death])
    }
}

/// The names of those columns that there are.
pub(super) fn found<const N: usize>(columns: [&Option<String>; N]) -> Vec<String> {
    columns.into_iter().flatten().cloned().collect()
}

/// One subject.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Row in ADSL.
    pub row: u32,
    /// Unique subject identifier; text.
    pub usubjid: String,
    /// Study identifier.
    pub study: Option<String>,
    /// Planned dosage; `None` when the arm is not one of the project's dosages.
    pub planned: Option<DosageIndex>,
    /// Dosage received; `None` when nothing was taken or the arm is not one of the project's dosages.
    pub actual: Option<DosageIndex>,
    /// Study part; `None` when no part of the project file matches.
    pub part: Option<PartIndex>,
    /// Membership of the analysis sets.
    pub sets: AnalysisSets,
    /// First dose.
    pub first_dose: Option<Date>,
    /// Last dose.
    pub last_dose: Option<Date>,
    /// Randomisation.
    pub randomised: Option<Date>,
    /// Treatment duration in days, from ADSL or from the dates of first and last dose (last - first + 1); while treatment goes on, up to
    /// the data cut-off, or without one to the last contact.
    pub treatment_days: Option<f64>,
    /// End-of-treatment status.
    pub treatment_status: Option<TreatmentStatus>,
    /// Reason for stopping treatment, as in the data.
    pub discontinuation_reason: Option<String>,
    /// Whether the subject is known to have died.
    pub died: bool,
    /// Death.
    pub death: Option<Date>,
    /// Last known alive.
    pub last_alive: Option<Date>,
    /// Data cut-off of the subject's record; where ADSL gives none, that of the project file.
    pub cutoff: Option<Date>,
    /// Days from first dose (or randomisation) to death, last contact, data cut-off while treatment goes on, or end of study, whichever is
    /// known first in this order; both days included. For follow-up by reverse Kaplan-Meier.
    pub followup_days: Option<f64>,
    /// Dose-limiting toxicity, where ADSL says so.
    pub dlt: Option<bool>,
    /// Stratum of randomisation.
    pub stratum: Option<String>,
    /// Values of the baseline variables, parallel to [`baseline_variables`](super::AnalysisData::baseline_variables).
    pub baseline: Vec<BaselineValue>,
}

/// Membership of analysis sets. A set whose flag is absent from the data follows the rule that the dossier prints: safety = received a
/// dose, intention to treat = randomised, response-evaluable = safety, DLT-evaluable and PK = nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnalysisSets {
    /// Safety set.
    pub safety: bool,
    /// Intention-to-treat set.
    pub intention_to_treat: bool,
    /// DLT-evaluable set.
    pub dlt_evaluable: bool,
    /// Response-evaluable set.
    pub response_evaluable: bool,
    /// Pharmacokinetic set.
    pub pk: bool,
}

/// End-of-treatment status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TreatmentStatus {
    /// Treatment goes on.
    Ongoing,
    /// Treatment was completed as planned.
    Completed,
    /// Treatment was stopped.
    Discontinued,
    /// Never treated.
    NotTreated,
}

/// A baseline variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineVariable {
    /// Column of ADSL.
    pub column: String,
    /// Label with unit: `Age (years)`.
    pub label: String,
    /// Levels in print order for a categorical variable; `None` for a number.
    pub levels: Option<Vec<String>>,
    /// Whether the last level stands for all values that are not among the others.
    pub merged: bool,
}

/// The value of a baseline variable in one subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BaselineValue {
    /// Not recorded.
    Missing,
    /// A number.
    Number(f64),
    /// Position among the variable's levels.
    Level(usize),
}
