//! Nonlinear least squares by Levenberg and Marquardt, inside bounds, from several starts.

use thiserror::Error;

use super::matrix::{Matrix, dot};
use super::orthogonal_triangular::OrthogonalTriangular;

/// Most evaluations of the Jacobian from one start.
const MAX_STEPS: usize = 1000;

/// Largest damping; beyond it no step can lead further down.
const LARGEST_DAMPING: f64 = 1e40;

/// Reduction of the sum of squares, relative to it, below which only rounding is left.
const ROUNDING: f64 = 1e-15;

/// Reduction of the sum of squares, relative to it, below which minima can be compared.
const COMPARABLE: f64 = 1e-9;

/// Least share of the predicted reduction for which a step is taken.
const LEAST_GAIN: f64 = 1e-4;

/// Manners of descent that [`minimise_from`] tries from each start: cautious ones reach what bold ones overshoot, and bent
/// steps follow curved valleys, in which straight ones must be short.
const MANNERS: [Manner; 4] = [
    Manner { damping: 1e-3, bend: false, forget: false, finish: Finish::Exact },
    Manner { damping: 1e-3, bend: true, forget: false, finish: Finish::Exact },
    Manner { damping: 1e-3, bend: true, forget: true, finish: Finish::Exact },
    Manner { damping: 1e3, bend: false, forget: false, finish: Finish::Exact },
];

/// Most full Gauss-Newton steps after the sum of squares has stopped changing.
const POLISHING_STEPS: usize = 30;

/// How a descent is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner {
    /// The first damping `lambda`.
    pub damping: f64,
    /// Whether steps follow the curvature of the residuals along them (geodesic acceleration).
    pub bend: bool,
    /// Whether moves of a parameter are measured by its present derivatives only, not by the steepest ones met so far.
    pub forget: bool,
    /// How far it goes.
    pub finish: Finish,
}

/// How far a descent goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Until minima can be compared.
    Near,
    /// Until only rounding is left.
    Exact,
}

impl Manner {
    /// The customary manner for a start that is already near a minimum.
    pub const BOLD: Self = Self { damping: 1e-3, bend: false, forget: false, finish: Finish::Exact };
}

/// Part of a step over which its curvature is measured.
const PROBE: f64 = 0.1;

/// Largest bend of a step relative to its length; a larger one says that the step is too long.
const MOST_BEND: f64 = 0.4;

/// Sums of squares to be minimised.
pub trait LeastSquaresProblem {
    /// Number of residuals.
    fn residuals(&self) -> usize;

    /// Writes the residuals at `parameters` and, where asked for, their derivatives (one column per parameter).
    ///
    /// Residuals that are not finite mark parameters outside the domain; the search turns back from them.
    fn evaluate(&self, parameters: &[f64], residuals: &mut [f64], jacobian: Option<&mut Matrix>);
}

/// The range of one parameter; infinite ends leave it free.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Least value.
    pub lower: f64,
    /// Largest value.
    pub upper: f64,
}

impl Bounds {
    /// No bounds.
    pub const FREE: Self = Self { lower: f64::NEG_INFINITY, upper: f64::INFINITY };

    fn clamp(self, value: f64) -> f64 {
        value.max(self.lower).min(self.upper)
    }
}

/// The end of its range at which a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoundSide {
    /// At the least value.
    Lower,
    /// At the largest value.
    Upper,
}

/// Why there is no minimum.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LeastSquaresError {
    /// Starts, bounds and parameters of different number, or bounds in the wrong order.
    #[error("starting values and bounds do not fit together")]
    Shape,
    /// No start at which the residuals are finite.
    #[error("the residuals are not finite at any starting value")]
    NoStart,
}

/// A minimum of a sum of squares.
#[derive(Debug, Clone)]
pub struct Minimum {
    /// The parameters.
    pub parameters: Vec<f64>,
    /// The sum of squares.
    pub sum_of_squares: f64,
    /// For each parameter the bound at which it stands.
    pub at_bound: Vec<Option<BoundSide>>,
    /// `(J' J)^-1` at the minimum; `None` where the derivatives are dependent.
    pub inverse_cross_product: Option<Matrix>,
    /// Whether the search ended because no further reduction was possible, not because it ran out of steps.
    pub converged: bool,
}

