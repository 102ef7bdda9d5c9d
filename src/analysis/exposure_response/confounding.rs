//! What may be mistaken for an effect of exposure: few doses, a narrow range, and covariates that go with it.

use std::collections::BTreeMap;

use super::caution::{CONFOUNDING_CORRELATION, Caution, NARROW_RANGE};
use super::model_matrix::{Covariate, CovariateValues};
use crate::numerics::descriptive::{QuantileType, quantile};

/// 95th over 5th percentile of the exposures above zero.
pub(super) fn range_ratio(exposures: &[f64]) -> Option<f64> {
    let exposed: Vec<f64> = exposures.iter().copied().filter(|exposure| *exposure > 0.0).collect();
    let percentile = |p: f64| quantile(&exposed, p, QuantileType::Type7);
    Some(percentile(0.95)? / percentile(0.05)?)
}

/// Each dose above zero with its smallest and largest exposure, lowest dose first.
fn ranges(exposures: &[f64], doses: &[f64]) -> Vec<(f64, f64, f64)> {
    let mut by_dose: Vec<(f64, f64)> = doses.iter().copied().zip(exposures.iter().copied()).collect();
    by_dose.sort_by(|a, b| a.0.total_cmp(&b.0));
    by_dose
        .chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
        .map(|rows| {
            let bound = |pick: fn(f64, f64) -> f64, start: f64| rows.iter().map(|row| row.1).fold(start, pick);
            (rows.first().map_or(0.0, |row| row.0), bound(f64::min, f64::INFINITY), bound(f64::max, f64::NEG_INFINITY))
        })
        .filter(|(dose, _, _)| *dose > 0.0)
        .collect()
}

/// Share of neighbouring doses whose exposures overlap; `None` with fewer than two doses.
pub(super) fn overlapping_doses(exposures: &[f64], doses: &[f64]) -> Option<f64> {
    let ranges = ranges(exposures, doses);
    let pairs = ranges.len().checked_sub(1).filter(|pairs| *pairs > 0)?;
    let overlapping = ranges.windows(2).filter(|pair| pair[0].2 >= pair[1].1).count();
    Some(overlapping as f64 / pairs as f64)
}

/// Cautions about doses and the range of exposure.
pub(super) fn design_cautions(exposures: &[f64], doses: &[f64]) -> Vec<Caution> {
    let mut out = Vec::new();
    if let Some(ratio) = range_ratio(exposures).filter(|ratio| *ratio < NARROW_RANGE) {
        out.push(Caution::NarrowRange { ratio });
    }
    if let [(dose, _, _)] = ranges(exposures, doses).as_slice() {
        out.push(Caution::OneDose { dose: *dose });
    }
    if overlapping_doses(exposures, doses).is_some_and(|share| share <= 0.0) {
        out.push(Caution::DoseAliased);
    }
    out
}

/// Covariates that are correlated with exposure.
pub(super) fn correlations(exposures: &[f64], covariates: &[Covariate]) -> Vec<Caution> {
    covariates
        .iter()
        .filter_map(|covariate| association(exposures, covariate).map(|correlation| (covariate, correlation)))
        .filter(|(_, correlation)| correlation.abs() > CONFOUNDING_CORRELATION)
        .map(|(covariate, correlation)| Caution::CorrelatedWithExposure { covariate: covariate.name.clone(), correlation })
        .collect()
}

/// Association of a covariate with exposure: Pearson's correlation of a number, the correlation ratio of a factor.
///
/// ```text
/// eta = sqrt(sum over levels n_k (mean_k - mean)^2 / sum over subjects (x - mean)^2)
/// ```
///
/// `None` where one side does not vary.
pub(super) fn association(exposures: &[f64], covariate: &Covariate) -> Option<f64> {
    match &covariate.values {
        CovariateValues::Numeric(values) => {
            let pairs: Vec<(f64, f64)> = exposures.iter().zip(values).filter_map(|(x, value)| Some((*x, (*value)?))).collect();
            correlation(&pairs)
        }
        CovariateValues::Factor(values) => {
            let mut by_level: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
            let known: Vec<(f64, &str)> = exposures.iter().zip(values).filter_map(|(x, level)| Some((*x, level.as_deref()?))).collect();
            for (x, level) in &known {
                let held = by_level.entry(level).or_insert((0.0, 0.0));
                *held = (held.0 + 1.0, held.1 + x);
            }
            let mean = known.iter().map(|(x, _)| x).sum::<f64>() / known.len() as f64;
            let whole: f64 = known.iter().map(|(x, _)| (x - mean) * (x - mean)).sum();
            let between: f64 = by_level.values().map(|(n, sum)| n * (sum / n - mean) * (sum / n - mean)).sum();
            (whole > 0.0 && by_level.len() > 1).then(|| (between / whole).sqrt())
        }
    }
}

/// Pearson's correlation; `None` where one side does not vary.
fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).sum::<f64>() / n;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        xx += (a - x) * (a - x);
        yy += (b - y) * (b - y);
        xy += (a - x) * (b - y);
    }
    let product = (xx * yy).sqrt();
    (product > 0.0).then(|| xy / product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_ranges_and_doses_that_do_not_overlap_are_said() {
        let exposures = [10.0, 11.0, 12.0, 20.0, 21.0, 22.0];
        let apart = design_cautions(&exposures, &[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
        assert!(matches!(apart[0], Caution::NarrowRange { ratio } if (2.0..2.2).contains(&ratio)));
        assert_eq!(apart[1..], [Caution::DoseAliased]);
        let mixed = design_cautions(&[1.0, 20.0, 5.0, 40.0], &[1.0, 1.0, 2.0, 2.0]);
        assert!(mixed.is_empty());
        assert_eq!(design_cautions(&[0.0, 1.0, 9.0], &[0.0, 3.0, 3.0]), [Caution::OneDose { dose: 3.0 }]);
    }

    #[test]
    fn correlation_by_hand_and_none_without_variation() {
        assert!((correlation(&[(1.0, 2.0), (2.0, 1.0), (3.0, 3.0)]).unwrap() - 0.5).abs() < 1e-14);
        assert_eq!(correlation(&[(1.0, 2.0), (1.0, 1.0)]), None);
    }

    #[test]
    fn the_correlation_ratio_of_two_levels_is_the_correlation_with_their_indicator() {
        let exposures = [1.0, 4.0, 2.0, 7.0, 3.0];
        let factor = Covariate::factor("SEX", &["F", "M", "F", "M", "F"]);
        let ratio = association(&exposures, &factor).unwrap();
        let pairs: Vec<(f64, f64)> = exposures.into_iter().zip([0.0, 1.0, 0.0, 1.0, 0.0]).collect();
        assert!((ratio - correlation(&pairs).unwrap()).abs() < 1e-14);
        assert_eq!(association(&exposures, &Covariate::factor("SEX", &["F"; 5])), None);
        assert_eq!(overlapping_doses(&[1.0, 5.0, 4.0, 8.0, 9.0], &[1.0, 1.0, 2.0, 2.0, 3.0]), Some(0.5));
        assert_eq!(overlapping_doses(&[1.0, 5.0], &[1.0, 1.0]), None);
    }
}
