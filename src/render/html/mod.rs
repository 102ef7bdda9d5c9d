//! HTML: one file that needs nothing else, with the origin of every number on hover, focus and tap.
//!
//! The page makes no request: its content security policy forbids them, figures are embedded, and the small script (contents that follow,
//! search, theme) only adds to what works without it.

mod contents;
mod exhibit;
mod flow;
mod origin;
mod writer;

use super::document::{Block, Document, Paper};
use super::template::Templates;
use super::{Exporter, RenderError};

use contents::Contents;
use writer::{Writer, attribute, escape};

/// Writes a document as one HTML file.
#[derive(Debug, Clone)]
pub struct HtmlExporter {
    style: String,
    script: String,
}

impl HtmlExporter {
    /// An exporter with the style and the script of these templates.
    #[must_use]
    pub fn new(templates: &Templates) -> Self {
        // Neither text may end the element that it stands in.
        let contained = |name: &str| templates.text(name).replace("</", "<\\/");
        Self { style: contained("html/style.css"), script: contained("html/script.js") }
    }
}

impl Exporter for HtmlExporter {
    fn extension(&self) -> &'static str {
        "html"
    }

    fn export(&self, document: &Document) -> Result<Vec<u8>, RenderError> {
        let contents = Contents::of(document);
        let mut page = Writer::new(document);
        self.head(&mut page, document);
        page.line("<body>");
        page.line("<a class=\"skip\" href=\"#main\">Skip to the text</a>");
        contents.sidebar(&mut page, document);
        page.line("<main id=\"main\" tabindex=\"-1\">");
        title_block(&mut page, document);
        let (summary, rest) = split_summary(&document.blocks);
        flow::blocks(&mut page, summary);
        contents.printed(&mut page);
        flow::blocks(&mut page, rest);
        flow::footnotes(&mut page, &document.footnotes);
        page.line("</main>");
        page.line(&format!("<footer>Made by {} from the data named under reproducibility.</footer>", escape(&document.metadata.program)));
        page.line(&format!("<script>\n{}</script>", self.script));
        page.line("</body>\n</html>");
        Ok(page.finish().into_bytes())
    }
}

impl HtmlExporter {
    fn head(&self, page: &mut Writer<'_>, document: &Document) {
        let metadata = &document.metadata;
        page.line("<!DOCTYPE html>");
        page.line(&format!("<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">", attribute(metadata.language)));
        page.line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        let policy =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
        page.line(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"));
        page.line("<meta name=\"referrer\" content=\"no-referrer\">");
        page.line(&format!("<meta name=\"generator\" content=\"{}\">", attribute(&metadata.program)));
        page.line(&format!("<title>{}</title>", escape(&metadata.title)));
        page.line(&format!("<style>\n{}{}</style>\n</head>", self.style, sheet(metadata.paper, &metadata.running_head)));
    }
}

/// The sheet and its running heads, which only style can give to printed pages.
fn sheet(paper: Paper, running_head: &str) -> String {
    let (portrait, landscape) = match paper {
        Paper::Letter => ("8.5in 11in", "11in 8.5in"),
        Paper::A4 => ("210mm 297mm", "297mm 210mm"),
    };
    let quoted: String = running_head.chars().map(css_character).collect();
    format!(
        "@page {{ size: {portrait}; margin: 17mm 15mm 15mm 20mm; @top-left {{ content: \"{quoted}\"; }} \
         @bottom-right {{ content: counter(page) \" / \" counter(pages); }} }}\n@page wide {{ size: {landscape}; margin: 20mm 15mm 18mm 20mm; }}\n"
    )
}

/// A character inside a CSS string: anything that could end it, or the element around it, as a code point.
fn css_character(c: char) -> String {
    if c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | ',' | '·' | ':') { c.to_string() } else { format!("\\{:x} ", u32::from(c)) }
}

fn title_block(page: &mut Writer<'_>, document: &Document) {
    let metadata = &document.metadata;
    page.line("<header class=\"title\">");
    page.line(&format!("<h1>{}</h1>", escape(&metadata.title)));
    page.line("<dl>");
    for (label, value) in &metadata.title_block {
        page.line(&format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(label), escape(value)));
    }
    page.line("</dl>\n</header>");
}

/// The first section, which stands on page one, and everything after it.
fn split_summary(blocks: &[Block]) -> (&[Block], &[Block]) {
    let sections = blocks.iter().enumerate().filter(|(_, block)| matches!(block, Block::Heading(heading) if heading.level == 1));
    let second = sections.map(|(place, _)| place).nth(1).unwrap_or(blocks.len());
    blocks.split_at(second)
}
