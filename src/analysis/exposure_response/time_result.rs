//! A time to an event of a project: proportional-hazards models, curves by quartile of exposure, hazard ratios between dosages.

use super::assembly::Sample;
use super::binary::ExposureForm;
use super::binary_result::typical;
use super::caution::Caution;
use super::effect::Effect;
use super::endpoint::Outcome;
use super::model_matrix::{Covariate, CovariateValues};
use super::pairs::pairs;
use super::refusal::Refusal;
use super::time_to_event::{HazardModel, TimeToEventAnalysis, TimeToEventData, analyse_time_to_event};
use crate::analysis::measure::{Proportion, Survival};
use crate::config::Settings;
use crate::numerics::descriptive;

/// A time to an event with its models.
#[derive(Debug, Clone)]
pub struct TimeResult {
    /// Models in the order asked for.
    pub models: Vec<TimeModel>,
    /// Position of the model with the smallest AIC among those of all subjects.
    pub chosen: Option<usize>,
    /// Curves by quartile of exposure, lowest first.
    pub quartiles: Vec<Quartile>,
    /// p value of the log-rank test across the quartiles.
    pub log_rank: Option<f64>,
    /// One per group of the sample.
    pub dosages: Vec<DosageTime>,
    /// Hazard ratios between dosages, at their mean exposures.
    pub ratios: Vec<HazardRatio>,
    /// What a reader must know.
    pub cautions: Vec<Caution>,
}

/// A proportional-hazards model in one form of the exposure.
#[derive(Debug, Clone)]
pub struct TimeModel {
    /// Form.
    pub form: ExposureForm,
    /// Subjects.
    pub n: usize,
    /// Events.
    pub events: usize,
    /// Effect of exposure without covariates.
    pub effect: Option<Effect>,
    /// Effect with covariates.
    pub adjusted: Option<Effect>,
    /// Subjects in the adjusted model.
    pub adjusted_n: Option<usize>,
    /// Akaike's criterion of the unadjusted model, from the partial likelihood.
    pub aic: Option<f64>,
    /// Akaike weight among the models of all subjects.
    pub weight: Option<f64>,
    /// p value of the test of proportional hazards.
    pub proportionality: Option<f64>,
}

/// A quartile of exposure with its curve.
#[derive(Debug, Clone)]
pub struct Quartile {
    /// Position from one.
    pub position: usize,
    /// Smallest exposure.
    pub minimum: f64,
    /// Largest exposure.
    pub maximum: f64,
    /// The curve.
    pub survival: Survival,
}

/// Observed events at one dosage.
#[derive(Debug, Clone)]
pub struct DosageTime {
    /// Mean exposure as for a binary outcome.
    pub exposure: f64,
    /// Subjects with the event.
    pub observed: Proportion,
}

/// Hazard ratio of a higher dosage to a lower one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HazardRatio {
    /// Position of the lower dosage among the groups.
    pub from: usize,
    /// Position of the higher.
    pub to: usize,
    /// Estimate.
    pub estimate: f64,
    /// Limits.
    pub limits: Option<(f64, f64)>,
}

/// Fits the models of a time to an event.
pub(super) fn model_time(sample: &Sample, forms: &[ExposureForm], settings: &Settings) -> Result<TimeResult, Refusal> {
    let median = descriptive::median(&sample.exposures()).unwrap_or(1.0);
    let mut out = TimeResult {
        models: Vec::new(),
        chosen: None,
        quartiles: Vec::new(),
        log_rank: None,
        dosages: dosages(sample, settings),
        ratios: Vec::new(),
        cautions: Vec::new(),
    };
    for form in forms {
        let analysis = fit(sample, *form, settings.intervals.level)?;
        if out.quartiles.is_empty() {
            out.log_rank = analysis.curves.as_ref().and_then(|curves| curves.log_rank.p_value);
            out.quartiles = quartiles(sample, settings);
        }
        let fresh: Vec<Caution> = analysis.cautions.iter().filter(|caution| !out.cautions.contains(caution)).cloned().collect();
        out.cautions.extend(fresh);
        out.models.push(model(&analysis, *form, median));
    }
    weigh(&mut out, sample.subjects.len());
    out.ratios = ratios(&out, sample, settings);
    Ok(out)
}

/// Fits one form: exposure, or its logarithm among the subjects who have one.
fn fit(sample: &Sample, form: ExposureForm, level: f64) -> Result<TimeToEventAnalysis, Refusal> {
    let log = form == ExposureForm::LogLinear;
    let used: Vec<usize> = (0..sample.subjects.len()).filter(|row| !log || sample.subjects[*row].exposure > 0.0).collect();
    let (mut ends, mut events, mut exposures) = (Vec::new(), Vec::new(), Vec::new());
    for subject in used.iter().filter_map(|row| sample.subjects.get(*row)) {
        let Outcome::Time { days, event } = subject.outcome else { continue };
        ends.push(days);
        events.push(event);
        exposures.push(if log { subject.exposure.ln() } else { subject.exposure });
    }
    let covariates: Vec<Covariate> = sample.covariates.iter().map(|covariate| of_rows(covariate, &used)).collect();
    let data = TimeToEventData { starts: None, ends: &ends, events: &events, exposures: &exposures, covariates: &covariates, strata: &[] };
    let mut analysis = analyse_time_to_event(&data, level)?;
    let left_out = sample.subjects.len() - used.len();
    if left_out > 0 {
        analysis.cautions.push(Caution::ZeroExposureLeftOut { n: left_out });
    }
    Ok(analysis)
}

