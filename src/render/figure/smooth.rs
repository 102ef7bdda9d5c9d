//! Smooth curves with bands, in one panel or several with common axes; horizontal lines and bands to compare with, vertical marks above.
//!
//! Curves that end apart are named at the right of their panel. Where they end together, or there are several panels, a key names them.

use crate::evidence::{Axis, BandPoint, Curve, CurvePanel, ReferenceBand, ReferenceLine, SeriesKey};

use super::axis::{Scale, Tick, ends, roomy};
use super::callout::{Callout, apart, draw_callouts};
use super::canvas::{Canvas, Point, Stroke};
use super::facets::{Grid, Room};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, ROOM_UNDER, SLACK, room_for_values};
use super::theme::{AXIS, GREY, Palette, SeriesStyle};
use super::{EDGE, FigureSize, notice, remark};

/// Least height of a single panel in points.
const PANEL: f64 = 200.0;
/// Widest label right of a panel.
const WIDEST: f64 = 104.0;
/// How far a label may stand from the end of its curve.
const REACH: f64 = 26.0;
/// Between two panels.
const GAP: f64 = 16.0;
/// Names of levels and marks.
const NOTE: Lettering = Lettering::NOTE.sized(7.0);
/// Line type of levels.
const LEVEL: Stroke = Stroke::solid(GREY, 0.7).dashed(&[3.0, 2.0]);
/// Line type of vertical marks.
const MARK: Stroke = Stroke::solid(AXIS, 0.5).dashed(&[1.2, 1.8]);
/// Opacity of bands.
const BAND: f64 = 0.16;

/// What the panels of a figure have in common.
struct Frame<'a> {
    x: &'a Axis,
    y: &'a Axis,
    across: (f64, f64),
    up: (f64, f64),
    panels: &'a [CurvePanel],
    marks: &'a [ReferenceLine],
    /// What bands are of.
    bands: &'a str,
    palette: Palette,
}

/// Draws curves whose bands are a stated uncertainty.
pub(super) fn draw_curves(axes: (&Axis, &Axis), panels: &[CurvePanel], marks: &[ReferenceLine], size: FigureSize) -> Canvas {
    draw_banded(axes, panels, (marks, "stated uncertainty"), size)
}

/// Draws curves with bands of anything. One panel is 200 points high or as high as its labels need; several stand in a grid, 0.8 times as tall as wide.
pub(super) fn draw_banded(
    (x, y): (&Axis, &Axis),
    panels: &[CurvePanel],
    (marks, said_of_bands): (&[ReferenceLine], &str),
    size: FigureSize,
) -> Canvas {
    let points = || panels.iter().flat_map(|panel| &panel.curves).flat_map(|curve| &curve.points);
    let usable = |(across, up): &(f64, f64)| across.is_finite() && up.is_finite() && (!x.log || *across > 0.0) && (!y.log || *up > 0.0);
    let bands = panels.iter().flat_map(|panel| &panel.curves).flat_map(|curve| &curve.band).flat_map(|point| [point.lower, point.upper]);
    let levels = panels.iter().flat_map(|panel| &panel.levels).flat_map(|level| [level.lower, level.upper]);
    let across = ends(x, points().filter(|point| usable(point)).map(|point| point.0));
    let up = ends(y, points().filter(|point| usable(point)).map(|point| point.1).chain(bands).chain(levels));
    let (Some(across), Some(up)) = (across, up) else { return notice(size) };
    if !points().any(usable) {
        return notice(size);
    }
    // Curves reach from edge to edge: no room is added beside them.
    let up = roomy(y, up, 5);
    let keys: Vec<SeriesKey> = panels.iter().flat_map(|panel| &panel.curves).map(key).collect();
    let frame = Frame { x, y, across, up, panels, marks, bands: said_of_bands, palette: Palette::of(&keys) };
    match panels {
        [only] => single(&frame, only, size),
        _ => several(&frame, size),
    }
}

fn key(curve: &Curve) -> SeriesKey {
    SeriesKey { label: curve.label.clone(), dosage: curve.label.clone(), rank: curve.rank, of: curve.of, comparator: false, n: 0 }
}

