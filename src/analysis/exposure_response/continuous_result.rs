//! A continuous outcome of a project: curves of its mean over exposure, and the means at each dosage.

use super::assembly::Sample;
use super::binary::EXPOSURE;
use super::binary_result::typical;
use super::caution::Caution;
use super::confounding::{correlations, design_cautions};
use super::dose_response::{
    Caution as FitCaution, Covariate as FitCovariate, CurvePoint, DoseObservations, DoseResponseData, DoseResponseFit, DoseResponseModel,
    FitSettings, Goodness, Scaling, fit,
};
use super::effect::{Effect, Step};
use super::model_matrix::{Covariate, ModelMatrix, Term, Transform};
use super::ordinal_result::places;
use super::pairs::pairs;
use super::refusal::Refusal;
use crate::config::Settings;
use crate::numerics::descriptive::{self, QuantileType};
use crate::numerics::distribution::{DistributionError, normal_critical, t_quantile, t_upper};
use crate::quantity::{Interval, IntervalMethod};

/// Points at which a curve is computed for drawing.
const CURVE: u32 = 80;

/// Share of the largest exposure that is added before the logarithm where no exposure is zero: none that could be seen.
const NO_OFFSET: f64 = 1e-12;

/// A continuous outcome with its models.
#[derive(Debug, Clone)]
pub struct ContinuousResult {
    /// One per shape that was asked for and fitted.
    pub models: Vec<ContinuousModel>,
    /// Position of the model with the smallest AIC among those whose parameters the data determine.
    pub chosen: Option<usize>,
    /// The straight line, or the line in the logarithm where that was chosen, with covariates.
    pub adjusted: Option<ContinuousModel>,
    /// The same line with dose as a factor beside exposure.
    pub within_dose: Option<ContinuousModel>,
    /// The chosen curve over the observed exposures.
    pub curve: Vec<CurvePoint>,
    /// One per group of the sample.
    pub dosages: Vec<DosageMean>,
    /// Differences between dosages by the chosen model.
    pub gains: Vec<MeanDifference>,
    /// Quartiles of exposure between which a change is told.
    pub quartiles: Option<(f64, f64)>,
    /// What a reader must know of the data.
    pub cautions: Vec<Caution>,
}

/// A curve in the words of a table.
#[derive(Debug, Clone)]
pub struct ContinuousModel {
    /// Shape.
    pub model: DoseResponseModel,
    /// Subjects.
    pub n: usize,
    /// Effect of exposure, of the straight lines.
    pub effect: Option<Effect>,
    /// Change of the mean from the lower to the upper quartile of exposure, with limits.
    pub change: Option<(f64, Option<(f64, f64)>)>,
    /// Exposure with half of the largest change, of the Emax shapes, with Wald limits on the logarithmic scale.
    pub half: Option<(f64, Option<(f64, f64)>)>,
    /// Akaike weight among the models.
    pub weight: Option<f64>,
    /// The fit.
    pub fit: DoseResponseFit,
}

/// Observed and predicted mean at one dosage.
#[derive(Debug, Clone)]
pub struct DosageMean {
    /// Geometric mean of exposure; the arithmetic mean where an exposure is zero.
    pub exposure: f64,
    /// Subjects.
    pub n: usize,
    /// Observed mean, with limits of the t distribution from two subjects on.
    pub observed: Option<f64>,
    /// Limits of it.
    pub interval: Option<Interval>,
    /// Observed standard deviation.
    pub standard_deviation: Option<f64>,
    /// By the chosen model.
    pub predicted: Option<CurvePoint>,
    /// By the adjusted model, at the mean of the covariates.
    pub adjusted: Option<CurvePoint>,
    /// Averaged over the models by their weights.
    pub average: Option<f64>,
}

/// Difference of the predicted means of two dosages at their mean exposures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanDifference {
    /// Position of the lower dosage among the groups.
    pub from: usize,
    /// Position of the higher.
    pub to: usize,
    /// Difference by the chosen model.
    pub difference: f64,
    /// Limits.
    pub limits: Option<(f64, f64)>,
    /// Averaged over the models by their weights.
    pub average: Option<f64>,
}

impl ContinuousResult {
    /// The chosen model.
    #[must_use]
    pub fn chosen(&self) -> Option<&ContinuousModel> {
        self.models.get(self.chosen?)
    }
}

