//! Toxicity grades and severities as they are spelled in data.

use super::words::normalised;

/// A CTCAE grade from 1 to 5: `3`, `3.0`, `GRADE 3`, `G3`, `Grade III`, `CTCAE Grade 3`. `None` for anything else, 0 and 6 included.
pub(super) fn parse_grade(text: &str) -> Option<u8> {
    let words = normalised(text);
    let last = words.split_whitespace().next_back()?;
    let prefix = words.strip_suffix(last)?.trim_end();
    let core = last.strip_prefix("GRADE").or_else(|| last.strip_prefix("GR")).or_else(|| last.strip_prefix('G')).unwrap_or(last);
    if !matches!(prefix, "" | "GRADE" | "G" | "GR" | "CTCAE" | "CTCAE GRADE" | "TOXICITY GRADE") {
        return None;
    }
    match core.trim_end_matches('0').trim_end_matches('.') {
        "1" | "I" => Some(1),
        "2" | "II" => Some(2),
        "3" | "III" => Some(3),
        "4" | "IV" => Some(4),
        "5" | "V" => Some(5),
        _ => None,
    }
    // `10` and `20` end in a zero that is no decimal.
    .filter(|_| !core.ends_with('0') || core.contains('.'))
}

/// The grade that a severity stands for: MILD 1, MODERATE 2, SEVERE 3, LIFE THREATENING 4, FATAL 5.
pub(super) fn parse_severity(text: &str) -> Option<u8> {
    match normalised(text).as_str() {
        "MILD" => Some(1),
        "MODERATE" => Some(2),
        "SEVERE" => Some(3),
        "LIFE THREATENING" | "POTENTIALLY LIFE THREATENING" => Some(4),
        "FATAL" | "DEATH" => Some(5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_understood_in_their_spellings() {
        for text in ["3", "3.0", "GRADE 3", "Grade III", "G3", "grade3", "CTCAE grade 3", "Gr 3"] {
            assert_eq!(parse_grade(text), Some(3), "{text}");
        }
        for text in ["0", "6", "30", "NOT GRADED", "", "1-2", "SEVERE"] {
            assert_eq!(parse_grade(text), None, "{text}");
        }
        assert_eq!(parse_severity("Life-threatening"), Some(4));
        assert_eq!(parse_severity("3"), None);
    }
}
