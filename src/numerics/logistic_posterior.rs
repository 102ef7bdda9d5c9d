//! Bayesian logistic regression by quadrature: posterior densities of linear combinations of the coefficients.
//!
//! Start with [`LogisticPosterior::new`].

use std::f64::consts::PI;

use thiserror::Error;

use super::cholesky::Cholesky;
use super::design_matrix::DesignMatrix;
use super::distribution::{DistributionError, ln_gamma};
use super::piecewise_density::{PiecewiseDensity, essential_range};
use super::quadrature::GaussLegendre;

/// Most coefficients for which a lattice over all but one is affordable.
const MOST_COEFFICIENTS: usize = 4;

/// Distance of the lattice points in standard deviations: the error for a normal density is `2 exp(-2 pi^2/h^2)`, below `1e-21`.
const SPACING: f64 = 0.6;

/// Radius of the lattice in standard deviations, by number of nuisance coordinates; without one, how far the tails are looked at.
const RADII: [f64; 4] = [REACH, 12.0, 7.2, 6.6];

/// Half-width of the range searched for the density of a combination, in standard deviations.
const REACH: f64 = 16.0;

const PANELS: usize = 6;

const POINTS: usize = 16;

/// Fall of the log posterior from its mode that must be reached at the edge of the lattice.
const NEGLIGIBLE: f64 = 9.0;

const MAX_ITERATIONS: usize = 200;

/// Linear predictor beyond which `log(1 + e^h)` is `h + e^-h` to rounding.
const LARGE: f64 = 20.0;

/// Prior of one coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CoefficientPrior {
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Student's t, shifted and scaled.
    StudentT {
        /// Centre.
        mean: f64,
        /// Scale.
        scale: f64,
        /// Degrees of freedom.
        df: f64,
    },
}

/// Why a posterior cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PosteriorError {
    /// Rows, outcomes, columns and priors do not fit together.
    #[error("{rows} rows, {outcomes} outcomes, {columns} columns and {priors} priors do not fit together")]
    Lengths {
        /// Rows of the design.
        rows: usize,
        /// Outcomes.
        outcomes: usize,
        /// Columns of the design.
        columns: usize,
        /// Priors.
        priors: usize,
    },
    /// More coefficients than quadrature can take.
    #[error("{0} coefficients are more than the {MOST_COEFFICIENTS} that quadrature can take")]
    TooManyCoefficients(usize),
    /// A prior whose scale or degrees of freedom are not positive.
    #[error("a prior is not a distribution")]
    Prior,
    /// Events that are not a count among the trials.
    #[error("{events} events of {trials} is not a count")]
    Count {
        /// Events.
        events: f64,
        /// Trials.
        trials: f64,
    },
    /// The posterior mode was not found.
    #[error("no convergence to the posterior mode")]
    NoConvergence,
    /// Posterior tails that reach beyond the lattice, as with a t prior of few degrees of freedom under separation.
    #[error("the tails of the posterior are too heavy for quadrature")]
    HeavyTails,
    /// A distribution function refused its argument.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

impl CoefficientPrior {
    fn is_proper(self) -> bool {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        match self {
            Self::Normal { mean, sd } => mean.is_finite() && positive(sd),
            Self::StudentT { mean, scale, df } => mean.is_finite() && positive(scale) && positive(df),
        }
    }

    /// Logarithm of the factor that does not depend on the coefficient.
    fn ln_constant(self) -> Result<f64, DistributionError> {
        Ok(match self {
            Self::Normal { sd, .. } => -(sd * (2.0 * PI).sqrt()).ln(),
            Self::StudentT { scale, df, .. } => ln_gamma(0.5 * (df + 1.0))? - ln_gamma(0.5 * df)? - 0.5 * (df * PI).ln() - scale.ln(),
        })
    }

    fn ln_kernel(self, value: f64) -> f64 {
        match self {
            Self::Normal { mean, sd } => -0.5 * ((value - mean) / sd).powi(2),
            Self::StudentT { mean, scale, df } => -0.5 * (df + 1.0) * (((value - mean) / scale).powi(2) / df).ln_1p(),
        }
    }

