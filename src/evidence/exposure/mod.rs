//! Exhibits on dosing: time on treatment, dose intensity and modifications (T-E10), dose intensity by cycle (F-E11).

mod cycles;
mod dosing;
mod rows;

use crate::analysis::exposure::ExposureResult;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::{Exhibit, ExhibitId, Facts};

const DOSING: (&str, &str) = ("T-E10", "Time on treatment, dose intensity and dose modifications by dosage");
const CYCLES: (&str, &str) = ("F-E11", "Relative dose intensity by cycle and dosage");

/// Every exhibit on dosing, or a placeholder for what the data do not carry.
pub fn gather(result: &ExposureResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    if result.panels.is_empty() {
        return absent("No subject of the safety set has a dosage of the project.");
    }
    let mut exhibits: Vec<Exhibit> = result.panels.iter().map(|panel| dosing::tabulate(panel, data, settings, facts)).collect();
    if result.cycles.is_empty() {
        let reason = "The data hold no dosing by cycle of at least three subjects of one dosage.";
        exhibits.push(placeholder(
            CYCLES,
            reason,
            &["ADEX: one record per stretch of constant dosing with EXDOSE, the planned dose, ASTDT, AENDT"],
        ));
    }
    exhibits.extend(result.cycles.iter().filter_map(|panel| cycles::figure(panel, data, settings, facts)));
    exhibits
}

/// What stands in place of the exhibits when the data hold neither dosing nor times on treatment.
#[must_use]
pub fn gather_absent() -> Vec<Exhibit> {
    absent("There is neither a dosing dataset (ADEX) nor a time on treatment in ADSL.")
}

fn absent(reason: &str) -> Vec<Exhibit> {
    [DOSING, CYCLES]
        .into_iter()
        .map(|exhibit| {
            placeholder(exhibit, reason, &["ADEX: EXDOSE, the planned dose, ASTDT, AENDT, EXADJ", "ADSL: TRTSDT, TRTEDT or TRTDURD"])
        })
        .collect()
}

fn placeholder((code, title): (&str, &str), reason: &str, needs: &[&str]) -> Exhibit {
    Exhibit::placeholder(ExhibitId::new(code, None), title, reason, needs)
}
