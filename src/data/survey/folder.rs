//! Which folder really holds the datasets.
//!
//! A delivery often holds the same data several times, as CSV, as SAS transport, as Parquet, or an earlier cut beside the last. Folders whose ADSL
//! shares a subject are never put together; folders of different subjects are different studies and are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::LeftOut;
use super::counts::Texts;
use super::error::SurveyError;
use super::tables::read_file;
use super::words::counted;
use crate::config::DataSettings;
use crate::data::coerce::CUSTOMARY_MISSING;
use crate::data::column::USUBJID;
use crate::data::discover::{Candidate, Claim, discover};
use crate::data::name::DatasetName;

/// How many folders deep datasets are looked for.
const DEPTH: usize = 3;

/// Formats in the order in which they are preferred, by extension, with their names.
const FORMATS: [(&[&str], &str); 5] = [
    (&["parquet", "pq"], "Parquet"),
    (&["sas7bdat"], "SAS7BDAT"),
    (&["xpt", "xport"], "SAS transport"),
    (&["json", "ndjson"], "Dataset-JSON"),
    (&["csv", "tsv", "txt"], "delimited text"),
];

/// A file of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) dataset: DatasetName,
    pub(super) path: PathBuf,
    /// Relative to the folder that is chosen, with forward slashes.
    pub(super) file: String,
    /// Its stem, lower case.
    pub(super) stem: String,
    /// Position of its format among those preferred.
    pub(super) rank: usize,
}

/// What is read, and what is not.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    pub(super) path: PathBuf,
    pub(super) reason: Option<String>,
    pub(super) files: Vec<File>,
    pub(super) pinned: BTreeMap<DatasetName, Vec<String>>,
    pub(super) left_out: Vec<LeftOut>,
}

/// A folder that holds datasets itself.
#[derive(Debug)]
struct Unit {
    folder: PathBuf,
    /// Relative to the folder that was named, `.` for itself.
    name: String,
    files: Vec<File>,
    /// Files of the same name in a format that is less preferred.
    copies: Vec<File>,
    subjects: BTreeSet<String>,
    /// Why its ADSL could not be read.
    fault: Option<String>,
}

/// Chooses the folder and the files below `folder`.
pub(super) fn choose(folder: &Path) -> Result<Choice, SurveyError> {
    let root = fs::canonicalize(folder).ok().filter(|root| root.is_dir()).ok_or_else(|| SurveyError::NoFolder(folder.to_path_buf()))?;
    if root.to_str().is_none() {
        return Err(SurveyError::NotText(root));
    }
    let mut units: Vec<Unit> = folders(&root, DEPTH).into_iter().filter_map(|folder| unit(&root, folder)).collect();
    units.sort_by_key(|unit| {
        (Reverse(unit.files.len()), Reverse(unit.subjects.len()), unit.rank(), unit.name.matches('/').count(), unit.name.clone())
    });
    let Some(best) = units.iter().position(|unit| !unit.subjects.is_empty()) else { return Err(without_subjects(folder, &units)) };
    let best = units.remove(best);
    let alone = units.is_empty();
    let mut chosen = vec![best];
    let mut left_out = Vec::new();
    for unit in units {
        match refusal(&unit, &chosen) {
            Some(reason) => left_out.push(LeftOut { file: format!("{}/", unit.name), reason }),
            None => chosen.push(unit),
        }
    }
    let reason = (!alone).then(|| explained(&chosen, &left_out));
    Ok(gathered(&root, chosen, left_out, reason))
}

impl Unit {
    /// The least preferred format among its files.
    fn rank(&self) -> usize {
        self.files.iter().map(|file| file.rank).max().unwrap_or(FORMATS.len())
    }

    fn format(&self) -> &'static str {
        FORMATS.get(self.rank()).map_or("files", |(_, name)| *name)
    }

    /// Whether it has a file of this stem, endings such as `_onco` aside.
    fn holds(&self, stem: &str) -> bool {
        let base = |stem: &str| stem.split(['_', '-', '.', ' ']).next().unwrap_or_default().to_owned();
        self.files.iter().any(|file| base(&file.stem) == base(stem))
    }

    fn described(&self) -> String {
        format!("{}: {} of {}, {}", self.name, counted(self.files.len(), "dataset"), counted(self.subjects.len(), "subject"), self.format())
    }
}

