//! Observed rates by quantile group of exposure.

use thiserror::Error;

use crate::numerics::descriptive::{QuantileType, median, quantile};
use crate::numerics::proportion::{ProportionError, ProportionMethod, interval};

/// Why exposures cannot be grouped.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum ExposureGroupError {
    /// Exposures and outcomes differ in number.
    #[error("{exposures} exposures but {outcomes} outcomes")]
    Lengths {
        /// Number of exposures.
        exposures: usize,
        /// Number of outcomes.
        outcomes: usize,
    },
    /// An exposure that is negative or not finite.
    #[error("exposure {0} is negative or not finite")]
    Exposure(f64),
    /// A confidence level outside (0, 1).
    #[error(transparent)]
    Proportion(#[from] ProportionError),
}

/// Which group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExposureGroupKind {
    /// Subjects without exposure, such as on placebo.
    Zero,
    /// A quantile group, counted from one.
    Quantile(usize),
}

impl ExposureGroupKind {
    /// Label in tables.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Zero => "zero".to_owned(),
            Self::Quantile(position) => format!("Q{position}"),
        }
    }
}

/// Observed rate in one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExposureGroup {
    /// Which group.
    pub kind: ExposureGroupKind,
    /// Subjects.
    pub n: usize,
    /// Subjects with an event.
    pub events: usize,
    /// Observed rate.
    pub rate: f64,
    /// Clopper-Pearson limits.
    pub limits: (f64, f64),
    /// Median exposure.
    pub median: f64,
    /// Smallest exposure.
    pub minimum: f64,
    /// Largest exposure.
    pub maximum: f64,
}

/// Groups with the breaks between them.
#[derive(Debug, Clone, PartialEq)]
pub struct ExposureGroups {
    /// Quantiles of the exposures above zero, from the smallest to the largest; empty where nobody was exposed.
    pub breaks: Vec<f64>,
    /// Groups that hold at least one subject, lowest exposure first.
    pub groups: Vec<ExposureGroup>,
}

/// Rates by quantile group of exposure.
///
/// Subjects with zero exposure form a group of their own. The others are cut at the quantiles of their exposures, each group open below and
/// closed above, the smallest exposure belonging to the first; tied exposures stay together, so that groups may differ in size or be empty (an
/// empty group is left out). Limits are those of Clopper and Pearson `[ClopperPearson1934]`; quantiles as defined `[HyndmanFan1996]`.
///
/// # Errors
/// [`ExposureGroupError`].
pub fn group_exposures(
    exposures: &[f64],
    outcomes: &[bool],
    groups: usize,
    definition: QuantileType,
    level: f64,
) -> Result<ExposureGroups, ExposureGroupError> {
    if exposures.len() != outcomes.len() {
        return Err(ExposureGroupError::Lengths { exposures: exposures.len(), outcomes: outcomes.len() });
    }
    if let Some(exposure) = exposures.iter().find(|exposure| !(exposure.is_finite() && **exposure >= 0.0)) {
        return Err(ExposureGroupError::Exposure(*exposure));
    }
    let exposed: Vec<f64> = exposures.iter().copied().filter(|exposure| *exposure > 0.0).collect();
    let breaks: Vec<f64> = (0..=groups).filter_map(|k| quantile(&exposed, k as f64 / groups as f64, definition)).collect();
    let kind_of = |exposure: f64| {
        if exposure <= 0.0 {
            return ExposureGroupKind::Zero;
        }
        let inner = breaks.get(1..groups).unwrap_or_default();
        ExposureGroupKind::Quantile(1 + inner.iter().filter(|limit| exposure > **limit).count())
    };
    let kinds = std::iter::once(ExposureGroupKind::Zero).chain((1..=groups).map(ExposureGroupKind::Quantile));
    let mut out = Vec::new();
    for kind in kinds {
        let members: Vec<(f64, bool)> =
            exposures.iter().copied().zip(outcomes.iter().copied()).filter(|(exposure, _)| kind_of(*exposure) == kind).collect();
        if !members.is_empty() {
            out.push(describe(kind, &members, level)?);
        }
    }
    Ok(ExposureGroups { breaks, groups: out })
}

fn describe(kind: ExposureGroupKind, members: &[(f64, bool)], level: f64) -> Result<ExposureGroup, ProportionError> {
    let exposures: Vec<f64> = members.iter().map(|(exposure, _)| *exposure).collect();
    let (n, events) = (members.len(), members.iter().filter(|(_, event)| *event).count());
    Ok(ExposureGroup {
        kind,
        n,
        events,
        rate: events as f64 / n as f64,
        limits: interval(ProportionMethod::ClopperPearson, events as u64, n as u64, level)?,
        median: median(&exposures).unwrap_or(f64::NAN),
        minimum: exposures.iter().copied().fold(f64::INFINITY, f64::min),
        maximum: exposures.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_exposure_stands_apart_and_ties_stay_together() {
        let exposures = [0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let outcomes = [false, true, false, false, true, false, true, true, true, true];
        let found = group_exposures(&exposures, &outcomes, 4, QuantileType::Type7, 0.95).unwrap();
        let sizes: Vec<(String, usize, usize)> = found.groups.iter().map(|group| (group.kind.label(), group.n, group.events)).collect();
        let want = [("zero", 2, 1), ("Q1", 4, 1), ("Q3", 2, 2), ("Q4", 2, 2)];
        assert!(sizes.iter().zip(want).all(|(a, b)| (a.0.as_str(), a.1, a.2) == b), "{sizes:?}");
        assert_eq!(found.breaks, [1.0, 2.0, 2.5, 4.25, 6.0]);
    }

    #[test]
    fn equal_exposures_are_one_group_and_faults_are_refused() {
        let found = group_exposures(&[3.0; 5], &[true; 5], 4, QuantileType::Type7, 0.9).unwrap();
        assert_eq!((found.groups.len(), found.groups[0].n), (1, 5));
        let none = group_exposures(&[0.0; 3], &[false; 3], 4, QuantileType::Type7, 0.9).unwrap();
        assert_eq!((none.breaks.len(), none.groups[0].kind), (0, ExposureGroupKind::Zero));
        assert!(group_exposures(&[-1.0], &[true], 4, QuantileType::Type7, 0.9).is_err());
        assert!(group_exposures(&[1.0], &[], 4, QuantileType::Type7, 0.9).is_err());
    }
}
