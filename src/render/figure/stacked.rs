//! Shares stacked into bars over time, a panel per series with common axes, the numbers observed under each bar.

use crate::evidence::{Axis, StackedBar, StackedFacet};

use super::axis::{Scale, Tick, ends, roomy, significant};
use super::canvas::{Canvas, Stroke};
use super::counts::{CountsRow, draw_row_under, uncrowded};
use super::facets::{Grid, Room, draw_head, head_height, heads, panel_width};
use super::key::{KeyEntry, Sample, draw_key};
use super::lettering::{LEADING, SMALL};
use super::panel::{Panel, ROOM_UNDER, SLACK, room_for_values};
use super::theme::{BLUE, Ink, Palette, WHITE};
use super::{EDGE, FigureError, FigureSize, notice, remark};

/// Layers that can be told apart.
const MOST_LAYERS: usize = 4;
/// Share of white in the ink of a layer, by the number of layers: light at the foot, dark at the top, told apart without colour.
const TINTS: [&[f64]; MOST_LAYERS] = [&[0.35], &[0.7, 0.0], &[0.8, 0.45, 0.0], &[0.85, 0.6, 0.3, 0.0]];
/// Between two panels, under a panel, and the row of numbers alone.
const GAP: f64 = 14.0;
const FOOT: f64 = 31.0;
const UNDER_ROW: f64 = 14.0;
/// Room for the key and the remark.
const BELOW: f64 = 56.0;
/// Share of the distance between two bars that a bar takes.
const BAR: f64 = 0.76;

/// What the panels have in common.
struct Frame<'a> {
    across: (f64, f64),
    up: (f64, f64),
    half: f64,
    ticks: Vec<Tick>,
    inks: Vec<Ink>,
    facets: &'a [StackedFacet],
}

/// Draws stacked bars in a grid of panels 0.72 times as tall as wide, each with its row of numbers.
///
/// # Errors
/// [`FigureError::TooMany`] for more layers than can be told apart.
pub(super) fn draw_stacked(
    (time, share): (&Axis, &Axis),
    layers: &[String],
    facets: &[StackedFacet],
    size: FigureSize,
) -> Result<Canvas, FigureError> {
    let Some(tints) = layers.len().checked_sub(1).map_or(Some(&[][..]), |place| TINTS.get(place).copied()) else {
        return Err(FigureError::TooMany { what: "layers", found: layers.len(), most: MOST_LAYERS });
    };
    let facets: Vec<StackedFacet> = facets.iter().map(|facet| usable(facet, layers.len())).collect();
    let mut places: Vec<f64> = facets.iter().flat_map(|facet| &facet.bars).map(|bar| bar.at).collect();
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    let tallest = facets.iter().flat_map(|facet| &facet.bars).map(|bar| bar.shares.iter().sum::<f64>());
    let (Some(up), Some(first), Some(last)) =
        (ends(share, tallest.chain([0.0])).map(|range| roomy(share, range, 5)), places.first(), places.last())
    else {
        return Ok(notice(size));
    };
    let spacing = places.iter().zip(places.iter().skip(1)).map(|(a, b)| b - a).fold(f64::INFINITY, f64::min);
    let spacing = if spacing.is_finite() { spacing } else { 1.0 };
    let frame = Frame {
        across: (first - spacing * 0.6, last + spacing * 0.6),
        up,
        half: spacing * BAR / 2.0,
        ticks: places.iter().map(|at| Tick { at: *at, label: significant(*at) }).collect(),
        inks: tints.iter().map(|white| BLUE.tint(*white)).collect(),
        facets: &facets,
    };
    Ok(frame.draw(time, share, layers, size))
}

/// The bars with numbers for every layer.
fn usable(facet: &StackedFacet, layers: usize) -> StackedFacet {
    let whole = |bar: &&StackedBar| bar.at.is_finite() && bar.shares.len() == layers && bar.shares.iter().all(|share| share.is_finite());
    StackedFacet { series: facet.series.clone(), bars: facet.bars.iter().filter(whole).cloned().collect() }
}

