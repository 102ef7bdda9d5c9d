//! The whole program: read, derive, analyse, gather, compose, export.
//!
//! Every step is a function from one noun to the next: [`Project`] to [`Reading`] to [`Evidence`] to the files of a dossier.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::config::nonclinical::{NonclinicalFile, read_nonclinical};
use crate::config::{ConfigErrors, DocumentKind, Jurisdiction, PopulationModelFile, Project, Settings, read_project};
use crate::data::{DECISION_LOG, DataError, DecisionLog, ImportedTable, TrialData, accept_derived, name_files, read_trial};
use crate::derive::{AnalysisData, derive};
use crate::diagnostic::Diagnostic;
use crate::evidence::{Content, DatasetRecord, Evidence, ExhibitId, FigureSpec, Provenance, json::evidence_json};
use crate::record::lock::{FILE_NAME, Lock, Mismatch};
use crate::record::output::{OutputError, OutputFile};
use crate::render::document::ExhibitBody;
use crate::render::figure::{FigureSize, draw};
use crate::render::{Exporter, HtmlExporter, MarkdownExporter, RenderError, Templates, compose_with, set_exhibit, table_csv};
use crate::{analysis, evidence};

/// Name and version of the program, as printed in dossiers and locks.
pub const PROGRAM: &str = concat!("dosecase ", env!("CARGO_PKG_VERSION"));

/// The steps of a build, for progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading the datasets.
    Read,
    /// Deriving the analysis tables.
    Derive,
    /// Analysing.
    Analyse,
    /// Composing the document.
    Compose,
    /// Drawing and exporting.
    Export,
    /// Writing the files.
    Write,
}

impl Step {
    /// What is being done, for a progress line.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Read => "Reading datasets",
            Self::Derive => "Deriving analysis tables",
            Self::Analyse => "Analysing",
            Self::Compose => "Composing the dossier",
            Self::Export => "Drawing figures and exporting",
            Self::Write => "Writing files",
        }
    }
}

/// Told of every step.
pub type Progress<'a> = dyn Fn(Step) + 'a;

/// Why there is no dossier.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The project file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The data cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Critical diagnostics that the project file does not accept.
    #[error("the data cannot be used: {} critical {} not accepted in the project file", .0.iter().filter(|d| d.stops()).count(), if .0.iter().filter(|d| d.stops()).count() == 1 { "diagnostic is" } else { "diagnostics are" })]
    Stopped(Vec<Diagnostic>),
    /// A template, a narrative or a figure is wrong.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The output cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The inputs are not those of the lock.
    #[error("the inputs are not those of {FILE_NAME}")]
    Locked(Vec<Mismatch>),
    /// There is no lock, or it cannot be used.
    #[error("{0}")]
    NoLock(String),
    /// An input that the project file names cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Input {
        /// File.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl PipelineError {
    /// Everything that was seen, where diagnostics are why there is no dossier.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Config(errors) => &errors.diagnostics,
            Self::Data(error) => error.diagnostics(),
            Self::Stopped(seen) => seen,
            Self::Render(_) | Self::Output(_) | Self::Locked(_) | Self::NoLock(_) | Self::Input { .. } => &[],
        }
    }
}

/// What a command line changes in the project file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Overrides {
    /// Document to build.
    pub document: Option<DocumentKind>,
    /// Jurisdiction to build for.
    pub jurisdiction: Option<Jurisdiction>,
}

/// A project with its data, read and derived.
#[derive(Debug)]
pub struct Reading {
    /// The project.
    pub project: Project,
    /// The datasets.
    pub trial: TrialData,
    /// The analysis tables.
    pub data: AnalysisData,
    /// The nonclinical file, where the project names one.
    pub nonclinical: Option<NonclinicalFile>,
    /// What was seen in the data.
    pub diagnostics: Vec<Diagnostic>,
}

