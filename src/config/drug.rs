//! `drug`: the drug, its class and the analytes that were measured.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The class of the molecule, which decides what evidence comes first and which rules weigh more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MolecularClass {
    /// Small molecule against a defined target.
    SmallMoleculeTargeted,
    /// Antibody-drug conjugate.
    Adc,
    /// Large-molecule antagonist, for example a checkpoint inhibitor.
    Antagonist,
    /// Immune agonist, for example a T-cell engager.
    Agonist,
    /// Drug with little activity of its own, studied in combination.
    LimitedSingleAgentActivity,
    /// Anything else: no class-specific rule is applied.
    #[default]
    Other,
}

impl MolecularClass {
    /// Whether the molecule is or holds a protein, so that antibodies against it are to be looked for.
    #[must_use]
    pub const fn is_biologic(self) -> bool {
        matches!(self, Self::Adc | Self::Antagonist | Self::Agonist)
    }
}

/// What an analyte is to the drug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnalyteRole {
    /// Antibody with payload.
    Conjugate,
    /// Antibody with or without payload.
    TotalAntibody,
    /// Payload that is not bound to the antibody.
    Payload,
    /// The drug as given.
    Parent,
    /// A metabolite.
    Metabolite,
}

impl AnalyteRole {
    /// The words in tables.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Conjugate => "conjugate",
            Self::TotalAntibody => "total antibody",
            Self::Payload => "unconjugated payload",
            Self::Parent => "parent drug",
            Self::Metabolite => "metabolite",
        }
    }
}

/// One analyte as written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnalyteOptions {
    /// Name printed in the dossier. Without this key the code is printed.
    pub name: Option<String>,
    /// Unit of its concentrations. Without this key the data's own unit is used.
    pub unit: Option<String>,
    /// Molar mass in g/mol.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub molar_mass: Option<f64>,
    /// What it is to the drug; printed.
    pub role: Option<AnalyteRole>,
}

/// `drug` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrugOptions {
    /// Name of the drug.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Class of the molecule.
    #[serde(default)]
    #[schemars(extend("x-origin" = "class not stated: no class-specific rule is applied"))]
    pub molecular_class: MolecularClass,
    /// Analytes by their code in the data.
    #[serde(default)]
    pub analytes: BTreeMap<String, AnalyteOptions>,
}

/// One analyte.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analyte {
    /// Name printed in the dossier.
    pub name: String,
    /// Unit of its concentrations.
    pub unit: Option<String>,
    /// Molar mass in g/mol.
    pub molar_mass: Option<f64>,
    /// What it is to the drug.
    pub role: Option<AnalyteRole>,
}

/// `drug` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrugSettings {
    /// Name of the drug.
    pub name: String,
    /// Class of the molecule.
    pub molecular_class: MolecularClass,
    /// Analytes by their code in the data.
    pub analytes: BTreeMap<String, Analyte>,
}

impl From<DrugOptions> for DrugSettings {
    fn from(written: DrugOptions) -> Self {
        let analytes = written.analytes.into_iter().map(|(code, analyte)| {
            let name = analyte.name.unwrap_or_else(|| code.clone());
            (code, Analyte { name, unit: analyte.unit, molar_mass: analyte.molar_mass, role: analyte.role })
        });
        Self { name: written.name, molecular_class: written.molecular_class, analytes: analytes.collect() }
    }
}
