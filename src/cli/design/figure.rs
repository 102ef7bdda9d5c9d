//! An answer as a figure: the decision grid with the counts of the trial, or the toxicity curve of a model.

use anyhow::{anyhow, bail};

use super::arguments::Question;
use super::follow::{Trial, follow};
use super::pending::{has_pending, read_pending, tallies};
use super::plan::Plan;
use super::table::Decisions;
use super::{characteristics, state};
use crate::analysis::escalation::design::outcomes::read_history;
use crate::analysis::escalation::design::{CountDesign, DoseLevel, Selection, State, Tally};
use crate::config::DesignOptions;
use crate::evidence::{
    Axis, CurvePoint, DltCount, DoseToxicity, FigureSpec, GridCell, GridPoint, PathStep, Plot, RecommendedDose, ToxicityCurve,
    ToxicityLabels,
};
use crate::render::figure::{FigureSize, draw};

/// Ratio of the highest to the lowest dose from which the dose axis is logarithmic.
const LOGARITHMIC_FROM: f64 = 8.0;

/// Draws what the design decides: on every count, or before and after the history where it looks at all doses.
///
/// # Errors
/// Says what a design has instead of a figure, and which questions have none.
pub(super) fn draw_answer(plan: &Plan, question: &Question) -> anyhow::Result<String> {
    if question.paths.is_some() {
        bail!("--paths have no figure: use --format text, md, csv or json, or ask for the figure of the decisions alone");
    }
    if let Some(truth) = &question.truth {
        return characteristics::draw(plan, question, truth);
    }
    let spec = match (Decisions::of(plan)?, plan.design.complete()) {
        (Some(decisions), _) => grid(plan, &decisions, &counts(plan, question)?),
        (None, Some(design)) => curve(plan, design, question)?,
        (None, None) => bail!(
            "{} has no decision grid by patients and DLTs, because it looks at efficacy as well: use --format text, md, csv or json",
            plan.design.label()
        ),
    };
    // Legible columns for as many patients as a page on its side has room for.
    Ok(draw(&spec, FigureSize::LANDSCAPE)?)
}

fn axis(label: &str) -> Axis {
    Axis { label: label.to_owned(), log: false, range: None }
}

/// Counts of the history at each dose, patients with pending follow-up included.
fn counts(plan: &Plan, question: &Question) -> anyhow::Result<Vec<Tally>> {
    let doses = plan.labels.len();
    match &question.history {
        None => Ok(Vec::new()),
        Some(history) if has_pending(history) => {
            Ok(tallies(&read_pending(history, doses)?, doses)?.iter().map(|tally| tally.treated).collect())
        }
        Some(_) => {
            let design = plan.design.complete().ok_or_else(|| anyhow!("the counts of this design cannot be drawn"))?;
            Ok(trial(plan, design, question)?.state.tallies)
        }
    }
}

fn trial<D: CountDesign + ?Sized>(plan: &Plan, design: &D, question: &Question) -> anyhow::Result<Trial> {
    follow(plan, design, &read_history(question.history.as_deref().unwrap_or_default(), design.doses())?)
}

fn grid(plan: &Plan, decisions: &Decisions, tallies: &[Tally]) -> FigureSpec {
    let cells: Vec<GridCell> =
        decisions.cells().map(|(tally, decision)| GridCell { n: tally.n, dlt: tally.dlt, action: decision.into() }).collect();
    let most = cells.iter().map(|cell| cell.n).max().unwrap_or(0);
    let seen = |(tally, label): (&Tally, &String)| (tally.n > 0).then(|| GridPoint { n: tally.n, dlt: tally.dlt, label: label.clone() });
    let observed: Vec<GridPoint> = tallies.iter().zip(&plan.labels).filter_map(seen).collect();
    let ringed: Vec<String> = observed.iter().map(|point| format!("{} of {} at {}", point.dlt, point.n, point.label)).collect();
    let counts = if ringed.is_empty() { String::new() } else { format!(" Observed: {}.", ringed.join(", ")) };
    FigureSpec {
        plot: Plot::DecisionGrid { n: axis("Patients evaluable for DLT at the dose"), dlt: axis("Patients with DLT"), cells, observed },
        alt: format!("Decisions of {} for every count of up to {most} patients at a dose.{counts}", plan.design.label()),
        source: Vec::new(),
    }
}

