//! Baseline characteristics: T-E02.

use crate::analysis::measure::Summary;
use crate::analysis::population::{BaselinePanel, BaselineRow, Characteristic};
use crate::derive::AnalysisData;

use super::super::record::{Item, Recorder};
use super::super::table::{fact_row, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Row, Table, Unit, slug};
use super::titled;

/// The characteristics of one panel; a placeholder when there is none.
pub(super) fn tabulate(panel: &BaselinePanel, data: &AnalysisData, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "baseline", "T-E02", &panel.panel, data);
    let title = titled("Baseline characteristics by dosage", &panel.panel);
    if panel.rows.is_empty() || panel.panel.groups.is_empty() {
        let reason = if panel.panel.groups.is_empty() {
            "No subject of ADSL has a dosage of the project."
        } else {
            "ADSL holds none of the baseline variables that are known."
        };
        return Exhibit::placeholder(recorder.exhibit, &title, reason, &["ADSL: AGE, SEX, RACE, ECOG, WTBL, …"]);
    }
    let rows = panel.rows.iter().flat_map(|row| variable(row, panel, &mut recorder)).collect();
    let mut notes = recorder.notes(&["ADSL"]);
    if let Some(reference) = panel.reference.and_then(|reference| panel.panel.groups.get(reference)) {
        notes.methods.push(format!(
            "Standardised difference from {}: difference of means over the pooled standard deviation; for categories the generalised distance over all levels [YangDalton2012]; subjects without a value are left out",
            reference.label
        ));
        notes.footnotes.push(
            "An absolute standardised difference above 0.25 is commonly read as an imbalance that a comparison should address.".to_owned(),
        );
    }
    notes.abbreviations = vec!["SD: standard deviation".to_owned()];
    let columns = recorder.columns(&panel.panel.groups);
    let content = Content::Table(Table { stub: "Characteristic".to_owned(), columns, rows });
    Exhibit { id: recorder.exhibit, title, content, notes }
}

fn variable(row: &BaselineRow, panel: &BaselinePanel, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(levels) = &row.variable.levels {
        rows.push(heading_row(&format!("{}, n (%)", row.variable.label)));
        rows.extend(levels.iter().enumerate().map(|(level, name)| level_row(row, Some(level), name, panel, recorder)));
        if row.columns.iter().any(|column| matches!(column, Characteristic::Levels(_, missing) if missing.count > 0)) {
            rows.push(level_row(row, None, "Missing", panel, recorder));
        }
    } else {
        rows.push(heading_row(&row.variable.label));
        rows.extend(number_rows(row, panel, recorder));
        rows.extend(missing_row(row, panel, recorder));
    }
    rows.extend(panel.reference.map(|reference| difference_row(row, reference, panel, recorder)));
    rows
}

/// The filter of a level, or of the subjects without a value.
fn level_filter(row: &BaselineRow, level: Option<usize>, name: &str) -> String {
    let column = &row.variable.column;
    let last = row.variable.levels.as_ref().map(|levels| levels.len().saturating_sub(1));
    match level {
        None => format!("{column} is missing"),
        Some(_) if row.variable.merged && level == last => format!("{column} is none of the other levels shown"),
        Some(_) => format!("{column} = {name}"),
    }
}

fn level_row(row: &BaselineRow, level: Option<usize>, name: &str, panel: &BaselinePanel, recorder: &mut Recorder<'_>) -> Row {
    let what = format!("{} {name}", row.variable.column);
    let label = format!("{}: {name}", row.variable.label);
    let filter = level_filter(row, level, name);
    let columns = [row.variable.column.as_str()];
    let cells = panel.panel.groups.iter().zip(&row.columns).map(|(group, column)| {
        let Characteristic::Levels(levels, missing) = column else { return Cell::NotAvailable };
        let source = ("ADSL", filter.as_str(), &columns[..]);
        let item = Item { measure: "level", what: Some(&what), group, label: &label, method: "count of subjects", source };
        let proportion = level.map_or(Some(missing), |level| levels.get(level));
        proportion
            .map_or(Cell::NotAvailable, |proportion| Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, proportion)]))
    });
    fact_row(name, 1, cells.collect())
}

