//! Parameters of a population model: typical value with its unit, variability between subjects, uncertainty of the estimate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Unit of a clearance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ClearanceUnit {
    /// Litres per hour.
    #[default]
    #[serde(rename = "L/h")]
    LitrePerHour,
    /// Litres per day.
    #[serde(rename = "L/day")]
    LitrePerDay,
    /// Millilitres per hour.
    #[serde(rename = "mL/h")]
    MillilitrePerHour,
    /// Millilitres per day.
    #[serde(rename = "mL/day")]
    MillilitrePerDay,
    /// Millilitres per minute.
    #[serde(rename = "mL/min")]
    MillilitrePerMinute,
}

/// Unit of a volume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum VolumeUnit {
    /// Litres.
    #[default]
    #[serde(rename = "L")]
    Litre,
    /// Millilitres.
    #[serde(rename = "mL")]
    Millilitre,
}

/// Unit of a rate constant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RateUnit {
    /// Per hour.
    #[default]
    #[serde(rename = "1/h")]
    PerHour,
    /// Per day.
    #[serde(rename = "1/day")]
    PerDay,
}

/// Unit of a lag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LagUnit {
    /// Hours.
    #[default]
    #[serde(rename = "h")]
    Hour,
    /// Days.
    #[serde(rename = "day")]
    Day,
}

/// Unit of a pure number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum NoUnit {
    /// A share or a ratio.
    #[default]
    #[serde(rename = "1")]
    One,
}

/// A unit of a parameter: how it is written, and what a value is multiplied by to be in litres and hours.
pub trait ParameterUnit: Copy {
    /// As written.
    fn label(self) -> &'static str;
    /// Factor to litres and hours.
    fn factor(self) -> f64;
}

impl ParameterUnit for ClearanceUnit {
    fn label(self) -> &'static str {
        match self {
            Self::LitrePerHour => "L/h",
            Self::LitrePerDay => "L/day",
            Self::MillilitrePerHour => "mL/h",
            Self::MillilitrePerDay => "mL/day",
            Self::MillilitrePerMinute => "mL/min",
        }
    }

    fn factor(self) -> f64 {
        match self {
            Self::LitrePerHour => 1.0,
            Self::LitrePerDay => 1.0 / 24.0,
            Self::MillilitrePerHour => 1e-3,
            Self::MillilitrePerDay => 1e-3 / 24.0,
            Self::MillilitrePerMinute => 0.06,
        }
    }
}

impl ParameterUnit for VolumeUnit {
    fn label(self) -> &'static str {
        match self {
            Self::Litre => "L",
            Self::Millilitre => "mL",
        }
    }

    fn factor(self) -> f64 {
        match self {
            Self::Litre => 1.0,
            Self::Millilitre => 1e-3,
        }
    }
}

impl ParameterUnit for RateUnit {
    fn label(self) -> &'static str {
        match self {
            Self::PerHour => "1/h",
            Self::PerDay => "1/day",
        }
    }

    fn factor(self) -> f64 {
        match self {
            Self::PerHour => 1.0,
            Self::PerDay => 1.0 / 24.0,
        }
    }
}

impl ParameterUnit for LagUnit {
    fn label(self) -> &'static str {
        match self {
            Self::Hour => "h",
            Self::Day => "day",
        }
    }

    fn factor(self) -> f64 {
        match self {
            Self::Hour => 1.0,
            Self::Day => 24.0,
        }
    }
}

impl ParameterUnit for NoUnit {
    fn label(self) -> &'static str {
        "1"
    }

    fn factor(self) -> f64 {
        1.0
    }
}

/// A parameter: its typical value, how much subjects differ in it (log-normally), and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationParameter<U> {
    /// Value of the typical subject. Where the model is over bioavailability (CL/F, V/F), the value over it.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub value: f64,
    /// Its unit.
    pub unit: U,
    /// Variability between subjects as a coefficient of variation in percent; the variance of the logarithm is `ln(1 + (CV/100)^2)`.
    #[schemars(extend("minimum" = 0))]
    pub cv_percent: Option<f64>,
    /// Variability between subjects as the variance of the logarithm, instead of `cv_percent`.
    #[schemars(extend("minimum" = 0))]
    pub omega_squared: Option<f64>,
    /// Relative standard error of the typical value in percent.
    #[schemars(extend("minimum" = 0))]
    pub rse_percent: Option<f64>,
}

impl<U: ParameterUnit> PopulationParameter<U> {
    /// The statement in litres and hours.
    #[must_use]
    pub fn stated(&self) -> StatedParameter {
        let of_cv = |cv: f64| (cv / 100.0).powi(2).ln_1p();
        StatedParameter {
            written: self.value,
            unit: self.unit.label(),
            typical: self.value * self.unit.factor(),
            variance: self.omega_squared.or(self.cv_percent.map(of_cv)).unwrap_or(0.0),
            rse_percent: self.rse_percent,
        }
    }
}

/// A parameter as it is computed with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatedParameter {
    /// Value as written.
    pub written: f64,
    /// Unit as written.
    pub unit: &'static str,
    /// Typical value in litres and hours.
    pub typical: f64,
    /// Variance of the logarithm between subjects.
    pub variance: f64,
    /// Relative standard error of the typical value in percent.
    pub rse_percent: Option<f64>,
}

