//! The folder of the project: what is there, and writing into it without overwriting.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use super::error::InitError;
use crate::config::PROJECT_FILE;

/// How many folders up a relative path may lead; beyond that an absolute one is easier to read.
const UP: usize = 3;

/// The folder of a new project. Folders that were made for it are removed again unless a file was written.
#[derive(Debug)]
pub(super) struct Place {
    dir: PathBuf,
    /// The same without links and dots.
    real: PathBuf,
    /// Folders that were made, the outermost first.
    made: Vec<PathBuf>,
}

/// Refuses a folder that has a project file, or is none.
pub(super) fn refuse_existing(dir: &Path) -> Result<(), InitError> {
    if dir.exists() && !dir.is_dir() {
        return Err(InitError::NotAFolder(dir.to_path_buf()));
    }
    let file = dir.join(PROJECT_FILE);
    if file.symlink_metadata().is_ok() { Err(InitError::Exists(file)) } else { Ok(()) }
}

impl Place {
    /// The folder `dir`, made where it does not exist.
    pub(super) fn make(dir: &Path) -> Result<Self, InitError> {
        refuse_existing(dir)?;
        let missing: Vec<&Path> = dir.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
        let mut place = Self { dir: dir.to_path_buf(), real: PathBuf::new(), made: Vec::new() };
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => place.made.push(folder.to_path_buf()),
                // `a/../b` names a folder that exists as soon as `a` does.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(InitError::Write { path: folder.to_path_buf(), error }),
            }
        }
        let named = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
        place.real = fs::canonicalize(named).map_err(InitError::write(dir))?;
        Ok(place)
    }

    /// The path of a file in the folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Keeps the folders that were made, because something was written into them.
    pub(super) fn keep(mut self) {
        self.made.clear();
    }

    /// Writes a file that does not exist yet.
    pub(super) fn write(mut self, name: &str, text: &str) -> Result<PathBuf, InitError> {
        let path = self.file(name);
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(InitError::Exists(path)),
            Err(error) => return Err(InitError::Write { path, error }),
        };
        if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
            drop(file);
            let _ = fs::remove_file(&path);
            return Err(InitError::Write { path, error });
        }
        self.made.clear();
        Ok(path)
    }

    /// A path as the project file writes it: relative where the two lie near each other, otherwise absolute.
    pub(super) fn written(&self, target: &Path) -> Result<String, InitError> {
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_path_buf());
        let shared = self.real.components().zip(target.components()).take_while(|(a, b)| a == b);
        let (depth, named) =
            shared.fold((0, 0), |(depth, named), (part, _)| (depth + 1, named + usize::from(matches!(part, Component::Normal(_)))));
        let up = self.real.components().count() - depth;
        let text = |path: &Path| path.to_str().map(str::to_owned).ok_or_else(|| InitError::NotText(path.to_path_buf()));
        if named == 0 || up > UP {
            return text(&target);
        }
        let mut parts: Vec<String> = vec!["..".to_owned(); up];
        for part in target.components().skip(depth) {
            parts.push(text(Path::new(part.as_os_str()))?);
        }
        Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for folder in self.made.iter().rev() {
            // Only a folder that is still empty goes; anything in it is somebody else's.
            let _ = fs::remove_dir(folder);
        }
    }
}
