//! Cholesky factor of a small symmetric positive definite matrix, kept row by row in one list.

/// Part of a diagonal element below which its pivot counts as zero.
const SINGULAR: f64 = 1e-13;

/// The factor `L` of `A = L L'`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cholesky {
    order: usize,
    /// Row by row; what lies above the diagonal is zero.
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors the symmetric matrix of `order` rows given row by row; only the lower triangle is read.
    ///
    /// ```text
    /// L_jj = sqrt(A_jj - sum_k<j L_jk^2),   L_ij = (A_ij - sum_k<j L_ik L_jk) / L_jj
    /// ```
    ///
    /// `None` when the matrix is not of `order * order` elements or not positive definite to working precision: a pivot of less than
    /// `1e-13` of its diagonal element. The rule does not depend on the units of the rows.
    #[must_use]
    pub fn factor(matrix: &[f64], order: usize) -> Option<Self> {
        if matrix.len() != order * order {
            return None;
        }
        let mut lower = vec![0.0; order * order];
        for i in 0..order {
            for j in 0..=i {
                let (row, other) = (&lower[i * order..i * order + j], &lower[j * order..j * order + j]);
                let rest = matrix[i * order + j] - row.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
                lower[i * order + j] = if i == j {
                    if rest.is_nan() || rest <= SINGULAR * matrix[i * order + i].abs() {
                        return None;
                    }
                    rest.sqrt()
                } else {
                    rest / lower[j * order + j]
                };
            }
        }
        Some(Self { order, lower })
    }

    /// Number of rows.
    #[must_use]
    pub fn order(&self) -> usize {
        self.order
    }

    /// The solution `y` of `L y = b`; `b` is cut or filled with zeros to the order.
    #[must_use]
    pub fn solve_lower(&self, b: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; self.order];
        for i in 0..self.order {
            let row = &self.lower[i * self.order..i * self.order + i];
            let known: f64 = row.iter().zip(&y).map(|(a, y)| a * y).sum();
            y[i] = (b.get(i).copied().unwrap_or(0.0) - known) / self.lower[i * self.order + i];
        }
        y
    }

    /// The solution `x` of `L' x = y`; `y` is cut or filled with zeros to the order.
    #[must_use]
    pub fn solve_upper(&self, y: &[f64]) -> Vec<f64> {
        let mut x = vec![0.0; self.order];
        for i in (0..self.order).rev() {
            let known: f64 = (i + 1..self.order).map(|k| self.lower[k * self.order + i] * x[k]).sum();
            x[i] = (y.get(i).copied().unwrap_or(0.0) - known) / self.lower[i * self.order + i];
        }
        x
    }

    /// The solution `x` of `A x = b`.
    #[must_use]
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        self.solve_upper(&self.solve_lower(b))
    }

    /// The quadratic form `b' A^-1 b`.
    #[must_use]
    pub fn inverse_form(&self, b: &[f64]) -> f64 {
        self.solve_lower(b).iter().map(|y| y * y).sum()
    }

    /// `A^-1`, row by row.
    #[must_use]
    pub fn inverse(&self) -> Vec<f64> {
        let mut inverse = vec![0.0; self.order * self.order];
        for column in 0..self.order {
            let mut unit = vec![0.0; self.order];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                inverse[row * self.order + column] = value;
            }
        }
        // Rounding must not make the two halves differ.
        for row in 0..self.order {
            for column in 0..row {
                let mean = 0.5 * (inverse[row * self.order + column] + inverse[column * self.order + row]);
                inverse[row * self.order + column] = mean;
                inverse[column * self.order + row] = mean;
            }
        }
        inverse
    }

    /// Logarithm of the determinant of `A`.
    #[must_use]
    pub fn ln_determinant(&self) -> f64 {
        (0..self.order).map(|i| 2.0 * self.lower[i * self.order + i].ln()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_by_three_by_hand() {
        // [[4, 2, 0], [2, 5, 2], [0, 2, 5]] = L L' with L = [[2], [1, 2], [0, 1, 2]], determinant 64
        let factor = Cholesky::factor(&[4.0, 2.0, 0.0, 2.0, 5.0, 2.0, 0.0, 2.0, 5.0], 3).unwrap();
        assert!((factor.ln_determinant() - 64.0_f64.ln()).abs() < 1e-14);
        let x = factor.solve(&[6.0, 9.0, 7.0]);
        assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-14), "{x:?}");
        assert!((factor.inverse_form(&[6.0, 9.0, 7.0]) - 22.0).abs() < 1e-12);
        let inverse = factor.inverse();
        assert!((inverse[0] - 21.0 / 64.0).abs() < 1e-15 && (inverse[1] + 10.0 / 64.0).abs() < 1e-15);
        assert!((inverse[8] - 16.0 / 64.0).abs() < 1e-15 && (inverse[2] - inverse[6]).abs() < f64::EPSILON);
    }

    #[test]
    fn singular_and_misshapen_matrices_have_no_factor_in_any_unit() {
        for unit in [1e-9, 1.0, 1e9] {
            let singular = [1.0, unit, unit, unit * unit];
            assert_eq!(Cholesky::factor(&singular, 2), None, "{unit}");
            assert!(Cholesky::factor(&[1.0, 0.5 * unit, 0.5 * unit, unit * unit], 2).is_some(), "{unit}");
        }
        assert_eq!(Cholesky::factor(&[1.0], 2), None);
        assert_eq!(Cholesky::factor(&[f64::NAN], 1), None);
        assert_eq!(Cholesky::factor(&[], 0).map(|factor| factor.order()), Some(0));
    }
}
