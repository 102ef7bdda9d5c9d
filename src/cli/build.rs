//! `dosecase build`.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::json;

use crate::config::{DocumentKind, Jurisdiction};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evidence::{Content, Evidence};
use crate::pipeline::{self, DossierFormat, Overrides, PipelineError, Step};
use crate::record::output;

use super::exit::ExitStatus;
use super::report::{self, ProgressLine};

/// Arguments of `build`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dosecase build my-project\n  dosecase build my-project --out /tmp/dossier --format html\n  dosecase build --locked --fail-on major my-project\n\nThe output folder is replaced whole or not at all: a failed or killed build leaves the previous one."
)]
pub(super) struct BuildArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Output folder [default: `dossier` in the project folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Formats, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "html,md", value_name = "FORMAT")]
    format: Vec<FormatArgument>,
    /// Document to build instead of the one that the project file names
    #[arg(long)]
    document: Option<DocumentArgument>,
    /// Jurisdiction to build for instead of the one that the project file names
    #[arg(long)]
    jurisdiction: Option<JurisdictionArgument>,
    /// Refuse to build when an input differs from dosecase.lock (exit code 4)
    #[arg(long)]
    locked: bool,
    /// Exit with code 1 when a diagnostic or finding of this severity or above remains
    #[arg(long, default_value = "critical", value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Print one JSON document (schema dosecase-build/1) about the build
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArgument {
    /// One self-contained HTML file
    Html,
    /// Word (not written by this version)
    Docx,
    /// PDF (not written by this version)
    Pdf,
    /// Markdown
    Md,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum DocumentArgument {
    Ind,
    #[value(name = "end_of_phase_1")]
    EndOfPhase1,
    Registration,
    Complete,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum JurisdictionArgument {
    Fda,
    Ema,
    Pmda,
    HealthCanada,
    Tga,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Critical,
    Major,
    Never,
}

/// Builds the dossier.
pub(super) fn run(arguments: &BuildArguments) -> anyhow::Result<ExitStatus> {
    let outcome = build(arguments);
    if let (true, Err(error)) = (arguments.json, &outcome) {
        report::print_json(&failure_json(error))?;
    }
    outcome
}

/// What a program that reads the document learns of a build that failed.
fn failure_json(error: &anyhow::Error) -> serde_json::Value {
    let pipeline = error.downcast_ref::<PipelineError>();
    let mismatches = match pipeline {
        Some(PipelineError::Locked(mismatches)) => mismatches.as_slice(),
        _ => &[],
    };
    json!({
        "schema": "dosecase-build/1",
        "error": error.to_string(),
        "out": null,
        "files": [],
        "facts": 0,
        "diagnostics": pipeline.map(PipelineError::diagnostics).unwrap_or_default(),
        "findings": [],
        "mismatches": mismatches,
    })
}

fn build(arguments: &BuildArguments) -> anyhow::Result<ExitStatus> {
    let formats = formats(&arguments.format)?;
    let overrides = Overrides { document: arguments.document.map(document), jurisdiction: arguments.jurisdiction.map(jurisdiction) };
    let line = ProgressLine::new();
    let progress = |step: Step| line.show(step);
    let reading = pipeline::read(&arguments.project.project, overrides, &progress)?;
    if arguments.locked {
        pipeline::check_lock(&reading)?;
    }
    let settings = &reading.project.settings;
    let evidence = pipeline::gather(&reading, &progress)?;
    let files = pipeline::export(&evidence, settings, &formats, &progress)?;
    let out = arguments.out.clone().unwrap_or_else(|| settings.root.join("dossier"));
    progress(Step::Write);
    output::replace_folder(&out, &files).map_err(PipelineError::from)?;
    drop(line);
    let written: Vec<String> = files.iter().map(|file| out.join(&file.path).display().to_string()).collect();
    if arguments.json {
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        report::print_json(&json!({
            "schema": "dosecase-build/1",
            "out": out.display().to_string(),
            "files": paths,
            "facts": evidence.facts.len(),
            "diagnostics": evidence.diagnostics,
            "findings": [],
        }))?;
    } else {
        report::print(&summary(&evidence, &written))?;
    }
    Ok(if fails(&evidence.diagnostics, arguments.fail_on) { ExitStatus::Findings } else { ExitStatus::Done })
}

fn formats(asked: &[FormatArgument]) -> anyhow::Result<Vec<DossierFormat>> {
    let format = |asked: &FormatArgument| match asked {
        FormatArgument::Html => Ok(DossierFormat::Html),
        FormatArgument::Md => Ok(DossierFormat::Markdown),
        FormatArgument::Docx => Err(anyhow::anyhow!("this version does not write Word files; use --format html,md")),
        FormatArgument::Pdf => {
            Err(anyhow::anyhow!("this version does not write PDF files; use --format html,md, and print the HTML to PDF from a browser"))
        }
    };
    let mut formats = asked.iter().map(format).collect::<anyhow::Result<Vec<_>>>()?;
    formats.sort_unstable();
    formats.dedup();
    Ok(formats)
}

fn document(asked: DocumentArgument) -> DocumentKind {
    match asked {
        DocumentArgument::Ind => DocumentKind::Ind,
        DocumentArgument::EndOfPhase1 => DocumentKind::EndOfPhase1,
        DocumentArgument::Registration => DocumentKind::Registration,
        DocumentArgument::Complete => DocumentKind::Complete,
    }
}

fn jurisdiction(asked: JurisdictionArgument) -> Jurisdiction {
    match asked {
        JurisdictionArgument::Fda => Jurisdiction::Fda,
        JurisdictionArgument::Ema => Jurisdiction::Ema,
        JurisdictionArgument::Pmda => Jurisdiction::Pmda,
        JurisdictionArgument::HealthCanada => Jurisdiction::HealthCanada,
        JurisdictionArgument::Tga => Jurisdiction::Tga,
    }
}

/// A critical diagnostic that is accepted with a reason does not fail a build.
fn fails(diagnostics: &[Diagnostic], limit: FailOn) -> bool {
    let open = |severity: Severity| diagnostics.iter().any(|diagnostic| diagnostic.severity == severity && diagnostic.accepted.is_none());
    match limit {
        FailOn::Critical => open(Severity::Critical),
        FailOn::Major => open(Severity::Critical) || open(Severity::Major),
        FailOn::Never => false,
    }
}

fn summary(evidence: &Evidence, written: &[String]) -> String {
    let count = |wanted: fn(&Content) -> bool| evidence.exhibits.iter().filter(|exhibit| wanted(&exhibit.content)).count();
    let tables = count(|content| matches!(content, Content::Table(_)));
    let figures = count(|content| matches!(content, Content::Figure(_)));
    let placeholders = count(|content| matches!(content, Content::Placeholder(_)));
    let open = |severity: Severity| evidence.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let main: Vec<&str> = written.iter().map(String::as_str).filter(|path| !path.contains("/exhibits/")).collect();
    format!(
        "{}\n{tables} tables and {figures} figures from {} facts; {placeholders} exhibits lack data.\nDiagnostics: {} critical, {} major, {} minor (`dosecase check` shows them).",
        main.join("\n"),
        evidence.facts.len(),
        open(Severity::Critical),
        open(Severity::Major),
        open(Severity::Minor)
    )
}
