//! Probability of dose-limiting toxicity by dose: what was observed, what the model makes of it and the target; below it the path of the trial.
//!
//! Doses may lie so close together that their names cannot stand under them. Names and numbers therefore stand in columns of their own under
//! the axis, moved apart as little as possible and tied to their doses.

use crate::evidence::{Axis, CurvePoint, DoseToxicity, PathStep, ReferenceLine, ToxicityCurve};

use super::axis::{Scale, Tick, ends, number};
use super::canvas::{Canvas, Stroke};
use super::dose_columns::{Columns, TIES, draw_columns, headings, lay_out_columns};
use super::dose_path::{Layout, draw_path, room_for_path};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, Lettering, SMALL, plain};
use super::panel::{Panel, SLACK, room_for_references, room_for_values};
use super::theme::{BLACK, BLUE, GREY, Ink, Marker};
use super::{EDGE, FigureSize, notice, remark};

/// Tallest and least height of the upper panel in points.
const TALLEST: f64 = 190.0;
const SHORTEST: f64 = 90.0;
/// Room above the upper panel for the name of the chosen dose.
const HEAD: f64 = 13.0;
/// Room for the name of the dose axis.
const NAME: f64 = 15.0;
/// Room for the key of the upper panel.
const KEY: f64 = 13.0;
/// Between the parts of the figure.
const GAP: f64 = 12.0;
/// Half the width of the band of the chosen dose.
const BAND: f64 = 7.0;
/// Ink of that band.
pub(super) const CHOSEN: Ink = Ink(0xf3, 0xec, 0xd2);

/// The chosen dose, where it is one of the figure.
pub(super) fn chosen(figure: &ToxicityCurve) -> Option<usize> {
    figure.recommended.as_ref().map(|recommended| recommended.dose).filter(|dose| *dose < figure.doses.len())
}

/// Whether a dose has a place on the axis.
pub(super) fn places(figure: &ToxicityCurve, dose: f64) -> bool {
    dose.is_finite() && dose.abs() < 1e100 && (!figure.dose.log || dose > 1e-100)
}

/// Whether a point has a place on both axes.
fn shows(figure: &ToxicityCurve, point: &CurvePoint) -> bool {
    places(figure, point.dose) && point.estimate.is_finite()
}

/// Points of the curve that have a place.
fn usable_curve(figure: &ToxicityCurve) -> Vec<CurvePoint> {
    figure.curve.iter().copied().filter(|point| shows(figure, point)).collect()
}

/// Whether any dose has a probability of exceeding.
pub(super) fn exceeds(figure: &ToxicityCurve) -> bool {
    figure.doses.iter().any(|dose| dose.prob_exceeds.is_some_and(f64::is_finite))
}

/// The target and its interval, named together.
fn target_line(figure: &ToxicityCurve) -> Vec<ReferenceLine> {
    let interval = figure.target_interval.filter(|(low, high)| low.is_finite() && high.is_finite() && low < high);
    let words = interval.map(|(low, high)| format!("{}–{}", share(low), share(high)));
    let (at, label) = match (figure.target.is_finite(), words, interval) {
        (true, Some(words), _) => (figure.target, format!("Target {}, interval {words}", share(figure.target))),
        (true, None, _) => (figure.target, format!("Target {}", share(figure.target))),
        (false, Some(words), Some((low, high))) => (f64::midpoint(low, high), format!("Target interval {words}")),
        (false, _, _) => return Vec::new(),
    };
    vec![ReferenceLine { at, label }]
}

/// Whether the upper panel has anything to show.
fn has_doses(figure: &ToxicityCurve) -> bool {
    let seen = |dose: &DoseToxicity| places(figure, dose.dose) && (dose.n > 0 || dose.observed.is_some() || dose.posterior.is_some());
    figure.doses.iter().any(seen) || figure.curve.iter().any(|point| shows(figure, point))
}

/// A probability with two decimals, or three where it has them.
pub(super) fn share(value: f64) -> String {
    let decimals = if ((value * 100.0).round() - value * 100.0).abs() < 1e-6 { 2 } else { 3 };
    number(value, decimals)
}

/// Draws the toxicity curve and the path of the trial; either is left out where nothing is known of it. The upper panel is up to 190 points
/// tall, the lower as tall as its doses need.
pub(super) fn draw_toxicity(figure: &ToxicityCurve, size: FigureSize) -> Canvas {
    let mut canvas = Canvas::new(size.width());
    let path: Vec<&PathStep> = figure.path.iter().filter(|step| step.dose < figure.doses.len()).collect();
    let upper = has_doses(figure);
    if !upper && path.is_empty() {
        return notice(size);
    }
    let left = EDGE + room_for_path(figure, &path).max(room_for_rows(figure, upper)) + 2.0;
    let layout = Layout::new(figure, &path, (left, size.width() - EDGE), size.tallest());
    let below = if path.is_empty() { 0.0 } else { layout.height() };
    let mut bottom = EDGE;
    if upper {
        bottom = draw_upper(&mut canvas, figure, left, size.tallest() - below);
    }
    if !path.is_empty() {
        let top = if upper { bottom + GAP } else { EDGE };
        bottom = draw_path(&mut canvas, figure, &path, &layout, top);
    }
    let mut said = remarks(figure, &path);
    said.extend(layout.remark());
    let end = remark(&mut canvas, &said, bottom + 2.0);
    canvas.set_height(end);
    canvas
}

