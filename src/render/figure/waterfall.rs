//! Waterfall plot: one bar per subject, the subjects of a dosage side by side under its name.
//!
//! All bars have the same width and share one axis. Dosages stand next to each other and continue in a further row where they have no room, so
//! that two arms of forty and seven escalation cohorts of three both use the page. Bars carry the best overall response where it is known,
//! otherwise the ink of their dosage.

use crate::evidence::{Axis, Bar, ReferenceLine, SeriesKey};

use super::axis::{Scale, significant};
use super::canvas::{Canvas, Stroke};
use super::key::{KeyEntry, Sample, draw_frame, draw_key};
use super::lettering::{Anchor, LEADING, Lettering, SMALL};
use super::panel::{Panel, room_for_references, room_for_values};
use super::theme::{BLACK, BLUE, GREEN, GRID, Ink, ORANGE, PURPLE, Palette, SKY, VERMILLION, YELLOW};
use super::{EDGE, FigureSize, labelled, notice, remark};

/// Increases above this are cut, in percent.
pub(super) const CUT: f64 = 100.0;
/// Between two dosages in a row, in points.
const GAP: f64 = 9.0;
/// Room within which the label of a small group is wrapped.
const NARROWEST_LABEL: f64 = 80.0;
/// Bars of the first width are wide enough while there are up to three rows; beyond, those of the second width are.
const COMFORTABLE: f64 = 5.5;
const WIDE_ENOUGH: f64 = 2.2;
const COMFORTABLE_ROWS: usize = 3;
const WIDEST_BAR: f64 = 13.0;
/// Between two rows.
const BETWEEN: f64 = 6.0;
/// Heights of a panel with one row, two rows, ...
const HEIGHTS: [f64; 5] = [175.0, 130.0, 112.0, 100.0, 86.0];

struct Group<'a> {
    key: &'a SeriesKey,
    bars: Vec<&'a Bar>,
    /// Width of the label where it is alone to decide.
    label_width: f64,
}

/// How a bar is filled.
#[derive(Debug, Clone, PartialEq)]
enum Fill {
    Response(String),
    Unknown,
    Dosage,
}

/// Draws a waterfall plot. The height follows the number of rows: 175 points for one, 130 each for two, down to 86 each for five.
pub(super) fn draw_waterfall(change: &Axis, bars: &[Bar], thresholds: &[ReferenceLine], size: FigureSize) -> Canvas {
    let groups = gather(bars);
    if groups.is_empty() {
        return notice(size);
    }
    let palette = Palette::of(bars.iter().map(|bar| &bar.series));
    let range = heights(change, bars);
    let ticks = Scale::new(range, false, (0.0, 1.0)).ticks(7);
    let left = EDGE + room_for_values(&ticks);
    let right = size.width() - EDGE - room_for_references(thresholds);
    let (width, rows) = flow(&groups, right - left);
    let mut canvas = Canvas::new(size.width());
    let responses = responses(bars);
    let mut top = draw_key(&mut canvas, &entries(bars, &responses), (left, right), EDGE) + 3.0;
    let head = |row: &[&Group<'_>]| {
        row.iter().map(|group| group.label(group.width(width)).len()).max().unwrap_or(1) as f64 * SMALL * LEADING + 9.0
    };
    let heads: f64 = rows.iter().map(|row| head(row) + BETWEEN).sum();
    let most = (size.tallest() - top - heads - 22.0) / rows.len() as f64;
    let height = HEIGHTS.iter().take(rows.len()).next_back().copied().unwrap_or(175.0).min(most).max(20.0);
    let begin = top;
    for row in &rows {
        let head = head(row);
        let used: f64 = row.iter().map(|group| group.width(width) + GAP).sum();
        let edge = if rows.len() == 1 { right.min(left + used) } else { right };
        let (upper, lower) = (top + head, top + head + height);
        let panel = Panel {
            left,
            top: upper,
            right: edge,
            bottom: lower,
            x: Scale::new((0.0, 1.0), false, (left, edge)),
            y: Scale::new(range, false, (lower, upper)),
        };
        panel.grid(&mut canvas, &ticks);
        panel.axis_left(&mut canvas, &ticks, true);
        panel.references(&mut canvas, thresholds, size.width() - EDGE - edge);
        draw_row(&mut canvas, &panel, row, width, &|bar| ink(bar, &responses, &palette));
        top = lower + BETWEEN;
    }
    let whole = Panel {
        left,
        top: begin,
        right,
        bottom: top,
        x: Scale::new((0.0, 1.0), false, (left, right)),
        y: Scale::new(range, false, (top, begin)),
    };
    whole.name_left(&mut canvas, &change.label, EDGE, 0.0);
    let end = remark(&mut canvas, &remarks(bars, range.1), top + 2.0);
    canvas.set_height(end);
    canvas
}

