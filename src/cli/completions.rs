//! `dosecase completions`.

use clap::CommandFactory;

use super::exit::ExitStatus;
use super::report;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  dosecase completions bash > ~/.local/share/bash-completion/completions/dosecase")]
pub(super) struct CompletionsArguments {
    /// Shell
    shell: clap_complete::Shell,
}

/// Prints completions for a shell.
pub(super) fn run(arguments: &CompletionsArguments) -> anyhow::Result<ExitStatus> {
    // Written to memory first: the generator panics when the reader closes the pipe.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Cli::command(), "dosecase", &mut script);
    report::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Done)
}
