//! Cases `bf_boin_oc`: simulated characteristics of BF-BOIN.
//!
//! Implementations differ in accrual and in the handling of pending patients, so that the cases judge the means by percentages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::calendar_characteristics::{SIMULATION, block};
use super::method::{Answer, MethodError, Reading, read};
use crate::analysis::escalation::design::backfill::BackfillBoin;
use crate::analysis::escalation::design::backfill_simulation::{BackfillScenario, simulate_backfill};
use crate::analysis::escalation::design::boin::BoinParameters;
use crate::analysis::escalation::design::boin_rule::BoinRule;
use crate::analysis::escalation::design::{Accrual, Arrival, CalendarCharacteristics, Conduct, DesignError, DoseLevel};

const ONE_MORE: &str = "bfboin closes a dose for backfilling only when more than n.cap patients were assigned to it";

#[derive(Deserialize)]
struct Input {
    target: f64,
    #[serde(rename = "p.true")]
    p_true: Vec<f64>,
    #[serde(rename = "p.response.true")]
    p_response: Vec<f64>,
    #[serde(rename = "n.per.month")]
    n_per_month: f64,
    ncohort: u32,
    cohortsize: u32,
    #[serde(rename = "n.earlystop")]
    n_earlystop: u32,
    startdose: usize,
    #[serde(rename = "cutoff.eli")]
    cutoff_eli: f64,
    #[serde(rename = "n.cap")]
    n_cap: u32,
    #[serde(rename = "dlt.window")]
    dlt_window: f64,
    accrual: InputAccrual,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum InputAccrual {
    Poisson,
    Uniform,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let answer = |cap: u32| -> Result<Value, MethodError> {
        Ok(json!({"mc": block(&simulate(&input, cap).map_err(MethodError::failed)?, "duration")}))
    };
    let reading = Reading { computed: answer(input.n_cap.saturating_add(1))?, note: ONE_MORE };
    Ok(Answer { computed: answer(input.n_cap)?, readings: vec![reading] })
}

fn simulate(input: &Input, cap: u32) -> Result<CalendarCharacteristics, DesignError> {
    let start = DoseLevel(input.startdose.saturating_sub(1));
    let conduct = Conduct { start, ..Conduct::cohorts(input.ncohort, input.cohortsize) };
    let parameters = BoinParameters { elimination_cutoff: input.cutoff_eli, ..BoinParameters::with_target(input.target) };
    let design = BackfillBoin::new(BoinRule::new(parameters, conduct.max_n + cap)?, cap)?.stopping_at(input.n_earlystop)?;
    let arrival = match input.accrual {
        InputAccrual::Poisson => Arrival::Poisson,
        InputAccrual::Uniform => Arrival::Uniform,
    };
    let scenario = BackfillScenario {
        toxicity: input.p_true.clone(),
        response: input.p_response.clone(),
        window: input.dlt_window,
        accrual: Accrual::new(input.n_per_month, arrival)?,
    };
    simulate_backfill(&design, &scenario, &conduct, SIMULATION)
}
