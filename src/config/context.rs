//! The only door to date, seed and paths.

use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::quantity::Date;

/// What a run may know of the world: no clock, no environment, no working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunContext {
    /// Date printed on the document.
    pub report_date: Option<Date>,
    /// Seed of every random stream.
    pub seed: u64,
    /// Folder of the project file.
    pub root: PathBuf,
}

impl RunContext {
    /// A path of the project: relative ones are taken from its folder, absolute ones as they are.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }
}

impl From<&Settings> for RunContext {
    fn from(settings: &Settings) -> Self {
        Self { report_date: settings.dossier.date, seed: settings.seed, root: settings.root.clone() }
    }
}
