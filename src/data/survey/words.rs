//! Words of the data, compared without regard to case, spacing and hyphens.

use crate::data::spelling::normalised;

/// The words of a text in normal spelling: letters and digits only.
pub(super) fn words(text: &str) -> Vec<String> {
    let text = normalised(text);
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether these words stand one after another in a text.
pub(super) fn contains_words(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (words(text), words(wanted));
    !wanted.is_empty() && text.windows(wanted.len()).any(|window| window == wanted)
}

/// A name for ids: lower-case ASCII letters, digits and single `_`; empty where the text has none.
#[must_use]
pub fn identifier(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join("_")
}

/// A noun with its count: `1 subject`, `3 subjects`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole() {
        assert!(contains_words("ZELTORAFIB 120 mg + Docetaxel", "zeltorafib"));
        assert!(!contains_words("Zeltorafibum", "zeltorafib"));
        assert!(contains_words("A: Drug X", "drug x"));
        assert_eq!(identifier("PNEUMONITIS/ILD"), "pneumonitis_ild");
        assert_eq!(counted(1, "subject"), "1 subject");
    }
}
