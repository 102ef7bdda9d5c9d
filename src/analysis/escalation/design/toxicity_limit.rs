//! The overdose rule of designs in counts: when a dose is too toxic for anybody.

use super::error::{DesignError, check_count, check_within};
use super::tally::Tally;
use crate::numerics::distribution::beta_upper;

/// A dose is too toxic when its toxicity exceeds the target with a high posterior probability `[Liu2015]`.
///
/// ```text
/// Pr(p > target | y of n) > cutoff,   p ~ Beta(a + y, b + n - y),   n >= least_n
/// ```
///
/// `y` are the toxicities among `n` patients, `a` and `b` the prior (1 and 1 in the publications). With fewer than `least_n` patients no
/// count is too toxic, so that two toxicities in two patients are not with the usual three.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToxicityLimit {
    target: f64,
    cutoff: f64,
    least_n: u32,
    prior: (f64, f64),
}

/// Fewest patients at which the designs of this folder eliminate a dose.
pub const LEAST_PATIENTS: u32 = 3;

/// Most patients at a dose for whom boundaries are tabulated.
pub const MAX_TABLE: u32 = 10_000;

impl ToxicityLimit {
    /// The rule under a uniform prior.
    ///
    /// # Errors
    /// [`DesignError::Outside`] for a target or a cutoff outside [0, 1].
    pub fn new(target: f64, cutoff: f64, least_n: u32) -> Result<Self, DesignError> {
        Self::with_prior(target, cutoff, least_n, (1.0, 1.0))
    }

    /// The rule under a beta prior.
    ///
    /// # Errors
    /// As [`ToxicityLimit::new`], and for a prior that is not positive.
    pub fn with_prior(target: f64, cutoff: f64, least_n: u32, prior: (f64, f64)) -> Result<Self, DesignError> {
        check_within("the target", target, 0.0, 1.0)?;
        check_within("the elimination cutoff", cutoff, 0.0, 1.0)?;
        check_within("the first shape of the prior", prior.0, f64::MIN_POSITIVE, f64::MAX)?;
        check_within("the second shape of the prior", prior.1, f64::MIN_POSITIVE, f64::MAX)?;
        Ok(Self { target, cutoff, least_n, prior })
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> f64 {
        self.target
    }

    /// The probability above which a dose is too toxic.
    #[must_use]
    pub fn cutoff(&self) -> f64 {
        self.cutoff
    }

    /// Posterior probability that toxicity exceeds the target.
    ///
    /// # Errors
    /// [`DesignError::Numerics`] when the beta distribution refuses its arguments.
    pub fn probability(&self, tally: Tally) -> Result<f64, DesignError> {
        let (a, b) = self.prior;
        beta_upper(self.target, a + f64::from(tally.dlt), b + f64::from(tally.n.saturating_sub(tally.dlt))).map_err(DesignError::numerics)
    }

    /// The rule as counts, for 0 to `max_n` patients.
    ///
    /// # Errors
    /// [`DesignError::Count`] above [`MAX_TABLE`]; as [`ToxicityLimit::probability`].
    pub fn boundary(&self, max_n: u32) -> Result<ToxicityBoundary, DesignError> {
        check_count("the largest number of patients at a dose", max_n, 0, MAX_TABLE)?;
        let mut fewest = Vec::with_capacity(max_n as usize + 1);
        // The boundary never falls when a patient is added, so that the search goes on where it ended.
        let mut dlt = 0;
        for n in 0..=max_n {
            while dlt <= n && self.probability(Tally { n, dlt })? <= self.cutoff {
                dlt += 1;
            }
            fewest.push((n >= self.least_n && dlt <= n).then_some(dlt));
        }
        Ok(ToxicityBoundary { fewest })
    }
}

/// The fewest toxicities at which a dose is too toxic, by number of patients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToxicityBoundary {
    fewest: Vec<Option<u32>>,
}

impl ToxicityBoundary {
    /// The fewest toxicities among `n` patients; `None` when no count is too toxic, or beyond the table.
    #[must_use]
    pub fn fewest(&self, n: u32) -> Option<u32> {
        self.fewest.get(n as usize).copied().flatten()
    }

    /// Whether these counts are too toxic.
    #[must_use]
    pub fn is_reached(&self, tally: Tally) -> bool {
        self.fewest(tally.n).is_some_and(|fewest| tally.dlt >= fewest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_is_the_first_count_above_the_cutoff() {
        let limit = ToxicityLimit::new(0.3, 0.95, 3).unwrap();
        let boundary = limit.boundary(40).unwrap();
        assert_eq!((boundary.fewest(2), boundary.fewest(3), boundary.fewest(6), boundary.fewest(41)), (None, Some(3), Some(4), None));
        for n in 3..=40 {
            for dlt in 0..=n {
                let too_toxic = limit.probability(Tally { n, dlt }).unwrap() > 0.95;
                assert_eq!(boundary.is_reached(Tally { n, dlt }), too_toxic, "{dlt}/{n}");
            }
        }
    }

    #[test]
    fn impossible_limits_are_refused() {
        assert!(ToxicityLimit::new(1.2, 0.95, 3).is_err());
        assert!(ToxicityLimit::new(0.3, f64::NAN, 3).is_err());
        assert!(ToxicityLimit::with_prior(0.3, 0.95, 3, (0.0, 1.0)).is_err());
    }
}
