//! Dose-response curves and MCP-Mod.
//!
//! Eight shapes ([`DoseResponseModel`]) are fitted to single responses by least squares or to estimates per dose with their covariance by
//! generalised least squares ([`DoseResponseData`]); the search covers the whole range of the parameters, so that a local optimum is not
//! taken for the best fit. A fit gives the curve, its effect over placebo with intervals, and target doses, which are never extrapolated
//! ([`TargetDose`]). [`run_mcpmod`] tests for a dose-response signal with optimal contrasts and, only where there is one, selects or averages the
//! models behind it; [`power`] plans such a trial. What the reader must know beside a number is a [`Caution`]; what prevents one is a
//! [`DoseResponseError`].

mod bootstrap;
mod bounds;
mod candidate;
mod contrast;
mod contrast_test;
mod curve;
mod data;
mod error;
mod fit;
mod guesstimate;
mod mcpmod;
mod model;
pub mod power;
mod target_dose;
#[cfg(test)]
mod tests;

pub use bootstrap::{CurveBand, Resampling, bootstrap_curves, percentile_band};
pub use bounds::{ModelBounds, default_bounds};
pub use candidate::{CandidateShape, Direction, ExpectedEffect};
pub use contrast::OptimalContrasts;
pub use contrast_test::{ContrastTest, ShapeTest, test_contrasts};
pub use curve::{CurvePoint, DoseResponseCurve};
pub use data::{Covariate, DoseEstimates, DoseObservations, DoseResponseData};
pub use error::{Caution, DoseResponseError};
pub use fit::{DoseResponseFit, FitSettings, Goodness, fit};
pub use guesstimate::{Belief, GuesstimateError, Reference, ShareOfEffect, guesstimate};
pub use mcpmod::{AveragedDose, McpModPlan, McpModResult, ModelFit, run_mcpmod};
pub use model::{DoseResponseModel, Scaling};
pub use target_dose::TargetDose;
