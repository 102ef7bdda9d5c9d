//! Cases `eortc_qlqc30`: scales and summary score of the questionnaire.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::input::optionals;
use super::method::{Answer, MethodError, read};
use crate::analysis::patient_reported::qlq_c30::{ITEMS, Scale, summary_score};

#[derive(Deserialize)]
struct Input {
    /// Answers by item, `q1` to `q30`, one per subject.
    data: BTreeMap<String, Vec<Option<u8>>>,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let subjects = input.data.values().map(Vec::len).max().unwrap_or(0);
    let answer =
        |item: usize, subject: usize| input.data.get(&format!("q{item}")).and_then(|answers| answers.get(subject).copied()).flatten();
    let answers: Vec<[Option<u8>; ITEMS]> = (0..subjects).map(|subject| std::array::from_fn(|place| answer(place + 1, subject))).collect();
    let mut computed: Map<String, Value> =
        Scale::ALL.into_iter().map(|scale| (scale.code().to_owned(), optionals(answers.iter().map(|given| scale.score(given))))).collect();
    computed.insert("summary_score".to_owned(), optionals(answers.iter().map(summary_score)));
    Ok(Value::Object(computed).into())
}
