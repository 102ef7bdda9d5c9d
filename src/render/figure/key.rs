//! The key of a figure: samples with their names, in as many rows as they need.

use crate::evidence::GridAction;

use super::action::{draw_letters, shade};
use super::canvas::{Canvas, Point, Stroke};
use super::lettering::{HALF_CAP, Lettering, SMALL, plain};
use super::theme::{AXIS, BLACK, Ink, Marker, WHITE};

/// Height of a row of the key in points.
const ROW: f64 = 11.5;
/// Width of a sample.
const SAMPLE: f64 = 12.0;

/// What an entry shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sample {
    /// A block of colour of a given height.
    Block(Ink, f64),
    /// An empty block with an outline.
    Frame,
    /// A line.
    Line(Stroke),
    /// A line with a point on it.
    Course(Stroke, Marker),
    /// A point.
    Point(Marker, Ink),
    /// An arrow head.
    Arrow(Ink),
    /// A line in its band.
    Band(Ink),
    /// A point with its interval.
    Interval(Marker, Ink),
    /// The shade and the letters of a decision.
    Action(GridAction),
    /// A ring around a cell.
    Ring,
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KeyEntry {
    /// What it shows.
    pub(super) sample: Sample,
    /// What it means.
    pub(super) label: String,
}

impl KeyEntry {
    /// An entry.
    pub(super) fn new(sample: Sample, label: &str) -> Self {
        Self { sample, label: Lettering::LABEL.shortened(&plain(label), 150.0) }
    }

    fn width(&self) -> f64 {
        SAMPLE + 4.0 + Lettering::LABEL.width(&self.label) + 12.0
    }
}

/// Draws the entries between two edges from `top`; returns where they end.
pub(super) fn draw_key(canvas: &mut Canvas, entries: &[KeyEntry], (left, right): (f64, f64), top: f64) -> f64 {
    let (mut x, mut y) = (left, top);
    for entry in entries {
        if x > left && x + entry.width() - 12.0 > right {
            (x, y) = (left, y + ROW);
        }
        let middle = y + ROW / 2.0;
        draw_sample(canvas, entry.sample, (x, middle));
        canvas.words((x + SAMPLE + 4.0, middle + SMALL * HALF_CAP), &entry.label, Lettering::LABEL);
        x += entry.width();
    }
    if entries.is_empty() { top } else { y + ROW }
}

fn draw_sample(canvas: &mut Canvas, sample: Sample, (x, middle): Point) {
    match sample {
        Sample::Block(ink, height) => canvas.rectangle((x, middle - height / 2.0), (x + SAMPLE, middle + height / 2.0), ink),
        Sample::Frame => draw_frame(canvas, (x, middle - 3.0), (x + SAMPLE, middle + 3.0)),
        Sample::Line(stroke) => canvas.path(&[(x, middle), (x + SAMPLE, middle)], stroke),
        Sample::Course(stroke, marker) => {
            canvas.path(&[(x, middle), (x + SAMPLE, middle)], stroke);
            canvas.marker((x + SAMPLE / 2.0, middle), 2.2, marker, stroke.ink);
        }
        Sample::Point(marker, ink) => canvas.marker((x + SAMPLE / 2.0, middle), 2.6, marker, ink),
        Sample::Arrow(ink) => draw_arrow(canvas, (x + SAMPLE / 2.0 - 2.0, middle), 2.6, ink),
        Sample::Band(ink) => {
            canvas.rectangle((x, middle - 4.0), (x + SAMPLE, middle + 4.0), ink.tint(0.78));
            canvas.path(&[(x, middle), (x + SAMPLE, middle)], Stroke::solid(ink, 1.4));
        }
        Sample::Interval(marker, ink) => {
            canvas.path(&[(x + SAMPLE / 2.0, middle - 4.8), (x + SAMPLE / 2.0, middle + 4.8)], Stroke::solid(ink, 0.8));
            canvas.marker((x + SAMPLE / 2.0, middle), 2.2, marker, ink);
        }
        Sample::Action(action) => {
            canvas.rectangle((x, middle - 4.6), (x + SAMPLE, middle + 4.6), AXIS);
            canvas.rectangle((x + 0.4, middle - 4.2), (x + SAMPLE - 0.4, middle + 4.2), shade(action));
            draw_letters(canvas, (x + SAMPLE / 2.0, middle), action, 6.0);
        }
        Sample::Ring => draw_ring(canvas, (x + SAMPLE / 2.0, middle), 4.6, WHITE),
    }
}

/// A black ring with a white rim around a filled inside.
pub(super) fn draw_ring(canvas: &mut Canvas, centre: Point, radius: f64, inside: Ink) {
    canvas.disc(centre, radius + 0.7, WHITE, 1.0);
    canvas.disc(centre, radius, BLACK, 1.0);
    canvas.disc(centre, radius - 1.2, inside, 1.0);
}

/// An empty rectangle.
pub(super) fn draw_frame(canvas: &mut Canvas, (left, top): Point, (right, bottom): Point) {
    canvas.rectangle((left, top), (right, bottom), WHITE);
    canvas.path(&[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], Stroke::solid(AXIS, 0.5));
}

/// An arrow head that points to the right and begins at `tail`.
pub(super) fn draw_arrow(canvas: &mut Canvas, (x, y): Point, size: f64, ink: Ink) {
    canvas.area(&[(x, y - size), (x + size * 1.7, y), (x, y + size)], ink, 1.0);
}
