//! The rows of numbers under a figure: at risk, or observed, one row per series, each number under its place on the axis.

use super::axis::Scale;
use super::canvas::{Canvas, Stroke};
use super::lettering::{Anchor, HALF_CAP, Lettering, SMALL, plain};
use super::theme::{GREY, SeriesStyle};

/// Height of a row in points.
const ROW: f64 = 10.2;
/// Length of the sample of a series' line.
const SAMPLE: f64 = 17.0;
/// From the sample to the left edge of the panel: half of the first number stands there.
const GAP: f64 = 12.0;
/// The widest label of a row.
const WIDEST: f64 = 112.0;

/// The numbers of one series.
#[derive(Debug, Clone)]
pub(super) struct CountsRow {
    /// Name of the series.
    pub(super) label: String,
    /// Its style.
    pub(super) style: SeriesStyle,
    /// Place on the axis and number.
    pub(super) counts: Vec<(f64, usize)>,
    /// Whether the series has points on its line.
    pub(super) marked: bool,
}

/// Room left of the panel for the rows' labels.
pub(super) fn room_for_counts(rows: &[CountsRow]) -> f64 {
    let widest = rows.iter().map(|row| Lettering::LABEL.width(&plain(&row.label))).fold(0.0, f64::max);
    widest.min(WIDEST) + 4.0 + SAMPLE + GAP + 4.0
}

/// Height of heading and rows.
pub(super) fn counts_height(rows: &[CountsRow]) -> f64 {
    (rows.len() as f64 + 1.0) * ROW + 3.0
}

/// Draws the rows under `top`, numbers at their places on `scale`, labels left of `edge`.
pub(super) fn draw_counts(canvas: &mut Canvas, heading: &str, rows: &[CountsRow], scale: &Scale, (edge, top): (f64, f64)) {
    let end = edge - GAP - SAMPLE - 4.0;
    let heading_end = end.max(Lettering::LABEL.bold().width(heading) + 4.0);
    canvas.words((heading_end, top + SMALL), heading, Lettering::LABEL.bold().anchored(Anchor::End).inked(GREY));
    let kept = uncrowded(rows, scale);
    for (index, row) in rows.iter().enumerate() {
        let baseline = top + SMALL + (index as f64 + 1.0) * ROW;
        let middle = baseline - SMALL * HALF_CAP;
        let label = Lettering::LABEL.shortened(&plain(&row.label), end - 4.0);
        canvas.words((end, baseline), &label, Lettering::LABEL.anchored(Anchor::End).inked(row.style.words));
        let (from, to) = (edge - GAP - SAMPLE, edge - GAP);
        canvas.path(&[(from, middle), (to, middle)], Stroke::solid(row.style.ink, 1.4).dashed(row.style.dash));
        if row.marked {
            canvas.marker((f64::midpoint(from, to), middle), 2.2, row.style.marker, row.style.ink);
        }
        draw_numbers(canvas, row, &kept, scale, baseline);
    }
}

/// Draws the numbers of a single row on a baseline, with a short heading left of `edge`; thinned as if `all` rows stood there.
pub(super) fn draw_row_under(
    canvas: &mut Canvas,
    heading: &str,
    row: &CountsRow,
    scale: &Scale,
    (edge, baseline): (f64, f64),
    all: &[CountsRow],
) {
    canvas.words((edge - 9.0, baseline), heading, Lettering::NOTE.sized(7.0).anchored(Anchor::End));
    draw_numbers(canvas, row, &uncrowded(all, scale), scale, baseline);
}

fn draw_numbers(canvas: &mut Canvas, row: &CountsRow, kept: &[f64], scale: &Scale, baseline: f64) {
    let words = Lettering::LABEL.anchored(Anchor::Middle).inked(row.style.words);
    for place in kept {
        if let Some((at, count)) = row.counts.iter().find(|(at, _)| (place - at).abs() < 1e-9) {
            canvas.words((scale.place(*at), baseline), &count.to_string(), words);
        }
    }
}

/// The places whose numbers are printed: all, or every second, third, ... so that numbers do not touch.
pub(super) fn uncrowded(rows: &[CountsRow], scale: &Scale) -> Vec<f64> {
    let widest =
        rows.iter().flat_map(|row| &row.counts).map(|(_, count)| Lettering::LABEL.width(&count.to_string())).fold(0.0, f64::max) + 3.0;
    let mut places: Vec<f64> = rows.iter().flat_map(|row| &row.counts).map(|(at, _)| *at).filter(|at| scale.holds(*at)).collect();
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    let clear = |every: usize| {
        let kept: Vec<f64> = places.iter().step_by(every).map(|at| scale.place(*at)).collect();
        kept.iter().zip(kept.iter().skip(1)).all(|(a, b)| (b - a).abs() >= widest)
    };
    let every = (1..=places.len()).find(|every| clear(*every)).unwrap_or(1);
    places.into_iter().step_by(every).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::SeriesKey;
    use crate::render::figure::theme::Palette;

    #[test]
    fn numbers_that_would_touch_are_thinned_in_all_rows_alike() {
        crate::render::figure::lettering::register().unwrap();
        let key = SeriesKey { label: "a".into(), dosage: "a".into(), rank: 0, of: 1, comparator: false, n: 1 };
        let style = Palette::of([&key]).style(&key);
        let row =
            |from: usize| CountsRow { label: "a".into(), style, counts: (from..30).map(|at| (at as f64, 100)).collect(), marked: false };
        let kept = uncrowded(&[row(0), row(1)], &Scale::new((0.0, 30.0), false, (0.0, 240.0)));
        assert_eq!(&kept[..3], [0.0, 3.0, 6.0]);
        let all = uncrowded(&[row(0)], &Scale::new((0.0, 30.0), false, (0.0, 2400.0)));
        assert_eq!(all.len(), 30);
    }
}
