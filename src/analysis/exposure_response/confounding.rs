//! What may be mistaken for an effect of exposure: few doses, a narrow range, and covariates that go with it.

use super::caution::{CONFOUNDING_CORRELATION, Caution, NARROW_RANGE};
use super::model_matrix::{Covariate, CovariateValues};
use crate::numerics::descriptive::{QuantileType, quantile};

/// Cautions about doses and the range of exposure.
pub(super) fn design_cautions(exposures: &[f64], doses: &[f64]) -> Vec<Caution> {
    let mut out = Vec::new();
    let exposed: Vec<f64> = exposures.iter().copied().filter(|exposure| *exposure > 0.0).collect();
    let percentile = |p: f64| quantile(&exposed, p, QuantileType::Type7);
    if let (Some(low), Some(high)) = (percentile(0.05), percentile(0.95))
        && high / low < NARROW_RANGE
    {
        out.push(Caution::NarrowRange { ratio: high / low });
    }
    let mut by_dose: Vec<(f64, f64)> = doses.iter().copied().zip(exposures.iter().copied()).collect();
    by_dose.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ranges: Vec<(f64, f64, f64)> = by_dose
        .chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
        .map(|rows| {
            let bound = |pick: fn(f64, f64) -> f64, start: f64| rows.iter().map(|row| row.1).fold(start, pick);
            (rows.first().map_or(0.0, |row| row.0), bound(f64::min, f64::INFINITY), bound(f64::max, f64::NEG_INFINITY))
        })
        .filter(|(dose, _, _)| *dose > 0.0)
        .collect();
    if let [(dose, _, _)] = ranges.as_slice() {
        out.push(Caution::OneDose { dose: *dose });
    }
    if ranges.len() > 1 && ranges.windows(2).all(|pair| pair[0].2 < pair[1].1) {
        out.push(Caution::DoseAliased);
    }
    out
}

/// Covariates that are correlated with exposure.
pub(super) fn correlations(exposures: &[f64], covariates: &[Covariate]) -> Vec<Caution> {
    let numeric = |covariate: &Covariate| match &covariate.values {
        CovariateValues::Numeric(values) => {
            let pairs: Vec<(f64, f64)> = exposures.iter().zip(values).filter_map(|(x, value)| Some((*x, (*value)?))).collect();
            correlation(&pairs)
        }
        CovariateValues::Factor(_) => None,
    };
    covariates
        .iter()
        .filter_map(|covariate| numeric(covariate).map(|correlation| (covariate, correlation)))
        .filter(|(_, correlation)| correlation.abs() > CONFOUNDING_CORRELATION)
        .map(|(covariate, correlation)| Caution::CorrelatedWithExposure { covariate: covariate.name.clone(), correlation })
        .collect()
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
}
