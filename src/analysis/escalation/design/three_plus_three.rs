//! The 3+3 rule in two variants.

use super::decision::{Decision, Next, Reason};
use super::error::DesignError;
use super::tally::{DoseLevel, State, Tally, check_grid};
use super::{Conduct, CountDesign, Selection};

/// Patients of a cohort.
const COHORT: u32 = 3;

/// Patients at which a dose is full.
const FULL: u32 = 6;

/// Toxicities that close a dose.
const TOO_MANY: u32 = 2;

/// What happens after two toxicities at a dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreePlusThreeVariant {
    /// The trial stops; the dose below is the maximum tolerated dose, which may have had three patients only.
    NoDeescalation,
    /// The dose below is filled to six patients; further down when it has two toxicities as well `[Korn1994]`.
    Deescalation,
}

/// The 3+3 rule `[Korn1994]`.
///
/// ```text
/// 0 of 3          escalate
/// 1 of 3          three more at the same dose
/// 0 or 1 of 6     escalate
/// 2 or more       the dose is too toxic
/// ```
///
/// Without de-escalation the trial stops at the first dose with two toxicities and at the top of the grid. The maximum tolerated dose is the
/// highest one without toxicity in three patients or with at most one in six below the first that is too toxic; none when that is the lowest.
///
/// With de-escalation the trial goes down from a dose with two toxicities until it finds one with at most one among six, filling doses to six
/// patients; it does not go up into a dose with two toxicities or six patients. The maximum tolerated dose is the highest one with six
/// patients and at most one toxicity. In both variants three patients without toxicity at the top of the grid stop the trial with the top as the
/// maximum tolerated dose; other descriptions treat three more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreePlusThree {
    doses: usize,
    variant: ThreePlusThreeVariant,
}

impl ThreePlusThree {
    /// The rule on a grid.
    ///
    /// # Errors
    /// [`DesignError::Grid`].
    pub fn new(doses: usize, variant: ThreePlusThreeVariant) -> Result<Self, DesignError> {
        check_grid(doses)?;
        Ok(Self { doses, variant })
    }

    /// Cohorts of three from the lowest dose until the rule stops.
    #[must_use]
    pub fn conduct(&self) -> Conduct {
        Conduct::cohorts(2 * self.doses as u32, COHORT)
    }

    /// What the rule says of the counts at a dose, wherever it lies; `None` without patients.
    #[must_use]
    pub fn decision(&self, tally: Tally) -> Option<Decision> {
        match tally {
            Tally { n: 0, .. } => None,
            _ if is_too_toxic(tally) => Some(match self.variant {
                ThreePlusThreeVariant::NoDeescalation => Decision::Stop,
                ThreePlusThreeVariant::Deescalation => Decision::DeEscalate,
            }),
            _ if is_cleared(tally) => Some(Decision::Escalate),
            _ => Some(Decision::Stay),
        }
    }

    fn up(&self, state: &State, reason: Reason) -> Next {
        let higher = DoseLevel(state.current.0 + 1);
        let above = state.tally(higher);
        if higher.0 >= self.doses {
            Next::stop(Reason::HighestDose)
        } else if self.variant == ThreePlusThreeVariant::Deescalation && (is_too_toxic(above) || above.n >= FULL) {
            if state.here().n >= FULL { Next::stop(counts(above)) } else { Next::at(state.current, Decision::Stay, counts(above)) }
        } else {
            Next::at(higher, Decision::Escalate, reason)
        }
    }

    fn down(&self, state: &State, reason: Reason) -> Next {
        let Some(lower) = state.current.0.checked_sub(1).map(DoseLevel) else { return Next::stop_for_toxicity(reason) };
        match self.variant {
            ThreePlusThreeVariant::Deescalation if state.tally(lower).n < FULL => Next::at(lower, Decision::DeEscalate, reason),
            // A full lower dose that is itself too toxic is passed over on the way down.
            ThreePlusThreeVariant::Deescalation if is_too_toxic(state.tally(lower)) => {
                self.down(&State { current: lower, ..state.clone() }, reason)
            }
            _ => Next::stop(reason),
        }
    }
}

impl CountDesign for ThreePlusThree {
    fn doses(&self) -> usize {
        self.doses
    }

    fn next(&self, state: &State) -> Next {
        let here = state.here();
        let reason = counts(here);
        match self.decision(here) {
            None => Next::at(state.current, Decision::Stay, Reason::NoPatients),
            Some(Decision::Escalate) => self.up(state, reason),
            Some(Decision::DeEscalate | Decision::Eliminate | Decision::Stop) => self.down(state, reason),
            Some(Decision::Stay) => Next::at(state.current, Decision::Stay, reason),
        }
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        let tolerable = state.tallies.iter().position(|tally| is_too_toxic(*tally)).unwrap_or(self.doses);
        let top = self.doses.checked_sub(1);
        let accepted = |dose: usize| {
            let tally = state.tally(DoseLevel(dose));
            match self.variant {
                ThreePlusThreeVariant::NoDeescalation => is_cleared(tally),
                ThreePlusThreeVariant::Deescalation => is_cleared(tally) && (tally.n >= FULL || Some(dose) == top),
            }
        };
        (0..tolerable).rev().find(|dose| accepted(*dose)).map(DoseLevel)
    }

