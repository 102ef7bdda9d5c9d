//! The continual reassessment method where its general answer is not enough: maximum likelihood, and pending patients.

use anyhow::bail;

use super::arguments::Question;
use super::document::{Cell, Document, Section};
use super::follow::{Answer, Trial};
use super::models::InferenceArgument;
use super::pending::{PendingCohort, has_pending, outcomes, read_pending};
use super::plan::Plan;
use super::state::{self, Headings};
use super::{counts, follow};
use crate::analysis::escalation::decision_words::explain;
use crate::analysis::escalation::design::crm_conduct::{CrmDesign, CrmEscalation};
use crate::analysis::escalation::design::crm_fit::LikelihoodFit;
use crate::analysis::escalation::design::outcomes::read_history;
use crate::analysis::escalation::design::tite_crm::WeightScheme;
use crate::analysis::escalation::design::{Cohort, Decision, DoseLevel, MODEL_INTERVAL_LEVEL, Next, Reason, Selection, State, Tally};

/// What was estimated from a history, whichever way.
struct Estimated {
    toxicity: Vec<f64>,
    intervals: Vec<(f64, f64)>,
    prob_above: Option<Vec<f64>>,
}

impl Estimated {
    fn selection(&self, mtd: DoseLevel) -> Selection {
        let doses = self.toxicity.len();
        Selection {
            estimates: self.toxicity.iter().copied().map(Some).collect(),
            intervals: self.intervals.iter().copied().map(Some).collect(),
            interval_level: MODEL_INTERVAL_LEVEL,
            prob_overdose: self.prob_above.as_ref().map_or(vec![None; doses], |values| values.iter().copied().map(Some).collect()),
            ..Selection::bare(Some(mtd), doses)
        }
    }
}

/// Answers a question to CRM.
pub(super) fn answer(plan: &Plan, design: &CrmDesign, inference: InferenceArgument, question: &Question) -> anyhow::Result<Document> {
    match (inference, &question.history) {
        (InferenceArgument::Bayes, _) => counts::answer(plan, design, question),
        (InferenceArgument::Likelihood, Some(history)) if question.paths.is_none() => {
            let items = read_history(history, plan.labels.len())?;
            if items.iter().any(|item| item.dose.is_none()) {
                bail!(
                    "with --inference likelihood every cohort needs its dose, such as 2@3:1: the estimate does not exist before both outcomes were seen"
                );
            }
            let trial = follow::follow(plan, design, &items)?;
            by_likelihood(plan, design, &trial, question)
        }
        (InferenceArgument::Likelihood, _) => {
            bail!("--inference likelihood answers a --history alone: tables, --paths and --truth rest on the posterior")
        }
    }
}

fn by_likelihood(plan: &Plan, design: &CrmDesign, trial: &Trial, question: &Question) -> anyhow::Result<Document> {
    let fit: LikelihoodFit<'_> = design.crm().fit_likelihood(&trial.state.tallies)?;
    let estimated = Estimated { toxicity: fit.plug_in(), intervals: fit.plug_in_intervals(MODEL_INTERVAL_LEVEL)?, prob_above: None };
    let last = trial.state.last_cohort.unwrap_or_default();
    let answer = decide(plan, design, &estimated, &trial.state, last);
    let headings = Headings {
        estimate: "maximum-likelihood estimate",
        interval: state::interval_words(MODEL_INTERVAL_LEVEL, "confidence"),
        overdose: None,
    };
    let selection = estimated.selection(fit.recommended());
    let mut document = plan.document();
    document.sections.push(Section::new("state", "What is known of each dose").table(state::table(
        plan,
        &trial.state,
        &selection,
        Some(&headings),
    )));
    document.sections.push(state::next(plan, &answer));
    if question.select || answer.next.dose.is_none() {
        document.sections.push(state::selection(plan, &trial.state, selection.mtd, &selection, Some(&headings)));
    }
    Ok(document)
}

