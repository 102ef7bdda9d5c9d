//! Words in a figure: their measure, and how text from data is cleaned, wrapped and shortened to the room there is.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::FigureError;
use super::theme::{BLACK, GREY, Ink};

/// The families an SVG asks for, best first; the measures are those of the first.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, Arial, sans-serif";
/// Words on ticks, in labels and in keys, in points.
pub(super) const SMALL: f64 = 7.5;
/// Names of axes, in points.
pub(super) const LARGE: f64 = 8.5;
/// Height of the letters that stand beside a tick, halved and as a share of the size: what centres a line on a height.
pub(super) const HALF_CAP: f64 = 0.36;
/// From one baseline to the next, as a share of the size.
pub(super) const LEADING: f64 = 1.2;

/// plotters measures a font by the sum of its ascent and descent; for this font that is this share of the em.
const HEIGHT_OF_EM: f64 = 1.164;
/// Measuring is done at this size, because plotters measures in whole pixels.
const MEASURED_AT: f64 = 1000.0;

/// Where the given point stands on the line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// At its begin.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

/// How words look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lettering {
    /// Size in points.
    pub(super) size: f64,
    /// Bold or regular.
    pub(super) bold: bool,
    /// Colour.
    pub(super) ink: Ink,
    /// Which end the position names.
    pub(super) anchor: Anchor,
}

impl Lettering {
    /// Small words in black from a start.
    pub(super) const LABEL: Self = Self { size: SMALL, bold: false, ink: BLACK, anchor: Anchor::Start };
    /// Small words in grey: ticks and notes.
    pub(super) const NOTE: Self = Self { size: SMALL, bold: false, ink: GREY, anchor: Anchor::Start };
    /// Names of axes.
    pub(super) const TITLE: Self = Self { size: LARGE, bold: false, ink: BLACK, anchor: Anchor::Middle };

    /// With another anchor.
    pub(super) const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// In another ink.
    pub(super) const fn inked(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    /// In bold.
    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// In another size.
    pub(super) const fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }

    /// Width of a text in points.
    pub(super) fn width(self, text: &str) -> f64 {
        let (wide, narrow): (Vec<char>, Vec<char>) = text.chars().partition(|c| *c >= '\u{2e80}');
        let narrow: String = narrow.into_iter().collect();
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::Name(FAMILY), MEASURED_AT * HEIGHT_OF_EM, style);
        // A font that cannot be measured has been reported by `register`; half an em per letter keeps the layout whole.
        let measured = font
            .layout_box(&narrow)
            .map_or(0.5 * MEASURED_AT * narrow.chars().count() as f64, |((left, _), (right, _))| f64::from(right - left));
        (measured / MEASURED_AT + wide.len() as f64) * self.size
    }

    /// The text, shortened with an ellipsis where it is wider than `room` points.
    pub(super) fn shortened(self, text: &str, room: f64) -> String {
        if self.width(text) <= room {
            return text.to_owned();
        }
        let letters: Vec<char> = text.chars().collect();
        let with_ellipsis = |count: usize| format!("{}…", letters.iter().take(count).collect::<String>().trim_end());
        let (mut fits, mut too_many) = (0, letters.len());
        while too_many - fits > 1 {
            let middle = usize::midpoint(fits, too_many);
            if self.width(&with_ellipsis(middle)) <= room { fits = middle } else { too_many = middle }
        }
        with_ellipsis(fits)
    }

    /// The text in at most `most` lines of `room` points, about equally long; a number stays with the word behind it.
    pub(super) fn wrapped(self, text: &str, room: f64, most: usize) -> Vec<String> {
        let pieces = pieces(text);
        let count = self.filled(&pieces, room).len();
        if count > most {
            return self.cut(&self.filled(&pieces, room), room, most);
        }
        let (mut narrow, mut wide) = (0.0, room);
        for _ in 0..12 {
            let middle = f64::midpoint(narrow, wide);
            let lines = self.filled(&pieces, middle);
            if lines.len() <= count && lines.iter().all(|line| self.width(line) <= middle) { wide = middle } else { narrow = middle }
        }
        self.filled(&pieces, wide).iter().map(|line| self.shortened(line, room)).collect()
    }

    /// The text in at most `most` lines, each as full as `room` points allow.
    pub(super) fn paragraph(self, text: &str, room: f64, most: usize) -> Vec<String> {
        self.cut(&self.filled(&pieces(text), room), room, most)
    }

    fn filled(self, pieces: &[String], room: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for piece in pieces {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {piece}")) <= room => {
                    line.push(' ');
                    line.push_str(piece);
                }
                _ => lines.push(piece.clone()),
            }
        }
        lines
    }

    fn cut(self, lines: &[String], room: f64, most: usize) -> Vec<String> {
        let kept = most.saturating_sub(1);
        let mut cut: Vec<String> = lines.iter().take(kept).map(|line| self.shortened(line, room)).collect();
        if lines.len() > kept {
            cut.push(self.shortened(&lines.iter().skip(kept).cloned().collect::<Vec<_>>().join(" "), room));
        }
        cut
    }
}