impl Frame<'_> {
    fn draw(&self, time: &Axis, share: &Axis, layers: &[String], size: FigureSize) -> Canvas {
        let values = Scale::new(self.up, false, (0.0, 1.0)).ticks(5);
        let (left, right) = (EDGE + room_for_values(&values), size.width() - EDGE - 5.0);
        let palette = Palette::of(self.facets.iter().map(|facet| &facet.series));
        let rows: Vec<CountsRow> = self.facets.iter().map(|facet| row(facet, &palette)).collect();
        let named = self.facets.iter().map(|facet| (&facet.series, format!("n={}", facet.series.n)));
        let heads = heads(named, panel_width(self.facets.len(), (left, right), GAP));
        let room =
            Room { left, right, gap: GAP, top: EDGE, head: head_height(&heads), foot: FOOT, lowest: size.tallest() - BELOW - UNDER_ROW };
        let grid = Grid::new(self.facets.len(), room, 0.72);
        let mut canvas = Canvas::new(size.width());
        for (index, ((facet, head), row)) in self.facets.iter().zip(&heads).zip(&rows).enumerate() {
            let panel = self.place(grid.panel(index));
            panel.grid(&mut canvas, &values);
            facet.bars.iter().for_each(|bar| self.draw_bar(&mut canvas, &panel, bar));
            panel.axis_left(&mut canvas, &values, grid.begins_row(index));
            let counted = uncrowded(&rows, &panel.x);
            let named: Vec<Tick> = self.ticks.iter().filter(|tick| counted.contains(&tick.at)).cloned().collect();
            panel.axis_bottom(&mut canvas, &self.ticks, &named);
            draw_head(&mut canvas, head, (panel.left, panel.top), row.style.words);
            let heading = if grid.begins_row(index) { "n" } else { "" };
            draw_row_under(&mut canvas, heading, row, &panel.x, (panel.left, panel.bottom + FOOT - SMALL * LEADING + 1.0), &rows);
        }
        let bottom = grid.bottom();
        let whole = self.place((left, EDGE, right, bottom + UNDER_ROW));
        whole.name_bottom(&mut canvas, &time.label);
        whole.name_left(&mut canvas, &share.label, EDGE, SLACK);
        let mut end = bottom + UNDER_ROW + ROOM_UNDER;
        if layers.len() > 1 {
            let entries: Vec<KeyEntry> =
                layers.iter().zip(&self.inks).map(|(layer, ink)| KeyEntry::new(Sample::Block(*ink, 8.0), layer)).collect();
            end = draw_key(&mut canvas, &entries, (EDGE, size.width() - EDGE), end + 1.0) + 1.0;
        }
        let end = remark(&mut canvas, &["n: subjects whom the bar above is of.".to_owned()], end);
        canvas.set_height(end);
        canvas
    }

    fn place(&self, (left, top, right, bottom): (f64, f64, f64, f64)) -> Panel {
        let (x, y) = (Scale::new(self.across, false, (left, right)), Scale::new(self.up, false, (bottom, top)));
        Panel { left, top, right, bottom, x, y }
    }

    fn draw_bar(&self, canvas: &mut Canvas, panel: &Panel, bar: &StackedBar) {
        let (left, right) = (panel.x.place(bar.at - self.half), panel.x.place(bar.at + self.half));
        let mut foot = 0.0;
        for (share, ink) in bar.shares.iter().zip(&self.inks).filter(|(share, _)| **share > 0.0) {
            let (from, to) = (panel.y.place(foot), panel.y.place(foot + share));
            canvas.rectangle((left, to), (right, from), *ink);
            canvas.path(&[(left, to), (right, to)], Stroke::solid(WHITE, 0.5));
            foot += share;
        }
        if foot > 0.0 {
            let (top, ink) = (panel.y.place(foot), Stroke::solid(BLUE, 0.4));
            canvas.path(&[(left, panel.bottom), (left, top), (right, top), (right, panel.bottom)], ink);
        }
    }
}

fn row(facet: &StackedFacet, palette: &Palette) -> CountsRow {
    let counts = facet.bars.iter().map(|bar| (bar.at, bar.n)).collect();
    CountsRow { label: facet.series.label.clone(), style: palette.style(&facet.series), counts, marked: false }
}

#[cfg(test)]
mod tests {
    use super::super::{FigureError, FigureSize, draw};
    use crate::evidence::{Axis, FigureSpec, Plot, SeriesKey, StackedBar, StackedFacet};

    fn spec(layers: usize, shares: &[f64]) -> FigureSpec {
        let axis = |label: &str| Axis { label: label.to_owned(), log: false, range: None };
        let series = SeriesKey { label: "120 mg QD".into(), dosage: "a".into(), rank: 0, of: 1, comparator: false, n: 37 };
        let bar = |at: f64| StackedBar { at, n: 31, shares: shares.to_vec() };
        let plot = Plot::Stacked {
            time: axis("Months"),
            share: axis("Patients (%)"),
            layers: (1..=layers).map(|layer| format!("Grade {layer}")).collect(),
            facets: vec![StackedFacet { series, bars: vec![bar(1.0), bar(2.0)] }],
        };
        FigureSpec { plot, alt: "Bars.".to_owned(), source: Vec::new() }
    }

    #[test]
    fn every_layer_is_named_and_every_number_printed() {
        let drawn = draw(&spec(3, &[20.0, 10.0, 5.0]), FigureSize::PORTRAIT).unwrap();
        for word in ["Grade 1", "Grade 3", "n=37", ">31<", "Patients (%)"] {
            assert!(drawn.contains(word), "{word}");
        }
    }

    #[test]
    fn bars_without_all_their_numbers_are_left_out() {
        assert!(draw(&spec(3, &[20.0]), FigureSize::PORTRAIT).unwrap().contains("No observations to draw"));
        let many = draw(&spec(5, &[1.0; 5]), FigureSize::PORTRAIT);
        assert_eq!(many, Err(FigureError::TooMany { what: "layers", found: 5, most: 4 }));
    }
}
