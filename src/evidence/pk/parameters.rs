//! Pharmacokinetic parameters by dosage and period: T-E11.

use std::collections::BTreeMap;

use crate::analysis::grouping::Group;
use crate::analysis::pk::occasion::{Absence, Occasion, Origin, ParameterSeries, ProfileCounts, SeriesColumn};
use crate::analysis::pk::{DISAGREEMENT, PkParameter, PkResult};
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::super::record::{Item, Recorder};
use super::super::table::{fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table, Unit, slug};
use super::words::{analysis_notes, concentration_columns, occasion_head, occasion_id, profile_filter, source_of, with_unit};

const TITLE: &str = "Pharmacokinetic parameters by dosage and day";

/// The table; `None` without a parameter of a subject with a dosage.
pub(super) fn table(result: &PkResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    if result.occasions.is_empty() || result.panel.groups.is_empty() {
        return None;
    }
    let mut recorder = Recorder::new(facts, "pk", "T-E11", &result.panel, data);
    let mut notes = recorder.notes(&datasets(result));
    let mut rows = Vec::new();
    for (index, occasion) in result.occasions.iter().enumerate() {
        rows.push(heading_row(&occasion_head(occasion)));
        let mut block = Block { what: occasion_id(occasion, result), occasion, result, data, recorder: &mut recorder };
        rows.extend(block.profiles(&mut notes));
        for series in &occasion.series {
            rows.extend(block.parameter(series, &mut notes));
        }
        if result.lead() == Some(index) {
            block.leading();
        }
    }
    if result.occasions.iter().any(|occasion| !occasion.profiles.is_empty()) {
        notes.methods.extend(analysis_notes(&result.rules, settings));
    }
    notes.methods.push("Geometric mean with geometric coefficient of variation (gCV); a dash where no subject has a value".to_owned());
    for text in remarks(result, data) {
        footnote(&mut notes, text);
    }
    notes.abbreviations = abbreviations(result);
    let columns = recorder.columns(&result.panel.groups);
    let id = recorder.exhibit;
    Some(Exhibit { id, title: TITLE.to_owned(), content: Content::Table(Table { stub: "Parameter".to_owned(), columns, rows }), notes })
}

fn datasets(result: &PkResult) -> Vec<&'static str> {
    let origins = || result.occasions.iter().flat_map(|occasion| &occasion.series).map(|series| &series.origin);
    let computed = origins().any(|origin| *origin == Origin::Computed).then_some("ADPC");
    let given = origins().any(|origin| *origin != Origin::Computed).then_some("ADPP");
    [computed, given, Some("ADSL")].into_iter().flatten().collect()
}

/// Makes the rows of one occasion.
pub(super) struct Block<'a, 'f> {
    pub(super) what: String,
    pub(super) occasion: &'a Occasion,
    pub(super) result: &'a PkResult,
    pub(super) data: &'a AnalysisData,
    pub(super) recorder: &'a mut Recorder<'f>,
}

impl Block<'_, '_> {
    /// How many profiles were analysed, and what became of the others.
    fn profiles(&mut self, notes: &mut Notes) -> Option<Row> {
        let (filter, columns) = (profile_filter(self.occasion, self.data), concentration_columns(self.data));
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let label = format!("Profiles analysed, {}", occasion_head(self.occasion));
        let counted = self.result.panel.groups.iter().zip(&self.occasion.profiles).zip(&self.occasion.rows);
        let cells: Vec<Cell> = counted
            .map(|((group, counts), rows)| {
                let source = ("ADPC", filter.as_str(), columns.as_slice());
                let item = Item { measure: "profiles", what: Some(&self.what), group, label: &label, method: "count of subjects", source };
                let id = self.recorder.count(&item, counts.analysed as u64, rows.clone());
                Cell::Facts(CellPattern::Value, vec![id])
            })
            .collect();
        if cells.is_empty() {
            return None;
        }
        let left_out = left_out(&self.occasion.profiles).map(|text| footnote(notes, text));
        Some(Row { footnote: left_out, ..fact_row("Profiles analysed, n", 1, cells) })
    }

