//! Dose-limiting toxicity: who is evaluable, who is counted, what contradicts.

use dosecase::analysis::escalation::analyse;
use dosecase::derive::{AdverseEvent, AnalysisData, AnalysisSets, PartIndex, Subject};
use dosecase::evidence::escalation::gather;
use dosecase::evidence::{Content, Exhibit, FactValue, Facts};

use crate::hand_made::{PROJECT, assert_whole, counted, event, exhibit, fact, row, rows, settings, subject, table, trial};

fn build(data: &AnalysisData) -> (Vec<Exhibit>, Facts) {
    let settings = settings(PROJECT);
    let result = analyse(data, &settings);
    let mut facts = Facts::default();
    let exhibits = gather(&result, data, &settings, &mut facts);
    if exhibits.iter().any(|exhibit| matches!(exhibit.content, Content::Table(_))) {
        assert_whole(&exhibits, &facts);
    }
    (exhibits, facts)
}

fn dlt(event: AdverseEvent) -> AdverseEvent {
    AdverseEvent { dlt: true, ..event }
}

fn not_evaluable(subject: Subject) -> Subject {
    Subject { sets: AnalysisSets { dlt_evaluable: false, ..subject.sets }, ..subject }
}

/// Three of four at 120 mg and three at 240 mg are evaluable; in the randomised part nobody is assessed. Subject 4 has two events that limit the
/// dose, subject 5 one; subject 3, not evaluable, one.
fn cohorts() -> AnalysisData {
    let mut subjects: Vec<Subject> = (0..4).map(|position| subject(position, 0, 60.0)).collect();
    subjects[3] = not_evaluable(subjects[3].clone());
    subjects.extend((4..7).map(|position| subject(position, 1, 60.0)));
    subjects.extend((7..9).map(|position| Subject { part: Some(PartIndex(1)), ..not_evaluable(subject(position, 0, 60.0)) }));
    let events = vec![
        dlt(event(1, 3, "Rash", Some(3), Some(9))),
        dlt(event(2, 4, "Rash", Some(3), Some(5))),
        dlt(event(3, 4, "Nausea", Some(3), Some(6))),
        dlt(event(4, 5, "Rash", Some(4), Some(20))),
        event(5, 6, "Rash", Some(4), Some(40)),
    ];
    let mut data = trial(subjects, events);
    data.subject_columns.dlt_evaluable = Some("DLTEVLFL".to_owned());
    data.adverse_events.as_mut().unwrap().dlt_column = Some("DLTFL".to_owned());
    data
}

#[test]
fn a_subject_counts_once_among_the_evaluable() {
    let (exhibits, facts) = build(&cohorts());
    assert_eq!(counted(&facts, "escalation.dlt.120mg_qd"), (0, 3));
    assert_eq!(counted(&facts, "escalation.dlt.240mg_qd"), (2, 3));
    assert_eq!(rows(&facts, "escalation.dlt.240mg_qd"), [2, 3, 4]);
    assert_eq!(counted(&facts, "escalation.dlt_term.rash.240mg_qd"), (2, 3));
    assert_eq!(counted(&facts, "escalation.dlt_term.nausea.240mg_qd"), (1, 3));
    let fact = fact(&facts, "escalation.dlt.240mg_qd");
    assert_eq!((fact.source.dataset.as_str(), fact.source.filter.as_str()), ("ADAE", "DLTFL = Y"));
    let heads: Vec<&str> = table(exhibit(&exhibits, "T-E04")).columns.iter().map(|column| column.head.as_str()).collect();
    assert_eq!(heads, ["120 mg QD", "240 mg QD"], "there is no total over dosages of increasing toxicity");
}

#[test]
fn not_evaluable_are_those_of_parts_that_assess_it() {
    let (exhibits, facts) = build(&cohorts());
    assert_eq!(fact(&facts, "escalation.not_evaluable.120mg_qd").value, FactValue::Count(1));
    assert_eq!(rows(&facts, "escalation.not_evaluable.120mg_qd"), [4], "the two of the randomised part were never assessed");
    let notes = &exhibit(&exhibits, "T-E04").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("not flagged as evaluable: 1.")), "{:?}", notes.footnotes);
}

#[test]
fn the_flag_of_adsl_counts_and_a_blank_one_contradicts_an_event() {
    let mut data = cohorts();
    data.subject_columns.dlt = Some("DLTFL".to_owned());
    data.subjects[4].dlt = Some(true);
    data.subjects[0].dlt = Some(false);
    let (exhibits, facts) = build(&data);
    assert_eq!(counted(&facts, "escalation.dlt.240mg_qd"), (1, 3), "the flag of subject 5 is blank");
    assert_eq!(fact(&facts, "escalation.dlt.240mg_qd").source.dataset, "ADSL");
    let notes = &exhibit(&exhibits, "T-E04").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("contradicts the events in ADAE: 1.")), "{:?}", notes.footnotes);
}

#[test]
fn without_flags_there_is_a_placeholder() {
    let mut data = cohorts();
    data.adverse_events.as_mut().unwrap().dlt_column = None;
    assert!(matches!(exhibit(&build(&data).0, "T-E04").content, Content::Placeholder(_)));
    let mut data = cohorts();
    data.subject_columns.dlt_evaluable = None;
    assert!(matches!(exhibit(&build(&data).0, "T-E04").content, Content::Placeholder(_)));
    let mut data = cohorts();
    for subject in &mut data.subjects {
        *subject = not_evaluable(subject.clone());
    }
    let (exhibits, facts) = build(&data);
    assert!(matches!(exhibit(&exhibits, "T-E04").content, Content::Placeholder(_)) && facts.is_empty());
}

#[test]
fn nobody_with_a_toxicity_shows_zero_and_no_terms() {
    let mut data = cohorts();
    data.adverse_events.as_mut().unwrap().events.clear();
    let (exhibits, facts) = build(&data);
    assert_eq!(counted(&facts, "escalation.dlt.240mg_qd"), (0, 3));
    let shown = table(exhibit(&exhibits, "T-E04"));
    assert!(shown.rows.iter().all(|row| !row.heading));
    assert_eq!(row(shown, "Treated in these parts").cells.len(), 2);
}
