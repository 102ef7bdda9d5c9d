//! What a reader must know of the effects of covariates on exposure: observed values beside thresholds.

use super::covariate_effects::{CovariateEffects, MetricEffects, NoRatio};
use super::covariate_model::{BoundsVerdict, FEWEST, NoInterval};
use super::covariate_values::{ContrastKind, ExposureCovariate, SubjectValues};

/// Correlation with exposure beyond which a covariate may confound an exposure-response relation.
pub const CONFOUNDING_CORRELATION: f64 = 0.2;

/// Subjects per coefficient of the model of all covariates below which its estimates are unreliable.
pub const FEW_PER_COEFFICIENT: f64 = 10.0;

/// A caution with what was observed.
#[derive(Debug, Clone, PartialEq)]
pub enum CovariateCaution {
    /// The interval of a subgroup's ratio lies outside the bounds.
    OutsideBounds {
        /// Metric.
        measure: String,
        /// Subgroup in words.
        subgroup: String,
        /// Ratio.
        ratio: f64,
        /// Limits.
        interval: (f64, f64),
    },
    /// The interval of a subgroup's ratio reaches over a bound.
    CrossesBound {
        /// Metric.
        measure: String,
        /// Subgroup in words.
        subgroup: String,
        /// Ratio.
        ratio: f64,
        /// Limits.
        interval: (f64, f64),
    },
    /// A covariate is correlated with exposure given dose.
    Correlated {
        /// Metric.
        measure: String,
        /// Column of the covariate.
        covariate: String,
        /// Correlation.
        correlation: f64,
    },
    /// Exposures do not vary about the model, so that no interval can be given.
    NoVariation {
        /// Metric.
        measure: String,
        /// Subgroup in words.
        subgroup: String,
    },
    /// A subgroup or its reference is too small for an interval.
    SmallSubgroup {
        /// Metric.
        measure: String,
        /// Subgroup in words.
        subgroup: String,
        /// Subjects of the smaller of the two.
        n: usize,
    },
    /// A covariate has no effect to estimate.
    NotEstimated {
        /// Metric.
        measure: String,
        /// Column of the covariate.
        covariate: String,
        /// Why.
        reason: NoRatio,
    },
    /// The model of all covariates has few subjects for its coefficients.
    FewPerCoefficient {
        /// Metric.
        measure: String,
        /// Subjects.
        n: usize,
        /// Coefficients.
        parameters: usize,
    },
    /// The project names a column that ADSL does not have, or that has no value.
    AbsentColumn {
        /// The column.
        covariate: String,
    },
    /// No subject is in the category that the project names as the reference.
    AbsentReference {
        /// Column of the covariate.
        covariate: String,
        /// The category.
        reference: String,
    },
}

impl CovariateCaution {
    /// The rule of the catalogue that it speaks to.
    #[must_use]
    pub const fn rule(&self) -> Option<&'static str> {
        match self {
            Self::OutsideBounds { .. } => Some("DJ-R05"),
            Self::Correlated { .. } => Some("DJ-E19"),
            _ => None,
        }
    }

    /// The caution as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::OutsideBounds { measure, subgroup, ratio, interval } => {
                format!("{measure}, {subgroup}: the ratio {ratio:.2} ({:.2} to {:.2}) lies outside the bounds.", interval.0, interval.1)
            }
            Self::CrossesBound { measure, subgroup, ratio, interval } => {
                format!(
                    "{measure}, {subgroup}: the interval of the ratio {ratio:.2} ({:.2} to {:.2}) reaches over a bound.",
                    interval.0, interval.1
                )
            }
            Self::Correlated { measure, covariate, correlation } => format!(
                "{covariate} is correlated with {measure} given dose ({correlation:.2}, more than {CONFOUNDING_CORRELATION} in size): it may confound an exposure-response relation."
            ),
            Self::NoVariation { measure, subgroup } => format!("{measure}, {subgroup}: {}.", NoInterval::NoVariation),
            Self::SmallSubgroup { measure, subgroup, n } => {
                format!("{measure}, {subgroup}: {n} subjects, fewer than {FEWEST}: no interval is given.")
            }
            Self::NotEstimated { measure, covariate, reason } => format!("{measure}, {covariate}: no effect is estimated: {reason}."),
            Self::FewPerCoefficient { measure, n, parameters } => format!(
                "{measure}: the model of all covariates has {n} subjects for {parameters} coefficients, fewer than {FEW_PER_COEFFICIENT} each."
            ),
            Self::AbsentColumn { covariate } => format!("ADSL has no value of {covariate}."),
            Self::AbsentReference { covariate, reference } => {
                format!("No subject with an exposure has {covariate} {reference}, which the project names as the reference.")
            }
        }
    }
}

