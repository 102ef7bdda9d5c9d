//! Activity: response by assessor, duration, times to event, tumour size, courses by hand.

use dosecase::analysis::efficacy::{CourseMark, EfficacyResult, analyse};
use dosecase::data::DatasetName;
use dosecase::derive::{
    AnalysisData, AnalysisSets, Assessor, Dosing, DosingInterval, PartIndex, Response, ResponseCategory, ResponseKind, Subject,
    SubjectIndex, TimeToEvent, TreatmentStatus, TumourMeasurement,
};
use dosecase::evidence::efficacy::gather;
use dosecase::evidence::{Content, Exhibit, FactValue, Facts, Plot};
use dosecase::quantity::DAYS_PER_MONTH;

use crate::hand_made::{
    PROJECT, assert_whole, counted, day, dead, exhibit, fact, number, row, rows, settings, stopped, subject, table, trial,
};

fn build(data: &AnalysisData) -> (EfficacyResult, Vec<Exhibit>, Facts) {
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

fn months(days: f64) -> f64 {
    days / DAYS_PER_MONTH
}

/// Four subjects at 120 mg, three at 240 mg; one of the latter was randomised and never treated, so that it is not response-evaluable.
fn cohort() -> AnalysisData {
    let mut subjects: Vec<Subject> = (0..4).map(|position| subject(position, 0, 100.0)).collect();
    subjects.extend((4..7).map(|position| Subject { part: Some(PartIndex(1)), ..subject(position, 1, 100.0) }));
    subjects[6].actual = None;
    subjects[6].sets = AnalysisSets { intention_to_treat: true, ..AnalysisSets::default() };
    let mut data = trial(subjects, Vec::new());
    data.adverse_events = None;
    data.subject_columns.intention_to_treat = Some("ITTFL".to_owned());
    data
}

fn response(row: u32, subject: usize, parameter: &str, kind: ResponseKind, category: ResponseCategory) -> Response {
    Response {
        row,
        subject: SubjectIndex(subject),
        kind,
        assessor: Assessor::Investigator,
        parameter: parameter.to_owned(),
        category,
        date: None,
        day: None,
    }
}

fn visit(row: u32, subject: usize, on: i32, category: ResponseCategory) -> Response {
    Response { date: Some(day(on)), day: Some(on), ..response(row, subject, "OVR", ResponseKind::Visit, category) }
}

fn reviewed(response: &Response) -> Response {
    Response { assessor: Assessor::IndependentReview, parameter: format!("{}IRC", response.parameter), ..response.clone() }
}

fn time(row: u32, subject: usize, code: &str, days: f64, event: bool) -> TimeToEvent {
    TimeToEvent {
        row,
        subject: SubjectIndex(subject),
        code: code.to_owned(),
        label: code.to_owned(),
        days,
        event,
        description: None,
        start: None,
    }
}

/// By the investigator: 0 CR, 1 PR that was not confirmed (best SD), 2 NE, 3 without a record; 4 PR, 5 PD. By review: 0 SD, 4 PR.
fn responses() -> Vec<Response> {
    use ResponseCategory::{Complete, No, NotEvaluable, Partial, Progressive, Stable, Yes};
    use ResponseKind::{Best, ConfirmedBest, ConfirmedObjective};
    vec![
        response(1, 0, "CBOR", ConfirmedBest, Complete),
        response(2, 1, "CBOR", ConfirmedBest, Stable),
        response(3, 2, "CBOR", ConfirmedBest, NotEvaluable),
        response(4, 4, "CBOR", ConfirmedBest, Partial),
        response(5, 5, "CBOR", ConfirmedBest, Progressive),
        response(6, 0, "BOR", Best, Complete),
        response(7, 1, "BOR", Best, Partial),
        response(8, 2, "BOR", Best, NotEvaluable),
        response(9, 4, "BOR", Best, Partial),
        response(10, 5, "BOR", Best, Progressive),
        response(11, 0, "CRSP", ConfirmedObjective, Yes),
        response(12, 1, "CRSP", ConfirmedObjective, No),
        response(13, 4, "CRSP", ConfirmedObjective, Yes),
        response(14, 5, "CRSP", ConfirmedObjective, Yes),
        reviewed(&response(15, 0, "CBOR", ConfirmedBest, Stable)),
        reviewed(&response(16, 4, "CBOR", ConfirmedBest, Partial)),
        visit(17, 0, 1, Stable),
        visit(18, 0, 57, Partial),
        visit(19, 0, 57, Partial),
        visit(20, 1, 57, Partial),
        visit(21, 1, 113, Stable),
        visit(22, 4, 57, Partial),
        visit(23, 4, 113, NotEvaluable),
    ]
}

fn responding() -> AnalysisData {
    let mut data = cohort();
    data.responses = Some(responses());
    data
}

#[test]
fn confirmed_and_unconfirmed_response_are_told_apart() {
    let (_, exhibits, facts) = build(&responding());
    assert_eq!(counted(&facts, "efficacy.orr.120mg_qd"), (1, 4));
    assert_eq!(counted(&facts, "efficacy.orr_unconfirmed.120mg_qd"), (2, 4));
    assert_eq!(counted(&facts, "efficacy.dcr.120mg_qd"), (2, 4));
    assert_eq!(counted(&facts, "efficacy.bor_sd.120mg_qd"), (1, 4));
    assert_eq!(fact(&facts, "efficacy.orr.120mg_qd").source.filter, "PARAMCD = CRSP and AVALC = Y, investigator");
    assert_eq!(fact(&facts, "efficacy.orr_unconfirmed.120mg_qd").source.filter, "PARAMCD = BOR and AVALC = CR or PR, investigator");
    assert_eq!(counted(&facts, "efficacy.orr.240mg_qd"), (2, 2), "the one never treated is not response-evaluable");
    let notes = &exhibit(&exhibits, "T-E16").notes;
    assert!(
        notes.footnotes.iter().any(|note| note.contains("contradicts their best overall response (CBOR): 1.")),
        "{:?}",
        notes.footnotes
    );
}

#[test]
fn who_has_no_record_is_missing_with_the_row_of_adsl() {
    let (_, _, facts) = build(&responding());
    assert_eq!(counted(&facts, "efficacy.bor_missing.120mg_qd"), (1, 4));
    let source = &fact(&facts, "efficacy.bor_missing.120mg_qd").source;
    assert_eq!((source.dataset.as_str(), source.rows.as_slice()), ("ADSL", &[4][..]));
    assert_eq!(counted(&facts, "efficacy.bor_ne.120mg_qd"), (1, 4));
}

#[test]
fn each_assessor_has_its_own_rows() {
    let (_, exhibits, facts) = build(&responding());
    assert_eq!(counted(&facts, "efficacy.bicr_orr.120mg_qd"), (0, 4));
    assert_eq!(counted(&facts, "efficacy.bicr_orr.240mg_qd"), (1, 2));
    assert_eq!(rows(&facts, "efficacy.bicr_orr.240mg_qd"), [16]);
    assert_eq!(counted(&facts, "efficacy.bicr_bor_sd.120mg_qd"), (1, 4));
    let stubs: Vec<&str> = table(exhibit(&exhibits, "T-E16")).rows.iter().map(|row| row.stub.as_str()).collect();
    assert!(stubs.contains(&"Confirmed objective response, investigator, n (%)"));
    assert!(stubs.contains(&"Confirmed objective response, blinded independent central review, n (%)"));
    assert!(
        facts.get(&"efficacy.bicr_orr_unconfirmed.120mg_qd".into()).is_none(),
        "the reviewers' unconfirmed response is not in the data"
    );
}

#[test]
fn assessments_on_two_days_after_baseline_count_and_repeats_do_not() {
    let (_, _, facts) = build(&responding());
    assert_eq!(
        counted(&facts, "efficacy.assessed_twice.120mg_qd"),
        (1, 4),
        "two records of one day are one assessment, the first is baseline"
    );
    assert_eq!(rows(&facts, "efficacy.assessed_twice.120mg_qd"), [20, 21]);
    assert_eq!(counted(&facts, "efficacy.assessed_twice.240mg_qd"), (0, 2), "a visit that was not evaluable does not count");
}

/// ADTTE gives a duration to everybody; only that of confirmed responders counts, once each, of the first code there is.
#[test]
fn duration_is_of_confirmed_responders_only() {
    let mut data = responding();
    data.times_to_event = Some(vec![
        time(1, 0, "DOR", 300.0, true),
        time(2, 0, "DOR", 999.0, true),
        time(3, 1, "DOR", 10.0, true),
        time(4, 0, "DURRESP", 5.0, true),
        time(5, 4, "DOR", 60.0, true),
    ]);
    let (_, exhibits, facts) = build(&data);
    near(number(&facts, "efficacy.dor_median.120mg_qd"), months(300.0));
    let held = fact(&facts, "efficacy.dor_median.120mg_qd");
    assert_eq!((held.n, held.source.rows.as_slice()), (Some(1), &[1][..]));
    assert_eq!(held.source.filter, "PARAMCD = DOR, confirmed responders by ADRS");
    assert!(facts.get(&"efficacy.bicr_dor_median.240mg_qd".into()).is_none(), "the investigator's duration is not the reviewers'");
    assert!(exhibit(&exhibits, "T-E16").notes.datasets.contains(&"ADTTE".to_owned()));
    // Where only the reviewers' responses are there, the duration is theirs.
    data.responses.as_mut().unwrap().retain(|response| response.assessor == Assessor::IndependentReview);
    let (_, _, facts) = build(&data);
    near(number(&facts, "efficacy.bicr_dor_median.240mg_qd"), months(60.0));
}

/// PFS at 120 mg: 30 (event), 60 (censored), 90 and 400 (events). S = 3/4, then 3/8, then 0: the median is 90 days. The one at 240 mg who was never
/// treated counts: efficacy is by planned treatment.
#[test]
fn times_to_event_are_of_the_randomised_or_treated() {
    let mut data = cohort();
    data.times_to_event = Some(vec![
        time(1, 0, "PFS", 30.0, true),
        time(2, 1, "PFS", 60.0, false),
        time(3, 2, "PFS", 90.0, true),
        time(4, 3, "PFS", 400.0, true),
        time(5, 4, "PFS", 50.0, false),
        time(6, 6, "PFS", 1.0, false),
        time(7, 0, "OS", 500.0, false),
    ]);
    let (_, exhibits, facts) = build(&data);
    assert_eq!(counted(&facts, "efficacy.pfs_events.120mg_qd"), (3, 4));
    assert_eq!(rows(&facts, "efficacy.pfs_events.120mg_qd"), [1, 3, 4], "the censored do not support the number of events");
    near(number(&facts, "efficacy.pfs_median.120mg_qd"), months(90.0));
    near(number(&facts, "efficacy.pfs_at_6_months.120mg_qd"), 0.375);
    assert_eq!(fact(&facts, "efficacy.pfs_at_12_months.120mg_qd").value, FactValue::Number(0.375));
    assert_eq!(counted(&facts, "efficacy.pfs_events.240mg_qd"), (0, 2));
    assert_eq!(fact(&facts, "efficacy.pfs_median.240mg_qd").value, FactValue::NotEstimable);
    let notes = &exhibit(&exhibits, "T-TTE").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("progression-free survival 1; overall survival 6")), "{:?}", notes.footnotes);
}

