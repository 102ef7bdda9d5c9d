//! Exposure-response: the probability of an event, its grade or its time against exposure.
//!
//! [`analyse`] takes the analyses that the project file asks for: `assembly` puts their data together, `binary_result` and `time_result` fit the
//! models and predict at each dosage.
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
mod condition;
mod confounding;
pub mod dose_response;
mod effect;
pub mod emax_posterior;
mod endpoint;
mod endpoint_table;
pub mod exposure_groups;
mod exposure_source;
mod gain;
mod late_exposure;
pub mod logistic_model;
mod model_average;
pub mod model_matrix;
pub mod ordinal;
mod pairs;
mod refusal;
mod result;
mod time_result;
pub mod time_to_event;

pub use assembly::{LeftOut, Sample, SampleSubject};
pub use binary_result::{BinaryResult, DosagePrediction, FittedModel, Gain};
pub use effect::{Effect, Saturation, Step};
pub use endpoint::{Aspect, EndpointSource, Outcome};
pub use exposure_source::{ExposureOrigin, ExposureSource};
pub use gain::ProbabilityDifference;
pub use refusal::Refusal;
pub use result::{ExposureResponseResult, Modelled, Models, analyse};
pub use time_result::{DosageTime, HazardRatio, Quartile, TimeModel, TimeResult};

pub use binary::{BinaryAnalysis, BinaryData, BinarySettings, ExposureForm, PredictedProbability, analyse_binary};
pub use bootstrap::{Bootstrap, BootstrapSettings, bootstrap};
pub use caution::{CONFOUNDING_CORRELATION, Caution, FEW_EVENTS, NARROW_RANGE, SLOPE_CHANGE, VERY_FEW_EVENTS};
pub use coefficient::LogRatio;
pub use ordinal::{OrdinalAnalysis, OrdinalData, analyse_ordinal};
pub use time_to_event::{TimeToEventAnalysis, TimeToEventData, analyse_time_to_event};
