//! `dosecase lock`.

use crate::pipeline::{self, Overrides};
use crate::record::{lock::FILE_NAME, output};

use super::exit::ExitStatus;
use super::report::{self, ProgressLine};

/// Arguments of `lock`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  dosecase lock my-project && dosecase build --locked my-project")]
pub(super) struct LockArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
}

/// Writes the lock beside the project file.
pub(super) fn run(arguments: &LockArguments) -> anyhow::Result<ExitStatus> {
    let line = ProgressLine::new();
    let reading = pipeline::read(&arguments.project.project, Overrides::default(), &|step| line.show(step))?;
    let lock = pipeline::lock(&reading)?;
    drop(line);
    let path = reading.project.settings.root.join(FILE_NAME);
    output::replace_file(&path, format!("{}\n", serde_json::to_string_pretty(&lock)?).as_bytes()).map_err(pipeline::PipelineError::from)?;
    report::print(&format!("{}: {} inputs", path.display(), lock.inputs.len()))?;
    Ok(ExitStatus::Done)
}
