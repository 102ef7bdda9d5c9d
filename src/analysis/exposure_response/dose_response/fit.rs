//! Fitting a dose-response curve.

use super::bounds::{ModelBounds, default_bounds};
use super::candidate::Direction;
use super::curve::{CurvePoint, DoseResponseCurve};
use super::data::{DoseResponseData, ErrorVariance};
use super::error::{Caution, DoseResponseError};
use super::model::{DoseResponseModel, Scaling, Shape};
use super::target_dose::{TargetDose, peak, smallest_dose, standard_error};
use crate::numerics::distribution::t_quantile;
use crate::numerics::matrix::Matrix;
use crate::numerics::nonlinear_least_squares::{BoundSide, Bounds};
use crate::numerics::orthogonal_triangular::OrthogonalTriangular;
use crate::numerics::separable_least_squares::{CurveFamily, SeparableData, search_profile};

/// Degrees of freedom below which an error variance is called uncertain.
const FEW_DEGREES: usize = 10;

/// Difference of the criterion below which another optimum counts as nearly as good.
const NEARLY_AS_GOOD: f64 = 2.0;

/// How curves are fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct FitSettings {
    /// Constants of the log-linear and the beta model.
    pub scaling: Scaling,
    /// Ranges of nonlinear parameters that differ from the customary ones.
    pub bounds: ModelBounds,
}

impl FitSettings {
    /// The customary settings for doses up to `largest_dose`.
    #[must_use]
    pub fn for_largest_dose(largest_dose: f64) -> Self {
        Self { scaling: Scaling::for_largest_dose(largest_dose), bounds: ModelBounds::new() }
    }

    /// The ranges of a model's nonlinear parameters, checked.
    pub(super) fn bounds_of(&self, model: DoseResponseModel, largest_dose: f64) -> Result<Vec<Bounds>, DoseResponseError> {
        let bounds = self.bounds.get(&model).cloned().unwrap_or_else(|| default_bounds(model, largest_dose));
        let sensible = |range: &Bounds| range.lower > 0.0 && range.upper.is_finite() && range.lower <= range.upper;
        let refuse = |what, range| DoseResponseError::Parameter { model, what, range };
        if bounds.len() != model.nonlinear() || !bounds.iter().all(sensible) {
            return Err(refuse("bounds", "positive, finite and in order, one pair for each nonlinear parameter"));
        }
        if model == DoseResponseModel::Beta && (self.scaling.scale.is_nan() || self.scaling.scale <= largest_dose) {
            return Err(refuse("scale", "above the largest dose"));
        }
        if model == DoseResponseModel::LogLinear && (self.scaling.offset.is_nan() || self.scaling.offset <= 0.0) {
            return Err(refuse("offset", "positive"));
        }
        Ok(bounds)
    }
}

/// How well a curve fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goodness {
    /// To single responses with one unknown variance.
    LeastSquares {
        /// Residual sum of squares.
        residual_sum_of_squares: f64,
        /// Residual standard deviation `sqrt(RSS / (n - p))`.
        sigma: f64,
        /// Degrees of freedom `n - p`.
        df: usize,
        /// Logarithm of the likelihood at the maximum likelihood variance `RSS / n`.
        log_likelihood: f64,
        /// `-2 log L + 2 (p + 1)`
        aic: f64,
        /// `-2 log L + log(n) (p + 1)`
        bic: f64,
    },
    /// To estimates with known covariance.
    Generalised {
        /// `(mu - f)' S^-1 (mu - f)`
        residual_sum_of_squares: f64,
        /// Generalised criterion: the sum of squares plus `2 p`.
        gaic: f64,
    },
}

impl Goodness {
    /// The criterion by which models are compared: AIC, or gAIC for estimates.
    #[must_use]
    pub fn criterion(self) -> f64 {
        match self {
            Self::LeastSquares { aic, .. } => aic,
            Self::Generalised { gaic, .. } => gaic,
        }
    }

    /// The sum of squares that the curve leaves.
    #[must_use]
    pub fn residual_sum_of_squares(self) -> f64 {
        match self {
            Self::LeastSquares { residual_sum_of_squares, .. } | Self::Generalised { residual_sum_of_squares, .. } => {
                residual_sum_of_squares
            }
        }
    }

    /// Degrees of freedom of intervals; infinite for estimates.
    #[must_use]
    pub fn df(self) -> f64 {
        match self {
            Self::LeastSquares { df, .. } => df as f64,
            Self::Generalised { .. } => f64::INFINITY,
        }
    }
}

