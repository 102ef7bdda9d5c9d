//! Simulated exposures beside those observed: T-R08-check.

use crate::analysis::pk::population_simulation::{ExposureCheck, HIGHEST_RATIO, LOWEST_RATIO};
use crate::evidence::pk::with_unit;
use crate::evidence::table::{fact_row, footnote, heading_row};
use crate::evidence::{Cell, CellPattern, Column, Content, Exhibit, FactId, FactValue, Notes, Row, Table, Unit};

use super::ledger::{Basis, Entry, Ledger};

pub(super) const CODE: &str = "T-R08-check";
pub(super) const TITLE: &str = "Simulated and observed exposure under the dosages studied";

/// The table; `None` where no simulated dosage has an observed exposure.
pub(super) fn table(mut ledger: Ledger<'_>) -> Option<Exhibit> {
    let simulation = ledger.simulation;
    if simulation.checks.is_empty() {
        return None;
    }
    let mut notes = ledger.notes();
    let (mut rows, mut last): (Vec<Row>, Option<&str>) = (Vec::new(), None);
    for check in &simulation.checks {
        if last != Some(check.code.as_str()) {
            rows.push(heading_row(&with_unit(&check.label, check.kind.unit.as_deref())));
            last = Some(check.code.as_str());
        }
        rows.push(row(&mut ledger, check, &mut notes));
    }
    let heads = [
        "Subjects observed",
        "Observed geometric mean (5th, 95th percentile)",
        "Simulated geometric mean (5th, 95th percentile)",
        "Simulated over observed",
        "Observed between the simulated 5th and 95th percentile, %",
    ];
    let columns = heads.map(|head| Column { head: head.to_owned(), n: None, spanner: None }).to_vec();
    notes.datasets.push("ADPP".to_owned());
    notes.datasets.sort();
    notes.grouping = "Rows by dosage received".to_owned();
    notes.methods.push("Nine tenths of the observed values are expected between the simulated percentiles".to_owned());
    notes.methods.retain(|method| !method.contains("limits of exposures"));
    let content = Content::Table(Table { stub: "Exposure and dosage".to_owned(), columns, rows });
    Some(Exhibit { id: ledger.exhibit(), title: TITLE.to_owned(), content, notes })
}

fn row(ledger: &mut Ledger<'_>, check: &ExposureCheck, notes: &mut Notes) -> Row {
    let id = check.group.id.clone();
    let entry = |measure: &str, words: &str, unit: Unit| Entry {
        measure: format!("check_{measure}"),
        what: Some(check.code.as_str()),
        regimen: Some(id.as_str()),
        label: format!("{}, {words}, {}", check.label, check.group.label),
        method: words.to_owned(),
        unit,
    };
    let unit = Unit::Named(check.kind.unit.clone().unwrap_or_else(|| "unit not given".to_owned()));
    let observed = Basis::Observed(&check.code, &check.kind, check.rows.clone());
    let aside = |ledger: &mut Ledger<'_>, prefix: &str, (mean, (low, high)): (f64, (f64, f64)), basis: &Basis<'_>| -> Vec<FactId> {
        let shown = [("geomean", "geometric mean", mean), ("p5", "5th percentile", low), ("p95", "95th percentile", high)];
        shown
            .into_iter()
            .map(|(measure, words, value)| {
                let entry = entry(&format!("{prefix}_{measure}"), &format!("{prefix} {words}"), unit.clone());
                ledger.number(entry, value, None, basis)
            })
            .collect()
    };
    let count = ledger.insert(
        entry("n", "subjects with an observed value", Unit::Count),
        FactValue::Count(check.observed.len() as u64),
        None,
        &observed,
    );
    let seen = aside(ledger, "observed", (check.observed_mean, check.observed_range), &observed);
    let made = aside(ledger, "simulated", (check.simulated_mean, check.simulated_range), &Basis::Model);
    let ratio = entry("ratio", "simulated over observed geometric mean", Unit::Dimensionless);
    let covered = entry("covered", "observed values between the simulated 5th and 95th percentile", Unit::Percent);
    let cells = vec![
        Cell::Facts(CellPattern::Value, vec![count]),
        Cell::Facts(CellPattern::ValueAside, seen),
        Cell::Facts(CellPattern::ValueAside, made),
        ledger.cell(CellPattern::Value, ratio, Some(check.ratio), None, &observed),
        ledger.cell(CellPattern::Value, covered, Some(100.0 * check.covered), None, &observed),
    ];
    let mark = (!check.agrees()).then(|| {
        let text = format!(
            "The simulated geometric mean lies outside {LOWEST_RATIO} to {HIGHEST_RATIO} times the observed one: the model does not describe this dosage, and what is simulated near it is to be read with caution."
        );
        footnote(notes, text)
    });
    Row { footnote: mark, ..fact_row(&check.group.label, 1, cells) }
}
