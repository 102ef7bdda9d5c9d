//! Cells to values. What a cell means is decided here once; [`super::conformance`] reports what was not a value.

use crate::quantity::Date;

/// What the text of a cell means in a column of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum NumberCell {
    /// A finite number.
    Number(f64),
    /// Nothing but blanks.
    Blank,
    /// A code that stands for missing.
    MissingCode,
    /// A concentration below the limit of quantification, for example `<5.00` or `BLQ`.
    BelowQuantification,
    /// An infinity, or not a number.
    NotFinite,
    /// Any other text.
    Text,
}

/// What the text of a cell means in a column of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateCell {
    /// A date.
    Date(Date),
    /// Nothing but blanks.
    Blank,
    /// A code that stands for missing.
    MissingCode,
    /// A date whose day or month is not known.
    Partial,
    /// Any other text.
    Bad,
}

/// Codes that stand for missing in columns of numbers and dates unless the project file says otherwise.
pub(super) const CUSTOMARY_MISSING: [&str; 4] = [".", "NA", "N/A", "NaN"];

/// Words of a concentration below the limit of quantification, without blanks, signs and case.
const BELOW: [&str; 5] = ["BLQ", "BQL", "BLOQ", "LLOQ", "BLLOQ"];

/// Reads the text of a cell of a column of numbers; `codes` stand for missing and are compared without case.
pub(super) fn number(text: &str, codes: &[String]) -> NumberCell {
    let text = text.trim();
    if text.is_empty() {
        return NumberCell::Blank;
    }
    if is_missing_code(text, codes) {
        return NumberCell::MissingCode;
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => NumberCell::Number(number),
        Ok(_) => NumberCell::NotFinite,
        Err(_) if is_below_quantification(text) => NumberCell::BelowQuantification,
        Err(_) => NumberCell::Text,
    }
}

/// Reads a toxicity grade: a number, alone or after the word `grade`.
pub(super) fn grade(text: &str, codes: &[String]) -> NumberCell {
    let trimmed = text.trim();
    let bare = match trimmed.get(..5) {
        Some(word) if word.eq_ignore_ascii_case("grade") => trimmed.get(5..).unwrap_or(trimmed),
        _ => trimmed,
    };
    number(bare, codes)
}

/// Reads the text of a cell of a column of dates: ISO 8601 with or without a time, or `01MAR2024` as SAS prints it.
pub(super) fn date(text: &str, codes: &[String]) -> DateCell {
    let text = text.trim();
    if text.is_empty() {
        return DateCell::Blank;
    }
    if let Some(date) = iso_date(text).or_else(|| sas_date(text)) {
        return DateCell::Date(date);
    }
    if is_missing_code(text, codes) {
        DateCell::MissingCode
    } else if is_partial(text) {
        DateCell::Partial
    } else {
        DateCell::Bad
    }
}

/// Whether a text is a code for missing.
pub(super) fn is_missing_code(text: &str, codes: &[String]) -> bool {
    codes.iter().any(|code| text.eq_ignore_ascii_case(code))
}

/// The codes for missing that are numbers, such as `-99`.
pub(super) fn numeric_codes(codes: &[String]) -> Vec<f64> {
    codes.iter().filter_map(|code| code.trim().parse().ok()).filter(|code: &f64| code.is_finite()).collect()
}

/// Whether a number is one of the codes, bit for bit: a code is a token, not a measurement.
pub(super) fn is_numeric_code(number: f64, codes: &[f64]) -> bool {
    codes.iter().any(|code| code.to_bits() == number.to_bits())
}

/// `<5.00`, `< 5`, `<=0.1`, `BLQ`, `<BLQ`, `< LLOQ`, `BQL (<5.00)`.
pub(crate) fn is_below_quantification(text: &str) -> bool {
    let bare: String =
        text.chars().filter(|character| character.is_ascii_alphanumeric() || matches!(character, '<' | '=' | '.' | ',')).collect();
    let bare = bare.to_ascii_uppercase();
    let rest = BELOW.iter().find_map(|word| bare.strip_prefix('<').unwrap_or(&bare).strip_prefix(word));
    let limit = |text: &str| text.strip_prefix('<').is_some_and(|limit| limit.trim_start_matches('=').parse::<f64>().is_ok());
    match rest {
        Some("") => true,
        Some(rest) => limit(rest),
        None => limit(&bare),
    }
}

