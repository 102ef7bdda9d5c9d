//! From datasets to analysis records: every rule of the derivations on a dataset of a few rows.

use std::collections::BTreeMap;
use std::path::Path;

use dosecase::config::{Settings, read_project_text};
use dosecase::data::{ColumnValues, Dataset, DatasetName, TrialData};
use dosecase::derive::{
    AnalysisData, Assessor, BaselineValue, DosageIndex, DoseAction, Dosing, DosingSummary, PartIndex, ResponseCategory, ResponseKind,
    Subject, SubjectIndex, TreatmentStatus, derive,
};
use dosecase::diagnostic::Warned;

const PROJECT: &str = "
dossier: {title: Test, document: end_of_phase_1}
drug: {name: testafib}
data: {path: src}
dosages:
  - {id: low, label: Low, dose: 100 mg, schedule: QD, arm: [Testafib 100 mg, T100]}
  - {id: high, label: High, dose: 200 mg, schedule: QD, arm: Testafib 200 mg}
  - {id: control, label: Control, dose: 75 mg/m2, schedule: Q3W, arm: Docetaxel, comparator: true}
";

const PARTS: &str = "
parts:
  - {id: backfill, when: {PART: A, BACKFL: Y}}
  - {id: escalation, when: {PART: A}}
  - {id: randomised, randomised: true, when: {PART: [B, C]}}
";

const AESI: &str = "
tolerability:
  aesi:
    rash: {label: Rash, terms: [Rash, Dermatitis acneiform]}
";

fn settings(more: &str) -> Settings {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dosecase.yaml");
    read_project_text(&file, format!("{PROJECT}{more}")).expect("the project text of these tests is right").settings
}

/// A dataset from lines of cells between bars; a column whose every cell is a number holds numbers.
fn table(name: DatasetName, text: &str) -> Dataset {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let header: Vec<&str> = lines.next().expect("a header").split('|').map(str::trim).collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('|').map(str::trim).collect()).collect();
    let column = |index: usize| -> Vec<Option<String>> {
        rows.iter().map(|row| row.get(index).filter(|cell| !cell.is_empty()).map(|cell| (*cell).to_owned())).collect()
    };
    let values = |cells: Vec<Option<String>>| {
        let numbers: Vec<Option<f64>> = cells.iter().map(|cell| cell.as_ref().and_then(|cell| cell.parse().ok())).collect();
        let numeric = cells.iter().zip(&numbers).all(|(cell, number)| cell.is_some() == number.is_some());
        if numeric { ColumnValues::Number(numbers) } else { ColumnValues::Text(cells) }
    };
    Dataset::from_columns(name, header.iter().enumerate().map(|(index, name)| ((*name).to_owned(), values(column(index)))).collect())
}

fn derived(settings: &Settings, tables: &[(DatasetName, &str)]) -> Warned<AnalysisData> {
    let datasets: BTreeMap<DatasetName, Dataset> = tables.iter().map(|(name, text)| (*name, table(*name, text))).collect();
    derive(&TrialData { datasets, ..TrialData::default() }, settings)
}

fn subjects(adsl: &str) -> Vec<Subject> {
    derived(&settings(""), &[(DatasetName::Adsl, adsl)]).value.subjects
}

