//! Simulated trials in calendar time: streams of random numbers, and what is counted at the end of each trial.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::characteristics::OperatingCharacteristics;
use super::error::DesignError;
use super::simulate::{Simulation, Sums, check_simulation};
use super::tally::{DoseLevel, Tally};

/// Most patients of all trials of a simulation in calendar time together; each of them asks for more work than one of a trial in counts.
const MAX_SIMULATED_PATIENTS: u64 = 100_000_000;

/// Trials that one thread runs before it asks for more; the sums of these blocks are added in order, whatever the number of threads.
const BLOCK: u32 = 256;

/// Blocks whose sums are in memory at a time.
const BLOCKS: u32 = 1024;

/// How a design behaves under one scenario when time matters.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarCharacteristics {
    /// Selection, patients and toxicities.
    pub counts: OperatingCharacteristics,
    /// Mean duration of a trial, in the unit of the window.
    pub mean_duration: f64,
    /// Standard deviation of the duration between trials.
    pub sd_duration: f64,
    /// Standard error of the mean duration.
    pub duration_standard_error: f64,
}

/// The end of one simulated trial.
#[derive(Debug, Clone)]
pub(super) struct TrialEnd {
    /// Counts at each dose.
    pub(super) tallies: Vec<Tally>,
    /// The selected dose.
    pub(super) mtd: Option<usize>,
    /// Whether the lowest dose was eliminated during the trial.
    pub(super) stopped_for_toxicity: bool,
    /// From the first patient to the end.
    pub(super) duration: f64,
}

impl TrialEnd {
    /// A trial that has not begun.
    pub(super) fn new(doses: usize) -> Self {
        Self { tallies: vec![Tally::default(); doses], mtd: None, stopped_for_toxicity: false, duration: 0.0 }
    }

    pub(super) fn reset(&mut self) {
        self.tallies.fill(Tally::default());
        (self.mtd, self.stopped_for_toxicity, self.duration) = (None, false, 0.0);
    }
}

/// One trial after the other with memory of its own, which is not shared between threads.
pub(super) trait TrialRun {
    /// Simulates one trial from its beginning.
    fn run(&mut self, random: &mut ChaCha8Rng) -> &TrialEnd;
}

/// Simulates trials of up to `patients` patients, the one with number `i` on stream `i` of the generator with the seed.
///
/// The result is the same on any number of threads.
pub(super) fn simulate<R: TrialRun>(
    doses: usize,
    patients: u32,
    simulation: Simulation,
    prepare: impl Fn() -> R + Sync,
) -> Result<CalendarCharacteristics, DesignError> {
    let Simulation { trials, seed } = simulation;
    check_simulation(trials, patients, MAX_SIMULATED_PATIENTS)?;
    let seeded = ChaCha8Rng::seed_from_u64(seed);
    let block = |run: &mut R, block: u32| {
        let mut sums = CalendarSums::new(doses);
        for trial in block * BLOCK..trials.min((block + 1) * BLOCK) {
            let mut random = seeded.clone();
            random.set_stream(u64::from(trial));
            sums.add(run.run(&mut random));
        }
        sums
    };
    let blocks = trials.div_ceil(BLOCK);
    let mut total = CalendarSums::new(doses);
    for first in (0..blocks).step_by(BLOCKS as usize) {
        let sums: Vec<CalendarSums> = (first..blocks.min(first + BLOCKS)).into_par_iter().map_init(&prepare, block).collect();
        total = sums.iter().fold(total, CalendarSums::plus);
    }
    Ok(total.characteristics(simulation))
}

/// What is summed over trials.
struct CalendarSums {
    counts: Sums,
    duration: f64,
    squared_duration: f64,
}

impl CalendarSums {
    fn new(doses: usize) -> Self {
        Self { counts: Sums::new(doses), duration: 0.0, squared_duration: 0.0 }
    }

    fn add(&mut self, end: &TrialEnd) {
        self.counts.add(&end.tallies, end.mtd.map(DoseLevel), end.stopped_for_toxicity);
        self.duration += end.duration;
        self.squared_duration += end.duration * end.duration;
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            counts: self.counts.plus(&other.counts),
            duration: self.duration + other.duration,
            squared_duration: self.squared_duration + other.squared_duration,
        }
    }

    fn characteristics(&self, simulation: Simulation) -> CalendarCharacteristics {
        let trials = f64::from(simulation.trials);
        let mean_duration = self.duration / trials;
        let squares = self.squared_duration - self.duration * mean_duration;
        let sd_duration = if trials > 1.0 { (squares.max(0.0) / (trials - 1.0)).sqrt() } else { 0.0 };
        CalendarCharacteristics {
            counts: self.counts.characteristics(simulation),
            mean_duration,
            sd_duration,
            duration_standard_error: sd_duration / trials.sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    /// Patients 1, 2, ... at the first dose by chance; the second is selected when there are more than two.
    struct Fake(TrialEnd);

    impl TrialRun for Fake {
        fn run(&mut self, random: &mut ChaCha8Rng) -> &TrialEnd {
            self.0.reset();
            let n = random.random_range(1..=4_u32);
            self.0.tallies[0] = Tally { n, dlt: 1 };
            self.0.mtd = (n > 2).then_some(1);
            self.0.duration = f64::from(n);
            &self.0
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_numbers() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| simulate(2, 4, Simulation { trials: 3000, seed: 7 }, || Fake(TrialEnd::new(2))).unwrap())
        };
        assert_eq!(on(1), on(3));
        let result = on(2);
        assert!((result.counts.select_prob[1] + result.counts.prob_no_mtd - 1.0).abs() < 1e-12);
        assert!((result.counts.mean_n[0] - 2.5).abs() < 4.0 * 1.12 / 3000_f64.sqrt());
        assert!((result.mean_duration - result.counts.mean_total_n).abs() < 1e-9);
        assert!((result.sd_duration - 1.118).abs() < 0.05);
    }

    #[test]
    fn no_trial_and_too_many_patients_are_refused() {
        let run = |trials: u32, patients: u32| simulate(2, patients, Simulation { trials, seed: 7 }, || Fake(TrialEnd::new(2)));
        assert!(run(0, 4).is_err() && run(1, 4).is_ok());
        let message = run(1_000_000, 101).unwrap_err().to_string();
        assert!(message.contains("101000000") && message.contains("between 1 and 100000000"), "{message}");
    }
}
