//! Contrasts that look for a shape with the greatest power.

use super::candidate::{CandidateShape, Direction, ExpectedEffect};
use super::data::DoseEstimates;
use super::error::DoseResponseError;
use super::model::Scaling;
use crate::numerics::matrix::{Matrix, dot};

/// Optimal contrasts for candidate shapes.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimalContrasts {
    /// The shapes.
    pub shapes: Vec<CandidateShape>,
    /// The doses, ascending.
    pub doses: Vec<f64>,
    /// For each shape the means at the doses for a response of 0 at dose 0 and a largest effect of 1.
    pub means: Vec<Vec<f64>>,
    /// For each shape the contrast coefficients at the doses; they sum to 0 and have length 1.
    pub contrasts: Vec<Vec<f64>>,
    /// Correlation of the contrasts of the estimates.
    pub correlation: Matrix,
}

impl OptimalContrasts {
    /// Contrasts for estimates at `doses` with a covariance that is known up to a factor.
    ///
    /// ```text
    /// c  ~  S^-1 (mu0 - mean(mu0) 1),   mean(mu0) = 1' S^-1 mu0 / 1' S^-1 1,   |c| = 1
    /// correlation of contrasts i and j  =  c_i' S c_j / sqrt(c_i' S c_i  c_j' S c_j)
    /// ```
    ///
    /// `mu0` the means under the shape, `S` the covariance; for groups of `n_i` with one variance `S` is diagonal with `1 / n_i`.
    ///
    /// # Errors
    /// [`DoseResponseError`] without candidates, for impossible guesses, for shapes that are flat at the doses and for a covariance that is not
    /// positive definite.
    ///
    /// Source: `[Bretz2005]`, `[Pinheiro2014]`.
    pub fn new(
        shapes: &[CandidateShape],
        doses: &[f64],
        covariance: &Matrix,
        scaling: Scaling,
        direction: Direction,
    ) -> Result<Self, DoseResponseError> {
        if shapes.is_empty() {
            return Err(DoseResponseError::NoCandidate);
        }
        if covariance.rows() != doses.len() {
            return Err(DoseResponseError::Length { what: "covariance", expected: doses.len(), found: covariance.rows() });
        }
        let factor = covariance.cholesky().ok_or(DoseResponseError::Covariance)?;
        let ones = vec![1.0; doses.len()];
        let weights = factor.solve(&ones);
        let expected = ExpectedEffect { placebo: 0.0, largest: 1.0, direction };
        let (mut means, mut contrasts) = (Vec::with_capacity(shapes.len()), Vec::with_capacity(shapes.len()));
        for shape in shapes {
            let mean = shape.means(doses, scaling, expected)?;
            let centre = dot(&weights, &mean) / dot(&weights, &ones);
            let contrast = factor.solve(&mean.iter().map(|value| value - centre).collect::<Vec<f64>>());
            let length = dot(&contrast, &contrast).sqrt();
            let scale = weights.iter().map(|weight| weight.abs()).fold(0.0, f64::max);
            if length.is_nan() || length <= 1e-12 * scale {
                return Err(DoseResponseError::FlatShape(shape.model));
            }
            contrasts.push(contrast.into_iter().map(|value| value / length).collect::<Vec<f64>>());
            means.push(mean);
        }
        let correlation = correlation(&contrasts, covariance);
        Ok(Self { shapes: shapes.to_vec(), doses: doses.to_vec(), means, contrasts, correlation })
    }

    /// Contrasts of estimates at the same doses, each divided by its standard error.
    ///
    /// ```text
    /// T = c' mu / sqrt(c' S c)
    /// ```
    ///
    /// # Errors
    /// [`DoseResponseError::Length`] for estimates at another number of doses.
    pub fn statistics(&self, estimates: &DoseEstimates) -> Result<Vec<f64>, DoseResponseError> {
        if estimates.estimates.len() != self.doses.len() {
            return Err(DoseResponseError::Length { what: "estimates", expected: self.doses.len(), found: estimates.estimates.len() });
        }
        let statistic =
            |contrast: &Vec<f64>| dot(contrast, &estimates.estimates) / estimates.covariance.bilinear(contrast, contrast).sqrt();
        Ok(self.contrasts.iter().map(statistic).collect())
    }
}

/// Correlation of contrasts of estimates with a covariance.
pub(super) fn correlation(contrasts: &[Vec<f64>], covariance: &Matrix) -> Matrix {
    let n = contrasts.len();
    let mut correlation = Matrix::diagonal(&vec![1.0; n]);
    for i in 0..n {
        for j in 0..i {
            let between = |a: usize, b: usize| covariance.bilinear(&contrasts[a], &contrasts[b]);
            let value = (between(i, j) / (between(i, i) * between(j, j)).sqrt()).clamp(-1.0, 1.0);
            correlation.set(i, j, value);
            correlation.set(j, i, value);
        }
    }
    correlation
}

#[cfg(test)]
mod tests {
    use super::super::model::DoseResponseModel;
    use super::*;

    fn linear(doses: &[f64], covariance: &Matrix, direction: Direction) -> Result<OptimalContrasts, DoseResponseError> {
        let shapes = [CandidateShape { model: DoseResponseModel::Linear, guesses: Vec::new() }];
        OptimalContrasts::new(&shapes, doses, covariance, Scaling::for_largest_dose(2.0), direction)
    }

    #[test]
    fn the_contrast_of_a_line_in_equal_groups_is_known() {
        let found = linear(&[0.0, 1.0, 2.0], &Matrix::diagonal(&[0.1; 3]), Direction::Increasing).unwrap();
        for (got, want) in found.contrasts[0].iter().zip([-0.5_f64.sqrt(), 0.0, 0.5_f64.sqrt()]) {
            assert!((got - want).abs() < 1e-14, "{found:?}");
        }
        let falling = linear(&[0.0, 1.0, 2.0], &Matrix::diagonal(&[0.1; 3]), Direction::Decreasing).unwrap();
        assert!((falling.contrasts[0][0] - 0.5_f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn no_contrast_has_a_larger_expected_statistic() {
        let covariance = Matrix::from_rows(&[vec![0.3, 0.05, 0.02], vec![0.05, 0.2, 0.04], vec![0.02, 0.04, 0.5]]).unwrap();
        let found = linear(&[0.0, 0.5, 2.0], &covariance, Direction::Increasing).unwrap();
        let expected = |contrast: &[f64]| dot(contrast, &found.means[0]) / covariance.bilinear(contrast, contrast).sqrt();
        let best = expected(&found.contrasts[0]);
        for step in [-0.05, 0.02, 0.1] {
            let other: Vec<f64> = found.contrasts[0].iter().zip([1.0, -2.0, 1.0]).map(|(value, change)| value + step * change).collect();
            assert!(expected(&other) < best, "{step}");
        }
        assert!(found.contrasts[0].iter().sum::<f64>().abs() < 1e-14);
    }

    #[test]
    fn flat_shapes_and_bad_covariances_are_refused() {
        assert_eq!(
            linear(&[0.0, 1.0], &Matrix::diagonal(&[1.0; 3]), Direction::Increasing).unwrap_err(),
            DoseResponseError::Length { what: "covariance", expected: 2, found: 3 }
        );
        assert_eq!(linear(&[0.0, 1.0], &Matrix::diagonal(&[1.0, -1.0]), Direction::Increasing), Err(DoseResponseError::Covariance));
        assert_eq!(
            linear(&[1.0, 1.0], &Matrix::diagonal(&[1.0; 2]), Direction::Increasing),
            Err(DoseResponseError::FlatShape(DoseResponseModel::Linear))
        );
    }
}
