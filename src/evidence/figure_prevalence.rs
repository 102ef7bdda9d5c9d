//! What a figure of prevalence shows: stacked bars over time, a facet per series.

use serde::Serialize;

use super::figure::SeriesKey;

/// The bars of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackedFacet {
    /// Series.
    pub series: SeriesKey,
    /// Bars in the order of time.
    pub bars: Vec<StackedBar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackedBar {
    /// Place on the horizontal axis.
    pub at: f64,
    /// Subjects whom the shares are of.
    pub n: usize,
    /// One share in percent per layer, from the foot of the bar.
    pub shares: Vec<f64>,
}