/// Lowest minimum found from several starts, each in several manners of descent until two of them meet in it.
///
/// The starts are taken in order and a later minimum replaces an earlier one only when it is lower, so that the answer does not depend on
/// chance.
///
/// # Errors
/// [`LeastSquaresError`] when starts and bounds do not fit or no start is usable.
pub fn minimise_from(problem: &impl LeastSquaresProblem, starts: &[Vec<f64>], bounds: &[Bounds]) -> Result<Minimum, LeastSquaresError> {
    let mut best: Option<Minimum> = None;
    for start in starts {
        for manner in MANNERS {
            let found = match minimise(problem, start, bounds, manner) {
                Ok(found) => found,
                Err(LeastSquaresError::NoStart) => continue,
                Err(error) => return Err(error),
            };
            let met = best.as_ref().is_some_and(|best| meet(&found, best));
            if best.as_ref().is_none_or(|best| lower(&found, best)) {
                best = Some(found);
            }
            if met {
                break;
            }
        }
    }
    best.ok_or(LeastSquaresError::NoStart)
}

/// Whether two descents ended in one minimum.
fn meet(found: &Minimum, best: &Minimum) -> bool {
    let difference = (found.sum_of_squares - best.sum_of_squares).abs();
    found.converged && best.converged && difference <= COMPARABLE * best.sum_of_squares
}

/// Whether one minimum is lower than another by more than rounding, or as low and converged where the other is not.
fn lower(found: &Minimum, best: &Minimum) -> bool {
    let margin = 1e-12 * best.sum_of_squares;
    found.sum_of_squares < best.sum_of_squares - margin
        || (found.converged && !best.converged && found.sum_of_squares <= best.sum_of_squares + margin)
}

/// Minimum of a sum of squares inside bounds, from one start.
///
/// ```text
/// each step s minimises |r + J s|^2 + lambda |D s|^2 over the parameters that are free,  D_j the largest (or present) norm of column j
/// ```
///
/// `lambda` falls by up to a third after a good step and rises by growing powers of two after a bad one `[Nielsen1999]`; a bent step adds half the
/// acceleration along it `[TranstrumSethna2012]`. A parameter at a
/// bound is free only when the sum of squares falls inwards. Full Gauss-Newton steps at the end carry the parameters to rounding.
///
/// # Domain
/// `start` and `bounds` of one length; `manner` says how boldly the search begins and whether its steps bend.
///
/// # Errors
/// [`LeastSquaresError`] when start and bounds do not fit or the residuals are not finite at the start.
///
/// Source: `[Levenberg1944]`, `[Marquardt1963]`, `[Nielsen1999]`, `[TranstrumSethna2012]`.
pub fn minimise(
    problem: &impl LeastSquaresProblem,
    start: &[f64],
    bounds: &[Bounds],
    manner: Manner,
) -> Result<Minimum, LeastSquaresError> {
    if start.len() != bounds.len() || bounds.iter().any(|range| range.lower > range.upper) {
        return Err(LeastSquaresError::Shape);
    }
    let mut search = Search::new(problem, start, bounds, manner)?;
    let converged = (0..MAX_STEPS).any(|_| !search.advance());
    if converged && manner.finish == Finish::Exact {
        search.polish();
    }
    Ok(search.finish(converged))
}

struct Search<'a, P> {
    problem: &'a P,
    bounds: &'a [Bounds],
    parameters: Vec<f64>,
    residuals: Vec<f64>,
    jacobian: Matrix,
    sum_of_squares: f64,
    scale: Vec<f64>,
    manner: Manner,
    damping: f64,
    growth: f64,
}

