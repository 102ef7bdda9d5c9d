//! Simulated operating characteristics of the time-to-event continual reassessment method.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::accrual::Accrual;
use super::calendar::{CalendarCharacteristics, TrialEnd, TrialRun, simulate};
use super::crm_conduct::CrmDesign;
use super::error::{DesignError, check_ascending, check_within};
use super::simulate::Simulation;
use super::tally::{DoseLevel, Tally, check_level};
use super::tite_crm::{WeightScheme, weight};

/// When patients arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrivals {
    /// One patient after each such time, the first after one of them.
    Every(f64),
    /// Random gaps, also before the first patient.
    Random(Accrual),
}

/// How a trial with incomplete follow-up is conducted around its design.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TiteConduct {
    /// Dose of the first patient.
    pub start: DoseLevel,
    /// Patients of the trial; each is treated on arrival.
    pub patients: u32,
    /// Time within which a toxicity counts.
    pub window: f64,
    /// How follow-up becomes a weight.
    pub scheme: WeightScheme,
    /// When patients arrive, in the unit of the window.
    pub arrivals: Arrivals,
}

impl TiteConduct {
    fn check(&self, design: &CrmDesign) -> Result<(), DesignError> {
        check_level(self.start, design.crm().doses())?;
        design.check_size(self.patients)?;
        check_within("the window for toxicity", self.window, f64::MIN_POSITIVE, f64::MAX)?;
        match self.arrivals {
            Arrivals::Every(gap) => check_within("the time between patients", gap, 0.0, f64::MAX),
            Arrivals::Random(_) => Ok(()),
        }
    }
}

/// Simulates trials in which every patient is treated on arrival at the dose that the weighted posterior wants.
///
/// A patient has a toxicity with the true probability of the dose, at a time uniform on the window; it counts from then on. The dose for
/// the next patient uses the toxicities seen by the arrival and the weights of the follow-up until then. The restriction of the design
/// ([`super::crm_conduct::CrmEscalation`]) looks at the last dose given, and for coherence at whether a toxicity was seen since it was
/// given. The selected dose rests on complete follow-up of all patients; the trial lasts from its opening until the last patient's window
/// ends.
///
/// # Errors
/// [`DesignError`] for a scenario that does not give one ascending probability per dose, and for impossible numbers of patients or trials.
///
/// Source: `[Cheung2000]`.
pub fn simulate_tite(
    design: &CrmDesign,
    conduct: &TiteConduct,
    truth: &[f64],
    simulation: Simulation,
) -> Result<CalendarCharacteristics, DesignError> {
    conduct.check(design)?;
    check_ascending("the scenario", truth, design.crm().doses())?;
    simulate(truth.len(), conduct.patients, simulation, || Run::new(design, conduct, truth))
}

/// One patient of a simulated trial.
struct Patient {
    dose: DoseLevel,
    arrival: f64,
    /// Time of the toxicity in the trial; infinite without one.
    toxicity: f64,
}

/// Memory of one thread.
struct Run<'a> {
    design: &'a CrmDesign,
    conduct: &'a TiteConduct,
    truth: &'a [f64],
    patients: Vec<Patient>,
    tallies: Vec<Tally>,
    partial: Vec<(DoseLevel, f64)>,
    toxicity_times: Vec<f64>,
    work: Vec<f64>,
    end: TrialEnd,
}

impl<'a> Run<'a> {
    fn new(design: &'a CrmDesign, conduct: &'a TiteConduct, truth: &'a [f64]) -> Self {
        let doses = truth.len();
        Self {
            design,
            conduct,
            truth,
            patients: Vec::new(),
            tallies: vec![Tally::default(); doses],
            partial: Vec::new(),
            toxicity_times: Vec::new(),
            work: Vec::new(),
            end: TrialEnd::new(doses),
        }
    }

    fn gap(&self, random: &mut ChaCha8Rng) -> f64 {
        match self.conduct.arrivals {
            Arrivals::Every(gap) => gap,
            Arrivals::Random(accrual) => accrual.gap(random),
        }
    }

    fn treat(&mut self, dose: DoseLevel, arrival: f64, random: &mut ChaCha8Rng) {
        // Two draws for every patient, so that a patient's time does not depend on whether others have a toxicity.
        let (chance, time) = (random.random::<f64>(), random.random::<f64>() * self.conduct.window);
        let toxic = self.truth.get(dose.0).is_some_and(|p| chance < *p);
        self.patients.push(Patient { dose, arrival, toxicity: if toxic { arrival + time } else { f64::INFINITY } });
    }

