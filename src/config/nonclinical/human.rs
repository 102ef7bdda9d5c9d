//! `human`, `predicted_human`, `animal_pharmacokinetics`: the human that doses are scaled to, and the pharmacokinetics predicted for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::species::Species;
use crate::config::text::DoseText;

fn sixty_kilograms() -> f64 {
    60.0
}

/// `human`: the size that doses per kilogram and per square metre are converted with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HumanSize {
    /// Body weight.
    #[serde(default = "sixty_kilograms")]
    #[schemars(extend("exclusiveMinimum" = 0, "x-origin" = "reference adult of the FDA guidance on starting doses, 2005"))]
    pub body_weight_kg: f64,
    /// Body surface. Without this key the weight over the human factor of 37 kg/m².
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub body_surface_m2: Option<f64>,
}

impl Default for HumanSize {
    fn default() -> Self {
        Self { body_weight_kg: sixty_kilograms(), body_surface_m2: None }
    }
}

/// `predicted_human`: pharmacokinetics predicted for humans, and the exposure expected to be effective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictedHuman {
    /// AUC over 24 h expected to be effective.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "efficacious_AUC24_ng_h_mL")]
    pub efficacious_auc24_ng_h_ml: Option<f64>,
    /// Half-life.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub half_life_h: Option<f64>,
    /// Clearance over bioavailability.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "CL_F_L_h")]
    pub cl_f_l_h: Option<f64>,
    /// Volume of distribution over bioavailability. Without this key clearance times half-life / ln 2.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "volume_L")]
    pub volume_l: Option<f64>,
    /// Share of the dose that reaches the circulation.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1))]
    pub bioavailability: Option<f64>,
    /// Rate constant of absorption; peak and trough after oral doses need it.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub absorption_per_h: Option<f64>,
    /// Hours between doses. Without this key `clinical_schedule` tells it.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub dosing_interval_h: Option<f64>,
    /// How the parameters were predicted, in words.
    pub method: Option<String>,
    /// Single parameters with their own method and uncertainty.
    #[serde(default)]
    pub parameters: Vec<PredictedParameter>,
}

/// One predicted parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictedParameter {
    /// Parameter: `CL`, `Vss`, `F`, ...
    #[schemars(length(min = 1))]
    pub parameter: String,
    /// Value.
    pub value: f64,
    /// Unit.
    pub unit: String,
    /// Lower end of its uncertainty.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// How it was predicted: allometry, in vitro to in vivo extrapolation, ...
    pub method: Option<String>,
}

/// One animal clearance for allometric scaling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnimalPharmacokinetics {
    /// Species.
    pub species: Species,
    /// Body weight of the animals.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub weight_kg: f64,
    /// Clearance.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "clearance_L_h")]
    pub clearance_l_h: f64,
    /// Study.
    pub study: Option<String>,
}

/// `fih_starting_dose`: the start that the nonclinical package proposes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposedStart {
    /// Dose in mg.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub proposed_mg: Option<f64>,
    /// What it rests on, in words.
    pub basis: Option<String>,
}

/// `other_estimates`: a starting dose by a method that is not computed here, for example a PK/PD model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherEstimate {
    /// Method in words.
    #[schemars(length(min = 1))]
    pub method: String,
    /// The dose it gives.
    pub dose: DoseText,
    /// Report it stands in.
    pub source: Option<String>,
    /// Whether the choice of the starting dose rests on it.
    #[serde(default)]
    #[schemars(extend("x-origin" = "a method that the program does not know is shown for comparison"))]
    pub decides: bool,
}
