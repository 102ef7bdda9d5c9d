//! Which interval of the toxicity probability the data support most: the question of Keyboard, mTPI and mTPI-2.

use super::decision::{Decision, Reason};
use super::error::{DesignError, check_within};
use super::tally::Tally;
use crate::numerics::distribution::{beta_cdf, beta_upper};
use crate::numerics::tolerance::{TIED, tied};

/// Width below which an interval is the rounding error of its ends, not an interval.
const NO_WIDTH: f64 = 1e-9;

/// Narrowest interval around the target: the unit interval is cut into as many as fit.
const LEAST_WIDTH: f64 = 0.01;

/// Which of two intervals with the same mass per unit of width counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// The lower one.
    Lower,
    /// The higher one.
    Higher,
}

/// The unit interval cut into intervals, one of which holds the target.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Partition {
    edges: Vec<f64>,
    target_interval: usize,
    prior: (f64, f64),
    tie: Tie,
}

impl Partition {
    /// Three intervals: below, around and above the target.
    pub(super) fn in_three(target: Around, prior: (f64, f64), tie: Tie) -> Result<Self, DesignError> {
        target.check()?;
        Ok(Self { edges: vec![0.0, target.lower, target.upper, 1.0], target_interval: 1, prior, tie })
    }

    /// Intervals as wide as the one around the target laid out from it both ways; the outermost ones are cut at 0 and 1.
    pub(super) fn in_equal_widths(target: Around, prior: (f64, f64), tie: Tie) -> Result<Self, DesignError> {
        target.check()?;
        let width = target.upper - target.lower;
        let steps = |room: f64| (room / width + NO_WIDTH).floor() as usize;
        let below = steps(target.lower);
        let above = steps(1.0 - target.upper);
        let mut edges: Vec<f64> = (0..=below).rev().map(|step| target.lower - step as f64 * width).collect();
        edges.extend((0..=above).map(|step| target.upper + step as f64 * width));
        if edges.first().is_some_and(|lowest| *lowest > NO_WIDTH) {
            edges.insert(0, 0.0);
        }
        if edges.last().is_some_and(|highest| *highest < 1.0 - NO_WIDTH) {
            edges.push(1.0);
        }
        let target_interval = edges.iter().filter(|edge| **edge < target.lower - NO_WIDTH).count();
        Ok(Self { edges, target_interval, prior, tie })
    }

    /// The side of the target on which the interval with the largest posterior mass per unit of width lies.
    pub(super) fn decide(&self, tally: Tally) -> Result<(Decision, Reason), DesignError> {
        let mut best: Option<(usize, f64)> = None;
        for (interval, edges) in self.edges.windows(2).enumerate() {
            let [lower, upper] = *edges else { continue };
            let mass = self.mass(tally, lower, upper)? / (upper - lower);
            let better = best.is_none_or(|(_, most)| match self.tie {
                Tie::Lower => mass > most && !tied(mass, most),
                Tie::Higher => mass > most || tied(mass, most),
            });
            if better {
                best = Some((interval, mass));
            }
        }
        let (interval, mass) = best.unwrap_or((self.target_interval, 0.0));
        let decision = match interval.cmp(&self.target_interval) {
            std::cmp::Ordering::Less => Decision::Escalate,
            std::cmp::Ordering::Equal => Decision::Stay,
            std::cmp::Ordering::Greater => Decision::DeEscalate,
        };
        let end = |position: usize| self.edges.get(position).copied().unwrap_or(1.0).clamp(0.0, 1.0);
        Ok((decision, Reason::StrongestInterval { lower: end(interval), upper: end(interval + 1), mass }))
    }

    /// Posterior mass of an interval, as a difference of the tails in which it loses no digits.
    fn mass(&self, tally: Tally, lower: f64, upper: f64) -> Result<f64, DesignError> {
        let a = self.prior.0 + f64::from(tally.dlt);
        let b = self.prior.1 + f64::from(tally.n.saturating_sub(tally.dlt));
        let (lower, upper) = (lower.max(0.0), upper.min(1.0));
        let mass = if lower > a / (a + b) {
            beta_upper(lower, a, b).and_then(|outer| Ok(outer - beta_upper(upper, a, b)?))
        } else {
            beta_cdf(upper, a, b).and_then(|outer| Ok(outer - beta_cdf(lower, a, b)?))
        };
        mass.map_err(DesignError::numerics)
    }
}

/// The interval that counts as close to the target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Around {
    pub(super) lower: f64,
    pub(super) upper: f64,
}

impl Around {
    /// The interval from its distances to the target.
    pub(super) fn target(target: f64, margin_lower: f64, margin_upper: f64) -> Result<Self, DesignError> {
        check_within("the target", target, 0.0, 1.0)?;
        check_within("the lower margin", margin_lower, 0.0, target)?;
        check_within("the upper margin", margin_upper, 0.0, 1.0 - target)?;
        Ok(Self { lower: target - margin_lower, upper: target + margin_upper })
    }

    fn check(self) -> Result<(), DesignError> {
        check_within("the lower end of the interval around the target", self.lower, NO_WIDTH, 1.0)?;
        check_within("the upper end of the interval around the target", self.upper, 0.0, 1.0 - NO_WIDTH)?;
        check_within("the width of the interval around the target", self.upper - self.lower, LEAST_WIDTH - TIED, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_makes_no_interval() {
        // 0.25 - 0.05 - 2 * 0.1 is 1e-17, not a fourth interval.
        let around = Around::target(0.25, 0.05, 0.05).unwrap();
        let partition = Partition::in_equal_widths(around, (1.0, 1.0), Tie::Higher).unwrap();
        assert_eq!((partition.edges.len(), partition.target_interval), (11, 2));
        assert!(partition.edges.windows(2).all(|pair| pair[1] - pair[0] > 0.01));
    }

    #[test]
    fn the_masses_of_a_partition_add_up() {
        let around = Around::target(0.3, 0.08, 0.07).unwrap();
        let partition = Partition::in_equal_widths(around, (1.0, 1.0), Tie::Higher).unwrap();
        let tally = Tally { n: 9, dlt: 3 };
        let total: f64 = partition.edges.windows(2).map(|pair| partition.mass(tally, pair[0], pair[1]).unwrap()).sum();
        assert!((total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn intervals_without_width_or_outside_are_refused() {
        let refused = |target: f64, lower: f64, upper: f64| {
            Around::target(target, lower, upper).and_then(|around| Partition::in_three(around, (1.0, 1.0), Tie::Lower)).is_err()
        };
        assert!(
            refused(0.3, 0.0, 0.0) && refused(0.3, 0.3, 0.1) && refused(0.3, 0.4, 0.1) && refused(0.3, 0.1, 0.8) && refused(1.3, 0.1, 0.1)
        );
        assert!(!refused(0.3, 0.05, 0.05));
    }
}
