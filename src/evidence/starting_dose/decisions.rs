//! T-F07 the decision-to-evidence map, T-F09 risks and mitigation: words of the nonclinical file, unchanged.

use crate::analysis::starting_dose::StartingDoseResult;
use crate::config::nonclinical::NonclinicalFile;
use crate::evidence::table::fact_row;
use crate::evidence::{Content, Exhibit, ExhibitId, Table};

use super::ledger::{Ledger, columns, without_empty_columns, words};

/// T-F07.
pub(super) fn map(result: &StartingDoseResult, file: &NonclinicalFile) -> Exhibit {
    const TITLE: &str = "What each observation leads to";
    let id = ExhibitId::new("T-F07", None);
    let rows = &file.nonclinical.decision_map;
    if rows.is_empty() {
        let reason = "The nonclinical file does not say what an observation at a level leads to.";
        return Exhibit::placeholder(id, TITLE, reason, &["NONCLINICAL: decision_map"]);
    }
    let level = |row: &crate::config::nonclinical::DecisionRow| match &row.dose {
        None => "Every level".to_owned(),
        Some(dose) => {
            let same = |level: &&crate::analysis::starting_dose::Level| {
                level.dose.amount_in(dose.0.unit()).is_some_and(|amount| (amount - dose.0.amount()).abs() <= 1e-9 * amount)
            };
            result.levels.levels.iter().find(same).map_or_else(|| dose.0.to_string(), |level| level.label.clone())
        }
    };
    let rows = rows
        .iter()
        .map(|row| {
            let cells = vec![
                words(row.observable.as_deref()),
                words(row.threshold.as_deref()),
                words(Some(&row.action)),
                words(row.owner.as_deref()),
            ];
            fact_row(&level(row), 0, cells)
        })
        .collect();
    // Columns that are empty stay: a map without observables or thresholds is what a reviewer looks for.
    let table = Table { stub: "Level".to_owned(), columns: columns(&["Observation", "Threshold", "Action", "Decided by"]), rows };
    Exhibit { id, title: TITLE.to_owned(), content: Content::Table(table), notes: Ledger::notes() }
}

/// T-F09; `None` where the file names no risk.
pub(super) fn risks(file: &NonclinicalFile) -> Option<Exhibit> {
    let risks = &file.nonclinical.risks;
    if risks.is_empty() {
        return None;
    }
    let rows =
        risks.iter().map(|risk| fact_row(&risk.risk, 0, vec![words(risk.precedent.as_deref()), words(Some(&risk.mitigation))])).collect();
    let table = Table { stub: "Risk".to_owned(), columns: columns(&["Precedent in the class", "Mitigation"]), rows };
    Some(Exhibit {
        id: ExhibitId::new("T-F09", None),
        title: "Risks and their mitigation".to_owned(),
        content: Content::Table(without_empty_columns(table)),
        notes: Ledger::notes(),
    })
}
