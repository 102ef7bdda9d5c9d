//! Completion of questionnaires: T-E19.

use std::collections::BTreeSet;

use crate::analysis::grouping::Group;
use crate::analysis::measure::Proportion;
use crate::analysis::patient_reported::completion::InstrumentCompletion;
use crate::analysis::patient_reported::{InstrumentResult, PanelResult, PatientReportedResult};
use crate::config::{AfterDiscontinuation, Settings};
use crate::derive::AnalysisData;

use super::super::population::titled;
use super::super::record::{Item, Recorder};
use super::super::table::{cells, fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table};
use super::{COMPLETION, words};

/// The completion of one panel; `None` where the panel does not exist.
pub(super) fn tabulate(
    result: &PatientReportedResult,
    panel: usize,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Option<Exhibit> {
    let of_panel = |instrument: &'_ InstrumentResult| instrument.panels.get(panel).cloned();
    let first = result.instruments.iter().find_map(of_panel)?.panel;
    let mut recorder = Recorder::new(facts, "patient_reported", COMPLETION.0, &first, data);
    let mut notes = recorder.notes(&["ADQS", "ADSL", "ADEX"]);
    let mut rows = Vec::new();
    for instrument in &result.instruments {
        let Some(own) = instrument.panels.get(panel) else { continue };
        let read = columns(&instrument.id, data);
        let columns: Vec<&str> = read.iter().map(String::as_str).collect();
        rows.extend(instrument_rows(instrument, own, &columns, &mut recorder));
        judge(instrument, own, settings, &mut notes);
    }
    explain(result, settings, &mut notes);
    let columns = recorder.columns(&first.groups);
    let content = Content::Table(Table { stub: "Instrument and visit".to_owned(), columns, rows });
    Some(Exhibit { id: recorder.exhibit, title: titled(COMPLETION.1, &first), content, notes })
}

/// The columns that an instrument was read from.
pub(super) fn columns(id: &str, data: &AnalysisData) -> Vec<String> {
    let held = data.questionnaires.iter().flatten().find(|questionnaire| questionnaire.id == id);
    held.map(|questionnaire| std::iter::once("USUBJID".to_owned()).chain(questionnaire.columns.iter().cloned()).collect())
        .unwrap_or_default()
}

/// Which share of a column a row shows.
type Counted = fn(&InstrumentCompletion) -> Option<&Proportion>;

fn instrument_rows(instrument: &InstrumentResult, own: &PanelResult, columns: &[&str], recorder: &mut Recorder<'_>) -> Vec<Row> {
    let mut rows = vec![heading_row(&format!("{}: received of expected, n/N (%)", instrument.label))];
    let mut push =
        |stub: &str, measure: &str, what: &str, label: &str, filter: &str, of: &dyn Fn(&InstrumentCompletion) -> Option<&Proportion>| {
            if own.completion.iter().all(|column| of(column).is_none_or(|share| share.n == 0)) {
                return;
            }
            let made = cells(&own.panel.groups, &own.completion, |group: &Group, column| {
                let Some(share) = of(column).filter(|share| share.n > 0) else { return Cell::NotAvailable };
                let item = Item { measure, what: Some(what), group, label, method: "count of subjects", source: ("ADQS", filter, columns) };
                Cell::Facts(CellPattern::CountOfPercent, vec![recorder.proportion(&item, share)])
            });
            rows.push(fact_row(stub, 1, made));
        };
    for (place, visit) in instrument.visits.iter().enumerate() {
        let key = instrument.key_visits.len() < instrument.visits.len() && instrument.key_visits.contains(&place);
        let stub = if key { format!("{visit} (key visit)") } else { visit.clone() };
        let what = format!("{} {visit}", instrument.id);
        let label = format!("{} received, {visit}", instrument.label);
        let filter = format!("{}, visit {visit}, question answered", instrument.label);
        push(&stub, "completion", &what, &label, &filter, &|column| column.visits.get(place));
    }
    let id = instrument.id.as_str();
    let name = &instrument.label;
    let more: [(&str, &str, String, String, Counted); 3] = [
        ("Baseline available", "baseline_available", format!("{name} at baseline"), "ABLFL = Y".to_owned(), |column| {
            Some(&column.baseline)
        }),
        (
            "Answered after treatment was stopped, of those who stopped",
            "answered_after_discontinuation",
            format!("{name} answered after treatment was stopped"),
            "more than 7 days after the end of treatment".to_owned(),
            |column| Some(&column.after_discontinuation),
        ),
        (
            "Answered after the first dose reduction or interruption, of those with one",
            "answered_after_dose_change",
            format!("{name} answered after the first dose reduction or interruption"),
            "on or after the first day on less than the dose at the start".to_owned(),
            |column| Some(&column.after_change),
        ),
    ];
    for (stub, measure, label, filter, of) in more {
        push(stub, measure, id, &label, &filter, &of);
    }
    rows.extend(reason_rows(instrument, own, columns, recorder));
    rows
}

fn reason_rows(instrument: &InstrumentResult, own: &PanelResult, columns: &[&str], recorder: &mut Recorder<'_>) -> Vec<Row> {
    let reasons: BTreeSet<&String> = own.completion.iter().flat_map(|column| column.reasons.keys()).collect();
    let row = |reason: &String| {
        let what = format!("{} {reason}", instrument.id);
        let label = format!("{} not answered: {reason}", instrument.label);
        let filter = format!("no question answered, reason {reason}");
        let made = cells(&own.panel.groups, &own.completion, |group: &Group, column| {
            let (count, rows) = column.reasons.get(reason).cloned().unwrap_or_default();
            let source = ("ADQS", filter.as_str(), columns);
            let method = "count of questionnaires";
            let item = Item { measure: "not_answered", what: Some(&what), group, label: &label, method, source };
            Cell::Facts(CellPattern::Value, vec![recorder.count(&item, count, rows)])
        });
        fact_row(&format!("Questionnaires not answered: {}, n", reason.to_lowercase()), 1, made)
    };
    reasons.into_iter().map(row).collect()
}

/// Footnotes where too few have a baseline or answered at a key visit, and where the data do not say why questionnaires are missing.
fn judge(instrument: &InstrumentResult, own: &PanelResult, settings: &Settings, notes: &mut Notes) {
    let limits = &settings.patient_reported;
    let below = |share: &Proportion, least: f64| share.share().is_some_and(|share| 100.0 * share < least);
    let columns = || own.panel.groups.iter().zip(&own.completion).filter(|(group, _)| group.dosage.is_some());
    let few: Vec<&str> = columns()
        .filter(|(_, column)| below(&column.baseline, limits.min_baseline_percent))
        .map(|(group, _)| group.label.as_str())
        .collect();
    if !few.is_empty() {
        let text =
            format!("{}: a baseline in fewer than {}% of subjects: {}.", instrument.label, limits.min_baseline_percent, few.join(", "));
        footnote(notes, text);
    }
    for visit in &instrument.key_visits {
        let few =
            columns().filter(|(_, column)| column.visits.get(*visit).is_some_and(|share| below(share, limits.min_completion_percent)));
        let few: Vec<&str> = few.map(|(group, _)| group.label.as_str()).collect();
        if let Some(name) =
            instrument.visits.get(*visit).filter(|_| !few.is_empty() && instrument.key_visits.len() < instrument.visits.len())
        {
            let least = limits.min_completion_percent;
            footnote(notes, format!("{}, {name}: completion below {least}%: {}.", instrument.label, few.join(", ")));
        }
    }
    if own.completion.iter().all(|column| column.reasons.is_empty()) {
        footnote(notes, format!("{}: the data give no reasons for questionnaires that are missing (QSREASND).", instrument.label));
    }
    if !instrument.unknown_visits.is_empty() {
        let names = instrument.unknown_visits.join(", ");
        footnote(notes, format!("{}: the data have no visit named {names}, which the project file names as key visit.", instrument.label));
    }
}

fn explain(result: &PatientReportedResult, settings: &Settings, notes: &mut Notes) {
    let until = match settings.patient_reported.intercurrent.discontinuation {
        AfterDiscontinuation::WhileOnTreatment => "while the subject is on treatment",
        AfterDiscontinuation::AsObserved => "until the end of follow-up",
    };
    notes.methods.push(format!(
        "Expected: at baseline every subject of a study part in which somebody has a record of the visit, later on {until} on the median study day of the visit"
    ));
    notes.methods.push("Received: at least one question answered; a questionnaire that was received was also expected".to_owned());
    notes.methods.push(words::intercurrent(settings));
    if let Some(text) = words::without_records(result) {
        footnote(notes, text);
    }
}