    /// Derivative of the log density, and a curvature that is never negative.
    fn slope_and_curvature(self, value: f64) -> (f64, f64) {
        match self {
            Self::Normal { mean, sd } => ((mean - value) / (sd * sd), 1.0 / (sd * sd)),
            Self::StudentT { mean, scale, df } => {
                let curvature = (df + 1.0) / (df * scale * scale + (value - mean) * (value - mean));
                ((mean - value) * curvature, curvature)
            }
        }
    }
}

/// The posterior of the coefficients of a logistic regression.
#[derive(Debug, Clone)]
pub struct LogisticPosterior {
    columns: usize,
    /// Distinct rows of the design with events and trials.
    rows: Vec<(Vec<f64>, f64, f64)>,
    priors: Vec<CoefficientPrior>,
    /// Logarithm of the priors' constants.
    ln_constant: f64,
    mode: Vec<f64>,
    /// Factor of the precision at the mode.
    precision: Cholesky,
}

impl LogisticPosterior {
    /// Posterior of events among trials (one trial per row without `trials`), with independent priors of the coefficients.
    ///
    /// ```text
    /// p(b | y) ~ prod_j p_j(b_j) prod_i p_i^y_i (1 - p_i)^(m_i - y_i),   logit p_i = x_i'b
    /// ```
    ///
    /// The prior of a constant column applies at zero of the other columns: nothing is centred.
    ///
    /// # Errors
    /// [`PosteriorError`].
    ///
    /// Source: `[GelmanJakulin2008]`.
    pub fn new(design: &DesignMatrix, events: &[f64], trials: Option<&[f64]>, priors: &[CoefficientPrior]) -> Result<Self, PosteriorError> {
        let trials = trials.map_or_else(|| vec![1.0; events.len()], <[f64]>::to_vec);
        let columns = design.columns();
        if events.len() != design.rows() || trials.len() != design.rows() || priors.len() != columns {
            return Err(PosteriorError::Lengths { rows: design.rows(), outcomes: events.len(), columns, priors: priors.len() });
        }
        if columns > MOST_COEFFICIENTS {
            return Err(PosteriorError::TooManyCoefficients(columns));
        }
        if !priors.iter().all(|prior| prior.is_proper()) {
            return Err(PosteriorError::Prior);
        }
        let bad = |(events, trials): &(&f64, &f64)| !(**events >= 0.0 && events <= trials && trials.is_finite());
        if let Some((events, trials)) = events.iter().zip(&trials).find(bad) {
            return Err(PosteriorError::Count { events: *events, trials: *trials });
        }
        let mut ln_constant = 0.0;
        for prior in priors {
            ln_constant += prior.ln_constant()?;
        }
        let mut out = Self {
            columns,
            rows: distinct(design, events, &trials),
            priors: priors.to_vec(),
            ln_constant,
            mode: priors.iter().map(|prior| prior.centre()).collect(),
            precision: Cholesky::factor(&[], 0).ok_or(PosteriorError::NoConvergence)?,
        };
        out.find_mode()?;
        out.check_tails()?;
        Ok(out)
    }

    /// Coefficients of the highest posterior density.
    #[must_use]
    pub fn mode(&self) -> &[f64] {
        &self.mode
    }

    /// Logarithm of the marginal likelihood: normalised priors, Bernoulli likelihood without binomial coefficients.
    #[must_use]
    pub fn log_marginal_likelihood(&self) -> f64 {
        let mut first = vec![0.0; self.columns];
        if let Some(entry) = first.first_mut() {
            *entry = 1.0;
        }
        self.density(&first).log_total()
    }

