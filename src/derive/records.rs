//! The analysis tables: plain records that every analysis reads. Each record knows its 1-based row in the dataset it came from.

use std::collections::BTreeMap;

use super::anti_drug_antibodies::AntiDrugAntibodies;
use super::concentrations::Concentrations;
use super::exposures::{ImportedMetricValues, NamedTable};
use super::questionnaires::Questionnaire;
use super::subject::found;
pub use super::subject::{AnalysisSets, BaselineValue, BaselineVariable, Subject, SubjectColumns, TreatmentStatus};
use crate::data::{DatasetName, DecisionLog};
use crate::quantity::{Date, Rows};

/// Position of a subject in [`AnalysisData::subjects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubjectIndex(pub usize);

/// Position of a dosage in the settings' list of dosages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DosageIndex(pub usize);

/// Position of a study part in the settings' list of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartIndex(pub usize);

/// Everything that the analyses read. A dataset that is absent is `None`; one that is present and empty is an empty list.
#[derive(Debug, Clone, Default)]
pub struct AnalysisData {
    /// Subjects in the order of ADSL.
    pub subjects: Vec<Subject>,
    /// Baseline variables found in ADSL; [`Subject::baseline`] is parallel to it.
    pub baseline_variables: Vec<BaselineVariable>,
    /// Names of the ADSL columns that were used, by meaning.
    pub subject_columns: SubjectColumns,
    /// Adverse events.
    pub adverse_events: Option<AdverseEvents>,
    /// Dosing.
    pub dosing: Option<Dosing>,
    /// Concentrations.
    pub concentrations: Option<Concentrations>,
    /// Samples for anti-drug antibodies.
    pub antibodies: Option<AntiDrugAntibodies>,
    /// Pharmacokinetic parameters.
    pub pk_parameters: Option<Vec<PkParameter>>,
    /// Best overall response and visit responses.
    pub responses: Option<Vec<Response>>,
    /// Tumour measurements.
    pub tumour: Option<Vec<TumourMeasurement>>,
    /// Times to event.
    pub times_to_event: Option<Vec<TimeToEvent>>,
    /// Questionnaires of the project file that have records.
    pub questionnaires: Option<Vec<Questionnaire>>,
    /// Columns that were read, by dataset, in the order of reading: of ADRS, ADTR, ADTTE and ADPP.
    pub columns_read: BTreeMap<DatasetName, Vec<String>>,
    /// Subjects with at least one record, and the rows, for datasets that are only counted so far (ADPC, ADQS, ADBM, ADAB, ADLB, ADEG).
    pub presence: BTreeMap<DatasetName, BTreeMap<SubjectIndex, Rows>>,
    /// Records of the parameters that the project file names as ordinal and continuous outcomes.
    pub measurements: BTreeMap<DatasetName, Measurements>,
    /// The log of escalation decisions.
    pub decisions: Option<DecisionLog>,
    /// Columns that analyses of exposure and response name, by dataset; ADER, ADEE and ADES are read nowhere else.
    pub named_tables: BTreeMap<DatasetName, NamedTable>,
    /// Exposures of a population analysis, by table and metric.
    pub imported_exposures: Vec<ImportedMetricValues>,
}

/// Adverse events and how they were read.
#[derive(Debug, Clone, Default)]
pub struct AdverseEvents {
    /// One per record of ADAE that belongs to a known subject.
    pub events: Vec<AdverseEvent>,
    /// Column that gave the grade (`AETOXGR`, `ATOXGR`, `ATOXGRN`), or the severity it was mapped from (`AESEV`), if any.
    pub grade_column: Option<String>,
    /// Whether grades are severities: MILD 1, MODERATE 2, SEVERE 3, LIFE THREATENING 4, FATAL 5.
    pub grade_from_severity: bool,
    /// Column of relatedness, with the values that count as related.
    pub related_column: Option<String>,
    /// Values that count as related, as found.
    pub related_values: Vec<String>,
    /// Column of the action taken, if it has any value.
    pub action_column: Option<String>,
    /// Values of the action taken, as found, by what they mean.
    pub action_values: BTreeMap<DoseAction, Vec<String>>,
    /// Column of the treatment-emergent flag; where absent, events that start on or after the first dose count.
    pub emergent_column: Option<String>,
    /// Column of the dose-limiting toxicity flag.
    pub dlt_column: Option<String>,
    /// Column of the seriousness flag.
    pub serious_column: Option<String>,
    /// Column of the outcome.
    pub outcome_column: Option<String>,
    /// Column of the flag of events that led to death.
    pub death_column: Option<String>,
    /// Column of the preferred term; of the reported term where events are not coded.
    pub term_column: Option<String>,
    /// Column of the date of the start.
    pub start_column: Option<String>,
    /// Column of the study day of the start.
    pub start_day_column: Option<String>,
    /// Adverse event groups of special interest: label, and the terms or the column value that make it.
    pub interest_groups: Vec<InterestGroup>,
}

