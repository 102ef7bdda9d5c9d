//! The time-to-event continual reassessment method: weights of patients whose follow-up is not complete.

use super::crm::WeightedOutcome;
use super::error::{DesignError, check_within};
use super::tally::DoseLevel;

/// How follow-up becomes a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightScheme {
    /// Follow-up divided by the window.
    Linear,
    /// Linear between the times at which toxicities were seen, each of which takes an equal step.
    Adaptive,
}

/// One patient at an interim look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FollowUp {
    /// Dose given.
    pub dose: DoseLevel,
    /// Time observed so far; for a patient with a toxicity, the time to it.
    pub time: f64,
    /// Whether a dose-limiting toxicity was seen.
    pub dlt: bool,
}

/// The patients with the weights of their follow-up.
///
/// With window `T`, follow-up `u`, times to the `z` toxicities seen `t_1 <= ... <= t_z` and `m` of them not after `u`:
///
/// ```text
/// linear     w = min(u / T, 1)
/// adaptive   m = 0:      w = (u / t_1) / (z + 1)
///            0 < m < z:  w = (m + (u - t_m) / (t_{m+1} - t_m)) / (z + 1)
///            m = z:      w = (z + (u - t_z) / (T - t_z)) / (z + 1)
/// ```
///
/// The weight of complete follow-up and of a patient with toxicity is 1. Without a toxicity the adaptive weights are the linear ones.
///
/// Domain: finite times not below zero and a positive finite window, in the same unit.
///
/// # Errors
/// [`DesignError::Outside`].
///
/// Source: `[Cheung2000]`.
pub fn weigh(patients: &[FollowUp], window: f64, scheme: WeightScheme) -> Result<Vec<WeightedOutcome>, DesignError> {
    check_within("the window for toxicity", window, f64::MIN_POSITIVE, f64::MAX)?;
    for patient in patients {
        check_within("the follow-up of a patient", patient.time, 0.0, f64::MAX)?;
    }
    let mut times: Vec<f64> = patients.iter().filter(|patient| patient.dlt).map(|patient| patient.time).collect();
    times.sort_by(f64::total_cmp);
    let outcome = |patient: &FollowUp| WeightedOutcome {
        dose: patient.dose,
        dlt: patient.dlt,
        weight: if patient.dlt { 1.0 } else { weight(patient.time, window, scheme, &times) },
    };
    Ok(patients.iter().map(outcome).collect())
}

/// Weight of one patient without toxicity, given the ascending times to the toxicities seen.
pub(super) fn weight(time: f64, window: f64, scheme: WeightScheme, toxicity_times: &[f64]) -> f64 {
    if time >= window {
        return 1.0;
    }
    let seen = match scheme {
        WeightScheme::Linear => &[],
        WeightScheme::Adaptive => toxicity_times,
    };
    let before = seen.partition_point(|toxicity| *toxicity <= time);
    let lower = before.checked_sub(1).and_then(|last| seen.get(last)).copied().unwrap_or(0.0);
    // A toxicity recorded after the window ends the last step at the window.
    let upper = seen.get(before).map_or(window, |next| next.min(window));
    ((before as f64 + (time - lower) / (upper - lower)) / (seen.len() as f64 + 1.0)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient(time: f64, dlt: bool) -> FollowUp {
        FollowUp { dose: DoseLevel(0), time, dlt }
    }

    fn weights(patients: &[FollowUp], scheme: WeightScheme) -> Vec<f64> {
        weigh(patients, 126.0, scheme).unwrap().iter().map(|outcome| outcome.weight).collect()
    }

    #[test]
    fn linear_weights_are_the_share_of_the_window() {
        let got = weights(&[patient(0.0, false), patient(63.0, false), patient(200.0, false), patient(1.0, true)], WeightScheme::Linear);
        assert_eq!(got, [0.0, 0.5, 1.0, 1.0]);
    }

    #[test]
    fn adaptive_weights_step_at_the_toxicities() {
        let toxic = [patient(90.0, true), patient(30.0, true), patient(60.0, true)];
        let look = |time| {
            let mut patients = toxic.to_vec();
            patients.push(patient(time, false));
            weights(&patients, WeightScheme::Adaptive)[3]
        };
        for (time, want) in [(0.0, 0.0), (15.0, 0.125), (30.0, 0.25), (45.0, 0.375), (60.0, 0.5), (108.0, 0.875), (126.0, 1.0)] {
            assert!((look(time) - want).abs() < 1e-15, "{time}");
        }
        assert_eq!(weights(&[patient(63.0, false)], WeightScheme::Adaptive), [0.5]);
    }

    #[test]
    fn weights_rise_with_follow_up_whatever_was_seen() {
        for seen in [vec![], vec![0.0], vec![126.0], vec![5.0, 5.0, 126.0], vec![300.0]] {
            let at: Vec<f64> = (0..=126).map(|day| weight(f64::from(day), 126.0, WeightScheme::Adaptive, &seen)).collect();
            assert!(at.iter().all(|weight| (0.0..=1.0).contains(weight)), "{seen:?} {at:?}");
            assert!(at.windows(2).all(|pair| pair[0] <= pair[1]), "{seen:?} {at:?}");
        }
    }

    #[test]
    fn impossible_follow_up_is_refused() {
        assert!(weigh(&[patient(-1.0, false)], 28.0, WeightScheme::Linear).is_err());
        assert!(weigh(&[patient(f64::NAN, false)], 28.0, WeightScheme::Linear).is_err());
        assert!(weigh(&[], 0.0, WeightScheme::Linear).is_err() && weigh(&[], 28.0, WeightScheme::Adaptive).unwrap().is_empty());
    }
}
