//! The product-limit curve.

use thiserror::Error;

use super::super::distribution::{self, DistributionError};
use super::super::tolerance::tied;
use super::SurvivalTransform;

/// Why a survival estimate does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SurvivalError {
    /// No observation: not estimable.
    #[error("no observations: the curve is not estimable")]
    NoObservations,
    /// Times and outcomes are not of the same length.
    #[error("{times} times but {outcomes} outcomes")]
    Lengths {
        /// Number of times.
        times: usize,
        /// Number of outcomes.
        outcomes: usize,
    },
    /// A time that is negative or not finite.
    #[error("time {0} is negative or not finite")]
    Time(f64),
    /// A quantile probability or confidence level outside (0, 1).
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

/// One distinct time of the curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Time.
    pub time: f64,
    /// At risk just before it.
    pub n_risk: usize,
    /// Events at it.
    pub n_event: usize,
    /// Censored at it, after the events.
    pub n_censor: usize,
    /// Survival probability just after it.
    pub survival: f64,
    /// Greenwood standard error of the survival probability; `None` once the curve is 0.
    pub standard_error: Option<f64>,
    /// Nelson-Aalen cumulative hazard.
    pub cumulative_hazard: f64,
}

/// Survival probability at a chosen time with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalAt {
    /// Time asked for.
    pub time: f64,
    /// At risk at that time.
    pub n_risk: usize,
    /// Survival probability.
    pub survival: f64,
    /// Greenwood standard error; `None` where the curve is 0.
    pub standard_error: Option<f64>,
    /// Lower limit, `None` where the transformation has none.
    pub lower: Option<f64>,
    /// Upper limit, `None` where the transformation has none.
    pub upper: Option<f64>,
}

/// A fitted curve.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<Step>,
}

/// Whether two times are the same up to rounding.
pub(in super::super) fn same_time(left: f64, right: f64) -> bool {
    tied(left, right)
}

/// Checks that there are times, one outcome for each, all finite and not negative.
pub(in super::super) fn check_times(times: &[f64], outcomes: usize) -> Result<(), SurvivalError> {
    if times.len() != outcomes {
        return Err(SurvivalError::Lengths { times: times.len(), outcomes });
    }
    if times.is_empty() {
        return Err(SurvivalError::NoObservations);
    }
    match times.iter().find(|time| !(time.is_finite() && **time >= 0.0)) {
        Some(time) => Err(SurvivalError::Time(*time)),
        None => Ok(()),
    }
}

