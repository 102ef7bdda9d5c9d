//! `pk.population_model`: a population model of concentrations, as it was reported, and the regimens whose exposures it is asked for.
//!
//! The model stands in the project file (`inline`) or in a file of its own (`file`). Subjects differ log-normally around the typical values;
//! covariates change these by powers and factors. Residual error is no part of an exposure and is not asked for.

mod parameter;
mod read;
mod regimen;
mod sense;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::{Duration, FilePath};

pub use parameter::{
    ClearanceUnit, LagUnit, NoUnit, ParameterName, ParameterUnit, PopulationParameter, PopulationParameters, RateUnit, StatedParameter,
    VolumeUnit,
};
pub(super) use read::resolve;
pub use regimen::{DoseStep, ExposureName, RegimenStatement, SimulatedMetric};
pub(super) use sense::faults;

fn thousand() -> u32 {
    1_000
}

fn hundred() -> u32 {
    100
}

/// `pk.population_model` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PopulationModelOptions {
    /// A YAML file that holds the model.
    File(#[schemars(with = "FilePath")] PathBuf),
    /// The model itself.
    Inline(Box<PopulationModel>),
}

/// `pk.population_model` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PopulationModelSettings {
    /// The model.
    pub model: PopulationModel,
    /// The file that holds it, with its text; `None` where it stands in the project file.
    pub file: Option<PopulationModelFile>,
}

/// The file of a population model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PopulationModelFile {
    /// Its path.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// How the drug enters the central volume.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PopulationRoute {
    /// By first-order absorption: by mouth, under the skin.
    Absorption,
    /// At once into a vein.
    Bolus,
    /// Into a vein over the given time, for example `1 h`.
    Infusion(Duration),
}

/// Correlation of two parameters between subjects.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterCorrelation {
    /// One parameter.
    pub first: ParameterName,
    /// The other.
    pub second: ParameterName,
    /// Correlation of their logarithms.
    #[schemars(extend("exclusiveMinimum" = -1, "exclusiveMaximum" = 1))]
    pub value: f64,
}

/// The effect of a covariate on a parameter.
///
/// ```text
/// power    parameter * (covariate / reference)^power
/// factor   parameter * factor where the covariate has the value
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CovariateEffect {
    /// The parameter.
    pub on: ParameterName,
    /// Column of the subject-level dataset, or a name of `covariates`.
    #[schemars(length(min = 1))]
    pub column: String,
    /// Exponent of the covariate over `reference`.
    pub power: Option<f64>,
    /// Covariate of the typical subject, for `power`.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub reference: Option<f64>,
    /// What the parameter is multiplied by where the covariate has `value`: the exponential of the coefficient.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub factor: Option<f64>,
    /// The value of a categorical covariate that `factor` belongs to.
    pub value: Option<String>,
}

/// The distribution of a covariate, where it is not that of the trial's subjects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CovariateDistribution {
    /// Median of a log-normal covariate.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub median: Option<f64>,
    /// Its coefficient of variation in percent.
    #[schemars(extend("minimum" = 0))]
    pub cv_percent: Option<f64>,
    /// Smallest value; smaller ones become it.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub at_least: Option<f64>,
    /// Largest value; larger ones become it.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub at_most: Option<f64>,
    /// Shares of the values of a categorical covariate; they are scaled to a sum of 1.
    #[serde(default)]
    pub shares: BTreeMap<String, f64>,
}

/// Clearance that changes over time on treatment.
///
/// ```text
/// emax          CL(t) = CL (1 + change t / (half_time + t))
/// exponential   CL(t) = CL (1 + change (1 - 2^(-t / half_time)))
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeVaryingClearance {
    /// A hyperbola.
    Emax(ClearanceChange),
    /// An exponential approach.
    Exponential(ClearanceChange),
}

