//! The coefficients of a regression with what belongs to each, for grades and times.

use super::caution::Caution;
use crate::numerics::distribution::DistributionError;
use crate::numerics::regression::{Coefficients, Wald};

/// A log odds ratio or a log hazard ratio.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRatio {
    /// Name of the column.
    pub name: String,
    /// Log odds ratio of a higher outcome, or log hazard ratio; `None` for a column that others determine.
    pub estimate: Option<f64>,
    /// Standard error.
    pub standard_error: Option<f64>,
    /// Wald limits.
    pub limits: Option<(f64, f64)>,
    /// Wald statistic.
    pub wald: Option<Wald>,
}

/// One row per column; a column that others determine is a caution as well.
pub(super) fn log_ratios(
    names: &[String],
    coefficients: &Coefficients,
    level: f64,
    cautions: &mut Vec<Caution>,
) -> Result<Vec<LogRatio>, DistributionError> {
    let mut rows = Vec::new();
    for (column, name) in names.iter().enumerate() {
        let estimate = coefficients.estimate(column);
        if estimate.is_none() {
            cautions.push(Caution::Aliased { column: name.clone() });
        }
        rows.push(LogRatio {
            name: name.clone(),
            estimate,
            standard_error: coefficients.standard_error(column),
            limits: coefficients.wald_interval(column, level)?,
            wald: coefficients.wald(column),
        });
    }
    Ok(rows)
}
