//! Trough concentrations over time, steady state and accumulation: T-E11-troughs.

use crate::analysis::grouping::Group;
use crate::analysis::pk::PkResult;
use crate::analysis::pk::steady_state::{SteadyState, SteadyStateVerdict};
use crate::analysis::pk::time_dependence::{TimeDependenceVerdict, UNCHANGED};
use crate::analysis::pk::troughs::{TREND, TroughColumn, TroughCourse, TroughPoint};
use crate::config::Settings;
use crate::derive::AnalysisData;
use crate::quantity::{Interval, IntervalMethod};

use super::super::record::{Item, Recorder};
use super::super::table::{fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Fact, FactId, FactValue, Facts, Notes, Row, Slice, Table, Unit};
use super::parameters::{Block as ParameterBlock, geometric};
use super::words::{concentration_columns, occasion_head, occasion_id, profile_filter, with_unit};

const CODE: &str = "T-E11-troughs";
const TITLE: &str = "Trough concentrations over time by dosage, and accumulation";

/// The table; `None` without a trough.
pub(super) fn table(result: &PkResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    let troughs = &result.troughs;
    if troughs.courses.is_empty() || troughs.panel.groups.is_empty() {
        return None;
    }
    let columns = concentration_columns(data);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut recorder = Recorder::new(facts, "pk", CODE, &troughs.panel, data);
    let mut notes = recorder.notes(&["ADPC", "ADSL"]);
    let mut rows = Vec::new();
    for course in &troughs.courses {
        let unit = course.unit.as_deref().map_or_else(String::new, |unit| format!(" ({unit})"));
        let filter = format!("samples of {} before a dose or at the end of a dosing interval", course.analyte);
        let mut block = Block { course, result, filter: &filter, columns: &columns, recorder: &mut recorder };
        rows.push(heading_row(&format!("{}, trough{unit}", course.analyte)));
        rows.extend(block.visits(&mut notes));
        rows.extend(block.steady_state(&mut notes));
    }
    rows.extend(accumulation(result, data, &mut recorder, &mut notes));
    explain(result, settings, &mut notes);
    let heads = recorder.columns(&troughs.panel.groups);
    let id = recorder.exhibit;
    Some(Exhibit { id, title: TITLE.to_owned(), content: Content::Table(Table { stub: "Trough".to_owned(), columns: heads, rows }), notes })
}

struct Block<'a, 'f> {
    course: &'a TroughCourse,
    result: &'a PkResult,
    filter: &'a str,
    columns: &'a [&'a str],
    recorder: &'a mut Recorder<'f>,
}

impl Block<'_, '_> {
    /// The third piece of fact ids: what follows the analyte, which is named where there are several.
    fn what(&self, told: &str) -> String {
        if self.result.troughs.courses.len() > 1 { format!("{} {told}", self.course.analyte) } else { told.to_owned() }
    }