/// Every caution, by metric and covariate.
pub(super) fn gather_cautions(covariates: &[ExposureCovariate], metrics: &[MetricEffects], absent: &[String]) -> Vec<CovariateCaution> {
    let columns = absent.iter().map(|column| CovariateCaution::AbsentColumn { covariate: column.clone() });
    let references = covariates.iter().filter_map(|covariate| {
        let reference = covariate.absent_reference.clone()?;
        Some(CovariateCaution::AbsentReference { covariate: covariate.column.clone(), reference })
    });
    columns.chain(references).chain(metrics.iter().flat_map(|metric| of_metric(covariates, metric))).collect()
}

fn of_metric(covariates: &[ExposureCovariate], metric: &MetricEffects) -> Vec<CovariateCaution> {
    let measure = metric.metric.measure.clone();
    let mut cautions = Vec::new();
    for (covariate, effects) in covariates.iter().zip(&metric.effects) {
        cautions.extend(of_covariate(&measure, covariate, effects));
    }
    let (n, parameters) = (metric.joint.members.len(), metric.joint.parameters);
    if parameters > 0 && (n as f64) < FEW_PER_COEFFICIENT * parameters as f64 {
        cautions.push(CovariateCaution::FewPerCoefficient { measure, n, parameters });
    }
    cautions
}

fn of_covariate(measure: &str, covariate: &ExposureCovariate, effects: &CovariateEffects) -> Vec<CovariateCaution> {
    let (measure, column) = (measure.to_owned(), covariate.column.clone());
    if effects.in_joint == Err(NoRatio::Constant) {
        return vec![CovariateCaution::NotEstimated { measure, covariate: column, reason: NoRatio::Constant }];
    }
    let mut cautions = Vec::new();
    for effect in &effects.contrasts {
        let subgroup = subgroup(covariate, &effect.contrast.kind);
        let measure = measure.clone();
        match &effect.alone {
            Ok(found) => match (found.interval, effect.verdict) {
                (Ok(interval), BoundsVerdict::Outside) => {
                    cautions.push(CovariateCaution::OutsideBounds { measure, subgroup, ratio: found.ratio, interval });
                }
                (Ok(interval), BoundsVerdict::Crosses) => {
                    cautions.push(CovariateCaution::CrossesBound { measure, subgroup, ratio: found.ratio, interval });
                }
                (Ok(_), _) => {}
                (Err(NoInterval::Few), _) => cautions.push(CovariateCaution::SmallSubgroup { measure, subgroup, n: effect.fewest }),
                (Err(NoInterval::NoVariation), _) => cautions.push(CovariateCaution::NoVariation { measure, subgroup }),
            },
            Err(reason) => {
                let caution = CovariateCaution::NotEstimated { measure, covariate: column.clone(), reason: reason.clone() };
                if !cautions.contains(&caution) {
                    cautions.push(caution);
                }
            }
        }
    }
    let beyond = effects.association.filter(|correlation| correlation.abs() > CONFOUNDING_CORRELATION);
    cautions.extend(beyond.map(|correlation| CovariateCaution::Correlated { measure, covariate: column, correlation }));
    cautions
}

/// A subgroup in words: `Sex: F`, `Weight (kg): 95th percentile`.
#[must_use]
pub fn subgroup(covariate: &ExposureCovariate, kind: &ContrastKind) -> String {
    let name = match (kind, &covariate.values) {
        (ContrastKind::Level(level), SubjectValues::Categories { levels, .. }) => levels.get(*level).map_or("", String::as_str),
        (ContrastKind::Percentile { name, .. }, _) => name,
        (ContrastKind::Level(_), SubjectValues::Numbers { .. }) => "",
    };
    format!("{}: {name}", covariate.label)
}
