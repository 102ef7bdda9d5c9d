//! Grades and numbers against exposure, and outcomes over the doses: what is read, what is fitted, what the dossier says.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use dosecase::analysis::exposure_response::{
    DoseRefusal, DoseResponseResult, ExposureResponseResult, Models, Refusal, analyse, analyse_doses,
};
use dosecase::config::Settings;
use dosecase::data::{ColumnValues, Dataset, DatasetName, TrialData};
use dosecase::derive::{
    AnalysisData, Assessor, Measurement, Measurements, PkParameter, Response, ResponseCategory, ResponseKind, SubjectIndex,
    TumourMeasurement, derive,
};
use dosecase::evidence::exposure_response::{gather, gather_doses};
use dosecase::evidence::{Cell, Content, Exhibit, Facts, Plot};

use crate::hand_made::{event, exhibit, number, rows, settings, subject, trial};

const PROJECT: &str = "\
dossier: {title: Hand-made}
drug: {name: drug}
dosages:
  - {id: d10, label: 10 mg QD, dose: 10 mg, schedule: QD}
  - {id: d30, label: 30 mg QD, dose: 30 mg, schedule: QD}
  - {id: d100, label: 100 mg QD, dose: 100 mg, schedule: QD}
  - {id: control, label: Control, dose: 75 mg/m2, schedule: Q3W, comparator: true}
parts:
  - {id: escalation, when: {PART: A}}
  - {id: randomised, label: Randomised part, randomised: true, when: {PART: B}}
exposure_response:
  - {id: diarrhoea, endpoint: {dataset: adae, kind: ordinal, terms: Diarrhoea}, exposure: AUCSS, models: [linear, log_linear, emax]}
  - {id: best, endpoint: {dataset: adrs, parameter: BOR, kind: ordinal}, exposure: AUCSS, models: [linear]}
  - {id: pain, endpoint: {dataset: adqs, parameter: PAIN, kind: ordinal}, exposure: AUCSS, models: [linear]}
  - {id: size, endpoint: {dataset: adtr}, exposure: AUCSS, models: [linear, emax, exponential, logistic, beta, quadratic]}
  - {id: alt, endpoint: {dataset: adlb, parameter: ALT, statistic: change, visit: Week 4}, exposure: AUCSS, models: [log_linear]}
  - {id: halves, endpoint: {dataset: adlb, parameter: ALT, kind: ordinal}, exposure: AUCSS, models: [linear]}
  - {id: times, endpoint: {dataset: adtte, parameter: PFS, kind: continuous}, exposure: AUCSS}
dose_response:
  - id: response
    endpoint: {dataset: adrs, parameter: CRSP, event: Y}
    relevant_effect: 0.2
    replicates: 100
    candidates: [{model: linear}, {model: emax, shares: [{dose: 30 mg, share: 0.5}]}]
    plan: {subjects_per_dose: 30, at_lowest: 0.1, largest_effect: 0.4}
  - {id: size, endpoint: {dataset: adtr}, direction: decreasing, relevant_effect: 10, replicates: 100, candidates: [{model: linear}]}
  - {id: never, endpoint: {dataset: adae, grade_at_least: 5}, replicates: 100}
  - {id: rising, endpoint: {dataset: adtr}, relevant_effect: 10, replicates: 100, candidates: [{model: linear}]}
  - {id: controlled, endpoint: {dataset: adae, grade_at_least: 1}, control: true, replicates: 100, candidates: [{model: linear}]}
  - {id: part, endpoint: {dataset: adrs, parameter: CRSP, event: Y}, parts: [randomised]}
  - {id: graded, endpoint: {dataset: adae, kind: ordinal}}
";

fn exposure(place: usize) -> f64 {
    [100.0, 300.0, 1000.0][place % 3] * (0.7 + (place * 17 % 60) as f64 / 100.0)
}

