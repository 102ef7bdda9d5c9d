//! Text that comes from data and from the project file, made safe to show.
//!
//! Nothing that somebody typed can act: control characters become `U+FFFD`, so that a reader sees that something stood there; characters
//! that reorder the text after them (`U+202A`-`U+202E`, `U+2066`-`U+2069`) are removed, while letters of right-to-left scripts stay; the
//! private-use characters that carry our own marks between the stages become `U+FFFD` too.

/// Begins a mark.
pub(super) const MARK_START: char = '\u{E000}';
/// Ends a mark.
pub(super) const MARK_END: char = '\u{E001}';

/// The text on one line: what is not text is replaced, white space is folded into single spaces.
#[must_use]
pub fn line(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars().filter_map(safe) {
        let c = if c.is_whitespace() && !matches!(c, '\u{A0}' | '\u{2007}' | '\u{202F}') { ' ' } else { c };
        if c != ' ' || !clean.ends_with(' ') {
            clean.push(c);
        }
    }
    clean.trim_matches(' ').to_owned()
}

/// The text with its lines: what is not text is replaced, line ends become `\n`.
#[must_use]
pub fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter_map(safe).collect()
}

/// The character as it may be shown, or `None` for what is removed.
fn safe(c: char) -> Option<char> {
    match c {
        '\n' | '\t' | '\r' => Some(c),
        MARK_START | MARK_END => Some('\u{FFFD}'),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => None,
        '\u{2028}' | '\u{2029}' => Some('\n'),
        c if c.is_control() => Some('\u{FFFD}'),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_made_text() {
        assert_eq!(line("a\u{202E}b\u{2066}c"), "abc");
        assert_eq!(line("a\u{0}b\u{1b}[31m\u{85}c"), "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}c");
        assert_eq!(line("\u{E000}7\u{E001}"), "\u{FFFD}7\u{FFFD}");
        assert_eq!(line("  two\r\nlines\tand \u{2028} more  "), "two lines and more");
        assert_eq!(lines("two\r\nlines\rthree"), "two\nlines\nthree");
        assert_eq!(line("עברית \u{200F}(א)"), "עברית \u{200F}(א)");
    }
}
