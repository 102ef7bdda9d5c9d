//! An ordered outcome of a project: proportional odds on exposure, probabilities of each grade or higher at each dosage.

use super::assembly::Sample;
use super::binary::{ExposureForm, PredictedProbability};
use super::binary_result::typical;
use super::caution::Caution;
use super::confounding::{correlations, design_cautions};
use super::effect::{Effect, Step};
use super::logistic_model::expit;
use super::model_matrix::Covariate;
use super::ordinal::{OrdinalAnalysis, OrdinalData, analyse_ordinal};
use super::proportionality::{Proportionality, test_proportionality};
use super::refusal::Refusal;
use crate::analysis::measure::Proportion;
use crate::config::Settings;
use crate::numerics::descriptive;
use crate::numerics::distribution::DistributionError;
use crate::numerics::glm::ProportionalOddsFit;
use crate::quantity::IntervalMethod;

/// Points at which a curve is computed for drawing.
const CURVE: u32 = 60;

/// An ordered outcome with its models.
#[derive(Debug, Clone)]
pub struct OrdinalResult {
    /// Observed categories above the lowest one, ascending: the cuts.
    pub cuts: Vec<usize>,
    /// One per form that was asked for and could be tried.
    pub models: Vec<OrdinalModel>,
    /// Position of the model with the smallest AIC.
    pub chosen: Option<usize>,
    /// The model with covariates, in the chosen form.
    pub adjusted: Option<OrdinalModel>,
    /// The model with dose as a factor beside exposure, in the chosen form.
    pub within_dose: Option<OrdinalModel>,
    /// By cut the probability of that category or a higher one over the observed exposures.
    pub curves: Vec<Vec<PredictedProbability>>,
    /// One per group of the sample.
    pub dosages: Vec<DosageGrades>,
    /// What a reader must know.
    pub cautions: Vec<Caution>,
}

/// A proportional-odds model in the words of a table.
#[derive(Debug, Clone)]
pub struct OrdinalModel {
    /// Form.
    pub form: ExposureForm,
    /// Subjects.
    pub n: usize,
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// Akaike weight among the models of all subjects.
    pub weight: Option<f64>,
    /// Effect of exposure on the log odds of a higher category.
    pub effect: Option<Effect>,
    /// Test of the odds being proportional, for the exposure alone.
    pub proportionality: Option<Proportionality>,
    fit: Option<ProportionalOddsFit>,
}

/// Observed and predicted categories at one dosage.
#[derive(Debug, Clone)]
pub struct DosageGrades {
    /// Geometric mean of exposure; the arithmetic mean where an exposure is zero.
    pub exposure: f64,
    /// One per cut.
    pub at_least: Vec<AtLeast>,
}

/// A category or a higher one at a dosage.
#[derive(Debug, Clone)]
pub struct AtLeast {
    /// Observed.
    pub observed: Proportion,
    /// By the chosen model.
    pub predicted: Option<PredictedProbability>,
    /// Averaged over the models by their weights.
    pub average: Option<f64>,
}

impl OrdinalResult {
    /// The chosen model.
    #[must_use]
    pub fn chosen(&self) -> Option<&OrdinalModel> {
        self.models.get(self.chosen?)
    }
}

impl OrdinalModel {
    /// Probability of a category above the `threshold`-th at an exposure, by a model without covariates.
    fn predict(&self, threshold: usize, exposure: f64, level: f64) -> Result<Option<PredictedProbability>, DistributionError> {
        let column = transformed(self.form, exposure);
        let Some(logit) = self.fit.as_ref().zip(column).and_then(|(fit, x)| fit.above(threshold, &[x])) else { return Ok(None) };
        let (lower, upper) = logit.interval(level)?;
        Ok(Some(PredictedProbability { exposure, probability: expit(logit.value), limits: Some((expit(lower), expit(upper))) }))
    }
}

/// Exposure as a form takes it; `None` where it has no logarithm.
fn transformed(form: ExposureForm, exposure: f64) -> Option<f64> {
    match form {
        ExposureForm::LogLinear => (exposure > 0.0).then(|| exposure.ln()),
        _ => Some(exposure),
    }
}

/// Fits the straight-line forms of an ordered outcome; other forms have been refused before.
pub(super) fn model_ordinal(sample: &Sample, forms: &[ExposureForm], settings: &Settings) -> Result<OrdinalResult, Refusal> {
    let level = settings.intervals.level;
    let grades: Vec<usize> = sample.subjects.iter().filter_map(|subject| subject.outcome.grade()).collect();
    let mut cuts = grades.clone();
    cuts.sort_unstable();
    cuts.dedup();
    let cuts: Vec<usize> = cuts.into_iter().skip(1).collect();
    let mut cautions = design_cautions(&sample.exposures(), &sample.doses_by_subject());
    cautions.extend(correlations(&sample.exposures(), &sample.covariates));
    let mut models = Vec::new();
    for form in forms {
        models.extend(model(sample, &grades, (*form, &[]), level, &mut cautions)?);
    }
    let best = models.iter().enumerate().filter_map(|(place, model): (usize, &OrdinalModel)| Some((place, model.aic?)));
    let chosen = best.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(place, _)| place);
    weigh(&mut models);
    let mut out =
        OrdinalResult { cuts, models, chosen, adjusted: None, within_dose: None, curves: Vec::new(), dosages: Vec::new(), cautions };
    if let Some(form) = out.chosen().map(|model| model.form) {
        if !sample.covariates.is_empty() {
            out.adjusted = model(sample, &grades, (form, &sample.covariates), level, &mut out.cautions)?;
        }
        let doses = sample.doses_by_subject();
        if doses.first().is_some_and(|first| doses.iter().any(|dose| (dose - first).abs() > 0.0)) {
            let levels: Vec<String> = doses.iter().map(|dose| format!("{dose:020.6}")).collect();
            // What the model with dose cannot estimate is no fault of the other models.
            out.within_dose = model(sample, &grades, (form, &[Covariate::factor("dose", &levels)]), level, &mut Vec::new())?;
        }
    }
    out.curves = curves(&out, sample, level)?;
    out.dosages = dosages(&out, sample, settings)?;
    let mut distinct: Vec<Caution> = Vec::new();
    for caution in std::mem::take(&mut out.cautions) {
        if !distinct.contains(&caution) {
            distinct.push(caution);
        }
    }
    Ok(OrdinalResult { cautions: distinct, ..out })
}

