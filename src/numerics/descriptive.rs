//! Descriptive statistics of one sample: moments, quantiles, and their geometric counterparts.

use serde::{Deserialize, Serialize};

use super::tolerance::TIED;

/// Definition of a sample quantile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantileType {
    /// Inverse of the empirical distribution, averaging at jumps: the default of SAS.
    Type2,
    /// Linear between the order statistics, the smallest at 0 and the largest at 1: the default of R.
    Type7,
}

impl QuantileType {
    /// Identifier in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Type2 => "type_2",
            Self::Type7 => "type_7",
        }
    }

    /// Name in running text and footnotes.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Type2 => "type 2 (averaging at jumps)",
            Self::Type7 => "type 7 (linear)",
        }
    }
}

/// Summary of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Number of values.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation; `None` for one value.
    pub standard_deviation: Option<f64>,
    /// Smallest value.
    pub minimum: f64,
    /// First quartile.
    pub first_quartile: f64,
    /// Median.
    pub median: f64,
    /// Third quartile.
    pub third_quartile: f64,
    /// Largest value.
    pub maximum: f64,
}

/// Geometric mean and coefficient of variation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeometricSummary {
    /// Number of values.
    pub n: usize,
    /// Geometric mean.
    pub mean: f64,
    /// Geometric coefficient of variation in percent; `None` for one value.
    pub cv_percent: Option<f64>,
}

/// Arithmetic mean; `None` for an empty sample.
///
/// The deviations from a first mean are averaged once more, so that large values with small spread keep their digits.
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    let correction = values.iter().map(|value| value - first).sum::<f64>() / n;
    Some(if correction.is_finite() { first + correction } else { first })
}

/// Sample variance with divisor `n - 1`; `None` below two values.
pub fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let centre = mean(values)?;
    Some(values.iter().map(|value| (value - centre) * (value - centre)).sum::<f64>() / (values.len() - 1) as f64)
}

/// Sample standard deviation with divisor `n - 1`; `None` below two values.
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    variance(values).map(f64::sqrt)
}

/// Sample quantile for `0 <= p <= 1`.
///
/// ```text
/// x_(1) <= ... <= x_(n) order statistics
/// type 7   h = (n - 1) p + 1;  x_(floor h) + (h - floor h)(x_(floor h + 1) - x_(floor h))
/// type 2   h = n p;  x_(ceil h), or the mean of x_(h) and x_(h + 1) where h is whole
/// ```
///
/// `None` for an empty sample, a probability outside [0, 1] or a value that is not a number.
///
/// Source: `[HyndmanFan1996]`.
pub fn quantile(values: &[f64], p: f64, definition: QuantileType) -> Option<f64> {
    quantile_of_sorted(&sorted(values)?, p, definition)
}

/// Median: the same under both definitions; `None` for an empty sample.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5, QuantileType::Type7)
}

/// Number, mean, standard deviation, quartiles and range; `None` for an empty sample or a value that is not a number.
pub fn summarise(values: &[f64], definition: QuantileType) -> Option<Summary> {
    let ordered = sorted(values)?;
    Some(Summary {
        n: ordered.len(),
        mean: mean(&ordered)?,
        standard_deviation: standard_deviation(&ordered),
        minimum: *ordered.first()?,
        first_quartile: quantile_of_sorted(&ordered, 0.25, definition)?,
        median: quantile_of_sorted(&ordered, 0.5, definition)?,
        third_quartile: quantile_of_sorted(&ordered, 0.75, definition)?,
        maximum: *ordered.last()?,
    })
}

/// Geometric mean and geometric coefficient of variation.
///
/// ```text
/// m = exp(mean of ln x),  CV% = 100 sqrt(exp(s^2) - 1),  s standard deviation of ln x
/// ```
///
/// `None` for an empty sample or when a value is not positive: zeros have no logarithm and are never dropped silently.
///
/// Source: `[Kirkwood1979]`.
pub fn summarise_geometric(values: &[f64]) -> Option<GeometricSummary> {
    if values.iter().any(|value| value.is_nan() || *value <= 0.0) {
        return None;
    }
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    Some(GeometricSummary {
        n: values.len(),
        mean: mean(&logarithms)?.exp(),
        cv_percent: variance(&logarithms).map(|spread| 100.0 * spread.exp_m1().sqrt()),
    })
}

fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut ordered = values.to_vec();
    ordered.sort_by(f64::total_cmp);
    Some(ordered)
}

fn quantile_of_sorted(ordered: &[f64], p: f64, definition: QuantileType) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let n = ordered.len();
    let at = |position: usize| ordered.get(position.clamp(1, n) - 1).copied();
    match definition {
        QuantileType::Type7 => {
            let h = (n - 1) as f64 * p;
            // A product that is whole up to rounding is whole: 0.1 * 30 must not interpolate.
            let below = if (h - h.round()).abs() <= TIED * h.max(1.0) { h.round() } else { h.floor() };
            let (lower, upper) = (at(below as usize + 1)?, at(below as usize + 2)?);
            let fraction = (h - below).max(0.0);
            Some(if fraction > 0.0 { lower + fraction * (upper - lower) } else { lower })
        }
        QuantileType::Type2 => {
            let h = n as f64 * p;
            if (h - h.round()).abs() <= TIED * h.max(1.0) {
                Some(0.5 * (at(h.round() as usize)? + at(h.round() as usize + 1)?))
            } else {
                at(h.ceil() as usize)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_by_both_definitions() {
        let values = [4.0, 1.0, 3.0, 2.0];
        let cases = [(0.25, 1.75, 1.5), (0.5, 2.5, 2.5), (0.75, 3.25, 3.5), (0.0, 1.0, 1.0), (1.0, 4.0, 4.0), (0.3, 1.9, 2.0)];
        for (p, linear, averaging) in cases {
            assert!((quantile(&values, p, QuantileType::Type7).unwrap() - linear).abs() < 1e-14, "{p}");
            assert!((quantile(&values, p, QuantileType::Type2).unwrap() - averaging).abs() < 1e-14, "{p}");
        }
    }

    #[test]
    fn moments_keep_their_digits_far_from_zero() {
        let values = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0];
        assert!((variance(&values).unwrap() - 30.0).abs() < 1e-9);
        assert!((mean(&values).unwrap() - (1e9 + 10.0)).abs() < 1e-6);
    }

    #[test]
    fn one_value_has_a_mean_but_no_spread() {
        let summary = summarise(&[7.5], QuantileType::Type2).unwrap();
        assert_eq!((summary.n, summary.standard_deviation), (1, None));
        assert!((summary.median - 7.5).abs() < f64::EPSILON && (summary.first_quartile - 7.5).abs() < f64::EPSILON);
        assert_eq!(summarise_geometric(&[7.5]).unwrap().cv_percent, None);
        assert_eq!(summarise(&[], QuantileType::Type7), None);
        assert_eq!(median(&[f64::NAN]), None);
        assert_eq!(quantile(&[1.0], 1.5, QuantileType::Type7), None);
    }

    #[test]
    fn geometric_summary_by_hand_and_refusal_of_zero() {
        let got = summarise_geometric(&[1.0, 10.0, 100.0]).unwrap();
        assert!((got.mean - 10.0).abs() < 1e-12);
        let spread = 10.0_f64.ln();
        assert!((got.cv_percent.unwrap() - 100.0 * ((spread * spread).exp() - 1.0).sqrt()).abs() < 1e-9);
        assert_eq!(summarise_geometric(&[0.0, 1.0]), None);
    }

    #[test]
    fn order_does_not_matter() {
        let (a, b) = ([0.1, 0.7, 0.2, 12.3], [12.3, 0.2, 0.7, 0.1]);
        assert_eq!(summarise(&a, QuantileType::Type7), summarise(&b, QuantileType::Type7));
    }
}
