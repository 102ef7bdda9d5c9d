//! A grid of small panels with common axes, one per series, each with its name above it.

use crate::evidence::SeriesKey;

use super::canvas::Canvas;
use super::labelled;
use super::lettering::{LEADING, Lettering, SMALL};
use super::theme::Ink;

/// Least and greatest height of a panel.
const SHORTEST: f64 = 40.0;
const TALLEST: f64 = 200.0;

/// Where the panels stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    count: usize,
    columns: usize,
    left: f64,
    top: f64,
    width: f64,
    gap: f64,
    height: f64,
    /// From the top of one row to the top of the next.
    pitch: f64,
}

/// What a grid has to leave free, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Room {
    /// Left edge of the first column.
    pub(super) left: f64,
    /// Right edge of the last column.
    pub(super) right: f64,
    /// Between two panels in a row.
    pub(super) gap: f64,
    /// Above the first row.
    pub(super) top: f64,
    /// Above each panel, for its name.
    pub(super) head: f64,
    /// Under each panel, for ticks and numbers.
    pub(super) foot: f64,
    /// Where the last row must end, its foot included.
    pub(super) lowest: f64,
}

impl Grid {
    /// A grid of one to four columns for `count` panels, which are `aspect` times as tall as wide where the page allows.
    pub(super) fn new(count: usize, room: Room, aspect: f64) -> Self {
        Self::of_columns(count, columns(count), room, aspect)
    }

    /// A grid of a given number of columns, at least one.
    pub(super) fn of_columns(count: usize, columns: usize, room: Room, aspect: f64) -> Self {
        let columns = columns.max(1);
        let rows = count.div_ceil(columns).max(1) as f64;
        let width = (room.right - room.left - room.gap * (columns as f64 - 1.0)) / columns as f64;
        let most = (room.lowest - room.top) / rows - room.head - room.foot;
        let height = (width * aspect).clamp(SHORTEST, TALLEST).min(most.max(SHORTEST));
        Self {
            count,
            columns,
            left: room.left,
            top: room.top + room.head,
            width,
            gap: room.gap,
            height,
            pitch: height + room.head + room.foot,
        }
    }

    /// Left, top, right and bottom of a panel.
    pub(super) fn panel(&self, index: usize) -> (f64, f64, f64, f64) {
        let (column, row) = (index % self.columns, index / self.columns);
        let left = self.left + column as f64 * (self.width + self.gap);
        let top = self.top + row as f64 * self.pitch;
        (left, top, left + self.width, top + self.height)
    }

    /// Whether a panel begins its row.
    pub(super) fn begins_row(&self, index: usize) -> bool {
        index.is_multiple_of(self.columns)
    }

    /// Whether a panel ends its row.
    pub(super) fn ends_row(&self, index: usize) -> bool {
        (index + 1).is_multiple_of(self.columns) || index + 1 == self.count
    }

    /// Whether no panel stands below.
    pub(super) fn lowest(&self, index: usize) -> bool {
        index + self.columns >= self.count
    }

    /// Lower edge of the last row of panels.
    pub(super) fn bottom(&self) -> f64 {
        self.panel(self.count.saturating_sub(1)).3
    }
}

fn columns(count: usize) -> usize {
    match count {
        0 | 1 => 1,
        2 | 4 => 2,
        3 | 5..=9 => 3,
        _ => 4,
    }
}

/// Width of one panel of a grid between two edges.
pub(super) fn panel_width(count: usize, (left, right): (f64, f64), gap: f64) -> f64 {
    let columns = columns(count) as f64;
    (right - left - gap * (columns - 1.0)) / columns
}

/// The names of the panels: label and count on one line where all of them fit, otherwise the count of each on a line of its own.
pub(super) fn heads<'a>(named: impl IntoIterator<Item = (&'a SeriesKey, String)>, width: f64) -> Vec<Vec<String>> {
    let bold = Lettering::LABEL.bold();
    let named: Vec<(&SeriesKey, String)> = named.into_iter().collect();
    let joined: Vec<Vec<String>> = named.iter().map(|(key, count)| labelled(key, count, bold, (width, 1))).collect();
    if joined.iter().all(|lines| lines.len() == 1) {
        return joined;
    }
    named.iter().map(|(key, count)| vec![bold.wrapped(&super::lettering::plain(&key.label), width, 1).concat(), count.clone()]).collect()
}

/// Room above the panels for their names.
pub(super) fn head_height(heads: &[Vec<String>]) -> f64 {
    heads.iter().map(Vec::len).max().unwrap_or(1) as f64 * SMALL * LEADING + 6.0
}

/// Draws the name of a panel above its left corner.
pub(super) fn draw_head(canvas: &mut Canvas, head: &[String], (left, top): (f64, f64), ink: Ink) {
    for (index, line) in head.iter().rev().enumerate() {
        canvas.words((left + 1.0, top - 4.5 - index as f64 * SMALL * LEADING), line, Lettering::LABEL.bold().inked(ink));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { left: 40.0, right: 460.0, gap: 9.0, top: 3.0, head: 12.0, foot: 20.0, lowest: 600.0 };

    #[test]
    fn panels_stay_on_the_page() {
        for count in 1..=24 {
            let grid = Grid::new(count, ROOM, 0.8);
            assert!(grid.bottom() <= 600.0, "{count}: {}", grid.bottom());
            assert!((0..count).all(|index| grid.panel(index).2 <= 460.0 + 1e-9));
            assert_eq!((0..count).filter(|index| grid.lowest(*index)).count(), columns(count).min(count));
        }
    }

    #[test]
    fn rows_begin_and_end() {
        let grid = Grid::new(8, ROOM, 0.8);
        assert!(grid.begins_row(0) && grid.begins_row(3) && !grid.begins_row(4));
        assert!(grid.ends_row(2) && grid.ends_row(7) && !grid.ends_row(6));
    }
}