fn codes(warned: &Warned<AnalysisData>) -> Vec<&str> {
    warned.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

fn close(actual: Option<f64>, expected: f64) {
    let actual = actual.expect("a value");
    assert!((actual - expected).abs() <= 1e-9, "{actual} is not {expected}");
}

/// Two treated subjects whose first dose is on 1 January 2024; data cut-off on 30 April.
const ADSL: &str = "
USUBJID | TRT01P | TRT01A | SAFFL | TRTSDT | TRTEDT | DCUTDT | EOTSTT
S-1 | Testafib 100 mg | Testafib 100 mg | Y | 2024-01-01 | | 2024-04-30 | ONGOING
S-2 | Docetaxel | Docetaxel | Y | 2024-01-01 | 2024-03-12 | 2024-04-30 | DISCONTINUED
";

const LOW: Option<DosageIndex> = Some(DosageIndex(0));
const HIGH: Option<DosageIndex> = Some(DosageIndex(1));

#[test]
fn dosages_are_matched_by_arm_text_planned_and_received() {
    let warned = derived(
        &settings(""),
        &[(
            DatasetName::Adsl,
            "USUBJID | TRT01P | TRT01A | SAFFL
             S-1 | testafib  100 MG | T100 | Y
             S-2 | Testafib 200 mg | Testafib 100 mg | Y
             S-3 | Testafib 200 mg | | N
             S-4 | Testafib 200 mg | Testafib 200 mg | N
             S-5 | Screen Failure | Screen Failure | N
             S-6 | Testafib 300 mg | Testafib 300 mg | Y
             S-7 | Docetaxel | Docetaxel | Y",
        )],
    );
    let found: Vec<_> = warned.value.subjects.iter().map(|subject| (subject.planned, subject.actual)).collect();
    let control = Some(DosageIndex(2));
    assert_eq!(found, [(LOW, LOW), (HIGH, LOW), (HIGH, None), (HIGH, None), (None, None), (None, None), (control, control)]);
    assert_eq!(codes(&warned), ["received-other-than-planned"]);
    assert_eq!(warned.diagnostics[0].subjects, ["S-2"]);
}

#[test]
fn arms_fall_back_to_other_columns() {
    let found = subjects("USUBJID | ARM | ACTARM\n S-1 | Testafib 200 mg | Testafib 100 mg");
    assert_eq!((found[0].planned, found[0].actual), (HIGH, LOW));
    let found = subjects("USUBJID | TRTP | TRTA\n S-1 | Testafib 200 mg | Testafib 100 mg");
    assert_eq!((found[0].planned, found[0].actual), (HIGH, LOW));
    let found = subjects("USUBJID | TRT01P\n S-1 | Testafib 200 mg");
    assert_eq!((found[0].planned, found[0].actual), (HIGH, HIGH));
}

#[test]
fn the_first_part_whose_conditions_are_all_met_counts() {
    let adsl = "USUBJID | TRT01P | PART | BACKFL
         S-1 | T100 | A | Y
         S-2 | T100 | a | N
         S-3 | T100 | C | N
         S-4 | T100 | D | N";
    let warned = derived(&settings(PARTS), &[(DatasetName::Adsl, adsl)]);
    let parts: Vec<_> = warned.value.subjects.iter().map(|subject| subject.part).collect();
    assert_eq!(parts, [Some(PartIndex(0)), Some(PartIndex(1)), Some(PartIndex(2)), None]);
    assert_eq!(warned.value.subject_columns.part, ["BACKFL", "PART"]);
    let without = warned.diagnostics.iter().find(|diagnostic| diagnostic.code == "subject-without-part").unwrap();
    assert_eq!(without.subjects, ["S-4"]);
    let warned = derived(&settings(PARTS), &[(DatasetName::Adsl, "USUBJID | TRT01P | PART\n S-1 | T100 | A")]);
    assert_eq!(warned.value.subjects[0].part, Some(PartIndex(1)));
}

#[test]
fn sets_follow_flags_and_rules_where_there_is_none() {
    let found = subjects(
        "USUBJID | TRT01P | TRT01A | SAFFL | ITTFL | EFFFL | PKFL | DLTEVLFL | RANDDT
         S-1 | T100 | T100 | Y | N | N | Y | Y | 2024-01-01
         S-2 | T100 | T100 | N | Y | Y | | | ",
    );
    let sets = |subject: &Subject| {
        let sets = subject.sets;
        [sets.safety, sets.intention_to_treat, sets.response_evaluable, sets.pk, sets.dlt_evaluable]
    };
    assert_eq!(sets(&found[0]), [true, false, false, true, true]);
    assert_eq!(sets(&found[1]), [false, true, true, false, false]);
    let found = subjects(
        "USUBJID | TRT01P | TRT01A | TRTSDT | RANDDT
         S-1 | T100 | T100 | 2024-01-02 | 2024-01-01
         S-2 | T100 | T100 | | 2024-01-01
         S-3 | T100 | T100 | 2024-01-02 | ",
    );
    assert_eq!(sets(&found[0]), [true, true, true, false, false]);
    assert_eq!(sets(&found[1]), [false, true, false, false, false]);
    assert_eq!(sets(&found[2]), [true, false, true, false, false]);
}

#[test]
fn days_on_treatment_and_in_follow_up_are_counted_from_dates() {
    let found = subjects(
        "USUBJID | TRT01P | TRTSDTM | TRTEDTM | EOTSTT | RANDDT | DTHDT | LSTALVDT | DCUTDT | DTHFL
         S-1 | T100 | 2024-01-01T08:00 | 2024-01-10T09:00 | DISCONTINUED | | 2024-02-01 | 2024-01-20 | 2024-03-31 |
         S-2 | T100 | 2024-01-01T08:00 | | ONGOING | | | 2024-01-20 | 2024-03-31 | N
         S-3 | T100 | 2024-01-01T08:00 | | ONGOING | | | | 2024-03-31 |
         S-4 | T100 | 2024-01-01T08:00 | 2024-01-10T09:00 | DISCONTINUED | | | | 2024-03-31 |
         S-5 | T100 | | | NOT TREATED | 2024-01-01 | | 2024-01-20 | 2024-03-31 | Y",
    );
    let treated: Vec<_> = found.iter().map(|subject| subject.treatment_days).collect();
    assert_eq!(treated, [Some(10.0), Some(91.0), Some(91.0), Some(10.0), None]);
    let followed: Vec<_> = found.iter().map(|subject| subject.followup_days).collect();
    assert_eq!(followed, [Some(32.0), Some(20.0), Some(91.0), None, Some(20.0)]);
    let died: Vec<_> = found.iter().map(|subject| subject.died).collect();
    assert_eq!(died, [true, false, false, false, true]);
    let given = subjects("USUBJID | TRT01P | TRTSDT | TRTEDT | TRTDURD\n S-1 | T100 | 2024-01-01 | 2024-01-10 | 7");
    assert_eq!(given[0].treatment_days, Some(7.0));
}

#[test]
fn a_reason_that_is_completion_is_a_status() {
    let found = subjects(
        "USUBJID | TRT01P | TRT01A | DCREASCD
         S-1 | T100 | T100 | Completed
         S-2 | T100 | T100 | Adverse Event
         S-3 | T100 | | ",
    );
    let status: Vec<_> = found.iter().map(|subject| (subject.treatment_status, subject.discontinuation_reason.as_deref())).collect();
    assert_eq!(
        status,
        [
            (Some(TreatmentStatus::Completed), None),
            (Some(TreatmentStatus::Discontinued), Some("Adverse Event")),
            (Some(TreatmentStatus::NotTreated), None),
        ]
    );
    let found = subjects(
        "USUBJID | TRT01P | EOTSTT | EOSSTT | DCTREAS\n S-1 | T100 | ONGOING | COMPLETED | \n S-2 | T100 | DISCONTINUED | | DEATH",
    );
    assert_eq!(found[0].treatment_status, Some(TreatmentStatus::Ongoing));
    assert_eq!(found[1].discontinuation_reason.as_deref(), Some("DEATH"));
}

#[test]
fn baseline_variables_are_numbers_or_levels_in_order() {
    let warned = derived(
        &settings(""),
        &[(
            DatasetName::Adsl,
            "USUBJID | TRT01P | AGE | ECOGBL | RENIMP | STRATA1 | STRATA2 | DLTFL
             S-1 | T100 | 60 | 1 | SEVERE | ECOG >=1 | S2 | Y
             S-2 | T100 | 71.5 | 0 | NORMAL | ECOG 0 | S1 | N
             S-3 | T100 | | 1 | | ECOG >=1 | | ",
        )],
    );
    let variables: Vec<_> =
        warned.value.baseline_variables.iter().map(|it| (it.column.as_str(), it.label.as_str(), it.levels.clone())).collect();
    let levels = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(variables[0], ("AGE", "Age (years)", None));
    assert_eq!(variables[1], ("ECOGBL", "ECOG performance status", levels(&["0", "1"])));
    assert_eq!(variables[2], ("RENIMP", "Renal impairment", levels(&["NORMAL", "SEVERE"])));
    assert_eq!(variables[3].2, levels(&["ECOG 0", "ECOG >=1"]));
    let subject = &warned.value.subjects[0];
    assert_eq!(
        subject.baseline,
        [BaselineValue::Number(60.0), BaselineValue::Level(1), BaselineValue::Level(1), BaselineValue::Level(1), BaselineValue::Level(1)]
    );
    assert_eq!(subject.stratum.as_deref(), Some("ECOG >=1, S2"));
    assert_eq!(warned.value.subjects[2].baseline[0], BaselineValue::Missing);
    assert_eq!(warned.value.subjects[2].stratum, None);
    assert_eq!(warned.value.subjects.iter().map(|it| it.dlt).collect::<Vec<_>>(), [Some(true), Some(false), None]);
}

#[test]
fn adverse_events_are_read_with_grade_relation_and_action() {
    let adae = "USUBJID | TRT01A | AEDECOD | AETOXGR | AEREL | AEACN | AEOUT | AESDTH | AESER | TRTEMFL | ASTDT | AENDT
         S-1 | Docetaxel | Rash | GRADE 3 | PROBABLE | DOSE RATE REDUCED | RECOVERED | N | Y | Y | 2024-01-05 | 2024-01-09
         S-9 | Docetaxel | Rash | GRADE 3 | PROBABLE | DOSE REDUCED | RECOVERED | N | Y | Y | 2024-01-05 |
         S-2 | Docetaxel | Nausea | G5 | REMOTE | DRUG STOPPED | FATAL | N | N | | 2023-12-31 |
         S-2 | Docetaxel | Fatigue | bad | PERHAPS | NOT EVALUABLE | | Y | N | Y | 2024-01-01 |
         S-2 | Docetaxel | Cough | 2.0 | | | | N | N | Y | 2024-01-01 | ";
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adae, adae)]);
    let found = warned.value.adverse_events.as_ref().unwrap();
    let rows: Vec<_> = found.events.iter().map(|event| event.row).collect();
    assert_eq!(rows, [1, 3, 4, 5]);
    assert_eq!(found.events.iter().map(|event| event.subject).collect::<Vec<_>>(), [0, 1, 1, 1].map(SubjectIndex));
    assert_eq!(found.events.iter().map(|event| event.grade).collect::<Vec<_>>(), [Some(3), Some(5), None, Some(2)]);
    assert_eq!(found.events.iter().map(|event| event.related).collect::<Vec<_>>(), [true, false, false, false]);
    let actions: Vec<_> = found.events.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Some(DoseAction::Reduced), Some(DoseAction::Unknown), Some(DoseAction::Unknown), None]);
    assert_eq!(found.events.iter().map(|event| event.fatal).collect::<Vec<_>>(), [false, true, true, false]);
    assert_eq!(found.events.iter().map(|event| event.emergent).collect::<Vec<_>>(), [true, false, true, true]);
    assert_eq!(found.events.iter().map(|event| event.start_day).collect::<Vec<_>>(), [Some(5), Some(-1), Some(1), Some(1)]);
    assert_eq!(found.events[0].end_day, Some(9));
    assert!(found.events[0].serious && !found.events[1].serious);
    assert_eq!(found.related_values, ["PROBABLE"]);
    let seen = codes(&warned);
    for code in ["relatedness-not-understood", "relatedness-missing", "action-not-understood"] {
        assert!(seen.contains(&code), "{code}");
    }
}

