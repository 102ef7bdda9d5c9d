//! Cases `proctcae`: composite grades and the worst grade against baseline.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::method::{Answer, MethodError, read};
use crate::analysis::patient_reported::pro_ctcae::{Attribute, AttributeSet, WorstGrade, worst_grade};

#[derive(Deserialize)]
struct Input {
    /// Columns; without them the whole look-up is asked for.
    data: Option<Data>,
    #[serde(default)]
    baseline_visit: i64,
    #[serde(default)]
    items: Vec<u8>,
}

#[derive(Deserialize)]
struct Data {
    visit: Vec<i64>,
    id: Vec<i64>,
    arm: Vec<String>,
    /// Scores by column, `PROCTCAE_9A_SCL`.
    #[serde(flatten)]
    scores: BTreeMap<String, Vec<Option<u8>>>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let Some(data) = &input.data else { return look_up().map(Answer::from) };
    let mut computed = Map::new();
    for item in &input.items {
        computed.insert(format!("PROCTCAE_{item}_COMP"), symptom(*item, data, input.baseline_visit)?);
    }
    Ok(Value::Object(computed).into())
}

/// The look-up as a table, first item slowest; a first score of zero has one row.
fn look_up() -> Result<Value, MethodError> {
    let mut computed = Map::new();
    for set in AttributeSet::ALL {
        let names: Vec<&str> = set.attributes().iter().map(|attribute| name(*attribute)).collect();
        let combinations = 5_usize.pow(names.len() as u32);
        let digits = |mut number: usize| {
            let mut scores = vec![0_u8; names.len()];
            for score in scores.iter_mut().rev() {
                *score = (number % 5) as u8;
                number /= 5;
            }
            scores
        };
        let rows: Vec<Vec<u8>> =
            (0..combinations).map(digits).filter(|scores| scores.first() != Some(&0) || scores.iter().all(|score| *score == 0)).collect();
        let grades: Result<Vec<Option<u8>>, _> =
            rows.iter().map(|scores| set.composite(&scores.iter().copied().map(Some).collect::<Vec<_>>())).collect();
        let mut table = Map::new();
        table.insert("items".to_owned(), json!(names));
        table.insert("proctcae_question_numbers".to_owned(), json!(set.questions()));
        for (place, name) in names.iter().enumerate() {
            table.insert((*name).to_owned(), json!(rows.iter().map(|scores| scores.get(place)).collect::<Vec<_>>()));
        }
        table.insert("composite".to_owned(), json!(grades.map_err(MethodError::failed)?));
        computed.insert(short(set), Value::Object(table));
    }
    Ok(Value::Object(computed))
}

fn name(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Frequency => "frequency",
        Attribute::Severity => "severity",
        Attribute::Interference => "interference",
    }
}

fn short(set: AttributeSet) -> String {
    let part = |attribute: &Attribute| match attribute {
        Attribute::Frequency => "frq",
        Attribute::Severity => "sev",
        Attribute::Interference => "int",
    };
    set.attributes().iter().map(part).collect::<Vec<_>>().join("_")
}

fn symptom(item: u8, data: &Data, baseline_visit: i64) -> Result<Value, MethodError> {
    let set = AttributeSet::of_question(item).ok_or_else(|| MethodError::Failed(format!("question {item} has no composite grade")))?;
    let columns: Vec<Option<&Vec<Option<u8>>>> = ["A", "B", "C"]
        .iter()
        .take(set.attributes().len())
        .map(|letter| data.scores.get(&format!("PROCTCAE_{item}{letter}_SCL")))
        .collect();
    let grade = |row: usize| {
        let scores: Vec<Option<u8>> = columns.iter().map(|column| column.and_then(|column| column.get(row).copied()).flatten()).collect();
        set.composite(&scores).map_err(MethodError::failed)
    };
    let grades: Vec<Option<u8>> = (0..data.visit.len()).map(grade).collect::<Result<_, _>>()?;
    let mut subjects: Vec<(i64, &str)> = data.id.iter().copied().zip(data.arm.iter().map(String::as_str)).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let worst: Vec<WorstGrade> = subjects.iter().map(|(id, _)| of_subject(*id, data, &grades, baseline_visit)).collect();
    let list = |of: fn(&WorstGrade) -> Option<u8>| worst.iter().map(of).collect::<Vec<_>>();
    let mut by_arm = Map::new();
    for (_, arm) in &subjects {
        let of_arm: Vec<&WorstGrade> =
            worst.iter().zip(&subjects).filter(|(_, subject)| subject.1 == *arm).map(|(worst, _)| worst).collect();
        let told = json!({
            "max_post_baseline": counts(of_arm.iter().map(|worst| worst.post_baseline)),
            "baseline_adjusted": counts(of_arm.iter().map(|worst| worst.baseline_adjusted)),
            "max_any": counts(of_arm.iter().map(|worst| worst.any)),
        });
        by_arm.insert((*arm).to_owned(), told);
    }
    Ok(json!({
        "composite": grades,
        "by_subject": {
            "id": subjects.iter().map(|(id, _)| id).collect::<Vec<_>>(),
            "arm": subjects.iter().map(|(_, arm)| arm).collect::<Vec<_>>(),
            "baseline": list(|worst| worst.baseline),
            "max_post_baseline": list(|worst| worst.post_baseline),
            "max_any": list(|worst| worst.any),
            "baseline_adjusted": list(|worst| worst.baseline_adjusted),
        },
        "by_arm": by_arm,
    }))
}

fn of_subject(id: i64, data: &Data, grades: &[Option<u8>], baseline_visit: i64) -> WorstGrade {
    let rows = data.id.iter().zip(&data.visit).zip(grades).filter(|((of, _), _)| **of == id);
    let (baseline, after): (Vec<_>, Vec<_>) =
        rows.filter(|((_, visit), _)| **visit >= baseline_visit).partition(|((_, visit), _)| **visit == baseline_visit);
    worst_grade(baseline.first().and_then(|(_, grade)| **grade), after.into_iter().map(|(_, grade)| *grade))
}

fn counts(grades: impl Iterator<Item = Option<u8>>) -> Value {
    let known: Vec<u8> = grades.flatten().collect();
    let of = |wanted: u8| known.iter().filter(|grade| **grade == wanted).count();
    json!({
        "n": known.len(),
        "grade_counts": [of(0), of(1), of(2), of(3)],
        "any_ge1": known.iter().filter(|grade| **grade >= 1).count(),
        "grade3": of(3),
    })
}
