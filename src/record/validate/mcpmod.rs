//! Cases `mcpmod`: the test for a dose-response signal, and the models behind it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::dose_response_input::{Candidates, NamedMatrix, by_column, named, observations, peer_name};
use super::input::number;
use super::method::{Answer, MethodError, read};
use crate::analysis::exposure_response::dose_response::{
    DoseEstimates, DoseResponseData, FitSettings, McpModPlan, McpModResult, ModelBounds, ModelFit, OptimalContrasts, TargetDose, run_mcpmod,
};
use crate::numerics::multivariate_t::Tails;

#[derive(Deserialize)]
struct Input {
    models: Map<String, Value>,
    doses: Vec<f64>,
    alternative: Alternative,
    alpha: f64,
    #[serde(rename = "Delta")]
    relevant_effect: f64,
    #[serde(rename = "addCovars")]
    factor: Option<String>,
    data: Option<Map<String, Value>>,
    #[serde(rename = "muhat")]
    estimates: Option<Vec<f64>>,
    #[serde(rename = "S")]
    covariance: Option<NamedMatrix>,
}

#[derive(Deserialize, Clone, Copy)]
enum Alternative {
    #[serde(rename = "one.sided")]
    OneSided,
    #[serde(rename = "two.sided")]
    TwoSided,
}

pub(super) fn compute(input: &Value) -> Result<Answer, MethodError> {
    let input: Input = read(input)?;
    let Candidates { shapes, scaling, direction } = Candidates::read(&input.models, &input.doses)?;
    let plan = McpModPlan {
        candidates: shapes,
        direction,
        tails: match input.alternative {
            Alternative::OneSided => Tails::Upper,
            Alternative::TwoSided => Tails::Both,
        },
        alpha: input.alpha,
        relevant_effect: input.relevant_effect,
        settings: FitSettings { scaling, bounds: ModelBounds::new() },
    };
    let result = run_mcpmod(&data(&input)?, &plan).map_err(MethodError::failed)?;
    let mut out = contrasts_json(&result.contrasts);
    let names = model_names(&result.contrasts);
    let test = &result.test;
    out.insert("model_means".to_owned(), by_column(&dose_names(&result.contrasts), &names, &result.contrasts.means));
    out.insert("t".to_owned(), named(&names, test.shapes.iter().map(|shape| shape.statistic)));
    out.insert("df".to_owned(), number(test.df));
    out.insert("critical_value".to_owned(), number(test.critical_value.value));
    out.insert("adjusted_p".to_owned(), named(&names, test.shapes.iter().map(|shape| shape.adjusted_p.value)));
    out.insert("selection".to_owned(), selection(&result));
    Ok(Value::Object(out).into())
}

fn data(input: &Input) -> Result<DoseResponseData, MethodError> {
    if let Some(data) = &input.data {
        return DoseResponseData::from_observations(&observations(data, input.factor.as_deref())?).map_err(MethodError::failed);
    }
    let (Some(estimates), Some(covariance)) = (&input.estimates, &input.covariance) else {
        return Err(MethodError::Failed("neither data nor estimates with covariance".to_owned()));
    };
    let estimates = DoseEstimates { doses: input.doses.clone(), estimates: estimates.clone(), covariance: covariance.matrix()? };
    DoseResponseData::from_estimates(&estimates).map_err(MethodError::failed)
}

fn model_names(contrasts: &OptimalContrasts) -> Vec<String> {
    contrasts.shapes.iter().map(|shape| peer_name(shape.model).to_owned()).collect()
}

fn dose_names(contrasts: &OptimalContrasts) -> Vec<String> {
    contrasts.doses.iter().map(f64::to_string).collect()
}

/// Contrast coefficients and their correlation.
pub(super) fn contrasts_json(contrasts: &OptimalContrasts) -> Map<String, Value> {
    let names = model_names(contrasts);
    let columns: Vec<Vec<f64>> = (0..names.len()).map(|column| contrasts.correlation.column(column).to_vec()).collect();
    let mut out = Map::new();
    out.insert("contrasts".to_owned(), by_column(&dose_names(contrasts), &names, &contrasts.contrasts));
    out.insert("correlation".to_owned(), by_column(&names, &names, &columns));
    out
}

/// What each rule of selection leads to; nothing where no contrast is significant.
fn selection(result: &McpModResult) -> Value {
    let names: Vec<String> = result.models.iter().map(|model| peer_name(model.model).to_owned()).collect();
    let over =
        |value: &dyn Fn(&ModelFit) -> f64| if names.is_empty() { Value::Null } else { named(&names, result.models.iter().map(value)) };
    let criterion = over(&|model| model.fit.as_ref().map_or(f64::NAN, |fit| fit.goodness.criterion()));
    let statistic = over(&|model| model.statistic);
    let doses = over(&|model| model.target_dose.and_then(TargetDose::dose).unwrap_or(f64::NAN));
    let chosen = |position: Option<usize>| position.and_then(|position| names.get(position)).map_or(Value::Null, |name| json!([name]));
    let rule = |criterion: &Value, selected: Value| json!({"significant_models": names, "criterion": criterion, "selected": selected, "doseEst": doses});
    json!({
        "AIC": rule(&criterion, chosen(result.lowest_criterion)),
        "maxT": rule(&statistic, chosen(result.largest_statistic)),
        "aveAIC": rule(&criterion, over(&|model| model.weight)),
    })
}
