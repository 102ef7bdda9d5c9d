//! What templates and narratives may ask for: facts, exhibits, cross-references, narratives.
//!
//! The desk knows names only. It answers with marks, and refuses a name that the evidence does not hold with the nearest names.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::config::Settings;
use crate::evidence::{Content, Evidence, ExhibitId, FactId, slug};

use super::bibliography::Bibliography;
use super::catalogue;
use super::document::Target;
use super::format::{Show, ShowError};
use super::mark::{Mark, Marks};
use super::verdict;

/// Of which study parts facts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// Of all parts together and of each part.
    Every,
    /// Of all parts together and of those in which dosages were assigned at random; of each part where there are neither.
    Randomised,
}

/// Said of a fact that does not speak of one study part where others do.
const ALL_PARTS: &str = "all parts";

/// A request that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum AskError {
    #[error("there is no fact `{id}`{}", suggestion(nearest))]
    Fact { id: String, nearest: Vec<String> },
    #[error("there is no exhibit `{id}`{}", suggestion(nearest))]
    Exhibit { id: String, nearest: Vec<String> },
    #[error("there is no work `{key}` in the bibliography{}", suggestion(nearest))]
    Work { key: String, nearest: Vec<String> },
    #[error(transparent)]
    Show(#[from] ShowError),
    #[error("`{function}` takes {takes}")]
    Arguments { function: &'static str, takes: &'static str },
    #[error("`{function}` does not know `{argument}`; it takes {takes}")]
    Argument { function: &'static str, argument: String, takes: &'static str },
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return String::new();
    }
    let names: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
    format!("; the nearest are {}", names.join(", "))
}

/// A fact that a template loops over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Listed {
    /// Id of the fact.
    pub(super) id: String,
    /// Label of its dosage.
    pub(super) dosage: String,
    /// Id of its dosage.
    pub(super) dosage_id: String,
    /// Label of its study part; `all parts` where others of the dosage name one, otherwise empty.
    pub(super) part: String,
    /// Whether it is the first of its dosage.
    pub(super) first: bool,
}

/// What can be asked for.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    facts: BTreeSet<String>,
    /// Limits of the differences of two proportions, by fact.
    pub(super) differences: BTreeMap<String, (f64, f64)>,
    /// Keys of the bibliography.
    works: BTreeSet<String>,
    /// Every exhibit in the order of the evidence, and whether it shows anything.
    exhibits: Vec<(ExhibitId, bool)>,
    /// Ids and labels of dosages, lowest first, comparators last.
    pub(super) dosages: Vec<(String, String)>,
    /// Dosages that are compared with each other: the proposed one first.
    pub(super) compared: Vec<String>,
    /// Ids and labels of parts, and whether dosages were assigned at random in them.
    pub(super) parts: Vec<(String, String, bool)>,
    narratives: BTreeMap<String, String>,
    pub(super) marks: Marks,
}

impl Desk {
    /// The desk of one document.
    pub(super) fn new(evidence: &Evidence, settings: &Settings, bibliography: &Bibliography) -> Self {
        let shown = |content: &Content| !matches!(content, Content::Placeholder(_));
        Self {
            facts: evidence.facts.iter().map(|(id, _)| id.as_str().to_owned()).collect(),
            differences: verdict::differences(&evidence.facts),
            works: bibliography.keys().map(str::to_owned).collect(),
            exhibits: evidence.exhibits.iter().map(|exhibit| (exhibit.id.clone(), shown(&exhibit.content))).collect(),
            dosages: settings.dosages.iter().map(|dosage| (dosage.id.clone(), dosage.label.clone())).collect(),
            compared: super::context::compared(settings),
            parts: settings.parts.iter().map(|part| (part.id.clone(), part.label.clone(), part.randomised)).collect(),
            narratives: settings.dossier.narratives.clone(),
            marks: Marks::default(),
        }
    }

    /// A fact.
    pub(super) fn fact(&self, id: &str, show: Option<&str>) -> Result<String, AskError> {
        let show = show.map_or(Ok(Show::default()), str::parse)?;
        if !self.has_fact(id) {
            return Err(AskError::Fact { id: id.to_owned(), nearest: nearest(id, self.facts.iter().map(String::as_str)) });
        }
        Ok(self.marks.leave(Mark::Fact(FactId::from(id), show)))
    }

    /// Whether there is such a fact.
    pub(super) fn has_fact(&self, id: &str) -> bool {
        self.facts.contains(id)
    }

    /// One exhibit; of a code that the evidence does not hold, a placeholder.
    pub(super) fn exhibit(&self, id: &str) -> Result<String, AskError> {
        self.known_exhibit(id)?;
        Ok(self.marks.leave(Mark::Exhibit(id.to_owned())))
    }

