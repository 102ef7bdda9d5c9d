//! Cases `toxicity_index`: one number for the grades of a subject.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::numbers;
use super::method::{Answer, MethodError, read};
use crate::analysis::tolerability::toxicity_index::toxicity_index;

#[derive(Deserialize)]
struct Input {
    grades_by_subject: Vec<Vec<u8>>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let highest: Vec<u8> = input.grades_by_subject.iter().map(|grades| grades.iter().copied().max().unwrap_or(0)).collect();
    let computed = json!({
        "toxicity_index": numbers(input.grades_by_subject.iter().map(|grades| toxicity_index(grades))),
        "max_grade": highest,
    });
    Ok(computed.into())
}
