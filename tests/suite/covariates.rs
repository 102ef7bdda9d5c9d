//! Exposure by subgroup: ratios against hand-computed ones, what cannot be estimated, and what must not change them.

use std::collections::BTreeMap;

use dosecase::analysis::pk::PkResult;
use dosecase::analysis::pk::covariate::{CovariateResult, DoseTerm, NoCovariates};
use dosecase::analysis::pk::covariate_caution::CovariateCaution;
use dosecase::config::{Settings, read_project, read_project_text};
use dosecase::data::{DatasetName, TrialData};
use dosecase::derive::{AnalysisData, derive};
use dosecase::evidence::{Cell, Content, Exhibit, FactValue, Facts, Plot, pk};
use dosecase::pipeline::{self, Overrides};

use crate::hand_made::{PROJECT, assert_whole, exhibit, fact, number, row, settings, table};
use crate::profiles;
use crate::sandbox::{example, run, shared_data, told};

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

/// Factors whose logarithms sum to zero.
const RIPPLE: [f64; 6] = [1.1, 1.0 / 1.1, 1.1, 1.0 / 1.1, 1.2, 1.0 / 1.2];

/// One subject: sex, dose, area, trough, weight, race.
struct Patient {
    sex: &'static str,
    dose: u32,
    area: f64,
    weight: f64,
    race: &'static str,
}

/// Twelve subjects under each of two dosages, half of them women, whose area is 1.5 times that of men; everybody is sixty.
fn patients() -> Vec<Patient> {
    let mut patients = Vec::new();
    for dose in [120_u32, 240] {
        for (sex, factor) in [("F", 1.5), ("M", 1.0)] {
            for (place, ripple) in RIPPLE.into_iter().enumerate() {
                let race = if dose == 120 && sex == "F" && place == 0 { "ASIAN" } else { "WHITE" };
                let weight = [50.0, 60.0, 70.0, 80.0, 90.0, 100.0][place];
                patients.push(Patient { sex, dose, area: 10.0 * f64::from(dose) * factor * ripple, weight, race });
            }
        }
    }
    patients
}

fn data(patients: &[Patient], project: &Settings, scale: f64) -> AnalysisData {
    let mut adsl = "USUBJID | TRT01P | TRT01A | SAFFL | TRTSDT | AGE | SEX | WTBL | RACE | SITE\n".to_owned();
    let mut adpp = "USUBJID | PARAMCD | PARAM | AVAL | AVALU\n".to_owned();
    for patient in patients {
        let Patient { sex, dose, area, weight, race } = patient;
        let id = format!("S-{sex}{dose}{weight}");
        let site = if *weight < 75.0 { "north" } else { "south" };
        adsl.push_str(&format!("{id} | {dose} mg QD | {dose} mg QD | Y | 2025-01-01 | 60 | {sex} | {weight} | {race} | {site}\n"));
        adpp.push_str(&format!("{id} | AUCSS | Area at steady state | {} | h*ng/mL\n", scale * area));
        adpp.push_str(&format!("{id} | CMINSS | Trough | {} | ng/mL\n", scale * area / 100.0));
    }
    let trial = TrialData::from_datasets([profiles::table(DatasetName::Adsl, &adsl), profiles::table(DatasetName::Adpp, &adpp)]);
    derive(&trial, project).value
}

fn build(data: &AnalysisData, settings: &Settings) -> (PkResult, Vec<Exhibit>, Facts) {
    let result = dosecase::analysis::pk::analyse(data, settings).expect("a result");
    let mut facts = Facts::default();
    let exhibits = pk::gather(Some(&result), data, settings, &mut facts);
    (result, exhibits, facts)
}

fn effects(result: &PkResult) -> &CovariateResult {
    result.covariates.as_ref().expect("effects of covariates")
}

fn project(pk: &str) -> Settings {
    settings(&format!("{PROJECT}decision: {{proposed: 240mg_qd}}\npk: {pk}\n"))
}

/// Values of the facts of ratios, by id.
fn ratios(facts: &Facts) -> BTreeMap<String, (f64, Option<f64>)> {
    let of = |value: &FactValue| if let FactValue::Number(value) = value { Some(*value) } else { None };
    let found = facts.iter().filter(|(id, _)| id.as_str().starts_with("pk.covariate_ratio"));
    found.filter_map(|(id, fact)| Some((id.to_string(), (of(&fact.value)?, fact.interval.and_then(|of| of.lower))))).collect()
}