/// Room left of the panels for ticks, the name of the axis and the headings of the rows.
fn room_for_rows(figure: &ToxicityCurve, upper: bool) -> f64 {
    if !upper {
        return 0.0;
    }
    let ticks = Scale::new((0.0, 1.0), false, (0.0, 1.0)).ticks(5);
    let headings = headings(figure).iter().map(|heading| Lettering::NOTE.width(heading)).fold(0.0, f64::max);
    room_for_values(&ticks).max(headings + 22.0)
}

/// Draws the upper panel, with all that belongs to it in no more than `room`; returns where it ends.
fn draw_upper(canvas: &mut Canvas, figure: &ToxicityCurve, left: f64, room: f64) -> f64 {
    let target = target_line(figure);
    let right = canvas.width() - EDGE - room_for_references(&target);
    let x = dose_scale(figure, (left, right));
    let columns = lay_out_columns(figure, &x, (left - 16.0, right + 16.0));
    let around = EDGE + HEAD + TIES + columns.height() + NAME + KEY + GAP + 14.0;
    let (top, bottom) = (EDGE + HEAD, EDGE + HEAD + (room - around).clamp(SHORTEST, TALLEST));
    let up = ends(&Axis { log: false, range: figure.probability.range.or(Some((0.0, 1.0))), ..figure.probability.clone() }, []);
    let panel = Panel { left, top, right, bottom, x, y: Scale::new(up.unwrap_or((0.0, 1.0)), false, (bottom, top)) };
    draw_chosen(canvas, figure, &panel, &columns);
    draw_target_band(canvas, figure, &panel);
    let ticks = panel.y.ticks(5);
    panel.grid(canvas, &ticks);
    panel.axis_left(canvas, &ticks, true);
    let places: Vec<Tick> = columns.columns.iter().map(|column| Tick { at: column.from, label: String::new() }).collect();
    Panel { x: Scale::new((left, right), false, (left, right)), ..panel }.axis_bottom(canvas, &places, &[]);
    panel.name_left(canvas, &figure.probability.label, EDGE, SLACK);
    panel.references(canvas, &target, canvas.width() - EDGE - right);
    draw_posterior(canvas, figure, &panel);
    draw_observed(canvas, figure, &panel);
    let under = draw_columns(canvas, figure, &columns, &panel);
    Panel { bottom: under - SMALL - 5.0, ..panel }.name_bottom(canvas, &figure.dose.label);
    draw_key(canvas, &entries(figure), (EDGE, canvas.width() - EDGE), under + NAME)
}

/// The dose axis between two places on the sheet.
fn dose_scale(figure: &ToxicityCurve, edges: (f64, f64)) -> Scale {
    let doses = figure.doses.iter().map(|dose| dose.dose).filter(|dose| places(figure, *dose));
    let across = ends(&figure.dose, doses.chain(usable_curve(figure).iter().map(|point| point.dose))).unwrap_or((0.0, 1.0));
    Scale::new(if figure.dose.range.is_some() { across } else { padded(across, figure.dose.log) }, figure.dose.log, edges)
}

/// Ends moved apart, so that no dose stands on the edge.
fn padded((low, high): (f64, f64), log: bool) -> (f64, f64) {
    if log {
        let pad = ((high / low).ln() * 0.06).exp();
        return (low / pad, high * pad);
    }
    let pad = (high - low) * 0.045;
    (low - pad, high + pad)
}

/// The band of the chosen dose, from its name above the panel down to its numbers.
fn draw_chosen(canvas: &mut Canvas, figure: &ToxicityCurve, panel: &Panel, columns: &Columns) {
    let Some((column, recommended)) = columns.columns.iter().find(|column| column.chosen).zip(figure.recommended.as_ref()) else { return };
    canvas.rectangle((column.from - BAND, panel.top), (column.from + BAND, panel.bottom), CHOSEN);
    let (top, bottom) = (panel.bottom + TIES - 1.5, panel.bottom + TIES + columns.height() + 1.0);
    let (left, right) = (column.middle - column.width / 2.0, column.middle + column.width / 2.0);
    canvas.rectangle((left, top), (right, bottom), CHOSEN);
    canvas.path(&[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], Stroke::solid(BLACK, 0.7));
    let lettering = Lettering::LABEL.bold().anchored(Anchor::Middle);
    let words = lettering.shortened(&plain(&recommended.label), (panel.right - panel.left) * 0.6);
    let room = lettering.width(&words) / 2.0 + 1.0;
    let x = column.from.clamp(panel.left + room, (canvas.width() - EDGE - room).max(panel.left + room));
    canvas.words((x, panel.top - 7.0), &words, lettering);
    canvas.marker((column.from, panel.top - 2.2), 2.2, Marker::TriangleDown, BLACK);
}

