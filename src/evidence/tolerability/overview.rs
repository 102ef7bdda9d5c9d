//! Overview of treatment-emergent adverse events: T-E06.

use crate::analysis::measure::ExposureRate;
use crate::analysis::tolerability::{ClassColumn, ClassRow, EventClass, OverviewPanel, PatientTime};
use crate::config::Settings;
use crate::derive::{AdverseEvents, AnalysisData};
use crate::quantity::IntervalMethod;

use super::super::population::titled;
use super::super::record::{Item, Recorder, interval_note, treatment_time_columns};
use super::super::table::{cells, fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table, Unit};
use super::OVERVIEW;
use super::words::{class_words, severity_footnote};

/// The overview of one panel.
pub(super) fn tabulate(
    overview: &OverviewPanel,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let mut recorder = Recorder::new(facts, "tolerability", OVERVIEW.0, &overview.panel, data);
    let mut notes = recorder.notes(&["ADAE", "ADSL"]);
    let mut rows = vec![heading_row("Subjects with at least one treatment-emergent adverse event, n (%)")];
    let mut interest = false;
    for row in &overview.rows {
        if matches!(row.class, EventClass::Interest(_)) && !interest {
            rows.push(heading_row("Subjects with an event of special interest, n (%)"));
            interest = true;
        }
        rows.push(subjects_row(row, overview, source, &mut notes, &mut recorder));
    }
    rows.push(patient_time_row(overview, data, &mut recorder));
    let percent = (settings.intervals.level * 1000.0).round() / 10.0;
    rows.push(heading_row(&format!("Events per 100 patient-months on treatment ({percent}% CI)")));
    rows.extend(rate_rows(overview, source, &EVENTS, &mut recorder));
    rows.push(heading_row(&format!("Subjects with a first event per 100 patient-months until it ({percent}% CI)")));
    rows.extend(rate_rows(overview, source, &FIRST_EVENTS, &mut recorder));
    explain(overview, settings, &mut notes);
    let columns = recorder.columns(&overview.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Adverse events".to_owned(), columns, rows });
    Exhibit { id, title: titled(OVERVIEW.1, &overview.panel), content, notes }
}

fn explain(overview: &OverviewPanel, settings: &Settings, notes: &mut Notes) {
    notes.methods.push("A subject counts once in each row; percentages are of the N in the head".to_owned());
    notes.methods.push(format!(
        "Rates: time on treatment in months of 30.4375 days, summed over subjects; all events of a subject count; {}",
        interval_note(&settings.intervals, IntervalMethod::ExactPoisson)
    ));
    notes.methods.push(
        "First events: a subject with an event is at risk until the day on which the first one started, other subjects for their time on treatment".to_owned(),
    );
    notes.abbreviations = vec!["CI: confidence interval".to_owned()];
    let groups = overview.panel.groups.iter().zip(&overview.exposure).filter(|(group, _)| group.dosage.is_some());
    let unknown: u64 = groups.map(|(group, time)| (group.n() as u64).saturating_sub(time.n)).sum();
    if unknown > 0 {
        footnote(
            notes,
            format!("Subjects whose time on treatment is not known: {unknown}. They and their events are not part of the rates."),
        );
    }
    if overview.fatal_not_died > 0 {
        let count = overview.fatal_not_died;
        footnote(notes, format!("Subjects with a fatal event whom ADSL does not record as having died: {count}."));
    }
}

fn subjects_row(row: &ClassRow, overview: &OverviewPanel, source: &AdverseEvents, notes: &mut Notes, recorder: &mut Recorder<'_>) -> Row {
    let words = class_words(row.class, source);
    let columns: Vec<&str> = words.columns.iter().map(String::as_str).collect();
    let groups = &overview.panel.groups;
    let Some(counted) = &row.columns else {
        let position = footnote(notes, missing(row.class, source));
        return Row { footnote: Some(position), ..fact_row(&words.stub, 1, vec![Cell::NotAvailable; groups.len()]) };
    };
    let made = cells(groups, counted, |group, column: &ClassColumn| {
        let source = ("ADAE", words.filter.as_str(), columns.as_slice());
        let item =
            Item { measure: words.measure, what: words.what.as_deref(), group, label: &words.label, method: "count of subjects", source };
        Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, &column.subjects)])
    });
    let graded = matches!(row.class, EventClass::Grade3Plus | EventClass::Grade4Plus | EventClass::RelatedGrade3Plus);
    let mark = severity_footnote(source).filter(|_| graded).map(|text| footnote(notes, text));
    Row { footnote: mark, ..fact_row(&words.stub, 1, made) }
}

