//! What regressions have in common: estimated coefficients with their covariance, Wald statistics, linear predictors and profile limits.

use super::distribution::{self, DistributionError};
use super::find_root;

/// Doublings of the distance from the estimate before a profile counts as unbounded.
const DOUBLINGS: usize = 40;

/// Width, relative to the first step, at which the search for a profile limit stops.
const PROFILE_TOLERANCE: f64 = 1e-10;

/// Estimated coefficients and their covariance matrix. A column that others determine has no estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficients {
    kept: Vec<usize>,
    estimates: Vec<Option<f64>>,
    covariance: Vec<f64>,
}

/// Wald statistic of a coefficient being zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wald {
    /// Estimate over standard error.
    pub z: f64,
    /// Two-sided p-value from the standard normal distribution.
    pub p_value: f64,
}

/// A linear combination of coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearPredictor {
    /// Its value.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl LinearPredictor {
    /// Wald limits `value -+ z se`.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    pub fn interval(self, level: f64) -> Result<(f64, f64), DistributionError> {
        let z = distribution::normal_critical(level)?;
        Ok((self.value - z * self.standard_error, self.value + z * self.standard_error))
    }
}

/// Limits found on a profile; `None` on a side where the profile never falls far enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileLimits {
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
}

/// Likelihood-ratio (or other chi-square) statistic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquareTest {
    /// Statistic.
    pub chi_square: f64,
    /// Degrees of freedom.
    pub degrees_of_freedom: usize,
    /// Upper-tail probability; `None` without a degree of freedom.
    pub p_value: Option<f64>,
}

impl ChiSquareTest {
    /// The statistic with its upper-tail probability; rounding below zero is zero.
    #[must_use]
    pub fn new(chi_square: f64, degrees_of_freedom: usize) -> Self {
        let chi_square = chi_square.max(0.0);
        let p_value =
            if degrees_of_freedom == 0 { None } else { distribution::chi_square_upper(chi_square, degrees_of_freedom as f64).ok() };
        Self { chi_square, degrees_of_freedom, p_value }
    }
}

impl Coefficients {
    /// `estimates` of the columns at `kept` among `columns`, with their covariance matrix row by row.
    pub(super) fn new(columns: usize, kept: &[usize], estimates: &[f64], covariance: Vec<f64>) -> Self {
        let mut all = vec![None; columns];
        for (position, estimate) in kept.iter().zip(estimates) {
            if let Some(place) = all.get_mut(*position) {
                *place = Some(*estimate);
            }
        }
        Self { kept: kept.to_vec(), estimates: all, covariance }
    }

    /// Estimates in the order of the columns.
    #[must_use]
    pub fn estimates(&self) -> &[Option<f64>] {
        &self.estimates
    }

    /// Estimate of a column; `None` for a determined one.
    #[must_use]
    pub fn estimate(&self, column: usize) -> Option<f64> {
        self.estimates.get(column).copied().flatten()
    }

    /// Positions of the columns that have an estimate.
    #[must_use]
    pub fn kept(&self) -> &[usize] {
        &self.kept
    }

    /// Covariance of two columns' estimates; `None` for a determined one.
    #[must_use]
    pub fn covariance(&self, left: usize, right: usize) -> Option<f64> {
        let place = |column: usize| self.kept.iter().position(|kept| *kept == column);
        self.covariance.get(place(left)? * self.kept.len() + place(right)?).copied()
    }

    /// Covariance matrix of the columns that have an estimate, row by row.
    #[must_use]
    pub fn covariance_matrix(&self) -> &[f64] {
        &self.covariance
    }

    /// Standard error of a column's estimate.
    #[must_use]
    pub fn standard_error(&self, column: usize) -> Option<f64> {
        self.covariance(column, column).map(f64::sqrt)
    }

    /// Wald statistic of a column.
    #[must_use]
    pub fn wald(&self, column: usize) -> Option<Wald> {
        let z = self.estimate(column)? / self.standard_error(column)?;
        Some(Wald { z, p_value: distribution::normal_two_sided(z) })
    }

