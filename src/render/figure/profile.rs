//! Medians over ordered steps (cycles, visits) with quartile bars, and the numbers observed under the axis.
//!
//! Series stand side by side at each step as long as they have room. Where they would not be told apart, each gets a panel of its own, the
//! medians of the others thin and grey behind it.

use crate::evidence::{Axis, ProfilePoint, ProfileSeries};

use super::axis::{Scale, Tick, ends, roomy, significant};
use super::callout::{Callout, draw_callouts};
use super::canvas::{Canvas, Point, Stroke};
use super::counts::{CountsRow, counts_height, draw_counts, draw_row_under, room_for_counts, uncrowded};
use super::facets::{Grid, Room, draw_head, head_height, heads, panel_width};
use super::lettering::{LEADING, Lettering, SMALL};
use super::panel::{Panel, ROOM_UNDER, SLACK, room_for_values};
use super::theme::{AXIS, GRID, Palette, SeriesStyle};
use super::{EDGE, FigureSize, labelled, notice, remark};

const PANEL: f64 = 190.0;
/// Widest label right of the panel.
const WIDEST: f64 = 84.0;
/// Greatest distance between neighbouring series at one step, and the least at which they can be told apart.
const BESIDE: f64 = 6.0;
const CLOSEST: f64 = 3.2;
/// Between two small panels.
const GAP: f64 = 12.0;
/// Under a small panel: tick labels and one row of numbers.
const FOOT: f64 = 31.0;
/// The row of numbers alone.
const UNDER_ROW: f64 = 14.0;

struct Ready<'a> {
    series: &'a ProfileSeries,
    style: SeriesStyle,
    points: Vec<ProfilePoint>,
}

/// What the panels of a figure have in common.
struct Frame<'a> {
    step: &'a Axis,
    value: &'a Axis,
    across: (f64, f64),
    up: (f64, f64),
    ticks: Vec<Tick>,
    /// Least distance between two steps.
    spacing: f64,
}

/// Draws a profile. Together: a panel of 190 points (more where the labels need it), the axis and one row of numbers per series.
/// Apart: a grid of panels 0.72 times as tall as wide, each with its row of numbers.
pub(super) fn draw_profile(step: &Axis, value: &Axis, series: &[ProfileSeries], size: FigureSize) -> Canvas {
    let palette = Palette::of(series.iter().map(|series| &series.series));
    let ready: Vec<Ready<'_>> = series.iter().map(|series| prepare(series, value, &palette)).collect();
    let steps = steps(&ready);
    let quartiles =
        ready.iter().flat_map(|ready| &ready.points).flat_map(|point| [point.lower_quartile, point.median, point.upper_quartile]);
    let Some(up) = ends(value, quartiles).filter(|_| !steps.is_empty()).map(|range| roomy(value, range, 5)) else {
        return notice(size);
    };
    let spacing = steps.iter().zip(steps.iter().skip(1)).map(|(a, b)| b - a).fold(f64::INFINITY, f64::min);
    let across = across(step, &steps, spacing);
    let shown = steps.iter().filter(|at| **at >= across.0 && **at <= across.1);
    let frame = Frame { step, value, across, up, ticks: shown.map(|at| Tick { at: *at, label: significant(*at) }).collect(), spacing };
    let rows: Vec<CountsRow> = ready.iter().map(row).collect();
    let panel = lay_out(&frame, &ready, &rows, size);
    let beside = beside(&frame, &panel, ready.len());
    if beside >= CLOSEST || ready.len() == 1 {
        together(&frame, &ready, &rows, (panel, beside), size)
    } else {
        apart(&frame, &ready, &rows, size)
    }
}

fn prepare<'a>(series: &'a ProfileSeries, value: &Axis, palette: &Palette) -> Ready<'a> {
    let shown = |point: &ProfilePoint| point.step.is_finite() && point.median.is_finite() && (!value.log || point.median > 0.0);
    let mut points: Vec<ProfilePoint> = series.points.iter().copied().filter(shown).collect();
    points.sort_by(|a, b| a.step.total_cmp(&b.step));
    Ready { series, style: palette.style(&series.series), points }
}

