//! Tables of exposures of a population analysis that `pk.imported_exposures` names: one value per subject and metric.
//!
//! Delimited text (of nlmixr2, Monolix and others) and every other format of a dataset is read as datasets are; table files of NONMEM have a reader of
//! their own. The subjects of the table are found in ADSL by the identifier that the project file names.

mod nonmem;
mod reading;
mod subjects;

use std::collections::BTreeMap;

pub(super) use reading::read_imported_exposures;

/// The values of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedExposure {
    /// Code of the metric.
    pub code: String,
    /// Column of the table.
    pub column: String,
    /// 1-based data row and value by USUBJID.
    pub values: BTreeMap<String, (u32, f64)>,
}

/// A table, read and matched to the subjects of ADSL.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedTable {
    /// Name by which analyses refer to it.
    pub id: String,
    /// Name among the datasets.
    pub dataset: String,
    /// The file's name.
    pub file: String,
    /// Its format in words.
    pub format: String,
    /// SHA-256 of the file as it is stored.
    pub sha256: String,
    /// Its data rows; lines of headers do not count.
    pub rows: u64,
    /// Its columns.
    pub columns: u64,
    /// Its different subjects.
    pub subjects: u64,
    /// Column that identifies the subject.
    pub subject_column: String,
    /// The metrics, by code.
    pub exposures: Vec<ImportedExposure>,
}
