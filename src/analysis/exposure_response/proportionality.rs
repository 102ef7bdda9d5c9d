//! Whether one slope does for every cut of an ordered outcome.

use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::glm::Logistic;
use crate::numerics::matrix::Matrix;
use crate::numerics::regression::ChiSquareTest;

/// Slopes of one column at several cuts of an ordered outcome, and the test of their being the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Proportionality {
    /// Cuts with a logistic regression, as the lowest category that counts as higher, each with its slope.
    pub slopes: Vec<(usize, f64)>,
    /// The test.
    pub test: ChiSquareTest,
}

/// A logistic regression of one cut.
struct Cut {
    category: usize,
    slope: f64,
    /// Fitted probability of a higher category by subject.
    above: Vec<f64>,
    /// Inverse of the information: variances of constant and slope, and their covariance.
    inverse: [[f64; 2]; 2],
}

/// Brant's test that the slope of a column is the same at every cut of an ordered outcome.
///
/// ```text
/// b_k        slope of the logistic regression of Y >= k on the column, for each category k above the lowest observed one
/// cov(B_j, B_k) = A_j^-1 (sum w_jk x x') A_k^-1,   w_jk = p_k - p_j p_k for j <= k,   A_k = sum w_kk x x',   x = (1, column)
/// X^2        = (D b)' (D V D')^-1 (D b),   D the differences to the first cut;   chi-square with one degree of freedom less than cuts
/// ```
///
/// `p_k` the fitted probability of `Y >= k`. A cut whose maximum-likelihood estimate does not exist is left out; `None` with fewer than two.
///
/// Source: `[Brant1990]`.
#[must_use]
pub fn test_proportionality(column: &[f64], grades: &[usize]) -> Option<Proportionality> {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    let spread = column.iter().map(|x| (x - mean).abs()).fold(0.0, f64::max);
    if column.len() != grades.len() || spread.is_nan() || spread <= 0.0 {
        return None;
    }
    // Neither centre nor scale changes the statistic; they keep the products of the same size.
    let scaled: Vec<f64> = column.iter().map(|x| (x - mean) / spread).collect();
    let mut observed: Vec<usize> = grades.to_vec();
    observed.sort_unstable();
    observed.dedup();
    let cuts: Vec<Cut> = observed.iter().skip(1).filter_map(|category| cut(&scaled, grades, *category)).collect();
    let (first, others) = cuts.split_first().filter(|(_, others)| !others.is_empty())?;
    let between = |a: &Cut, b: &Cut| covariance(&scaled, a, b);
    let mut variance = Matrix::zeros(others.len(), others.len());
    for (i, a) in others.iter().enumerate() {
        for (j, b) in others.iter().enumerate() {
            variance.set(i, j, between(a, b) - between(a, first) - between(first, b) + between(first, first));
        }
    }
    let differences: Vec<f64> = others.iter().map(|cut| cut.slope - first.slope).collect();
    let factor = variance.cholesky()?;
    let chi_square: f64 = factor.solve(&differences).iter().zip(&differences).map(|(a, b)| a * b).sum();
    Some(Proportionality {
        slopes: cuts.iter().map(|cut| (cut.category, cut.slope / spread)).collect(),
        test: ChiSquareTest::new(chi_square, others.len()),
    })
}

fn cut(column: &[f64], grades: &[usize], category: usize) -> Option<Cut> {
    let outcomes: Vec<bool> = grades.iter().map(|grade| *grade >= category).collect();
    let design = DesignMatrix::from_columns(&[vec![1.0; column.len()], column.to_vec()]).ok()?;
    let fit = Logistic::from_outcomes(design, &outcomes).ok()?.fit().ok()?;
    let (constant, slope) = (fit.coefficients.estimate(0)?, fit.coefficients.estimate(1)?);
    let entry = |i: usize, j: usize| fit.coefficients.covariance(i, j);
    let inverse = [[entry(0, 0)?, entry(0, 1)?], [entry(1, 0)?, entry(1, 1)?]];
    let above = column.iter().map(|x| 1.0 / (1.0 + (-constant - slope * x).exp())).collect();
    Some(Cut { category, slope, above, inverse })
}

