//! BF-BOIN: the escalation, and where patients can be backfilled.

use anyhow::bail;

use super::arguments::Question;
use super::counts;
use super::document::{Cell, Document, Section, Table};
use super::follow::follow;
use super::plan::Plan;
use crate::analysis::escalation::design::backfill::{BackfillBoin, BackfillDose, CompletedBackfill};
use crate::analysis::escalation::design::outcomes::read_history;
use crate::analysis::escalation::design::{DoseLevel, Tally};

/// Answers a question to BF-BOIN; `active` are the doses, counted from 1, at which activity was seen.
pub(super) fn answer(
    plan: &Plan,
    design: &BackfillBoin,
    complete: &CompletedBackfill,
    active: Option<&[usize]>,
    question: &Question,
) -> anyhow::Result<Document> {
    let mut document = counts::answer(plan, complete, question)?;
    if let Some(history) = &question.history {
        let trial = follow(plan, complete, &read_history(history, plan.labels.len())?)?;
        if let Some(dose) = trial.answer.next.dose {
            let place = document.sections.iter().position(|section| section.key == "paths").unwrap_or(document.sections.len());
            document.sections.insert(place, openings(plan, design, &trial.state.tallies, dose, active)?);
        }
    }
    Ok(document)
}

/// Where patients can be backfilled while the next cohort is treated at `current`.
fn openings(
    plan: &Plan,
    design: &BackfillBoin,
    tallies: &[Tally],
    current: DoseLevel,
    active: Option<&[usize]>,
) -> anyhow::Result<Section> {
    if let Some(outside) = active.into_iter().flatten().find(|dose| !(1..=tallies.len()).contains(dose)) {
        bail!("--active names dose {outside}, but the grid has {} doses: count doses from 1", tallies.len());
    }
    let seen = |place: usize, n: u32| active.map_or(n > 0, |active| active.contains(&(place + 1)));
    let doses: Vec<BackfillDose> = tallies
        .iter()
        .enumerate()
        .map(|(place, tally)| BackfillDose { completed: *tally, assigned: tally.n, activity: seen(place, tally.n) })
        .collect();
    let found = design.openings(&doses, current)?;
    let mut table = Table::new([("dose", "dose"), ("n", "n"), ("activity", "activity"), ("backfill", "backfill")]);
    for ((place, dose), label) in doses.iter().enumerate().zip(&plan.labels) {
        let open = found.open.get(place).copied().unwrap_or(false);
        let closed = if found.closed_from.is_some_and(|lowest| place >= lowest.0) { "closed for safety" } else { "closed" };
        table.rows.push(vec![
            Cell::text(label),
            Cell::count(dose.completed.n),
            Cell::Flag(dose.activity),
            Cell::text(if open { "open" } else { closed }),
        ]);
    }
    let assign = found.assign.map_or_else(|| "none".to_owned(), |dose| plan.label(dose));
    Ok(Section::new("backfill", format!("Backfill while the next cohort is treated at {}", plan.label(current)))
        .fact("assign", "next backfilled patient", Cell::Text(assign))
        .table(table)
        .note("Everybody in the history has completed evaluation; --active names the doses at which activity was seen."))
}
