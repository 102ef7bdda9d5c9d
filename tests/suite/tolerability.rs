//! Adverse events: who is counted, once, where and against what.

use dosecase::analysis::tolerability::{TolerabilityResult, analyse};
use dosecase::derive::{
    AdverseEvent, AnalysisData, DoseAction, Dosing, DosingInterval, DosingSummary, InterestGroup, PartIndex, SubjectIndex,
};
use dosecase::evidence::tolerability::{gather, gather_absent};
use dosecase::evidence::{Cell, Content, Exhibit, FactValue, Facts, Plot};
use dosecase::quantity::DAYS_PER_MONTH;

use crate::hand_made::{
    PROJECT, assert_whole, counted, day, event, exhibit, fact, number, row, rows, settings, stopped, subject, table, trial,
};

fn build(data: &AnalysisData) -> (TolerabilityResult, Vec<Exhibit>, Facts) {
    let settings = settings(PROJECT);
    let result = analyse(data, &settings).expect("adverse events");
    let mut facts = Facts::default();
    let exhibits = gather(&result, data, &settings, &mut facts);
    assert_whole(&exhibits, &facts);
    (result, exhibits, facts)
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

/// Six subjects at 120 mg, two at 240 mg, one on control; 100 days each but for the last.
fn cohort(events: Vec<AdverseEvent>) -> AnalysisData {
    let mut subjects: Vec<_> = (0..6).map(|position| subject(position, 0, 100.0)).collect();
    subjects.extend((6..8).map(|position| subject(position, 1, 100.0)));
    subjects.push(subject(8, 2, 50.0));
    trial(subjects, events)
}

#[test]
fn a_subject_counts_once_in_each_class_with_the_rows_of_all_its_events() {
    let events = vec![
        AdverseEvent { serious: true, related: true, action: Some(DoseAction::Interrupted), ..event(1, 0, "Nausea", Some(3), Some(10)) },
        AdverseEvent { action: Some(DoseAction::Reduced), ..event(2, 0, "Rash", Some(4), Some(20)) },
        AdverseEvent { related: true, ..event(3, 1, "Nausea", Some(2), Some(5)) },
        AdverseEvent { fatal: true, action: Some(DoseAction::Withdrawn), ..event(4, 2, "Sepsis", Some(5), Some(30)) },
        AdverseEvent { interest: vec![0], ..event(5, 6, "Rash", Some(1), Some(3)) },
    ];
    let mut data = cohort(events);
    let group = InterestGroup { id: "skin".to_owned(), label: "Skin".to_owned(), filter: "AEDECOD in (Rash)".to_owned() };
    data.adverse_events.as_mut().unwrap().interest_groups = vec![group];
    let (_, exhibits, facts) = build(&data);
    for (measure, count) in [
        ("teae_any", 3),
        ("teae_grade3plus", 2),
        ("teae_grade4plus", 2),
        ("teae_serious", 1),
        ("teae_fatal", 1),
        ("teae_related", 2),
        ("teae_related_grade3plus", 1),
        ("teae_interruption", 1),
        ("teae_reduction", 1),
        ("teae_discontinuation", 1),
    ] {
        assert_eq!(counted(&facts, &format!("tolerability.{measure}.120mg_qd")), (count, 6), "{measure}");
    }
    assert_eq!(rows(&facts, "tolerability.teae_any.120mg_qd"), [1, 2, 3, 4]);
    assert_eq!(rows(&facts, "tolerability.teae_grade3plus.120mg_qd"), [1, 2, 4]);
    assert_eq!(counted(&facts, "tolerability.aesi.skin.240mg_qd"), (1, 2));
    assert_eq!(counted(&facts, "tolerability.teae_any.total"), (4, 8), "the total is of the drug, without the comparator");
    assert_eq!(counted(&facts, "tolerability.teae_any.control"), (0, 1));
    let source = &fact(&facts, "tolerability.teae_grade3plus.120mg_qd").source;
    assert_eq!((source.dataset.as_str(), source.filter.as_str()), ("ADAE", "TRTEMFL = Y and AETOXGR >= 3"));
    let overview = table(exhibit(&exhibits, "T-E06"));
    let heads: Vec<&str> = overview.columns.iter().map(|column| column.head.as_str()).collect();
    assert_eq!(heads, ["120 mg QD", "240 mg QD", "Control", "All drug dosages"]);
}

#[test]
fn an_event_before_the_first_dose_is_not_counted_anywhere() {
    let before = AdverseEvent { emergent: false, ..event(1, 0, "Nausea", Some(3), Some(-2)) };
    let (result, _, facts) = build(&cohort(vec![before, event(2, 1, "Nausea", Some(1), Some(2))]));
    assert_eq!(counted(&facts, "tolerability.teae_any.120mg_qd"), (1, 6));
    assert_eq!(counted(&facts, "tolerability.teae_grade3plus.120mg_qd"), (0, 6));
    assert_eq!(counted(&facts, "tolerability.teae_term.nausea.120mg_qd"), (1, 6));
    let curve = &result.first_grade3plus.as_ref().unwrap()[0].curves[0];
    assert_eq!((curve.events, curve.censored), (0, 6));
}

#[test]
fn a_term_is_counted_at_its_maximum_grade_and_without_grade_under_any_only() {
    let events = vec![
        event(1, 0, "Nausea", Some(1), Some(2)),
        event(2, 0, "Nausea", Some(3), Some(9)),
        event(3, 1, "Nausea", None, Some(2)),
        event(4, 1, "Nausea", Some(2), Some(4)),
        event(5, 2, "Nausea", None, Some(2)),
        event(6, 3, "Cough", Some(1), Some(2)),
        event(7, 6, "Anaemia", Some(3), Some(2)),
        event(8, 7, "Anaemia", Some(3), Some(2)),
    ];
    let (result, exhibits, facts) = build(&cohort(events));
    assert_eq!(counted(&facts, "tolerability.teae_term.nausea.120mg_qd"), (3, 6));
    assert_eq!(counted(&facts, "tolerability.teae_term_grade12.nausea.120mg_qd"), (1, 6));
    assert_eq!(counted(&facts, "tolerability.teae_term_grade3plus.nausea.120mg_qd"), (1, 6));
    assert_eq!(rows(&facts, "tolerability.teae_term_grade3plus.nausea.120mg_qd"), [1, 2]);
    let terms: Vec<&str> = result.terms[0].rows.iter().map(|row| row.term.as_str()).collect();
    assert_eq!(terms, ["Nausea", "Cough"], "a dosage of two subjects does not make a term common");
    assert_eq!((result.terms[0].terms, result.terms[0].without_grade), (3, 1));
    let notes = &exhibit(&exhibits, "T-E07").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("without a grade: 1.")), "{:?}", notes.footnotes);
}

