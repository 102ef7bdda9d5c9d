//! Isotonic regression: the non-decreasing sequence closest to given values.

use thiserror::Error;

/// Why isotonic regression refuses its input.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum IsotonicError {
    /// One weight per value is needed.
    #[error("{values} values with {weights} weights")]
    Length {
        /// How many values.
        values: usize,
        /// How many weights.
        weights: usize,
    },
    /// A value is not a finite number, or a weight is not finite and positive.
    #[error("value {value} with weight {weight}: both must be finite, the weight positive")]
    Number {
        /// As given.
        value: f64,
        /// As given.
        weight: f64,
    },
}

/// Neighbouring values that share one fitted value.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Block {
    /// Their weighted mean.
    pub value: f64,
    /// Sum of their weights.
    pub weight: f64,
    /// How many they are.
    pub size: usize,
}

/// Weighted isotonic (non-decreasing) regression by pooling adjacent violators `[Barlow1972]`.
///
/// ```text
/// minimise sum_i w_i (f_i - x_i)^2   subject to   f_1 <= f_2 <= ... <= f_k
/// ```
///
/// `x` are the values and `w > 0` their weights. The solution is unique; each of its level stretches is the weighted mean of its values.
/// No value gives no fit.
///
/// # Errors
/// [`IsotonicError`] for lists of different length, values that are not finite and weights that are not finite and positive.
pub fn isotonic_regression(values: &[f64], weights: &[f64]) -> Result<Vec<f64>, IsotonicError> {
    if values.len() != weights.len() {
        return Err(IsotonicError::Length { values: values.len(), weights: weights.len() });
    }
    if let Some((value, weight)) = values.iter().zip(weights).find(|(x, w)| !(x.is_finite() && w.is_finite() && **w > 0.0)) {
        return Err(IsotonicError::Number { value: *value, weight: *weight });
    }
    let mut blocks: Vec<Block> =
        values.iter().zip(weights).map(|(value, weight)| Block { value: *value, weight: *weight, size: 1 }).collect();
    let count = pool_adjacent_violators(&mut blocks);
    Ok(blocks.iter().take(count).flat_map(|block| std::iter::repeat_n(block.value, block.size)).collect())
}

/// Pools neighbours that fall, in place: the first blocks hold the fit afterwards; returns how many.
///
/// For callers that fit very often and keep their own memory; [`isotonic_regression`] checks its input and allocates.
pub fn pool_adjacent_violators(blocks: &mut [Block]) -> usize {
    let mut kept = 0;
    for next in 0..blocks.len() {
        let mut pooled = blocks[next];
        while kept > 0 && blocks[kept - 1].value > pooled.value {
            kept -= 1;
            let lower = blocks[kept];
            let weight = lower.weight + pooled.weight;
            let value = (lower.weight * lower.value + pooled.weight * pooled.value) / weight;
            pooled = Block { value, weight, size: lower.size + pooled.size };
        }
        blocks[kept] = pooled;
        kept += 1;
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn falling_neighbours_share_their_weighted_mean() {
        assert_eq!(isotonic_regression(&[1.0, 3.0, 2.0, 4.0], &[1.0, 1.0, 3.0, 1.0]).unwrap(), [1.0, 2.25, 2.25, 4.0]);
        assert_eq!(isotonic_regression(&[3.0, 2.0, 1.0], &[1.0; 3]).unwrap(), [2.0; 3]);
        assert_eq!(isotonic_regression(&[], &[]).unwrap(), [0.0; 0]);
    }

    #[test]
    fn bad_input_is_refused() {
        assert_eq!(isotonic_regression(&[1.0], &[]), Err(IsotonicError::Length { values: 1, weights: 0 }));
        assert!(isotonic_regression(&[f64::NAN], &[1.0]).is_err());
        assert!(isotonic_regression(&[1.0], &[0.0]).is_err());
    }

    proptest! {
        #[test]
        fn the_fit_never_falls_keeps_the_mean_and_is_the_max_min_of_averages(
            data in prop::collection::vec((-1.0..1.0_f64, 0.1..5.0_f64), 1..12)
        ) {
            let (values, weights): (Vec<f64>, Vec<f64>) = data.into_iter().unzip();
            let fit = isotonic_regression(&values, &weights).unwrap();
            prop_assert!(fit.windows(2).all(|pair| pair[0] <= pair[1]));
            let total = |x: &[f64]| x.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>();
            prop_assert!((total(&fit) - total(&values)).abs() < 1e-12);
            let average = |from: usize, to: usize| {
                let sum: f64 = (from..=to).map(|i| weights[i] * values[i]).sum();
                sum / weights[from..=to].iter().sum::<f64>()
            };
            for (i, fitted) in fit.iter().enumerate() {
                let best = (0..=i)
                    .map(|from| (i..values.len()).map(|to| average(from, to)).fold(f64::INFINITY, f64::min))
                    .fold(f64::NEG_INFINITY, f64::max);
                prop_assert!((fitted - best).abs() < 1e-12);
            }
        }
    }
}
