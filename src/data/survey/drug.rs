//! The drug under study, and which arms are comparators.

use std::collections::BTreeMap;

use super::Guess;
use super::arms::Draft;
use super::name_text::{comparator_word, in_sentence, leading_name};
use super::words::{contains_words, counted};
use crate::data::spelling::normalised;

/// The name that most arms share, from EXTRT where the dosing records name a drug, otherwise from the arm's text.
pub(super) fn drug(drafts: &[Draft]) -> Option<Guess<String>> {
    let mut votes: BTreeMap<String, (usize, usize, String)> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| comparator_word(draft.text()).is_none() || draft.drug().is_some()) {
        let Some(name) = name_of(draft) else { continue };
        let vote = votes.entry(normalised(&name)).or_insert((0, 0, name));
        vote.0 += 1;
        vote.1 += draft.subjects();
    }
    let (_, (arms, subjects, name)) = votes.into_iter().max_by(|a, b| (a.1.0, a.1.1).cmp(&(b.1.0, b.1.1)).then(b.0.cmp(&a.0)))?;
    let spelt = drafts.iter().filter_map(|draft| leading_name(draft.text())).find(|leading| normalised(leading) == normalised(&name));
    let from_records = drafts.iter().any(|draft| draft.drug() == Some(name.as_str()));
    let source = if from_records { "EXTRT" } else { "the arms' texts" };
    let from = format!("{source}: named by {} with {}", counted(arms, "arm"), counted(subjects, "subject"));
    Some(Guess::new(in_sentence(&spelt.unwrap_or(name)), from, "the name, as it is to be printed"))
}

/// Why an arm is taken for a comparator; `None` for an arm of the drug.
pub(super) fn comparator(draft: &Draft, drug: Option<&Guess<String>>) -> Option<String> {
    if drug.is_some_and(|drug| contains_words(draft.text(), &drug.value)) {
        return None;
    }
    if let Some(word) = comparator_word(draft.text()) {
        return Some(format!("the arm's text says {}", word.to_lowercase()));
    }
    let drug = &drug?.value;
    let name = name_of(draft)?;
    (normalised(&name) != normalised(drug)).then(|| format!("the arm is of {}, not of {drug}", in_sentence(&name)))
}

/// What an arm was given: the drug of its dosing records, otherwise the name in its text.
pub(super) fn name_of(draft: &Draft) -> Option<String> {
    draft.drug().map(str::to_owned).or_else(|| leading_name(draft.text()))
}