#[test]
fn what_adae_does_not_say_follows_the_stated_rules() {
    let adae = "USUBJID | AETERM | AESEV | AEACN | ASTDT | AESTDY
         S-1 | Rash | LIFE THREATENING | | 2024-01-01 |
         S-1 | Rash | MILD | | 2023-12-30 | -2
         S-1 | Rash | FATAL | | | 
         S-1 | Rash | WORST | | 2024-01-02 | ";
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adae, adae)]);
    let found = warned.value.adverse_events.as_ref().unwrap();
    assert!(found.grade_from_severity);
    assert_eq!(found.grade_column.as_deref(), Some("AESEV"));
    assert_eq!((found.action_column.as_deref(), found.emergent_column.as_deref(), found.related_column.as_deref()), (None, None, None));
    let events: Vec<_> =
        found.events.iter().map(|event| (event.term.as_str(), event.grade, event.emergent, event.fatal, event.start_day)).collect();
    assert_eq!(
        events,
        [
            ("Rash", Some(4), true, false, Some(1)),
            ("Rash", Some(1), false, false, Some(-2)),
            ("Rash", Some(5), true, true, None),
            ("Rash", None, true, false, Some(2))
        ]
    );
    assert_eq!(codes(&warned), ["grade-not-understood", "grade-from-severity"]);
}

