//! Whether draws of several chains can be relied on: agreement of the chains, effective number of draws, error of what is computed from them.

use crate::numerics::descriptive::{QuantileType, mean, quantile, standard_deviation, variance};
use crate::numerics::distribution::{beta_quantile, normal_quantile};

/// Probabilities beyond which the tails are looked at.
const TAILS: [f64; 2] = [0.05, 0.95];

/// Probability of a standard normal below -1.
const BELOW_ONE_SD: f64 = 0.158_655_253_931_457_05;

/// What the draws of one quantity tell of themselves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diagnostics {
    /// Mean of the draws.
    pub mean: f64,
    /// Standard deviation of the draws.
    pub sd: f64,
    /// Potential scale reduction: the larger of that of the ranks and that of the distances from the median, on halves of the chains.
    pub rhat: f64,
    /// Effective number of draws for the centre of the distribution.
    pub bulk_draws: f64,
    /// Effective number of draws for its tails: the smaller of those for the 5th and the 95th percentile.
    pub tail_draws: f64,
    /// Monte Carlo standard error of the mean.
    pub error_of_mean: f64,
}

/// Diagnostics of `values`, which hold the draws of `chains` chains of equal length, chain after chain.
///
/// ```text
/// R = sqrt(((n - 1) W + B) / (n W)),   W mean variance within the halves of chains, B n times the variance between their means
/// z = normal quantile of ((rank - 3/8) / (S + 1/4)):   R and the effective draws for the centre are computed from z
/// ```
///
/// Not numbers where the chains are shorter than four draws or do not have equal length; where every draw is the same, `rhat` is not a number
/// and every draw counts.
///
/// Source: `[VehtariGelman2021]`.
#[must_use]
pub fn diagnose(values: &[f64], chains: usize) -> Diagnostics {
    let halves = halves(values, chains);
    let centre = quantile(values, 0.5, QuantileType::Type7).unwrap_or(f64::NAN);
    let folded: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    let (scores, folded_scores) = (normal_scores(values), normal_scores(&folded));
    let ranked = self::halves(&scores, chains);
    let (sd, draws) = (standard_deviation(values).unwrap_or(f64::NAN), effective(&halves));
    let tail = |p: f64| {
        let limit = quantile(values, p, QuantileType::Type7).unwrap_or(f64::NAN);
        effective_below(values, chains, limit)
    };
    Diagnostics {
        mean: mean(values).unwrap_or(f64::NAN),
        sd,
        rhat: scale_reduction(&ranked).max(scale_reduction(&self::halves(&folded_scores, chains))),
        bulk_draws: effective(&ranked),
        tail_draws: tail(TAILS[0]).min(tail(TAILS[1])),
        error_of_mean: sd / draws.sqrt(),
    }
}

/// Effective number of draws for the mean of `values`, which hold `chains` chains one after the other.
#[must_use]
pub fn effective_draws(values: &[f64], chains: usize) -> f64 {
    effective(&halves(values, chains))
}

/// Monte Carlo standard error of the quantile of `values` for the probability `p`; `None` where there is none.
///
/// Half the distance of the quantiles whose probabilities are the 16th and 84th percentile of the beta distribution that belongs to the
/// effective number of draws below the quantile.
///
/// Source: `[VehtariGelman2021]`, section 4.4.
#[must_use]
pub fn monte_carlo_error_of_quantile(values: &[f64], chains: usize, p: f64) -> Option<f64> {
    let limit = quantile(values, p, QuantileType::Type7)?;
    let draws = effective_below(values, chains, limit);
    let at = |tail: f64| beta_quantile(tail, draws * p + 1.0, draws * (1.0 - p) + 1.0).ok();
    let (lower, upper) = (at(BELOW_ONE_SD)?, at(1.0 - BELOW_ONE_SD)?);
    Some(0.5 * (quantile(values, upper, QuantileType::Type7)? - quantile(values, lower, QuantileType::Type7)?))
}

fn effective_below(values: &[f64], chains: usize, limit: f64) -> f64 {
    let below: Vec<f64> = values.iter().map(|value| f64::from(u8::from(*value <= limit))).collect();
    effective(&halves(&below, chains))
}

/// Each chain cut in two; the middle draw of an odd number is left out. Empty where there is nothing to cut.
fn halves(values: &[f64], chains: usize) -> Vec<&[f64]> {
    let length = values.len().checked_div(chains).unwrap_or(0);
    if length < 4 || length * chains != values.len() {
        return Vec::new();
    }
    values.chunks_exact(length).flat_map(|chain| [&chain[..length / 2], &chain[length.div_ceil(2)..]]).collect()
}

/// Normal scores of the ranks; tied values have the mean of their ranks.
fn normal_scores(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut scores = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let rank = before as f64 + 0.5 * (tied.len() as f64 + 1.0);
        let score = normal_quantile((rank - 0.375) / (values.len() as f64 + 0.25)).unwrap_or(f64::NAN);
        tied.iter().for_each(|(_, place)| scores[*place] = score);
        before += tied.len();
    }
    scores
}

fn scale_reduction(chains: &[&[f64]]) -> f64 {
    let Some((within, between, n)) = variances(chains) else { return f64::NAN };
    (((n - 1.0) * within / n + between) / within).sqrt()
}

