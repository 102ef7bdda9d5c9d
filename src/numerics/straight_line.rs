//! A straight line by least squares, with the error of its slope and the test of its fit.

use thiserror::Error;

use super::distribution::{DistributionError, beta_cdf, t_quantile};

/// Why a line cannot be fitted or judged.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum StraightLineError {
    /// The two lists differ in length.
    #[error("{x} values of x and {y} of y")]
    Lengths {
        /// Length of the first.
        x: usize,
        /// Length of the second.
        y: usize,
    },
    /// A value that is not a finite number.
    #[error("a value is not a finite number")]
    NotFinite,
    /// Fewer than three points leave no degree of freedom.
    #[error("{0} points leave no degree of freedom")]
    TooFew(usize),
    /// All values of x are the same.
    #[error("all values of x are the same")]
    ConstantX,
    /// A probability that the distribution does not have.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

/// A fitted line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StraightLine {
    /// Value at `x = 0`.
    pub intercept: f64,
    /// Slope.
    pub slope: f64,
    /// Standard error of the slope.
    pub slope_error: f64,
    /// Sum of squared residuals.
    pub residual_sum: f64,
    /// Residual degrees of freedom.
    pub degrees_of_freedom: usize,
}

impl StraightLine {
    /// Confidence limits of the slope: `slope -+ t_(n-2, (1 + level)/2) se`.
    ///
    /// # Errors
    /// [`StraightLineError::Distribution`] for a level outside (0, 1).
    pub fn slope_interval(&self, level: f64) -> Result<(f64, f64), StraightLineError> {
        let half = t_quantile(0.5 + 0.5 * level, self.degrees_of_freedom as f64)? * self.slope_error;
        Ok((self.slope - half, self.slope + half))
    }
}

/// Fits a straight line by least squares.
///
/// ```text
/// slope = Sxy / Sxx,  intercept = mean y - slope mean x,  se = sqrt(RSS / (n - 2) / Sxx)
/// ```
///
/// Sums are taken about the means. Needs three points and two distinct values of `x`.
///
/// # Errors
/// [`StraightLineError`] otherwise, and for a value that is not a finite number.
pub fn fit_straight_line(x: &[f64], y: &[f64]) -> Result<StraightLine, StraightLineError> {
    if x.len() != y.len() {
        return Err(StraightLineError::Lengths { x: x.len(), y: y.len() });
    }
    if x.len() < 3 {
        return Err(StraightLineError::TooFew(x.len()));
    }
    if x.iter().chain(y).any(|value| !value.is_finite()) {
        return Err(StraightLineError::NotFinite);
    }
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let square: f64 = x.iter().map(|x| (x - mean_x) * (x - mean_x)).sum();
    let largest = x.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if square <= n * (f64::EPSILON * largest) * (f64::EPSILON * largest) {
        return Err(StraightLineError::ConstantX);
    }
    let product: f64 = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let slope = product / square;
    let residual = |(x, y): (&f64, &f64)| (y - mean_y) - slope * (x - mean_x);
    let residual_sum: f64 = x.iter().zip(y).map(residual).map(|r| r * r).sum();
    let degrees_of_freedom = x.len() - 2;
    let slope_error = (residual_sum / degrees_of_freedom as f64 / square).sqrt();
    Ok(StraightLine { intercept: mean_y - slope * mean_x, slope, slope_error, residual_sum, degrees_of_freedom })
}

/// P-value of the lack-of-fit test of a line against one mean for every distinct `x`.
///
/// ```text
/// F = ((RSS - PSS) / (m - 2)) / (PSS / (n - m)),  PSS sum of squares within the m distinct x,  p = P(F_(m-2, n-m) > F)
/// ```
///
/// `None` with fewer than three distinct `x`, without repeats, or where nothing varies within them: then there is nothing to test against.
///
/// # Errors
/// As [`fit_straight_line`].
pub fn lack_of_fit(x: &[f64], y: &[f64]) -> Result<Option<f64>, StraightLineError> {
    let line = fit_straight_line(x, y)?;
    let mut pairs: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut distinct = 0_usize;
    let mut pure = 0.0;
    for group in pairs.chunk_by(|a, b| a.0.to_bits() == b.0.to_bits()) {
        distinct += 1;
        let mean = group.iter().map(|pair| pair.1).sum::<f64>() / group.len() as f64;
        pure += group.iter().map(|pair| (pair.1 - mean) * (pair.1 - mean)).sum::<f64>();
    }
    if distinct < 3 || pairs.len() <= distinct || pure <= 0.0 {
        return Ok(None);
    }
    let (upper, lower) = ((distinct - 2) as f64, (pairs.len() - distinct) as f64);
    let f = (((line.residual_sum - pure) / upper) / (pure / lower)).max(0.0);
    Ok(Some(beta_cdf(lower / (lower + upper * f), 0.5 * lower, 0.5 * upper)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_by_hand() {
        // x = 1..4, y = 2, 3, 5, 6: slope 1.4, intercept 0.5, RSS 0.2.
        let line = fit_straight_line(&[1.0, 2.0, 3.0, 4.0], &[2.0, 3.0, 5.0, 6.0]).unwrap();
        assert!((line.slope - 1.4).abs() < 1e-14 && (line.intercept - 0.5).abs() < 1e-14);
        assert!((line.residual_sum - 0.2).abs() < 1e-14 && (line.slope_error - (0.1_f64 / 5.0).sqrt()).abs() < 1e-14);
        let (lower, upper) = line.slope_interval(0.9).unwrap();
        // t_(2, 0.95) = 2.91998558035373
        assert!((upper - lower - 2.0 * 2.919_985_580_353_73 * line.slope_error).abs() < 1e-12);
        assert!(line.slope_interval(1.0).is_err());
    }

    #[test]
    fn what_cannot_be_fitted_is_said() {
        assert_eq!(fit_straight_line(&[1.0, 2.0], &[1.0, 2.0]), Err(StraightLineError::TooFew(2)));
        assert_eq!(fit_straight_line(&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0]), Err(StraightLineError::ConstantX));
        assert_eq!(fit_straight_line(&[1.0], &[]), Err(StraightLineError::Lengths { x: 1, y: 0 }));
        assert_eq!(fit_straight_line(&[1.0, 2.0, f64::NAN], &[1.0; 3]), Err(StraightLineError::NotFinite));
    }

    #[test]
    fn lack_of_fit_needs_repeats_and_three_places() {
        let x = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0];
        let bent = lack_of_fit(&x, &[1.0, 1.1, 5.0, 5.1, 1.0, 1.1]).unwrap().unwrap();
        assert!(bent < 1e-4, "{bent}");
        // F = 0 where the means lie on a line.
        let straight = lack_of_fit(&x, &[1.0, 2.0, 2.0, 3.0, 3.0, 4.0]).unwrap().unwrap();
        assert!((straight - 1.0).abs() < 1e-9, "{straight}");
        assert_eq!(lack_of_fit(&[1.0, 2.0, 3.0], &[1.0, 2.0, 4.0]), Ok(None));
        assert_eq!(lack_of_fit(&[1.0, 1.0, 2.0], &[1.0, 2.0, 4.0]), Ok(None));
    }
}