/// Ninety subjects at three dosages whose outcomes change with exposure, nine of a control.
fn data() -> AnalysisData {
    let mut subjects: Vec<_> = (0..90).map(|place| subject(place, place % 3, 60.0)).collect();
    subjects.extend((90..99).map(|place| subject(place, 3, 60.0)));
    let noise = |place: usize| (place * 31 % 90) as f64 / 90.0;
    let grade = |place: usize| (exposure(place).log10() - 1.6 + noise(place)).clamp(0.0, 3.0) as u8;
    let events =
        (0..90).filter(|place| grade(*place) > 0).map(|place| event(place as u32 + 1, place, "Diarrhoea", Some(grade(place)), Some(5)));
    let mut data = trial(subjects, events.collect());
    data.pk_parameters = Some(
        (0..90)
            .map(|place| PkParameter {
                row: place as u32 + 1,
                subject: SubjectIndex(place),
                code: "AUCSS".into(),
                label: "AUC at steady state".into(),
                category: None,
                specimen: None,
                visit: None,
                value: Some(exposure(place)),
                unit: Some("ng*h/mL".into()),
                in_summary: true,
            })
            .collect(),
    );
    let response = |place: usize, parameter: &str, kind: ResponseKind, category: ResponseCategory| Response {
        row: place as u32 + if kind == ResponseKind::Best { 101 } else { 301 },
        subject: SubjectIndex(place),
        kind,
        assessor: Assessor::Investigator,
        parameter: parameter.into(),
        category,
        date: None,
        day: None,
    };
    let category = |place: usize| match exposure(place) / 1000.0 + noise(place) {
        _ if place == 0 => ResponseCategory::NotEvaluable,
        x if x < 0.5 => ResponseCategory::Progressive,
        x if x < 1.0 => ResponseCategory::Stable,
        x if x < 1.6 => ResponseCategory::Partial,
        _ => ResponseCategory::Complete,
    };
    let yes = |place: usize| matches!(category(place), ResponseCategory::Partial | ResponseCategory::Complete);
    let best = (0..90).map(|place| response(place, "BOR", ResponseKind::Best, category(place)));
    // The first three subjects have no record of a response.
    let confirmed = (3..90).map(|place| {
        response(place, "CRSP", ResponseKind::ConfirmedObjective, if yes(place) { ResponseCategory::Yes } else { ResponseCategory::No })
    });
    data.responses = Some(best.chain(confirmed).collect());
    let size = |place: usize, day: i32, percent: f64| TumourMeasurement {
        row: place as u32 * 3 + 401 + u32::from(day > 30),
        subject: SubjectIndex(place),
        assessor: Assessor::Investigator,
        baseline: day < 0,
        day: Some(day),
        percent_change: Some(percent),
        value: Some(50.0),
    };
    let change = |place: usize| -40.0 * exposure(place) / (300.0 + exposure(place)) + 5.0 * noise(place);
    let sizes = (0..90).flat_map(|place| [size(place, -5, 0.0), size(place, 29, change(place)), size(place, 57, change(place) + 15.0)]);
    data.tumour = Some(sizes.collect());
    let measured = |place: usize, code: &str, visit: &str, day: i32, value: f64, change: f64| Measurement {
        row: place as u32 * 2 + u32::from(day > 30) + 1,
        subject: SubjectIndex(place),
        code: code.into(),
        label: code.into(),
        unit: Some("U/L".into()),
        visit: Some(visit.into()),
        day: Some(day),
        baseline: false,
        value: Some(value),
        change: Some(change),
        percent_change: None,
        conditions: BTreeMap::new(),
    };
    let alt = (0..90).flat_map(|place| {
        let rise = 5.0 * exposure(place).ln() + noise(place);
        [measured(place, "ALT", "Week 4", 29, 30.5 + rise, rise), measured(place, "ALT", "Week 8", 57, 1000.5, 970.0)]
    });
    let pain = (0..90).map(|place| measured(place, "PAIN", "Week 4", 29, f64::from(grade(place)), 0.0));
    let columns = || vec!["PARAMCD".to_owned(), "AVAL".to_owned()];
    data.measurements.insert(DatasetName::Adlb, Measurements { records: alt.collect(), columns: columns() });
    data.measurements.insert(DatasetName::Adqs, Measurements { records: pain.collect(), columns: columns() });
    data
}

