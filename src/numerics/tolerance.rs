//! The tolerances of the project, each with its meaning, so that no bare `0.01` appears elsewhere.

/// Relative tolerance for closed forms: two routes to the same number differ by rounding only.
pub const EXACT: f64 = 1e-12;

/// Relative tolerance for results of an iteration that stops on its own criterion (roots, maximum likelihood, quadrature).
pub const ITERATIVE: f64 = 1e-6;

/// Number of Monte-Carlo standard errors within which a simulated mean must lie.
pub const MONTE_CARLO_SE: f64 = 4.0;

/// Relative difference below which two numbers that should be the same (times, products of fractions) count as tied.
pub const TIED: f64 = 1e-12;

/// Relative slack under which two probabilities of discrete outcomes count as equally likely, as in Fisher's two-sided test.
pub const EQUALLY_LIKELY: f64 = 1e-7;

/// Relative and absolute tolerance around an expected value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Part that grows with the expected value.
    pub relative: f64,
    /// Part that does not.
    pub absolute: f64,
}

impl Tolerance {
    /// Tolerance with a relative part only.
    pub const fn relative(relative: f64) -> Self {
        Self { relative, absolute: 0.0 }
    }

    /// Tolerance with an absolute part only.
    pub const fn absolute(absolute: f64) -> Self {
        Self { relative: 0.0, absolute }
    }

    /// Whether a value agrees with what is expected.
    ///
    /// ```text
    /// |got - want| <= absolute + relative * |want|
    /// ```
    ///
    /// Infinities agree with themselves; a missing number (NaN) agrees with nothing.
    pub fn accepts(self, got: f64, want: f64) -> bool {
        if got.is_infinite() || want.is_infinite() {
            return got.is_infinite() && want.is_infinite() && got.is_sign_positive() == want.is_sign_positive();
        }
        (got - want).abs() <= self.absolute + self.relative * want.abs()
    }
}

/// Whether two numbers are the same up to rounding ([`TIED`], relative to the larger).
pub fn tied(left: f64, right: f64) -> bool {
    (left - right).abs() <= TIED * left.abs().max(right.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_within_the_sum_of_both_parts() {
        let tolerance = Tolerance { relative: 0.01, absolute: 0.1 };
        assert!(tolerance.accepts(10.19, 10.0));
        assert!(!tolerance.accepts(10.21, 10.0));
    }

    #[test]
    fn infinities_agree_with_themselves_only() {
        let tolerance = Tolerance::relative(1.0);
        assert!(tolerance.accepts(f64::INFINITY, f64::INFINITY));
        assert!(!tolerance.accepts(f64::NEG_INFINITY, f64::INFINITY));
        assert!(!tolerance.accepts(1e300, f64::INFINITY));
        assert!(!tolerance.accepts(f64::NAN, 1.0));
    }

    #[test]
    fn ties_ignore_rounding() {
        assert!(tied(0.1 + 0.2, 0.3));
        assert!(!tied(0.3, 0.3 + 1e-9));
        assert!(tied(0.0, 0.0));
    }
}
