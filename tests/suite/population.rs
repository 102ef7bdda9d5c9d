//! Who was studied: enrolment, baseline, disposition by hand.

use dosecase::analysis::population::{PopulationResult, analyse};
use dosecase::derive::{AnalysisData, AnalysisSets, BaselineValue, BaselineVariable, DosageIndex, PartIndex, Subject, TreatmentStatus};
use dosecase::evidence::population::gather;
use dosecase::evidence::{Content, Exhibit, Facts};
use dosecase::quantity::DAYS_PER_MONTH;

use crate::hand_made::{PROJECT, assert_whole, counted, dead, exhibit, fact, number, row, rows, settings, stopped, subject, table, trial};

fn build(data: &AnalysisData) -> (PopulationResult, Vec<Exhibit>, Facts) {
    let settings = settings(PROJECT);
    let result = analyse(data, &settings);
    let mut facts = Facts::default();
    let exhibits = gather(&result, data, &settings, &mut facts);
    assert_whole(&exhibits, &facts);
    (result, exhibits, facts)
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

fn in_part(subject: Subject, part: usize) -> Subject {
    Subject { part: Some(PartIndex(part)), ..subject }
}

/// Randomised and never treated: planned only.
fn never_treated(subject: Subject) -> Subject {
    Subject {
        actual: None,
        sets: AnalysisSets { intention_to_treat: true, ..AnalysisSets::default() },
        first_dose: None,
        treatment_days: None,
        treatment_status: Some(TreatmentStatus::NotTreated),
        followup_days: None,
        ..subject
    }
}

/// Five subjects at 120 mg, of whom two in the escalation part; four at 240 mg, one given 120 mg and one never treated; a control; a screen failure.
fn programme() -> AnalysisData {
    let mut subjects: Vec<Subject> = (0..5).map(|position| subject(position, 0, 100.0)).collect();
    subjects.extend((5..9).map(|position| subject(position, 1, 200.0)));
    subjects.push(subject(9, 2, 50.0));
    subjects.push(subject(10, 0, 10.0));
    for subject in &mut subjects[2..10] {
        subject.part = Some(PartIndex(1));
    }
    subjects[1] = dead(stopped(subjects[1].clone(), "PROGRESSIVE DISEASE", 300), 80);
    subjects[3] = stopped(subjects[3].clone(), "ADVERSE EVENT", 300);
    subjects[4] = stopped(subjects[4].clone(), "", 300);
    subjects[7].actual = Some(DosageIndex(0));
    subjects[8] = never_treated(subjects[8].clone());
    subjects[10] = Subject { planned: None, actual: None, part: None, ..never_treated(subjects[10].clone()) };
    subjects[10].sets.intention_to_treat = false;
    let mut data = trial(subjects, Vec::new());
    data.adverse_events = None;
    data
}

#[test]
fn subjects_stand_under_the_planned_dosage_and_their_part() {
    let (_, exhibits, facts) = build(&programme());
    assert_eq!(counted(&facts, "population.part_escalation.120mg_qd"), (2, 5));
    assert_eq!(counted(&facts, "population.part_randomised.240mg_qd"), (4, 4));
    assert_eq!(counted(&facts, "population.treated.240mg_qd"), (3, 4));
    assert_eq!(counted(&facts, "population.given_other.240mg_qd"), (1, 4));
    assert_eq!(rows(&facts, "population.given_other.240mg_qd"), [8]);
    assert_eq!(counted(&facts, "population.treated.total"), (8, 9), "the total is of the drug");
    assert_eq!(counted(&facts, "population.on_treatment.120mg_qd"), (2, 5));
    let part = fact(&facts, "population.part_escalation.120mg_qd");
    assert_eq!(part.source.filter, "study part escalation (PART = A)");
    assert_eq!(part.source.columns, ["PART"]);
    let notes = &exhibit(&exhibits, "T-E01").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("not a dosage of the project: 1.")), "{:?}", notes.footnotes);
    assert!(notes.footnotes.iter().any(|note| note.contains("follow-up is not known: 1.")), "{:?}", notes.footnotes);
}

#[test]
fn who_was_given_something_that_is_no_dosage_is_said() {
    let mut data = programme();
    data.subjects[0].actual = None;
    let (result, exhibits, _) = build(&data);
    assert_eq!(result.enrolment.treated_without_dosage, 1);
    let notes = &exhibit(&exhibits, "T-E01").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("treatment received is not known")), "{:?}", notes.footnotes);
}

/// Reverse Kaplan-Meier at 120 mg: the death on day 80 censors, the other four end on day 100, so that the median is day 100.
#[test]
fn follow_up_is_that_of_the_living() {
    let (_, _, facts) = build(&programme());
    near(number(&facts, "population.followup_median.120mg_qd"), 100.0 / DAYS_PER_MONTH);
    assert_eq!(fact(&facts, "population.followup_median.120mg_qd").n, Some(5));
    assert_eq!(fact(&facts, "population.followup_median.240mg_qd").n, Some(3), "nothing is known of the one never treated");
    assert_eq!(fact(&facts, "population.followup_median.120mg_qd").source.columns, ["TRTSDT", "DTHDT", "DCUTDT"]);
}

