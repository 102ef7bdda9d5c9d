//! Starting doses of anticancer drugs from severe toxicity `[ICH-S9]`: one tenth of the STD10 of rodents, one sixth of the HNSTD of
//! non-rodents.

use super::hed::{Human, per_kilogram, per_square_metre};
use crate::config::nonclinical::{Scaling, StatedDose};

/// What the STD10 of a rodent is divided by.
pub const RODENT_FACTOR: f64 = 10.0;
/// What the HNSTD of a non-rodent is divided by.
pub const NON_RODENT_FACTOR: f64 = 6.0;

/// A human dose counted in each way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HumanDose {
    /// Flat dose.
    pub mg: f64,
    /// Per kilogram of body weight.
    pub mg_per_kg: f64,
    /// Per square metre of body surface.
    pub mg_per_m2: f64,
}

impl HumanDose {
    /// A flat dose counted by the size of the human.
    #[must_use]
    pub fn of_mg(mg: f64, human: Human) -> Self {
        Self { mg, mg_per_kg: mg / human.weight_kg, mg_per_m2: mg / human.surface_m2 }
    }
}

/// Human dose from an animal dose and the factor it is divided by.
///
/// ```text
/// by body surface   mg/m² = dose (mg/kg) * Km_animal / factor      mg = mg/m² * BSA
/// by body weight    mg/kg = dose (mg/kg) / factor                  mg = mg/kg * weight
/// ```
///
/// Body weight is for proteins that stay in the circulation (more than 100 kg/mol) `[FDA-MRSD]`; antibody-drug conjugates are scaled by body
/// surface like small molecules `[SaberLeighton2015]`.
#[must_use]
pub fn start(dose: StatedDose, km_animal: f64, factor: f64, scaling: Scaling, human: Human) -> HumanDose {
    match scaling {
        Scaling::BodySurface => HumanDose::of_mg(per_square_metre(dose, km_animal) / factor * human.surface_m2, human),
        Scaling::BodyWeight => HumanDose::of_mg(per_kilogram(dose, km_animal) / factor * human.weight_kg, human),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUMAN: Human = Human { weight_kg: 70.0, surface_m2: 1.8 };

    #[test]
    fn surface_and_weight_lead_to_different_doses() {
        let dose = StatedDose::PerKilogram(6.0);
        let by_surface = start(dose, 20.0, NON_RODENT_FACTOR, Scaling::BodySurface, HUMAN);
        assert!((by_surface.mg_per_m2 - 20.0).abs() < 1e-12 && (by_surface.mg - 36.0).abs() < 1e-12);
        let by_weight = start(dose, 20.0, NON_RODENT_FACTOR, Scaling::BodyWeight, HUMAN);
        assert!((by_weight.mg_per_kg - 1.0).abs() < 1e-12 && (by_weight.mg - 70.0).abs() < 1e-12);
    }

    #[test]
    fn a_dose_stated_per_square_metre_needs_no_factor_by_surface() {
        let stated = start(StatedDose::PerSquareMetre(120.0), 20.0, RODENT_FACTOR, Scaling::BodySurface, HUMAN);
        assert!((stated.mg_per_m2 - 12.0).abs() < 1e-12);
        let by_weight = start(StatedDose::PerSquareMetre(120.0), 20.0, RODENT_FACTOR, Scaling::BodyWeight, HUMAN);
        assert!((by_weight.mg_per_kg - 0.6).abs() < 1e-12);
    }
}