impl ContinuousModel {
    /// Akaike's criterion.
    #[must_use]
    pub fn aic(&self) -> f64 {
        self.fit.goodness.criterion()
    }

    /// Standard deviation of what the curve leaves.
    #[must_use]
    pub fn residual_deviation(&self) -> Option<f64> {
        if let Goodness::LeastSquares { sigma, .. } = self.fit.goodness { Some(sigma) } else { None }
    }

    /// Difference of the means at two exposures, with limits by the delta method.
    fn difference(&self, low: f64, high: f64, level: f64) -> Result<(f64, Option<(f64, f64)>), DistributionError> {
        let curve = &self.fit.curve;
        let value = curve.mean(high) - curve.mean(low);
        let Some(covariance) = &self.fit.covariance else { return Ok((value, None)) };
        let mut gradient: Vec<f64> = curve.gradient(high).into_iter().zip(curve.gradient(low)).map(|(a, b)| a - b).collect();
        gradient.resize(covariance.rows(), 0.0);
        let error = covariance.bilinear(&gradient, &gradient).max(0.0).sqrt();
        let quantile = t_quantile(0.5 + 0.5 * level, self.fit.goodness.df())?;
        Ok((value, Some((value - quantile * error, value + quantile * error))))
    }

    /// The mean at an exposure.
    fn predict(&self, exposure: f64, level: f64) -> Option<CurvePoint> {
        self.fit.mean_curve(&[exposure], level).ok()?.into_iter().next()
    }
}

/// Fits the shapes of a continuous outcome.
///
/// Single responses by least squares over exposure as the shapes of dose-response; the search covers the whole range of the parameters.
pub(super) fn model_continuous(sample: &Sample, shapes: &[DoseResponseModel], settings: &Settings) -> Result<ContinuousResult, Refusal> {
    let level = settings.intervals.level;
    let exposures = sample.exposures();
    let mut cautions = design_cautions(&exposures, &sample.doses_by_subject());
    cautions.extend(correlations(&exposures, &sample.covariates));
    let mut fitter = Fitter { sample, exposures: &exposures, level, cautions };
    let mut models = Vec::new();
    for shape in shapes {
        models.extend(fitter.fit(*shape, &[])?);
    }
    let determined = models.iter().enumerate().filter(|(_, model): &(usize, &ContinuousModel)| model.fit.covariance.is_some());
    let chosen = determined.min_by(|a, b| a.1.aic().total_cmp(&b.1.aic())).map(|(place, _)| place);
    weigh(&mut models);
    let line = match chosen.and_then(|place| models.get(place)).map(|model| model.model) {
        Some(DoseResponseModel::LogLinear) => DoseResponseModel::LogLinear,
        _ => DoseResponseModel::Linear,
    };
    let adjusted = if sample.covariates.is_empty() { None } else { fitter.fit(line, &sample.covariates)? };
    let doses = sample.doses_by_subject();
    let several = doses.first().is_some_and(|first| doses.iter().any(|dose| (dose - first).abs() > 0.0));
    let levels: Vec<String> = doses.iter().map(|dose| format!("{dose:020.6}")).collect();
    let within_dose = if several { fitter.fit(line, &[Covariate::factor("dose", &levels)])? } else { None };
    let mut distinct: Vec<Caution> = Vec::new();
    for caution in fitter.cautions {
        if !distinct.contains(&caution) {
            distinct.push(caution);
        }
    }
    let mut out = ContinuousResult {
        models,
        chosen,
        adjusted,
        within_dose,
        curve: Vec::new(),
        dosages: Vec::new(),
        gains: Vec::new(),
        quartiles: quartiles(&exposures),
        cautions: distinct,
    };
    out.curve = out.chosen().and_then(|model| model.fit.mean_curve(&places(&exposures, CURVE), level).ok()).unwrap_or_default();
    out.dosages = dosages(&out, sample, settings)?;
    out.gains = gains(&out, sample, settings)?;
    Ok(out)
}

fn quartiles(exposures: &[f64]) -> Option<(f64, f64)> {
    let at = |p: f64| descriptive::quantile(exposures, p, QuantileType::Type7);
    at(0.25).zip(at(0.75))
}

