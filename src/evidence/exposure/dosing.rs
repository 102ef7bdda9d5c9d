//! Time on treatment, dose intensity and modifications: T-E10.

use crate::analysis::exposure::{DoseInUnit, ExposureColumn, ExposurePanel};
use crate::analysis::measure::Summary;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::super::population::titled;
use super::super::record::{Item, Recorder, treatment_time_columns};
use super::super::table::{cells, fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table, Unit};
use super::DOSING;
use super::rows::{DosingTable, Origin, Shown, Words};

/// Dosing in one panel.
pub(super) fn tabulate(panel: &ExposurePanel, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "exposure", DOSING.0, &panel.panel, data);
    let origin = Origin::of(data);
    let datasets = if data.dosing.is_some() { vec![origin.dataset, "ADSL"] } else { vec!["ADSL"] };
    let mut notes = recorder.notes(&datasets);
    explain(panel, settings, &origin, &mut notes);
    let treatment = treatment_time_columns(data);
    let mut table = DosingTable { panel, origin: &origin, treatment, notes: &mut notes, recorder: &mut recorder };
    let mut rows = duration(&mut table);
    rows.extend(intensity(&mut table));
    rows.extend(doses(&mut table));
    rows.extend(interruptions(&mut table));
    rows.extend(reductions(&mut table));
    rows.extend(first_modification(&mut table));
    rows.extend(full_doses(&mut table));
    rows.push(stopped(panel, data, &mut notes, &mut recorder));
    let columns = recorder.columns(&panel.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Dosing".to_owned(), columns, rows });
    Exhibit { id, title: titled(DOSING.1, &panel.panel), content, notes }
}

fn explain(panel: &ExposurePanel, settings: &Settings, origin: &Origin, notes: &mut Notes) {
    let cycle = settings.tolerability.cycle_length_days;
    notes
        .methods
        .push(format!("Months of 30.4375 days; cycles of {cycle} days from the first dose; quartiles by linear interpolation (type 7)"));
    notes.methods.push(
        "Relative dose intensity: dose taken as a percentage of the dose that the plan meant for the same time on treatment".to_owned(),
    );
    notes.methods.push(
        "Interruption: a stretch without the drug after the first dose, whatever its reason, one after the last dose included; reduction: each step down from the starting dose"
            .to_owned(),
    );
    notes.abbreviations = vec!["SD: standard deviation".to_owned()];
    let without: usize = panel
        .panel
        .groups
        .iter()
        .zip(&panel.columns)
        .filter(|(group, _)| group.dosage.is_some())
        .map(|(group, column)| group.n().saturating_sub(column.dosed.n()))
        .sum();
    let known = panel.columns.iter().any(|column| column.dosed.n() > 0);
    if without > 0 && known {
        footnote(
            notes,
            format!(
                "Subjects of the safety set without a record in {}: {without}. They are not part of the measures of dosing.",
                origin.dataset
            ),
        );
    }
    for (count, text) in [
        (panel.time_unknown, "Subjects whose time on treatment is not known"),
        (panel.above_plan, "Subjects who were given more than the planned dose by more than 1 percentage point of relative dose intensity"),
        (panel.dosing_ends_early, "Subjects whose dosing records end more than a cycle before their time on treatment in ADSL does"),
    ] {
        if count > 0 {
            footnote(notes, format!("{text}: {count}."));
        }
    }
    if panel.disagreements > 0 {
        let subjects = panel.disagreements;
        footnote(
            notes,
            format!(
                "Subjects whose relative dose intensity in the data differs by more than 1 percentage point from the one recomputed from the dosing intervals: {subjects}. The recomputed one is shown."
            ),
        );
    }
}

fn duration(table: &mut DosingTable<'_, '_>) -> Vec<Row> {
    let cycles = Words { measure: "cycles", label: "Cycles started", stub: "Cycles started: median (range)", filter: "cycles with dosing" };
    vec![
        heading_row("Time on treatment"),
        table.duration("Months: median (quartiles)", Shown::MedianQuartiles),
        table.duration("Months: range", Shown::Range),
        table.summary(&cycles, &Unit::Count, Shown::MedianRange, &|column| column.cycles.as_ref()),
    ]
}

