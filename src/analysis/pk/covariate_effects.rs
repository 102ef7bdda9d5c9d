//! The effects of every covariate on one exposure metric: each covariate alone, and all of them in one model.

use thiserror::Error;

use super::covariate::{DoseTerm, SampledMetric, SampledSubject};
use super::covariate_model::{BoundsVerdict, FEWEST, LogLinearModel, NoInterval, RatioEstimate, association, fit_log_linear};
use super::covariate_values::{Contrast, ContrastKind, ExposureCovariate, SubjectValues};
use super::dose_proportionality::{DoseExposure, DoseProportionality, judge_proportionality};
use crate::config::{NoEffectBounds, Settings};
use crate::numerics::descriptive::{GeometricSummary, summarise_geometric};

/// Share of subjects without a value above which a covariate does not enter the model of all covariates.
pub const OFTEN_MISSING: f64 = 0.25;

/// Why a contrast has no ratio.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoRatio {
    /// All subjects have one value.
    #[error("all subjects have the same value")]
    Constant,
    /// What stands before it in the model determines it.
    #[error("determined by dose or by other covariates")]
    Determined,
    /// Another covariate says the same.
    #[error("represented by {0}")]
    StandsAs(String),
    /// Too many subjects without a value.
    #[error("missing in more than {:.0}% of subjects", 100.0 * OFTEN_MISSING)]
    OftenMissing,
    /// Nobody of the subgroup is in the model.
    #[error("nobody of the subgroup has a value of every covariate")]
    Nobody,
    /// The only covariate: a model of all covariates would be the same.
    #[error("no other covariate to adjust for")]
    Alone,
    /// Too few subjects for the model.
    #[error("too few subjects for the model")]
    TooFew,
    /// Dose has no logarithm of one unit to divide by.
    #[error("exposure is not divided by dose: doses differ in unit or schedule, or there is one")]
    NoDose,
}

/// The effect of one contrast.
#[derive(Debug, Clone, PartialEq)]
pub struct ContrastEffect {
    /// What is compared.
    pub contrast: Contrast,
    /// Subjects of the subgroup with an exposure; of a number all with a value: positions in the sample.
    pub members: Vec<usize>,
    /// Subjects of the smaller of subgroup and reference.
    pub fewest: usize,
    /// The covariate alone, adjusted for dose.
    pub alone: Result<RatioEstimate, NoRatio>,
    /// With all other covariates in the model.
    pub jointly: Result<RatioEstimate, NoRatio>,
    /// The covariate alone, exposure divided by dose.
    pub normalised: Result<RatioEstimate, NoRatio>,
    /// How the interval of the covariate alone lies to the bounds.
    pub verdict: BoundsVerdict,
}

/// The effects of one covariate on one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateEffects {
    /// Subjects with exposure and value.
    pub n: usize,
    /// Subjects with exposure and without value.
    pub missing: usize,
    /// Correlation with the logarithm of exposure given dose.
    pub association: Option<f64>,
    /// Whether it stands in the model of all covariates, or why not.
    pub in_joint: Result<(), NoRatio>,
    /// Subjects of each category with an exposure, as positions in the sample; empty for a number.
    pub levels: Vec<Vec<usize>>,
    /// Contrasts in print order.
    pub contrasts: Vec<ContrastEffect>,
}

/// The model of all covariates.
#[derive(Debug, Clone, PartialEq)]
pub struct JointModel {
    /// Subjects with a value of every covariate in it: positions in the sample.
    pub members: Vec<usize>,
    /// Subjects with an exposure left out for a missing value.
    pub left_out: usize,
    /// Coefficients; zero where it could not be fitted.
    pub parameters: usize,
    /// Positions of its covariates.
    pub covariates: Vec<usize>,
}

