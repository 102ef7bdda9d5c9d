//! Outcomes over exposure or dose: curves in their bands, observed means or proportions with intervals, single subjects, and beneath on the same
//! axis the exposures of each dosage.

use crate::evidence::{ObservedOutcome, OutcomeCurvesPlot, SeriesKey};

use super::axis::{Scale, ends, roomy};
use super::boxes::usable;
use super::callout::apart;
use super::canvas::{Canvas, Point, Stroke};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, Lettering, plain};
use super::panel::{Panel, ROOM_UNDER, room_for_values};
use super::response::{GAP, PANEL, ROW, SHORTEST, TICKS, draw_minor, draw_rows, half_tick, padded, room_for_names};
use super::theme::{AXIS, BLACK, BLUE, GREY, Marker, Palette, SeriesStyle};
use super::{EDGE, FigureSize, notice, remark};

/// Opacity of a band.
const BAND: f64 = 0.16;
/// Distance between points of neighbouring curves at one place.
const ASIDE: f64 = 3.6;

/// Draws the curves, over the boxes where there are any.
pub(super) fn draw_outcome_curves(figure: &OutcomeCurvesPlot, size: FigureSize) -> Canvas {
    let exposures: Vec<Vec<f64>> = figure.boxes.iter().map(|series| usable(series, &figure.across)).collect();
    let (Some(across), Some(up)) = (range_across(figure, &exposures), range_up(figure)) else { return notice(size) };
    let values = Scale::new(up, figure.outcome.log, (0.0, 1.0)).ticks(5);
    let left = EDGE + room_for_values(&values).max(room_for_names(&figure.boxes));
    let right = size.width() - EDGE - half_tick(Scale::new(across, figure.across.log, (0.0, 1.0)));
    let rows = figure.boxes.len() as f64 * ROW;
    let mut canvas = Canvas::new(size.width());
    let styles = styles(figure);
    let top = draw_key(&mut canvas, &entries(figure, &styles), (left, right), EDGE) + 4.0;
    let gap = if figure.boxes.is_empty() { 0.0 } else { GAP };
    let height = (size.tallest() - top - gap - rows - ROOM_UNDER - 24.0).clamp(SHORTEST, PANEL);
    let x = Scale::new(across, figure.across.log, (left, right));
    let panel = Panel { left, top, right, bottom: top + height, x, y: Scale::new(up, figure.outcome.log, (top + height, top)) };
    panel.grid(&mut canvas, &values);
    panel.axis_left(&mut canvas, &values, true);
    panel.name_left(&mut canvas, &figure.outcome.label, EDGE, 0.0);
    canvas.path(&[(left, panel.bottom), (right, panel.bottom)], Stroke::solid(AXIS, 0.6));
    draw_inside(&mut canvas, figure, &styles, &panel);
    let lower = Panel { top: panel.bottom + gap, bottom: panel.bottom + gap + rows, ..panel };
    draw_rows(&mut canvas, &figure.boxes, &exposures, &lower);
    let ticks = lower.x.ticks(TICKS);
    lower.axis_bottom(&mut canvas, &ticks, &ticks);
    draw_minor(&mut canvas, &lower);
    lower.name_bottom(&mut canvas, &figure.across.label);
    let end = remark(&mut canvas, &remarks(figure, &exposures, &panel), lower.bottom + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

fn range_across(figure: &OutcomeCurvesPlot, exposures: &[Vec<f64>]) -> Option<(f64, f64)> {
    let curves = figure.curves.iter().flat_map(|curve| &curve.points).filter(|point| point.1.is_finite()).map(|point| point.0);
    let points = figure.points.iter().map(|point| point.at);
    let all = exposures.iter().flatten().copied().chain(curves).chain(points);
    let found = ends(&figure.across, all)?;
    Some(if figure.across.range.is_some() { found } else { padded(found, figure.across.log) })
}

fn range_up(figure: &OutcomeCurvesPlot) -> Option<(f64, f64)> {
    let curves = figure.curves.iter().flat_map(|curve| &curve.points).map(|point| point.1);
    let points = figure.points.iter().flat_map(|point| [Some(point.value), point.lower, point.upper]).flatten();
    let subjects = figure.subjects.iter().map(|subject| subject.1);
    let found = ends(&figure.outcome, curves.chain(points).chain(subjects))?;
    Some(if figure.outcome.range.is_some() { found } else { roomy(&figure.outcome, found, 5) })
}

fn styles(figure: &OutcomeCurvesPlot) -> Vec<SeriesStyle> {
    let keys: Vec<SeriesKey> = figure
        .curves
        .iter()
        .map(|curve| SeriesKey {
            label: curve.label.clone(),
            dosage: curve.label.clone(),
            rank: curve.rank,
            of: curve.of,
            comparator: false,
            n: 0,
        })
        .collect();
    let palette = Palette::of(&keys);
    keys.iter()
        .map(|key| palette.style(key))
        .map(|style| if keys.len() == 1 { SeriesStyle { ink: BLUE, dash: &[], ..style } } else { style })
        .collect()
}

fn entries(figure: &OutcomeCurvesPlot, styles: &[SeriesStyle]) -> Vec<KeyEntry> {
    let label = |text: &str| Lettering::LABEL.shortened(&plain(text), 250.0);
    let own = figure.points.iter().any(|point| point.curve.is_some());
    let mut entries: Vec<KeyEntry> = figure
        .curves
        .iter()
        .zip(styles)
        .map(|(curve, style)| {
            let stroke = Stroke::solid(style.ink, 1.5).dashed(style.dash);
            let sample = if own { Sample::Course(stroke, style.marker) } else { Sample::Line(stroke) };
            KeyEntry { sample, label: label(&curve.label) }
        })
        .collect();
    if !figure.points.is_empty() {
        let ink = if own { GREY } else { BLACK };
        let limited = figure.points.iter().any(|point| point.lower.is_some() && point.upper.is_some());
        let sample = if limited { Sample::Interval(Marker::Circle, ink) } else { Sample::Point(Marker::Circle, ink) };
        entries.push(KeyEntry { sample, label: label(&figure.points_label) });
    }
    if !figure.subjects.is_empty() {
        entries.push(KeyEntry { sample: Sample::Point(Marker::OpenCircle, GREY), label: label("single subjects") });
    }
    entries
}

fn draw_inside(canvas: &mut Canvas, figure: &OutcomeCurvesPlot, styles: &[SeriesStyle], panel: &Panel) {
    let inside = |(x, y): &&(f64, f64)| panel.x.holds(*x) && panel.y.holds(*y);
    for (x, y) in figure.subjects.iter().filter(inside) {
        canvas.disc((panel.x.place(*x), panel.y.place(*y)), 1.3, GREY, 0.4);
    }
    for (curve, style) in figure.curves.iter().zip(styles) {
        let points: Vec<_> = curve.band.iter().filter(|point| panel.x.holds(point.at) && point.lower <= point.upper).collect();
        let mut outline: Vec<Point> = points.iter().map(|point| (panel.x.place(point.at), panel.y.place(point.upper))).collect();
        outline.extend(points.iter().rev().map(|point| (panel.x.place(point.at), panel.y.place(point.lower))));
        canvas.area(&outline, style.ink, BAND);
    }
    for (curve, style) in figure.curves.iter().zip(styles) {
        let line: Vec<Point> = curve.points.iter().filter(inside).map(|(x, y)| (panel.x.place(*x), panel.y.place(*y))).collect();
        canvas.path(&line, Stroke::solid(style.ink, 1.5).dashed(style.dash));
    }
    let middle = (figure.curves.len() as f64 - 1.0) / 2.0;
    for point in figure.points.iter().filter(|point| panel.x.holds(point.at) && point.value.is_finite()) {
        let aside = point.curve.map_or(0.0, |curve| (curve as f64 - middle) * ASIDE);
        draw_point(canvas, panel, point, point.curve.and_then(|curve| styles.get(curve)), aside);
    }
    name_points(canvas, figure, panel);
}

fn draw_point(canvas: &mut Canvas, panel: &Panel, point: &ObservedOutcome, style: Option<&SeriesStyle>, aside: f64) {
    let (ink, marker) = style.map_or((BLACK, Marker::Circle), |style| (style.ink.mixed(BLACK, 0.25), style.marker));
    let (x, y) = (panel.x.place(point.at) + aside, panel.y.place(point.value));
    if let (Some(lower), Some(upper)) = (point.lower, point.upper) {
        let (top, bottom) = (panel.y.place(upper), panel.y.place(lower));
        canvas.path(&[(x, top), (x, bottom)], Stroke::solid(ink, 0.8));
        for end in [top, bottom] {
            canvas.path(&[(x - 2.0, end), (x + 2.0, end)], Stroke::solid(ink, 0.8));
        }
    }
    canvas.marker((x, y), 2.6, marker, ink);
}

/// Words of the points above their upper limits or, where that leaves the panel, under the lower ones.
fn name_points(canvas: &mut Canvas, figure: &OutcomeCurvesPlot, panel: &Panel) {
    let lettering = Lettering::NOTE.sized(7.0).anchored(Anchor::Middle);
    let named: Vec<&ObservedOutcome> =
        figure.points.iter().filter(|point| !point.words.is_empty() && panel.x.holds(point.at) && point.value.is_finite()).collect();
    let wanted: Vec<(f64, f64)> = named.iter().map(|point| (panel.x.place(point.at), lettering.width(&point.words) + 4.0)).collect();
    for (point, middle) in named.iter().zip(apart(&wanted, panel.left, panel.right)) {
        let (top, bottom) = (panel.y.place(point.upper.unwrap_or(point.value)), panel.y.place(point.lower.unwrap_or(point.value)));
        let y = if top - 10.0 < panel.top { (bottom + 9.0).min(panel.bottom - 2.0) } else { top - 3.5 };
        canvas.words((middle, y), &plain(&point.words), lettering);
    }
}

fn remarks(figure: &OutcomeCurvesPlot, exposures: &[Vec<f64>], panel: &Panel) -> Vec<String> {
    let mut said = Vec::new();
    if figure.curves.iter().any(|curve| !curve.band.is_empty()) {
        said.push("Bands: pointwise confidence intervals.".to_owned());
    }
    if figure.curves.len() > 1 && figure.points.iter().any(|point| point.curve.is_some()) {
        said.push("Points of several curves stand a little apart.".to_owned());
    }
    let outside = figure.subjects.iter().filter(|(x, y)| !panel.x.holds(*x) || !panel.y.holds(*y)).count();
    if outside > 0 {
        said.push(format!("Subjects outside the panel, not drawn: {outside}."));
    }
    let lost = figure.boxes.iter().map(|series| series.values.len()).sum::<usize>() - exposures.iter().map(Vec::len).sum::<usize>();
    if lost > 0 {
        said.push(format!("Exposures without a place on the axis, not drawn: {lost}."));
    }
    said
}
