//! A binary outcome against exposure: several forms of the curve, adjusted and unadjusted, with the cautions that belong to them.

use super::binary_emax::{BinaryEmaxError, BinaryEmaxFit, EmaxBounds, EmaxShape, fit_binary_emax};
use super::caution::{Caution, SLOPE_CHANGE};
use super::confounding::{correlations, design_cautions};
use super::exposure_groups::{ExposureGroupError, ExposureGroups, group_exposures};
use super::logistic_model::{LogisticModel, LogisticModelError, Profiled, Request, expit, fit_logistic};
use super::model_choice::{Candidate, Choice, Criterion, pick};
use super::model_matrix::{Covariate, CovariateValues, ModelMatrixError};
use crate::numerics::descriptive::QuantileType;
use crate::numerics::distribution::DistributionError;
use crate::numerics::glm::GlmError;

/// Name under which exposure enters a model.
pub const EXPOSURE: &str = "exposure";

/// Quantile groups of exposure.
const GROUPS: usize = 4;

/// Form of the curve on the logit scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExposureForm {
    /// A straight line.
    Linear,
    /// A straight line in the logarithm of exposure; subjects without exposure are left out.
    LogLinear,
    /// A parabola.
    Quadratic,
    /// Emax.
    Emax,
    /// Sigmoid Emax.
    SigmoidEmax,
}

impl ExposureForm {
    /// Every form, simplest first.
    pub const ALL: [Self; 5] = [Self::Linear, Self::LogLinear, Self::Quadratic, Self::Emax, Self::SigmoidEmax];

    /// Identifier in files.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::LogLinear => "log_linear",
            Self::Quadratic => "quadratic",
            Self::Emax => "emax",
            Self::SigmoidEmax => "sigmoid_emax",
        }
    }

    /// Name in running text.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::LogLinear => "log-linear",
            Self::Quadratic => "quadratic",
            Self::Emax => "Emax",
            Self::SigmoidEmax => "sigmoid Emax",
        }
    }
}

/// Exposures and outcomes by subject.
#[derive(Debug, Clone, Copy)]
pub struct BinaryData<'a> {
    /// Exposure, `None` where not known.
    pub exposures: &'a [Option<f64>],
    /// Whether the subject had the event, `None` where not known.
    pub outcomes: &'a [Option<bool>],
    /// Dose received, for the cautions; empty where not known.
    pub doses: &'a [f64],
    /// Covariates to adjust for.
    pub covariates: &'a [Covariate],
}

/// What is fitted and at which confidence level.
#[derive(Debug, Clone, PartialEq)]
pub struct BinarySettings {
    /// Forms in the order in which they are fitted.
    pub forms: Vec<ExposureForm>,
    /// Confidence level of all intervals.
    pub level: f64,
    /// Logistic coefficients whose profile limits and likelihood-ratio tests are computed.
    pub profiles: Profiled,
    /// The rule by which one of the models is chosen.
    pub choice: Choice,
}

/// A fitted Emax model.
#[derive(Debug, Clone, PartialEq)]
pub struct EmaxModel {
    /// Form.
    pub form: ExposureForm,
    /// Subjects.
    pub n: usize,
    /// The fit.
    pub fit: BinaryEmaxFit,
}

/// A model of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum BinaryModel {
    /// Logistic in the exposure or its logarithm.
    Logistic(Box<LogisticModel>),
    /// Emax or sigmoid Emax.
    Emax(EmaxModel),
}

/// Predicted probability with limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictedProbability {
    /// Exposure.
    pub exposure: f64,
    /// Probability.
    pub probability: f64,
    /// Wald limits on the logit scale, transformed back; `None` where there is no standard error.
    pub limits: Option<(f64, f64)>,
}

impl BinaryModel {
    /// Form of the exposure.
    #[must_use]
    pub fn form(&self) -> ExposureForm {
        match self {
            Self::Logistic(model) => model.form,
            Self::Emax(model) => model.form,
        }
    }

