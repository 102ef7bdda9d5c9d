//! The path of a trial through its doses: a mark per cohort in order, at the height of its dose, shaded by what the rule said after it.

use crate::evidence::{DltCount, GridAction, PathStep, ToxicityCurve};

use super::action::{action_entries, draw_letters, letter_ink, shade};
use super::canvas::{Canvas, Point, Stroke};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{Anchor, HALF_CAP, LARGE, LEADING, Lettering, SMALL, plain};
use super::panel::Panel;
use super::theme::{AXIS, BLACK, GREY, GRID, Marker, WHITE};
use super::toxicity::{CHOSEN, chosen};
use super::{EDGE, axis::Scale};

/// Tallest and least height of the row of a dose.
const TALLEST: f64 = 21.0;
const LEAST: f64 = 9.0;
/// Height that all doses together may have, where the rows are no less than the least: a share of the page, and never more than this.
const MOST: f64 = 170.0;
const MOST_OF_PAGE: f64 = 0.3;
/// Largest and smallest mark, as a radius.
const LARGEST: f64 = 8.8;
const SMALLEST: f64 = 2.0;
/// Counts inside the marks.
const INSIDE: Lettering = Lettering::LABEL.sized(6.5);
/// Numbers and letters under the axis.
const UNDER: Lettering = Lettering::LABEL.sized(7.0);
/// Height of a row of level numbers under the axis.
const ROW: f64 = 10.5;
/// Widest label of a dose.
const LABEL: f64 = 86.0;

/// A row of words under the axis, one for each cohort.
struct Row {
    heading: &'static str,
    words: Vec<String>,
}

/// How the cohorts stand.
pub(super) struct Layout {
    left: f64,
    /// Height of the rows of all doses.
    doses: f64,
    column: f64,
    row: f64,
    radius: f64,
    /// Whether the counts of the cohorts stand in their marks.
    inside: bool,
    rows: Vec<Row>,
    /// Cohorts from one that has words under the axis to the next.
    every: usize,
}

impl Layout {
    /// Cohorts between two edges of a page of a given height.
    pub(super) fn new(figure: &ToxicityCurve, path: &[&PathStep], (left, right): (f64, f64), page: f64) -> Self {
        let column = (right - left) / path.len().max(1) as f64;
        let doses = figure.doses.len().max(1) as f64;
        let row = ((page * MOST_OF_PAGE).min(MOST) / doses).clamp(LEAST, TALLEST);
        let radius = (column / 2.0 - 1.2).min(row / 2.0 - 0.6).clamp(SMALLEST, LARGEST);
        let inside = path.iter().all(|step| INSIDE.width(&count(step.dlt, step.n)) <= 2.0 * radius - 2.6);
        let rows = rows(path, inside);
        let every = ((UNDER.size * LEADING) / column).ceil().max(1.0) as usize;
        Self { left, doses: row * doses, column, row, radius, inside, rows, every }
    }

    /// Height of the path with all that stands under it.
    pub(super) fn height(&self) -> f64 {
        self.doses + 6.0 + self.rows.iter().map(|row| self.height_of(row)).sum::<f64>() + ROW + 34.0
    }

    /// Whether the words of a row stand upright, because they are wider than a column.
    fn upright(&self, row: &Row) -> bool {
        row.words.iter().any(|words| UNDER.width(words) > self.column - 2.0)
    }

    fn height_of(&self, row: &Row) -> f64 {
        if self.upright(row) { row.words.iter().map(|words| UNDER.width(words)).fold(0.0, f64::max) + 4.0 } else { ROW }
    }

    /// What is said under the figure where not every cohort has its words.
    pub(super) fn remark(&self) -> Option<String> {
        (self.every > 1).then(|| format!("Words and decisions under the path: one cohort in {}.", self.every))
    }

    fn x(&self, index: usize) -> f64 {
        self.left + (index as f64 + 0.5) * self.column
    }
}

fn count(dlt: u32, n: u32) -> String {
    format!("{dlt}/{n}")
}

fn rows(path: &[&PathStep], inside: bool) -> Vec<Row> {
    let mut rows = vec![Row { heading: "Cohort", words: path.iter().map(|step| UNDER.shortened(&plain(&step.cohort), 40.0)).collect() }];
    if !inside {
        rows.push(Row { heading: "DLT/patients", words: path.iter().map(|step| count(step.dlt, step.n)).collect() });
    }
    if path.iter().any(|step| step.at_dose.is_some()) {
        let so_far = |at_dose: Option<DltCount>| at_dose.map_or_else(|| "–".to_owned(), |at_dose| count(at_dose.dlt, at_dose.n));
        rows.push(Row { heading: "At dose so far", words: path.iter().map(|step| so_far(step.at_dose)).collect() });
    }
    rows
}

/// Room left of the panel for the labels of the doses and the headings under it.
pub(super) fn room_for_path(figure: &ToxicityCurve, path: &[&PathStep]) -> f64 {
    if path.is_empty() {
        return 0.0;
    }
    let labels = figure.doses.iter().map(|dose| Lettering::LABEL.bold().width(&plain(&dose.label))).fold(0.0, f64::max).min(LABEL);
    let headings = rows(path, false).iter().map(|row| Lettering::NOTE.sized(7.0).width(row.heading)).fold(0.0, f64::max);
    (labels + LARGE * LEADING + 12.0).max(headings + 8.0)
}

