//! Labels beside what they name: moved apart where they would overlap, and tied to their place by a dotted line.

use super::canvas::{Canvas, Point, Stroke};
use super::lettering::{HALF_CAP, LEADING, Lettering};

/// A label for one point of the figure.
#[derive(Debug, Clone)]
pub(super) struct Callout {
    /// The label, line by line.
    pub(super) lines: Vec<String>,
    /// How it is written.
    pub(super) lettering: Lettering,
    /// The point it names.
    pub(super) from: Point,
}

impl Callout {
    /// Height in points, with a little air.
    pub(super) fn height(&self) -> f64 {
        self.lines.len() as f64 * self.lettering.size * LEADING + 1.5
    }

    /// Width of the widest line in points.
    pub(super) fn width(&self) -> f64 {
        self.lines.iter().map(|line| self.lettering.width(line)).fold(0.0, f64::max)
    }
}

/// Draws labels in a column that begins at `left`, right of a panel that ends at `edge`, between two heights.
pub(super) fn draw_callouts(canvas: &mut Canvas, callouts: &[Callout], (edge, left): (f64, f64), (top, bottom): (f64, f64)) {
    let wanted: Vec<(f64, f64)> = callouts.iter().map(|callout| (callout.from.1, callout.height())).collect();
    for (callout, middle) in callouts.iter().zip(apart(&wanted, top, bottom)) {
        let (x, y) = callout.from;
        if edge - x > 1.0 || (middle - y).abs() > 1.0 {
            let tie = Stroke::solid(callout.lettering.ink.tint(0.35), 0.5).dashed(&[0.8, 1.2]);
            canvas.path(&[(x, y), (edge.max(x), y), (left - 1.5, middle)], tie);
        }
        let size = callout.lettering.size;
        let first = middle - (callout.lines.len() as f64 - 1.0) * size * LEADING / 2.0 + size * HALF_CAP;
        for (index, line) in callout.lines.iter().enumerate() {
            canvas.words((left, first + index as f64 * size * LEADING), line, callout.lettering);
        }
    }
}

struct Block {
    members: Vec<usize>,
    height: f64,
    wanted_top: f64,
}

/// Middles of labels given as (wanted middle, height), moved as little as possible so that none overlap; between `top` and `bottom` where all fit.
pub(super) fn apart(wanted: &[(f64, f64)], top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<(usize, (f64, f64))> = wanted.iter().copied().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.0.total_cmp(&b.0));
    let place = |block: &Block| block.wanted_top.min(bottom - block.height).max(top);
    let mut blocks: Vec<Block> = Vec::new();
    for (index, (middle, height)) in order {
        let mut block = Block { members: vec![index], height, wanted_top: middle - height / 2.0 };
        while let Some(above) = blocks.pop_if(|above| place(above) + above.height > place(&block)) {
            let (count, more) = (above.members.len() as f64, block.members.len() as f64);
            let wanted_top = (above.wanted_top * count + (block.wanted_top - above.height) * more) / (count + more);
            let members = above.members.iter().chain(&block.members).copied().collect();
            block = Block { members, height: above.height + block.height, wanted_top };
        }
        blocks.push(block);
    }
    let mut middles: Vec<(usize, f64)> = Vec::new();
    for block in &blocks {
        let mut y = place(block);
        for index in &block.members {
            let height = wanted.get(*index).map_or(0.0, |(_, height)| *height);
            middles.push((*index, y + height / 2.0));
            y += height;
        }
    }
    middles.sort_by_key(|(index, _)| *index);
    middles.into_iter().map(|(_, middle)| middle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_collide_move_apart_evenly() {
        let middles = apart(&[(50.0, 10.0), (52.0, 10.0), (10.0, 10.0)], 0.0, 100.0);
        assert!((middles[0] - 46.0).abs() < 1e-9 && (middles[1] - 56.0).abs() < 1e-9 && (middles[2] - 10.0).abs() < 1e-9, "{middles:?}");
    }

    #[test]
    fn labels_stay_within_their_column() {
        let middles = apart(&[(99.0, 10.0), (99.0, 10.0), (99.0, 10.0), (1.0, 10.0)], 0.0, 100.0);
        assert!((middles[2] - 95.0).abs() < 1e-9 && (middles[3] - 5.0).abs() < 1e-9, "{middles:?}");
        let mut sorted = middles.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 10.0 - 1e-9));
    }
}
