//! The derivation as a whole: the example's package, and packages made for one thing each.

use std::path::Path;

use super::exposure::Shares;
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

/// A package of a small molecule without rate of absorption, activity, occupancy and plan.
pub(crate) const SPARSE: &str = "\
compound: zeltorafib
modality: small-molecule kinase inhibitor
molecular_weight_g_mol: 487.5
target: fictional kinase ZEK1 (MAPK pathway)
clinical_route: oral
clinical_schedule: QD
in_vitro:
  - {assay: ZEK1 biochemical, parameter: IC50, value: 1.8, unit: nM}
  - {assay: ZEK1 binding (SPR), parameter: Kd, value: 0.9, unit: nM}
  - {assay: NCI-H9001 proliferation, parameter: IC50, value: 14, unit: nM}
  - {assay: pERK inhibition, parameter: IC50, value: 9.5, unit: nM}
  - {assay: pERK inhibition, parameter: IC90, value: 62, unit: nM}
  - {assay: hERG patch clamp, parameter: IC50, value: 4.1, unit: uM}
plasma_protein_binding_percent_bound: {mouse: 96.1, rat: 95.2, dog: 94.8, monkey: 95.5, human: 96.0}
blood_to_plasma_ratio: 0.85
repeat_dose_toxicity:
  - {species: rat, study: ZEL-TOX-011, duration_days: 28, schedule: QD oral, doses_mg_kg: [3, 10, 30], NOAEL_mg_kg: 3, STD10_mg_kg: 30, HNSTD_mg_kg: null, auc_at_key_dose_ng_h_mL: 42000, key_dose_mg_kg: 30, findings: [gastrointestinal mucosa, skin, bone marrow hypocellularity]}
  - {species: dog, study: ZEL-TOX-012, duration_days: 28, schedule: QD oral, doses_mg_kg: [0.5, 1.5, 5], NOAEL_mg_kg: 0.5, STD10_mg_kg: null, HNSTD_mg_kg: 1.5, auc_at_key_dose_ng_h_mL: 9800, key_dose_mg_kg: 1.5, findings: [diarrhoea, ALT increase, QTc prolongation at 5 mg/kg]}
  - {species: monkey, study: ZEL-TOX-013, duration_days: 14, schedule: QD oral, doses_mg_kg: [1, 3, 10], NOAEL_mg_kg: 1, STD10_mg_kg: null, HNSTD_mg_kg: 3, auc_at_key_dose_ng_h_mL: 15500, key_dose_mg_kg: 3, findings: [emesis, body weight loss]}
km_factors: {mouse: 3, rat: 6, dog: 20, monkey: 12, human_60kg: 37}
efficacy_models:
  - {model: NCI-H9001 xenograft, species: mouse, dose_mg_kg: 5, schedule: QD, TGI_percent: 52, AUC24_ng_h_mL: 2100}
  - {model: NCI-H9001 xenograft, species: mouse, dose_mg_kg: 15, schedule: QD, TGI_percent: 94, AUC24_ng_h_mL: 6600}
  - {model: NCI-H9001 xenograft, species: mouse, dose_mg_kg: 45, schedule: QD, TGI_percent: 101, AUC24_ng_h_mL: 19800}
predicted_human:
  efficacious_AUC24_ng_h_mL: 6600
  half_life_h: 14
  CL_F_L_h: 11
fih_starting_dose:
  proposed_mg: 10
  basis: one sixth of dog HNSTD (HED 0.81 mg/kg x 60 kg / 6 = 8.1 mg) and one tenth of rat STD10 (HED 4.84 mg/kg x 60 kg / 10 = 29 mg)
";

