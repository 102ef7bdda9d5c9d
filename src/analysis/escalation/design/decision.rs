//! What a rule says, and why.

use super::tally::DoseLevel;

/// What a rule says after a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Go up one dose.
    Escalate,
    /// Treat the next cohort at the same dose.
    Stay,
    /// Go down.
    DeEscalate,
    /// Go down and never come back: the dose and all above it are eliminated.
    Eliminate,
    /// Treat nobody any more.
    Stop,
}

impl Decision {
    /// The letters that decision tables use: `E`, `S`, `D`, `DU`, and `STOP`.
    #[must_use]
    pub fn letters(self) -> &'static str {
        match self {
            Self::Escalate => "E",
            Self::Stay => "S",
            Self::DeEscalate => "D",
            Self::Eliminate => "DU",
            Self::Stop => "STOP",
        }
    }
}

/// What to do next and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Next {
    /// Dose of the next cohort; `None` when the trial stops.
    pub dose: Option<DoseLevel>,
    /// The decision as carried out: escalation that the top of the grid forbids is [`Decision::Stay`].
    pub decision: Decision,
    /// Observed value and threshold.
    pub reason: Reason,
}

impl Next {
    /// A next cohort at `dose`.
    #[must_use]
    pub fn at(dose: DoseLevel, decision: Decision, reason: Reason) -> Self {
        Self { dose: Some(dose), decision, reason }
    }

    /// No further cohort.
    #[must_use]
    pub fn stop(reason: Reason) -> Self {
        Self { dose: None, decision: Decision::Stop, reason }
    }

    /// No further cohort because the lowest dose is eliminated.
    #[must_use]
    pub fn stop_for_toxicity(reason: Reason) -> Self {
        Self { dose: None, decision: Decision::Eliminate, reason }
    }

    /// Whether the trial ends because no dose is tolerable.
    #[must_use]
    pub fn stops_for_toxicity(&self) -> bool {
        self.dose.is_none() && self.decision == Decision::Eliminate
    }
}

/// Why a design decided as it did: the observed value beside its threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// Nobody has been treated yet at the dose.
    NoPatients,
    /// The observed rate of toxicity is compared with a lower and an upper boundary.
    Rate {
        /// Observed rate, imputed or pooled where the design does so.
        rate: f64,
        /// Escalate at or below this.
        lower: f64,
        /// De-escalate at or above this.
        upper: f64,
    },
    /// The interval of the toxicity probability with the largest posterior mass, or mass per unit of width.
    StrongestInterval {
        /// Its lower end.
        lower: f64,
        /// Its upper end.
        upper: f64,
        /// Its mass, or mass per unit of width.
        mass: f64,
    },
    /// A rule in counts.
    Counts {
        /// Patients at the dose.
        n: u32,
        /// Those with dose-limiting toxicity.
        dlt: u32,
        /// Toxicities at which the decision would be another.
        threshold: u32,
    },
    /// The dose is too toxic with a high posterior probability.
    TooToxic {
        /// Posterior probability that toxicity exceeds the target or the limit.
        probability: f64,
        /// Most that is accepted.
        threshold: f64,
    },
    /// The next higher dose was eliminated earlier.
    NextDoseEliminated,
    /// There is no higher dose.
    HighestDose,
    /// There is no lower dose.
    LowestDose,
    /// A dose may not be skipped.
    NoSkipping {
        /// The dose that the design asked for.
        wanted: DoseLevel,
    },
    /// The last cohort was too toxic to go up after it.
    LastCohort {
        /// Its observed rate.
        rate: f64,
        /// The target.
        target: f64,
    },
    /// Enough patients at the dose.
    NumberAtDose {
        /// Patients at the dose.
        n: u32,
        /// Number at which the trial stops.
        limit: u32,
    },
    /// Enough patients in the trial.
    NumberInTrial {
        /// Patients in the trial.
        n: u32,
        /// Number at which the trial stops.
        limit: u32,
    },
    /// The dose whose estimate lies closest to the target.
    Model {
        /// Estimate at the chosen dose.
        value: f64,
        /// Target.
        threshold: f64,
    },
    /// The dose most probably in the target interval among those that overdose control permits.
    OverdoseControl {
        /// Posterior probability of overdosing at the chosen dose.
        probability: f64,
        /// A dose is eligible below this.
        threshold: f64,
    },
    /// No dose is eligible under overdose control.
    NoEligibleDose {
        /// Smallest posterior probability of overdosing among the doses.
        probability: f64,
        /// Most that is accepted.
        threshold: f64,
    },
    /// Too many patients of the dose are still within their window.
    Pending {
        /// Patients not yet evaluable.
        pending: u32,
        /// Most that are accepted.
        limit: u32,
    },
}