    /// Geometric mean, median and number of one parameter; no row where no subject has a value, which is said instead.
    fn parameter(&mut self, series: &ParameterSeries, notes: &mut Notes) -> Vec<Row> {
        let absent = reasons(&series.columns);
        if series.columns.iter().all(|column| column.observations.is_empty()) {
            let told = absent.unwrap_or_else(|| "no value".to_owned());
            footnote(notes, format!("{} is not shown for {}: {told}.", series.label, occasion_head(self.occasion)));
            return Vec::new();
        }
        let mark = absent.map(|told| footnote(notes, format!("Subjects without a value: {told}.")));
        let median =
            self.cells(series, &series.measure, &|recorder, item, column, unit| recorder.median_range(item, &column.summary, unit));
        let n = self.cells(series, &series.measure, &|recorder, item, column, _| {
            let (measure, label) = (format!("{}_n", item.measure), format!("{}, subjects with a value", item.label));
            let item = Item { measure: &measure, label: &label, method: "count of subjects", ..item.clone() };
            Cell::Facts(CellPattern::Value, vec![recorder.count(&item, column.summary.n, column.summary.rows.clone())])
        });
        // The time of the maximum takes the planned times only: it is described by its median.
        if series.parameter == Some(PkParameter::Tmax) {
            let head = format!("{}, median (minimum, maximum)", with_unit(series));
            return vec![Row { footnote: mark, ..fact_row(&head, 1, median) }, fact_row("n", 2, n)];
        }
        let mean = self.cells(series, &series.measure, &geometric);
        let head = format!("{}, geometric mean (gCV%)", with_unit(series));
        vec![Row { footnote: mark, ..fact_row(&head, 1, mean) }, fact_row("Median (minimum, maximum)", 2, median), fact_row("n", 2, n)]
    }

    /// Facts of the occasion that the text speaks of, under ids that name no visit.
    fn leading(&mut self) {
        let occasion = self.occasion;
        for (place, measure) in [(occasion.area(), "area"), (occasion.trough(), "trough"), (occasion.accumulation(), "accumulation")] {
            if let Some(series) = place.and_then(|place| occasion.series.get(place)) {
                let what = std::mem::take(&mut self.what);
                self.cells(series, measure, &geometric);
                self.what = what;
            }
        }
    }

    /// One cell per group of the panel.
    pub(super) fn cells(&mut self, series: &ParameterSeries, measure: &str, cell: MakeCell<'_>) -> Vec<Cell> {
        let (dataset, filter, columns) = source_of(self.occasion, series, self.data);
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let measure = slug(measure);
        let what = Some(self.what.as_str()).filter(|what| !what.is_empty());
        let label = format!("{}, {}", series.label, occasion_head(self.occasion));
        let unit = series.unit.clone().map_or(Unit::Dimensionless, Unit::Named);
        let groups: Vec<&Group> = self.result.panel.groups.iter().collect();
        groups
            .into_iter()
            .zip(&series.columns)
            .map(|(group, column)| {
                if column.observations.is_empty() {
                    return Cell::NotAvailable;
                }
                let source = (dataset, filter.as_str(), columns.as_slice());
                let item = Item { measure: &measure, what, group, label: &label, method: "", source };
                cell(self.recorder, &item, column, &unit)
            })
            .collect()
    }
}

/// Makes a cell of a column.
pub(super) type MakeCell<'a> = &'a dyn Fn(&mut Recorder<'_>, &Item<'_>, &SeriesColumn, &Unit) -> Cell;

/// Geometric mean and geometric coefficient of variation.
pub(super) fn geometric(recorder: &mut Recorder<'_>, item: &Item<'_>, column: &SeriesColumn, unit: &Unit) -> Cell {
    let values = [
        ("geomean", "geometric mean", column.geometric_mean, unit.clone()),
        ("geocv", "geometric coefficient of variation", column.geometric_cv, Unit::Percent),
    ];
    let ids = values.into_iter().map(|(suffix, name, value, unit)| {
        let (measure, label) = (format!("{}_{suffix}", item.measure), format!("{}, {name}", item.label));
        let item = Item { measure: &measure, label: &label, method: name, ..item.clone() };
        recorder.number(&item, value, unit, Some(column.summary.n), None, column.summary.rows.clone())
    });
    Cell::Facts(CellPattern::GeometricMeanCv, ids.collect())
}

