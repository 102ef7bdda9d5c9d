//! The utility index with the uncertainty of its attributes: intervals, which dosage is best, what a wrong choice costs.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution, Normal};
use rayon::prelude::*;
use thiserror::Error;

use super::index::{Aggregation, IndexError};
use super::value_function::ValueFunction;
use crate::numerics::descriptive::{QuantileType, quantile};

/// Draws of one stream; streams are independent of the number of threads.
const CHUNK: usize = 4096;

/// What is known of a measured value.
#[derive(Debug, Clone, PartialEq)]
pub enum Uncertain {
    /// A proportion with a beta distribution.
    Beta {
        /// Prior's alpha plus events.
        alpha: f64,
        /// Prior's beta plus subjects without the event.
        beta: f64,
    },
    /// A number with a normal distribution, such as an estimate and its standard error.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, from 0 on.
        standard_deviation: f64,
    },
    /// Draws made elsewhere, such as of a bootstrap or a posterior; used in turn.
    Draws(Vec<f64>),
    /// Known exactly.
    Exact(f64),
}

/// Why nothing was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PosteriorError {
    /// A distribution whose parameters are not allowed.
    #[error(
        "dosage {dosage}, attribute {attribute}: the distribution needs positive shapes, a finite mean, a standard deviation from 0 on, or at least one draw"
    )]
    Distribution {
        /// Position of the dosage, from 1.
        dosage: usize,
        /// Position of the attribute, from 1.
        attribute: usize,
    },
    /// Attributes, value functions and weights that do not belong together.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// No dosage or no draw.
    #[error("nothing to draw: {dosages} dosages, {draws} draws")]
    Nothing {
        /// Dosages.
        dosages: usize,
        /// Draws.
        draws: usize,
    },
}

/// How draws are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosteriorSettings {
    /// Draws.
    pub draws: usize,
    /// Seed.
    pub seed: u64,
    /// Level of the intervals.
    pub level: f64,
}

/// The index of one dosage over all draws.
#[derive(Debug, Clone, PartialEq)]
pub struct PosteriorIndex {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub standard_deviation: f64,
    /// Equal-tailed limits at the level asked for.
    pub limits: (f64, f64),
    /// Probability of each rank, the best first; draws in which dosages tie are shared between them.
    pub ranks: Vec<f64>,
    /// Monte Carlo standard error of the probability of being best.
    pub best_error: f64,
    /// Mean shortfall against whichever dosage is best.
    pub expected_loss: f64,
}

impl PosteriorIndex {
    /// Probability that the dosage has the highest index.
    #[must_use]
    pub fn probability_best(&self) -> f64 {
        self.ranks.first().copied().unwrap_or(f64::NAN)
    }
}

enum Source<'a> {
    Beta(Beta<f64>),
    Normal(Normal<f64>),
    Draws(&'a [f64]),
    Exact(f64),
}

impl<'a> Source<'a> {
    fn of(uncertain: &'a Uncertain) -> Option<Self> {
        match uncertain {
            Uncertain::Beta { alpha, beta } => {
                (alpha.is_finite() && beta.is_finite()).then(|| Beta::new(*alpha, *beta).ok()).flatten().map(Self::Beta)
            }
            Uncertain::Normal { mean, standard_deviation } => {
                let sound = mean.is_finite() && *standard_deviation >= 0.0 && standard_deviation.is_finite();
                sound.then(|| Normal::new(*mean, *standard_deviation).ok()).flatten().map(Self::Normal)
            }
            Uncertain::Draws(draws) => (!draws.is_empty() && draws.iter().all(|draw| draw.is_finite())).then_some(Self::Draws(draws)),
            Uncertain::Exact(value) => value.is_finite().then_some(Self::Exact(*value)),
        }
    }

    fn draw(&self, place: usize, stream: &mut ChaCha8Rng) -> f64 {
        match self {
            Self::Beta(beta) => beta.sample(stream),
            Self::Normal(normal) => normal.sample(stream),
            Self::Draws(draws) => draws.get(place % draws.len()).copied().unwrap_or(f64::NAN),
            Self::Exact(value) => *value,
        }
    }
}

