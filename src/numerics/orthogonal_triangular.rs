//! Orthogonal-triangular (QR) factorisation by Householder reflections.

use super::matrix::{Matrix, dot};

/// Relative size of a diagonal entry of the triangle below which the columns count as dependent.
const DEPENDENT: f64 = 1e-11;

/// The factorisation `A = Q R` of a matrix with at least as many rows as columns, with `Q' y` for one right-hand side.
///
/// Columns are scaled to length one before they are judged for dependence, so that units do not matter.
#[derive(Debug, Clone)]
pub struct OrthogonalTriangular {
    triangle: Matrix,
    projected: Vec<f64>,
    /// Length of each column that no other column before it explains, relative to its whole length.
    independence: Vec<f64>,
    /// Sum of squares of the part of `y` outside the columns' span.
    remainder: f64,
}

impl OrthogonalTriangular {
    /// Factorises `matrix` and rotates `response` with it.
    #[must_use]
    pub fn new(mut matrix: Matrix, mut response: Vec<f64>) -> Self {
        let (rows, columns) = (matrix.rows(), matrix.columns());
        let pivots = columns.min(rows);
        let mut independence = vec![0.0; columns];
        let lengths: Vec<f64> = (0..columns).map(|column| length(matrix.column(column))).collect();
        for pivot in 0..pivots {
            let below = &matrix.column(pivot)[pivot..];
            let norm = length(below);
            independence[pivot] = if lengths[pivot] > 0.0 { norm / lengths[pivot] } else { 0.0 };
            let Some(lead) = below.first().copied().filter(|_| norm > 0.0) else { continue };
            let diagonal = if lead > 0.0 { -norm } else { norm };
            // The reflection I - v v' / (norm * |v_0|) with v = (lead - diagonal, rest) maps the column to (diagonal, 0, ...).
            matrix.column_mut(pivot)[pivot] = lead - diagonal;
            let scale = norm * (lead - diagonal).abs();
            for column in pivot + 1..columns {
                let (reflector, target) = matrix.column_pair(pivot, column);
                reflect(&reflector[pivot..], &mut target[pivot..], scale);
            }
            reflect(&matrix.column(pivot)[pivot..], &mut response[pivot..], scale);
            matrix.column_mut(pivot)[pivot] = diagonal;
        }
        let mut triangle = Matrix::zeros(columns, columns);
        for column in 0..columns {
            for row in 0..=column.min(rows.saturating_sub(1)) {
                triangle.set(row, column, matrix.at(row, column));
            }
        }
        let remainder = response.iter().skip(columns).map(|value| value * value).sum();
        response.resize(columns, 0.0);
        Self { triangle, projected: response, independence, remainder }
    }

    /// The triangle `R`.
    #[must_use]
    pub fn triangle(&self) -> &Matrix {
        &self.triangle
    }

    /// The first entries of `Q' y`, as many as there are columns.
    #[must_use]
    pub fn projected(&self) -> &[f64] {
        &self.projected
    }

    /// Residual sum of squares of `y` on the columns.
    #[must_use]
    pub fn residual_sum_of_squares(&self) -> f64 {
        self.remainder
    }

    /// The first column that the columns before it determine.
    #[must_use]
    pub fn dependent_column(&self) -> Option<usize> {
        self.independence.iter().position(|share| share.is_nan() || *share < DEPENDENT)
    }

    /// Coefficients of the least squares solution; `None` when the columns are dependent.
    #[must_use]
    pub fn solve(&self) -> Option<Vec<f64>> {
        if self.dependent_column().is_some() {
            return None;
        }
        Some(back_substitute(&self.triangle, &self.projected))
    }

