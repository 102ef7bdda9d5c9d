//! Cases `crm` and `tite_crm`: the posterior or the maximum-likelihood fit of the continual reassessment method.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{list, number, numbers};
use super::kronrod;
use super::method::{Answer, MethodError, Reading, read};
use crate::analysis::escalation::design::crm::{Crm, CrmModel, WeightedOutcome};
use crate::analysis::escalation::design::crm_fit::{CrmPosterior, LikelihoodFit, plug_in_intervals};
use crate::analysis::escalation::design::tite_crm::{FollowUp, WeightScheme, weigh};
use crate::analysis::escalation::design::{DoseLevel, Tally};

/// What `dfcrm` 0.2.2.1 prints as the spread of a maximum-likelihood estimate whose likelihood has a flat end.
const DFCRM_SPREAD: &str = "dfcrm integrates the second moment over (-100, 100) by one step of 21 points, the total over (-10, 10)";

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    prior: Vec<f64>,
    target: f64,
    #[serde(deserialize_with = "list")]
    tox: Vec<u32>,
    #[serde(deserialize_with = "list")]
    level: Vec<usize>,
    method: Estimation,
    model: ModelName,
    scale: f64,
    intercept: f64,
    conf_level: f64,
    weights: Option<Vec<f64>>,
    followup: Option<Vec<f64>>,
    obswin: Option<f64>,
    scheme: Option<SchemeName>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Estimation {
    Bayes,
    Mle,
}

/// Name of a working model.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum ModelName {
    Empiric,
    Logistic,
}

impl ModelName {
    pub(super) fn with(self, intercept: f64) -> CrmModel {
        match self {
            Self::Empiric => CrmModel::Empiric,
            Self::Logistic => CrmModel::Logistic { intercept },
        }
    }
}

/// Name of a weighting scheme.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum SchemeName {
    Linear,
    Adaptive,
}

impl From<SchemeName> for WeightScheme {
    fn from(name: SchemeName) -> Self {
        match name {
            SchemeName::Linear => Self::Linear,
            SchemeName::Adaptive => Self::Adaptive,
        }
    }
}

impl Input {
    fn crm(&self) -> Result<Crm, MethodError> {
        Crm::new(&self.prior, self.target, self.model.with(self.intercept), self.scale).map_err(MethodError::failed)
    }

    /// Dose and outcome of each patient.
    fn patients(&self) -> Result<Vec<(DoseLevel, bool)>, MethodError> {
        if self.level.len() != self.tox.len() {
            return Err(MethodError::Failed("`level` and `tox` are not of the same length".to_owned()));
        }
        let pairs = self.level.iter().zip(&self.tox);
        pairs.map(|(level, tox)| Ok((zero_based(*level)?, *tox > 0))).collect()
    }

    fn tallies(&self) -> Result<Vec<Tally>, MethodError> {
        let mut tallies = vec![Tally::default(); self.prior.len()];
        for (dose, dlt) in self.patients()? {
            let tally = tallies.get_mut(dose.0).ok_or_else(|| MethodError::Failed("a dose is outside the grid".to_owned()))?;
            *tally = tally.plus(Tally { n: 1, dlt: dlt.into() });
        }
        Ok(tallies)
    }

    /// The patients with their weights, as given or from follow-up; a toxicity weighs 1.
    fn outcomes(&self) -> Result<Vec<WeightedOutcome>, MethodError> {
        let patients = self.patients()?;
        let missing = || MethodError::Failed("neither `weights` nor `followup`, `obswin` and `scheme` for every patient".to_owned());
        match (&self.weights, &self.followup, self.obswin, self.scheme) {
            (Some(weights), _, _, _) if weights.len() == patients.len() => {
                let outcome = |((dose, dlt), weight): (&(DoseLevel, bool), &f64)| WeightedOutcome {
                    dose: *dose,
                    dlt: *dlt,
                    weight: if *dlt { 1.0 } else { *weight },
                };
                Ok(patients.iter().zip(weights).map(outcome).collect())
            }
            (None, Some(times), Some(window), Some(scheme)) if times.len() == patients.len() => {
                let followed: Vec<FollowUp> =
                    patients.iter().zip(times).map(|((dose, dlt), time)| FollowUp { dose: *dose, time: *time, dlt: *dlt }).collect();
                weigh(&followed, window, scheme.into()).map_err(MethodError::failed)
            }
            _ => Err(missing()),
        }
    }
}

