//! Texts that people rely on, kept in `tests/snapshots`: a change shows as a change of these files.

use std::fs;

use dosecase::config::key_paths;
use insta::assert_snapshot;

use super::hostile::Spoilt;
use super::sandbox::{example, run, told};

fn kept(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        assert_snapshot!(name, text);
    });
}

#[test]
fn the_keys_of_the_project_file() {
    kept("project_keys", &key_paths().join("\n"));
}

#[test]
fn what_check_prints_of_a_broken_project() {
    let spoilt = Spoilt::new()
        .project("arm: Zeltorafib 60 mg QD", "arm: Zeltorafb 60 mg QD")
        .project("{PART: B}", "{PART: Z}")
        .column("adae", "USUBJID", |id| if id.ends_with('7') { format!("X-{id}") } else { id.to_owned() })
        .column("adpp", "AVAL", |value| value.replacen('.', ",", usize::from(value.len() == 5)));
    let (code, out, errors) = told(&run(&["check", &spoilt.path().to_string_lossy()]));
    assert_eq!((code, out.as_str()), (2, ""));
    kept("check_of_a_broken_project", &errors);
}

#[test]
fn what_check_prints_of_a_project_file_with_faults() {
    let spoilt = Spoilt::new()
        .project("molecular_class:", "molecular_clas:")
        .project("data_cutoff: 2024", "data_cutoff: 2O24")
        .project("title:", "titel:");
    let (code, out, errors) = told(&run(&["check", &spoilt.path().to_string_lossy()]));
    assert_eq!((code, out.as_str()), (2, ""));
    kept("check_of_a_project_file_with_faults", &errors.replace(&*spoilt.path().to_string_lossy(), "PROJECT"));
}

#[test]
fn the_summary_and_the_safety_tables_of_the_example() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("dossier");
    let project = example("zeltorafib-eop1");
    let arguments = ["build", &project.to_string_lossy(), "--format", "md", "--out", &out.to_string_lossy()];
    let (code, _, errors) = told(&run(&arguments));
    assert_eq!(code, 0, "{errors}");
    let text = fs::read_to_string(out.join("dossier.md")).unwrap();
    let part = |from: &str, to: &str| {
        let start = text.find(from).unwrap_or_else(|| panic!("no {from}"));
        let end = text[start..].find(to).unwrap_or_else(|| panic!("no {to} after {from}"));
        text[start..start + end].trim_end().to_owned()
    };
    kept("example_summary", &part("## <a id=\"summary\">", "\n## "));
    kept("example_dose_limiting_toxicities", &part("<a id=\"t-e04\">", "\nExhibit: T-E04"));
    kept("example_adverse_events", &part("<a id=\"t-e06\">", "\nExhibit: T-E06"));
}
