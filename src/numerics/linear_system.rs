//! Solution of a small symmetric system of linear equations.

/// Relative size below which a pivot counts as zero.
const SINGULAR: f64 = 1e-13;

/// Value of the quadratic form `d' V^-1 d` by Cholesky factorisation of the symmetric positive definite `V`.
///
/// ```text
/// V = L L',  L y = d,  d' V^-1 d = y' y
/// ```
///
/// `None` when `V` is not positive definite to working precision, not square, or not of the length of `d`.
pub(super) fn quadratic_form(variance: &[Vec<f64>], difference: &[f64]) -> Option<f64> {
    let n = difference.len();
    if variance.len() != n || variance.iter().any(|row| row.len() != n) {
        return None;
    }
    let largest = variance.iter().enumerate().filter_map(|(i, row)| row.get(i)).copied().fold(0.0, f64::max);
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(n);
    let mut solution: Vec<f64> = Vec::with_capacity(n);
    for (i, row) in variance.iter().enumerate() {
        let mut lower: Vec<f64> = Vec::with_capacity(i + 1);
        for (entry, earlier) in row.iter().zip(&factor) {
            let inner: f64 = lower.iter().zip(earlier).map(|(a, b)| a * b).sum();
            lower.push((entry - inner) / earlier.last()?);
        }
        let pivot = row.get(i)? - lower.iter().map(|a| a * a).sum::<f64>();
        if pivot <= SINGULAR * largest || pivot.is_nan() {
            return None;
        }
        let known: f64 = lower.iter().zip(&solution).map(|(a, y)| a * y).sum();
        solution.push((difference.get(i)? - known) / pivot.sqrt());
        lower.push(pivot.sqrt());
        factor.push(lower);
    }
    Some(solution.iter().map(|y| y * y).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_by_two_by_hand() {
        // inverse of [[2, 1], [1, 3]] is [[3, -1], [-1, 2]] / 5
        let form = quadratic_form(&[vec![2.0, 1.0], vec![1.0, 3.0]], &[1.0, 2.0]).unwrap();
        assert!((form - (3.0 - 4.0 + 8.0) / 5.0).abs() < 1e-14);
        assert!(quadratic_form(&[], &[]).unwrap().abs() < f64::EPSILON);
    }

    #[test]
    fn singular_and_misshapen_systems_have_no_answer() {
        assert_eq!(quadratic_form(&[vec![1.0, 1.0], vec![1.0, 1.0]], &[1.0, 2.0]), None);
        assert_eq!(quadratic_form(&[vec![1.0]], &[1.0, 2.0]), None);
        assert_eq!(quadratic_form(&[vec![-1.0]], &[1.0]), None);
    }
}
