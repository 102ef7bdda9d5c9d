//! From validated datasets to the records that analyses read, one derivation per file.
//!
//! [`derive()`] begins with the subjects of ADSL ([`Subject`]: dosage planned and received, part, sets, dates, baseline). Every other
//! dataset is joined to them by USUBJID and by nothing else: treatment variables of other datasets are not read. Dosage received groups
//! safety and pharmacokinetics, dosage planned groups efficacy. What could not be understood comes back as diagnostics.

mod adverse_events;
mod anti_drug_antibodies;
mod baseline;
mod columns;
mod concentrations;
mod dose_action;
mod dosing;
mod dosing_records;
mod dosing_totals;
mod exposures;
mod frequency;
mod grade;
mod intensity;
mod interest_groups;
mod measurements;
mod parts;
mod pk_parameters;
mod presence;
mod questionnaires;
mod records;
mod relatedness;
mod response_category;
mod response_parameter;
mod responses;
mod roster;
mod subject;
mod subjects;
mod times_to_event;
mod treatment;
mod treatment_status;
mod tumour;
mod words;

pub use anti_drug_antibodies::{AntiDrugAntibodies, AntibodySample, Assay, GivenClass, GivenClassification};
pub use concentrations::{ConcentrationSample, Concentrations, DoseGiven, ExcludedSample, ExclusionReason, SampleResult};
pub use exposures::{ImportedMetricValues, NamedColumn, NamedTable};
pub(crate) use frequency::dosing_interval;
pub use questionnaires::{Answer, Questionnaire, QuestionnaireParameter, QuestionnaireVisit};
pub use records::{
    AdverseEvent, AdverseEvents, AnalysisData, AnalysisSets, Assessor, BaselineValue, BaselineVariable, DosageIndex, DoseAction, Dosing,
    DosingInterval, DosingSummary, IntensityDisagreement, InterestGroup, Measurement, Measurements, PartIndex, PkParameter, Response,
    ResponseCategory, ResponseKind, Subject, SubjectColumns, SubjectIndex, TimeToEvent, TreatmentStatus, TumourMeasurement,
};
pub(crate) use response_category::parse_category;

use std::collections::BTreeMap;

use crate::config::Settings;
use crate::data::{DatasetName, TrialData};
use crate::diagnostic::{Diagnostic, Warned};
use columns::Derived;
use roster::Roster;

/// Derives every analysis table of a trial.
///
/// A dataset that is absent gives `None`. Without ADSL there are no subjects and every other table is empty. Subjects keep the order of
/// ADSL, records the order of their dataset, dosing intervals the order of subject and start.
#[must_use]
pub fn derive(trial: &TrialData, settings: &Settings) -> Warned<AnalysisData> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let Some(adsl) = trial.get(DatasetName::Adsl) else {
        return Warned { value: AnalysisData::default(), diagnostics };
    };
    let subjects = subjects::derive_subjects(adsl, settings, &mut diagnostics);
    let roster = Roster::new(&subjects.subjects);
    let dataset = |name| trial.get(name);
    let adverse_events =
        dataset(DatasetName::Adae).map(|adae| adverse_events::derive_adverse_events(adae, &roster, settings, &mut diagnostics));
    let dosing = dosing::derive_dosing(trial, &roster, settings, &mut diagnostics);
    let pk_parameters = dataset(DatasetName::Adpp).map(|adpp| pk_parameters::derive_pk_parameters(adpp, &roster, &mut diagnostics));
    let concentrations = dataset(DatasetName::Adpc).map(|adpc| concentrations::derive_concentrations(adpc, &roster, settings));
    let antibodies = dataset(DatasetName::Adab).map(|adab| anti_drug_antibodies::derive_antibodies(adab, &roster));
    let responses = dataset(DatasetName::Adrs).map(|adrs| responses::derive_responses(adrs, &roster, &mut diagnostics));
    let tumour = dataset(DatasetName::Adtr).map(|adtr| tumour::derive_tumour(adtr, &roster));
    let times_to_event = dataset(DatasetName::Adtte).map(|adtte| times_to_event::derive_times_to_event(adtte, &roster, &mut diagnostics));
    let measurements = measurements::derive_measurements(trial, &roster, settings);
    let questionnaires = dataset(DatasetName::Adqs).map(|adqs| questionnaires::derive_questionnaires(adqs, &roster, settings));
    let presence = presence::derive_presence(trial, &roster);
    let named_tables = exposures::derive_named_tables(trial, &roster, settings);
    let imported_exposures = exposures::derive_imported(&trial.imported_exposures, &roster);
    let mut columns_read = BTreeMap::new();
    let value = AnalysisData {
        subjects: subjects.subjects,
        baseline_variables: subjects.baseline_variables,
        subject_columns: subjects.columns,
        adverse_events,
        dosing,
        concentrations,
        antibodies,
        pk_parameters: pk_parameters.map(|derived| keep(derived, DatasetName::Adpp, &mut columns_read)),
        responses: responses.map(|derived| keep(derived, DatasetName::Adrs, &mut columns_read)),
        tumour: tumour.map(|derived| keep(derived, DatasetName::Adtr, &mut columns_read)),
        times_to_event: times_to_event.map(|derived| keep(derived, DatasetName::Adtte, &mut columns_read)),
        questionnaires,
        presence,
        measurements,
        columns_read,
        decisions: trial.decisions.clone(),
        named_tables,
        imported_exposures,
    };
    Warned { value, diagnostics }
}

/// The records of a dataset; the columns they were read from are noted under its name.
fn keep<T>(derived: Derived<T>, name: DatasetName, columns_read: &mut BTreeMap<DatasetName, Vec<String>>) -> Vec<T> {
    columns_read.insert(name, derived.columns);
    derived.records
}
