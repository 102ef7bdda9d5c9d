//! The arguments of `init`.

use std::path::PathBuf;

use super::super::exit::ExitStatus;
use super::super::report;
use super::{InitError, InitOptions, init};
use crate::data::survey::SurveyError;

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dosecase init my-project --data /data/adam\n  dosecase init trial --example zeltorafib && dosecase build trial"
)]
pub(in crate::cli) struct InitArguments {
    /// Folder of the project; made where it does not exist
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Look at the datasets in this folder and fill in what they say; every guess is marked
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Write out a complete runnable project: zeltorafib
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    example: Option<String>,
}

/// Writes the project and says what was found.
pub(in crate::cli) fn run(arguments: InitArguments) -> anyhow::Result<ExitStatus> {
    let options = InitOptions { dir: arguments.dir, data: arguments.data, example: arguments.example };
    match init(&options) {
        Ok(written) => {
            report::print(&written.to_string())?;
            Ok(ExitStatus::Done)
        }
        Err(error) => {
            report::tell(&format!("error: {error}"));
            Ok(status(&error))
        }
    }
}

fn status(error: &InitError) -> ExitStatus {
    match error {
        InitError::Survey(SurveyError::NoFolder(_) | SurveyError::NotText(_)) => ExitStatus::Usage,
        InitError::Survey(_) => ExitStatus::Data,
        InitError::Unsound(_) => ExitStatus::Defect,
        _ => ExitStatus::Usage,
    }
}
