//! A history followed cohort by cohort: where each was treated, and what the design said after it.

use anyhow::anyhow;

use super::plan::Plan;
use crate::analysis::escalation::decision_words::explain;
use crate::analysis::escalation::design::outcomes::HistoryItem;
use crate::analysis::escalation::design::{Cohort, CountDesign, Decision, DoseLevel, Next, Reason, State, record_cohort};

/// What follows on a state, with the reason in words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// What follows.
    pub(super) next: Next,
    /// Why, in one sentence.
    pub(super) reason: String,
    /// Patients of the next cohort.
    pub(super) size: u32,
}

/// A cohort with what the design said after it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// The cohort.
    pub(super) cohort: Cohort,
    /// Where the design would have treated it; `None` when it had stopped.
    pub(super) asked_for: Option<DoseLevel>,
    /// What it said afterwards.
    pub(super) after: Answer,
}

/// A trial so far.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trial {
    /// The counts.
    pub(super) state: State,
    /// The cohorts in order.
    pub(super) steps: Vec<Step>,
    /// What follows now.
    pub(super) answer: Answer,
}

/// Follows a history; cohorts without a dose were treated where the design sent them.
///
/// # Errors
/// Names the cohort without a dose that comes after the design had stopped.
pub(super) fn follow<D: CountDesign + ?Sized>(plan: &Plan, design: &D, history: &[HistoryItem]) -> anyhow::Result<Trial> {
    let mut state = State::start(design.doses(), plan.conduct.start)?;
    let mut steps: Vec<Step> = Vec::new();
    let mut answer = answer(plan, design, &state, true);
    for (number, item) in (1..).zip(history) {
        let asked_for = answer.next.dose;
        let dose = item.dose.or(asked_for).ok_or_else(|| {
            let (n, dlt) = (item.tally.n, item.tally.dlt);
            anyhow!(
                "the design stops after cohort {} of the history ({}), so that it sends cohort {number}, `{n}:{dlt}`, nowhere: end the history \
                 there, or write the dose at which the cohort was treated, such as `1@{n}:{dlt}`",
                number - 1,
                answer.reason
            )
        })?;
        let titrating = titrates(plan, &steps);
        let cohort = Cohort { dose, tally: item.tally };
        record_cohort(design, &mut state, cohort);
        answer = self::answer(plan, design, &state, titrating && item.tally.n == 1);
        steps.push(Step { cohort, asked_for, after: answer.clone() });
    }
    Ok(Trial { state, steps, answer })
}

/// Whether all cohorts so far were the single patients of accelerated titration, without a toxicity.
fn titrates(plan: &Plan, steps: &[Step]) -> bool {
    plan.conduct.titrates() && steps.iter().all(|step| step.cohort.tally.n == 1 && step.cohort.tally.dlt == 0)
}

/// What follows on a state; `titrating` when the patients so far were single.
fn answer<D: CountDesign + ?Sized>(plan: &Plan, design: &D, state: &State, titrating: bool) -> Answer {
    let treated = state.total();
    if treated >= plan.conduct.max_n {
        let next = Next::stop(Reason::NumberInTrial { n: treated, limit: plan.conduct.max_n });
        return Answer { reason: explain(&next, state, &plan.labels), next, size: 0 };
    }
    if titrating
        && plan.conduct.titrates()
        && let Some(answer) = titration(plan, state)
    {
        return answer;
    }
    let next = if treated == 0 { Next::at(state.current, Decision::Stay, Reason::NoPatients) } else { design.next(state) };
    let size = if next.dose.is_some() { plan.conduct.next_cohort(treated) } else { 0 };
    Answer { reason: explain(&next, state, &plan.labels), next, size }
}

/// What follows on single patients: the next dose with one more, or a full cohort where the first toxicity or the highest dose was met.
fn titration(plan: &Plan, state: &State) -> Option<Answer> {
    let here = state.here();
    let label = plan.label(state.current);
    let higher = DoseLevel(state.current.0 + 1);
    let left = plan.conduct.max_n.saturating_sub(state.total());
    let rest = (plan.conduct.cohort_size - 1).min(left);
    match (here.n, here.dlt) {
        (0, _) => {
            let next = Next::at(state.current, Decision::Stay, Reason::NoPatients);
            Some(Answer { next, reason: format!("accelerated titration begins: treat one patient at {label}"), size: 1 })
        }
        (1, 0) if higher.0 < plan.labels.len() => {
            let next = Next::at(higher, Decision::Escalate, Reason::NoPatients);
            Some(Answer {
                next,
                reason: format!("accelerated titration: no DLT at {label}, so treat one patient at {}", plan.label(higher)),
                size: 1,
            })
        }
        (1, dlt) => {
            let why = if dlt > 0 { "the first DLT ends accelerated titration" } else { "the highest dose ends accelerated titration" };
            let next = Next::at(state.current, Decision::Stay, Reason::NoPatients);
            Some(Answer { next, reason: format!("{why}: fill {label} to a cohort of {}", plan.conduct.cohort_size), size: rest })
        }
        _ => None,
    }
}