/// Formats of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DossierFormat {
    /// One self-contained HTML file.
    Html,
    /// Markdown, with figures as SVG files beside it.
    Markdown,
}

/// Reads the project file and the data and derives the analysis tables.
///
/// # Errors
/// [`PipelineError::Config`] and [`PipelineError::Data`], with every fault at once.
pub fn read(path: &Path, overrides: Overrides, progress: &Progress<'_>) -> Result<Reading, PipelineError> {
    let mut project = read_project(path)?;
    if let Some(document) = overrides.document {
        project.settings.dossier.document = document;
    }
    if let Some(jurisdiction) = overrides.jurisdiction {
        project.settings.dossier.jurisdiction = jurisdiction;
    }
    check_design(&project)?;
    let nonclinical = read_nonclinical_of(&project.settings)?;
    progress(Step::Read);
    let trial = read_trial(&project)?;
    progress(Step::Derive);
    let data = derive(&trial.value, &project.settings);
    let mut derived = data.diagnostics;
    accept_derived(&mut derived, &project);
    name_files(&mut derived, &trial.value.files);
    let mut diagnostics: Vec<Diagnostic> = trial.diagnostics.into_iter().chain(derived).collect();
    for file in diagnostics.iter_mut().filter_map(|diagnostic| diagnostic.file.as_mut()) {
        *file = PathBuf::from(relative(file, &project.settings.root));
    }
    Ok(Reading { project, trial: trial.value, data: data.value, nonclinical, diagnostics })
}

/// Refuses an escalation design that cannot be run on the dosages of the project.
fn check_design(project: &Project) -> Result<(), ConfigErrors> {
    let hint = "levels are the dosages of the drug from the lowest to the highest, or those that `escalation.levels` names";
    let faults = analysis::escalation::check_design(&project.settings);
    let diagnostics: Vec<Diagnostic> =
        faults.into_iter().map(|(path, message)| project.source.diagnostic("bad-design", &path, message, hint)).collect();
    if diagnostics.is_empty() { Ok(()) } else { Err(ConfigErrors { diagnostics }) }
}

fn read_nonclinical_of(settings: &Settings) -> Result<Option<NonclinicalFile>, ConfigErrors> {
    let path = settings.starting_dose.as_ref().and_then(|section| section.nonclinical.as_ref());
    path.map(|path| read_nonclinical(path)).transpose()
}

/// Analyses what was read and gathers the evidence.
///
/// # Errors
/// [`PipelineError::Stopped`] when a critical diagnostic is not accepted in the project file.
pub fn gather(reading: &Reading, progress: &Progress<'_>) -> Result<Evidence, PipelineError> {
    if reading.diagnostics.iter().any(Diagnostic::stops) {
        return Err(PipelineError::Stopped(reading.diagnostics.clone()));
    }
    progress(Step::Analyse);
    let settings = &reading.project.settings;
    let nonclinical = reading.nonclinical.as_ref();
    let results = analysis::analyse(&reading.data, nonclinical.map(|file| &file.nonclinical), settings);
    Ok(evidence::gather(&results, &reading.data, nonclinical, settings, reading.diagnostics.clone(), provenance(reading)))
}

