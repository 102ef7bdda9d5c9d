//! The exhibits of the example's package and of one that fills every section.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::analysis::starting_dose::analyse;
use crate::analysis::starting_dose::tests::SPARSE;
use crate::config::nonclinical::{NonclinicalFile, read_nonclinical_text};
use crate::config::read_project_text;
use crate::evidence::{Cell, CellPattern, Content, FactId, FactValue, FigureSpec, Plot, Row, RungKind, Table};

fn settings(chosen: &str) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let text = format!(
        "dossier: {{title: T}}\ndrug: {{name: d, molecular_class: small_molecule_targeted}}\n\
         starting_dose: {{chosen: {chosen}, reason: below one tenth of the STD10}}\n\
         escalation: {{design: {{boin: {{target: 0.30}}}}, dlt_window: 28 d}}\n\
         dosages:\n  - {{id: 10mg_qd, label: 10 mg QD, dose: 10 mg, arm: A}}\n  - {{id: 30mg_qd, label: 30 mg QD, dose: 30 mg, arm: B}}\n"
    );
    read_project_text(&folder.path().join("dosecase.yaml"), text).unwrap().settings
}

fn file(text: String) -> NonclinicalFile {
    read_nonclinical_text(Path::new("nonclinical.yaml"), text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn example() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zeltorafib/nonclinical.yaml")).unwrap()
}

/// A package without the optional sections.
fn sparse() -> String {
    SPARSE.to_owned()
}

/// The package with every optional section.
fn extended() -> String {
    sparse()
        + "\
activity: {assay: pERK inhibition, parameter: IC50}
mabel: {assay: pERK inhibition, parameter: IC50, fraction: 0.2, correct_for_binding: true}
receptor_occupancy: {assay: ZEK1 binding (SPR), unbound: true, target_occupancy: 0.2}
animal_pharmacokinetics:
  - {species: rat, weight_kg: 0.25, clearance_L_h: 0.22}
  - {species: dog, weight_kg: 10, clearance_L_h: 3.6}
escalation_plan:
  levels:
    - {dose: 10 mg, step_up: [{day: 1, dose: 5 mg, note: overnight stay}], observation: 21 d}
    - {dose: 30 mg, escalate_if: no DLT in 3, backfill: true}
  every_level: {cohort_size: 3}
decision_map:
  - {dose: 10 mg, observable: DLT, threshold: 2 of 6, action: stop, owner: safety committee}
  - {action: continue}
risks: [{risk: QTc prolongation, precedent: seen in the class, mitigation: ECG on every visit}]
"
}

fn gathered(text: String) -> (Vec<Exhibit>, Facts) {
    gathered_with("10 mg", text)
}

fn gathered_with(chosen: &str, text: String) -> (Vec<Exhibit>, Facts) {
    let (file, settings) = (file(text), settings(chosen));
    let mut facts = Facts::default();
    let exhibits = gather(&analyse(&file.nonclinical, &settings), &file, &settings, &mut facts);
    (exhibits, facts)
}

fn table<'a>(exhibits: &'a [Exhibit], code: &str) -> &'a Table {
    let exhibit = exhibits.iter().find(|exhibit| exhibit.id.as_str() == code).unwrap();
    match &exhibit.content {
        Content::Table(table) => table,
        other => panic!("{code}: {other:?}"),
    }
}

fn number(facts: &Facts, id: &str) -> f64 {
    match facts.get(&FactId::from(id)).unwrap_or_else(|| panic!("no fact {id}")).value {
        FactValue::Number(value) => value,
        ref other => panic!("{id}: {other:?}"),
    }
}

