//! Linear least squares to full precision, however nearly collinear the columns.
//!
//! Start with [`fit_linear`] or [`fit_polynomial`].

use thiserror::Error;

use super::double_double::DoubleDouble;

/// Part of a column's length below which what the columns before it leave of it counts as nothing.
const ALIASED: f64 = 1e-14;

/// Why a linear model cannot be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LeastSquaresError {
    /// No column, or columns that are not as long as the responses.
    #[error("the columns are not as long as the {responses} responses")]
    Shape {
        /// Number of responses.
        responses: usize,
    },
    /// A value that is not finite.
    #[error("a value is not finite")]
    NotFinite,
    /// No more responses than coefficients, so that nothing is left for the residual variance.
    #[error("{responses} responses do not suffice for {coefficients} coefficients and a residual variance")]
    TooFew {
        /// Number of responses.
        responses: usize,
        /// Number of estimable coefficients.
        coefficients: usize,
    },
}

/// A fitted linear model.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearFit {
    /// Coefficients, the intercept first; `None` for a column that the ones before it determine.
    pub coefficients: Vec<Option<f64>>,
    /// Their standard errors.
    pub standard_errors: Vec<Option<f64>>,
    /// Residual sum of squares.
    pub residual_sum_of_squares: f64,
    /// Residual standard deviation, with divisor `n - p`.
    pub residual_sd: f64,
    /// Residual degrees of freedom.
    pub residual_df: usize,
    /// Share of the sum of squares explained: about the mean with an intercept, about zero without one.
    pub r_squared: f64,
    /// Fitted values.
    pub fitted: Vec<f64>,
}

/// Least-squares fit of `y` on columns, with or without an intercept.
///
/// ```text
/// b minimises |y - X b|^2;  X = Q R by modified Gram-Schmidt in double-double arithmetic, R b = Q' y
/// se(b_j)^2 = s^2 (R^-1 R^-T)_jj,  s^2 = RSS/(n - p),  R^2 = 1 - RSS/TSS
/// ```
///
/// # Domain
/// Finite values; columns as long as `y`. `O(n p^2)`.
///
/// # Edges
/// A column of which less than `1e-14` of its length is left by the columns before it has no coefficient (`None`); the others are fitted as
/// if it were absent.
///
/// # Errors
/// [`LeastSquaresError`].
///
/// Sources: `[Dekker1971]`, `[Bjorck1967]`.
pub fn fit_linear(columns: &[Vec<f64>], y: &[f64], intercept: bool) -> Result<LinearFit, LeastSquaresError> {
    let exact = |column: &Vec<f64>| column.iter().copied().map(DoubleDouble::from).collect();
    fit_exact(columns.iter().map(exact).collect(), y, intercept)
}

/// Least-squares fit of a polynomial in `x` with terms up to `degree`; the powers keep 32 digits.
///
/// Formula, edges and errors as [`fit_linear`]; coefficients in ascending order of the power.
///
/// # Errors
/// [`LeastSquaresError`].
pub fn fit_polynomial(x: &[f64], y: &[f64], degree: usize, intercept: bool) -> Result<LinearFit, LeastSquaresError> {
    let mut power: Vec<DoubleDouble> = vec![DoubleDouble::from(1.0); x.len()];
    let columns = (0..degree)
        .map(|_| {
            power = power.iter().zip(x).map(|(power, x)| *power * DoubleDouble::from(*x)).collect();
            power.clone()
        })
        .collect();
    fit_exact(columns, y, intercept)
}

