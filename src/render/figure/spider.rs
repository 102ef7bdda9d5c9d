//! Spider plot: change over time, one line per subject, one panel per series, common axes.

use crate::evidence::{Axis, ReferenceLine, SpiderFacet};

use super::axis::{Scale, Tick, ends, roomy, significant};
use super::canvas::{Canvas, Point, Stroke};
use super::facets::{Grid, Room, draw_head, head_height, heads, panel_width};
use super::lettering::{Anchor, Lettering};
use super::panel::{Panel, ROOM_UNDER, SLACK, room_for_references, room_for_values};
use super::theme::{BLACK, Palette, SeriesStyle};
use super::waterfall::CUT;
use super::{EDGE, FigureSize, notice, remark};

/// Between two panels in a row, in points.
const GAP: f64 = 9.0;

/// Draws a spider plot: a grid of one to four columns, panels 0.8 times as tall as wide, at most 200 points and within the page.
pub(super) fn draw_spider(time: &Axis, change: &Axis, facets: &[SpiderFacet], thresholds: &[ReferenceLine], size: FigureSize) -> Canvas {
    let points = || facets.iter().flat_map(|facet| facet.lines.iter().flatten()).filter(|(at, value)| at.is_finite() && value.is_finite());
    let begin = points().next().map(|_| 0.0);
    let across = ends(&Axis { log: false, ..time.clone() }, points().map(|(at, _)| *at).chain(begin));
    let Some((across, up)) = across.zip(heights(change, points().map(|(_, value)| *value))) else {
        return notice(size);
    };
    let ticks = Scale::new(up, false, (0.0, 1.0)).ticks(8);
    let left = EDGE + room_for_values(&ticks);
    let right = size.width() - EDGE - room_for_references(thresholds).max(4.0);
    let heads = heads(facets.iter().map(|facet| (&facet.series, count(facet))), panel_width(facets.len(), (left, right), GAP));
    let room = Room { left, right, gap: GAP, top: EDGE, head: head_height(&heads), foot: 5.0, lowest: size.tallest() - ROOM_UNDER - 22.0 };
    let grid = Grid::new(facets.len(), room, 0.8);
    let palette = Palette::of(facets.iter().map(|facet| &facet.series));
    let mut canvas = Canvas::new(size.width());
    for (index, (facet, head)) in facets.iter().zip(&heads).enumerate() {
        let (left, top, right, bottom) = grid.panel(index);
        let x = Scale::new(across, false, (left + 2.0, right - 4.0));
        let panel = Panel { left, top, right, bottom, x, y: Scale::new(up, false, (bottom, top)) };
        frame(&mut canvas, &panel, &ticks, (grid.begins_row(index), grid.lowest(index)));
        if grid.ends_row(index) {
            panel.references(&mut canvas, thresholds, room_for_references(thresholds));
        } else {
            panel.reference_lines(&mut canvas, thresholds);
        }
        let style = palette.style(&facet.series);
        draw_head(&mut canvas, head, (left, top), style.words);
        draw_lines(&mut canvas, &panel, facet, style);
    }
    let bottom = grid.bottom();
    let whole =
        Panel { left, top: EDGE, right, bottom, x: Scale::new(across, false, (left, right)), y: Scale::new(up, false, (bottom, EDGE)) };
    whole.name_bottom(&mut canvas, &time.label);
    whole.name_left(&mut canvas, &change.label, EDGE, SLACK);
    let end = remark(&mut canvas, &remarks(facets, up.1), bottom + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

/// Ends of the vertical axis: round values around the data, at most [`CUT`] at the top.
fn heights(change: &Axis, values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let straight = Axis { log: false, ..change.clone() };
    let (low, high) = ends(&straight, values)?;
    if straight.range.is_some_and(|(from, to)| from < to) {
        return Some((low, high));
    }
    let (low, high) = roomy(&straight, (low.min(-20.0), high.max(20.0)), 6);
    Some((low, high.min(CUT)))
}

fn count(facet: &SpiderFacet) -> String {
    let drawn = facet.lines.iter().filter(|line| !line.is_empty()).count();
    if facet.series.n == drawn { format!("n={drawn}") } else { format!("{drawn} of {}", facet.series.n) }
}

fn frame(canvas: &mut Canvas, panel: &Panel, ticks: &[Tick], (first, lowest): (bool, bool)) {
    panel.grid(canvas, ticks);
    panel.axis_left(canvas, ticks, first);
    let across = panel.x.time_ticks(6);
    panel.axis_bottom(canvas, &across, if lowest { &across } else { &[] });
    if panel.y.holds(0.0) {
        let zero = panel.y.place(0.0);
        canvas.path(&[(panel.left, zero), (panel.right, zero)], Stroke::solid(BLACK, 0.6));
    }
}

fn draw_lines(canvas: &mut Canvas, panel: &Panel, facet: &SpiderFacet, style: SeriesStyle) {
    let many = facet.lines.len() > 30;
    let stroke = Stroke::solid(style.ink, if many { 0.6 } else { 0.9 }).faded(if many { 0.6 } else { 0.85 });
    for line in &facet.lines {
        draw_line(canvas, panel, line, stroke);
    }
    if facet.lines.iter().all(Vec::is_empty) {
        let middle = (f64::midpoint(panel.left, panel.right), panel.top + 14.0);
        canvas.words(middle, "none evaluable", Lettering::NOTE.anchored(Anchor::Middle));
    }
}

fn draw_line(canvas: &mut Canvas, panel: &Panel, line: &[(f64, f64)], stroke: Stroke) {
    let known: Vec<(f64, f64)> = line.iter().copied().filter(|(at, value)| at.is_finite() && value.is_finite()).collect();
    let placed: Vec<Point> = cut(&known, panel.y.high()).iter().map(|(at, value)| (panel.x.place(*at), panel.y.place(*value))).collect();
    canvas.path(&placed, stroke);
    let Some((at, value)) = known.last() else { return };
    let (x, y) = (panel.x.place(*at), panel.y.place(*value));
    if *value > panel.y.high() {
        canvas.area(&[(x - 1.8, y + 2.9), (x + 1.8, y + 2.9), (x, y)], BLACK, 1.0);
    } else {
        canvas.disc((x, y), 1.3, stroke.ink, 1.0);
    }
}

/// The line with a corner where it passes `top`, so that it meets the edge at the right time; beyond, it follows the edge.
fn cut(line: &[(f64, f64)], top: f64) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = line.iter().take(1).copied().collect();
    for ((from, low), (to, high)) in line.iter().zip(line.iter().skip(1)) {
        if (*low - top) * (*high - top) < 0.0 {
            corners.push((from + (to - from) * (top - low) / (high - low), top));
        }
        corners.push((*to, *high));
    }
    corners
}

fn remarks(facets: &[SpiderFacet], top: f64) -> Vec<String> {
    let largest =
        |line: &Vec<(f64, f64)>| line.iter().map(|(_, value)| *value).filter(|value| value.is_finite()).fold(f64::NEG_INFINITY, f64::max);
    let cut: Vec<f64> = facets.iter().flat_map(|facet| &facet.lines).map(largest).filter(|value| *value > top).collect();
    let highest = cut.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lines = match cut.len() {
        0 => return Vec::new(),
        1 => "One line is".to_owned(),
        many => format!("{many} lines are"),
    };
    vec![format!("{lines} cut at +{}%; largest increase: +{}%.", significant(top), significant(highest))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_meets_the_edge_at_the_right_time() {
        assert_eq!(cut(&[(0.0, 0.0), (2.0, 200.0), (3.0, 300.0)], 100.0), [(0.0, 0.0), (1.0, 100.0), (2.0, 200.0), (3.0, 300.0)]);
    }
}