impl AdverseEvents {
    /// The columns that the study day of an event's start comes from.
    #[must_use]
    pub fn day_columns(&self) -> Vec<String> {
        found([&self.start_day_column, &self.start_column])
    }
}

/// A group of events of special interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterestGroup {
    /// Name for fact ids.
    pub id: String,
    /// Label in tables.
    pub label: String,
    /// How it was recognised, for the slice: `AESI = HEPATOTOXICITY`.
    pub filter: String,
}

/// One adverse event record.
#[derive(Debug, Clone)]
pub struct AdverseEvent {
    /// Row in ADAE.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Preferred term.
    pub term: String,
    /// System organ class.
    pub body_system: Option<String>,
    /// CTCAE grade 1 to 5.
    pub grade: Option<u8>,
    /// Serious.
    pub serious: bool,
    /// Related to treatment.
    pub related: bool,
    /// Led to death: outcome fatal, death flag or grade 5.
    pub fatal: bool,
    /// Action taken with the drug.
    pub action: Option<DoseAction>,
    /// Treatment-emergent.
    pub emergent: bool,
    /// Dose-limiting toxicity.
    pub dlt: bool,
    /// Positions in [`AdverseEvents::interest_groups`].
    pub interest: Vec<usize>,
    /// Start.
    pub start: Option<Date>,
    /// End.
    pub end: Option<Date>,
    /// Study day of the start (first dose is day 1), from ASTDY or from the dates.
    pub start_day: Option<i32>,
    /// Study day of the end.
    pub end_day: Option<i32>,
}

/// What was done with the drug because of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoseAction {
    /// Dose not changed.
    NotChanged,
    /// Dose (or rate) reduced.
    Reduced,
    /// Drug interrupted.
    Interrupted,
    /// Drug withdrawn.
    Withdrawn,
    /// Dose increased.
    Increased,
    /// Not applicable, unknown or not evaluable.
    Unknown,
}

/// Dosing and how it was read.
#[derive(Debug, Clone, Default)]
pub struct Dosing {
    /// Dataset the intervals came from.
    pub dataset: Option<DatasetName>,
    /// Stretches of constant dosing, by subject and start. Empty where ADEX holds only summaries.
    pub intervals: Vec<DosingInterval>,
    /// Dosing summary per subject, recomputed from the intervals where there are any, otherwise taken from the data.
    pub summaries: Vec<DosingSummary>,
    /// Columns that the intervals were read from.
    pub columns: Vec<String>,
    /// Subjects whose summary in the data disagrees with the recomputed one by more than the tolerance, with both relative dose
    /// intensities.
    pub disagreements: Vec<IntensityDisagreement>,
}

/// A stretch of days on one dose.
#[derive(Debug, Clone, PartialEq)]
pub struct DosingInterval {
    /// Row in the dosing dataset.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Drug, where the data name it. A subject may have stretches of several drugs; [`DosingSummary::drug`] says which is summarised.
    pub drug: Option<String>,
    /// First study day (first dose is day 1).
    pub start_day: i32,
    /// Last study day, included.
    pub end_day: i32,
    /// Dose given at each administration; 0 is an interruption.
    pub dose: f64,
    /// Dose planned at each administration.
    pub planned: Option<f64>,
    /// Days between administrations: 1 for QD, 21 for Q3W.
    pub days_between_doses: f64,
    /// Administrations in each dosing day: 2 for BID.
    pub doses_per_day: f64,
    /// Whether doses follow a schedule; otherwise the stretch is one administration, and the days between doses are its length.
    pub regular: bool,
    /// Unit of the dose, as in the data.
    pub unit: Option<String>,
    /// Reason for the change, as in the data.
    pub reason: Option<String>,
    /// Whether the change was because of an adverse event.
    pub for_adverse_event: bool,
}

/// Dosing of one subject.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DosingSummary {
    /// Subject.
    pub subject: SubjectIndex,
    /// Rows it rests on.
    pub rows: Rows,
    /// Drug that is summarised, where the data name it.
    pub drug: Option<String>,
    /// Duration of treatment in days, from the first dose to the last; for doses more than a day apart, to the day before the next one
    /// would be due, but not beyond death or data cut-off.
    pub duration_days: Option<f64>,
    /// Dose taken in all.
    pub cumulative_dose: Option<f64>,
    /// Dose that the plan meant for the same time.
    pub planned_dose: Option<f64>,
    /// Relative dose intensity in percent: 100 x cumulative / planned.
    pub relative_intensity: Option<f64>,
    /// Interruptions: stretches of dose 0 after the first dose, one that follows the last dose included.
    pub interruptions: Option<u32>,
    /// Days of these interruptions in all.
    pub interrupted_days: Option<f64>,
    /// Reductions below the starting dose (each step down counts).
    pub reductions: Option<u32>,
    /// Interruptions because of an adverse event.
    pub interruptions_adverse_event: Option<u32>,
    /// Reductions because of an adverse event.
    pub reductions_adverse_event: Option<u32>,
    /// Study day of the first interruption or reduction because of an adverse event.
    pub first_modification_day: Option<i32>,
    /// Relative dose intensity in percent by cycle, cycle 1 first, as far as treatment lasted; `None` in a cycle without planned dose.
    pub intensity_by_cycle: Vec<Option<f64>>,
    /// Whether the planned dose was taken on every dosing day of a cycle, parallel to `intensity_by_cycle`.
    pub full_dose_by_cycle: Vec<Option<bool>>,
}

