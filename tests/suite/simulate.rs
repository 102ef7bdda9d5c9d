//! `dosecase simulate` as a user types it: the numbers of the reference cases, the same bytes on any number of threads, and what it says of
//! files that are wrong.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::sandbox::{dosecase, example, run, told};

/// One short comparison of designs that are quick to run.
const QUICK: &str = "\
seed: 7
trials: 300
doses: [10 mg, 30 mg, 60 mg]
target: 0.3
accrual: {patients_per_month: 3}
designs:
  - {id: boin, design: {boin: {target: 0.3, max_patients: 12}}}
  - {id: tite, design: {tite_boin: {target: 0.3, max_patients: 12}}}
  - {id: obd, design: {boin12: {toxicity_limit: 0.35, efficacy_limit: 0.25, max_patients: 12}}}
scenarios:
  - {id: s1, label: Middle dose, toxicity: [0.1, 0.3, 0.5], efficacy: [0.2, 0.4, 0.5]}
  - {id: s2, toxicity: [0.45, 0.6, 0.7], efficacy: [0.1, 0.1, 0.1]}
";

/// Writes a scenario file into a new folder.
fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenarios.yaml");
    fs::write(&path, text).unwrap();
    let path = path.to_string_lossy().into_owned();
    (folder, path)
}

/// The JSON of a comparison.
fn json(text: &str) -> Value {
    let (_folder, path) = file(text);
    let (code, out, errors) = told(&run(&["simulate", &path, "--format", "json"]));
    assert_eq!(code, 0, "{errors}");
    serde_json::from_str(&out).unwrap()
}

fn result<'a>(document: &'a Value, scenario: &str, design: &str) -> &'a Value {
    let results = document["results"].as_array().unwrap();
    results.iter().find(|result| result["scenario"] == scenario && result["design"] == design).unwrap()
}

fn refused(text: &str) -> String {
    let (_folder, path) = file(text);
    let (code, out, errors) = told(&run(&["simulate", &path]));
    assert_eq!((code, out.as_str()), (2, ""), "{errors}");
    errors
}

fn reference(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name);
    let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    document["cases"].as_array().unwrap().clone()
}

fn assert_near(name: &str, found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{name}");
            found.iter().zip(expected).for_each(|(found, expected)| assert_near(name, found, expected));
        }
        // A list of one is written without brackets.
        (Value::Array(found), expected) => assert_near(name, &found[0], expected),
        (found, expected) => assert!((found.as_f64().unwrap() - expected.as_f64().unwrap()).abs() < 1e-9, "{name}: {found} {expected}"),
    }
}

fn truth(input: &Value) -> (String, usize) {
    let list = if input["p_true"].is_array() { input["p_true"].clone() } else { Value::Array(vec![input["p_true"].clone()]) };
    (list.to_string(), list.as_array().unwrap().len())
}

#[test]
fn boin_has_the_numbers_of_the_reference_cases() {
    let mut compared = 0;
    for case in reference("boin_oc.json") {
        let input = &case["input"];
        // The project file has no key for a selected dose below the upper boundary.
        if input["bound_mtd"] == true {
            continue;
        }
        let (truth, doses) = truth(input);
        let patients = input["ncohort"].as_u64().unwrap() * input["cohort_size"].as_u64().unwrap();
        let text = format!(
            "dose_levels: {doses}\nstart: {}\ndesigns: [{{id: boin, design: {{boin: {{target: {}, underdosing: {}, overdosing: {}, \
             elimination_cutoff: {}, extra_safe: {}, offset: {}, cohort_size: {}, max_patients: {patients}, stop_at: {}, \
             accelerated_titration: {}}}}}}}]\nscenarios: [{{id: s, toxicity: {truth}}}]\n",
            input["start_dose"],
            input["target"],
            input["p_saf"],
            input["p_tox"],
            input["cutoff_eli"],
            input["extrasafe"],
            input["offset"],
            input["cohort_size"],
            input["n_earlystop"],
            input["titration"]
        );
        let document = json(&text);
        let (found, expected) = (result(&document, "s", "boin"), &case["expected"]["exact"]);
        assert_eq!(found["method"]["kind"], "exact");
        let name = case["id"].as_str().unwrap();
        assert_near(name, &found["selected"], &expected["select_prob"]);
        assert_near(name, &found["none_selected"], &expected["prob_no_mtd"]);
        assert_near(name, &found["stopped_for_toxicity"], &expected["prob_stopped_early_toxic"]);
        assert_near(name, &found["patients"], &expected["mean_n"]);
        assert_near(name, &found["toxicities"], &expected["mean_tox"]);
        assert_near(name, &found["total_patients"]["sd"], &expected["sd_total_n"]);
        compared += 1;
    }
    assert!(compared >= 9);
}

