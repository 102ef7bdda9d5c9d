//! Step curves (Kaplan-Meier, cumulative incidence) with bands, censoring ticks and numbers at risk.
//!
//! Up to three curves share one panel, each with its interval as a band. More bands than that lie over each other as mud, so that four and more
//! curves get a panel each: the curve with its band and its numbers at risk in front, the other curves thin and grey behind it for comparison.

use crate::evidence::{Axis, StepCurve};

use super::axis::{Scale, Tick, ends, significant};
use super::callout::{Callout, draw_callouts};
use super::canvas::{Canvas, Point, Stroke};
use super::counts::{CountsRow, counts_height, draw_counts, draw_row_under, room_for_counts};
use super::curve::Curve;
use super::facets::{Grid, Room, draw_head, head_height, heads, panel_width};
use super::lettering::{LARGE, LEADING, Lettering, SMALL};
use super::panel::{Panel, ROOM_UNDER, SLACK, room_for_values};
use super::theme::{AXIS, GRID, Palette};
use super::{EDGE, FigureSize, labelled, notice, remark};

/// Curves that share a panel.
const MOST_TOGETHER: usize = 3;
/// Least height of the panel in points.
const PANEL: f64 = 190.0;
/// Widest label right of the panel.
const WIDEST: f64 = 84.0;
/// Between two small panels, so that the first number of one does not touch the last of the other.
const GAP: f64 = 20.0;
/// Under a small panel: tick labels and one row of numbers.
const FOOT: f64 = 31.0;
/// The row of numbers alone.
const UNDER_ROW: f64 = 14.0;

/// What the panels of a figure have in common.
struct Frame<'a> {
    time: &'a Axis,
    probability: &'a Axis,
    /// Ends of the horizontal axis.
    across: (f64, f64),
    /// Ends of the vertical axis.
    up: (f64, f64),
    /// Ticks of the horizontal axis, where the numbers at risk stand.
    ticks: Vec<Tick>,
}

/// Draws step curves. Together: a panel of 190 points (more where the labels need it), the axis and one row of numbers per curve.
/// Apart, from four curves on: a grid of panels 0.72 times as tall as wide, each with its row of numbers.
pub(super) fn draw_steps(time: &Axis, probability: &Axis, curves: &[StepCurve], risk_times: &[f64], size: FigureSize) -> Canvas {
    let palette = Palette::of(curves.iter().map(|curve| &curve.series));
    let ready: Vec<Curve<'_>> = curves.iter().map(|curve| Curve::new(curve, palette.style(&curve.series))).collect();
    let last = ready.iter().map(|curve| curve.end).chain(risk_times.iter().copied()).chain([0.0]);
    let Some(across) = ends(&Axis { log: false, ..time.clone() }, last).filter(|_| ready.iter().any(|curve| !curve.steps.is_empty()))
    else {
        return notice(size);
    };
    let up = ends(&Axis { log: false, ..probability.clone() }, []).unwrap_or((0.0, 1.0));
    let at_risk_times = risk_times.iter().filter(|at| at.is_finite() && **at >= across.0 && **at <= across.1);
    let named: Vec<Tick> = at_risk_times.map(|at| Tick { at: *at, label: significant(*at) }).collect();
    let ticks = if named.len() > 1 { named } else { Scale::new(across, false, (0.0, 1.0)).time_ticks(9) };
    let frame = Frame { time, probability, across, up, ticks };
    let rows: Vec<CountsRow> = ready.iter().map(|curve| row(curve, risk_times, across)).collect();
    if ready.len() <= MOST_TOGETHER { together(&frame, &ready, &rows, size) } else { apart(&frame, &ready, &rows, size) }
}

fn row(ready: &Curve<'_>, risk_times: &[f64], (low, high): (f64, f64)) -> CountsRow {
    let within = |(time, _): &(f64, usize)| *time >= low && *time <= high;
    let counts = risk_times.iter().copied().zip(ready.curve.at_risk.iter().copied()).filter(within).collect();
    CountsRow { label: ready.curve.series.label.clone(), style: ready.style, counts, marked: false }
}

fn together(frame: &Frame<'_>, curves: &[Curve<'_>], rows: &[CountsRow], size: FigureSize) -> Canvas {
    let panel = lay_out(frame, curves, rows, size);
    let mut canvas = Canvas::new(size.width());
    let values = panel.y.ticks(5);
    panel.grid(&mut canvas, &values);
    panel.axis_left(&mut canvas, &values, true);
    panel.axis_bottom(&mut canvas, &frame.ticks, &frame.ticks);
    panel.name_bottom(&mut canvas, &frame.time.label);
    panel.name_left(&mut canvas, &frame.probability.label, panel.left - room_for_values(&values), SLACK);
    for curve in curves {
        curve.draw_band(&mut canvas, &panel);
    }
    for curve in curves {
        curve.draw_line(&mut canvas, &panel, Stroke::solid(curve.style.ink, 1.4).dashed(curve.style.dash));
        curve.draw_censored(&mut canvas, &panel);
    }
    let callouts: Vec<Callout> = curves.iter().filter_map(|curve| Some(name(curve, end_of(curve, &panel)?))).collect();
    draw_callouts(&mut canvas, &callouts, (panel.right, panel.right + 8.0), (panel.top - 3.0, panel.bottom + 1.0));
    let under = panel.bottom + ROOM_UNDER + 4.0;
    draw_counts(&mut canvas, "Number at risk", rows, &panel.x, (panel.left, under));
    let end = remark(&mut canvas, &remarks(curves, false), under + counts_height(rows) + 4.0);
    canvas.set_height(end);
    canvas
}

