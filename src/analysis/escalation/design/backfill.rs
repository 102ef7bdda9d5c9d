//! BF-BOIN: patients treated at lower doses while the escalation goes on.

use super::boin_rule::BoinRule;
use super::decision::{Decision, Next, Reason};
use super::error::{DesignError, check_count};
use super::tally::{DoseLevel, MAX_DOSES, State, Tally, check_grid, check_level};
use super::{CountDesign, Selection};

/// What is known of a dose when a patient may be backfilled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BackfillDose {
    /// Patients whose evaluation is complete, from cohorts and backfilling together.
    pub completed: Tally,
    /// Patients assigned so far, pending ones included.
    pub assigned: u32,
    /// Whether the activity that the protocol asks for has been seen at this dose itself.
    pub activity: bool,
}

/// Where patients can be backfilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillOpenings {
    /// Whether each dose takes patients.
    pub open: Vec<bool>,
    /// The lowest dose closed for safety, with all above it; `None` when none is.
    pub closed_from: Option<DoseLevel>,
    /// The highest open dose, which gets the next patient.
    pub assign: Option<DoseLevel>,
}

/// The BF-BOIN design.
///
/// Escalation follows BOIN on all completed patients of a dose, cohort and backfill. A dose `b` below the current escalation dose takes
/// backfilled patients while activity was seen at it, fewer than `cap` patients were assigned to it, and it is not closed for safety. With
/// `y` toxicities among `n` completed patients, `b` is closed for safety when
///
/// ```text
/// y_b / n_b >= lambda_d   and   (y_b + y_(b+1)) / (n_b + n_(b+1)) >= lambda_d
/// ```
///
/// and with it every higher dose. Closing for safety ends when later data reverse it; closing by number is final.
///
/// A lower dose conflicts with the current dose `c` when it says de-escalate, or when `c` says escalate and it does not. Of the highest
/// conflicting dose `b*` and all up to `c` the counts are pooled:
///
/// ```text
/// pooled rate <= lambda_e   escalate
/// pooled rate >= lambda_d   the highest dose k in b*..c with (y_b* + .. + y_k) / (n_b* + .. + n_k) < lambda_d,
///                           the dose below b* when there is none, the lowest dose at least
/// otherwise                 stay
/// ```
///
/// A dose that BOIN eliminates is never given again, nor any above it; eliminating the lowest ends the trial.
/// Source: `[Zhao2024]`. The publication does not say what follows when `c` itself says de-escalate and a lower dose does
/// too; here the counts are pooled as in the other conflicts, and the next dose lies below `c` also where doses between them dilute the rate.
///
/// One more toxicity at the current dose never raises the next dose. One at a lower dose can: it can make a higher dose the highest
/// conflicting one, and the counts of those below it are then no longer pooled.
#[derive(Debug, Clone)]
pub struct BackfillBoin {
    rule: BoinRule,
    cap: u32,
    stop_at: Option<u32>,
}

impl BackfillBoin {
    /// The design with a rule for the counts of a dose and the number of assigned patients at which a dose is closed for backfilling.
    ///
    /// # Errors
    /// [`DesignError::Count`] for a cap of 0.
    pub fn new(rule: BoinRule, cap: u32) -> Result<Self, DesignError> {
        check_count("the number of patients that closes a dose for backfilling", cap, 1, u32::MAX)?;
        Ok(Self { rule, cap, stop_at: None })
    }

    /// Ends the trial when the dose stays and this many have completed evaluation at it.
    ///
    /// # Errors
    /// [`DesignError::Count`] for 0.
    pub fn stopping_at(self, n: u32) -> Result<Self, DesignError> {
        check_count("the number of patients at which the trial stops", n, 1, u32::MAX)?;
        Ok(Self { stop_at: Some(n), ..self })
    }

    /// The rule for the counts of a dose.
    #[must_use]
    pub fn rule(&self) -> &BoinRule {
        &self.rule
    }