impl Frame<'_> {
    fn panel(&self, (left, top, right, bottom): (f64, f64, f64, f64)) -> Panel {
        let (x, y) = (Scale::new(self.across, self.x.log, (left, right)), Scale::new(self.up, self.y.log, (bottom, top)));
        Panel { left, top, right, bottom, x, y }
    }

    fn style(&self, curve: &Curve) -> SeriesStyle {
        self.palette.style(&key(curve))
    }

    /// Room above a panel for the names of the marks.
    fn head(&self) -> f64 {
        if self.marks.is_empty() { 4.0 } else { NOTE.size * LEADING + 5.5 }
    }

    fn across_ticks(&self, panel: &Panel) -> Vec<Tick> {
        let count = ((panel.right - panel.left) / 32.0).clamp(3.0, 9.0) as usize;
        if self.x.log { panel.x.ticks(count) } else { panel.x.time_ticks(count) }
    }

    /// Everything inside a panel, and its horizontal axis.
    fn draw_panel(&self, canvas: &mut Canvas, panel: &Panel, of: &CurvePanel) {
        for level in of.levels.iter().filter(|level| level.lower < level.upper) {
            let (top, bottom) = (panel.y.place(level.upper), panel.y.place(level.lower));
            canvas.area(&[(panel.left, top), (panel.right, top), (panel.right, bottom), (panel.left, bottom)], GREY, 0.12);
        }
        self.draw_marks(canvas, panel);
        for level in of.levels.iter().filter(|level| level.lower >= level.upper && panel.y.holds(level.lower)) {
            let y = panel.y.place(level.lower);
            canvas.path(&[(panel.left, y), (panel.right, y)], LEVEL);
        }
        for curve in &of.curves {
            draw_band(canvas, panel, &curve.band, self.style(curve));
        }
        for curve in &of.curves {
            let style = self.style(curve);
            for run in runs(panel, &curve.points) {
                canvas.path(&run, Stroke::solid(style.ink, 1.4).dashed(style.dash));
            }
        }
        let ticks = self.across_ticks(panel);
        panel.axis_bottom(canvas, &ticks, &ticks);
        for at in panel.x.minor() {
            let x = panel.x.place(at);
            canvas.path(&[(x, panel.bottom), (x, panel.bottom + 1.7)], Stroke::solid(AXIS, 0.4));
        }
    }

    /// Vertical lines, named above the panel where the names have room.
    fn draw_marks(&self, canvas: &mut Canvas, panel: &Panel) {
        let held: Vec<&ReferenceLine> = self.marks.iter().filter(|mark| panel.x.holds(mark.at)).collect();
        for mark in &held {
            let x = panel.x.place(mark.at);
            canvas.path(&[(x, panel.top), (x, panel.bottom)], MARK);
        }
        let mut taken: Vec<(f64, f64)> = Vec::new();
        for mark in held.last().into_iter().chain(&held) {
            let label = NOTE.shortened(&plain(&mark.label), 60.0);
            let half = NOTE.width(&label) / 2.0 + 1.5;
            let x = panel.x.place(mark.at);
            let outside = x - half < panel.left - GAP / 2.0 || x + half > panel.right + GAP / 2.0;
            if outside || taken.iter().any(|(low, high)| x + half > *low && x - half < *high) {
                continue;
            }
            taken.push((x - half, x + half));
            canvas.words((x, panel.top - 4.5), &label, NOTE.anchored(Anchor::Middle));
        }
    }
}

