//! Ordinal regression: proportional odds by maximum likelihood.

use super::super::cholesky::Cholesky;
use super::super::design_matrix::{Basis, DesignMatrix};
use super::super::regression::{ChiSquareTest, Coefficients, LinearPredictor};
use super::error::GlmError;
use super::likelihood::{expit, largest, mirror};
use super::separation::Separation;

const CONVERGED: f64 = 1e-8;

const MAX_ITERATIONS: usize = 60;

const MAX_HALVINGS: usize = 30;

/// Linear predictor beyond which a likelihood that still rises has no maximum.
const FAR: f64 = 20.0;

/// Ordered categories on explanatory columns: checked, and ready to be fitted.
#[derive(Debug, Clone)]
pub struct ProportionalOdds {
    /// Basis of a constant and the columns.
    basis: Basis,
    columns: usize,
    /// Categories numbered anew among those observed.
    outcomes: Vec<usize>,
    /// The observed categories in their original numbering, in ascending order.
    observed: Vec<usize>,
}

/// A fitted proportional-odds regression.
#[derive(Debug, Clone, PartialEq)]
pub struct ProportionalOddsFit {
    /// The observed categories in ascending order.
    pub categories: Vec<usize>,
    /// Thresholds between neighbouring observed categories, with standard errors.
    pub thresholds: Vec<(f64, f64)>,
    /// Coefficients of the columns: log odds ratios of a higher category, with the inverse observed information.
    pub coefficients: Coefficients,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Log-likelihood of the model with thresholds only.
    pub null_log_likelihood: f64,
    /// Newton steps.
    pub iterations: usize,
    /// Covariance of the thresholds followed by the coefficients that have an estimate, row by row.
    covariance: Vec<f64>,
}

impl ProportionalOddsFit {
    /// Akaike's criterion `-2 l + 2 p`, thresholds counted.
    #[must_use]
    pub fn aic(&self) -> f64 {
        -2.0 * self.log_likelihood + 2.0 * (self.thresholds.len() + self.coefficients.kept().len()) as f64
    }

    /// Likelihood-ratio test against the model with thresholds only.
    #[must_use]
    pub fn test_against_thresholds(&self) -> ChiSquareTest {
        ChiSquareTest::new(2.0 * (self.log_likelihood - self.null_log_likelihood), self.coefficients.kept().len())
    }

    /// Log odds, at a row of the design, of a category above the `threshold`-th, from 0; `None` where there is no such threshold.
    ///
    /// ```text
    /// logit P(Y > k | x) = x'b - t_k,   variance g' V g,   g = (-1 at t_k, x),   V the inverse observed information
    /// ```
    #[must_use]
    pub fn above(&self, threshold: usize, row: &[f64]) -> Option<LinearPredictor> {
        let (t, _) = self.thresholds.get(threshold)?;
        let predictor: f64 = self.coefficients.estimates().iter().zip(row).map(|(b, x)| b.unwrap_or(0.0) * x).sum();
        let mut gradient = vec![0.0; self.thresholds.len()];
        *gradient.get_mut(threshold)? = -1.0;
        gradient.extend(self.coefficients.kept().iter().filter_map(|column| row.get(*column)));
        let product = |covariances: &[f64]| -> f64 { covariances.iter().zip(&gradient).map(|(v, g)| v * g).sum() };
        let variance: f64 = self.covariance.chunks(gradient.len()).zip(&gradient).map(|(row, g)| g * product(row)).sum();
        Some(LinearPredictor { value: predictor - t, standard_error: variance.max(0.0).sqrt() })
    }

    /// Probability of each observed category at a row of the design.
    #[must_use]
    pub fn probabilities(&self, row: &[f64]) -> Vec<f64> {
        let predictor: f64 = self.coefficients.estimates().iter().zip(row).map(|(b, x)| b.unwrap_or(0.0) * x).sum();
        let mut below = 0.0;
        let mut cumulative: Vec<f64> = self.thresholds.iter().map(|(threshold, _)| expit(threshold - predictor).0).collect();
        cumulative.push(1.0);
        cumulative
            .into_iter()
            .map(|up_to| {
                let probability = up_to - below;
                below = up_to;
                probability
            })
            .collect()
    }
}