#[test]
fn terms_of_one_frequency_stand_in_the_order_of_their_names() {
    let events =
        vec![event(1, 0, "Rash", Some(1), Some(2)), event(2, 1, "Cough", Some(1), Some(2)), event(3, 8, "Zoster", Some(1), Some(2))];
    let mut data = cohort(events);
    data.subjects.truncate(9);
    let terms = analyse(&data, &settings(PROJECT)).unwrap().terms;
    let names: Vec<&str> = terms[0].rows.iter().map(|row| row.term.as_str()).collect();
    assert_eq!(names, ["Cough", "Rash"]);
}

#[test]
fn the_last_day_of_the_window_belongs_to_it() {
    let events = vec![
        event(1, 0, "Rash", Some(3), Some(28)),
        event(2, 0, "Rash", Some(3), Some(60)),
        event(3, 1, "Rash", Some(3), Some(29)),
        event(4, 2, "Rash", Some(4), Some(90)),
        event(5, 3, "Rash", Some(3), None),
        event(6, 4, "Rash", Some(2), Some(3)),
    ];
    let (_, exhibits, facts) = build(&cohort(events));
    let id = |measure: &str| format!("tolerability.{measure}.120mg_qd");
    assert_eq!(counted(&facts, &id("first_grade3plus_within_window")), (1, 6));
    assert_eq!(rows(&facts, &id("first_grade3plus_within_window")), [1], "the second event of the subject is not its first");
    assert_eq!(counted(&facts, &id("first_grade3plus_after_window")), (2, 6));
    assert_eq!(counted(&facts, &id("first_grade3plus_unknown_day")), (1, 6));
    assert_eq!(counted(&facts, &id("first_grade3plus_share_after")), (2, 3));
    assert_eq!(fact(&facts, &id("first_grade3plus_share_after")).denominator.as_ref().unwrap().rows.as_slice(), [1, 2, 3]);
    near(number(&facts, &id("first_grade3plus_day_median")), 29.0);
    assert_eq!(counted(&facts, &id("treated_beyond_window")), (6, 6));
    assert_eq!(
        counted(&facts, &id("first_grade3plus_later")),
        (2, 4),
        "those with an event in the window or on an unknown day are not at risk after it"
    );
    let window = table(exhibit(&exhibits, "T-E09"));
    let control = window.columns.iter().position(|column| column.head == "Control").unwrap();
    assert_eq!(row(window, "Share of first ones").cells[control], Cell::NotAvailable, "a share of nobody is not a number");
    assert_eq!(counted(&facts, "tolerability.teae_grade3plus.120mg_qd"), (4, 6), "both tables show one fact");
}