#[test]
fn groups_of_special_interest_come_from_project_and_data() {
    let adae = "USUBJID | AEDECOD | AESI | CQ01NAM
         S-1 | RASH | |
         S-1 | Pruritus | RASH |
         S-1 | ALT increased | HEPATOTOXICITY | LIVER EVENTS
         S-1 | Cough | | ";
    let warned = derived(&settings(AESI), &[(DatasetName::Adsl, ADSL), (DatasetName::Adae, adae)]);
    let found = warned.value.adverse_events.unwrap();
    let groups: Vec<_> =
        found.interest_groups.iter().map(|group| (group.id.as_str(), group.label.as_str(), group.filter.as_str())).collect();
    assert_eq!(
        groups,
        [
            ("rash", "Rash", "AEDECOD in (Rash, Dermatitis acneiform) or AESI = RASH"),
            ("hepatotoxicity", "Hepatotoxicity", "AESI = HEPATOTOXICITY"),
            ("liver_events", "Liver events", "CQ01NAM = LIVER EVENTS"),
        ]
    );
    let interest: Vec<_> = found.events.into_iter().map(|event| event.interest).collect();
    assert_eq!(interest, [vec![0], vec![0], vec![1, 2], vec![]]);
}

fn dosing(adex: &str) -> (Dosing, Vec<String>) {
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adex, adex)]);
    let codes = codes(&warned).into_iter().map(str::to_owned).collect();
    (warned.value.dosing.expect("ADEX gives dosing"), codes)
}

fn summary(adex: &str) -> DosingSummary {
    dosing(adex).0.summaries.into_iter().next().expect("one subject was dosed")
}

#[test]
fn daily_dosing_with_interruptions_and_a_reduction() {
    let found = summary(
        "USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDY | AENDY | EXADJ
         S-1 | 100 | 100 | QD | 1 | 20 |
         S-1 | 0 | 100 | QD | 21 | 22 | NON-COMPLIANCE
         S-1 | 0 | 100 | QD | 23 | 28 | ADVERSE EVENT
         S-1 | 50 | 100 | QD | 29 | 56 | ADVERSE EVENT
         S-1 | 0 | 100 | QD | 57 | 60 | ADVERSE EVENT",
    );
    assert_eq!(found.duration_days, Some(56.0));
    assert_eq!(found.cumulative_dose, Some(3400.0));
    assert_eq!(found.planned_dose, Some(5600.0));
    close(found.relative_intensity, 100.0 * 3400.0 / 5600.0);
    assert_eq!((found.interruptions, found.interruptions_adverse_event), (Some(3), Some(2)));
    assert_eq!(found.interrupted_days, Some(12.0));
    assert_eq!((found.reductions, found.reductions_adverse_event), (Some(1), Some(1)));
    assert_eq!(found.first_modification_day, Some(23));
    assert_eq!(found.intensity_by_cycle.len(), 2);
    close(found.intensity_by_cycle[0], 100.0 * 20.0 / 28.0);
    close(found.intensity_by_cycle[1], 50.0);
    assert_eq!(found.full_dose_by_cycle, [Some(false), Some(false)]);
    assert_eq!(found.rows.ranges(), "1-5");
}

#[test]
fn contiguous_stretches_without_the_drug_are_one_interruption_per_reason() {
    let found = summary(
        "USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDY | AENDY | EXADJ
         S-1 | 100 | 100 | QD | 1 | 10 |
         S-1 | 0 | 100 | QD | 11 | 12 | ADVERSE EVENT
         S-1 | 0 | 100 | QD | 13 | 14 | ADVERSE EVENT
         S-1 | 100 | 100 | QD | 15 | 20 |
         S-1 | 100 | 100 | QD | 24 | 28 | ",
    );
    assert_eq!((found.interruptions, found.interrupted_days), (Some(2), Some(7.0)));
    assert_eq!(found.interruptions_adverse_event, Some(1));
    close(found.relative_intensity, 75.0);
    assert_eq!(found.reductions, Some(0));
}

#[test]
fn reductions_count_every_step_down_and_no_reason_means_no_count() {
    let found = summary(
        "USUBJID | EXDOSE | EXDOSFRQ | EXDOSU | ASTDY | AENDY
         S-1 | 100 | BID | mg | 1 | 7
         S-1 | 50 | BID | mg | 8 | 14
         S-1 | 0 | BID | mg | 15 | 21
         S-1 | 25 | BID | mg | 22 | 28
         S-1 | 50 | BID | mg | 29 | 35",
    );
    assert_eq!((found.reductions, found.reductions_adverse_event, found.interruptions_adverse_event), (Some(2), None, None));
    assert_eq!(found.cumulative_dose, Some(2.0 * 7.0 * 225.0));
    assert_eq!(found.planned_dose, None, "the project file plans 100 mg QD, which says nothing about BID");
}

