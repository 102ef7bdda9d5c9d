//! Dose ladder: a row for each dose, its mark on a logarithmic axis, its value at the right; the chosen dose as a rule through all rows, the
//! planned levels as ticks in the last row.

use crate::evidence::{Axis, Rung, RungKind};
use crate::render::number::significant;

use super::axis::{Scale, ends, roomy};
use super::canvas::{Canvas, Stroke};
use super::lettering::{Anchor, HALF_CAP, LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, ROOM_UNDER};
use super::theme::{AXIS, BLACK, BLUE, GREEN, GRID, Ink, Marker, VERMILLION};
use super::{EDGE, FigureSize, notice, remark};

/// Kinds that have rows of their own, in their order.
const KINDS: [RungKind; 4] = [RungKind::Applicable, RungKind::Comparison, RungKind::AnimalExposure, RungKind::Efficacious];
/// Widest column of labels, as a share of the sheet.
const LABELS: f64 = 0.49;
/// Space between two rows, and above the heading of a kind.
const BETWEEN: f64 = 2.6;
const ABOVE_HEADING: f64 = 3.4;
/// Height of one line of words.
const LINE: f64 = SMALL * LEADING;
/// Room above the rows for the name of the chosen dose.
const HEAD: f64 = 15.0;
/// Height of the row of planned levels.
const PLANNED: f64 = 19.0;
/// Between the panel and the values.
const GAP: f64 = 8.0;

/// One row: its words and where it stands.
struct Line<'a> {
    rung: Option<&'a Rung>,
    words: Vec<String>,
    top: f64,
    height: f64,
}

impl Line<'_> {
    /// Where the mark of the row stands.
    fn middle(&self) -> f64 {
        self.top + (self.height - BETWEEN) / 2.0
    }
}

/// Draws a dose ladder; its height follows the number of rows.
pub(super) fn draw_ladder(dose: &Axis, unit: &str, rungs: &[Rung], size: FigureSize) -> Canvas {
    let usable: Vec<&Rung> = rungs.iter().filter(|rung| rung.at.is_finite() && rung.at > 1e-100 && rung.at < 1e100).collect();
    let axis = Axis { log: true, ..dose.clone() };
    let Some(range) = ends(&axis, usable.iter().map(|rung| rung.at)).map(|range| roomy(&axis, range, 6)) else { return notice(size) };
    let of = |kind: RungKind| usable.iter().copied().filter(move |rung| rung.kind == kind);
    let values = usable.iter().filter(|rung| KINDS.contains(&rung.kind)).map(|rung| Lettering::LABEL.width(&value(rung, unit)));
    let right = size.width() - EDGE - GAP - values.fold(0.0, f64::max);
    let room = size.width() * LABELS;
    let widest = usable.iter().filter(|rung| KINDS.contains(&rung.kind)).map(|rung| Lettering::LABEL.width(&plain(&rung.label)));
    let left = EDGE + widest.fold(70.0, f64::max).min(room) + 10.0;
    let lowest = size.tallest() - PLANNED - ROOM_UNDER - 24.0;
    let (lines, bottom, left_out) = stack(&usable, (left - EDGE - 10.0, lowest));
    let planned: Vec<&Rung> = of(RungKind::Planned).collect();
    let end_of_rows = bottom + BETWEEN;
    let bottom = if planned.is_empty() { end_of_rows } else { bottom + PLANNED };
    let x = Scale::new(range, true, (left, right));
    let panel = Panel { left, top: HEAD, right, bottom, x, y: Scale::new((0.0, 1.0), false, (bottom, HEAD)) };
    let mut canvas = Canvas::new(size.width());
    let ticks = x.ticks(7);
    panel.grid_upright(&mut canvas, &ticks);
    for middle in lines.iter().filter(|line| line.rung.is_some()).map(Line::middle) {
        canvas.path(&[(left, middle), (right, middle)], Stroke::solid(GRID, 0.5));
    }
    for at in of(RungKind::Chosen).map(|rung| x.place(rung.at)) {
        canvas.path(&[(at, HEAD - 2.0), (at, end_of_rows)], Stroke::solid(BLACK, 1.1));
    }
    for line in &lines {
        draw_line(&mut canvas, &panel, line, unit);
    }
    draw_planned(&mut canvas, &panel, &planned, unit);
    panel.axis_bottom(&mut canvas, &ticks, &ticks);
    for at in x.minor() {
        canvas.path(&[(x.place(at), bottom), (x.place(at), bottom + 1.7)], Stroke::solid(AXIS, 0.4));
    }
    panel.name_bottom(&mut canvas, &dose.label);
    name_chosen(&mut canvas, &panel, of(RungKind::Chosen).next());
    let said = if left_out > 0 { vec![format!("{left_out} further rows have no room here.")] } else { Vec::new() };
    let end = remark(&mut canvas, &said, bottom + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

fn value(rung: &Rung, unit: &str) -> String {
    format!("{} {}", significant(rung.at), plain(unit))
}

/// Headings and rows from the top down, where they end, and how many rows have no room.
fn stack<'a>(rungs: &[&'a Rung], (room, lowest): (f64, f64)) -> (Vec<Line<'a>>, f64, usize) {
    let (mut lines, mut top, mut left_out): (Vec<Line<'a>>, f64, usize) = (Vec::new(), HEAD + 2.0, 0);
    for kind in KINDS {
        let mut begun = false;
        for rung in rungs.iter().copied().filter(|rung| rung.kind == kind) {
            let words = Lettering::LABEL.wrapped(&plain(&rung.label), room, 2);
            let height = words.len().max(1) as f64 * LINE + BETWEEN;
            let before = if begun { 0.0 } else { ABOVE_HEADING + LINE + 1.0 };
            if top + before + height > lowest {
                left_out += 1;
                continue;
            }
            if !begun {
                lines.push(Line { rung: None, words: vec![heading(kind).to_owned()], top: top + ABOVE_HEADING, height: LINE + 1.0 });
                (top, begun) = (top + before, true);
            }
            lines.push(Line { rung: Some(rung), words, top, height });
            top += height;
        }
    }
    (lines, top, left_out)
}

fn heading(kind: RungKind) -> &'static str {
    match kind {
        RungKind::Chosen => "Chosen starting dose",
        RungKind::Applicable => "Applicable methods",
        RungKind::Comparison => "Shown for comparison",
        RungKind::AnimalExposure => "Human dose with the exposure of animals",
        RungKind::Efficacious => "Human dose with the efficacious exposure",
        RungKind::Planned => "Planned levels",
    }
}

