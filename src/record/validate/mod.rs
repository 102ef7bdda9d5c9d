//! Qualification of an installation by reference cases.
//!
//! A case file holds inputs, the values expected from them and the tolerance of each; its stem names the method. Every leaf of what is
//! expected is compared with what this program computes and listed with a [`Status`]; a method that this program does not have, or a
//! leaf that it does not compute, is `not_computed`, never passed. Start with [`validate`] on [`embedded_cases`] or [`read_cases`],
//! then [`ValidationReport::to_json`], [`ValidationReport::to_text`] or [`ValidationReport::to_html`].

mod bayes_emax;
mod bayes_logistic;
mod beta_binomial;
mod bf_boin_oc;
mod bf_boin_rule;
mod binary_emax_ml;
mod blrm;
mod boin12_next_dose;
mod boin12_obd;
mod boin12_rds;
mod boin_boundaries;
mod boin_comb;
mod boin_select_mtd;
mod bop2;
mod calendar_characteristics;
mod case;
mod compare;
mod cox;
mod crm;
mod crm_oc;
mod crm_skeleton;
mod cui_deterministic;
mod cui_posterior;
mod cumulative_incidence;
mod dose_paths;
mod dose_proportionality;
mod dose_response_general;
mod dose_response_input;
mod dose_response_normal;
mod eortc_qlqc30;
mod first_in_human;
mod formula;
mod guesstimates;
mod html;
mod input;
mod interval_tables;
mod kaplan_meier;
mod kronrod;
mod logistic_er;
mod logistic_firth;
mod mcpmod;
mod mean_cumulative_function;
mod method;
mod nca;
mod nca_tau;
mod nist_linear;
mod nist_nonlinear;
mod one_proportion;
mod operating_characteristics;
mod optimal_contrasts_power;
mod peer_search;
mod pick_the_winner;
mod proctcae;
mod regression_input;
mod report;
mod simon_two_stage;
mod stratified;
mod text;
mod tite_boin;
mod tite_boin_ess;
mod tite_boin_oc;
mod tolerance_rule;
mod toxicity_index;
mod trend;
mod two_proportions;

pub use case::{CaseFile, ValidateError, embedded_cases, read_cases};
pub use method::{MethodError, method_ids};
pub use report::{CaseReport, LeafCounts, LeafReport, RelAbs, Status, Summary, ValidationReport};

use compare::compare;
use rayon::prelude::*;
use serde_json::Value;

/// Runs every case of every file and reports each leaf.
///
/// Files are taken in the order given and cases in the order of the file. A file or case that cannot be read becomes a case with status
/// `error` and a message; nothing stops the run.
pub fn validate(files: &[CaseFile]) -> ValidationReport {
    ValidationReport::new(files.par_iter().map(validate_file).collect::<Vec<_>>().into_iter().flatten().collect())
}

/// The cases of a file, computed side by side and reported in order.
fn validate_file(file: &CaseFile) -> Vec<CaseReport> {
    match file.cases() {
        Ok(cases) => cases.par_iter().enumerate().map(|(position, case)| validate_case(file, position, case)).collect(),
        Err(message) => vec![CaseReport::unreadable(file, "", message)],
    }
}

