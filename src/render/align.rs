//! Numbers under each other: room that puts the decimal points, and the brackets behind them, of one column in line.

use std::collections::BTreeMap;

use super::document::{DIGIT_SPACE, FactText, Inline, plain_text};
use super::format::{NOT_AVAILABLE, NOT_ESTIMABLE};

/// Digits in front of the decimal point, in a cell's first number and in the one behind its bracket. `NE` and dashes in place of a number
/// take the room that they take, but make none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Widths {
    first: usize,
    number: bool,
    bracketed: Option<usize>,
}

impl Widths {
    fn of(text: &str) -> Option<Self> {
        let first = whole_digits(text)?;
        let number = !text.starts_with(NOT_ESTIMABLE) && !text.starts_with(NOT_AVAILABLE);
        // `100%` has no point that could be put in line.
        let inner = text.split_once(" (").map(|(_, inner)| inner).filter(|inner| !inner.starts_with("100%"));
        Some(Self { first, number, bracketed: inner.and_then(whole_digits) })
    }
}

/// Width of a number's sign and whole part; `None` where no number begins.
fn whole_digits(text: &str) -> Option<usize> {
    let sign = text.chars().take_while(|c| matches!(c, '<' | '>' | '\u{2212}')).count();
    let digits = text.chars().skip(sign).take_while(char::is_ascii_digit).count();
    match digits {
        0 if text.starts_with(NOT_ESTIMABLE) => Some(2),
        0 if text.starts_with(NOT_AVAILABLE) => Some(1),
        0 => None,
        digits => Some(sign + digits),
    }
}

/// Whether a column holds words: some cell that is not empty does not begin with a number.
pub(super) fn is_words<'a>(cells: impl Iterator<Item = &'a Vec<Inline>>) -> bool {
    cells.map(|cell| plain_text(cell)).any(|text| !text.is_empty() && Widths::of(&text).is_none())
}

/// Adds room to the cells of a column. Brackets are aligned among the cells of one group; those of no group keep theirs.
pub(super) fn align<G: Ord + Copy>(cells: &mut [(&mut Vec<Inline>, Option<G>)]) {
    let widths: Vec<Option<Widths>> = cells.iter().map(|(cell, _)| Widths::of(&plain_text(cell))).collect();
    let first = widths.iter().flatten().filter(|widths| widths.number).map(|widths| widths.first).max().unwrap_or(0);
    let mut bracketed: BTreeMap<G, usize> = BTreeMap::new();
    for ((_, group), widths) in cells.iter().zip(&widths) {
        if let (Some(group), Some(own)) = (group, widths.and_then(|widths| widths.bracketed)) {
            let widest = bracketed.entry(*group).or_default();
            *widest = (*widest).max(own);
        }
    }
    for ((cell, group), widths) in cells.iter_mut().zip(widths) {
        let Some(widths) = widths else { continue };
        let inner = group.and_then(|group| bracketed.get(&group)).copied().unwrap_or(0);
        if let Some(own) = widths.bracketed {
            pad_bracket(cell, inner.saturating_sub(own));
        }
        if let Some(Inline::Text(text) | Inline::Fact(FactText { text, .. })) = cell.first_mut() {
            text.insert_str(0, &room(first.saturating_sub(widths.first)));
        }
    }
}

/// Puts room behind the first opening bracket.
fn pad_bracket(cell: &mut [Inline], digits: usize) {
    for inline in cell {
        if let Inline::Text(text) | Inline::Fact(FactText { text, .. }) = inline
            && let Some((before, after)) = text.split_once(" (")
        {
            *text = format!("{before} ({}{after}", room(digits));
            return;
        }
    }
}

fn room(digits: usize) -> String {
    std::iter::repeat_n(DIGIT_SPACE, digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Vec<Inline> {
        vec![Inline::Text(text.to_owned())]
    }

    #[test]
    fn points_and_brackets_stand_in_line() {
        let mut cells: Vec<Vec<Inline>> =
            ["12 (34.3%)", "3 (5.0%)", "0", "35 (100%)", "63.2 (9.8)", "8.0 (10.5)", "NE", "–"].iter().map(|text| cell(text)).collect();
        let groups = [Some(1), Some(1), Some(1), Some(1), None, None, None, None];
        align(&mut cells.iter_mut().zip(groups).collect::<Vec<_>>());
        let texts: Vec<String> = cells.iter().map(|cell| plain_text(cell).replace(DIGIT_SPACE, "_")).collect();
        assert_eq!(texts, ["12 (34.3%)", "_3 (_5.0%)", "_0", "35 (100%)", "63.2 (9.8)", "_8.0 (10.5)", "NE", "_–"]);
    }

    #[test]
    fn columns_of_words_are_told_apart() {
        let words = [cell("12"), cell("Nausea")];
        let numbers = [cell("\u{2212}12"), cell("<0.1%"), cell("NE"), Vec::new()];
        assert!(is_words(words.iter()));
        assert!(!is_words(numbers.iter()));
    }
}
