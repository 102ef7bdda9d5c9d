//! Exposure-response: the probability of an event, its grade or its time against exposure.
//!
//! Plain functions on plain numbers. [`analyse_binary`] fits a binary outcome in several forms and collects the cautions that belong to it;
//! [`analyse_time_to_event`] and [`analyse_ordinal`] do the same for times and grades; [`bootstrap()`] refits a logistic model to drawn subjects; the Emax posteriors are in
//! [`emax_posterior`]. [`dose_response`] holds curves
//! of a continuous outcome, or of estimates per dose with their covariance, and MCP-Mod. Mathematics without clinical words is in [`crate::numerics`].

pub mod binary;
pub mod binary_emax;
mod bootstrap;
mod caution;
mod confounding;
pub mod dose_response;
pub mod emax_posterior;
pub mod exposure_groups;
pub mod logistic_model;
mod model_average;
pub mod model_matrix;
pub mod ordinal;
pub mod time_to_event;

pub use binary::{BinaryAnalysis, BinaryData, BinarySettings, ExposureForm, analyse_binary};
pub use bootstrap::{Bootstrap, BootstrapSettings, bootstrap};
pub use caution::{CONFOUNDING_CORRELATION, Caution, FEW_EVENTS, NARROW_RANGE, SLOPE_CHANGE, VERY_FEW_EVENTS};
pub use ordinal::{OrdinalAnalysis, OrdinalData, analyse_ordinal};
pub use time_to_event::{TimeToEventAnalysis, TimeToEventData, analyse_time_to_event};
