//! The design matrix of a regression: finite values row by row, which columns are determined by others, and an orthogonal basis.

use thiserror::Error;

/// Part of a column's length below which what the columns before it leave of it counts as nothing.
const ALIASED: f64 = 1e-7;

/// Why values do not make a design matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DesignError {
    /// No row or no column.
    #[error("no observations")]
    Empty,
    /// Columns of different lengths.
    #[error("column {column} has {length} values, the first has {expected}")]
    Ragged {
        /// Position of the column.
        column: usize,
        /// Its length.
        length: usize,
        /// Length of the first column.
        expected: usize,
    },
    /// A value that is not finite.
    #[error("a value of column {column} is not finite")]
    NotFinite {
        /// Position of the column.
        column: usize,
    },
}

/// Finite values, kept row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignMatrix {
    columns: usize,
    values: Vec<f64>,
}

impl DesignMatrix {
    /// Design matrix from its columns.
    ///
    /// # Errors
    /// [`DesignError`] for no rows or columns, unequal lengths or values that are not finite.
    pub fn from_columns(columns: &[Vec<f64>]) -> Result<Self, DesignError> {
        let expected = columns.first().map_or(0, Vec::len);
        if expected == 0 {
            return Err(DesignError::Empty);
        }
        for (position, column) in columns.iter().enumerate() {
            if column.len() != expected {
                return Err(DesignError::Ragged { column: position, length: column.len(), expected });
            }
            if !column.iter().all(|value| value.is_finite()) {
                return Err(DesignError::NotFinite { column: position });
            }
        }
        let values = (0..expected).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
        Ok(Self { columns: columns.len(), values })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> + Clone {
        self.values.chunks_exact(self.columns)
    }

    /// A column.
    #[must_use]
    pub fn column(&self, position: usize) -> Vec<f64> {
        self.iter().filter_map(|row| row.get(position)).copied().collect()
    }

    /// The columns at the given positions, in that order; positions beyond the last are left out.
    #[must_use]
    pub fn select(&self, positions: &[usize]) -> Self {
        let kept: Vec<usize> = positions.iter().copied().filter(|position| *position < self.columns).collect();
        let values = self.iter().flat_map(|row| kept.iter().map(move |position| row[*position])).collect();
        Self { columns: kept.len().max(1), values }
    }

    /// Positions of the columns that the ones before them do not determine.
    ///
    /// A column is determined (aliased) when less than `1e-7` of its length is left after projection onto the columns before it.
    #[must_use]
    pub fn independent(&self) -> Vec<usize> {
        self.orthogonalise().0
    }

    /// An orthogonal basis of the independent columns, each scaled to mean square 1.
    pub(super) fn basis(&self) -> Basis {
        let (kept, directions, upper) = self.orthogonalise();
        let order = kept.len();
        let rows = self.rows();
        let values = (0..rows).flat_map(|row| directions.iter().map(move |direction| direction[row])).collect();
        Basis { kept, order, values, upper }
    }

    /// Positions of independent columns, unit directions (mean square 1), and the upper triangle column by column.
    fn orthogonalise(&self) -> (Vec<usize>, Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let rows = self.rows() as f64;
        let (mut kept, mut directions, mut triangle): (Vec<usize>, Vec<Vec<f64>>, Vec<Vec<f64>>) = (Vec::new(), Vec::new(), Vec::new());
        for position in 0..self.columns {
            let mut rest = self.column(position);
            let whole = root_mean_square(&rest);
            let mut upper = vec![0.0; directions.len()];
            // The second pass restores the orthogonality that cancellation cost the first.
            for _ in 0..2 {
                for (entry, direction) in upper.iter_mut().zip(&directions) {
                    let along = direction.iter().zip(&rest).map(|(a, b)| a * b).sum::<f64>() / rows;
                    rest.iter_mut().zip(direction).for_each(|(value, unit)| *value -= along * unit);
                    *entry += along;
                }
            }
            let left = root_mean_square(&rest);
            if left <= ALIASED * whole {
                continue;
            }
            rest.iter_mut().for_each(|value| *value /= left);
            upper.push(left);
            directions.push(rest);
            triangle.push(upper);
            kept.push(position);
        }
        (kept, directions, triangle)
    }
}

/// Independent columns `X` written as `X = Q R` with `Q'Q = n I`.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    /// Positions of the columns in the design.
    pub(super) kept: Vec<usize>,
    /// Their number.
    pub(super) order: usize,
    /// `Q`, row by row.
    pub(super) values: Vec<f64>,
    /// Columns of `R` down to the diagonal.
    upper: Vec<Vec<f64>>,
}

