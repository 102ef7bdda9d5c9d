//! Logistic regression with Firth's penalty: finite estimates also where events and non-events are separated.

use super::super::cholesky::Cholesky;
use super::super::distribution::chi_square_quantile;
use super::super::regression::{ChiSquareTest, Coefficients, ProfileLimits, profile_limit};
use super::error::GlmError;
use super::likelihood::{Binomial, expit, largest, mirror};
use super::logistic::{LastColumn, Logistic};

/// Largest movement of a coordinate at which the iteration has converged.
const CONVERGED: f64 = 1e-10;

const MAX_ITERATIONS: usize = 500;

const MAX_HALVINGS: usize = 40;

/// Distance of the differences that give the derivative of the penalised score.
const DIFFERENCE: f64 = 1e-4;

/// A logistic regression fitted with Firth's penalty.
#[derive(Debug, Clone, PartialEq)]
pub struct FirthFit {
    /// Coefficients on the logit scale, with the inverse expected information.
    pub coefficients: Coefficients,
    /// Penalised log-likelihood.
    pub penalised_log_likelihood: f64,
    /// Fitted probabilities.
    pub fitted: Vec<f64>,
    /// Steps done.
    pub iterations: usize,
}

impl Logistic {
    /// Fit by maximum penalised likelihood.
    ///
    /// ```text
    /// l*(b) = l(b) + (1/2) log |I(b)|,    score U*(b) = sum_i [y_i - m_i p_i + h_i (1/2 - p_i)] x_i
    /// h_i = m_i p_i (1 - p_i) x_i' I(b)^-1 x_i,   V = I(b)^-1
    /// ```
    ///
    /// # Edges
    /// Exists also without events and under separation. Columns that others determine have no coefficient.
    ///
    /// # Errors
    /// [`GlmError::NoConvergence`].
    ///
    /// Sources: `[Firth1993]`, `[HeinzeSchemper2002]`.
    pub fn fit_firth(&self) -> Result<FirthFit, GlmError> {
        let order = self.basis.order;
        let penalised = Penalised { data: self.data(&self.basis, None), free: order };
        let found = penalised.ascend(&vec![0.0; order]).ok_or(GlmError::NoConvergence { iterations: MAX_ITERATIONS })?;
        let factor = penalised.evaluate(&found.point).ok_or(GlmError::NoConvergence { iterations: found.iterations })?.factor;
        let covariance = self.basis.covariance(&factor.inverse());
        let estimates = self.basis.coefficients(&found.point);
        Ok(FirthFit {
            coefficients: Coefficients::new(self.design.columns(), &self.basis.kept, &estimates, covariance),
            penalised_log_likelihood: found.value + self.basis.ln_determinant(),
            fitted: penalised.data.predictors(&found.point).into_iter().map(|h| expit(h).0).collect(),
            iterations: found.iterations,
        })
    }

    /// Profile limits of a coefficient on the penalised likelihood.
    ///
    /// ```text
    /// {b: 2 [l*(b^) - max over the others of l*(b)] <= chi-square quantile of one degree of freedom}
    /// ```
    ///
    /// The determinant stays that of the full design. The limits are found by bracketing and Brent's method, so that they are also right
    /// where they lie far from the estimate.
    ///
    /// # Edges
    /// `None` on a side where the profile never falls that far; both for a column without coefficient.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    ///
    /// Source: `[HeinzeSchemper2002]`.
    pub fn firth_profile_interval(&self, fit: &FirthFit, column: usize, level: f64) -> Result<ProfileLimits, GlmError> {
        let critical = chi_square_quantile(level, 1.0)?;
        let (Some(estimate), Some(error)) = (fit.coefficients.estimate(column), fit.coefficients.standard_error(column)) else {
            return Ok(ProfileLimits { lower: None, upper: None });
        };
        let profile = Profile::new(self, fit, column);
        let limit = |step: f64| {
            let mut start = profile.start.clone();
            profile_limit(estimate, step, critical, |value| profile.fall(value, &mut start))
        };
        let step = critical.sqrt() * error;
        Ok(ProfileLimits { lower: limit(-step), upper: limit(step) })
    }

    /// Penalised likelihood-ratio test of a coefficient being zero; `None` for a column without coefficient.
    ///
    /// # Errors
    /// [`GlmError::NoConvergence`].
    pub fn firth_test(&self, fit: &FirthFit, column: usize) -> Result<Option<ChiSquareTest>, GlmError> {
        if fit.coefficients.estimate(column).is_none() {
            return Ok(None);
        }
        let profile = Profile::new(self, fit, column);
        let fall = profile.fall(0.0, &mut profile.start.clone()).ok_or(GlmError::NoConvergence { iterations: MAX_ITERATIONS })?;
        Ok(Some(ChiSquareTest::new(fall, 1)))
    }
}

