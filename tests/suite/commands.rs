//! Every command as a user types it: output, exit codes, errors.

use std::fs;

use serde_json::Value;

use super::sandbox::{BINARY, copy_of, dosecase, example, run, told};

fn project() -> String {
    example("zeltorafib-eop1").to_string_lossy().into_owned()
}

#[test]
fn help_shows_every_command_and_the_exit_codes() {
    let (code, out, _) = told(&run(&["--help"]));
    assert_eq!(code, 0);
    for word in [
        "init",
        "check",
        "build",
        "trace",
        "lock",
        "diff",
        "design",
        "validate",
        "simulate",
        "schema",
        "completions",
        "man",
        "Examples:",
        "Exit codes:",
    ] {
        assert!(out.contains(word), "{word}");
    }
    for command in ["init", "check", "build", "trace", "lock", "diff", "design", "validate", "simulate", "schema", "completions", "man"] {
        let (code, out, _) = told(&run(&[command, "--help"]));
        assert_eq!(code, 0);
        assert!(out.contains("Example"), "{command} --help has no example");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_names_the_nearest() {
    let (code, _, errors) = told(&run(&["biuld"]));
    assert_eq!(code, 2);
    assert!(errors.contains("build"), "{errors}");
    let (code, _, errors) = told(&run(&["build", "--format", "docx", &project()]));
    assert_eq!(code, 2);
    assert!(errors.contains("does not write Word"), "{errors}");
    let (code, _, errors) = told(&run(&["build", "/nowhere/at/all"]));
    assert_eq!(code, 2);
    assert!(errors.contains("/nowhere/at/all"), "{errors}");
}

#[test]
fn schema_man_and_completions_print() {
    let (code, out, _) = told(&run(&["schema"]));
    assert_eq!(code, 0);
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert!(schema["properties"]["dosages"].is_object());
    let (code, out, _) = told(&run(&["man"]));
    assert_eq!(code, 0);
    assert!(out.contains(".TH dosecase") && out.contains(".SS dosecase trace") && !out.contains("EXTRA"));
    // Examples keep their lines.
    assert_eq!((out.matches("\n.nf").count(), out.matches("\n.fi").count()), (28, 28));
    assert!(out.contains(".SS dosecase design boin\n"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, out, _) = told(&run(&["completions", shell]));
        assert_eq!(code, 0);
        assert!(out.contains("dosecase"), "{shell}");
    }
}

#[test]
fn check_shows_diagnostics_and_writes_nothing() {
    let project = copy_of("zeltorafib-eop1");
    let path = project.path().to_string_lossy().into_owned();
    let count = || fs::read_dir(project.path()).unwrap().count();
    let before = count();
    let (code, out, _) = told(&run(&["check", &path]));
    assert_eq!(code, 0);
    assert!(out.contains("The data can be used."), "{out}");
    let (code, out, _) = told(&run(&["check", "--json", &path]));
    assert_eq!(code, 0);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["schema"], "dosecase-check/1");
    let first = &json["diagnostics"][0];
    for member in ["code", "severity", "dataset", "file", "column", "rows", "subjects", "message", "hint"] {
        assert!(first.get(member).is_some(), "{member} is absent in {first}");
    }
    assert_eq!(count(), before);
}

#[test]
fn every_fault_of_a_project_file_is_told_with_its_line() {
    let project = copy_of("zeltorafib-eop1");
    let file = project.path().join("dosecase.yaml");
    let text = fs::read_to_string(&file).unwrap().replace("molecular_class:", "molecular_clas:").replace("title:", "titel:");
    fs::write(&file, text).unwrap();
    let (code, _, errors) = told(&run(&["check", &project.path().to_string_lossy()]));
    assert_eq!(code, 2);
    assert!(errors.contains("molecular_class") && errors.contains("title"), "{errors}");
    assert!(errors.contains("dosecase.yaml:"), "{errors}");
}

#[test]
fn a_truncated_dataset_exits_with_3_and_names_the_file() {
    let project = copy_of("zeltorafib-eop1");
    let file = project.path().join("data/adae.parquet");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let (code, _, errors) = told(&run(&["build", &project.path().to_string_lossy()]));
    assert_eq!(code, 3, "{errors}");
    assert!(errors.contains("adae.parquet"), "{errors}");
    assert!(!project.path().join("dossier").exists());
}

#[test]
fn trace_goes_back_to_rows_and_suggests_ids() {
    let (code, out, _) = told(&run(&["trace", "efficacy.orr.120mg_qd", &project()]));
    assert_eq!(code, 0);
    for word in ["efficacy.orr.120mg_qd", "Clopper-Pearson", "ADRS", "adrs.parquet", "SHA-256", "rows", "counted among: ADSL"] {
        assert!(out.contains(word), "{word} is not in\n{out}");
    }
    let (code, out, _) = told(&run(&["trace", "--json", "efficacy.orr.120mg_qd@randomised", &project()]));
    assert_eq!(code, 0);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["source"]["files"][0]["rows"].as_array().unwrap().len() as u64, json["count"].as_u64().unwrap());
    let (code, _, errors) = told(&run(&["trace", "efficacy.or.120mg_qd", &project()]));
    assert_eq!(code, 2);
    assert!(errors.contains("efficacy.orr.120mg_qd"), "{errors}");
}