/// Why a folder is not put together with those that are chosen; `None` where it is another study, or completes one.
fn refusal(unit: &Unit, chosen: &[Unit]) -> Option<String> {
    if let Some(fault) = &unit.fault {
        return Some(format!("its ADSL cannot be read: {fault}"));
    }
    if unit.subjects.is_empty() {
        let repeats = unit.files.iter().all(|file| chosen.iter().any(|other| other.holds(&file.stem)));
        return repeats.then(|| "no ADSL, and no dataset that the folder read has not".to_owned());
    }
    chosen.iter().find_map(|other| {
        let shared = unit.subjects.intersection(&other.subjects).count();
        if shared == 0 {
            return None;
        }
        let what = if unit.subjects == other.subjects {
            format!("the same {}", counted(shared, "subject"))
        } else {
            format!("{} of the same subjects", shared)
        };
        let extra: Vec<&str> = unit.files.iter().map(|file| file.stem.as_str()).filter(|stem| !other.holds(stem)).collect();
        let extra = if extra.is_empty() { String::new() } else { format!("; only here: {}", extra.join(", ")) };
        Some(format!("{what} ({}, {}){extra}", unit.format(), counted(unit.files.len(), "dataset")))
    })
}

/// Why these folders and not the others.
fn explained(chosen: &[Unit], left_out: &[LeftOut]) -> String {
    let read: Vec<String> = chosen.iter().map(Unit::described).collect();
    let rule = if left_out.is_empty() {
        "they hold different subjects or different datasets"
    } else {
        "the folder with the most datasets, then the most subjects, then Parquet before SAS, JSON and text"
    };
    format!("{} ({rule})", read.join("; "))
}

/// The folder that holds all of the chosen, and the files that `data.datasets` has to name there.
fn gathered(root: &Path, chosen: Vec<Unit>, mut left_out: Vec<LeftOut>, reason: Option<String>) -> Choice {
    let path = common(chosen.iter().map(|unit| unit.folder.as_path())).unwrap_or_else(|| root.to_path_buf());
    let mut files: Vec<File> = Vec::new();
    for unit in chosen {
        left_out.extend(unit.copies.iter().map(|copy| LeftOut {
            file: relative(&copy.path, root),
            reason: "the same name in a format that is preferred lies beside it".to_owned(),
        }));
        files.extend(unit.files);
    }
    for file in &mut files {
        file.file = relative(&file.path, &path);
    }
    files.sort_by(|a, b| (a.dataset, a.rank, &a.file).cmp(&(b.dataset, b.rank, &b.file)));
    let found = candidates(&path);
    left_out.extend(
        found
            .iter()
            .filter(|candidate| candidate.claim == Claim::Unknown)
            .map(|candidate| LeftOut { file: relative(&candidate.path, root), reason: "not one of the datasets that are read".to_owned() }),
    );
    let pinned = pinned(&files, &found);
    Choice { path, reason, files, pinned, left_out }
}

/// The datasets of which a build would find other files than those that are chosen.
fn pinned(files: &[File], found: &[Candidate]) -> BTreeMap<DatasetName, Vec<String>> {
    let mut pinned = BTreeMap::new();
    for name in DatasetName::ALL {
        let own: Vec<&str> = files.iter().filter(|file| file.dataset == name).map(|file| file.file.as_str()).collect();
        let mut wanted = own.clone();
        wanted.sort_unstable();
        let mut read: Vec<&str> =
            found.iter().filter(|candidate| of_dataset(candidate, files) == Some(name)).map(|candidate| candidate.file.as_str()).collect();
        read.sort_unstable();
        if !wanted.is_empty() && wanted != read {
            pinned.insert(name, own.into_iter().map(str::to_owned).collect());
        }
    }
    pinned
}

/// The dataset that a build takes a file for; files that carry their name inside were opened before.
fn of_dataset(candidate: &Candidate, files: &[File]) -> Option<DatasetName> {
    match candidate.claim {
        Claim::Dataset(name) => Some(name),
        Claim::AskInside => files.iter().find(|file| file.path == candidate.path).map(|file| file.dataset),
        Claim::Unknown => None,
    }
}

