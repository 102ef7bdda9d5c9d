//! Simulated exposure in the dossier: the example, and a project whose model stands in the project file, with steps, doses by weight and regimens that
//! reach beyond the data.

use std::fs;

use dosecase::config::read_project;
use dosecase::evidence::{Content, Evidence, Exhibit, FactValue, Plot, json::evidence_json};
use dosecase::pipeline::{self, Overrides};
use tempfile::TempDir;

use super::sandbox::{copy_of, example};

const INLINE: &str = "  population_model:
    inline:
      source: A model of a test
      compartments: 2
      route: absorption
      parameters:
        clearance: {value: 288, unit: L/day, cv_percent: 36}
        central_volume: {value: 180, unit: L, cv_percent: 22}
        intercompartmental_clearance: {value: 10, unit: L/h}
        peripheral_volume: {value: 100, unit: L}
        absorption_rate: {value: 0.9, unit: 1/h}
        lag: {value: 0.25, unit: h}
      covariate_effects:
        - {on: clearance, column: WTBL, power: 0.6, reference: 70}
        - {on: clearance, column: SEX, factor: 0.9, value: F}
      food: {bioavailability: 1.3, absorption_rate: 0.7}
      exposures: [{parameter: AUCSS, metric: auc_steady_state}]
      subjects: 300
      regimens:
        - {id: 120mg_qd}
        - {id: by_weight, label: 2 mg/kg QD, dose: 2 mg/kg, schedule: QD, max: 180 mg}
        - {id: fed, label: 120 mg QD with food, dose: 120 mg, schedule: QD, with_food: true}
        - {id: very_high, label: 960 mg BID, dose: 960 mg, schedule: BID}
        - id: step_up
          label: 30 mg and 60 mg, then 120 mg QD
          doses:
            - {dose: 30 mg, schedule: QD, times: 3}
            - {dose: 60 mg, schedule: QD, times: 3}
            - {dose: 120 mg, schedule: QD}
        - {id: odd, label: 120 mg as needed, dose: 120 mg, schedule: as needed}
        - {id: by_surface, label: 70 mg/m2 QD, dose: 70 mg/m2, schedule: QD}
";

fn with_inline(model: &str) -> TempDir {
    let project = copy_of("zeltorafib-eop1");
    let file = project.path().join("dosecase.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\nexposure_response:\n", &format!("{model}\nexposure_response:\n"))).unwrap();
    project
}

fn evidence_of(project: &std::path::Path) -> Evidence {
    let reading = pipeline::read(project, Overrides::default(), &|_| ()).unwrap();
    pipeline::gather(&reading, &|_| ()).unwrap()
}

fn number(evidence: &Evidence, id: &str) -> f64 {
    match evidence.facts.get(&id.into()).unwrap_or_else(|| panic!("no fact {id}")).value {
        FactValue::Number(value) => value,
        ref other => panic!("{id}: {other:?}"),
    }
}

fn exhibit<'a>(evidence: &'a Evidence, id: &str) -> &'a Exhibit {
    evidence.exhibit(&id.into()).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn the_model_of_the_example_describes_what_was_observed() {
    let evidence = evidence_of(&example("zeltorafib"));
    for code in ["aucss", "cmaxss", "cminss", "cavgss"] {
        for dosage in ["120mg_qd", "240mg_qd"] {
            let ratio = number(&evidence, &format!("simulation.check_ratio.{code}.{dosage}"));
            assert!((0.8..=1.25).contains(&ratio), "{code} {dosage}: {ratio}");
            let covered = number(&evidence, &format!("simulation.check_covered.{code}.{dosage}"));
            assert!(covered > 80.0, "{code} {dosage}: {covered}");
        }
    }
    // Dose over clearance at a weight near the reference, and twice the dose twice the area.
    let area = |regimen: &str| number(&evidence, &format!("simulation.auc_ss_geomean.{regimen}"));
    assert!((area("120mg_qd") / 10_000.0 - 1.0).abs() < 0.05, "{}", area("120mg_qd"));
    assert!((area("240mg_qd") / area("120mg_qd") - 2.0).abs() < 1e-9 && (area("60mg_bid") / area("120mg_qd") - 1.0).abs() < 1e-9);
    assert!(number(&evidence, "simulation.ctrough_ss_geomean.60mg_bid") > number(&evidence, "simulation.ctrough_ss_geomean.120mg_qd"));
    // Predictions at a dosage that was not studied lie between those at its neighbours.
    let harm = |regimen: &str| number(&evidence, &format!("simulation.predicted.grade3plus_auc.{regimen}"));
    assert!(harm("120mg_qd") < harm("180mg_qd") && harm("180mg_qd") < harm("240mg_qd"));
    let gain = evidence.facts.get(&"simulation.difference.grade3plus_auc.180mg_qd".into()).unwrap();
    assert!(gain.interval.is_some_and(|interval| interval.lower > Some(0.0)));
    assert!(evidence.facts.get(&"simulation.difference.grade3plus_auc.60mg_bid".into()).is_none(), "the same area says nothing");
    assert!(number(&evidence, "simulation.median.pfs_auc.120mg_qd") > 3.0);
    assert_eq!(evidence.facts.get(&"simulation.not_studied".into()).unwrap().value, FactValue::Text("60 mg BID, 180 mg QD".into()));
    let file = evidence.provenance.datasets.iter().find(|record| record.dataset == "POPULATION MODEL").unwrap();
    assert_eq!(file.file, "pop_pk.yaml");
    let Content::Figure(figure) = &exhibit(&evidence, "F-R04").content else { panic!("F-R04 is no figure") };
    let Plot::Violins { violins, targets, .. } = &figure.plot else { panic!("{:?}", figure.plot) };
    assert_eq!((violins.len(), targets.len(), violins[0].observed_n), (4, 1, 0));
    assert!(violins[1].observed_n > 100 && figure.source.iter().any(|slice| slice.dataset == "ADPP" && !slice.rows.is_empty()));
}

