//! Questionnaires without a baseline.

use std::collections::BTreeMap;

use super::code::BASELINE_MISSING;
use super::sightings::{Sightings, verb};
use super::trial::{Trial, View};
use crate::data::column::{self, ABLFL, ADY, AVAL, AVISIT, BASE, PARCAT1};
use crate::data::name::DatasetName;
use crate::data::spelling::is_yes;
use crate::diagnostic::Diagnostic;

/// What a subject has of one instrument.
#[derive(Debug, Default)]
struct Assessed {
    baseline: bool,
    later: Vec<usize>,
}

/// `baseline-missing`: subjects with assessments after baseline and none at baseline, by instrument.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let Some(view) = trial.view(DatasetName::Adqs) else { return Vec::new() };
    if ![ABLFL, BASE].iter().any(|name| view.dataset.has(name)) {
        return Vec::new();
    }
    let instruments = view.coded(PARCAT1).or_else(|| view.coded(column::SOURCE));
    let Some(instruments) = instruments else { return Vec::new() };
    let mut found = Vec::new();
    for (instrument, subjects) in assessed(view, &instruments.codes) {
        let name = instrument.and_then(|code| instruments.levels.get(code as usize)).map_or("the questionnaire", String::as_str);
        let total = subjects.len();
        let mut seen = Sightings::new(view);
        for row in subjects.values().filter(|assessed| !assessed.baseline).flat_map(|assessed| &assessed.later) {
            seen.see_row(*row);
        }
        let count = seen.subject_count();
        found.extend(seen.report(
            BASELINE_MISSING,
            ABLFL,
            |seen| {
                let has = verb(count, "has", "have");
                format!("{name}: {count} of {total} subjects {has} later assessments and no baseline ({})", seen.extent())
            },
            "their change from baseline cannot be computed; check whether the baseline visit is in the file and flagged in ABLFL",
        ));
    }
    found
}

/// What each subject has of each instrument.
fn assessed(view: &View<'_>, instruments: &[Option<u32>]) -> BTreeMap<Option<u32>, BTreeMap<u32, Assessed>> {
    let flagged = view.coded(ABLFL).map(|coded| coded.map(is_yes)).unwrap_or_default();
    let early = |visit: &str| {
        let visit = visit.to_lowercase();
        visit.contains("baseline") || visit.contains("screening")
    };
    let early = view.coded(AVISIT).map(|coded| coded.map(early)).unwrap_or_default();
    let [values, bases, days] = [AVAL, BASE, ADY].map(|name| view.dataset.numbers(name).unwrap_or_default());
    let mut assessed: BTreeMap<Option<u32>, BTreeMap<u32, Assessed>> = BTreeMap::new();
    for (row, subject) in view.subjects.iter().enumerate() {
        let Some(subject) = subject else { continue };
        let instrument = instruments.get(row).copied().flatten();
        let own = assessed.entry(instrument).or_default().entry(*subject).or_default();
        let yes = |list: &[Option<bool>]| list.get(row).copied().flatten() == Some(true);
        let number = |list: &[Option<f64>]| list.get(row).copied().flatten();
        own.baseline |= yes(&flagged) || number(&bases).is_some();
        let later = !yes(&flagged) && !yes(&early) && number(&days).is_none_or(|day| day > 1.0);
        if later && number(&values).is_some() {
            own.later.push(row);
        }
    }
    assessed
}
