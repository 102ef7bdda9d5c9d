//! Last steps of a quantile search.

use super::domain::DistributionError;

/// Most refinement steps for one quantile; halving alone would need about 60.
const MAX_REFINEMENTS: usize = 200;

/// Root of an increasing function by Newton steps kept inside the bracket seen so far; halves or doubles where Newton leaves it.
pub(super) fn refine(p: f64, start: f64, residual: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64) -> Result<f64, DistributionError> {
    let (mut below, mut above) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut u = start;
    let mut reach = 1.0_f64;
    for _ in 0..MAX_REFINEMENTS {
        let r = residual(u);
        if r.is_nan() {
            return Err(DistributionError::NoConvergence(p));
        }
        if r < 0.0 {
            below = u
        } else {
            above = u
        }
        let newton = u - r / slope(u);
        let next = if newton > below && newton < above && (newton - u).abs() <= reach.max(1.0) {
            newton
        } else if below.is_finite() && above.is_finite() {
            0.5 * (below + above)
        } else {
            reach *= 2.0;
            if r < 0.0 { u + reach } else { u - reach }
        };
        if (next - u).abs() <= 2.0 * f64::EPSILON * (1.0 + u.abs()) {
            return Ok(next);
        }
        u = next;
    }
    if u.is_finite() { Ok(u) } else { Err(DistributionError::NoConvergence(p)) }
}
