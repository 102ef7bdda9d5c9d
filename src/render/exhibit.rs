//! Exhibits of the evidence to exhibits of the document: cells formatted and aligned, figures drawn, notes put into words.

use crate::config::Settings;
use crate::evidence::{Cell, CellPattern, Content, Evidence, Exhibit, ExhibitId, Fact, FactId, Row, Table};

use super::document::{
    ColumnHead, ExhibitBlock, ExhibitBody, FactText, FigureBody, Inline, Missing, Note, NoteKind, Spanner, TableBody, TableRow,
};
use super::format::{self, NOT_AVAILABLE, NOT_ESTIMABLE, Whole};
use super::{DrawFigure, RenderError, align, catalogue, context, text};

/// Turns exhibits of one evidence into blocks.
pub(super) struct ExhibitSetter<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) settings: &'a Settings,
    pub(super) draw: &'a DrawFigure<'a>,
}

impl ExhibitSetter<'_> {
    /// The block of an exhibit; a placeholder where the evidence does not hold it.
    pub(super) fn set(&self, id: &str) -> Result<ExhibitBlock, RenderError> {
        match self.evidence.exhibit(&ExhibitId::from(id)) {
            Some(exhibit) => self.set_exhibit(exhibit),
            None => Ok(self.missing(id)),
        }
    }

    fn set_exhibit(&self, exhibit: &Exhibit) -> Result<ExhibitBlock, RenderError> {
        let (body, not_estimable) = match &exhibit.content {
            Content::Table(table) => (ExhibitBody::Table(self.table(table, &marked_footnotes(exhibit))), self.shows_not_estimable(table)),
            Content::Figure(figure) => {
                let svg = (self.draw)(&exhibit.id, figure)
                    .map_err(|source| RenderError::Figure { exhibit: exhibit.id.to_string(), message: source.to_string() })?;
                (ExhibitBody::Figure(FigureBody { svg, alt: text::line(&figure.alt) }), false)
            }
            Content::Placeholder(placeholder) => {
                let needs = placeholder.needs.iter().map(|need| text::line(need)).collect();
                (ExhibitBody::Missing(Missing { reason: text::line(&placeholder.reason), needs }), false)
            }
        };
        let shown = !matches!(body, ExhibitBody::Missing(_));
        Ok(ExhibitBlock {
            notes: if shown { self.notes(exhibit, not_estimable) } else { Vec::new() },
            body,
            ..self.frame(&exhibit.id, &exhibit.title)
        })
    }

    fn missing(&self, id: &str) -> ExhibitBlock {
        let entry = catalogue::entry(id);
        let reason = "Not computed in this version.".to_owned();
        let needs = entry.map_or(&[][..], |entry| entry.needs).iter().map(|need| (*need).to_owned()).collect();
        let body = ExhibitBody::Missing(Missing { reason, needs });
        ExhibitBlock { body, ..self.frame(&ExhibitId::from(id), entry.map_or(id, |entry| entry.title)) }
    }

    /// An exhibit with its names and nothing in it.
    fn frame(&self, id: &ExhibitId, title: &str) -> ExhibitBlock {
        ExhibitBlock {
            id: text::line(id.as_str()),
            file_stem: id.file_stem().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect(),
            kind: catalogue::kind_of(id.as_str()),
            number: 0,
            title: self.title(id, title),
            body: ExhibitBody::Missing(Missing { reason: String::new(), needs: Vec::new() }),
            notes: Vec::new(),
        }
    }

    /// The title, with the study part where it does not name it yet.
    fn title(&self, id: &ExhibitId, title: &str) -> String {
        let title = text::line(title);
        let Some(part) = id.part() else { return title };
        let label = text::line(self.settings.part(part).map_or(part, |part| part.label.as_str()));
        if title.to_lowercase().contains(&label.to_lowercase()) { title } else { format!("{title}: {label}") }
    }

    fn table(&self, table: &Table, marked: &[usize]) -> TableBody {
        let mut rows: Vec<TableRow> = table.rows.iter().map(|row| self.row(row, table.columns.len(), marked)).collect();
        let mut columns = Vec::with_capacity(table.columns.len());
        for (place, column) in table.columns.iter().enumerate() {
            let words = align::is_words(rows.iter().filter_map(|row| row.cells.get(place)));
            if !words {
                let groups = table.rows.iter().map(|row| bracket_group(row, place));
                let cells = rows.iter_mut().zip(groups).filter_map(|(row, group)| Some((row.cells.get_mut(place)?, group)));
                align::align(&mut cells.collect::<Vec<_>>());
            }
            let n = column.n.as_ref().and_then(|id| Some((id, self.evidence.facts.get(id)?)));
            let n = n.map(|(id, fact)| FactText { id: id.clone(), text: format::in_sentence(fact, format::Show::Value) });
            columns.push(ColumnHead { text: text::line(&column.head), n, words });
        }
        TableBody { stub: text::line(&table.stub), columns, spanners: spanners(table), rows }
    }

    fn row(&self, row: &Row, columns: usize, marked: &[usize]) -> TableRow {
        let facts = row.cells.iter().flat_map(|cell| match cell {
            Cell::Facts(_, ids) => self.facts(ids),
            _ => Vec::new(),
        });
        let whole = Whole::of(facts.map(|(_, fact)| fact));
        let mut cells: Vec<Vec<Inline>> = row.cells.iter().take(columns).map(|cell| self.cell(cell, whole)).collect();
        cells.resize(columns, Vec::new());
        let mark = row.footnote.and_then(|footnote| marked.iter().position(|known| *known == footnote)).map(letter);
        TableRow { stub: text::line(&row.stub), mark, indent: row.indent, heading: row.heading, cells }
    }

    fn cell(&self, cell: &Cell, whole: Whole) -> Vec<Inline> {
        match cell {
            Cell::Empty => Vec::new(),
            Cell::NotAvailable => vec![Inline::Text(NOT_AVAILABLE.to_owned())],
            Cell::Text(words) => vec![Inline::Text(text::line(words))],
            Cell::Facts(pattern, ids) => format::in_cell(*pattern, &self.facts(ids), whole),
        }
    }

    fn facts<'b>(&'b self, ids: &'b [FactId]) -> Vec<(&'b FactId, &'b Fact)> {
        ids.iter().filter_map(|id| Some((id, self.evidence.facts.get(id)?))).collect()
    }

    fn shows_not_estimable(&self, table: &Table) -> bool {
        table.rows.iter().flat_map(|row| &row.cells).any(|cell| match cell {
            Cell::Facts(pattern, ids) => format::shows_not_estimable(*pattern, &self.facts(ids)),
            _ => false,
        })
    }

    /// The lines under an exhibit in print order.
    fn notes(&self, exhibit: &Exhibit, not_estimable: bool) -> Vec<Note> {
        let notes = &exhibit.notes;
        let mut lines = Vec::new();
        let mut labelled = |label: &'static str, words: String| {
            let words = text::line(&words);
            if !words.is_empty() {
                lines.push(Note { kind: NoteKind::Labelled(label), text: words });
            }
        };
        labelled("Source", notes.datasets.join(", "));
        labelled("Population", notes.population.clone());
        labelled("Grouping", notes.grouping.clone());
        labelled("Data cut-off", context::data_cutoff(self.evidence, self.settings).map_or_else(String::new, |date| date.to_string()));
        labelled("Methods", notes.methods.join("; "));
        let marked = marked_footnotes(exhibit);
        // What no row points to speaks of the whole exhibit.
        for (_, footnote) in notes.footnotes.iter().enumerate().filter(|(place, _)| !marked.contains(place)) {
            lines.push(Note { kind: NoteKind::Labelled("Note"), text: text::line(footnote) });
        }
        for (place, footnote) in marked.iter().enumerate().filter_map(|(place, index)| Some((place, notes.footnotes.get(*index)?))) {
            lines.push(Note { kind: NoteKind::Footnote(letter(place)), text: text::line(footnote) });
        }
        let explained = |abbreviation: &str| notes.abbreviations.iter().any(|known| known.split(':').next() == Some(abbreviation));
        let ours = (not_estimable && !explained(NOT_ESTIMABLE)).then(|| format!("{NOT_ESTIMABLE}: not estimable"));
        let abbreviations: Vec<String> = notes.abbreviations.iter().cloned().chain(ours).collect();
        if !abbreviations.is_empty() {
            lines.push(Note { kind: NoteKind::Labelled("Abbreviations"), text: text::line(&abbreviations.join("; ")) });
        }
        lines.push(Note { kind: NoteKind::Labelled("Exhibit"), text: text::line(exhibit.id.as_str()) });
        lines
    }
}

