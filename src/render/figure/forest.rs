//! Forest: a row for each comparison, its estimates with limits on a common axis, the line of no effect and a band to compare with, counts at the
//! left and numbers at the right. An interval that leaves the axis ends in an arrow.

use crate::evidence::{Axis, ForestEstimate, ForestPlot, ForestRow};
use crate::render::number::fixed;

use super::axis::{Scale, Tick, ends, roomy, significant};
use super::canvas::{Canvas, Stroke};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, HALF_CAP, LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, ROOM_UNDER};
use super::theme::{AXIS, BLACK, BLUE, GREY, GRID, Ink, Marker, ORANGE, VERMILLION, WHITE};
use super::{EDGE, FigureSize, notice, remark};

/// Widest column of labels, as a share of the sheet.
const LABELS: f64 = 0.34;
/// Indent of a row under its heading.
const INDENT: f64 = 7.0;
/// Height of one line of words.
const LINE: f64 = SMALL * LEADING;
/// Between two rows, and above a heading.
const BETWEEN: f64 = 2.4;
const ABOVE_HEADING: f64 = 3.0;
/// Between a heading and its first row.
const UNDER_HEADING: f64 = 2.2;
/// Between columns.
const GAP: f64 = 8.0;
/// Height of the heads of columns.
const HEADS: f64 = 13.0;
/// Factor beyond the outermost estimate at which an interval on a logarithmic axis is cut.
const FURTHEST: f64 = 4.0;
/// Shade of the band.
const BAND: Ink = Ink(0xee, 0xee, 0xee);
/// Ticks of a ratio, from fine to coarse; the first with few enough between the ends is taken.
const RATIOS: [&[f64]; 3] = [
    &[0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 1.8, 2.0],
    &[0.25, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 4.0],
    &[0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0],
];
/// The most ticks.
const TICKS: usize = 7;
/// How the estimates of a row are drawn, in their order.
const STYLES: [(Marker, Ink, f64); 3] =
    [(Marker::Square, BLUE, 1.2), (Marker::OpenCircle, VERMILLION, 0.9), (Marker::OpenDiamond, GREY, 0.9)];

/// One row: its words and where it stands.
struct Line<'a> {
    row: &'a ForestRow,
    words: Vec<String>,
    top: f64,
    height: f64,
}

