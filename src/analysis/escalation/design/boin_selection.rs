//! Selection of the maximum tolerated dose by isotonic regression.

use super::error::{DesignError, check_within};
use super::tally::{DoseLevel, MAX_DOSES, Tally};
use super::toxicity_limit::{ToxicityBoundary, ToxicityLimit};
use super::{RATE_INTERVAL_LEVEL, Selection};
use crate::numerics::distribution::{beta_quantile, beta_upper};
use crate::numerics::isotonic::{Block, isotonic_regression, pool_adjacent_violators};

/// Pseudo-count of a toxicity and of none in the estimates `[Yuan2016]`.
const PSEUDO_COUNT: f64 = 0.05;

/// What is added per admissible dose, so that of equal estimates the highest is chosen below the target and the lowest above it.
const TIE_STEP: f64 = 1e-10;

/// The dose whose isotonic estimate lies closest to the target `[Liu2015]` `[Yuan2016]`.
///
/// ```text
/// p_j = (y_j + a) / (n_j + 2a),   w_j = 1 / var_j,   var_j = (y_j + a)(n_j - y_j + a) / ((n_j + 2a)^2 (n_j + 2a + 1))
/// ```
///
/// `y_j` toxicities among `n_j` patients at dose `j`, `a = 0.05`. A dose is admissible when it was tried and neither it nor a lower dose is
/// eliminated. The estimates of the admissible doses are pooled to a non-decreasing sequence; the one closest to the target is selected.
/// Of doses that share an estimate the highest is selected when it lies below the target, the lowest when above.
///
/// [`Selection::estimates`] pool all tried doses, the eliminated ones included, and can differ from those that decide. The intervals pool the
/// 2.5 and 97.5 per cent quantiles of `Beta(y_j + a, n_j - y_j + a)` with the same weights; [`Selection::prob_overdose`] pools
/// `Pr(p > target)` under the same distribution without weights.
#[derive(Debug, Clone)]
pub struct MtdSelection {
    target: f64,
    pseudo_count: f64,
    elimination: ToxicityBoundary,
    lowest_dose: Option<ToxicityBoundary>,
    bound: Option<f64>,
}

impl MtdSelection {
    /// Selection of the dose closest to the target of `limit` among those that it does not eliminate, with up to `max_n` patients at a dose.
    ///
    /// # Errors
    /// As [`ToxicityLimit::boundary`].
    pub fn new(limit: ToxicityLimit, max_n: u32) -> Result<Self, DesignError> {
        Ok(Self { target: limit.target(), pseudo_count: PSEUDO_COUNT, elimination: limit.boundary(max_n)?, lowest_dose: None, bound: None })
    }

    /// No dose is selected when the lowest one reaches this stricter boundary.
    #[must_use]
    pub fn with_lowest_dose_limit(mut self, boundary: ToxicityBoundary) -> Self {
        self.lowest_dose = Some(boundary);
        self
    }

    /// Only doses whose estimate is at most `bound` can be selected.
    #[must_use]
    pub fn with_bound(mut self, bound: f64) -> Self {
        self.bound = Some(bound);
        self
    }

    /// Another pseudo-count of a toxicity and of none.
    ///
    /// # Errors
    /// [`DesignError::Outside`] unless it is positive and at most 1.
    pub fn with_pseudo_count(mut self, pseudo_count: f64) -> Result<Self, DesignError> {
        check_within("the pseudo-count", pseudo_count, f64::MIN_POSITIVE, 1.0)?;
        self.pseudo_count = pseudo_count;
        Ok(self)
    }

