//! Times the operating characteristics of escalation designs beside the software in use today, and what a second thread brings.
//!
//! ```text
//! cargo bench --profile dev --config profile.dev.package.dosecase.opt-level=3 --bench escalation
//! ```
//!
//! This optimises the package alone and takes every dependency as it is already compiled. Fails when a computation on one thread is less than
//! 300 times as fast as the reference, when exact characteristics take 50 ms or more, or when two threads are less than 1.7 times as fast as one.
//!
//! The reference times are CPU seconds of R 4.2.2 on one thread of two shared cores of a server, for the calls printed: compare ratios.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dosecase::analysis::escalation::design::boin::{Boin, BoinParameters};
use dosecase::analysis::escalation::design::crm::{Crm, CrmModel, USUAL_PRIOR_SD};
use dosecase::analysis::escalation::design::crm_characteristics;
use dosecase::analysis::escalation::design::crm_conduct::{CrmDesign, CrmEscalation};
use dosecase::analysis::escalation::design::crm_skeleton::{Calibration, calibrate_skeleton};
use dosecase::analysis::escalation::design::exact::exact_characteristics;
use dosecase::analysis::escalation::design::interval::IntervalDesign;
use dosecase::analysis::escalation::design::keyboard::Keyboard;
use dosecase::analysis::escalation::design::rules::{EnoughPatients, NoSkipping, SkippingFrom, StopAtNumber, StopWhenTooToxic};
use dosecase::analysis::escalation::design::simulate::{Simulation, simulate};
use dosecase::analysis::escalation::design::toxicity_limit::{LEAST_PATIENTS, ToxicityLimit};
use dosecase::analysis::escalation::design::{Conduct, DesignError, DoseLevel, OperatingCharacteristics};
use rayon::ThreadPool;

/// True probabilities of toxicity, target, and conduct of every computation: six doses, twelve cohorts of three.
const TRUTH: [f64; 6] = [0.02, 0.05, 0.10, 0.25, 0.40, 0.55];
const TARGET: f64 = 0.25;
const COHORTS: u32 = 12;
const COHORT: u32 = 3;
const MAX_N: u32 = COHORTS * COHORT;

const SEED: u64 = 2026;
const LEAST_RATIO: f64 = 300.0;
const MOST_EXACT: Duration = Duration::from_millis(50);
const LEAST_SPEED_UP: f64 = 1.7;

/// Runs of which the fastest counts: what else the machine does only adds time.
const REPEATS: usize = 7;

/// Trials that take long enough for two threads to matter.
const MANY: u32 = 1_000_000;

