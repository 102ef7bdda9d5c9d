//! Numbered tables and figures.

use crate::render::document::{ExhibitBlock, ExhibitBody, FigureBody, Inline, Missing, NoteKind, TableBody, TableRow, plain_text};

use super::flow;
use super::origin::{self, RowTip};
use super::writer::{Writer, attribute, escape, escape_aligned};

/// From so many columns on, a table is printed on a sheet turned sideways.
const WIDE: usize = 6;
/// Text longer than this scrolls in its own box on a screen.
const LONG: usize = 600;

/// A table, a figure, or the reason why there is none.
pub(super) fn exhibit(page: &mut Writer<'_>, exhibit: &ExhibitBlock) {
    if let ExhibitBody::Missing(body) = &exhibit.body {
        return missing(page, exhibit, body);
    }
    let class = match &exhibit.body {
        ExhibitBody::Table(table) if table.columns.len() >= WIDE => "table wide",
        ExhibitBody::Table(_) => "table",
        ExhibitBody::Figure(figure) if is_tall(figure) => "figure tall",
        ExhibitBody::Figure(_) | ExhibitBody::Missing(_) => "figure",
    };
    let anchor = attribute(&exhibit.file_stem);
    page.line(&format!("<figure class=\"exhibit {class}\" id=\"{anchor}\">"));
    let number = escape(&exhibit.label());
    page.line(&format!(
        "<figcaption id=\"{anchor}-caption\"><a class=\"number\" href=\"#{anchor}\">{number}</a> {}</figcaption>",
        escape(&exhibit.title)
    ));
    match &exhibit.body {
        ExhibitBody::Table(body) => table(page, body, &anchor),
        ExhibitBody::Figure(body) => figure(page, body),
        ExhibitBody::Missing(_) => {}
    }
    notes(page, exhibit);
    page.line("</figure>");
}

fn figure(page: &mut Writer<'_>, figure: &FigureBody) {
    let size = view_box(&figure.svg).map_or_else(String::new, |(width, height)| format!(" width=\"{width:.0}\" height=\"{height:.0}\""));
    page.line(&format!("<img alt=\"{}\"{size} src=\"{}\">", attribute(&figure.alt), data_url(&figure.svg)));
}

/// Whether a figure needs a printed page of its own.
fn is_tall(figure: &FigureBody) -> bool {
    const TALL: f64 = 0.8;
    view_box(&figure.svg).is_some_and(|(width, height)| height > TALL * width)
}

