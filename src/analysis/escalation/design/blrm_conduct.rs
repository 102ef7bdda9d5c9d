//! A trial conducted by the Bayesian logistic regression model with overdose control.

use std::collections::BTreeMap;
use std::sync::RwLock;

use super::blrm::Blrm;
use super::decision::{Decision, Next, Reason};
use super::tally::{DoseLevel, State, Tally};
use super::{CountDesign, Selection};

/// Level of the intervals of a selection.
const CREDIBLE_LEVEL: f64 = 0.9;

/// Most recommendations that are kept: a simulation meets the same counts again and again.
const MOST_KEPT: usize = 200_000;

/// A [`Blrm`] with the rule that holds escalation back.
///
/// After each cohort the eligible dose with the largest posterior probability of the target interval is wanted and given, unless it lies more
/// than one dose above the highest tried one; the trial stops for toxicity when no dose is eligible. The dose selected at the end is the one
/// wanted among the tried doses; none when no tried dose is eligible.
///
/// Source: `[Neuenschwander2008]`, with overdose control as in `[Babb1998]`.
#[derive(Debug)]
pub struct BlrmDesign {
    blrm: Blrm,
    kept: RwLock<BTreeMap<Vec<Tally>, Recommendation>>,
}

/// What the posterior says of a set of counts.
#[derive(Debug, Clone, PartialEq)]
struct Recommendation {
    /// Posterior probability of the target interval of each dose, `None` where overdose control forbids it.
    target: Vec<Option<f64>>,
    /// Posterior probability of overdosing of each dose.
    overdose: Vec<f64>,
}

impl Recommendation {
    /// The eligible dose up to `highest` with the largest probability of the target interval, the lower one on ties.
    fn best(&self, highest: usize) -> Option<DoseLevel> {
        let eligible = self.target.iter().enumerate().take(highest + 1).filter_map(|(dose, target)| target.map(|target| (dose, target)));
        eligible.rev().max_by(|left, right| left.1.total_cmp(&right.1)).map(|(dose, _)| DoseLevel(dose))
    }
}

impl BlrmDesign {
    /// The design of a model.
    #[must_use]
    pub fn new(blrm: Blrm) -> Self {
        Self { blrm, kept: RwLock::default() }
    }

    /// The model.
    #[must_use]
    pub fn blrm(&self) -> &Blrm {
        &self.blrm
    }

    /// The posterior's answer, remembered: it depends on nothing but the counts.
    fn recommendation(&self, tallies: &[Tally]) -> Recommendation {
        if let Some(known) = self.kept.read().ok().and_then(|kept| kept.get(tallies).cloned()) {
            return known;
        }
        let fresh = match self.blrm.fit(tallies) {
            Ok(posterior) => Recommendation {
                target: posterior.doses().iter().map(|dose| dose.eligible.then(|| dose.prob_target())).collect(),
                overdose: posterior.doses().iter().map(|dose| dose.prob_overdose).collect(),
            },
            // Counts of another grid, which `replay` and `State` refuse before: nothing is recommended.
            Err(_) => Recommendation { target: Vec::new(), overdose: Vec::new() },
        };
        if let Ok(mut kept) = self.kept.write()
            && kept.len() < MOST_KEPT
        {
            kept.insert(tallies.to_vec(), fresh.clone());
        }
        fresh
    }
}

impl CountDesign for BlrmDesign {
    fn doses(&self) -> usize {
        self.blrm.doses()
    }