/// Draws the path of the trial; returns where it ends.
pub(super) fn draw_path(canvas: &mut Canvas, figure: &ToxicityCurve, path: &[&PathStep], layout: &Layout, top: f64) -> f64 {
    let (left, right) = (layout.left, canvas.width() - EDGE);
    let doses = figure.doses.len() as f64;
    let bottom = top + 3.0 + layout.doses;
    let unit = Scale::new((0.0, 1.0), false, (0.0, 1.0));
    // Position 0 is the lowest dose, in the middle of the lowest row.
    let y = Scale::new((-0.5, doses - 0.5), false, (bottom, top + 3.0));
    let panel = Panel { left, top, right, bottom, x: unit, y };
    draw_doses(canvas, figure, &panel, layout.row);
    let places: Vec<Point> = path.iter().enumerate().map(|(index, step)| (layout.x(index), panel.y.place(step.dose as f64))).collect();
    canvas.path(&places, Stroke::solid(GREY, 1.0));
    for (step, place) in path.iter().zip(&places) {
        draw_mark(canvas, step, *place, layout);
    }
    let under = draw_rows(canvas, layout, path, &panel);
    panel.name_left(canvas, "Dose of the cohort", EDGE, 8.0);
    draw_key(canvas, &entries(path, layout), (EDGE, right), under + 4.0)
}

/// Axis, labels and a light line for every dose; the chosen one in its band.
fn draw_doses(canvas: &mut Canvas, figure: &ToxicityCurve, panel: &Panel, height: f64) {
    for (index, dose) in figure.doses.iter().enumerate() {
        let y = panel.y.place(index as f64);
        let chosen = chosen(figure) == Some(index);
        if chosen {
            canvas.rectangle((panel.left, y - height / 2.0), (panel.right, y + height / 2.0), CHOSEN);
        }
        canvas.path(&[(panel.left, y), (panel.right, y)], Stroke::solid(GRID, 0.5));
        let lettering = if chosen { Lettering::LABEL.bold() } else { Lettering::NOTE }.anchored(Anchor::End);
        let label = lettering.shortened(&plain(&dose.label), LABEL);
        canvas.words((panel.left - 4.0, y + SMALL * HALF_CAP), &label, lettering);
    }
    canvas.path(&[(panel.left, panel.top), (panel.left, panel.bottom), (panel.right, panel.bottom)], Stroke::solid(AXIS, 0.6));
}

/// The mark of a cohort: a disc, or a square where the trial did otherwise than the rule said.
fn draw_mark(canvas: &mut Canvas, step: &PathStep, (x, y): Point, layout: &Layout) {
    let radius = layout.radius;
    let fill = shade(step.decision);
    if step.overridden {
        let side = radius * 0.95;
        canvas.rectangle((x - side - 0.6, y - side - 0.6), (x + side + 0.6, y + side + 0.6), WHITE);
        canvas.rectangle((x - side, y - side), (x + side, y + side), BLACK);
        let inner = side - (side * 0.4).min(1.6);
        canvas.rectangle((x - inner, y - inner), (x + inner, y + inner), fill);
    } else {
        canvas.disc((x, y), radius + 0.6, WHITE, 1.0);
        canvas.disc((x, y), radius, BLACK, 1.0);
        canvas.disc((x, y), radius - 0.7, fill, 1.0);
    }
    if layout.inside {
        let lettering = INSIDE.inked(letter_ink(step.decision)).anchored(Anchor::Middle);
        canvas.words((x, y + INSIDE.size * HALF_CAP), &count(step.dlt, step.n), lettering);
    }
}

/// The rows of words under the axis and the letters of the decisions; returns where they end.
fn draw_rows(canvas: &mut Canvas, layout: &Layout, path: &[&PathStep], panel: &Panel) -> f64 {
    let heading = Lettering::NOTE.sized(7.0).anchored(Anchor::End);
    let mut top = panel.bottom + 3.0;
    for row in &layout.rows {
        let upright = layout.upright(row);
        let height = layout.height_of(row);
        canvas.words((panel.left - 4.0, top + UNDER.size * 0.95), row.heading, heading);
        for (index, words) in row.words.iter().enumerate().step_by(layout.every) {
            let x = layout.x(index);
            if upright {
                canvas.words_upright((x + UNDER.size * HALF_CAP, top + 1.0), words, UNDER.anchored(Anchor::End));
            } else {
                canvas.words((x, top + UNDER.size * 0.95), words, UNDER.anchored(Anchor::Middle));
            }
        }
        top += height;
    }
    canvas.words((panel.left - 4.0, top + UNDER.size * 0.95), "Decision", heading);
    let size = (layout.column * layout.every as f64 * 0.5).min(UNDER.size);
    let half = (layout.column * layout.every as f64 / 2.0 - 0.3).min(7.0);
    for (index, step) in path.iter().enumerate().step_by(layout.every) {
        let middle = (layout.x(index), top + UNDER.size * (0.95 - HALF_CAP));
        canvas.rectangle((middle.0 - half, middle.1 - 4.6), (middle.0 + half, middle.1 + 4.6), shade(step.decision));
        draw_letters(canvas, middle, step.decision, size);
    }
    top + ROW + 1.0
}

fn entries(path: &[&PathStep], layout: &Layout) -> Vec<KeyEntry> {
    let mut entries = action_entries(&path.iter().map(|step| step.decision).collect::<Vec<GridAction>>());
    if layout.inside {
        entries.push(KeyEntry { sample: Sample::Point(Marker::OpenCircle, BLACK), label: "cohort: patients with DLT/patients".to_owned() });
    }
    if path.iter().any(|step| step.overridden) {
        entries.push(KeyEntry { sample: Sample::Point(Marker::OpenSquare, BLACK), label: "decision not followed".to_owned() });
    }
    entries
}