fn intensity(table: &mut DosingTable<'_, '_>) -> Vec<Row> {
    let mut rows = vec![heading_row("Relative dose intensity, %")];
    for (stub, shown) in [("Mean (SD)", Shown::MeanSd), ("Median (quartiles)", Shown::MedianQuartiles), ("Range", Shown::Range)] {
        let words = Words { measure: "rdi", label: "Relative dose intensity", stub, filter: "relative dose intensity known" };
        rows.push(table.summary(&words, &Unit::Percent, shown, &|column| column.intensity.as_ref()));
    }
    let words = Words {
        measure: "rdi_below80",
        label: "Relative dose intensity below 80%",
        stub: "Below 80%, n (%)",
        filter: "relative dose intensity < 80",
    };
    rows.push(table.share(&words, &|column| column.below80.as_ref()));
    let words = Words {
        measure: "rdi_below70",
        label: "Relative dose intensity below 70%",
        stub: "Below 70%, n (%)",
        filter: "relative dose intensity < 70",
    };
    rows.push(table.share(&words, &|column| column.below70.as_ref()));
    let words = Words {
        measure: "all_planned_doses",
        label: "Every planned dose taken",
        stub: "Every planned dose taken, n (%)",
        filter: "planned dose on every dosing day",
    };
    rows.push(table.share(&words, &|column| column.all_planned.as_ref()));
    rows
}

/// Cumulative doses, a pair of rows for each unit in which doses were given.
fn doses(table: &mut DosingTable<'_, '_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (position, unit) in table.panel.units.iter().enumerate() {
        let held = |column: &ExposureColumn| column.doses.get(position).and_then(Option::as_ref).is_some();
        let several = |column: &ExposureColumn| column.doses.iter().flatten().count() > 1;
        let what = |column: &ExposureColumn| (held(column) && several(column)).then(|| unit.clone());
        let named = Unit::Named(unit.clone());
        rows.push(heading_row(&format!("Cumulative dose, {unit}: median (quartiles)")));
        let filter = format!("doses in {unit}");
        let mut add = |measure: &str, label: &str, stub: &str, of: fn(&DoseInUnit) -> Option<&Summary>| {
            let words = Words { measure, label, stub, filter: &filter };
            let summary = |column: &ExposureColumn| column.doses.get(position).and_then(Option::as_ref).and_then(of).cloned();
            let held: Vec<Option<Summary>> = table.panel.columns.iter().map(summary).collect();
            if held.iter().any(Option::is_some) {
                rows.push(table.summary_of(&words, &what, &named, Shown::MedianQuartiles, &|column| {
                    column.doses.get(position).and_then(Option::as_ref).and_then(of)
                }));
            }
        };
        add("cumulative_dose", "Cumulative dose taken", "Taken", |dose| Some(&dose.taken));
        add("planned_dose", "Cumulative dose planned for the same time", "Planned for the same time", |dose| dose.planned.as_ref());
    }
    rows
}

fn interruptions(table: &mut DosingTable<'_, '_>) -> Vec<Row> {
    let mut rows = vec![heading_row("Interruptions")];
    let words = Words {
        measure: "interruption_any",
        label: "At least one interruption",
        stub: "At least one, n (%)",
        filter: "interruptions >= 1",
    };
    rows.push(table.share(&words, &|column| column.modifications.interruption_any.as_ref()));
    let words = Words {
        measure: "interruption_adverse_event",
        label: "At least one interruption because of an adverse event",
        stub: "At least one because of an adverse event, n (%)",
        filter: "interruptions because of an adverse event >= 1",
    };
    rows.push(table.share(&words, &|column| column.modifications.interruption_adverse_event.as_ref()));
    if table.panel.columns.iter().all(|column| column.modifications.interruptions.is_none()) {
        return rows;
    }
    let words = Words {
        measure: "interruption_count",
        label: "Interruptions of each subject with one",
        stub: "Number in subjects with one: median (range)",
        filter: "interruptions >= 1",
    };
    rows.push(table.summary(&words, &Unit::Count, Shown::MedianRange, &|column| column.modifications.interruptions.as_ref()));
    let words = Words {
        measure: "interruption_days",
        label: "Days of interruption in all, of each subject with one",
        stub: "Days in all, in subjects with one: median (quartiles)",
        filter: "interruptions >= 1",
    };
    rows.push(table.summary(&words, &Unit::Days, Shown::MedianQuartiles, &|column| column.modifications.interrupted_days.as_ref()));
    rows
}