    fn cells(&mut self, mut cell: impl FnMut(&mut Recorder<'_>, &Group, &TroughColumn) -> Cell) -> Vec<Cell> {
        let columns = self.result.troughs.panel.groups.iter().zip(&self.course.columns);
        columns.map(|(group, column)| cell(self.recorder, group, column)).collect()
    }

    /// Geometric mean and number at every visit.
    fn visits(&mut self, notes: &mut Notes) -> Vec<Row> {
        let mut rows = Vec::new();
        let course = self.course;
        for (place, visit) in course.visits.iter().enumerate() {
            let day = visit.day();
            let what = self.what(&format!("day {day}"));
            let label = format!("Trough of {}, day {day}", self.course.analyte);
            let (filter, columns) = (self.filter, self.columns);
            let unit = self.course.unit.clone().map_or(Unit::Dimensionless, Unit::Named);
            let means = self.cells(|recorder, group, column| {
                let Some(point) = column.points.get(place).filter(|point| point.n > 0) else { return Cell::NotAvailable };
                let source = ("ADPC", filter, columns);
                mean_cell(
                    recorder,
                    &Item { measure: "visit_trough", what: Some(&what), group, label: &label, method: "", source },
                    point,
                    &unit,
                )
            });
            let counted = format!("{label}, subjects");
            let counts = self.cells(|recorder, group, column| {
                let Some(point) = column.points.get(place).filter(|point| point.n > 0) else { return Cell::NotAvailable };
                let source = ("ADPC", filter, columns);
                let item =
                    Item { measure: "visit_trough_n", what: Some(&what), group, label: &counted, method: "count of subjects", source };
                Cell::Facts(CellPattern::Value, vec![recorder.count(&item, point.n as u64, point.rows.clone())])
            });
            let below: usize =
                self.course.columns.iter().filter_map(|column| column.points.get(place)).map(|point| point.below_limit).sum();
            let mark = (below > 0).then(|| footnote(notes, format!("Below the limit of quantification on day {day}: {below}.")));
            rows.push(Row { footnote: mark, ..fact_row(&format!("{}, geometric mean (gCV%)", visit.label()), 1, means) });
            rows.push(fact_row("n", 2, counts));
        }
        rows
    }

    /// Over which visits the trend of each dosage is judged, in how many patients, and what it says.
    fn judged_visits(&self) -> Vec<String> {
        let named = |place: usize| self.course.visits.get(place).map_or_else(String::new, |visit| format!("day {}", visit.day()));
        let told = |(group, column): (&Group, &TroughColumn)| {
            let trend = column.trend.as_ref()?;
            let visits = format!("{}, {} to {}", group.label, named(trend.visits.0), named(trend.visits.1));
            Some(match &trend.result {
                Ok(found) => format!("{visits}, n={}: {}", found.subjects, verdict_words(found.verdict)),
                Err(reason) => format!("{visits}: not judged ({reason})"),
            })
        };
        self.result.troughs.panel.groups.iter().zip(&self.course.columns).filter_map(told).collect()
    }

    /// What the trend says, as facts for the text.
    fn verdicts(&mut self, what: Option<&str>) {
        for (group, column) in self.result.troughs.panel.groups.iter().zip(&self.course.columns) {
            let Some((trend, found)) = column.trend.as_ref().and_then(|trend| Some((trend, trend.result.as_ref().ok()?))) else { continue };
            let text = FactValue::Text(verdict_words(found.verdict).to_owned());
            let source = Slice::new("ADPC", self.filter, self.columns.iter().copied(), trend.rows.clone());
            insert(self.recorder, ("trough_verdict", what, group), "Trend of the trough", (text, Unit::Text), source);
        }
    }

    /// The trend over the last visits, and from when on troughs are no lower or higher than later ones.
    fn steady_state(&mut self, notes: &mut Notes) -> Vec<Row> {
        let (filter, columns) = (self.filter, self.columns);
        let what = self.what("");
        let what = Some(what.trim()).filter(|what| !what.is_empty());
        let course = self.course;
        let over = self.judged_visits();
        let trends = self.cells(|recorder, group, column| {
            let Some((trend, found)) = column.trend.as_ref().and_then(|trend| Some((trend, trend.result.as_ref().ok()?))) else {
                return Cell::NotAvailable;
            };
            let source = ("ADPC", filter, columns);
            let label = "Change of the trough over the last visits";
            let item = Item { measure: "trough_trend", what, group, label, method: "mean of slopes within subjects", source };
            let interval = trend_interval(found);
            let id = recorder.number(
                &item,
                Some(found.ratio),
                Unit::Dimensionless,
                Some(found.subjects as u64),
                Some(interval),
                trend.rows.clone(),
            );
            Cell::Facts(CellPattern::ValueInterval, vec![id])
        });
        self.verdicts(what);
        let from = self.cells(|recorder, group, column| {
            if column.contrasts.is_empty() {
                return Cell::NotAvailable;
            }
            let day = column.steady_from.and_then(|place| course.visits.get(place)).map(|visit| visit.day());
            let rows = column.points.iter().flat_map(|point| point.rows.as_slice().iter().copied()).collect();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a study day from 1 on; the cast saturates")]
            let value = day.map_or(FactValue::NotEstimable, |day| FactValue::Count(day as u64));
            let source = Slice::new("ADPC", filter, columns.iter().copied(), rows);
            let label = "First day from which the interval of the ratio to later troughs holds 1";
            Cell::Facts(CellPattern::Value, vec![insert(recorder, ("steady_from_day", what, group), label, (value, Unit::Days), source)])
        });
        let mark = (!over.is_empty()).then(|| footnote(notes, format!("Visits of the change: {}.", over.join("; "))));
        let late = footnote(
            notes,
            "First visit from which on the 90% interval of the ratio of the trough to the later ones holds 1, within patients. With few patients the intervals are wide and steady state seems early; NE: not reached by the last visit but one.",
        );
        vec![
            Row { footnote: mark, ..fact_row("Change over the last visits, ratio (90% CI)", 1, trends) },
            Row { footnote: Some(late), ..fact_row("Steady from day", 1, from) },
        ]
    }
}

fn mean_cell(recorder: &mut Recorder<'_>, item: &Item<'_>, point: &TroughPoint, unit: &Unit) -> Cell {
    let values = [
        ("geomean", "geometric mean", point.geometric_mean, unit.clone()),
        ("geocv", "geometric coefficient of variation", point.geometric_cv, Unit::Percent),
    ];
    let ids = values.into_iter().map(|(suffix, name, value, unit)| {
        let (measure, label) = (format!("{}_{suffix}", item.measure), format!("{}, {name}", item.label));
        let item = Item { measure: &measure, label: &label, method: name, ..item.clone() };
        recorder.number(&item, value, unit, Some(point.n as u64), None, point.rows.clone())
    });
    Cell::Facts(CellPattern::GeometricMeanCv, ids.collect())
}

fn trend_interval(found: &SteadyState) -> Interval {
    Interval { lower: Some(found.interval.0), upper: Some(found.interval.1), level: TREND.level, method: IntervalMethod::StudentT }
}

fn insert(
    recorder: &mut Recorder<'_>,
    (measure, what, group): (&str, Option<&str>, &Group),
    label: &str,
    (value, unit): (FactValue, Unit),
    source: Slice,
) -> FactId {
    let fact = Fact {
        label: format!("{label}, {}", group.label),
        value,
        unit,
        count: None,
        n: None,
        interval: None,
        method: "trend of troughs within subjects".to_owned(),
        population: recorder.population.clone(),
        part: None,
        source,
        denominator: None,
        exhibit: Some(recorder.exhibit.clone()),
        planned: None,
    };
    recorder.facts.insert(FactId::new("pk", measure, what, Some(&group.id), None), fact)
}

const fn verdict_words(verdict: SteadyStateVerdict) -> &'static str {
    match verdict {
        SteadyStateVerdict::Reached => "within limits",
        SteadyStateVerdict::Rising => "rising",
        SteadyStateVerdict::Falling => "falling",
        SteadyStateVerdict::Inconclusive => "inconclusive",
    }
}

