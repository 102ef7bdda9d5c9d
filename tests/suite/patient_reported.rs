//! Questionnaires from records to exhibits, on a few subjects by hand.

use std::path::Path;

use dosecase::analysis::patient_reported::{PatientReportedResult, analyse};
use dosecase::config::{Settings, read_project_text};
use dosecase::data::{ColumnValues, Dataset, DatasetName, TrialData};
use dosecase::derive::{AnalysisData, derive};
use dosecase::evidence::patient_reported::gather;
use dosecase::evidence::{Content, Exhibit, FactValue, Facts, Plot};

use crate::hand_made::{assert_whole, counted, exhibit, fact, row, table};

const PROJECT: &str = "
dossier: {title: Test, document: end_of_phase_1}
drug: {name: testafib}
data: {path: src}
dosages:
  - {id: low, label: Low, dose: 100 mg, schedule: QD, arm: Low}
  - {id: high, label: High, dose: 200 mg, schedule: QD, arm: High}
";

const INSTRUMENT: &str = "
  instruments:
    symptoms: {label: Symptoms, dataset: adqs, scoring: pro_ctcae, overall_bother: GP5, key_visits: [Week 4]}
";

fn settings(more: &str) -> Settings {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dosecase.yaml");
    read_project_text(&file, format!("{PROJECT}{more}")).expect("the project text of these tests is right").settings
}

fn text(cells: Vec<String>) -> ColumnValues {
    ColumnValues::Text(cells.into_iter().map(|cell| Some(cell).filter(|cell| !cell.is_empty())).collect())
}

/// Twelve subjects, six under each dosage, S1 to S6 low; S6 stopped on day 10.
fn adsl() -> Dataset {
    let column = |cell: &dyn Fn(usize) -> String| text((1..=12).map(cell).collect());
    let arm = |subject: usize| if subject <= 6 { "Low" } else { "High" }.to_owned();
    let columns = [
        ("USUBJID", column(&|subject| format!("S{subject}"))),
        ("TRT01P", column(&arm)),
        ("TRT01A", column(&arm)),
        ("SAFFL", column(&|_| "Y".to_owned())),
        ("TRTSDT", column(&|_| "2024-01-01".to_owned())),
        ("TRTEDT", column(&|subject| if subject == 6 { "2024-01-10" } else { "2024-06-30" }.to_owned())),
        ("EOTSTT", column(&|_| "DISCONTINUED".to_owned())),
        ("DCTREAS", column(&|_| "PROGRESSIVE DISEASE".to_owned())),
    ];
    Dataset::from_columns(DatasetName::Adsl, columns.map(|(name, values)| (name.to_owned(), values)).to_vec())
}

/// Subject, code, visit, day, value, baseline.
type Answer = (usize, &'static str, &'static str, i32, Option<f64>, bool);
type Answers = Vec<Answer>;

/// Everybody answers at baseline (diarrhoea 1) and all but S1 at week 4: low 2, high 3. Bother at week 4: 3 in S7, 1 in the others.
fn answers() -> Answers {
    let baseline = (1..=12).map(|subject| (subject, "PT16A", "Baseline", 1, Some(1.0), true));
    let later = (2..=12).map(|subject| (subject, "PT16A", "Week 4", 29, Some(if subject <= 6 { 2.0 } else { 3.0 }), false));
    let bother = (2..=12).map(|subject| (subject, "GP5", "Week 4", 29, Some(if subject == 7 { 3.0 } else { 1.0 }), false));
    baseline.chain(later).chain(bother).collect()
}

fn adqs(answers: &Answers) -> Dataset {
    let texts = |cell: &dyn Fn(&Answer) -> String| text(answers.iter().map(cell).collect());
    let columns = vec![
        ("USUBJID".to_owned(), texts(&|it| format!("S{}", it.0))),
        ("PARAMCD".to_owned(), texts(&|it| it.1.to_owned())),
        ("PARAM".to_owned(), texts(&|it| if it.1 == "GP5" { "Bothered" } else { "Diarrhoea Frequency" }.to_owned())),
        ("AVISIT".to_owned(), texts(&|it| it.2.to_owned())),
        ("ADY".to_owned(), ColumnValues::Number(answers.iter().map(|it| Some(f64::from(it.3))).collect())),
        ("AVAL".to_owned(), ColumnValues::Number(answers.iter().map(|it| it.4).collect())),
        ("ABLFL".to_owned(), texts(&|it| if it.5 { "Y" } else { "" }.to_owned())),
        ("QSREASND".to_owned(), texts(&|it| if it.4.is_none() { "PATIENT REFUSED" } else { "" }.to_owned())),
    ];
    Dataset::from_columns(DatasetName::Adqs, columns)
}