#[test]
fn the_project_file_plans_where_the_data_do_not() {
    let found = summary("USUBJID | EXDOSE | EXDOSU | ASTDY | AENDY\n S-1 | 50000 | ug | 1 | 28");
    assert_eq!((found.planned_dose, found.relative_intensity), (Some(2_800_000.0), Some(50.0)));
}

#[test]
fn doses_three_weeks_apart_are_planned_by_schedule() {
    let adex = "USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDT | AENDT
         S-2 | 75 | 75 | Q3W | 2024-01-01 | 2024-01-01
         S-2 | 75 | 75 | Q3W | 2024-01-29 | 2024-01-29
         S-2 | 60 | 75 | Q3W | 2024-02-19 | 2024-02-19
         S-2 | 60 | 75 | Q3W | 2024-04-22 | 2024-04-22";
    let found = summary(adex);
    // Days 1, 29, 50 and 113: the schedule has doses on days 1, 22, 43, 64, 85 and 106.
    assert_eq!((found.cumulative_dose, found.planned_dose), (Some(270.0), Some(450.0)));
    close(found.relative_intensity, 60.0);
    // Covered to day 133, but data cut-off is day 121.
    assert_eq!(found.duration_days, Some(121.0));
    assert_eq!((found.interruptions, found.reductions), (Some(0), Some(1)));
    // Cycle 1: 21 of 28 days are covered. Cycle 2: days 29-49 by 75 and 50-56 by 60.
    close(found.intensity_by_cycle[0], 75.0);
    close(found.intensity_by_cycle[1], 100.0 * (21.0 * 75.0 + 7.0 * 60.0) / (28.0 * 75.0));
    assert_eq!(found.full_dose_by_cycle[0], Some(false));
}

#[test]
fn study_day_minus_one_is_the_day_before_day_one() {
    let found = summary("USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDY | AENDY\n S-1 | 100 | 100 | QD | -1 | 2");
    assert_eq!((found.duration_days, found.cumulative_dose), (Some(3.0), Some(300.0)));
}

#[test]
fn an_open_record_runs_to_the_next_one_the_last_dose_or_the_cut_off() {
    let (found, codes) = dosing(
        "USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDT | AENDT
         S-1 | 100 | 100 | QD | 2024-01-01 |
         S-1 | 100 | 100 | QD | 2024-01-11 |
         S-2 | 100 | 100 | QD | 2024-01-01 | ",
    );
    let ends: Vec<_> = found.intervals.iter().map(|interval| interval.end_day).collect();
    assert_eq!(ends, [10, 121, 72]);
    assert_eq!(found.summaries[0].intensity_by_cycle, vec![Some(100.0); 5]);
    assert_eq!(found.summaries[0].full_dose_by_cycle, vec![Some(true); 5]);
    assert!(codes.contains(&"dosing-end-missing".to_owned()));
}

#[test]
fn who_stopped_did_not_go_on_to_the_cut_off() {
    let trial = [
        (
            DatasetName::Adsl,
            "USUBJID | TRT01P | TRT01A | TRTSDT | EOTSTT | DCUTDT
             S-1 | T100 | T100 | 2024-01-01 | DISCONTINUED | 2024-05-01
             S-2 | T100 | T100 | 2024-01-01 | ONGOING | 2024-05-01",
        ),
        (
            DatasetName::Adex,
            "USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDT | AENDT
             S-1 | 100 | 100 | QD | 2024-01-01 |
             S-2 | 100 | 100 | QD | 2024-01-01 | ",
        ),
    ];
    let Warned { value, diagnostics } = derived(&settings(""), &trial);
    let dosing = value.dosing.unwrap();
    let ends: Vec<_> = dosing.intervals.iter().map(|interval| interval.end_day).collect();
    assert_eq!(ends, [1, 122]);
    let unknown = diagnostics.iter().find(|diagnostic| diagnostic.code == "dosing-end-unknown").unwrap();
    assert_eq!(unknown.subjects, ["S-1"]);
    let durations: Vec<_> = dosing.summaries.iter().map(|summary| summary.duration_days).collect();
    assert_eq!(durations, [None, Some(122.0)]);
}

#[test]
fn single_administrations_do_not_show_an_interruption() {
    let (found, _) = dosing(
        "USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDY | AENDY
         S-1 | 100 | 100 | ONCE | 1 | 1
         S-1 | 80 | 100 | ONCE | 90 | 90",
    );
    let summary = &found.summaries[0];
    assert_eq!((summary.interruptions, summary.interrupted_days, summary.reductions), (None, None, Some(1)));
    let (found, _) = dosing(
        "USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDY | AENDY
         S-1 | 100 | 100 | ONCE | 1 | 1
         S-2 | 100 | 100 | ONCE | 1 | 1
         S-2 | 0 | 100 | ONCE | 22 | 22",
    );
    let counts: Vec<_> = found.summaries.iter().map(|summary| summary.interruptions).collect();
    assert_eq!(counts, [Some(0), Some(1)], "a record of dose 0 shows that missed ones are recorded");
}

