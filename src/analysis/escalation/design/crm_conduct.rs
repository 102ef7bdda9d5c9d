//! A trial conducted by the continual reassessment method: the next dose after each cohort.

use super::characteristics::MAX_PATIENTS;
use super::crm::Crm;
use super::crm_grid::PosteriorGrid;
use super::decision::{Decision, Next, Reason};
use super::error::{DesignError, check_count};
use super::tally::{DoseLevel, State, Tally};
use super::{CountDesign, MODEL_INTERVAL_LEVEL, Selection};

/// Slack under which an observed rate counts as having reached the target: rates and targets are decimal fractions.
const RATE_SLACK: f64 = 1e-9;

/// What holds escalation back beyond the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmEscalation {
    /// Nothing: doses may be skipped.
    Free,
    /// At most one dose above the last one given.
    OneLevel,
    /// At most one dose above the last one given, and not above it right after a cohort whose rate of toxicity reached the target
    /// (coherence) `[Cheung2005]`.
    OneLevelCoherent,
}

impl CrmEscalation {
    /// The dose to give when the model wants `wanted` after `last`.
    #[must_use]
    pub fn restrict(self, wanted: DoseLevel, last: DoseLevel, reached_target: bool) -> DoseLevel {
        match self {
            Self::Free => wanted,
            Self::OneLevelCoherent if reached_target => wanted.min(last),
            Self::OneLevel | Self::OneLevelCoherent => wanted.min(DoseLevel(last.0 + 1)),
        }
    }
}

/// A continual reassessment method with the rule that holds escalation back.
///
/// After each cohort the posterior mean of the parameter is put into the model, the dose closest to the target is wanted
/// ([`Crm::recommend`]) and given unless [`CrmEscalation`] forbids it. There is no stopping rule; the dose selected at the end is the one
/// wanted, without the restriction.
///
/// Its operating characteristics come from [`super::crm_characteristics`], which needs less than the general engines: here only the counts
/// and the next dose matter, not the last cohort.
#[derive(Debug, Clone)]
pub struct CrmDesign {
    crm: Crm,
    escalation: CrmEscalation,
    grid: PosteriorGrid,
}

impl CrmDesign {
    /// A design for trials of up to `max_n` patients; larger histories are still answered, from the posterior itself.
    ///
    /// # Errors
    /// [`DesignError::Count`] for no patient or more than [`MAX_PATIENTS`].
    pub fn new(crm: Crm, escalation: CrmEscalation, max_n: u32) -> Result<Self, DesignError> {
        check_count("the largest number of patients", max_n, 1, MAX_PATIENTS)?;
        let grid = PosteriorGrid::new(&crm, max_n);
        Ok(Self { crm, escalation, grid })
    }

    /// The method.
    #[must_use]
    pub fn crm(&self) -> &Crm {
        &self.crm
    }

    /// The rule that holds escalation back.
    #[must_use]
    pub fn escalation(&self) -> CrmEscalation {
        self.escalation
    }

    /// Plug-in estimates after these counts and patients without toxicity whose follow-up is incomplete.
    ///
    /// The grid serves histories up to the size it was made for; longer ones of complete follow-up are fitted.
    fn toxicity(&self, tallies: &[Tally], partial: &[(DoseLevel, f64)], work: &mut Vec<f64>) -> Vec<f64> {
        let patients = tallies.iter().fold(0_u32, |sum, tally| sum.saturating_add(tally.n));
        let beyond = partial.is_empty() && patients > self.grid.patients();
        if beyond && let Ok(fit) = self.crm.fit(tallies) {
            return fit.plug_in();
        }
        self.crm.toxicity(self.grid.mean(tallies, partial, work))
    }

    /// The dose that the model wants after these counts; `work` is scratch space.
    pub(super) fn wanted(&self, tallies: &[Tally], partial: &[(DoseLevel, f64)], work: &mut Vec<f64>) -> DoseLevel {
        self.crm.recommend(&self.toxicity(tallies, partial, work))
    }

    /// Whether a cohort's rate of toxicity reached the target.
    #[must_use]
    pub fn reached_target(&self, cohort: Tally) -> bool {
        cohort.rate().is_some_and(|rate| rate >= self.crm.target() - RATE_SLACK)
    }

    /// Refuses a question about trials larger than the grid was made for.
    pub(super) fn check_size(&self, patients: u32) -> Result<(), DesignError> {
        check_count("the largest number of patients", patients, 1, self.grid.patients())
    }
}

impl CountDesign for CrmDesign {
    fn doses(&self) -> usize {
        self.crm.doses()
    }

