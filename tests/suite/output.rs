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
    assert!(!project.path().join(".data.building").exists());
}

/// Where a build runs, how it is told of its project and its output, and where the output lies, are no part of a dossier.
#[test]
fn no_path_of_the_machine_is_in_a_dossier() {
    let project = copy_of("zeltorafib-eop1");
    // An acceptance that is not used speaks of the project file, in every format.
    let file = project.path().join("dosecase.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let data = text.lines().find(|line| line.trim_start().starts_with("path: data")).unwrap();
    fs::write(&file, text.replace(data, &format!("{data}\n  accept: [{{code: rows-doubled, reason: none}}]"))).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (root, name) = (project.path().parent().unwrap(), project.path().file_name().unwrap());
    let absolute = elsewhere.path().join("a");
    let build = |folder: &std::path::Path, arguments: &[&std::ffi::OsStr]| {
        let output = dosecase().current_dir(folder).arg("build").args(arguments).output().unwrap();
        let (code, _, errors) = told(&output);
        assert_eq!(code, 0, "{errors}");
    };
    build(elsewhere.path(), &[project.path().as_os_str(), "--out".as_ref(), absolute.as_os_str()]);
    build(root, &[name, "--out".as_ref(), elsewhere.path().join("b/").as_os_str()]);
    // Inside the data folder, whose files it must not join; twice, so that the second build sees the first.
    for _ in 0..2 {
        build(project.path(), &["--out".as_ref(), "data/dossier".as_ref()]);
    }
    build(&project.path().join("data"), &["../dosecase.yaml".as_ref(), "--out".as_ref(), elsewhere.path().join("d").as_os_str()]);
    let first = contents(&absolute);
    for other in [elsewhere.path().join("b"), project.path().join("data/dossier"), elsewhere.path().join("d")] {
        assert!(contents(&other) == first, "{} differs", other.display());
    }
    let paths = [root, elsewhere.path(), std::path::Path::new(env!("CARGO_MANIFEST_DIR"))];
    for (file, bytes) in &first {
        let text = String::from_utf8_lossy(bytes);
        for path in paths.iter().map(|path| path.to_string_lossy()).filter(|path| path.len() > 1) {
            assert!(!text.contains(&format!("{path}/")), "{file} holds {path}");
        }
    }
    assert!(first.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("accept-unused")));
}

#[test]
fn builds_at_the_same_time_are_whole_or_refused() {
    let project = copy_of("zeltorafib-eop1");
    let path = project.path().to_string_lossy().into_owned();
    assert_eq!(told(&run(&["build", &path])).0, 0);
    let before = contents(&project.path().join("dossier"));
    let start = |_| std::process::Command::new(BINARY).args(["build", &path]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..3).map(start).collect();
    let ends: Vec<_> = children.into_iter().map(|child| told(&child.wait_with_output().unwrap())).collect();
    assert!(ends.iter().any(|(code, _, _)| *code == 0), "{ends:?}");
    for (code, _, errors) in &ends {
        assert!(*code == 0 || (*code == 2 && errors.contains("another build")), "{code}: {errors}");
    }
    assert!(contents(&project.path().join("dossier")) == before);
    assert!(!project.path().join(".dossier.building").exists());
}
