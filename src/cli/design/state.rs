//! What is known of each dose, what follows, and the dose that is selected.

use super::document::{Cell, Section, Table};
use super::follow::{Answer, Trial};
use super::plan::Plan;
use crate::analysis::escalation::decision_words::verb;
use crate::analysis::escalation::design::{DoseLevel, RATE_INTERVAL_LEVEL, Selection, State};
use crate::analysis::escalation::trial_design::TrialRule;
use crate::config::DesignOptions;
use crate::numerics::proportion::{ProportionMethod, interval};
use crate::render::number::fixed;

/// Headings of what a design estimates.
#[derive(Debug, Clone)]
pub(super) struct Headings {
    /// The estimate.
    pub(super) estimate: &'static str,
    /// Its interval, with the level.
    pub(super) interval: String,
    /// The probability that the dose is too toxic, where it is estimated.
    pub(super) overdose: Option<String>,
}

/// What the design of a plan estimates, before the first patient or after; none for 3+3.
pub(super) fn headings(plan: &Plan, before: bool, selection: &Selection) -> Option<Headings> {
    let interval = interval_words(selection.interval_level, "credible");
    let exceeds = plan.design.target().map(|target| format!("P(DLT rate > {target})"));
    match (plan.design.rule(), &plan.options) {
        (_, DesignOptions::ThreePlusThree(_)) => None,
        (TrialRule::Crm(_) | TrialRule::TiteCrm { .. }, _) => {
            let estimate = if before { "prior estimate" } else { "posterior estimate" };
            Some(Headings { estimate, interval, overdose: exceeds })
        }
        (TrialRule::Blrm(_), DesignOptions::Blrm(options)) => Some(Headings {
            estimate: if before { "prior mean" } else { "posterior mean" },
            interval,
            overdose: Some(format!("P(overdosing, > {})", options.target_upper)),
        }),
        _ => Some(Headings { estimate: "isotonic estimate", interval, overdose: exceeds }),
    }
}

/// An interval of a kind with its level.
pub(super) fn interval_words(level: f64, kind: &str) -> String {
    format!("{}% {kind} interval", fixed(100.0 * level, 0))
}

/// Counts and estimates at every dose.
pub(super) fn table(plan: &Plan, state: &State, selection: &Selection, headings: Option<&Headings>) -> Table {
    let mut table = Table::new([("dose", "dose"), ("n", "n"), ("dlt", "DLT"), ("rate", "rate")]);
    if headings.is_none() {
        table.add_column("lower", format!("{}: lower", exact_words()));
        table.add_column("upper", "upper");
    }
    if let Some(headings) = headings {
        table.add_column("estimate", headings.estimate);
        table.add_column("lower", format!("{}: lower", headings.interval));
        table.add_column("upper", "upper");
        if let Some(overdose) = &headings.overdose {
            table.add_column("prob_too_toxic", overdose.clone());
        }
    }
    table.add_column("status", "");
    for (dose, label) in plan.labels.iter().enumerate() {
        let tally = state.tally(DoseLevel(dose));
        let mut row = vec![Cell::text(label), Cell::count(tally.n), Cell::count(tally.dlt), Cell::maybe(tally.rate())];
        if let Some(headings) = headings {
            let at = |values: &[Option<f64>]| Cell::maybe(values.get(dose).copied().flatten());
            let interval = selection.intervals.get(dose).copied().flatten();
            row.extend([
                at(&selection.estimates),
                Cell::maybe(interval.map(|(lower, _)| lower)),
                Cell::maybe(interval.map(|(_, upper)| upper)),
            ]);
            row.extend(headings.overdose.as_ref().map(|_| at(&selection.prob_overdose)));
        }
        if headings.is_none() {
            row.extend(ends(exact(tally.dlt, tally.n)));
        }
        row.push(Cell::Text(status(plan, state, selection, DoseLevel(dose))));
        table.rows.push(row);
    }
    table
}

