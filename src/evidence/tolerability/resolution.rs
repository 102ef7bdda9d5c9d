//! Onset, duration and resolution of groups of events: T-E08.

use crate::analysis::grouping::Group;
use crate::analysis::measure::Proportion;
use crate::analysis::tolerability::{EventClass, EventGroup, PERSISTENT_DAYS, ResolutionColumn, ResolutionPanel, ResolutionRow};
use crate::config::Settings;
use crate::derive::{AdverseEvents, AnalysisData};

use super::super::population::titled;
use super::super::record::{Item, Recorder, interval_note};
use super::super::table::{cells, fact_row, footnote, heading_row};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table, Unit};
use super::RESOLUTION;
use super::words::{class_words, day_columns, emergent, grade_column, severity_footnote, term_column};

/// The column of the end of events, by the name that it customarily has.
const END: &str = "AENDY";

/// The groups of events of one panel.
pub(super) fn tabulate(
    panel: &ResolutionPanel,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Exhibit {
    let mut recorder = Recorder::new(facts, "tolerability", RESOLUTION.0, &panel.panel, data);
    let mut notes = recorder.notes(&["ADAE", "ADSL"]);
    explain(panel, source, settings, &mut notes);
    let mut rows = Vec::new();
    for row in &panel.rows {
        let words = group_words(&row.events, source);
        let mark = (row.events == EventGroup::LowGradeSymptoms).then(|| {
            footnote(&mut notes, "Events of grade 1 or 2 of a system organ class other than Investigations: what patients can feel.")
        });
        rows.push(Row { footnote: mark, ..heading_row(&words.stub) });
        rows.extend(GroupRows { panel, row, words, level: settings.intervals.level, recorder: &mut recorder }.all());
    }
    let columns = recorder.columns(&panel.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Group of events".to_owned(), columns, rows });
    Exhibit { id, title: titled(RESOLUTION.1, &panel.panel), content, notes }
}

fn explain(panel: &ResolutionPanel, source: &AdverseEvents, settings: &Settings, notes: &mut Notes) {
    notes.methods = vec![
        "Groups: events of special interest, the five most frequent of the common terms, and events by grade".to_owned(),
        "Episode: the records of one term, or of one group of special interest, in one subject that leave no free day between them; onset and duration are of the first episode of each subject"
            .to_owned(),
        "Duration: Kaplan-Meier median [KaplanMeier1958]; an episode without an end is censored at death, otherwise at the last contact, otherwise at the cut-off; the end of an event that led to death is no resolution"
            .to_owned(),
        "Prevalence: subjects with the event on the day, of those whose events were still collected (until 30 days after the last dose, death or the cut-off)"
            .to_owned(),
        format!("DLT window: days 1 to {} from the first dose, which is day 1; months of 30.4375 days", panel.window_days),
        interval_note(&settings.intervals, settings.intervals.kaplan_meier),
    ];
    notes.abbreviations =
        vec!["CI: confidence interval".to_owned(), "DLT: dose-limiting toxicity".to_owned(), "NE: not estimable".to_owned()];
    if let Some(text) = severity_footnote(source) {
        footnote(notes, text);
    }
    footnote(
        notes,
        "Where the data keep one record per event at its highest grade, the duration of an event of grade 3 or higher is that of the whole event.",
    );
}

/// How a group of events is named and recognised.
pub(super) struct GroupWords {
    /// Third piece of fact ids.
    pub(super) id: String,
    /// Heading of its rows.
    pub(super) stub: String,
    /// Filter in the columns of ADAE.
    pub(super) filter: String,
    /// Columns of ADAE that were read, days included.
    pub(super) columns: Vec<String>,
}

/// The name of a group of events.
pub(super) fn group_words(events: &EventGroup, source: &AdverseEvents) -> GroupWords {
    let (emergent, read) = emergent(source);
    let of_class = |class: EventClass| {
        let words = class_words(class, source);
        (words.what.unwrap_or_else(|| "grade3plus".to_owned()), words.stub, words.filter, words.columns)
    };
    let (id, stub, filter, mut columns) = match events {
        EventGroup::Interest(position) => {
            let (id, stub, filter, columns) = of_class(EventClass::Interest(*position));
            (format!("aesi {id}"), stub, filter, columns)
        }
        EventGroup::Grade3Plus => of_class(EventClass::Grade3Plus),
        EventGroup::Term(term) => (format!("term {term}"), term.clone(), format!("{emergent} and {} = {term}", term_column(source)), read),
        EventGroup::LowGradeSymptoms => {
            let filter = format!("{emergent} and {} in (1, 2) and AEBODSYS is not Investigations", grade_column(source));
            let columns = read.into_iter().chain([grade_column(source).to_owned(), "AEBODSYS".to_owned()]).collect();
            ("low_grade_symptoms".to_owned(), "Symptoms of grade 1 or 2".to_owned(), filter, columns)
        }
    };
    columns.extend(day_columns(source));
    columns.push(END.to_owned());
    GroupWords { id, stub, filter, columns }
}

/// Makes the rows of one group.
struct GroupRows<'a, 'f> {
    panel: &'a ResolutionPanel,
    row: &'a ResolutionRow,
    words: GroupWords,
    level: f64,
    recorder: &'a mut Recorder<'f>,
}

impl GroupRows<'_, '_> {
    fn all(&mut self) -> Vec<Row> {
        let percent = (self.level * 1000.0).round() / 10.0;
        let mut rows = vec![
            self.share("event_any", "at least one", "At least one, n (%)", CellPattern::CountPercent, |column| (None, &column.any)),
            self.onset(),
            self.share(
                "event_after_window",
                "first onset after the DLT window",
                "First onset after the DLT window, n/N (%)",
                CellPattern::CountOfPercent,
                |column| (Some(&column.dated), &column.after_window),
            ),
            self.duration(&format!("Duration of the first episode, days: median ({percent}% CI)")),
            self.share(
                "event_persistent",
                &format!("an episode longer than {PERSISTENT_DAYS} days"),
                &format!("Any episode longer than {PERSISTENT_DAYS} days, n/N (%)"),
                CellPattern::CountOfPercent,
                |column| (Some(&column.dated), &column.persistent),
            ),
            self.share(
                "event_resolved",
                "all episodes resolved",
                "All episodes resolved, n/N (%)",
                CellPattern::CountOfPercent,
                |column| (Some(&column.dated), &column.resolved),
            ),
        ];
        let landmarks: Vec<f64> =
            self.row.columns.first().map_or_else(Vec::new, |column| column.prevalence.iter().map(|at| at.months).collect());
        rows.extend(landmarks.iter().enumerate().map(|(place, months)| self.prevalence(place, *months)));
        rows
    }

    /// A row of proportions, of the column's subjects or of those that the choice names.
    fn share(
        &mut self,
        measure: &str,
        what: &str,
        stub: &str,
        pattern: CellPattern,
        of: fn(&ResolutionColumn) -> (Option<&Group>, &Proportion),
    ) -> Row {
        let label = format!("{}: {what}", self.words.stub);
        let columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.row.columns, |group, column: &ResolutionColumn| {
            let (among, proportion) = of(column);
            if proportion.n == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let (group, what) = (among.unwrap_or(group), Some(self.words.id.as_str()));
            let item = Item { measure, what, group, label: &label, method: "count of subjects", source };
            Cell::Facts(pattern, vec![self.recorder.proportion(&item, proportion)])
        });
        fact_row(stub, 1, made)
    }

    fn onset(&mut self) -> Row {
        let label = format!("{}: day of first onset", self.words.stub);
        let columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.row.columns, |_, column: &ResolutionColumn| {
            if column.onset.n == 0 {
                return Cell::NotAvailable;
            }
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let what = Some(self.words.id.as_str());
            let item = Item { measure: "event_onset", what, group: &column.dated, label: &label, method: "", source };
            self.recorder.median_quartiles(&item, &column.onset, &Unit::Days)
        });
        fact_row("Day of first onset: median (quartiles)", 1, made)
    }

    fn duration(&mut self, stub: &str) -> Row {
        let label = format!("{}: duration of the first episode, median", self.words.stub);
        let columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.row.columns, |_, column: &ResolutionColumn| {
            let Some(duration) = &column.duration else { return Cell::NotAvailable };
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let what = Some(self.words.id.as_str());
            let method = "Kaplan-Meier median";
            let item = Item { measure: "event_duration_median", what, group: &column.dated, label: &label, method, source };
            let id = self.recorder.number(&item, duration.median, Unit::Days, Some(duration.n), duration.interval, duration.rows.clone());
            Cell::Facts(CellPattern::ValueInterval, vec![id])
        });
        fact_row(stub, 1, made)
    }

    fn prevalence(&mut self, place: usize, months: f64) -> Row {
        let label = format!("{}: prevalence at month {months}", self.words.stub);
        let what = format!("{} month {months}", self.words.id);
        let columns: Vec<&str> = self.words.columns.iter().map(String::as_str).collect();
        let made = cells(&self.panel.panel.groups, &self.row.columns, |_, column: &ResolutionColumn| {
            let Some(at) = column.prevalence.get(place).filter(|at| at.proportion.n > 0) else { return Cell::NotAvailable };
            let source = ("ADAE", self.words.filter.as_str(), columns.as_slice());
            let (measure, method) = ("event_prevalence", "count of subjects");
            let item = Item { measure, what: Some(&what), group: &at.among, label: &label, method, source };
            Cell::Facts(CellPattern::CountOfPercent, vec![self.recorder.proportion(&item, &at.proportion)])
        });
        fact_row(&format!("Prevalence at month {months}, n/N (%)"), 1, made)
    }
}
