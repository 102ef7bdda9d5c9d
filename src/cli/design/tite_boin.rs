//! TITE-BOIN: its table with pending patients, and what follows while some are pending.

use super::arguments::Question;
use super::counts;
use super::document::{Cell, Document, Section, Table};
use super::pending::{PendingCohort, has_pending, read_pending, tallies};
use super::plan::Plan;
use crate::analysis::escalation::decision_words::verb;
use crate::analysis::escalation::design::tite_boin::{PendingTally, TiteAssessment, TiteBoin, TiteNext, TiteVariant};
use crate::analysis::escalation::design::{CountDesign, Decision, Tally};
use crate::config::{DesignOptions, TiteBoinVariant};
use crate::render::number::fixed;

/// Patients up to which the table with pending patients goes unless all are asked for.
const CUSTOMARY_ROWS: u32 = 12;

/// Answers a question to TITE-BOIN; `complete` is BOIN, which it is once follow-up is complete.
pub(super) fn answer<D: CountDesign + ?Sized>(
    plan: &Plan,
    design: &TiteBoin,
    complete: &D,
    question: &Question,
) -> anyhow::Result<Document> {
    if let Some(history) = question.history.as_deref().filter(|history| has_pending(history)) {
        if question.paths.is_some() || question.select {
            anyhow::bail!("--paths and --select need complete follow-up: leave the pending patients out, or ask for what follows now");
        }
        return of_pending(plan, design, &read_pending(history, plan.labels.len())?);
    }
    let mut document = counts::answer(plan, complete, question)?;
    if (question.history.is_none() && question.paths.is_none() && question.truth.is_none()) || question.full {
        document.sections.push(pending_table(plan, design, question.full)?);
    }
    Ok(document)
}

/// What each number of pending patients needs to go on, by counts at the current dose.
fn pending_table(plan: &Plan, design: &TiteBoin, full: bool) -> anyhow::Result<Section> {
    let mut table = Table::new([
        ("n", "patients treated"),
        ("dlt", "with DLT"),
        ("pending", "pending"),
        ("escalate", "escalate"),
        ("stay", "stay"),
        ("de_escalate", "de-escalate"),
    ]);
    let size = plan.conduct.cohort_size;
    let last = if full { plan.conduct.max_n } else { plan.conduct.max_n.min(CUSTOMARY_ROWS) };
    for n in (size..=last).step_by(size as usize) {
        for dlt in 0..=n {
            let Some(group) = rows_of(plan, design, Tally { n, dlt })? else { break };
            table.rows.extend(group);
        }
    }
    let section =
        Section::new("pending_table", "With pending patients: total follow-up (in DLT windows, over the pending) that each decision needs");
    Ok(section.table(table).note(
        "`yes` is the decision whatever the follow-up. Accrual is suspended while more than the accepted share of a dose's patients is pending. \
         Counts that eliminate the dose are left out. --full goes up to the largest number of patients.",
    ))
}

/// The rows of one pair of counts, numbers of pending patients with the same decisions together; none where the counts eliminate the dose.
fn rows_of(plan: &Plan, design: &TiteBoin, treated: Tally) -> anyhow::Result<Option<Vec<Vec<Cell>>>> {
    if design.rule().eliminates(treated) {
        return Ok(None);
    }
    let mut groups: Vec<(u32, u32, [String; 3])> = Vec::new();
    for pending in 0..=treated.n - treated.dlt {
        let cells = if design.assess(&PendingTally::new(treated, pending, 0.0)?).suspend {
            ["suspend accrual".to_owned(), String::new(), String::new()]
        } else {
            needs(plan, design, treated, pending)?
        };
        match groups.last_mut() {
            Some((_, last, same)) if *same == cells => *last = pending,
            _ => groups.push((pending, pending, cells)),
        }
    }
    let row = |(first, last, [up, stay, down]): (u32, u32, [String; 3])| {
        let pending = if first == last { first.to_string() } else { format!("{first}-{last}") };
        vec![Cell::count(treated.n), Cell::count(treated.dlt), Cell::Text(pending), Cell::Text(up), Cell::Text(stay), Cell::Text(down)]
    };
    Ok(Some(groups.into_iter().map(row).collect()))
}

/// The follow-up that each of the three decisions needs.
fn needs(plan: &Plan, design: &TiteBoin, treated: Tally, pending: u32) -> anyhow::Result<[String; 3]> {
    let most = f64::from(pending);
    let assess = |follow_up: f64| PendingTally::new(treated, pending, follow_up).map(|tally| design.assess(&tally));
    let (none, all) = (assess(0.0)?, assess(most)?);
    let (least, greatest) = (none.decision, all.decision);
    if least == greatest {
        let yes = |decision: Decision| if least == decision { "yes".to_owned() } else { String::new() };
        return Ok([yes(Decision::Escalate), yes(Decision::Stay), yes(Decision::DeEscalate)]);
    }
    let (up, down) = thresholds(plan, design, treated, pending, &none);
    let (up_text, down_text) = (fixed(up, 2), fixed(down, 2));
    Ok([
        if greatest == Decision::Escalate { format!("≥ {up_text}") } else { String::new() },
        match (least, greatest) {
            (Decision::DeEscalate, Decision::Escalate) => format!("{down_text} to {up_text}"),
            (Decision::DeEscalate, _) => format!("> {down_text}"),
            _ => format!("< {up_text}"),
        },
        if least == Decision::DeEscalate { format!("≤ {down_text}") } else { String::new() },
    ])
}

