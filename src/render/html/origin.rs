//! Where a number comes from: the tip beside a fact, shown on hover, focus and tap without a script.
//!
//! A table shows thousands of facts, and the facts of a row share most of their origin. So each row carries one tip in a cell of its own at
//! its end: first what its facts have in common, then an item for each column, of which only the one of the cell pointed at is shown.

use crate::evidence::FactId;
use crate::render::document::{ColumnHead, FactText, Inline, Origin, TableRow};
use crate::render::trace::row_words;

use super::writer::{Writer, escape};

/// A fact in a sentence.
pub(super) fn fact(page: &mut Writer<'_>, fact: &FactText) {
    let id = page.next_tip();
    page.put(&format!("<span class=\"fact\" tabindex=\"0\" role=\"note\" aria-describedby=\"{id}\">{}", escape(&fact.text)));
    tip(page, &id, &fact.id);
    page.put("</span>");
}

/// The tip of one fact, inside the element that it describes.
pub(super) fn tip(page: &mut Writer<'_>, id: &str, fact: &FactId) {
    page.put(&format!("<span class=\"tip\" role=\"tooltip\" id=\"{id}\">"));
    if let Some(origin) = page.origin(fact) {
        let lines: Vec<String> = shareable(origin, None).into_iter().skip(1).filter(|line| !line.is_empty()).collect();
        let text = escape(&format!("Value in full: {}\n{}\n{}", origin.value, lines.join("\n"), row_words(origin.row_count)));
        let label = escape(&origin.label);
        page.put(&format!("<b>{label}</b>\n{text}\n<code>dosecase trace {}</code>\n", escape(fact.as_str())));
    }
    page.put("</span>");
}

/// The tip of a table row.
pub(super) struct RowTip {
    id: String,
    shared: Vec<String>,
    /// What each cell adds, in the order of the columns; empty for a cell without facts.
    cells: Vec<String>,
}

impl RowTip {
    /// The tip of a row; none where no cell shows a fact.
    pub(super) fn of(page: &mut Writer<'_>, row: &TableRow, columns: &[ColumnHead]) -> Option<Self> {
        let facts: Vec<Vec<(&FactId, &Origin, Vec<String>)>> = row
            .cells
            .iter()
            .zip(columns)
            .map(|(cell, column)| {
                let in_head = page.column_slice(column);
                let origins = facts_of(cell).filter_map(|id| Some((id, page.origin(id)?)));
                origins.map(|(id, origin)| (id, origin, shareable(origin, Some((column, in_head.as_deref()))))).collect()
            })
            .collect();
        let mut lines = facts.iter().flatten().map(|(_, _, lines)| lines);
        let first = lines.next()?;
        let is_shared: Vec<bool> = {
            let others: Vec<&Vec<String>> = lines.collect();
            first.iter().enumerate().map(|(place, line)| others.iter().all(|other| other.get(place) == Some(line))).collect()
        };
        let keep = |lines: &[String], shared: bool| -> Vec<String> {
            lines.iter().zip(&is_shared).filter(|(line, is)| **is == shared && !line.is_empty()).map(|(line, _)| line.clone()).collect()
        };
        let cells = facts.iter().map(|facts| facts.iter().map(|(id, origin, lines)| own_lines(id, origin, &keep(lines, false))).collect());
        Some(Self { id: page.next_tip(), shared: keep(first, true), cells: cells.collect() })
    }

    /// The attributes of a cell that shows facts.
    pub(super) fn cell_attributes(&self, column: usize) -> String {
        match self.cells.get(column) {
            Some(words) if !words.is_empty() => format!(" tabindex=\"0\" aria-describedby=\"{0} {0}-{column}\"", self.id),
            _ => String::new(),
        }
    }

    /// The cell that holds the tip.
    pub(super) fn put(&self, page: &mut Writer<'_>) {
        page.put(&format!("<td class=\"tip\" role=\"tooltip\"><span id=\"{}\">{}</span>", self.id, emphasised(&self.shared)));
        for (column, words) in self.cells.iter().enumerate() {
            if words.is_empty() {
                page.put("<i></i>");
            } else {
                page.put(&format!("<i id=\"{}-{column}\">{words}</i>", self.id));
            }
        }
        page.put("</td>");
    }
}

fn facts_of(cell: &[Inline]) -> impl Iterator<Item = &FactId> {
    cell.iter().filter_map(|inline| match inline {
        Inline::Fact(fact) => Some(&fact.id),
        _ => None,
    })
}

/// What a fact may have in common with its neighbours: what it is, how it was computed, of whom, from what, counted among whom. A line that a
/// fact does not have is empty, so that each line keeps its place.
fn shareable(origin: &Origin, column: Option<(&ColumnHead, Option<&str>)>) -> Vec<String> {
    let label = column.and_then(|(head, _)| origin.label.strip_suffix(&format!(", {}", head.text)));
    let in_head = column.and_then(|(_, slice)| slice);
    let denominator = origin.denominator.as_ref().map_or_else(String::new, |slice| {
        if in_head == Some(slice.as_str()) { "of the N in the head of the column".to_owned() } else { format!("of {slice}") }
    });
    let planned = origin.planned.map_or("", |planned| if planned { "Planned analysis" } else { "Post hoc analysis" });
    vec![
        label.unwrap_or(&origin.label).to_owned(),
        origin.method.clone(),
        origin.population.clone(),
        format!("{}, {}", origin.dataset, origin.filter),
        denominator,
        planned.to_owned(),
    ]
}

/// What only this fact has.
fn own_lines(id: &FactId, origin: &Origin, lines: &[String]) -> String {
    let more: String = lines.iter().map(|line| format!("{}\n", escape(line))).collect();
    let value = escape(&origin.value);
    format!("{more}{value}; {}\n<code>{}</code>\n", row_words(origin.row_count), escape(id.as_str()))
}

fn emphasised(lines: &[String]) -> String {
    let mut lines = lines.iter().map(|line| escape(line));
    let first = lines.next().map_or_else(String::new, |line| format!("<b>{line}</b>\n"));
    lines.fold(first, |text, line| format!("{text}{line}\n"))
}