/// A fitted dose-response curve.
#[derive(Debug, Clone, PartialEq)]
pub struct DoseResponseFit {
    /// The curve at covariate values of 0.
    pub curve: DoseResponseCurve,
    /// Coefficient of each covariate by name.
    pub covariates: Vec<(String, f64)>,
    /// For each coefficient of the curve the bound at which it stands.
    pub at_bound: Vec<Option<BoundSide>>,
    /// Covariance of the curve's coefficients followed by those of the covariates; `None` where a coefficient stands at a bound or is not identified.
    pub covariance: Option<Matrix>,
    /// Goodness of fit.
    pub goodness: Goodness,
    /// Largest dose of the data, beyond which nothing is said.
    pub largest_dose: f64,
    /// What must be said beside the fit.
    pub cautions: Vec<Caution>,
}

/// Fits a model by least squares, or by generalised least squares to estimates.
///
/// ```text
/// y_i = f(d_i; theta) + z_i' gamma + error_i      RSS = sum (y - fit)^2          covariance  s^2 (J' J)^-1,  s^2 = RSS / (n - p)
/// mu  = f(d; theta) + error, covariance S         RSS = (mu - f)' S^-1 (mu - f)  covariance  (J' S^-1 J)^-1
/// ```
///
/// The nonlinear parameters are searched over the whole of their ranges; intercept, height and covariates follow in closed form.
///
/// # Domain
/// At least as many dose levels as the curve has parameters; for single responses more observations than parameters.
///
/// # Errors
/// [`DoseResponseError`] where the data or the settings do not suffice.
///
/// Source: `[Bretz2005]`, `[Pinheiro2014]`.
pub fn fit(data: &DoseResponseData, model: DoseResponseModel, settings: &FitSettings) -> Result<DoseResponseFit, DoseResponseError> {
    let levels = data.check_doses_for(model)?;
    let FittedCurve { curve, at_bound, others, covariates, residual_sum_of_squares } = fit_curve(data, model, settings)?;
    let goodness = goodness(data, residual_sum_of_squares, curve.coefficients.len() + covariates.len());
    let free = at_bound.iter().all(Option::is_none);
    let covariance = if free { covariance(data, &curve, goodness) } else { None };
    let mut cautions = bound_cautions(&curve, &at_bound);
    cautions.extend(size_cautions(&curve, levels, goodness));
    if free && covariance.is_none() {
        cautions.push(Caution::NotIdentified);
    }
    cautions.extend(rival(data, goodness, &others));
    let covariates = data.covariates.iter().zip(covariates).map(|(covariate, value)| (covariate.name.clone(), value)).collect();
    Ok(DoseResponseFit { curve, covariates, at_bound, covariance, goodness, largest_dose: data.largest_dose(), cautions })
}

/// A curve without what describes its uncertainty.
pub(super) struct FittedCurve {
    pub(super) curve: DoseResponseCurve,
    at_bound: Vec<Option<BoundSide>>,
    /// Sums of squares of other minima over the nonlinear parameters, ascending.
    others: Vec<f64>,
    covariates: Vec<f64>,
    residual_sum_of_squares: f64,
}

/// The curve of a fit: what a bootstrap needs of it.
pub(super) fn fit_curve(
    data: &DoseResponseData,
    model: DoseResponseModel,
    settings: &FitSettings,
) -> Result<FittedCurve, DoseResponseError> {
    data.check_doses_for(model)?;
    let bounds = settings.bounds_of(model, data.largest_dose())?;
    let parameters = model.parameters().len() + data.covariates.len();
    if let ErrorVariance::Estimated { observations, .. } = data.error
        && observations <= parameters
    {
        return Err(DoseResponseError::TooFewObservations { found: observations, parameters });
    }
    let shape = Shape { model, scaling: settings.scaling };
    let mut at_bound = vec![None; model.parameters().len() - bounds.len()];
    let (mut phi, mut others) = (Vec::new(), Vec::new());
    if !bounds.is_empty() {
        let separable = SeparableData::new(&data.doses, &data.means, &fixed_columns(data), data.weighting.clone());
        let found = search_profile(&separable, &shape, &bounds).ok_or(DoseResponseError::NoCurve(model))?;
        at_bound.extend(&found.at_bound);
        (phi, others) = (found.phi, found.others);
    }
    let (coefficients, residual_sum_of_squares) = linear_part(data, &shape, &phi)?;
    let (of_curve, covariates) = coefficients.split_at(model.parameters().len() - phi.len());
    let curve = DoseResponseCurve { model, scaling: settings.scaling, coefficients: of_curve.iter().chain(&phi).copied().collect() };
    Ok(FittedCurve { curve, at_bound, others, covariates: covariates.to_vec(), residual_sum_of_squares })
}

