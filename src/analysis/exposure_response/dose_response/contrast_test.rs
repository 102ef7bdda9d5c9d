//! The test for a dose-response signal by several contrasts at once.

use super::contrast::OptimalContrasts;
use super::data::DoseEstimates;
use super::error::DoseResponseError;
use super::model::DoseResponseModel;
use crate::numerics::multivariate_t::{Integral, MaximumDistribution, Tails};

/// The result for one candidate shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapeTest {
    /// The shape.
    pub model: DoseResponseModel,
    /// The contrast divided by its standard error.
    pub statistic: f64,
    /// p-value adjusted for all shapes, with its numerical standard error.
    pub adjusted_p: Integral,
    /// Whether the statistic exceeds the critical value.
    pub significant: bool,
}

/// The test of all candidate shapes.
#[derive(Debug, Clone, PartialEq)]
pub struct ContrastTest {
    /// Shape by shape, in the order of the candidates.
    pub shapes: Vec<ShapeTest>,
    /// Degrees of freedom; infinite where the covariance is known.
    pub df: f64,
    /// Critical value for the largest statistic, with its numerical standard error.
    pub critical_value: Integral,
    /// Which deviations count.
    pub tails: Tails,
    /// Level of the test.
    pub alpha: f64,
}

/// Tests for a dose-response signal with every contrast, keeping the probability of any false signal at `alpha`.
///
/// ```text
/// p_m = P(max_k T_k >= t_m)   (two-sided: of absolute values),   T multivariate t with the contrasts' correlation and df degrees of freedom
/// ```
///
/// # Errors
/// [`DoseResponseError`] for an `alpha` outside (0, 1) and where estimates and contrasts do not fit together.
///
/// Source: `[Bretz2005]`.
pub fn test_contrasts(
    contrasts: &OptimalContrasts,
    estimates: &DoseEstimates,
    df: f64,
    tails: Tails,
    alpha: f64,
) -> Result<ContrastTest, DoseResponseError> {
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(DoseResponseError::Probability { what: "alpha", value: alpha });
    }
    let statistics = contrasts.statistics(estimates)?;
    let distribution = MaximumDistribution::new(&contrasts.correlation, df, tails)?;
    let critical_value = distribution.quantile(alpha)?;
    let mut shapes = Vec::with_capacity(statistics.len());
    for (shape, statistic) in contrasts.shapes.iter().zip(statistics) {
        let size = if tails == Tails::Both { statistic.abs() } else { statistic };
        let adjusted_p = distribution.upper(size)?;
        shapes.push(ShapeTest { model: shape.model, statistic, adjusted_p, significant: size > critical_value.value });
    }
    Ok(ContrastTest { shapes, df, critical_value, tails, alpha })
}
