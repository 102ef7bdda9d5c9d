//! Where in the project file: line, column and the lines around it with a caret.

use super::tree::Mark;
use crate::diagnostic::Place;

/// Longest piece of a line that a snippet shows.
const WIDEST: usize = 120;

/// The lines of a text, whatever ends them.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(['\n', '\r']) {
        let (line, tail) = rest.split_at(end);
        lines.push(line);
        rest = tail.strip_prefix("\r\n").or_else(|| tail.get(1..)).unwrap_or("");
    }
    lines.push(rest);
    lines
}

/// The place of a mark in a text: the line before it, its line, a caret under it.
pub(crate) fn place(text: &str, mark: Mark) -> Place {
    let lines = lines(text);
    let number_width = mark.line.to_string().len();
    let first = mark.line.saturating_sub(1).max(1);
    let skip = if mark.column + mark.width.min(WIDEST / 2) > WIDEST { mark.column - WIDEST / 3 } else { 0 };
    let mut snippet = String::new();
    for number in first..=mark.line {
        let shown = lines.get(number - 1).map_or_else(String::new, |line| window(line, skip));
        snippet.push_str(format!("{number:>number_width$} | {shown}").trim_end());
        snippet.push('\n');
    }
    let column = mark.column - skip;
    let carets = mark.width.clamp(1, WIDEST.saturating_sub(column).max(1));
    snippet.push_str(&format!("{:>number_width$} | {}{}", "", " ".repeat(column - 1), "^".repeat(carets)));
    Place { line: mark.line, column: mark.column, snippet }
}

/// The part of a line that is shown; control characters, tabs among them, become one space each so that the caret stands right.
fn window(line: &str, skip: usize) -> String {
    line.chars().skip(skip).take(WIDEST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_fault() {
        let place = place("dossier:\n  titel: x\n", Mark { line: 2, column: 3, width: 5 });
        assert_eq!(place.snippet, "1 | dossier:\n2 |   titel: x\n  |   ^^^^^");
        assert_eq!((place.line, place.column), (2, 3));
    }

    #[test]
    fn long_lines_are_cut_around_the_fault() {
        let text = format!("{}x", " ".repeat(400));
        let place = place(&text, Mark { line: 1, column: 401, width: 1 });
        let shown: Vec<&str> = place.snippet.lines().collect();
        assert_eq!(shown[0].find('x'), shown[1].find('^'));
        assert!(shown[0].len() < 140);
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        assert_eq!(lines("a\r\nb\nc\rd"), ["a", "b", "c", "d"]);
    }
}
