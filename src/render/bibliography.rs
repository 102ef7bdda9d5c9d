//! The bibliography (`templates/references.yaml`) and which of its works a document cites.
//!
//! A work is cited by its key, by a template (`{{ cite(key="…") }}`) or in square brackets in a sentence or under an exhibit, or because
//! the document uses a method that bears one of its `names`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::evidence::{Evidence, Fact, FactId, slug};

use super::RenderError;
use super::document::{Block, ExhibitBody, Inline, NoteKind, ReferenceEntry, Target};
use super::resolve::{lines_of, walk_blocks, walk_line};
use super::template::Templates;

/// Where the works are written down.
pub(super) const FILE: &str = "references.yaml";

/// A work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Work {
    #[serde(rename = "type")]
    kind: WorkKind,
    authors: Vec<String>,
    title: Option<String>,
    container: Option<String>,
    year: Option<u16>,
    volume: Option<u16>,
    pages: Option<String>,
    pmid: Option<String>,
    pmcid: Option<String>,
    issued: Option<String>,
    docket: Option<String>,
    status: Option<String>,
    supersedes: Option<String>,
    /// Words by which methods are named in notes and facts; a method that bears one of them cites the work.
    #[serde(default)]
    names: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WorkKind {
    Article,
    Book,
    Guidance,
    Proceedings,
    Report,
}

/// Every work by its key.
#[derive(Debug, Clone, Default)]
pub(super) struct Bibliography {
    works: BTreeMap<String, Work>,
}

impl Bibliography {
    /// The works of these templates.
    pub(super) fn read(templates: &Templates) -> Result<Self, RenderError> {
        let works = serde_yaml::from_str(templates.text(FILE)).map_err(|error| RenderError::Templates(format!("{FILE}: {error}")))?;
        Ok(Self { works })
    }

    /// Every key.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.works.keys().map(String::as_str)
    }

    /// Puts the works that the document cites where it asks for them.
    pub(super) fn insert(&self, blocks: &mut [Block], evidence: &Evidence) {
        let mut cited = Cited::default();
        walk_blocks(blocks, &mut |block| cited.look(block, evidence));
        let entries: Vec<ReferenceEntry> =
            self.works.iter().filter(|(key, work)| cited.cites(key, work)).map(|(key, work)| work.entry(key)).collect();
        walk_blocks(blocks, &mut |block| {
            if *block == Block::ReferencesHere {
                *block = Block::References(entries.clone());
            }
        });
    }
}

impl Work {
    fn entry(&self, key: &str) -> ReferenceEntry {
        ReferenceEntry { key: key.to_owned(), anchor: format!("reference-{}", slug(key).replace('_', "-")), text: self.words() }
    }

    /// `Wilson EB. Probable inference. J Am Stat Assoc 1927; 22: 209-212.`
    fn words(&self) -> String {
        let mut place = match (&self.container, self.year) {
            (Some(container), Some(year)) if container.contains(&year.to_string()) => container.clone(),
            (Some(container), Some(year)) => format!("{container} {year}"),
            (Some(container), None) => container.clone(),
            (None, Some(year)) if self.issued.is_none() => year.to_string(),
            (None, _) => String::new(),
        };
        place.extend(self.volume.map(|volume| format!("; {volume}")));
        place.extend(self.pages.as_ref().map(|pages| format!(": {pages}")));
        let labelled = |label: &str, words: &Option<String>| words.as_ref().map(|words| format!("{label} {words}"));
        let status = match (self.kind, &self.status) {
            (WorkKind::Guidance, Some(status)) => Some(format!("Guidance ({status})")),
            (WorkKind::Guidance, None) => Some("Guidance".to_owned()),
            _ => None,
        };
        let identifiers =
            [status, labelled("issued", &self.issued), labelled("docket", &self.docket), labelled("supersedes the", &self.supersedes)];
        let numbers = [labelled("PMID", &self.pmid), self.pmcid.clone()];
        let join = |words: &mut dyn Iterator<Item = String>| words.collect::<Vec<_>>().join(", ");
        let sentences = [
            self.authors.join(", "),
            self.title.clone().unwrap_or_default(),
            place,
            join(&mut identifiers.into_iter().flatten()),
            join(&mut numbers.into_iter().flatten()),
        ];
        let ended = |sentence: &String| if sentence.ends_with('.') { sentence.clone() } else { format!("{sentence}.") };
        sentences.iter().filter(|sentence| !sentence.is_empty()).map(ended).collect::<Vec<_>>().join(" ")
    }
}

/// What a document says that may cite a work.
#[derive(Debug, Default)]
struct Cited {
    keys: BTreeSet<String>,
    /// Sentences and notes with something in square brackets.
    bracketed: BTreeSet<String>,
    /// Methods as notes and facts name them.
    methods: BTreeSet<String>,
}

impl Cited {
    fn look(&mut self, block: &mut Block, evidence: &Evidence) {
        for line in lines_of(block) {
            walk_line(line, &mut |inline| match inline {
                Inline::Reference(reference) => {
                    if let Target::Work(key) = &reference.target {
                        self.keys.insert(key.clone());
                    }
                }
                Inline::Fact(fact) => self.fact(&fact.id, evidence),
                Inline::Text(words) if words.contains('[') => {
                    self.bracketed.insert(words.clone());
                }
                _ => {}
            });
        }
        let Block::Exhibit(exhibit) = block else { return };
        if let ExhibitBody::Table(table) = &exhibit.body {
            table.columns.iter().filter_map(|column| column.n.as_ref()).for_each(|n| self.fact(&n.id, evidence));
        }
        self.bracketed.extend(exhibit.notes.iter().filter(|note| note.text.contains('[')).map(|note| note.text.clone()));
        let methods = exhibit.notes.iter().filter(|note| note.kind == NoteKind::Labelled("Methods"));
        self.methods.extend(methods.map(|note| note.text.clone()));
    }

    fn fact(&mut self, id: &FactId, evidence: &Evidence) {
        let Some(Fact { method, interval, .. }) = evidence.facts.get(id) else { return };
        self.methods.insert(method.clone());
        self.methods.extend(interval.map(|interval| interval.method.label().to_owned()));
    }

    fn cites(&self, key: &str, work: &Work) -> bool {
        let bracketed = format!("[{key}]");
        let named = |method: &String| work.names.iter().any(|name| method.contains(name));
        self.keys.contains(key) || self.bracketed.iter().any(|words| words.contains(&bracketed)) || self.methods.iter().any(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works_are_written_as_a_reference_list_has_them() {
        let bibliography = Bibliography::read(&Templates::built_in()).unwrap();
        let words = |key: &str| bibliography.works.get(key).unwrap().words();
        assert_eq!(
            words("Wilson1927"),
            "Wilson EB. Probable inference, the law of succession, and statistical inference. Journal of the American Statistical Association 1927; 22: 209-212."
        );
        assert_eq!(
            words("FDA-OPT"),
            "US Food and Drug Administration. Optimizing the Dosage of Human Prescription Drugs and Biological Products for the Treatment of Oncologic Diseases. \
             89 FR 65366 2024. Guidance (final), issued 2024-08, docket FDA-2022-D-2827, supersedes the draft of January 2023."
        );
        assert!(words("YangDalton2012").ends_with("SAS Global Forum 2012, paper 335-2012."));
    }

    #[test]
    fn no_two_works_have_one_anchor() {
        let bibliography = Bibliography::read(&Templates::built_in()).unwrap();
        let anchors: BTreeSet<String> = bibliography.works.iter().map(|(key, work)| work.entry(key).anchor).collect();
        assert_eq!(anchors.len(), bibliography.works.len());
    }
}