#[test]
fn a_curve_that_fell_to_zero_stays_there_and_a_censored_one_ends() {
    let mut data = cohort();
    data.times_to_event = Some(vec![
        time(1, 0, "PFS", 30.0, true),
        time(2, 1, "PFS", 60.0, true),
        time(3, 4, "PFS", 60.0, true),
        time(4, 5, "PFS", 90.0, false),
    ]);
    let (_, _, facts) = build(&data);
    assert_eq!(fact(&facts, "efficacy.pfs_at_6_months.120mg_qd").value, FactValue::Number(0.0));
    assert_eq!(fact(&facts, "efficacy.pfs_at_6_months.240mg_qd").value, FactValue::NotEstimable);
}

#[test]
fn the_figure_says_that_a_dosage_is_missing_only_where_one_is() {
    let mut data = cohort();
    data.subjects.extend((7..12).map(|position| subject(position, 1, 100.0)));
    data.subjects.extend((12..17).map(|position| subject(position, 0, 100.0)));
    let times = |from: usize| (from..17).map(|index| time(u32::try_from(index).unwrap() + 1, index, "OS", 200.0, index % 2 == 0)).collect();
    data.times_to_event = Some(times(0));
    let (_, exhibits, _) = build(&data);
    assert!(exhibit(&exhibits, "F-OS").notes.footnotes.is_empty(), "both dosages have five subjects; the total needs no curve");
    data.times_to_event = Some(times(12));
    data.times_to_event.as_mut().unwrap().push(time(99, 4, "OS", 10.0, false));
    let (_, exhibits, _) = build(&data);
    assert!(exhibit(&exhibits, "F-OS").notes.footnotes[0].contains("fewer than 5 subjects"));
}

