//! An answer as text, Markdown, CSV or JSON. Text and Markdown are rounded; CSV and JSON hold full precision.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::document::{Cell, Document, Parameter, Section, Table};
use crate::render::number::fixed;

/// What stands for nothing in text and Markdown.
const NOTHING: &str = "-";

/// Aligned text.
pub(super) fn text(document: &Document) -> String {
    let mut out = format!("{}\n", document.design);
    if !document.parameters.is_empty() {
        let row = |parameter: &Parameter| vec![parameter.name.clone(), shown(&parameter.value), parameter.origin.clone()];
        let rows: Vec<Vec<String>> = document.parameters.iter().map(row).collect();
        let _ = write!(out, "\nParameters\n{}", aligned(&rows, &[false, false, false]));
    }
    for section in &document.sections {
        let _ = write!(out, "\n{}\n", section.title);
        let facts: Vec<Vec<String>> = section.facts.iter().map(|fact| vec![fact.label.clone(), shown(&fact.value)]).collect();
        out.push_str(&aligned(&facts, &[false, false]));
        if !section.lines.is_empty() {
            for line in &section.lines {
                let _ = writeln!(out, "{}", format!("  {line}").trim_end());
            }
        } else if let Some(table) = &section.table {
            out.push_str(&text_table(table));
        }
        section.notes.iter().for_each(|note| out.push_str(&wrapped(note)));
    }
    out
}

fn text_table(table: &Table) -> String {
    let mut rows = vec![table.columns.iter().map(|column| column.heading.clone()).collect::<Vec<_>>()];
    rows.extend(table.rows.iter().map(|row| row.iter().map(shown).collect()));
    aligned(&rows, &right_aligned(table))
}

/// Columns that hold nothing but numbers.
fn right_aligned(table: &Table) -> Vec<bool> {
    (0..table.columns.len()).map(|column| table.rows.iter().filter_map(|row| row.get(column)).all(Cell::is_number)).collect()
}

