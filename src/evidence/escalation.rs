//! Exhibit on dose-limiting toxicities: T-E04.

use crate::analysis::escalation::{DltPanel, EscalationResult};
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::population::titled;
use super::record::{Item, Recorder, interval_note};
use super::table::{cells, fact_row, heading_row};
use super::{Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, Row, Table};

const TITLE: &str = "Dose-limiting toxicities by dosage";

/// Tables of dose-limiting toxicities.
pub fn gather(result: Option<&EscalationResult>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let absent = |reason: &str| {
        let needs = ["ADSL: DLT-evaluable flag (populations.dlt_evaluable in the project file)", "ADSL or ADAE: DLTFL"];
        vec![Exhibit::placeholder(ExhibitId::new("T-E04", None), TITLE, reason, &needs)]
    };
    let Some(result) = result else { return absent("The data do not say who was evaluable for dose-limiting toxicity, or who had one.") };
    if result.panels.iter().all(|panel| panel.panel.groups.is_empty()) {
        return absent("No subject is flagged as evaluable for dose-limiting toxicity.");
    }
    result.panels.iter().map(|panel| table(panel, result, data, settings, facts)).collect()
}

fn table(panel: &DltPanel, result: &EscalationResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "escalation", "T-E04", &panel.panel, data);
    let flag = if result.from_adsl {
        data.subject_columns.dlt.clone()
    } else {
        data.adverse_events.as_ref().and_then(|events| events.dlt_column.clone())
    };
    let flag = flag.unwrap_or_else(|| "DLTFL".to_owned());
    let dataset = if result.from_adsl { "ADSL" } else { "ADAE" };
    let filter = format!("{flag} = Y");
    let columns = [flag.as_str()];
    let groups = &panel.panel.groups;
    let share = |measure: &'static str,
                 what: Option<String>,
                 label: String,
                 source: (&'static str, String),
                 pattern: CellPattern,
                 recorder: &mut Recorder<'_>,
                 of: &dyn Fn(&crate::analysis::escalation::DltColumn) -> Option<crate::analysis::measure::Proportion>| {
        cells(groups, &panel.columns, |group, column| {
            let Some(proportion) = of(column) else { return Cell::NotAvailable };
            let source = (source.0, source.1.as_str(), &columns[..]);
            let item = Item { measure, what: what.as_deref(), group, label: &label, method: "count of subjects", source };
            Cell::Facts(pattern, vec![recorder.proportion(&item, &proportion)])
        })
    };
    let label = "Subjects with a dose-limiting toxicity";
    let dlt = |pattern: CellPattern, recorder: &mut Recorder<'_>| {
        share("dlt", None, label.to_owned(), (dataset, filter.clone()), pattern, recorder, &|column| Some(column.dlt.clone()))
    };
    let mut rows: Vec<Row> = vec![
        fact_row("Subjects with a dose-limiting toxicity, n/evaluable (%)", 0, dlt(CellPattern::CountOfPercent, &mut recorder)),
        fact_row(
            &format!("{}% CI, %", (settings.intervals.level * 1000.0).round() / 10.0),
            1,
            dlt(CellPattern::PercentInterval, &mut recorder),
        ),
    ];
    if !panel.terms.is_empty() {
        rows.push(heading_row("Preferred term, n (%)"));
        for (index, term) in panel.terms.iter().enumerate() {
            let source = ("ADAE", format!("DLTFL = Y and AEDECOD = {term}"));
            let made = share(
                "dlt_term",
                Some(term.clone()),
                format!("Dose-limiting toxicity: {term}"),
                source,
                CellPattern::CountPercent,
                &mut recorder,
                &|column| column.terms.get(index).cloned(),
            );
            rows.push(fact_row(term, 1, made));
        }
    }
    let evaluable = data.subject_columns.dlt_evaluable.clone().unwrap_or_default();
    let not_evaluable_filter = format!("safety set and {evaluable} is not Y");
    let not_evaluable = cells(groups, &panel.columns, |group, column| {
        let label = "Treated and not evaluable for dose-limiting toxicity";
        let item = Item {
            measure: "not_evaluable",
            what: None,
            group,
            label,
            method: "count of subjects",
            source: ("ADSL", &not_evaluable_filter, &[evaluable.as_str()]),
        };
        Cell::Facts(CellPattern::Value, vec![recorder.count(&item, column.not_evaluable, column.not_evaluable_rows.clone())])
    });
    rows.push(fact_row("Treated in these parts, not evaluable, n", 0, not_evaluable));
    let mut notes = recorder.notes(if panel.terms.is_empty() { &["ADSL"] } else { &["ADSL", "ADAE"] });
    notes.methods.push(interval_note(&settings.intervals, settings.intervals.proportion));
    let window = settings.escalation.as_ref().map(|escalation| escalation.dlt_window_days);
    if let Some(window) = window {
        notes.methods.push(format!("DLT window: {window} days from first dose"));
    }
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "DLT: dose-limiting toxicity".to_owned()];
    if !result.contradictions.is_empty() {
        notes
            .footnotes
            .push(format!("In {} evaluable subjects the flag in ADSL contradicts ADAE; ADSL is shown.", result.contradictions.len()));
    }
    let columns = recorder.columns(groups);
    let id = recorder.exhibit;
    Exhibit {
        id,
        title: titled(TITLE, &panel.panel),
        content: Content::Table(Table { stub: "DLT-evaluable subjects".to_owned(), columns, rows }),
        notes,
    }
}
