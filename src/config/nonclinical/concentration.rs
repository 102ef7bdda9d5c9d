//! Concentrations as assays give them: molar, or mass per volume.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The unit of a concentration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum ConcentrationUnit {
    /// Picomolar.
    #[serde(rename = "pM")]
    Picomolar,
    /// Nanomolar.
    #[serde(rename = "nM")]
    Nanomolar,
    /// Micromolar.
    #[serde(rename = "uM")]
    Micromolar,
    /// Millimolar.
    #[serde(rename = "mM")]
    Millimolar,
    /// Picograms per millilitre.
    #[serde(rename = "pg/mL")]
    PicogramPerMillilitre,
    /// Nanograms per millilitre.
    #[serde(rename = "ng/mL")]
    NanogramPerMillilitre,
    /// Micrograms per millilitre.
    #[serde(rename = "ug/mL")]
    MicrogramPerMillilitre,
    /// Milligrams per millilitre.
    #[serde(rename = "mg/mL")]
    MilligramPerMillilitre,
    /// Milligrams per litre.
    #[serde(rename = "mg/L")]
    MilligramPerLitre,
}

impl ConcentrationUnit {
    /// Name in running text.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Picomolar => "pM",
            Self::Nanomolar => "nM",
            Self::Micromolar => "µM",
            Self::Millimolar => "mM",
            Self::PicogramPerMillilitre => "pg/mL",
            Self::NanogramPerMillilitre => "ng/mL",
            Self::MicrogramPerMillilitre => "µg/mL",
            Self::MilligramPerMillilitre => "mg/mL",
            Self::MilligramPerLitre => "mg/L",
        }
    }

    /// Whether it counts molecules, so that a molar mass leads to mass.
    #[must_use]
    pub fn is_molar(self) -> bool {
        matches!(self, Self::Picomolar | Self::Nanomolar | Self::Micromolar | Self::Millimolar)
    }

    /// Nanomolar, or nanograms per millilitre, in one of these.
    fn factor(self) -> f64 {
        match self {
            Self::Picomolar | Self::PicogramPerMillilitre => 1e-3,
            Self::Nanomolar | Self::NanogramPerMillilitre => 1.0,
            Self::Micromolar | Self::MicrogramPerMillilitre | Self::MilligramPerLitre => 1e3,
            Self::Millimolar | Self::MilligramPerMillilitre => 1e6,
        }
    }

    /// A value of this unit in nM; mass units need the molar mass in g/mol.
    ///
    /// ```text
    /// nM = 1000 (ng/mL) / (g/mol)
    /// ```
    #[must_use]
    pub fn nanomolar(self, value: f64, molar_mass_g_mol: Option<f64>) -> Option<f64> {
        let base = value * self.factor();
        if self.is_molar() { Some(base) } else { molar_mass_g_mol.map(|mass| 1e3 * base / mass) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted_and_mass_needs_a_molar_mass() {
        let close = |got: Option<f64>, want: f64| (got.unwrap() - want).abs() < 1e-12 * want;
        assert!(close(ConcentrationUnit::Micromolar.nanomolar(4.1, None), 4100.0));
        assert!(close(ConcentrationUnit::NanogramPerMillilitre.nanomolar(487.5, Some(487.5)), 1000.0));
        assert!(close(ConcentrationUnit::MilligramPerLitre.nanomolar(0.15, Some(150_000.0)), 1.0));
        assert_eq!(ConcentrationUnit::MilligramPerLitre.nanomolar(1.0, None), None);
    }
}