    /// Wald limits of a column's coefficient: `b -+ z se(b)`.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    pub fn wald_interval(&self, column: usize, level: f64) -> Result<Option<(f64, f64)>, DistributionError> {
        match (self.estimate(column), self.standard_error(column)) {
            (Some(value), Some(standard_error)) => LinearPredictor { value, standard_error }.interval(level).map(Some),
            _ => Ok(None),
        }
    }

    /// Linear predictor of a row of the design, `x'b` with variance `x'Vx`; determined columns are left out.
    #[must_use]
    pub fn linear_predictor(&self, row: &[f64]) -> LinearPredictor {
        let x: Vec<f64> = self.kept.iter().map(|position| row.get(*position).copied().unwrap_or(0.0)).collect();
        let value = self.estimates.iter().flatten().zip(&x).map(|(b, x)| b * x).sum();
        let variance: f64 = self
            .covariance
            .chunks(self.kept.len().max(1))
            .zip(&x)
            .map(|(row, left)| left * row.iter().zip(&x).map(|(v, right)| v * right).sum::<f64>())
            .sum();
        LinearPredictor { value, standard_error: variance.max(0.0).sqrt() }
    }
}

/// Where twice the fall of a profile below its top reaches `critical`, going from `estimate` in the direction of `step`.
///
/// `fall` gives twice the fall at a value, `None` where the other coefficients cannot be fitted. The distance is doubled until the limit
/// is passed, then Brent's method closes in. `None` when the profile does not fall that far.
pub(super) fn profile_limit(estimate: f64, step: f64, critical: f64, mut fall: impl FnMut(f64) -> Option<f64>) -> Option<f64> {
    let mut inner = estimate;
    let mut distance = step;
    for _ in 0..DOUBLINGS {
        let outer = estimate + distance;
        if fall(outer)? >= critical {
            let excess = |at: f64| fall(at).map_or(f64::NAN, |fall| fall - critical);
            return find_root(excess, inner, outer, PROFILE_TOLERANCE * step.abs()).ok();
        }
        inner = outer;
        distance *= 2.0;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_gives_the_wald_limits() {
        let fall = |at: f64| Some(((at - 2.0) / 0.5).powi(2));
        let z = distribution::normal_critical(0.9).unwrap();
        assert!((profile_limit(2.0, 0.3, z * z, fall).unwrap() - (2.0 + 0.5 * z)).abs() < 1e-9);
        assert!((profile_limit(2.0, -9.0, z * z, fall).unwrap() - (2.0 - 0.5 * z)).abs() < 1e-8);
    }

    #[test]
    fn a_profile_that_levels_off_has_no_limit() {
        assert_eq!(profile_limit(0.0, 1.0, 3.84, |at| Some(2.0 * at.atan())), None);
        assert_eq!(profile_limit(0.0, 1.0, 3.84, |_| None), None);
    }

    #[test]
    fn determined_columns_have_nothing_and_count_for_nothing() {
        let coefficients = Coefficients::new(3, &[0, 2], &[1.0, 3.0], vec![4.0, 1.0, 1.0, 9.0]);
        assert_eq!((coefficients.estimate(1), coefficients.standard_error(1), coefficients.wald(1)), (None, None, None));
        assert_eq!(coefficients.standard_error(2), Some(3.0));
        let at = coefficients.linear_predictor(&[1.0, 100.0, 2.0]);
        assert!((at.value - 7.0).abs() < 1e-15 && (at.standard_error - (4.0 + 4.0 + 36.0_f64).sqrt()).abs() < 1e-15);
        assert_eq!(coefficients.wald_interval(1, 0.95).unwrap(), None);
        assert_eq!(ChiSquareTest::new(-1e-17, 0), ChiSquareTest { chi_square: 0.0, degrees_of_freedom: 0, p_value: None });
    }
}
