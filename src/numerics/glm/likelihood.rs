//! The binomial likelihood in an orthogonal basis, and Newton's method on it.

use super::super::cholesky::Cholesky;

/// Largest movement of a linear predictor at which the iteration has converged; the step after it is of the order of its square.
const CONVERGED: f64 = 1e-7;

/// Newton steps before the iteration is given up; a maximum that exists takes fewer than 30.
const MAX_ITERATIONS: usize = 60;

/// Halvings of a step that does not raise the likelihood.
const MAX_HALVINGS: usize = 30;

/// Linear predictor beyond which a likelihood still rising with steps of order one has no maximum.
const FAR: f64 = 25.0;

/// Rows of a basis with events, trials and a known part of the linear predictor.
#[derive(Clone, Copy)]
pub(super) struct Binomial<'a> {
    /// Row by row.
    pub(super) basis: &'a [f64],
    pub(super) order: usize,
    pub(super) events: &'a [f64],
    pub(super) trials: &'a [f64],
    pub(super) offset: Option<&'a [f64]>,
}

/// Likelihood, score and expected information at a point.
pub(super) struct State {
    pub(super) log_likelihood: f64,
    pub(super) score: Vec<f64>,
    /// Row by row.
    pub(super) information: Vec<f64>,
}

/// Where an iteration ended.
pub(super) struct Ascent {
    pub(super) point: Vec<f64>,
    pub(super) state: State,
    pub(super) converged: bool,
    /// Movement of each linear predictor in the last step.
    pub(super) movement: Vec<f64>,
    pub(super) iterations: usize,
}

impl Binomial<'_> {
    /// Linear predictor of each row.
    pub(super) fn predictors(&self, point: &[f64]) -> Vec<f64> {
        (0..self.events.len()).map(|row| self.predictor(row, point)).collect()
    }

    fn predictor(&self, row: usize, point: &[f64]) -> f64 {
        let basis = &self.basis[row * self.order..(row + 1) * self.order];
        basis.iter().zip(point).map(|(x, b)| x * b).sum::<f64>() + self.offset.map_or(0.0, |offset| offset[row])
    }

    /// ```text
    /// l = sum y h - m log(1 + e^h),  U = sum (y - m p) x,  I = sum m p (1 - p) x x',   h = x'b + offset, p = 1/(1 + e^-h)
    /// ```
    pub(super) fn state(&self, point: &[f64]) -> State {
        let order = self.order;
        let mut state = State { log_likelihood: 0.0, score: vec![0.0; order], information: vec![0.0; order * order] };
        for (row, (events, trials)) in self.events.iter().zip(self.trials).enumerate() {
            let predictor = self.predictor(row, point);
            let (probability, complement) = expit(predictor);
            // log(1 + e^h) = max(h, 0) + log(1 + e^-|h|): no overflow, no loss.
            state.log_likelihood += events * predictor - trials * (predictor.max(0.0) + (-predictor.abs()).exp().ln_1p());
            let residual = events - trials * probability;
            let weight = trials * probability * complement;
            let x = &self.basis[row * order..(row + 1) * order];
            for (i, xi) in x.iter().enumerate() {
                state.score[i] += residual * xi;
                let weighted = weight * xi;
                for (entry, xj) in state.information[i * order..=i * order + i].iter_mut().zip(x) {
                    *entry += weighted * xj;
                }
            }
        }
        mirror(&mut state.information, order);
        state
    }

    /// Newton's method (which for this link is iteratively reweighted least squares) with halved steps.
    pub(super) fn ascend(&self, start: &[f64]) -> Ascent {
        let mut point = start.to_vec();
        let mut state = self.state(&point);
        let mut movement = vec![0.0; self.events.len()];
        for iteration in 0..MAX_ITERATIONS {
            let Some(step) = Cholesky::factor(&state.information, self.order).map(|factor| factor.solve(&state.score)) else {
                return Ascent { point, state, converged: false, movement, iterations: iteration };
            };
            let Some((next, next_state, fraction)) = self.raise(&point, &step, state.log_likelihood) else {
                return Ascent { point, state, converged: largest(&step) < CONVERGED, movement, iterations: iteration };
            };
            let direction = Binomial { offset: None, ..*self };
            movement = direction.predictors(&step);
            movement.iter_mut().for_each(|value| *value *= fraction);
            (point, state) = (next, next_state);
            let moved = largest(&movement);
            if moved < CONVERGED {
                return Ascent { point, state, converged: true, movement, iterations: iteration + 1 };
            }
            if moved > 0.2 && largest(&self.predictors(&point)) > FAR && iteration > 30 {
                return Ascent { point, state, converged: false, movement, iterations: iteration + 1 };
            }
        }
        Ascent { point, state, converged: false, movement, iterations: MAX_ITERATIONS }
    }

    /// The point after a step, halved until the likelihood does not fall, with the part of the step taken.
    fn raise(&self, point: &[f64], step: &[f64], log_likelihood: f64) -> Option<(Vec<f64>, State, f64)> {
        let mut fraction = 1.0;
        for _ in 0..MAX_HALVINGS {
            let next: Vec<f64> = point.iter().zip(step).map(|(b, d)| b + fraction * d).collect();
            let state = self.state(&next);
            // Near the maximum rounding decides the last digits of the likelihood.
            if state.log_likelihood >= log_likelihood - 1e-10 * log_likelihood.abs().max(1.0) {
                return Some((next, state, fraction));
            }
            fraction *= 0.5;
        }
        None
    }
}

/// `1/(1 + e^-h)` and its complement, both to full relative precision.
pub(super) fn expit(predictor: f64) -> (f64, f64) {
    let small = (-predictor.abs()).exp();
    let (larger, smaller) = (1.0 / (1.0 + small), small / (1.0 + small));
    if predictor >= 0.0 { (larger, smaller) } else { (smaller, larger) }
}

/// Copies the lower triangle to the upper one.
pub(super) fn mirror(matrix: &mut [f64], order: usize) {
    for i in 0..order {
        for j in 0..i {
            matrix[j * order + i] = matrix[i * order + j];
        }
    }
}

pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_and_information_are_derivatives_of_the_likelihood() {
        let basis = [1.0, 0.3, 1.0, -1.2, 1.0, 2.1, 1.0, 0.0];
        let (events, trials, offset) = ([1.0, 2.0, 0.0, 3.0], [1.0, 5.0, 1.0, 4.0], [0.1, 0.0, -0.4, 0.0]);
        let data = Binomial { basis: &basis, order: 2, events: &events, trials: &trials, offset: Some(&offset) };
        let at = [0.4, -0.7];
        let state = data.state(&at);
        let h = 1e-5;
        for j in 0..2 {
            let shifted = |by: f64| {
                let mut point = at;
                point[j] += by;
                data.state(&point)
            };
            let slope = (shifted(h).log_likelihood - shifted(-h).log_likelihood) / (2.0 * h);
            assert!((slope - state.score[j]).abs() < 1e-8);
            for k in 0..2 {
                let curvature = -(shifted(h).score[k] - shifted(-h).score[k]) / (2.0 * h);
                assert!((curvature - state.information[j * 2 + k]).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn probabilities_keep_their_digits_far_out() {
        let (p, q) = expit(40.0);
        assert!((p - 1.0).abs() < f64::EPSILON && (q - (-40.0_f64).exp()).abs() < 1e-30);
        assert_eq!(expit(-40.0), (q, p));
    }
}