    /// Every part of an exhibit, each on a line of its own; at least a placeholder.
    pub(super) fn exhibits_of(&self, code: &str) -> Result<String, AskError> {
        let ids = self.exhibit_ids(code);
        if ids.is_empty() {
            return self.exhibit(code);
        }
        let marks: Result<Vec<String>, AskError> = ids.iter().map(|id| self.exhibit(id)).collect();
        Ok(marks?.join("\n\n"))
    }

    /// Every part of an exhibit: that of all study parts together and those of parts in which dosages were assigned at random, then the other
    /// parts, which are read only when they are wanted.
    pub(super) fn exhibits_folded(&self, code: &str) -> Result<String, AskError> {
        let of_code: Vec<&ExhibitId> = self.exhibits.iter().map(|(id, _)| id).filter(|id| id.code() == code).collect();
        let part_of = |id: &ExhibitId| self.parts.iter().find(|(part, ..)| id.part() == Some(part));
        let is_open = |id: &ExhibitId| part_of(id).is_none_or(|(.., randomised)| *randomised);
        let (open, closed): (Vec<&ExhibitId>, Vec<&ExhibitId>) = of_code.into_iter().partition(|id| is_open(id));
        if open.is_empty() || closed.is_empty() {
            return self.exhibits_of(code);
        }
        let labels: Vec<&str> = closed.iter().filter_map(|id| part_of(id)).map(|(_, label, _)| label.as_str()).collect();
        let title = catalogue::entry(code).map_or(code, |entry| entry.title);
        let ids = closed.iter().map(|id| id.as_str().to_owned()).collect();
        let closed = self.marks.leave(Mark::Folded(format!("{title}: {}", labels.join(", ")), ids));
        let marks: Result<Vec<String>, AskError> = open.iter().map(|id| self.exhibit(id.as_str())).chain([Ok(closed)]).collect();
        Ok(marks?.join("\n\n"))
    }

    /// Every exhibit whose code is `family` or begins with it and a hyphen (`F-E05`, `F-E05-cmax`); at least a placeholder.
    pub(super) fn exhibits_of_family(&self, family: &str) -> Result<String, AskError> {
        let branch = format!("{family}-");
        let of_family = |id: &&ExhibitId| id.code() == family || id.code().starts_with(&branch);
        let ids: Vec<&ExhibitId> = self.exhibits.iter().map(|(id, _)| id).filter(of_family).collect();
        if ids.is_empty() {
            return self.exhibit(family);
        }
        let marks: Result<Vec<String>, AskError> = ids.iter().map(|id| self.exhibit(id.as_str())).collect();
        Ok(marks?.join("\n\n"))
    }

    /// The ids of every part of an exhibit, in the order of the evidence.
    pub(super) fn exhibit_ids(&self, code: &str) -> Vec<String> {
        self.exhibits.iter().filter(|(id, _)| id.code() == code).map(|(id, _)| id.as_str().to_owned()).collect()
    }

    /// Whether an exhibit, or any part of it, shows something.
    pub(super) fn has(&self, id: &str) -> bool {
        self.exhibits.iter().any(|(known, shown)| *shown && (known.as_str() == id || known.code() == id))
    }

    /// A cross-reference to an exhibit; to all its parts where the evidence holds only parts of it.
    pub(super) fn reference(&self, id: &str) -> Result<String, AskError> {
        self.known_exhibit(id)?;
        let held = self.exhibits.iter().any(|(known, _)| known.as_str() == id);
        let target = if held { Target::Exhibit(id.to_owned()) } else { Target::Parts(id.to_owned()) };
        Ok(self.marks.leave(Mark::Reference(target)))
    }

    /// A cross-reference to every part of an exhibit.
    pub(super) fn parts_reference(&self, code: &str) -> Result<String, AskError> {
        self.known_exhibit(code)?;
        Ok(self.marks.leave(Mark::Reference(Target::Parts(code.to_owned()))))
    }

    /// A work of the bibliography.
    pub(super) fn cite(&self, key: &str) -> Result<String, AskError> {
        if !self.works.contains(key) {
            return Err(AskError::Work { key: key.to_owned(), nearest: nearest(key, self.works.iter().map(String::as_str)) });
        }
        Ok(self.marks.leave(Mark::Reference(Target::Work(key.to_owned()))))
    }

    /// A cross-reference to a section.
    pub(super) fn section_reference(&self, section: &str) -> String {
        self.marks.leave(Mark::Reference(Target::Section(section.to_owned())))
    }

