//! A trial conducted by the Bayesian logistic regression model with overdose control.

use std::collections::BTreeMap;
use std::sync::RwLock;

use super::blrm::Blrm;
use super::blrm_fit::{QuickDose, quick_probabilities};
use super::decision::{Decision, Next, Reason};
use super::tally::{DoseLevel, State, Tally};
use super::{CountDesign, MODEL_INTERVAL_LEVEL, Selection};

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
    kept: Kept,
    quick: Kept,
}

/// Recommendations by counts.
type Kept = RwLock<BTreeMap<Vec<Tally>, Recommendation>>;

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
        Self { blrm, kept: RwLock::default(), quick: RwLock::default() }
    }

    /// The model.
    #[must_use]
    pub fn blrm(&self) -> &Blrm {
        &self.blrm
    }

    /// The same decisions for simulated trials, many times faster.
    #[must_use]
    pub fn decisions(&self) -> BlrmDecisions<'_> {
        BlrmDecisions { design: self }
    }

    /// The posterior's answer, remembered: it depends on nothing but the counts.
    fn recommendation(&self, tallies: &[Tally]) -> Recommendation {
        remembered(&self.kept, tallies, || self.fine(tallies))
    }

    fn fine(&self, tallies: &[Tally]) -> Recommendation {
        match self.blrm.fit(tallies) {
            Ok(posterior) => Recommendation {
                target: posterior.doses().iter().map(|dose| dose.eligible.then(|| dose.prob_target())).collect(),
                overdose: posterior.doses().iter().map(|dose| dose.prob_overdose).collect(),
            },
            // Counts of another grid, which `replay` and `State` refuse before: nothing is recommended.
            Err(_) => Recommendation { target: Vec::new(), overdose: Vec::new() },
        }
    }

    /// A quick answer; the fine one wherever the error of the quick one could change which doses are eligible or which is best.
    fn quick(&self, tallies: &[Tally]) -> Recommendation {
        let threshold = self.blrm.max_overdose_prob();
        let doses = quick_probabilities(&self.blrm, tallies);
        let eligible: Vec<&QuickDose> = doses.iter().filter(|dose| dose.overdose < threshold).collect();
        let flips = doses.iter().any(|dose| (dose.overdose - threshold).abs() <= dose.error);
        let exchanges = eligible
            .iter()
            .enumerate()
            .any(|(place, one)| eligible.iter().skip(place + 1).any(|other| (one.target - other.target).abs() <= one.error + other.error));
        if flips || exchanges {
            return self.fine(tallies);
        }
        Recommendation {
            target: doses.iter().map(|dose| (dose.overdose < threshold).then_some(dose.target)).collect(),
            overdose: doses.iter().map(|dose| dose.overdose).collect(),
        }
    }

    fn follow(&self, state: &State, said: &Recommendation) -> Next {
        let Some(highest) = state.highest_tried() else {
            return Next::at(state.current, Decision::Stay, Reason::NoPatients);
        };
        let threshold = self.blrm.max_overdose_prob();
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
}

/// What is remembered of these counts, or a fresh answer that is then remembered.
fn remembered(kept: &Kept, tallies: &[Tally], fresh: impl FnOnce() -> Recommendation) -> Recommendation {
    if let Some(known) = kept.read().ok().and_then(|kept| kept.get(tallies).cloned()) {
        return known;
    }
    let fresh = fresh();
    if let Ok(mut kept) = kept.write()
        && kept.len() < MOST_KEPT
    {
        kept.insert(tallies.to_vec(), fresh.clone());
    }
    fresh
}

/// The tried and eligible dose with the largest probability of the target interval, the lower one on ties.
fn best_tried(state: &State, said: &Recommendation) -> Option<DoseLevel> {
    let highest = state.highest_tried()?;
    let tried = |dose: &usize| state.tally(DoseLevel(*dose)).n > 0;
    let target = |dose: usize| said.target.get(dose).copied().flatten().map(|target| (dose, target));
    let candidates = (0..=highest.0).filter(tried).filter_map(target);
    candidates.rev().max_by(|left, right| left.1.total_cmp(&right.1)).map(|(dose, _)| DoseLevel(dose))
}

/// The decisions of a [`BlrmDesign`] from a coarser integration of the posterior.
///
/// Every probability comes with a bound of its error. Wherever the error could make a dose eligible or not, or exchange two eligible doses,
/// the fine posterior decides, so that dose and selection are the design's own; only the probabilities in the reasons differ.
#[derive(Debug, Clone, Copy)]
pub struct BlrmDecisions<'a> {
    design: &'a BlrmDesign,
}

impl BlrmDecisions<'_> {
    fn recommendation(&self, tallies: &[Tally]) -> Recommendation {
        remembered(&self.design.quick, tallies, || self.design.quick(tallies))
    }
}

impl CountDesign for BlrmDecisions<'_> {
    fn doses(&self) -> usize {
        self.design.doses()
    }

    fn next(&self, state: &State) -> Next {
        self.design.follow(state, &self.recommendation(&state.tallies))
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        best_tried(state, &self.recommendation(&state.tallies))
    }

    fn select(&self, state: &State) -> Selection {
        self.design.select(state)
    }
}

impl CountDesign for BlrmDesign {
    fn doses(&self) -> usize {
        self.blrm.doses()
    }

    fn next(&self, state: &State) -> Next {
        self.follow(state, &self.recommendation(&state.tallies))
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        best_tried(state, &self.recommendation(&state.tallies))
    }

    fn select(&self, state: &State) -> Selection {
        let bare = Selection::bare(self.mtd(state), self.doses());
        let Ok(posterior) = self.blrm.fit(&state.tallies) else { return bare };
        let tail = (1.0 - MODEL_INTERVAL_LEVEL) / 2.0;
        let interval = |dose: usize| (posterior.quantile(DoseLevel(dose), tail), posterior.quantile(DoseLevel(dose), 1.0 - tail));
        Selection {
            estimates: posterior.doses().iter().map(|dose| Some(dose.mean)).collect(),
            intervals: (0..self.doses()).map(|dose| Some(interval(dose))).collect(),
            interval_level: MODEL_INTERVAL_LEVEL,
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
    fn quick_decisions_are_those_of_the_design() {
        let design = design();
        let quick = design.decisions();
        for first in 0..=3 {
            for second in 0..=3 {
                for third in 0..=2 {
                    let counts = [(3, first), (6, second), (3, third), (0, 0), (0, 0)];
                    let tallies = counts.map(|(n, dlt)| Tally { n, dlt }).to_vec();
                    let state = State::with_tallies(DoseLevel(2), tallies).unwrap();
                    let (one, other) = (design.next(&state), quick.next(&state));
                    assert_eq!((one.dose, one.decision), (other.dose, other.decision), "{counts:?}");
                    assert_eq!(design.mtd(&state), quick.mtd(&state), "{counts:?}");
                }
            }
        }
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
