//! Specification of forest figures: estimates with limits in rows under headings, against a line of no effect and an optional band.

use serde::Serialize;

use super::figure::{Axis, ReferenceBand};

/// Estimates with limits, one row for each comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForestPlot {
    /// Horizontal axis, named with the direction: `Ratio to the reference`.
    pub value: Axis,
    /// Where nothing differs: 1 of a ratio, 0 of a difference.
    pub reference: f64,
    /// Values that a reader compares with, shaded; drawn as a line where its ends are the same.
    pub band: Option<ReferenceBand>,
    /// What the estimates of a row are, in their order; a key is drawn where there are several.
    pub estimates: Vec<String>,
    /// Heading of the column of counts; without counts it is left out.
    pub count_head: String,
    /// Heading of the column of numbers at the right: `Ratio (90% CI)`.
    pub number_head: String,
    /// Decimals of the numbers at the right.
    pub decimals: usize,
    /// Rows, top to bottom.
    pub rows: Vec<ForestRow>,
}

/// A row of a forest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForestRow {
    /// What is compared; of a heading what its rows have in common.
    pub label: String,
    /// Whether it only groups the rows below it.
    pub heading: bool,
    /// Subjects, or events and subjects, as printed.
    pub count: Option<String>,
    /// One for each of the figure's estimates; `None` where there is none.
    pub estimates: Vec<Option<ForestEstimate>>,
}

/// An estimate with its limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ForestEstimate {
    /// Estimate.
    pub value: f64,
    /// Limits, where an interval is given.
    pub limits: Option<(f64, f64)>,
}

impl ForestRow {
    /// A row that only groups the rows below it.
    #[must_use]
    pub fn heading(label: impl Into<String>) -> Self {
        Self { label: label.into(), heading: true, count: None, estimates: Vec::new() }
    }
}