fn sparse() -> Nonclinical {
    package(SPARSE)
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
fn the_package_stands_as_its_file_says() {
    let result = analyse(&sparse(), &settings(SMALL, "{chosen: 10 mg}"));
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
    let result = analyse(&sparse(), &settings(SMALL, "{chosen: 10 mg}"));
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
    let result = analyse(&sparse(), &settings(SMALL, "{chosen: 10 mg}"));
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
    let result = analyse(&sparse(), &settings("molecular_class: agonist", "{chosen: 10 mg}"));
    assert_eq!(result.smallest(), None);
    assert!(result.notes.contains(&Note::MethodMissing { method: StartingDoseMethod::Mabel }));
}

#[test]
fn the_example_predicts_concentrations_occupancy_and_effect() {
    let result = analyse(&example(), &settings(SMALL, "{chosen: 10 mg}"));
    assert_eq!((result.levels.source, result.levels.levels.len()), (LevelSource::Listed, 7));
    assert!(result.notes.is_empty(), "{:?}", result.notes);
    let level = &result.levels.levels[3];
    assert_eq!(level.id, "120 mg");
    let exposure = level.exposure.unwrap();
    let profile = level.profile.as_ref().unwrap();
    let highest = profile.iter().map(|(_, concentration)| *concentration).fold(0.0, f64::max);
    assert!(close(highest, exposure.peak.unwrap()) && close(profile.last().unwrap().1, exposure.trough.unwrap()));
    // Hill coefficient of 1.17: 9.5 nM at half, 62 nM at nine tenths of the effect.
    let hill = 9.0_f64.ln() / (62.0_f64 / 9.5).ln();
    assert!((hill - 1.17).abs() < 0.005);
    assert_eq!(result.inactive_levels(), Some(0));
}

#[test]
fn potencies_stand_in_plasma_by_the_unbound_fraction() {
    let engagement = analyse(&example(), &settings(SMALL, "{chosen: 10 mg}")).engagement;
    let found: Vec<(&str, f64)> = engagement.potencies.iter().map(|potency| (potency.label.as_str(), potency.ng_ml)).collect();
    let labels: Vec<&str> = found.iter().map(|(label, _)| *label).collect();
    assert_eq!(labels, ["pERK inhibition, IC50", "pERK inhibition, IC90", "Half of the target bound (ZEK1 binding (SPR), Kd)"]);
    for (index, nanomolar) in [9.5, 62.0, 0.9].into_iter().enumerate() {
        assert!((found[index].1 - nanomolar * 0.4875 / 0.04).abs() < 1e-9, "{found:?}");
    }
    let steep = engagement.steep.unwrap();
    assert!(!steep.stated && ((steep.lower * steep.upper).sqrt() - found[0].1).abs() < 1e-9 && steep.lower < found[0].1);
}

#[test]
fn potencies_say_where_binding_is_not_corrected_for() {
    let text = SPARSE.to_owned()
        + "activity: {assay: pERK inhibition, parameter: IC50}\nmabel: {assay: pERK inhibition, parameter: IC50, fraction: 0.2}\n";
    let potencies = analyse(&package(&text), &settings(SMALL, "{chosen: 10 mg}")).engagement.potencies;
    let labels: Vec<&str> = potencies.iter().map(|potency| potency.label.as_str()).collect();
    let uncorrected = "pERK inhibition, IC50, not corrected for binding";
    assert_eq!(labels, ["pERK inhibition, IC50", "pERK inhibition, IC90", uncorrected]);
    assert!(close(potencies[2].ng_ml, 9.5 * 0.4875) && close(potencies[0].ng_ml, potencies[2].ng_ml / 0.04));
}

#[test]
fn shares_rise_with_the_dose_and_the_band_holds_the_curve() {
    let result = analyse(&example(), &settings(SMALL, "{chosen: 10 mg}"));
    assert_eq!(result.engagement.clearance_range, Some((0, 6.0, 20.0)));
    let measures: Vec<TargetMeasure> = result.engagement.curves.iter().map(|curve| curve.measure).collect();
    assert_eq!(measures, [TargetMeasure::Occupancy, TargetMeasure::Effect]);
    for curve in &result.engagement.curves {
        assert!(close(curve.points[0].mg, 1.0) && close(curve.points.last().unwrap().mg, 960.0));
        assert!(curve.points.windows(2).all(|pair| pair[0].shares.average < pair[1].shares.average));
        for point in &curve.points {
            let (lower, upper) = point.average_range.unwrap();
            let Shares { average, peak, trough } = point.shares;
            assert!(lower < average && average < upper && trough.unwrap() < average && average < peak.unwrap());
        }
    }
}

#[test]
fn stated_ends_of_the_effect_come_before_the_curve() {
    let text = SPARSE.to_owned() + "activity: {assay: readout, parameter: EC50}\n";
    let text = text.replace("in_vitro:\n", "in_vitro:\n  - {assay: readout, parameter: EC20, value: 1, unit: nM}\n  - {assay: readout, parameter: EC50, value: 5, unit: nM}\n  - {assay: readout, parameter: EC80, value: 30, unit: nM}\n");
    let steep = analyse(&package(&text), &settings(SMALL, "{chosen: 10 mg}")).engagement.steep.unwrap();
    assert!(steep.stated && close(steep.lower, 0.4875 / 0.04) && close(steep.upper, 30.0 * 0.4875 / 0.04));
}

#[test]
fn doses_with_a_known_exposure_follow_from_the_clearance() {
    let result = analyse(&sparse(), &settings(SMALL, "{chosen: 10 mg}"));
    let dog = &result.animal_exposures[1];
    assert_eq!((dog.species, dog.at), ("dog", "HNSTD"));
    assert!(close(dog.total_mg, 9800.0 * 11.0 / 1e3) && close(dog.unbound_mg.unwrap(), dog.total_mg * 0.052 / 0.04));
    assert!(close(result.efficacious_mg.unwrap(), 72.6));
    assert!(result.engagement.potencies.is_empty() && result.engagement.curves.is_empty());
    assert!(result.levels.levels.iter().all(|level| level.profile.is_none()));
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
    let result = analyse(&sparse(), &settings(SMALL, "{}"));
    let chosen = result.chosen.unwrap();
    assert!(!chosen.from_project && close(chosen.human.unwrap().mg, 10.0) && chosen.reason.unwrap().contains("one sixth of dog HNSTD"));
    let nothing = analyse(&package("{}\n"), &settings(SMALL, "{}"));
    assert!(
        nothing.chosen.is_none()
            && nothing.candidates.is_empty()
            && nothing.ratio(&analyse(&sparse(), &settings(SMALL, "{}")).candidates[0]).is_none()
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
