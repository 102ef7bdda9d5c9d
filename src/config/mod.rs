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
mod dose_response;
mod dossier;
mod drug;
mod escalation;
mod exposure_basis;
mod exposure_import;
mod exposure_response;
mod exposure_response_bayesian;
mod grouping;
mod immunogenicity;
mod intervals;
pub mod nonclinical;
mod patient_reported;
mod pk;
mod pk_covariates;
mod pk_population;
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
pub use dose_response::{CandidateModel, DoseResponse, DoseResponsePlan, ModelSelection, ResponseDirection, ShareAtDose};
pub use dossier::{DocumentKind, DossierSettings, Jurisdiction};
pub use drug::{Analyte, AnalyteRole, DrugSettings, MolecularClass};
pub use escalation::{EscalationSettings, ToxicityScenario};
pub use exposure_basis::ExposureBasis;
pub use exposure_import::{ImportedExposures, ImportedMetric, ImportedSubject, PopulationSoftware, RepeatedRows, SubjectMatch};
pub use exposure_response::{
    Endpoint, EndpointAspect, EndpointKind, ExposureModel, ExposureOverTime, ExposureResponse, ModelChoice, Pick, SlopeInterval, Statistic,
    TieHandling,
};
pub use exposure_response_bayesian::{BayesianPriors, BayesianSettings, PriorSettings};
pub use grouping::{GroupingSettings, TreatmentBasis};
pub use immunogenicity::{ImmunogenicitySettings, TitreScale};
pub use intervals::IntervalSettings;
pub use patient_reported::{
    AfterDiscontinuation, AfterDoseChange, Better, Instrument, Intercurrent, Item, PatientReportedSettings, Scoring,
};
pub use pk::{
    Administration, AucMethod, BlqRule, BlqSettings, DoseProportionalitySettings, PkSettings, ReferenceExposure, SampleTimes,
    TerminalSlopeSettings,
};
pub use pk_covariates::{CovariateSettings, NoEffectBounds};
pub use pk_population::{
    ClearanceChange, ClearanceUnit, CovariateDistribution, CovariateEffect, DoseStep, EstimateCovariance, ExposureName, FoodEffect,
    LagUnit, NoUnit, ParameterCorrelation, ParameterName, ParameterUnit, PopulationModel, PopulationModelFile, PopulationModelSettings,
    PopulationParameter, PopulationParameters, PopulationRoute, RateUnit, RegimenStatement, SimulatedMetric, StatedParameter,
    TimeVaryingClearance, VolumeUnit,
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
