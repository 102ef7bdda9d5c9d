//! Box plots side by side, every observation as a point.
//!
//! The box spans the quartiles, the whiskers reach the furthest observation within 1.5 times the interquartile range `[Tukey1977]`. A box of fewer
//! than five observations would be drawn from next to nothing, so that these show their points and median only, and the figure says so.

use crate::evidence::{Axis, BoxSeries, ReferenceLine};
use crate::numerics::descriptive::{QuantileType, quantile};

use super::axis::{Scale, ends, roomy};
use super::canvas::{Canvas, Stroke};
use super::lettering::{Anchor, HALF_CAP, LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, SLACK, room_for_references, room_for_values};
use super::theme::{BLACK, Palette, SeriesStyle, WHITE};
use super::{EDGE, FigureSize, notice, remark};

/// Observations from which a box is drawn.
pub(super) const ENOUGH: usize = 5;
const PANEL: f64 = 205.0;

/// The numbers of a box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub(super) lower_whisker: f64,
    pub(super) lower_quartile: f64,
    pub(super) median: f64,
    pub(super) upper_quartile: f64,
    pub(super) upper_whisker: f64,
}

/// Draws box plots. The height is a panel of 205 points and as many lines of labels as the series need.
pub(super) fn draw_boxes(value: &Axis, boxes: &[BoxSeries], targets: &[ReferenceLine], size: FigureSize) -> Canvas {
    let drawn: Vec<Vec<f64>> = boxes.iter().map(|series| usable(series, value)).collect();
    if drawn.iter().all(Vec::is_empty) {
        return notice(size);
    }
    let shown = drawn.iter().flatten().copied().chain(targets.iter().map(|target| target.at));
    let Some(range) = ends(value, shown).map(|range| roomy(value, range, 6)) else { return notice(size) };
    let (left, right, ticks) = {
        let ticks = Scale::new(range, value.log, (0.0, 1.0)).ticks(7);
        (EDGE + room_for_values(&ticks), size.width() - EDGE - room_for_references(targets), ticks)
    };
    let (top, bottom) = (EDGE + 4.0, EDGE + 4.0 + PANEL);
    let panel =
        Panel { left, top, right, bottom, x: Scale::new((0.0, 1.0), false, (left, right)), y: Scale::new(range, value.log, (bottom, top)) };
    let palette = Palette::of(boxes.iter().map(|series| &series.series));
    let mut canvas = Canvas::new(size.width());
    panel.grid(&mut canvas, &ticks);
    panel.axis_left(&mut canvas, &ticks, true);
    panel.axis_bottom(&mut canvas, &[], &[]);
    panel.references(&mut canvas, targets, size.width() - EDGE - right);
    panel.name_left(&mut canvas, &value.label, EDGE, SLACK);
    let column = (right - left) / boxes.len().max(1) as f64;
    for (index, (series, values)) in boxes.iter().zip(&drawn).enumerate() {
        draw_box(&mut canvas, &panel, values, (left + (index as f64 + 0.5) * column, column), palette.style(&series.series));
    }
    let under = label(&mut canvas, &panel, boxes, &drawn, column);
    let end = remark(&mut canvas, &remarks(boxes, &drawn, value), under);
    canvas.set_height(end);
    canvas
}

/// Observations that the axis can show, ascending.
pub(super) fn usable(series: &BoxSeries, axis: &Axis) -> Vec<f64> {
    let mut values: Vec<f64> = series.values.iter().copied().filter(|value| value.is_finite() && (!axis.log || *value > 0.0)).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Quartiles of type 7, and the furthest observations within 1.5 interquartile ranges of them; `values` ascending. `None` for no values.
pub(super) fn summary(values: &[f64]) -> Option<Summary> {
    let at = |p: f64| quantile(values, p, QuantileType::Type7);
    let (lower_quartile, median, upper_quartile) = (at(0.25)?, at(0.5)?, at(0.75)?);
    let reach = 1.5 * (upper_quartile - lower_quartile);
    let within = || values.iter().copied().filter(|value| *value >= lower_quartile - reach && *value <= upper_quartile + reach);
    // The furthest observation within reach may lie between a quartile and the median; a whisker never ends inside the box.
    let lower_whisker = within().next()?.min(lower_quartile);
    let upper_whisker = within().next_back()?.max(upper_quartile);
    Some(Summary { lower_whisker, lower_quartile, median, upper_quartile, upper_whisker })
}

fn draw_box(canvas: &mut Canvas, panel: &Panel, values: &[f64], (middle, column): (f64, f64), style: SeriesStyle) {
    let half = (column * 0.3).min(22.0);
    let Some(box_) = summary(values) else { return };
    let y = |value: f64| panel.y.place(value);
    let line = Stroke::solid(style.ink, 0.9);
    if values.len() >= ENOUGH {
        let (top, bottom) = (y(box_.upper_quartile), y(box_.lower_quartile));
        canvas.path(&[(middle, y(box_.upper_whisker)), (middle, top)], line);
        canvas.path(&[(middle, bottom), (middle, y(box_.lower_whisker))], line);
        for whisker in [box_.upper_whisker, box_.lower_whisker] {
            canvas.path(&[(middle - half * 0.4, y(whisker)), (middle + half * 0.4, y(whisker))], line);
        }
        canvas.rectangle((middle - half, top), (middle + half, bottom), WHITE);
        canvas.rectangle((middle - half, top), (middle + half, bottom), style.ink.tint(0.82));
        let corners = [(middle - half, top), (middle + half, top), (middle + half, bottom), (middle - half, bottom), (middle - half, top)];
        canvas.path(&corners, line);
    }
    draw_points(canvas, panel, values, (middle, half), style);
    let median = y(box_.median);
    canvas.path(&[(middle - half, median), (middle + half, median)], Stroke::solid(style.ink.mixed(BLACK, 0.35), 1.8));
}

fn draw_points(canvas: &mut Canvas, panel: &Panel, values: &[f64], (middle, half): (f64, f64), style: SeriesStyle) {
    let radius = if values.len() > 120 { 0.9 } else { 1.5 };
    for (index, value) in values.iter().enumerate() {
        let x = middle + spread(index) * half * 0.8;
        canvas.disc((x, panel.y.place(*value)), radius, style.ink.mixed(BLACK, 0.15), 0.6);
    }
}

/// Sideways displacement of a point, from -1 to 1: the fractional parts of multiples of the golden ratio, which never bunch.
pub(super) fn spread(index: usize) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    ((index as f64 + 0.5) * GOLDEN).fract() * 2.0 - 1.0
}

