//! `dosecase design` as a user types it: every method, its numbers, its formats and its refusals.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::sandbox::{run, told};

/// Runs `dosecase design` with arguments separated by blanks; text within single quotes is one argument.
fn design(line: &str) -> (i32, String, String) {
    let mut arguments = vec!["design"];
    for (position, piece) in line.split('\'').enumerate() {
        if position % 2 == 1 {
            arguments.push(piece);
        } else {
            arguments.extend(piece.split_whitespace());
        }
    }
    told(&run(&arguments))
}

fn text(line: &str) -> String {
    let (code, out, errors) = design(line);
    assert_eq!(code, 0, "{line}: {errors}");
    out
}

fn json(line: &str) -> Value {
    let document: Value = serde_json::from_str(&text(&format!("{line} --format json"))).unwrap();
    assert_eq!(document["schema"], "dosecase-design/1");
    document
}

fn refused(line: &str) -> String {
    let (code, out, errors) = design(line);
    assert_eq!((code, out.as_str()), (2, ""), "{line}");
    errors
}

const METHODS: [&str; 15] = [
    "three-plus-three",
    "i3-3",
    "boin",
    "boin-combination",
    "keyboard",
    "mtpi",
    "mtpi2",
    "crm",
    "tite-crm",
    "blrm",
    "tite-boin",
    "boin12",
    "bf-boin",
    "simon",
    "bop2",
];

/// One question in the plainest form to each method; the doses of BLRM need amounts.
const PLAIN: [&str; 15] = [
    "three-plus-three",
    "i3+3 --target 0.3",
    "boin --target 0.3",
    "boin-combination --target 0.3",
    "keyboard --target 0.3",
    "mtpi --target 0.3",
    "mtpi-2 --target 0.3",
    "crm --target 0.25 --skeleton 0.06,0.14,0.25,0.38",
    "tite-crm --target 0.25 --halfwidth 0.05 --prior-mtd 3 --doses 4",
    "blrm --doses '10,30,60,120 mg' --reference-dose 60 --prior=-1.1,2,0,1",
    "tite-boin --target 0.3",
    "boin12 --toxicity-limit 0.35 --efficacy-limit 0.25",
    "bf-boin --target 0.25",
    "simon --p0 0.1 --p1 0.3",
    "bop2 --looks 10,20 --p0 0.2 --p1 0.4",
];

#[test]
fn help_lists_every_method_and_each_has_examples_that_run() {
    let help = text("--help");
    for method in METHODS {
        assert!(help.contains(&format!("  {method} ")), "{method}");
        let own = text(&format!("{method} --help"));
        let examples: Vec<&str> = own.lines().filter_map(|line| line.strip_prefix("  dosecase design ")).collect();
        assert!(examples.len() >= 2, "{method}: {own}");
        for example in examples.iter().filter(|example| !example.contains("--out") && !example.contains("--truth")) {
            let (code, _, errors) = design(&example.replace('"', "'"));
            assert_eq!(code, 0, "{example}: {errors}");
        }
    }
}

#[test]
fn every_method_answers_in_every_form() {
    for line in PLAIN {
        assert!(text(line).contains("Parameters"), "{line}");
        assert!(text(&format!("{line} --format md")).contains("| parameter | value | origin |"), "{line}");
        let csv = text(&format!("{line} --format csv"));
        let widths: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
        assert!(widths.len() > 1 && widths.windows(2).all(|pair| pair[0] == pair[1]), "{line}: {csv}");
        assert!(json(line)["parameters"].as_array().unwrap().iter().all(|parameter| parameter["origin"].is_string()), "{line}");
    }
}

