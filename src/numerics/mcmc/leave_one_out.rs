//! Leave-one-out cross-validation from draws, by Pareto-smoothed importance sampling.

use super::diagnostics::effective_draws;

/// Shape of the fitted tail above which the estimate for an observation is not to be relied on.
pub const HIGH_PARETO_K: f64 = 0.7;

/// Fewest draws of a tail that a distribution is fitted to.
const SMALLEST_TAIL: usize = 5;

/// How well one observation would be predicted by the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeaveOneOut {
    /// Expected log density of the observation given the others.
    pub log_density: f64,
    /// Log density given all observations, this one among them; the difference counts towards the effective number of parameters.
    pub log_density_with: f64,
    /// Shape of the tail of the importance ratios: above [`HIGH_PARETO_K`] the estimate is unreliable; infinite where no tail could be fitted.
    pub pareto_k: f64,
}

/// Expected log density of an observation given the others, from its log likelihood at each draw of `chains` chains, one after the other.
///
/// ```text
/// r_s = 1/p(y_i | theta_s);   the M largest are replaced by quantiles of a generalised Pareto distribution fitted to them,  M = min(S/5, 3 sqrt(S/r_eff))
/// elpd_i = ln( sum_s w_s p(y_i | theta_s) / sum_s w_s ),   w_s the smoothed ratios, none larger than the largest raw one
/// ```
///
/// `r_eff` is the effective share of the draws. Not a number where there are no draws.
///
/// Source: `[VehtariGelmanGabry2017]`; smoothing `[VehtariSimpson2024]`; fit of the tail `[ZhangStephens2009]`.
#[must_use]
pub fn leave_one_out(log_likelihood: &[f64], chains: usize) -> LeaveOneOut {
    let n = log_likelihood.len() as f64;
    let smallest = log_likelihood.iter().copied().fold(f64::INFINITY, f64::min);
    // Logarithms of the ratios, the largest zero.
    let mut ratios: Vec<(f64, usize)> = log_likelihood.iter().map(|value| smallest - value).zip(0..).collect();
    let pareto_k = smooth(&mut ratios, share_effective(log_likelihood, chains));
    let weights = log_sum(ratios.iter().map(|(ratio, _)| *ratio));
    let weighted = log_sum(ratios.iter().map(|(ratio, place)| ratio + log_likelihood[*place]));
    LeaveOneOut { log_density: weighted - weights, log_density_with: log_sum(log_likelihood.iter().copied()) - n.ln(), pareto_k }
}

/// Effective share of the draws for the mean likelihood.
fn share_effective(log_likelihood: &[f64], chains: usize) -> f64 {
    let likelihood: Vec<f64> = log_likelihood.iter().map(|value| value.exp()).collect();
    let share = effective_draws(&likelihood, chains) / likelihood.len() as f64;
    if share.is_finite() && share > 0.0 { share } else { 1.0 }
}

/// Replaces the largest ratios by quantiles of the fitted tail and tells its shape.
fn smooth(ratios: &mut [(f64, usize)], share_effective: f64) -> f64 {
    let n = ratios.len();
    let tail = (0.2 * n as f64).min(3.0 * (n as f64 / share_effective).sqrt()).ceil() as usize;
    if tail < SMALLEST_TAIL || tail >= n {
        return f64::INFINITY;
    }
    let cut = n - tail;
    let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    // The largest ratio below the tail ends up just before it.
    ratios.select_nth_unstable_by(cut - 1, order);
    let below = ratios[cut - 1].0.exp();
    let largest = &mut ratios[cut..];
    largest.sort_unstable_by(order);
    let excess: Vec<f64> = largest.iter().map(|(ratio, _)| ratio.exp() - below).collect();
    let Some((k, sigma)) = fit_pareto(&excess) else { return f64::INFINITY };
    for (rank, (ratio, _)) in largest.iter_mut().enumerate() {
        let p = (rank as f64 + 0.5) / tail as f64;
        let smoothed = if k.abs() < 1e-15 { -sigma * (-p).ln_1p() } else { sigma * (-k * (-p).ln_1p()).exp_m1() / k };
        *ratio = (below + smoothed).ln().min(0.0);
    }
    k
}

