//! TITE-BOIN: BOIN while some patients are still within their window for toxicity.

use super::boin_rule::BoinRule;
use super::decision::Decision;
use super::error::{DesignError, check_count, check_within};
use super::tally::{DoseLevel, MAX_DOSES, Tally, check_grid, check_level};

/// Which rate of toxicity stands for the dose while patients are pending.
///
/// With `n` patients treated, `r` of them with an observed toxicity, `c` pending, `s` the sum over the pending of follow-up divided by the
/// window, and `phi` the target:
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TiteVariant {
    /// Single mean imputation `[Yuan2018]`: each pending patient counts as the toxicity to be expected of the rest of the window.
    ///
    /// ```text
    /// p~   = (r + phi/2) / (n - c + 1)
    /// rate = ( r + p~/(1 - p~) (c - s) ) / n
    /// ```
    ///
    /// De-escalates at once, however many are pending, when `r / n >= lambda_d`.
    SingleMeanImputation,
    /// Approximate likelihood `[LinYuan2020]`: each pending patient counts as the part of the window that was observed.
    ///
    /// ```text
    /// rate = r / (n - c + s)
    /// ```
    EffectiveSampleSize,
}

/// Counts at one dose while patients are pending.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PendingTally {
    /// Patients treated, pending ones included, and the toxicities seen so far.
    pub treated: Tally,
    /// Patients without toxicity whose window is not over.
    pub pending: u32,
    /// Sum over the pending patients of follow-up divided by the window, between 0 and their number.
    pub follow_up: f64,
}

impl PendingTally {
    /// Checked counts.
    ///
    /// # Errors
    /// [`DesignError`] when toxicities and pending patients are more than were treated, or the follow-up is not between 0 and the number
    /// pending.
    pub fn new(treated: Tally, pending: u32, follow_up: f64) -> Result<Self, DesignError> {
        Tally::new(treated.n, treated.dlt)?;
        check_count("the number of pending patients", pending, 0, treated.n - treated.dlt)?;
        check_within("the follow-up of the pending patients, in windows,", follow_up, 0.0, f64::from(pending))?;
        Ok(Self { treated, pending, follow_up })
    }

    fn followed(&self) -> u32 {
        self.treated.n.saturating_sub(self.pending)
    }
}

/// What the counts at one dose say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TiteAssessment {
    /// Provisional estimate `p~` behind the imputation.
    pub provisional: f64,
    /// Rate with imputed outcomes; may exceed 1.
    pub imputed_rate: f64,
    /// Rate over the effective number of patients; `None` when nobody has been followed.
    pub effective_rate: Option<f64>,
    /// Follow-up (`s`) from which single mean imputation escalates; `None` when nobody is pending, negative when none is needed.
    pub follow_up_to_escalate: Option<f64>,
    /// Follow-up (`s`) up to which single mean imputation de-escalates; `None` when nobody is pending, negative when it cannot.
    pub follow_up_to_de_escalate: Option<f64>,
    /// What the rate says, however many are pending.
    pub decision: Decision,
    /// Whether too many are pending to follow that decision yet.
    pub suspend: bool,
}

/// What to do next in a trial with pending patients.
#[derive(Debug, Clone, PartialEq)]
pub struct TiteNext {
    /// Dose of the next cohort, or of the last one while accrual is suspended; `None` when the lowest dose is too toxic.
    pub dose: Option<DoseLevel>,
    /// The decision as carried out.
    pub decision: Decision,
    /// Whether the next cohort waits for more follow-up.
    pub suspend: bool,
    /// Whether the dose stays and has enough patients to end the trial.
    pub enough: bool,
    /// The lowest dose that must not be given again, with all above it.
    pub eliminated_from: Option<DoseLevel>,
}

/// The TITE-BOIN design.
///
/// The rate of the [`TiteVariant`] is compared with the boundaries of BOIN: escalate at or below `lambda_e`, de-escalate at or above
/// `lambda_d`. Elimination looks at all patients treated, pending ones counted as free of toxicity, at every dose. Accrual is suspended while
/// more than a given part of the patients at the dose is pending, and when de-escalation from the lowest dose is due while some are pending.
/// Without pending patients every variant is BOIN.
#[derive(Debug, Clone)]
pub struct TiteBoin {
    rule: BoinRule,
    variant: TiteVariant,
    max_pending: f64,
    stop_at: Option<u32>,
}

impl TiteBoin {
    /// The design with a rule for complete counts and a variant; accrual is suspended while more than half of the patients at the dose are pending.
    #[must_use]
    pub fn new(rule: BoinRule, variant: TiteVariant) -> Self {
        Self { rule, variant, max_pending: 0.5, stop_at: None }
    }

    /// Suspends accrual while more than this part of the patients at the dose is pending.
    ///
    /// # Errors
    /// [`DesignError::Outside`] outside [0, 1].
    pub fn with_max_pending(self, fraction: f64) -> Result<Self, DesignError> {
        check_within("the largest fraction of pending patients", fraction, 0.0, 1.0)?;
        Ok(Self { max_pending: fraction, ..self })
    }

