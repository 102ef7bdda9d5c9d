//! `dosecase validate`.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::record::validate::{embedded_cases, read_cases, validate};

use super::exit::ExitStatus;
use super::report;

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dosecase validate\n  dosecase validate --cases my-cases --format json\n\nThe cases that are built in qualify an installation; --cases runs anybody's own. Exit code 1 when a case differs."
)]
pub(super) struct ValidateArguments {
    /// Folder of case files instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Form of the report
    #[arg(long, default_value = "text")]
    format: ReportFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ReportFormat {
    Text,
    Json,
    Html,
}

/// Runs reference cases on this installation.
pub(super) fn run(arguments: &ValidateArguments) -> anyhow::Result<ExitStatus> {
    let files = match &arguments.cases {
        Some(folder) => read_cases(folder)?,
        None => embedded_cases(),
    };
    let outcome = validate(&files);
    let format = if arguments.json { ReportFormat::Json } else { arguments.format };
    report::print(&match format {
        ReportFormat::Text => outcome.to_text(),
        ReportFormat::Json => outcome.to_json(),
        ReportFormat::Html => outcome.to_html(),
    })?;
    Ok(if outcome.passed() { ExitStatus::Done } else { ExitStatus::Findings })
}
