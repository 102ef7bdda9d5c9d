//! Dosing: intensity, modifications, cycles by hand.

use dosecase::analysis::exposure::{ExposureResult, analyse};
use dosecase::data::DatasetName;
use dosecase::derive::{AnalysisData, Dosing, DosingInterval, DosingSummary, IntensityDisagreement, SubjectIndex};
use dosecase::evidence::exposure::{gather, gather_absent};
use dosecase::evidence::{Cell, Content, Exhibit, Facts, Plot, Unit};
use dosecase::quantity::DAYS_PER_MONTH;

use crate::hand_made::{PROJECT, assert_whole, counted, exhibit, fact, number, row, settings, stopped, subject, table, trial};

fn build(data: &AnalysisData) -> (ExposureResult, Vec<Exhibit>, Facts) {
    let settings = settings(PROJECT);
    let result = analyse(data, &settings).expect("dosing");
    let mut facts = Facts::default();
    let exhibits = gather(&result, data, &settings, &mut facts);
    assert_whole(&exhibits, &facts);
    (result, exhibits, facts)
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

fn interval(row: u32, subject: usize, days: (i32, i32), dose: f64, planned: f64, unit: &str) -> DosingInterval {
    DosingInterval {
        row,
        subject: SubjectIndex(subject),
        start_day: days.0,
        end_day: days.1,
        dose,
        planned: Some(planned),
        days_between_doses: 1.0,
        doses_per_day: 1.0,
        regular: true,
        drug: None,
        unit: Some(unit.to_owned()),
        reason: None,
        for_adverse_event: false,
    }
}

/// A summary with everything planned taken for 56 days (two cycles).
fn full(subject: usize, rows: &[u32], planned: f64) -> DosingSummary {
    DosingSummary {
        subject: SubjectIndex(subject),
        rows: rows.iter().copied().collect(),
        drug: None,
        duration_days: Some(56.0),
        cumulative_dose: Some(planned),
        planned_dose: Some(planned),
        relative_intensity: Some(100.0),
        interruptions: Some(0),
        interrupted_days: Some(0.0),
        reductions: Some(0),
        interruptions_adverse_event: Some(0),
        reductions_adverse_event: Some(0),
        first_modification_day: None,
        intensity_by_cycle: vec![Some(100.0), Some(100.0)],
        full_dose_by_cycle: vec![Some(true), Some(true)],
    }
}

/// One subject at 120 mg, four at 240 mg, one on control.
///
/// At 240 mg: 1 takes everything; 2 is interrupted from day 15 to 28, so 42 of 56 doses; 3 is reduced to 120 mg from day 29, so 75%, and goes
/// on to cycle 3 at the reduced dose; 4 is reduced twice, to 180 and 60 mg, for 28 days each after 28 days at full dose.
fn programme() -> AnalysisData {
    let mut subjects = vec![subject(0, 0, 56.0)];
    subjects.extend((1..5).map(|position| subject(position, 1, 56.0)));
    subjects[4] = stopped(subject(4, 1, 84.0), "ADVERSE EVENT", 100);
    subjects.push(subject(5, 2, 42.0));
    let mut data = trial(subjects, Vec::new());
    data.adverse_events = None;
    let interrupted = DosingSummary {
        cumulative_dose: Some(42.0 * 240.0),
        relative_intensity: Some(75.0),
        interruptions: Some(1),
        interrupted_days: Some(14.0),
        interruptions_adverse_event: Some(1),
        intensity_by_cycle: vec![Some(50.0), Some(100.0)],
        full_dose_by_cycle: vec![Some(false), Some(true)],
        ..full(2, &[3, 4, 5], 56.0 * 240.0)
    };
    let reduced = DosingSummary {
        cumulative_dose: Some(28.0 * 240.0 + 28.0 * 120.0),
        relative_intensity: Some(75.0),
        reductions: Some(1),
        intensity_by_cycle: vec![Some(100.0), Some(50.0), Some(50.0)],
        full_dose_by_cycle: vec![Some(true), Some(false), Some(false)],
        ..full(3, &[6, 7], 56.0 * 240.0)
    };
    let twice = DosingSummary {
        duration_days: Some(84.0),
        cumulative_dose: Some(28.0 * (240.0 + 180.0 + 60.0)),
        relative_intensity: Some(100.0 * 480.0 / 720.0),
        reductions: Some(2),
        reductions_adverse_event: Some(2),
        intensity_by_cycle: vec![Some(100.0), Some(75.0), Some(25.0)],
        full_dose_by_cycle: vec![Some(true), Some(false), Some(false)],
        ..full(4, &[8, 9, 10], 84.0 * 240.0)
    };
    let control = DosingSummary { intensity_by_cycle: Vec::new(), full_dose_by_cycle: Vec::new(), ..full(5, &[11], 150.0) };
    data.dosing = Some(Dosing {
        dataset: Some(DatasetName::Adex),
        intervals: vec![
            interval(1, 0, (1, 56), 120.0, 120.0, "mg"),
            interval(2, 1, (1, 56), 240.0, 240.0, "mg"),
            interval(3, 2, (1, 14), 240.0, 240.0, "mg"),
            interval(4, 2, (15, 28), 0.0, 240.0, "mg"),
            interval(5, 2, (29, 56), 240.0, 240.0, "mg"),
            interval(6, 3, (1, 28), 240.0, 240.0, "mg"),
            interval(7, 3, (29, 56), 120.0, 240.0, "MG"),
            interval(8, 4, (1, 28), 240.0, 240.0, "mg"),
            interval(9, 4, (29, 56), 180.0, 240.0, "mg"),
            interval(10, 4, (57, 84), 0.06, 0.24, "g"),
            interval(11, 5, (1, 22), 75.0, 75.0, "mg/m2"),
        ],
        summaries: vec![full(0, &[1], 56.0 * 120.0), full(1, &[2], 56.0 * 240.0), interrupted, reduced, twice, control],
        columns: ["EXDOSE", "EXPDOSE", "ASTDT", "AENDT"].map(str::to_owned).to_vec(),
        disagreements: vec![IntensityDisagreement { subject: SubjectIndex(2), given: 90.0, recomputed: 75.0 }],
    });
    data
}

#[test]
fn intensity_is_summarised_and_its_thresholds_are_open_below() {
    let (_, exhibits, facts) = build(&programme());
    let id = |measure: &str| format!("exposure.{measure}.240mg_qd");
    // 100, 75, 75, 66.67
    near(number(&facts, &id("rdi_mean")), (100.0 + 75.0 + 75.0 + 200.0 / 3.0) / 4.0);
    near(number(&facts, &id("rdi_median")), 75.0);
    near(number(&facts, &id("rdi_min")), 200.0 / 3.0);
    assert_eq!(counted(&facts, &id("rdi_below80")), (3, 4));
    assert_eq!(counted(&facts, &id("rdi_below70")), (1, 4));
    assert_eq!(fact(&facts, &id("rdi_below70")).source.rows.as_slice(), [8, 9, 10]);
    assert_eq!(counted(&facts, &id("all_planned_doses")), (1, 4));
    assert_eq!(counted(&facts, "exposure.all_planned_doses.control"), (1, 1), "without cycles the dose intensity decides");
    assert_eq!(counted(&facts, "exposure.rdi_below80.total"), (3, 5));
    let notes = &exhibit(&exhibits, "T-E10").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("dosing intervals: 1.")), "{:?}", notes.footnotes);
}

