//! Markdown as GitHub shows it: pipe tables, figures as files beside the document.

use super::document::{
    Align, Block, Callout, CalloutKind, Document, ExhibitBlock, ExhibitBody, Grid, Heading, Inline, List, Note, NoteKind, ReferenceEntry,
    TableBody, plain_text, unaligned,
};
use super::{Exporter, RenderError};

/// Folder, beside the document, that holds the figures.
const FIGURES: &str = "exhibits";

/// Writes a document as Markdown.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarkdownExporter;

impl Exporter for MarkdownExporter {
    fn extension(&self) -> &'static str {
        "md"
    }

    fn export(&self, document: &Document) -> Result<Vec<u8>, RenderError> {
        let mut text = title_block(document);
        text.push_str(&blocks(&document.blocks));
        for footnote in &document.footnotes {
            text.push_str(&format!("[^{}]: {}\n\n", footnote.number, indented(&blocks(&footnote.blocks), "    ").trim()));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        Ok(text.into_bytes())
    }
}

fn title_block(document: &Document) -> String {
    let mut text = format!("# {}\n\n| | |\n| --- | --- |\n", escape(&document.metadata.title));
    for (label, value) in &document.metadata.title_block {
        text.push_str(&format!("| {} | {} |\n", escape(label), escape(value)));
    }
    text.push('\n');
    text
}

/// Blocks, each followed by an empty line.
fn blocks(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> String {
    let text = match block {
        Block::Heading(heading) => self::heading(heading),
        Block::Paragraph(words) => inlines(words),
        Block::List(list) => self::list(list),
        Block::Quote(inner) => indented(&blocks(inner), "> "),
        Block::Callout(callout) => self::callout(callout),
        Block::Code(code) => fenced(code),
        Block::Rule => "---".to_owned(),
        Block::Grid(grid) => self::grid(grid),
        Block::Definitions(definitions) => {
            let line = |term: &[Inline], meaning: &str| format!("**{}:** {meaning}", inlines(term));
            let lines = definitions.iter().map(|definition| {
                line(&definition.term, definition.meanings.iter().map(|meaning| blocks(meaning)).collect::<String>().trim())
            });
            lines.collect::<Vec<_>>().join("\n\n")
        }
        Block::Exhibit(exhibit) => self::exhibit(exhibit),
        Block::Details { summary, blocks: inner } => format!("**{}**\n\n{}", inlines(summary), blocks(inner)),
        Block::Origins(origins) => format!("**{}**\n\n{}", escape(&origins.exhibit), self::grid(&origins.facts)),
        Block::References(works) => references(works),
        Block::TraceabilityHere | Block::ReferencesHere => return String::new(),
    };
    format!("{}\n\n", text.trim_end())
}

fn heading(heading: &Heading) -> String {
    let signs = "#".repeat(usize::from((heading.level + 1).min(6)));
    let number = heading.number.as_ref().map_or_else(String::new, |number| format!("{number} "));
    // The anchors that readers of Markdown make of headings are their own, so cross-references need one of ours.
    format!("{signs} <a id=\"{}\"></a>{}{}", heading.anchor, escape(&number), inlines(&heading.inlines))
}

fn list(list: &List) -> String {
    let mut text = String::new();
    for (place, item) in list.items.iter().enumerate() {
        let sign = list.start.map_or_else(|| "- ".to_owned(), |start| format!("{}. ", start + place as u64));
        let inner = indented(blocks(item).trim_end(), &" ".repeat(sign.len()));
        text.push_str(&format!("{sign}{}\n", inner.trim_start()));
    }
    text
}

fn callout(callout: &Callout) -> String {
    let kind = match callout.kind {
        CalloutKind::Note => "NOTE",
        CalloutKind::Limit => "IMPORTANT",
        CalloutKind::Minor => "TIP",
        CalloutKind::Major => "WARNING",
        CalloutKind::Critical => "CAUTION",
    };
    indented(&format!("[!{kind}]\n**{}**\n\n{}", escape(&callout.title), blocks(&callout.blocks)), "> ")
}

fn references(works: &[ReferenceEntry]) -> String {
    let line = |work: &ReferenceEntry| {
        format!("- <a id=\"{}\"></a>**{}** {}\n", work.anchor, escape(&format!("[{}]", work.key)), escape(&work.text))
    };
    works.iter().map(line).collect()
}

/// Code between more backticks than it holds in a row.
fn fenced(code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}", code.trim_end_matches('\n'))
}

fn grid(grid: &Grid) -> String {
    let align = |place: usize| match grid.align.get(place) {
        Some(Align::Right) => "---:",
        Some(Align::Centre) => ":---:",
        _ => "---",
    };
    let head: Vec<String> = grid.head.iter().map(|cell| inlines(cell)).collect();
    let rules: Vec<&str> = (0..head.len()).map(align).collect();
    let rows = grid.rows.iter().map(|row| pipes(&row.iter().map(|cell| inlines(cell)).collect::<Vec<_>>()));
    format!("{}{}{}", pipes(&head), pipes(&rules), rows.collect::<String>())
}

