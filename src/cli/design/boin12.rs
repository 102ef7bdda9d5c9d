//! BOIN12: desirability of every outcome, and what follows on both outcomes of the patients so far.

use anyhow::{anyhow, bail};

use super::arguments::Question;
use super::document::{Cell, Document, Section, Table};
use super::plan::Plan;
use super::{characteristics, state};
use crate::analysis::escalation::decision_words::explain_boin12;
use crate::analysis::escalation::design::DoseLevel;
use crate::analysis::escalation::design::boin12::{Boin12, Boin12Next, IsotonicWeight};
use crate::analysis::escalation::design::boin12_desirability::{JointTally, desirability_table};
use crate::analysis::escalation::design::outcomes::read_history;
use crate::config::{Boin12Options, DesignOptions};

/// Patients at a dose up to which the table goes unless all are asked for.
const CUSTOMARY_ROWS: u32 = 12;

/// What the form of a history looks like.
const FORM: &str = "write patients:toxicities:efficacies such as `3:1:1`, a fourth number for those with both such as `3:1:1:0`, and the dose before \
    it where the rule was not followed, such as `2@3:1:1`";

/// Answers a question to BOIN12.
pub(super) fn answer(plan: &Plan, design: &Boin12, question: &Question) -> anyhow::Result<Document> {
    if question.paths.is_some() {
        bail!("dose-transition paths of BOIN12 branch over both outcomes and are not listed: ask for the table or about a --history");
    }
    let mut document = plan.document();
    let desirability = design.desirability();
    document.sections.push(
        Section::new("boundaries", "Scale")
            .fact("utility_benchmark", "utility that a dose should exceed (scale to 100)", Cell::Plain(desirability.benchmark()))
            .fact(
                "prob_untried",
                "probability that an untried dose exceeds it",
                Cell::probability(desirability.prob_above_benchmark(&JointTally::default())?),
            ),
    );
    match (&question.history, &question.truth) {
        (Some(history), _) => document.sections.extend(of_history(plan, design, history, question.select)?),
        (None, Some(truth)) => {
            if question.full {
                document.sections.push(ranks(plan, design, true)?);
            }
            document.sections.push(characteristics::section(plan, question, truth)?);
        }
        (None, None) => document.sections.push(ranks(plan, design, question.full)?),
    }
    Ok(document)
}

/// The rank-based desirability score of every outcome at full cohorts.
fn ranks(plan: &Plan, design: &Boin12, full: bool) -> anyhow::Result<Section> {
    let section = Section::new("decision_table", "Rank-based desirability scores (RDS)");
    if !additive(plan) {
        return Ok(section.note(
            "These utilities do not add up to 100, so that the numbers with DLT and with efficacy do not give the utility of a dose and there is no \
             table by them: --history with the number of patients who had both answers what follows.",
        ));
    }
    let size = plan.conduct.cohort_size;
    let last = if full { plan.conduct.max_n } else { plan.conduct.max_n.min(CUSTOMARY_ROWS.max(size)) };
    let sizes: Vec<u32> = (0..=last).step_by(size as usize).collect();
    let mut table = Table::new([
        ("n", "patients"),
        ("dlt", "with DLT"),
        ("efficacy", "with efficacy"),
        ("score", "RDS"),
        ("prob_above_benchmark", "P(utility > benchmark)"),
        ("admissible", "admissible"),
    ]);
    for row in desirability_table(design.desirability(), &sizes)? {
        table.rows.push(vec![
            Cell::count(row.n),
            Cell::count(row.toxicities),
            Cell::count(row.efficacies),
            row.score.map_or(Cell::Absent, |score| Cell::Number(score, 1)),
            Cell::probability(row.prob_above_benchmark),
            Cell::Flag(row.admissible),
        ]);
    }
    Ok(section.table(table).note(
        "The score is the rank of P(utility > benchmark) among the admissible rows of this table, ties averaged: scores of tables with other \
         sizes must not be compared, the probabilities may.",
    ))
}

/// A cohort with both outcomes.
#[derive(Debug, Clone, Copy)]
struct JointCohort {
    dose: Option<DoseLevel>,
    tally: JointTally,
}