/// Everything about the trial; made once, because the tests of shapes take their time.
struct Built {
    settings: Settings,
    data: AnalysisData,
    by_exposure: Vec<ExposureResponseResult>,
    by_dose: Vec<DoseResponseResult>,
    exhibits: Vec<Exhibit>,
    facts: Facts,
}

static BUILT: LazyLock<Built> = LazyLock::new(|| {
    let (settings, data) = (settings(PROJECT), data());
    let (by_exposure, by_dose) = (analyse(&data, &settings), analyse_doses(&data, &settings));
    let mut facts = Facts::default();
    let mut exhibits = gather(&by_exposure, &data, &settings, &mut facts);
    exhibits.extend(gather_doses(&by_dose, &data, &settings, &mut facts));
    Built { settings, data, by_exposure, by_dose, exhibits, facts }
});

#[test]
fn grades_are_the_worst_of_each_subject_and_rise_with_exposure() {
    let Built { data, by_exposure: results, exhibits, facts, .. } = &*BUILT;
    let found = results[0].found.as_ref().unwrap();
    let Models::Ordinal(models) = &found.models else { panic!("an ordered outcome") };
    assert_eq!(results[0].not_available.len(), 1, "no Emax of a grade");
    assert_eq!((found.sample.subjects.len(), found.sample.left_out.comparator), (90, 9));
    let none = found.sample.subjects.iter().filter(|subject| subject.outcome.grade() == Some(0)).count();
    assert_eq!(none + data.adverse_events.as_ref().unwrap().events.len(), 90);
    assert_eq!((models.cuts.clone(), models.curves.len()), (vec![1, 2], 2));
    let limits = models.chosen().unwrap().effect.unwrap().limits.unwrap();
    assert!(limits.0 > 0.0);
    for at in &models.dosages {
        let told: Vec<f64> = at.at_least.iter().map(|told| told.predicted.unwrap().probability).collect();
        assert!(told[0] > told[1], "a higher grade is rarer");
        let (lower, upper) = at.at_least[0].predicted.unwrap().limits.unwrap();
        assert!(lower < told[0] && told[0] < upper);
    }
    assert_eq!(rows(facts, "exposure_response.observed_2.diarrhoea.d100").len() as u64, models.dosages[2].at_least[1].observed.count);
    assert!(number(facts, "exposure_response.ratio.diarrhoea") > 1.0);
    let Content::Figure(figure) = &exhibit(exhibits, "F-E07").content else { panic!("a figure") };
    let Plot::OutcomeCurves(plot) = &figure.plot else { panic!("curves") };
    assert_eq!((plot.curves.len(), plot.points.len(), plot.boxes.len()), (2, 6, 3));
}

#[test]
fn responses_are_ordered_and_those_not_evaluable_are_left_out() {
    let results = &BUILT.by_exposure;
    let found = results[1].found.as_ref().unwrap();
    let Models::Ordinal(models) = &found.models else { panic!("an ordered outcome") };
    assert_eq!((found.sample.left_out.no_outcome, models.cuts.clone()), (1, vec![1, 2, 3]));
    assert!(models.chosen().unwrap().effect.unwrap().estimate.unwrap() > 0.0);
    let pain = results[2].found.as_ref().unwrap();
    assert!(matches!(&pain.models, Models::Ordinal(models) if models.cuts == [1, 2]));
    assert_eq!(results[5].found.as_ref().unwrap_err(), &Refusal::NotOrdered { code: "ALT".into() });
    assert_eq!(results[6].found.as_ref().unwrap_err(), &Refusal::Kind { dataset: "ADTTE".into() });
}

