//! Pairwise crude differences between dosages: T-E17.

use std::collections::BTreeMap;

use crate::analysis::comparison::{ComparedEndpoint, Counted, Difference, EndpointComparison, SMALLEST_GROUP};
use crate::analysis::grouping::Group;
use crate::analysis::measure::Proportion;
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::AnalysisData;
use crate::quantity::{Interval, Rows};

use super::efficacy::responder_filter;
use super::record::{columns_read, interval_note, set_columns};
use super::table::{fact_row, footnote, heading_row};
use super::tolerability::class_words;
use super::{Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Fact, FactId, FactValue, Facts, Notes, Row, Slice, Table, Unit};

const CODE: &str = "T-E17";
const TITLE: &str = "Crude differences between dosages";

/// One table per panel, a row per endpoint and pair.
pub fn gather(comparisons: &[EndpointComparison], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    if comparisons.is_empty() {
        let needs = ["two dosages with at least ten subjects each", "ADRS (response) or ADAE (adverse events)"];
        let reason = "No two dosages have enough subjects in one analysis set to show a difference.";
        return vec![Exhibit::placeholder(ExhibitId::new(CODE, None), TITLE, reason, &needs)];
    }
    let mut by_panel: BTreeMap<Option<usize>, Vec<&EndpointComparison>> = BTreeMap::new();
    for comparison in comparisons {
        by_panel.entry(comparison.panel.part.map(|part| part.0)).or_default().push(comparison);
    }
    by_panel.into_values().filter_map(|comparisons| table(&comparisons, data, settings, facts)).collect()
}

fn table(comparisons: &[&EndpointComparison], data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    let panel = &comparisons.first()?.panel;
    let id = ExhibitId::new(CODE, panel.part_id.as_deref());
    let mut rows: Vec<Row> = Vec::new();
    for comparison in comparisons {
        rows.push(heading_row(&comparison.endpoint.label));
        for difference in &comparison.differences {
            rows.push(Pair { comparison, difference, exhibit: &id, data, facts }.row());
        }
    }
    let column = |head: &str| Column { head: head.to_owned(), n: None, spanner: None };
    let heads = ["First", "Second", "Difference, percentage points (CI)", "Odds ratio (CI)", "Assigned at random"];
    let content = Content::Table(Table {
        stub: "Endpoint and pair of dosages (first minus second)".to_owned(),
        columns: heads.map(column).to_vec(),
        rows,
    });
    Some(Exhibit { title: super::population::titled(TITLE, panel), content, notes: notes(comparisons, data, settings), id })
}

fn notes(comparisons: &[&EndpointComparison], data: &AnalysisData, settings: &Settings) -> Notes {
    let mut datasets: Vec<String> =
        comparisons.iter().map(|comparison| counted(&comparison.endpoint, data).dataset).chain(["ADSL".to_owned()]).collect();
    datasets.sort();
    datasets.dedup();
    let mut notes = Notes {
        datasets,
        population: by_endpoint(comparisons, |comparison| comparison.panel.population.label(data)),
        grouping: by_endpoint(comparisons, |comparison| comparison.panel.assignment.label().to_owned()),
        abbreviations: vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()],
        ..Notes::default()
    };
    let intervals = interval_note(&settings.intervals, settings.intervals.difference);
    notes.methods.push(format!("{intervals} for differences; Woolf logit for odds ratios"));
    notes.methods.push("Crude: not adjusted for baseline differences and not for multiplicity".to_owned());
    notes.methods.push(format!("Pairs of dosages with at least {SMALLEST_GROUP} subjects each{}", candidates(comparisons, settings)));
    let randomised = comparisons.iter().all(|comparison| comparison.panel.randomised);
    let whole = comparisons.iter().all(|comparison| comparison.panel.part.is_none());
    footnote(
        &mut notes,
        match (randomised, whole) {
            (true, true) => "All of these subjects belong to one study part, whose dosages were assigned at random.",
            (true, false) => "Dosages of this study part were assigned at random.",
            (false, _) => {
                "Dosages were not assigned at random within these columns: differences may reflect differences between patients, calendar time and follow-up."
            }
        },
    );
    let text = "An interval that includes zero means that the data do not distinguish the two dosages on that endpoint.";
    footnote(&mut notes, text);
    notes
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

/// What is said where only the candidates of the decision are compared.
fn candidates(comparisons: &[&EndpointComparison], settings: &Settings) -> &'static str {
    let whole = comparisons.iter().any(|comparison| comparison.panel.part.is_none());
    let Some(decision) = settings.decision.as_ref().filter(|_| whole) else { return "" };
    let candidate = |id: &String| *id == decision.proposed || decision.alternatives.contains(id);
    let only = comparisons
        .iter()
        .flat_map(|comparison| &comparison.differences)
        .all(|difference| candidate(&difference.first.id) && candidate(&difference.second.id));
    if only { ", among the proposed dosage and its alternatives" } else { "" }
}