    /// Posterior density of the combination `weights'b`; its total is the marginal likelihood.
    ///
    /// ```text
    /// p(t | y) = integral over {b: weights'b = t} of p(b | y)
    /// ```
    ///
    /// The coordinates are whitened at the mode and turned so that one of them is the combination; over the others the trapezoidal rule on
    /// a lattice is used, which converges faster than any power of its spacing.
    #[must_use]
    pub fn density(&self, weights: &[f64]) -> PiecewiseDensity {
        let turned = Turned::new(self, weights);
        let centre: f64 = self.mode.iter().zip(weights).map(|(b, w)| b * w).sum();
        let log_density = |t: f64| turned.log_density((t - centre) / turned.scale);
        let reach = REACH * turned.scale;
        let range = essential_range(log_density, (centre - reach, centre + reach), 2 * REACH as usize);
        PiecewiseDensity::new(log_density, range, PANELS, &GaussLegendre::new(POINTS))
    }

    fn find_mode(&mut self) -> Result<(), PosteriorError> {
        let mut value = self.log_posterior(&self.mode);
        for _ in 0..MAX_ITERATIONS {
            let (slope, curvature) = self.derivatives();
            self.precision = Cholesky::factor(&curvature, self.columns).ok_or(PosteriorError::NoConvergence)?;
            let step = self.precision.solve(&slope);
            // In units of the posterior's own spread.
            let size = self.precision.inverse_form(&slope).sqrt();
            if size < 1e-9 {
                return Ok(());
            }
            let mut fraction = 1.0;
            loop {
                let next: Vec<f64> = self.mode.iter().zip(&step).map(|(b, d)| b + fraction * d).collect();
                let reached = self.log_posterior(&next);
                if reached >= value - 1e-12 * value.abs().max(1.0) {
                    (self.mode, value) = (next, reached);
                    break;
                }
                fraction *= 0.5;
                if fraction < 1e-12 {
                    return Err(PosteriorError::NoConvergence);
                }
            }
        }
        Err(PosteriorError::NoConvergence)
    }

    /// The posterior must have fallen to next to nothing at the edge of the lattice, along each whitened axis.
    fn check_tails(&self) -> Result<(), PosteriorError> {
        let top = self.log_posterior(&self.mode);
        let radius = RADII.get(self.columns.saturating_sub(1)).copied().unwrap_or(REACH);
        for axis in 0..self.columns {
            let unit: Vec<f64> = (0..self.columns).map(|other| f64::from(u8::from(other == axis))).collect();
            let direction = self.precision.solve_upper(&unit);
            for side in [-radius, radius] {
                let edge: Vec<f64> = self.mode.iter().zip(&direction).map(|(b, d)| b + side * d).collect();
                if top - self.log_posterior(&edge) < NEGLIGIBLE {
                    return Err(PosteriorError::HeavyTails);
                }
            }
        }
        Ok(())
    }

    fn log_posterior(&self, point: &[f64]) -> f64 {
        let likelihood: f64 = self
            .rows
            .iter()
            .map(|(x, events, trials)| {
                let h: f64 = x.iter().zip(point).map(|(x, b)| x * b).sum();
                events * h - trials * (h.max(0.0) + (-h.abs()).exp().ln_1p())
            })
            .sum();
        likelihood + self.priors.iter().zip(point).map(|(prior, b)| prior.ln_kernel(*b)).sum::<f64>()
    }

    fn derivatives(&self) -> (Vec<f64>, Vec<f64>) {
        let order = self.columns;
        let mut slope = vec![0.0; order];
        let mut curvature = vec![0.0; order * order];
        for (x, events, trials) in &self.rows {
            let h: f64 = x.iter().zip(&self.mode).map(|(x, b)| x * b).sum();
            let small = (-h.abs()).exp();
            let p = if h >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
            let weight = trials * small / ((1.0 + small) * (1.0 + small));
            for i in 0..order {
                slope[i] += (events - trials * p) * x[i];
                for j in 0..order {
                    curvature[i * order + j] += weight * x[i] * x[j];
                }
            }
        }
        for (i, (prior, b)) in self.priors.iter().zip(&self.mode).enumerate() {
            let (prior_slope, prior_curvature) = prior.slope_and_curvature(*b);
            slope[i] += prior_slope;
            curvature[i * order + i] += prior_curvature;
        }
        (slope, curvature)
    }
}

