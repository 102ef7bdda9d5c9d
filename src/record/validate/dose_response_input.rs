//! What the dose-response cases share: model names of the reference software, matrices with named rows, factors as covariates.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{number, numbers, optional, optionals};
use super::method::MethodError;
use crate::analysis::exposure_response::dose_response::{
    CandidateShape, Covariate, CurvePoint, Direction, DoseObservations, DoseResponseFit, DoseResponseModel, FitSettings, ModelBounds,
    Scaling,
};
use crate::numerics::matrix::Matrix;
use crate::numerics::nonlinear_least_squares::Bounds;

/// Level of intervals, which the cases do not ask for.
const LEVEL: f64 = 0.95;

/// A matrix with named rows and columns.
#[derive(Deserialize)]
pub(super) struct NamedMatrix {
    pub(super) values: Vec<Vec<f64>>,
}

impl NamedMatrix {
    pub(super) fn matrix(&self) -> Result<Matrix, MethodError> {
        Matrix::from_rows(&self.values).ok_or_else(|| MethodError::Failed("rows of different length".to_owned()))
    }
}

/// A model under the name that the reference software gives it.
#[derive(Deserialize, Clone, Copy)]
pub(super) enum PeerModel {
    #[serde(rename = "linear")]
    Linear,
    #[serde(rename = "linlog")]
    LogLinear,
    #[serde(rename = "quadratic")]
    Quadratic,
    #[serde(rename = "exponential")]
    Exponential,
    #[serde(rename = "logistic")]
    Logistic,
    #[serde(rename = "emax")]
    Emax,
    #[serde(rename = "sigEmax")]
    SigmoidEmax,
    #[serde(rename = "betaMod")]
    Beta,
}

impl PeerModel {
    pub(super) fn model(self) -> DoseResponseModel {
        match self {
            Self::Linear => DoseResponseModel::Linear,
            Self::LogLinear => DoseResponseModel::LogLinear,
            Self::Quadratic => DoseResponseModel::Quadratic,
            Self::Exponential => DoseResponseModel::Exponential,
            Self::Logistic => DoseResponseModel::Logistic,
            Self::Emax => DoseResponseModel::Emax,
            Self::SigmoidEmax => DoseResponseModel::SigmoidEmax,
            Self::Beta => DoseResponseModel::Beta,
        }
    }
}

/// The reference software's name of a model.
pub(super) fn peer_name(model: DoseResponseModel) -> &'static str {
    match model {
        DoseResponseModel::LogLinear => "linlog",
        DoseResponseModel::SigmoidEmax => "sigEmax",
        DoseResponseModel::Beta => "betaMod",
        other => other.id(),
    }
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum PeerDirection {
    Increasing,
    Decreasing,
}

impl PeerDirection {
    pub(super) fn direction(self) -> Direction {
        match self {
            Self::Increasing => Direction::Increasing,
            Self::Decreasing => Direction::Decreasing,
        }
    }
}

/// Candidate shapes as the reference software takes them: guesses by model, beside the constants of the shapes.
pub(super) struct Candidates {
    pub(super) shapes: Vec<CandidateShape>,
    pub(super) scaling: Scaling,
    pub(super) direction: Direction,
}

impl Candidates {
    pub(super) fn read(models: &Map<String, Value>, doses: &[f64]) -> Result<Self, MethodError> {
        let customary = Scaling::for_largest_dose(doses.iter().copied().fold(0.0, f64::max));
        let constant = |name: &str, otherwise: f64| models.get(name).and_then(Value::as_f64).unwrap_or(otherwise);
        let mut shapes = Vec::new();
        for (name, guesses) in models {
            let Ok(model) = PeerModel::deserialize(Value::from(name.as_str())) else { continue };
            let guesses = guesses.as_object().map(|guesses| guesses.values().filter_map(Value::as_f64).collect());
            shapes.push(CandidateShape { model: model.model(), guesses: guesses.unwrap_or_default() });
        }
        Ok(Self {
            shapes,
            scaling: Scaling { offset: constant("off", customary.offset), scale: constant("scal", customary.scale) },
            direction: PeerDirection::deserialize(models.get("direction").unwrap_or(&Value::Null))?.direction(),
        })
    }
}

