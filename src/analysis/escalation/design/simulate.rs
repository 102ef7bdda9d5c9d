//! Simulated operating characteristics, for designs whose paths are too many to enumerate.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::characteristics::{CharacteristicsMethod, Conduct, OperatingCharacteristics, StandardErrors};
use super::error::{DesignError, check_ascending, check_count};
use super::exact::{binomial_masses, exact_characteristics};
use super::tally::{Cohort, DoseLevel, State, Tally};
use super::{CountDesign, record_cohort};

/// How many trials are simulated, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simulation {
    /// Trials, at most [`MAX_TRIALS`].
    pub trials: u32,
    /// Seed; trial `i` draws from stream `i` of it.
    pub seed: u64,
}

/// Most trials of a simulation.
pub const MAX_TRIALS: u32 = 10_000_000;

/// Most patients of all trials of a simulation together.
pub const MAX_SIMULATED_PATIENTS: u64 = 1_000_000_000;

/// Refuses no trial, too many, and too many patients in all of them together.
pub(super) fn check_simulation(trials: u32, patients: u32, most_patients: u64) -> Result<(), DesignError> {
    check_count("the number of simulated trials", trials, 1, MAX_TRIALS)?;
    let value = u64::from(trials) * u64::from(patients);
    if value > most_patients {
        let name = "the number of simulated patients, trials times patients of a trial,";
        return Err(DesignError::Count { name, value, least: 1, most: most_patients });
    }
    Ok(())
}

/// Exact operating characteristics, or simulated ones where the states are too many.
///
/// # Errors
/// As [`exact_characteristics`] and [`simulate`].
pub fn operating_characteristics<D: CountDesign + ?Sized>(
    design: &D,
    conduct: &Conduct,
    truth: &[f64],
    otherwise: Simulation,
) -> Result<OperatingCharacteristics, DesignError> {
    match exact_characteristics(design, conduct, truth) {
        Err(DesignError::TooManyStates { .. }) => simulate(design, conduct, truth, otherwise),
        result => result,
    }
}

/// Simulates trials of a design; `truth` holds the true probability of toxicity at each dose.
///
/// Every trial draws from its own stream and sums are whole numbers, so that the result does not depend on the number of threads.
///
/// # Errors
/// As [`exact_characteristics`] for scenario and conduct; [`DesignError::Count`] for no trial, more than [`MAX_TRIALS`], or more than
/// [`MAX_SIMULATED_PATIENTS`] in all.
pub fn simulate<D: CountDesign + ?Sized>(
    design: &D,
    conduct: &Conduct,
    truth: &[f64],
    simulation: Simulation,
) -> Result<OperatingCharacteristics, DesignError> {
    let doses = design.doses();
    conduct.check(doses)?;
    check_ascending("the scenario", truth, doses)?;
    check_simulation(simulation.trials, conduct.max_n, MAX_SIMULATED_PATIENTS)?;
    let outcomes = Outcomes::new(conduct.cohort_size, truth);
    let state = State::start(doses, conduct.start)?;
    let seeded = ChaCha8Rng::seed_from_u64(simulation.seed);
    let sums = (0..simulation.trials)
        .into_par_iter()
        .fold(
            || (Sums::new(doses), state.clone()),
            |(mut sums, mut state), trial| {
                let mut stream = seeded.clone();
                stream.set_stream(trial.into());
                let toxic = run_trial(design, conduct, &outcomes, &mut stream, &mut state);
                sums.add(&state.tallies, if toxic { None } else { design.mtd(&state) }, toxic);
                (sums, state)
            },
        )
        .map(|(sums, _)| sums)
        .reduce(|| Sums::new(doses), |sums, others| sums.plus(&others));
    Ok(sums.characteristics(simulation))
}