const REFERENCE: &str = "{covariates: [{column: SEX, reference: M}, {column: AGE}, {column: WTBL}, {column: RACE}]}";

#[test]
fn a_ratio_adjusted_for_dose_is_that_computed_by_hand() {
    let settings = project(REFERENCE);
    let (result, exhibits, facts) = build(&data(&patients(), &settings, 1.0), &settings);
    assert_whole(&exhibits, &facts);
    assert!(matches!(effects(&result).dose, DoseTerm::LogDose { .. }));
    near(number(&facts, "pk.covariate_ratio.aucss_sex_f"), 1.5);
    near(number(&facts, "pk.covariate_ratio.cminss_sex_f"), 1.5);
    near(number(&facts, "pk.covariate_ratio_normalised.aucss_sex_f"), 1.5);
    near(number(&facts, "pk.covariate_dose_slope.aucss"), 1.0);
    // Residuals are the logarithms of the ripple; 24 - 3 degrees of freedom, t_(21, 0.95) = 1.720742902811878.
    let residual: f64 = 4.0 * RIPPLE.iter().map(|factor| factor.ln().powi(2)).sum::<f64>() / 21.0;
    let half = 1.720_742_902_811_878 * (residual * (1.0 / 12.0 + 1.0 / 12.0)).sqrt();
    let interval = fact(&facts, "pk.covariate_ratio.aucss_sex_f").interval.expect("an interval");
    near(interval.lower.unwrap(), 1.5 * (-half).exp());
    near(interval.upper.unwrap(), 1.5 * half.exp());
    near(interval.level, 0.9);
    assert_eq!(fact(&facts, "pk.covariate_verdict.aucss_sex_f").value, FactValue::Text("outside the bounds".to_owned()));
    assert_eq!(fact(&facts, "pk.covariates_outside").value, FactValue::Text("Sex: F".to_owned()));
    // Under the proposed dosage: six women, 10 * 240 * 1.5.
    near(number(&facts, "pk.subgroup_geomean.aucss_sex_f.240mg_qd"), 3600.0);
    assert_eq!(fact(&facts, "pk.subgroup_n.aucss_sex_f.240mg_qd").value, FactValue::Count(6));
    assert_eq!(fact(&facts, "pk.covariate_n.aucss_sex_f").value, FactValue::Count(12));
    // The subgroup is what the filter says, the ratio rests on the reference too.
    let rows = |id: &str| fact(&facts, id).denominator.as_ref().map(|slice| (slice.rows.len(), slice.filter.clone())).expect("a slice");
    assert!(matches!(rows("pk.covariate_n.aucss_sex_f"), (12, filter) if filter.ends_with("SEX = F")));
    assert!(matches!(rows("pk.covariate_ratio.aucss_sex_f"), (24, filter) if filter.ends_with("SEX is recorded")));
}

#[test]
fn what_cannot_be_estimated_has_a_reason_and_no_number() {
    let settings = project(REFERENCE);
    let (result, exhibits, facts) = build(&data(&patients(), &settings, 1.0), &settings);
    let cautions = &effects(&result).cautions;
    let constant = |caution: &&CovariateCaution| matches!(caution, CovariateCaution::NotEstimated { covariate, .. } if covariate == "AGE");
    assert_eq!(cautions.iter().filter(constant).count(), 2, "{cautions:?}");
    assert!(facts.iter().all(|(id, _)| !id.as_str().contains("ratio.aucss_age")), "everybody has the same age");
    // One Asian subject: a ratio without an interval, and the reason under the table.
    let one = fact(&facts, "pk.covariate_ratio.aucss_race_asian");
    assert!(one.interval.is_none());
    let made = exhibit(&exhibits, "T-R05");
    let row = row(table(made), "ASIAN");
    let reason = &made.notes.footnotes[row.footnote.expect("a footnote")];
    assert!(reason.contains("No interval: fewer than 5 subjects"), "{reason}");
    assert_eq!(fact(&facts, "pk.covariate_verdict.aucss_race_asian").value, FactValue::Text("not judged".to_owned()));
    assert!(cautions.iter().any(|caution| matches!(caution, CovariateCaution::SmallSubgroup { n: 1, .. })));
    assert!(cautions.iter().any(|caution| caution.rule() == Some("DJ-R05") && caution.sentence().contains("Sex: F")));
    assert!(cautions.iter().any(|caution| caution.rule() == Some("DJ-E19") && caution.sentence().starts_with("SEX")));
    let Content::Figure(spec) = &exhibit(&exhibits, "F-R01").content else { panic!("no figure") };
    let Plot::Forest(forest) = &spec.plot else { panic!("no forest") };
    let labels: Vec<&str> = forest.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels[..2], ["Sex (reference M, n=12)", "F"]);
    assert!(!labels.iter().any(|label| label.starts_with("Age")), "{labels:?}");
    assert!(spec.alt.contains("1 outside. Furthest from one: Sex: F 1.50"), "{}", spec.alt);
}