impl Default for SubjectIndex {
    fn default() -> Self {
        Self(usize::MAX)
    }
}

/// Two values of one relative dose intensity that differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntensityDisagreement {
    /// Subject.
    pub subject: SubjectIndex,
    /// Given in the data, percent.
    pub given: f64,
    /// Recomputed from the dosing intervals, percent.
    pub recomputed: f64,
}

/// One pharmacokinetic parameter of one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct PkParameter {
    /// Row in ADPP.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Parameter code, for example `AUCSS`.
    pub code: String,
    /// Parameter name.
    pub label: String,
    /// Analyte or category, as in the data.
    pub category: Option<String>,
    /// Specimen: plasma, urine.
    pub specimen: Option<String>,
    /// Visit or profile day.
    pub visit: Option<String>,
    /// Value.
    pub value: Option<f64>,
    /// Unit.
    pub unit: Option<String>,
    /// Whether it belongs in summaries; `false` where the data exclude it (PPSUMFL = N).
    pub in_summary: bool,
}

/// What a response record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResponseKind {
    /// Response at a visit.
    Visit,
    /// Best overall response, confirmation not required.
    Best,
    /// Best overall response, confirmed.
    ConfirmedBest,
    /// Objective response yes/no, confirmation not required.
    Objective,
    /// Objective response yes/no, confirmed.
    ConfirmedObjective,
}

/// Who assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assessor {
    /// Investigator.
    Investigator,
    /// Blinded independent central review.
    IndependentReview,
}

/// A response category of RECIST 1.1, or what stands for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResponseCategory {
    /// Complete response.
    Complete,
    /// Partial response.
    Partial,
    /// Stable disease.
    Stable,
    /// Neither complete response nor progression (no measurable disease).
    NonCrNonPd,
    /// Progressive disease.
    Progressive,
    /// Not evaluable.
    NotEvaluable,
    /// No assessment.
    Missing,
    /// A yes of a yes/no record.
    Yes,
    /// A no of a yes/no record.
    No,
}

/// One response record.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Row in ADRS.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// What it is about.
    pub kind: ResponseKind,
    /// Who assessed.
    pub assessor: Assessor,
    /// Parameter code in the data.
    pub parameter: String,
    /// Category.
    pub category: ResponseCategory,
    /// Date of the assessment.
    pub date: Option<Date>,
    /// Study day.
    pub day: Option<i32>,
}

/// One sum of tumour diameters.
#[derive(Debug, Clone, PartialEq)]
pub struct TumourMeasurement {
    /// Row in ADTR.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Who assessed.
    pub assessor: Assessor,
    /// Whether it is the baseline record.
    pub baseline: bool,
    /// Study day.
    pub day: Option<i32>,
    /// Change from baseline in percent, from the data or computed.
    pub percent_change: Option<f64>,
    /// Sum of diameters, mm.
    pub value: Option<f64>,
}

/// Records of parameters of one dataset, with the columns that were read.
#[derive(Debug, Clone, Default)]
pub struct Measurements {
    /// In the order of the dataset.
    pub records: Vec<Measurement>,
    /// Names in the data, in the order of reading.
    pub columns: Vec<String>,
}

/// One record of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Row of the dataset.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Parameter code.
    pub code: String,
    /// Its name.
    pub label: String,
    /// Unit of the value.
    pub unit: Option<String>,
    /// Visit.
    pub visit: Option<String>,
    /// Study day.
    pub day: Option<i32>,
    /// Whether it is a baseline record.
    pub baseline: bool,
    /// Value.
    pub value: Option<f64>,
    /// Change from baseline.
    pub change: Option<f64>,
    /// Change from baseline in percent.
    pub percent_change: Option<f64>,
    /// Values of the columns that conditions name.
    pub conditions: BTreeMap<String, String>,
}

/// One time to event.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeToEvent {
    /// Row in ADTTE.
    pub row: u32,
    /// Subject.
    pub subject: SubjectIndex,
    /// Parameter code, for example `PFS`.
    pub code: String,
    /// Parameter name.
    pub label: String,
    /// Time in days.
    pub days: f64,
    /// Whether the event happened (CNSR = 0).
    pub event: bool,
    /// Event or censoring in words.
    pub description: Option<String>,
    /// Day 1 of the time, where the data give it.
    pub start: Option<Date>,
}
