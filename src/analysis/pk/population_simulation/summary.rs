//! What is told of the simulated exposures under a regimen.

use super::super::separation::{SeparationRules, compare_exposures};
use crate::numerics::descriptive::{QuantileType, quantile, standard_deviation, summarise_geometric};
use crate::numerics::distribution::normal_density;

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

impl ExposureDistribution {
    /// Density of the logarithm at `points` places between the 0.5th and the 99.5th percentile, over the largest of them.
    ///
    /// ```text
    /// f(u) = sum_i phi((u - ln x_i) / h),   h = 0.9 min(sd, IQR / 1.34) n^(-1/5)
    /// ```
    ///
    /// Source: `[Silverman1986]`.
    #[must_use]
    pub fn density(&self, points: usize) -> Vec<(f64, f64)> {
        let logarithms: Vec<f64> = self.values.iter().map(|value| value.ln()).collect();
        let at = |share: f64| quantile(&logarithms, share, QuantileType::Type7);
        let (Some(low), Some(high), Some(range), Some(spread)) =
            (at(0.005), at(0.995), at(0.75).zip(at(0.25)), standard_deviation(&logarithms))
        else {
            return Vec::new();
        };
        let width = 0.9 * spread.min((range.0 - range.1) / 1.34) * (logarithms.len() as f64).powf(-0.2);
        if width <= 0.0 || points < 2 {
            return Vec::new();
        }
        let heights: Vec<(f64, f64)> = (0..points)
            .map(|point| {
                let place = low + (high - low) * point as f64 / (points - 1) as f64;
                (place.exp(), logarithms.iter().map(|value| normal_density((place - value) / width)).sum())
            })
            .collect();
        let largest = heights.iter().map(|(_, height)| *height).fold(0.0, f64::max);
        heights.into_iter().map(|(value, height)| (value, height / largest)).collect()
    }
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
