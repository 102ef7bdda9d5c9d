//! Decision tables: boundaries in counts, and every count.

use super::document::{Cell, Section, Table};
use super::plan::Plan;
use crate::analysis::escalation::decision_words::verb;
use crate::analysis::escalation::design::backfill::BackfillBoin;
use crate::analysis::escalation::design::table::DecisionTable;
use crate::analysis::escalation::design::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
use crate::analysis::escalation::design::toxicity_limit::{LEAST_PATIENTS, ToxicityBoundary, ToxicityLimit};
use crate::analysis::escalation::design::{Decision, Reason, Tally};
use crate::analysis::escalation::trial_design::TrialRule;
use crate::config::DesignOptions;

/// What a rule says of every number of patients and toxicities at the current dose.
#[derive(Debug)]
pub(super) struct Decisions {
    /// Numbers of patients, ascending, each with the decisions for 0, 1, ... toxicities.
    rows: Vec<(u32, Vec<Decision>)>,
}

impl Decisions {
    /// The decisions of a design that looks at the counts of the current dose; none for others.
    pub(super) fn of(plan: &Plan) -> anyhow::Result<Option<Self>> {
        let largest = plan.conduct.max_n;
        let all = |decide: &dyn Fn(Tally) -> Option<Decision>, sizes: &[u32]| {
            let row = |n: &u32| (*n, (0..=*n).filter_map(|dlt| decide(Tally { n: *n, dlt })).collect());
            Some(Self { rows: sizes.iter().map(row).collect() })
        };
        let sizes: Vec<u32> = (1..=largest).collect();
        Ok(match (&plan.options, plan.design.rule(), plan.design.table()) {
            (DesignOptions::ThreePlusThree(options), _, _) => {
                let variant =
                    if options.allow_deescalation { ThreePlusThreeVariant::Deescalation } else { ThreePlusThreeVariant::NoDeescalation };
                let rule = ThreePlusThree::new(plan.labels.len(), variant)?;
                all(&|tally| rule.decision(tally), &[3, 6])
            }
            (_, TrialRule::Backfill { design, .. }, _) => all(&|tally| Some(of_backfill(design, tally)), &sizes),
            (_, _, Some(table)) => all(&|tally| table.decision(tally), &sizes),
            _ => None,
        })
    }

    /// Every count with its decision.
    pub(super) fn cells(&self) -> impl Iterator<Item = (Tally, Decision)> {
        let row = |(n, decisions): &(u32, Vec<Decision>)| {
            let n = *n;
            (0..).zip(decisions.clone()).map(move |(dlt, decision)| (Tally { n, dlt }, decision)).collect::<Vec<_>>()
        };
        self.rows.iter().flat_map(row)
    }
}

fn of_backfill(design: &BackfillBoin, tally: Tally) -> Decision {
    let rule = design.rule();
    if rule.eliminates(tally) { Decision::Eliminate } else { rule.compare_counts(tally) }
}

/// The boundaries of the rate, where a design has them.
pub(super) fn rate_boundaries(plan: &Plan) -> Option<Section> {
    let section = Section::new("boundaries", "Boundaries of the DLT rate at the current dose");
    if let TrialRule::Backfill { design, .. } = plan.design.rule() {
        let section = lambdas(section, design.rule().lambda_e(), design.rule().lambda_d());
        return Some(section.note(
            "A dose below the current one is closed to backfill while its own rate and the rate pooled with the next dose both reach lambda_d; \
             a lower dose that conflicts with the current one is pooled with it.",
        ));
    }
    match plan.design.table().and_then(|table: &DecisionTable| table.reason(Tally { n: 1, dlt: 0 })) {
        Some(Reason::Rate { lower, upper, .. }) if matches!(plan.options, DesignOptions::I3Plus3(_)) => {
            Some(section.fact("lower", "escalate below", Cell::Plain(lower)).fact(
                "upper",
                "de-escalate above, unless one toxicity fewer would lie below the interval",
                Cell::Plain(upper),
            ))
        }
        Some(Reason::Rate { lower, upper, .. }) => Some(lambdas(section, lower, upper)),
        _ => None,
    }
}

fn lambdas(section: Section, lambda_e: f64, lambda_d: f64) -> Section {
    section.fact("lambda_e", "escalate at or below lambda_e", Cell::Number(lambda_e, 4)).fact(
        "lambda_d",
        "de-escalate at or above lambda_d",
        Cell::Number(lambda_d, 4),
    )
}

