//! Data cut-off: one date, and nothing after it.

use std::collections::BTreeMap;

use super::code::{AFTER_CUTOFF, CUTOFF_DIFFERS};
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::column::{ADT, AENDT, ASTDT, DCUTDT, DTHDT, EOSDT, LSTALVDT, RANDDT, STUDYID, TRTEDT, TRTSDT};
use crate::data::name::DatasetName;
use crate::diagnostic::{Diagnostic, Severity};
use crate::quantity::Date;

/// `after-cutoff`, `cutoff-differs`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for view in &trial.views {
        for name in dated(view.name()) {
            found.extend(after_cutoff(trial, view, name));
        }
        found.extend(differing(trial, view));
    }
    found
}

/// Columns that date something that had happened when the data were cut.
fn dated(dataset: DatasetName) -> &'static [&'static str] {
    match dataset {
        DatasetName::Adsl => &[RANDDT, TRTSDT, TRTEDT, DTHDT, LSTALVDT, EOSDT],
        DatasetName::Adae | DatasetName::Adex => &[ASTDT, AENDT],
        _ => &[ADT],
    }
}

/// Dates after the cut-off of the dossier or of the subject, whichever is earlier.
fn after_cutoff(trial: &Trial<'_>, view: &View<'_>, name: &str) -> Option<Diagnostic> {
    let dossier = trial.settings.dossier.data_cutoff;
    if dossier.is_none() && trial.facts.cutoff.iter().all(Option::is_none) {
        return None;
    }
    let actual = view.dataset.column(name)?;
    let mut seen = Sightings::new(view);
    let cutoff = |row: usize| [dossier, view.of_subject(&trial.facts.cutoff, row)].into_iter().flatten().min();
    for (row, date) in view.dates(name).iter().copied().enumerate() {
        if let Some((date, cutoff)) = date.zip(cutoff(row))
            && date > cutoff
        {
            seen.see(row, &format!("{date}, cut-off {cutoff}"));
        }
    }
    seen.report(
        AFTER_CUTOFF,
        &actual,
        |seen| format!("{actual} lies after the data cut-off in {}: {}", seen.extent(), seen.values()),
        "cut the data at the source: records after the cut-off are unclean and differ between subjects",
    )
}

/// Cut-off dates of a dataset that differ from the dossier's, from ADSL's, or within one study.
fn differing(trial: &Trial<'_>, view: &View<'_>) -> Option<Diagnostic> {
    let name = view.dataset.column(DCUTDT)?;
    let dates = view.dataset.dates(DCUTDT)?;
    let studies = view.coded(STUDYID);
    let study = |row: usize| studies.as_ref().and_then(|studies| studies.codes.get(row).copied().flatten());
    let mut usual: BTreeMap<Option<u32>, BTreeMap<Date, usize>> = BTreeMap::new();
    for (row, date) in dates.iter().enumerate() {
        if let Some(date) = date {
            *usual.entry(study(row)).or_default().entry(*date).or_default() += 1;
        }
    }
    let usual: BTreeMap<Option<u32>, Date> = usual.into_iter().filter_map(|(study, dates)| Some((study, most_frequent(&dates)?))).collect();
    let dossier = trial.settings.dossier.data_cutoff;
    let mut seen = Sightings::new(view);
    let mut within_study = false;
    let between_studies = usual.values().min() != usual.values().max();
    for (row, date) in dates.iter().enumerate() {
        let Some(date) = date else { continue };
        let of_study = usual.get(&study(row)).copied();
        let of_subject = if view.name() == DatasetName::Adsl { None } else { view.of_subject(&trial.facts.cutoff, row) };
        let strange = [of_study, of_subject].into_iter().flatten().any(|wanted| wanted != *date);
        within_study |= strange || (dossier.is_some_and(|dossier| dossier != *date) && !between_studies);
        if strange || dossier.is_some_and(|dossier| dossier != *date) || (dossier.is_none() && between_studies) {
            seen.see(row, &date.to_string());
        }
    }
    let severity = if within_study { CUTOFF_DIFFERS.severity } else { Severity::Info };
    let against = dossier.map_or_else(String::new, |dossier| format!("; the dossier says {dossier}"));
    seen.report_as(
        severity,
        CUTOFF_DIFFERS,
        &name,
        |seen| format!("{name} is not the same everywhere: {} in {}{against}", seen.values(), seen.extent()),
        "analyses assume one cut-off; state it in `dossier.data_cutoff` and cut every dataset at it",
    )
}

/// The most frequent date; of equally frequent ones the latest.
fn most_frequent(dates: &BTreeMap<Date, usize>) -> Option<Date> {
    dates.iter().max_by(|a, b| a.1.cmp(b.1).then(a.0.cmp(b.0))).map(|(date, _)| *date)
}
