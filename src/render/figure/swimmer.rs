//! Swimmer plot: one lane per subject, grouped by dosage.
//!
//! Up to 120 lanes fit within about 370 points; more lanes make the figure taller, up to the page, and then thinner.

use crate::evidence::{Axis, Lane, Mark, MarkKind, Segment};

use super::axis::{Scale, ends};
use super::canvas::{Canvas, Stroke};
use super::key::{KeyEntry, Sample, draw_arrow, draw_key};
use super::lettering::{Anchor, HALF_CAP, LEADING, Lettering, SMALL};
use super::panel::{Panel, ROOM_UNDER};
use super::theme::{AXIS, BLACK, GREEN, GREY, GRID, Ink, Marker, ORANGE, Palette, SeriesStyle, VERMILLION};
use super::{EDGE, FigureSize, labelled, notice, remark};

/// Height of all lanes together up to [`EASY_LANES`] lanes, and the least and greatest height of one.
const EASY_HEIGHT: f64 = 370.0;
const EASY_LANES: usize = 120;
const THICKEST: f64 = 9.0;
/// Between two groups.
const GAP: f64 = 6.0;
/// Widest label of a group.
const WIDEST: f64 = 92.0;
/// Kinds of marks in the order of the key.
const KINDS: [MarkKind; 5] =
    [MarkKind::Response, MarkKind::Progression, MarkKind::StoppedAdverseEvent, MarkKind::StoppedOther, MarkKind::Death];

/// The lanes of one series.
struct Group<'a> {
    lanes: &'a [Lane],
    style: SeriesStyle,
    label: Vec<String>,
    top: f64,
    height: f64,
}

/// Draws a swimmer plot. The height is the key, the lanes (3 to 9 points each up to 120 lanes, then what the page leaves) and the axis.
pub(super) fn draw_swimmer(time: &Axis, lanes: &[Lane], size: FigureSize) -> Canvas {
    let moments =
        lanes.iter().flat_map(|lane| lane.segments.iter().flat_map(|s| [s.from, s.to]).chain(lane.marks.iter().map(|mark| mark.at)));
    let straight = Axis { log: false, ..time.clone() };
    let Some((low, high)) = ends(&straight, moments.chain([0.0])).filter(|_| !lanes.is_empty()) else {
        return notice(size);
    };
    let palette = Palette::of(lanes.iter().map(|lane| &lane.series));
    let mut groups = gather(lanes, &palette);
    let left = EDGE + groups.iter().flat_map(|group| &group.label).map(|line| Lettering::LABEL.width(line)).fold(0.0, f64::max) + 12.0;
    let right = size.width() - EDGE - 7.0;
    let mut canvas = Canvas::new(size.width());
    let top = draw_key(&mut canvas, &entries(lanes), (EDGE + 2.0, right), EDGE) + 5.0;
    let thickness = stack(&mut groups, top, size.tallest() - ROOM_UNDER - 12.0);
    let bottom = groups.last().map_or(top, |group| group.top + group.height) + 4.0;
    let high = if time.range.is_some() { high } else { high + (high - low) * 0.015 };
    let panel = Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::new((low, high), false, (left, right)),
        y: Scale::new((0.0, 1.0), false, (bottom, top)),
    };
    let ticks = panel.x.time_ticks(12);
    panel.grid_upright(&mut canvas, &ticks);
    let beside = groups
        .iter()
        .enumerate()
        .map(|(index, group)| draw_group(&mut canvas, &panel, group, (thickness, index > 0)))
        .fold(false, |a, b| a | b);
    panel.axis_bottom(&mut canvas, &ticks, &ticks);
    panel.name_bottom(&mut canvas, &time.label);
    let said: Vec<String> = beside.then(|| "Marks that coincide stand side by side.".to_owned()).into_iter().collect();
    let end = remark(&mut canvas, &said, bottom + ROOM_UNDER);
    canvas.set_height(end);
    canvas
}

fn gather<'a>(lanes: &'a [Lane], palette: &Palette) -> Vec<Group<'a>> {
    lanes
        .chunk_by(|a, b| a.series == b.series)
        .filter_map(|lanes| {
            let key = &lanes.first()?.series;
            let count = if key.n == lanes.len() { format!("n={}", key.n) } else { format!("{} of {}", lanes.len(), key.n) };
            let label = labelled(key, &count, Lettering::LABEL, (WIDEST, 2));
            Some(Group { lanes, style: palette.style(key), label, top: 0.0, height: 0.0 })
        })
        .collect()
}