#[test]
fn best_change_and_response_are_of_one_assessor() {
    let mut data = responding();
    let measurement = |row: u32, subject: usize, assessor: Assessor, day: i32, change: f64| TumourMeasurement {
        row,
        subject: SubjectIndex(subject),
        assessor,
        baseline: day <= 1,
        day: Some(day),
        percent_change: Some(change),
        value: None,
    };
    let (by, review) = (Assessor::Investigator, Assessor::IndependentReview);
    data.tumour = Some(vec![
        measurement(1, 0, by, -5, 0.0),
        measurement(2, 0, by, 57, -30.0),
        measurement(3, 0, by, 113, -20.0),
        measurement(4, 0, review, 57, -90.0),
        measurement(5, 1, by, 57, 12.0),
        measurement(6, 2, by, -3, 0.0),
    ]);
    let (_, exhibits, facts) = build(&data);
    near(number(&facts, "efficacy.tumour_best_change_min.120mg_qd"), -30.0);
    assert_eq!(counted(&facts, "efficacy.tumour_decreased_30.120mg_qd"), (1, 2), "who has a baseline only is not measured");
    let Content::Figure(figure) = &exhibit(&exhibits, "F-E02").content else { panic!("no figure") };
    let Plot::Waterfall { bars, .. } = &figure.plot else { panic!("no waterfall") };
    let shown: Vec<(f64, Option<&str>)> = bars.iter().map(|bar| (bar.change, bar.response.as_deref())).collect();
    assert_eq!(shown, [(12.0, Some("SD")), (-30.0, Some("CR"))], "the investigator's response, not the reviewers'");
}

