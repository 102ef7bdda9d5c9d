//! `repeat_dose_toxicity`: the studies that starting doses are derived from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::species::Species;

/// Whether the drug acts in a species as it does in humans.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relevance {
    /// It binds and acts with comparable potency.
    #[default]
    Yes,
    /// It acts with lower potency, or on part of the pathway.
    Partial,
    /// It does not act there: the study says nothing of toxicity by the target.
    No,
}

impl Relevance {
    /// The word in tables.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partial => "in part",
            Self::No => "no",
        }
    }
}

/// One repeat-dose toxicity study. Doses stand in mg/kg, or in mg/m² where the key says so; give one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToxicityStudy {
    /// Species.
    pub species: Species,
    /// Strain, for example `cynomolgus`.
    pub strain: Option<String>,
    /// Number of the study; printed and used in fact ids.
    #[schemars(length(min = 1))]
    pub study: String,
    /// Whether it was done under Good Laboratory Practice. Without this key it is not said.
    pub glp: Option<bool>,
    /// Animals, sex and groups in words, for example `10/sex/group`.
    pub animals: Option<String>,
    /// Route, where the schedule does not name it.
    pub route: Option<String>,
    /// Schedule, for example `QD oral`.
    pub schedule: Option<String>,
    /// Days of dosing.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub duration_days: Option<f64>,
    /// Doses given, in mg/kg.
    #[serde(default)]
    pub doses_mg_kg: Vec<f64>,
    /// Highest dose without an adverse effect, in mg/kg.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "NOAEL_mg_kg")]
    pub noael_mg_kg: Option<f64>,
    /// The same in mg/m².
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "NOAEL_mg_m2")]
    pub noael_mg_m2: Option<f64>,
    /// Dose that is severely toxic to a tenth of the animals (rodents), in mg/kg.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "STD10_mg_kg")]
    pub std10_mg_kg: Option<f64>,
    /// The same in mg/m².
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "STD10_mg_m2")]
    pub std10_mg_m2: Option<f64>,
    /// Highest dose that is not severely toxic (non-rodents), in mg/kg.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "HNSTD_mg_kg")]
    pub hnstd_mg_kg: Option<f64>,
    /// The same in mg/m².
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "HNSTD_mg_m2")]
    pub hnstd_mg_m2: Option<f64>,
    /// The dose at which exposure is given, in mg/kg.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub key_dose_mg_kg: Option<f64>,
    /// AUC over 24 h at that dose.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "auc_at_key_dose_ng_h_mL")]
    pub auc_at_key_dose_ng_h_ml: Option<f64>,
    /// Highest concentration at that dose.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(rename = "cmax_at_key_dose_ng_mL")]
    pub cmax_at_key_dose_ng_ml: Option<f64>,
    /// Findings and target organs.
    #[serde(default)]
    pub findings: Vec<String>,
    /// Whether the findings went away, in words.
    pub reversibility: Option<String>,
    /// Whether the drug acts in this species as it does in humans.
    #[serde(default)]
    #[schemars(extend("x-origin" = "a species is taken to be pharmacologically relevant unless the file says otherwise"))]
    pub relevant: Relevance,
    /// Why the species is or is not relevant.
    pub relevance_reason: Option<String>,
}

/// A dose level that a study determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToxicityLevel {
    /// Highest dose without an adverse effect.
    Noael,
    /// Dose severely toxic to a tenth of the animals.
    Std10,
    /// Highest non-severely toxic dose.
    Hnstd,
}

/// A dose level as a study states it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StatedDose {
    /// In mg/kg.
    PerKilogram(f64),
    /// In mg/m².
    PerSquareMetre(f64),
}

impl ToxicityLevel {
    /// The word in tables and in the keys of the file.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Noael => "NOAEL",
            Self::Std10 => "STD10",
            Self::Hnstd => "HNSTD",
        }
    }
}

impl ToxicityStudy {
    /// The dose level that the study states, with the key it stands under.
    #[must_use]
    pub fn stated(&self, level: ToxicityLevel) -> Option<(StatedDose, &'static str)> {
        let (per_kilogram, per_square_metre, keys) = match level {
            ToxicityLevel::Noael => (self.noael_mg_kg, self.noael_mg_m2, ("NOAEL_mg_kg", "NOAEL_mg_m2")),
            ToxicityLevel::Std10 => (self.std10_mg_kg, self.std10_mg_m2, ("STD10_mg_kg", "STD10_mg_m2")),
            ToxicityLevel::Hnstd => (self.hnstd_mg_kg, self.hnstd_mg_m2, ("HNSTD_mg_kg", "HNSTD_mg_m2")),
        };
        let first = per_kilogram.map(|dose| (StatedDose::PerKilogram(dose), keys.0));
        first.or_else(|| per_square_metre.map(|dose| (StatedDose::PerSquareMetre(dose), keys.1)))
    }
}
