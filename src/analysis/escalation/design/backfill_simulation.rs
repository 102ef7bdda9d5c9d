//! Operating characteristics of BF-BOIN by simulation in calendar time.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::accrual::Accrual;
use super::backfill::{BackfillBoin, BackfillDose};
use super::calendar::{CalendarCharacteristics, TrialEnd, TrialRun, simulate};
use super::calendar_patient::{Patient, ToxicityTimes};
use super::characteristics::Conduct;
use super::error::{DesignError, check_within};
use super::simulate::Simulation;
use super::tally::{DoseLevel, Tally};

/// What is assumed of a trial with backfilling.
#[derive(Debug, Clone, PartialEq)]
pub struct BackfillScenario {
    /// True probability of toxicity within the window, at each dose.
    pub toxicity: Vec<f64>,
    /// True probability of a response, at each dose.
    pub response: Vec<f64>,
    /// Length of the window, for toxicity and for response.
    pub window: f64,
    /// The stream of patients, per unit of the window.
    pub accrual: Accrual,
}

/// Simulates trials of BF-BOIN.
///
/// Patients arrive one by one, the first at time 0. An arriving patient joins the open cohort; when the cohort is full and every outcome of it
/// known, the dose is decided and the patient is the first of the next cohort; otherwise the patient is backfilled to the highest open dose,
/// or turned away when there is none. A dose shows activity from the end of the window of the first responder of an escalation cohort at it.
/// Toxicity and response are independent, times to toxicity are those of [`ToxicityTime`](super::ToxicityTime). The conduct counts the patients of escalation
/// cohorts only: backfilled patients come on top. Escalation, and with it the trial, ends when the last cohort is known; the duration runs to
/// that time, and backfilled patients whose outcome is not known by then are counted nowhere.
///
/// # Errors
/// [`DesignError`] for a scenario of no dose or unequal lengths, probabilities outside [0, 1] or toxicity falling with dose, a window that is not
/// positive, empty cohorts, accelerated titration, no trial.
pub fn simulate_backfill(
    design: &BackfillBoin,
    scenario: &BackfillScenario,
    conduct: &Conduct,
    simulation: Simulation,
) -> Result<CalendarCharacteristics, DesignError> {
    let doses = scenario.toxicity.len();
    let times = ToxicityTimes::new(&scenario.toxicity, scenario.window, conduct, "BF-BOIN")?;
    if scenario.response.len() != doses {
        return Err(DesignError::Length { name: "the list of response probabilities", given: scenario.response.len(), doses });
    }
    for response in &scenario.response {
        check_within("the probability of response", *response, 0.0, 1.0)?;
    }
    simulate(doses, conduct.max_n, simulation, || BackfillRun {
        design,
        scenario,
        conduct,
        times: &times,
        cohort: Vec::with_capacity(conduct.cohort_size as usize),
        backfilled: Vec::new(),
        earlier: vec![Tally::default(); doses],
        active_from: vec![f64::INFINITY; doses],
        doses: vec![BackfillDose::default(); doses],
        end: TrialEnd::new(doses),
    })
}

struct BackfillRun<'a> {
    design: &'a BackfillBoin,
    scenario: &'a BackfillScenario,
    conduct: &'a Conduct,
    times: &'a ToxicityTimes,
    cohort: Vec<Patient>,
    backfilled: Vec<Patient>,
    /// Counts of the cohorts before the open one.
    earlier: Vec<Tally>,
    /// When the first response at each dose was seen.
    active_from: Vec<f64>,
    doses: Vec<BackfillDose>,
    end: TrialEnd,
}

