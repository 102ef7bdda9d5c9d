//! Exposure of subjects with emergent antibodies against that of the others.

use std::collections::BTreeMap;

use super::PkResult;
use super::immunogenicity::SubjectAntibodies;
use super::occasion::{Observation, Origin};
use super::separation::{SeparationRules, compare_exposures};
use crate::analysis::grouping::{Group, Panel};
use crate::derive::SubjectIndex;
use crate::numerics::descriptive::{mean, variance};
use crate::numerics::distribution::t_quantile;
use crate::quantity::{Interval, IntervalMethod, Rows};

/// Confidence level of intervals of ratios.
const LEVEL: f64 = 0.90;

/// Fewest subjects with and without antibodies, over all dosages, from whom a ratio is shown.
const MIN_SUBJECTS: usize = 2;

/// Which exposure is held against which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectOf {
    /// The area of an occasion.
    Area,
    /// The trough at a visit.
    Trough,
}

/// The comparison under one dosage, or over all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EffectCell {
    /// Subjects with emergent antibodies and an exposure.
    pub positive: usize,
    /// Other evaluable subjects with one.
    pub negative: usize,
    /// Ratio of geometric means, with antibodies over without.
    pub ratio: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Rows of both.
    pub rows: Rows,
}

/// One exposure at one visit.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureEffect {
    /// Which exposure.
    pub of: EffectOf,
    /// Name of the analyte.
    pub analyte: String,
    /// Symbol or label of the exposure.
    pub label: String,
    /// Visit.
    pub visit: String,
    /// Dataset that it comes from.
    pub dataset: &'static str,
    /// One per group of the panel; that of all dosages is adjusted for the dosage.
    pub cells: Vec<EffectCell>,
}

/// Exposures with enough subjects on both sides: the area of every occasion, then the trough of every visit.
///
/// ```text
/// one dosage   ratio and Welch limits as for the separation of dosages
/// all dosages  ln E_ik = a_k + d [with antibodies] + e: d = sum w_k d_k / sum w_k, w_k = n1 n0 / (n1 + n0) of dosage k
///              se^2 = s^2 / sum w_k, s^2 residual variance on N - K - 1 degrees of freedom
/// ```
///
/// `d_k` difference of mean logarithms under dosage `k`. Subjects were not assigned to antibodies: a low exposure may be their cause or their effect.
///
/// Source: `[Welch1947]`.
pub(super) fn exposure_effects(pk: &PkResult, subjects: &[SubjectAntibodies], panel: &Panel) -> Vec<ExposureEffect> {
    let status: BTreeMap<SubjectIndex, bool> =
        subjects.iter().filter(|of| of.status.is_evaluable()).map(|of| (of.subject, of.status.is_emergent())).collect();
    let mut effects = Vec::new();
    for occasion in &pk.occasions {
        let Some(series) = occasion.area().and_then(|area| occasion.series.get(area)) else { continue };
        let found: Vec<&Observation> = series.columns.iter().flat_map(|column| &column.observations).collect();
        let dataset = if series.origin == Origin::Computed { "ADPC" } else { "ADPP" };
        let named = (EffectOf::Area, occasion.analyte.as_str(), series.label.as_str(), occasion.name.as_str(), dataset);
        effects.extend(effect(named, &found, &status, panel));
    }
    for course in &pk.troughs.courses {
        for (place, visit) in course.visits.iter().enumerate() {
            let points = course.columns.iter().filter_map(|column| column.points.get(place));
            let found: Vec<&Observation> = points.flat_map(|point| &point.observations).collect();
            let label = visit.label();
            let named = (EffectOf::Trough, course.analyte.as_str(), "Trough", label.as_str(), "ADPC");
            effects.extend(effect(named, &found, &status, panel));
        }
    }
    effects
}

