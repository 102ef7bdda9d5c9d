//! Exhibit on dose-limiting toxicities: T-E04.

use crate::analysis::escalation::{DltColumn, DltPanel, DltResult};
use crate::analysis::grouping::Population;
use crate::analysis::measure::Proportion;
use crate::config::Settings;
use crate::derive::AnalysisData;

use crate::evidence::population::titled;
use crate::evidence::record::{Item, Recorder, interval_note};
use crate::evidence::table::{cells, fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table, Unit};

const CODE: &str = "T-E04";
const TITLE: &str = "Dose-limiting toxicities by dosage";

/// Where a count comes from.
struct Source {
    dataset: &'static str,
    filter: String,
    columns: Vec<String>,
}

/// What a row counts.
struct Words<'a> {
    measure: &'a str,
    what: Option<&'a str>,
    label: &'a str,
    source: Source,
}

impl Words<'_> {
    fn share(
        &self,
        pattern: CellPattern,
        panel: &DltPanel,
        recorder: &mut Recorder<'_>,
        of: &dyn Fn(&DltColumn) -> Option<&Proportion>,
    ) -> Vec<Cell> {
        let columns: Vec<&str> = self.source.columns.iter().map(String::as_str).collect();
        cells(&panel.panel.groups, &panel.columns, |group, column| {
            let Some(proportion) = of(column) else { return Cell::NotAvailable };
            let source = (self.source.dataset, self.source.filter.as_str(), columns.as_slice());
            let item = Item { measure: self.measure, what: self.what, group, label: self.label, method: "count of subjects", source };
            Cell::Facts(pattern, vec![recorder.proportion(&item, proportion)])
        })
    }
}

/// Tables of dose-limiting toxicities.
pub(super) fn gather(result: Option<&DltResult>, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let absent = |reason: &str| {
        let needs = ["ADSL: DLT-evaluable flag (populations.dlt_evaluable in the project file)", "ADSL or ADAE: DLTFL"];
        vec![Exhibit::placeholder(ExhibitId::new(CODE, None), TITLE, reason, &needs)]
    };
    let Some(result) = result else { return absent("The data do not say who was evaluable for dose-limiting toxicity, or who had one.") };
    let shown = result.panels.iter().filter(|panel| !panel.panel.groups.is_empty());
    let exhibits: Vec<Exhibit> = shown.map(|panel| tabulate(panel, result, data, settings, facts)).collect();
    if exhibits.is_empty() { absent("No subject with a dosage is flagged as evaluable for dose-limiting toxicity.") } else { exhibits }
}

fn tabulate(panel: &DltPanel, result: &DltResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "escalation", CODE, &panel.panel, data);
    let mut rows = toxicities(panel, result, data, settings, &mut recorder);
    rows.extend(posterior(panel, result, data, settings, &mut recorder));
    rows.extend(terms(panel, data, &mut recorder));
    rows.push(not_evaluable(panel, data, &mut recorder));
    let from_events = !panel.terms.is_empty() || !result.from_adsl;
    let mut notes = recorder.notes(if from_events { &["ADSL", "ADAE"] } else { &["ADSL"] });
    explain(panel, result, settings, &mut notes);
    let columns = recorder.columns(&panel.panel.groups);
    let content = Content::Table(Table { stub: "DLT-evaluable subjects".to_owned(), columns, rows });
    Exhibit { id: recorder.exhibit, title: titled(TITLE, &panel.panel), content, notes }
}

/// The flag of events.
fn event_flag(data: &AnalysisData) -> String {
    data.adverse_events.as_ref().and_then(|events| events.dlt_column.clone()).unwrap_or_else(|| "DLTFL".to_owned())
}

fn toxicities(panel: &DltPanel, result: &DltResult, data: &AnalysisData, settings: &Settings, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let (dataset, flag) = match &data.subject_columns.dlt {
        Some(column) if result.from_adsl => ("ADSL", column.clone()),
        _ => ("ADAE", event_flag(data)),
    };
    let source = Source { dataset, filter: format!("{flag} = Y"), columns: vec!["USUBJID".to_owned(), flag] };
    let words = Words { measure: "dlt", what: None, label: "Subjects with a dose-limiting toxicity", source };
    let counts = words.share(CellPattern::CountOfPercent, panel, recorder, &|column| Some(&column.dlt));
    let intervals = words.share(CellPattern::PercentInterval, panel, recorder, &|column| Some(&column.dlt));
    let level = (settings.intervals.level * 1000.0).round() / 10.0;
    let stub = "Subjects with a dose-limiting toxicity, n/evaluable (%)";
    vec![fact_row(stub, 0, counts), fact_row(&format!("{level}% CI, %"), 1, intervals)]
}

