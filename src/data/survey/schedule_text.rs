//! Schedules in the texts of arms and in EXDOSFRQ, in the spelling of CDISC terminology.

use super::words::words;
use crate::data::spelling::normalised;

/// Spellings of schedules, and the one that is written.
const SCHEDULES: [(&str, &str); 28] = [
    ("ONCE DAILY", "QD"),
    ("ONCE A DAY", "QD"),
    ("TWICE DAILY", "BID"),
    ("TWICE A DAY", "BID"),
    ("THREE TIMES DAILY", "TID"),
    ("FOUR TIMES DAILY", "QID"),
    ("EVERY OTHER DAY", "QOD"),
    ("TWICE WEEKLY", "BIW"),
    ("TWICE A WEEK", "BIW"),
    ("ONCE WEEKLY", "QW"),
    ("ONCE A WEEK", "QW"),
    ("EVERY WEEK", "QW"),
    ("QD", "QD"),
    ("OD", "QD"),
    ("QAM", "QD"),
    ("QPM", "QD"),
    ("QHS", "QD"),
    ("DAILY", "QD"),
    ("BID", "BID"),
    ("BD", "BID"),
    ("TID", "TID"),
    ("QID", "QID"),
    ("QOD", "QOD"),
    ("BIW", "BIW"),
    ("QW", "QW"),
    ("WEEKLY", "QW"),
    ("QM", "QM"),
    ("MONTHLY", "QM"),
];

/// The schedule that a text names.
pub(super) fn schedule_in(text: &str) -> Option<String> {
    let words = words(&normalised(text));
    let said = |wanted: &str| {
        let wanted: Vec<&str> = wanted.split(' ').collect();
        words.windows(wanted.len()).any(|window| window == wanted.as_slice())
    };
    let period = words.iter().find(|word| is_period(word)).cloned();
    period
        .or_else(|| every(&words))
        .or_else(|| SCHEDULES.iter().find(|(spelling, _)| said(spelling)).map(|(_, schedule)| (*schedule).to_owned()))
}

/// `Q3W`, `Q21D`.
fn is_period(word: &str) -> bool {
    let Some(number) = word.strip_prefix('Q').and_then(|rest| rest.strip_suffix(['W', 'D'])) else { return false };
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && number.bytes().any(|byte| byte != b'0')
}

/// `EVERY 3 WEEKS` is `Q3W`.
fn every(words: &[String]) -> Option<String> {
    words.windows(3).find_map(|window| {
        let [every, number, unit] = window else { return None };
        let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
        let letter = match unit.as_str() {
            "WEEKS" | "WEEK" | "WK" => 'W',
            "DAYS" | "DAY" => 'D',
            _ => return None,
        };
        (every == "EVERY").then(|| format!("Q{number}{letter}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_found_in_words() {
        for (text, schedule) in [
            ("Zeltorafib 120 mg QD", "QD"),
            ("75 mg/m2 Q3W", "Q3W"),
            ("60 mg twice daily", "BID"),
            ("5 mg/kg every 3 weeks", "Q3W"),
            ("10 mg/kg (Q2W)", "Q2W"),
            ("once-weekly 30 mg", "QW"),
        ] {
            assert_eq!(schedule_in(text).as_deref(), Some(schedule), "{text}");
        }
        for text in ["ONCE", "A: Drug X", "Q0W", "Xanomeline High Dose"] {
            assert_eq!(schedule_in(text), None, "{text}");
        }
    }
}
