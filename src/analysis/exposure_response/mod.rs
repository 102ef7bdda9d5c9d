//! Exposure-response: the probability of an event, its grade or its time against exposure.
//!
//! [`analyse`] takes the analyses that the project file asks for: `assembly` puts their data together, `binary_result`, `ordinal_result`,
//! `continuous_result` and `time_result` fit the models and predict at each dosage; [`alternatives`] predicts under regimens that were simulated. Of
//! times, `time_groups` cuts the subjects by exposure, `time_matched` sets both ends of exposure against controls, `time_varying` follows the daily
//! dose, and `time_competing` allows for competing and recurrent events. [`analyse_doses`] takes the outcomes that are to be tested over the doses.
//!
//! Beneath it stand plain functions on plain numbers. [`analyse_binary`] fits a binary outcome in several forms and collects the cautions that belong to it;
//! [`analyse_time_to_event`] and [`analyse_ordinal`] do the same for times and grades; [`bootstrap()`] refits a logistic model to drawn subjects; the Emax posteriors are in
//! [`emax_posterior`], the densities of the sampled models in [`bayesian_curve`]. [`dose_response`] holds curves
//! of a continuous outcome, or of estimates per dose with their covariance, and MCP-Mod. Mathematics without clinical words is in [`crate::numerics`].

pub mod alternatives;
mod assembly;
mod bayesian;
pub mod bayesian_curve;
mod bayesian_form;
mod bayesian_model;
mod bayesian_rows;
pub mod binary;
pub mod binary_emax;
mod binary_result;
mod bootstrap;
mod candidate_bootstrap;
mod caution;
mod check;
mod coefficient;
mod condition;
mod confounding;
mod continuous_result;
mod dose_plan;
mod dose_refusal;
pub mod dose_response;
mod dose_response_result;
mod dose_sample;
mod effect;
pub mod emax_posterior;
mod endpoint;
mod endpoint_table;
pub mod exposure_groups;
mod exposure_source;
mod fit;
mod gain;
mod influence;
mod late_exposure;
pub mod logistic_model;
mod model_average;
mod model_choice;
pub mod model_matrix;
pub mod ordinal;
mod ordinal_result;
mod pairs;
mod proportionality;
mod refusal;
mod result;
mod safety_outcomes;
mod sensitivity;
mod time_competing;
mod time_emax;
mod time_groups;
mod time_matched;
mod time_outcomes;
mod time_result;
pub mod time_to_event;
mod time_varying;

pub use assembly::{LeftOut, Sample, SampleSubject};
pub use bayesian::{BayesianAnalysis, BayesianRefusal, PredictionGap};
pub use bayesian_form::BayesianForm;
pub use bayesian_model::{
    BayesianModel, ChainReport, Computation, CrossValidation, DosagePosterior, FEW_DRAWS, HIGH_RHAT, ParameterPosterior,
    PosteriorDifference, PosteriorSummary,
};
pub use bayesian_rows::{BayesianParameter, Contrast};
pub use binary_result::{BinaryResult, DosagePrediction, FittedModel, Gain};
pub use check::{Check, CheckKind, CheckOutcome, LEFT_OUT, Threshold};
pub use continuous_result::{ContinuousModel, ContinuousResult, DosageMean, MeanDifference};
pub use dose_plan::PlannedPower;
pub use dose_refusal::DoseRefusal;
pub use dose_response_result::{DoseCurve, DoseFindings, DoseModel, DosePoint, DoseResponseResult, FoundDose, analyse_doses};
pub use dose_sample::{DoseLevel, DoseSample};
pub use effect::{Effect, Parabola, Saturation, Step};
pub use endpoint::{Aspect, EndpointSource, Outcome};
pub use exposure_source::{ExposureOrigin, ExposureSource};
pub use fit::{CalibrationGroup, Discrimination, FitChecks, SMALL_EXPECTATION, TENTHS_FROM};
pub use gain::ProbabilityDifference;
pub use influence::Influence;
pub use ordinal_result::{AtLeast, DosageGrades, OrdinalModel, OrdinalResult};
pub use proportionality::{Proportionality, test_proportionality};
pub use refusal::Refusal;
pub use result::{ExposureResponseResult, Modelled, Models, analyse};
pub use safety_outcomes::{SafetyKind, SafetyOutcome, analyse_safety};
pub use time_competing::{BandCurve, CompetingResult};
pub use time_emax::{TimeEmax, fit_time_emax};
pub use time_groups::{ExposureBand, ExposureBands, SUBJECTS_PER_GROUP, group_count, group_key, group_word};
pub use time_matched::{FEWEST_PAIRS, MatchedEnd, MatchedResult, NotMatched};
pub use time_outcomes::SAFETY_FOLLOW_UP_DAYS;
pub use time_result::{DosageTime, HazardRatio, HazardsTest, TimeModel, TimeResult};
pub use time_varying::OverTime;

pub use binary::{BinaryAnalysis, BinaryData, BinarySettings, ExposureForm, PredictedProbability, analyse_binary};
pub use bootstrap::{Bootstrap, BootstrapSettings, bootstrap};
pub use candidate_bootstrap::{CandidateBootstrap, Percentiles, bootstrap_candidates};
pub use caution::{
    CONFOUNDING_CORRELATION, COOK_DISTANCE, Caution, FEW_EVENTS, INFLUENCE_CHANGE, NARROW_RANGE, SLOPE_CHANGE, VERY_FEW_EVENTS,
};
pub use coefficient::LogRatio;
pub use logistic_model::{Estimation, Profiled};
pub use model_choice::{Choice, Criterion, LARGER_FORM};
pub use ordinal::{OrdinalAnalysis, OrdinalData, analyse_ordinal};
pub use sensitivity::{GroupedModel, InteractionModel};
pub use time_to_event::{TimeToEventAnalysis, TimeToEventData, analyse_time_to_event};
