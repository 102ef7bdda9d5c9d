//! Toxicity grades and severities as they are spelled in data.

use super::words::normalised;

/// Words around a grade that say nothing of it.
const FILLERS: [&str; 8] = ["GRADE", "GR", "G", "CTCAE", "CTC", "NCI", "TOXICITY", "AE"];

/// A CTCAE grade from 1 to 5: `3`, `3.0`, `GRADE 3`, `G3`, `Grade III`, `CTCAE v5.0 Grade 3`, `3 - Severe`, `Grade 3 (severe)`. `None` for anything
/// else: 0 and 6, two grades (`1-2`), a severity that contradicts the grade (`3 - Mild`), a severity alone.
pub(super) fn parse_grade(text: &str) -> Option<u8> {
    let mut grade = None;
    let mut severity = Vec::new();
    for word in words(text) {
        match grade_of(&word) {
            Some(found) if grade.is_none_or(|grade| grade == found) => grade = Some(found),
            Some(_) => return None,
            None if FILLERS.contains(&word.as_str()) || is_version(&word) => {}
            None => severity.push(word),
        }
    }
    grade.filter(|grade| severity.is_empty() || severity_of(&severity.join(" ")) == Some(*grade))
}

/// The grade that a severity stands for: MILD 1, MODERATE 2, SEVERE 3, LIFE THREATENING 4, FATAL 5; with its number beside it where the two agree
/// (`2 - MODERATE`, `SEVERE (3)`).
pub(super) fn parse_severity(text: &str) -> Option<u8> {
    let (numbers, severity): (Vec<String>, Vec<String>) =
        words(text).into_iter().partition(|word| word.contains(|c: char| c.is_ascii_digit()));
    let found = severity_of(&severity.join(" "))?;
    numbers.iter().all(|number| grade_of(number) == Some(found)).then_some(found)
}

/// The words of a text without its punctuation.
fn words(text: &str) -> Vec<String> {
    let plain: String = text.chars().map(|letter| if "()[]:=/,;".contains(letter) { ' ' } else { letter }).collect();
    normalised(&plain).split_whitespace().map(str::to_owned).collect()
}

/// The grade that one word is: an Arabic or Roman numeral, with the word for grade before it or without.
fn grade_of(word: &str) -> Option<u8> {
    let core = word.strip_prefix("GRADE").or_else(|| word.strip_prefix("GR")).or_else(|| word.strip_prefix('G')).unwrap_or(word);
    let whole =
        core.split_once('.').map_or(core, |(whole, decimals)| if decimals.chars().all(|digit| digit == '0') { whole } else { core });
    match whole {
        "1" | "01" | "I" => Some(1),
        "2" | "02" | "II" => Some(2),
        "3" | "03" | "III" => Some(3),
        "4" | "04" | "IV" => Some(4),
        "5" | "05" | "V" => Some(5),
        _ => None,
    }
}

/// Whether a word is the version of a terminology: `V5.0`.
fn is_version(word: &str) -> bool {
    word.strip_prefix('V').is_some_and(|number| number.parse::<f64>().is_ok_and(f64::is_finite))
}

fn severity_of(words: &str) -> Option<u8> {
    match words {
        "MILD" => Some(1),
        "MODERATE" => Some(2),
        "SEVERE" => Some(3),
        "LIFE THREATENING" | "POTENTIALLY LIFE THREATENING" | "LIFE THREATENING OR DISABLING" | "DISABLING" => Some(4),
        "FATAL" | "DEATH" => Some(5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_understood_in_their_spellings() {
        for text in [
            "3",
            "3.0",
            "GRADE 3",
            "Grade III",
            "G3",
            "grade3",
            "CTCAE grade 3",
            "Gr 3",
            "Grade 3 (severe)",
            "3 - Severe",
            "03",
            "Grade: 3",
            "CTCAE v5.0 Grade 3",
        ] {
            assert_eq!(parse_grade(text), Some(3), "{text}");
        }
        for text in ["0", "6", "30", "NOT GRADED", "", "1-2", "SEVERE", "3 - Mild", "Grade 3 or 4", "2.5", "300", "V5.0"] {
            assert_eq!(parse_grade(text), None, "{text}");
        }
        assert_eq!(parse_severity("Life-threatening"), Some(4));
        assert_eq!(parse_severity("3"), None);
        assert_eq!(parse_severity("Severe (3)"), Some(3));
        assert_eq!(parse_severity("2 - Moderate"), Some(2));
        assert_eq!(parse_severity("2 - Severe"), None);
        assert_eq!(parse_severity("very bad"), None);
    }
}
