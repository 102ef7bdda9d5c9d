//! Cases `boin_oc`, `keyboard_oc` and `three_plus_three_exact`: operating characteristics of designs in counts.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::boin_boundaries::BoinInput;
use super::input::{list, numbers};
use super::method::{Answer, MethodError, read};
use crate::analysis::escalation::design::exact::exact_characteristics;
use crate::analysis::escalation::design::keyboard::Keyboard;
use crate::analysis::escalation::design::rules::{EnoughPatients, StopAtNumber};
use crate::analysis::escalation::design::three_plus_three::{ThreePlusThree, ThreePlusThreeVariant};
use crate::analysis::escalation::design::{Conduct, CountDesign, DoseLevel, OperatingCharacteristics};

#[derive(Deserialize)]
struct Trial {
    #[serde(deserialize_with = "list")]
    p_true: Vec<f64>,
    ncohort: u32,
    cohort_size: u32,
    n_earlystop: u32,
    start_dose: usize,
    #[serde(default)]
    titration: bool,
}

impl Trial {
    fn conduct(&self) -> Conduct {
        let start = DoseLevel(self.start_dose.saturating_sub(1));
        Conduct { start, titration: self.titration, ..Conduct::cohorts(self.ncohort, self.cohort_size) }
    }

    fn characteristics(&self, design: impl CountDesign, when: EnoughPatients) -> Result<OperatingCharacteristics, MethodError> {
        let design = StopAtNumber::new(design, self.n_earlystop, when);
        exact_characteristics(&design, &self.conduct(), &self.p_true).map_err(MethodError::failed)
    }
}

pub(super) fn compute_boin(input: &Value) -> Result<Answer, MethodError> {
    let (boin, trial): (BoinInput, Trial) = (read(input)?, read(input)?);
    let rule = boin.rule()?;
    let design = rule.design(trial.p_true.len(), trial.conduct().max_n).map_err(MethodError::failed)?;
    let found = trial.characteristics(design, EnoughPatients::WhenStaying)?;
    Ok(json!({ "exact": exact(&found), "mc": simulated(&found) }).into())
}

#[derive(Deserialize)]
struct KeyboardInput {
    target: f64,
    margin_left: f64,
    margin_right: f64,
    cutoff_eli: f64,
}

pub(super) fn compute_keyboard(input: &Value) -> Result<Answer, MethodError> {
    let (keyboard, trial): (KeyboardInput, Trial) = (read(input)?, read(input)?);
    let KeyboardInput { target, margin_left, margin_right, cutoff_eli } = keyboard;
    let design = Keyboard::new(target, margin_left, margin_right, cutoff_eli)
        .and_then(|rule| rule.design(trial.p_true.len(), trial.conduct().max_n))
        .map_err(MethodError::failed)?;
    let found = trial.characteristics(design, EnoughPatients::AtOnce)?;
    Ok(json!({ "exact": exact(&found), "mc": simulated(&found) }).into())
}

#[derive(Deserialize)]
struct ThreePlusThreeInput {
    #[serde(deserialize_with = "list")]
    p_true: Vec<f64>,
    allow_deescalate: bool,
}

pub(super) fn compute_three_plus_three(input: &Value) -> Result<Answer, MethodError> {
    let ThreePlusThreeInput { p_true, allow_deescalate } = read(input)?;
    let variant = if allow_deescalate { ThreePlusThreeVariant::Deescalation } else { ThreePlusThreeVariant::NoDeescalation };
    let design = ThreePlusThree::new(p_true.len(), variant).map_err(MethodError::failed)?;
    let found = exact_characteristics(&design, &design.conduct(), &p_true).map_err(MethodError::failed)?;
    let mut out = exact(&found);
    let selected = out.remove("select_prob").unwrap_or_default();
    out.insert("prob_mtd".to_owned(), selected);
    Ok(Value::Object(out).into())
}

pub(super) fn exact(found: &OperatingCharacteristics) -> Map<String, Value> {
    let mut out = Map::new();
    let mut insert = |name: &str, value: Value| out.insert(name.to_owned(), value);
    insert("select_prob", numbers(found.select_prob.clone()));
    insert("prob_no_mtd", found.prob_no_mtd.into());
    insert("prob_stopped_early_toxic", found.prob_stopped_early_toxic.into());
    insert("mean_n", numbers(found.mean_n.clone()));
    insert("mean_tox", numbers(found.mean_tox.clone()));
    insert("mean_total_n", found.mean_total_n.into());
    insert("sd_total_n", found.sd_total_n.into());
    insert("mean_total_tox", found.mean_total_tox.into());
    insert("pct_patients", numbers(found.percent_patients()));
    out
}

/// The same beside the standard deviations of one trial, by which a simulation is judged.
pub(super) fn simulated(found: &OperatingCharacteristics) -> Map<String, Value> {
    let mut out = exact(found);
    let mut insert = |name: &str, value: Value| out.insert(format!("{name}_sd"), value);
    let indicator = |p: f64| (p * (1.0 - p)).max(0.0).sqrt();
    insert("select_prob", numbers(found.select_prob.iter().map(|p| indicator(*p))));
    insert("prob_no_mtd", indicator(found.prob_no_mtd).into());
    insert("prob_stopped_early_toxic", indicator(found.prob_stopped_early_toxic).into());
    insert("mean_n", numbers(found.sd_n.clone()));
    insert("mean_tox", numbers(found.sd_tox.clone()));
    insert("mean_total_n", found.sd_total_n.into());
    insert("mean_total_tox", found.sd_total_tox.into());
    out
}