/// The date that a text begins with, `YYYY-MM-DD`, followed by nothing, `T` or a blank.
fn iso_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| -> Option<u32> {
        bytes.get(from..to)?.iter().try_fold(0_u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    };
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') || !matches!(bytes.get(10), None | Some(b'T' | b' ')) {
        return None;
    }
    Date::from_ymd(i32::try_from(digits(0, 4)?).ok()?, digits(5, 7)?, digits(8, 10)?)
}

/// `01MAR2024` or `01MAR2024:08:28:00`.
fn sas_date(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let word = text.get(2..5)?;
    let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(word))?;
    if !matches!(text.as_bytes().get(9), None | Some(b':' | b' ')) {
        return None;
    }
    Date::from_ymd(text.get(5..9)?.parse().ok()?, u32::try_from(month).ok()? + 1, text.get(..2)?.parse().ok()?)
}

/// `2024`, `2024-03`, `2024-UN-UN`, `2024-03-XX`, `2024---15`, also before a time: a year, and no complete date.
fn is_partial(text: &str) -> bool {
    let day = text.split(['T', ' ']).next().unwrap_or(text);
    let unknown = |part: &str| part.is_empty() || part.chars().all(|character| matches!(character, 'U' | 'N' | 'K' | 'X' | '-' | '?'));
    let mut parts = day.splitn(3, '-');
    let year = parts.next().unwrap_or_default();
    let in_range = |part: &str, last: u32| part.len() == 2 && part.parse::<u32>().is_ok_and(|value| (1..=last).contains(&value));
    let month = parts.next();
    let rest = parts.next();
    let known_year = year.len() == 4 && year.parse::<u32>().is_ok_and(|year| (1900..2100).contains(&year));
    known_year
        && month.is_none_or(|month| unknown(month) || in_range(month, 12))
        && rest.is_none_or(|rest| unknown(rest) || (month.is_some_and(unknown) && in_range(rest.trim_start_matches('-'), 31)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> Vec<String> {
        CUSTOMARY_MISSING.map(str::to_owned).to_vec()
    }

    #[test]
    fn concentrations_below_the_limit_are_told_from_other_text() {
        for text in ["<5.00", "< 5", "BLQ", "<BLQ", "BQL", "LLOQ", "< LLOQ", "blq", "BLQ (<5.00)", "<=0.1"] {
            assert_eq!(number(text, &[]), NumberCell::BelowQuantification, "{text}");
        }
        for text in ["TOO SMALL TO MEASURE", "80,100,120", "5X10^7", "-3a", ">500", "<", "1,5"] {
            assert_eq!(number(text, &[]), NumberCell::Text, "{text}");
        }
    }

    #[test]
    fn codes_for_missing_are_those_of_the_field_and_of_the_project() {
        for text in [".", "NA", "n/a", "NaN"] {
            assert_eq!(number(text, &codes()), NumberCell::MissingCode, "{text}");
        }
        assert_eq!(number("-99", &["-99".to_owned()]), NumberCell::MissingCode);
        assert_eq!(number("NA", &["-99".to_owned()]), NumberCell::Text);
        assert_eq!(number("-99", &[]), NumberCell::Number(-99.0));
        assert_eq!(number(" ", &[]), NumberCell::Blank);
        assert_eq!(number("-Inf", &[]), NumberCell::NotFinite);
        assert_eq!(number(" 1e3 ", &[]), NumberCell::Number(1000.0));
    }

    #[test]
    fn grades_may_carry_the_word() {
        assert_eq!(grade("Grade 3", &[]), NumberCell::Number(3.0));
        assert_eq!(grade("GRADE4", &[]), NumberCell::Number(4.0));
        assert_eq!(grade("2", &[]), NumberCell::Number(2.0));
        assert_eq!(grade("SEVERE", &[]), NumberCell::Text);
    }

    #[test]
    fn dates_are_complete_partial_or_bad() {
        let first = "2024-03-01".parse().unwrap();
        for text in ["2024-03-01", "2024-03-01T08:28", "2024-03-01 08:28:00", "01MAR2024", "01mar2024:08:28:00"] {
            assert_eq!(date(text, &[]), DateCell::Date(first), "{text}");
        }
        for text in ["2024", "2024-03", "2024-UN-UN", "2024-03-UN", "2024---15", "2024-03T10:00"] {
            assert_eq!(date(text, &[]), DateCell::Partial, "{text}");
        }
        for text in ["2024-02-30", "2024-13", "01/02/2024", "22000", "45292", "soon", "2024-3-1", "20240301"] {
            assert_eq!(date(text, &[]), DateCell::Bad, "{text}");
        }
        assert_eq!(date("NA", &codes()), DateCell::MissingCode);
    }
}
