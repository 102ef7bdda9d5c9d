//! Copies of the examples and runs of the program, for tests that go the whole way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program that was built for these tests.
pub(super) const BINARY: &str = env!("CARGO_BIN_EXE_dosecase");

/// The folder of an example in the repository.
pub(super) fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// A folder of public data beside the checkout; `None` where it is absent, and the test passes over it.
pub(super) fn shared_data(path: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    folder.is_dir().then_some(folder)
}

/// A copy of an example that a test may change.
pub(super) fn copy_of(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&example(name), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            if entry.file_name() != "dossier" {
                fs::create_dir_all(&target).unwrap();
                copy(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// The program.
pub(super) fn dosecase() -> Command {
    Command::new(BINARY)
}

/// Runs the program and gives its output, whatever the exit code.
pub(super) fn run(arguments: &[&str]) -> Output {
    dosecase().args(arguments).output().unwrap()
}

/// Exit code, standard output and standard error.
pub(super) fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Every file under a folder with its bytes, by relative path.
pub(super) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    walk(folder, folder, &mut files);
    files.sort();
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()));
        }
    }
}