/// Responses by dose, adjusted for a factor by one indicator for each level but the first.
pub(super) fn observations(data: &Map<String, Value>, factor: Option<&str>) -> Result<DoseObservations, MethodError> {
    let column = |name: &str| data.get(name).unwrap_or(&Value::Null);
    let mut covariates = Vec::new();
    if let Some(factor) = factor {
        let levels: Vec<Value> = Vec::deserialize(column(factor))?;
        let levels: Vec<String> = levels.iter().map(|level| level.as_str().map_or_else(|| level.to_string(), str::to_owned)).collect();
        let distinct: BTreeSet<&String> = levels.iter().collect();
        for level in distinct.into_iter().skip(1) {
            let values = levels.iter().map(|other| f64::from(u8::from(other == level))).collect();
            covariates.push(Covariate { name: format!("{factor}{level}"), values });
        }
    }
    Ok(DoseObservations { doses: Vec::deserialize(column("dose"))?, responses: Vec::deserialize(column("resp"))?, covariates })
}

/// What a fit is asked for.
#[derive(Deserialize)]
pub(super) struct Request {
    pub(super) model: PeerModel,
    bounds_nonlinear: Option<NamedMatrix>,
    off: f64,
    scal: f64,
    predict_doses: Vec<f64>,
    #[serde(rename = "Delta")]
    relevant_effect: f64,
    p: f64,
    direction: PeerDirection,
}

impl Request {
    pub(super) fn settings(&self) -> FitSettings {
        let mut bounds = ModelBounds::new();
        if let Some(given) = &self.bounds_nonlinear {
            let range = |row: &Vec<f64>| match row.as_slice() {
                [lower, upper] => Bounds { lower: *lower, upper: *upper },
                _ => Bounds::FREE,
            };
            bounds.insert(self.model.model(), given.values.iter().map(range).collect());
        }
        FitSettings { scaling: Scaling { offset: self.off, scale: self.scal }, bounds }
    }

    /// Everything that the cases expect of a fit whatever its kind.
    pub(super) fn answer(&self, fit: &DoseResponseFit) -> Result<Map<String, Value>, MethodError> {
        let names = coefficient_names(fit);
        let values = fit.curve.coefficients.iter().chain(fit.covariates.iter().map(|(_, value)| value));
        let mut out = Map::new();
        out.insert("coef".to_owned(), named(&names, values.copied()));
        out.insert("at_bound".to_owned(), Value::from(fit.at_bound.iter().any(Option::is_some)));
        out.insert("vcov".to_owned(), fit.covariance.as_ref().map_or(Value::Null, |matrix| named_matrix(matrix, &names)));
        let direction = self.direction.direction();
        let target = fit.target_dose(self.relevant_effect, direction).dose();
        out.insert("TD".to_owned(), optional(target));
        out.insert("ED".to_owned(), optional(fit.effective_dose(self.p, direction).dose()));
        let effects = fit.effect_curve(&self.predict_doses, LEVEL).map_err(MethodError::failed)?;
        let means = fit.mean_curve(&self.predict_doses, LEVEL).map_err(MethodError::failed)?;
        let errors = |points: &[CurvePoint]| optionals(points.iter().map(|point| point.standard_error));
        let values = |points: &[CurvePoint]| numbers(points.iter().map(|p| p.value));
        out.insert("effect_curve".to_owned(), json!({"dose": self.predict_doses, "effect": values(&effects), "se": errors(&effects)}));
        let mean_curve = json!({"dose": self.predict_doses, "mean": values(&means), "se": errors(&means)});
        // A mean belongs to one value of the covariates, which the cases do not name.
        out.insert("mean_curve".to_owned(), if fit.covariates.is_empty() { mean_curve } else { Value::Null });
        Ok(out)
    }
}

/// Names of the coefficients in the order of the covariance.
pub(super) fn coefficient_names(fit: &DoseResponseFit) -> Vec<String> {
    let of_curve = fit.curve.model.parameters().iter().map(|name| (*name).to_owned());
    of_curve.chain(fit.covariates.iter().map(|(name, _)| name.clone())).collect()
}

/// Values under their names.
pub(super) fn named(names: &[String], values: impl IntoIterator<Item = f64>) -> Value {
    Value::Object(names.iter().cloned().zip(values.into_iter().map(number)).collect())
}

fn named_matrix(matrix: &Matrix, names: &[String]) -> Value {
    let columns: Vec<Vec<f64>> = (0..matrix.columns()).map(|column| matrix.column(column).to_vec()).collect();
    by_column(names, names, &columns)
}

/// A matrix with named rows and columns, from its columns.
pub(super) fn by_column(rows: &[String], columns: &[String], values: &[Vec<f64>]) -> Value {
    let row = |position: usize| numbers(values.iter().filter_map(|column| column.get(position).copied()));
    json!({"rows": rows, "cols": columns, "values": (0..rows.len()).map(row).collect::<Vec<Value>>()})
}