#[test]
fn numbers_are_picked_as_asked_and_followed_by_the_shape_that_made_them() {
    let Built { by_exposure: results, exhibits, facts, .. } = &*BUILT;
    let found = results[3].found.as_ref().unwrap();
    let Models::Continuous(models) = &found.models else { panic!("a number") };
    assert_eq!((models.models.len(), models.dosages.len(), results[3].not_available.len()), (6, 3, 0));
    let best = found.sample.subjects.iter().all(|subject| subject.outcome.value().unwrap() < 0.0 && subject.rows.len() == 1);
    assert!(best, "the smallest change counts, not the last");
    let linear = &models.models[0];
    let chosen = models.chosen().unwrap();
    assert!(chosen.aic() <= linear.aic() && chosen.fit.covariance.is_some());
    let emax = models.models.iter().find(|model| model.half.is_some()).unwrap();
    let (half, limits) = emax.half.unwrap();
    assert!((half - 300.0).abs() < 150.0 && limits.unwrap().0 < half, "{half}");
    let weights: f64 = models.models.iter().filter_map(|model| model.weight).sum();
    assert!((weights - 1.0).abs() < 1e-12);
    let (low, high) = (number(facts, "exposure_response.predicted.size.d10"), number(facts, "exposure_response.predicted.size.d30"));
    assert!((number(facts, "exposure_response.gain.size.d30_vs_d10") - (high - low)).abs() < 1e-9);
    let Models::Continuous(alt) = &results[4].found.as_ref().unwrap().models else { panic!("a number") };
    let slope = alt.models[0].fit.curve.coefficients[1];
    assert!((slope - 5.0).abs() < 0.3, "the change at week 4, not that of week 8: {slope}");
    let table = exhibit(exhibits, "T-E18-continuous");
    assert!(matches!(&table.content, Content::Table(table) if table.rows.iter().any(|row| row.stub.starts_with("Exponential"))));
}

#[test]
fn a_signal_is_found_followed_and_never_extrapolated() {
    let Built { settings, data, by_dose: results, exhibits, facts, .. } = &*BUILT;
    let response = results[0].found.as_ref().unwrap();
    assert_eq!((response.sample.n(), response.sample.assumed_without), (90, 3), "no record of a response is none");
    assert_eq!((response.test.shapes.len(), response.contrasts.shapes[1].guesses.clone()), (2, vec![30.0]));
    assert!(response.test.shapes.iter().all(|shape| shape.significant) && response.chosen.is_some());
    let target = response.models[response.chosen.unwrap()].curve.target.unwrap();
    assert!(target.dose.is_some_and(|dose| dose > 10.0 && dose < 100.0), "{target:?}");
    assert!(target.lower.is_some_and(|lower| lower >= 10.0 && lower <= target.dose.unwrap()));
    let power = response.power.as_ref().unwrap().as_ref().unwrap();
    assert!(power.power.iter().all(|power| *power > 0.5 && *power < 1.0) && power.needed.iter().all(Option::is_some));
    let only = Settings { dose_response: settings.dose_response[..1].to_vec(), ..settings.clone() };
    let again = analyse_doses(data, &only);
    assert_eq!(again[0].found.as_ref().unwrap().models[0].curve.target, response.models[0].curve.target);
    let size = results[1].found.as_ref().unwrap();
    assert!(size.test.shapes[0].significant && size.test.df.is_finite());
    assert!(size.models[0].curve.target.unwrap().dose.is_some());
    let observed: f64 = number(facts, "dose_response.observed.size.d100");
    assert!(observed < number(facts, "dose_response.observed.size.d10"));
    let rising = results[3].found.as_ref().unwrap();
    assert!(rising.models.is_empty() && !rising.test.shapes[0].significant, "a fall is no rise");
    let Content::Table(table) = &exhibit(exhibits, "T-E18-dose-response").content else { panic!("a table") };
    assert!(table.rows.iter().any(|row| row.stub.starts_with("No contrast") && row.cells.iter().all(|cell| *cell == Cell::NotAvailable)));
    let Content::Figure(figure) = &exhibit(exhibits, "F-DOSE-rising").content else { panic!("a figure") };
    let Plot::OutcomeCurves(plot) = &figure.plot else { panic!("curves") };
    assert!(plot.curves.is_empty() && plot.points.len() == 3);
}

