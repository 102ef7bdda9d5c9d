//! Dose proportionality: T-E12 and F-E04.

use crate::analysis::pk::PkResult;
use crate::analysis::pk::dose_proportionality::{DoseProportionality, ProportionalityCaution};
use crate::analysis::pk::judgement::JudgedParameter;
use crate::analysis::pk::occasion::{Occasion, Origin, ParameterSeries};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::{Interval, IntervalMethod};

use super::super::record::set_columns;
use super::super::series::series_key;
use super::super::table::{fact_row, footnote, heading_row};
use super::super::{
    Axis, BandPoint, Cell, CellPattern, Column, Content, Exhibit, ExhibitId, ExposurePanel, ExposurePoints, Fact, FactId, FactValue, Facts,
    FigureSpec, Notes, Plot, Row, Slice, Table, Unit,
};
use super::words::{occasion_head, occasion_id, regimen_words, source_of, with_unit};

const TITLE: &str = "Dose proportionality";
/// Places at which the fitted line is drawn.
const PLACES: usize = 41;

/// A judged parameter with its occasion and series.
struct Judged<'a> {
    judged: &'a JudgedParameter,
    occasion: &'a Occasion,
    series: &'a ParameterSeries,
}

fn every<'a>(result: &'a PkResult) -> Vec<Judged<'a>> {
    let found = result.proportionality.iter().filter_map(|judged| {
        let occasion = result.occasions.get(judged.occasion)?;
        Some(Judged { judged, occasion, series: occasion.series.get(judged.series)? })
    });
    found.collect()
}

/// The table; `None` without exposure of a dosage with a dose.
pub(super) fn table(result: &PkResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    let every = every(result);
    if every.is_empty() {
        return None;
    }
    let id = ExhibitId::new("T-E12", None);
    let mut notes = notes(result, data, settings);
    let mut rows = Vec::new();
    let mut last = None;
    for one in &every {
        if last != Some(one.judged.occasion) {
            rows.push(heading_row(&occasion_head(one.occasion)));
            last = Some(one.judged.occasion);
        }
        let mut row = RowOf { one, what: occasion_id(one.occasion, result), exhibit: &id, result, data, facts };
        rows.push(row.row(&mut notes));
    }
    let level = percent(settings.pk.dose_proportionality.level);
    let heads = ["Subjects".to_owned(), "Doses".to_owned(), format!("Slope ({level}% CI)")];
    let more = ["Limits of the slope", "Largest ratio of doses within the limits", "Conclusion"].map(str::to_owned);
    let columns = heads.into_iter().chain(more).map(|head| Column { head, n: None, spanner: None }).collect();
    let stub = "Analyte, occasion and parameter".to_owned();
    Some(Exhibit { id, title: TITLE.to_owned(), content: Content::Table(Table { stub, columns, rows }), notes })
}

fn percent(level: f64) -> f64 {
    (level * 1000.0).round() / 10.0
}

fn notes(result: &PkResult, data: &AnalysisData, settings: &Settings) -> Notes {
    let rules = &settings.pk.dose_proportionality;
    let mut datasets: Vec<String> = every(result).iter().map(|one| source_of(one.occasion, one.series, data).0.to_owned()).collect();
    datasets.push("ADSL".to_owned());
    datasets.sort();
    datasets.dedup();
    Notes {
        datasets,
        population: result.panel.population.label(data),
        grouping: format!("Dosages {}", result.panel.assignment.label()),
        methods: vec![
            format!(
                "Power model: least squares of the logarithm of exposure on that of the dose of the dosage; {}% confidence interval of the slope from the t distribution",
                percent(rules.level)
            ),
            format!(
                "Limits: 1 + ln({})/ln(r) to 1 + ln({})/ln(r), r the ratio of the highest to the lowest dose (criterion of Smith). Dose proportional where the interval lies within them, not dose proportional where it lies outside, otherwise inconclusive",
                rules.lower, rules.upper
            ),
        ],
        abbreviations: vec!["AUC: area under the concentration-time curve".to_owned(), "CI: confidence interval".to_owned()],
        ..Notes::default()
    }
}

/// Makes the row of one parameter.
struct RowOf<'a> {
    one: &'a Judged<'a>,
    what: String,
    exhibit: &'a ExhibitId,
    result: &'a PkResult,
    data: &'a AnalysisData,
    facts: &'a mut Facts,
}

