//! The decisions of an escalation rule: a cell per count of patients and toxicities, lines where the decision changes, and rings around the
//! counts of the trial, each tied to its name below the axis by a line that runs between the columns and so covers no letter.

use std::collections::BTreeMap;

use crate::evidence::{Axis, GridAction, GridCell, GridPoint};

use super::action::{action_entries, draw_letters, shade};
use super::axis::Scale;
use super::canvas::{Canvas, Stroke};
use super::key::{KeyEntry, Sample, draw_key, draw_ring};
use super::lettering::{Anchor, HALF_CAP, LARGE, LEADING, Lettering, SMALL, plain, tenths};
use super::panel::Panel;
use super::theme::{BLACK, WHITE};
use super::{EDGE, FigureSize, notice, remark};

/// Columns that one figure shows at most; more would have no room for letters.
const MOST_COLUMNS: usize = 40;
/// Narrowest and widest column in points.
const NARROWEST: f64 = 10.0;
const WIDEST: f64 = 56.0;
/// Tallest row in points.
const TALLEST: f64 = 16.0;
/// Rows of one and the same decision that are drawn above the last change of decision, and the least number left out.
const ROWS_ABOVE: u32 = 1;
const FEWEST_LEFT_OUT: u32 = 3;
/// What stands under the cells beside the names of observed counts: tick labels, name of the axis, key, remarks.
const UNDER: f64 = 92.0;
/// Names of observed counts.
const NAME: Lettering = Lettering::LABEL.sized(7.0);
/// Widest line of such a name.
const NAME_ROOM: f64 = 112.0;

/// Cells by patients and toxicities, and which of them are drawn.
struct Decisions {
    actions: BTreeMap<(u32, u32), GridAction>,
    /// Numbers of patients, ascending, a column each.
    columns: Vec<u32>,
    /// Numbers of patients beyond the figure.
    columns_left_out: Vec<u32>,
    /// Toxicities of the uppermost row.
    highest: u32,
    /// The decision of all rows above it, where rows are left out.
    above: Option<GridAction>,
}

/// The counts of the trial in one column that have the same number of toxicities.
struct Observed {
    column: usize,
    dlt: u32,
    lines: Vec<String>,
}

/// Where the cells stand.
struct Board {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    columns: usize,
    rows: u32,
}

impl Board {
    fn right(&self) -> f64 {
        self.left + self.columns as f64 * self.width
    }

    fn bottom(&self) -> f64 {
        self.top + f64::from(self.rows) * self.height
    }

    /// Left, top, right and bottom of a cell.
    fn cell(&self, column: usize, dlt: u32) -> (f64, f64, f64, f64) {
        let left = self.left + column as f64 * self.width;
        let bottom = self.bottom() - f64::from(dlt) * self.height;
        (left, bottom - self.height, left + self.width, bottom)
    }

    fn middle(&self, column: usize, dlt: u32) -> (f64, f64) {
        let (left, top, right, bottom) = self.cell(column, dlt);
        (f64::midpoint(left, right), f64::midpoint(top, bottom))
    }

    /// Size of the letters in the cells.
    fn letter_size(&self) -> f64 {
        (self.width * 0.5).min(self.height * 0.62).min(8.0)
    }
}

/// Draws the decision grid. Columns are 10 to 56 points wide, rows up to 16 points tall; the height follows from them and the observed counts.
pub(super) fn draw_decision_grid(n: &Axis, dlt: &Axis, cells: &[GridCell], observed: &[GridPoint], size: FigureSize) -> Canvas {
    let left = EDGE + LARGE * LEADING + 4.0 + Lettering::NOTE.width("000") + 3.0;
    let right = size.width() - EDGE - 2.0;
    let most = (((right - left) / NARROWEST).floor() as usize).clamp(1, MOST_COLUMNS);
    let Some(decisions) = Decisions::new(n, dlt, cells, observed, most) else { return notice(size) };
    let named = name_observed(&decisions, observed);
    let board = lay_out(&decisions, &named, (left, right), size);
    let mut canvas = Canvas::new(size.width());
    draw_cells(&mut canvas, &board, &decisions);
    draw_changes(&mut canvas, &board, &decisions);
    let under = draw_names(&mut canvas, &board, &named);
    draw_rings(&mut canvas, &board, &decisions, &named);
    draw_decisions(&mut canvas, &board, &decisions);
    draw_axes(&mut canvas, &board, &decisions, (n, dlt), under);
    let mut entries = action_entries(&decisions.actions.values().copied().collect::<Vec<_>>());
    if !named.is_empty() {
        entries.push(KeyEntry { sample: Sample::Ring, label: "observed: dose, patients with DLT/patients".to_owned() });
    }
    let bottom = draw_key(&mut canvas, &entries, (EDGE, size.width() - EDGE), under + LARGE * LEADING + 6.0);
    let end = remark(&mut canvas, &remarks(&decisions, observed), bottom + 2.0);
    canvas.set_height(end);
    canvas
}

