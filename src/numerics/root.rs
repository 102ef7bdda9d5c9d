//! Root of a function of one variable inside a bracket.

use thiserror::Error;

/// Largest number of function calls before [`find_root`] gives up; halving alone needs about 60 for full precision.
const MAX_ITERATIONS: usize = 300;

/// Why no root was returned.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum RootError {
    /// The function has the same sign at both ends.
    #[error("no sign change between {lower} (value {at_lower}) and {upper} (value {at_upper})")]
    NotBracketed {
        /// Lower end of the bracket.
        lower: f64,
        /// Upper end of the bracket.
        upper: f64,
        /// Value at the lower end.
        at_lower: f64,
        /// Value at the upper end.
        at_upper: f64,
    },
    /// The function is not a number somewhere in the bracket.
    #[error("the function is not a number at {at}")]
    NotANumber {
        /// Where.
        at: f64,
    },
    /// The bracket did not shrink to the tolerance.
    #[error("no convergence after {iterations} iterations")]
    NoConvergence {
        /// Iterations done.
        iterations: usize,
    },
}

/// Root of `f` between `lower` and `upper` by Brent's method.
///
/// Inverse quadratic interpolation or the secant where they shrink the bracket, halving otherwise; the bracket always holds a
/// sign change, so that at a jump the place of the jump is returned.
///
/// # Domain
/// `f(lower)` and `f(upper)` of opposite sign or zero; infinite values are allowed. `tolerance` is the absolute half-width at which
/// the search stops; rounding (four units in the last place) is added to it.
///
/// # Errors
/// [`RootError`] when there is no sign change, when `f` is not a number, or when the bracket does not close.
///
/// Source: `[Brent1973]`, chapter 4.
pub fn find_root(mut f: impl FnMut(f64) -> f64, lower: f64, upper: f64, tolerance: f64) -> Result<f64, RootError> {
    let mut value = |x: f64| -> Result<f64, RootError> {
        let y = f(x);
        if y.is_nan() { Err(RootError::NotANumber { at: x }) } else { Ok(y) }
    };
    let (mut previous, mut best) = (lower, upper);
    let (mut at_previous, mut at_best) = (value(previous)?, value(best)?);
    if at_previous * at_best > 0.0 {
        return Err(RootError::NotBracketed { lower, upper, at_lower: at_previous, at_upper: at_best });
    }
    let (mut opposite, mut at_opposite) = (previous, at_previous);
    for _ in 0..MAX_ITERATIONS {
        let last_step = best - previous;
        if at_opposite.abs() < at_best.abs() {
            (previous, best, opposite) = (best, opposite, best);
            (at_previous, at_best, at_opposite) = (at_best, at_opposite, at_best);
        }
        let close = 2.0 * f64::EPSILON * best.abs() + 0.5 * tolerance;
        let halving = 0.5 * (opposite - best);
        if halving.abs() <= close || at_best == 0.0 {
            return Ok(best);
        }
        let mut step = halving;
        if last_step.abs() >= close && at_previous.abs() > at_best.abs() {
            let trial = interpolate((previous, at_previous), (best, at_best), (opposite, at_opposite));
            let inside = trial * halving > 0.0 && trial.abs() < 1.5 * halving.abs() - 0.5 * close;
            if inside && trial.abs() < 0.5 * last_step.abs() {
                step = trial;
            }
        }
        (previous, at_previous) = (best, at_best);
        best += if step.abs() < close { close.copysign(step) } else { step };
        at_best = value(best)?;
        if (at_best > 0.0 && at_opposite > 0.0) || (at_best < 0.0 && at_opposite < 0.0) {
            (opposite, at_opposite) = (previous, at_previous);
        }
    }
    Err(RootError::NoConvergence { iterations: MAX_ITERATIONS })
}

/// Step from the best point by inverse quadratic interpolation (three distinct points) or by the secant (two).
///
/// Not a number where the values do not allow one; the caller then halves.
fn interpolate(previous: (f64, f64), best: (f64, f64), opposite: (f64, f64)) -> f64 {
    let width = opposite.0 - best.0;
    let s = best.1 / previous.1;
    if previous.0.to_bits() == opposite.0.to_bits() {
        return -width * s / (1.0 - s);
    }
    let (q, r) = (previous.1 / opposite.1, best.1 / opposite.1);
    -s * (width * q * (q - r) - (best.0 - previous.0) * (r - 1.0)) / ((q - 1.0) * (r - 1.0) * (s - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_smooth_roots_to_rounding() {
        let root = find_root(|x| x.exp() - 2.0, -10.0, 10.0, 0.0).unwrap();
        assert!((root - 2.0_f64.ln()).abs() < 1e-14, "{root}");
        let cubic = find_root(|x| (x - 1.0) * (x + 3.0) * (x + 3.0), -4.0, 4.0 / 3.0, 0.0).unwrap();
        assert!((cubic - 1.0).abs() < 1e-10, "{cubic}");
    }

    #[test]
    fn returns_the_place_of_a_jump() {
        let jump = find_root(|x| if x < 0.25 { -1.0 } else { 1.0 }, 0.0, 1.0, 1e-12).unwrap();
        assert!((jump - 0.25).abs() < 1e-11, "{jump}");
    }

    #[test]
    fn accepts_infinite_ends_and_roots_at_an_end() {
        let root = find_root(|x: f64| x.ln() + 1.0, 0.0, 1.0, 0.0).unwrap();
        assert!((root - (-1.0_f64).exp()).abs() < 1e-14);
        assert!((find_root(|x| x, 0.0, 1.0, 0.0).unwrap()).abs() < f64::EPSILON);
    }

    #[test]
    fn few_calls_for_a_smooth_function() {
        let mut calls = 0;
        let root = find_root(
            |x| {
                calls += 1;
                x.cos() - x
            },
            0.0,
            1.0,
            1e-14,
        )
        .unwrap();
        assert!((root.cos() - root).abs() < 1e-13);
        assert!(calls <= 12, "{calls} calls");
    }

    #[test]
    fn refuses_what_has_no_sign_change_or_no_value() {
        assert!(matches!(find_root(|x| x * x + 1.0, -1.0, 1.0, 1e-9), Err(RootError::NotBracketed { .. })));
        assert!(matches!(find_root(|_| f64::NAN, -1.0, 1.0, 1e-9), Err(RootError::NotANumber { .. })));
    }
}
