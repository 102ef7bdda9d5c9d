//! A time to an event of a project: proportional-hazards models, groups of exposure, hazard ratios between dosages, and what goes beyond.

use std::collections::BTreeMap;

use super::assembly::Sample;
use super::binary::ExposureForm;
use super::binary_result::typical;
use super::caution::{Caution, FEW_EVENTS};
use super::confounding::design_cautions;
use super::effect::{Effect, Saturation};
use super::endpoint::Outcome;
use super::model_matrix::{Covariate, CovariateValues};
use super::pairs::pairs;
use super::refusal::Refusal;
use super::time_competing::{BandCurve, CompetingResult, count_recurrences, model_competing};
use super::time_emax::{TimeEmax, fit_time_emax};
use super::time_groups::{ExposureBands, group_by_exposure};
use super::time_matched::{MatchedResult, NotMatched, match_controls};
use super::time_outcomes::{Times, times};
use super::time_to_event::{HazardModel, TimeToEventAnalysis, TimeToEventData, analyse_time_to_event};
use super::time_varying::{OverTime, model_over_time};
use crate::analysis::measure::Proportion;
use crate::config::{ExposureResponse, Settings, TieHandling};
use crate::derive::{AnalysisData, BaselineValue};
use crate::numerics::cox::{CoxError, Ties};
use crate::numerics::descriptive;
use crate::numerics::distribution::normal_critical;
use crate::numerics::regression::ChiSquareTest;

/// A time to an event with its models.
#[derive(Debug, Clone)]
pub struct TimeResult {
    /// Models in the order asked for.
    pub models: Vec<TimeModel>,
    /// Position of the model with the smallest AIC among those of all subjects.
    pub chosen: Option<usize>,
    /// Effect of exposure, linear, with dose as a factor beside it.
    pub within_dose: Option<Effect>,
    /// How tied events share the risk set.
    pub ties: Ties,
    /// Columns whose values have baseline hazards of their own.
    pub strata: Vec<String>,
    /// Columns that the project file names as strata and ADSL does not give.
    pub absent_strata: Vec<String>,
    /// Groups of exposure with their curves.
    pub bands: ExposureBands,
    /// One per group of the sample.
    pub dosages: Vec<DosageTime>,
    /// Hazard ratios between dosages, at their mean exposures.
    pub ratios: Vec<HazardRatio>,
    /// Cases at both ends of exposure against matched controls, or why there are none.
    pub matched: Result<MatchedResult, NotMatched>,
    /// Models on exposures that change over time.
    pub over_time: Vec<OverTime>,
    /// The event and what competes with it; `None` where nothing may compete.
    pub competing: Option<CompetingResult>,
    /// Mean numbers of events, parallel to the groups of exposure; empty where events are not counted.
    pub recurrences: Vec<BandCurve>,
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
    /// Effect of exposure without covariates, for a straight line.
    pub effect: Option<Effect>,
    /// Half-maximal exposure and largest change of the log hazard, for an Emax curve.
    pub saturation: Option<Saturation>,
    /// The Emax curve itself.
    pub emax: Option<TimeEmax>,
    /// Effect with covariates.
    pub adjusted: Option<Effect>,
    /// Subjects in the adjusted model.
    pub adjusted_n: Option<usize>,
    /// Events in the adjusted model.
    pub adjusted_events: Option<usize>,
    /// Akaike's criterion of the unadjusted model, from the partial likelihood.
    pub aic: Option<f64>,
    /// Akaike weight among the models of all subjects.
    pub weight: Option<f64>,
    /// p value of the test of proportional hazards.
    pub proportionality: Option<f64>,
    /// Tests of proportional hazards without and with covariates.
    pub hazards: Vec<HazardsTest>,
}

/// Tests of proportional hazards of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct HazardsTest {
    /// Whether covariates are in the model.
    pub adjusted: bool,
    /// Test of each column.
    pub columns: Vec<(String, ChiSquareTest)>,
    /// Test of all together.
    pub global: ChiSquareTest,
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

impl TimeResult {
    /// The chosen model.
    #[must_use]
    pub fn chosen(&self) -> Option<&TimeModel> {
        self.models.get(self.chosen?)
    }

    /// The chosen model where it is a straight line, otherwise the straight line with the smallest AIC, otherwise the first.
    #[must_use]
    pub fn straight(&self) -> Option<&TimeModel> {
        let lines = || self.models.iter().filter(|model| model.saturation.is_none());
        let smallest = || lines().filter(|model| model.aic.is_some()).min_by(|a, b| a.aic.unwrap_or(0.0).total_cmp(&b.aic.unwrap_or(0.0)));
        self.chosen().filter(|model| model.saturation.is_none()).or_else(smallest).or_else(|| lines().next())
    }
}