fn row(ready: &Ready<'_>) -> CountsRow {
    let counts = ready.points.iter().map(|point| (point.step, point.n)).collect();
    CountsRow { label: ready.series.series.label.clone(), style: ready.style, counts, marked: true }
}

fn steps(ready: &[Ready<'_>]) -> Vec<f64> {
    let mut steps: Vec<f64> = ready.iter().flat_map(|ready| &ready.points).map(|point| point.step).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    steps
}

/// Ends of the horizontal axis, half a step beyond the first and the last.
fn across(axis: &Axis, steps: &[f64], spacing: f64) -> (f64, f64) {
    let half = if spacing.is_finite() { spacing / 2.0 } else { 0.5 };
    let (first, last) = (steps.first().copied().unwrap_or(0.0), steps.last().copied().unwrap_or(1.0));
    axis.range.filter(|(low, high)| low.is_finite() && high.is_finite() && low < high).unwrap_or((first - half, last + half))
}

/// Distance between neighbouring series at one step.
fn beside(frame: &Frame<'_>, panel: &Panel, series: usize) -> f64 {
    let room = (panel.x.place(panel.x.low() + frame.spacing) - panel.left) * 0.72 / series.max(1) as f64;
    if frame.spacing.is_finite() { room.min(BESIDE) } else { BESIDE }
}

fn lay_out(frame: &Frame<'_>, ready: &[Ready<'_>], rows: &[CountsRow], size: FigureSize) -> Panel {
    let callouts: Vec<Callout> = ready.iter().map(|ready| callout(ready, (0.0, 0.0))).collect();
    let height = callouts.iter().map(Callout::height).sum::<f64>().max(PANEL);
    let ticks = Scale::new(frame.up, frame.value.log, (0.0, 1.0)).ticks(6);
    let left = room_for_counts(rows).max(room_for_values(&ticks)) + EDGE;
    let right = size.width() - EDGE - callouts.iter().map(Callout::width).fold(0.0, f64::max) - 9.0;
    place(frame, (left, EDGE + 4.0, right, EDGE + 4.0 + height))
}

fn place(frame: &Frame<'_>, (left, top, right, bottom): (f64, f64, f64, f64)) -> Panel {
    let (x, y) = (Scale::new(frame.across, false, (left, right)), Scale::new(frame.up, frame.value.log, (bottom, top)));
    Panel { left, top, right, bottom, x, y }
}

fn together(frame: &Frame<'_>, ready: &[Ready<'_>], rows: &[CountsRow], (panel, beside): (Panel, f64), size: FigureSize) -> Canvas {
    let mut canvas = Canvas::new(size.width());
    let values = panel.y.ticks(6);
    panel.grid(&mut canvas, &values);
    panel.axis_left(&mut canvas, &values, true);
    panel.axis_bottom(&mut canvas, &frame.ticks, &frame.ticks);
    panel.name_bottom(&mut canvas, &frame.step.label);
    panel.name_left(&mut canvas, &frame.value.label, panel.left - room_for_values(&values), SLACK);
    let shift = |index: usize| (index as f64 - (ready.len() as f64 - 1.0) / 2.0) * beside;
    for (index, ready) in ready.iter().enumerate() {
        draw_series(&mut canvas, &panel, ready, (shift(index), beside), ready.style.dash);
    }
    let callouts: Vec<Callout> =
        ready.iter().enumerate().filter_map(|(index, ready)| Some(callout(ready, end_of(&panel, ready, shift(index))?))).collect();
    draw_callouts(&mut canvas, &callouts, (panel.right, panel.right + 8.0), (panel.top - 3.0, panel.bottom + 1.0));
    let under = panel.bottom + ROOM_UNDER + 4.0;
    draw_counts(&mut canvas, "n", rows, &panel.x, (panel.left, under));
    let end = remark(&mut canvas, &["Points: medians; bars: quartiles.".to_owned()], under + counts_height(rows) + 4.0);
    canvas.set_height(end);
    canvas
}