fn validate_case(file: &CaseFile, position: usize, case: &Value) -> CaseReport {
    let id = match case.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => return CaseReport::unreadable(file, &format!("cases[{position}]"), "the case has no id".to_owned()),
    };
    let (Some(input), Some(expected)) = (case.get("input"), case.get("expected")) else {
        return CaseReport::unreadable(file, &id, "the case has no input or no expected values".to_owned());
    };
    let tolerance = case.get("tolerance").unwrap_or(&Value::Null);
    let computed = method::find(file.stem()).map(|compute| compute(input));
    CaseReport { method: file.stem().to_owned(), id, file: file.name().to_owned(), leaves: compare(expected, computed.as_ref(), tolerance) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The report of the embedded cases, which takes a while.
    fn embedded() -> &'static ValidationReport {
        static REPORT: std::sync::OnceLock<ValidationReport> = std::sync::OnceLock::new();
        REPORT.get_or_init(|| validate(&embedded_cases()))
    }

    #[test]
    fn every_embedded_case_is_matched() {
        let report = embedded();
        let methods: std::collections::BTreeSet<&str> = report.cases.iter().map(|case| case.method.as_str()).collect();
        assert_eq!(methods.len(), embedded_cases().len());
        for case in &report.cases {
            assert_eq!(case.status(), Status::Matched, "{}", validate_text_of(case));
        }
        assert!(report.passed());
    }

    #[test]
    fn matches_under_another_convention_are_said_to_be_so() {
        let report = embedded();
        let methods: std::collections::BTreeSet<&str> = report.other_conventions().map(|(case, _)| case.method.as_str()).collect();
        let expected =
            ["bf_boin_oc", "crm", "guesstimates", "nca", "nca_tau", "nist_nonlinear", "simon_two_stage", "stratified", "two_proportions"];
        assert_eq!(methods.into_iter().collect::<Vec<_>>(), expected);
        assert!(report.other_conventions().all(|(_, leaf)| leaf.note.as_ref().is_some_and(|note| note.contains("this program prints"))));
        assert!(report.to_text().contains("matched under another convention: 112 leaves"));
    }

    fn validate_text_of(case: &CaseReport) -> String {
        ValidationReport::new(vec![case.clone()]).to_text()
    }

    #[test]
    fn an_unknown_stem_is_not_computed() {
        let file = CaseFile::from_text("other/weather.json", r#"{"cases": [{"id": "a", "input": {}, "expected": {"x": 1, "peer_x": 2}}]}"#);
        let report = validate(&[file]);
        assert_eq!((report.summary.not_computed, report.summary.matched), (1, 0));
        assert_eq!(report.cases[0].leaves.len(), 1);
        assert_eq!(report.cases[0].leaves[0].status, Status::NotComputed);
    }

    #[test]
    fn malformed_files_and_cases_are_errors_with_a_message() {
        let texts = [
            "{",
            "[]",
            r#"{"cases": 3}"#,
            r#"{"cases": []}"#,
            r#"{"cases": [{"input": {}, "expected": {}}]}"#,
            r#"{"cases": [{"id": "a", "input": {}}]}"#,
            r#"{"cases": [{"id": "a", "input": {"x": "seven", "n": 3, "level": 0.95}, "expected": {"estimate": 1}}]}"#,
            r#"{"cases": [{"id": "a", "input": {"x": 7, "n": 3, "level": 0.95}, "expected": {"estimate": 1}}]}"#,
            r#"{"cases": [7]}"#,
        ];
        for text in texts {
            let report = validate(&[CaseFile::from_text("one_proportion.json", text)]);
            assert_eq!(report.summary.error, 1, "{text}");
            assert!(report.cases[0].leaves.iter().all(|leaf| leaf.note.is_some()), "{text}");
            assert!(!report.passed());
        }
    }

    #[test]
    fn a_wrong_expectation_differs_and_is_listed_in_every_form() {
        let text = r#"{"cases": [{"id": "<a>", "input": {"x": 3, "n": 20, "level": 0.95}, "expected": {"estimate": 0.16, "wilson": [0.0523687458962166]},
            "tolerance": {"all": {"rel": 1e-8, "abs": 0}}}]}"#;
        let report = validate(&[CaseFile::from_text("one_proportion.json", text)]);
        assert_eq!((report.summary.differs, report.summary.leaves.matched, report.summary.leaves.differs), (1, 0, 2));
        assert!(report.to_text().contains("estimate"));
        let html = report.to_html();
        assert!(html.contains("&lt;a&gt;") && !html.contains("<a>"));
        let json: Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(json["schema"], "dosecase-validation/1");
        assert_eq!(json["cases"][0]["leaves"][0]["status"], "differs");
    }
}