#[test]
fn a_locked_build_refuses_a_touched_input_and_names_it() {
    let project = copy_of("zeltorafib-eop1");
    let path = project.path().to_string_lossy().into_owned();
    let (code, _, errors) = told(&run(&["build", "--locked", &path]));
    assert_eq!(code, 4);
    assert!(errors.contains("dosecase lock"), "{errors}");
    assert_eq!(told(&run(&["lock", &path])).0, 0);
    assert_eq!(told(&run(&["build", "--locked", &path])).0, 0);
    // A comment changes no number, but it is not the file that was locked.
    let file = project.path().join("dose_decisions.csv");
    fs::write(&file, format!("{}\n", fs::read_to_string(&file).unwrap())).unwrap();
    let (code, _, errors) = told(&run(&["build", "--locked", &path]));
    assert_eq!(code, 4);
    assert!(errors.contains("dose_decisions.csv has changed"), "{errors}");
}

#[test]
fn diff_lists_changed_facts_and_subjects() {
    let root = tempfile::tempdir().unwrap();
    let build = |name: &str| {
        let out = root.path().join(name).to_string_lossy().into_owned();
        let (code, _, errors) = told(&run(&["build", &example(name).to_string_lossy(), "--out", &out, "--format", "md"]));
        assert_eq!(code, 0, "{errors}");
        out
    };
    let (old, new) = (build("zeltorafib-eop1"), build("zeltorafib"));
    let (code, out, _) = told(&run(&["diff", &old, &new]));
    assert_eq!(code, 0);
    for words in ["Subjects in (205)", "Facts that changed", "efficacy.orr.120mg_qd:", "ADSL: 127 rows -> 332 rows"] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
    let (_, out, _) = told(&run(&["diff", "--json", &old, &new]));
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["subjects_in"].as_array().unwrap().len(), 205);
    assert!(json["changed"].as_array().unwrap().len() > 100);
    let (code, out, _) = told(&run(&["diff", &new, &new]));
    assert_eq!((code, out.trim()), (0, "Nothing changed."));
    let (code, _, errors) = told(&run(&["diff", &old, "/nowhere"]));
    assert_eq!(code, 2);
    assert!(errors.contains("/nowhere"), "{errors}");
}

#[test]
fn validate_qualifies_this_installation() {
    let (code, out, _) = told(&run(&["validate", "--format", "json"]));
    assert_eq!(code, 0, "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["schema"], "dosecase-validation/1");
    assert_eq!(report["summary"]["differs"], 0);
    assert_eq!(report["summary"]["error"], 0);
    assert!(report["summary"]["matched"].as_u64().unwrap() >= 29);
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure() {
    let script = format!("{} schema | head -n 1", BINARY);
    let output = std::process::Command::new("bash").args(["-o", "pipefail", "-c", &script]).output().unwrap();
    let (code, out, errors) = told(&output);
    assert_eq!((code, out.trim(), errors.as_str()), (0, "{", ""));
}

#[test]
fn completions_load_and_complete() {
    let (_, script, _) = told(&run(&["completions", "bash"]));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dosecase.bash");
    fs::write(&file, script).unwrap();
    let ask = "COMP_WORDS=(dosecase bu); COMP_CWORD=1; _dosecase dosecase bu dosecase; echo \"${COMPREPLY[@]}\"";
    let script = format!("source {} && complete -p dosecase >/dev/null && {ask}", file.display());
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(told(&output), (0, "build\n".into(), String::new()));
}

#[test]
fn a_json_build_that_fails_prints_one_document_too() {
    let project = copy_of("zeltorafib-eop1");
    let path = project.path().to_string_lossy().into_owned();
    let document = |arguments: &[&str], expected: i32| {
        let (code, printed, errors) = told(&run(arguments));
        assert_eq!(code, expected, "{errors}");
        assert!(!errors.is_empty());
        let json: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!((json["schema"].as_str(), json["out"].as_null()), (Some("dosecase-build/1"), Some(())));
        json
    };
    assert!(document(&["build", "--json", "--locked", &path], 4)["error"].as_str().unwrap().contains("dosecase lock"));
    assert_eq!(told(&run(&["lock", &path])).0, 0);
    let file = project.path().join("data/adae.parquet");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let failed = document(&["build", "--json", &path], 3);
    assert_eq!(failed["diagnostics"][0]["code"], "file-truncated");
    fs::remove_file(&file).unwrap();
    let mismatched = document(&["build", "--json", "--locked", &path], 4);
    assert_eq!(mismatched["mismatches"][0]["path"], "data/adae.parquet");
    fs::write(project.path().join("dosecase.yaml"), "- a list\n").unwrap();
    assert_eq!(document(&["build", "--json", &path], 2)["diagnostics"][0]["code"], "wrong-type");
}

#[test]
fn json_builds_print_one_document() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("out");
    let output = dosecase().args(["build", "--json", &project(), "--out", &out.to_string_lossy()]).output().unwrap();
    let (code, printed, errors) = told(&output);
    assert_eq!((code, errors.as_str()), (0, ""));
    let json: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(json["schema"], "dosecase-build/1");
    for file in json["files"].as_array().unwrap() {
        assert!(out.join(file.as_str().unwrap()).is_file(), "{file}");
    }
}
