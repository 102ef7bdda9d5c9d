//! Patients of the simulated trials in calendar time whose doses BOIN selects.

use rand_chacha::ChaCha8Rng;

use super::accrual::ToxicityTime;
use super::boin_rule::BoinRule;
use super::calendar::TrialEnd;
use super::characteristics::Conduct;
use super::error::{DesignError, check_ascending};
use super::tally::Tally;

/// One treated patient.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patient {
    /// Dose given.
    pub(super) dose: usize,
    /// When treatment began.
    pub(super) entry: f64,
    /// When the outcome is known: at the toxicity or at the end of the window.
    pub(super) known: f64,
    /// Whether there is a toxicity within the window.
    pub(super) toxicity: bool,
}

impl Patient {
    /// The outcome as counts.
    pub(super) fn outcome(&self) -> Tally {
        Tally { n: 1, dlt: u32::from(self.toxicity) }
    }
}

/// When patients at each dose have their toxicities.
#[derive(Debug, Clone)]
pub(super) struct ToxicityTimes {
    window: f64,
    by_dose: Vec<ToxicityTime>,
}

impl ToxicityTimes {
    /// The times of a checked scenario for a trial conducted in full cohorts; `design` names the design for the refusal of others.
    pub(super) fn new(toxicity: &[f64], window: f64, conduct: &Conduct, design: &str) -> Result<Self, DesignError> {
        let doses = toxicity.len();
        conduct.check(doses)?;
        check_ascending("the scenario", toxicity, doses)?;
        if conduct.titration {
            return Err(DesignError::History(format!("accelerated titration is not defined for {design}: plan full cohorts")));
        }
        let by_dose = toxicity.iter().map(|p| ToxicityTime::new(*p, window)).collect::<Result<_, _>>()?;
        Ok(Self { window, by_dose })
    }

    /// A patient treated at a dose from `entry` on.
    pub(super) fn treat(&self, dose: usize, entry: f64, random: &mut ChaCha8Rng) -> Patient {
        let time = self.by_dose.get(dose).and_then(|time| time.draw(random));
        Patient { dose, entry, known: entry + time.unwrap_or(self.window), toxicity: time.is_some() }
    }
}

impl TrialEnd {
    /// Ends the trial on its final counts: selects by the rule unless the lowest dose is too toxic.
    pub(super) fn close(&mut self, rule: &BoinRule, stopped_for_toxicity: bool, duration: f64) {
        self.duration = duration;
        self.stopped_for_toxicity = stopped_for_toxicity;
        self.mtd = if stopped_for_toxicity { None } else { rule.selection().mtd(&self.tallies).map(|dose| dose.0) };
    }
}