fn within(axis: &Axis, value: u32) -> bool {
    axis.range.is_none_or(|(low, high)| (low..=high).contains(&f64::from(value)))
}

impl Decisions {
    /// The cells that the axes hold, and the columns of all counts; none where there is nothing to draw.
    fn new(n: &Axis, dlt: &Axis, cells: &[GridCell], observed: &[GridPoint], most: usize) -> Option<Self> {
        let possible = |patients: u32, toxicities: u32| toxicities <= patients && within(n, patients) && within(dlt, toxicities);
        let held = cells.iter().filter(|cell| possible(cell.n, cell.dlt));
        let mut actions: BTreeMap<(u32, u32), GridAction> = held.map(|cell| ((cell.n, cell.dlt), cell.action)).collect();
        if actions.is_empty() {
            return None;
        }
        let seen: Vec<(u32, u32)> =
            observed.iter().filter(|point| possible(point.n, point.dlt)).map(|point| (point.n, point.dlt)).collect();
        let mut columns: Vec<u32> = actions.keys().map(|(n, _)| *n).chain(seen.iter().map(|(n, _)| *n)).collect();
        columns.sort_unstable();
        columns.dedup();
        let columns_left_out = columns.split_off(most.min(columns.len()));
        actions.retain(|(n, _), _| columns.binary_search(n).is_ok());
        let seen = seen.iter().filter(|(n, _)| columns.binary_search(n).is_ok()).map(|(_, dlt)| *dlt).max().unwrap_or(0);
        let (highest, above) = rows(&actions, seen);
        Some(Self { actions, columns, columns_left_out, highest, above })
    }

    fn action(&self, column: usize, dlt: u32) -> Option<GridAction> {
        self.actions.get(&(*self.columns.get(column)?, dlt)).copied()
    }

    /// Column, toxicities and decision of every cell that is drawn.
    fn shown(&self) -> impl Iterator<Item = (usize, u32, GridAction)> + '_ {
        let place = |n: &u32| self.columns.binary_search(n).ok();
        self.actions
            .iter()
            .filter(|((_, dlt), _)| *dlt <= self.highest)
            .filter_map(move |((n, dlt), action)| Some((place(n)?, *dlt, *action)))
    }
}

/// The uppermost row, which holds all counts `seen`, and the decision of all rows above it where these are left out.
fn rows(actions: &BTreeMap<(u32, u32), GridAction>, seen: u32) -> (u32, Option<GridAction>) {
    let last = actions.keys().map(|(_, dlt)| *dlt).max().unwrap_or(0);
    let Some(above) = actions.iter().find(|((_, dlt), _)| *dlt == last).map(|(_, action)| *action) else { return (seen, None) };
    let last_other = actions.iter().filter(|(_, action)| **action != above).map(|((_, dlt), _)| *dlt).max().unwrap_or(0);
    let enough = (last_other + 1 + ROWS_ABOVE).max(seen);
    if last.saturating_sub(enough) < FEWEST_LEFT_OUT { (last.max(seen), None) } else { (enough, Some(above)) }
}

/// The observed counts, from the right to the left and upwards, each with its doses and its numbers.
fn name_observed(decisions: &Decisions, observed: &[GridPoint]) -> Vec<Observed> {
    let mut doses: BTreeMap<(usize, u32), Vec<String>> = BTreeMap::new();
    for point in observed.iter().filter(|point| point.dlt <= decisions.highest && point.dlt <= point.n) {
        if let Ok(column) = decisions.columns.binary_search(&point.n) {
            doses.entry((column, point.dlt)).or_default().push(plain(&point.label));
        }
    }
    let named = doses.into_iter().rev().filter_map(|((column, dlt), doses)| {
        let n = *decisions.columns.get(column)?;
        let lines = NAME.wrapped(&format!("{}: {dlt}/{n}", doses.join(", ")), NAME_ROOM, 3);
        Some(Observed { column, dlt, lines })
    });
    named.collect()
}

impl Observed {
    fn width(&self) -> f64 {
        self.lines.iter().map(|line| NAME.width(line)).fold(0.0, f64::max)
    }

    fn height(&self) -> f64 {
        self.lines.len() as f64 * NAME.size * LEADING
    }
}

