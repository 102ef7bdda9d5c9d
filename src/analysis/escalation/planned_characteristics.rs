//! Operating characteristics of the project's design under the scenarios of the project, or under curves around the target.

use rayon::prelude::*;

use crate::config::{EscalationSettings, Settings};
use crate::quantity::DAYS_PER_MONTH;

use super::design::simulate::Simulation;
use super::design::{Accrual, Arrival, DesignError};
use super::levels::EscalationLevel;
use super::trial_characteristics::{TrialCalendar, TrialCharacteristics, TrialEfficacy, TrialScenario, characteristics};
use super::trial_design::{TrialDesign, TrialRule};

/// Factor by which the odds of toxicity grow from one level to the next in the curves that stand in for scenarios of the project.
pub const ODDS_PER_LEVEL: f64 = 2.0;

/// Most simulated trials of a design that needs a posterior after every cohort: a dossier is not worth waiting minutes for one digit more. The
/// footnote says how many there were.
const MOST_POSTERIOR_TRIALS: u32 = 500;

/// One scenario and what the design does under it.
#[derive(Debug, Clone)]
pub struct PlannedScenario {
    /// Its name.
    pub label: String,
    /// True probability of toxicity at each level.
    pub toxicity: Vec<f64>,
    /// Operating characteristics, or why there are none.
    pub characteristics: Result<TrialCharacteristics, DesignError>,
}

/// The scenarios of the design.
#[derive(Debug, Clone)]
pub struct PlannedCharacteristics {
    /// The scenarios in order.
    pub scenarios: Vec<PlannedScenario>,
    /// Whether they are those of the project rather than curves around the target.
    pub of_project: bool,
}

/// Runs the design under every scenario; `None` without a target where the project names no scenarios either.
pub(super) fn run(design: &TrialDesign, levels: &[EscalationLevel], settings: &Settings) -> Option<PlannedCharacteristics> {
    let escalation = settings.escalation.as_ref()?;
    let of_project = !escalation.scenarios.is_empty();
    let scenarios = if of_project { stated(escalation) } else { around(escalation.target_toxicity?, levels) };
    let most = if matches!(design.rule(), TrialRule::Blrm(_)) { MOST_POSTERIOR_TRIALS } else { u32::MAX };
    let simulation = Simulation { trials: escalation.simulated_trials.min(most), seed: settings.seed };
    let calendar = calendar(escalation);
    let run = |(label, toxicity, efficacy): (String, Vec<f64>, Option<Vec<f64>>)| {
        let characteristics = calendar.clone().and_then(|calendar| {
            let efficacy = efficacy.map(|probability| TrialEfficacy { probability, odds_ratio: 1.0 });
            let scenario = TrialScenario { toxicity: toxicity.clone(), efficacy, calendar, target: escalation.target_toxicity };
            characteristics(design, &scenario, simulation)
        });
        PlannedScenario { label, toxicity, characteristics }
    };
    Some(PlannedCharacteristics { scenarios: scenarios.into_par_iter().map(run).collect(), of_project })
}

type Stated = (String, Vec<f64>, Option<Vec<f64>>);

fn stated(escalation: &EscalationSettings) -> Vec<Stated> {
    let scenarios = escalation.scenarios.iter();
    scenarios.map(|scenario| (scenario.label.clone(), scenario.toxicity.clone(), scenario.efficacy.clone())).collect()
}

/// Curves on which the odds of toxicity grow by a constant factor per level: the target at the lowest, the middle and the highest level, beyond
/// the highest, and so far below the lowest that every level is too toxic.
fn around(target: f64, levels: &[EscalationLevel]) -> Vec<Stated> {
    let count = levels.len() as i32;
    let log_odds = (target / (1.0 - target)).ln();
    let curve = |place: i32| -> Vec<f64> {
        let at = |level: i32| log_odds + f64::from(level - place) * ODDS_PER_LEVEL.ln();
        (0..count).map(|level| 1.0 / (1.0 + (-at(level)).exp())).collect()
    };
    let name = |place: i32| usize::try_from(place).ok().and_then(|place| levels.get(place)).map_or("", |level| level.label.as_str());
    let mut places = vec![0, (count - 1) / 2, count - 1];
    places.dedup();
    let inside = places.into_iter().map(|place| (format!("Target at {}", name(place)), curve(place), None));
    let beyond = (format!("Target above {}", name(count - 1)), curve(count), None);
    let toxic = (format!("Target below {}: every level too toxic", name(0)), curve(-2), None);
    inside.chain([beyond, toxic]).collect()
}

/// Accrual in days, as the window; `Ok(None)` where the project states none.
fn calendar(escalation: &EscalationSettings) -> Result<Option<TrialCalendar>, DesignError> {
    let Some(per_month) = escalation.accrual_per_month else { return Ok(None) };
    let accrual = Accrual::new(per_month / DAYS_PER_MONTH, Arrival::Poisson)?;
    Ok(Some(TrialCalendar { window: escalation.dlt_window_days, accrual }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::DosageIndex;

    fn levels(count: usize) -> Vec<EscalationLevel> {
        let level = |index: usize| EscalationLevel {
            dosage: DosageIndex(index),
            id: format!("d{index}"),
            label: format!("Dose {index}"),
            dose: None,
        };
        (0..count).map(level).collect()
    }

    #[test]
    fn curves_put_the_target_where_their_name_says() {
        let curves = around(0.3, &levels(5));
        let labels: Vec<&str> = curves.iter().map(|(label, _, _)| label.as_str()).collect();
        let expected = [
            "Target at Dose 0",
            "Target at Dose 2",
            "Target at Dose 4",
            "Target above Dose 4",
            "Target below Dose 0: every level too toxic",
        ];
        assert_eq!(labels, expected);
        for (place, (_, toxicity, _)) in [0_usize, 2, 4].iter().zip(&curves) {
            assert!((toxicity[*place] - 0.3).abs() < 1e-12);
        }
        assert!(curves.iter().all(|(_, toxicity, _)| toxicity.windows(2).all(|pair| pair[0] < pair[1])));
        assert!(curves[3].1[4] < 0.3 && curves[4].1[0] > 1.4 * 0.3);
        assert_eq!(around(0.3, &levels(1)).len(), 3);
    }
}