/// One model; `None`, with a caution, where it cannot be fitted.
fn model(
    sample: &Sample,
    grades: &[usize],
    (form, covariates): (ExposureForm, &[Covariate]),
    level: f64,
    cautions: &mut Vec<Caution>,
) -> Result<Option<OrdinalModel>, Refusal> {
    let exposures = sample.exposures();
    let Some(columns) = exposures.iter().map(|exposure| transformed(form, *exposure)).collect::<Option<Vec<f64>>>() else {
        let reason = "log-linear: an exposure of zero has no logarithm".to_owned();
        cautions.push(Caution::NotFitted { reason });
        return Ok(None);
    };
    let OrdinalAnalysis { n, rows, fit, cautions: found } =
        analyse_ordinal(&OrdinalData { exposures: &columns, grades, covariates }, level)?;
    cautions.extend(found);
    let Some(fit) = fit else { return Ok(None) };
    let step = Step::of(form, descriptive::median(&exposures).unwrap_or(1.0));
    let effect = rows.first().map(|row| Effect {
        step,
        estimate: row.estimate.map(|estimate| estimate * step.factor()),
        limits: row.limits.map(|(lower, upper)| (lower * step.factor(), upper * step.factor())),
        p_value: row.wald.map(|wald| wald.p_value),
        method: IntervalMethod::Wald,
        penalised: false,
    });
    let proportionality = if covariates.is_empty() { test_proportionality(&columns, grades) } else { None };
    Ok(Some(OrdinalModel { form, n, aic: Some(fit.aic()), weight: None, effect, proportionality, fit: Some(fit) }))
}

fn weigh(models: &mut [OrdinalModel]) {
    let least = models.iter().filter_map(|model| model.aic).fold(f64::INFINITY, f64::min);
    let share = |model: &OrdinalModel| model.aic.map_or(0.0, |aic| (-0.5 * (aic - least)).exp());
    let total: f64 = models.iter().map(share).sum();
    for model in models.iter_mut() {
        model.weight = model.aic.map(|_| share(model) / total);
    }
}

/// Where a curve over the observed exposures is computed: evenly, on the logarithmic scale where every exposure has a logarithm.
pub(super) fn places(exposures: &[f64], steps: u32) -> Vec<f64> {
    let low = exposures.iter().copied().fold(f64::INFINITY, f64::min);
    let high = exposures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let place = |step: u32| {
        let share = f64::from(step) / f64::from(steps);
        match step {
            0 => low,
            _ if step == steps => high,
            _ if low > 0.0 => low * (high / low).powf(share),
            _ => low + share * (high - low),
        }
    };
    (0..=steps).map(place).collect()
}

fn curves(result: &OrdinalResult, sample: &Sample, level: f64) -> Result<Vec<Vec<PredictedProbability>>, DistributionError> {
    let Some(chosen) = result.chosen() else { return Ok(Vec::new()) };
    let places = places(&sample.exposures(), CURVE);
    let curve = |threshold: usize| {
        let points = places.iter().map(|at| chosen.predict(threshold, *at, level)).collect::<Result<Vec<_>, _>>();
        points.map(|points| points.into_iter().flatten().collect())
    };
    (0..result.cuts.len()).map(curve).collect()
}

fn dosages(result: &OrdinalResult, sample: &Sample, settings: &Settings) -> Result<Vec<DosageGrades>, DistributionError> {
    let level = settings.intervals.level;
    let mut dosages = Vec::new();
    for group in 0..sample.panel.groups.len() {
        let exposure = typical(&sample.exposures_of(group));
        let mut at_least = Vec::new();
        for (threshold, cut) in result.cuts.iter().enumerate() {
            let higher: Vec<_> = sample.of(group).filter(|subject| subject.outcome.grade().is_some_and(|grade| grade >= *cut)).collect();
            let (count, rows) = (higher.len(), sample.outcome_rows(higher));
            let mut average = Some(0.0);
            for model in &result.models {
                let at = model.predict(threshold, exposure, level)?.zip(model.weight);
                average = average.zip(at).map(|(sum, (at, weight))| sum + weight * at.probability);
            }
            at_least.push(AtLeast {
                observed: Proportion::new(count, sample.of(group).count(), rows, &settings.intervals),
                predicted: result.chosen().map(|model| model.predict(threshold, exposure, level)).transpose()?.flatten(),
                average: average.filter(|_| !result.models.is_empty()),
            });
        }
        dosages.push(DosageGrades { exposure, at_least });
    }
    Ok(dosages)
}
