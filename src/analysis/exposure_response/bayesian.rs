//! Bayesian models of a binary outcome against exposure: which are fitted, how they compare, why there are none.

use thiserror::Error;

use super::assembly::Sample;
use super::bayesian_form::BayesianForm;
use super::bayesian_model::{BayesianModel, error_of_sum, fit};
use super::bayesian_rows::prepare;
use super::model_matrix::ModelMatrixError;
use crate::config::{BayesianSettings, EndpointKind, ExposureModel, ExposureResponse, Settings};
use crate::numerics::mcmc::{SamplerError, SamplerSettings};

/// Fewest subjects of a model, as for the others.
const FEWEST: usize = 4;

/// Why there is no Bayesian model.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum BayesianRefusal {
    /// An outcome of another kind.
    #[error("Bayesian models were asked for; they are available for an outcome that happened or did not.")]
    Kind,
    /// Too few subjects, or all with the same exposure.
    #[error("Bayesian models were asked for; {n} subjects with {exposures} different exposures are too few.")]
    Data {
        /// Subjects.
        n: usize,
        /// Different exposures.
        exposures: usize,
    },
    /// Only models that are not available.
    #[error("Bayesian models were asked for; none of those named is available.")]
    NoModel,
    /// Covariates that make no columns.
    #[error("Bayesian models were asked for; the covariates cannot be used: {0}.")]
    Covariates(#[from] ModelMatrixError),
    /// No draws.
    #[error("Bayesian models were asked for; the posterior could not be sampled: {0}.")]
    Sampler(#[from] SamplerError),
}

/// The Bayesian models of one analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct BayesianAnalysis {
    /// The models, in the order asked for.
    pub models: Vec<BayesianModel>,
    /// Position of the model that predicts subjects left out best, among the models of as many subjects as the first.
    pub best: usize,
    /// How the chains were run.
    pub sampler: SamplerSettings,
    /// Models that were asked for and do not exist for a probability.
    pub not_available: Vec<ExposureModel>,
}

/// How much better the best model predicts subjects left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictionGap {
    /// Difference of the sums of expected log densities, zero for the best model and negative for others.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl BayesianAnalysis {
    /// The model that predicts subjects left out best.
    #[must_use]
    pub fn best(&self) -> Option<&BayesianModel> {
        self.models.get(self.best)
    }

    /// Models that are not told apart from the best: within two standard errors of the difference.
    pub fn tied(&self) -> impl Iterator<Item = &BayesianModel> {
        let tied = |model: &BayesianModel| self.gap(model).is_some_and(|gap| gap.difference.abs() < 2.0 * gap.standard_error);
        self.models.iter().enumerate().filter(move |(place, model)| *place != self.best && tied(model)).map(|(_, model)| model)
    }

    /// Distance of a model from the best; `None` where the two are of different subjects.
    ///
    /// ```text
    /// sum_i (elpd_i of the model - elpd_i of the best),   standard error sqrt(n var_i)
    /// ```
    ///
    /// Source: `[VehtariGelmanGabry2017]`.
    #[must_use]
    pub fn gap(&self, model: &BayesianModel) -> Option<PredictionGap> {
        let best = self.best().filter(|best| best.subjects == model.subjects)?;
        let pairs = model.cross_validation.by_subject.iter().zip(&best.cross_validation.by_subject);
        let differences: Vec<f64> = pairs.map(|(model, best)| model - best).collect();
        Some(PredictionGap { difference: differences.iter().sum(), standard_error: error_of_sum(&differences) })
    }
}

/// The Bayesian models that the project file asks for; `None` where it asks for none.
///
/// Every model is adjusted for all covariates of the analysis. A line without covariates has its coefficients and predictions by quadrature; all
/// other numbers are of draws by the No-U-Turn sampler.
///
/// Sources: `[HoffmanGelman2014]`, `[VehtariGelmanGabry2017]`.
pub(super) fn analyse_bayesian(
    asked: &ExposureResponse,
    sample: &Sample,
    settings: &Settings,
) -> Option<Result<BayesianAnalysis, BayesianRefusal>> {
    let wanted = asked.bayesian.as_ref()?;
    if asked.endpoint.kind != EndpointKind::Binary {
        return Some(Err(BayesianRefusal::Kind));
    }
    Some(models(wanted, asked, sample, settings))
}

fn models(
    wanted: &BayesianSettings,
    asked: &ExposureResponse,
    sample: &Sample,
    settings: &Settings,
) -> Result<BayesianAnalysis, BayesianRefusal> {
    let named = if wanted.models.is_empty() { &asked.models } else { &wanted.models };
    let sampler = SamplerSettings {
        chains: wanted.chains,
        warmup: wanted.warmup,
        draws: wanted.draws,
        seed: wanted.seed.unwrap_or(settings.seed),
        ..SamplerSettings::default()
    };
    let mut models: Vec<BayesianModel> = Vec::new();
    let (forms, not_available) = forms(named);
    for form in forms {
        let prepared = prepare(form, sample, &wanted.priors)?;
        let mut exposures: Vec<f64> = prepared.rows.exposures.clone();
        exposures.dedup_by(|a, b| a.total_cmp(b).is_eq());
        if prepared.subjects.len() < FEWEST || exposures.len() < 2 {
            return Err(BayesianRefusal::Data { n: prepared.subjects.len(), exposures: exposures.len() });
        }
        models.extend(fit(prepared, sample, settings, &sampler)?);
    }
    let n = models.first().ok_or(BayesianRefusal::NoModel)?.n;
    let comparable = models.iter().enumerate().filter(|(_, model)| model.n == n);
    let best = comparable.max_by(|a, b| a.1.cross_validation.elpd.total_cmp(&b.1.cross_validation.elpd));
    Ok(BayesianAnalysis { best: best.map_or(0, |(place, _)| place), models, sampler, not_available })
}

/// The forms asked for, each once, and the models that do not exist for a probability.
fn forms(models: &[ExposureModel]) -> (Vec<BayesianForm>, Vec<ExposureModel>) {
    let (mut forms, mut not_available) = (Vec::new(), Vec::new());
    for model in models {
        let form = match model {
            ExposureModel::Linear => BayesianForm::Linear,
            ExposureModel::LogLinear => BayesianForm::LogLinear,
            ExposureModel::Emax => BayesianForm::Emax,
            ExposureModel::SigmoidEmax => BayesianForm::SigmoidEmax,
            ExposureModel::Quadratic | ExposureModel::Exponential | ExposureModel::Logistic | ExposureModel::Beta => {
                not_available.push(*model);
                continue;
            }
        };
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    (forms, not_available)
}
