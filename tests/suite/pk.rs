//! Exposure metrics: which records are shown, of whom, once.

use dosecase::analysis::pk::{ExposureMetric, analyse};
use dosecase::config::Settings;
use dosecase::derive::{AnalysisData, PkParameter, SubjectIndex};
use dosecase::evidence::pk::gather;
use dosecase::evidence::{Content, Exhibit, Facts, Plot, Unit};

use crate::hand_made::{PROJECT, exhibit, fact, number, rows, settings, subject, trial};

fn build(data: &AnalysisData, settings: &Settings) -> (Vec<ExposureMetric>, Vec<Exhibit>, Facts) {
    let result = analyse(data, settings).expect("parameters");
    let mut facts = Facts::default();
    let exhibits = gather(Some(&result), data, settings, &mut facts);
    (result.metrics.expect("metrics"), exhibits, facts)
}

fn near(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9 * right.abs().max(1.0), "{left} is not {right}");
}

fn parameter(row: u32, subject: usize, code: &str, category: &str, value: f64) -> PkParameter {
    PkParameter {
        row,
        subject: SubjectIndex(subject),
        code: code.to_owned(),
        label: format!("{code} of it"),
        category: Some(category.to_owned()),
        specimen: Some("PLASMA".to_owned()),
        visit: Some("Day 15".to_owned()),
        value: Some(value),
        unit: Some("h*ng/mL".to_owned()),
        in_summary: true,
    }
}

/// Two subjects at 120 mg, two at 240 mg, a control without samples.
fn with(parameters: Vec<PkParameter>) -> AnalysisData {
    let mut subjects: Vec<_> = (0..2).map(|position| subject(position, 0, 60.0)).collect();
    subjects.extend((2..4).map(|position| subject(position, 1, 60.0)));
    subjects.push(subject(4, 2, 60.0));
    let mut data = trial(subjects, Vec::new());
    data.pk_parameters = Some(parameters);
    data
}

#[test]
fn the_drug_is_shown_before_its_metabolites_and_each_subject_once() {
    let parameters = vec![
        parameter(1, 0, "AUCTAU", "drug", 100.0),
        parameter(2, 0, "AUCTAU", "drug", 900.0),
        parameter(3, 1, "AUCTAU", "drug", 400.0),
        parameter(4, 2, "AUCTAU", "drug", 300.0),
        parameter(5, 0, "AUCTAU", "Metabolite of drug", 1.0),
        parameter(6, 1, "AUCTAU", "Metabolite of drug", 2.0),
        parameter(7, 2, "AUCTAU", "Metabolite of drug", 3.0),
        parameter(8, 3, "AUCTAU", "Metabolite of drug", 4.0),
        parameter(9, 3, "AUCTAU", "Metabolite of drug", 5.0),
    ];
    let (result, exhibits, facts) = build(&with(parameters), &settings(PROJECT));
    assert_eq!(result.len(), 1);
    assert_eq!((result[0].other_records, result[0].repeated_records), (5, 1));
    near(number(&facts, "pk.auctau_median.120mg_qd"), 250.0);
    near(number(&facts, "pk.auctau_geomean.120mg_qd"), 200.0);
    // The logarithms differ by ln 4: variance (ln 4)² / 2.
    near(number(&facts, "pk.auctau_geocv.120mg_qd"), 100.0 * ((4.0_f64.ln().powi(2) / 2.0).exp() - 1.0).sqrt());
    assert_eq!(rows(&facts, "pk.auctau_median.120mg_qd"), [1, 3]);
    assert_eq!(fact(&facts, "pk.auctau_median.240mg_qd").n, Some(1));
    assert_eq!(fact(&facts, "pk.auctau_median.120mg_qd").unit, Unit::Named("h*ng/mL".to_owned()));
    let figure = exhibit(&exhibits, "F-E05");
    assert!(figure.notes.methods.iter().any(|note| note.contains("drug, PLASMA, Day 15, h*ng/mL")), "{:?}", figure.notes.methods);
    let Content::Figure(spec) = &figure.content else { panic!("no figure") };
    let Plot::Boxes { boxes, .. } = &spec.plot else { panic!("no boxes") };
    assert_eq!(boxes.iter().map(|shown| shown.values.len()).collect::<Vec<_>>(), [2, 1], "nobody of the control has a box");
}

#[test]
fn an_analyte_of_the_project_file_goes_before_one_with_more_records() {
    let text = PROJECT.replace("drug: {name: drug}", "drug: {name: drug, analytes: {TOTAL: {name: total antibody, unit: ug/mL}}}");
    let parameters = vec![
        parameter(1, 0, "AUCTAU", "TOTAL", 10.0),
        parameter(2, 0, "AUCTAU", "payload", 1.0),
        parameter(3, 1, "AUCTAU", "payload", 2.0),
    ];
    let (_, _, facts) = build(&with(parameters), &settings(&text));
    assert_eq!(rows(&facts, "pk.auctau_median.120mg_qd"), [1]);
}

#[test]
fn records_that_the_data_exclude_are_said_and_not_shown() {
    let parameters = vec![
        parameter(1, 0, "AUCTAU", "drug", 100.0),
        PkParameter { in_summary: false, ..parameter(2, 1, "AUCTAU", "drug", 9999.0) },
        PkParameter { in_summary: false, ..parameter(3, 0, "CTROUGH", "drug", 9.0) },
        PkParameter { value: None, ..parameter(4, 2, "AUCTAU", "drug", 0.0) },
        parameter(5, 2, "CMIN", "drug", 2.0),
    ];
    let (result, exhibits, facts) = build(&with(parameters), &settings(PROJECT));
    let codes: Vec<&str> = result.iter().map(|metric| metric.code.as_str()).collect();
    assert_eq!(codes, ["AUCTAU", "CMIN"], "a trough of which every record is excluded is none");
    assert_eq!(fact(&facts, "pk.auctau_median.120mg_qd").n, Some(1));
    let notes = &exhibit(&exhibits, "F-E05").notes;
    assert!(notes.footnotes.iter().any(|note| note.contains("exclude from summaries (PPSUMFL): 1.")), "{:?}", notes.footnotes);
}

#[test]
fn the_filter_names_the_columns_of_the_data() {
    let mut data = with(vec![parameter(1, 0, "AUCTAU", "drug", 100.0)]);
    let read = ["PARAMCD", "PARCAT1", "PPSPEC", "VISIT", "PPSTRESU", "PPSTRESN"].map(str::to_owned).to_vec();
    data.columns_read.insert(dosecase::data::DatasetName::Adpp, read.clone());
    let (_, _, facts) = build(&data, &settings(PROJECT));
    let source = &fact(&facts, "pk.auctau_median.120mg_qd").source;
    assert_eq!(source.filter, "PARAMCD = AUCTAU and PARCAT1 = drug and PPSPEC = PLASMA and VISIT = Day 15 and PPSTRESU = h*ng/mL");
    assert_eq!(source.columns, read);
}

#[test]
fn without_parameters_there_is_a_placeholder() {
    let mut data = with(Vec::new());
    let settings = settings(PROJECT);
    let placeholder = |data: &AnalysisData| {
        let result = analyse(data, &settings);
        let exhibits = gather(result.as_ref(), data, &settings, &mut Facts::default());
        let codes: Vec<&str> = exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect();
        assert_eq!(codes, ["F-E05", "T-R05", "F-R01"]);
        assert!(exhibits.iter().all(|exhibit| matches!(exhibit.content, Content::Placeholder(_))), "{exhibits:?}");
    };
    placeholder(&data);
    data.pk_parameters = None;
    placeholder(&data);
}
