//! Separation of exposure between dosages: T-E13.

use crate::analysis::grouping::Group;
use crate::analysis::pk::PkResult;
use crate::analysis::pk::judgement::SeparatedPair;
use crate::analysis::pk::occasion::{Occasion, ParameterSeries};
use crate::analysis::pk::separation::{NotSeparable, SeparationRules};
use crate::derive::AnalysisData;
use crate::quantity::{Interval, IntervalMethod};

use super::super::record::set_columns;
use super::super::table::{fact_row, footnote, heading_row};
use super::super::{
    Cell, CellPattern, Column, Content, Exhibit, ExhibitId, Fact, FactId, FactValue, Facts, Notes, Row, Slice, Table, Unit,
};
use super::words::{occasion_head, occasion_id, source_of, with_unit};

/// The table; `None` where no two dosages have an exposure.
pub(super) fn table(result: &PkResult, data: &AnalysisData, facts: &mut Facts) -> Option<Exhibit> {
    if result.separation.is_empty() {
        return None;
    }
    let id = ExhibitId::new("T-E13", None);
    let mut notes = notes(result, data);
    let mut rows = Vec::new();
    let mut last = None;
    for pair in &result.separation {
        let Some(row) = PairRow::new(pair, result, data, &id) else { continue };
        if last != Some((pair.occasion, pair.series)) {
            rows.push(heading_row(&format!("{}, {}", with_unit(row.series), occasion_head(row.occasion))));
            last = Some((pair.occasion, pair.series));
        }
        rows.push(row.row(facts, &mut notes));
    }
    let level = 100.0 * SeparationRules::default().level;
    let heads = [
        "Subjects, lower dosage".to_owned(),
        "Subjects, higher dosage".to_owned(),
        format!("Ratio of geometric means, higher to lower ({level}% CI)"),
        "Overlap, %".to_owned(),
        "Lower dosage above the median of the higher, %".to_owned(),
    ];
    let columns = heads.into_iter().map(|head| Column { head, n: None, spanner: None }).collect();
    let stub = "Pair of dosages".to_owned();
    let title = "Separation of exposure between dosages".to_owned();
    Some(Exhibit { id, title, content: Content::Table(Table { stub, columns, rows }), notes })
}

fn notes(result: &PkResult, data: &AnalysisData) -> Notes {
    let rules = SeparationRules::default();
    let shown = result.separation.iter().filter_map(|pair| {
        let occasion = result.occasions.get(pair.occasion)?;
        Some(source_of(occasion, occasion.series.get(pair.series)?, data).0.to_owned())
    });
    let mut datasets: Vec<String> = shown.chain(std::iter::once("ADSL".to_owned())).collect();
    datasets.sort();
    datasets.dedup();
    Notes {
        datasets,
        population: result.panel.population.label(data),
        grouping: format!("Dosages {}", result.panel.assignment.label()),
        methods: vec![
            "Pairs: neighbouring dosages, and the proposed dosage with each alternative".to_owned(),
            format!("{}% confidence intervals: {}", 100.0 * rules.level, IntervalMethod::WelchT.label()),
            format!("Overlap: share that the two distributions have in common, {}; 0% apart, 100% the same", rules.overlap.label()),
        ],
        abbreviations: vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()],
        ..Notes::default()
    }
}

/// Makes the row of one pair.
struct PairRow<'a> {
    pair: &'a SeparatedPair,
    occasion: &'a Occasion,
    series: &'a ParameterSeries,
    lower: &'a Group,
    higher: &'a Group,
    what: String,
    result: &'a PkResult,
    data: &'a AnalysisData,
    exhibit: &'a ExhibitId,
}

impl<'a> PairRow<'a> {
    fn new(pair: &'a SeparatedPair, result: &'a PkResult, data: &'a AnalysisData, exhibit: &'a ExhibitId) -> Option<Self> {
        let occasion = result.occasions.get(pair.occasion)?;
        let series = occasion.series.get(pair.series)?;
        let (lower, higher) = (result.panel.groups.get(pair.lower)?, result.panel.groups.get(pair.higher)?);
        let what = format!("{} {}", series.measure, occasion_id(occasion, result));
        Some(Self { pair, occasion, series, lower, higher, what, result, data, exhibit })
    }

