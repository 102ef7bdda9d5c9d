//! Complete projects that the program carries with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::InitReport;
use super::error::InitError;
use super::place::{Place, refuse_existing};

/// Names of the examples.
pub const EXAMPLES: [&str; 1] = ["zeltorafib"];

macro_rules! embedded {
    ($($file:literal)*) => {
        &[$(($file, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/zeltorafib/", $file)))),*]
    };
}

/// Files of the example with their paths in the project; the project file comes last, so that a folder with one is complete.
const ZELTORAFIB: &[(&str, &[u8])] = embedded! {
    "README.md"
    "data/adae.parquet"
    "data/adbm.parquet"
    "data/adeg.parquet"
    "data/adex.parquet"
    "data/adexsum.parquet"
    "data/adlb.parquet"
    "data/adpc.parquet"
    "data/adpp.parquet"
    "data/adqsc30.parquet"
    "data/adqspro.parquet"
    "data/adrs.parquet"
    "data/adsl.parquet"
    "data/adtr.parquet"
    "data/adtte.parquet"
    "dose_decisions.csv"
    "nonclinical.yaml"
    "pop_pk.yaml"
    "dosecase.yaml"
};

/// Writes out an example.
pub(super) fn write(dir: &Path, name: &str) -> Result<InitReport, InitError> {
    if !EXAMPLES.contains(&name) {
        let known = EXAMPLES.map(|example| format!("`{example}`")).join(", ");
        return Err(InitError::UnknownExample { name: name.to_owned(), known });
    }
    refuse_existing(dir)?;
    let place = Place::make(dir)?;
    if fs::read_dir(dir).map_err(InitError::write(dir))?.next().is_some() {
        return Err(InitError::NotEmpty(dir.to_path_buf()));
    }
    let written = all_or_none(&place)?;
    place.keep();
    let shown = dir.display();
    let next = vec![
        format!("`dosecase check {shown}` looks at the data"),
        format!("`dosecase build {shown}` writes the dossier"),
        format!("`dosecase trace efficacy.orr.120mg_qd@randomised {shown}` goes from one number to its rows"),
    ];
    let found = vec!["zeltorafib is a fictional compound, and its data are simulated".to_owned()];
    Ok(InitReport { written, found, next, guesses: Vec::new() })
}

/// Writes every file, or removes those that were written.
fn all_or_none(place: &Place) -> Result<Vec<PathBuf>, InitError> {
    let mut written: Vec<PathBuf> = Vec::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    for (name, bytes) in ZELTORAFIB {
        let path = place.file(name);
        if let Err(error) = write_one(&path, bytes, &mut folders) {
            written.iter().for_each(|file| drop(fs::remove_file(file)));
            folders.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
            return Err(InitError::Write { path, error });
        }
        written.push(path);
    }
    Ok(written)
}

fn write_one(path: &Path, bytes: &[u8], folders: &mut Vec<PathBuf>) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        fs::create_dir(folder)?;
        folders.push(folder.to_path_buf());
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    io::Write::write_all(&mut file, bytes).inspect_err(|_| drop(fs::remove_file(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PROJECT_FILE;

    #[test]
    fn every_file_of_the_example_is_carried_and_the_project_file_comes_last() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zeltorafib");
        let mut there: Vec<String> = Vec::new();
        for folder in ["", "data/"] {
            let entries = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap());
            let files = entries.filter(|entry| entry.path().is_file() && !entry.file_name().to_string_lossy().starts_with("dosecase.lock"));
            there.extend(files.map(|entry| format!("{folder}{}", entry.file_name().to_string_lossy())));
        }
        there.sort();
        let mut carried: Vec<String> = ZELTORAFIB.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(carried.last().map(String::as_str), Some(PROJECT_FILE));
        carried.sort();
        assert_eq!(carried, there);
    }
}