impl Group<'_> {
    fn width(&self, bar: f64) -> f64 {
        (self.bars.len() as f64 * bar).max(self.label_width)
    }

    fn label(&self, room: f64) -> Vec<String> {
        let drawn = self.bars.len();
        let count = if self.key.n == drawn { format!("n={drawn}") } else { format!("{drawn} of {}", self.key.n) };
        labelled(self.key, &count, Lettering::LABEL.bold(), (room, 2))
    }
}

fn gather(bars: &[Bar]) -> Vec<Group<'_>> {
    bars.chunk_by(|a, b| a.series == b.series)
        .filter_map(|run| {
            let bars: Vec<&Bar> = run.iter().filter(|bar| bar.change.is_finite()).collect();
            let mut group = Group { key: &run.first()?.series, bars, label_width: 0.0 };
            group.label_width =
                group.label(NARROWEST_LABEL).iter().map(|line| Lettering::LABEL.bold().width(line)).fold(0.0, f64::max) + 1.0;
            (!group.bars.is_empty()).then_some(group)
        })
        .collect()
}

/// Ends of the vertical axis: the full decrease, and the greatest increase up to [`CUT`].
fn heights(change: &Axis, bars: &[Bar]) -> (f64, f64) {
    if let Some((low, high)) = change.range.filter(|(low, high)| low.is_finite() && high.is_finite() && low < high) {
        return (low, high);
    }
    let highest = bars.iter().map(|bar| bar.change).filter(|value| value.is_finite()).fold(20.0, f64::max);
    (-100.0, ((highest / 20.0).ceil() * 20.0).clamp(40.0, CUT))
}

/// The width of a bar and the groups row by row.
fn flow<'a, 'b>(groups: &'b [Group<'a>], room: f64) -> (f64, Vec<Vec<&'b Group<'a>>>) {
    let rows_at = |width: f64| -> Option<Vec<Vec<&'b Group<'a>>>> {
        let mut rows: Vec<Vec<&Group<'_>>> = Vec::new();
        let mut used = 0.0;
        for group in groups {
            let needed = group.width(width) + GAP;
            if needed > room {
                return None;
            }
            match rows.last_mut().filter(|_| used + needed <= room) {
                Some(row) => row.push(group),
                None => {
                    rows.push(vec![group]);
                    used = 0.0;
                }
            }
            used += needed;
        }
        Some(rows)
    };
    let widest = |most: usize| -> f64 {
        let (mut fits, mut too_wide) = (0.0, WIDEST_BAR);
        for _ in 0..30 {
            let middle = f64::midpoint(fits, too_wide);
            if rows_at(middle).is_some_and(|rows| rows.len() <= most) { fits = middle } else { too_wide = middle }
        }
        fits
    };
    let comfortable = (1..=COMFORTABLE_ROWS).map(widest).find(|width| *width >= COMFORTABLE);
    let enough = || (1..=HEIGHTS.len()).map(widest).find(|width| *width >= WIDE_ENOUGH);
    let width = comfortable.or_else(enough).unwrap_or_else(|| widest(HEIGHTS.len()));
    (width, rows_at(width).unwrap_or_else(|| groups.iter().map(|group| vec![group]).collect()))
}

