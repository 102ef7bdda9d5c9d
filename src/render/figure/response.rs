//! Probability of an outcome against exposure: the model's curve in its band, what was observed by group of exposure, a rug of the subjects with
//! and without the event, and beneath on the same axis the exposures of each dosage.

use crate::evidence::{BoxSeries, ExposureResponsePlot, ObservedGroup, ResponseCurve};

use super::axis::{Scale, ends};
use super::boxes::{ENOUGH, spread, summary, usable};
use super::callout::apart;
use super::canvas::{Canvas, Point, Stroke};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, HALF_CAP, Lettering, SMALL, plain};
use super::panel::{Panel, ROOM_UNDER, room_for_values};
use super::theme::{AXIS, BLACK, BLUE, Ink, Marker, Palette, SeriesStyle, VERMILLION, WHITE};
use super::{EDGE, FigureSize, notice, remark};

/// Height of the upper panel in points.
pub(super) const PANEL: f64 = 190.0;
/// Least height of the upper panel, where many dosages take the room.
pub(super) const SHORTEST: f64 = 110.0;
/// Height of a row of a dosage.
pub(super) const ROW: f64 = 15.0;
/// Height of a rug.
const RUG: f64 = 6.0;
/// Between the panel and a rug.
const AIR: f64 = 4.0;
/// Between the upper panel with its rug and the boxes.
pub(super) const GAP: f64 = 6.0;
/// Longest name of a dosage.
const LONGEST: f64 = 96.0;
/// Ticks of the exposure axis, about.
pub(super) const TICKS: usize = 8;
/// Dash of an outcome of harm.
const HARM: &[f64] = &[6.0, 2.0];

/// How an outcome is drawn.
#[derive(Clone, Copy)]
struct Style {
    ink: Ink,
    dash: &'static [f64],
    marker: Marker,
}

/// Benefit and harm differ in colour, line type and marker.
fn style(outcome: &ResponseCurve) -> Style {
    if outcome.harm {
        Style { ink: VERMILLION, dash: HARM, marker: Marker::OpenSquare }
    } else {
        Style { ink: BLUE, dash: &[], marker: Marker::Circle }
    }
}