#[test]
fn three_plus_three_has_the_numbers_of_the_reference_cases() {
    for case in reference("three_plus_three_exact.json") {
        let input = &case["input"];
        let (truth, doses) = truth(input);
        let text = format!(
            "dose_levels: {doses}\ntarget: 0.3\ndesigns: [{{id: rule, design: {{three_plus_three: {{allow_deescalation: {}}}}}}}]\n\
             scenarios: [{{id: s, toxicity: {truth}}}]\n",
            input["allow_deescalate"]
        );
        let document = json(&text);
        let (found, expected) = (result(&document, "s", "rule"), &case["expected"]);
        let name = case["id"].as_str().unwrap();
        assert_near(name, &found["selected"], &expected["prob_mtd"]);
        assert_near(name, &found["none_selected"], &expected["prob_no_mtd"]);
        assert_near(name, &found["patients"], &expected["mean_n"]);
        assert_near(name, &found["toxicities"], &expected["mean_tox"]);
        assert_near(name, &found["total_patients"]["mean"], &expected["mean_total_n"]);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes_and_a_neighbour_changes_nothing() {
    let (folder, path) = file(QUICK);
    let on = |threads: &str| {
        let out = folder.path().join(format!("out{threads}"));
        let output = dosecase()
            .args(["simulate", &path, "--out", &out.to_string_lossy(), "--format", "csv"])
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        let (code, csv, errors) = told(&output);
        assert_eq!(code, 0, "{errors}");
        let files = ["table.md", "results.csv", "results.json", "figure.svg"].map(|name| fs::read(out.join(name)).unwrap());
        assert_eq!(files[1], csv.as_bytes());
        files
    };
    let one = on("1");
    assert!(one == on("3"), "the files of one thread and of three differ");
    let without: String = QUICK.lines().filter(|line| !line.contains("id: boin,")).map(|line| format!("{line}\n")).collect();
    let (whole, without) = (json(QUICK), json(&without));
    for design in ["tite", "obd"] {
        assert_eq!(result(&whole, "s1", design), result(&without, "s1", design));
    }
}

#[test]
fn the_tables_say_what_is_exact_and_what_is_simulated() {
    let (_folder, path) = file(QUICK);
    let (code, text, errors) = told(&run(&["simulate", &path]));
    assert_eq!(code, 0, "{errors}");
    for words in ["Middle dose (s1)", "True P(DLT)", "True P(efficacy)", "exact", "300 trials, SE ≤", "no dose", "Stopped for"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let (_, markdown, _) = told(&run(&["simulate", &path, "--format", "md"]));
    assert!(markdown.contains("| True P(DLT) | 0.10 | 0.30 | 0.50 |"), "{markdown}");
    let (_, svg, _) = told(&run(&["simulate", &path, "--format", "svg"]));
    assert!(svg.starts_with("<svg") && svg.contains("Middle dose") && svg.contains("TITE-BOIN"), "{svg}");
}

#[test]
fn the_command_line_replaces_the_file_s_trials_seed_and_exactness() {
    let (_folder, path) = file(QUICK);
    let (_, out, _) = told(&run(&["simulate", &path, "--format", "json", "--exact", "never", "--trials", "200", "--seed", "9"]));
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&document["trials"], &document["seed"], &document["exact"]), (&200.into(), &9.into(), &"never".into()));
    let found = result(&document, "s1", "boin");
    assert_eq!((&found["method"]["kind"], &found["method"]["trials"]), (&"simulated".into(), &200.into()));
    let exact = result(&json(QUICK), "s1", "boin")["selected"][1].as_f64().unwrap();
    let error = found["method"]["standard_errors"]["selected"][1].as_f64().unwrap();
    assert!((found["selected"][1].as_f64().unwrap() - exact).abs() < 4.0 * error);
}

#[test]
fn results_carry_every_default_with_its_origin() {
    let document = json(QUICK);
    assert_eq!(document["schema"], "dosecase-simulation/1");
    let defaults = document["defaults"].as_array().unwrap();
    let used = defaults.iter().find(|used| used["key"] == "designs[0].design.boin.elimination_cutoff").unwrap();
    assert_eq!((&used["value"], used["origin"].as_str().unwrap().contains("Liu2015")), (&"0.95".into(), true));
    assert!(defaults.iter().all(|used| used["key"] != "trials"));
    assert_eq!(document["designs"][0]["cohort_size"], 3);
}

#[test]
fn bad_files_are_told_with_every_fault_at_its_place() {
    let errors = refused(
        &QUICK.replace("toxicity: [0.1, 0.3, 0.5]", "toxicity: [0.1, 0.5, 0.3, 0.6]").replace("target: 0.3, max", "target: 0.7, max"),
    );
    for words in ["scenarios.yaml:7:", "scenarios.yaml:11:", "at most 0.6", "4 values for 3 doses", "toxicity falls from 0.5 to 0.3"] {
        assert!(errors.contains(words), "{words}\n{errors}");
    }
    assert!(refused(&QUICK.replace("tite_boin", "tite_bion")).contains("did you mean `tite_boin`"));
    assert!(refused(&QUICK.replace("[0.1, 0.3, 0.5]", "[-0.1, 0.3, 0.5]")).contains("at least 0"));
    assert!(refused(&QUICK.replace("max_patients: 12}", "max_patients: 12, cohort_size: 0}")).contains("at least 1"));
    assert!(refused(&QUICK.replace("id: tite,", "id: boin,")).contains("used twice"));
    assert!(refused(&QUICK.replace("id: s2", "id: s1")).contains("used twice"));
    assert!(refused(&QUICK.replace("doses: [10 mg, 30 mg, 60 mg]", "dose_levels: 10000")).contains("at most 64"));
    assert!(refused(&QUICK.replace("accrual: {patients_per_month: 3}\n", "")).contains("calendar time"));
    let designs = QUICK.replace("max_patients: 12}", "max_patients: 2000}");
    let errors = refused(&designs);
    for words in [
        "the design `boin` cannot be run",
        "the design `tite` cannot be run",
        "between 1 and 1000",
        "scenarios.yaml:7:",
        "scenarios.yaml:8:",
    ] {
        assert!(errors.contains(words), "{words}\n{errors}");
    }
}

#[test]
fn a_folder_of_somebody_else_is_not_replaced() {
    let (folder, path) = file(QUICK);
    let out = folder.path().join("thesis");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("chapter.txt"), "years of work").unwrap();
    let (code, _, errors) = told(&run(&["simulate", &path, "--out", &out.to_string_lossy()]));
    assert!(code == 2 && errors.contains("not a comparison of dosecase"), "{errors}");
    assert_eq!(fs::read_to_string(out.join("chapter.txt")).unwrap(), "years of work");
}

