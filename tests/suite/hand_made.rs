//! Small trials made by hand for tests of analyses, and checks that hold for every exhibit.

use dosecase::config::{Settings, read_project_text};
use dosecase::derive::{
    AdverseEvent, AdverseEvents, AnalysisData, AnalysisSets, DosageIndex, PartIndex, Subject, SubjectColumns, SubjectIndex, TreatmentStatus,
};
use dosecase::evidence::{Cell, Content, Exhibit, Fact, FactId, FactValue, Facts, Row, Table};
use dosecase::quantity::Date;

/// Two dosages of one drug, a comparator, two parts.
pub(crate) const PROJECT: &str = "\
dossier: {title: Hand-made}
drug: {name: drug}
dosages:
  - {id: 120mg_qd, label: 120 mg QD, dose: 120 mg, schedule: QD}
  - {id: 240mg_qd, label: 240 mg QD, dose: 240 mg, schedule: QD}
  - {id: control, label: Control, dose: 75 mg/m2, schedule: Q3W, comparator: true}
parts:
  - {id: escalation, when: {PART: A}}
  - {id: randomised, label: Randomised part, randomised: true, when: {PART: B}}
escalation: {dlt_window: 28 d}
";

/// The settings of a project file.
pub(crate) fn settings(text: &str) -> Settings {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("data")).expect("a data folder");
    read_project_text(&folder.path().join("dosecase.yaml"), text.to_owned()).unwrap_or_else(|errors| panic!("{errors}")).settings
}

pub(crate) fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// The date of a study day of a subject whose first dose was on 1 January 2025.
pub(crate) fn day(day: i32) -> Date {
    let first = date("2025-01-01").days_since_1970();
    Date::from_days_since_1970(first + if day > 0 { day - 1 } else { day }).expect("a date")
}

/// A treated subject of the escalation part, ongoing, cut off on the last day of its treatment; its row is one more than its position.
pub(crate) fn subject(position: usize, dosage: usize, treatment_days: f64) -> Subject {
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    let last = treatment_days as i32;
    Subject {
        row: u32::try_from(position).expect("a small number") + 1,
        usubjid: format!("S-{position}"),
        study: None,
        planned: Some(DosageIndex(dosage)),
        actual: Some(DosageIndex(dosage)),
        part: Some(PartIndex(0)),
        sets: AnalysisSets { safety: true, intention_to_treat: true, dlt_evaluable: true, response_evaluable: true, pk: true },
        first_dose: Some(day(1)),
        last_dose: None,
        randomised: None,
        treatment_days: Some(treatment_days),
        treatment_status: Some(TreatmentStatus::Ongoing),
        discontinuation_reason: None,
        died: false,
        death: None,
        last_alive: None,
        cutoff: Some(day(last)),
        followup_days: Some(treatment_days),
        dlt: None,
        stratum: None,
        baseline: Vec::new(),
    }
}

/// The same subject off treatment, for a reason.
pub(crate) fn stopped(subject: Subject, reason: &str, cutoff: i32) -> Subject {
    Subject {
        treatment_status: Some(TreatmentStatus::Discontinued),
        discontinuation_reason: Some(reason.to_owned()),
        cutoff: Some(day(cutoff)),
        ..subject
    }
}

/// The same subject, dead on a day.
pub(crate) fn dead(subject: Subject, on: i32) -> Subject {
    Subject { died: true, death: Some(day(on)), followup_days: Some(f64::from(on)), ..subject }
}

/// An emergent event of a subject, not serious, not related.
pub(crate) fn event(row: u32, subject: usize, term: &str, grade: Option<u8>, start_day: Option<i32>) -> AdverseEvent {
    AdverseEvent {
        row,
        subject: SubjectIndex(subject),
        term: term.to_owned(),
        body_system: None,
        grade,
        serious: false,
        related: false,
        fatal: false,
        action: None,
        emergent: true,
        dlt: false,
        interest: Vec::new(),
        start: start_day.map(day),
        end: None,
        start_day,
        end_day: None,
    }
}

