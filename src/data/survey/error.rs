//! Why nothing can be found in a data folder.

use std::path::{Path, PathBuf};

use super::folder::Choice;

/// Why a data folder cannot be surveyed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurveyError {
    /// There is no such folder.
    #[error("there is no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// The path of the folder cannot be written in a project file.
    #[error("the path {} is not UTF-8 text and cannot be written in a project file", .0.display())]
    NotText(PathBuf),
    /// No file of the folder is a dataset.
    #[error("{} holds no dataset: files are found by the names of ADaM datasets, for example adsl.xpt, adae.parquet or adpc.csv", .0.display())]
    NoDataset(PathBuf),
    /// There is no subject-level dataset that can be read.
    #[error("{} holds no ADSL that can be read: {detail}", .folder.display())]
    NoAdsl {
        /// The folder.
        folder: PathBuf,
        /// What was found instead.
        detail: String,
    },
    /// ADSL names no arm.
    #[error(
        "ADSL names no arm: none of {looked_for} holds the text of one{similar}; write the project file by hand and name the column of the arm \
         under `data.columns.adsl.planned_arm`"
    )]
    NoArm {
        /// The columns that were looked for.
        looked_for: String,
        /// Columns that may be meant, as the end of a clause.
        similar: String,
    },
}

impl SurveyError {
    /// The error for a folder without a usable ADSL.
    pub(super) fn no_adsl(folder: &Path, choice: &Choice) -> Self {
        let mut detail: Vec<String> = choice.left_out.iter().map(|file| format!("{} ({})", file.file, file.reason)).collect();
        if detail.is_empty() {
            detail = choice.files.iter().map(|file| file.file.clone()).collect();
        }
        detail.truncate(8);
        Self::NoAdsl {
            folder: folder.to_path_buf(),
            detail: if detail.is_empty() { "nothing was found".to_owned() } else { detail.join("; ") },
        }
    }
}