    /// The user's own text of a section; nothing where there is none.
    pub(super) fn narrative(&self, section: &str) -> String {
        if self.narratives.contains_key(section) { self.marks.leave(Mark::Narrative(section.to_owned())) } else { String::new() }
    }

    /// The facts of one measure: of every dosage in the order of tables, of the compared ones only, or of one; parts in project order.
    pub(super) fn facts(&self, measure: &str, dosage: Option<&str>, compared: bool, parts: Parts) -> Vec<Listed> {
        let dosages = self.dosages.iter().filter(|(id, _)| dosage.is_none_or(|wanted| wanted == id));
        let dosages = dosages.filter(|(id, _)| !compared || self.compared.contains(id));
        dosages.flat_map(|(id, label)| self.facts_of(measure, id, label, parts)).collect()
    }

    /// The facts of one measure in one study part.
    pub(super) fn facts_of_part(&self, measure: &str, dosage: Option<&str>, part: &str) -> Vec<Listed> {
        let label = self.parts.iter().find(|(id, ..)| id == part).map_or(part, |(_, label, _)| label.as_str());
        let dosages = self.dosages.iter().filter(|(id, _)| dosage.is_none_or(|wanted| wanted == id));
        let listed = dosages.map(|(dosage_id, dosage)| Listed {
            id: format!("{measure}.{}@{}", slug(dosage_id), slug(part)),
            dosage: dosage.clone(),
            dosage_id: dosage_id.clone(),
            part: label.to_owned(),
            first: true,
        });
        listed.filter(|listed| self.has_fact(&listed.id)).collect()
    }

    fn facts_of(&self, measure: &str, dosage_id: &str, dosage: &str, parts: Parts) -> Vec<Listed> {
        let whole = format!("{measure}.{}", slug(dosage_id));
        let of_parts = self.parts.iter().map(|(part, label, randomised)| (format!("{whole}@{}", slug(part)), label.clone(), *randomised));
        let mut of_parts: Vec<(String, String, bool)> = of_parts.filter(|(id, ..)| self.has_fact(id)).collect();
        if parts == Parts::Randomised && (self.has_fact(&whole) || of_parts.iter().any(|(.., randomised)| *randomised)) {
            of_parts.retain(|(.., randomised)| *randomised);
        }
        let of_all = if of_parts.is_empty() { String::new() } else { ALL_PARTS.to_owned() };
        let of_all = std::iter::once((whole, of_all)).filter(|(id, _)| self.has_fact(id));
        let of_parts = of_parts.into_iter().map(|(id, label, _)| (id, label));
        // What was assigned at random is what a reader looks for; all parts together say what else there is.
        let found: Vec<(String, String)> =
            if parts == Parts::Randomised { of_parts.chain(of_all).collect() } else { of_all.chain(of_parts).collect() };
        let listed =
            |(place, (id, part))| Listed { id, dosage: dosage.to_owned(), dosage_id: dosage_id.to_owned(), part, first: place == 0 };
        found.into_iter().enumerate().map(listed).collect()
    }

    /// The facts of one measure that speak of two dosages, for every pair of those compared, in all parts together and in randomised ones.
    pub(super) fn pairs(&self, measure: &str) -> Vec<Listed> {
        let compared: Vec<&(String, String)> =
            self.compared.iter().filter_map(|id| self.dosages.iter().find(|(known, _)| known == id)).collect();
        let pairs = compared.iter().flat_map(|first| compared.iter().map(move |second| (first, second)));
        let named = pairs.filter(|(first, second)| first.0 != second.0);
        named
            .flat_map(|(first, second)| {
                self.facts_of(measure, &format!("{} vs {}", first.0, second.0), &format!("{} and {}", first.1, second.1), Parts::Randomised)
            })
            .collect()
    }

    fn known_exhibit(&self, id: &str) -> Result<(), AskError> {
        let held = self.exhibits.iter().any(|(known, _)| known.as_str() == id || known.code() == id);
        if held || catalogue::entry(id).is_some() {
            return Ok(());
        }
        let mut names: Vec<&str> = self.exhibits.iter().map(|(known, _)| known.as_str()).collect();
        for code in catalogue::codes() {
            names.push(code);
        }
        Err(AskError::Exhibit { id: id.to_owned(), nearest: nearest(id, names.into_iter()) })
    }
}

/// Up to three names that a misspelt one may have meant, the nearest first.
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    const LIKE: f64 = 0.6;
    let names: BTreeSet<&str> = names.collect();
    let mut scored: Vec<(f64, &str)> = names.into_iter().map(|name| (strsim::normalized_damerau_levenshtein(wanted, name), name)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().filter(|(score, _)| *score >= LIKE).take(3).map(|(_, name)| name.to_owned()).collect()
}