fn pipes<S: AsRef<str>>(cells: &[S]) -> String {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn exhibit(exhibit: &ExhibitBlock) -> String {
    let anchor = &exhibit.file_stem;
    let body = match &exhibit.body {
        ExhibitBody::Table(table) => self::table(table),
        ExhibitBody::Figure(figure) => format!("![{}]({FIGURES}/{}.svg)", escape(&figure.alt), exhibit.file_stem),
        ExhibitBody::Missing(missing) => {
            let (title, label, words) = (escape(&exhibit.title), escape(&exhibit.label()), escape(&missing.words()));
            return format!("- <a id=\"{anchor}\"></a>**{title}** ({label}). {words}");
        }
    };
    let notes: Vec<String> = exhibit.notes.iter().map(note).collect();
    let caption = format!("<a id=\"{anchor}\"></a>**{}** {}", exhibit.label(), escape(&exhibit.title));
    format!("{caption}\n\n{}\n\n{}", body.trim_end(), notes.join("  \n"))
}

fn note(note: &Note) -> String {
    match &note.kind {
        NoteKind::Labelled(label) => format!("{label}: {}", escape(&note.text)),
        NoteKind::Footnote(letter) => format!("<sup>{letter}</sup> {}", escape(&note.text)),
    }
}

fn table(table: &TableBody) -> String {
    let above = table.spanners.iter().flat_map(|spanner| std::iter::repeat_n(spanner.text.as_deref(), spanner.columns));
    let above: Vec<Option<&str>> = above.collect();
    let heads = table.columns.iter().enumerate().map(|(place, column)| {
        let above = above.get(place).copied().flatten().map_or_else(String::new, |above| format!("{}: ", escape(above)));
        let n = column.n.as_ref().map_or_else(String::new, |n| format!(" N={}", escape(&n.text)));
        format!("{above}{}{n}", escape(&column.text))
    });
    let head: Vec<String> = std::iter::once(escape(&table.stub)).chain(heads).collect();
    let rules: Vec<&str> =
        std::iter::once("---").chain(table.columns.iter().map(|column| if column.words { "---" } else { "---:" })).collect();
    let rows = table.rows.iter().map(|row| {
        let mark = row.mark.as_ref().map_or_else(String::new, |mark| format!("<sup>{mark}</sup>"));
        let indent = "&nbsp;&nbsp;".repeat(usize::from(row.indent));
        let stub =
            if row.heading { format!("{indent}**{}**{mark}", escape(&row.stub)) } else { format!("{indent}{}{mark}", escape(&row.stub)) };
        let cells = row.cells.iter().map(|cell| escape(&unaligned(&plain_text(cell))));
        pipes(&std::iter::once(stub).chain(cells).collect::<Vec<_>>())
    });
    format!("{}{}{}", pipes(&head), pipes(&rules), rows.collect::<String>())
}

fn inlines(words: &[Inline]) -> String {
    let mut text = String::new();
    for inline in words {
        match inline {
            Inline::Text(words) => text.push_str(&escape(words)),
            Inline::Emphasis(inner) => text.push_str(&format!("*{}*", inlines(inner))),
            Inline::Strong(inner) => text.push_str(&format!("**{}**", inlines(inner))),
            Inline::Struck(inner) => text.push_str(&format!("~~{}~~", inlines(inner))),
            Inline::Code(code) => text.push_str(&code_span(code)),
            Inline::Link { target, inlines: inner } => {
                text.push_str(&format!("[{}](<{}>)", inlines(inner), target.replace(['<', '>'], "")))
            }
            Inline::Fact(fact) => text.push_str(&escape(&fact.text)),
            Inline::Reference(reference) => match &reference.anchor {
                Some(anchor) => text.push_str(&format!("[{}](#{anchor})", escape(&reference.text))),
                None => text.push_str(&escape(&reference.text)),
            },
            Inline::FootnoteMark(mark) => text.push_str(&format!("[^{}]", mark.number)),
            Inline::LineBreak => text.push_str("<br>"),
        }
    }
    text
}

/// Code in a line. A pipe would end a table cell even there, so code with one is written as text.
fn code_span(code: &str) -> String {
    if code.contains(['`', '|', '\n']) { escape(code) } else { format!("`{code}`") }
}

/// Text as text: every character that Markdown could read as more gets a backslash, what HTML could read an entity. Signs that mean something
/// only at the start of a line (`#`, `-`, `1.`) are escaped only there.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (place, c) in text.char_indices() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' | '\r' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => escaped.extend(['\\', c]),
            '#' | '+' | '-' | '=' if place == 0 => escaped.extend(['\\', c]),
            '.' | ')'
                if digits > 0 && place == digits && text.get(place + 1..).is_none_or(|rest| rest.is_empty() || rest.starts_with(' ')) =>
            {
                escaped.extend(['\\', c]);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Every line with something in front of it; empty lines keep the sign alone.
fn indented(text: &str, sign: &str) -> String {
    text.trim_end().lines().map(|line| format!("{sign}{line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
