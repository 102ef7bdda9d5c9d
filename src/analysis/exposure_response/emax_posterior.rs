//! Bayesian Emax models of a continuous response and of a probability, by quadrature.

use std::f64::consts::PI;

use rayon::prelude::*;
use thiserror::Error;

use crate::numerics::cholesky::Cholesky;
use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::distribution::{normal_cdf, normal_upper};
use crate::numerics::find_root;
use crate::numerics::logistic_posterior::{CoefficientPrior, LogisticPosterior, PosteriorError};
use crate::numerics::piecewise_density::{PiecewiseDensity, essential_range};
use crate::numerics::quadrature::GaussLegendre;

/// Probability below which a node of the quadrature is left out.
const NEGLIGIBLE: f64 = 1e-13;

/// Standard deviations of the prior of log ed50 within which it is integrated.
const REACH: f64 = 9.0;

/// Steps on which the essential range of a parameter is looked for.
const STEPS: usize = 60;

const PANELS: usize = 8;

const POINTS: usize = 8;

/// A normal prior.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalPrior {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl NormalPrior {
    fn is_proper(self) -> bool {
        self.mean.is_finite() && self.sd > 0.0 && self.sd.is_finite()
    }

    fn ln_density(self, value: f64) -> f64 {
        -0.5 * ((value - self.mean) / self.sd).powi(2) - (self.sd * (2.0 * PI).sqrt()).ln()
    }
}

/// Priors of an Emax curve `e0 + emax dose/(ed50 + dose)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmaxPriors {
    /// Of the value without dose.
    pub e0: NormalPrior,
    /// Of the largest change.
    pub emax: NormalPrior,
    /// Of the logarithm of the dose with half of it.
    pub log_ed50: NormalPrior,
}

/// Why there is no posterior.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum EmaxPosteriorError {
    /// Doses and responses differ in number, or there are none.
    #[error("{doses} doses but {responses} responses")]
    Lengths {
        /// Number of doses.
        doses: usize,
        /// Number of responses.
        responses: usize,
    },
    /// A dose that is negative, or a value that is not finite.
    #[error("a dose is negative or a value is not finite")]
    Value,
    /// A prior that is not a distribution.
    #[error("a prior is not a distribution")]
    Prior,
    /// The posterior of the probabilities given ed50 failed.
    #[error(transparent)]
    Logistic(#[from] PosteriorError),
}

/// One part of a mixture: a distribution of one quantity.
#[derive(Debug, Clone)]
enum Part {
    Normal { mean: f64, sd: f64 },
    Density(Box<PiecewiseDensity>),
}

/// Posterior distribution of one quantity.
#[derive(Debug, Clone)]
pub struct PosteriorQuantity {
    parts: Vec<(f64, Part)>,
}

impl PosteriorQuantity {
    fn of_density(density: PiecewiseDensity) -> Self {
        Self { parts: vec![(1.0, Part::Density(Box::new(density)))] }
    }

