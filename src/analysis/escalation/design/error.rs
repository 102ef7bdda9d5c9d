//! What can be wrong with a design or a question to it.

use thiserror::Error;

/// A design that cannot be run, or a question that it cannot answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DesignError {
    /// A probability is not where it has to be.
    #[error("{name} is {value:?}, but must be {}: choose a value within these limits", allowed(*lower, *upper))]
    Outside {
        /// What it is.
        name: &'static str,
        /// As given.
        value: f64,
        /// Least accepted.
        lower: f64,
        /// Most accepted.
        upper: f64,
    },
    /// Two numbers that have to ascend do not.
    #[error("{lower_name} ({lower}) must be below {upper_name} ({upper}): exchange or correct them")]
    Order {
        /// What has to be lower.
        lower_name: &'static str,
        /// As given.
        lower: f64,
        /// What has to be higher.
        upper_name: &'static str,
        /// As given.
        upper: f64,
    },
    /// A list that has to ascend with dose does not.
    #[error("{name} must not fall from dose {dose} to dose {}: list the doses from low to high", dose + 1)]
    Unordered {
        /// What the list holds.
        name: &'static str,
        /// One-based dose after which it falls.
        dose: usize,
    },
    /// A list in which no two doses may be equal does not rise.
    #[error("{name} must rise from dose {dose} to dose {}: list them from low to high, each once", dose + 1)]
    NotRising {
        /// What the list holds.
        name: &'static str,
        /// One-based dose after which it does not rise.
        dose: usize,
    },
    /// A list has another length than the grid.
    #[error("{name} has {given} values for {doses} doses: give one per dose")]
    Length {
        /// What the list holds.
        name: &'static str,
        /// Its length.
        given: usize,
        /// Doses of the grid.
        doses: usize,
    },
    /// No dose, or more than the program handles.
    #[error("a grid of {doses} doses is not possible: give between 1 and {most}")]
    Grid {
        /// Doses given.
        doses: usize,
        /// Most that are accepted.
        most: usize,
    },
    /// A dose outside the grid.
    #[error("dose {dose} is outside the grid of {doses} doses: count doses from 1")]
    DoseOutsideGrid {
        /// One-based dose.
        dose: usize,
        /// Doses of the grid.
        doses: usize,
    },
    /// More toxicities than patients.
    #[error("{dlt} patients with dose-limiting toxicity among {n} is impossible: correct the counts")]
    MoreToxicitiesThanPatients {
        /// Patients.
        n: u32,
        /// Toxicities.
        dlt: u32,
    },
    /// A count that must be at least one is zero, or is above what the program handles.
    #[error("{name} is {value}, but must lie between {least} and {most}: give a number within these limits")]
    Count {
        /// What is counted.
        name: &'static str,
        /// As given.
        value: u64,
        /// Least accepted.
        least: u64,
        /// Most accepted.
        most: u64,
    },
    /// Exact enumeration would take too many states.
    #[error("exact characteristics need more than {limit} states: simulate the design instead, or plan fewer doses or cohorts")]
    TooManyStates {
        /// Most that are kept.
        limit: usize,
    },
    /// A history that the design cannot have produced, or cannot read.
    #[error("{0}")]
    History(String),
    /// A numerical routine refused its arguments.
    #[error("the computation failed: {0}")]
    Numerics(String),
}

impl DesignError {
    /// The refusal of a numerical routine, in its own words.
    pub(super) fn numerics(error: impl std::error::Error) -> Self {
        Self::Numerics(error.to_string())
    }
}

/// Closed limits in words. A limit that is a hair inside a round number stands for an open end there.
fn allowed(lower: f64, upper: f64) -> String {
    let (least, most) = (plain(lower), plain(upper));
    let from = if least < lower { "above" } else { "at least" };
    let to = if most > upper { "below" } else { "at most" };
    if upper >= f64::MAX { format!("{from} {least} and finite") } else { format!("{from} {least} and {to} {most}") }
}

/// A limit without the traces of binary fractions: 0.27, not 0.27000000000000002.
fn plain(limit: f64) -> f64 {
    const SCALE: f64 = 1e10;
    if limit.abs() < SCALE { (limit * SCALE).round() / SCALE } else { limit }
}

/// Refuses a number outside closed limits, NaN included.
pub(super) fn check_within(name: &'static str, value: f64, lower: f64, upper: f64) -> Result<(), DesignError> {
    if (lower..=upper).contains(&value) { Ok(()) } else { Err(DesignError::Outside { name, value, lower, upper }) }
}

/// Refuses a count outside closed limits.
pub(super) fn check_count(name: &'static str, value: u32, least: u32, most: u32) -> Result<(), DesignError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(DesignError::Count { name, value: value.into(), least: least.into(), most: most.into() })
    }
}

/// Refuses anything but one probability in [0, 1] per dose that does not fall with dose.
pub(super) fn check_ascending(name: &'static str, values: &[f64], doses: usize) -> Result<(), DesignError> {
    if values.len() != doses {
        return Err(DesignError::Length { name, given: values.len(), doses });
    }
    for value in values {
        check_within(name, *value, 0.0, 1.0)?;
    }
    match values.windows(2).position(|pair| pair[0] > pair[1]) {
        Some(fall) => Err(DesignError::Unordered { name, dose: fall + 1 }),
        None => Ok(()),
    }
}

/// Refuses a list of which a value is not above the one before.
pub(super) fn check_rising(name: &'static str, values: &[f64]) -> Result<(), DesignError> {
    match values.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(place) => Err(DesignError::NotRising { name, dose: place + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_to_do() {
        let refusals = [
            check_within("the target", f64::NAN, 0.05, 0.6).unwrap_err(),
            check_ascending("the scenario", &[0.1, 0.3, 0.2], 3).unwrap_err(),
            check_ascending("the scenario", &[0.1], 3).unwrap_err(),
            check_count("the cohort size", 0, 1, 100).unwrap_err(),
        ];
        let texts: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        assert_eq!(texts[1], "the scenario must not fall from dose 2 to dose 3: list the doses from low to high");
        assert!(texts.iter().all(|text| text.contains("must") || text.contains("give")), "{texts:?}");
    }

    #[test]
    fn limits_are_said_in_words() {
        let said = |value: f64, lower: f64, upper: f64| check_within("it", value, lower, upper).unwrap_err().to_string();
        let with = |limits: &str| format!("it is NaN, but must be {limits}: choose a value within these limits");
        assert_eq!(said(f64::NAN, 0.05, 0.6), with("at least 0.05 and at most 0.6"));
        assert_eq!(said(f64::NAN, f64::MIN_POSITIVE, f64::MAX), with("above 0 and finite"));
        assert_eq!(said(f64::NAN, 0.0, 1.0 - f64::EPSILON), with("at least 0 and below 1"));
        assert_eq!(said(f64::NAN, 0.3 * 1.1 - 1e-12, 0.3 * 0.9 + 1e-12), with("at least 0.33 and at most 0.27"));
        assert!(said(f64::INFINITY, 0.0, 1.0).starts_with("it is inf, ") && said(1e300, 0.0, 1.0).starts_with("it is 1e300, "));
    }
}
