//! What figures of questionnaires show, as data.

use serde::Serialize;

use super::figure::SeriesKey;

/// Answers to one question under one dosage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerPanel {
    /// Name of the question.
    pub title: String,
    /// The dosage.
    pub series: SeriesKey,
    /// Bars in the order of visits, parallel to the visits of the figure; `None` where too few answered.
    pub bars: Vec<Option<AnswerBar>>,
}

/// The answers at one visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerBar {
    /// Subjects with each answer, the best first.
    pub counts: Vec<usize>,
}

impl AnswerBar {
    /// Subjects who answered.
    #[must_use]
    pub fn n(&self) -> usize {
        self.counts.iter().sum()
    }
}

/// Mean changes of one score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangePanel {
    /// Name of the score.
    pub title: String,
    /// What a rise means: `higher is better`.
    pub direction: String,
    /// Series.
    pub series: Vec<ChangeSeries>,
}

/// Mean changes under one dosage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeSeries {
    /// Series.
    pub series: SeriesKey,
    /// Points in the order of time.
    pub points: Vec<ChangePoint>,
}

/// A mean change at one visit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChangePoint {
    /// Time since the first dose.
    pub time: f64,
    /// Mean change.
    pub mean: f64,
    /// Its limits, where there are two observations.
    pub limits: Option<(f64, f64)>,
    /// Subjects.
    pub n: usize,
}