impl KaplanMeier {
    /// Product-limit estimate from times and whether each ended in an event.
    ///
    /// ```text
    /// S(t) = prod over event times t_i <= t of (1 - d_i/Y_i)       d_i events, Y_i at risk at t_i
    /// se(S) = S sqrt(sum d_i / (Y_i (Y_i - d_i)))                  Greenwood
    /// H(t) = sum d_i/Y_i                                           Nelson-Aalen
    /// ```
    ///
    /// # Domain
    /// Finite times of at least 0, one outcome per time. `O(n log n)`.
    ///
    /// # Errors
    /// [`SurvivalError`]; no observation is [`SurvivalError::NoObservations`].
    ///
    /// Sources: `[KaplanMeier1958]`, `[Greenwood1926]`, `[Nelson1972]`.
    pub fn fit(times: &[f64], events: &[bool]) -> Result<Self, SurvivalError> {
        check_times(times, events.len())?;
        let mut pairs: Vec<(f64, bool)> = times.iter().copied().zip(events.iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut steps = Vec::new();
        let mut n_risk = pairs.len();
        let (mut survival, mut hazard, mut relative_variance) = (1.0, 0.0, 0.0);
        for group in pairs.chunk_by(|a, b| same_time(a.0, b.0)) {
            let n_event = group.iter().filter(|(_, event)| *event).count();
            let (at_risk, died) = (n_risk as f64, n_event as f64);
            if n_event > 0 {
                survival *= (at_risk - died) / at_risk;
                hazard += died / at_risk;
                relative_variance += died / (at_risk * (at_risk - died));
            }
            steps.push(Step {
                time: group.first().map_or(f64::NAN, |(time, _)| *time),
                n_risk,
                n_event,
                n_censor: group.len() - n_event,
                survival,
                standard_error: (survival > 0.0).then(|| survival * f64::sqrt(relative_variance)),
                cumulative_hazard: hazard,
            });
            n_risk -= group.len();
        }
        Ok(Self { steps })
    }

    /// Every distinct time in ascending order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Number of observations.
    pub fn n(&self) -> usize {
        self.steps.first().map_or(0, |step| step.n_risk)
    }

    /// Number of events.
    pub fn events(&self) -> usize {
        self.steps.iter().map(|step| step.n_event).sum()
    }

    /// Last time observed, event or censoring.
    pub fn last_time(&self) -> f64 {
        self.steps.last().map_or(0.0, |step| step.time)
    }

    /// Number still under observation just before `time`: the number printed under a curve.
    pub fn number_at_risk(&self, time: f64) -> usize {
        let before = self.steps.partition_point(|step| step.time < time && !same_time(step.time, time));
        self.steps.get(before).map_or(0, |step| step.n_risk)
    }

    /// Survival probability at `time` with limits on the given scale; beyond the last time the curve is carried on.
    ///
    /// # Edges
    /// No limits once the curve is 0. Where it is 1, the log-log limits are 1 and 1 before the first event and missing without any
    /// event; the other scales give 1 and 1.
    ///
    /// # Errors
    /// A `level` outside (0, 1).
    ///
    /// Source: `[KalbfleischPrentice2002]`.
    pub fn survival_at(&self, time: f64, transform: SurvivalTransform, level: f64) -> Result<SurvivalAt, SurvivalError> {
        let z = distribution::normal_critical(level)?;
        let passed = self.steps.partition_point(|step| step.time <= time || same_time(step.time, time));
        let step = passed.checked_sub(1).and_then(|last| self.steps.get(last));
        let (survival, standard_error) = step.map_or((1.0, Some(0.0)), |step| (step.survival, step.standard_error));
        let limits = standard_error.and_then(|error| self.limits(survival, error, transform, z));
        Ok(SurvivalAt {
            time,
            n_risk: self.number_at_risk(time),
            survival,
            standard_error,
            lower: limits.map(|(lower, _)| lower),
            upper: limits.map(|(_, upper)| upper),
        })
    }

    /// Limits at one step of the curve, `None` where the scale has none.
    pub(super) fn limits(&self, survival: f64, standard_error: f64, transform: SurvivalTransform, z: f64) -> Option<(f64, f64)> {
        if survival <= 0.0 {
            None
        } else if survival >= 1.0 {
            (transform != SurvivalTransform::LogLog || self.events() > 0).then_some((1.0, 1.0))
        } else {
            Some(transform.limits(survival, standard_error, z))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_limit_by_hand_with_a_tie_of_event_and_censoring() {
        let curve = KaplanMeier::fit(&[3.0, 2.0, 3.0, 4.0], &[false, true, true, false]).unwrap();
        let survival: Vec<f64> = curve.steps().iter().map(|step| step.survival).collect();
        assert!(survival.iter().zip([0.75, 0.5, 0.5]).all(|(got, want)| (got - want).abs() < 1e-15), "{survival:?}");
        assert_eq!(
            (curve.n(), curve.events(), curve.number_at_risk(3.0), curve.number_at_risk(3.5), curve.number_at_risk(9.0)),
            (4, 2, 3, 1, 0)
        );
    }

    #[test]
    fn without_censoring_it_is_the_empirical_distribution() {
        let times: Vec<f64> = (1..=20).map(f64::from).collect();
        let curve = KaplanMeier::fit(&times, &[true; 20]).unwrap();
        for (i, step) in curve.steps().iter().enumerate() {
            let survival = 1.0 - (i as f64 + 1.0) / 20.0;
            assert!((step.survival - survival).abs() < 1e-14);
            if let Some(error) = step.standard_error {
                assert!((error - (survival * (1.0 - survival) / 20.0).sqrt()).abs() < 1e-14);
            }
        }
        assert_eq!(curve.steps().last().unwrap().standard_error, None);
    }

    #[test]
    fn times_that_differ_by_rounding_are_one_step() {
        let curve = KaplanMeier::fit(&[0.3, 0.1 + 0.2, 1.0], &[true, true, false]).unwrap();
        assert_eq!(curve.steps().len(), 2);
        assert_eq!(curve.steps()[0].n_event, 2);
        let at = curve.survival_at(0.1 + 0.2, SurvivalTransform::Plain, 0.95).unwrap();
        assert_eq!(at.n_risk, 3);
    }

    #[test]
    fn all_censored_and_one_subject() {
        let censored = KaplanMeier::fit(&[5.0, 6.0], &[false, false]).unwrap();
        let at = censored.survival_at(5.5, SurvivalTransform::LogLog, 0.95).unwrap();
        assert!((at.survival - 1.0).abs() < f64::EPSILON && at.lower.is_none() && at.upper.is_none());
        assert_eq!(censored.survival_at(5.5, SurvivalTransform::Log, 0.95).unwrap().lower, Some(1.0));
        let one = KaplanMeier::fit(&[5.0], &[true]).unwrap();
        assert_eq!(one.survival_at(4.0, SurvivalTransform::LogLog, 0.95).unwrap().upper, Some(1.0));
        assert!(one.survival_at(5.0, SurvivalTransform::Plain, 0.95).unwrap().upper.is_none());
    }

    #[test]
    fn bad_input_is_an_error() {
        assert_eq!(KaplanMeier::fit(&[], &[]), Err(SurvivalError::NoObservations));
        assert_eq!(KaplanMeier::fit(&[-1.0], &[true]), Err(SurvivalError::Time(-1.0)));
        assert!(matches!(KaplanMeier::fit(&[1.0], &[]), Err(SurvivalError::Lengths { times: 1, outcomes: 0 })));
        let curve = KaplanMeier::fit(&[1.0], &[true]).unwrap();
        assert!(curve.survival_at(1.0, SurvivalTransform::Log, 1.5).is_err());
    }
}