    fn select(&self, state: &State) -> Selection {
        let mut selection = Selection::bare(self.mtd(state), self.doses);
        let toxic_from = state.tallies.iter().position(|tally| is_too_toxic(*tally)).unwrap_or(self.doses);
        for (dose, tally) in state.tallies.iter().enumerate().take(self.doses) {
            if let (Some(estimate), Some(eliminated)) = (selection.estimates.get_mut(dose), selection.eliminated.get_mut(dose)) {
                *estimate = tally.rate();
                *eliminated = dose >= toxic_from;
            }
        }
        selection
    }
}

fn is_too_toxic(tally: Tally) -> bool {
    tally.dlt >= TOO_MANY
}

/// No toxicity in three patients or more, or at most one in six or more.
fn is_cleared(tally: Tally) -> bool {
    !is_too_toxic(tally) && (tally.n >= FULL || (tally.n >= COHORT && tally.dlt == 0))
}

fn counts(tally: Tally) -> Reason {
    Reason::Counts { n: tally.n, dlt: tally.dlt, threshold: TOO_MANY }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn next(variant: ThreePlusThreeVariant, current: usize, counts: &[(u32, u32)]) -> Next {
        let tallies = counts.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect();
        let state = State::with_tallies(DoseLevel(current), tallies).unwrap();
        ThreePlusThree::new(counts.len(), variant).unwrap().next(&state)
    }

    fn mtd(variant: ThreePlusThreeVariant, counts: &[(u32, u32)]) -> Option<usize> {
        let tallies = counts.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect();
        let state = State::with_tallies(DoseLevel(0), tallies).unwrap();
        ThreePlusThree::new(counts.len(), variant).unwrap().mtd(&state).map(|dose| dose.0)
    }

    #[test]
    fn the_rule_counts_toxicities() {
        use ThreePlusThreeVariant::{Deescalation, NoDeescalation};
        for variant in [NoDeescalation, Deescalation] {
            assert_eq!(next(variant, 0, &[(3, 0), (0, 0)]).dose, Some(DoseLevel(1)));
            assert_eq!(next(variant, 0, &[(3, 1), (0, 0)]).dose, Some(DoseLevel(0)));
            assert_eq!(next(variant, 0, &[(6, 1), (0, 0)]).dose, Some(DoseLevel(1)));
            assert!(next(variant, 0, &[(3, 2), (0, 0)]).stops_for_toxicity());
            assert_eq!(next(variant, 1, &[(3, 0), (3, 0)]).dose, None);
        }
        assert_eq!(next(NoDeescalation, 1, &[(3, 0), (3, 2)]).dose, None);
        assert_eq!(next(Deescalation, 1, &[(3, 0), (3, 2)]).dose, Some(DoseLevel(0)));
        assert_eq!(next(Deescalation, 1, &[(6, 1), (3, 2)]).dose, None);
        assert_eq!(next(Deescalation, 0, &[(6, 1), (3, 2)]).dose, None);
    }

    #[test]
    fn the_dose_below_the_first_toxic_one_is_selected() {
        use ThreePlusThreeVariant::{Deescalation, NoDeescalation};
        assert_eq!(mtd(NoDeescalation, &[(3, 0), (3, 2), (0, 0)]), Some(0));
        assert_eq!(mtd(Deescalation, &[(3, 0), (3, 2), (0, 0)]), None);
        assert_eq!(mtd(Deescalation, &[(6, 1), (3, 2), (0, 0)]), Some(0));
        assert_eq!(mtd(NoDeescalation, &[(3, 2), (0, 0)]), None);
        assert_eq!(mtd(Deescalation, &[(3, 0), (3, 0)]), Some(1));
    }

    fn boards() -> impl Strategy<Value = (usize, Vec<(u32, u32)>)> {
        let dose = prop_oneof![Just(0_u32), Just(3), Just(6)].prop_flat_map(|n| (Just(n), 0..=n));
        (0..4_usize, prop::collection::vec(dose, 4))
    }

    proptest! {
        #[test]
        fn a_further_toxicity_never_raises_the_next_dose_and_none_is_skipped((current, counts) in boards()) {
            for variant in [ThreePlusThreeVariant::NoDeescalation, ThreePlusThreeVariant::Deescalation] {
                let before = next(variant, current, &counts);
                prop_assert!(before.dose.is_none_or(|dose| dose.0 <= current + 1));
                if counts[current].1 < counts[current].0 {
                    let mut worse = counts.clone();
                    worse[current].1 += 1;
                    let after = next(variant, current, &worse);
                    // A trial that had ended with the dose as its result may go on below it.
                    prop_assert!(before.dose.is_none() || after.dose <= before.dose);
                }
            }
        }

        #[test]
        fn the_selected_dose_is_not_too_toxic_and_none_below_it_is((_, counts) in boards()) {
            for variant in [ThreePlusThreeVariant::NoDeescalation, ThreePlusThreeVariant::Deescalation] {
                if let Some(dose) = mtd(variant, &counts) {
                    prop_assert!(counts[..=dose].iter().all(|(_, dlt)| *dlt < TOO_MANY) && counts[dose].0 >= COHORT);
                }
            }
        }
    }
}
