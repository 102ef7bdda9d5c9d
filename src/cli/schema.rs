//! `dosecase schema`.

use super::exit::ExitStatus;
use super::report;

/// Prints the JSON Schema of the project file.
pub(super) fn run() -> anyhow::Result<ExitStatus> {
    report::print_json(&crate::config::json_schema())?;
    Ok(ExitStatus::Done)
}