#[test]
fn rates_are_events_and_first_events_per_time_at_risk() {
    let mut data = cohort(vec![
        event(1, 0, "Rash", Some(3), Some(10)),
        event(2, 0, "Rash", Some(3), Some(40)),
        event(3, 1, "Rash", Some(3), Some(110)),
        event(4, 2, "Rash", Some(3), None),
        event(5, 5, "Rash", Some(3), Some(1)),
    ]);
    data.subjects[5].treatment_days = None;
    data.subjects[5].treatment_status = None;
    let (_, exhibits, facts) = build(&data);
    let rate = fact(&facts, "tolerability.teae_grade3plus_rate.120mg_qd");
    assert_eq!(rate.count, Some(4), "the events of a subject without known time do not count");
    near(number(&facts, "tolerability.teae_grade3plus_rate.120mg_qd"), 100.0 * 4.0 / (500.0 / DAYS_PER_MONTH));
    near(number(&facts, "tolerability.patient_months.120mg_qd"), 500.0 / DAYS_PER_MONTH);
    // Exact Poisson limits of 4 events: 1.0898653 to 10.2415868.
    let interval = rate.interval.unwrap();
    let per_event = DAYS_PER_MONTH / 5.0;
    assert!(
        (interval.lower.unwrap() - 1.089_865_3 * per_event).abs() < 1e-4
            && (interval.upper.unwrap() - 10.241_586_8 * per_event).abs() < 1e-4
    );
    // Days at risk of a first event: 10, 110, 100 (day unknown), 100, 100.
    near(number(&facts, "tolerability.teae_grade3plus_incidence.120mg_qd"), 100.0 * 3.0 / (420.0 / DAYS_PER_MONTH));
    let notes = &exhibit(&exhibits, "T-E06").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("is not known: 1.")), "{:?}", notes.footnotes);
    assert_eq!(fact(&facts, "tolerability.teae_serious_rate.120mg_qd").value, FactValue::Number(0.0));
}

