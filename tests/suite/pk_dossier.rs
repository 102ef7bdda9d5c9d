//! Pharmacokinetics in the dossier: parameters by dosage and day, proportionality, separation, courses, and the rows that they rest on.

use std::collections::BTreeSet;
use std::path::Path;

use dosecase::analysis::pk::PkResult;
use dosecase::analysis::pk::nca::Route;
use dosecase::analysis::pk::profiles::ProfileRules;
use dosecase::config::{SampleTimes, Settings};
use dosecase::data::{DatasetName, TrialData};
use dosecase::derive::{AnalysisData, PkParameter, SubjectIndex, derive};
use dosecase::evidence::{Cell, Content, Exhibit, FactValue, Facts, Plot, pk};
use dosecase::pipeline::{self, Overrides};

use crate::hand_made::{self, PROJECT, assert_whole, exhibit, fact, number, rows, settings};
use crate::profiles;

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

/// Four subjects under each of two dosages; the last of the higher one was given the lower dose. Concentrations `scale * (5, 10, 8, 2)`.
fn trial(scales: [f64; 8]) -> AnalysisData {
    let mut adsl = "USUBJID | TRT01P | TRT01A | SAFFL | TRTSDT\n".to_owned();
    let mut adpc = "USUBJID | PARAMCD | AVISIT | NFRLT | NRRLT | AVAL | AVALU | AVALC | ALLOQ | DOSEA | DOSEU\n".to_owned();
    for (subject, scale) in scales.into_iter().enumerate() {
        let arm = if subject < 4 { 120 } else { 240 };
        let given = if subject == 7 { 120 } else { arm };
        adsl.push_str(&format!("S-{subject} | {arm} mg QD | {arm} mg QD | Y | 2025-01-01\n"));
        for (visit, dose_time) in [("Day 1", 0), ("Day 15", 336)] {
            let again = if dose_time > 0 { 2.0 } else { 1.0 };
            adpc.push_str(&format!("S-{subject} | XAN | {visit} | {dose_time} | 0 | 0 | ng/mL | <BLQ | 0.5 | {given} | mg\n"));
            for (time, height) in [(1, 5.0), (4, 10.0), (8, 8.0), (24, 2.0)] {
                let value = again * scale * height;
                let first = dose_time + time;
                adpc.push_str(&format!(
                    "S-{subject} | XAN | {visit} | {first} | {time} | {value} | ng/mL | {value} | 0.5 | {given} | mg\n"
                ));
            }
        }
    }
    let trial = TrialData::from_datasets([profiles::table(DatasetName::Adsl, &adsl), profiles::table(DatasetName::Adpc, &adpc)]);
    derive(&trial, &settings(PROJECT)).value
}

const SCALES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 3.0, 6.0, 12.0, 100.0];

fn build(data: &AnalysisData, settings: &Settings) -> (PkResult, Vec<Exhibit>, Facts) {
    let result = dosecase::analysis::pk::analyse(data, settings).expect("a result");
    let mut facts = Facts::default();
    let exhibits = pk::gather(Some(&result), data, settings, &mut facts);
    (result, exhibits, facts)
}

#[test]
fn parameters_by_dosage_leave_out_profiles_after_another_dose() {
    let (_, exhibits, facts) = build(&trial(SCALES), &settings(PROJECT));
    assert_whole(&exhibits, &facts);
    near(number(&facts, "pk.cmax_geomean.day_1.120mg_qd"), 10.0 * 64.0_f64.powf(0.25));
    near(number(&facts, "pk.cmax_geomean.day_15.240mg_qd"), 20.0 * 216.0_f64.cbrt());
    near(number(&facts, "pk.cmax_max.day_1.240mg_qd"), 120.0);
    near(number(&facts, "pk.accumulation_auc_geomean.day_15.120mg_qd"), 2.0);
    near(number(&facts, "pk.area_geomean.120mg_qd"), number(&facts, "pk.auc_tau_geomean.day_15.120mg_qd"));
    // Five rows of ADPC for each of four subjects; the second profile of each stands behind the first.
    assert_eq!(rows(&facts, "pk.cmax_geomean.day_1.120mg_qd").len(), 20);
    assert_eq!(fact(&facts, "pk.cmax_geomean.day_1.120mg_qd").source.dataset, "ADPC");
    let table = exhibit(&exhibits, "T-E11");
    assert!(
        table.notes.footnotes.iter().any(|note| note.contains("1 (another dose than that of the dosage was given)")),
        "{:?}",
        table.notes.footnotes
    );
    assert!(table.notes.methods.iter().any(|note| note.contains("nominal times, extravascular dosing")), "{:?}", table.notes.methods);
    let heads: Vec<&str> = hand_made::table(table).rows.iter().filter(|row| row.heading).map(|row| row.stub.as_str()).collect();
    assert_eq!(heads, ["XAN, Day 1 (first dose)", "XAN, Day 15 (steady state)"]);
}