    /// Where patients can be backfilled while the escalation is at `current`.
    ///
    /// # Errors
    /// [`DesignError::Grid`], [`DesignError::DoseOutsideGrid`], and [`DesignError::Count`] when fewer were assigned than completed.
    pub fn openings(&self, doses: &[BackfillDose], current: DoseLevel) -> Result<BackfillOpenings, DesignError> {
        check_grid(doses.len().min(MAX_DOSES + 1))?;
        check_level(current, doses.len())?;
        for dose in doses {
            Tally::new(dose.completed.n, dose.completed.dlt)?;
            check_count("the number of patients assigned to a dose", dose.assigned, dose.completed.n, u32::MAX)?;
        }
        let closed_from = self.closed_from(doses, current.0);
        let open = (0..doses.len()).map(|dose| self.is_open(doses, dose, current.0, closed_from)).collect();
        Ok(BackfillOpenings { open, closed_from: closed_from.map(DoseLevel), assign: self.highest_open(doses, current) })
    }

    /// The dose that gets the next backfilled patient.
    pub(super) fn highest_open(&self, doses: &[BackfillDose], current: DoseLevel) -> Option<DoseLevel> {
        let closed_from = self.closed_from(doses, current.0);
        (0..current.0).rev().find(|dose| self.is_open(doses, *dose, current.0, closed_from)).map(DoseLevel)
    }

    fn is_open(&self, doses: &[BackfillDose], dose: usize, current: usize, closed_from: Option<usize>) -> bool {
        let takes = doses.get(dose).is_some_and(|dose| dose.activity && dose.assigned < self.cap);
        takes && dose < current && closed_from.is_none_or(|lowest| dose < lowest)
    }

    /// The lowest dose below the current one that is closed for safety.
    fn closed_from(&self, doses: &[BackfillDose], current: usize) -> Option<usize> {
        doses.windows(2).take(current).position(|pair| match pair {
            [dose, above] => self.rule.is_high(dose.completed) && self.rule.is_high(dose.completed.plus(above.completed)),
            _ => false,
        })
    }

    /// The decision after a cohort at `current` has completed, on the completed patients at each dose.
    ///
    /// # Errors
    /// [`DesignError::Grid`], [`DesignError::DoseOutsideGrid`], [`DesignError::MoreToxicitiesThanPatients`], and [`DesignError::History`] when
    /// nobody completed at `current`.
    pub fn next(&self, completed: &[Tally], current: DoseLevel, eliminated_from: Option<DoseLevel>) -> Result<Next, DesignError> {
        check_grid(completed.len().min(MAX_DOSES + 1))?;
        check_level(current, completed.len())?;
        for tally in completed {
            Tally::new(tally.n, tally.dlt)?;
        }
        if completed.get(current.0).is_none_or(|tally| tally.n == 0) {
            return Err(DesignError::History(format!(
                "nobody was evaluated at dose {}: the current dose is that of the last cohort",
                current.0 + 1
            )));
        }
        Ok(self.follow(completed, current.0, eliminated_from))
    }

    /// [`BackfillBoin::next`] for checked counts.
    pub(super) fn follow(&self, completed: &[Tally], current: usize, eliminated_from: Option<DoseLevel>) -> Next {
        let eliminated_from = self.rule.lowest_eliminated(completed.iter().copied()).into_iter().chain(eliminated_from).min();
        let wanted = self.wanted(completed, current);
        let reason = self.reason(wanted.pooled);
        if eliminated_from == Some(DoseLevel(0)) {
            return Next::stop_for_toxicity(reason);
        }
        let highest = eliminated_from.map_or(completed.len(), |lowest| lowest.0.min(completed.len())) - 1;
        let dose = wanted.dose.min(highest);
        let decision = match dose.cmp(&current) {
            std::cmp::Ordering::Greater => Decision::Escalate,
            std::cmp::Ordering::Less if highest < current => Decision::Eliminate,
            std::cmp::Ordering::Less => Decision::DeEscalate,
            std::cmp::Ordering::Equal => Decision::Stay,
        };
        let here = completed.get(current).map_or(0, |tally| tally.n);
        match self.stop_at.filter(|limit| decision == Decision::Stay && here >= *limit) {
            Some(limit) => Next::stop(Reason::NumberAtDose { n: here, limit }),
            None => Next::at(DoseLevel(dose), decision, reason),
        }
    }

