//! A probability density of one variable known up to a factor: total, distribution function, quantiles and expectations.

use super::quadrature::{GaussLegendre, legendre_sum};

/// Natural logarithm of the part of the largest density below which a tail is left out: `exp(-46)` is `1e-20`.
const NEGLIGIBLE: f64 = 46.0;

/// Bisections of a quantile inside its panel; each halves it.
const BISECTIONS: usize = 60;

/// A density in equal panels, each carried by its values at Gauss-Legendre nodes.
///
/// ```text
/// f(x) = exp(l(x) - offset),  offset = largest l at the nodes,   Z = integral of f,   F(x) = (integral of f up to x) / Z
/// ```
///
/// Everything is deterministic. With panels not much wider than the standard deviation and 16 to 20 points each, a smooth density is
/// integrated to rounding.
#[derive(Debug, Clone)]
pub struct PiecewiseDensity {
    lower: f64,
    width: f64,
    offset: f64,
    /// Nodes with their part of the unnormalised total.
    masses: Vec<(f64, f64)>,
    /// Antiderivative of each panel, as Legendre coefficients.
    series: Vec<Vec<f64>>,
    /// Unnormalised total below each panel, and the whole at the end.
    below: Vec<f64>,
}

impl PiecewiseDensity {
    /// The density with logarithm `log_density` (up to a constant) between `lower` and `upper`, zero outside.
    ///
    /// Domain: finite `lower < upper`; at least one panel is made. A logarithm of minus infinity is a density of zero.
    pub fn new(log_density: impl Fn(f64) -> f64, (lower, upper): (f64, f64), panels: usize, rule: &GaussLegendre) -> Self {
        let panels = panels.max(1);
        let width = (upper - lower) / panels as f64;
        let edge = |panel: usize| lower + width * panel as f64;
        let nodes: Vec<(f64, f64, f64)> = (0..panels)
            .flat_map(|panel| rule.on(edge(panel), edge(panel) + width))
            .map(|(x, weight)| (x, weight, log_density(x)))
            .collect();
        let offset = nodes.iter().map(|node| node.2).fold(f64::NEG_INFINITY, f64::max);
        let values: Vec<f64> = nodes.iter().map(|(_, _, log)| (log - offset).exp()).collect();
        let masses: Vec<(f64, f64)> = nodes.iter().zip(&values).map(|((x, weight, _), value)| (*x, weight * value)).collect();
        let series = values.chunks(rule.points()).map(|panel| rule.antiderivative(panel)).collect();
        let mut below = vec![0.0];
        let mut total = 0.0;
        for panel in masses.chunks(rule.points()) {
            total += panel.iter().map(|(_, mass)| mass).sum::<f64>();
            below.push(total);
        }
        Self { lower, width, offset, masses, series, below }
    }

    /// Logarithm of the integral of the density as given.
    #[must_use]
    pub fn log_total(&self) -> f64 {
        self.total().ln() + self.offset
    }

    /// Probability of a value not above `x`.
    #[must_use]
    pub fn cumulative(&self, x: f64) -> f64 {
        (self.integral_to(x) / self.total()).clamp(0.0, 1.0)
    }

    /// Probability of a value above `x`, without the cancellation of one minus [`PiecewiseDensity::cumulative`].
    #[must_use]
    pub fn upper(&self, x: f64) -> f64 {
        ((self.total() - self.integral_to(x)) / self.total()).clamp(0.0, 1.0)
    }

    /// The smallest `x` with `F(x) >= p`, to rounding; the ends for `p` outside (0, 1).
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let wanted = p * self.total();
        let panel = self.below.iter().skip(1).take_while(|below| **below < wanted).count().min(self.series.len().saturating_sub(1));
        let (mut low, mut high) = (self.lower + self.width * panel as f64, self.lower + self.width * (panel + 1) as f64);
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (low + high);
            if self.integral_to(middle) < wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// Expectation of a function of the variable.
    pub fn expectation(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.masses.iter().map(|(x, mass)| mass * f(*x)).sum::<f64>() / self.total()
    }

