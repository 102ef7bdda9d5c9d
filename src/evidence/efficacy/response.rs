//! Response by dosage: T-E16.

use crate::analysis::efficacy::{ResponderParameter, ResponseColumn, ResponsePanel, ResponseTable};
use crate::analysis::measure::Proportion;
use crate::config::Settings;
use crate::data::DatasetName;
use crate::derive::{AnalysisData, Assessor};

use super::super::population::titled;
use super::super::record::{Item, Recorder, columns_read, interval_note};
use super::super::table::{cells, fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit, slug};

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
        let mut rows_of = ResponseRows { table, panel, data, recorder: &mut recorder };
        rows.extend(rows_of.best());
        rows.extend(rows_of.rates((settings.intervals.level * 1000.0).round() / 10.0));
        rows.extend(rows_of.assessed_twice());
        rows.extend(rows_of.duration());
    }
    rows.push(followup(panel, data, &mut recorder));
    let mut notes = recorder.notes(&["ADRS", "ADSL"]);
    explain(panel, settings, &mut notes);
    let columns = recorder.columns(&panel.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Response-evaluable subjects".to_owned(), columns, rows });
    Exhibit { id, title: titled(TITLE, &panel.panel), content, notes }
}

fn explain(panel: &ResponsePanel, settings: &Settings, notes: &mut Notes) {
    notes.methods.push(format!("{} for response rates", interval_note(&settings.intervals, settings.intervals.proportion)));
    if panel.tables.iter().flat_map(|table| &table.columns).any(|column| column.duration.is_some()) {
        notes.datasets.push("ADTTE".to_owned());
        notes.methods.push(format!(
            "Duration of response among confirmed responders: Kaplan-Meier; {}",
            interval_note(&settings.intervals, settings.intervals.kaplan_meier)
        ));
    }
    notes.methods.push("Assessments on one day count once; not evaluable assessments do not count".to_owned());
    footnote(notes, "Subjects without a response record count in every denominator as not having responded.");
    for table in panel.tables.iter().filter(|table| table.contradictions > 0) {
        let code = table.parameters.confirmed.as_ref().map_or("", |parameter| parameter.code.as_str());
        let (best, count) = (table.parameters.best.as_deref().unwrap_or_default(), table.contradictions);
        footnote(notes, format!("Subjects whose confirmed response ({code}) contradicts their best overall response ({best}): {count}."));
    }
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "NE: not estimable".to_owned()];
}

/// Prefix of ids and label of an assessor; the investigator's ids carry no prefix.
fn assessor(assessor: Assessor) -> (&'static str, &'static str) {
    match assessor {
        Assessor::Investigator => ("", "investigator"),
        Assessor::IndependentReview => ("bicr_", "blinded independent central review"),
    }
}

/// The filter of a parameter that says who responded.
pub(in crate::evidence) fn responder_filter(parameter: &ResponderParameter) -> String {
    let by = parameter.assessor.map(|of| format!(", {}", assessor(of).1)).unwrap_or_default();
    format!("PARAMCD = {} and AVALC = {}{by}", parameter.code, if parameter.yes_no { "Y" } else { "CR or PR" })
}

/// Makes the rows of one assessor.
struct ResponseRows<'a, 'f> {
    table: &'a ResponseTable,
    panel: &'a ResponsePanel,
    data: &'a AnalysisData,
    recorder: &'a mut Recorder<'f>,
}

/// What a row of proportions counts.
struct Words<'a> {
    measure: &'a str,
    label: &'a str,
    dataset: DatasetName,
    filter: &'a str,
}

impl ResponseRows<'_, '_> {
    fn share(&mut self, words: &Words<'_>, pattern: CellPattern, of: &dyn Fn(&ResponseColumn) -> Option<&Proportion>) -> Vec<Cell> {
        let measure = format!("{}{}", assessor(self.table.assessor).0, words.measure);
        let columns = if words.dataset == DatasetName::Adsl { vec!["USUBJID".to_owned()] } else { columns_read(self.data, words.dataset) };
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        cells(&self.panel.panel.groups, &self.table.columns, |group, column| {
            let Some(proportion) = of(column) else { return Cell::NotAvailable };
            let source = (words.dataset.label(), words.filter, columns.as_slice());
            let item = Item { measure: &measure, what: None, group, label: words.label, method: "count of subjects", source };
            Cell::Facts(pattern, vec![self.recorder.proportion(&item, proportion)])
        })
    }