    fn reason(&self, pooled: Tally) -> Reason {
        match pooled.rate() {
            Some(rate) => Reason::Rate { rate, lower: self.rule.lambda_e(), upper: self.rule.lambda_d() },
            None => Reason::NoPatients,
        }
    }

    /// The dose that the counts ask for, whatever the grid and elimination allow, with the counts that decided.
    fn wanted(&self, completed: &[Tally], current: usize) -> Wanted {
        let here = completed.get(current).copied().unwrap_or_default();
        let says = self.rule.compare_counts(here);
        let conflicts = |tally: &Tally| match says {
            Decision::Escalate => self.rule.compare_counts(*tally) != Decision::Escalate,
            _ => self.rule.is_high(*tally),
        };
        let below = completed.get(..current).unwrap_or_default();
        let alone = Wanted { dose: step(current, says), pooled: here };
        match below.iter().rposition(conflicts).map(|conflicting| self.pooled(completed, conflicting, current)) {
            Some(pooled) if says != Decision::DeEscalate || pooled.dose <= alone.dose => pooled,
            _ => alone,
        }
    }

    /// The dose that the pooled counts from a conflicting dose to the current one ask for.
    fn pooled(&self, completed: &[Tally], conflicting: usize, current: usize) -> Wanted {
        let range = completed.get(conflicting..=current).unwrap_or_default();
        let pooled = range.iter().fold(Tally::default(), |sum, tally| sum.plus(*tally));
        let dose = match self.rule.compare_counts(pooled) {
            Decision::Escalate => current + 1,
            Decision::Stay => current,
            Decision::DeEscalate | Decision::Eliminate | Decision::Stop => {
                let mut sum = Tally::default();
                let mut highest = conflicting.saturating_sub(1);
                for (offset, tally) in range.iter().enumerate() {
                    sum = sum.plus(*tally);
                    if !self.rule.is_high(sum) {
                        highest = conflicting + offset;
                    }
                }
                highest
            }
        };
        Wanted { dose, pooled }
    }
}

/// The design as one in counts: what it decides when everybody treated, in cohorts or as backfill, has completed evaluation.
#[derive(Debug, Clone)]
pub struct CompletedBackfill {
    design: BackfillBoin,
    doses: usize,
}

impl CompletedBackfill {
    /// The design on a grid.
    ///
    /// # Errors
    /// [`DesignError::Grid`].
    pub fn new(design: BackfillBoin, doses: usize) -> Result<Self, DesignError> {
        check_grid(doses)?;
        Ok(Self { design, doses })
    }
}

impl CountDesign for CompletedBackfill {
    fn doses(&self) -> usize {
        self.doses
    }

    fn next(&self, state: &State) -> Next {
        if state.here().n == 0 {
            return Next::at(state.current, Decision::Stay, Reason::NoPatients);
        }
        self.design.follow(&state.tallies, state.current.0, state.eliminated_from)
    }

    fn mtd(&self, state: &State) -> Option<DoseLevel> {
        self.design.rule.selection().mtd(&state.tallies)
    }

    fn select(&self, state: &State) -> Selection {
        self.design.rule.selection().select(&state.tallies)
    }

    fn eliminates(&self, tally: Tally) -> bool {
        self.design.rule.eliminates(tally)
    }
}

/// A dose and the counts that ask for it.
struct Wanted {
    dose: usize,
    pooled: Tally,
}