/// Draws a forest; its height follows the number of rows.
pub(super) fn draw_forest(figure: &ForestPlot, size: FigureSize) -> Canvas {
    let Some(range) = range(figure) else { return notice(size) };
    let counts = figure.rows.iter().filter_map(|row| row.count.as_deref()).map(|count| Lettering::LABEL.width(&plain(count)));
    let counts = counts.fold(0.0, f64::max);
    let count_room = if counts > 0.0 { counts.max(Lettering::LABEL.bold().width(&plain(&figure.count_head))) + GAP } else { 0.0 };
    let numbers =
        figure.rows.iter().flat_map(|row| row.estimates.iter().flatten()).map(|found| Lettering::LABEL.width(&number(found, figure)));
    let number_room = numbers.fold(Lettering::LABEL.bold().width(&plain(&figure.number_head)), f64::max) + GAP;
    let room = size.width() * LABELS;
    let rows = figure.rows.iter().filter(|row| !row.heading);
    let widest = rows.map(|row| Lettering::LABEL.width(&plain(&row.label)) + INDENT).fold(60.0, f64::max).min(room);
    let left = EDGE + widest + GAP + count_room;
    let right = size.width() - EDGE - number_room;
    let mut canvas = Canvas::new(size.width());
    let top = draw_key(&mut canvas, &entries(figure), (EDGE, size.width() - EDGE), EDGE) + HEADS;
    let (lines, bottom, left_out) = stack(figure, (widest - INDENT, right - EDGE), (top, size.tallest() - ROOM_UNDER - 16.0));
    let x = Scale::new(range, figure.value.log, (left, right));
    let panel = Panel { left, top, right, bottom, x, y: Scale::new((0.0, 1.0), false, (bottom, top)) };
    draw_ground(&mut canvas, figure, &panel);
    for line in &lines {
        draw_line(&mut canvas, figure, &panel, line);
    }
    heads(&mut canvas, figure, &panel, count_room > 0.0);
    let ticks = ticks(&x, figure);
    panel.axis_bottom(&mut canvas, &ticks, &ticks);
    panel.name_bottom(&mut canvas, &figure.value.label);
    let said = if left_out > 0 { vec![format!("{left_out} further rows have no room here.")] } else { Vec::new() };
    let end = remark(&mut canvas, &said, bottom + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

/// Ends of the axis: every estimate, the line and the band; limits as far as they do not push these together.
fn range(figure: &ForestPlot) -> Option<(f64, f64)> {
    let found = || figure.rows.iter().flat_map(|row| row.estimates.iter().flatten());
    let usable = |value: &f64| value.is_finite() && (!figure.value.log || *value > 1e-100);
    let values: Vec<f64> = found().map(|found| found.value).filter(usable).collect();
    if values.is_empty() {
        return None;
    }
    let band = figure.band.iter().flat_map(|band| [band.lower, band.upper]);
    let always: Vec<f64> = values.into_iter().chain([figure.reference]).chain(band).filter(usable).collect();
    let (low, high) = always.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    let limits = found().filter_map(|found| found.limits).flat_map(|(lower, upper)| [lower, upper]).filter(usable);
    let cut = |limit: f64| if figure.value.log { limit.clamp(low / FURTHEST, high * FURTHEST) } else { limit };
    let axis = Axis { log: figure.value.log, ..figure.value.clone() };
    ends(&axis, always.iter().copied().chain(limits.map(cut))).map(|range| roomy(&axis, range, TICKS))
}

/// Ticks: of a ratio about one at values that mean something to a reader, otherwise the axis's own.
fn ticks(x: &Scale, figure: &ForestPlot) -> Vec<Tick> {
    let own = figure.value.log && x.holds(1.0) && x.low() >= 0.05 && x.high() <= 20.0;
    let inside = |list: &&[f64]| list.iter().filter(|at| x.holds(**at)).count();
    let chosen = RATIOS.iter().copied().find(|list| (3..=TICKS).contains(&inside(list))).filter(|_| own);
    let tick = |at: &f64| Tick { at: *at, label: significant(*at) };
    chosen.map_or_else(|| x.ticks(TICKS), |list| list.iter().filter(|at| x.holds(**at)).map(tick).collect())
}

fn style(place: usize) -> (Marker, Ink, f64) {
    STYLES.get(place).copied().unwrap_or((Marker::Cross, ORANGE, 0.9))
}

fn entries(figure: &ForestPlot) -> Vec<KeyEntry> {
    let label = |text: &str| Lettering::LABEL.shortened(&plain(text), 190.0);
    let mut entries = Vec::new();
    if figure.estimates.len() > 1 {
        for (place, name) in figure.estimates.iter().enumerate() {
            let (marker, ink, width) = style(place);
            entries.push(KeyEntry { sample: Sample::Course(Stroke::solid(ink, width), marker), label: label(name) });
        }
    }
    entries
        .extend(figure.band.iter().map(|band| KeyEntry { sample: Sample::Block(BAND.mixed(GREY, 0.2), 7.0), label: label(&band.label) }));
    entries
}

/// Rows from the top down, where they end, and how many have no room. A heading stands only over a row.
fn stack<'a>(figure: &'a ForestPlot, (room, across): (f64, f64), (top, lowest): (f64, f64)) -> (Vec<Line<'a>>, f64, usize) {
    let (mut lines, mut top, mut left_out): (Vec<Line<'a>>, f64, usize) = (Vec::new(), top + 2.0, 0);
    let mut waiting: Option<&ForestRow> = None;
    for row in &figure.rows {
        if row.heading {
            waiting = Some(row);
            continue;
        }
        let words = Lettering::LABEL.wrapped(&plain(&row.label), room, 2);
        let marks = row.estimates.iter().flatten().count().max(words.len()).max(1);
        let height = marks as f64 * LINE + BETWEEN;
        let before = if waiting.is_some() { ABOVE_HEADING + LINE + UNDER_HEADING } else { 0.0 };
        if left_out > 0 || top + before + height > lowest {
            left_out += 1;
            continue;
        }
        if let Some(heading) = waiting.take() {
            let words = vec![Lettering::LABEL.bold().shortened(&plain(&heading.label), across)];
            lines.push(Line { row: heading, words, top: top + ABOVE_HEADING, height: LINE + UNDER_HEADING });
            top += before;
        }
        lines.push(Line { row, words, top, height });
        top += height;
    }
    (lines, top, left_out)
}

/// Band, grid and the line of no effect, under everything else.
fn draw_ground(canvas: &mut Canvas, figure: &ForestPlot, panel: &Panel) {
    if let Some(band) = &figure.band {
        let (from, to) = (panel.x.place(band.lower), panel.x.place(band.upper));
        canvas.rectangle((from, panel.top), (to, panel.bottom), BAND);
    }
    panel.grid_upright(canvas, &ticks(&panel.x, figure));
    for at in figure.band.iter().flat_map(|band| [band.lower, band.upper]).map(|at| panel.x.place(at)) {
        canvas.path(&[(at, panel.top), (at, panel.bottom)], Stroke::solid(GREY, 0.6).dashed(&[3.0, 2.0]));
    }
    let at = panel.x.place(figure.reference);
    canvas.path(&[(at, panel.top), (at, panel.bottom)], Stroke::solid(BLACK, 0.8));
}

fn draw_line(canvas: &mut Canvas, figure: &ForestPlot, panel: &Panel, line: &Line<'_>) {
    if line.row.heading {
        let bold = Lettering::LABEL.bold();
        for words in &line.words {
            // The heading may run into the panel, where it covers the ground.
            let end = EDGE + bold.width(words) + 2.0;
            if end > panel.left {
                canvas.rectangle((panel.left, line.top - 0.5), (end, line.top + LINE + 0.5), WHITE);
            }
            canvas.words((EDGE, line.top + SMALL), words, bold);
        }
        return;
    }
    let middle = line.top + (line.height - BETWEEN) / 2.0;
    let first = middle - (line.words.len() as f64 - 1.0) * LINE / 2.0 + SMALL * HALF_CAP;
    for (index, words) in line.words.iter().enumerate() {
        canvas.words((EDGE + INDENT, first + index as f64 * LINE), words, Lettering::LABEL);
    }
    if let Some(count) = &line.row.count {
        canvas.words((panel.left - GAP, middle + SMALL * HALF_CAP), &plain(count), Lettering::LABEL.anchored(Anchor::End));
    }
    let shown: Vec<(usize, &ForestEstimate)> =
        line.row.estimates.iter().enumerate().filter_map(|(place, found)| Some((place, found.as_ref()?))).collect();
    let highest = middle - (shown.len() as f64 - 1.0) * LINE / 2.0;
    for (order, (place, found)) in shown.into_iter().enumerate() {
        let y = highest + order as f64 * LINE;
        draw_estimate(canvas, panel, found, style(place), y);
        let at = (canvas.width() - EDGE, y + SMALL * HALF_CAP);
        canvas.words(at, &number(found, figure), Lettering::LABEL.anchored(Anchor::End));
    }
}

fn draw_estimate(canvas: &mut Canvas, panel: &Panel, found: &ForestEstimate, (marker, ink, width): (Marker, Ink, f64), y: f64) {
    const CAP: f64 = 1.9;
    if !found.value.is_finite() {
        return;
    }
    if let Some((lower, upper)) = found.limits {
        let (from, to) = (panel.x.place(lower), panel.x.place(upper));
        canvas.path(&[(from, y), (to, y)], Stroke::solid(ink, width));
        for (at, limit, turn) in [(from, lower, 1.0), (to, upper, -1.0)] {
            if panel.x.holds(limit) {
                canvas.path(&[(at, y - CAP), (at, y + CAP)], Stroke::solid(ink, width));
            } else {
                canvas.area(&[(at, y), (at + turn * 4.5, y - 2.6), (at + turn * 4.5, y + 2.6)], ink, 1.0);
            }
        }
    }
    canvas.marker((panel.x.place(found.value), y), 2.7, marker, ink);
}

fn heads(canvas: &mut Canvas, figure: &ForestPlot, panel: &Panel, counts: bool) {
    let bold = Lettering::LABEL.bold().anchored(Anchor::End);
    let y = panel.top - 4.0;
    if counts {
        canvas.words((panel.left - GAP, y), &plain(&figure.count_head), bold);
    }
    canvas.words((canvas.width() - EDGE, y), &plain(&figure.number_head), bold);
    canvas.path(&[(EDGE, panel.top), (canvas.width() - EDGE, panel.top)], Stroke::solid(AXIS, 0.6));
    canvas.path(&[(panel.left, panel.top), (panel.left, panel.bottom)], Stroke::solid(GRID, 0.5));
}

/// An estimate with its limits in print.
fn number(found: &ForestEstimate, figure: &ForestPlot) -> String {
    let printed = |value: f64| fixed(value, figure.decimals);
    match found.limits {
        Some((lower, upper)) => format!("{} ({}, {})", printed(found.value), printed(lower), printed(upper)),
        None => printed(found.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{FigureSpec, Plot, ReferenceBand};

    fn estimate(value: f64, lower: f64, upper: f64) -> Option<ForestEstimate> {
        Some(ForestEstimate { value, limits: Some((lower, upper)) })
    }

    fn row(label: &str, estimates: Vec<Option<ForestEstimate>>) -> ForestRow {
        ForestRow { label: label.to_owned(), heading: false, count: Some("12".to_owned()), estimates }
    }

    fn figure(rows: Vec<ForestRow>) -> ForestPlot {
        ForestPlot {
            value: Axis { label: "Ratio to the reference".into(), log: true, range: None },
            reference: 1.0,
            band: Some(ReferenceBand { label: "Bounds 0.8 to 1.25".into(), lower: 0.8, upper: 1.25 }),
            estimates: vec!["Alone".into(), "Jointly".into()],
            count_head: "n".into(),
            number_head: "Ratio (90% CI)".into(),
            decimals: 2,
            rows,
        }
    }

    fn svg(plot: ForestPlot) -> String {
        let spec = FigureSpec { plot: Plot::Forest(Box::new(plot)), alt: "A forest. Rows.".into(), source: Vec::new() };
        crate::render::figure::draw(&spec, FigureSize::PORTRAIT).unwrap()
    }

    #[test]
    fn rows_show_label_count_and_every_estimate_in_numbers() {
        let few = ForestEstimate { value: 2.0, limits: None };
        let rows = vec![
            ForestRow::heading("Sex (reference M, n=120)"),
            row("F", vec![estimate(1.1, 0.95, 1.28), estimate(1.05, 0.9, 1.2)]),
            row("U", vec![Some(few), None]),
        ];
        let drawn = svg(figure(rows));
        for words in
            ["Sex (reference M, n=120)", ">F<", ">12<", "1.10 (0.95, 1.28)", "1.05 (0.90, 1.20)", ">2.00<", "Bounds 0.8 to 1.25", ">Alone<"]
        {
            assert!(drawn.contains(words), "{words}");
        }
    }

    #[test]
    fn a_wide_interval_does_not_push_the_others_together() {
        let rows = vec![row("a", vec![estimate(1.1, 0.9, 1.3)]), row("b", vec![estimate(1.5, 1e-4, 1e6)])];
        let (low, high) = range(&figure(rows)).unwrap();
        assert!((0.15..0.25).contains(&low) && (5.5..7.5).contains(&high), "{low} {high}");
    }

    #[test]
    fn rows_without_room_are_counted_and_nothing_to_draw_is_said() {
        crate::render::figure::lettering::register().unwrap();
        let many: Vec<ForestRow> = (0..200).map(|index| row(&format!("row {index}"), vec![estimate(1.0, 0.9, 1.1)])).collect();
        let drawn = svg(figure(many));
        assert!(drawn.contains("further rows have no room here."));
        assert!(svg(figure(Vec::new())).contains("No observations to draw"));
        assert!(svg(figure(vec![row("x", vec![estimate(f64::NAN, 0.5, 2.0)])])).contains("No observations to draw"));
    }

    #[test]
    fn a_difference_stands_on_a_straight_axis() {
        let mut difference = figure(vec![row("a", vec![estimate(-0.1, -0.3, 0.1)])]);
        difference.value = Axis { label: "Difference".into(), log: false, range: None };
        (difference.reference, difference.band) = (0.0, None);
        let (low, high) = range(&difference).unwrap();
        assert!(low <= -0.3 && high >= 0.1 && low > -0.5 && high < 0.3, "{low} {high}");
        assert!(svg(difference).contains("\u{2212}0.10 (\u{2212}0.30, 0.10)"));
    }
}