fn draw_target_band(canvas: &mut Canvas, figure: &ToxicityCurve, panel: &Panel) {
    if let Some((low, high)) = figure.target_interval.filter(|(low, high)| low.is_finite() && high.is_finite() && low < high) {
        let (top, bottom) = (panel.y.place(high), panel.y.place(low));
        canvas.area(&[(panel.left, top), (panel.right, top), (panel.right, bottom), (panel.left, bottom)], GREY, 0.13);
    }
}

/// The posterior curve in its band; where there is none, the estimate of each dose in a bar.
fn draw_posterior(canvas: &mut Canvas, figure: &ToxicityCurve, panel: &Panel) {
    let place = |dose: f64, value: f64| (panel.x.place(dose), panel.y.place(value));
    let curve: Vec<CurvePoint> = usable_curve(figure).into_iter().filter(|point| panel.x.holds(point.dose)).collect();
    let bounded: Vec<&CurvePoint> = curve.iter().filter(|point| point.lower.is_finite() && point.upper.is_finite()).collect();
    let upper = bounded.iter().map(|point| place(point.dose, point.upper));
    let band: Vec<_> = upper.chain(bounded.iter().rev().map(|point| place(point.dose, point.lower))).collect();
    canvas.area(&band, BLUE, 0.18);
    let line: Vec<_> = curve.iter().map(|point| place(point.dose, point.estimate)).collect();
    canvas.path(&line, Stroke::solid(BLUE, 1.4));
    for point in figure.doses.iter().filter_map(|dose| dose.posterior).filter(|point| shows(figure, point) && panel.x.holds(point.dose)) {
        let (x, y) = place(point.dose, point.estimate);
        if curve.is_empty() && point.lower.is_finite() && point.upper.is_finite() {
            let (top, bottom) = (panel.y.place(point.upper), panel.y.place(point.lower));
            canvas.area(&[(x - 3.6, top), (x + 3.6, top), (x + 3.6, bottom), (x - 3.6, bottom)], BLUE, 0.28);
        }
        if curve.is_empty() {
            canvas.path(&[(x - 5.0, y), (x + 5.0, y)], Stroke::solid(BLUE, 1.8));
        } else {
            canvas.marker((x, y), 2.7, Marker::OpenDiamond, BLUE);
        }
    }
}

fn draw_observed(canvas: &mut Canvas, figure: &ToxicityCurve, panel: &Panel) {
    for point in figure.doses.iter().filter_map(|dose| dose.observed).filter(|point| shows(figure, point) && panel.x.holds(point.dose)) {
        let (x, y) = (panel.x.place(point.dose), panel.y.place(point.estimate));
        if point.lower.is_finite() && point.upper.is_finite() {
            let (top, bottom) = (panel.y.place(point.upper), panel.y.place(point.lower));
            canvas.path(&[(x, top), (x, bottom)], Stroke::solid(BLACK, 0.8));
            for end in [top, bottom] {
                canvas.path(&[(x - 2.2, end), (x + 2.2, end)], Stroke::solid(BLACK, 0.8));
            }
        }
        canvas.marker((x, y), 2.6, Marker::Circle, BLACK);
    }
}

/// An entry of the key with room for the level of an interval.
fn entry(sample: Sample, label: &str) -> KeyEntry {
    KeyEntry { sample, label: Lettering::LABEL.shortened(&plain(label), 210.0) }
}

fn entries(figure: &ToxicityCurve) -> Vec<KeyEntry> {
    let mut entries = Vec::new();
    if figure.doses.iter().any(|dose| dose.observed.is_some()) {
        entries.push(entry(Sample::Interval(Marker::Circle, BLACK), &figure.labels.observed));
    }
    if !usable_curve(figure).is_empty() || figure.doses.iter().any(|dose| dose.posterior.is_some()) {
        entries.push(entry(Sample::Band(BLUE), &figure.labels.posterior));
    }
    entries
}

fn remarks(figure: &ToxicityCurve, path: &[&PathStep]) -> Vec<String> {
    let mut said = Vec::new();
    let lost = figure.doses.iter().filter(|dose| !places(figure, dose.dose)).count();
    if lost > 0 && has_doses(figure) {
        said.push(format!("Doses without a place on the axis, not drawn above: {lost}."));
    }
    if path.len() < figure.path.len() {
        said.push(format!("Cohorts at no dose of the figure, not drawn: {}.", figure.path.len() - path.len()));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_written_with_the_digits_they_have() {
        assert_eq!([share(0.3), share(0.236), share(0.359), share(0.05)], ["0.30", "0.236", "0.359", "0.05"]);
    }

    #[test]
    fn no_dose_stands_on_the_edge() {
        let (low, high) = padded((10.0, 480.0), true);
        assert!(low > 7.0 && low < 9.0 && high > 550.0 && high < 650.0, "{low} {high}");
        let (low, high) = padded((0.0, 100.0), false);
        assert!((low + 4.5).abs() < 1e-9 && (high - 104.5).abs() < 1e-9);
    }
}