fn figure<'a>(exhibits: &'a [Exhibit], code: &str) -> &'a FigureSpec {
    let exhibit = exhibits.iter().find(|exhibit| exhibit.id.as_str() == code).unwrap();
    match &exhibit.content {
        Content::Figure(spec) => spec,
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn the_ladder_holds_every_dose_once() {
    let (exhibits, facts) = gathered(example());
    let spec = figure(&exhibits, "F-F01");
    let Plot::DoseLadder { unit, rungs, .. } = &spec.plot else { panic!("no ladder") };
    let of = |kind: RungKind| rungs.iter().filter(|rung| rung.kind == kind).map(|rung| rung.at).collect::<Vec<f64>>();
    assert_eq!((unit.as_str(), of(RungKind::Chosen)), ("mg", vec![10.0]));
    assert_eq!([of(RungKind::Applicable).len(), of(RungKind::Comparison).len()], [3, 11]);
    assert_eq!(of(RungKind::Planned), [10.0, 30.0, 60.0, 120.0, 240.0, 360.0, 480.0]);
    assert!((of(RungKind::Efficacious)[0] - 72.6).abs() < 1e-9);
    assert!((of(RungKind::AnimalExposure)[2] - number(&facts, "starting_dose.dose_with_animal_exposure.dog_zel_tox_012")).abs() < 1e-9);
    assert_eq!(spec.source.iter().map(|slice| slice.dataset.as_str()).collect::<Vec<_>>(), ["NONCLINICAL", "PROJECT"]);
    assert!(spec.alt.contains("Chosen starting dose: 10 mg.") && spec.alt.contains("8.11 to 29.2 mg"), "{}", spec.alt);
}

#[test]
fn doses_of_the_ladder_stand_in_the_unit_of_the_chosen_one() {
    let (exhibits, _) = gathered_with("0.25 mg/kg", example());
    let Plot::DoseLadder { unit, rungs, .. } = &figure(&exhibits, "F-F01").plot else { panic!("no ladder") };
    assert_eq!((unit.as_str(), rungs[0].at), ("mg/kg", 0.25));
    let dog = rungs.iter().find(|rung| rung.label.starts_with("1/6 of HNSTD: dog")).unwrap();
    assert!((dog.at - 1.5 * 20.0 / 37.0 / 6.0).abs() < 1e-12);
}

#[test]
fn concentrations_and_potencies_share_a_panel() {
    let (exhibits, facts) = gathered(example());
    let spec = figure(&exhibits, "F-F02");
    let Plot::Curves { y, panels, .. } = &spec.plot else { panic!("no curves") };
    assert!(y.log && panels.len() == 1 && panels[0].curves.len() == 7);
    let lines: Vec<f64> = panels[0].levels.iter().filter(|level| level.lower >= level.upper).map(|level| level.lower).collect();
    assert_eq!(lines.len(), 3);
    assert!((lines[0] - number(&facts, "starting_dose.potency_in_plasma.perk_inhibition_ic50")).abs() < 1e-9);
    let exhibit = exhibits.iter().find(|exhibit| exhibit.id.as_str() == "F-F02").unwrap();
    assert!(exhibit.notes.methods.iter().any(|words| words.contains("divided by the unbound fraction")));
}

#[test]
fn shares_have_a_band_only_where_the_file_states_an_uncertainty() {
    let banded = |text: String| {
        let (exhibits, _) = gathered(text);
        let spec = figure(&exhibits, "F-F03");
        let Plot::Curves { panels, marks, .. } = &spec.plot else { panic!("no curves") };
        let curves = panels.iter().map(|panel| panel.curves.len()).collect::<Vec<_>>();
        let bands = panels.iter().flat_map(|panel| &panel.curves).filter(|curve| !curve.band.is_empty()).count();
        (curves, bands, marks.len())
    };
    assert_eq!(banded(example()), (vec![3, 3], 2, 7));
    // Without a rate of absorption there is neither peak nor trough, without a range of the clearance no band.
    assert_eq!(banded(extended()), (vec![1, 1], 0, 2));
    let (exhibits, _) = gathered(extended());
    let exhibit = exhibits.iter().find(|exhibit| exhibit.id.as_str() == "F-F02").unwrap();
    let Content::Placeholder(placeholder) = &exhibit.content else { panic!("nothing may be invented") };
    assert_eq!(placeholder.needs, ["NONCLINICAL: predicted_human.absorption_per_h, or clinical_route: intravenous"]);
}

#[test]
fn many_levels_are_thinned_to_their_ends() {
    let scheme = "escalation_plan: {scheme: {modified_fibonacci: {levels: 30}}}\n";
    let text = sparse().replace("  CL_F_L_h: 11\n", "  CL_F_L_h: 11\n  absorption_per_h: 0.9\n") + scheme;
    let (exhibits, _) = gathered(text);
    let Plot::Curves { panels, .. } = &figure(&exhibits, "F-F02").plot else { panic!("no curves") };
    let ranks: Vec<usize> = panels[0].curves.iter().map(|curve| curve.rank).collect();
    assert_eq!((ranks.len(), ranks[0], ranks[11]), (12, 0, 29));
    assert!(panels[0].levels.is_empty(), "no assay is named as that of activity");
}

#[test]
fn every_cell_leads_to_a_fact_and_every_row_is_as_wide_as_its_table() {
    for text in [example(), sparse(), extended()] {
        let (exhibits, facts) = gathered(text);
        let mut ids = BTreeSet::new();
        for exhibit in &exhibits {
            let Content::Table(table) = &exhibit.content else { continue };
            for row in table.rows.iter().filter(|row| !row.heading) {
                assert_eq!(row.cells.len(), table.columns.len(), "{} {}", exhibit.id, row.stub);
            }
            for cell in table.rows.iter().flat_map(|row| &row.cells) {
                if let Cell::Facts(_, named) = cell {
                    assert!(named.iter().all(|id| facts.get(id).is_some()), "{named:?}");
                    ids.extend(named.iter().cloned());
                }
            }
        }
        assert!(ids.len() > 60);
    }
}

#[test]
fn facts_name_the_lines_and_keys_they_rest_on() {
    let (_, facts) = gathered(sparse());
    let fact = facts.get(&FactId::from("starting_dose.one_sixth_hnstd.dog_zel_tox_012")).unwrap();
    assert_eq!((fact.source.dataset.as_str(), fact.source.rows.ranges().as_str()), ("NONCLINICAL", "18"));
    assert_eq!(fact.source.columns, ["species", "HNSTD_mg_kg"]);
    assert!(fact.source.filter.contains("ZEL-TOX-012"));
    let chosen = facts.get(&FactId::from("starting_dose.chosen")).unwrap();
    assert_eq!((chosen.source.dataset.as_str(), chosen.value.clone()), ("PROJECT", FactValue::Number(10.0)));
    assert!(facts.iter().all(|(id, fact)| id.as_str().starts_with("starting_dose.") && fact.exhibit.is_some()));
}

#[test]
fn the_numbers_of_the_example_stand_in_its_facts() {
    let (exhibits, facts) = gathered(sparse());
    let close = |id: &str, want: f64| assert!((number(&facts, id) - want).abs() < 1e-9 * want, "{id}: {}", number(&facts, id));
    close("starting_dose.one_sixth_hnstd.dog_zel_tox_012", 1.5 * 20.0 / 37.0 * 10.0);
    close("starting_dose.one_sixth_hnstd_printed_divisor.dog_zel_tox_012", 1.5 / 1.8 * 10.0);
    close("starting_dose.one_tenth_std10.rat_zel_tox_011", 30.0 * 6.0 / 37.0 * 6.0);
    close("starting_dose.smallest_estimate", 1.5 * 20.0 / 37.0 * 10.0);
    close("starting_dose.chosen_over_smallest", 10.0 / (1.5 * 20.0 / 37.0 * 10.0));
    close("starting_dose.predicted_auc24.30mg_qd", 30_000.0 / 11.0);
    close("starting_dose.exposure_ratio.dog_zel_tox_012.30mg_qd", 30_000.0 / 11.0 / 9800.0);
    close("starting_dose.predicted_volume", 11.0 * 14.0 / std::f64::consts::LN_2);
    close("starting_dose.potency_nanomolar.herg_patch_clamp_ic50", 4100.0);
    close("starting_dose.largest_increment", 2.0);
    let heads: Vec<&str> = table(&exhibits, "T-F01").columns.iter().map(|column| column.head.as_str()).collect();
    assert!(heads.contains(&"Dose, mg (by printed divisor)") && heads.contains(&"Chosen dose over it"));
}

#[test]
fn every_applicable_method_is_shown_with_the_position_of_the_chosen_dose() {
    let (exhibits, facts) = gathered(sparse());
    let rows = &table(&exhibits, "T-F01").rows;
    let headings: Vec<&str> = rows.iter().filter(|row| row.heading).map(|row| row.stub.as_str()).collect();
    assert_eq!(headings.len(), 7, "{headings:?}");
    assert!(headings[0].ends_with("(applicable)") && headings[2].ends_with("(comparison)"));
    assert!(rows.iter().filter(|row| row.heading).all(|row| row.footnote.is_some()));
    let word = |row: &Row| match row.cells.last() {
        Some(Cell::Facts(CellPattern::ValueAside, ids)) => facts.get(ids.last()?).map(|fact| fact.value.clone()),
        _ => None,
    };
    let positions: Vec<FactValue> = rows.iter().filter(|row| !row.heading).filter_map(word).collect();
    assert!(positions.contains(&FactValue::Text("above".to_owned())) && positions.contains(&FactValue::Text("below".to_owned())));
    assert!(rows.iter().any(|row| row.stub.starts_with("Not computed; needs mabel")));
}

#[test]
fn optional_sections_fill_their_columns_and_tables() {
    let (exhibits, facts) = gathered(extended());
    let codes: Vec<&str> = exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect();
    let all = ["T-F01", "F-F01", "T-F02", "T-F03", "T-F04", "T-F05", "F-F02", "F-F03", "T-F06", "T-F07", "T-F09"];
    assert_eq!(codes, all);
    assert!(number(&facts, "starting_dose.occupancy_average.10mg_qd") > number(&facts, "starting_dose.effect_average.10mg_qd"));
    assert!(number(&facts, "starting_dose.of_mabel.10mg_qd") > 0.0);
    assert!(number(&facts, "starting_dose.allometric_exponent") > 0.0);
    assert!((number(&facts, "starting_dose.step_up_dose.day_1.10mg_qd") - 5.0).abs() < 1e-12);
    assert!((number(&facts, "starting_dose.level_observation.30mg_qd") - 28.0).abs() < 1e-12);
    assert_eq!(facts.get(&FactId::from("starting_dose.inactive_levels")).unwrap().value, FactValue::Count(0));
    let stubs = |code: &str| table(&exhibits, code).rows.iter().map(|row| row.stub.clone()).collect::<Vec<_>>();
    assert!(stubs("T-F06").contains(&"Day 1, overnight stay".to_owned()));
    assert!(stubs("T-F01").iter().any(|stub| stub.starts_with("pERK inhibition: IC50 at 20% effect")));
    let map = table(&exhibits, "T-F07");
    assert_eq!((map.rows[0].stub.as_str(), map.rows[1].stub.as_str()), ("10 mg QD", "Every level"));
    assert_eq!(map.rows[1].cells[0], Cell::NotAvailable);
    let missing = exhibits.iter().filter(|exhibit| matches!(exhibit.content, Content::Placeholder(_)));
    assert_eq!(missing.map(|exhibit| exhibit.id.as_str()).collect::<Vec<_>>(), ["F-F02"], "no rate of absorption is stated");
}

#[test]
fn what_is_missing_is_asked_for() {
    let (exhibits, _) = gathered("compound: x\n".to_owned());
    let missing = |code: &str| {
        let exhibit = exhibits.iter().find(|exhibit| exhibit.id.as_str() == code).unwrap();
        matches!(&exhibit.content, Content::Placeholder(placeholder) if !placeholder.needs.is_empty())
    };
    assert!(["F-F01", "T-F02", "T-F03", "T-F04", "T-F05", "F-F02", "F-F03", "T-F07"].into_iter().all(missing));
    assert!(!exhibits.iter().any(|exhibit| exhibit.id.as_str() == "T-F09"));
    assert_eq!(gather_absent().len(), 10);
}
