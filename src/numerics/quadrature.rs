//! Gauss-Legendre quadrature, and the antiderivative that goes with it.

use std::f64::consts::PI;

/// Most points of a rule; more are not more accurate in double precision.
const MOST_POINTS: usize = 64;

/// Newton steps on a Legendre polynomial; from the starting value used, four reach full precision.
const NEWTON_STEPS: usize = 10;

/// The Gauss-Legendre rule with a fixed number of points.
///
/// ```text
/// integral of f from -1 to 1  =  sum_i w_i f(t_i),   t_i the roots of the Legendre polynomial P_n,  w_i = 2 / ((1 - t_i^2) P_n'(t_i)^2)
/// ```
///
/// Exact for polynomials up to degree `2n - 1`. The nodes ascend and are symmetric about zero to the last bit.
#[derive(Debug, Clone)]
pub struct GaussLegendre {
    nodes: Vec<f64>,
    weights: Vec<f64>,
    /// `(2k + 1)/2 * w_i * P_k(t_i)`, node by node: turns values at the nodes into Legendre coefficients.
    projection: Vec<f64>,
}

impl GaussLegendre {
    /// The rule with `points` points, brought into 1 to 64.
    #[must_use]
    pub fn new(points: usize) -> Self {
        let points = points.clamp(1, MOST_POINTS);
        let mut upper: Vec<(f64, f64)> = (1..=points / 2).map(|rank| node_and_weight(rank, points)).collect();
        let mut rule: Vec<(f64, f64)> = upper.iter().map(|(node, weight)| (-node, *weight)).collect();
        if points % 2 == 1 {
            rule.push((0.0, 2.0 / derivative_at(0.0, points).powi(2)));
        }
        upper.reverse();
        rule.extend(upper);
        let projection = rule.iter().flat_map(|(node, weight)| projection_row(*node, *weight, points)).collect();
        let (nodes, weights) = rule.into_iter().unzip();
        Self { nodes, weights, projection }
    }

    /// Number of points.
    #[must_use]
    pub fn points(&self) -> usize {
        self.nodes.len()
    }

    /// Nodes and weights carried over to an interval.
    pub fn on(&self, lower: f64, upper: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        let (middle, half) = (0.5 * (lower + upper), 0.5 * (upper - lower));
        self.nodes.iter().zip(&self.weights).map(move |(node, weight)| (middle + half * node, half * weight))
    }

    /// Integral of `f` from `lower` to `upper`; negative when they are exchanged.
    pub fn integrate(&self, mut f: impl FnMut(f64) -> f64, lower: f64, upper: f64) -> f64 {
        self.on(lower, upper).map(|(x, weight)| weight * f(x)).sum()
    }

    /// Legendre coefficients of the integral from -1 to `t` of the polynomial through `values` at the nodes.
    ///
    /// ```text
    /// f = sum_k c_k P_k,  c_k = (2k + 1)/2 sum_i w_i f(t_i) P_k(t_i),   integral of P_k from -1 to t = (P_{k+1}(t) - P_{k-1}(t)) / (2k + 1)
    /// ```
    ///
    /// One coefficient more than the rule has points; evaluate with [`legendre_sum`]. Values beyond the number of points are ignored.
    #[must_use]
    pub fn antiderivative(&self, values: &[f64]) -> Vec<f64> {
        let points = self.points();
        let mut series = vec![0.0; points + 2];
        for (row, value) in self.projection.chunks_exact(points).zip(values) {
            for (coefficient, factor) in series.iter_mut().zip(row) {
                *coefficient += factor * value;
            }
        }
        let constant = series.first().copied().unwrap_or(0.0) - series.get(1).copied().unwrap_or(0.0) / 3.0;
        std::iter::once(constant)
            .chain(series.windows(3).zip(1_u32..).map(|(near, k)| {
                let k = f64::from(k);
                near[0] / (2.0 * k - 1.0) - near[2] / (2.0 * k + 3.0)
            }))
            .collect()
    }
}

