//! The largest of several correlated normal or t variables.
//!
//! ```text
//! T_j = (Z_j + mean_j) / S,   Z normal with mean 0, variances 1 and correlation R,   S^2 = chi-square(df) / df independent of Z; S = 1 for df infinite
//! ```
//!
//! `R` may be singular: `Z = A W` with as many independent `W` as the rank of `R`. `W` is a radius times a direction; the radius is integrated in
//! closed form and the direction over a lattice on the sphere, so that far tails keep their relative accuracy, where methods that integrate
//! one variable after the other lose theirs when `R` is nearly singular. Start with [`MaximumDistribution`] for tail
//! probabilities and quantiles with means zero and with [`exceedance`] for other means. `[GenzBretz2009]`

use rayon::prelude::*;
use thiserror::Error;

use super::distribution::{
    DistributionError, beta_cdf, beta_density, chi_square_quantile, chi_square_upper, ln_gamma, normal_cdf, t_quantile,
};
use super::matrix::{Matrix, dot};
use super::quadrature::GaussLegendre;
use super::root::find_root;
use super::sphere::SphereLattice;

/// Copies of the lattice, from whose spread the error is told.
const COPIES: u32 = 8;

/// Logarithm to base 2 of the directions per copy for tail probabilities, up to a rank and beyond it.
const LOG2_DIRECTIONS: [u32; 2] = [13, 14];

/// Largest rank for which the smaller number of directions does.
const LOW_RANK: usize = 4;

/// Logarithm to base 2 of the directions per copy where means are not zero.
const LOG2_DIRECTIONS_WITH_MEANS: u32 = 10;

/// Nodes on either side of zero between which the radial part is interpolated.
const NODES: usize = 256;

/// Points of the integral over `S`.
const SCALE_POINTS: usize = 20;

/// Part of the distribution of `S` left out at either end.
const SCALE_TAIL: f64 = 1e-10;

/// Share of a variance below which it counts as explained.
const EXPLAINED: f64 = 1e-10;

/// Why there is no probability.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum MultivariateError {
    /// Not square, not symmetric, without ones on the diagonal or not positive semidefinite.
    #[error("not a correlation matrix")]
    NotACorrelation,
    /// As many means as variables are needed.
    #[error("{means} means for {variables} variables")]
    Means {
        /// Means given.
        means: usize,
        /// Variables.
        variables: usize,
    },
    /// Degrees of freedom that are not positive.
    #[error("{0} degrees of freedom; they must be positive, infinite for normal variables")]
    DegreesOfFreedom(f64),
    /// A distribution refused its argument.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// No quantile was found.
    #[error("no quantile at tail probability {0}")]
    NoQuantile(f64),
}

/// Which deviations count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tails {
    /// The largest `T_j`.
    Upper,
    /// The largest `|T_j|`.
    Both,
}

/// A number from numerical integration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Integral {
    /// The value.
    pub value: f64,
    /// Its standard error, from the spread between copies of the lattice.
    pub standard_error: f64,
}

/// Distribution of the largest of several variables with means zero.
///
/// ```text
/// P(max T_j > c) = E_u[ P(Q > (c / m(u))^2) ; m(u) > 0 ]     for c >= 0
/// m(u) = max_j a_j' u (or max_j |a_j' u|),  u uniform on the sphere,  a_j the rows of A,  Q = chi-square(r) / S^2,  r the rank of R
/// ```
///
/// The directions are met once: their `m(u)` are kept as weights on fixed nodes of `m^(1/3)` with cubic interpolation of the radial part, so that every
/// further probability costs a few hundred evaluations of the beta distribution.
#[derive(Debug, Clone)]
pub struct MaximumDistribution {
    variables: usize,
    rank: f64,
    df: f64,
    tails: Tails,
    /// By copy, and within it by node: weight of the value and of the derivative.
    copies: Vec<Vec<(f64, f64)>>,
}

impl MaximumDistribution {
    /// Prepares the distribution for a correlation matrix, which may be singular.
    ///
    /// # Errors
    /// [`MultivariateError`] for a matrix that is no correlation matrix and for degrees of freedom that are not positive.
    pub fn new(correlation: &Matrix, df: f64, tails: Tails) -> Result<Self, MultivariateError> {
        check_degrees(df)?;
        let loadings = loadings(correlation)?;
        let rank = loadings.first().map_or(0, Vec::len);
        let lattice = SphereLattice::new(rank, LOG2_DIRECTIONS[usize::from(rank > LOW_RANK)]);
        let copies = (0..COPIES).into_par_iter().map(|copy| node_weights(&loadings, lattice, copy, tails)).collect();
        Ok(Self { variables: loadings.len(), rank: rank as f64, df, tails, copies })
    }