    fn row(&self, facts: &mut Facts, notes: &mut Notes) -> Row {
        let found = &self.pair.separation;
        let limits = found.interval.ok();
        let interval = Interval {
            lower: limits.map(|limits| limits.0),
            upper: limits.map(|limits| limits.1),
            level: found.rules.level,
            method: IntervalMethod::WelchT,
        };
        let count = |n: usize| (FactValue::Count(n as u64), Unit::Count);
        let number = |value: Result<f64, NotSeparable>, unit| (value.map_or(FactValue::NotEstimable, FactValue::Number), unit);
        let made = [
            self.insert(facts, ["lower_n", "subjects under the lower dosage", "count of subjects"], count(found.subjects.0), None),
            self.insert(facts, ["higher_n", "subjects under the higher dosage", "count of subjects"], count(found.subjects.1), None),
            self.insert(
                facts,
                ["ratio", "ratio of geometric means, higher to lower dosage", "ratio of geometric means"],
                number(found.ratio, Unit::Dimensionless),
                Some(interval),
            ),
            self.insert(
                facts,
                ["overlap", "overlap of the distributions", found.rules.overlap.label()],
                number(found.overlap.map(|share| 100.0 * share), Unit::Percent),
                None,
            ),
            self.insert(
                facts,
                ["above_median", "lower dosage above the median of the higher", "percentage of subjects"],
                number(found.percent_above_median, Unit::Percent),
                None,
            ),
        ];
        let patterns = [CellPattern::Value, CellPattern::Value, CellPattern::ValueInterval, CellPattern::Value, CellPattern::Value];
        let cells = made.into_iter().zip(patterns).map(|(id, pattern)| Cell::Facts(pattern, vec![id])).collect();
        let mut reasons: Vec<String> = [found.ratio.err(), found.interval.err(), found.overlap.err(), found.percent_above_median.err()]
            .into_iter()
            .flatten()
            .map(|reason| reason.to_string())
            .collect();
        reasons.dedup();
        let mark = (!reasons.is_empty()).then(|| footnote(notes, format!("Not estimable: {}.", reasons.join("; "))));
        Row { footnote: mark, ..fact_row(&format!("{} and {}", self.lower.label, self.higher.label), 1, cells) }
    }

    fn insert(&self, facts: &mut Facts, words: [&str; 3], (value, unit): (FactValue, Unit), interval: Option<Interval>) -> FactId {
        let [measure, label, method] = words;
        let (dataset, filter, columns) = source_of(self.occasion, self.series, self.data);
        let panel = &self.result.panel;
        let (lower, higher) = (self.lower, self.higher);
        let subjects = lower.rows.union(&higher.rows);
        let filters = format!("({}) or ({})", lower.filter, higher.filter);
        let (below, above) = self.pair.separation.subjects;
        let fact = Fact {
            label: format!("{}, {}: {label}, {} and {}", self.series.label, occasion_head(self.occasion), lower.label, higher.label),
            value,
            unit,
            count: None,
            n: Some((below + above) as u64),
            interval,
            method: method.to_owned(),
            population: panel.population.label(self.data),
            part: None,
            source: Slice::new(dataset, filter, columns, self.pair.rows.clone()),
            denominator: Some(Slice::new("ADSL", filters, set_columns(panel, self.data), subjects)),
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        let pair = format!("{} vs {}", lower.id, higher.id);
        if self.result.leads(self.pair.occasion, self.pair.series) {
            facts.insert(FactId::new("pk", &format!("separation_{measure}"), None, Some(&pair), None), fact.clone());
        }
        facts.insert(FactId::new("pk", &format!("separation_{measure}"), Some(&self.what), Some(&pair), None), fact)
    }
}