/// Columns as wide as the sheet allows when every name of an observed count begins right of its column.
fn lay_out(decisions: &Decisions, named: &[Observed], (left, right): (f64, f64), size: FigureSize) -> Board {
    let columns = decisions.columns.len();
    let width_for = |right: f64| ((right - left) / columns as f64).clamp(2.0, WIDEST);
    let end = |width: f64| named.iter().map(|name| left + (name.column as f64 + 1.0) * width + 4.0 + name.width()).fold(0.0, f64::max);
    // The names move left with their columns by less than the sheet gives way, so that one step is not always enough.
    let mut inner = right;
    for _ in 0..8 {
        inner -= (end(width_for(inner)) - right).max(0.0);
    }
    let width = width_for(inner.max(left + (right - left) * 0.5));
    let rows = decisions.highest + 1;
    let names: f64 = named.iter().map(Observed::height).sum();
    let room = (size.tallest() - UNDER - names) / f64::from(rows);
    Board { left, top: EDGE + 3.0, width, height: width.min(TALLEST).min(room.max(5.0)), columns, rows }
}

fn draw_cells(canvas: &mut Canvas, board: &Board, decisions: &Decisions) {
    for (column, dlt, action) in decisions.shown() {
        let (left, top, right, bottom) = board.cell(column, dlt);
        canvas.rectangle((left, top), (right, bottom), shade(action));
    }
    for (column, dlt, _) in decisions.shown() {
        let (left, top, right, bottom) = board.cell(column, dlt);
        canvas.path(&[(left, top), (right, top), (right, bottom)], Stroke::solid(WHITE, 0.6));
    }
}

/// Lines between neighbouring cells of different decisions, and around all cells.
fn draw_changes(canvas: &mut Canvas, board: &Board, decisions: &Decisions) {
    let line = Stroke::solid(BLACK, 1.1);
    for (column, dlt, action) in decisions.shown() {
        let (left, top, right, bottom) = board.cell(column, dlt);
        if column > 0 && decisions.action(column - 1, dlt).is_some_and(|other| other != action) {
            canvas.path(&[(left, top), (left, bottom)], line);
        }
        if dlt < decisions.highest && decisions.action(column, dlt + 1).is_some_and(|other| other != action) {
            canvas.path(&[(left, top), (right, top)], line);
        }
    }
}

/// Names of observed counts under the axis, each right of its line; returns where they end. From the right to the left, each below all names
/// whose lines it would reach: the line of a name runs left of all names that were placed before, so that no line crosses a name.
fn draw_names(canvas: &mut Canvas, board: &Board, named: &[Observed]) -> f64 {
    let top = board.bottom() + SMALL + 7.0;
    // Left edge and lower end of what was placed.
    let mut placed: Vec<(f64, f64)> = Vec::new();
    for name in named {
        let (_, _, gutter, corner) = board.cell(name.column, name.dlt);
        let right = gutter + 4.0 + name.width();
        let y = placed.iter().filter(|(left, _)| *left < right + 4.0).map(|(_, bottom)| *bottom).fold(top, f64::max);
        let bottom = y + name.height();
        let line = [board.middle(name.column, name.dlt), (gutter, corner), (gutter, bottom - 1.0)];
        canvas.path(&line, Stroke::solid(WHITE, 2.2));
        canvas.path(&line, Stroke::solid(BLACK, 0.8));
        for (index, text) in name.lines.iter().enumerate() {
            let baseline = y + NAME.size * (0.86 + index as f64 * LEADING);
            canvas.words((gutter + 3.0, baseline), text, NAME);
        }
        placed.push((gutter, bottom));
    }
    placed.iter().map(|(_, bottom)| *bottom).fold(top, f64::max)
}

fn draw_rings(canvas: &mut Canvas, board: &Board, decisions: &Decisions, named: &[Observed]) {
    let radius = board.width.min(board.height) / 2.0 - 0.2;
    for name in named {
        let centre = board.middle(name.column, name.dlt);
        let action = decisions.action(name.column, name.dlt);
        draw_ring(canvas, centre, radius, action.map_or(WHITE, shade));
    }
}

/// The letters of all cells, which stand above lines and rings.
fn draw_decisions(canvas: &mut Canvas, board: &Board, decisions: &Decisions) {
    for (column, dlt, action) in decisions.shown() {
        draw_letters(canvas, board.middle(column, dlt), action, board.letter_size());
    }
}