/// What the counts say of the true probability at each dosage alone.
fn posterior(panel: &DltPanel, result: &DltResult, data: &AnalysisData, settings: &Settings, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let (dataset, flag) = match &data.subject_columns.dlt {
        Some(column) if result.from_adsl => ("ADSL", column.clone()),
        _ => ("ADAE", event_flag(data)),
    };
    let filter = format!("{flag} = Y");
    let columns = ["USUBJID", flag.as_str()];
    let method = "posterior under a uniform prior, Beta(1 + y, 1 + n - y)";
    let target = settings.escalation.as_ref().and_then(|escalation| escalation.target_toxicity);
    let mut row = |measure: &str, label: &str, stub: &str, of: &dyn Fn(&DltColumn) -> Option<f64>| {
        let made = cells(&panel.panel.groups, &panel.columns, |group, column| {
            let Some(value) = of(column) else { return Cell::NotAvailable };
            let item = Item { measure, what: None, group, label, method, source: (dataset, &filter, &columns) };
            let id = recorder.number(&item, Some(value), Unit::Proportion, Some(column.dlt.n), None, column.dlt.rows.clone());
            Cell::Facts(CellPattern::Value, vec![id])
        });
        fact_row(stub, 1, made)
    };
    let mean = row("dlt_posterior_mean", "Posterior mean probability of dose-limiting toxicity", "Posterior mean, %", &|column| {
        Some(column.posterior.mean)
    });
    let exceeds = target.map(|target| {
        let percent = (target * 1000.0).round() / 10.0;
        let label = format!("Posterior probability that dose-limiting toxicity exceeds the target of {percent}%");
        row("dlt_prob_exceeds_target", &label, &format!("P(probability of DLT > {percent}%), %"), &|column| column.posterior.prob_exceeds)
    });
    std::iter::once(mean).chain(exceeds).collect()
}

fn terms(panel: &DltPanel, data: &AnalysisData, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let flag = event_flag(data);
    let coded = data.adverse_events.as_ref().and_then(|events| events.term_column.clone()).unwrap_or_else(|| "AEDECOD".to_owned());
    let row = |(index, term): (usize, &String)| {
        let columns = vec!["USUBJID".to_owned(), flag.clone(), coded.clone()];
        let source = Source { dataset: "ADAE", filter: format!("{flag} = Y and {coded} = {term}"), columns };
        let label = format!("Dose-limiting toxicity: {term}");
        let words = Words { measure: "dlt_term", what: Some(term), label: &label, source };
        fact_row(term, 1, words.share(CellPattern::CountPercent, panel, recorder, &|column| column.terms.get(index)))
    };
    let rows: Vec<Row> = panel.terms.iter().enumerate().map(row).collect();
    let heading = (!rows.is_empty()).then(|| heading_row("Preferred term, n (%)"));
    heading.into_iter().chain(rows).collect()
}

fn not_evaluable(panel: &DltPanel, data: &AnalysisData, recorder: &mut Recorder<'_>) -> Row {
    let flag = data.subject_columns.dlt_evaluable.clone().unwrap_or_default();
    let safety = Population::Safety;
    let filter = format!("{} and {flag} is not Y", safety.filter(data));
    let mut columns = safety.columns(data);
    columns.push(flag);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let label = "Treated and not evaluable for dose-limiting toxicity";
    let made = cells(&panel.panel.groups, &panel.columns, |group, column| {
        let source = ("ADSL", filter.as_str(), columns.as_slice());
        let item = Item { measure: "not_evaluable", what: None, group, label, method: "count of subjects", source };
        Cell::Facts(CellPattern::Value, vec![recorder.count(&item, column.not_evaluable, column.not_evaluable_rows.clone())])
    });
    fact_row("Treated in these parts, not evaluable, n", 0, made)
}

fn explain(panel: &DltPanel, result: &DltResult, settings: &Settings, notes: &mut Notes) {
    notes.methods.push(interval_note(&settings.intervals, settings.intervals.proportion));
    if let Some(escalation) = &settings.escalation {
        notes.methods.push(format!("DLT window: {} days from first dose", escalation.dlt_window_days));
    }
    notes.methods.push(
        "Treated in these parts, not evaluable: the evaluability flag is not Y, in study parts where it is Y for somebody; the data do not \
         say why, or who was replaced"
            .to_owned(),
    );
    notes.methods.push("Posterior: each dosage alone, uniform prior on the probability of DLT, Beta(1 + y, 1 + n - y)".to_owned());
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "DLT: dose-limiting toxicity".to_owned()];
    // What concerns the whole programme stands under its table only.
    if panel.panel.part.is_some() {
        return;
    }
    if !result.contradictions.is_empty() {
        let count = result.contradictions.len();
        footnote(notes, format!("Evaluable subjects whose flag in ADSL contradicts the events in ADAE: {count}. The flag in ADSL counts."));
    }
    if !result.outside.is_empty() {
        let count = result.outside.len();
        footnote(notes, format!("Subjects with a dose-limiting toxicity who are not flagged as evaluable: {count}. They are not counted."));
    }
}
