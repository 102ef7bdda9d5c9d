//! The page as it is written: escaping, and ids for what is described elsewhere.

use std::collections::BTreeMap;

use crate::evidence::FactId;
use crate::render::document::{DIGIT_SPACE, Document, Origin};

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

/// Text of a table cell: room between digits is drawn by style, so that it is not copied with the number.
pub(super) fn escape_aligned(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (place, stretch) in text.split(DIGIT_SPACE).enumerate() {
        if place > 0 {
            escaped.push_str("<i class=\"d\"></i>");
        }
        escaped.push_str(&escape(stretch));
    }
    escaped
}
