//! Exhibits of the starting dose: T-F01 to T-F07, T-F09 and F-F01 to F-F03, with facts `starting_dose.*`.
//!
//! A fact that comes from the nonclinical file names the dataset `NONCLINICAL`; its rows are the lines of that file on which the entries
//! begin, its filter names the entries and its columns the keys. What comes from the project file names the dataset `PROJECT`.

mod candidates;
mod decisions;
mod figures;
mod ladder;
mod ledger;
mod levels;
mod package_tables;

use crate::analysis::starting_dose::StartingDoseResult;
use crate::config::Settings;
use crate::config::nonclinical::NonclinicalFile;

use super::{Exhibit, ExhibitId, Facts};

/// Exhibits with their titles when there is no nonclinical file.
const ABSENT: [(&str, &str); 10] = [
    ("T-F01", "Candidate starting doses by method"),
    ("F-F01", "Dose ladder"),
    ("T-F02", "Repeat-dose toxicology"),
    ("T-F03", "Pharmacological potency in vitro"),
    ("T-F04", "Predicted human pharmacokinetics"),
    ("T-F05", "Predicted exposure at every planned level"),
    ("F-F02", "Predicted concentration over a dosing interval at steady state"),
    ("F-F03", "Predicted target occupancy and effect against dose"),
    ("T-F06", "Escalation plan"),
    ("T-F07", "What each observation leads to"),
];

/// Tables and figures of the starting dose, in the order of the dossier.
pub fn gather(result: &StartingDoseResult, file: &NonclinicalFile, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let mut exhibits = vec![
        candidates::table(result, file, facts),
        ladder::figure(result, file, facts),
        package_tables::toxicology(file, facts),
        package_tables::potency(file, facts),
        package_tables::human_pharmacokinetics(result, file, facts),
        levels::exposure(result, file, facts),
        figures::concentration(result, file, facts),
        figures::engagement(result, file, facts),
        levels::plan(result, file, settings, facts),
        decisions::map(result, file),
    ];
    exhibits.extend(decisions::risks(file));
    exhibits
}

/// Placeholders when the project names no nonclinical file.
#[must_use]
pub fn gather_absent() -> Vec<Exhibit> {
    let reason = "The project file names no nonclinical file.";
    ABSENT
        .iter()
        .map(|(code, title)| {
            Exhibit::placeholder(ExhibitId::new(code, None), title, reason, &["starting_dose.nonclinical in the project file"])
        })
        .collect()
}

#[cfg(test)]
mod tests;
