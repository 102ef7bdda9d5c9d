//! Operating characteristics of TITE-BOIN by simulation in calendar time.

use rand_chacha::ChaCha8Rng;

use super::accrual::Accrual;
use super::calendar::{CalendarCharacteristics, TrialEnd, TrialRun, simulate};
use super::calendar_patient::{Patient, ToxicityTimes};
use super::characteristics::Conduct;
use super::error::DesignError;
use super::simulate::Simulation;
use super::tally::DoseLevel;
use super::tite_boin::{PendingTally, TiteBoin};

/// What is assumed of a trial with pending patients.
#[derive(Debug, Clone, PartialEq)]
pub struct TiteScenario {
    /// True probability of toxicity within the window, at each dose.
    pub toxicity: Vec<f64>,
    /// Length of the window for toxicity.
    pub window: f64,
    /// The stream of patients, per unit of the window.
    pub accrual: Accrual,
}

/// Simulates trials of TITE-BOIN.
///
/// The first patient of a cohort enters when the dose is decided, the others after one gap of accrual each. The dose of the next cohort is
/// decided when the next patient arrives; while accrual is suspended that patient is turned away and the decision is tried again at the
/// arrival after. The last cohort, or the cohort after which elimination or enough patients at a dose stop the trial, is followed to the end:
/// everybody's outcome enters the selection by isotonic regression, and the duration runs to the end of the last patient's window.
/// Times to toxicity are those of [`ToxicityTime`](super::ToxicityTime). Trials with the same number and seed are the same trials under any scenario of the same
/// design.
///
/// # Errors
/// [`DesignError`] for a scenario of no dose, probabilities outside [0, 1] or falling with dose, a window that is not positive, empty cohorts, accelerated titration, no trial.
pub fn simulate_tite_boin(
    design: &TiteBoin,
    scenario: &TiteScenario,
    conduct: &Conduct,
    simulation: Simulation,
) -> Result<CalendarCharacteristics, DesignError> {
    let doses = scenario.toxicity.len();
    let times = ToxicityTimes::new(&scenario.toxicity, scenario.window, conduct, "TITE-BOIN")?;
    simulate(doses, conduct.max_n, simulation, || TiteRun {
        design,
        scenario,
        conduct,
        times: &times,
        patients: Vec::with_capacity(conduct.max_n as usize),
        tallies: vec![PendingTally::default(); doses],
        end: TrialEnd::new(doses),
    })
}

struct TiteRun<'a> {
    design: &'a TiteBoin,
    scenario: &'a TiteScenario,
    conduct: &'a Conduct,
    times: &'a ToxicityTimes,
    patients: Vec<Patient>,
    tallies: Vec<PendingTally>,
    end: TrialEnd,
}

impl TrialRun for TiteRun<'_> {
    fn run(&mut self, random: &mut ChaCha8Rng) -> &TrialEnd {
        self.end.reset();
        self.patients.clear();
        let mut dose = self.conduct.start.0;
        let mut eliminated_from = None;
        let mut clock = 0.0;
        loop {
            clock = self.enrol(dose, clock, random);
            let last = self.conduct.next_cohort(self.treated()) == 0;
            let next = loop {
                clock = if last { self.followed_up(dose) } else { clock + self.scenario.accrual.gap(random) };
                self.tally(clock);
                let here = self.tallies.get(dose).copied().unwrap_or_default();
                let next = self.design.follow(&self.tallies, &here, DoseLevel(dose), eliminated_from);
                if !next.suspend || last {
                    break next;
                }
            };
            eliminated_from = next.eliminated_from;
            match next.dose {
                Some(level) if !last && !next.enough => dose = level.0,
                following => {
                    self.finish(following.is_none());
                    return &self.end;
                }
            }
        }
    }
}

impl TiteRun<'_> {
    fn treated(&self) -> u32 {
        u32::try_from(self.patients.len()).unwrap_or(u32::MAX)
    }

    /// Enters a cohort from `clock` on; returns when its last patient entered.
    fn enrol(&mut self, dose: usize, mut clock: f64, random: &mut ChaCha8Rng) -> f64 {
        let size = self.conduct.next_cohort(self.treated());
        for patient in 0..size {
            if patient > 0 {
                clock += self.scenario.accrual.gap(random);
            }
            self.patients.push(self.times.treat(dose, clock, random));
        }
        clock
    }

    /// When every patient at a dose is known.
    fn followed_up(&self, dose: usize) -> f64 {
        self.patients.iter().filter(|patient| patient.dose == dose).map(|patient| patient.known).fold(0.0, f64::max)
    }

    /// Counts what is known at a time.
    fn tally(&mut self, clock: f64) {
        self.tallies.fill(PendingTally::default());
        for patient in &self.patients {
            let Some(tally) = self.tallies.get_mut(patient.dose) else { continue };
            tally.treated.n += 1;
            if patient.known <= clock {
                tally.treated.dlt += u32::from(patient.toxicity);
            } else {
                tally.pending += 1;
                tally.follow_up += (clock - patient.entry) / self.scenario.window;
            }
        }
    }

    fn finish(&mut self, stopped_for_toxicity: bool) {
        for patient in &self.patients {
            if let Some(tally) = self.end.tallies.get_mut(patient.dose) {
                *tally = tally.plus(patient.outcome());
            }
        }
        let duration = self.patients.last().map_or(0.0, |patient| patient.entry + self.scenario.window);
        self.end.close(self.design.rule(), stopped_for_toxicity, duration);
    }
}