fn fit_exact(columns: Vec<Vec<DoubleDouble>>, y: &[f64], intercept: bool) -> Result<LinearFit, LeastSquaresError> {
    let constant = intercept.then(|| vec![DoubleDouble::from(1.0); y.len()]);
    let design: Vec<Vec<DoubleDouble>> = constant.into_iter().chain(columns).collect();
    if design.is_empty() || y.is_empty() || design.iter().any(|column| column.len() != y.len()) {
        return Err(LeastSquaresError::Shape { responses: y.len() });
    }
    if !y.iter().all(|y| y.is_finite()) || design.iter().flatten().any(|value| !value.to_f64().is_finite()) {
        return Err(LeastSquaresError::NotFinite);
    }
    let factored = Orthogonal::of(&design, y);
    let coefficients = factored.kept.len();
    if y.len() <= coefficients {
        return Err(LeastSquaresError::TooFew { responses: y.len(), coefficients });
    }
    Ok(factored.fit(design.len(), y, intercept))
}

/// The columns made orthonormal one after the other, with the response freed of them.
struct Orthogonal {
    /// Positions of the columns that are not aliased.
    kept: Vec<usize>,
    /// Upper triangle, column by column.
    upper: Vec<Vec<DoubleDouble>>,
    projections: Vec<DoubleDouble>,
    residuals: Vec<DoubleDouble>,
}

impl Orthogonal {
    fn of(design: &[Vec<DoubleDouble>], y: &[f64]) -> Self {
        let mut basis: Vec<Vec<DoubleDouble>> = Vec::with_capacity(design.len());
        let mut out = Self { kept: Vec::new(), upper: Vec::new(), projections: Vec::new(), residuals: Vec::new() };
        for (position, column) in design.iter().enumerate() {
            let mut rest = column.clone();
            let mut upper: Vec<DoubleDouble> = basis.iter().map(|direction| remove(direction, &mut rest)).collect();
            let left = length(&rest);
            if left.to_f64() <= ALIASED * length(column).to_f64() {
                continue;
            }
            rest.iter_mut().for_each(|value| *value = *value / left);
            upper.push(left);
            basis.push(rest);
            out.upper.push(upper);
            out.kept.push(position);
        }
        out.residuals = y.iter().copied().map(DoubleDouble::from).collect();
        out.projections = basis.iter().map(|direction| remove(direction, &mut out.residuals)).collect();
        out
    }

    fn fit(&self, columns: usize, y: &[f64], intercept: bool) -> LinearFit {
        let order = self.kept.len();
        let estimates = self.back_substitute(&self.projections);
        let rss = self.residuals.iter().fold(DoubleDouble::ZERO, |sum, r| sum + *r * *r);
        let residual_df = y.len() - order;
        let variance = rss / DoubleDouble::from(residual_df as f64);
        let mut inverse_squares = vec![DoubleDouble::ZERO; order];
        for unit in 0..order {
            let direction: Vec<DoubleDouble> =
                (0..order).map(|row| if row == unit { DoubleDouble::from(1.0) } else { DoubleDouble::ZERO }).collect();
            for (sum, value) in inverse_squares.iter_mut().zip(self.back_substitute(&direction)) {
                *sum = *sum + value * value;
            }
        }
        let mut coefficients = vec![None; columns];
        let mut standard_errors = vec![None; columns];
        for ((position, estimate), square) in self.kept.iter().zip(&estimates).zip(&inverse_squares) {
            coefficients[*position] = Some(estimate.to_f64());
            standard_errors[*position] = Some((variance * *square).sqrt().to_f64());
        }
        let total = total_sum_of_squares(y, intercept);
        LinearFit {
            coefficients,
            standard_errors,
            residual_sum_of_squares: rss.to_f64(),
            residual_sd: variance.sqrt().to_f64(),
            residual_df,
            r_squared: (DoubleDouble::from(1.0) - rss / total).to_f64(),
            fitted: y.iter().zip(&self.residuals).map(|(y, rest)| y - rest.to_f64()).collect(),
        }
    }

