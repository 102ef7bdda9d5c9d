//! How well a fitted curve agrees with the observed outcomes: calibration by groups of exposure, tests of fit, discrimination.

use super::binary::BinaryModel;
use super::exposure_groups::{ExposureGroup, ExposureGroupError, group_exposures};
use super::logistic_model::expit;
use crate::numerics::descriptive::QuantileType;
use crate::numerics::distribution::{DistributionError, normal_two_sided};
use crate::numerics::least_squares::fit_linear;
use crate::numerics::regression::{ChiSquareTest, Wald};
use crate::numerics::roc::roc_area;

/// Subjects from which groups of calibration are tenths of exposure; below, they are quarters.
pub const TENTHS_FROM: usize = 100;

/// Expected events, or non-events, in a group below which the chi-square distribution of its statistic is rough.
pub const SMALL_EXPECTATION: f64 = 5.0;

/// Observed and predicted events in one group of exposure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationGroup {
    /// The group with its observed rate.
    pub group: ExposureGroup,
    /// Mean predicted probability of its subjects.
    pub predicted: f64,
}

/// Area under the receiver operating characteristic curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Discrimination {
    /// The area.
    pub area: f64,
    /// Limits; `None` where the scores separate events from non-events.
    pub limits: Option<(f64, f64)>,
}

/// Agreement of a model with the data it was fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct FitChecks {
    /// Groups of exposure, lowest first.
    pub calibration: Vec<CalibrationGroup>,
    /// Hosmer-Lemeshow statistic over these groups.
    pub hosmer_lemeshow: Option<ChiSquareTest>,
    /// Groups whose expected events or non-events are few.
    pub rough_groups: usize,
    /// Standardised unweighted sum of squares.
    pub sum_of_squares: Option<Wald>,
    /// Discrimination of the predicted probability.
    pub discrimination: Option<Discrimination>,
    /// Mean squared difference of outcome and prediction.
    pub brier: f64,
}

/// Checks the fit of a model without covariates.
///
/// ```text
/// Hosmer-Lemeshow:  sum over groups (O - E)^2 / (E (1 - E/n)),  chi-square with groups - 2 degrees of freedom
/// Sum of squares:   S = sum (y - p)^2;  z = (S - sum p(1-p))/s,  s^2 = sum w (d - X b)^2,  d = 1 - 2p,  w = p(1-p),
///                   b the regression of d on the derivatives X of the logit with weights w
/// ```
///
/// O, E: observed and expected events of a group; y: outcome; p: fitted probability. Groups: tenths of the exposures above zero, quarters where there are
/// fewer than 100 subjects, subjects without exposure apart.
///
/// # Edges
/// The Hosmer-Lemeshow statistic depends on the groups and has little power in small samples; it needs three groups with expected values inside (0, n).
/// Where the weighted regression leaves nothing over, there is no z.
///
/// # Errors
/// Exposures that are none, or a level outside (0, 1).
///
/// Sources: `[HosmerLemeshow1980]`, `[HosmerEtAl1997]`, `[DeLong1988]`.
pub(super) fn check_fit(
    model: &BinaryModel,
    exposures: &[f64],
    outcomes: &[bool],
    level: f64,
) -> Result<Option<FitChecks>, ExposureGroupError> {
    // A form that leaves subjects out has no probability for them.
    let used: Vec<usize> =
        (0..exposures.len()).filter(|row| exposures.get(*row).is_some_and(|x| model.logit_and_gradient(*x).is_some())).collect();
    let exposures: Vec<f64> = used.iter().filter_map(|row| exposures.get(*row).copied()).collect();
    let outcomes: Vec<bool> = used.iter().filter_map(|row| outcomes.get(*row).copied()).collect();
    if used.is_empty() || model.subjects() != used.len() {
        return Ok(None);
    }
    let fitted: Vec<(f64, Vec<f64>)> =
        exposures.iter().filter_map(|x| model.logit_and_gradient(*x)).map(|(logit, slope)| (expit(logit), slope)).collect();
    let probabilities: Vec<f64> = fitted.iter().map(|(p, _)| *p).collect();
    let groups = if exposures.len() >= TENTHS_FROM { 10 } else { 4 };
    let found = group_exposures(&exposures, &outcomes, groups, QuantileType::Type7, level)?;
    let calibration: Vec<CalibrationGroup> = found
        .groups
        .iter()
        .map(|group| {
            let inside = |x: f64| x >= group.minimum && x <= group.maximum;
            let sum: f64 = exposures.iter().zip(&probabilities).filter(|(x, _)| inside(**x)).map(|(_, p)| p).sum();
            CalibrationGroup { group: *group, predicted: sum / group.n as f64 }
        })
        .collect();
    let squares = outcomes.iter().zip(&probabilities).map(|(y, p)| (f64::from(u8::from(*y)) - p).powi(2)).sum::<f64>();
    Ok(Some(FitChecks {
        hosmer_lemeshow: hosmer_lemeshow(&calibration),
        rough_groups: calibration.iter().filter(|of| expected(of).0.min(expected(of).1) < SMALL_EXPECTATION).count(),
        calibration,
        sum_of_squares: sum_of_squares(squares, &fitted),
        discrimination: discrimination(&probabilities, &outcomes, level).map_err(|error| ExposureGroupError::Proportion(error.into()))?,
        brier: squares / exposures.len() as f64,
    }))
}

