//! `data`: where the datasets are and where they differ from the CDISC standard.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::{DatasetReference, FolderPath, OneOrMany};

/// The standard datasets by lower-case name. Questionnaires may have any name that begins with `adqs`.
pub const DATASETS: [&str; 24] = [
    "adsl", "adab", "adae", "adbm", "adcm", "addv", "adee", "adeg", "ader", "ades", "adex", "adexday", "adexsum", "adlb", "admh", "adpc",
    "adpp", "adppk", "adqs", "adrs", "adtr", "adtrr", "adtte", "advs",
];

/// Whether a lower-case name is that of a dataset.
#[must_use]
pub fn is_dataset(name: &str) -> bool {
    DATASETS.contains(&name) || name.starts_with("adqs")
}

/// A diagnostic about the data that the sponsor has seen and accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// Code of the diagnostic, as `dosecase check` prints it.
    #[schemars(length(min = 1))]
    pub code: String,
    /// Why it is acceptable; printed in the dossier.
    #[schemars(length(min = 1))]
    pub reason: String,
}

fn data_folder() -> PathBuf {
    PathBuf::from("data")
}

fn missing_codes() -> Vec<String> {
    [".", "NA", "N/A", "NaN"].map(str::to_owned).to_vec()
}

/// `data` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataOptions {
    /// Folder of the datasets, relative to the project file or absolute.
    #[serde(default = "data_folder")]
    #[schemars(with = "FolderPath", extend("x-origin" = "the folder of this name beside the project file"))]
    pub path: PathBuf,
    /// File names by standard dataset name, where they differ: `{adsl: my_adsl.parquet}`, one name or a list.
    #[serde(default)]
    #[schemars(extend("x-keys" = "dataset"))]
    pub datasets: BTreeMap<String, OneOrMany>,
    /// Column names by dataset and role, only what differs from the standard: `{adsl: {dose: DOSEP}}`.
    #[serde(default)]
    #[schemars(extend("x-keys" = "dataset"))]
    pub columns: BTreeMap<String, BTreeMap<String, String>>,
    /// Diagnostics that are accepted, each with the reason that is printed.
    #[serde(default)]
    pub accept: Vec<Acceptance>,
    /// Texts that mean "missing" in numeric columns, besides the empty cell.
    #[serde(default = "missing_codes")]
    #[schemars(extend("x-origin" = "the codes seen in public ADaM and NONMEM files; an empty cell is always missing"))]
    pub missing_codes: Vec<String>,
    /// Dataset whose subjects are those of the trial, where there is no ADSL: the first row of each subject stands for its row of ADSL, and
    /// `columns.adsl` says what the columns are called.
    #[schemars(extend("format" = "dataset"))]
    pub subjects_from: Option<String>,
    /// Datasets without a subject identifier whose rows are a subject each, known by the number of the row.
    #[serde(default)]
    #[schemars(with = "Vec<DatasetReference>")]
    pub subject_per_row: Vec<String>,
}

impl Default for DataOptions {
    fn default() -> Self {
        Self {
            path: data_folder(),
            datasets: BTreeMap::new(),
            columns: BTreeMap::new(),
            accept: Vec::new(),
            missing_codes: missing_codes(),
            subjects_from: None,
            subject_per_row: Vec::new(),
        }
    }
}

/// `data` as used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataSettings {
    /// Folder of the datasets, resolved against the project's folder.
    pub path: PathBuf,
    /// File names by lower-case standard dataset name.
    pub datasets: BTreeMap<String, Vec<String>>,
    /// Column names by lower-case dataset name and role.
    pub columns: BTreeMap<String, BTreeMap<String, String>>,
    /// Diagnostics that are accepted, with the reason.
    pub accept: Vec<Acceptance>,
    /// Texts that mean "missing" in numeric columns.
    pub missing_codes: Vec<String>,
    /// Dataset whose subjects are those of the trial, lower case, where there is no ADSL.
    pub subjects_from: Option<String>,
    /// Datasets whose rows are a subject each, lower case.
    pub subject_per_row: Vec<String>,
}

impl DataSettings {
    /// The settings of a project in the folder `root`.
    #[must_use]
    pub(crate) fn resolve(written: DataOptions, root: &Path) -> Self {
        let datasets = written.datasets.into_iter().map(|(name, files)| (name.to_lowercase(), files.0));
        let columns = written.columns.into_iter().map(|(name, roles)| {
            let roles = roles.into_iter().map(|(role, column)| (role.to_lowercase(), column));
            (name.to_lowercase(), roles.collect())
        });
        Self {
            path: root.join(written.path),
            datasets: datasets.collect(),
            columns: columns.collect(),
            accept: written.accept,
            missing_codes: written.missing_codes,
            subjects_from: written.subjects_from.map(|name| name.to_lowercase()),
            subject_per_row: written.subject_per_row.iter().map(|name| name.to_lowercase()).collect(),
        }
    }
}
