//! Toxicity and efficacy of one patient together, for simulated trials.

use rand::{Rng, RngExt};

use super::error::{DesignError, check_within};

/// Joint distribution of toxicity and efficacy at a dose.
///
/// ```text
/// p_TE / p_T0 / (p_0E / p_00) = psi
/// p_TE = 2 psi p_T p_E / (a + sqrt(a^2 - 4 psi (psi - 1) p_T p_E)),   a = 1 + (psi - 1) (p_T + p_E)
/// ```
///
/// `p_T` and `p_E` are the marginal probabilities of toxicity and of efficacy, `psi` the odds ratio between the two: 1 makes them independent,
/// above 1 patients with toxicity respond more often. Source: the bivariate distribution of `[Plackett1965]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointOutcome {
    toxicity: f64,
    efficacy: f64,
    both: f64,
}

impl JointOutcome {
    /// The distribution with these margins and this odds ratio.
    ///
    /// # Errors
    /// [`DesignError::Outside`] for a probability outside [0, 1] or an odds ratio that is not between 0.0001 and 10000.
    pub fn new(toxicity: f64, efficacy: f64, odds_ratio: f64) -> Result<Self, DesignError> {
        check_within("the probability of toxicity", toxicity, 0.0, 1.0)?;
        check_within("the probability of efficacy", efficacy, 0.0, 1.0)?;
        check_within("the odds ratio of efficacy and toxicity", odds_ratio, 1e-4, 1e4)?;
        let a = 1.0 + (odds_ratio - 1.0) * (toxicity + efficacy);
        let root = (a * a - 4.0 * odds_ratio * (odds_ratio - 1.0) * toxicity * efficacy).max(0.0).sqrt();
        let both = 2.0 * odds_ratio * toxicity * efficacy / (a + root);
        Ok(Self { toxicity, efficacy, both: both.clamp((toxicity + efficacy - 1.0).max(0.0), toxicity.min(efficacy)) })
    }

    /// Probability of both.
    #[must_use]
    pub fn both(&self) -> f64 {
        self.both
    }

    /// Probability of efficacy without toxicity.
    #[must_use]
    pub fn efficacy_only(&self) -> f64 {
        self.efficacy - self.both
    }

    /// Probability of toxicity without efficacy.
    #[must_use]
    pub fn toxicity_only(&self) -> f64 {
        self.toxicity - self.both
    }

    /// Probability of neither.
    #[must_use]
    pub fn neither(&self) -> f64 {
        (1.0 - self.toxicity - self.efficacy + self.both).max(0.0)
    }

    /// Whether a patient has toxicity, and whether efficacy; always two random numbers, so that a patient's toxicity does not depend on what is
    /// assumed of efficacy.
    pub(super) fn draw(&self, random: &mut impl Rng) -> (bool, bool) {
        let (first, second): (f64, f64) = (random.random(), random.random());
        let toxicity = first < self.toxicity;
        let (joint, margin) = if toxicity { (self.both, self.toxicity) } else { (self.efficacy_only(), 1.0 - self.toxicity) };
        (toxicity, second * margin < joint)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn margins_and_odds_ratio_are_kept() {
        for (toxicity, efficacy, odds_ratio) in [(0.3, 0.4, 1.0), (0.3, 0.4, 3.0), (0.05, 0.9, 0.2), (0.6, 0.7, 50.0)] {
            let joint = JointOutcome::new(toxicity, efficacy, odds_ratio).unwrap();
            let cells = [joint.both(), joint.efficacy_only(), joint.toxicity_only(), joint.neither()];
            assert!((cells.iter().sum::<f64>() - 1.0).abs() < 1e-12 && cells.iter().all(|cell| *cell > 0.0));
            let found = cells[0] * cells[3] / (cells[1] * cells[2]);
            assert!((found / odds_ratio - 1.0).abs() < 1e-9, "{found} {odds_ratio}");
        }
        let independent = JointOutcome::new(0.3, 0.4, 1.0).unwrap();
        assert!((independent.both() - 0.12).abs() < 1e-15);
    }

    #[test]
    fn draws_follow_the_cells() {
        let joint = JointOutcome::new(0.3, 0.5, 4.0).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let draws: Vec<(bool, bool)> = (0..40_000).map(|_| joint.draw(&mut random)).collect();
        for (outcome, cell) in [
            ((true, true), joint.both()),
            ((true, false), joint.toxicity_only()),
            ((false, true), joint.efficacy_only()),
            ((false, false), joint.neither()),
        ] {
            let share = draws.iter().filter(|draw| **draw == outcome).count() as f64 / 40_000.0;
            // 4 standard errors of a probability with 40,000 draws.
            assert!((share - cell).abs() < 4.0 * (cell * (1.0 - cell) / 40_000.0).sqrt(), "{outcome:?} {share} {cell}");
        }
    }

    #[test]
    fn certain_and_impossible_outcomes() {
        let mut random = ChaCha8Rng::seed_from_u64(6);
        for (toxicity, efficacy) in [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (1.0, 1.0)] {
            let joint = JointOutcome::new(toxicity, efficacy, 2.0).unwrap();
            assert!((0..500).all(|_| joint.draw(&mut random) == (toxicity > 0.5, efficacy > 0.5)));
        }
        assert!(JointOutcome::new(1.1, 0.5, 1.0).is_err() && JointOutcome::new(0.1, -0.5, 1.0).is_err());
        assert!(JointOutcome::new(0.1, 0.5, 0.0).is_err() && JointOutcome::new(0.1, 0.5, f64::NAN).is_err());
    }
}