fn step(current: usize, decision: Decision) -> usize {
    match decision {
        Decision::Escalate => current + 1,
        Decision::Stay => current,
        Decision::DeEscalate | Decision::Eliminate | Decision::Stop => current.saturating_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::super::boin::BoinParameters;
    use super::*;

    #[test]
    fn on_completed_counts_it_is_a_design_like_the_others() {
        let completed = CompletedBackfill::new(design(), 3).unwrap();
        let state = |current: usize, counts: [(u32, u32); 3]| {
            let tallies = counts.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect();
            State::with_tallies(DoseLevel(current), tallies).unwrap()
        };
        assert_eq!(completed.next(&state(0, [(0, 0); 3])).reason, Reason::NoPatients);
        let here = state(1, [(6, 0), (3, 0), (0, 0)]);
        assert_eq!(completed.next(&here), design().next(&here.tallies, DoseLevel(1), None).unwrap());
        assert_eq!(completed.mtd(&here), completed.select(&here).mtd);
        assert!(completed.eliminates(Tally { n: 3, dlt: 3 }) && CompletedBackfill::new(design(), 0).is_err());
    }

    fn design() -> BackfillBoin {
        BackfillBoin::new(BoinRule::new(BoinParameters::with_target(0.25), 40).unwrap(), 12).unwrap()
    }

    fn next(completed: &[(u32, u32)], current: usize) -> Next {
        let completed: Vec<Tally> = completed.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect();
        design().next(&completed, DoseLevel(current), None).unwrap()
    }

    fn dose(completed: (u32, u32), assigned: u32) -> BackfillDose {
        BackfillDose { completed: Tally { n: completed.0, dlt: completed.1 }, assigned, activity: true }
    }

    #[test]
    fn without_conflict_the_current_dose_decides() {
        assert_eq!(next(&[(3, 0), (3, 0), (0, 0)], 1).dose, Some(DoseLevel(2)));
        assert_eq!(next(&[(3, 0), (4, 1), (0, 0)], 1).dose, Some(DoseLevel(1)));
        assert_eq!(next(&[(3, 0), (3, 1), (0, 0)], 1).dose, Some(DoseLevel(0)));
        assert_eq!(next(&[(3, 0), (3, 3), (0, 0)], 1).decision, Decision::Eliminate);
    }

    #[test]
    fn a_conflict_is_settled_by_pooling() {
        // Dose 2 says de-escalate (4/12) and dose 3 escalate (0/3): 4/15 pooled says stay.
        let stay = next(&[(6, 0), (12, 4), (3, 0), (0, 0)], 2);
        assert_eq!((stay.dose, stay.decision), (Some(DoseLevel(2)), Decision::Stay));
        assert!(matches!(stay.reason, Reason::Rate { rate, .. } if (rate - 4.0 / 15.0).abs() < 1e-12));
        // 1/4 at dose 2 says stay, 0/6 at dose 3 escalate: 1/10 pooled says escalate.
        assert_eq!(next(&[(6, 0), (4, 1), (6, 0), (0, 0)], 2).dose, Some(DoseLevel(3)));
        // 4/12 at dose 2 and 1/3 at dose 3: no pooled rate from dose 2 on is tolerable, so that dose 1 follows.
        assert_eq!(next(&[(6, 0), (12, 4), (3, 1), (0, 0)], 2).dose, Some(DoseLevel(0)));
        // 3/10 at dose 2, 3/12 with dose 3, 7/15 with dose 4: dose 3 follows.
        assert_eq!(next(&[(6, 0), (10, 3), (2, 0), (3, 2)], 3).dose, Some(DoseLevel(2)));
    }

    #[test]
    fn a_toxic_current_dose_is_left_whatever_lower_doses_dilute() {
        // 1/3 at dose 1 and 1/2 at dose 3 both say de-escalate; 2/15 pooled with dose 2 would say escalate.
        assert_eq!(next(&[(3, 1), (10, 0), (2, 1), (0, 0)], 2).dose, Some(DoseLevel(1)));
    }

    #[test]
    fn another_toxicity_at_a_lower_dose_can_move_the_conflict_upwards() {
        // The highest conflicting dose is the second before and the third after, and 3/7 of the second are then left out.
        let (before, after) = (next(&[(6, 1), (7, 3), (5, 1), (5, 5)], 3), next(&[(6, 1), (7, 3), (5, 2), (5, 5)], 3));
        assert_eq!((before.dose, after.dose), (Some(DoseLevel(0)), Some(DoseLevel(1))));
    }

    #[test]
    fn a_toxic_lowest_dose_ends_the_trial_only_when_it_is_eliminated() {
        assert_eq!(next(&[(12, 4), (3, 1), (0, 0)], 1).dose, Some(DoseLevel(0)));
        assert!(next(&[(12, 8), (3, 1), (0, 0)], 1).stops_for_toxicity());
    }

    #[test]
    fn one_more_toxicity_anywhere_never_raises_the_dose() {
        let mut counts = 0;
        for (n1, n2, n3) in [(3, 3, 3), (6, 3, 3), (3, 9, 3), (12, 12, 6), (6, 12, 9)] {
            for (y1, y2, y3) in (0..=n1).flat_map(|y1| (0..=n2).flat_map(move |y2| (0..=n3).map(move |y3| (y1, y2, y3)))) {
                let to = |y1: u32, y2: u32, y3: u32| next(&[(n1, y1), (n2, y2), (n3, y3), (0, 0)], 2).dose.map_or(0, |dose| dose.0 + 1);
                let here = to(y1, y2, y3);
                assert!(here <= 4);
                assert!(y3 == n3 || to(y1, y2, y3 + 1) <= here, "{y1}/{n1} {y2}/{n2} {y3}/{n3}");
                counts += 1;
            }
        }
        assert!(counts > 1000);
    }

    #[test]
    fn closing_for_safety_ends_with_better_data_and_closing_by_number_does_not() {
        let closed = design().openings(&[dose((6, 3), 6), dose((3, 1), 3), dose((3, 0), 3)], DoseLevel(2)).unwrap();
        assert_eq!((closed.closed_from, closed.assign), (Some(DoseLevel(0)), None));
        let reopened = design().openings(&[dose((6, 3), 6), dose((12, 1), 12), dose((3, 0), 3)], DoseLevel(2)).unwrap();
        assert_eq!((reopened.closed_from, reopened.assign), (None, Some(DoseLevel(0))));
        assert_eq!(reopened.open, [true, false, false]);
        let pending = design().openings(&[dose((6, 0), 12), dose((3, 0), 3)], DoseLevel(1)).unwrap();
        assert_eq!(pending.assign, None);
    }

    #[test]
    fn enough_patients_end_the_trial_when_the_dose_stays() {
        let design = design().stopping_at(9).unwrap();
        let at = |n: u32, dlt: u32| design.next(&[Tally { n: 3, dlt: 0 }, Tally { n, dlt }, Tally::default()], DoseLevel(1), None).unwrap();
        assert_eq!(at(9, 2).reason, Reason::NumberAtDose { n: 9, limit: 9 });
        assert_eq!(at(9, 2).dose, None);
        assert_eq!((at(8, 2).dose, at(9, 0).dose), (Some(DoseLevel(1)), Some(DoseLevel(2))));
    }

    #[test]
    fn impossible_counts_are_refused() {
        assert!(design().openings(&[dose((6, 0), 3), dose((3, 0), 3)], DoseLevel(1)).is_err());
        assert!(design().openings(&[dose((3, 0), 3)], DoseLevel(1)).is_err());
        assert!(design().next(&[Tally { n: 3, dlt: 0 }, Tally::default()], DoseLevel(1), None).is_err());
        assert!(BackfillBoin::new(BoinRule::new(BoinParameters::with_target(0.25), 40).unwrap(), 0).is_err());
    }
}
