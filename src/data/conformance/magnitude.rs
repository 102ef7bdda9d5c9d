//! Values that lie about a factor of 1000 from comparable ones: micrograms taken for milligrams, or the reverse.

use std::collections::{BTreeMap, BTreeSet};

use super::code::FACTOR_1000;
use super::sightings::Sightings;
use super::trial::{Trial, View};
use crate::data::arm::{self, DosageArms};
use crate::data::column::{
    AFRLT, ATPT, AVAL, AVALU, AVISIT, DOSEP, DOSEU, EXDOSE, EXDOSU, EXTRT, NFRLT, PARAM, PARAMCD, PARCAT1, PCSPEC, PPCAT, PPSPEC, VISIT,
};
use crate::data::name::DatasetName;
use crate::diagnostic::Diagnostic;
use crate::quantity::{Dose, DoseUnit};

/// Decimal logarithms of ratios that count as a factor of 1000: from about 320 to about 3200.
const FACTOR: std::ops::RangeInclusive<f64> = 2.5..=3.5;

/// The same for a single concentration or exposure: from about 560 to about 1800.
const SINGLE_FACTOR: std::ops::RangeInclusive<f64> = 2.75..=3.25;

/// Fewest subjects from which a typical value is known.
const FEWEST_SUBJECTS: usize = 3;

/// `factor-1000`: subjects and single records within their arm, and arms against each other by dose.
pub(super) fn check(trial: &Trial<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let hint = "check the unit in which these values were entered; the typical value is the median of comparable subjects";
    let sources: [(DatasetName, &str, &[&str]); 3] = [
        (DatasetName::Adex, EXDOSE, &[EXTRT, EXDOSU, PARAMCD]),
        (DatasetName::Adpc, AVAL, &[PARAMCD, PARAM, PARCAT1, PCSPEC, AVALU, VISIT, AVISIT, ATPT, NFRLT]),
        (DatasetName::Adpp, AVAL, &[PARAMCD, PARAM, PPCAT, PPSPEC, AVALU, VISIT, AVISIT]),
    ];
    for (dataset, value, comparable) in sources {
        let Some(view) = trial.view(dataset) else { continue };
        let Some(values) = values(trial, view, value, comparable) else { continue };
        let name = view.dataset.column(value).unwrap_or_else(|| value.to_owned());
        let typical = typical(&values, within_arm);
        let mut odd = odd(distances(&values, within_arm, &typical));
        odd.extend(odd_arms(trial, &values));
        let mut seen = Sightings::new(view);
        for value in &values {
            let single =
                || distance(value, within_arm, &typical).map(|(_, distance)| distance).filter(|distance| is_slip(dataset, *distance));
            if let Some(ratio) = odd.get(&value.subject).copied().or_else(|| single().map(|distance| 10_f64.powf(distance))) {
                seen.see(value.row, &format!("{} times the typical value", rounded(ratio)));
            }
        }
        let message = |seen: &Sightings<'_>| {
            format!("{name} lies about a factor of 1000 from comparable values in {}: {}", seen.extent(), seen.values())
        };
        found.extend(seen.report(FACTOR_1000, &name, message, hint));
    }
    // Where all doses are off by the same factor, only the project file can tell; where some are, the comparison above has told.
    for (dataset, dose, unit) in [(DatasetName::Adsl, DOSEP, DOSEU), (DatasetName::Adex, EXDOSE, EXDOSU)] {
        let told = found.iter().any(|other: &Diagnostic| other.dataset.as_deref() == Some(dataset.label()));
        if let Some(view) = trial.view(dataset).filter(|_| !told) {
            found.extend(odd_planned_doses(trial, view, dose, unit, hint));
        }
    }
    found
}

/// Doses that lie a factor of 1000 from the dose of their subject's dosage in the project file: planned ones of ADSL, given ones of ADEX.
fn odd_planned_doses(trial: &Trial<'_>, view: &View<'_>, dose: &str, unit: &str, hint: &str) -> Option<Diagnostic> {
    let adsl = trial.view(DatasetName::Adsl)?;
    let name = view.dataset.column(dose)?;
    let arms = adsl.coded(arm::planned_column(adsl.dataset)?)?;
    let dosages = DosageArms::new(&trial.settings.dosages);
    let of_arm: Vec<Option<Dose>> = arms.levels.iter().map(|arm| trial.settings.dosages.get(dosages.position(arm)?)?.dose).collect();
    let arms = trial.facts.codes(&arms);
    let units = view.coded(unit);
    let mut seen = Sightings::new(view);
    for (row, dose) in view.dataset.numbers(dose)?.into_iter().enumerate() {
        let planned = view.of_subject(&arms, row).and_then(|arm| *of_arm.get(arm as usize)?);
        let Some((dose, planned)) = dose.filter(|dose| *dose > 0.0).zip(planned) else { continue };
        // Without a unit of its own, the number is taken to be in the unit of the project file.
        let unit = units.as_ref().and_then(|units| units.text(row)).map_or(Some(planned.unit()), DoseUnit::parse);
        let Some(expected) = unit.and_then(|unit| planned.amount_in(unit)).filter(|expected| *expected > 0.0) else { continue };
        if FACTOR.contains(&(dose / expected).log10().abs()) {
            seen.see(row, &format!("{dose}, planned {planned}"));
        }
    }
    let message = |seen: &Sightings<'_>| {
        format!("{name} lies about a factor of 1000 from the dose in the project file in {}: {}", seen.extent(), seen.values())
    };
    seen.report(FACTOR_1000, &name, message, hint)
}