/// The profile of one coefficient of a fit.
struct Profile<'a> {
    last: LastColumn<'a>,
    model: &'a Logistic,
    top: f64,
    start: Vec<f64>,
}

impl<'a> Profile<'a> {
    fn new(model: &'a Logistic, fit: &FirthFit, column: usize) -> Self {
        let last = LastColumn::new(model, column);
        let estimates: Vec<f64> = last.kept().iter().filter_map(|position| fit.coefficients.estimate(*position)).collect();
        let start = last.basis.of_coefficients(&estimates);
        let top = fit.penalised_log_likelihood - last.basis.ln_determinant();
        Self { last, model, top, start }
    }

    fn fall(&self, coefficient: f64, start: &mut [f64]) -> Option<f64> {
        let order = self.last.basis.order;
        let penalised = Penalised { data: self.model.data(&self.last.basis, None), free: order - 1 };
        *start.last_mut()? = self.last.coordinate(coefficient);
        // From a point found for another value the others may lie too far out for a first step: then start at zero.
        let found = penalised.ascend(start).or_else(|| {
            let mut fresh = vec![0.0; order];
            *fresh.last_mut()? = self.last.coordinate(coefficient);
            penalised.ascend(&fresh)
        })?;
        start.copy_from_slice(&found.point);
        Some(2.0 * (self.top - found.value))
    }
}

/// The penalised likelihood with the coordinates from `free` on held fixed.
struct Penalised<'a> {
    data: Binomial<'a>,
    free: usize,
}

struct Evaluated {
    value: f64,
    factor: Cholesky,
    /// Penalised score of all coordinates.
    score: Vec<f64>,
    information: Vec<f64>,
}

struct Found {
    point: Vec<f64>,
    value: f64,
    iterations: usize,
}

impl Penalised<'_> {
    /// `None` where the information is singular to working precision.
    fn evaluate(&self, point: &[f64]) -> Option<Evaluated> {
        let order = self.data.order;
        let state = self.data.state(point);
        let factor = Cholesky::factor(&state.information, order)?;
        let inverse = factor.inverse();
        let mut score = state.score;
        for ((row, predictor), trials) in self.data.basis.chunks(order).zip(self.data.predictors(point)).zip(self.data.trials) {
            let (p, q) = expit(predictor);
            let spread: f64 = inverse
                .chunks(order)
                .zip(row)
                .map(|(entries, left)| left * entries.iter().zip(row).map(|(v, right)| v * right).sum::<f64>())
                .sum();
            let pull = trials * p * q * spread * 0.5 * (q - p);
            score.iter_mut().zip(row).for_each(|(entry, x)| *entry += pull * x);
        }
        let value = state.log_likelihood + 0.5 * factor.ln_determinant();
        Some(Evaluated { value, factor, score, information: state.information })
    }

    /// Newton's method with the derivative of the penalised score, or scoring where that is not negative definite; steps are halved until
    /// the penalised likelihood does not fall.
    fn ascend(&self, start: &[f64]) -> Option<Found> {
        let mut point = start.to_vec();
        let mut here = self.evaluate(&point)?;
        if self.free == 0 {
            return Some(Found { point, value: here.value, iterations: 0 });
        }
        for iterations in 1..=MAX_ITERATIONS {
            let step = self.step(&point, &here)?;
            let size = largest(&step);
            let Some((next, evaluated)) = self.raise(&point, &step, here.value) else {
                // No part of the step raises the value: rounding decides, provided that the step is small.
                return (size < CONVERGED.sqrt()).then_some(Found { point, value: here.value, iterations });
            };
            (point, here) = (next, evaluated);
            if size < CONVERGED * largest(&point).max(1.0) {
                return Some(Found { point, value: here.value, iterations });
            }
        }
        None
    }

    fn raise(&self, point: &[f64], step: &[f64], value: f64) -> Option<(Vec<f64>, Evaluated)> {
        let mut fraction = 1.0;
        for _ in 0..MAX_HALVINGS {
            let mut next = point.to_vec();
            next.iter_mut().zip(step).for_each(|(b, d)| *b += fraction * d);
            if let Some(evaluated) = self.evaluate(&next)
                && evaluated.value >= value - 1e-12 * value.abs().max(1.0)
            {
                return Some((next, evaluated));
            }
            fraction *= 0.5;
        }
        None
    }

    fn step(&self, point: &[f64], here: &Evaluated) -> Option<Vec<f64>> {
        let score = here.score.get(..self.free)?;
        let newton = self.curvature(point).and_then(|matrix| Cholesky::factor(&matrix, self.free));
        let factor = newton.or_else(|| Cholesky::factor(&leading(&here.information, self.data.order, self.free), self.free))?;
        Some(factor.solve(score))
    }

    /// Minus the derivative of the penalised score in the free coordinates, by central differences.
    fn curvature(&self, point: &[f64]) -> Option<Vec<f64>> {
        let free = self.free;
        let mut matrix = vec![0.0; free * free];
        for column in 0..free {
            let at = |by: f64| {
                let mut moved = point.to_vec();
                moved[column] += by;
                self.evaluate(&moved).map(|evaluated| evaluated.score)
            };
            let (above, below) = (at(DIFFERENCE)?, at(-DIFFERENCE)?);
            for row in 0..free {
                matrix[row * free + column] = (below[row] - above[row]) / (2.0 * DIFFERENCE);
            }
        }
        for row in 0..free {
            for column in 0..row {
                matrix[row * free + column] = 0.5 * (matrix[row * free + column] + matrix[column * free + row]);
            }
        }
        mirror(&mut matrix, free);
        Some(matrix)
    }
}

