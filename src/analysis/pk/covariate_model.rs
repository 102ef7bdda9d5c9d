//! Ratios of exposure between values of a covariate, adjusted for dose: regression of the logarithm of exposure.

use thiserror::Error;

use crate::numerics::distribution::t_quantile;
use crate::numerics::least_squares::{LeastSquaresError, LinearFit, fit_linear};

/// Fewest subjects in a subgroup for which an interval is given.
pub const FEWEST: usize = 5;

/// Why a ratio has no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoInterval {
    /// Too few subjects in the subgroup or in the reference.
    #[error("fewer than {FEWEST} subjects")]
    Few,
    /// The model leaves no variation.
    #[error("exposures do not vary about the model")]
    NoVariation,
}

/// A ratio of geometric means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioEstimate {
    /// The ratio, subgroup over reference.
    pub ratio: f64,
    /// Its confidence limits.
    pub interval: Result<(f64, f64), NoInterval>,
}

/// How an interval of a ratio lies to the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoundsVerdict {
    /// The whole interval lies within the bounds.
    Within,
    /// The interval reaches over a bound.
    Crosses,
    /// The whole interval lies on the far side of a bound.
    Outside,
    /// There is no interval.
    NotJudged,
}

impl BoundsVerdict {
    /// How the interval lies to the bounds.
    #[must_use]
    pub fn of(interval: Option<(f64, f64)>, (lower, upper): (f64, f64)) -> Self {
        match interval {
            None => Self::NotJudged,
            Some((low, high)) if low >= lower && high <= upper => Self::Within,
            Some((low, high)) if low > upper || high < lower => Self::Outside,
            Some(_) => Self::Crosses,
        }
    }

    /// Text in tables.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Within => "within the bounds",
            Self::Crosses => "reaches over a bound",
            Self::Outside => "outside the bounds",
            Self::NotJudged => "not judged",
        }
    }
}

/// A fitted log-linear model of exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLinearModel {
    fit: LinearFit,
    /// Columns that stand for dose.
    dose: usize,
    /// Whether anything is left about the model.
    varies: bool,
}

/// Fits the logarithm of exposure on columns for dose and columns for covariates by least squares.
///
/// ```text
/// ln E_i = a + sum_d b_d D_di + sum_j c_j x_ji + e_i
/// ratio  exp(c_j h);  limits  exp(c_j h -+ t_(n - p, (1 + level)/2) |h| se(c_j))
/// association  sqrt(1 - RSS / RSS_0), RSS_0 of the same model without the covariate
/// ```
///
/// `E` exposure above zero in any unit, `D` the logarithm of dose or an indicator for each dosage, `x` covariates, `h` distance between two values of
/// a covariate. A column that the ones before it determine has no coefficient. Subjects count as independent.
///
/// # Errors
/// [`LeastSquaresError`]: too few subjects for the columns, or values that are not finite.
///
/// Source: `[FDA-POPPK]`.
pub fn fit_log_linear(log_exposure: &[f64], dose: &[Vec<f64>], covariates: &[Vec<f64>]) -> Result<LogLinearModel, LeastSquaresError> {
    let columns: Vec<Vec<f64>> = dose.iter().chain(covariates).cloned().collect();
    let fit = fit_linear(&columns, log_exposure, true)?;
    let spread = log_exposure.iter().fold(1.0_f64, |most, value| most.max(value.abs()));
    let varies = fit.residual_sum_of_squares > log_exposure.len() as f64 * (16.0 * f64::EPSILON * spread).powi(2);
    Ok(LogLinearModel { fit, dose: dose.len(), varies })
}

impl LogLinearModel {
    /// The ratio over a distance along a covariate's column; `None` where the column has no coefficient.
    #[must_use]
    pub fn ratio(&self, column: usize, distance: f64, level: f64) -> Option<RatioEstimate> {
        let (centre, half) = self.coefficient(self.dose + column, level)?;
        let interval = if self.varies {
            let half = distance.abs() * half;
            Ok(((distance * centre - half).exp(), (distance * centre + half).exp()))
        } else {
            Err(NoInterval::NoVariation)
        };
        Some(RatioEstimate { ratio: (distance * centre).exp(), interval })
    }

    /// Coefficient of a column that stands for dose, with its limits; `None` where it has none.
    #[must_use]
    pub fn dose_coefficient(&self, column: usize, level: f64) -> Option<(f64, Option<(f64, f64)>)> {
        let (centre, half) = self.coefficient(column, level)?;
        Some((centre, self.varies.then_some((centre - half, centre + half))))
    }

    /// Coefficient of a covariate's column.
    #[must_use]
    pub fn covariate_coefficient(&self, column: usize) -> Option<f64> {
        self.fit.coefficients.get(self.dose + column + 1).copied().flatten()
    }

    /// Sum of squared residuals; zero where nothing is left but rounding.
    #[must_use]
    pub fn residual_sum(&self) -> f64 {
        if self.varies { self.fit.residual_sum_of_squares } else { 0.0 }
    }

