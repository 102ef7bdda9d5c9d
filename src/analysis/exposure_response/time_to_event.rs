//! Time to an event against exposure: curves by quantile group, and proportional-hazards regression.

use super::binary::EXPOSURE;
use super::caution::{Caution, FEW_EVENTS};
use super::coefficient::{LogRatio, log_ratios};
use super::model_matrix::{Covariate, ModelMatrix, ModelMatrixError, Term, Transform};
use crate::numerics::cox::{Cox, CoxError, CoxFit, Proportionality, Ties, TimeTransform};
use crate::numerics::descriptive::{QuantileType, quantile};
use crate::numerics::distribution::DistributionError;
use crate::numerics::kaplan_meier::{KaplanMeier, SurvivalError};
use crate::numerics::log_rank::{LogRank, LogRankWeight, log_rank};

/// Quantile groups of exposure.
const GROUPS: usize = 4;

/// Times and exposures; an interval per subject, or several where exposure changes over time.
#[derive(Debug, Clone, Copy)]
pub struct TimeToEventData<'a> {
    /// Start of each interval; `None` where every subject is observed from zero with one exposure.
    pub starts: Option<&'a [f64]>,
    /// End of each interval.
    pub ends: &'a [f64],
    /// Whether it ended in the event.
    pub events: &'a [bool],
    /// Exposure during the interval.
    pub exposures: &'a [f64],
    /// Covariates to adjust for.
    pub covariates: &'a [Covariate],
    /// Stratum of each interval; empty without strata.
    pub strata: &'a [usize],
}

/// A fitted proportional-hazards model.
#[derive(Debug, Clone, PartialEq)]
pub struct HazardModel {
    /// The coefficients.
    pub rows: Vec<LogRatio>,
    /// The fit.
    pub fit: CoxFit,
    /// Concordance of the linear predictor with the times.
    pub concordance: Option<f64>,
    /// Test of proportional hazards on the scale of the survival curve.
    pub proportionality: Option<Proportionality>,
}

/// Survival by quantile group of exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureCurves {
    /// Breaks between the groups, from the smallest exposure to the largest.
    pub breaks: Vec<f64>,
    /// Curve of each group that holds a subject, with its position from one.
    pub curves: Vec<(usize, KaplanMeier)>,
    /// Log-rank test across the groups.
    pub log_rank: LogRank,
}

/// Everything about one time to an event and one exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeToEventAnalysis {
    /// Intervals.
    pub n: usize,
    /// Events.
    pub events: usize,
    /// Curves by quantile group; `None` where exposure changes over time.
    pub curves: Option<ExposureCurves>,
    /// Unadjusted model.
    pub unadjusted: Option<HazardModel>,
    /// Model with all covariates.
    pub adjusted: Option<HazardModel>,
    /// What a reader must know.
    pub cautions: Vec<Caution>,
}

