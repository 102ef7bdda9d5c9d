//! Parameters that ADPP gives, brought into the occasions: in place of a computed one of the same visit and analyte, otherwise on their own.

use std::collections::{BTreeMap, BTreeSet};

use super::exposure::RecordKind;
use super::nca::Regimen;
use super::occasion::{Observation, Occasion, Origin, ParameterSeries, SeriesColumn};
use super::parameter::PkParameter;
use crate::analysis::grouping::Panel;
use crate::config::Settings;
use crate::derive;
use crate::derive::SubjectIndex;

/// Codes in use for parameters at steady state that are not of CDISC terminology.
const AT_STEADY_STATE: [(&str, PkParameter); 6] = [
    ("AUCSS", PkParameter::AucTau),
    ("AUCTAUSS", PkParameter::AucTau),
    ("CMAXSS", PkParameter::Cmax),
    ("CMINSS", PkParameter::Cmin),
    ("CAVGSS", PkParameter::Cavg),
    ("CTROUGHSS", PkParameter::Ctrough),
];

/// The parameter that a code of ADPP names.
fn parameter_of(code: &str) -> Option<PkParameter> {
    let steady = AT_STEADY_STATE.iter().find(|(own, _)| own.eq_ignore_ascii_case(code)).map(|(_, parameter)| *parameter);
    steady.or_else(|| PkParameter::from_code(code))
}

/// Category, specimen and visit of records that belong together.
type Kind = (Option<String>, Option<String>, Option<String>);

/// Brings the parameters of ADPP into the occasions. Records that the data exclude from summaries, of urine or without a value are left out.
pub(super) fn bring_in(given: &[derive::PkParameter], occasions: &mut Vec<Occasion>, panel: &Panel, settings: &Settings) {
    let usable = |record: &&derive::PkParameter| {
        let urine = [&record.specimen, &record.category].into_iter().flatten().any(|text| text.to_uppercase().contains("URINE"));
        record.in_summary && record.value.is_some_and(f64::is_finite) && !urine
    };
    let wanted = |record: &&derive::PkParameter| settings.pk.parameters.is_empty() || settings.pk.parameters.contains(&record.code);
    let mut kinds: BTreeMap<Kind, Vec<&derive::PkParameter>> = BTreeMap::new();
    for record in given.iter().filter(usable).filter(wanted) {
        kinds.entry((record.category.clone(), record.specimen.clone(), record.visit.clone())).or_default().push(record);
    }
    let categories: BTreeSet<&Option<String>> = kinds.keys().map(|(category, ..)| category).collect();
    let several = categories.len() > 1;
    let specimens: BTreeSet<(&Option<String>, &Option<String>)> =
        kinds.keys().map(|(category, specimen, _)| (category, specimen)).collect();
    let of_several = |(category, ..): &Kind| specimens.iter().filter(|(own, _)| *own == category).count() > 1;
    let analyte = only_analyte(occasions, settings);
    let mut own = Vec::new();
    for (kind, records) in &kinds {
        let series = series_of(records, kind, panel, settings);
        match occasions.iter_mut().find(|occasion| belongs(kind, occasion, several)) {
            Some(occasion) => replace(occasion, series),
            None => own.extend(alone(kind, series, (several, of_several(kind)), &analyte)),
        }
    }
    occasions.extend(own);
}

/// Whether records of a kind are of an occasion: of the same visit, and of the same analyte where a category names one.
fn belongs((category, _, visit): &Kind, occasion: &Occasion, several: bool) -> bool {
    let same_visit = visit.as_ref().is_some_and(|visit| visit.trim().eq_ignore_ascii_case(occasion.name.trim()));
    let name = occasion.analyte.to_lowercase();
    let same_analyte = category.as_ref().is_none_or(|category| {
        let category = category.trim().to_lowercase();
        name.contains(&category) || category.contains(&name) && !category.contains("metabolite")
    });
    same_visit && (same_analyte || !several)
}

/// Puts given parameters in the place of computed ones.
fn replace(occasion: &mut Occasion, given: Vec<ParameterSeries>) {
    for series in given {
        match occasion.series.iter_mut().find(|held| series.parameter.is_some() && held.parameter == series.parameter) {
            Some(held) => *held = series,
            None => occasion.series.push(series),
        }
    }
}

