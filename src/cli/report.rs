//! The only place that prints.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::diagnostic::{Diagnostic, Severity};
use crate::pipeline::{PipelineError, Step};

use super::exit::{self, ExitStatus};

/// Rows and subjects shown for each diagnostic; `--json` gives all.
const SHOWN: usize = 5;

/// Prints a result to standard output. A reader that closes the pipe ends the printing, not the program.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") })
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints a JSON document to standard output.
pub(super) fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}

/// Prints a message to standard error.
pub(super) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints why a command failed and says how it ends.
pub(super) fn failure(error: &anyhow::Error) -> ExitStatus {
    if let Some(pipeline) = error.downcast_ref::<PipelineError>() {
        tell(&pipeline_failure(pipeline));
        return exit::of_pipeline(pipeline);
    }
    let mut text = format!("error: {error}");
    // Many messages end with their cause.
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            let _ = write!(text, "\n  because: {cause}");
        }
    }
    tell(&text);
    ExitStatus::Usage
}

fn pipeline_failure(error: &PipelineError) -> String {
    match error {
        PipelineError::Config(errors) => format!("{errors}"),
        PipelineError::Data(error) => format!("{}\nerror: {error}", diagnostics(error.diagnostics())),
        PipelineError::Stopped(seen) => {
            let stopping: Vec<Diagnostic> = seen.iter().filter(|diagnostic| diagnostic.stops()).cloned().collect();
            format!(
                "{}\nerror: {error}\n  hint: correct the data, or accept the code with a written reason under data.accept; `dosecase check` shows everything that was seen",
                diagnostics(&stopping)
            )
        }
        PipelineError::Locked(mismatches) => {
            let lines: Vec<String> = mismatches.iter().map(|mismatch| format!("  {mismatch}")).collect();
            format!("error: {error}:\n{}\n  hint: if the change is meant, write the lock anew with `dosecase lock`", lines.join("\n"))
        }
        other => format!("error: {other}"),
    }
}

/// Diagnostics grouped by severity, readable.
pub(super) fn diagnostics(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for severity in [Severity::Critical, Severity::Major, Severity::Minor, Severity::Info] {
        let group: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).collect();
        if group.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{} ({})", severity.label(), group.len());
        for diagnostic in group {
            describe(diagnostic, &mut text);
        }
    }
    text
}

fn describe(diagnostic: &Diagnostic, text: &mut String) {
    let place = [diagnostic.dataset.as_deref(), diagnostic.column.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(".");
    let line = diagnostic.place.as_ref().map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
    let file = diagnostic.file.as_ref().map(|file| format!(" [{}{line}]", shown(file))).unwrap_or_default();
    let _ = writeln!(text, "  {}  {place}{file}", diagnostic.code);
    for line in diagnostic.message.lines() {
        let _ = writeln!(text, "      {line}");
    }
    if let Some(place) = &diagnostic.place {
        for line in place.snippet.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
    // Whoever looks for a row opens the file, and counts from its top.
    let before = diagnostic.first_row.map_or(0, |first| first.saturating_sub(1));
    let rows: Vec<String> = diagnostic.rows.iter().map(|row| row.saturating_sub(before).to_string()).collect();
    let stacked = diagnostic.dataset.as_ref().filter(|_| diagnostic.file.is_none());
    first_few(
        &stacked.map_or_else(|| "rows".to_owned(), |dataset| format!("rows of {dataset}, its files one under the other")),
        &rows,
        text,
    );
    first_few("subjects", &diagnostic.subjects, text);
    if !diagnostic.hint.is_empty() {
        let _ = writeln!(text, "      hint: {}", diagnostic.hint);
    }
    if let Some(reason) = &diagnostic.accepted {
        let _ = writeln!(text, "      accepted: {reason}");
    }
}

/// A file of the data as it is found in the data folder; of other files the name.
fn shown(file: &Path) -> String {
    let name = if file.is_absolute() { file.file_name().map(Path::new).unwrap_or(file) } else { file };
    name.to_string_lossy().into_owned()
}

fn first_few(what: &str, values: &[String], text: &mut String) {
    if values.is_empty() {
        return;
    }
    let shown = values.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = if values.len() > SHOWN { ", …" } else { "" };
    let _ = writeln!(text, "      {what} ({}): {shown}{more}", values.len());
}

/// Shows the steps of a build on standard error when that is a terminal.
pub(super) struct ProgressLine {
    bar: Option<ProgressBar>,
}

impl ProgressLine {
    /// A progress line that is invisible unless a person looks.
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar }
    }

    /// Shows a step.
    pub(super) fn show(&self, step: Step) {
        if let Some(bar) = &self.bar {
            bar.set_message(step.label());
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
