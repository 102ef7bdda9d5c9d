//! The exposures that outcomes are analysed against, where each comes from and when it was computed: T-E18-exposure.

use crate::analysis::exposure_response::{ExposureOrigin, ExposureResponseResult, ExposureSource, Modelled};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::evidence::table::{fact_row, footnote};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};

use super::ledger::{Entry, Ledger, Value};
use super::models::unit;
use super::words::{basis_words, cautions_of_exposure, datasets};

pub(super) const CODE: &str = "T-E18-exposure";
pub(super) const TITLE: &str = "Exposure metrics, their source and when they were computed";

/// A row for every analysis.
pub(super) fn table(
    results: &[(&ExposureResponseResult, &Modelled)],
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let population = results.first().map(|(_, found)| found.sample.panel.population.label(data)).unwrap_or_default();
    let mut notes = Notes {
        datasets: datasets(results),
        population: format!("{population} with exposure and outcome, drug dosages only"),
        grouping: "Rows by analysis".to_owned(),
        ..Notes::default()
    };
    let rows: Vec<Row> = results
        .iter()
        .map(|(result, found)| {
            let said = cautions_of_exposure(found);
            let mut ledger = Ledger::new(facts, CODE, (result, &found.sample), data, settings);
            let cells = cells(&mut ledger, found, settings);
            let mut row = fact_row(&result.label, 0, cells);
            row.footnote = (!said.is_empty()).then(|| footnote(&mut notes, said.join(" ")));
            row
        })
        .collect();
    let heads = ["Metric and unit", "Source", "N", "When it was computed", "How it was computed", "Visit", "Study day (range)"];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    let content = Content::Table(filled(Table { stub: "Analysis".to_owned(), columns, rows }));
    Exhibit { id: ExhibitId::new(CODE, None), title: TITLE.to_owned(), content, notes }
}

/// The table without columns in which no row has anything.
fn filled(table: Table) -> Table {
    let says = |place: usize| table.rows.iter().any(|row| row.cells.get(place).is_some_and(|cell| *cell != Cell::NotAvailable));
    let kept: Vec<usize> = (0..table.columns.len()).filter(|place| says(*place)).collect();
    let columns = kept.iter().filter_map(|place| table.columns.get(*place).cloned()).collect();
    let narrowed = |row: &Row| Row { cells: kept.iter().filter_map(|place| row.cells.get(*place).cloned()).collect(), ..row.clone() };
    Table { columns, rows: table.rows.iter().map(narrowed).collect(), stub: table.stub }
}

fn cells(ledger: &mut Ledger<'_>, found: &Modelled, settings: &Settings) -> Vec<Cell> {
    let sample = &found.sample;
    let source = &sample.source;
    let text = |words: Option<String>| words.filter(|words| !words.is_empty()).map_or(Cell::NotAvailable, Cell::Text);
    let count = entry("n_exposure", "subjects with the exposure", "count of subjects", Unit::Count);
    let n = ledger.cell(CellPattern::Value, count, Value { count: Some(sample.subjects.len() as u64), ..Value::default() });
    let kind = &sample.metric.kind;
    // The unit has a column of its own.
    let in_brackets = kind.unit.as_ref().map(|unit| format!("({unit})")).unwrap_or_default();
    let label = sample.metric.label.strip_suffix(in_brackets.as_str()).unwrap_or(&sample.metric.label).trim();
    let metric = if label == ledger.result.exposure { label.to_owned() } else { format!("{}: {label}", ledger.result.exposure) };
    vec![
        text(Some(if kind.unit.is_some() { format!("{metric}, {}", unit(found)) } else { metric })),
        text(Some(source_words(source, settings))),
        n,
        text(Some(basis_words(source))),
        text(how(source, found, settings)),
        text(kind.visit.clone()),
        study_days(ledger, source),
    ]
}

fn entry<'a>(measure: &'a str, label: &str, method: &str, unit: Unit) -> Entry<'a> {
    Entry { measure, dosage: None, label: label.to_owned(), method: method.to_owned(), unit }
}

/// The dataset or the file, in words.
fn source_words(source: &ExposureSource, settings: &Settings) -> String {
    match source.origin {
        ExposureOrigin::Parameters => "ADPP, parameter".to_owned(),
        ExposureOrigin::Records(name) => format!("{name}, parameter"),
        ExposureOrigin::Column(name) => format!("{name}, column {}", source.columns.last().map_or("", String::as_str)),
        ExposureOrigin::Imported(place) => {
            let table = settings.pk.imported_exposures.get(place);
            let file = table.and_then(|table| table.file.file_name()).map(|name| name.to_string_lossy().into_owned());
            let column = source.columns.last().map_or("", String::as_str);
            format!("{}, column {column}, of {}", file.unwrap_or_default(), table.map_or("", |table| table.software.label()))
        }
    }
}

/// How the metric was computed: what the project file says of the table, or the category that the data give.
fn how(source: &ExposureSource, found: &Modelled, settings: &Settings) -> Option<String> {
    let kind = &found.sample.metric.kind;
    if let ExposureOrigin::Imported(place) = source.origin {
        let table = settings.pk.imported_exposures.get(place)?;
        let model = table.model.as_ref().map(|model| format!("{}: {model}", table.software.label()));
        return Some(table.definition.iter().cloned().chain(model).collect::<Vec<_>>().join("; "));
    }
    let given: Vec<&str> = [&kind.category, &kind.specimen].into_iter().filter_map(Option::as_deref).collect();
    (!given.is_empty()).then(|| given.join(", "))
}

/// The first and the last study day of the records, where the data give days.
fn study_days(ledger: &mut Ledger<'_>, source: &ExposureSource) -> Cell {
    let of = ledger.sample.subjects.iter().filter_map(|subject| source.days.get(&subject.subject)).copied();
    let days: Vec<i32> = of.collect();
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Cell::NotAvailable };
    let n = Some(days.len() as u64);
    let mut fact = |measure: &str, label: &str, method: &str, day: i32| {
        let value = Value { value: Some(f64::from(day)), n, ..Value::default() };
        ledger.insert(entry(measure, label, method, Unit::Days), value)
    };
    let ids = vec![
        fact("day_first", "first study day of the exposure", "minimum", *first),
        fact("day_last", "last study day of the exposure", "maximum", *last),
    ];
    Cell::Facts(CellPattern::Range, ids)
}