impl ProportionalOdds {
    /// Categories `0..n_categories` on a design without a constant column. Categories that were not observed are left out.
    ///
    /// # Errors
    /// [`GlmError::Lengths`], [`GlmError::Category`], and [`GlmError::OneCategory`] when fewer than two categories were observed.
    pub fn new(design: &DesignMatrix, categories: &[usize], n_categories: usize) -> Result<Self, GlmError> {
        if categories.len() != design.rows() {
            return Err(GlmError::Lengths { rows: design.rows(), outcomes: categories.len() });
        }
        if let Some(category) = categories.iter().find(|category| **category >= n_categories) {
            return Err(GlmError::Category { category: *category, categories: n_categories });
        }
        let observed: Vec<usize> = (0..n_categories).filter(|category| categories.contains(category)).collect();
        if observed.len() < 2 {
            return Err(GlmError::OneCategory);
        }
        let mut columns = vec![vec![1.0; design.rows()]];
        columns.extend((0..design.columns()).map(|position| design.column(position)));
        let basis = DesignMatrix::from_columns(&columns)?.basis();
        let outcomes = categories.iter().map(|category| observed.partition_point(|other| other < category)).collect();
        Ok(Self { basis, columns: design.columns(), outcomes, observed })
    }

    /// Maximum-likelihood fit by Newton's method; the likelihood is concave.
    ///
    /// ```text
    /// logit P(Y <= k | x) = t_k - x'b,   t_1 < t_2 < ...;   V = inverse of minus the second derivative of the log-likelihood
    /// ```
    ///
    /// # Edges
    /// With two categories it is the logistic regression of the higher one. Columns that are constant or determined by others have no
    /// coefficient.
    ///
    /// # Errors
    /// [`GlmError::Separated`] where the likelihood grows without bound, [`GlmError::NoConvergence`].
    ///
    /// Source: `[McCullagh1980]`.
    pub fn fit(&self) -> Result<ProportionalOddsFit, GlmError> {
        let start = self.null_point();
        let mut point = start.clone();
        let mut here = self.evaluate(&point).ok_or(GlmError::NoConvergence { iterations: 0 })?;
        let null_log_likelihood = here.log_likelihood;
        for iterations in 1..=MAX_ITERATIONS {
            let failed = |point: &[f64]| self.failure(point, iterations);
            let factor = Cholesky::factor(&here.information, point.len()).ok_or_else(|| failed(&point))?;
            let step = factor.solve(&here.score);
            let (next, evaluated) = self.raise(&point, &step, here.log_likelihood).ok_or_else(|| failed(&point))?;
            (point, here) = (next, evaluated);
            if largest(&step) < CONVERGED {
                let factor = Cholesky::factor(&here.information, point.len()).ok_or_else(|| failed(&point))?;
                return Ok(self.report(&point, &factor.inverse(), here.log_likelihood, null_log_likelihood, iterations));
            }
        }
        Err(self.failure(&point, MAX_ITERATIONS))
    }

    fn thresholds(&self) -> usize {
        self.observed.len() - 1
    }

    /// The fit without columns: thresholds at the observed cumulative odds.
    fn null_point(&self) -> Vec<f64> {
        let n = self.outcomes.len() as f64;
        let cumulative = (1..self.observed.len()).map(|k| self.outcomes.iter().filter(|outcome| **outcome < k).count() as f64);
        let mut point: Vec<f64> = cumulative.map(|below| (below / (n - below)).ln()).collect();
        point.resize(self.thresholds() + self.basis.order - 1, 0.0);
        point
    }

    fn raise(&self, point: &[f64], step: &[f64], log_likelihood: f64) -> Option<(Vec<f64>, Evaluated)> {
        let mut fraction = 1.0;
        for _ in 0..MAX_HALVINGS {
            let next: Vec<f64> = point.iter().zip(step).map(|(b, d)| b + fraction * d).collect();
            if let Some(evaluated) = self.evaluate(&next)
                && evaluated.log_likelihood >= log_likelihood - 1e-10 * log_likelihood.abs().max(1.0)
            {
                return Some((next, evaluated));
            }
            fraction *= 0.5;
        }
        None
    }

    /// Likelihood with derivatives; `None` where thresholds are out of order or a probability vanishes.
    fn evaluate(&self, point: &[f64]) -> Option<Evaluated> {
        let (thresholds, slopes) = point.split_at(self.thresholds());
        let size = point.len();
        let mut out = Evaluated { log_likelihood: 0.0, score: vec![0.0; size], information: vec![0.0; size * size] };
        for (row, outcome) in self.basis.values.chunks(self.basis.order).zip(&self.outcomes) {
            let columns = row.get(1..)?;
            let predictor: f64 = columns.iter().zip(slopes).map(|(x, b)| x * b).sum();
            let upper = Edge::at(thresholds.get(*outcome).map(|threshold| threshold - predictor), 1.0);
            let lower = Edge::at(outcome.checked_sub(1).and_then(|k| thresholds.get(k)).map(|threshold| threshold - predictor), 0.0);
            let probability = upper.difference(&lower);
            if probability.is_nan() || probability <= 0.0 {
                return None;
            }
            out.log_likelihood += probability.ln();
            out.add(&gradient(&upper, &lower, *outcome, columns, size), &upper, &lower, probability);
        }
        Some(out)
    }