/// Fits shapes to the subjects of one sample.
struct Fitter<'a> {
    sample: &'a Sample,
    exposures: &'a [f64],
    level: f64,
    cautions: Vec<Caution>,
}

impl Fitter<'_> {
    /// One shape; `None`, with a caution, where it cannot be fitted.
    fn fit(&mut self, model: DoseResponseModel, covariates: &[Covariate]) -> Result<Option<ContinuousModel>, Refusal> {
        let observations = self.observations(covariates)?;
        let n = observations.doses.len();
        let data = match DoseResponseData::from_observations(&observations) {
            Ok(data) => data,
            Err(error) => return Ok(self.not_fitted(model, &error.to_string())),
        };
        match fit(&data, model, &self.settings()) {
            Ok(fit) => {
                let at_bound = fit.cautions.iter().any(|caution| matches!(caution, FitCaution::AtBound { .. } | FitCaution::NotIdentified));
                if at_bound {
                    self.cautions.push(Caution::PlateauNotDetermined);
                }
                self.told(model, n, fit).map(Some)
            }
            Err(error) => Ok(self.not_fitted(model, &error.to_string())),
        }
    }

    fn not_fitted(&mut self, model: DoseResponseModel, reason: &str) -> Option<ContinuousModel> {
        self.cautions.push(Caution::NotFitted { reason: format!("{}: {reason}", model.label()) });
        None
    }

    fn settings(&self) -> FitSettings {
        let largest = self.exposures.iter().copied().fold(0.0, f64::max);
        let mut settings = FitSettings::for_largest_dose(largest);
        if self.exposures.iter().all(|exposure| *exposure > 0.0) {
            settings.scaling = Scaling { offset: NO_OFFSET * largest, ..settings.scaling };
        }
        settings
    }

    /// Exposures and outcomes, with the covariates' columns less their means: what stands at 0 is the average subject.
    fn observations(&mut self, covariates: &[Covariate]) -> Result<DoseObservations, Refusal> {
        let all: Vec<Covariate> = std::iter::once(Covariate::numeric(EXPOSURE, self.exposures)).chain(covariates.iter().cloned()).collect();
        let terms: Vec<Term> = all.iter().map(|covariate| Term::main(&covariate.name, Transform::Identity)).collect();
        let matrix = ModelMatrix::build(&all, &terms, false, &vec![true; self.exposures.len()])?;
        if matrix.rows().len() < self.exposures.len() {
            self.cautions.push(Caution::MissingValues { n: self.exposures.len() - matrix.rows().len() });
        }
        let value = |row: &usize| self.sample.subjects.get(*row).and_then(|subject| subject.outcome.value());
        let centred = |(column, name): (usize, &String)| {
            let values = matrix.design().column(column);
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            FitCovariate { name: name.clone(), values: values.iter().map(|value| value - mean).collect() }
        };
        Ok(DoseObservations {
            doses: matrix.design().column(0),
            responses: matrix.rows().iter().filter_map(value).collect(),
            covariates: matrix.names().iter().enumerate().skip(1).map(centred).collect(),
        })
    }

    fn told(&self, model: DoseResponseModel, n: usize, fit: DoseResponseFit) -> Result<ContinuousModel, Refusal> {
        let mut out = ContinuousModel { model, n, effect: None, change: None, half: None, weight: None, fit };
        if let Some((low, high)) = quartiles(self.exposures) {
            out.change = Some(out.difference(low, high, self.level)?);
        }
        out.effect = self.effect(&out)?;
        if matches!(model, DoseResponseModel::Emax | DoseResponseModel::SigmoidEmax) && out.fit.covariance.is_some() {
            let half = out.fit.curve.coefficients.get(2).copied();
            let error = out.fit.standard_errors().and_then(|errors| errors.get(2).copied());
            let critical = normal_critical(self.level)?;
            out.half = half.map(|half| {
                let limits = error.map(|error| critical * error / half).map(|width| (half * (-width).exp(), half * width.exp()));
                (half, limits.filter(|(lower, upper)| lower.is_finite() && upper.is_finite()))
            });
        }
        Ok(out)
    }

    /// Change per step of exposure, of the straight lines.
    fn effect(&self, model: &ContinuousModel) -> Result<Option<Effect>, DistributionError> {
        let form = match model.model {
            DoseResponseModel::Linear => super::binary::ExposureForm::Linear,
            DoseResponseModel::LogLinear => super::binary::ExposureForm::LogLinear,
            _ => return Ok(None),
        };
        let step = Step::of(form, descriptive::median(self.exposures).unwrap_or(1.0));
        let df = model.fit.goodness.df();
        let quantile = t_quantile(0.5 + 0.5 * self.level, df)?;
        let slope = model.fit.curve.coefficients.get(1).map(|slope| slope * step.factor());
        let error = model.fit.standard_errors().and_then(|errors| errors.get(1).map(|error| error * step.factor()));
        let p_value = match slope.zip(error).filter(|(_, error)| *error > 0.0) {
            Some((slope, error)) => Some((2.0 * t_upper((slope / error).abs(), df)?).min(1.0)),
            None => None,
        };
        let limits = slope.zip(error).map(|(slope, error)| (slope - quantile * error, slope + quantile * error));
        Ok(Some(Effect { step, estimate: slope, limits, p_value, method: IntervalMethod::StudentT, penalised: false }))
    }
}