/// How much and how fast a clearance changes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearanceChange {
    /// Relative change in the end, for example -0.25.
    #[schemars(extend("exclusiveMinimum" = -1))]
    pub change: f64,
    /// Time by which half of it has come about.
    pub half_time: Duration,
}

/// What food changes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoodEffect {
    /// Bioavailability with food over that without.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub bioavailability: f64,
    /// Absorption rate with food over that without. Without this key 1.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub absorption_rate: Option<f64>,
}

/// Covariance of the estimates of typical values, on the scale of their logarithms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimateCovariance {
    /// The parameters, in the order of rows and columns.
    #[schemars(length(min = 1))]
    pub of: Vec<ParameterName>,
    /// The matrix, row by row.
    #[schemars(length(min = 1))]
    pub rows: Vec<Vec<f64>>,
}

/// A population model with the regimens to simulate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "dosecase population model")]
pub struct PopulationModel {
    /// The report that the parameters are taken from; printed under every exhibit of the simulation.
    #[schemars(length(min = 1))]
    pub source: String,
    /// Analyte code that the model is of. Without this key the only analyte.
    pub analyte: Option<String>,
    /// Number of compartments.
    #[schemars(range(min = 1, max = 2))]
    pub compartments: u8,
    /// How the drug enters the central volume.
    pub route: PopulationRoute,
    /// Typical values, variability between subjects and uncertainty.
    pub parameters: PopulationParameters,
    /// Correlations between subjects. Without this key none.
    #[serde(default)]
    pub correlations: Vec<ParameterCorrelation>,
    /// Effects of covariates. Without this key none.
    #[serde(default)]
    pub covariate_effects: Vec<CovariateEffect>,
    /// Distributions of covariates by column. A covariate without one is drawn from the subjects of the trial, all covariates of one subject
    /// together.
    #[serde(default)]
    pub covariates: BTreeMap<String, CovariateDistribution>,
    /// Clearance that changes over time on treatment. Without this key it does not.
    pub time_varying_clearance: Option<TimeVaryingClearance>,
    /// What food changes; regimens with `with_food` need it.
    pub food: Option<FoodEffect>,
    /// Covariance of the estimates, instead of `rse_percent`.
    pub estimate_covariance: Option<EstimateCovariance>,
    /// Unit of concentrations in the dossier. Without this key that of the analyte, otherwise ng/mL.
    pub concentration_unit: Option<String>,
    /// Which exposures parameter codes of the data stand for. Codes such as `AUCSS`, `CMAXSS`, `CTROUGH` and `CAVGSS` are known.
    #[serde(default)]
    pub exposures: Vec<ExposureName>,
    /// Regimens to simulate. Without this key the dosages of the drug.
    #[serde(default)]
    pub regimens: Vec<RegimenStatement>,
    /// Number of virtual subjects.
    #[serde(default = "thousand")]
    #[schemars(range(min = 100, max = 100_000), extend("x-origin" = "percentiles in the tails rest on 50 subjects"))]
    pub subjects: u32,
    /// Number of draws of the typical values, where their uncertainty is stated.
    #[serde(default = "hundred")]
    #[schemars(range(min = 20, max = 10_000), extend("x-origin" = "a Monte-Carlo error of the limits that is small against their width"))]
    pub uncertainty_draws: u32,
}

impl PopulationModel {
    /// Whether the uncertainty of a typical value is stated.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        let stated = |name: ParameterName| self.parameters.get(name).and_then(|stated| stated.rse_percent).is_some_and(|rse| rse > 0.0);
        self.estimate_covariance.is_some() || ParameterName::ALL.into_iter().any(stated)
    }

    /// The exposure that a parameter code of the data stands for.
    #[must_use]
    pub fn metric_of(&self, code: &str) -> Option<SimulatedMetric> {
        let named = self.exposures.iter().find(|name| name.parameter.eq_ignore_ascii_case(code)).map(|name| name.metric);
        named.or_else(|| SimulatedMetric::of_code(code))
    }
}