    /// The dose that the model wants at a time, and whether a toxicity was seen between `since` and then.
    fn look(&mut self, now: f64, since: f64) -> (DoseLevel, bool) {
        self.tallies.fill(Tally::default());
        self.partial.clear();
        self.toxicity_times.clear();
        let seen = self.patients.iter().filter(|patient| patient.toxicity <= now);
        self.toxicity_times.extend(seen.map(|patient| patient.toxicity - patient.arrival));
        self.toxicity_times.sort_by(f64::total_cmp);
        let mut recent = false;
        for patient in &self.patients {
            let dlt = patient.toxicity <= now;
            recent |= dlt && patient.toxicity > since;
            let weight =
                if dlt { 1.0 } else { weight(now - patient.arrival, self.conduct.window, self.conduct.scheme, &self.toxicity_times) };
            if weight < 1.0 {
                self.partial.push((patient.dose, weight));
            } else if let Some(tally) = self.tallies.get_mut(patient.dose.0) {
                *tally = tally.plus(Tally { n: 1, dlt: dlt.into() });
            }
        }
        (self.design.wanted(&self.tallies, &self.partial, &mut self.work), recent)
    }
}

impl TrialRun for Run<'_> {
    fn run(&mut self, random: &mut ChaCha8Rng) -> &TrialEnd {
        self.end.reset();
        self.patients.clear();
        let mut dose = self.conduct.start;
        let mut now = self.gap(random);
        for patient in 0..self.conduct.patients {
            if patient > 0 {
                let before = now;
                now += self.gap(random);
                let (wanted, recent) = self.look(now, before);
                dose = self.design.escalation().restrict(wanted, dose, recent);
            }
            self.treat(dose, now, random);
        }
        let (wanted, _) = self.look(f64::MAX, now);
        self.end.tallies.clone_from(&self.tallies);
        self.end.mtd = Some(wanted.0);
        self.end.duration = now + self.conduct.window;
        &self.end
    }
}

#[cfg(test)]
mod tests {
    use super::super::accrual::Arrival;
    use super::super::characteristics::{CharacteristicsMethod, Conduct};
    use super::super::crm::{Crm, CrmModel, USUAL_PRIOR_SD};
    use super::super::crm_characteristics;
    use super::super::crm_conduct::CrmEscalation;
    use super::*;
    use crate::numerics::tolerance::MONTE_CARLO_SE;

    const TRUTH: [f64; 4] = [0.05, 0.12, 0.25, 0.40];

    fn design(escalation: CrmEscalation) -> CrmDesign {
        let skeleton = [0.061_579, 0.140_05, 0.25, 0.376_196];
        CrmDesign::new(Crm::new(&skeleton, 0.25, CrmModel::Empiric, USUAL_PRIOR_SD).unwrap(), escalation, 24).unwrap()
    }

    fn conduct(arrivals: Arrivals) -> TiteConduct {
        TiteConduct { start: DoseLevel(0), patients: 10, window: 6.0, scheme: WeightScheme::Linear, arrivals }
    }

    #[test]
    fn patients_who_arrive_after_the_window_make_it_the_plain_method() {
        let design = design(CrmEscalation::OneLevelCoherent);
        let slow = simulate_tite(&design, &conduct(Arrivals::Every(6.5)), &TRUTH, Simulation { trials: 4000, seed: 5 }).unwrap();
        let exact = crm_characteristics::exact(&design, &Conduct::cohorts(10, 1), &TRUTH).unwrap();
        let CharacteristicsMethod::Simulated { standard_errors, .. } = &slow.counts.method else { panic!("not simulated") };
        for ((got, want), error) in slow.counts.mean_n.iter().zip(&exact.mean_n).zip(&standard_errors.mean_n) {
            assert!((got - want).abs() <= MONTE_CARLO_SE * error, "{got} {want} {error}");
        }
        assert!((slow.mean_duration - 71.0).abs() < 1e-9 && slow.sd_duration < 1e-6);
    }

    #[test]
    fn faster_accrual_shortens_the_trial_and_no_dose_is_skipped() {
        let design = design(CrmEscalation::OneLevel);
        let run = |rate| {
            let arrivals = Arrivals::Random(Accrual::new(rate, Arrival::Poisson).unwrap());
            simulate_tite(&design, &conduct(arrivals), &TRUTH, Simulation { trials: 500, seed: 5 }).unwrap()
        };
        let (slow, fast) = (run(0.5), run(4.0));
        assert!(fast.mean_duration < slow.mean_duration);
        assert!((slow.counts.mean_n.iter().sum::<f64>() - 10.0).abs() < 1e-9);
        assert!(slow.counts.mean_n[0] >= 1.0);
    }

    #[test]
    fn impossible_trials_are_refused() {
        let design = design(CrmEscalation::Free);
        let good = conduct(Arrivals::Every(1.0));
        let run = |conduct: TiteConduct| simulate_tite(&design, &conduct, &TRUTH, Simulation { trials: 10, seed: 5 });
        assert!(run(good).is_ok());
        for bad in [
            TiteConduct { patients: 0, ..good },
            TiteConduct { patients: 25, ..good },
            TiteConduct { window: 0.0, ..good },
            TiteConduct { start: DoseLevel(4), ..good },
            TiteConduct { arrivals: Arrivals::Every(f64::NAN), ..good },
        ] {
            assert!(run(bad).is_err(), "{bad:?}");
        }
        assert!(simulate_tite(&design, &good, &[0.4, 0.3, 0.2, 0.1], Simulation { trials: 10, seed: 5 }).is_err());
    }
}
