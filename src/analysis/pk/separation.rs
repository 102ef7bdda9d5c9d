//! Separation of the exposures under two dosages: ratio, overlap, and how many exceed the other's median.

use thiserror::Error;

use crate::numerics::descriptive::{QuantileType, mean, median, quantile, variance};
use crate::numerics::distribution::{normal_cdf, normal_density, t_quantile};

/// Fewest subjects under each dosage from whom a distribution is estimated.
const MIN_FOR_OVERLAP: usize = 4;

/// Points of the grid on which kernel densities are compared.
const GRID: usize = 1024;

/// Bandwidths beyond the data at which the grid ends.
const TAIL: f64 = 6.0;

/// How the variance of the difference of log means is estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VarianceEstimate {
    /// A variance for each dosage, degrees of freedom by Welch and Satterthwaite.
    #[default]
    Welch,
    /// One variance for both.
    Pooled,
}

/// How the overlap of the distributions is estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OverlapEstimate {
    /// Normal distributions of the logarithms.
    #[default]
    LogNormal,
    /// Gaussian kernel densities of the logarithms.
    Kernel,
}

impl OverlapEstimate {
    /// Name in footnotes.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LogNormal => "overlap of two log-normal distributions",
            Self::Kernel => "overlap of two Gaussian kernel densities of the logarithms",
        }
    }
}

/// The choices of a comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeparationRules {
    /// Confidence level of the interval of the ratio.
    pub level: f64,
    /// How the variance is estimated.
    pub variance: VarianceEstimate,
    /// How the overlap is estimated.
    pub overlap: OverlapEstimate,
}

impl Default for SeparationRules {
    fn default() -> Self {
        Self { level: 0.90, variance: VarianceEstimate::default(), overlap: OverlapEstimate::default() }
    }
}

/// Why a measure of separation is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotSeparable {
    /// A dosage without subjects.
    #[error("a dosage has no exposure")]
    Empty,
    /// An exposure that is not above zero has no logarithm.
    #[error("{0} exposures are not above zero")]
    NotPositive(usize),
    /// Too few subjects under a dosage.
    #[error("{found} subjects under a dosage, {needed} needed")]
    TooFew {
        /// Fewest subjects under a dosage.
        found: usize,
        /// Subjects needed.
        needed: usize,
    },
    /// Exposures do not vary within the dosages.
    #[error("exposures do not vary within a dosage")]
    NoVariation,
    /// A level outside (0, 1).
    #[error("the confidence level is not between 0 and 1")]
    Level,
}

/// Exposures under two dosages held against each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Separation {
    /// Subjects under the lower and the higher dosage.
    pub subjects: (usize, usize),
    /// Ratio of geometric means, higher over lower.
    pub ratio: Result<f64, NotSeparable>,
    /// Confidence limits of the ratio.
    pub interval: Result<(f64, f64), NotSeparable>,
    /// Overlap coefficient in [0, 1].
    pub overlap: Result<f64, NotSeparable>,
    /// Percent of the exposures under the lower dosage above the median under the higher.
    pub percent_above_median: Result<f64, NotSeparable>,
    /// The choices made.
    pub rules: SeparationRules,
}

/// Compares the exposures of subjects under a lower and a higher dosage.
///
/// ```text
/// ratio     exp(m_H - m_L), m mean of ln E
/// interval  exp(m_H - m_L -+ t se);  Welch: se^2 = v_H/n_H + v_L/n_L, df = se^4 / sum of (v/n)^2/(n - 1)
///           pooled: se^2 = v (1/n_H + 1/n_L), v pooled variance, df = n_H + n_L - 2
/// overlap   integral of min(f_L, f_H), f density of ln E
/// percent   100 #{E_L > median E_H} / n_L
/// ```
///
/// The interval needs two subjects under each dosage and variation, the overlap four. Subjects count as independent.
///
/// Source: `[Welch1947]`, `[InmanBradley1989]`, `[Silverman1986]`.
#[must_use]
pub fn compare_exposures(lower: &[f64], higher: &[f64], rules: SeparationRules) -> Separation {
    let logs = logarithms(lower).and_then(|low| Ok((low, logarithms(higher)?)));
    let borrowed = logs.as_ref().map(|(low, high)| (low.as_slice(), high.as_slice())).map_err(|reason| *reason);
    Separation {
        subjects: (lower.len(), higher.len()),
        ratio: borrowed.and_then(|(low, high)| log_ratio(low, high).map(f64::exp)),
        interval: borrowed.and_then(|(low, high)| interval(low, high, rules)),
        overlap: borrowed.and_then(|(low, high)| match rules.overlap {
            OverlapEstimate::LogNormal => normal_overlap(low, high),
            OverlapEstimate::Kernel => kernel_overlap(low, high),
        }),
        percent_above_median: percent_above(lower, higher),
        rules,
    }
}