    fn next(&self, state: &State) -> Next {
        let Some(highest) = state.highest_tried() else {
            return Next::at(state.current, Decision::Stay, Reason::NoPatients);
        };
        let threshold = self.blrm.max_overdose_prob();
        let said = self.recommendation(&state.tallies);
        let overdose = |dose: DoseLevel| said.overdose.get(dose.0).copied().unwrap_or(f64::NAN);
        let Some(wanted) = said.best(self.doses() - 1) else {
            return Next::stop_for_toxicity(Reason::NoEligibleDose { probability: overdose(DoseLevel(0)), threshold });
        };
        let dose = wanted.min(DoseLevel(highest.0 + 1));
        let decision = match dose.cmp(&state.current) {
            std::cmp::Ordering::Greater => Decision::Escalate,
            std::cmp::Ordering::Equal => Decision::Stay,
            std::cmp::Ordering::Less => Decision::DeEscalate,
        };
        let reason =
            if dose == wanted { Reason::OverdoseControl { probability: overdose(dose), threshold } } else { Reason::NoSkipping { wanted } };
        Next::at(dose, decision, reason)
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        state.highest_tried().and_then(|highest| {
            let said = self.recommendation(&state.tallies);
            let tried = |dose: &usize| state.tally(DoseLevel(*dose)).n > 0;
            let target = |dose: usize| said.target.get(dose).copied().flatten().map(|target| (dose, target));
            let candidates = (0..=highest.0).filter(tried).filter_map(target);
            candidates.rev().max_by(|left, right| left.1.total_cmp(&right.1)).map(|(dose, _)| DoseLevel(dose))
        })
    }

    fn select(&self, state: &State) -> Selection {
        let bare = Selection::bare(self.mtd(state), self.doses());
        let Ok(posterior) = self.blrm.fit(&state.tallies) else { return bare };
        let tail = (1.0 - CREDIBLE_LEVEL) / 2.0;
        let interval = |dose: usize| (posterior.quantile(DoseLevel(dose), tail), posterior.quantile(DoseLevel(dose), 1.0 - tail));
        Selection {
            estimates: posterior.doses().iter().map(|dose| Some(dose.mean)).collect(),
            intervals: (0..self.doses()).map(|dose| Some(interval(dose))).collect(),
            prob_overdose: posterior.doses().iter().map(|dose| Some(dose.prob_overdose)).collect(),
            eliminated: posterior.doses().iter().map(|dose| !dose.eligible).collect(),
            ..bare
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::blrm::BlrmPrior;
    use super::super::outcomes::{read_outcomes, replay};
    use super::*;

    fn design() -> BlrmDesign {
        let prior = BlrmPrior { log_alpha_mean: -1.5, log_alpha_sd: 2.0, log_beta_mean: 0.0, log_beta_sd: 1.0, correlation: 0.0 };
        BlrmDesign::new(Blrm::new(&[10.0, 30.0, 60.0, 120.0, 240.0], 120.0, prior, &[0.16, 0.33], 0.25).unwrap())
    }

    fn after(history: &str) -> State {
        let design = design();
        replay(&design, DoseLevel(0), &read_outcomes(history, 5).unwrap()).unwrap()
    }

    #[test]
    fn escalation_goes_one_dose_at_a_time_and_stops_when_nothing_is_eligible() {
        let design = design();
        assert_eq!(design.next(&after("")), Next::at(DoseLevel(0), Decision::Stay, Reason::NoPatients));
        let up = design.next(&after("1NNN"));
        assert_eq!((up.dose, up.decision), (Some(DoseLevel(1)), Decision::Escalate));
        let posterior = design.blrm().fit(&after("1NNN").tallies).unwrap();
        assert!(posterior.next_dose() >= up.dose);
        let toxic = design.next(&after("1TTT 1NTT"));
        assert!(toxic.stops_for_toxicity() && matches!(toxic.reason, Reason::NoEligibleDose { probability, .. } if probability > 0.25));
    }

    #[test]
    fn the_selected_dose_was_tried_and_is_eligible() {
        let design = design();
        let state = after("1NNN 2NNN 3NNN 4NNT 5NTT 4NNT");
        let selection = design.select(&state);
        let mtd = selection.mtd.unwrap();
        assert_eq!(Some(mtd), design.mtd(&state));
        assert!(state.tally(mtd).n > 0 && !selection.eliminated[mtd.0]);
        assert!(selection.intervals.iter().zip(&selection.estimates).all(|(interval, estimate)| {
            let ((lower, upper), mean) = (interval.unwrap(), estimate.unwrap());
            lower < mean && mean < upper
        }));
        assert_eq!(design.mtd(&after("")), None);
    }
}
