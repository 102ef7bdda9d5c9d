//! Response by dosage: T-E16.

use crate::analysis::efficacy::{ResponseColumn, ResponsePanel, ResponseTable};
use crate::analysis::measure::Proportion;
use crate::config::Settings;
use crate::derive::{AnalysisData, Assessor};

use super::super::population::titled;
use super::super::record::{Item, Recorder, interval_note};
use super::super::table::{cells, fact_row, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, Row, Table, Unit};

const TITLE: &str = "Tumour response by dosage";
const CATEGORY_LABELS: [(&str, &str); 7] = [
    ("CR", "Complete response"),
    ("PR", "Partial response"),
    ("SD", "Stable disease"),
    ("NON-CR/NON-PD", "Non-complete response, non-progressive disease"),
    ("PD", "Progressive disease"),
    ("NE", "Not evaluable"),
    ("MISSING", "No assessment recorded"),
];

/// Tables of response, one per panel.
pub(super) fn gather(panels: Option<&[ResponsePanel]>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let panels: Vec<&ResponsePanel> =
        panels.unwrap_or_default().iter().filter(|panel| !panel.tables.is_empty() && !panel.panel.groups.is_empty()).collect();
    if panels.is_empty() {
        let needs = ["ADRS: best overall response (PARAMCD BOR, CBOR) or response (RSP, CRSP) per subject"];
        return vec![Exhibit::placeholder(ExhibitId::new("T-E16", None), TITLE, "The data hold no tumour response.", &needs)];
    }
    panels.into_iter().map(|panel| table(panel, data, settings, facts)).collect()
}

fn table(panel: &ResponsePanel, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "efficacy", "T-E16", &panel.panel, data);
    let mut rows = Vec::new();
    for table in &panel.tables {
        rows.extend(assessed(table, panel, settings, &mut recorder));
    }
    rows.push(followup(panel, &mut recorder));
    let mut notes = recorder.notes(&["ADRS", "ADSL"]);
    if panel.tables.iter().flat_map(|table| &table.columns).any(|column| column.duration.is_some()) {
        notes.datasets.push("ADTTE".to_owned());
        notes.methods.push(format!(
            "Duration of response among confirmed responders: Kaplan-Meier; {}",
            interval_note(&settings.intervals, settings.intervals.kaplan_meier)
        ));
    }
    notes.methods.insert(0, format!("{} for response rates", interval_note(&settings.intervals, settings.intervals.proportion)));
    notes.footnotes.push("Subjects without a response record count in every denominator as not having responded.".to_owned());
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()];
    let columns = recorder.columns(&panel.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Response-evaluable subjects".to_owned(), columns, rows });
    Exhibit { id, title: titled(TITLE, &panel.panel), content, notes }
}

/// Prefix of ids and label of an assessor; the investigator's ids carry no prefix.
fn assessor(assessor: Assessor) -> (&'static str, &'static str) {
    match assessor {
        Assessor::Investigator => ("", "investigator"),
        Assessor::IndependentReview => ("bicr_", "blinded independent central review"),
    }
}

