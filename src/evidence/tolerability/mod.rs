//! Exhibits on adverse events: overview (T-E06), common terms (T-E07), onset, duration and resolution (T-E08), first severe event and DLT window
//! (T-E09), time to first event (F-E09), prevalence over time (F-E10).

mod first_event;
mod index;
mod interest;
mod overview;
mod prevalence;
mod resolution;
mod terms;
mod window;
mod words;

pub(super) use words::class_words;

use crate::analysis::tolerability::TolerabilityResult;
use crate::config::Settings;
use crate::derive::AnalysisData;

use super::{Exhibit, ExhibitId, Facts};

const OVERVIEW: (&str, &str) = ("T-E06", "Overview of treatment-emergent adverse events by dosage");
const TERMS: (&str, &str) = ("T-E07", "Common treatment-emergent adverse events by preferred term, maximum grade and dosage");
const RESOLUTION: (&str, &str) = ("T-E08", "Onset, duration and resolution of treatment-emergent adverse events by dosage");
const INTEREST: (&str, &str) = ("T-E08-aesi", "First and repeated adverse events of special interest by dosage");
const FIRST_INTEREST: (&str, &str) = ("F-E09-aesi", "Time to the first adverse event of special interest by dosage");
const INDEX: (&str, &str) = ("T-E08-index", "Toxicity index by dosage");
const PREVALENCE: (&str, &str) = ("F-E10", "Prevalence of treatment-emergent adverse events by month, grade and dosage");
const PERSISTENT: (&str, &str) = ("F-E10-persistent", "Prevalence of persistent low-grade symptoms by month and dosage");
const WINDOW: (&str, &str) = ("T-E09", "First adverse event of grade 3 or higher within and after the DLT window, by dosage");
const FIRST_GRADE3PLUS: (&str, &str) = ("F-E09", "Time to first treatment-emergent adverse event of grade 3 or higher, by dosage");
const FIRST_MODIFICATION: (&str, &str) = ("F-E09-modification", "Time to first dose modification because of an adverse event, by dosage");

/// Every exhibit on adverse events, or a placeholder for what the data do not carry.
pub fn gather(result: &TolerabilityResult, data: &AnalysisData, settings: &Settings, facts: &mut Facts) -> Vec<Exhibit> {
    let Some(source) = &data.adverse_events else { return gather_absent() };
    if result.overview.is_empty() {
        return absent("No subject of the safety set has a dosage of the project.");
    }
    let mut exhibits = Vec::new();
    exhibits.extend(result.overview.iter().map(|panel| overview::tabulate(panel, source, data, settings, facts)));
    exhibits.extend(result.terms.iter().map(|panel| terms::tabulate(panel, source, data, settings, facts)));
    exhibits.extend(result.resolution.iter().map(|panel| resolution::tabulate(panel, source, data, settings, facts)));
    exhibits.extend(interest::gather(result, source, data, settings, facts));
    exhibits.extend(index::gather(result, source, data, settings, facts));
    if result.window.is_empty() {
        exhibits.push(placeholder(WINDOW, "The adverse events have neither a grade nor a severity.", &["ADAE: AETOXGR (or AESEV), ASTDY"]));
    }
    exhibits.extend(result.window.iter().map(|panel| window::tabulate(panel, source, data, settings, facts)));
    exhibits.extend(first_event::gather(result, source, data, settings, facts));
    exhibits.extend(prevalence::gather(result, source, data, settings, facts));
    exhibits
}

/// What stands in place of the exhibits when there is no dataset of adverse events.
#[must_use]
pub fn gather_absent() -> Vec<Exhibit> {
    absent("There is no dataset of adverse events (ADAE).")
}

fn absent(reason: &str) -> Vec<Exhibit> {
    [
        (OVERVIEW, "ADAE: AEDECOD, AETOXGR, AESER, AEREL, AEACN, AEOUT, TRTEMFL"),
        (TERMS, "ADAE: AEDECOD, AETOXGR, TRTEMFL"),
        (RESOLUTION, "ADAE: AEDECOD, AETOXGR, ASTDY, AENDY, TRTEMFL"),
        (INTEREST, "ADAE: AESI or CQ01NAM, or `tolerability.aesi` of the project file; ASTDY, TRTEMFL"),
        (FIRST_INTEREST, "ADAE: AESI or CQ01NAM, or `tolerability.aesi` of the project file; ASTDY, TRTEMFL"),
        (INDEX, "ADAE: AEDECOD, AETOXGR, TRTEMFL"),
        (WINDOW, "ADAE: AETOXGR, ASTDY, TRTEMFL"),
        (FIRST_GRADE3PLUS, "ADAE: AETOXGR, ASTDY, TRTEMFL"),
        (FIRST_MODIFICATION, "ADAE: AEACN, ASTDY, or ADEX: EXDOSE, EXADJ"),
        (PREVALENCE, "ADAE: AETOXGR, ASTDY, AENDY, TRTEMFL"),
        (PERSISTENT, "ADAE: AETOXGR, AEBODSYS, ASTDY, AENDY, TRTEMFL"),
    ]
    .into_iter()
    .map(|(exhibit, needs)| placeholder(exhibit, reason, &[needs, "ADSL: TRTSDT, TRTEDT, EOTSTT"]))
    .collect()
}

fn placeholder((code, title): (&str, &str), reason: &str, needs: &[&str]) -> Exhibit {
    Exhibit::placeholder(ExhibitId::new(code, None), title, reason, needs)
}