/// An occasion of its own; `several` analytes and specimens are told apart in its names.
fn alone(
    (category, specimen, visit): &Kind,
    series: Vec<ParameterSeries>,
    (several, several_specimens): (bool, bool),
    analyte: &str,
) -> Option<Occasion> {
    if series.is_empty() {
        return None;
    }
    let analyte = match category {
        Some(category) if several => category.clone(),
        _ => analyte.to_owned(),
    };
    let named = [visit, if several { &None } else { category }, if several_specimens { specimen } else { &None }];
    let told: Vec<&str> = named.into_iter().filter_map(Option::as_deref).collect();
    let steady = |series: &ParameterSeries| match &series.origin {
        Origin::Given { code, .. } => AT_STEADY_STATE.iter().any(|(own, _)| own.eq_ignore_ascii_case(code)),
        Origin::Computed => false,
    };
    Some(Occasion {
        code: None,
        analyte,
        name: if told.is_empty() { "as given".to_owned() } else { told.join(", ") },
        regimen: series.iter().any(steady).then_some(Regimen::SteadyState),
        profiles: Vec::new(),
        rows: Vec::new(),
        series,
        accumulation: Vec::new(),
    })
}

/// The analyte of parameters whose category tells none apart: that of the profiles where they are of one, otherwise of the project, or the drug.
fn only_analyte(occasions: &[Occasion], settings: &Settings) -> String {
    let named: BTreeSet<&str> = occasions.iter().map(|occasion| occasion.analyte.as_str()).collect();
    let first = named.first().filter(|_| named.len() == 1).map(|name| (*name).to_owned());
    first
        .or_else(|| settings.drug.analytes.values().next().map(|analyte| analyte.name.clone()))
        .unwrap_or_else(|| settings.drug.name.clone())
}

/// A series for each code, in the order of the project file, otherwise of the registry and then of codes.
fn series_of(records: &[&derive::PkParameter], kind: &Kind, panel: &Panel, settings: &Settings) -> Vec<ParameterSeries> {
    let mut codes: BTreeMap<&str, Vec<&derive::PkParameter>> = BTreeMap::new();
    for record in records {
        codes.entry(&record.code).or_default().push(record);
    }
    let place = |code: &str| {
        let listed = settings.pk.parameters.iter().position(|own| own == code).unwrap_or(usize::MAX);
        (listed, parameter_of(code).map_or(usize::MAX, |parameter| parameter as usize))
    };
    let mut codes: Vec<(&str, Vec<&derive::PkParameter>)> = codes.into_iter().collect();
    codes.sort_by_key(|(code, _)| place(code));
    codes.into_iter().filter_map(|(code, records)| series(code, &records, kind, panel)).collect()
}

/// The records of one code in the unit that most have; the first of each subject counts.
fn series(code: &str, records: &[&derive::PkParameter], (category, specimen, visit): &Kind, panel: &Panel) -> Option<ParameterSeries> {
    let mut units: BTreeMap<&Option<String>, usize> = BTreeMap::new();
    for record in records {
        *units.entry(&record.unit).or_default() += 1;
    }
    // Among equals the last in order is taken: it has a unit.
    let unit = (*units.iter().max_by_key(|(unit, count)| (**count, **unit))?.0).clone();
    let mut by_subject: BTreeMap<SubjectIndex, Observation> = BTreeMap::new();
    for record in records.iter().filter(|record| record.unit == unit) {
        let Some(value) = record.value else { continue };
        let observation = || Observation { subject: record.subject, rows: std::iter::once(record.row).collect(), value };
        by_subject.entry(record.subject).or_insert_with(observation);
    }
    let columns: Vec<SeriesColumn> = panel
        .groups
        .iter()
        .map(|group| {
            SeriesColumn::of(group.subjects.iter().filter_map(|subject| by_subject.get(subject).cloned()).collect(), BTreeMap::new())
        })
        .collect();
    if columns.iter().all(|column| column.observations.is_empty()) {
        return None;
    }
    let kind = RecordKind { category: category.clone(), specimen: specimen.clone(), visit: visit.clone(), unit: unit.clone() };
    Some(ParameterSeries {
        parameter: parameter_of(code),
        measure: code.to_owned(),
        label: records.first()?.label.clone(),
        unit,
        origin: Origin::Given { code: code.to_owned(), kind },
        columns,
    })
}
