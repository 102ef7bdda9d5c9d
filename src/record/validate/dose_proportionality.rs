//! Cases `dose_proportionality`: power model and criterion of Smith.

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{number, optional, pair};
use super::method::{Answer, MethodError, read};
use crate::analysis::pk::dose_proportionality::{DoseExposure, ProportionalityVerdict, judge_proportionality};
use crate::config::DoseProportionalitySettings;

#[derive(Deserialize)]
struct Columns {
    dose: Vec<f64>,
    auc: Vec<f64>,
}

#[derive(Deserialize)]
struct Input {
    data: Columns,
    level: f64,
    theta: (f64, f64),
}

/// The conclusion as cases print it, without the direction.
const fn conclusion(verdict: ProportionalityVerdict) -> &'static str {
    match verdict {
        ProportionalityVerdict::Proportional => "dose proportional",
        ProportionalityVerdict::MoreThanProportional | ProportionalityVerdict::LessThanProportional => "not dose proportional",
        ProportionalityVerdict::Inconclusive => "inconclusive",
    }
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let Input { data, level, theta: (lower, upper) } = read(input)?;
    let observations: Vec<DoseExposure> =
        data.dose.iter().zip(&data.auc).map(|(dose, exposure)| DoseExposure { dose: *dose, exposure: *exposure }).collect();
    let settings = DoseProportionalitySettings { level, lower, upper };
    let found = judge_proportionality(&observations, &settings).map_err(MethodError::failed)?;
    Ok(json!({
        "intercept": number(found.line.intercept),
        "slope": number(found.line.slope),
        "se_slope": number(found.line.slope_error),
        "df": found.line.degrees_of_freedom,
        "ci90_slope": pair(found.interval),
        "dose_ratio": number(found.ratio()),
        "smith_limits": pair(found.limits),
        "conclusion": conclusion(found.verdict),
        "rho1_max_ratio_with_proportionality": optional(found.largest_proportional_ratio),
        "rho2_min_ratio_excluding": optional(found.smallest_disproportional_ratio),
        "predicted_fold_change_over_range": pair(found.fold_change),
        "lof_p": optional(found.lack_of_fit),
    })
    .into())
}