fn draw_row(canvas: &mut Canvas, panel: &Panel, row: &[&Group<'_>], width: f64, ink: &dyn Fn(&Bar) -> Option<Ink>) {
    let zero = panel.y.place(0.0);
    let mut x = panel.left + GAP / 2.0;
    for (index, group) in row.iter().enumerate() {
        let room = group.width(width);
        if index > 0 {
            let between = x - GAP / 2.0;
            canvas.path(&[(between, panel.top), (between, panel.bottom)], Stroke::solid(GRID, 0.8));
        }
        for (line, text) in group.label(room).iter().rev().enumerate() {
            let baseline = panel.top - 6.5 - line as f64 * SMALL * LEADING;
            canvas.words((x + room / 2.0, baseline), text, Lettering::LABEL.anchored(Anchor::Middle).bold());
        }
        let first = x + (room - group.bars.len() as f64 * width) / 2.0;
        for (position, bar) in group.bars.iter().enumerate() {
            draw_bar(canvas, panel, bar, (first + position as f64 * width, width), ink(bar));
        }
        x += room + GAP;
    }
    canvas.path(&[(panel.left, zero), (panel.right, zero)], Stroke::solid(BLACK, 0.7));
}

fn draw_bar(canvas: &mut Canvas, panel: &Panel, bar: &Bar, (left, width): (f64, f64), ink: Option<Ink>) {
    let (zero, end) = (panel.y.place(0.0), panel.y.place(bar.change));
    // A change of exactly zero still is a subject: it gets a sliver on both sides of the line.
    let (top, bottom) = if (zero - end).abs() < 0.8 { (zero - 0.8, zero + 0.8) } else { (zero.min(end), zero.max(end)) };
    let (from, to) = (left + width * 0.09, left + width * 0.91);
    match ink {
        Some(ink) => canvas.rectangle((from, top), (to, bottom), ink),
        None => draw_frame(canvas, (from, top), (to, bottom)),
    }
    if bar.change > panel.y.high() {
        let (middle, half) = (f64::midpoint(from, to), (width * 0.5).clamp(1.4, 2.6));
        canvas.area(
            &[(middle - half, panel.top - 1.0), (middle + half, panel.top - 1.0), (middle, panel.top - 1.0 - half * 1.6)],
            BLACK,
            1.0,
        );
    }
}

fn fill(bar: &Bar, any_response: bool) -> Fill {
    match bar.response.as_deref().map(str::trim).filter(|response| !response.is_empty()) {
        _ if !any_response => Fill::Dosage,
        Some(response) => Fill::Response(response.to_owned()),
        None => Fill::Unknown,
    }
}

/// The responses that occur, from the best to the worst, then others in order of appearance, each with its ink.
fn responses(bars: &[Bar]) -> Vec<(String, Ink)> {
    const KNOWN: [(&str, Ink); 5] =
        [("CR", BLUE), ("PR", SKY), ("SD", Ink(0xcd, 0xcd, 0xcd)), ("PD", VERMILLION), ("NE", Ink(0xf3, 0xea, 0x7a))];
    const OTHERS: [Ink; 4] = [PURPLE, GREEN, ORANGE, YELLOW];
    let mut found: Vec<String> = Vec::new();
    for bar in bars {
        if let Fill::Response(response) = fill(bar, true)
            && !found.contains(&response)
        {
            found.push(response);
        }
    }
    let known =
        KNOWN.iter().filter(|(code, _)| found.iter().any(|response| response == code)).map(|(code, ink)| ((*code).to_owned(), *ink));
    let others = found.iter().filter(|response| KNOWN.iter().all(|(code, _)| response != code));
    known.chain(others.zip(OTHERS.into_iter().cycle()).map(|(response, ink)| (response.clone(), ink))).collect()
}

fn ink(bar: &Bar, responses: &[(String, Ink)], palette: &Palette) -> Option<Ink> {
    match fill(bar, !responses.is_empty()) {
        Fill::Dosage => Some(palette.style(&bar.series).ink),
        Fill::Unknown => None,
        Fill::Response(response) => responses.iter().find(|(known, _)| *known == response).map(|(_, ink)| *ink),
    }
}

fn entries(bars: &[Bar], responses: &[(String, Ink)]) -> Vec<KeyEntry> {
    if responses.is_empty() {
        return Vec::new();
    }
    let mut entries: Vec<KeyEntry> = responses.iter().map(|(response, ink)| KeyEntry::new(Sample::Block(*ink, 6.0), response)).collect();
    if bars.iter().any(|bar| fill(bar, true) == Fill::Unknown) {
        entries.push(KeyEntry::new(Sample::Frame, "Response not known"));
    }
    entries
}

fn remarks(bars: &[Bar], top: f64) -> Vec<String> {
    let cut: Vec<f64> = bars.iter().map(|bar| bar.change).filter(|change| change.is_finite() && *change > top).collect();
    let lost = bars.iter().filter(|bar| !bar.change.is_finite()).count();
    let mut said = Vec::new();
    if !cut.is_empty() {
        let largest = cut.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bars = if cut.len() == 1 { "bar is".to_owned() } else { format!("{} bars are", cut.len()) };
        let marked = if cut.len() == 1 { format!("One {bars}") } else { bars };
        said.push(format!("{marked} cut at +{}% and marked; largest increase: +{}%.", significant(top), significant(largest)));
    }
    if lost > 0 {
        said.push(format!("Not drawn, without a value: {lost}."));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(counts: &[usize]) -> Vec<Bar> {
        let key = |rank: usize, n: usize| SeriesKey {
            label: format!("{rank} mg"),
            dosage: format!("d{rank}"),
            rank,
            of: counts.len(),
            comparator: false,
            n,
        };
        let bar = |(rank, n): (usize, usize)| vec![Bar { series: key(rank, n), change: -10.0, response: None }; n];
        counts.iter().copied().enumerate().flat_map(bar).collect()
    }

    #[test]
    fn dosages_share_rows_until_bars_would_be_thin() {
        crate::render::figure::lettering::register().unwrap();
        for (counts, rows) in [(vec![14], 1), (vec![20, 20], 1), (vec![42, 40], 2), (vec![3, 4, 3, 6, 9, 40, 42], 3)] {
            let bars = bars(&counts);
            let groups = gather(&bars);
            let (width, flow) = flow(&groups, 360.0);
            assert_eq!(flow.len(), rows, "{counts:?}");
            assert!(width >= COMFORTABLE, "{counts:?}: {width}");
            let drawn: usize = flow.iter().flatten().map(|group| group.bars.len()).sum();
            assert_eq!(drawn, counts.iter().sum::<usize>());
        }
    }

    #[test]
    fn the_axis_ends_at_the_cut() {
        let axis = Axis { label: "change".into(), log: false, range: None };
        let with = |change: f64| bars(&[1]).into_iter().map(|bar| Bar { change, ..bar }).collect::<Vec<_>>();
        assert_eq!(heights(&axis, &with(-50.0)), (-100.0, 40.0));
        assert_eq!(heights(&axis, &with(61.0)), (-100.0, 80.0));
        assert_eq!(heights(&axis, &with(400.0)), (-100.0, CUT));
        assert_eq!(remarks(&with(400.0), CUT), ["One bar is cut at +100% and marked; largest increase: +400%."]);
    }

    #[test]
    fn responses_keep_their_order_and_ink() {
        let mut bars = bars(&[4]);
        for (bar, response) in bars.iter_mut().zip(["PD", "Unconfirmed PR", "CR", " "]) {
            bar.response = Some(response.into());
        }
        let responses = responses(&bars);
        assert_eq!(responses.iter().map(|(response, _)| response.as_str()).collect::<Vec<_>>(), ["CR", "PD", "Unconfirmed PR"]);
        assert_eq!(entries(&bars, &responses).len(), 4, "a blank response is not known");
    }
}
