//! `dosecase trace`.

use std::fmt::Write as _;

use serde_json::json;

use crate::evidence::{Fact, FactId, FactValue, Slice};
use crate::pipeline::{self, Overrides, Reading};
use crate::quantity::Rows;

use super::exit::ExitStatus;
use super::report::{self, ProgressLine};

/// Ids suggested for an unknown one.
const SUGGESTED: usize = 5;

/// Arguments of `trace`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dosecase trace efficacy.orr.120mg_qd my-project\n  dosecase trace tolerability.teae_grade3plus.240mg_qd@randomised my-project"
)]
pub(super) struct TraceArguments {
    /// Id of the fact, as the dossier shows it
    #[arg(value_name = "FACT_ID")]
    fact: String,
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Print one JSON document (schema dosecase-trace/1)
    #[arg(long)]
    json: bool,
}

/// Goes from one number back to its rows.
pub(super) fn run(arguments: &TraceArguments) -> anyhow::Result<ExitStatus> {
    let line = ProgressLine::new();
    let progress = |step| line.show(step);
    let reading = pipeline::read(&arguments.project.project, Overrides::default(), &progress)?;
    let evidence = pipeline::gather(&reading, &progress)?;
    drop(line);
    let id = FactId::from(arguments.fact.as_str());
    let Some(fact) = evidence.facts.get(&id) else {
        let ids: Vec<&str> = evidence.facts.iter().map(|(id, _)| id.as_str()).collect();
        anyhow::bail!("no fact has the id `{}`; the nearest are {}", arguments.fact, nearest(&arguments.fact, &ids).join(", "));
    };
    if arguments.json {
        report::print_json(&trace_json(&id, fact, &reading))?;
    } else {
        report::print(&trace_text(&id, fact, &reading))?;
    }
    Ok(ExitStatus::Done)
}

fn nearest(wanted: &str, ids: &[&str]) -> Vec<String> {
    let mut ranked: Vec<(f64, &str)> = ids.iter().map(|id| (strsim::jaro_winkler(wanted, id), *id)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    ranked.into_iter().take(SUGGESTED).map(|(_, id)| id.to_owned()).collect()
}

fn trace_text(id: &FactId, fact: &Fact, reading: &Reading) -> String {
    let mut text = format!("{id}\n{}\n\n", fact.label);
    let value = match &fact.value {
        FactValue::Number(value) => value.to_string(),
        FactValue::Count(value) => value.to_string(),
        FactValue::Text(value) => value.clone(),
        FactValue::NotEstimable => "not estimable".to_owned(),
    };
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("value", &value);
    line("unit", fact.unit.label());
    if let (Some(count), Some(n)) = (fact.count, fact.n) {
        line("count", &format!("{count} of {n}"));
    } else if let Some(n) = fact.n {
        line("n", &n.to_string());
    }
    if let Some(interval) = &fact.interval {
        let limit = |limit: Option<f64>| limit.map_or_else(|| "not estimable".to_owned(), |limit| limit.to_string());
        let level = (interval.level * 1000.0).round() / 10.0;
        line("interval", &format!("{} to {} ({level}%, {})", limit(interval.lower), limit(interval.upper), interval.method.label()));
    }
    line("method", &fact.method);
    line("population", &fact.population);
    if let Some(part) = &fact.part {
        line("study part", part);
    }
    if let Some(exhibit) = &fact.exhibit {
        line("exhibit", exhibit.as_str());
    }
    describe("source", &fact.source, reading, &mut text);
    if let Some(denominator) = &fact.denominator {
        describe("counted among", denominator, reading, &mut text);
    }
    text
}

fn describe(name: &str, slice: &Slice, reading: &Reading, text: &mut String) {
    let _ = writeln!(text, "\n{name}: {}", slice.dataset);
    let _ = writeln!(text, "  filter     {}", slice.filter);
    let _ = writeln!(text, "  columns    {}", slice.columns.join(", "));
    for (file, sha256, rows) in by_file(slice, reading) {
        let _ = writeln!(text, "  file       {file} (SHA-256 {sha256})");
        let ranges = if rows.is_empty() { "none".to_owned() } else { rows.ranges() };
        let _ = writeln!(text, "  rows       {}: {ranges}", rows.len());
    }
}

/// The rows of a slice by file, numbered within the file; rows of a YAML file are its lines.
fn by_file(slice: &Slice, reading: &Reading) -> Vec<(String, String, Rows)> {
    let datasets = reading.trial.files.iter().filter(|file| file.dataset.label() == slice.dataset);
    let mut files: Vec<(String, String, Rows)> = datasets
        .map(|file| {
            let within = |row: &u32| {
                let row = u64::from(*row);
                (row >= file.first_row && row < file.first_row + file.rows).then(|| u32::try_from(row - file.first_row + 1).ok()).flatten()
            };
            (file.file.clone(), file.sha256.clone(), slice.rows.as_slice().iter().filter_map(within).collect())
        })
        .collect();
    if files.is_empty() {
        let records = pipeline::provenance(reading).datasets;
        files.extend(
            records.into_iter().filter(|file| file.dataset == slice.dataset).map(|file| (file.file, file.sha256, slice.rows.clone())),
        );
    }
    files
}

fn trace_json(id: &FactId, fact: &Fact, reading: &Reading) -> serde_json::Value {
    let slice = |slice: &Slice| {
        let files: Vec<serde_json::Value> = by_file(slice, reading)
            .into_iter()
            .map(|(file, sha256, rows)| json!({ "file": file, "sha256": sha256, "rows": rows.as_slice() }))
            .collect();
        json!({ "dataset": slice.dataset, "filter": slice.filter, "columns": slice.columns, "files": files })
    };
    json!({
        "schema": "dosecase-trace/1",
        "id": id.as_str(),
        "label": fact.label,
        "value": fact.value,
        "unit": fact.unit,
        "count": fact.count,
        "n": fact.n,
        "interval": fact.interval,
        "method": fact.method,
        "population": fact.population,
        "part": fact.part,
        "exhibit": fact.exhibit,
        "source": slice(&fact.source),
        "denominator": fact.denominator.as_ref().map(slice),
    })
}