/// Mean variance within chains, variance of their means, and their length.
fn variances(chains: &[&[f64]]) -> Option<(f64, f64, f64)> {
    let n = chains.first()?.len() as f64;
    let means: Option<Vec<f64>> = chains.iter().map(|chain| mean(chain)).collect();
    let within: Option<Vec<f64>> = chains.iter().map(|chain| variance(chain)).collect();
    Some((mean(&within?)?, variance(&means?)?, n))
}

/// Effective number of draws by Geyer's initial monotone sequence of paired autocorrelations.
///
/// ```text
/// rho_t = 1 - (W - mean over chains of acov_t) / V,   V = (n - 1)/n W + variance of the means;   S / (1 + 2 sum of rho_t)
/// ```
fn effective(chains: &[&[f64]]) -> f64 {
    let Some((within, between, n)) = variances(chains) else { return f64::NAN };
    let total = chains.len() as f64 * n;
    if within <= 0.0 && between <= 0.0 {
        return total;
    }
    let centred: Vec<Vec<f64>> = chains
        .iter()
        .map(|chain| {
            let centre = mean(chain).unwrap_or(0.0);
            chain.iter().map(|value| value - centre).collect()
        })
        .collect();
    let pooled = within * (n - 1.0) / n + between;
    let correlation = |lag: usize| 1.0 - (within - mean_autocovariance(&centred, lag)) / pooled;
    let length = n as usize;
    let (mut sum, mut lag, mut last, mut even) = (0.0, 0, f64::INFINITY, 1.0);
    // Pairs of an even and the odd lag after it, while they are positive, each no larger than the one before.
    loop {
        let pair = even + correlation(lag + 1);
        if pair.is_nan() || pair <= 0.0 || lag + 5 > length {
            break;
        }
        last = pair.min(last);
        sum += last;
        lag += 2;
        even = correlation(lag);
    }
    // The next even lag counts where it is positive: it lowers the variance of the estimate for draws that alternate.
    let time = -1.0 + 2.0 * sum + even.max(0.0);
    total / time.max(1.0 / total.log10())
}

fn mean_autocovariance(centred: &[Vec<f64>], lag: usize) -> f64 {
    let mut sum = 0.0;
    for chain in centred {
        let (mut product, mut place) = (0.0, lag);
        while place < chain.len() {
            product += chain[place] * chain[place - lag];
            place += 1;
        }
        sum += product / chain.len() as f64;
    }
    sum / centred.len() as f64
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn normals(n: usize, seed: u64) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        (0..n).map(|_| normal_quantile(random.random::<f64>().max(1e-12)).unwrap()).collect()
    }

    /// Chains in which each draw keeps a share of the one before.
    fn autoregressive(share: f64, chains: usize, n: usize) -> Vec<f64> {
        let noise = normals(chains * n, 8);
        noise
            .chunks(n)
            .flat_map(|chain| {
                let mut value = 0.0;
                chain.iter().map(move |shock| {
                    value = share * value + (1.0 - share * share).sqrt() * shock;
                    value
                })
            })
            .collect()
    }

    #[test]
    fn independent_draws_all_count() {
        let found = diagnose(&normals(4000, 1), 4);
        assert!(found.rhat < 1.005 && (found.bulk_draws / 4000.0 - 1.0).abs() < 0.15 && (found.tail_draws / 4000.0 - 1.0).abs() < 0.2);
        assert!((found.error_of_mean - 1.0 / 4000_f64.sqrt()).abs() < 0.002);
    }

    #[test]
    fn autocorrelated_draws_count_by_their_autocorrelation() {
        for share in [0.5, 0.8, -0.4] {
            let values = autoregressive(share, 4, 5000);
            let want = 20_000.0 * (1.0 - share) / (1.0 + share);
            let found = effective_draws(&values, 4);
            assert!((found / want - 1.0).abs() < 0.12, "{share}: {found} {want}");
        }
    }

    #[test]
    fn chains_apart_or_of_unequal_spread_are_seen() {
        let mut apart = normals(4000, 2);
        apart[..1000].iter_mut().for_each(|value| *value += 1.0);
        assert!(diagnose(&apart, 4).rhat > 1.05);
        let mut wide = normals(4000, 3);
        wide[..1000].iter_mut().for_each(|value| *value *= 3.0);
        assert!(diagnose(&wide, 4).rhat > 1.05);
        // A chain that drifts disagrees with itself.
        let drifting: Vec<f64> = normals(1000, 4).iter().enumerate().map(|(i, value)| value + i as f64 / 300.0).collect();
        assert!(diagnose(&drifting, 1).rhat > 1.05);
    }

    #[test]
    fn error_of_the_median_is_that_of_theory() {
        let found = monte_carlo_error_of_quantile(&normals(4000, 5), 4, 0.5).unwrap();
        assert!((found / (1.2533 / 4000_f64.sqrt()) - 1.0).abs() < 0.15, "{found}");
    }

    #[test]
    fn nothing_is_said_of_no_draws_or_of_chains_that_do_not_fit() {
        assert!(diagnose(&[], 4).rhat.is_nan() && diagnose(&[1.0; 7], 2).bulk_draws.is_nan() && diagnose(&[1.0; 8], 0).rhat.is_nan());
        let same = diagnose(&[2.0; 40], 4);
        assert!(same.rhat.is_nan() && (same.bulk_draws - 40.0).abs() < 1e-12);
    }
}
