//! What changed between two builds: datasets, subjects, facts, diagnostics.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evidence::json::SCHEMA as EVIDENCE;

/// Name and version of the JSON form.
pub const SCHEMA: &str = "dosecase-diff/1";

/// Why two builds cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Io {
        /// File.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what a build writes.
    #[error("{} is not an evidence.json of schema {EVIDENCE}: {reason}", .path.display())]
    Format {
        /// File.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// The members of `evidence.json` that a comparison needs.
#[derive(Debug, Deserialize)]
struct Build {
    schema: String,
    facts: BTreeMap<String, Value>,
    diagnostics: Vec<Value>,
    provenance: BuildProvenance,
}

#[derive(Debug, Deserialize)]
struct BuildProvenance {
    program: String,
    datasets: Vec<BuildDataset>,
    subjects: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct BuildDataset {
    dataset: String,
    rows: u64,
    sha256: String,
}

/// What changed.
#[derive(Debug, Serialize)]
pub struct Diff {
    /// Name and version of the format.
    pub schema: &'static str,
    /// Programs of the two builds, where they differ.
    pub programs: Option<(String, String)>,
    /// Datasets that changed.
    pub datasets: Vec<DatasetChange>,
    /// Subjects only in the new build.
    pub subjects_in: Vec<String>,
    /// Subjects only in the old build.
    pub subjects_out: Vec<String>,
    /// Facts whose value, count, denominator or interval changed, in the order of their ids.
    pub changed: Vec<FactChange>,
    /// Facts only in the new build.
    pub added: Vec<FactState>,
    /// Facts only in the old build.
    pub removed: Vec<FactState>,
    /// Diagnostics that appeared: code and message.
    pub diagnostics_in: Vec<(String, String)>,
    /// Diagnostics that went away.
    pub diagnostics_out: Vec<(String, String)>,
}

/// A dataset that changed.
#[derive(Debug, Serialize)]
pub struct DatasetChange {
    /// Dataset.
    pub dataset: String,
    /// Rows before; `None` when it was absent.
    pub old_rows: Option<u64>,
    /// Rows now; `None` when it is absent.
    pub new_rows: Option<u64>,
}

/// A fact before and now.
#[derive(Debug, Serialize)]
pub struct FactChange {
    /// Id.
    pub id: String,
    /// What it is.
    pub label: String,
    /// Before.
    pub old: FactState,
    /// Now.
    pub new: FactState,
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactState {
    /// Id.
    pub id: String,
    /// Value.
    pub value: Value,
    /// Unit.
    pub unit: Value,
    /// Subjects counted.
    pub count: Value,
    /// Counted among.
    pub n: Value,
    /// Interval.
    pub interval: Value,
}

impl FactState {
    fn of(id: &str, fact: &Value) -> Self {
        let member = |name: &str| fact.get(name).cloned().unwrap_or(Value::Null);
        Self {
            id: id.to_owned(),
            value: member("value"),
            unit: member("unit"),
            count: member("count"),
            n: member("n"),
            interval: member("interval"),
        }
    }
}

impl Diff {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.programs.is_none()
            && self.datasets.is_empty()
            && self.subjects_in.is_empty()
            && self.subjects_out.is_empty()
            && self.changed.is_empty()
            && self.added.is_empty()
            && self.removed.is_empty()
            && self.diagnostics_in.is_empty()
            && self.diagnostics_out.is_empty()
    }
}

/// Compares two builds; each path is an output folder or an `evidence.json`.
///
/// # Errors
/// [`DiffError`] names the file that cannot be read or is of another format.
pub fn compare(old: &Path, new: &Path) -> Result<Diff, DiffError> {
    let (old, new) = (read(old)?, read(new)?);
    let ids = |build: &Build| build.facts.keys().cloned().collect::<BTreeSet<String>>();
    let only = |a: &Build, b: &Build| {
        a.facts.iter().filter(|(id, _)| !b.facts.contains_key(*id)).map(|(id, fact)| FactState::of(id, fact)).collect::<Vec<FactState>>()
    };
    let changed = ids(&old).intersection(&ids(&new)).filter_map(|id| change(id, old.facts.get(id)?, new.facts.get(id)?)).collect();
    let subjects = |build: &Build| build.provenance.subjects.iter().cloned().collect::<BTreeSet<String>>();
    let (old_subjects, new_subjects) = (subjects(&old), subjects(&new));
    let (old_diagnostics, new_diagnostics) = (diagnostics(&old), diagnostics(&new));
    let programs =
        (old.provenance.program != new.provenance.program).then(|| (old.provenance.program.clone(), new.provenance.program.clone()));
    Ok(Diff {
        schema: SCHEMA,
        programs,
        datasets: datasets(&old, &new),
        subjects_in: new_subjects.difference(&old_subjects).cloned().collect(),
        subjects_out: old_subjects.difference(&new_subjects).cloned().collect(),
        changed,
        added: only(&new, &old),
        removed: only(&old, &new),
        diagnostics_in: new_diagnostics.difference(&old_diagnostics).cloned().collect(),
        diagnostics_out: old_diagnostics.difference(&new_diagnostics).cloned().collect(),
    })
}

fn read(path: &Path) -> Result<Build, DiffError> {
    let path = if path.is_dir() { path.join("evidence.json") } else { path.to_owned() };
    let bytes = std::fs::read(&path).map_err(|source| DiffError::Io { path: path.clone(), source })?;
    let build: Build =
        serde_json::from_slice(&bytes).map_err(|error| DiffError::Format { path: path.clone(), reason: error.to_string() })?;
    if build.schema == EVIDENCE { Ok(build) } else { Err(DiffError::Format { path, reason: format!("its schema is `{}`", build.schema) }) }
}

fn change(id: &str, old: &Value, new: &Value) -> Option<FactChange> {
    let (before, now) = (FactState::of(id, old), FactState::of(id, new));
    let label = new.get("label").and_then(Value::as_str).unwrap_or_default().to_owned();
    (before != now).then(|| FactChange { id: id.to_owned(), label, old: before, new: now })
}

fn diagnostics(build: &Build) -> BTreeSet<(String, String)> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    build.diagnostics.iter().map(|diagnostic| (text(diagnostic, "code"), text(diagnostic, "message"))).collect()
}

fn datasets(old: &Build, new: &Build) -> Vec<DatasetChange> {
    let by_name = |build: &Build| {
        let mut by_name: BTreeMap<String, (u64, Vec<String>)> = BTreeMap::new();
        for record in &build.provenance.datasets {
            let entry = by_name.entry(record.dataset.clone()).or_default();
            entry.0 += record.rows;
            entry.1.push(record.sha256.clone());
        }
        by_name
    };
    let (old, new) = (by_name(old), by_name(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| DatasetChange {
            dataset: name.clone(),
            old_rows: old.get(name).map(|(rows, _)| *rows),
            new_rows: new.get(name).map(|(rows, _)| *rows),
        })
        .collect()
}