impl CoefficientPrior {
    fn centre(self) -> f64 {
        match self {
            Self::Normal { mean, .. } | Self::StudentT { mean, .. } => mean,
        }
    }
}

/// Rows that agree in every column are put together.
fn distinct(design: &DesignMatrix, events: &[f64], trials: &[f64]) -> Vec<(Vec<f64>, f64, f64)> {
    let mut rows: Vec<(Vec<f64>, f64, f64)> =
        design.iter().zip(events.iter().zip(trials)).map(|(x, (events, trials))| (x.to_vec(), *events, *trials)).collect();
    let order = |a: &[f64], b: &[f64]| {
        a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    };
    rows.sort_by(|a, b| order(&a.0, &b.0));
    rows.dedup_by(|later, kept| {
        let same = order(&later.0, &kept.0).is_eq();
        if same {
            kept.1 += later.1;
            kept.2 += later.2;
        }
        same
    });
    rows
}

/// Whitened coordinates, the first along a combination of the coefficients.
struct Turned<'a> {
    posterior: &'a LogisticPosterior,
    /// Standard deviation of the combination at the mode.
    scale: f64,
    /// Change of each coefficient with each coordinate, row by row.
    directions: Vec<f64>,
    /// Change of each row's linear predictor with each coordinate.
    movements: Vec<f64>,
    /// Linear predictor of each row at the mode.
    predictors: Vec<f64>,
    /// Points of the lattice in the nuisance coordinates.
    lattice: Vec<Vec<f64>>,
    /// Logarithm of the volume that a lattice point stands for, per unit of the combination, with the priors' constants.
    ln_volume: f64,
}

impl<'a> Turned<'a> {
    fn new(posterior: &'a LogisticPosterior, weights: &[f64]) -> Self {
        let order = posterior.columns;
        // With precision L L' the coefficients are mode + L^-T z, so that the combination moves along L^-1 w.
        let along = posterior.precision.solve_lower(weights);
        let scale = along.iter().map(|a| a * a).sum::<f64>().sqrt();
        let axes = orthonormal(&along, scale);
        let columns: Vec<Vec<f64>> = axes.iter().map(|axis| posterior.precision.solve_upper(axis)).collect();
        let directions: Vec<f64> = (0..order).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
        let movements = posterior
            .rows
            .iter()
            .flat_map(|(x, _, _)| columns.iter().map(move |column| x.iter().zip(column).map(|(x, c)| x * c).sum()))
            .collect();
        let predictors = posterior.rows.iter().map(|(x, _, _)| x.iter().zip(&posterior.mode).map(|(x, b)| x * b).sum()).collect();
        let lattice = lattice(order - 1);
        let ln_volume =
            -0.5 * posterior.precision.ln_determinant() - scale.ln() + (order - 1) as f64 * SPACING.ln() + posterior.ln_constant;
        Self { posterior, scale, directions, movements, predictors, lattice, ln_volume }
    }

    /// Logarithm of the density of the combination at its whitened value.
    fn log_density(&self, first: f64) -> f64 {
        let mut point = vec![first; self.posterior.columns];
        let logs: Vec<f64> = self
            .lattice
            .iter()
            .map(|others| {
                point.iter_mut().skip(1).zip(others).for_each(|(place, z)| *place = *z);
                self.log_posterior(&point)
            })
            .collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln() + self.ln_volume
    }

    fn log_posterior(&self, z: &[f64]) -> f64 {
        let order = z.len();
        let mut out = 0.0;
        for ((direction, prior), mode) in self.directions.chunks_exact(order).zip(&self.posterior.priors).zip(&self.posterior.mode) {
            out += prior.ln_kernel(mode + direction.iter().zip(z).map(|(d, z)| d * z).sum::<f64>());
        }
        // Sums of log(1 + e^h) cost one exponential each: the factors are multiplied and their logarithm taken now and then.
        let mut product = 1.0_f64;
        for ((movement, start), (_, events, trials)) in self.movements.chunks_exact(order).zip(&self.predictors).zip(&self.posterior.rows) {
            let h = start + movement.iter().zip(z).map(|(m, z)| m * z).sum::<f64>();
            out += events * h;
            let single = (trials - 1.0).abs() < f64::EPSILON;
            if h > LARGE {
                out -= trials * (h + (-h).exp());
            } else if single {
                product *= 1.0 + h.exp();
                if product > 1e200 {
                    out -= product.ln();
                    product = 1.0;
                }
            } else {
                out -= trials * h.exp().ln_1p();
            }
        }
        out - product.ln()
    }
}