impl<'a, P: LeastSquaresProblem> Search<'a, P> {
    fn new(problem: &'a P, start: &[f64], bounds: &'a [Bounds], manner: Manner) -> Result<Self, LeastSquaresError> {
        let parameters: Vec<f64> = start.iter().zip(bounds).map(|(value, range)| range.clamp(*value)).collect();
        let mut residuals = vec![0.0; problem.residuals()];
        let mut jacobian = Matrix::zeros(problem.residuals(), start.len());
        problem.evaluate(&parameters, &mut residuals, Some(&mut jacobian));
        let sum_of_squares = dot(&residuals, &residuals);
        if !sum_of_squares.is_finite() {
            return Err(LeastSquaresError::NoStart);
        }
        let scale = vec![0.0; start.len()];
        Ok(Self { problem, bounds, parameters, residuals, jacobian, sum_of_squares, scale, manner, damping: manner.damping, growth: 2.0 })
    }

    /// Moves to a lower point; false when there is none.
    fn advance(&mut self) -> bool {
        for (column, scale) in self.scale.iter_mut().enumerate() {
            let norm = dot(self.jacobian.column(column), self.jacobian.column(column)).sqrt();
            *scale = if self.manner.forget { norm } else { scale.max(norm) };
        }
        let Some((free, factor)) = self.factorise().filter(|_| self.scale.iter().all(|scale| scale.is_finite())) else { return false };
        let mut trial_residuals = vec![0.0; self.residuals.len()];
        while self.damping < LARGEST_DAMPING {
            let (straight, bent) = self.trial(&factor, &free);
            let predicted = self.predicted_reduction(&factor, &free, &straight);
            let reached = bent.as_ref().map_or(f64::INFINITY, |trial| {
                self.problem.evaluate(trial, &mut trial_residuals, None);
                dot(&trial_residuals, &trial_residuals)
            });
            let gain = (self.sum_of_squares - reached) / predicted;
            // A step that a bound stopped may lead upwards in the model itself: that says nothing about the minimum.
            let stopped = straight.iter().zip(self.bounds).any(|(value, range)| side(*value, *range).is_some());
            let negligible = match self.manner.finish {
                Finish::Near => COMPARABLE,
                Finish::Exact => ROUNDING,
            };
            if predicted <= negligible * self.sum_of_squares && !(stopped && predicted <= 0.0) {
                return false;
            }
            if let Some(trial) = bent.filter(|_| reached.is_finite() && predicted > 0.0 && gain > LEAST_GAIN) {
                self.damping = (self.damping * (1.0 - (2.0 * gain - 1.0).powi(3)).max(1.0 / 3.0)).max(1e-30);
                self.growth = 2.0;
                self.accept(trial);
                return true;
            }
            self.damping *= self.growth;
            self.growth *= 2.0;
        }
        false
    }

    /// Full Gauss-Newton steps for as long as they grow shorter: they carry the parameters to rounding although the sum of squares no
    /// longer changes.
    fn polish(&mut self) {
        let mut shortest = f64::INFINITY;
        for _ in 0..POLISHING_STEPS {
            let Some((free, step)) = self.factorise().and_then(|(free, factor)| Some((free, factor.solve()?))) else { return };
            let trial = self.moved(&free, &step, -1.0);
            let length = free.iter().zip(&step).map(|(position, move_by)| (self.scale[*position] * move_by).powi(2)).sum::<f64>().sqrt();
            let mut residuals = vec![0.0; self.residuals.len()];
            self.problem.evaluate(&trial, &mut residuals, None);
            let level = dot(&residuals, &residuals) <= self.sum_of_squares * (1.0 + 1e-12);
            if !level || length.is_nan() || length >= 0.9 * shortest || length <= f64::MIN_POSITIVE {
                return;
            }
            shortest = length;
            self.accept(trial);
        }
    }

    /// The parameters that are free and the factorisation of their derivatives; `None` where none is free.
    fn factorise(&self) -> Option<(Vec<usize>, OrthogonalTriangular)> {
        let free: Vec<usize> = (0..self.parameters.len()).filter(|position| self.is_free(*position)).collect();
        if free.is_empty() {
            return None;
        }
        let columns: Vec<Vec<f64>> = free.iter().map(|position| self.jacobian.column(*position).to_vec()).collect();
        Some((free, OrthogonalTriangular::new(Matrix::from_columns(&columns)?, self.residuals.clone())))
    }

