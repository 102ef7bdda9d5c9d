//! Designs × scenarios: everything that a scenario file asks for, run in parallel.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::config::scenarios::{ArrivalChoice, AssumedScenario, ComparedDesign, ExactChoice, SimulationPlan};
use crate::config::{DesignOptions, DoseText};
use crate::quantity::{DAYS_PER_MONTH, Dose};

use super::design::random_scenario::random_scenario;
use super::design::simulate::Simulation;
use super::design::{Accrual, Arrival, Conduct, DesignError, DoseLevel};
use super::trial_characteristics::{Exactness, TrialCalendar, TrialCharacteristics, TrialEfficacy, TrialScenario, characteristics_by};
use super::trial_design::TrialDesign;

/// Why a design cannot be run.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignFault {
    /// Position of the design in the file.
    pub design: usize,
    /// Position of the scenario, where the fault is of the two together.
    pub scenario: Option<usize>,
    /// What is wrong.
    pub error: DesignError,
}

/// A comparison that can be run: every design built, every scenario complete.
#[derive(Debug)]
pub struct PreparedComparison<'a> {
    plan: &'a SimulationPlan,
    target: f64,
    designs: Vec<TrialDesign>,
    scenarios: Vec<AssumedScenario>,
    calendar: Option<TrialCalendar>,
}

/// The results of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignComparison {
    /// Target by which the doses were judged.
    pub target: f64,
    /// Names of the doses, lowest first.
    pub doses: Vec<String>,
    /// The designs in the order of the file.
    pub designs: Vec<ConductedDesign>,
    /// The scenarios in the order of the file, generated ones last, each with one result per design.
    pub scenarios: Vec<ComparedScenario>,
}

/// A design as it was run.
#[derive(Debug, Clone, PartialEq)]
pub struct ConductedDesign {
    /// Id and options as written.
    pub written: ComparedDesign,
    /// Cohorts and the number of patients.
    pub conduct: Conduct,
    /// Whether the number of patients was stated rather than taken as customary.
    pub max_n_stated: bool,
}

/// A scenario with what each design did under it.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedScenario {
    /// The scenario.
    pub assumed: AssumedScenario,
    /// One result per design, in their order.
    pub results: Vec<TrialCharacteristics>,
}

impl<'a> PreparedComparison<'a> {
    /// Builds every design on the grid and draws the scenarios that are to be generated; nothing is run.
    ///
    /// # Errors
    /// Every [`DesignFault`] there is: parameters that a design does not accept on this grid, an impossible conduct.
    pub fn new(plan: &'a SimulationPlan) -> Result<Self, Vec<DesignFault>> {
        let fault = |design: usize| move |error: DesignError| DesignFault { design, scenario: None, error };
        let mut faults = Vec::new();
        let mut designs = Vec::new();
        for (place, compared) in plan.designs.iter().enumerate() {
            match build(plan, &compared.design) {
                Ok(design) => designs.push(design),
                Err(error) => faults.push(fault(place)(error)),
            }
        }
        let target = plan.judged_by().unwrap_or(f64::NAN);
        let mut scenarios = plan.scenarios.clone();
        match generated(plan, target) {
            Ok(drawn) => scenarios.extend(drawn),
            Err(error) => faults.push(fault(0)(error)),
        }
        match calendar(plan) {
            Ok(calendar) if faults.is_empty() => Ok(Self { plan, target, designs, scenarios, calendar }),
            Ok(_) => Err(faults),
            Err(error) => Err(faults.into_iter().chain([fault(0)(error)]).collect()),
        }
    }