/// The footnotes to which rows point, in the order in which they do.
fn marked_footnotes(exhibit: &Exhibit) -> Vec<usize> {
    let Content::Table(table) = &exhibit.content else { return Vec::new() };
    let mut marked = Vec::new();
    for footnote in table.rows.iter().filter_map(|row| row.footnote) {
        if !marked.contains(&footnote) && footnote < exhibit.notes.footnotes.len() {
            marked.push(footnote);
        }
    }
    marked
}

/// The group in which a cell's bracket is aligned: percentages of one pattern. What other patterns hold in brackets differs from row to row.
fn bracket_group(row: &Row, column: usize) -> Option<u8> {
    match row.cells.get(column) {
        Some(Cell::Facts(pattern @ (CellPattern::CountPercent | CellPattern::CountOfPercent | CellPattern::CountPercentInterval), _)) => {
            Some(*pattern as u8)
        }
        _ => None,
    }
}

/// The heads above neighbouring columns, covering every column; nothing where no column has one.
fn spanners(table: &Table) -> Vec<Spanner> {
    let mut spanners: Vec<Spanner> = Vec::new();
    for column in &table.columns {
        let text = column.spanner.as_deref().map(text::line);
        match spanners.last_mut() {
            Some(last) if last.text == text => last.columns += 1,
            _ => spanners.push(Spanner { text, columns: 1 }),
        }
    }
    if spanners.iter().all(|spanner| spanner.text.is_none()) { Vec::new() } else { spanners }
}

/// Footnote letters: a to z, then aa, ab and so on.
fn letter(place: usize) -> String {
    let last = char::from(b'a' + u8::try_from(place % 26).unwrap_or(0));
    match place / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", letter(before - 1)),
    }
}
