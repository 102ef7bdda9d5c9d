//! Dose amounts with their units.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The unit of a dose amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoseUnit {
    /// Micrograms.
    Microgram,
    /// Milligrams.
    Milligram,
    /// Grams.
    Gram,
    /// Micrograms per kilogram of body weight.
    MicrogramPerKilogram,
    /// Milligrams per kilogram of body weight.
    MilligramPerKilogram,
    /// Milligrams per square metre of body surface.
    MilligramPerSquareMetre,
    /// International units.
    InternationalUnit,
    /// Cells.
    Cell,
}

/// What a dose is counted by: amounts of different bases cannot be compared without a patient's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    Flat,
    BodyWeight,
    BodySurface,
    Activity,
    Cells,
}

impl DoseUnit {
    /// Every unit with its spelling in output and the other spellings that are understood, lower case.
    const SPELLINGS: [(Self, &'static str, &'static [&'static str]); 8] = [
        (Self::Microgram, "µg", &["µg", "μg", "ug", "mcg", "microgram", "micrograms"]),
        (Self::Milligram, "mg", &["mg", "milligram", "milligrams"]),
        (Self::Gram, "g", &["g", "gram", "grams"]),
        (Self::MicrogramPerKilogram, "µg/kg", &["µg/kg", "μg/kg", "ug/kg", "mcg/kg"]),
        (Self::MilligramPerKilogram, "mg/kg", &["mg/kg"]),
        (Self::MilligramPerSquareMetre, "mg/m²", &["mg/m²", "mg/m2", "mg/m^2"]),
        (Self::InternationalUnit, "IU", &["iu", "u"]),
        (Self::Cell, "cells", &["cells", "cell"]),
    ];

    /// The unit that a text names, whatever its case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let wanted = text.trim().to_lowercase();
        Self::SPELLINGS.iter().find(|(_, _, names)| names.contains(&wanted.as_str())).map(|(unit, _, _)| *unit)
    }

    /// The spelling in output.
    #[must_use]
    pub fn label(self) -> &'static str {
        Self::SPELLINGS.iter().find(|(unit, _, _)| *unit == self).map_or("", |(_, label, _)| label)
    }

    fn basis(self) -> Basis {
        match self {
            Self::Microgram | Self::Milligram | Self::Gram => Basis::Flat,
            Self::MicrogramPerKilogram | Self::MilligramPerKilogram => Basis::BodyWeight,
            Self::MilligramPerSquareMetre => Basis::BodySurface,
            Self::InternationalUnit => Basis::Activity,
            Self::Cell => Basis::Cells,
        }
    }

    /// Milligrams (or the basis's own unit) in one of these.
    fn factor(self) -> f64 {
        match self {
            Self::Microgram | Self::MicrogramPerKilogram => 1e-3,
            Self::Gram => 1e3,
            _ => 1.0,
        }
    }
}

impl fmt::Display for DoseUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A dose amount: finite, not negative, with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dose {
    amount: f64,
    unit: DoseUnit,
}

/// Text or a number that is not a dose.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DoseError {
    /// The amount is negative or not finite.
    #[error("a dose is a finite number that is not negative, not {0}")]
    Amount(f64),
    /// The text does not begin with a number.
    #[error("`{0}` does not begin with a number; write for example `120 mg` or `0.8 mg/kg`")]
    NoNumber(String),
    /// The unit is unknown.
    #[error("the dose unit in `{0}` is not known; use µg, mg, g, µg/kg, mg/kg, mg/m2, IU or cells")]
    Unit(String),
}

impl Dose {
    /// A dose of `amount` in `unit`.
    ///
    /// # Errors
    /// [`DoseError::Amount`] when the amount is negative or not finite.
    pub fn new(amount: f64, unit: DoseUnit) -> Result<Self, DoseError> {
        if amount.is_finite() && amount >= 0.0 { Ok(Self { amount, unit }) } else { Err(DoseError::Amount(amount)) }
    }

    /// The number in front of the unit.
    #[must_use]
    pub fn amount(self) -> f64 {
        self.amount
    }

    /// The unit.
    #[must_use]
    pub fn unit(self) -> DoseUnit {
        self.unit
    }

    /// The amount in `unit`, or `None` where the two are counted by different things (mg and mg/kg).
    #[must_use]
    pub fn amount_in(self, unit: DoseUnit) -> Option<f64> {
        (self.unit.basis() == unit.basis()).then(|| self.amount * self.unit.factor() / unit.factor())
    }
}

impl FromStr for Dose {
    type Err = DoseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let end = trimmed.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(end);
        let amount: f64 = number.parse().map_err(|_| DoseError::NoNumber(text.to_owned()))?;
        let unit = DoseUnit::parse(unit).ok_or_else(|| DoseError::Unit(text.to_owned()))?;
        Self::new(amount, unit)
    }
}

impl fmt::Display for Dose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit)
    }
}

impl Serialize for Dose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_are_read_with_their_units() {
        assert_eq!("120 mg".parse::<Dose>().unwrap().to_string(), "120 mg");
        assert_eq!("0.8mg/kg".parse::<Dose>().unwrap().to_string(), "0.8 mg/kg");
        assert_eq!("75 mg/m2".parse::<Dose>().unwrap().to_string(), "75 mg/m²");
        assert_eq!("405 ug/kg".parse::<Dose>().unwrap().unit(), DoseUnit::MicrogramPerKilogram);
    }

    #[test]
    fn what_is_not_a_dose_is_refused() {
        assert!(matches!("mg".parse::<Dose>(), Err(DoseError::NoNumber(_))));
        assert!(matches!("120 mgg".parse::<Dose>(), Err(DoseError::Unit(_))));
        assert!(matches!("-3 mg".parse::<Dose>(), Err(DoseError::Amount(_))));
    }

    #[test]
    fn amounts_convert_within_a_basis_only() {
        let dose: Dose = "0.12 g".parse().unwrap();
        assert!((dose.amount_in(DoseUnit::Milligram).unwrap() - 120.0).abs() < 1e-12);
        assert_eq!(dose.amount_in(DoseUnit::MilligramPerKilogram), None);
    }
}