#[test]
fn boin_has_its_published_boundaries() {
    let out = text("boin --target 0.30 --max-n 12");
    assert!(out.contains("lambda_e     0.2365") && out.contains("lambda_d  0.3585"), "{out}");
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/boin_boundaries.json");
    let reference: Value = serde_json::from_str(&fs::read_to_string(reference).unwrap()).unwrap();
    let expected = &reference["cases"][0]["expected"];
    let found = json("boin --target 0.30 --max-n 12");
    assert!((found["boundaries"]["lambda_e"].as_f64().unwrap() - expected["lambda_e"].as_f64().unwrap()).abs() < 1e-12);
    assert!((found["boundaries"]["lambda_d"].as_f64().unwrap() - expected["lambda_d"].as_f64().unwrap()).abs() < 1e-12);
    let rows = found["decision_table"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 12);
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row["n"], expected["n"][place]);
        assert_eq!(row["escalate_if_dlt_at_most"], expected["escalate_if_dlt_le"][place], "{row}");
        assert_eq!(row["de_escalate_if_dlt_at_least"], expected["deescalate_if_dlt_ge"][place], "{row}");
        assert_eq!(row["eliminate_if_dlt_at_least"], expected["eliminate_if_dlt_ge"][place], "{row}");
    }
}

#[test]
fn the_stricter_rule_at_the_lowest_dose_has_its_column() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/boin_boundaries.json");
    let reference: Value = serde_json::from_str(&fs::read_to_string(reference).unwrap()).unwrap();
    let expected = &reference["cases"][2]["expected"]["lowest_dose_stop_trial_if_dlt_ge"];
    let found = json("boin --target 0.20 --extra-safe --max-n 30");
    for (place, row) in found["decision_table"]["rows"].as_array().unwrap().iter().enumerate() {
        assert_eq!(row["stop_trial_if_dlt_at_least_at_lowest_dose"], expected[place], "{row}");
    }
}

#[test]
fn a_history_is_answered_with_a_reason() {
    let found = json("boin --target 0.3 --doses '10,30,60,120 mg' --history '3:0 3:0 3:1'");
    assert_eq!(found["next"]["next_dose"], "60 mg");
    assert_eq!(found["next"]["decision"], "stay");
    assert_eq!(found["next"]["reason"], "1 of 3 patients with DLT at 60 mg: rate 0.333 lies between 0.236 and 0.359, so stay at 60 mg");
    assert_eq!(found["state"]["rows"].as_array().unwrap().len(), 4);
    assert!(found.get("selection").is_none() && found.get("decision_table").is_none());
    let selected = json("boin --target 0.3 --history '3:0 3:0 3:1' --select");
    assert_eq!(selected["selection"]["mtd_level"], 3);
    // Letters, doses and the rule's own doses tell the same trial.
    for history in ["1NNN 2NNN 3NNT", "1@3:0 2@3:0 3@3:1"] {
        assert_eq!(json(&format!("boin --target 0.3 --history '{history}' --select")), selected, "{history}");
    }
    let stopped = json("three-plus-three --doses 3 --history '3:0 3:2'");
    assert_eq!((&stopped["next"]["decision"], &stopped["selection"]["mtd_level"]), (&Value::from("stop"), &Value::from(1)));
}

#[test]
fn a_full_trial_and_titration_are_followed() {
    let full = json("boin --target 0.3 --max-n 6 --history '3:0 3:1'");
    assert_eq!(full["next"]["reason"], "6 patients in the trial reach the limit of 6, so stop the trial");
    let titration = json("boin --target 0.3 --titration --history '1:0 1:1'");
    assert_eq!((&titration["next"]["next_dose_level"], &titration["next"]["next_cohort_size"]), (&Value::from(2), &Value::from(2)));
    assert!(refused("boin --target 0.3 --titration --paths 2").contains("full cohorts"));
    let on = json("boin --target 0.3 --titration --history '1:0 1:0'");
    assert_eq!((&on["next"]["next_dose_level"], &on["next"]["next_cohort_size"]), (&Value::from(3), &Value::from(1)));
}

#[test]
fn models_answer_before_the_first_patient_and_on_a_history() {
    let crm = json("crm --target 0.25 --skeleton 0.06,0.14,0.25,0.38");
    assert!((crm["prior"]["rows"][1]["estimate"].as_f64().unwrap() - 0.14).abs() < 1e-12);
    assert_eq!(crm["paths"]["rows"].as_array().unwrap().len(), 4);
    let blrm = "blrm --doses '10,30,60,120 mg' --reference-dose 60 --prior=-1.1,2,0,1";
    let next = json(&format!("{blrm} --history '3:0 3:0 3:1'"));
    assert!(next["next"]["reason"].as_str().unwrap().contains("probability of overdosing is below 0.250"), "{next}");
    let likelihood = json("crm --target 0.25 --skeleton 0.06,0.14,0.25,0.38 --inference likelihood --history '1@3:0 2@3:1'");
    assert_eq!(likelihood["next"]["next_dose_level"], 2);
}