/// Makes the cell of one number from its summary.
type SummaryCell = fn(&mut Recorder<'_>, &Item<'_>, &Summary) -> Cell;

fn number_rows(row: &BaselineRow, panel: &BaselinePanel, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let shown: [(&str, SummaryCell); 3] = [
        ("Mean (SD)", |recorder, item, summary| recorder.mean_sd(item, summary, &Unit::Dimensionless)),
        ("Median (quartiles)", |recorder, item, summary| recorder.median_quartiles(item, summary, &Unit::Dimensionless)),
        ("Range", |recorder, item, summary| recorder.range(item, summary, &Unit::Dimensionless)),
    ];
    let measure = slug(&row.variable.column);
    let columns = [row.variable.column.as_str()];
    let filter = format!("{} is recorded", row.variable.column);
    let mut tabulate = |(name, cell): (&str, SummaryCell)| {
        let cells = panel.panel.groups.iter().zip(&row.columns).map(|(group, column)| match column {
            Characteristic::Number(summary, _) if summary.n > 0 => {
                let source = ("ADSL", filter.as_str(), &columns[..]);
                let item = Item { measure: &measure, what: None, group, label: &row.variable.label, method: "", source };
                cell(recorder, &item, summary)
            }
            _ => Cell::NotAvailable,
        });
        fact_row(name, 1, cells.collect())
    };
    shown.into_iter().map(&mut tabulate).collect()
}

/// The subjects without a number, where there is one in any column.
fn missing_row(row: &BaselineRow, panel: &BaselinePanel, recorder: &mut Recorder<'_>) -> Option<Row> {
    let any = row.columns.iter().any(|column| matches!(column, Characteristic::Number(_, missing) if !missing.is_empty()));
    let measure = format!("{}_missing", slug(&row.variable.column));
    let label = format!("{}: missing", row.variable.label);
    let filter = format!("{} is missing", row.variable.column);
    let columns = [row.variable.column.as_str()];
    let cells = panel.panel.groups.iter().zip(&row.columns).map(|(group, column)| {
        let Characteristic::Number(_, missing) = column else { return Cell::NotAvailable };
        let source = ("ADSL", filter.as_str(), &columns[..]);
        let item = Item { measure: &measure, what: None, group, label: &label, method: "count of subjects", source };
        Cell::Facts(CellPattern::Value, vec![recorder.count(&item, missing.len() as u64, missing.clone())])
    });
    any.then(|| fact_row("Missing, n", 1, cells.collect()))
}

fn difference_row(row: &BaselineRow, reference: usize, panel: &BaselinePanel, recorder: &mut Recorder<'_>) -> Row {
    let measure = format!("{}_smd", slug(&row.variable.column));
    let label = format!("{}, standardised difference", row.variable.label);
    let columns = [row.variable.column.as_str()];
    let Some(other) = panel.panel.groups.get(reference) else { return fact_row(&label, 1, vec![Cell::Empty; panel.panel.groups.len()]) };
    let filter = format!("against {}", other.label);
    let cells = panel.panel.groups.iter().zip(&row.differences).enumerate().map(|(index, (group, difference))| {
        if group.dosage.is_none() || index == reference {
            return Cell::NotAvailable;
        }
        let source = ("ADSL", filter.as_str(), &columns[..]);
        let item = Item { measure: &measure, what: None, group, label: &label, method: "standardised difference", source };
        let rows = group.rows.union(&other.rows);
        let n = (group.n() + other.n()) as u64;
        Cell::Facts(CellPattern::Value, vec![recorder.number(&item, *difference, Unit::Dimensionless, Some(n), None, rows)])
    });
    fact_row(&format!("Standardised difference from {}", other.label), 1, cells.collect())
}