/// Value at `t` of a sum of Legendre polynomials with the given coefficients, from degree zero.
///
/// ```text
/// sum_k c_k P_k(t),   (k + 1) P_{k+1} = (2k + 1) t P_k - k P_{k-1}
/// ```
#[must_use]
pub fn legendre_sum(coefficients: &[f64], t: f64) -> f64 {
    let (mut before, mut here, mut sum) = (0.0, 1.0, 0.0);
    for (coefficient, k) in coefficients.iter().zip(0_u32..) {
        sum += coefficient * here;
        (before, here) = (here, next_legendre(before, here, t, k));
    }
    sum
}

/// `P_{k+1}` from `P_{k-1}` and `P_k`.
fn next_legendre(before: f64, here: f64, t: f64, k: u32) -> f64 {
    let k = f64::from(k);
    ((2.0 * k + 1.0) * t * here - k * before) / (k + 1.0)
}

/// `P_{n-1}` and `P_n` at `t`.
fn last_two(t: f64, points: usize) -> (f64, f64) {
    (0_u32..).take(points).fold((0.0, 1.0), |(before, here), k| (here, next_legendre(before, here, t, k)))
}

/// Derivative of `P_n`, inside the interval.
fn derivative_at(t: f64, points: usize) -> f64 {
    let (before, here) = last_two(t, points);
    points as f64 * (before - t * here) / (1.0 - t * t)
}

/// The `rank`-th largest root of `P_n` and its weight.
fn node_and_weight(rank: usize, points: usize) -> (f64, f64) {
    let mut node = (PI * (rank as f64 - 0.25) / (points as f64 + 0.5)).cos();
    for _ in 0..NEWTON_STEPS {
        let (_, value) = last_two(node, points);
        node -= value / derivative_at(node, points);
    }
    (node, 2.0 / ((1.0 - node * node) * derivative_at(node, points).powi(2)))
}

/// `(2k + 1)/2 * w * P_k(t)` for `k` below the number of points.
fn projection_row(node: f64, weight: f64, points: usize) -> Vec<f64> {
    let mut row = Vec::with_capacity(points);
    let (mut before, mut here) = (0.0, 1.0);
    for k in (0_u32..).take(points) {
        row.push((f64::from(k) + 0.5) * weight * here);
        (before, here) = (here, next_legendre(before, here, node, k));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_rules_to_the_last_digits() {
        let rule = GaussLegendre::new(3);
        assert!((rule.nodes[2] - 0.6_f64.sqrt()).abs() < 1e-15 && rule.nodes[1].abs() < f64::EPSILON);
        assert!((rule.weights[0] - 5.0 / 9.0).abs() < 1e-15 && (rule.weights[1] - 8.0 / 9.0).abs() < 1e-15);
        for points in 1..=64 {
            let rule = GaussLegendre::new(points);
            assert_eq!(rule.points(), points);
            assert!((rule.weights.iter().sum::<f64>() - 2.0).abs() < 1e-14, "{points}");
            assert!(rule.nodes.windows(2).all(|pair| pair[0] < pair[1]), "{points}");
            assert!(rule.nodes.iter().zip(rule.nodes.iter().rev()).all(|(low, high)| (low + high).abs() < f64::EPSILON));
        }
        assert_eq!((GaussLegendre::new(0).points(), GaussLegendre::new(1000).points()), (1, 64));
    }

    #[test]
    fn polynomials_up_to_twice_the_points_are_exact() {
        let rule = GaussLegendre::new(5);
        for degree in 0..10 {
            let exact = (2.0_f64.powi(degree + 1) - 1.0) / f64::from(degree + 1);
            assert!((rule.integrate(|x| x.powi(degree), 1.0, 2.0) - exact).abs() < 1e-12 * exact, "{degree}");
        }
        assert!((rule.integrate(|x| x.powi(10), 0.0, 1.0) - 1.0 / 11.0).abs() > 1e-10);
    }

    #[test]
    fn antiderivative_runs_from_nothing_to_the_whole() {
        let rule = GaussLegendre::new(16);
        let values: Vec<f64> = rule.on(-1.0, 1.0).map(|(x, _)| x.exp()).collect();
        let series = rule.antiderivative(&values);
        for t in [-1.0, -0.93, -0.2, 0.0, 0.4, 0.99, 1.0_f64] {
            assert!((legendre_sum(&series, t) - (t.exp() - (-1.0_f64).exp())).abs() < 1e-14, "{t}");
        }
    }
}