/// Covariance of the slopes of two cuts.
fn covariance(column: &[f64], a: &Cut, b: &Cut) -> f64 {
    let (lower, higher) = if a.category <= b.category { (a, b) } else { (b, a) };
    let mut middle = [[0.0; 2]; 2];
    for ((x, p), q) in column.iter().zip(&lower.above).zip(&higher.above) {
        let weight = q - p * q;
        for (row, left) in middle.iter_mut().zip([1.0, *x]) {
            for (entry, right) in row.iter_mut().zip([1.0, *x]) {
                *entry += weight * left * right;
            }
        }
    }
    let product = |place: usize| {
        let [left, right] = [0, 1].map(|row: usize| middle[row][place]);
        lower.inverse[1][0] * left + lower.inverse[1][1] * right
    };
    product(0) * higher.inverse[0][1] + product(1) * higher.inverse[1][1]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exposures and grades whose log odds rise by `slope` at the first cut and by `slope * factor` at the second.
    fn sample(factor: f64) -> (Vec<f64>, Vec<usize>) {
        let exposures: Vec<f64> = (0..400).map(|i| f64::from(i * 37 % 400) / 100.0).collect();
        let grade = |(i, x): (usize, &f64)| {
            let u = (i * 149 % 400) as f64 / 400.0 + 0.001;
            let above = |cut: f64, slope: f64| 1.0 / (1.0 + (cut - slope * x).exp());
            usize::from(u < above(1.0, 1.0)) + usize::from(u < above(2.5, factor).min(above(1.0, 1.0)))
        };
        let grades = exposures.iter().enumerate().map(grade).collect();
        (exposures, grades)
    }

    #[test]
    fn equal_slopes_pass_and_different_slopes_do_not() {
        let (exposures, grades) = sample(1.0);
        let same = test_proportionality(&exposures, &grades).unwrap();
        assert_eq!((same.slopes.len(), same.test.degrees_of_freedom), (2, 1));
        assert!(same.test.p_value.unwrap() > 0.05, "{same:?}");
        let (exposures, grades) = sample(0.1);
        let different = test_proportionality(&exposures, &grades).unwrap();
        assert!(different.test.p_value.unwrap() < 0.01 && different.slopes[0].1 > different.slopes[1].1, "{different:?}");
    }

    /// Computed independently with the formulas of the paper.
    #[test]
    fn a_small_example_has_the_statistic_computed_elsewhere() {
        let exposures: Vec<f64> = (0..60).map(|i| f64::from(i * 37 % 60) / 10.0).collect();
        let grades: Vec<usize> =
            exposures.iter().enumerate().map(|(i, x)| (((x * 4.0 + (i * 29 % 40) as f64) / 20.0) as usize).min(2)).collect();
        let found = test_proportionality(&exposures, &grades).unwrap();
        assert!((found.test.chi_square - 1.440_049_144_354).abs() < 1e-9, "{found:?}");
        assert!((found.slopes[0].1 - 0.822_000_72).abs() < 1e-7 && (found.slopes[1].1 - 0.464_679_12).abs() < 1e-7);
    }

    #[test]
    fn the_scale_of_the_column_does_not_matter_and_two_categories_are_not_tested() {
        let (exposures, grades) = sample(0.5);
        let scaled: Vec<f64> = exposures.iter().map(|x| 1e5 + 3e3 * x).collect();
        let (a, b) = (test_proportionality(&exposures, &grades).unwrap(), test_proportionality(&scaled, &grades).unwrap());
        assert!((a.test.chi_square - b.test.chi_square).abs() < 1e-6 * a.test.chi_square, "{a:?} {b:?}");
        let two: Vec<usize> = grades.iter().map(|grade| (*grade).min(1)).collect();
        assert_eq!(test_proportionality(&exposures, &two), None);
        assert_eq!(test_proportionality(&[2.0; 5], &[0, 1, 2, 0, 1]), None);
    }
}
