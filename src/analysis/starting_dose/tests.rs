//! The derivation as a whole: the example's package, and packages made for one thing each.

use std::path::Path;

use super::*;
use crate::config::nonclinical::read_nonclinical_text;
use crate::config::{Settings, read_project_text};

const SMALL: &str = "molecular_class: small_molecule_targeted";

/// Settings of a project with a drug of this class and three dosages.
fn settings(class: &str, starting_dose: &str) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let text = format!(
        "dossier: {{title: T}}\ndrug: {{name: d, {class}}}\nstarting_dose: {starting_dose}\ndosages:\n  \
         - {{id: 10mg_qd, dose: 10 mg, arm: A}}\n  - {{id: 30mg_qd, dose: 30 mg, arm: B}}\n  - {{id: 60mg_qd, dose: 60 mg, arm: C}}\n  \
         - {{id: soc, dose: 75 mg/m2, arm: D, comparator: true}}\n"
    );
    read_project_text(&folder.path().join("dosecase.yaml"), text).unwrap().settings
}

fn package(text: &str) -> Nonclinical {
    read_nonclinical_text(Path::new("nonclinical.yaml"), text.to_owned()).unwrap_or_else(|errors| panic!("{errors}")).nonclinical
}

fn example() -> Nonclinical {
    package(&std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zeltorafib/nonclinical.yaml")).unwrap())
}

fn of(result: &StartingDoseResult, method: StartingDoseMethod) -> Vec<&Candidate> {
    result.candidates.iter().filter(|candidate| candidate.method == method).collect()
}

fn close(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-12 * want.abs().max(1.0)
}

#[test]
fn the_example_stands_as_its_file_says() {
    let result = analyse(&example(), &settings(SMALL, "{chosen: 10 mg}"));
    // One sixth of the dog HNSTD: 1.5 * 20/37 * 60 / 6; one tenth of the rat STD10: 30 * 6/37 * 60 / 10.
    let dog = of(&result, StartingDoseMethod::OneSixthHnstd)[0];
    assert!(close(dog.dose.mg, 1.5 * 20.0 / 37.0 * 60.0 / 6.0) && close(dog.equivalent_mg_kg.unwrap(), 1.5 * 20.0 / 37.0));
    assert!(close(dog.printed_divisor_mg.unwrap(), 1.5 / 1.8 * 60.0 / 6.0));
    let rat = of(&result, StartingDoseMethod::OneTenthStd10)[0];
    assert!(close(rat.dose.mg, 30.0 * 6.0 / 37.0 * 60.0 / 10.0));
    assert_eq!(result.smallest().unwrap().study.as_deref(), Some("ZEL-TOX-012"));
    assert_eq!(result.exceeds_smallest(), Some(true));
    assert_eq!(Position::of(result.ratio(rat).unwrap()), Position::Below);
    assert!(result.notes.is_empty(), "{:?}", result.notes);
    assert_eq!(dog.origin.entries, ["repeat_dose_toxicity[1]"]);
}

#[test]
fn methods_that_do_not_decide_are_shown_all_the_same() {
    let result = analyse(&example(), &settings(SMALL, "{chosen: 10 mg}"));
    let noael = of(&result, StartingDoseMethod::NoaelEquivalent);
    assert_eq!(noael.len(), 3);
    assert!(noael.iter().all(|candidate| candidate.role == Role::Compared));
    assert!(close(noael[1].dose.mg, 0.5 * 20.0 / 37.0 * 60.0 / 10.0));
    // 6600 ng·h/mL in the mouse at 3.9% unbound is 6435 in humans at 4.0%; times 11 L/h.
    let active = of(&result, StartingDoseMethod::ActiveExposure);
    assert!(close(active[1].dose.mg, 6600.0 * (1.0 - 0.961) / (1.0 - 0.96) * 11.0 / 1e3));
    assert_eq!(of(&result, StartingDoseMethod::ActiveDoseEquivalent).len(), 3);
    assert!(of(&result, StartingDoseMethod::Mabel).is_empty());
}

#[test]
fn levels_are_the_dosages_where_no_plan_is_given() {
    let result = analyse(&example(), &settings(SMALL, "{chosen: 10 mg}"));
    let ids: Vec<&str> = result.levels.levels.iter().map(|level| level.id.as_str()).collect();
    assert_eq!((ids, result.levels.source), (vec!["10mg_qd", "30mg_qd", "60mg_qd"], LevelSource::Dosages));
    let second = &result.levels.levels[1];
    assert!(close(second.increment.unwrap(), 2.0) && close(second.exposure.unwrap().auc24, 30_000.0 / 11.0));
    assert!(close(second.of_efficacious.unwrap(), 30_000.0 / 11.0 / 6600.0));
    let dog = &second.margins[1];
    assert_eq!((dog.at, dog.species), ("HNSTD", "dog"));
    assert!(close(dog.total, 30_000.0 / 11.0 / 9800.0) && close(dog.unbound.unwrap(), dog.total * 0.04 / 0.052));
    assert!(close(result.largest_increment().unwrap(), 2.0));
    assert_eq!(result.inactive_levels(), None);
}

#[test]
fn an_agonist_without_a_mabel_lacks_the_method_that_decides() {
    let result = analyse(&example(), &settings("molecular_class: agonist", "{chosen: 10 mg}"));
    assert_eq!(result.smallest(), None);
    assert!(result.notes.contains(&Note::MethodMissing { method: StartingDoseMethod::Mabel }));
}

const ENGAGER: &str = "\
molecular_weight_g_mol: 150000
clinical_route: intravenous
clinical_schedule: QW
human: {body_weight_kg: 70}
hazards: [cytokine_release]
in_vitro:
  - {assay: T-cell activation, parameter: EC50, value: 0.06, unit: ug/mL}
  - {assay: binding, parameter: Kd, value: 400, unit: pM}
repeat_dose_toxicity:
  - {species: monkey, study: M1, NOAEL_mg_kg: 0.05, HNSTD_mg_kg: 0.6, auc_at_key_dose_ng_h_mL: 50000, key_dose_mg_kg: 0.6}
  - {species: rat, study: R1, STD10_mg_kg: 30, relevant: no, relevance_reason: no binding}
predicted_human: {CL_F_L_h: 0.02, volume_L: 3.5}
mabel: {assay: T-cell activation, parameter: EC50, fraction: 0.1}
activity: {assay: T-cell activation, parameter: EC50}
receptor_occupancy: {assay: binding, receptor_total_nM: 10, target_occupancy: 0.1}
other_estimates: [{method: PK/PD model, dose: 20 ug, source: R-7, decides: true}]
escalation_plan:
  scheme: {doubling_until_activity: {levels: 6, until: 200 ug}}
  every_level: {cohort_size: 1, observation: 21 d}
";

#[test]
fn a_large_molecule_is_scaled_by_weight_and_starts_at_a_minimal_effect() {
    let package = package(ENGAGER);
    let result = analyse(&package, &settings("molecular_class: antagonist", "{chosen: 20 ug}"));
    assert_eq!(result.scaling, Scaling::BodyWeight);
    let monkey = of(&result, StartingDoseMethod::OneSixthHnstd)[0];
    assert!(close(monkey.dose.mg, 0.6 / 6.0 * 70.0) && monkey.printed_divisor_mg.is_none() && monkey.role == Role::Compared);
    // EC50 0.06 µg/mL; a tenth of the effect at a ninth of it; volume 3.5 L.
    let mabel = of(&result, StartingDoseMethod::Mabel)[0];
    assert!(close(mabel.dose.mg, 0.06 / 9.0 * 3.5) && mabel.role == Role::Decides);
    // Kd 0.4 nM and 10 nM of receptor: 0.4/9 + 1 nM of ligand; 150 kg/mol; 3.5 L.
    let occupancy = of(&result, StartingDoseMethod::ReceptorOccupancy)[0];
    assert!(close(occupancy.dose.mg, (0.4 / 9.0 + 1.0) * 0.150 * 3.5));
    let stated = of(&result, StartingDoseMethod::Stated)[0];
    assert!(close(stated.dose.mg, 0.02) && stated.role == Role::Decides);
    assert_eq!(result.smallest().unwrap().method, StartingDoseMethod::Stated);
    assert!(result.notes.contains(&Note::SpeciesNotRelevant { study: "R1".to_owned(), species: "rat" }));
}

#[test]
fn a_scheme_starts_at_the_chosen_dose_in_its_unit() {
    let package = package(ENGAGER);
    let result = analyse(&package, &settings("molecular_class: agonist", "{chosen: 20 ug}"));
    let doses: Vec<f64> = result.levels.levels.iter().map(|level| level.dose.amount()).collect();
    assert!(doses.iter().zip([20.0, 40.0, 80.0, 160.0, 240.0, 336.0]).all(|(got, want)| (got - want).abs() < 1e-9), "{doses:?}");
    let level = &result.levels.levels[0];
    assert_eq!((level.id.as_str(), level.plan.cohort_size, result.levels.source), ("20 µg", Some(1), LevelSource::Scheme));
    let (occupancy, effect) = (level.occupancy.unwrap(), level.effect.unwrap());
    assert!(occupancy.peak.unwrap() > occupancy.average && occupancy.average > occupancy.trough.unwrap());
    assert!(effect.average < INACTIVE_BELOW && result.inactive_levels().unwrap() >= 1);
    assert!(close(level.of_mabel.unwrap(), 0.02 / (0.06 / 9.0 * 3.5)));
}

#[test]
fn conflicts_between_the_files_are_said() {
    let text = "km_factors: {dog: 19}\nfih_starting_dose: {proposed_mg: 8}\npredicted_human: {CL_F_L_h: 11}\n\
                escalation_plan: {levels: [{dose: 20 mg}, {dose: 40 mg}]}\n";
    let result = analyse(&package(text), &settings("molecular_class: antagonist", "{chosen: 10 mg}"));
    assert!(matches!(result.notes[0], Note::FactorDeviates { name: "dog", .. }));
    assert!(matches!(result.notes[1], Note::ChosenDiffers { package_mg, .. } if close(package_mg, 8.0)));
    assert!(matches!(result.notes[2], Note::LowestLevelDiffers { .. }));
    assert!(result.notes.contains(&Note::OnceDailyAssumed));
}

#[test]
fn the_package_proposes_where_the_project_does_not_choose() {
    let result = analyse(&example(), &settings(SMALL, "{}"));
    let chosen = result.chosen.unwrap();
    assert!(!chosen.from_project && close(chosen.human.unwrap().mg, 10.0) && chosen.reason.unwrap().contains("one sixth of dog HNSTD"));
    let nothing = analyse(&package("{}\n"), &settings(SMALL, "{}"));
    assert!(
        nothing.chosen.is_none()
            && nothing.candidates.is_empty()
            && nothing.ratio(&analyse(&example(), &settings(SMALL, "{}")).candidates[0]).is_none()
    );
}

#[test]
fn a_stated_body_surface_carries_doses_per_square_metre() {
    let text = "human: {body_surface_m2: 1.8}\nrepeat_dose_toxicity: [{species: rat, study: R, STD10_mg_kg: 20}, {species: dog, study: D, HNSTD_mg_m2: 120}]\n";
    let result = analyse(&package(text), &settings(SMALL, "{chosen: 10 mg}"));
    let rat = of(&result, StartingDoseMethod::OneTenthStd10)[0];
    assert!(close(rat.dose.mg_per_m2, 12.0) && close(rat.dose.mg, 21.6) && rat.printed_divisor_mg.is_none());
    assert!(rat.conversion.contains("1.8 m²"), "{}", rat.conversion);
    let dog = of(&result, StartingDoseMethod::OneSixthHnstd)[0];
    assert!(close(dog.dose.mg_per_m2, 20.0) && dog.origin.keys.contains(&"HNSTD_mg_m2".to_owned()));
}
