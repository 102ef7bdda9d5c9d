//! Operating characteristics of BOIN12 by simulation.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::boin12::{Boin12, IsotonicWeight};
use super::boin12_desirability::JointTally;
use super::characteristics::{Conduct, OperatingCharacteristics};
use super::error::{DesignError, check_ascending, check_count};
use super::joint_outcome::JointOutcome;
use super::simulate::{MAX_TRIALS, Simulation, Sums};
use super::tally::{DoseLevel, Tally};

/// Trials that one thread runs before it asks for more; all sums are whole numbers, whose order does not matter.
const BLOCK: u32 = 128;

/// What is assumed of toxicity and efficacy.
#[derive(Debug, Clone, PartialEq)]
pub struct JointScenario {
    /// True probability of toxicity at each dose, not falling.
    pub toxicity: Vec<f64>,
    /// True probability of efficacy at each dose, in any order.
    pub efficacy: Vec<f64>,
    /// Odds ratio of efficacy and toxicity within a patient; 1 for independence.
    pub odds_ratio: f64,
}

impl JointScenario {
    /// The joint distribution at each dose.
    ///
    /// # Errors
    /// [`DesignError::Length`], [`DesignError::Unordered`] and [`DesignError::Outside`] for impossible probabilities.
    pub fn outcomes(&self, doses: usize) -> Result<Vec<JointOutcome>, DesignError> {
        check_ascending("the scenario", &self.toxicity, doses)?;
        if self.efficacy.len() != doses {
            return Err(DesignError::Length { name: "the list of efficacy probabilities", given: self.efficacy.len(), doses });
        }
        let pairs = self.toxicity.iter().zip(&self.efficacy);
        pairs.map(|(toxicity, efficacy)| JointOutcome::new(*toxicity, *efficacy, self.odds_ratio)).collect()
    }
}

/// How a design for efficacy and toxicity behaves under one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct JointCharacteristics {
    /// Selection of the optimal biological dose, patients and toxicities.
    pub counts: OperatingCharacteristics,
    /// Mean number of patients with efficacy at each dose.
    pub mean_efficacies: Vec<f64>,
    /// Probability that the trial stops before its end while the lowest dose is not too toxic: no dose is both safe and promising.
    pub prob_stopped_for_futility: f64,
}

impl Boin12 {
    /// Whether the lowest dose is too toxic by its counts.
    fn lowest_is_unsafe(&self, tallies: &[JointTally]) -> Result<bool, DesignError> {
        let Some(lowest) = tallies.first().filter(|tally| tally.n() > 0) else { return Ok(false) };
        Ok(!self.desirability().is_safe(lowest.toxicities(), lowest.n())?)
    }

    /// The dose with the highest expected utility among those whose true probabilities keep both limits; the lower one of equals, none
    /// where no dose keeps them.
    ///
    /// ```text
    /// u = 100 p_E0 + u_neither p_00 + u_both p_TE
    /// ```
    ///
    /// # Errors
    /// As [`JointScenario::outcomes`].
    pub fn true_obd(&self, scenario: &JointScenario) -> Result<Option<DoseLevel>, DesignError> {
        let limits = self.desirability().admissibility();
        let utilities = self.desirability().utilities();
        let mut best: Option<(usize, f64)> = None;
        for (dose, outcome) in scenario.outcomes(self.doses())?.iter().enumerate() {
            let keeps = |pair: (&f64, &f64)| *pair.0 <= limits.toxicity_limit && *pair.1 >= limits.efficacy_limit;
            let admissible = scenario.toxicity.get(dose).zip(scenario.efficacy.get(dose)).is_some_and(keeps);
            let utility = 100.0 * outcome.efficacy_only() + utilities.neither * outcome.neither() + utilities.both * outcome.both();
            if admissible && best.is_none_or(|(_, most)| utility > most + 1e-9) {
                best = Some((dose, utility));
            }
        }
        Ok(best.map(|(dose, _)| DoseLevel(dose)))
    }
}

