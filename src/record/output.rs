//! Output folders that are replaced whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::evidence::json::SCHEMA;

/// What tells a folder of ours from anybody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderKind {
    /// What the folder holds, in a word: `dossier`. Files that begin with it and a full stop are ours.
    pub name: &'static str,
    /// The file that every such folder has.
    pub marker: &'static str,
    /// What the first bytes of that file hold.
    pub schema: &'static str,
    /// Names that are written besides those of the current files.
    pub written: &'static [&'static str],
}

/// The folder of a build.
const DOSSIER: FolderKind =
    FolderKind { name: "dossier", marker: "evidence.json", schema: SCHEMA, written: &["evidence.json", "exhibits"] };

/// How often a build looks again for a folder that another one has just taken away.
const ATTEMPTS: usize = 20;

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
    #[error("{} exists and is not a {kind} of dosecase: it will not be replaced. Name another folder with --out, or move it away.", .out.display())]
    Foreign {
        /// The folder.
        out: PathBuf,
        /// What it should hold.
        kind: &'static str,
    },
    /// The folder holds a dossier, and something else beside it.
    #[error("{} holds a {kind} and `{name}`, which dosecase did not write and a build would remove. Move it away, or name another folder with --out.", .out.display())]
    Strange {
        /// The folder.
        out: PathBuf,
        /// What it holds of ours.
        kind: &'static str,
        /// What else it holds.
        name: String,
    },
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
/// leaves `out` as it was. Where `out` is a link, the folder behind it is replaced and the link stays.
///
/// # Errors
/// [`OutputError`]; an existing folder that holds anything but a dossier of ours is never replaced, and of two builds that write to one
/// folder at the same time the second is told so.
pub fn replace_folder(out: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    replace_folder_of(&DOSSIER, out, files)
}

/// As [`replace_folder`], for another kind of folder.
///
/// # Errors
/// As [`replace_folder`].
pub fn replace_folder_of(kind: &FolderKind, out: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    let out = &resolved(out)?;
    let name = out.file_name().ok_or_else(|| OutputError::Unnamed(out.clone()))?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(parent).map_err(io_error(parent))?;
    let hidden = |ending: &str| {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(ending);
        parent.join(hidden)
    };
    let (staging, replaced) = (hidden(".building"), hidden(".replaced"));
    // The locks end with the process, so that a killed build blocks nobody; what it left behind is removed below.
    let _held = lock(&staging, out)?;
    let written = replace(kind, out, &staging, &replaced, files);
    let cleared = remove(&staging);
    written?;
    cleared
}

/// Fills the staging folder, which this build alone holds, and puts it in the place of the old one.
fn replace(kind: &FolderKind, out: &Path, staging: &Path, replaced: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    restore(out, replaced)?;
    let old = if out.exists() {
        refuse_foreign(kind, out, files)?;
        // After the exchange the old folder has the name of the new one: without a lock on it too, the next build would write into it while
        // it is removed.
        Some(lock_folder(out, out)?)
    } else {
        None
    };
    clear(staging)?;
    write_all(staging, files)?;
    exchange(staging, out, replaced)?;
    let removed = remove(staging);
    drop(old);
    removed
}

/// The folder that a path means: links and dots resolved, where it exists.
fn resolved(out: &Path) -> Result<PathBuf, OutputError> {
    match fs::symlink_metadata(out) {
        Ok(_) => fs::canonicalize(out).map_err(io_error(out)),
        Err(_) => Ok(out.to_owned()),
    }
}

/// The folder of this path, made where it is not there, and locked.
fn lock(staging: &Path, out: &Path) -> Result<File, OutputError> {
    // Another build may finish, and take its folder away, between any two of these steps.
    for _ in 0..ATTEMPTS {
        fs::create_dir_all(staging).map_err(io_error(staging))?;
        let Ok(held) = lock_folder(staging, out) else { break };
        if is_at(&held, staging) {
            return Ok(held);
        }
    }
    Err(OutputError::Busy(out.to_owned()))
}

fn lock_folder(folder: &Path, out: &Path) -> Result<File, OutputError> {
    let held = File::open(folder).map_err(io_error(folder))?;
    held.try_lock().map_err(|_| OutputError::Busy(out.to_owned()))?;
    Ok(held)
}

/// Whether a path still leads to the folder that was opened.
#[cfg(unix)]
fn is_at(held: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |(own, other): (fs::Metadata, fs::Metadata)| (own.dev(), own.ino()) == (other.dev(), other.ino());
    held.metadata().ok().zip(fs::metadata(path).ok()).is_some_and(same)
}

/// Whether a path still leads to the folder that was opened.
#[cfg(not(unix))]
fn is_at(_held: &File, path: &Path) -> bool {
    path.is_dir()
}

/// Puts back what a build that was killed between two renames left, where the system cannot exchange two names in one.
fn restore(out: &Path, replaced: &Path) -> Result<(), OutputError> {
    match (replaced.is_dir(), out.exists()) {
        (true, false) => fs::rename(replaced, out).map_err(io_error(out)),
        (true, true) => remove(replaced),
        (false, _) => Ok(()),
    }
}