/// Expected events and non-events.
fn expected(of: &CalibrationGroup) -> (f64, f64) {
    let n = of.group.n as f64;
    (n * of.predicted, n * (1.0 - of.predicted))
}

fn hosmer_lemeshow(groups: &[CalibrationGroup]) -> Option<ChiSquareTest> {
    let mut statistic = 0.0;
    for of in groups {
        let (events, others) = expected(of);
        if events <= 0.0 || others <= 0.0 {
            return None;
        }
        statistic += (of.group.events as f64 - events).powi(2) / (events * (1.0 - of.predicted));
    }
    let degrees = groups.len().checked_sub(2).filter(|degrees| *degrees > 0)?;
    Some(ChiSquareTest::new(statistic, degrees))
}

fn sum_of_squares(squares: f64, fitted: &[(f64, Vec<f64>)]) -> Option<Wald> {
    let weight = |p: f64| (p * (1.0 - p)).sqrt();
    let parameters = fitted.first()?.1.len();
    let columns: Vec<Vec<f64>> = (0..parameters)
        .map(|column| fitted.iter().map(|(p, slope)| weight(*p) * slope.get(column).copied().unwrap_or(0.0)).collect())
        .collect();
    let skew: Vec<f64> = fitted.iter().map(|(p, _)| weight(*p) * (1.0 - 2.0 * p)).collect();
    let whole: f64 = skew.iter().map(|value| value * value).sum();
    let rest = fit_linear(&columns, &skew, false).ok()?.residual_sum_of_squares;
    let mean: f64 = fitted.iter().map(|(p, _)| p * (1.0 - p)).sum();
    // What rounding leaves of a skewness that the columns explain is no variance.
    (rest > 1e-10 * whole).then(|| {
        let z = (squares - mean) / rest.sqrt();
        Wald { z, p_value: normal_two_sided(z) }
    })
}

fn discrimination(probabilities: &[f64], outcomes: &[bool], level: f64) -> Result<Option<Discrimination>, DistributionError> {
    let Some(found) = roc_area(probabilities, outcomes) else { return Ok(None) };
    Ok(Some(Discrimination { area: found.area, limits: found.interval(level)? }))
}

#[cfg(test)]
mod tests {
    use super::super::binary::{BinaryData, BinarySettings, ExposureForm, analyse_binary};
    use super::super::logistic_model::Profiled;
    use super::super::model_choice::{Choice, Criterion};
    use super::*;

