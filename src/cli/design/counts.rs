//! Designs that decide on counts of patients with complete follow-up.

use anyhow::bail;

use super::arguments::Question;
use super::document::{Document, Section};
use super::follow::{Trial, follow};
use super::plan::Plan;
use super::{characteristics, paths, state, table};
use crate::analysis::escalation::design::outcomes::read_history;
use crate::analysis::escalation::design::{CountDesign, State};

/// Answers a question to a design in counts.
pub(super) fn answer<D: CountDesign + ?Sized>(plan: &Plan, design: &D, question: &Question) -> anyhow::Result<Document> {
    let mut document = plan.document();
    document.sections.extend(table::rate_boundaries(plan));
    let asks = question.history.is_some() || question.paths.is_some() || question.truth.is_some();
    if !asks || question.full {
        document.sections.extend(decisions(plan, design, question)?);
    }
    let mut present = State::start(design.doses(), plan.conduct.start)?;
    if let Some(history) = &question.history {
        let trial = follow(plan, design, &read_history(history, design.doses())?)?;
        document.sections.extend(of_history(plan, design, question, &trial));
        present = trial.state;
    }
    if let Some(cohorts) = question.paths {
        if plan.conduct.titrates() && present.tallies.iter().all(|tally| tally.n <= 1) {
            bail!("--paths follows full cohorts: with --titration give the --history up to the first of them");
        }
        let title = format!("Dose-transition paths: every outcome of the next {}", cohorts_in_words(cohorts));
        document.sections.push(paths::section(plan, design, &present, cohorts, title)?);
    }
    if let Some(truth) = &question.truth {
        document.sections.push(characteristics::section(plan, question, truth)?);
    }
    Ok(document)
}

fn cohorts_in_words(cohorts: usize) -> String {
    if cohorts == 1 { "cohort".to_owned() } else { format!("{cohorts} cohorts") }
}

/// The decision table; of a model what it says before the first patient, and where the first cohort leads.
fn decisions<D: CountDesign + ?Sized>(plan: &Plan, design: &D, question: &Question) -> anyhow::Result<Vec<Section>> {
    if let Some(decisions) = table::Decisions::of(plan)? {
        let boundaries = table::boundaries(plan, &decisions)?;
        return Ok(if question.full { vec![boundaries, table::grid(&decisions)] } else { vec![boundaries] });
    }
    let start = State::start(design.doses(), plan.conduct.start)?;
    let selection = design.select(&start);
    let prior = state::table(plan, &start, &selection, state::headings(plan, true, &selection).as_ref());
    let transitions = "Where the first cohort leads".to_owned();
    Ok(vec![
        Section::new("prior", "Before the first patient").table(prior),
        paths::section(plan, design, &start, 1, transitions)?
            .note("The model looks at all doses, so that there is no table of counts at one of them: --paths N follows more cohorts."),
    ])
}

fn of_history<D: CountDesign + ?Sized>(plan: &Plan, design: &D, question: &Question, trial: &Trial) -> Vec<Section> {
    let selected = design.select(&trial.state);
    let headings = state::headings(plan, trial.steps.is_empty(), &selected);
    let known = state::table(plan, &trial.state, &selected, headings.as_ref());
    let mut sections = Vec::new();
    if !trial.steps.is_empty() {
        sections.push(state::cohorts(plan, trial));
    }
    sections.push(Section::new("state", "What is known of each dose").table(known));
    sections.push(state::next(plan, &trial.answer));
    if question.select || trial.answer.next.dose.is_none() {
        let mtd = if trial.answer.next.stops_for_toxicity() { None } else { selected.mtd };
        sections.push(state::selection(plan, &trial.state, mtd, &selected, headings.as_ref()));
    }
    sections
}