    /// Ends the trial when the dose stays and this many have been treated at it.
    ///
    /// # Errors
    /// [`DesignError::Count`] for 0.
    pub fn stopping_at(self, n: u32) -> Result<Self, DesignError> {
        check_count("the number of patients at which the trial stops", n, 1, u32::MAX)?;
        Ok(Self { stop_at: Some(n), ..self })
    }

    /// The rule for complete counts.
    #[must_use]
    pub fn rule(&self) -> &BoinRule {
        &self.rule
    }

    /// What the counts at one dose say on their own.
    ///
    /// ```text
    /// escalate     when s >= c - (1 - p~)/p~ (n lambda_e - r)
    /// de-escalate  when s <= c - (1 - p~)/p~ (n lambda_d - r)
    /// ```
    ///
    /// are the imputation rule solved for the follow-up. Nobody treated gives a rate of 0.
    #[must_use]
    pub fn assess(&self, tally: &PendingTally) -> TiteAssessment {
        let (n, r, c) = (f64::from(tally.treated.n), f64::from(tally.treated.dlt), f64::from(tally.pending));
        let followed = f64::from(tally.followed());
        let provisional = (r + self.rule.target() / 2.0) / (followed + 1.0);
        let odds = provisional / (1.0 - provisional);
        let imputed_rate = if tally.treated.n == 0 { 0.0 } else { (r + odds * (c - tally.follow_up)) / n };
        let effective = followed + tally.follow_up;
        let needed = |boundary: f64| (tally.pending > 0).then(|| c - (n * boundary - r) / odds);
        let assessment = TiteAssessment {
            provisional,
            imputed_rate,
            effective_rate: (effective > 0.0).then(|| r / effective),
            follow_up_to_escalate: needed(self.rule.lambda_e()),
            follow_up_to_de_escalate: needed(self.rule.lambda_d()),
            decision: Decision::Stay,
            suspend: false,
        };
        let decision = self.decide(tally, &assessment);
        TiteAssessment { decision, suspend: decision != Decision::Eliminate && self.too_many_pending(tally), ..assessment }
    }

    fn decide(&self, tally: &PendingTally, assessment: &TiteAssessment) -> Decision {
        let rate = match self.variant {
            TiteVariant::SingleMeanImputation => assessment.imputed_rate,
            TiteVariant::EffectiveSampleSize => assessment.effective_rate.unwrap_or(0.0),
        };
        if self.rule.eliminates(tally.treated) { Decision::Eliminate } else { self.rule.compare(rate) }
    }

    fn too_many_pending(&self, tally: &PendingTally) -> bool {
        let surely_toxic = self.variant == TiteVariant::SingleMeanImputation && self.rule.is_high(tally.treated);
        f64::from(tally.pending) > self.max_pending * f64::from(tally.treated.n) && !surely_toxic
    }

    /// What follows on the counts at all doses, the last cohort having been treated at `current`.
    ///
    /// # Errors
    /// [`DesignError::Grid`], [`DesignError::DoseOutsideGrid`], those of [`PendingTally::new`], and [`DesignError::History`] when nobody was
    /// treated at `current`.
    pub fn next(&self, tallies: &[PendingTally], current: DoseLevel, eliminated_from: Option<DoseLevel>) -> Result<TiteNext, DesignError> {
        check_grid(tallies.len().min(MAX_DOSES + 1))?;
        check_level(current, tallies.len())?;
        for tally in tallies {
            PendingTally::new(tally.treated, tally.pending, tally.follow_up)?;
        }
        let here = tallies.get(current.0).copied().unwrap_or_default();
        if here.treated.n == 0 {
            return Err(DesignError::History(format!(
                "nobody was treated at dose {}: the current dose is that of the last cohort",
                current.0 + 1
            )));
        }
        Ok(self.follow(tallies, &here, current, eliminated_from))
    }