/// The leading block of a square matrix.
fn leading(matrix: &[f64], order: usize, free: usize) -> Vec<f64> {
    matrix.chunks(order).take(free).flat_map(|row| row.iter().take(free)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::design_matrix::DesignMatrix;
    use super::*;

    fn line(x: &[f64], outcomes: &[bool]) -> Logistic {
        let design = DesignMatrix::from_columns(&[vec![1.0; x.len()], x.to_vec()]).unwrap();
        Logistic::from_outcomes(design, outcomes).unwrap()
    }

    #[test]
    fn one_proportion_gives_the_half_added_to_each_count() {
        let design = DesignMatrix::from_columns(&[vec![1.0; 1]]).unwrap();
        for (events, trials) in [(0.0, 12.0), (3.0, 12.0), (12.0, 12.0)] {
            let fit = Logistic::new(design.clone(), &[events], Some(&[trials])).unwrap().fit_firth().unwrap();
            let expected = ((events + 0.5) / (trials - events + 0.5_f64)).ln();
            assert!((fit.coefficients.estimate(0).unwrap() - expected).abs() < 1e-9, "{events}");
        }
    }

    #[test]
    fn the_penalised_score_is_the_derivative_of_the_penalised_likelihood() {
        let model = line(&[0.2, 1.0, 1.7, 2.0, 3.1, 4.0], &[false, true, false, false, true, true]);
        let penalised = Penalised { data: model.data(&model.basis, None), free: 2 };
        let at = [0.4, 1.1];
        let score = penalised.evaluate(&at).unwrap().score;
        for (j, slope) in score.iter().enumerate() {
            let value = |by: f64| {
                let mut moved = at;
                moved[j] += by;
                penalised.evaluate(&moved).unwrap().value
            };
            assert!(((value(1e-5) - value(-1e-5)) / 2e-5 - slope).abs() < 1e-8);
        }
    }

    #[test]
    fn separated_outcomes_have_finite_estimates_and_limits_in_any_unit() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let y = x.map(|x| x > 4.5);
        let mut slopes = Vec::new();
        for unit in [1.0, 1e4] {
            let model = line(&x.map(|x| x * unit), &y);
            let fit = model.fit_firth().unwrap();
            let limits = model.firth_profile_interval(&fit, 1, 0.95).unwrap();
            let slope = fit.coefficients.estimate(1).unwrap();
            assert!(limits.lower.unwrap() > 0.0 && limits.upper.unwrap() > slope);
            let test = model.firth_test(&fit, 1).unwrap().unwrap();
            assert!(test.p_value.unwrap() < 0.05);
            slopes.push([slope * unit, limits.lower.unwrap() * unit, limits.upper.unwrap() * unit]);
        }
        assert!(slopes[0].iter().zip(slopes[1]).all(|(a, b)| (a - b).abs() < 1e-6 * b.abs()), "{slopes:?}");
    }

    #[test]
    fn constant_columns_are_left_out() {
        let model = line(&[2.0; 6], &[false, true, false, false, true, true]);
        let fit = model.fit_firth().unwrap();
        assert_eq!(fit.coefficients.estimate(1), None);
        assert_eq!(model.firth_test(&fit, 1).unwrap(), None);
    }
}