    fn back_substitute(&self, right: &[DoubleDouble]) -> Vec<DoubleDouble> {
        let mut rest = right.to_vec();
        for (row, column) in self.upper.iter().enumerate().rev() {
            let Some((diagonal, above)) = column.split_last() else { continue };
            rest[row] = rest[row] / *diagonal;
            let solved = rest[row];
            for (value, factor) in rest.iter_mut().zip(above) {
                *value = *value - *factor * solved;
            }
        }
        rest
    }
}

/// Takes from `vector` its part along the unit vector `direction` and returns the size of that part.
fn remove(direction: &[DoubleDouble], vector: &mut [DoubleDouble]) -> DoubleDouble {
    let along = direction.iter().zip(vector.iter()).fold(DoubleDouble::ZERO, |sum, (a, b)| sum + *a * *b);
    vector.iter_mut().zip(direction).for_each(|(value, unit)| *value = *value - along * *unit);
    along
}

fn length(vector: &[DoubleDouble]) -> DoubleDouble {
    vector.iter().fold(DoubleDouble::ZERO, |sum, value| sum + *value * *value).sqrt()
}

fn total_sum_of_squares(y: &[f64], intercept: bool) -> DoubleDouble {
    let sum = y.iter().fold(DoubleDouble::ZERO, |sum, y| sum + DoubleDouble::from(*y));
    let centre = if intercept { sum / DoubleDouble::from(y.len() as f64) } else { DoubleDouble::ZERO };
    y.iter().fold(DoubleDouble::ZERO, |total, y| {
        let deviation = DoubleDouble::from(*y) - centre;
        total + deviation * deviation
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_by_hand() {
        let fit = fit_linear(&[vec![1.0, 2.0, 3.0, 4.0]], &[2.0, 3.0, 5.0, 6.0], true).unwrap();
        assert!((fit.coefficients[0].unwrap() - 0.5).abs() < 1e-14 && (fit.coefficients[1].unwrap() - 1.4).abs() < 1e-14);
        assert!((fit.residual_sum_of_squares - 0.2).abs() < 1e-14 && fit.residual_df == 2);
        assert!((fit.standard_errors[1].unwrap() - (0.1 / 5.0_f64).sqrt()).abs() < 1e-14);
        assert!((fit.r_squared - 0.98).abs() < 1e-14 && (fit.fitted[3] - 6.1).abs() < 1e-14);
    }

    #[test]
    fn polynomials_with_exact_coefficients_come_back_exactly() {
        let x: Vec<f64> = (0..21).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| (0..=5).map(|k| x.powi(k)).sum()).collect();
        let fit = fit_polynomial(&x, &y, 5, true).unwrap();
        assert!(fit.coefficients.iter().flatten().all(|b| (b - 1.0).abs() < 1e-12), "{:?}", fit.coefficients);
        assert!(fit.residual_sum_of_squares < 1e-20);
    }

    #[test]
    fn determined_columns_have_no_coefficient() {
        let x = [1.0, 2.0, 4.0, 7.0, 5.0];
        let twice: Vec<f64> = x.iter().map(|x| 12.0 * x - 3.0).collect();
        let fit = fit_linear(&[x.to_vec(), twice, vec![4.0; 5]], &[1.0, 0.0, 3.0, 2.0, 5.0], true).unwrap();
        let alone = fit_linear(&[x.to_vec()], &[1.0, 0.0, 3.0, 2.0, 5.0], true).unwrap();
        assert_eq!(fit.coefficients[2..], [None, None]);
        assert_eq!(fit.coefficients[..2], alone.coefficients[..]);
        assert_eq!(fit.residual_df, 3);
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        assert_eq!(fit_linear(&[], &[1.0], false), Err(LeastSquaresError::Shape { responses: 1 }));
        assert_eq!(fit_linear(&[vec![1.0, 2.0]], &[1.0, 2.0], true), Err(LeastSquaresError::TooFew { responses: 2, coefficients: 2 }));
        assert_eq!(fit_linear(&[vec![1.0, f64::NAN]], &[1.0, 2.0], true), Err(LeastSquaresError::NotFinite));
    }
}
