//! Planned dose levels: modified Fibonacci, doubling until activity, and levels as listed.

use thiserror::Error;

/// Most levels of a plan.
pub const MOST_LEVELS: usize = 50;

/// Why a plan has no levels.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum StepError {
    /// The starting dose is not a dose.
    #[error("the starting dose is {0}; it must be above 0")]
    Start(f64),
    /// An increment that does not lead up.
    #[error("the increment {0} does not lead to a higher dose; it must be above 0")]
    Increment(f64),
    /// No increment, or a number of levels outside its range.
    #[error("a scheme needs increments and 1 to {MOST_LEVELS} levels; {levels} levels and {increments} increments are given")]
    Sizes {
        /// Levels asked for.
        levels: usize,
        /// Increments given.
        increments: usize,
    },
}

/// Doses by increments that become smaller, the last one repeated; not rounded.
///
/// ```text
/// dose(i + 1) = dose(i) * (1 + increment(min(i, last))),   customary increments 1, 0.67, 0.5, 0.4, 0.33
/// ```
/// No dose exceeds `cap`.
///
/// # Errors
/// [`StepError`] when the start or an increment is not above 0, or there are no increments or levels.
pub fn modified_fibonacci(start: f64, increments: &[f64], levels: usize, cap: Option<f64>) -> Result<Vec<f64>, StepError> {
    check(start, increments, levels)?;
    let last = increments.len() - 1;
    Ok(rising(start, levels, cap, |place, _| increments.get(place.min(last)).copied().unwrap_or(0.0)))
}

/// Doses doubled until activity is expected, by smaller increments from there on.
///
/// ```text
/// dose(i + 1) = 2 dose(i)                        while 2 dose(i) <= active
///             = dose(i) * (1 + increment(j))     from there on, j = 0, 1, ... with the last repeated
/// ```
///
/// # Errors
/// [`StepError`] as [`modified_fibonacci`].
pub fn doubling_until(active: f64, start: f64, then: &[f64], levels: usize, cap: Option<f64>) -> Result<Vec<f64>, StepError> {
    check(start, then, levels)?;
    let mut after = 0;
    Ok(rising(start, levels, cap, |_, dose| {
        if after == 0 && 2.0 * dose <= active * (1.0 + 1e-12) {
            return 1.0;
        }
        let increment = then.get(after.min(then.len() - 1)).copied().unwrap_or(0.0);
        after += 1;
        increment
    }))
}

/// Relative increments between neighbouring doses: 1 is a doubling.
#[must_use]
pub fn increments(doses: &[f64]) -> Vec<f64> {
    doses.windows(2).map(|pair| if let [low, high] = pair { high / low - 1.0 } else { f64::NAN }).collect()
}

fn check(start: f64, increments: &[f64], levels: usize) -> Result<(), StepError> {
    if !(start > 0.0 && start.is_finite()) {
        return Err(StepError::Start(start));
    }
    if increments.is_empty() || levels == 0 || levels > MOST_LEVELS {
        return Err(StepError::Sizes { levels, increments: increments.len() });
    }
    match increments.iter().find(|increment| !(**increment > 0.0 && increment.is_finite())) {
        Some(increment) => Err(StepError::Increment(*increment)),
        None => Ok(()),
    }
}

fn rising(start: f64, levels: usize, cap: Option<f64>, mut increment: impl FnMut(usize, f64) -> f64) -> Vec<f64> {
    let allowed = |dose: &f64| cap.is_none_or(|cap| *dose <= cap * (1.0 + 1e-12));
    let mut doses = vec![start];
    while doses.len() < levels {
        let Some(last) = doses.last().copied() else { break };
        let next = last * (1.0 + increment(doses.len() - 1, last));
        if !allowed(&next) {
            break;
        }
        doses.push(next);
    }
    doses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_rise_by_the_increments_and_stop_at_the_cap() {
        let doses = modified_fibonacci(10.0, &[1.0, 0.67, 0.5], 6, Some(80.0)).unwrap();
        assert_eq!(doses.len(), 5);
        let found = increments(&doses);
        for (got, want) in found.iter().zip([1.0, 0.67, 0.5, 0.5]) {
            assert!((got - want).abs() < 1e-12);
        }
        assert!(doses.iter().all(|dose| *dose <= 80.0));
    }

    #[test]
    fn doubling_ends_where_activity_is_expected() {
        let doses = doubling_until(60.0, 10.0, &[0.5, 0.33], 6, None).unwrap();
        let want = [10.0, 20.0, 40.0, 60.0, 79.8, 106.134];
        assert!(doses.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-9), "{doses:?}");
        let reached = doubling_until(40.0, 10.0, &[0.5], 4, None).unwrap();
        assert!((reached[2] - 40.0).abs() < 1e-12 && (reached[3] - 60.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_scheme_is_refused() {
        assert_eq!(modified_fibonacci(0.0, &[1.0], 3, None), Err(StepError::Start(0.0)));
        assert_eq!(modified_fibonacci(1.0, &[1.0, -0.5], 3, None), Err(StepError::Increment(-0.5)));
        assert!(modified_fibonacci(1.0, &[], 3, None).is_err() && doubling_until(5.0, 1.0, &[0.5], 51, None).is_err());
    }
}
