//! What figures of pharmacokinetics show, as data.

use serde::Serialize;

use super::figure::{BandPoint, SeriesKey};

/// The mean course of one series.
#[derive(Debug, Clone, Serialize)]
pub struct CourseSeries {
    /// Series.
    pub series: SeriesKey,
    /// Points in the order of time.
    pub points: Vec<CourseMean>,
}

/// A mean concentration at one time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CourseMean {
    /// Time since the dose.
    pub time: f64,
    /// Geometric mean.
    pub mean: f64,
    /// Mean divided and multiplied by the geometric standard deviation, where there are two observations.
    pub spread: Option<(f64, f64)>,
    /// Observations.
    pub n: usize,
}

/// Exposure against dose, with the fitted line and the line of proportionality.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExposurePanel {
    /// Name above it.
    pub title: String,
    /// Observations by series: dose and exposure.
    pub series: Vec<ExposurePoints>,
    /// The fitted line with its limits; empty where none could be fitted.
    pub fit: Vec<BandPoint>,
    /// Middle of the fitted line at the same places.
    pub line: Vec<(f64, f64)>,
    /// The line of slope one through the centre of the observations.
    pub proportional: Vec<(f64, f64)>,
}

/// Observations of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExposurePoints {
    /// Series.
    pub series: SeriesKey,
    /// Dose and exposure.
    pub points: Vec<(f64, f64)>,
}

/// A simulated distribution as an outline, with what was observed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViolinSeries {
    /// Series; its number of subjects is that of the virtual ones.
    pub series: SeriesKey,
    /// Value and density over the largest density, by ascending value.
    pub outline: Vec<(f64, f64)>,
    /// 5th, 25th, 50th, 75th and 95th percentile.
    pub percentiles: [f64; 5],
    /// Observed values that are drawn, ascending; empty where there are none.
    pub observed: Vec<f64>,
    /// Number of values observed.
    pub observed_n: usize,
    /// Overlap with the distribution that the others are held against.
    pub overlap: Option<f64>,
}