/// Orthonormal axes, the first along `vector` of the given length.
fn orthonormal(vector: &[f64], length: f64) -> Vec<Vec<f64>> {
    let order = vector.len();
    let mut axes: Vec<Vec<f64>> = vec![vector.iter().map(|value| value / length).collect()];
    // The unit vectors nearest to the first axis come last, so that what is left of each stays long.
    let mut units: Vec<usize> = (0..order).collect();
    units.sort_by(|a, b| vector[*a].abs().total_cmp(&vector[*b].abs()));
    for unit in units.into_iter().take(order.saturating_sub(1)) {
        let mut rest = vec![0.0; order];
        rest[unit] = 1.0;
        for _ in 0..2 {
            for axis in &axes {
                let along: f64 = axis.iter().zip(&rest).map(|(a, b)| a * b).sum();
                rest.iter_mut().zip(axis).for_each(|(value, a)| *value -= along * a);
            }
        }
        let left = rest.iter().map(|value| value * value).sum::<f64>().sqrt();
        rest.iter_mut().for_each(|value| *value /= left);
        axes.push(rest);
    }
    axes
}

/// Points of a cubic lattice inside a ball.
fn lattice(dimensions: usize) -> Vec<Vec<f64>> {
    let radius = if dimensions == 0 { 0.0 } else { RADII.get(dimensions).copied().unwrap_or(0.0) };
    let steps = (radius / SPACING) as i32;
    let mut points = vec![Vec::new()];
    for _ in 0..dimensions {
        points = points
            .into_iter()
            .flat_map(|point: Vec<f64>| {
                (-steps..=steps).map(move |step| {
                    let mut longer = point.clone();
                    longer.push(SPACING * f64::from(step));
                    longer
                })
            })
            .filter(|point| point.iter().map(|z| z * z).sum::<f64>() <= radius * radius)
            .collect();
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::distribution::{ln_beta, normal_cdf};
    use super::*;

    const WIDE: CoefficientPrior = CoefficientPrior::Normal { mean: 0.0, sd: 2.5 };

    fn design() -> DesignMatrix {
        DesignMatrix::from_columns(&[vec![1.0; 12], (0..12).map(|i| f64::from(i) * 0.3).collect()]).unwrap()
    }

    const EVENTS: [f64; 12] = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0];

    #[test]
    fn without_data_the_posterior_is_the_prior() {
        let design = DesignMatrix::from_columns(&[vec![1.0], vec![2.0]]).unwrap();
        let normal = CoefficientPrior::Normal { mean: 1.0, sd: 0.5 };
        let posterior = LogisticPosterior::new(&design, &[0.0], Some(&[0.0]), &[WIDE, normal]).unwrap();
        let density = posterior.density(&[0.0, 1.0]);
        assert!((density.mean() - 1.0).abs() < 1e-10 && (density.variance() - 0.25).abs() < 1e-9);
        assert!((density.cumulative(1.6) - normal_cdf(1.2)).abs() < 1e-9 && density.log_total().abs() < 1e-9);
    }

    #[test]
    fn one_coefficient_with_a_logistic_shaped_t_prior_is_close_to_the_brute_sum() {
        let design = DesignMatrix::from_columns(&[vec![1.0]]).unwrap();
        let prior = CoefficientPrior::StudentT { mean: -0.4, scale: 1.5, df: 7.0 };
        let posterior = LogisticPosterior::new(&design, &[3.0], Some(&[11.0]), &[prior]).unwrap();
        let kernel = |b: f64| (prior.ln_kernel(b) + 3.0 * b - 11.0 * b.exp().ln_1p()).exp() * prior.ln_constant().unwrap().exp();
        let step = 1e-3;
        let (mut total, mut first) = (0.0, 0.0);
        for k in -20_000..=20_000 {
            let b = f64::from(k) * step;
            total += kernel(b) * step;
            first += b * kernel(b) * step;
        }
        let density = posterior.density(&[1.0]);
        assert!((density.mean() - first / total).abs() < 1e-8);
        assert!((posterior.log_marginal_likelihood() - total.ln()).abs() < 1e-8);
        assert!(total.ln() < -ln_beta(4.0, 9.0).unwrap().abs() + 6.0);
    }

    #[test]
    fn combinations_agree_with_each_other() {
        let posterior = LogisticPosterior::new(&design(), &EVENTS, None, &[WIDE, WIDE]).unwrap();
        let (intercept, slope) = (posterior.density(&[1.0, 0.0]), posterior.density(&[0.0, 1.0]));
        let at = posterior.density(&[1.0, 2.0]);
        assert!((at.mean() - intercept.mean() - 2.0 * slope.mean()).abs() < 1e-8);
        assert!((at.log_total() - slope.log_total()).abs() < 1e-8);
        assert!(slope.upper(0.0) > 0.9 && slope.quantile(0.025) < slope.mean());
    }

    #[test]
    fn units_change_only_what_they_measure() {
        let plain = LogisticPosterior::new(&design(), &EVENTS, None, &[WIDE, WIDE]).unwrap();
        let scaled: Vec<f64> = design().column(1).iter().map(|x| x * 1e5).collect();
        let design = DesignMatrix::from_columns(&[vec![1.0; 12], scaled]).unwrap();
        let prior = CoefficientPrior::Normal { mean: 0.0, sd: 2.5e-5 };
        let other = LogisticPosterior::new(&design, &EVENTS, None, &[WIDE, prior]).unwrap();
        assert!((other.density(&[0.0, 1.0]).mean() * 1e5 - plain.density(&[0.0, 1.0]).mean()).abs() < 1e-9);
    }

    #[test]
    fn four_coefficients_are_possible_and_five_refused() {
        let columns: Vec<Vec<f64>> =
            (0..5).map(|k| (0..12).map(|i| if k == 0 { 1.0 } else { f64::from(i * (k + 2) % 7) * 0.3 }).collect()).collect();
        let four = DesignMatrix::from_columns(&columns[..4]).unwrap();
        let posterior = LogisticPosterior::new(&four, &EVENTS, None, &[WIDE; 4]).unwrap();
        let totals = [posterior.density(&[0.0, 1.0, 0.0, 0.0]).log_total(), posterior.density(&[1.0, 0.5, 2.0, 1.0]).log_total()];
        assert!((totals[0] - totals[1]).abs() < 1e-5, "{totals:?}");
        let five = DesignMatrix::from_columns(&columns).unwrap();
        let refused = LogisticPosterior::new(&five, &EVENTS, None, &[WIDE; 5]);
        assert_eq!(refused.err(), Some(PosteriorError::TooManyCoefficients(5)));
        assert_eq!(LogisticPosterior::new(&five, &EVENTS, None, &[WIDE; 4]).err().map(|_| ()), Some(()));
        let cauchy = CoefficientPrior::StudentT { mean: 0.0, scale: 2.5, df: 1.0 };
        let separated: Vec<f64> = (0..12).map(|i| f64::from(u8::from(i > 5))).collect();
        assert_eq!(LogisticPosterior::new(&design(), &separated, None, &[cauchy; 2]).err(), Some(PosteriorError::HeavyTails));
        let improper = [WIDE, CoefficientPrior::Normal { mean: 0.0, sd: 0.0 }];
        assert_eq!(LogisticPosterior::new(&design(), &EVENTS, None, &improper).err(), Some(PosteriorError::Prior));
    }
}
