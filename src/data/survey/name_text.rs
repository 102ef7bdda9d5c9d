//! Names of drugs in the texts of arms.

use super::dose_text::first_dose_at;
use super::words::{contains_words, words};
use crate::data::spelling::normalised;

/// Words that belong to no drug's name, in normal spelling.
const GENERIC: [&str; 44] = [
    "HIGH",
    "LOW",
    "MEDIUM",
    "MIDDLE",
    "MID",
    "DOSE",
    "DOSES",
    "LEVEL",
    "ARM",
    "COHORT",
    "PART",
    "GROUP",
    "STAGE",
    "PHASE",
    "COMBINATION",
    "COMBO",
    "MONOTHERAPY",
    "ALONE",
    "PLUS",
    "AND",
    "WITH",
    "FOLLOWED",
    "EXPANSION",
    "ESCALATION",
    "BACKFILL",
    "RANDOMISED",
    "RANDOMIZED",
    "QD",
    "BID",
    "TID",
    "DAILY",
    "WEEKLY",
    "TREATMENT",
    "TREATED",
    "ACTIVE",
    "STUDY",
    "INVESTIGATIONAL",
    "EXPERIMENTAL",
    "PRODUCT",
    "TEST",
    "SINGLE",
    "MULTIPLE",
    "TOTAL",
    "ALL",
];

/// Words that make an arm a comparator when it does not name the drug.
const COMPARATORS: [&str; 18] = [
    "PLACEBO",
    "CONTROL",
    "COMPARATOR",
    "VEHICLE",
    "SHAM",
    "SOC",
    "BSC",
    "STANDARD OF CARE",
    "STANDARD THERAPY",
    "STANDARD TREATMENT",
    "SUPPORTIVE CARE",
    "INVESTIGATOR S CHOICE",
    "INVESTIGATORS CHOICE",
    "PHYSICIAN S CHOICE",
    "CHEMOTHERAPY",
    "OBSERVATION",
    "NO TREATMENT",
    "PBO",
];

/// The comparator word of a text.
pub(super) fn comparator_word(text: &str) -> Option<&'static str> {
    COMPARATORS.into_iter().find(|word| contains_words(text, word))
}

/// Whether a text is nothing but words that belong to no drug's name.
pub(super) fn is_generic(text: &str) -> bool {
    let words = words(text);
    words.iter().all(|word| GENERIC.contains(&word.as_str()) || word == "DRUG" || word.chars().all(|c| c.is_ascii_digit()))
}

/// The name with which a text begins: what stands before the dose, without the arm's own letter and before the first generic word.
pub(super) fn leading_name(text: &str) -> Option<String> {
    let before: String = match first_dose_at(text) {
        Some(end) => text.chars().take(end).collect(),
        None => text.to_owned(),
    };
    let named = before.rsplit_once(": ").map_or(before.as_str(), |(_, name)| name);
    let mut name: Vec<&str> = Vec::new();
    for word in named.split_whitespace() {
        let plain = normalised(word.trim_matches(|c: char| !c.is_alphanumeric()));
        if plain.is_empty()
            || GENERIC.contains(&plain.as_str())
            || word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '+' | '&'))
        {
            break;
        }
        name.push(word);
    }
    let name = name.join(" ");
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != ')').to_owned();
    (name.chars().any(char::is_alphabetic) && !is_generic(&name)).then_some(name)
}

/// A name as it stands in a sentence: `ZELTORAFIB` and `Zeltorafib` become `zeltorafib`; codes such as `ABC-123` stay.
pub(super) fn in_sentence(name: &str) -> String {
    let mut letters = name.chars();
    let plain = name.chars().count() > 4 && name.chars().all(char::is_alphabetic);
    let titled = letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase);
    let shouted = name.chars().all(char::is_uppercase);
    if plain && (titled || shouted) { name.to_lowercase() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_before_doses_and_generic_words() {
        for (text, name) in [
            ("Zeltorafib 120 mg QD", Some("Zeltorafib")),
            ("Xanomeline High Dose", Some("Xanomeline")),
            ("A: Drug X", Some("Drug X")),
            ("ABC-123 0.8 mg/kg", Some("ABC-123")),
            ("C: Combination", None),
            ("Dose Level 3", None),
            ("120 mg QD", None),
            ("Cohort 2: 10 mg", None),
        ] {
            assert_eq!(leading_name(text).as_deref(), name, "{text}");
        }
        assert_eq!(in_sentence("ZELTORAFIB"), "zeltorafib");
        assert_eq!(in_sentence("ABC-123"), "ABC-123");
        assert_eq!(in_sentence("Drug X"), "Drug X");
    }

    #[test]
    fn comparators_are_known_by_their_words() {
        assert_eq!(comparator_word("B: Placebo"), Some("PLACEBO"));
        assert_eq!(comparator_word("Investigator's choice"), Some("INVESTIGATOR S CHOICE"));
        assert_eq!(comparator_word("Controlled release 5 mg"), None);
    }
}
