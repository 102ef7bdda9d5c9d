//! Operating characteristics under an assumed truth, in the measures and words of `dosecase simulate`.

use anyhow::{anyhow, bail};

use super::arguments::{AssumedArguments, Question};
use super::document::{Cell, Section, Table};
use super::plan::Plan;
use crate::analysis::escalation::design::{Accrual, Arrival, CharacteristicsMethod};
use crate::analysis::escalation::design_comparison::{ComparedScenario, ConductedDesign, DesignComparison};
use crate::analysis::escalation::trial_characteristics::{
    CorrectSelection, TrialCalendar, TrialCharacteristics, TrialEfficacy, TrialScenario, characteristics,
};
use crate::analysis::escalation::trial_design::TrialRule;
use crate::config::scenarios::{AssumedScenario, ComparedDesign};
use crate::render::simulation::{DurationUnit, above_target_note, correct, correct_dose_note, draw_comparison, performance, result_notes};

/// Operating characteristics of the design as a part of an answer.
pub(super) fn section(plan: &Plan, question: &Question, truth: &[f64]) -> anyhow::Result<Section> {
    let scenario = scenario(plan, question, truth)?;
    let found = characteristics(&plan.design, &scenario, question.simulation.simulation())?;
    let correct_dose = found.correct.map(|_| correct(found.correct, &plan.labels));
    let efficacy = scenario.efficacy.as_ref().map(|efficacy| efficacy.probability.as_slice());
    let marked: Vec<usize> = match found.correct {
        Some(CorrectSelection::Dose(dose)) => vec![dose.0],
        Some(CorrectSelection::NoDose) | None => Vec::new(),
    };
    let table = by_dose("dose", &plan.labels, &found, efficacy, &marked);
    let mut section = facts(&found, correct_dose.map(|dose| ("correct", "correct dose", Cell::Text(dose)))).table(table);
    match found.target {
        Some(target) if !looks_at_utility(plan) => section.notes.push(correct_dose_note(target)),
        Some(_) => {}
        None => section.notes.push("3+3 has no target: give --target to see how often the right dose is selected.".to_owned()),
    }
    if let (TrialRule::Blrm(_), None) = (plan.design.rule(), plan.judged_by) {
        section.notes.push("The target is the middle of the target interval.".to_owned());
    }
    section.notes.extend(found.target.map(above_target_note));
    section.notes.extend(result_notes(&[&found], DurationUnit::Windows));
    if matches!(plan.design.rule(), TrialRule::Backfill { .. }) {
        section.notes.push("Backfilled patients come on top of the cohorts, whose patients alone are limited.".to_owned());
    }
    Ok(section)
}

/// How often the design selects each dose, drawn.
pub(super) fn draw(plan: &Plan, question: &Question, truth: &[f64]) -> anyhow::Result<String> {
    let scenario = scenario(plan, question, truth)?;
    let target = scenario.target.or(plan.design.target()).ok_or_else(|| {
        anyhow!(
            "the figure of --truth shows which doses are above the target, and {} has none of its own: give --target",
            plan.design.label()
        )
    })?;
    let found = characteristics(&plan.design, &scenario, question.simulation.simulation())?;
    let TrialEfficacy { probability, odds_ratio } =
        scenario.efficacy.unwrap_or(TrialEfficacy { probability: Vec::new(), odds_ratio: question.assumed.odds_ratio });
    let comparison = DesignComparison {
        target,
        doses: plan.labels.clone(),
        designs: vec![ConductedDesign {
            written: ComparedDesign { id: "design".to_owned(), label: None, design: plan.options.clone() },
            conduct: *plan.design.conduct(),
            max_n_stated: plan.design.max_n_stated(),
        }],
        scenarios: vec![ComparedScenario {
            assumed: AssumedScenario {
                id: "truth".to_owned(),
                label: Some("Assumed truth".to_owned()),
                toxicity: scenario.toxicity,
                efficacy: (!probability.is_empty()).then_some(probability),
                efficacy_odds_ratio: odds_ratio,
            },
            results: vec![found],
        }],
    };
    let figure = draw_comparison(&comparison)?.into_iter().next();
    figure.ok_or_else(|| anyhow!("there is nothing to draw"))
}

fn looks_at_utility(plan: &Plan) -> bool {
    matches!(plan.design.rule(), TrialRule::Boin12(_))
}

