//! What is told of the simulated exposures under a regimen.

use super::super::separation::{SeparationRules, compare_exposures};
use crate::numerics::descriptive::{QuantileType, quantile, summarise_geometric};

/// A number with limits from the uncertainty of the typical values; `None` where that is not stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Simulated {
    /// With the typical values as estimated.
    pub value: f64,
    /// Percentile limits over the draws of the typical values.
    pub limits: Option<(f64, f64)>,
}

/// The percentiles that are told.
pub const PERCENTILES: [f64; 5] = [0.05, 0.25, 0.50, 0.75, 0.95];

/// The distribution of an exposure over the virtual subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureDistribution {
    /// Geometric mean.
    pub geometric_mean: Simulated,
    /// Geometric coefficient of variation in percent.
    pub geometric_cv: Option<f64>,
    /// 5th, 25th, 50th, 75th and 95th percentile (type 7).
    pub percentiles: [f64; 5],
    /// Geometric mean over that of the proposed dosage, the same subjects under both.
    pub ratio_to_proposed: Option<Simulated>,
    /// Overlap with the distribution under the proposed dosage, log-normal.
    pub overlap_with_proposed: Option<f64>,
    /// Values in the order of subjects.
    pub values: Vec<f64>,
}

/// Exposures of one regimen: with the typical values, and with each draw of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RegimenValues {
    pub(super) typical: Vec<f64>,
    pub(super) drawn_means: Vec<f64>,
}

/// The geometric mean of positive values.
pub(super) fn geometric_mean(values: &[f64]) -> Option<f64> {
    summarise_geometric(values).map(|summary| summary.mean)
}

/// Limits of a number over the draws.
pub(super) fn limits(drawn: &[f64], level: f64) -> Option<(f64, f64)> {
    let tail = 0.5 * (1.0 - level);
    Some((quantile(drawn, tail, QuantileType::Type7)?, quantile(drawn, 1.0 - tail, QuantileType::Type7)?))
}

/// Describes the exposures of a regimen beside those of the proposed one; `None` where it has none, or one that is not above zero.
pub(super) fn describe(of: &RegimenValues, proposed: Option<(&RegimenValues, bool)>, level: f64) -> Option<ExposureDistribution> {
    let summary = summarise_geometric(&of.typical)?;
    let at = |share: f64| quantile(&of.typical, share, QuantileType::Type7).unwrap_or(f64::NAN);
    let other = proposed.filter(|(values, itself)| !itself && !values.typical.is_empty()).map(|(values, _)| values);
    let ratio = other.and_then(|other| {
        let drawn: Vec<f64> = of.drawn_means.iter().zip(&other.drawn_means).map(|(own, other)| own / other).collect();
        Some(Simulated { value: summary.mean / geometric_mean(&other.typical)?, limits: limits(&drawn, level) })
    });
    let overlap = other.and_then(|other| compare_exposures(&other.typical, &of.typical, SeparationRules::default()).overlap.ok());
    Some(ExposureDistribution {
        geometric_mean: Simulated { value: summary.mean, limits: limits(&of.drawn_means, level) },
        geometric_cv: summary.cv_percent,
        percentiles: PERCENTILES.map(at),
        ratio_to_proposed: ratio,
        overlap_with_proposed: overlap,
        values: of.typical.clone(),
    })
}