/// The index of each dosage as its attributes vary within what is known of them.
///
/// ```text
/// draw r: x_dk ~ what is known of attribute k under dosage d, independently;   U_d = index(v_k(x_dk), w)
/// P(best) = share of draws with U_d = max U;   expected loss = mean of (max U - U_d)
/// ```
///
/// Attributes of one dosage are drawn independently of each other: where the same patients have the benefit and the harm, the spread of the index is
/// wider (harm goes with benefit less often) or narrower than this says.
///
/// `known`: a row per dosage, an entry per attribute; `functions` and `weights` (with a sum of one) per attribute. The draws depend on the seed and not
/// on the number of threads.
///
/// # Errors
/// [`PosteriorError`].
pub fn draw_index(
    known: &[Vec<Uncertain>],
    functions: &[ValueFunction],
    weights: &[f64],
    how: Aggregation,
    settings: PosteriorSettings,
) -> Result<Vec<PosteriorIndex>, PosteriorError> {
    if known.is_empty() || settings.draws == 0 {
        return Err(PosteriorError::Nothing { dosages: known.len(), draws: settings.draws });
    }
    let sources = sources(known, functions, weights)?;
    let chunks: Vec<usize> = (0..settings.draws).step_by(CHUNK).collect();
    let seeded = ChaCha8Rng::seed_from_u64(settings.seed);
    let drawn: Vec<Vec<f64>> = chunks
        .into_par_iter()
        .map(|start| {
            let mut stream = seeded.clone();
            stream.set_stream(start as u64);
            let mut values = vec![0.0; functions.len()];
            let mut out = Vec::with_capacity(CHUNK * sources.len());
            for place in start..(start + CHUNK).min(settings.draws) {
                for row in &sources {
                    for ((value, source), function) in values.iter_mut().zip(row).zip(functions) {
                        *value = function.at(source.draw(place, &mut stream));
                    }
                    out.push(how.index(&values, weights)?);
                }
            }
            Ok(out)
        })
        .collect::<Result<_, IndexError>>()?;
    let indices: Vec<f64> = drawn.into_iter().flatten().collect();
    Ok(summarise(&indices, known.len(), settings.level))
}

fn sources<'a>(known: &'a [Vec<Uncertain>], functions: &[ValueFunction], weights: &[f64]) -> Result<Vec<Vec<Source<'a>>>, PosteriorError> {
    if functions.len() != weights.len() {
        return Err(IndexError::Lengths { values: functions.len(), weights: weights.len() }.into());
    }
    let of_row = |(place, row): (usize, &'a Vec<Uncertain>)| {
        if row.len() != functions.len() {
            return Err(IndexError::Lengths { values: row.len(), weights: weights.len() }.into());
        }
        let refused = |attribute: usize| PosteriorError::Distribution { dosage: place + 1, attribute: attribute + 1 };
        row.iter().enumerate().map(|(attribute, uncertain)| Source::of(uncertain).ok_or_else(|| refused(attribute))).collect()
    };
    known.iter().enumerate().map(of_row).collect()
}