fn of_history(plan: &Plan, design: &Boin12, history: &str, select: bool) -> anyhow::Result<Vec<Section>> {
    let doses = plan.labels.len();
    let cohorts = read(plan, history)?;
    let mut tallies = vec![JointTally::default(); doses];
    let mut current = plan.conduct.start;
    let mut next = design.next(&tallies, current)?;
    for (number, cohort) in (1..).zip(&cohorts) {
        let stopped = || {
            anyhow!(
                "the design stops after cohort {} of the history, so that it sends cohort {number} nowhere: end the history there, or write the dose of the cohort; {FORM}",
                number - 1
            )
        };
        current = cohort.dose.or(next.dose).ok_or_else(stopped)?;
        if let Some(tally) = tallies.get_mut(current.0) {
            *tally = added(*tally, cohort.tally);
        }
        next = design.next(&tallies, current)?;
    }
    let treated: u32 = tallies.iter().map(JointTally::n).sum();
    let full = treated >= plan.conduct.max_n;
    let mut sections = vec![known(plan, design, &tallies, current, &next)?, what_follows(plan, &tallies, current, &next, full)];
    if select || full || next.dose.is_none() {
        sections.push(selection(plan, design, &tallies)?);
    }
    Ok(sections)
}

fn added(sum: JointTally, more: JointTally) -> JointTally {
    JointTally {
        efficacy_only: sum.efficacy_only + more.efficacy_only,
        neither: sum.neither + more.neither,
        both: sum.both + more.both,
        toxicity_only: sum.toxicity_only + more.toxicity_only,
    }
}

/// Reads `2@3:1:1` or `3:1:1:0`, cohort after cohort.
fn read(plan: &Plan, history: &str) -> anyhow::Result<Vec<JointCohort>> {
    let mut cohorts = Vec::new();
    for (number, piece) in (1..).zip(history.split_whitespace()) {
        let refused = |problem: String| anyhow!("cohort {number} of the history, `{piece}`: {problem}; {FORM}");
        let counts: Vec<&str> = piece.split(':').collect();
        let [n, dlt, efficacy, rest @ ..] = counts.as_slice() else {
            return Err(refused("this is no cohort with both outcomes".to_owned()));
        };
        // Patients and toxicities are read as in every other history.
        let items = read_history(&format!("{n}:{dlt}"), plan.labels.len()).map_err(|error| anyhow!("{error}"))?;
        let Some(item) = items.first() else { return Err(refused("this is no cohort".to_owned())) };
        let count = |text: &str| text.parse::<u32>().map_err(|_| refused(format!("`{text}` is no count")));
        let (patients, toxicities, efficacies) = (item.tally.n, item.tally.dlt, count(efficacy)?);
        let fewest = (toxicities + efficacies.min(patients)).saturating_sub(patients);
        let both = match rest {
            [] if additive(plan) || toxicities == 0 || efficacies == 0 => fewest,
            [] => return Err(refused("these utilities need the number with both outcomes".to_owned())),
            [both] => count(both)?,
            _ => return Err(refused("there are more than four numbers".to_owned())),
        };
        if efficacies > patients || both > toxicities.min(efficacies) || both < fewest {
            return Err(refused(format!("{efficacies} with efficacy, {both} of them with toxicity, among {patients} is impossible")));
        }
        let tally = JointTally {
            efficacy_only: efficacies - both,
            both,
            toxicity_only: toxicities - both,
            neither: patients + both - toxicities - efficacies,
        };
        cohorts.push(JointCohort { dose: item.dose, tally });
    }
    Ok(cohorts)
}

/// Whether the utility follows from the two rates alone, so that who had both does not matter.
fn additive(plan: &Plan) -> bool {
    match &plan.options {
        DesignOptions::Boin12(Boin12Options { utility_neither, utility_both, .. }) => (utility_neither + utility_both - 100.0).abs() < 1e-9,
        _ => false,
    }
}