    fn name(&self) -> &'static str {
        assessor(self.table.assessor).1
    }

    /// What follows a filter where the data hold records of both assessors.
    fn by(&self) -> String {
        if self.panel.tables.len() > 1 { format!(", {}", self.name()) } else { String::new() }
    }

    /// Best overall response by category; the rarer categories only where somebody has them.
    fn best(&mut self) -> Vec<Row> {
        let Some(code) = self.table.parameters.best.clone() else { return Vec::new() };
        let kind = if self.table.best_confirmed { "confirmed" } else { "confirmation not required" };
        let mut rows = vec![heading_row(&format!("Best overall response ({kind}), {}, n (%)", self.name()))];
        for (index, (category, label)) in CATEGORY_LABELS.into_iter().enumerate() {
            let share = |column: &ResponseColumn| column.best.as_ref().and_then(|best| best.get(index)).map_or(0, |share| share.count);
            let any = self.table.columns.iter().any(|column| share(column) > 0);
            if !any && matches!(category, "NON-CR/NON-PD" | "MISSING" | "NE") {
                continue;
            }
            // Who has no record cannot be shown by the rows of ADRS.
            let (dataset, filter) = if category == "MISSING" {
                (DatasetName::Adsl, format!("no value of {code} in ADRS{}", self.by()))
            } else {
                (DatasetName::Adrs, format!("PARAMCD = {code} and AVALC = {category}{}", self.by()))
            };
            let (measure, full) = (format!("bor_{}", slug(category)), format!("Best overall response {label}, {}", self.name()));
            let words = Words { measure: &measure, label: &full, dataset, filter: &filter };
            let made = self.share(&words, CellPattern::CountPercent, &|column| column.best.as_ref()?.get(index));
            rows.push(fact_row(label, 1, made));
        }
        rows
    }

    /// Response and disease control with intervals.
    fn rates(&mut self, level: f64) -> Vec<Row> {
        let parameters = &self.table.parameters;
        let confirmed = parameters.confirmed.as_ref().map(responder_filter);
        let unconfirmed = parameters.unconfirmed.as_ref().map(responder_filter);
        let control = parameters.best.as_ref().map(|code| format!("PARAMCD = {code} and AVALC = CR, PR, SD or NON-CR/NON-PD{}", self.by()));
        let of: [fn(&ResponseColumn) -> Option<&Proportion>; 3] =
            [|column| column.confirmed.as_ref(), |column| column.unconfirmed.as_ref(), |column| column.control.as_ref()];
        let named = [
            ("orr", "Confirmed objective response"),
            ("orr_unconfirmed", "Objective response, confirmation not required"),
            ("dcr", "Disease control"),
        ];
        let mut rows = Vec::new();
        for (((measure, label), filter), of) in named.into_iter().zip([confirmed, unconfirmed, control]).zip(of) {
            let Some(filter) = filter else { continue };
            let full = format!("{label}, {}", self.name());
            let words = Words { measure, label: &full, dataset: DatasetName::Adrs, filter: &filter };
            rows.push(fact_row(&format!("{full}, n (%)"), 0, self.share(&words, CellPattern::CountPercent, &of)));
            rows.push(fact_row(&format!("{level}% CI, %"), 1, self.share(&words, CellPattern::PercentInterval, &of)));
        }
        rows
    }

    fn assessed_twice(&mut self) -> Option<Row> {
        let code = self.table.parameters.visit.clone()?;
        let label = format!("Evaluable assessments on at least two days after baseline, {}", self.name());
        let filter = format!("PARAMCD = {code} and AVALC is neither missing nor not evaluable, after day 1{}", self.by());
        let words = Words { measure: "assessed_twice", label: &label, dataset: DatasetName::Adrs, filter: &filter };
        let made = self.share(&words, CellPattern::CountPercent, &|column| column.assessed_twice.as_ref());
        Some(fact_row(&format!("{label}, n (%)"), 0, made))
    }

    fn duration(&mut self) -> Option<Row> {
        let code = self.table.parameters.duration.filter(|_| self.table.columns.iter().any(|column| column.duration.is_some()))?;
        let measure = format!("{}dor_median", assessor(self.table.assessor).0);
        let label = format!("Median duration of confirmed response, {}", self.name());
        let filter = format!("PARAMCD = {code}, confirmed responders by ADRS");
        let columns = columns_read(self.data, DatasetName::Adtte);
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.table.columns, |group, column| {
            let Some(duration) = &column.duration else { return Cell::NotAvailable };
            let source = ("ADTTE", filter.as_str(), columns.as_slice());
            let item = Item { measure: &measure, what: None, group, label: &label, method: "Kaplan-Meier median", source };
            let rows = duration.rows.clone();
            let id = self.recorder.number(&item, duration.median, Unit::Months, Some(duration.n), duration.interval, rows);
            Cell::Facts(CellPattern::ValueInterval, vec![id])
        });
        Some(fact_row(&format!("Duration of confirmed response, {}, months: median (CI)", self.name()), 0, made))
    }
}

fn followup(panel: &ResponsePanel, data: &AnalysisData, recorder: &mut Recorder<'_>) -> Row {
    let columns = data.subject_columns.followup();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let observed: Vec<Option<&ResponseColumn>> =
        (0..panel.panel.groups.len()).map(|index| panel.tables.first().and_then(|table| table.columns.get(index))).collect();
    let made = cells(&panel.panel.groups, &observed, |group, column| {
        let Some(summary) = column.map(|column| &column.followup).filter(|summary| summary.n > 0) else { return Cell::NotAvailable };
        let source = ("ADSL", "follow-up known", columns.as_slice());
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
