//! Markdown to blocks: the only door to the Markdown parser.
//!
//! Raw HTML is shown as text, links lead out of the document only by `https:`, `http:` or `mailto:`, pictures are named and not fetched.

use pulldown_cmark::{Alignment, BlockQuoteKind, Event, HeadingLevel, Options, Parser, Tag, TextMergeStream};

use super::RenderError;
use super::document::{Align, Block, Callout, CalloutKind, Definition, Footnote, FootnoteMark, Grid, Heading, Inline, List, plain_text};
use super::mark::{Piece, pieces};
use super::text::{MARK_END, MARK_START};

/// Nesting that is understood; what stands deeper is shown without its form.
const DEEPEST: usize = 24;

/// What marks become.
pub(super) trait Marked {
    /// The inline of a mark; an error for a mark that needs a line of its own.
    fn inline(&self, position: usize) -> Result<Inline, RenderError>;
    /// The blocks of a mark that stands on a line of its own, or `None` when it belongs into a sentence.
    fn blocks(&self, position: usize) -> Result<Option<Vec<Block>>, RenderError>;
}

/// A text to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// Name that keeps its footnotes apart from those of other sources.
    pub(super) name: &'a str,
    /// Its Markdown.
    pub(super) markdown: &'a str,
    /// How many levels its headings are set lower.
    pub(super) deeper: u8,
}

/// The blocks of a text and its footnotes.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) blocks: Vec<Block>,
    pub(super) footnotes: Vec<Footnote>,
}

/// Reads a text.
pub(super) fn parse(source: Source<'_>, marked: &dyn Marked) -> Result<Parsed, RenderError> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST;
    let events = Shallow::new(TextMergeStream::new(Parser::new_ext(source.markdown, options)));
    let mut reader = Reader { events, marked, source, footnotes: Vec::new() };
    let blocks = reader.blocks()?;
    Ok(Parsed { blocks, footnotes: reader.footnotes })
}

/// Events without those that begin or end anything nested too deep.
struct Shallow<I> {
    events: I,
    depth: usize,
    skipped: usize,
}

impl<I> Shallow<I> {
    fn new(events: I) -> Self {
        Self { events, depth: 0, skipped: 0 }
    }
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for Shallow<I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            let event = self.events.next()?;
            match event {
                Event::Start(_) if self.depth >= DEEPEST => self.skipped += 1,
                Event::End(_) if self.skipped > 0 => self.skipped -= 1,
                Event::Start(_) => {
                    self.depth += 1;
                    return Some(event);
                }
                Event::End(_) => {
                    self.depth -= 1;
                    return Some(event);
                }
                event => return Some(event),
            }
        }
    }
}

struct Reader<'a, I> {
    events: I,
    marked: &'a dyn Marked,
    source: Source<'a>,
    footnotes: Vec<Footnote>,
}