    /// Posterior mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.parts
            .iter()
            .map(|(weight, part)| {
                weight
                    * match part {
                        Part::Normal { mean, .. } => *mean,
                        Part::Density(density) => density.mean(),
                    }
            })
            .sum()
    }

    /// Posterior standard deviation.
    #[must_use]
    pub fn sd(&self) -> f64 {
        let centre = self.mean();
        let variance: f64 = self
            .parts
            .iter()
            .map(|(weight, part)| {
                weight
                    * match part {
                        Part::Normal { mean, sd } => sd * sd + (mean - centre) * (mean - centre),
                        Part::Density(density) => density.expectation(|x| (x - centre) * (x - centre)),
                    }
            })
            .sum();
        variance.sqrt()
    }

    /// Posterior expectation of a function of the quantity, where its distribution is held as densities; `None` for normal mixtures.
    #[must_use]
    pub fn expectation(&self, f: impl Fn(f64) -> f64) -> Option<f64> {
        self.parts
            .iter()
            .map(|(weight, part)| match part {
                Part::Normal { .. } => None,
                Part::Density(density) => Some(weight * density.expectation(&f)),
            })
            .sum()
    }

    /// Posterior probability of a value above `x`.
    #[must_use]
    pub fn probability_above(&self, x: f64) -> f64 {
        self.parts
            .iter()
            .map(|(weight, part)| {
                weight
                    * match part {
                        Part::Normal { mean, sd } => normal_upper((x - mean) / sd),
                        Part::Density(density) => density.upper(x),
                    }
            })
            .sum()
    }

    /// Posterior quantile for `0 < p < 1`.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        if let [(_, Part::Density(density))] = self.parts.as_slice() {
            return density.quantile(p);
        }
        let below = |x: f64| -> f64 {
            let sum: f64 = self
                .parts
                .iter()
                .map(|(weight, part)| {
                    weight
                        * match part {
                            Part::Normal { mean, sd } => normal_cdf((x - mean) / sd),
                            Part::Density(density) => density.cumulative(x),
                        }
                })
                .sum();
            sum - p
        };
        let (centre, spread) = (self.mean(), self.sd());
        let mut reach = 4.0 * spread;
        for _ in 0..STEPS {
            if below(centre - reach) < 0.0 && below(centre + reach) > 0.0 {
                return find_root(below, centre - reach, centre + reach, 1e-10 * spread).unwrap_or(f64::NAN);
            }
            reach *= 2.0;
        }
        f64::NAN
    }
}

/// Posterior of an Emax curve.
#[derive(Debug, Clone)]
pub struct EmaxPosterior {
    /// Value without dose.
    pub e0: PosteriorQuantity,
    /// Largest change.
    pub emax: PosteriorQuantity,
    /// Logarithm of the dose with half of it.
    pub log_ed50: PosteriorQuantity,
    /// Logarithm of the residual standard deviation; `None` for a probability.
    pub log_sigma: Option<PosteriorQuantity>,
    /// Value of the curve at each dose asked for: the mean response, or the logit of the probability.
    pub curve: Vec<PosteriorQuantity>,
    /// Change from no dose at each dose asked for; `None` at zero, where there is none.
    pub change: Vec<Option<PosteriorQuantity>>,
}

/// Posterior of `response ~ Normal(e0 + emax dose/(ed50 + dose), sigma)` with a half-normal prior of sigma.
///
/// Given (log ed50, log sigma) the curve is linear, so that e0 and emax are integrated analytically and every value of the curve is a normal
/// mixture over a grid of Gauss-Legendre panels in the other two.
///
/// # Errors
/// [`EmaxPosteriorError`].
///
/// Source: `[ThomasSweeneySomayaji2014]`.
pub fn normal_emax_posterior(
    doses: &[f64],
    responses: &[f64],
    priors: EmaxPriors,
    sigma_scale: f64,
    at: &[f64],
) -> Result<EmaxPosterior, EmaxPosteriorError> {
    check(doses, responses.len(), priors)?;
    if !responses.iter().all(|response| response.is_finite()) {
        return Err(EmaxPosteriorError::Value);
    }
    if !(sigma_scale > 0.0 && sigma_scale.is_finite()) {
        return Err(EmaxPosteriorError::Prior);
    }
    let model = NormalModel { groups: groups(doses, responses), priors, sigma_scale };
    let (locations, scales) = model.grid(responses);
    let rule = GaussLegendre::new(POINTS);
    let scale_nodes = nodes(scales, &rule);
    let location_nodes = nodes(locations, &rule);
    let log_ed50 =
        PiecewiseDensity::new(|u| log_sum(scale_nodes.iter().map(|(s, w)| model.log_marginal(u, *s) + w.ln())), locations, PANELS, &rule);
    let log_sigma =
        PiecewiseDensity::new(|s| log_sum(location_nodes.iter().map(|(u, w)| model.log_marginal(*u, s) + w.ln())), scales, PANELS, &rule);
    let conditionals = model.conditionals(&location_nodes, &scale_nodes);
    let mixture = |weights: &dyn Fn(f64) -> [f64; 2]| PosteriorQuantity {
        parts: conditionals.iter().map(|given| (given.probability, given.combination(weights(given.log_ed50)))).collect(),
    };
    Ok(EmaxPosterior {
        e0: mixture(&|_| [1.0, 0.0]),
        emax: mixture(&|_| [0.0, 1.0]),
        log_ed50: PosteriorQuantity::of_density(log_ed50),
        log_sigma: Some(PosteriorQuantity::of_density(log_sigma)),
        curve: at.iter().map(|dose| mixture(&|u| [1.0, saturation(*dose, u)])).collect(),
        change: at.iter().map(|dose| (*dose > 0.0).then(|| mixture(&|u| [0.0, saturation(*dose, u)]))).collect(),
    })
}

