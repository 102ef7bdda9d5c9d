//! Exit codes: part of the contract with scripts.

use std::process::ExitCode;

use crate::pipeline::PipelineError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExitStatus {
    /// Done.
    Done,
    /// Done, but with findings at or above the limit, or reference cases that differ.
    Findings,
    /// Wrong usage or project file.
    Usage,
    /// Data that cannot be used.
    Data,
    /// Inputs differ from the lock.
    Locked,
    /// A defect in dosecase.
    Defect,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Done => 0,
            ExitStatus::Findings => 1,
            ExitStatus::Usage => 2,
            ExitStatus::Data => 3,
            ExitStatus::Locked => 4,
            ExitStatus::Defect => 70,
        })
    }
}

/// The status that an error of the pipeline means.
pub(super) fn of_pipeline(error: &PipelineError) -> ExitStatus {
    match error {
        PipelineError::Config(_) | PipelineError::Render(_) | PipelineError::Output(_) | PipelineError::Input { .. } => ExitStatus::Usage,
        PipelineError::Data(error) if error.is_of_project() => ExitStatus::Usage,
        PipelineError::Data(_) | PipelineError::Stopped(_) => ExitStatus::Data,
        PipelineError::Locked(_) | PipelineError::NoLock(_) => ExitStatus::Locked,
    }
}

/// Prints clap's message; help and version are not failures.
pub(super) fn of_usage(error: &clap::Error) -> ExitStatus {
    // A closed pipe is the reader's choice.
    let _ = error.print();
    if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Done }
}