/// Summaries of draws that stand dosage by dosage within each draw.
fn summarise(indices: &[f64], dosages: usize, level: f64) -> Vec<PosteriorIndex> {
    let draws = (indices.len() / dosages) as f64;
    let mut ranks = vec![vec![0.0; dosages]; dosages];
    let mut loss = vec![0.0; dosages];
    for draw in indices.chunks_exact(dosages) {
        let highest = draw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for ((own, rank), loss) in draw.iter().zip(&mut ranks).zip(&mut loss) {
            let above = draw.iter().filter(|other| *other > own).count();
            let equal = draw.iter().filter(|other| other.partial_cmp(&own) == Some(std::cmp::Ordering::Equal)).count();
            for share in rank.iter_mut().skip(above).take(equal) {
                *share += 1.0 / equal as f64;
            }
            *loss += highest - own;
        }
    }
    let tail = 0.5 * (1.0 - level);
    ranks
        .into_iter()
        .zip(loss)
        .enumerate()
        .map(|(place, (counts, lost))| {
            let ranks: Vec<f64> = counts.into_iter().map(|count| count / draws).collect();
            let own: Vec<f64> = indices.iter().skip(place).step_by(dosages).copied().collect();
            let mean = own.iter().sum::<f64>() / draws;
            let variance = own.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (draws - 1.0).max(1.0);
            let limit = |p| quantile(&own, p, QuantileType::Type7).unwrap_or(f64::NAN);
            let best = ranks.first().copied().unwrap_or(f64::NAN);
            PosteriorIndex {
                mean,
                standard_deviation: variance.sqrt(),
                limits: (limit(tail), limit(1.0 - tail)),
                best_error: (best * (1.0 - best) / draws).max(0.0).sqrt(),
                ranks,
                expected_loss: lost / draws,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::beta_difference::BetaDifference;

    const SETTINGS: PosteriorSettings = PosteriorSettings { draws: 20_000, seed: 7, level: 0.95 };

    fn linear() -> ValueFunction {
        ValueFunction::Linear { worst: 0.0, best: 1.0 }
    }

    fn beta(alpha: f64, beta: f64) -> Uncertain {
        Uncertain::Beta { alpha, beta }
    }

    #[test]
    fn one_attribute_agrees_with_the_exact_probability() {
        let known = [vec![beta(13.0, 19.0)], vec![beta(9.0, 24.0)]];
        let found = draw_index(&known, &[linear()], &[1.0], Aggregation::Additive, SETTINGS).unwrap();
        let exact = BetaDifference::new((13.0, 19.0), (9.0, 24.0)).unwrap().probability_above(0.0).unwrap();
        assert!((found[0].probability_best() - exact).abs() < 4.0 * found[0].best_error);
        assert!((found[0].mean - 13.0 / 32.0).abs() < 4.0 * found[0].standard_deviation / 20_000_f64.sqrt());
        assert!(found[0].expected_loss < found[1].expected_loss);
    }

    #[test]
    fn ranks_of_a_dosage_and_of_a_place_sum_to_one_and_ties_are_shared() {
        let known = [
            vec![beta(2.0, 3.0), beta(4.0, 3.0)],
            vec![beta(3.0, 3.0), Uncertain::Exact(0.2)],
            vec![Uncertain::Exact(0.4), Uncertain::Exact(0.4)],
        ];
        let found = draw_index(&known, &[linear(), linear()], &[0.3, 0.7], Aggregation::Geometric, SETTINGS).unwrap();
        for place in 0..3 {
            assert!((found[place].ranks.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!((found.iter().map(|dosage| dosage.ranks[place]).sum::<f64>() - 1.0).abs() < 1e-9);
        }
        let equal = vec![vec![Uncertain::Exact(0.5)]; 2];
        let tied = draw_index(&equal, &[linear()], &[1.0], Aggregation::Additive, SETTINGS).unwrap();
        assert!((tied[0].probability_best() - 0.5).abs() < 1e-9 && tied[1].expected_loss.abs() < 1e-12);
    }

    #[test]
    fn draws_do_not_depend_on_threads_and_faults_are_named() {
        let known = [vec![beta(2.0, 3.0)], vec![Uncertain::Normal { mean: 0.4, standard_deviation: 0.1 }]];
        let draw = || draw_index(&known, &[linear()], &[1.0], Aggregation::Additive, SETTINGS).unwrap();
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(single.install(draw), draw());
        for wrong in [beta(0.0, 1.0), Uncertain::Draws(Vec::new()), Uncertain::Normal { mean: 0.0, standard_deviation: -1.0 }] {
            let known = [vec![beta(1.0, 1.0)], vec![wrong]];
            let found = draw_index(&known, &[linear()], &[1.0], Aggregation::Additive, SETTINGS);
            assert_eq!(found, Err(PosteriorError::Distribution { dosage: 2, attribute: 1 }));
        }
        assert!(draw_index(&[], &[linear()], &[1.0], Aggregation::Additive, SETTINGS).is_err());
    }
}
