//! Least squares for curves that are linear in all but one or two of their parameters.
//!
//! ```text
//! y_i = sum_k a_k z_ik + c h(x_i; phi) + error,   errors uncorrelated with known weights or with a known covariance up to a factor
//! ```
//!
//! For a given `phi` the best `a` and `c` have a closed form, so that only the profile over `phi` is searched: first on a grid over its
//! whole range, then by Levenberg and Marquardt from every hollow of the grid `[GolubPereyra1973]`. A local minimum therefore does not pass for
//! the global one. Start with [`SeparableData`] and [`search_profile`].

use super::matrix::{Cholesky, Matrix, dot};
use super::nonlinear_least_squares::{BoundSide, Bounds, Finish, LeastSquaresProblem, Manner, Minimum, minimise};

/// Grid points for one nonlinear parameter.
const LEVELS_OF_ONE: usize = 40;

/// Grid points for the first and the second of two nonlinear parameters.
const LEVELS_OF_TWO: [usize; 2] = [18, 12];

/// Hollows of the grid that are followed down.
const MOST_HOLLOWS: usize = 6;

/// Share of a curve's length that the fixed columns must leave for the curve to count as different from them.
const INDISTINCT: f64 = 1e-18;

/// Distance of logarithms at which two minima count as different.
const APART: f64 = 0.2;

/// A curve `h(x; phi)` with one or two positive parameters `phi` inside bounds.
pub trait CurveFamily: Sync {
    /// Value at `x`.
    fn value(&self, x: f64, phi: &[f64]) -> f64;

    /// Writes the derivatives with respect to `phi` at `x`.
    fn gradient(&self, x: f64, phi: &[f64], derivatives: &mut [f64]);
}

/// How observations are weighted against each other.
#[derive(Debug, Clone)]
pub enum Weighting {
    /// Uncorrelated: square roots of the weights, reciprocal standard deviations up to a factor.
    RootWeights(Vec<f64>),
    /// Correlated: the Cholesky factor of the covariance.
    Covariance(Cholesky),
}

impl Weighting {
    /// The column as uncorrelated observations of one variance see it.
    #[must_use]
    pub fn whiten(&self, column: &[f64]) -> Vec<f64> {
        match self {
            Self::RootWeights(weights) => column.iter().zip(weights).map(|(value, weight)| value * weight).collect(),
            Self::Covariance(factor) => factor.whiten(column),
        }
    }
}

/// Observations, with the columns that stand in the curve linearly whatever `phi` is.
#[derive(Debug, Clone)]
pub struct SeparableData {
    x: Vec<f64>,
    weighting: Weighting,
    /// Whitened response without what the fixed columns explain.
    response: Vec<f64>,
    /// Orthonormal basis of the whitened fixed columns.
    basis: Vec<Vec<f64>>,
}

impl SeparableData {
    /// Observations `response` at `x` with fixed columns. Columns that depend on earlier ones add nothing and are passed over.
    #[must_use]
    pub fn new(x: &[f64], response: &[f64], fixed: &[Vec<f64>], weighting: Weighting) -> Self {
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(fixed.len());
        for column in fixed {
            let white = weighting.whiten(column);
            // Twice is enough for orthogonality to rounding.
            let mut direction = white.clone();
            remove(&mut direction, &basis);
            remove(&mut direction, &basis);
            let norm = dot(&direction, &direction).sqrt();
            if norm > 1e-11 * dot(&white, &white).sqrt() {
                basis.push(direction.iter().map(|value| value / norm).collect());
            }
        }
        let mut response = weighting.whiten(response);
        remove(&mut response, &basis);
        Self { x: x.to_vec(), weighting, response, basis }
    }

    /// The same observations with other responses.
    #[must_use]
    pub fn with_response(&self, response: &[f64]) -> Self {
        let mut response = self.weighting.whiten(response);
        remove(&mut response, &self.basis);
        Self { x: self.x.clone(), weighting: self.weighting.clone(), response, basis: self.basis.clone() }
    }