    /// Subjects that it was fitted to.
    #[must_use]
    pub fn subjects(&self) -> usize {
        match self {
            Self::Logistic(model) => model.n,
            Self::Emax(model) => model.n,
        }
    }

    /// Akaike's criterion, where the model was fitted by maximum likelihood.
    #[must_use]
    pub fn aic(&self) -> Option<f64> {
        self.criterion(Criterion::Aic)
    }

    /// A criterion, where the model was fitted by maximum likelihood.
    #[must_use]
    pub fn criterion(&self, criterion: Criterion) -> Option<f64> {
        criterion.value(self.log_likelihood()?, self.parameters(), self.subjects())
    }

    /// Log-likelihood, where it was maximised.
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        match self {
            Self::Logistic(model) => model.aic.map(|_| model.log_likelihood),
            Self::Emax(model) => Some(model.fit.log_likelihood),
        }
    }

    /// Estimated parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        match self {
            Self::Logistic(model) => model.parameters(),
            Self::Emax(model) => model.fit.parameters().len(),
        }
    }

    /// Probability at an exposure with limits at `level`; averaged over the covariates of the subjects where the model has any.
    ///
    /// ```text
    /// p(x) = mean over subjects of expit(x_i(x)'b);   limits expit(logit p -+ z se(logit p)), se by the delta method
    /// ```
    ///
    /// `None` where the model cannot say: no logarithm without exposure.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    pub fn predict(&self, exposure: f64, level: f64) -> Result<Option<PredictedProbability>, DistributionError> {
        let predictor = match self {
            Self::Logistic(model) => model.average_logit(exposure).map(|predictor| (predictor.value, Some(predictor))),
            Self::Emax(model) => Some(model.fit.logit(exposure)),
        };
        let Some((logit, with_error)) = predictor else { return Ok(None) };
        let limits = with_error.map(|predictor| predictor.interval(level)).transpose()?;
        let limits = limits.map(|(lower, upper)| (expit(lower), expit(upper)));
        Ok(Some(PredictedProbability { exposure, probability: expit(logit), limits }))
    }
}

/// Everything about one binary outcome and one exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryAnalysis {
    /// Subjects with exposure and outcome.
    pub n: usize,
    /// Subjects among them with the event.
    pub events: usize,
    /// Observed rates by quantile group.
    pub groups: Option<ExposureGroups>,
    /// Unadjusted models that could be fitted, in the order asked for.
    pub models: Vec<BinaryModel>,
    /// Position of the model that the rule chooses among those fitted by maximum likelihood to all subjects; the first one otherwise.
    pub chosen: Option<usize>,
    /// The rule.
    pub choice: Choice,
    /// Logistic model with all covariates.
    pub adjusted: Option<LogisticModel>,
    /// Logistic model with dose as a factor beside exposure, where there is more than one dose.
    pub with_dose: Option<LogisticModel>,
    /// What a reader must know.
    pub cautions: Vec<Caution>,
    /// What must be known of the model with dose as a factor and of no other.
    pub cautions_with_dose: Vec<Caution>,
}

