//! Random scenarios of toxicity, for comparisons that should not rest on scenarios that somebody chose.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::{DesignError, check_within};

/// Most doses and highest target for which draws are accepted often enough.
const MOST_DOSES: usize = 12;
const HIGHEST_TARGET: f64 = 0.5;

/// Most draws for one scenario; one in a thousand is accepted in the worst case of these limits.
const MOST_DRAWS: u32 = 200_000;

/// A random curve of true probabilities of toxicity, ascending with dose.
///
/// ```text
/// j uniform on 1 .. k                         the dose that is to be closest to the target
/// B = theta + (1 - theta) M,  M ~ Beta(max(k - j, 1/2), 1)
/// k numbers uniform on (0, B), in order       drawn again until the j-th is the one closest to theta
/// ```
///
/// `theta` is the target and `k` the number of doses. The dose closest to the target is uniform over the grid whatever the curve looks like.
/// Source: the pseudo-uniform algorithm of `[Clertant2017]`.
///
/// # Errors
/// [`DesignError::Grid`] for no dose or more than 12, [`DesignError::Outside`] for a target that is not above 0 and at most 0.5.
pub fn random_scenario(doses: usize, target: f64, seed: u64) -> Result<Vec<f64>, DesignError> {
    if !(1..=MOST_DOSES).contains(&doses) {
        return Err(DesignError::Grid { doses, most: MOST_DOSES });
    }
    check_within("the target of generated scenarios", target, f64::MIN_POSITIVE, HIGHEST_TARGET)?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let closest = random.random_range(0..doses);
    let shape = ((doses - closest - 1) as f64).max(0.5);
    let mut curve = vec![0.0; doses];
    for _ in 0..MOST_DRAWS {
        let bound = target + (1.0 - target) * random.random::<f64>().powf(shape.recip());
        curve.fill_with(|| bound * random.random::<f64>());
        curve.sort_by(f64::total_cmp);
        let nearest = curve.iter().enumerate().min_by(|one, other| (one.1 - target).abs().total_cmp(&(other.1 - target).abs()));
        if nearest.is_some_and(|(dose, _)| dose == closest) {
            return Ok(curve);
        }
    }
    Err(DesignError::History("no random scenario was found: change the seed, or write the scenarios out".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_ascend_and_every_dose_is_as_often_the_closest() {
        let mut closest = [0_u32; 5];
        for seed in 0..2000 {
            let curve = random_scenario(5, 0.3, seed).unwrap();
            assert!(curve.windows(2).all(|pair| pair[0] <= pair[1]) && curve.iter().all(|p| (0.0..1.0).contains(p)));
            let nearest = (0..5).min_by(|one, other| (curve[*one] - 0.3).abs().total_cmp(&(curve[*other] - 0.3).abs())).unwrap();
            closest[nearest] += 1;
        }
        // 4 standard errors of 400 expected.
        assert!(closest.iter().all(|count| count.abs_diff(400) < 72), "{closest:?}");
    }

    #[test]
    fn the_seed_decides_and_every_grid_is_possible() {
        assert_eq!(random_scenario(4, 0.25, 7), random_scenario(4, 0.25, 7));
        assert_ne!(random_scenario(4, 0.25, 7), random_scenario(4, 0.25, 8));
        for (doses, target) in [(1, 0.3), (MOST_DOSES, 0.3), (MOST_DOSES, 0.05), (MOST_DOSES, HIGHEST_TARGET)] {
            for seed in 0..50 {
                assert_eq!(random_scenario(doses, target, seed).unwrap().len(), doses);
            }
        }
        assert!(random_scenario(0, 0.3, 1).is_err() && random_scenario(13, 0.3, 1).is_err() && random_scenario(3, 0.6, 1).is_err());
    }
}