#[test]
fn a_rare_reference_leaves_no_interval_either() {
    let settings = project("{covariates: [{column: RACE, reference: ASIAN}]}");
    let (result, _, facts) = build(&data(&patients(), &settings, 1.0), &settings);
    let white = fact(&facts, "pk.covariate_ratio.aucss_race_white");
    assert!(white.interval.is_none() && matches!(white.value, FactValue::Number(_)));
    assert!(effects(&result).cautions.iter().any(|caution| matches!(caution, CovariateCaution::SmallSubgroup { n: 1, .. })));
}

#[test]
fn order_of_rows_and_units_of_exposure_change_no_ratio() {
    let settings = project(REFERENCE);
    let facts = |patients: &[Patient], scale: f64| build(&data(patients, &settings, scale), &settings).2;
    let plain = facts(&patients(), 1.0);
    let mut turned = patients();
    turned.reverse();
    turned.swap(3, 17);
    let (turned, scaled) = (facts(&turned, 1.0), facts(&patients(), 1e-3));
    let expected = ratios(&plain);
    assert!(expected.len() >= 14, "{}", expected.len());
    for other in [&turned, &scaled] {
        let found = ratios(other);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (id, (ratio, lower)) in &expected {
            near(found[id].0, *ratio);
            assert_eq!(found[id].1.is_some(), lower.is_some(), "{id}");
        }
    }
    near(number(&scaled, "pk.subgroup_geomean.aucss_sex_f.240mg_qd"), 3.6);
    assert_eq!(ratios(&facts(&patients(), 1.0)), expected, "the same data give the same numbers");
}

#[test]
fn numbers_are_compared_at_percentiles_or_cut() {
    let settings = project("{covariates: [{column: WTBL}]}");
    let (_, _, facts) = build(&data(&patients(), &settings, 1.0), &settings);
    let slope = {
        // Weight and ripple repeat in every cell, so that the line of the ripple on weight is that of all.
        let weights = [50.0_f64, 60.0, 70.0, 80.0, 90.0, 100.0];
        let square: f64 = weights.iter().map(|weight| (weight - 75.0).powi(2)).sum();
        weights.iter().zip(RIPPLE).map(|(weight, factor)| (weight - 75.0) * factor.ln()).sum::<f64>() / square
    };
    // Type 7 of 24 weights: the 5th percentile lies among the four lowest.
    near(number(&facts, "pk.covariate_ratio.aucss_wtbl_5th_percentile"), (slope * (50.0 - 75.0)).exp());
    let settings = project("{covariates: [{column: WTBL, cut_points: [65, 95], reference: 65 to <95}]}");
    let (_, exhibits, facts) = build(&data(&patients(), &settings, 1.0), &settings);
    let stubs: Vec<&str> = table(exhibit(&exhibits, "T-R05")).rows.iter().map(|row| row.stub.as_str()).collect();
    assert_eq!(stubs, ["Weight (kg)", "<65", "65 to <95", "\u{2265}95"]);
    // Mean logarithm of places 0 and 1 against that of places 2, 3 and 4.
    let expected = (RIPPLE[0].ln() + RIPPLE[1].ln()) / 2.0 - (RIPPLE[2].ln() + RIPPLE[3].ln() + RIPPLE[4].ln()) / 3.0;
    near(number(&facts, "pk.covariate_ratio.aucss_wtbl_lt_65"), expected.exp());
}