impl Basis {
    /// Coefficients of the columns from those of the basis: the solution of `R b = g`.
    pub(super) fn coefficients(&self, of_basis: &[f64]) -> Vec<f64> {
        let mut rest = of_basis.to_vec();
        for (row, column) in self.upper.iter().enumerate().rev() {
            let Some((diagonal, above)) = column.split_last() else { continue };
            rest[row] /= diagonal;
            let solved = rest[row];
            rest.iter_mut().zip(above).for_each(|(value, factor)| *value -= factor * solved);
        }
        rest
    }

    /// Covariance matrix of the columns' coefficients, `R^-1 V R^-T`, row by row.
    pub(super) fn covariance(&self, of_basis: &[f64]) -> Vec<f64> {
        let half = self.solve_columns(of_basis);
        let transposed: Vec<f64> = (0..self.order)
            .flat_map(|row| (0..self.order).map(move |column| (column, row)))
            .map(|(i, j)| half[i * self.order + j])
            .collect();
        self.solve_columns(&transposed)
    }

    /// `R^-1 M` for a square matrix row by row.
    fn solve_columns(&self, matrix: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.order * self.order];
        for column in 0..self.order {
            let right: Vec<f64> = (0..self.order).map(|row| matrix[row * self.order + column]).collect();
            for (row, value) in self.coefficients(&right).into_iter().enumerate() {
                out[row * self.order + column] = value;
            }
        }
        out
    }

    /// Element of the diagonal of `R`.
    pub(super) fn diagonal(&self, position: usize) -> f64 {
        self.upper.get(position).and_then(|column| column.last()).copied().unwrap_or(1.0)
    }

    /// Column of `R` down to the diagonal: a kept column of the design is the sum of the basis with these weights.
    pub(super) fn column_weights(&self, position: usize) -> &[f64] {
        self.upper.get(position).map_or(&[], Vec::as_slice)
    }

    /// Logarithm of the absolute determinant of `R`.
    pub(super) fn ln_determinant(&self) -> f64 {
        (0..self.order).map(|position| self.diagonal(position).ln()).sum()
    }

    /// Coefficients of the basis from those of the columns: `R b`.
    pub(super) fn of_coefficients(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.order];
        for (column, coefficient) in self.upper.iter().zip(coefficients) {
            out.iter_mut().zip(column).for_each(|(value, factor)| *value += factor * coefficient);
        }
        out
    }
}

fn root_mean_square(values: &[f64]) -> f64 {
    // Scaling first keeps squares of very large and very small values in range.
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    largest * (values.iter().map(|value| (value / largest) * (value / largest)).sum::<f64>() / values.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Vec<f64>> {
        vec![vec![1.0; 5], vec![1.0, 2.0, 4.0, 8.0, 9.0], vec![12.0, 24.0, 48.0, 96.0, 108.0], vec![0.0, 1.0, 0.0, 1.0, 1.0]]
    }

    #[test]
    fn multiples_and_constants_are_determined_by_what_stands_before() {
        let mut columns = columns();
        columns.push(vec![7.0; 5]);
        assert_eq!(DesignMatrix::from_columns(&columns).unwrap().independent(), [0, 1, 3]);
        for column in &mut columns {
            column.iter_mut().for_each(|value| *value *= 1e9);
        }
        assert_eq!(DesignMatrix::from_columns(&columns).unwrap().independent(), [0, 1, 3]);
    }

    #[test]
    fn the_basis_is_orthogonal_and_gives_the_columns_back() {
        let design = DesignMatrix::from_columns(&columns()).unwrap();
        let basis = design.basis();
        for i in 0..basis.order {
            for j in 0..basis.order {
                let inner: f64 = basis.values.chunks(basis.order).map(|row| row[i] * row[j]).sum::<f64>() / 5.0;
                assert!((inner - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
        let coefficients = [0.3, -1.2, 2.0];
        let of_basis = basis.of_coefficients(&coefficients);
        for (row, direct) in basis.values.chunks(basis.order).zip(design.select(&basis.kept).iter()) {
            let left: f64 = row.iter().zip(&of_basis).map(|(a, b)| a * b).sum();
            let right: f64 = direct.iter().zip(&coefficients).map(|(a, b)| a * b).sum();
            assert!((left - right).abs() < 1e-12);
        }
        assert!(basis.coefficients(&of_basis).iter().zip(coefficients).all(|(a, b)| (a - b).abs() < 1e-13));
    }

    #[test]
    fn ragged_empty_and_infinite_columns_are_refused() {
        assert_eq!(DesignMatrix::from_columns(&[]), Err(DesignError::Empty));
        let ragged = DesignMatrix::from_columns(&[vec![1.0], vec![1.0, 2.0]]);
        assert_eq!(ragged, Err(DesignError::Ragged { column: 1, length: 2, expected: 1 }));
        assert_eq!(DesignMatrix::from_columns(&[vec![1.0, f64::INFINITY]]), Err(DesignError::NotFinite { column: 0 }));
    }
}
