//! Restricted mean survival time.

use super::{KaplanMeier, SurvivalError};

/// Area under the curve up to a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// Horizon.
    pub tau: f64,
    /// Area under the curve from 0 to the horizon, in units of time.
    pub estimate: f64,
    /// Standard error.
    pub standard_error: f64,
    /// Whether the horizon lies beyond the last time while the curve is above 0, so that the curve had to be carried on.
    pub extrapolated: bool,
}

impl KaplanMeier {
    /// Restricted mean survival time up to `tau`.
    ///
    /// ```text
    /// R = integral of S from 0 to tau
    /// var R = sum over event times t_i <= tau of A_i^2 d_i / (Y_i (Y_i - d_i)),   A_i = integral of S from t_i to tau
    /// ```
    ///
    /// # Domain
    /// `tau` finite and not negative.
    ///
    /// # Edges
    /// An event that takes the curve to 0 adds no variance. Beyond the last time the curve is carried on and the result says so.
    ///
    /// # Errors
    /// [`SurvivalError::Time`] for a bad `tau`.
    ///
    /// Source: `[KleinMoeschberger2003]`.
    pub fn restricted_mean(&self, tau: f64) -> Result<RestrictedMean, SurvivalError> {
        if !(tau.is_finite() && tau >= 0.0) {
            return Err(SurvivalError::Time(tau));
        }
        let inside = self.steps().partition_point(|step| step.time < tau);
        let (mut area, mut variance, mut end) = (0.0, 0.0, tau);
        // From the horizon backwards, so that the area still to come is known at each step.
        for step in self.steps().iter().take(inside).rev() {
            area += step.survival * (end - step.time);
            end = step.time;
            let (at_risk, died) = (step.n_risk as f64, step.n_event as f64);
            if step.n_event > 0 && step.n_event < step.n_risk {
                variance += area * area * died / (at_risk * (at_risk - died));
            }
        }
        let above_zero = self.steps().last().is_some_and(|step| step.survival > 0.0);
        Ok(RestrictedMean {
            tau,
            estimate: area + end,
            standard_error: f64::sqrt(variance),
            extrapolated: above_zero && tau > self.last_time(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_censoring_the_full_restricted_mean_is_the_mean() {
        let times = [1.0, 2.0, 2.0, 5.0, 8.0];
        let curve = KaplanMeier::fit(&times, &[true; 5]).unwrap();
        let got = curve.restricted_mean(8.0).unwrap();
        assert!((got.estimate - 3.6).abs() < 1e-14 && !got.extrapolated);
        // With divisor n the variance of the mean is that of the empirical distribution.
        let variance = times.iter().map(|t| (t - 3.6) * (t - 3.6)).sum::<f64>() / 25.0;
        assert!((got.standard_error * got.standard_error - variance).abs() < 1e-14);
    }

    #[test]
    fn horizon_before_the_first_event_and_beyond_the_last() {
        let curve = KaplanMeier::fit(&[2.0, 4.0], &[true, false]).unwrap();
        let early = curve.restricted_mean(1.5).unwrap();
        assert!((early.estimate - 1.5).abs() < 1e-15 && early.standard_error.abs() < f64::EPSILON);
        let late = curve.restricted_mean(6.0).unwrap();
        assert!(late.extrapolated && (late.estimate - 4.0).abs() < 1e-15);
        assert!(curve.restricted_mean(f64::NAN).is_err());
    }
}