fn of_rows(covariate: &Covariate, rows: &[usize]) -> Covariate {
    let values = match &covariate.values {
        CovariateValues::Numeric(values) => CovariateValues::Numeric(rows.iter().map(|row| values.get(*row).copied().flatten()).collect()),
        CovariateValues::Factor(values) => CovariateValues::Factor(rows.iter().map(|row| values.get(*row).cloned().flatten()).collect()),
    };
    Covariate { name: covariate.name.clone(), values }
}

fn model(analysis: &TimeToEventAnalysis, form: ExposureForm, median: f64) -> TimeModel {
    let effect = |model: &Option<HazardModel>| model.as_ref().and_then(|model| Effect::of_hazard(model, form, median));
    let unadjusted = analysis.unadjusted.as_ref();
    TimeModel {
        form,
        n: analysis.n,
        events: analysis.events,
        effect: effect(&analysis.unadjusted),
        adjusted: effect(&analysis.adjusted),
        adjusted_n: analysis.adjusted.as_ref().map(|model| model.fit.rows),
        aic: unadjusted.map(|model| model.fit.aic()),
        weight: None,
        proportionality: unadjusted.and_then(|model| model.proportionality.as_ref()).and_then(|test| test.global.p_value),
    }
}

/// Akaike weights among the models of all `n` subjects, and the smallest AIC.
fn weigh(out: &mut TimeResult, n: usize) {
    let criteria: Vec<Option<f64>> = out.models.iter().map(|model| model.aic.filter(|_| model.n == n)).collect();
    let smallest = criteria.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let relative: Vec<Option<f64>> = criteria.iter().map(|aic| aic.map(|aic| (-0.5 * (aic - smallest)).exp())).collect();
    let total: f64 = relative.iter().flatten().sum();
    for (model, relative) in out.models.iter_mut().zip(&relative) {
        model.weight = relative.map(|relative| relative / total);
    }
    let best = criteria.iter().enumerate().filter_map(|(place, aic)| Some((place, (*aic)?))).min_by(|a, b| a.1.total_cmp(&b.1));
    out.chosen = best.map(|(place, _)| place).or((!out.models.is_empty()).then_some(0));
}

/// Curves by quartile, cut as those of a binary outcome: each open below and closed above.
fn quartiles(sample: &Sample, settings: &Settings) -> Vec<Quartile> {
    let exposures = sample.exposures();
    let cut = |share: f64| descriptive::quantile(&exposures, share, descriptive::QuantileType::Type7);
    let cuts: Vec<f64> = [0.25, 0.5, 0.75].into_iter().filter_map(cut).collect();
    let member = |exposure: f64| cuts.iter().filter(|cut| exposure > **cut).count();
    let quartile = |place: usize| {
        let of: Vec<_> = sample.subjects.iter().filter(|subject| member(subject.exposure) == place).collect();
        let observations = of.iter().filter_map(|subject| match subject.outcome {
            Outcome::Time { days, event } => Some((subject.rows.first().copied()?, days, event)),
            Outcome::Binary(_) | Outcome::Grade(_) | Outcome::Value(_) => None,
        });
        let ends = of.iter().map(|subject| subject.exposure);
        let survival = Survival::of(observations, &settings.intervals)?;
        let (minimum, maximum) = (ends.clone().fold(f64::INFINITY, f64::min), ends.fold(f64::NEG_INFINITY, f64::max));
        Some(Quartile { position: place + 1, minimum, maximum, survival })
    };
    (0..4).filter_map(quartile).collect()
}

fn dosages(sample: &Sample, settings: &Settings) -> Vec<DosageTime> {
    let of = |group: usize| DosageTime { exposure: typical(&sample.exposures_of(group)), observed: sample.observed(group, settings) };
    (0..sample.panel.groups.len()).map(of).collect()
}

/// Hazard ratios by the chosen model.
///
/// ```text
/// HR = exp(b (f(x2) - f(x1))),   limits from those of b
/// ```
///
/// b: log hazard ratio per step; f: exposure in steps, or its logarithm in doublings; x1, x2: mean exposures of the dosages.
fn ratios(result: &TimeResult, sample: &Sample, settings: &Settings) -> Vec<HazardRatio> {
    let Some(model) = result.chosen.and_then(|place| result.models.get(place)) else { return Vec::new() };
    let Some((effect, slope)) = model.effect.and_then(|effect| Some((effect, effect.estimate?))) else { return Vec::new() };
    let in_steps = |exposure: f64| if model.form == ExposureForm::LogLinear { exposure.log2() } else { exposure / effect.step.factor() };
    let ratio = |(from, to): (usize, usize)| {
        let (low, high) = (result.dosages.get(from)?.exposure, result.dosages.get(to)?.exposure);
        let distance = in_steps(high) - in_steps(low);
        let limits = effect.limits.map(|(lower, upper)| {
            let ends = ((lower * distance).exp(), (upper * distance).exp());
            (ends.0.min(ends.1), ends.0.max(ends.1))
        });
        let estimate = (slope * distance).exp();
        estimate.is_finite().then_some(HazardRatio { from, to, estimate, limits })
    };
    pairs(&sample.panel.groups, settings).into_iter().filter_map(ratio).collect()
}