/// Posterior of `logit p = e0 + emax dose/(ed50 + dose)` from events among trials.
///
/// Given log ed50 it is a logistic regression with two coefficients, whose posterior is found by quadrature; over log ed50 Gauss-Legendre panels are
/// used. The values of [`EmaxPosterior::curve`] are logits.
///
/// # Errors
/// [`EmaxPosteriorError`].
///
/// Source: `[ThomasSweeneySomayaji2014]`.
pub fn binary_emax_posterior(
    doses: &[f64],
    events: &[f64],
    trials: &[f64],
    priors: EmaxPriors,
    at: &[f64],
) -> Result<EmaxPosterior, EmaxPosteriorError> {
    check(doses, events.len(), priors)?;
    check(doses, trials.len(), priors)?;
    let coefficient = |prior: NormalPrior| CoefficientPrior::Normal { mean: prior.mean, sd: prior.sd };
    let given = |log_ed50: f64| -> Result<LogisticPosterior, EmaxPosteriorError> {
        let g = doses.iter().map(|dose| saturation(*dose, log_ed50)).collect();
        let design = DesignMatrix::from_columns(&[vec![1.0; doses.len()], g]).map_err(|_| EmaxPosteriorError::Value)?;
        Ok(LogisticPosterior::new(&design, events, Some(trials), &[coefficient(priors.e0), coefficient(priors.emax)])?)
    };
    given(priors.log_ed50.mean)?;
    let log_density =
        |u: f64| priors.log_ed50.ln_density(u) + given(u).map_or(f64::NEG_INFINITY, |posterior| posterior.log_marginal_likelihood());
    let range = essential_range(log_density, reach(priors.log_ed50), STEPS);
    let log_ed50 = PiecewiseDensity::new(log_density, range, PANELS, &GaussLegendre::new(POINTS));
    let weights: Vec<(f64, f64)> = log_ed50.nodes().filter(|(_, probability)| *probability > NEGLIGIBLE).collect();
    let posteriors = weights.iter().map(|(u, _)| given(*u)).collect::<Result<Vec<LogisticPosterior>, _>>()?;
    let mixture = |combination: &(dyn Fn(f64) -> [f64; 2] + Sync)| PosteriorQuantity {
        parts: weights
            .par_iter()
            .zip(&posteriors)
            .map(|((u, probability), posterior)| (*probability, Part::Density(Box::new(posterior.density(&combination(*u))))))
            .collect(),
    };
    Ok(EmaxPosterior {
        e0: mixture(&|_| [1.0, 0.0]),
        emax: mixture(&|_| [0.0, 1.0]),
        log_ed50: PosteriorQuantity::of_density(log_ed50.clone()),
        log_sigma: None,
        curve: at.iter().map(|dose| mixture(&|u| [1.0, saturation(*dose, u)])).collect(),
        change: at.iter().map(|dose| (*dose > 0.0).then(|| mixture(&|u| [0.0, saturation(*dose, u)]))).collect(),
    })
}

