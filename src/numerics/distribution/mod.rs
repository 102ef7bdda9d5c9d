//! Probability distributions: the one door to `statrs`.
//!
//! Every function checks its arguments first and answers a bad one with a [`DistributionError`] instead of a panic. Upper tails are
//! computed as such, never as one minus the lower tail. Quantiles start from the library or an expansion and are finished here on
//! the distribution function, because the library stops early for small quantiles of chi-square and is wrong for Student's t with
//! many degrees of freedom. Start with [`normal_quantile`] or [`normal_critical`].

mod beta;
mod chi_square;
mod counts;
mod domain;
mod normal;
mod refinement;
mod student_t;

pub use beta::{beta_cdf, beta_density, beta_quantile, beta_upper, ln_beta};
pub use chi_square::{chi_square_cdf, chi_square_quantile, chi_square_upper, ln_gamma};
pub use counts::{binomial_at_least, binomial_cdf, binomial_mass, hypergeometric_mass, ln_choose, poisson_cdf};
pub use domain::DistributionError;
pub use normal::{normal_cdf, normal_critical, normal_density, normal_quantile, normal_two_sided, normal_upper};
pub use student_t::{t_cdf, t_quantile, t_upper};

#[cfg(test)]
mod tests {
    use super::*;

    /// Values printed by R 4.2 to 15 digits, or closed forms.
    fn assert_close(got: f64, want: f64, relative: f64) {
        assert!((got - want).abs() <= relative * want.abs(), "got {got:e}, want {want:e}");
    }

    #[test]
    fn normal_agrees_with_known_values() {
        assert_close(normal_quantile(0.975).unwrap(), 1.959_963_984_540_05, 1e-14);
        assert_close(normal_critical(0.90).unwrap(), 1.644_853_626_951_47, 1e-14);
        assert_close(normal_cdf(-1.0), 0.158_655_253_931_457, 1e-9);
        assert_close(normal_upper(6.0), 9.865_876_450_376_98e-10, 1e-9);
        assert_close(normal_two_sided(-1.959_963_984_540_05), 0.05, 1e-9);
    }

    #[test]
    fn t_quantile_is_right_for_few_and_for_very_many_degrees_of_freedom() {
        assert_close(t_quantile(0.975, 10.0).unwrap(), 2.228_138_851_964_94, 1e-11);
        assert_close(t_quantile(0.95, 4.0).unwrap(), 2.131_846_786_326_65, 1e-11);
        assert_close(t_quantile(1e-10, 1.0).unwrap(), -1.0 / (std::f64::consts::PI * 1e-10).tan(), 1e-9);
        // z + (z^3 + z)/(4 df) is exact to 1e-12 at a million degrees of freedom.
        let z = normal_quantile(0.975).unwrap();
        assert_close(t_quantile(0.975, 1e6).unwrap(), z + (z.powi(3) + z) / 4e6, 1e-10);
        assert_close(t_quantile(0.975, 1e15).unwrap(), z, 1e-14);
        assert!(t_quantile(0.5, 7.0).unwrap().abs() < f64::EPSILON);
    }

    #[test]
    fn t_tails_mirror_each_other() {
        let (lower, upper) = (t_cdf(-2.3, 7.5).unwrap(), t_upper(2.3, 7.5).unwrap());
        assert_close(lower, upper, 1e-14);
        assert_close(t_cdf(2.3, 7.5).unwrap() + upper, 1.0, 1e-14);
        assert_close(t_upper(1.0, 1.0).unwrap(), 0.25, 1e-13);
    }