#[test]
fn what_one_sheet_has_no_room_for_is_still_tabulated() {
    let designs: String = (1..=7).map(|n| format!("  - {{id: d{n}, design: {{boin: {{target: 0.3, max_patients: 6}}}}}}\n")).collect();
    let text = format!("dose_levels: 3\ndesigns:\n{designs}scenarios: [{{id: s, toxicity: [0.1, 0.2, 0.3]}}]\n");
    let (folder, path) = file(&text);
    let out = folder.path().join("out");
    let (code, _, errors) = told(&run(&["simulate", &path, "--out", &out.to_string_lossy()]));
    assert!(code == 0 && errors.contains("no figure was drawn") && errors.contains("7 designs"), "{errors}");
    assert!(out.join("results.csv").exists() && !out.join("figure.svg").exists());
    let scenarios: String = (1..=9).map(|n| format!("  - {{id: s{n}, toxicity: [0.1, 0.2, 0.3]}}\n")).collect();
    let many = format!("dose_levels: 3\ndesigns: [{{id: d, design: {{boin: {{target: 0.3, max_patients: 6}}}}}}]\nscenarios:\n{scenarios}");
    fs::write(&path, many).unwrap();
    let (code, _, errors) = told(&run(&["simulate", &path, "--out", &out.to_string_lossy()]));
    assert!(code == 0 && out.join("figure.svg").exists() && out.join("figures/figure-2.svg").exists(), "{errors}");
    assert!(told(&run(&["simulate", &path, "--format", "svg"])).2.contains("--out DIR"));
}

#[test]
fn the_example_and_the_schema_fit_together() {
    let (code, out, _) = told(&run(&["schema", "--scenarios"]));
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert!(code == 0 && schema["properties"]["designs"]["description"].is_string());
    let path = example("simulation").join("scenarios.yaml");
    let (code, out, errors) = told(&run(&["simulate", &path.to_string_lossy(), "--format", "json", "--trials", "100"]));
    assert_eq!(code, 0, "{errors}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["results"].as_array().unwrap().len(), 25);
}