/// A positive value with what it can be compared with.
struct Comparable {
    row: usize,
    subject: u32,
    arm: Option<u32>,
    /// Group of the values that agree in everything but the subject, over all arms.
    cell: usize,
    /// The same within the arm.
    arm_cell: usize,
    log10: f64,
}

/// The positive values of a column after the first dose; rows with the same texts in `comparable` share a cell.
fn values(trial: &Trial<'_>, view: &View<'_>, value: &str, comparable: &[&str]) -> Option<Vec<Comparable>> {
    let numbers = view.dataset.numbers(value)?;
    let adsl = trial.view(DatasetName::Adsl)?;
    let arms = arm::planned_column(adsl.dataset).and_then(|name| adsl.coded(name));
    let levels = arms.as_ref().map_or(0, |arms| arms.levels.len());
    let arms = arms.map(|coded| trial.facts.codes(&coded)).unwrap_or_default();
    let of_subject = |subject: &Option<u32>| *arms.get((*subject)? as usize)?;
    let arms: Vec<Option<u32>> = view.subjects.iter().map(of_subject).collect();
    let times = view.dataset.numbers(AFRLT).unwrap_or_default();
    let cells = cells(view, comparable);
    let arm_cells = split(cells.clone(), &arms, levels);
    let mut values = Vec::new();
    for (row, number) in numbers.into_iter().enumerate() {
        let Some(number) = number.filter(|number| *number > 0.0) else { continue };
        let Some(subject) = view.subjects.get(row).copied().flatten() else { continue };
        if times.get(row).copied().flatten().is_some_and(|time| time <= 0.0) {
            continue;
        }
        let of = |cells: &[usize]| cells.get(row).copied().unwrap_or_default();
        let arm = arms.get(row).copied().flatten();
        values.push(Comparable { row, subject, arm, cell: of(&cells), arm_cell: of(&arm_cells), log10: number.log10() });
    }
    Some(values)
}

/// A number for each different combination of texts, by row.
fn cells(view: &View<'_>, columns: &[&str]) -> Vec<usize> {
    let dividing = columns.iter().filter_map(|column| view.coded(column)).filter(|coded| !coded.is_constant());
    dividing.fold(vec![0; view.dataset.height()], |cells, coded| split(cells, &coded.codes, coded.levels.len()))
}

/// The cells divided by further codes below `levels`, numbered from 0 in order of appearance.
fn split(mut cells: Vec<usize>, codes: &[Option<u32>], levels: usize) -> Vec<usize> {
    const LARGEST_TABLE: usize = 1 << 22;
    let width = levels + 1;
    let height = cells.iter().max().map_or(1, |cell| cell + 1);
    let mut table: Vec<usize> = if height.saturating_mul(width) <= LARGEST_TABLE { vec![usize::MAX; height * width] } else { Vec::new() };
    let mut beyond: BTreeMap<usize, usize> = BTreeMap::new();
    let mut count = 0;
    for (cell, code) in cells.iter_mut().zip(codes) {
        let key = *cell * width + code.map_or(0, |code| code as usize + 1);
        let number = match table.get_mut(key) {
            Some(number) => number,
            None => beyond.entry(key).or_insert(usize::MAX),
        };
        if *number == usize::MAX {
            *number = count;
            count += 1;
        }
        *cell = *number;
    }
    cells
}

/// A value's group, the unit (a subject, or an arm) that it belongs to, and its decimal logarithm.
type Placed = (usize, u32, f64);

fn within_arm(value: &Comparable) -> Option<Placed> {
    Some((value.arm_cell, value.subject, value.log10))
}

/// Whether a single value is a slip of the unit: doses in either direction; concentrations and exposures only upwards and closer to 1000,
/// since one sample may be low for many reasons and high for some.
fn is_slip(dataset: DatasetName, distance: f64) -> bool {
    if dataset == DatasetName::Adex { FACTOR.contains(&distance.abs()) } else { SINGLE_FACTOR.contains(&distance) }
}