#[test]
fn what_cannot_be_read_is_said() {
    let (found, codes) = dosing(
        "USUBJID | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDY | AENDY
         S-1 | 100 | 100 | PRN | 1 | 5
         S-1 | | 100 | QD | 6 | 9
         S-1 | 100 | 100 | QD | 5 | 4
         S-2 | 0 | 0 | QD | 1 | 9",
    );
    let expected = ["dosing-record-incomplete", "dosing-dates-reversed", "dosing-overlaps", "dosing-frequency-not-understood"];
    assert_eq!(codes, expected);
    // One administration for the record that cannot be understood, one for the single day.
    assert_eq!(found.summaries[0].cumulative_dose, Some(200.0));
    // Placebo: a planned dose of 0 is no interruption and has no intensity.
    let placebo = &found.summaries[1];
    assert_eq!((placebo.duration_days, placebo.interruptions, placebo.relative_intensity), (Some(9.0), Some(0), None));
}

#[test]
fn parameters_of_one_stretch_are_joined_and_counted_once() {
    let adex = "USUBJID | EXSEQ | EXTRT | PARCAT1 | PARAMCD | AVAL | AVALC | EXDOSE | EXPLDOS | EXDOSFRQ | ASTDY | AENDY
         S-1 | 1 | TESTAFIB | INDIVIDUAL | DURD | 14 | | 50 | 100 | QD | 1 | 14
         S-1 | 1 | TESTAFIB | INDIVIDUAL | DOSE | 700 | | 50 | 100 | QD | 1 | 14
         S-1 | 1 | TESTAFIB | INDIVIDUAL | PLDOSE | 1400 | | 50 | 100 | QD | 1 | 14
         S-1 | 1 | TESTAFIB | INDIVIDUAL | ADJ | | N | 50 | 100 | QD | 1 | 14
         S-1 | 1 | TESTAFIB | INDIVIDUAL | ADJAE | | Y | 50 | 100 | QD | 1 | 14
         S-1 | | | OVERALL | TDOSINT | 90 | | | | | 1 | 14
         S-1 | | | WEEK 2-24 | TDOSINT | 10 | | | | | 1 | 14";
    let (found, codes) = dosing(adex);
    assert_eq!(found.intervals.len(), 1);
    let interval = &found.intervals[0];
    assert_eq!((interval.row, interval.dose, interval.planned, interval.for_adverse_event), (2, 50.0, Some(100.0), true));
    assert_eq!((found.summaries[0].cumulative_dose, found.summaries[0].relative_intensity), (Some(700.0), Some(50.0)));
    assert_eq!(found.disagreements.len(), 1);
    close(Some(found.disagreements[0].given), 90.0);
    assert!(codes.contains(&"dose-intensity-differs".to_owned()));
}

#[test]
fn totals_of_a_stretch_become_doses() {
    let adex = "USUBJID | PARCAT1 | PARAMCD | AVAL | EXDOSFRQ | ASTDY | AENDY
         S-1 | INDIVIDUAL | DOSE | 1000 | QD | 1 |
         S-1 | INDIVIDUAL | PLDOSE | 2000 | QD | 1 |
         S-1 | INDIVIDUAL | DURD | 20 | QD | 1 |
         S-2 | INDIVIDUAL | DOSE | 720 | ONCE | 8 | 8
         S-2 | INDIVIDUAL | NDOSE | 1 | ONCE | 8 | 8";
    let (found, codes) = dosing(adex);
    assert!(codes.contains(&"planned-dose-unknown".to_owned()), "a dose of the project file is not taken without a unit in the data");
    let doses: Vec<_> = found.intervals.iter().map(|it| (it.start_day, it.end_day, it.dose, it.planned, it.regular)).collect();
    assert_eq!(doses, [(1, 20, 50.0, Some(100.0), true), (8, 8, 720.0, None, false)]);
    assert_eq!(found.summaries[1].cumulative_dose, Some(720.0));
}

#[test]
fn of_two_drugs_the_one_under_study_is_summarised() {
    let (found, codes) = dosing(
        "USUBJID | EXTRT | EXDOSE | EXPDOSE | EXDOSFRQ | ASTDY | AENDY
         S-1 | PARTNER | 10 | 10 | QD | 1 | 7
         S-1 | PARTNER | 10 | 10 | QD | 8 | 14
         S-1 | TESTAFIB | 100 | 100 | QD | 1 | 14",
    );
    assert_eq!(found.intervals.len(), 3);
    let summary = &found.summaries[0];
    assert_eq!((summary.drug.as_deref(), summary.cumulative_dose, summary.rows.ranges().as_str()), (Some("TESTAFIB"), Some(1400.0), "3"));
    assert!(codes.contains(&"several-drugs".to_owned()));
}

#[test]
fn summaries_in_the_data_stand_where_there_are_no_records() {
    let adexsum = "USUBJID | PARAMCD | PARAM | AVAL | AVALU
         S-1 | TDURD | Treatment duration | 40 | days
         S-1 | CUMDOSE | Cumulative dose | 3600 | mg
         S-1 | RDI | Relative dose intensity | 0.9 |
         S-1 | NINT | Number of AE-related Interruptions | 2 |
         S-1 | NRED | Number of dose reductions | 1 | ";
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adexsum, adexsum)]);
    let found = warned.value.dosing.unwrap();
    assert_eq!((found.dataset, found.intervals.len(), found.summaries.len()), (Some(DatasetName::Adexsum), 0, 1));
    let summary = &found.summaries[0];
    assert_eq!((summary.duration_days, summary.cumulative_dose, summary.reductions), (Some(40.0), Some(3600.0), Some(1)));
    assert_eq!((summary.interruptions, summary.interruptions_adverse_event), (None, Some(2)));
    close(summary.relative_intensity, 90.0);
}

