//! Builds are deterministic, and a failed or killed one leaves the previous output whole.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use super::sandbox::{BINARY, contents, copy_of, dosecase, example, run, told};

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let root = tempfile::tempdir().unwrap();
    let project = example("zeltorafib-eop1");
    let folders = ["1", "2"].map(|threads| {
        let out = root.path().join(threads);
        let command = dosecase()
            .args(["build", &project.to_string_lossy(), "--out", &out.to_string_lossy()])
            .env("RAYON_NUM_THREADS", threads)
            .env("POLARS_MAX_THREADS", threads)
            .output()
            .unwrap();
        assert_eq!(command.status.code(), Some(0), "{}", String::from_utf8_lossy(&command.stderr));
        contents(&out)
    });
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert!(folders[0].len() > 20);
    assert_eq!(names(&folders[0]), names(&folders[1]));
    for (one, two) in folders[0].iter().zip(&folders[1]) {
        assert!(one.1 == two.1, "{} differs", one.0);
    }
}

#[test]
fn a_build_killed_at_any_moment_leaves_the_previous_output() {
    let project = copy_of("zeltorafib-eop1");
    let path = project.path().to_string_lossy().into_owned();
    let (code, _, errors) = told(&run(&["build", &path]));
    assert_eq!(code, 0, "{errors}");
    let before = contents(&project.path().join("dossier"));
    for milliseconds in [5_u64, 50, 150, 400, 700, 1000, 1300, 1600, 2000, 2600] {
        let mut child =
            std::process::Command::new(BINARY).args(["build", &path]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        // The build may have finished: then there is nothing to kill, and the output must be whole all the same.
        let _ = child.kill();
        child.wait().unwrap();
        assert!(contents(&project.path().join("dossier")) == before, "killed after {milliseconds} ms");
    }
    let (code, _, errors) = told(&run(&["build", &path]));
    assert_eq!(code, 0, "a build after a killed one works: {errors}");
    let leftovers: Vec<_> = fs::read_dir(project.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with('.'))
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

/// A limit on the size of files fails writes as a full disk does: in the middle of a file.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_previous_output() {
    let project = copy_of("zeltorafib-eop1");
    let path = project.path().to_string_lossy().into_owned();
    assert_eq!(told(&run(&["build", &path])).0, 0);
    let before = contents(&project.path().join("dossier"));
    let script = format!("trap '' XFSZ; ulimit -f 200; exec {} build {path}", BINARY);
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    let (code, _, errors) = told(&output);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("cannot write") && errors.contains("previous output is untouched"), "{errors}");
    assert!(contents(&project.path().join("dossier")) == before);
    assert!(!project.path().join(".dossier.building").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_said() {
    let project = example("zeltorafib-eop1");
    // /proc is read-only for everybody, the superuser included.
    let (code, _, errors) = told(&run(&["build", &project.to_string_lossy(), "--out", "/proc/dosecase-output"]));
    assert_eq!(code, 2);
    assert!(errors.contains("/proc/"), "{errors}");
}

#[test]
fn a_folder_of_somebody_else_is_never_replaced() {
    let project = copy_of("zeltorafib-eop1");
    let out = project.path().join("data");
    let before = contents(&out);
    let (code, _, errors) = told(&run(&["build", &project.path().to_string_lossy(), "--out", &out.to_string_lossy()]));
    assert_eq!(code, 2);
    assert!(errors.contains("not a dossier of dosecase"), "{errors}");
    assert!(contents(&out) == before);
}
