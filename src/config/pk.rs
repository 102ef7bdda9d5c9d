//! `pk`: rules of noncompartmental analysis and the exposures that doses are measured against.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exposure_import::{ImportedExposures, ImportedExposuresOptions};
use super::immunogenicity::ImmunogenicitySettings;
use super::pk_covariates::{CovariateOptions, CovariateSettings, NoEffectBounds};
use super::pk_population::{PopulationModelOptions, PopulationModelSettings};
use super::text::Duration;

/// Which times of samples the analysis uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SampleTimes {
    /// Planned times; the actual one where a sample has no other.
    #[default]
    Nominal,
    /// Times of sampling; the planned one where a sample has no other.
    Actual,
}

impl SampleTimes {
    /// The words under a table.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Nominal => "nominal times",
            Self::Actual => "actual times",
        }
    }
}

/// How the drug is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Administration {
    /// By mouth, under the skin or otherwise outside the vessels.
    #[default]
    Extravascular,
    /// Into a vein at once.
    IntravenousBolus,
    /// Into a vein over the given time, for example `0.5 h`.
    IntravenousInfusion(Duration),
}

/// How the area under the concentration-time curve is computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AucMethod {
    /// Linear while concentrations rise, logarithmic while they fall.
    #[default]
    LinUpLogDown,
    /// Linear everywhere.
    Linear,
    /// Linear up to the maximum, logarithmic after it.
    LinLog,
}

/// What becomes of a concentration below the limit of quantification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlqRule {
    /// Taken as zero.
    Zero,
    /// Left out.
    Drop,
    /// Taken as half the limit.
    HalfLimit,
}

fn zero() -> BlqRule {
    BlqRule::Zero
}

fn left_out() -> BlqRule {
    BlqRule::Drop
}

/// Concentrations below the limit of quantification, by where they stand in the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlqSettings {
    /// Before the first quantifiable sample.
    #[serde(default = "zero")]
    #[schemars(extend("x-origin" = "nothing has been absorbed yet"))]
    pub before_first: BlqRule,
    /// Between quantifiable samples.
    #[serde(default = "left_out")]
    #[schemars(extend("x-origin" = "a single low sample among quantifiable ones says little"))]
    pub between: BlqRule,
    /// After the last quantifiable sample.
    #[serde(default = "left_out")]
    #[schemars(extend("x-origin" = "the area ends at the last quantifiable sample"))]
    pub after_last: BlqRule,
}

impl Default for BlqSettings {
    fn default() -> Self {
        Self { before_first: zero(), between: left_out(), after_last: left_out() }
    }
}

fn three() -> usize {
    3
}

fn four_fifths() -> f64 {
    0.80
}

fn twenty_percent() -> f64 {
    20.0
}

/// When the terminal slope is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminalSlopeSettings {
    /// Fewest samples in the regression.
    #[serde(default = "three")]
    #[schemars(range(min = 3), extend("x-origin" = "customary in noncompartmental analysis"))]
    pub min_samples: usize,
    /// Smallest adjusted coefficient of determination.
    #[serde(default = "four_fifths")]
    #[schemars(extend("minimum" = 0, "maximum" = 1, "x-origin" = "threshold of rule DJ-E15"))]
    pub min_adjusted_r_squared: f64,
    /// Largest extrapolated share of the area, in percent.
    #[serde(default = "twenty_percent")]
    #[schemars(extend("minimum" = 0, "maximum" = 100, "x-origin" = "threshold of rule DJ-E15"))]
    pub max_extrapolated_percent: f64,
}

impl Default for TerminalSlopeSettings {
    fn default() -> Self {
        Self { min_samples: three(), min_adjusted_r_squared: four_fifths(), max_extrapolated_percent: twenty_percent() }
    }
}

fn ninety_percent() -> f64 {
    0.90
}

fn lower_limit() -> f64 {
    0.80
}

fn upper_limit() -> f64 {
    1.25
}

/// How dose proportionality is judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoseProportionalitySettings {
    /// Confidence level of the interval of the slope.
    #[serde(default = "ninety_percent")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "two one-sided 5% tests [Smith2000]"))]
    pub level: f64,
    /// Lower limit of the ratio of dose-normalised means.
    #[serde(default = "lower_limit")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1, "x-origin" = "customary acceptance range [Smith2000]"))]
    pub lower: f64,
    /// Upper limit of the ratio of dose-normalised means.
    #[serde(default = "upper_limit")]
    #[schemars(extend("exclusiveMinimum" = 1, "x-origin" = "customary acceptance range [Smith2000]"))]
    pub upper: f64,
}

impl Default for DoseProportionalitySettings {
    fn default() -> Self {
        Self { level: ninety_percent(), lower: lower_limit(), upper: upper_limit() }
    }
}

/// An exposure that dosages are measured against: an efficacious one, a safety limit, a published one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceExposure {
    /// Name printed in tables and figures.
    #[schemars(length(min = 1))]
    pub label: String,
    /// Parameter code, for example `AUCTAU` or `CTROUGH`.
    #[schemars(length(min = 1))]
    pub parameter: String,
    /// Analyte code. Without this key the only analyte.
    pub analyte: Option<String>,
    /// The value.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub value: f64,
    /// Its unit.
    pub unit: Option<String>,
    /// Where it comes from; printed.
    pub source: Option<String>,
}

