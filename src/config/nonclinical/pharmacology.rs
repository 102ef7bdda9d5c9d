//! `in_vitro`, `efficacy_models`, `activity`, `mabel`, `receptor_occupancy`: what concentrations and doses do to the target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::concentration::ConcentrationUnit;
use super::species::Species;

fn one() -> f64 {
    1.0
}

fn dissociation_constant() -> String {
    "Kd".to_owned()
}

/// One potency in vitro.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Potency {
    /// Assay.
    #[schemars(length(min = 1))]
    pub assay: String,
    /// What the value is: `IC50`, `EC20`, `Kd`, ...
    #[schemars(length(min = 1))]
    pub parameter: String,
    /// Concentration.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub value: f64,
    /// Its unit.
    pub unit: ConcentrationUnit,
    /// Cells or system.
    pub system: Option<String>,
    /// Density of the target on the cells, in words.
    pub target_density: Option<String>,
    /// Largest effect, in words with its unit.
    pub emax: Option<String>,
    /// Number of donors.
    pub donors: Option<u32>,
    /// Cytokine release or another safety readout, in words.
    pub readout: Option<String>,
}

/// One efficacy model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EfficacyModel {
    /// Model, for example the xenograft.
    #[schemars(length(min = 1))]
    pub model: String,
    /// Species.
    pub species: Species,
    /// Dose in mg/kg.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub dose_mg_kg: f64,
    /// Schedule.
    pub schedule: Option<String>,
    /// Tumour growth inhibition in percent.
    #[serde(rename = "TGI_percent")]
    pub tgi_percent: Option<f64>,
    /// AUC over 24 h at the dose.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "AUC24_ng_h_mL")]
    pub auc24_ng_h_ml: Option<f64>,
    /// Whether the dose is the pharmacologically active dose that starting doses are compared with. Without this key in any model, every
    /// model is compared.
    pub pharmacologically_active: Option<bool>,
}

/// `activity`: the potency that stands for pharmacological activity in predicted exposure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Assay of `in_vitro`.
    pub assay: String,
    /// Parameter of that assay: `IC50` or `EC50`.
    pub parameter: String,
    /// Hill coefficient of the concentration-effect curve.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0, "x-origin" = "one site without cooperativity"))]
    pub hill: f64,
}

/// `mabel`: what the minimally anticipated biological effect level is derived from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MabelInputs {
    /// Assay of `in_vitro`.
    pub assay: String,
    /// Parameter of that assay: `Kd`, `EC50` or `IC50`.
    pub parameter: String,
    /// Share of the largest effect (or of the receptors) that counts as minimal; the sponsor's own figure, printed.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub fraction: f64,
    /// Hill coefficient of the concentration-effect curve.
    #[serde(default = "one")]
    #[schemars(extend("exclusiveMinimum" = 0, "x-origin" = "one site without cooperativity"))]
    pub hill: f64,
    /// Volume of distribution. Without this key `predicted_human.volume_L`, otherwise clearance times half-life / ln 2.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "volume_L")]
    pub volume_l: Option<f64>,
    /// Share of the dose that reaches the circulation. Without this key `predicted_human.bioavailability`, otherwise 1.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1))]
    pub bioavailability: Option<f64>,
    /// What the dose is divided by.
    #[serde(default = "one")]
    #[schemars(extend("minimum" = 1, "x-origin" = "the effect level itself, without a further margin"))]
    pub safety_factor: f64,
    /// Whether the concentration in vitro is divided by the unbound fraction in human plasma.
    #[serde(default)]
    #[schemars(extend("x-origin" = "without the correction the dose is lower"))]
    pub correct_for_binding: bool,
}

/// `receptor_occupancy`: what occupancy at planned doses is predicted from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OccupancyInputs {
    /// Assay of `in_vitro`.
    pub assay: String,
    /// Parameter of that assay.
    #[serde(default = "dissociation_constant")]
    #[schemars(extend("x-origin" = "occupancy follows from the dissociation constant"))]
    pub parameter: String,
    /// Total concentration of the receptor in nM; with it, ligand depletion is taken into account.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "receptor_total_nM")]
    pub receptor_total_nanomolar: Option<f64>,
    /// Occupancy that a dose is derived for, as a candidate starting dose.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub target_occupancy: Option<f64>,
    /// Whether the unbound concentration in plasma binds, by `plasma_protein_binding_percent_bound.human`.
    #[serde(default)]
    #[schemars(extend("x-origin" = "binding is not assumed to be known"))]
    pub unbound: bool,
}