/// The data files of a folder and its sub-folders as a build would find them.
fn candidates(folder: &Path) -> Vec<Candidate> {
    let settings = DataSettings {
        path: folder.to_path_buf(),
        datasets: BTreeMap::new(),
        columns: BTreeMap::new(),
        accept: Vec::new(),
        missing_codes: CUSTOMARY_MISSING.map(str::to_owned).to_vec(),
        subjects_from: None,
        subject_per_row: Vec::new(),
    };
    discover(&settings, &[])
}

/// The datasets that lie in a folder itself.
fn unit(root: &Path, folder: PathBuf) -> Option<Unit> {
    let mut files: Vec<File> = candidates(&folder).into_iter().filter(|candidate| !candidate.file.contains('/')).filter_map(file).collect();
    files.sort_by(|a, b| (a.dataset, a.rank, &a.file).cmp(&(b.dataset, b.rank, &b.file)));
    let (mut kept, mut copies): (Vec<File>, Vec<File>) = (Vec::new(), Vec::new());
    for file in files {
        let repeated = kept.iter().any(|other| other.dataset == file.dataset && other.stem == file.stem);
        if repeated { copies.push(file) } else { kept.push(file) }
    }
    if kept.is_empty() {
        return None;
    }
    let (subjects, fault) = subjects(&kept);
    let name = relative(&folder, root);
    Some(Unit { name: if name.is_empty() { ".".to_owned() } else { name }, folder, files: kept, copies, subjects, fault })
}

/// A candidate as a file of a dataset; one that carries its name inside is opened.
fn file(candidate: Candidate) -> Option<File> {
    let dataset = match candidate.claim {
        Claim::Dataset(name) => name,
        Claim::AskInside => DatasetName::of_stem(&read_file(DatasetName::Adsl, &candidate.path).ok()?.name?)?,
        Claim::Unknown => return None,
    };
    let name = candidate.file.to_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    let extension = plain.rsplit_once('.').map_or("", |(_, extension)| extension);
    let rank = FORMATS.iter().position(|(extensions, _)| extensions.contains(&extension))?;
    Some(File { dataset, path: candidate.path, file: candidate.file, stem: candidate.stem, rank })
}

/// The subjects of the ADSL among these files, or why it cannot be read.
fn subjects(files: &[File]) -> (BTreeSet<String>, Option<String>) {
    let mut subjects = BTreeSet::new();
    for file in files.iter().filter(|file| file.dataset == DatasetName::Adsl) {
        match read_file(file.dataset, &file.path) {
            Ok(table) => subjects.extend(Texts::of(&table.dataset, &[USUBJID]).iter().flat_map(Texts::iter).flatten().map(str::to_owned)),
            Err(fault) => return (BTreeSet::new(), Some(fault)),
        }
    }
    (subjects, None)
}

fn without_subjects(folder: &Path, units: &[Unit]) -> SurveyError {
    let Some(first) = units.first() else { return SurveyError::NoDataset(folder.to_path_buf()) };
    let faults: Vec<String> = units.iter().filter_map(|unit| Some(format!("{}: {}", unit.name, unit.fault.as_ref()?))).collect();
    let files: Vec<&str> = first.files.iter().map(|file| file.file.as_str()).collect();
    let detail = if faults.is_empty() { format!("{} holds {} and no subjects", first.name, files.join(", ")) } else { faults.join("; ") };
    SurveyError::NoAdsl { folder: folder.to_path_buf(), detail }
}

/// A folder and the folders below it that are not hidden, in order of their names.
fn folders(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = vec![folder.to_path_buf()];
    if depth > 0 {
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let hidden = |name: &str| name.starts_with('.') || name.starts_with('~');
        let visible = entries.filter(|entry| !hidden(&entry.file_name().to_string_lossy()));
        let mut inner: Vec<PathBuf> = visible.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        inner.sort();
        found.extend(inner.iter().flat_map(|folder| folders(folder, depth - 1)));
    }
    found
}

/// A path below another with forward slashes.
pub(super) fn relative(path: &Path, root: &Path) -> String {
    let inner = path.strip_prefix(root).unwrap_or(path);
    inner.components().map(|component| component.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The deepest folder that holds all of these.
fn common<'a>(mut folders: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    let first = folders.next()?.to_path_buf();
    Some(
        folders.fold(first, |common, folder| {
            common.ancestors().find(|above| folder.starts_with(above)).unwrap_or(Path::new("/")).to_path_buf()
        }),
    )
}