impl TrialRun for BackfillRun<'_> {
    fn run(&mut self, random: &mut ChaCha8Rng) -> &TrialEnd {
        self.reset();
        let mut dose = self.conduct.start.0;
        let mut eliminated_from = None;
        let mut treated = 0;
        let mut size = self.conduct.next_cohort(treated);
        let mut clock = 0.0;
        loop {
            if self.cohort.len() < size as usize {
                self.join_cohort(dose, clock, random);
            } else if self.cohort.iter().all(|patient| patient.known < clock) {
                self.close_cohort();
                treated += size;
                size = self.conduct.next_cohort(treated);
                // After the last cohort there is no dose to decide, but a lowest dose that is too toxic still ends the trial without one.
                self.count(clock);
                let decided = self.decide(dose, eliminated_from);
                eliminated_from = decided.eliminated_from;
                match decided.dose {
                    Some(level) if size > 0 => dose = level,
                    _ => {
                        self.finish(decided.stopped_for_toxicity);
                        return &self.end;
                    }
                }
                self.cohort.clear();
                self.join_cohort(dose, clock, random);
            } else {
                self.backfill(dose, clock, random);
            }
            clock += self.scenario.accrual.gap(random);
        }
    }
}

/// What follows on a cohort.
struct Decided {
    dose: Option<usize>,
    eliminated_from: Option<DoseLevel>,
    stopped_for_toxicity: bool,
}

impl BackfillRun<'_> {
    fn reset(&mut self) {
        self.end.reset();
        self.cohort.clear();
        self.backfilled.clear();
        self.earlier.fill(Tally::default());
        self.active_from.fill(f64::INFINITY);
    }

    fn join_cohort(&mut self, dose: usize, clock: f64, random: &mut ChaCha8Rng) {
        let patient = self.times.treat(dose, clock, random);
        self.cohort.push(patient);
        let responds = self.scenario.response.get(dose).is_some_and(|response| random.random::<f64>() < *response);
        if let Some(from) = self.active_from.get_mut(dose).filter(|_| responds) {
            *from = from.min(clock + self.scenario.window);
        }
    }

    fn close_cohort(&mut self) {
        for patient in &self.cohort {
            if let Some(tally) = self.earlier.get_mut(patient.dose) {
                *tally = tally.plus(patient.outcome());
            }
        }
    }

    /// Completed counts of earlier cohorts and of backfilling at a time, and where activity was seen.
    fn count(&mut self, clock: f64) {
        for ((dose, earlier), from) in self.doses.iter_mut().zip(&self.earlier).zip(&self.active_from) {
            *dose = BackfillDose { completed: *earlier, assigned: earlier.n, activity: *from < clock };
        }
        self.backfilled.iter().for_each(|patient| count_one(&mut self.doses, patient, clock));
    }

    fn decide(&mut self, dose: usize, eliminated_from: Option<DoseLevel>) -> Decided {
        self.end.tallies.iter_mut().zip(&self.doses).for_each(|(tally, dose)| *tally = dose.completed);
        let eliminated_from =
            self.design.rule().lowest_eliminated(self.end.tallies.iter().copied()).into_iter().chain(eliminated_from).min();
        let next = self.design.follow(&self.end.tallies, dose, eliminated_from);
        Decided { dose: next.dose.map(|level| level.0), eliminated_from, stopped_for_toxicity: next.stops_for_toxicity() }
    }

    fn backfill(&mut self, current: usize, clock: f64, random: &mut ChaCha8Rng) {
        self.count(clock);
        // The open cohort counts at its own dose as far as it is known: the next lower dose is pooled with it.
        self.cohort.iter().for_each(|patient| count_one(&mut self.doses, patient, clock));
        if let Some(dose) = self.design.highest_open(&self.doses, DoseLevel(current)) {
            let patient = self.times.treat(dose.0, clock, random);
            self.backfilled.push(patient);
        }
    }

    /// Counts what is known when the last cohort is, and selects.
    fn finish(&mut self, stopped_for_toxicity: bool) {
        let end = self.cohort.iter().map(|patient| patient.known).fold(0.0, f64::max);
        self.count(end);
        self.end.tallies.iter_mut().zip(&self.doses).for_each(|(tally, dose)| *tally = dose.completed);
        self.end.close(self.design.rule(), stopped_for_toxicity, end);
    }
}