/// An SVG document as the address of a picture. In a picture, nothing that it holds can run or load.
fn data_url(svg: &str) -> String {
    let mut url = String::with_capacity(svg.len() + svg.len() / 4);
    url.push_str("data:image/svg+xml;charset=utf-8,");
    for byte in single_quoted(svg).bytes() {
        // Apostrophes stay: the address stands between quotation marks. Of what stays, only the ampersand means something in an attribute.
        if byte.is_ascii_alphanumeric() || b" -_.!~*();/?:@=+$,'".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

/// The document with its attributes between apostrophes, which an address need not spell out, wherever a tag holds none of its own.
fn single_quoted(svg: &str) -> String {
    let mut quoted = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once('<') {
        let (tag, words) = after.split_once('>').unwrap_or((after, ""));
        quoted.push_str(before);
        quoted.push('<');
        if tag.contains('\'') {
            quoted.push_str(tag);
        } else {
            quoted.push_str(&tag.replace('"', "'"));
        }
        if tag.len() < after.len() {
            quoted.push('>');
        }
        rest = words;
    }
    quoted.push_str(rest);
    quoted
}

/// Width and height of an SVG's view box.
fn view_box(svg: &str) -> Option<(f64, f64)> {
    let (_, after) = svg.split_once("viewBox=\"")?;
    let (numbers, _) = after.split_once('"')?;
    let mut numbers = numbers.split([' ', ',']).filter_map(|number| number.parse::<f64>().ok()).skip(2);
    let size = numbers.next().zip(numbers.next())?;
    (size.0 > 0.0 && size.1 > 0.0).then_some(size)
}

/// A line for what is not there; several of them stand together as one block.
fn missing(page: &mut Writer<'_>, exhibit: &ExhibitBlock, missing: &Missing) {
    let (anchor, words) = (attribute(&exhibit.file_stem), escape(&missing.words()));
    let (label, title) = (escape(&exhibit.label()), escape(&exhibit.title));
    page.line(&format!("<p class=\"missing\" id=\"{anchor}\"><b>{title}</b> <span class=\"number\">({label})</span>. {words}</p>"));
}

fn table(page: &mut Writer<'_>, table: &TableBody, anchor: &str) {
    page.line(&format!("<div class=\"box\" role=\"region\" aria-labelledby=\"{anchor}-caption\" tabindex=\"0\">"));
    page.line(&format!("<table aria-labelledby=\"{anchor}-caption\">"));
    page.line("<thead>");
    spanners(page, table);
    heads(page, table);
    page.line("</thead>");
    page.line("<tbody>");
    for (place, row) in table.rows.iter().enumerate() {
        if row.heading && place > 0 {
            page.line("</tbody>\n<tbody>");
        }
        table_row(page, table, row);
    }
    page.line("</tbody>\n</table>\n</div>");
}

fn spanners(page: &mut Writer<'_>, table: &TableBody) {
    if table.spanners.is_empty() {
        return;
    }
    page.put("<tr class=\"spanners\"><td class=\"stub\"></td>");
    for spanner in &table.spanners {
        match &spanner.text {
            Some(words) => page.put(&format!("<th scope=\"colgroup\" colspan=\"{}\"><span>{}</span></th>", spanner.columns, escape(words))),
            None => page.put(&format!("<td colspan=\"{}\"></td>", spanner.columns)),
        }
    }
    page.line("</tr>");
}

fn heads(page: &mut Writer<'_>, table: &TableBody) {
    page.put(&format!("<tr><th scope=\"col\" class=\"stub\">{}</th>", escape(&table.stub)));
    for column in &table.columns {
        let class = if column.words { " class=\"words\"" } else { "" };
        page.put(&format!("<th scope=\"col\"{class}>{}", escape(&column.text)));
        if let Some(n) = &column.n {
            let id = page.next_tip();
            page.put(&format!("<span class=\"n\" tabindex=\"0\" aria-describedby=\"{id}\">N={}", escape(&n.text)));
            origin::tip(page, &id, &n.id);
            page.put("</span>");
        }
        page.put("</th>");
    }
    page.line("</tr>");
}

fn table_row(page: &mut Writer<'_>, table: &TableBody, row: &TableRow) {
    let indent = row.indent.min(4);
    let mark = row.mark.as_ref().map_or_else(String::new, |mark| format!("<sup>{}</sup>", escape(mark)));
    if row.heading {
        let columns = table.columns.len() + 1;
        let stub = escape(&row.stub);
        page.line(&format!(
            "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{columns}\" class=\"in{indent}\"><span>{stub}{mark}</span></th></tr>"
        ));
        return;
    }
    page.put(&format!("<tr><th scope=\"row\" class=\"stub in{indent}\">{}{mark}</th>", long(&row.stub)));
    let tip = RowTip::of(page, row, &table.columns);
    for (place, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
        let attributes = tip.as_ref().map_or_else(String::new, |tip| tip.cell_attributes(place));
        let class = if column.words { " class=\"words\"" } else { "" };
        page.put(&format!("<td{class}{attributes}>"));
        self::cell(page, cell, column.words);
        page.put("</td>");
    }
    if let Some(tip) = tip {
        tip.put(page);
    }
    page.line("</tr>");
}

fn cell(page: &mut Writer<'_>, cell: &[Inline], words: bool) {
    let text = plain_text(cell);
    if text.len() > LONG {
        page.put(&long(&text));
        return;
    }
    for inline in cell {
        match inline {
            Inline::Text(text) if words => page.put(&escape(text)),
            Inline::Fact(fact) if words => page.put(&escape(&fact.text)),
            Inline::Text(text) => page.put(&escape_aligned(text)),
            Inline::Fact(fact) => page.put(&escape_aligned(&fact.text)),
            other => flow::inlines(page, std::slice::from_ref(other)),
        }
    }
}

/// Text, in a box of its own where it is long.
fn long(text: &str) -> String {
    if text.len() > LONG { format!("<span class=\"long\" tabindex=\"0\">{}</span>", escape(text)) } else { escape(text) }
}

/// The lines under an exhibit; what is labelled runs on, each footnote begins a line.
fn notes(page: &mut Writer<'_>, exhibit: &ExhibitBlock) {
    if exhibit.notes.is_empty() {
        return;
    }
    page.line("<div class=\"notes\">");
    for note in &exhibit.notes {
        match &note.kind {
            NoteKind::Labelled(label) => page.line(&format!("<p class=\"run\"><b>{label}:</b> {}</p>", escape(&note.text))),
            NoteKind::Footnote(letter) => page.line(&format!("<p><sup>{}</sup> {}</p>", escape(letter), escape(&note.text))),
        }
    }
    page.line("</div>");
}
