//! Numbers of about 32 digits as unevaluated sums of two: for sums of products that cancel.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// `2^27 + 1`: splits a number into two halves whose products are exact.
const SPLITTER: f64 = 134_217_729.0;

/// The unevaluated sum of a number and what rounding took from it.
///
/// Source: `[Dekker1971]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DoubleDouble {
    high: f64,
    low: f64,
}

impl DoubleDouble {
    pub(super) const ZERO: Self = Self { high: 0.0, low: 0.0 };

    /// The nearest single number.
    pub(super) fn to_f64(self) -> f64 {
        self.high + self.low
    }

    /// Square root; zero for what is not positive.
    pub(super) fn sqrt(self) -> Self {
        if self.high <= 0.0 {
            return Self::ZERO;
        }
        let guess = Self::from(self.high.sqrt());
        let correction = (self - guess * guess) / (guess + guess);
        guess + correction
    }

    fn normalised(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self { high: sum, low: low - (sum - high) }
    }
}

/// The sum of two numbers and its rounding error.
fn exact_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

fn halves(a: f64) -> (f64, f64) {
    let scaled = SPLITTER * a;
    let high = scaled - (scaled - a);
    (high, a - high)
}

/// The product of two numbers and its rounding error; both below `1e299` in size.
fn exact_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    (product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)
}

impl From<f64> for DoubleDouble {
    fn from(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }
}

impl Add for DoubleDouble {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (high, error) = exact_sum(self.high, other.high);
        let (low, low_error) = exact_sum(self.low, other.low);
        let first = Self::normalised(high, error + low);
        Self::normalised(first.high, first.low + low_error)
    }
}

impl Neg for DoubleDouble {
    type Output = Self;

    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Sub for DoubleDouble {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for DoubleDouble {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let (high, error) = exact_product(self.high, other.high);
        Self::normalised(high, error + (self.high * other.low + self.low * other.high))
    }
}

impl Div for DoubleDouble {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = Self::from(self.high / other.high);
        let rest = self - first * other;
        let second = Self::from(rest.high / other.high);
        let left = rest - second * other;
        first + second + Self::from(left.high / other.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancellation_loses_nothing() {
        let third = DoubleDouble::from(1.0) / DoubleDouble::from(3.0);
        let rest = DoubleDouble::from(1.0) - third * DoubleDouble::from(3.0);
        assert!(rest.to_f64().abs() < 1e-31);
        let tiny = DoubleDouble::from(1.0) + DoubleDouble::from(1e-25) - DoubleDouble::from(1.0);
        assert!((tiny.to_f64() - 1e-25).abs() < 1e-38);
    }

    #[test]
    fn square_roots_square_back() {
        for value in [2.0, 1e-12, 3e17] {
            let root = DoubleDouble::from(value).sqrt();
            assert!((root * root - DoubleDouble::from(value)).to_f64().abs() < 1e-30 * value);
        }
        assert_eq!(DoubleDouble::from(-1.0).sqrt(), DoubleDouble::ZERO);
    }
}
