//! Operating characteristics of BOIN for combinations by simulation.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::boin_combination::{BoinCombination, DosePair, NextPair, PairSelectionRule, PairTallies};
use super::characteristics::{Conduct, OperatingCharacteristics};
use super::error::{DesignError, check_count, check_within};
use super::simulate::{MAX_TRIALS, Simulation, Sums};
use super::tally::{DoseLevel, Tally};

/// Trials that one thread runs before it asks for more; all sums are whole numbers, whose order does not matter.
const BLOCK: u32 = 128;

/// How a combination design behaves under one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct CombinationCharacteristics {
    columns: usize,
    counts: OperatingCharacteristics,
}

impl CombinationCharacteristics {
    /// All characteristics, the pairs row by row.
    #[must_use]
    pub fn counts(&self) -> &OperatingCharacteristics {
        &self.counts
    }

    /// Probability of selecting each pair, as rows.
    #[must_use]
    pub fn select_prob(&self) -> Vec<Vec<f64>> {
        self.rows(&self.counts.select_prob)
    }

    /// Mean number of patients at each pair, as rows.
    #[must_use]
    pub fn mean_n(&self) -> Vec<Vec<f64>> {
        self.rows(&self.counts.mean_n)
    }

    /// Mean number of patients with dose-limiting toxicity at each pair, as rows.
    #[must_use]
    pub fn mean_tox(&self) -> Vec<Vec<f64>> {
        self.rows(&self.counts.mean_tox)
    }

    fn rows(&self, values: &[f64]) -> Vec<Vec<f64>> {
        values.chunks(self.columns).map(<[f64]>::to_vec).collect()
    }
}

/// Simulates trials of BOIN for two drugs.
///
/// `truth` holds the true probability of toxicity at each pair as rows, which falls neither along a row nor along a column. The first cohort is
/// treated at the lowest pair; where several pairs have the same claim, chance decides with equal probabilities. The trial ends when it is full,
/// when the design stops it, or when the lowest pair is too toxic, which selects none; otherwise [`BoinCombination::select`] selects. Trial `i`
/// draws from stream `i` of the generator: the result depends on neither the number of threads nor their timing.
///
/// # Errors
/// [`DesignError`] for a ragged or empty grid, probabilities outside [0, 1] or falling, another start than the lowest pair, accelerated titration,
/// empty cohorts, no trial.
///
/// Source: `[LinYin2017]`.
pub fn simulate_combination(
    design: &BoinCombination,
    selection: PairSelectionRule,
    truth: &[Vec<f64>],
    conduct: &Conduct,
    simulation: Simulation,
) -> Result<CombinationCharacteristics, DesignError> {
    let columns = truth.first().map_or(0, Vec::len);
    let empty = PairTallies::empty(truth.len(), columns)?;
    check_truth(truth, columns)?;
    let cells = truth.len() * columns;
    conduct.check(cells)?;
    if conduct.titration || conduct.start != DoseLevel(0) {
        let text = "combinations begin with a full cohort at the lowest pair: leave start and titration at their defaults";
        return Err(DesignError::History(text.to_owned()));
    }
    check_count("the number of simulated trials", simulation.trials, 1, MAX_TRIALS)?;
    let seeded = ChaCha8Rng::seed_from_u64(simulation.seed);
    let blocks = (0..simulation.trials.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let mut sums = Sums::new(cells);
            for trial in block * BLOCK..simulation.trials.min((block + 1) * BLOCK) {
                let mut random = seeded.clone();
                random.set_stream(u64::from(trial));
                let mut tallies = empty.clone();
                let stopped = run_trial(design, truth, conduct, &mut tallies, &mut random)?;
                let mtd = if stopped { None } else { design.select(&tallies, selection)?.mtd };
                sums.add(tallies.cells(), mtd.map(|pair| DoseLevel(pair.row * columns + pair.column)), stopped);
            }
            Ok(sums)
        })
        .collect::<Result<Vec<Sums>, DesignError>>()?;
    let total = blocks.iter().fold(Sums::new(cells), Sums::plus);
    Ok(CombinationCharacteristics { columns, counts: total.characteristics(simulation) })
}

fn check_truth(truth: &[Vec<f64>], columns: usize) -> Result<(), DesignError> {
    for row in truth {
        if row.len() != columns {
            return Err(DesignError::Length { name: "a row of the scenario", given: row.len(), doses: columns });
        }
        for probability in row {
            check_within("the scenario", *probability, 0.0, 1.0)?;
        }
        if let Some(fall) = row.windows(2).position(|pair| pair[0] > pair[1]) {
            return Err(DesignError::Unordered { name: "a row of the scenario", dose: fall + 1 });
        }
    }
    let falls = |(lower, higher): (&f64, &f64)| lower > higher;
    match truth.windows(2).position(|pair| pair[0].iter().zip(&pair[1]).any(falls)) {
        Some(fall) => Err(DesignError::Unordered { name: "a column of the scenario", dose: fall + 1 }),
        None => Ok(()),
    }
}

