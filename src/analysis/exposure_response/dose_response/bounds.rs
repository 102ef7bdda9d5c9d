//! The ranges in which the nonlinear parameters of a model are searched.

use std::collections::BTreeMap;

use super::model::DoseResponseModel;
use crate::numerics::nonlinear_least_squares::Bounds;

/// Ranges by model; models that are not named use [`default_bounds`].
pub type ModelBounds = BTreeMap<DoseResponseModel, Vec<Bounds>>;

/// Customary ranges of the nonlinear parameters for doses up to `largest_dose`, in the order of the parameters.
///
/// ```text
/// Emax          ed50   [0.001, 1.5] D
/// exponential   delta  [0.1, 2] D
/// logistic      ed50   [0.001, 1.5] D,  delta [0.01, 0.5] D
/// sigmoid Emax  ed50   [0.001, 1.5] D,  h [0.5, 10]
/// beta          delta1, delta2  [0.05, 4]
/// ```
///
/// Source: `[Bornkamp2009]`.
#[must_use]
pub fn default_bounds(model: DoseResponseModel, largest_dose: f64) -> Vec<Bounds> {
    let of_dose = |lower: f64, upper: f64| Bounds { lower: lower * largest_dose, upper: upper * largest_dose };
    let plain = |lower: f64, upper: f64| Bounds { lower, upper };
    match model {
        DoseResponseModel::Linear | DoseResponseModel::LogLinear | DoseResponseModel::Quadratic => Vec::new(),
        DoseResponseModel::Exponential => vec![of_dose(0.1, 2.0)],
        DoseResponseModel::Logistic => vec![of_dose(0.001, 1.5), of_dose(0.01, 0.5)],
        DoseResponseModel::Emax => vec![of_dose(0.001, 1.5)],
        DoseResponseModel::SigmoidEmax => vec![of_dose(0.001, 1.5), plain(0.5, 10.0)],
        DoseResponseModel::Beta => vec![plain(0.05, 4.0), plain(0.05, 4.0)],
    }
}
