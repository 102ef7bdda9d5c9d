//! Where everything came from: files with hashes, versions, seed, defaults.

use serde::Serialize;

use crate::config::DefaultUsed;
use crate::quantity::Date;

/// The record of what a dossier was made from.
#[derive(Debug, Clone, Serialize)]
pub struct Provenance {
    /// Name and version of the program.
    pub program: String,
    /// File name of the project file.
    pub project_file: String,
    /// SHA-256 of the project file.
    pub project_sha256: String,
    /// The datasets that were read, in order of name.
    pub datasets: Vec<DatasetRecord>,
    /// Datasets that were looked for and not found, upper case.
    pub absent: Vec<String>,
    /// Seed of the random streams.
    pub seed: u64,
    /// Data cut-off.
    pub data_cutoff: Option<Date>,
    /// Every default that was used.
    pub defaults: Vec<DefaultUsed>,
    /// Every subject of ADSL, sorted: what two builds are compared by. Never printed in a dossier.
    pub subjects: Vec<String>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatasetRecord {
    /// Dataset, upper case.
    pub dataset: String,
    /// File, relative to the data folder, with forward slashes.
    pub file: String,
    /// Format in words.
    pub format: String,
    /// Number of data rows.
    pub rows: u64,
    /// Number of columns.
    pub columns: u64,
    /// Number of different subjects, where the dataset names subjects.
    pub subjects: Option<u64>,
    /// SHA-256 of the file.
    pub sha256: String,
}
