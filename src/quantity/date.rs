//! Calendar dates without a clock and without a time zone.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Mean length of a month in the Gregorian calendar, in days (365.25 / 12).
pub const DAYS_PER_MONTH: f64 = 30.4375;

/// Days in a unit of time as datasets write it, whatever its case; `None` for a text that is no unit of time.
#[must_use]
pub fn days_in_unit(text: &str) -> Option<f64> {
    match text.trim().to_uppercase().as_str() {
        "D" | "DAY" | "DAYS" => Some(1.0),
        "W" | "WK" | "WEEK" | "WEEKS" => Some(7.0),
        "MO" | "MON" | "MONTH" | "MONTHS" => Some(DAYS_PER_MONTH),
        "Y" | "YR" | "YEAR" | "YEARS" => Some(12.0 * DAYS_PER_MONTH),
        "H" | "HR" | "HOUR" | "HOURS" => Some(1.0 / 24.0),
        _ => None,
    }
}

/// A calendar date, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

/// Text that is not a complete ISO 8601 date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a date of the form YYYY-MM-DD")]
pub struct DateError {
    /// The text that was refused.
    pub text: String,
}

impl Date {
    /// The date `days` after 1970-01-01; `None` outside the calendar's range.
    #[must_use]
    pub fn from_days_since_1970(days: i32) -> Option<Self> {
        NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_signed(chrono::TimeDelta::days(i64::from(days))).map(Self)
    }

    /// The date of a year, a month (1-12) and a day (1-31); `None` where the calendar has no such day.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self)
    }

    /// Days since 1970-01-01, negative before it.
    #[must_use]
    pub fn days_since_1970(self) -> i32 {
        self.0.num_days_from_ce() - 719_163
    }

    /// Days from `earlier` to `self`; negative when `self` comes first.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i32 {
        self.days_since_1970() - earlier.days_since_1970()
    }

    /// Study day as ADaM defines it: the first day is 1, the day before it is -1, there is no day 0.
    #[must_use]
    pub fn study_day(self, first_day: Self) -> i32 {
        let days = self.days_since(first_day);
        if days >= 0 { days + 1 } else { days }
    }

    /// The date part of an ISO 8601 date or date-time (`2024-03-01T08:28`, `2024-03-01 08:28:00`); partial dates are refused.
    ///
    /// # Errors
    /// [`DateError`] when the text does not begin with a complete, existing date.
    pub fn parse_prefix(text: &str) -> Result<Self, DateError> {
        let trimmed = text.trim();
        let date = match trimmed.find(['T', ' ']) {
            Some(end) => trimmed.get(..end).unwrap_or(trimmed),
            None => trimmed,
        };
        date.parse().map_err(|_| DateError { text: text.to_owned() })
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || DateError { text: text.to_owned() };
        // Exactly ten characters: ADaM never writes `2024-3-1`.
        let mut pieces = text.split('-');
        let mut piece = |length: usize| {
            let digits = pieces.next().filter(|piece| piece.len() == length && piece.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse::<u32>().ok()
        };
        let (year, month, day) = (piece(4), piece(2), piece(2));
        let date = year.zip(month).zip(day).filter(|_| pieces.next().is_none());
        date.and_then(|((year, month), day)| Self::from_ymd(i32::try_from(year).ok()?, month, day)).ok_or_else(error)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn study_day_has_no_zero() {
        let first: Date = "2024-03-01".parse().unwrap();
        assert_eq!(first.study_day(first), 1);
        assert_eq!("2024-02-29".parse::<Date>().unwrap().study_day(first), -1);
        assert_eq!("2024-03-28".parse::<Date>().unwrap().study_day(first), 28);
    }

    #[test]
    fn days_since_1970_round_trips() {
        for text in ["1960-01-01", "1970-01-01", "2000-02-29", "2026-03-31"] {
            let date: Date = text.parse().unwrap();
            assert_eq!(Date::from_days_since_1970(date.days_since_1970()), Some(date));
            assert_eq!(date.to_string(), text);
        }
        assert_eq!("1970-01-01".parse::<Date>().unwrap().days_since_1970(), 0);
    }

    #[test]
    fn partial_and_impossible_dates_are_refused() {
        for text in ["2024", "2024-03", "2024-02-30", "01/02/2024", "2024-3-1", ""] {
            assert!(Date::parse_prefix(text).is_err(), "{text}");
        }
        assert_eq!(Date::parse_prefix("2024-03-01T08:28").unwrap().to_string(), "2024-03-01");
        assert_eq!(Date::parse_prefix("2024-03-01 08:28:59").unwrap().to_string(), "2024-03-01");
    }
}
