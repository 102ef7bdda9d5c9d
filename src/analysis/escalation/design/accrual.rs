//! When patients arrive and when their toxicities occur, for simulated trials with calendar time.

use rand::{Rng, RngExt};

use super::error::{DesignError, check_within};

/// How the gaps between arriving patients are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arrival {
    /// Exponential gaps with the mean `1 / rate` (a Poisson process).
    Poisson,
    /// Gaps uniform on `(0, 2 / rate)`, with the same mean and fewer extremes.
    Uniform,
}

/// The stream of arriving patients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accrual {
    rate: f64,
    arrival: Arrival,
}

impl Accrual {
    /// Patients per unit of time and the distribution of the gaps between them.
    ///
    /// # Errors
    /// [`DesignError::Outside`] unless the rate is positive and finite.
    pub fn new(rate: f64, arrival: Arrival) -> Result<Self, DesignError> {
        check_within("the accrual rate", rate, f64::MIN_POSITIVE, f64::MAX)?;
        Ok(Self { rate, arrival })
    }

    /// Time to the next arrival.
    pub(super) fn gap(&self, random: &mut impl Rng) -> f64 {
        let uniform: f64 = random.random();
        match self.arrival {
            // 1 - uniform is never 0.
            Arrival::Poisson => -(1.0 - uniform).ln() / self.rate,
            Arrival::Uniform => 2.0 * uniform / self.rate,
        }
    }
}

/// Time to dose-limiting toxicity of the patients at one dose.
///
/// ```text
/// P(T <= t) = 1 - exp(-(t / scale)^shape)
/// P(T <= W) = p,   P(T <= W / 2) = p / 2
/// shape = ln( ln(1 - p) / ln(1 - p / 2) ) / ln 2
/// T = W ( ln U / ln(1 - p) )^(1 / shape),  U uniform on (0, 1]
/// ```
///
/// `p` is the probability of a toxicity within the window `W`, half of which fall into its first half. With `p = 0` nobody has one.
/// Sources: the model of the simulations in `[Yuan2018]` and `[Zhao2024]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToxicityTime {
    window: f64,
    /// `ln(1 - p)`.
    log_survival: f64,
    inverse_shape: f64,
}

impl ToxicityTime {
    /// The distribution for a probability within a window.
    ///
    /// # Errors
    /// [`DesignError::Outside`] for a probability outside [0, 1] or a window that is not positive and finite.
    pub fn new(probability: f64, window: f64) -> Result<Self, DesignError> {
        check_within("the probability of toxicity", probability, 0.0, 1.0)?;
        check_within("the window for toxicity", window, f64::MIN_POSITIVE, f64::MAX)?;
        // A certain toxicity is one of which the survival is below any random number.
        let probability = probability.min(1.0 - f64::EPSILON);
        let log_survival = (-probability).ln_1p();
        let shape = (log_survival / (-probability / 2.0).ln_1p()).ln() / std::f64::consts::LN_2;
        Ok(Self { window, log_survival, inverse_shape: shape.recip() })
    }

    /// Time to toxicity; `None` when none occurs within the window.
    pub(super) fn draw(&self, random: &mut impl Rng) -> Option<f64> {
        let uniform: f64 = random.random();
        let log_uniform = (1.0 - uniform).ln();
        (log_uniform > self.log_survival).then(|| self.window * (log_uniform / self.log_survival).powf(self.inverse_shape))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn half_of_the_toxicities_fall_into_the_first_half_of_the_window() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let time = ToxicityTime::new(0.3, 28.0).unwrap();
        let draws: Vec<Option<f64>> = (0..40_000).map(|_| time.draw(&mut random)).collect();
        let share = |limit: f64| draws.iter().flatten().filter(|time| **time <= limit).count() as f64 / 40_000.0;
        // 4 standard errors of a probability of 0.3 and of 0.15 with 40,000 draws.
        assert!((share(28.0) - 0.3).abs() < 0.0092, "{}", share(28.0));
        assert!((share(14.0) - 0.15).abs() < 0.0072, "{}", share(14.0));
        assert!(draws.iter().flatten().all(|time| (0.0..=28.0).contains(time)));
    }

    #[test]
    fn impossible_and_certain_toxicities() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let (never, always) = (ToxicityTime::new(0.0, 1.0).unwrap(), ToxicityTime::new(1.0, 1.0).unwrap());
        assert!((0..1000).all(|_| never.draw(&mut random).is_none() && always.draw(&mut random).is_some()));
        assert!(ToxicityTime::new(1.1, 1.0).is_err() && ToxicityTime::new(0.5, 0.0).is_err());
    }

    #[test]
    fn gaps_have_the_mean_of_the_rate() {
        for (arrival, sd) in [(Arrival::Poisson, 0.5), (Arrival::Uniform, 0.289)] {
            let mut random = ChaCha8Rng::seed_from_u64(3);
            let accrual = Accrual::new(2.0, arrival).unwrap();
            let mean = (0..10_000).map(|_| accrual.gap(&mut random)).sum::<f64>() / 10_000.0;
            assert!((mean - 0.5).abs() < 4.0 * sd / 100.0, "{mean}");
        }
        assert!(Accrual::new(0.0, Arrival::Poisson).is_err());
    }
}