    /// Whitened curve without what the fixed columns explain, and the square of its length before.
    fn direction(&self, values: &[f64]) -> (Vec<f64>, f64) {
        let mut white = self.weighting.whiten(values);
        let whole = dot(&white, &white);
        remove(&mut white, &self.basis);
        (white, whole)
    }

    /// Sum of squares of the profile at `phi`.
    fn profile(&self, family: &dyn CurveFamily, phi: &[f64], buffer: &mut [f64]) -> f64 {
        for (value, x) in buffer.iter_mut().zip(&self.x) {
            *value = family.value(*x, phi);
        }
        let whole = dot(&self.response, &self.response);
        let (along, length, left) = match &self.weighting {
            Weighting::RootWeights(weights) => {
                for (value, weight) in buffer.iter_mut().zip(weights) {
                    *value *= weight;
                }
                let length = dot(buffer, buffer);
                let explained: f64 = self.basis.iter().map(|direction| dot(direction, buffer).powi(2)).sum();
                (dot(buffer, &self.response), length, length - explained)
            }
            Weighting::Covariance(_) => {
                let (direction, length) = self.direction(buffer);
                (dot(&direction, &self.response), length, dot(&direction, &direction))
            }
        };
        if left > INDISTINCT.sqrt() * length { whole - along * along / left } else { whole }
    }
}

fn remove(column: &mut [f64], basis: &[Vec<f64>]) {
    for direction in basis {
        let share = dot(direction, column);
        for (value, component) in column.iter_mut().zip(direction) {
            *value -= share * component;
        }
    }
}

/// The lowest point of the profile over `phi`.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileMinimum {
    /// The parameters.
    pub phi: Vec<f64>,
    /// The sum of squares there.
    pub sum_of_squares: f64,
    /// For each parameter the bound at which it stands.
    pub at_bound: Vec<Option<BoundSide>>,
    /// Sums of squares of the other minima found, ascending.
    pub others: Vec<f64>,
}

/// Global minimum of the profile over `phi` inside positive, finite bounds.
///
/// ```text
/// S(phi) = |y~|^2 - (h~' y~)^2 / |h~|^2,   ~ whitened and freed of the fixed columns
/// ```
///
/// The grid is even in the logarithm of each parameter, and so is the descent. `None` without parameters, with more than two, with bounds
/// that are not positive, finite and in order, or when the curve is finite nowhere on the grid.
#[must_use]
pub fn search_profile(data: &SeparableData, family: &dyn CurveFamily, bounds: &[Bounds]) -> Option<ProfileMinimum> {
    let sensible = |range: &Bounds| range.lower > 0.0 && range.upper.is_finite() && range.lower <= range.upper;
    if !bounds.iter().all(sensible) {
        return None;
    }
    let starts = hollows(data, family, bounds)?;
    let logarithms: Vec<Bounds> = bounds.iter().map(|range| Bounds { lower: range.lower.ln(), upper: range.upper.ln() }).collect();
    let descent = Descent { data, family, parameters: bounds.len() };
    let near = Manner { finish: Finish::Near, ..Manner::BOLD };
    let mut minima: Vec<Minimum> = starts.iter().filter_map(|start| minimise(&descent, start, &logarithms, near).ok()).collect();
    minima.sort_by(|a, b| a.sum_of_squares.total_cmp(&b.sum_of_squares));
    let best = minima.first()?;
    let mut distinct: Vec<&Minimum> = Vec::with_capacity(minima.len());
    for minimum in &minima {
        if distinct.iter().all(|other| apart(minimum, other)) {
            distinct.push(minimum);
        }
    }
    let others = distinct.iter().skip(1).map(|minimum| minimum.sum_of_squares).collect();
    let found = minimise(&descent, &best.parameters, &logarithms, Manner::BOLD).ok()?;
    let phi = found.parameters.iter().zip(&found.at_bound).zip(bounds).map(|((value, side), range)| match side {
        Some(BoundSide::Lower) => range.lower,
        Some(BoundSide::Upper) => range.upper,
        None => value.exp(),
    });
    Some(ProfileMinimum { phi: phi.collect(), sum_of_squares: found.sum_of_squares, at_bound: found.at_bound, others })
}

