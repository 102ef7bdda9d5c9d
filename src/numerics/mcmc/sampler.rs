//! The No-U-Turn sampler with several chains.

use rayon::prelude::*;
use thiserror::Error;

use super::chain::Chain;
use super::density::LogDensity;
use super::diagnostics::{Diagnostics, diagnose};

/// How many chains and draws, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplerSettings {
    /// Chains, at least one.
    pub chains: usize,
    /// Iterations of each chain that are left out while it adapts.
    pub warmup: usize,
    /// Draws of each chain after it, at least four.
    pub draws: usize,
    /// Seed; every chain draws from its own stream.
    pub seed: u64,
    /// Acceptance that the step size is adapted to, within (0, 1).
    pub acceptance: f64,
    /// Doublings at which a trajectory is cut.
    pub max_depth: u32,
}

impl Default for SamplerSettings {
    /// Four chains of 1,000 draws after 1,000 iterations, acceptance 0.9, ten doublings.
    fn default() -> Self {
        Self { chains: 4, warmup: 1000, draws: 1000, seed: 0, acceptance: 0.9, max_depth: 10 }
    }
}

/// Where chains begin: anywhere within two spreads of a centre, and with the spreads as first scale of each coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Start<'a> {
    /// Centre of the starting points.
    pub centre: &'a [f64],
    /// Spread of each coordinate about it, above zero.
    pub spread: &'a [f64],
}

/// Why there are no draws.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SamplerError {
    /// No chain, too few draws, no doubling, or an acceptance outside (0, 1).
    #[error("a sampler needs a chain, four draws, a doubling and an acceptance between 0 and 1")]
    Settings,
    /// Centre and spread do not fit the density.
    #[error("the density has {dimension} coordinates, its starting point {centre} and the spread about it {spread}, all above zero")]
    Start {
        /// Coordinates of the density.
        dimension: usize,
        /// Coordinates of the centre.
        centre: usize,
        /// Coordinates of the spread that are finite and above zero.
        spread: usize,
    },
    /// The density is zero or not a number wherever it was tried.
    #[error("no starting point has a density")]
    NoStart,
}

/// Draws of all chains.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The chains in their order.
    pub chains: Vec<Chain>,
}

/// Draws from a density by the No-U-Turn sampler.
///
/// ```text
/// H(q, p) = -ln density(q) + p'M^-1 p/2,   M diagonal;   q' = M^-1 p,   p' = gradient of ln density(q)
/// ```
///
/// Trajectories are walked by leapfrog steps and doubled until they turn back; the next draw is taken from the trajectory in proportion to
/// `exp(-H)`. The step size is adapted by dual averaging and the inverse masses to the variances of the coordinates during the warm-up only.
/// Where the energy rises by more than 1,000 the trajectory has diverged and is given up; such draws are counted, because they mean that a part
/// of the density was not reached.
///
/// # Errors
/// [`SamplerError`].
///
/// Source: `[HoffmanGelman2014]`; multinomial draws and the criterion for turning back `[Betancourt2017]`.
pub fn sample(density: &impl LogDensity, start: Start<'_>, settings: &SamplerSettings) -> Result<Sample, SamplerError> {
    let fits = settings.chains > 0 && settings.draws >= 4 && settings.max_depth > 0;
    if !(fits && settings.acceptance > 0.0 && settings.acceptance < 1.0) {
        return Err(SamplerError::Settings);
    }
    let spread = start.spread.iter().filter(|spread| spread.is_finite() && **spread > 0.0).count();
    let (dimension, centre) = (density.dimension(), start.centre.len());
    if dimension == 0 || centre != dimension || spread != dimension || start.spread.len() != dimension {
        return Err(SamplerError::Start { dimension, centre, spread });
    }
    let chains: Option<Vec<Chain>> =
        (0..settings.chains as u64).into_par_iter().map(|position| Chain::run(density, &start, settings, position)).collect();
    Ok(Sample { chains: chains.ok_or(SamplerError::NoStart)? })
}

impl Sample {
    /// All draws, chain after chain.
    pub fn draws(&self) -> impl Iterator<Item = &[f64]> {
        self.chains.iter().flat_map(Chain::draws)
    }

    /// A function of the draws, chain after chain.
    pub fn values(&self, function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        self.draws().map(function).collect()
    }

    /// Draws whose trajectory diverged.
    #[must_use]
    pub fn divergences(&self) -> usize {
        self.chains.iter().map(|chain| chain.divergences).sum()
    }

    /// Draws whose trajectory was cut at its largest length.
    #[must_use]
    pub fn saturated(&self) -> usize {
        self.chains.iter().map(|chain| chain.saturated).sum()
    }