#[test]
fn copies_and_repeats_of_pk_parameters_are_left_out() {
    let adpp = "USUBJID | PARAMCD | PARAM | PPCAT | AVISIT | AVAL | AVALU | DTYPE
         S-1 | AUCSS | AUC at steady state | PARENT | Day 15 | 1259.7 | ng*h/mL |
         S-1 | AUCSS | AUC at steady state | PARENT | Day 15 | 1259.7 | ng*h/mL |
         S-1 | AUCSS | AUC at steady state | PARENT | Day 15 | 1259.7 | ng*h/mL | COPY
         S-1 | AUCSS | AUC at steady state | METABOLITE | Day 15 | | ng*h/mL | ";
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adpp, adpp)]);
    let found: Vec<_> = warned.value.pk_parameters.iter().flatten().map(|it| (it.row, it.category.as_deref(), it.value)).collect();
    assert_eq!(found, [(1, Some("PARENT"), Some(1259.7)), (4, Some("METABOLITE"), None)]);
    assert!(codes(&warned).contains(&"pk-parameter-repeated"));
}

#[test]
fn responses_are_told_apart_by_kind_and_assessor() {
    use ResponseCategory::{Complete, No, NotEvaluable, Partial, Stable, Yes};
    use ResponseKind::{Best, ConfirmedBest, ConfirmedObjective, Objective, Visit};
    let adrs = "USUBJID | PARAMCD | PARAM | PARCAT2 | AVALC | ADT | ANL01FL
         S-1 | OVR | Overall response | Investigator | PR | 2024-02-26 | Y
         S-1 | OVR | Overall response | Investigator | CR | 2024-02-28 |
         S-1 | OVR | Overall response | Independent central review | SD | 2024-02-26 | Y
         S-1 | BOR | Best overall response | Investigator | sCR | |
         S-1 | CBOR | Confirmed best overall response | Investigator | VGPR | |
         S-1 | BORBICR | Best overall response | | CHECK | |
         S-1 | RSP | Response | | Y | |
         S-1 | BCP | Best response of CR or PR | | Y | |
         S-1 | CRSP | Confirmed response | | N | |
         S-1 | CB | Clinical benefit | | Y | | ";
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adrs, adrs)]);
    let found: Vec<_> = warned.value.responses.iter().flatten().map(|it| (it.row, it.kind, it.assessor, it.category, it.day)).collect();
    let (investigator, review) = (Assessor::Investigator, Assessor::IndependentReview);
    assert_eq!(
        found,
        [
            (1, Visit, investigator, Partial, Some(57)),
            (3, Visit, review, Stable, Some(57)),
            (4, Best, investigator, Complete, None),
            (5, ConfirmedBest, investigator, Partial, None),
            (6, Best, review, NotEvaluable, None),
            (7, Objective, investigator, Yes, None),
            (9, ConfirmedObjective, investigator, No, None),
        ]
    );
    let unknown = warned.diagnostics.iter().find(|it| it.code == "response-not-understood").unwrap();
    assert_eq!(unknown.rows, [6]);
}

#[test]
fn change_from_baseline_is_taken_or_computed() {
    let adtr = "USUBJID | PARAMCD | AVISIT | ADY | AVAL | BASE | PCHG | ABLFL | DTYPE | ANL01FL
         S-1 | SDIAM | Screening | -20 | 55 | 50 | | | |
         S-1 | SDIAM | Baseline | -5 | 50 | 50 | | Y | |
         S-1 | SDIAM | Week 8 | 57 | 40 | 50 | -20 | | | Y
         S-1 | SDIAM | Week 16 | 113 | 25 | | | | | Y
         S-1 | SDIAM | Minimum | | 25 | 50 | -50 | | MINIMUM | Y
         S-1 | SDIAM | Unscheduled | 120 | 20 | 50 | -60 | | |
         S-1 | LDIAM1 | Week 8 | 57 | 20 | 25 | -20 | | | Y
         S-2 | SDIAM | Week 8 | 57 | 20 | | | | | Y";
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adtr, adtr)]);
    let found: Vec<_> = warned.value.tumour.iter().flatten().map(|it| (it.row, it.baseline, it.percent_change)).collect();
    assert_eq!(found, [(2, true, Some(0.0)), (3, false, Some(-20.0)), (4, false, Some(-50.0)), (8, false, None)]);
    let adtr = "USUBJID | PARAMCD | AVISIT | ADT | AVAL
         S-1 | SLDINV | SCREENING | 2023-12-10 | 48
         S-1 | SLDINV | BASELINE | 2023-12-30 | 50
         S-1 | SLDINV | POST-BASELINE | 2024-02-26 | 60";
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adtr, adtr)]);
    let found: Vec<_> = warned.value.tumour.iter().flatten().map(|it| (it.row, it.baseline, it.day, it.percent_change)).collect();
    assert_eq!(found, [(2, true, Some(-2), Some(0.0)), (3, false, Some(57), Some(20.0))]);
}

