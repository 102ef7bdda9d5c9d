//! Running text: headings, paragraphs, lists, callouts.

use crate::render::document::{Align, Block, Callout, CalloutKind, Definition, Footnote, Grid, Heading, Inline, List, ReferenceEntry};

use super::exhibit;
use super::origin;
use super::writer::{Writer, attribute, escape};

/// Blocks in order.
pub(super) fn blocks(page: &mut Writer<'_>, blocks: &[Block]) {
    for block in blocks {
        one(page, block);
    }
}

fn one(page: &mut Writer<'_>, block: &Block) {
    match block {
        Block::Heading(heading) => self::heading(page, heading),
        Block::Paragraph(words) => {
            page.put("<p>");
            inlines(page, words);
            page.line("</p>");
        }
        Block::List(list) => self::list(page, list),
        Block::Quote(inner) => {
            page.line("<blockquote>");
            blocks(page, inner);
            page.line("</blockquote>");
        }
        Block::Callout(callout) => self::callout(page, callout),
        Block::Code(code) => page.line(&format!("<pre tabindex=\"0\"><code>{}</code></pre>", escape(code))),
        Block::Rule => page.line("<hr>"),
        Block::Grid(grid) => self::grid(page, grid),
        Block::Definitions(definitions) => self::definitions(page, definitions),
        Block::Exhibit(block) => exhibit::exhibit(page, block),
        Block::Details { summary, blocks: inner } => {
            page.put("<details class=\"more\"><summary>");
            inlines(page, summary);
            page.line("</summary>");
            blocks(page, inner);
            page.line("</details>");
        }
        // Every number shows its origin where it stands.
        Block::Origins(_) | Block::TraceabilityHere | Block::ReferencesHere => {}
        Block::References(works) => references(page, works),
    }
}

/// A heading one level down, because the title of the document is the first level.
fn heading(page: &mut Writer<'_>, heading: &Heading) {
    let level = (heading.level + 1).min(6);
    let anchor = attribute(&heading.anchor);
    page.put(&format!("<h{level} id=\"{anchor}\">"));
    if let Some(number) = &heading.number {
        page.put(&format!("<span class=\"number\">{}</span> ", escape(number)));
    }
    inlines(page, &heading.inlines);
    page.line(&format!("<a class=\"anchor\" href=\"#{anchor}\" aria-label=\"Link to this heading\">#</a></h{level}>"));
}

fn list(page: &mut Writer<'_>, list: &List) {
    match list.start {
        Some(1) => page.line("<ol>"),
        Some(start) => page.line(&format!("<ol start=\"{start}\">")),
        None => page.line("<ul>"),
    }
    for item in &list.items {
        page.put("<li>");
        match item.as_slice() {
            [Block::Paragraph(words)] => inlines(page, words),
            [Block::Paragraph(words), rest @ ..] => {
                inlines(page, words);
                page.line("");
                blocks(page, rest);
            }
            other => blocks(page, other),
        }
        page.line("</li>");
    }
    page.line(if list.start.is_some() { "</ol>" } else { "</ul>" });
}

fn callout(page: &mut Writer<'_>, callout: &Callout) {
    let (class, sign) = match callout.kind {
        CalloutKind::Note => ("note", "i"),
        CalloutKind::Limit => ("limit", "○"),
        CalloutKind::Minor => ("minor", "▵"),
        CalloutKind::Major => ("major", "▲"),
        CalloutKind::Critical => ("critical", "■"),
    };
    page.line(&format!("<aside class=\"callout {class}\" aria-label=\"{}\">", attribute(&callout.title)));
    page.line(&format!("<p class=\"sign\"><span aria-hidden=\"true\">{sign}</span> {}</p>", escape(&callout.title)));
    blocks(page, &callout.blocks);
    page.line("</aside>");
}