fn check(doses: &[f64], responses: usize, priors: EmaxPriors) -> Result<(), EmaxPosteriorError> {
    if doses.is_empty() || doses.len() != responses {
        return Err(EmaxPosteriorError::Lengths { doses: doses.len(), responses });
    }
    if !doses.iter().all(|dose| dose.is_finite() && *dose >= 0.0) {
        return Err(EmaxPosteriorError::Value);
    }
    if ![priors.e0, priors.emax, priors.log_ed50].into_iter().all(NormalPrior::is_proper) {
        return Err(EmaxPosteriorError::Prior);
    }
    Ok(())
}

fn saturation(dose: f64, log_ed50: f64) -> f64 {
    if dose <= 0.0 { 0.0 } else { 1.0 / (1.0 + (log_ed50 - dose.ln()).exp()) }
}

fn reach(prior: NormalPrior) -> (f64, f64) {
    (prior.mean - REACH * prior.sd, prior.mean + REACH * prior.sd)
}

fn nodes((lower, upper): (f64, f64), rule: &GaussLegendre) -> Vec<(f64, f64)> {
    let width = (upper - lower) / PANELS as f64;
    (0..PANELS).flat_map(|panel| rule.on(lower + width * panel as f64, lower + width * (panel + 1) as f64)).collect()
}

fn log_sum(logs: impl Iterator<Item = f64>) -> f64 {
    let logs: Vec<f64> = logs.collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY { largest } else { largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln() }
}

/// Number, mean and sum of squared deviations of the responses at one dose.
struct Group {
    dose: f64,
    n: f64,
    mean: f64,
    squares: f64,
}