fn draw_axes(canvas: &mut Canvas, board: &Board, decisions: &Decisions, (n, dlt): (&Axis, &Axis), under: f64) {
    let widest = |lettering: Lettering| decisions.columns.iter().map(|n| lettering.width(&n.to_string())).fold(0.0, f64::max);
    let size = tenths((SMALL * (board.width - 2.0) / widest(Lettering::NOTE)).clamp(4.0, SMALL));
    let every = ((widest(Lettering::NOTE.sized(size)) + 1.0) / board.width).ceil().max(1.0) as usize;
    for (column, n) in decisions.columns.iter().enumerate().step_by(every) {
        let (x, _) = board.middle(column, 0);
        canvas.words((x, board.bottom() + 3.0 + SMALL * 0.8), &n.to_string(), Lettering::NOTE.sized(size).anchored(Anchor::Middle));
    }
    let every = (8.0 / board.height).ceil().max(1.0) as usize;
    for row in (0..board.rows).step_by(every) {
        let (_, y) = board.middle(0, row);
        canvas.words((board.left - 3.5, y + SMALL * HALF_CAP), &row.to_string(), Lettering::NOTE.anchored(Anchor::End));
    }
    let unit = Scale::new((0.0, 1.0), false, (0.0, 1.0));
    let panel = Panel { left: board.left, top: board.top, right: board.right(), bottom: board.bottom(), x: unit, y: unit };
    panel.name_left(canvas, &dlt.label, EDGE, under - board.bottom());
    Panel { bottom: under - 12.0, ..panel }.name_bottom(canvas, &n.label);
}

fn remarks(decisions: &Decisions, observed: &[GridPoint]) -> Vec<String> {
    let mut said = Vec::new();
    if decisions.shown().any(|(_, _, action)| decisions.actions.values().any(|other| *other != action)) {
        said.push("Lines: where the decision changes.".to_owned());
    }
    if let Some(above) = decisions.above {
        said.push(format!("More than {} with DLT: {} throughout, not drawn.", decisions.highest, super::action::letters(above)));
    }
    if let (Some(first), Some(last)) = (decisions.columns_left_out.first(), decisions.columns_left_out.last()) {
        said.push(format!("Not drawn: decisions for {first} to {last} patients."));
    }
    let drawn = |point: &&GridPoint| point.dlt <= point.n.min(decisions.highest) && decisions.columns.binary_search(&point.n).is_ok();
    let lost: Vec<String> =
        observed.iter().filter(|point| !drawn(point)).map(|point| format!("{} {}/{}", plain(&point.label), point.dlt, point.n)).collect();
    if !lost.is_empty() {
        said.push(format!("Observed beyond the figure: {}.", lost.join(", ")));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis() -> Axis {
        Axis { label: "n".into(), log: false, range: None }
    }

    fn cells(most: u32, action: impl Fn(u32, u32) -> GridAction) -> Vec<GridCell> {
        (1..=most).flat_map(|n| (0..=n).map(move |dlt| (n, dlt))).map(|(n, dlt)| GridCell { n, dlt, action: action(n, dlt) }).collect()
    }

    #[test]
    fn rows_of_one_decision_at_the_top_are_left_out() {
        let cells = cells(30, |_, dlt| if dlt > 9 { GridAction::Eliminate } else { GridAction::Stay });
        let decisions = Decisions::new(&axis(), &axis(), &cells, &[], 40).unwrap();
        assert_eq!((decisions.highest, decisions.above), (11, Some(GridAction::Eliminate)));
        let observed = [GridPoint { n: 20, dlt: 15, label: "a".into() }];
        assert_eq!(Decisions::new(&axis(), &axis(), &cells, &observed, 40).unwrap().highest, 15, "what was observed is drawn");
        let few = Decisions::new(&axis(), &axis(), &cells[..77], &[], 40).unwrap();
        assert_eq!((few.highest, few.above), (11, None), "a row or two are not worth a remark");
    }

    #[test]
    fn columns_are_the_counts_that_occur() {
        let cells: Vec<GridCell> = cells(12, |_, _| GridAction::Stay).into_iter().filter(|cell| cell.n.is_multiple_of(3)).collect();
        let observed = [GridPoint { n: 5, dlt: 1, label: "a".into() }, GridPoint { n: 3, dlt: 4, label: "b".into() }];
        let decisions = Decisions::new(&axis(), &axis(), &cells, &observed, 40).unwrap();
        assert_eq!(decisions.columns, [3, 5, 6, 9, 12]);
        assert_eq!(decisions.action(1, 1), None);
        assert_eq!(name_observed(&decisions, &observed).len(), 1, "four of three is no count");
        let cut = Decisions::new(&axis(), &axis(), &cells, &observed, 3).unwrap();
        assert_eq!((cut.columns, cut.columns_left_out), (vec![3, 5, 6], vec![9, 12]));
        assert!(Decisions::new(&axis(), &axis(), &[], &observed, 40).is_none());
    }
}