/// Composes the dossier and exports every file of it.
///
/// # Errors
/// [`PipelineError::Render`] when a template or a narrative asks for what the evidence does not hold, or a figure cannot be drawn.
pub fn export(
    evidence: &Evidence,
    settings: &Settings,
    formats: &[DossierFormat],
    progress: &Progress<'_>,
) -> Result<Vec<OutputFile>, PipelineError> {
    progress(Step::Compose);
    let drawn = draw_figures(evidence)?;
    let drawing = |id: &ExhibitId, _: &FigureSpec| drawn.get(id).cloned().ok_or_else(|| "it was not drawn".into());
    let templates = Templates::with_overrides(&settings.root.join("templates"))?;
    let document = compose_with(&templates, evidence, settings, &drawing)?;
    progress(Step::Export);
    let mut files = Vec::new();
    for format in formats {
        let exporter: Box<dyn Exporter> = match format {
            DossierFormat::Html => Box::new(HtmlExporter::new(&templates)),
            DossierFormat::Markdown => Box::new(MarkdownExporter),
        };
        files.push(OutputFile { path: format!("dossier.{}", exporter.extension()), bytes: exporter.export(&document)? });
    }
    let json = serde_json::to_vec_pretty(&evidence_json(evidence, settings)).unwrap_or_default();
    files.push(OutputFile { path: "evidence.json".to_owned(), bytes: json });
    for exhibit in &evidence.exhibits {
        let stem = exhibit.id.file_stem();
        match set_exhibit(evidence, settings, &drawing, &exhibit.id)?.body {
            ExhibitBody::Table(table) => {
                files.push(OutputFile { path: format!("exhibits/{stem}.csv"), bytes: table_csv(&table).into_bytes() })
            }
            ExhibitBody::Figure(figure) => files.push(OutputFile { path: format!("exhibits/{stem}.svg"), bytes: figure.svg.into_bytes() }),
            ExhibitBody::Missing(_) => {}
        }
    }
    Ok(files)
}

/// Every figure as SVG, drawn side by side.
fn draw_figures(evidence: &Evidence) -> Result<BTreeMap<ExhibitId, String>, RenderError> {
    let figures: Vec<(&ExhibitId, &FigureSpec)> = evidence
        .exhibits
        .iter()
        .filter_map(|exhibit| if let Content::Figure(figure) = &exhibit.content { Some((&exhibit.id, figure)) } else { None })
        .collect();
    figures
        .into_par_iter()
        .map(|(id, figure)| match draw(figure, FigureSize::PORTRAIT) {
            Ok(svg) => Ok((id.clone(), svg)),
            Err(error) => Err(RenderError::Figure { exhibit: id.to_string(), message: error.to_string() }),
        })
        .collect()
}

/// The hashes of everything that the dossier is made from.
///
/// # Errors
/// [`PipelineError::Input`] when a file that the project file names cannot be read.
pub fn lock(reading: &Reading) -> Result<Lock, PipelineError> {
    let settings = &reading.project.settings;
    let mut inputs: BTreeMap<String, String> = BTreeMap::new();
    for file in &reading.trial.files {
        inputs.insert(relative(&file.path, &settings.root), file.sha256.clone());
    }
    let mut others = vec![settings.project_file.clone()];
    others.extend(settings.starting_dose.as_ref().and_then(|section| section.nonclinical.clone()));
    others.extend(settings.escalation.as_ref().and_then(|section| section.decisions.clone()));
    others.extend(population_model_file(settings).map(|file| file.path.clone()));
    others.extend(settings.pk.imported_exposures.iter().map(|table| table.file.clone()));
    others.extend(templates(&settings.root.join("templates")));
    for path in others {
        let bytes = std::fs::read(&path).map_err(|source| PipelineError::Input { path: path.clone(), source })?;
        inputs.insert(relative(&path, &settings.root), sha256(&bytes));
    }
    Ok(Lock::new(PROGRAM, inputs))
}

/// Compares the inputs with the project's lock.
///
/// # Errors
/// [`PipelineError::Locked`] names every file that differs; [`PipelineError::NoLock`] says what to do without one.
pub fn check_lock(reading: &Reading) -> Result<(), PipelineError> {
    let path = reading.project.settings.root.join(FILE_NAME);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| PipelineError::NoLock(format!("cannot read {}: {error}. Write the lock with `dosecase lock`.", path.display())))?;
    let locked: Lock = serde_json::from_str(&text).map_err(|error| {
        PipelineError::NoLock(format!("{} is not a lock of dosecase: {error}. Write it anew with `dosecase lock`.", path.display()))
    })?;
    let mismatches = locked.mismatches(&lock(reading)?);
    if mismatches.is_empty() { Ok(()) } else { Err(PipelineError::Locked(mismatches)) }
}

