//! Mean concentrations over time: the same series on a straight and on a logarithmic axis, side by side, with the limit of quantification.

use crate::evidence::{Axis, CourseMean, CourseSeries, ReferenceLine};

use super::axis::{Scale, ends, roomy};
use super::canvas::{Canvas, Point, Stroke};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, ROOM_UNDER, SLACK, room_for_values};
use super::theme::{GREY, Palette, SeriesStyle};
use super::{EDGE, FigureSize, notice, remark};

/// Height of a panel as a share of its width.
const ASPECT: f64 = 0.95;
/// From the left panel to the room of the right panel's labels.
const GAP: f64 = 12.0;
/// Greatest distance between the bars of neighbouring series, and of the first from the last.
const BESIDE: f64 = 1.1;
const SPREAD: f64 = 6.6;

/// Draws the courses: a key, and two panels nearly as tall as wide.
pub(super) fn draw_courses(
    time: &Axis,
    concentration: &str,
    series: &[CourseSeries],
    limit: Option<&ReferenceLine>,
    size: FigureSize,
) -> Canvas {
    let palette = Palette::of(series.iter().map(|series| &series.series));
    let usable = |point: &&CourseMean| point.time.is_finite() && point.mean.is_finite() && point.mean > 0.0;
    let points = || series.iter().flat_map(|series| &series.points).filter(usable);
    let limits = || limit.iter().map(|limit| limit.at).filter(|at| at.is_finite() && *at > 0.0);
    let reach = || points().flat_map(|point| point.spread.map_or([point.mean; 2], |spread| [spread.0, spread.1])).chain(limits());
    let axis = |log| Axis { label: String::new(), log, range: None };
    let straight = ends(&axis(false), reach().chain([0.0])).map(|range| roomy(&axis(false), range, 5));
    let logarithmic = ends(&axis(true), reach()).map(|range| roomy(&axis(true), range, 5));
    let across = ends(time, points().map(|point| point.time));
    let (Some(straight), Some(logarithmic), Some(across), true) = (straight, logarithmic, across, points().next().is_some()) else {
        return notice(size);
    };
    let room = |range, log| room_for_values(&Scale::new(range, log, (0.0, 1.0)).ticks(6));
    let (left, second) = (EDGE + room(straight, false), GAP + room(logarithmic, true) - LEADING * SMALL);
    let right = size.width() - EDGE - 6.0;
    let width = (right - left - second) / 2.0;
    let mut canvas = Canvas::new(size.width());
    let entries: Vec<KeyEntry> = series.iter().map(|series| entry(series, palette.style(&series.series))).collect();
    let top = draw_key(&mut canvas, &entries, (left, right), EDGE) + SMALL * LEADING + 8.0;
    let bottom = top + (width * ASPECT).min(size.tallest() - top - 60.0);
    // Room beside the first and the last time for bars that stand beside their place.
    let margin = 0.02 * (across.1 - across.0);
    let across = (across.0.min(0.0) - margin, across.1 + margin);
    for (from, range, log, title) in
        [(left, straight, false, "Linear scale"), (left + width + second, logarithmic, true, "Logarithmic scale")]
    {
        let (x, y) = (Scale::new(across, false, (from, from + width)), Scale::new(range, log, (bottom, top)));
        let panel = Panel { left: from, top, right: from + width, bottom, x, y };
        draw_panel(&mut canvas, &panel, (series, &palette), limit);
        canvas.words((from + 1.0, top - 5.0), title, Lettering::LABEL.bold());
        panel.name_bottom(&mut canvas, &time.label);
        if !log {
            panel.name_left(&mut canvas, concentration, EDGE, SLACK);
        }
    }
    let end = remark(&mut canvas, &["Points: geometric means; bars: geometric standard deviation.".to_owned()], bottom + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

fn entry(series: &CourseSeries, style: SeriesStyle) -> KeyEntry {
    let key = &series.series;
    KeyEntry::new(
        Sample::Course(Stroke::solid(style.ink, 1.2).dashed(style.dash), style.marker),
        &format!("{}, n={}", plain(&key.label), key.n),
    )
}

fn draw_panel(canvas: &mut Canvas, panel: &Panel, (series, palette): (&[CourseSeries], &Palette), limit: Option<&ReferenceLine>) {
    let values = panel.y.ticks(6);
    panel.grid(canvas, &values);
    panel.axis_left(canvas, &values, true);
    let ticks = panel.x.time_ticks(6);
    panel.axis_bottom(canvas, &ticks, &ticks);
    if let Some(limit) = limit.filter(|limit| panel.y.holds(limit.at)) {
        let y = panel.y.place(limit.at);
        canvas.path(&[(panel.left, y), (panel.right, y)], Stroke::solid(GREY, 0.6).dashed(&[3.0, 2.0]));
        // On the straight scale the line lies near zero, where the curves are; it is named on the other.
        if panel.y.ticks(6).first().is_some_and(|tick| tick.at > 0.0) {
            let note = Lettering::NOTE.sized(7.0);
            canvas.words(
                (panel.right - 2.0, y - 2.5),
                &note.shortened(&plain(&limit.label), panel.right - panel.left - 6.0),
                note.anchored(Anchor::End),
            );
        }
    }
    for (index, of) in series.iter().enumerate() {
        let shift = (index as f64 - (series.len() as f64 - 1.0) / 2.0) * BESIDE.min(SPREAD / series.len().max(1) as f64);
        draw_series(canvas, panel, (of, palette.style(&of.series)), shift);
    }
}

fn draw_series(canvas: &mut Canvas, panel: &Panel, (series, style): (&CourseSeries, SeriesStyle), shift: f64) {
    let shown = |point: &&CourseMean| panel.x.holds(point.time) && panel.y.holds(point.mean);
    let mut points: Vec<&CourseMean> = series.points.iter().filter(shown).collect();
    points.sort_by(|a, b| a.time.total_cmp(&b.time));
    for point in &points {
        if let Some((lower, upper)) = point.spread.filter(|(lower, upper)| lower.is_finite() && upper.is_finite()) {
            let x = panel.x.place(point.time) + shift;
            canvas.path(&[(x, panel.y.place(lower)), (x, panel.y.place(upper))], Stroke::solid(style.ink, 0.6).faded(0.5));
        }
    }
    let means: Vec<Point> = points.iter().map(|point| (panel.x.place(point.time) + shift, panel.y.place(point.mean))).collect();
    canvas.path(&means, Stroke::solid(style.ink, 1.1).dashed(style.dash));
    for at in means {
        canvas.marker(at, 2.0, style.marker, style.ink);
    }
}