fn lay_out(frame: &Frame<'_>, curves: &[Curve<'_>], rows: &[CountsRow], size: FigureSize) -> Panel {
    let callouts: Vec<Callout> = curves.iter().map(|curve| name(curve, (0.0, 0.0))).collect();
    let height = callouts.iter().map(Callout::height).sum::<f64>().max(PANEL);
    let ticks = Scale::new(frame.up, false, (0.0, 1.0)).ticks(5);
    let left = room_for_counts(rows).max(room_for_values(&ticks)) + EDGE;
    let right = size.width() - EDGE - callouts.iter().map(Callout::width).fold(0.0, f64::max) - 9.0;
    let (top, bottom) = (EDGE + 4.0, EDGE + 4.0 + height);
    Panel { left, top, right, bottom, x: Scale::new(frame.across, false, (left, right)), y: Scale::new(frame.up, false, (bottom, top)) }
}

fn name(curve: &Curve<'_>, from: Point) -> Callout {
    let lettering = Lettering::LABEL.inked(curve.style.words);
    let key = &curve.curve.series;
    Callout { lines: labelled(key, &format!("n={}", key.n), lettering, (WIDEST, 2)), lettering, from }
}

/// Where a curve leaves the panel or ends, a little beyond.
fn end_of(curve: &Curve<'_>, panel: &Panel) -> Option<Point> {
    let last = curve.at(panel.x.high())?;
    Some((panel.x.place(curve.end) + 1.5, panel.y.place(last.estimate)))
}

fn apart(frame: &Frame<'_>, curves: &[Curve<'_>], rows: &[CountsRow], size: FigureSize) -> Canvas {
    let values = Scale::new(frame.up, false, (0.0, 1.0)).ticks(5);
    let note = Lettering::NOTE.sized(7.0);
    let left = EDGE + room_for_values(&values).max(LARGE * LEADING + note.width("At risk") + 11.0);
    let right = size.width() - EDGE - 5.0;
    let heads = heads(
        curves.iter().map(|curve| (&curve.curve.series, format!("n={}", curve.curve.series.n))),
        panel_width(curves.len(), (left, right), GAP),
    );
    let room = Room { left, right, gap: GAP, top: EDGE, head: head_height(&heads), foot: FOOT, lowest: size.tallest() - 40.0 };
    let grid = Grid::new(curves.len(), room, 0.72);
    let mut canvas = Canvas::new(size.width());
    for (index, ((curve, head), row)) in curves.iter().zip(&heads).zip(rows).enumerate() {
        let (left, top, right, bottom) = grid.panel(index);
        let panel = Panel {
            left,
            top,
            right,
            bottom,
            x: Scale::new(frame.across, false, (left, right)),
            y: Scale::new(frame.up, false, (bottom, top)),
        };
        panel.grid(&mut canvas, &values);
        panel.axis_left(&mut canvas, &values, grid.begins_row(index));
        panel.axis_bottom(&mut canvas, &frame.ticks, &frame.ticks);
        for other in curves.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other) {
            other.draw_line(&mut canvas, &panel, Stroke::solid(GRID.mixed(AXIS, 0.35), 0.6));
        }
        curve.draw_band(&mut canvas, &panel);
        curve.draw_line(&mut canvas, &panel, Stroke::solid(curve.style.ink, 1.5));
        curve.draw_censored(&mut canvas, &panel);
        draw_head(&mut canvas, head, (left, top), curve.style.words);
        let heading = if grid.begins_row(index) { "At risk" } else { "" };
        draw_row_under(&mut canvas, heading, row, &panel.x, (left, bottom + FOOT - SMALL * LEADING + 1.0), rows);
    }
    let bottom = grid.bottom();
    let whole = Panel {
        left,
        top: EDGE,
        right,
        bottom: bottom + UNDER_ROW,
        x: Scale::new(frame.across, false, (left, right)),
        y: Scale::new(frame.up, false, (bottom, EDGE)),
    };
    whole.name_bottom(&mut canvas, &frame.time.label);
    whole.name_left(&mut canvas, &frame.probability.label, EDGE, SLACK);
    let end = remark(&mut canvas, &remarks(curves, true), bottom + UNDER_ROW + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

fn remarks(curves: &[Curve<'_>], apart: bool) -> Vec<String> {
    let mut said = Vec::new();
    if curves.iter().any(Curve::has_intervals) {
        said.push("Bands: pointwise confidence intervals.".to_owned());
    }
    if curves.iter().any(|ready| !ready.curve.censored.is_empty()) {
        said.push("Ticks on the curves: censored.".to_owned());
    }
    if apart {
        said.push("Grey: the other curves of this figure.".to_owned());
    }
    said
}