#[test]
fn columns_groups_and_bounds_are_those_of_the_project() {
    let asked = "{covariates: [{column: SITE, label: Site}, {column: RACE, groups: {White: [WHITE]}}, {column: EGFR}], \
                 no_effect_bounds: {lower: 0.5, upper: 2, source: exposure-response of safety}}";
    let settings = project(asked);
    let (result, exhibits, facts) = build(&data(&patients(), &settings, 1.0), &settings);
    assert_eq!(effects(&result).absent, ["EGFR"]);
    let made = exhibit(&exhibits, "T-R05");
    let stubs: Vec<&str> = table(made).rows.iter().map(|row| row.stub.as_str()).collect();
    assert_eq!(stubs, ["Site", "north", "south", "Race", "White", "Other"]);
    assert!(made.notes.methods.iter().any(|note| note == "Bounds 0.5 to 2: exposure-response of safety"), "{:?}", made.notes.methods);
    assert!(made.notes.footnotes.iter().any(|note| note == "ADSL has no value of EGFR."), "{:?}", made.notes.footnotes);
    assert_eq!(fact(&facts, "pk.covariates_within").value, FactValue::Text("Site: south".to_owned()));
    let none = project("{covariates: []}");
    let (result, exhibits, _) = build(&data(&patients(), &none, 1.0), &none);
    assert_eq!(result.covariates.err(), Some(NoCovariates::NotAsked));
    assert!(matches!(exhibit(&exhibits, "T-R05").content, Content::Placeholder(_)));
}

#[test]
fn doses_of_different_schedules_are_adjusted_for_by_dosage() {
    let text = PROJECT.replace("dose: 240 mg, schedule: QD", "dose: 240 mg, schedule: BID");
    let settings = settings(&text);
    let (result, exhibits, facts) = build(&data(&patients(), &settings, 1.0), &settings);
    assert_eq!(effects(&result).dose, DoseTerm::Dosage);
    near(number(&facts, "pk.covariate_ratio.aucss_sex_m"), 1.0 / 1.5);
    assert!(facts.iter().all(|(id, _)| !id.as_str().starts_with("pk.covariate_ratio_normalised")), "there is no dose to divide by");
    let notes = &exhibit(&exhibits, "T-R05").notes;
    assert!(notes.footnotes.iter().any(|note| note.starts_with("The project proposes no dosage")), "{:?}", notes.footnotes);
    let one: Vec<Patient> = patients().into_iter().filter(|patient| patient.dose == 120).collect();
    let (result, ..) = build(&data(&one, &settings, 1.0), &settings);
    assert_eq!(effects(&result).dose, DoseTerm::OneDosage);
    let (result, ..) = build(&data(&one[..5], &settings, 1.0), &settings);
    assert_eq!(result.covariates.err(), Some(NoCovariates::TooFew { found: 5 }));
}

#[test]
fn senseless_covariates_are_refused_with_their_place() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let faults = |pk: &str| {
        let text = format!("{PROJECT}pk: {pk}\n");
        let errors = read_project_text(&folder.path().join("dosecase.yaml"), text).expect_err("faults");
        errors.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect::<Vec<String>>().join("\n")
    };
    assert!(faults("{covariates: [{column: AGE, cut_points: [75, 65]}]}").contains("values must ascend: 65 follows 75"));
    assert!(faults("{covariates: [{column: AGE, cut_points: [65], groups: {Old: [66]}}]}").contains("`cut_points` or `groups`, not both"));
    assert!(faults("{covariates: [{column: AGE}, {column: age}]}").contains("named twice"));
    assert!(faults("{no_effect_bounds: {lower: 1.2}}").contains("lower"));
}

