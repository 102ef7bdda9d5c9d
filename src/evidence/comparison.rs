//! Pairwise crude differences between dosages: T-E17.

use std::collections::BTreeMap;

use crate::analysis::comparison::{ComparedEndpoint, Counted, Difference, EndpointComparison};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::{Interval, Rows};

use super::record::interval_note;
use super::table::fact_row;
use super::tolerability::class_words;
use super::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Fact, FactId, FactValue, Facts, Notes, Row, Slice, Table, Unit};

const TITLE: &str = "Crude differences between dosages";

/// One table per panel, a row per endpoint and pair.
pub fn gather(comparisons: &[EndpointComparison], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    if comparisons.is_empty() {
        let needs = ["two dosages with at least ten subjects each", "ADRS (response) or ADAE (adverse events)"];
        let reason = "No two dosages have enough subjects in one analysis set to show a difference.";
        return vec![Exhibit::placeholder(ExhibitId::new("T-E17", None), TITLE, reason, &needs)];
    }
    let mut by_panel: BTreeMap<Option<usize>, Vec<&EndpointComparison>> = BTreeMap::new();
    for comparison in comparisons {
        by_panel.entry(comparison.panel.part.map(|part| part.0)).or_default().push(comparison);
    }
    by_panel.into_values().map(|comparisons| table(&comparisons, data, settings, facts)).collect()
}

fn table(comparisons: &[&EndpointComparison], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let panel = comparisons.first().map(|comparison| &comparison.panel);
    let part = panel.and_then(|panel| panel.part_id.clone());
    let id = ExhibitId::new("T-E17", part.as_deref());
    let randomised = panel.is_some_and(|panel| panel.randomised);
    let mut rows: Vec<Row> = Vec::new();
    for comparison in comparisons {
        rows.push(super::table::heading_row(&comparison.endpoint.label));
        rows.extend(comparison.differences.iter().map(|difference| row(comparison, difference, &id, data, facts)));
    }
    let column = |head: &str| Column { head: head.to_owned(), n: None, spanner: None };
    let populations = by_endpoint(comparisons, |comparison| comparison.panel.population.label(data));
    let groupings = by_endpoint(comparisons, |comparison| comparison.panel.assignment.label().to_owned());
    let mut datasets: Vec<String> =
        comparisons.iter().map(|comparison| counted(&comparison.endpoint, data).dataset).chain(["ADSL".to_owned()]).collect();
    datasets.sort();
    datasets.dedup();
    let assigned = if randomised {
        "Dosages of this study part were assigned at random."
    } else {
        "Dosages were not assigned at random within these columns: differences may reflect differences between patients, calendar time and follow-up."
    };
    Exhibit {
        title: panel.map_or_else(|| TITLE.to_owned(), |panel| super::population::titled(TITLE, panel)),
        content: Content::Table(Table {
            stub: "Endpoint and pair of dosages (first minus second)".to_owned(),
            columns: vec![
                column("First"),
                column("Second"),
                column("Difference, percentage points (CI)"),
                column("Odds ratio (CI)"),
                column("Assigned at random"),
            ],
            rows: rows
                .into_iter()
                .map(|mut row| {
                    if !row.heading {
                        row.cells.push(Cell::Text(if randomised { "yes" } else { "no" }.to_owned()));
                    }
                    row
                })
                .collect(),
        }),
        notes: Notes {
            datasets,
            population: populations,
            grouping: groupings,
            methods: vec![
                format!(
                    "{} for differences; Woolf logit for odds ratios",
                    interval_note(&settings.intervals, settings.intervals.difference)
                ),
                "Crude: not adjusted for baseline differences and not for multiplicity".to_owned(),
            ],
            footnotes: vec![
                assigned.to_owned(),
                "An interval that includes zero means that the data do not distinguish the two dosages on that endpoint.".to_owned(),
            ],
            abbreviations: vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()],
        },
        id,
    }
}

/// What holds for the endpoints, said once for those that share it: `Safety set (SAFFL = Y) for serious adverse event, fatal adverse event`.
fn by_endpoint(comparisons: &[&EndpointComparison], of: impl Fn(&EndpointComparison) -> String) -> String {
    let mut shared: Vec<(String, Vec<&str>)> = Vec::new();
    for comparison in comparisons {
        let words = of(comparison);
        match shared.iter_mut().find(|(known, _)| *known == words) {
            Some((_, endpoints)) => endpoints.push(&comparison.endpoint.label),
            None => shared.push((words, vec![&comparison.endpoint.label])),
        }
    }
    match shared.as_slice() {
        [(words, _)] => words.clone(),
        several => several.iter().map(|(words, endpoints)| format!("{words} for {}", endpoints.join(", "))).collect::<Vec<_>>().join("; "),
    }
}