    fn failure(&self, point: &[f64], iterations: usize) -> GlmError {
        if largest(point) > FAR { GlmError::Separated(Separation::Quasi) } else { GlmError::NoConvergence { iterations } }
    }

    /// From the basis to the columns: each threshold loses the constant part of the linear predictor.
    fn report(
        &self,
        point: &[f64],
        covariance: &[f64],
        log_likelihood: f64,
        null_log_likelihood: f64,
        iterations: usize,
    ) -> ProportionalOddsFit {
        let size = point.len();
        let transform: Vec<Vec<f64>> = (0..size)
            .map(|unit| {
                let direction: Vec<f64> = (0..size).map(|position| f64::from(u8::from(position == unit))).collect();
                self.to_columns(&direction)
            })
            .collect();
        let entry = |i: usize, j: usize| -> f64 {
            (0..size).map(|a| (0..size).map(|b| transform[a][i] * covariance[a * size + b] * transform[b][j]).sum::<f64>()).sum()
        };
        let estimates = self.to_columns(point);
        let (thresholds, slopes) = estimates.split_at(self.thresholds());
        let offset = thresholds.len();
        let kept: Vec<usize> = self.basis.kept.iter().skip(1).map(|position| position - 1).collect();
        let block = (offset..size).flat_map(|i| (offset..size).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect();
        ProportionalOddsFit {
            categories: self.observed.clone(),
            thresholds: thresholds.iter().enumerate().map(|(k, threshold)| (*threshold, entry(k, k).sqrt())).collect(),
            coefficients: Coefficients::new(self.columns, &kept, slopes, block),
            covariance: (0..size).flat_map(|i| (0..size).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect(),
            log_likelihood,
            null_log_likelihood,
            iterations,
        }
    }

    fn to_columns(&self, point: &[f64]) -> Vec<f64> {
        let (thresholds, slopes) = point.split_at(self.thresholds());
        let of_basis: Vec<f64> = std::iter::once(0.0).chain(slopes.iter().copied()).collect();
        let coefficients = self.basis.coefficients(&of_basis);
        let constant = coefficients.first().copied().unwrap_or(0.0);
        thresholds.iter().map(|threshold| threshold - constant).chain(coefficients.into_iter().skip(1)).collect()
    }
}

struct Evaluated {
    log_likelihood: f64,
    score: Vec<f64>,
    information: Vec<f64>,
}

/// The logistic distribution at one edge of a category.
struct Edge {
    value: f64,
    complement: f64,
    density: f64,
    /// Derivative of the density.
    slope: f64,
}

impl Edge {
    /// Without an argument the edge lies at infinity, where the distribution function is `otherwise`.
    fn at(argument: Option<f64>, otherwise: f64) -> Self {
        match argument {
            Some(argument) => {
                let (value, complement) = expit(argument);
                let density = value * complement;
                Self { value, complement, density, slope: density * (complement - value) }
            }
            None => Self { value: otherwise, complement: 1.0 - otherwise, density: 0.0, slope: 0.0 },
        }
    }

    /// Probability between two edges, from the tail that keeps its digits.
    fn difference(&self, lower: &Self) -> f64 {
        if lower.value > 0.5 { lower.complement - self.complement } else { self.value - lower.value }
    }
}

/// Directions in which the upper and the lower edge of an outcome move with the parameters.
struct Gradient {
    upper: Vec<f64>,
    lower: Vec<f64>,
}

fn gradient(upper: &Edge, lower: &Edge, outcome: usize, columns: &[f64], size: usize) -> Gradient {
    let offset = size - columns.len();
    let edge = |threshold: Option<usize>, exists: bool| {
        let mut direction = vec![0.0; size];
        if exists {
            if let Some(place) = threshold.and_then(|threshold| direction.get_mut(threshold)) {
                *place = 1.0;
            }
            direction.iter_mut().skip(offset).zip(columns).for_each(|(place, x)| *place = -x);
        }
        direction
    };
    Gradient { upper: edge(Some(outcome), upper.density > 0.0), lower: edge(outcome.checked_sub(1), lower.density > 0.0) }
}

impl Evaluated {
    fn add(&mut self, gradient: &Gradient, upper: &Edge, lower: &Edge, probability: f64) {
        let size = self.score.len();
        let first: Vec<f64> =
            gradient.upper.iter().zip(&gradient.lower).map(|(a, b)| (upper.density * a - lower.density * b) / probability).collect();
        for i in 0..size {
            self.score[i] += first[i];
            for j in 0..=i {
                let second = (upper.slope * gradient.upper[i] * gradient.upper[j] - lower.slope * gradient.lower[i] * gradient.lower[j])
                    / probability;
                self.information[i * size + j] += first[i] * first[j] - second;
            }
        }
        mirror(&mut self.information, size);
    }
}

#[cfg(test)]
mod tests {
    use super::super::logistic::Logistic;
    use super::*;

    fn data() -> (Vec<f64>, Vec<usize>) {
        ((0..40).map(|i| f64::from(i) * 0.25).collect(), (0..40).map(|i| (i / 14 + i * 7 % 3).min(3)).collect())
    }

    fn fitted(x: &[f64], categories: &[usize]) -> ProportionalOddsFit {
        let design = DesignMatrix::from_columns(&[x.to_vec()]).unwrap();
        ProportionalOdds::new(&design, categories, 5).unwrap().fit().unwrap()
    }

    #[test]
    fn two_categories_are_logistic_regression() {
        let (x, categories) = data();
        let two: Vec<usize> = categories.iter().map(|category| if *category > 1 { 4 } else { 1 }).collect();
        let fit = fitted(&x, &two);
        let design = DesignMatrix::from_columns(&[vec![1.0; x.len()], x]).unwrap();
        let outcomes: Vec<bool> = two.iter().map(|category| *category == 4).collect();
        let logistic = Logistic::from_outcomes(design, &outcomes).unwrap().fit().unwrap();
        assert_eq!(fit.categories, [1, 4]);
        assert!((fit.coefficients.estimate(0).unwrap() - logistic.coefficients.estimate(1).unwrap()).abs() < 1e-9);
        assert!((fit.coefficients.standard_error(0).unwrap() - logistic.coefficients.standard_error(1).unwrap()).abs() < 1e-9);
        assert!((fit.thresholds[0].0 + logistic.coefficients.estimate(0).unwrap()).abs() < 1e-9);
        assert!((fit.thresholds[0].1 - logistic.coefficients.standard_error(0).unwrap()).abs() < 1e-9);
        assert!((fit.log_likelihood - logistic.log_likelihood).abs() < 1e-10);
        let (above, logit) = (fit.above(0, &[3.5]).unwrap(), logistic.coefficients.linear_predictor(&[1.0, 3.5]));
        assert!((above.value - logit.value).abs() < 1e-9 && (above.standard_error - logit.standard_error).abs() < 1e-9);
        assert!(fit.above(1, &[3.5]).is_none());
    }

    #[test]
    fn the_score_and_information_are_derivatives() {
        let (x, categories) = data();
        let design = DesignMatrix::from_columns(&[x]).unwrap();
        let model = ProportionalOdds::new(&design, &categories, 4).unwrap();
        let at = [-1.0, 0.2, 1.4, 0.6];
        let here = model.evaluate(&at).unwrap();
        for j in 0..4 {
            let moved = |by: f64| {
                let mut point = at;
                point[j] += by;
                model.evaluate(&point).unwrap()
            };
            let (above, below) = (moved(1e-5), moved(-1e-5));
            assert!(((above.log_likelihood - below.log_likelihood) / 2e-5 - here.score[j]).abs() < 1e-7);
            for k in 0..4 {
                assert!(((below.score[k] - above.score[k]) / 2e-5 - here.information[j * 4 + k]).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn scaling_and_order_change_nothing_but_the_unit() {
        let (x, categories) = data();
        let fit = fitted(&x, &categories);
        let (mut scaled, mut turned): (Vec<f64>, Vec<usize>) = (x.iter().map(|x| x * 1e4).collect(), categories);
        scaled.reverse();
        turned.reverse();
        let other = fitted(&scaled, &turned);
        assert!((other.coefficients.estimate(0).unwrap() * 1e4 - fit.coefficients.estimate(0).unwrap()).abs() < 1e-8);
        assert!((other.thresholds[1].0 - fit.thresholds[1].0).abs() < 1e-8);
        assert!((fit.probabilities(&[3.0]).iter().sum::<f64>() - 1.0).abs() < 1e-14);
        assert!(fit.test_against_thresholds().p_value.unwrap() < 0.05);
    }

    #[test]
    fn perfect_order_and_single_categories_are_refused() {
        let design = DesignMatrix::from_columns(&[vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]).unwrap();
        let ordered = ProportionalOdds::new(&design, &[0, 0, 1, 1, 2, 2], 3).unwrap();
        assert_eq!(ordered.fit(), Err(GlmError::Separated(Separation::Quasi)));
        assert_eq!(ProportionalOdds::new(&design, &[2; 6], 3).err(), Some(GlmError::OneCategory));
        assert!(matches!(ProportionalOdds::new(&design, &[0, 0, 1, 1, 2, 3], 3), Err(GlmError::Category { category: 3, .. })));
    }
}