/// Draws the curves over the boxes. Rugs are drawn where there is one outcome; of two they could not be told apart.
pub(super) fn draw_response(figure: &ExposureResponsePlot, size: FigureSize) -> Canvas {
    let exposures: Vec<Vec<f64>> = figure.boxes.iter().map(|series| usable(series, &figure.exposure)).collect();
    let points = figure.outcomes.iter().flat_map(|outcome| &outcome.curve.points).map(|point| point.0);
    let Some(across) = ends(&figure.exposure, exposures.iter().flatten().copied().chain(points)) else { return notice(size) };
    let across = if figure.exposure.range.is_some() { across } else { padded(across, figure.exposure.log) };
    let up = ends(&figure.probability, []).unwrap_or((0.0, 1.0));
    let values = Scale::new(up, false, (0.0, 1.0)).ticks(5);
    let left = EDGE + room_for_values(&values).max(room_for_names(&figure.boxes));
    let right = size.width() - EDGE - half_tick(Scale::new(across, figure.exposure.log, (0.0, 1.0)));
    let rug = if figure.outcomes.len() == 1 { RUG + AIR } else { 0.0 };
    let rows = figure.boxes.len() as f64 * ROW;
    let mut canvas = Canvas::new(size.width());
    let top = draw_key(&mut canvas, &entries(figure), (left, right), EDGE) + 4.0 + rug;
    let height = (size.tallest() - top - rug - GAP - rows - ROOM_UNDER - 24.0).clamp(SHORTEST, PANEL);
    let x = Scale::new(across, figure.exposure.log, (left, right));
    let panel = Panel { left, top, right, bottom: top + height, x, y: Scale::new(up, false, (top + height, top)) };
    panel.grid(&mut canvas, &values);
    panel.axis_left(&mut canvas, &values, true);
    panel.name_left(&mut canvas, &figure.probability.label, EDGE, 0.0);
    canvas.path(&[(left, panel.bottom), (right, panel.bottom)], Stroke::solid(AXIS, 0.6));
    draw_outcomes(&mut canvas, figure, &panel);
    if let [only] = figure.outcomes.as_slice() {
        draw_rug(&mut canvas, &panel, &only.with_event, panel.top - AIR - RUG, style(only).ink);
        draw_rug(&mut canvas, &panel, &only.without_event, panel.bottom + AIR, style(only).ink);
    }
    let lower = Panel { top: panel.bottom + rug + GAP, bottom: panel.bottom + rug + GAP + rows, ..panel };
    draw_rows(&mut canvas, &figure.boxes, &exposures, &lower);
    let ticks = lower.x.ticks(TICKS);
    lower.axis_bottom(&mut canvas, &ticks, &ticks);
    draw_minor(&mut canvas, &lower);
    lower.name_bottom(&mut canvas, &figure.exposure.label);
    let end = remark(&mut canvas, &remarks(figure, &exposures), lower.bottom + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

/// Half the width of the widest tick label: what a tick at the end of the axis needs beside the panel.
pub(super) fn half_tick(scale: Scale) -> f64 {
    let widths = scale.ticks(TICKS).into_iter().map(|tick| Lettering::NOTE.width(&tick.label));
    widths.fold(6.0, f64::max) / 2.0 + 1.0
}

/// Ends moved apart, so that nothing stands on the edge.
pub(super) fn padded((low, high): (f64, f64), log: bool) -> (f64, f64) {
    if log {
        let pad = ((high / low).ln() * 0.025).exp();
        return (low / pad, high * pad);
    }
    let pad = (high - low) * 0.025;
    (if low >= 0.0 { (low - pad).max(0.0) } else { low - pad }, high + pad)
}

/// Name of a dosage with its number of subjects.
fn name(series: &BoxSeries) -> String {
    let count = format!(", n={}", series.series.n);
    let room = LONGEST - Lettering::LABEL.width(&count);
    format!("{}{count}", Lettering::LABEL.shortened(&plain(&series.series.label), room))
}

pub(super) fn room_for_names(boxes: &[BoxSeries]) -> f64 {
    boxes.iter().map(|series| Lettering::LABEL.width(&name(series))).fold(0.0, f64::max) + 7.0
}

fn entries(figure: &ExposureResponsePlot) -> Vec<KeyEntry> {
    let label = |text: &str| Lettering::LABEL.shortened(&plain(text), 250.0);
    let mut entries = Vec::new();
    for outcome in &figure.outcomes {
        let style = style(outcome);
        let line = Sample::Line(Stroke::solid(style.ink, 1.5).dashed(style.dash));
        entries.push(KeyEntry { sample: line, label: label(&outcome.curve.label) });
    }
    if let [only] = figure.outcomes.as_slice()
        && !only.groups.is_empty()
    {
        entries.push(KeyEntry { sample: Sample::Interval(style(only).marker, BLACK), label: label("observed by group of exposure") });
    }
    entries
}

fn draw_outcomes(canvas: &mut Canvas, figure: &ExposureResponsePlot, panel: &Panel) {
    for outcome in &figure.outcomes {
        draw_band(canvas, panel, outcome);
    }
    for outcome in &figure.outcomes {
        let style = style(outcome);
        let inside = |point: &&(f64, f64)| panel.x.holds(point.0) && panel.y.holds(point.1);
        let line: Vec<Point> = outcome.curve.points.iter().filter(inside).map(|(x, y)| (panel.x.place(*x), panel.y.place(*y))).collect();
        canvas.path(&line, Stroke::solid(style.ink, 1.5).dashed(style.dash));
    }
    let several = figure.outcomes.len() > 1;
    for (place, outcome) in figure.outcomes.iter().enumerate() {
        // Points of two outcomes stand a little beside each other, so that both intervals are seen.
        let aside = if several { place as f64 * 5.0 - 2.5 } else { 0.0 };
        for group in outcome.groups.iter().filter(|group| panel.x.holds(group.at)) {
            draw_group(canvas, panel, group, (style(outcome), aside, several));
        }
    }
    if !several {
        figure.outcomes.iter().for_each(|outcome| name_groups(canvas, panel, outcome));
    }
}

fn draw_band(canvas: &mut Canvas, panel: &Panel, outcome: &ResponseCurve) {
    let points: Vec<_> = outcome.curve.band.iter().filter(|point| panel.x.holds(point.at) && point.lower <= point.upper).collect();
    let mut outline: Vec<Point> = points.iter().map(|point| (panel.x.place(point.at), panel.y.place(point.upper))).collect();
    outline.extend(points.iter().rev().map(|point| (panel.x.place(point.at), panel.y.place(point.lower))));
    canvas.area(&outline, style(outcome).ink, 0.16);
}

fn draw_group(canvas: &mut Canvas, panel: &Panel, group: &ObservedGroup, (style, aside, several): (Style, f64, bool)) {
    let ink = if several { style.ink.mixed(BLACK, 0.25) } else { BLACK };
    let (x, y) = (panel.x.place(group.at) + aside, panel.y.place(group.proportion));
    let (top, bottom) = (panel.y.place(group.upper), panel.y.place(group.lower));
    canvas.path(&[(x, top), (x, bottom)], Stroke::solid(ink, 0.8));
    for end in [top, bottom] {
        canvas.path(&[(x - 2.2, end), (x + 2.2, end)], Stroke::solid(ink, 0.8));
    }
    if !several {
        canvas.path(&[(panel.x.place(group.from), y), (panel.x.place(group.to), y)], Stroke::solid(ink, 0.6).faded(0.5));
    }
    canvas.marker((x, y), 2.7, style.marker, ink);
}

/// Counts of the groups beside their intervals, above the upper limit or, where that leaves the panel, under the lower one.
fn name_groups(canvas: &mut Canvas, panel: &Panel, outcome: &ResponseCurve) {
    let lettering = Lettering::NOTE.sized(7.0).anchored(Anchor::Middle);
    let held: Vec<&ObservedGroup> = outcome.groups.iter().filter(|group| panel.x.holds(group.at)).collect();
    let words: Vec<String> = held.iter().map(|group| format!("{}/{}", group.events, group.n)).collect();
    let wanted: Vec<(f64, f64)> =
        held.iter().zip(&words).map(|(group, words)| (panel.x.place(group.at), lettering.width(words) + 4.0)).collect();
    for ((group, words), middle) in held.iter().zip(&words).zip(apart(&wanted, panel.left, panel.right)) {
        let (top, bottom) = (panel.y.place(group.upper), panel.y.place(group.lower));
        let y = if top - 3.0 - 7.0 < panel.top { bottom + 9.0 } else { top - 3.0 };
        canvas.words((middle, y), words, lettering);
    }
}

/// A stroke for each subject.
fn draw_rug(canvas: &mut Canvas, panel: &Panel, exposures: &[f64], top: f64, ink: Ink) {
    for exposure in exposures.iter().filter(|exposure| panel.x.holds(**exposure)) {
        let x = panel.x.place(*exposure);
        canvas.path(&[(x, top), (x, top + RUG)], Stroke::solid(ink.mixed(BLACK, 0.2), 0.5).faded(0.55));
    }
}

pub(super) fn draw_rows(canvas: &mut Canvas, boxes: &[BoxSeries], exposures: &[Vec<f64>], panel: &Panel) {
    let palette = Palette::of(boxes.iter().map(|series| &series.series));
    for (index, (series, values)) in boxes.iter().zip(exposures).enumerate() {
        let middle = panel.top + (index as f64 + 0.5) * ROW;
        let style = palette.style(&series.series);
        let lettering = Lettering::LABEL.inked(style.words).anchored(Anchor::End);
        canvas.words((panel.left - 4.0, middle + SMALL * HALF_CAP), &name(series), lettering);
        draw_row(canvas, panel, values, middle, style);
    }
}

/// A box that lies, with a point for each subject.
fn draw_row(canvas: &mut Canvas, panel: &Panel, values: &[f64], middle: f64, style: SeriesStyle) {
    let half = ROW * 0.32;
    let Some(found) = summary(values) else { return };
    let x = |value: f64| panel.x.place(value);
    let line = Stroke::solid(style.ink, 0.9);
    if values.len() >= ENOUGH {
        let (left, right) = (x(found.lower_quartile), x(found.upper_quartile));
        canvas.path(&[(x(found.lower_whisker), middle), (left, middle)], line);
        canvas.path(&[(right, middle), (x(found.upper_whisker), middle)], line);
        canvas.rectangle((left, middle - half), (right, middle + half), WHITE);
        canvas.rectangle((left, middle - half), (right, middle + half), style.ink.tint(0.82));
        let corners = [(left, middle - half), (right, middle - half), (right, middle + half), (left, middle + half), (left, middle - half)];
        canvas.path(&corners, line);
    }
    for (index, value) in values.iter().enumerate() {
        canvas.disc((x(*value), middle + spread(index) * half * 0.8), 0.9, style.ink.mixed(BLACK, 0.15), 0.6);
    }
    let median = x(found.median);
    canvas.path(&[(median, middle - half), (median, middle + half)], Stroke::solid(style.ink.mixed(BLACK, 0.35), 1.8));
}

/// Unnamed ticks of a logarithmic axis.
pub(super) fn draw_minor(canvas: &mut Canvas, panel: &Panel) {
    for at in panel.x.minor() {
        let x = panel.x.place(at);
        canvas.path(&[(x, panel.bottom), (x, panel.bottom + 1.7)], Stroke::solid(AXIS, 0.4));
    }
}

fn remarks(figure: &ExposureResponsePlot, exposures: &[Vec<f64>]) -> Vec<String> {
    let mut said = Vec::new();
    if figure.outcomes.iter().any(|outcome| !outcome.curve.band.is_empty()) {
        said.push("Bands: pointwise intervals.".to_owned());
    }
    if figure.outcomes.len() == 1 {
        said.push("Strokes above the panel: subjects with the event; below it: without.".to_owned());
    }
    if figure.outcomes.len() > 1 {
        said.push("Points: observed by group of exposure, moved a little apart.".to_owned());
    }
    let lost = figure.boxes.iter().map(|series| series.values.len()).sum::<usize>() - exposures.iter().map(Vec::len).sum::<usize>();
    if lost > 0 {
        said.push(format!("Exposures without a place on the axis, not drawn: {lost}."));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_on_the_edge_and_exposure_is_not_negative() {
        let (low, high) = padded((10.0, 1000.0), true);
        assert!(low < 10.0 && low > 8.0 && high > 1000.0);
        assert!(padded((0.0, 100.0), false).0.abs() < 1e-12);
    }
}
