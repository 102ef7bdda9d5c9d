//! Designs of expansion cohorts with a binary response: two stages, Bayesian monitoring, randomised selection.
//!
//! Everything here is exact enumeration over binomial counts: the same inputs give the same numbers, without simulation. Start with
//! [`simon::search`], [`bop2::Bop2Design`] or [`pick_the_winner::selection_probabilities`].

pub mod bop2;
pub mod pick_the_winner;
pub mod simon;

use thiserror::Error;

use crate::numerics::distribution::DistributionError;

/// Largest number of patients for which a design is enumerated.
pub const MOST_PATIENTS: u32 = 500;

/// Why a design cannot be evaluated or found.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ExpansionError {
    /// A rate outside (0, 1).
    #[error("the {what} is {value}; give a probability above 0 and below 1")]
    Rate {
        /// Which rate.
        what: &'static str,
        /// Value given.
        value: f64,
    },
    /// The rate of interest does not exceed the uninteresting one.
    #[error("the promising rate {promising} does not exceed the uninteresting rate {uninteresting}; exchange or correct them")]
    RatesNotOrdered {
        /// Rate of no interest.
        uninteresting: f64,
        /// Rate of interest.
        promising: f64,
    },
    /// Sizes that do not make a design.
    #[error("{reason}")]
    Sizes {
        /// What is wrong and what to do.
        reason: String,
    },
    /// More patients than can be enumerated.
    #[error("{n} patients are more than the {MOST_PATIENTS} that are enumerated; reduce the largest sample size")]
    TooManyPatients {
        /// Number given.
        n: u32,
    },
    /// A parameter of a prior or of a boundary outside its range.
    #[error("the {what} is {value}; it must be {range}")]
    Parameter {
        /// Which parameter.
        what: &'static str,
        /// Value given.
        value: f64,
        /// What is allowed.
        range: &'static str,
    },
    /// No design meets the error rates.
    #[error("no feasible design within n_max = {n_max} patients; raise n_max, widen the error rates or the distance between the rates")]
    NoFeasibleDesign {
        /// Largest sample size looked at.
        n_max: u32,
    },
    /// A distribution function refused its argument.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
}

/// Refuses a rate outside (0, 1).
fn check_rate(what: &'static str, value: f64) -> Result<(), ExpansionError> {
    if value > 0.0 && value < 1.0 { Ok(()) } else { Err(ExpansionError::Rate { what, value }) }
}

/// Refuses rates outside (0, 1) and rates that are not in order.
fn check_rates(uninteresting: f64, promising: f64) -> Result<(), ExpansionError> {
    check_rate("uninteresting rate", uninteresting)?;
    check_rate("promising rate", promising)?;
    if uninteresting < promising { Ok(()) } else { Err(ExpansionError::RatesNotOrdered { uninteresting, promising }) }
}

fn check_size(n: u32) -> Result<(), ExpansionError> {
    if n > MOST_PATIENTS { Err(ExpansionError::TooManyPatients { n }) } else { Ok(()) }
}

/// Probabilities of 0, 1, ..., n successes in n trials at a rate, by adding one trial at a time: sums of positive terms only.
fn binomial_masses(n: usize, rate: f64) -> Vec<f64> {
    let mut masses = vec![1.0];
    for _ in 0..n {
        masses = with_one_more(&masses, rate);
    }
    masses
}

/// The masses after one more trial.
fn with_one_more(masses: &[f64], rate: f64) -> Vec<f64> {
    let mut next = vec![0.0; masses.len() + 1];
    for (count, mass) in masses.iter().enumerate() {
        if let [failure, success] = &mut next[count..count + 2] {
            *failure += (1.0 - rate) * mass;
            *success += rate * mass;
        }
    }
    next
}

/// Probabilities of at least 0, 1, ..., n successes (the last entry, for n + 1, is 0).
fn upper_tails(masses: &[f64]) -> Vec<f64> {
    let mut tails = vec![0.0; masses.len() + 1];
    let mut sum = 0.0;
    for (tail, mass) in tails.iter_mut().rev().skip(1).zip(masses.iter().rev()) {
        sum += mass;
        *tail = sum;
    }
    tails
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_agree_with_the_distribution_and_sum_to_one() {
        let masses = binomial_masses(30, 0.23);
        for (x, mass) in masses.iter().enumerate() {
            let direct = crate::numerics::distribution::binomial_mass(x as u64, 30, 0.23).unwrap();
            assert!((mass - direct).abs() < 1e-14, "{x}");
        }
        let tails = upper_tails(&masses);
        assert!((tails[0] - 1.0).abs() < 1e-14 && tails[31].abs() < f64::EPSILON);
        assert!((tails[30] - masses[30]).abs() < 1e-30);
    }

    #[test]
    fn refusals_say_what_to_do() {
        assert!(check_rates(0.3, 0.2).unwrap_err().to_string().contains("exchange"));
        assert!(check_rates(0.0, 0.2).unwrap_err().to_string().contains("above 0"));
        assert!(check_rates(0.1, f64::NAN).is_err());
        assert!(check_size(MOST_PATIENTS).is_ok() && check_size(MOST_PATIENTS + 1).is_err());
    }
}