fn apart(frame: &Frame<'_>, ready: &[Ready<'_>], rows: &[CountsRow], size: FigureSize) -> Canvas {
    let values = Scale::new(frame.up, frame.value.log, (0.0, 1.0)).ticks(5);
    let left = EDGE + room_for_values(&values);
    let right = size.width() - EDGE - 5.0;
    let heads = heads(
        ready.iter().map(|ready| (&ready.series.series, format!("n={}", ready.series.series.n))),
        panel_width(ready.len(), (left, right), GAP),
    );
    let room = Room { left, right, gap: GAP, top: EDGE, head: head_height(&heads), foot: FOOT, lowest: size.tallest() - 40.0 };
    let grid = Grid::new(ready.len(), room, 0.72);
    let mut canvas = Canvas::new(size.width());
    for (index, ((own, head), row)) in ready.iter().zip(&heads).zip(rows).enumerate() {
        let panel = place(frame, grid.panel(index));
        panel.grid(&mut canvas, &values);
        panel.axis_left(&mut canvas, &values, grid.begins_row(index));
        let counted = uncrowded(rows, &panel.x);
        let named: Vec<Tick> = frame.ticks.iter().filter(|tick| counted.contains(&tick.at)).cloned().collect();
        panel.axis_bottom(&mut canvas, &frame.ticks, &named);
        for other in ready.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other) {
            canvas.path(&medians(&panel, other, 0.0), Stroke::solid(GRID.mixed(AXIS, 0.35), 0.6));
        }
        draw_series(&mut canvas, &panel, own, (0.0, BESIDE), &[]);
        draw_head(&mut canvas, head, (panel.left, panel.top), own.style.words);
        let heading = if grid.begins_row(index) { "n" } else { "" };
        draw_row_under(&mut canvas, heading, row, &panel.x, (panel.left, panel.bottom + FOOT - SMALL * LEADING + 1.0), rows);
    }
    let bottom = grid.bottom();
    let whole = place(frame, (left, EDGE, right, bottom + UNDER_ROW));
    whole.name_bottom(&mut canvas, &frame.step.label);
    whole.name_left(&mut canvas, &frame.value.label, EDGE, SLACK);
    let said = ["Points: medians; bars: quartiles.".to_owned(), "Grey: medians of the other series of this figure.".to_owned()];
    let end = remark(&mut canvas, &said, bottom + UNDER_ROW + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

fn medians(panel: &Panel, ready: &Ready<'_>, shift: f64) -> Vec<Point> {
    ready
        .points
        .iter()
        .filter(|point| panel.x.holds(point.step))
        .map(|point| (panel.x.place(point.step) + shift, panel.y.place(point.median)))
        .collect()
}

fn draw_series(canvas: &mut Canvas, panel: &Panel, ready: &Ready<'_>, (shift, beside): (f64, f64), dash: &'static [f64]) {
    for point in ready.points.iter().filter(|point| panel.x.holds(point.step)) {
        if point.lower_quartile.is_finite() && point.upper_quartile.is_finite() {
            let x = panel.x.place(point.step) + shift;
            let bar = [(x, panel.y.place(point.lower_quartile)), (x, panel.y.place(point.upper_quartile))];
            canvas.path(&bar, Stroke::solid(ready.style.ink, (beside * 0.3).clamp(0.6, 1.4)).faded(0.55));
        }
    }
    let medians = medians(panel, ready, shift);
    canvas.path(&medians, Stroke::solid(ready.style.ink, 1.0).dashed(dash));
    for at in medians {
        canvas.marker(at, (beside * 0.5).clamp(1.5, 2.4), ready.style.marker, ready.style.ink);
    }
}

fn callout(ready: &Ready<'_>, from: Point) -> Callout {
    let lettering = Lettering::LABEL.inked(ready.style.words);
    let key = &ready.series.series;
    Callout { lines: labelled(key, &format!("n={}", key.n), lettering, (WIDEST, 2)), lettering, from }
}

fn end_of(panel: &Panel, ready: &Ready<'_>, shift: f64) -> Option<Point> {
    medians(panel, ready, shift).last().map(|(x, y)| (x + 3.0, *y))
}