#[test]
fn steps_weight_food_and_extrapolation_are_told() {
    let project = with_inline(INLINE);
    let evidence = evidence_of(project.path());
    let area = |regimen: &str| number(&evidence, &format!("simulation.auc_ss_geomean.{regimen}"));
    assert!((area("fed") / area("120mg_qd") - 1.3).abs() < 1e-9);
    assert!((area("step_up") / area("120mg_qd") - 1.0).abs() < 1e-9, "the last step goes on");
    let first = |regimen: &str| number(&evidence, &format!("simulation.auc_cycle_1_geomean.{regimen}"));
    assert!(first("step_up") < first("120mg_qd"));
    let table = exhibit(&evidence, "T-R08");
    let Content::Table(rows) = &table.content else { panic!("{:?}", table.content) };
    let stubs: Vec<&str> = rows.rows.iter().map(|row| row.stub.as_str()).collect();
    assert!(stubs.contains(&"960 mg BID (not studied), extrapolated"), "{stubs:?}");
    assert!(number(&evidence, "simulation.outside.orr_auc.very_high") > 50.0);
    let told = table.notes.footnotes.join(" ");
    assert!(told.contains("Extrapolation: more than 5%") && told.contains("120 mg as needed is not simulated"), "{told}");
    // Body surface follows from height and weight of the trial's subjects.
    assert!(area("by_surface") > 0.0 && area("by_weight") > 0.0);
    let Content::Figure(figure) = &exhibit(&evidence, "F-R04-course").content else { panic!("no course") };
    let Plot::Ranges { x, panels, .. } = &figure.plot else { panic!("{:?}", figure.plot) };
    assert!(x.label.contains("first dose (days)") && panels.len() == 6, "{} {}", x.label, panels.len());
    assert!(table.notes.datasets.contains(&"PROJECT".to_owned()));
}

#[test]
fn an_antibody_at_steady_state_is_cautioned_unless_clearance_changes() {
    let antibody = |model: &str| {
        let project = with_inline(model);
        let file = project.path().join("dosecase.yaml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("molecular_class: small_molecule_targeted", "molecular_class: antagonist")).unwrap();
        let evidence = evidence_of(project.path());
        exhibit(&evidence, "T-R08").notes.footnotes.join(" ").contains("DJ-E20")
    };
    let few = INLINE.split("        - {id: by_weight").next().unwrap().to_owned();
    assert!(antibody(&few));
    let changing = few.replace("      food:", "      time_varying_clearance: {emax: {change: -0.2, half_time: 60 d}}\n      food:");
    assert!(!antibody(&changing));
}

#[test]
fn the_same_bytes_come_from_one_thread_and_from_four() {
    let project = with_inline(INLINE);
    let reading = pipeline::read(project.path(), Overrides::default(), &|_| ()).unwrap();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let evidence = pool.install(|| pipeline::gather(&reading, &|_| ()).unwrap());
        let mut json = evidence_json(&evidence, &reading.project.settings);
        json["facts"].as_object_mut().unwrap().retain(|id, _| id.starts_with("simulation."));
        json["facts"].to_string()
    };
    let one = run(1);
    assert!(one.len() > 10_000);
    assert_eq!(one, run(4));
}

#[test]
fn faults_of_the_model_are_told_at_their_place() {
    let told = |model: &str| {
        let project = with_inline(model);
        read_project(project.path()).unwrap_err().to_string()
    };
    let missing = told(&INLINE.replace("        peripheral_volume: {value: 100, unit: L}\n", ""));
    assert!(missing.contains("two compartments need `peripheral_volume`"), "{missing}");
    let fed = told(&INLINE.replace("      food: {bioavailability: 1.3, absorption_rate: 0.7}\n", ""));
    assert!(fed.contains("the model does not say what food changes"), "{fed}");
    let unit = told(&INLINE.replace("unit: L/day", "unit: L/week"));
    assert!(unit.contains("L/week") && unit.contains("dosecase.yaml:"), "{unit}");
    let file = told("  population_model: {file: nowhere.yaml}\n");
    assert!(file.contains("nowhere.yaml"), "{file}");
}