fn curve<D: CountDesign + ?Sized>(plan: &Plan, design: &D, question: &Question) -> anyhow::Result<FigureSpec> {
    if question.history.as_deref().is_some_and(has_pending) {
        bail!("pending patients have no figure: use --format text, md, csv or json");
    }
    let trial = trial(plan, design, question)?;
    let selection = design.select(&trial.state);
    let headings = state::headings(plan, trial.steps.is_empty(), &selection);
    let chosen = selection.mtd.filter(|_| question.select || trial.answer.next.dose.is_none());
    let recommended = chosen.map(|dose| RecommendedDose { dose: dose.0, label: "selected".to_owned() });
    let amounts = &plan.doses.amounts;
    let log =
        plan.doses.stated && amounts.first().zip(amounts.last()).is_some_and(|(lowest, highest)| highest / lowest >= LOGARITHMIC_FROM);
    let named = match (plan.doses.stated, plan.doses.unit) {
        (true, Some(unit)) => format!("Dose ({unit})"),
        (true, None) => "Dose".to_owned(),
        (false, _) => "Dose level".to_owned(),
    };
    let target_interval = match &plan.options {
        DesignOptions::Blrm(options) => Some((options.target_lower, options.target_upper)),
        _ => None,
    };
    let figure = ToxicityCurve {
        dose: Axis { log, ..axis(&named) },
        probability: axis("Probability of DLT"),
        target: plan.design.target().unwrap_or(f64::NAN),
        target_interval,
        doses: doses(plan, &trial.state, &selection),
        curve: Vec::new(),
        path: path(&trial),
        recommended,
        labels: ToxicityLabels {
            observed: format!("Observed rate, {}", state::exact_words()),
            posterior: headings
                .as_ref()
                .map_or_else(String::new, |headings| format!("{}, {}", capital(headings.estimate), headings.interval)),
            exceeds: headings.and_then(|headings| headings.overdose).unwrap_or_default(),
        },
    };
    let alt = format!(
        "Estimated probability of dose-limiting toxicity by dose under {} after {} patients. {}.",
        plan.design.label(),
        trial.state.total(),
        capital(&trial.answer.reason)
    );
    Ok(FigureSpec { plot: Plot::ToxicityCurve(Box::new(figure)), alt, source: Vec::new() })
}

fn doses(plan: &Plan, state: &State, selection: &Selection) -> Vec<DoseToxicity> {
    let of_dose = |(place, (dose, label)): (usize, (&f64, &String))| {
        let tally = state.tally(DoseLevel(place));
        let point = |estimate: f64, (lower, upper): (f64, f64)| CurvePoint { dose: *dose, estimate, lower, upper };
        let at = |values: &[Option<f64>]| values.get(place).copied().flatten();
        DoseToxicity {
            label: label.clone(),
            dose: *dose,
            n: tally.n,
            dlt: tally.dlt,
            observed: tally.rate().zip(state::exact(tally.dlt, tally.n)).map(|(rate, ends)| point(rate, ends)),
            posterior: at(&selection.estimates)
                .zip(selection.intervals.get(place).copied().flatten())
                .map(|(mean, ends)| point(mean, ends)),
            prob_exceeds: at(&selection.prob_overdose),
        }
    };
    plan.doses.amounts.iter().zip(&plan.labels).enumerate().map(of_dose).collect()
}

fn path(trial: &Trial) -> Vec<PathStep> {
    let mut so_far = vec![Tally::default(); trial.state.tallies.len()];
    let mut steps = Vec::new();
    for (position, step) in trial.steps.iter().enumerate() {
        let dose = step.cohort.dose;
        if let Some(tally) = so_far.get_mut(dose.0) {
            *tally = tally.plus(step.cohort.tally);
        }
        let at_dose = so_far.get(dose.0).map(|tally| DltCount { n: tally.n, dlt: tally.dlt });
        let after = trial.steps.get(position + 1);
        steps.push(PathStep {
            cohort: (position + 1).to_string(),
            dose: dose.0,
            n: step.cohort.tally.n,
            dlt: step.cohort.tally.dlt,
            at_dose,
            decision: step.after.next.decision.into(),
            overridden: after.is_some_and(|after| after.asked_for != Some(after.cohort.dose)),
        });
    }
    steps
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