    /// Probability that the largest variable exceeds `c`: the p-value adjusted for having looked at all of them.
    ///
    /// # Errors
    /// [`MultivariateError::Distribution`] for a NaN.
    pub fn upper(&self, c: f64) -> Result<Integral, MultivariateError> {
        if c.is_nan() {
            return Err(DistributionError::Parameter { name: "c", value: c }.into());
        }
        if self.tails == Tails::Both && c <= 0.0 {
            return Ok(Integral { value: 1.0, standard_error: 0.0 });
        }
        let radial: Vec<(f64, f64)> = (0..=2 * NODES).map(|node| self.radial(c, node)).collect::<Result<_, _>>()?;
        let estimates: Vec<f64> = self
            .copies
            .iter()
            .map(|weights| weights.iter().zip(&radial).map(|(weight, (value, slope))| weight.0 * value + weight.1 * slope).sum())
            .collect();
        Ok(summarise(&estimates, 0.0, 1.0))
    }

    /// The `c` that the largest variable exceeds with probability `alpha`: the critical value adjusted for all of them.
    ///
    /// # Errors
    /// [`MultivariateError`] for an `alpha` outside (0, 1).
    pub fn quantile(&self, alpha: f64) -> Result<Integral, MultivariateError> {
        let sides = if self.tails == Tails::Both { 2.0 } else { 1.0 };
        let single = t_quantile(1.0 - alpha / sides, self.df)?;
        let bonferroni = -t_quantile(alpha / sides / self.variables as f64, self.df)?;
        let miss = |c: f64| self.upper(c).map_or(f64::NAN, |tail| tail.value - alpha);
        // One variable alone and all as if disjoint bracket the quantile, up to the error of the integral.
        let margin = 0.05;
        let value = find_root(miss, single - margin, bonferroni + margin, 1e-12).map_err(|_| MultivariateError::NoQuantile(alpha))?;
        let step = 1e-4;
        let slope = (miss(value + step) - miss(value - step)) / (2.0 * step);
        Ok(Integral { value, standard_error: (self.upper(value)?.standard_error / slope).abs() })
    }

    /// Radial part at a node and its derivative with respect to the node's position `t = m^(1/3)`.
    fn radial(&self, c: f64, node: usize) -> Result<(f64, f64), MultivariateError> {
        let t = node as f64 / NODES as f64 - 1.0;
        let m = t.powi(3);
        // Directions on the other side of zero always or never exceed.
        if node == NODES || (m > 0.0) != (c > 0.0) {
            return Ok((if c < 0.0 || (c == 0.0 && m > 0.0) { 1.0 } else { 0.0 }, 0.0));
        }
        if c == 0.0 {
            return Ok((if m > 0.0 { 1.0 } else { 0.0 }, 0.0));
        }
        let square = (c / m).powi(2);
        let (tail, density) = self.squared_radius(square)?;
        let slope = 2.0 * square / m.abs() * density * 3.0 * t * t;
        Ok(if c > 0.0 { (tail, slope) } else { (1.0 - tail, slope) })
    }

    /// Upper tail and density of `Q = chi-square(r) / S^2`.
    fn squared_radius(&self, q: f64) -> Result<(f64, f64), MultivariateError> {
        let half = 0.5 * self.rank;
        if self.df.is_infinite() {
            let density = ((half - 1.0) * (0.5 * q).ln() - 0.5 * q - ln_gamma(half)?).exp() * 0.5;
            return Ok((chi_square_upper(q, self.rank)?, density));
        }
        let share = self.df / (self.df + q);
        let density = beta_density(share, 0.5 * self.df, half)? * share / (self.df + q);
        Ok((beta_cdf(share, 0.5 * self.df, half)?, density))
    }
}

