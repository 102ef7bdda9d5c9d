//! Which files of the data folder are which dataset.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::name::DatasetName;
use crate::config::DataSettings;

/// Extensions of files that the readers take, lower case, also with `.gz` behind them.
const TABLES: [&str; 10] = ["csv", "tsv", "txt", "parquet", "pq", "xpt", "xport", "sas7bdat", "json", "ndjson"];

/// Extensions of data files that the readers refuse with a word of advice.
const REFUSED: [&str; 14] = ["xlsx", "xlsm", "xls", "rds", "rda", "rdata", "sav", "por", "dta", "zip", "feather", "arrow", "cpt", "stc"];

/// Extensions of files that carry the name of their dataset inside.
const NAMED_INSIDE: [&str; 5] = ["xpt", "xport", "sas7bdat", "json", "ndjson"];

/// What a file of the data folder is, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// A file of this dataset.
    Dataset(DatasetName),
    /// A file whose content may say what it is.
    AskInside,
    /// A data file that is none of the datasets.
    Unknown,
}

/// A file of the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// What it is.
    pub(super) claim: Claim,
    /// The file.
    pub(super) path: PathBuf,
    /// The file relative to the data folder, with forward slashes.
    pub(super) file: String,
    /// Its stem, lower case, or the name that the project file gives it.
    pub(super) stem: String,
    /// How the project file names it, if it does.
    pub(super) chosen: Option<Choice>,
}

/// For what the project file names a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Choice {
    /// For its dataset, all of it.
    Dataset,
    /// For one of several names of a dataset, such as `adqspro`.
    Stem,
}

/// The data files of a project, by dataset and then in the order of their paths: those that `settings` choose, and of the other datasets all
/// that the data folder and its sub-folders hold. Files in `elsewhere` serve other purposes and are passed over.
pub(super) fn discover(settings: &DataSettings, elsewhere: &[&Path]) -> Vec<Candidate> {
    let chosen = chosen_files(settings);
    let used: BTreeSet<PathBuf> =
        chosen.iter().map(|candidate| real(&candidate.path)).chain(elsewhere.iter().map(|path| real(path))).collect();
    let mut found: Vec<Candidate> = Vec::new();
    for (path, file) in files(&settings.path) {
        let Some((stem, extension)) = split_name(&file) else { continue };
        let claim = claim(&stem, &extension);
        // A text file of any other name is most often a note to people.
        let note = claim == Claim::Unknown && extension == "txt";
        if !note && !used.contains(&real(&path)) {
            found.push(Candidate { claim, path, file, stem, chosen: None });
        }
    }
    let readable: BTreeSet<DatasetName> = found.iter().chain(&chosen).filter(|file| is_table(&file.file)).filter_map(dataset).collect();
    found.retain(|file| !is_replaced(file, &chosen));
    for file in &mut found {
        // A workbook beside a transport file is a copy for people; a workbook alone would be a dataset that is silently not read.
        if !is_table(&file.file) && dataset(file).is_none_or(|name| readable.contains(&name)) {
            file.claim = Claim::Unknown;
        }
    }
    found.extend(chosen);
    // Chosen files keep the order in which they are written: the sort is stable, and files that were found are in order already.
    found.sort_by_key(|file| (dataset(file), file.chosen.is_none()));
    found
}

fn dataset(candidate: &Candidate) -> Option<DatasetName> {
    match candidate.claim {
        Claim::Dataset(name) => Some(name),
        Claim::AskInside | Claim::Unknown => None,
    }
}

/// The files under `data.datasets`, in the order in which they are written.
fn chosen_files(settings: &DataSettings) -> Vec<Candidate> {
    let mut chosen = Vec::new();
    for (key, names) in &settings.datasets {
        let Some(dataset) = DatasetName::of_stem(key) else { continue };
        for name in names {
            let file = name.replace('\\', "/");
            let own = split_name(&file).map_or_else(|| key.clone(), |(stem, _)| stem);
            let (stem, choice) = if key == dataset.id() { (own, Choice::Dataset) } else { (key.clone(), Choice::Stem) };
            chosen.push(Candidate { claim: Claim::Dataset(dataset), path: settings.path.join(name), file, stem, chosen: Some(choice) });
        }
    }
    chosen
}