#[test]
fn pending_patients_are_weighed_and_can_suspend_accrual() {
    let waiting = json("tite-boin --target 0.3 --history '1@3:0 2@3:0+0.5+0.8'");
    assert_eq!(waiting["next"]["decision"], "suspend accrual");
    let going_on = json("tite-boin --target 0.3 --history '1@3:0 2@3:0+0.5'");
    assert_eq!((&going_on["next"]["decision"], &going_on["next"]["next_dose_level"]), (&Value::from("escalate"), &Value::from(3)));
    let crm = json("tite-crm --target 0.25 --skeleton 0.06,0.14,0.25,0.38 --history '1@3:0 2@3:0+0.5+0.8'");
    assert_eq!(crm["next"]["next_dose_level"], 3);
}

#[test]
fn efficacy_backfill_and_pairs_have_answers_of_their_own() {
    let boin12 = json("boin12 --toxicity-limit 0.35 --efficacy-limit 0.25 --history '3:0:1 3:1:2' --select");
    assert_eq!((&boin12["next"]["next_dose_level"], &boin12["selection"]["obd"]), (&Value::from(2), &Value::from("dose 2")));
    let backfill = json("bf-boin --target 0.25 --backfill-cap 12 --history '1@6:0 2@6:1 3@3:0' --active 1,2");
    assert_eq!((&backfill["next"]["next_dose_level"], &backfill["backfill"]["assign"]), (&Value::from(4), &Value::from("dose 2")));
    let pair = json("boin-combination --target 0.3 --rows 2 --columns 2 --history '1,1@3:0'");
    assert_eq!(pair["next"]["next_pair"], "(2, 1) or (1, 2)");
}

#[test]
fn paths_and_characteristics_follow_from_one_command() {
    let paths = json("boin --target 0.3 --doses 3 --history '3:0' --paths 2");
    assert_eq!(paths["paths"]["rows"].as_array().unwrap().len(), 20);
    let exact = json("three-plus-three --truth 0.05,0.15,0.30,0.45");
    let rows = exact["characteristics"]["rows"].as_array().unwrap();
    let selected: f64 = rows.iter().map(|row| row["prob_selected"].as_f64().unwrap()).sum();
    let none = exact["characteristics"]["prob_no_dose_selected"].as_f64().unwrap();
    assert!((selected + none - 1.0).abs() < 1e-12);
    assert!(exact["characteristics"]["method"].as_str().unwrap().starts_with("exact"));
    let line = "tite-boin --target 0.3 --truth 0.05,0.15,0.30 --accrual 4 --trials 200 --seed 7";
    let simulated = json(line);
    assert_eq!(simulated["characteristics"]["method"], "simulated: 200 trials, seed 7");
    assert!(simulated["characteristics"]["rows"][0]["prob_selected_se"].is_number());
    assert_eq!(json(line), simulated);
    let crm = json("crm --target 0.25 --skeleton 0.06,0.14,0.25 --max-n 12 --truth 0.05,0.12,0.25");
    assert!(crm["characteristics"]["method"].as_str().unwrap().starts_with("exact"));
}

#[test]
fn phase_two_designs_have_their_published_numbers() {
    let simon = json("simon --p0 0.1 --p1 0.3");
    let rows = simon["designs"]["rows"].as_array().unwrap();
    let of = |kind: &str| rows.iter().find(|row| row["design"] == kind).unwrap();
    let counts = |row: &Value| ["r1", "n1", "r", "n"].map(|key| row[key].as_u64().unwrap());
    assert_eq!((counts(of("optimal")), counts(of("minimax"))), ([1, 10, 5, 29], [1, 15, 5, 25]));
    let bop2 = json("bop2 --looks 10,20,30,40 --p0 0.2 --p1 0.4 --alpha 0.1");
    assert!(bop2["characteristics"]["rows"][0]["prob_promising"].as_f64().unwrap() <= 0.1);
}