#[test]
fn proportionality_and_separation_follow_the_hand_computed_values() {
    let (_, exhibits, facts) = build(&trial(SCALES), &settings(PROJECT));
    // Two doses: the slope is the difference of the mean logarithms over ln 2.
    let slope = (216.0_f64.cbrt().ln() - 64.0_f64.powf(0.25).ln()) / 2.0_f64.ln();
    near(number(&facts, "pk.proportionality_slope.cmax_day_15"), slope);
    near(number(&facts, "pk.proportionality_slope"), slope);
    near(number(&facts, "pk.proportionality_upper_limit"), 1.0 + 1.25_f64.ln() / 2.0_f64.ln());
    let conclusion = &fact(&facts, "pk.proportionality_conclusion.cmax_day_15").value;
    assert_eq!(*conclusion, FactValue::Text("inconclusive".to_owned()));
    let notes = &exhibit(&exhibits, "T-E12").notes.footnotes;
    assert!(notes.iter().any(|note| note.starts_with("There are two doses, so that one slope always describes them")), "{notes:?}");
    near(number(&facts, "pk.separation_ratio.120mg_qd_vs_240mg_qd"), 6.0 / 64.0_f64.powf(0.25));
    // One of 1, 2, 4, 8 lies above 6.
    near(number(&facts, "pk.separation_above_median.120mg_qd_vs_240mg_qd"), 25.0);
    assert_eq!(fact(&facts, "pk.separation_overlap.120mg_qd_vs_240mg_qd").value, FactValue::NotEstimable);
    assert_eq!(rows(&facts, "pk.separation_ratio.120mg_qd_vs_240mg_qd").len(), 35);
}

#[test]
fn what_adpp_gives_of_a_visit_stands_in_place_of_what_is_computed() {
    let mut data = trial(SCALES);
    let given = |row: u32, subject: usize, code: &str, visit: Option<&str>, value: f64| PkParameter {
        row,
        subject: SubjectIndex(subject),
        code: code.to_owned(),
        label: code.to_owned(),
        category: Some("XAN".to_owned()),
        specimen: None,
        visit: visit.map(str::to_owned),
        value: Some(value),
        unit: Some("ng/mL".to_owned()),
        in_summary: true,
    };
    let mut records: Vec<PkParameter> = (0..4).map(|subject| given(subject as u32 + 1, subject, "CMAX", Some("DAY 15"), 50.0)).collect();
    records.push(given(5, 0, "CMAXSS", None, 70.0));
    data.pk_parameters = Some(records);
    let (result, exhibits, facts) = build(&data, &settings(PROJECT));
    assert_whole(&exhibits, &facts);
    near(number(&facts, "pk.cmax_geomean.day_15.120mg_qd"), 50.0);
    assert_eq!(rows(&facts, "pk.cmax_geomean.day_15.120mg_qd"), [1, 2, 3, 4]);
    assert_eq!(fact(&facts, "pk.cmax_geomean.day_15.120mg_qd").source.dataset, "ADPP");
    // 20, 40, 80, 160 were computed: none is 50.
    assert_eq!((result.agreement.compared, result.agreement.disagreements.len()), (4, 4));
    let notes = &exhibit(&exhibits, "T-E11").notes.footnotes;
    assert!(notes.iter().any(|note| note.contains("differ by more than 5%: 4 (cmax 4)")), "{notes:?}");
    // Without a visit it is an occasion of its own.
    near(number(&facts, "pk.cmaxss_median.adpp_steady_state.120mg_qd"), 70.0);
}

