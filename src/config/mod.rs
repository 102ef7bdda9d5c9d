//! The project file: `dosecase.yaml` as written (options) and as used ([`Settings`]).
//!
//! One file per section holds both. [`read_project`] reads a file, says everything that is wrong with it at once, and gives a
//! [`Project`]; [`json_schema`] describes the file to editors; [`RunContext`] is the only door to date, seed and paths.

mod companion;
mod context;
mod data;
mod decision;
mod design;
mod dosages;
mod dossier;
mod drug;
mod escalation;
mod exposure_response;
mod grouping;
mod intervals;
pub mod nonclinical;
mod patient_reported;
mod pk;
mod plan;
mod populations;
mod project;
pub mod scenarios;
mod schema;
mod sense;
mod settings;
mod source;
mod starting_dose;
mod text;
mod tolerability;
mod utility;

pub use context::RunContext;
pub use data::{Acceptance, DATASETS, DataSettings, is_dataset};
pub use decision::{Answer, DecisionSettings};
pub use design::{
    BfBoinOptions, BlrmOptions, BlrmPrior, Boin12Options, BoinOptions, CrmModel, CrmOptions, CrmRestriction, DesignOptions,
    FollowUpWeights, IntervalDesignOptions, SkeletonCalibration, StopRule, ThreePlusThreeOptions, TiteBoinOptions, TiteBoinVariant,
    TiteCrmOptions,
};
pub use dosages::{Dosage, Part};
pub use dossier::{DocumentKind, DossierSettings, Jurisdiction};
pub use drug::{Analyte, DrugSettings, MolecularClass};
pub use escalation::{EscalationSettings, ToxicityScenario};
pub use exposure_response::{Endpoint, EndpointKind, ExposureModel, ExposureResponse};
pub use grouping::{GroupingSettings, TreatmentBasis};
pub use intervals::IntervalSettings;
pub use patient_reported::{
    AfterDiscontinuation, AfterDoseChange, Better, Instrument, Intercurrent, Item, PatientReportedSettings, Scoring,
};
pub use pk::{
    Administration, AucMethod, BlqRule, BlqSettings, DoseProportionalitySettings, PkSettings, ReferenceExposure, SampleTimes,
    TerminalSlopeSettings,
};
pub use plan::{Margin, MarginScale, PlanSettings, PlannedAnalysis};
pub use populations::{Population, PopulationSettings};
pub use project::{ConfigErrors, PROJECT_FILE, Project, read_project, read_project_text};
pub use schema::{json_schema, key_paths};
pub use settings::{DefaultUsed, Settings};
pub use source::ProjectSource;
pub use starting_dose::StartingDoseSettings;
pub use text::{DoseText, Duration};
pub use tolerability::{AesiGroup, TolerabilitySettings};
pub use utility::{Aggregation, Attribute, Elicitation, UtilitySettings, ValueFunction, ValuePoint, Veto, WeightsSource};