/// Names of the series under their boxes; returns where they end. Where columns are too narrow for words, the names run upwards.
fn label(canvas: &mut Canvas, panel: &Panel, boxes: &[BoxSeries], drawn: &[Vec<f64>], column: f64) -> f64 {
    const LONGEST: f64 = 110.0;
    let palette = Palette::of(boxes.iter().map(|series| &series.series));
    let upright = column < 40.0;
    let mut deepest = 0.0_f64;
    for (index, (series, values)) in boxes.iter().zip(drawn).enumerate() {
        let middle = panel.left + (index as f64 + 0.5) * column;
        let name = Lettering::LABEL.inked(palette.style(&series.series).words).sized(if column < 60.0 { 7.0 } else { SMALL });
        let count = count(series, values);
        if upright {
            let room = LONGEST - Lettering::NOTE.width(&count);
            let text = format!("{}, {count}", name.shortened(&plain(&series.series.label), room));
            canvas.words_upright((middle + SMALL * HALF_CAP, panel.bottom + 6.0), &text, name.anchored(Anchor::End));
            deepest = deepest.max(name.width(&text) + 6.0);
            continue;
        }
        let mut lines: Vec<(String, Lettering)> =
            name.wrapped(&plain(&series.series.label), column - 3.0, 4).into_iter().map(|line| (line, name)).collect();
        lines.push((count, Lettering::NOTE.sized(name.size)));
        for (row, (line, lettering)) in lines.iter().enumerate() {
            let baseline = panel.bottom + 5.0 + SMALL + row as f64 * SMALL * LEADING;
            canvas.words((middle, baseline), line, lettering.anchored(Anchor::Middle));
        }
        deepest = deepest.max(5.0 + lines.len() as f64 * SMALL * LEADING);
    }
    panel.bottom + deepest + 6.0
}

fn count(series: &BoxSeries, values: &[f64]) -> String {
    if values.len() == series.series.n { format!("n={}", values.len()) } else { format!("{} of {}", values.len(), series.series.n) }
}

fn remarks(boxes: &[BoxSeries], drawn: &[Vec<f64>], axis: &Axis) -> Vec<String> {
    let mut said = Vec::new();
    if drawn.iter().any(|values| values.len() >= ENOUGH) {
        said.push("Box: quartiles and median; whiskers: furthest observation within 1.5 times the interquartile range.".to_owned());
    }
    if drawn.iter().any(|values| !values.is_empty() && values.len() < ENOUGH) {
        said.push("Fewer than 5 observations: points and median, no box.".to_owned());
    }
    let lost = boxes.iter().map(|series| series.values.len()).sum::<usize>() - drawn.iter().map(Vec::len).sum::<usize>();
    if lost > 0 {
        let why = if axis.log { "missing, or not above zero and so without a place on a logarithmic axis" } else { "missing" };
        said.push(format!("Not drawn ({why}): {lost}."));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_of_type_seven() {
        let summary = summary(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!((summary.lower_quartile, summary.median, summary.upper_quartile), (1.75, 2.5, 3.25));
        assert_eq!(super::summary(&[]), None);
    }

    #[test]
    fn whiskers_end_at_observations_within_reach() {
        let summary = summary(&[-20.0, 1.0, 2.0, 3.0, 4.0, 5.0, 40.0]).unwrap();
        assert_eq!((summary.lower_whisker, summary.upper_whisker), (1.0, 5.0));
        assert_eq!((summary.lower_quartile, summary.median, summary.upper_quartile), (1.5, 3.0, 4.5));
    }

    #[test]
    fn points_spread_over_the_box() {
        let places: Vec<f64> = (0..50).map(spread).collect();
        assert!(places.iter().all(|x| (-1.0..=1.0).contains(x)));
        assert!(places.iter().any(|x| *x < -0.9) && places.iter().any(|x| *x > 0.9));
    }

    #[test]
    fn what_a_log_axis_cannot_show_is_counted() {
        let key = crate::evidence::SeriesKey { label: "a".into(), dosage: "a".into(), rank: 0, of: 1, comparator: false, n: 3 };
        let axis = Axis { label: "AUC".into(), log: true, range: None };
        let boxes = [BoxSeries { series: key, values: vec![0.0, 1.0, f64::NAN] }];
        let drawn: Vec<Vec<f64>> = boxes.iter().map(|series| usable(series, &axis)).collect();
        assert_eq!(drawn, [[1.0]]);
        assert!(remarks(&boxes, &drawn, &axis).last().unwrap().ends_with("logarithmic axis): 2."));
    }
}