#[test]
fn courses_show_means_of_the_profiles_that_count() {
    let (_, exhibits, _) = build(&trial(SCALES), &settings(PROJECT));
    let codes: Vec<&str> = exhibits.iter().map(|exhibit| exhibit.id.as_str()).filter(|id| id.starts_with("F-E03")).collect();
    assert_eq!(codes, ["F-E03", "F-E03-day-15", "F-E03-troughs"]);
    let figure = exhibit(&exhibits, "F-E03");
    let Content::Figure(spec) = &figure.content else { panic!("no figure") };
    let Plot::Courses { series, limit, .. } = &spec.plot else { panic!("no courses") };
    assert_eq!(series.iter().map(|series| series.series.n).collect::<Vec<_>>(), [4, 3]);
    // Before the dose every sample is below the limit: no mean.
    assert_eq!(series[0].points.iter().map(|point| point.time).collect::<Vec<_>>(), [1.0, 4.0, 8.0, 24.0]);
    near(series[1].points[1].mean, 10.0 * 216.0_f64.cbrt());
    assert!(limit.as_ref().is_some_and(|limit| (limit.at - 0.5).abs() < 1e-12));
    assert!(figure.notes.footnotes[0].starts_with("Samples below the limit of quantification: 7."), "{:?}", figure.notes.footnotes);
}

#[test]
fn the_project_states_times_route_and_steady_state() {
    let rules = ProfileRules::of(&settings(PROJECT));
    assert_eq!((rules.times, rules.route), (SampleTimes::Nominal, Route::Extravascular));
    near(rules.steady_from, 168.0);
    let weekly = PROJECT.replace("240 mg, schedule: QD", "240 mg, schedule: Q3W");
    near(ProfileRules::of(&settings(&weekly)).steady_from, 5.0 * 504.0);
    let stated = format!("{PROJECT}pk: {{times: actual, route: {{intravenous_infusion: 0.5 h}}, steady_state_from: 3 wk}}\n");
    let rules = ProfileRules::of(&settings(&stated));
    assert_eq!((rules.times, rules.route), (SampleTimes::Actual, Route::IntravenousInfusion { duration: 0.5 }));
    near(rules.steady_from, 504.0);
}

#[test]
fn every_number_of_the_example_rests_on_concentrations_or_parameters() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zeltorafib");
    let reading = pipeline::read(&project, Overrides::default(), &|_| ()).expect("the example reads");
    let (_, exhibits, facts) = build(&reading.data, &reading.project.settings);
    assert_whole(&exhibits, &facts);
    let tables = ["T-E11", "T-E12", "T-E13"].map(|id| hand_made::table(exhibit(&exhibits, id)));
    let cells = tables.into_iter().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
    let mut datasets = BTreeSet::new();
    for id in cells.flat_map(|cell| if let Cell::Facts(_, ids) = cell { ids.as_slice() } else { &[] }) {
        let source = &facts.get(id).expect("a fact").source;
        assert!(!source.rows.is_empty() || id.as_str().starts_with("pk.profiles."), "{id} rests on no row");
        datasets.insert(source.dataset.clone());
    }
    assert_eq!(datasets.into_iter().collect::<Vec<_>>(), ["ADPC", "ADPP"]);
    // From the records of ADPC, apart from this program.
    let found = number(&facts, "pk.cmax_geomean.cycle_1_day_15.120mg_qd");
    assert!((found - 721.183_823_234_844).abs() < 1e-9, "{found}");
    let found = number(&facts, "pk.cmax_geocv.cycle_1_day_1.240mg_qd");
    assert!((found - 38.028_942_122_020_11).abs() < 1e-9, "{found}");
}