impl StatedParameter {
    /// Variability between subjects as a coefficient of variation in percent: `100 sqrt(exp(variance) - 1)`.
    #[must_use]
    pub fn cv_percent(&self) -> f64 {
        100.0 * self.variance.exp_m1().sqrt()
    }
}

/// The name of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParameterName {
    /// Clearance from the central volume.
    Clearance,
    /// Central volume.
    CentralVolume,
    /// Clearance between the two volumes.
    IntercompartmentalClearance,
    /// Peripheral volume.
    PeripheralVolume,
    /// Rate constant of absorption.
    AbsorptionRate,
    /// Time before absorption begins.
    Lag,
    /// Share of the dose that arrives.
    Bioavailability,
}

impl ParameterName {
    /// Every parameter, in the order in which random numbers are drawn.
    pub const ALL: [Self; 7] = [
        Self::Clearance,
        Self::CentralVolume,
        Self::IntercompartmentalClearance,
        Self::PeripheralVolume,
        Self::AbsorptionRate,
        Self::Lag,
        Self::Bioavailability,
    ];

    /// Position among all.
    #[must_use]
    pub const fn place(self) -> usize {
        match self {
            Self::Clearance => 0,
            Self::CentralVolume => 1,
            Self::IntercompartmentalClearance => 2,
            Self::PeripheralVolume => 3,
            Self::AbsorptionRate => 4,
            Self::Lag => 5,
            Self::Bioavailability => 6,
        }
    }

    /// The key of the file.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Clearance => "clearance",
            Self::CentralVolume => "central_volume",
            Self::IntercompartmentalClearance => "intercompartmental_clearance",
            Self::PeripheralVolume => "peripheral_volume",
            Self::AbsorptionRate => "absorption_rate",
            Self::Lag => "lag",
            Self::Bioavailability => "bioavailability",
        }
    }

    /// The words of tables.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Clearance => "Clearance",
            Self::CentralVolume => "Central volume",
            Self::IntercompartmentalClearance => "Clearance between the volumes",
            Self::PeripheralVolume => "Peripheral volume",
            Self::AbsorptionRate => "Absorption rate",
            Self::Lag => "Lag of absorption",
            Self::Bioavailability => "Bioavailability",
        }
    }
}

/// `parameters`: the typical values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationParameters {
    /// Clearance, or clearance over bioavailability.
    pub clearance: PopulationParameter<ClearanceUnit>,
    /// Central volume, or volume over bioavailability.
    pub central_volume: PopulationParameter<VolumeUnit>,
    /// Clearance between the volumes; two compartments need it.
    pub intercompartmental_clearance: Option<PopulationParameter<ClearanceUnit>>,
    /// Peripheral volume; two compartments need it.
    pub peripheral_volume: Option<PopulationParameter<VolumeUnit>>,
    /// Rate constant of absorption; the route `absorption` needs it.
    pub absorption_rate: Option<PopulationParameter<RateUnit>>,
    /// Time before absorption begins. Without this key none.
    pub lag: Option<PopulationParameter<LagUnit>>,
    /// Share of the dose that arrives. Without this key 1: clearance and volume are those over bioavailability.
    pub bioavailability: Option<PopulationParameter<NoUnit>>,
}

impl PopulationParameters {
    /// A parameter, where it is stated.
    #[must_use]
    pub fn get(&self, name: ParameterName) -> Option<StatedParameter> {
        match name {
            ParameterName::Clearance => Some(self.clearance.stated()),
            ParameterName::CentralVolume => Some(self.central_volume.stated()),
            ParameterName::IntercompartmentalClearance => self.intercompartmental_clearance.map(|stated| stated.stated()),
            ParameterName::PeripheralVolume => self.peripheral_volume.map(|stated| stated.stated()),
            ParameterName::AbsorptionRate => self.absorption_rate.map(|stated| stated.stated()),
            ParameterName::Lag => self.lag.map(|stated| stated.stated()),
            ParameterName::Bioavailability => self.bioavailability.map(|stated| stated.stated()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_litres_and_hours() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12 * b;
        let clearance =
            |value, unit| PopulationParameter { value, unit, cv_percent: None, omega_squared: None, rse_percent: None }.stated().typical;
        assert!(close(clearance(12.0, ClearanceUnit::LitrePerHour), 12.0));
        assert!(close(clearance(0.24, ClearanceUnit::LitrePerDay), 0.01));
        assert!(close(clearance(200.0, ClearanceUnit::MillilitrePerMinute), 12.0));
        assert!(close(clearance(240.0, ClearanceUnit::MillilitrePerDay), 0.01));
        assert!(close(RateUnit::PerDay.factor() * 24.0, 1.0) && close(VolumeUnit::Millilitre.factor(), 1e-3));
    }

    #[test]
    fn variability_is_that_of_a_log_normal() {
        let of = |cv_percent, omega_squared| {
            PopulationParameter { value: 1.0, unit: NoUnit::One, cv_percent, omega_squared, rse_percent: None }.stated()
        };
        assert!((of(Some(100.0), None).variance - 2f64.ln()).abs() < 1e-15);
        assert!((of(Some(36.0), None).cv_percent() - 36.0).abs() < 1e-12);
        assert!((of(None, Some(0.09)).variance - 0.09).abs() < 1e-15 && of(None, None).variance.abs() < 1e-15);
    }

    #[test]
    fn names_stand_in_their_places() {
        assert!(ParameterName::ALL.iter().enumerate().all(|(place, name)| name.place() == place));
    }
}