    /// The selected dose; `None` when no tried dose is acceptable. Doses beyond [`MAX_DOSES`] are not looked at.
    #[must_use]
    pub fn mtd(&self, tallies: &[Tally]) -> Option<DoseLevel> {
        let eliminated_from = self.eliminated_from(tallies).unwrap_or(tallies.len());
        let mut blocks = [Block::default(); MAX_DOSES];
        let mut admissible = [0_usize; MAX_DOSES];
        let mut count = 0;
        for (dose, tally) in tallies.iter().enumerate().take(eliminated_from).filter(|(_, tally)| tally.n > 0) {
            if let (Some(block), Some(place)) = (blocks.get_mut(count), admissible.get_mut(count)) {
                *block = self.block(*tally);
                *place = dose;
                count += 1;
            }
        }
        let pooled = pool_adjacent_violators(blocks.get_mut(..count)?);
        let fitted = blocks.iter().take(pooled).flat_map(|block| std::iter::repeat_n(block.value, block.size));
        let mut best: Option<(f64, usize)> = None;
        for (position, (estimate, dose)) in fitted.zip(&admissible).enumerate() {
            let estimate = TIE_STEP.mul_add(position as f64 + 1.0, estimate);
            let distance = (estimate - self.target).abs();
            let allowed = self.bound.is_none_or(|bound| estimate <= bound);
            if allowed && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, *dose));
            }
        }
        best.map(|(_, dose)| DoseLevel(dose))
    }

    /// The selected dose with estimates, intervals and overdose probabilities.
    #[must_use]
    pub fn select(&self, tallies: &[Tally]) -> Selection {
        let eliminated_from = self.eliminated_from(tallies).unwrap_or(tallies.len());
        let tried: Vec<usize> = (0..tallies.len()).filter(|dose| tallies.get(*dose).is_some_and(|tally| tally.n > 0)).collect();
        let counts: Vec<Tally> = tried.iter().filter_map(|dose| tallies.get(*dose)).copied().collect();
        let blocks: Vec<Block> = counts.iter().map(|tally| self.block(*tally)).collect();
        let weights: Vec<f64> = blocks.iter().map(|block| block.weight).collect();
        let pool = |values: Vec<f64>, weights: &[f64]| place(isotonic_regression(&values, weights).ok(), &tried, tallies.len());
        let quantile = |p: f64| counts.iter().map(|tally| self.posterior(*tally, |a, b| beta_quantile(p, a, b).ok())).collect();
        let overdose = counts.iter().map(|tally| self.posterior(*tally, |a, b| beta_upper(self.target, a, b).ok())).collect();
        let (lower, upper) =
            (pool(quantile((1.0 - RATE_INTERVAL_LEVEL) / 2.0), &weights), pool(quantile((1.0 + RATE_INTERVAL_LEVEL) / 2.0), &weights));
        Selection {
            mtd: self.mtd(tallies),
            estimates: pool(blocks.iter().map(|block| block.value).collect(), &weights),
            intervals: lower.into_iter().zip(upper).map(|(lower, upper)| lower.zip(upper)).collect(),
            interval_level: RATE_INTERVAL_LEVEL,
            prob_overdose: pool(overdose, &vec![1.0; counts.len()]),
            eliminated: (0..tallies.len()).map(|dose| dose >= eliminated_from).collect(),
        }
    }

    /// The lowest dose that may not be selected because it or one below is too toxic.
    fn eliminated_from(&self, tallies: &[Tally]) -> Option<usize> {
        let stricter = self.lowest_dose.as_ref().zip(tallies.first()).is_some_and(|(boundary, tally)| boundary.is_reached(*tally));
        if stricter { Some(0) } else { tallies.iter().position(|tally| self.elimination.is_reached(*tally)) }
    }

    fn block(&self, tally: Tally) -> Block {
        let a = self.pseudo_count;
        let (dlt, n) = (f64::from(tally.dlt) + a, f64::from(tally.n) + 2.0 * a);
        let variance = dlt * (n - dlt) / (n * n * (n + 1.0));
        Block { value: dlt / n, weight: variance.recip(), size: 1 }
    }

    /// A value of the posterior beta distribution; NaN, which pooling refuses, when the distribution refuses its shapes.
    fn posterior(&self, tally: Tally, value: impl Fn(f64, f64) -> Option<f64>) -> f64 {
        let a = self.pseudo_count;
        value(f64::from(tally.dlt) + a, f64::from(tally.n.saturating_sub(tally.dlt)) + a).unwrap_or(f64::NAN)
    }
}

/// Values of the tried doses at their places in the grid.
fn place(values: Option<Vec<f64>>, tried: &[usize], doses: usize) -> Vec<Option<f64>> {
    let mut placed = vec![None; doses];
    for (dose, value) in tried.iter().zip(values.unwrap_or_default()) {
        if let Some(slot) = placed.get_mut(*dose) {
            *slot = Some(value);
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::super::toxicity_limit::LEAST_PATIENTS;
    use super::*;

    fn selection() -> MtdSelection {
        MtdSelection::new(ToxicityLimit::new(0.3, 0.95, LEAST_PATIENTS).unwrap(), 30).unwrap()
    }

    fn tallies(counts: &[(u32, u32)]) -> Vec<Tally> {
        counts.iter().map(|(n, dlt)| Tally { n: *n, dlt: *dlt }).collect()
    }

    #[test]
    fn of_equal_estimates_the_highest_below_and_the_lowest_above_the_target_is_selected() {
        assert_eq!(selection().mtd(&tallies(&[(3, 0), (3, 0), (3, 0)])), Some(DoseLevel(2)));
        assert_eq!(selection().mtd(&tallies(&[(6, 3), (6, 3), (6, 3)])), Some(DoseLevel(0)));
    }

    #[test]
    fn nothing_is_selected_without_patients_or_when_all_is_too_toxic() {
        assert_eq!(selection().mtd(&tallies(&[(0, 0), (0, 0)])), None);
        assert_eq!(selection().mtd(&[]), None);
        assert_eq!(selection().mtd(&tallies(&[(6, 5), (3, 0)])), None);
        let selected = selection().select(&tallies(&[(0, 0), (0, 0)]));
        assert!(selected.estimates.iter().all(Option::is_none) && selected.eliminated.iter().all(|eliminated| !eliminated));
    }

    #[test]
    fn a_bound_leaves_the_closest_dose_at_or_below_it() {
        // Estimates 0.01 and 0.50: the second lies closer to the target but above the bound.
        let counts = tallies(&[(6, 0), (6, 3)]);
        assert_eq!(selection().mtd(&counts), Some(DoseLevel(1)));
        assert_eq!(selection().with_bound(0.36).mtd(&counts), Some(DoseLevel(0)));
        assert_eq!(selection().with_bound(0.36).mtd(&tallies(&[(6, 3)])), None);
    }

    #[test]
    fn estimates_pool_the_eliminated_doses_and_the_selection_does_not() {
        // The second dose is eliminated; only the estimates see it.
        let counts = tallies(&[(6, 2), (6, 5), (6, 3)]);
        let selected = selection().select(&counts);
        assert_eq!((selected.mtd, selected.eliminated), (Some(DoseLevel(0)), vec![false, true, true]));
        assert_eq!(selected.estimates[1], selected.estimates[2]);
        assert!(selected.estimates.iter().all(Option::is_some));
    }

    #[test]
    fn pseudo_counts_must_be_positive() {
        assert!(selection().with_pseudo_count(0.0).is_err() && selection().with_pseudo_count(0.005).is_ok());
    }
}
