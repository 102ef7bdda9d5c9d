//! What the occasions say of proportionality and separation.

use super::dose_proportionality::{DoseExposure, DoseProportionality, ProportionalityError, judge_proportionality};
use super::nca::Regimen;
use super::occasion::{Occasion, ParameterSeries};
use super::parameter::PkParameter;
use super::separation::{Separation, SeparationRules, compare_exposures};
use crate::analysis::grouping::Panel;
use crate::config::Settings;
use crate::quantity::{DoseUnit, Rows};

/// Exposure of one subject and the dose of its dosage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DosePoint {
    /// Position of the group in the panel.
    pub group: usize,
    /// Dose and exposure.
    pub at: DoseExposure,
}

/// The judgement of one parameter on one occasion.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedParameter {
    /// Position of the occasion.
    pub occasion: usize,
    /// Position of the series in it.
    pub series: usize,
    /// Unit of the doses.
    pub dose_unit: DoseUnit,
    /// Dosages without a dose, or with one in another unit, which are left out.
    pub left_out: usize,
    /// Observations in the order of dosages and subjects.
    pub points: Vec<DosePoint>,
    /// Rows that they come from.
    pub rows: Rows,
    /// The judgement, or why there is none.
    pub result: Result<DoseProportionality, ProportionalityError>,
}

/// Two dosages held against each other on one parameter of one occasion.
#[derive(Debug, Clone, PartialEq)]
pub struct SeparatedPair {
    /// Position of the occasion.
    pub occasion: usize,
    /// Position of the series in it.
    pub series: usize,
    /// Position of the lower dosage in the panel.
    pub lower: usize,
    /// Position of the higher dosage.
    pub higher: usize,
    /// Rows of both.
    pub rows: Rows,
    /// The comparison.
    pub separation: Separation,
}

/// Judges proportionality of the area and of the maximum of every occasion. Dosages of the drug with a dose count, all in the unit of the lowest.
pub(super) fn judge(occasions: &[Occasion], panel: &Panel, settings: &Settings) -> Vec<JudgedParameter> {
    let shown = |occasion: &Occasion| [occasion.area(), occasion.series_of(PkParameter::Cmax)].into_iter().flatten().collect::<Vec<_>>();
    let indexed = occasions.iter().enumerate().flat_map(|(index, occasion)| shown(occasion).into_iter().map(move |series| (index, series)));
    indexed
        .filter_map(|(occasion, series)| judge_series(occasions.get(occasion)?.series.get(series)?, (occasion, series), panel, settings))
        .collect()
}

fn judge_series(
    series: &ParameterSeries,
    (occasion, index): (usize, usize),
    panel: &Panel,
    settings: &Settings,
) -> Option<JudgedParameter> {
    let dose = |group: usize| {
        let dosage = panel.groups.get(group)?.dosage.and_then(|dosage| settings.dosages.get(dosage.0))?;
        dosage.dose.filter(|dose| !dosage.comparator && dose.amount() > 0.0)
    };
    let valued: Vec<usize> = (0..series.columns.len())
        .filter(|group| series.columns.get(*group).is_some_and(|column| !column.observations.is_empty()))
        .collect();
    let unit = valued.iter().find_map(|group| dose(*group))?.unit();
    let mut judged = JudgedParameter {
        occasion,
        series: index,
        dose_unit: unit,
        left_out: 0,
        points: Vec::new(),
        rows: Rows::default(),
        result: Err(ProportionalityError::OneDose),
    };
    let mut rows: Vec<u32> = Vec::new();
    for group in valued {
        let (Some(amount), Some(column)) =
            (dose(group).filter(|dose| dose.unit() == unit).map(|dose| dose.amount()), series.columns.get(group))
        else {
            judged.left_out += 1;
            continue;
        };
        judged.points.extend(column.values().into_iter().map(|exposure| DosePoint { group, at: DoseExposure { dose: amount, exposure } }));
        rows.extend_from_slice(column.summary.rows.as_slice());
    }
    let observations: Vec<DoseExposure> = judged.points.iter().map(|point| point.at).collect();
    judged.rows = rows.into_iter().collect();
    judged.result = judge_proportionality(&observations, &settings.pk.dose_proportionality);
    Some(judged)
}

/// Compares the area and the trough at steady state (of every occasion where none is at steady state) under neighbouring dosages, and under
/// the proposed dosage and each alternative.
pub(super) fn separate(occasions: &[Occasion], panel: &Panel, settings: &Settings) -> Vec<SeparatedPair> {
    let steady = |occasion: &Occasion| occasion.regimen == Some(Regimen::SteadyState);
    let any_steady = occasions.iter().any(steady);
    let mut pairs = Vec::new();
    for (index, occasion) in occasions.iter().enumerate().filter(|(_, occasion)| steady(occasion) || !any_steady) {
        for series in [occasion.area(), occasion.trough()].into_iter().flatten() {
            pairs.extend(occasion.series.get(series).into_iter().flat_map(|of| separate_series(of, (index, series), panel, settings)));
        }
    }
    pairs
}

fn separate_series(series: &ParameterSeries, (occasion, index): (usize, usize), panel: &Panel, settings: &Settings) -> Vec<SeparatedPair> {
    let ladder: Vec<usize> = panel
        .groups
        .iter()
        .zip(&series.columns)
        .enumerate()
        .filter(|(_, (group, column))| !group.comparator && !column.observations.is_empty())
        .map(|(position, _)| position)
        .collect();
    let pair = |(lower, higher): (usize, usize)| {
        let (low, high) = (series.columns.get(lower)?, series.columns.get(higher)?);
        let rows = low.summary.rows.union(&high.summary.rows);
        let separation = compare_exposures(&low.values(), &high.values(), SeparationRules::default());
        Some(SeparatedPair { occasion, series: index, lower, higher, rows, separation })
    };
    pairs(&ladder, panel, settings).into_iter().filter_map(pair).collect()
}

/// Neighbours on the ladder, then the proposed dosage with each alternative that is not its neighbour; the lower first.
fn pairs(ladder: &[usize], panel: &Panel, settings: &Settings) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = ladder.iter().copied().zip(ladder.iter().copied().skip(1)).collect();
    let Some(decision) = &settings.decision else { return pairs };
    let named = |id: &str| ladder.iter().copied().find(|group| panel.groups.get(*group).is_some_and(|group| group.id == id));
    let Some(proposed) = named(&decision.proposed) else { return pairs };
    let listed: Vec<usize> =
        if decision.alternatives.is_empty() { ladder.to_vec() } else { decision.alternatives.iter().filter_map(|id| named(id)).collect() };
    for other in listed.into_iter().filter(|other| *other != proposed) {
        let pair = (proposed.min(other), proposed.max(other));
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}
