//! Units that are mixed within one drug or one parameter.

use std::collections::BTreeMap;

use super::code::{Code, DOSE_UNITS_MIXED, UNITS_MIXED};
use super::sightings::{Sightings, quoted};
use super::trial::{Trial, View};
use crate::data::column::{AVALU, EXDOSU, EXTRT, PARAM, PARAMCD, PARCAT1, PARCAT2, PCSPEC, PPCAT, PPSPEC, TRT01A, TRT01P};
use crate::data::name::DatasetName;
use crate::diagnostic::Diagnostic;
use crate::quantity::DoseUnit;

/// `dose-units-mixed`, `units-mixed`.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for view in trial.records() {
        if view.name() == DatasetName::Adex {
            let hint = "convert the doses to one unit at the source; sums and intensities of mixed units are wrong";
            found.extend(mixed(view, EXDOSU, &[EXTRT, PARAMCD], DOSE_UNITS_MIXED, hint));
        }
        let hint = "convert the values to one unit at the source; values of different units must not be summarised together";
        let mut within = vec![PARAMCD, PARAM, PARCAT1, PPCAT, PPSPEC, PCSPEC];
        if matches!(view.name(), DatasetName::Adex | DatasetName::Adexsum) {
            // A comparator's dose has its own unit.
            within.extend([PARCAT2, EXTRT, TRT01P, TRT01A]);
        }
        found.extend(mixed(view, AVALU, &within, UNITS_MIXED, hint));
    }
    found
}

/// Units other than the most frequent one, within the rows that agree in the columns `within`.
fn mixed(view: &View<'_>, unit: &str, within: &[&str], code: Code, hint: &str) -> Vec<Diagnostic> {
    let Some((name, units)) = view.dataset.column(unit).zip(view.coded(unit)) else { return Vec::new() };
    let spelled: Vec<String> = units.levels.iter().map(|level| canonical(level)).collect();
    if spelled.iter().all(|unit| Some(unit) == spelled.first()) {
        return Vec::new();
    }
    let groups: Vec<_> = within.iter().filter_map(|column| view.coded(column)).collect();
    let key = |row: usize| -> Vec<Option<u32>> { groups.iter().map(|coded| coded.codes.get(row).copied().flatten()).collect() };
    let mut counts: BTreeMap<Vec<Option<u32>>, BTreeMap<&str, usize>> = BTreeMap::new();
    let unit_of = |row: usize| units.codes.get(row).copied().flatten().and_then(|code| spelled.get(code as usize)).map(String::as_str);
    for (row, unit) in (0..view.dataset.height()).filter_map(|row| Some((row, unit_of(row)?))) {
        *counts.entry(key(row)).or_default().entry(unit).or_default() += 1;
    }
    counts.retain(|_, units| units.len() > 1);
    if counts.is_empty() {
        return Vec::new();
    }
    let mut seen: BTreeMap<Vec<Option<u32>>, Sightings<'_>> = BTreeMap::new();
    for (row, unit) in (0..view.dataset.height()).filter_map(|row| Some((row, unit_of(row)?))) {
        let key = key(row);
        let Some(units) = counts.get(&key) else { continue };
        if usual(units) != Some(unit) {
            seen.entry(key).or_insert_with(|| Sightings::new(view)).see(row, unit);
        }
    }
    let report = |(key, seen): (Vec<Option<u32>>, Sightings<'_>)| {
        let what: Vec<&str> =
            groups.iter().zip(&key).filter_map(|(coded, code)| coded.levels.get((*code)? as usize)).map(String::as_str).collect();
        let usual = counts.get(&key).and_then(usual).unwrap_or_default();
        let what = if what.is_empty() { view.name().description().to_owned() } else { what.join(", ") };
        seen.report(code, &name, |seen| format!("{what}: mostly in {}, and in {} in {}", quoted(usual), seen.values(), seen.extent()), hint)
    };
    seen.into_iter().filter_map(report).collect()
}

/// The most frequent unit; of equally frequent ones the first in the alphabet.
fn usual<'a>(units: &BTreeMap<&'a str, usize>) -> Option<&'a str> {
    units.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(unit, _)| *unit)
}

/// One spelling for a unit: that of dose units where it is one, otherwise lower case with `u` for micro.
fn canonical(unit: &str) -> String {
    match DoseUnit::parse(unit) {
        Some(unit) => unit.label().to_owned(),
        None => unit.to_lowercase().replace(['µ', 'μ'], "u").replace(' ', ""),
    }
}