/// Probability that the largest of several variables with given means exceeds `c`.
///
/// ```text
/// P(max (Z_j + mean_j) / S > c) = 1 - E_S E_u[ P(lo < radius <= hi) ],   lo and hi from  radius a_j' u <= c S - mean_j  for all j
/// ```
///
/// The radius is chi-distributed with as many degrees of freedom as `R` has rank; `S` is integrated by Gauss-Legendre. For
/// [`Tails::Both`] the largest `|T_j|`.
///
/// # Errors
/// [`MultivariateError`] for a matrix that is no correlation matrix, means of another number, or degrees of freedom that are not positive.
pub fn exceedance(correlation: &Matrix, means: &[f64], df: f64, c: f64, tails: Tails) -> Result<Integral, MultivariateError> {
    check_degrees(df)?;
    let loadings = loadings(correlation)?;
    if means.len() != loadings.len() {
        return Err(MultivariateError::Means { means: means.len(), variables: loadings.len() });
    }
    if c.is_nan() || means.iter().any(|mean| !mean.is_finite()) {
        return Err(DistributionError::Parameter { name: "mean or limit", value: f64::NAN }.into());
    }
    let rank = loadings.first().map_or(0, Vec::len);
    let scales = scale_points(df)?;
    let lattice = SphereLattice::new(rank, LOG2_DIRECTIONS_WITH_MEANS);
    let estimates: Vec<f64> = (0..COPIES)
        .into_par_iter()
        .map(|copy| {
            let (mut inside, mut directions) = (0.0, 0.0);
            let mut projections = vec![0.0; means.len()];
            lattice.visit(copy, |direction| {
                for (projection, row) in projections.iter_mut().zip(&loadings) {
                    *projection = dot(row, direction);
                }
                for (scale, weight) in &scales {
                    let ahead = radius_range(&projections, means, c * scale, tails, 1.0);
                    let behind = radius_range(&projections, means, c * scale, tails, -1.0);
                    inside += 0.5 * weight * (chi_between(ahead, rank) + chi_between(behind, rank));
                }
                directions += 1.0;
            });
            1.0 - inside / directions
        })
        .collect();
    Ok(summarise(&estimates, 0.0, 1.0))
}

fn check_degrees(df: f64) -> Result<(), MultivariateError> {
    if df > 0.0 { Ok(()) } else { Err(MultivariateError::DegreesOfFreedom(df)) }
}

/// Mean of the copies' answers, brought into its range, with its standard error.
fn summarise(estimates: &[f64], least: f64, most: f64) -> Integral {
    let n = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / n;
    let squares: f64 = estimates.iter().map(|estimate| (estimate - mean).powi(2)).sum();
    Integral { value: mean.clamp(least, most), standard_error: (squares / (n * (n - 1.0))).sqrt() }
}

/// Rows `a_j` with `R = A A'` and as many columns as `R` has rank, by Cholesky factorisation with pivoting.
fn loadings(correlation: &Matrix) -> Result<Vec<Vec<f64>>, MultivariateError> {
    let n = correlation.rows();
    let ones = n == correlation.columns() && (0..n).all(|i| (correlation.at(i, i) - 1.0).abs() < 1e-9);
    if n == 0 || !ones || !correlation.is_symmetric(1e-7) {
        return Err(MultivariateError::NotACorrelation);
    }
    let mut rows: Vec<Vec<f64>> = vec![Vec::new(); n];
    let mut left = vec![1.0; n];
    loop {
        let (pivot, largest) =
            left.iter().enumerate().fold((0, f64::NEG_INFINITY), |best, (i, v)| if *v > best.1 { (i, *v) } else { best });
        if largest <= EXPLAINED || rows[pivot].len() == n {
            break;
        }
        let lead = rows[pivot].clone();
        for (i, row) in rows.iter_mut().enumerate() {
            let entry = (correlation.at(i, pivot) - dot(row, &lead)) / largest.sqrt();
            row.push(entry);
            left[i] -= entry * entry;
        }
    }
    if left.iter().any(|value| value.is_nan() || *value < -1e-7) {
        return Err(MultivariateError::NotACorrelation);
    }
    for row in &mut rows {
        let length = dot(row, row).sqrt();
        row.iter_mut().for_each(|value| *value /= length);
    }
    Ok(rows)
}

