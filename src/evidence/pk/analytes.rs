//! Analytes side by side: T-E11-analytes.

use crate::analysis::pk::molar_ratio::MolarRatio;
use crate::analysis::pk::occasion::{Occasion, ParameterSeries, SeriesColumn};
use crate::analysis::pk::{PkParameter, PkResult};
use crate::config::{AnalyteRole, Settings};
use crate::derive::AnalysisData;

use super::super::record::{Item, Recorder};
use super::super::table::{fact_row, footnote, heading_row};
use super::super::{Cell, Column, Content, Exhibit, Facts, Notes, Row, Table, Unit};
use super::parameters::{Block, geometric};
use super::words::{concentration_columns, occasion_id, profile_filter, regimen_words};

const TITLE: &str = "Analytes side by side, by visit and dosage";

/// The table; `None` unless two analytes have parameters on one visit.
pub(super) fn table(result: &PkResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Option<Exhibit> {
    let analytes = analytes(result);
    let visits = shared_visits(result);
    if analytes.len() < 2 || visits.is_empty() {
        return None;
    }
    let mut recorder = Recorder::new(facts, "pk", "T-E11-analytes", &result.panel, data);
    let mut notes = recorder.notes(&["ADPC", "ADPP", "ADSL"]);
    notes.grouping = format!("Dosages {}; columns by analyte", result.panel.assignment.label());
    let mut rows = Vec::new();
    for visit in &visits {
        let mut maker = Maker { analytes: &analytes, visit, result, data, recorder: &mut recorder };
        rows.extend(maker.rows(&mut notes));
    }
    rows.extend(ratios(result, data, &mut recorder, &mut notes));
    notes.methods.push("Geometric mean with geometric coefficient of variation (gCV); a dash where no subject has a value".to_owned());
    notes.methods.push("Parameters and their subjects are those of T-E11".to_owned());
    if result.molar_ratios.is_empty() {
        footnote(
            &mut notes,
            "Molar ratios need the roles of the analytes (payload and conjugate, or metabolite and parent) and their molar masses.",
        );
    }
    let columns = analytes.iter().map(|analyte| Column { head: head(analyte, result, settings), n: None, spanner: None }).collect();
    let id = recorder.exhibit;
    Some(Exhibit { id, title: TITLE.to_owned(), content: Content::Table(Table { stub: "Parameter".to_owned(), columns, rows }), notes })
}

/// The analytes with profiles, in the order of occasions.
fn analytes(result: &PkResult) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for occasion in result.occasions.iter().filter(|occasion| occasion.code.is_some()) {
        if !found.contains(&occasion.analyte) {
            found.push(occasion.analyte.clone());
        }
    }
    found
}

/// The analyte with its role.
fn head(analyte: &str, result: &PkResult, settings: &Settings) -> String {
    let code = result.occasions.iter().find(|occasion| occasion.analyte == analyte).and_then(|occasion| occasion.code.as_ref());
    let role = code.and_then(|code| settings.drug.analytes.get(code)).and_then(|analyte| analyte.role);
    let told = role.map(AnalyteRole::label).filter(|role| !role.eq_ignore_ascii_case(analyte));
    told.map_or_else(|| analyte.to_owned(), |role| format!("{analyte} ({role})"))
}

/// Positions of the occasions of one visit and regimen, where two analytes or more have one.
fn shared_visits(result: &PkResult) -> Vec<Vec<usize>> {
    let mut visits: Vec<Vec<usize>> = Vec::new();
    for (index, occasion) in result.occasions.iter().enumerate().filter(|(_, occasion)| occasion.code.is_some()) {
        let same = |visit: &&mut Vec<usize>| {
            let first = visit.first().and_then(|first| result.occasions.get(*first));
            first.is_some_and(|first| first.name == occasion.name && first.regimen == occasion.regimen && first.analyte != occasion.analyte)
        };
        match visits.iter_mut().find(same) {
            Some(visit) => visit.push(index),
            None => visits.push(vec![index]),
        }
    }
    visits.retain(|visit| visit.len() > 1);
    visits
}

/// Makes the rows of one visit.
struct Maker<'a, 'f> {
    analytes: &'a [String],
    visit: &'a [usize],
    result: &'a PkResult,
    data: &'a AnalysisData,
    recorder: &'a mut Recorder<'f>,
}

/// A parameter of one analyte with its cells by dosage.
struct Made {
    label: String,
    unit: Option<String>,
    analyte: usize,
    cells: Vec<Cell>,
}

impl Maker<'_, '_> {
    fn rows(&mut self, notes: &mut Notes) -> Vec<Row> {
        let made = self.made();
        let mut labels: Vec<&str> = Vec::new();
        for of in &made {
            if !labels.contains(&of.label.as_str()) {
                labels.push(&of.label);
            }
        }
        let mut rows = Vec::new();
        for (place, group) in self.result.panel.groups.iter().enumerate() {
            let of_group: Vec<Row> = labels.iter().filter_map(|label| self.row(label, place, &made, notes)).collect();
            if !of_group.is_empty() {
                rows.push(heading_row(&format!("{}, {}", group.label, self.head())));
                rows.extend(of_group);
            }
        }
        rows
    }

