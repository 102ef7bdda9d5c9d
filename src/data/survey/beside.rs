//! Files beside the data that sections of the project file name.

use std::path::{Path, PathBuf};

/// Names under which the decisions of an escalation are looked for.
const DECISIONS: [&str; 2] = ["dose_decisions.csv", "escalation_decisions.csv"];

/// Names under which the nonclinical package is looked for.
const NONCLINICAL: [&str; 2] = ["nonclinical.yaml", "nonclinical.yml"];

/// What was found beside the data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// The decisions of the escalation: `escalation.decisions`.
    pub decisions: Option<PathBuf>,
    /// The nonclinical package: `starting_dose.nonclinical`.
    pub nonclinical: Option<PathBuf>,
}

/// Looks in the data folder, in the folder that was named, and up to two folders above the data.
pub(super) fn beside(named: &Path, data: &Path) -> Beside {
    let above = data.ancestors().take(3).map(Path::to_path_buf);
    let folders: Vec<PathBuf> = above.chain([named.to_path_buf()]).collect();
    let find = |names: &[&str]| {
        let paths = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
        paths.into_iter().find(|path| path.is_file())
    };
    Beside { decisions: find(&DECISIONS), nonclinical: find(&NONCLINICAL) }
}