/// Weights on the nodes' values and derivatives that integrate any radial part over one copy of the lattice.
fn node_weights(loadings: &[Vec<f64>], lattice: SphereLattice, copy: u32, tails: Tails) -> Vec<(f64, f64)> {
    let mut weights = vec![(0.0, 0.0); 2 * NODES + 1];
    let mut count = 0.0;
    lattice.visit(copy, |direction| {
        let (mut largest, mut smallest) = (f64::NEG_INFINITY, f64::INFINITY);
        for row in loadings {
            let projection = dot(row, direction);
            largest = largest.max(projection);
            smallest = smallest.min(projection);
        }
        // The opposite direction comes for nothing.
        if tails == Tails::Both {
            add_to_nodes(&mut weights, largest.max(-smallest));
            count += 1.0;
        } else {
            add_to_nodes(&mut weights, largest);
            add_to_nodes(&mut weights, -smallest);
            count += 2.0;
        }
    });
    for (value, slope) in &mut weights {
        *value /= count;
        *slope /= count;
    }
    weights
}

/// Adds the weights of cubic Hermite interpolation at `m`.
fn add_to_nodes(weights: &mut [(f64, f64)], m: f64) {
    let width = 1.0 / NODES as f64;
    let place = ((m.cbrt() + 1.0) / width).clamp(0.0, 2.0 * NODES as f64);
    let cell = (place.floor() as usize).min(2 * NODES - 1);
    let t = place - cell as f64;
    let far = t * t * (3.0 - 2.0 * t);
    weights[cell].0 += 1.0 - far;
    weights[cell].1 += width * t * (1.0 - t) * (1.0 - t);
    weights[cell + 1].0 += far;
    weights[cell + 1].1 -= width * t * t * (1.0 - t);
}

/// Radii for which no variable exceeds the limit, in a direction (`sign` 1) or its opposite (-1).
fn radius_range(projections: &[f64], means: &[f64], limit: f64, tails: Tails, sign: f64) -> (f64, f64) {
    let (mut least, mut most) = (0.0_f64, f64::INFINITY);
    let mut narrow = |slope: f64, room: f64| {
        if slope > 0.0 {
            most = most.min(room / slope);
        } else if slope < 0.0 {
            least = least.max(room / slope);
        } else if room < 0.0 {
            most = -1.0;
        }
    };
    for (projection, mean) in projections.iter().zip(means) {
        narrow(sign * projection, limit - mean);
        if tails == Tails::Both {
            narrow(-sign * projection, limit + mean);
        }
    }
    (least, most)
}

fn chi_between((least, most): (f64, f64), df: usize) -> f64 {
    if most <= least { 0.0 } else { chi_cdf(most, df) - chi_cdf(least, df) }
}

/// Distribution function of the chi distribution with a whole number of degrees of freedom, by its finite sum.
fn chi_cdf(x: f64, df: usize) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x > 40.0 {
        return 1.0;
    }
    let half_square = 0.5 * x * x;
    if df.is_multiple_of(2) {
        let (mut term, mut sum) = (1.0, 1.0);
        for j in 1..df / 2 {
            term *= half_square / j as f64;
            sum += term;
        }
        return 1.0 - (-half_square).exp() * sum;
    }
    let (mut term, mut sum) = (x, 0.0);
    for j in 0..(df - 1) / 2 {
        sum += term;
        term *= x * x / (2 * j + 3) as f64;
    }
    2.0 * normal_cdf(x) - 1.0 - (2.0 / std::f64::consts::PI).sqrt() * (-half_square).exp() * sum
}

