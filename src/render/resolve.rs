//! The last pass over the tree: headings, exhibits and footnotes get their numbers, cross-references their words, anchors become unique.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{
    Block, ExhibitBody, ExhibitKind, ExhibitOrigins, Footnote, FootnoteMark, Heading, Inline, Reference, Target, plain_text,
};

/// An exhibit that has its place and number.
#[derive(Debug, Clone)]
struct Placed {
    id: String,
    anchor: String,
    kind: ExhibitKind,
    number: usize,
}

/// Numbers given so far.
#[derive(Debug, Default)]
struct Numbering {
    anchors: BTreeSet<String>,
    sections: Vec<usize>,
    /// Anchors of the works that the bibliography lists, by key.
    works: BTreeMap<String, String>,
    /// Anchor and words of each section by the name that its writer gave it.
    headings: BTreeMap<String, (String, String)>,
    exhibits: Vec<Placed>,
    footnotes: Vec<String>,
}

/// Resolves a whole document; returns its footnotes in the order in which the text refers to them. A footnote that nothing refers to is
/// left out, as it is in Markdown.
pub(super) fn resolve(blocks: &mut [Block], footnotes: &[Footnote]) -> Vec<Footnote> {
    let mut numbering = Numbering::default();
    number_exhibits(blocks, &mut numbering);
    walk_blocks(blocks, &mut |block| list_works(block, &mut numbering));
    walk_blocks(blocks, &mut |block| number_heading(block, &mut numbering));
    walk_inlines(blocks, &mut |inline| refer(inline, &mut numbering));
    let mut kept = Vec::new();
    // A footnote may refer to further footnotes, which are numbered as they are met.
    while let Some(label) = numbering.footnotes.get(kept.len()).cloned() {
        let blocks = footnotes.iter().find(|footnote| footnote.label == label).map_or_else(Vec::new, |footnote| footnote.blocks.clone());
        let mut footnote = Footnote { number: kept.len() + 1, label, blocks };
        walk_inlines(&mut footnote.blocks, &mut |inline| refer(inline, &mut numbering));
        kept.push(footnote);
    }
    kept
}

/// Numbers exhibits in reading order. One that is placed a second time becomes a reference to its first place.
fn number_exhibits(blocks: &mut [Block], numbering: &mut Numbering) {
    walk_blocks(blocks, &mut |block| {
        let Block::Exhibit(exhibit) = block else { return };
        if numbering.exhibits.iter().any(|placed| placed.id == exhibit.id) {
            *block = again(&exhibit.id);
            return;
        }
        let numbered = |placed: &&Placed| placed.kind == exhibit.kind && placed.number > 0;
        let is_there = !matches!(exhibit.body, ExhibitBody::Missing(_));
        exhibit.number = if is_there { numbering.exhibits.iter().filter(numbered).count() + 1 } else { 0 };
        exhibit.file_stem = unique(&exhibit.file_stem, &mut numbering.anchors);
        numbering.exhibits.push(Placed {
            id: exhibit.id.clone(),
            anchor: exhibit.file_stem.clone(),
            kind: exhibit.kind,
            number: exhibit.number,
        });
    });
}

fn list_works(block: &mut Block, numbering: &mut Numbering) {
    let Block::References(works) = block else { return };
    for work in works {
        work.anchor = unique(&work.anchor, &mut numbering.anchors);
        numbering.works.insert(work.key.clone(), work.anchor.clone());
    }
}

fn again(id: &str) -> Block {
    let reference = Reference { target: Target::Exhibit(id.to_owned()), anchor: None, text: String::new() };
    Block::Paragraph(vec![Inline::Text("See ".to_owned()), Inline::Reference(reference), Inline::Text(".".to_owned())])
}

fn number_heading(block: &mut Block, numbering: &mut Numbering) {
    let Block::Heading(heading) = block else { return };
    let wanted = if heading.anchor.is_empty() { anchor_of(&plain_text(&heading.inlines)) } else { heading.anchor.clone() };
    let anchor = unique(&wanted, &mut numbering.anchors);
    if heading.number.is_some() {
        heading.number = Some(next_number(heading, &mut numbering.sections));
    }
    // A reference names the section as its writer did, so the first heading of a name keeps it.
    let words = heading
        .number
        .as_ref()
        .map_or_else(|| format!("\u{201C}{}\u{201D}", plain_text(&heading.inlines)), |number| format!("Section {number}"));
    numbering.headings.entry(wanted).or_insert_with(|| (anchor.clone(), words));
    heading.anchor = anchor;
}

/// `4.2`: the counters of the levels above, then this level's next.
fn next_number(heading: &Heading, sections: &mut Vec<usize>) -> String {
    let depth = usize::from(heading.level);
    sections.resize(depth, 0);
    if let Some(last) = sections.last_mut() {
        *last += 1;
    }
    // A level that was left out counts as its first, so that no number holds a zero.
    let numbers: Vec<String> = sections.iter().map(|number| number.to_string()).filter(|number| number != "0").collect();
    numbers.join(".")
}

fn refer(inline: &mut Inline, numbering: &mut Numbering) {
    match inline {
        Inline::Reference(reference) => fill(reference, numbering),
        Inline::FootnoteMark(mark) => number_footnote(mark, &mut numbering.footnotes),
        _ => {}
    }
}