#[test]
fn disposition_counts_reasons_and_deaths_by_the_columns_there_are() {
    let (_, exhibits, facts) = build(&programme());
    assert_eq!(counted(&facts, "disposition.discontinued.120mg_qd"), (3, 5));
    assert_eq!(counted(&facts, "disposition.discontinued_for.adverse_event.120mg_qd"), (1, 5));
    assert_eq!(counted(&facts, "disposition.discontinued_no_reason.120mg_qd"), (1, 5));
    assert_eq!(counted(&facts, "disposition.not_treated.240mg_qd"), (1, 4));
    assert_eq!(counted(&facts, "disposition.died.120mg_qd@escalation"), (1, 2));
    assert_eq!(fact(&facts, "disposition.died.120mg_qd").source.filter, "DTHDT is recorded");
    assert_eq!(row(table(exhibit(&exhibits, "T-E03")), "Died").cells.len(), 4);
    let titles = ["T-E03", "T-E03@randomised"].map(|id| exhibit(&exhibits, id).title.as_str());
    assert_eq!(titles, ["Disposition by dosage, all study parts", "Disposition by dosage: Randomised part"]);
}

#[test]
fn without_a_status_nobody_is_known_to_go_on() {
    let mut data = programme();
    data.subject_columns.treatment_status = Some("DCTREAS".to_owned());
    let (_, exhibits, facts) = build(&data);
    assert!(facts.get(&"population.on_treatment.120mg_qd".into()).is_none());
    assert!(facts.get(&"disposition.ongoing.120mg_qd".into()).is_none());
    let notes = &exhibit(&exhibits, "T-E03").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("does not say who goes on")), "{:?}", notes.footnotes);
}

#[test]
fn the_status_of_the_study_is_not_called_that_of_treatment() {
    let mut data = programme();
    data.subject_columns.treatment_status = Some("EOSSTT".to_owned());
    let (_, exhibits, _) = build(&data);
    assert!(table(exhibit(&exhibits, "T-E03")).rows.iter().any(|row| row.stub == "On study at the cut-off"));
    assert!(table(exhibit(&exhibits, "T-E01")).rows.iter().any(|row| row.stub == "Still on study at the cut-off"));
}

/// Ages 50, 60, 70, none, none at 120 mg and 60, 70, 80, 90 at 240 mg: means 60 and 75, variances 100 and 500/3, so that the standardised
/// difference from 120 mg is 15 / sqrt((100 + 500/3) / 2).
#[test]
fn baseline_is_summarised_and_compared_among_those_with_a_value() {
    let mut data = programme();
    let variable = |column: &str, label: &str, levels: Option<Vec<String>>| BaselineVariable {
        column: column.to_owned(),
        label: label.to_owned(),
        merged: levels.is_some(),
        levels,
    };
    data.baseline_variables =
        vec![variable("AGE", "Age (years)", None), variable("RACE", "Race", Some(vec!["ASIAN".to_owned(), "Other".to_owned()]))];
    let ages = [Some(50.0), Some(60.0), Some(70.0), None, None, Some(60.0), Some(70.0), Some(80.0), Some(90.0), None, None];
    for (subject, age) in data.subjects.iter_mut().zip(ages) {
        let race = if age.is_some_and(|age| age < 65.0) { BaselineValue::Level(0) } else { BaselineValue::Level(1) };
        subject.baseline = vec![age.map_or(BaselineValue::Missing, BaselineValue::Number), race];
    }
    let (_, exhibits, facts) = build(&data);
    near(number(&facts, "baseline.age_mean.120mg_qd"), 60.0);
    near(number(&facts, "baseline.age_smd.240mg_qd"), 15.0 / ((100.0 + 500.0 / 3.0) / 2.0_f64).sqrt());
    assert!(facts.get(&"baseline.age_smd.120mg_qd".into()).is_none(), "120 mg, with the most subjects, is the reference");
    assert_eq!(rows(&facts, "baseline.age_missing.120mg_qd"), [4, 5], "the missing are the rows that have no value");
    assert_eq!(counted(&facts, "baseline.level.race_asian.120mg_qd"), (2, 5));
    assert_eq!(fact(&facts, "baseline.level.race_asian.120mg_qd").source.filter, "RACE = ASIAN");
    assert_eq!(fact(&facts, "baseline.level.race_other.120mg_qd").source.filter, "RACE is none of the other levels shown");
    // Shares of ASIAN 2/5 and 1/4.
    let (p, q) = (0.4_f64, 0.25_f64);
    near(number(&facts, "baseline.race_smd.240mg_qd"), (p - q).abs() / ((p * (1.0 - p) + q * (1.0 - q)) / 2.0).sqrt());
    let randomised = exhibit(&exhibits, "T-E02@randomised");
    assert_eq!(table(randomised).columns.len(), 4);
}

#[test]
fn nobody_with_a_dosage_leaves_placeholders() {
    let mut data = programme();
    for subject in &mut data.subjects {
        (subject.planned, subject.actual) = (None, None);
    }
    let settings = settings(PROJECT);
    let exhibits = gather(&analyse(&data, &settings), &data, &settings, &mut Facts::default());
    assert_eq!(exhibits.len(), 3);
    assert!(exhibits.iter().all(|exhibit| matches!(exhibit.content, Content::Placeholder(_))));
}

#[test]
fn a_single_part_has_no_tables_of_its_own() {
    let mut data = programme();
    data.subjects.truncate(5);
    for subject in &mut data.subjects {
        *subject = in_part(subject.clone(), 1);
    }
    let (result, exhibits, _) = build(&data);
    let ids: Vec<&str> = exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect();
    assert_eq!(ids, ["T-E01", "T-E02", "T-E03"]);
    assert!(result.disposition[0].panel.randomised, "the whole is that randomised part");
    assert_eq!(exhibits[2].title, "Disposition by dosage");
    assert_eq!(result.disposition[0].panel.groups.len(), 1, "one dosage needs no total");
}