    #[test]
    fn chi_square_quantiles_hold_from_tiny_to_large() {
        assert_close(chi_square_quantile(0.95, 1.0).unwrap(), 3.841_458_820_694_12, 1e-10);
        assert_close(chi_square_quantile(0.95, 3.0).unwrap(), 7.814_727_903_251_18, 1e-10);
        assert_close(chi_square_quantile(0.025, 20.0).unwrap(), 9.590_777_392_264_87, 1e-10);
        // Below 1e-9 the first term of the series is the whole answer: F(x) = (x/2)^(df/2) / Gamma(df/2 + 1).
        let gamma = 0.906_402_477_055_477_f64;
        assert_close(chi_square_quantile(1e-3, 0.5).unwrap(), 2.0 * (1e-3 * gamma).powi(4), 1e-9);
        assert_close(chi_square_upper(10.326_741_954_885_6, 1.0).unwrap(), 0.001_311_164_520_355_49, 1e-9);
        assert_close(chi_square_upper(25.403_700_345_785_4, 3.0).unwrap(), 1.271_245_939_006_07e-5, 1e-9);
    }

    #[test]
    fn beta_quantiles_reproduce_exact_binomial_limits() {
        assert_close(beta_quantile(0.025, 3.0, 18.0).unwrap(), 0.032_070_937_185_463_7, 1e-11);
        assert_close(beta_quantile(0.975, 4.0, 17.0).unwrap(), 0.378_926_826_545_314, 1e-11);
        // One shape equal to one has a closed form.
        assert_close(beta_quantile(0.975, 1.0, 12.0).unwrap(), 1.0 - 0.025_f64.powf(1.0 / 12.0), 1e-12);
        assert_close(beta_quantile(1e-6, 0.02, 1.0).unwrap().ln(), 50.0 * 1e-6_f64.ln(), 1e-10);
        assert_close(beta_upper(0.3, 2.0, 3.0).unwrap() + beta_cdf(0.3, 2.0, 3.0).unwrap(), 1.0, 1e-14);
    }

    #[test]
    fn quantile_and_distribution_function_are_inverse() {
        for p in [1e-8, 0.01, 0.3, 0.5, 0.77, 0.999, 1.0 - 1e-6] {
            for (a, b) in [(0.5, 0.5), (1.5, 40.0), (30.0, 0.7), (200.0, 300.0)] {
                let x = beta_quantile(p, a, b).unwrap();
                assert!((beta_cdf(x, a, b).unwrap() - p).abs() < 1e-10, "beta {a} {b} {p}");
            }
            for df in [0.5, 1.0, 3.0, 50.0, 1e4] {
                let x = chi_square_quantile(p, df).unwrap();
                assert!((chi_square_cdf(x, df).unwrap() - p).abs() < 1e-9, "chi-square {df} {p}");
                let t = t_quantile(p, df).unwrap();
                assert!((t_cdf(t, df).unwrap() - p).abs() < 1e-11, "t {df} {p}");
            }
        }
    }

    #[test]
    fn counts_agree_with_hand_calculation() {
        assert_close(binomial_mass(2, 5, 0.3).unwrap(), 10.0 * 0.09 * 0.343, 1e-12);
        assert_close(binomial_cdf(1, 3, 0.5).unwrap(), 0.5, 1e-13);
        assert_close(binomial_at_least(2, 3, 0.5).unwrap(), 0.5, 1e-13);
        assert_close(binomial_at_least(0, 3, 0.5).unwrap(), 1.0, 1e-15);
        assert_close(hypergeometric_mass(1, 10, 4, 3), 0.5, 1e-12);
        assert!(hypergeometric_mass(5, 10, 4, 6) < f64::EPSILON);
        assert_close(poisson_cdf(0, 2.0).unwrap(), (-2.0_f64).exp(), 1e-12);
        assert_close(poisson_cdf(3, 0.0).unwrap(), 1.0, 1e-15);
    }

    #[test]
    fn bad_arguments_are_errors() {
        assert_eq!(normal_quantile(1.0), Err(DistributionError::Probability(1.0)));
        assert!(matches!(normal_critical(f64::NAN), Err(DistributionError::Probability(_))));
        assert!(t_quantile(0.5, -1.0).is_err());
        assert!(chi_square_cdf(1.0, 0.0).is_err());
        assert!(beta_cdf(0.5, f64::INFINITY, 1.0).is_err());
        assert!(binomial_mass(1, 2, 1.5).is_err());
        assert!(poisson_cdf(1, -1.0).is_err());
        assert!(normal_cdf(f64::NAN).is_nan());
    }
}
