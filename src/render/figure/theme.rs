//! Inks, line types and markers: one sequential scale for the dosages of the drug, comparators apart, a colour-blind-safe set for the rest.

use crate::evidence::SeriesKey;

/// A colour of the figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ink(pub(super) u8, pub(super) u8, pub(super) u8);

/// Text and axes.
pub(super) const BLACK: Ink = Ink(0x1a, 0x1a, 0x1a);
/// Secondary text.
pub(super) const GREY: Ink = Ink(0x55, 0x55, 0x55);
/// Axis lines and ticks.
pub(super) const AXIS: Ink = Ink(0x80, 0x80, 0x80);
/// Grid lines.
pub(super) const GRID: Ink = Ink(0xe4, 0xe4, 0xe4);
/// Paper.
pub(super) const WHITE: Ink = Ink(0xff, 0xff, 0xff);

/// Sky blue, the first of the colour-blind-safe categories after Okabe and Ito, a shade darker so that it stands apart from grey in greyscale.
pub(super) const SKY: Ink = Ink(0x43, 0xa4, 0xdd);
/// Bluish green.
pub(super) const GREEN: Ink = Ink(0x00, 0x9e, 0x73);
/// Vermillion.
pub(super) const VERMILLION: Ink = Ink(0xd5, 0x5e, 0x00);
/// Orange.
pub(super) const ORANGE: Ink = Ink(0xe6, 0x9f, 0x00);
/// Reddish purple.
pub(super) const PURPLE: Ink = Ink(0xcc, 0x79, 0xa7);
/// Yellow.
pub(super) const YELLOW: Ink = Ink(0xf0, 0xe4, 0x42);
/// Blue, darkened so that it stands apart from vermillion in greyscale.
pub(super) const BLUE: Ink = Ink(0x00, 0x4f, 0x86);

/// Shades of the drug's dosages from the lowest (light) to the highest (dark); lightness falls evenly, so that greyscale keeps the order.
const DOSAGES: [Ink; 4] = [Ink(0x63, 0xb6, 0xc9), Ink(0x3c, 0x8d, 0xbc), Ink(0x2b, 0x5c, 0x9e), Ink(0x1f, 0x23, 0x58)];
/// Inks of comparators in order of appearance.
const COMPARATORS: [Ink; 3] = [VERMILLION, Ink(0xb0, 0x55, 0x8c), Ink(0x8a, 0x6d, 0x00)];

/// Dash patterns in points, counted from the highest dosage: on, off, on, off, ...
const DASHES: [&[f64]; 7] =
    [&[], &[7.0, 2.0], &[4.0, 1.6], &[6.0, 1.6, 1.2, 1.6], &[1.8, 1.4], &[6.0, 1.4, 1.2, 1.4, 1.2, 1.4], &[10.0, 1.5, 3.0, 1.5]];
/// Dash patterns of comparators.
const COMPARATOR_DASHES: [&[f64]; 3] = [&[8.0, 1.8, 1.5, 1.8, 1.5, 1.8], &[2.5, 2.0], &[10.0, 2.5]];

/// The form of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// Filled circle.
    Circle,
    /// Filled square.
    Square,
    /// Filled triangle, tip up.
    Triangle,
    /// Filled diamond.
    Diamond,
    /// Filled triangle, tip down.
    TriangleDown,
    /// Circle with a white inside.
    OpenCircle,
    /// Square with a white inside.
    OpenSquare,
    /// Diamond with a white inside.
    OpenDiamond,
    /// Two crossing strokes.
    Cross,
    /// Upright cross.
    Plus,
    /// Triangle with a white inside.
    OpenTriangle,
}

const MARKERS: [Marker; 8] = [
    Marker::Circle,
    Marker::Square,
    Marker::Triangle,
    Marker::Diamond,
    Marker::TriangleDown,
    Marker::OpenCircle,
    Marker::OpenSquare,
    Marker::OpenDiamond,
];
const COMPARATOR_MARKERS: [Marker; 3] = [Marker::Cross, Marker::Plus, Marker::OpenTriangle];

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SeriesStyle {
    /// Lines, fills and points.
    pub(super) ink: Ink,
    /// The same ink, dark enough for words.
    pub(super) words: Ink,
    /// Dash pattern in points; empty for a solid line.
    pub(super) dash: &'static [f64],
    /// Points.
    pub(super) marker: Marker,
}

/// The styles of all series in one figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Palette {
    comparators: Vec<(String, String)>,
    ranks: Vec<usize>,
}

/// Up to this many dosages of the drug in one figure have shades spread over the whole scale: neighbours on a long ladder would look alike.
/// Line type and marker stay those of the dosage.
const FEW_DOSAGES: usize = 3;