/// Counts a patient at a time: assigned, and completed when the outcome is known before.
fn count_one(doses: &mut [BackfillDose], patient: &Patient, clock: f64) {
    let Some(dose) = doses.get_mut(patient.dose) else { return };
    dose.assigned += 1;
    if patient.known < clock {
        dose.completed = dose.completed.plus(patient.outcome());
    }
}

#[cfg(test)]
mod tests {
    use super::super::accrual::Arrival;
    use super::super::boin::{Boin, BoinParameters};
    use super::super::boin_rule::BoinRule;
    use super::super::exact::exact_characteristics;
    use super::*;

    const TRUTH: [f64; 4] = [0.05, 0.12, 0.25, 0.4];
    const SIMULATION: Simulation = Simulation { trials: 4000, seed: 3 };

    fn run(response: f64, cap: u32, arrival: Arrival) -> CalendarCharacteristics {
        let rule = BoinRule::new(BoinParameters::with_target(0.25), 40).unwrap();
        let scenario = BackfillScenario {
            toxicity: TRUTH.to_vec(),
            response: vec![response; 4],
            window: 1.0,
            accrual: Accrual::new(3.0, arrival).unwrap(),
        };
        simulate_backfill(&BackfillBoin::new(rule, cap).unwrap(), &scenario, &Conduct::cohorts(8, 3), SIMULATION).unwrap()
    }

    #[test]
    fn without_activity_it_is_boin() {
        let design = Boin::new(BoinParameters::with_target(0.25)).unwrap().design(4, 24).unwrap();
        let exact = exact_characteristics(&design, &Conduct::cohorts(8, 3), &TRUTH).unwrap();
        let simulated = run(0.0, 12, Arrival::Poisson).counts;
        for (dose, (exact, simulated)) in exact.select_prob.iter().zip(&simulated.select_prob).enumerate() {
            let error = (exact * (1.0 - exact) / f64::from(SIMULATION.trials)).sqrt();
            assert!((exact - simulated).abs() <= 4.0 * error, "dose {dose}: {exact} {simulated}");
        }
        let error = exact.sd_total_n / f64::from(SIMULATION.trials).sqrt();
        assert!((exact.mean_total_n - simulated.mean_total_n).abs() <= 4.0 * error);
    }

    #[test]
    fn backfilling_adds_patients_up_to_the_cap_and_no_time() {
        let (none, few, many) = (run(0.0, 12, Arrival::Uniform), run(1.0, 6, Arrival::Uniform), run(1.0, 12, Arrival::Uniform));
        assert!(none.counts.mean_total_n < few.counts.mean_total_n && few.counts.mean_total_n < many.counts.mean_total_n);
        assert!((none.mean_duration - many.mean_duration).abs() < 0.05 * none.mean_duration);
        let total: f64 = many.counts.select_prob.iter().sum::<f64>() + many.counts.prob_no_mtd;
        assert!((total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn bad_scenarios_are_refused() {
        let rule = BoinRule::new(BoinParameters::with_target(0.25), 40).unwrap();
        let design = BackfillBoin::new(rule, 12).unwrap();
        let accrual = Accrual::new(3.0, Arrival::Poisson).unwrap();
        let run = |toxicity: &[f64], response: &[f64]| {
            let scenario = BackfillScenario { toxicity: toxicity.to_vec(), response: response.to_vec(), window: 1.0, accrual };
            simulate_backfill(&design, &scenario, &Conduct::cohorts(8, 3), SIMULATION)
        };
        assert!(run(&[0.1, 0.2], &[0.1]).is_err());
        assert!(run(&[0.1, 0.2], &[0.1, 1.1]).is_err());
        assert!(run(&[0.2, 0.1], &[0.1, 0.1]).is_err());
        assert!(run(&[], &[]).is_err());
    }
}