    fn is_free(&self, position: usize) -> bool {
        let (value, range) = (self.parameters[position], self.bounds[position]);
        let slope = dot(self.jacobian.column(position), &self.residuals);
        (value > range.lower || slope < 0.0) && (value < range.upper || slope > 0.0)
    }

    /// The damped step from the triangle, brought back inside the bounds: the straight one, by which the reduction is predicted, and the one to be
    /// taken, which is bent where that was asked for and missing where the bend says that the step is too long.
    fn trial(&self, factor: &OrthogonalTriangular, free: &[usize]) -> (Vec<f64>, Option<Vec<f64>>) {
        let n = free.len();
        let mut damped = Matrix::zeros(2 * n, n);
        let mut right: Vec<f64> = factor.projected().iter().map(|value| -value).collect();
        right.resize(2 * n, 0.0);
        for (column, position) in free.iter().enumerate() {
            damped.column_mut(column)[..n].copy_from_slice(factor.triangle().column(column));
            // A column that has never moved anything keeps its place.
            let scale = if self.scale[*position] > 0.0 { self.scale[*position] } else { 1.0 };
            damped.set(n + column, column, self.damping.sqrt() * scale);
        }
        let system = OrthogonalTriangular::new(damped, right);
        let step = system.solve().unwrap_or_else(|| vec![0.0; n]);
        let straight = self.moved(free, &step, 1.0);
        let taken = if self.manner.bend { self.bend_step(&system, free, &step) } else { Some(straight.clone()) };
        (straight, taken)
    }

    /// The parameters after a step with half the acceleration along it; `None` where that is not small against the step.
    ///
    /// ```text
    /// (J' J + lambda D^2) a = -J' r_vv,   r_vv the second derivative of the residuals along the step, by a difference over a tenth of it
    /// ```
    fn bend_step(&self, system: &OrthogonalTriangular, free: &[usize], step: &[f64]) -> Option<Vec<f64>> {
        let mut ahead = vec![0.0; self.residuals.len()];
        self.problem.evaluate(&self.moved(free, step, PROBE), &mut ahead, None);
        let straight = free.iter().zip(step.iter()).fold(vec![0.0; ahead.len()], |mut sum, (position, move_by)| {
            sum.iter_mut().zip(self.jacobian.column(*position)).for_each(|(value, slope)| *value += slope * move_by);
            sum
        });
        let curvature: Vec<f64> = ahead
            .iter()
            .zip(&self.residuals)
            .zip(&straight)
            .map(|((ahead, here), straight)| 2.0 / PROBE * ((ahead - here) / PROBE - straight))
            .collect();
        let right: Vec<f64> = free.iter().map(|position| -0.5 * dot(self.jacobian.column(*position), &curvature)).collect();
        let bend = system.solve_normal(&right)?;
        let length = |vector: &[f64]| free.iter().zip(vector).map(|(position, value)| (self.scale[*position] * value).powi(2)).sum::<f64>();
        let slight = length(&bend) <= MOST_BEND * MOST_BEND * length(step);
        let whole: Vec<f64> = step.iter().zip(bend).map(|(value, bend)| value + bend).collect();
        slight.then(|| self.moved(free, &whole, 1.0))
    }

    /// The parameters after part of a step, brought back inside the bounds.
    fn moved(&self, free: &[usize], step: &[f64], part: f64) -> Vec<f64> {
        let mut moved = self.parameters.clone();
        for (position, move_by) in free.iter().zip(step) {
            moved[*position] = self.bounds[*position].clamp(moved[*position] + part * move_by);
        }
        moved
    }