impl RowOf<'_> {
    fn row(&mut self, notes: &mut Notes) -> Row {
        let judged = self.one.judged;
        let stub = with_unit(self.one.series);
        let n = self.insert("n", "subjects", FactValue::Count(judged.points.len() as u64), Unit::Count, None);
        let n = Cell::Facts(CellPattern::Value, vec![n]);
        match &judged.result {
            Ok(found) => {
                let mark = caution_words(found, judged.left_out).map(|told| footnote(notes, told));
                Row { footnote: mark, ..fact_row(&stub, 1, std::iter::once(n).chain(self.found(found)).collect()) }
            }
            Err(reason) => {
                let mark = footnote(notes, format!("Not judged: {reason}."));
                let empty = std::iter::repeat_n(Cell::NotAvailable, 5);
                Row { footnote: Some(mark), ..fact_row(&stub, 1, std::iter::once(n).chain(empty).collect()) }
            }
        }
    }

    fn found(&mut self, found: &DoseProportionality) -> Vec<Cell> {
        let unit = self.one.judged.dose_unit.label();
        let range = FactValue::Text(format!("{} {unit} to {} {unit}", found.range.0, found.range.1));
        let parameter = format!("{}, {}", self.one.series.label, occasion_head(self.one.occasion));
        self.insert("parameter", "parameter", FactValue::Text(parameter), Unit::Text, None);
        let interval =
            Interval { lower: Some(found.interval.0), upper: Some(found.interval.1), level: found.level, method: IntervalMethod::StudentT };
        let number = FactValue::Number;
        let range = self.insert("dose_range", "lowest and highest dose", range, Unit::Text, None);
        let slope = self.insert("slope", "slope of the power model", number(found.line.slope), Unit::Dimensionless, Some(interval));
        let lower = self.insert("lower_limit", "lower limit of the slope", number(found.limits.0), Unit::Dimensionless, None);
        let upper = self.insert("upper_limit", "upper limit of the slope", number(found.limits.1), Unit::Dimensionless, None);
        let conclusion = self.insert("conclusion", "conclusion", FactValue::Text(found.verdict.label().to_owned()), Unit::Text, None);
        let ratio = match found.largest_proportional_ratio {
            Some(ratio) => {
                let id = self.insert("largest_ratio", "largest ratio of doses within the limits", number(ratio), Unit::Dimensionless, None);
                Cell::Facts(CellPattern::Value, vec![id])
            }
            None => Cell::NotAvailable,
        };
        vec![
            Cell::Facts(CellPattern::Value, vec![range]),
            Cell::Facts(CellPattern::ValueInterval, vec![slope]),
            Cell::Facts(CellPattern::Range, vec![lower, upper]),
            ratio,
            Cell::Facts(CellPattern::Value, vec![conclusion]),
        ]
    }

    fn insert(&mut self, measure: &str, label: &str, value: FactValue, unit: Unit, interval: Option<Interval>) -> FactId {
        let (judged, panel) = (self.one.judged, &self.result.panel);
        let (dataset, filter, columns) = source_of(self.one.occasion, self.one.series, self.data);
        let mut groups: Vec<usize> = judged.points.iter().map(|point| point.group).collect();
        groups.dedup();
        let shown = || groups.iter().filter_map(|group| panel.groups.get(*group));
        let subjects = shown().flat_map(|group| group.rows.as_slice().iter().copied()).collect();
        let filters: Vec<String> = shown().map(|group| format!("({})", group.filter)).collect();
        let fact = Fact {
            label: format!("Dose proportionality of {}, {}: {label}", self.one.series.label, occasion_head(self.one.occasion)),
            value,
            unit,
            count: None,
            n: Some(judged.points.len() as u64),
            interval,
            method: "power model, criterion of Smith".to_owned(),
            population: panel.population.label(self.data),
            part: None,
            source: Slice::new(dataset, filter, columns, judged.rows.clone()),
            denominator: Some(Slice::new("ADSL", filters.join(" or "), set_columns(panel, self.data), subjects)),
            exhibit: Some(self.exhibit.clone()),
            planned: None,
        };
        let what = format!("{} {}", self.one.series.measure, self.what);
        if self.result.leads(judged.occasion, judged.series) {
            self.facts.insert(FactId::new("pk", &format!("proportionality_{measure}"), None, None, None), fact.clone());
        }
        self.facts.insert(FactId::new("pk", &format!("proportionality_{measure}"), Some(&what), None, None), fact)
    }
}

