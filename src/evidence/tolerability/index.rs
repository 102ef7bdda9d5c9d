//! Toxicity index: T-E08-index.

use crate::analysis::tolerability::{IndexColumn, IndexPanel, MINIMUM_SUBJECTS, TolerabilityResult};
use crate::config::Settings;
use crate::derive::{AdverseEvents, AnalysisData};

use super::super::population::titled;
use super::super::record::{Item, Recorder};
use super::super::table::{cells, fact_row, footnote};
use super::super::{Cell, CellPattern, Content, Exhibit, Facts, Notes, Row, Table, Unit};
use super::words::{emergent, grade_column, severity_footnote};
use super::{INDEX, placeholder};

/// The table of each panel.
pub(super) fn gather(
    result: &TolerabilityResult,
    source: &AdverseEvents,
    data: &AnalysisData,
    settings: &Settings,
    facts: &mut Facts,
) -> Vec<Exhibit> {
    let Some(panels) = &result.index else {
        return vec![placeholder(INDEX, "The adverse events have neither a grade nor a severity.", &["ADAE: AETOXGR (or AESEV)"])];
    };
    panels.iter().map(|panel| tabulate(panel, source, data, settings, facts)).collect()
}

fn tabulate(panel: &IndexPanel, source: &AdverseEvents, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Exhibit {
    let mut recorder = Recorder::new(facts, "tolerability", INDEX.0, &panel.panel, data);
    let mut notes = recorder.notes(&["ADAE", "ADSL"]);
    explain(panel, source, settings, &mut notes);
    let (filter, mut columns) = emergent(source);
    columns.push(grade_column(source).to_owned());
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let filter = format!("{filter}, highest {} of each term of each subject", grade_column(source));
    let at = ("ADAE", filter.as_str(), columns.as_slice());
    let rows =
        vec![summary(panel, at, &mut recorder, true), summary(panel, at, &mut recorder, false), higher(panel, at, settings, &mut recorder)];
    let columns = recorder.columns(&panel.panel.groups);
    let id = recorder.exhibit;
    let content = Content::Table(Table { stub: "Toxicity index".to_owned(), columns, rows });
    Exhibit { id, title: titled(INDEX.1, &panel.panel), content, notes }
}

fn explain(panel: &IndexPanel, source: &AdverseEvents, settings: &Settings, notes: &mut Notes) {
    let percent = (settings.intervals.level * 1000.0).round() / 10.0;
    notes.methods = vec![
        "Toxicity index of the highest grade of each preferred term that a subject had [Rogatko2004]; 0 without a graded treatment-emergent event".to_owned(),
        "Over the whole of the subject's time on treatment, which differs between dosages".to_owned(),
    ];
    if let Some(reference) = &panel.reference {
        notes.methods.push(format!(
            "Probability that a subject has a higher index than one at {reference}, ties counting half: 0.5 where neither tends to be higher; {percent}% confidence intervals from the variance of DeLong [DeLong1988]"
        ));
        footnote(
            notes,
            format!(
                "The probability is given for dosages with at least {MINIMUM_SUBJECTS} subjects. Dosages whose subjects were not randomised against each other differ in more than the dose."
            ),
        );
    }
    notes.abbreviations = vec!["CI: confidence interval".to_owned(), "SD: standard deviation".to_owned()];
    if let Some(text) = severity_footnote(source) {
        footnote(notes, text);
    }
}

fn summary(panel: &IndexPanel, source: (&str, &str, &[&str]), recorder: &mut Recorder<'_>, median: bool) -> Row {
    let made = cells(&panel.panel.groups, &panel.columns, |group, column: &IndexColumn| {
        if column.index.n == 0 {
            return Cell::NotAvailable;
        }
        let item = Item { measure: "toxicity_index", what: None, group, label: "Toxicity index", method: "", source };
        if median {
            recorder.median_quartiles(&item, &column.index, &Unit::Dimensionless)
        } else {
            recorder.mean_sd(&item, &column.index, &Unit::Dimensionless)
        }
    });
    fact_row(if median { "Median (quartiles)" } else { "Mean (SD)" }, 0, made)
}

fn higher(panel: &IndexPanel, source: (&str, &str, &[&str]), settings: &Settings, recorder: &mut Recorder<'_>) -> Row {
    let reference = panel.reference.as_deref().unwrap_or("the reference dosage");
    let label = format!("Probability of a higher toxicity index than at {reference}");
    let made = cells(&panel.panel.groups, &panel.columns, |group, column: &IndexColumn| {
        let Some((estimate, interval)) = column.higher else { return Cell::NotAvailable };
        let method = "Mann-Whitney estimate, ties counting half";
        let item = Item { measure: "toxicity_index_higher", what: None, group, label: &label, method, source };
        let id = recorder.number(&item, Some(estimate), Unit::Dimensionless, Some(group.n() as u64), interval, column.rows.clone());
        Cell::Facts(CellPattern::ValueInterval, vec![id])
    });
    let percent = (settings.intervals.level * 1000.0).round() / 10.0;
    fact_row(&format!("Probability of a higher index than at {reference} ({percent}% CI)"), 0, made)
}