/// Whether the project file chooses other files in place of this one: for its dataset, or for the name that its stem begins with.
fn is_replaced(candidate: &Candidate, chosen: &[Candidate]) -> bool {
    let base = candidate.stem.split(['_', '-', '.', ' ']).next();
    chosen.iter().filter(|other| dataset(other).is_some() && dataset(other) == dataset(candidate)).any(|other| match other.chosen {
        Some(Choice::Stem) => base == Some(other.stem.as_str()),
        _ => true,
    })
}

/// A path with links and dots resolved, for comparisons.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The files of a folder and of all folders below it, in the order of their relative paths.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    walk(folder, "", &mut BTreeSet::new(), &mut files);
    files.sort_by(|a, b| a.1.cmp(&b.1));
    files
}

fn walk(folder: &Path, prefix: &str, visited: &mut BTreeSet<PathBuf>, files: &mut Vec<(PathBuf, String)>) {
    // A link may lead back to a folder above.
    if !visited.insert(real(folder)) || is_dossier(folder) {
        return;
    }
    for (path, name) in entries(folder) {
        let file = format!("{prefix}{name}");
        // A folder named as a dataset, such as Parquet in parts, is no folder of datasets: passing over it would lose the dataset.
        if path.is_dir() && split_name(&file).is_none() {
            walk(&path, &format!("{file}/"), visited, files);
        } else {
            files.push((path, file));
        }
    }
}

/// Whether a folder holds a dossier that was built from the data: its tables are no datasets.
fn is_dossier(folder: &Path) -> bool {
    const SCHEMA: &[u8] = b"\"schema\": \"dosecase-evidence/";
    let mut head = Vec::new();
    let read = fs::File::open(folder.join("evidence.json")).and_then(|file| file.take(256).read_to_end(&mut head));
    read.is_ok() && head.windows(SCHEMA.len()).any(|window| window == SCHEMA)
}

/// The entries of a folder that are not hidden.
fn entries(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()))
        .filter(|(_, name)| !name.starts_with('.') && !name.starts_with('~'))
        .collect()
}

/// The stem of a file and its extension without that of a compression, both lower case; `None` for files that are no data.
fn split_name(file: &str) -> Option<(String, String)> {
    let name = file.rsplit('/').next().unwrap_or(file).to_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    let (stem, extension) = plain.rsplit_once('.')?;
    (TABLES.contains(&extension) || REFUSED.contains(&extension)).then(|| (stem.to_owned(), extension.to_owned()))
}

fn is_table(file: &str) -> bool {
    split_name(file).is_none_or(|(_, extension)| TABLES.contains(&extension.as_str()))
}

fn claim(stem: &str, extension: &str) -> Claim {
    match DatasetName::of_stem(stem) {
        Some(name) => Claim::Dataset(name),
        None if NAMED_INSIDE.contains(&extension) => Claim::AskInside,
        None => Claim::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_stem_and_extension() {
        assert_eq!(split_name("a/ADSL.CSV.gz"), Some(("adsl".into(), "csv".into())));
        assert_eq!(split_name("adrs_onco.parquet"), Some(("adrs_onco".into(), "parquet".into())));
        assert_eq!(split_name("define.xml"), None);
        assert_eq!(split_name("README"), None);
        assert_eq!(claim("adsl", "csv"), Claim::Dataset(DatasetName::Adsl));
        assert_eq!(claim("extract1", "xpt"), Claim::AskInside);
        assert_eq!(claim("dose_decisions", "csv"), Claim::Unknown);
    }
}
