//! `starting_dose`: the nonclinical package and the dose that was chosen for the first patients.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::{DoseText, FilePath};
use crate::quantity::Dose;

/// `starting_dose` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartingDoseOptions {
    /// YAML file with toxicology, potency and predicted human exposure.
    #[schemars(with = "Option<FilePath>")]
    pub nonclinical: Option<PathBuf>,
    /// The dose chosen for the first patients.
    pub chosen: Option<DoseText>,
    /// Why this dose; printed, and required by the reviewer where it exceeds the smallest estimate.
    pub reason: Option<String>,
}

/// `starting_dose` as used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StartingDoseSettings {
    /// The nonclinical file, resolved against the project's folder.
    pub nonclinical: Option<PathBuf>,
    /// The dose chosen for the first patients.
    pub chosen: Option<Dose>,
    /// Why this dose.
    pub reason: Option<String>,
}

impl StartingDoseSettings {
    /// The settings of a project in the folder `root`.
    #[must_use]
    pub(crate) fn resolve(written: StartingDoseOptions, root: &Path) -> Self {
        Self {
            nonclinical: written.nonclinical.map(|path| root.join(path)),
            chosen: written.chosen.map(|dose| dose.0),
            reason: written.reason,
        }
    }
}
