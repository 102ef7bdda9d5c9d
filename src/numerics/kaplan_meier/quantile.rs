//! Quantiles of survival time.

use super::super::distribution::{self, DistributionError};
use super::super::tolerance::TIED;
use super::{KaplanMeier, SurvivalError, SurvivalTransform};

/// Quantile of survival time with its limits; `None` where the curve or its limit does not fall far enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileEstimate {
    /// Probability of an event by that time: 0.5 is the median.
    pub probability: f64,
    /// Time.
    pub estimate: Option<f64>,
    /// Lower confidence limit.
    pub lower: Option<f64>,
    /// Upper confidence limit.
    pub upper: Option<f64>,
}

impl KaplanMeier {
    /// Time by which a proportion `probability` has had the event, with limits by inverting the pointwise interval.
    ///
    /// ```text
    /// estimate  first t with S(t) <= 1 - p; where S(t) = 1 - p on an interval, its midpoint
    /// limits    the same of the lower and of the upper pointwise limit of S
    /// ```
    ///
    /// # Edges
    /// An interval at `1 - p` that the data do not end runs to the last time. Not reached is `None`, for each limit on its own.
    ///
    /// # Errors
    /// `probability` or `level` outside (0, 1).
    ///
    /// Source: `[BrookmeyerCrowley1982]`.
    pub fn quantile(&self, probability: f64, transform: SurvivalTransform, level: f64) -> Result<QuantileEstimate, SurvivalError> {
        let z = distribution::normal_critical(level)?;
        if !(probability > 0.0 && probability < 1.0) {
            return Err(DistributionError::Probability(probability).into());
        }
        let target = 1.0 - probability;
        let limits: Vec<(f64, Option<(f64, f64)>)> = self
            .steps()
            .iter()
            .map(|step| (step.time, step.standard_error.and_then(|error| self.limits(step.survival, error, transform, z))))
            .collect();
        let last = self.last_time();
        Ok(QuantileEstimate {
            probability,
            estimate: crossing(self.steps().iter().map(|step| (step.time, Some(step.survival))), target, last),
            lower: crossing(limits.iter().map(|(time, limit)| (*time, limit.map(|(lower, _)| lower))), target, last),
            upper: crossing(limits.iter().map(|(time, limit)| (*time, limit.map(|(_, upper)| upper))), target, last),
        })
    }

    /// Median with limits: [`KaplanMeier::quantile`] at one half.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    pub fn median(&self, transform: SurvivalTransform, level: f64) -> Result<QuantileEstimate, SurvivalError> {
        self.quantile(0.5, transform, level)
    }
}

/// First time at which a falling step function is at or below the target; the midpoint of the interval on which it equals it.
fn crossing(curve: impl Iterator<Item = (f64, Option<f64>)>, target: f64, last: f64) -> Option<f64> {
    let slack = TIED * target.max(1.0 - target);
    let mut reached = curve.filter_map(|(time, value)| value.map(|value| (time, value))).skip_while(|(_, value)| *value > target + slack);
    let (time, value) = reached.next()?;
    if value < target - slack {
        return Some(time);
    }
    let end = reached.find(|(_, later)| *later < target - slack).map_or(last, |(time, _)| time);
    Some(0.5 * (time + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_on_a_flat_piece_is_its_midpoint() {
        let curve = KaplanMeier::fit(&[1.0, 2.0, 3.0, 4.0, 6.0, 9.0], &[true, true, true, false, true, false]).unwrap();
        // Survival is 1/2 from 3 until the next event at 6; a censoring in between changes nothing.
        assert_eq!(curve.median(SurvivalTransform::Log, 0.95).unwrap().estimate, Some(4.5));
    }

    #[test]
    fn a_flat_piece_at_the_end_runs_to_the_last_time() {
        let curve = KaplanMeier::fit(&[1.0, 2.0, 3.0, 8.0], &[true, true, false, false]).unwrap();
        assert_eq!(curve.median(SurvivalTransform::Plain, 0.95).unwrap().estimate, Some(5.0));
    }

    #[test]
    fn quantiles_rise_with_the_probability_and_limits_enclose_them() {
        let times: Vec<f64> = (1..=60).map(|i| f64::from(i * i % 61)).collect();
        let events: Vec<bool> = (1..=60).map(|i| i % 3 != 0).collect();
        let curve = KaplanMeier::fit(&times, &events).unwrap();
        let mut before = 0.0;
        for p in [0.1, 0.25, 0.5, 0.6] {
            for transform in SurvivalTransform::ALL {
                let got = curve.quantile(p, transform, 0.9).unwrap();
                let time = got.estimate.unwrap();
                assert!(time >= before && got.lower.unwrap() <= time && got.upper.is_none_or(|upper| upper >= time), "{got:?}");
            }
            before = curve.quantile(p, SurvivalTransform::Log, 0.9).unwrap().estimate.unwrap();
        }
    }

    #[test]
    fn not_reached_is_none() {
        let curve = KaplanMeier::fit(&[1.0, 2.0, 3.0], &[true, false, false]).unwrap();
        let median = curve.median(SurvivalTransform::LogLog, 0.95).unwrap();
        assert_eq!((median.estimate, median.upper), (None, None));
        assert!(curve.quantile(1.0, SurvivalTransform::Log, 0.95).is_err());
    }
}