/// Runs one trial to its end; whether it stopped because the lowest pair is too toxic.
fn run_trial(
    design: &BoinCombination,
    truth: &[Vec<f64>],
    conduct: &Conduct,
    tallies: &mut PairTallies,
    random: &mut ChaCha8Rng,
) -> Result<bool, DesignError> {
    let mut pair = DosePair { row: 0, column: 0 };
    let mut treated = 0;
    loop {
        let n = conduct.next_cohort(treated);
        let toxicity = truth.get(pair.row).and_then(|row| row.get(pair.column)).copied().unwrap_or(0.0);
        let dlt = (0..n).map(|_| u32::from(random.random::<f64>() < toxicity)).sum();
        tallies.add(pair, Tally { n, dlt });
        treated += n;
        let last = conduct.next_cohort(treated) == 0;
        match design.next(tallies, pair)? {
            NextPair::StopForToxicity => return Ok(true),
            NextPair::StopAtNumber { .. } => return Ok(false),
            NextPair::Treat { .. } if last => return Ok(false),
            NextPair::Treat { pairs, .. } => {
                let drawn = if pairs.len() > 1 { random.random_range(0..pairs.len()) } else { 0 };
                pair = pairs.get(drawn).copied().unwrap_or(pair);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::boin::BoinParameters;
    use super::super::boin_rule::BoinRule;
    use super::*;

    const SIMULATION: Simulation = Simulation { trials: 800, seed: 3 };

    fn run(truth: &[Vec<f64>], conduct: &Conduct) -> Result<CombinationCharacteristics, DesignError> {
        let rule = BoinRule::new(BoinParameters::with_target(0.3), 60).unwrap();
        simulate_combination(&BoinCombination::new(rule, 100), PairSelectionRule::default(), truth, conduct, SIMULATION)
    }

    fn truth() -> Vec<Vec<f64>> {
        vec![vec![0.05, 0.1, 0.3], vec![0.1, 0.3, 0.5]]
    }

    #[test]
    fn pairs_at_the_target_are_selected_most_often() {
        let found = run(&truth(), &Conduct::cohorts(12, 3)).unwrap();
        let selected = found.select_prob();
        assert!((found.counts().select_prob.iter().sum::<f64>() + found.counts().prob_no_mtd - 1.0).abs() < 1e-12);
        assert!(selected[0][2] + selected[1][1] > 0.5, "{selected:?}");
        assert!(selected[0][0] < 0.1 && selected[1][2] < 0.2, "{selected:?}");
        for ((n, tox), p) in found.mean_n().iter().flatten().zip(found.mean_tox().iter().flatten()).zip(truth().iter().flatten()) {
            assert!((n * p - tox).abs() < 0.15, "{found:?}");
        }
    }

    #[test]
    fn equal_pairs_are_drawn_by_lot() {
        let found = run(&[vec![0.01, 0.2], vec![0.2, 0.9]], &Conduct::cohorts(2, 3)).unwrap();
        let n = found.mean_n();
        // Nearly every trial goes up once, with equal chances along the row and along the column.
        assert!((n[0][1] / (n[0][1] + n[1][0]) - 0.5).abs() < 4.0 * 0.5 / 800_f64.sqrt(), "{n:?}");
    }

    #[test]
    fn certain_toxicity_stops_the_trial_and_threads_change_nothing() {
        let found = run(&[vec![1.0, 1.0]], &Conduct::cohorts(10, 3)).unwrap();
        assert!((found.counts().prob_stopped_early_toxic - 1.0).abs() < 1e-12 && (found.counts().mean_total_n - 3.0).abs() < 1e-12);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&truth(), &Conduct::cohorts(6, 3)).unwrap())
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn bad_scenarios_are_refused() {
        let conduct = Conduct::cohorts(4, 3);
        assert!(run(&[], &conduct).is_err() && run(&[vec![]], &conduct).is_err());
        assert!(run(&[vec![0.1, 0.2], vec![0.3]], &conduct).is_err());
        assert!(run(&[vec![0.2, 0.1]], &conduct).is_err() && run(&[vec![0.2], vec![0.1]], &conduct).is_err());
        assert!(run(&[vec![0.2, 1.1]], &conduct).is_err());
        assert!(run(&truth(), &Conduct { start: DoseLevel(1), ..conduct }).is_err());
        assert!(run(&truth(), &Conduct { titration: true, ..conduct }).is_err());
    }
}
