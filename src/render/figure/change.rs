//! Mean changes from baseline: a small panel per score with the intervals of each series, and the numbers beneath.

use crate::evidence::{Axis, ChangePanel, ChangePoint, ChangeSeries};

use super::axis::{Scale, ends, roomy};
use super::canvas::{Canvas, Point, Stroke};
use super::facets::{Grid, Room, draw_head, head_height};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, Lettering, plain};
use super::panel::{Panel, ROOM_UNDER, room_for_values};
use super::theme::{AXIS, BLACK, Palette, SeriesStyle};
use super::{EDGE, FigureSize, notice};

/// Numbers under a panel.
const UNDER: Lettering = Lettering::NOTE.sized(6.0);
const ROW: f64 = 7.2;
/// Between two panels in a row.
const GAP: f64 = 12.0;
/// Greatest distance between neighbouring series.
const BESIDE: f64 = 2.6;

/// Draws the changes: a key, and panels with common axes.
pub(super) fn draw_changes(time: &Axis, change: &Axis, panels: &[ChangePanel], size: FigureSize) -> Canvas {
    let all = || panels.iter().flat_map(|panel| &panel.series);
    let points = || all().flat_map(|series| &series.points).filter(|point| point.time.is_finite() && point.mean.is_finite());
    let reach = || points().flat_map(|point| point.limits.map_or([point.mean; 2], |(low, high)| [low, high]));
    let up = ends(change, reach().filter(|value| value.is_finite()).chain([0.0])).map(|range| roomy(change, range, 4));
    let across = ends(time, points().map(|point| point.time).chain([0.0]));
    let (Some(up), Some(across), true) = (up, across, points().next().is_some()) else { return notice(size) };
    let margin = 0.06 * (across.1 - across.0);
    let across = (across.0, across.1 + margin);
    let palette = Palette::of(all().map(|series| &series.series));
    let ticks = Scale::new(up, false, (0.0, 1.0)).ticks(4);
    let (left, right) = (EDGE + room_for_values(&ticks), size.width() - EDGE - 5.0);
    let mut canvas = Canvas::new(size.width());
    let named: Vec<&ChangeSeries> =
        panels.iter().max_by_key(|panel| panel.series.len()).map(|panel| panel.series.iter().collect()).unwrap_or_default();
    let entries: Vec<KeyEntry> = named.iter().map(|series| entry(series, palette.style(&series.series))).collect();
    let top = draw_key(&mut canvas, &entries, (left, right), EDGE) + 2.0;
    let columns = panels.len().clamp(1, 4);
    let width = (right - left - GAP * (columns as f64 - 1.0)) / columns as f64;
    let heads: Vec<Vec<String>> = panels.iter().map(|panel| head(panel, width)).collect();
    let foot = 10.0 + ROW * named.len() as f64 + 4.0;
    let room = Room { left, right, gap: GAP, top, head: head_height(&heads), foot, lowest: size.tallest() - 24.0 };
    let grid = Grid::of_columns(panels.len(), columns, room, 0.75);
    for (index, (own, head)) in panels.iter().zip(&heads).enumerate() {
        let (left, top, right, bottom) = grid.panel(index);
        let (x, y) = (Scale::new(across, false, (left, right)), Scale::new(up, false, (bottom, top)));
        let panel = Panel { left, top, right, bottom, x, y };
        panel.grid(&mut canvas, &ticks);
        panel.axis_left(&mut canvas, &ticks, grid.begins_row(index));
        let steps = panel.x.ticks(4);
        panel.axis_bottom(&mut canvas, &steps, &steps);
        canvas.path(&[(left, y.place(0.0)), (right, y.place(0.0))], Stroke::solid(AXIS, 0.7));
        draw_head(&mut canvas, head, (left, top), BLACK);
        for (place, series) in own.series.iter().enumerate() {
            let shift = (place as f64 - (own.series.len() as f64 - 1.0) / 2.0) * BESIDE;
            let style = palette.style(&series.series);
            draw_series(&mut canvas, &panel, (series, style), shift);
            draw_numbers(&mut canvas, &panel, (series, style), (bottom + 18.0 + ROW * place as f64, grid.begins_row(index)));
        }
    }
    let bottom = grid.bottom() + foot - 10.0;
    let unit = Scale::new((0.0, 1.0), false, (0.0, 1.0));
    let whole = Panel { left, top, right, bottom, x: unit, y: unit };
    whole.name_bottom(&mut canvas, &time.label);
    whole.name_left(&mut canvas, &change.label, EDGE, 0.0);
    canvas.set_height(bottom + ROOM_UNDER);
    canvas
}

fn entry(series: &ChangeSeries, style: SeriesStyle) -> KeyEntry {
    let key = &series.series;
    let stroke = Stroke::solid(style.ink, 1.2).dashed(style.dash);
    KeyEntry::new(Sample::Course(stroke, style.marker), &format!("{}, n={} with a baseline", plain(&key.label), key.n))
}

fn head(panel: &ChangePanel, width: f64) -> Vec<String> {
    let bold = Lettering::LABEL.bold();
    let mut lines = bold.wrapped(&plain(&panel.title), width, 2);
    if !panel.direction.is_empty() {
        lines.push(bold.shortened(&format!("({})", plain(&panel.direction)), width));
    }
    lines
}

fn draw_series(canvas: &mut Canvas, panel: &Panel, (series, style): (&ChangeSeries, SeriesStyle), shift: f64) {
    let shown: Vec<&ChangePoint> = series.points.iter().filter(|point| panel.x.holds(point.time) && panel.y.holds(point.mean)).collect();
    let place = |point: &ChangePoint| -> Point { (panel.x.place(point.time) + shift, panel.y.place(point.mean)) };
    for point in &shown {
        if let Some((low, high)) = point.limits.filter(|(low, high)| low.is_finite() && high.is_finite()) {
            let x = place(point).0;
            canvas.path(&[(x, panel.y.place(low)), (x, panel.y.place(high))], Stroke::solid(style.ink, 0.8).faded(0.6));
        }
    }
    let means: Vec<Point> = shown.iter().map(|point| place(point)).collect();
    canvas.path(&means, Stroke::solid(style.ink, 1.0).dashed(style.dash));
    for at in means {
        canvas.marker(at, 1.8, style.marker, style.ink);
    }
}

/// The numbers of a series on a baseline, those that would touch the one before them left out.
fn draw_numbers(canvas: &mut Canvas, panel: &Panel, (series, style): (&ChangeSeries, SeriesStyle), (baseline, first): (f64, bool)) {
    let mut free = f64::NEG_INFINITY;
    for point in series.points.iter().filter(|point| panel.x.holds(point.time)) {
        let (text, middle) = (point.n.to_string(), panel.x.place(point.time));
        let half = UNDER.width(&text) / 2.0;
        if middle - half > free {
            canvas.words((middle, baseline), &text, UNDER.inked(style.words).anchored(Anchor::Middle));
            free = middle + half + 2.0;
        }
    }
    if first {
        canvas.marker((panel.left - 8.0, baseline - 2.2), 1.8, style.marker, style.ink);
        canvas.words((panel.left - 13.0, baseline), "n", UNDER.anchored(Anchor::End));
    }
}