fn number_footnote(mark: &mut FootnoteMark, footnotes: &mut Vec<String>) {
    let known = footnotes.iter().position(|label| *label == mark.label);
    mark.number = known.map_or_else(
        || {
            footnotes.push(mark.label.clone());
            footnotes.len()
        },
        |place| place + 1,
    );
}

/// `Table 7`, `Tables 7, 8 and 9` for an exhibit of several parts, `Section 4.2`; or words that say that the target is elsewhere.
fn fill(reference: &mut Reference, numbering: &Numbering) {
    match &reference.target {
        Target::Section(section) => match numbering.headings.get(section) {
            Some((anchor, words)) => (reference.anchor, reference.text) = (Some(anchor.clone()), words.clone()),
            None => reference.text = format!("the section \u{201C}{section}\u{201D}, which is not part of this document"),
        },
        Target::Work(key) => (reference.anchor, reference.text) = (numbering.works.get(key).cloned(), format!("[{key}]")),
        Target::Exhibit(id) => point(reference, &id.clone(), numbering, |placed, id| placed.id == id),
        Target::Parts(code) => point(reference, &code.clone(), numbering, |placed, code| placed.id.split('@').next() == Some(code)),
    }
}

fn point(reference: &mut Reference, name: &str, numbering: &Numbering, is_meant: impl Fn(&Placed, &str) -> bool) {
    let placed: Vec<&Placed> = numbering.exhibits.iter().filter(|placed| is_meant(placed, name)).collect();
    reference.anchor = placed.first().map(|placed| placed.anchor.clone());
    reference.text = exhibit_words(&placed).unwrap_or_else(|| format!("exhibit {name}, which is not part of this document"));
}

fn exhibit_words(placed: &[&Placed]) -> Option<String> {
    if placed.iter().all(|placed| placed.number == 0) {
        return placed.first().map(|placed| format!("{}, which is not computed", placed.id));
    }
    let placed: Vec<&&Placed> = placed.iter().filter(|placed| placed.number > 0).collect();
    let (first, rest) = placed.split_first()?;
    let Some((last, middle)) = rest.split_last() else {
        return Some(format!("{} {}", first.kind.word(), first.number));
    };
    let head: Vec<String> = std::iter::once(first).chain(middle).map(|placed| placed.number.to_string()).collect();
    Some(format!("{}s {} and {}", first.kind.word(), head.join(", "), last.number))
}

/// A name for links: lower-case letters and digits joined by hyphens.
fn anchor_of(text: &str) -> String {
    let anchor = crate::evidence::slug(text).replace('_', "-");
    if anchor.is_empty() { "section".to_owned() } else { anchor }
}

fn unique(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = wanted.to_owned();
    let mut suffix = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{wanted}-{suffix}");
        suffix += 1;
    }
    candidate
}

/// Calls `visit` on every block, outer ones first.
pub(super) fn walk_blocks(blocks: &mut [Block], visit: &mut impl FnMut(&mut Block)) {
    for block in blocks {
        visit(block);
        match block {
            Block::List(list) => list.items.iter_mut().for_each(|item| walk_blocks(item, visit)),
            Block::Quote(inner) | Block::Details { blocks: inner, .. } => walk_blocks(inner, visit),
            Block::Callout(callout) => walk_blocks(&mut callout.blocks, visit),
            Block::Definitions(definitions) => {
                definitions.iter_mut().flat_map(|definition| &mut definition.meanings).for_each(|meaning| walk_blocks(meaning, visit));
            }
            _ => {}
        }
    }
}

/// Calls `visit` on every inline of every block, cells and heads of tables included.
pub(super) fn walk_inlines(blocks: &mut [Block], visit: &mut impl FnMut(&mut Inline)) {
    walk_blocks(blocks, &mut |block| lines_of(block).into_iter().for_each(|line| walk_line(line, visit)));
}

/// The lines that a block holds itself, without those of the blocks in it.
pub(super) fn lines_of(block: &mut Block) -> Vec<&mut Vec<Inline>> {
    match block {
        Block::Heading(heading) => vec![&mut heading.inlines],
        Block::Paragraph(inlines) => vec![inlines],
        Block::Details { summary, .. } => vec![summary],
        Block::Grid(grid) | Block::Origins(ExhibitOrigins { facts: grid, .. }) => {
            grid.head.iter_mut().chain(grid.rows.iter_mut().flatten()).collect()
        }
        Block::Definitions(definitions) => definitions.iter_mut().map(|definition| &mut definition.term).collect(),
        Block::Exhibit(exhibit) => match &mut exhibit.body {
            ExhibitBody::Table(table) => table.rows.iter_mut().flat_map(|row| &mut row.cells).collect(),
            ExhibitBody::Figure(_) | ExhibitBody::Missing(_) => Vec::new(),
        },
        _ => Vec::new(),
    }
}

pub(super) fn walk_line(inlines: &mut [Inline], visit: &mut impl FnMut(&mut Inline)) {
    for inline in inlines {
        visit(inline);
        match inline {
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner) | Inline::Link { inlines: inner, .. } => {
                walk_line(inner, visit)
            }
            _ => {}
        }
    }
}