/// What the command assumes; refuses what the design has no use for, and says what it needs.
fn scenario(plan: &Plan, question: &Question, truth: &[f64]) -> anyhow::Result<TrialScenario> {
    let AssumedArguments { accrual, efficacy, odds_ratio } = &question.assumed;
    let label = plan.design.label();
    let rule = plan.design.rule();
    let calendar = match (matches!(rule, TrialRule::TiteBoin { .. } | TrialRule::TiteCrm { .. } | TrialRule::Backfill { .. }), accrual) {
        (true, Some(rate)) => Some(TrialCalendar { window: 1.0, accrual: Accrual::new(*rate, Arrival::Poisson)? }),
        (true, None) => bail!(
            "the characteristics of {label} depend on time: give --accrual, the patients that arrive per DLT window, such as --accrual 4"
        ),
        (false, Some(_)) => bail!("{label} waits for every cohort, so that its characteristics do not depend on time: leave --accrual out"),
        (false, None) => None,
    };
    let efficacy = match (matches!(rule, TrialRule::Boin12(_) | TrialRule::Backfill { .. }), efficacy) {
        (true, Some(probability)) => Some(TrialEfficacy { probability: probability.clone(), odds_ratio: *odds_ratio }),
        (true, None) => bail!(
            "the characteristics of {label} depend on efficacy: give --efficacy, its true probability at each dose, such as --efficacy 0.2,0.4"
        ),
        (false, Some(_)) => bail!("{label} does not look at efficacy: leave --efficacy out"),
        (false, None) => None,
    };
    Ok(TrialScenario { toxicity: truth.to_vec(), efficacy, calendar, target: plan.judged_by })
}

/// How the result was computed, what was to be selected, and the measures of the trial as a whole.
pub(super) fn facts(found: &TrialCharacteristics, correct: impl IntoIterator<Item = (&'static str, &'static str, Cell)>) -> Section {
    let section = Section::new("characteristics", "Operating characteristics");
    let mut section = match &found.method {
        CharacteristicsMethod::Exact { .. } => section.fact("method", "computed", Cell::text("exact")),
        CharacteristicsMethod::Simulated { trials, seed, .. } => section
            .fact("method", "computed", Cell::text("simulated"))
            .fact("trials", "trials", Cell::count(*trials))
            .fact("seed", "seed", Cell::Count(*seed)),
    };
    for (key, label, value) in correct {
        section = section.fact(key, label, value);
    }
    for measure in performance(found, DurationUnit::Windows) {
        if let Some((value, shown)) = measure.value.zip(measure.shown) {
            section = section.fact(measure.key, measure.label, Cell::Shown { value, shown, standard_error: measure.standard_error });
        }
    }
    let none = Cell::percent(found.prob_none, found.standard_errors().map(|errors| errors.prob_no_mtd));
    section.fact("none_selected", "No dose selected, %", none)
}

/// Selection, patients and toxicities at each dose or pair of doses; the places of the correct ones are marked.
pub(super) fn by_dose(named: &str, labels: &[String], found: &TrialCharacteristics, efficacy: Option<&[f64]>, correct: &[usize]) -> Table {
    let mut table = Table::new([(named, named), ("true_toxicity", "true P(DLT)")]);
    if efficacy.is_some() {
        table.add_column("true_efficacy", "true P(efficacy)");
    }
    table.add_column("selected", "Selected, %");
    table.add_column("patients", "Patients, mean");
    table.add_column("toxicities", "DLTs, mean");
    if found.mean_efficacies.is_some() {
        table.add_column("efficacies", "Efficacies, mean");
    }
    let at = |values: &[f64], dose: usize| values.get(dose).copied().unwrap_or(f64::NAN);
    let errors = found.standard_errors();
    for (dose, label) in labels.iter().enumerate() {
        let mean = |values: &[f64], errors: Option<&[f64]>| Cell::mean(at(values, dose), errors.map(|errors| at(errors, dose)));
        let selected = Cell::percent(at(&found.select_prob, dose), errors.map(|errors| at(&errors.select_prob, dose)));
        let mut row = vec![Cell::text(label), Cell::probability(at(&found.toxicity, dose))];
        row.extend(efficacy.map(|efficacy| Cell::probability(at(efficacy, dose))));
        row.push(selected.marked(correct.contains(&dose)));
        row.push(mean(&found.mean_n, errors.map(|errors| errors.mean_n.as_slice())));
        row.push(mean(&found.mean_tox, errors.map(|errors| errors.mean_tox.as_slice())));
        row.extend(found.mean_efficacies.as_ref().map(|efficacies| mean(efficacies, None)));
        table.rows.push(row);
    }
    table
}
