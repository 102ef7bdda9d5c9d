//! One chain: it finds a place to begin, warms up, and draws.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::adaptation::{DualAveraging, Spread, windows};
use super::density::LogDensity;
use super::sampler::{SamplerSettings, Start};
use super::trajectory::{Mover, Place};

/// Points tried as beginning of a chain.
const TRIES: usize = 100;

/// Draws of one chain with what happened on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    dimension: usize,
    draws: Vec<f64>,
    /// Logarithm of the density at each draw, up to a constant.
    pub log_densities: Vec<f64>,
    /// Draws whose trajectory diverged.
    pub divergences: usize,
    /// Draws whose trajectory was cut at its largest length.
    pub saturated: usize,
    /// Evaluations of the density for the draws, without the warm-up.
    pub evaluations: usize,
    /// Step size with which the draws were made.
    pub step: f64,
    /// Mean acceptance of the draws.
    pub acceptance: f64,
}

impl Chain {
    /// The draws in their order.
    pub fn draws(&self) -> impl Iterator<Item = &[f64]> + Clone {
        self.draws.chunks_exact(self.dimension.max(1))
    }

    /// Runs the chain of this position; `None` where no place to begin has a density.
    pub(super) fn run(density: &impl LogDensity, start: &Start<'_>, settings: &SamplerSettings, position: u64) -> Option<Self> {
        let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
        random.set_stream(position);
        let mut place = begin(density, start, &mut random)?;
        let variances = start.spread.iter().map(|spread| spread * spread).collect();
        let mut mover = Mover::new(density, random, variances, settings.max_depth);
        warm_up(&mut mover, &mut place, settings);
        let mut out = Self {
            dimension: density.dimension(),
            draws: Vec::with_capacity(settings.draws * density.dimension()),
            log_densities: Vec::with_capacity(settings.draws),
            divergences: 0,
            saturated: 0,
            evaluations: 0,
            step: mover.step,
            acceptance: 0.0,
        };
        for _ in 0..settings.draws {
            let step = mover.advance(&mut place);
            out.draws.extend_from_slice(&place.position);
            out.log_densities.push(place.log_density);
            out.divergences += usize::from(step.diverged);
            out.saturated += usize::from(step.saturated);
            out.evaluations += step.points;
            out.acceptance += step.acceptance / settings.draws as f64;
        }
        Some(out)
    }
}

/// A point within two spreads of the centre, in every coordinate, that has a density.
fn begin(density: &impl LogDensity, start: &Start<'_>, random: &mut ChaCha8Rng) -> Option<Place> {
    (0..TRIES)
        .map(|_| {
            let coordinate = |(centre, spread): (&f64, &f64)| centre + spread * (4.0 * random.random::<f64>() - 2.0);
            let position: Vec<f64> = start.centre.iter().zip(start.spread).map(coordinate).collect();
            Place::new(density, &position)
        })
        .find(Place::is_usable)
}

/// Learns the step size throughout, and the spread of the coordinates in windows that double.
fn warm_up<D: LogDensity>(mover: &mut Mover<'_, D>, place: &mut Place, settings: &SamplerSettings) {
    let (first, ends) = windows(settings.warmup);
    let mut averaging = DualAveraging::new(mover.find_step(place), settings.acceptance);
    let mut spread = Spread::new(place.position.len());
    for iteration in 0..settings.warmup {
        let step = mover.advance(place);
        mover.step = averaging.learn(step.acceptance);
        if iteration >= first && ends.last().is_some_and(|last| iteration < *last) {
            spread.learn(&place.position);
        }
        if ends.contains(&(iteration + 1))
            && let Some(variances) = spread.variances(&mover.variances)
        {
            mover.variances = variances;
            spread = Spread::new(place.position.len());
            averaging = DualAveraging::new(mover.find_step(place), settings.acceptance);
        }
    }
    mover.step = averaging.learnt().unwrap_or(mover.step);
}