    fn checked(exposures: &[f64], outcomes: &[bool], form: ExposureForm) -> Option<FitChecks> {
        let given: Vec<Option<f64>> = exposures.iter().copied().map(Some).collect();
        let known: Vec<Option<bool>> = outcomes.iter().copied().map(Some).collect();
        let data = BinaryData { exposures: &given, outcomes: &known, doses: &[], covariates: &[] };
        let choice = Choice::Smallest(Criterion::Aic);
        let found = analyse_binary(&data, &BinarySettings { forms: vec![form], level: 0.95, profiles: Profiled::None, choice }).unwrap();
        check_fit(&found.models[0], exposures, outcomes, 0.95).unwrap()
    }

    fn data(n: u32) -> (Vec<f64>, Vec<bool>) {
        let exposures: Vec<f64> = (0..n).map(|i| 1.0 + f64::from(i * 37 % n)).collect();
        let rate = |x: f64| 1.0 / (1.0 + (2.0 - 4.0 * x / f64::from(n)).exp());
        let outcomes = exposures.iter().enumerate().map(|(i, x)| (i * 53 % n as usize) as f64 / f64::from(n) < rate(*x)).collect();
        (exposures, outcomes)
    }

    #[test]
    fn groups_hold_everybody_and_predictions_sum_to_the_events() {
        for (n, groups) in [(60, 4), (240, 10)] {
            let (exposures, outcomes) = data(n);
            let found = checked(&exposures, &outcomes, ExposureForm::Linear).unwrap();
            assert_eq!(found.calibration.len(), groups);
            let predicted: f64 = found.calibration.iter().map(|of| of.predicted * of.group.n as f64).sum();
            let events = outcomes.iter().filter(|y| **y).count() as f64;
            assert!((predicted - events).abs() < 1e-6, "maximum likelihood with a constant: {predicted} {events}");
            let test = found.hosmer_lemeshow.unwrap();
            assert_eq!(test.degrees_of_freedom, groups - 2);
            assert!(found.brier > 0.0 && found.brier < 0.25 && found.discrimination.unwrap().area > 0.6);
        }
    }

    #[test]
    fn a_straight_line_through_a_parabola_is_found_out() {
        let n = 400_u32;
        let exposures: Vec<f64> = (0..n).map(|i| 1.0 + f64::from(i * 37 % n)).collect();
        let rate = |x: f64| 0.05 + 0.85 * (1.0 - (x / 200.0 - 1.0).powi(2));
        let outcomes: Vec<bool> = exposures.iter().enumerate().map(|(i, x)| (i * 53 % 400) as f64 / 400.0 < rate(*x)).collect();
        let line = checked(&exposures, &outcomes, ExposureForm::Linear).unwrap();
        let bent = checked(&exposures, &outcomes, ExposureForm::Quadratic).unwrap();
        assert!(line.hosmer_lemeshow.unwrap().p_value.unwrap() < 1e-6);
        assert!(bent.hosmer_lemeshow.unwrap().p_value.unwrap() > 0.01);
        assert!(bent.discrimination.unwrap().area > line.discrimination.unwrap().area);
    }

    #[test]
    fn the_sum_of_squares_needs_something_left_over() {
        // Two exposures: derivatives explain the skewness fully.
        let exposures: Vec<f64> = (0..40).map(|i| f64::from(1 + i % 2)).collect();
        let outcomes: Vec<bool> = (0..40).map(|i| i % 2 == 0 && i % 3 == 0 || i % 7 == 1).collect();
        assert_eq!(checked(&exposures, &outcomes, ExposureForm::Linear).unwrap().sum_of_squares, None);
        let (exposures, outcomes) = data(240);
        assert!(checked(&exposures, &outcomes, ExposureForm::Linear).unwrap().sum_of_squares.unwrap().p_value > 0.001);
    }
}