/// `pk` as written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PkOptions {
    /// Which times of samples the analysis uses.
    #[serde(default)]
    #[schemars(extend("x-origin" = "subjects sampled at planned times have comparable profiles"))]
    pub times: SampleTimes,
    /// How the drug is given.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the data do not tell it: state it for drugs that are given into a vein"))]
    pub route: Administration,
    /// Time since the first dose from which doses count as at steady state. Without this key 7 days, or five dosing intervals where these are
    /// longer.
    pub steady_state_from: Option<Duration>,
    /// How the area under the curve is computed.
    #[serde(default)]
    #[schemars(extend("x-origin" = "follows absorption and elimination; the customary choice"))]
    pub auc_method: AucMethod,
    /// Concentrations below the limit of quantification.
    #[serde(default)]
    pub blq: BlqSettings,
    /// When the terminal slope is trusted.
    #[serde(default)]
    pub terminal_slope: TerminalSlopeSettings,
    /// How dose proportionality is judged.
    #[serde(default)]
    pub dose_proportionality: DoseProportionalitySettings,
    /// Parameter codes of ADPP that are tabulated, in this order. Without this key every one in the data.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// Exposures that dosages are measured against.
    pub reference_exposure: Option<Vec<ReferenceExposure>>,
    /// Characteristics of patients whose effect on exposure is estimated.
    #[schemars(extend(
        "x-default" = "those of AGE, AGEGR1, SEX, RACE, ETHNIC, REGION1, WTBL, ECOG, ALBBL, CRCL, EGFR, RENIMP and HEPIMP that ADSL holds",
        "x-origin" = "the intrinsic factors that labelling asks for [FDA-POPPK]"
    ))]
    pub covariates: Option<Vec<CovariateOptions>>,
    /// Bounds that the ratios of exposure between subgroups are held against.
    #[serde(default)]
    pub no_effect_bounds: NoEffectBounds,
    /// How anti-drug antibodies are classified and when they are pointed out.
    #[serde(default)]
    pub immunogenicity: ImmunogenicitySettings,
    /// A population model, from which exposures under other dosages are simulated: `{file: pop_pk.yaml}` or `{inline: {...}}`.
    pub population_model: Option<PopulationModelOptions>,
    /// Tables of exposures of a population analysis, one value per subject and metric.
    #[serde(default)]
    pub imported_exposures: Vec<ImportedExposuresOptions>,
}

/// `pk` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PkSettings {
    /// Which times of samples the analysis uses.
    pub times: SampleTimes,
    /// How the drug is given.
    pub route: Administration,
    /// Time since the first dose from which doses count as at steady state, where the project states it.
    pub steady_state_from: Option<Duration>,
    /// How the area under the curve is computed.
    pub auc_method: AucMethod,
    /// Concentrations below the limit of quantification.
    pub blq: BlqSettings,
    /// When the terminal slope is trusted.
    pub terminal_slope: TerminalSlopeSettings,
    /// How dose proportionality is judged.
    pub dose_proportionality: DoseProportionalitySettings,
    /// Parameter codes of ADPP that are tabulated; empty for all.
    pub parameters: Vec<String>,
    /// Exposures that dosages are measured against.
    pub reference_exposure: Option<Vec<ReferenceExposure>>,
    /// Characteristics of patients whose effect on exposure is estimated; `None` for the customary ones.
    pub covariates: Option<Vec<CovariateSettings>>,
    /// Bounds that the ratios of exposure between subgroups are held against.
    pub no_effect_bounds: NoEffectBounds,
    /// How anti-drug antibodies are classified and when they are pointed out.
    pub immunogenicity: ImmunogenicitySettings,
    /// The population model, where the project has one.
    pub population_model: Option<PopulationModelSettings>,
    /// Tables of exposures of a population analysis.
    pub imported_exposures: Vec<ImportedExposures>,
}

impl PkSettings {
    /// The settings of a project in the folder `root`.
    #[must_use]
    pub(crate) fn resolve(written: PkOptions, root: &Path) -> Self {
        let imported = written.imported_exposures.into_iter().map(|table| ImportedExposures::resolve(table, root));
        Self {
            times: written.times,
            route: written.route,
            steady_state_from: written.steady_state_from,
            auc_method: written.auc_method,
            blq: written.blq,
            terminal_slope: written.terminal_slope,
            dose_proportionality: written.dose_proportionality,
            parameters: written.parameters,
            reference_exposure: written.reference_exposure,
            covariates: written.covariates.map(|covariates| covariates.into_iter().map(Into::into).collect()),
            no_effect_bounds: written.no_effect_bounds,
            immunogenicity: written.immunogenicity,
            // Read by the reader of the project file, because it may stand in a file of its own.
            population_model: None,
            imported_exposures: imported.collect(),
        }
    }
}