/// Words of a label, a number together with the word that follows it: `Zeltorafib`, `120 mg`, `QD`.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut after_number = false;
    for word in text.split_whitespace() {
        match pieces.last_mut() {
            Some(piece) if after_number => {
                piece.push(' ');
                piece.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
        after_number = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '–'));
    }
    pieces
}

/// Text from data as it may stand in a figure: one line, without control characters and without marks that turn the direction of writing.
pub(super) fn plain(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A size in full tenths of a point, not above the given one.
pub(super) fn tenths(size: f64) -> f64 {
    (size * 10.0 + 1e-9).floor() / 10.0
}

/// Makes the fonts known to plotters, once for the whole program.
///
/// # Errors
/// [`FigureError::Font`] when the font that the program carries cannot be read.
pub(super) fn register() -> Result<(), FigureError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = REGISTERED.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, dejavu::sans::regular()).is_ok()
            && register_font(FAMILY, FontStyle::Bold, dejavu::sans::bold()).is_ok()
    });
    if *registered { Ok(()) } else { Err(FigureError::Font) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_agree_with_the_font() {
        register().unwrap();
        // DejaVu Sans: a digit is 1303 of 2048 units wide.
        let width = Lettering::LABEL.sized(10.0).width("0000000000");
        assert!((width - 63.6).abs() < 0.3, "{width}");
        assert!(Lettering::LABEL.bold().width("Dose") > Lettering::LABEL.width("Dose"));
    }

    #[test]
    fn long_text_is_shortened_to_its_room() {
        register().unwrap();
        let short = Lettering::LABEL.shortened(&"x".repeat(200), 80.0);
        assert!(short.ends_with('…') && Lettering::LABEL.width(&short) <= 80.0);
        assert_eq!(Lettering::LABEL.shortened("120 mg", 80.0), "120 mg");
        assert_eq!(Lettering::LABEL.shortened("120 mg", 0.0), "…");
    }

    #[test]
    fn labels_wrap_evenly_and_keep_numbers_with_units() {
        register().unwrap();
        assert_eq!(Lettering::LABEL.wrapped("Zeltorafib 120 mg QD", 80.0, 2), ["Zeltorafib", "120 mg QD"]);
        assert_eq!(Lettering::LABEL.wrapped("120 mg QD", 80.0, 2), ["120 mg QD"]);
        let cut = Lettering::LABEL.wrapped(&"word ".repeat(40), 60.0, 2);
        assert!(cut.len() == 2 && cut[1].ends_with('…'));
        assert!(Lettering::LABEL.wrapped("", 60.0, 2).is_empty());
    }

    #[test]
    fn direction_marks_and_control_characters_go() {
        assert_eq!(plain("a\u{202e}b\u{200f}c\n\td\u{0}"), "abc d");
        assert_eq!(plain("ñ ≥ µ"), "ñ ≥ µ");
    }
}