#[test]
fn times_to_event_are_in_days() {
    let adtte = "USUBJID | PARAMCD | PARAM | AVAL | AVALU | STARTDT | ADT | CNSR | EVNTDESC | CNSDTDSC
         S-1 | PFS | Progression-free survival | 2 | MONTHS | | | 0 | PROGRESSION |
         S-1 | OS | Overall survival (weeks) | 3 | | | | 1 | | ALIVE
         S-1 | DOR | Duration of response | 99 | | 2024-01-01 | 2024-01-31 | 0 | |
         S-1 | TTP | Time to progression | 12 | | | | 2 | |
         S-1 | NAE | Number of events | 4 | COUNT | | | 0 | |
         S-1 | EFS | Event-free survival | 5 | DAYS | | | | |
         S-2 | EFS | Event-free survival | | DAYS | | | 0 | | ";
    let warned = derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adtte, adtte)]);
    let found: Vec<_> =
        warned.value.times_to_event.iter().flatten().map(|it| (it.code.as_str(), it.days, it.event, it.description.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("PFS", 60.875, true, Some("PROGRESSION")),
            ("OS", 21.0, false, Some("ALIVE")),
            ("DOR", 31.0, true, None),
            ("TTP", 12.0, false, None),
        ]
    );
    let seen = codes(&warned);
    for code in ["censoring-missing", "time-missing", "time-unit-assumed"] {
        assert!(seen.contains(&code), "{code}");
    }
}

#[test]
fn absent_is_not_empty_and_presence_counts_known_subjects() {
    let adpc = "USUBJID | AVAL\n S-1 | 1\n S-9 | 2\n S-1 | 3";
    let found =
        derived(&settings(""), &[(DatasetName::Adsl, ADSL), (DatasetName::Adpc, adpc), (DatasetName::Adlb, "USUBJID | AVAL")]).value;
    assert!(found.adverse_events.is_none() && found.dosing.is_none() && found.responses.is_none() && found.pk_parameters.is_none());
    assert_eq!(found.presence.keys().copied().collect::<Vec<_>>(), [DatasetName::Adpc, DatasetName::Adlb]);
    assert_eq!(found.presence[&DatasetName::Adpc].get(&SubjectIndex(0)).unwrap().ranges(), "1, 3");
    assert!(found.presence[&DatasetName::Adlb].is_empty());
    let nothing = derived(&settings(""), &[(DatasetName::Adae, "USUBJID | AETERM\n S-1 | Rash")]).value;
    assert!(nothing.subjects.is_empty() && nothing.adverse_events.is_none());
}

#[test]
fn the_cut_off_of_the_project_file_stands_in_and_ongoing_treatment_runs_to_it() {
    let adsl = "USUBJID | TRT01P | TRT01A | TRTSDT | TRTEDT | EOTSTT | LSTALVDT
                S-1 | T100 | T100 | 2024-01-01 | | ONGOING | 2024-01-20
                S-2 | T100 | T100 | 2024-01-01 | | DISCONTINUED | 2024-01-20
                S-3 | T100 | T100 | 2024-01-01 | 2024-01-05 | ONGOING | 2024-01-20";
    let days = |settings: &Settings| -> Vec<Option<f64>> {
        derived(settings, &[(DatasetName::Adsl, adsl)]).value.subjects.iter().map(|subject| subject.treatment_days).collect()
    };
    assert_eq!(days(&settings("")), [Some(20.0), None, Some(5.0)], "without a cut-off ongoing treatment is known to the last contact");
    let mut with_cutoff = settings("");
    with_cutoff.dossier.data_cutoff = Some("2024-01-31".parse().unwrap());
    assert_eq!(days(&with_cutoff), [Some(31.0), None, Some(5.0)]);
}

#[test]
fn the_columns_that_were_read_are_kept_by_name() {
    let value = derived(
        &settings(""),
        &[
            (
                DatasetName::Adsl,
                "USUBJID | TRT01P | TRT01A | TRTSDTM | TRTEDTM | DTHFL | SAFFL
                 S-1 | T100 | T100 | 2024-01-01T08:00 | 2024-02-01T08:00 | Y | Y",
            ),
            (DatasetName::Adrs, "USUBJID | PARAMCD | AVALC | ADTM\n S-1 | BOR | CR | 2024-02-01T08:00"),
            (DatasetName::Adtte, "USUBJID | PARAMCD | AVAL | CNSR\n S-1 | OS | 32 | 0"),
            (DatasetName::Adae, "USUBJID | AETERM | AESTDT | AESDTH\n S-1 | Fever | 2024-01-03 | Y"),
        ],
    )
    .value;
    let columns = &value.subject_columns;
    assert_eq!(columns.treatment_time(), ["TRTSDTM", "TRTEDTM"]);
    assert_eq!(columns.deaths(), ["DTHFL"]);
    assert_eq!(columns.followup(), ["TRTSDTM", "DTHFL"]);
    assert_eq!(value.columns_read[&DatasetName::Adrs], ["PARAMCD", "AVALC", "ADTM"]);
    assert_eq!(value.columns_read[&DatasetName::Adtte], ["PARAMCD", "AVAL", "CNSR"]);
    let events = value.adverse_events.unwrap();
    assert_eq!((events.term_column.as_deref(), events.death_column.as_deref()), (Some("AETERM"), Some("AESDTH")));
    assert_eq!(events.day_columns(), ["AESTDT"]);
    assert_eq!((events.serious_column, events.outcome_column), (None, None));
}
