//! Outlines of simulated distributions side by side, with the range of nine tenths, quartiles and median, and observed values as points.

use crate::evidence::{Axis, ReferenceLine, SeriesKey, ViolinSeries};

use super::axis::{Scale, ends, roomy};
use super::boxes::spread;
use super::canvas::{Canvas, Stroke};
use super::lettering::{Anchor, HALF_CAP, LEADING, Lettering, SMALL, plain};
use super::panel::{Panel, SLACK, room_for_references, room_for_values};
use super::theme::{BLACK, Palette, SeriesStyle, WHITE};
use super::{EDGE, FigureSize, notice, remark};

const PANEL: f64 = 215.0;
/// Widest half of an outline.
const WIDEST: f64 = 30.0;

/// Draws outlines. The height is a panel of 215 points and the lines of labels that the series need.
pub(super) fn draw_violins(value: &Axis, violins: &[ViolinSeries], targets: &[ReferenceLine], size: FigureSize) -> Canvas {
    let usable = |at: &f64| at.is_finite() && (!value.log || *at > 0.0);
    let shown = violins.iter().flat_map(|violin| {
        let outline = violin.outline.iter().map(|(at, _)| *at);
        outline.chain(violin.percentiles).chain(violin.observed.iter().copied())
    });
    let shown: Vec<f64> = shown.filter(usable).collect();
    if shown.is_empty() {
        return notice(size);
    }
    let Some(range) = ends(value, shown.into_iter().chain(targets.iter().map(|target| target.at))).map(|range| roomy(value, range, 6))
    else {
        return notice(size);
    };
    let ticks = Scale::new(range, value.log, (0.0, 1.0)).ticks(7);
    let (left, right) = (EDGE + room_for_values(&ticks), size.width() - EDGE - room_for_references(targets));
    let (top, bottom) = (EDGE + 4.0, EDGE + 4.0 + PANEL);
    let panel =
        Panel { left, top, right, bottom, x: Scale::new((0.0, 1.0), false, (left, right)), y: Scale::new(range, value.log, (bottom, top)) };
    let keys: Vec<SeriesKey> = violins.iter().map(|violin| violin.series.clone()).collect();
    let palette = Palette::of(&keys);
    let mut canvas = Canvas::new(size.width());
    panel.grid(&mut canvas, &ticks);
    panel.axis_left(&mut canvas, &ticks, true);
    panel.axis_bottom(&mut canvas, &[], &[]);
    let column = (right - left) / violins.len().max(1) as f64;
    for (index, violin) in violins.iter().enumerate() {
        let middle = left + (index as f64 + 0.5) * column;
        draw_violin(&mut canvas, &panel, violin, (middle, (column * 0.4).min(WIDEST)), palette.style(&violin.series));
    }
    panel.references(&mut canvas, targets, size.width() - EDGE - right);
    panel.name_left(&mut canvas, &value.label, EDGE, SLACK);
    let under = label(&mut canvas, &panel, violins, column, &palette);
    let end = remark(&mut canvas, &remarks(violins), under);
    canvas.set_height(end);
    canvas
}

fn draw_violin(canvas: &mut Canvas, panel: &Panel, violin: &ViolinSeries, (middle, half): (f64, f64), style: SeriesStyle) {
    let y = |at: f64| panel.y.place(at);
    let side = |sign: f64| violin.outline.iter().map(move |(at, height)| (middle + sign * half * height.clamp(0.0, 1.0), y(*at)));
    let mut outline: Vec<(f64, f64)> = side(1.0).collect();
    outline.extend(side(-1.0).rev());
    if let Some(first) = outline.first().copied() {
        canvas.area(&outline, style.ink, 0.22);
        outline.push(first);
        canvas.path(&outline, Stroke::solid(style.ink, 0.9));
    }
    for (index, at) in violin.observed.iter().enumerate() {
        canvas.disc((middle + spread(index) * half * 0.5, y(*at)), 1.1, BLACK, 0.45);
    }
    let [p5, p25, p50, p75, p95] = violin.percentiles;
    if violin.percentiles.iter().all(|at| at.is_finite()) {
        canvas.path(&[(middle, y(p5)), (middle, y(p95))], Stroke::solid(style.words, 1.0));
        for end in [p5, p95] {
            canvas.path(&[(middle - 4.0, y(end)), (middle + 4.0, y(end))], Stroke::solid(style.words, 1.0));
        }
        canvas.path(&[(middle, y(p25)), (middle, y(p75))], Stroke::solid(style.words, 4.0));
        canvas.disc((middle, y(p50)), 2.6, WHITE, 1.0);
        canvas.disc((middle, y(p50)), 1.6, BLACK, 1.0);
    }
}

