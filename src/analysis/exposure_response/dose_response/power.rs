//! Power of the contrast test, and the sample size for it.

use rayon::prelude::*;

use super::candidate::{CandidateShape, ExpectedEffect};
use super::contrast::{OptimalContrasts, correlation};
use super::error::DoseResponseError;
use super::model::Scaling;
use crate::numerics::matrix::{Matrix, dot};
use crate::numerics::multivariate_t::{Integral, MaximumDistribution, Tails, exceedance};

/// Largest total sample size that is searched.
const LARGEST_SAMPLE: u64 = 1_000_000;

/// Power of a contrast test under several true dose-responses.
#[derive(Debug, Clone, PartialEq)]
pub struct ContrastPower {
    /// Critical value of the largest statistic.
    pub critical_value: Integral,
    /// Power under each true dose-response.
    pub power: Vec<Integral>,
}

/// Power of the test when the true means at the doses are `truths`.
///
/// ```text
/// power = P(max_k T_k > q),   T multivariate t with noncentralities  delta_k = c_k' mu / sqrt(c_k' S c_k)
/// ```
///
/// `covariance` is that of the estimates in the trial planned and `df` its degrees of freedom, `sum n - K` for `K` groups with one variance,
/// infinite for a known covariance.
///
/// # Errors
/// [`DoseResponseError`] where dimensions do not fit, for an `alpha` outside (0, 1) and for degrees of freedom that are not positive.
///
/// Source: `[Pinheiro2006]`.
pub fn contrast_power(
    contrasts: &OptimalContrasts,
    covariance: &Matrix,
    df: f64,
    truths: &[Vec<f64>],
    (alpha, tails): (f64, Tails),
) -> Result<ContrastPower, DoseResponseError> {
    let expected = contrasts.doses.len();
    if let Some(found) = truths.iter().map(Vec::len).chain([covariance.rows()]).find(|found| *found != expected) {
        return Err(DoseResponseError::Length { what: "means or covariance", expected, found });
    }
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(DoseResponseError::Probability { what: "alpha", value: alpha });
    }
    let correlation = correlation(&contrasts.contrasts, covariance);
    let critical_value = MaximumDistribution::new(&correlation, df, tails)?.quantile(alpha)?;
    let power = truths
        .par_iter()
        .map(|truth| {
            let noncentrality = |contrast: &Vec<f64>| dot(contrast, truth) / covariance.bilinear(contrast, contrast).sqrt();
            let means: Vec<f64> = contrasts.contrasts.iter().map(noncentrality).collect();
            exceedance(&correlation, &means, df, critical_value.value, tails)
        })
        .collect::<Result<Vec<Integral>, _>>()?;
    Ok(ContrastPower { critical_value, power })
}

/// How the power under several shapes becomes one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerSummary {
    /// The least.
    Minimum,
    /// The mean.
    Mean,
    /// The largest.
    Maximum,
}

/// A trial of parallel groups with one variance, to be sized.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSizePlan {
    /// Candidate shapes, which are also the true ones.
    pub candidates: Vec<CandidateShape>,
    /// Doses of the groups, ascending.
    pub doses: Vec<f64>,
    /// Relative sizes of the groups in whole numbers.
    pub allocation: Vec<u32>,
    /// Response at dose 0, largest effect and direction.
    pub expected: ExpectedEffect,
    /// Standard deviation of a response.
    pub sigma: f64,
    /// Constants of the log-linear and the beta shape.
    pub scaling: Scaling,
    /// Level of the test and which deviations count.
    pub test: (f64, Tails),
    /// Power to be reached.
    pub power: f64,
    /// How the power under the shapes is summarised.
    pub summary: PowerSummary,
}

/// The smallest trial that reaches the power.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSize {
    /// Subjects per group.
    pub per_dose: Vec<u64>,
    /// Power under each shape.
    pub power: Vec<Integral>,
}

/// Smallest multiple of the allocation at which the summarised power reaches the one asked for.
///
/// Found by doubling and halving: the power grows with the size.
///
/// # Errors
/// [`DoseResponseError`] for impossible inputs, and [`DoseResponseError::SampleSize`] where a million subjects do not suffice.
pub fn sample_size(plan: &SampleSizePlan) -> Result<SampleSize, DoseResponseError> {
    check(plan)?;
    let unit: u64 = plan.allocation.iter().map(|size| u64::from(*size)).sum();
    let reaches = |found: &SampleSize| summarise(&found.power, plan.summary) >= plan.power;
    // The least multiple that leaves degrees of freedom for the variance.
    let mut below = plan.doses.len() as u64 / unit;
    let mut above = below + 1;
    let mut best = power_at(plan, above)?;
    while !reaches(&best) {
        below = above;
        above *= 2;
        if above * unit > LARGEST_SAMPLE {
            return Err(DoseResponseError::SampleSize { largest: LARGEST_SAMPLE });
        }
        best = power_at(plan, above)?;
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        let found = power_at(plan, middle)?;
        if reaches(&found) {
            (above, best) = (middle, found);
        } else {
            below = middle;
        }
    }
    Ok(best)
}