/// Makes the row of one pair.
struct Pair<'a> {
    comparison: &'a EndpointComparison,
    difference: &'a Difference,
    exhibit: &'a ExhibitId,
    data: &'a AnalysisData,
    facts: &'a mut Facts,
}

/// A value of a pair and what belongs to it.
struct Value<'a> {
    measure: &'a str,
    label: &'a str,
    value: Option<f64>,
    unit: Unit,
    /// The dosage and the proportion in it, where the value is of one dosage.
    share: Option<(&'a Group, &'a Proportion)>,
    interval: Option<Interval>,
    method: &'a str,
}

impl Pair<'_> {
    fn row(&mut self) -> Row {
        let difference = self.difference;
        let first = self.share("first", &difference.first, &difference.first_share);
        let second = self.share("second", &difference.second, &difference.second_share);
        let crude = self.insert(Value {
            measure: "difference",
            label: "difference",
            value: Some(difference.difference),
            unit: Unit::ProportionDifference,
            share: None,
            interval: difference.interval,
            method: "difference of proportions",
        });
        let ratio = self.insert(Value {
            measure: "odds_ratio",
            label: "odds ratio",
            value: difference.odds_ratio.map(|(ratio, _)| ratio),
            unit: Unit::Dimensionless,
            share: None,
            interval: difference.odds_ratio.map(|(_, interval)| interval),
            method: "odds ratio",
        });
        let cell = |pattern, id| Cell::Facts(pattern, vec![id]);
        let cells = vec![
            cell(CellPattern::CountOfPercent, first),
            cell(CellPattern::CountOfPercent, second),
            cell(CellPattern::ValueInterval, crude),
            cell(CellPattern::ValueInterval, ratio),
            Cell::Text(if self.comparison.panel.randomised { "yes" } else { "no" }.to_owned()),
        ];
        fact_row(&format!("{} vs {}", difference.first.label, difference.second.label), 1, cells)
    }

    fn share(&mut self, which: &str, group: &Group, share: &Proportion) -> FactId {
        self.insert(Value {
            measure: which,
            label: &format!("{which} dosage"),
            value: share.share(),
            unit: Unit::Proportion,
            share: Some((group, share)),
            interval: share.interval,
            method: "count of subjects",
        })
    }

    fn insert(&mut self, value: Value<'_>) -> FactId {
        let (comparison, difference) = (self.comparison, self.difference);
        let endpoint = &comparison.endpoint;
        let (first, second) = (&difference.first, &difference.second);
        let both = difference.first_share.rows.union(&difference.second_share.rows);
        let rows = value.share.map_or(both, |(_, share)| share.rows.clone());
        let (filter, subjects) = match value.share {
            Some((group, _)) => (group.filter.clone(), group.rows.clone()),
            None => (format!("({}) or ({})", first.filter, second.filter), first.rows.union(&second.rows)),
        };
        let denominator = Slice::new("ADSL", filter, set_columns(&comparison.panel, self.data), subjects);
        let fact = Fact {
            label: format!("{}, {}, {} and {}", endpoint.label, value.label, first.label, second.label),
            value: value.value.map_or(FactValue::NotEstimable, FactValue::Number),
            unit: value.unit,
            count: value.share.map(|(_, share)| share.count),
            n: value.share.map(|(_, share)| share.n),
            interval: value.interval,
            method: value.method.to_owned(),
            population: comparison.panel.population.label(self.data),
            part: comparison.panel.part_id.clone(),
            source: Slice { rows, ..counted(endpoint, self.data) },
            denominator: Some(denominator),
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        let pair = format!("{} vs {}", first.id, second.id);
        let measure = format!("{}_{}", endpoint.id, value.measure);
        self.facts.insert(FactId::new("comparison", &measure, None, Some(&pair), comparison.panel.part_id.as_deref()), fact)
    }
}

/// The slice that an endpoint counts in, without rows.
fn counted(endpoint: &ComparedEndpoint, data: &AnalysisData) -> Slice {
    match (&endpoint.counted, &data.adverse_events) {
        (Counted::Response(parameter), _) => {
            Slice::new("ADRS", responder_filter(parameter), columns_read(data, DatasetName::Adrs), Rows::default())
        }
        (Counted::Events(class), Some(source)) => {
            let words = class_words(*class, source);
            Slice::new("ADAE", words.filter, words.columns, Rows::default())
        }
        (Counted::Events(_), None) => Slice::new("ADAE", "all events", ["USUBJID"], Rows::default()),
    }
}