/// What a reader must know of a judgement, in one sentence.
fn caution_words(found: &DoseProportionality, left_out: usize) -> Option<String> {
    let mut told: Vec<String> = found
        .cautions
        .iter()
        .map(|caution| match caution {
            ProportionalityCaution::TwoDoses => "there are two doses, so that one slope always describes them".to_owned(),
            ProportionalityCaution::NarrowRange { ratio, limit } => {
                format!("the highest dose is {:.1} times the lowest, and below {limit} times the criterion says little", ratio)
            }
            ProportionalityCaution::LackOfFit { p_value, limit } => {
                format!("one slope does not describe the whole range (lack of fit, p = {p_value:.3}, below {limit})")
            }
        })
        .collect();
    if left_out > 0 {
        told.push(format!("{left_out} dosages without a dose in the same unit are left out"));
    }
    let text = told.join("; ");
    let mut letters = text.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// The figure: a panel per parameter and occasion, in the order of parameters.
pub(super) fn figure(result: &PkResult, data: &AnalysisData, settings: &Settings) -> Option<Exhibit> {
    let mut every: Vec<Judged<'_>> =
        every(result).into_iter().filter(|one| !one.judged.points.is_empty() && one.judged.result.is_ok()).collect();
    let profiled = |one: &Judged<'_>| !one.occasion.profiles.is_empty();
    let others = every.iter().filter(|one| !profiled(one)).count();
    let only_profiled = others > 0 && others < every.len();
    if only_profiled {
        every.retain(profiled);
    }
    let first = every.first()?;
    let unit = first.judged.dose_unit;
    every.retain(|one| one.judged.dose_unit == unit);
    every.truncate(12);
    let mut occasions: Vec<usize> = every.iter().map(|one| one.judged.occasion).collect();
    occasions.dedup();
    // Areas stand in one row and maxima in the other, so that a column is an occasion.
    let columns = if occasions.len() <= 3 { occasions.len() } else { 2 };
    let area = |one: &Judged<'_>| one.occasion.area() == Some(one.judged.series);
    if occasions.len() <= 3 {
        every.sort_by_key(|one| (!area(one), one.judged.occasion));
    }
    let told: Vec<String> = every.iter().filter_map(told).collect();
    let panels = every.iter().map(|one| panel(one, result, settings)).collect();
    let sources = every.iter().map(|one| {
        let (dataset, filter, columns) = source_of(one.occasion, one.series, data);
        Slice::new(dataset, filter, columns, one.judged.rows.clone())
    });
    let mut notes = notes(result, data, settings);
    notes.methods.push("Points: subjects, at the dose of their dosage; both axes are logarithmic".to_owned());
    if only_profiled {
        notes.footnotes.push("Parameters that ADPP gives apart from the profiles are in the table and not in the figure.".to_owned());
    }
    Some(Exhibit {
        id: ExhibitId::new("F-E04", None),
        title: TITLE.to_owned(),
        content: Content::Figure(FigureSpec {
            plot: Plot::DoseExposure { dose: Axis { label: format!("Dose ({})", unit.label()), log: true, range: None }, columns, panels },
            alt: format!("Exposure against dose on logarithmic axes with the fitted power model. {}.", told.join("; ")),
            source: sources.collect(),
        }),
        notes,
    })
}

fn told(one: &Judged<'_>) -> Option<String> {
    let found = one.judged.result.as_ref().ok()?;
    let (lower, upper) = found.interval;
    Some(format!("{}, {}: slope {:.2} ({lower:.2} to {upper:.2})", one.series.label, one.occasion.name, found.line.slope))
}

/// Parameter, visit and whether doses went before, each on its line; what ADPP gives goes by its code.
fn panel_title(one: &Judged<'_>) -> String {
    let unit = one.series.unit.as_deref().map_or_else(String::new, |unit| format!(" ({unit})"));
    let name = match &one.series.origin {
        Origin::Given { code, .. } => format!("{code} of ADPP{unit}"),
        Origin::Computed => format!("{}{unit}", one.series.label),
    };
    let regimen = one.occasion.regimen.map_or("", regimen_words);
    format!("{name}\n{}\n{regimen}", one.occasion.name)
}

fn panel(one: &Judged<'_>, result: &PkResult, settings: &Settings) -> ExposurePanel {
    let mut series: Vec<ExposurePoints> = Vec::new();
    for points in one.judged.points.chunk_by(|a, b| a.group == b.group) {
        let Some(group) = points.first().and_then(|point| result.panel.groups.get(point.group)) else { continue };
        let points: Vec<(f64, f64)> = points.iter().map(|point| (point.at.dose, point.at.exposure)).collect();
        series.push(ExposurePoints { series: series_key(group, settings, points.len()), points });
    }
    let mut panel = ExposurePanel { title: panel_title(one), series, fit: Vec::new(), line: Vec::new(), proportional: Vec::new() };
    if let Ok(found) = &one.judged.result {
        let (low, high) = (found.range.0.ln(), found.range.1.ln());
        for place in 0..PLACES {
            let dose = (low + (high - low) * place as f64 / (PLACES - 1) as f64).exp();
            let (middle, lower, upper) = found.exposure_at(dose);
            panel.fit.push(BandPoint { at: dose, lower, upper });
            panel.line.push((dose, middle));
            panel.proportional.push((dose, found.proportional_exposure_at(dose)));
        }
    }
    panel
}
