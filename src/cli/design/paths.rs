//! What follows on every outcome of the next cohorts.

use super::document::{Cell, Section, Table};
use super::plan::Plan;
use crate::analysis::escalation::decision_words::verb;
use crate::analysis::escalation::design::paths::{PathNode, dose_paths};
use crate::analysis::escalation::design::{CountDesign, State};

/// The tree of the next cohorts.
pub(super) fn section<D: CountDesign + ?Sized>(
    plan: &Plan,
    design: &D,
    present: &State,
    cohorts: usize,
    title: String,
) -> anyhow::Result<Section> {
    let nodes = dose_paths(design, present, &sizes(plan, present, cohorts), None)?;
    let mut table = Table::new([
        ("path", "path"),
        ("cohort", "cohort"),
        ("dose", "dose"),
        ("n", "n"),
        ("dlt", "DLT"),
        ("decision", "decision"),
        ("next_dose", "next dose"),
        ("selected_dose", "selected dose"),
    ]);
    let mut lines = Vec::new();
    for (place, node) in nodes.iter().enumerate() {
        let Some(cohort) = node.cohort else { continue };
        let selected = if node.next.dose.is_none() { node.recommended } else { None };
        table.rows.push(vec![
            Cell::Text(path(&nodes, place)),
            Cell::count(node.depth as u64),
            Cell::Text(plan.label(cohort.dose)),
            Cell::count(cohort.tally.n),
            Cell::count(cohort.tally.dlt),
            Cell::text(verb(node.next.decision)),
            node.next.dose.map_or(Cell::Absent, |dose| Cell::Text(plan.label(dose))),
            selected.map_or(Cell::Absent, |dose| Cell::Text(plan.label(dose))),
        ]);
        lines.push(format!(
            "{}{} of {} with DLT at {}: {}",
            "    ".repeat(node.depth - 1),
            cohort.tally.dlt,
            cohort.tally.n,
            plan.label(cohort.dose),
            follows(plan, node)
        ));
    }
    let mut section = Section::new("paths", title).table(table);
    if lines.is_empty() {
        return Ok(section.note("The trial has ended: no cohort follows."));
    }
    section.lines = lines;
    Ok(section)
}

/// Sizes of the next cohorts, the last one cut to the size of the trial.
fn sizes(plan: &Plan, present: &State, cohorts: usize) -> Vec<u32> {
    let mut treated = present.total();
    let mut sizes = Vec::new();
    for _ in 0..cohorts {
        let size = plan.conduct.next_cohort(treated);
        if size == 0 {
            break;
        }
        sizes.push(size);
        treated += size;
    }
    sizes
}

/// The outcomes on the way to a node as toxicities of patients: `0/3 1/3`.
fn path(nodes: &[PathNode], place: usize) -> String {
    let mut pieces = Vec::new();
    let mut at = nodes.get(place);
    while let Some(node) = at {
        if let Some(cohort) = node.cohort {
            pieces.push(format!("{}/{}", cohort.tally.dlt, cohort.tally.n));
        }
        at = node.parent.and_then(|parent| nodes.get(parent));
    }
    pieces.reverse();
    pieces.join(" ")
}

fn follows(plan: &Plan, node: &PathNode) -> String {
    match (node.next.dose, node.recommended) {
        (Some(dose), _) => format!("{}, next {}", verb(node.next.decision), plan.label(dose)),
        (None, Some(dose)) => format!("stop, select {}", plan.label(dose)),
        (None, None) => "stop, select no dose".to_owned(),
    }
}