    /// [`TiteBoin::next`] for a current dose known to have patients.
    pub(super) fn follow(
        &self,
        tallies: &[PendingTally],
        here: &PendingTally,
        current: DoseLevel,
        eliminated_from: Option<DoseLevel>,
    ) -> TiteNext {
        let toxic = self.rule.lowest_eliminated(tallies.iter().map(|tally| tally.treated));
        let eliminated_from = toxic.into_iter().chain(eliminated_from).min();
        let next = |dose: usize, decision: Decision, suspend: bool| TiteNext {
            dose: Some(DoseLevel(dose)),
            decision,
            suspend,
            enough: decision == Decision::Stay && !suspend && self.stop_at.is_some_and(|limit| here.treated.n >= limit),
            eliminated_from,
        };
        if let Some(lowest) = eliminated_from.filter(|lowest| *lowest <= current) {
            let below = lowest.0.checked_sub(1);
            return TiteNext { dose: below.map(DoseLevel), ..next(0, Decision::Eliminate, false) };
        }
        let assessment = self.assess(here);
        if assessment.suspend {
            return next(current.0, Decision::Stay, true);
        }
        let up = current.0 + 1;
        let may_go_up = up < tallies.len() && eliminated_from.is_none_or(|lowest| up < lowest.0);
        match assessment.decision {
            Decision::Escalate if may_go_up => next(up, Decision::Escalate, false),
            Decision::DeEscalate => match current.0.checked_sub(1) {
                Some(down) => next(down, Decision::DeEscalate, false),
                None => next(current.0, Decision::Stay, here.pending > 0),
            },
            _ => next(current.0, Decision::Stay, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::boin::BoinParameters;
    use super::*;

    const BOTH: [TiteVariant; 2] = [TiteVariant::SingleMeanImputation, TiteVariant::EffectiveSampleSize];

    fn design(variant: TiteVariant) -> TiteBoin {
        TiteBoin::new(BoinRule::new(BoinParameters::with_target(0.3), 30).unwrap(), variant)
    }

    fn tally(n: u32, dlt: u32, pending: u32, follow_up: f64) -> PendingTally {
        PendingTally::new(Tally { n, dlt }, pending, follow_up).unwrap()
    }

    #[test]
    fn without_pending_patients_both_variants_are_boin() {
        for variant in BOTH {
            let design = design(variant);
            for n in 1..=30 {
                for dlt in 0..=n {
                    let assessment = design.assess(&tally(n, dlt, 0, 0.0));
                    let counts = Tally { n, dlt };
                    let boin = if design.rule().eliminates(counts) { Decision::Eliminate } else { design.rule().compare_counts(counts) };
                    assert_eq!((assessment.decision, assessment.suspend), (boin, false), "{dlt}/{n}");
                }
            }
        }
    }

    #[test]
    fn the_needed_follow_up_is_where_the_imputed_rate_meets_the_boundary() {
        let design = design(TiteVariant::SingleMeanImputation);
        let assessment = design.assess(&tally(6, 1, 2, 1.0));
        let needed = assessment.follow_up_to_escalate.unwrap();
        let at = |follow_up: f64| design.assess(&tally(6, 1, 2, follow_up));
        assert!((at(needed).imputed_rate - design.rule().lambda_e()).abs() < 1e-12);
        assert_eq!((at(needed + 1e-6).decision, at(needed - 1e-6).decision), (Decision::Escalate, Decision::Stay));
    }

    #[test]
    fn more_toxicity_never_raises_and_more_follow_up_never_lowers_the_decision() {
        for variant in BOTH {
            let design = design(variant);
            for n in 3..=12 {
                for pending in 0..=n / 2 {
                    let rank = |dlt: u32, part: f64| design.assess(&tally(n, dlt, pending, f64::from(pending) * part)).decision;
                    for dlt in 0..n - pending {
                        assert!(rank(dlt + 1, 0.3) >= rank(dlt, 0.3), "{dlt}/{n} {pending}");
                        assert!(rank(dlt, 0.8) <= rank(dlt, 0.3), "{dlt}/{n} {pending}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_rate_that_is_surely_too_high_does_not_wait_under_imputation() {
        // 3 of 6 whatever becomes of the other three would not be suspended; 4 of 7 pending is more than half.
        let counts = [tally(3, 0, 0, 0.0), tally(7, 3, 4, 1.0)];
        let next = |variant: TiteVariant| design(variant).next(&counts, DoseLevel(1), None).unwrap();
        let imputed = next(TiteVariant::SingleMeanImputation);
        assert_eq!((imputed.dose, imputed.suspend), (Some(DoseLevel(0)), false));
        let effective = next(TiteVariant::EffectiveSampleSize);
        assert_eq!((effective.dose, effective.suspend), (Some(DoseLevel(1)), true));
    }

    #[test]
    fn an_eliminated_dose_is_not_entered_and_the_grid_ends_at_the_top() {
        let design = design(TiteVariant::EffectiveSampleSize);
        let counts = [tally(3, 0, 0, 0.0), tally(0, 0, 0, 0.0)];
        let to = |eliminated: Option<usize>| design.next(&counts, DoseLevel(0), eliminated.map(DoseLevel)).unwrap();
        assert_eq!((to(None).dose, to(None).decision), (Some(DoseLevel(1)), Decision::Escalate));
        assert_eq!((to(Some(1)).dose, to(Some(1)).decision), (Some(DoseLevel(0)), Decision::Stay));
        assert_eq!(to(Some(0)).dose, None);
        let top = design.next(&counts[..1], DoseLevel(0), None).unwrap();
        assert_eq!((top.dose, top.decision), (Some(DoseLevel(0)), Decision::Stay));
    }

    #[test]
    fn impossible_counts_are_refused() {
        assert!(PendingTally::new(Tally { n: 3, dlt: 2 }, 2, 0.0).is_err());
        assert!(PendingTally::new(Tally { n: 3, dlt: 0 }, 2, 2.1).is_err());
        assert!(PendingTally::new(Tally { n: 3, dlt: 0 }, 2, f64::NAN).is_err());
        let design = design(TiteVariant::EffectiveSampleSize);
        assert!(design.next(&[tally(0, 0, 0, 0.0)], DoseLevel(0), None).is_err());
        assert!(design.next(&[], DoseLevel(0), None).is_err());
        assert!(design.clone().with_max_pending(1.5).is_err() && design.stopping_at(0).is_err());
    }
}