/// The effects of all covariates on one metric.
#[derive(Debug, Clone)]
pub struct MetricEffects {
    /// The metric.
    pub metric: SampledMetric,
    /// Slope of the logarithm of exposure on that of dose and its limits, where dose enters so.
    pub dose_slope: Option<(f64, Option<(f64, f64)>)>,
    /// Whether exposure is in proportion to dose, where that can be judged.
    pub proportionality: Option<DoseProportionality>,
    /// Effects, parallel to the covariates.
    pub effects: Vec<CovariateEffects>,
    /// The model of all covariates.
    pub joint: JointModel,
    /// Largest relative change of a ratio when exposure is divided by dose.
    pub normalisation_change: Option<f64>,
}

impl MetricEffects {
    /// Estimates the effects.
    pub(super) fn estimate(
        metric: SampledMetric,
        sample: &[SampledSubject],
        dose: &DoseTerm,
        covariates: &[ExposureCovariate],
        settings: &Settings,
    ) -> Self {
        let of = Estimation { metric: &metric, sample, dose, covariates, bounds: &settings.pk.no_effect_bounds };
        let exposed = of.exposed();
        let level = of.bounds.level;
        let slope = of.fit(&exposed, &[]).filter(|_| matches!(dose, DoseTerm::LogDose { .. }));
        let kept = of.joint_covariates(&exposed);
        let (joint, model) = of.joint(&exposed, &kept);
        let effects: Vec<CovariateEffects> =
            (0..covariates.len()).filter_map(|place| of.effects(place, &exposed, (&kept, &joint, model.as_ref()))).collect();
        let change = effects.iter().flat_map(|effects| &effects.contrasts).filter_map(|effect| {
            let (alone, normalised) = (effect.alone.as_ref().ok()?, effect.normalised.as_ref().ok()?);
            Some((normalised.ratio / alone.ratio - 1.0).abs())
        });
        Self {
            dose_slope: slope.and_then(|model| model.dose_coefficient(0, level)),
            proportionality: of.proportionality(&exposed, settings),
            normalisation_change: change.reduce(f64::max),
            effects,
            joint,
            metric,
        }
    }

    /// Geometric mean and variation of the exposures of some subjects of the sample.
    #[must_use]
    pub fn summary(&self, members: &[usize]) -> Option<GeometricSummary> {
        let mut values: Vec<f64> =
            members.iter().filter_map(|position| self.metric.exposures.get(*position)?.as_ref()).map(|(_, value)| *value).collect();
        values.sort_by(f64::total_cmp);
        summarise_geometric(&values)
    }
}

/// Covariates that stand in the joint model, or why not, parallel to the covariates.
type Kept = Vec<Result<(), NoRatio>>;

/// What estimating needs.
struct Estimation<'a> {
    metric: &'a SampledMetric,
    sample: &'a [SampledSubject],
    dose: &'a DoseTerm,
    covariates: &'a [ExposureCovariate],
    bounds: &'a NoEffectBounds,
}

