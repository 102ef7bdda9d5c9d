//! Output folders that are replaced whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::evidence::json::SCHEMA;

/// One file of an output folder.
#[derive(Debug, Clone)]
pub struct OutputFile {
    /// Path within the folder, with forward slashes.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Why an output folder was not written. The previous one is whole in every case.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The folder holds something that dosecase did not write.
    #[error("{} exists and is not a dossier of dosecase: it will not be replaced. Name another folder with --out, or move it away.", .0.display())]
    Foreign(PathBuf),
    /// The path names no folder that could be replaced.
    #[error("{} cannot be an output folder. Name a folder with --out.", .0.display())]
    Unnamed(PathBuf),
    /// Another build is writing there.
    #[error("another build is writing to {}. Wait for it, or name another folder with --out.", .0.display())]
    Busy(PathBuf),
    /// The file system refused.
    #[error("cannot write {}: {source}. The previous output is untouched.", .path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> OutputError + '_ {
    move |source| OutputError::Io { path: path.to_owned(), source }
}

/// Writes `files` to a folder beside `out`, then exchanges the two in one step. Whatever happens before that step - an error, a full disk, a kill -
/// leaves `out` as it was.
///
/// # Errors
/// [`OutputError`]; an existing folder without an `evidence.json` of ours is never replaced.
pub fn replace_folder(out: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    let name = out.file_name().ok_or_else(|| OutputError::Unnamed(out.to_owned()))?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if out.exists() && !is_ours(out) {
        return Err(OutputError::Foreign(out.to_owned()));
    }
    fs::create_dir_all(parent).map_err(io_error(parent))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".building");
    let staging = parent.join(hidden);
    fs::create_dir_all(&staging).map_err(io_error(&staging))?;
    // The lock ends with the process, so that a killed build blocks nobody; what it left behind is removed below.
    let lock = File::open(&staging).map_err(io_error(&staging))?;
    lock.try_lock().map_err(|_| OutputError::Busy(out.to_owned()))?;
    let written = clear(&staging).and_then(|()| write_all(&staging, files)).and_then(|()| exchange(&staging, out));
    let cleared = fs::remove_dir_all(&staging).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) });
    written?;
    cleared.map_err(io_error(&staging))
}

/// Whether a folder is empty or was written by us.
fn is_ours(out: &Path) -> bool {
    let empty = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    let head = || {
        let text = fs::read_to_string(out.join("evidence.json")).ok()?;
        Some(text.get(..200).unwrap_or(&text).contains(SCHEMA))
    };
    empty || head().unwrap_or(false)
}

fn clear(staging: &Path) -> Result<(), OutputError> {
    for entry in fs::read_dir(staging).map_err(io_error(staging))? {
        let path = entry.map_err(io_error(staging))?.path();
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(io_error(&path))?;
    }
    Ok(())
}

fn write_all(staging: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    for file in files {
        let path = staging.join(&file.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(io_error(folder))?;
        }
        let mut handle = File::create(&path).map_err(io_error(&path))?;
        handle.write_all(&file.bytes).map_err(io_error(&path))?;
        // Without this a full disk may only be noticed after the exchange.
        handle.sync_all().map_err(io_error(&path))?;
    }
    Ok(())
}

/// Puts the finished folder in the place of the old one: in one step where the system can exchange two names.
fn exchange(staging: &Path, out: &Path) -> Result<(), OutputError> {
    if !out.exists() {
        return fs::rename(staging, out).map_err(io_error(out));
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, staging, CWD, out, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            // File systems without the exchange go on with two renames.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {}
            Err(errno) => return Err(OutputError::Io { path: out.to_owned(), source: errno.into() }),
        }
    }
    let old = staging.with_extension("replaced");
    fs::rename(out, &old).map_err(io_error(out))?;
    if let Err(source) = fs::rename(staging, out) {
        fs::rename(&old, out).map_err(io_error(out))?;
        return Err(OutputError::Io { path: out.to_owned(), source });
    }
    fs::remove_dir_all(&old).map_err(io_error(&old))
}

/// Replaces one file whole or not at all.
///
/// # Errors
/// [`OutputError::Io`].
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(io_error(path))?;
    temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).map_err(io_error(path))?;
    temporary.persist(path).map_err(|error| OutputError::Io { path: path.to_owned(), source: error.error })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<OutputFile> {
        let evidence = format!("{{\"schema\": \"{SCHEMA}\", \"text\": \"{text}\"}}");
        vec![
            OutputFile { path: "evidence.json".into(), bytes: evidence.into_bytes() },
            OutputFile { path: format!("exhibits/{text}.svg"), bytes: b"<svg/>".to_vec() },
        ]
    }

    #[test]
    fn a_folder_is_replaced_whole() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dossier");
        replace_folder(&out, &files("first")).unwrap();
        replace_folder(&out, &files("second")).unwrap();
        assert!(fs::read_to_string(out.join("evidence.json")).unwrap().contains("second"));
        assert!(!out.join("exhibits/first.svg").exists(), "nothing of the first build is left");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "no temporary folder is left");
    }

    #[test]
    fn a_folder_that_is_not_ours_is_never_replaced() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("thesis");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("chapter.txt"), "years of work").unwrap();
        assert!(matches!(replace_folder(&out, &files("first")), Err(OutputError::Foreign(_))));
        assert_eq!(fs::read_to_string(out.join("chapter.txt")).unwrap(), "years of work");
        assert!(matches!(replace_folder(Path::new("/"), &files("first")), Err(OutputError::Unnamed(_))));
    }

    #[test]
    fn a_failed_write_leaves_the_old_folder() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dossier");
        replace_folder(&out, &files("first")).unwrap();
        // A file where a folder is needed makes the write fail half way, as a full disk would.
        let mut broken = files("second");
        broken.push(OutputFile { path: "evidence.json/inside".into(), bytes: Vec::new() });
        assert!(matches!(replace_folder(&out, &broken), Err(OutputError::Io { .. })));
        assert!(fs::read_to_string(out.join("evidence.json")).unwrap().contains("first"));
        assert!(out.join("exhibits/first.svg").exists());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_build_left_is_removed_and_a_running_one_is_respected() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dossier");
        let staging = root.path().join(".dossier.building");
        fs::create_dir(&staging).unwrap();
        fs::write(staging.join("half.svg"), "<sv").unwrap();
        replace_folder(&out, &files("first")).unwrap();
        assert!(!out.join("half.svg").exists());
        fs::create_dir(&staging).unwrap();
        let running = File::open(&staging).unwrap();
        running.try_lock().unwrap();
        assert!(matches!(replace_folder(&out, &files("second")), Err(OutputError::Busy(_))));
    }
}
