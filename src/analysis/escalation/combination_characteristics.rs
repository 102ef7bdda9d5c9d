//! How BOIN for combinations behaves under an assumed truth, judged as the designs for one drug are.

use super::design::boin_combination::{BoinCombination, DosePair, PairSelectionRule};
use super::design::boin_combination_simulation::simulate_combination;
use super::design::simulate::Simulation;
use super::design::{CharacteristicsMethod, Conduct, DesignError};
use super::trial_characteristics::{TrialCharacteristics, closest_doses};

/// How a design for two drugs behaves under one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct PairCharacteristics {
    /// The characteristics with the pairs row by row; [`TrialCharacteristics::correct`] is `None`, because several pairs can be correct.
    pub pairs: TrialCharacteristics,
    /// The pairs whose true probability of toxicity is closest to the target; none where the lowest pair is overly toxic.
    pub correct: Vec<DosePair>,
    /// Probability of selecting one of them, of selecting none where there are none.
    pub prob_correct: f64,
    /// Its standard error.
    pub standard_error_correct: f64,
}

/// Simulated characteristics of BOIN for two drugs, judged by a target.
///
/// ```text
/// correct = { (i, j) : |p_ij - target| smallest },   P(correct) = sum of P(select (i, j)) over them,   SE = sqrt(P (1 - P) / trials)
/// ```
///
/// `truth` holds `p_ij`, the true probability of toxicity at each pair, as rows. No pair is correct where the lowest is overly toxic
/// ([`closest_doses`]); then `P(correct)` is the probability of selecting none.
///
/// # Errors
/// As [`simulate_combination`].
///
/// Source: `[LinYin2017]`.
pub fn pair_characteristics(
    design: &BoinCombination,
    truth: &[Vec<f64>],
    conduct: &Conduct,
    target: f64,
    simulation: Simulation,
) -> Result<PairCharacteristics, DesignError> {
    let found = simulate_combination(design, PairSelectionRule::default(), truth, conduct, simulation)?;
    let flat = truth.concat();
    let columns = truth.first().map_or(1, Vec::len);
    let closest = closest_doses(&flat, target);
    let pairs = TrialCharacteristics::of_counts(found.counts().clone(), &flat, Some(target));
    let prob_correct = match closest.as_slice() {
        [] => pairs.prob_none,
        doses => doses.iter().filter_map(|dose| pairs.select_prob.get(dose.0)).sum(),
    };
    let trials = match &pairs.method {
        CharacteristicsMethod::Simulated { trials, .. } => f64::from(*trials),
        CharacteristicsMethod::Exact { .. } => f64::INFINITY,
    };
    Ok(PairCharacteristics {
        correct: closest.iter().map(|dose| DosePair { row: dose.0 / columns, column: dose.0 % columns }).collect(),
        prob_correct,
        standard_error_correct: (prob_correct * (1.0 - prob_correct).max(0.0) / trials).sqrt(),
        pairs,
    })
}

#[cfg(test)]
mod tests {
    use super::super::design::boin::BoinParameters;
    use super::super::design::boin_rule::BoinRule;
    use super::*;

    fn run(truth: &[Vec<f64>]) -> PairCharacteristics {
        let rule = BoinRule::new(BoinParameters::with_target(0.3), 30).unwrap();
        let simulation = Simulation { trials: 500, seed: 3 };
        pair_characteristics(&BoinCombination::new(rule, u32::MAX), truth, &Conduct::cohorts(10, 3), 0.3, simulation).unwrap()
    }

    #[test]
    fn every_pair_at_the_target_is_correct() {
        let found = run(&[vec![0.05, 0.3], vec![0.3, 0.5]]);
        assert_eq!(found.correct, [DosePair { row: 0, column: 1 }, DosePair { row: 1, column: 0 }]);
        let sum = found.pairs.select_prob[1] + found.pairs.select_prob[2];
        assert!((found.prob_correct - sum).abs() < 1e-12 && sum > 0.5, "{found:?}");
        assert!((found.standard_error_correct - (sum * (1.0 - sum) / 500.0).sqrt()).abs() < 1e-12);
        assert!((found.pairs.prob_selected_above_target().unwrap() - found.pairs.select_prob[3]).abs() < 1e-12);
    }

    #[test]
    fn selecting_none_is_correct_where_every_pair_is_overly_toxic() {
        let found = run(&[vec![0.6, 0.7], vec![0.7, 0.8]]);
        assert!(found.correct.is_empty() && found.prob_correct > 0.8);
        assert!((found.prob_correct - found.pairs.prob_none).abs() < 1e-12);
    }
}
