//! A logistic model in exposure, with its table: by maximum likelihood, or with Firth's penalty where that does not exist.

use super::binary::{EXPOSURE, ExposureForm};
use super::caution::{Caution, FEW_EVENTS};
use super::model_matrix::{Covariate, CovariateValues, ModelMatrix, ModelMatrixError, Term, Transform};
use crate::numerics::distribution::DistributionError;
use crate::numerics::glm::{FirthFit, GlmError, Logistic, LogisticFit};
use crate::numerics::regression::{ChiSquareTest, Coefficients, LinearPredictor, ProfileLimits, Wald};

/// How a model was fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimation {
    /// Maximum likelihood.
    MaximumLikelihood,
    /// Firth's penalised likelihood, because the maximum-likelihood estimate does not exist.
    Firth,
}

/// A coefficient of a logistic model.
#[derive(Debug, Clone, PartialEq)]
pub struct CoefficientRow {
    /// Name of the column.
    pub name: String,
    /// Estimate on the logit scale; `None` for a column that others determine.
    pub estimate: Option<f64>,
    /// Standard error.
    pub standard_error: Option<f64>,
    /// Wald statistic.
    pub wald: Option<Wald>,
    /// Wald limits.
    pub wald_limits: Option<(f64, f64)>,
    /// Profile-likelihood limits (penalised for Firth); a side is `None` where the profile never falls far enough or is not asked for.
    pub profile_limits: ProfileLimits,
    /// Likelihood-ratio test (penalised for Firth) of the coefficient being zero; `None` where it is not asked for.
    pub likelihood_ratio: Option<ChiSquareTest>,
}

/// A fitted logistic model with its table.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticModel {
    /// Form of the exposure.
    pub form: ExposureForm,
    /// How it was fitted.
    pub estimation: Estimation,
    /// Subjects.
    pub n: usize,
    /// Subjects with the event.
    pub events: usize,
    /// The coefficients.
    pub rows: Vec<CoefficientRow>,
    /// Estimates with covariance.
    pub coefficients: Coefficients,
    /// Log-likelihood, penalised for Firth.
    pub log_likelihood: f64,
    /// Akaike's criterion; `None` for Firth.
    pub aic: Option<f64>,
    /// Schwarz's criterion; `None` for Firth.
    pub bic: Option<f64>,
    matrix: ModelMatrix,
    covariates: Vec<Covariate>,
}

impl LogisticModel {
    /// The row of the exposure.
    #[must_use]
    pub fn slope(&self) -> Option<&CoefficientRow> {
        let column = self.matrix.columns_of(0).first().copied()?;
        self.rows.get(column)
    }

    /// The row of a model without covariates at an exposure; `None` where it has covariates or the exposure no logarithm.
    pub(super) fn row_at(&self, exposure: f64) -> Option<Vec<f64>> {
        if !self.covariates.is_empty() {
            return None;
        }
        self.matrix.rows_at(&[Covariate::numeric(EXPOSURE, &[exposure])]).ok()?.into_iter().next()
    }

    /// Logit of the probability at an exposure, averaged over the subjects' covariates.
    pub(super) fn average_logit(&self, exposure: f64) -> Option<LinearPredictor> {
        let n = self.matrix.rows().len();
        let mut covariates = vec![Covariate::numeric(EXPOSURE, &vec![exposure; n])];
        covariates.extend(self.covariates.iter().cloned());
        let rows = self.matrix.rows_at(&covariates).ok()?;
        if covariates.len() == 1 {
            return rows.first().map(|row| self.coefficients.linear_predictor(row));
        }
        let mut gradient = vec![0.0; self.matrix.names().len()];
        let mut mean = 0.0;
        for row in &rows {
            let p = expit(self.coefficients.linear_predictor(row).value);
            mean += p / rows.len() as f64;
            gradient.iter_mut().zip(row).for_each(|(sum, x)| *sum += p * (1.0 - p) * x / rows.len() as f64);
        }
        let standard_error = self.coefficients.linear_predictor(&gradient).standard_error / (mean * (1.0 - mean));
        Some(LinearPredictor { value: (mean / (1.0 - mean)).ln(), standard_error })
    }
}