    /// Diagnostics of values that belong to the draws, chain after chain.
    #[must_use]
    pub fn diagnose(&self, values: &[f64]) -> Diagnostics {
        diagnose(values, self.chains.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::density::tests::gradient_fault;
    use super::*;

    /// Normal in two coordinates with standard deviations 1 and 1000 and a correlation.
    struct Correlated(f64);

    impl LogDensity for Correlated {
        fn dimension(&self) -> usize {
            2
        }

        fn evaluate(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
            let (x, y, rest) = (point[0] - 3.0, (point[1] + 500.0) / 1e3, 1.0 - self.0 * self.0);
            gradient[0] = -(x - self.0 * y) / rest;
            gradient[1] = -(y - self.0 * x) / rest / 1e3;
            -0.5 * (x * x - 2.0 * self.0 * x * y + y * y) / rest
        }
    }

    /// Neal's funnel: the scale of nine coordinates is the exponential of the first.
    struct Funnel;

    impl LogDensity for Funnel {
        fn dimension(&self) -> usize {
            10
        }

        fn evaluate(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
            let precision = (-point[0]).exp();
            let squares: f64 = point[1..].iter().map(|x| x * x).sum();
            gradient[0] = -point[0] / 9.0 - 4.5 + 0.5 * precision * squares;
            gradient[1..].iter_mut().zip(&point[1..]).for_each(|(slope, x)| *slope = -precision * x);
            -point[0] * point[0] / 18.0 - 4.5 * point[0] - 0.5 * precision * squares
        }
    }

    const START: Start<'_> = Start { centre: &[0.0; 2], spread: &[1.0; 2] };

    #[test]
    fn gradients_are_those_of_the_densities() {
        assert!(gradient_fault(&Correlated(0.9), &[2.0, 300.0]) < 1e-7);
        assert!(gradient_fault(&Funnel, &[-0.7, 0.3, 1.0, -2.0, 0.1, 0.0, 0.4, 1.5, -0.6, 0.9]) < 1e-7);
    }

    #[test]
    fn a_correlated_normal_of_very_unequal_scales_is_reproduced() {
        let settings = SamplerSettings { seed: 11, ..SamplerSettings::default() };
        let found = sample(&Correlated(0.9), START, &settings).unwrap();
        let [x, y] = [0, 1].map(|coordinate| found.values(|draw| draw[coordinate]));
        let (of_x, of_y) = (found.diagnose(&x), found.diagnose(&y));
        assert!(of_x.rhat < 1.01 && of_y.rhat < 1.01 && of_x.bulk_draws > 400.0 && of_y.tail_draws > 400.0);
        assert!((of_x.mean - 3.0).abs() < 4.0 * of_x.error_of_mean && (of_y.mean + 500.0).abs() < 4.0 * of_y.error_of_mean);
        let squares: Vec<f64> = x.iter().map(|x| (x - 3.0) * (x - 3.0)).collect();
        let products: Vec<f64> = x.iter().zip(&y).map(|(x, y)| (x - 3.0) * (y + 500.0) / 1e3).collect();
        let (of_squares, of_products) = (found.diagnose(&squares), found.diagnose(&products));
        assert!((of_squares.mean - 1.0).abs() < 4.0 * of_squares.error_of_mean);
        assert!((of_products.mean - 0.9).abs() < 4.0 * of_products.error_of_mean);
        assert_eq!((found.divergences(), found.saturated()), (0, 0));
    }

    #[test]
    fn draws_are_the_same_on_one_thread_and_on_many() {
        let settings = SamplerSettings { warmup: 100, draws: 50, seed: 5, ..SamplerSettings::default() };
        let run = || sample(&Correlated(0.5), START, &settings).unwrap();
        let pool = |threads: usize| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool(1).install(run), pool(4).install(run));
        let other = sample(&Correlated(0.5), START, &SamplerSettings { seed: 6, ..settings }).unwrap();
        assert_ne!(other, run());
        assert_ne!(run().chains[0], run().chains[1]);
    }

    #[test]
    fn the_funnel_diverges_and_says_so() {
        let settings = SamplerSettings { warmup: 300, draws: 300, seed: 2, acceptance: 0.8, ..SamplerSettings::default() };
        let found = sample(&Funnel, Start { centre: &[0.0; 10], spread: &[1.0; 10] }, &settings).unwrap();
        assert!(found.divergences() > 0);
        let scale = found.diagnose(&found.values(|draw| draw[0]));
        assert!(scale.bulk_draws < 0.5 * 1200.0);
    }

    #[test]
    fn what_cannot_be_sampled_is_refused() {
        let settings = SamplerSettings::default();
        let without = sample(&Correlated(0.5), START, &SamplerSettings { chains: 0, ..settings });
        assert_eq!(without.unwrap_err(), SamplerError::Settings);
        let short = sample(&Correlated(0.5), Start { centre: &[0.0], ..START }, &settings);
        assert_eq!(short.unwrap_err(), SamplerError::Start { dimension: 2, centre: 1, spread: 2 });
        let nowhere = sample(&Correlated(1.0), START, &settings);
        assert_eq!(nowhere.unwrap_err(), SamplerError::NoStart);
    }
}
