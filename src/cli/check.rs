//! `dosecase check`.

use serde_json::json;

use crate::diagnostic::{Diagnostic, Severity};
use crate::pipeline::{self, Overrides, PipelineError};

use super::exit::{self, ExitStatus};
use super::report::{self, ProgressLine};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dosecase check my-project\n  dosecase check --json my-project > check.json\n\nExit code 3 when the data cannot be used as they are."
)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Print one JSON document (schema dosecase-check/1) with every row and every subject
    #[arg(long)]
    json: bool,
}

/// Prints what is wrong with project and data; writes nothing.
pub(super) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitStatus> {
    let progress = ProgressLine::new();
    let (diagnostics, status, failed) = match pipeline::read(&arguments.project.project, Overrides::default(), &|step| progress.show(step))
    {
        Ok(reading) => {
            let status = if reading.diagnostics.iter().any(Diagnostic::stops) { ExitStatus::Data } else { ExitStatus::Done };
            (reading.diagnostics, status, None)
        }
        Err(error) => {
            if !matches!(error, PipelineError::Config(_) | PipelineError::Data(_)) {
                return Err(error.into());
            }
            (error.diagnostics().to_vec(), exit::of_pipeline(&error), Some(error))
        }
    };
    drop(progress);
    if arguments.json {
        report::print_json(&json!({ "schema": "dosecase-check/1", "diagnostics": diagnostics, "findings": [] }))?;
    } else if let Some(error) = failed {
        return Err(error.into());
    } else {
        report::print(&format!("{}{}", report::diagnostics(&diagnostics), summary(&diagnostics)))?;
    }
    Ok(status)
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity: Severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let accepted = diagnostics.iter().filter(|diagnostic| diagnostic.accepted.is_some()).count();
    let stops = diagnostics.iter().filter(|diagnostic| diagnostic.stops()).count();
    let verdict = if stops == 0 { "The data can be used." } else { "The data cannot be used as they are." };
    format!(
        "{verdict} {} critical ({accepted} accepted), {} major, {} minor, {} for information.",
        count(Severity::Critical),
        count(Severity::Major),
        count(Severity::Minor),
        count(Severity::Info)
    )
}