/// Why a logistic model is refused altogether.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum LogisticModelError {
    #[error(transparent)]
    Matrix(#[from] ModelMatrixError),
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

/// Exposures and outcomes of the subjects, and how exposure enters.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) exposures: &'a [f64],
    pub(super) outcomes: &'a [bool],
    pub(super) form: ExposureForm,
    pub(super) covariates: &'a [Covariate],
    pub(super) level: f64,
    /// Whether profile limits and likelihood-ratio tests are computed: a refit per coefficient and step.
    pub(super) profiles: bool,
}

/// Fits a logistic form; by Firth's penalty where the maximum does not exist. `None`, with a caution, where nothing can be fitted.
pub(super) fn fit_logistic(request: Request<'_>, cautions: &mut Vec<Caution>) -> Result<Option<LogisticModel>, LogisticModelError> {
    let Some(matrix) = columns(request, cautions)? else { return Ok(None) };
    let outcomes: Vec<bool> = matrix.rows().iter().map(|row| request.outcomes[*row]).collect();
    match fit(matrix, &outcomes, request) {
        Ok((model, found)) => {
            cautions.extend(found);
            Ok(Some(model))
        }
        Err(GlmError::Distribution(error)) => Err(error.into()),
        Err(error) => {
            cautions.push(Caution::NotFitted { reason: error.to_string() });
            Ok(None)
        }
    }
}

