//! Cases `stratified`: Mantel-Haenszel estimates and the Cochran-Mantel-Haenszel test.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{list, pair};
use super::method::{Answer, MethodError, Reading, read};
use crate::numerics::stratified::{RiskDifferenceVariance, StratifiedError, cochran_mantel_haenszel, odds_ratio, risk_difference};
use crate::numerics::two_proportions::Table;

/// Level at which `mantelhaen.test` of R gives its interval when none is passed on.
const DEFAULT_LEVEL: f64 = 0.95;

#[derive(Deserialize)]
struct Input {
    #[serde(deserialize_with = "list")]
    x1: Vec<u64>,
    #[serde(deserialize_with = "list")]
    n1: Vec<u64>,
    #[serde(deserialize_with = "list")]
    x0: Vec<u64>,
    #[serde(deserialize_with = "list")]
    n0: Vec<u64>,
    level: f64,
}

impl Input {
    /// Strata with both groups; one without a member of a group has no weight.
    fn strata(&self) -> Result<Vec<Table>, MethodError> {
        let n = self.x1.len();
        if [&self.n1, &self.x0, &self.n0].iter().any(|column| column.len() != n) {
            return Err(MethodError::Failed("x1, n1, x0 and n0 differ in length".to_owned()));
        }
        let rows = self.x1.iter().zip(&self.n1).zip(self.x0.iter().zip(&self.n0));
        rows.filter(|((_, n1), (_, n0))| **n1 > 0 && **n0 > 0)
            .map(|((x1, n1), (x0, n0))| Table::new(*x1, *n1, *x0, *n0).map_err(MethodError::failed))
            .collect()
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let strata = input.strata()?;
    let difference = |variance| risk_difference(&strata, variance, input.level).map_err(MethodError::failed);
    let greenland = difference(RiskDifferenceVariance::GreenlandRobins)?;
    let sato = difference(RiskDifferenceVariance::Sato)?;
    let ratio = not_estimable_as_none(odds_ratio(&strata, input.level))?;
    let plain = not_estimable_as_none(cochran_mantel_haenszel(&strata, false))?;
    let corrected = not_estimable_as_none(cochran_mantel_haenszel(&strata, true))?;
    let computed = json!({
        "mh_risk_difference": greenland.estimate,
        "se_greenland_robins": greenland.standard_error,
        "ci_greenland_robins": pair((greenland.lower, greenland.upper)),
        "se_sato": sato.standard_error,
        "ci_sato": pair((sato.lower, sato.upper)),
        "mh_odds_ratio": ratio.map(|ratio| ratio.estimate),
        "mh_or_ci": ratio.map(|ratio| pair((ratio.lower, ratio.upper))),
        "cmh_chisq": plain.map(|test| test.statistic),
        "cmh_p": plain.map(|test| test.p_value),
        "cmh_chisq_continuity": corrected.map(|test| test.statistic),
        "cmh_p_continuity": corrected.map(|test| test.p_value),
    });
    let by_default = not_estimable_as_none(odds_ratio(&strata, DEFAULT_LEVEL))?;
    let reading = Reading {
        computed: json!({"mh_or_ci": by_default.map(|ratio| pair((ratio.lower, ratio.upper)))}),
        note: "at level 0.95, the default of mantelhaen.test of R, instead of the level of the case",
    };
    Ok(Answer { computed, readings: vec![reading] })
}

/// What the data cannot estimate is `null` in the cases; anything else is an error.
fn not_estimable_as_none<T>(result: Result<T, StratifiedError>) -> Result<Option<T>, MethodError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StratifiedError::DegenerateRatio | StratifiedError::NoVariance) => Ok(None),
        Err(error) => Err(MethodError::failed(error)),
    }
}
