//! The first event of grade 3 or higher against the DLT window: T-E09.

use crate::analysis::grouping::Group;
use crate::analysis::measure::Proportion;
use crate::analysis::tolerability::{EventClass, WindowColumn, WindowPanel};
use crate::config::Settings;
use crate::derive::{AdverseEvents, AnalysisData};

use super::super::population::titled;
use super::super::record::{Item, Recorder, interval_note, treatment_time_columns};
use super::super::table::{cells, fact_row, footnote};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table, Unit};
use super::WINDOW;
use super::words::{ClassWords, class_words, day_columns, severity_footnote};

/// The first events of one panel.
pub(super) fn tabulate(
    window: &WindowPanel,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let mut recorder = Recorder::new(facts, "tolerability", WINDOW.0, &window.panel, data);
    let mut notes = recorder.notes(&["ADAE", "ADSL"]);
    explain(window, source, settings, &mut notes);
    let rows = rows(window, source, treatment_time_columns(data), settings, &mut notes, &mut recorder);
    let columns = recorder.columns(&window.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Treatment-emergent adverse events of grade 3 or higher".to_owned(), columns, rows });
    Exhibit { id, title: titled(WINDOW.1, &window.panel), content, notes }
}

fn explain(window: &WindowPanel, source: &AdverseEvents, settings: &Settings, notes: &mut Notes) {
    let days = window.window_days;
    notes
        .methods
        .push(format!("DLT window: days 1 to {days} from the first dose, which is day 1; an event belongs to the day on which it started"));
    notes.methods.push(interval_note(&settings.intervals, settings.intervals.proportion));
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "DLT: dose-limiting toxicity".to_owned()];
    if let Some(text) = severity_footnote(source) {
        footnote(notes, text);
    }
    if settings.escalation.is_none() {
        footnote(notes, format!("The project file gives no DLT window; the customary one of {days} days is used."));
    }
}

fn rows(
    window: &WindowPanel,
    source: &AdverseEvents,
    treatment: Vec<String>,
    settings: &Settings,
    notes: &mut Notes,
    recorder: &mut Recorder<'_>,
) -> Vec<Row> {
    let days = window.window_days;
    let words = class_words(EventClass::Grade3Plus, source);
    let mut table = WindowTable { window, words, days: day_columns(source), treatment, recorder };
    let share: fn(&WindowColumn) -> (Option<&Group>, &Proportion) = |column| (None, &column.any);
    let mut rows = vec![table.share("", "", "At least one, n (%)", CellPattern::CountPercent, share)];
    rows.extend(table.first_ones(days));
    let percent = (settings.intervals.level * 1000.0).round() / 10.0;
    rows.push(table.share(
        "first_grade3plus_share_after",
        "first one after the DLT window, of those with a known day",
        &format!("Share of first ones after the DLT window, n/N (%; {percent}% CI)"),
        CellPattern::CountPercentInterval,
        |column| (Some(&column.dated), &column.share_after),
    ));
    let mark = footnote(
        notes,
        "Among subjects with such an event only, so that it is no estimate of when the event is to be expected; the cumulative incidence in figure F-E09 is.",
    );
    rows.push(Row { footnote: Some(mark), ..table.day() });
    rows.push(table.treated_beyond());
    let mark = footnote(notes, "Subjects on treatment for longer than the DLT window who had no such event in it.");
    let made = table.share(
        "first_grade3plus_later",
        "first one after the DLT window, of those treated beyond it without one in it",
        "First one after the DLT window among these without one in it, n/N (%)",
        CellPattern::CountOfPercent,
        |column| (Some(&column.beyond), &column.later),
    );
    rows.push(Row { indent: 1, footnote: Some(mark), ..made });
    rows
}

/// Makes the rows.
struct WindowTable<'a, 'f> {
    window: &'a WindowPanel,
    words: ClassWords,
    /// Columns of the day on which events started.
    days: Vec<String>,
    /// Columns of time on treatment.
    treatment: Vec<String>,
    recorder: &'a mut Recorder<'f>,
}

impl WindowTable<'_, '_> {
    /// When the first ones started; the unknown only where there are such.
    fn first_ones(&mut self, days: f64) -> Vec<Row> {
        let mut rows = Vec::new();
        let first = |word: &str| format!("first one {word} the DLT window");
        let made = self.share(
            "first_grade3plus_within_window",
            &first("within"),
            &format!("First one within the DLT window (days 1-{days}), n (%)"),
            CellPattern::CountPercent,
            |column| (None, &column.within),
        );
        rows.push(Row { indent: 1, ..made });
        let made = self.share(
            "first_grade3plus_after_window",
            &first("after"),
            &format!("First one after the DLT window (day {} or later), n (%)", days.floor() + 1.0),
            CellPattern::CountPercent,
            |column| (None, &column.after),
        );
        rows.push(Row { indent: 1, ..made });
        if self.window.columns.iter().any(|column| column.unknown.count > 0) {
            let made = self.share(
                "first_grade3plus_unknown_day",
                "first one on an unknown day",
                "First one on an unknown day, n (%)",
                CellPattern::CountPercent,
                |column| (None, &column.unknown),
            );
            rows.push(Row { indent: 1, ..made });
        }
        rows
    }

    /// A row of proportions, of the column's subjects or of those that the choice names. Without a measure it is the overview's own number.
    fn share(
        &mut self,
        measure: &str,
        what: &str,
        stub: &str,
        pattern: CellPattern,
        of: fn(&WindowColumn) -> (Option<&Group>, &Proportion),
    ) -> Row {
        let mut columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let mut label = self.words.label.clone();
        if !measure.is_empty() {
            columns.extend(self.days.iter().map(String::as_str));
            label = format!("{label}: {what}");
        }
        let measure = if measure.is_empty() { self.words.measure } else { measure };
        let made = cells(&self.window.panel.groups, &self.window.columns, |group, column: &WindowColumn| {
            let (among, proportion) = of(column);
            if proportion.n == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let item = Item { measure, what: None, group: among.unwrap_or(group), label: &label, method: "count of subjects", source };
            Cell::Facts(pattern, vec![self.recorder.proportion(&item, proportion)])
        });
        fact_row(stub, 0, made)
    }

    fn day(&mut self) -> Row {
        let mut columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        columns.extend(self.days.iter().map(String::as_str));
        let label = format!("{}: day of the first one", self.words.label);
        let made = cells(&self.window.panel.groups, &self.window.columns, |_, column: &WindowColumn| {
            if column.day.n == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let item = Item { measure: "first_grade3plus_day", what: None, group: &column.dated, label: &label, method: "", source };
            self.recorder.median_range(&item, &column.day, &Unit::Days)
        });
        fact_row("Day of the first one: median (range)", 0, made)
    }

    fn treated_beyond(&mut self) -> Row {
        let filter = format!("treated for more than {} days", self.window.window_days);
        let columns: Vec<&str> = self.treatment.iter().map(String::as_str).collect();
        let made = cells(&self.window.panel.groups, &self.window.columns, |group, column: &WindowColumn| {
            let source = ("ADSL", filter.as_str(), columns.as_slice());
            let label = "Treated for longer than the DLT window";
            let item = Item { measure: "treated_beyond_window", what: None, group, label, method: "count of subjects", source };
            Cell::Facts(CellPattern::CountPercent, vec![self.recorder.proportion(&item, &column.treated_beyond)])
        });
        fact_row("Treated for longer than the DLT window, n (%)", 0, made)
    }
}