    /// Mean of the variable.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.expectation(|x| x)
    }

    /// Variance of the variable.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.expectation(|x| (x - mean) * (x - mean))
    }

    /// Nodes with their probabilities, which sum to one.
    pub fn nodes(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let total = self.total();
        self.masses.iter().map(move |(x, mass)| (*x, mass / total))
    }

    fn total(&self) -> f64 {
        self.below.last().copied().unwrap_or(0.0)
    }

    fn integral_to(&self, x: f64) -> f64 {
        let place = (x - self.lower) / self.width;
        if place <= 0.0 {
            return 0.0;
        }
        let panel = place as usize;
        let (Some(series), Some(below)) = (self.series.get(panel), self.below.get(panel)) else {
            return self.total();
        };
        below + 0.5 * self.width * legendre_sum(series, 2.0 * (place - panel as f64) - 1.0)
    }
}

/// The part of a range outside which a density is below `1e-20` of its largest value, found on a grid of `steps` equal steps.
///
/// One step is added on each side. Meant for densities whose logarithm falls away from a hump wider than about a step; a narrower hump
/// is still enclosed, because what surrounds it falls away.
pub fn essential_range(log_density: impl Fn(f64) -> f64, (lower, upper): (f64, f64), steps: usize) -> (f64, f64) {
    let step = (upper - lower) / steps.max(1) as f64;
    let values: Vec<f64> = (0..=steps.max(1)).map(|position| log_density(lower + step * position as f64)).collect();
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let essential = |value: &f64| *value > largest - NEGLIGIBLE;
    let first = values.iter().position(essential).unwrap_or(0).saturating_sub(1);
    let last = values.iter().rposition(essential).map_or(steps, |position| (position + 1).min(steps.max(1)));
    (lower + step * first as f64, lower + step * last as f64)
}

#[cfg(test)]
mod tests {
    use super::super::distribution::{normal_cdf, normal_quantile};
    use super::*;

    fn normal(mean: f64, sd: f64) -> PiecewiseDensity {
        let log = move |x: f64| -0.5 * ((x - mean) / sd).powi(2) + 300.0;
        PiecewiseDensity::new(log, essential_range(log, (-30.0, 30.0), 200), 24, &GaussLegendre::new(20))
    }

    #[test]
    fn a_normal_density_is_recovered() {
        for (mean, sd) in [(0.0, 1.0), (1.3, 2.5), (-4.0, 0.2), (0.0, 0.05)] {
            let density = normal(mean, sd);
            assert!((density.mean() - mean).abs() < 1e-12 && (density.variance() - sd * sd).abs() < 1e-12, "{mean} {sd}");
            assert!((density.log_total() - 300.0 - (sd * (2.0 * std::f64::consts::PI).sqrt()).ln()).abs() < 1e-12);
            for z in [-5.0, -1.96, 0.0, 0.3, 2.0] {
                assert!((density.cumulative(mean + z * sd) - normal_cdf(z)).abs() < 1e-10, "{mean} {sd} {z}");
                assert!((density.upper(mean + z * sd) - normal_cdf(-z)).abs() < 1e-10);
            }
            for p in [1e-6, 0.05, 0.5, 0.975] {
                assert!((density.quantile(p) - (mean + sd * normal_quantile(p).unwrap())).abs() < 1e-9 * sd.max(1.0), "{p}");
            }
            assert!((density.nodes().map(|(_, probability)| probability).sum::<f64>() - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn everything_outside_the_range_is_zero_or_one() {
        let density = normal(0.0, 1.0);
        assert!(density.cumulative(-40.0).abs() < f64::EPSILON && (density.cumulative(40.0) - 1.0).abs() < f64::EPSILON);
        assert!(density.upper(40.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_density_that_is_zero_in_part_of_the_range_keeps_its_edge() {
        let log = |x: f64| if x < 0.0 { f64::NEG_INFINITY } else { -x };
        let (lower, upper) = essential_range(log, (-10.0, 100.0), 220);
        assert!((lower - -0.5).abs() < 1e-12 && (46.0..47.0).contains(&upper));
        let density = PiecewiseDensity::new(log, (0.0, 60.0), 30, &GaussLegendre::new(16));
        assert!((density.mean() - 1.0).abs() < 1e-12 && (density.quantile(0.5) - 2.0_f64.ln()).abs() < 1e-12);
    }
}