/// Why an analysis is refused altogether.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BinaryError {
    /// Lists of different lengths, a covariate that is not there, or a value outside its domain.
    #[error(transparent)]
    Matrix(#[from] ModelMatrixError),
    /// An exposure that is negative or not finite, or a bad confidence level.
    #[error(transparent)]
    Groups(#[from] ExposureGroupError),
    /// A bad confidence level.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// Exposures and outcomes differ in number.
    #[error("{exposures} exposures but {outcomes} outcomes")]
    Lengths {
        /// Number of exposures.
        exposures: usize,
        /// Number of outcomes.
        outcomes: usize,
    },
}

impl From<LogisticModelError> for BinaryError {
    fn from(error: LogisticModelError) -> Self {
        match error {
            LogisticModelError::Matrix(error) => Self::Matrix(error),
            LogisticModelError::Distribution(error) => Self::Distribution(error),
        }
    }
}

/// Subjects that can be used: exposures and outcomes known.
struct Usable {
    rows: Vec<usize>,
    exposures: Vec<f64>,
    outcomes: Vec<bool>,
}

impl Usable {
    fn of(data: &BinaryData<'_>) -> Self {
        let mut out = Self { rows: Vec::new(), exposures: Vec::new(), outcomes: Vec::new() };
        for (row, pair) in data.exposures.iter().zip(data.outcomes).enumerate() {
            if let (Some(exposure), Some(outcome)) = pair {
                out.rows.push(row);
                out.exposures.push(*exposure);
                out.outcomes.push(*outcome);
            }
        }
        out
    }

    fn events(&self) -> usize {
        self.outcomes.iter().filter(|outcome| **outcome).count()
    }

    /// Doses of the subjects; empty where they are not known.
    fn doses(&self, data: &BinaryData<'_>) -> Vec<f64> {
        let known: Option<Vec<f64>> = self.rows.iter().map(|row| data.doses.get(*row).copied()).collect();
        known.unwrap_or_default()
    }

    fn request<'a>(&'a self, form: ExposureForm, covariates: &'a [Covariate], settings: &BinarySettings) -> Request<'a> {
        let (level, profiles) = (settings.level, settings.profiles);
        let (exposures, outcomes) = (self.exposures.as_slice(), self.outcomes.as_slice());
        Request { exposures, outcomes, form, covariates, level, profiles, interaction: None, instead_of_exposure: false }
    }

    fn covariates(&self, data: &BinaryData<'_>) -> Vec<Covariate> {
        let pick = |values: &CovariateValues| match values {
            CovariateValues::Numeric(values) => {
                CovariateValues::Numeric(self.rows.iter().map(|row| values.get(*row).copied().flatten()).collect())
            }
            CovariateValues::Factor(values) => {
                CovariateValues::Factor(self.rows.iter().map(|row| values.get(*row).cloned().flatten()).collect())
            }
        };
        data.covariates.iter().map(|covariate| Covariate { name: covariate.name.clone(), values: pick(&covariate.values) }).collect()
    }
}

/// Fits every form, adjusts, and collects the cautions.
///
/// Where the maximum-likelihood estimate does not exist the logistic forms are fitted with Firth's penalty and the Emax forms left out; where
/// nothing can be estimated there are cautions and no numbers. The model is chosen by the rule among the forms fitted to the same subjects; where
/// the form that the rule fixes could not be fitted, by AIC, with a caution.
///
/// # Errors
/// [`BinaryError`] for input that is no data.
pub fn analyse_binary(data: &BinaryData<'_>, settings: &BinarySettings) -> Result<BinaryAnalysis, BinaryError> {
    if data.exposures.len() != data.outcomes.len() {
        return Err(BinaryError::Lengths { exposures: data.exposures.len(), outcomes: data.outcomes.len() });
    }
    for covariate in data.covariates {
        let length = covariate.values.len();
        if length != data.exposures.len() {
            return Err(ModelMatrixError::Length { name: covariate.name.clone(), length, expected: data.exposures.len() }.into());
        }
    }
    let usable = Usable::of(data);
    let mut out = BinaryAnalysis {
        n: usable.rows.len(),
        events: usable.events(),
        groups: None,
        models: Vec::new(),
        chosen: None,
        choice: settings.choice,
        adjusted: None,
        with_dose: None,
        cautions: Vec::new(),
        cautions_with_dose: Vec::new(),
    };
    if usable.rows.len() < data.exposures.len() {
        out.cautions.push(Caution::MissingValues { n: data.exposures.len() - usable.rows.len() });
    }
    if usable.rows.is_empty() {
        out.cautions.push(Caution::NoSubjects);
        return Ok(out);
    }
    out.groups = Some(group_exposures(&usable.exposures, &usable.outcomes, GROUPS, QuantileType::Type7, settings.level)?);
    let doses = usable.doses(data);
    out.cautions.extend(design_cautions(&usable.exposures, &doses));
    if usable.exposures.iter().all(|exposure| (exposure - usable.exposures[0]).abs() <= 1e-12 * usable.exposures[0].abs()) {
        out.cautions.push(Caution::EqualExposures { exposure: usable.exposures[0] });
        return Ok(out);
    }
    if usable.rows.len() < 4 {
        out.cautions.push(Caution::TooFewSubjects { n: usable.rows.len() });
        return Ok(out);
    }
    for form in &settings.forms {
        let model = match form {
            ExposureForm::Linear | ExposureForm::LogLinear | ExposureForm::Quadratic => {
                fit_logistic(usable.request(*form, &[], settings), &mut out.cautions)?.map(|model| BinaryModel::Logistic(Box::new(model)))
            }
            ExposureForm::Emax | ExposureForm::SigmoidEmax => fit_emax(&usable, *form, &mut out.cautions).map(BinaryModel::Emax),
        };
        out.models.extend(model);
    }
    choose(&mut out);
    adjust(&mut out, data, &usable, settings)?;
    let mut distinct: Vec<Caution> = Vec::new();
    out.cautions.into_iter().for_each(|caution| {
        if !distinct.contains(&caution) {
            distinct.push(caution);
        }
    });
    Ok(BinaryAnalysis { cautions: distinct, ..out })
}

/// The adjusted model, and the one with dose as a factor.
fn adjust(out: &mut BinaryAnalysis, data: &BinaryData<'_>, usable: &Usable, settings: &BinarySettings) -> Result<(), BinaryError> {
    let covariates = usable.covariates(data);
    if !covariates.is_empty() {
        out.cautions.extend(correlations(&usable.exposures, &covariates));
        out.adjusted = fit_logistic(usable.request(ExposureForm::Linear, &covariates, settings), &mut out.cautions)?;
        out.cautions.extend(out.adjusted.as_ref().and_then(|adjusted| slope_change(&out.models, adjusted)));
    }
    let doses = usable.doses(data);
    if doses.iter().any(|dose| (dose - doses[0]).abs() > 0.0) {
        // Padded so that the alphabetical order of the levels is that of the doses.
        let levels: Vec<String> = doses.iter().map(|dose| format!("{dose:020.6}")).collect();
        let mut found: Vec<Caution> = Vec::new();
        out.with_dose = fit_logistic(usable.request(ExposureForm::Linear, &[Covariate::factor("dose", &levels)], settings), &mut found)?;
        out.cautions_with_dose = found.into_iter().filter(|caution| !out.cautions.contains(caution)).collect();
    }
    Ok(())
}

/// The caution of a slope that changes on adjustment, against the unadjusted model of the same form.
pub(super) fn slope_change(models: &[BinaryModel], adjusted: &LogisticModel) -> Option<Caution> {
    let unadjusted = models.iter().find_map(|model| match model {
        BinaryModel::Logistic(model) if model.form == adjusted.form => model.slope()?.estimate,
        _ => None,
    })?;
    let adjusted = adjusted.slope()?.estimate?;
    let moved = (adjusted - unadjusted).abs() > SLOPE_CHANGE * unadjusted.abs();
    moved.then_some(Caution::SlopeChangesOnAdjustment { unadjusted, adjusted })
}

/// Chooses among the models of all subjects fitted by maximum likelihood.
fn choose(out: &mut BinaryAnalysis) {
    let candidates: Vec<Option<Candidate>> = out.models.iter().map(|model| Candidate::of(model, out.n)).collect();
    let by_rule = pick(&candidates, out.n, out.choice);
    if let (None, Choice::Fixed(form)) = (by_rule, out.choice) {
        out.cautions.push(Caution::FixedModelNotAvailable { form });
    }
    let any = (!out.models.is_empty()).then_some(0);
    out.chosen = by_rule.or_else(|| pick(&candidates, out.n, Choice::Smallest(Criterion::Aic))).or(any);
}

fn fit_emax(usable: &Usable, form: ExposureForm, cautions: &mut Vec<Caution>) -> Option<EmaxModel> {
    let shape = if form == ExposureForm::SigmoidEmax { EmaxShape::Sigmoid } else { EmaxShape::Hyperbolic };
    let events: Vec<f64> = usable.outcomes.iter().map(|outcome| f64::from(u8::from(*outcome))).collect();
    let bounds = EmaxBounds::of_exposures(&usable.exposures)?;
    match fit_binary_emax(&usable.exposures, &events, None, shape, bounds) {
        Ok(fit) => {
            if fit.at_bound {
                cautions.push(Caution::PlateauNotDetermined);
            }
            Some(EmaxModel { form, n: usable.rows.len(), fit })
        }
        Err(BinaryEmaxError::Events(GlmError::Separated(separation))) => {
            cautions.push(Caution::Separated(separation));
            None
        }
        Err(error) => {
            cautions.push(Caution::NotFitted { reason: error.to_string() });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::logistic_model::Estimation;
    use super::*;
    use crate::numerics::glm::Separation;

    fn settings() -> BinarySettings {
        BinarySettings { forms: ExposureForm::ALL.to_vec(), level: 0.95, profiles: Profiled::All, choice: Choice::Smallest(Criterion::Aic) }
    }

    fn analysed(exposures: &[f64], outcomes: &[bool], doses: &[f64], covariates: &[Covariate]) -> BinaryAnalysis {
        let exposures: Vec<Option<f64>> = exposures.iter().copied().map(Some).collect();
        let outcomes: Vec<Option<bool>> = outcomes.iter().copied().map(Some).collect();
        let data = BinaryData { exposures: &exposures, outcomes: &outcomes, doses, covariates };
        analyse_binary(&data, &settings()).unwrap()
    }

    fn sample() -> (Vec<f64>, Vec<bool>) {
        let exposures: Vec<f64> = (0..120).map(|i| 1.0 + f64::from(i * 37 % 120) / 2.0).collect();
        let outcomes = exposures.iter().enumerate().map(|(i, x)| (i * 53 % 120) as f64 / 120.0 < x / (10.0 + x) * 0.9).collect();
        (exposures, outcomes)
    }

    #[test]
    fn every_form_is_fitted_and_one_is_chosen() {
        let (exposures, outcomes) = sample();
        let found = analysed(&exposures, &outcomes, &[], &[]);
        assert_eq!(found.models.iter().map(BinaryModel::form).collect::<Vec<_>>(), ExposureForm::ALL);
        let chosen = &found.models[found.chosen.unwrap()];
        assert!(
            found.models.iter().filter_map(BinaryModel::aic).all(|aic| chosen.aic().unwrap() <= aic + 1e-9)
                || matches!(chosen, BinaryModel::Logistic(_))
        );
        for model in &found.models {
            let at = model.predict(20.0, 0.95).unwrap().unwrap();
            let (lower, upper) = at.limits.unwrap_or((0.0, 1.0));
            assert!(lower < at.probability && at.probability < upper);
        }
        assert_eq!(found.models[1].predict(0.0, 0.95).unwrap(), None);
    }

    #[test]
    fn no_events_all_events_and_equal_exposures_give_cautions_and_no_numbers_of_maximum_likelihood() {
        let (exposures, _) = sample();
        for (outcome, separation) in [(false, Separation::NoEvents), (true, Separation::AllEvents)] {
            let found = analysed(&exposures, &[outcome; 120], &[], &[]);
            assert!(found.cautions.contains(&Caution::Separated(separation)));
            assert!(found.models.iter().all(|model| model.aic().is_none()));
        }
        let equal = analysed(&[5.0; 6], &[true, false, true, false, true, false], &[], &[]);
        assert!(equal.models.is_empty() && equal.cautions.contains(&Caution::EqualExposures { exposure: 5.0 }));
        let three = analysed(&[1.0, 2.0, 3.0], &[true, false, true], &[], &[]);
        assert!(three.models.is_empty() && three.cautions.contains(&Caution::TooFewSubjects { n: 3 }));
        assert!(analysed(&[], &[], &[], &[]).cautions.contains(&Caution::NoSubjects));
    }

    #[test]
    fn separation_leads_to_the_penalty() {
        let exposures: Vec<f64> = (1..=20).map(f64::from).collect();
        let outcomes: Vec<bool> = exposures.iter().map(|x| *x > 11.5).collect();
        let found = analysed(&exposures, &outcomes, &[], &[]);
        let BinaryModel::Logistic(model) = &found.models[0] else { panic!("the first form is logistic") };
        assert_eq!((model.estimation, model.aic), (Estimation::Firth, None));
        assert!(model.slope().unwrap().profile_limits.lower.unwrap() > 0.0);
        assert!(found.cautions.contains(&Caution::Separated(Separation::Complete)));
    }

    #[test]
    fn doses_and_confounders_are_looked_at() {
        let (exposures, outcomes) = sample();
        let one = analysed(&exposures, &outcomes, &[100.0; 120], &[]);
        assert!(one.cautions.contains(&Caution::OneDose { dose: 100.0 }) && one.with_dose.is_none());
        let doses: Vec<f64> = exposures.iter().map(|x| if *x < 30.0 { 50.0 } else { 200.0 }).collect();
        let weight: Vec<f64> = exposures.iter().enumerate().map(|(i, x)| 80.0 - 0.3 * x + (i % 9) as f64).collect();
        let covariates = [Covariate::numeric("weight", &weight), Covariate::numeric("constant", &[1.0; 120])];
        let found = analysed(&exposures, &outcomes, &doses, &covariates);
        assert!(found.cautions.contains(&Caution::DoseAliased));
        assert!(found.cautions.contains(&Caution::Aliased { column: "constant".to_owned() }));
        assert!(
            found
                .cautions
                .iter()
                .any(|caution| matches!(caution, Caution::CorrelatedWithExposure { covariate, .. } if covariate == "weight"))
        );
        let adjusted = found.adjusted.unwrap();
        let at = BinaryModel::Logistic(Box::new(adjusted)).predict(20.0, 0.9).unwrap().unwrap();
        assert!(at.limits.unwrap().0 < at.probability && found.with_dose.is_some());
        assert!(found.cautions.iter().all(|caution| caution.sentence().ends_with('.')));
    }

    #[test]
    fn averaged_predictions_reproduce_the_observed_rate_when_exposure_is_the_observed() {
        // For maximum likelihood with a constant the mean fitted probability is the observed rate.
        let (exposures, outcomes) = sample();
        let found = analysed(&exposures, &outcomes, &[], &[]);
        let mean: f64 = exposures.iter().map(|x| found.models[0].predict(*x, 0.95).unwrap().unwrap().probability).sum::<f64>() / 120.0;
        assert!((mean - found.events as f64 / 120.0).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_subjects_changes_nothing() {
        let (mut exposures, mut outcomes) = sample();
        let first = analysed(&exposures, &outcomes, &[], &[]);
        exposures.reverse();
        outcomes.reverse();
        let second = analysed(&exposures, &outcomes, &[], &[]);
        for (a, b) in first.models.iter().zip(&second.models) {
            let (a, b) = (a.predict(12.0, 0.9).unwrap().unwrap(), b.predict(12.0, 0.9).unwrap().unwrap());
            assert!((a.probability - b.probability).abs() < 1e-7);
        }
    }
}
