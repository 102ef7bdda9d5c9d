//! Doses in the texts of arms: `Zeltorafib 120 mg QD`, `0.8mg/kg`, `75 mg/m2 Q3W`.

use crate::quantity::{Dose, DoseUnit};

/// Spellings of units that are looked for, the longer first.
const UNITS: [&str; 24] = [
    "micrograms",
    "milligrams",
    "microgram",
    "milligram",
    "mg/m^2",
    "mcg/kg",
    "mg/m²",
    "mg/m2",
    "mg/kg",
    "µg/kg",
    "μg/kg",
    "ug/kg",
    "grams",
    "cells",
    "gram",
    "mcg",
    "µg",
    "μg",
    "ug",
    "mg",
    "iu",
    "g",
    "cell",
    "u",
];

/// Words after `/` that say how often, not by what the dose is counted.
const PER_TIME: [&str; 8] = ["day", "d", "dose", "week", "wk", "cycle", "hr", "h"];

/// Words before a number that make it the number of something.
const NUMBERED: [&str; 11] = ["arm", "cohort", "part", "group", "level", "stage", "step", "tier", "phase", "period", "dl"];

/// What a text says about a dose.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum DoseInText {
    /// No dose.
    None,
    /// Doses in the order in which they stand, each once.
    Doses(Vec<Dose>),
    /// A range or a titration, such as `5-10 mg`.
    Range,
}

/// Reads the doses of a text.
pub(super) fn doses_in(text: &str) -> DoseInText {
    let text: Vec<char> = text.chars().collect();
    let mut doses: Vec<Dose> = Vec::new();
    let mut place = 0;
    while place < text.len() {
        let Some((number, after)) = number_at(&text, place) else {
            place += 1;
            continue;
        };
        if let Some((dose, after)) = dose_at(&text, number, after) {
            if !doses.contains(&dose) {
                doses.push(dose);
            }
            place = after;
        } else if leads_to_range(&text, place, after) {
            return DoseInText::Range;
        } else {
            place = after;
        }
    }
    if doses.is_empty() { DoseInText::None } else { DoseInText::Doses(doses) }
}

/// Where the first dose of a text begins, in characters.
pub(super) fn first_dose_at(text: &str) -> Option<usize> {
    let text: Vec<char> = text.chars().collect();
    (0..text.len()).find(|place| number_at(&text, *place).is_some_and(|(number, after)| dose_at(&text, number, after).is_some()))
}

/// The number that begins at a place, and the place after it. Digits inside a word or an exponent begin no number.
fn number_at(text: &[char], place: usize) -> Option<(f64, usize)> {
    let before = place.checked_sub(1).and_then(|before| text.get(before));
    let inside = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '^'));
    if inside || !text.get(place)?.is_ascii_digit() {
        return None;
    }
    let length = text.iter().skip(place).take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).count();
    let written: String = text.iter().skip(place).take(length).collect();
    let trimmed = written.trim_end_matches(['.', ',']);
    Some((parsed(trimmed)?, place + trimmed.chars().count()))
}

/// `1,200` is twelve hundred, `0,8` is eight tenths.
fn parsed(written: &str) -> Option<f64> {
    let groups: Vec<&str> = written.split(',').collect();
    let thousands = groups.len() > 1
        && groups.iter().skip(1).all(|group| group.split('.').next().is_some_and(|digits| digits.len() == 3))
        && groups.first().is_some_and(|first| !first.is_empty() && first.len() <= 3 && *first != "0");
    let plain = if thousands { written.replace(',', "") } else { written.replace(',', ".") };
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The dose of a number with the unit after it, and the place after the unit.
fn dose_at(text: &[char], number: f64, after: usize) -> Option<(Dose, usize)> {
    let start = after + text.iter().skip(after).take_while(|c| c.is_whitespace()).count();
    let start = if start == after && text.get(after) == Some(&'-') { after + 1 } else { start };
    let (unit, end) = UNITS.iter().find_map(|unit| Some((*unit, unit_ends(text, start, unit)?)))?;
    Some((Dose::new(number, DoseUnit::parse(unit)?).ok()?, end))
}

/// The place after a unit that begins at `start`, if it stands there whole.
fn unit_ends(text: &[char], start: usize, unit: &str) -> Option<usize> {
    let length = unit.chars().count();
    let written: String = text.get(start..start + length)?.iter().collect::<String>().to_lowercase();
    let next = text.get(start + length);
    let whole = match next {
        Some('/') => {
            let word: String = text.iter().skip(start + length + 1).take_while(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
            PER_TIME.contains(&word.as_str())
        }
        Some(c) => !c.is_alphanumeric() && *c != '^' && *c != '²',
        None => true,
    };
    (written == unit && whole).then_some(start + length)
}

/// Whether a number without a unit is the lower end of a range: `5-10 mg`, `5 to 10 mg`, `5/10 mg`, but not `Cohort 2 - 120 mg`.
fn leads_to_range(text: &[char], place: usize, after: usize) -> bool {
    let rest: String = text.iter().skip(after).collect();
    let rest = rest.trim_start();
    let connector = ["-", "\u{2013}", "\u{2014}", "/", "->", "\u{2192}", "to ", ">"];
    let Some(rest) = connector.iter().find_map(|connector| rest.strip_prefix(connector)) else { return false };
    let rest: Vec<char> = rest.trim_start_matches(['>', ' ']).chars().collect();
    let dose_follows =
        number_at(&rest, 0).is_some_and(|(number, after)| dose_at(&rest, number, after).is_some() || leads_to_range(&rest, 0, after));
    dose_follows && !is_numbered(text, place)
}

/// Whether the word before a place says that the number there counts arms, cohorts or the like.
fn is_numbered(text: &[char], place: usize) -> bool {
    let before: String = text.iter().take(place).collect::<String>().to_lowercase();
    let word = before.trim_end().rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or("").to_owned();
    NUMBERED.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<String> {
        match doses_in(text) {
            DoseInText::Doses(doses) => Some(doses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ")),
            DoseInText::None => None,
            DoseInText::Range => Some("range".to_owned()),
        }
    }

    #[test]
    fn doses_are_found_with_their_units() {
        for (text, dose) in [
            ("Zeltorafib 120 mg QD", "120 mg"),
            ("Docetaxel 75 mg/m2 Q3W", "75 mg/m²"),
            ("ADC 0.8mg/kg Q3W", "0.8 mg/kg"),
            ("1,200 mg BID", "1200 mg"),
            ("0,8 mg/kg", "0.8 mg/kg"),
            ("Cohort 2 - 120 mg", "120 mg"),
            ("Cohort 1-10 mg", "10 mg"),
            ("A1: 300-mg tablet", "300 mg"),
            ("240 MG/DAY", "240 mg"),
            ("120 mg (120 mg QD)", "120 mg"),
            ("X 100 mg + Y 5 mg", "100 mg + 5 mg"),
            ("T-cell engager 30 µg/kg", "30 µg/kg"),
        ] {
            assert_eq!(one(text).as_deref(), Some(dose), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_dose_is_not_taken_for_one() {
        for text in ["A: Drug X", "Xanomeline High Dose", "Arm 2", "5 mgx", "40 µg/m2", "2.5 x 10^6 cells", "Q3W", "", "5% cream"] {
            assert_eq!(one(text), None, "{text}");
        }
        for text in ["5-10 mg", "5 to 10 mg QD", "2/10/30 µg", "5 \u{2192} 10 mg"] {
            assert_eq!(one(text).as_deref(), Some("range"), "{text}");
        }
        assert_eq!(first_dose_at("Drug 1 120 mg"), Some(7));
    }
}