/// The table as boundaries: one row per number of patients.
pub(super) fn boundaries(plan: &Plan, decisions: &Decisions) -> anyhow::Result<Section> {
    let section = Section::new("decision_table", "Decision table, by evaluable patients and DLTs at the current dose");
    if matches!(plan.options, DesignOptions::ThreePlusThree(_)) {
        return Ok(rule_table(section, plan, decisions));
    }
    let mut table = Table::new([
        ("n", "patients treated"),
        ("escalate_if_dlt_at_most", "escalate if DLT ≤"),
        ("stay_if_dlt", "stay if DLT"),
        ("de_escalate_if_dlt_at_least", "de-escalate if DLT ≥"),
        ("eliminate_if_dlt_at_least", "eliminate if DLT ≥"),
    ]);
    for (n, row) in &decisions.rows {
        let first = |wanted: fn(&Decision) -> bool| Cell::maybe_count(row.iter().position(wanted).map(|dlt| dlt as u32));
        table.rows.push(vec![
            Cell::count(*n),
            Cell::maybe_count(row.iter().rposition(|decision| *decision == Decision::Escalate).map(|dlt| dlt as u32)),
            runs(row, Decision::Stay),
            first(|decision| matches!(decision, Decision::DeEscalate | Decision::Eliminate)),
            first(|decision| *decision == Decision::Eliminate),
        ]);
    }
    if let Some(boundary) = stricter_limit(plan)? {
        table.add_column("stop_trial_if_dlt_at_least_at_lowest_dose", "lowest dose: stop if DLT ≥");
        for ((n, _), row) in decisions.rows.iter().zip(&mut table.rows) {
            if let Some(last) = row.last_mut() {
                *last = Cell::maybe_count(boundary.fewest(*n));
            }
        }
    }
    Ok(section.table(table).note(
        "A dose is eliminated with every dose above it; elimination of the lowest dose stops the trial. Escalation above the highest dose or into \
         an eliminated one, and de-escalation below the lowest, become staying.",
    ))
}

/// The rule of 3+3 in words of counts.
fn rule_table(section: Section, plan: &Plan, decisions: &Decisions) -> Section {
    let mut table = Table::new([("n", "patients treated"), ("dlt", "with DLT"), ("decision", "decision")]);
    for (tally, decision) in decisions.cells() {
        table.rows.push(vec![Cell::count(tally.n), Cell::count(tally.dlt), Cell::text(verb(decision))]);
    }
    let filled = matches!(&plan.options, DesignOptions::ThreePlusThree(options) if options.allow_deescalation);
    section.table(table).note(if filled {
        "The maximum tolerated dose is the highest one with six patients and at most one DLT."
    } else {
        "The maximum tolerated dose is the highest one below the first with two DLTs or more; it may have had three patients only."
    })
}

/// The stricter stopping boundary at the lowest dose, where BOIN has one.
fn stricter_limit(plan: &Plan) -> anyhow::Result<Option<ToxicityBoundary>> {
    let DesignOptions::Boin(options) = &plan.options else { return Ok(None) };
    if !options.extra_safe {
        return Ok(None);
    }
    let limit = ToxicityLimit::new(options.target, options.elimination_cutoff - options.offset, LEAST_PATIENTS)?;
    Ok(Some(limit.boundary(plan.conduct.max_n)?))
}

/// The counts with a decision, neighbours as a range: `1`, `2-3`.
fn runs(row: &[Decision], wanted: Decision) -> Cell {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (dlt, _) in row.iter().enumerate().filter(|(_, decision)| **decision == wanted) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == dlt => *last = dlt,
            _ => ranges.push((dlt, dlt)),
        }
    }
    if ranges.is_empty() {
        return Cell::Absent;
    }
    let range = |(first, last): &(usize, usize)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    Cell::Text(ranges.iter().map(range).collect::<Vec<_>>().join(", "))
}

/// Every count: patients from left to right, toxicities from top to bottom.
pub(super) fn grid(decisions: &Decisions) -> Section {
    let mut table = Table::new([("n", "patients treated"), ("dlt", "with DLT"), ("decision", "decision"), ("letters", "letters")]);
    for (tally, decision) in decisions.cells() {
        table.rows.push(vec![Cell::count(tally.n), Cell::count(tally.dlt), Cell::text(verb(decision)), Cell::text(decision.letters())]);
    }
    let most = decisions.rows.last().map_or(0, |(n, _)| *n);
    let mut lines = vec![format!("{:>5}{}", "DLT", decisions.rows.iter().map(|(n, _)| format!("{n:>4}")).collect::<String>())];
    for dlt in 0..=most {
        let letters = decisions.rows.iter().map(|(_, row)| row.get(dlt as usize).map_or("", |decision| decision.letters()));
        lines.push(format!("{dlt:>5}{}", letters.map(|letters| format!("{letters:>4}")).collect::<String>()));
    }
    let mut section = Section::new("decision_grid", "Every count: patients from left to right, DLTs from top to bottom").table(table);
    section.lines = lines;
    section.note("E escalate, S stay, D de-escalate, DU eliminate the dose and every dose above it, STOP stop the trial.")
}