/// Points and weights of the integral over `S`.
fn scale_points(df: f64) -> Result<Vec<(f64, f64)>, MultivariateError> {
    if df.is_infinite() {
        return Ok(vec![(1.0, 1.0)]);
    }
    let end = |p: f64| -> Result<f64, MultivariateError> { Ok((chi_square_quantile(p, df)? / df).sqrt()) };
    let (lower, upper) = (end(SCALE_TAIL)?, end(1.0 - SCALE_TAIL)?);
    let constant = 0.5 * df * (0.5 * df).ln() - ln_gamma(0.5 * df)?;
    let density = |s: f64| 2.0 * (constant + (df - 1.0) * s.ln() - 0.5 * df * s * s).exp();
    let points: Vec<(f64, f64)> = GaussLegendre::new(SCALE_POINTS).on(lower, upper).map(|(s, weight)| (s, weight * density(s))).collect();
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    Ok(points.into_iter().map(|(s, weight)| (s, weight / total)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::distribution::{normal_quantile, normal_upper, t_upper};
    use super::*;

    fn equicorrelated(n: usize, rho: f64) -> Matrix {
        Matrix::from_rows(&(0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { rho }).collect()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn one_variable_is_student_or_normal() {
        for (df, c) in [(7.0, 2.1), (95.0, -0.4), (3.0, 0.0), (20.0, 6.0)] {
            let one = MaximumDistribution::new(&equicorrelated(1, 0.0), df, Tails::Upper).unwrap();
            let (got, want) = (one.upper(c).unwrap().value, t_upper(c, df).unwrap());
            assert!((got - want).abs() < 1e-5 * want, "{df} {c}: {got} {want}");
        }
        let normal = MaximumDistribution::new(&equicorrelated(3, 1.0), f64::INFINITY, Tails::Both).unwrap();
        assert!((normal.upper(1.96).unwrap().value - 2.0 * normal_upper(1.96)).abs() < 1e-7);
        assert!((normal.quantile(0.05).unwrap().value - normal_quantile(0.975).unwrap()).abs() < 1e-6);
    }

    #[test]
    fn independent_variables_multiply() {
        for n in 2..=6 {
            let distribution = MaximumDistribution::new(&equicorrelated(n, 0.0), f64::INFINITY, Tails::Upper).unwrap();
            for c in [0.5, 2.0, 3.5, 5.0] {
                let want = -(n as f64 * (-normal_upper(c)).ln_1p()).exp_m1();
                let got = distribution.upper(c).unwrap();
                assert!((got.value - want).abs() < 6e-3 * want, "{n} {c}: {got:?} {want}");
                assert!((got.value - want).abs() < 8.0 * got.standard_error + 1e-5 * want, "{n} {c}: {got:?} {want}");
            }
        }
    }

    /// Dunnett's two-sided 5% point for three comparisons with a control and 20 degrees of freedom, as tabled `[Dunnett1964]`: 2.54.
    #[test]
    fn agrees_with_the_table_of_dunnett() {
        let distribution = MaximumDistribution::new(&equicorrelated(3, 0.5), 20.0, Tails::Both).unwrap();
        let c = distribution.quantile(0.05).unwrap();
        assert!((c.value - 2.54).abs() < 0.005 && c.standard_error < 1e-3, "{c:?}");
    }

    #[test]
    fn two_ways_to_integrate_agree_and_a_mean_moves_one_variable() {
        let correlation = Matrix::from_rows(&[vec![1.0, 0.9, 0.6], vec![0.9, 1.0, 0.8], vec![0.6, 0.8, 1.0]]).unwrap();
        for (df, tails) in [(12.0, Tails::Upper), (12.0, Tails::Both), (f64::INFINITY, Tails::Upper)] {
            for c in [-0.5, 0.7, 2.3] {
                let want = MaximumDistribution::new(&correlation, df, tails).unwrap().upper(c).unwrap();
                let got = exceedance(&correlation, &[0.0; 3], df, c, tails).unwrap();
                assert!((got.value - want.value).abs() < 1e-3, "{df} {c}: {got:?} {want:?}");
            }
        }
        let shifted = exceedance(&equicorrelated(1, 0.0), &[1.3], f64::INFINITY, 2.0, Tails::Upper).unwrap();
        assert!((shifted.value - normal_upper(0.7)).abs() < 1e-7);
    }

    #[test]
    fn what_is_no_correlation_is_refused() {
        let new = |matrix: &Matrix, df| MaximumDistribution::new(matrix, df, Tails::Upper).map(|_| ());
        assert_eq!(new(&equicorrelated(3, -0.9), 5.0), Err(MultivariateError::NotACorrelation));
        assert_eq!(new(&Matrix::diagonal(&[1.0, 2.0]), 5.0), Err(MultivariateError::NotACorrelation));
        assert_eq!(new(&equicorrelated(2, 0.5), 0.0), Err(MultivariateError::DegreesOfFreedom(0.0)));
        assert!(exceedance(&equicorrelated(2, 0.5), &[0.0], 5.0, 1.0, Tails::Upper).is_err());
        let fine = MaximumDistribution::new(&equicorrelated(2, 0.5), 5.0, Tails::Upper).unwrap();
        assert!(fine.upper(f64::NAN).is_err() && fine.quantile(1.5).is_err());
    }
}