/// Subjects of the arms whose values per dose lie a factor of 1000 from those of the other arms, with the ratio.
fn odd_arms(trial: &Trial<'_>, values: &[Comparable]) -> BTreeMap<u32, f64> {
    let dose = |subject: u32| trial.facts.dose.get(subject as usize).copied().flatten().filter(|dose| *dose > 0.0);
    let per_dose = |value: &Comparable| Some((value.cell, value.arm?, value.log10 - dose(value.subject)?.log10()));
    let arms = odd(distances(values, per_dose, &typical(values, per_dose)));
    if arms.is_empty() {
        return BTreeMap::new();
    }
    values.iter().filter_map(|value| Some((value.subject, *arms.get(&value.arm?)?))).collect()
}

/// The typical value of every group with enough units, by group: the median over units. None of any group where no value lies far off.
fn typical(values: &[Comparable], place: impl Fn(&Comparable) -> Option<Placed>) -> Vec<Option<f64>> {
    let mut extent: Vec<(f64, f64)> = Vec::new();
    for (group, _, value) in values.iter().filter_map(&place) {
        if extent.len() <= group {
            extent.resize(group + 1, (f64::INFINITY, f64::NEG_INFINITY));
        }
        if let Some((low, high)) = extent.get_mut(group) {
            (*low, *high) = (low.min(value), high.max(value));
        }
    }
    let medians = |wanted: &dyn Fn(usize) -> bool| {
        let mut groups: BTreeMap<usize, Vec<(u32, f64)>> = BTreeMap::new();
        for (group, unit, value) in values.iter().filter_map(&place).filter(|(group, _, _)| wanted(*group)) {
            groups.entry(group).or_default().push((unit, value));
        }
        let mut typical = vec![None; extent.len()];
        for (group, members) in groups {
            if let Some(place) = typical.get_mut(group) {
                *place = median_of_units(&members);
            }
        }
        typical
    };
    // Nothing lies further from the middle of a group than its ends lie apart, which spares the medians of most data.
    let first = medians(&|group| extent.get(group).is_some_and(|(low, high)| high - low >= *FACTOR.start()));
    let is_far = |value: &Comparable| distance(value, &place, &first).is_some_and(|(_, distance)| distance.abs() >= *FACTOR.start());
    if values.iter().any(is_far) { medians(&|_| true) } else { vec![None; extent.len()] }
}

/// A value's unit and its distance from the typical value of its group.
fn distance(value: &Comparable, place: impl Fn(&Comparable) -> Option<Placed>, typical: &[Option<f64>]) -> Option<(u32, f64)> {
    let (group, unit, own) = place(value)?;
    Some((unit, own - typical.get(group).copied().flatten()?))
}

/// For each unit that lies far off in some group: the distances of all its values from the typical ones.
fn distances(values: &[Comparable], place: impl Fn(&Comparable) -> Option<Placed>, typical: &[Option<f64>]) -> BTreeMap<u32, Vec<f64>> {
    let mut distances: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    if typical.iter().all(Option::is_none) {
        return distances;
    }
    let placed = || values.iter().filter_map(|value| distance(value, &place, typical));
    let suspects: BTreeSet<u32> = placed().filter(|(_, distance)| distance.abs() >= *FACTOR.start()).map(|(unit, _)| unit).collect();
    for (unit, distance) in placed().filter(|(unit, _)| suspects.contains(unit)) {
        distances.entry(unit).or_default().push(distance);
    }
    distances
}

/// The median over units of their median values, where there are enough units.
fn median_of_units(members: &[(u32, f64)]) -> Option<f64> {
    let mut own: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (unit, value) in members {
        own.entry(*unit).or_default().push(*value);
    }
    if own.len() < FEWEST_SUBJECTS { None } else { median(own.into_values().filter_map(median).collect()) }
}

/// Those whose median distance is about 3 decades, with the ratio.
fn odd(distances: BTreeMap<u32, Vec<f64>>) -> BTreeMap<u32, f64> {
    let ratio = |(who, distances)| Some((who, median(distances)?)).filter(|(_, distance)| FACTOR.contains(&distance.abs()));
    distances.into_iter().filter_map(ratio).map(|(who, distance): (u32, f64)| (who, 10_f64.powf(distance))).collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some((upper + *values.get(values.len() / 2 - 1)?) / 2.0)
}

/// A ratio with two significant digits, for a message.
fn rounded(ratio: f64) -> String {
    if ratio >= 1.0 { format!("{}", (ratio / 10.0).round() * 10.0) } else { format!("{ratio:.2e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_divided_alike_with_and_without_a_table() {
        let codes = [Some(0), None, Some(1), Some(0), None, Some(1)];
        assert_eq!(split(vec![0, 0, 0, 1, 1, 0], &codes, 2), [0, 1, 2, 3, 4, 2]);
        // Too many levels for a table.
        assert_eq!(split(vec![0, 0, 0, 1, 1, 0], &codes, 1 << 23), [0, 1, 2, 3, 4, 2]);
        assert!(split(Vec::new(), &[], 0).is_empty());
    }
}
