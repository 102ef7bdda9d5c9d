//! `nonclinical.yaml`: toxicology, potency and predicted human exposure, as the file that `starting_dose.nonclinical` names holds them.
//!
//! Every section may be left out; what is missing only makes fewer starting doses computable. [`read_nonclinical`] reads the file as the
//! project file is read: every fault at once, each with its place and a hint. Doses stand in mg/kg or mg/m² as the keys say, or are written
//! with their unit (`10 mg`); concentrations carry a unit; exposures are in ng·h/mL and ng/mL as the keys say.

mod concentration;
mod human;
mod pharmacology;
mod plan;
mod read;
mod sense;
mod species;
mod toxicology;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use concentration::ConcentrationUnit;
pub use human::{AnimalPharmacokinetics, HumanSize, OtherEstimate, PredictedHuman, PredictedParameter, ProposedStart};
pub use pharmacology::{Activity, EfficacyModel, MabelInputs, OccupancyInputs, Potency};
pub use plan::{
    DecisionRow, DoublingScheme, EscalationPlan, EscalationScheme, FibonacciScheme, LevelDefaults, PlannedLevel, Risk, StepUpDose,
};
pub use read::{NonclinicalFile, nonclinical_schema, read_nonclinical, read_nonclinical_text};
pub use species::Species;
pub use toxicology::{Relevance, StatedDose, ToxicityLevel, ToxicityStudy};

fn tenfold() -> f64 {
    10.0
}

/// How doses are carried from animals to humans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// By body surface: the same dose in mg/m².
    BodySurface,
    /// By body weight: the same dose in mg/kg.
    BodyWeight,
}

/// What makes a start at a minimal biological effect the choice, whatever the class of the molecule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hazard {
    /// It activates immune cells.
    ImmuneActivation,
    /// Cytokine release is expected.
    CytokineRelease,
    /// Its effect does not end with exposure.
    IrreversibleEffect,
    /// No animal species responds as humans do.
    NoRelevantSpecies,
    /// Nothing is known of the target in humans.
    NovelMechanism,
}

impl Hazard {
    /// The words in tables.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ImmuneActivation => "activation of immune cells",
            Self::CytokineRelease => "cytokine release",
            Self::IrreversibleEffect => "an effect that does not end with exposure",
            Self::NoRelevantSpecies => "no relevant animal species",
            Self::NovelMechanism => "a mechanism not known in humans",
        }
    }
}

/// The nonclinical package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "dosecase nonclinical file")]
pub struct Nonclinical {
    /// Name of the compound.
    pub compound: Option<String>,
    /// What kind of molecule it is, in words.
    pub modality: Option<String>,
    /// Molar mass; concentrations in mass units need it.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub molecular_weight_g_mol: Option<f64>,
    /// Target, in words.
    pub target: Option<String>,
    /// Route in humans, for example `oral` or `intravenous`.
    pub clinical_route: Option<String>,
    /// Schedule in humans, for example `QD`, `BID`, `QW`, `Q3W`.
    pub clinical_schedule: Option<String>,
    /// Hazards that make a start at a minimal biological effect the choice.
    #[serde(default)]
    pub hazards: Vec<Hazard>,
    /// How doses are carried from animals to humans. Without this key by body surface; by body weight for molecules of more than 100 kg/mol
    /// that are not antibody-drug conjugates.
    pub scaling: Option<Scaling>,
    /// The human that doses are converted to.
    #[serde(default)]
    pub human: HumanSize,
    /// What a human equivalent of the NOAEL is divided by.
    #[serde(default = "tenfold")]
    #[schemars(extend("minimum" = 1, "x-origin" = "default safety factor of the FDA guidance on starting doses, 2005"))]
    pub safety_factor: f64,
    /// Potencies in vitro.
    #[serde(default)]
    pub in_vitro: Vec<Potency>,
    /// Binding to plasma proteins in percent, by species; `human` among them.
    #[serde(default)]
    pub plasma_protein_binding_percent_bound: BTreeMap<String, f64>,
    /// Concentration in blood over that in plasma.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub blood_to_plasma_ratio: Option<f64>,
    /// Repeat-dose toxicity studies.
    #[serde(default)]
    pub repeat_dose_toxicity: Vec<ToxicityStudy>,
    /// Body-surface factors in kg/m² by species, `human_60kg` or `human` among them. Without an entry the factor of the FDA guidance.
    #[serde(default)]
    pub km_factors: BTreeMap<String, f64>,
    /// Efficacy models.
    #[serde(default)]
    pub efficacy_models: Vec<EfficacyModel>,
    /// Clearances of animals, for allometric scaling.
    #[serde(default)]
    pub animal_pharmacokinetics: Vec<AnimalPharmacokinetics>,
    /// Pharmacokinetics predicted for humans.
    pub predicted_human: Option<PredictedHuman>,
    /// The potency that stands for pharmacological activity.
    pub activity: Option<Activity>,
    /// What the minimally anticipated biological effect level is derived from.
    pub mabel: Option<MabelInputs>,
    /// What receptor occupancy is predicted from.
    pub receptor_occupancy: Option<OccupancyInputs>,
    /// Starting doses by methods that are not computed here.
    #[serde(default)]
    pub other_estimates: Vec<OtherEstimate>,
    /// The start that the package proposes.
    pub fih_starting_dose: Option<ProposedStart>,
    /// The planned levels.
    pub escalation_plan: Option<EscalationPlan>,
    /// What an observation at a level leads to.
    #[serde(default)]
    pub decision_map: Vec<DecisionRow>,
    /// Risks and what is done about them.
    #[serde(default)]
    pub risks: Vec<Risk>,
}

impl Nonclinical {
    /// The potency of an assay and a parameter, with its position in the file.
    #[must_use]
    pub fn potency(&self, assay: &str, parameter: &str) -> Option<(usize, &Potency)> {
        self.in_vitro.iter().enumerate().find(|(_, potency)| potency.assay == assay && potency.parameter == parameter)
    }

    /// The unbound fraction in plasma of a species or of `human`.
    #[must_use]
    pub fn unbound_fraction(&self, species: &str) -> Option<f64> {
        self.plasma_protein_binding_percent_bound.get(species).map(|bound| 1.0 - bound / 100.0)
    }
}
