//! Small dense matrices by columns.

/// Relative size below which a pivot counts as zero.
const SINGULAR: f64 = 1e-13;

/// A dense matrix, stored column after column.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// Matrix of zeros.
    #[must_use]
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    /// Matrix with the given columns, which must have one length; `None` otherwise.
    #[must_use]
    pub fn from_columns(columns: &[Vec<f64>]) -> Option<Self> {
        let rows = columns.first().map_or(0, Vec::len);
        let regular = columns.iter().all(|column| column.len() == rows);
        regular.then(|| Self { rows, columns: columns.len(), values: columns.concat() })
    }

    /// Matrix with the given rows, which must have one length; `None` otherwise.
    #[must_use]
    pub fn from_rows(rows: &[Vec<f64>]) -> Option<Self> {
        let columns = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|row| row.len() != columns) {
            return None;
        }
        let values = (0..columns).flat_map(|column| rows.iter().map(move |row| row[column])).collect();
        Some(Self { rows: rows.len(), columns, values })
    }

    /// Diagonal matrix.
    #[must_use]
    pub fn diagonal(entries: &[f64]) -> Self {
        let mut matrix = Self::zeros(entries.len(), entries.len());
        for (position, entry) in entries.iter().enumerate() {
            matrix.set(position, position, *entry);
        }
        matrix
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Entry at a row and a column, both from zero and inside the matrix.
    #[must_use]
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.values[column * self.rows + row]
    }

    /// Writes an entry.
    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        self.values[column * self.rows + row] = value;
    }

    /// A column.
    #[must_use]
    pub fn column(&self, column: usize) -> &[f64] {
        &self.values[column * self.rows..(column + 1) * self.rows]
    }

    /// A column to write to.
    pub fn column_mut(&mut self, column: usize) -> &mut [f64] {
        &mut self.values[column * self.rows..(column + 1) * self.rows]
    }

    /// Two columns, the first with the lower position, to read and to write to.
    pub(super) fn column_pair(&mut self, first: usize, second: usize) -> (&[f64], &mut [f64]) {
        let (left, right) = self.values.split_at_mut(second * self.rows);
        (&left[first * self.rows..(first + 1) * self.rows], &mut right[..self.rows])
    }

    /// Every entry times a factor.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self { values: self.values.iter().map(|value| value * factor).collect(), ..*self }
    }

    /// Product with a vector of as many entries as the matrix has columns.
    #[must_use]
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.rows];
        for (column, factor) in (0..self.columns).zip(vector) {
            for (sum, entry) in product.iter_mut().zip(self.column(column)) {
                *sum += factor * entry;
            }
        }
        product
    }

    /// `x' M y` for a square matrix.
    #[must_use]
    pub fn bilinear(&self, x: &[f64], y: &[f64]) -> f64 {
        dot(x, &self.times(y))
    }

    /// Lower triangular `L` with `L L' = M` for a symmetric positive definite `M`; `None` when it is not, to working precision, or not
    /// square.
    #[must_use]
    pub fn cholesky(&self) -> Option<Cholesky> {
        let n = self.rows;
        if n != self.columns {
            return None;
        }
        let largest = (0..n).map(|i| self.at(i, i)).fold(0.0, f64::max);
        let mut lower = Self::zeros(n, n);
        for j in 0..n {
            let pivot = self.at(j, j) - (0..j).map(|k| lower.at(j, k).powi(2)).sum::<f64>();
            if pivot.is_nan() || pivot <= SINGULAR * largest {
                return None;
            }
            lower.set(j, j, pivot.sqrt());
            for i in j + 1..n {
                let inner: f64 = (0..j).map(|k| lower.at(i, k) * lower.at(j, k)).sum();
                lower.set(i, j, (self.at(i, j) - inner) / pivot.sqrt());
            }
        }
        Some(Cholesky { lower })
    }

    /// Whether the matrix equals its transpose to a relative tolerance of its entries.
    #[must_use]
    pub fn is_symmetric(&self, tolerance: f64) -> bool {
        let close = |a: f64, b: f64| (a - b).abs() <= tolerance * a.abs().max(b.abs());
        self.rows == self.columns && (0..self.rows).all(|i| (0..i).all(|j| close(self.at(i, j), self.at(j, i))))
    }
}

/// The Cholesky factor of a symmetric positive definite matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Cholesky {
    lower: Matrix,
}

impl Cholesky {
    /// `L^-1 b`.
    #[must_use]
    pub fn whiten(&self, vector: &[f64]) -> Vec<f64> {
        let mut solution: Vec<f64> = Vec::with_capacity(vector.len());
        for (i, value) in vector.iter().enumerate().take(self.lower.rows) {
            let known: f64 = solution.iter().enumerate().map(|(k, y)| self.lower.at(i, k) * y).sum();
            solution.push((value - known) / self.lower.at(i, i));
        }
        solution
    }

    /// `M^-1 b`.
    #[must_use]
    pub fn solve(&self, vector: &[f64]) -> Vec<f64> {
        let mut solution = self.whiten(vector);
        for i in (0..solution.len()).rev() {
            let known: f64 = (i + 1..solution.len()).map(|k| self.lower.at(k, i) * solution[k]).sum();
            solution[i] = (solution[i] - known) / self.lower.at(i, i);
        }
        solution
    }
}

/// Inner product.
#[must_use]
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cholesky_solves_by_hand() {
        // inverse of [[4, 2], [2, 3]] is [[3, -2], [-2, 4]] / 8
        let matrix = Matrix::from_rows(&[vec![4.0, 2.0], vec![2.0, 3.0]]).unwrap();
        let factor = matrix.cholesky().unwrap();
        let solution = factor.solve(&[1.0, 2.0]);
        assert!((solution[0] + 0.125).abs() < 1e-15 && (solution[1] - 0.75).abs() < 1e-15, "{solution:?}");
        let white = factor.whiten(&[1.0, 2.0]);
        assert!((dot(&white, &white) - dot(&[1.0, 2.0], &solution)).abs() < 1e-15);
        assert!((matrix.bilinear(&solution, &solution) - dot(&[1.0, 2.0], &solution)).abs() < 1e-15);
    }

    #[test]
    fn singular_and_misshapen_matrices_have_no_factor() {
        assert_eq!(Matrix::from_rows(&[vec![1.0, 1.0], vec![1.0, 1.0]]).unwrap().cholesky(), None);
        assert_eq!(Matrix::zeros(2, 3).cholesky(), None);
        assert_eq!(Matrix::from_rows(&[vec![1.0], vec![1.0, 2.0]]), None);
        assert!(!Matrix::from_rows(&[vec![1.0, 0.5], vec![0.6, 1.0]]).unwrap().is_symmetric(1e-9));
        assert!(Matrix::diagonal(&[1.0, 2.0]).is_symmetric(1e-9));
    }
}