impl Palette {
    /// The palette for the series of a figure; comparators are told apart by their order of appearance.
    pub(super) fn of<'a>(keys: impl IntoIterator<Item = &'a SeriesKey>) -> Self {
        let mut comparators: Vec<(String, String)> = Vec::new();
        let mut ranks: Vec<usize> = Vec::new();
        for key in keys {
            let name = (key.dosage.clone(), key.label.clone());
            if !key.comparator {
                ranks.push(key.rank);
            } else if !comparators.contains(&name) {
                comparators.push(name);
            }
        }
        ranks.sort_unstable();
        ranks.dedup();
        Self { comparators, ranks }
    }

    /// Place of a dosage on the scale of shades, and the length of the scale.
    fn shade(&self, key: &SeriesKey) -> (usize, usize) {
        let few = (2..=FEW_DOSAGES).contains(&self.ranks.len());
        let place = self.ranks.binary_search(&key.rank).ok().filter(|_| few);
        // The lightest quarter of the scale is left to long ladders, where the neighbours give it contrast.
        place.map_or((key.rank, key.of), |place| (place + 1, self.ranks.len() + 1))
    }

    /// How a series is drawn.
    pub(super) fn style(&self, key: &SeriesKey) -> SeriesStyle {
        let (ink, dash, marker) = if key.comparator {
            let position = self.comparators.iter().position(|(dosage, label)| *dosage == key.dosage && *label == key.label).unwrap_or(0);
            (
                cycle(&COMPARATORS, position, VERMILLION),
                cycle(&COMPARATOR_DASHES, position, &[]),
                cycle(&COMPARATOR_MARKERS, position, Marker::Cross),
            )
        } else {
            let from_highest = key.of.saturating_sub(1).saturating_sub(key.rank);
            let (rank, of) = self.shade(key);
            (dosage_ink(rank, of), cycle(&DASHES, from_highest, &[]), cycle(&MARKERS, from_highest, Marker::Circle))
        };
        SeriesStyle { ink, words: ink.for_words(), dash, marker }
    }
}

fn cycle<T: Copy>(choices: &[T], position: usize, otherwise: T) -> T {
    choices.iter().cycle().nth(position % choices.len().max(1)).copied().unwrap_or(otherwise)
}

/// The shade of a dosage by its rank among `of` dosages. A drug with a single dosage gets a dark one.
fn dosage_ink(rank: usize, of: usize) -> Ink {
    let share = if of < 2 { 0.8 } else { rank.min(of - 1) as f64 / (of - 1) as f64 };
    let place = share * (DOSAGES.len() - 1) as f64;
    let below = DOSAGES.iter().take(place.floor() as usize + 1).next_back().copied().unwrap_or(BLACK);
    let above = DOSAGES.iter().take(place.ceil() as usize + 1).next_back().copied().unwrap_or(BLACK);
    below.mixed(above, place.fract())
}

impl Ink {
    /// This ink with `share` of another, both in sRGB.
    pub(super) fn mixed(self, other: Self, share: f64) -> Self {
        let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share.clamp(0.0, 1.0)).round() as u8;
        Self(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    /// This ink thinned with white.
    pub(super) fn tint(self, white: f64) -> Self {
        self.mixed(WHITE, white)
    }

    /// Relative luminance as WCAG 2 defines it, from 0 (black) to 1 (white).
    pub(super) fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// This ink darkened until words in it have a contrast of at least 4.5 with white.
    pub(super) fn for_words(self) -> Self {
        (0..20).map(|step| self.mixed(BLACK, f64::from(step) * 0.05)).find(|ink| 1.05 / (ink.luminance() + 0.05) >= 4.5).unwrap_or(BLACK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(rank: usize, of: usize, comparator: bool, dosage: &str) -> SeriesKey {
        SeriesKey { label: dosage.into(), dosage: dosage.into(), rank, of, comparator, n: 1 }
    }

    #[test]
    fn higher_dosages_are_darker_and_differ_in_line_and_marker() {
        let keys: Vec<SeriesKey> = (0..7).map(|rank| key(rank, 7, false, &format!("d{rank}"))).collect();
        let palette = Palette::of(&keys);
        let styles: Vec<SeriesStyle> = keys.iter().map(|key| palette.style(key)).collect();
        assert!(styles.windows(2).all(|pair| pair[0].ink.luminance() > pair[1].ink.luminance() + 0.01));
        for (i, a) in styles.iter().enumerate() {
            assert!(styles.iter().skip(i + 1).all(|b| a.dash != b.dash && a.marker != b.marker));
        }
        assert!(styles.last().unwrap().dash.is_empty());
    }

    #[test]
    fn two_neighbours_of_a_long_ladder_are_told_apart_by_shade() {
        let keys = [key(3, 7, false, "a"), key(4, 7, false, "b")];
        let (pair, ladder) = (Palette::of(&keys), Palette::of(&[]));
        let contrast = |palette: &Palette| palette.style(&keys[0]).ink.luminance() - palette.style(&keys[1]).ink.luminance();
        assert!(contrast(&pair) > 2.0 * contrast(&ladder));
        assert_eq!(pair.style(&keys[0]).dash, ladder.style(&keys[0]).dash, "line types stay those of the dosage");
    }

    #[test]
    fn comparators_are_apart_and_dashed() {
        let keys = [key(0, 2, false, "a"), key(0, 1, true, "b"), key(0, 1, true, "c")];
        let palette = Palette::of(&keys);
        assert_eq!(palette.style(&keys[1]).ink, VERMILLION);
        assert_ne!(palette.style(&keys[1]).ink, palette.style(&keys[2]).ink);
        assert!(!palette.style(&keys[1]).dash.is_empty());
    }

    #[test]
    fn words_keep_their_contrast_and_odd_ranks_do_not_fail() {
        for ink in [Palette::of([]).style(&key(0, 7, false, "a")).words, YELLOW.for_words(), SKY.for_words(), BLACK.for_words()] {
            assert!(1.05 / (ink.luminance() + 0.05) >= 4.5);
        }
        assert_eq!(dosage_ink(9, 3), dosage_ink(2, 3));
        assert_eq!(dosage_ink(5, 0), dosage_ink(0, 1));
    }
}
