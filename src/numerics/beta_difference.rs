//! The difference of two independent beta variables.

use super::distribution::{DistributionError, beta_cdf, beta_upper, ln_beta};
use super::root::find_root;

/// Two independent beta variables; what is told is of the first minus the second.
///
/// ```text
/// P(A - B > d) = integral over x of f_A(x) F_B(x - d)
/// ```
///
/// The integral is taken in pieces that end where the integrand has a corner or is steep, by the double-exponential rule of Takahasi and Mori, which
/// bears the infinite densities of shapes below one at 0 and 1 `[TakahasiMori1974]`; absolute error below 1e-10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaDifference {
    first: Shape,
    second: Shape,
    ln_scale: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Shape {
    alpha: f64,
    beta: f64,
}

impl Shape {
    fn mean(self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    fn variance(self) -> f64 {
        let total = self.alpha + self.beta;
        self.alpha * self.beta / (total * total * (total + 1.0))
    }

    /// Ends of the region outside which there is next to nothing.
    fn core(self) -> [f64; 3] {
        let reach = 8.0 * self.variance().sqrt();
        [self.mean() - reach, self.mean(), self.mean() + reach]
    }
}

impl BetaDifference {
    /// The pair from the shapes of each, `(alpha, beta)`.
    ///
    /// # Errors
    /// A shape that is not a finite number above zero.
    pub fn new(first: (f64, f64), second: (f64, f64)) -> Result<Self, DistributionError> {
        let shape = |(alpha, beta): (f64, f64)| ln_beta(alpha, beta).map(|ln| (Shape { alpha, beta }, ln));
        let ((first, ln_scale), (second, _)) = (shape(first)?, shape(second)?);
        Ok(Self { first, second, ln_scale })
    }

    /// Mean of the difference.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.first.mean() - self.second.mean()
    }

    /// Standard deviation of the difference.
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        (self.first.variance() + self.second.variance()).sqrt()
    }

    /// Probability that the difference is above `threshold`; 1 from -1 down and 0 from 1 up.
    ///
    /// # Errors
    /// A threshold that is not a number.
    pub fn probability_above(&self, threshold: f64) -> Result<f64, DistributionError> {
        if threshold >= 1.0 {
            return Ok(0.0);
        }
        if threshold <= -1.0 {
            return Ok(1.0);
        }
        let (lower, upper) = (threshold.max(0.0), (1.0 + threshold).min(1.0));
        // Above the upper end, which lies below 1 for a negative threshold, every value of the second is low enough.
        let certain = if threshold < 0.0 { beta_upper(upper, self.first.alpha, self.first.beta)? } else { 0.0 };
        let mut ends = vec![lower, upper];
        ends.extend(
            self.first.core().into_iter().chain(self.second.core().map(|end| end + threshold)).filter(|end| *end > lower && *end < upper),
        );
        ends.sort_by(f64::total_cmp);
        ends.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
        let mut sum = 0.0;
        for pair in ends.windows(2) {
            if let [from, to] = pair {
                sum += self.piece((*from, *to), (lower, upper), threshold)?;
            }
        }
        Ok((certain + sum).clamp(0.0, 1.0))
    }

    fn piece(&self, (from, to): (f64, f64), (lower, upper): (f64, f64), threshold: f64) -> Result<f64, DistributionError> {
        let width = to - from;
        let mut sum = 0.0;
        for (below, above, weight) in double_exponential() {
            let (from_left, from_right) = (below * width, above * width);
            // Distances from 0 and 1 are taken from the end that is there, so that nothing cancels.
            let x = if from <= 0.0 { from_left } else { from + from_left };
            let complement = if to >= 1.0 { from_right } else { 1.0 - to + from_right };
            let at_second = if from <= lower && lower > 0.0 { from_left } else { x - threshold };
            let below_one = if to >= upper && upper < 1.0 { from_right } else { 1.0 - at_second };
            if !(x > 0.0 && complement > 0.0) {
                continue;
            }
            let density = ((self.first.alpha - 1.0) * x.ln() + (self.first.beta - 1.0) * complement.ln() - self.ln_scale).exp();
            let reached = if at_second < 0.5 {
                beta_cdf(at_second.max(0.0), self.second.alpha, self.second.beta)?
            } else {
                beta_upper(below_one.clamp(0.0, 1.0), self.second.beta, self.second.alpha)?
            };
            sum += weight * width * density * reached;
        }
        Ok(sum)
    }

    /// Quantile of the difference: the value that it exceeds with probability `1 - p`.
    ///
    /// # Errors
    /// `p` outside (0, 1).
    pub fn quantile(&self, p: f64) -> Result<f64, DistributionError> {
        if !(p > 0.0 && p < 1.0) {
            return Err(DistributionError::Probability(p));
        }
        let beyond = |threshold: f64| self.probability_above(threshold).map_or(f64::NAN, |above| 1.0 - above - p);
        find_root(beyond, -1.0, 1.0, 1e-12).map_err(|_| DistributionError::NoConvergence(p))
    }
}

/// Places and weights on (0, 1): distance from 0, distance from 1, weight.
fn double_exponential() -> impl Iterator<Item = (f64, f64, f64)> {
    const STEP: f64 = 1.0 / 16.0;
    (-64..=64_i32).map(|place| {
        let t = f64::from(place) * STEP;
        let inner = std::f64::consts::PI * t.sinh();
        let (below, above) = (1.0 / (1.0 + (-inner).exp()), 1.0 / (1.0 + inner.exp()));
        (below, above, STEP * std::f64::consts::PI * t.cosh() * below * above)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_variables_differ_as_a_triangle() {
        let pair = BetaDifference::new((1.0, 1.0), (1.0, 1.0)).unwrap();
        for threshold in [-1.5, -0.7, -0.1, 0.0, 0.3, 0.9, 1.0_f64] {
            let want = match threshold {
                d if d <= -1.0 => 1.0,
                d if d < 0.0 => 1.0 - (1.0 + d) * (1.0 + d) / 2.0,
                d => (1.0 - d).max(0.0).powi(2) / 2.0,
            };
            assert!((pair.probability_above(threshold).unwrap() - want).abs() < 1e-11, "{threshold}");
        }
        assert!((pair.quantile(0.02).unwrap() + 0.8).abs() < 1e-9);
        assert!((pair.standard_deviation() - (1.0_f64 / 6.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn exchanged_variables_mirror_and_steep_ones_are_seen() {
        for (first, second) in [((0.5, 15.5), (3.5, 12.5)), ((0.5, 0.5), (0.3, 2.0)), ((4000.0, 6000.0), (3900.0, 6100.0))] {
            let (pair, turned) = (BetaDifference::new(first, second).unwrap(), BetaDifference::new(second, first).unwrap());
            for threshold in [-0.2, -0.01, 0.0, 0.004, 0.3] {
                let (above, below) = (pair.probability_above(threshold).unwrap(), turned.probability_above(-threshold).unwrap());
                assert!((above + below - 1.0).abs() < 1e-9, "{first:?} {second:?} {threshold}: {above} {below}");
            }
        }
        assert!(BetaDifference::new((0.0, 1.0), (1.0, 1.0)).is_err());
        assert!(BetaDifference::new((1.0, 1.0), (1.0, 1.0)).unwrap().quantile(1.0).is_err());
    }
}
