//! CDISC Dataset-JSON 1.1 to a frame: one JSON document, or its line-by-line form (NDJSON).

use polars::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::Dataset;
use super::delimited::as_numbers;
use super::encoding::{lost_characters, without_mark};
use super::error::ReadFault;
use super::note::ReadNote;
use super::structure::check_names;

/// The largest whole number below which all are exact as floating point numbers.
const EXACT: u64 = 1 << 53;

/// The document, or the first line of the line-by-line form.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(rename = "datasetJSONVersion")]
    version: Option<String>,
    name: Option<String>,
    records: Option<usize>,
    columns: Option<Vec<ColumnMetadata>>,
    rows: Option<Vec<Vec<Value>>>,
    #[serde(rename = "clinicalData")]
    clinical_data: Option<serde::de::IgnoredAny>,
    reference_data: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ColumnMetadata {
    name: String,
    #[serde(default)]
    label: String,
    data_type: String,
}

/// Reads Dataset-JSON. Columns of whole, floating point and decimal numbers become [`DataType::Float64`]; text, dates, times and
/// logical values stay text, and so do whole numbers too large to be exact.
///
/// # Errors
/// JSON that is damaged, of version 1.0 or of another kind; rows of another length than the columns; a number of rows other than
/// `records`.
pub(super) fn read(bytes: &[u8]) -> Result<Dataset, ReadFault> {
    let text = without_mark(bytes)?;
    let (document, rows) = parse(&text)?;
    let columns = document.columns.unwrap_or_default();
    if columns.is_empty() {
        return Err(ReadFault::NoVariables);
    }
    check_names(&columns.iter().map(|column| column.name.trim().to_string()).collect::<Vec<_>>())?;
    if let Some((index, row)) = rows.iter().enumerate().find(|(_, row)| row.len() != columns.len()) {
        let detail = format!("data row {} has {} values, there are {} columns", index + 1, row.len(), columns.len());
        return Err(ReadFault::Corrupt { detail });
    }
    let Some(records) = document.records else {
        return Err(ReadFault::Corrupt { detail: "it does not say how many records it has".into() });
    };
    if records != rows.len() {
        return Err(ReadFault::RowCount { expected: records, read: rows.len() });
    }
    let filled = columns.iter().enumerate().map(|(index, metadata)| column(metadata, index, &rows));
    let frame = DataFrame::new(rows.len(), filled.collect::<Result<Vec<Column>, ReadFault>>()?)?;
    let notes: Vec<ReadNote> = lost_characters(&frame);
    let labelled = columns.iter().filter(|column| !column.label.is_empty());
    Ok(Dataset {
        name: document.name.map(|name| name.trim().to_uppercase()).filter(|name| !name.is_empty()),
        labels: labelled.map(|column| (column.name.trim().to_string(), column.label.clone())).collect(),
        frame,
        notes,
    })
}

/// The metadata and the rows, which stand inside the document or follow it line by line.
fn parse(text: &[u8]) -> Result<(Document, Vec<Vec<Value>>), ReadFault> {
    if text.trim_ascii_start().first() == Some(&b'[') {
        return Err(ReadFault::NotDatasetJson { detail: "this is a plain JSON array, without the metadata of Dataset-JSON".into() });
    }
    let mut values = serde_json::Deserializer::from_slice(text);
    let mut document = Document::deserialize(&mut values).map_err(|error| json_fault(&error))?;
    check_version(&document)?;
    let rows = match document.rows.take() {
        Some(rows) => {
            values.end().map_err(|error| json_fault(&error))?;
            rows
        }
        None => values.into_iter::<Vec<Value>>().collect::<Result<_, _>>().map_err(|error| json_fault(&error))?,
    };
    Ok((document, rows))
}

fn check_version(document: &Document) -> Result<(), ReadFault> {
    let refuse = |detail: String| Err(ReadFault::NotDatasetJson { detail });
    if document.clinical_data.is_some() || document.reference_data.is_some() {
        return refuse("this is Dataset-JSON 1.0 (clinicalData, itemGroupData), which is not read".into());
    }
    match document.version.as_deref() {
        None => refuse("this JSON has no datasetJSONVersion: it is not Dataset-JSON".into()),
        Some(version) if version == "1.1" || version.starts_with("1.1.") => Ok(()),
        Some(version) => refuse(format!("this is Dataset-JSON {version}; version 1.1 is read")),
    }
}

fn json_fault(error: &serde_json::Error) -> ReadFault {
    let detail = error.to_string();
    if error.is_eof() { ReadFault::Truncated { detail } } else { ReadFault::Corrupt { detail } }
}

fn column(metadata: &ColumnMetadata, index: usize, rows: &[Vec<Value>]) -> Result<Column, ReadFault> {
    let mut texts = Vec::with_capacity(rows.len());
    for (row, values) in rows.iter().enumerate() {
        texts.push(match values.get(index) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
            Some(value @ (Value::Bool(_) | Value::Number(_))) => Some(value.to_string()),
            Some(Value::Array(_) | Value::Object(_)) => {
                let detail = format!("data row {} of {} holds a list or structure", row + 1, metadata.name);
                return Err(ReadFault::Corrupt { detail });
            }
        });
    }
    let texts = StringChunked::from_iter_options(metadata.name.trim().into(), texts.into_iter()).into_column();
    let numeric = matches!(metadata.data_type.as_str(), "integer" | "float" | "double" | "decimal");
    let exact = |value: &Value| {
        value.as_u64().is_none_or(|number| number <= EXACT) && value.as_i64().is_none_or(|number| number.unsigned_abs() <= EXACT)
    };
    if !numeric || !rows.iter().filter_map(|row| row.get(index)).all(exact) {
        return Ok(texts);
    }
    Ok(as_numbers(&texts).unwrap_or(texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        read(text.as_bytes()).unwrap_err().code()
    }

    #[test]
    fn other_json_is_refused() {
        assert_eq!(code("[1, 2]"), "json-not-dataset");
        assert_eq!(code("{\"a\": 1}"), "json-not-dataset");
        assert_eq!(code("{\"clinicalData\": {\"itemGroupData\": {}}}"), "json-not-dataset");
        assert_eq!(code("{\"datasetJSONVersion\": \"1.0.0\"}"), "json-not-dataset");
        assert_eq!(code("{\"datasetJSONVersion\": \"1.1.0\", \"records\": 0"), "file-truncated");
        assert_eq!(code("{\"datasetJSONVersion\": \"1.1.0\", \"records\": 0, \"columns\": []}"), "file-no-variables");
    }

    #[test]
    fn large_whole_numbers_stay_text() {
        let text = "{\"datasetJSONVersion\": \"1.1.0\", \"records\": 1, \"columns\": [{\"name\": \"ID\", \"dataType\": \"integer\"}], \
                    \"rows\": [[9007199254740993]]}";
        let dataset = read(text.as_bytes()).unwrap();
        assert_eq!(dataset.frame.columns()[0].str().unwrap().get(0), Some("9007199254740993"));
    }
}
