//! Relative dose intensity by cycle.

use crate::analysis::grouping::{Group, Panel};
use crate::analysis::measure::Summary;

use super::dosing::DosingIndex;

/// Subjects below which a cycle is not shown.
pub const MINIMUM_SUBJECTS: u64 = 3;

/// Last cycle that is shown.
pub const LAST_CYCLE: usize = 12;

/// Dose intensity by cycle in one panel.
#[derive(Debug, Clone)]
pub struct CyclesPanel {
    /// The columns.
    pub panel: Panel,
    /// One per dosage.
    pub series: Vec<CycleSeries>,
}

/// Dose intensity by cycle under one dosage.
#[derive(Debug, Clone)]
pub struct CycleSeries {
    /// The dosage.
    pub group: Group,
    /// The cycles with enough subjects on treatment, in order.
    pub cycles: Vec<CyclePoint>,
}

/// Dose intensity in one cycle.
#[derive(Debug, Clone)]
pub struct CyclePoint {
    /// Cycle, 1 the first.
    pub cycle: usize,
    /// Relative dose intensity in percent of the subjects on treatment in the cycle.
    pub intensity: Summary,
}

/// Summarises dose intensity by cycle in each dosage of a panel.
pub(super) fn summarise_cycles(panel: &Panel, index: &DosingIndex<'_>) -> CyclesPanel {
    let series = panel.groups.iter().filter(|group| group.dosage.is_some()).map(|group| CycleSeries {
        group: group.clone(),
        cycles: (1..=LAST_CYCLE).filter_map(|cycle| point(group, cycle, index)).collect(),
    });
    CyclesPanel { series: series.collect(), panel: panel.clone() }
}

fn point(group: &Group, cycle: usize, index: &DosingIndex<'_>) -> Option<CyclePoint> {
    let intensity = index.summarise(group, |summary| summary.intensity_by_cycle.get(cycle - 1).copied().flatten())?;
    (intensity.n >= MINIMUM_SUBJECTS).then_some(CyclePoint { cycle, intensity })
}
