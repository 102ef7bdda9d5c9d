//! Isotonic regression on a grid: the closest values that fall neither along rows nor along columns.

use thiserror::Error;

/// Why a grid cannot be smoothed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum BivariateIsotonicError {
    /// Rows of different lengths, no cell, or weights of another shape than the values.
    #[error("values and weights must be grids of the same shape with at least one cell and rows of one length")]
    Shape,
    /// A value that is not finite, or a weight that is not positive and finite.
    #[error("row {row}, column {column}: values must be finite and weights positive and finite")]
    Cell {
        /// One-based row.
        row: usize,
        /// One-based column.
        column: usize,
    },
}

/// Part of the weighted size of a block's values below which a gain is rounding.
const ROUNDING: f64 = 1e-13;

/// Weighted least-squares regression under the order of a grid.
///
/// ```text
/// minimise   sum_jk w_jk (g_jk - y_jk)^2
/// subject to g_jk <= g_(j+1)k  and  g_jk <= g_j(k+1)
/// ```
///
/// `y` are the values and `w` the weights, both as rows of equal length. The minimum is unique and found exactly, without iterating to a
/// criterion: a block is split into the upper set whose values exceed the block's weighted mean by the largest weighted sum and the rest,
/// and the parts are treated alike until no upper set exceeds its mean, which is then the fitted value of the block. The best upper set of
/// a grid is a staircase and follows from one pass over the rows. Any isotonic grid is returned unchanged up to rounding; with one row the
/// result is that of pooling adjacent violators. Work grows with the square of the number of cells.
///
/// # Errors
/// [`BivariateIsotonicError`] for an empty or ragged grid, values that are not finite, weights that are not positive.
///
/// Sources: the estimator `[DykstraRobertson1982]`, the partition `[SpougeWanWilbur2003]`.
pub fn isotonic_bivariate(values: &[Vec<f64>], weights: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, BivariateIsotonicError> {
    let grid = Grid::new(values, weights)?;
    let mut fitted = vec![0.0; grid.cells.len()];
    let mut blocks = vec![vec![true; grid.cells.len()]];
    while let Some(block) = blocks.pop() {
        let mean = grid.mean(&block);
        match grid.split(&block, mean) {
            Some((upper, lower)) => blocks.extend([upper, lower]),
            None => fitted.iter_mut().zip(&block).filter(|(_, inside)| **inside).for_each(|(value, _)| *value = mean),
        }
    }
    Ok(fitted.chunks(grid.columns).map(<[f64]>::to_vec).collect())
}

/// Values with their weights, row by row.
struct Grid {
    columns: usize,
    cells: Vec<(f64, f64)>,
}

impl Grid {
    fn new(values: &[Vec<f64>], weights: &[Vec<f64>]) -> Result<Self, BivariateIsotonicError> {
        let columns = values.first().map_or(0, Vec::len);
        let ragged = values.iter().chain(weights).any(|row| row.len() != columns);
        if columns == 0 || ragged || values.len() != weights.len() {
            return Err(BivariateIsotonicError::Shape);
        }
        let cells: Vec<(f64, f64)> = values.iter().flatten().copied().zip(weights.iter().flatten().copied()).collect();
        match cells.iter().position(|(value, weight)| !value.is_finite() || !weight.is_finite() || *weight <= 0.0) {
            Some(at) => Err(BivariateIsotonicError::Cell { row: at / columns + 1, column: at % columns + 1 }),
            None => Ok(Self { columns, cells }),
        }
    }

    fn mean(&self, block: &[bool]) -> f64 {
        let inside = self.cells.iter().zip(block).filter(|(_, inside)| **inside);
        let (sum, weight) = inside.fold((0.0, 0.0), |(sum, total), ((value, weight), _)| (sum + weight * value, total + weight));
        sum / weight
    }

    /// The block in two, when a part of it that is closed upwards lies above the mean as a whole.
    fn split(&self, block: &[bool], mean: f64) -> Option<(Vec<bool>, Vec<bool>)> {
        let gain = |((value, weight), inside): (&(f64, f64), &bool)| if *inside { weight * (value - mean) } else { 0.0 };
        let gains: Vec<f64> = self.cells.iter().zip(block).map(gain).collect();
        let size = |((value, weight), inside): (&(f64, f64), &bool)| if *inside { weight * (value.abs() + mean.abs()) } else { 0.0 };
        let scale: f64 = self.cells.iter().zip(block).map(size).sum();
        let (best, starts) = self.best_staircase(&gains);
        if best <= ROUNDING * scale {
            return None;
        }
        let in_upper = |cell: usize| starts.get(cell / self.columns).is_some_and(|start| cell % self.columns >= *start);
        let part =
            |upper: bool| -> Vec<bool> { block.iter().enumerate().map(|(cell, inside)| *inside && in_upper(cell) == upper).collect() };
        let (upper, lower) = (part(true), part(false));
        // Each part is smaller than the block, so that splitting ends whatever rounding does.
        (upper.contains(&true) && lower.contains(&true)).then_some((upper, lower))
    }

    /// Largest sum of gains over a set closed towards higher rows and columns, with the first column that the set takes from each row.
    fn best_staircase(&self, gains: &[f64]) -> (f64, Vec<usize>) {
        // best[start]: the rows so far with the last of them taken from `start`, and the row before from where it was best.
        let mut best = vec![0.0; self.columns + 1];
        let mut before: Vec<Vec<usize>> = Vec::new();
        for row in gains.chunks(self.columns) {
            // A lower row must not start further left, so that the best is taken over all starts from here to the right.
            let mut from: Vec<usize> = (0..=self.columns).collect();
            let mut running = Vec::with_capacity(self.columns + 1);
            let mut leader = self.columns;
            let mut taken = 0.0;
            for start in (0..=self.columns).rev() {
                let value = |at: usize| best.get(at).copied().unwrap_or(f64::NEG_INFINITY);
                if value(start) > value(leader) {
                    leader = start;
                }
                taken += row.get(start).copied().unwrap_or(0.0);
                running.push(taken + value(leader));
                if let Some(from) = from.get_mut(start) {
                    *from = leader;
                }
            }
            running.reverse();
            best = running;
            before.push(from);
        }
        let (mut start, sum) =
            best.iter().copied().enumerate().fold((self.columns, f64::NEG_INFINITY), |top, next| if next.1 > top.1 { next } else { top });
        let mut starts: Vec<usize> = Vec::with_capacity(before.len());
        for from in before.iter().rev() {
            starts.push(start);
            start = from.get(start).copied().unwrap_or(self.columns);
        }
        starts.reverse();
        (sum, starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: &[Vec<f64>], want: &[&[f64]], tolerance: f64) {
        for (got, want) in got.iter().flatten().zip(want.iter().flat_map(|row| row.iter())) {
            assert!((got - want).abs() <= tolerance, "{got} {want}");
        }
    }

    #[test]
    fn an_isotonic_grid_stays() {
        let grid = vec![vec![0.1, 0.2, 0.4], vec![0.1, 0.3, 0.5]];
        let fitted = isotonic_bivariate(&grid, &vec![vec![1.0; 3]; 2]).unwrap();
        close(&fitted, &[&[0.1, 0.2, 0.4], &[0.1, 0.3, 0.5]], 1e-15);
    }

    #[test]
    fn one_row_is_pooled_as_adjacent_violators_are() {
        let fitted = isotonic_bivariate(&[vec![0.2, 0.5, 0.1, 0.4]], &[vec![1.0, 1.0, 3.0, 2.0]]).unwrap();
        close(&fitted, &[&[0.2, 0.2, 0.2, 0.4]], 1e-15);
        let column: Vec<Vec<f64>> = [0.2, 0.5, 0.1, 0.4].iter().map(|value| vec![*value]).collect();
        let weights: Vec<Vec<f64>> = [1.0, 1.0, 3.0, 2.0].iter().map(|value| vec![*value]).collect();
        assert_eq!(isotonic_bivariate(&column, &weights).unwrap().concat(), fitted.concat());
    }

    #[test]
    fn the_lowest_pair_toxic_and_the_rest_untried() {
        // Iso::biviso gives 0.8030303 here, to its own criterion of convergence.
        let fitted =
            isotonic_bivariate(&[vec![5.05 / 6.1, 0.5, 0.5], vec![0.5, 0.5, 0.5]], &[vec![6.1, 0.1, 0.1], vec![0.1, 0.1, 0.1]]).unwrap();
        close(&fitted, &[&[0.803_030_303_03; 3], &[0.803_030_303_03; 3]], 1e-10);
    }

    /// Optimality by the Karush-Kuhn-Tucker conditions is hard to read; here a random grid is compared with random isotonic competitors.
    #[test]
    fn no_isotonic_grid_is_closer() {
        let mut state = 12345_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % 1000) as f64 / 1000.0
        };
        for _ in 0..200 {
            let mut grid = |low: f64| -> Vec<Vec<f64>> { (0..3).map(|_| (0..4).map(|_| low + draw()).collect()).collect() };
            let (values, weights, noise) = (grid(0.0), grid(0.05), grid(-0.5));
            let fitted = isotonic_bivariate(&values, &weights).unwrap();
            let loss = |candidate: &[Vec<f64>]| -> f64 {
                let cells = candidate.iter().flatten().zip(values.iter().flatten()).zip(weights.iter().flatten());
                cells.map(|((fit, value), weight)| weight * (fit - value) * (fit - value)).sum()
            };
            for row in 0..3 {
                for column in 0..4 {
                    assert!(row == 0 || fitted[row - 1][column] <= fitted[row][column] + 1e-12);
                    assert!(column == 0 || fitted[row][column - 1] <= fitted[row][column] + 1e-12);
                }
            }
            for size in [1e-3, 1e-2, 0.3] {
                let moved: Vec<Vec<f64>> = fitted
                    .iter()
                    .zip(&noise)
                    .map(|(row, noise)| row.iter().zip(noise).map(|(value, by)| value + size * by).collect())
                    .collect();
                let competitor = isotonic_bivariate(&moved, &weights).unwrap();
                assert!(loss(&fitted) <= loss(&competitor) + 1e-12);
            }
        }
    }

    #[test]
    fn bad_grids_are_refused() {
        assert_eq!(isotonic_bivariate(&[], &[]), Err(BivariateIsotonicError::Shape));
        assert_eq!(isotonic_bivariate(&[vec![1.0], vec![]], &[vec![1.0], vec![1.0]]), Err(BivariateIsotonicError::Shape));
        let zero = isotonic_bivariate(&[vec![1.0, 2.0]], &[vec![1.0, 0.0]]);
        assert_eq!(zero, Err(BivariateIsotonicError::Cell { row: 1, column: 2 }));
        assert!(isotonic_bivariate(&[vec![f64::NAN]], &[vec![1.0]]).is_err());
    }
}