/// Shape and scale of a generalised Pareto distribution of ascending values; `None` where they do not differ.
///
/// ```text
/// theta_j = 1/x_n + (1 - sqrt(m/(j - 1/2)))/(3 x_(n/4)),   k(theta) = mean ln(1 - theta x),   profile likelihood L = n (ln(-theta/k) - k - 1)
/// theta = sum_j theta_j L_j / sum L_j;   k is drawn to 1/2 with the weight of ten values
/// ```
fn fit_pareto(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let (first, last) = (*values.first()?, *values.last()?);
    let quarter = *values.get(((n / 4.0 + 0.5).floor() as usize).saturating_sub(1))?;
    if last <= first || quarter <= 0.0 {
        return None;
    }
    let steps = 30 + n.sqrt().floor() as usize;
    let shape = |theta: f64| {
        let mut sum = 0.0;
        for value in values {
            sum += (-theta * value).ln_1p();
        }
        sum / n
    };
    let candidates: Vec<(f64, f64)> = (1..=steps)
        .map(|step| {
            let theta = 1.0 / last + (1.0 - (steps as f64 / (step as f64 - 0.5)).sqrt()) / (3.0 * quarter);
            let k = shape(theta);
            (theta, n * ((-theta / k).ln() - k - 1.0))
        })
        .collect();
    let total = log_sum(candidates.iter().map(|(_, likelihood)| *likelihood));
    let theta: f64 = candidates.iter().map(|(theta, likelihood)| theta * (likelihood - total).exp()).sum();
    let k = shape(theta);
    let (sigma, k) = (-k / theta, (k * n + 5.0) / (n + 10.0));
    (k.is_finite() && sigma.is_finite()).then_some((k, sigma))
}

fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY { f64::NAN } else { largest + logs.map(|log| (log - largest).exp()).sum::<f64>().ln() }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::numerics::distribution::normal_quantile;

    #[test]
    fn the_shape_of_a_pareto_tail_is_found() {
        for k in [-0.3, 0.2, 0.7] {
            let n = 2000;
            let values: Vec<f64> = (0..n)
                .map(|i| {
                    let p = (f64::from(i) + 0.5) / f64::from(n);
                    3.0 * (-k * (-p).ln_1p()).exp_m1() / k
                })
                .collect();
            let (found, sigma) = fit_pareto(&values).unwrap();
            assert!((found - k).abs() < 0.03 && (sigma - 3.0).abs() < 0.15, "{k}: {found} {sigma}");
        }
        assert_eq!(fit_pareto(&[1.0; 9]), None);
    }

    /// Draws of the posterior mean of a normal with unit variance; leaving one out is known exactly.
    #[test]
    fn leaving_one_normal_observation_out_is_exact() {
        let data: Vec<f64> = (0..20).map(|i| f64::from(i * 7 % 20) / 5.0 - 1.5).collect();
        let centre = data.iter().sum::<f64>() / 20.0;
        let mut random = ChaCha8Rng::seed_from_u64(4);
        let draws: Vec<f64> =
            (0..8000).map(|_| centre + normal_quantile(random.random::<f64>().max(1e-12)).unwrap() / 20_f64.sqrt()).collect();
        let half_log = 0.5 * (2.0 * std::f64::consts::PI).ln();
        for y in &data {
            let likelihood: Vec<f64> = draws.iter().map(|mu| -half_log - 0.5 * (y - mu) * (y - mu)).collect();
            let found = leave_one_out(&likelihood, 4);
            let (others, spread) = ((20.0 * centre - y) / 19.0, 1.0 + 1.0 / 19.0);
            let want = -half_log - 0.5 * f64::ln(spread) - 0.5 * (y - others) * (y - others) / spread;
            assert!((found.log_density - want).abs() < 0.01, "{y}: {} {want}", found.log_density);
            assert!(found.log_density < found.log_density_with && found.pareto_k < 0.5);
        }
    }

    #[test]
    fn an_observation_that_rules_the_posterior_is_marked() {
        let mut random = ChaCha8Rng::seed_from_u64(9);
        let draws: Vec<f64> = (0..4000).map(|_| normal_quantile(random.random::<f64>().max(1e-12)).unwrap()).collect();
        let likelihood: Vec<f64> = draws.iter().map(|mu| -0.5 * (8.0 - mu) * (8.0 - mu)).collect();
        assert!(leave_one_out(&likelihood, 4).pareto_k > HIGH_PARETO_K);
        assert!(leave_one_out(&[], 4).log_density.is_nan());
    }
}
