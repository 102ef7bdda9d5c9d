//! Contents: sections and questions, tables, figures; in the sidebar and on a printed page.

use crate::render::document::{Block, Document, ExhibitKind, plain_text};

use super::writer::{Writer, attribute, escape};

/// A line of the contents.
struct Entry {
    level: u8,
    number: String,
    words: String,
    anchor: String,
}

/// Everything that can be jumped to.
pub(super) struct Contents {
    headings: Vec<Entry>,
    tables: Vec<Entry>,
    figures: Vec<Entry>,
}

impl Contents {
    /// The contents of a document.
    pub(super) fn of(document: &Document) -> Self {
        let mut contents = Self { headings: Vec::new(), tables: Vec::new(), figures: Vec::new() };
        contents.collect(&document.blocks);
        contents
    }

    fn collect(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Heading(heading) if heading.level <= 2 => self.headings.push(Entry {
                    level: heading.level,
                    number: heading.number.clone().unwrap_or_default(),
                    words: plain_text(&heading.inlines),
                    anchor: heading.anchor.clone(),
                }),
                Block::Exhibit(exhibit) if exhibit.number > 0 => {
                    let list = if exhibit.kind == ExhibitKind::Table { &mut self.tables } else { &mut self.figures };
                    list.push(Entry {
                        level: 1,
                        number: exhibit.number.to_string(),
                        words: exhibit.title.clone(),
                        anchor: exhibit.file_stem.clone(),
                    });
                }
                Block::Callout(callout) => self.collect(&callout.blocks),
                Block::Quote(inner) | Block::Details { blocks: inner, .. } => self.collect(inner),
                _ => {}
            }
        }
    }

    /// The sidebar. It is open without a script; a narrow screen with one begins with it closed.
    pub(super) fn sidebar(&self, page: &mut Writer<'_>, document: &Document) {
        page.line("<nav id=\"contents\" aria-label=\"Contents\">");
        page.line("<details open><summary>Contents</summary>");
        page.line(&format!("<p class=\"of\"><a href=\"#main\">{}</a></p>", escape(&document.metadata.title)));
        page.line("<div id=\"tools\"></div>");
        page.line("<ol class=\"sections\">");
        for entry in &self.headings {
            entry.write(page);
        }
        page.line("</ol>");
        for (title, entries) in self.lists() {
            page.line(&format!("<details class=\"list\"><summary>{title} ({})</summary><ol>", entries.len()));
            entries.iter().for_each(|entry| entry.write(page));
            page.line("</ol></details>");
        }
        page.line("</details>\n</nav>");
    }

    /// The contents on paper; the sidebar is not printed.
    pub(super) fn printed(&self, page: &mut Writer<'_>) {
        page.line("<div class=\"printed-contents\" aria-hidden=\"true\">");
        page.line("<p>Contents</p><ol>");
        for entry in &self.headings {
            entry.write(page);
        }
        page.line("</ol>");
        for (title, entries) in self.lists() {
            page.line(&format!("<p>{title}</p><ol class=\"list\">"));
            entries.iter().for_each(|entry| entry.write(page));
            page.line("</ol>");
        }
        page.line("</div>");
    }

    fn lists(&self) -> impl Iterator<Item = (&'static str, &[Entry])> {
        [("Tables", self.tables.as_slice()), ("Figures", self.figures.as_slice())].into_iter().filter(|(_, entries)| !entries.is_empty())
    }
}

impl Entry {
    fn write(&self, page: &mut Writer<'_>) {
        page.line(&format!(
            "<li class=\"level{}\"><a href=\"#{}\"><span class=\"number\">{}</span> {}</a></li>",
            self.level,
            attribute(&self.anchor),
            escape(&self.number),
            escape(&self.words)
        ));
    }
}