#[test]
fn what_the_data_do_not_carry_is_not_available_and_says_why() {
    let mut data = cohort(vec![event(1, 0, "Rash", None, Some(4))]);
    let events = data.adverse_events.as_mut().unwrap();
    (events.grade_column, events.action_column) = (None, None);
    let (result, exhibits, facts) = build(&data);
    let overview = exhibit(&exhibits, "T-E06");
    for (stub, reason) in [("Grade 3 or higher", "grade"), ("Leading to interruption", "AEACN"), ("Leading to permanent", "AEACN")] {
        let row = row(table(overview), stub);
        assert!(row.cells.iter().all(|cell| *cell == Cell::NotAvailable), "{stub}");
        assert!(overview.notes.footnotes[row.footnote.unwrap()].contains(reason), "{stub}");
    }
    assert!(facts.get(&"tolerability.teae_grade3plus.120mg_qd".into()).is_none());
    assert!(result.first_grade3plus.is_none());
    for id in ["T-E09", "F-E09", "F-E09-modification"] {
        assert!(matches!(exhibit(&exhibits, id).content, Content::Placeholder(_)), "{id}");
    }
    let events = data.adverse_events.as_mut().unwrap();
    (events.grade_column, events.grade_from_severity) = (Some("AESEV".to_owned()), true);
    let (_, exhibits, _) = build(&data);
    let overview = exhibit(&exhibits, "T-E06");
    let mark = row(table(overview), "Grade 3 or higher").footnote.unwrap();
    assert!(overview.notes.footnotes[mark].contains("AESEV"));
}

#[test]
fn without_adverse_events_there_are_placeholders() {
    let mut data = cohort(Vec::new());
    data.adverse_events = None;
    assert!(analyse(&data, &settings(PROJECT)).is_none());
    let exhibits = gather_absent();
    let ids: Vec<&str> = exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "T-E06",
            "T-E07",
            "T-E08",
            "T-E08-aesi",
            "F-E09-aesi",
            "T-E08-index",
            "T-E09",
            "F-E09",
            "F-E09-modification",
            "F-E10",
            "F-E10-persistent"
        ]
    );
    assert!(exhibits.iter().all(|exhibit| matches!(&exhibit.content, Content::Placeholder(placeholder) if !placeholder.needs.is_empty())));
}

#[test]
fn nobody_and_no_event_are_no_defect() {
    let empty = trial(Vec::new(), Vec::new());
    let settings = settings(PROJECT);
    let result = analyse(&empty, &settings).unwrap();
    let mut facts = Facts::default();
    let exhibits = gather(&result, &empty, &settings, &mut facts);
    assert!(facts.is_empty());
    assert!(exhibits.iter().all(|exhibit| !matches!(exhibit.content, Content::Figure(_))));
    let (_, exhibits, facts) = build(&cohort(Vec::new()));
    assert_eq!(counted(&facts, "tolerability.teae_any.120mg_qd"), (0, 6));
    assert!(matches!(exhibit(&exhibits, "T-E07").content, Content::Placeholder(_)), "no term is common");
}

#[test]
fn each_part_has_its_own_tables_and_ids() {
    let mut data = cohort(vec![event(1, 0, "Rash", Some(3), Some(4)), event(2, 6, "Rash", Some(1), Some(4))]);
    for position in [0, 6] {
        data.subjects[position].part = Some(PartIndex(1));
    }
    let (_, exhibits, facts) = build(&data);
    assert_eq!(counted(&facts, "tolerability.teae_any.120mg_qd@randomised"), (1, 1));
    assert_eq!(counted(&facts, "tolerability.teae_any.120mg_qd@escalation"), (0, 5));
    assert_eq!(
        counted(&facts, "tolerability.teae_term.rash.240mg_qd@randomised"),
        (1, 1),
        "without a dosage of five, every dosage decides"
    );
    let heads = table(exhibit(&exhibits, "T-E06@randomised")).columns.len();
    assert_eq!(heads, 3, "two dosages and the total");
    assert!(exhibit(&exhibits, "T-E06@randomised").title.ends_with(": Randomised part"));
    assert_eq!(exhibits.iter().filter(|exhibit| exhibit.id.code() == "F-E09").count(), 1, "no curve of a part with a subject per dosage");
}