/// Why an analysis is refused altogether.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TimeToEventError {
    /// Columns that cannot be made.
    #[error(transparent)]
    Matrix(#[from] ModelMatrixError),
    /// Times that are none.
    #[error(transparent)]
    Survival(#[from] SurvivalError),
    /// Intervals that are none, or lists of different lengths.
    #[error(transparent)]
    Cox(#[from] CoxError),
    /// A bad confidence level.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

/// Fits the models with Efron's handling of ties and, for constant exposures, the curves by quartile of exposure.
///
/// # Errors
/// [`TimeToEventError`] for input that is no data; what cannot be estimated is a caution.
pub fn analyse_time_to_event(data: &TimeToEventData<'_>, level: f64) -> Result<TimeToEventAnalysis, TimeToEventError> {
    let events = data.events.iter().filter(|event| **event).count();
    let mut out = TimeToEventAnalysis { n: data.ends.len(), events, curves: None, unadjusted: None, adjusted: None, cautions: Vec::new() };
    if data.ends.is_empty() {
        out.cautions.push(Caution::NoSubjects);
        return Ok(out);
    }
    if data.starts.is_none() {
        out.curves = Some(curves(data)?);
    }
    out.unadjusted = fit(data, &[], level, &mut out.cautions)?;
    if !data.covariates.is_empty() {
        out.adjusted = fit(data, data.covariates, level, &mut out.cautions)?;
    }
    Ok(out)
}

fn curves(data: &TimeToEventData<'_>) -> Result<ExposureCurves, TimeToEventError> {
    let breaks: Vec<f64> = (0..=GROUPS).filter_map(|k| quantile(data.exposures, k as f64 / GROUPS as f64, QuantileType::Type7)).collect();
    let inner = breaks.get(1..GROUPS).unwrap_or_default();
    let membership: Vec<usize> = data.exposures.iter().map(|exposure| inner.iter().filter(|limit| exposure > *limit).count()).collect();
    let mut curves = Vec::new();
    for group in 0..GROUPS {
        let pick = |row: &usize| membership[*row] == group;
        let rows: Vec<usize> = (0..membership.len()).filter(pick).collect();
        let times: Vec<f64> = rows.iter().filter_map(|row| data.ends.get(*row)).copied().collect();
        let events: Vec<bool> = rows.iter().filter_map(|row| data.events.get(*row)).copied().collect();
        if !rows.is_empty() {
            curves.push((group + 1, KaplanMeier::fit(&times, &events)?));
        }
    }
    let log_rank = log_rank(data.ends, data.events, &membership, GROUPS, LogRankWeight::LogRank)?;
    Ok(ExposureCurves { breaks, curves, log_rank })
}

fn fit(
    data: &TimeToEventData<'_>,
    covariates: &[Covariate],
    level: f64,
    cautions: &mut Vec<Caution>,
) -> Result<Option<HazardModel>, TimeToEventError> {
    let mut all = vec![Covariate::numeric(EXPOSURE, data.exposures)];
    all.extend(covariates.iter().cloned());
    let terms: Vec<Term> = all.iter().map(|covariate| Term::main(&covariate.name, Transform::Identity)).collect();
    let matrix = ModelMatrix::build(&all, &terms, false, &vec![true; data.ends.len()])?;
    if matrix.rows().len() < data.ends.len() {
        cautions.push(Caution::MissingValues { n: data.ends.len() - matrix.rows().len() });
    }
    let pick = |values: &[f64]| -> Vec<f64> { matrix.rows().iter().filter_map(|row| values.get(*row)).copied().collect() };
    let events: Vec<bool> = matrix.rows().iter().filter_map(|row| data.events.get(*row)).copied().collect();
    let strata: Vec<usize> = matrix.rows().iter().map(|row| data.strata.get(*row).copied().unwrap_or(0)).collect();
    let built = match data.starts {
        Some(starts) => Cox::counting(matrix.design(), &pick(starts), &pick(data.ends), &events, &strata),
        None => Cox::stratified(matrix.design(), &pick(data.ends), &events, &strata),
    };
    let (cox, fit) = match built.and_then(|cox| cox.fit(Ties::Efron).map(|fit| (cox, fit))) {
        Ok(fitted) => fitted,
        Err(error @ (CoxError::NoEvents | CoxError::Monotone | CoxError::NoConvergence { .. })) => {
            cautions.push(Caution::NotFitted { reason: error.to_string() });
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let rows = log_ratios(matrix.names(), &fit.coefficients, level, cautions)?;
    let parameters = fit.coefficients.kept().len();
    if (fit.events as f64) < FEW_EVENTS * parameters as f64 {
        cautions.push(Caution::FewEvents { events: fit.events, parameters });
    }
    let concordance = cox.concordance(&fit);
    let proportionality = cox.test_proportionality(&fit, TimeTransform::KaplanMeier);
    Ok(Some(HazardModel { rows, concordance, proportionality, fit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        let exposures: Vec<f64> = (0..80).map(|i| 5.0 + f64::from(i * 37 % 80)).collect();
        let ends = exposures.iter().enumerate().map(|(i, x)| 1.0 + (i * 29 % 60) as f64 * 20.0 / (20.0 + x)).collect();
        (ends, (0..80).map(|i| i % 5 != 0).collect(), exposures)
    }

    #[test]
    fn curves_and_models_agree_on_the_direction() {
        let (ends, events, exposures) = sample();
        let age: Vec<f64> = (0..80).map(|i| 50.0 + f64::from(i * 13 % 30)).collect();
        let covariates = [Covariate::numeric("age", &age)];
        let data =
            TimeToEventData { starts: None, ends: &ends, events: &events, exposures: &exposures, covariates: &covariates, strata: &[] };
        let found = analyse_time_to_event(&data, 0.95).unwrap();
        let model = found.unadjusted.unwrap();
        assert!(model.rows[0].estimate.unwrap() > 0.0 && model.concordance.unwrap() > 0.5);
        assert!(model.rows[0].limits.unwrap().0 < model.rows[0].estimate.unwrap() && model.proportionality.is_some());
        let curves = found.curves.unwrap();
        assert_eq!((curves.curves.len(), curves.breaks.len()), (4, 5));
        assert!(curves.log_rank.observed[3] > curves.log_rank.expected[3]);
        assert_eq!(found.adjusted.unwrap().rows.len(), 2);
    }

    #[test]
    fn exposure_that_changes_over_time_has_no_quartile_curves() {
        let (ends, events, exposures) = sample();
        let starts = vec![0.0; 80];
        let data =
            TimeToEventData { starts: Some(&starts), ends: &ends, events: &events, exposures: &exposures, covariates: &[], strata: &[] };
        let found = analyse_time_to_event(&data, 0.9).unwrap();
        assert!(found.curves.is_none() && found.unadjusted.is_some());
    }

    #[test]
    fn no_events_equal_exposures_and_no_subjects_give_cautions() {
        let (ends, _, exposures) = sample();
        let none = [false; 80];
        let data = TimeToEventData { starts: None, ends: &ends, events: &none, exposures: &exposures, covariates: &[], strata: &[] };
        let found = analyse_time_to_event(&data, 0.95).unwrap();
        assert!(found.unadjusted.is_none() && matches!(found.cautions[0], Caution::NotFitted { .. }));
        let equal = TimeToEventData { exposures: &[3.0; 80], events: &[true; 80], ..data };
        let found = analyse_time_to_event(&equal, 0.95).unwrap();
        assert!(found.cautions.contains(&Caution::Aliased { column: EXPOSURE.to_owned() }));
        assert_eq!(found.unadjusted.unwrap().rows[0].estimate, None);
        let empty = TimeToEventData { ends: &[], events: &[], exposures: &[], ..data };
        assert_eq!(analyse_time_to_event(&empty, 0.95).unwrap().cautions, [Caution::NoSubjects]);
    }
}