fn build(answers: &Answers, more: &str) -> (Option<PatientReportedResult>, Vec<Exhibit>, Facts) {
    let settings = settings(more);
    let data: AnalysisData = derive(&TrialData::from_datasets([adsl(), adqs(answers)]), &settings).value;
    let result = analyse(&data, &settings);
    let mut facts = Facts::default();
    let exhibits = gather(result.as_ref(), &data, &settings, &mut facts);
    if result.is_some() {
        assert_whole(&exhibits, &facts);
    }
    (result, exhibits, facts)
}

#[test]
fn completion_counts_those_who_are_on_treatment() {
    let mut given = answers();
    given.push((1, "PT16A", "Week 4", 29, None, false));
    let (_, exhibits, facts) = build(&given, &format!("patient_reported:{INSTRUMENT}"));
    assert_eq!(counted(&facts, "patient_reported.completion.symptoms_baseline.low"), (6, 6));
    // S1 was to answer and did not; S6 stopped on day 10 and answered all the same, so that it was expected too.
    assert_eq!(counted(&facts, "patient_reported.completion.symptoms_week_4.low"), (5, 6));
    assert_eq!(counted(&facts, "patient_reported.completion.symptoms_week_4.high"), (6, 6));
    assert_eq!(counted(&facts, "patient_reported.answered_after_discontinuation.symptoms.low"), (1, 6));
    assert_eq!(fact(&facts, "patient_reported.not_answered.symptoms_patient_refused.low").value, FactValue::Count(1));
    assert_eq!(fact(&facts, "patient_reported.completion.symptoms_week_4.low").source.rows.len(), 10, "two answers of each");
    let _ = row(table(exhibit(&exhibits, "T-E19")), "Week 4 (key visit)");
}

#[test]
fn a_symptom_counts_when_it_became_worse_and_only_on_treatment() {
    let (result, exhibits, facts) = build(&answers(), &format!("patient_reported:{INSTRUMENT}"));
    // S1 has no later answer; the one of S6 came 19 days after treatment.
    assert_eq!(counted(&facts, "patient_reported.symptom_worsened.symptoms_pt16a.low"), (4, 4));
    assert_eq!(counted(&facts, "patient_reported.symptom_worsened_severe.symptoms_pt16a.low"), (0, 4));
    assert_eq!(counted(&facts, "patient_reported.symptom_worsened_severe.symptoms_pt16a.high"), (6, 6));
    // A frequency of 3 is composite grade 2.
    assert_eq!(counted(&facts, "patient_reported.symptom_worsened_severe.symptoms_composite_16.high"), (0, 6));
    assert_eq!(counted(&facts, "patient_reported.bothered_any.high"), (1, 6));
    assert_eq!(counted(&facts, "patient_reported.bothered_at.week_4.low"), (0, 4));
    assert!(result.expect("an instrument").instruments[0].has_overall_bother);
    let Content::Figure(figure) = &exhibit(&exhibits, "F-E12").content else { panic!("no figure") };
    let Plot::Answers { visits, panels, .. } = &figure.plot else { panic!("no answers") };
    assert_eq!(visits, &["BL", "4"]);
    let bars: Vec<Option<usize>> = panels[2].bars.iter().map(|bar| bar.as_ref().map(|bar| bar.n())).collect();
    assert_eq!((panels[2].title.as_str(), bars), ("Diarrhoea Frequency", vec![Some(6), None]), "four answers are too few for a bar");
}

#[test]
fn answers_after_treatment_count_where_the_project_says_so() {
    let more = format!("patient_reported:\n  intercurrent: {{discontinuation: as_observed}}{INSTRUMENT}");
    let (_, _, facts) = build(&answers(), &more);
    assert_eq!(counted(&facts, "patient_reported.symptom_worsened.symptoms_pt16a.low"), (5, 5));
}

#[test]
fn without_an_instrument_the_exhibits_say_what_is_missing() {
    let (result, exhibits, facts) = build(&answers(), "");
    assert!(result.is_none() && facts.is_empty());
    for code in ["T-E19", "T-E20", "F-E12"] {
        let Content::Placeholder(placeholder) = &exhibit(&exhibits, code).content else { panic!("{code} is there") };
        assert!(placeholder.reason.contains("names no questionnaire"));
    }
}