/// By hand: 1/6 on day 20; on day 80 half of the subjects are free of every event, three are at risk and one has the event: 1/6 + 1/2 x 1/3.
#[test]
fn death_and_the_end_of_treatment_compete() {
    let mut subjects: Vec<_> = (0..6).map(|position| subject(position, 0, 200.0)).collect();
    subjects[1] = stopped(subject(1, 0, 10.0), "PROGRESSIVE DISEASE", 200);
    subjects[2].died = true;
    subjects[2].death = Some(day(60));
    subjects[3] = stopped(subject(3, 0, 190.0), "PROGRESSIVE DISEASE", 200);
    subjects[4] = stopped(subject(4, 0, 60.0), "ADVERSE EVENT", 200);
    let events =
        vec![event(1, 0, "Rash", Some(3), Some(20)), event(2, 1, "Rash", Some(3), Some(41)), event(3, 4, "Rash", Some(3), Some(80))];
    let (result, exhibits, facts) = build(&trial(subjects, events));
    let panel = &result.first_grade3plus.as_ref().unwrap()[0];
    let curve = &panel.curves[0];
    // Day 20 event; 40 end of treatment and 30 days; 60 death; 80 event in the 30 days after the last dose; 200 two censored at the cut-off.
    assert_eq!((curve.events, curve.competing, curve.censored, curve.missed), (2, 2, 2, 1));
    assert_eq!(curve.days, [20.0, 40.0, 60.0, 80.0, 200.0, 200.0]);
    let estimates: Vec<f64> = curve.steps.iter().map(|step| step.estimate).collect();
    near(estimates[0], 1.0 / 6.0);
    near(estimates[1], 1.0 / 6.0 + 3.0 / 6.0 / 3.0);
    near(number(&facts, "tolerability.first_grade3plus_incidence.month_1.120mg_qd"), 1.0 / 6.0);
    near(number(&facts, "tolerability.first_grade3plus_incidence.month_3.120mg_qd"), 1.0 / 3.0);
    assert_eq!(curve.at_risk(40.0 / DAYS_PER_MONTH), 5, "at risk just before the day");
    let Content::Figure(figure) = &exhibit(&exhibits, "F-E09").content else { panic!("no figure") };
    let Plot::Steps { curves, risk_times, .. } = &figure.plot else { panic!("no steps") };
    assert_eq!((curves[0].steps[0].time, curves[0].at_risk.len(), curves[0].at_risk[0]), (0.0, risk_times.len(), 6));
    assert!(figure.alt.contains("2 of 6 subjects"), "{}", figure.alt);
}

#[test]
fn a_dose_modification_is_the_first_of_change_and_stop_for_an_adverse_event() {
    let mut subjects: Vec<_> = (0..6).map(|position| subject(position, 0, 100.0)).collect();
    subjects[1] = stopped(subject(1, 0, 50.0), "Adverse Event", 100);
    subjects[2] = stopped(subject(2, 0, 60.0), "PROGRESSIVE DISEASE", 100);
    let act = |row, position, action, start| AdverseEvent { action: Some(action), ..event(row, position, "Rash", Some(2), Some(start)) };
    let events = vec![act(1, 0, DoseAction::Reduced, 30), act(2, 3, DoseAction::NotChanged, 5), act(3, 0, DoseAction::Interrupted, 20)];
    let mut data = trial(subjects, events);
    let (result, exhibits, _) = build(&data);
    let first = result.first_modification.unwrap();
    let curve = &first.panels[0].curves[0];
    assert!(!first.from_dosing);
    assert_eq!((curve.events, curve.competing, curve.censored), (2, 1, 3));
    assert_eq!(curve.rows.as_slice(), [3]);
    assert_eq!(curve.steps.iter().map(|step| step.days).collect::<Vec<f64>>(), [20.0, 50.0]);
    assert!(exhibit(&exhibits, "F-E09-modification").notes.methods.iter().any(|method| method.contains("no dosing intervals")));
    let interval = DosingInterval {
        row: 1,
        subject: SubjectIndex(4),
        start_day: 1,
        end_day: 100,
        dose: 120.0,
        planned: Some(120.0),
        days_between_doses: 1.0,
        doses_per_day: 1.0,
        regular: true,
        drug: None,
        unit: None,
        reason: None,
        for_adverse_event: false,
    };
    let summary = DosingSummary {
        subject: SubjectIndex(4),
        rows: [7].into_iter().collect(),
        first_modification_day: Some(70),
        interruptions_adverse_event: Some(1),
        ..DosingSummary::default()
    };
    data.dosing = Some(Dosing { intervals: vec![interval], summaries: vec![summary], ..Dosing::default() });
    let mut unreasoned = data.clone();
    unreasoned.dosing.as_mut().unwrap().summaries[0].interruptions_adverse_event = None;
    assert!(!build(&unreasoned).0.first_modification.unwrap().from_dosing, "without reasons the actions are read");
    let first = build(&data).0.first_modification.unwrap();
    let curve = &first.panels[0].curves[0];
    assert!(first.from_dosing);
    assert_eq!((curve.events, curve.rows.as_slice()), (2, &[7][..]), "day 70 by dosing, day 50 by the stop; actions are not read");
}

