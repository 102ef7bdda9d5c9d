//! Exposure-response: the probability of an event, its grade or its time against exposure.
//!
//! [`analyse`] takes the analyses that the project file asks for: `assembly` puts their data together, `binary_result` and `time_result` fit the
//! models and predict at each dosage. Of times, `time_groups` cuts the subjects by exposure, `time_matched` sets both ends of exposure against
//! controls, `time_varying` follows the daily dose, and `time_competing` allows for competing and recurrent events.
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
pub mod dose_response;
mod effect;
pub mod emax_posterior;
mod endpoint;
pub mod exposure_groups;
mod gain;
pub mod logistic_model;
mod model_average;
pub mod model_matrix;
pub mod ordinal;
mod pairs;
mod refusal;
mod result;
mod time_competing;
mod time_emax;
mod time_groups;
mod time_matched;
mod time_outcomes;
mod time_result;
pub mod time_to_event;
mod time_varying;

pub use assembly::{LeftOut, Sample, SampleSubject};
pub use binary_result::{BinaryResult, DosagePrediction, FittedModel, Gain};
pub use effect::{Effect, Saturation, Step};
pub use endpoint::{Aspect, EndpointSource, Outcome};
pub use gain::ProbabilityDifference;
pub use refusal::Refusal;
pub use result::{ExposureResponseResult, Modelled, Models, analyse};
pub use time_competing::{BandCurve, CompetingResult};
pub use time_emax::{TimeEmax, fit_time_emax};
pub use time_groups::{ExposureBand, ExposureBands, SUBJECTS_PER_GROUP, group_count, group_key, group_word};
pub use time_matched::{FEWEST_PAIRS, MatchedEnd, MatchedResult, NotMatched};
pub use time_outcomes::SAFETY_FOLLOW_UP_DAYS;
pub use time_result::{DosageTime, HazardRatio, HazardsTest, TimeModel, TimeResult};
pub use time_varying::OverTime;

pub use binary::{BinaryAnalysis, BinaryData, BinarySettings, ExposureForm, PredictedProbability, analyse_binary};
pub use bootstrap::{Bootstrap, BootstrapSettings, bootstrap};
pub use caution::{CONFOUNDING_CORRELATION, Caution, FEW_EVENTS, NARROW_RANGE, SLOPE_CHANGE, VERY_FEW_EVENTS};
pub use coefficient::LogRatio;
pub use ordinal::{OrdinalAnalysis, OrdinalData, analyse_ordinal};
pub use time_to_event::{TimeToEventAnalysis, TimeToEventData, analyse_time_to_event};
