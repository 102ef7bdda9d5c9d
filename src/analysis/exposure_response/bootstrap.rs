//! Bootstrap of a logistic exposure-response model: subjects are drawn again and the model refitted.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::numerics::descriptive::{QuantileType, quantile};
use crate::numerics::glm::{Logistic, LogisticFit, Refitter};

/// How many refits, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootstrapSettings {
    /// Number of refits.
    pub refits: u32,
    /// Seed; every refit draws from its own stream.
    pub seed: u64,
}

/// Coefficients of the refits that have a maximum.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// Positions of the columns with a coefficient.
    pub columns: Vec<usize>,
    /// Coefficients of each refit, in the order of `columns`.
    pub coefficients: Vec<Vec<f64>>,
    /// Refits without a maximum-likelihood estimate: the drawn subjects were separated or a column was constant among them.
    pub without_estimate: usize,
    /// Number and seed of the refits.
    pub settings: BootstrapSettings,
}

impl Bootstrap {
    /// Percentile limits of a linear combination of the coefficients; `None` where no refit has an estimate or `level` is outside (0, 1).
    #[must_use]
    pub fn limits(&self, row: &[f64], level: f64) -> Option<(f64, f64)> {
        if !(level > 0.0 && level < 1.0) {
            return None;
        }
        let x: Vec<f64> = self.columns.iter().map(|column| row.get(*column).copied().unwrap_or(0.0)).collect();
        let values: Vec<f64> = self.coefficients.iter().map(|refit| refit.iter().zip(&x).map(|(b, x)| b * x).sum()).collect();
        let tail = 0.5 * (1.0 - level);
        Some((quantile(&values, tail, QuantileType::Type7)?, quantile(&values, 1.0 - tail, QuantileType::Type7)?))
    }
}

/// Refits `model` to subjects drawn with replacement.
///
/// ```text
/// refit r: n subjects drawn from the n with replacement by stream r of the seed;   b_r = maximum-likelihood estimate on them
/// ```
///
/// Refits are independent of each other and of the number of threads. Those without an estimate are counted, not hidden.
///
/// Source: `[EfronTibshirani1993]`.
#[must_use]
pub fn bootstrap(model: &Logistic, fit: &LogisticFit, settings: BootstrapSettings) -> Bootstrap {
    let refitter = Refitter::new(model, fit);
    let seeded = ChaCha8Rng::seed_from_u64(settings.seed);
    let rows = model.design().rows();
    let refits: Vec<Option<Vec<f64>>> = (0..settings.refits)
        .into_par_iter()
        .map_init(
            || vec![0_u32; rows],
            |weights, refit| {
                let mut stream = seeded.clone();
                stream.set_stream(refit.into());
                draw(weights, &mut stream);
                refitter.refit(weights)
            },
        )
        .collect();
    let without_estimate = refits.iter().filter(|refit| refit.is_none()).count();
    Bootstrap {
        columns: fit.coefficients.kept().to_vec(),
        coefficients: refits.into_iter().flatten().collect(),
        without_estimate,
        settings,
    }
}

/// How often each subject is drawn.
pub(super) fn draw(weights: &mut [u32], stream: &mut ChaCha8Rng) {
    weights.fill(0);
    let rows = u32::try_from(weights.len()).unwrap_or(u32::MAX);
    for _ in 0..weights.len() {
        if let Some(weight) = weights.get_mut(stream.random_range(0..rows) as usize) {
            *weight += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::design_matrix::DesignMatrix;

    fn model(n: usize) -> Logistic {
        let x: Vec<f64> = (0..n).map(|i| (i * 17 % 59) as f64).collect();
        let outcomes: Vec<bool> = (0..n).map(|i| i * 17 % 59 + i * 31 % 40 > 45).collect();
        Logistic::from_outcomes(DesignMatrix::from_columns(&[vec![1.0; n], x]).unwrap(), &outcomes).unwrap()
    }

    const SETTINGS: BootstrapSettings = BootstrapSettings { refits: 400, seed: 20_240_801 };

    #[test]
    fn limits_are_near_those_of_wald_in_a_large_sample_and_repeatable() {
        let model = model(300);
        let fit = model.fit().unwrap();
        let first = bootstrap(&model, &fit, SETTINGS);
        let (lower, upper) = first.limits(&[0.0, 1.0], 0.9).unwrap();
        let (wald_lower, wald_upper) = fit.coefficients.wald_interval(1, 0.9).unwrap().unwrap();
        let width = wald_upper - wald_lower;
        assert!((lower - wald_lower).abs() < 0.25 * width && (upper - wald_upper).abs() < 0.35 * width);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(pool.install(|| bootstrap(&model, &fit, SETTINGS)), first);
        assert_ne!(bootstrap(&model, &fit, BootstrapSettings { seed: 1, ..SETTINGS }).coefficients, first.coefficients);
    }

    #[test]
    fn refits_without_an_estimate_are_counted() {
        let design = DesignMatrix::from_columns(&[vec![1.0; 8], (0..8).map(f64::from).collect()]).unwrap();
        let model = Logistic::from_outcomes(design, &[false, false, false, true, false, true, true, true]).unwrap();
        let found = bootstrap(&model, &model.fit().unwrap(), SETTINGS);
        assert!(found.without_estimate > 100 && found.without_estimate + found.coefficients.len() == 400);
        assert_eq!(found.limits(&[0.0, 1.0], 1.5), None);
    }
}