#[test]
fn interruptions_and_reductions_are_counted_by_subject() {
    let (_, _, facts) = build(&programme());
    let share = |measure: &str| counted(&facts, &format!("exposure.{measure}.240mg_qd"));
    assert_eq!(share("interruption_any"), (1, 4));
    assert_eq!(share("interruption_adverse_event"), (1, 4));
    near(number(&facts, "exposure.interruption_days_median.240mg_qd"), 14.0);
    assert_eq!((share("reduction_any"), share("reduction_one"), share("reduction_two_plus")), ((2, 4), (1, 4), (1, 4)));
    assert_eq!(share("reduction_adverse_event"), (1, 4));
    assert_eq!(share("reduction_to_studied"), (2, 4), "120 mg and 60 mg (0.06 g) are at or below the lower dosage, 180 mg is not");
    assert_eq!(share("discontinuation_adverse_event"), (1, 4));
    assert!(facts.get(&"exposure.reduction_to_studied.120mg_qd".into()).is_none(), "there is no lower dosage than the lowest");
    assert!(facts.get(&"exposure.reduction_to_studied.control".into()).is_none());
}

#[test]
fn full_dose_is_counted_among_those_on_treatment_in_the_cycle() {
    let (_, exhibits, facts) = build(&programme());
    assert_eq!(counted(&facts, "exposure.full_dose_cycle3.240mg_qd"), (0, 2));
    let denominator = fact(&facts, "exposure.full_dose_cycle3.240mg_qd").denominator.as_ref().unwrap();
    assert_eq!(denominator.rows.as_slice(), [4, 5]);
    assert!(denominator.filter.ends_with("on treatment in cycle 3"), "{}", denominator.filter);
    let dosing = exhibit(&exhibits, "T-E10");
    let cycle6 = row(table(dosing), "Cycle 6");
    assert!(cycle6.cells.iter().all(|cell| *cell == Cell::NotAvailable));
    assert!(dosing.notes.footnotes[cycle6.footnote.unwrap()].contains("ADEX"));
}

