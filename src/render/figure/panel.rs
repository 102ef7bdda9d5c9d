//! One rectangle with two axes: grid, ticks, names and lines to compare with.

use crate::evidence::ReferenceLine;

use super::axis::{Scale, Tick};
use super::callout::{Callout, draw_callouts};
use super::canvas::{Canvas, Stroke};
use super::lettering::{Anchor, HALF_CAP, LARGE, LEADING, Lettering, SMALL, plain};
use super::theme::{AXIS, GREY, GRID};

/// Room between a tick and its label, and the length of a tick, in points.
const TICK: f64 = 3.0;
/// Least size of the name of an axis.
const SMALLEST: f64 = 7.0;
/// What the name of a vertical axis may reach below its panel where the horizontal axis has a name.
pub(super) const SLACK: f64 = 22.0;
/// Room above the baseline of a tick label under the axis.
const UNDER: f64 = TICK + 2.0 + SMALL * 0.76;

/// A rectangle on the sheet with a horizontal and a vertical scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panel {
    /// Left edge.
    pub(super) left: f64,
    /// Upper edge.
    pub(super) top: f64,
    /// Right edge.
    pub(super) right: f64,
    /// Lower edge.
    pub(super) bottom: f64,
    /// Horizontal scale.
    pub(super) x: Scale,
    /// Vertical scale.
    pub(super) y: Scale,
}

/// Room left of a panel for its tick labels and the name of its axis.
pub(super) fn room_for_values(ticks: &[Tick]) -> f64 {
    ticks.iter().map(|tick| Lettering::NOTE.width(&tick.label)).fold(0.0, f64::max) + TICK + 3.0 + LARGE * LEADING + 4.0
}

/// Room under a panel for its tick labels and the name of its axis.
pub(super) const ROOM_UNDER: f64 = UNDER + 4.0 + LARGE * LEADING + 3.0;

/// The ticks whose labels have `gap` points between them: all, or every second, third, ...
pub(super) fn uncrowded(ticks: &[Tick], scale: &Scale, gap: f64) -> Vec<Tick> {
    let clear = |every: usize| {
        let kept: Vec<&Tick> = ticks.iter().step_by(every).collect();
        kept.iter().zip(kept.iter().skip(1)).all(|(a, b)| {
            let half = f64::midpoint(Lettering::NOTE.width(&a.label), Lettering::NOTE.width(&b.label));
            (scale.place(b.at) - scale.place(a.at)).abs() >= half + gap
        })
    };
    let every = (1..=ticks.len()).find(|every| clear(*every)).unwrap_or(1);
    ticks.iter().step_by(every).cloned().collect()
}

impl Panel {
    /// Light horizontal lines at the ticks.
    pub(super) fn grid(&self, canvas: &mut Canvas, ticks: &[Tick]) {
        for tick in ticks {
            let y = self.y.place(tick.at);
            canvas.path(&[(self.left, y), (self.right, y)], Stroke::solid(GRID, 0.5));
        }
    }

    /// Light vertical lines at the ticks.
    pub(super) fn grid_upright(&self, canvas: &mut Canvas, ticks: &[Tick]) {
        for tick in ticks {
            let x = self.x.place(tick.at);
            canvas.path(&[(x, self.top), (x, self.bottom)], Stroke::solid(GRID, 0.5));
        }
    }

    /// The vertical axis with ticks and, where `labelled`, their labels.
    pub(super) fn axis_left(&self, canvas: &mut Canvas, ticks: &[Tick], labelled: bool) {
        canvas.path(&[(self.left, self.top), (self.left, self.bottom)], Stroke::solid(AXIS, 0.6));
        for at in self.y.minor() {
            let y = self.y.place(at);
            canvas.path(&[(self.left - TICK * 0.55, y), (self.left, y)], Stroke::solid(AXIS, 0.4));
        }
        for tick in ticks {
            let y = self.y.place(tick.at);
            canvas.path(&[(self.left - TICK, y), (self.left, y)], Stroke::solid(AXIS, 0.6));
            if labelled {
                canvas.words((self.left - TICK - 2.5, y + SMALL * HALF_CAP), &tick.label, Lettering::NOTE.anchored(Anchor::End));
            }
        }
    }

