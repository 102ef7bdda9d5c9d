//! Time to an event against exposure: proportional-hazards regression, unadjusted, adjusted and beside dose.

use super::binary::EXPOSURE;
use super::caution::{Caution, FEW_EVENTS, SLOPE_CHANGE};
use super::coefficient::{LogRatio, log_ratios};
use super::confounding::correlations;
use super::model_matrix::{Covariate, ModelMatrix, ModelMatrixError, Term, Transform};
use crate::numerics::cox::{Cox, CoxError, CoxFit, Proportionality, Ties, TimeTransform};
use crate::numerics::design_matrix::DesignMatrix;
use crate::numerics::distribution::DistributionError;
use crate::numerics::kaplan_meier::SurvivalError;

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
    /// Dose of each interval; empty where doses are not known.
    pub doses: &'a [f64],
    /// How tied events share the risk set.
    pub ties: Ties,
}

impl Default for TimeToEventData<'_> {
    fn default() -> Self {
        Self { starts: None, ends: &[], events: &[], exposures: &[], covariates: &[], strata: &[], doses: &[], ties: Ties::Efron }
    }
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

/// Everything about one time to an event and one exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeToEventAnalysis {
    /// Intervals.
    pub n: usize,
    /// Events.
    pub events: usize,
    /// Unadjusted model.
    pub unadjusted: Option<HazardModel>,
    /// Model with all covariates.
    pub adjusted: Option<HazardModel>,
    /// Model with dose as a factor beside exposure, where there is more than one dose.
    pub with_dose: Option<HazardModel>,
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

/// Fits exposure alone, exposure with the covariates, and exposure beside dose as a factor; strata have baseline hazards of their own.
///
/// Where a model beside dose cannot be fitted there is none; its few events per parameter are no caution of the analysis.
///
/// # Errors
/// [`TimeToEventError`] for input that is no data; what cannot be estimated is a caution.
pub fn analyse_time_to_event(data: &TimeToEventData<'_>, level: f64) -> Result<TimeToEventAnalysis, TimeToEventError> {
    let events = data.events.iter().filter(|event| **event).count();
    let mut out =
        TimeToEventAnalysis { n: data.ends.len(), events, unadjusted: None, adjusted: None, with_dose: None, cautions: Vec::new() };
    if data.ends.is_empty() {
        out.cautions.push(Caution::NoSubjects);
        return Ok(out);
    }
    let exposure = || Covariate::numeric(EXPOSURE, data.exposures);
    if data.starts.is_none() {
        out.cautions.extend(correlations(data.exposures, data.covariates));
    }
    out.unadjusted = fit_columns(data, &[exposure()], level, &mut out.cautions)?;
    if !data.covariates.is_empty() {
        let all: Vec<Covariate> = std::iter::once(exposure()).chain(data.covariates.iter().cloned()).collect();
        out.adjusted = fit_columns(data, &all, level, &mut out.cautions)?;
        out.cautions.extend(slope_change(out.unadjusted.as_ref(), out.adjusted.as_ref()));
    }
    if data.doses.iter().any(|dose| (dose - data.doses[0]).abs() > 0.0) {
        // Padded so that the alphabetical order of the levels is that of the doses.
        let levels: Vec<String> = data.doses.iter().map(|dose| format!("{dose:020.6}")).collect();
        out.with_dose = fit_columns(data, &[exposure(), Covariate::factor("dose", &levels)], level, &mut Vec::new())?;
    }
    Ok(out)
}

fn slope_change(unadjusted: Option<&HazardModel>, adjusted: Option<&HazardModel>) -> Option<Caution> {
    let slope = |model: Option<&HazardModel>| model?.rows.first()?.estimate;
    let (unadjusted, adjusted) = (slope(unadjusted)?, slope(adjusted)?);
    ((adjusted - unadjusted).abs() > SLOPE_CHANGE * unadjusted.abs()).then_some(Caution::SlopeChangesOnAdjustment { unadjusted, adjusted })
}

/// The regression of the data on a design, every row used.
pub(super) fn cox_of(data: &TimeToEventData<'_>, design: &DesignMatrix) -> Result<Cox, CoxError> {
    let none: Vec<usize>;
    let strata = if data.strata.is_empty() {
        none = vec![0; data.ends.len()];
        none.as_slice()
    } else {
        data.strata
    };
    match data.starts {
        Some(starts) => Cox::counting(design, starts, data.ends, data.events, strata),
        None => Cox::stratified(design, data.ends, data.events, strata),
    }
}