/// Follow-up from which the design escalates, and up to which it de-escalates.
fn thresholds(plan: &Plan, design: &TiteBoin, treated: Tally, pending: u32, assessment: &TiteAssessment) -> (f64, f64) {
    match variant(plan) {
        TiteVariant::SingleMeanImputation => {
            (assessment.follow_up_to_escalate.unwrap_or(0.0), assessment.follow_up_to_de_escalate.unwrap_or(0.0))
        }
        // r / (n - c + s) meets a boundary at s = r / boundary - (n - c).
        TiteVariant::EffectiveSampleSize => {
            let followed = f64::from(treated.n - pending);
            let at = |boundary: f64| f64::from(treated.dlt) / boundary - followed;
            (at(design.rule().lambda_e()), at(design.rule().lambda_d()))
        }
    }
}

fn variant(plan: &Plan) -> TiteVariant {
    match &plan.options {
        DesignOptions::TiteBoin(options) if options.variant == TiteBoinVariant::EffectiveSampleSize => TiteVariant::EffectiveSampleSize,
        _ => TiteVariant::SingleMeanImputation,
    }
}

/// What follows on a history with pending patients.
fn of_pending(plan: &Plan, design: &TiteBoin, cohorts: &[PendingCohort]) -> anyhow::Result<Document> {
    let doses = plan.labels.len();
    let tallies = tallies(cohorts, doses)?;
    let current = cohorts.last().map_or(plan.conduct.start, |cohort| cohort.dose);
    let next = design.next(&tallies, current, None)?;
    let mut document = plan.document();
    let mut table = Table::new([
        ("dose", "dose"),
        ("n", "treated"),
        ("dlt", "with DLT"),
        ("pending", "pending"),
        ("follow_up", "their follow-up (windows)"),
        ("rate", rate_heading(plan)),
        ("status", ""),
    ]);
    for ((place, tally), label) in tallies.iter().enumerate().zip(&plan.labels) {
        let eliminated = next.eliminated_from.is_some_and(|lowest| place >= lowest.0);
        let words = [(place == current.0).then_some("current"), eliminated.then_some("eliminated")];
        table.rows.push(vec![
            Cell::text(label),
            Cell::count(tally.treated.n),
            Cell::count(tally.treated.dlt),
            Cell::count(tally.pending),
            Cell::Number(tally.follow_up, 2),
            Cell::maybe(rate(plan, design, tally)),
            Cell::Text(words.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        ]);
    }
    document.sections.extend(super::table::rate_boundaries(plan));
    document.sections.push(Section::new("state", "What is known of each dose").table(table));
    let treated: u32 = tallies.iter().map(|tally| tally.treated.n).sum();
    document.sections.push(what_follows(plan, design, &tallies, current.0, &next, treated));
    Ok(document)
}

fn rate_heading(plan: &Plan) -> &'static str {
    match variant(plan) {
        TiteVariant::SingleMeanImputation => "imputed rate",
        TiteVariant::EffectiveSampleSize => "rate over the effective number",
    }
}

/// The rate that decides at a dose.
fn rate(plan: &Plan, design: &TiteBoin, tally: &PendingTally) -> Option<f64> {
    let assessment = design.assess(tally);
    match variant(plan) {
        _ if tally.treated.n == 0 => None,
        TiteVariant::SingleMeanImputation => Some(assessment.imputed_rate),
        TiteVariant::EffectiveSampleSize => assessment.effective_rate,
    }
}

fn what_follows(plan: &Plan, design: &TiteBoin, tallies: &[PendingTally], current: usize, next: &TiteNext, treated: u32) -> Section {
    let here = tallies.get(current).copied().unwrap_or_default();
    let full = treated >= plan.conduct.max_n;
    let decision = match (full, next.suspend) {
        (true, _) => "stop: the trial is full",
        (_, true) => "suspend accrual",
        _ => verb(next.decision),
    };
    let section = Section::new("next", "What follows").fact("decision", "decision", Cell::text(decision));
    let section = match next.dose.filter(|_| !full) {
        Some(dose) => section
            .fact("next_dose", "next dose", Cell::Text(plan.label(dose)))
            .fact("next_dose_level", "dose level", Cell::Count(dose.0 as u64 + 1))
            .fact("suspend", "accrual suspended", Cell::Flag(next.suspend)),
        None => section.fact("next_dose", "next dose", Cell::text("none: no further cohort")),
    };
    section.fact("reason", "because", Cell::Text(reason(plan, design, &here, current, next)))
}

/// Why, in one sentence.
fn reason(plan: &Plan, design: &TiteBoin, here: &PendingTally, current: usize, next: &TiteNext) -> String {
    let label = plan.labels.get(current).map_or("", String::as_str);
    let seen = format!(
        "{} treated at {label}, {} with DLT, {} pending with {} windows of follow-up",
        here.treated.n,
        here.treated.dlt,
        here.pending,
        fixed(here.follow_up, 2)
    );
    if next.eliminated_from.is_some_and(|lowest| lowest.0 <= current) {
        return format!("{seen}: the counts eliminate the dose, pending patients counted as free of DLT");
    }
    let (lower, upper) = (fixed(design.rule().lambda_e(), 3), fixed(design.rule().lambda_d(), 3));
    let rate = rate(plan, design, here).map_or_else(|| "not known".to_owned(), |rate| fixed(rate, 3));
    let said = match design.assess(here).decision {
        Decision::Escalate => format!("is at or below {lower}"),
        Decision::DeEscalate => format!("is at or above {upper}"),
        _ => format!("lies between {lower} and {upper}"),
    };
    let waits = match (next.suspend, design.assess(here).suspend) {
        (true, true) => "; too many are pending to act on it",
        (true, false) => "; there is no lower dose, and accrual waits for the pending patients",
        _ => "",
    };
    format!("{seen}: the {} {rate} {said}{waits}", rate_heading(plan))
}
