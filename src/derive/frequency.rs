//! How often a dose is given.

use super::words::normalised;

/// Dosing frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Frequency {
    /// Every so many days, so many times on a dosing day.
    Regular {
        /// Days from one dosing day to the next.
        days_between_doses: f64,
        /// Administrations on a dosing day.
        doses_per_day: f64,
    },
    /// A single administration for each record.
    Once,
}

const fn times_daily(doses_per_day: f64) -> Frequency {
    Frequency::Regular { days_between_doses: 1.0, doses_per_day }
}

const fn every(days_between_doses: f64) -> Frequency {
    Frequency::Regular { days_between_doses, doses_per_day: 1.0 }
}

/// The frequency that a term of CDISC terminology, or a schedule of the project file, names. `None` when it is not understood.
///
/// Only the first word group counts: `QD, continuous` is `QD`.
pub(super) fn parse_frequency(text: &str) -> Option<Frequency> {
    let words = normalised(text.split([',', ';', '(']).next()?);
    match words.as_str() {
        "QD" | "QAM" | "QPM" | "QHS" | "OD" | "DAILY" | "ONCE DAILY" | "Q24H" | "PER DAY" => Some(times_daily(1.0)),
        "BID" | "BD" | "TWICE DAILY" | "Q12H" | "2 TIMES PER DAY" => Some(times_daily(2.0)),
        "TID" | "THREE TIMES DAILY" | "Q8H" | "3 TIMES PER DAY" => Some(times_daily(3.0)),
        "QID" | "FOUR TIMES DAILY" | "Q6H" | "4 TIMES PER DAY" => Some(times_daily(4.0)),
        "QOD" | "Q2D" | "Q48H" | "EVERY OTHER DAY" => Some(every(2.0)),
        "QW" | "Q1W" | "WEEKLY" | "ONCE WEEKLY" | "EVERY WEEK" | "PER WEEK" => Some(every(7.0)),
        "BIW" | "TWICE WEEKLY" | "2 TIMES PER WEEK" => Some(every(3.5)),
        "QM" | "MONTHLY" | "EVERY MONTH" => Some(every(30.4375)),
        "ONCE" | "SINGLE DOSE" | "SD" => Some(Frequency::Once),
        other => parse_period(other),
    }
}

/// Hours from one dose to the next under a schedule such as `BID` or `Q3W`; `None` for a single dose or a schedule that is not understood.
pub(crate) fn dosing_interval(schedule: &str) -> Option<f64> {
    match parse_frequency(schedule)? {
        Frequency::Regular { days_between_doses, doses_per_day } => Some(24.0 * days_between_doses / doses_per_day),
        Frequency::Once => None,
    }
}

/// `Q3W`, `Q21D`, `EVERY 3 WEEKS`, `EVERY 21 DAYS`.
fn parse_period(words: &str) -> Option<Frequency> {
    let rest = words.strip_prefix("EVERY ").or_else(|| words.strip_prefix('Q'))?.trim();
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = rest.split_at_checked(end)?;
    let number: f64 = number.parse().ok().filter(|number| *number > 0.0)?;
    match unit.trim() {
        "D" | "DAYS" | "DAY" => Some(every(number)),
        "W" | "WK" | "WEEKS" | "WEEK" => Some(every(7.0 * number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_become_days_between_doses() {
        for (text, frequency) in [
            ("QD", times_daily(1.0)),
            ("QD, continuous", times_daily(1.0)),
            ("BID", times_daily(2.0)),
            ("QOD", every(2.0)),
            ("QW", every(7.0)),
            ("Q3W", every(21.0)),
            ("q4w", every(28.0)),
            ("Every 2 weeks", every(14.0)),
            ("ONCE", Frequency::Once),
        ] {
            assert_eq!(parse_frequency(text), Some(frequency), "{text}");
        }
        for (text, hours) in
            [("QD", Some(24.0)), ("BID", Some(12.0)), ("Q3W", Some(504.0)), ("BIW", Some(84.0)), ("ONCE", None), ("PRN", None)]
        {
            assert_eq!(dosing_interval(text), hours, "{text}");
        }
        for text in ["PRN", "Q0W", "QXW", "", "CONTINUOUS"] {
            assert_eq!(parse_frequency(text), None, "{text}");
        }
    }
}
