//! Cases `crm_oc` and `tite_crm_oc`: operating characteristics of the continual reassessment method.

use serde::Deserialize;
use serde_json::{Value, json};

use super::calendar_characteristics::block;
use super::crm::{ModelName, SchemeName, zero_based};
use super::input::list;
use super::method::{Answer, MethodError, read};
use super::operating_characteristics;
use crate::analysis::escalation::design::crm::{Crm, USUAL_INTERCEPT};
use crate::analysis::escalation::design::crm_characteristics::exact;
use crate::analysis::escalation::design::crm_conduct::{CrmDesign, CrmEscalation};
use crate::analysis::escalation::design::simulate::Simulation;
use crate::analysis::escalation::design::tite_crm_simulation::{Arrivals, TiteConduct, simulate_tite};
use crate::analysis::escalation::design::{Accrual, Arrival, Conduct};

/// Trials that answer a case of 500 simulated ones: the posterior of every patient is integrated, and four times as many add little error.
const SIMULATION: Simulation = Simulation { trials: 2000, seed: 2000 };

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    p_true: Vec<f64>,
    #[serde(deserialize_with = "list")]
    skeleton: Vec<f64>,
    target: f64,
    n: u32,
    start_dose: usize,
    restrict: bool,
    model: ModelName,
    scale: f64,
    intercept: Option<f64>,
}

impl Input {
    fn design(&self, restricted: CrmEscalation) -> Result<CrmDesign, MethodError> {
        let model = self.model.with(self.intercept.unwrap_or(USUAL_INTERCEPT));
        let crm = Crm::new(&self.skeleton, self.target, model, self.scale).map_err(MethodError::failed)?;
        let escalation = if self.restrict { restricted } else { CrmEscalation::Free };
        CrmDesign::new(crm, escalation, self.n).map_err(MethodError::failed)
    }
}

#[derive(Deserialize)]
struct Cohorts {
    cohort_size: u32,
}

#[derive(Deserialize)]
struct Calendar {
    obswin: f64,
    accrual_rate_per_window: f64,
    accrual: AccrualName,
    scheme: SchemeName,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum AccrualName {
    Fixed,
    Poisson,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let (case, Cohorts { cohort_size }): (Input, Cohorts) = (read(input)?, read(input)?);
    let design = case.design(CrmEscalation::OneLevelCoherent)?;
    let conduct = Conduct { start: zero_based(case.start_dose)?, cohort_size, max_n: case.n, titration: false };
    let found = exact(&design, &conduct, &case.p_true).map_err(MethodError::failed)?;
    Ok(json!({ "exact": operating_characteristics::exact(&found), "mc": operating_characteristics::simulated(&found) }).into())
}

/// `dfcrm` restricts its TITE simulations to one dose up, without regard to the last outcome.
pub(super) fn compute_tite(input: &Value) -> Result<Answer, MethodError> {
    let (case, calendar): (Input, Calendar) = (read(input)?, read(input)?);
    let design = case.design(CrmEscalation::OneLevel)?;
    let rate = calendar.accrual_rate_per_window / calendar.obswin;
    let arrivals = match calendar.accrual {
        AccrualName::Fixed => Arrivals::Every(rate.recip()),
        AccrualName::Poisson => Arrivals::Random(Accrual::new(rate, Arrival::Poisson).map_err(MethodError::failed)?),
    };
    let conduct = TiteConduct {
        start: zero_based(case.start_dose)?,
        patients: case.n,
        window: calendar.obswin,
        scheme: calendar.scheme.into(),
        arrivals,
    };
    let found = simulate_tite(&design, &conduct, &case.p_true, SIMULATION).map_err(MethodError::failed)?;
    Ok(json!({ "mc": block(&found, "mean_duration") }).into())
}