    fn head(&self) -> String {
        let first = self.visit.first().and_then(|first| self.result.occasions.get(*first));
        first.map_or_else(String::new, |first| match first.regimen {
            Some(regimen) => format!("{} ({})", first.name, regimen_words(regimen)),
            None => first.name.clone(),
        })
    }

    fn made(&mut self) -> Vec<Made> {
        let mut made = Vec::new();
        for occasion in self.visit.iter().filter_map(|index| self.result.occasions.get(*index)) {
            let Some(analyte) = self.analytes.iter().position(|analyte| *analyte == occasion.analyte) else { continue };
            let what = occasion_id(occasion, self.result);
            let mut block = Block { what, occasion, result: self.result, data: self.data, recorder: self.recorder };
            for series in occasion.series.iter().filter(|series| is_shown(series)) {
                let cells = block.cells(series, &series.measure, &geometric);
                made.push(Made { label: series.label.clone(), unit: series.unit.clone(), analyte, cells });
            }
        }
        made
    }

    /// One parameter under one dosage; `None` where no analyte has a value.
    fn row(&self, label: &str, group: usize, made: &[Made], notes: &mut Notes) -> Option<Row> {
        let of_label = || made.iter().filter(|of| of.label == label);
        let cell = |analyte: usize| {
            let held = of_label().find(|of| of.analyte == analyte).and_then(|of| of.cells.get(group));
            held.cloned().unwrap_or(Cell::NotAvailable)
        };
        let cells: Vec<Cell> = (0..self.analytes.len()).map(cell).collect();
        if cells.iter().all(|cell| *cell == Cell::NotAvailable) {
            return None;
        }
        let mut units: Vec<&Option<String>> = of_label().map(|of| &of.unit).collect();
        units.dedup();
        let (stub, mark) = match units[..] {
            [Some(unit)] => (format!("{label} ({unit})"), None),
            [None] => (label.to_owned(), None),
            _ => {
                let named = of_label().filter_map(|of| Some(format!("{} {}", self.analytes.get(of.analyte)?, of.unit.as_ref()?)));
                let text = format!("Units of {label}: {}.", named.collect::<Vec<_>>().join(", "));
                (label.to_owned(), Some(footnote(notes, text)))
            }
        };
        Some(Row { footnote: mark, ..fact_row(&stub, 1, cells) })
    }
}

/// Times of the maximum are not described by a geometric mean.
fn is_shown(series: &ParameterSeries) -> bool {
    series.parameter != Some(PkParameter::Tmax) && series.columns.iter().any(|column| column.geometric_mean.is_some())
}

/// Molar ratios, in the column of the analyte above the line.
fn ratios(result: &PkResult, data: &AnalysisData, recorder: &mut Recorder<'_>, notes: &mut Notes) -> Vec<Row> {
    let analytes = analytes(result);
    let mut rows = Vec::new();
    for ratio in &result.molar_ratios {
        let (Some(over), Some(under)) = (result.occasions.get(ratio.over), result.occasions.get(ratio.under)) else { continue };
        let Some(series) = over.series.get(ratio.series) else { continue };
        let heading = format!("Molar ratio of {} to {}, {}, {}", over.analyte, under.analyte, series.label, over.name);
        let mark = footnote(notes, "Molar ratios: geometric mean (gCV%) of the ratios of patients with both analytes, by molar mass.");
        rows.push(Row { footnote: Some(mark), ..heading_row(&heading) });
        let place = analytes.iter().position(|analyte| *analyte == over.analyte);
        for (group, column) in result.panel.groups.iter().zip(&ratio.columns).filter(|(_, column)| !column.observations.is_empty()) {
            let cell = ratio_cell((ratio, column), (over, under), result, data, (recorder, group));
            let cells = (0..analytes.len()).map(|analyte| if Some(analyte) == place { cell.clone() } else { Cell::Empty }).collect();
            rows.push(fact_row(&group.label, 1, cells));
        }
    }
    rows
}

fn ratio_cell(
    (ratio, column): (&MolarRatio, &SeriesColumn),
    (over, under): (&Occasion, &Occasion),
    result: &PkResult,
    data: &AnalysisData,
    (recorder, group): (&mut Recorder<'_>, &crate::analysis::grouping::Group),
) -> Cell {
    let measure = over.series.get(ratio.series).map_or("parameter", |series| series.measure.as_str());
    let what = format!("{measure} {}", occasion_id(over, result));
    let label = format!("Molar ratio of {} to {}, {measure}, {}", over.analyte, under.analyte, over.name);
    let filter = format!("{}; {}", profile_filter(over, data), profile_filter(under, data));
    let columns = concentration_columns(data);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let item = Item {
        measure: "molar_ratio",
        what: Some(&what),
        group,
        label: &label,
        method: "",
        source: ("ADPC", filter.as_str(), columns.as_slice()),
    };
    geometric(recorder, &item, column, &Unit::Dimensionless)
}