fn fixed_columns(data: &DoseResponseData) -> Vec<Vec<f64>> {
    std::iter::once(vec![1.0; data.doses.len()]).chain(data.covariates.iter().map(|covariate| covariate.values.clone())).collect()
}

/// Coefficients in which the curve is linear, followed by those of the covariates, and the sum of squares that they leave.
fn linear_part(data: &DoseResponseData, shape: &Shape, phi: &[f64]) -> Result<(Vec<f64>, f64), DoseResponseError> {
    let mut columns = vec![vec![1.0; data.doses.len()], data.doses.iter().map(|dose| shape.value(*dose, phi)).collect()];
    if shape.model == DoseResponseModel::Quadratic {
        columns.push(data.doses.iter().map(|dose| dose * dose).collect());
    }
    columns.extend(data.covariates.iter().map(|covariate| covariate.values.clone()));
    let whitened: Vec<Vec<f64>> = columns.iter().map(|column| data.weighting.whiten(column)).collect();
    let design = Matrix::from_columns(&whitened).ok_or(DoseResponseError::NoCurve(shape.model))?;
    let factor = OrthogonalTriangular::new(design, data.weighting.whiten(&data.means));
    let coefficients = factor.solve().ok_or(DoseResponseError::NoCurve(shape.model))?;
    Ok((coefficients, factor.residual_sum_of_squares()))
}

fn goodness(data: &DoseResponseData, explained: f64, parameters: usize) -> Goodness {
    let p = parameters as f64;
    match data.error {
        ErrorVariance::Estimated { observations, within_cells } => {
            let n = observations as f64;
            let rss = explained + within_cells;
            let df = observations - parameters;
            let log_likelihood = -0.5 * n * ((2.0 * std::f64::consts::PI * rss / n).ln() + 1.0);
            Goodness::LeastSquares {
                residual_sum_of_squares: rss,
                sigma: (rss / df as f64).sqrt(),
                df,
                log_likelihood,
                aic: -2.0 * log_likelihood + 2.0 * (p + 1.0),
                bic: -2.0 * log_likelihood + n.ln() * (p + 1.0),
            }
        }
        ErrorVariance::Known => Goodness::Generalised { residual_sum_of_squares: explained, gaic: explained + 2.0 * p },
    }
}

/// Another minimum whose criterion is nearly as low.
fn rival(data: &DoseResponseData, best: Goodness, others: &[f64]) -> Option<Caution> {
    let other = others.first()?;
    let difference = match (&data.error, best) {
        (ErrorVariance::Estimated { observations, within_cells }, Goodness::LeastSquares { residual_sum_of_squares, .. }) => {
            *observations as f64 * ((other + within_cells) / residual_sum_of_squares).ln()
        }
        (_, best) => other - best.residual_sum_of_squares(),
    };
    (difference < NEARLY_AS_GOOD).then_some(Caution::RivalOptimum { difference, threshold: NEARLY_AS_GOOD })
}

fn covariance(data: &DoseResponseData, curve: &DoseResponseCurve, goodness: Goodness) -> Option<Matrix> {
    let gradients: Vec<Vec<f64>> = data.doses.iter().map(|dose| curve.gradient(*dose)).collect();
    let of_curve = (0..curve.coefficients.len()).map(|position| gradients.iter().map(|gradient| gradient[position]).collect::<Vec<f64>>());
    let columns: Vec<Vec<f64>> = of_curve
        .chain(data.covariates.iter().map(|covariate| covariate.values.clone()))
        .map(|column| data.weighting.whiten(&column))
        .collect();
    let variance = match goodness {
        Goodness::LeastSquares { sigma, .. } => sigma * sigma,
        Goodness::Generalised { .. } => 1.0,
    };
    let factor = OrthogonalTriangular::new(Matrix::from_columns(&columns)?, vec![0.0; data.doses.len()]);
    Some(factor.inverse_cross_product()?.scaled(variance))
}