#[test]
fn figures_are_drawn_where_there_is_something_to_draw() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("grid.svg");
    let (code, out, errors) =
        told(&run(&["design", "boin", "--target", "0.3", "--history", "3:0 3:1", "--format", "svg", "--out", &file.to_string_lossy()]));
    assert_eq!((code, out.as_str()), (0, ""), "{errors}");
    let drawn = fs::read_to_string(&file).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.contains("1 of 3 at dose 2"), "{drawn}");
    assert!(text("crm --target 0.25 --skeleton 0.06,0.14,0.25 --format svg").contains("Probability of DLT"));
    assert!(refused("boin12 --toxicity-limit 0.35 --efficacy-limit 0.25 --format svg").contains("looks at efficacy as well"));
    assert!(refused("simon --p0 0.1 --p1 0.3 --format svg").contains("no decision grid"));
    assert!(refused("boin --target 0.3 --truth 0.1,0.3 --format svg").contains("no figure"));
}

#[test]
fn bad_designs_and_histories_are_refused_clearly() {
    for (line, expected) in [
        ("boin --target 0.7", "the target is 0.7, but must be at least 0.05 and at most 0.6"),
        ("boin --target nan", "not a number"),
        ("boin --target 0.3 --underdosing 0.29", "the underdosing probability is 0.29"),
        ("boin --target 0.3 --history '3:4'", "4 patients with dose-limiting toxicity among 3 is impossible"),
        ("boin --target 0.3 --history '3:-1'", "whole number of 0 or more"),
        ("boin --target 0.3 --history '0:0'", "must lie between 1 and 100"),
        ("boin --target 0.3 --history '3:3 3:0'", "the design stops after cohort 1"),
        ("boin --target 0.3 --history '9@3:0'", "outside the grid of 5 doses"),
        ("boin --target 0.3 --doses 30,10", "the doses do not ascend: 30 is followed by 10"),
        ("boin --target 0.3 --doses 10000", "a grid of 10000 doses is not possible"),
        ("boin --target 0.3 --cohort-size 0", "the cohort size is 0"),
        ("boin --target 0.3 --max-n 5000", "must lie between 1 and 1000"),
        ("boin --target 0.3 --truth 0.3,0.1", "the scenario must not fall from dose 1 to dose 2"),
        ("boin --target 0.3 --truth 0.1,0.3 --doses 3", "2 values for 3 doses"),
        ("boin --target 0.3 --start 6", "dose 6 is outside the grid"),
        ("boin --target 0.3 --out /nowhere/at/all.txt", "/nowhere/at/all.txt"),
        ("boni --target 0.3", "boin"),
        ("boin --traget 0.3", "--target"),
        ("boin --target 0.3 --stop-rule whenstaying", "when-staying"),
        ("crm --target 0.25", "--skeleton"),
        ("crm --target 0.25 --skeleton 0.3,0.1", "must rise from dose 1 to dose 2"),
        ("crm --target 0.25 --skeleton 0.1,0.3 --inference likelihood --history '1@3:0'", "does not exist"),
        ("blrm --doses 5 --reference-dose 10 --prior=-1,2,0,1", "give them with --doses"),
        ("blrm --doses '10,30 mg' --reference-dose '1 mg/kg' --prior=-1,2,0,1", "cannot be expressed in mg"),
        ("blrm --doses 10,30 --reference-dose 10 --prior 1,2", "--prior has 2 numbers"),
        ("tite-boin --target 0.3 --truth 0.1,0.3", "give --accrual"),
        ("tite-boin --target 0.3 --history '3:0+0.5'", "every cohort needs its dose"),
        ("boin12 --toxicity-limit 0.35 --efficacy-limit 0.25 --history '3:1'", "patients:toxicities:efficacies"),
        ("boin12 --toxicity-limit 0.35 --efficacy-limit 0.25 --truth 0.1,0.3", "are not computed"),
        ("boin-combination --target 0.3 --history '4,1@3:0'", "the grid has 3 by 3 doses"),
        ("simon --p0 0.3 --p1 0.1", "does not exceed"),
    ] {
        let errors = refused(line);
        assert!(errors.contains(expected), "{line}: {errors}");
    }
}