    /// Number of designs times number of scenarios.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.designs.len() * self.scenarios.len()
    }

    /// Runs every design under every scenario, in parallel; `done` is called after each.
    ///
    /// The simulated trials of a design and a scenario have a seed made from the seed of the file and the two ids: results depend neither on
    /// the number of threads nor on what else is compared.
    ///
    /// # Errors
    /// Every [`DesignFault`] of a design and a scenario that do not fit.
    pub fn run(&self, done: &(dyn Fn() + Sync)) -> Result<DesignComparison, Vec<DesignFault>> {
        let cells: Vec<(usize, usize)> =
            (0..self.scenarios.len()).flat_map(|scenario| (0..self.designs.len()).map(move |design| (scenario, design))).collect();
        let results: Vec<Result<TrialCharacteristics, DesignFault>> = cells
            .into_par_iter()
            .map(|(scenario, design)| {
                let result = self.cell(scenario, design);
                done();
                result.map_err(|error| DesignFault { design, scenario: Some(scenario), error })
            })
            .collect();
        let mut found = Vec::new();
        let mut faults = Vec::new();
        for result in results {
            match result {
                Ok(result) => found.push(result),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(self.comparison(found)) } else { Err(faults) }
    }

    fn cell(&self, scenario: usize, design: usize) -> Result<TrialCharacteristics, DesignError> {
        let (Some(assumed), Some(compared), Some(built)) =
            (self.scenarios.get(scenario), self.plan.designs.get(design), self.designs.get(design))
        else {
            return Err(DesignError::History("the design or the scenario is not part of the comparison".to_owned()));
        };
        let efficacy = assumed.efficacy.clone();
        let truth = TrialScenario {
            toxicity: assumed.toxicity.clone(),
            efficacy: efficacy.map(|probability| TrialEfficacy { probability, odds_ratio: assumed.efficacy_odds_ratio }),
            calendar: self.calendar,
            target: Some(self.target),
        };
        let simulation = Simulation { trials: self.plan.trials, seed: named_seed(self.plan.seed, &[&assumed.id, &compared.id]) };
        let exactness = match self.plan.exact {
            ExactChoice::Auto => Exactness::WherePossible,
            ExactChoice::Never => Exactness::Never,
        };
        characteristics_by(built, &truth, simulation, exactness)
    }

    fn comparison(&self, results: Vec<TrialCharacteristics>) -> DesignComparison {
        let designs = self.plan.designs.iter().zip(&self.designs);
        let mut results = results.into_iter();
        DesignComparison {
            target: self.target,
            doses: dose_names(self.plan),
            designs: designs
                .map(|(written, built)| ConductedDesign {
                    written: written.clone(),
                    conduct: *built.conduct(),
                    max_n_stated: built.max_n_stated(),
                })
                .collect(),
            scenarios: self
                .scenarios
                .iter()
                .map(|assumed| ComparedScenario { assumed: assumed.clone(), results: results.by_ref().take(self.designs.len()).collect() })
                .collect(),
        }
    }
}

/// A seed of its own for each list of names, from the first bytes of a hash: 53 bits, which every reader of JSON keeps.
fn named_seed(seed: u64, names: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for name in names {
        hash.update(b"/");
        hash.update(name.as_bytes());
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte)) >> 11
}

fn build(plan: &SimulationPlan, options: &DesignOptions) -> Result<TrialDesign, DesignError> {
    let levels = || (1..=plan.doses()).map(|level| level as f64).collect();
    let amounts: Vec<f64> = match (options, &plan.doses) {
        (DesignOptions::Blrm(options), Some(doses)) => in_unit_of(doses, &options.reference_dose.0)?,
        (DesignOptions::Blrm(_), None) => {
            let text = "the logistic regression model looks at the amounts of the doses: give `doses` instead of `dose_levels`";
            return Err(DesignError::History(text.to_owned()));
        }
        _ => levels(),
    };
    TrialDesign::new(options, &amounts, 0)?.starting_at(DoseLevel(plan.start.saturating_sub(1)))
}

/// The amounts in the unit of the reference dose, on which the slope of the model rests.
fn in_unit_of(doses: &[DoseText], reference: &Dose) -> Result<Vec<f64>, DesignError> {
    let unit = reference.unit();
    let amount = |dose: &DoseText| {
        dose.0.amount_in(unit).ok_or_else(|| {
            DesignError::History(format!(
                "the dose {} cannot be compared with the reference dose {reference}: give both in one unit",
                dose.0
            ))
        })
    };
    doses.iter().map(amount).collect()
}

fn calendar(plan: &SimulationPlan) -> Result<Option<TrialCalendar>, DesignError> {
    let Some(accrual) = plan.accrual else { return Ok(None) };
    let arrival = match accrual.arrival {
        ArrivalChoice::Poisson => Arrival::Poisson,
        ArrivalChoice::Uniform => Arrival::Uniform,
    };
    let accrual = Accrual::new(accrual.patients_per_month / DAYS_PER_MONTH, arrival)?;
    Ok(Some(TrialCalendar { window: plan.dlt_window.days(), accrual }))
}

fn generated(plan: &SimulationPlan, target: f64) -> Result<Vec<AssumedScenario>, DesignError> {
    let count = plan.generate.map_or(0, |generate| generate.count);
    (1..=count)
        .map(|number| {
            let id = format!("generated_{number}");
            let toxicity = random_scenario(plan.doses(), target, named_seed(plan.seed, &[&id]))?;
            Ok(AssumedScenario { label: Some(format!("Generated {number}")), id, toxicity, efficacy: None, efficacy_odds_ratio: 1.0 })
        })
        .collect()
}

