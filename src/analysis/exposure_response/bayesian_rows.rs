//! From the sample of an analysis to the rows, parameters and priors of a Bayesian model.

use std::collections::BTreeSet;

use super::assembly::Sample;
use super::bayesian_curve::BinaryRows;
use super::bayesian_form::BayesianForm;
use super::effect::Step;
use super::emax_posterior::NormalPrior;
use super::model_matrix::{CovariateValues, ModelMatrix, ModelMatrixError, Term, Transform};
use crate::config::{BayesianPriors, PriorSettings};
use crate::numerics::descriptive::{mean, median, standard_deviation};

/// Standard deviation of the prior of the log odds where exposure or the reference exposure is near those of the data.
const NEAR_INTERCEPT: f64 = 2.5;

/// The same of a line without exposure, which may be many steps away from the data `[GelmanJakulin2008]`.
const FAR_INTERCEPT: f64 = 10.0;

/// What a parameter of a Bayesian model is.
#[derive(Debug, Clone, PartialEq)]
pub enum BayesianParameter {
    /// Log odds where exposure is zero or, for a log-linear model, at the exposure given; numeric covariates at their mean.
    Intercept {
        /// The exposure, for a log-linear model.
        at: Option<f64>,
    },
    /// Change of the log odds per step of exposure.
    Slope(Step),
    /// Largest change of the log odds.
    Emax,
    /// Exposure with half of it; its prior is that of its natural logarithm.
    Ec50,
    /// Hill coefficient; its prior is that of its natural logarithm.
    Hill,
    /// Change of the log odds with a covariate.
    Covariate {
        /// Name of the column.
        name: String,
        /// What the change is for.
        contrast: Contrast,
    },
}

/// What the coefficient of a covariate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contrast {
    /// One standard deviation more.
    Deviation,
    /// A level of a factor instead of the first.
    Level {
        /// The level.
        level: String,
        /// The first.
        reference: String,
    },
}

impl BayesianParameter {
    /// From the scale on which it is sampled to the one on which it is told.
    pub(super) fn told(&self, value: f64) -> f64 {
        if self.is_logarithm() { value.exp() } else { value }
    }

    /// Whether it is sampled, and has its prior, on the logarithmic scale.
    #[must_use]
    pub fn is_logarithm(&self) -> bool {
        matches!(self, Self::Ec50 | Self::Hill)
    }
}

/// How exposure enters a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ExposureScale {
    /// In steps of so many units.
    Steps(f64),
    /// In doublings of so many units.
    Doublings(f64),
    /// As its natural logarithm.
    Logarithm,
}

impl ExposureScale {
    fn of(form: BayesianForm, median: f64) -> Self {
        let units = Step::of(BayesianForm::Linear.exposure_form(), median).factor();
        match form {
            BayesianForm::Linear => Self::Steps(units),
            BayesianForm::LogLinear => Self::Doublings(units),
            BayesianForm::Emax | BayesianForm::SigmoidEmax => Self::Logarithm,
        }
    }

    pub(super) fn apply(self, exposure: f64) -> f64 {
        match self {
            Self::Steps(units) => exposure / units,
            Self::Doublings(units) => (exposure / units).log2(),
            Self::Logarithm => exposure.ln(),
        }
    }
}

/// A model before it is fitted.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) form: BayesianForm,
    pub(super) scale: ExposureScale,
    pub(super) rows: BinaryRows,
    pub(super) priors: Vec<NormalPrior>,
    pub(super) parameters: Vec<BayesianParameter>,
    /// Positions of the subjects in the sample.
    pub(super) subjects: Vec<usize>,
    /// Row of each subject.
    pub(super) row_of: Vec<usize>,
}

/// Columns of covariates, in the scale of their priors.
struct Columns {
    names: Vec<BayesianParameter>,
    values: Vec<Vec<f64>>,
    subjects: Vec<usize>,
}

/// Rows, priors and parameters of a form; subjects without a covariate, or without a logarithm of exposure where it is needed, are left out.
pub(super) fn prepare(form: BayesianForm, sample: &Sample, priors: &BayesianPriors) -> Result<Prepared, ModelMatrixError> {
    let eligible: Vec<bool> = sample.subjects.iter().map(|subject| form != BayesianForm::LogLinear || subject.exposure > 0.0).collect();
    let columns = columns(sample, &eligible)?;
    let exposures: Vec<f64> =
        columns.subjects.iter().filter_map(|place| sample.subjects.get(*place)).map(|subject| subject.exposure).collect();
    let typical = median(&exposures).unwrap_or(1.0);
    let scale = ExposureScale::of(form, typical);
    let (mut parameters, mut given) = curve(form, scale, typical, priors);
    given.extend(columns.names.iter().map(|_| normal(priors.covariate)));
    let (rows, row_of) = merged(sample, &columns, scale);
    parameters.extend(columns.names);
    Ok(Prepared { form, scale, rows, priors: given, parameters, subjects: columns.subjects, row_of })
}

fn normal(prior: PriorSettings) -> NormalPrior {
    NormalPrior { mean: prior.mean, sd: prior.sd }
}