fn check(plan: &SampleSizePlan) -> Result<(), DoseResponseError> {
    let expected = plan.doses.len();
    if plan.allocation.len() != expected {
        return Err(DoseResponseError::Length { what: "allocation", expected, found: plan.allocation.len() });
    }
    if let Some(position) = plan.allocation.iter().position(|size| *size == 0) {
        return Err(DoseResponseError::Value { what: "allocation", value: 0.0, row: position + 1 });
    }
    if !(plan.power > 0.0 && plan.power < 1.0) {
        return Err(DoseResponseError::Probability { what: "power", value: plan.power });
    }
    if !(plan.sigma > 0.0 && plan.sigma.is_finite()) {
        return Err(DoseResponseError::Value { what: "sigma", value: plan.sigma, row: 1 });
    }
    Ok(())
}

fn power_at(plan: &SampleSizePlan, multiple: u64) -> Result<SampleSize, DoseResponseError> {
    let per_dose: Vec<u64> = plan.allocation.iter().map(|size| u64::from(*size) * multiple).collect();
    let variances: Vec<f64> = per_dose.iter().map(|n| plan.sigma * plan.sigma / *n as f64).collect();
    let covariance = Matrix::diagonal(&variances);
    let contrasts = OptimalContrasts::new(&plan.candidates, &plan.doses, &covariance, plan.scaling, plan.expected.direction)?;
    let truths: Vec<Vec<f64>> =
        plan.candidates.iter().map(|shape| shape.means(&plan.doses, plan.scaling, plan.expected)).collect::<Result<_, _>>()?;
    let df = per_dose.iter().sum::<u64>() as f64 - per_dose.len() as f64;
    let power = contrast_power(&contrasts, &covariance, df, &truths, plan.test)?.power;
    Ok(SampleSize { per_dose, power })
}

fn summarise(power: &[Integral], summary: PowerSummary) -> f64 {
    let values = power.iter().map(|power| power.value);
    match summary {
        PowerSummary::Minimum => values.fold(f64::INFINITY, f64::min),
        PowerSummary::Mean => values.sum::<f64>() / power.len() as f64,
        PowerSummary::Maximum => values.fold(f64::NEG_INFINITY, f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::super::candidate::Direction;
    use super::super::model::DoseResponseModel;
    use super::*;

    fn plan() -> SampleSizePlan {
        SampleSizePlan {
            candidates: vec![CandidateShape { model: DoseResponseModel::Linear, guesses: Vec::new() }],
            doses: vec![0.0, 1.0],
            allocation: vec![1, 1],
            expected: ExpectedEffect { placebo: 0.0, largest: 1.0, direction: Direction::Increasing },
            sigma: 1.0,
            scaling: Scaling::for_largest_dose(1.0),
            test: (0.025, Tails::Upper),
            power: 0.9,
            summary: PowerSummary::Minimum,
        }
    }

    /// Two groups, effect of one standard deviation, one-sided 2.5%, power 90%: 23 per group by the noncentral t distribution.
    #[test]
    fn two_groups_need_what_the_t_test_needs() {
        let found = sample_size(&plan()).unwrap();
        assert_eq!(found.per_dose, [23, 23]);
        assert!(found.power[0].value >= 0.9 && found.power[0].value < 0.92, "{found:?}");
    }

    #[test]
    fn impossible_plans_are_refused() {
        let refused = |change: fn(&mut SampleSizePlan)| {
            let mut changed = plan();
            change(&mut changed);
            sample_size(&changed).unwrap_err()
        };
        assert_eq!(refused(|plan| plan.expected.largest = 1e-4), DoseResponseError::SampleSize { largest: LARGEST_SAMPLE });
        assert!(matches!(refused(|plan| plan.power = 1.0), DoseResponseError::Probability { what: "power", .. }));
        assert!(matches!(refused(|plan| plan.allocation = vec![1, 0]), DoseResponseError::Value { what: "allocation", row: 2, .. }));
        assert!(matches!(refused(|plan| plan.test.0 = 0.0), DoseResponseError::Probability { what: "alpha", .. }));
        assert_eq!(refused(|plan| plan.candidates.clear()), DoseResponseError::NoCandidate);
    }
}
