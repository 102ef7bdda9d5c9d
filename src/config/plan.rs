//! `plan`: what was planned, where it is written and when the data were seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::DateText;
use crate::quantity::Date;

/// An analysis whose planning differs from the rest of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedAnalysis {
    /// Id of the analysis, for example `orr_auc` of `exposure_response`, or `utility`.
    pub id: String,
    /// Whether it was planned before the data were seen; otherwise it is printed as post hoc.
    pub planned: bool,
    /// Document that plans it. Without this key the plan's own.
    pub document: Option<String>,
    /// Version of that document.
    pub version: Option<String>,
    /// Date of that version.
    #[schemars(with = "Option<DateText>")]
    pub date: Option<Date>,
}

/// The scale of a margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarginScale {
    /// Difference of two proportions or means.
    Difference,
    /// Ratio of two geometric means or proportions.
    Ratio,
    /// Odds ratio.
    OddsRatio,
    /// Hazard ratio.
    HazardRatio,
}

/// A non-inferiority margin that was set before the data were seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Margin {
    /// Endpoint, for example `orr` or `pfs`.
    pub endpoint: String,
    /// The largest loss that is accepted, on the scale.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub margin: f64,
    /// The scale of the margin.
    pub scale: MarginScale,
    /// How it was justified.
    #[schemars(length(min = 1))]
    pub reason: String,
}

/// `plan`, the same as written and as used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanSettings {
    /// Id of the analysis plan.
    pub document: Option<String>,
    /// Version of the plan, as text.
    pub version: Option<String>,
    /// Date of that version.
    #[schemars(with = "Option<DateText>")]
    pub date: Option<Date>,
    /// First date on which anybody deciding on the dosage saw unblinded data.
    #[schemars(with = "Option<DateText>")]
    pub data_access: Option<Date>,
    /// Analyses that are planned elsewhere or were not planned.
    #[serde(default)]
    pub analyses: Vec<PlannedAnalysis>,
    /// Non-inferiority margins; without one the dossier makes no such claim.
    #[serde(default)]
    pub margins: Vec<Margin>,
}