fn interval(row: u32, subject: usize, days: (i32, i32), dose: f64, between: f64, regular: bool) -> DosingInterval {
    DosingInterval {
        row,
        subject: SubjectIndex(subject),
        drug: None,
        start_day: days.0,
        end_day: days.1,
        dose,
        planned: Some(120.0),
        days_between_doses: between,
        doses_per_day: 1.0,
        regular,
        unit: Some("mg".to_owned()),
        reason: None,
        for_adverse_event: false,
    }
}

#[test]
fn a_course_covers_the_days_until_the_next_dose_is_due() {
    let mut data = responding();
    data.dosing = Some(Dosing {
        dataset: Some(DatasetName::Adex),
        intervals: vec![
            interval(1, 0, (1, 28), 120.0, 1.0, true),
            interval(2, 0, (36, 60), 60.0, 1.0, true),
            interval(3, 1, (1, 1), 120.0, 21.0, true),
            interval(4, 1, (22, 22), 120.0, 21.0, true),
            interval(5, 1, (64, 64), 120.0, 21.0, true),
            interval(6, 2, (1, 1), 120.0, 1.0, false),
            interval(7, 2, (30, 30), 120.0, 1.0, false),
        ],
        columns: vec!["EXDOSE".to_owned()],
        ..Dosing::default()
    });
    data.subjects[3] = dead(stopped(data.subjects[3].clone(), "TOXICITY", 300), 120);
    data.subjects[2] = stopped(data.subjects[2].clone(), "PHYSICIAN DECISION", 300);
    data.subjects[5].treatment_days = None;
    data.subjects[5].treatment_status = Some(TreatmentStatus::Ongoing);
    data.subjects[5].cutoff = None;
    let (result, exhibits, _) = build(&data);
    let course = |index: usize| {
        let courses = result.courses.iter().flat_map(|column| &column.courses);
        courses.into_iter().find(|course| course.subject == SubjectIndex(index)).expect("a course")
    };
    let days = |index: usize| -> Vec<(f64, f64)> {
        let day = |months: f64| (months * DAYS_PER_MONTH).round();
        course(index).segments.iter().map(|(from, to, _)| (day(*from), day(*to))).collect()
    };
    assert_eq!(days(0), [(0.0, 28.0), (35.0, 60.0)], "a gap of a week");
    near(course(0).segments[1].2, 0.5);
    assert_eq!(days(1), [(0.0, 21.0), (21.0, 42.0), (63.0, 64.0)], "a missed infusion is a gap, the time between two is none");
    assert_eq!(days(2), [(0.0, 29.0), (29.0, 30.0)]);
    assert_eq!(days(3), [(0.0, 100.0)], "without dosing records the time on treatment of ADSL");
    assert!(course(3).marks.iter().any(|(_, mark)| *mark == CourseMark::StoppedAdverseEvent), "toxicity is an adverse event");
    assert!(course(3).marks.contains(&(120.0 / DAYS_PER_MONTH, CourseMark::Death)));
    assert_eq!(course(2).marks, [(100.0 / DAYS_PER_MONTH, CourseMark::StoppedOther)], "at the end of treatment, not of the records");
    let notes = &exhibit(&exhibits, "F-E01").notes;
    assert!(notes.footnotes[0].contains("not known: 1."), "{:?}", notes.footnotes);
}

