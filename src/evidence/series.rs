//! From columns to figure series.

use crate::analysis::grouping::Group;
use crate::config::Settings;

use super::SeriesKey;

/// The key of a column's series: its shade follows the dosage's place among the drug's dosages, so that a dosage looks the same in every figure.
#[must_use]
pub fn series_key(group: &Group, settings: &Settings, n: usize) -> SeriesKey {
    let drug: Vec<&str> = settings.dosages.iter().filter(|dosage| !dosage.comparator).map(|dosage| dosage.id.as_str()).collect();
    let comparators: Vec<&str> = settings.dosages.iter().filter(|dosage| dosage.comparator).map(|dosage| dosage.id.as_str()).collect();
    let place = |list: &[&str]| list.iter().position(|id| *id == group.id);
    let (rank, of) = place(&drug).map_or_else(|| (place(&comparators).unwrap_or(0), comparators.len()), |rank| (rank, drug.len()));
    SeriesKey { label: group.label.clone(), dosage: group.id.clone(), rank, of: of.max(1), comparator: group.comparator, n }
}