fn grid(page: &mut Writer<'_>, grid: &Grid) {
    page.line("<div class=\"box plain\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table class=\"grid\">");
    page.put("<thead><tr>");
    for (place, cell) in grid.head.iter().enumerate() {
        page.put(&format!("<th scope=\"col\"{}>", align_class(grid, place)));
        inlines(page, cell);
        page.put("</th>");
    }
    page.line("</tr></thead><tbody>");
    for row in &grid.rows {
        page.put("<tr>");
        for (place, cell) in row.iter().enumerate() {
            let (open, close) = if place == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            let class = if has_long_word(cell) { " class=\"breaks\"" } else { align_class(grid, place) };
            page.put(&format!("<{open}{class}>"));
            inlines(page, cell);
            page.put(&format!("</{close}>"));
        }
        page.line("</tr>");
    }
    page.line("</tbody></table></div>");
}

/// Whether a cell holds a word that would stretch its column beyond reason.
fn has_long_word(cell: &[Inline]) -> bool {
    const LONGEST: usize = 40;
    cell.iter().any(|inline| matches!(inline, Inline::Text(text) if text.split(' ').any(|word| word.len() > LONGEST)))
}

fn align_class(grid: &Grid, column: usize) -> &'static str {
    match grid.align.get(column) {
        Some(Align::Right) => " class=\"right\"",
        Some(Align::Centre) => " class=\"centre\"",
        _ => "",
    }
}

fn references(page: &mut Writer<'_>, works: &[ReferenceEntry]) {
    page.line("<ul class=\"references\">");
    for work in works {
        let (anchor, key) = (attribute(&work.anchor), escape(&work.key));
        page.line(&format!("<li id=\"{anchor}\"><b>[{key}]</b> {}</li>", escape(&work.text)));
    }
    page.line("</ul>");
}

fn definitions(page: &mut Writer<'_>, definitions: &[Definition]) {
    page.line("<dl class=\"terms\">");
    for definition in definitions {
        page.put("<dt>");
        inlines(page, &definition.term);
        page.line("</dt>");
        for meaning in &definition.meanings {
            page.put("<dd>");
            blocks(page, meaning);
            page.line("</dd>");
        }
    }
    page.line("</dl>");
}

/// Footnotes of the text.
pub(super) fn footnotes(page: &mut Writer<'_>, footnotes: &[Footnote]) {
    if footnotes.is_empty() {
        return;
    }
    page.line("<section class=\"footnotes\" aria-label=\"Footnotes\"><ol>");
    for footnote in footnotes {
        page.put(&format!("<li id=\"footnote-{}\">", footnote.number));
        blocks(page, &footnote.blocks);
        page.line("</li>");
    }
    page.line("</ol></section>");
}

/// A line.
pub(super) fn inlines(page: &mut Writer<'_>, words: &[Inline]) {
    for inline in words {
        match inline {
            Inline::Text(text) => page.put(&escape(text)),
            Inline::Emphasis(inner) => wrapped(page, "em", inner),
            Inline::Strong(inner) => wrapped(page, "strong", inner),
            Inline::Struck(inner) => wrapped(page, "s", inner),
            Inline::Code(code) => page.put(&format!("<code>{}</code>", escape(code))),
            Inline::Link { target, inlines: inner } => {
                page.put(&format!("<a href=\"{}\" rel=\"noreferrer\">", attribute(target)));
                inlines(page, inner);
                page.put("</a>");
            }
            Inline::Fact(fact) => origin::fact(page, fact),
            Inline::Reference(reference) => page.put(&linked(reference.anchor.as_deref(), &reference.text)),
            Inline::FootnoteMark(mark) => page.put(&footnote_mark(mark.number)),
            Inline::LineBreak => page.put("<br>"),
        }
    }
}

fn wrapped(page: &mut Writer<'_>, tag: &str, inner: &[Inline]) {
    page.put(&format!("<{tag}>"));
    inlines(page, inner);
    page.put(&format!("</{tag}>"));
}

fn linked(anchor: Option<&str>, words: &str) -> String {
    match anchor {
        Some(anchor) => format!("<a class=\"ref\" href=\"#{}\">{}</a>", attribute(anchor), escape(words)),
        None => escape(words),
    }
}

fn footnote_mark(number: usize) -> String {
    format!("<sup><a href=\"#footnote-{number}\" aria-label=\"Footnote {number}\">{number}</a></sup>")
}