/// Runs one trial to its end in `state`; whether it stopped because the lowest dose is too toxic.
fn run_trial<D: CountDesign + ?Sized>(
    design: &D,
    conduct: &Conduct,
    outcomes: &Outcomes,
    stream: &mut ChaCha8Rng,
    state: &mut State,
) -> bool {
    state.tallies.fill(Tally::default());
    state.current = conduct.start;
    state.eliminated_from = None;
    state.last_cohort = None;
    let mut total = 0;
    let mut dose = conduct.start;
    let mut size = conduct.next_cohort(0);
    if conduct.titrates() {
        (dose, total) = titrate(conduct, outcomes, stream, state);
        size = (conduct.cohort_size - 1).min(conduct.max_n.saturating_sub(total));
    }
    while size > 0 {
        let tally = Tally { n: size, dlt: outcomes.draw(dose, size, stream) };
        record_cohort(design, state, Cohort { dose, tally });
        total += size;
        size = conduct.next_cohort(total);
        if size == 0 {
            break;
        }
        let next = design.next(state);
        match next.dose {
            Some(following) => dose = following,
            None => return next.stops_for_toxicity(),
        }
    }
    false
}

/// One patient per dose from the lowest up to the first toxicity; that dose, or the highest reached, and the patients treated.
fn titrate(conduct: &Conduct, outcomes: &Outcomes, stream: &mut ChaCha8Rng, state: &mut State) -> (DoseLevel, u32) {
    let mut reached = (DoseLevel(0), 0);
    for level in 0..state.tallies.len().min(conduct.max_n as usize) {
        let dose = DoseLevel(level);
        let tally = Tally { n: 1, dlt: outcomes.draw(dose, 1, stream) };
        state.add(Cohort { dose, tally });
        reached = (dose, reached.1 + 1);
        if tally.dlt > 0 {
            break;
        }
    }
    reached
}

/// Bits of a random number that decide a cohort's outcome.
const BITS: u32 = 53;

/// Distribution functions of the toxicities in cohorts of every size up to the usual one, at every dose.
struct Outcomes {
    by_dose: Vec<Vec<Vec<u64>>>,
}

impl Outcomes {
    fn new(largest: u32, truth: &[f64]) -> Self {
        let sizes = |p: f64| (0..=largest).map(|n| Self::thresholds(n, p)).collect();
        Self { by_dose: truth.iter().map(|p| sizes(*p)).collect() }
    }

    /// `P(Y <= 0), ..., P(Y <= n - 1)` as shares of 2^53; a probability of 0 or 1 stays exact.
    fn thresholds(n: u32, p: f64) -> Vec<u64> {
        let mut cumulative = 0.0_f64;
        let masses = binomial_masses(n, p);
        let below_last = masses.iter().take(n as usize);
        below_last
            .map(|mass| {
                cumulative += mass;
                (cumulative.min(1.0) * (1_u64 << BITS) as f64).round() as u64
            })
            .collect()
    }

    fn draw(&self, dose: DoseLevel, n: u32, stream: &mut ChaCha8Rng) -> u32 {
        let uniform = stream.next_u64() >> (u64::BITS - BITS);
        let thresholds = self.by_dose.get(dose.0).and_then(|sizes| sizes.get(n as usize));
        thresholds.map_or(0, |thresholds| thresholds.iter().filter(|threshold| uniform >= **threshold).count() as u32)
    }
}

/// Sums over trials in whole numbers, whose order does not matter.
#[derive(Clone)]
pub(super) struct Sums {
    selected: Vec<u64>,
    none: u64,
    toxic: u64,
    n: Vec<Moments>,
    tox: Vec<Moments>,
    total_n: Moments,
    total_tox: Moments,
}

/// Sum and sum of squares.
#[derive(Clone, Copy, Default)]
struct Moments {
    sum: u64,
    squares: u64,
}

impl Moments {
    fn add(&mut self, value: u32) {
        let value = u64::from(value);
        self.sum += value;
        self.squares += value * value;
    }