/// Why a class cannot be counted.
fn missing(class: EventClass, source: &AdverseEvents) -> String {
    let missing = match class {
        EventClass::Interruption | EventClass::Reduction | EventClass::Discontinuation => {
            "ADAE does not say what was done with the drug (AEACN is absent or blank)"
        }
        EventClass::Related | EventClass::RelatedGrade3Plus => "ADAE lacks the relation to treatment (AEREL) or the grade",
        EventClass::Serious => "ADAE does not say which events were serious (AESER is absent or blank)",
        EventClass::Fatal => "ADAE holds neither the outcome (AEOUT) nor AESDTH nor a grade",
        EventClass::Grade4Plus if source.grade_column.is_some() => "no severity in ADAE goes beyond severe",
        _ => "ADAE has neither a grade (AETOXGR) nor a severity (AESEV)",
    };
    format!("Not available: {missing}.")
}

fn patient_time_row(overview: &OverviewPanel, data: &AnalysisData, recorder: &mut Recorder<'_>) -> Row {
    let columns = treatment_time_columns(data);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let made = cells(&overview.panel.groups, &overview.exposure, |group, time: &PatientTime| {
        let source = ("ADSL", "time on treatment known", columns.as_slice());
        let item =
            Item { measure: "patient_months", what: None, group, label: "Time on treatment, summed over subjects", method: "sum", source };
        let unit = Unit::Named("patient-months".to_owned());
        Cell::Facts(CellPattern::Value, vec![recorder.number(&item, Some(time.months), unit, Some(time.n), None, time.rows.clone())])
    });
    fact_row("Time on treatment, patient-months", 0, made)
}

/// How one kind of rate is named, and where it is found.
struct RateWords {
    suffix: &'static str,
    method: &'static str,
    counted: &'static str,
    of: fn(&ClassColumn) -> Option<&ExposureRate>,
}

const EVENTS: RateWords = RateWords {
    suffix: "rate",
    method: "events per 100 patient-months on treatment",
    counted: "Events, n",
    of: |column| column.events.as_ref(),
};
const FIRST_EVENTS: RateWords = RateWords {
    suffix: "incidence",
    method: "subjects with a first event per 100 patient-months until it",
    counted: "Subjects with an event, n",
    of: |column| column.first_events.as_ref(),
};

fn rate_rows(overview: &OverviewPanel, source: &AdverseEvents, kind: &RateWords, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for row in overview.rows.iter().filter(|row| row.class.has_rate()) {
        let words = class_words(row.class, source);
        let Some(columns) = &row.columns else {
            rows.push(fact_row(&words.stub, 1, vec![Cell::NotAvailable; overview.panel.groups.len()]));
            continue;
        };
        let mut counts = Vec::new();
        let rates = cells(&overview.panel.groups, columns, |group, column: &ClassColumn| {
            let (count, rate) = rate_cells(&words, group, (kind.of)(column), kind, recorder);
            counts.push(count);
            rate
        });
        rows.push(fact_row(&words.stub, 1, rates));
        rows.push(fact_row(kind.counted, 2, counts));
    }
    rows
}

/// The number of events and the rate with its interval.
fn rate_cells(
    words: &super::words::ClassWords,
    group: &crate::analysis::grouping::Group,
    rate: Option<&ExposureRate>,
    kind: &RateWords,
    recorder: &mut Recorder<'_>,
) -> (Cell, Cell) {
    let Some(rate) = rate.filter(|rate| rate.rate.is_some()) else { return (Cell::NotAvailable, Cell::NotAvailable) };
    let columns: Vec<&str> = words.columns.iter().map(String::as_str).collect();
    let measure = format!("{}_{}", words.measure, kind.suffix);
    let label = format!("{}, {}", words.label, kind.method);
    let item = Item {
        measure: &measure,
        what: words.what.as_deref(),
        group,
        label: &label,
        method: kind.method,
        source: ("ADAE", &words.filter, &columns),
    };
    match recorder.rate(&item, rate) {
        Cell::Facts(_, ids) => {
            let cell =
                |pattern, id: Option<&crate::evidence::FactId>| id.map_or(Cell::NotAvailable, |id| Cell::Facts(pattern, vec![id.clone()]));
            (cell(CellPattern::Value, ids.first()), cell(CellPattern::ValueInterval, ids.get(1)))
        }
        other => (Cell::NotAvailable, other),
    }
}
