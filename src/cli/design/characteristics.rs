//! Operating characteristics under a true curve of toxicity.

use anyhow::{anyhow, bail};

use super::arguments::Question;
use super::document::{Cell, Section, Table};
use super::plan::Plan;
use crate::analysis::escalation::design::backfill::BackfillBoin;
use crate::analysis::escalation::design::backfill_simulation::{BackfillScenario, simulate_backfill};
use crate::analysis::escalation::design::crm_characteristics;
use crate::analysis::escalation::design::simulate::{Simulation, operating_characteristics, simulate};
use crate::analysis::escalation::design::tite_boin_simulation::{TiteScenario, simulate_tite_boin};
use crate::analysis::escalation::design::tite_crm_simulation::{Arrivals, TiteConduct, simulate_tite};
use crate::analysis::escalation::design::{
    Accrual, Arrival, CalendarCharacteristics, CharacteristicsMethod, Conduct, OperatingCharacteristics, StandardErrors,
};
use crate::analysis::escalation::trial_design::TrialRule;
use crate::config::DesignOptions;

/// Trials of a model whose posterior takes long, unless told otherwise.
const FEWER_TRIALS: u32 = 1000;

/// Operating characteristics of the design, exact where its paths can be enumerated.
pub(super) fn section(plan: &Plan, question: &Question, truth: &[f64]) -> anyhow::Result<Section> {
    let simulation = question.simulation.simulation(None);
    match plan.design.rule() {
        TrialRule::Counts { design, .. } => {
            let conduct = with_rule_of_three(plan);
            Ok(of_counts(plan, truth, &operating_characteristics(design.as_ref(), &conduct, truth, simulation)?))
        }
        TrialRule::Crm(design) => {
            Ok(of_counts(plan, truth, &crm_characteristics::operating_characteristics(design, &plan.conduct, truth, simulation)?))
        }
        TrialRule::Blrm(design) => {
            let simulation = question.simulation.simulation(Some(FEWER_TRIALS));
            Ok(of_counts(plan, truth, &simulate(design, &plan.conduct, truth, simulation)?))
        }
        TrialRule::TiteBoin { design, .. } => {
            let scenario = TiteScenario { toxicity: truth.to_vec(), window: 1.0, accrual: accrual(question)? };
            Ok(of_calendar(plan, truth, &simulate_tite_boin(design, &scenario, &plan.conduct, simulation)?))
        }
        TrialRule::TiteCrm { design, scheme } => {
            let Conduct { start, max_n, .. } = plan.conduct;
            let arrivals = Arrivals::Random(accrual(question)?);
            let conduct = TiteConduct { start, patients: max_n, window: 1.0, scheme: *scheme, arrivals };
            Ok(of_calendar(plan, truth, &simulate_tite(design, &conduct, truth, simulation)?))
        }
        TrialRule::Backfill { design, .. } => backfill(plan, question, truth, design, simulation),
        TrialRule::Boin12(_) => {
            bail!("the operating characteristics of BOIN12 are not computed: leave --truth out, and ask for its table or about a --history")
        }
    }
}

/// 3+3 ends by itself: its largest number of patients never binds.
fn with_rule_of_three(plan: &Plan) -> Conduct {
    let doses = u32::try_from(plan.labels.len()).unwrap_or(u32::MAX);
    match plan.options {
        DesignOptions::ThreePlusThree(_) => Conduct { max_n: 6 * doses, ..plan.conduct },
        _ => plan.conduct,
    }
}

fn accrual(question: &Question) -> anyhow::Result<Accrual> {
    let rate = question.simulation.accrual.ok_or_else(|| {
        anyhow!("the characteristics of this design depend on time: give --accrual, the patients that arrive per DLT window, such as --accrual 4")
    })?;
    Ok(Accrual::new(rate, Arrival::Poisson)?)
}

fn backfill(plan: &Plan, question: &Question, truth: &[f64], design: &BackfillBoin, simulation: Simulation) -> anyhow::Result<Section> {
    let response = question.simulation.response.clone().ok_or_else(|| {
        anyhow!("backfill opens a dose when a response is seen at it: give --response, the true probabilities of response by dose")
    })?;
    let scenario = BackfillScenario { toxicity: truth.to_vec(), response, window: 1.0, accrual: accrual(question)? };
    let section = of_calendar(plan, truth, &simulate_backfill(design, &scenario, &plan.conduct, simulation)?);
    Ok(section.note("Backfilled patients come on top of the cohorts, whose patients alone are limited."))
}