    fn plus(&mut self, other: Self) {
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn mean(self, trials: f64) -> f64 {
        self.sum as f64 / trials
    }

    /// Standard deviation between trials; 0 for a single one.
    fn deviation(self, trials: f64) -> f64 {
        let squares = self.squares as f64 - self.sum as f64 * self.mean(trials);
        if trials > 1.0 { (squares.max(0.0) / (trials - 1.0)).sqrt() } else { 0.0 }
    }

    fn error(self, trials: f64) -> f64 {
        self.deviation(trials) / trials.sqrt()
    }
}

impl Sums {
    pub(super) fn new(doses: usize) -> Self {
        Self {
            selected: vec![0; doses],
            none: 0,
            toxic: 0,
            n: vec![Moments::default(); doses],
            tox: vec![Moments::default(); doses],
            total_n: Moments::default(),
            total_tox: Moments::default(),
        }
    }

    /// Adds the end of one trial; `toxic` when it stopped early for toxicity.
    pub(super) fn add(&mut self, tallies: &[Tally], mtd: Option<DoseLevel>, toxic: bool) {
        match mtd.and_then(|dose| self.selected.get_mut(dose.0)) {
            Some(selected) => *selected += 1,
            None => self.none += 1,
        }
        self.toxic += u64::from(toxic);
        let mut total = Tally::default();
        for ((tally, n), tox) in tallies.iter().zip(&mut self.n).zip(&mut self.tox) {
            n.add(tally.n);
            tox.add(tally.dlt);
            total = total.plus(*tally);
        }
        self.total_n.add(total.n);
        self.total_tox.add(total.dlt);
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.selected.iter_mut().zip(&other.selected).for_each(|(mine, others)| *mine += others);
        self.none += other.none;
        self.toxic += other.toxic;
        self.n.iter_mut().zip(&other.n).for_each(|(mine, others)| mine.plus(*others));
        self.tox.iter_mut().zip(&other.tox).for_each(|(mine, others)| mine.plus(*others));
        self.total_n.plus(other.total_n);
        self.total_tox.plus(other.total_tox);
        self
    }

