//! What is written as text in the project file: doses, dates, durations, and lists that may be one word.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::quantity::{DAYS_PER_MONTH, Dose};

/// A dose as the project file writes it, for example `120 mg`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DoseText(pub Dose);

impl Serialize for DoseText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DoseText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for DoseText {
    fn schema_name() -> Cow<'static, str> {
        "Dose".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number and a unit: µg, mg, g, µg/kg, mg/kg, mg/m2, IU or cells.",
            "type": "string",
            "format": "dose",
            "examples": ["120 mg", "0.8 mg/kg"],
        })
    }
}

/// Stands in the schema for a date `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DateText;

impl JsonSchema for DateText {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A date, YYYY-MM-DD.", "type": "string", "format": "date" })
    }
}

/// Stands in the schema for the name of a dosage that `dosages` declares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DosageReference;

impl JsonSchema for DosageReference {
    fn schema_name() -> Cow<'static, str> {
        "DosageReference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "The id of a dosage in `dosages`.", "type": "string", "format": "dosage-id" })
    }
}

/// Stands in the schema for the name of a part that `parts` declares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartReference;

impl JsonSchema for PartReference {
    fn schema_name() -> Cow<'static, str> {
        "PartReference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "The id of a part in `parts`.", "type": "string", "format": "part-id" })
    }
}

/// Stands in the schema for the name of a dataset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DatasetReference;

impl JsonSchema for DatasetReference {
    fn schema_name() -> Cow<'static, str> {
        "DatasetReference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "The name of a dataset, for example `ader`.", "type": "string", "format": "dataset" })
    }
}

/// Stands in the schema for the path of a file that must exist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FilePath;

impl JsonSchema for FilePath {
    fn schema_name() -> Cow<'static, str> {
        "FilePath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A file, relative to the project file or absolute.", "type": "string", "format": "file" })
    }
}

/// Stands in the schema for the path of a folder that must exist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FolderPath;

impl JsonSchema for FolderPath {
    fn schema_name() -> Cow<'static, str> {
        "FolderPath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A folder, relative to the project file or absolute.", "type": "string", "format": "folder" })
    }
}

/// A length of time with its unit: `28 d`, `4 wk`, `6 mo`, `48 h`, `1 yr`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duration {
    amount: f64,
    unit: DurationUnit,
}

/// The unit of a [`Duration`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DurationUnit {
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Weeks of seven days.
    Week,
    /// Months of [`DAYS_PER_MONTH`] days.
    Month,
    /// Years of twelve such months.
    Year,
}

impl DurationUnit {
    const SPELLINGS: [(Self, &'static str, &'static [&'static str], f64); 5] = [
        (Self::Hour, "h", &["h", "hr", "hour", "hours"], 1.0 / 24.0),
        (Self::Day, "d", &["d", "day", "days"], 1.0),
        (Self::Week, "wk", &["wk", "w", "week", "weeks"], 7.0),
        (Self::Month, "mo", &["mo", "month", "months"], DAYS_PER_MONTH),
        (Self::Year, "yr", &["yr", "y", "year", "years"], 12.0 * DAYS_PER_MONTH),
    ];

    fn parse(text: &str) -> Option<Self> {
        let wanted = text.trim().to_lowercase();
        Self::SPELLINGS.iter().find(|(_, _, names, _)| names.contains(&wanted.as_str())).map(|(unit, ..)| *unit)
    }

    fn label(self) -> &'static str {
        Self::SPELLINGS.iter().find(|(unit, ..)| *unit == self).map_or("", |(_, label, ..)| label)
    }

    fn days(self) -> f64 {
        Self::SPELLINGS.iter().find(|(unit, ..)| *unit == self).map_or(1.0, |(.., days)| *days)
    }
}

/// Text that is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a length of time; write a number and a unit, for example `28 d`, `4 wk` or `6 mo`")]
pub struct DurationError {
    /// The text that was refused.
    pub text: String,
}

impl Duration {
    /// A duration of so many days.
    #[must_use]
    pub const fn from_days(days: f64) -> Self {
        Self { amount: days, unit: DurationUnit::Day }
    }

    /// The length in days.
    #[must_use]
    pub fn days(self) -> f64 {
        self.amount * self.unit.days()
    }

    /// The length in months of [`DAYS_PER_MONTH`] days; what was written in months is not converted.
    #[must_use]
    pub fn months(self) -> f64 {
        match self.unit {
            DurationUnit::Month => self.amount,
            DurationUnit::Year => self.amount * 12.0,
            _ => self.days() / DAYS_PER_MONTH,
        }
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || DurationError { text: text.to_owned() };
        let trimmed = text.trim();
        let end = trimmed.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(error)?;
        let (number, unit) = trimmed.split_at(end);
        let amount: f64 = number.parse().map_err(|_| error())?;
        let unit = DurationUnit::parse(unit).ok_or_else(error)?;
        if amount.is_finite() && amount > 0.0 { Ok(Self { amount, unit }) } else { Err(error()) }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit.label())
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: a number and h, d, wk, mo (30.4375 days) or yr.",
            "type": "string",
            "format": "duration",
            "examples": ["28 d", "4 wk", "6 mo"],
        })
    }
}

/// One text, or a list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(String),
            Many(Vec<String>),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::One(text) => vec![text],
            Written::Many(texts) => texts,
        }))
    }
}

impl JsonSchema for OneOrMany {
    fn schema_name() -> Cow<'static, str> {
        "OneOrMany".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        for (text, days) in [("28 d", 28.0), ("4wk", 28.0), ("6 mo", 182.625), ("48 h", 2.0), ("1 year", 365.25)] {
            let duration: Duration = text.parse().unwrap();
            assert!((duration.days() - days).abs() < 1e-9, "{text}");
        }
        assert_eq!("6 months".parse::<Duration>().unwrap().to_string(), "6 mo");
        assert!(("6 mo".parse::<Duration>().unwrap().months() - 6.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_duration_without_a_unit_or_a_length_is_refused() {
        for text in ["28", "d", "", "0 d", "-3 d", "28 dd", "1..2 d"] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    #[test]
    fn one_word_is_a_list_of_one() {
        assert_eq!(serde_json::from_str::<OneOrMany>("\"A\"").unwrap().0, ["A"]);
        assert_eq!(serde_json::from_str::<OneOrMany>("[\"A\", \"B\"]").unwrap().0, ["A", "B"]);
    }
}