/// Simulates trials of BOIN12.
///
/// Cohorts are treated one after the other until the trial is full or no dose may be given; both outcomes of a cohort are known before the
/// next one. The selected dose is that of [`Boin12::select`] with equal weights of the tried doses; a trial that stopped early selects none.
/// Trial `i` draws from stream `i` of the generator: the result depends on neither the number of threads nor their timing.
///
/// # Errors
/// [`DesignError`] for an impossible scenario, accelerated titration, empty cohorts, no trial.
///
/// Source: `[Lin2020]`.
pub fn simulate_boin12(
    design: &Boin12,
    scenario: &JointScenario,
    conduct: &Conduct,
    simulation: Simulation,
) -> Result<JointCharacteristics, DesignError> {
    let doses = design.doses();
    conduct.check(doses)?;
    if conduct.titration {
        return Err(DesignError::History("accelerated titration is not defined for BOIN12: plan full cohorts".to_owned()));
    }
    check_count("the number of simulated trials", simulation.trials, 1, MAX_TRIALS)?;
    let outcomes = scenario.outcomes(doses)?;
    let seeded = ChaCha8Rng::seed_from_u64(simulation.seed);
    let blocks: Vec<JointSums> = (0..simulation.trials.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let mut sums = JointSums::new(doses);
            for trial in block * BLOCK..simulation.trials.min((block + 1) * BLOCK) {
                let mut random = seeded.clone();
                random.set_stream(u64::from(trial));
                sums.add(&run_trial(design, &outcomes, conduct, &mut random)?);
            }
            Ok(sums)
        })
        .collect::<Result<Vec<JointSums>, DesignError>>()?;
    let total = blocks.iter().fold(JointSums::new(doses), JointSums::plus);
    Ok(total.characteristics(simulation))
}

/// The end of one trial.
struct End {
    tallies: Vec<JointTally>,
    obd: Option<DoseLevel>,
    stopped: Option<EarlyStop>,
}

/// Why a trial stopped before its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EarlyStop {
    Toxicity,
    Futility,
}

fn run_trial(design: &Boin12, outcomes: &[JointOutcome], conduct: &Conduct, random: &mut ChaCha8Rng) -> Result<End, DesignError> {
    let mut tallies = vec![JointTally::default(); outcomes.len()];
    let mut dose = conduct.start;
    let mut treated = 0;
    loop {
        let size = conduct.next_cohort(treated);
        if let (Some(tally), Some(outcome)) = (tallies.get_mut(dose.0), outcomes.get(dose.0)) {
            for _ in 0..size {
                match outcome.draw(random) {
                    (true, true) => tally.both += 1,
                    (true, false) => tally.toxicity_only += 1,
                    (false, true) => tally.efficacy_only += 1,
                    (false, false) => tally.neither += 1,
                }
            }
        }
        treated += size;
        if conduct.next_cohort(treated) == 0 {
            let obd = design.select(&tallies, IsotonicWeight::Equal)?.obd;
            return Ok(End { tallies, obd, stopped: None });
        }
        match design.next(&tallies, dose)?.dose {
            Some(next) => dose = next,
            None => {
                let stopped = if design.lowest_is_unsafe(&tallies)? { EarlyStop::Toxicity } else { EarlyStop::Futility };
                return Ok(End { tallies, obd: None, stopped: Some(stopped) });
            }
        }
    }
}

struct JointSums {
    counts: Sums,
    efficacies: Vec<u64>,
    futile: u64,
}

impl JointSums {
    fn new(doses: usize) -> Self {
        Self { counts: Sums::new(doses), efficacies: vec![0; doses], futile: 0 }
    }