#[cfg(test)]
mod tests {
    use super::super::accrual::Arrival;
    use super::super::boin::{Boin, BoinParameters};
    use super::super::boin_rule::BoinRule;
    use super::super::exact::exact_characteristics;
    use super::super::tite_boin::TiteVariant;
    use super::*;

    const TRUTH: [f64; 4] = [0.05, 0.15, 0.3, 0.45];
    const SIMULATION: Simulation = Simulation { trials: 4000, seed: 11 };

    fn run(variant: TiteVariant, rate: f64, truth: &[f64]) -> CalendarCharacteristics {
        let design = TiteBoin::new(BoinRule::new(BoinParameters::with_target(0.3), 30).unwrap(), variant);
        let scenario = TiteScenario { toxicity: truth.to_vec(), window: 1.0, accrual: Accrual::new(rate, Arrival::Poisson).unwrap() };
        simulate_tite_boin(&design, &scenario, &Conduct::cohorts(8, 3), SIMULATION).unwrap()
    }

    #[test]
    fn with_patients_far_apart_it_is_boin() {
        // Gaps of a thousand windows on average: nobody is pending when a dose is decided.
        let design = Boin::new(BoinParameters::with_target(0.3)).unwrap().design(4, 24).unwrap();
        let exact = exact_characteristics(&design, &Conduct::cohorts(8, 3), &TRUTH).unwrap();
        for variant in [TiteVariant::SingleMeanImputation, TiteVariant::EffectiveSampleSize] {
            let simulated = run(variant, 0.001, &TRUTH).counts;
            for (dose, (exact, simulated)) in exact.select_prob.iter().zip(&simulated.select_prob).enumerate() {
                let error = (exact * (1.0 - exact) / f64::from(SIMULATION.trials)).sqrt();
                assert!((exact - simulated).abs() <= 4.0 * error, "dose {dose}: {exact} {simulated}");
            }
            for (dose, (exact_n, simulated_n)) in exact.mean_n.iter().zip(&simulated.mean_n).enumerate() {
                let error = exact.sd_n[dose] / f64::from(SIMULATION.trials).sqrt();
                assert!((exact_n - simulated_n).abs() <= 4.0 * error, "dose {dose}: {exact_n} {simulated_n}");
            }
        }
    }

    #[test]
    fn faster_accrual_shortens_the_trial_and_probabilities_add_up() {
        let (slow, fast) = (run(TiteVariant::SingleMeanImputation, 2.0, &TRUTH), run(TiteVariant::SingleMeanImputation, 8.0, &TRUTH));
        assert!(fast.mean_duration < slow.mean_duration);
        for result in [slow, fast] {
            let total: f64 = result.counts.select_prob.iter().sum::<f64>() + result.counts.prob_no_mtd;
            assert!((total - 1.0).abs() < 1e-12);
            assert!(result.counts.mean_total_n <= 24.0);
        }
    }

    #[test]
    fn certain_toxicity_stops_and_impossible_toxicity_goes_to_the_top() {
        let toxic = run(TiteVariant::EffectiveSampleSize, 4.0, &[1.0, 1.0]).counts;
        assert!((toxic.prob_stopped_early_toxic - 1.0).abs() < 1e-12 && (toxic.mean_total_n - 3.0).abs() < 1e-12);
        let safe = run(TiteVariant::EffectiveSampleSize, 4.0, &[0.0, 0.0]).counts;
        assert!((safe.select_prob[1] - 1.0).abs() < 1e-12 && safe.mean_tox.iter().sum::<f64>().abs() < 1e-12);
    }

    #[test]
    fn bad_scenarios_and_conducts_are_refused() {
        let design = TiteBoin::new(BoinRule::new(BoinParameters::with_target(0.3), 30).unwrap(), TiteVariant::EffectiveSampleSize);
        let accrual = Accrual::new(2.0, Arrival::Poisson).unwrap();
        let run = |toxicity: &[f64], window: f64, conduct: Conduct| {
            simulate_tite_boin(&design, &TiteScenario { toxicity: toxicity.to_vec(), window, accrual }, &conduct, SIMULATION)
        };
        let conduct = Conduct::cohorts(8, 3);
        assert!(run(&[0.3, 0.2], 1.0, conduct).is_err());
        assert!(run(&[], 1.0, conduct).is_err());
        assert!(run(&[0.2, 0.3], 0.0, conduct).is_err());
        assert!(run(&[0.2, 0.3], 1.0, Conduct { titration: true, ..conduct }).is_err());
        assert!(run(&[0.2, 0.3], 1.0, Conduct::cohorts(0, 3)).is_err());
    }
}