/// Steady state over the first dose: observed, predicted, and what that says of changes over time.
fn accumulation(result: &PkResult, data: &AnalysisData, recorder: &mut Recorder<'_>, notes: &mut Notes) -> Vec<Row> {
    let groups = &result.troughs.panel.groups;
    let mut rows = Vec::new();
    for (index, occasion) in result.occasions.iter().enumerate().filter(|(_, occasion)| !occasion.accumulation.is_empty()) {
        rows.push(heading_row(&format!("Accumulation, {}", occasion_head(occasion))));
        for series in &occasion.accumulation {
            let what = occasion_id(occasion, result);
            let mut block = ParameterBlock { what, occasion, result, data, recorder };
            let means = block.cells(series, &series.measure, &geometric);
            let counts = block.cells(series, &series.measure, &|recorder, item, column, _| {
                let (measure, label) = (format!("{}_n", item.measure), format!("{}, subjects with a value", item.label));
                let item = Item { measure: &measure, label: &label, method: "count of subjects", ..item.clone() };
                Cell::Facts(CellPattern::Value, vec![recorder.count(&item, column.summary.n, column.summary.rows.clone())])
            });
            rows.push(fact_row(
                &format!("{}, geometric mean (gCV%)", capitalised(&with_unit(series))),
                1,
                arranged(&means, groups, result),
            ));
            rows.push(fact_row("n", 2, arranged(&counts, groups, result)));
        }
        rows.extend(change(index, result, data, recorder, notes));
    }
    rows
}

/// The label with a capital; symbols keep their spelling.
fn capitalised(label: &str) -> String {
    label.strip_prefix("linearity").map_or_else(|| label.to_owned(), |rest| format!("Linearity{rest}"))
}

/// Cells by group of the parameters, in the order of the groups with troughs.
fn arranged(cells: &[Cell], groups: &[Group], result: &PkResult) -> Vec<Cell> {
    let place = |group: &Group| result.panel.groups.iter().position(|other| other.id == group.id);
    groups.iter().map(|group| place(group).and_then(|place| cells.get(place)).cloned().unwrap_or(Cell::NotAvailable)).collect()
}