    fn next(&self, state: &State) -> Next {
        let Some(cohort) = state.last_cohort else {
            return Next::at(state.current, Decision::Stay, Reason::NoPatients);
        };
        let toxicity = self.toxicity(&state.tallies, &[], &mut Vec::new());
        let wanted = self.crm.recommend(&toxicity);
        let dose = self.escalation.restrict(wanted, state.current, self.reached_target(cohort));
        let decision = match dose.cmp(&state.current) {
            std::cmp::Ordering::Greater => Decision::Escalate,
            std::cmp::Ordering::Equal => Decision::Stay,
            std::cmp::Ordering::Less => Decision::DeEscalate,
        };
        let model = Reason::Model { value: toxicity.get(dose.0).copied().unwrap_or(f64::NAN), threshold: self.crm.target() };
        let reason = match cohort.rate() {
            _ if dose == wanted => model,
            Some(rate) if self.escalation == CrmEscalation::OneLevelCoherent && self.reached_target(cohort) => {
                Reason::LastCohort { rate, target: self.crm.target() }
            }
            _ => Reason::NoSkipping { wanted },
        };
        Next::at(dose, decision, reason)
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        Some(self.wanted(&state.tallies, &[], &mut Vec::new()))
    }

    fn select(&self, state: &State) -> Selection {
        let bare = Selection::bare(self.mtd(state), self.doses());
        let Ok(fit) = self.crm.fit(&state.tallies) else { return bare };
        Selection {
            estimates: fit.plug_in().into_iter().map(Some).collect(),
            intervals: fit.quantile_intervals(MODEL_INTERVAL_LEVEL).into_iter().map(Some).collect(),
            interval_level: MODEL_INTERVAL_LEVEL,
            prob_overdose: fit.prob_above(self.crm.target()).into_iter().map(Some).collect(),
            ..bare
        }
    }

    fn reads_last_cohort(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::crm::{CrmModel, USUAL_PRIOR_SD};
    use super::super::tally::Cohort;
    use super::*;

    fn design(escalation: CrmEscalation) -> CrmDesign {
        let crm = Crm::new(&[0.06, 0.14, 0.25, 0.38, 0.50], 0.25, CrmModel::Empiric, USUAL_PRIOR_SD).unwrap();
        CrmDesign::new(crm, escalation, 30).unwrap()
    }

    fn after(cohorts: &[(usize, u32, u32)]) -> State {
        let mut state = State::start(5, DoseLevel(0)).unwrap();
        for (dose, n, dlt) in cohorts {
            state.add(Cohort { dose: DoseLevel(*dose), tally: Tally { n: *n, dlt: *dlt } });
        }
        state
    }

    #[test]
    fn the_first_cohort_gets_the_starting_dose() {
        let next = design(CrmEscalation::Free).next(&after(&[]));
        assert_eq!((next.dose, next.reason), (Some(DoseLevel(0)), Reason::NoPatients));
    }

    #[test]
    fn no_dose_is_skipped_unless_allowed() {
        let state = after(&[(0, 3, 0)]);
        assert_eq!(design(CrmEscalation::Free).next(&state).dose, Some(DoseLevel(4)));
        let next = design(CrmEscalation::OneLevel).next(&state);
        assert_eq!((next.dose, next.decision), (Some(DoseLevel(1)), Decision::Escalate));
        assert_eq!(next.reason, Reason::NoSkipping { wanted: DoseLevel(4) });
    }

    #[test]
    fn no_escalation_right_after_a_toxic_cohort() {
        let state = after(&[(0, 12, 0), (1, 3, 1)]);
        assert_eq!(design(CrmEscalation::OneLevel).next(&state).dose, Some(DoseLevel(2)));
        let next = design(CrmEscalation::OneLevelCoherent).next(&state);
        assert_eq!((next.dose, next.decision), (Some(DoseLevel(1)), Decision::Stay));
        assert!(matches!(next.reason, Reason::LastCohort { .. }));
    }

    #[test]
    fn another_toxicity_never_raises_the_next_dose() {
        for escalation in [CrmEscalation::Free, CrmEscalation::OneLevel, CrmEscalation::OneLevelCoherent] {
            let design = design(escalation);
            for (earlier, dose) in [(0, 1), (1, 2), (2, 1), (0, 0)] {
                for seen in 0..=3 {
                    let doses: Vec<Option<DoseLevel>> =
                        (0..=6).map(|dlt| design.next(&after(&[(0, 3, 0), (earlier, 3, seen), (dose, 6, dlt)])).dose).collect();
                    assert!(doses.windows(2).all(|pair| pair[1] <= pair[0]), "{escalation:?} {earlier} {dose} {doses:?}");
                }
            }
        }
    }

    #[test]
    fn a_selection_carries_ordered_estimates() {
        let selection = design(CrmEscalation::Free).select(&after(&[(0, 3, 0), (1, 3, 0), (2, 3, 1), (2, 3, 0)]));
        let estimates: Vec<f64> = selection.estimates.into_iter().flatten().collect();
        assert!(estimates.len() == 5 && estimates.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(selection.mtd, Some(design(CrmEscalation::Free).crm().recommend(&estimates)));
        assert!(CrmDesign::new(design(CrmEscalation::Free).crm, CrmEscalation::Free, 0).is_err());
    }
}