impl TimeResult {
    /// Takes over what each form says, once; of covariates only what the line says that stands for the exposure.
    fn caution(&mut self, cautions: Vec<(ExposureForm, Vec<Caution>)>) {
        let line = self.straight().map(|model| model.form);
        for (form, caution) in cautions.into_iter().flat_map(|(form, of)| of.into_iter().map(move |caution| (form, caution))) {
            let of_covariates = matches!(caution, Caution::CorrelatedWithExposure { .. } | Caution::SlopeChangesOnAdjustment { .. });
            if !(of_covariates && Some(form) != line || self.cautions.contains(&caution)) {
                self.cautions.push(caution);
            }
        }
    }
}

/// Fits the models of a time to an event.
pub(super) fn model_time(
    sample: &Sample,
    forms: &[ExposureForm],
    asked: &ExposureResponse,
    data: &AnalysisData,
    settings: &Settings,
) -> Result<TimeResult, Refusal> {
    let level = settings.intervals.level;
    let found = times(&asked.endpoint, data)?;
    let ties = match asked.ties {
        TieHandling::Efron => Ties::Efron,
        TieHandling::Breslow => Ties::Breslow,
    };
    let (strata, used_strata, absent_strata) = strata(sample, &asked.strata, data);
    let fitting = Fitting { sample, strata: &strata, ties, level };
    let mut out = TimeResult {
        models: Vec::new(),
        chosen: None,
        within_dose: None,
        ties,
        strata: used_strata,
        absent_strata,
        bands: group_by_exposure(sample, (&strata, ties), &settings.intervals)?,
        dosages: dosages(sample, settings),
        ratios: Vec::new(),
        matched: match_controls(asked, (sample, &found), data, settings, ties)?,
        over_time: model_over_time(&asked.exposure_over_time, (sample, &found), (&strata, ties), data, level)?,
        competing: None,
        recurrences: Vec::new(),
        cautions: design_cautions(&sample.exposures(), &sample.doses_by_subject()),
    };
    let mut cautions = Vec::new();
    for form in forms {
        cautions.push((*form, fitting.add(*form, &mut out)?));
    }
    weigh(&mut out, sample.subjects.len());
    out.caution(cautions);
    out.ratios = ratios(&out, sample, settings);
    beyond(&mut out, asked, (sample, &found), settings)?;
    Ok(out)
}

/// Competing and recurrent events.
fn beyond(out: &mut TimeResult, asked: &ExposureResponse, (sample, found): (&Sample, &Times), settings: &Settings) -> Result<(), Refusal> {
    let level = settings.intervals.level;
    let median = descriptive::median(&sample.exposures()).unwrap_or(1.0);
    if found.competing {
        let form = out.straight().map_or(ExposureForm::Linear, |model| model.form);
        out.competing = Some(model_competing((sample, found), &out.bands, (form, median), level)?);
    }
    if asked.endpoint.recurrent && asked.endpoint.dataset == "adae" {
        out.recurrences = count_recurrences((sample, found), &out.bands, level)?;
    }
    Ok(())
}

/// Stratum of each subject, with the columns that were used and those that ADSL does not give. A missing value is a stratum of its own.
fn strata(sample: &Sample, names: &[String], data: &AnalysisData) -> (Vec<usize>, Vec<String>, Vec<String>) {
    let (mut used, mut absent, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        match data.baseline_variables.iter().position(|variable| variable.column.eq_ignore_ascii_case(name)) {
            Some(place) => {
                used.push(data.baseline_variables[place].column.clone());
                places.push(place);
            }
            None => absent.push(name.clone()),
        }
    }
    let key = |value: Option<&BaselineValue>| match value {
        Some(BaselineValue::Level(level)) => format!("level {level}"),
        Some(BaselineValue::Number(number)) => format!("number {number}"),
        _ => "missing".to_owned(),
    };
    let keys: Vec<Vec<String>> = sample
        .subjects
        .iter()
        .map(|subject| {
            let baseline = data.subjects.get(subject.subject.0).map(|subject| &subject.baseline);
            places.iter().map(|place| key(baseline.and_then(|values| values.get(*place)))).collect()
        })
        .collect();
    let mut labels: BTreeMap<&Vec<String>, usize> = BTreeMap::new();
    for key in &keys {
        let next = labels.len();
        labels.entry(key).or_insert(next);
    }
    (keys.iter().filter_map(|key| labels.get(key).copied()).collect(), used, absent)
}

/// What every form of the exposure is fitted with.
struct Fitting<'a> {
    sample: &'a Sample,
    strata: &'a [usize],
    ties: Ties,
    level: f64,
}

