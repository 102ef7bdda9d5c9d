//! Disposition: T-E03.

use crate::analysis::measure::Proportion;
use crate::analysis::population::{Disposition, DispositionPanel};
use crate::derive::AnalysisData;

use super::super::record::{Item, Recorder};
use super::super::table::{cells, fact_row, footnote};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table};
use super::{is_study_status, says_who_goes_on, sentence_case, titled};

const CODE: &str = "T-E03";

/// What a row counts.
struct Words<'a> {
    measure: &'a str,
    what: Option<&'a str>,
    label: String,
    indent: u8,
    filter: String,
    columns: Vec<String>,
}

/// The disposition of one panel; a placeholder when ADSL says nothing of it.
pub(super) fn tabulate(panel: &DispositionPanel, data: &AnalysisData, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "disposition", CODE, &panel.panel, data);
    let title = titled("Disposition by dosage", &panel.panel);
    let columns = &data.subject_columns;
    let Some(status) = columns.treatment_status.as_deref().filter(|_| !panel.panel.groups.is_empty()) else {
        let reason = if panel.panel.groups.is_empty() {
            "No subject of ADSL has a dosage of the project."
        } else {
            "ADSL holds no end-of-treatment status."
        };
        let needs = ["ADSL: EOTSTT or EOSSTT", "ADSL: DCTREAS or DCSREAS"];
        return Exhibit::placeholder(recorder.exhibit, &title, reason, &needs);
    };
    let mut notes = recorder.notes(&["ADSL"]);
    explain(data, &mut notes);
    let rows = rows(panel, status, data, &mut recorder);
    let heads = recorder.columns(&panel.panel.groups);
    let content = Content::Table(Table { stub: "Subjects, n (%)".to_owned(), columns: heads, rows });
    Exhibit { id: recorder.exhibit, title, content, notes }
}

fn rows(panel: &DispositionPanel, status: &str, data: &AnalysisData, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let columns = &data.subject_columns;
    let reason = columns.discontinuation_reason.as_deref().unwrap_or(status);
    let [ongoing, completed, discontinued] = if is_study_status(data) {
        ["On study at the cut-off", "Completed the study", "Discontinued the study"]
    } else {
        ["On treatment at the cut-off", "Completed treatment", "Discontinued treatment"]
    };
    let has_status = says_who_goes_on(data);
    let either = vec![status.to_owned(), reason.to_owned()];
    let words = |measure, label: &str, indent, filter: String| Words {
        measure,
        what: None,
        label: label.to_owned(),
        indent,
        filter,
        columns: either.clone(),
    };
    let by_status = |word: &str, otherwise: &str| if has_status { format!("{status} = {word}") } else { format!("{reason} {otherwise}") };
    let mut rows = Vec::new();
    let mut add = |words: &Words<'_>, of: &dyn Fn(&Disposition) -> Option<&Proportion>| rows.extend(row(words, panel, recorder, of));
    if has_status {
        add(&words("ongoing", ongoing, 0, format!("{status} = ONGOING")), &|column| Some(&column.ongoing));
    }
    add(&words("completed", completed, 0, by_status("COMPLETED", "= COMPLETED")), &|column| Some(&column.completed));
    let stopped = by_status("DISCONTINUED", "is another reason than COMPLETED");
    add(&words("discontinued", discontinued, 0, stopped.clone()), &|column| Some(&column.discontinued));
    for (index, name) in panel.reasons.iter().enumerate() {
        let label = sentence_case(name);
        let filter = format!("{stopped} and {reason} = {name}");
        let words = Words { what: Some(name), ..words("discontinued_for", &label, 1, filter) };
        add(&words, &|column| column.reasons.get(index));
    }
    let missing = format!("{stopped} and {reason} is missing");
    add(&words("discontinued_no_reason", "Reason not given", 1, missing), &|column| Some(&column.no_reason));
    add(&words("not_treated", "Never treated", 0, "no dose given".to_owned()), &|column| Some(&column.not_treated));
    let unknown = format!("{status} is missing or not understood");
    add(&Words { indent: 1, ..words("status_unknown", "Status not recorded", 1, unknown) }, &|column| Some(&column.unknown));
    let deaths = columns.deaths();
    if !deaths.is_empty() {
        let died = Words { columns: deaths, ..words("died", "Died, on or after treatment", 0, death_filter(data)) };
        add(&died, &|column| Some(&column.died));
    }
    rows
}

/// A row; none where it stands under another one and nobody counts.
fn row(
    words: &Words<'_>,
    panel: &DispositionPanel,
    recorder: &mut Recorder<'_>,
    of: &dyn Fn(&Disposition) -> Option<&Proportion>,
) -> Option<Row> {
    if words.indent > 0 && panel.columns.iter().all(|column| of(column).is_none_or(|proportion| proportion.count == 0)) {
        return None;
    }
    let columns: Vec<&str> = words.columns.iter().map(String::as_str).collect();
    let made = cells(&panel.panel.groups, &panel.columns, |group, column| {
        let Some(proportion) = of(column) else { return Cell::NotAvailable };
        let source = ("ADSL", words.filter.as_str(), columns.as_slice());
        let item = Item { measure: words.measure, what: words.what, group, label: &words.label, method: "count of subjects", source };
        Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, proportion)])
    });
    Some(fact_row(&words.label, words.indent, made))
}

/// `DTHFL = Y or DTHDT is recorded`, as far as the columns exist.
fn death_filter(data: &AnalysisData) -> String {
    let columns = &data.subject_columns;
    let flag = columns.death_flag.as_ref().map(|column| format!("{column} = Y"));
    let date = columns.death.as_ref().map(|column| format!("{column} is recorded"));
    flag.into_iter().chain(date).collect::<Vec<String>>().join(" or ")
}

fn explain(data: &AnalysisData, notes: &mut Notes) {
    let columns = &data.subject_columns;
    let (status, reason) = (columns.treatment_status.as_deref().unwrap_or_default(), columns.discontinuation_reason.as_deref());
    if !says_who_goes_on(data) {
        let text = "ADSL holds no end-of-treatment status: it is taken from the reason for stopping, which does not say who goes on.";
        footnote(notes, text);
    } else if is_study_status(data) {
        footnote(notes, format!("ADSL holds no end-of-treatment status: the status is that of the study ({status})."));
    }
    match reason {
        None => footnote(notes, "ADSL gives no reasons for stopping."),
        Some(reason) if reason.to_uppercase().starts_with("DCS") && !is_study_status(data) => {
            footnote(notes, format!("The reasons are those for leaving the study ({reason}): ADSL gives none for stopping treatment."))
        }
        Some(_) => return,
    };
}
