//! Crude differences: which pairs, of what, and whether dosages were assigned at random.

use dosecase::analysis::comparison::{EndpointComparison, analyse, endpoints};
use dosecase::analysis::{efficacy, tolerability};
use dosecase::config::Settings;
use dosecase::derive::{AnalysisData, Assessor, PartIndex, Response, ResponseCategory, ResponseKind, Subject, SubjectIndex};
use dosecase::evidence::comparison::gather;
use dosecase::evidence::{Cell, Content, Exhibit, FactValue, Facts};

use crate::hand_made::{PROJECT, assert_whole, counted, event, exhibit, fact, number, row, rows, settings, subject, table, trial};

fn build(data: &AnalysisData, settings: &Settings) -> (Vec<EndpointComparison>, Vec<Exhibit>, Facts) {
    let tolerability = tolerability::analyse(data, settings);
    let compared = analyse(&endpoints(&efficacy::analyse(data, settings), tolerability.as_ref()), settings);
    let mut facts = Facts::default();
    let exhibits = gather(&compared, data, settings, &mut facts);
    (compared, exhibits, facts)
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

/// Ten subjects at each of 120 mg, 240 mg and control, all in the randomised part: 4 of 10 and 7 of 10 respond, nobody on control. One of 120 mg
/// and three of 240 mg have an event of grade 3.
fn arms() -> AnalysisData {
    let member = |position: usize| Subject { part: Some(PartIndex(1)), ..subject(position, position / 10, 100.0) };
    let events = vec![
        event(1, 0, "Rash", Some(3), Some(3)),
        event(2, 10, "Rash", Some(3), Some(3)),
        event(3, 11, "Rash", Some(4), Some(3)),
        event(4, 12, "Rash", Some(3), Some(3)),
    ];
    let mut data = trial((0..30).map(member).collect(), events);
    let responder = |position: usize| position < 4 || (10..17).contains(&position);
    let category = |position: usize| if responder(position) { ResponseCategory::Yes } else { ResponseCategory::No };
    let response = |position: usize| Response {
        row: u32::try_from(position).unwrap() + 1,
        subject: SubjectIndex(position),
        kind: ResponseKind::ConfirmedObjective,
        assessor: Assessor::Investigator,
        parameter: "CRSP".to_owned(),
        category: category(position),
        date: None,
        day: None,
    };
    data.responses = Some((0..30).map(response).collect());
    data
}

fn wilson(count: f64, n: f64) -> (f64, f64) {
    let z = 1.959_963_984_540_054_f64;
    let (p, square) = (count / n, z * z);
    let middle = (p + square / (2.0 * n)) / (1.0 + square / n);
    let half = z / (1.0 + square / n) * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
    (middle - half, middle + half)
}

#[test]
fn a_difference_is_the_lower_dosage_minus_the_higher() {
    let (_, exhibits, facts) = build(&arms(), &settings(PROJECT));
    assert_whole(&exhibits, &facts);
    let id = "comparison.orr_difference.120mg_qd_vs_240mg_qd";
    near(number(&facts, id), -0.3);
    let ((l1, u1), (l2, u2)) = (wilson(4.0, 10.0), wilson(7.0, 10.0));
    let interval = fact(&facts, id).interval.unwrap();
    near(interval.lower.unwrap(), -0.3 - ((0.4 - l1).powi(2) + (u2 - 0.7_f64).powi(2)).sqrt());
    near(interval.upper.unwrap(), -0.3 + ((u1 - 0.4).powi(2) + (0.7_f64 - l2).powi(2)).sqrt());
    near(number(&facts, "comparison.orr_odds_ratio.120mg_qd_vs_240mg_qd"), (4.0 / 6.0) / (7.0 / 3.0));
    assert_eq!(fact(&facts, "comparison.orr_odds_ratio.120mg_qd_vs_control").value, FactValue::NotEstimable, "nobody on control responded");
    assert_eq!(counted(&facts, "comparison.orr_first.120mg_qd_vs_240mg_qd"), (4, 10));
    assert_eq!(rows(&facts, "comparison.orr_first.120mg_qd_vs_240mg_qd"), [1, 2, 3, 4], "the rows of the first dosage only");
    let denominator = fact(&facts, "comparison.orr_first.120mg_qd_vs_240mg_qd").denominator.as_ref().unwrap();
    assert_eq!(denominator.rows.len(), 10);
    assert_eq!(fact(&facts, id).source.filter, "PARAMCD = CRSP and AVALC = Y");
    assert_eq!(fact(&facts, id).denominator.as_ref().unwrap().rows.len(), 20);
    let stubs: Vec<&str> = table(exhibit(&exhibits, "T-E17")).rows.iter().map(|row| row.stub.as_str()).take(4).collect();
    assert_eq!(stubs[1..], ["120 mg QD vs 240 mg QD", "120 mg QD vs Control", "240 mg QD vs Control"]);
}

#[test]
fn a_programme_that_is_one_randomised_part_was_assigned_at_random() {
    let (_, exhibits, _) = build(&arms(), &settings(PROJECT));
    let shown = exhibit(&exhibits, "T-E17");
    assert_eq!(row(table(shown), "120 mg QD vs 240 mg QD").cells.last(), Some(&Cell::Text("yes".to_owned())));
    assert!(shown.notes.footnotes[0].contains("assigned at random"), "{:?}", shown.notes.footnotes);
}

#[test]
fn parts_together_were_not_assigned_at_random() {
    let mut data = arms();
    for subject in &mut data.subjects[..3] {
        subject.part = Some(PartIndex(0));
    }
    let (_, exhibits, _) = build(&data, &settings(PROJECT));
    let ids: Vec<&str> = exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect();
    assert_eq!(ids, ["T-E17", "T-E17@randomised"]);
    let last = |id: &str| table(exhibit(&exhibits, id)).rows[1].cells.last().cloned();
    assert_eq!(last("T-E17"), Some(Cell::Text("no".to_owned())));
    assert_eq!(last("T-E17@randomised"), Some(Cell::Text("yes".to_owned())));
    let pairs: Vec<&str> = table(exhibit(&exhibits, "T-E17@randomised")).rows.iter().map(|row| row.stub.as_str()).collect();
    assert!(!pairs.contains(&"120 mg QD vs 240 mg QD"), "seven subjects are too few for a difference");
}

#[test]
fn the_candidates_of_the_decision_are_compared_and_that_is_said() {
    let text = format!("{PROJECT}decision: {{proposed: 120mg_qd, alternatives: [240mg_qd], reason: x}}\n");
    let (compared, exhibits, _) = build(&arms(), &settings(&text));
    assert!(compared.iter().all(|comparison| comparison.differences.len() == 1));
    let methods = &exhibit(&exhibits, "T-E17").notes.methods;
    assert!(methods.iter().any(|note| note.contains("among the proposed dosage and its alternatives")), "{methods:?}");
}

#[test]
fn a_class_that_is_not_recorded_is_not_compared() {
    let mut data = arms();
    let events = data.adverse_events.as_mut().unwrap();
    (events.serious_column, events.action_column) = (None, None);
    let (compared, _, facts) = build(&data, &settings(PROJECT));
    let ids: Vec<&str> = compared.iter().map(|comparison| comparison.endpoint.id.as_str()).collect();
    assert_eq!(ids, ["orr", "teae_grade3plus"]);
    near(number(&facts, "comparison.teae_grade3plus_difference.120mg_qd_vs_240mg_qd"), -0.2);
}

#[test]
fn response_of_reviewers_alone_is_compared_under_its_own_name() {
    let mut data = arms();
    for response in data.responses.iter_mut().flatten() {
        response.assessor = Assessor::IndependentReview;
    }
    let (_, _, facts) = build(&data, &settings(PROJECT));
    near(number(&facts, "comparison.bicr_orr_difference.120mg_qd_vs_240mg_qd"), -0.3);
    assert!(facts.get(&"comparison.orr_difference.120mg_qd_vs_240mg_qd".into()).is_none());
}

#[test]
fn too_few_subjects_leave_a_placeholder() {
    let mut data = arms();
    data.subjects.truncate(19);
    let (compared, exhibits, _) = build(&data, &settings(PROJECT));
    assert!(compared.is_empty());
    assert!(matches!(exhibits[..], [Exhibit { content: Content::Placeholder(_), .. }]));
}