/// Refuses a folder that holds what a build did not write.
fn refuse_foreign(kind: &FolderKind, out: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    let foreign = || OutputError::Foreign { out: out.to_owned(), kind: kind.name };
    let Ok(entries) = fs::read_dir(out) else { return Err(foreign()) };
    let names: Vec<String> = entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    if names.is_empty() {
        return Ok(());
    }
    if !is_ours(kind, out) {
        return Err(foreign());
    }
    let first = |file: &OutputFile| file.path.split('/').next().unwrap_or_default().to_owned();
    let ours = |name: &String| {
        // What file managers leave is nobody's work.
        let litter = name.starts_with('.') || name.eq_ignore_ascii_case("thumbs.db") || name.eq_ignore_ascii_case("desktop.ini");
        let of_kind = name.strip_prefix(kind.name).is_some_and(|rest| rest.starts_with('.')) || kind.written.contains(&name.as_str());
        litter || of_kind || files.iter().any(|file| first(file) == *name)
    };
    match names.iter().filter(|name| !ours(name)).min() {
        Some(name) => Err(OutputError::Strange { out: out.to_owned(), kind: kind.name, name: name.clone() }),
        None => Ok(()),
    }
}

/// Whether a folder holds what marks its kind.
fn is_ours(kind: &FolderKind, out: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(out.join(kind.marker)).and_then(|file| file.take(256).read_to_end(&mut head));
    read.is_ok() && String::from_utf8_lossy(&head).contains(kind.schema)
}

fn remove(folder: &Path) -> Result<(), OutputError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OutputError::Io { path: folder.to_owned(), source: error }),
        _ => Ok(()),
    }
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
fn exchange(staging: &Path, out: &Path, replaced: &Path) -> Result<(), OutputError> {
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
    fs::rename(out, replaced).map_err(io_error(out))?;
    if let Err(source) = fs::rename(staging, out) {
        fs::rename(replaced, out).map_err(io_error(out))?;
        return Err(OutputError::Io { path: out.to_owned(), source });
    }
    remove(replaced)
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
        assert!(matches!(replace_folder(&out, &files("first")), Err(OutputError::Foreign { .. })));
        assert_eq!(fs::read_to_string(out.join("chapter.txt")).unwrap(), "years of work");
        assert!(matches!(replace_folder(Path::new("/"), &files("first")), Err(OutputError::Unnamed(_))));
    }

    #[test]
    fn what_somebody_put_beside_a_dossier_is_never_removed() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dossier");
        replace_folder(&out, &files("first")).unwrap();
        fs::write(out.join(".DS_Store"), "").unwrap();
        fs::write(out.join("dossier.docx"), "").unwrap();
        replace_folder(&out, &files("second")).unwrap();
        fs::write(out.join("notes.txt"), "years of work").unwrap();
        assert!(matches!(replace_folder(&out, &files("third")), Err(OutputError::Strange { name, .. }) if name == "notes.txt"));
        assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), "years of work");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_behind_a_link_is_replaced_and_the_link_stays() {
        let root = tempfile::tempdir().unwrap();
        let (target, link) = (root.path().join("target"), root.path().join("link"));
        fs::create_dir(&target).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        replace_folder(&link, &files("first")).unwrap();
        replace_folder(&link.join(""), &files("second")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(target.join("exhibits/second.svg").exists());
        let dangling = root.path().join("dangling");
        std::os::unix::fs::symlink(root.path().join("nothing"), &dangling).unwrap();
        assert!(matches!(replace_folder(&dangling, &files("first")), Err(OutputError::Io { .. })));
    }

    #[test]
    fn a_build_killed_between_two_renames_is_put_back() {
        let root = tempfile::tempdir().unwrap();
        let (out, replaced) = (root.path().join("dossier"), root.path().join(".dossier.replaced"));
        replace_folder(&out, &files("first")).unwrap();
        fs::rename(&out, &replaced).unwrap();
        restore(&out, &replaced).unwrap();
        assert!(out.join("exhibits/first.svg").exists());
        fs::create_dir(&replaced).unwrap();
        replace_folder(&out, &files("second")).unwrap();
        assert!(!replaced.exists());
    }

    #[test]
    fn of_builds_at_the_same_time_each_is_whole_or_refused() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("dossier");
        let many = |text: String| {
            let exhibits = (0..30).map(|number| OutputFile { path: format!("exhibits/{number}.svg"), bytes: text.clone().into_bytes() });
            files(&text).into_iter().take(1).chain(exhibits).collect::<Vec<_>>()
        };
        let build = |thread: usize| {
            let mut done = 0;
            for round in 0..25 {
                match replace_folder(&out, &many(format!("{thread}-{round}"))) {
                    Ok(()) => done += 1,
                    Err(OutputError::Busy(_)) => std::thread::yield_now(),
                    Err(error) => panic!("{error}"),
                }
            }
            done
        };
        let done: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|thread| scope.spawn(move || build(thread))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert!(done > 0);
        let evidence = fs::read_to_string(out.join("evidence.json")).unwrap();
        for number in 0..30 {
            let exhibit = fs::read_to_string(out.join(format!("exhibits/{number}.svg"))).unwrap();
            assert!(evidence.contains(&format!("\"{exhibit}\"")), "{exhibit} is not of {evidence}");
        }
        replace_folder(&out, &many("last".into())).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
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