fn logarithms(values: &[f64]) -> Result<Vec<f64>, NotSeparable> {
    if values.is_empty() {
        return Err(NotSeparable::Empty);
    }
    let faulty = values.iter().filter(|value| !(value.is_finite() && **value > 0.0)).count();
    if faulty > 0 {
        return Err(NotSeparable::NotPositive(faulty));
    }
    // Sums in order of size: the order of the subjects does not reach the last digit.
    let mut logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    logarithms.sort_by(f64::total_cmp);
    Ok(logarithms)
}

fn log_ratio(low: &[f64], high: &[f64]) -> Result<f64, NotSeparable> {
    Ok(mean(high).ok_or(NotSeparable::Empty)? - mean(low).ok_or(NotSeparable::Empty)?)
}

fn variances(low: &[f64], high: &[f64], needed: usize) -> Result<(f64, f64), NotSeparable> {
    let found = low.len().min(high.len());
    match (variance(low), variance(high)) {
        (Some(of_low), Some(of_high)) if found >= needed => Ok((of_low, of_high)),
        _ => Err(NotSeparable::TooFew { found, needed }),
    }
}

fn interval(low: &[f64], high: &[f64], rules: SeparationRules) -> Result<(f64, f64), NotSeparable> {
    let (of_low, of_high) = variances(low, high, 2)?;
    let (n_low, n_high) = (low.len() as f64, high.len() as f64);
    let (square, df) = match rules.variance {
        VarianceEstimate::Welch => {
            let (a, b) = (of_low / n_low, of_high / n_high);
            (a + b, (a + b) * (a + b) / (a * a / (n_low - 1.0) + b * b / (n_high - 1.0)))
        }
        VarianceEstimate::Pooled => {
            let df = n_low + n_high - 2.0;
            let pooled = ((n_low - 1.0) * of_low + (n_high - 1.0) * of_high) / df;
            (pooled * (1.0 / n_low + 1.0 / n_high), df)
        }
    };
    if square <= 0.0 {
        return Err(NotSeparable::NoVariation);
    }
    let half = t_quantile(0.5 + 0.5 * rules.level, df).map_err(|_| NotSeparable::Level)? * square.sqrt();
    let centre = log_ratio(low, high)?;
    Ok(((centre - half).exp(), (centre + half).exp()))
}

/// Overlap of two normal densities: between the points where they cross the lower one counts.
fn normal_overlap(low: &[f64], high: &[f64]) -> Result<f64, NotSeparable> {
    let (v1, v2) = variances(low, high, MIN_FOR_OVERLAP)?;
    if v1 <= 0.0 || v2 <= 0.0 {
        return Err(NotSeparable::NoVariation);
    }
    let (m1, m2) = (mean(low).ok_or(NotSeparable::Empty)?, mean(high).ok_or(NotSeparable::Empty)?);
    let (s1, s2) = (v1.sqrt(), v2.sqrt());
    let cdf = |x: f64, m: f64, s: f64| normal_cdf((x - m) / s);
    if (s1 / s2 - 1.0).abs() < 1e-9 {
        return Ok(2.0 * normal_cdf(-(m1 - m2).abs() / (s1 + s2)));
    }
    // Crossings solve (x - m1)^2 / v1 + ln v1 = (x - m2)^2 / v2 + ln v2; u is measured from m1 in units of s1.
    let (shift, scale) = ((m2 - m1) / s1, s2 / s1);
    let (a, b) = (scale * scale - 1.0, shift);
    let c = -shift * shift - 2.0 * scale * scale * scale.ln();
    let root = (b * b - a * c).max(0.0).sqrt();
    let stable = if b >= 0.0 { -(b + root) } else { root - b };
    let (one, other) = (stable / a, if stable.abs() > 0.0 { c / stable } else { 0.0 });
    let (x1, x2) = (m1 + s1 * one.min(other), m1 + s1 * one.max(other));
    // Outside the crossings the wider distribution is the higher, so that the narrower counts there.
    let ((mn, sn), (mw, sw)) = if s1 < s2 { ((m1, s1), (m2, s2)) } else { ((m2, s2), (m1, s1)) };
    Ok((cdf(x1, mn, sn) + (cdf(x2, mw, sw) - cdf(x1, mw, sw)) + (1.0 - cdf(x2, mn, sn))).clamp(0.0, 1.0))
}