/// What became of the profiles that are not analysed.
fn left_out(profiles: &[ProfileCounts]) -> Option<String> {
    let sum = |of: fn(&ProfileCounts) -> usize| profiles.iter().map(of).sum::<usize>();
    let told: Vec<String> = [
        (sum(|counts| counts.sparse), "fewer than three samples with a result after the dose"),
        (sum(|counts| counts.other_dose), "another dose than that of the dosage was given"),
        (sum(|counts| counts.faulty), "samples that contradict each other"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, reason)| format!("{count} ({reason})"))
    .collect();
    (!told.is_empty()).then(|| format!("Profiles left out: {}.", told.join(", ")))
}

/// Subjects without a value, by reason.
fn reasons(columns: &[SeriesColumn]) -> Option<String> {
    let mut counts: BTreeMap<Absence, usize> = BTreeMap::new();
    for (reason, count) in columns.iter().flat_map(|column| &column.absent) {
        *counts.entry(*reason).or_default() += count;
    }
    let told: Vec<String> = counts.into_iter().map(|(reason, count)| format!("{count} ({reason})")).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// What holds for the whole table: records left out, subjects without a column, agreement with ADPP.
fn remarks(result: &PkResult, data: &AnalysisData) -> Vec<String> {
    let mut said = Vec::new();
    let mut excluded: BTreeMap<String, usize> = BTreeMap::new();
    for record in data.concentrations.iter().flat_map(|concentrations| &concentrations.excluded) {
        *excluded.entry(record.reason.to_string()).or_default() += 1;
    }
    if !excluded.is_empty() {
        let told: Vec<String> = excluded.into_iter().map(|(reason, count)| format!("{count} ({reason})")).collect();
        said.push(format!("Records of ADPC left out: {}.", told.join(", ")));
    }
    if result.ungrouped > 0 {
        said.push(format!("Subjects with a profile who are not of the analysis set or have no dosage: {}.", result.ungrouped));
    }
    said.extend(agreement(result));
    said
}

fn agreement(result: &PkResult) -> Option<String> {
    let agreement = &result.agreement;
    if agreement.compared == 0 {
        return None;
    }
    let mut differing: BTreeMap<&str, usize> = BTreeMap::new();
    for disagreement in &agreement.disagreements {
        *differing.entry(disagreement.parameter.id()).or_default() += 1;
    }
    let told: Vec<String> = differing.into_iter().map(|(parameter, count)| format!("{parameter} {count}")).collect();
    let found = if told.is_empty() { "none".to_owned() } else { format!("{} ({})", agreement.disagreements.len(), told.join(", ")) };
    Some(format!(
        "{} records of ADPP were held against the parameter computed from ADPC; those that differ by more than {}%: {found}.",
        agreement.compared,
        100.0 * DISAGREEMENT
    ))
}

fn abbreviations(result: &PkResult) -> Vec<String> {
    let all = [
        ("AUC", "AUC: area under the concentration-time curve"),
        ("Cmax", "Cmax: maximum concentration"),
        ("Ctrough", "Ctrough: concentration at the end of the dosing interval"),
        ("CL", "CL/F, CLss/F: apparent clearance"),
        ("Vz", "Vz/F, Vz,ss/F: apparent volume of the terminal phase"),
        ("Racc", "Racc: accumulation ratio, steady state over first dose"),
        ("t1/2", "t1/2: terminal half-life"),
    ];
    let labels = || result.occasions.iter().flat_map(|occasion| &occasion.series).map(|series| series.label.as_str());
    let mut shown: Vec<String> =
        all.into_iter().filter(|(start, _)| labels().any(|label| label.starts_with(start))).map(|(_, text)| text.to_owned()).collect();
    shown.push("NE: not estimable".to_owned());
    shown
}