fn of_calendar(plan: &Plan, truth: &[f64], found: &CalendarCharacteristics) -> Section {
    of_counts(plan, truth, &found.counts)
        .fact("mean_duration", "mean duration of the trial, in DLT windows", Cell::Number(found.mean_duration, 1))
        .fact("mean_duration_se", "  its Monte-Carlo standard error", Cell::Number(found.duration_standard_error, 2))
}

fn of_counts(plan: &Plan, truth: &[f64], found: &OperatingCharacteristics) -> Section {
    let errors = match &found.method {
        CharacteristicsMethod::Exact { .. } => None,
        CharacteristicsMethod::Simulated { standard_errors, .. } => Some(standard_errors.as_ref()),
    };
    let mut section = Section::new("characteristics", "Operating characteristics")
        .fact("method", "method", Cell::Text(method(&found.method)))
        .table(by_dose(plan, truth, found, errors));
    let (none, stopped) = (found.prob_no_mtd, found.prob_stopped_early_toxic);
    section = section.fact("prob_no_dose_selected", "probability that no dose is selected", Cell::probability(none));
    section = error(section, "prob_no_dose_selected_se", 4, errors.map(|errors| errors.prob_no_mtd));
    section = section.fact("prob_stopped_for_toxicity", "probability of stopping early for toxicity", Cell::probability(stopped));
    section = error(section, "prob_stopped_for_toxicity_se", 4, errors.map(|errors| errors.prob_stopped_early_toxic));
    section = section.fact("mean_patients", "mean number of patients", Cell::Number(found.mean_total_n, 2));
    section = error(section, "mean_patients_se", 3, errors.map(|errors| errors.mean_total_n));
    section = section.fact("mean_dlt", "mean number of patients with DLT", Cell::Number(found.mean_total_tox, 2));
    error(section, "mean_dlt_se", 3, errors.map(|errors| errors.mean_total_tox))
}

/// The simulation error of the fact before it, where there is one.
fn error(section: Section, key: &'static str, decimals: usize, error: Option<f64>) -> Section {
    match error {
        Some(error) => section.fact(key, "  its Monte-Carlo standard error", Cell::Number(error, decimals)),
        None => section,
    }
}

fn method(method: &CharacteristicsMethod) -> String {
    match method {
        CharacteristicsMethod::Exact { end_states } if *end_states > 0 => {
            format!("exact: every path of the trial with its probability ({end_states} distinct ends)")
        }
        CharacteristicsMethod::Exact { .. } => "exact: every path of the trial with its probability".to_owned(),
        CharacteristicsMethod::Simulated { trials, seed, .. } => format!("simulated: {trials} trials, seed {seed}"),
    }
}

fn by_dose(plan: &Plan, truth: &[f64], found: &OperatingCharacteristics, errors: Option<&StandardErrors>) -> Table {
    let mut table = Table::new([
        ("dose", "dose"),
        ("true_dlt_probability", "true P(DLT)"),
        ("prob_selected", "P(selected)"),
        ("mean_patients", "mean patients"),
        ("percent_patients", "% of patients"),
        ("mean_dlt", "mean DLTs"),
    ]);
    let shares = found.percent_patients();
    let at = |values: &[f64], dose: usize| values.get(dose).copied().unwrap_or(f64::NAN);
    for (dose, label) in plan.labels.iter().enumerate() {
        table.rows.push(vec![
            Cell::text(label),
            Cell::probability(at(truth, dose)),
            Cell::probability(at(&found.select_prob, dose)),
            Cell::Number(at(&found.mean_n, dose), 2),
            Cell::Number(at(&shares, dose), 1),
            Cell::Number(at(&found.mean_tox, dose), 2),
        ]);
    }
    if let Some(errors) = errors {
        let columns =
            [("prob_selected_se", "SE P(selected)", &errors.select_prob, 4), ("mean_patients_se", "SE mean patients", &errors.mean_n, 3)];
        for (key, heading, values, decimals) in columns {
            table.add_column(key, heading);
            for (dose, row) in table.rows.iter_mut().enumerate() {
                if let Some(last) = row.last_mut() {
                    *last = Cell::Number(at(values, dose), decimals);
                }
            }
        }
    }
    table
}