/// Names of the series, observed subjects and overlap under the outlines; returns where they end. Names run upwards where columns are narrow.
fn label(canvas: &mut Canvas, panel: &Panel, violins: &[ViolinSeries], column: f64, palette: &Palette) -> f64 {
    const LONGEST: f64 = 120.0;
    let mut deepest = 0.0_f64;
    for (index, violin) in violins.iter().enumerate() {
        let middle = panel.left + (index as f64 + 0.5) * column;
        let size = if column < 60.0 { 7.0 } else { SMALL };
        let name = Lettering::LABEL.inked(palette.style(&violin.series).words).sized(size);
        let mut said = vec![if violin.observed_n > 0 { format!("observed n={}", violin.observed_n) } else { "not observed".to_owned() }];
        said.extend(violin.overlap.map(|overlap| format!("overlap {:.0}%", 100.0 * overlap)));
        if column < 46.0 {
            let text = name.shortened(&format!("{}, {}", plain(&violin.series.label), said.join(", ")), LONGEST);
            canvas.words_upright((middle + SMALL * HALF_CAP, panel.bottom + 6.0), &text, name.anchored(Anchor::End));
            deepest = deepest.max(name.width(&text) + 6.0);
            continue;
        }
        let note = Lettering::NOTE.sized(size.min(7.5));
        let mut lines: Vec<(String, Lettering)> =
            name.wrapped(&plain(&violin.series.label), column - 3.0, 3).into_iter().map(|line| (line, name)).collect();
        for words in &said {
            lines.extend(note.wrapped(words, column - 2.0, 2).into_iter().map(|line| (line, note)));
        }
        for (row, (line, lettering)) in lines.iter().enumerate() {
            let baseline = panel.bottom + 5.0 + SMALL + row as f64 * SMALL * LEADING;
            canvas.words((middle, baseline), line, lettering.anchored(Anchor::Middle));
        }
        deepest = deepest.max(5.0 + lines.len() as f64 * SMALL * LEADING);
    }
    panel.bottom + deepest + 6.0
}

fn remarks(violins: &[ViolinSeries]) -> Vec<String> {
    let n = violins.iter().map(|violin| violin.series.n).max().unwrap_or(0);
    let mut said =
        vec![format!("Outline: distribution over {n} virtual subjects; line: 5th to 95th percentile; thick line: quartiles; dot: median.")];
    if violins.iter().any(|violin| !violin.observed.is_empty()) {
        said.push("Points: observed exposures.".to_owned());
    }
    if violins.iter().any(|violin| violin.overlap.is_some()) {
        said.push("Overlap: with the proposed dosage.".to_owned());
    }
    said
}

#[cfg(test)]
mod tests {
    use super::super::draw;
    use super::*;
    use crate::evidence::{FigureSpec, Plot};

    fn violin(rank: usize, of: usize, scale: f64) -> ViolinSeries {
        let outline = (0..20).map(|i| (scale * (1.0 + f64::from(i)), 1.0 - (f64::from(i) - 9.5).abs() / 10.0)).collect();
        ViolinSeries {
            series: SeriesKey {
                label: format!("{} mg QD", 10 * (rank + 1)),
                dosage: format!("d{rank}"),
                rank,
                of,
                comparator: false,
                n: 1000,
            },
            outline,
            percentiles: [2.0, 6.0, 10.0, 14.0, 19.0].map(|at| at * scale),
            observed: vec![5.0 * scale, 9.0 * scale],
            observed_n: 2,
            overlap: (rank > 0).then_some(0.42),
        }
    }

    fn drawn(violins: Vec<ViolinSeries>) -> String {
        let targets = vec![ReferenceLine { at: 30.0, label: "target".into() }];
        let plot = Plot::Violins { value: Axis { label: "AUC (ng*h/mL)".into(), log: true, range: None }, violins, targets };
        draw(&FigureSpec { plot, alt: "Outlines.".into(), source: Vec::new() }, FigureSize::PORTRAIT).unwrap()
    }

    #[test]
    fn every_regimen_is_named_with_overlap_and_observed_subjects() {
        let svg = drawn((0..3).map(|rank| violin(rank, 3, 1.0 + rank as f64)).collect());
        for words in ["10 mg QD", "30 mg QD", "observed n=2", "overlap 42%", "AUC (ng*h/mL)", "target", "1000 virtual subjects"] {
            assert!(svg.contains(words), "{words}");
        }
        assert_eq!(svg.matches("overlap 42%").count(), 2);
    }

    #[test]
    fn nothing_to_show_is_said() {
        assert!(drawn(Vec::new()).contains("No observations to draw"));
        assert_eq!(drawn(vec![violin(0, 1, 1.0)]), drawn(vec![violin(0, 1, 1.0)]));
    }

    #[test]
    fn many_regimens_have_room() {
        let svg = drawn((0..14).map(|rank| violin(rank, 14, 1.0 + rank as f64)).collect());
        assert!(svg.contains("140 mg QD") && !svg.contains("NaN"));
    }
}