fn reductions(table: &mut DosingTable<'_, '_>) -> Vec<Row> {
    let mut rows = vec![heading_row("Dose reductions")];
    let words =
        Words { measure: "reduction_any", label: "At least one dose reduction", stub: "At least one, n (%)", filter: "reductions >= 1" };
    rows.push(table.share(&words, &|column| column.modifications.reduction_any.as_ref()));
    let words = Words { measure: "reduction_one", label: "Dose reduced by one step", stub: "One step, n (%)", filter: "reductions = 1" };
    rows.push(Row { indent: 2, ..table.share(&words, &|column| column.modifications.reduction_one.as_ref()) });
    let words = Words {
        measure: "reduction_two_plus",
        label: "Dose reduced by two steps or more",
        stub: "Two steps or more, n (%)",
        filter: "reductions >= 2",
    };
    rows.push(Row { indent: 2, ..table.share(&words, &|column| column.modifications.reduction_two_plus.as_ref()) });
    let words = Words {
        measure: "reduction_adverse_event",
        label: "At least one dose reduction because of an adverse event",
        stub: "At least one because of an adverse event, n (%)",
        filter: "reductions because of an adverse event >= 1",
    };
    rows.push(table.share(&words, &|column| column.modifications.reduction_adverse_event.as_ref()));
    if table.panel.columns.iter().any(|column| column.modifications.reduced_to_studied.is_some()) {
        let words = Words {
            measure: "reduction_to_studied",
            label: "Reduced to, or below, the next lower studied dosage",
            stub: "To or below the next lower studied dosage, n (%)",
            filter: "dose above 0, below the planned dose and not above the next lower dosage of the same schedule",
        };
        let row = table.share(&words, &|column| column.modifications.reduced_to_studied.as_ref());
        let mark = footnote(table.notes, "Among subjects whose dosage has a lower one of the same schedule that somebody received.");
        rows.push(Row { footnote: Some(mark), ..row });
    }
    rows
}

/// The day of the first modification because of an adverse event; no row where nobody has one.
fn first_modification(table: &mut DosingTable<'_, '_>) -> Option<Row> {
    let known = table.panel.columns.iter().any(|column| column.modifications.first_modification_day.is_some());
    let words = Words {
        measure: "first_modification_day",
        label: "Day of the first interruption or reduction because of an adverse event, of each subject with one",
        stub: "Day of the first interruption or reduction because of an adverse event, in subjects with one: median (quartiles)",
        filter: "interruptions or reductions because of an adverse event >= 1",
    };
    known.then(|| {
        let row =
            table.summary(&words, &Unit::Days, Shown::MedianQuartiles, &|column| column.modifications.first_modification_day.as_ref());
        Row { indent: 0, ..row }
    })
}

fn full_doses(table: &mut DosingTable<'_, '_>) -> Vec<Row> {
    let mut rows = vec![heading_row("Planned dose on every dosing day, of those on treatment in the cycle, n/N (%)")];
    let words = Words {
        measure: "full_dose_cycle3",
        label: "Planned dose throughout cycle 3",
        stub: "Cycle 3",
        filter: "planned dose on every dosing day of cycle 3",
    };
    rows.push(table.share(&words, &|column| column.full_dose_cycle3.as_ref()));
    let words = Words {
        measure: "full_dose_cycle6",
        label: "Planned dose throughout cycle 6",
        stub: "Cycle 6",
        filter: "planned dose on every dosing day of cycle 6",
    };
    rows.push(table.share(&words, &|column| column.full_dose_cycle6.as_ref()));
    rows
}

fn stopped(panel: &ExposurePanel, data: &AnalysisData, notes: &mut Notes, recorder: &mut Recorder<'_>) -> Row {
    let reason = data.subject_columns.discontinuation_reason.as_deref().unwrap_or("DCTREAS");
    let status = data.subject_columns.treatment_status.as_deref().unwrap_or("EOTSTT");
    let filter = format!("treatment ended and {reason} names an adverse event or toxicity");
    let made = cells(&panel.panel.groups, &panel.columns, |group, column| {
        let Some(proportion) = &column.stopped_for_adverse_event else { return Cell::NotAvailable };
        let item = Item {
            measure: "discontinuation_adverse_event",
            what: None,
            group,
            label: "Permanent discontinuation because of an adverse event",
            method: "count of subjects",
            source: ("ADSL", &filter, &[status, reason]),
        };
        Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, proportion)])
    });
    let empty = made.iter().all(|cell| *cell == Cell::NotAvailable);
    let mark = empty.then(|| footnote(notes, "Not available: ADSL gives no reason for stopping treatment (DCTREAS)."));
    Row { footnote: mark, ..fact_row("Permanent discontinuation because of an adverse event (ADSL), n (%)", 0, made) }
}
