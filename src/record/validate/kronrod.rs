//! The 21-point Gauss-Kronrod step of QUADPACK, for values that software left at its first step.

use crate::numerics::quadrature::GaussLegendre;

/// Non-negative nodes of the rule with their weights.
const NODES: [(f64, f64); 11] = [
    (0.995_657_163_025_808_1, 0.011_694_638_867_371_874),
    (0.973_906_528_517_171_7, 0.032_558_162_307_964_725),
    (0.930_157_491_355_708_2, 0.054_755_896_574_351_995),
    (0.865_063_366_688_984_5, 0.075_039_674_810_919_96),
    (0.780_817_726_586_416_9, 0.093_125_454_583_697_6),
    (0.679_409_568_299_024_4, 0.109_387_158_802_297_64),
    (0.562_757_134_668_604_7, 0.123_491_976_262_065_84),
    (0.433_395_394_129_247_2, 0.134_709_217_311_473_34),
    (0.294_392_862_701_460_2, 0.142_775_938_577_060_09),
    (0.148_874_338_981_631_22, 0.147_739_104_901_338_49),
    (0.0, 0.149_445_554_002_916_9),
];

/// Standard deviation of the prior behind the spread of a maximum-likelihood estimate.
const FLAT_PRIOR_SD: f64 = 500.0;

/// One step over `(-half, half)`.
fn step(f: impl Fn(f64) -> f64, half: f64) -> f64 {
    let both = |node: f64| if node > 0.0 { f(half * node) + f(-half * node) } else { f(0.0) };
    NODES.iter().map(|(node, weight)| half * weight * both(*node)).sum()
}

/// Second moment under a flat prior as `dfcrm` 0.2.2.1 computes it where its integration stops at the first step.
pub(super) fn dfcrm_second_moment(log_likelihood: impl Fn(f64) -> f64) -> f64 {
    let density = |a: f64| {
        let value = (log_likelihood(a) - 0.5 * (a / FLAT_PRIOR_SD).powi(2)).exp();
        if value.is_nan() { 0.0 } else { value }
    };
    let rule = GaussLegendre::new(20);
    let total: f64 = (-20..20).map(|panel| rule.integrate(density, f64::from(panel) * 0.5, f64::from(panel + 1) * 0.5)).sum();
    step(|a| a * a * density(a), 100.0) / total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_exact_for_polynomials_of_degree_31() {
        for degree in 0..=31 {
            let want = if degree % 2 == 0 { 2.0 * 3.0_f64.powi(degree + 1) / f64::from(degree + 1) } else { 0.0 };
            let got = step(|x| x.powi(degree), 3.0);
            assert!((got - want).abs() <= 1e-12 * want.abs().max(1e-12), "{degree}: {got} {want}");
        }
    }
}