/// Rows with columns of one width, indented.
fn aligned(rows: &[Vec<String>], right: &[bool]) -> String {
    let width = |text: &str| text.chars().count();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths.get(column).copied().unwrap_or(0).saturating_sub(width(cell)));
            let (before, after) = if right.get(column).copied().unwrap_or(false) { (padding.as_str(), "") } else { ("", padding.as_str()) };
            let _ = write!(line, "  {before}{cell}{after}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// A note in lines of readable length.
fn wrapped(note: &str) -> String {
    const WIDTH: usize = 110;
    let mut out = String::new();
    let mut line = String::new();
    for word in note.split(' ') {
        if !line.is_empty() && line.chars().count() + word.chars().count() >= WIDTH {
            let _ = writeln!(out, "  {line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "  {line}");
    out
}

/// Markdown with pipe tables.
pub(super) fn markdown(document: &Document) -> String {
    let mut out = format!("# {}\n", escaped(&document.design));
    if !document.parameters.is_empty() {
        out.push_str("\n| parameter | value | origin |\n|---|---|---|\n");
        for parameter in &document.parameters {
            let _ =
                writeln!(out, "| {} | {} | {} |", escaped(&parameter.name), escaped(&shown(&parameter.value)), escaped(&parameter.origin));
        }
    }
    for section in &document.sections {
        let _ = writeln!(out, "\n## {}\n", escaped(&section.title));
        for fact in &section.facts {
            let _ = writeln!(out, "- {}: {}", escaped(&fact.label), escaped(&shown(&fact.value)));
        }
        if !section.facts.is_empty() {
            out.push('\n');
        }
        if !section.lines.is_empty() {
            let _ = writeln!(out, "```text\n{}\n```", section.lines.join("\n"));
        } else if let Some(table) = &section.table {
            out.push_str(&markdown_table(table));
        }
        for note in &section.notes {
            let _ = writeln!(out, "\n{}", escaped(note));
        }
    }
    out
}

fn markdown_table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(table.columns.iter().map(|column| escaped(&column.heading)).collect());
    let rule = right_aligned(table).into_iter().map(|right| if right { "---:" } else { "---" }.to_owned()).collect::<Vec<_>>();
    out.push_str(&line(rule));
    for row in &table.rows {
        out.push_str(&line(row.iter().map(|cell| escaped(&shown(cell))).collect()));
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;")
}

/// The main table with a header line.
pub(super) fn csv(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("{}\n", cells.join(","));
    let table = table.with_standard_errors();
    let mut out = line(table.columns.iter().map(|column| quoted(&column.key)).collect());
    for row in &table.rows {
        out.push_str(&line(row.iter().map(|cell| quoted(&exact(cell))).collect()));
    }
    out
}

fn exact(cell: &Cell) -> String {
    match cell.json() {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Array(values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// One JSON document, schema `dosecase-design/1`.
pub(super) fn json(document: &Document) -> Value {
    let mut root = Map::new();
    root.insert("schema".to_owned(), json!("dosecase-design/1"));
    root.insert("design".to_owned(), json!(document.design));
    let parameters = document
        .parameters
        .iter()
        .map(|parameter| json!({ "name": parameter.name, "value": parameter.value.json(), "origin": parameter.origin }))
        .collect();
    root.insert("parameters".to_owned(), Value::Array(parameters));
    for section in &document.sections {
        root.insert(section.key.to_owned(), of_section(section));
    }
    Value::Object(root)
}

fn of_section(section: &Section) -> Value {
    let mut object = Map::new();
    for fact in &section.facts {
        object.insert(fact.key.to_owned(), fact.value.json());
        if let Some(error) = fact.value.standard_error() {
            object.insert(format!("{}_se", fact.key), json!(error));
        }
    }
    if let Some(table) = section.table.as_ref().map(Table::with_standard_errors) {
        let row = |row: &Vec<Cell>| {
            Value::Object(table.columns.iter().zip(row).map(|(column, cell)| (column.key.clone(), cell.json())).collect())
        };
        object.insert("rows".to_owned(), Value::Array(table.rows.iter().map(row).collect()));
    }
    if !section.notes.is_empty() {
        object.insert("notes".to_owned(), json!(section.notes));
    }
    Value::Object(object)
}

/// A value as a reader sees it.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Number(value, decimals) => fixed(*value, *decimals),
        Cell::Shown { shown, .. } => shown.clone(),
        Cell::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Cell::Plain(value) => plain(*value),
        Cell::Numbers(values) => values.iter().map(|value| plain(*value)).collect::<Vec<_>>().join(", "),
        Cell::Absent => NOTHING.to_owned(),
    }
}

/// A parameter without the zeros at its end.
fn plain(value: f64) -> String {
    const DECIMALS: usize = 6;
    let text = fixed(value, DECIMALS);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new([("dose", "dose"), ("rate", "rate")]);
        table.rows = vec![vec![Cell::text("10 mg, once"), Cell::probability(1.0 / 3.0)], vec![Cell::text("30 mg"), Cell::Absent]];
        table
    }

    #[test]
    fn csv_is_exact_and_quoted() {
        assert_eq!(csv(&table()), "dose,rate\n\"10 mg, once\",0.3333333333333333\n30 mg,\n");
    }

    #[test]
    fn text_is_rounded_and_numbers_stand_under_each_other() {
        assert_eq!(text_table(&table()), "  dose          rate\n  10 mg, once  0.333\n  30 mg            -\n");
        assert_eq!((plain(0.6 * 0.35), plain(3.0), plain(1.157_583_69)), ("0.21".to_owned(), "3".to_owned(), "1.157584".to_owned()));
    }

    #[test]
    fn markdown_escapes_what_it_would_read() {
        assert_eq!(escaped("a|b_c <d>"), "a\\|b\\_c &lt;d>");
    }
}