/// Gives each group its place from `top` and returns the height of one lane.
fn stack(groups: &mut [Group<'_>], top: f64, lowest: f64) -> f64 {
    let lanes: usize = groups.iter().map(|group| group.lanes.len()).sum();
    let least = |group: &Group<'_>| group.label.len() as f64 * SMALL * LEADING + 1.0;
    let total = |thickness: f64, groups: &[Group<'_>]| -> f64 {
        groups.iter().map(|group| (group.lanes.len() as f64 * thickness).max(least(group)) + GAP).sum()
    };
    let easy = (EASY_HEIGHT / lanes.max(1) as f64).clamp(EASY_HEIGHT / EASY_LANES as f64, THICKEST);
    let (mut fits, mut too_much) = (0.0, easy);
    if total(easy, groups) <= lowest - top {
        fits = easy;
    }
    for _ in 0..30 {
        let middle = f64::midpoint(fits, too_much);
        if total(middle, groups) <= lowest - top { fits = middle } else { too_much = middle }
    }
    let mut y = top + GAP / 2.0;
    for group in groups {
        group.top = y;
        group.height = (group.lanes.len() as f64 * fits).max(least(group));
        y += group.height + GAP;
    }
    fits
}

/// Draws one group; tells whether marks had to stand side by side.
fn draw_group(canvas: &mut Canvas, panel: &Panel, group: &Group<'_>, (thickness, separated): (f64, bool)) -> bool {
    if separated {
        let y = group.top - GAP / 2.0;
        canvas.path(&[(EDGE, y), (panel.right, y)], Stroke::solid(GRID.mixed(AXIS, 0.4), 0.5));
    }
    let lanes = group.lanes.len() as f64 * thickness;
    let first = group.top + (group.height - lanes) / 2.0;
    let middle = group.top + group.height / 2.0;
    canvas.path(&[(panel.left - 4.0, first), (panel.left - 4.0, first + lanes)], Stroke::solid(group.style.ink, 2.0));
    let baseline = middle - (group.label.len() as f64 - 1.0) * SMALL * LEADING / 2.0 + SMALL * HALF_CAP;
    for (index, line) in group.label.iter().enumerate() {
        let lettering = Lettering::LABEL.anchored(Anchor::End).inked(group.style.words);
        canvas.words((panel.left - 9.0, baseline + index as f64 * SMALL * LEADING), line, lettering);
    }
    let mut beside = false;
    for (index, lane) in group.lanes.iter().enumerate() {
        draw_dosing(canvas, panel, lane, (first + (index as f64 + 0.5) * thickness, thickness), group.style.ink);
    }
    for (index, lane) in group.lanes.iter().enumerate() {
        beside |= draw_marks(canvas, panel, lane, (first + (index as f64 + 0.5) * thickness, thickness));
    }
    beside
}

fn draw_dosing(canvas: &mut Canvas, panel: &Panel, lane: &Lane, (y, thickness): (f64, f64), ink: Ink) {
    let mut end = f64::NEG_INFINITY;
    for segment in lane.segments.iter().filter(|segment| segment.from.is_finite() && segment.to.is_finite() && segment.to >= segment.from) {
        let (from, to) = (panel.x.place(segment.from), panel.x.place(segment.to));
        end = end.max(to);
        match shade(segment, ink) {
            None => canvas.path(&[(from, y), (to, y)], Stroke::solid(AXIS, (thickness * 0.12).clamp(0.25, 0.7))),
            Some((ink, share)) => {
                let half = (thickness * 0.74 / 2.0).min(3.2) * share;
                // Neighbouring stretches overlap by a hair, or a white seam would look like an interruption.
                canvas.rectangle((from, y - half), (to + 0.25, y + half), ink);
            }
        }
    }
    if lane.ongoing && end.is_finite() {
        draw_arrow(canvas, (end + 0.8, y), (thickness * 0.45).clamp(1.2, 2.6), ink);
    }
}

/// Ink and height of a stretch of dosing: thinner and lighter the more the dose was reduced, `None` for an interruption.
fn shade(segment: &Segment, ink: Ink) -> Option<(Ink, f64)> {
    if !segment.dose_share.is_finite() || segment.dose_share <= 0.0 {
        None
    } else if segment.dose_share > 1.02 {
        Some((ink.mixed(BLACK, 0.45), 1.2))
    } else if segment.dose_share < 0.98 {
        Some((ink.tint(0.45), 0.62))
    } else {
        Some((ink, 1.0))
    }
}

fn draw_marks(canvas: &mut Canvas, panel: &Panel, lane: &Lane, (y, thickness): (f64, f64)) -> bool {
    let radius = (thickness * 0.42).clamp(1.25, 2.9);
    let mut marks: Vec<Mark> = lane.marks.iter().copied().filter(|mark| panel.x.holds(mark.at)).collect();
    marks.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.kind.cmp(&b.kind)));
    let (mut last, mut beside) = (f64::NEG_INFINITY, false);
    for mark in marks {
        let wanted = panel.x.place(mark.at);
        let x = if wanted - last < radius * 1.6 { last + radius * 2.1 } else { wanted };
        beside |= x > wanted;
        last = x;
        let (marker, ink) = sign(mark.kind);
        canvas.marker((x, y), radius, marker, ink);
    }
    beside
}