fn single(frame: &Frame<'_>, only: &CurvePanel, size: FigureSize) -> Canvas {
    let named: Vec<Callout> = only.curves.iter().map(|curve| curve_name(curve, frame.style(curve), (0.0, 0.0))).collect();
    let levels: Vec<Callout> = only.levels.iter().map(|level| level_name(level, (0.0, 0.0))).collect();
    let together: f64 = named.iter().chain(&levels).map(Callout::height).sum();
    let height = together.clamp(PANEL, (size.tallest() - 90.0).max(PANEL));
    let ticks = Scale::new(frame.up, frame.y.log, (0.0, 1.0)).ticks(6);
    let left = EDGE + room_for_values(&ticks);
    let top = EDGE + frame.head();
    // The key stands above the panel, the names of the curves beside it; which of the two is known once the ends of the curves are.
    let widest = |callouts: &[Callout]| callouts.iter().map(Callout::width).fold(0.0, f64::max);
    let beside_room = widest(&named).max(widest(&levels)) + 9.0;
    let beside = frame.panel((left, top, size.width() - EDGE - beside_room, top + height));
    let by_key = !ends_apart(only, &beside);
    let entries = if by_key { key_entries(frame, &only.curves) } else { Vec::new() };
    let mut canvas = Canvas::new(size.width());
    let top = draw_key(&mut canvas, &entries, (left, size.width() - EDGE), EDGE) + frame.head();
    let level_room = if levels.is_empty() { EDGE + 4.0 } else { widest(&levels) + 9.0 };
    let right = size.width() - EDGE - if by_key { level_room } else { beside_room };
    let panel = frame.panel((left, top, right, top + height));
    let values = panel.y.ticks(6);
    panel.grid(&mut canvas, &values);
    frame.draw_panel(&mut canvas, &panel, only);
    panel.axis_left(&mut canvas, &values, true);
    panel.name_bottom(&mut canvas, &frame.x.label);
    panel.name_left(&mut canvas, &frame.y.label, EDGE, SLACK);
    let mut callouts: Vec<Callout> =
        only.levels.iter().filter_map(|level| Some(level_name(level, (panel.right, level_height(level, &panel)?)))).collect();
    if !by_key {
        callouts.extend(only.curves.iter().filter_map(|curve| Some(curve_name(curve, frame.style(curve), end_of(curve, &panel)?))));
    }
    draw_callouts(&mut canvas, &callouts, (panel.right, panel.right + 8.0), (panel.top - 3.0, panel.bottom + 3.0));
    let banded = !by_key && only.curves.iter().any(|curve| !curve.band.is_empty());
    let said = if banded { vec![format!("Bands around curves: {}.", frame.bands)] } else { Vec::new() };
    let end = remark(&mut canvas, &said, panel.bottom + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

fn several(frame: &Frame<'_>, size: FigureSize) -> Canvas {
    let values = Scale::new(frame.up, frame.y.log, (0.0, 1.0)).ticks(5);
    let (left, right) = (EDGE + room_for_values(&values), size.width() - EDGE - 5.0);
    let mut canvas = Canvas::new(size.width());
    let all: Vec<Curve> = distinct(frame.panels.iter().flat_map(|panel| &panel.curves));
    let top = draw_key(&mut canvas, &key_entries(frame, &all), (left, right), EDGE) + 3.0;
    let bold = Lettering::LABEL.bold();
    let width = super::facets::panel_width(frame.panels.len(), (left, right), GAP);
    let titles: Vec<Vec<String>> = frame.panels.iter().map(|panel| bold.wrapped(&plain(&panel.title), width, 2)).collect();
    let title = titles.iter().map(Vec::len).max().unwrap_or(0) as f64 * SMALL * LEADING;
    let room = Room { left, right, gap: GAP, top, head: title + frame.head() + 2.0, foot: 17.0, lowest: size.tallest() - 40.0 };
    let grid = Grid::new(frame.panels.len(), room, 0.8);
    for (index, (of, title)) in frame.panels.iter().zip(&titles).enumerate() {
        let panel = frame.panel(grid.panel(index));
        panel.grid(&mut canvas, &values);
        frame.draw_panel(&mut canvas, &panel, of);
        panel.axis_left(&mut canvas, &values, grid.begins_row(index));
        for (row, words) in title.iter().enumerate() {
            let below = (title.len() - row - 1) as f64 * SMALL * LEADING;
            canvas.words((panel.left, panel.top - frame.head() - 1.0 - below), words, bold);
        }
        name_levels_inside(&mut canvas, &panel, of);
    }
    let whole = frame.panel((left, top, right, grid.bottom()));
    whole.name_bottom(&mut canvas, &frame.x.label);
    whole.name_left(&mut canvas, &frame.y.label, EDGE, SLACK);
    let end = remark(&mut canvas, &[], grid.bottom() + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

/// Names of the levels of a small panel, inside it above their lines, as long as they do not touch.
fn name_levels_inside(canvas: &mut Canvas, panel: &Panel, of: &CurvePanel) {
    let mut heights: Vec<f64> = Vec::new();
    for level in &of.levels {
        let Some(y) = level_height(level, panel) else { continue };
        let line = NOTE.size * LEADING;
        if y - line < panel.top || heights.iter().any(|other| (other - y).abs() < line) {
            continue;
        }
        heights.push(y);
        let words = NOTE.shortened(&plain(&level.label), panel.right - panel.left - 6.0);
        canvas.words((panel.right - 3.0, y - 2.5), &words, NOTE.anchored(Anchor::End));
    }
}

/// One of each label.
fn distinct<'a>(curves: impl Iterator<Item = &'a Curve>) -> Vec<Curve> {
    let mut kept: Vec<Curve> = Vec::new();
    for curve in curves {
        if !kept.iter().any(|other| other.label == curve.label && other.rank == curve.rank) {
            kept.push(curve.clone());
        }
    }
    kept
}

/// A line for each curve, and a block for each band.
fn key_entries(frame: &Frame<'_>, curves: &[Curve]) -> Vec<KeyEntry> {
    let line = |curve: &Curve| {
        let style = frame.style(curve);
        KeyEntry::new(Sample::Line(Stroke::solid(style.ink, 1.4).dashed(style.dash)), &curve.label)
    };
    let band = |curve: &Curve| {
        let shade = frame.style(curve).ink.tint(1.0 - BAND);
        (!curve.band.is_empty()).then(|| KeyEntry::new(Sample::Block(shade, 6.0), &format!("{}: {}", plain(&curve.label), frame.bands)))
    };
    curves.iter().map(line).chain(curves.iter().filter_map(band)).collect()
}

/// Whether the names of the curves find room near their ends.
fn ends_apart(of: &CurvePanel, panel: &Panel) -> bool {
    let ends: Vec<f64> = of.curves.iter().filter_map(|curve| Some(end_of(curve, panel)?.1)).collect();
    let wanted: Vec<(f64, f64)> = ends.iter().map(|y| (*y, SMALL * LEADING + 1.5)).collect();
    apart(&wanted, panel.top, panel.bottom).iter().zip(&ends).all(|(middle, wanted)| (middle - wanted).abs() <= REACH)
}

fn curve_name(curve: &Curve, style: SeriesStyle, from: Point) -> Callout {
    let lettering = Lettering::LABEL.inked(style.words);
    Callout { lines: lettering.wrapped(&plain(&curve.label), WIDEST, 2), lettering, from }
}

fn level_name(level: &ReferenceBand, from: Point) -> Callout {
    Callout { lines: NOTE.wrapped(&plain(&level.label), WIDEST, 3), lettering: NOTE, from }
}

/// Where the name of a level points: at its line, or into the upper part of its band as far as it is seen, because a line may mark its middle.
fn level_height(level: &ReferenceBand, panel: &Panel) -> Option<f64> {
    let seen = level.lower.is_finite() && level.upper.is_finite() && level.upper >= panel.y.low() && level.lower <= panel.y.high();
    let (low, high) = (panel.y.place(level.lower), panel.y.place(level.upper));
    seen.then_some(high + 0.2 * (low - high))
}

/// The right end of what is drawn of a curve.
fn end_of(curve: &Curve, panel: &Panel) -> Option<Point> {
    runs(panel, &curve.points).last().and_then(|run| run.last().copied())
}

/// The pieces of a curve that lie within the panel.
fn runs(panel: &Panel, points: &[(f64, f64)]) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = vec![Vec::new()];
    for (x, y) in points {
        if panel.x.holds(*x) && panel.y.holds(*y) {
            if let Some(run) = runs.last_mut() {
                run.push((panel.x.place(*x), panel.y.place(*y)));
            }
        } else if runs.last().is_some_and(|run| !run.is_empty()) {
            runs.push(Vec::new());
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn draw_band(canvas: &mut Canvas, panel: &Panel, band: &[BandPoint], style: SeriesStyle) {
    let usable = |point: &&BandPoint| panel.x.holds(point.at) && point.lower.is_finite() && point.upper.is_finite();
    let points: Vec<&BandPoint> = band.iter().filter(usable).collect();
    let mut outline: Vec<Point> = points.iter().map(|point| (panel.x.place(point.at), panel.y.place(point.upper))).collect();
    outline.extend(points.iter().rev().map(|point| (panel.x.place(point.at), panel.y.place(point.lower))));
    canvas.area(&outline, style.ink, BAND);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_cut_where_they_leave_the_panel() {
        let (x, y) = (Scale::new((0.0, 10.0), false, (0.0, 100.0)), Scale::new((1.0, 100.0), true, (100.0, 0.0)));
        let panel = Panel { left: 0.0, top: 0.0, right: 100.0, bottom: 100.0, x, y };
        let found = runs(&panel, &[(0.0, 10.0), (1.0, 20.0), (2.0, 500.0), (3.0, f64::NAN), (4.0, 10.0)]);
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert!((found[0][0].1 - 50.0).abs() < 1e-9);
    }
}
