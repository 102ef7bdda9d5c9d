//! Conventions of case files: lists of one written bare, infinite numbers as text, groups in alphabetical order.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::method::MethodError;

/// A list, or the bare value that R writes for a list of one.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

/// Reads a list that may be written as a bare value.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::Many(values) => values,
        OneOrMany::One(value) => vec![value],
    })
}

/// A number as case files write it: infinite ones as text, missing ones as `null`.
pub(super) fn number(value: f64) -> Value {
    if value.is_nan() {
        Value::Null
    } else if value.is_infinite() {
        Value::from(if value > 0.0 { "Inf" } else { "-Inf" })
    } else {
        Value::from(value)
    }
}

/// A number that may be missing.
pub(super) fn optional(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// Numbers as a list.
pub(super) fn numbers(values: impl IntoIterator<Item = f64>) -> Value {
    values.into_iter().map(number).collect()
}

/// Numbers of which some may be missing, as a list.
pub(super) fn optionals(values: impl IntoIterator<Item = Option<f64>>) -> Value {
    values.into_iter().map(optional).collect()
}

/// Lower and upper limit as a list of two.
pub(super) fn pair((lower, upper): (f64, f64)) -> Value {
    numbers([lower, upper])
}

/// Subjects of one group by their positions in the data.
pub(super) struct Group {
    pub(super) label: String,
    pub(super) members: Vec<usize>,
}

impl Group {
    /// The members' values of a column.
    pub(super) fn select<T: Copy>(&self, column: &[T]) -> Vec<T> {
        self.members.iter().filter_map(|position| column.get(*position)).copied().collect()
    }
}

/// Groups by the values of a column of the data, in alphabetical order (numbers in numerical order); one group `all` without a column.
pub(super) fn groups(data: &Map<String, Value>, column: Option<&str>, n: usize) -> Result<Vec<Group>, MethodError> {
    let Some(column) = column else {
        return Ok(vec![Group { label: "all".to_owned(), members: (0..n).collect() }]);
    };
    let values = match data.get(column) {
        Some(Value::Array(values)) if values.len() == n => values,
        _ => return Err(MethodError::Failed(format!("column `{column}` is missing or not as long as the times"))),
    };
    let mut keyed: Vec<(f64, String, usize)> = values
        .iter()
        .enumerate()
        .map(|(position, value)| match value {
            Value::String(text) => (0.0, text.clone(), position),
            other => (other.as_f64().unwrap_or(0.0), other.to_string(), position),
        })
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    Ok(keyed
        .chunk_by(|a, b| a.1 == b.1)
        .map(|rows| Group {
            label: rows.first().map(|row| row.1.clone()).unwrap_or_default(),
            members: rows.iter().map(|row| row.2).collect(),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_written_as_case_files_write_them() {
        assert_eq!(numbers([1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]), json!([1.5, "Inf", "-Inf", null]));
    }

    #[test]
    fn groups_come_in_order_whatever_the_rows_do() {
        let data = json!({"arm": ["b", "a", "b"], "dose": [80, 120, 80]});
        let labels = |column: &str| -> Vec<String> {
            groups(data.as_object().unwrap(), Some(column), 3).unwrap().into_iter().map(|group| group.label).collect()
        };
        assert_eq!(labels("arm"), ["a", "b"]);
        assert_eq!(labels("dose"), ["80", "120"]);
        assert!(groups(data.as_object().unwrap(), Some("sex"), 3).is_err());
        assert_eq!(groups(&Map::new(), None, 2).unwrap()[0].members, [0, 1]);
    }
}