fn effect(
    (of, analyte, label, visit, dataset): (EffectOf, &str, &str, &str, &'static str),
    found: &[&Observation],
    status: &BTreeMap<SubjectIndex, bool>,
    panel: &Panel,
) -> Option<ExposureEffect> {
    let values: BTreeMap<SubjectIndex, &Observation> = found.iter().map(|observation| (observation.subject, *observation)).collect();
    let split = |group: &Group| Split::new(group, &values, status);
    let splits: Vec<Split> = panel.groups.iter().map(split).collect();
    let of_dosages = || panel.groups.iter().zip(&splits).filter(|(group, _)| group.dosage.is_some() && !group.comparator);
    let total = |side: fn(&Split) -> usize| of_dosages().map(|(_, split)| side(split)).sum::<usize>();
    if total(|split| split.positive.len()) < MIN_SUBJECTS || total(|split| split.negative.len()) < MIN_SUBJECTS {
        return None;
    }
    let strata: Vec<&Split> = of_dosages().map(|(_, split)| split).collect();
    let cell = |(group, split): (&Group, &Split)| if group.dosage.is_some() { split.cell() } else { adjusted(&strata, split) };
    Some(ExposureEffect {
        of,
        analyte: analyte.to_owned(),
        label: label.to_owned(),
        visit: visit.to_owned(),
        dataset,
        cells: panel.groups.iter().zip(&splits).map(cell).collect(),
    })
}

/// The exposures of a dosage with and without antibodies.
struct Split {
    positive: Vec<f64>,
    negative: Vec<f64>,
    rows: Rows,
}

impl Split {
    fn new(group: &Group, values: &BTreeMap<SubjectIndex, &Observation>, status: &BTreeMap<SubjectIndex, bool>) -> Self {
        let (mut positive, mut negative, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for subject in &group.subjects {
            let (Some(observation), Some(with)) = (values.get(subject), status.get(subject)) else { continue };
            if observation.value > 0.0 {
                if *with {
                    positive.push(observation.value)
                } else {
                    negative.push(observation.value)
                }
                rows.extend_from_slice(observation.rows.as_slice());
            }
        }
        // Sums in order of size: the order of the subjects does not reach the last digit.
        positive.sort_by(f64::total_cmp);
        negative.sort_by(f64::total_cmp);
        Self { positive, negative, rows: rows.into_iter().collect() }
    }

    fn cell(&self) -> EffectCell {
        let rules = SeparationRules { level: LEVEL, ..SeparationRules::default() };
        let compared = compare_exposures(&self.negative, &self.positive, rules);
        let interval = |(lower, upper)| Interval { lower: Some(lower), upper: Some(upper), level: LEVEL, method: IntervalMethod::WelchT };
        EffectCell {
            positive: self.positive.len(),
            negative: self.negative.len(),
            ratio: compared.ratio.ok(),
            interval: compared.interval.ok().map(interval),
            rows: self.rows.clone(),
        }
    }
}

/// The difference that dosages have in common.
fn adjusted(strata: &[&Split], whole: &Split) -> EffectCell {
    let mut cell =
        EffectCell { positive: whole.positive.len(), negative: whole.negative.len(), rows: whole.rows.clone(), ..EffectCell::default() };
    let logs = |values: &[f64]| values.iter().map(|value| value.ln()).collect::<Vec<f64>>();
    let (mut within, mut subjects, mut dosages) = (0.0, 0.0, 0.0);
    let mut differences: Vec<(f64, f64)> = Vec::new();
    for split in strata {
        let (with, without) = (logs(&split.positive), logs(&split.negative));
        let (n1, n0) = (with.len() as f64, without.len() as f64);
        for side in [&with, &without] {
            within += variance(side).map_or(0.0, |variance| variance * (side.len() as f64 - 1.0));
        }
        subjects += n1 + n0;
        dosages += f64::from(u8::from(n1 + n0 > 0.0));
        if let (Some(a), Some(b)) = (mean(&with), mean(&without)) {
            differences.push((n1 * n0 / (n1 + n0), a - b));
        }
    }
    let weight: f64 = differences.iter().map(|(weight, _)| weight).sum();
    if differences.is_empty() {
        return cell;
    }
    let common = differences.iter().map(|(weight, difference)| weight * difference).sum::<f64>() / weight;
    let between: f64 = differences.iter().map(|(weight, difference)| weight * (difference - common) * (difference - common)).sum();
    let freedom = subjects - dosages - 1.0;
    cell.ratio = Some(common.exp());
    let square = (within + between) / freedom / weight;
    if freedom >= 1.0 && square > 0.0 {
        cell.interval = t_quantile(0.5 + 0.5 * LEVEL, freedom).ok().map(|quantile| {
            let half = quantile * square.sqrt();
            Interval {
                lower: Some((common - half).exp()),
                upper: Some((common + half).exp()),
                level: LEVEL,
                method: IntervalMethod::StudentT,
            }
        });
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(positive: &[f64], negative: &[f64]) -> Split {
        Split { positive: positive.to_vec(), negative: negative.to_vec(), rows: Rows::default() }
    }

    #[test]
    fn the_common_difference_is_that_of_a_linear_model_with_a_level_for_each_dosage() {
        let low = split(&[1.0, 1.5], &[2.0, 3.0, 2.5]);
        let high = split(&[4.0, 3.0, 5.0], &[6.0, 5.0]);
        let whole = split(&[1.0, 1.5, 4.0, 3.0, 5.0], &[2.0, 3.0, 2.5, 6.0, 5.0]);
        let found = adjusted(&[&low, &high], &whole);
        assert_eq!((found.positive, found.negative), (5, 5));
        // By hand: both weights are 6/5.
        let log_mean = |values: &[f64]| values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64;
        let low_difference = log_mean(&[1.0, 1.5]) - log_mean(&[2.0, 3.0, 2.5]);
        let high_difference = log_mean(&[4.0, 3.0, 5.0]) - log_mean(&[6.0, 5.0]);
        let expected = (0.5 * (low_difference + high_difference)).exp();
        assert!((found.ratio.unwrap() - expected).abs() < 1e-12);
        let interval = found.interval.unwrap();
        // From a least-squares fit apart from this program.
        assert!((found.ratio.unwrap() - 0.595_779_880_472_273_6).abs() < 1e-12);
        assert!((interval.lower.unwrap() - 0.446_063_595_019_883_5).abs() < 1e-9);
        assert!((interval.upper.unwrap() - 0.795_746_772_295_404_1).abs() < 1e-9);
    }

    #[test]
    fn a_dosage_without_antibodies_gives_no_ratio() {
        assert!(split(&[], &[1.0, 2.0]).cell().ratio.is_none());
        assert!(adjusted(&[&split(&[], &[1.0])], &split(&[], &[1.0])).ratio.is_none());
    }
}
