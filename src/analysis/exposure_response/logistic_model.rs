//! A logistic model in exposure, with its table: by maximum likelihood, or with Firth's penalty where that does not exist.

use super::binary::{EXPOSURE, ExposureForm};
use super::caution::{Caution, FEW_EVENTS};
use super::model_matrix::{Covariate, CovariateValues, ModelMatrix, ModelMatrixError, Term, Transform};
use crate::numerics::design_matrix::DesignMatrix;
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

/// Coefficients whose profile limits and likelihood-ratio tests are computed: a refit per coefficient and step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profiled {
    /// None.
    None,
    /// Those of the columns that exposure is part of.
    Exposure,
    /// All.
    All,
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
    /// Likelihood-ratio test of the interaction of a model that has one, of both columns of exposure of a quadratic one, of the groups of a grouped
    /// one; `None` for other models and for Firth.
    pub joint_test: Option<ChiSquareTest>,
    matrix: ModelMatrix,
    covariates: Vec<Covariate>,
}

impl LogisticModel {
    /// The row of the exposure.
    #[must_use]
    pub fn slope(&self) -> Option<&CoefficientRow> {
        self.rows_of(0).next()
    }

    /// The rows of a term: exposure is the first, its square the second of a quadratic form, an interaction the last.
    pub(super) fn rows_of(&self, term: usize) -> impl Iterator<Item = &CoefficientRow> {
        self.matrix.columns_of(term).into_iter().filter_map(|column| self.rows.get(column))
    }

    /// The rows of the last term.
    pub(super) fn rows_of_last(&self) -> impl Iterator<Item = &CoefficientRow> {
        self.rows_of(self.matrix.terms().len().saturating_sub(1))
    }

    /// Estimated parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.coefficients.kept().len()
    }

    /// The columns, subject by subject.
    pub(super) fn design(&self) -> &DesignMatrix {
        self.matrix.design()
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
    pub(super) profiles: Profiled,
    /// Covariate whose product with exposure is the last term.
    pub(super) interaction: Option<&'a str>,
    /// Whether the covariates stand in the place of exposure, which then is no term.
    pub(super) instead_of_exposure: bool,
}

impl Request<'_> {
    fn transform(&self) -> Transform {
        if self.form == ExposureForm::LogLinear { Transform::Log } else { Transform::Identity }
    }

    fn terms(&self) -> Vec<Term> {
        let mut terms = Vec::new();
        if !self.instead_of_exposure {
            terms.push(Term::main(EXPOSURE, self.transform()));
        }
        if self.form == ExposureForm::Quadratic {
            terms.push(Term::main(EXPOSURE, Transform::Square));
        }
        terms.extend(self.covariates.iter().map(|covariate| Term::main(&covariate.name, Transform::Identity)));
        if let Some(name) = self.interaction {
            let variables = [Term::main(EXPOSURE, self.transform()), Term::main(name, Transform::Identity)].map(|term| term.variables);
            terms.push(Term { variables: variables.concat() });
        }
        terms
    }
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
    let mut all = vec![Covariate::numeric(EXPOSURE, request.exposures)];
    all.extend(request.covariates.iter().cloned());
    let whole = request.transform() == Transform::Identity;
    let eligible: Vec<bool> = request.exposures.iter().map(|exposure| whole || *exposure > 0.0).collect();
    let left_out = eligible.iter().filter(|eligible| !**eligible).count();
    if left_out > 0 {
        cautions.push(Caution::ZeroExposureLeftOut { n: left_out });
    }
    let matrix = match ModelMatrix::build(&all, &request.terms(), true, &eligible) {
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
        Ok(fit) => Table::of_likelihood(&model, &fit, &matrix, request)?,
        Err(GlmError::Separated(separation)) => {
            cautions.push(Caution::Separated(separation));
            Table::of_penalty(&model, &model.fit_firth()?, &matrix, request)?
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
        joint_test: table.joint_test,
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

/// The columns whose profiles are wanted.
fn profiled(matrix: &ModelMatrix, request: Request<'_>) -> Vec<usize> {
    let of_exposure =
        |term: &usize| matrix.terms().get(*term).is_some_and(|term| term.variables.iter().any(|part| part.covariate == EXPOSURE));
    match request.profiles {
        Profiled::None => Vec::new(),
        Profiled::All => (0..matrix.names().len()).collect(),
        Profiled::Exposure if request.instead_of_exposure => matrix.columns_of(0),
        Profiled::Exposure => (0..matrix.terms().len()).filter(of_exposure).flat_map(|term| matrix.columns_of(term)).collect(),
    }
}

/// The columns that are tested together.
fn tested_together(matrix: &ModelMatrix, request: Request<'_>) -> Vec<usize> {
    if request.interaction.is_some() {
        return matrix.columns_of(matrix.terms().len().saturating_sub(1));
    }
    match request.form {
        _ if request.instead_of_exposure => matrix.columns_of(0),
        ExposureForm::Quadratic => [matrix.columns_of(0), matrix.columns_of(1)].concat(),
        _ => Vec::new(),
    }
}

/// What either way of estimation gives.
struct Table {
    estimation: Estimation,
    rows: Vec<CoefficientRow>,
    coefficients: Coefficients,
    log_likelihood: f64,
    /// Akaike's and Schwarz's criteria.
    criteria: Option<(f64, f64)>,
    joint_test: Option<ChiSquareTest>,
}

impl Table {
    fn of_likelihood(model: &Logistic, fit: &LogisticFit, matrix: &ModelMatrix, request: Request<'_>) -> Result<Self, GlmError> {
        let (level, profiled, together) = (request.level, profiled(matrix, request), tested_together(matrix, request));
        let mut rows = Vec::new();
        for (column, name) in matrix.names().iter().enumerate() {
            let wanted = profiled.contains(&column);
            let tested = wanted && fit.coefficients.estimate(column).is_some();
            let test = if tested { model.test_without(fit, &[column]).ok() } else { None };
            let limits = if wanted { model.profile_interval(fit, column, level)? } else { NOT_PROFILED };
            rows.push(row(name, &fit.coefficients, column, level, limits, test)?);
        }
        Ok(Self {
            estimation: Estimation::MaximumLikelihood,
            rows,
            coefficients: fit.coefficients.clone(),
            log_likelihood: fit.log_likelihood,
            criteria: Some((fit.aic(), fit.bic())),
            joint_test: if together.is_empty() { None } else { model.test_without(fit, &together).ok() },
        })
    }

    fn of_penalty(model: &Logistic, fit: &FirthFit, matrix: &ModelMatrix, request: Request<'_>) -> Result<Self, GlmError> {
        let (level, profiled) = (request.level, profiled(matrix, request));
        let mut rows = Vec::new();
        for (column, name) in matrix.names().iter().enumerate() {
            let wanted = profiled.contains(&column);
            // A profile that cannot be followed leaves the limits open; the estimate stands.
            let test = if wanted { model.firth_test(fit, column).ok().flatten() } else { None };
            let limits = if wanted { model.firth_profile_interval(fit, column, level)? } else { NOT_PROFILED };
            rows.push(row(name, &fit.coefficients, column, level, limits, test)?);
        }
        Ok(Self {
            estimation: Estimation::Firth,
            rows,
            coefficients: fit.coefficients.clone(),
            log_likelihood: fit.penalised_log_likelihood,
            criteria: None,
            joint_test: None,
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