/// Parameters of the curve with their priors.
fn curve(form: BayesianForm, scale: ExposureScale, median: f64, priors: &BayesianPriors) -> (Vec<BayesianParameter>, Vec<NormalPrior>) {
    let at = if let ExposureScale::Doublings(units) = scale { Some(units) } else { None };
    let spread = if form == BayesianForm::Linear { FAR_INTERCEPT } else { NEAR_INTERCEPT };
    let constant = priors.intercept.map_or(NormalPrior { mean: 0.0, sd: spread }, normal);
    let mut both = vec![(BayesianParameter::Intercept { at }, constant)];
    match form {
        BayesianForm::Linear | BayesianForm::LogLinear => {
            both.push((BayesianParameter::Slope(Step::of(form.exposure_form(), median)), normal(priors.slope)));
        }
        BayesianForm::Emax | BayesianForm::SigmoidEmax => {
            let centre = if median > 0.0 { median.ln() } else { 0.0 };
            both.push((BayesianParameter::Emax, normal(priors.emax)));
            both.push((BayesianParameter::Ec50, priors.log_ec50.map_or(NormalPrior { mean: centre, sd: 1.0 }, normal)));
        }
    }
    if form == BayesianForm::SigmoidEmax {
        both.push((BayesianParameter::Hill, normal(priors.log_hill)));
    }
    both.into_iter().unzip()
}

/// Numeric covariates as standard deviations from their mean, factors as indicators of their levels; constant columns are left out.
fn columns(sample: &Sample, eligible: &[bool]) -> Result<Columns, ModelMatrixError> {
    let everybody = || (0..eligible.len()).filter(|place| eligible.get(*place).is_some_and(|eligible| *eligible)).collect();
    if sample.covariates.is_empty() {
        return Ok(Columns { names: Vec::new(), values: Vec::new(), subjects: everybody() });
    }
    let terms: Vec<Term> = sample.covariates.iter().map(|covariate| Term::main(&covariate.name, Transform::Identity)).collect();
    let matrix = ModelMatrix::build(&sample.covariates, &terms, false, eligible)?;
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (place, covariate) in sample.covariates.iter().enumerate() {
        let contrasts = contrasts(&covariate.values, matrix.rows());
        for (column, contrast) in matrix.columns_of(place).into_iter().zip(contrasts) {
            let raw = matrix.design().column(column);
            let (Some(centre), Some(spread)) = (mean(&raw), standard_deviation(&raw)) else { continue };
            if spread <= 1e-12 * centre.abs() {
                continue;
            }
            values.push(if contrast == Contrast::Deviation { raw.iter().map(|value| (value - centre) / spread).collect() } else { raw });
            names.push(BayesianParameter::Covariate { name: covariate.name.clone(), contrast });
        }
    }
    Ok(Columns { names, values, subjects: matrix.rows().to_vec() })
}

/// Contrasts of a covariate in the order of its columns.
fn contrasts(values: &CovariateValues, rows: &[usize]) -> Vec<Contrast> {
    let CovariateValues::Factor(levels) = values else { return vec![Contrast::Deviation] };
    let levels: BTreeSet<&String> = rows.iter().filter_map(|row| levels.get(*row)?.as_ref()).collect();
    let Some(reference) = levels.first() else { return Vec::new() };
    levels.iter().skip(1).map(|level| Contrast::Level { level: (*level).clone(), reference: (*reference).clone() }).collect()
}

/// Subjects who differ in nothing but the outcome make one row.
fn merged(sample: &Sample, columns: &Columns, scale: ExposureScale) -> (BinaryRows, Vec<usize>) {
    let of: Vec<(Vec<f64>, f64)> = columns
        .subjects
        .iter()
        .enumerate()
        .filter_map(|(row, place)| {
            let subject = sample.subjects.get(*place)?;
            let covariates = columns.values.iter().filter_map(|column| column.get(row).copied());
            let values: Vec<f64> = std::iter::once(scale.apply(subject.exposure)).chain(covariates).collect();
            Some((values, f64::from(u8::from(subject.outcome.event()))))
        })
        .collect();
    let alike = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
    let mut order: Vec<usize> = (0..of.len()).collect();
    order.sort_by(|a, b| alike(&of[*a].0, &of[*b].0).unwrap_or_else(|| a.cmp(b)));
    let width = columns.values.len();
    let mut rows = BinaryRows { exposures: Vec::new(), width, covariates: Vec::new(), events: Vec::new(), trials: Vec::new() };
    let mut row_of = vec![0; of.len()];
    for same in order.chunk_by(|a, b| alike(&of[*a].0, &of[*b].0).is_none()) {
        same.iter().for_each(|place| row_of[*place] = rows.exposures.len());
        let Some((exposure, covariates)) = same.first().and_then(|place| of[*place].0.split_first()) else { continue };
        rows.exposures.push(*exposure);
        rows.covariates.extend_from_slice(covariates);
        rows.events.push(same.iter().map(|place| of[*place].1).sum());
        rows.trials.push(same.len() as f64);
    }
    (rows, row_of)
}
