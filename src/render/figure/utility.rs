//! The utility index: stacked contributions, probability of the highest index, the index against each weight, and a tornado of the lead.

use crate::evidence::{TornadoBar, UtilityBar, UtilityPlot, WeightSweep};

use super::axis::{Scale, number};
use super::canvas::{Canvas, Stroke};
use super::facets::{Grid, Room};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, HALF_CAP, LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, ROOM_UNDER, SLACK, room_for_values};
use super::theme::{BLACK, BLUE, GREY, Ink, ORANGE, Palette, SKY, WHITE};
use super::{EDGE, FigureSize, notice, remark};

/// Height of the row of one dosage.
const ROW: f64 = 20.0;
/// Height of a row of the tornado.
const THIN: f64 = 11.0;
/// Rows of the tornado that are drawn.
const MOST_ROWS: usize = 14;
/// Between two panels.
const GAP: f64 = 18.0;
/// Names of panels.
const HEAD: Lettering = Lettering::LABEL.bold();
/// Fills of attributes: their shades differ in grey as well.
const FILLS: [Ink; 6] = [BLUE, SKY, Ink(0xcf, 0xe4, 0xf3), ORANGE, Ink(0x55, 0x55, 0x55), Ink(0xe4, 0xe4, 0xe4)];

fn fill(place: usize) -> Ink {
    FILLS.iter().cycle().nth(place % FILLS.len()).copied().unwrap_or(BLUE)
}

/// Draws the panels from top to bottom.
pub(super) fn draw_utility(plot: &UtilityPlot, size: FigureSize) -> Canvas {
    if plot.dosages.iter().all(|bar| !bar.index.is_finite()) {
        return notice(size);
    }
    let palette = Palette::of(plot.dosages.iter().map(|bar| &bar.series));
    let mut canvas = Canvas::new(size.width());
    let right = size.width() - EDGE - 6.0;
    let mut end = draw_bars(&mut canvas, plot, right);
    if !plot.sweeps.is_empty() {
        end = draw_sweeps(&mut canvas, plot, &palette, (end + 8.0, right), size);
    }
    if !plot.tornado.is_empty() && plot.lead.is_finite() {
        end = draw_tornado(&mut canvas, plot, (end + 8.0, right));
    }
    let mut said = vec![format!(
        "Lines on the bars: interval of the index. Dashed vertical: {}%, from which a dosage is called preferred.",
        number(100.0 * plot.preferred_from, 0)
    )];
    if !plot.sweeps.is_empty() {
        said.push("Dotted verticals: weights as used; rings: weights at which the preference turns.".to_owned());
    }
    let end = remark(&mut canvas, &said, end + 2.0);
    canvas.set_height(end);
    canvas
}

/// Room for the names of dosages.
fn names_width(plot: &UtilityPlot) -> f64 {
    let widest = plot.dosages.iter().map(|bar| Lettering::LABEL.width(&name(bar))).fold(0.0, f64::max);
    widest.min(145.0) + 6.0
}

fn name(bar: &UtilityBar) -> String {
    let label = Lettering::LABEL.shortened(&plain(&bar.series.label), 110.0);
    format!("{label}, n={}", bar.series.n)
}

/// Contributions at the left, probabilities of the highest index at the right.
fn draw_bars(canvas: &mut Canvas, plot: &UtilityPlot, right: f64) -> f64 {
    let left = EDGE + names_width(plot);
    let entries: Vec<KeyEntry> =
        plot.attributes.iter().enumerate().map(|(place, label)| KeyEntry::new(Sample::Block(fill(place), 8.0), label)).collect();
    let top = draw_key(canvas, &entries, (EDGE, right), EDGE) + SMALL * LEADING + 4.0;
    let bottom = top + ROW * plot.dosages.len() as f64;
    let middle = left + (right - left - GAP) * 0.62;
    let unit = (0.0, 1.0);
    let panel = |left: f64, right: f64, ends: (f64, f64)| Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::new(ends, false, (left, right)),
        y: Scale::new(unit, false, (bottom, top)),
    };
    let (stacks, shares) = (panel(left, middle, unit), panel(middle + GAP, right, (0.0, 100.0)));
    for (panel, head, foot) in [(&stacks, "Contributions", "Utility index"), (&shares, "Highest index", "Probability (%)")] {
        canvas.words((panel.left, top - 5.0), head, HEAD);
        let ticks = panel.x.ticks(5);
        panel.grid_upright(canvas, &ticks);
        panel.axis_bottom(canvas, &ticks, &ticks);
        panel.name_bottom_of(canvas, foot);
    }
    for (place, bar) in plot.dosages.iter().enumerate() {
        let y = top + ROW * place as f64;
        canvas.words((left - 4.0, y + ROW / 2.0 + SMALL * HALF_CAP), &name(bar), Lettering::LABEL.anchored(Anchor::End));
        draw_stack(canvas, &stacks, bar, y);
        draw_share(canvas, &shares, bar, y);
    }
    let from = shares.x.place(100.0 * plot.preferred_from);
    canvas.path(&[(from, top), (from, bottom)], Stroke::solid(BLACK, 0.7).dashed(&[3.0, 2.0]));
    bottom + ROOM_UNDER
}