fn known(plan: &Plan, design: &Boin12, tallies: &[JointTally], current: DoseLevel, next: &Boin12Next) -> anyhow::Result<Section> {
    let estimated = design.select(tallies, IsotonicWeight::Patients)?;
    let mut table = Table::new([
        ("dose", "dose"),
        ("n", "n"),
        ("dlt", "DLT"),
        ("efficacy", "efficacy"),
        ("toxicity_estimate", "isotonic DLT rate"),
        ("mean_utility", "mean utility"),
        ("prob_above_benchmark", "P(utility > benchmark)"),
        ("admissible", "admissible"),
        ("status", ""),
    ]);
    for ((dose, tally), label) in tallies.iter().enumerate().zip(&plan.labels) {
        let number = |values: &[Option<f64>]| values.get(dose).copied().flatten();
        table.rows.push(vec![
            Cell::text(label),
            Cell::count(tally.n()),
            Cell::count(tally.toxicities()),
            Cell::count(tally.efficacies()),
            Cell::maybe(number(&estimated.toxicity)),
            number(&estimated.utility).map_or(Cell::Absent, |utility| Cell::Number(utility, 1)),
            Cell::maybe(next.prob_above_benchmark.get(dose).copied()),
            Cell::Flag(next.admissible.get(dose).copied().unwrap_or(false)),
            Cell::text(if dose == current.0 { "current" } else { "" }),
        ]);
    }
    Ok(Section::new("state", "What is known of each dose").table(table))
}

fn what_follows(plan: &Plan, tallies: &[JointTally], current: DoseLevel, next: &Boin12Next, full: bool) -> Section {
    let section = Section::new("next", "What follows");
    if full {
        return section.fact("next_dose", "next dose", Cell::text("none: the trial is full")).fact(
            "reason",
            "because",
            Cell::Text(format!("the trial has its {} patients", plan.conduct.max_n)),
        );
    }
    let section = match next.dose {
        Some(dose) => section.fact("next_dose", "next dose", Cell::Text(plan.label(dose))).fact(
            "next_dose_level",
            "dose level",
            Cell::Count(dose.0 as u64 + 1),
        ),
        None => section.fact("next_dose", "next dose", Cell::text("none: the trial stops")),
    };
    section.fact("reason", "because", Cell::Text(explain_boin12(next, tallies, current, &plan.labels)))
}

fn selection(plan: &Plan, design: &Boin12, tallies: &[JointTally]) -> anyhow::Result<Section> {
    let selected = design.select(tallies, IsotonicWeight::Patients)?;
    let name = |dose: Option<DoseLevel>| dose.map_or_else(|| "none".to_owned(), |dose| plan.label(dose));
    let section = Section::new("selection", "Selected dose (optimal biological dose)")
        .fact("obd", "selected", Cell::Text(name(selected.obd)))
        .fact("mtd", "highest dose looked at (maximum tolerated dose)", Cell::Text(name(selected.mtd)));
    let Some(obd) = selected.obd else { return Ok(section.note("No dose is admissible on these counts.")) };
    let tally = tallies.get(obd.0).copied().unwrap_or_default();
    let rate = |count: u32| Cell::maybe((tally.n() > 0).then(|| f64::from(count) / f64::from(tally.n())));
    let [toxicity_lower, toxicity_upper] = state::ends(state::exact(tally.toxicities(), tally.n()));
    let [efficacy_lower, efficacy_upper] = state::ends(state::exact(tally.efficacies(), tally.n()));
    let utility = selected.utility.get(obd.0).copied().flatten();
    Ok(section
        .fact("mean_utility", "posterior mean utility", utility.map_or(Cell::Absent, |utility| Cell::Number(utility, 1)))
        .fact("dlt_rate", "observed DLT rate", rate(tally.toxicities()))
        .fact("dlt_lower", format!("  {}: lower", state::exact_words()), toxicity_lower)
        .fact("dlt_upper", format!("  {}: upper", state::exact_words()), toxicity_upper)
        .fact("efficacy_rate", "observed efficacy rate", rate(tally.efficacies()))
        .fact("efficacy_lower", format!("  {}: lower", state::exact_words()), efficacy_lower)
        .fact("efficacy_upper", format!("  {}: upper", state::exact_words()), efficacy_upper))
}