fn row(comparison: &EndpointComparison, difference: &Difference, exhibit: &ExhibitId, data: &AnalysisData, facts: &mut Facts) -> Row {
    let endpoint = &comparison.endpoint;
    let pair = format!("{} vs {}", difference.first.id, difference.second.id);
    let part = comparison.panel.part_id.as_deref();
    let source = Slice { rows: difference.first_share.rows.union(&difference.second_share.rows), ..counted(endpoint, data) };
    let denominator = Slice::new(
        "ADSL",
        format!("({}) or ({})", difference.first.filter, difference.second.filter),
        ["USUBJID".to_owned(), comparison.panel.assignment.column(data)],
        difference.first.rows.union(&difference.second.rows),
    );
    let mut insert = |measure: String,
                      what: Option<&str>,
                      label: String,
                      value: FactValue,
                      unit: Unit,
                      share: Option<(u64, u64)>,
                      interval: Option<Interval>,
                      method: &str| {
        let fact = Fact {
            label,
            value,
            unit,
            count: share.map(|(count, _)| count),
            n: share.map(|(_, n)| n),
            interval,
            method: method.to_owned(),
            population: comparison.panel.population.label(data),
            part: part.map(str::to_owned),
            source: source.clone(),
            denominator: Some(denominator.clone()),
            exhibit: Some(exhibit.clone()),
            planned: None,
        };
        facts.insert(FactId::new("comparison", &measure, what, Some(&pair), part), fact)
    };
    let labelled = |what: &str| format!("{what}, {} and {}", difference.first.label, difference.second.label);
    let shares: Vec<FactId> = [("first", &difference.first_share), ("second", &difference.second_share)]
        .into_iter()
        .map(|(name, share)| {
            let value = share.share().map_or(FactValue::NotEstimable, FactValue::Number);
            let label = labelled(&format!("{}, {name} dosage", endpoint.label));
            insert(
                format!("{}_{name}", endpoint.id),
                None,
                label,
                value,
                Unit::Proportion,
                Some((share.count, share.n)),
                share.interval,
                "count of subjects",
            )
        })
        .collect();
    let label = labelled(&format!("{}, difference", endpoint.label));
    let value = FactValue::Number(difference.difference);
    let crude = insert(
        format!("{}_difference", endpoint.id),
        None,
        label,
        value,
        Unit::ProportionDifference,
        None,
        difference.interval,
        "difference of proportions",
    );
    let ratio =
        difference.odds_ratio.map_or((FactValue::NotEstimable, None), |(ratio, interval)| (FactValue::Number(ratio), Some(interval)));
    let label = labelled(&format!("{}, odds ratio", endpoint.label));
    let ratio = insert(format!("{}_odds_ratio", endpoint.id), None, label, ratio.0, Unit::Dimensionless, None, ratio.1, "odds ratio");
    let mut cells: Vec<Cell> = shares.into_iter().map(|id| Cell::Facts(CellPattern::CountOfPercent, vec![id])).collect();
    cells.push(Cell::Facts(CellPattern::ValueInterval, vec![crude]));
    cells.push(Cell::Facts(CellPattern::ValueInterval, vec![ratio]));
    fact_row(&format!("{} vs {}", difference.first.label, difference.second.label), 1, cells)
}

/// The slice that an endpoint counts in, without rows.
fn counted(endpoint: &ComparedEndpoint, data: &AnalysisData) -> Slice {
    let slice = |dataset: &str, filter: String, columns: Vec<String>| Slice::new(dataset, filter, columns, Rows::default());
    match (&endpoint.counted, &data.adverse_events) {
        (Counted::Response { parameter }, _) => {
            slice("ADRS", format!("PARAMCD = {parameter} and AVALC = Y, CR or PR"), ["PARAMCD", "AVALC"].map(str::to_owned).to_vec())
        }
        (Counted::Events(class), Some(source)) => {
            let words = class_words(*class, source);
            slice("ADAE", words.filter, words.columns)
        }
        (Counted::Events(_), None) => slice("ADAE", String::new(), Vec::new()),
    }
}
