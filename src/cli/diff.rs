//! `dosecase diff`.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::record::diff::{Diff, FactState, compare};

use super::exit::ExitStatus;
use super::report;

/// Added and removed facts shown in the readable form; `--json` gives all.
const SHOWN: usize = 20;

/// Arguments of `diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  dosecase diff cut1/dossier cut2/dossier\n  dosecase diff --json old/evidence.json new/evidence.json")]
pub(super) struct DiffArguments {
    /// Earlier build: its output folder or its evidence.json
    old: PathBuf,
    /// Later build
    new: PathBuf,
    /// Print one JSON document (schema dosecase-diff/1) with every fact and subject
    #[arg(long)]
    json: bool,
}

/// Compares two builds.
pub(super) fn run(arguments: &DiffArguments) -> anyhow::Result<ExitStatus> {
    let diff = compare(&arguments.old, &arguments.new)?;
    if arguments.json {
        report::print_json(&serde_json::to_value(&diff)?)?;
    } else {
        report::print(&text(&diff))?;
    }
    Ok(ExitStatus::Done)
}

fn text(diff: &Diff) -> String {
    if diff.is_empty() {
        return "Nothing changed.".to_owned();
    }
    let mut text = String::new();
    if let Some((old, new)) = &diff.programs {
        let _ = writeln!(text, "Program: {old} -> {new}");
    }
    for change in &diff.datasets {
        let rows = |rows: Option<u64>| rows.map_or_else(|| "absent".to_owned(), |rows| format!("{rows} rows"));
        let _ = writeln!(text, "{}: {} -> {}", change.dataset, rows(change.old_rows), rows(change.new_rows));
    }
    subjects("in", &diff.subjects_in, &mut text);
    subjects("out", &diff.subjects_out, &mut text);
    if !diff.changed.is_empty() {
        let _ = writeln!(text, "\nFacts that changed ({})", diff.changed.len());
        for change in &diff.changed {
            let _ = writeln!(text, "  {}: {} -> {}", change.id, state(&change.old), state(&change.new));
        }
    }
    facts("Facts that are new", &diff.added, &mut text);
    facts("Facts that are gone", &diff.removed, &mut text);
    for (name, list) in [("Diagnostics that are new", &diff.diagnostics_in), ("Diagnostics that are gone", &diff.diagnostics_out)] {
        if !list.is_empty() {
            let _ = writeln!(text, "\n{name} ({})", list.len());
            for (code, message) in list {
                let _ = writeln!(text, "  {code}: {message}");
            }
        }
    }
    text
}

fn subjects(direction: &str, list: &[String], text: &mut String) {
    if !list.is_empty() {
        let more = if list.len() > SHOWN { ", …" } else { "" };
        let shown: Vec<&str> = list.iter().take(SHOWN).map(String::as_str).collect();
        let _ = writeln!(text, "Subjects {direction} ({}): {}{more}", list.len(), shown.join(", "));
    }
}

fn facts(name: &str, list: &[FactState], text: &mut String) {
    if list.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{name} ({})", list.len());
    for fact in list.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}: {}", fact.id, state(fact));
    }
    if list.len() > SHOWN {
        let _ = writeln!(text, "  … and {} more (--json lists all)", list.len() - SHOWN);
    }
}

/// A value short enough to compare by eye; full precision is in the JSON form.
fn state(fact: &FactState) -> String {
    let number = |value: &Value| {
        value.as_f64().map_or_else(|| value.to_string(), |number| if value.is_u64() { value.to_string() } else { format!("{number:.4}") })
    };
    match (&fact.count, &fact.n, &fact.value) {
        (Value::Number(count), Value::Number(n), value) => format!("{count}/{n} ({})", number(value)),
        (_, _, Value::Null) => "not estimable".to_owned(),
        (_, _, Value::String(value)) => value.clone(),
        (_, _, value) => number(value),
    }
}
