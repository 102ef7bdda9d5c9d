//! Adverse events with grade, relation, action and timing.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{self, Column};
use super::dose_action::parse_action;
use super::grade::{parse_grade, parse_severity};
use super::interest_groups::InterestColumns;
use super::records::{AdverseEvent, AdverseEvents, DoseAction};
use super::relatedness::parse_related;
use super::roster::{Record, Roster, study_day};
use super::words::{Noted, is_yes, normalised};
use crate::config::Settings;
use crate::data::Dataset;
use crate::diagnostic::{Diagnostic, Severity};
use crate::quantity::Date;

const GRADE: [&str; 4] = ["AETOXGR", "ATOXGR", "ATOXGRN", "AETOXGRN"];
const SEVERITY: [&str; 2] = ["AESEV", "ASEV"];

/// Columns of ADAE.
#[derive(Debug)]
struct EventColumns {
    term: Option<Column<String>>,
    reported_term: Option<Column<String>>,
    body_system: Option<Column<String>>,
    grade: Option<Column<String>>,
    grade_from_severity: bool,
    /// Whether unreadable grades are reported when the data are read, as those of the customary columns are.
    grade_checked: bool,
    serious: Option<Column<String>>,
    related: Option<Column<String>>,
    outcome: Option<Column<String>>,
    death_flag: Option<Column<String>>,
    action: Option<Column<String>>,
    emergent: Option<Column<String>>,
    dlt: Option<Column<String>>,
    start: Option<Column<Date>>,
    end: Option<Column<Date>>,
    start_day: Option<Column<f64>>,
    end_day: Option<Column<f64>>,
}

/// Values that need a word to the reader.
#[derive(Debug, Default)]
struct Doubts {
    grade: Noted,
    related: Noted,
    related_blank: Noted,
    action: Noted,
}

/// Reads ADAE.
///
/// - Grade: `tolerability.grade_column`, or the first of AETOXGR, ATOXGR, ATOXGRN, AETOXGRN with a readable grade; without any, the
///   severity AESEV mapped to a grade, and that is said. A blank grade stays blank: it is not filled from the severity.
/// - Related: AREL, otherwise AEREL. A blank, and a word that is not understood, count as not related and are reported.
/// - Treatment-emergent: TRTEMFL = Y; where the column says nothing, a start on or after the first dose, or no start date at all.
/// - Fatal: AEOUT says so, AESDTH = Y or grade 5.
pub(super) fn derive_adverse_events(
    adae: &Dataset,
    roster: &Roster<'_>,
    settings: &Settings,
    diagnostics: &mut Vec<Diagnostic>,
) -> AdverseEvents {
    let columns = EventColumns::new(adae, settings);
    let interest = InterestColumns::new(adae, settings);
    let mut doubts = Doubts::default();
    let records = roster.records(adae);
    let events: Vec<AdverseEvent> = records.iter().map(|record| read_event(record, &columns, &interest, &mut doubts)).collect();
    diagnostics.extend(doubts.finish(&columns).into_iter().map(|diagnostic| diagnostic.in_dataset("ADAE")));
    if columns.grade_from_severity {
        let name = columns.grade.as_ref().map_or("AESEV", |column| column.name.as_str());
        let message = format!(
            "no toxicity grade: {name} stands for it (MILD 1, MODERATE 2, SEVERE 3, LIFE THREATENING 4, FATAL 5), so grades are not CTCAE grades"
        );
        let hint = "provide AETOXGR, or name the grade column as `tolerability.grade_column`";
        diagnostics.push(Diagnostic::new("grade-from-severity", Severity::Major, message, hint).in_dataset("ADAE").in_column(name));
    }
    let action_values = action_values(&columns, &records);
    let mut related_values: Vec<String> = records
        .iter()
        .filter_map(|record| columns::text(columns.related.as_ref(), record.index))
        .filter(|word| parse_related(word) == Some(true))
        .collect();
    related_values.sort();
    related_values.dedup();
    let name = |column: Option<Column<String>>| column.map(|column| column.name);
    AdverseEvents {
        events,
        grade_from_severity: columns.grade_from_severity,
        grade_column: name(columns.grade),
        related_column: name(columns.related),
        related_values,
        action_values,
        action_column: name(columns.action),
        emergent_column: name(columns.emergent),
        dlt_column: name(columns.dlt),
        serious_column: name(columns.serious),
        outcome_column: name(columns.outcome),
        death_column: name(columns.death_flag),
        term_column: name(columns.term.or(columns.reported_term)),
        start_column: columns.start.map(|column| column.name),
        start_day_column: columns.start_day.map(|column| column.name),
        interest_groups: interest.groups.groups,
    }
}

