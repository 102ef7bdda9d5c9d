//! The page as it is written: escaping, and ids for what is described elsewhere.

use std::collections::BTreeMap;

use crate::evidence::FactId;
use crate::render::document::{ColumnHead, DIGIT_SPACE, Document, Origin};
use crate::render::trace::row_words;

/// Collects the page.
pub(super) struct Writer<'a> {
    page: String,
    origins: &'a BTreeMap<FactId, Origin>,
    tips: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { page: String::new(), origins: &document.origins, tips: 0 }
    }

    /// Adds markup.
    pub(super) fn put(&mut self, markup: &str) {
        self.page.push_str(markup);
    }

    /// Adds markup and a line end.
    pub(super) fn line(&mut self, markup: &str) {
        self.page.push_str(markup);
        self.page.push('\n');
    }

    /// The origin of a fact.
    pub(super) fn origin(&self, id: &FactId) -> Option<&'a Origin> {
        self.origins.get(id)
    }

    /// Whom the number in the head of a column counts, as facts of the column name their denominator.
    pub(super) fn column_slice(&self, column: &ColumnHead) -> Option<String> {
        let origin = self.origin(&column.n.as_ref()?.id)?;
        Some(format!("{}, {}: {}", origin.dataset, origin.filter, row_words(origin.row_count)))
    }

    /// An id for the next tip.
    pub(super) fn next_tip(&mut self) -> String {
        self.tips += 1;
        format!("o{}", self.tips)
    }

    pub(super) fn finish(self) -> String {
        self.page
    }
}

/// Text between tags.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text between the quotes of an attribute.
pub(super) fn attribute(text: &str) -> String {
    escape(text).replace(['\n', '\r', '\t'], " ")
}

/// Text of a table cell of numbers: room between digits is drawn by style, so that it is not copied with the number, and the
/// two limits of an interval stay on one line.
pub(super) fn escape_aligned(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            DIGIT_SPACE => escaped.push_str("<i class=\"d\"></i>"),
            ' ' if before == ',' => escaped.push('\u{A0}'),
            c => escaped.push_str(&escape(c.encode_utf8(&mut [0; 4]))),
        }
        before = c;
    }
    escaped
}