/// Bandwidth by the rule of thumb: `0.9 min(s, IQR / 1.34) n^(-1/5)`.
fn bandwidth(values: &[f64], spread: f64) -> Result<f64, NotSeparable> {
    let quartile = |p: f64| quantile(values, p, QuantileType::Type7).ok_or(NotSeparable::Empty);
    let range = (quartile(0.75)? - quartile(0.25)?) / 1.34;
    let scale = if range > 0.0 { spread.sqrt().min(range) } else { spread.sqrt() };
    if scale > 0.0 { Ok(0.9 * scale * (values.len() as f64).powf(-0.2)) } else { Err(NotSeparable::NoVariation) }
}

fn kernel_overlap(low: &[f64], high: &[f64]) -> Result<f64, NotSeparable> {
    let (v1, v2) = variances(low, high, MIN_FOR_OVERLAP)?;
    let (h1, h2) = (bandwidth(low, v1)?, bandwidth(high, v2)?);
    let ends = |values: &[f64], h: f64| {
        let inner = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
        (inner.0 - TAIL * h, inner.1 + TAIL * h)
    };
    let (one, two) = (ends(low, h1), ends(high, h2));
    let (from, to) = (one.0.min(two.0), one.1.max(two.1));
    let step = (to - from) / GRID as f64;
    let density =
        |values: &[f64], h: f64, x: f64| values.iter().map(|v| normal_density((x - v) / h)).sum::<f64>() / (h * values.len() as f64);
    // Both densities vanish at the ends, where the trapezoid rule has no error to add.
    let area: f64 = (0..=GRID)
        .map(|i| {
            let x = from + step * i as f64;
            density(low, h1, x).min(density(high, h2, x))
        })
        .sum();
    Ok((area * step).clamp(0.0, 1.0))
}