/// What the model wants, held back by the rule of the design.
fn decide(plan: &Plan, design: &CrmDesign, estimated: &Estimated, state: &State, last: Tally) -> Answer {
    let (limit, treated) = (plan.conduct.max_n, state.total());
    let next = if treated >= limit {
        Next::stop(Reason::NumberInTrial { n: treated, limit })
    } else {
        let wanted = design.crm().recommend(&estimated.toxicity);
        let reached = design.reached_target(last);
        let dose = design.escalation().restrict(wanted, state.current, reached);
        let decision = match dose.cmp(&state.current) {
            std::cmp::Ordering::Greater => Decision::Escalate,
            std::cmp::Ordering::Equal => Decision::Stay,
            std::cmp::Ordering::Less => Decision::DeEscalate,
        };
        let target = design.crm().target();
        let reason = match last.rate() {
            _ if dose == wanted => Reason::Model { value: estimated.toxicity.get(dose.0).copied().unwrap_or(f64::NAN), threshold: target },
            Some(rate) if reached && design.escalation() == CrmEscalation::OneLevelCoherent => Reason::LastCohort { rate, target },
            _ => Reason::NoSkipping { wanted },
        };
        Next::at(dose, decision, reason)
    };
    let size = if next.dose.is_some() { plan.conduct.next_cohort(treated) } else { 0 };
    Answer { reason: explain(&next, state, &plan.labels), next, size }
}

/// Answers a question to TITE-CRM.
pub(super) fn answer_tite(plan: &Plan, design: &CrmDesign, scheme: WeightScheme, question: &Question) -> anyhow::Result<Document> {
    let Some(history) = question.history.as_deref().filter(|history| has_pending(history)) else {
        return counts::answer(plan, design, question);
    };
    if question.paths.is_some() || question.select {
        bail!("--paths and --select need complete follow-up: leave the pending patients out, or ask for what follows now");
    }
    if scheme == WeightScheme::Adaptive {
        bail!("adaptive weights need the times of the toxicities, which a history of counts does not hold: use --weights linear");
    }
    let cohorts = read_pending(history, plan.labels.len())?;
    let fit = design.crm().fit_weighted(&outcomes(&cohorts))?;
    let estimated = Estimated {
        toxicity: fit.plug_in(),
        intervals: fit.quantile_intervals(MODEL_INTERVAL_LEVEL),
        prob_above: Some(fit.prob_above(design.crm().target())),
    };
    let state = treated(plan, &cohorts)?;
    let last = state.last_cohort.unwrap_or_default();
    let answer = decide(plan, design, &estimated, &state, last);
    let selection = estimated.selection(fit.recommended());
    let mut known = state::table(plan, &state, &selection, state::headings(plan, false, &selection).as_ref());
    known.add_column("pending", "pending");
    known.add_column("follow_up", "their follow-up (windows)");
    for (dose, row) in known.rows.iter_mut().enumerate() {
        let shares: Vec<f64> = cohorts.iter().filter(|cohort| cohort.dose.0 == dose).flat_map(|cohort| cohort.shares.clone()).collect();
        if let [.., pending, follow_up] = row.as_mut_slice() {
            *pending = Cell::Count(shares.len() as u64);
            *follow_up = Cell::Number(shares.iter().sum(), 2);
        }
    }
    let mut document = plan.document();
    document.sections.push(Section::new("state", "What is known of each dose").table(known).note(
        "Each pending patient counts with the share of the window that has passed; the rate is of all treated, pending ones included.",
    ));
    document.sections.push(state::next(plan, &answer));
    Ok(document)
}

/// Everybody treated, as a state.
fn treated(plan: &Plan, cohorts: &[PendingCohort]) -> anyhow::Result<State> {
    let mut state = State::start(plan.labels.len(), plan.conduct.start)?;
    for PendingCohort { dose, treated, .. } in cohorts {
        state.add(Cohort { dose: *dose, tally: *treated });
    }
    Ok(state)
}