/// Times and exposures of the subjects that a form can use.
struct Rows {
    ends: Vec<f64>,
    events: Vec<bool>,
    exposures: Vec<f64>,
    strata: Vec<usize>,
    doses: Vec<f64>,
    covariates: Vec<Covariate>,
}

impl Fitting<'_> {
    fn add(&self, form: ExposureForm, out: &mut TimeResult) -> Result<Vec<Caution>, Refusal> {
        let median = descriptive::median(&self.sample.exposures()).unwrap_or(1.0);
        let (model, cautions) = if matches!(form, ExposureForm::Emax | ExposureForm::SigmoidEmax) {
            self.saturating(form)?
        } else {
            let rows = self.rows(form);
            let analysis = analyse_time_to_event(&self.data(&rows, &rows.covariates), self.level)?;
            if form == ExposureForm::Linear {
                out.within_dose = analysis.with_dose.as_ref().and_then(|model| Effect::of_hazard(model, form, median));
            }
            let left_out = self.sample.subjects.len() - rows.ends.len();
            let zero = (left_out > 0).then_some(Caution::ZeroExposureLeftOut { n: left_out });
            let cautions = analysis.cautions.iter().cloned().chain(zero).collect();
            (Some(model(&analysis, form, median)), cautions)
        };
        out.models.extend(model);
        Ok(cautions)
    }

    /// Exposure, or its logarithm among the subjects who have one.
    fn rows(&self, form: ExposureForm) -> Rows {
        let log = form == ExposureForm::LogLinear;
        let subjects = &self.sample.subjects;
        let used: Vec<usize> = (0..subjects.len()).filter(|row| !log || subjects[*row].exposure > 0.0).collect();
        let doses = self.sample.doses_by_subject();
        let mut rows = Rows {
            ends: Vec::new(),
            events: Vec::new(),
            exposures: Vec::new(),
            strata: used.iter().filter_map(|row| self.strata.get(*row)).copied().collect(),
            doses: used.iter().filter_map(|row| doses.get(*row)).copied().collect(),
            covariates: self.sample.covariates.iter().map(|covariate| of_rows(covariate, &used)).collect(),
        };
        for subject in used.iter().filter_map(|row| subjects.get(*row)) {
            let Outcome::Time { days, event } = subject.outcome else { continue };
            rows.ends.push(days);
            rows.events.push(event);
            rows.exposures.push(if log { subject.exposure.ln() } else { subject.exposure });
        }
        rows
    }

    fn data<'a>(&self, rows: &'a Rows, covariates: &'a [Covariate]) -> TimeToEventData<'a> {
        TimeToEventData {
            starts: None,
            ends: &rows.ends,
            events: &rows.events,
            exposures: &rows.exposures,
            covariates,
            strata: &rows.strata,
            doses: &rows.doses,
            ties: self.ties,
        }
    }

    fn saturating(&self, form: ExposureForm) -> Result<(Option<TimeModel>, Vec<Caution>), Refusal> {
        let rows = self.rows(form);
        let fitted = match fit_time_emax(&self.data(&rows, &[])) {
            Ok(fitted) => fitted,
            Err(super::time_to_event::TimeToEventError::Cox(
                error @ (CoxError::NoEvents | CoxError::Monotone | CoxError::NoConvergence { .. }),
            )) => return Ok((None, vec![Caution::NotFitted { reason: error.to_string() }])),
            Err(error) => return Err(error.into()),
        };
        let Some(fit) = fitted else { return Ok((None, Vec::new())) };
        let mut cautions = Vec::new();
        if fit.at_bound {
            cautions.push(Caution::PlateauNotDetermined);
        }
        if (fit.events as f64) < 2.0 * FEW_EVENTS {
            cautions.push(Caution::FewEvents { events: fit.events, parameters: 2 });
        }
        let model = TimeModel {
            form,
            n: fit.n,
            events: fit.events,
            effect: None,
            saturation: Some(saturation(&fit, normal_critical(self.level)?)),
            emax: Some(fit),
            adjusted: None,
            adjusted_n: None,
            adjusted_events: None,
            aic: Some(fit.aic()),
            weight: None,
            proportionality: None,
            hazards: Vec::new(),
        };
        Ok((Some(model), cautions))
    }
}

