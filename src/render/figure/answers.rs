//! Answers by visit: stacked bars, the worst answer at the bottom, a panel per question and dosage, and the numbers of answers beneath.

use crate::evidence::{AnswerPanel, Axis};

use super::axis::{Scale, Tick};
use super::canvas::{Canvas, Stroke};
use super::facets::{Grid, Room, draw_head, head_height};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, ROOM_UNDER, room_for_values};
use super::theme::{AXIS, BLACK, GREY, Ink};
use super::{EDGE, FigureSize, notice};

/// Shades of answers from the best to the worst; lightness falls, so that greyscale keeps the order.
const SHADES: [Ink; 5] =
    [Ink(0xee, 0xee, 0xee), Ink(0xbc, 0xd4, 0xe3), Ink(0x7d, 0xaa, 0xc7), Ink(0x3a, 0x74, 0x9d), Ink(0x10, 0x2f, 0x4f)];
/// Numbers and names of visits.
const UNDER: Lettering = Lettering::NOTE.sized(6.0);
/// Share of its place that a bar fills.
const FILLED: f64 = 0.82;
/// Between two panels in a row.
const GAP: f64 = 14.0;
/// Air between two numbers.
const AIR: f64 = 1.6;

/// Draws the answers in a grid of the given number of columns.
pub(super) fn draw_answers(
    visit: &Axis,
    visits: &[String],
    answers: &[String],
    (columns, panels): (usize, &[AnswerPanel]),
    size: FigureSize,
) -> Canvas {
    if visits.is_empty() || panels.iter().all(|panel| panel.bars.iter().flatten().all(|bar| bar.n() == 0)) {
        return notice(size);
    }
    let ticks = Scale::new((0.0, 100.0), false, (0.0, 1.0)).ticks(3);
    let left = EDGE + room_for_values(&ticks);
    let right = size.width() - EDGE - 5.0;
    let columns = columns.max(1);
    let width = (right - left - GAP * (columns as f64 - 1.0)) / columns as f64;
    let bold = Lettering::LABEL.bold();
    let head = |panel: &AnswerPanel| {
        let mut lines = bold.wrapped(&plain(&panel.title), width, 2);
        lines.push(bold.shortened(&format!("{}, n={}", plain(&panel.series.label), panel.series.n), width));
        lines
    };
    let heads: Vec<Vec<String>> = panels.iter().map(head).collect();
    let mut canvas = Canvas::new(size.width());
    let entries: Vec<KeyEntry> = answers.iter().zip(SHADES).map(|(answer, ink)| KeyEntry::new(Sample::Block(ink, 7.0), answer)).collect();
    let top = draw_key(&mut canvas, &entries, (left, right), EDGE) + 2.0;
    let upright = visits.iter().map(|visit| UNDER.width(visit)).fold(0.0, f64::max);
    let place = width / visits.len() as f64;
    let upright = Some(upright + 4.0).filter(|widest| *widest > 4.0 * place.max(8.0));
    let foot = upright.unwrap_or(8.0) + 16.0;
    let room = Room { left, right, gap: GAP, top, head: head_height(&heads), foot, lowest: size.tallest() - 34.0 };
    let grid = Grid::of_columns(panels.len(), columns, room, 0.4);
    for (index, (own, head)) in panels.iter().zip(&heads).enumerate() {
        let (left, top, right, bottom) = grid.panel(index);
        let x = Scale::new((0.0, visits.len() as f64), false, (left, right));
        let panel = Panel { left, top, right, bottom, x, y: Scale::new((0.0, 100.0), false, (bottom, top)) };
        draw_panel(&mut canvas, &panel, own, (&ticks, grid.begins_row(index)));
        draw_under(&mut canvas, &panel, own, (visits, upright, grid.begins_row(index)));
        draw_head(&mut canvas, head, (left, top), BLACK);
    }
    let bottom = grid.bottom() + foot - ROOM_UNDER + 16.0;
    let unit = Scale::new((0.0, 1.0), false, (0.0, 1.0));
    let whole = Panel { left, top, right, bottom, x: unit, y: unit };
    whole.name_bottom(&mut canvas, &visit.label);
    whole.name_left(&mut canvas, "Subjects who answered (%)", EDGE, 0.0);
    canvas.set_height(bottom + ROOM_UNDER);
    canvas
}

fn draw_panel(canvas: &mut Canvas, panel: &Panel, own: &AnswerPanel, (ticks, labelled): (&[Tick], bool)) {
    panel.grid(canvas, ticks);
    panel.axis_left(canvas, ticks, labelled);
    canvas.path(&[(panel.left, panel.bottom), (panel.right, panel.bottom)], Stroke::solid(AXIS, 0.6));
    for (index, bar) in own.bars.iter().enumerate() {
        let Some(bar) = bar.as_ref().filter(|bar| bar.n() > 0) else { continue };
        let margin = (1.0 - FILLED) / 2.0;
        let (from, to) = (panel.x.place(index as f64 + margin), panel.x.place(index as f64 + 1.0 - margin));
        let mut below = 0;
        for (count, ink) in bar.counts.iter().zip(SHADES).rev().filter(|(count, _)| **count > 0) {
            let share = |held: usize| panel.y.place(100.0 * held as f64 / bar.n() as f64);
            canvas.rectangle((from, share(below + count)), (to, share(below)), ink);
            below += count;
        }
    }
}

/// Names of visits and numbers of answers, thinned alike where they would touch.
fn draw_under(canvas: &mut Canvas, panel: &Panel, own: &AnswerPanel, (visits, upright, first): (&[String], Option<f64>, bool)) {
    let numbers: Vec<String> = own.bars.iter().map(|bar| bar.as_ref().map_or_else(|| "–".to_owned(), |bar| bar.n().to_string())).collect();
    let place = panel.x.place(1.0) - panel.x.place(0.0);
    let widest = numbers.iter().chain(visits.iter().filter(|_| upright.is_none())).map(|text| UNDER.width(text)).fold(0.0, f64::max);
    let every = (1..visits.len().max(1)).find(|every| *every as f64 * place >= widest + AIR).unwrap_or(visits.len().max(1));
    let names = panel.bottom + SMALL * LEADING;
    let counts = names + upright.unwrap_or(8.0) + 0.5;
    for (index, (visit, number)) in visits.iter().zip(&numbers).enumerate().filter(|(index, _)| index % every == 0) {
        let middle = panel.x.place(index as f64 + 0.5);
        match upright {
            Some(_) => canvas.words_upright((middle + 2.0, panel.bottom + 4.0), visit, UNDER.anchored(Anchor::End)),
            None => canvas.words((middle, names), visit, UNDER.inked(BLACK).anchored(Anchor::Middle)),
        }
        canvas.words((middle, counts), number, UNDER.inked(GREY).anchored(Anchor::Middle));
    }
    if first {
        canvas.words((panel.left - 6.0, counts), "n", UNDER.anchored(Anchor::End));
    }
}