fn draw_stack(canvas: &mut Canvas, panel: &Panel, bar: &UtilityBar, y: f64) {
    let mut sum = 0.0;
    for (place, part) in bar.contributions.iter().enumerate().filter(|(_, part)| part.is_finite() && **part > 0.0) {
        let (from, to) = (panel.x.place(sum), panel.x.place(sum + part));
        canvas.rectangle((from, y + 4.0), (to, y + ROW - 4.0), fill(place));
        canvas.path(&[(to, y + 4.0), (to, y + ROW - 4.0)], Stroke::solid(WHITE, 0.8));
        sum += part;
    }
    if bar.limits.0.is_finite() && bar.limits.1.is_finite() {
        let middle = y + ROW / 2.0;
        let (low, high) = (panel.x.place(bar.limits.0), panel.x.place(bar.limits.1));
        canvas.path(&[(low, middle), (high, middle)], Stroke::solid(WHITE, 2.4));
        canvas.path(&[(low, middle), (high, middle)], Stroke::solid(BLACK, 0.9));
        for x in [low, high] {
            canvas.path(&[(x, middle - 2.5), (x, middle + 2.5)], Stroke::solid(BLACK, 0.9));
        }
    }
}

fn draw_share(canvas: &mut Canvas, panel: &Panel, bar: &UtilityBar, y: f64) {
    let percent = 100.0 * bar.probability_best;
    if !percent.is_finite() {
        return;
    }
    let to = panel.x.place(percent);
    canvas.rectangle((panel.left, y + 4.0), (to, y + ROW - 4.0), GREY);
    let words = number(percent, 1);
    let width = Lettering::LABEL.width(&words);
    let baseline = y + ROW / 2.0 + SMALL * HALF_CAP;
    if to + 4.0 + width > panel.right {
        canvas.words((to - 3.0, baseline), &words, Lettering::LABEL.inked(WHITE).anchored(Anchor::End));
    } else {
        canvas.words((to + 3.0, baseline), &words, Lettering::LABEL);
    }
}

/// One small panel per attribute: the index of each dosage as the weight runs from 0 to 1.
fn draw_sweeps(canvas: &mut Canvas, plot: &UtilityPlot, palette: &Palette, (top, right): (f64, f64), size: FigureSize) -> f64 {
    let entries: Vec<KeyEntry> = plot
        .dosages
        .iter()
        .map(|bar| {
            let style = palette.style(&bar.series);
            KeyEntry::new(Sample::Line(Stroke::solid(style.ink, 1.4).dashed(style.dash)), &bar.series.label)
        })
        .collect();
    canvas.words((EDGE, top + SMALL), "Index against the weight of one attribute", HEAD);
    let top = draw_key(canvas, &entries, (EDGE, right), top + SMALL * LEADING + 3.0);
    let ticks = Scale::new((0.0, 1.0), false, (0.0, 1.0)).ticks(5);
    let left = EDGE + room_for_values(&ticks);
    let columns = plot.sweeps.len().min(3);
    let room = Room { left, right, gap: 20.0, top, head: SMALL * LEADING + 3.0, foot: 17.0, lowest: top + size.tallest() * 0.45 };
    let grid = Grid::of_columns(plot.sweeps.len(), columns, room, 0.7);
    for (index, sweep) in plot.sweeps.iter().enumerate() {
        let (left, top, right, bottom) = grid.panel(index);
        let scale = |ends| Scale::new((0.0, 1.0), false, ends);
        let panel = Panel { left, top, right, bottom, x: scale((left, right)), y: scale((bottom, top)) };
        panel.grid(canvas, &ticks);
        draw_sweep(canvas, &panel, sweep, plot, palette);
        let across = panel.x.ticks(3);
        panel.axis_bottom(canvas, &across, &across);
        panel.axis_left(canvas, &ticks, grid.begins_row(index));
        canvas.words((left, top - 4.0), &HEAD.sized(7.0).shortened(&plain(&sweep.attribute), right - left), HEAD.sized(7.0));
    }
    let scale = Scale::new((0.0, 1.0), false, (0.0, 1.0));
    let whole = Panel { left, top, right, bottom: grid.bottom(), x: scale, y: scale };
    whole.name_bottom(canvas, "Weight");
    whole.name_left(canvas, "Utility index", EDGE, SLACK);
    grid.bottom() + ROOM_UNDER
}

