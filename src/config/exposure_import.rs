//! `pk.imported_exposures`: post hoc exposures of a population analysis, as its software wrote them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exposure_basis::ExposureBasis;
use super::text::FilePath;

/// The software that wrote a table of exposures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PopulationSoftware {
    /// NONMEM: a table file of `$TABLE` with its header, or the same as delimited text.
    Nonmem,
    /// nlmixr2: delimited text.
    Nlmixr2,
    /// Monolix or Simulx: delimited text.
    Monolix,
    /// Any other: delimited text or another format of a dataset.
    Other,
}

impl PopulationSoftware {
    /// Its name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Nonmem => "NONMEM",
            Self::Nlmixr2 => "nlmixr2",
            Self::Monolix => "Monolix",
            Self::Other => "other software",
        }
    }
}

/// What ADSL calls the subjects that the table names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectMatch {
    /// Unique subject identifier, as text.
    #[default]
    Usubjid,
    /// Subject identifier within the study; numbers are compared as numbers, so that `0012` is 12.
    Subjid,
    /// The number in the last piece of the unique subject identifier: `STUDY-01-0012` is 12.
    LastNumber,
}

impl SubjectMatch {
    /// What is compared, in words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Usubjid => "USUBJID",
            Self::Subjid => "SUBJID",
            Self::LastNumber => "the number that ends USUBJID",
        }
    }
}

/// Which of several rows of a subject counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedRows {
    /// The value has to be the same in every row.
    #[default]
    Constant,
    /// The first row with a value.
    First,
    /// The last row with a value.
    Last,
}

/// The column that identifies the subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedSubject {
    /// Column of the table, for example `ID`.
    #[schemars(length(min = 1))]
    pub column: String,
    /// What ADSL calls the same.
    #[serde(default)]
    #[schemars(extend("x-origin" = "the identifier by which all datasets are joined"))]
    pub matches: SubjectMatch,
}

/// One exposure metric of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedMetric {
    /// Column of the table. Without this key the code itself.
    pub column: Option<String>,
    /// Unit, for example `ng*h/mL`.
    pub unit: Option<String>,
    /// Name printed in the dossier. Without this key the code.
    pub label: Option<String>,
    /// How and when it was computed. Without this key that of the table.
    pub basis: Option<ExposureBasis>,
}

/// A table of exposures as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportedExposuresOptions {
    /// Name by which `exposure_response` refers to it: lower-case letters, digits and `_`, unique.
    #[schemars(extend("format" = "id"))]
    pub id: String,
    /// The table.
    #[schemars(with = "FilePath")]
    pub file: PathBuf,
    /// Software that wrote it.
    pub software: PopulationSoftware,
    /// Model and run, printed: `two-compartment model, run 112`.
    pub model: Option<String>,
    /// The column that identifies the subject.
    pub subject: ImportedSubject,
    /// Exposure metrics by code, for example `AUCSS`.
    #[schemars(extend("minProperties" = 1))]
    pub metrics: BTreeMap<String, ImportedMetric>,
    /// How the metrics were computed, printed: `area over the last dosing interval of cycle 2 from empirical Bayes estimates`.
    pub definition: Option<String>,
    /// How and when the metrics were computed, as a closed choice; decides which cautions apply. Without this key it is judged by the code.
    pub basis: Option<ExposureBasis>,
    /// Which of several rows of a subject counts.
    #[serde(default)]
    #[schemars(extend("x-origin" = "a metric has one value in a subject; where it has several, the project must say which counts"))]
    pub repeated: RepeatedRows,
}

/// A table of exposures as used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportedExposures {
    /// Name by which analyses refer to it.
    pub id: String,
    /// The table, resolved against the project's folder.
    pub file: PathBuf,
    /// Software that wrote it.
    pub software: PopulationSoftware,
    /// Model and run.
    pub model: Option<String>,
    /// The column that identifies the subject.
    pub subject: ImportedSubject,
    /// Exposure metrics by code.
    pub metrics: BTreeMap<String, ImportedMetric>,
    /// How the metrics were computed.
    pub definition: Option<String>,
    /// How and when they were computed, where the project states it.
    pub basis: Option<ExposureBasis>,
    /// Which of several rows of a subject counts.
    pub repeated: RepeatedRows,
}

impl ImportedExposures {
    /// The settings of a project in the folder `root`.
    #[must_use]
    pub(crate) fn resolve(written: ImportedExposuresOptions, root: &Path) -> Self {
        Self {
            id: written.id,
            file: root.join(written.file),
            software: written.software,
            model: written.model,
            subject: written.subject,
            metrics: written.metrics,
            definition: written.definition,
            basis: written.basis,
            repeated: written.repeated,
        }
    }

    /// Name of the table among the datasets, in slices and provenance.
    #[must_use]
    pub fn dataset(&self) -> String {
        format!("EXPOSURES {}", self.id.to_uppercase())
    }
}
