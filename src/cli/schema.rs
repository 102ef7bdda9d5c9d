//! `dosecase schema`.

use super::exit::ExitStatus;
use super::report;

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dosecase schema > my-project/dosecase.schema.json\n  dosecase schema --scenarios > scenarios.schema.json\n\nEditors that know JSON Schema then complete and check the file."
)]
pub(super) struct SchemaArguments {
    /// The schema of the scenario file of `dosecase simulate` instead
    #[arg(long)]
    scenarios: bool,
}

/// Prints a JSON Schema.
pub(super) fn run(arguments: &SchemaArguments) -> anyhow::Result<ExitStatus> {
    let schema = if arguments.scenarios { crate::config::scenarios::scenario_schema() } else { crate::config::json_schema() };
    report::print_json(&schema)?;
    Ok(ExitStatus::Done)
}
