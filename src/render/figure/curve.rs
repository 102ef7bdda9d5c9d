//! One step curve: its staircase, its band and its censoring ticks.

use crate::evidence::{StepCurve, StepPoint};

use super::canvas::{Canvas, Point, Stroke};
use super::panel::Panel;
use super::theme::SeriesStyle;

/// A step curve, ready to be drawn.
pub(super) struct Curve<'a> {
    /// As specified.
    pub(super) curve: &'a StepCurve,
    /// How it looks.
    pub(super) style: SeriesStyle,
    /// Its usable steps in the order of time.
    pub(super) steps: Vec<StepPoint>,
    /// Where follow-up ends.
    pub(super) end: f64,
}

/// Limits of a band between two times: low, high, and where the last of them ends.
struct Piece {
    low: Vec<(f64, f64)>,
    high: Vec<(f64, f64)>,
    end: f64,
}

impl<'a> Curve<'a> {
    /// The usable part of a curve.
    pub(super) fn new(curve: &'a StepCurve, style: SeriesStyle) -> Self {
        let mut steps: Vec<StepPoint> =
            curve.steps.iter().copied().filter(|step| step.time.is_finite() && step.estimate.is_finite()).collect();
        steps.sort_by(|a, b| a.time.total_cmp(&b.time));
        let last = steps.last().map_or(0.0, |step| step.time);
        let end = curve.censored.iter().copied().filter(|time| time.is_finite()).fold(last, f64::max);
        Self { curve, style, steps, end }
    }

    /// The step that holds at a time.
    pub(super) fn at(&self, time: f64) -> Option<StepPoint> {
        self.steps.iter().take_while(|step| step.time <= time).last().copied()
    }

    /// Whether an interval is known anywhere.
    pub(super) fn has_intervals(&self) -> bool {
        self.steps.iter().any(|step| limits(step).is_some())
    }

    /// The curve as a line.
    pub(super) fn draw_line(&self, canvas: &mut Canvas, panel: &Panel, stroke: Stroke) {
        let steps: Vec<(f64, f64)> = self.steps.iter().map(|step| (step.time, step.estimate)).collect();
        canvas.path(&placed(panel, &staircase(&steps, self.end)), stroke);
    }

    /// A tick at each time of censoring.
    pub(super) fn draw_censored(&self, canvas: &mut Canvas, panel: &Panel) {
        for time in self.curve.censored.iter().copied().filter(|time| panel.x.holds(*time)) {
            if let Some(step) = self.at(time) {
                let (x, y) = (panel.x.place(time), panel.y.place(step.estimate));
                canvas.path(&[(x, y - 2.6), (x, y + 2.6)], Stroke::solid(self.style.ink, 0.7));
            }
        }
    }

    /// The band between the limits, interrupted where they cannot be estimated.
    pub(super) fn draw_band(&self, canvas: &mut Canvas, panel: &Panel) {
        for Piece { low, high, end } in self.pieces() {
            let mut outline = placed(panel, &staircase(&high, end));
            outline.extend(placed(panel, &staircase(&low, end)).into_iter().rev());
            canvas.area(&outline, self.style.ink, 0.16);
        }
    }

    fn pieces(&self) -> Vec<Piece> {
        let next = self.steps.iter().skip(1).map(|step| step.time).chain([self.end]);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut open = false;
        for (step, until) in self.steps.iter().zip(next) {
            let Some((lower, upper)) = limits(step) else {
                open = false;
                continue;
            };
            if !open {
                pieces.push(Piece { low: Vec::new(), high: Vec::new(), end: until });
                open = true;
            }
            if let Some(piece) = pieces.last_mut() {
                piece.low.push((step.time, lower));
                piece.high.push((step.time, upper));
                piece.end = until;
            }
        }
        pieces
    }
}

fn limits(step: &StepPoint) -> Option<(f64, f64)> {
    step.lower.zip(step.upper).filter(|(lower, upper)| lower.is_finite() && upper.is_finite())
}

/// The corners of a step function from the first step to `end`.
fn staircase(steps: &[(f64, f64)], end: f64) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for (time, value) in steps {
        if let Some((_, before)) = corners.last().copied() {
            corners.push((*time, before));
        }
        corners.push((*time, *value));
    }
    if let Some((_, value)) = corners.last().copied().filter(|(time, _)| *time < end) {
        corners.push((end, value));
    }
    corners
}

fn placed(panel: &Panel, corners: &[(f64, f64)]) -> Vec<Point> {
    let mut points: Vec<Point> = corners.iter().map(|(time, value)| (panel.x.place(*time), panel.y.place(*value))).collect();
    points.dedup();
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_hold_until_the_next_time() {
        let corners = staircase(&[(0.0, 1.0), (2.0, 0.5)], 5.0);
        assert_eq!(corners, [(0.0, 1.0), (2.0, 1.0), (2.0, 0.5), (5.0, 0.5)]);
        assert!(staircase(&[], 5.0).is_empty());
    }
}