/// Files under the project's template folder, in order.
fn templates(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { templates(&path) } else { vec![path] }).collect()
}

/// A path relative to the project where it lies inside or beside it, with forward slashes.
fn relative(path: &Path, root: &Path) -> String {
    let shown = path.strip_prefix(root).unwrap_or(path);
    shown.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/").replace("//", "/")
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where everything that was read came from.
#[must_use]
pub fn provenance(reading: &Reading) -> Provenance {
    let settings = &reading.project.settings;
    let mut subjects: Vec<String> = reading.data.subjects.iter().map(|subject| subject.usubjid.clone()).collect();
    subjects.sort();
    Provenance {
        program: PROGRAM.to_owned(),
        project_file: settings.project_file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        project_sha256: sha256(reading.project.source.text().as_bytes()),
        datasets: reading
            .trial
            .files
            .iter()
            .map(|file| DatasetRecord {
                dataset: file.dataset.label().to_owned(),
                file: file.file.clone(),
                format: file.format.to_owned(),
                rows: file.rows,
                columns: file.columns,
                subjects: file.subjects,
                sha256: file.sha256.clone(),
            })
            .chain(reading.nonclinical.iter().map(nonclinical_record))
            .chain(reading.trial.decisions.iter().map(decisions_record))
            .chain(population_model_file(settings).map(population_model_record))
            .chain(reading.trial.imported_exposures.iter().map(imported_record))
            .collect(),
        absent: reading.trial.absent.iter().map(|name| name.label().to_owned()).collect(),
        seed: settings.seed,
        data_cutoff: settings.dossier.data_cutoff,
        defaults: settings.defaults.iter().chain(reading.nonclinical.iter().flat_map(|file| &file.defaults)).cloned().collect(),
        subjects,
    }
}

/// The log of escalation decisions as a source of facts.
fn decisions_record(log: &DecisionLog) -> DatasetRecord {
    DatasetRecord {
        dataset: DECISION_LOG.to_owned(),
        file: log.file.clone(),
        format: log.format.clone(),
        rows: log.cohorts.iter().map(|cohort| u64::from(cohort.row)).max().unwrap_or(0),
        columns: log.columns,
        subjects: None,
        sha256: log.sha256.clone(),
    }
}

/// The file of the population model, where the project has one in a file of its own.
fn population_model_file(settings: &Settings) -> Option<&PopulationModelFile> {
    settings.pk.population_model.as_ref()?.file.as_ref()
}

/// The file of the population model as a source of facts: its rows are its lines.
fn population_model_record(file: &PopulationModelFile) -> DatasetRecord {
    DatasetRecord {
        dataset: evidence::simulation::MODEL.to_owned(),
        file: file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        format: "YAML, a row is a line".to_owned(),
        rows: file.text.lines().count() as u64,
        columns: 0,
        subjects: None,
        sha256: sha256(file.text.as_bytes()),
    }
}

/// A table of exposures as a source of facts.
fn imported_record(table: &ImportedTable) -> DatasetRecord {
    DatasetRecord {
        dataset: table.dataset.clone(),
        file: table.file.clone(),
        format: table.format.clone(),
        rows: table.rows,
        columns: table.columns,
        subjects: Some(table.subjects),
        sha256: table.sha256.clone(),
    }
}

/// The nonclinical file as a source of facts: its rows are its lines.
fn nonclinical_record(file: &NonclinicalFile) -> DatasetRecord {
    let text = file.source.text();
    DatasetRecord {
        dataset: "NONCLINICAL".to_owned(),
        file: file.source.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        format: "YAML, a row is a line".to_owned(),
        rows: text.lines().count() as u64,
        columns: 0,
        subjects: None,
        sha256: sha256(text.as_bytes()),
    }
}
