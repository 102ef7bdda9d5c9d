//! Sample size and power for comparing two proportions by the normal approximation.

use super::distribution::{self, DistributionError};

fn check(p1: f64, p2: f64) -> Result<(), DistributionError> {
    for value in [p1, p2] {
        if !(value > 0.0 && value < 1.0) {
            return Err(DistributionError::Probability(value));
        }
    }
    Ok(())
}

/// Number per group for a two-sided test of equal proportions.
///
/// ```text
/// n = (z_{a/2} sqrt(2 p (1 - p)) + z_b sqrt(p1 q1 + p2 q2))^2 / (p1 - p2)^2,  p = (p1 + p2)/2,  power = 1 - b; rounded up
/// ```
///
/// # Domain
/// All four arguments strictly between 0 and 1, `p1 != p2`, power above one half.
///
/// # Errors
/// [`DistributionError`]; equal proportions are [`DistributionError::Parameter`].
///
/// Source: `[Fleiss2003]`.
pub fn two_proportions(p1: f64, p2: f64, alpha: f64, power: f64) -> Result<u64, DistributionError> {
    check(p1, p2)?;
    let difference = p1 - p2;
    if difference.abs() < f64::EPSILON {
        return Err(DistributionError::Parameter { name: "difference of proportions", value: difference });
    }
    let pooled = 0.5 * (p1 + p2);
    let null = (2.0 * pooled * (1.0 - pooled)).sqrt();
    let alternative = (p1 * (1.0 - p1) + p2 * (1.0 - p2)).sqrt();
    let sum = distribution::normal_critical(1.0 - alpha)? * null + distribution::normal_quantile(power)? * alternative;
    Ok((sum * sum / (difference * difference)).ceil() as u64)
}

/// Power of a two-sided test of equal proportions with `n` per group, by the same approximation.
///
/// ```text
/// power = P(Z > (z_{a/2} sqrt(2 p (1 - p)) - sqrt(n) |p1 - p2|) / sqrt(p1 q1 + p2 q2))
/// ```
///
/// # Errors
/// As [`two_proportions`], equal proportions allowed.
///
/// Source: `[Fleiss2003]`.
pub fn power_two_proportions(n_per_group: u64, p1: f64, p2: f64, alpha: f64) -> Result<f64, DistributionError> {
    check(p1, p2)?;
    let pooled = 0.5 * (p1 + p2);
    let null = (2.0 * pooled * (1.0 - pooled)).sqrt();
    let alternative = (p1 * (1.0 - p1) + p2 * (1.0 - p2)).sqrt();
    let shift = (n_per_group as f64).sqrt() * (p1 - p2).abs();
    Ok(distribution::normal_upper((distribution::normal_critical(1.0 - alpha)? * null - shift) / alternative))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_number_per_arm() {
        // G11: 35% against 25%, two-sided 5%, power 80%.
        assert_eq!(two_proportions(0.35, 0.25, 0.05, 0.80).unwrap(), 329);
    }

    #[test]
    fn the_number_reaches_the_power_and_one_less_does_not() {
        let n = two_proportions(0.5, 0.3, 0.1, 0.9).unwrap();
        assert!(power_two_proportions(n, 0.5, 0.3, 0.1).unwrap() >= 0.9);
        assert!(power_two_proportions(n - 1, 0.5, 0.3, 0.1).unwrap() < 0.9);
    }

    #[test]
    fn equal_proportions_have_no_sample_size() {
        assert!(two_proportions(0.3, 0.3, 0.05, 0.8).is_err());
        assert!(two_proportions(0.0, 0.3, 0.05, 0.8).is_err());
        assert!(power_two_proportions(10, 0.3, 0.4, 0.0).is_err());
    }
}