#[test]
fn what_adae_cannot_say_is_not_available_and_not_zero() {
    let mut data = cohort(vec![event(1, 0, "Nausea", Some(3), Some(10))]);
    let events = data.adverse_events.as_mut().unwrap();
    (events.serious_column, events.outcome_column, events.grade_from_severity) = (None, None, true);
    events.grade_column = Some("AESEV".to_owned());
    let (_, exhibits, facts) = build(&data);
    let overview = exhibit(&exhibits, "T-E06");
    for (stub, reason) in [("Serious", "AESER"), ("Fatal", "AEOUT"), ("Grade 4", "beyond severe")] {
        let row = row(table(overview), stub);
        assert!(row.cells.iter().all(|cell| *cell == Cell::NotAvailable), "{stub}");
        assert!(overview.notes.footnotes[row.footnote.unwrap()].contains(reason), "{stub}: {:?}", overview.notes.footnotes);
    }
    assert!(facts.get(&"tolerability.teae_serious.120mg_qd".into()).is_none());
    assert_eq!(counted(&facts, "tolerability.teae_grade3plus.120mg_qd"), (1, 6));
    // A severity beyond severe in the data shows that the scale reaches that far.
    data.adverse_events.as_mut().unwrap().events.push(event(2, 7, "Sepsis", Some(4), Some(5)));
    let (_, _, facts) = build(&data);
    assert_eq!(counted(&facts, "tolerability.teae_grade4plus.120mg_qd"), (0, 6));
}

#[test]
fn fatal_events_are_recognised_by_the_columns_there_are() {
    let fatal = AdverseEvent { fatal: true, ..event(1, 0, "Sepsis", Some(5), Some(10)) };
    let mut data = cohort(vec![fatal]);
    data.adverse_events.as_mut().unwrap().death_column = Some("AESDTH".to_owned());
    let (_, exhibits, facts) = build(&data);
    let source = &fact(&facts, "tolerability.teae_fatal.120mg_qd").source;
    assert_eq!(source.filter, "TRTEMFL = Y and (AEOUT = FATAL or AESDTH = Y or AETOXGR = 5)");
    let notes = &exhibit(&exhibits, "T-E06").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("does not record as having died: 1.")), "{:?}", notes.footnotes);
}

#[test]
fn ongoing_treatment_without_a_cut_off_has_no_known_time() {
    let mut data = cohort(vec![event(1, 0, "Nausea", Some(3), Some(400))]);
    data.subjects[0].treatment_days = None;
    data.subjects[0].cutoff = None;
    data.dosing = Some(Dosing {
        summaries: vec![DosingSummary { subject: SubjectIndex(0), duration_days: Some(36.0), ..DosingSummary::default() }],
        ..Dosing::default()
    });
    let (_, exhibits, facts) = build(&data);
    assert_eq!(fact(&facts, "tolerability.patient_months.120mg_qd").n, Some(5), "dosing records may end before treatment does");
    assert_eq!(counted(&facts, "tolerability.teae_any.120mg_qd"), (1, 6));
    assert_eq!(fact(&facts, "tolerability.teae_any_rate.120mg_qd").count, Some(0), "nor do its events count in the rate");
    let notes = &exhibit(&exhibits, "T-E06").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("time on treatment is not known: 1.")), "{:?}", notes.footnotes);
}