    fn add(&mut self, end: &End) {
        let tallies: Vec<Tally> = end.tallies.iter().map(|tally| Tally { n: tally.n(), dlt: tally.toxicities() }).collect();
        self.counts.add(&tallies, end.obd, end.stopped == Some(EarlyStop::Toxicity));
        self.efficacies.iter_mut().zip(&end.tallies).for_each(|(sum, tally)| *sum += u64::from(tally.efficacies()));
        self.futile += u64::from(end.stopped == Some(EarlyStop::Futility));
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            counts: self.counts.plus(&other.counts),
            efficacies: self.efficacies.iter().zip(&other.efficacies).map(|(mine, others)| mine + others).collect(),
            futile: self.futile + other.futile,
        }
    }

    fn characteristics(&self, simulation: Simulation) -> JointCharacteristics {
        let trials = f64::from(simulation.trials);
        JointCharacteristics {
            counts: self.counts.characteristics(simulation),
            mean_efficacies: self.efficacies.iter().map(|sum| *sum as f64 / trials).collect(),
            prob_stopped_for_futility: self.futile as f64 / trials,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::boin12_desirability::{Admissibility, Desirability, Utilities};
    use super::*;

    const SIMULATION: Simulation = Simulation { trials: 1000, seed: 11 };

    fn design(doses: usize) -> Boin12 {
        let utilities = Utilities::new(40.0, 60.0).unwrap();
        Boin12::new(Desirability::new(utilities, Admissibility::with_limits(0.35, 0.25)).unwrap(), doses, 6).unwrap()
    }

    fn scenario(toxicity: &[f64], efficacy: &[f64]) -> JointScenario {
        JointScenario { toxicity: toxicity.to_vec(), efficacy: efficacy.to_vec(), odds_ratio: 1.0 }
    }

    fn run(scenario: &JointScenario) -> JointCharacteristics {
        simulate_boin12(&design(scenario.toxicity.len()), scenario, &Conduct::cohorts(12, 3), SIMULATION).unwrap()
    }

    #[test]
    fn the_best_dose_is_selected_most_often_and_every_trial_ends_somewhere() {
        let scenario = scenario(&[0.05, 0.1, 0.2, 0.45], &[0.1, 0.5, 0.55, 0.6]);
        let best = design(4).true_obd(&scenario).unwrap().unwrap();
        assert_eq!(best, DoseLevel(1));
        let found = run(&scenario);
        let selected = &found.counts.select_prob;
        assert!((selected.iter().sum::<f64>() + found.counts.prob_no_mtd - 1.0).abs() < 1e-12);
        assert!(selected.iter().all(|share| *share <= selected[best.0]) && selected[3] < 0.1, "{selected:?}");
        for dose in 0..4 {
            // Who is treated never looks ahead, so that outcomes are patients times truth.
            let n = found.counts.mean_n[dose];
            assert!((found.counts.mean_tox[dose] - n * scenario.toxicity[dose]).abs() < 0.15, "{found:?}");
            assert!((found.mean_efficacies[dose] - n * scenario.efficacy[dose]).abs() < 0.15, "{found:?}");
        }
    }

    #[test]
    fn trials_stop_for_toxicity_and_for_futility() {
        let toxic = run(&scenario(&[1.0, 1.0], &[0.5, 0.5]));
        assert!((toxic.counts.prob_stopped_early_toxic - 1.0).abs() < 1e-12 && toxic.prob_stopped_for_futility.abs() < 1e-12);
        let futile = run(&scenario(&[0.0, 0.0], &[0.0, 0.0]));
        assert!((futile.prob_stopped_for_futility - 1.0).abs() < 1e-12 && futile.counts.prob_stopped_early_toxic.abs() < 1e-12);
        assert!((toxic.counts.prob_no_mtd - 1.0).abs() < 1e-12 && (futile.counts.prob_no_mtd - 1.0).abs() < 1e-12);
        assert_eq!(design(2).true_obd(&scenario(&[0.0, 0.0], &[0.0, 0.0])).unwrap(), None);
    }

    #[test]
    fn the_association_changes_the_expected_utility_and_not_the_margins() {
        let additive = scenario(&[0.2, 0.3], &[0.4, 0.6]);
        let linked = JointScenario { odds_ratio: 8.0, ..additive.clone() };
        let (one, other) = (run(&additive), run(&linked));
        assert!((one.counts.mean_total_n - other.counts.mean_total_n).abs() < 1.0);
        assert_ne!(one, other);
    }

    #[test]
    fn any_number_of_threads_gives_the_same_numbers() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&scenario(&[0.1, 0.3], &[0.3, 0.5])))
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn bad_scenarios_are_refused() {
        let refused = |scenario: JointScenario, conduct: &Conduct, trials: u32| {
            simulate_boin12(&design(2), &scenario, conduct, Simulation { trials, seed: 1 }).is_err()
        };
        let conduct = Conduct::cohorts(4, 3);
        assert!(refused(scenario(&[0.2, 0.1], &[0.2, 0.3]), &conduct, 10));
        assert!(refused(scenario(&[0.1, 0.2], &[0.2]), &conduct, 10));
        assert!(refused(scenario(&[0.1, 0.2], &[0.2, 1.3]), &conduct, 10));
        assert!(refused(scenario(&[0.1, 0.2], &[0.2, 0.3]), &conduct, 0));
        assert!(refused(scenario(&[0.1, 0.2], &[0.2, 0.3]), &Conduct { titration: true, ..conduct }, 10));
        assert!(!refused(scenario(&[0.1, 0.2], &[0.5, 0.3]), &conduct, 10));
    }
}
