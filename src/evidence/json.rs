//! `evidence.json`: the public form of the evidence, schema `dosecase-evidence/1`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::config::Settings;
use crate::quantity::Interval;

use super::{Cell, Content, Evidence, Exhibit, Fact, FactId, FactValue, FigureSpec, Slice, Table, Unit};

/// Name and version of the format.
pub const SCHEMA: &str = "dosecase-evidence/1";

/// The evidence as one JSON document; keys in a fixed order, facts in the order of their ids.
///
/// `findings`, `expectations` and `verdicts` are there and empty as long as nothing reviews the evidence.
#[must_use]
pub fn evidence_json(evidence: &Evidence, settings: &Settings) -> Value {
    let hashes = hashes(evidence);
    let facts: serde_json::Map<String, Value> =
        evidence.facts.iter().map(|(id, fact)| (id.as_str().to_owned(), json_or_null(&FactJson::new(fact, &hashes)))).collect();
    let exhibits: Vec<Value> = evidence.exhibits.iter().map(|exhibit| exhibit_json(exhibit, &hashes)).collect();
    json!({
        "schema": SCHEMA,
        "dossier": json_or_null(&settings.dossier),
        "facts": facts,
        "exhibits": exhibits,
        "findings": [],
        "expectations": [],
        "verdicts": [],
        "diagnostics": json_or_null(&evidence.diagnostics),
        "provenance": json_or_null(&evidence.provenance),
    })
}

/// Serialisation of these types cannot fail; a value that could not be written would appear as null.
fn json_or_null<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// SHA-256 by dataset; several files of one dataset are joined by `+`.
fn hashes(evidence: &Evidence) -> BTreeMap<String, String> {
    let mut hashes: BTreeMap<String, String> = BTreeMap::new();
    for record in &evidence.provenance.datasets {
        hashes
            .entry(record.dataset.clone())
            .and_modify(|held| *held = format!("{held}+{}", record.sha256))
            .or_insert_with(|| record.sha256.clone());
    }
    hashes
}

#[derive(Serialize)]
struct FactJson<'a> {
    label: &'a str,
    value: &'a FactValue,
    unit: &'a Unit,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<Interval>,
    method: &'a str,
    population: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'a str>,
    source: SliceJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    denominator: Option<SliceJson<'a>>,
    exhibit: Option<&'a str>,
    planned: Option<bool>,
}

impl<'a> FactJson<'a> {
    fn new(fact: &'a Fact, hashes: &'a BTreeMap<String, String>) -> Self {
        Self {
            label: &fact.label,
            value: &fact.value,
            unit: &fact.unit,
            count: fact.count,
            n: fact.n,
            interval: fact.interval,
            method: &fact.method,
            population: &fact.population,
            part: fact.part.as_deref(),
            source: SliceJson::new(&fact.source, hashes),
            denominator: fact.denominator.as_ref().map(|slice| SliceJson::new(slice, hashes)),
            exhibit: fact.exhibit.as_ref().map(super::ExhibitId::as_str),
            planned: fact.planned,
        }
    }
}

#[derive(Serialize)]
struct SliceJson<'a> {
    dataset: &'a str,
    filter: &'a str,
    columns: &'a [String],
    rows: usize,
    sha256: Option<&'a str>,
}

impl<'a> SliceJson<'a> {
    fn new(slice: &'a Slice, hashes: &'a BTreeMap<String, String>) -> Self {
        let sha256 = hashes.get(&slice.dataset).map(String::as_str);
        Self { dataset: &slice.dataset, filter: &slice.filter, columns: &slice.columns, rows: slice.rows.len(), sha256 }
    }
}

fn exhibit_json(exhibit: &Exhibit, hashes: &BTreeMap<String, String>) -> Value {
    let (kind, content) = match &exhibit.content {
        Content::Table(table) => ("table", table_json(table)),
        Content::Figure(figure) => ("figure", figure_json(figure, hashes)),
        Content::Placeholder(placeholder) => ("placeholder", json_or_null(placeholder)),
    };
    json!({ "id": exhibit.id.as_str(), "title": exhibit.title, "kind": kind, "content": content, "notes": json_or_null(&exhibit.notes) })
}

fn table_json(table: &Table) -> Value {
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(|column| json!({ "head": column.head, "n": column.n.as_ref().map(FactId::as_str), "spanner": column.spanner }))
        .collect();
    let rows: Vec<Value> = table
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<Value> = row.cells.iter().map(cell_json).collect();
            json!({ "stub": row.stub, "indent": row.indent, "heading": row.heading, "cells": cells })
        })
        .collect();
    json!({ "stub": table.stub, "columns": columns, "rows": rows })
}

fn cell_json(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::NotAvailable => json!({ "not_available": true }),
        Cell::Text(text) => json!({ "text": text }),
        Cell::Facts(pattern, ids) => {
            json!({ "pattern": json_or_null(pattern), "facts": ids.iter().map(FactId::as_str).collect::<Vec<_>>() })
        }
    }
}

fn figure_json(figure: &FigureSpec, hashes: &BTreeMap<String, String>) -> Value {
    let source: Vec<Value> = figure.source.iter().map(|slice| json_or_null(&SliceJson::new(slice, hashes))).collect();
    json!({ "plot": json_or_null(&figure.plot), "alt": figure.alt, "source": source })
}