/// The values of the action taken that are understood, by what they mean, in alphabetical order.
fn action_values(columns: &EventColumns, records: &[Record<'_>]) -> BTreeMap<DoseAction, Vec<String>> {
    let mut found: BTreeMap<DoseAction, BTreeSet<String>> = BTreeMap::new();
    for word in records.iter().filter_map(|record| columns::text(columns.action.as_ref(), record.index)) {
        if let Some(action) = parse_action(&word) {
            found.entry(action).or_default().insert(word);
        }
    }
    found.into_iter().map(|(action, words)| (action, words.into_iter().collect())).collect()
}

impl EventColumns {
    fn new(adae: &Dataset, settings: &Settings) -> Self {
        let named: Vec<&str> = settings.tolerability.grade_column.iter().map(String::as_str).chain(GRADE).collect();
        let readable =
            |column: &Column<String>| (0..adae.height()).filter_map(|index| column.get(index)).any(|text| parse_grade(text).is_some());
        let graded = named.iter().find_map(|name| columns::texts(adae, &[name]).filter(readable));
        let severity = if graded.is_none() { columns::texts(adae, &SEVERITY) } else { None };
        Self {
            term: columns::texts(adae, &["AEDECOD"]),
            reported_term: columns::texts(adae, &["AETERM"]),
            body_system: columns::texts(adae, &["AEBODSYS", "AESOC"]),
            grade_from_severity: severity.is_some(),
            grade_checked: graded.as_ref().is_some_and(|column| GRADE.iter().any(|name| name.eq_ignore_ascii_case(&column.name))),
            grade: graded.or(severity),
            serious: columns::texts(adae, &["AESER"]),
            related: columns::texts(adae, &["AREL", "AEREL"]),
            outcome: columns::texts(adae, &["AEOUT"]),
            death_flag: columns::texts(adae, &["AESDTH"]),
            action: columns::texts(adae, &["AEACN"]),
            emergent: columns::texts(adae, &["TRTEMFL"]),
            dlt: columns::texts(adae, &["DLTFL", "AEDLTFL"]),
            start: columns::dates(adae, &["ASTDT", "ASTDTM", "AESTDT", "AESTDTC"]),
            end: columns::dates(adae, &["AENDT", "AENDTM", "AEENDT", "AEENDTC"]),
            start_day: columns::numbers(adae, &["ASTDY", "AESTDY"]),
            end_day: columns::numbers(adae, &["AENDY", "AEENDY"]),
        }
    }
}

fn read_event(record: &Record<'_>, columns: &EventColumns, interest: &InterestColumns, doubts: &mut Doubts) -> AdverseEvent {
    let index = record.index;
    let text = |column: &Option<Column<String>>| columns::text(column.as_ref(), index);
    let flag = |column: &Option<Column<String>>| is_yes(columns::value(column.as_ref(), index));
    let first_dose = record.subject.first_dose;
    let start = columns::date(columns.start.as_ref(), index);
    let end = columns::date(columns.end.as_ref(), index);
    let term = text(&columns.term).or_else(|| text(&columns.reported_term)).unwrap_or_else(|| "Not coded".to_owned());
    let grade = doubts.grade(record, text(&columns.grade), columns);
    let outcome = text(&columns.outcome).map(|word| normalised(&word));
    AdverseEvent {
        row: record.row,
        subject: record.position,
        interest: interest.of_record(index, &term),
        term,
        body_system: text(&columns.body_system),
        grade,
        serious: flag(&columns.serious),
        related: columns.related.is_some() && doubts.related(record, text(&columns.related)),
        fatal: grade == Some(5)
            || flag(&columns.death_flag)
            || outcome.is_some_and(|word| matches!(word.as_str(), "FATAL" | "DEATH" | "DIED")),
        action: text(&columns.action).and_then(|word| doubts.action(record, &word)),
        emergent: match &columns.emergent {
            Some(column) => is_yes(column.get(index)),
            None => starts_on_treatment(start, first_dose),
        },
        dlt: flag(&columns.dlt),
        start,
        end,
        start_day: study_day(columns::number(columns.start_day.as_ref(), index), start, first_dose),
        end_day: study_day(columns::number(columns.end_day.as_ref(), index), end, first_dose),
    }
}

/// Whether the event starts on or after the first dose; an event of a treated subject whose start is unknown may have, and counts.
fn starts_on_treatment(start: Option<Date>, first_dose: Option<Date>) -> bool {
    first_dose.is_some_and(|first_dose| start.is_none_or(|start| start >= first_dose))
}

impl Doubts {
    fn grade(&mut self, record: &Record<'_>, text: Option<String>, columns: &EventColumns) -> Option<u8> {
        let text = text?;
        let grade = if columns.grade_from_severity { parse_severity(&text) } else { parse_grade(&text) };
        if grade.is_none() && !columns.grade_checked {
            self.grade.note(&text, record.row, &record.subject.usubjid);
        }
        grade
    }

    fn related(&mut self, record: &Record<'_>, word: Option<String>) -> bool {
        let Some(word) = word else {
            self.related_blank.note("", record.row, &record.subject.usubjid);
            return false;
        };
        let related = parse_related(&word);
        if related.is_none() {
            self.related.note(&word, record.row, &record.subject.usubjid);
        }
        related == Some(true)
    }

    fn action(&mut self, record: &Record<'_>, word: &str) -> Option<DoseAction> {
        let action = parse_action(word);
        if action.is_none() {
            self.action.note(word, record.row, &record.subject.usubjid);
        }
        action.or(Some(DoseAction::Unknown))
    }

    fn finish(self, columns: &EventColumns) -> Vec<Diagnostic> {
        let name = |column: &Option<Column<String>>| column.as_ref().map_or_else(String::new, |column| column.name.clone());
        let blanks = self.related_blank.count();
        let grade = self.grade.diagnostic(
            "grade-not-understood",
            Severity::Major,
            |values| format!("neither a grade from 1 to 5 nor a known severity, counted as no grade: {values}"),
            "write grades as 1 to 5, or severities as MILD, MODERATE, SEVERE, LIFE THREATENING and FATAL",
        );
        let related = self.related.diagnostic(
            "relatedness-not-understood",
            Severity::Major,
            |values| format!("relation to treatment is not understood and counted as not related: {values}"),
            "use RELATED or NOT RELATED, Y or N, or the customary degrees of causality",
        );
        let blank = self.related_blank.diagnostic(
            "relatedness-missing",
            Severity::Minor,
            |_| {
                format!(
                    "{blanks} adverse-event {} no relation to treatment; counted as not related",
                    if blanks == 1 { "record has" } else { "records have" }
                )
            },
            "complete the relation to treatment: regulators often count a missing relation as related",
        );
        let action = self.action.diagnostic(
            "action-not-understood",
            Severity::Minor,
            |values| format!("action taken is not understood and counted as unknown: {values}"),
            "use the terminology of AEACN: DOSE NOT CHANGED, DOSE REDUCED, DRUG INTERRUPTED, DRUG WITHDRAWN",
        );
        [
            grade.map(|diagnostic| diagnostic.in_column(name(&columns.grade))),
            related.map(|diagnostic| diagnostic.in_column(name(&columns.related))),
            blank.map(|diagnostic| diagnostic.in_column(name(&columns.related))),
            action.map(|diagnostic| diagnostic.in_column(name(&columns.action))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