fn bound_cautions(curve: &DoseResponseCurve, at_bound: &[Option<BoundSide>]) -> Vec<Caution> {
    let names = curve.model.parameters();
    let at = |((side, parameter), bound): ((&Option<BoundSide>, &&'static str), &f64)| {
        side.map(|side| Caution::AtBound { parameter, side, bound: *bound })
    };
    at_bound.iter().zip(names).zip(&curve.coefficients).filter_map(at).collect()
}

fn size_cautions(curve: &DoseResponseCurve, levels: usize, goodness: Goodness) -> Vec<Caution> {
    let saturated = (levels == curve.coefficients.len()).then_some(Caution::Saturated { doses: levels });
    let few = match goodness {
        Goodness::LeastSquares { df, .. } if df < FEW_DEGREES => Some(Caution::FewDegreesOfFreedom { found: df, threshold: FEW_DEGREES }),
        _ => None,
    };
    saturated.into_iter().chain(few).collect()
}

impl DoseResponseFit {
    /// Standard errors of the curve's coefficients and of the covariates', where there is a covariance.
    #[must_use]
    pub fn standard_errors(&self) -> Option<Vec<f64>> {
        let covariance = self.covariance.as_ref()?;
        Some((0..covariance.rows()).map(|position| covariance.at(position, position).sqrt()).collect())
    }

    /// Response at each dose for covariate values of 0, with two-sided intervals by the delta method.
    ///
    /// ```text
    /// f(d) +- q sqrt(g' V g),   g the gradient of f(d),  q the quantile of t with n - p degrees of freedom (normal for estimates)
    /// ```
    ///
    /// # Errors
    /// [`DoseResponseError::Probability`] for a level outside (0, 1).
    pub fn mean_curve(&self, doses: &[f64], level: f64) -> Result<Vec<CurvePoint>, DoseResponseError> {
        self.points(doses, level, |dose| (self.curve.mean(dose), self.curve.gradient(dose)))
    }

    /// Effect over dose 0 at each dose, with two-sided intervals as [`Self::mean_curve`].
    ///
    /// # Errors
    /// As [`Self::mean_curve`].
    pub fn effect_curve(&self, doses: &[f64], level: f64) -> Result<Vec<CurvePoint>, DoseResponseError> {
        self.points(doses, level, |dose| (self.curve.effect(dose), self.curve.effect_gradient(dose)))
    }

    fn points(&self, doses: &[f64], level: f64, value: impl Fn(f64) -> (f64, Vec<f64>)) -> Result<Vec<CurvePoint>, DoseResponseError> {
        let bad_level = |_| DoseResponseError::Probability { what: "level", value: level };
        let quantile = t_quantile(0.5 + 0.5 * level, self.goodness.df()).map_err(bad_level)?;
        let point = |dose: f64| {
            let (value, mut gradient) = value(dose);
            gradient.resize(gradient.len() + self.covariates.len(), 0.0);
            let standard_error = self.covariance.as_ref().map(|covariance| covariance.bilinear(&gradient, &gradient).max(0.0).sqrt());
            let interval = standard_error.map(|error| (value - quantile * error, value + quantile * error));
            CurvePoint { dose, value, standard_error, interval }
        };
        Ok(doses.iter().map(|dose| point(*dose)).collect())
    }

    /// The smallest dose whose effect over dose 0 reaches `effect` in the direction of benefit.
    ///
    /// ```text
    /// TD = min { d in [0, largest dose] : sign (f(d) - f(0)) >= effect },   effect > 0
    /// ```
    ///
    /// [`TargetDose::NotReached`] where no dose studied does; nothing is extrapolated.
    #[must_use]
    pub fn target_dose(&self, effect: f64, direction: Direction) -> TargetDose {
        match smallest_dose(&self.curve, effect, direction, self.largest_dose) {
            TargetDose::Reached { dose, .. } => {
                let standard_error = self.covariance.as_ref().and_then(|covariance| standard_error(&self.curve, dose, covariance));
                TargetDose::Reached { dose, standard_error }
            }
            not_reached @ TargetDose::NotReached { .. } => not_reached,
        }
    }

    /// The smallest dose that has the share `share` of the largest effect among the doses studied.
    ///
    /// ```text
    /// ED(p) = min { d in [0, largest dose] : sign (f(d) - f(0)) >= p max over [0, largest dose] of sign (f - f(0)) }
    /// ```
    ///
    /// Without standard error: the largest effect is estimated too. [`TargetDose::NotReached`] where there is no effect in the direction
    /// of benefit.
    #[must_use]
    pub fn effective_dose(&self, share: f64, direction: Direction) -> TargetDose {
        let (at_dose, largest_effect) = peak(&self.curve, direction, self.largest_dose);
        if largest_effect <= 0.0 {
            return TargetDose::NotReached { largest_effect, at_dose };
        }
        smallest_dose(&self.curve, share * largest_effect, direction, self.largest_dose)
    }
}