/// Form and ink of a mark.
fn sign(kind: MarkKind) -> (Marker, Ink) {
    match kind {
        MarkKind::Response => (Marker::Circle, GREEN),
        MarkKind::Progression => (Marker::Diamond, VERMILLION),
        MarkKind::Death => (Marker::Cross, BLACK),
        MarkKind::StoppedAdverseEvent => (Marker::Triangle, ORANGE),
        MarkKind::StoppedOther => (Marker::OpenSquare, GREY),
    }
}

fn meaning(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Response => "First response",
        MarkKind::Progression => "Progression",
        MarkKind::Death => "Death",
        MarkKind::StoppedAdverseEvent => "Stopped for adverse event",
        MarkKind::StoppedOther => "Stopped, other reason",
    }
}

fn entries(lanes: &[Lane]) -> Vec<KeyEntry> {
    let segments = || lanes.iter().flat_map(|lane| &lane.segments);
    let ink = GREY;
    let mut entries = vec![KeyEntry::new(Sample::Block(ink, 5.0), "Assigned dose")];
    if segments().any(|segment| segment.dose_share > 1.02) {
        entries.push(KeyEntry::new(Sample::Block(ink.mixed(BLACK, 0.6), 6.2), "Raised dose"));
    }
    if segments().any(|segment| segment.dose_share > 0.0 && segment.dose_share < 0.98) {
        entries.push(KeyEntry::new(Sample::Block(ink.tint(0.45), 3.1), "Reduced dose"));
    }
    if segments().any(|segment| segment.dose_share <= 0.0) {
        entries.push(KeyEntry::new(Sample::Line(Stroke::solid(AXIS, 0.7)), "Interrupted"));
    }
    for kind in KINDS.into_iter().filter(|kind| lanes.iter().flat_map(|lane| &lane.marks).any(|mark| mark.kind == *kind)) {
        let (marker, ink) = sign(kind);
        entries.push(KeyEntry::new(Sample::Point(marker, ink), meaning(kind)));
    }
    if lanes.iter().any(|lane| lane.ongoing) {
        entries.push(KeyEntry::new(Sample::Arrow(ink), "Ongoing at cut-off"));
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::SeriesKey;

    fn lanes(counts: &[usize]) -> Vec<Lane> {
        let key = |rank: usize, n: usize| SeriesKey {
            label: format!("{rank} mg"),
            dosage: format!("d{rank}"),
            rank,
            of: counts.len(),
            comparator: false,
            n,
        };
        let lane =
            |(rank, n): (usize, usize)| vec![Lane { series: key(rank, n), segments: Vec::new(), marks: Vec::new(), ongoing: false }; n];
        counts.iter().copied().enumerate().flat_map(lane).collect()
    }

    #[test]
    fn lanes_grow_thin_only_when_the_page_is_full() {
        crate::render::figure::lettering::register().unwrap();
        let thickness = |counts: &[usize]| {
            let lanes = lanes(counts);
            let mut groups = gather(&lanes, &Palette::of([]));
            let thickness = stack(&mut groups, 40.0, 560.0);
            let end = groups.last().map(|group| group.top + group.height).unwrap();
            assert!(end <= 560.0, "{counts:?}: {end}");
            thickness
        };
        assert!((thickness(&[3]) - THICKEST).abs() < 1e-6);
        assert!((thickness(&[40, 40, 40]) - EASY_HEIGHT / 120.0).abs() < 1e-6);
        assert!((thickness(&[100, 50]) - EASY_HEIGHT / 120.0).abs() < 1e-6);
        assert!((1.0..1.6).contains(&thickness(&[100, 100, 150])));
        assert!(thickness(&[500, 500]) < 0.6);
    }

    #[test]
    fn the_ink_of_dosing_tells_its_share() {
        let of = |dose_share| shade(&Segment { from: 0.0, to: 1.0, dose_share }, BLACK);
        assert_eq!((of(0.0), of(f64::NAN)), (None, None));
        assert_eq!(of(1.0), Some((BLACK, 1.0)));
        assert!(of(0.5).is_some_and(|(ink, height)| ink.luminance() > BLACK.luminance() && height < 1.0));
        assert!(of(1.5).is_some_and(|(_, height)| height > 1.0));
    }
}
