//! A comparison as figures: how often designs select each dose.

use crate::analysis::escalation::design_comparison::{ComparedScenario, DesignComparison};
use crate::analysis::escalation::trial_characteristics::TrialCharacteristics;
use crate::evidence::{
    Axis, FigureSpec, Plot, SCENARIOS_PER_FIGURE, ScenarioDose, SelectionResult, SelectionScenario, SelectionShare, TrueToxicity,
};
use crate::numerics::tolerance::tied;
use crate::render::figure::{FigureError, FigureSize, draw};

use super::words::{correct, counted, design_name, percent, scenario_name, target};

/// Width and greatest height of a sheet in inches.
const SHEET: (f64, f64) = (9.0, 11.0);

/// The sheets drawn as SVG.
///
/// # Errors
/// [`FigureError`] for more doses, designs or letters than a sheet has room for.
pub fn draw_comparison(comparison: &DesignComparison) -> Result<Vec<String>, FigureError> {
    let size = FigureSize::inches(SHEET.0, SHEET.1)?;
    comparison_figures(comparison).iter().map(|spec| draw(spec, size)).collect()
}

/// The figures, a sheet for every [`SCENARIOS_PER_FIGURE`] scenarios.
#[must_use]
pub fn comparison_figures(comparison: &DesignComparison) -> Vec<FigureSpec> {
    comparison.scenarios.chunks(SCENARIOS_PER_FIGURE).map(|scenarios| figure(comparison, scenarios)).collect()
}

fn figure(comparison: &DesignComparison, scenarios: &[ComparedScenario]) -> FigureSpec {
    let axis = |label: &str, range| Axis { label: label.to_owned(), log: false, range };
    FigureSpec {
        plot: Plot::Selection {
            selected: axis("Trials selecting the dose (%)", Some((0.0, 100.0))),
            patients: axis("mean number of patients", None),
            designs: comparison.designs.iter().map(design_name).collect(),
            scenarios: scenarios.iter().map(|scenario| facet(comparison, scenario)).collect(),
        },
        alt: alternative(comparison, scenarios),
        source: Vec::new(),
    }
}

fn facet(comparison: &DesignComparison, scenario: &ComparedScenario) -> SelectionScenario {
    let doses = comparison.doses.iter().zip(&scenario.assumed.toxicity);
    SelectionScenario {
        label: scenario_name(scenario),
        target: comparison.target,
        doses: doses
            .map(|(label, probability)| ScenarioDose {
                label: label.clone(),
                probability: *probability,
                standing: standing(*probability, comparison.target),
            })
            .collect(),
        results: scenario.results.iter().map(|result| Some(shares(result))).collect(),
    }
}

fn standing(probability: f64, target: f64) -> TrueToxicity {
    if tied(probability, target) {
        TrueToxicity::AtTarget
    } else if probability < target {
        TrueToxicity::Below
    } else {
        TrueToxicity::Above
    }
}

fn shares(result: &TrialCharacteristics) -> SelectionResult {
    let errors = result.standard_errors();
    let share = |share: f64, standard_error: Option<f64>| SelectionShare { share, standard_error };
    let error_at = |dose: usize| errors.and_then(|errors| errors.select_prob.get(dose)).copied();
    SelectionResult {
        selected: result.select_prob.iter().enumerate().map(|(dose, probability)| share(*probability, error_at(dose))).collect(),
        none: share(result.prob_none, errors.map(|errors| errors.prob_no_mtd)),
        mean_n: result.mean_n.clone(),
    }
}

fn alternative(comparison: &DesignComparison, scenarios: &[ComparedScenario]) -> String {
    let told = scenarios.iter().map(|scenario| {
        let designs = comparison.designs.iter().zip(&scenario.results).filter_map(|(design, result)| {
            let dose = correct(result.correct, &comparison.doses);
            result
                .prob_correct()
                .map(|probability| format!("{} selects {dose} in {}% of trials", design_name(design), percent(probability)))
        });
        format!("{}: {}", scenario_name(scenario), designs.collect::<Vec<_>>().join(", "))
    });
    format!(
        "How often {} {} each dose under {} with the target {}, and the mean numbers of patients. {}.",
        counted(comparison.designs.len(), "design", "designs"),
        if comparison.designs.len() == 1 { "selects" } else { "select" },
        counted(scenarios.len(), "scenario", "scenarios"),
        target(comparison),
        told.collect::<Vec<_>>().join("; ")
    )
}