fn mark(kind: RungKind) -> (Marker, Ink) {
    match kind {
        RungKind::Chosen | RungKind::Planned => (Marker::Plus, BLACK),
        RungKind::Applicable => (Marker::Circle, BLUE),
        RungKind::Comparison => (Marker::OpenCircle, BLUE),
        RungKind::AnimalExposure => (Marker::TriangleDown, VERMILLION),
        RungKind::Efficacious => (Marker::Diamond, GREEN),
    }
}

fn draw_line(canvas: &mut Canvas, panel: &Panel, line: &Line<'_>, unit: &str) {
    let Some(rung) = line.rung else {
        let bold = Lettering::LABEL.bold();
        for words in &line.words {
            canvas.words((EDGE, line.top + SMALL), &bold.shortened(words, panel.right - EDGE), bold);
        }
        return;
    };
    let middle = line.middle();
    let first = middle - (line.words.len() as f64 - 1.0) * LINE / 2.0 + SMALL * HALF_CAP;
    for (index, words) in line.words.iter().enumerate() {
        canvas.words((EDGE + 6.0, first + index as f64 * LINE), words, Lettering::LABEL);
    }
    let (marker, ink) = mark(rung.kind);
    let at = panel.x.place(rung.at);
    canvas.marker((at, middle), 2.9, marker, ink);
    canvas.words((canvas.width() - EDGE, middle + SMALL * HALF_CAP), &value(rung, unit), Lettering::LABEL.anchored(Anchor::End));
}

/// Ticks at the planned levels, with as many of their amounts as have room: the lowest and the highest first.
fn draw_planned(canvas: &mut Canvas, panel: &Panel, planned: &[&Rung], unit: &str) {
    if planned.is_empty() {
        return;
    }
    let middle = panel.bottom - 4.5;
    canvas.path(&[(panel.left, panel.bottom - PLANNED + 1.5), (panel.right, panel.bottom - PLANNED + 1.5)], Stroke::solid(GRID, 0.5));
    let bold = Lettering::LABEL.bold();
    let heading = format!("{}, {}", heading(RungKind::Planned), plain(unit));
    canvas.words((EDGE, middle - 1.0), &bold.shortened(&heading, panel.left - EDGE - 6.0), bold);
    for rung in planned {
        let x = panel.x.place(rung.at);
        canvas.path(&[(x, middle - 1.5), (x, panel.bottom)], Stroke::solid(BLACK, 1.0));
    }
    let small = Lettering::NOTE.sized(7.0).inked(BLACK).anchored(Anchor::Middle);
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for rung in planned.last().into_iter().chain(planned) {
        let label = plain(&rung.label);
        let (x, half) = (panel.x.place(rung.at), small.width(&label) / 2.0 + 1.5);
        if x - half < panel.left - 6.0 || taken.iter().any(|(low, high)| x + half > *low && x - half < *high) {
            continue;
        }
        taken.push((x - half, x + half));
        canvas.words((x, middle - 4.0), &label, small);
    }
}

/// The name of the rule, above it.
fn name_chosen(canvas: &mut Canvas, panel: &Panel, chosen: Option<&Rung>) {
    let Some(chosen) = chosen else { return };
    let bold = Lettering::LABEL.bold();
    let words = bold.shortened(&plain(&chosen.label), canvas.width() - 2.0 * EDGE);
    let half = bold.width(&words) / 2.0;
    let x = panel.x.place(chosen.at).clamp(EDGE + half, canvas.width() - EDGE - half);
    canvas.words((x, HEAD - 5.0), &words, bold.anchored(Anchor::Middle));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_by_kind_and_those_without_room_are_counted() {
        crate::render::figure::lettering::register().unwrap();
        let rung = |kind| Rung { label: "a".into(), at: 1.0, kind };
        let rungs = [rung(RungKind::Comparison), rung(RungKind::Applicable), rung(RungKind::Planned)];
        let refs: Vec<&Rung> = rungs.iter().collect();
        let (lines, bottom, left_out) = stack(&refs, (100.0, 500.0));
        assert_eq!((lines.len(), left_out), (4, 0));
        assert_eq!(lines[1].rung.map(|rung| rung.kind), Some(RungKind::Applicable));
        assert!(lines.windows(2).all(|pair| pair[0].top + pair[0].height <= pair[1].top + 1e-9) && bottom > lines[3].top);
        assert_eq!(stack(&refs, (100.0, HEAD + 30.0)).2, 1);
    }
}
