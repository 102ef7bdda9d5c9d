//! Marks: what a template or a narrative asks for while it is still text.
//!
//! A template writes `{{ fact(id="…") }}`; what reaches the Markdown is a private-use character, the position of the request in a list,
//! and another such character. Text of users cannot hold those characters (see [`super::text`]), so a mark can only come from us.

use std::sync::{Arc, Mutex, PoisonError};

use crate::evidence::FactId;

use super::document::Target;
use super::format::Show;
use super::text::{MARK_END, MARK_START};

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    /// A fact in a sentence.
    Fact(FactId, Show),
    /// An exhibit by its full id, or by a code of the catalogue that the evidence does not hold.
    Exhibit(String),
    /// Every part of an exhibit that is read only when it is wanted: the line that stays visible, and ids.
    Folded(String, Vec<String>),
    /// A cross-reference.
    Reference(Target),
    /// The user's own text of a section.
    Narrative(String),
    /// Text set as code.
    Code(String),
    /// The traceability tables.
    Traceability,
    /// The bibliography.
    References,
}

impl Mark {
    /// What it is called in templates.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Fact(..) => "fact",
            Self::Exhibit(_) | Self::Folded(..) => "exhibit",
            Self::Reference(_) => "ref",
            Self::Narrative(_) => "narrative",
            Self::Code(_) => "code",
            Self::Traceability => "traceability",
            Self::References => "references",
        }
    }
}

/// The requests of one document in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks(Arc<Mutex<Vec<Mark>>>);

impl Marks {
    /// Notes a request and returns the text that stands for it.
    pub(super) fn leave(&self, mark: Mark) -> String {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        marks.push(mark);
        format!("{MARK_START}{}{MARK_END}", marks.len() - 1)
    }

    /// The request at a position.
    pub(super) fn at(&self, position: usize) -> Option<Mark> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(position).cloned()
    }
}

/// A stretch of text between marks, or a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text.
    Text(&'a str),
    /// The position of a mark.
    Mark(usize),
}

/// The text cut at its marks. A start without an end is text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK_START) {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        match after.split_once(MARK_END).and_then(|(position, tail)| Some((position.parse().ok()?, tail))) {
            Some((position, tail)) => {
                pieces.push(Piece::Mark(position));
                rest = tail;
            }
            None => rest = after,
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_again_where_they_were_left() {
        let marks = Marks::default();
        let code = marks.leave(Mark::Code("a".into()));
        let fact = marks.leave(Mark::Traceability);
        let text = format!("see {code} and {fact}.");
        assert_eq!(pieces(&text), [Piece::Text("see "), Piece::Mark(0), Piece::Text(" and "), Piece::Mark(1), Piece::Text(".")]);
        assert_eq!(marks.at(0), Some(Mark::Code("a".into())));
        assert_eq!(marks.at(9), None);
        assert_eq!(pieces("\u{E000}x"), [Piece::Text("x")]);
    }
}