/// Eliminated doses, and where the trial is.
fn status(plan: &Plan, state: &State, selection: &Selection, dose: DoseLevel) -> String {
    let unacceptable = selection.eliminated.get(dose.0).copied().unwrap_or(false);
    let closed = if matches!(plan.options, DesignOptions::Blrm(_)) { "not eligible" } else { "eliminated" };
    let words =
        [(state.total() > 0 && dose == state.current).then_some("current"), (state.is_eliminated(dose) || unacceptable).then_some(closed)];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The cohorts of a history with the decisions after them.
pub(super) fn cohorts(plan: &Plan, trial: &Trial) -> Section {
    let mut table = Table::new([
        ("cohort", "cohort"),
        ("dose", "dose"),
        ("n", "n"),
        ("dlt", "DLT"),
        ("decision", "decision"),
        ("next_dose", "next dose"),
        ("departs", ""),
    ]);
    for (number, step) in (1_u64..).zip(&trial.steps) {
        let departs = match step.asked_for {
            Some(dose) if dose == step.cohort.dose => String::new(),
            Some(dose) => format!("the design asked for {}", plan.label(dose)),
            None => "the design had stopped".to_owned(),
        };
        table.rows.push(vec![
            Cell::Count(number),
            Cell::Text(plan.label(step.cohort.dose)),
            Cell::count(step.cohort.tally.n),
            Cell::count(step.cohort.tally.dlt),
            Cell::text(verb(step.after.next.decision)),
            step.after.next.dose.map_or(Cell::Absent, |dose| Cell::Text(plan.label(dose))),
            Cell::Text(departs),
        ]);
    }
    Section::new("cohorts", "Cohorts so far").table(table)
}

/// What follows, and why.
pub(super) fn next(plan: &Plan, answer: &Answer) -> Section {
    let section = Section::new("next", "What follows").fact("decision", "decision", Cell::text(verb(answer.next.decision)));
    let section = match answer.next.dose {
        Some(dose) => section
            .fact("next_dose", "next dose", Cell::Text(plan.label(dose)))
            .fact("next_dose_level", "dose level", Cell::Count(dose.0 as u64 + 1))
            .fact("next_cohort_size", "patients of the next cohort", Cell::count(answer.size)),
        None => section.fact("next_dose", "next dose", Cell::text("none: the trial stops")),
    };
    section.fact("reason", "because", Cell::text(&answer.reason))
}

/// The selected dose with what it rests on.
pub(super) fn selection(
    plan: &Plan,
    state: &State,
    selected: Option<DoseLevel>,
    selection: &Selection,
    headings: Option<&Headings>,
) -> Section {
    let section = Section::new("selection", "Selected dose (maximum tolerated dose)");
    let Some(dose) = selected else {
        return section.fact("mtd", "selected", Cell::text("none")).note("No dose is acceptable on these counts.");
    };
    let section =
        section.fact("mtd", "selected", Cell::Text(plan.label(dose))).fact("mtd_level", "dose level", Cell::Count(dose.0 as u64 + 1));
    let estimate = selection.estimates.get(dose.0).copied().flatten();
    let Some(headings) = headings else {
        let tally = state.tally(dose);
        let [lower, upper] = ends(exact(tally.dlt, tally.n));
        return section
            .fact("estimate", "observed DLT rate", Cell::maybe(estimate))
            .fact("lower", format!("{}: lower", exact_words()), lower)
            .fact("upper", format!("{}: upper", exact_words()), upper);
    };
    let interval = selection.intervals.get(dose.0).copied().flatten();
    let section = section
        .fact("estimate", headings.estimate, Cell::maybe(estimate))
        .fact("lower", format!("{}: lower", headings.interval), Cell::maybe(interval.map(|(lower, _)| lower)))
        .fact("upper", format!("{}: upper", headings.interval), Cell::maybe(interval.map(|(_, upper)| upper)));
    match &headings.overdose {
        Some(overdose) => {
            section.fact("prob_too_toxic", overdose.clone(), Cell::maybe(selection.prob_overdose.get(dose.0).copied().flatten()))
        }
        None => section,
    }
}

/// Exact interval of an observed rate; none without patients.
pub(super) fn exact(count: u32, n: u32) -> Option<(f64, f64)> {
    interval(ProportionMethod::ClopperPearson, count.into(), n.into(), RATE_INTERVAL_LEVEL).ok()
}

/// What [`exact`] is called.
pub(super) fn exact_words() -> String {
    format!("exact {}", interval_words(RATE_INTERVAL_LEVEL, "confidence"))
}

/// The ends of an interval.
pub(super) fn ends(interval: Option<(f64, f64)>) -> [Cell; 2] {
    [Cell::maybe(interval.map(|(lower, _)| lower)), Cell::maybe(interval.map(|(_, upper)| upper))]
}