    /// `|r|^2 - |r + J s|^2` of the linear model for the step as it was brought inside the bounds.
    fn predicted_reduction(&self, factor: &OrthogonalTriangular, free: &[usize], trial: &[f64]) -> f64 {
        let step: Vec<f64> = free.iter().map(|position| trial[*position] - self.parameters[*position]).collect();
        let moved = factor.triangle().times(&step);
        -factor.projected().iter().zip(&moved).map(|(value, change)| change * (2.0 * value + change)).sum::<f64>()
    }

    fn accept(&mut self, trial: Vec<f64>) {
        self.parameters = trial;
        self.problem.evaluate(&self.parameters, &mut self.residuals, Some(&mut self.jacobian));
        self.sum_of_squares = dot(&self.residuals, &self.residuals);
    }

    fn finish(self, converged: bool) -> Minimum {
        let at_bound = self.parameters.iter().zip(self.bounds).map(|(value, range)| side(*value, *range)).collect();
        let factor = OrthogonalTriangular::new(self.jacobian, self.residuals);
        Minimum {
            parameters: self.parameters,
            sum_of_squares: self.sum_of_squares,
            at_bound,
            inverse_cross_product: factor.inverse_cross_product(),
            converged,
        }
    }
}

fn side(value: f64, range: Bounds) -> Option<BoundSide> {
    if value <= range.lower {
        Some(BoundSide::Lower)
    } else if value >= range.upper {
        Some(BoundSide::Upper)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `y = a exp(-b x)` through given points.
    struct Decay<'a>(&'a [(f64, f64)]);

    impl LeastSquaresProblem for Decay<'_> {
        fn residuals(&self) -> usize {
            self.0.len()
        }

        fn evaluate(&self, parameters: &[f64], residuals: &mut [f64], jacobian: Option<&mut Matrix>) {
            let (a, b) = (parameters[0], parameters[1]);
            for ((x, y), residual) in self.0.iter().zip(residuals.iter_mut()) {
                *residual = a * (-b * x).exp() - y;
            }
            if let Some(jacobian) = jacobian {
                for (row, (x, _)) in self.0.iter().enumerate() {
                    jacobian.set(row, 0, (-b * x).exp());
                    jacobian.set(row, 1, -x * a * (-b * x).exp());
                }
            }
        }
    }

    #[test]
    fn exact_points_give_the_exact_curve() {
        let points: Vec<(f64, f64)> = (0..6).map(f64::from).map(|x| (x, 3.0 * (-0.7 * x).exp())).collect();
        let found = minimise_from(&Decay(&points), &[vec![50.0, 9.0], vec![1.0, 0.1]], &[Bounds::FREE; 2]).unwrap();
        assert!((found.parameters[0] - 3.0).abs() < 1e-12 && (found.parameters[1] - 0.7).abs() < 1e-12, "{found:?}");
        assert!(found.converged && found.at_bound.iter().all(Option::is_none));
    }

    #[test]
    fn bounds_hold_and_are_told() {
        let points = [(0.0, 3.0), (1.0, 1.4), (2.0, 0.8)];
        let bounds = [Bounds::FREE, Bounds { lower: 1.0, upper: 2.0 }];
        let found = minimise(&Decay(&points), &[1.0, 1.5], &bounds, Manner::BOLD).unwrap();
        assert_eq!(found.at_bound, [None, Some(BoundSide::Lower)]);
        // With the rate held the height is the ratio of two sums.
        let (top, bottom) = points.iter().fold((0.0, 0.0), |(top, bottom), (x, y)| (top + y * (-x).exp(), bottom + (-2.0 * x).exp()));
        assert!((found.parameters[0] - top / bottom).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let bounds = [Bounds { lower: 1.0, upper: 0.0 }, Bounds::FREE];
        assert_eq!(minimise(&Decay(&[(0.0, 1.0)]), &[1.0, 1.0], &bounds, Manner::BOLD).unwrap_err(), LeastSquaresError::Shape);
        let nowhere = minimise_from(&Decay(&[(-1e3, 1.0)]), &[vec![1.0, 10.0]], &[Bounds::FREE; 2]);
        assert_eq!(nowhere.unwrap_err(), LeastSquaresError::NoStart);
    }
}