/// Whether two minima are different places.
fn apart(a: &Minimum, b: &Minimum) -> bool {
    a.parameters.iter().zip(&b.parameters).any(|(a, b)| (a - b).abs() > APART)
}

/// Logarithms of the grid points that no neighbour undercuts, lowest first.
fn hollows(data: &SeparableData, family: &dyn CurveFamily, bounds: &[Bounds]) -> Option<Vec<Vec<f64>>> {
    let levels: Vec<Vec<f64>> = match bounds {
        [range] => vec![logarithmic_levels(*range, LEVELS_OF_ONE)],
        [first, second] => vec![logarithmic_levels(*first, LEVELS_OF_TWO[0]), logarithmic_levels(*second, LEVELS_OF_TWO[1])],
        _ => return None,
    };
    let (first, second) = (levels.first()?, levels.get(1));
    let width = second.map_or(1, Vec::len);
    let mut buffer = vec![0.0; data.x.len()];
    let mut heights = Vec::with_capacity(first.len() * width);
    for outer in first {
        for inner in 0..width {
            let height = match second.and_then(|second| second.get(inner)) {
                Some(inner) => data.profile(family, &[outer.exp(), inner.exp()], &mut buffer),
                None => data.profile(family, &[outer.exp()], &mut buffer),
            };
            heights.push(if height.is_finite() { height } else { f64::INFINITY });
        }
    }
    let mut found: Vec<(f64, Vec<f64>)> = Vec::new();
    for (position, height) in heights.iter().enumerate().filter(|(_, height)| height.is_finite()) {
        let (row, column) = (position / width, position % width);
        if is_hollow(&heights, width, position) {
            let start = std::iter::once(first[row]).chain(second.map(|second| second[column])).collect();
            found.push((*height, start));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(MOST_HOLLOWS);
    (!found.is_empty()).then(|| found.into_iter().map(|(_, start)| start).collect())
}

fn logarithmic_levels(range: Bounds, count: usize) -> Vec<f64> {
    let (lower, upper) = (range.lower.ln(), range.upper.ln());
    (0..count).map(|level| lower + (upper - lower) * level as f64 / (count - 1) as f64).collect()
}

/// Whether no neighbour on the grid is lower; of a level stretch only its first point counts.
fn is_hollow(heights: &[f64], width: usize, position: usize) -> bool {
    let (row, column) = (position / width, position % width);
    let rows = heights.len() / width;
    let around = (row.saturating_sub(1)..(row + 2).min(rows))
        .flat_map(|row| (column.saturating_sub(1)..(column + 2).min(width)).map(move |column| row * width + column));
    around
        .filter(|other| *other != position)
        .all(|other| if other < position { heights[position] < heights[other] } else { heights[position] <= heights[other] })
}

/// The profile as a least squares problem in the logarithms of `phi`.
struct Descent<'a> {
    data: &'a SeparableData,
    family: &'a dyn CurveFamily,
    parameters: usize,
}

impl LeastSquaresProblem for Descent<'_> {
    fn residuals(&self) -> usize {
        self.data.x.len()
    }

    fn evaluate(&self, parameters: &[f64], residuals: &mut [f64], jacobian: Option<&mut Matrix>) {
        let phi: Vec<f64> = parameters.iter().map(|value| value.exp()).collect();
        let values: Vec<f64> = self.data.x.iter().map(|x| self.family.value(*x, &phi)).collect();
        let (direction, whole) = self.data.direction(&values);
        let length = dot(&direction, &direction);
        let distinct = length > INDISTINCT * whole;
        let factor = if distinct { dot(&direction, &self.data.response) / length } else { 0.0 };
        for ((residual, value), response) in residuals.iter_mut().zip(&direction).zip(&self.data.response) {
            *residual = factor * value - response;
        }
        let Some(jacobian) = jacobian else { return };
        let mut derivatives = vec![0.0; self.parameters];
        let mut columns = vec![Vec::with_capacity(values.len()); self.parameters];
        for x in &self.data.x {
            self.family.gradient(*x, &phi, &mut derivatives);
            for (column, derivative) in columns.iter_mut().zip(&derivatives) {
                column.push(*derivative);
            }
        }
        for (position, (column, phi)) in columns.iter().zip(&phi).enumerate() {
            let (slope, _) = self.data.direction(column);
            let change = if distinct { (dot(&slope, &self.data.response) - 2.0 * factor * dot(&slope, &direction)) / length } else { 0.0 };
            for ((entry, slope), value) in jacobian.column_mut(position).iter_mut().zip(&slope).zip(&direction) {
                *entry = phi * (factor * slope + change * value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Saturating;

    impl CurveFamily for Saturating {
        fn value(&self, x: f64, phi: &[f64]) -> f64 {
            x / (phi[0] + x)
        }

        fn gradient(&self, x: f64, phi: &[f64], derivatives: &mut [f64]) {
            derivatives[0] = -x / (phi[0] + x).powi(2);
        }
    }

    const BOUNDS: [Bounds; 1] = [Bounds { lower: 0.01, upper: 100.0 }];

    fn fixed(n: usize) -> Vec<Vec<f64>> {
        vec![vec![1.0; n], (0..n).map(|i| (i % 2) as f64).collect()]
    }

    #[test]
    fn exact_points_give_the_exact_curve_under_either_weighting() {
        let x = [0.0, 0.5, 1.0, 2.0, 4.0, 8.0];
        let y: Vec<f64> = x.iter().enumerate().map(|(i, x)| 1.0 + 0.3 * (i % 2) as f64 + 2.0 * x / (1.7 + x)).collect();
        let covariance = Matrix::from_rows(&(0..6).map(|i| (0..6).map(|j| if i == j { 2.0 } else { 0.5 }).collect()).collect::<Vec<_>>());
        let weightings =
            [Weighting::RootWeights(vec![1.0, 2.0, 1.0, 3.0, 1.0, 1.0]), Weighting::Covariance(covariance.unwrap().cholesky().unwrap())];
        for weighting in weightings {
            let data = SeparableData::new(&x, &y, &fixed(6), weighting);
            let found = search_profile(&data, &Saturating, &BOUNDS).unwrap();
            assert!((found.phi[0] - 1.7).abs() < 1e-9 && found.sum_of_squares < 1e-24, "{found:?}");
            assert_eq!(found.at_bound, [None]);
        }
    }

    #[test]
    fn a_straight_line_drives_the_parameter_to_its_upper_bound() {
        let x = [0.0, 1.0, 2.0, 3.0, 4.0];
        let data = SeparableData::new(&x, &[0.0, 1.1, 1.9, 3.1, 4.0], &[vec![1.0; 5]], Weighting::RootWeights(vec![1.0; 5]));
        let found = search_profile(&data, &Saturating, &BOUNDS).unwrap();
        assert_eq!(found.at_bound, [Some(BoundSide::Upper)]);
        assert!((found.phi[0] - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    fn impossible_bounds_have_no_minimum() {
        let data = SeparableData::new(&[0.0, 1.0], &[0.0, 1.0], &[vec![1.0; 2]], Weighting::RootWeights(vec![1.0; 2]));
        assert_eq!(search_profile(&data, &Saturating, &[Bounds::FREE]), None);
        assert_eq!(search_profile(&data, &Saturating, &[]), None);
    }
}