#[test]
fn what_is_absent_has_a_placeholder() {
    let mut data = cohort();
    for subject in &mut data.subjects {
        subject.treatment_days = None;
        subject.treatment_status = None;
    }
    let settings = settings(PROJECT);
    let exhibits = gather(&analyse(&data, &settings), &data, &settings, &mut Facts::default());
    let ids: Vec<&str> = exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect();
    assert_eq!(ids, ["T-E16", "T-TTE", "F-E01", "F-E02", "F-E02-spider"]);
    assert!(exhibits.iter().all(|exhibit| matches!(exhibit.content, Content::Placeholder(_))));
    data.times_to_event = Some(vec![time(1, 0, "TTDE", 10.0, true)]);
    let exhibits = gather(&analyse(&data, &settings), &data, &settings, &mut Facts::default());
    assert!(matches!(exhibit(&exhibits, "T-TTE").content, Content::Placeholder(_)), "a time that is none of the endpoints");
}

#[test]
fn response_rows_stand_even_where_nobody_responded() {
    let mut data = cohort();
    data.responses = Some(vec![response(1, 0, "RSP", ResponseKind::Objective, ResponseCategory::No)]);
    let (_, exhibits, facts) = build(&data);
    assert_eq!(counted(&facts, "efficacy.orr_unconfirmed.120mg_qd"), (0, 4));
    assert!(facts.get(&"efficacy.orr.120mg_qd".into()).is_none(), "nothing says that a response was confirmed");
    assert_eq!(row(table(exhibit(&exhibits, "T-E16")), "Objective response, confirmation not required").cells.len(), 3);
}
