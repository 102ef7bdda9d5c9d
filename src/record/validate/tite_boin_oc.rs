//! Cases `tite_boin_oc`: simulated characteristics of TITE-BOIN by effective sample size.
//!
//! Implementations differ in when they decide and when a trial ends, so that the cases judge means and durations by percentages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::calendar_characteristics::{SIMULATION, block};
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::boin::BoinParameters;
use crate::analysis::escalation::design::boin_rule::BoinRule;
use crate::analysis::escalation::design::tite_boin::{TiteBoin, TiteVariant};
use crate::analysis::escalation::design::tite_boin_simulation::{TiteScenario, simulate_tite_boin};
use crate::analysis::escalation::design::{Accrual, Arrival, CalendarCharacteristics, Conduct, DesignError};

/// Pseudo-patients with toxicity, and as many without, that the published software adds to each dose when it selects; BOIN adds 0.05.
const PSEUDO_COUNT: f64 = 0.005;

#[derive(Deserialize)]
struct Input {
    target: f64,
    p_true: Vec<f64>,
    ncohort: u32,
    cohort_size: u32,
    dlt_window: f64,
    accrual_per_time: f64,
    max_pending_fraction: f64,
    n_earlystop: u32,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let characteristics = simulate(&read(input)?).map_err(MethodError::failed)?;
    Ok(json!({"mc": block(&characteristics, "mean_duration")}).into())
}

fn simulate(input: &Input) -> Result<CalendarCharacteristics, DesignError> {
    let conduct = Conduct::cohorts(input.ncohort, input.cohort_size);
    let rule = BoinRule::new(BoinParameters::with_target(input.target), conduct.max_n)?.with_pseudo_count(PSEUDO_COUNT)?;
    let design = TiteBoin::new(rule, TiteVariant::EffectiveSampleSize)
        .with_max_pending(input.max_pending_fraction)?
        .stopping_at(input.n_earlystop)?;
    let accrual = Accrual::new(input.accrual_per_time, Arrival::Poisson)?;
    let scenario = TiteScenario { toxicity: input.p_true.clone(), window: input.dlt_window, accrual };
    simulate_tite_boin(&design, &scenario, &conduct, SIMULATION)
}