fn draw_sweep(canvas: &mut Canvas, panel: &Panel, sweep: &WeightSweep, plot: &UtilityPlot, palette: &Palette) {
    let x = panel.x.place(sweep.planned);
    canvas.path(&[(x, panel.top), (x, panel.bottom)], Stroke::solid(GREY, 0.8).dashed(&[1.2, 1.8]));
    for (bar, (at_none, at_all)) in plot.dosages.iter().zip(&sweep.ends) {
        if at_none.is_finite() && at_all.is_finite() {
            let style = palette.style(&bar.series);
            let points = [(panel.left, panel.y.place(*at_none)), (panel.right, panel.y.place(*at_all))];
            canvas.path(&points, Stroke::solid(style.ink, 1.4).dashed(style.dash));
        }
    }
    for (weight, index) in &sweep.flips {
        let (x, y) = (panel.x.place(*weight), panel.y.place(*index));
        super::key::draw_ring(canvas, (x, y), 3.0, WHITE);
        let words = number(*weight, 3);
        let width = Lettering::LABEL.width(&words);
        let x = (x + 5.0).min(panel.right - width);
        canvas.words((x, (y - 5.0).max(panel.top + SMALL)), &words, Lettering::LABEL);
    }
}

/// The lead of the leading dosage under other choices, the widest bar first.
fn draw_tornado(canvas: &mut Canvas, plot: &UtilityPlot, (top, right): (f64, f64)) -> f64 {
    let rows: Vec<&TornadoBar> = plot.tornado.iter().filter(|bar| bar.low.is_finite() && bar.high.is_finite()).take(MOST_ROWS).collect();
    let label = |bar: &TornadoBar| Lettering::LABEL.sized(7.0).shortened(&plain(&bar.label), 190.0);
    let widest = rows.iter().map(|bar| Lettering::LABEL.sized(7.0).width(&label(bar))).fold(0.0, f64::max);
    let left = EDGE + widest + 6.0;
    canvas.words((EDGE, top + SMALL), "Lead of the dosage with the highest index, one choice changed at a time", HEAD);
    let top = top + SMALL * LEADING + 5.0;
    let bottom = top + THIN * rows.len() as f64;
    let low = rows.iter().map(|bar| bar.low).fold(0.0, f64::min);
    let high = rows.iter().map(|bar| bar.high).fold(plot.lead.max(0.0), f64::max);
    let room = 0.05 * (high - low).max(1e-6);
    let ends = (if low < 0.0 { low - room } else { 0.0 }, high + room);
    let x = Scale::new(ends, false, (left, right));
    let panel = Panel { left, top, right, bottom, x, y: Scale::new((0.0, 1.0), false, (bottom, top)) };
    let ticks = panel.x.ticks(6);
    panel.grid_upright(canvas, &ticks);
    for (place, bar) in rows.iter().enumerate() {
        let y = top + THIN * place as f64;
        canvas.words((left - 4.0, y + THIN / 2.0 + 7.0 * HALF_CAP), &label(bar), Lettering::LABEL.sized(7.0).anchored(Anchor::End));
        canvas.rectangle((x.place(bar.low), y + 2.0), (x.place(bar.high).max(x.place(bar.low) + 0.8), y + THIN - 2.0), SKY);
    }
    for (at, stroke) in [(plot.lead, Stroke::solid(BLACK, 0.9)), (0.0, Stroke::solid(BLACK, 0.8).dashed(&[3.0, 2.0]))] {
        canvas.path(&[(x.place(at), top), (x.place(at), bottom)], stroke);
    }
    panel.axis_bottom(canvas, &ticks, &ticks);
    panel.name_bottom(canvas, &format!("Difference of the index: {}", plot.lead_label));
    bottom + ROOM_UNDER
}

impl Panel {
    /// The name of the horizontal axis in small letters, within the panel.
    fn name_bottom_of(&self, canvas: &mut Canvas, name: &str) {
        let middle = f64::midpoint(self.left, self.right);
        canvas.words((middle, self.bottom + ROOM_UNDER - 6.0), name, Lettering::LABEL.anchored(Anchor::Middle));
    }
}
