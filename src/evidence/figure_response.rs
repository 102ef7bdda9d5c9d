//! Specification of exposure-response figures: curves over exposure with what was observed, and the exposures of each dosage beneath.

use serde::Serialize;

use super::figure::{Axis, BoxSeries, Curve};

/// Probabilities against exposure, with the exposures of each dosage under the axis.
#[derive(Debug, Clone, Serialize)]
pub struct ExposureResponsePlot {
    /// Horizontal axis, shared by curves and boxes.
    pub exposure: Axis,
    /// Vertical axis.
    pub probability: Axis,
    /// Outcomes: one, or one of benefit and one of harm.
    pub outcomes: Vec<ResponseCurve>,
    /// Exposures by dosage, lowest first.
    pub boxes: Vec<BoxSeries>,
}

/// One outcome of an exposure-response figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponseCurve {
    /// The model's curve with its band.
    pub curve: Curve,
    /// Whether it speaks of harm.
    pub harm: bool,
    /// Observed proportions by group of exposure.
    pub groups: Vec<ObservedGroup>,
    /// Exposures of subjects with the event.
    pub with_event: Vec<f64>,
    /// Exposures of subjects without it.
    pub without_event: Vec<f64>,
}

/// Observed proportion in a group of exposure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ObservedGroup {
    /// Median exposure, where it is drawn.
    pub at: f64,
    /// Smallest exposure.
    pub from: f64,
    /// Largest exposure.
    pub to: f64,
    /// Observed proportion.
    pub proportion: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Subjects with the event.
    pub events: usize,
    /// Subjects.
    pub n: usize,
}

/// Outcomes over exposure or dose: curves with bands, what was observed, and the exposures of each dosage under the axis.
#[derive(Debug, Clone, Serialize)]
pub struct OutcomeCurvesPlot {
    /// Horizontal axis: exposure or dose.
    pub across: Axis,
    /// Vertical axis.
    pub outcome: Axis,
    /// Curves; a band where uncertainty is shown.
    pub curves: Vec<Curve>,
    /// Observed means or proportions.
    pub points: Vec<ObservedOutcome>,
    /// What the points are, for the key.
    pub points_label: String,
    /// Single subjects, where they are shown.
    pub subjects: Vec<(f64, f64)>,
    /// Exposures by dosage, lowest first; empty over dose.
    pub boxes: Vec<BoxSeries>,
}

/// An observed mean or proportion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObservedOutcome {
    /// Place on the horizontal axis.
    pub at: f64,
    /// Observed value.
    pub value: f64,
    /// Lower limit, where there is one.
    pub lower: Option<f64>,
    /// Upper limit, where there is one.
    pub upper: Option<f64>,
    /// Words beside it, such as the number of subjects; empty for none.
    pub words: String,
    /// Position of the curve that it belongs to; `None` where it belongs to all.
    pub curve: Option<usize>,
}