#[test]
fn nobody_with_a_dosage_leaves_placeholders() {
    let mut data = cohort(vec![event(1, 0, "Nausea", Some(3), Some(10))]);
    for subject in &mut data.subjects {
        subject.actual = None;
    }
    let settings = settings(PROJECT);
    let result = analyse(&data, &settings).unwrap();
    let mut facts = Facts::default();
    let exhibits = gather(&result, &data, &settings, &mut facts);
    assert_eq!(exhibits.len(), 11);
    assert!(exhibits.iter().all(|exhibit| matches!(&exhibit.content, Content::Placeholder(shown) if shown.reason.contains("No subject"))));
    assert!(facts.is_empty());
}

/// An event of a subject from one day to another.
fn lasting(row: u32, subject: usize, term: &str, grade: u8, (start, end): (i32, Option<i32>)) -> AdverseEvent {
    AdverseEvent { end: end.map(day), end_day: end, ..event(row, subject, term, Some(grade), Some(start)) }
}

#[test]
fn onset_duration_and_resolution_are_of_first_episodes() {
    let events = vec![
        // One episode of 12 days in two records, then a second one.
        lasting(1, 0, "Nausea", 1, (5, Some(10))),
        lasting(2, 0, "Nausea", 2, (11, Some(16))),
        lasting(3, 0, "Nausea", 1, (60, Some(62))),
        lasting(4, 1, "Nausea", 2, (40, Some(79))),
        // Goes on at the cut-off on day 100.
        lasting(5, 2, "Nausea", 1, (30, None)),
        event(6, 3, "Nausea", Some(1), None),
    ];
    let (_, exhibits, facts) = build(&cohort(events));
    let about = |measure: &str| format!("tolerability.{measure}.term_nausea.120mg_qd");
    assert_eq!(counted(&facts, &about("event_any")), (4, 6));
    near(number(&facts, &about("event_onset_median")), 30.0);
    assert_eq!(counted(&facts, &about("event_after_window")), (2, 3), "of those with a known day");
    // 12 and 40 days ended, 71 days censored: the curve is at 2/3 from 12 on and at 1/3 from 40 on.
    near(number(&facts, &about("event_duration_median")), 40.0);
    assert_eq!(counted(&facts, &about("event_persistent")), (2, 3));
    assert_eq!(counted(&facts, &about("event_resolved")), (2, 3));
    // Day 30.4 of the first month: only the third subject; day 91.3: again only the third one.
    assert_eq!(counted(&facts, "tolerability.event_prevalence.term_nausea_month_1.120mg_qd"), (1, 6));
    assert_eq!(counted(&facts, "tolerability.event_prevalence.term_nausea_month_3.120mg_qd"), (1, 6));
    let months: Vec<&str> = facts.iter().map(|(id, _)| id.as_str()).filter(|id| id.contains("term_nausea_month_6")).collect();
    assert!(months.is_empty(), "nobody was followed for six months: {months:?}");
    let heading = |row: &&dosecase::evidence::Row| row.heading;
    let headings: Vec<&str> = table(exhibit(&exhibits, "T-E08")).rows.iter().filter(heading).map(|row| row.stub.as_str()).collect();
    assert_eq!(headings, ["Nausea", "Grade 3 or higher", "Symptoms of grade 1 or 2"]);
}

#[test]
fn an_event_that_ended_with_death_is_not_resolved() {
    let fatal = AdverseEvent { fatal: true, ..lasting(1, 0, "Sepsis", 5, (10, Some(14))) };
    let (_, _, facts) = build(&cohort(vec![fatal, lasting(2, 1, "Sepsis", 3, (10, Some(14)))]));
    assert_eq!(counted(&facts, "tolerability.event_resolved.grade3plus.120mg_qd"), (1, 2));
}