/// Fits main effects of the columns; `None` with a caution where the likelihood has no maximum.
pub(super) fn fit_columns(
    data: &TimeToEventData<'_>,
    columns: &[Covariate],
    level: f64,
    cautions: &mut Vec<Caution>,
) -> Result<Option<HazardModel>, TimeToEventError> {
    let terms: Vec<Term> = columns.iter().map(|covariate| Term::main(&covariate.name, Transform::Identity)).collect();
    let matrix = ModelMatrix::build(columns, &terms, false, &vec![true; data.ends.len()])?;
    if matrix.rows().len() < data.ends.len() {
        cautions.push(Caution::MissingValues { n: data.ends.len() - matrix.rows().len() });
    }
    let pick = |values: &[f64]| -> Vec<f64> { matrix.rows().iter().filter_map(|row| values.get(*row)).copied().collect() };
    let (ends, starts) = (pick(data.ends), data.starts.map(pick));
    let events: Vec<bool> = matrix.rows().iter().filter_map(|row| data.events.get(*row)).copied().collect();
    let strata: Vec<usize> = matrix.rows().iter().filter_map(|row| data.strata.get(*row)).copied().collect();
    let used = TimeToEventData { starts: starts.as_deref(), ends: &ends, events: &events, strata: &strata, ..*data };
    let (cox, fit) = match cox_of(&used, matrix.design()).and_then(|cox| cox.fit(data.ties).map(|fit| (cox, fit))) {
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
    fn the_models_agree_on_the_direction() {
        let (ends, events, exposures) = sample();
        let age: Vec<f64> = (0..80).map(|i| 50.0 + f64::from(i * 13 % 30)).collect();
        let covariates = [Covariate::numeric("age", &age)];
        let doses: Vec<f64> = (0..80).map(|i| f64::from(1 + i % 2)).collect();
        let data = TimeToEventData {
            ends: &ends,
            events: &events,
            exposures: &exposures,
            covariates: &covariates,
            doses: &doses,
            ..TimeToEventData::default()
        };
        let found = analyse_time_to_event(&data, 0.95).unwrap();
        let model = found.unadjusted.unwrap();
        assert!(model.rows[0].estimate.unwrap() > 0.0 && model.concordance.unwrap() > 0.5);
        assert!(model.rows[0].limits.unwrap().0 < model.rows[0].estimate.unwrap() && model.proportionality.is_some());
        assert_eq!((found.adjusted.unwrap().rows.len(), found.with_dose.unwrap().rows.len()), (2, 2));
        let breslow = analyse_time_to_event(&TimeToEventData { ties: Ties::Breslow, ..data }, 0.95).unwrap();
        assert_eq!(breslow.unadjusted.unwrap().fit.ties, Ties::Breslow);
    }

    #[test]
    fn strata_have_baselines_of_their_own() {
        let (ends, events, exposures) = sample();
        // Times of one stratum a hundred times as long: without strata the effect would be swamped, with them it is that of each.
        let strata: Vec<usize> = (0..80).map(|i| i % 2).collect();
        let stretched: Vec<f64> = ends.iter().zip(&strata).map(|(end, stratum)| if *stratum == 1 { end * 100.0 } else { *end }).collect();
        let data = TimeToEventData { ends: &ends, events: &events, exposures: &exposures, strata: &strata, ..TimeToEventData::default() };
        let slope = |data: &TimeToEventData<'_>| analyse_time_to_event(data, 0.95).unwrap().unadjusted.unwrap().rows[0].estimate.unwrap();
        let moved = TimeToEventData { ends: &stretched, ..data };
        assert!((slope(&data) - slope(&moved)).abs() < 1e-10);
        assert!((slope(&data) - slope(&TimeToEventData { strata: &[], ..moved })).abs() > 1e-4);
    }

    #[test]
    fn no_events_equal_exposures_and_no_subjects_give_cautions() {
        let (ends, _, exposures) = sample();
        let none = [false; 80];
        let data = TimeToEventData { ends: &ends, events: &none, exposures: &exposures, ..TimeToEventData::default() };
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
