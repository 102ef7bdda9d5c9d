//! Why no project was written.

use std::io;
use std::path::PathBuf;

use crate::data::survey::SurveyError;

/// Why no project was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is a project file already.
    #[error("{} exists and is not overwritten; choose another folder, or remove it first", .0.display())]
    Exists(PathBuf),
    /// The folder for an example holds something.
    #[error("the folder {} is not empty; an example is written into a new or an empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// The folder of the project is a file.
    #[error("{} is a file; name a folder", .0.display())]
    NotAFolder(PathBuf),
    /// There is no such example.
    #[error("there is no example `{name}`; there is {known}")]
    UnknownExample {
        /// The name that was given.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// Data and an example were asked for together.
    #[error("`--data` and `--example` exclude each other: an example brings its own data")]
    DataAndExample,
    /// The data folder cannot be surveyed.
    #[error(transparent)]
    Survey(#[from] SurveyError),
    /// A path cannot be written in a project file.
    #[error("the path {} is not UTF-8 text and cannot be written in a project file", .0.display())]
    NotText(PathBuf),
    /// A file or folder cannot be written.
    #[error("{} cannot be written: {error}", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The project file that was made is refused by its own reader.
    #[error(
        "the project file that was made from these data is not sound, and was not written; this is a defect of dosecase, please report it:\n{0}"
    )]
    Unsound(String),
}

impl InitError {
    /// An error of the file system.
    pub(super) fn write(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::Write { path, error }
    }
}