/// The columns of ADSL and ADAE under their customary names.
pub(crate) fn trial(subjects: Vec<Subject>, events: Vec<AdverseEvent>) -> AnalysisData {
    let named = |name: &str| Some(name.to_owned());
    AnalysisData {
        subjects,
        subject_columns: SubjectColumns {
            planned_arm: named("TRT01P"),
            actual_arm: named("TRT01A"),
            safety: named("SAFFL"),
            treatment_status: named("EOTSTT"),
            discontinuation_reason: named("DCTREAS"),
            part: vec!["PART".to_owned()],
            first_dose: named("TRTSDT"),
            last_dose: named("TRTEDT"),
            death: named("DTHDT"),
            cutoff: named("DCUTDT"),
            ..SubjectColumns::default()
        },
        adverse_events: Some(AdverseEvents {
            events,
            grade_column: named("AETOXGR"),
            related_column: named("AEREL"),
            related_values: vec!["RELATED".to_owned()],
            action_column: named("AEACN"),
            emergent_column: named("TRTEMFL"),
            serious_column: named("AESER"),
            outcome_column: named("AEOUT"),
            term_column: named("AEDECOD"),
            start_day_column: named("ASTDY"),
            ..AdverseEvents::default()
        }),
        ..AnalysisData::default()
    }
}

/// The fact of an id.
pub(crate) fn fact<'a>(facts: &'a Facts, id: &str) -> &'a Fact {
    facts
        .get(&FactId::from(id))
        .unwrap_or_else(|| panic!("no fact {id}; there are {:?}", facts.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>()))
}

/// Count and denominator of a proportion.
pub(crate) fn counted(facts: &Facts, id: &str) -> (u64, u64) {
    let fact = fact(facts, id);
    (fact.count.expect("a count"), fact.n.expect("a denominator"))
}

/// The value of a number.
pub(crate) fn number(facts: &Facts, id: &str) -> f64 {
    match fact(facts, id).value {
        FactValue::Number(value) => value,
        ref other => panic!("{id} is {other:?}"),
    }
}

/// The rows of a fact's source.
pub(crate) fn rows<'a>(facts: &'a Facts, id: &str) -> &'a [u32] {
    fact(facts, id).source.rows.as_slice()
}

pub(crate) fn exhibit<'a>(exhibits: &'a [Exhibit], id: &str) -> &'a Exhibit {
    let ids = || exhibits.iter().map(|exhibit| exhibit.id.as_str()).collect::<Vec<_>>();
    exhibits.iter().find(|exhibit| exhibit.id.as_str() == id).unwrap_or_else(|| panic!("no exhibit {id}; there are {:?}", ids()))
}

pub(crate) fn table(exhibit: &Exhibit) -> &Table {
    match &exhibit.content {
        Content::Table(table) => table,
        other => panic!("{} is no table: {other:?}", exhibit.id),
    }
}

/// The first row whose stub begins so.
pub(crate) fn row<'a>(table: &'a Table, stub: &str) -> &'a Row {
    table.rows.iter().find(|row| row.stub.starts_with(stub)).unwrap_or_else(|| panic!("no row {stub}"))
}

/// Every table is rectangular, every cell refers to facts that rest on rows, every footnote mark to a footnote.
pub(crate) fn assert_whole(exhibits: &[Exhibit], facts: &Facts) {
    let mut numbers = 0;
    for exhibit in exhibits {
        let Content::Table(table) = &exhibit.content else { continue };
        for row in table.rows.iter().filter(|row| !row.heading) {
            assert_eq!(row.cells.len(), table.columns.len(), "{}: {}", exhibit.id, row.stub);
            assert!(row.footnote.is_none_or(|mark| mark < exhibit.notes.footnotes.len()), "{}: {}", exhibit.id, row.stub);
            for id in row.cells.iter().flat_map(ids) {
                let fact = facts.get(id).unwrap_or_else(|| panic!("{}: {} refers to no fact {id}", exhibit.id, row.stub));
                let rests = !fact.source.rows.is_empty() || fact.denominator.as_ref().is_some_and(|slice| !slice.rows.is_empty());
                // What the project file states, and what follows from it alone, has no rows.
                assert!(rests || fact.source.dataset == "PROJECT", "{id} rests on no row");
                assert!(!fact.source.filter.is_empty() && !fact.source.dataset.is_empty(), "{id} has no source");
                numbers += 1;
            }
        }
        for size in table.columns.iter().filter_map(|column| column.n.as_ref()) {
            assert!(facts.get(size).is_some_and(|fact| !fact.source.rows.is_empty()), "{size}");
        }
    }
    assert!(numbers > 0, "no table holds a number");
    assert!(facts.iter().all(|(id, _)| !id.as_str().contains("_2@") && !id.as_str().ends_with("_2")), "two facts claim one id");
}

fn ids(cell: &Cell) -> &[FactId] {
    match cell {
        Cell::Facts(_, ids) => ids,
        Cell::Empty | Cell::NotAvailable | Cell::Text(_) => &[],
    }
}