#[test]
fn doses_without_events_few_doses_and_other_outcomes_are_told() {
    let Built { settings, data, by_dose: results, exhibits, .. } = &*BUILT;
    let never = results[2].found.as_ref().unwrap();
    assert_eq!(never.contrasts.shapes.len(), 5, "the customary shapes");
    assert_eq!(never.sample.all_or_none.len(), 3);
    assert!(never.models.is_empty() && never.test.shapes.iter().all(|shape| shape.statistic.is_finite()));
    let controlled = results[4].found.as_ref().unwrap();
    assert_eq!(controlled.sample.doses(), [0.0, 10.0, 30.0, 100.0]);
    assert!(controlled.sample.all_or_none.contains(&"Control".to_owned()));
    assert_eq!(results[5].found.as_ref().unwrap_err(), &DoseRefusal::FewDoses { found: 0 });
    assert_eq!(results[6].found.as_ref().unwrap_err(), &DoseRefusal::Kind);
    let first = exhibit(exhibits, "T-E18-mcpmod");
    let said = first.notes.footnotes.join(" ");
    assert!(
        said.contains("not all assigned at random") && said.contains("a shape needs three") && said.contains("not for grades or times")
    );
    let none = gather_doses(&[], data, settings, &mut Facts::default());
    assert!(none.is_empty());
}

#[test]
fn records_of_any_dataset_are_read_after_baseline() {
    let text = "\
dossier: {title: Hand-made}
drug: {name: drug}
dosages: [{id: d10, label: 10 mg QD, dose: 10 mg, schedule: QD}]
exposure_response:
  - {id: alt, endpoint: {dataset: adlb, parameter: ALT, statistic: change, where: {ATPT: c}}, exposure: AUCSS}
";
    let texts = |values: &[&str]| ColumnValues::Text(values.iter().map(|value| (!value.is_empty()).then(|| (*value).to_owned())).collect());
    let numbers = |values: &[f64]| ColumnValues::Number(values.iter().map(|value| Some(*value)).collect());
    let adsl = Dataset::from_columns(
        DatasetName::Adsl,
        vec![("USUBJID".into(), texts(&["S0"])), ("TRT01P".into(), texts(&["10 mg QD"])), ("TRT01A".into(), texts(&["10 mg QD"]))],
    );
    let adlb = Dataset::from_columns(
        DatasetName::Adlb,
        vec![
            ("USUBJID".into(), texts(&["S0", "S0", "S0", "S0", "S9"])),
            ("PARAMCD".into(), texts(&["ALT", "ALT", "ALT", "AST", "ALT"])),
            ("AVISIT".into(), texts(&["Screening", "Baseline", "Week 4", "Week 4", "Week 4"])),
            ("ABLFL".into(), texts(&["", "Y", "", "", ""])),
            ("ADY".into(), numbers(&[-20.0, -3.0, 29.0, 29.0, 29.0])),
            ("AVAL".into(), numbers(&[30.0, 40.0, 50.0, 7.0, 9.0])),
            ("ATPT".into(), texts(&["a", "b", "c", "d", "e"])),
        ],
    );
    let read = derive(&TrialData::from_datasets([adsl, adlb]), &settings(text)).value;
    let found = &read.measurements[&DatasetName::Adlb];
    let told: Vec<(u32, bool)> = found.records.iter().map(|record| (record.row, record.baseline)).collect();
    assert_eq!(told, [(2, true), (3, false)], "screening, another parameter and an unknown subject are left out");
    let week = &found.records[1];
    assert_eq!((week.change, week.percent_change, week.day), (Some(10.0), Some(25.0), Some(29)));
    assert_eq!(week.conditions, BTreeMap::from([("ATPT".to_owned(), "c".to_owned())]));
    assert!(found.columns.contains(&"ATPT".to_owned()) && !found.columns.contains(&"PCHG".to_owned()));
}