    /// Coefficients with an estimate, the constant among them.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.fit.coefficients.iter().flatten().count()
    }

    /// Estimate and half the width of its interval.
    fn coefficient(&self, column: usize, level: f64) -> Option<(f64, f64)> {
        let estimate = self.fit.coefficients.get(column + 1).copied().flatten()?;
        let error = self.fit.standard_errors.get(column + 1).copied().flatten()?;
        let t = t_quantile(0.5 + 0.5 * level, self.fit.residual_df as f64).ok()?;
        Some((estimate, t * error))
    }
}

/// Correlation of a covariate with the logarithm of exposure given dose: Pearson's partial correlation of a number or of two categories, with its
/// sign; the multiple one of more categories. `None` where exposure does not vary about the dose.
#[must_use]
pub fn association(without: &LogLinearModel, with: &LogLinearModel, columns: usize) -> Option<f64> {
    let rest = without.residual_sum();
    if rest <= 0.0 {
        return None;
    }
    let size = (1.0 - with.residual_sum() / rest).clamp(0.0, 1.0).sqrt();
    let falls = columns == 1 && with.covariate_coefficient(0).is_some_and(|slope| slope < 0.0);
    Some(if falls { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_of_two_groups_is_that_of_the_pooled_t_interval() {
        // Logarithms 1, 2, 3 and 2, 4, 6: means 2 and 4, pooled variance (2 + 8) / 4 = 2.5, se = sqrt(2.5 * 2 / 3).
        let y = [1.0, 2.0, 3.0, 2.0, 4.0, 6.0];
        let model = fit_log_linear(&y, &[], &[vec![0.0, 0.0, 0.0, 1.0, 1.0, 1.0]]).unwrap();
        let found = model.ratio(0, 1.0, 0.9).unwrap();
        assert!((found.ratio - 2.0_f64.exp()).abs() < 1e-12);
        // t_(4, 0.95) = 2.13184678632665
        let half = 2.131_846_786_326_65 * (5.0_f64 / 3.0).sqrt();
        let (lower, upper) = found.interval.unwrap();
        assert!((lower.ln() - (2.0 - half)).abs() < 1e-9 && (upper.ln() - (2.0 + half)).abs() < 1e-9);
        // Pearson of 0/1 with y: between sum of squares 6 of total 16.
        let without = fit_log_linear(&y, &[], &[]).unwrap();
        assert!((association(&without, &model, 1).unwrap() - (6.0_f64 / 16.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn dose_is_taken_out_by_its_own_slope() {
        // ln E = 0.5 ln D + 0.3 x exactly, but for a ripple that is orthogonal to both.
        let log_dose = [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0];
        let x = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0];
        let y: Vec<f64> = (0..8).map(|i| 0.5 * log_dose[i] + 0.3 * x[i] + if i < 4 { 0.01 } else { -0.01 }).collect();
        let model = fit_log_linear(&y, &[log_dose.to_vec()], &[x.to_vec()]).unwrap();
        assert!((model.ratio(0, 1.0, 0.9).unwrap().ratio - 0.3_f64.exp()).abs() < 1e-12);
        assert!((model.ratio(0, -2.0, 0.9).unwrap().ratio - (-0.6_f64).exp()).abs() < 1e-12);
        let (slope, limits) = model.dose_coefficient(0, 0.9).unwrap();
        assert!((slope - 0.5).abs() < 1e-12 && limits.is_some_and(|(low, high)| low < 0.5 && high > 0.5));
    }

    #[test]
    fn a_constant_covariate_has_no_ratio_and_exact_data_no_interval() {
        let y = [1.0, 2.0, 3.0, 4.0];
        let constant = fit_log_linear(&y, &[], &[vec![60.3; 4]]).unwrap();
        assert_eq!(constant.ratio(0, 1.0, 0.9), None);
        let exact = fit_log_linear(&y, &[], &[vec![1.0, 2.0, 3.0, 4.0]]).unwrap();
        assert_eq!(exact.ratio(0, 1.0, 0.9).unwrap().interval, Err(NoInterval::NoVariation));
        assert!(fit_log_linear(&y[..2], &[], &[vec![1.0, 2.0]]).is_err());
    }

    #[test]
    fn verdicts_follow_the_whole_interval() {
        let verdict = |low, high| BoundsVerdict::of(Some((low, high)), (0.8, 1.25));
        assert_eq!(verdict(0.8, 1.25), BoundsVerdict::Within);
        assert_eq!(verdict(0.79, 1.2), BoundsVerdict::Crosses);
        assert_eq!(verdict(0.5, 2.0), BoundsVerdict::Crosses);
        assert_eq!(verdict(1.26, 2.0), BoundsVerdict::Outside);
        assert_eq!(verdict(0.5, 0.79), BoundsVerdict::Outside);
        assert_eq!(BoundsVerdict::of(None, (0.8, 1.25)), BoundsVerdict::NotJudged);
    }
}