/// Weights of the models without covariates.
fn weigh(models: &mut [ContinuousModel]) {
    let least = models.iter().map(ContinuousModel::aic).fold(f64::INFINITY, f64::min);
    let share = |model: &ContinuousModel| (-0.5 * (model.aic() - least)).exp();
    let total: f64 = models.iter().map(share).sum();
    for model in models.iter_mut() {
        model.weight = Some(share(model) / total);
    }
}

fn average(models: &[ContinuousModel], exposure: f64) -> Option<f64> {
    let weighted: Option<Vec<f64>> = models.iter().map(|model| Some(model.weight? * model.fit.curve.mean(exposure))).collect();
    weighted.filter(|values| !values.is_empty()).map(|values| values.iter().sum()).filter(|value: &f64| value.is_finite())
}

/// Mean with its t interval.
pub(super) fn mean_interval(values: &[f64], level: f64) -> Option<(f64, Option<Interval>)> {
    let mean = descriptive::mean(values)?;
    let n = values.len() as f64;
    let limits = descriptive::standard_deviation(values).and_then(|deviation| {
        let quantile = t_quantile(0.5 + 0.5 * level, n - 1.0).ok()?;
        let half = quantile * deviation / n.sqrt();
        half.is_finite().then_some(Interval { lower: Some(mean - half), upper: Some(mean + half), level, method: IntervalMethod::StudentT })
    });
    Some((mean, limits))
}

fn dosages(result: &ContinuousResult, sample: &Sample, settings: &Settings) -> Result<Vec<DosageMean>, DistributionError> {
    let level = settings.intervals.level;
    let dosage = |group: usize| {
        let values: Vec<f64> = sample.of(group).filter_map(|subject| subject.outcome.value()).collect();
        let exposure = typical(&sample.exposures_of(group));
        let observed = mean_interval(&values, level);
        DosageMean {
            exposure,
            n: values.len(),
            observed: observed.map(|(mean, _)| mean),
            interval: observed.and_then(|(_, interval)| interval),
            standard_deviation: descriptive::standard_deviation(&values),
            predicted: result.chosen().and_then(|model| model.predict(exposure, level)),
            adjusted: result.adjusted.as_ref().and_then(|model| model.predict(exposure, level)),
            average: average(&result.models, exposure),
        }
    };
    Ok((0..sample.panel.groups.len()).map(dosage).collect())
}

fn gains(result: &ContinuousResult, sample: &Sample, settings: &Settings) -> Result<Vec<MeanDifference>, DistributionError> {
    let Some(chosen) = result.chosen() else { return Ok(Vec::new()) };
    let mut gains = Vec::new();
    for (from, to) in pairs(&sample.panel.groups, settings) {
        let Some((low, high)) = result.dosages.get(from).zip(result.dosages.get(to)) else { continue };
        let (difference, limits) = chosen.difference(low.exposure, high.exposure, settings.intervals.level)?;
        let averaged = high.average.zip(low.average).map(|(high, low)| high - low);
        gains.push(MeanDifference { from, to, difference, limits, average: averaged });
    }
    Ok(gains)
}