    /// The horizontal axis with ticks and the labels of `named` that have room.
    pub(super) fn axis_bottom(&self, canvas: &mut Canvas, ticks: &[Tick], named: &[Tick]) {
        canvas.path(&[(self.left, self.bottom), (self.right, self.bottom)], Stroke::solid(AXIS, 0.6));
        for tick in ticks {
            let x = self.x.place(tick.at);
            canvas.path(&[(x, self.bottom), (x, self.bottom + TICK)], Stroke::solid(AXIS, 0.6));
        }
        for tick in uncrowded(named, &self.x, 4.0) {
            canvas.words((self.x.place(tick.at), self.bottom + UNDER), &tick.label, Lettering::NOTE.anchored(Anchor::Middle));
        }
    }

    /// The name of the horizontal axis under its tick labels.
    pub(super) fn name_bottom(&self, canvas: &mut Canvas, name: &str) {
        let room = canvas.width() - 8.0;
        let name = Lettering::TITLE.shortened(&plain(name), room);
        let half = Lettering::TITLE.width(&name) / 2.0;
        let middle = f64::midpoint(self.left, self.right).clamp(half + 2.0, (canvas.width() - half - 2.0).max(half + 2.0));
        canvas.words((middle, self.bottom + UNDER + 4.0 + LARGE * 0.95), &name, Lettering::TITLE);
    }

    /// The name of the vertical axis, upright at `x`, in smaller letters where it is long; it may reach `slack` points below the panel.
    pub(super) fn name_left(&self, canvas: &mut Canvas, name: &str, x: f64, slack: f64) {
        let room = self.bottom - self.top + slack;
        let name = plain(name);
        let size = (LARGE * room / Lettering::TITLE.width(&name).max(1.0)).clamp(SMALLEST, LARGE);
        let lettering = Lettering::TITLE.sized(size);
        let name = lettering.shortened(&name, room);
        let middle = f64::midpoint(self.top, self.bottom).max(self.top + lettering.width(&name) / 2.0);
        canvas.words_upright((x + LARGE * 0.76, middle), &name, lettering);
    }

    /// Lines to compare with, without names.
    pub(super) fn reference_lines(&self, canvas: &mut Canvas, lines: &[ReferenceLine]) {
        for line in lines.iter().filter(|line| self.y.holds(line.at)) {
            let y = self.y.place(line.at);
            canvas.path(&[(self.left, y), (self.right, y)], Stroke::solid(GREY, 0.6).dashed(&[3.0, 2.0]));
        }
    }

    /// Lines to compare with, named right of the panel.
    pub(super) fn references(&self, canvas: &mut Canvas, lines: &[ReferenceLine], room: f64) {
        self.reference_lines(canvas, lines);
        let lettering = Lettering::NOTE.sized(7.0);
        let name = |line: &ReferenceLine| Callout {
            lines: lettering.wrapped(&plain(&line.label), room - 6.0, 3),
            lettering,
            from: (self.right, self.y.place(line.at)),
        };
        let callouts: Vec<Callout> = lines.iter().filter(|line| self.y.holds(line.at)).map(name).collect();
        draw_callouts(canvas, &callouts, (self.right, self.right + 6.0), (self.top - 4.0, self.bottom + 4.0));
    }
}

/// Room right of a panel for the names of its reference lines.
pub(super) fn room_for_references(lines: &[ReferenceLine]) -> f64 {
    let lettering = Lettering::NOTE.sized(7.0);
    let widest = lines
        .iter()
        .flat_map(|line| lettering.wrapped(&plain(&line.label), 74.0, 3))
        .map(|line| lettering.width(&line))
        .fold(0.0, f64::max);
    if widest > 0.0 { widest + 9.0 } else { 0.0 }
}