#[test]
fn the_example_gives_the_ratios_of_another_program() {
    let reading = pipeline::read(&example("zeltorafib"), Overrides::default(), &|_| ()).expect("the example reads");
    let (result, exhibits, facts) = build(&reading.data, &reading.project.settings);
    assert_whole(&exhibits, &facts);
    // Least squares of the same data in NumPy.
    near(number(&facts, "pk.covariate_ratio.aucss_sex_f"), 1.218_677_054_240_067_8);
    let interval = fact(&facts, "pk.covariate_ratio.aucss_sex_f").interval.expect("an interval");
    near(interval.lower.unwrap(), 1.133_016_513_869_586_2);
    near(interval.upper.unwrap(), 1.310_813_871_069_665);
    near(number(&facts, "pk.covariate_correlation.aucss_sex"), 0.270_095_961_683_146_76);
    near(number(&facts, "pk.covariate_dose_slope.aucss"), 0.858_232_070_590_079_2);
    near(number(&facts, "pk.covariate_ratio.aucss_wtbl_95th_percentile"), 0.792_377_751_799_102_5);
    near(number(&facts, "pk.covariate_ratio_joint.aucss_sex_f"), 1.064_595_262_475_009_7);
    near(number(&facts, "pk.covariate_ratio_joint.aucss_hepimp_moderate"), 1.396_072_822_173_416_9);
    near(number(&facts, "pk.subgroup_geomean.aucss_sex_f.120mg_qd"), 11_102.860_101_296_917);
    near(number(&facts, "pk.subgroup_geocv.aucss_sex_f.120mg_qd"), 33.254_028_466_337_97);
    assert_eq!(fact(&facts, "pk.covariate_joint_n.aucss").value, FactValue::Count(238));
    let cells = table(exhibit(&exhibits, "T-R05")).rows.iter().flat_map(|row| &row.cells);
    let resting = cells.flat_map(|cell| if let Cell::Facts(_, ids) = cell { ids.as_slice() } else { &[] });
    for id in resting.filter(|id| facts.get(id).is_some_and(|fact| fact.n != Some(0) && fact.value != FactValue::Count(0))) {
        assert!(!facts.get(id).expect("a fact").source.rows.is_empty(), "{id} rests on no row");
    }
    // Renal impairment says the same of a subject as creatinine clearance, and age group as age.
    let told: Vec<String> =
        effects(&result).metrics[0].joint.covariates.iter().map(|place| effects(&result).covariates[*place].column.clone()).collect();
    assert_eq!(told, ["AGE", "SEX", "RACE", "WTBL", "ECOG", "CRCL", "HEPIMP"]);
}

#[test]
fn the_japanese_authority_sees_patients_of_japan() {
    let reading = pipeline::read(&example("zeltorafib"), Overrides::default(), &|_| ()).expect("the example reads");
    let mut settings = reading.project.settings.clone();
    settings.dossier.jurisdiction = dosecase::config::Jurisdiction::Pmda;
    let (_, exhibits, _) = build(&reading.data, &settings);
    let stubs: Vec<&str> = table(exhibit(&exhibits, "T-R05")).rows.iter().map(|row| row.stub.as_str()).collect();
    assert_eq!(stubs[stubs.len() - 3..], ["Country", "Japan", "Other"]);
}

#[test]
fn real_folders_give_effects_or_a_reason() {
    let mut tried = 0;
    for name in ["real/random_cdisc_data", "real/adam_pharmaverse"] {
        let Some(folder) = shared_data(name) else { continue };
        let home = tempfile::TempDir::new().unwrap();
        let dir = home.path().join("trial");
        let (code, _, errors) = told(&run(&["init", &dir.to_string_lossy(), "--data", &folder.to_string_lossy()]));
        assert_eq!(code, 0, "{errors}");
        let reading = pipeline::read(&dir, Overrides::default(), &|_| ()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (result, exhibits, facts) = build(&reading.data, &reading.project.settings);
        let made = exhibit(&exhibits, "T-R05");
        match &result.covariates {
            Ok(found) => {
                assert_whole(&exhibits, &facts);
                assert!(found.sample.len() >= 10 && matches!(made.content, Content::Table(_)), "{name}");
            }
            Err(_) => assert!(matches!(made.content, Content::Placeholder(_)), "{name}"),
        }
        tried += 1;
    }
    // The folders lie beside the checkout of some developers only; the project file of the example is always there.
    assert!(tried > 0 || read_project(&example("zeltorafib")).is_ok());
}