    /// Solution of `A' A x = b`; `None` when the columns are dependent.
    #[must_use]
    pub fn solve_normal(&self, right: &[f64]) -> Option<Vec<f64>> {
        if self.dependent_column().is_some() {
            return None;
        }
        let mut solution: Vec<f64> = Vec::with_capacity(right.len());
        for (i, value) in right.iter().enumerate().take(self.triangle.columns()) {
            let known: f64 = solution.iter().enumerate().map(|(k, y)| self.triangle.at(k, i) * y).sum();
            solution.push((value - known) / self.triangle.at(i, i));
        }
        Some(back_substitute(&self.triangle, &solution))
    }

    /// `(A' A)^-1 = R^-1 R^-1'`; `None` when the columns are dependent.
    #[must_use]
    pub fn inverse_cross_product(&self) -> Option<Matrix> {
        if self.dependent_column().is_some() {
            return None;
        }
        let n = self.triangle.columns();
        let columns: Vec<Vec<f64>> = (0..n)
            .map(|position| {
                let mut unit = vec![0.0; n];
                unit[position] = 1.0;
                back_substitute(&self.triangle, &unit)
            })
            .collect();
        let mut inverse = Matrix::zeros(n, n);
        for i in 0..n {
            for j in 0..=i {
                let entry: f64 = columns.iter().map(|column| column[i] * column[j]).sum();
                inverse.set(i, j, entry);
                inverse.set(j, i, entry);
            }
        }
        Some(inverse)
    }
}

/// Solution of `R x = y`.
fn back_substitute(triangle: &Matrix, right: &[f64]) -> Vec<f64> {
    let mut solution = right.to_vec();
    for i in (0..solution.len()).rev() {
        let known: f64 = (i + 1..solution.len()).map(|k| triangle.at(i, k) * solution[k]).sum();
        solution[i] = (solution[i] - known) / triangle.at(i, i);
    }
    solution
}

fn reflect(reflector: &[f64], target: &mut [f64], scale: f64) {
    let factor = dot(reflector, target) / scale;
    for (value, component) in target.iter_mut().zip(reflector) {
        *value -= factor * component;
    }
}

fn length(vector: &[f64]) -> f64 {
    let largest = vector.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    // Squares of very large or very small entries leave the range of the numbers.
    if largest > 1e150 || (largest > 0.0 && largest < 1e-150) {
        return largest * vector.iter().map(|value| (value / largest).powi(2)).sum::<f64>().sqrt();
    }
    dot(vector, vector).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_three_points_by_hand() {
        let design = Matrix::from_columns(&[vec![1.0; 3], vec![0.0, 1.0, 2.0]]).unwrap();
        let factor = OrthogonalTriangular::new(design, vec![1.0, 3.0, 4.0]);
        let line = factor.solve().unwrap();
        assert!((line[0] - 7.0 / 6.0).abs() < 1e-14 && (line[1] - 1.5).abs() < 1e-14, "{line:?}");
        assert!((factor.residual_sum_of_squares() - 1.0 / 6.0).abs() < 1e-14);
        let again = factor.solve_normal(&[8.0, 11.0]).unwrap();
        assert!((again[0] - line[0]).abs() < 1e-13 && (again[1] - line[1]).abs() < 1e-13, "{again:?}");
        let inverse = factor.inverse_cross_product().unwrap();
        assert!((inverse.at(0, 0) - 5.0 / 6.0).abs() < 1e-14 && (inverse.at(0, 1) + 0.5).abs() < 1e-14);
    }

    #[test]
    fn dependent_columns_are_named() {
        let design = Matrix::from_columns(&[vec![1.0; 4], vec![1e-8, 2e-8, 3e-8, 4e-8], vec![3.0, 5.0, 7.0, 9.0]]).unwrap();
        let factor = OrthogonalTriangular::new(design, vec![1.0, 3.0, 4.0, 8.0]);
        assert_eq!(factor.dependent_column(), Some(2));
        assert_eq!(factor.solve(), None);
        let wide = OrthogonalTriangular::new(Matrix::from_columns(&[vec![1.0], vec![2.0]]).unwrap(), vec![1.0]);
        assert_eq!(wide.dependent_column(), Some(1));
    }
}
