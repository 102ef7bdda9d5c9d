//! The command line: one file per command, one place that prints.

mod build;
mod check;
mod completions;
mod design;
mod diff;
mod exit;
pub mod init;
mod lock;
mod man;
mod report;
mod schema;
mod simulate;
mod trace;
mod validate;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::ExitStatus;

/// Builds the case for an oncology dosage: trial datasets and one project file in, a dose-optimisation dossier out.
#[derive(Debug, Parser)]
#[command(name = "dosecase", version, propagate_version = true, arg_required_else_help = true, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  dosecase init my-project --data /data/adam   look at the datasets and write a project file
  dosecase check my-project                    what is wrong with the data, before anything is built
  dosecase build my-project                    my-project/dossier/dossier.html and all beside it
  dosecase trace efficacy.orr.120mg_qd my-project
                                               from one number back to its rows
  dosecase design boin --target 0.30 --history \"3:0 3:0 3:1\"
                                               the next dose of a trial, and why
  dosecase simulate scenarios.yaml             how escalation designs behave under assumed truths

Exit codes:
  0 done   1 done, with findings at or above --fail-on or reference cases that differ   2 wrong usage or project file
  3 data that cannot be used   4 inputs differ from the lock under --locked   70 a defect in dosecase";

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented project file, from a data folder or as a complete example
    Init(init::InitArguments),
    /// Read project and data and print what is wrong with them; write nothing
    Check(check::CheckArguments),
    /// Build the dossier
    Build(build::BuildArguments),
    /// Go from one number of the dossier back to method, population, dataset and rows
    Trace(trace::TraceArguments),
    /// Write dosecase.lock: the hashes of everything the dossier is made from
    Lock(lock::LockArguments),
    /// Compare two builds: datasets, subjects, facts, diagnostics
    Diff(diff::DiffArguments),
    /// Ask a dose-escalation or phase II design: decision table, next dose on a history, operating characteristics
    Design(Box<design::DesignArguments>),
    /// Run reference cases on this installation
    Validate(validate::ValidateArguments),
    /// Compare escalation designs under assumed truths
    Simulate(simulate::SimulateArguments),
    /// Print the JSON Schema of the project file
    Schema(schema::SchemaArguments),
    /// Print shell completions
    Completions(completions::CompletionsArguments),
    /// Print the manual page
    #[command(after_help = "Example:\n  dosecase man > dosecase.1 && man -l dosecase.1")]
    Man,
}

/// The project, as every command that reads one takes it.
#[derive(Debug, clap::Args)]
struct ProjectArgument {
    /// Project folder or project file
    #[arg(default_value = ".", value_name = "PROJECT")]
    project: PathBuf,
}

/// Parses the arguments and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    // A panic is a defect: it is reported as one, with the exit code that says so.
    let outcome = std::panic::catch_unwind(|| {
        let cli = match Cli::try_parse() {
            Ok(cli) => cli,
            Err(error) => return exit::of_usage(&error),
        };
        dispatch(cli.command).unwrap_or_else(|error| report::failure(&error))
    });
    outcome.unwrap_or(ExitStatus::Defect).into()
}

fn dispatch(command: Command) -> anyhow::Result<ExitStatus> {
    match command {
        Command::Init(arguments) => init::run(arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Trace(arguments) => trace::run(&arguments),
        Command::Lock(arguments) => lock::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Design(arguments) => design::run(*arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man => man::run(),
    }
}