fn percent_above(lower: &[f64], higher: &[f64]) -> Result<f64, NotSeparable> {
    let faulty = lower.iter().chain(higher).filter(|value| !value.is_finite()).count();
    if faulty > 0 {
        return Err(NotSeparable::NotPositive(faulty));
    }
    let (middle, false) = (median(higher).ok_or(NotSeparable::Empty)?, lower.is_empty()) else {
        return Err(NotSeparable::Empty);
    };
    Ok(100.0 * lower.iter().filter(|value| **value > middle).count() as f64 / lower.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: [f64; 6] = [80.0, 95.0, 100.0, 110.0, 130.0, 160.0];
    const HIGH: [f64; 5] = [150.0, 180.0, 210.0, 240.0, 400.0];

    fn compare(overlap: OverlapEstimate) -> Separation {
        compare_exposures(&LOW, &HIGH, SeparationRules { overlap, ..SeparationRules::default() })
    }

    #[test]
    fn ratio_interval_and_share_by_hand() {
        let got = compare(OverlapEstimate::LogNormal);
        let ln_mean = |values: &[f64]| values.iter().map(|v| v.ln()).sum::<f64>() / values.len() as f64;
        assert!((got.ratio.unwrap() - (ln_mean(&HIGH) - ln_mean(&LOW)).exp()).abs() < 1e-12);
        let (lower, upper) = got.interval.unwrap();
        assert!(lower < got.ratio.unwrap() && got.ratio.unwrap() < upper);
        // The interval is symmetric on the log scale.
        assert!((lower * upper / got.ratio.unwrap().powi(2) - 1.0).abs() < 1e-12);
        assert!(got.percent_above_median.unwrap().abs() < 1e-12);
        let above = compare_exposures(&[1.0, 2.0, 3.0, 9.0], &[2.5, 2.6, 2.7], SeparationRules::default());
        assert!((above.percent_above_median.unwrap() - 50.0).abs() < 1e-12);
    }

    #[test]
    fn equal_groups_give_the_same_interval_pooled_or_not() {
        let (low, high) = ([1.0, 2.0, 4.0, 8.0], [3.0, 6.0, 12.0, 24.0]);
        let by = |variance| compare_exposures(&low, &high, SeparationRules { variance, ..SeparationRules::default() }).interval.unwrap();
        let (welch, pooled) = (by(VarianceEstimate::Welch), by(VarianceEstimate::Pooled));
        assert!((welch.0 - pooled.0).abs() < 1e-9 && (welch.1 - pooled.1).abs() < 1e-9);
    }

    /// The overlap by summing the lower of two normal densities.
    fn summed(m1: f64, s1: f64, m2: f64, s2: f64) -> f64 {
        let step = 1e-3;
        let density = |x: f64, m: f64, s: f64| normal_density((x - m) / s) / s;
        (-20_000..20_000).map(|i| f64::from(i) * step).map(|x| density(x, m1, s1).min(density(x, m2, s2))).sum::<f64>() * step
    }

    #[test]
    fn the_overlap_of_normals_agrees_with_its_integral() {
        let sample = |centre: f64, spread: f64| [-1.5, -0.5, 0.2, 0.6, 1.2].map(|z: f64| (centre + spread * z).exp());
        for (m, s) in [(0.0, 1.0), (0.5, 1.0), (1.0, 2.0), (-2.0, 0.4), (0.0, 3.0), (3.0, 1.1)] {
            let (low, high) = (sample(0.0, 1.0), sample(m, s));
            let moments = |values: &[f64]| {
                let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
                (mean(&logs).unwrap(), variance(&logs).unwrap().sqrt())
            };
            let ((m1, s1), (m2, s2)) = (moments(&low), moments(&high));
            let got = compare_exposures(&low, &high, SeparationRules::default()).overlap.unwrap();
            assert!((got - summed(m1, s1, m2, s2)).abs() < 2e-6, "{m} {s}: {got}");
            let turned = compare_exposures(&high, &low, SeparationRules::default()).overlap.unwrap();
            assert!((got - turned).abs() < 1e-9);
        }
    }

    #[test]
    fn both_overlaps_are_one_for_the_same_data_and_fall_with_distance() {
        for overlap in [OverlapEstimate::LogNormal, OverlapEstimate::Kernel] {
            let rules = SeparationRules { overlap, ..SeparationRules::default() };
            assert!((compare_exposures(&LOW, &LOW, rules).overlap.unwrap() - 1.0).abs() < 1e-6);
            let far: Vec<f64> = LOW.iter().map(|value| value * 1e3).collect();
            assert!(compare_exposures(&LOW, &far, rules).overlap.unwrap() < 1e-6);
            let some = compare(overlap).overlap.unwrap();
            assert!(some > 0.05 && some < 0.5, "{some}");
        }
    }

    #[test]
    fn units_and_order_change_nothing() {
        let rules = SeparationRules::default();
        let plain = compare_exposures(&LOW, &HIGH, rules);
        let scale = |values: &[f64]| values.iter().rev().map(|value| value * 1024.0).collect::<Vec<_>>();
        let scaled = compare_exposures(&scale(&LOW), &scale(&HIGH), rules);
        assert!((plain.ratio.unwrap() - scaled.ratio.unwrap()).abs() < 1e-9);
        assert!((plain.overlap.unwrap() - scaled.overlap.unwrap()).abs() < 1e-9);
    }

    #[test]
    fn too_little_gives_a_reason_and_no_number() {
        let rules = SeparationRules::default();
        let few = compare_exposures(&[1.0, 2.0, 3.0], &HIGH, rules);
        assert_eq!(few.overlap, Err(NotSeparable::TooFew { found: 3, needed: 4 }));
        assert!(few.interval.is_ok());
        assert_eq!(compare_exposures(&[1.0], &HIGH, rules).interval, Err(NotSeparable::TooFew { found: 1, needed: 2 }));
        let equal = compare_exposures(&[2.0; 5], &[4.0; 5], rules);
        assert_eq!((equal.interval, equal.overlap), (Err(NotSeparable::NoVariation), Err(NotSeparable::NoVariation)));
        assert_eq!(compare_exposures(&[0.0, 1.0], &HIGH, rules).ratio, Err(NotSeparable::NotPositive(1)));
        assert_eq!(compare_exposures(&[], &HIGH, rules).percent_above_median, Err(NotSeparable::Empty));
    }
}
