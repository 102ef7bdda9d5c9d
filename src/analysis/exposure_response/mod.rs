//! Exposure-response: the probability of an event, its grade or its time against exposure.
//!
//! [`analyse`] takes the analyses that the project file asks for: `assembly` puts their data together, `binary_result`, `ordinal_result`,
//! `continuous_result` and `time_result` fit the models and predict at each dosage. [`analyse_doses`] takes the outcomes that it asks to be tested
//! over the doses.
//!
//! Beneath it stand plain functions on plain numbers. [`analyse_binary`] fits a binary outcome in several forms and collects the cautions that belong to it;
//! [`analyse_time_to_event`] and [`analyse_ordinal`] do the same for times and grades; [`bootstrap()`] refits a logistic model to drawn subjects; the Emax posteriors are in
//! [`emax_posterior`]. [`dose_response`] holds curves
//! of a continuous outcome, or of estimates per dose with their covariance, and MCP-Mod. Mathematics without clinical words is in [`crate::numerics`].

mod assembly;
pub mod binary;
pub mod binary_emax;
mod binary_result;
mod bootstrap;
mod caution;
mod coefficient;
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
pub mod exposure_groups;
mod gain;
pub mod logistic_model;
mod model_average;
pub mod model_matrix;
pub mod ordinal;
mod ordinal_result;
mod pairs;
mod proportionality;
mod refusal;
mod result;
mod time_result;
pub mod time_to_event;

pub use assembly::{LeftOut, Sample, SampleSubject};
pub use binary_result::{BinaryResult, DosagePrediction, FittedModel, Gain};
pub use continuous_result::{ContinuousModel, ContinuousResult, DosageMean, MeanDifference};
pub use dose_plan::PlannedPower;
pub use dose_refusal::DoseRefusal;
pub use dose_response_result::{DoseCurve, DoseFindings, DoseModel, DosePoint, DoseResponseResult, FoundDose, analyse_doses};
pub use dose_sample::{DoseLevel, DoseSample};
pub use effect::{Effect, Saturation, Step};
pub use endpoint::{Aspect, EndpointSource, Outcome};
pub use gain::ProbabilityDifference;
pub use ordinal_result::{AtLeast, DosageGrades, OrdinalModel, OrdinalResult};
pub use proportionality::{Proportionality, test_proportionality};
pub use refusal::Refusal;
pub use result::{ExposureResponseResult, Modelled, Models, analyse};
pub use time_result::{DosageTime, HazardRatio, Quartile, TimeModel, TimeResult};

pub use binary::{BinaryAnalysis, BinaryData, BinarySettings, ExposureForm, PredictedProbability, analyse_binary};
pub use bootstrap::{Bootstrap, BootstrapSettings, bootstrap};
pub use caution::{CONFOUNDING_CORRELATION, Caution, FEW_EVENTS, NARROW_RANGE, SLOPE_CHANGE, VERY_FEW_EVENTS};
pub use coefficient::LogRatio;
pub use ordinal::{OrdinalAnalysis, OrdinalData, analyse_ordinal};
pub use time_to_event::{TimeToEventAnalysis, TimeToEventData, analyse_time_to_event};