fn groups(doses: &[f64], responses: &[f64]) -> Vec<Group> {
    let mut pairs: Vec<(f64, f64)> = doses.iter().copied().zip(responses.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    pairs
        .chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
        .map(|rows| {
            let n = rows.len() as f64;
            let mean = rows.iter().map(|row| row.1).sum::<f64>() / n;
            let squares = rows.iter().map(|row| (row.1 - mean) * (row.1 - mean)).sum();
            Group { dose: rows.first().map_or(0.0, |row| row.0), n, mean, squares }
        })
        .collect()
}

struct NormalModel {
    groups: Vec<Group>,
    priors: EmaxPriors,
    sigma_scale: f64,
}

/// Posterior of (e0, emax) at a node of the grid.
struct Conditional {
    log_ed50: f64,
    probability: f64,
    mean: [f64; 2],
    covariance: [f64; 3],
}

impl Conditional {
    fn combination(&self, [a, b]: [f64; 2]) -> Part {
        let variance = a * a * self.covariance[0] + 2.0 * a * b * self.covariance[1] + b * b * self.covariance[2];
        Part::Normal { mean: a * self.mean[0] + b * self.mean[1], sd: variance.max(f64::MIN_POSITIVE).sqrt() }
    }
}

impl NormalModel {
    /// Precision matrix and right-hand side of the normal posterior of (e0, emax).
    fn normal_equations(&self, log_ed50: f64, precision: f64) -> ([f64; 3], [f64; 2]) {
        let prior = |prior: NormalPrior| 1.0 / (prior.sd * prior.sd);
        let (p0, p1) = (prior(self.priors.e0), prior(self.priors.emax));
        let mut matrix = [p0, 0.0, p1];
        let mut right = [p0 * self.priors.e0.mean, p1 * self.priors.emax.mean];
        for group in &self.groups {
            let g = saturation(group.dose, log_ed50);
            let weight = precision * group.n;
            matrix[0] += weight;
            matrix[1] += weight * g;
            matrix[2] += weight * g * g;
            right[0] += weight * group.mean;
            right[1] += weight * g * group.mean;
        }
        (matrix, right)
    }

    /// Logarithm of prior times likelihood with e0 and emax integrated out, as a density of (log ed50, log sigma).
    fn log_marginal(&self, log_ed50: f64, log_sigma: f64) -> f64 {
        let precision = (-2.0 * log_sigma).exp();
        let ([a, b, c], [r0, r1]) = self.normal_equations(log_ed50, precision);
        let determinant = a * c - b * b;
        let form = (c * r0 * r0 - 2.0 * b * r0 * r1 + a * r1 * r1) / determinant;
        let (n, squares) = self
            .groups
            .iter()
            .fold((0.0, 0.0), |(n, squares), group| (n + group.n, squares + group.squares + group.n * group.mean * group.mean));
        let constant: f64 =
            [self.priors.e0, self.priors.emax].into_iter().map(|prior| -prior.sd.ln() - 0.5 * (prior.mean / prior.sd).powi(2)).sum();
        let likelihood =
            -n * log_sigma - 0.5 * n * (2.0 * PI).ln() - 0.5 * precision * squares + constant + 0.5 * form - 0.5 * determinant.ln();
        let sigma = log_sigma.exp() / self.sigma_scale;
        // Half-normal prior of sigma, with the derivative of sigma in its logarithm.
        let prior_of_sigma = 0.5 * (2.0 / PI).ln() - self.sigma_scale.ln() - 0.5 * sigma * sigma + log_sigma;
        likelihood + prior_of_sigma + self.priors.log_ed50.ln_density(log_ed50)
    }

    /// Ranges of log ed50 and log sigma outside which there is no posterior mass to speak of.
    fn grid(&self, responses: &[f64]) -> ((f64, f64), (f64, f64)) {
        let n = responses.len() as f64;
        let centre = responses.iter().sum::<f64>() / n;
        let total = (responses.iter().map(|y| (y - centre) * (y - centre)).sum::<f64>() / n).sqrt().max(1e-6 * self.sigma_scale);
        let wide = ((total * 1e-4).ln(), total.max(self.sigma_scale).ln() + 4.0);
        let coarse: Vec<f64> = (0..=STEPS).map(|k| wide.0 + (wide.1 - wide.0) * k as f64 / STEPS as f64).collect();
        let locations = essential_range(|u| log_sum(coarse.iter().map(|s| self.log_marginal(u, *s))), reach(self.priors.log_ed50), STEPS);
        let inner: Vec<f64> = (0..=STEPS).map(|k| locations.0 + (locations.1 - locations.0) * k as f64 / STEPS as f64).collect();
        let scales = essential_range(|s| log_sum(inner.iter().map(|u| self.log_marginal(*u, s))), wide, 4 * STEPS);
        (locations, scales)
    }

    fn conditionals(&self, locations: &[(f64, f64)], scales: &[(f64, f64)]) -> Vec<Conditional> {
        let logs: Vec<(f64, f64, f64)> = locations
            .iter()
            .flat_map(|(u, wu)| scales.iter().map(move |(s, ws)| (*u, *s, self.log_marginal(*u, *s) + (wu * ws).ln())))
            .collect();
        let total = log_sum(logs.iter().map(|node| node.2));
        let kept: Vec<(f64, f64, f64)> = logs
            .into_iter()
            .map(|(u, s, log)| (u, s, (log - total).exp()))
            .filter(|(_, _, probability)| *probability > NEGLIGIBLE)
            .collect();
        let mass: f64 = kept.iter().map(|node| node.2).sum();
        kept.into_iter()
            .filter_map(|(log_ed50, s, probability)| {
                let (matrix, right) = self.normal_equations(log_ed50, (-2.0 * s).exp());
                let factor = Cholesky::factor(&[matrix[0], matrix[1], matrix[1], matrix[2]], 2)?;
                let (mean, inverse) = (factor.solve(&right), factor.inverse());
                Some(Conditional {
                    log_ed50,
                    probability: probability / mass,
                    mean: [mean[0], mean[1]],
                    covariance: [inverse[0], inverse[1], inverse[3]],
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIORS: EmaxPriors = EmaxPriors {
        e0: NormalPrior { mean: 0.0, sd: 3.0 },
        emax: NormalPrior { mean: 0.0, sd: 3.0 },
        log_ed50: NormalPrior { mean: 3.0, sd: 1.0 },
    };

    #[test]
    fn without_doses_the_prior_of_ed50_stays() {
        let posterior = normal_emax_posterior(&[0.0; 8], &[1.0, 1.2, 0.7, 0.9, 1.4, 1.1, 0.8, 1.0], PRIORS, 2.0, &[0.0, 20.0]).unwrap();
        assert!((posterior.log_ed50.mean() - 3.0).abs() < 1e-9 && (posterior.log_ed50.sd() - 1.0).abs() < 1e-9);
        assert!(posterior.emax.mean().abs() < 1e-9 && (posterior.emax.sd() - 3.0).abs() < 1e-9);
        assert!((posterior.emax.quantile(0.975) - 3.0 * 1.959_963_984_540_054).abs() < 1e-6);
        assert!(posterior.change[0].is_none() && posterior.change[1].is_some());
        let binary = binary_emax_posterior(&[0.0], &[3.0], &[10.0], PRIORS, &[0.0]).unwrap();
        assert!((binary.log_ed50.mean() - 3.0).abs() < 1e-7 && (binary.emax.sd() - 3.0).abs() < 1e-6);
    }

    #[test]
    fn the_unit_of_dose_moves_ed50_only() {
        let doses = [0.0, 5.0, 10.0, 20.0, 40.0, 80.0];
        let (events, trials) = ([1.0, 3.0, 5.0, 8.0, 10.0, 11.0], [15.0; 6]);
        let plain = binary_emax_posterior(&doses, &events, &trials, PRIORS, &[20.0]).unwrap();
        let shift = 1e3_f64.ln();
        let priors = EmaxPriors { log_ed50: NormalPrior { mean: 3.0 + shift, sd: 1.0 }, ..PRIORS };
        let scaled = binary_emax_posterior(&doses.map(|dose| dose * 1e3), &events, &trials, priors, &[2e4]).unwrap();
        assert!((plain.log_ed50.mean() + shift - scaled.log_ed50.mean()).abs() < 1e-8);
        assert!((plain.curve[0].quantile(0.1) - scaled.curve[0].quantile(0.1)).abs() < 1e-8);
        assert!(plain.emax.probability_above(0.0) > 0.99);
    }

    #[test]
    fn the_order_of_rows_changes_nothing_and_faults_are_refused() {
        let (doses, responses) = ([0.0, 10.0, 40.0, 0.0, 10.0, 40.0], [1.0, 2.0, 2.7, 0.8, 1.7, 3.1]);
        let posterior = |doses: &[f64], responses: &[f64]| normal_emax_posterior(doses, responses, PRIORS, 1.0, &[10.0]);
        let first = posterior(&doses, &responses).unwrap();
        let (mut turned, mut values) = (doses, responses);
        turned.reverse();
        values.reverse();
        let second = posterior(&turned, &values).unwrap();
        assert!((first.curve[0].mean() - second.curve[0].mean()).abs() < 1e-12);
        assert!(matches!(posterior(&doses, &responses[1..]), Err(EmaxPosteriorError::Lengths { .. })));
        assert!(matches!(posterior(&[-1.0], &[1.0]), Err(EmaxPosteriorError::Value)));
        let improper = EmaxPriors { emax: NormalPrior { mean: 0.0, sd: 0.0 }, ..PRIORS };
        assert!(matches!(normal_emax_posterior(&doses, &responses, improper, 1.0, &[]), Err(EmaxPosteriorError::Prior)));
    }
}
