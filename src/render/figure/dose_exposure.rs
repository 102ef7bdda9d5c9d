//! Exposure against dose on logarithmic axes, with the fitted power model and the line of proportionality; a panel per parameter.

use crate::evidence::{Axis, ExposurePanel};

use super::axis::{Scale, Tick, ends, roomy, significant};
use super::canvas::{Canvas, Point, Stroke};
use super::facets::{Grid, Room};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, ROOM_UNDER, room_for_values};
use super::theme::{BLACK, GREY, Palette};
use super::{EDGE, FigureSize, notice, remark};

/// Under a panel, for the labels of its ticks.
const FOOT: f64 = 18.0;
/// How far points of one dose stand beside it, in points of the sheet.
const ASIDE: f64 = 4.0;

const FITTED: Stroke = Stroke::solid(BLACK, 1.2);
const PROPORTIONAL: Stroke = Stroke::solid(GREY, 0.9).dashed(&[4.0, 2.5]);

/// Draws the panels in a grid; each has its own vertical axis, all have one horizontal axis.
pub(super) fn draw_dose_exposure(dose: &Axis, columns: usize, panels: &[ExposurePanel], size: FigureSize) -> Canvas {
    let log = Axis { log: true, ..dose.clone() };
    let points = || panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
    let usable = |point: &&(f64, f64)| point.0.is_finite() && point.0 > 0.0 && point.1.is_finite() && point.1 > 0.0;
    let Some(across) = ends(&log, points().filter(usable).map(|point| point.0)).map(|range| roomy(&log, range, 5)) else {
        return notice(size);
    };
    let palette = Palette::of(panels.iter().flat_map(|panel| &panel.series).map(|series| &series.series));
    let scales: Vec<Option<(f64, f64)>> = panels.iter().map(|panel| up(panel, &log)).collect();
    let widest = scales.iter().flatten().map(|range| room_for_values(&Scale::new(*range, true, (0.0, 1.0)).ticks(5))).fold(0.0, f64::max);
    // The vertical axes are named by the titles of the panels.
    let labels = widest - SMALL * LEADING;
    let (left, right) = (EDGE + labels, size.width() - EDGE - 6.0);
    let mut canvas = Canvas::new(size.width());
    let entries = [
        KeyEntry::new(Sample::Line(FITTED), "Power model"),
        KeyEntry::new(Sample::Block(BLACK.tint(0.84), 6.0), "Confidence interval"),
        KeyEntry::new(Sample::Line(PROPORTIONAL), "Proportional to dose (slope 1)"),
    ];
    let top = draw_key(&mut canvas, &entries, (left, right), EDGE) + 2.0;
    let columns = columns.clamp(1, 4);
    let room_of_one = (right - left - (columns as f64 - 1.0) * (labels + 4.0)) / columns as f64;
    let titles: Vec<Vec<String>> = panels.iter().map(|panel| title(panel, room_of_one)).collect();
    let head = titles.iter().map(Vec::len).max().unwrap_or(1) as f64 * SMALL * LEADING + 7.0;
    let room = Room { left, right, gap: labels + 4.0, top, head, foot: FOOT, lowest: size.tallest() - 40.0 };
    let grid = Grid::of_columns(panels.len(), columns, room, 0.85);
    for (index, ((of, range), title)) in panels.iter().zip(&scales).zip(&titles).enumerate() {
        let Some(range) = range else { continue };
        let (left, top, right, bottom) = grid.panel(index);
        let (x, y) = (Scale::new(across, true, (left, right)), Scale::new(*range, true, (bottom, top)));
        let panel = Panel { left, top, right, bottom, x, y };
        draw_panel(&mut canvas, &panel, of, &palette);
        for (row, words) in title.iter().rev().enumerate() {
            let lettering = if row + 1 == title.len() { Lettering::LABEL.bold() } else { Lettering::LABEL };
            canvas.words((left + 1.0, top - 5.0 - row as f64 * SMALL * LEADING), words, lettering);
        }
    }
    let scale = Scale::new(across, true, (left, right));
    let whole = Panel { left, top, right, bottom: grid.bottom(), x: scale, y: scale };
    whole.name_bottom(&mut canvas, &dose.label);
    let end = remark(
        &mut canvas,
        &["Points: subjects, moved sideways where they would lie on each other.".to_owned()],
        grid.bottom() + ROOM_UNDER,
    );
    canvas.set_height(end);
    canvas
}

/// The lines of a title, each shortened to the panel.
fn title(panel: &ExposurePanel, room: f64) -> Vec<String> {
    let bold = Lettering::LABEL.bold();
    panel.title.lines().filter(|line| !line.is_empty()).map(|line| bold.shortened(&plain(line), room)).collect()
}

fn up(panel: &ExposurePanel, axis: &Axis) -> Option<(f64, f64)> {
    let points = panel.series.iter().flat_map(|series| &series.points).map(|point| point.1);
    let band = panel.fit.iter().flat_map(|point| [point.lower, point.upper]);
    let axis = Axis { label: String::new(), range: None, ..axis.clone() };
    ends(&axis, points.chain(band)).map(|range| roomy(&axis, range, 5))
}

fn draw_panel(canvas: &mut Canvas, panel: &Panel, of: &ExposurePanel, palette: &Palette) {
    let values = panel.y.ticks(5);
    panel.grid(canvas, &values);
    let mut outline: Vec<Point> = of.fit.iter().map(|point| (panel.x.place(point.at), panel.y.place(point.upper))).collect();
    outline.extend(of.fit.iter().rev().map(|point| (panel.x.place(point.at), panel.y.place(point.lower))));
    canvas.area(&outline, BLACK, 0.16);
    for series in &of.series {
        let style = palette.style(&series.series);
        for (index, (dose, exposure)) in series.points.iter().enumerate() {
            if panel.x.holds(*dose) && panel.y.holds(*exposure) {
                let x = panel.x.place(*dose) + if series.points.len() > 1 { ASIDE * aside(index) } else { 0.0 };
                canvas.disc((x, panel.y.place(*exposure)), 1.3, style.ink, 0.75);
            }
        }
    }
    canvas.path(&within(panel, &of.proportional), PROPORTIONAL);
    canvas.path(&within(panel, &of.line), FITTED);
    panel.axis_left(canvas, &values, true);
    let ticks = dose_ticks(of);
    panel.axis_bottom(canvas, &ticks, &ticks);
}

/// A tick at every dose.
fn dose_ticks(of: &ExposurePanel) -> Vec<Tick> {
    let mut doses: Vec<f64> = of.series.iter().flat_map(|series| &series.points).map(|point| point.0).filter(|dose| *dose > 0.0).collect();
    doses.sort_by(f64::total_cmp);
    doses.dedup_by(|a, b| a.to_bits() == b.to_bits());
    doses.into_iter().map(|at| Tick { at, label: significant(at) }).collect()
}

fn within(panel: &Panel, line: &[(f64, f64)]) -> Vec<Point> {
    line.iter().filter(|(x, y)| panel.x.holds(*x) && panel.y.holds(*y)).map(|(x, y)| (panel.x.place(*x), panel.y.place(*y))).collect()
}

/// Sideways displacement from -1 to 1: the fractional parts of multiples of the golden ratio, which never bunch.
fn aside(index: usize) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    ((index as f64 + 0.5) * GOLDEN).fract() * 2.0 - 1.0
}
