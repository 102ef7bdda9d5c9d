//! Common preferred terms by maximum grade: T-E07.

use crate::analysis::measure::Proportion;
use crate::analysis::tolerability::{TermColumn, TermRow, TermsPanel};
use crate::config::Settings;
use crate::derive::{AdverseEvents, AnalysisData};

use super::super::population::titled;
use super::super::record::{Item, Recorder};
use super::super::table::{cells, fact_row, footnote};
use super::super::{Cell, CellPattern, Content, Exhibit, ExhibitId, Facts, Notes, Row, Table};
use super::TERMS;
use super::words::{emergent, grade_filter, severity_footnote, term_column};

/// The common terms of one panel; a placeholder when no term is common.
pub(super) fn tabulate(terms: &TermsPanel, source: &AdverseEvents, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let rule = rule(terms, settings);
    if terms.rows.is_empty() {
        let id = ExhibitId::new(TERMS.0, terms.panel.part_id.as_deref());
        let reason = format!("No preferred term is common: {rule}; {} different terms were seen.", terms.terms);
        return Exhibit::placeholder(
            id,
            &titled(TERMS.1, &terms.panel),
            reason,
            &["`tolerability.common_term_percent` of the project file"],
        );
    }
    let mut recorder = Recorder::new(facts, "tolerability", TERMS.0, &terms.panel, data);
    let mut notes = recorder.notes(&["ADAE", "ADSL"]);
    explain(terms, source, &rule, &mut notes);
    let rows = terms.rows.iter().flat_map(|row| term_rows(row, terms, source, &mut recorder)).collect();
    let columns = recorder.columns(&terms.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Preferred term, n (%)".to_owned(), columns, rows });
    Exhibit { id, title: titled(TERMS.1, &terms.panel), content, notes }
}

fn rule(terms: &TermsPanel, settings: &Settings) -> String {
    let percent = settings.tolerability.common_term_percent;
    let columns = if terms.deciding_subjects > 1 { format!(" with at least {} subjects", terms.deciding_subjects) } else { String::new() };
    format!("terms are shown that at least {percent}% of the subjects of any dosage{columns} had")
}

fn explain(terms: &TermsPanel, source: &AdverseEvents, rule: &str, notes: &mut Notes) {
    let mut sentence = rule.to_owned();
    sentence.replace_range(..1, "T");
    notes.methods.push(format!("{sentence}: {} of {}", terms.rows.len(), terms.terms));
    notes.methods.push("Most frequent first among the subjects of the drug, then by name".to_owned());
    notes.methods.push("A subject counts once for each term, at the maximum grade of its events".to_owned());
    notes.methods.push("A dosage in which nobody had the term shows 0".to_owned());
    if source.grade_column.is_none() {
        footnote(notes, "ADAE has neither a grade nor a severity: subjects are not divided by grade.");
    }
    if let Some(text) = severity_footnote(source) {
        footnote(notes, text);
    }
    if terms.without_grade > 0 && source.grade_column.is_some() {
        let pairs = terms.without_grade;
        footnote(notes, format!("Pairs of subject and term without a grade: {pairs}. They count under any grade only."));
    }
}

fn term_rows(row: &TermRow, terms: &TermsPanel, source: &AdverseEvents, recorder: &mut Recorder<'_>) -> Vec<Row> {
    let (emergent, mut columns) = emergent(source);
    let filter = format!("{emergent} and {} = {}", term_column(source), row.term);
    columns.extend(source.grade_column.clone());
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut share = |measure: &str, label: &str, filter: &str, of: &dyn Fn(&TermColumn) -> Option<Proportion>| {
        cells(&terms.panel.groups, &row.columns, |group, column: &TermColumn| {
            let Some(proportion) = of(column) else { return Cell::NotAvailable };
            let item =
                Item { measure, what: Some(&row.term), group, label, method: "count of subjects", source: ("ADAE", filter, &columns) };
            Cell::Facts(CellPattern::CountPercent, vec![recorder.proportion(&item, &proportion)])
        })
    };
    let mut rows = vec![fact_row(&row.term, 0, share("teae_term", &row.term, &filter, &|column| Some(column.any.clone())))];
    if source.grade_column.is_some() {
        let low = (format!("{}, maximum grade 1-2", row.term), format!("{filter}, none of {}", grade_filter(source, 3)));
        let high = (format!("{}, maximum grade 3 or higher", row.term), format!("{filter}, any of {}", grade_filter(source, 3)));
        rows.push(fact_row("Grade 1-2", 1, share("teae_term_grade12", &low.0, &low.1, &|column| column.grade12.clone())));
        rows.push(fact_row("Grade 3 or higher", 1, share("teae_term_grade3plus", &high.0, &high.1, &|column| column.grade3plus.clone())));
    }
    rows
}