/// The linearity index with its interval, and a footnote where exposure is not what the first dose predicts.
fn change(index: usize, result: &PkResult, data: &AnalysisData, recorder: &mut Recorder<'_>, notes: &mut Notes) -> Option<Row> {
    let occasion = result.occasions.get(index)?;
    let (filter, columns) = (profile_filter(occasion, data), concentration_columns(data));
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let what = occasion_id(occasion, result);
    let label =
        format!("Area over the dosing interval at steady state over area to infinity of the first dose, {}", occasion_head(occasion));
    let mut marked = None;
    let mut cells = Vec::new();
    for group in &result.troughs.panel.groups {
        let of_group = |of: &&crate::analysis::pk::time_dependence::TimeDependence| {
            of.occasion == index && result.panel.groups.get(of.group).is_some_and(|other| other.id == group.id)
        };
        let Some(found) = result.time_dependence.iter().find(of_group) else {
            cells.push(Cell::NotAvailable);
            continue;
        };
        let source = ("ADPC", filter.as_str(), columns.as_slice());
        let item = Item { measure: "time_dependence", what: Some(&what), group, label: &label, method: "geometric mean", source };
        let n = Some(found.subjects as u64);
        let id = recorder.number(&item, Some(found.index), Unit::Dimensionless, n, found.interval, found.rows.clone());
        cells.push(Cell::Facts(CellPattern::ValueInterval, vec![id]));
        let said = match found.verdict {
            TimeDependenceVerdict::More => "more exposure at steady state than the first dose predicts: clearance may fall over time",
            TimeDependenceVerdict::Less => "less exposure at steady state than the first dose predicts: clearance may rise over time",
            TimeDependenceVerdict::NotShown => continue,
        };
        marked = Some(footnote(
            notes,
            format!(
                "{}, {}: {said}. Exposure at steady state is then no measure of exposure in the first cycle.",
                group.label,
                occasion_head(occasion)
            ),
        ));
    }
    let any = cells.iter().any(|cell| *cell != Cell::NotAvailable);
    any.then(|| Row { footnote: marked, ..fact_row("Linearity index, geometric mean (90% CI)", 1, cells) })
}

fn explain(result: &PkResult, settings: &Settings, notes: &mut Notes) {
    let troughs = &result.troughs;
    notes.methods.extend([
        "Trough: sample before a dose after the first, or at the end of a dosing interval; half the limit of quantification stands for what is below it, and no mean is given where more than half are".to_owned(),
        format!(
            "Change over the last visits: mean slope of the logarithm within patients over up to three visits with at least four quantified troughs; within limits where its 90% interval lies within {} to {} [Maganti2008]",
            TREND.lower, TREND.upper
        ),
    ]);
    if result.occasions.iter().any(|occasion| !occasion.accumulation.is_empty()) {
        notes.methods.push(format!(
            "Linearity index: area over the dosing interval at steady state over area to infinity of the first dose, 1 where kinetics do not change over time; a change is told where the mean lies outside {} to {} and its 90% interval excludes 1 [BoxenbaumBattle1995]",
            UNCHANGED.0, UNCHANGED.1
        ));
    }
    let other: usize = troughs.courses.iter().map(|course| course.other_dose).sum();
    if other > 0 {
        footnote(notes, format!("Troughs left out because another dose than that of the dosage had been given: {other}."));
    }
    let measured = result.occasions.iter().any(|occasion| !occasion.accumulation.is_empty());
    if settings.drug.molecular_class.is_biologic() && result.time_dependence.is_empty() {
        footnote(
            notes,
            "Clearance of antibodies may change over time with the disease and with antibodies against them; the data do not allow exposure at steady state to be held against that of the first dose.",
        );
    }
    notes.abbreviations.extend(["CI: confidence interval".to_owned(), "gCV: geometric coefficient of variation".to_owned()]);
    if measured {
        notes.abbreviations.push(
            "Racc: accumulation ratio; Racc,pred: that predicted from the terminal slope of the first dose; t1/2,eff: effective half-life"
                .to_owned(),
        );
    }
    notes.abbreviations.push("NE: not estimable".to_owned());
}