impl Estimation<'_> {
    /// Positions of the subjects with an exposure.
    fn exposed(&self) -> Vec<usize> {
        (0..self.sample.len()).filter(|position| self.metric.exposures.get(*position).is_some_and(Option::is_some)).collect()
    }

    fn log_exposures(&self, positions: &[usize]) -> Vec<f64> {
        positions.iter().filter_map(|position| self.metric.exposures.get(*position)?.as_ref()).map(|(_, value)| value.ln()).collect()
    }

    fn amount(&self, position: usize) -> Option<f64> {
        match self.dose {
            DoseTerm::LogDose { amounts, .. } => amounts.get(self.sample.get(position)?.group).copied(),
            DoseTerm::OneDosage | DoseTerm::Dosage => None,
        }
    }

    fn dose_columns(&self, positions: &[usize]) -> Vec<Vec<f64>> {
        let group = |position: &usize| self.sample.get(*position).map_or(0, |subject| subject.group);
        match self.dose {
            DoseTerm::OneDosage => Vec::new(),
            DoseTerm::LogDose { .. } => vec![positions.iter().filter_map(|position| self.amount(*position)).map(f64::ln).collect()],
            DoseTerm::Dosage => {
                let groups = self.sample.iter().map(|subject| subject.group).max().unwrap_or(0);
                let indicator = |of: usize| positions.iter().map(|position| f64::from(u8::from(group(position) == of))).collect();
                (1..=groups).map(indicator).collect()
            }
        }
    }

    fn fit(&self, positions: &[usize], columns: &[Vec<f64>]) -> Option<LogLinearModel> {
        fit_log_linear(&self.log_exposures(positions), &self.dose_columns(positions), columns).ok()
    }

    /// The same with exposure divided by dose.
    fn fit_normalised(&self, positions: &[usize], columns: &[Vec<f64>]) -> Result<Option<LogLinearModel>, NoRatio> {
        let logarithms = self.log_exposures(positions);
        let doses: Vec<f64> = positions.iter().filter_map(|position| self.amount(*position)).map(f64::ln).collect();
        if doses.len() != logarithms.len() {
            return Err(NoRatio::NoDose);
        }
        let divided: Vec<f64> = logarithms.iter().zip(&doses).map(|(exposure, dose)| exposure - dose).collect();
        Ok(fit_log_linear(&divided, &[], columns).ok())
    }

    fn proportionality(&self, exposed: &[usize], settings: &Settings) -> Option<DoseProportionality> {
        let observed = |position: &usize| {
            let (_, exposure) = self.metric.exposures.get(*position)?.as_ref()?;
            Some(DoseExposure { dose: self.amount(*position)?, exposure: *exposure })
        };
        let observations: Option<Vec<DoseExposure>> = exposed.iter().map(observed).collect();
        judge_proportionality(&observations?, &settings.pk.dose_proportionality).ok()
    }

    /// Which covariates stand in the model of all: those that vary, are rarely missing and of which no earlier one says the same.
    fn joint_covariates(&self, exposed: &[usize]) -> Kept {
        let mut kept: Kept = Vec::with_capacity(self.covariates.len());
        for covariate in self.covariates {
            let present: Vec<usize> = exposed.iter().copied().filter(|position| covariate.is_present(*position)).collect();
            let share = 1.0 - present.len() as f64 / exposed.len().max(1) as f64;
            let kin = self.covariates.iter().zip(&kept).find(|(other, held)| held.is_ok() && other.is_kin(covariate));
            kept.push(match kin {
                _ if !covariate.varies(&present) => Err(NoRatio::Constant),
                _ if share > OFTEN_MISSING => Err(NoRatio::OftenMissing),
                Some((other, _)) => Err(NoRatio::StandsAs(other.column.clone())),
                None => Ok(()),
            });
        }
        kept
    }

    fn joint(&self, exposed: &[usize], kept: &Kept) -> (JointModel, Option<LogLinearModel>) {
        let covariates: Vec<usize> = (0..kept.len()).filter(|place| kept.get(*place).is_some_and(Result::is_ok)).collect();
        let of = || covariates.iter().filter_map(|place| self.covariates.get(*place));
        let members: Vec<usize> =
            exposed.iter().copied().filter(|position| of().all(|covariate| covariate.is_present(*position))).collect();
        let columns: Vec<Vec<f64>> = of().flat_map(|covariate| covariate.columns(&members)).collect();
        let model = if covariates.len() > 1 { self.fit(&members, &columns) } else { None };
        let parameters = model.as_ref().map_or(0, LogLinearModel::parameters);
        (JointModel { left_out: exposed.len() - members.len(), members, parameters, covariates }, model)
    }

    fn effects(
        &self,
        place: usize,
        exposed: &[usize],
        (kept, joint, joint_model): (&Kept, &JointModel, Option<&LogLinearModel>),
    ) -> Option<CovariateEffects> {
        let covariate = self.covariates.get(place)?;
        let present: Vec<usize> = exposed.iter().copied().filter(|position| covariate.is_present(*position)).collect();
        let columns = covariate.columns(&present);
        let in_joint = kept.get(place).cloned()?;
        let varies = covariate.varies(&present);
        let model = self.fit(&present, &columns);
        let normalised = self.fit_normalised(&present, &columns);
        let offset: usize = joint
            .covariates
            .iter()
            .take_while(|other| **other != place)
            .filter_map(|other| self.covariates.get(*other))
            .map(|other| other.columns(&[]).len())
            .sum();
        let contrast = |contrast: Contrast| {
            let members = members(covariate, &contrast, &present);
            let fewest = members.len().min(reference_size(covariate, &present));
            let alone = if varies { self.ratio(model.as_ref(), &contrast, contrast.column, fewest) } else { Err(NoRatio::Constant) };
            let jointly = in_joint.clone().and_then(|()| {
                let inside = members.iter().filter(|position| joint.members.binary_search(position).is_ok()).count();
                match inside {
                    _ if joint.covariates.len() < 2 => Err(NoRatio::Alone),
                    0 => Err(NoRatio::Nobody),
                    inside => {
                        let inside = inside.min(reference_size(covariate, &joint.members));
                        self.ratio(joint_model, &contrast, offset + contrast.column, inside)
                    }
                }
            });
            let normalised = match &normalised {
                _ if !varies => Err(NoRatio::Constant),
                Err(reason) => Err(reason.clone()),
                Ok(model) => self.ratio(model.as_ref(), &contrast, contrast.column, fewest),
            };
            let interval = alone.as_ref().ok().and_then(|found| found.interval.ok());
            let verdict = BoundsVerdict::of(interval, (self.bounds.lower, self.bounds.upper));
            ContrastEffect { contrast, members, fewest, alone, jointly, normalised, verdict }
        };
        Some(CovariateEffects {
            n: present.len(),
            missing: exposed.len() - present.len(),
            association: self
                .fit(&present, &[])
                .zip(model.as_ref())
                .filter(|_| varies)
                .and_then(|(without, with)| association(&without, with, columns.len())),
            levels: levels(covariate, &present),
            contrasts: covariate.contrasts().into_iter().map(contrast).collect(),
            in_joint,
        })
    }

    /// The ratio of a contrast; few subjects have no interval.
    fn ratio(&self, model: Option<&LogLinearModel>, contrast: &Contrast, column: usize, n: usize) -> Result<RatioEstimate, NoRatio> {
        let model = model.ok_or(NoRatio::TooFew)?;
        let found = model.ratio(column, contrast.distance, self.bounds.level).ok_or(NoRatio::Determined)?;
        Ok(if n < FEWEST { RatioEstimate { interval: Err(NoInterval::Few), ..found } } else { found })
    }
}

/// Subjects that a contrast speaks of.
fn members(covariate: &ExposureCovariate, contrast: &Contrast, present: &[usize]) -> Vec<usize> {
    match (&covariate.values, &contrast.kind) {
        (SubjectValues::Categories { of, .. }, ContrastKind::Level(level)) => {
            present.iter().copied().filter(|position| of.get(*position) == Some(&Some(*level))).collect()
        }
        _ => present.to_vec(),
    }
}

/// Subjects of the reference category; of a number all.
fn reference_size(covariate: &ExposureCovariate, positions: &[usize]) -> usize {
    match &covariate.values {
        SubjectValues::Categories { reference, of, .. } => {
            positions.iter().filter(|position| of.get(**position) == Some(&Some(*reference))).count()
        }
        SubjectValues::Numbers { .. } => positions.len(),
    }
}

fn levels(covariate: &ExposureCovariate, present: &[usize]) -> Vec<Vec<usize>> {
    match &covariate.values {
        SubjectValues::Categories { levels, of, .. } => {
            let members = |level: usize| present.iter().copied().filter(|position| of.get(*position) == Some(&Some(level))).collect();
            (0..levels.len()).map(members).collect()
        }
        SubjectValues::Numbers { .. } => Vec::new(),
    }
}