#[test]
fn prevalence_counts_the_highest_grade_that_goes_on() {
    let events = vec![
        lasting(1, 0, "Nausea", 1, (1, Some(90))),
        lasting(2, 0, "Rash", 3, (29, Some(33))),
        lasting(3, 1, "Nausea", 2, (20, Some(40))),
        lasting(4, 2, "Nausea", 2, (31, Some(60))),
    ];
    let (result, exhibits, facts) = build(&cohort(events));
    let month = |measure: &str| counted(&facts, &format!("tolerability.{measure}.month_1.120mg_qd"));
    assert_eq!(month("prevalence_any"), (2, 6));
    assert_eq!((month("prevalence_grade1"), month("prevalence_grade2"), month("prevalence_grade3plus")), ((0, 6), (1, 6), (1, 6)));
    assert_eq!(month("prevalence_persistent"), (1, 6), "90 days of grade 1, not 21 or 30 of which the second begins later");
    assert_eq!(result.prevalence.as_ref().unwrap()[0].series.len(), 1, "two subjects are too few for a series");
    let Content::Figure(figure) = &exhibit(&exhibits, "F-E10").content else { panic!("no figure") };
    let Plot::Stacked { layers, facets, .. } = &figure.plot else { panic!("no bars") };
    assert_eq!((layers.len(), facets.len(), facets[0].bars.len()), (3, 1, 3));
    near(facets[0].bars[0].shares.iter().sum(), 100.0 * 2.0 / 6.0);
}

#[test]
fn repeated_events_of_special_interest_are_counted_as_episodes() {
    let of_interest = |event: AdverseEvent| AdverseEvent { interest: vec![0], ..event };
    let events = vec![
        // Two terms of one condition without a free day between them are one episode.
        of_interest(lasting(1, 0, "ALT increased", 2, (5, Some(10)))),
        of_interest(lasting(2, 0, "AST increased", 2, (8, Some(20)))),
        of_interest(lasting(3, 0, "ALT increased", 1, (50, Some(60)))),
        of_interest(lasting(4, 1, "ALT increased", 1, (70, Some(75)))),
    ];
    let mut data = cohort(events);
    let group = InterestGroup { id: "liver".to_owned(), label: "Liver".to_owned(), filter: "AESI = LIVER".to_owned() };
    data.adverse_events.as_mut().unwrap().interest_groups = vec![group];
    let (_, exhibits, facts) = build(&data);
    let episodes = &fact(&facts, "tolerability.aesi_episodes.aesi_liver.120mg_qd").value;
    assert_eq!(*episodes, FactValue::Count(3));
    assert_eq!(counted(&facts, "tolerability.aesi_repeated.aesi_liver.120mg_qd"), (1, 6));
    near(number(&facts, "tolerability.aesi_mean_episodes.aesi_liver_month_1.120mg_qd"), 1.0 / 6.0);
    near(number(&facts, "tolerability.aesi_mean_episodes.aesi_liver_month_3.120mg_qd"), 3.0 / 6.0);
    near(number(&facts, "tolerability.aesi_incidence.aesi_liver_month_3.120mg_qd"), 2.0 / 6.0);
    let figure = exhibit(&exhibits, "F-E09-aesi");
    assert!(matches!(figure.content, Content::Placeholder(_)), "two subjects with an event make no figure");
}

#[test]
fn the_toxicity_index_takes_each_term_at_its_highest_grade() {
    let mut events = vec![
        event(1, 0, "Nausea", Some(2), Some(5)),
        event(2, 0, "Nausea", Some(3), Some(9)),
        event(3, 0, "Rash", Some(1), Some(9)),
        event(4, 1, "Rash", Some(1), Some(9)),
    ];
    events.extend((6..11).map(|subject| event(subject, subject as usize, "Rash", Some(2), Some(3))));
    let mut subjects: Vec<_> = (0..6).map(|position| subject(position, 0, 100.0)).collect();
    subjects.extend((6..11).map(|position| subject(position, 1, 100.0)));
    let (result, _, facts) = build(&trial(subjects, events));
    let low = &result.index.as_ref().unwrap()[0].columns[0].index;
    assert_eq!((low.maximum, low.minimum, low.n), (Some(3.25), Some(0.0), 6));
    // Five of six indices at the lower dosage are below 2, one is above.
    near(number(&facts, "tolerability.toxicity_index_higher.240mg_qd"), 5.0 / 6.0);
    near(number(&facts, "tolerability.toxicity_index_median.240mg_qd"), 2.0);
}