fn saturation(fit: &TimeEmax, critical: f64) -> Saturation {
    let around = |value: f64, variance: f64| (value - critical * variance.sqrt(), value + critical * variance.sqrt());
    let determined = |value: f64| (!fit.at_bound && value.is_finite()).then_some(value);
    let limits = |value: f64, variance: Option<f64>| determined(value).and(variance).map(|variance| around(value, variance));
    Saturation {
        ec50: determined(fit.log_ec50.exp()),
        ec50_limits: limits(fit.log_ec50, fit.log_ec50_variance).map(|(lower, upper)| (lower.exp(), upper.exp())),
        emax: determined(fit.emax),
        emax_limits: limits(fit.emax, fit.emax_variance),
    }
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
    let tests = [(false, unadjusted), (true, analysis.adjusted.as_ref())];
    TimeModel {
        form,
        n: analysis.n,
        events: analysis.events,
        effect: effect(&analysis.unadjusted),
        saturation: None,
        emax: None,
        adjusted: effect(&analysis.adjusted),
        adjusted_n: analysis.adjusted.as_ref().map(|model| model.fit.rows),
        adjusted_events: analysis.adjusted.as_ref().map(|model| model.fit.events),
        aic: unadjusted.map(|model| model.fit.aic()),
        weight: None,
        proportionality: unadjusted.and_then(|model| model.proportionality.as_ref()).and_then(|test| test.global.p_value),
        hazards: tests.into_iter().filter_map(|(adjusted, model)| hazards(adjusted, model?)).collect(),
    }
}

fn hazards(adjusted: bool, model: &HazardModel) -> Option<HazardsTest> {
    let test = model.proportionality.as_ref()?;
    let column = |(place, test): &(usize, ChiSquareTest)| Some((model.rows.get(*place)?.name.clone(), *test));
    Some(HazardsTest { adjusted, columns: test.columns.iter().filter_map(column).collect(), global: test.global })
}

/// Akaike weights among the models of all `n` subjects, and the smallest AIC among those whose parameters the data determine.
fn weigh(out: &mut TimeResult, n: usize) {
    let criteria: Vec<Option<f64>> = out.models.iter().map(|model| model.aic.filter(|_| model.n == n)).collect();
    let smallest = criteria.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let relative: Vec<Option<f64>> = criteria.iter().map(|aic| aic.map(|aic| (-0.5 * (aic - smallest)).exp())).collect();
    let total: f64 = relative.iter().flatten().sum();
    for (model, relative) in out.models.iter_mut().zip(&relative) {
        model.weight = relative.map(|relative| relative / total);
    }
    let determined = |place: usize| !out.models.get(place).and_then(|model| model.emax).is_some_and(|emax| emax.at_bound);
    let usable = criteria.iter().enumerate().filter(|(place, _)| determined(*place));
    let best = usable.filter_map(|(place, aic)| Some((place, (*aic)?))).min_by(|a, b| a.1.total_cmp(&b.1));
    out.chosen = best.map(|(place, _)| place).or((!out.models.is_empty()).then_some(0));
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
/// b: log hazard ratio per step; f: exposure in steps, or its logarithm in doublings; x1, x2: mean exposures of the dosages. Of an Emax curve
/// the limits are those of the delta method.
fn ratios(result: &TimeResult, sample: &Sample, settings: &Settings) -> Vec<HazardRatio> {
    let Some(model) = result.chosen() else { return Vec::new() };
    let critical = normal_critical(settings.intervals.level).ok();
    let ratio = |(from, to): (usize, usize)| {
        let (low, high) = (result.dosages.get(from)?.exposure, result.dosages.get(to)?.exposure);
        let (estimate, limits) = log_ratio(model, (low, high), critical)?;
        let raised = limits.map(|(lower, upper)| (lower.exp(), upper.exp()));
        estimate.exp().is_finite().then_some(HazardRatio { from, to, estimate: estimate.exp(), limits: raised })
    };
    pairs(&sample.panel.groups, settings).into_iter().filter_map(ratio).collect()
}

type Limits = Option<(f64, f64)>;

fn log_ratio(model: &TimeModel, (low, high): (f64, f64), critical: Option<f64>) -> Option<(f64, Limits)> {
    if let Some(emax) = model.emax.filter(|emax| !emax.at_bound) {
        let (estimate, error) = emax.contrast(low, high);
        let limits = error.zip(critical).map(|(error, critical)| (estimate - critical * error, estimate + critical * error));
        return Some((estimate, limits));
    }
    let effect = model.effect?;
    let in_steps = |exposure: f64| if model.form == ExposureForm::LogLinear { exposure.log2() } else { exposure / effect.step.factor() };
    let distance = in_steps(high) - in_steps(low);
    let limits = effect.limits.map(|(lower, upper)| {
        let ends = (lower * distance, upper * distance);
        (ends.0.min(ends.1), ends.0.max(ends.1))
    });
    Some((effect.estimate? * distance, limits))
}