    pub(super) fn characteristics(&self, simulation: Simulation) -> OperatingCharacteristics {
        let trials = f64::from(simulation.trials);
        let share = |count: u64| count as f64 / trials;
        let share_error = |count: u64| (share(count) * (1.0 - share(count)) / trials).sqrt();
        let means = |moments: &[Moments]| moments.iter().map(|moment| moment.mean(trials)).collect();
        let errors = |moments: &[Moments]| moments.iter().map(|moment| moment.error(trials)).collect();
        let deviations = |moments: &[Moments]| moments.iter().map(|moment| moment.deviation(trials)).collect();
        let standard_errors = StandardErrors {
            select_prob: self.selected.iter().map(|count| share_error(*count)).collect(),
            prob_no_mtd: share_error(self.none),
            prob_stopped_early_toxic: share_error(self.toxic),
            mean_n: errors(&self.n),
            mean_tox: errors(&self.tox),
            mean_total_n: self.total_n.error(trials),
            mean_total_tox: self.total_tox.error(trials),
        };
        OperatingCharacteristics {
            select_prob: self.selected.iter().map(|count| share(*count)).collect(),
            prob_no_mtd: share(self.none),
            prob_stopped_early_toxic: share(self.toxic),
            mean_n: means(&self.n),
            sd_n: deviations(&self.n),
            mean_tox: means(&self.tox),
            sd_tox: deviations(&self.tox),
            mean_total_n: self.total_n.mean(trials),
            sd_total_n: self.total_n.deviation(trials),
            mean_total_tox: self.total_tox.mean(trials),
            sd_total_tox: self.total_tox.deviation(trials),
            method: CharacteristicsMethod::Simulated {
                trials: simulation.trials,
                seed: simulation.seed,
                standard_errors: Box::new(standard_errors),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::boin::{Boin, BoinParameters};
    use super::super::interval::IntervalDesign;
    use super::super::rules::{EnoughPatients, StopAtNumber};
    use super::super::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
    use super::*;
    use crate::numerics::tolerance::MONTE_CARLO_SE;

    const SIMULATION: Simulation = Simulation { trials: 20_000, seed: 20_240_801 };

    fn boin(doses: usize) -> IntervalDesign {
        Boin::new(BoinParameters::with_target(0.3)).unwrap().design(doses, 60).unwrap()
    }

    fn assert_agree(design: &impl CountDesign, conduct: &Conduct, truth: &[f64]) {
        let exact = exact_characteristics(design, conduct, truth).unwrap();
        let simulated = simulate(design, conduct, truth, SIMULATION).unwrap();
        let root = f64::from(SIMULATION.trials).sqrt();
        let near = |name: &str, got: f64, want: f64, deviation: f64| {
            assert!((got - want).abs() <= MONTE_CARLO_SE * deviation / root + 1e-12, "{name}: {got} against {want} ({deviation})");
        };
        let indicator = |p: f64| (p * (1.0 - p)).max(0.0).sqrt();
        for dose in 0..truth.len() {
            near("selected", simulated.select_prob[dose], exact.select_prob[dose], indicator(exact.select_prob[dose]));
            near("patients", simulated.mean_n[dose], exact.mean_n[dose], exact.sd_n[dose]);
            near("toxicities", simulated.mean_tox[dose], exact.mean_tox[dose], exact.sd_tox[dose]);
        }
        near("none", simulated.prob_no_mtd, exact.prob_no_mtd, indicator(exact.prob_no_mtd));
        near("early", simulated.prob_stopped_early_toxic, exact.prob_stopped_early_toxic, indicator(exact.prob_stopped_early_toxic));
        near("total", simulated.mean_total_n, exact.mean_total_n, exact.sd_total_n);
        near("all toxicities", simulated.mean_total_tox, exact.mean_total_tox, exact.sd_total_tox);
    }

    #[test]
    fn simulation_agrees_with_the_exact_characteristics() {
        let truth = [0.08, 0.2, 0.33, 0.5];
        assert_agree(&boin(4), &Conduct::cohorts(9, 3), &truth);
        assert_agree(&boin(4), &Conduct { titration: true, max_n: 22, ..Conduct::cohorts(8, 3) }, &truth);
        assert_agree(&StopAtNumber::new(boin(4), 9, EnoughPatients::WhenStaying), &Conduct::cohorts(10, 3), &truth);
        let rule = ThreePlusThree::new(4, ThreePlusThreeVariant::Deescalation).unwrap();
        assert_agree(&rule, &rule.conduct(), &truth);
        assert_agree(&boin(4), &Conduct::cohorts(6, 3), &[0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let simulation = Simulation { trials: 500, seed: 7 };
            pool.install(|| simulate(&boin(4), &Conduct::cohorts(8, 3), &[0.1, 0.2, 0.3, 0.4], simulation).unwrap())
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn seeds_differ_and_standard_errors_shrink() {
        let run = |trials: u32, seed: u64| {
            let found = simulate(&boin(3), &Conduct::cohorts(8, 3), &[0.1, 0.3, 0.5], Simulation { trials, seed }).unwrap();
            let CharacteristicsMethod::Simulated { standard_errors, .. } = found.method else { panic!("simulated") };
            (found.mean_total_tox, standard_errors.select_prob[1])
        };
        assert!((run(500, 1).0 - run(500, 2).0).abs() > 0.0);
        assert!(run(5_000, 1).1 < run(500, 1).1);
    }

    #[test]
    fn simulation_steps_in_only_where_enumeration_gives_up() {
        let found = |doses: usize, cohorts: u32| {
            let otherwise = Simulation { trials: 50, seed: 1 };
            operating_characteristics(&boin(doses), &Conduct::cohorts(cohorts, 3), &vec![0.1; doses], otherwise).unwrap().method
        };
        assert!(matches!(found(3, 6), CharacteristicsMethod::Exact { .. }));
        assert!(matches!(found(20, 30), CharacteristicsMethod::Simulated { trials: 50, seed: 1, .. }));
    }

    #[test]
    fn impossible_simulations_are_refused() {
        let run = |trials: u32, truth: &[f64]| simulate(&boin(2), &Conduct::cohorts(4, 3), truth, Simulation { trials, seed: 1 });
        assert!(run(0, &[0.1, 0.2]).is_err() && run(10, &[0.2, 0.1]).is_err() && run(10, &[0.1]).is_err());
        assert!(run(1, &[0.1, 0.2]).is_ok());
    }
}
