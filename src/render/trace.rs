//! Where every shown fact comes from: origins for each occurrence, and the traceability tables at the end.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Fact, FactId, Facts, Slice};

use super::context::shortened;
use super::document::{Align, Block, ExhibitBody, ExhibitOrigins, Grid, Inline, Origin};
use super::format;
use super::resolve::{lines_of, walk_blocks, walk_line};
use super::text;

/// The facts that a document shows.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// In sentences, in the order of their ids.
    in_text: BTreeSet<FactId>,
    /// In exhibits: label and title of the exhibit and its facts.
    in_exhibits: Vec<(String, BTreeSet<FactId>)>,
}

impl Shown {
    /// Looks through a numbered document.
    pub(super) fn find(blocks: &mut [Block]) -> Self {
        let mut shown = Self::default();
        walk_blocks(blocks, &mut |block| {
            let mut found = BTreeSet::new();
            for line in lines_of(block) {
                walk_line(line, &mut |inline| {
                    if let Inline::Fact(fact) = inline {
                        found.insert(fact.id.clone());
                    }
                });
            }
            let Block::Exhibit(exhibit) = block else {
                shown.in_text.append(&mut found);
                return;
            };
            if let ExhibitBody::Table(table) = &exhibit.body {
                found.extend(table.columns.iter().filter_map(|column| Some(column.n.as_ref()?.id.clone())));
                shown.in_exhibits.push((format!("{}. {}", exhibit.label(), exhibit.title), found));
            }
        });
        shown
    }

    /// The origins of all of them.
    pub(super) fn origins(&self, facts: &Facts) -> BTreeMap<FactId, Origin> {
        let ids = self.in_text.iter().chain(self.in_exhibits.iter().flat_map(|(_, ids)| ids));
        ids.filter_map(|id| Some((id.clone(), origin(facts.get(id)?)))).collect()
    }

    /// The traceability tables: one of the facts in sentences, and a shorter one for each exhibit.
    pub(super) fn tables(&self, facts: &Facts, origins: &BTreeMap<FactId, Origin>) -> Vec<Block> {
        let in_text = self.in_text.iter().filter_map(|id| Some((id, facts.get(id)?, origins.get(id)?)));
        let rows: Vec<_> = in_text.map(|(id, fact, origin)| text_row(id, fact, origin)).collect();
        let mut blocks = Vec::new();
        if !rows.is_empty() {
            blocks.push(Block::Grid(grid(&["Fact", "Value", "Dataset and filter", "Rows"], rows)));
        }
        for (exhibit, ids) in self.in_exhibits.iter().filter(|(_, ids)| !ids.is_empty()) {
            let shown = if ids.len() == 1 { "fact" } else { "facts" };
            let found = ids.iter().filter_map(|id| Some((id, facts.get(id)?)));
            let exhibit = format!("{exhibit} ({} {shown})", ids.len());
            blocks.push(Block::Origins(ExhibitOrigins { exhibit, facts: exhibit_grid(found) }));
        }
        blocks
    }
}

/// Puts the tables where the document asks for them.
pub(super) fn insert(blocks: Vec<Block>, tables: &[Block]) -> Vec<Block> {
    let place = |block| if block == Block::TraceabilityHere { tables.to_vec() } else { vec![block] };
    blocks.into_iter().flat_map(place).collect()
}

/// Where a fact comes from, in words.
fn origin(fact: &Fact) -> Origin {
    Origin {
        label: text::line(&fact.label),
        value: format::exact(fact),
        method: text::line(&fact.method),
        population: text::line(&fact.population),
        dataset: text::line(&fact.source.dataset),
        filter: text::line(&fact.source.filter),
        columns: text::line(&fact.source.columns.join(", ")),
        row_count: fact.source.rows.len(),
        rows: shortened(&fact.source.rows.ranges()),
        denominator: fact.denominator.as_ref().map(slice_words),
        planned: fact.planned,
        exhibit: fact.exhibit.as_ref().map(|exhibit| text::line(exhibit.as_str())),
    }
}

fn slice_words(slice: &Slice) -> String {
    text::line(&format!("{}, {}: {}", slice.dataset, slice.filter, row_words(slice.rows.len())))
}

/// `1 row`, `35 rows`.
pub(super) fn row_words(rows: usize) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

fn text_row(id: &FactId, fact: &Fact, origin: &Origin) -> Vec<Vec<Inline>> {
    let rows = if origin.row_count == 0 { row_words(0) } else { format!("{}: {}", row_words(origin.row_count), origin.rows) };
    let name = vec![Inline::Code(text::line(id.as_str())), Inline::LineBreak, Inline::Text(origin.label.clone())];
    vec![name, words(&format::exact_value(fact)), words(&format!("{}, {}", origin.dataset, origin.filter)), words(&rows)]
}

/// Thousands of facts stand in tables, so what neighbours share is said once, and intervals, which the tables show, are left to the evidence.
fn exhibit_grid<'a>(facts: impl Iterator<Item = (&'a FactId, &'a Fact)>) -> Grid {
    let mut above = String::new();
    let mut rows = Vec::new();
    for (id, fact) in facts {
        let slice = text::line(&format!("{}, {}", fact.source.dataset, fact.source.filter));
        let source = if slice == above { Vec::new() } else { words(&slice) };
        let name = vec![Inline::Code(text::line(id.as_str()))];
        rows.push(vec![source, name, words(&format::exact_value(fact)), words(&fact.source.rows.len().to_string())]);
        above = slice;
    }
    let align = vec![Align::Left, Align::Left, Align::Left, Align::Right];
    Grid { align, ..grid(&["Dataset and filter", "Fact", "Value", "Rows"], rows) }
}

fn words(text: &str) -> Vec<Inline> {
    vec![Inline::Text(text.to_owned())]
}

fn grid(head: &[&str], rows: Vec<Vec<Vec<Inline>>>) -> Grid {
    Grid { head: head.iter().map(|head| words(head)).collect(), align: vec![Align::Left; head.len()], rows }
}