/// The columns of a model over the subjects who can be used in it.
fn columns(request: Request<'_>, cautions: &mut Vec<Caution>) -> Result<Option<ModelMatrix>, LogisticModelError> {
    let transform = if request.form == ExposureForm::LogLinear { Transform::Log } else { Transform::Identity };
    let mut all = vec![Covariate::numeric(EXPOSURE, request.exposures)];
    all.extend(request.covariates.iter().cloned());
    let mut terms = vec![Term::main(EXPOSURE, transform)];
    terms.extend(request.covariates.iter().map(|covariate| Term::main(&covariate.name, Transform::Identity)));
    let eligible: Vec<bool> = request.exposures.iter().map(|exposure| transform == Transform::Identity || *exposure > 0.0).collect();
    let left_out = eligible.iter().filter(|eligible| !**eligible).count();
    if left_out > 0 {
        cautions.push(Caution::ZeroExposureLeftOut { n: left_out });
    }
    let matrix = match ModelMatrix::build(&all, &terms, true, &eligible) {
        Ok(matrix) => matrix,
        Err(ModelMatrixError::Design(_)) => {
            cautions.push(Caution::NoSubjects);
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let missing = eligible.len() - left_out - matrix.rows().len();
    if missing > 0 {
        cautions.push(Caution::MissingValues { n: missing });
    }
    Ok(Some(matrix))
}

fn fit(matrix: ModelMatrix, outcomes: &[bool], request: Request<'_>) -> Result<(LogisticModel, Vec<Caution>), GlmError> {
    let model = Logistic::from_outcomes(matrix.design().clone(), outcomes)?;
    let (n, events) = (outcomes.len(), outcomes.iter().filter(|outcome| **outcome).count());
    let mut cautions = Vec::new();
    let table = match model.fit() {
        Ok(fit) => Table::of_likelihood(&model, &fit, matrix.names(), request)?,
        Err(GlmError::Separated(separation)) => {
            cautions.push(Caution::Separated(separation));
            Table::of_penalty(&model, &model.fit_firth()?, matrix.names(), request)?
        }
        Err(error) => return Err(error),
    };
    let aliased = table.rows.iter().filter(|row| row.estimate.is_none());
    cautions.extend(aliased.map(|row| Caution::Aliased { column: row.name.clone() }));
    let (parameters, fewer) = (table.coefficients.kept().len(), events.min(n - events));
    if (fewer as f64) < FEW_EVENTS * parameters as f64 {
        cautions.push(Caution::FewEvents { events: fewer, parameters });
    }
    let model = LogisticModel {
        form: request.form,
        estimation: table.estimation,
        n,
        events,
        rows: table.rows,
        coefficients: table.coefficients,
        log_likelihood: table.log_likelihood,
        aic: table.criteria.map(|(aic, _)| aic),
        bic: table.criteria.map(|(_, bic)| bic),
        covariates: of_rows(request.covariates, matrix.rows()),
        matrix,
    };
    Ok((model, cautions))
}

/// The covariates of some of the subjects.
fn of_rows(covariates: &[Covariate], rows: &[usize]) -> Vec<Covariate> {
    let pick = |values: &CovariateValues| match values {
        CovariateValues::Numeric(values) => CovariateValues::Numeric(rows.iter().map(|row| values[*row]).collect()),
        CovariateValues::Factor(values) => CovariateValues::Factor(rows.iter().map(|row| values[*row].clone()).collect()),
    };
    covariates.iter().map(|covariate| Covariate { name: covariate.name.clone(), values: pick(&covariate.values) }).collect()
}

/// Where no profile is computed.
const NOT_PROFILED: ProfileLimits = ProfileLimits { lower: None, upper: None };

/// What either way of estimation gives.
struct Table {
    estimation: Estimation,
    rows: Vec<CoefficientRow>,
    coefficients: Coefficients,
    log_likelihood: f64,
    /// Akaike's and Schwarz's criteria.
    criteria: Option<(f64, f64)>,
}

impl Table {
    fn of_likelihood(model: &Logistic, fit: &LogisticFit, names: &[String], request: Request<'_>) -> Result<Self, GlmError> {
        let level = request.level;
        let mut rows = Vec::new();
        for (column, name) in names.iter().enumerate() {
            let tested = request.profiles && fit.coefficients.estimate(column).is_some();
            let test = if tested { model.test_without(fit, &[column]).ok() } else { None };
            let limits = if request.profiles { model.profile_interval(fit, column, level)? } else { NOT_PROFILED };
            rows.push(row(name, &fit.coefficients, column, level, limits, test)?);
        }
        Ok(Self {
            estimation: Estimation::MaximumLikelihood,
            rows,
            coefficients: fit.coefficients.clone(),
            log_likelihood: fit.log_likelihood,
            criteria: Some((fit.aic(), fit.bic())),
        })
    }

    fn of_penalty(model: &Logistic, fit: &FirthFit, names: &[String], request: Request<'_>) -> Result<Self, GlmError> {
        let level = request.level;
        let mut rows = Vec::new();
        for (column, name) in names.iter().enumerate() {
            let test = if request.profiles { model.firth_test(fit, column)? } else { None };
            let limits = if request.profiles { model.firth_profile_interval(fit, column, level)? } else { NOT_PROFILED };
            rows.push(row(name, &fit.coefficients, column, level, limits, test)?);
        }
        Ok(Self {
            estimation: Estimation::Firth,
            rows,
            coefficients: fit.coefficients.clone(),
            log_likelihood: fit.penalised_log_likelihood,
            criteria: None,
        })
    }
}

fn row(
    name: &str,
    coefficients: &Coefficients,
    column: usize,
    level: f64,
    profile_limits: ProfileLimits,
    likelihood_ratio: Option<ChiSquareTest>,
) -> Result<CoefficientRow, GlmError> {
    Ok(CoefficientRow {
        name: name.to_owned(),
        estimate: coefficients.estimate(column),
        standard_error: coefficients.standard_error(column),
        wald: coefficients.wald(column),
        wald_limits: coefficients.wald_interval(column, level)?,
        profile_limits,
        likelihood_ratio,
    })
}

pub(super) fn expit(value: f64) -> f64 {
    1.0 / (1.0 + (-value).exp())
}