#[test]
fn durations_cycles_and_doses_carry_their_units() {
    let (_, exhibits, facts) = build(&programme());
    near(number(&facts, "exposure.duration_median.240mg_qd"), 56.0 / DAYS_PER_MONTH);
    near(number(&facts, "exposure.duration_max.240mg_qd"), 84.0 / DAYS_PER_MONTH);
    near(number(&facts, "exposure.cycles_median.240mg_qd"), 2.5);
    near(number(&facts, "exposure.cycles_max.control"), 2.0);
    near(number(&facts, "exposure.cumulative_dose_median.120mg_qd"), 6720.0);
    near(number(&facts, "exposure.planned_dose_median.240mg_qd"), 13440.0);
    assert_eq!(fact(&facts, "exposure.cumulative_dose_median.control").unit, Unit::Named("mg/m²".to_owned()));
    let dosing = table(exhibit(&exhibits, "T-E10"));
    let place = dosing.rows.iter().position(|row| row.stub == "Cumulative dose, mg/m²: median (quartiles)").unwrap();
    let taken = &dosing.rows[place + 1];
    let available: Vec<bool> = taken.cells.iter().map(|cell| *cell != Cell::NotAvailable).collect();
    assert_eq!(available, [false, false, true, false], "each dosage shows its dose in its own unit only");
}

#[test]
fn cycles_with_three_subjects_are_drawn() {
    let (result, exhibits, facts) = build(&programme());
    let series = &result.cycles[0].series[1];
    assert_eq!(series.cycles.iter().map(|point| (point.cycle, point.intensity.n)).collect::<Vec<_>>(), [(1, 4), (2, 4)]);
    near(number(&facts, "exposure.rdi_by_cycle_median.cycle_2.240mg_qd"), 87.5);
    let Content::Figure(figure) = &exhibit(&exhibits, "F-E11").content else { panic!("no figure") };
    let Plot::Profile { series, .. } = &figure.plot else { panic!("no profile") };
    assert_eq!(series.len(), 1);
    assert_eq!((series[0].series.dosage.as_str(), series[0].points.len(), series[0].points[0].n), ("240mg_qd", 2, 4));
    assert!(figure.alt.contains("240 mg QD 100% in cycle 1 (n = 4)"), "{}", figure.alt);
}

#[test]
fn without_a_dosing_dataset_the_time_on_treatment_remains() {
    let mut data = programme();
    data.dosing = None;
    data.subject_columns.discontinuation_reason = None;
    let (_, exhibits, facts) = build(&data);
    near(number(&facts, "exposure.duration_median.120mg_qd"), 56.0 / DAYS_PER_MONTH);
    let dosing = exhibit(&exhibits, "T-E10");
    let median = row(table(dosing), "Below 80%");
    assert!(median.cells.iter().all(|cell| *cell == Cell::NotAvailable));
    assert!(dosing.notes.footnotes[median.footnote.unwrap()].contains("no dosing dataset"));
    assert!(row(table(dosing), "Permanent discontinuation").cells.iter().all(|cell| *cell == Cell::NotAvailable));
    assert!(matches!(exhibit(&exhibits, "F-E11").content, Content::Placeholder(_)));
}

#[test]
fn subjects_without_dosing_records_are_said_and_not_counted() {
    let mut data = programme();
    data.dosing.as_mut().unwrap().summaries.retain(|summary| summary.subject != SubjectIndex(1));
    let (_, exhibits, facts) = build(&data);
    assert_eq!(counted(&facts, "exposure.rdi_below80.240mg_qd"), (3, 3));
    let notes = &exhibit(&exhibits, "T-E10").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("without a record in ADEX: 1.")), "{:?}", notes.footnotes);
}

#[test]
fn with_neither_dosing_nor_times_there_are_placeholders() {
    let mut data = programme();
    data.dosing = None;
    for subject in &mut data.subjects {
        subject.treatment_days = None;
        subject.treatment_status = None;
    }
    assert!(analyse(&data, &settings(PROJECT)).is_none());
    let ids: Vec<String> = gather_absent().into_iter().map(|exhibit| exhibit.id.to_string()).collect();
    assert_eq!(ids, ["T-E10", "F-E11"]);
}

#[test]
fn what_dosing_and_adsl_do_not_agree_on_is_said() {
    let mut data = programme();
    data.subjects[0].treatment_days = Some(400.0);
    data.subjects[1].treatment_days = None;
    data.subjects[1].cutoff = None;
    data.dosing.as_mut().unwrap().summaries[2].relative_intensity = Some(140.0);
    let (_, exhibits, _) = build(&data);
    let footnotes = &exhibit(&exhibits, "T-E10").notes.footnotes;
    for text in ["time on treatment is not known: 1.", "more than the planned dose", "dosing records end more than a cycle before"] {
        assert_eq!(footnotes.iter().filter(|note| note.contains(text) && note.ends_with("1.")).count(), 1, "{text}: {footnotes:?}");
    }
}

#[test]
fn nobody_with_a_dosage_leaves_placeholders() {
    let mut data = programme();
    for subject in &mut data.subjects {
        subject.actual = None;
    }
    let settings = settings(PROJECT);
    let result = analyse(&data, &settings).unwrap();
    let exhibits = gather(&result, &data, &settings, &mut Facts::default());
    assert_eq!(exhibits.len(), 2);
    assert!(exhibits.iter().all(|exhibit| matches!(&exhibit.content, Content::Placeholder(shown) if shown.reason.contains("No subject"))));
}