fn assessed(table: &ResponseTable, panel: &ResponsePanel, settings: &Settings, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let (prefix, name) = assessor(table.assessor);
    let groups = &panel.panel.groups;
    let mut rows = Vec::new();
    let mut share =
        |measure: String, label: &str, filter: &str, pattern: CellPattern, of: &dyn Fn(&ResponseColumn) -> Option<Proportion>| {
            cells(groups, &table.columns, |group, column| {
                let Some(proportion) = of(column) else { return Cell::NotAvailable };
                let source = ("ADRS", filter, &["PARAMCD", "AVALC", "ADT"][..]);
                let item = Item { measure: &measure, what: None, group, label, method: "count of subjects", source };
                Cell::Facts(pattern, vec![recorder.proportion(&item, &proportion)])
            })
        };
    let [best, confirmed, unconfirmed] = &table.parameters;
    let level = (settings.intervals.level * 1000.0).round() / 10.0;
    if let Some(code) = best {
        let kind = if table.best_confirmed { "confirmed" } else { "confirmation not required" };
        rows.push(heading_row(&format!("Best overall response ({kind}), {name}, n (%)")));
        for (index, (category, label)) in CATEGORY_LABELS.into_iter().enumerate() {
            let any = table
                .columns
                .iter()
                .any(|column| column.best.as_ref().and_then(|best| best.get(index)).is_some_and(|share| share.count > 0));
            if !any && matches!(category, "NON-CR/NON-PD" | "MISSING" | "NE") {
                continue;
            }
            let filter = format!("PARAMCD = {code} and AVALC = {category}");
            let measure = format!("{prefix}bor_{}", super::super::slug(category));
            let label = format!("Best overall response {label}");
            let made = share(measure, &label, &filter, CellPattern::CountPercent, &|column| column.best.as_ref()?.get(index).cloned());
            rows.push(fact_row(CATEGORY_LABELS[index].1, 1, made));
        }
    }
    let mut rate = |measure: &str, label: &str, code: &str, values: &str, of: &dyn Fn(&ResponseColumn) -> Option<Proportion>| {
        let filter = format!("PARAMCD = {code} and AVALC = {values}");
        let measure = format!("{prefix}{measure}");
        let full = format!("{label}, {name}");
        rows.push(fact_row(&format!("{full}, n (%)"), 0, share(measure.clone(), &full, &filter, CellPattern::CountPercent, of)));
        rows.push(fact_row(&format!("{level}% CI, %"), 1, share(measure, &full, &filter, CellPattern::PercentInterval, of)));
    };
    if let Some(code) = confirmed {
        rate("orr", "Confirmed objective response", code, "Y, CR or PR", &|column| column.confirmed.clone());
    }
    if let Some(code) = unconfirmed {
        rate("orr_unconfirmed", "Objective response, confirmation not required", code, "Y, CR or PR", &|column| column.unconfirmed.clone());
    }
    if let Some(code) = best {
        rate("dcr", "Disease control", code, "CR, PR, SD or NON-CR/NON-PD", &|column| column.control.clone());
    }
    if table.columns.iter().any(|column| column.assessed_twice.is_some()) {
        let label = "At least two evaluable assessments after baseline";
        let made = share(format!("{prefix}assessed_twice"), label, "visit responses other than NE", CellPattern::CountPercent, &|column| {
            column.assessed_twice.clone()
        });
        rows.push(fact_row(&format!("{label}, {name}, n (%)"), 0, made));
    }
    if table.columns.iter().any(|column| column.duration.is_some()) {
        rows.push(duration(table, panel, prefix, recorder));
    }
    rows
}

fn duration(table: &ResponseTable, panel: &ResponsePanel, prefix: &str, recorder: &mut Recorder<'_>) -> Row {
    let measure = format!("{prefix}dor_median");
    let made = cells(&panel.panel.groups, &table.columns, |group, column| {
        let Some(duration) = &column.duration else { return Cell::NotAvailable };
        let source = ("ADTTE", "duration of response among confirmed responders", &["PARAMCD", "AVAL", "CNSR"][..]);
        let item = Item {
            measure: &measure,
            what: None,
            group,
            label: "Median duration of confirmed response",
            method: "Kaplan-Meier median",
            source,
        };
        let id = recorder.number(&item, duration.median, Unit::Months, Some(duration.n), duration.interval, duration.rows.clone());
        Cell::Facts(CellPattern::ValueInterval, vec![id])
    });
    fact_row("Duration of confirmed response, months: median (CI)", 0, made)
}

fn followup(panel: &ResponsePanel, recorder: &mut Recorder<'_>) -> Row {
    let columns: Vec<Option<&ResponseColumn>> =
        (0..panel.panel.groups.len()).map(|index| panel.tables.first().and_then(|table| table.columns.get(index))).collect();
    let made = cells(&panel.panel.groups, &columns, |group, column| {
        let Some(summary) = column.map(|column| &column.followup).filter(|summary| summary.n > 0) else { return Cell::NotAvailable };
        let source =
            ("ADSL", "response-evaluable subjects with a date of last contact or death", &["TRTSDT", "RANDDT", "LSTALVDT", "DTHDT"][..]);
        let item = Item { measure: "followup", what: None, group, label: "Observed follow-up", method: "", source };
        recorder.median_range(&item, &months(summary), &Unit::Months)
    });
    fact_row("Observed follow-up, months: median (range)", 0, made)
}

fn months(days: &crate::analysis::measure::Summary) -> crate::analysis::measure::Summary {
    let month = |value: Option<f64>| value.map(|days| days / crate::quantity::DAYS_PER_MONTH);
    crate::analysis::measure::Summary {
        n: days.n,
        mean: month(days.mean),
        sd: month(days.sd),
        median: month(days.median),
        lower_quartile: month(days.lower_quartile),
        upper_quartile: month(days.upper_quartile),
        minimum: month(days.minimum),
        maximum: month(days.maximum),
        rows: days.rows.clone(),
    }
}