fn main() -> ExitCode {
    let [one, two] = [1, 2].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool"));
    println!("six doses, {COHORTS} cohorts of {COHORT}, fastest of {REPEATS} runs on one thread");
    let within = [
        compare(&one, "BOIN, 10,000 trials", 5.8, "BOIN::get.oc", || trial_boin(10_000)),
        compare(&one, "Keyboard, 10,000 trials", 5.5, "Keyboard::get.oc.kb", || keyboard(10_000)),
        compare(&one, "CRM, 1,000 trials", 7.7, "dfcrm::crmsim", || crm(1_000)),
        compare(&one, "BOIN with rules, 1,000 trials", 35.7, "escalation::simulate_trials", || boin_with_rules(1_000)),
        exact(&one),
        speed_up(&one, &two, "BOIN, 1,000,000 trials", || trial_boin(MANY)),
        speed_up(&one, &two, "CRM, 50,000 trials", || crm(50_000)),
    ];
    if within.iter().all(|within| *within) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

type Found = Result<OperatingCharacteristics, DesignError>;

fn boin() -> Result<IntervalDesign, DesignError> {
    Boin::new(BoinParameters::with_target(TARGET))?.design(TRUTH.len(), MAX_N)
}

fn trial_boin(trials: u32) -> Found {
    simulate(&boin()?, &Conduct::cohorts(COHORTS, COHORT), &TRUTH, Simulation { trials, seed: SEED })
}

fn keyboard(trials: u32) -> Found {
    let design = Keyboard::new(TARGET, 0.05, 0.05, 0.95)?.design(TRUTH.len(), MAX_N)?;
    simulate(&design, &Conduct::cohorts(COHORTS, COHORT), &TRUTH, Simulation { trials, seed: SEED })
}

fn crm(trials: u32) -> Found {
    let calibration = Calibration { halfwidth: 0.05, target: TARGET, prior_mtd: DoseLevel(3), model: CrmModel::Empiric };
    let skeleton = calibrate_skeleton(&calibration, TRUTH.len())?;
    let crm = Crm::new(&skeleton, TARGET, CrmModel::Empiric, USUAL_PRIOR_SD)?;
    let design = CrmDesign::new(crm, CrmEscalation::OneLevelCoherent, MAX_N)?;
    crm_characteristics::simulate(&design, &Conduct::cohorts(COHORTS, COHORT), &TRUTH, Simulation { trials, seed: SEED })
}

fn boin_with_rules(trials: u32) -> Found {
    let limit = ToxicityLimit::new(TARGET, 0.95, LEAST_PATIENTS)?;
    let stopping = StopWhenTooToxic::new(StopAtNumber::new(boin()?, 18, EnoughPatients::AtRecommended), limit, MAX_N)?;
    let design = NoSkipping::new(stopping, SkippingFrom::HighestTried);
    simulate(&design, &Conduct::cohorts(COHORTS, COHORT), &TRUTH, Simulation { trials, seed: SEED })
}

/// The fastest of several runs; what they find must be probabilities.
fn fastest(pool: &ThreadPool, repeats: usize, run: impl Fn() -> Found + Sync) -> Duration {
    let times = (0..repeats).map(|_| {
        let start = Instant::now();
        let found = black_box(pool.install(&run)).expect("the design can be simulated");
        let time = start.elapsed();
        let selected: f64 = found.select_prob.iter().sum::<f64>() + found.prob_no_mtd;
        assert!((selected - 1.0).abs() < 1e-9 && found.mean_total_n <= f64::from(MAX_N));
        time
    });
    times.min().unwrap_or_default()
}

/// Whether a computation is as much faster than the reference as it has to be.
fn compare(pool: &ThreadPool, label: &str, reference: f64, call: &str, run: impl Fn() -> Found + Sync) -> bool {
    let time = fastest(pool, REPEATS, run);
    let ratio = reference / time.as_secs_f64();
    println!("  {label:<30} {time:>9.2?}   {call} {reference} s   ratio {ratio:.0} (at least {LEAST_RATIO})");
    ratio >= LEAST_RATIO
}

fn exact(pool: &ThreadPool) -> bool {
    let time = fastest(pool, REPEATS, || exact_characteristics(&boin()?, &Conduct::cohorts(COHORTS, COHORT), &TRUTH));
    println!("  {:<30} {time:>9.2?}   (less than {MOST_EXACT:?})", "BOIN, exact");
    time < MOST_EXACT
}

/// Whether a second thread saves as much time as it has to: by the clock, or by the processor time of the busier thread where something else
/// keeps the second core from the clock.
fn speed_up(one: &ThreadPool, two: &ThreadPool, label: &str, run: impl Fn() -> Found + Sync) -> bool {
    let (mut alone, mut together) = ([Duration::MAX; 2], [Duration::MAX; 2]);
    for _ in 0..REPEATS {
        for (pool, least) in [(one, &mut alone), (two, &mut together)] {
            let before = pool.broadcast(|_| processor_time());
            let clock = fastest(pool, 1, &run);
            let after = pool.broadcast(|_| processor_time());
            let busiest = after.iter().zip(&before).map(|(after, before)| after.saturating_sub(*before)).max().unwrap_or_default();
            *least = [least[0].min(clock), least[1].min(busiest)];
        }
    }
    let [clock, processor] = [0, 1].map(|kind: usize| alone[kind].as_secs_f64() / together[kind].as_secs_f64());
    let speed_up = if processor.is_finite() { clock.max(processor) } else { clock };
    println!("  {label:<30} {:>9.2?}   two threads {:.2?}   {clock:.2} times as fast by the clock,", alone[0], together[0]);
    println!("  {:<30} {processor:>9.2} by processor time (one of them at least {LEAST_SPEED_UP})", "");
    speed_up >= LEAST_SPEED_UP
}

/// Processor time of this thread, where the system tells it (Linux); else zero.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default())
}