impl<'a, I: Iterator<Item = Event<'a>>> Reader<'a, I> {
    /// The blocks up to the end of what has begun. Text without a paragraph of its own (in tight lists) becomes one.
    fn blocks(&mut self) -> Result<Vec<Block>, RenderError> {
        let mut blocks = Vec::new();
        let mut loose = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(_) => break,
                Event::Start(tag) if is_block(&tag) => {
                    self.paragraph(std::mem::take(&mut loose), &mut blocks)?;
                    self.block(tag, &mut blocks)?;
                }
                Event::Rule => {
                    self.paragraph(std::mem::take(&mut loose), &mut blocks)?;
                    blocks.push(Block::Rule);
                }
                event => self.inline(event, &mut loose)?,
            }
        }
        self.paragraph(loose, &mut blocks)?;
        Ok(blocks)
    }

    fn block(&mut self, tag: Tag<'a>, blocks: &mut Vec<Block>) -> Result<(), RenderError> {
        match tag {
            Tag::Heading { level, id, classes, .. } => {
                let numbered = !classes.iter().any(|class| &**class == "unnumbered");
                let heading = self.heading(level, id.map(|id| id.to_string()), numbered)?;
                blocks.push(Block::Heading(heading));
            }
            Tag::BlockQuote(None) => {
                let quoted = self.blocks()?;
                blocks.push(Block::Quote(quoted));
            }
            Tag::BlockQuote(Some(kind)) => {
                let callout = self.callout(kind)?;
                blocks.push(Block::Callout(callout));
            }
            Tag::CodeBlock(_) => blocks.push(Block::Code(self.verbatim())),
            Tag::List(start) => {
                let items = self.items()?;
                blocks.push(Block::List(List { start, items }));
            }
            Tag::FootnoteDefinition(label) => {
                let label = self.footnote_label(&label);
                let blocks = self.blocks()?;
                self.footnotes.push(Footnote { label, number: 0, blocks });
            }
            Tag::Table(align) => {
                let grid = self.grid(&align)?;
                blocks.push(Block::Grid(grid));
            }
            Tag::DefinitionList => {
                let definitions = self.definitions()?;
                blocks.push(Block::Definitions(definitions));
            }
            Tag::Paragraph => {
                let inlines = self.inlines()?;
                self.paragraph(inlines, blocks)?;
            }
            _ => {
                let inner = self.blocks()?;
                blocks.extend(inner);
            }
        }
        Ok(())
    }

    /// A paragraph, or the blocks of the marks that it consists of.
    fn paragraph(&self, inlines: Vec<Inline>, blocks: &mut Vec<Block>) -> Result<(), RenderError> {
        if inlines.iter().all(|inline| matches!(inline, Inline::Text(text) if text.trim().is_empty())) {
            return Ok(());
        }
        let mut found = Vec::new();
        for inline in &inlines {
            let Inline::Text(text) = inline else {
                return self.sentence(inlines, blocks);
            };
            for piece in pieces(text) {
                match piece {
                    Piece::Text(words) if words.trim().is_empty() => {}
                    Piece::Text(_) => return self.sentence(inlines, blocks),
                    Piece::Mark(position) => match self.marked.blocks(position)? {
                        Some(inner) => found.extend(inner),
                        None => return self.sentence(inlines, blocks),
                    },
                }
            }
        }
        blocks.extend(found);
        Ok(())
    }

    fn sentence(&self, inlines: Vec<Inline>, blocks: &mut Vec<Block>) -> Result<(), RenderError> {
        let inlines = self.resolved(inlines)?;
        blocks.push(Block::Paragraph(inlines));
        Ok(())
    }

    /// The inlines with what their marks ask for.
    fn resolved(&self, inlines: Vec<Inline>) -> Result<Vec<Inline>, RenderError> {
        let mut resolved = Vec::with_capacity(inlines.len());
        for inline in inlines {
            match inline {
                Inline::Text(text) if text.contains(MARK_START) => {
                    for piece in pieces(&text) {
                        resolved.push(match piece {
                            Piece::Text(words) => Inline::Text(words.to_owned()),
                            Piece::Mark(position) => self.marked.inline(position)?,
                        });
                    }
                }
                Inline::Code(text) if text.contains(MARK_START) => {
                    let inner = self.resolved(vec![Inline::Text(text)])?;
                    resolved.push(Inline::Code(plain_text(&inner)));
                }
                Inline::Emphasis(inner) => resolved.push(Inline::Emphasis(self.resolved(inner)?)),
                Inline::Strong(inner) => resolved.push(Inline::Strong(self.resolved(inner)?)),
                Inline::Struck(inner) => resolved.push(Inline::Struck(self.resolved(inner)?)),
                Inline::Link { target, inlines } => resolved.push(Inline::Link { target, inlines: self.resolved(inlines)? }),
                other => resolved.push(other),
            }
        }
        Ok(resolved)
    }

    fn heading(&mut self, level: HeadingLevel, id: Option<String>, numbered: bool) -> Result<Heading, RenderError> {
        let inlines = self.inlines()?;
        let inlines = self.resolved(inlines)?;
        let level = (level as u8).saturating_add(self.source.deeper).min(6);
        // An empty number is filled in when the document is resolved.
        Ok(Heading { level, number: numbered.then(String::new), anchor: id.unwrap_or_default(), inlines })
    }

    fn callout(&mut self, kind: BlockQuoteKind) -> Result<Callout, RenderError> {
        let (kind, title) = match kind {
            BlockQuoteKind::Note => (CalloutKind::Note, "Note"),
            BlockQuoteKind::Important => (CalloutKind::Limit, "What the evidence does not show"),
            BlockQuoteKind::Tip => (CalloutKind::Minor, "Minor"),
            BlockQuoteKind::Warning => (CalloutKind::Major, "Major"),
            BlockQuoteKind::Caution => (CalloutKind::Critical, "Critical"),
        };
        Ok(Callout { kind, title: title.to_owned(), blocks: self.blocks()? })
    }

    fn items(&mut self) -> Result<Vec<Vec<Block>>, RenderError> {
        let mut items = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::Item) => items.push(self.blocks()?),
                Event::End(_) => break,
                // Nested too deep for items of its own: the text alone is kept.
                event => {
                    let mut loose = Vec::new();
                    self.inline(event, &mut loose)?;
                    items.push(vec![Block::Paragraph(self.resolved(loose)?)]);
                }
            }
        }
        Ok(items)
    }

    fn definitions(&mut self) -> Result<Vec<Definition>, RenderError> {
        let mut definitions: Vec<Definition> = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::DefinitionListTitle) => {
                    let term = self.inlines()?;
                    definitions.push(Definition { term: self.resolved(term)?, meanings: Vec::new() });
                }
                Event::Start(Tag::DefinitionListDefinition) => {
                    let meaning = self.blocks()?;
                    if let Some(definition) = definitions.last_mut() {
                        definition.meanings.push(meaning);
                    }
                }
                Event::End(_) => break,
                _ => {}
            }
        }
        Ok(definitions)
    }

    fn grid(&mut self, align: &[Alignment]) -> Result<Grid, RenderError> {
        let align = align.iter().map(|align| match align {
            Alignment::None | Alignment::Left => Align::Left,
            Alignment::Right => Align::Right,
            Alignment::Center => Align::Centre,
        });
        let mut grid = Grid { head: Vec::new(), align: align.collect(), rows: Vec::new() };
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::TableHead) => grid.head = self.cells()?,
                Event::Start(Tag::TableRow) => {
                    let cells = self.cells()?;
                    grid.rows.push(cells);
                }
                Event::End(_) => break,
                _ => {}
            }
        }
        Ok(grid)
    }

    fn cells(&mut self) -> Result<Vec<Vec<Inline>>, RenderError> {
        let mut cells = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::TableCell) => {
                    let inlines = self.inlines()?;
                    cells.push(self.resolved(inlines)?);
                }
                Event::End(_) => break,
                _ => {}
            }
        }
        Ok(cells)
    }

    /// The inlines up to the end of what has begun, marks still in them.
    fn inlines(&mut self) -> Result<Vec<Inline>, RenderError> {
        let mut inlines = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(_) => break,
                event => self.inline(event, &mut inlines)?,
            }
        }
        Ok(inlines)
    }

    fn inline(&mut self, event: Event<'a>, inlines: &mut Vec<Inline>) -> Result<(), RenderError> {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                push_text(&text, inlines);
            }
            Event::Code(text) => inlines.push(Inline::Code(text.to_string())),
            Event::SoftBreak => push_text(" ", inlines),
            Event::HardBreak => inlines.push(Inline::LineBreak),
            Event::FootnoteReference(label) => {
                inlines.push(Inline::FootnoteMark(FootnoteMark { label: self.footnote_label(&label), number: 0 }));
            }
            Event::TaskListMarker(done) => push_text(if done { "☑ " } else { "☐ " }, inlines),
            Event::Start(tag) => self.inline_tag(tag, inlines)?,
            Event::Rule | Event::End(_) => {}
        }
        Ok(())
    }

    fn inline_tag(&mut self, tag: Tag<'a>, inlines: &mut Vec<Inline>) -> Result<(), RenderError> {
        let inner = self.inlines()?;
        match tag {
            Tag::Emphasis => inlines.push(Inline::Emphasis(inner)),
            Tag::Strong => inlines.push(Inline::Strong(inner)),
            Tag::Strikethrough => inlines.push(Inline::Struck(inner)),
            Tag::Link { dest_url, .. } if leads_out(&dest_url) => {
                inlines.push(Inline::Link { target: dest_url.to_string(), inlines: inner })
            }
            Tag::Image { .. } => {
                push_text("(picture: ", inlines);
                inlines.extend(inner);
                push_text(")", inlines);
            }
            _ => inlines.extend(inner),
        }
        Ok(())
    }

    fn verbatim(&mut self) -> String {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::Text(words) | Event::Html(words) => text.push_str(&words),
                Event::End(_) => break,
                _ => {}
            }
        }
        text.replace([MARK_START, MARK_END], "\u{FFFD}")
    }

    fn footnote_label(&self, label: &str) -> String {
        format!("{}:{label}", self.source.name)
    }
}

/// Adds text; neighbours are joined, so that a mark is never cut in two.
fn push_text(text: &str, inlines: &mut Vec<Inline>) {
    match inlines.last_mut() {
        Some(Inline::Text(before)) => before.push_str(text),
        _ => inlines.push(Inline::Text(text.to_owned())),
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Superscript | Tag::Subscript | Tag::Link { .. } | Tag::Image { .. }
    )
}

/// Whether a link may be followed. Every other target (`javascript:`, a path, a fragment) leaves its words as text.
fn leads_out(target: &str) -> bool {
    let target = target.to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)) && !target.contains(char::is_whitespace)
}