/// Position of a dose that cases count from one.
pub(super) fn zero_based(level: usize) -> Result<DoseLevel, MethodError> {
    level.checked_sub(1).map(DoseLevel).ok_or_else(|| MethodError::Failed("doses are counted from 1".to_owned()))
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let (crm, tallies) = (input.crm()?, input.tallies()?);
    match input.method {
        Estimation::Bayes => posterior(&crm, &crm.fit(&tallies).map_err(MethodError::failed)?, input.conf_level).map(Answer::from),
        Estimation::Mle => {
            let fit = crm.fit_likelihood(&tallies).map_err(MethodError::failed)?;
            let answer = likelihood(&fit, input.conf_level)?;
            let spread = kronrod::dfcrm_second_moment(|a| crm.log_likelihood(&tallies, a)) - fit.estimate().powi(2);
            let reading = dfcrm(fit.estimate(), spread, &crm, input.conf_level)?;
            Ok(Answer { computed: answer, readings: vec![Reading { computed: json!({ "dfcrm": reading }), note: DFCRM_SPREAD }] })
        }
    }
}

pub(super) fn compute_tite(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let (crm, outcomes) = (input.crm()?, input.outcomes()?);
    let mut answer = match input.method {
        Estimation::Bayes => posterior(&crm, &crm.fit_weighted(&outcomes).map_err(MethodError::failed)?, input.conf_level)?,
        Estimation::Mle => likelihood(&crm.fit_weighted_likelihood(&outcomes).map_err(MethodError::failed)?, input.conf_level)?,
    };
    if let Value::Object(fields) = &mut answer {
        fields.insert("weights_used".to_owned(), numbers(outcomes.iter().map(|outcome| outcome.weight)));
    }
    Ok(answer.into())
}

fn posterior(crm: &Crm, fit: &CrmPosterior<'_>, level: f64) -> Result<Value, MethodError> {
    let (normal_lower, normal_upper) = split(fit.plug_in_intervals(level).map_err(MethodError::failed)?);
    let (lower, upper) = split(fit.quantile_intervals(level));
    Ok(json!({
        "dfcrm": dfcrm(fit.mean(), fit.variance(), crm, level)?,
        "exact": {
            "a_mean": number(fit.mean()),
            "a_var": number(fit.variance()),
            "ptox_plugin": numbers(fit.plug_in()),
            "ptox_normal_ci_lower": normal_lower,
            "ptox_normal_ci_upper": normal_upper,
            "ptox_posterior_mean": numbers(fit.posterior_means()),
            "ptox_quantile_ci_lower": lower,
            "ptox_quantile_ci_upper": upper,
            "ptox_median": numbers(fit.quantiles(0.5)),
            "prob_above_target": numbers(fit.prob_above(crm.target())),
            "mtd_from_plugin": fit.recommended().0 + 1,
        },
    }))
}

fn likelihood(fit: &LikelihoodFit<'_>, level: f64) -> Result<Value, MethodError> {
    Ok(json!({
        "dfcrm": dfcrm(fit.estimate(), fit.variance(), fit.crm(), level)?,
        "exact": {
            "mle": number(fit.estimate()),
            "ptox_plugin": numbers(fit.plug_in()),
            "mtd_from_plugin": fit.recommended().0 + 1,
        },
    }))
}

/// The block of what `dfcrm` prints: everything from an estimate and its spread.
fn dfcrm(estimate: f64, variance: f64, crm: &Crm, level: f64) -> Result<Map<String, Value>, MethodError> {
    let toxicity = crm.toxicity(estimate);
    let (lower, upper) = split(plug_in_intervals(crm, estimate, variance, level).map_err(MethodError::failed)?);
    let fields = [
        ("estimate", number(estimate)),
        ("post_var", number(variance)),
        ("mtd", (crm.recommend(&toxicity).0 + 1).into()),
        ("ptox", numbers(toxicity)),
        ("ptox_lower", lower),
        ("ptox_upper", upper),
    ];
    Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn split(intervals: Vec<(f64, f64)>) -> (Value, Value) {
    let (lower, upper): (Vec<f64>, Vec<f64>) = intervals.into_iter().unzip();
    (numbers(lower), numbers(upper))
}