fn dose_names(plan: &SimulationPlan) -> Vec<String> {
    match &plan.doses {
        Some(doses) => doses.iter().map(|dose| dose.0.to_string()).collect(),
        None => (1..=plan.doses()).map(|level| format!("Dose {level}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const PLAN: &str = "
trials: 200
dose_levels: 3
target: 0.3
accrual: {patients_per_month: 3}
dlt_window: 28 d
generate: {count: 2}
designs:
  - {id: boin, design: {boin: {target: 0.3, max_patients: 12}}}
  - {id: tite, design: {tite_boin: {target: 0.3, max_patients: 12}}}
scenarios:
  - {id: s1, toxicity: [0.1, 0.3, 0.5]}
";

    fn plan(text: &str) -> SimulationPlan {
        crate::config::scenarios::read_scenarios_text(std::path::Path::new("x.yaml"), text.to_owned()).unwrap().plan
    }

    fn run(plan: &SimulationPlan) -> DesignComparison {
        PreparedComparison::new(plan).unwrap().run(&|| {}).unwrap()
    }

    #[test]
    fn every_cell_is_run_and_reported() {
        let plan = plan(PLAN);
        let prepared = PreparedComparison::new(&plan).unwrap();
        let count = AtomicUsize::new(0);
        let done = || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        let found = prepared.run(&done).unwrap();
        assert_eq!((prepared.cells(), count.into_inner(), found.scenarios.len()), (6, 6, 3));
        assert!(found.scenarios.iter().all(|scenario| scenario.results.len() == 2));
        assert!(found.scenarios[0].results[0].standard_errors().is_none() && found.scenarios[0].results[1].duration.is_some());
        assert_eq!(found.doses, ["Dose 1", "Dose 2", "Dose 3"]);
    }

    #[test]
    fn neither_threads_nor_neighbours_change_a_number() {
        let whole = plan(PLAN);
        let on = |threads: usize| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| run(&whole));
        assert_eq!(on(1), on(3));
        let mut alone = whole.clone();
        alone.designs.remove(0);
        assert_eq!(run(&alone).scenarios[0].results[0], run(&whole).scenarios[0].results[1]);
        let mut other = whole.clone();
        other.seed += 1;
        assert_ne!(run(&other).scenarios[0].results[1], run(&whole).scenarios[0].results[1]);
        assert_eq!(run(&other).scenarios[0].results[0], run(&whole).scenarios[0].results[0]);
    }

    #[test]
    fn faults_of_every_design_are_told_at_once() {
        let mut plan = plan(PLAN);
        let text = "[{id: a, design: {boin: {target: 0.3, cohort_size: 200}}}, {id: b, design: {keyboard: {target: 0.3, margin_lower: 0.4}}}, \
                    {id: c, design: {blrm: {reference_dose: 10 mg, prior: {mean_log_alpha: -1, mean_log_beta: 0, sd_log_alpha: 2, sd_log_beta: 1}}}}]";
        plan.designs = serde_yaml::from_str(text).unwrap();
        let faults = PreparedComparison::new(&plan).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.design).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(faults[2].error.to_string().contains("`doses`"));
        plan.doses = Some(serde_yaml::from_str("[5 mg, 10 mg, 20 mg/kg]").unwrap());
        assert!(PreparedComparison::new(&plan).unwrap_err()[2].error.to_string().contains("one unit"));
    }

    #[test]
    fn titration_begins_at_the_lowest_dose() {
        let mut plan = plan(PLAN);
        plan.designs = serde_yaml::from_str("[{id: a, design: {boin: {target: 0.3, accelerated_titration: true}}}]").unwrap();
        assert!(PreparedComparison::new(&plan).is_ok());
        plan.start = 2;
        assert!(PreparedComparison::new(&plan).unwrap_err()[0].error.to_string().contains("begins at the lowest dose"));
    }

    #[test]
    fn amounts_are_those_of_the_reference_dose_s_unit() {
        let dose = |text: &str| -> DoseText { serde_yaml::from_str(text).unwrap() };
        let amounts = in_unit_of(&[dose("500 µg"), dose("2 mg")], &dose("1 mg").0).unwrap();
        assert!((amounts[0] - 0.5).abs() < 1e-12 && (amounts[1] - 2.0).abs() < 1e-12);
    }
}
